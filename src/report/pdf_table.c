/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of a PDF: column widths from what is in them, numbers at the decimal sign. */
#include "pdf_priv.h"

#include <stdio.h>
#include <string.h>

#include "escape_priv.h"
#include "restudy/base/mem.h"

#define GAP	11.0	/* between columns */
#define PADDING 2.3	/* above and below a row */
#define MOST_COLUMNS 64
#define SHORT_TABLE (RS_PDF_TEXT_HEIGHT * 0.35)	/* not parted at all */

/* One cell while its table is being set. */
struct piece {
	const struct rs_node *node;
	PangoLayout *layout;
	const struct rs_pdf_link *links;
	size_t column;
	double natural, least;
	double whole;		/* of a number: width before the decimal sign; < 0: none */
	struct piece *next;
};

struct setting {
	struct rs_pdf *p;
	const struct rs_node *table;
	double size;		/* of the font */
	struct piece *first, **last;
	double *width, *natural, *least, *whole, *rest;
	size_t n;
	double x[MOST_COLUMNS];	/* left edges */
};

static void set_width(PangoLayout *layout, double width)
{
	pango_layout_set_width(layout, width < 0 ? -1 : (int)(width * PANGO_SCALE));
}

static void measure(struct setting *s, struct piece *c)
{
	double height;
	size_t whole, fraction;

	rs_pdf_size(c->layout, &c->natural, &height);
	pango_layout_set_wrap(c->layout, PANGO_WRAP_WORD);
	set_width(c->layout, 1);
	rs_pdf_size(c->layout, &c->least, &height);
	set_width(c->layout, -1);
	pango_layout_set_wrap(c->layout, PANGO_WRAP_WORD_CHAR);
	c->whole = -1;
	if (c->node->parent->role == RS_ROW_BODY && c->column < s->n &&
	    s->table->columns[c->column] == RS_COLUMN_NUMBER &&
	    rs_cell_split(c->node, s->p->l, &whole, &fraction)) {
		PangoRectangle at;

		pango_layout_index_to_pos(c->layout, (int)whole, &at);
		c->whole = (double)at.x / PANGO_SCALE;
	}
}

static void add_piece(struct setting *s, const struct rs_node *cell, size_t column)
{
	const enum rs_row_role role = cell->parent->role;
	const double size = role == RS_ROW_UNDER ? s->size * 0.86 : s->size;
	struct piece *c = rs_arena_new(s->p->arena, 1, sizeof(*c));
	struct rs_pdf_run r;
	char font[64];

	if (c == NULL)
		return;
	(void)snprintf(font, sizeof(font), "%s%s %d.%d", RS_PDF_SANS,
		       role == RS_ROW_HEAD || role == RS_ROW_GROUP ? " Bold" : "", (int)size,
		       (int)(size * 10) % 10);
	rs_pdf_run_begin(s->p, &r);
	rs_pdf_node(s->p, cell);
	c->node = cell;
	c->column = column;
	c->layout = rs_pdf_run_end(s->p, &r, font, 1.12, -1);
	c->links = r.links;
	measure(s, c);
	*s->last = c;
	s->last = &c->next;
}

static void collect(struct setting *s)
{
	s->first = NULL;
	s->last = &s->first;
	for (const struct rs_node *r = s->table->first; r != NULL; r = r->next) {
		size_t column = 0;

		if (r->kind != RS_NODE_ROW)
			continue;
		for (const struct rs_node *c = r->first; c != NULL; c = c->next) {
			add_piece(s, c, column);
			column += (size_t)c->span;
		}
	}
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

/* What each column needs: least, and to set everything on one line. */
static void column_needs(struct setting *s)
{
	for (size_t i = 0; i < s->n; i++)
		s->natural[i] = s->least[i] = s->whole[i] = s->rest[i] = 0;
	for (const struct piece *c = s->first; c != NULL; c = c->next) {
		const size_t i = c->column;

		if (i >= s->n || c->node->span != 1)
			continue;
		if (c->whole >= 0) {
			s->whole[i] = larger(s->whole[i], c->whole);
			s->rest[i] = larger(s->rest[i], c->natural - c->whole);
		} else if (c->node->parent->role == RS_ROW_HEAD) {
			s->least[i] = larger(s->least[i], c->least);
			s->natural[i] = larger(s->natural[i], c->natural);
		} else {
			s->least[i] = larger(s->least[i], s->table->columns[i] == RS_COLUMN_LEFT
						  ? c->least : c->natural);
			s->natural[i] = larger(s->natural[i], c->natural);
		}
	}
	for (size_t i = 0; i < s->n; i++) {
		s->least[i] = larger(s->least[i], s->whole[i] + s->rest[i]);
		s->natural[i] = larger(s->natural[i], s->least[i]);
	}
}

/* Words of heads over several columns must fit, too. */
static void widen_for_spans(struct setting *s, double *widths)
{
	for (const struct piece *c = s->first; c != NULL; c = c->next) {
		const size_t end = c->column + (size_t)c->node->span;
		double sum = -GAP;

		if (c->node->span < 2 || end > s->n || c->node->parent->role != RS_ROW_HEAD)
			continue;
		for (size_t i = c->column; i < end; i++)
			sum += widths[i] + GAP;
		for (size_t i = c->column; i < end && sum < c->least; i++)
			widths[i] += (c->least - sum) / c->node->span;
	}
}

static double sum_of(const double *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return sum;
}

/* The widths of all cells that cover one column, for rs_share_widths. */
static const double *cell_widths(struct setting *s, size_t *rows)
{
	const struct rs_node *row = NULL;
	double *natural;

	*rows = 0;
	for (const struct rs_node *r = s->table->first; r != NULL; r = r->next)
		*rows += r->kind == RS_NODE_ROW;
	natural = rs_arena_new(s->p->arena, *rows * s->n + 1, sizeof(*natural));
	*rows = 0;
	for (const struct piece *c = s->first; natural != NULL && c != NULL; c = c->next) {
		*rows += c->node->parent != row;
		row = c->node->parent;
		if (c->node->span == 1 && c->column < s->n)
			natural[(*rows - 1) * s->n + c->column] = c->natural;
	}
	return natural;
}

/* Natural widths where they fit; else columns of text give way.  0 when even the least
 * widths are too wide. */
static int share_width(struct setting *s, double room)
{
	const double available = room - GAP * (double)(s->n - 1);
	const double *natural;
	size_t rows;

	widen_for_spans(s, s->least);
	for (size_t i = 0; i < s->n; i++) {
		s->natural[i] = larger(s->natural[i], s->least[i]);
		s->width[i] = s->natural[i];
	}
	if (sum_of(s->width, s->n) <= available)
		return 1;
	natural = cell_widths(s, &rows);
	for (size_t i = 0; i < s->n; i++)
		s->width[i] = s->least[i];
	if (natural != NULL)
		rs_share_widths(natural, rows, s->n, available, s->width);
	return sum_of(s->least, s->n) <= available;
}

static void shrink(struct setting *s, double room)
{
	const double available = room - GAP * (double)(s->n - 1);
	const double sum = sum_of(s->width, s->n);

	for (size_t i = 0; i < s->n && sum > available; i++)
		s->width[i] *= available / sum;
}

static int set_columns(struct setting *s, double room)
{
	static const double sizes[] = { 8.2, 7.5, 6.8, 6.2 };
	double x = 0;

	for (size_t k = 0; k < RS_COUNT(sizes); k++) {
		s->size = sizes[k];
		collect(s);
		column_needs(s);
		if (s->p->arena->failed)
			return 0;
		if (share_width(s, room))
			break;
		if (k + 1 == RS_COUNT(sizes))
			shrink(s, room);
	}
	for (size_t i = 0; i < s->n; i++) {
		s->x[i] = x;
		x += s->width[i] + GAP;
	}
	return 1;
}

static double span_width(const struct setting *s, const struct piece *c)
{
	double w = -GAP;

	for (size_t i = c->column; i < c->column + (size_t)c->node->span && i < s->n; i++)
		w += s->width[i] + GAP;
	return larger(w, 1);
}

/* Where the cell's text begins within its columns. */
static double cell_offset(const struct setting *s, const struct piece *c, double width)
{
	double w, h;

	if (c->column >= s->n)
		return 0;
	if (c->whole >= 0)
		return (width - s->whole[c->column] - s->rest[c->column]) / 2 +
		       s->whole[c->column] - c->whole;
	if (c->node->parent->role == RS_ROW_GROUP ||
	    (c->node->span == 1 && s->table->columns[c->column] == RS_COLUMN_LEFT))
		return 0;
	rs_pdf_size(c->layout, &w, &h);
	return (width - w) / 2;
}

static void add_cell(struct setting *s, struct rs_pdf_cell ***last, const struct piece *c,
		     double y)
{
	const double width = span_width(s, c);
	struct rs_pdf_cell *cell = rs_arena_new(s->p->arena, 1, sizeof(*cell));
	double w, h;

	if (cell == NULL)
		return;
	if (c->whole < 0 && c->natural > width)
		set_width(c->layout, width);
	/* pango's own alignment would count from a width that is not set */
	rs_pdf_size(c->layout, &w, &h);
	if (c->node->span > 1 || (c->column < s->n && s->table->columns[c->column] !=
						      RS_COLUMN_LEFT)) {
		if (c->whole < 0 && pango_layout_get_width(c->layout) > 0)
			pango_layout_set_alignment(c->layout, PANGO_ALIGN_CENTER);
	}
	cell->layout = c->layout;
	cell->links = c->links;
	cell->x = s->x[c->column < s->n ? c->column : 0];
	if (pango_layout_get_alignment(c->layout) == PANGO_ALIGN_LEFT)
		cell->x += cell_offset(s, c, width);
	cell->y = y;
	**last = cell;
	*last = &cell->next;
}

/* The thin rule under a head that covers several columns. */
static void add_span_rule(struct setting *s, struct rs_pdf_cell ***last, const struct piece *c,
			  double y)
{
	struct rs_pdf_cell *cell = rs_arena_new(s->p->arena, 1, sizeof(*cell));

	if (cell == NULL || c->column >= s->n)
		return;
	cell->x = s->x[c->column];
	cell->y = y;
	cell->rule = span_width(s, c);
	**last = cell;
	*last = &cell->next;
}

static double row_height(struct setting *s, const struct piece *first, const struct rs_node *row)
{
	double most = 0, w, h;

	for (const struct piece *c = first; c != NULL && c->node->parent == row; c = c->next) {
		const double width = span_width(s, c);

		if (c->whole < 0 && c->natural > width)
			set_width(c->layout, width);
		rs_pdf_size(c->layout, &w, &h);
		most = larger(most, h);
	}
	return most;
}

static struct rs_pdf_box *set_row(struct setting *s, const struct piece **at,
				  const struct rs_node *row)
{
	const double above = row->role == RS_ROW_UNDER ? 0 : row->role == RS_ROW_GROUP ? 7 : PADDING;
	const double height = row_height(s, *at, row);
	struct rs_pdf_box *b = rs_pdf_box_add(s->p, RS_PDF_ROW, 0, above + height + PADDING);
	struct rs_pdf_cell **last = &b->cells;
	double w, h;

	for (; *at != NULL && (*at)->node->parent == row; *at = (*at)->next) {
		const struct piece *c = *at;

		if (c->node->first == NULL)
			continue;
		rs_pdf_size(c->layout, &w, &h);
		/* heads stand on their rule, other cells hang from the row's top */
		add_cell(s, &last, c, row->role == RS_ROW_HEAD ? above + height - h : above);
		if (row->role == RS_ROW_HEAD && c->node->span > 1)
			add_span_rule(s, &last, c, above + height + PADDING - 0.5);
	}
	return b;
}

static void add_rule(struct setting *s, double thickness, double space, int keep)
{
	struct rs_pdf_box *b = rs_pdf_box_add(s->p, RS_PDF_RULE, space, thickness);

	b->rule_from = 0;
	b->rule_to = s->x[s->n - 1] + s->width[s->n - 1];
	b->rule_pt = thickness;
	b->keep = keep;
}

/* Rows that must not be parted: the head and the first two, an interval and its value, a
 * group's title and its first row, the last two and the rule below. */
static void keep_rows(struct setting *s, size_t first, size_t n_rows)
{
	double height = 0;

	for (size_t i = first; i < s->p->n_boxes; i++)
		height += s->p->boxes[i].height;
	for (size_t i = first; i < s->p->n_boxes; i++) {
		const size_t row = i - first;

		if (row == 0 || row + 2 >= n_rows || height < SHORT_TABLE)
			s->p->boxes[i].keep = 1;
	}
}

static void set_rows(struct setting *s)
{
	const struct piece *at = s->first;
	const struct rs_node *r = s->table->first;
	const size_t head_first = s->p->n_boxes;
	size_t head_n, body_first, n_rows = 0;

	add_rule(s, 0.9, 0, 1);
	for (; r != NULL && r->kind == RS_NODE_ROW && r->role == RS_ROW_HEAD; r = r->next)
		set_row(s, &at, r)->keep = 1;
	if (s->p->n_boxes > head_first + 1)
		add_rule(s, 0.5, 0, 1);
	head_n = s->p->n_boxes - head_first;
	body_first = s->p->n_boxes;
	for (; r != NULL && r->kind == RS_NODE_ROW; r = r->next, n_rows++) {
		struct rs_pdf_box *b = set_row(s, &at, r);

		b->head_first = head_first;
		b->head_n = head_n;
		b->keep = r->role == RS_ROW_GROUP ||
			  (r->next != NULL && r->next->kind == RS_NODE_ROW &&
			   r->next->role == RS_ROW_UNDER);
	}
	keep_rows(s, body_first, n_rows);
	add_rule(s, 0.9, 0, r != NULL);
}

static void table_caption(struct rs_pdf *p, const struct rs_node *n)
{
	const size_t first = p->n_boxes;

	/* a heading above stays with its table */
	rs_pdf_box_add(p, RS_PDF_GAP, 12, 0)->keep = 1;
	p->pending_dest = n->id;
	rs_pdf_lines(p, rs_pdf_caption(p, n, p->width - p->indent), NULL, 0);
	(void)rs_pdf_box_add(p, RS_PDF_GAP, 0, 4);
	for (size_t i = first + 1; i < p->n_boxes; i++)
		p->boxes[i].keep = 1;
}

void rs_pdf_table(struct rs_pdf *p, const struct rs_node *n)
{
	const size_t columns = n->n_columns < MOST_COLUMNS ? n->n_columns : MOST_COLUMNS;
	struct setting s = { .p = p, .table = n, .n = columns };

	s.width = rs_arena_new(p->arena, columns * 5, sizeof(double));
	if (s.width == NULL || columns == 0)
		return;
	s.natural = s.width + columns;
	s.least = s.natural + columns;
	s.whole = s.least + columns;
	s.rest = s.whole + columns;
	if (n->label != NULL || n->text != NULL)
		table_caption(p, n);
	else
		rs_pdf_box_add(p, RS_PDF_GAP, 8, 0)->keep = 1;
	p->table = n;
	if (set_columns(&s, p->width - p->indent))
		set_rows(&s);
	for (const struct rs_node *c = n->first; c != NULL; c = c->next)
		if (c->kind == RS_NODE_TABLE_NOTE)
			rs_pdf_node(p, c);
	p->table = NULL;
	(void)rs_pdf_box_add(p, RS_PDF_GAP, 8, 0);
}

/* A row is set with its table, a cell's text with its row. */
void rs_pdf_row(struct rs_pdf *p, const struct rs_node *n)
{
	rs_pdf_children(p, n);
}

void rs_pdf_cell(struct rs_pdf *p, const struct rs_node *n)
{
	rs_pdf_children(p, n);
}

void rs_pdf_table_note(struct rs_pdf *p, const struct rs_node *n)
{
	struct rs_pdf_run r;
	PangoLayout *layout;

	if (p->n_boxes > 0)
		p->boxes[p->n_boxes - 1].keep = 1;
	rs_pdf_run_begin(p, &r);
	if (n->label != NULL) {
		rs_pdf_run_text(p, n->label, "^");
		rs_pdf_run_text(p, " ", "");
	}
	rs_pdf_children(p, n);
	layout = rs_pdf_run_end(p, &r, RS_PDF_SANS " 7", 1.2, p->width - p->indent);
	rs_pdf_lines(p, layout, r.links, 3);
}
