/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the statistics share: moments, and the bootstrap that all
 * estimates go through.
 */
#ifndef RS_STATS_STATS_PRIV_H
#define RS_STATS_STATS_PRIV_H

#include "restudy/base/random.h"
#include "restudy/stats.h"

#define RS_LEVEL 0.95

double rs_stat_variance(const double *v, size_t n, double mean);	/* n - 1; NaN for n < 2 */

/* Rearranges v[lo .. hi] so that v[k] is what sorting would put there; what is left of it
 * is not above it, what is right not below. */
double rs_stat_select(double *v, size_t lo, size_t hi, size_t k);

int rs_stat_all_equal(const double *v, size_t n);

/* Student's t and the normal quantile, two-sided for RS_LEVEL. */
double rs_stat_t(double df);
double rs_stat_z(void);

/*
 * A statistic of one or two samples under resampling: value() gets how often each trial
 * of both samples is drawn (counts of the first n, then of the n_base; n_base may be 0)
 * and returns the statistic, or NaN when it is not defined for these draws.
 */
struct rs_resampled {
	double (*value)(const void *data, const uint32_t *count);
	const void *data;
	size_t n, n_base;
};

/* BCa interval around point.  Fills ci and method of *ret. */
int rs_stat_bca(const struct rs_resampled *r, double point, uint64_t seed, struct rs_estimate *ret,
		struct rs_err *err) RS_MUST_CHECK;

/* Whether the estimates over n and n_base (0: one sample) trials use the bootstrap. */
int rs_stat_use_bootstrap(size_t n, size_t n_base);

#endif
