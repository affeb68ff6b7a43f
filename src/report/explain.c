/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way from raw bytes to each bar: for every slot of an exhibit its estimate, the trials
 * it is made from, the samples of each guest, and what its raw files give when they are
 * read again.  The raw files lie beside the plan of a run folder.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "exhibit_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/bench.h"
#include "restudy/report.h"

#define SHA256_OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct way {
	struct rs_analysis *a;
	const struct rs_grid *g;
	char *folder;		/* the run folder */
	struct rs_buf *out;
	struct rs_err *err;
};

/* Catches the one sample that is looked for. */
struct catcher {
	const char *metric, *guest;
	double value;		/* NaN: not seen */
};

static int catch_sample(void *user, const struct rs_sample *s, struct rs_err *err)
{
	struct catcher *c = user;

	(void)err;
	if (strcmp(s->metric, c->metric) == 0 && strcmp(s->guest, c->guest) == 0)
		c->value = s->value;
	return 0;
}

/* Whether a file is of one metric alone: "pipe.json" of "pipe", "fstime.json" of
 * "fstime-write". */
static int is_of_metric(const char *file, const char *metric)
{
	const size_t n = strcspn(file, ".");

	return n > 0 && strncmp(file, metric, n) == 0 && (metric[n] == '\0' || metric[n] == '-');
}

/* The files of one guest in one trial, with their digests: those of the metric where the
 * benchmark keeps one for each, else all; none that is empty. */
static int put_files(struct way *w, const char *folder, const char *rel, const char *metric)
{
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;
	int own = 0;

	if (rs_path_list(folder, &names, &n, w->err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		own |= is_of_metric(names[i], metric);
	for (size_t i = 0; i < n; i++) {
		RS_AUTO_STR *path = rs_path_join(folder, names[i], w->err);
		char hex[RS_SHA256_HEX];

		if (path == NULL)
			return -1;
		if (own && !is_of_metric(names[i], metric))
			continue;
		if (rs_sha256_file(path, hex, NULL) == 0 && strcmp(hex, SHA256_OF_NOTHING) != 0)
			rs_buf_addf(w->out, "        %s/%s sha256 %s\n", rel, names[i], hex);
	}
	return 0;
}

/* What the raw files give, beside what the store has. */
static int put_raw(struct way *w, const struct rs_cell *cell, const char *guest,
		   const char *metric, double stored)
{
	struct catcher c = { .metric = metric, .guest = guest, .value = (double)NAN };
	const struct rs_sink sink = { .sample = catch_sample, .user = &c };
	const struct rs_bench_driver *driver = rs_bench_driver_of(w->g->benchmark->adapter);
	struct rs_err why = RS_ERR_INIT;
	char rel[256], number[40];
	RS_AUTO_STR *raw = rs_asprintf(w->err, "%s/raw/%s", w->folder,
				       rs_cell_folder(rel, sizeof(rel), cell));
	RS_AUTO_STR *folder = raw == NULL ? NULL : rs_path_join(raw, guest, w->err);
	RS_AUTO_STR *shown = rs_asprintf(w->err, "raw/%s/%s", rel, guest);

	if (folder == NULL || shown == NULL)
		return -1;
	/* a store that somebody else made may send its reader anywhere */
	if (!rs_path_is_plain_name(guest)) {
		rs_buf_adds(w->out, "        no folder can have the name of this guest\n");
		return 0;
	}
	if (!rs_path_exists(folder)) {
		rs_buf_addf(w->out, "        %s is not there\n", shown);
		return 0;
	}
	if (put_files(w, folder, shown, metric) < 0)
		return -1;
	if (driver->read(w->g->benchmark, guest, folder, &sink, &why) < 0 && isnan(c.value)) {
		rs_buf_addf(w->out, "        cannot be read again: %s\n", why.text);
		return 0;
	}
	(void)rs_format_double(number, sizeof(number), c.value);
	/* the store keeps what was read then: the same reader must find the same bits */
	if (isnan(c.value))
		rs_buf_adds(w->out, "        the raw files do not hold this metric\n");
	else if (c.value < stored || c.value > stored)
		rs_buf_addf(w->out, "        read again: %s, which DIFFERS from the store\n", number);
	else
		rs_buf_addf(w->out, "        read again: %s, the same\n", number);
	return 0;
}

static int put_samples(struct way *w, const struct rs_subject *s, int trial)
{
	for (size_t i = 0; i < w->a->set.n; i++) {
		const struct rs_series *r = &w->a->set.series[i];
		struct rs_cell cell = { .guests = s->guests, .trial = trial };
		char number[40];

		if (!rs_subject_has(s, r))
			continue;
		(void)snprintf(cell.system, sizeof(cell.system), "%s", r->system);
		(void)snprintf(cell.benchmark, sizeof(cell.benchmark), "%s", r->benchmark);
		for (size_t k = 0; k < r->n; k++) {
			if (r->trial[k] != trial)
				continue;
			rs_buf_addf(w->out, "      guest %s: %s %s\n", r->guest,
				    rs_format_double(number, sizeof(number), r->value[k]), r->unit);
			if (put_raw(w, &cell, r->guest, r->metric, r->value[k]) < 0)
				return -1;
		}
	}
	return 0;
}

/* How a value is divided by the baseline's, with the numbers that go in. */
static void put_division(struct way *w, const struct rs_slot *s, const struct rs_slot *base)
{
	const struct rs_exhibit *e = w->g->exhibit;
	char own[40], others[40], scale[40];

	if (s == base)
		return;
	rs_buf_addf(w->out, "      = %s / %s", rs_plain_number(own, sizeof(own), s->absolute.point),
		    rs_plain_number(others, sizeof(others), base->absolute.point));
	if (e->value == RS_VALUE_INDEX)
		rs_buf_addf(w->out, " x %s", rs_plain_number(scale, sizeof(scale), e->scale));
	rs_buf_addf(w->out, ", mean of the trials by that of %s\n",
		    w->g->columns[w->g->baseline].title);
}

static void put_estimate(struct way *w, const char *what, const struct rs_estimate *e)
{
	char point[40], lo[40], hi[40];

	rs_buf_addf(w->out, "    %s: %s", what, rs_plain_number(point, sizeof(point), e->point));
	if (!isnan(e->ci.lo))
		rs_buf_addf(w->out, ", %g %% interval [%s, %s]", e->ci.level * 100,
			    rs_format_double(lo, sizeof(lo), e->ci.lo),
			    rs_format_double(hi, sizeof(hi), e->ci.hi));
	rs_buf_addf(w->out, " (%s)\n", e->method);
}

/* How far boots differ, and trials within one: roots of the components of variance. */
static int put_components(struct way *w, const struct rs_trials *t)
{
	struct rs_components v;

	if (t->n_boots < 2)
		return 0;
	if (rs_variance_components(t->value, t->boot, t->n, &v, w->err) < 0)
		return -1;
	if (isnan(v.between))
		rs_buf_addf(w->out, "    %zu boots, no two trials in one of them\n", t->n_boots);
	else
		rs_buf_addf(w->out, "    standard deviation between %zu boots %.4g, between trials of a boot "
				    "%.4g\n", v.boots, sqrt(v.between), sqrt(v.within));
	return 0;
}

static int put_slot(struct way *w, size_t row, size_t column)
{
	const struct rs_slot *s = rs_grid_slot(w->g, row, column);
	const struct rs_subject subject = rs_grid_subject(w->g, row, column);
	char number[40];

	rs_buf_addf(w->out, "  %s, %s\n", w->g->rows[row].label, w->g->columns[column].title);
	if (w->g->columns[column].substitute != NULL)
		rs_buf_addf(w->out, "    substitute: %s\n", w->g->columns[column].substitute);
	if (w->g->columns[column].disturbed > 0)
		rs_buf_addf(w->out, "    disturbed: %zu of its trials\n", w->g->columns[column].disturbed);
	if (s->published != NULL)
		rs_buf_addf(w->out, "    published: %s\n", s->published);
	if (!s->comparable)
		rs_buf_addf(w->out, "    no value: %s\n", s->why);
	if (!s->measured)
		return 0;
	if (s->comparable && w->g->exhibit->value != RS_VALUE_ABSOLUTE) {
		put_estimate(w, rs_value_kind_name(w->g->exhibit->value), &s->shown);
		put_division(w, s, rs_grid_slot(w->g, row, w->g->baseline));
	}
	put_estimate(w, "mean", &s->absolute);
	if (put_components(w, &s->trials) < 0)
		return -1;
	for (size_t i = 0; i < s->trials.n; i++) {
		rs_buf_addf(w->out, "    trial %d: %s %s (%s)", s->trials.trial[i],
			    rs_format_double(number, sizeof(number), s->trials.value[i]),
			    s->trials.unit, rs_combination_name(&subject));
		if (s->trials.boot[i] > 0)
			rs_buf_addf(w->out, ", boot %d", s->trials.boot[i]);
		rs_buf_addc(w->out, '\n');
		if (put_samples(w, &subject, s->trials.trial[i]) < 0)
			return -1;
	}
	return 0;
}

int rs_report_explain(const struct rs_plan *plan, struct rs_store *store, const char *exhibit,
		      struct rs_buf *out, struct rs_err *err)
{
	RS_AUTO_ANALYSIS a = RS_ANALYSIS_INIT;
	RS_AUTO_STR *folder = rs_run_folder(plan, err);
	const struct rs_exhibit *e = rs_plan_exhibit(plan, exhibit);
	struct rs_grid g;
	struct way w = { .a = &a, .g = &g, .folder = folder, .out = out, .err = err };

	if (folder == NULL)
		return -1;
	if (e == NULL)
		return rs_err_set(err, RS_ERR_USAGE, "the plan has no exhibit \"%s\"", exhibit);
	if (rs_analysis_load(&a, plan, store, err) < 0 ||
	    rs_grid_make(&a, e, RS_LANGUAGE_EN, &g, err) < 0)
		return -1;
	rs_buf_addf(out, "%s %s (%s)\n", rs_exhibit_kind_name(e->kind), e->id,
		    e->caption == NULL ? "" : e->caption);
	if (g.n_rows == 0) {
		rs_buf_adds(out, "  shows the plan, no measured value\n");
		return rs_buf_check(out, err);
	}
	rs_buf_addf(out, "  %zu samples, sha256 %s, from run.db by\n  %s\n", g.samples, g.sha256, g.query);
	for (size_t r = 0; r < g.n_rows; r++)
		for (size_t i = 0; i < g.n_columns; i++)
			if (put_slot(&w, r, i) < 0)
				return -1;
	return rs_buf_check(out, err);
}
