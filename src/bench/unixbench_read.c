/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the files of UnixBench.  Every format is told line by line: a line of a test
 * begins with the test's title, whatever the file; what surrounds it (version, number of
 * copies, tables of the index) sets what the line means.
 */
#include "unixbench_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"

#define MAX_COPIES 4096

/* Where a reader stands in a file. */
struct reader {
	struct rs_unixbench found;
	const char *where;
	int line;
	int copies;		/* of the section we are in */
	int test;		/* of the block of a .log we are in, or -1 */
	int csv[64];		/* test of each column of a .csv; -1: none of ours */
	int n_csv;
	int known;		/* lines that only UnixBench writes */
	struct rs_err *err;
};

void rs_unixbench_init(struct rs_unixbench *u, int copies)
{
	memset(u, 0, sizeof(*u));
	u->copies = copies > 0 ? copies : 1;
	u->own_index = (double)NAN;
}

static int begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

static int bad_line(const struct reader *r, const char *expected)
{
	return rs_err_set(r->err, RS_ERR_FAILED, "\"%s\":%d: expected %s", r->where, r->line,
			  expected);
}

/* Titles that changed after 4.1.0. */
static const struct {
	const char *title, *id;
} later_titles[] = {
	{ "Arithmetic Test (double)", "double" },
	{ "Arithmetic Test (float)", "float" },
	{ "Arithmetic Test (int)", "int" },
	{ "Arithmetic Test (long)", "long" },
	{ "Arithmetic Test (short)", "short" },
	{ "C Compiler Throughput (cc)", "C" },
	{ "C Compiler Throughput (gcc)", "C" },
	{ "Recursion Test -- Tower of Hanoi", "hanoi" },
};

/* The test whose title begins the line, and what follows it; -1: none. */
static int test_of(const char *line, const char **rest)
{
	for (size_t i = 0; i < RS_COUNT(later_titles); i++)
		if (begins(line, later_titles[i].title)) {
			*rest = line + strlen(later_titles[i].title);
			return (int)(rs_unix_metric(later_titles[i].id) - rs_unix_metrics);
		}
	for (int i = 0; i < RS_UNIX_N_METRICS; i++) {
		const char *title = rs_unix_metrics[i].title;

		if (begins(line, title)) {
			*rest = line + strlen(title);
			return i;
		}
	}
	return -1;
}

static void keep(struct reader *r, int test, enum rs_ub_state state, double value)
{
	if (r->copies != r->found.copies)
		return;
	r->found.state[test] = state;
	r->found.value[test] = value;
}

/* A new run in the same file: what went before is another run. */
static void start_over(struct reader *r)
{
	const int copies = r->found.copies;

	rs_unixbench_init(&r->found, copies);
	r->test = -1;
	r->copies = 1;
}

static int number_at(const char **at, double *ret)
{
	const char *end;

	*at += strspn(*at, " \t");
	if (rs_scan_double(*at, &end, ret) < 0 || !isfinite(*ret))
		return -1;
	*at = end + strspn(end, " \t");
	return 0;
}

/* results/log of 4.1.0: |secs|unit|arithmetic mean|geometric mean|samples */
static int log_fields(struct reader *r, int test, const char *rest)
{
	double seconds, arithmetic, geometric, n;
	const char *unit;

	if (strstr(rest, "no measured results") != NULL) {
		keep(r, test, RS_UB_NO_RESULT, 0);
		return 0;
	}
	rest++;
	if (number_at(&rest, &seconds) < 0 || *rest != '|')
		return bad_line(r, "\"title|seconds|unit|mean|geometric mean|samples\"");
	unit = rest + 1;
	rest = strchr(unit, '|');
	if (rest == NULL || strlen(rs_unix_metrics[test].unit) != (size_t)(rest - unit) ||
	    !begins(unit, rs_unix_metrics[test].unit))
		return bad_line(r, "the test's unit in the third field");
	rest++;
	if (number_at(&rest, &arithmetic) < 0 || *rest++ != '|' || number_at(&rest, &geometric) < 0 ||
	    *rest++ != '|' || number_at(&rest, &n) < 0)
		return bad_line(r, "mean, geometric mean and samples in the last three fields");
	/* 0 loops: the geometric mean of nothing prints as 1.0. */
	keep(r, test, arithmetic > 0 && geometric > 0 ? RS_UB_MEASURED : RS_UB_ZERO_LOOPS,
	     geometric);
	return 0;
}

/* A row of a report: value, unit, "(secs, samples)"; or of the index: three numbers. */
static int report_fields(struct reader *r, int test, const char *rest)
{
	const char *unit = rs_unix_metrics[test].unit;
	double value, result, index, seconds;

	if (strstr(rest, "no measured results") != NULL) {
		keep(r, test, RS_UB_NO_RESULT, 0);
		return 0;
	}
	if (begins(rest + strspn(rest, " "), "---"))
		return 0;	/* in the table of the index, but without a baseline */
	if (number_at(&rest, &value) < 0)
		return bad_line(r, "a number after the test's title");
	if (number_at(&rest, &result) == 0) {
		if (number_at(&rest, &index) < 0)
			return bad_line(r, "baseline, result and index");
		if (r->copies == r->found.copies)
			r->found.indexed[test] = 1;
		return 0;
	}
	if (!begins(rest, unit))
		return bad_line(r, "the test's unit after its value");
	rest += strlen(unit);
	rest += strspn(rest, " \t");
	if (*rest++ != '(' || number_at(&rest, &seconds) < 0)
		return bad_line(r, "\"(seconds, samples)\" after the unit");
	keep(r, test, seconds > 0 && value > 0 ? RS_UB_MEASURED : RS_UB_ZERO_LOOPS, value);
	return 0;
}

/* " -- 2 copies": the block of a test in a .log */
static int block_title(struct reader *r, int test, const char *rest)
{
	double copies;

	rest += strlen(" -- ");
	if (number_at(&rest, &copies) < 0 || copies < 1 || copies > MAX_COPIES)
		return bad_line(r, "the number of copies");
	r->test = test;
	r->copies = (int)copies;
	keep(r, test, RS_UB_NO_RESULT, 0);	/* until its score comes */
	r->found.lacks = ">>>> score:";
	return 0;
}

static int block_line(struct reader *r, const char *line)
{
	static const char score[] = ">>>> score:", count[] = "# COUNT0:";
	const int is_count = begins(line, count);
	const char *at = line + (is_count ? sizeof(count) : sizeof(score)) - 1;
	double value;

	if (!is_count && !begins(line, score))
		return 0;
	if (number_at(&at, &value) < 0)
		return bad_line(r, is_count ? "a number after \"# COUNT0:\""
					    : "a number after \">>>> score:\"");
	/* 5.x breaks off before the score of a test that did nothing. */
	if (!is_count || value <= 0) {
		r->found.lacks = NULL;
		keep(r, r->test, value > 0 ? RS_UB_MEASURED : RS_UB_ZERO_LOOPS, value);
	}
	return 0;
}

/* "2 CPUs in system; running 1 parallel copy of tests" */
static int copies_line(struct reader *r, const char *line)
{
	const char *at = strstr(line, "; running ");
	double copies;

	if (at == NULL || strstr(at, "parallel cop") == NULL)
		return 0;
	at += strlen("; running ");
	if (number_at(&at, &copies) < 0 || copies < 1 || copies > MAX_COPIES)
		return bad_line(r, "the number of parallel copies");
	r->copies = (int)copies;
	r->known++;
	return 0;
}

static int index_line(struct reader *r, const char *line)
{
	const char *at = strstr(line, "FINAL SCORE");
	double value;

	if (at != NULL)
		at += strlen("FINAL SCORE");
	else if (begins(line, "System Benchmarks Index Score"))
		at = line + strcspn(line, "0123456789");
	if (at == NULL || *at == '\0')
		return 0;
	r->found.lacks = NULL;
	/* No test of those that ran counts for it. */
	at += strspn(at, " \t-");
	if (begins(at, "nan"))
		return 0;
	if (number_at(&at, &value) < 0)
		return bad_line(r, "the index");
	if (r->copies == r->found.copies)
		r->found.own_index = value;
	return 0;
}

static int other_line(struct reader *r, const char *line)
{
	static const char banner[] = "BYTE UNIX Benchmarks (Version ";
	const char *at = strstr(line, banner);

	if (at != NULL) {
		start_over(r);
		r->found.version = at[sizeof(banner) - 1] - '0';
		/* 4.1.0 says where it ends: a log by its date, a report by its index. */
		if (r->found.version == 4)
			r->found.lacks = line[0] == '|' ? "End Benchmark Run" : "FINAL SCORE";
		r->known++;
		return 0;
	}
	if (strstr(line, "Benchmark Aborted") != NULL)
		r->found.aborted = 1;
	if (begins(line, "End Benchmark Run") && line[0] != '|')
		r->found.lacks = NULL;
	if (begins(line, "Benchmark Run:"))
		r->test = -1;
	if (copies_line(r, line) < 0 || index_line(r, line) < 0)
		return -1;
	return r->test >= 0 ? block_line(r, line) : 0;
}

/* "Concurrency,title,title,..." */
static void csv_head(struct reader *r, const char *line)
{
	for (r->n_csv = 0; (line = strchr(line, ',')) != NULL; r->n_csv++) {
		const char *rest = NULL;

		line++;
		if (r->n_csv == (int)RS_COUNT(r->csv))
			return;
		r->csv[r->n_csv] = test_of(line, &rest);
		r->known++;
	}
}

/* "copies,value,value,..." below such a head */
static int csv_row(struct reader *r, const char *line)
{
	double value;
	const char *at = line;

	if (number_at(&at, &value) < 0 || value < 1 || value > MAX_COPIES)
		return bad_line(r, "the number of copies in the first column");
	r->copies = (int)value;
	for (int i = 0; i < r->n_csv; i++) {
		if (*at++ != ',')
			return bad_line(r, "as many columns as the first line names");
		if (*at == ',' || *at == '\0')
			continue;	/* a test that gave nothing */
		if (number_at(&at, &value) < 0)
			return bad_line(r, "a number in every column");
		if (r->csv[i] >= 0)
			keep(r, r->csv[i], value > 0 ? RS_UB_MEASURED : RS_UB_ZERO_LOOPS, value);
	}
	return 0;
}

static int one_line(struct reader *r, const char *line)
{
	const char *rest = NULL;
	const int test = test_of(line, &rest);

	if (begins(line, "Concurrency,")) {
		csv_head(r, line);
		return 0;
	}
	if (r->n_csv > 0 && line[0] != '\0')
		return csv_row(r, line);
	if (test < 0)
		return other_line(r, line);
	r->known++;
	if (*rest == '|')
		return log_fields(r, test, rest);
	if (begins(rest, " -- "))
		return block_title(r, test, rest);
	return report_fields(r, test, rest);
}

/* What a file found first stays: the caller reads the more exact files first. */
static void merge(struct rs_unixbench *u, const struct rs_unixbench *one)
{
	u->lacks = one->lacks;
	if (u->version == 0)
		u->version = one->version;
	if (isnan(u->own_index))
		u->own_index = one->own_index;
	u->aborted |= one->aborted;
	for (int i = 0; i < RS_UNIX_N_METRICS; i++) {
		u->indexed[i] |= one->indexed[i];
		if (u->state[i] == RS_UB_ABSENT) {
			u->state[i] = one->state[i];
			u->value[i] = one->value[i];
		}
	}
}

int rs_unixbench_parse(struct rs_unixbench *u, const char *text, const char *where,
		       struct rs_err *err)
{
	struct reader r = { .where = where, .copies = 1, .test = -1, .err = err };
	RS_AUTO_BUF line = RS_BUF_INIT;

	rs_unixbench_init(&r.found, u->copies);
	while (*text != '\0') {
		const size_t n = strcspn(text, "\r\n");

		r.line++;
		rs_buf_clear(&line);
		rs_buf_add(&line, text, n);
		if (rs_buf_check(&line, err) < 0 || one_line(&r, rs_buf_str(&line)) < 0)
			return -1;
		text += n;
		text += *text == '\r';
		text += *text == '\n';
	}
	if (r.known == 0)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\":1: expected a log, a report or the CSV of "
				  "UnixBench", where);
	merge(u, &r.found);
	u->last_line = r.line;
	return 0;
}

/* One row "id,unit,baseline,since" of the base; 1: it counts, with its logarithm added. */
static int add_part(const struct rs_unixbench *u, const char *row, double *sum, struct rs_err *err)
{
	const char *comma = strchr(row, ','), *at;
	double base, since;

	at = comma != NULL ? strchr(comma + 1, ',') : NULL;
	if (at == NULL || (at++, number_at(&at, &base) < 0) || base <= 0 || *at++ != ',' ||
	    number_at(&at, &since) < 0)
		return rs_err_set(err, RS_ERR_INTERNAL, "index base: bad row \"%s\"", row);
	if (u->version < (int)since)
		return 0;
	for (int i = 0; i < RS_UNIX_N_METRICS; i++)
		if (u->state[i] == RS_UB_MEASURED &&
		    strlen(rs_unix_metrics[i].id) == (size_t)(comma - row) &&
		    begins(row, rs_unix_metrics[i].id)) {
			*sum += log(u->value[i] / base);
			return 1;
		}
	return 0;
}

int rs_unixbench_index(const struct rs_unixbench *u, double *ret, int *n, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_data("index/george.csv", err);
	RS_AUTO_BUF text = RS_BUF_INIT;
	RS_AUTO_BUF row = RS_BUF_INIT;
	double sum = 0;
	int head = 1;

	*n = 0;
	*ret = (double)NAN;
	if (path == NULL || rs_path_read(path, RS_RAW_MAX, &text, err) < 0)
		return -1;
	for (const char *l = rs_buf_str(&text); *l != '\0'; l += strcspn(l, "\n"), l += *l == '\n') {
		int one;

		if (*l == '#' || *l == '\n')
			continue;
		if (head) {
			head = 0;
			continue;
		}
		rs_buf_clear(&row);
		rs_buf_add(&row, l, strcspn(l, "\n"));
		one = rs_buf_check(&row, err) < 0 ? -1 : add_part(u, rs_buf_str(&row), &sum, err);
		if (one < 0)
			return -1;
		*n += one;
	}
	if (*n > 0)
		*ret = 10 * exp(sum / *n);
	return 0;
}
