/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tidy CSV as "restudy export csv" prints it: RFC 4180, columns found by their names in the
 * first line, in any order.  "guests" may be lacking: then it is the number of guests seen.
 */
#include "exchange_priv.h"

#include <math.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"

enum column { C_SYSTEM, C_GUESTS, C_GUEST, C_BENCHMARK, C_METRIC, C_UNIT, C_TRIAL, C_VALUE, C_LAST };

static const char *const column_name[] = {
	[C_SYSTEM] = "system",	     [C_GUESTS] = "guests", [C_GUEST] = "guest",
	[C_BENCHMARK] = "benchmark", [C_METRIC] = "metric", [C_UNIT] = "unit",
	[C_TRIAL] = "trial",	     [C_VALUE] = "value",
};
_Static_assert(RS_COUNT(column_name) == C_LAST, "name every column");

enum { MAX_COLUMNS = 64, FIELD_MAX = 200 };

struct table {
	struct rs_reading *in;
	const char *at;
	int line;
	int column[MAX_COLUMNS];	/* enum column, or -1: none of ours */
	int n_columns;
	char field[C_LAST][FIELD_MAX];	/* of the row that is read */
};

/* What export puts before text that a spreadsheet would take for a formula. */
static const char *without_guard(const char *s)
{
	return s[0] == '\'' && s[1] != '\0' && strchr("=+-@\t\r", s[1]) != NULL ? s + 1 : s;
}

/* One field into b; *end: what ended it, ',' or '\n' or '\0'. */
static int take_field(struct table *t, struct rs_buf *b, int *end, struct rs_err *err)
{
	const char *s = t->at;
	const int first = t->line, quoted = *s == '"';

	rs_buf_clear(b);
	if (quoted) {
		for (s++; *s != '"' || s[1] == '"'; s++) {
			if (*s == '\0')
				return rs_expected(t->in, first, err, "a \" that ends the quoted field");
			t->line += *s == '\n';
			s += *s == '"';
			rs_buf_addc(b, *s);
		}
		s++;
	} else {
		const size_t n = strcspn(s, ",\r\n\"");

		rs_buf_add(b, s, n);
		s += n;
	}
	if (*s == '\r' && (s[1] == '\n' || s[1] == '\0'))
		s++;
	if (*s != ',' && *s != '\n' && *s != '\0')
		return rs_expected(t->in, t->line, err, "a comma or the line's end after a field");
	*end = *s;
	t->at = *s != '\0' ? s + 1 : s;
	return rs_buf_check(b, err);
}

static int read_head(struct table *t, struct rs_err *err)
{
	RS_AUTO_BUF b = RS_BUF_INIT;
	int end = ',', seen[C_LAST] = { 0 };

	while (end == ',') {
		if (t->n_columns == MAX_COLUMNS)
			return rs_expected(t->in, 1, err, "at most %d columns", MAX_COLUMNS);
		if (take_field(t, &b, &end, err) < 0)
			return -1;
		t->column[t->n_columns] = -1;
		for (int c = 0; c < C_LAST; c++)
			if (strcmp(rs_buf_str(&b), column_name[c]) == 0) {
				if (seen[c]++)
					return rs_expected(t->in, 1, err, "one column \"%s\"", column_name[c]);
				t->column[t->n_columns] = c;
			}
		t->n_columns++;
	}
	for (int c = 0; c < C_LAST; c++)
		if (!seen[c] && c != C_GUESTS)
			return rs_expected(t->in, 1, err, "a column \"%s\": the first line names system, "
					   "guest, benchmark, metric, unit, trial, value", column_name[c]);
	return 0;
}

static int take_row(struct table *t, struct rs_err *err)
{
	RS_AUTO_BUF b = RS_BUF_INIT;
	const int line = t->line;
	int end = ',', i;

	for (i = 0; end == ','; i++) {
		if (i == t->n_columns)
			return rs_expected(t->in, line, err, "%d fields as in the first line, not more",
					   t->n_columns);
		if (take_field(t, &b, &end, err) < 0)
			return -1;
		if (t->column[i] < 0)
			continue;
		if (b.len >= FIELD_MAX)
			return rs_expected(t->in, line, err, "at most %d bytes as %s", FIELD_MAX - 1,
					   column_name[t->column[i]]);
		rs_copy_text(t->field[t->column[i]], FIELD_MAX, without_guard(rs_buf_str(&b)));
	}
	if (i < t->n_columns)
		return rs_expected(t->in, line, err, "%d fields as in the first line, not %d",
				   t->n_columns, i);
	return 0;
}

/* Ids that will be names of folders and of the plan. */
static int check_names(const struct table *t, int line, struct rs_err *err)
{
	static const enum column names[] = { C_SYSTEM, C_GUEST, C_BENCHMARK, C_METRIC };

	for (size_t i = 0; i < RS_COUNT(names); i++)
		if (!rs_path_is_plain_name(t->field[names[i]]) || strlen(t->field[names[i]]) > 63)
			return rs_expected(t->in, line, err, "as %s at most 63 letters, digits and . _ + -, "
					   "not \"%.60s\"", column_name[names[i]], t->field[names[i]]);
	if (t->field[C_UNIT][0] == '\0' || strlen(t->field[C_UNIT]) > 31 ||
	    !rs_is_plain_text(t->field[C_UNIT]))
		return rs_expected(t->in, line, err, "a unit of at most 31 bytes of UTF-8");
	return 0;
}

static int keep_row(struct table *t, int line, struct rs_err *err)
{
	struct rs_cell cell = { .guests = -1 };
	struct rs_sample s = { .value = 0 };
	struct rs_measure m = { .better = -1 };
	int64_t trial = 0, guests = -1;

	if (check_names(t, line, err) < 0)
		return -1;
	if (rs_parse_i64(t->field[C_TRIAL], 1, 10000, &trial, NULL) < 0)
		return rs_expected(t->in, line, err, "a trial from 1 to 10000, not \"%.40s\"",
				   t->field[C_TRIAL]);
	if (t->field[C_GUESTS][0] != '\0' &&
	    rs_parse_i64(t->field[C_GUESTS], 0, 10000, &guests, NULL) < 0)
		return rs_expected(t->in, line, err, "a number of guests, not \"%.40s\"",
				   t->field[C_GUESTS]);
	if (rs_parse_double(t->field[C_VALUE], &s.value, NULL) < 0 || !isfinite(s.value))
		return rs_expected(t->in, line, err, "a finite number as value, not \"%.40s\"",
				   t->field[C_VALUE]);
	if (rs_records_system(t->in->out, t->field[C_SYSTEM], err) == NULL ||
	    rs_records_benchmark(t->in->out, t->field[C_BENCHMARK], -1, err) == NULL)
		return -1;
	rs_copy_text(cell.system, sizeof(cell.system), t->field[C_SYSTEM]);
	rs_copy_text(cell.benchmark, sizeof(cell.benchmark), t->field[C_BENCHMARK]);
	cell.guests = (int)guests;
	cell.trial = (int)trial;
	rs_copy_text(s.guest, sizeof(s.guest), t->field[C_GUEST]);
	rs_copy_text(s.metric, sizeof(s.metric), t->field[C_METRIC]);
	rs_copy_text(s.unit, sizeof(s.unit), t->field[C_UNIT]);
	rs_copy_text(m.benchmark, sizeof(m.benchmark), cell.benchmark);
	rs_copy_text(m.id, sizeof(m.id), s.metric);
	rs_copy_text(m.unit, sizeof(m.unit), s.unit);
	if (rs_records_measure(t->in, line, &m, err) < 0)
		return -1;
	return rs_records_add(t->in, line, &cell, &s, err);
}

int rs_read_csv(struct rs_reading *in, struct rs_err *err)
{
	struct table t = { .in = in, .at = in->text, .line = 1 };

	if (in->benchmark != NULL)
		return rs_err_set(err, RS_ERR_USAGE, "CSV names its benchmarks itself: leave \"--benchmark %s\" out",
				  in->benchmark);
	if (read_head(&t, err) < 0)
		return -1;
	while (*t.at != '\0') {
		const int line = ++t.line;

		if (*t.at == '\n') {
			t.at++;
			continue;
		}
		if (take_row(&t, err) < 0 || keep_row(&t, line, err) < 0)
			return -1;
	}
	if (in->out->n == 0)
		return rs_expected(in, t.line, err, "a row below the first line");
	return rs_expected_end(in, err);
}
