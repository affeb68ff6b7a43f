/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CSV out of run.db: the tidy table of samples, and one file per table.  RFC 4180
 * with LF; numbers in the C locale, shortest form that reads back the same.
 */
#include "store_priv.h"

#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/out.h"
#include "restudy/base/path.h"
#include "restudy/base/text.h"

static void put_number(struct rs_out *o, double v)
{
	char text[40];

	rs_out_puts(o, rs_format_double(text, sizeof(text), v));
}

/* The fields before the trial are the same for a whole series: they are made once. */
static int tidy_series(void *user, const struct rs_series *s, struct rs_err *err)
{
	struct rs_out *out = user;
	RS_AUTO_BUF before = RS_BUF_INIT;

	rs_text_csv(&before, s->system);
	rs_buf_addf(&before, ",%d,", s->guests);
	rs_text_csv(&before, s->guest);
	rs_buf_addc(&before, ',');
	rs_text_csv(&before, s->benchmark);
	rs_buf_addc(&before, ',');
	rs_text_csv(&before, s->metric);
	rs_buf_addc(&before, ',');
	rs_text_csv(&before, s->unit);
	if (rs_buf_check(&before, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n; i++) {
		rs_out_write(out, before.data, before.len);
		rs_out_printf(out, ",%d,", s->trial[i]);
		put_number(out, s->value[i]);
		rs_out_write(out, "\n", 1);
	}
	return 0;
}

int rs_store_export_csv(struct rs_store *s, const char *path, struct rs_err *err)
{
	RS_AUTO_OUT *out = rs_out_open(path, err);

	if (out == NULL)
		return -1;
	rs_out_puts(out, "system,guests,guest,benchmark,metric,unit,trial,value\n");
	if (rs_store_visit(s, NULL, NULL, NULL, tidy_series, out, err) < 0)
		return -1;
	return rs_out_close(RS_STEAL(&out), err);
}

static void put_column(struct rs_out *o, sqlite3_stmt *stmt, int i, struct rs_buf *text)
{
	switch (sqlite3_column_type(stmt, i)) {
	case SQLITE_NULL:
		break;
	case SQLITE_INTEGER:
		rs_out_printf(o, "%lld", (long long)sqlite3_column_int64(stmt, i));
		break;
	case SQLITE_FLOAT:
		put_number(o, sqlite3_column_double(stmt, i));
		break;
	default:
		rs_buf_clear(text);
		if (sqlite3_column_text(stmt, i) == NULL)
			text->failed = 1;	/* memory ended */
		else
			rs_text_csv(text, (const char *)sqlite3_column_text(stmt, i));
		rs_out_puts(o, rs_buf_str(text));
		break;
	}
}

/* The statement that reads a table whole, in the order of its key.  Names come from the
 * dictionary alone. */
static sqlite3_stmt *read_table(struct rs_store *s, const struct rs_store_column *c, size_t n,
				struct rs_err *err)
{
	RS_AUTO_BUF sql = RS_BUF_INIT;

	rs_buf_adds(&sql, "SELECT ");
	for (size_t i = 0; i < n; i++)
		rs_buf_addf(&sql, "%s\"%s\"", i == 0 ? "" : ", ", c[i].name);
	rs_buf_addf(&sql, " FROM \"%s\" ORDER BY 1, 2", c[0].table);
	if (rs_buf_check(&sql, err) < 0)
		return NULL;
	return rs_store_prepare(s, rs_buf_str(&sql), "reading a table", err);
}

static int export_table(struct rs_store *s, const char *folder, const struct rs_store_column *c,
			size_t n, struct rs_err *err)
{
	RS_AUTO_STMT *stmt = read_table(s, c, n, err);
	RS_AUTO_STR *path = rs_asprintf(err, "%s/%s.csv", folder, c[0].table);
	RS_AUTO_OUT *out = NULL;
	RS_AUTO_BUF text = RS_BUF_INIT;
	int row = 0;

	if (stmt == NULL || path == NULL)
		return -1;
	out = rs_out_open(path, err);
	if (out == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		rs_out_printf(out, "%s%s", c[i].name, i + 1 < n ? "," : "\n");
	while (!text.failed && (row = rs_store_step(s, stmt, "reading a table", err)) == 1)
		for (size_t i = 0; i < n; i++) {
			put_column(out, stmt, (int)i, &text);
			rs_out_puts(out, i + 1 < n ? "," : "\n");
		}
	if (row < 0 || rs_buf_check(&text, err) < 0)
		return -1;
	return rs_out_close(RS_STEAL(&out), err);
}

int rs_store_export_tables(struct rs_store *s, const char *folder, struct rs_err *err)
{
	size_t n, of_table;
	const struct rs_store_column *c = rs_store_columns(&n);

	for (; n > 0; c += of_table, n -= of_table) {
		for (of_table = 1; of_table < n && strcmp(c[of_table].table, c[0].table) == 0;)
			of_table++;
		if (export_table(s, folder, c, of_table, err) < 0)
			return -1;
	}
	return 0;
}
