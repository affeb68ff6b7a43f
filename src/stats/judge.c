/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From an interval to a verdict: relations, p values and their correction, how
 * many trials would settle it, and what a printed number says about the exact one.
 */
#include "stats_priv.h"

#include <ctype.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"

static int all_of_it(const struct rs_interval *c, enum rs_relation relation, double bound,
		     double margin)
{
	switch (relation) {
	case RS_REL_AT_LEAST:
		return c->lo >= bound;
	case RS_REL_AT_MOST:
		return c->hi <= bound;
	case RS_REL_ABOVE:
		return c->lo > bound;
	case RS_REL_BELOW:
		return c->hi < bound;
	case RS_REL_NEAR:
		return c->lo >= bound - margin && c->hi <= bound + margin;
	case RS_REL_LAST:
		break;
	}
	return 0;
}

static int none_of_it(const struct rs_interval *c, enum rs_relation relation, double bound,
		      double margin)
{
	switch (relation) {
	case RS_REL_AT_LEAST:
		return c->hi < bound;
	case RS_REL_AT_MOST:
		return c->lo > bound;
	case RS_REL_ABOVE:
		return c->hi <= bound;
	case RS_REL_BELOW:
		return c->lo >= bound;
	case RS_REL_NEAR:
		return c->hi < bound - margin || c->lo > bound + margin;
	case RS_REL_LAST:
		break;
	}
	return 0;
}

enum rs_judgement rs_judge(const struct rs_estimate *e, enum rs_relation relation, double bound,
			   double tolerance)
{
	double margin = fabs(bound) * tolerance;

	if (isnan(e->ci.lo) || isnan(e->ci.hi))
		return RS_JUDGEMENT_OPEN;
	if (all_of_it(&e->ci, relation, bound, margin))
		return RS_JUDGEMENT_HOLDS;
	return none_of_it(&e->ci, relation, bound, margin) ? RS_JUDGEMENT_FAILS : RS_JUDGEMENT_OPEN;
}

/* The half of the interval that looks at the bound. */
static double half_toward(const struct rs_estimate *e, double bound)
{
	return bound >= e->point ? e->ci.hi - e->point : e->point - e->ci.lo;
}

size_t rs_trials_needed(const struct rs_estimate *e, size_t n, double bound, size_t family)
{
	/* More trials take from the spread alone, not from what rounding adds. */
	const double off = bound >= e->point ? e->off_hi : e->off_lo;
	double distance = fabs(e->point - bound) - off, half = half_toward(e, bound) - off, needed;

	if (family > 1)
		half *= gsl_cdf_ugaussian_Qinv((1 - RS_LEVEL) / 2 / (double)family) / rs_stat_z();

	if (isnan(half) || !(distance > 0))
		return 0;
	needed = floor((double)n * (half / distance) * (half / distance)) + 1;
	if (needed <= (double)n)
		return n;
	return needed < 1e9 ? (size_t)needed : 0;
}

static double p_of_bound(const struct rs_estimate *e, double bound)
{
	double distance = fabs(e->point - bound), half = half_toward(e, bound);

	if (isnan(half))
		return (double)NAN;
	if (distance <= 0)
		return 1;
	return half > 0 ? 2 * gsl_cdf_ugaussian_Q(rs_stat_z() * distance / half) : 0;
}

double rs_p_value(const struct rs_estimate *e, enum rs_relation relation, double bound,
		  double tolerance)
{
	double margin = relation == RS_REL_NEAR ? fabs(bound) * tolerance : 0;
	double lower = p_of_bound(e, bound - margin), upper = p_of_bound(e, bound + margin);

	return isnan(lower) || isnan(upper) ? (double)NAN : fmax(lower, upper);
}

double rs_p_value_of_ratio(const struct rs_estimate *e, enum rs_relation relation, double bound,
			   double tolerance)
{
	const double margin = relation == RS_REL_NEAR ? fabs(bound) * tolerance : 0;
	struct rs_estimate l = *e;
	double lower, upper;

	if (!(e->ci.lo > 0) || !(e->point > 0) || !(bound - margin > 0))
		return rs_p_value(e, relation, bound, tolerance);
	l.point = log(e->point);
	l.ci.lo = log(e->ci.lo);
	l.ci.hi = log(e->ci.hi);
	lower = p_of_bound(&l, log(bound - margin));
	upper = p_of_bound(&l, log(bound + margin));
	return isnan(lower) || isnan(upper) ? (double)NAN : fmax(lower, upper);
}

struct ranked {
	double p;
	size_t at;
};

static int by_p(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->p != y->p)
		return x->p < y->p ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

int rs_holm(const double *p, size_t n, double *adjusted, struct rs_err *err)
{
	struct ranked *r = rs_alloc(n > 0 ? n : 1, sizeof(*r), err);
	size_t m = 0;
	double worst = 0;

	if (r == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		adjusted[i] = p[i];
		if (!isnan(p[i]))
			r[m++] = (struct ranked){ p[i], i };
	}
	qsort(r, m, sizeof(*r), by_p);
	for (size_t i = 0; i < m; i++) {
		worst = fmax(worst, fmin(1, (double)(m - i) * r[i].p));
		adjusted[r[i].at] = worst;
	}
	free(r);
	return 0;
}

/* A decimal number without its point: digits * 10^exponent. */
struct decimal {
	double digits;		/* integer of at most 15 digits, signed */
	int exponent;
};

/* The exponent after the digits at s, 0 when there is none; -1 when it is no number. */
static int read_exponent(const char *s, int *ret)
{
	int sign = 1, v = 0, n = 0;

	*ret = 0;
	if (*s == '\0')
		return 0;
	if (*s != 'e' && *s != 'E')
		return -1;
	s++;
	if (*s == '-' || *s == '+')
		sign = *s++ == '-' ? -1 : 1;
	for (; isdigit((unsigned char)*s); s++, n++)
		if (v < 1000)
			v = v * 10 + (*s - '0');
	*ret = sign * v;
	return *s == '\0' && n > 0 ? 0 : -1;
}

static int read_decimal(const char *s, struct decimal *d)
{
	int negative = *s == '-', digits = 0, significant = 0, after = 0, point = 0, exponent;

	if (*s == '-' || *s == '+')
		s++;
	d->digits = 0;
	for (; isdigit((unsigned char)*s) || (*s == '.' && !point); s++) {
		if (*s == '.') {
			point = 1;
			continue;
		}
		d->digits = d->digits * 10 + (*s - '0');
		digits++;
		significant += significant > 0 || *s != '0';
		after += point;
	}
	if (digits == 0 || significant > 15 || read_exponent(s, &exponent) < 0)
		return -1;
	if (negative)
		d->digits = -d->digits;
	d->exponent = exponent - after;
	return d->exponent < -290 || d->exponent > 290 ? -1 : 0;
}

/* tenths * 10^(exponent - 1); one rounding for the exponents that are printed. */
static double scaled(double tenths, int exponent)
{
	return exponent > 0 ? tenths * pow(10, exponent - 1) : tenths / pow(10, 1 - exponent);
}

int rs_rounding_interval(const char *text, double *lo, double *hi, struct rs_err *err)
{
	struct decimal d;

	if (read_decimal(text, &d) < 0)
		return rs_err_set(err, RS_ERR_PLAN, "\"%.40s\" is no decimal number of at most 15 digits",
				  text);
	*lo = scaled(d.digits * 10 - 5, d.exponent);
	*hi = scaled(d.digits * 10 + 5, d.exponent);
	return 0;
}
