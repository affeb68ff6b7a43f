/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Samples, read as series.  The table lies in the order of (series, cell), so a
 * series is one scan; the trial of a cell is looked up in an array by its number
 * instead of a join per sample.
 */
#include "store_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"

/* trial[id] of the cells that are analysed; 0 for the others. */
struct trials {
	int *trial;
	size_t n;
};

static void trials_release(struct trials *t)
{
	free(t->trial);
}

static int read_trials(struct rs_store *s, struct trials *t, struct rs_err *err)
{
	RS_AUTO_USE *stmt = rs_store_use(s, RS_SQL_ANALYSED_CELLS, err);
	int row;

	if (stmt == NULL)
		return -1;
	while ((row = rs_store_step(s, stmt, "reading cells", err)) == 1) {
		sqlite3_int64 id = sqlite3_column_int64(stmt, 0);

		if (t->trial == NULL) {		/* the first row has the largest number */
			if (id < 0 || id > INT32_MAX)
				return rs_err_set(err, RS_ERR_PLAN, "\"%s\": a cell is numbered %lld",
						  s->path, (long long)id);
			t->n = (size_t)id + 1;
			t->trial = rs_alloc(t->n, sizeof(*t->trial), err);
			if (t->trial == NULL)
				return -1;
		}
		if (id >= 0 && (size_t)id >= t->n)	/* a damaged index knows another order */
			return rs_err_set(err, RS_ERR_PLAN, "\"%s\": its cells are out of order: the file is "
					  "damaged", s->path);
		if (id >= 0)
			t->trial[id] = sqlite3_column_int(stmt, 1);
	}
	return row;
}

/* A series whose arrays have room for cap samples. */
struct filling {
	struct rs_series s;
	size_t cap;
};

static int add_value(struct filling *f, int trial, double value, struct rs_err *err)
{
	if (f->s.n == f->cap) {
		size_t cap = f->cap == 0 ? 16 : f->cap * 2;
		double *v = realloc(f->s.value, cap * sizeof(*v));
		int *t;

		if (v == NULL)
			return rs_err_nomem(err);
		f->s.value = v;
		t = realloc(f->s.trial, cap * sizeof(*t));
		if (t == NULL)
			return rs_err_nomem(err);
		f->s.trial = t;
		f->cap = cap;
	}
	f->s.trial[f->s.n] = trial;
	f->s.value[f->s.n] = value;
	f->s.n++;
	return 0;
}

struct pair {
	int trial;
	double value;
};

static int by_trial(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return (x->trial > y->trial) - (x->trial < y->trial);
}

/* Cells are numbered in the order of execution, which usually is that of the trials. */
static int sort_by_trial(struct rs_series *s, struct rs_err *err)
{
	size_t i = 1;
	struct pair *p;

	while (i < s->n && s->trial[i - 1] < s->trial[i])
		i++;
	if (i >= s->n)
		return 0;
	p = rs_alloc(s->n, sizeof(*p), err);
	if (p == NULL)
		return -1;
	for (i = 0; i < s->n; i++)
		p[i] = (struct pair){ s->trial[i], s->value[i] };
	qsort(p, s->n, sizeof(*p), by_trial);
	for (i = 0; i < s->n; i++) {
		s->trial[i] = p[i].trial;
		s->value[i] = p[i].value;
	}
	free(p);
	return 0;
}

static int read_samples(struct rs_store *s, sqlite3_int64 id, const struct trials *t,
			struct filling *f, struct rs_err *err)
{
	RS_AUTO_USE *stmt = rs_store_use(s, RS_SQL_SAMPLES, err);
	int row;

	if (stmt == NULL)
		return -1;
	(void)sqlite3_bind_int64(stmt, 1, id);
	while ((row = rs_store_step(s, stmt, "reading samples", err)) == 1) {
		sqlite3_int64 cell = sqlite3_column_int64(stmt, 0);
		double value = sqlite3_column_double(stmt, 1);

		if (cell < 0 || (size_t)cell >= t->n || t->trial[cell] == 0)
			continue;	/* warm-up, or of a cell that is not done */
		if (!isfinite(value))
			return rs_err_set(err, RS_ERR_PLAN, "\"%s\" holds a value that is not finite",
					  s->path);
		if (add_value(f, t->trial[cell], value, err) < 0)
			return -1;
	}
	return row < 0 ? -1 : sort_by_trial(&f->s, err);
}

static void name_series(struct rs_series *s, sqlite3_stmt *stmt)
{
	rs_store_field(s->system, sizeof(s->system), stmt, 1);
	s->guests = sqlite3_column_int(stmt, 2);
	rs_store_field(s->benchmark, sizeof(s->benchmark), stmt, 3);
	rs_store_field(s->metric, sizeof(s->metric), stmt, 4);
	rs_store_field(s->guest, sizeof(s->guest), stmt, 5);
	rs_store_field(s->unit, sizeof(s->unit), stmt, 6);
}

/* Who gets each series: its owner then, or a visitor. */
struct taker {
	struct rs_series_set *set;	/* or NULL */
	rs_series_fn *visit;
	void *user;
};

static int hand_over(struct rs_series *series, const struct taker *t, struct rs_err *err)
{
	struct rs_series *place;

	if (t->set == NULL)
		return t->visit(t->user, series, err);
	place = rs_array_grow(&t->set->series, t->set->n, sizeof(*place), err);
	if (place == NULL)
		return -1;
	t->set->n++;
	*place = *series;
	series->trial = NULL;
	series->value = NULL;
	return 0;
}

static int read_all(struct rs_store *s, const char *const filter[3], const struct taker *taker,
		    struct rs_err *err)
{
	__attribute__((cleanup(trials_release))) struct trials trials = { NULL, 0 };
	RS_AUTO_USE *stmt = rs_store_use(s, RS_SQL_SERIES, err);
	int row;

	if (stmt == NULL || read_trials(s, &trials, err) < 0)
		return -1;
	for (int i = 0; i < 3; i++)
		rs_store_bind_text(stmt, i + 1, filter[i]);
	while ((row = rs_store_step(s, stmt, "reading series", err)) == 1) {
		struct filling f = { 0 };
		int r;

		name_series(&f.s, stmt);
		r = read_samples(s, sqlite3_column_int64(stmt, 0), &trials, &f, err);
		if (r == 0 && f.s.n > 0)
			r = hand_over(&f.s, taker, err);
		rs_series_release(&f.s);
		if (r < 0)
			return r;
	}
	return row;
}

/* All of it sees one state of the database, also while a run writes it. */
static int read_consistent(struct rs_store *s, const char *const filter[3],
			   const struct taker *taker, struct rs_err *err)
{
	int own = sqlite3_get_autocommit(s->db);
	int r;

	if (own && rs_store_do(s, RS_SQL_BEGIN_READ, "beginning to read", err) < 0)
		return -1;
	r = read_all(s, filter, taker, err);
	if (own && rs_store_do(s, RS_SQL_COMMIT, "ending to read", r < 0 ? NULL : err) < 0 && r >= 0)
		r = -1;
	return r;
}

int rs_store_visit(struct rs_store *s, const char *system, const char *benchmark,
		   const char *metric, rs_series_fn *visit, void *user, struct rs_err *err)
{
	const char *const filter[3] = { system, benchmark, metric };
	const struct taker taker = { NULL, visit, user };

	return read_consistent(s, filter, &taker, err);
}

int rs_store_series(struct rs_store *s, const char *system, const char *benchmark,
		    const char *metric, struct rs_series_set *ret, struct rs_err *err)
{
	const char *const filter[3] = { system, benchmark, metric };
	struct rs_series_set set = RS_SERIES_SET_INIT;
	const struct taker taker = { &set, NULL, NULL };

	if (read_consistent(s, filter, &taker, err) < 0) {
		rs_series_set_release(&set);
		return -1;
	}
	*ret = set;
	return 0;
}
