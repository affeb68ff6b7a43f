/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads result.json of "httpload": Siege's table, by the same definitions (MB of 2^20
 * bytes of bodies, concurrency as total time by elapsed time), and percentiles.
 */
#include "bench_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "load_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

/* What the file says. */
struct result {
	double done, failed, elapsed_s, busy_s, body_mb, header_mb, min_s, max_s, sum_s, cpu_s;
	double late, connections;
	double slowest, fastest;	/* answers in a whole second; -1: there was none */
	char kinds[120];	/* "connect 3, timeout 1" */
	char first_error[200];
	struct rs_histogram *latency;	/* owned */
};

static double number(const json_t *o, const char *key, const char *path, struct rs_err *err)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_number(v) || json_number_value(v) < 0) {
		rs_err_set(err, RS_ERR_FAILED, "\"%s\":1: no \"%s\", or it is negative", path, key);
		return 0;
	}
	return json_number_value(v);
}

static int take_slots(const json_t *o, const char *path, struct rs_histogram *h,
		      struct rs_err *err)
{
	const json_t *list = json_object_get(o, "latency_ns"), *row;
	size_t i;

	if (!json_is_array(list))
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\":1: no \"latency_ns\"", path);
	json_array_foreach(list, i, row) {
		const json_int_t lo = json_integer_value(json_array_get(row, 0));
		const json_int_t n = json_integer_value(json_array_get(row, 2));

		if (json_array_size(row) != 3 || lo < 0 || n <= 0)
			return rs_err_set(err, RS_ERR_FAILED,
					  "\"%s\":1: \"latency_ns\"[%zu] is not [low, high, count]", path, i);
		h->count[rs_histogram_slot_of(lo)] += (uint64_t)n;
		h->n += (uint64_t)n;
	}
	h->min_ns = json_integer_value(json_object_get(o, "latency_min_ns"));
	h->max_ns = json_integer_value(json_object_get(o, "latency_max_ns"));
	return 0;
}

/* The last second is cut by the end. */
static int is_whole(size_t i, double elapsed_s)
{
	return (double)(i + 1) <= elapsed_s;
}

static void take_seconds(const json_t *o, struct result *r)
{
	const json_t *row;
	size_t i;

	r->slowest = r->fastest = -1;
	json_array_foreach(json_object_get(o, "seconds"), i, row) {
		const double done = json_number_value(json_array_get(row, 0));

		if (!is_whole(i, r->elapsed_s))
			return;
		r->slowest = i == 0 || done < r->slowest ? done : r->slowest;
		r->fastest = i == 0 || done > r->fastest ? done : r->fastest;
	}
}

static void take_failures(const json_t *failed, const char *path, struct result *r,
			  struct rs_err *err)
{
	size_t at = 0;

	for (int f = 0; f < RS_LOAD_FAILURES; f++) {
		const char *name = rs_load_failure_name((enum rs_load_failure)f);
		const double n = number(failed, name, path, err);

		r->failed += n;
		if (n > 0 && at < sizeof(r->kinds))
			at += (size_t)snprintf(r->kinds + at, sizeof(r->kinds) - at, "%s%s %.0f",
					       at > 0 ? ", " : "", name, n);
	}
}

static int take_object(const json_t *o, const char *path, struct result *r, struct rs_err *err)
{
	struct rs_err lacking = RS_ERR_INIT;
	const char *first = json_string_value(json_object_get(o, "first_error"));

	r->done = number(o, "done", path, &lacking);
	r->elapsed_s = number(o, "elapsed_ns", path, &lacking) / 1e9;
	r->busy_s = number(o, "busy_ns", path, &lacking) / 1e9;
	r->body_mb = number(o, "body_bytes", path, &lacking) / RS_WEB_MB;
	r->header_mb = number(o, "header_bytes", path, &lacking) / RS_WEB_MB;
	r->min_s = number(o, "latency_min_ns", path, &lacking) / 1e9;
	r->max_s = number(o, "latency_max_ns", path, &lacking) / 1e9;
	r->sum_s = number(o, "latency_sum_ns", path, &lacking) / 1e9;
	r->cpu_s = (number(o, "user_ns", path, &lacking) + number(o, "system_ns", path, &lacking)) /
		   1e9;
	r->late = number(o, "late", path, &lacking);
	r->connections = number(o, "connections_opened", path, &lacking);
	take_failures(json_object_get(o, "failed"), path, r, &lacking);
	snprintf(r->first_error, sizeof(r->first_error), "%s", first != NULL ? first : "");
	if (lacking.kind != RS_ERR_NONE)
		return rs_err_set(err, lacking.kind, "%s", lacking.text);
	if (!(r->elapsed_s > 0))
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\":1: no time passed", path);
	take_seconds(o, r);
	return take_slots(o, path, r->latency, err);
}

static int check(const struct result *r, const char *guest, const struct rs_sink *sink,
		 struct rs_err *err)
{
	if (r->done <= 0)
		return rs_err_set(err, RS_ERR_FAILED, "no request was answered, %.0f failed%s%s", r->failed,
				  r->first_error[0] != '\0' ? ": " : "", r->first_error);
	if (r->failed > RS_WEB_FAILED_SHARE_MAX * (r->done + r->failed))
		return rs_err_set(err, RS_ERR_FAILED, "%.0f of %.0f requests failed (%s): %s",
				  r->failed, r->done + r->failed, r->kinds, r->first_error);
	if (r->failed > 0 &&
	    rs_bench_warn(sink, err, "guest \"%s\": %.0f of %.0f requests failed (%s): %s", guest,
			  r->failed, r->done + r->failed, r->kinds, r->first_error) < 0)
		return -1;
	if (r->late > 0)
		return rs_bench_warn(sink, err,
				     "guest \"%s\": %.0f requests were due and never sent: the rate is more "
				     "than the server or the connections allow",
				     guest, r->late);
	return 0;
}

static double quantile_ms(const struct rs_histogram *h, double p)
{
	const int64_t ns = rs_histogram_quantile(h, p);

	return (double)ns / 1e6;
}

static int give(const struct result *r, const char *guest, const struct rs_sink *sink,
		struct rs_err *err)
{
	const struct rs_histogram *h = r->latency;
	const struct {
		const char *metric, *unit;
		double value;
	} all[] = {
		{ "transactions", "hits", r->done },
		{ "availability", "%", 100 * r->done / (r->done + r->failed) },
		{ "elapsed-time", "s", r->elapsed_s },
		{ "data", "MB", r->body_mb },
		{ "response-time", "s", r->sum_s / r->done },
		{ "transaction-rate", "trans/s", r->done / r->elapsed_s },
		{ "throughput", "MB/s", r->body_mb / r->elapsed_s },
		{ "concurrency", "requests", r->busy_s / r->elapsed_s },
		{ "failed-transactions", "hits", r->failed },
		{ "longest-transaction", "s", r->max_s },
		{ "shortest-transaction", "s", r->min_s },
		{ "latency-p1", "ms", quantile_ms(h, 0.01) },
		{ "latency-p5", "ms", quantile_ms(h, 0.05) },
		{ "latency-p10", "ms", quantile_ms(h, 0.1) },
		{ "latency-p20", "ms", quantile_ms(h, 0.2) },
		{ "latency-p30", "ms", quantile_ms(h, 0.3) },
		{ "latency-p40", "ms", quantile_ms(h, 0.4) },
		{ "latency-p50", "ms", quantile_ms(h, 0.5) },
		{ "latency-p60", "ms", quantile_ms(h, 0.6) },
		{ "latency-p70", "ms", quantile_ms(h, 0.7) },
		{ "latency-p80", "ms", quantile_ms(h, 0.8) },
		{ "latency-p90", "ms", quantile_ms(h, 0.9) },
		{ "latency-p95", "ms", quantile_ms(h, 0.95) },
		{ "latency-p99", "ms", quantile_ms(h, 0.99) },
		{ "latency-p99.9", "ms", quantile_ms(h, 0.999) },
		{ "latency-p99.99", "ms", quantile_ms(h, 0.9999) },
		{ "header-data", "MB", r->header_mb },
		{ "connections-opened", "connections", r->connections },
		{ "generator-time", "us", 1e6 * r->cpu_s / r->done },
	};

	if (r->slowest >= 0 &&
	    (rs_bench_sample(sink, guest, "slowest-second", "hits", r->slowest, err) < 0 ||
	     rs_bench_sample(sink, guest, "fastest-second", "hits", r->fastest, err) < 0))
		return -1;
	for (size_t i = 0; i < RS_COUNT(all); i++)
		if (rs_bench_sample(sink, guest, all[i].metric, all[i].unit, all[i].value, err) < 0)
			return -1;
	return 0;
}

static json_t *load(const char *path, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	json_error_t bad;
	json_t *o;

	if (rs_path_read(path, RS_RAW_MAX, &text, err) < 0)
		return NULL;
	o = json_loadb(rs_buf_str(&text), text.len, 0, &bad);
	if (o == NULL)
		rs_err_set(err, RS_ERR_FAILED, "\"%s\":%d: not a JSON object: %s", path, bad.line,
			   bad.text);
	return o;
}

static int copy_seconds(const json_t *o, struct rs_second **ret, size_t *ret_n, struct rs_err *err)
{
	const json_t *list = json_object_get(o, "seconds"), *row;
	const double elapsed_s = json_number_value(json_object_get(o, "elapsed_ns")) / 1e9;
	size_t i;

	*ret_n = 0;
	*ret = rs_alloc(json_array_size(list) + 1, sizeof(**ret), err);
	if (*ret == NULL)
		return -1;
	json_array_foreach(list, i, row) {
		if (!is_whole(i, elapsed_s))
			break;
		(*ret)[(*ret_n)++] = (struct rs_second){
			json_number_value(json_array_get(row, 0)), json_number_value(json_array_get(row, 1)),
			json_number_value(json_array_get(row, 2)) / 1e3 };
	}
	return 0;
}

int rs_bench_seconds(const char *folder, struct rs_second **ret, size_t *ret_n, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(folder, "result.json", err);
	json_t *o = path == NULL ? NULL : load(path, err);
	int rc;

	if (o == NULL)
		return -1;
	rc = copy_seconds(o, ret, ret_n, err);
	json_decref(o);
	return rc;
}

int rs_httpload_read(const struct rs_benchmark *b, const char *guest, const char *folder,
		     const struct rs_sink *sink, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(folder, "result.json", err);
	json_t *o = path == NULL ? NULL : load(path, err);
	struct result r;
	int rc;

	(void)b;
	memset(&r, 0, sizeof(r));
	if (o == NULL)
		return -1;
	r.latency = rs_alloc(1, sizeof(*r.latency), err);
	rc = r.latency == NULL ? -1 : take_object(o, path, &r, err);
	json_decref(o);
	if (rc == 0)
		rc = check(&r, guest, sink, err);
	if (rc == 0)
		rc = give(&r, guest, sink, err);
	free(r.latency);
	return rc;
}
