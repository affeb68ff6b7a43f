/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arithmetic that published comparisons must satisfy, as audit.c has it for load tests:
 *   a ratio, percentage, change or speed-up is that of the two values printed for it,
 *   that of a system with itself is one,
 *   a mean of ratios is the geometric mean of those that are printed (Fleming and Wallace,
 *   "How not to lie with statistics", Communications of the ACM 29(3), 1986).
 */
#include <string.h>

#include "audit_priv.h"
#include "restudy/stats.h"

static struct rs_bounds inverse(struct rs_bounds r)
{
	return (struct rs_bounds){ 1 / r.hi, 1 / r.lo };
}

/* As it is printed, and back, a system's number divided by the other's. */
static struct rs_bounds as_printed(struct rs_bounds q, enum rs_ratio as)
{
	switch (as) {
	case RS_RATIO_RATIO:
		return q;
	case RS_RATIO_PERCENT:
		return (struct rs_bounds){ 100 * q.lo, 100 * q.hi };
	case RS_RATIO_CHANGE:
		return (struct rs_bounds){ 100 * (q.lo - 1), 100 * (q.hi - 1) };
	case RS_RATIO_SPEED_UP:
		return inverse(q);
	case RS_RATIO_LAST:
		break;
	}
	return rs_bounds_none;
}

static struct rs_bounds as_quotient(struct rs_bounds r, enum rs_ratio as)
{
	switch (as) {
	case RS_RATIO_RATIO:
		return r;
	case RS_RATIO_PERCENT:
		return (struct rs_bounds){ r.lo / 100, r.hi / 100 };
	case RS_RATIO_CHANGE:
		return (struct rs_bounds){ 1 + r.lo / 100, 1 + r.hi / 100 };
	case RS_RATIO_SPEED_UP:
		return inverse(r);
	case RS_RATIO_LAST:
		break;
	}
	return rs_bounds_none;
}

static const char *versus_of(const struct rs_plan *plan, const struct rs_published_ratio *v)
{
	const struct rs_system *base = rs_plan_baseline(plan);

	if (v->versus != NULL || base == NULL)
		return v->versus;
	return base->id;
}

static int same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* The printed value of a system, where it is above zero: nothing can be divided else. */
static int value_of(const struct rs_published *p, const char *system, const char *metric,
		    struct rs_bounds *ret, struct rs_err *err)
{
	*ret = rs_bounds_none;
	for (size_t i = 0; i < p->n_values; i++) {
		const struct rs_published_value *v = &p->values[i];

		if (!same(v->system, system) || !same(v->metric, metric))
			continue;
		if (rs_rounding_interval(v->text, &ret->lo, &ret->hi, err) < 0)
			return rs_err_wrap(err, "published \"%s\", %s of %s", p->id, metric, system);
		if (!(ret->lo > 0))
			*ret = rs_bounds_none;
	}
	return 0;
}

static int read_ratio(const struct rs_published *p, const struct rs_published_ratio *v,
		      struct rs_bounds *ret, struct rs_err *err)
{
	if (rs_rounding_interval(v->text, &ret->lo, &ret->hi, err) < 0)
		return rs_err_wrap(err, "published \"%s\", ratio of %s", p->id, v->system);
	return 0;
}

/* Of the ratios that this one is the mean of: those printed in its form, of its pair of systems;
 * none when there are fewer than two, or one may be 0. */
static int mean_of(const struct rs_audit *a, const struct rs_plan *plan,
		   const struct rs_published_ratio *mean, struct rs_bounds *ret, struct rs_err *err)
{
	struct rs_bounds sum = { 0, 0 };
	double n = 0;

	*ret = rs_bounds_none;
	for (size_t i = 0; i < a->p->n_ratios; i++) {
		const struct rs_published_ratio *v = &a->p->ratios[i];
		struct rs_bounds q;

		if (v->metric == NULL || v->as != mean->as || !same(v->system, mean->system) ||
		    !same(versus_of(plan, v), versus_of(plan, mean)))
			continue;
		if (read_ratio(a->p, v, &q, err) < 0)
			return -1;
		q = as_quotient(q, v->as);
		if (!(q.lo > 0) || !(q.hi > 0))
			return 0;
		sum = (struct rs_bounds){ sum.lo + log(q.lo), sum.hi + log(q.hi) };
		n++;
	}
	if (n > 1)
		*ret = as_printed((struct rs_bounds){ exp(sum.lo / n), exp(sum.hi / n) }, mean->as);
	return 0;
}

static int check_one(struct rs_audit *a, const struct rs_plan *plan,
		     const struct rs_published_ratio *v, struct rs_err *err)
{
	struct rs_printed number = { .system = v->system, .metric = v->metric, .text = v->text,
				     .ratio = v };
	const char *versus = versus_of(plan, v);
	struct rs_bounds own, other, mean;

	if (read_ratio(a->p, v, &number.r, err) < 0)
		return -1;
	if (same(versus, v->system))
		rs_audit_judge(a, &number, "the same by the same",
			       as_printed((struct rs_bounds){ 1, 1 }, v->as));
	else if (v->metric != NULL) {
		if (value_of(a->p, v->system, v->metric, &own, err) < 0 ||
		    value_of(a->p, versus, v->metric, &other, err) < 0)
			return -1;
		if (rs_bounds_known(own) && rs_bounds_known(other))
			rs_audit_judge(a, &number, "dividing the printed values",
				       as_printed(rs_bounds_quotient(own, other), v->as));
	} else {
		if (mean_of(a, plan, v, &mean, err) < 0)
			return -1;
		if (rs_bounds_known(mean))
			rs_audit_judge(a, &number, "the geometric mean of the printed ratios", mean);
	}
	return 0;
}

int rs_audit_ratios(struct rs_audit *a, const struct rs_plan *plan, struct rs_err *err)
{
	for (size_t i = 0; i < a->p->n_ratios; i++)
		if (check_one(a, plan, &a->p->ratios[i], err) < 0)
			return -1;
	return 0;
}
