/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command as it is requested, and the process it becomes. */
#ifndef RESTUDY_AGENT_SPAWN_PRIV_H
#define RESTUDY_AGENT_SPAWN_PRIV_H

#include <sys/types.h>

#include "conn_priv.h"

/* Where a machine keeps programs, for a PATH that is not there or leaves some of it out. */
#define RS_SYSTEM_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct rs_command {
	char *bytes;		/* owned copy of the request, which the pointers point into */
	char **argv, **env;	/* owned arrays, NULL-ended; env: this process's and the request's */
	const char *cwd;
};

struct rs_child {
	pid_t pid;	/* leads a process group of this number */
	int in;		/* -1: no input */
	int out[2];	/* stdout, stderr; non-blocking */
};

/* Reads cwd, argv and env: 0, or -1 when malformed.  Release it in both cases. */
int rs_command_read(struct rs_command *cmd, struct rs_wire_in *in);
void rs_command_release(struct rs_command *cmd);

/* Starts it, with a pipe as standard input when has_input, else /dev/null.
 * 0, or -1 after telling the client why it could not be started. */
int rs_spawn(const struct rs_command *cmd, int has_input, struct rs_child *ret, struct rs_conn *c);

#endif
