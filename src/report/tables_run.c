/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generated tables about the run: phases, environment, deviations, cells, provenance. */
#include <cairo.h>
#include <libxml/xmlversion.h>
#include <pango/pangocairo.h>
#include <stdio.h>
#include <string.h>

#include "content_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"

static void head(struct rs_content *c, struct rs_node *table, const enum rs_word *words, size_t n)
{
	struct rs_node *row = rs_node_row(c->d, table, RS_ROW_HEAD);

	for (size_t i = 0; i < n; i++)
		(void)rs_node_cell(c->d, row, rs_report_word(c->l, words[i]));
}

int rs_table_phases(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT, RS_COLUMN_LEFT,
						  RS_COLUMN_LEFT };
	static const enum rs_word words[] = { RS_WORD_DATE, RS_WORD_PHASE, RS_WORD_EVENT,
					      RS_WORD_DURATION };
	struct rs_node *t;

	(void)err;
	if (c->a->n_events == 0)
		return 0;
	t = rs_node_table(c->d, parent, "phases", NULL, NULL, columns, RS_COUNT(columns));
	head(c, t, words, RS_COUNT(words));
	for (size_t i = 0; i < c->a->n_events; i++) {
		const struct rs_event *e = &c->a->events[i];
		struct rs_node *row;
		const int phase = rs_set_value(RS_SET_PHASE, e->phase);
		char text[64];

		/* rendering again must not find its own trace */
		if (strcmp(e->phase, "report") == 0)
			continue;
		row = rs_node_row(c->d, t, RS_ROW_BODY);

		(void)rs_node_cell(c->d, row, rs_clock_utc(text, sizeof(text), (int64_t)e->wall_s));
		(void)rs_node_cell(c->d, row, phase < 0 ? e->phase
					      : rs_phase_word(c->l, (enum rs_phase)phase));
		(void)rs_node_cell(c->d, row, e->what);
		(void)rs_node_cell(c->d, row, e->seconds < 0 ? NULL
					      : rs_span_text(text, sizeof(text), c->l, e->seconds));
	}
	return 0;
}

int rs_table_environment(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT };
	static const enum rs_word words[] = { RS_WORD_FACT, RS_WORD_VALUE };
	const char *boot = NULL;
	struct rs_node *t;

	(void)err;
	if (c->a->n_env == 0)
		return 0;
	t = rs_node_table(c->d, parent, "environment", NULL, NULL, columns, RS_COUNT(columns));
	head(c, t, words, RS_COUNT(words));
	for (size_t i = 0; i < c->a->n_env; i++) {
		const struct rs_env_fact *f = &c->a->env[i];
		struct rs_node *row;

		if (boot == NULL || strcmp(boot, f->boot) != 0) {
			boot = f->boot;
			row = rs_node_row(c->d, t, RS_ROW_GROUP);
			(void)rs_node_cell_span(c->d, row,
						rs_arena_printf(&c->d->arena, "%s: %s",
								rs_report_word(c->l, RS_WORD_BOOT), boot),
						(int)RS_COUNT(columns));
		}
		row = rs_node_row(c->d, t, RS_ROW_BODY);
		(void)rs_node_cell(c->d, row, f->key);
		(void)rs_node_cell(c->d, row, f->value);
	}
	return 0;
}

/* Cells that have no value, each reason once: trials of a cell mostly share it. */
int rs_table_cells(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT, RS_COLUMN_LEFT,
						  RS_COLUMN_LEFT };
	static const enum rs_word words[] = { RS_WORD_CELL, RS_WORD_TRIAL, RS_WORD_STATE,
					      RS_WORD_REASON };
	struct rs_node *t = NULL;

	(void)err;
	for (size_t i = 0; i < c->a->n_cells; i++) {
		const struct rs_cell_record *r = &c->a->cells[i];
		struct rs_node *row;

		if (r->state == RS_CELL_DONE || r->cell.trial < 1)
			continue;
		if (t == NULL) {
			t = rs_node_table(c->d, parent, "cells", NULL, NULL, columns,
					  RS_COUNT(columns));
			head(c, t, words, RS_COUNT(words));
		}
		row = rs_node_row(c->d, t, RS_ROW_BODY);
		(void)rs_node_cell(c->d, row,
				   rs_arena_printf(&c->d->arena, "%s, %d %s, %s", r->cell.system,
						   r->cell.guests,
						   rs_report_word(c->l, r->cell.guests == 1 ? RS_WORD_GUEST
										     : RS_WORD_GUESTS),
						   r->cell.benchmark));
		(void)rs_node_cell(c->d, row, rs_arena_printf(&c->d->arena, "%d", r->cell.trial));
		(void)rs_node_cell(c->d, row, rs_cell_state_word(c->l, r->state));
		(void)rs_node_cell(c->d, row, r->reason);
	}
	return 0;
}

static int same_note(const struct rs_cell_note *a, const struct rs_cell_note *b)
{
	return strcmp(a->cell.system, b->cell.system) == 0 && a->cell.guests == b->cell.guests &&
	       strcmp(a->cell.benchmark, b->cell.benchmark) == 0 &&
	       strcmp(a->note.text, b->note.text) == 0;
}

static int said_before(const struct rs_content *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (same_note(&c->a->notes[k], &c->a->notes[i]))
			return 1;
	return 0;
}

static void note_row(struct rs_content *c, struct rs_node *t, size_t i)
{
	const struct rs_cell_note *n = &c->a->notes[i];
	struct rs_node *row = rs_node_row(c->d, t, RS_ROW_BODY);
	RS_AUTO_BUF trials = RS_BUF_INIT;

	for (size_t k = i; k < c->a->n_notes; k++)
		if (same_note(&c->a->notes[k], n))
			rs_buf_addf(&trials, "%s%d", trials.len == 0 ? "" : ", ",
				    c->a->notes[k].cell.trial);
	(void)rs_node_cell(c->d, row,
			   rs_arena_printf(&c->d->arena, "%s, %d %s, %s", n->cell.system,
					   n->cell.guests,
					   rs_report_word(c->l, n->cell.guests == 1 ? RS_WORD_GUEST
										    : RS_WORD_GUESTS),
					   n->cell.benchmark));
	rs_node_text_buf(c->d, rs_node_cell(c->d, row, NULL), &trials);
	(void)rs_node_cell(c->d, row, n->note.text);
}

/* Each note once for a system and benchmark, with the trials it was made in. */
int rs_table_notes(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT, RS_COLUMN_LEFT };
	static const enum rs_word words[] = { RS_WORD_CELL, RS_WORD_TRIALS, RS_WORD_WHAT };
	struct rs_node *t;

	(void)err;
	if (c->a->n_notes == 0)
		return 0;
	t = rs_node_table(c->d, parent, "notes", NULL, NULL, columns, RS_COUNT(columns));
	head(c, t, words, RS_COUNT(words));
	for (size_t i = 0; i < c->a->n_notes; i++)
		if (!said_before(c, i))
			note_row(c, t, i);
	return 0;
}

/* Four cells from "what|planned|real|why"; what is missing stays empty. */
static void deviation_row(struct rs_content *c, struct rs_node *t, const char *text)
{
	struct rs_node *row = rs_node_row(c->d, t, RS_ROW_BODY);

	for (int i = 0; i < 4; i++) {
		const size_t n = i < 3 ? strcspn(text, "|") : strlen(text);

		(void)rs_node_cell(c->d, row, rs_arena_strn(&c->d->arena, text, n));
		text += n + (text[n] == '|');
	}
}

int rs_table_deviations(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT, RS_COLUMN_LEFT,
						  RS_COLUMN_LEFT };
	static const enum rs_word words[] = { RS_WORD_WHAT, RS_WORD_PLANNED, RS_WORD_REAL,
					      RS_WORD_WHY };
	struct rs_node *t = NULL;

	for (int i = 1;; i++) {
		const char *text;

		if (rs_analysis_deviation(c->a, i, &text, err) < 0)
			return -1;
		if (text == NULL)
			return 0;
		if (t == NULL) {
			t = rs_node_table(c->d, parent, "deviations", NULL, NULL, columns,
					  RS_COUNT(columns));
			head(c, t, words, RS_COUNT(words));
		}
		deviation_row(c, t, text);
	}
}

/* What was really used for an image; NULL when the run did not tell. */
static int real_image(struct rs_content *c, const char *id, const char **ret, struct rs_err *err)
{
	char key[100];

	(void)snprintf(key, sizeof(key), "image.%.60s", id);
	return rs_analysis_fact(c->a, key, ret, err);
}

static const char *image_title(const struct rs_content *c, const char *id)
{
	const struct rs_image *m = id == NULL ? NULL : rs_plan_image(c->a->plan, id);

	return m == NULL ? NULL : m->title == NULL ? m->id : m->title;
}

int rs_table_images(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT, RS_COLUMN_LEFT,
						  RS_COLUMN_LEFT };
	static const enum rs_word words[] = { RS_WORD_IMAGE, RS_WORD_SUBSTITUTE_HEAD, RS_WORD_REAL,
					      RS_WORD_WHY };
	static const enum rs_word untold[] = { RS_WORD_IMAGE, RS_WORD_SUBSTITUTE_HEAD,
					       RS_WORD_WHY };
	struct rs_node *t;
	int told = 0;

	if (c->a->plan->n_images == 0)
		return 0;
	for (size_t i = 0; i < c->a->plan->n_images; i++) {
		const char *real;

		if (real_image(c, c->a->plan->images[i].id, &real, err) < 0)
			return -1;
		told = told || real != NULL;
	}
	t = rs_node_table(c->d, parent, "images", NULL, NULL, columns, told ? 4 : 3);
	head(c, t, told ? words : untold, told ? 4 : 3);
	for (size_t i = 0; i < c->a->plan->n_images; i++) {
		const struct rs_image *m = &c->a->plan->images[i];
		struct rs_node *row = rs_node_row(c->d, t, RS_ROW_BODY);
		const char *real;

		if (real_image(c, m->id, &real, err) < 0)
			return -1;
		(void)rs_node_cell(c->d, row, image_title(c, m->id));
		(void)rs_node_cell(c->d, row, image_title(c, m->substitute));
		if (told)
			(void)rs_node_cell(c->d, row, real);
		(void)rs_node_cell(c->d, row, m->substitute_reason);
	}
	return 0;
}

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
			head(c, t, words, RS_COUNT(words));
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

int rs_table_libraries(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT };
	static const enum rs_word words[] = { RS_WORD_WHAT, RS_WORD_VERSION };
	const struct {
		const char *name, *version;
	} libraries[] = {
		{ "restudy", c->program_version },
		{ "cairo", cairo_version_string() },
		{ "pango", pango_version_string() },
		{ "libxml2", LIBXML_DOTTED_VERSION },
	};
	struct rs_node *t = rs_node_table(c->d, parent, "libraries", NULL, NULL, columns,
					  RS_COUNT(columns));

	(void)err;
	head(c, t, words, RS_COUNT(words));
	for (size_t i = 0; i < RS_COUNT(libraries); i++) {
		struct rs_node *row = rs_node_row(c->d, t, RS_ROW_BODY);

		(void)rs_node_cell(c->d, row, libraries[i].name);
		(void)rs_node_cell(c->d, row, libraries[i].version);
	}
	return 0;
}
