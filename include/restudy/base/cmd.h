/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Child processes through one builder: an argument vector, never a shell line.
 * Mistakes in building are sticky and appear at the run.  A command can be
 * printed, so it goes into steps, reports and golden tests.  Children are started
 * by posix_spawn (no copy of page tables), in a process group of their own, and
 * the whole group is killed when the time or the output limit is passed.
 */
#ifndef RESTUDY_BASE_CMD_H
#define RESTUDY_BASE_CMD_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/buf.h"
#include "restudy/base/err.h"

struct rs_cmd;

/* What one execution came to.  Times by CLOCK_MONOTONIC and getrusage. */
struct rs_cmd_result {
	int status;		/* exit status; -1 when it ended by a signal */
	int signal;		/* the signal, or 0 */
	int timed_out;		/* killed because of the time limit */
	int flooded;		/* killed because of the output limit */
	int stopped;		/* killed because a stop was asked for */
	int64_t wall_ns;
	int64_t user_ns, system_ns;
	int64_t minor_faults, major_faults;
	int64_t voluntary_switches, involuntary_switches;
	int64_t peak_rss_bytes;
};

/* program: a name searched in PATH (and /usr/sbin, /sbin) or a path.  NULL when
 * out of memory: every later call accepts that and rs_cmd_run reports it. */
struct rs_cmd *rs_cmd_new(const char *program);
void rs_cmd_free(struct rs_cmd *c);
void rs_cmd_freep(struct rs_cmd **c);
#define RS_AUTO_CMD __attribute__((cleanup(rs_cmd_freep))) struct rs_cmd

void rs_cmd_arg(struct rs_cmd *c, const char *arg);
void rs_cmd_argf(struct rs_cmd *c, const char *fmt, ...) RS_PRINTF(2, 3);
void rs_cmd_args(struct rs_cmd *c, const char *const *argv);	/* NULL-ended */
/* The child's environment is this process's plus these; value NULL removes. */
void rs_cmd_env(struct rs_cmd *c, const char *name, const char *value);
void rs_cmd_cwd(struct rs_cmd *c, const char *path);
/* Default: stdin from /dev/null, stdout and stderr thrown away. */
void rs_cmd_stdin_bytes(struct rs_cmd *c, const void *bytes, size_t n);
void rs_cmd_stdout_buf(struct rs_cmd *c, struct rs_buf *b);	/* b outlives the run */
void rs_cmd_stderr_buf(struct rs_cmd *c, struct rs_buf *b);	/* may be the same b */
void rs_cmd_stdout_file(struct rs_cmd *c, const char *path);
void rs_cmd_stderr_file(struct rs_cmd *c, const char *path);
/* Calls line(user, text) for every whole line of stdout, as it comes; a line is
 * cut at RS_CMD_LINE_MAX bytes.  A negative return of line ends the child. */
#define RS_CMD_LINE_MAX (4u << 20)	/* a cell of a thousand guests is one line of a worker */
typedef int rs_cmd_line_fn(void *user, const char *line, struct rs_err *err);
void rs_cmd_stdout_lines(struct rs_cmd *c, rs_cmd_line_fn *line, void *user);
void rs_cmd_timeout(struct rs_cmd *c, double seconds);		/* default 600 s */
/* The command and its group end when this process is killed: for one that goes on for minutes
 * and that nobody would wait for any more.  It may then not move to another group. */
void rs_cmd_dies_with_us(struct rs_cmd *c);
void rs_cmd_limit_output(struct rs_cmd *c, size_t bytes);	/* default 64 MiB each */

/* The command as one could type it, arguments quoted for sh, without its environment and
 * folder.  free() releases; NULL and err. */
char *rs_cmd_text(const struct rs_cmd *c, struct rs_err *err) RS_MUST_CHECK;

/*
 * Runs and waits.  0 whenever the program ran, however it ended: *ret tells.
 * -1 with err when it could not be started (RS_ERR_MACHINE when the program is
 * missing) or a file could not be written.  ret may not be NULL.  A stop that is asked
 * for meanwhile ends the program; one that was asked for before does not, so that
 * cleaning up still works.
 */
int rs_cmd_run(struct rs_cmd *c, struct rs_cmd_result *ret, struct rs_err *err) RS_MUST_CHECK;

/*
 * Runs a command that must succeed: any other end than status 0 is an error
 * whose text has the command, how it ended and the last line of its stderr, unless that goes
 * elsewhere.
 */
int rs_cmd_run_ok(struct rs_cmd *c, struct rs_err *err) RS_MUST_CHECK;

/* Says in words how it ended: "exit status 3", "killed by signal 9", "no end within its time,
 * killed after 30.0 s"; buf of at least 64 bytes; returns buf. */
char *rs_cmd_describe_end(char *buf, size_t size, const struct rs_cmd_result *r);

#endif
