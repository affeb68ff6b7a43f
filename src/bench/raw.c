/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Raw folders, samples and notes: the small steps every adapter makes. */
#include "bench_priv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "restudy/base/buf.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

char *rs_raw_path(const char *folder, const char *name, const char *suffix, struct rs_err *err)
{
	return rs_asprintf(err, "%s/%s%s", folder, name, suffix);
}

int rs_bench_sample(const struct rs_sink *sink, const char *guest, const char *metric,
		    const char *unit, double value, struct rs_err *err)
{
	struct rs_sample s = { .value = value };

	if (!isfinite(value))
		return rs_err_set(err, RS_ERR_FAILED, "metric \"%s\" has no finite value", metric);
	if (strlen(guest) >= sizeof(s.guest) || strlen(metric) >= sizeof(s.metric) ||
	    strlen(unit) >= sizeof(s.unit))
		return rs_err_set(err, RS_ERR_FAILED, "metric \"%s\" (%s): a name is too long",
				  metric, unit);
	memcpy(s.guest, guest, strlen(guest));
	memcpy(s.metric, metric, strlen(metric));
	memcpy(s.unit, unit, strlen(unit));
	return sink->sample(sink->user, &s, err);
}

static RS_PRINTF(3, 0) int send_note(const struct rs_sink *sink, struct rs_note *n,
				     const char *fmt, va_list ap, struct rs_err *err)
{
	if (sink == NULL || sink->note == NULL)
		return 0;
	vsnprintf(n->text, sizeof(n->text), fmt, ap);
	return sink->note(sink->user, n, err);
}

int rs_bench_note(const struct rs_sink *sink, struct rs_err *err, const char *fmt, ...)
{
	struct rs_note n = { .level = RS_NOTE_INFO };
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = send_note(sink, &n, fmt, ap, err);
	va_end(ap);
	return rc;
}

int rs_bench_warn(const struct rs_sink *sink, struct rs_err *err, const char *fmt, ...)
{
	struct rs_note n = { .level = RS_NOTE_WARNING };
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = send_note(sink, &n, fmt, ap, err);
	va_end(ap);
	return rc;
}

void rs_bench_step(struct rs_buf *out, const char *const *argv)
{
	RS_AUTO_CMD *cmd = rs_cmd_new(argv[0]);
	RS_AUTO_STR *text = NULL;

	rs_cmd_args(cmd, argv + 1);
	text = rs_cmd_text(cmd, NULL);
	if (text != NULL)
		rs_buf_addf(out, "%s\n", text);
}

int rs_bench_failed(const struct rs_cmd_result *res, const char *what, const char *stderr_path,
		    struct rs_err *err)
{
	char end[64], said[300];

	rs_path_last_line(stderr_path, said, sizeof(said));
	rs_cmd_describe_end(end, sizeof(end), res);
	if (res->stopped)
		return rs_err_set(err, RS_ERR_INTERRUPTED, "%s: stopped", what);
	return rs_err_set(err, res->timed_out ? RS_ERR_TIMEOUT : RS_ERR_FAILED, "%s: %s%s%s", what,
			  end, said[0] != '\0' ? ": " : "", said);
}
