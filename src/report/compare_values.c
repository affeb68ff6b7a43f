/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ratios of a pair: each metric of each system in its own unit, and each divided by the
 * baseline of its own run, which is what stays comparable between machines.
 */
#include <math.h>
#include <string.h>

#include "compare_priv.h"
#include "restudy/bench.h"

#define SIGNIFICANT 0.05

static const struct rs_estimate nothing = {
	.point = (double)NAN, .ci = { (double)NAN, (double)NAN, 0.95 },
};

/* Load generators count what all guests did; everything else is one guest's. */
static enum rs_over_guests over_of(const struct rs_plan *plan, const struct rs_benchmark *b)
{
	for (size_t i = 0; i < plan->n_exhibits; i++) {
		const struct rs_exhibit *e = &plan->exhibits[i];

		if (e->benchmark != NULL && strcmp(e->benchmark, b->id) == 0 &&
		    e->over != RS_OVER_EACH)
			return e->over;
	}
	return b->adapter == RS_ADAPTER_SIEGE || b->adapter == RS_ADAPTER_HTTPLOAD ? RS_OVER_SUM
										   : RS_OVER_MEAN;
}

/* The trials of one side; n 0 when its plan has no such benchmark or system. */
static int side_trials(struct rs_analysis *a, const struct rs_contrast *r, const char *system,
		       int guests, enum rs_over_guests over, struct rs_trials *ret,
		       struct rs_err *err)
{
	const struct rs_subject s = {
		.system = system, .guests = guests, .metric = r->metric.id, .over = over,
		.benchmark = rs_plan_benchmark(a->plan, r->benchmark->id),
	};

	*ret = (struct rs_trials){ .unit = "" };
	if (s.benchmark == NULL || system == NULL || rs_plan_system(a->plan, system) == NULL)
		return 0;
	return rs_analysis_trials(a, &s, ret, err);
}

/* err of kind FAILED says why there is no ratio; anything else is passed on. */
static int no_ratio(struct rs_comparison *c, struct rs_contrast *r, struct rs_err *err)
{
	if (err == NULL || err->kind != RS_ERR_FAILED)
		return -1;
	r->why = rs_arena_str(&c->arena, err->text);
	rs_err_clear(err);
	return 0;
}

static int mean_of(struct rs_analysis *a, const struct rs_trials *t, struct rs_estimate *ret,
		   struct rs_err *err)
{
	*ret = nothing;
	return t->n == 0 ? 0 : rs_trials_mean(t, a->seed, ret, err);
}

static int fill_absolute(struct rs_comparison *c, struct rs_compared_pair *p, struct rs_contrast *r,
			 const struct rs_trials *ta, const struct rs_trials *tb, struct rs_err *err)
{
	struct rs_analysis *a = &p->a->analysis, *b = &p->b->analysis;

	r->ratio = nothing;
	r->unit = ta->n > 0 ? ta->unit : tb->unit;
	if (mean_of(a, ta, &r->a, err) < 0 || mean_of(b, tb, &r->b, err) < 0)
		return -1;
	if (ta->n == 0 || tb->n == 0) {
		r->why = rs_arena_printf(&c->arena, "%s has no value", ta->n == 0 ? p->a->letter
										  : p->b->letter);
		return 0;
	}
	if (strcmp(ta->unit, tb->unit) != 0) {
		r->why = rs_arena_printf(&c->arena, "%s measures in %s, %s in %s", p->a->letter,
					 ta->unit, p->b->letter, tb->unit);
		return 0;
	}
	if (rs_trials_ratio(tb, ta, 1, a->seed, &r->ratio, err) < 0)
		return no_ratio(c, r, err);
	return 0;
}

/* Value / baseline of one run; nothing when it has no baseline or no value. */
static int to_baseline(struct rs_comparison *c, struct rs_analysis *a, struct rs_contrast *r,
		       enum rs_over_guests over, const struct rs_trials *t, struct rs_estimate *ret,
		       struct rs_err *err)
{
	const struct rs_system *base = rs_plan_baseline(a->plan);
	struct rs_trials tb;

	*ret = nothing;
	if (base == NULL || t->n == 0)
		return 0;
	if (side_trials(a, r, base->id, rs_system_guests(base), over, &tb, err) < 0)
		return -1;
	if (tb.n == 0)
		return 0;
	if (rs_trials_ratio(t, &tb, 1, a->seed, ret, err) < 0) {
		*ret = nothing;
		return no_ratio(c, r, err);
	}
	return 0;
}

static int fill_relative(struct rs_comparison *c, struct rs_compared_pair *p, struct rs_contrast *r,
			 enum rs_over_guests over, const struct rs_trials *ta,
			 const struct rs_trials *tb, struct rs_err *err)
{
	struct rs_analysis *a = &p->a->analysis, *b = &p->b->analysis;

	r->ratio = nothing;
	r->unit = "";
	if (to_baseline(c, a, r, over, ta, &r->a, err) < 0 ||
	    to_baseline(c, b, r, over, tb, &r->b, err) < 0)
		return -1;
	if (isnan(r->a.point) || isnan(r->b.point)) {
		if (r->why == NULL)
			r->why = rs_arena_printf(&c->arena, "%s has no value or no baseline",
						 isnan(r->a.point) ? p->a->letter : p->b->letter);
		return 0;
	}
	rs_quotient(&r->b, &r->a, &r->ratio);
	if (isnan(r->ratio.point))
		r->why = rs_arena_str(&c->arena, r->ratio.method);
	return 0;
}

static int has_contrast(const struct rs_contrasts *t, const char *benchmark, const char *metric,
			const char *system, int guests)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct rs_contrast *r = &t->v[i];

		if (r->guests == guests && strcmp(r->benchmark->id, benchmark) == 0 &&
		    strcmp(r->metric.id, metric) == 0 && strcmp(r->system->id, system) == 0)
			return 1;
	}
	return 0;
}

static int add_row(struct rs_comparison *c, struct rs_contrasts *t, const struct rs_contrast *r,
		   struct rs_err *err)
{
	t->v = rs_arena_grow(&c->arena, t->v, t->n, sizeof(*t->v));
	if (t->v == NULL)
		return rs_err_nomem(err);
	t->v[t->n++] = *r;
	return 0;
}

/* One metric of one system, when either run has a value for it. */
static int add_subject(struct rs_comparison *c, struct rs_compared_pair *p,
		       const struct rs_contrast *like, enum rs_over_guests over, struct rs_err *err)
{
	struct rs_analysis *a = &p->a->analysis, *b = &p->b->analysis;
	const struct rs_system *base = rs_plan_baseline(a->plan);
	struct rs_contrast r = *like;
	struct rs_trials ta, tb;

	if (has_contrast(&p->absolute, r.benchmark->id, r.metric.id, r.system->id, r.guests))
		return 0;
	if (side_trials(a, &r, r.system->id, r.guests, over, &ta, err) < 0 ||
	    side_trials(b, &r, r.system->id, r.guests, over, &tb, err) < 0)
		return -1;
	if (ta.n == 0 && tb.n == 0)
		return 0;
	if (fill_absolute(c, p, &r, &ta, &tb, err) < 0 || add_row(c, &p->absolute, &r, err) < 0)
		return -1;
	if (base == NULL || strcmp(base->id, r.system->id) == 0)
		return 0;
	r = *like;
	return fill_relative(c, p, &r, over, &ta, &tb, err) < 0 ? -1
								: add_row(c, &p->relative, &r, err);
}

/* The bare machine counts no guests: 0. */
static size_t counts_of(const struct rs_system *s)
{
	return s->guests.n_counts == 0 ? 1 : s->guests.n_counts;
}

static int add_systems(struct rs_comparison *c, struct rs_compared_pair *p,
		       const struct rs_plan *plan, struct rs_contrast *r, struct rs_err *err)
{
	const enum rs_over_guests over = over_of(plan, r->benchmark);

	for (size_t i = 0; i < plan->n_systems; i++) {
		r->system = &plan->systems[i];
		for (size_t k = 0; k < counts_of(r->system); k++) {
			r->guests = r->system->guests.n_counts == 0 ? 0
								    : r->system->guests.counts[k];
			if (add_subject(c, p, r, over, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int add_plan(struct rs_comparison *c, struct rs_compared_pair *p, const struct rs_plan *plan,
		    struct rs_err *err)
{
	for (size_t i = 0; i < plan->n_benchmarks; i++) {
		const struct rs_benchmark *b = &plan->benchmarks[i];

		for (size_t k = 0; k < rs_bench_n_metrics(b); k++) {
			struct rs_contrast r = { .benchmark = b };

			rs_bench_metric_at(b, k, &r.metric);
			if (add_systems(c, p, plan, &r, err) < 0)
				return -1;
		}
	}
	return 0;
}

static enum rs_contrast_verdict verdict_of(const struct rs_contrast *r)
{
	if (isnan(r->ratio.point))
		return RS_CONTRAST_NOT_COMPARED;
	if (isnan(r->p))
		return RS_CONTRAST_NO_INTERVAL;
	if (!(r->holm < SIGNIFICANT))
		return RS_CONTRAST_OPEN;
	return r->ratio.point > 1 ? RS_CONTRAST_LARGER : RS_CONTRAST_SMALLER;
}

static int correct(struct rs_comparison *c, struct rs_contrasts *t, struct rs_err *err)
{
	double *p = rs_arena_new(&c->arena, t->n, sizeof(*p));
	double *holm = rs_arena_new(&c->arena, t->n, sizeof(*holm));

	if (p == NULL || holm == NULL)
		return rs_err_nomem(err);
	for (size_t i = 0; i < t->n; i++) {
		p[i] = isnan(t->v[i].ratio.point)
			       ? (double)NAN : rs_p_value_of_ratio(&t->v[i].ratio, RS_REL_ABOVE, 1, 0);
		t->family += isnan(p[i]) ? 0u : 1u;
	}
	if (rs_holm(p, t->n, holm, err) < 0)
		return -1;
	for (size_t i = 0; i < t->n; i++) {
		t->v[i].p = p[i];
		t->v[i].holm = holm[i];
		t->v[i].verdict = verdict_of(&t->v[i]);
	}
	return 0;
}

int rs_contrasts_of_runs(struct rs_comparison *c, struct rs_compared_pair *p, struct rs_err *err)
{
	if (add_plan(c, p, p->a->run->plan, err) < 0 || add_plan(c, p, p->b->run->plan, err) < 0 ||
	    correct(c, &p->absolute, err) < 0 || correct(c, &p->relative, err) < 0)
		return -1;
	return rs_arena_check(&c->arena, err);
}

/* ---- against published numbers ---- */

/* What is printed for a system; as an estimate whose interval is its rounding. */
static int printed_value(const struct rs_published *t, const char *system, const char *metric,
			 struct rs_estimate *ret, const char **ret_text, struct rs_err *err)
{
	*ret = nothing;
	*ret_text = NULL;
	for (size_t i = 0; system != NULL && i < t->n_values; i++) {
		const struct rs_published_value *v = &t->values[i];

		if (strcmp(v->system, system) != 0 || strcmp(v->metric, metric) != 0)
			continue;
		ret->point = v->value;
		*ret_text = v->text;
		return rs_rounding_interval(v->text, &ret->ci.lo, &ret->ci.hi, err);
	}
	return 0;
}

static int fill_printed(struct rs_comparison *c, struct rs_compared_pair *p, struct rs_contrast *r,
			const struct rs_trials *t, struct rs_err *err)
{
	struct rs_analysis *b = &p->b->analysis;

	r->ratio = nothing;
	r->unit = t->n > 0 ? t->unit : r->metric.unit;
	if (mean_of(b, t, &r->b, err) < 0)
		return -1;
	if (t->n == 0)
		r->why = rs_arena_printf(&c->arena, "%s has no value", p->b->letter);
	else
		rs_quotient_of_printed(&r->b, r->a.ci.lo, r->a.point, r->a.ci.hi, &r->ratio);
	if (r->why == NULL && isnan(r->ratio.point))
		r->why = rs_arena_str(&c->arena, r->ratio.method);
	return 0;
}

/* The printed value over the printed baseline, each anywhere inside its rounding. */
static int printed_to_baseline(const struct rs_published *t, const struct rs_plan *plan,
			       struct rs_contrast *r, struct rs_err *err)
{
	const struct rs_system *base = rs_plan_baseline(plan);
	struct rs_estimate own, whole;
	const char *text;

	if (printed_value(t, r->system->id, r->metric.id, &own, &text, err) < 0 ||
	    printed_value(t, base == NULL ? NULL : base->id, r->metric.id, &whole, &text, err) < 0)
		return -1;
	r->a = nothing;
	r->printed = NULL;
	if (isnan(own.point) || isnan(whole.point) || !(whole.ci.lo > 0) || !(own.ci.lo > 0))
		return 0;
	r->a.point = own.point / whole.point;
	r->a.ci.lo = own.ci.lo / whole.ci.hi;
	r->a.ci.hi = own.ci.hi / whole.ci.lo;
	return 0;
}

static int relative_to_printed(struct rs_comparison *c, struct rs_compared_pair *p,
			       const struct rs_published *t, struct rs_contrast r,
			       enum rs_over_guests over, const struct rs_trials *tb,
			       struct rs_err *err)
{
	struct rs_analysis *b = &p->b->analysis;

	r.ratio = nothing;
	r.unit = "";
	r.why = NULL;
	if (printed_to_baseline(t, b->plan, &r, err) < 0 ||
	    to_baseline(c, b, &r, over, tb, &r.b, err) < 0)
		return -1;
	if (isnan(r.a.point) || isnan(r.b.point)) {
		if (r.why == NULL)
			r.why = rs_arena_printf(&c->arena, "%s has no value or no baseline",
						isnan(r.a.point) ? "the publication" : p->b->letter);
	} else {
		rs_quotient_of_printed(&r.b, r.a.ci.lo, r.a.point, r.a.ci.hi, &r.ratio);
	}
	return add_row(c, &p->relative, &r, err);
}

static int add_printed(struct rs_comparison *c, struct rs_compared_pair *p,
		       const struct rs_published *t, const struct rs_published_value *v,
		       struct rs_err *err)
{
	struct rs_analysis *b = &p->b->analysis;
	const struct rs_plan *plan = b->plan;
	const struct rs_system *base = rs_plan_baseline(plan);
	struct rs_contrast r = { .benchmark = rs_plan_benchmark(plan, t->benchmark),
				 .system = rs_plan_system(plan, v->system) };
	enum rs_over_guests over;
	struct rs_trials tb;

	if (r.benchmark == NULL || r.system == NULL ||
	    rs_bench_metric(r.benchmark, v->metric, &r.metric) < 0)
		return 0;
	over = over_of(plan, r.benchmark);
	r.guests = rs_system_guests(r.system);
	if (printed_value(t, v->system, v->metric, &r.a, &r.printed, err) < 0 ||
	    side_trials(b, &r, r.system->id, r.guests, over, &tb, err) < 0 ||
	    fill_printed(c, p, &r, &tb, err) < 0 || add_row(c, &p->absolute, &r, err) < 0)
		return -1;
	if (base == NULL || base == r.system)
		return 0;
	return relative_to_printed(c, p, t, r, over, &tb, err);
}

int rs_contrasts_of_published(struct rs_comparison *c, struct rs_compared_pair *p,
			      struct rs_err *err)
{
	const struct rs_plan *plan = p->b->run->plan;

	for (size_t i = 0; i < plan->n_published; i++) {
		const struct rs_published *t = &plan->published[i];

		for (size_t k = 0; k < t->n_values; k++)
			if (add_printed(c, p, t, &t->values[k], err) < 0)
				return rs_err_wrap(err, "published \"%s\"", t->id);
	}
	if (correct(c, &p->absolute, err) < 0 || correct(c, &p->relative, err) < 0)
		return -1;
	return rs_arena_check(&c->arena, err);
}
