/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is the same for every kind of channel: checks, names, commands that must succeed. */
#include "restudy/channel.h"

#include <stdlib.h>
#include <string.h>

#include "channel_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "stream_priv.h"

/* An emulated machine under load answers within a tenth of this patience. */
enum { RUN_OK_OUTPUT_MAX = 64 << 20, TREE_NAME_MAX = 1024, PATIENCE_S = 60 };

struct rs_channel *rs_channel_over(struct rs_stream *stream, const char *name, struct rs_err *err)
{
	RS_AUTO_STREAM *s = stream;
	RS_AUTO_CHANNEL *ch = NULL;

	if (s == NULL)
		return NULL;
	ch = rs_alloc(1, sizeof(*ch), err);
	if (ch == NULL)
		return NULL;
	ch->ops = &rs_channel_agent_ops;
	ch->patience_s = PATIENCE_S;
	ch->stream = RS_STEAL(&s);
	ch->name = rs_strdup(name, err);
	return ch->name == NULL ? NULL : RS_STEAL(&ch);
}

void rs_channel_close(struct rs_channel *ch)
{
	if (ch == NULL)
		return;
	rs_stream_free(ch->stream);
	free(ch->name);
	free(ch);
}

void rs_channel_closep(struct rs_channel **ch)
{
	rs_channel_close(*ch);
	*ch = NULL;
}

void rs_channel_patience(struct rs_channel *ch, double seconds)
{
	ch->patience_s = seconds;
}

const char *rs_channel_name(const struct rs_channel *ch)
{
	return ch->name;
}

int rs_channel_is_tree_name(const char *name)
{
	char part[256];

	if (strlen(name) > TREE_NAME_MAX || !rs_path_is_inside(name))
		return 0;
	for (const char *p = name;;) {
		const size_t n = strcspn(p, "/");

		if (n >= sizeof(part))
			return 0;
		memcpy(part, p, n);
		part[n] = '\0';
		if (!rs_path_is_plain_name(part))
			return 0;
		if (p[n] == '\0')
			return 1;
		p += n + 1;
	}
}

static int check_absolute(const struct rs_channel *ch, const char *path, struct rs_err *err)
{
	if (path[0] == '/')
		return 0;
	return rs_err_set(err, RS_ERR_USAGE, "\"%s\" on \"%s\" is not an absolute path", path,
			  ch->name);
}

int rs_channel_run(struct rs_channel *ch, const struct rs_exec *x, struct rs_cmd_result *ret,
		   struct rs_err *err)
{
	memset(ret, 0, sizeof(*ret));
	if (x->argv == NULL || x->argv[0] == NULL || x->argv[0][0] == '\0' ||
	    !(x->timeout_s > 0) || x->output_max == 0)
		return rs_err_set(err, RS_ERR_INTERNAL,
				  "a command for \"%s\" needs a program, a time and an output limit",
				  ch->name);
	return ch->ops->run(ch, x, NULL, NULL, ret, err);
}

/* "COMMAND" on "CHANNEL" failed: how it ended: what it said.  Returns -1. */
static int report_end(const struct rs_channel *ch, const char *const *argv,
		      const struct rs_cmd_result *r, struct rs_buf *said, struct rs_err *err)
{
	RS_AUTO_CMD *cmd = rs_cmd_new(argv[0]);
	RS_AUTO_STR *text = NULL;
	const char *line = rs_buf_last_line(said);
	char end[80];

	rs_cmd_args(cmd, argv + 1);
	text = rs_cmd_text(cmd, err);
	if (text == NULL)
		return -1;
	return rs_err_set(err, r->stopped ? RS_ERR_INTERRUPTED :
			  r->timed_out ? RS_ERR_TIMEOUT : RS_ERR_FAILED,
			  "\"%.300s\" on \"%s\" failed: %s%s%.300s", text, ch->name,
			  rs_cmd_describe_end(end, sizeof(end), r), line[0] == '\0' ? "" : ": ", line);
}

int rs_channel_run_ok(struct rs_channel *ch, const char *const *argv, double timeout_s,
		      struct rs_buf *out, struct rs_err *err)
{
	const struct rs_exec x = { .argv = argv, .timeout_s = timeout_s,
				   .output_max = RUN_OK_OUTPUT_MAX };
	RS_AUTO_BUF said = RS_BUF_INIT;
	struct rs_cmd_result r = { 0 };

	if (ch->ops->run(ch, &x, out, &said, &r, err) < 0)
		return -1;
	if (r.status == 0 && !r.timed_out && !r.flooded && !r.stopped)
		return out == NULL ? 0 : rs_buf_check(out, err);
	return report_end(ch, argv, &r, &said, err);
}

int rs_channel_push(struct rs_channel *ch, const char *from, const char *to, unsigned mode,
		    struct rs_err *err)
{
	return check_absolute(ch, to, err) < 0 ? -1 : ch->ops->push(ch, from, to, mode, err);
}

int rs_channel_pull(struct rs_channel *ch, const char *from, const char *to, size_t max,
		    struct rs_err *err)
{
	return check_absolute(ch, from, err) < 0 ? -1 : ch->ops->pull(ch, from, to, max, err);
}

int rs_channel_pull_tree(struct rs_channel *ch, const char *from, const char *to, size_t max,
			 struct rs_err *err)
{
	if (check_absolute(ch, from, err) < 0 || rs_path_mkdirs(to, err) < 0)
		return -1;
	return ch->ops->pull_tree(ch, from, to, max, err);
}
