/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Known sins of benchmarking that a plan can commit.  A warning names its rule, says
 * what it does to the result, how to mend it, and who showed it:
 *
 *   Banga, Druschel: Measuring the capacity of a Web server, USITS 1997.
 *   Fleming, Wallace: How not to lie with statistics, CACM 29(3), 1986.
 *   Georges, Buytaert, Eeckhout: Statistically rigorous Java performance
 *     evaluation, OOPSLA 2007.
 *   Hoefler, Belli: Scientific benchmarking of parallel computing systems, SC 2015.
 *   Schroeder, Wierman, Harchol-Balter: Open versus closed: a cautionary tale,
 *     NSDI 2006.
 *   van der Kouwe, Andriesse, Bos, Giuffrida, Heiser: Benchmarking crimes: an
 *     emerging threat in systems security, arXiv:1801.02381, 2018.
 */
#include "restudy/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"

#include "plan_priv.h"

enum rule {
	RULE_CLOSED_LOOP,
	RULE_FEW_TRIALS,
	RULE_LOAD_GENERATOR,
	RULE_NO_BASELINE,
	RULE_NO_COMMON_UNIT,
	RULE_NO_WARMUP,
	RULE_ONE_TRIAL,
	RULE_PAGE_CACHE,
	RULE_RATIO_MEAN,
	RULE_RELATIVE_ONLY,
	RULE_SHORT_DURATION,
	RULE_UNEQUAL_LIMITS,
	RULE_UNEQUAL_MEMORY,
	RULE_UNEQUAL_TRIALS,
	RULE_UNVERIFIED_DOWNLOAD,
	RULE_LAST
};

static const struct {
	const char *name;
	enum rs_level level;
	const char *literature;
} rules[] = {
	[RULE_CLOSED_LOOP] = { "closed-loop", RS_LEVEL_NOTE, "Schroeder et al. 2006" },
	[RULE_FEW_TRIALS] = { "few-trials", RS_LEVEL_NOTE, "Hoefler and Belli 2015" },
	[RULE_LOAD_GENERATOR] = { "load-generator", RS_LEVEL_WARNING, "Banga and Druschel 1997" },
	[RULE_NO_BASELINE] = { "no-baseline", RS_LEVEL_WARNING, "van der Kouwe et al. 2018" },
	[RULE_NO_COMMON_UNIT] = { "no-common-unit", RS_LEVEL_WARNING, "Fleming and Wallace 1986" },
	[RULE_NO_WARMUP] = { "no-warmup", RS_LEVEL_WARNING, "Georges et al. 2007" },
	[RULE_ONE_TRIAL] = { "one-trial", RS_LEVEL_WARNING, "Georges et al. 2007" },
	[RULE_PAGE_CACHE] = { "page-cache", RS_LEVEL_NOTE, "van der Kouwe et al. 2018" },
	[RULE_RATIO_MEAN] = { "ratio-mean", RS_LEVEL_WARNING, "Fleming and Wallace 1986" },
	[RULE_RELATIVE_ONLY] = { "relative-only", RS_LEVEL_WARNING, "van der Kouwe et al. 2018" },
	[RULE_SHORT_DURATION] = { "short-duration", RS_LEVEL_WARNING, "Hoefler and Belli 2015" },
	[RULE_UNEQUAL_LIMITS] = { "unequal-limits", RS_LEVEL_NOTE, "van der Kouwe et al. 2018" },
	[RULE_UNEQUAL_MEMORY] = { "unequal-memory", RS_LEVEL_WARNING, "van der Kouwe et al. 2018" },
	[RULE_UNEQUAL_TRIALS] = { "unequal-trials", RS_LEVEL_NOTE, "Hoefler and Belli 2015" },
	[RULE_UNVERIFIED_DOWNLOAD] = { "unverified-download", RS_LEVEL_WARNING,
				       "van der Kouwe et al. 2018" },
};
_Static_assert(RS_COUNT(rules) == RULE_LAST, "describe every rule");

RS_PRINTF(4, 5)
static void warn(struct rs_diagnostics *d, int line, enum rule rule, const char *fmt, ...)
{
	RS_AUTO_BUF b = RS_BUF_INIT;
	char text[500];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	rs_buf_addf(&b, "%s (%s)", text, rules[rule].literature);
	if (b.failed)
		d->refused = 1;
	rs_diagnostics_add(d, rules[rule].level, NULL, line, 0, rules[rule].name, rs_buf_str(&b));
}

static int is_web(const struct rs_benchmark *b)
{
	return b->adapter == RS_ADAPTER_SIEGE || b->adapter == RS_ADAPTER_HTTPLOAD;
}

/* ---- repeats and durations, under each profile ---- */

/* Where a profile says something about a benchmark; else where the benchmark is. */
static int line_of_use(const struct rs_benchmark *b, const struct rs_profile *p)
{
	const struct rs_use *u = rs_plan_use(b, p);

	return u != NULL ? u->line : b->line;
}

/* Seconds below which a test's own start and end show in its result: UnixBench takes
 * 10 s, and a server's queue needs several times its longest request. */
static double shortest_s(const struct rs_benchmark *b)
{
	return is_web(b) ? 30 : b->adapter == RS_ADAPTER_COMMAND ? 0 : 10;
}

static void lint_use(struct rs_diagnostics *d, const struct rs_benchmark *b,
		     const struct rs_profile *p)
{
	const int line = line_of_use(b, p), trials = rs_plan_trials(b, p);
	const double s = rs_plan_duration_s(b, p);
	char where[200] = "", is[64];

	if (p != NULL)
		(void)snprintf(where, sizeof(where), "profile \"%s\": ", p->id);
	if (trials == 1)
		warn(d, line, RULE_ONE_TRIAL, "%s\"%s\" is measured once, so nothing tells a difference "
		     "from chance; write trials=\"6\" or more", where, b->id);
	else if (trials < 6)
		warn(d, line, RULE_FEW_TRIALS, "%s%d trials of \"%s\" give no 95 %% interval of the median, "
		     "which needs 6; write trials=\"6\" or more", where, trials, b->id);
	if (rs_plan_warmup(b, p) == 0)
		warn(d, line, RULE_NO_WARMUP, "%s\"%s\" has no warm-up, so the first trial also measures "
		     "cold caches; write warmup=\"1\"", where, b->id);
	if (s < shortest_s(b))
		warn(d, line, RULE_SHORT_DURATION, "%s%s of \"%s\" are short, and start and end weigh much; "
		     "write duration=\"%.0fs\" or more", where,
		     rs_format_quantity(is, sizeof(is), s, RS_DIM_SECONDS), b->id,
		     shortest_s(b));
}

static void lint_repeats(struct rs_diagnostics *d, const struct rs_plan *plan)
{
	for (size_t k = 0; k < plan->n_benchmarks; k++) {
		const struct rs_benchmark *b = &plan->benchmarks[k];

		if (plan->n_profiles == 0)
			lint_use(d, b, NULL);
		for (size_t i = 0; i < plan->n_profiles; i++)
			lint_use(d, b, &plan->profiles[i]);
	}
	for (size_t i = 0; i < plan->n_profiles; i++) {
		const struct rs_profile *p = &plan->profiles[i];

		for (size_t k = 1; k < plan->n_benchmarks; k++) {
			const struct rs_benchmark *a = &plan->benchmarks[0], *b = &plan->benchmarks[k];

			if (rs_plan_trials(a, p) == rs_plan_trials(b, p))
				continue;
			warn(d, line_of_use(b, p), RULE_UNEQUAL_TRIALS, "profile \"%s\": \"%s\" has %d trials "
			     "and \"%s\" has %d, so their intervals do not compare; the report shows both "
			     "numbers", p->id, a->id, rs_plan_trials(a, p), b->id, rs_plan_trials(b, p));
		}
	}
}

/* ---- systems ---- */

static void lint_memory(struct rs_diagnostics *d, const struct rs_plan *plan)
{
	const struct rs_system *first = NULL;

	for (size_t i = 0; i < plan->n_systems; i++) {
		const struct rs_system *s = &plan->systems[i];
		char a[64], b[64];

		if (s->guests.n_counts == 0)
			continue;
		if (first == NULL) {
			first = s;
			continue;
		}
		if (s->guests.memory_bytes != first->guests.memory_bytes)
			warn(d, s->guests.line, RULE_UNEQUAL_MEMORY, "a guest of \"%s\" has %s of memory and one "
			     "of \"%s\" has %s, so a difference may be memory's; give them the same",
			     s->id, s->guests.memory_bytes == 0 ? "no limit" :
				    rs_format_quantity(a, sizeof(a), (double)s->guests.memory_bytes,
						       RS_DIM_BYTES),
			     first->id, first->guests.memory_bytes == 0 ? "no limit" :
				    rs_format_quantity(b, sizeof(b), (double)first->guests.memory_bytes,
						       RS_DIM_BYTES));
		if ((s->guests.n_limits > 0) != (first->guests.n_limits > 0))
			warn(d, s->guests.line, RULE_UNEQUAL_LIMITS, "guests of \"%s\" have limits and those of "
			     "\"%s\" have none; say in the report which of them were reached",
			     s->guests.n_limits > 0 ? s->id : first->id,
			     s->guests.n_limits > 0 ? first->id : s->id);
	}
}

/* A guest that has less than the bare baseline is compared with a larger machine. */
static void lint_against_host(struct rs_diagnostics *d, const struct rs_plan *plan)
{
	const struct rs_system *host = rs_plan_baseline(plan);

	if (host == NULL || host->guests.n_counts > 0 || !plan->has_hardware)
		return;
	for (size_t i = 0; i < plan->n_systems; i++) {
		const struct rs_system *s = &plan->systems[i];
		char a[64], b[64];

		if (s->guests.memory_bytes == 0 ||
		    s->guests.memory_bytes >= plan->hardware.memory_bytes)
			continue;
		warn(d, s->guests.line, RULE_UNEQUAL_MEMORY, "a guest of \"%s\" has %s of memory and the baseline "
		     "\"%s\" has %s; limit the baseline alike, or say so beside the result", s->id,
		     rs_format_quantity(a, sizeof(a), (double)s->guests.memory_bytes, RS_DIM_BYTES),
		     host->id, rs_format_quantity(b, sizeof(b), (double)plan->hardware.memory_bytes,
						  RS_DIM_BYTES));
	}
}

static void lint_generator(struct rs_diagnostics *d, const struct rs_plan *plan)
{
	for (size_t k = 0; k < plan->n_benchmarks; k++) {
		const struct rs_benchmark *b = &plan->benchmarks[k];

		if (is_web(b))
			warn(d, b->line, RULE_LOAD_GENERATOR, "\"%s\" makes its load on the machine that runs "
			     "the web servers, and takes processor time from them; give the generator "
			     "processors of its own, or say so beside the result", b->id);
		if (is_web(b) && !(b->adapter == RS_ADAPTER_HTTPLOAD && b->rate_per_s > 0))
			warn(d, b->line, RULE_CLOSED_LOOP, "clients of \"%s\" wait for an answer before they ask "
			     "again, so a slow server is asked less and its response times look better than "
			     "those of real visitors; httpload with rate=\"...\" asks at a rate of its own", b->id);
	}
}

/* ---- exhibits ---- */

static int is_shown_absolute(const struct rs_plan *plan, const char *benchmark, const char *metric)
{
	for (size_t i = 0; i < plan->n_exhibits; i++) {
		const struct rs_exhibit *e = &plan->exhibits[i];

		if (e->value != RS_VALUE_ABSOLUTE || e->benchmark == NULL ||
		    strcmp(e->benchmark, benchmark) != 0)
			continue;
		for (size_t k = 0; k < e->n_rows; k++) {
			if (strcmp(e->rows[k].metric, metric) == 0)
				return 1;
		}
	}
	return 0;
}

static int is_ratio_unit(const char *unit)
{
	static const char *const units[] = { "%", "index", "percent", "ratio", "speedup", "times", "x" };

	for (size_t i = 0; i < RS_COUNT(units); i++) {
		if (strcmp(unit, units[i]) == 0)
			return 1;
	}
	return 0;
}

/* The unit of a metric that the plan itself defines, or NULL. */
static const char *unit_of(const struct rs_plan *plan, const char *benchmark, const char *metric)
{
	const struct rs_benchmark *b = rs_plan_benchmark(plan, benchmark);

	for (size_t i = 0; b != NULL && i < b->n_metrics; i++) {
		if (strcmp(b->metrics[i].id, metric) == 0)
			return b->metrics[i].unit;
	}
	return NULL;
}

static void lint_exhibit(struct rs_diagnostics *d, const struct rs_plan *plan,
			 const struct rs_exhibit *e)
{
	size_t hidden = 0;
	const char *example = "";

	for (size_t i = 0; i < e->n_rows; i++) {
		const char *metric = e->rows[i].metric;
		const char *unit = unit_of(plan, e->benchmark, metric);

		if (e->value != RS_VALUE_ABSOLUTE && !is_shown_absolute(plan, e->benchmark, metric)) {
			example = metric;
			hidden++;
		}
		if (unit != NULL && is_ratio_unit(unit) && e->over == RS_OVER_MEAN)
			warn(d, e->rows[i].line, RULE_RATIO_MEAN, "\"%s\" is a ratio already (%s), and the "
			     "arithmetic mean of ratios depends on what they are divided by; take the two "
			     "numbers it is made of, or over=\"each\"", metric, unit);
	}
	if (hidden > 0)
		warn(d, e->line, RULE_RELATIVE_ONLY, "%s %s shows \"%s\"%s only relative to the baseline; add a "
		     "table with value=\"absolute\"", rs_exhibit_kind_name(e->kind), e->number, example,
		     hidden > 1 ? " and others" : "");
}

/* Plans with such a claim are older than this rule, so that it is no error. */
static void lint_claim(struct rs_diagnostics *d, const struct rs_claim *c)
{
	if (c->quantity == RS_QUANTITY_ABSOLUTE && c->metric == NULL)
		warn(d, c->line, RULE_NO_COMMON_UNIT, "claim \"%s\" is of the values of a group, which have no "
		     "common unit, so it cannot be judged; name one metric, or compare by quantity=\"ratio\"",
		     c->id);
}

static void lint_baseline(struct rs_diagnostics *d, const struct rs_plan *plan)
{
	if (plan->n_systems > 1 && rs_plan_baseline(plan) == NULL)
		warn(d, plan->systems[0].line, RULE_NO_BASELINE, "no system is the baseline, so nothing tells "
		     "what virtualisation costs; write baseline=\"yes\" at the one that others are compared "
		     "with");
}

/* ---- benchmarks and downloads ---- */

static int has_file_test(const struct rs_benchmark *b)
{
	for (size_t i = 0; i < b->n_tests; i++) {
		if (strncmp(b->tests[i], "fs", 2) == 0)
			return 1;
	}
	return b->n_tests == 0;
}

static void lint_programs(struct rs_diagnostics *d, const struct rs_plan *plan)
{
	for (size_t i = 0; i < plan->n_benchmarks; i++) {
		const struct rs_benchmark *b = &plan->benchmarks[i];

		if ((b->adapter == RS_ADAPTER_KERNELS || b->adapter == RS_ADAPTER_UNIXBENCH) &&
		    has_file_test(b))
			warn(d, b->line, RULE_PAGE_CACHE, "file tests of \"%s\" use files of 8 MB at most, which "
			     "stay in memory: they measure the page cache, not the disk; say so beside the "
			     "result", b->id);
		if (b->source != NULL && b->sha256 == NULL)
			warn(d, b->line, RULE_UNVERIFIED_DOWNLOAD, "the source of \"%s\" has no checksum, so a "
			     "later run may measure another program; write its sha256", b->id);
	}
	for (size_t i = 0; i < plan->n_images; i++) {
		const struct rs_image *m = &plan->images[i];

		if (m->builder == RS_BUILDER_ARCHIVE && m->sha256 == NULL)
			warn(d, m->line, RULE_UNVERIFIED_DOWNLOAD, "image \"%s\" has no checksum, so a later run "
			     "may measure another system; write its sha256", m->id);
	}
}

int rs_plan_lint(const struct rs_plan *plan, struct rs_diagnostics *diags, struct rs_err *err)
{
	lint_repeats(diags, plan);
	lint_baseline(diags, plan);
	lint_memory(diags, plan);
	lint_against_host(diags, plan);
	lint_generator(diags, plan);
	lint_programs(diags, plan);
	for (size_t i = 0; i < plan->n_exhibits; i++) {
		if (plan->exhibits[i].n_rows > 0 && plan->exhibits[i].benchmark != NULL)
			lint_exhibit(diags, plan, &plan->exhibits[i]);
	}
	for (size_t i = 0; i < plan->n_claims; i++)
		lint_claim(diags, &plan->claims[i]);
	return diags->refused ? rs_err_nomem(err) : 0;
}
