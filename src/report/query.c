/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where an exhibit's numbers are from: the query that gives the samples behind it out of
 * run.db, and the digest of what it gives.  Whoever runs the query and writes its rows as
 * "system,guests,guest,benchmark,metric,unit,trial,value" lines, values with the fewest of 15
 * to 17 digits that give them back, has the bytes of the digest.
 */
#include <stdio.h>
#include <string.h>

#include "exhibit_priv.h"
#include "restudy/base/buf.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"

/* The metric that weights values of a row, or NULL. */
static const char *weight_of(const struct rs_grid *g)
{
	for (size_t r = 0; r < g->n_rows; r++)
		for (size_t c = 0; c < g->n_columns; c++) {
			const struct rs_subject s = rs_grid_subject(g, r, c);

			if (rs_combination_weight(&s) != NULL)
				return rs_combination_weight(&s);
		}
	return NULL;
}

static int has_row(const struct rs_grid *g, const char *metric)
{
	for (size_t r = 0; r < g->n_rows; r++)
		if (strcmp(g->rows[r].metric.id, metric) == 0)
			return 1;
	return 0;
}

static int has_column(const struct rs_grid *g, const struct rs_series *s)
{
	for (size_t i = 0; i < g->n_columns; i++) {
		const struct rs_grid_column *c = &g->columns[i];

		if (c->guests == s->guests && strcmp(c->system->id, s->system) == 0 &&
		    (c->guest == NULL || strcmp(c->guest, s->guest) == 0))
			return 1;
	}
	return 0;
}

static int digest_series(const struct rs_series *s, struct rs_sha256 *h, struct rs_err *err)
{
	char line[600], number[40];

	for (size_t k = 0; k < s->n; k++) {
		const int len = snprintf(line, sizeof(line), "%s,%d,%s,%s,%s,%s,%d,%s\n", s->system,
					 s->guests, s->guest, s->benchmark, s->metric, s->unit,
					 s->trial[k],
					 rs_format_double(number, sizeof(number), s->value[k]));

		if (rs_sha256_add(h, line, (size_t)len, err) < 0)
			return -1;
	}
	return 0;
}

/* A text of SQL. */
static void quote(struct rs_buf *out, const char *text)
{
	rs_buf_addc(out, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			rs_buf_addc(out, '\'');
		rs_buf_addc(out, *text);
	}
	rs_buf_addc(out, '\'');
}

static void put_query(const struct rs_grid *g, const char *weight, struct rs_buf *out)
{
	rs_buf_adds(out, "SELECT system, guests, guest, benchmark, metric, unit, trial, value FROM tidy"
			 " WHERE benchmark = ");
	quote(out, g->benchmark->id);
	rs_buf_adds(out, " AND metric IN (");
	for (size_t r = 0; r < g->n_rows; r++) {
		rs_buf_adds(out, r == 0 ? "" : ", ");
		quote(out, g->rows[r].metric.id);
	}
	if (weight != NULL && !has_row(g, weight)) {
		rs_buf_adds(out, ", ");
		quote(out, weight);
	}
	rs_buf_adds(out, ") AND (");
	for (size_t i = 0; i < g->n_columns; i++) {
		rs_buf_adds(out, i == 0 ? "system = " : " OR system = ");
		quote(out, g->columns[i].system->id);
		rs_buf_addf(out, " AND guests = %d", g->columns[i].guests);
		if (g->columns[i].guest == NULL)
			continue;
		rs_buf_adds(out, " AND guest = ");
		quote(out, g->columns[i].guest);
	}
	rs_buf_adds(out, ") ORDER BY system, guests, metric, guest, trial");
}

int rs_grid_origin(struct rs_analysis *a, struct rs_grid *g, struct rs_err *err)
{
	RS_AUTO_SHA256 *h = rs_sha256_new(err);
	RS_AUTO_BUF query = RS_BUF_INIT;
	const char *weight = weight_of(g);

	if (h == NULL)
		return -1;
	g->samples = 0;
	for (size_t i = 0; i < a->set.n; i++) {
		const struct rs_series *s = &a->set.series[i];

		if (strcmp(s->benchmark, g->benchmark->id) != 0 || !has_column(g, s) ||
		    (!has_row(g, s->metric) && (weight == NULL || strcmp(weight, s->metric) != 0)))
			continue;
		if (digest_series(s, h, err) < 0)
			return -1;
		g->samples += s->n;
	}
	put_query(g, weight, &query);
	g->query = rs_arena_take(&a->arena, &query);
	return g->query == NULL ? rs_err_nomem(err) : rs_sha256_end(h, g->sha256, err);
}
