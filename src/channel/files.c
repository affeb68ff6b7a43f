/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PUSH, PULL and PULL_TREE, from the client's side.  Files appear under their names
 * when they are whole.  The agent is not trusted: names, sizes and counts are checked.
 */
#include "agent_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "restudy/base/mem.h"
#include "restudy/base/out.h"
#include "restudy/base/path.h"

/* Of one folder: no result has so many, and a hostile agent would fill the disk with empty ones. */
enum { TREE_FILES_MAX = 100000 };

static int send_end(struct rs_channel *ch, uint64_t total, struct rs_err *err)
{
	struct rs_wire_out o = rs_stream_payload(ch->stream);

	rs_wire_put64(&o, total);
	return rs_stream_send(ch->stream, RS_WIRE_END, o.len, rs_agent_patience(ch), err);
}

/* Sends the bytes of f, then their number; when they cannot be read, or a stop was asked
 * for, the agent is told to forget them and err has the reason. */
static int send_content(struct rs_channel *ch, FILE *f, const char *from, uint64_t size,
			struct rs_err *err)
{
	const int stopped_before = rs_stream_stop_mode() == RS_STREAM_IGNORE_STOP;
	uint64_t total = 0;

	for (;;) {
		const struct rs_wire_out o = rs_stream_payload(ch->stream);
		const size_t n = fread(o.p, 1, o.cap, f);

		if (n == 0)
			break;
		if (!stopped_before && rs_stream_stop_mode() == RS_STREAM_IGNORE_STOP) {
			(void)rs_err_set(err, RS_ERR_INTERRUPTED, "interrupted while \"%s\" was sent",
					 from);
			return send_end(ch, RS_WIRE_ABORT, NULL);
		}
		if (rs_stream_send(ch->stream, RS_WIRE_DATA, n, rs_agent_patience(ch), err) < 0)
			return -1;
		total += n;
	}
	if (!ferror(f) && total == size)
		return send_end(ch, total, err);
	(void)rs_err_set(err, RS_ERR_FAILED, "\"%s\" changed or cannot be read while it was sent", from);
	return send_end(ch, RS_WIRE_ABORT, NULL);
}

int rs_agent_push(struct rs_channel *ch, const char *from, const char *to, unsigned mode,
		  struct rs_err *err)
{
	struct rs_wire_out o = rs_stream_payload(ch->stream);
	RS_AUTO_FILE *in = fopen(from, "rbe");
	struct rs_err own = RS_ERR_INIT;
	struct rs_wire_frame f;
	struct stat st;

	if (in == NULL)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot open \"%s\"", from);
	if (fstat(fileno(in), &st) < 0 || !S_ISREG(st.st_mode))
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\" is not a regular file", from);
	rs_wire_put32(&o, mode & 07777);
	rs_wire_put64(&o, (uint64_t)st.st_size);
	rs_wire_put_text(&o, to);
	if (o.full)
		return rs_err_set(err, RS_ERR_USAGE, "the path \"%.100s...\" is too long", to);
	if (rs_stream_send(ch->stream, RS_WIRE_PUSH, o.len, rs_agent_patience(ch), err) < 0)
		return -1;
	if (send_content(ch, in, from, (uint64_t)st.st_size, &own) < 0 ||
	    rs_stream_receive(ch->stream, RS_STREAM_IGNORE_STOP, rs_agent_patience(ch), &f, &own) < 0)
		return rs_err_set(err, own.kind, "%s", own.text);
	if (f.type == RS_WIRE_OK && f.len == 0 && own.kind == RS_ERR_NONE)
		return 0;
	if (f.type == RS_WIRE_ERROR)
		(void)rs_agent_refusal(ch, &f, &own);
	else
		(void)rs_stream_violation(ch->stream, "an answer to another request", &own);
	return rs_err_set(err, own.kind, "%s", own.text);
}

/* Files on their way here. */
struct incoming {
	struct rs_channel *ch;
	const char *to;		/* a folder, or NULL: one file that is open already */
	struct rs_out *out;	/* the file that is written, or NULL */
	uint64_t max, total;
	size_t files;
	int failed;		/* this side cannot take more: err says why */
	int cancelled;
};

/* Ends the request early; the first reason stays in err.  -1 when the stream is dead. */
static int give_up(struct incoming *in)
{
	in->failed = 1;
	rs_out_abort(RS_STEAL(&in->out));
	if (in->cancelled)
		return 0;
	in->cancelled = 1;
	return rs_agent_cancel(in->ch, NULL);
}

static int close_file(struct incoming *in, struct rs_err *err)
{
	struct rs_out *out = RS_STEAL(&in->out);

	return out == NULL ? 0 : rs_out_close(out, err);
}

/* Opens the file that a FILE frame names, below the folder. */
static int open_file(struct incoming *in, const char *name, struct rs_err *err)
{
	RS_AUTO_STR *path = NULL;

	if (!rs_channel_is_tree_name(name))
		return rs_err_set(err, RS_ERR_FAILED,
				  "\"%s\" has a file \"%.200s\" whose name is not brought: use letters, digits and ._+-",
				  in->ch->name, name);
	path = rs_path_join(in->to, name, err);
	if (path == NULL || rs_path_make_parent(path, err) < 0)
		return -1;
	in->out = rs_out_open(path, err);
	return in->out == NULL ? -1 : 0;
}

static int on_file(struct incoming *in, const struct rs_wire_frame *f, struct rs_err *err)
{
	struct rs_wire_in p = { f->payload, f->len, 0 };
	const char *name = rs_wire_get_text(&p);

	if (in->to == NULL || p.bad || p.left > 0)
		return rs_stream_violation(in->ch->stream, "a file that was not asked for", err);
	if (in->failed)
		return 0;
	if (++in->files > TREE_FILES_MAX) {
		(void)rs_err_set(err, RS_ERR_FAILED, "\"%s\" has more than %d files in a folder that is "
				 "brought", in->ch->name, TREE_FILES_MAX);
		return give_up(in);
	}
	if (close_file(in, err) < 0 || open_file(in, name, err) < 0)
		return give_up(in);
	return 0;
}

static int on_data(struct incoming *in, const struct rs_wire_frame *f, struct rs_err *err)
{
	if (f->len == 0 || f->len > in->max - in->total)
		return rs_stream_violation(in->ch->stream, "more bytes than asked for", err);
	in->total += f->len;
	if (in->failed)
		return 0;
	if (in->out == NULL)
		return rs_stream_violation(in->ch->stream, "bytes of no file", err);
	rs_out_write(in->out, f->payload, f->len);
	return 0;
}

static int on_end(struct incoming *in, const struct rs_wire_frame *f, struct rs_err *err)
{
	if (f->len != 8 || rs_wire_load64(f->payload) != in->total)
		return rs_stream_violation(in->ch->stream, "a wrong number of bytes", err);
	return in->failed ? -1 : close_file(in, err);
}

/* Deals with frames until the end: 0, or -1 with err. */
static int attend(struct incoming *in, struct rs_err *err)
{
	enum rs_stream_stop stop = rs_stream_stop_mode();
	int64_t cancelled_until_ns = INT64_MAX;

	for (;;) {
		struct rs_wire_frame f = { 0, NULL, 0 };
		const int64_t until_ns = rs_agent_patience(in->ch);
		int rc = 0;

		if (in->cancelled && cancelled_until_ns == INT64_MAX)
			cancelled_until_ns = until_ns;
		rc = rs_stream_receive(in->ch->stream, stop,
				       until_ns < cancelled_until_ns ? until_ns : cancelled_until_ns,
				       &f, err);
		if (rc > 0) {
			stop = RS_STREAM_IGNORE_STOP;
			(void)rs_err_set(err, RS_ERR_INTERRUPTED, "interrupted while \"%s\" sent files",
					 in->ch->name);
			rc = give_up(in);
		} else if (rc == 0 && f.type == RS_WIRE_FILE) {
			rc = on_file(in, &f, err);
		} else if (rc == 0 && f.type == RS_WIRE_DATA) {
			rc = on_data(in, &f, err);
		} else if (rc == 0 && f.type == RS_WIRE_END) {
			return on_end(in, &f, err);
		} else if (rc == 0 && f.type == RS_WIRE_ERROR) {
			return rs_agent_refusal(in->ch, &f, err);
		} else if (rc == 0) {
			rc = rs_stream_violation(in->ch->stream, "an answer to another request", err);
		}
		if (rc < 0)
			return -1;
	}
}

static int bring(struct incoming *in, enum rs_wire_type type, const char *from, struct rs_err *err)
{
	struct rs_wire_out o = rs_stream_payload(in->ch->stream);
	int rc = 0;

	rs_wire_put64(&o, in->max);
	rs_wire_put_text(&o, from);
	if (o.full)
		rc = rs_err_set(err, RS_ERR_USAGE, "the path \"%.100s...\" is too long", from);
	else
		rc = rs_stream_send(in->ch->stream, type, o.len, rs_agent_patience(in->ch), err);
	if (rc == 0)
		rc = attend(in, err);
	rs_out_abort(RS_STEAL(&in->out));
	return rc;
}

int rs_agent_pull(struct rs_channel *ch, const char *from, const char *to, size_t max,
		  struct rs_err *err)
{
	struct incoming in = { .ch = ch, .max = max, .out = rs_out_open(to, err) };

	return in.out == NULL ? -1 : bring(&in, RS_WIRE_PULL, from, err);
}

int rs_agent_pull_tree(struct rs_channel *ch, const char *from, const char *to, size_t max,
		       struct rs_err *err)
{
	struct incoming in = { .ch = ch, .max = max, .to = to };

	return bring(&in, RS_WIRE_PULL_TREE, from, err);
}
