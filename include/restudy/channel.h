/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How commands and files reach a machine: here (local), through restudy-agent in
 * a testbed or guest (unix socket, TCP, or a program's stdin and stdout), or ssh.
 * A channel serves one request at a time; use one channel for each thread.
 */
#ifndef RESTUDY_CHANNEL_H
#define RESTUDY_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/cmd.h"
#include "restudy/base/err.h"

struct rs_channel;

/* What to execute: an argument vector, never a shell line. All borrowed. */
struct rs_exec {
	const char *const *argv;	/* NULL-ended; argv[0] searched in the machine's PATH */
	const char *const *env;		/* NULL-ended "NAME=value" added, or NULL */
	const char *cwd;		/* or NULL: "/" */
	const void *stdin_bytes;	/* or NULL: empty */
	size_t stdin_len;
	double timeout_s;		/* > 0; the machine kills the process group after it */
	size_t output_max;		/* > 0; bytes of stdout and of stderr each, then killed */
	const char *stdout_path;	/* where the bytes go here, or NULL: thrown away */
	const char *stderr_path;
	rs_cmd_line_fn *stdout_line;	/* or NULL: called for every line, as it comes */
	void *line_user;
};

/* Each opens a channel that the caller closes; NULL with err on failure. */
struct rs_channel *rs_channel_local(struct rs_err *err) RS_MUST_CHECK;
/* Connects to an agent's unix socket; waits until it answers, at most timeout_s. */
struct rs_channel *rs_channel_unix(const char *path, double timeout_s, struct rs_err *err)
	RS_MUST_CHECK;
struct rs_channel *rs_channel_tcp(const char *address, int port, double timeout_s,
				  struct rs_err *err) RS_MUST_CHECK;
/* Starts a program whose stdin and stdout are the agent's stream. */
struct rs_channel *rs_channel_program(const char *const *argv, double timeout_s,
				      struct rs_err *err) RS_MUST_CHECK;
/* ssh://[user@]host[:port]; host keys are checked; agent: path of restudy-agent here. */
struct rs_channel *rs_channel_ssh(const char *url, const char *agent, double timeout_s,
				  struct rs_err *err) RS_MUST_CHECK;

void rs_channel_close(struct rs_channel *ch);	/* NULL is fine */
void rs_channel_closep(struct rs_channel **ch);
#define RS_AUTO_CHANNEL __attribute__((cleanup(rs_channel_closep))) struct rs_channel

/* How long an agent may be silent where it has only to answer, and beyond the time
 * of a command; default 60 s.  After it the channel is dead: RS_ERR_TIMEOUT. */
void rs_channel_patience(struct rs_channel *ch, double seconds);

/* "local", "unix:/path", ... ; borrowed. */
const char *rs_channel_name(const struct rs_channel *ch);

/*
 * Runs and waits.  0 whenever the program ran, however it ended: *ret tells.  -1
 * with err when it could not be started (RS_ERR_MACHINE when it is missing) or the
 * connection was lost (RS_ERR_FAILED; the channel is then dead).  A stop that is asked
 * for meanwhile ends the program (ret->stopped); one that was asked for before does not,
 * so that cleaning up still works: callers that measure ask rs_stop_check themselves.
 */
int rs_channel_run(struct rs_channel *ch, const struct rs_exec *x, struct rs_cmd_result *ret,
		   struct rs_err *err) RS_MUST_CHECK;

/* Runs argv (timeout_s), wants status 0, appends its stdout to out (or NULL). */
int rs_channel_run_ok(struct rs_channel *ch, const char *const *argv, double timeout_s,
		      struct rs_buf *out, struct rs_err *err) RS_MUST_CHECK;

/* Sends a regular file; the target's folder is made; mode as given (0755, 0644). */
int rs_channel_push(struct rs_channel *ch, const char *from, const char *to, unsigned mode,
		    struct rs_err *err) RS_MUST_CHECK;

/* Brings a regular file of at most max bytes; 'to' is replaced at once. */
int rs_channel_pull(struct rs_channel *ch, const char *from, const char *to, size_t max,
		    struct rs_err *err) RS_MUST_CHECK;

/* Brings a folder's regular files, recursively, at most max bytes in all.  Names that
 * are not plain are refused: nothing is written outside 'to'. */
int rs_channel_pull_tree(struct rs_channel *ch, const char *from, const char *to, size_t max,
			 struct rs_err *err) RS_MUST_CHECK;

#endif
