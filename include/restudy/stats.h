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
	double level;		/* 0.95, or what it really covers where that is told below */
};

struct rs_summary {
	size_t n;
	double mean, median, sd;	/* sd: n - 1; NaN for n < 2 */
	double min, max, q1, q3;	/* quartiles: type 7 */
	double cv;			/* sd / mean; NaN with a negative value or mean 0 */
	struct rs_interval mean_ci;	/* Student's t */
	/* Order statistics r and n + 1 - r with the largest r of exact (binomial) coverage >=
	 * 0.95 (David and Nagaraja 2003, 7.1); with n < 6 the extremes.  level: the coverage. */
	struct rs_interval median_ci;
};

/* Quantile of ascending v, type 7 of Hyndman and Fan (1996), as R's default.
 * n >= 1, p in [0, 1].  Cannot fail. */
double rs_quantile(const double *v, size_t n, double p);

/* Summary of v (any order, not changed), in time linear in n.  n >= 1. */
int rs_summarise(const double *v, size_t n, struct rs_summary *ret, struct rs_err *err)
	RS_MUST_CHECK;

/* Arithmetic mean, n >= 1.  Summed in long double, so that values near the end of the range of
 * double do not overflow. */
double rs_arithmetic_mean(const double *v, size_t n);

/* Geometric mean; every value > 0, else NaN.  n >= 1. */
double rs_geometric_mean(const double *v, size_t n);

#define RS_METHOD_SIZE 160	/* of the text that names how an interval is made */

/* A point with its interval; method is a text for the report ("BCa bootstrap over 10
 * trials, 10000 resamples, seed 2006").  The unit of replication is the trial: see
 * rs_boot_means for trials within boots. */
struct rs_estimate {
	double point;
	struct rs_interval ci;
	size_t n, n_base;	/* trials behind it */
	double off_lo, off_hi;	/* how far rounding moved each end out: see rs_round_mean */
	char method[RS_METHOD_SIZE];
};

/*
 * How the interval of the four estimates below is made, by the smaller and the larger
 * number of trials:
 *   1           none (NaN)
 *   2 .. 5      analytic: too few values for a bootstrap to reach its level
 *   6 .. 500    BCa bootstrap (Efron 1987; two samples: Davison and Hinkley 1997, 5.3.2),
 *               its level widened for small n (Hesterberg 2015, "expanded percentile");
 *               10000 resamples, 2000 for more than 200 trials in all
 *   more        analytic, so that the cost stays linear
 * Analytic: delta method with Student's t, degrees of freedom by Welch and Satterthwaite,
 * on the logarithm for ratios of positive means and for means of values of which none is
 * negative, so that such an interval never reaches 0.  The variation needs more values: below
 * 20 trials its interval is Vangel's (1996), which supposes a normal distribution.
 * When all values are equal the interval is the point.
 */

/* mean(a) / mean(b) * scale, trials of both resampled independently.  mean(b) != 0 else
 * RS_ERR_FAILED; the interval is NaN when a resampled baseline can have the other sign. */
int rs_ratio(const double *a, size_t n, const double *b, size_t n_base, double scale,
	     uint64_t seed, struct rs_estimate *ret, struct rs_err *err) RS_MUST_CHECK;

/* Geometric mean over k metrics of the ratios mean(a_i)/mean(b_i), times scale; whole
 * trials are resampled.  a[i], b[i]: na and nb trials of metric i, every mean > 0. */
int rs_ratio_group(const double *const *a, size_t na, const double *const *b, size_t nb,
		   size_t k, double scale, uint64_t seed, struct rs_estimate *ret,
		   struct rs_err *err) RS_MUST_CHECK;

/*
 * num / den of two independent estimates, both positive: the method of variance estimates
 * recovery on the logarithm (Zou and Donner 2008; Newcombe 2016, MOVER-R), which keeps the
 * shape of either interval.  No interval when one has none; point NaN when not positive.
 */
void rs_quotient(const struct rs_estimate *num, const struct rs_estimate *den,
		 struct rs_estimate *ret);

/*
 * num / a number that is only known to lie in [lo, hi], printed as value (0 < lo): every end
 * of the one against every end of the other.
 */
void rs_quotient_of_printed(const struct rs_estimate *num, double lo, double value, double hi,
			    struct rs_estimate *ret);

/*
 * What rounding adds: values that a program printed rounded may all be off by up to "off" in
 * the same direction, so an interval that knows only their spread goes out by that (worst
 * case, no distribution supposed).  Both ends of a mean move by off, the lower one not past
 * 0, which no rounding does.  A ratio is that of
 * rs_ratio (k 1) or rs_ratio_group: its ends are multiplied by what the k quotients of
 * mean[i] +- off[i] by base[i] -+ base_off[i] come to; the upper end is infinite when a base
 * may be 0.  The method tells it.  No interval stays none; off 0 changes nothing.
 */
struct rs_rounded {
	double mean, off;	/* off >= 0 */
	double base, base_off;	/* of a ratio */
};
void rs_round_mean(struct rs_estimate *e, double off);
void rs_round_ratio(struct rs_estimate *e, const struct rs_rounded *v, size_t k, double scale);

/* Mean. */
int rs_mean(const double *v, size_t n, uint64_t seed, struct rs_estimate *ret, struct rs_err *err)
	RS_MUST_CHECK;

/* Coefficient of variation, sd / mean; every value >= 0 and mean > 0, else RS_ERR_FAILED. */
int rs_variation(const double *v, size_t n, uint64_t seed, struct rs_estimate *ret,
		 struct rs_err *err) RS_MUST_CHECK;

/*
 * Trials within boots: the boot is the unit of replication, so its trials are put
 * together first and the means go into the estimates above (resampling the highest
 * level alone: Davison and Hinkley 1997, 3.8).  boot[i] names the boot of v[i], in any
 * order; means has room for n and may be v, *ret_n of them are filled in order of first
 * appearance.
 */
int rs_boot_means(const double *v, const int *boot, size_t n, double *means, size_t *ret_n,
		  struct rs_err *err) RS_MUST_CHECK;

/* Variance between boots and within them, by analysis of variance (Searle et al. 1992,
 * 3.6; a negative component is 0).  NaN for fewer than two boots or no repeated trial. */
struct rs_components {
	double between, within;		/* squares of the unit */
	size_t boots;
};
int rs_variance_components(const double *v, const int *boot, size_t n, struct rs_components *ret,
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

/* Lag-1 autocorrelation in trial order; NaN for n < 3 or when all are equal. */
double rs_autocorrelation(const double *v, size_t n);

/* Number of leading trials that differ from the rest (warm-up): the truncation of at most
 * half of them with the minimal MSER (White 1997), told only when the mean of those cut
 * off lies outside the 99.9 % t interval that the rest predicts for it; 0: none.  n >= 1. */
size_t rs_warmup_end(const double *v, size_t n);

/*
 * How many trials in all would bring the interval clear of the bound, from the present
 * spread (normal approximation); 0: it never would (point on the bound).  family: the
 * number of claims judged together, for which the interval is widened to a level of
 * 1 - 0.05 / family (Bonferroni): enough for any step of Holm's correction.  1: alone.
 */
size_t rs_trials_needed(const struct rs_estimate *e, size_t n, double bound, size_t family);

/* Two-sided p value of "the quantity is the bound", from the half of the interval that
 * looks at the bound (Altman and Bland 2011): < 0.05 exactly when the bound is outside a
 * 95 % interval.  near: the largest over both ends of the range.  NaN without interval. */
double rs_p_value(const struct rs_estimate *e, enum rs_relation relation, double bound,
		  double tolerance);

/* The same for a ratio to its bound (> 0), on the logarithm, as the intervals of ratios are
 * made; on the linear scale when the ratio or an end of its interval is not positive. */
double rs_p_value_of_ratio(const struct rs_estimate *e, enum rs_relation relation, double bound,
			   double tolerance);

/* Holm's (1979) step-down correction of n p values for one family; adjusted[i] belongs to
 * p[i].  NaN stays NaN and does not count. */
int rs_holm(const double *p, size_t n, double *adjusted, struct rs_err *err) RS_MUST_CHECK;

/* Version of the GSL behind the quantiles of distributions; static. */
const char *rs_stats_gsl_version(void);

/* Interval in which the exact value of a number printed as text lies, by its last digit:
 * "0.02" gives [0.015, 0.025].  0, or -1 with err when it is no number. */
int rs_rounding_interval(const char *text, double *lo, double *hi, struct rs_err *err)
	RS_MUST_CHECK;

#endif
