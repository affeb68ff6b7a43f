/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the audit finds in published numbers and printed listings, as tables: each printed
 * value with each law it was held against, and each line of a listing that has a mistake.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "content_priv.h"
#include "restudy/base/mem.h"
#include "restudy/bench.h"
#include "restudy/report.h"

#define MORE_DIGITS 3	/* than are printed: shows on which side of a rounding border it lies */

static struct rs_node *begin(struct rs_content *c, struct rs_node *parent, const char *id,
			     const enum rs_column *columns, const enum rs_word *words, size_t n)
{
	struct rs_node *t = rs_node_table(c->d, parent, id, NULL, NULL, columns, n);

	rs_table_head(c, t, words, n);
	return t;
}

static void group(struct rs_content *c, struct rs_node *table, const char *title, int columns)
{
	(void)rs_node_cell_span(c->d, rs_node_row(c->d, table, RS_ROW_GROUP), title, columns);
}

static void badge(struct rs_content *c, struct rs_node *row, enum rs_word word, enum rs_tone tone)
{
	struct rs_node *b = rs_node_inline(c->d, rs_node_cell(c->d, row, NULL), RS_NODE_BADGE,
					   rs_report_word(c->l, word));

	if (b != NULL)
		b->tone = tone;
}

static const char *phrase(struct rs_content *c, const char *text)
{
	return rs_phrase(&c->d->arena, c->l, text);
}

static const char *system_title(struct rs_content *c, const char *id)
{
	const struct rs_system *s = rs_plan_system(c->a->plan, id);

	return s == NULL || s->title == NULL ? id : s->title;
}

/* "Throughput (MB/s)", of a ratio without the unit. */
static const char *metric_title(struct rs_content *c, const struct rs_audited *cell)
{
	const struct rs_benchmark *b = rs_plan_benchmark(c->a->plan, cell->published->benchmark);
	struct rs_metric m;

	if (cell->metric == NULL)
		return phrase(c, "geometric mean");
	if (b == NULL || rs_bench_metric(b, cell->metric, &m) < 0)
		return cell->metric;
	if (cell->ratio != NULL || m.unit == NULL || m.unit[0] == '\0')
		return rs_arena_str(&c->d->arena, m.title);
	return rs_arena_printf(&c->d->arena, "%s (%s)", m.title, m.unit);
}

/* "Running time, speed-up over Python" */
static const char *number_title(struct rs_content *c, const struct rs_audited *cell)
{
	static const char *const as[] = {
		[RS_RATIO_RATIO] = "ratio to", [RS_RATIO_PERCENT] = "percent of",
		[RS_RATIO_CHANGE] = "change in percent from",
		[RS_RATIO_SPEED_UP] = "speed-up over",
	};
	static const char *const as_de[] = {
		[RS_RATIO_RATIO] = "Verhältnis zu", [RS_RATIO_PERCENT] = "Prozent von",
		[RS_RATIO_CHANGE] = "Änderung in Prozent gegen",
		[RS_RATIO_SPEED_UP] = "Beschleunigung gegen",
	};
	const struct rs_published_ratio *v = cell->ratio;
	const struct rs_system *base = rs_plan_baseline(c->a->plan);
	const char *what = metric_title(c, cell), *versus;

	_Static_assert(RS_COUNT(as) == RS_RATIO_LAST && RS_COUNT(as_de) == RS_RATIO_LAST, "all ratios");
	if (v == NULL)
		return what;
	versus = v->versus != NULL ? v->versus : base == NULL ? "?" : base->id;
	return rs_arena_printf(&c->d->arena, "%s, %s %s", what,
			       (c->l == RS_LANGUAGE_DE ? as_de : as)[v->as], system_title(c, versus));
}

static void put_cell(struct rs_content *c, struct rs_node *t, const struct rs_audited *cell)
{
	struct rs_node *row = rs_node_row(c->d, t, RS_ROW_BODY);
	const int decimals = rs_printed_decimals(cell->text) + MORE_DIGITS;
	char interval[160];

	(void)rs_node_cell(c->d, row, system_title(c, cell->system));
	(void)rs_node_cell(c->d, row, number_title(c, cell));
	(void)rs_node_cell(c->d, row, cell->text);
	(void)rs_node_cell(c->d, row,
			   rs_arena_printf(&c->d->arena, "%s: %s", phrase(c, cell->law),
					   rs_interval_text(interval, sizeof(interval), c->l,
							    cell->lo, cell->hi, decimals)));
	if (cell->consistent)
		badge(c, row, RS_WORD_CONSISTENT, RS_TONE_GOOD);
	else if (cell->added_up > 0)
		badge(c, row, RS_WORD_WRONG_UNLESS_ADDED_UP, RS_TONE_OPEN);
	else
		badge(c, row, RS_WORD_CANNOT_BE_RIGHT, RS_TONE_BAD);
}

static int put_numbers(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT, RS_COLUMN_NUMBER,
						  RS_COLUMN_LEFT, RS_COLUMN_LEFT };
	static const enum rs_word words[] = { RS_WORD_SYSTEM, RS_WORD_METRIC, RS_WORD_PRINTED,
					      RS_WORD_HAS_TO_LIE_IN, RS_WORD_FINDING };
	const int n_columns = (int)RS_COUNT(columns);
	const struct rs_published *in = NULL;
	const char *reading = NULL;
	struct rs_audited *cells = NULL;
	struct rs_node *t;
	size_t n = 0, bad = 0;

	if (rs_report_audited(c->a->plan, &cells, &n, &bad, err) < 0)
		return -1;
	if (n == 0) {
		free(cells);
		return 0;
	}
	t = begin(c, parent, "audit-numbers", columns, words, RS_COUNT(columns));
	for (size_t i = 0; i < n; i++) {
		if (in != cells[i].published || reading != cells[i].reading) {
			const char *source = cells[i].published->source;

			in = cells[i].published;
			reading = cells[i].reading;
			source = source == NULL ? in->id : source;
			group(c, t, reading == NULL ? source
				    : rs_arena_printf(&c->d->arena, "%s, %s %s", source,
						      rs_report_word(c->l, RS_WORD_IF),
						      phrase(c, reading)), n_columns);
		}
		put_cell(c, t, &cells[i]);
	}
	rs_node_textf(c->d, rs_node_add(c->d, t, RS_NODE_TABLE_NOTE), "%s %zu.",
		      rs_report_word(c->l, RS_WORD_CANNOT_ALL_BE_RIGHT), bad);
	free(cells);
	return 0;
}

static int put_listings(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT };
	static const enum rs_word words[] = { RS_WORD_PRINTED, RS_WORD_MISTAKE };
	const struct rs_exhibit *in = NULL;
	struct rs_misprint *found = NULL;
	struct rs_node *t;
	size_t n = 0;

	if (rs_report_misprints(c->a->plan, &found, &n, err) < 0)
		return -1;
	if (n == 0) {
		free(found);
		return 0;
	}
	t = begin(c, parent, "audit-listings", columns, words, RS_COUNT(columns));
	for (size_t i = 0; i < n; i++) {
		struct rs_node *row;

		if (in != found[i].listing) {
			in = found[i].listing;
			group(c, t, rs_exhibit_label(c, in), (int)RS_COUNT(columns));
		}
		row = rs_node_row(c->d, t, RS_ROW_BODY);
		(void)rs_node_inline(c->d, rs_node_cell(c->d, row, NULL), RS_NODE_CODE,
				     found[i].line->key);
		(void)rs_node_cell(c->d, row, phrase(c, found[i].why));
	}
	free(found);
	return 0;
}

int rs_table_audit(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	return put_numbers(c, parent, err) < 0 ? -1 : put_listings(c, parent, err);
}
