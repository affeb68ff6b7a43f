/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Claims against the store.  The verdict comes from the interval (rs_judge); what
 * stood for a system and whether the machine was emulated limit how far it may go.
 */
#include "claims_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/bench.h"
#include "words_priv.h"

/* What a claim is computed from: k metrics, na trials of a and nb of b for each. */
struct pairs {
	const double **a, **b;
	const char **metric;		/* their ids */
	struct rs_rounded *rounded;	/* each metric's means and what print may have lost */
	size_t na, nb, k;
	size_t left_out;	/* metrics of the group without values on one side */
	size_t boots;		/* of the testbed, on the side that has more; 1: or not told */
};

static void say(struct rs_finding *f, const char *text)
{
	const size_t used = strlen(f->reason);

	(void)snprintf(f->reason + used, sizeof(f->reason) - used, "%s%s", used == 0 ? "" : "; ",
		       text);
}

static void not_measured(struct rs_finding *f, const char *text)
{
	f->verdict = RS_VERDICT_NOT_MEASURED;
	f->reason[0] = '\0';
	say(f, text);
}

static struct rs_subject subject_of(const struct rs_analysis *a, const struct rs_claim *c,
				    const char *system, const char *metric)
{
	const struct rs_system *s = rs_plan_system(a->plan, system);

	return (struct rs_subject){
		.system = system,
		.guests = s == NULL ? 0 : rs_system_guests(s),
		.benchmark = rs_plan_benchmark(a->plan, c->benchmark),
		.metric = metric,
		.over = c->over == RS_OVER_EACH ? RS_OVER_MEAN : c->over,
	};
}

/* The system a claim divides by, or NULL. */
static const char *versus_of(const struct rs_analysis *a, const struct rs_claim *c)
{
	const struct rs_system *base = rs_plan_baseline(a->plan);

	if (c->quantity == RS_QUANTITY_ABSOLUTE || c->quantity == RS_QUANTITY_CV)
		return NULL;
	if (c->quantity == RS_QUANTITY_RATIO && c->versus != NULL)
		return c->versus;
	return base == NULL ? NULL : base->id;
}

/* The scale of an index: that of the first exhibit that shows the benchmark as one. */
static double scale_of(const struct rs_analysis *a, const struct rs_claim *c)
{
	if (c->quantity != RS_QUANTITY_INDEX)
		return 1;
	for (size_t i = 0; i < a->plan->n_exhibits; i++) {
		const struct rs_exhibit *e = &a->plan->exhibits[i];

		if (e->value == RS_VALUE_INDEX && e->benchmark != NULL && c->benchmark != NULL &&
		    strcmp(e->benchmark, c->benchmark) == 0)
			return e->scale;
	}
	return 10;
}

/* Of several boots each is one trial: the mean of its own.  *boots: in, 0 leaves them be. */
static int by_boots(double *const *rows, const int *boot, size_t k, size_t *n, size_t *boots,
		    struct rs_err *err)
{
	const size_t here = rs_boots_of(boot, *n);
	size_t n_units = *n;

	if (*boots == 0 || here == 1)
		return 0;
	for (size_t m = 0; m < k; m++)
		if (rs_boot_means(rows[m], boot, *n, rows[m], &n_units, err) < 0)
			return -1;
	*n = n_units;
	*boots = here > *boots ? here : *boots;
	return 0;
}

/*
 * The trials that all k lists have, since a group is resampled by whole trials; values
 * of metrics where lower is better are inverted, so that more is better everywhere.
 */
static int common_trials(struct rs_arena *arena, const struct rs_trials *t, const int *invert,
			 size_t k, const double **ret, size_t *ret_n, size_t *ret_boots,
			 struct rs_err *err)
{
	double **rows = rs_arena_new(arena, k, sizeof(*rows));
	int *boot = rs_arena_new(arena, t[0].n + 1, sizeof(*boot));
	size_t n = 0;

	for (size_t m = 0; rows != NULL && m < k; m++)
		ret[m] = rows[m] = rs_arena_new(arena, t[0].n, sizeof(double));
	if (arena->failed)
		return rs_err_nomem(err);
	for (size_t i = 0; i < t[0].n; i++) {
		size_t have = 0;

		for (size_t m = 0; m < k; m++)
			if (!isnan(rs_trials_at(&t[m], t[0].trial[i])))
				have++;
		if (have < k)
			continue;
		for (size_t m = 0; m < k; m++) {
			const double v = rs_trials_at(&t[m], t[0].trial[i]);

			rows[m][n] = invert[m] ? 1 / v : v;
		}
		boot[n++] = t[0].boot[i];
	}
	*ret_n = n;
	return by_boots(rows, boot, k, ret_n, ret_boots, err);
}

/* The i-th metric a claim speaks of; 0 when there is no further one. */
static int claim_metric(const struct rs_claim *c, const struct rs_benchmark *b, size_t *i,
			struct rs_metric *ret)
{
	if (c->metric != NULL)
		return (*i)++ == 0 && rs_bench_metric(b, c->metric, ret) == 0;
	while (*i < rs_bench_n_metrics(b)) {
		rs_bench_metric_at(b, (*i)++, ret);
		if (ret->group == c->group && rs_benchmark_gives(b, ret->id))
			return 1;
	}
	return 0;
}

/* An inverted value is off by the square of itself. */
static double off_of(const struct rs_trials *t, double mean, int inverted)
{
	return inverted ? t->off * mean * mean : t->off;
}

static void set_rounded(struct pairs *p, const struct rs_trials *ta, const struct rs_trials *tb,
			const int *invert)
{
	for (size_t i = 0; i < p->k; i++) {
		const double a = rs_arithmetic_mean(p->a[i], p->na);
		const double b = p->nb == 0 ? (double)NAN : rs_arithmetic_mean(p->b[i], p->nb);

		p->rounded[i] = (struct rs_rounded){ a, off_of(&ta[i], a, invert[i]), b,
						     off_of(&tb[i], b, invert[i]) };
	}
}

static int collect_pairs(struct rs_analysis *a, const struct rs_claim *c, const char *versus,
			 struct pairs *ret, struct rs_err *err)
{
	const struct rs_benchmark *b = rs_plan_benchmark(a->plan, c->benchmark);
	const size_t most = rs_bench_n_metrics(b) + 1;
	struct rs_trials *ta = rs_arena_new(&a->arena, most, sizeof(*ta));
	struct rs_trials *tb = rs_arena_new(&a->arena, most, sizeof(*tb));
	int *invert = rs_arena_new(&a->arena, most, sizeof(*invert));
	struct rs_metric m;
	size_t i = 0;

	ret->a = rs_arena_new(&a->arena, most, sizeof(*ret->a));
	ret->b = rs_arena_new(&a->arena, most, sizeof(*ret->b));
	ret->metric = rs_arena_new(&a->arena, most, sizeof(*ret->metric));
	ret->rounded = rs_arena_new(&a->arena, most, sizeof(*ret->rounded));
	if (rs_arena_check(&a->arena, err) < 0)
		return -1;
	while (claim_metric(c, b, &i, &m)) {
		const struct rs_subject sa = subject_of(a, c, c->system, m.id);

		if (rs_analysis_trials(a, &sa, &ta[ret->k], err) < 0)
			return -1;
		if (versus != NULL) {
			const struct rs_subject sb = subject_of(a, c, versus, m.id);

			if (rs_analysis_trials(a, &sb, &tb[ret->k], err) < 0)
				return -1;
		}
		if (ta[ret->k].n == 0 || (versus != NULL && tb[ret->k].n == 0)) {
			ret->left_out++;
			continue;
		}
		/* a variation is that of the values themselves */
		invert[ret->k] = c->metric == NULL && c->quantity != RS_QUANTITY_CV &&
				 m.better == RS_BETTER_LOWER;
		ret->metric[ret->k++] = m.id;
	}
	if (ret->k == 0)
		return 0;
	/* from run to run means from trial to trial, whatever their boots */
	ret->boots = c->quantity == RS_QUANTITY_CV ? 0 : 1;
	if (common_trials(&a->arena, ta, invert, ret->k, ret->a, &ret->na, &ret->boots, err) < 0 ||
	    (versus != NULL && common_trials(&a->arena, tb, invert, ret->k, ret->b, &ret->nb,
					     &ret->boots, err) < 0))
		return -1;
	if (ret->na > 0)
		set_rounded(ret, ta, tb, invert);
	return 0;
}

/* Why one side of a claim has nothing. */
static const char *why_nothing(struct rs_analysis *a, const struct rs_claim *c, const char *versus)
{
	const char *const sides[] = { c->system, versus };

	for (size_t i = 0; i < RS_COUNT(sides); i++) {
		const struct rs_system *s = sides[i] == NULL ? NULL
							     : rs_plan_system(a->plan, sides[i]);
		size_t planned, done;
		const char *text;

		if (s == NULL)
			continue;
		rs_analysis_count(a, s->id, rs_system_guests(s), c->benchmark, &planned, &done);
		if (done != 0)
			continue;
		text = rs_arena_printf(&a->arena, "%s: %s", s->title == NULL ? s->id : s->title,
				       rs_analysis_why(a, s->id, rs_system_guests(s), c->benchmark));
		return text == NULL ? "" : text;
	}
	return rs_report_word(a->l, RS_WORD_NO_VALUE);
}

static int estimate(struct rs_analysis *a, const struct rs_claim *c, const struct pairs *p,
		    struct rs_estimate *e, struct rs_err *err)
{
	switch (c->quantity) {
	case RS_QUANTITY_INDEX:
	case RS_QUANTITY_RATIO:
		if (c->metric != NULL ? rs_ratio(p->a[0], p->na, p->b[0], p->nb, scale_of(a, c),
						 a->seed, e, err) < 0
				      : rs_ratio_group(p->a, p->na, p->b, p->nb, p->k,
						       scale_of(a, c), a->seed, e, err) < 0)
			return -1;
		rs_round_ratio(e, p->rounded, p->k, scale_of(a, c));
		return 0;
	case RS_QUANTITY_ABSOLUTE:
		if (rs_mean(p->a[0], p->na, a->seed, e, err) < 0)
			return -1;
		rs_round_mean(e, p->rounded[0].off);
		return 0;
	case RS_QUANTITY_CV:
		return rs_variation(p->a[0], p->na, a->seed, e, err);
	case RS_QUANTITY_LAST:
		break;
	}
	return rs_err_set(err, RS_ERR_INTERNAL, "claim \"%s\": unknown quantity", c->id);
}

/* With a group, the coefficient of variation of its least steady metric. */
static int estimate_worst_cv(struct rs_analysis *a, const struct pairs *p, struct rs_estimate *e,
			     struct rs_err *err)
{
	double hi = 0;
	int all_have_one = 1;

	for (size_t i = 0; i < p->k; i++) {
		struct rs_estimate one;

		if (rs_variation(p->a[i], p->na, a->seed, &one, err) < 0)
			return -1;
		all_have_one &= !isnan(one.ci.hi);
		hi = fmax(hi, one.ci.hi);
		if (i == 0 || one.point > e->point)
			*e = one;
	}
	/* the group varies little only when every metric of it does */
	e->ci.hi = all_have_one ? hi : (double)NAN;
	e->ci.lo = all_have_one ? e->ci.lo : (double)NAN;
	return 0;
}

/* Fills j->e: 1; 0: there is no such value, and the finding tells why; -1 with err. */
static int estimate_or_tell(struct rs_analysis *a, const struct pairs *p, struct rs_judged *j,
			    struct rs_err *err)
{
	const struct rs_claim *c = j->finding.claim;

	if ((c->quantity == RS_QUANTITY_CV ? estimate_worst_cv(a, p, &j->e, err)
					   : estimate(a, c, p, &j->e, err)) == 0)
		return 1;
	if (err == NULL || err->kind != RS_ERR_FAILED)
		return -1;
	j->e = (struct rs_estimate){ 0 };
	not_measured(&j->finding, err->text);
	rs_err_clear(err);
	return 0;
}

/* Whether a group has a geometric mean of ratios; else the finding tells why: a metric of 0 on
 * either side has none, and there is no telling what it would be without. */
static int has_ratios(const struct rs_analysis *a, const struct pairs *p, struct rs_finding *f)
{
	char text[200];

	for (size_t i = 0; f->claim->metric == NULL && p->nb > 0 && i < p->k; i++) {
		const struct rs_rounded *r = &p->rounded[i];

		/* of an inverted one the mean is infinite */
		if (r->mean != 0 && r->base != 0 && isfinite(r->mean) && isfinite(r->base))
			continue;
		(void)snprintf(text, sizeof(text), "%.60s: %s", p->metric[i],
			       rs_report_word(a->l, RS_WORD_ZERO_VALUES));
		not_measured(f, text);
		return 0;
	}
	return 1;
}

/* What a verdict may say of the study when another platform stood in, or an emulator did. */
static enum rs_verdict limited(enum rs_verdict v, int substituted, int emulated)
{
	switch (v) {
	case RS_VERDICT_REPRODUCED:
		return emulated ? RS_VERDICT_SAME_DIRECTION
		       : substituted ? RS_VERDICT_REPRODUCED_SUBSTITUTE : v;
	case RS_VERDICT_CONTRADICTED:
		return emulated ? RS_VERDICT_NOT_SEEN
		       : substituted ? RS_VERDICT_CONTRADICTED_SUBSTITUTE : v;
	case RS_VERDICT_REPRODUCED_SUBSTITUTE:
	case RS_VERDICT_SAME_DIRECTION:
	case RS_VERDICT_CONTRADICTED_SUBSTITUTE:
	case RS_VERDICT_NOT_SEEN:
	case RS_VERDICT_INCONCLUSIVE:
	case RS_VERDICT_NOT_MEASURED:
	case RS_VERDICT_LAST:
		break;
	}
	return v;
}

/* A substitute and an emulator take from a verdict in either direction. */
static int limit_verdict(struct rs_analysis *a, const char *versus, struct rs_judged *j,
			 struct rs_err *err)
{
	const char *const sides[] = { j->finding.claim->system, versus };
	char text[300];
	int substituted = 0;

	for (size_t i = 0; i < RS_COUNT(sides); i++) {
		const char *reason = NULL;

		if (sides[i] == NULL || (i == 1 && strcmp(sides[0], sides[1]) == 0))
			continue;
		if (rs_analysis_substitute(a, sides[i], &reason, err) < 0)
			return -1;
		if (reason == NULL)
			continue;
		substituted = 1;
		(void)snprintf(text, sizeof(text), "%s: %.200s",
			       rs_report_word(a->l, RS_WORD_SUBSTITUTE), reason);
		say(&j->finding, text);
	}
	j->finding.verdict = limited(j->finding.verdict, substituted, a->emulated);
	if (a->emulated)
		say(&j->finding, rs_report_word(a->l, RS_WORD_EMULATED));
	return 0;
}

static void judge(struct rs_judged *j, enum rs_language l)
{
	const struct rs_claim *c = j->finding.claim;
	struct rs_finding *f = &j->finding;

	f->point = j->e.point;
	f->lo = j->e.ci.lo;
	f->hi = j->e.ci.hi;
	f->trials = j->e.n_base != 0 && j->e.n_base < j->e.n ? j->e.n_base : j->e.n;
	switch (rs_judge(&j->e, c->relation, c->bound, c->tolerance)) {
	case RS_JUDGEMENT_HOLDS:
		f->verdict = RS_VERDICT_REPRODUCED;
		return;
	case RS_JUDGEMENT_FAILS:
		f->verdict = RS_VERDICT_CONTRADICTED;
		return;
	case RS_JUDGEMENT_OPEN:
	case RS_JUDGEMENT_LAST:
		break;
	}
	f->verdict = RS_VERDICT_INCONCLUSIVE;
	if (isnan(f->lo) || isnan(f->hi)) {
		if (f->trials == 1)
			say(f, rs_report_word(l, RS_WORD_ONE_TRIAL));
		else if (j->e.n_base != 0 && !(f->point > 0))
			say(f, rs_report_word(l, RS_WORD_ZERO_VALUES));
		return;
	}
	say(f, rs_report_word(l, RS_WORD_ON_BOUND));
}

/* Beyond the 99 % band of independent trials (Bartlett 1946). */
static int is_dependent(const double *v, size_t n)
{
	return n >= 3 && rs_autocorrelation(v, n) > 2.576 / sqrt((double)n);
}

static void say_of_series(struct rs_finding *f, enum rs_language l, size_t n, size_t of,
			  enum rs_word what)
{
	char text[200];

	if (n == 0)
		return;
	(void)snprintf(text, sizeof(text), "%zu %s %zu %s %s", n, rs_report_word(l, RS_WORD_OF), of,
		       rs_report_word(l, RS_WORD_SERIES_OF_TRIALS), rs_report_word(l, what));
	say(f, text);
}

/* What an interval over trials supposes and these trials do not keep: it is told, and
 * nothing is dropped. */
static void warn_of_order(const struct pairs *p, struct rs_finding *f, enum rs_language l)
{
	size_t series = 0, warming = 0, dependent = 0;

	for (size_t side = 0; side < 2; side++) {
		const double *const *v = side == 0 ? p->a : p->b;
		const size_t n = side == 0 ? p->na : p->nb;

		for (size_t i = 0; n > 0 && i < p->k; i++) {
			series++;
			if (rs_warmup_end(v[i], n) > 0)
				warming++;
			else
				dependent += is_dependent(v[i], n) ? 1u : 0u;
		}
	}
	say_of_series(f, l, warming, series, RS_WORD_LOOK_LIKE_WARM_UP);
	say_of_series(f, l, dependent, series, RS_WORD_FOLLOW_EACH_OTHER);
}

/* Trials that were not left alone: nothing is dropped for it either. */
static void warn_of_unrest(const struct rs_analysis *a, const char *versus, struct rs_finding *f)
{
	const struct rs_claim *c = f->claim;
	const char *const sides[] = { c->system,
				      versus == NULL || strcmp(versus, c->system) == 0 ? NULL : versus };
	char text[120];

	for (size_t side = 0; side < RS_COUNT(sides) && sides[side] != NULL; side++) {
		const struct rs_subject s = subject_of(a, c, sides[side], NULL);

		f->disturbed += rs_analysis_disturbed(a, s.system, s.guests, c->benchmark);
	}
	if (f->disturbed == 0)
		return;
	(void)snprintf(text, sizeof(text), "%zu %s", f->disturbed,
		       rs_report_word(a->l, RS_WORD_OF_ITS_TRIALS_DISTURBED));
	say(f, text);
}

/* Metrics of the run itself: facts "setup.<system>.<metric>", one number for each launch,
 * separated by blanks. */
static int setup_values(struct rs_analysis *a, const char *system, const char *metric,
			double **ret, size_t *ret_n, struct rs_err *err)
{
	const char *name = strcmp(metric, "guest-install-time") == 0 ? "guest_install_s" : metric;
	const char *text, *end;
	const char *kind = rs_arena_printf(&a->arena, "setup.%s", system);
	double v;

	*ret = NULL;
	*ret_n = 0;
	if (kind == NULL)
		return rs_err_nomem(err);
	if (rs_analysis_fact_of(a, kind, name, &text, err) < 0)
		return -1;
	for (; text != NULL && rs_scan_double(text, &end, &v) == 0 && isfinite(v); text = end) {
		*ret = rs_arena_grow(&a->arena, *ret, *ret_n, sizeof(**ret));
		if (*ret == NULL)
			return rs_err_nomem(err);
		(*ret)[(*ret_n)++] = v;
	}
	return 0;
}

static int judge_setup(struct rs_analysis *a, const char *versus, struct rs_judged *j,
		       struct rs_err *err)
{
	const struct rs_claim *c = j->finding.claim;
	struct rs_rounded exact = { 0 };
	double *v, *base = NULL;
	size_t n, n_base = 0;
	char text[200];
	int status;

	if (c->metric == NULL) {
		not_measured(&j->finding, "the claim names no metric of the run");
		return 0;
	}
	if (setup_values(a, c->system, c->metric, &v, &n, err) < 0 ||
	    (versus != NULL && setup_values(a, versus, c->metric, &base, &n_base, err) < 0))
		return -1;
	if (n == 0 || (versus != NULL && n_base == 0)) {
		(void)snprintf(text, sizeof(text), "%.60s, %.60s: %s", c->metric,
			       n == 0 ? c->system : versus, rs_report_word(a->l, RS_WORD_NOT_TIMED));
		not_measured(&j->finding, text);
		return 0;
	}
	status = estimate_or_tell(a, &(const struct pairs){
		.a = (const double *[]){ v }, .b = (const double *[]){ base }, .rounded = &exact,
		.na = n, .nb = n_base, .k = 1 }, j, err);
	if (status != 1)
		return status;
	judge(j, a->l);
	return limit_verdict(a, versus, j, err);
}

static int judge_claim(struct rs_analysis *a, struct rs_judged *j, struct rs_err *err)
{
	const struct rs_claim *c = j->finding.claim;
	const char *versus = versus_of(a, c);
	struct pairs p = { 0 };
	char text[120];
	int status;

	j->finding.point = j->finding.lo = j->finding.hi = (double)NAN;
	if (c->benchmark == NULL)
		return judge_setup(a, versus, j, err);
	if (rs_plan_benchmark(a->plan, c->benchmark) == NULL)
		return rs_err_set(err, RS_ERR_PLAN, "no benchmark \"%s\"", c->benchmark);
	if (c->metric == NULL && c->quantity == RS_QUANTITY_ABSOLUTE) {
		not_measured(&j->finding, "values of a group have no common unit; name one metric");
		return 0;
	}
	if (collect_pairs(a, c, versus, &p, err) < 0)
		return -1;
	if (p.k == 0 || p.na == 0 || (versus != NULL && p.nb == 0)) {
		not_measured(&j->finding, why_nothing(a, c, versus));
		return 0;
	}
	if (!has_ratios(a, &p, &j->finding))
		return 0;
	status = estimate_or_tell(a, &p, j, err);
	if (status != 1)
		return status;
	if (p.left_out != 0) {
		(void)snprintf(text, sizeof(text), "%zu %s %zu %s", p.left_out,
			       rs_report_word(a->l, RS_WORD_OF), p.left_out + p.k,
			       rs_report_word(a->l, RS_WORD_NO_GROUP_VALUE));
		say(&j->finding, text);
	}
	if (p.boots > 1) {
		(void)snprintf(text, sizeof(text), "%s: %zu", rs_report_word(a->l, RS_WORD_BOOTS_ARE_UNITS),
			       p.boots);
		say(&j->finding, text);
	}
	judge(j, a->l);
	warn_of_order(&p, &j->finding, a->l);
	warn_of_unrest(a, versus, &j->finding);
	return limit_verdict(a, versus, j, err);
}

/* ---- all claims together ---- */

/* The interval of these is made on the logarithm, where they are positive. */
static int is_positive(const struct rs_claim *c, const struct rs_judged *j)
{
	return c->quantity == RS_QUANTITY_ABSOLUTE ||
	       (j->e.n_base != 0 && (c->quantity == RS_QUANTITY_INDEX ||
				     c->quantity == RS_QUANTITY_RATIO));
}

/* Of the index the bound is on the same scale as the interval.  Trials that are all equal, and
 * the bound, decide by the relation alone: there is no error to correct. */
static double p_value(const struct rs_judged *j)
{
	const struct rs_claim *c = j->finding.claim;
	double p;

	if (isnan(j->finding.point))
		return (double)NAN;
	p = is_positive(c, j) ? rs_p_value_of_ratio(&j->e, c->relation, c->bound, c->tolerance)
			      : rs_p_value(&j->e, c->relation, c->bound, c->tolerance);
	return p >= 1 && !(j->e.ci.lo < j->e.ci.hi) ? (double)NAN : p;
}

/* What the interval has to come clear of: of "near" the end that is closer to the point. */
static double settling_bound(const struct rs_judged *j)
{
	const struct rs_claim *c = j->finding.claim;
	const double margin = fabs(c->bound) * c->tolerance;

	if (c->relation != RS_REL_NEAR)
		return c->bound;
	return j->finding.point < c->bound ? c->bound - margin : c->bound + margin;
}

/* A verdict that the correction does not bear is none, and what would bear it is told. */
static void correct_one(struct rs_judged *j, enum rs_language l)
{
	struct rs_finding *f = &j->finding;
	char text[160], number[40];

	if (isnan(f->p))
		return;
	if (f->verdict != RS_VERDICT_INCONCLUSIVE && !(f->p_holm < 0.05)) {
		f->verdict = RS_VERDICT_INCONCLUSIVE;
		(void)rs_number(number, sizeof(number), l, f->p_holm, 2);
		(void)snprintf(text, sizeof(text), "%s (p %s)", rs_report_word(l, RS_WORD_NOT_AFTER_HOLM),
			       number);
		say(f, text);
	}
	if (f->verdict != RS_VERDICT_INCONCLUSIVE)
		return;
	f->needed = rs_trials_needed(&j->e, f->trials, settling_bound(j), f->family);
	if (f->needed <= f->trials || f->needed >= 100000) {
		f->needed = 0;
		return;
	}
	if (f->needed == f->trials + 1) {
		say(f, rs_report_word(l, RS_WORD_ONE_WOULD_SETTLE));
		return;
	}
	(void)snprintf(text, sizeof(text), "%s %zu %s", rs_report_word(l, RS_WORD_ABOUT),
		       f->needed - f->trials, rs_report_word(l, RS_WORD_WOULD_SETTLE));
	say(f, text);
}

/* Holm's correction over all claims that have an interval. */
static int correct(struct rs_analysis *a, struct rs_judged *j, struct rs_err *err)
{
	const size_t n = a->plan->n_claims;
	double *p = rs_arena_new(&a->arena, n, sizeof(*p));
	double *holm = rs_arena_new(&a->arena, n, sizeof(*holm));
	size_t family = 0;

	if (p == NULL || holm == NULL)
		return rs_err_nomem(err);
	for (size_t i = 0; i < n; i++) {
		p[i] = p_value(&j[i]);
		family += isnan(p[i]) ? 0u : 1u;
	}
	if (rs_holm(p, n, holm, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		j[i].finding.p = p[i];
		j[i].finding.p_holm = holm[i];
		j[i].finding.family = family;
		memcpy(j[i].finding.method, j[i].e.method, RS_METHOD_SIZE);
		correct_one(&j[i], a->l);
	}
	return 0;
}

int rs_claims_judge(struct rs_analysis *a, struct rs_judged **ret, struct rs_err *err)
{
	*ret = rs_arena_new(&a->arena, a->plan->n_claims, sizeof(**ret));
	if (*ret == NULL)
		return rs_err_nomem(err);
	for (size_t i = 0; i < a->plan->n_claims; i++) {
		(*ret)[i].finding.claim = &a->plan->claims[i];
		if (judge_claim(a, &(*ret)[i], err) < 0)
			return rs_err_wrap(err, "claim \"%s\"", a->plan->claims[i].id);
	}
	return a->plan->n_claims == 0 ? 0 : correct(a, *ret, err);
}

void rs_claim_formula(const struct rs_analysis *a, const struct rs_claim *c, struct rs_buf *out)
{
	const char *versus = versus_of(a, c);

	if (c->quantity == RS_QUANTITY_CV)
		rs_buf_adds(out, "cv(");
	if (c->metric != NULL)
		rs_buf_adds(out, c->metric);
	else
		rs_buf_addf(out, "group %s", rs_group_name(c->group));
	if (c->quantity == RS_QUANTITY_CV)
		rs_buf_adds(out, ")");
	rs_buf_addf(out, ", %s", c->system);
	if (versus != NULL)
		rs_buf_addf(out, " / %s", versus);
	if (c->quantity == RS_QUANTITY_INDEX)
		rs_buf_addf(out, " \xC3\x97 %.10g", scale_of(a, c));
	rs_buf_addf(out, " %s %.10g", rs_relation_sign(c->relation), c->bound);
	if (c->relation == RS_REL_NEAR)
		rs_buf_addf(out, " \xC2\xB1 %.10g %%", c->tolerance * 100);
}

int rs_report_claims(const struct rs_plan *plan, struct rs_store *store, struct rs_finding **ret,
		     size_t *ret_n, struct rs_err *err)
{
	RS_AUTO_ANALYSIS a = RS_ANALYSIS_INIT;
	struct rs_judged *judged;

	if (rs_analysis_load(&a, plan, store, err) < 0 || rs_claims_judge(&a, &judged, err) < 0)
		return -1;
	*ret = rs_alloc(plan->n_claims + 1, sizeof(**ret), err);
	if (*ret == NULL)
		return -1;
	for (size_t i = 0; i < plan->n_claims; i++)
		(*ret)[i] = judged[i].finding;
	*ret_n = plan->n_claims;
	return 0;
}
