/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds and starts the program of a RUN request, by posix_spawn (no copy of page tables). */
#include "spawn_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* n texts of the request as a NULL-ended array. */
static char **read_texts(struct rs_wire_in *in, uint32_t n)
{
	char **list = NULL;

	if (in->bad || n > in->left / 5)	/* a text takes at least 5 bytes */
		return NULL;
	list = calloc((size_t)n + 1, sizeof(*list));
	for (uint32_t i = 0; list != NULL && i < n; i++) {
		/* The bytes are this command's own copy; exec's prototype wants them writable. */
		union {
			const char *in;
			char *out;
		} text = { rs_wire_get_text(in) };

		list[i] = text.out;
	}
	return list;
}

static int same_name(const char *a, const char *b)
{
	const size_t n = strcspn(a, "=");

	return strncmp(a, b, n) == 0 && b[n] == '=';
}

/* This process's environment without what the request's n entries replace, and those. */
static char **merge_env(char **extra, uint32_t n)
{
	size_t own = 0, k = 0;
	char **env = NULL;

	while (environ != NULL && environ[own] != NULL)
		own++;
	env = calloc(own + n + 1, sizeof(*env));
	for (size_t i = 0; env != NULL && i < own; i++) {
		uint32_t j = 0;

		while (j < n && !same_name(extra[j], environ[i]))
			j++;
		if (j == n)
			env[k++] = environ[i];
	}
	for (uint32_t j = 0; env != NULL && j < n; j++)
		env[k++] = extra[j];
	return env;
}

int rs_command_read(struct rs_command *cmd, struct rs_wire_in *in)
{
	struct rs_wire_in own = *in;
	char **extra = NULL;
	uint32_t n = 0;

	memset(cmd, 0, sizeof(*cmd));
	cmd->bytes = malloc(in->left + 1);
	if (cmd->bytes == NULL)
		return -1;
	memcpy(cmd->bytes, in->p, in->left);
	own.p = (const unsigned char *)cmd->bytes;
	cmd->cwd = rs_wire_get_text(&own);
	n = rs_wire_get32(&own);
	cmd->argv = read_texts(&own, n);
	if (n == 0 || cmd->argv == NULL)
		return -1;
	n = rs_wire_get32(&own);
	extra = read_texts(&own, n);
	if (extra == NULL)
		return -1;
	if (!own.bad)
		cmd->env = merge_env(extra, n);
	free(extra);
	return own.bad || own.left > 0 || cmd->env == NULL || cmd->argv[0][0] == '\0' ? -1 : 0;
}

void rs_command_release(struct rs_command *cmd)
{
	free(cmd->argv);
	free(cmd->env);
	free(cmd->bytes);
	memset(cmd, 0, sizeof(*cmd));
}

/* Looks for a program in the folders of path ("a:b"): 1 and its name, or 0. */
static int search(const char *path, const char *name, char *ret, size_t size)
{
	struct stat st;

	for (const char *p = path; *p != '\0';) {
		const size_t n = strcspn(p, ":");
		const int len = snprintf(ret, size, "%.*s/%s", (int)n, p, name);

		if (n > 0 && len > 0 && (size_t)len < size && stat(ret, &st) == 0 &&
		    S_ISREG(st.st_mode) && access(ret, X_OK) == 0)
			return 1;
		p += n;
		p += *p == ':';
	}
	return 0;
}

static int find_program(const struct rs_command *cmd, char *ret, size_t size)
{
	const char *name = cmd->argv[0];
	const char *path = "";

	if (strchr(name, '/') != NULL) {
		const int len = snprintf(ret, size, "%s", name);

		return len > 0 && (size_t)len < size;
	}
	for (char **e = cmd->env; *e != NULL; e++)
		if (strncmp(*e, "PATH=", 5) == 0)
			path = *e + 5;
	return search(path, name, ret, size) || search(RS_SYSTEM_PATH, name, ret, size);
}

/* Both ends of a pipe for which only one side is the agent's and must not block. */
static int make_pipe(int *ours, int *theirs, int ours_index)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -1;
	*ours = fd[ours_index];
	*theirs = fd[1 - ours_index];
	return fcntl(*ours, F_SETFL, O_NONBLOCK);
}

static void close_all(int *fd, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (fd[i] >= 0)
			close(fd[i]);
		fd[i] = -1;
	}
}

/* Returns 0 or an errno value. */
static int start(const struct rs_command *cmd, const char *program, const int fd[3], pid_t *ret)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t none, all;
	int rc = posix_spawn_file_actions_init(&fa);

	if (rc != 0)
		return rc;
	rc = posix_spawnattr_init(&at);
	if (rc != 0) {
		posix_spawn_file_actions_destroy(&fa);
		return rc;
	}
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(&at, &none);
	posix_spawnattr_setsigdefault(&at, &all);
	posix_spawnattr_setpgroup(&at, 0);
	rc = posix_spawnattr_setflags(&at, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
						   POSIX_SPAWN_SETSIGDEF);
	for (int i = 0; rc == 0 && i < 3; i++)
		rc = posix_spawn_file_actions_adddup2(&fa, fd[i], i);
	if (rc == 0)
		rc = posix_spawn_file_actions_addchdir_np(&fa, cmd->cwd);
	if (rc == 0)
		rc = posix_spawn(ret, program, &fa, &at, cmd->argv, cmd->env);
	posix_spawnattr_destroy(&at);
	posix_spawn_file_actions_destroy(&fa);
	return rc;
}

static int open_pipes(int has_input, struct rs_child *child, int theirs[3])
{
	if (has_input && make_pipe(&child->in, &theirs[0], 1) < 0)
		return -1;
	if (!has_input)
		theirs[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (theirs[0] < 0 || make_pipe(&child->out[0], &theirs[1], 0) < 0)
		return -1;
	return make_pipe(&child->out[1], &theirs[2], 0);
}

int rs_spawn(const struct rs_command *cmd, int has_input, struct rs_child *ret, struct rs_conn *c)
{
	struct rs_child child = { -1, -1, { -1, -1 } };
	int theirs[3] = { -1, -1, -1 };
	char program[4096];
	struct stat st;
	int rc = 0;

	if (stat(cmd->cwd, &st) < 0 || !S_ISDIR(st.st_mode)) {
		rs_conn_error(c, RS_WIRE_ERR_FAILED, "no folder \"%.300s\" to run in", cmd->cwd);
		return -1;
	}
	if (!find_program(cmd, program, sizeof(program))) {
		rs_conn_error(c, RS_WIRE_ERR_MISSING, "no program \"%.300s\" in PATH",
			      cmd->argv[0]);
		return -1;
	}
	rc = open_pipes(has_input, &child, theirs) < 0 ? errno :
	     start(cmd, program, theirs, &child.pid);
	close_all(theirs, 3);
	if (rc == 0) {
		*ret = child;
		return 0;
	}
	close_all(&child.in, 1);
	close_all(child.out, 2);
	if (rc == ENOENT)
		rs_conn_error(c, RS_WIRE_ERR_MISSING, "no program \"%.300s\", or not what it needs",
			      program);
	else
		rs_conn_error(c, RS_WIRE_ERR_FAILED, "cannot start \"%.300s\": %s", program,
			      strerror(rc));
	return -1;
}
