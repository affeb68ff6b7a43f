/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A load's result as JSON: counts, times in ns, and the slots of the histogram that have any.
 * Its seconds and its histogram as CSV. */
#include "load_priv.h"

#include <math.h>
#include <stdlib.h>

#include <jansson.h>

#include "restudy/base/mem.h"

static json_t *failures(const struct rs_load *l)
{
	json_t *o = json_object();

	for (int f = 0; f < RS_LOAD_FAILURES; f++)
		json_object_set_new(o, rs_load_failure_name((enum rs_load_failure)f),
				    json_integer((json_int_t)l->failed[f]));
	return o;
}

/* [[lo, hi, count], ...] in ns */
static json_t *slots(const struct rs_histogram *h)
{
	json_t *list = json_array();

	for (int i = 0; i < RS_HISTOGRAM_SLOTS; i++) {
		int64_t lo, hi;

		if (h->count[i] == 0)
			continue;
		rs_histogram_slot(i, &lo, &hi);
		json_array_append_new(list, json_pack("[I,I,I]", (json_int_t)lo, (json_int_t)hi,
						      (json_int_t)h->count[i]));
	}
	return list;
}

static int had_second(const struct rs_load *l, size_t i)
{
	return i < l->n_seconds && (int64_t)i * 1000000000 < l->elapsed_ns;
}

/* [[done, failed, mean ms], ...] of every second that the run had. */
static json_t *seconds(const struct rs_load *l)
{
	json_t *list = json_array();

	for (size_t i = 0; had_second(l, i); i++)
		json_array_append_new(list, json_pack("[i,i,f]", (int)l->seconds[i].done,
						      (int)l->seconds[i].failed,
						      (double)l->seconds[i].mean_ms));
	return list;
}

static json_t *asked(const struct rs_load_ask *a)
{
	return json_pack("{s:s,s:i,s:f,s:f,s:b,s:s,s:f,s:b}", "url", a->url, "connections",
			 a->connections, "duration_s", a->duration_s, "rate_per_s", a->rate_per_s,
			 "keep_alive", a->keep_alive, "http",
			 a->http == RS_LOAD_HTTP_2 ? "2" : "1.1", "think_s", a->think_s,
			 "exact", a->exact);
}

char *rs_load_json(const struct rs_load_ask *ask, const struct rs_load *l, struct rs_err *err)
{
	json_t *o = json_object();
	char *text;

	json_object_set_new(o, "asked", asked(ask));
	json_object_set_new(o, "done", json_integer((json_int_t)l->done));
	json_object_set_new(o, "failed", failures(l));
	json_object_set_new(o, "first_error", json_string(l->first_error));
	json_object_set_new(o, "elapsed_ns", json_integer((json_int_t)l->elapsed_ns));
	json_object_set_new(o, "busy_ns", json_real(l->busy_ns));
	json_object_set_new(o, "body_bytes", json_integer((json_int_t)l->body_bytes));
	json_object_set_new(o, "header_bytes", json_integer((json_int_t)l->header_bytes));
	json_object_set_new(o, "connections_opened",
			    json_integer((json_int_t)l->connections_opened));
	json_object_set_new(o, "due", json_integer((json_int_t)l->due));
	json_object_set_new(o, "late", json_integer((json_int_t)l->late));
	json_object_set_new(o, "under_way", json_integer((json_int_t)l->under_way));
	json_object_set_new(o, "rest_ns", json_integer((json_int_t)l->rest_ns));
	json_object_set_new(o, "user_ns", json_integer((json_int_t)l->user_ns));
	json_object_set_new(o, "system_ns", json_integer((json_int_t)l->system_ns));
	json_object_set_new(o, "latency_min_ns", json_integer((json_int_t)l->latency.min_ns));
	json_object_set_new(o, "latency_max_ns", json_integer((json_int_t)l->latency.max_ns));
	json_object_set_new(o, "latency_sum_ns", json_real(l->latency.sum_ns));
	json_object_set_new(o, "seconds", seconds(l));
	json_object_set_new(o, "latency_ns", slots(&l->latency));
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	if (text == NULL)
		(void)rs_err_nomem(err);
	return text;
}

void rs_load_seconds_csv(const struct rs_load *l, struct rs_buf *out)
{
	rs_buf_adds(out, "second,done,failed,mean_ms\n");
	for (size_t i = 0; had_second(l, i); i++)
		rs_buf_addf(out, "%zu,%u,%u,%.6g\n", i, l->seconds[i].done, l->seconds[i].failed,
			    (double)l->seconds[i].mean_ms);
}

void rs_load_latencies_csv(const struct rs_load *l, struct rs_buf *out)
{
	uint64_t seen = 0;

	rs_buf_adds(out, "from_ns,to_ns,answers,share\n");
	for (int i = 0; i < RS_HISTOGRAM_SLOTS; i++) {
		int64_t lo, hi;

		if (l->latency.count[i] == 0)
			continue;
		seen += l->latency.count[i];
		rs_histogram_slot(i, &lo, &hi);
		rs_buf_addf(out, "%lld,%lld,%llu,%.9g\n", (long long)lo, (long long)hi,
			    (unsigned long long)l->latency.count[i],
			    (double)seen / (double)l->latency.n);
	}
}
