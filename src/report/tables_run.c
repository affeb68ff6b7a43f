/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generated tables about the run: phases, environment, deviations, cells, notes. */
#include <stdio.h>
#include <string.h>

#include "content_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"

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
	rs_table_head(c, t, words, RS_COUNT(words));
	for (size_t i = 0; i < c->a->n_events; i++) {
		const struct rs_event *e = &c->a->events[i];
		struct rs_node *row;
		const int phase = rs_set_value(RS_SET_PHASE, e->phase);
		char text[64];

		/* rendering again must not find its own trace */
		if (strcmp(e->phase, "report") == 0)
			continue;
		row = rs_node_row(c->d, t, RS_ROW_BODY);

		(void)rs_node_cell(c->d, row,
				   rs_moment_text(text, sizeof(text), (int64_t)e->wall_s));
		(void)rs_node_cell(c->d, row, phase < 0 ? e->phase
					      : rs_phase_word(c->l, (enum rs_phase)phase));
		(void)rs_node_cell(c->d, row, rs_phrase(&c->d->arena, c->l, e->what));
		(void)rs_node_cell(c->d, row, e->seconds < 0 ? NULL
					      : rs_span_text(text, sizeof(text), c->l, e->seconds));
	}
	return 0;
}

/* The value of a fact in one boot, or NULL. */
static const char *env_of(const struct rs_content *c, const char *boot, const char *key)
{
	for (size_t i = 0; i < c->a->n_env; i++)
		if (strcmp(c->a->env[i].boot, boot) == 0 && strcmp(c->a->env[i].key, key) == 0)
			return c->a->env[i].value;
	return NULL;
}

static int key_said_before(const struct rs_content *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(c->a->env[k].key, c->a->env[i].key) == 0)
			return 1;
	return 0;
}

/* The value that a fact has in all boots, or NULL. */
static const char *env_common(const struct rs_content *c, const char *const *boots, size_t n,
			      const char *key)
{
	const char *first = env_of(c, boots[0], key);

	for (size_t i = 1; first != NULL && i < n; i++) {
		const char *v = env_of(c, boots[i], key);

		if (v == NULL || strcmp(first, v) != 0)
			return NULL;
	}
	return first;
}

static void env_same(struct rs_content *c, struct rs_node *parent, const char *const *boots,
		     size_t n)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT };
	static const enum rs_word words[] = { RS_WORD_FACT, RS_WORD_VALUE };
	struct rs_node *t = NULL;

	for (size_t i = 0; i < c->a->n_env; i++) {
		const char *key = c->a->env[i].key, *v = env_common(c, boots, n, key);
		struct rs_node *row;

		if (v == NULL || key_said_before(c, i))
			continue;
		if (t == NULL) {
			t = rs_node_table(c->d, parent, "environment", NULL,
					  n == 1 ? NULL : rs_report_word(c->l, RS_WORD_SAME_IN_BOOTS),
					  columns, RS_COUNT(columns));
			rs_table_head(c, t, words, RS_COUNT(words));
		}
		row = rs_node_row(c->d, t, RS_ROW_BODY);
		(void)rs_node_cell(c->d, row, key);
		(void)rs_node_cell(c->d, row, rs_phrase(&c->d->arena, c->l, v));
	}
}

#define MOST_BOOTS 4

static void env_head(struct rs_content *c, struct rs_node *t, const char *const *boots, size_t n)
{
	struct rs_node *row = rs_node_row(c->d, t, RS_ROW_HEAD);

	(void)rs_node_cell(c->d, row, rs_report_word(c->l, RS_WORD_FACT));
	for (size_t k = 0; k < n; k++)
		(void)rs_node_cell(c->d, row,
				   rs_arena_printf(&c->d->arena, "%s: %s",
						   rs_report_word(c->l, RS_WORD_BOOT), boots[k]));
}

/* What differs, one column for each of at most four boots. */
static void env_different(struct rs_content *c, struct rs_node *parent, const char *const *boots,
			  size_t n, size_t first)
{
	static const enum rs_column columns[MOST_BOOTS + 1] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT,
								RS_COLUMN_LEFT, RS_COLUMN_LEFT,
								RS_COLUMN_LEFT };
	const size_t here = n - first < MOST_BOOTS ? n - first : MOST_BOOTS;
	struct rs_node *t = NULL;

	for (size_t i = 0; i < c->a->n_env; i++) {
		const char *key = c->a->env[i].key;
		struct rs_node *row;

		if (env_common(c, boots, n, key) != NULL || key_said_before(c, i))
			continue;
		if (t == NULL) {
			t = rs_node_table(c->d, parent,
					  rs_arena_printf(&c->d->arena, "environment-%zu", first + 1),
					  NULL, rs_report_word(c->l, RS_WORD_DIFFERENT_IN_BOOTS),
					  columns, here + 1);
			env_head(c, t, &boots[first], here);
		}
		row = rs_node_row(c->d, t, RS_ROW_BODY);
		(void)rs_node_cell(c->d, row, key);
		for (size_t k = first; k < first + here; k++) {
			const char *v = env_of(c, boots[k], key);

			(void)rs_node_cell(c->d, row, v == NULL ? "\xE2\x80\x93"
								: rs_phrase(&c->d->arena, c->l, v));
		}
	}
}

int rs_table_environment(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	const char **boots = rs_arena_new(&c->d->arena, c->a->n_env + 1, sizeof(*boots));
	size_t n = 0;

	if (boots == NULL)
		return rs_err_nomem(err);
	/* facts are sorted by boot */
	for (size_t i = 0; i < c->a->n_env; i++)
		if (i == 0 || strcmp(c->a->env[i].boot, c->a->env[i - 1].boot) != 0)
			boots[n++] = c->a->env[i].boot;
	if (n == 0)
		return 0;
	env_same(c, parent, boots, n);
	for (size_t first = 0; n > 1 && first < n; first += MOST_BOOTS)
		env_different(c, parent, boots, n, first);
	return 0;
}

/* "xen, 3 guests, siege" */
static const char *cell_text(struct rs_content *c, const struct rs_cell *cell)
{
	return rs_arena_printf(&c->d->arena, "%s, %d %s, %s", cell->system, cell->guests,
			       rs_report_word(c->l, cell->guests == 1 ? RS_WORD_GUEST : RS_WORD_GUESTS),
			       cell->benchmark);
}

/* Trials that have no value, each with its reason. */
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
			rs_table_head(c, t, words, RS_COUNT(words));
		}
		row = rs_node_row(c->d, t, RS_ROW_BODY);
		(void)rs_node_cell(c->d, row, cell_text(c, &r->cell));
		(void)rs_node_cell(c->d, row, rs_arena_printf(&c->d->arena, "%d", r->cell.trial));
		(void)rs_node_cell(c->d, row, rs_cell_state_word(c->l, r->state));
		(void)rs_node_cell(c->d, row, rs_phrase(&c->d->arena, c->l, r->reason));
	}
	return 0;
}

/* Whether two texts are the same but for numbers and what stands in quotes. */
static int same_pattern(const char *a, const char *b)
{
	int quoted = 0;

	for (;;) {
		if (quoted || (*a >= '0' && *a <= '9')) {
			const char *set = quoted ? "\"" : NULL;

			a += set != NULL ? strcspn(a, set) : strspn(a, "0123456789.");
			b += set != NULL ? strcspn(b, set) : strspn(b, "0123456789.");
		}
		if (*a != *b)
			return 0;
		if (*a == '\0')
			return 1;
		quoted ^= *a == '"';
		a++;
		b++;
		if ((*a >= '0' && *a <= '9') != (*b >= '0' && *b <= '9') && !quoted)
			return 0;
	}
}

static int same_note(const struct rs_cell_note *a, const struct rs_cell_note *b)
{
	return strcmp(a->cell.system, b->cell.system) == 0 && a->cell.guests == b->cell.guests &&
	       strcmp(a->cell.benchmark, b->cell.benchmark) == 0 &&
	       same_pattern(a->note.text, b->note.text);
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
	char number[32];
	int last = -1;
	size_t times = 0;

	for (size_t k = i; k < c->a->n_notes; k++) {
		if (!same_note(&c->a->notes[k], n))
			continue;
		times++;
		if (c->a->notes[k].cell.trial != last)
			rs_buf_addf(&trials, "%s%d", trials.len == 0 ? "" : ", ",
				    c->a->notes[k].cell.trial);
		last = c->a->notes[k].cell.trial;
	}
	(void)rs_node_cell(c->d, row, cell_text(c, &n->cell));
	rs_node_text_buf(c->d, rs_node_cell(c->d, row, NULL), &trials);
	(void)rs_node_cell(c->d, row, rs_number(number, sizeof(number), c->l, (double)times, 0));
	(void)rs_node_cell(c->d, row, rs_phrase(&c->d->arena, c->l, n->note.text));
}

/* Notes that differ in numbers and names alone stand once for a system and benchmark, as
 * the first of them says it, with the trials and how many there are. */
int rs_table_notes(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT, RS_COLUMN_NUMBER,
						  RS_COLUMN_LEFT };
	static const enum rs_word words[] = { RS_WORD_CELL, RS_WORD_TRIALS, RS_WORD_TIMES,
					      RS_WORD_FIRST_NOTE };
	struct rs_node *t;

	(void)err;
	if (c->a->n_notes == 0)
		return 0;
	t = rs_node_table(c->d, parent, "notes", NULL, NULL, columns, RS_COUNT(columns));
	rs_table_head(c, t, words, RS_COUNT(words));
	for (size_t i = 0; i < c->a->n_notes; i++)
		if (!said_before(c, i))
			note_row(c, t, i);
	return 0;
}

/* Four cells from "what|planned|real|why"; what is missing stays empty.  The testbed's
 * description as a reason is shortened: it stands in the report's text. */
static void deviation_row(struct rs_content *c, struct rs_node *t, const char *text,
			  const char *testbed)
{
	struct rs_node *row = rs_node_row(c->d, t, RS_ROW_BODY);

	for (int i = 0; i < 4; i++) {
		const size_t n = i < 3 ? strcspn(text, "|") : strlen(text);
		const char *part = rs_arena_strn(&c->d->arena, text, n);

		if (part != NULL && testbed != NULL && strcmp(part, testbed) == 0)
			part = "what the testbed gives";
		(void)rs_node_cell(c->d, row, rs_phrase(&c->d->arena, c->l, part));
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
	const char *testbed;

	if (rs_analysis_fact(c->a, "testbed.description", &testbed, err) < 0)
		return -1;
	for (int i = 1;; i++) {
		const char *text;

		if (rs_analysis_deviation(c->a, i, &text, err) < 0)
			return -1;
		if (text == NULL)
			return 0;
		if (t == NULL) {
			t = rs_node_table(c->d, parent, "deviations", NULL, NULL, columns,
					  RS_COUNT(columns));
			rs_table_head(c, t, words, RS_COUNT(words));
		}
		deviation_row(c, t, text, testbed);
	}
}

/* What was really used for an image; NULL when the run did not tell. */
static int real_image(struct rs_content *c, const char *id, const char **ret, struct rs_err *err)
{
	if (rs_analysis_fact_of(c->a, "image", id, ret, err) < 0)
		return -1;
	*ret = rs_phrase(&c->d->arena, c->l, *ret);
	return 0;
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
	rs_table_head(c, t, told ? words : untold, told ? 4 : 3);
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
