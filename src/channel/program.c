/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program that carries the agent's stream on its stdin and stdout (ssh, a console).
 * It lives as long as the channel, in a process group of its own, so that Ctrl-C does
 * not end it before the machine was cleaned up.
 */
#include "stream_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

/* Returns 0 or an errno value. */
static int spawn(const char *program, const char *const *argv, int stream, int said, pid_t *ret)
{
	/* posix_spawn does not write to the arguments; its prototype is older than const. */
	union {
		const char *const *in;
		char *const *out;
	} args = { argv };
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t none, all;
	int rc = posix_spawn_file_actions_init(&fa);

	if (rc != 0)
		return rc;
	rc = posix_spawnattr_init(&at);
	if (rc != 0) {
		(void)posix_spawn_file_actions_destroy(&fa);
		return rc;
	}
	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	rc = posix_spawnattr_setflags(&at, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
						   POSIX_SPAWN_SETSIGDEF);
	rc |= posix_spawnattr_setpgroup(&at, 0);
	rc |= posix_spawnattr_setsigmask(&at, &none);
	rc |= posix_spawnattr_setsigdefault(&at, &all);
	rc |= posix_spawn_file_actions_adddup2(&fa, stream, 0);
	rc |= posix_spawn_file_actions_adddup2(&fa, stream, 1);
	rc |= posix_spawn_file_actions_adddup2(&fa, said, 2);
	rc = rc != 0 ? ENOMEM : posix_spawn(ret, program, &fa, &at, args.out, environ);
	(void)posix_spawnattr_destroy(&at);
	(void)posix_spawn_file_actions_destroy(&fa);
	return rc;
}

struct rs_stream *rs_stream_program(const char *const *argv, const char *name, struct rs_err *err)
{
	RS_AUTO_STR *program = rs_path_program(argv[0]);
	RS_AUTO_FD theirs = -1;
	RS_AUTO_FD said = -1;
	int sockets[2] = { -1, -1 }, pipes[2] = { -1, -1 };
	pid_t pid = 0;
	int rc = 0;

	if (program == NULL) {
		(void)rs_err_set(err, RS_ERR_MACHINE,
				 "the program \"%s\" is not on this machine: install it", argv[0]);
		return NULL;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0 ||
	    pipe2(pipes, O_CLOEXEC) < 0) {
		(void)rs_err_sys(err, RS_ERR_MACHINE, errno, "cannot make a pipe");
		rs_close_fd(&sockets[0]);
		rs_close_fd(&sockets[1]);
		return NULL;
	}
	theirs = sockets[1];
	said = pipes[1];
	rc = spawn(program, argv, theirs, said, &pid);
	if (rc != 0) {
		(void)rs_err_sys(err, RS_ERR_FAILED, rc, "cannot start \"%s\"", program);
		rs_close_fd(&sockets[0]);
		rs_close_fd(&pipes[0]);
		return NULL;
	}
	return rs_stream_new(sockets[0], pid, pipes[0], name, err);
}
