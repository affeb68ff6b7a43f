/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judgement of exhibits, published numbers and claims: what they speak of exists. */
#include "validate_priv.h"

#include <stddef.h>
#include <string.h>

#include "restudy/base/mem.h"

static struct rs_ids systems_of(const struct rs_plan *plan)
{
	return (struct rs_ids)RS_IDS("system", plan->systems, plan->n_systems, struct rs_system, id);
}

/* The benchmark an element names, or NULL with a problem told when it names a wrong one. */
static const struct rs_benchmark *named_benchmark(struct rs_reader *r, const struct rs_plan *plan,
						  int number, const char *id)
{
	const struct rs_ids benchmarks = RS_IDS("benchmark", plan->benchmarks, plan->n_benchmarks,
						struct rs_benchmark, id);

	if (!rs_check_known(r, number, "benchmark", id, &benchmarks))
		return NULL;
	return rs_plan_benchmark(plan, id);
}

/* A system of the plan that the benchmark is run on. */
static void check_runs_on(struct rs_reader *r, int number, const char *attribute, const char *system,
			  const struct rs_benchmark *b)
{
	if (b != NULL && !rs_plan_runs_on(b, system))
		rs_complain(r, number, attribute, "benchmark \"%s\" is not run on \"%s\"; add it to the "
			    "benchmark's systems", b->id, system);
}

/* A known system that the benchmark is run on. */
static void check_system(struct rs_reader *r, const struct rs_plan *plan, int number,
			 const char *attribute, const char *system, const struct rs_benchmark *b)
{
	const struct rs_ids systems = systems_of(plan);

	if (rs_check_known(r, number, attribute, system, &systems))
		check_runs_on(r, number, attribute, system, b);
}

/* What divides by the baseline needs one that the benchmark is run on.  where: the attribute
 * that asks for it, or NULL; mend: what to write instead, "" when nothing else helps. */
static void check_baseline(struct rs_reader *r, const struct rs_plan *plan, int number,
			   const char *where, const char *mend, const struct rs_benchmark *b)
{
	const struct rs_system *baseline = rs_plan_baseline(plan);

	if (baseline == NULL)
		rs_complain(r, number, where, "there is no baseline to divide by; write %sbaseline=\"yes\" at "
			    "one <system>", mend);
	else if (baseline->id != NULL && b != NULL && !rs_plan_runs_on(b, baseline->id))
		rs_complain(r, number, where, "benchmark \"%s\" is not run on the baseline \"%s\"; add it to "
			    "the benchmark's systems", b->id, baseline->id);
}

/* ---- exhibits ---- */

static void check_storage(struct rs_reader *r, const struct rs_plan *plan,
			  const struct rs_exhibit *e)
{
	static const char *const unused[] = { "benchmark", "hatching", "height", "over", "published",
					      "scale", "seconds", "systems", "value" };

	if (!plan->has_hardware || plan->hardware.n_groups == 0)
		rs_complain(r, e->line, "chart", "there is no <volume-group> in <hardware> to draw; "
			    "describe one");
	for (size_t i = 0; i < RS_COUNT(unused); i++)
		rs_check_unused(r, e->line, unused[i], "in a storage diagram");
	if (e->n_rows > 0)
		rs_complain(r, e->rows[0].line, NULL, "has no effect in a storage diagram; remove it");
}

/* Only httpload tells of seconds, and of these things. */
static void check_seconds(struct rs_reader *r, const struct rs_exhibit *e,
			  const struct rs_benchmark *b)
{
	static const char *const told[] = { "transactions", "failed-transactions", "response-time" };

	if (e->chart != RS_CHART_TIME)
		rs_check_unused(r, e->line, "seconds", "without chart=\"time\"");
	if (e->value != RS_VALUE_ABSOLUTE)
		rs_complain(r, e->line, "value", "seconds are drawn as they are; remove it");
	if (b != NULL && b->adapter != RS_ADAPTER_HTTPLOAD)
		rs_complain(r, e->line, "seconds", "the adapter %s does not tell of single seconds; "
			    "httpload does", rs_adapter_name(b->adapter));
	for (size_t i = 0; i < e->n_rows; i++) {
		size_t k = 0;

		while (e->rows[i].metric != NULL && k < RS_COUNT(told) &&
		       strcmp(told[k], e->rows[i].metric) != 0)
			k++;
		if (k == RS_COUNT(told))
			rs_complain(r, e->rows[i].line, "metric", "is not told of single seconds; "
				    "transactions, failed-transactions and response-time are");
	}
}

static void check_measured(struct rs_reader *r, const struct rs_plan *plan,
			   const struct rs_exhibit *e)
{
	const struct rs_ids published = RS_IDS("published table", plan->published, plan->n_published,
					       struct rs_published, id);
	const struct rs_ids rows = RS_IDS("row of this metric", e->rows, e->n_rows, struct rs_row,
					  metric);
	const struct rs_ids systems = systems_of(plan);
	const struct rs_benchmark *b = NULL;
	const struct rs_published *p = NULL;

	if (!rs_has_attribute(r, e->line, "benchmark"))
		rs_complain(r, e->line, NULL, "needs the attribute \"benchmark\", the id of a <benchmark>");
	else
		b = named_benchmark(r, plan, e->line, e->benchmark);
	if (e->kind == RS_EXHIBIT_FIGURE && e->n_rows == 0)
		rs_complain(r, e->line, NULL, "needs a <bar> inside for each metric it shows");
	for (size_t i = 0; i < e->n_rows; i++)
		(void)rs_check_metric(r, e->rows[i].line, e->rows[i].metric, b);
	rs_check_unique(r, &rows, "metric");
	rs_check_names(r, e->line, "systems", e->systems, e->n_systems, &systems);
	for (size_t i = 0; i < e->n_systems; i++) {
		if (rs_plan_system(plan, e->systems[i]) != NULL)
			check_runs_on(r, e->line, "systems", e->systems[i], b);
	}
	if (e->published != NULL &&
	    rs_check_known(r, e->line, "published", e->published, &published))
		p = rs_plan_published(plan, e->published);
	if (p != NULL && b != NULL && p->benchmark != NULL && strcmp(p->benchmark, b->id) != 0)
		rs_complain(r, e->line, "published", "holds numbers of benchmark \"%s\", not of \"%s\"; "
			    "correct one", p->benchmark, b->id);
	if (e->value != RS_VALUE_INDEX)
		rs_check_unused(r, e->line, "scale", "without value=\"index\"");
	if (e->seconds)
		check_seconds(r, e, b);
	if (e->kind == RS_EXHIBIT_FIGURE && e->chart != RS_CHART_BARS)
		rs_check_unused(r, e->line, "hatching", "without chart=\"bars\"");
	if (e->value != RS_VALUE_ABSOLUTE)
		check_baseline(r, plan, e->line, "value", "", b);
}

/* Each metric has a unit of its own, and the chart has one axis. */
static void check_scaling(struct rs_reader *r, const struct rs_exhibit *e)
{
	if (e->chart == RS_CHART_GUESTS && e->n_rows > 1)
		rs_complain(r, e->rows[1].line, "metric", "chart=\"guests\" draws one metric over the number of "
			    "guests; write a figure for each, or a table for all");
}

static void validate_exhibit(struct rs_reader *r, const struct rs_plan *plan,
			     const struct rs_exhibit *e)
{
	const struct rs_ids systems = systems_of(plan);

	switch (e->kind) {
	case RS_EXHIBIT_FIGURE:
		if (e->chart == RS_CHART_STORAGE)
			check_storage(r, plan, e);
		else
			check_measured(r, plan, e);
		check_scaling(r, e);
		return;
	case RS_EXHIBIT_TABLE:
		check_measured(r, plan, e);
		return;
	case RS_EXHIBIT_LISTING:
		(void)rs_check_known(r, e->line, "system", e->system, &systems);
		return;
	case RS_EXHIBIT_LAST:
		return;
	}
}

/* "Figure 3.1" and "Table 3.1" may both be there; two figures 3.1 may not. */
static void check_numbers(struct rs_reader *r, const struct rs_plan *plan)
{
	for (size_t i = 1; i < plan->n_exhibits; i++) {
		const struct rs_exhibit *e = &plan->exhibits[i];
		char place[RS_PLACE];

		for (size_t k = 0; e->number != NULL && k < i; k++) {
			const struct rs_exhibit *o = &plan->exhibits[k];

			if (o->kind != e->kind || o->number == NULL || strcmp(o->number, e->number) != 0)
				continue;
			rs_complain(r, e->line, "number", "%s %s is there already in %s; number one "
				    "differently", rs_exhibit_kind_name(e->kind), e->number,
				    rs_place_of(r, o->line, place));
			break;
		}
	}
}

/* ---- published ---- */

static int same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void validate_ratio(struct rs_reader *r, const struct rs_plan *plan,
			   const struct rs_published *p, const struct rs_benchmark *b, size_t i)
{
	const struct rs_published_ratio *v = &p->ratios[i];
	char place[RS_PLACE];

	check_system(r, plan, v->line, "system", v->system, b);
	(void)rs_check_metric(r, v->line, v->metric, b);
	if (v->versus != NULL)
		check_system(r, plan, v->line, "versus", v->versus, b);
	else
		check_baseline(r, plan, v->line, NULL, "versus, or ", b);
	for (size_t k = 0; v->system != NULL && k < i; k++) {
		const struct rs_published_ratio *o = &p->ratios[k];

		if (o->as != v->as || !same(o->system, v->system) || !same(o->metric, v->metric) ||
		    !same(o->versus, v->versus))
			continue;
		rs_complain(r, v->line, "metric", "this number is there already in %s; keep one",
			    rs_place_of(r, o->line, place));
		break;
	}
}

static void validate_published(struct rs_reader *r, const struct rs_plan *plan,
			       const struct rs_published *p)
{
	const struct rs_benchmark *b = named_benchmark(r, plan, p->line, p->benchmark);

	if (p->n_values + p->n_ratios == 0)
		rs_complain(r, p->line, NULL, "has no number; write a <value>");
	for (size_t i = 0; i < p->n_ratios; i++)
		validate_ratio(r, plan, p, b, i);
	for (size_t i = 0; i < p->n_values; i++) {
		const struct rs_published_value *v = &p->values[i];
		char place[RS_PLACE];

		check_system(r, plan, v->line, "system", v->system, b);
		(void)rs_check_metric(r, v->line, v->metric, b);
		for (size_t k = 0; v->system != NULL && v->metric != NULL && k < i; k++) {
			const struct rs_published_value *o = &p->values[k];

			if (o->system == NULL || o->metric == NULL ||
			    strcmp(o->system, v->system) != 0 || strcmp(o->metric, v->metric) != 0)
				continue;
			rs_complain(r, v->line, "metric", "this number is there already in %s; keep "
				    "one", rs_place_of(r, o->line, place));
			break;
		}
	}
}

/* ---- claims ---- */

static int group_has_metric(const struct rs_benchmark *b, enum rs_group group)
{
	size_t n;
	const struct rs_known_metric *known = rs_known_metrics(b->adapter, &n);

	for (size_t i = 0; i < n; i++) {
		if (known[i].group == group)
			return 1;
	}
	for (size_t i = 0; i < b->n_metrics; i++) {
		if (b->metrics[i].group == group)
			return 1;
	}
	return 0;
}

/* Metrics of the run itself, of no benchmark. */
static void check_run_metric(struct rs_reader *r, const struct rs_claim *c)
{
	struct rs_guess guess = { .word = c->metric };
	size_t n;
	const struct rs_known_metric *known = rs_known_run_metrics(&n);
	char more[120];

	for (size_t i = 0; i < n; i++) {
		if (strcmp(known[i].id, c->metric) == 0)
			return;
		rs_guess_try(&guess, known[i].id);
	}
	rs_complain(r, c->line, "metric", "is no metric of the run itself%s",
		    guess.best != NULL ? rs_guess_text(&guess, more, sizeof(more)) :
					 "; name the benchmark that gives it");
}

static void check_subject(struct rs_reader *r, const struct rs_claim *c,
			  const struct rs_benchmark *b)
{
	const int has_group = rs_has_attribute(r, c->line, "group");
	const int has_metric = rs_has_attribute(r, c->line, "metric");
	const int has_benchmark = rs_has_attribute(r, c->line, "benchmark");

	if (has_metric && has_group)
		rs_complain(r, c->line, "group", "a claim is about a metric or a group, not both; "
			    "remove one");
	else if (!has_metric && !has_group)
		rs_complain(r, c->line, NULL, "needs a metric, or a group of metrics");
	else if (c->metric != NULL && !has_benchmark)
		check_run_metric(r, c);
	else if (has_metric)
		(void)rs_check_metric(r, c->line, c->metric, b);
	else if (!has_benchmark)
		rs_complain(r, c->line, "group", "a group needs the benchmark that measures it; name it");
	else if (b != NULL && c->group != RS_GROUP_LAST && !group_has_metric(b, c->group))
		rs_complain(r, c->line, "group", "benchmark \"%s\" has no metric of this group; name "
			    "another", b->id);
}

/* index and ratio divide; by versus, or by the baseline. */
static void check_divisor(struct rs_reader *r, const struct rs_plan *plan, const struct rs_claim *c,
			  const struct rs_benchmark *b)
{
	const struct rs_system *baseline = rs_plan_baseline(plan);
	const int divides = c->quantity == RS_QUANTITY_INDEX || c->quantity == RS_QUANTITY_RATIO;
	const char *by = c->versus;

	if (!divides) {
		rs_check_unused(r, c->line, "versus", "with a quantity that divides by nothing");
		return;
	}
	if (c->quantity == RS_QUANTITY_INDEX)
		rs_check_unused(r, c->line, "versus", "with an index, which is relative to the baseline");
	if (c->versus != NULL)
		check_system(r, plan, c->line, "versus", c->versus, b);
	else
		check_baseline(r, plan, c->line, "quantity", "versus, or ", b);
	if (by == NULL && baseline != NULL)
		by = baseline->id;
	if (by != NULL && c->system != NULL && strcmp(by, c->system) == 0)
		rs_complain(r, c->line, c->versus != NULL ? "versus" : "system",
			    "compares \"%s\" with itself; name another system", by);
}

static void check_bound(struct rs_reader *r, const struct rs_claim *c)
{
	if (c->relation == RS_REL_NEAR && c->tolerance <= 0)
		rs_complain(r, c->line, "relation", "near needs a tolerance above 0, such as "
			    "tolerance=\"0.05\" for 5 percent");
	if (c->relation != RS_REL_NEAR)
		rs_check_unused(r, c->line, "tolerance", "without relation=\"near\"");
	if (c->quantity != RS_QUANTITY_ABSOLUTE && c->bound <= 0)
		rs_complain(r, c->line, "bound", "an index, a ratio or a variation is compared with a "
			    "number above 0");
}

static void validate_claim(struct rs_reader *r, const struct rs_plan *plan, const struct rs_claim *c)
{
	const struct rs_benchmark *b = NULL;

	if (c->benchmark != NULL)
		b = named_benchmark(r, plan, c->line, c->benchmark);
	check_subject(r, c, b);
	check_system(r, plan, c->line, "system", c->system, b);
	if (rs_has_attribute(r, c->line, "quantity"))
		check_divisor(r, plan, c, b);
	if (rs_has_attribute(r, c->line, "relation") && rs_has_attribute(r, c->line, "bound"))
		check_bound(r, c);
}

void rs_validate_exhibits(struct rs_reader *r, const struct rs_plan *plan)
{
	const struct rs_ids lists[] = {
		RS_IDS("figure, table or listing", plan->exhibits, plan->n_exhibits, struct rs_exhibit,
		       id),
		RS_IDS("published table", plan->published, plan->n_published, struct rs_published, id),
		RS_IDS("claim", plan->claims, plan->n_claims, struct rs_claim, id),
	};

	for (size_t i = 0; i < RS_COUNT(lists); i++)
		rs_check_unique(r, &lists[i], "id");
	check_numbers(r, plan);
	for (size_t i = 0; i < plan->n_exhibits && !rs_reader_is_full(r); i++)
		validate_exhibit(r, plan, &plan->exhibits[i]);
	for (size_t i = 0; i < plan->n_published && !rs_reader_is_full(r); i++)
		validate_published(r, plan, &plan->published[i]);
	for (size_t i = 0; i < plan->n_claims && !rs_reader_is_full(r); i++)
		validate_claim(r, plan, &plan->claims[i]);
}
