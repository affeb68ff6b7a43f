/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads what restudy-kernels printed: a file per test, TEST.json, one JSON object a line, a
 * line for each run.  Several runs become one value by the rule of UnixBench 4.1.0 (report.awk:
 * the geometric mean of all) or of 5.x and 6.x (Run, combinePassResults: sorted by count,
 * the worst third dropped, the geometric mean of the rest).
 */
#include "bench_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

enum { RUNS_MAX = 10 };

int rs_kernels_runs(const struct rs_benchmark *b, const char *test)
{
	static const char *const often[] = { "dhry2reg", "whetstone-double", "syscall", "pipe",
					     "context1" };

	if (b->repetition == RS_REPETITION_ONCE)
		return 1;
	for (size_t i = 0; i < RS_COUNT(often); i++)
		if (strcmp(often[i], test) == 0)
			return RUNS_MAX;
	return 3;
}

static int parse(const char *path, int line, const char *text, size_t n, json_t **ret,
		 struct rs_err *err)
{
	json_error_t bad;

	*ret = json_loadb(text, n, JSON_REJECT_DUPLICATES, &bad);
	if (*ret == NULL)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\":%d: not a JSON object: %s", path,
				  line + bad.line, bad.text);
	return 0;
}

/* The objects of a file, as many as runs were asked for; a failure ends them early. */
static int read_objects(const char *path, int runs, json_t **ret, int *n, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	const char *at;

	*n = 0;
	if (rs_path_read(path, RS_RAW_MAX, &text, err) < 0)
		return -1;
	if (text.len == 0)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\":1: empty: the test printed nothing",
				  path);
	if (runs == 1) {
		*n = 1;
		return parse(path, 0, rs_buf_str(&text), text.len, &ret[0], err);
	}
	for (at = rs_buf_str(&text); *at != '\0' && *n < runs; at += strcspn(at, "\n"), at += *at == '\n') {
		if (parse(path, *n, at, strcspn(at, "\n"), &ret[*n], err) < 0)
			return -1;
		if (json_object_get(ret[(*n)++], "error") != NULL)
			return 0;
	}
	if (*n == runs && *at == '\0')
		return 0;
	return rs_err_set(err, RS_ERR_FAILED, "\"%s\":%d: expected %d runs", path, *n + 1, runs);
}

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

/* Whether the object is this metric's result; the value in *value. */
static int check_object(const char *path, const json_t *o, const struct rs_metric *m,
			double *value, struct rs_err *err)
{
	const json_t *v = json_object_get(o, "value");

	if (strcmp(text_of(o, "test"), m->id) != 0)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\":1: test \"%s\", expected \"%s\"", path,
				  text_of(o, "test"), m->id);
	if (json_object_get(o, "error") != NULL)
		return rs_err_set(err, RS_ERR_FAILED, "%s: %s", m->id, text_of(o, "error"));
	if (strcmp(text_of(o, "unit"), m->unit) != 0)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\":1: unit \"%s\", expected \"%s\"", path,
				  text_of(o, "unit"), m->unit);
	if (!json_is_number(v) || !isfinite(json_number_value(v)) || json_number_value(v) <= 0)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\":1: no positive \"value\"", path);
	*value = json_number_value(v);
	return 0;
}

/* A test whose program the guest lacks, when all tests were asked for, is left out. */
static int is_left_out(const struct rs_benchmark *b, const json_t *o)
{
	return b->n_tests == 0 && json_object_get(o, "missing") != NULL;
}

struct run {
	double loops, value;
};

static int by_loops(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	return (x->loops > y->loops) - (x->loops < y->loops);
}

/* One value of n runs, which are sorted here. */
static double combine(enum rs_repetition rule, struct run *runs, int n)
{
	double sum = 0;
	int first = 0;

	switch (rule) {
	case RS_REPETITION_ONCE:
		return runs[0].value;
	case RS_REPETITION_UNIXBENCH_4:
		break;
	case RS_REPETITION_UNIXBENCH_5:
		qsort(runs, (size_t)n, sizeof(*runs), by_loops);
		first = n / 3;
		break;
	case RS_REPETITION_LAST:
		break;
	}
	for (int i = first; i < n; i++)
		sum += log(runs[i].value);
	return exp(sum / (n - first));
}

static int take(const struct rs_benchmark *b, const char *guest, const char *path,
		const struct rs_metric *m, json_t *const *o, int n, const struct rs_sink *sink,
		struct rs_err *err)
{
	struct run runs[RUNS_MAX];

	if (is_left_out(b, o[n - 1]))
		return rs_bench_note(sink, err, "guest \"%s\": %s left out: %s", guest, m->id,
				     text_of(o[n - 1], "error"));
	for (int i = 0; i < n; i++) {
		if (check_object(path, o[i], m, &runs[i].value, err) < 0)
			return -1;
		runs[i].loops = json_number_value(json_object_get(o[i], "loops"));
	}
	if (rs_bench_sample(sink, guest, m->id, m->unit, combine(b->repetition, runs, n), err) < 0)
		return -1;
	if ((strcmp(m->id, "spawn") == 0 || strcmp(m->id, "execl") == 0) &&
	    strcmp(text_of(o[0], "linkage"), "static") == 0)
		return rs_bench_note(sink, err,
				     "guest \"%s\": %s by a statically linked program, since the dynamic one "
				     "does not run there: it costs less than UnixBench's",
				     guest, m->id);
	return 0;
}

static int read_test(const struct rs_benchmark *b, const char *guest, const char *folder,
		     const char *test, const struct rs_sink *sink, struct rs_err *err)
{
	const struct rs_metric *m = rs_unix_metric(test);
	RS_AUTO_STR *path = rs_raw_path(folder, test, ".json", err);
	json_t *o[RUNS_MAX] = { NULL };
	int rc, n = 0;

	if (path == NULL)
		return -1;
	if (m == NULL)
		return rs_err_set(err, RS_ERR_PLAN, "no test \"%s\"", test);
	rc = read_objects(path, rs_kernels_runs(b, test), o, &n, err);
	if (rc == 0)
		rc = take(b, guest, path, m, o, n, sink, err);
	for (int i = 0; i < RUNS_MAX; i++)
		json_decref(o[i]);
	return rc;
}

/* By which rule several runs became one value. */
static int note_rule(const struct rs_benchmark *b, const char *guest, const struct rs_sink *sink,
		     struct rs_err *err)
{
	if (b->repetition == RS_REPETITION_ONCE)
		return 0;
	return rs_bench_note(sink, err, "guest \"%s\": tests repeated and put together as by UnixBench %s: "
			     "10 or 3 runs, the geometric mean of %s", guest,
			     b->repetition == RS_REPETITION_UNIXBENCH_4 ? "4.1.0" : "5.x and 6.x",
			     b->repetition == RS_REPETITION_UNIXBENCH_4 ? "all" : "all but the worst third");
}

int64_t rs_kernels_start_ns(const char *folder, const char *test)
{
	RS_AUTO_STR *path = rs_raw_path(folder, test, ".json", NULL);
	RS_AUTO_BUF text = RS_BUF_INIT;
	const json_t *v;
	json_t *o;
	int64_t ns;

	if (path == NULL || rs_path_read(path, RS_RAW_MAX, &text, NULL) < 0)
		return -1;
	o = json_loadb(rs_buf_str(&text), strcspn(rs_buf_str(&text), "\n"), 0, NULL);
	v = json_object_get(o, "start_wall_ns");
	ns = json_is_integer(v) ? (int64_t)json_integer_value(v) : -1;
	json_decref(o);
	return ns;
}

int rs_kernels_read(const struct rs_benchmark *b, const char *guest, const char *folder,
		    const struct rs_sink *sink, struct rs_err *err)
{
	int rc = 0;

	/* All of them, also after a failure: what was measured is kept. */
	for (size_t i = 0; i < rs_unix_n_asked(b); i++)
		if (read_test(b, guest, folder, rs_unix_asked(b, i), sink, err) < 0)
			rc = -1;
	return note_rule(b, guest, sink, err) < 0 ? -1 : rc;
}
