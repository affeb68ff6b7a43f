/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads what restudy-kernels printed: a file per test, TEST.json, one JSON object on
 * its first line.
 */
#include "bench_priv.h"

#include <math.h>
#include <string.h>

#include <jansson.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

static int read_object(const char *path, json_t **ret, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	json_error_t bad;

	if (rs_path_read(path, RS_RAW_MAX, &text, err) < 0)
		return -1;
	if (text.len == 0)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\":1: empty: the test printed nothing",
				  path);
	*ret = json_loadb(rs_buf_str(&text), text.len, JSON_REJECT_DUPLICATES, &bad);
	if (*ret == NULL)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\":%d: not a JSON object: %s", path,
				  bad.line, bad.text);
	return 0;
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

static int take(const struct rs_benchmark *b, const char *guest, const char *path,
		const struct rs_metric *m, const json_t *o, const struct rs_sink *sink,
		struct rs_err *err)
{
	double value = 0;

	if (is_left_out(b, o))
		return rs_bench_note(sink, err, "guest \"%s\": %s left out: %s", guest, m->id,
				     text_of(o, "error"));
	if (check_object(path, o, m, &value, err) < 0 ||
	    rs_bench_sample(sink, guest, m->id, m->unit, value, err) < 0)
		return -1;
	if ((strcmp(m->id, "spawn") == 0 || strcmp(m->id, "execl") == 0) &&
	    strcmp(text_of(o, "linkage"), "static") == 0)
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
	json_t *o = NULL;
	int rc;

	if (path == NULL)
		return -1;
	if (m == NULL)
		return rs_err_set(err, RS_ERR_PLAN, "no test \"%s\"", test);
	if (read_object(path, &o, err) < 0)
		return -1;
	rc = take(b, guest, path, m, o, sink, err);
	json_decref(o);
	return rc;
}

int rs_kernels_read(const struct rs_benchmark *b, const char *guest, const char *folder,
		    const struct rs_sink *sink, struct rs_err *err)
{
	int rc = 0;

	/* All of them, also after a failure: what was measured is kept. */
	for (size_t i = 0; i < rs_unix_n_asked(b); i++)
		if (read_test(b, guest, folder, rs_unix_asked(b, i), sink, err) < 0)
			rc = -1;
	return rc;
}
