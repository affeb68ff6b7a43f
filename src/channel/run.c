/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RUN, from the client's side: the request, standard input in pieces as the agent
 * asks for them, output to files, buffers and lines, and the result.  The agent is
 * not trusted: it may not send more than was allowed, nor keep the client for longer.
 */
#include "agent_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

/* One command that is running over there. */
struct running {
	struct rs_channel *ch;
	const struct rs_exec *x;
	struct rs_buf *buf[2];	/* stdout, stderr; borrowed, or NULL */
	int fd[2];		/* the files, or -1 */
	size_t taken[2];
	size_t sent;		/* bytes of stdin */
	struct rs_buf line;	/* an unfinished line of stdout */
	int failed;		/* this side cannot take more: err says why */
	int stopped;		/* a stop was asked for */
	int cancelled;
	int64_t deadline_ns;
};

static int open_output(struct running *run, int i, const char *path, struct rs_err *err)
{
	if (path == NULL)
		return 0;
	run->fd[i] = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (run->fd[i] < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot write \"%s\"", path);
	return 0;
}

static int end_line(struct running *run, struct rs_err *err)
{
	if (rs_buf_check(&run->line, err) < 0 ||
	    run->x->stdout_line(run->x->line_user, rs_buf_str(&run->line), err) < 0)
		return -1;
	rs_buf_clear(&run->line);
	return 0;
}

/* Hands every whole line (or an overlong piece) to the line handler. */
static int take_lines(struct running *run, const unsigned char *p, size_t n, struct rs_err *err)
{
	while (n > 0) {
		const size_t room = RS_CMD_LINE_MAX - run->line.len;
		const unsigned char *nl = memchr(p, '\n', n);
		size_t k = nl != NULL ? (size_t)(nl - p) : n;

		if (k > room) {
			k = room;
			nl = NULL;
		}
		rs_buf_add(&run->line, p, k);
		if ((nl != NULL || room == 0) && end_line(run, err) < 0)
			return -1;
		p += k + (nl != NULL);
		n -= k + (nl != NULL);
	}
	return 0;
}

static int take(struct running *run, int i, const struct rs_wire_frame *f, struct rs_err *err)
{
	const char *path = i == 0 ? run->x->stdout_path : run->x->stderr_path;
	const int errnum = run->fd[i] < 0 ? 0 : rs_write_all(run->fd[i], f->payload, f->len);

	if (run->buf[i] != NULL)
		rs_buf_add(run->buf[i], f->payload, f->len);
	if (errnum != 0)
		return rs_err_sys(err, RS_ERR_FAILED, errnum, "cannot write \"%s\"", path);
	if (i == 0 && run->x->stdout_line != NULL)
		return take_lines(run, f->payload, f->len, err);
	return 0;
}

static int cancel(struct running *run, struct rs_err *err)
{
	if (run->cancelled)
		return 0;
	run->cancelled = 1;
	run->deadline_ns = rs_agent_patience(run->ch);
	return rs_agent_cancel(run->ch, err);
}

/* Output of stream i: bounded as it was asked for; -1 only when the stream is dead. */
static int on_output(struct running *run, int i, const struct rs_wire_frame *f, struct rs_err *err)
{
	if (f->len == 0 || f->len > run->x->output_max - run->taken[i])
		return rs_stream_violation(run->ch->stream, "more output than asked for", err);
	run->taken[i] += f->len;
	if (!run->failed && take(run, i, f, err) < 0) {
		run->failed = 1;
		return cancel(run, NULL);
	}
	return 0;
}

/* Sends the next piece of standard input. */
static int feed(struct running *run, struct rs_err *err)
{
	struct rs_wire_out o = rs_stream_payload(run->ch->stream);
	const size_t left = run->x->stdin_len - run->sent;
	const size_t n = left < o.cap ? left : o.cap;

	if (n == 0)
		return 0;
	rs_wire_put_bytes(&o, (const unsigned char *)run->x->stdin_bytes + run->sent, n);
	run->sent += n;
	return rs_stream_send(run->ch->stream, RS_WIRE_STDIN, n, rs_agent_patience(run->ch), err);
}

static uint32_t count(const char *const *list)
{
	uint32_t n = 0;

	while (list != NULL && list[n] != NULL)
		n++;
	return n;
}

static void put_texts(struct rs_wire_out *o, const char *const *list)
{
	const uint32_t n = count(list);

	rs_wire_put32(o, n);
	for (uint32_t i = 0; i < n; i++)
		rs_wire_put_text(o, list[i]);
}

static int request(struct running *run, struct rs_err *err)
{
	const struct rs_exec *x = run->x;
	struct rs_wire_out o = rs_stream_payload(run->ch->stream);
	/* 4e9 s: more than a century, and its nanoseconds fit 63 bits */
	const double seconds = x->timeout_s > 4e9 ? 4e9 : x->timeout_s;
	const uint64_t timeout_ns = (uint64_t)(seconds * 1e9);

	rs_wire_put64(&o, timeout_ns == 0 ? 1 : timeout_ns);
	rs_wire_put64(&o, x->output_max);
	rs_wire_put64(&o, x->stdin_len);
	rs_wire_put_text(&o, x->cwd != NULL ? x->cwd : "/");
	put_texts(&o, x->argv);
	put_texts(&o, x->env);
	if (o.full)
		return rs_err_set(err, RS_ERR_USAGE,
				  "the arguments and environment of \"%s\" pass 64 KiB: push a file instead",
				  x->argv[0]);
	run->deadline_ns = rs_stream_deadline(x->timeout_s + run->ch->patience_s);
	if (rs_stream_send(run->ch->stream, RS_WIRE_RUN, o.len, rs_agent_patience(run->ch), err) < 0)
		return -1;
	return feed(run, err);
}

static int read_result(struct running *run, const struct rs_wire_frame *f,
		       struct rs_cmd_result *ret, struct rs_err *err)
{
	struct rs_wire_in in = { f->payload, f->len, 0 };
	const uint32_t status = rs_wire_get32(&in);
	const uint32_t sig = rs_wire_get32(&in);
	const uint32_t flags = rs_wire_get32(&in);
	int64_t *const values[] = {
		&ret->wall_ns, &ret->user_ns, &ret->system_ns, &ret->minor_faults,
		&ret->major_faults, &ret->voluntary_switches, &ret->involuntary_switches,
		&ret->peak_rss_bytes,
	};

	for (size_t i = 0; i < RS_COUNT(values); i++) {
		const uint64_t v = rs_wire_get64(&in);

		in.bad |= v > INT64_MAX;
		*values[i] = (int64_t)(v & INT64_MAX);
	}
	if (in.bad || in.left > 0 || flags > RS_WIRE_FLAGS || sig > 127 || (sig == 0 && status > 255) ||
	    (sig != 0 && status != UINT32_MAX))
		return rs_stream_violation(run->ch->stream, "an impossible result", err);
	ret->status = sig != 0 ? -1 : (int)status;
	ret->signal = (int)sig;
	ret->timed_out = (flags & RS_WIRE_TIMED_OUT) != 0;
	ret->flooded = (flags & RS_WIRE_FLOODED) != 0;
	ret->stopped = run->stopped && (flags & RS_WIRE_CANCELLED) != 0;
	return 0;
}

/* Deals with frames until the result: 0, or -1 with err. */
static int attend(struct running *run, struct rs_cmd_result *ret, struct rs_err *err)
{
	enum rs_stream_stop stop = rs_stream_stop_mode();

	for (;;) {
		struct rs_wire_frame f = { 0, NULL, 0 };
		int rc = rs_stream_receive(run->ch->stream, stop, run->deadline_ns, &f, err);

		if (rc > 0) {
			stop = RS_STREAM_IGNORE_STOP;
			run->stopped = 1;
			rc = cancel(run, err);
		} else if (rc == 0 && f.type == RS_WIRE_STDOUT) {
			rc = on_output(run, 0, &f, err);
		} else if (rc == 0 && f.type == RS_WIRE_STDERR) {
			rc = on_output(run, 1, &f, err);
		} else if (rc == 0 && f.type == RS_WIRE_MORE && f.len == 0 &&
			   run->sent < run->x->stdin_len) {
			rc = run->cancelled ? 0 : feed(run, err);
		} else if (rc == 0 && f.type == RS_WIRE_EXIT) {
			return read_result(run, &f, ret, err);
		} else if (rc == 0 && f.type == RS_WIRE_ERROR) {
			return rs_agent_refusal(run->ch, &f, err);
		} else if (rc == 0) {
			rc = rs_stream_violation(run->ch->stream, "an answer to another request", err);
		}
		if (rc < 0)
			return -1;
	}
}

int rs_agent_run(struct rs_channel *ch, const struct rs_exec *x, struct rs_buf *out,
		 struct rs_buf *said, struct rs_cmd_result *ret, struct rs_err *err)
{
	struct running run = { .ch = ch, .x = x, .buf = { out, said }, .fd = { -1, -1 },
			       .line = RS_BUF_INIT };
	int rc = open_output(&run, 0, x->stdout_path, err);

	ret->status = -1;
	if (rc == 0)
		rc = open_output(&run, 1, x->stderr_path, err);
	if (rc == 0)
		rc = request(&run, err);
	if (rc == 0)
		rc = attend(&run, ret, err);
	if (rc == 0 && run.failed)
		rc = -1;
	if (rc == 0 && run.line.len > 0)
		rc = end_line(&run, err);
	for (int i = 0; i < 2; i++) {
		if (run.fd[i] >= 0 && close(run.fd[i]) < 0 && rc == 0)
			rc = rs_err_sys(err, RS_ERR_FAILED, errno, "cannot write \"%s\"",
					i == 0 ? x->stdout_path : x->stderr_path);
		if (run.buf[i] != NULL && rc == 0)
			rc = rs_buf_check(run.buf[i], err);
	}
	rs_buf_release(&run.line);
	return rc;
}
