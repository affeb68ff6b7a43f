/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One JSON object (RFC 8259) on a line for each sample, with what a reader must know of it. */
#include "exchange_priv.h"

#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/out.h"
#include "restudy/base/text.h"
#include "restudy/bench.h"

struct lines {
	const struct rs_plan *plan;
	struct rs_out *out;
};

static void put_member(struct rs_buf *b, const char *key, const char *value)
{
	rs_buf_addf(b, "\"%s\":", key);
	rs_text_json(b, value);
	rs_buf_addc(b, ',');
}

static int put_series(void *user, const struct rs_series *s, struct rs_err *err)
{
	const struct lines *l = user;
	const struct rs_benchmark *b = rs_plan_benchmark(l->plan, s->benchmark);
	RS_AUTO_BUF head = RS_BUF_INIT;
	struct rs_metric m;

	rs_buf_addc(&head, '{');
	put_member(&head, "system", s->system);
	rs_buf_addf(&head, "\"guests\":%d,", s->guests);
	put_member(&head, "guest", s->guest);
	put_member(&head, "benchmark", s->benchmark);
	put_member(&head, "metric", s->metric);
	if (b != NULL && rs_bench_metric(b, s->metric, &m) == 0) {
		put_member(&head, "title", m.title);
		put_member(&head, "better", rs_better_name(m.better));
	}
	put_member(&head, "unit", s->unit);
	if (rs_buf_check(&head, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n; i++) {
		char value[40];

		rs_out_puts(l->out, rs_buf_str(&head));
		rs_out_printf(l->out, "\"trial\":%d,\"value\":%s}\n", s->trial[i],
			      rs_format_double(value, sizeof(value), s->value[i]));
	}
	return 0;
}

int rs_export_jsonl(const struct rs_plan *plan, struct rs_store *store, const char *path,
		    struct rs_err *err)
{
	RS_AUTO_OUT *out = rs_out_open(path, err);
	struct lines l = { plan, out };

	if (out == NULL || rs_store_visit(store, NULL, NULL, NULL, put_series, &l, err) < 0)
		return -1;
	return rs_out_close(RS_STEAL(&out), err);
}
