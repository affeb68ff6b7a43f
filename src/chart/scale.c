/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From data to positions: ends and ticks of linear and logarithmic axes. */
#include "chart_priv.h"

#include <math.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"

/*
 * Talbot, Lin and Hanrahan ("An extension of Wilkinson's algorithm for positioning
 * tick labels on axes", IEEE TVCG 2010) weigh simplicity, coverage, density and
 * legibility.  Here labels are always loose (the axis contains the data) and
 * legibility is a matter of layout, so three terms are left.
 */
static const struct {
	double q;
	double simplicity;
	int decimals;		/* of q itself */
} steps[] = { { 1, 1.0, 0 }, { 2, 0.9, 0 }, { 5, 0.95, 0 }, { 2.5, 0.3, 1 }, { 4, 0.15, 0 } };

struct candidate {
	double score, q, first, last;	/* ticks are i * q * 10^power, first <= i <= last */
	int power;
	int decimals;		/* of the ticks; below zero: they end in as many zeros */
};

/* i * q * 10^power without the rounding of a negative power of ten. */
static double tick_value(double i, double q, int power)
{
	return power < 0 ? i * q / pow(10, -power) : i * q * pow(10, power);
}

static void try_step(struct candidate *best, double lo, double hi, double want, size_t k, int power)
{
	double step = tick_value(1, steps[k].q, power);
	double first = floor(lo / step + 1e-9), last = ceil(hi / step - 1e-9);
	double n = last - first + 1;
	double coverage = (hi - lo) / ((last - first) * step);
	double density = n > want ? want / n : n / want;
	double score = 0.2 * steps[k].simplicity + 0.45 * coverage + 0.35 * density;

	if (n < 2 || n > RS_TICKS_MAX || !(score > best->score))
		return;
	best->score = score;
	best->q = steps[k].q;
	best->first = first;
	best->last = last;
	best->power = power;
	best->decimals = steps[k].decimals - power;
}

/* Makes a range that has a length a double can divide. */
static void widen(double *lo, double *hi)
{
	double size = fmax(fabs(*lo), fabs(*hi));

	if (size < 1e-290) {
		*lo = 0;
		*hi = 1;
	} else if (*hi - *lo < size * 1e-9) {
		double by = *hi - *lo > 0 ? size * 1e-8 : size * 0.05;

		if (*lo != 0)
			*lo -= by;
		if (*hi != 0)
			*hi += by;
	}
}

/* Labels of a million or more, or below a thousandth, are told in powers of ten.  The
 * data decides and not the ticks, so that a title can be set before them. */
static void choose_exponent(struct rs_axis *a, double size)
{
	double e;

	a->exponent = 0;
	if (size >= 1e-3 && size < 1e6)
		return;
	e = floor(log10(size) / 3 + 1e-9) * 3;
	a->exponent = (int)e;
	a->decimals += a->exponent;
}

void rs_axis_linear(struct rs_axis *a, double lo, double hi, double want)
{
	struct candidate best = { .score = -1 };
	double magnitude;
	int power;

	widen(&lo, &hi);
	want = fmax(2, fmin(want, 12));
	magnitude = floor(log10((hi - lo) / want));
	power = (int)magnitude;
	for (int p = power - 1; p <= power + 1; p++)
		for (size_t k = 0; k < RS_COUNT(steps); k++)
			try_step(&best, lo, hi, want, k, p);
	a->log = 0;
	a->n_ticks = 0;
	for (double i = best.first; i <= best.last && a->n_ticks < RS_TICKS_MAX; i++)
		a->tick[a->n_ticks++] = tick_value(i, best.q, best.power);
	a->lo = a->tick[0];
	a->hi = a->tick[a->n_ticks - 1];
	a->decimals = best.decimals;
	choose_exponent(a, fmax(fabs(lo), fabs(hi)));
	a->decimals = a->decimals > 0 ? a->decimals : 0;
}

void rs_axis_whole(struct rs_axis *a, double lo, double hi, double want)
{
	double step = 1, first;
	static const double factor[] = { 2, 2.5, 2 };	/* 1 2 5 10 20 ... */

	want = fmax(1, fmin(want, RS_TICKS_MAX - 1));
	for (size_t k = 0; (hi - lo) / step > want && k < 60; k++)
		step *= factor[k % RS_COUNT(factor)];
	*a = (struct rs_axis){ .lo = lo, .hi = hi };
	first = ceil(lo / step - 1e-9) * step;
	for (double v = first; v <= hi * (1 + 1e-12) && a->n_ticks < RS_TICKS_MAX; v += step)
		a->tick[a->n_ticks++] = v;
	if (!(a->hi > a->lo)) {		/* one number only: in the middle */
		a->lo -= 0.5;
		a->hi += 0.5;
	}
}

void rs_axis_at_values(struct rs_axis *a, const double *v, size_t n)
{
	*a = (struct rs_axis){ .lo = v[0], .hi = v[0] };
	for (size_t i = 0; i < n; i++) {
		char shortest[40];
		const char *point = strchr(rs_format_double(shortest, sizeof(shortest), v[i]), '.');
		int decimals = point == NULL ? 0 : (int)strlen(point + 1);

		a->lo = fmin(a->lo, v[i]);
		a->hi = fmax(a->hi, v[i]);
		a->decimals = decimals > a->decimals && decimals < 4 ? decimals : a->decimals;
		if (a->n_ticks < RS_TICKS_MAX)
			a->tick[a->n_ticks++] = v[i];
	}
	if (!(a->hi > a->lo)) {		/* one number only: in the middle */
		a->lo -= 0.5;
		a->hi += 0.5;
	}
}

void rs_axis_log(struct rs_axis *a, double lo, double hi, double want)
{
	double first = floor(log10(lo) + 1e-9), last = ceil(log10(hi) - 1e-9);
	double by;

	first = fmax(first, -300);	/* smaller powers of ten are not normal numbers */
	if (last <= first)
		last = first + 1;
	by = ceil((last - first) / fmax(2, fmin(want, RS_TICKS_MAX - 2)));
	last = first + ceil((last - first) / by) * by;
	*a = (struct rs_axis){ .log = 1, .lo = pow(10, first), .hi = pow(10, last) };
	for (double e = first; e <= last && a->n_ticks < RS_TICKS_MAX; e += by)
		a->tick[a->n_ticks++] = pow(10, e);
}

double rs_axis_at(const struct rs_axis *a, double v)
{
	double share;

	if (a->log)
		share = v > 0 ? log10(v / a->lo) / log10(a->hi / a->lo) : 0;
	else
		share = (v - a->lo) / (a->hi - a->lo);
	share = fmax(0, fmin(1, share));
	return a->from + share * (a->to - a->from);
}

char *rs_axis_label(const struct rs_axis *a, size_t tick, enum rs_chart_lang lang, char *buf,
		    size_t size)
{
	double v = a->tick[tick];
	double e;

	if (!a->log)
		return rs_chart_number(buf, size, tick_value(v, 1, -a->exponent), a->decimals, lang);
	e = floor(log10(v) + 0.5);
	if (a->lo >= 0.9e-3 && a->hi <= 1.1e4)
		return rs_chart_number(buf, size, v, e < 0 ? -(int)e : 0, lang);
	return rs_chart_power(buf, size, (int)e);
}
