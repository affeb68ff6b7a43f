/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Statistics against R (tests/golden/stats/oracle.csv, made by oracle.R beside it), against
 * properties that must hold for any data, and the coverage of intervals by simulation.
 */
#include "restudy/stats.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "refuse_memory.h"
#include "restudy/base/buf.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/base/random.h"

#define SETS 30
#define MOST 200

struct set {
	char name[40];
	double v[MOST];
	int group[MOST];
	size_t n;
};

struct oracle {
	struct set set[SETS];
	size_t n;
	struct { char name[40], key[20]; double v; } number[300];
	size_t n_numbers;
};

/* The place of a set, o->n when it is new. */
static size_t place_of(const struct oracle *o, const char *name)
{
	size_t i = 0;

	while (i < o->n && strcmp(o->set[i].name, name) != 0)
		i++;
	return i;
}

static struct set *set_of(struct oracle *o, const char *name)
{
	size_t i = place_of(o, name);

	assert_true(i < o->n);
	return &o->set[i];
}

static void read_row(struct oracle *o, char *line)
{
	char *f[4] = { line, NULL, NULL, NULL };
	double v;
	struct set *s;

	for (int i = 1; i < 4; i++) {
		char *comma = strchr(f[i - 1], ',');

		if (comma == NULL)
			return;
		*comma = '\0';
		f[i] = comma + 1;
	}
	if (rs_parse_double(f[3], &v, NULL) < 0)
		return;		/* the heading */
	if (strcmp(f[0], "number") == 0) {
		assert_true(o->n_numbers < RS_COUNT(o->number));
		snprintf(o->number[o->n_numbers].name, 40, "%s", f[1]);
		snprintf(o->number[o->n_numbers].key, 20, "%s", f[2]);
		o->number[o->n_numbers++].v = v;
		return;
	}
	assert_true(o->n < SETS);
	s = &o->set[place_of(o, f[1])];
	if (s->n == 0) {
		snprintf(s->name, sizeof(s->name), "%s", f[1]);
		o->n++;
	}
	assert_true(s->n < MOST);
	s->group[s->n] = (int)strtol(f[2], NULL, 10);
	s->v[s->n++] = v;
}

static int setup(void **state)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	struct oracle *o = calloc(1, sizeof(*o));
	char *rest, *line;

	assert_int_equal(rs_path_read(RS_SOURCE_DIR "/tests/golden/stats/oracle.csv", 1 << 20, &text,
				      NULL), 0);
	rest = text.data;
	while ((line = strsep(&rest, "\n")) != NULL)
		read_row(o, line);
	assert_true(o->n >= 12 && o->n_numbers > 120);
	*state = o;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static int has(const struct oracle *o, const char *name, const char *key, double *ret)
{
	for (size_t i = 0; i < o->n_numbers; i++)
		if (strcmp(o->number[i].name, name) == 0 && strcmp(o->number[i].key, key) == 0) {
			*ret = o->number[i].v;
			return 1;
		}
	return 0;
}

static double number(const struct oracle *o, const char *name, const char *key)
{
	double v = 0;

	if (!has(o, name, key, &v))
		fail_msg("no number %s of %s", key, name);
	return v;
}

static int near(double a, double b, double relative)
{
	return fabs(a - b) <= relative * fmax(fabs(a), fabs(b)) || (isnan(a) && isnan(b));
}

#define assert_near(a, b, relative) \
	do { \
		double a_ = (a), b_ = (b); \
		if (!near(a_, b_, relative)) \
			fail_msg("%s = %.17g, not %.17g", #a, a_, b_); \
	} while (0)

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* One result against R, if R told it for this set. */
static void check(const struct oracle *o, const char *set, const char *key, double got)
{
	double v;

	if (has(o, set, key, &v) && !near(got, v, 1e-12))
		fail_msg("%s of %s = %.17g, R: %.17g", key, set, got, v);
}

static void summaries_are_those_of_r(void **state)
{
	struct oracle *o = *state;
	static const double p[] = { 0.1, 0.25, 0.75, 0.99 };
	static const char *const q[] = { "q0.1", "q1", "q3", "q0.99" };
	int compared = 0;
	double v;

	for (size_t i = 0; i < o->n; i++) {
		struct set *s = &o->set[i];
		struct rs_summary r;

		if (!has(o, s->name, "mean", &v))
			continue;
		compared++;
		assert_int_equal(rs_summarise(s->v, s->n, &r, NULL), 0);
		check(o, s->name, "mean", r.mean);
		check(o, s->name, "median", r.median);
		check(o, s->name, "sd", r.sd);
		check(o, s->name, "q1", r.q1);
		check(o, s->name, "q3", r.q3);
		check(o, s->name, "t.lo", r.mean_ci.lo);
		check(o, s->name, "t.hi", r.mean_ci.hi);
		check(o, s->name, "median.lo", r.median_ci.lo);
		check(o, s->name, "median.hi", r.median_ci.hi);
		check(o, s->name, "median.level", r.median_ci.level);
		check(o, s->name, "geometric", rs_geometric_mean(s->v, s->n));
		check(o, s->name, "acf1", rs_autocorrelation(s->v, s->n));
		qsort(s->v, s->n, sizeof(s->v[0]), by_value);
		for (int k = 0; k < 4; k++)
			check(o, s->name, q[k], rs_quantile(s->v, s->n, p[k]));
	}
	assert_true(compared >= 11);
}

/* R computes Student's t and the delta method; a rate's interval never reaches 0. */
static void means_of_few_are_those_of_r(void **state)
{
	struct oracle *o = *state;
	const double signs[] = { -3, 1, 5 };
	struct rs_estimate e;
	int compared = 0;
	double lo;

	for (size_t i = 0; i < o->n; i++) {
		struct set *s = &o->set[i];

		if (!has(o, s->name, "log.lo", &lo))
			continue;
		compared++;
		assert_int_equal(rs_mean(s->v, s->n, 1, &e, NULL), 0);
		assert_near(e.ci.lo, lo, 1e-12);
		assert_near(e.ci.hi, number(o, s->name, "log.hi"), 1e-12);
		assert_true(e.ci.lo > 0);
		assert_non_null(strstr(e.method, "on the logarithm of the mean"));
	}
	assert_true(compared >= 2);
	/* of the same spread with a negative value it is Student's own: t(2) = 4.3027 */
	assert_int_equal(rs_mean(signs, 3, 1, &e, NULL), 0);
	assert_near(e.ci.lo, 1 - 4.302652729749464 * 4 / sqrt(3), 1e-12);
	assert_string_equal(e.method, "Student's t over 3 trials");
}

/* The exact limit of the bootstrap is known; 10000 resamples come near it. */
static void bca_is_that_of_all_resamples(void **state)
{
	struct oracle *o = *state;
	struct set *six = set_of(o, "six"), *base = set_of(o, "base");
	struct rs_estimate e;
	double lo, hi;

	for (uint64_t seed = 1; seed <= 5; seed++) {
		assert_int_equal(rs_mean(six->v, 6, seed, &e, NULL), 0);
		lo = number(o, "six", "bca.lo");
		hi = number(o, "six", "bca.hi");
		assert_true(fabs(e.ci.lo - lo) < 0.05 * (hi - lo));
		assert_true(fabs(e.ci.hi - hi) < 0.05 * (hi - lo));
		assert_int_equal(rs_ratio(six->v, 6, base->v, 6, 1, seed, &e, NULL), 0);
		assert_near(e.point, number(o, "six/base", "ratio"), 1e-13);
		lo = number(o, "six/base", "bca.lo");
		hi = number(o, "six/base", "bca.hi");
		assert_true(fabs(e.ci.lo - lo) < 0.05 * (hi - lo));
		assert_true(fabs(e.ci.hi - hi) < 0.05 * (hi - lo));
	}
	assert_string_equal(e.method, "BCa bootstrap over 6 and 6 trials, 10000 resamples, seed 5");
}

static void repeat(double *to, const struct set *s, size_t times)
{
	for (size_t i = 0; i < times; i++)
		memcpy(to + i * s->n, s->v, s->n * sizeof(*to));
}

static void few_and_many_trials_are_analytic(void **state)
{
	struct oracle *o = *state;
	struct set *six = set_of(o, "six"), *base = set_of(o, "base");
	struct set *rivers = set_of(o, "rivers"), *warm = set_of(o, "temperature");
	double *a = calloc(141 * 5, sizeof(*a)), *b = calloc(600, sizeof(*b));
	struct rs_estimate e;

	assert_int_equal(rs_ratio(six->v, 4, base->v, 3, 1, 1, &e, NULL), 0);
	assert_near(e.ci.lo, number(o, "six4/base3", "delta.lo"), 1e-12);
	assert_near(e.ci.hi, number(o, "six4/base3", "delta.hi"), 1e-12);
	assert_non_null(strstr(e.method, "delta method with Student's t over 4 and 3 trials"));
	repeat(a, rivers, 5);
	repeat(b, warm, 10);
	assert_int_equal(rs_ratio(a, 705, b, 600, 1, 1, &e, NULL), 0);
	assert_near(e.ci.lo, number(o, "rivers5/temperature10", "delta.lo"), 1e-12);
	assert_near(e.ci.hi, number(o, "rivers5/temperature10", "delta.hi"), 1e-12);
	assert_int_equal(rs_variation(six->v, 5, 1, &e, NULL), 0);
	assert_near(e.point, number(o, "six5", "cv"), 1e-12);
	assert_near(e.ci.lo, number(o, "six5", "vangel.lo"), 1e-12);
	assert_near(e.ci.hi, number(o, "six5", "vangel.hi"), 1e-12);
	free(a);
	free(b);
}

static void boots_are_those_of_r(void **state)
{
	struct oracle *o = *state;
	static const char *const names[] = { "chickwts", "warpbreaks" };

	for (int i = 0; i < 2; i++) {
		struct set *s = set_of(o, names[i]);
		struct rs_components c;
		double means[MOST];
		size_t n = 0;

		assert_int_equal(rs_variance_components(s->v, s->group, s->n, &c, NULL), 0);
		assert_near(c.within, number(o, names[i], "within"), 1e-12);
		assert_near(c.between, number(o, names[i], "between"), 1e-11);
		assert_int_equal(c.boots, 6);
		assert_int_equal(rs_boot_means(s->v, s->group, s->n, means, &n, NULL), 0);
		assert_int_equal(n, 6);
	}
	{
		const double v[] = { 1, 10, 3, 20 };
		const int boot[] = { 5, 9, 5, 9 }, one[] = { 1, 1, 1, 1 };
		double means[4];
		struct rs_components c;
		size_t n = 0;

		assert_int_equal(rs_boot_means(v, boot, 4, means, &n, NULL), 0);
		assert_true(n == 2 && means[0] == 2 && means[1] == 15);
		assert_int_equal(rs_variance_components(v, one, 4, &c, NULL), 0);
		assert_true(isnan(c.between) && isnan(c.within));
	}
}

static void holm_is_that_of_r(void **state)
{
	struct oracle *o = *state;
	struct set *s = set_of(o, "holm");
	double adjusted[8], p[3] = { 0.02, (double)NAN, 0.03 };
	char key[24];

	assert_int_equal(rs_holm(s->v, s->n, adjusted, NULL), 0);
	for (size_t i = 0; i < s->n; i++) {
		snprintf(key, sizeof(key), "%zu", i);
		assert_near(adjusted[i], number(o, "holm", key), 1e-14);
	}
	assert_int_equal(rs_holm(p, 3, adjusted, NULL), 0);
	assert_true(adjusted[0] == 0.04 && isnan(adjusted[1]) && adjusted[2] == 0.04);
	assert_int_equal(rs_holm(p, 0, adjusted, NULL), 0);
}

static struct rs_estimate estimate_of(double lo, double point, double hi)
{
	return (struct rs_estimate){ .point = point, .ci = { lo, hi, 0.95 }, .n = 6 };
}

static void quotients_are_those_of_r(void **state)
{
	struct oracle *o = *state;
	const struct rs_estimate a = estimate_of(1.6, 2, 2.6), b = estimate_of(0.4, 0.5, 0.7);
	const struct rs_estimate below = estimate_of(0.80, 0.90, 1.05);
	const struct rs_estimate close = estimate_of(0.97, 1.00, 1.02);
	struct rs_estimate q;

	rs_quotient(&a, &b, &q);
	assert_near(q.point, 4, 1e-15);
	assert_near(q.ci.lo, number(o, "mover", "lo"), 1e-13);
	assert_near(q.ci.hi, number(o, "mover", "hi"), 1e-13);
	assert_near(rs_p_value_of_ratio(&below, RS_REL_BELOW, 1, 0), number(o, "p-ratio", "below"), 1e-12);
	assert_near(rs_p_value_of_ratio(&a, RS_REL_ABOVE, 1.5, 0), number(o, "p-ratio", "above"), 1e-12);
	assert_near(rs_p_value_of_ratio(&close, RS_REL_NEAR, 1, 0.05), number(o, "p-ratio", "near"), 1e-12);
	/* at an end of the interval it is 5 %: that of a ratio and the linear one */
	assert_near(rs_p_value_of_ratio(&below, RS_REL_BELOW, 1.05, 0), 0.05, 1e-9);
	assert_near(rs_p_value(&below, RS_REL_BELOW, 1.05, 0), 0.05, 1e-9);
}

static void quotients_of_little_have_no_interval(void **state)
{
	const struct rs_estimate a = estimate_of(1.6, 2, 2.6), one = estimate_of((double)NAN, 2, (double)NAN);
	const struct rs_estimate zero = estimate_of(-1, 0, 1), wide = estimate_of(-1, 2, 5);
	struct rs_estimate q, lost = one;

	(void)state;
	(void)snprintf(lost.method, sizeof(lost.method), "no interval: a mean may be 0");
	rs_quotient(&a, &lost, &q);
	assert_string_equal(q.method, "no interval: a mean may be 0");	/* not: one trial */
	rs_quotient_of_printed(&lost, 1, 1, 1, &q);
	assert_string_equal(q.method, "no interval: a mean may be 0");
	rs_quotient(&a, &zero, &q);
	assert_true(isnan(q.point) && isnan(q.ci.lo));
	rs_quotient(&one, &a, &q);
	assert_true(q.point == 1 && isnan(q.ci.lo) && isnan(q.ci.hi));
	rs_quotient(&wide, &a, &q);
	assert_true(q.point == 1 && isnan(q.ci.lo));
	/* a printed 0.02 is 0.015 to 0.025: nothing narrower */
	rs_quotient_of_printed(&a, 0.015, 0.02, 0.025, &q);
	assert_near(q.point, 100, 1e-14);
	assert_near(q.ci.lo, 1.6 / 0.025, 1e-14);
	assert_near(q.ci.hi, 2.6 / 0.015, 1e-14);
	rs_quotient_of_printed(&wide, 1, 1, 2, &q);
	assert_true(q.ci.lo == -1 && q.ci.hi == 5);
	/* a printed 0 may be nothing at all */
	rs_quotient_of_printed(&a, -0.005, 0, 0.005, &q);
	assert_true(isnan(q.point));
	rs_quotient_of_printed(&one, 1, 1, 1, &q);
	assert_true(q.point == 2 && isnan(q.ci.lo));
}

/* By hand, for three guests printed as 0.01 MB/s each against a host printed as 0.02. */
static void rounding_widens_an_interval(void **state)
{
	struct rs_estimate e = estimate_of(1.5, 1.5, 1.5), open = estimate_of((double)NAN, 1, (double)NAN);
	const struct rs_rounded some = { 0.03, 0.015, 0.02, 0.005 }, none = { 0, 0.015, 0.02, 0.005 };
	const struct rs_rounded coarse = { 0.03, 0.015, 0.02, 0.02 }, exact = { 3, 0, 2, 0 };

	(void)state;
	assert_int_equal(rs_judge(&e, RS_REL_AT_LEAST, 1, 0), RS_JUDGEMENT_HOLDS);
	rs_round_ratio(&e, &some, 1, 1);
	assert_near(e.ci.lo, 0.015 / 0.025, 1e-14);
	assert_near(e.ci.hi, 0.045 / 0.015, 1e-14);
	assert_near(e.off_lo, 0.9, 1e-14);
	assert_int_equal(rs_judge(&e, RS_REL_AT_LEAST, 1, 0), RS_JUDGEMENT_OPEN);
	/* no number of trials brings the rounding away */
	assert_int_equal(rs_trials_needed(&e, 3, 1, 1), 0);
	/* two metrics, one of them exact: the geometric mean */
	e = estimate_of(1.5, 1.5, 1.5);
	rs_round_ratio(&e, (const struct rs_rounded[]){ some, exact }, 2, 1);
	assert_near(e.ci.lo, 1.5 * sqrt(0.4), 1e-14);
	assert_near(e.ci.hi, 1.5 * sqrt(2), 1e-14);
	/* a 0 may have been 0.005 in each guest; a base may be nothing */
	e = estimate_of(0, 0, 0);
	rs_round_ratio(&e, &none, 1, 10);
	assert_true(e.ci.lo == 0);
	assert_near(e.ci.hi, 10, 1e-13);
	e = estimate_of(1.5, 1.5, 1.5);
	rs_round_ratio(&e, &coarse, 1, 1);
	assert_true(isinf(e.ci.hi));
	/* means; nothing of a nothing */
	e = estimate_of(0.001, 0.004, 0.007);
	rs_round_mean(&e, 0.005);
	assert_true(e.ci.lo == 0);
	assert_near(e.ci.hi, 0.012, 1e-15);
	rs_round_mean(&open, 0.005);
	rs_round_ratio(&open, &some, 1, 1);
	assert_true(isnan(open.ci.lo) && isnan(open.ci.hi));
	e = estimate_of(1, 2, 3);
	rs_round_mean(&e, 0);
	rs_round_ratio(&e, &exact, 1, 1);
	assert_true(e.ci.lo == 1 && e.ci.hi == 3 && e.off_lo == 0 && e.off_hi == 0);
}

static double gauss(struct rs_random *r)
{
	double u = 1 - rs_random_unit(r);

	return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * rs_random_unit(r));
}

static int same_summary(const struct rs_summary *a, const struct rs_summary *b)
{
	return a->median == b->median && a->q1 == b->q1 && a->q3 == b->q3 && a->min == b->min &&
	       a->max == b->max && near(a->median_ci.lo, b->median_ci.lo, 0) &&
	       near(a->median_ci.hi, b->median_ci.hi, 0) && near(a->mean, b->mean, 1e-14) &&
	       near(a->sd, b->sd, 1e-12);
}

/* Any size, many ties: the order of the values does not matter, and selection finds what
 * sorting finds. */
static void order_does_not_matter(void **state)
{
	struct rs_random r;
	double v[700], sorted[700];

	(void)state;
	rs_random_seed(&r, 7);
	for (size_t n = 1; n < 700; n += 1 + n / 9) {
		struct rs_summary a, b;
		uint64_t distinct = 1 + rs_random_below(&r, 2 * n);

		for (size_t i = 0; i < n; i++) {
			uint64_t x = rs_random_below(&r, distinct);

			v[i] = (double)x / 7;
		}
		assert_int_equal(rs_summarise(v, n, &a, NULL), 0);
		memcpy(sorted, v, sizeof(v));
		qsort(sorted, n, sizeof(*sorted), by_value);
		assert_true(a.median == rs_quantile(sorted, n, 0.5));
		assert_true(a.q1 == rs_quantile(sorted, n, 0.25));
		assert_true(a.q3 == rs_quantile(sorted, n, 0.75));
		rs_random_shuffle(&r, v, n, sizeof(*v));
		assert_int_equal(rs_summarise(v, n, &b, NULL), 0);
		assert_true(same_summary(&a, &b));
		assert_int_equal(rs_summarise(sorted, n, &b, NULL), 0);
		assert_true(same_summary(&a, &b));
		for (size_t i = 0; i < n / 2; i++) {
			double t = sorted[i];

			sorted[i] = sorted[n - 1 - i];
			sorted[n - 1 - i] = t;
		}
		assert_int_equal(rs_summarise(sorted, n, &b, NULL), 0);
		assert_true(same_summary(&a, &b));
	}
}

static void quantiles_rise(void **state)
{
	struct rs_random r;
	double v[57], before = -DBL_MAX;

	(void)state;
	rs_random_seed(&r, 8);
	for (size_t i = 0; i < 57; i++)
		v[i] = gauss(&r);
	qsort(v, 57, sizeof(*v), by_value);
	assert_true(rs_quantile(v, 57, 0) == v[0] && rs_quantile(v, 57, 1) == v[56]);
	for (int i = 0; i <= 1000; i++) {
		double q = rs_quantile(v, 57, i / 1000.0);

		assert_true(q >= before);
		before = q;
	}
}

/* The share of intervals that hold the true mean and ratio must be about what they say.
 * 500 repetitions: two standard errors are 2 %. */
static void intervals_cover_what_they_say(void **state)
{
	static const size_t sizes[] = { 3, 6, 12, 24 };
	struct rs_random r;

	(void)state;
	rs_random_seed(&r, 2006);
	for (size_t k = 0; k < RS_COUNT(sizes); k++) {
		size_t n = sizes[k];
		int mean = 0, ratio = 0, t = 0, median = 0;
		double a[24], b[24];

		for (int i = 0; i < 500; i++) {
			struct rs_estimate e;
			struct rs_summary s;

			for (size_t j = 0; j < n; j++) {
				a[j] = 100 + 8 * gauss(&r);
				b[j] = 40 + 4 * gauss(&r);
			}
			assert_int_equal(rs_mean(a, n, (uint64_t)i, &e, NULL), 0);
			mean += e.ci.lo <= 100 && 100 <= e.ci.hi;
			assert_int_equal(rs_ratio(a, n, b, n, 10, (uint64_t)i, &e, NULL), 0);
			ratio += e.ci.lo <= 25 && 25 <= e.ci.hi;
			assert_int_equal(rs_summarise(a, n, &s, NULL), 0);
			t += s.mean_ci.lo <= 100 && 100 <= s.mean_ci.hi;
			median += s.median_ci.lo <= 100 && 100 <= s.median_ci.hi;
		}
		assert_in_range(mean, 460, 492);
		assert_in_range(ratio, 460, 495);
		assert_in_range(t, 460, 492);
		/* never below what the interval says of itself (75 % for three trials) */
		assert_true(median >= (n < 6 ? 355 : 460));
	}
}

static void a_seed_gives_one_interval(void **state)
{
	struct oracle *o = *state;
	struct set *a = set_of(o, "treated"), *b = set_of(o, "control");
	const double *x[2] = { a->v, b->v }, *y[2] = { b->v, a->v };
	struct rs_estimate one, two, other, group;

	assert_int_equal(rs_ratio(a->v, 10, b->v, 10, 10, 2006, &one, NULL), 0);
	assert_int_equal(rs_ratio(a->v, 10, b->v, 10, 10, 2006, &two, NULL), 0);
	assert_int_equal(rs_ratio(a->v, 10, b->v, 10, 10, 2007, &other, NULL), 0);
	assert_memory_equal(&one, &two, sizeof(one));
	assert_true(one.ci.lo != other.ci.lo);
	assert_true(one.ci.lo < one.point && one.point < one.ci.hi);
	/* a group of one metric is the ratio; ratios that undo each other give the scale */
	assert_int_equal(rs_ratio_group(x, 10, y, 10, 1, 10, 2006, &group, NULL), 0);
	assert_near(group.point, one.point, 1e-14);
	assert_near(group.ci.lo, one.ci.lo, 1e-12);
	assert_int_equal(rs_ratio_group(x, 10, y, 10, 2, 10, 2006, &group, NULL), 0);
	assert_near(group.point, 10, 1e-14);
	/* twice the values, twice the ratio */
	for (int i = 0; i < 10; i++)
		a->v[i] *= 2;
	assert_int_equal(rs_ratio(a->v, 10, b->v, 10, 10, 2006, &two, NULL), 0);
	assert_near(two.ci.hi, 2 * one.ci.hi, 1e-12);
	for (int i = 0; i < 10; i++)
		a->v[i] /= 2;
}

static void odd_data_have_a_result(void **state)
{
	const double one[] = { 5 }, two[] = { 4, 6 }, equal[] = { 3, 3, 3, 3, 3, 3, 3 };
	const double zeros[] = { 0, 0, 0 }, signs[] = { -4, 5, -3, 4, -2, 3, 0.5 };
	const double mostly_zero[24] = { 1 }, near_zero[] = { 1e200, -1e200, 3e-200 };
	const double huge[] = { 1e300, 1.2e300, 1.6e300 }, wide[] = { 1e-6, 1e6, 1, 2, 3, 4, 5 };
	struct rs_err err = RS_ERR_INIT;
	struct rs_estimate e;
	struct rs_summary s;

	(void)state;
	assert_int_equal(rs_mean(one, 1, 1, &e, NULL), 0);
	assert_true(e.point == 5 && isnan(e.ci.lo) && isnan(e.ci.hi));
	assert_string_equal(e.method, "no interval: one trial");
	assert_int_equal(rs_summarise(one, 1, &s, NULL), 0);
	assert_true(s.median == 5 && s.q1 == 5 && isnan(s.sd) && isnan(s.mean_ci.lo) &&
		    isnan(s.median_ci.hi) && isnan(s.cv));
	assert_int_equal(rs_ratio(two, 2, one, 1, 1, 1, &e, NULL), 0);
	assert_true(e.point == 1 && isnan(e.ci.lo));
	assert_int_equal(rs_ratio(equal, 7, equal, 7, 10, 1, &e, NULL), 0);
	assert_true(e.ci.lo == 10 && e.ci.hi == 10);
	assert_int_equal(rs_ratio(two, 2, zeros, 3, 1, 1, &e, &err), -1);
	assert_non_null(strstr(err.text, "baseline's mean is 0"));
	assert_int_equal(rs_ratio(zeros, 3, two, 2, 1, 1, &e, NULL), 0);
	assert_true(e.point == 0 && isnan(e.ci.lo));
	assert_int_equal(rs_ratio(equal, 7, signs, 7, 1, 1, &e, NULL), 0);
	assert_true(isnan(e.ci.lo));	/* a resampled baseline changes its sign */
	assert_string_equal(e.method, "no interval: a mean may be 0 when trials are resampled");
	/* with no baseline it is the mean itself */
	assert_int_equal(rs_variation(mostly_zero, 24, 1, &e, NULL), 0);
	assert_near(e.point, sqrt(24), 1e-14);
	assert_string_equal(e.method, "no interval: a mean may be 0 when trials are resampled");
	assert_int_equal(rs_ratio(signs, 7, equal, 7, 1, 1, &e, NULL), 0);
	assert_true(e.ci.lo < 0 && e.ci.hi > e.point);
	assert_int_equal(rs_ratio(near_zero, 3, two, 2, 1, 1, &e, NULL), 0);
	assert_true(e.point > 0 && isnan(e.ci.lo));
	assert_string_equal(e.method, "no interval: a mean is too near to 0");
	assert_int_equal(rs_summarise(huge, 3, &s, NULL), 0);
	assert_true(isfinite(s.mean) && isfinite(s.sd) && s.sd > 2e299);
	assert_int_equal(rs_ratio(huge, 3, wide, 7, 1, 1, &e, NULL), 0);
	assert_true(e.point > 0 && e.ci.lo < e.ci.hi);
	assert_int_equal(rs_mean(wide, 7, 1, &e, NULL), 0);
	assert_true(e.ci.lo > 0 && e.ci.hi > e.point);
	rs_err_clear(&err);
	assert_int_equal(rs_variation(signs, 7, 1, &e, &err), -1);
	assert_non_null(strstr(err.text, "negative"));
	assert_int_equal(rs_variation(zeros, 3, 1, &e, NULL), -1);
	assert_true(isnan(rs_geometric_mean(zeros, 3)) && isnan(rs_geometric_mean(signs, 7)));
	assert_true(isnan(rs_autocorrelation(equal, 7)) && isnan(rs_autocorrelation(two, 2)));
	{
		const double *a = signs, *b = two;

		rs_err_clear(&err);
		a = zeros;
		assert_int_equal(rs_ratio_group(&a, 3, &b, 2, 1, 1, 1, &e, &err), -1);
		assert_non_null(strstr(err.text, "metric 1 of 1"));
	}
}

static void outliers_are_marked(void **state)
{
	const double v[] = { 10, 11, 12, 11, 10, 12, 11, 40 }, few[] = { 1, 1, 1000 };
	int marks[8];
	size_t n = 9;

	(void)state;
	assert_int_equal(rs_outliers(v, 8, marks, &n, NULL), 0);
	assert_int_equal(n, 1);
	assert_true(marks[7] && !marks[0]);
	assert_int_equal(rs_outliers(v, 7, marks, &n, NULL), 0);
	assert_int_equal(n, 0);
	assert_int_equal(rs_outliers(few, 3, marks, &n, NULL), 0);
	assert_int_equal(n, 0);
}

static void a_warm_up_is_seen_and_noise_is_not(void **state)
{
	struct rs_random r;
	double v[20];
	int alarms = 0;

	(void)state;
	rs_random_seed(&r, 3);
	for (int k = 0; k < 1000; k++) {
		for (int i = 0; i < 20; i++)
			v[i] = 100 + gauss(&r);
		alarms += rs_warmup_end(v, 20) != 0;
	}
	assert_true(alarms < 50);
	v[0] = 60;
	v[1] = 80;
	v[2] = 90;
	assert_int_equal(rs_warmup_end(v, 20), 3);
	assert_int_equal(rs_warmup_end(v, 3), 0);
	for (int i = 0; i < 20; i++)
		v[i] = 5;
	assert_int_equal(rs_warmup_end(v, 20), 0);
	v[0] = 4;	/* an exact rest: one value stands out */
	assert_int_equal(rs_warmup_end(v, 20), 1);
}

static void verdicts_come_from_the_interval(void **state)
{
	struct rs_estimate e = { .point = 10, .ci = { 9.5, 10.6, 0.95 }, .n = 5, .n_base = 5 };
	const struct {
		enum rs_relation r;
		double bound, tolerance;
		enum rs_judgement expected;
	} rows[] = {
		{ RS_REL_AT_LEAST, 9.5, 0, RS_JUDGEMENT_HOLDS }, { RS_REL_ABOVE, 9.5, 0, RS_JUDGEMENT_OPEN },
		{ RS_REL_ABOVE, 9.4, 0, RS_JUDGEMENT_HOLDS },	 { RS_REL_AT_LEAST, 10.6, 0, RS_JUDGEMENT_OPEN },
		{ RS_REL_AT_LEAST, 10.7, 0, RS_JUDGEMENT_FAILS }, { RS_REL_ABOVE, 10.6, 0, RS_JUDGEMENT_FAILS },
		{ RS_REL_AT_MOST, 10.6, 0, RS_JUDGEMENT_HOLDS }, { RS_REL_AT_MOST, 9.4, 0, RS_JUDGEMENT_FAILS },
		{ RS_REL_BELOW, 10.6, 0, RS_JUDGEMENT_OPEN },	 { RS_REL_BELOW, 9.5, 0, RS_JUDGEMENT_FAILS },
		{ RS_REL_BELOW, 11, 0, RS_JUDGEMENT_HOLDS },	 { RS_REL_AT_MOST, 10, 0, RS_JUDGEMENT_OPEN },
		{ RS_REL_NEAR, 10, 0.07, RS_JUDGEMENT_HOLDS },	 { RS_REL_NEAR, 10, 0.05, RS_JUDGEMENT_OPEN },
		{ RS_REL_NEAR, 8, 0.1, RS_JUDGEMENT_FAILS },	 { RS_REL_NEAR, -10, 0.1, RS_JUDGEMENT_FAILS },
	};

	(void)state;
	for (size_t i = 0; i < RS_COUNT(rows); i++)
		if (rs_judge(&e, rows[i].r, rows[i].bound, rows[i].tolerance) != rows[i].expected)
			fail_msg("row %zu", i);
	/* p < 0.05 exactly when the bound is outside */
	assert_true(rs_p_value(&e, RS_REL_ABOVE, 9.499, 0) < 0.05);
	assert_true(rs_p_value(&e, RS_REL_ABOVE, 9.501, 0) > 0.05);
	assert_true(rs_p_value(&e, RS_REL_BELOW, 10.601, 0) < 0.05);
	assert_true(rs_p_value(&e, RS_REL_BELOW, 10.599, 0) > 0.05);
	assert_near(rs_p_value(&e, RS_REL_ABOVE, 9.5, 0), 0.05, 1e-12);
	assert_true(rs_p_value(&e, RS_REL_NEAR, 10, 0.061) < 0.05);
	assert_true(rs_p_value(&e, RS_REL_NEAR, 10, 0.059) > 0.05);
	assert_true(rs_p_value(&e, RS_REL_ABOVE, 10, 0) == 1);
	/* half the interval, four times the trials */
	assert_int_equal(rs_trials_needed(&e, 5, 9.75, 1), 21);
	/* R: 5 * (0.5 * qnorm(1 - 0.025 / 20) / qnorm(0.975) / 0.25)^2 = 47.6 */
	assert_int_equal(rs_trials_needed(&e, 5, 9.75, 20), 48);
	assert_int_equal(rs_trials_needed(&e, 5, 5, 1), 5);
	assert_int_equal(rs_trials_needed(&e, 5, 10, 1), 0);
	assert_int_equal(rs_trials_needed(&e, 5, 10 + 1e-9, 1), 0);
	e.ci.lo = e.ci.hi = (double)NAN;
	assert_int_equal(rs_judge(&e, RS_REL_ABOVE, 1, 0), RS_JUDGEMENT_OPEN);
	assert_int_equal(rs_trials_needed(&e, 5, 1, 1), 0);
	assert_true(isnan(rs_p_value(&e, RS_REL_ABOVE, 1, 0)));
}

static void printed_numbers_have_a_range(void **state)
{
	const struct {
		const char *text;
		double lo, hi;
	} rows[] = {
		{ "0.02", 0.015, 0.025 },   { "12", 11.5, 12.5 },    { "-1.50", -1.505, -1.495 },
		{ "1e3", 500, 1500 },	    { "2.5E-2", 0.0245, 0.0255 }, { "0", -0.5, 0.5 },
		{ "100.00", 99.995, 100.005 }, { "+.5", 0.45, 0.55 },
	};
	static const char *const wrong[] = { "", "-", ".", "1.2.3", "12a", "1e", "nan", "inf", "0x10",
					     "1,5", " 1", "1234567890123456", "1e999" };
	struct rs_err err = RS_ERR_INIT;
	double lo, hi;

	(void)state;
	for (size_t i = 0; i < RS_COUNT(rows); i++) {
		assert_int_equal(rs_rounding_interval(rows[i].text, &lo, &hi, NULL), 0);
		if (lo != rows[i].lo || hi != rows[i].hi)
			fail_msg("%s: %.17g %.17g", rows[i].text, lo, hi);
	}
	for (size_t i = 0; i < RS_COUNT(wrong); i++) {
		rs_err_clear(&err);
		if (rs_rounding_interval(wrong[i], &lo, &hi, &err) == 0)
			fail_msg("\"%s\" was taken for a number", wrong[i]);
		assert_non_null(strstr(err.text, "no decimal number"));
	}
}

static int everything(const struct set *s, struct rs_err *err)
{
	struct rs_summary sum;
	struct rs_estimate e;
	struct rs_components c;
	int marks[MOST];
	double means[MOST], adjusted[MOST];
	size_t n;

	if (rs_summarise(s->v, s->n, &sum, err) < 0 || rs_mean(s->v, s->n, 1, &e, err) < 0 ||
	    rs_ratio(s->v, s->n, s->v, 3, 1, 1, &e, err) < 0 ||
	    rs_outliers(s->v, s->n, marks, &n, err) < 0 || rs_holm(s->v, s->n, adjusted, err) < 0 ||
	    rs_boot_means(s->v, s->group, s->n, means, &n, err) < 0 ||
	    rs_variance_components(s->v, s->group, s->n, &c, err) < 0)
		return -1;
	return 0;
}

static void every_allocation_may_fail(void **state)
{
	const struct set *s = set_of(*state, "chickwts");
	struct rs_err err = RS_ERR_INIT;
	int hit = 1, failures = 0;
	long n;

	if (!refuse_memory_works())
		skip();
	for (n = 0; hit; n++) {
		int r;

		rs_err_clear(&err);
		refuse_arm(n);
		r = everything(s, &err);
		hit = refuse_disarm();
		/* qsort of libc does without its memory */
		assert_true(r == 0 || hit);
		assert_int_equal(err.kind, r < 0 ? RS_ERR_MEMORY : RS_ERR_NONE);
		failures += r < 0;
	}
	assert_true(failures > 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* sorts the sets: last of those that read them in order */
		cmocka_unit_test(bca_is_that_of_all_resamples),
		cmocka_unit_test(few_and_many_trials_are_analytic),
		cmocka_unit_test(boots_are_those_of_r),
		cmocka_unit_test(means_of_few_are_those_of_r),
		cmocka_unit_test(holm_is_that_of_r),
		cmocka_unit_test(quotients_are_those_of_r),
		cmocka_unit_test(quotients_of_little_have_no_interval),
		cmocka_unit_test(rounding_widens_an_interval),
		cmocka_unit_test(a_seed_gives_one_interval),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(quantiles_rise),
		cmocka_unit_test(intervals_cover_what_they_say),
		cmocka_unit_test(odd_data_have_a_result),
		cmocka_unit_test(outliers_are_marked),
		cmocka_unit_test(a_warm_up_is_seen_and_noise_is_not),
		cmocka_unit_test(verdicts_come_from_the_interval),
		cmocka_unit_test(printed_numbers_have_a_range),
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(summaries_are_those_of_r),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
