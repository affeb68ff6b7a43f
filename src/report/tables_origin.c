/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the report is from: the samples behind each exhibit, and the versions of what
 * drew it.  A version counts as of the library that runs, not of its headers.
 */
#include <cairo.h>
#include <fontconfig/fontconfig.h>
#include <hb.h>
#include <libxml/parser.h>
#include <pango/pangocairo.h>
#include <stdio.h>
#include <string.h>

#include "content_priv.h"
#include "restudy/base/mem.h"

int rs_table_provenance(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT, RS_COLUMN_NUMBER,
						  RS_COLUMN_LEFT };
	static const enum rs_word words[] = { RS_WORD_EXHIBIT, RS_WORD_BENCHMARK, RS_WORD_SAMPLES,
					      RS_WORD_SOURCE };
	struct rs_node *t = NULL;

	(void)err;
	for (size_t i = 0; i < c->a->plan->n_exhibits; i++) {
		const struct rs_grid *g = &c->ready[i].grid;
		struct rs_node *row, *cell;
		char number[32];

		if (g->n_rows == 0)
			continue;
		if (t == NULL) {
			t = rs_node_table(c->d, parent, "provenance", NULL, NULL, columns,
					  RS_COUNT(columns));
			rs_table_head(c, t, words, RS_COUNT(words));
		}
		row = rs_node_row(c->d, t, RS_ROW_BODY);
		(void)rs_node_cell(c->d, row, rs_exhibit_label(c, g->exhibit));
		(void)rs_node_cell(c->d, row, g->benchmark->id);
		(void)rs_node_cell(c->d, row, rs_number(number, sizeof(number), c->l,
							(double)g->samples, 0));
		cell = rs_node_cell(c->d, row, NULL);
		(void)rs_node_inline(c->d, cell, RS_NODE_CODE,
				     rs_arena_printf(&c->d->arena, "%.16s\xE2\x80\xA6", g->sha256));
	}
	return 0;
}

static void version_row(struct rs_content *c, struct rs_node *t, const char *name,
			const char *version)
{
	struct rs_node *row = rs_node_row(c->d, t, RS_ROW_BODY);

	(void)rs_node_cell(c->d, row, name);
	(void)rs_node_cell(c->d, row, version);
}

/*
 * The font that a family really gives, and the version in its file ("2.37"; its table
 * "head" has 16.16 bits, which fontconfig passes on).  A family that is not installed
 * shows as the one that stood in for it.
 */
static void font_row(struct rs_content *c, struct rs_node *t, const char *family)
{
	FcPattern *wish = FcPatternCreate(), *found;
	FcChar8 *name = NULL;
	FcResult result;
	int version = 0;

	if (wish == NULL)
		return;
	FcPatternAddString(wish, FC_FAMILY, (const FcChar8 *)family);
	(void)FcConfigSubstitute(NULL, wish, FcMatchPattern);
	FcDefaultSubstitute(wish);
	found = FcFontMatch(NULL, wish, &result);
	if (found != NULL &&
	    FcPatternGetString(found, FC_FAMILY, 0, &name) == FcResultMatch) {
		(void)FcPatternGetInteger(found, FC_FONTVERSION, 0, &version);
		version_row(c, t, rs_arena_str(&c->d->arena, (const char *)name),
			    rs_arena_printf(&c->d->arena, "%.2f", version / 65536.0));
	}
	if (found != NULL)
		FcPatternDestroy(found);
	FcPatternDestroy(wish);
}

/* Families that a report always has. */
static const char *const own_fonts[] = { "DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono" };

/* Whether a family is the report's, or that of a figure before the n-th exhibit. */
static int is_told(const struct rs_plan *plan, size_t n, const char *font)
{
	for (size_t i = 0; i < RS_COUNT(own_fonts); i++)
		if (strcmp(own_fonts[i], font) == 0)
			return 1;
	for (size_t i = 0; i < n; i++)
		if (plan->exhibits[i].appearance.font != NULL &&
		    strcmp(plan->exhibits[i].appearance.font, font) == 0)
			return 1;
	return 0;
}

/* The report's families, and those that the plan wants in its figures, each once. */
static void font_rows(struct rs_content *c, struct rs_node *t)
{
	const struct rs_plan *plan = c->a->plan;

	for (size_t i = 0; i < RS_COUNT(own_fonts); i++)
		font_row(c, t, own_fonts[i]);
	for (size_t i = 0; i < plan->n_exhibits; i++) {
		const char *font = plan->exhibits[i].appearance.font;

		if (font != NULL && !is_told(plan, i, font))
			font_row(c, t, font);
	}
}

/* libxml2 tells its version as "20914", maybe with more behind. */
static const char *libxml_version(struct rs_content *c)
{
	int v = 0;

	for (const char *p = xmlParserVersion; *p >= '0' && *p <= '9' && v < 1000000; p++)
		v = 10 * v + (*p - '0');
	return rs_arena_printf(&c->d->arena, "%d.%d.%d", v / 10000, v / 100 % 100, v % 100);
}

int rs_table_libraries(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT };
	static const enum rs_word words[] = { RS_WORD_WHAT, RS_WORD_VERSION };
	const int fc = FcGetVersion();
	struct rs_node *t = rs_node_table(c->d, parent, "libraries", NULL, NULL, columns,
					  RS_COUNT(columns));

	(void)err;
	rs_table_head(c, t, words, RS_COUNT(words));
	version_row(c, t, "Restudy", c->program_version);
	version_row(c, t, "cairo", cairo_version_string());
	version_row(c, t, "pango", pango_version_string());
	version_row(c, t, "HarfBuzz", hb_version_string());
	version_row(c, t, "fontconfig",
		    rs_arena_printf(&c->d->arena, "%d.%d.%d", fc / 10000, fc / 100 % 100, fc % 100));
	version_row(c, t, "libxml2", libxml_version(c));
	version_row(c, t, "SQLite", rs_store_sqlite_version());
	version_row(c, t, "GSL", rs_stats_gsl_version());
	font_rows(c, t);
	return 0;
}
