/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a figure or table tells, in a paragraph before it: which values lie below or above
 * the baseline with their whole interval, and which are open.  Words come from intervals
 * alone; what "below" is worth is for the claims to judge.
 */
#include <math.h>
#include <string.h>

#include "content_priv.h"
#include "restudy/base/mem.h"

enum side { SIDE_BELOW, SIDE_ABOVE, SIDE_OPEN, SIDE_NONE, SIDE_LAST };

static enum side side_of(const struct rs_slot *s, double reference)
{
	if (!s->comparable)
		return SIDE_NONE;
	if (isnan(s->shown.ci.lo) || isnan(s->shown.ci.hi))
		return SIDE_OPEN;
	if (s->shown.ci.hi < reference)
		return SIDE_BELOW;
	return s->shown.ci.lo > reference ? SIDE_ABOVE : SIDE_OPEN;
}

/* Labels that have commas themselves would run into each other. */
static int labels_have_commas(const struct rs_grid *g)
{
	for (size_t r = 0; r < g->n_rows; r++)
		if (strchr(g->rows[r].label, ',') != NULL)
			return 1;
	return 0;
}

/* "A, B and C" of the rows of a column on one side; how many there are. */
static size_t put_rows(struct rs_content *c, const struct rs_grid *g, size_t column,
		       enum side side, double reference, struct rs_buf *out)
{
	const int de = c->l == RS_LANGUAGE_DE, quote = labels_have_commas(g);
	size_t n = 0, k = 0;

	for (size_t r = 0; r < g->n_rows; r++)
		n += side_of(rs_grid_slot(g, r, column), reference) == side;
	for (size_t r = 0; r < g->n_rows; r++)
		if (side_of(rs_grid_slot(g, r, column), reference) == side) {
			rs_buf_adds(out, k == 0 ? "" : k + 1 < n ? ", " : de ? " und " : " and ");
			rs_buf_addf(out, "%s%s%s", !quote ? "" : de ? "\xE2\x80\x9E" : "\xE2\x80\x9C",
				    g->rows[r].label,
				    !quote ? "" : de ? "\xE2\x80\x9C" : "\xE2\x80\x9D");
			k++;
		}
	return n;
}

static void put_column(struct rs_content *c, const struct rs_grid *g, size_t column,
		       double reference, struct rs_buf *out)
{
	static const char *const words[][RS_LANGUAGE_LAST] = {
		[SIDE_BELOW] = { "below it in ", "darunter bei " },
		[SIDE_ABOVE] = { "above it in ", "darüber bei " },
		[SIDE_OPEN] = { "not told apart from it in ", "nicht davon zu unterscheiden bei " },
		[SIDE_NONE] = { "no value in ", "ohne Wert bei " },
	};
	_Static_assert(RS_COUNT(words) == SIDE_LAST, "word every side");
	int said = 0;

	rs_buf_addf(out, " %s: ", g->columns[column].title);
	for (int side = 0; side < SIDE_LAST; side++) {
		RS_AUTO_BUF rows = RS_BUF_INIT;
		const size_t n = put_rows(c, g, column, (enum side)side, reference, &rows);

		out->failed |= rows.failed;
		if (n == 0)
			continue;
		rs_buf_addf(out, "%s%s", said++ == 0 ? "" : "; ", words[side][c->l]);
		if (n == g->n_rows && n > 1)
			rs_buf_addf(out, c->l == RS_LANGUAGE_DE ? "allen %zu" : "all %zu", n);
		else
			rs_buf_adds(out, rs_buf_str(&rows));
	}
	rs_buf_addc(out, '.');
}

static void put_relative(struct rs_content *c, const struct rs_grid *g, struct rs_buf *out)
{
	const int de = c->l == RS_LANGUAGE_DE;
	const double reference = g->exhibit->value == RS_VALUE_INDEX ? g->exhibit->scale : 1;

	rs_buf_addf(out, de ? " vergleicht mit %s." : " compares with %s.", g->columns[g->baseline].title);
	for (size_t i = 0; i < g->n_columns; i++)
		if (i != g->baseline)
			put_column(c, g, i, reference, out);
}

void rs_content_reading(struct rs_content *c, size_t exhibit, struct rs_node *parent)
{
	const struct rs_exhibit *e = &c->a->plan->exhibits[exhibit];
	const struct rs_grid *g = &c->ready[exhibit].grid;
	const int de = c->l == RS_LANGUAGE_DE;
	struct rs_node *p;
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (e->kind == RS_EXHIBIT_LISTING)
		return;
	p = rs_node_add(c->d, parent, RS_NODE_PARAGRAPH);
	if (p == NULL)
		return;
	(void)rs_node_inline(c->d, p, RS_NODE_REF, "");
	if (p->last != NULL)
		p->last->target = e->id;
	if (g->n_rows == 0)
		rs_buf_adds(&text, de ? " zeigt, was der Plan vorsieht." : " shows what the plan asks for.");
	else if (e->value != RS_VALUE_ABSOLUTE && g->baseline < g->n_columns)
		put_relative(c, g, &text);
	else if (g->published != NULL)
		rs_buf_adds(&text, de ? " stellt die gemessenen Werte neben die veröffentlichten."
				      : " sets the measured values beside the published ones.");
	else
		rs_buf_adds(&text, de ? " gibt die Werte in ihren eigenen Einheiten."
				      : " gives the values in their own units.");
	rs_node_text_buf(c->d, p, &text);
}
