/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pure functions over arrays; no I/O.  Each names its definition and source.
 * Samples are finite: the store refuses others.  The unit of a result is the
 * unit of the values unless said otherwise.
 */
#ifndef RESTUDY_STATS_H
#define RESTUDY_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/err.h"
#include "restudy/model/names.h"

struct rs_interval {
	double lo, hi;		/* NaN when it cannot be given (n < 2) */
	double level;		/* 0.95 */
};

struct rs_summary {
	size_t n;
	double mean, median, sd;	/* sd: n - 1; NaN for n < 2 */
	double min, max, q1, q3;	/* quartiles: type 7 */
	double cv;			/* sd / mean; NaN where it has no meaning */
	struct rs_interval mean_ci;	/* Student's t */
	struct rs_interval median_ci;	/* order statistics, binomial; widest when n is small */
};

/* Quantile of ascending v, type 7 of Hyndman and Fan (1996), as R's default.
 * n >= 1, p in [0, 1].  Cannot fail. */
double rs_quantile(const double *v, size_t n, double p);

/* Summary of v (any order, not changed).  n >= 1. */
int rs_summarise(const double *v, size_t n, struct rs_summary *ret, struct rs_err *err)
	RS_MUST_CHECK;

/* Geometric mean; every value > 0, else NaN.  n >= 1. */
double rs_geometric_mean(const double *v, size_t n);

/* One unit of replication is a trial: rows of a hierarchy are boots.  A point with its
 * interval; method is a static text for the report ("BCa bootstrap over 5 trials, 10000
 * resamples, seed 2006"). */
struct rs_estimate {
	double point;
	struct rs_interval ci;
	size_t n, n_base;	/* trials behind it */
	char method[120];
};

/* mean(a) / mean(b) * scale with a BCa interval (Efron 1987; Efron and Tibshirani 1993,
 * chapter 14), trials of both resampled independently.  n, n_base >= 1 (interval NaN when
 * either is 1); mean(b) != 0 else RS_ERR_FAILED. */
int rs_ratio(const double *a, size_t n, const double *b, size_t n_base, double scale,
	     uint64_t seed, struct rs_estimate *ret, struct rs_err *err) RS_MUST_CHECK;

/* Geometric mean over k metrics of the ratios mean(a_i)/mean(b_i), times scale; whole
 * trials are resampled.  a[i], b[i]: na and nb trials of metric i. */
int rs_ratio_group(const double *const *a, size_t na, const double *const *b, size_t nb,
		   size_t k, double scale, uint64_t seed, struct rs_estimate *ret,
		   struct rs_err *err) RS_MUST_CHECK;

/* Mean with BCa interval. */
int rs_mean(const double *v, size_t n, uint64_t seed, struct rs_estimate *ret, struct rs_err *err)
	RS_MUST_CHECK;

/* Coefficient of variation with a bootstrap interval. */
int rs_variation(const double *v, size_t n, uint64_t seed, struct rs_estimate *ret,
		 struct rs_err *err) RS_MUST_CHECK;

/* Verdict from the interval, not from the point: holds when all of it satisfies the
 * relation, fails when none of it does, else open.  near: within bound * (1 +- tolerance). */
enum rs_judgement { RS_JUDGEMENT_HOLDS, RS_JUDGEMENT_FAILS, RS_JUDGEMENT_OPEN, RS_JUDGEMENT_LAST };
enum rs_judgement rs_judge(const struct rs_estimate *e, enum rs_relation relation, double bound,
			   double tolerance);

/* Values outside q1 - 3 iqr, q3 + 3 iqr (Tukey's far out); marks[i] set to 0 or 1, returns
 * how many.  n >= 1; with n < 4 none. */
int rs_outliers(const double *v, size_t n, int *marks, size_t *ret_n, struct rs_err *err)
	RS_MUST_CHECK;

/* Lag-1 autocorrelation in trial order; NaN for n < 3. */
double rs_autocorrelation(const double *v, size_t n);

/* Number of leading trials that differ from the rest (warm-up), by the minimal MSER of
 * White (1997); 0: none.  n >= 1. */
size_t rs_warmup_end(const double *v, size_t n);

/* How many trials in all would bring the interval clear of the bound, from the present
 * spread (normal approximation); 0: it never would (point on the bound). */
size_t rs_trials_needed(const struct rs_estimate *e, size_t n, double bound);

/* Interval in which the exact value of a number printed as text lies, by its last digit:
 * "0.02" gives [0.015, 0.025].  0, or -1 with err when it is no number. */
int rs_rounding_interval(const char *text, double *lo, double *hi, struct rs_err *err)
	RS_MUST_CHECK;

#endif
