/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fills the grid of an exhibit from the store's series. */
#include "exhibit_priv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/bench.h"

const struct rs_slot *rs_grid_slot(const struct rs_grid *g, size_t row, size_t column)
{
	return &g->slots[row * g->n_columns + column];
}

struct rs_subject rs_grid_subject(const struct rs_grid *g, size_t row, size_t column)
{
	return (struct rs_subject){
		.system = g->columns[column].system->id,
		.guests = g->columns[column].guests,
		.guest = g->columns[column].guest,
		.benchmark = g->benchmark,
		.metric = g->rows[row].metric.id,
		.over = g->exhibit->over,
	};
}

char *rs_plain_number(char *buf, size_t size, double v)
{
	return v == floor(v) && fabs(v) < 1e15 ? rs_format_fixed(buf, size, v, 0)
						: rs_format_double(buf, size, v);
}

int rs_row_decimals(const struct rs_row *row, const struct rs_estimate *e)
{
	return row->decimals >= 0 ? row->decimals : rs_decimals(e->point, e->ci.lo, e->ci.hi);
}

/* By what the text of a method has in it, the more special first. */
static const struct {
	const char *mark, *other_mark, *en, *de;
} methods[] = {
	{ "BCa", "BCa", "BCa bootstrap", "BCa-Bootstrap" },
	{ "logarithm", "delta method", "Student's t on the logarithm", "Students t auf dem Logarithmus" },
	{ "Student's t", "Student's t", "Student's t", "Students t" },
};

static size_t method_of(const struct rs_estimate *e)
{
	size_t i = 0;

	if (isnan(e->ci.lo) || isnan(e->ci.hi))
		return RS_COUNT(methods);
	while (i < RS_COUNT(methods) && strstr(e->method, methods[i].mark) == NULL &&
	       strstr(e->method, methods[i].other_mark) == NULL)
		i++;
	return i;
}

void rs_grid_methods(const struct rs_grid *g, enum rs_language l, struct rs_buf *out)
{
	int seen[RS_COUNT(methods) + 1] = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < g->n_rows * g->n_columns; i++) {
		const struct rs_slot *s = &g->slots[i];

		if (s->comparable)
			seen[method_of(&s->shown)] = 1;
		if (s->measured && g->exhibit->kind == RS_EXHIBIT_TABLE)
			seen[method_of(&s->absolute)] = 1;
	}
	for (size_t i = 0; i < RS_COUNT(methods); i++)
		if (seen[i])
			rs_buf_addf(out, "%s%s", n++ == 0 ? "" : ", ",
				    l == RS_LANGUAGE_DE ? methods[i].de : methods[i].en);
}

static int exhibit_has(const struct rs_exhibit *e, const char *system)
{
	for (size_t i = 0; i < e->n_systems; i++)
		if (strcmp(e->systems[i], system) == 0)
			return 1;
	return e->n_systems == 0;
}

static const char *column_title(struct rs_analysis *a, const struct rs_grid_column *c,
				enum rs_language l)
{
	const char *title = c->system->title == NULL ? c->system->id : c->system->title;

	if (c->guest != NULL)
		return rs_arena_printf(&a->arena, "%s, %s", title, c->guest);
	if (c->guests == 0)
		return title;
	return rs_arena_printf(&a->arena, "%s (%d %s)", title, c->guests,
			       rs_report_word(l, c->guests == 1 ? RS_WORD_GUEST : RS_WORD_GUESTS));
}

static int add_column(struct rs_analysis *a, struct rs_grid *g, const struct rs_grid_column *c,
		      enum rs_language l, struct rs_err *err)
{
	struct rs_grid_column *to;

	g->columns = rs_arena_grow(&a->arena, g->columns, g->n_columns, sizeof(*g->columns));
	if (g->columns == NULL)
		return rs_err_nomem(err);
	to = &g->columns[g->n_columns];
	*to = *c;
	if (rs_analysis_substitute(a, c->system->id, &to->substitute, err) < 0)
		return -1;
	to->disturbed = rs_analysis_disturbed(a, c->system->id, c->guests, g->exhibit->benchmark);
	to->title = column_title(a, to, l);
	if (to->title == NULL)
		return rs_err_nomem(err);
	if (c->system->is_baseline)
		g->baseline = g->n_columns;
	g->n_columns++;
	return 0;
}

/* One column for each number of guests; "each": one for each guest of the largest. */
static int add_system(struct rs_analysis *a, struct rs_grid *g, const struct rs_system *s,
		      int slot, enum rs_language l, struct rs_err *err)
{
	const int most = rs_system_guests(s);
	struct rs_grid_column c = { .system = s, .guests = most, .slot = slot };

	if (g->exhibit->over == RS_OVER_EACH && most > 0) {
		for (size_t i = 0; i < s->guests.n_names && i < (size_t)most; i++) {
			c.guest = s->guests.names[i];
			if (add_column(a, g, &c, l, err) < 0)
				return -1;
		}
		return 0;
	}
	if (s->guests.n_counts == 0)
		return add_column(a, g, &c, l, err);
	for (size_t i = 0; i < s->guests.n_counts; i++) {
		c.guests = s->guests.counts[i];
		if (add_column(a, g, &c, l, err) < 0)
			return -1;
	}
	return 0;
}

static int add_columns(struct rs_analysis *a, struct rs_grid *g, enum rs_language l,
		       struct rs_err *err)
{
	int slot = 0;

	g->baseline = SIZE_MAX;
	for (size_t i = 0; i < a->plan->n_systems; i++) {
		const struct rs_system *s = &a->plan->systems[i];

		slot += !s->is_baseline;
		if (exhibit_has(g->exhibit, s->id) &&
		    add_system(a, g, s, s->is_baseline ? 0 : slot, l, err) < 0)
			return -1;
	}
	if (g->baseline == SIZE_MAX)
		g->baseline = g->n_columns;
	return 0;
}

static int add_row(struct rs_analysis *a, struct rs_grid *g, const struct rs_row *row,
		   const struct rs_metric *m, struct rs_err *err)
{
	struct rs_grid_row *to;

	g->rows = rs_arena_grow(&a->arena, g->rows, g->n_rows, sizeof(*g->rows));
	if (g->rows == NULL)
		return rs_err_nomem(err);
	to = &g->rows[g->n_rows++];
	to->row = row;
	to->metric = *m;
	to->label = row->label != NULL ? row->label : m->title;
	to->unit = row->unit != NULL ? row->unit : m->unit;
	return 0;
}

/* An exhibit that names no rows shows all metrics of its benchmark. */
static int add_all_metrics(struct rs_analysis *a, struct rs_grid *g, struct rs_err *err)
{
	for (size_t i = 0; i < rs_bench_n_metrics(g->benchmark); i++) {
		struct rs_row *row = rs_arena_new(&a->arena, 1, sizeof(*row));
		struct rs_metric m;

		if (row == NULL)
			return rs_err_nomem(err);
		rs_bench_metric_at(g->benchmark, i, &m);
		if (!rs_benchmark_gives(g->benchmark, m.id))
			continue;
		row->metric = rs_arena_str(&a->arena, m.id);
		row->decimals = -1;
		if (add_row(a, g, row, &m, err) < 0)
			return -1;
	}
	return 0;
}

static int add_rows(struct rs_analysis *a, struct rs_grid *g, struct rs_err *err)
{
	if (g->exhibit->n_rows == 0)
		return add_all_metrics(a, g, err);
	for (size_t i = 0; i < g->exhibit->n_rows; i++) {
		const struct rs_row *row = &g->exhibit->rows[i];
		struct rs_metric m;

		if (rs_bench_metric(g->benchmark, row->metric, &m) < 0)
			return rs_err_set(err, RS_ERR_PLAN,
					  "exhibit \"%s\": benchmark \"%s\" has no metric \"%s\"",
					  g->exhibit->id, g->benchmark->id, row->metric);
		if (add_row(a, g, row, &m, err) < 0)
			return -1;
	}
	return 0;
}

static const char *published_text(const struct rs_published *p, const char *system,
				  const char *metric)
{
	for (size_t i = 0; p != NULL && i < p->n_values; i++)
		if (strcmp(p->values[i].system, system) == 0 &&
		    strcmp(p->values[i].metric, metric) == 0)
			return p->values[i].text;
	return NULL;
}

/* Each trial on the scale that is shown, for dots beside the mean. */
static const double *scaled_trials(struct rs_analysis *a, const struct rs_trials *t, double factor)
{
	double *v = rs_arena_new(&a->arena, t->n, sizeof(*v));

	for (size_t i = 0; v != NULL && i < t->n; i++)
		v[i] = t->value[i] * factor;
	return v;
}

/* The baseline divided by itself is the scale, without doubt and without an interval. */
static void shown_baseline(struct rs_slot *s, double scale)
{
	s->shown = s->absolute;
	s->shown.point = scale;
	s->shown.ci.lo = s->shown.ci.hi = (double)NAN;
	(void)snprintf(s->shown.method, sizeof(s->shown.method), "the baseline, by definition");
}

static int fill_shown(struct rs_analysis *a, const struct rs_grid *g, const struct rs_slot *base,
		      struct rs_slot *s, struct rs_err *err)
{
	const double scale = g->exhibit->value == RS_VALUE_INDEX ? g->exhibit->scale : 1;

	if (g->exhibit->value == RS_VALUE_ABSOLUTE) {
		s->shown = s->absolute;
		s->scaled = s->trials.value;
		s->comparable = 1;
		return 0;
	}
	if (base == NULL || !base->measured || base->absolute.point == 0) {
		s->why = rs_report_word(a->l, base == NULL ? RS_WORD_NO_BASELINE
					      : !base->measured ? RS_WORD_BASE_MISSING
								: RS_WORD_ZERO_VALUES);
		return 0;
	}
	s->comparable = 1;
	s->scaled = scaled_trials(a, &s->trials, scale / base->absolute.point);
	if (base == s) {
		shown_baseline(s, scale);
		return 0;
	}
	return rs_trials_ratio(&s->trials, &base->trials, scale, a->seed, &s->shown, err);
}

static int fill_absolute(struct rs_analysis *a, const struct rs_grid *g, size_t row,
			 size_t column, struct rs_err *err)
{
	struct rs_slot *s = &g->slots[row * g->n_columns + column];
	const struct rs_grid_column *c = &g->columns[column];
	const struct rs_subject subject = rs_grid_subject(g, row, column);

	s->published = published_text(g->published, c->system->id, g->rows[row].metric.id);
	rs_analysis_count(a, c->system->id, c->guests, g->benchmark->id, &s->planned, &s->done);
	if (rs_analysis_trials(a, &subject, &s->trials, err) < 0)
		return -1;
	if (s->trials.n == 0) {
		s->why = rs_analysis_why(a, c->system->id, c->guests, g->benchmark->id);
		return 0;
	}
	s->measured = 1;
	if (s->trials.unit[0] != '\0' && g->rows[row].row->unit == NULL)
		g->rows[row].unit = s->trials.unit;
	if (s->trials.n < s->planned)
		s->partial = rs_arena_printf(&a->arena, "%zu %s %zu %s; %s", s->trials.n,
					     rs_report_word(a->l, RS_WORD_OF), s->planned,
					     rs_report_word(a->l, RS_WORD_OF_TRIALS),
					     rs_analysis_why(a, c->system->id, c->guests,
							     g->benchmark->id));
	return rs_trials_mean(&s->trials, a->seed, &s->absolute, err);
}

static int fill(struct rs_analysis *a, struct rs_grid *g, struct rs_err *err)
{
	for (size_t r = 0; r < g->n_rows; r++) {
		struct rs_slot *row = &g->slots[r * g->n_columns];
		const struct rs_slot *base = g->baseline < g->n_columns ? &row[g->baseline] : NULL;

		for (size_t c = 0; c < g->n_columns; c++)
			if (fill_absolute(a, g, r, c, err) < 0)
				return -1;
		for (size_t c = 0; c < g->n_columns; c++)
			if (row[c].measured && fill_shown(a, g, base, &row[c], err) < 0)
				return -1;
	}
	return rs_grid_origin(a, g, err);
}

int rs_grid_make(struct rs_analysis *a, const struct rs_exhibit *e, enum rs_language l,
		 struct rs_grid *ret, struct rs_err *err)
{
	*ret = (struct rs_grid){ .exhibit = e };
	if (e->benchmark == NULL || e->kind == RS_EXHIBIT_LISTING)
		return 0;
	ret->benchmark = rs_plan_benchmark(a->plan, e->benchmark);
	if (ret->benchmark == NULL)
		return rs_err_set(err, RS_ERR_PLAN, "exhibit \"%s\": no benchmark \"%s\"", e->id,
				  e->benchmark);
	if (e->published != NULL)
		ret->published = rs_plan_published(a->plan, e->published);
	if (add_columns(a, ret, l, err) < 0 || add_rows(a, ret, err) < 0)
		return rs_err_wrap(err, "exhibit \"%s\"", e->id);
	ret->slots = rs_arena_new(&a->arena, ret->n_rows * ret->n_columns + 1, sizeof(*ret->slots));
	if (ret->slots == NULL)
		return rs_err_nomem(err);
	return fill(a, ret, err) < 0 ? rs_err_wrap(err, "exhibit \"%s\"", e->id) : 0;
}
