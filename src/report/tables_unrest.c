/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What disturbed a run: warnings before a boot that the machine was not quiet, and cells whose
 * counters passed the bounds of a quiet measurement.  Nothing of it changes a number.
 */
#include <stdio.h>
#include <string.h>

#include "content_priv.h"
#include "restudy/base/mem.h"

/* "BOOT|text", the i-th from 1, or NULL. */
static int warning_at(struct rs_content *c, int i, const char **ret, struct rs_err *err)
{
	char key[40];

	(void)snprintf(key, sizeof(key), "unrest.%02d", i);
	return rs_analysis_fact(c->a, key, ret, err);
}

int rs_content_unrest(struct rs_content *c, struct rs_err *err)
{
	const char *first;

	if (warning_at(c, 1, &first, err) < 0)
		return -1;
	for (size_t i = 0; first == NULL && i < c->a->n_notes; i++)
		if (rs_disturbance(&c->a->notes[i].note) != NULL)
			return 1;
	return first != NULL;
}

static const char *phrase(struct rs_content *c, const char *text)
{
	return rs_phrase(&c->d->arena, c->l, text);
}

static void row(struct rs_content *c, struct rs_node *t, const char *where, const char *what)
{
	struct rs_node *r = rs_node_row(c->d, t, RS_ROW_BODY);

	(void)rs_node_cell(c->d, r, where);
	(void)rs_node_cell(c->d, r, what);
}

int rs_table_unrest(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT };
	const int any = rs_content_unrest(c, err);
	struct rs_node *t, *head;
	const char *text;
	char cell[200];

	if (any <= 0)
		return any;
	t = rs_node_table(c->d, parent, "unrest", NULL, NULL, columns, RS_COUNT(columns));
	head = rs_node_row(c->d, t, RS_ROW_HEAD);
	(void)rs_node_cell(c->d, head, rs_arena_printf(&c->d->arena, "%s, %s",
						       rs_report_word(c->l, RS_WORD_BOOT),
						       rs_report_word(c->l, RS_WORD_CELL)));
	(void)rs_node_cell(c->d, head, rs_report_word(c->l, RS_WORD_WHAT));
	for (int i = 1;; i++) {
		size_t n;

		if (warning_at(c, i, &text, err) < 0)
			return -1;
		if (text == NULL)
			break;
		n = strcspn(text, "|");
		row(c, t, phrase(c, rs_arena_strn(&c->d->arena, text, n)),
		    phrase(c, text + n + (text[n] == '|')));
	}
	for (size_t i = 0; i < c->a->n_notes; i++) {
		text = rs_disturbance(&c->a->notes[i].note);
		if (text != NULL)
			row(c, t, phrase(c, rs_cell_describe(cell, sizeof(cell), &c->a->notes[i].cell)),
			    phrase(c, text));
	}
	return 0;
}
