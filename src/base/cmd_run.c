/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The execution of a command: posix_spawn into a process group of its own, one
 * poll loop that feeds stdin, drains stdout and stderr, and watches the time, the
 * amount of output and the request to stop.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"

/* One running child and our ends of its streams. */
struct running {
	const struct rs_cmd *c;
	pid_t pid;
	int pidfd;
	int in, out[2];		/* -1: closed */
	int file[2];		/* where output goes, or -1 */
	size_t taken[2];	/* bytes of output so far */
	size_t fed;		/* bytes of stdin written */
	struct rs_buf line;	/* an unfinished line of stdout */
	int exited;
	int stop_known;		/* a stop was asked for before: this command cleans up */
	int failed;		/* a file or a line handler failed: err says it */
	struct rs_cmd_result *r;
	int64_t deadline_ns;
};

static int open_output(struct running *run, struct rs_err *err)
{
	for (int i = 0; i < 2; i++) {
		const char *path = run->c->stream[i].path;

		if (path == NULL)
			continue;
		run->file[i] = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		if (run->file[i] < 0)
			return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot write \"%s\"", path);
	}
	return 0;
}

/* This process's environment with the command's changes.  free() each and all. */
static char **make_environment(const struct rs_cmd *c)
{
	RS_AUTO_ARGV e = NULL;
	size_t n = 0, changes = 0, k = 0;

	while (environ[n] != NULL)
		n++;
	while (c->env != NULL && c->env[changes] != NULL)
		changes++;
	e = rs_alloc(n + changes + 1, sizeof(*e), NULL);
	if (e == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		int changed = 0;

		for (size_t j = 0; j < changes; j++) {
			size_t name = strcspn(c->env[j], "=");

			changed |= strncmp(environ[i], c->env[j], name) == 0 && environ[i][name] == '=';
		}
		if (!changed && (e[k++] = rs_strdup(environ[i], NULL)) == NULL)
			return NULL;
	}
	for (size_t j = 0; j < changes; j++)
		if (strchr(c->env[j], '=') != NULL && (e[k++] = rs_strdup(c->env[j], NULL)) == NULL)
			return NULL;
	return RS_STEAL(&e);
}

/* Ends as the child did. */
static _Noreturn void end_as(int status)
{
	const struct rlimit no_core = { 0, 0 };
	sigset_t one;

	if (WIFSIGNALED(status)) {
		(void)setrlimit(RLIMIT_CORE, &no_core);
		(void)signal(WTERMSIG(status), SIG_DFL);
		(void)sigemptyset(&one);
		(void)sigaddset(&one, WTERMSIG(status));
		(void)kill(getpid(), WTERMSIG(status));
		(void)sigprocmask(SIG_UNBLOCK, &one, NULL);
	}
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 127);
}

/*
 * A process between this one and the command, which leads their group: the kernel tells it when
 * this one ends, however it ends, and it kills the group then.  All other signals are the
 * command's.
 */
static _Noreturn void lead(pid_t parent, const char *program, const posix_spawn_file_actions_t *fa,
			   posix_spawnattr_t *at, char *const argv[], char *const env[])
{
	const int parent_ended = SIGUSR1;
	sigset_t all;
	pid_t child;
	int status;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	if (setpgid(0, 0) < 0 || prctl(PR_SET_PDEATHSIG, parent_ended) < 0 || getppid() != parent ||
	    posix_spawnattr_setpgroup(at, getpid()) != 0 ||
	    posix_spawn(&child, program, fa, at, argv, env) != 0)
		_exit(127);
	closefrom(0);	/* else nobody would see the end of the command's streams */
	for (;;) {
		if (sigwaitinfo(&all, NULL) == parent_ended)
			(void)kill(0, SIGKILL);
		if (waitpid(child, &status, WNOHANG) == child)
			end_as(status);
	}
}

/* As posix_spawn, but for the attributes, which change. */
static int spawn_led(pid_t *ret, const char *program, const posix_spawn_file_actions_t *fa,
		     posix_spawnattr_t *at, char *const argv[], char *const env[])
{
	const pid_t parent = getpid();

	*ret = fork();
	if (*ret < 0)
		return errno;
	if (*ret == 0)
		lead(parent, program, fa, at, argv, env);
	(void)setpgid(*ret, *ret);	/* whoever is first: it may have to be killed at once */
	return 0;
}

/* The child's ends: 0 stdin (or -1 for /dev/null), 1 stdout, 2 stderr. */
static int spawn(struct running *run, const char *program, const int ends[3], struct rs_err *err)
{
	RS_AUTO_ARGV env = make_environment(run->c);
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t none, all_default;
	int rc;

	if (env == NULL || posix_spawn_file_actions_init(&fa) != 0)
		return rs_err_nomem(err);
	if (posix_spawnattr_init(&at) != 0) {
		(void)posix_spawn_file_actions_destroy(&fa);
		return rs_err_nomem(err);
	}
	(void)sigemptyset(&none);
	(void)sigfillset(&all_default);
	rc = posix_spawnattr_setflags(&at, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
					   POSIX_SPAWN_SETSIGDEF);
	rc |= posix_spawnattr_setpgroup(&at, 0);
	rc |= posix_spawnattr_setsigmask(&at, &none);
	rc |= posix_spawnattr_setsigdefault(&at, &all_default);
	if (ends[0] >= 0)
		rc |= posix_spawn_file_actions_adddup2(&fa, ends[0], 0);
	else
		rc |= posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	rc |= posix_spawn_file_actions_adddup2(&fa, ends[1], 1);
	rc |= posix_spawn_file_actions_adddup2(&fa, ends[2], 2);
	if (run->c->cwd != NULL)
		rc |= posix_spawn_file_actions_addchdir_np(&fa, run->c->cwd);
	if (rc != 0)
		rc = ENOMEM;
	else if (run->c->dies_with_us)
		rc = spawn_led(&run->pid, program, &fa, &at, run->c->argv, env);
	else
		rc = posix_spawn(&run->pid, program, &fa, &at, run->c->argv, env);
	(void)posix_spawnattr_destroy(&at);
	(void)posix_spawn_file_actions_destroy(&fa);
	if (rc != 0) {
		run->pid = -1;
		return rs_err_sys(err, rc == ENOMEM || rc == EAGAIN ? RS_ERR_MACHINE : RS_ERR_FAILED, rc,
				  "cannot start \"%s\"%s%s", program, run->c->cwd != NULL ? " in " : "",
				  run->c->cwd != NULL ? run->c->cwd : "");
	}
	return 0;
}

static int start(struct running *run, struct rs_err *err)
{
	RS_AUTO_STR *program = rs_path_program(run->c->argv[0]);
	int pipes[3][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } };
	int rc = 0;

	if (program == NULL)
		return rs_err_set(err, RS_ERR_MACHINE,
				  "the program \"%s\" is not on this machine: install it",
				  run->c->argv[0]);
	if ((run->c->stdin_len > 0 && pipe2(pipes[0], O_CLOEXEC) < 0) ||
	    pipe2(pipes[1], O_CLOEXEC) < 0 || pipe2(pipes[2], O_CLOEXEC) < 0) {
		rc = rs_err_sys(err, RS_ERR_MACHINE, errno, "cannot make a pipe");
	} else {
		const int ends[3] = { pipes[0][0], pipes[1][1], pipes[2][1] };

		rc = spawn(run, program, ends, err);
	}
	run->in = pipes[0][1];
	run->out[0] = pipes[1][0];
	run->out[1] = pipes[2][0];
	rs_close_fd(&pipes[0][0]);
	rs_close_fd(&pipes[1][1]);
	rs_close_fd(&pipes[2][1]);
	for (int i = 0; i < 3; i++) {
		int fd = i == 0 ? run->in : run->out[i - 1];

		if (fd >= 0)
			(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	}
	if (rc == 0)
		run->pidfd = (int)syscall(SYS_pidfd_open, run->pid, 0);
	return rc;
}

static void kill_group(struct running *run)
{
	if (run->pid > 0)
		(void)kill(-run->pid, SIGKILL);
}

/* Hands every whole line (or an overlong piece) to the line handler. */
static int take_lines(struct running *run, const char *bytes, size_t n, struct rs_err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] != '\n' && run->line.len < RS_CMD_LINE_MAX) {
			rs_buf_addc(&run->line, bytes[i]);
			continue;
		}
		if (rs_buf_check(&run->line, err) < 0 ||
		    run->c->line(run->c->line_user, rs_buf_str(&run->line), err) < 0)
			return -1;
		rs_buf_clear(&run->line);
		if (bytes[i] != '\n')
			rs_buf_addc(&run->line, bytes[i]);
	}
	return 0;
}

static int take(struct running *run, int i, const char *bytes, size_t n, struct rs_err *err)
{
	int errnum;

	run->taken[i] += n;
	if (run->taken[i] > run->c->output_max) {
		n -= run->taken[i] - run->c->output_max;
		run->r->flooded = 1;
		kill_group(run);
	}
	if (run->c->stream[i].buf != NULL)
		rs_buf_add(run->c->stream[i].buf, bytes, n);
	errnum = run->file[i] >= 0 ? rs_write_all(run->file[i], bytes, n) : 0;
	if (errnum != 0)
		return rs_err_sys(err, RS_ERR_FAILED, errnum, "cannot write \"%s\"",
				  run->c->stream[i].path);
	if (i == 0 && run->c->line != NULL)
		return take_lines(run, bytes, n, err);
	return 0;
}

/* Reads what stream i has; closes it at its end. */
static int drain(struct running *run, int i, struct rs_err *err)
{
	char block[8192];

	while (!run->r->flooded) {
		ssize_t n = read(run->out[i], block, sizeof(block));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n <= 0)
			break;
		if (take(run, i, block, (size_t)n, err) < 0)
			return -1;
	}
	rs_close_fd(&run->out[i]);
	return 0;
}

static void feed(struct running *run)
{
	ssize_t n = write(run->in, run->c->stdin_bytes + run->fed, run->c->stdin_len - run->fed);

	if (n > 0)
		run->fed += (size_t)n;
	if ((n < 0 && errno != EAGAIN && errno != EINTR) || run->fed == run->c->stdin_len)
		rs_close_fd(&run->in);
}

static void reap(struct running *run)
{
	struct rusage u;
	int status;

	if (wait4(run->pid, &status, WNOHANG, &u) != run->pid)
		return;
	run->exited = 1;
	run->r->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	run->r->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	run->r->user_ns = u.ru_utime.tv_sec * 1000000000L + u.ru_utime.tv_usec * 1000L;
	run->r->system_ns = u.ru_stime.tv_sec * 1000000000L + u.ru_stime.tv_usec * 1000L;
	run->r->minor_faults = u.ru_minflt;
	run->r->major_faults = u.ru_majflt;
	run->r->voluntary_switches = u.ru_nvcsw;
	run->r->involuntary_switches = u.ru_nivcsw;
	run->r->peak_rss_bytes = u.ru_maxrss * 1024L;
}

static int wait_ms(const struct running *run)
{
	int64_t left = run->deadline_ns - rs_clock_ns();

	if (left <= 0)
		return 0;
	if (left > 3600 * INT64_C(1000000000))
		left = 3600 * INT64_C(1000000000);
	left = (left + 999999) / 1000000;
	/* Without a pidfd (kernel before 5.3) the end is asked for. */
	return (int)(run->pidfd < 0 && left > 20 ? 20 : left);
}

/* One round of the loop: 0, or -1 with err. */
static int watch(struct running *run, struct rs_err *err)
{
	struct pollfd p[5] = {
		{ .fd = run->in, .events = POLLOUT },  { .fd = run->out[0], .events = POLLIN },
		{ .fd = run->out[1], .events = POLLIN }, { .fd = run->pidfd, .events = POLLIN },
		{ .fd = run->stop_known ? -1 : rs_stop_fd(), .events = POLLIN },
	};

	if (poll(p, 5, wait_ms(run)) < 0 && errno != EINTR)
		return rs_err_sys(err, RS_ERR_INTERNAL, errno, "cannot wait for \"%s\"",
				  run->c->argv[0]);
	if (run->in >= 0 && p[0].revents != 0)
		feed(run);
	for (int i = 0; i < 2; i++)
		if (run->out[i] >= 0 && p[i + 1].revents != 0 && drain(run, i, err) < 0)
			return -1;
	if (!run->stop_known && rs_stop_requested()) {
		run->stop_known = run->r->stopped = 1;
		kill_group(run);
	}
	if (!run->r->timed_out && rs_clock_ns() >= run->deadline_ns) {
		run->r->timed_out = 1;
		run->deadline_ns = INT64_MAX;
		kill_group(run);
	}
	reap(run);
	return 0;
}

/*
 * After the child ended, what it wrote is still in the pipes; a grandchild that it
 * left may hold them open and is not waited for.
 */
static int finish(struct running *run, struct rs_err *err)
{
	int rc = 0;

	for (int i = 0; i < 2; i++)
		if (run->out[i] >= 0 && drain(run, i, err) < 0)
			rc = -1;
	if (rc == 0)
		rc = rs_buf_check(&run->line, err);
	if (rc == 0 && run->line.len > 0)
		rc = run->c->line(run->c->line_user, rs_buf_str(&run->line), err);
	for (int i = 0; i < 2; i++)
		if (rc == 0 && run->c->stream[i].buf != NULL)
			rc = rs_buf_check(run->c->stream[i].buf, err);
	return rc;
}

static void release(struct running *run)
{
	if (run->pid > 0 && !run->exited) {
		int status;

		kill_group(run);
		while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR)
			continue;
	}
	rs_close_fd(&run->in);
	rs_close_fd(&run->pidfd);
	for (int i = 0; i < 2; i++) {
		rs_close_fd(&run->out[i]);
		rs_close_fd(&run->file[i]);
	}
	rs_buf_release(&run->line);
}

int rs_cmd_run(struct rs_cmd *c, struct rs_cmd_result *ret, struct rs_err *err)
{
	struct running run = { .c = c, .pid = -1, .pidfd = -1, .in = -1, .out = { -1, -1 },
			       .file = { -1, -1 }, .line = RS_BUF_INIT, .r = ret,
			       .stop_known = rs_stop_requested() };
	int64_t begin = rs_clock_ns();
	int rc;

	memset(ret, 0, sizeof(*ret));
	ret->status = -1;
	if (c == NULL || c->failed)
		return rs_err_nomem(err);
	run.deadline_ns = c->timeout_s > 1e9 ? INT64_MAX : begin + (int64_t)(c->timeout_s * 1e9);
	rc = open_output(&run, err);
	if (rc == 0)
		rc = start(&run, err);
	while (rc == 0 && !run.exited)
		rc = watch(&run, err);
	ret->wall_ns = rs_clock_ns() - begin;
	if (rc == 0)
		rc = finish(&run, err);
	release(&run);
	return rc;
}
