/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials in their order: do they depend on each other, did the first ones warm up? */
#include "stats_priv.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#define WARMUP_LEVEL 0.999	/* a warm-up is told only when it is plain */

double rs_autocorrelation(const double *v, size_t n)
{
	double mean;
	long double product = 0, square = 0;

	if (n < 3 || rs_stat_all_equal(v, n))
		return (double)NAN;
	mean = rs_arithmetic_mean(v, n);
	for (size_t i = 0; i < n; i++) {
		long double d = (long double)v[i] - (long double)mean;

		square += d * d;
		if (i + 1 < n)
			product += d * ((long double)v[i + 1] - (long double)mean);
	}
	return (double)(product / square);
}

/* The truncation d <= n / 2 with the least MSER: sum of squares of the rest about its own
 * mean, divided by the square of its length.  Sums run from the end (Welford). */
static size_t least_mser(const double *v, size_t n, double *ret_mean, double *ret_variance)
{
	double mean = 0, squares = 0, least = (double)INFINITY;
	size_t at = 0;

	for (size_t left = 1; left <= n; left++) {
		double x = v[n - left], d = x - mean;
		double m = (double)left;

		mean += d / m;
		squares += d * (x - mean);
		if (n - left <= n / 2 && squares / (m * m) <= least) {
			least = squares / (m * m);
			at = n - left;
			*ret_mean = mean;
			*ret_variance = left > 1 ? squares / (m - 1) : 0;
		}
	}
	return at;
}

size_t rs_warmup_end(const double *v, size_t n)
{
	double mean = 0, variance = 0, reach, head;
	size_t cut, rest;

	if (n < 4)
		return 0;
	cut = least_mser(v, n, &mean, &variance);
	rest = n - cut;
	if (cut == 0 || rest < 2)
		return 0;
	head = rs_arithmetic_mean(v, cut);
	reach = gsl_cdf_tdist_Pinv(0.5 + WARMUP_LEVEL / 2, (double)(rest - 1)) *
		sqrt(variance * (1 / (double)cut + 1 / (double)rest));
	return fabs(head - mean) > reach ? cut : 0;
}
