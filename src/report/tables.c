/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generated tables about the plan: claims, systems, benchmarks, published numbers. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "content_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/bench.h"

void rs_table_head(struct rs_content *c, struct rs_node *table, const enum rs_word *words, size_t n)
{
	struct rs_node *row = rs_node_row(c->d, table, RS_ROW_HEAD);

	for (size_t i = 0; i < n; i++)
		(void)rs_node_cell(c->d, row, rs_report_word(c->l, words[i]));
}

enum rs_tone rs_verdict_tone(enum rs_verdict v)
{
	static const enum rs_tone tones[] = {
		[RS_VERDICT_REPRODUCED] = RS_TONE_GOOD,
		[RS_VERDICT_REPRODUCED_SUBSTITUTE] = RS_TONE_GOOD,
		[RS_VERDICT_SAME_DIRECTION] = RS_TONE_GOOD,
		[RS_VERDICT_CONTRADICTED] = RS_TONE_BAD,
		[RS_VERDICT_CONTRADICTED_SUBSTITUTE] = RS_TONE_BAD,
		[RS_VERDICT_NOT_SEEN] = RS_TONE_OPEN,
		[RS_VERDICT_INCONCLUSIVE] = RS_TONE_OPEN,
		[RS_VERDICT_NOT_MEASURED] = RS_TONE_PLAIN,
	};
	_Static_assert(RS_COUNT(tones) == RS_VERDICT_LAST, "every verdict has a tone");

	return tones[v];
}

/* The unit of a claim about an absolute value, with a blank before it; else "". */
static const char *claim_unit(struct rs_content *c, const struct rs_claim *claim)
{
	const struct rs_benchmark *b = claim->benchmark == NULL
					       ? NULL : rs_plan_benchmark(c->a->plan, claim->benchmark);
	struct rs_metric m;

	if (claim->quantity != RS_QUANTITY_ABSOLUTE || claim->metric == NULL)
		return "";
	/* metrics of the run itself are times */
	if (b == NULL)
		return "\xC2\xA0s";
	if (rs_bench_metric(b, claim->metric, &m) < 0 || m.unit == NULL || m.unit[0] == '\0')
		return "";
	return rs_arena_printf(&c->d->arena, "\xC2\xA0%s", m.unit);
}

const char *rs_found_text(struct rs_content *c, const struct rs_judged *j)
{
	const struct rs_finding *f = &j->finding;
	char number[64], interval[160];
	int decimals;

	if (isnan(f->point))
		return "\xE2\x80\x93";
	decimals = rs_decimals(f->point, f->lo, f->hi);
	(void)rs_number(number, sizeof(number), c->l, f->point, decimals);
	(void)rs_interval_text(interval, sizeof(interval), c->l, f->lo, f->hi, decimals);
	return rs_arena_printf(&c->d->arena, "%s%s%s%s", number, interval[0] == '\0' ? "" : "\xC2\xA0",
			       interval, claim_unit(c, f->claim));
}

const char *rs_bound_text(struct rs_content *c, const struct rs_claim *claim)
{
	char number[64], tolerance[64];

	(void)rs_number_as_written(number, sizeof(number), c->l, claim->bound);
	tolerance[0] = '\0';
	if (claim->relation == RS_REL_NEAR)
		(void)rs_number_as_written(tolerance, sizeof(tolerance), c->l, claim->tolerance * 100);
	return rs_arena_printf(&c->d->arena, "%s\xC2\xA0%s%s%s%s%s", rs_relation_sign(claim->relation),
			       number, tolerance[0] == '\0' ? "" : "\xC2\xA0\xC2\xB1\xC2\xA0",
			       tolerance, tolerance[0] == '\0' ? "" : "\xC2\xA0%",
			       claim_unit(c, claim));
}

#define MOST_NAMED 8	/* of claims in a note: more are counted */

static void note_disturbed(struct rs_content *c, struct rs_node *table)
{
	const size_t all = c->a->plan->n_claims;
	RS_AUTO_BUF ids = RS_BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < all; i++)
		if (c->judged[i].finding.disturbed > 0)
			rs_buf_addf(&ids, "%s %s", n++ > 0 ? "," : "", c->judged[i].finding.claim->id);
	if (n > MOST_NAMED) {
		rs_buf_clear(&ids);
		rs_buf_addf(&ids, c->l == RS_LANGUAGE_DE ? " %zu der %zu Aussagen; der Anhang sagt, welchen"
							  : " %zu of the %zu claims; the appendix tells which",
			    n, all);
	}
	if (n > 0)
		rs_node_textf(c->d, rs_node_add(c->d, table, RS_NODE_TABLE_NOTE), "%s%s.",
			      rs_report_word(c->l, RS_WORD_CLAIMS_DISTURBED), rs_buf_str(&ids));
}

static int table_claims(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT, RS_COLUMN_LEFT,
						  RS_COLUMN_LEFT };
	static const enum rs_word words[] = { RS_WORD_CLAIM, RS_WORD_VERDICT, RS_WORD_FOUND,
					      RS_WORD_BOUND };
	struct rs_node *t;

	(void)err;
	if (c->a->plan->n_claims == 0)
		return 0;
	t = rs_node_table(c->d, parent, "claims", NULL, NULL, columns, RS_COUNT(columns));
	rs_table_head(c, t, words, RS_COUNT(words));
	for (size_t i = 0; i < c->a->plan->n_claims; i++) {
		const struct rs_judged *j = &c->judged[i];
		const struct rs_claim *claim = j->finding.claim;
		struct rs_node *row = rs_node_row(c->d, t, RS_ROW_BODY), *cell, *badge;

		cell = rs_node_cell(c->d, row, NULL);
		rs_node_textf(c->d, cell, "%s (%s%s)", claim->text == NULL ? claim->id : claim->text,
			      c->l == RS_LANGUAGE_DE ? "Abschnitt " : "section ", claim->source);
		cell = rs_node_cell(c->d, row, NULL);
		badge = rs_node_inline(c->d, cell, RS_NODE_BADGE,
				       rs_verdict_word(c->l, j->finding.verdict));
		if (badge != NULL)
			badge->tone = rs_verdict_tone(j->finding.verdict);
		(void)rs_node_cell(c->d, row, rs_found_text(c, j));
		(void)rs_node_cell(c->d, row, rs_bound_text(c, claim));
	}
	if (c->judged[0].finding.family > 0)
		rs_node_textf(c->d, rs_node_add(c->d, t, RS_NODE_TABLE_NOTE), "%s %zu.",
			      rs_report_word(c->l, RS_WORD_HOLM_OVER), c->judged[0].finding.family);
	note_disturbed(c, t);
	return 0;
}

/* A formula has numbers alone, so each point between digits is a decimal sign. */
static char *formula_text(struct rs_content *c, const struct rs_buf *formula)
{
	char *text = rs_arena_take(&c->d->arena, formula);

	for (char *p = text; c->l == RS_LANGUAGE_DE && p != NULL && *p != '\0'; p++)
		if (*p == '.' && p[1] >= '0' && p[1] <= '9')
			*p = ',';
	return text;
}

/* How each verdict came about: formula, estimate, trials, method, what limits it. */
static int table_claim_details(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT, RS_COLUMN_NUMBER,
						  RS_COLUMN_LEFT, RS_COLUMN_LEFT };
	static const enum rs_word words[] = { RS_WORD_CLAIM, RS_WORD_WHAT, RS_WORD_TRIALS,
					      RS_WORD_VERDICT, RS_WORD_WHY };
	struct rs_node *t;

	if (c->a->plan->n_claims == 0)
		return 0;
	t = rs_node_table(c->d, parent, "claim-details", NULL, NULL, columns, RS_COUNT(columns));
	rs_table_head(c, t, words, RS_COUNT(words));
	for (size_t i = 0; i < c->a->plan->n_claims; i++) {
		const struct rs_judged *j = &c->judged[i];
		struct rs_node *row = rs_node_row(c->d, t, RS_ROW_BODY), *cell;
		RS_AUTO_BUF formula = RS_BUF_INIT;
		char number[32];

		rs_claim_formula(c->a, j->finding.claim, &formula);
		if (rs_buf_check(&formula, err) < 0)
			return -1;
		(void)rs_node_cell(c->d, row, j->finding.claim->id);
		(void)rs_node_cell(c->d, row, formula_text(c, &formula));
		(void)rs_node_cell(c->d, row, rs_number(number, sizeof(number), c->l,
							(double)j->finding.trials, 0));
		(void)rs_node_cell(c->d, row, rs_verdict_word(c->l, j->finding.verdict));
		cell = rs_node_cell(c->d, row, NULL);
		rs_node_textf(c->d, cell, "%s%s%s", rs_phrase(&c->d->arena, c->l, j->e.method),
			      j->e.method[0] != '\0' && j->finding.reason[0] != '\0' ? "; " : "",
			      rs_phrase(&c->d->arena, c->l, j->finding.reason));
	}
	return 0;
}

static int table_systems(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT, RS_COLUMN_LEFT,
						  RS_COLUMN_NUMBER, RS_COLUMN_LEFT };
	static const enum rs_word words[] = { RS_WORD_SYSTEM, RS_WORD_PLANNED, RS_WORD_REAL,
					      RS_WORD_GUESTS_HEAD, RS_WORD_WHY };
	struct rs_node *t = rs_node_table(c->d, parent, "systems", NULL, NULL, columns,
					  RS_COUNT(columns));

	rs_table_head(c, t, words, RS_COUNT(words));
	for (size_t i = 0; i < c->a->plan->n_systems; i++) {
		const struct rs_system *s = &c->a->plan->systems[i];
		struct rs_node *row = rs_node_row(c->d, t, RS_ROW_BODY);
		const char *real, *why;
		char number[32];

		if (rs_analysis_fact_of(c->a, "platform", s->id, &real, err) < 0 ||
		    rs_analysis_substitute(c->a, s->id, &why, err) < 0)
			return -1;
		(void)rs_node_cell(c->d, row, s->title == NULL ? s->id : s->title);
		(void)rs_node_cell(c->d, row, rs_platform_name(s->platform));
		(void)rs_node_cell(c->d, row, real == NULL ? rs_report_word(c->l, RS_WORD_NOT_MEASURED)
							   : real);
		(void)rs_node_cell(c->d, row, rs_number(number, sizeof(number), c->l,
							rs_system_guests(s), 0));
		(void)rs_node_cell(c->d, row, why);
	}
	return 0;
}

static const struct rs_profile *run_profile(struct rs_content *c, struct rs_err *err, int *status)
{
	const char *id;

	*status = rs_analysis_fact(c->a, "profile", &id, err);
	return *status < 0 || id == NULL ? NULL : rs_plan_profile(c->a->plan, id);
}

static void add_load(const struct rs_benchmark *b, int de, struct rs_buf *out)
{
	rs_buf_addf(out, de ? ", %d Verbindungen" : ", %d connections", rs_plan_concurrency(b));
	if (b->keep_alive)
		rs_buf_adds(out, de ? ", weiterbenutzt" : " used again");
	if (b->rate_per_s > 0)
		rs_buf_addf(out, de ? ", %g Anfragen/s" : ", %g requests/s", b->rate_per_s);
}

/* What ran, and what of the plan changes what its numbers mean. */
static const char *how_text(struct rs_content *c, const struct rs_benchmark *b)
{
	const int de = c->l == RS_LANGUAGE_DE;
	const int loads = b->adapter == RS_ADAPTER_SIEGE || b->adapter == RS_ADAPTER_HTTPLOAD;
	RS_AUTO_BUF text = RS_BUF_INIT;

	rs_buf_adds(&text, rs_adapter_name(b->adapter));
	if (b->repetition != RS_REPETITION_ONCE)
		rs_buf_addf(&text, ", %s", rs_repetition_name(b->repetition));
	if (loads)
		add_load(b, de, &text);
	else if (b->concurrency > 1)
		rs_buf_addf(&text, de ? ", %d Kopien zugleich" : ", %d copies at once", b->concurrency);
	for (size_t i = 0; b->adapter != RS_ADAPTER_COMMAND && i < b->n_arguments; i++)
		rs_buf_addf(&text, "%s%s", i == 0 ? ", " : " ", b->arguments[i]);
	return rs_arena_take(&c->d->arena, &text);
}

static int table_benchmarks(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT, RS_COLUMN_LEFT,
						  RS_COLUMN_LEFT, RS_COLUMN_NUMBER,
						  RS_COLUMN_NUMBER };
	static const enum rs_word words[] = { RS_WORD_BENCHMARK, RS_WORD_VERSION, RS_WORD_REAL,
					      RS_WORD_TEST_DURATION, RS_WORD_TRIALS,
					      RS_WORD_WARM_UP };
	struct rs_node *t = rs_node_table(c->d, parent, "benchmarks", NULL, NULL, columns,
					  RS_COUNT(columns));
	int status;
	const struct rs_profile *profile = run_profile(c, err, &status);

	if (status < 0)
		return -1;
	rs_table_head(c, t, words, RS_COUNT(words));
	for (size_t i = 0; i < c->a->plan->n_benchmarks; i++) {
		const struct rs_benchmark *b = &c->a->plan->benchmarks[i];
		struct rs_node *row = rs_node_row(c->d, t, RS_ROW_BODY);
		char text[64];

		(void)rs_node_cell(c->d, row, b->title == NULL ? b->id : b->title);
		(void)rs_node_cell(c->d, row, b->version == NULL ? "\xE2\x80\x93" : b->version);
		(void)rs_node_cell(c->d, row, how_text(c, b));
		(void)rs_node_cell(c->d, row, rs_span_text(text, sizeof(text), c->l,
							   rs_plan_duration_s(b, profile)));
		(void)rs_node_cell(c->d, row, rs_number(text, sizeof(text), c->l,
							rs_plan_trials(b, profile), 0));
		(void)rs_node_cell(c->d, row, rs_number(text, sizeof(text), c->l,
							rs_plan_warmup(b, profile), 0));
	}
	return 0;
}

static void hardware_row(struct rs_content *c, struct rs_node *t, const char *what,
			 const char *value)
{
	struct rs_node *row = rs_node_row(c->d, t, RS_ROW_BODY);
	RS_AUTO_BUF text = RS_BUF_INIT;

	(void)rs_node_cell(c->d, row, what);
	if (rs_value_put(c, value, &text, NULL) == 0)
		rs_node_text_buf(c->d, rs_node_cell(c->d, row, NULL), &text);
}

static int table_hardware(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT };
	static const enum rs_word words[] = { RS_WORD_WHAT, RS_WORD_PLANNED };
	const int de = c->l == RS_LANGUAGE_DE;
	struct rs_node *t;

	(void)err;
	if (!c->a->plan->has_hardware)
		return 0;
	t = rs_node_table(c->d, parent, "hardware", NULL, NULL, columns, RS_COUNT(columns));
	rs_table_head(c, t, words, RS_COUNT(words));
	hardware_row(c, t, de ? "Maschine" : "Machine", "hardware.title");
	hardware_row(c, t, de ? "Prozessoren" : "Processors", "hardware.cpu");
	hardware_row(c, t, de ? "Speicher" : "Memory", "hardware.memory");
	hardware_row(c, t, de ? "Platten" : "Disks", "hardware.disks");
	hardware_row(c, t, de ? "Netz" : "Network", "hardware.network");
	return 0;
}

/* Sorted by name. */
static const struct {
	const char *name;
	rs_table_fn *put;
} tables[] = {
	{ "audit", rs_table_audit },
	{ "benchmarks", table_benchmarks },
	{ "cells", rs_table_cells },
	{ "claim-details", table_claim_details },
	{ "claims", table_claims },
	{ "configuration", rs_table_configuration },
	{ "deviations", rs_table_deviations },
	{ "effort", rs_table_effort },
	{ "environment", rs_table_environment },
	{ "hardware", table_hardware },
	{ "images", rs_table_images },
	{ "libraries", rs_table_libraries },
	{ "notes", rs_table_notes },
	{ "phases", rs_table_phases },
	{ "provenance", rs_table_provenance },
	{ "systems", table_systems },
	{ "unrest", rs_table_unrest },
};

int rs_content_table(struct rs_content *c, const char *name, struct rs_node *parent,
		     struct rs_err *err)
{
	for (size_t i = 0; i < RS_COUNT(tables); i++)
		if (strcmp(tables[i].name, name) == 0)
			return tables[i].put(c, parent, err);
	return 1;
}

void rs_content_table_names(struct rs_buf *out)
{
	for (size_t i = 0; i < RS_COUNT(tables); i++)
		rs_buf_addf(out, "%s%s", i == 0 ? "" : " ", tables[i].name);
}
