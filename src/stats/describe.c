/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a series looks like: quantiles, moments, summary.  Quantiles of a summary
 * are found by selection, not by sorting, so that ten million samples cost ten
 * times what a million cost.
 */
#include "stats_priv.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"

double rs_arithmetic_mean(const double *v, size_t n)
{
	long double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (long double)v[i];
	return (double)(sum / (long double)n);
}

static long double variance(const double *v, size_t n, double mean)
{
	long double sum = 0;

	if (n < 2)
		return (long double)NAN;
	for (size_t i = 0; i < n; i++) {
		long double d = (long double)v[i] - (long double)mean;

		sum += d * d;
	}
	return sum / (long double)(n - 1);
}

double rs_stat_variance(const double *v, size_t n, double mean)
{
	return (double)variance(v, n, mean);
}

int rs_stat_all_equal(const double *v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (v[i] != v[0])
			return 0;
	return 1;
}

double rs_stat_t(double df)
{
	return gsl_cdf_tdist_Pinv(0.5 + RS_LEVEL / 2, df);
}

double rs_stat_z(void)
{
	return gsl_cdf_ugaussian_Pinv(0.5 + RS_LEVEL / 2);
}

/* The place p of [0, n - 1] that type 7 gives, as an index and what is beyond it. */
static size_t place(size_t n, double p, double *ret_beyond)
{
	double h = (double)(n - 1) * p;
	double whole = floor(h);

	*ret_beyond = h - whole;
	return (size_t)whole;
}

/* Between two neighbours; never overflows, and exact at both ends. */
static double between(double lo, double hi, double beyond)
{
	return beyond <= 0 ? lo : lo * (1 - beyond) + hi * beyond;
}

double rs_quantile(const double *v, size_t n, double p)
{
	double beyond;
	size_t i = place(n, p, &beyond);

	return i + 1 < n ? between(v[i], v[i + 1], beyond) : v[n - 1];
}

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void exchange(double *a, double *b)
{
	double t = *a;

	*a = *b;
	*b = t;
}

/* Puts the median of three into v[mid] and splits [lo, hi] around it (Hoare): afterwards
 * [lo, *j] <= pivot <= [*i, hi] and *j < *i. */
static void split(double *v, size_t lo, size_t hi, size_t *ret_i, size_t *ret_j)
{
	size_t mid = lo + (hi - lo) / 2, i = lo, j = hi;
	double pivot;

	if (v[mid] < v[lo])
		exchange(&v[mid], &v[lo]);
	if (v[hi] < v[lo])
		exchange(&v[hi], &v[lo]);
	if (v[hi] < v[mid])
		exchange(&v[hi], &v[mid]);
	pivot = v[mid];
	for (;;) {
		while (v[i] < pivot)
			i++;
		while (pivot < v[j])
			j--;
		if (i >= j)
			break;
		exchange(&v[i], &v[j]);
		i++;
		j--;
	}
	if (i == j) {		/* both stand on a pivot */
		i++;
		j = j > lo ? j - 1 : lo;
	}
	*ret_i = i;
	*ret_j = j;
}

/* Quickselect; a range that resists is sorted, so the cost is bounded. */
double rs_stat_select(double *v, size_t lo, size_t hi, size_t k)
{
	int patience = 64;

	while (hi > lo) {
		size_t i, j;

		if (hi - lo < 24 || patience-- == 0) {
			qsort(v + lo, hi - lo + 1, sizeof(*v), by_value);
			break;
		}
		split(v, lo, hi, &i, &j);
		if (k <= j)
			hi = j;
		else if (k >= i)
			lo = i;
		else
			break;	/* between both parts: on the pivot */
	}
	return v[k];
}

/* Type 7 of n values, of which v[lo .. hi] hold the ranks lo .. hi, among them both
 * neighbours of the place. */
static double select_quantile(double *v, size_t lo, size_t hi, size_t n, double p)
{
	double beyond, at, next;
	size_t k = place(n, p, &beyond);

	at = rs_stat_select(v, lo, hi, k);
	if (beyond <= 0 || k + 1 > hi)
		return at;
	next = v[k + 1];	/* the smallest of those right of k */
	for (size_t i = k + 2; i <= hi; i++)
		if (v[i] < next)
			next = v[i];
	return between(at, next, beyond);
}

/* The largest rank r from 1 with exact coverage >= the level; 1 when there is none. */
static size_t median_rank(size_t n, double *ret_coverage)
{
	double tail = (1 - RS_LEVEL) / 2;
	double guess = floor((double)n / 2 - rs_stat_z() * sqrt((double)n) / 2);
	size_t r = guess < 1 ? 1 : (size_t)guess;

	while (r > 1 && gsl_cdf_binomial_P((unsigned)r - 1, 0.5, (unsigned)n) > tail)
		r--;
	while (r < n / 2 && gsl_cdf_binomial_P((unsigned)r, 0.5, (unsigned)n) <= tail)
		r++;
	*ret_coverage = 1 - 2 * gsl_cdf_binomial_P((unsigned)r - 1, 0.5, (unsigned)n);
	return r;
}

/* work: a copy of the values that may be rearranged. */
static void order_statistics(double *work, size_t n, struct rs_summary *s)
{
	size_t m = (n - 1) / 2, r;

	s->median = select_quantile(work, 0, n - 1, n, 0.5);
	s->median_ci = (struct rs_interval){ (double)NAN, (double)NAN, RS_LEVEL };
	if (n > 1) {
		r = median_rank(n, &s->median_ci.level);
		s->median_ci.lo = rs_stat_select(work, 0, m, r - 1);
		s->median_ci.hi = rs_stat_select(work, m, n - 1, n - r);
	}
	/* what is left of m is not above it, what is right not below */
	s->q1 = select_quantile(work, 0, n > 2 ? m : n - 1, n, 0.25);
	s->q3 = select_quantile(work, m, n - 1, n, 0.75);
}

static void moments(const double *v, size_t n, struct rs_summary *s)
{
	double half;

	s->n = n;
	s->min = s->max = v[0];
	for (size_t i = 1; i < n; i++) {
		s->min = v[i] < s->min ? v[i] : s->min;
		s->max = v[i] > s->max ? v[i] : s->max;
	}
	s->mean = rs_arithmetic_mean(v, n);
	/* the root before the result becomes a double: the variance of values near 1e200 is
	 * beyond its range, their deviation is not */
	s->sd = (double)sqrtl(variance(v, n, s->mean));
	s->cv = n >= 2 && s->min >= 0 && s->mean > 0 ? s->sd / s->mean : (double)NAN;
	half = n >= 2 ? rs_stat_t((double)(n - 1)) * s->sd / sqrt((double)n) : (double)NAN;
	s->mean_ci = (struct rs_interval){ s->mean - half, s->mean + half, RS_LEVEL };
}

int rs_summarise(const double *v, size_t n, struct rs_summary *ret, struct rs_err *err)
{
	double *work = rs_alloc(n, sizeof(*work), err);

	if (work == NULL)
		return -1;
	memcpy(work, v, n * sizeof(*work));
	moments(v, n, ret);
	order_statistics(work, n, ret);
	free(work);
	return 0;
}

double rs_geometric_mean(const double *v, size_t n)
{
	long double sum = 0;

	for (size_t i = 0; i < n; i++) {
		if (!(v[i] > 0))
			return (double)NAN;
		sum += (long double)log(v[i]);
	}
	return exp((double)(sum / (long double)n));
}

int rs_outliers(const double *v, size_t n, int *marks, size_t *ret_n, struct rs_err *err)
{
	double *sorted, q1, q3, far;

	memset(marks, 0, n * sizeof(*marks));
	*ret_n = 0;
	if (n < 4)
		return 0;
	sorted = rs_alloc(n, sizeof(*sorted), err);
	if (sorted == NULL)
		return -1;
	memcpy(sorted, v, n * sizeof(*sorted));
	q1 = select_quantile(sorted, 0, n - 1, n, 0.25);
	q3 = select_quantile(sorted, 0, n - 1, n, 0.75);
	free(sorted);
	far = 3 * (q3 - q1);
	for (size_t i = 0; i < n; i++) {
		marks[i] = v[i] < q1 - far || v[i] > q3 + far;
		*ret_n += (size_t)marks[i];
	}
	return 0;
}
