/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tests that start programs over and over: shell scripts, the C compiler, dc.  A
 * loop is one program that ended with status 0.  The loop under way when the alarm
 * comes is completed and timed, so that slow machines get a value and no process
 * is left behind.
 */
#include "kernels_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_SIZE 4200

/* Same lines, words and bytes as UnixBench's sort.src. */
enum { TEXT_LINES = 362, TEXT_WORDS = 1200, TEXT_BYTES = 8546 };

struct folder {
	char path[PATH_SIZE];	/* below the run's folder, which main removes */
};

static int folder_make(struct folder *f, const struct kernel_run *run, struct kernel_result *r)
{
	if ((size_t)snprintf(f->path, sizeof(f->path), "%s/restudy-k.XXXXXX", run->dir) >=
	    sizeof(f->path))
		return kernel_fail(r, "the folder's name is too long");
	if (mkdtemp(f->path) == NULL)
		return kernel_fail_errno(r, run->dir);
	return 0;
}

static int open_in(const struct folder *f, const char *name, int flags)
{
	char path[PATH_SIZE + 64];

	snprintf(path, sizeof(path), "%s/%s", f->path, name);
	return open(path, flags | O_CLOEXEC, 0600);
}

static int write_in(const struct folder *f, const char *name, const char *text, size_t n,
		    struct kernel_result *r)
{
	const int fd = open_in(f, name, O_WRONLY | O_CREAT | O_TRUNC);
	int bad;

	if (fd < 0)
		return kernel_fail_errno(r, name);
	bad = write(fd, text, n) != (ssize_t)n;
	bad |= close(fd) != 0;
	return bad ? kernel_fail(r, "\"%s\" could not be written", name) : 0;
}

/*
 * 362 lines of three or four words.  A fixed generator chooses them; the last line
 * takes what is missing, so that lines, words and bytes are those of the definition.
 */
static size_t make_text(char *out)
{
	static const char *const words[] = {
		"anchor", "basalt", "the", "cedar", "dune", "estuary", "fjord", "glacier",
		"harbour", "island", "the", "juniper", "kelp", "lagoon", "moraine", "nectar",
	};
	static const char filler[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
	const size_t n_words = sizeof(words) / sizeof(words[0]);
	unsigned state = 362;
	size_t at = 0;
	int left_words = TEXT_WORDS;

	for (int line = 0; line < TEXT_LINES; line++) {
		const int n = left_words / (TEXT_LINES - line);

		for (int i = 0; i < n; i++) {
			const size_t rest_words = (size_t)(left_words - 1);
			const char *word;
			size_t want, len;

			state = state * 1103515245u + 12345u;
			word = words[(state >> 16) % n_words];
			/* Bytes this word may have, were the rest spread evenly. */
			want = (TEXT_BYTES - at) / (rest_words + 1) - 1;
			if (strlen(word) > want + (rest_words > 0))
				word = "the";
			len = strlen(word);
			memcpy(out + at, word, len);
			at += len;
			if (rest_words == 0)
				want = TEXT_BYTES - at - 1 + len;
			for (; len < want; len++)
				out[at++] = filler[(state >> 8) % 26 + len % 26];
			out[at++] = i + 1 < n ? ' ' : '\n';
			left_words--;
		}
	}
	return at;
}

/* Executes argv in the folder and waits; status 0 counts. stdin_fd: or -1, /dev/null. */
static int run_once(const struct folder *f, char *const argv[], int stdin_fd,
		    struct kernel_result *r)
{
	int status = 0;
	const pid_t child = fork();

	if (child < 0)
		return kernel_fail_errno(r, "fork");
	if (child == 0) {
		const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

		dup2(stdin_fd >= 0 ? stdin_fd : nowhere, STDIN_FILENO);
		dup2(nowhere, STDOUT_FILENO);
		if (chdir(f->path) == 0)
			execvp(argv[0], argv);
		_exit(127);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		r->missing = "a program";
		return kernel_fail(r, "\"%s\" could not be started, or a program it calls is missing",
				   argv[0]);
	}
	if (status != 0)
		return kernel_fail(r, "\"%s\" ended with wait status 0x%x", argv[0],
				   (unsigned)status);
	return 0;
}

static int loop(const struct kernel *k, const struct kernel_run *run, const struct folder *f,
		char *const argv[], int stdin_fd, struct kernel_result *r)
{
	struct kernel_stop stop;
	const int64_t start = kernel_clock_ns();

	if (kernel_stop_arm(&stop, run->duration_s) < 0)
		return kernel_fail_errno(r, "timer");
	do {
		if (run_once(f, argv, stdin_fd, r) < 0)
			break;
		r->loops++;
	} while (!stop.now);
	r->elapsed_ns = kernel_clock_ns() - start;
	kernel_stop_disarm(&stop);
	return r->error[0] != '\0' ? -1 : kernel_rate(k, r);
}

static int has_program(const char *name)
{
	const char *path = getenv("PATH");
	char full[PATH_SIZE];

	if (path == NULL)
		path = "/usr/local/bin:/usr/bin:/bin";
	while (*path != '\0') {
		const size_t n = strcspn(path, ":");

		snprintf(full, sizeof(full), "%.*s/%s", (int)n, path, name);
		if (access(full, X_OK) == 0)
			return 1;
		path += n + (path[n] == ':');
	}
	return 0;
}

static int need_program(const char *name, struct kernel_result *r)
{
	if (has_program(name))
		return 0;
	r->missing = name;
	return kernel_fail(r, "no program \"%s\" in PATH", name);
}

/* The script of one worker: names of its files have the shell's process id. */
static const char one_script[] = "#!/bin/sh\n"
				 "sort <text >sorted.$$\n"
				 "od sorted.$$ | sort -n -k 1 >dump.$$\n"
				 "grep the sorted.$$ | tee match.$$ | wc >count.$$\n"
				 "rm sorted.$$ dump.$$ match.$$ count.$$\n";

static int write_scripts(const struct folder *f, int n, struct kernel_result *r)
{
	static const char *const needs[] = { "sort", "od", "grep", "tee", "wc", "rm" };
	char text[TEXT_BYTES + 64], many[16 * 32 + 64];
	size_t len = 0;

	if (access("/bin/sh", X_OK) < 0) {
		r->missing = "sh";
		return kernel_fail(r, "no /bin/sh");
	}
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (need_program(needs[i], r) < 0)
			return -1;
	len = (size_t)snprintf(many, sizeof(many), "#!/bin/sh\n");
	for (int i = 0; i < n; i++)
		len += (size_t)snprintf(many + len, sizeof(many) - len, "/bin/sh one.sh &\n");
	len += (size_t)snprintf(many + len, sizeof(many) - len, "wait\n");
	if (write_in(f, "many.sh", many, len, r) < 0 ||
	    write_in(f, "one.sh", one_script, sizeof(one_script) - 1, r) < 0)
		return -1;
	return write_in(f, "text", text, make_text(text), r);
}

int kernel_shell(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r)
{
	char *const argv[] = { (char *)(uintptr_t) "/bin/sh", (char *)(uintptr_t) "many.sh", NULL };
	struct folder f;
	int rc = folder_make(&f, run, r);

	if (rc < 0)
		return -1;
	rc = write_scripts(&f, k->number, r);
	return rc < 0 ? -1 : loop(k, run, &f, argv, -1, r);
}

/* A program of 154 lines: a header, 24 functions of six lines, a main that calls them. */
static size_t make_program(char *out, size_t size)
{
	size_t n = (size_t)snprintf(out, size, "#include <stdio.h>\n#include <string.h>\n\n");

	for (int i = 0; i < 24; i++)
		n += (size_t)snprintf(out + n, size - n,
				      "static int part%d(const char *s, int x)\n{\n"
				      "\tint n = (int)strlen(s) %% %d;\n"
				      "\tfor (int i = 0; i < %d; i++) n += x * i;\n"
				      "\treturn n;\n}\n",
				      i, i + 2, i + 5);
	n += (size_t)snprintf(out + n, size - n, "int main(int argc, char **argv)\n{\n\tint n = 0;\n");
	n += (size_t)snprintf(out + n, size - n, "\tn += part0(argv[0], argc)");
	for (int i = 1; i < 24; i++)
		n += (size_t)snprintf(out + n, size - n, " + part%d(argv[0], argc)", i);
	return n + (size_t)snprintf(out + n, size - n, ";\n\tprintf(\"%%d\\n\", n);\n\treturn 0;\n}\n");
}

int kernel_compile(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r)
{
	const char *compiler = has_program("gcc") ? "gcc" : "cc";
	char *const argv[] = { (char *)(uintptr_t)compiler, (char *)(uintptr_t) "program.c", NULL };
	char text[8192];
	struct folder f;
	int rc;

	if (need_program(compiler, r) < 0 || folder_make(&f, run, r) < 0)
		return -1;
	rc = write_in(&f, "program.c", text, make_program(text, sizeof(text)), r);
	return rc < 0 ? -1 : loop(k, run, &f, argv, -1, r);
}

int kernel_dc(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r)
{
	static const char input[] = "99k\n2v\np\n";
	char *const argv[] = { (char *)(uintptr_t) "dc", NULL };
	struct folder f;
	int rc, fd;

	if (need_program("dc", r) < 0 || folder_make(&f, run, r) < 0)
		return -1;
	rc = write_in(&f, "input", input, sizeof(input) - 1, r);
	fd = rc == 0 ? open_in(&f, "input", O_RDONLY) : -1;
	if (fd >= 0)
		rc = loop(k, run, &f, argv, fd, r);
	else
		rc = kernel_fail_errno(r, "input");
	if (fd >= 0)
		close(fd);
	return rc;
}
