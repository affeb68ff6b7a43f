/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values and conditions a template can name, each once, sorted. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "content_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"

typedef int value_fn(struct rs_content *c, struct rs_buf *out, struct rs_err *err);

static void put(struct rs_buf *out, const char *s)
{
	rs_buf_adds(out, s == NULL || s[0] == '\0' ? "\xE2\x80\x93" : s);
}

static int put_fact(struct rs_content *c, const char *key, struct rs_buf *out, struct rs_err *err)
{
	const char *text;

	if (rs_analysis_fact(c->a, key, &text, err) < 0)
		return -1;
	put(out, text);
	return 0;
}

static int put_system_fact(struct rs_content *c, const char *prefix, struct rs_buf *out,
			   struct rs_err *err)
{
	const char *text;

	if (c->system == NULL)
		return 0;
	if (rs_analysis_fact_of(c->a, prefix, c->system->id, &text, err) < 0)
		return -1;
	put(out, text);
	return 0;
}

static void put_count(const struct rs_content *c, struct rs_buf *out, size_t n)
{
	char number[64];

	rs_buf_adds(out, rs_number(number, sizeof(number), c->l, (double)n, 0));
}

static void put_quantity(const struct rs_content *c, struct rs_buf *out, double v,
			 enum rs_dimension dim)
{
	char text[64];

	(void)rs_format_quantity(text, sizeof(text), v, dim);
	if (c->l == RS_LANGUAGE_DE)
		for (char *p = text; *p != '\0'; p++)
			if (*p == '.')
				*p = ',';
	rs_buf_adds(out, text);
}

#define VALUE(name) static int name(struct rs_content *c, struct rs_buf *out, struct rs_err *err)

VALUE(baseline_title)
{
	const struct rs_system *s = rs_plan_baseline(c->a->plan);

	(void)err;
	put(out, s == NULL ? NULL : s->title != NULL ? s->title : s->id);
	return 0;
}

VALUE(benchmark_adapter)
{
	(void)err;
	put(out, c->benchmark == NULL ? NULL : rs_adapter_name(c->benchmark->adapter));
	return 0;
}

VALUE(benchmark_id)
{
	(void)err;
	put(out, c->benchmark == NULL ? NULL : c->benchmark->id);
	return 0;
}

VALUE(benchmark_title)
{
	(void)err;
	put(out, c->benchmark == NULL ? NULL
		 : c->benchmark->title != NULL ? c->benchmark->title : c->benchmark->id);
	return 0;
}

VALUE(benchmark_version)
{
	(void)err;
	put(out, c->benchmark == NULL ? NULL : c->benchmark->version);
	return 0;
}

static size_t count_cells(const struct rs_content *c, enum rs_cell_state state, int any)
{
	size_t n = 0;

	for (size_t i = 0; i < c->a->n_cells; i++)
		if (c->a->cells[i].cell.trial >= 1 && (any || c->a->cells[i].state == state))
			n++;
	return n;
}

VALUE(cells_done)
{
	(void)err;
	put_count(c, out, count_cells(c, RS_CELL_DONE, 0));
	return 0;
}

VALUE(cells_failed)
{
	(void)err;
	put_count(c, out, count_cells(c, RS_CELL_FAILED, 0));
	return 0;
}

VALUE(cells_missing)
{
	(void)err;
	put_count(c, out, count_cells(c, RS_CELL_MISSING, 0));
	return 0;
}

VALUE(cells_total)
{
	(void)err;
	put_count(c, out, count_cells(c, RS_CELL_DONE, 1));
	return 0;
}

VALUE(citation_author)
{
	(void)err;
	put(out, c->a->plan->citation.author);
	return 0;
}

VALUE(citation_institution)
{
	(void)err;
	put(out, c->a->plan->citation.institution);
	return 0;
}

VALUE(citation_kind)
{
	(void)err;
	put(out, c->a->plan->citation.kind);
	return 0;
}

VALUE(citation_title)
{
	(void)err;
	put(out, c->a->plan->citation.title);
	return 0;
}

VALUE(citation_year)
{
	(void)err;
	if (c->a->plan->citation.year != 0)
		rs_buf_addf(out, "%d", c->a->plan->citation.year);
	else
		put(out, NULL);
	return 0;
}

static size_t trials_needed(const struct rs_content *c)
{
	return c->claim == NULL ? 0 : c->claim->finding.needed;
}

VALUE(claim_needed)
{
	(void)err;
	if (trials_needed(c) == 0)	/* settled, or not known */
		put(out, NULL);
	else
		put_count(c, out, trials_needed(c));
	return 0;
}

VALUE(claim_bound)
{
	(void)err;
	put(out, c->claim == NULL ? NULL : rs_bound_text(c, c->claim->finding.claim));
	return 0;
}

VALUE(claim_source)
{
	(void)err;
	put(out, c->claim == NULL ? NULL : c->claim->finding.claim->source);
	return 0;
}

VALUE(claim_text)
{
	(void)err;
	put(out, c->claim == NULL ? NULL : c->claim->finding.claim->text);
	return 0;
}

VALUE(claim_reason)
{
	(void)err;
	put(out, c->claim == NULL ? NULL : c->claim->finding.reason);
	return 0;
}

VALUE(claim_value)
{
	(void)err;
	put(out, c->claim == NULL ? NULL : rs_found_text(c, c->claim));
	return 0;
}

VALUE(claims_total)
{
	(void)err;
	put_count(c, out, c->a->plan->n_claims);
	return 0;
}

static size_t count_verdicts(const struct rs_content *c, enum rs_verdict v)
{
	size_t n = 0;

	for (size_t i = 0; i < c->a->plan->n_claims; i++)
		n += c->judged[i].finding.verdict == v ? 1u : 0u;
	return n;
}

static size_t count_held(const struct rs_content *c)
{
	return count_verdicts(c, RS_VERDICT_REPRODUCED) +
	       count_verdicts(c, RS_VERDICT_REPRODUCED_SUBSTITUTE) +
	       count_verdicts(c, RS_VERDICT_SAME_DIRECTION);
}

VALUE(claims_held)
{
	(void)err;
	put_count(c, out, count_held(c));
	return 0;
}

static size_t count_contradicted(const struct rs_content *c)
{
	return count_verdicts(c, RS_VERDICT_CONTRADICTED) +
	       count_verdicts(c, RS_VERDICT_CONTRADICTED_SUBSTITUTE) +
	       count_verdicts(c, RS_VERDICT_NOT_SEEN);
}

VALUE(claims_contradicted)
{
	(void)err;
	put_count(c, out, count_contradicted(c));
	return 0;
}

VALUE(claims_inconclusive)
{
	(void)err;
	put_count(c, out, count_verdicts(c, RS_VERDICT_INCONCLUSIVE));
	return 0;
}

VALUE(claims_not_measured)
{
	(void)err;
	put_count(c, out, count_verdicts(c, RS_VERDICT_NOT_MEASURED));
	return 0;
}

VALUE(hardware_cpu)
{
	const struct rs_hardware *h = &c->a->plan->hardware;

	(void)err;
	if (!c->a->plan->has_hardware)
		put(out, NULL);
	else
		rs_buf_addf(out, "%d \xC3\x97 %s", h->sockets, h->cpu_model == NULL ? "CPU" : h->cpu_model);
	if (h->clock_hz > 0) {
		rs_buf_adds(out, ", ");
		put_quantity(c, out, h->clock_hz, RS_DIM_HERTZ);
	}
	return 0;
}

VALUE(hardware_disks)
{
	const struct rs_hardware *h = &c->a->plan->hardware;

	(void)err;
	if (h->n_disks == 0)
		put(out, NULL);
	for (size_t i = 0; i < h->n_disks; i++) {
		rs_buf_addf(out, "%s%s (%s, ", i == 0 ? "" : ", ", h->disks[i].name,
			    h->disks[i].bus == NULL ? "?" : h->disks[i].bus);
		put_quantity(c, out, (double)h->disks[i].size_bytes, RS_DIM_BYTES);
		rs_buf_addc(out, ')');
	}
	for (size_t i = 0; i < h->n_raids; i++)
		rs_buf_addf(out, ", %s: RAID %d", h->raids[i].name, h->raids[i].level);
	for (size_t i = 0; i < h->n_groups; i++)
		rs_buf_addf(out, ", %s", h->groups[i].name);
	return 0;
}

VALUE(hardware_memory)
{
	(void)err;
	if (!c->a->plan->has_hardware)
		put(out, NULL);
	else
		put_quantity(c, out, (double)c->a->plan->hardware.memory_bytes, RS_DIM_BYTES);
	if (c->a->plan->hardware.memory_kind != NULL)
		rs_buf_addf(out, " %s", c->a->plan->hardware.memory_kind);
	return 0;
}

VALUE(hardware_network)
{
	const struct rs_hardware *h = &c->a->plan->hardware;

	(void)err;
	if (h->n_nics == 0)
		put(out, NULL);
	for (size_t i = 0; i < h->n_nics; i++) {
		rs_buf_addf(out, "%s%s (", i == 0 ? "" : ", ", h->nics[i].name);
		put_quantity(c, out, h->nics[i].link_bps > 0 ? h->nics[i].link_bps
							      : h->nics[i].capacity_bps,
			     RS_DIM_BITRATE);
		rs_buf_addc(out, ')');
	}
	return 0;
}

VALUE(hardware_title)
{
	(void)err;
	put(out, c->a->plan->hardware.title);
	return 0;
}

VALUE(run_accel)
{
	return put_fact(c, "accel", out, err);
}

VALUE(run_description)
{
	const char *text;

	if (rs_analysis_fact(c->a, "testbed.description", &text, err) < 0)
		return -1;
	put(out, rs_phrase(&c->d->arena, c->l, text));
	return 0;
}

/* A date is kept as seconds since 1970 or as it is printed. */
static int put_date(struct rs_content *c, const char *key, struct rs_buf *out, struct rs_err *err)
{
	const char *text;
	char date[40];

	if (rs_analysis_fact(c->a, key, &text, err) < 0)
		return -1;
	put(out, rs_epoch_of(text) < 0 ? text
		 : rs_moment_text(date, sizeof(date), rs_epoch_of(text)));
	return 0;
}

VALUE(run_finished)
{
	return put_date(c, "finished", out, err);
}

VALUE(run_profile)
{
	return put_fact(c, "profile", out, err);
}

VALUE(run_seed)
{
	(void)err;
	rs_buf_addf(out, "%llu", (unsigned long long)c->a->seed);
	return 0;
}

VALUE(run_started)
{
	return put_date(c, "started", out, err);
}

VALUE(run_testbed)
{
	return put_fact(c, "testbed", out, err);
}

VALUE(run_version)
{
	return put_fact(c, "version", out, err);
}

VALUE(study_title)
{
	(void)err;
	put(out, c->a->plan->title);
	return 0;
}

VALUE(system_guests)
{
	const struct rs_guests *g = c->system == NULL ? NULL : &c->system->guests;

	(void)err;
	for (size_t i = 0; g != NULL && i < g->n_counts; i++)
		rs_buf_addf(out, "%s%d", i == 0 ? "" : ", ", g->counts[i]);
	if (g == NULL || g->n_counts == 0)
		put_count(c, out, 0);
	return 0;
}

VALUE(system_guest_names)
{
	(void)err;
	for (size_t i = 0; c->system != NULL && i < c->system->guests.n_names; i++)
		rs_buf_addf(out, "%s%s", i == 0 ? "" : ", ", c->system->guests.names[i]);
	return 0;
}

VALUE(system_id)
{
	(void)err;
	put(out, c->system == NULL ? NULL : c->system->id);
	return 0;
}

VALUE(system_image)
{
	const struct rs_image *i = c->system == NULL || c->system->image == NULL
					   ? NULL : rs_plan_image(c->a->plan, c->system->image);

	(void)err;
	put(out, i == NULL ? NULL : i->title != NULL ? i->title : i->id);
	return 0;
}

VALUE(system_memory)
{
	(void)err;
	if (c->system == NULL || c->system->guests.memory_bytes == 0)
		put(out, NULL);
	else
		put_quantity(c, out, (double)c->system->guests.memory_bytes, RS_DIM_BYTES);
	return 0;
}

VALUE(system_platform)
{
	(void)err;
	put(out, c->system == NULL ? NULL : rs_platform_name(c->system->platform));
	return 0;
}

VALUE(system_real_platform)
{
	return put_system_fact(c, "platform", out, err);
}

/* Why the plan names a substitute; where it does not say, what this run found. */
VALUE(system_substitute_reason)
{
	const char *text;

	if (c->system == NULL || c->system->substitute_reason != NULL) {
		put(out, c->system == NULL ? NULL : c->system->substitute_reason);
		return 0;
	}
	if (rs_analysis_fact_of(c->a, "substitute", c->system->id, &text, err) < 0)
		return -1;
	put(out, rs_phrase(&c->d->arena, c->l, text));
	return 0;
}

VALUE(system_title)
{
	(void)err;
	put(out, c->system == NULL ? NULL
		 : c->system->title != NULL ? c->system->title : c->system->id);
	return 0;
}

VALUE(systems_list)
{
	const struct rs_plan *p = c->a->plan;

	(void)err;
	for (size_t i = 0; i < p->n_systems; i++)
		rs_buf_addf(out, "%s%s", i == 0 ? "" : i + 1 < p->n_systems ? ", "
						 : c->l == RS_LANGUAGE_DE ? " und " : " and ",
			    p->systems[i].title != NULL ? p->systems[i].title : p->systems[i].id);
	return 0;
}

static const struct {
	const char *name;
	value_fn *put;
} values[] = {
	{ "baseline.title", baseline_title },
	{ "benchmark.adapter", benchmark_adapter },
	{ "benchmark.id", benchmark_id },
	{ "benchmark.title", benchmark_title },
	{ "benchmark.version", benchmark_version },
	{ "cells.done", cells_done },
	{ "cells.failed", cells_failed },
	{ "cells.missing", cells_missing },
	{ "cells.total", cells_total },
	{ "citation.author", citation_author },
	{ "citation.institution", citation_institution },
	{ "citation.kind", citation_kind },
	{ "citation.title", citation_title },
	{ "citation.year", citation_year },
	{ "claim.bound", claim_bound },
	{ "claim.needed", claim_needed },
	{ "claim.reason", claim_reason },
	{ "claim.source", claim_source },
	{ "claim.text", claim_text },
	{ "claim.value", claim_value },
	{ "claims.contradicted", claims_contradicted },
	{ "claims.held", claims_held },
	{ "claims.inconclusive", claims_inconclusive },
	{ "claims.not-measured", claims_not_measured },
	{ "claims.total", claims_total },
	{ "hardware.cpu", hardware_cpu },
	{ "hardware.disks", hardware_disks },
	{ "hardware.memory", hardware_memory },
	{ "hardware.network", hardware_network },
	{ "hardware.title", hardware_title },
	{ "run.accel", run_accel },
	{ "run.description", run_description },
	{ "run.finished", run_finished },
	{ "run.profile", run_profile },
	{ "run.seed", run_seed },
	{ "run.started", run_started },
	{ "run.testbed", run_testbed },
	{ "run.version", run_version },
	{ "study.title", study_title },
	{ "system.guest-names", system_guest_names },
	{ "system.guests", system_guests },
	{ "system.id", system_id },
	{ "system.image", system_image },
	{ "system.memory", system_memory },
	{ "system.platform", system_platform },
	{ "system.real-platform", system_real_platform },
	{ "system.substitute-reason", system_substitute_reason },
	{ "system.title", system_title },
	{ "systems.list", systems_list },
};

int rs_value_put(struct rs_content *c, const char *name, struct rs_buf *out, struct rs_err *err)
{
	for (size_t i = 0; i < RS_COUNT(values); i++)
		if (strcmp(values[i].name, name) == 0)
			return values[i].put(c, out, err);
	return 1;
}

void rs_value_names(struct rs_buf *out)
{
	for (size_t i = 0; i < RS_COUNT(values); i++)
		rs_buf_addf(out, "%s%s", i == 0 ? "" : " ", values[i].name);
}

/* Conditions. */

typedef int condition_fn(struct rs_content *c, struct rs_err *err);

#define CONDITION(name) static int name(struct rs_content *c, struct rs_err *err)

static int fact_is_set(struct rs_content *c, const char *key, struct rs_err *err)
{
	const char *text;

	if (rs_analysis_fact(c->a, key, &text, err) < 0)
		return -1;
	return text != NULL && text[0] != '\0';
}

CONDITION(has_benchmark_version)
{
	(void)err;
	return c->benchmark != NULL && c->benchmark->version != NULL;
}

CONDITION(has_cells_open)
{
	(void)err;
	return count_cells(c, RS_CELL_DONE, 0) != count_cells(c, RS_CELL_DONE, 1);
}

CONDITION(has_citation)
{
	(void)err;
	return c->a->plan->citation.title != NULL;
}

CONDITION(is_claim_needed)
{
	(void)err;
	return trials_needed(c) != 0;
}

CONDITION(has_claim_reason)
{
	(void)err;
	return c->claim != NULL && c->claim->finding.reason[0] != '\0';
}

CONDITION(is_claim_measured)
{
	(void)err;
	return c->claim != NULL && c->claim->finding.verdict != RS_VERDICT_NOT_MEASURED;
}

CONDITION(has_claims)
{
	(void)err;
	return c->a->plan->n_claims != 0;
}

CONDITION(has_contradicted)
{
	(void)err;
	return count_contradicted(c) != 0;
}

CONDITION(has_deviations)
{
	const char *text;

	if (rs_analysis_deviation(c->a, 1, &text, err) < 0)
		return -1;
	return text != NULL;
}

CONDITION(is_emulated)
{
	(void)err;
	return c->a->emulated;
}

CONDITION(has_hardware)
{
	(void)err;
	return c->a->plan->has_hardware;
}

CONDITION(has_held)
{
	(void)err;
	return count_held(c) != 0;
}

CONDITION(has_inconclusive)
{
	(void)err;
	return count_verdicts(c, RS_VERDICT_INCONCLUSIVE) != 0;
}

CONDITION(has_not_measured)
{
	(void)err;
	return count_verdicts(c, RS_VERDICT_NOT_MEASURED) != 0;
}

CONDITION(has_unrest)
{
	return rs_content_unrest(c, err);
}

CONDITION(has_published)
{
	(void)err;
	return c->a->plan->n_published != 0;
}

CONDITION(has_substitutes)
{
	for (size_t i = 0; i < c->a->plan->n_systems; i++) {
		const char *reason;

		if (rs_analysis_substitute(c->a, c->a->plan->systems[i].id, &reason, err) < 0)
			return -1;
		if (reason != NULL)
			return 1;
	}
	return 0;
}

CONDITION(has_system_guests)
{
	(void)err;
	return c->system != NULL && rs_system_guests(c->system) > 0;
}

CONDITION(has_system_memory)
{
	(void)err;
	return c->system != NULL && c->system->guests.memory_bytes > 0;
}

CONDITION(has_profile)
{
	return fact_is_set(c, "profile", err);
}

CONDITION(is_system_baseline)
{
	(void)err;
	return c->system != NULL && c->system->is_baseline;
}

CONDITION(is_system_substituted)
{
	const char *reason = NULL;

	if (c->system != NULL && rs_analysis_substitute(c->a, c->system->id, &reason, err) < 0)
		return -1;
	return reason != NULL;
}

CONDITION(has_testbed_description)
{
	return fact_is_set(c, "testbed.description", err);
}

CONDITION(is_virtual)
{
	(void)err;
	return c->a->is_virtual;
}

static const struct {
	const char *name;
	condition_fn *holds;
} conditions[] = {
	{ "benchmark.version", has_benchmark_version },
	{ "cells.open", has_cells_open },
	{ "citation", has_citation },
	{ "claim.measured", is_claim_measured },
	{ "claim.needed", is_claim_needed },
	{ "claim.reason", has_claim_reason },
	{ "claims", has_claims },
	{ "claims.contradicted", has_contradicted },
	{ "claims.held", has_held },
	{ "claims.inconclusive", has_inconclusive },
	{ "claims.not-measured", has_not_measured },
	{ "deviations", has_deviations },
	{ "emulated", is_emulated },
	{ "hardware", has_hardware },
	{ "published", has_published },
	{ "run.profile", has_profile },
	{ "substitutes", has_substitutes },
	{ "system.baseline", is_system_baseline },
	{ "system.guests", has_system_guests },
	{ "system.memory", has_system_memory },
	{ "system.substituted", is_system_substituted },
	{ "testbed.description", has_testbed_description },
	{ "unrest", has_unrest },
	{ "virtual", is_virtual },
};

int rs_condition(struct rs_content *c, const char *name, struct rs_err *err)
{
	for (size_t i = 0; i < RS_COUNT(conditions); i++)
		if (strcmp(conditions[i].name, name) == 0)
			return conditions[i].holds(c, err);
	return 2;
}

void rs_condition_names(struct rs_buf *out)
{
	for (size_t i = 0; i < RS_COUNT(conditions); i++)
		rs_buf_addf(out, "%s%s", i == 0 ? "" : " ", conditions[i].name);
}
