/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Page breaks.  Boxes that must stay together form a group; a group that does not fit
 * begins a page.  A figure that does not fit waits, and the text after it goes on, until
 * the next page's top or the next chapter, whichever comes first.
 */
#include "pdf_priv.h"

struct breaker {
	struct rs_pdf *p;
	int page;
	double y;		/* from the top of the text */
	size_t *waiting;	/* figures */
	size_t n_waiting;
	int fresh;		/* nothing but waiting figures is on this page yet */
};

static void put(struct breaker *b, size_t box)
{
	struct rs_pdf *p = b->p;
	const struct rs_pdf_box *x = &p->boxes[box];
	const double space = b->y > 0 ? x->space : 0;
	struct rs_pdf_placed *to;

	p->placed = rs_arena_grow(p->arena, p->placed, p->n_placed, sizeof(*p->placed));
	if (p->placed == NULL) {
		p->n_placed = 0;
		return;
	}
	to = &p->placed[p->n_placed++];
	to->box = box;
	to->page = b->page;
	to->space = space;
	to->y = RS_PDF_TOP + b->y + space;
	/* a gap at a page's top would push its text down */
	if (x->kind != RS_PDF_GAP || b->y > 0 || x->shade > 0)
		b->y += space + x->height;
}

static void new_page(struct breaker *b)
{
	b->page++;
	b->y = 0;
	b->fresh = 1;
	for (size_t i = 0; i < b->n_waiting; i++) {
		const struct rs_pdf_box *x = &b->p->boxes[b->waiting[i]];

		if (b->y > 0 && b->y + x->space + x->height > RS_PDF_TEXT_HEIGHT) {
			b->page++;
			b->y = 0;
		}
		put(b, b->waiting[i]);
	}
	b->n_waiting = 0;
	if (b->y > 0)
		b->y += 12;
}

/* The end of the group that begins at i: the first box after it. */
static size_t group_end(const struct rs_pdf *p, size_t i)
{
	while (i < p->n_boxes && p->boxes[i].keep)
		i++;
	return i < p->n_boxes ? i + 1 : i;
}

static double group_height(const struct breaker *b, size_t from, size_t to)
{
	double h = 0;

	for (size_t i = from; i < to; i++)
		h += b->p->boxes[i].height + (i == from && b->y <= 0 ? 0 : b->p->boxes[i].space);
	return h;
}

static void put_group(struct breaker *b, size_t from, size_t to)
{
	const struct rs_pdf_box *first = &b->p->boxes[from];

	/* a table that goes on: its head again */
	if (b->fresh && first->head_n > 0)
		for (size_t i = 0; i < first->head_n; i++)
			put(b, first->head_first + i);
	for (size_t i = from; i < to; i++) {
		const struct rs_pdf_box *x = &b->p->boxes[i];

		/* a group longer than a page is parted where the page ends */
		if (b->y > 0 && b->y + x->space + x->height > RS_PDF_TEXT_HEIGHT + 1)
			new_page(b);
		put(b, i);
	}
	b->fresh = 0;
}

static int has_row(const struct rs_pdf *p, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (p->boxes[i].kind == RS_PDF_ROW)
			return 1;
	return 0;
}

static int is_blank(const struct rs_pdf *p, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (p->boxes[i].kind != RS_PDF_GAP && p->boxes[i].kind != RS_PDF_RULE)
			return 0;
	return 1;
}

/* Figures that wait are passed by text, and by a table that ends on this page: none stands
 * between its rows. */
static int is_parted_table(const struct breaker *b, size_t from)
{
	const struct rs_pdf *p = b->p;
	size_t to = group_end(p, from);

	if (!has_row(p, from, to))
		return 0;
	while (to < p->n_boxes && (has_row(p, to, group_end(p, to)) || is_blank(p, to, group_end(p, to))))
		to = group_end(p, to);
	return b->y + group_height(b, from, to) > RS_PDF_TEXT_HEIGHT;
}

static void wait_for_page(struct breaker *b, size_t box)
{
	b->waiting = rs_arena_grow(b->p->arena, b->waiting, b->n_waiting, sizeof(*b->waiting));
	if (b->waiting == NULL)
		b->n_waiting = 0;
	else
		b->waiting[b->n_waiting++] = box;
}

/* A figure that would fit if it were a little smaller, is: text of 8 pt stays above 6.4. */
#define LEAST_SHRINK 0.8

static int shrink_to_fit(struct breaker *b, size_t box)
{
	struct rs_pdf_box *x = &b->p->boxes[box];
	const double room = RS_PDF_TEXT_HEIGHT - b->y - x->space;
	double drawn, less;

	if (x->picture == NULL)
		return 0;
	drawn = x->picture->height_pt * x->scale;
	less = x->height - room;
	if (drawn <= 0 || less > drawn * (1 - LEAST_SHRINK))
		return 0;
	x->scale *= (drawn - less) / drawn;
	x->height = room;
	return 1;
}

void rs_pdf_place(struct rs_pdf *p, size_t box, int page)
{
	struct breaker b = { .p = p, .page = page };

	while (box < p->n_boxes && !p->arena->failed) {
		const struct rs_pdf_box *x = &p->boxes[box];
		const size_t end = group_end(p, box);
		int fits;

		if (b.n_waiting > 0 && ((x->section != NULL && x->section->level == 1) ||
					is_parted_table(&b, box)))
			new_page(&b);
		fits = b.y + group_height(&b, box, end) <= RS_PDF_TEXT_HEIGHT;
		/* room between blocks is nothing at a page's end: it begins no page */
		if (!fits && end == box + 1 && x->kind == RS_PDF_GAP && x->shade <= 0) {
			box = end;
			continue;
		}
		if (x->may_float && end == box + 1 && !fits && b.n_waiting == 0 && b.y > 0)
			fits = shrink_to_fit(&b, box);
		if (x->may_float && end == box + 1 && (b.n_waiting > 0 || (!fits && b.y > 0))) {
			wait_for_page(&b, box);
			box = end;
			continue;
		}
		/* a page that begins with figures may have no room for the group, either */
		while (!fits && b.y > 0) {
			new_page(&b);
			fits = b.y + group_height(&b, box, end) <= RS_PDF_TEXT_HEIGHT;
		}
		put_group(&b, box, end);
		box = end;
	}
	if (b.n_waiting > 0)
		new_page(&b);
	p->pages = b.page;
}
