/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quotients of what has been estimated already, and by numbers that were printed rounded. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stats_priv.h"

static void undefined(struct rs_estimate *ret, const char *why)
{
	ret->point = ret->ci.lo = ret->ci.hi = (double)NAN;
	(void)snprintf(ret->method, sizeof(ret->method), "no ratio: %s", why);
}

static int has_interval(const struct rs_estimate *e)
{
	return !isnan(e->ci.lo) && !isnan(e->ci.hi);
}

/* For the reason that a part of the quotient gives. */
static void no_interval(struct rs_estimate *ret, const struct rs_estimate *part)
{
	ret->ci.lo = ret->ci.hi = (double)NAN;
	memcpy(ret->method, part->method, sizeof(ret->method));
}

void rs_quotient(const struct rs_estimate *num, const struct rs_estimate *den,
		 struct rs_estimate *ret)
{
	double d, below, above;

	*ret = (struct rs_estimate){ .ci.level = RS_LEVEL, .n = num->n, .n_base = den->n };
	if (!(num->point > 0) || !(den->point > 0)) {
		undefined(ret, "a value is not positive");
		return;
	}
	ret->point = num->point / den->point;
	if (!has_interval(num) || !has_interval(den)) {
		no_interval(ret, has_interval(num) ? den : num);
		return;
	}
	if (!(num->ci.lo > 0) || !(den->ci.lo > 0)) {
		ret->ci.lo = ret->ci.hi = (double)NAN;
		(void)snprintf(ret->method, sizeof(ret->method),
			       "no interval: that of a value reaches 0");
		return;
	}
	d = log(ret->point);
	below = hypot(log(num->point / num->ci.lo), log(den->ci.hi / den->point));
	above = hypot(log(num->ci.hi / num->point), log(den->point / den->ci.lo));
	ret->ci.lo = exp(d - below);
	ret->ci.hi = exp(d + above);
	(void)snprintf(ret->method, sizeof(ret->method),
		       "variance estimates recovered (MOVER) from two intervals");
}

void rs_quotient_of_printed(const struct rs_estimate *num, double lo, double value, double hi,
			    struct rs_estimate *ret)
{
	*ret = (struct rs_estimate){ .ci.level = RS_LEVEL, .n = num->n };
	if (!(lo > 0) || !(value > 0)) {
		undefined(ret, "the printed number may be 0");
		return;
	}
	ret->point = num->point / value;
	if (!has_interval(num)) {
		no_interval(ret, num);
		return;
	}
	ret->ci.lo = fmin(num->ci.lo / hi, num->ci.lo / lo);
	ret->ci.hi = fmax(num->ci.hi / lo, num->ci.hi / hi);
	(void)snprintf(ret->method, sizeof(ret->method),
		       "interval of %zu trials, widened by the rounding in print", num->n);
}

static void tell_rounding(struct rs_estimate *e, double lo, double hi)
{
	const size_t used = strlen(e->method);

	e->off_lo += e->ci.lo - lo;
	e->off_hi += hi - e->ci.hi;
	e->ci.lo = lo;
	e->ci.hi = hi;
	(void)snprintf(e->method + used, sizeof(e->method) - used, "; widened by rounding");
}

void rs_round_mean(struct rs_estimate *e, double off)
{
	if (has_interval(e) && off > 0)
		tell_rounding(e, e->ci.lo < 0 ? e->ci.lo - off : fmax(0, e->ci.lo - off), e->ci.hi + off);
}

void rs_round_ratio(struct rs_estimate *e, const struct rs_rounded *v, size_t k, double scale)
{
	double lo = 1, hi = 1, off = 0;

	for (size_t i = 0; i < k; i++) {
		const double bottom = v[i].base - v[i].base_off, down = v[i].base / (v[i].base + v[i].base_off);
		const double up = bottom > 0 ? v[i].base / bottom : (double)INFINITY;

		off += v[i].off + v[i].base_off;
		if (v[i].mean > 0) {
			lo *= pow(fmax(0, 1 - v[i].off / v[i].mean) * down, 1 / (double)k);
			hi *= pow((1 + v[i].off / v[i].mean) * up, 1 / (double)k);
		}
	}
	if (!has_interval(e) || !(off > 0))
		return;
	if (e->point > 0)
		tell_rounding(e, fmin(e->ci.lo * lo, e->ci.lo), fmax(e->ci.hi * hi, e->ci.hi));
	else if (k == 1 && v->mean == 0)	/* a 0 that may have been rounded down */
		tell_rounding(e, e->ci.lo, v->base > v->base_off ? scale * v->off / (v->base - v->base_off)
								 : (double)INFINITY);
}
