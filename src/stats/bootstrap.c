/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The BCa bootstrap (Efron 1987; Efron and Tibshirani 1993, chapter 14), for one
 * or two samples, with a generator of our own, so that a seed gives the same
 * interval everywhere.
 */
#include "stats_priv.h"

#include <gsl/gsl_cdf.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "restudy/base/mem.h"

#define SMALLEST 6		/* below it the resamples cannot reach the level */
#define LARGEST 500		/* above it the analytic interval is as good and linear */
#define RESAMPLES 10000u
#define RESAMPLES_MANY 2000u	/* for more than MANY trials in all */
#define MANY 200

int rs_stat_use_bootstrap(size_t n, size_t n_base)
{
	size_t smaller = n_base == 0 || n < n_base ? n : n_base;
	size_t larger = n > n_base ? n : n_base;

	return smaller >= SMALLEST && larger <= LARGEST;
}

static size_t resamples_for(const struct rs_resampled *r)
{
	return r->n + r->n_base > MANY ? RESAMPLES_MANY : RESAMPLES;
}

/* Two draws from each number of the generator: 32 bits times n, shifted.  The chances of
 * two trials differ by less than n / 2^32, which no interval can show. */
static void draw(struct rs_random *random, uint32_t *count, size_t n)
{
	for (size_t i = 0; i < n; i++)
		count[i] = 0;
	for (size_t i = 0; i < n; i += 2) {
		uint64_t bits = rs_random_u64(random);

		count[((bits >> 32) * n) >> 32]++;
		if (i + 1 < n)
			count[((bits & UINT32_MAX) * n) >> 32]++;
	}
}

/* Fills t.  -1 when the statistic is not defined for a resample. */
static int resample(const struct rs_resampled *r, uint64_t seed, uint32_t *count, double *t,
		    size_t n_t)
{
	struct rs_random random;

	rs_random_seed(&random, seed);
	for (size_t b = 0; b < n_t; b++) {
		draw(&random, count, r->n);
		draw(&random, count + r->n, r->n_base);
		t[b] = r->value(r->data, count);
		if (!isfinite(t[b]))
			return -1;
	}
	return 0;
}

/* z0: where the point lies among the resampled values, ties counted half; never infinite. */
static double bias_correction(const double *t, size_t n_t, double point)
{
	double below = 0;

	for (size_t b = 0; b < n_t; b++)
		below += t[b] < point ? 1.0 : t[b] > point ? 0.0 : 0.5;
	below /= (double)n_t;
	below = fmax(below, 0.5 / (double)n_t);
	below = fmin(below, 1 - 0.5 / (double)n_t);
	return gsl_cdf_ugaussian_Pinv(below);
}

/* Jackknife over one sample, count[0 .. n-1] of all: adds its part of the sums of squares
 * and cubes of the influence (Davison and Hinkley 1997, 5.3.2: each is divided by n). */
static void jackknife(const struct rs_resampled *r, uint32_t *all, uint32_t *count, size_t n,
		      double sums[2])
{
	double mean = 0;

	for (size_t i = 0; i < n; i++) {
		count[i] = 0;
		mean += r->value(r->data, all);
		count[i] = 1;
	}
	mean /= (double)n;
	for (size_t i = 0; i < n; i++) {
		double l;

		count[i] = 0;
		l = (double)(n - 1) * (mean - r->value(r->data, all)) / (double)n;
		count[i] = 1;
		sums[0] += l * l;
		sums[1] += l * l * l;
	}
}

static double acceleration(const struct rs_resampled *r, uint32_t *count)
{
	double sums[2] = { 0, 0 };
	double a;

	for (size_t i = 0; i < r->n + r->n_base; i++)
		count[i] = 1;
	jackknife(r, count, count, r->n, sums);
	if (r->n_base > 0)
		jackknife(r, count, count + r->n, r->n_base, sums);
	a = sums[1] / (6 * pow(sums[0], 1.5));
	return isfinite(a) ? a : 0;
}

/* The normal quantile of the level, widened as Student's t and the factor of the plug-in
 * variance ask for (Hesterberg 2015, 3.3); two samples by the smaller. */
static double expanded_z(const struct rs_resampled *r)
{
	size_t smaller = r->n_base == 0 || r->n < r->n_base ? r->n : r->n_base;
	double n = (double)smaller;

	return rs_stat_t(n - 1) * sqrt(n / (n - 1));
}

/* The end of the interval on the side of z (its sign); t is rearranged. */
static double end(double *t, size_t n_t, double z0, double a, double z)
{
	double denominator = 1 - a * (z0 + z), h, whole, lo, hi;

	if (denominator > 0)
		h = gsl_cdf_ugaussian_P(z0 + (z0 + z) / denominator) * (double)(n_t + 1);
	else			/* beyond what any resample reaches */
		h = z < 0 ? 0 : (double)n_t;
	h = fmin(fmax(h, 1), (double)n_t);
	whole = floor(h);
	lo = rs_stat_select(t, 0, n_t - 1, (size_t)whole - 1);
	if (h <= whole)
		return lo;
	hi = rs_stat_select(t, (size_t)whole, n_t - 1, (size_t)whole);
	return lo + (h - whole) * (hi - lo);
}

int rs_stat_bca(const struct rs_resampled *r, double point, uint64_t seed, struct rs_estimate *ret,
		struct rs_err *err)
{
	size_t n_t = resamples_for(r);
	double *t = rs_alloc(n_t, sizeof(*t), err);
	uint32_t *count = t == NULL ? NULL : rs_alloc(r->n + r->n_base, sizeof(*count), err);
	double z0, a, z;

	ret->ci = (struct rs_interval){ (double)NAN, (double)NAN, RS_LEVEL };
	if (count == NULL) {
		free(t);
		return -1;
	}
	if (resample(r, seed, count, t, n_t) < 0) {
		(void)snprintf(ret->method, sizeof(ret->method),
			       "no interval: a mean may be 0 when trials are resampled");
	} else {
		z0 = bias_correction(t, n_t, point);
		a = acceleration(r, count);
		z = expanded_z(r);
		ret->ci.lo = end(t, n_t, z0, a, -z);
		ret->ci.hi = end(t, n_t, z0, a, z);
		if (r->n_base > 0)
			(void)snprintf(ret->method, sizeof(ret->method),
				       "BCa bootstrap over %zu and %zu trials, %zu resamples, seed %" PRIu64,
				       r->n, r->n_base, n_t, seed);
		else
			(void)snprintf(ret->method, sizeof(ret->method),
				       "BCa bootstrap over %zu trials, %zu resamples, seed %" PRIu64,
				       r->n, n_t, seed);
	}
	free(count);
	free(t);
	return 0;
}
