/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Grouped bars with intervals.  Bars start at zero, the axis is linear and ends above the
 * tallest bar.  When all numbers are narrower than the bars, they stand on them; with
 * intervals they stand below the axis, because at the end of a whisker a number would
 * seem to be that end's.
 */
#include "chart_priv.h"

#include <math.h>
#include <string.h>

#include "restudy/base/mem.h"

#define GROUP_SHARE  0.80	/* of a slot that bars take */
#define WIDEST_PT    36.0
#define THINNEST_PT  2.6
#define HATCHED_PT   5.0	/* the least width that shows a hatch */
#define SHORTEST_PT  0.4

struct bars {
	struct rs_fig *f;
	struct rs_axis axis;
	double slot, width;	/* of a category, of a bar */
	int decimals;		/* of the numbers on bars; -1: none are put */
};

static double bar_width(const struct rs_fig *f, double slot)
{
	return fmin(WIDEST_PT, slot * GROUP_SHARE / (double)f->c->n_series);
}

static double bar_left(const struct bars *b, size_t series, size_t category)
{
	double middle = b->f->left + ((double)category + 0.5) * b->slot;

	return middle + ((double)series - (double)b->f->c->n_series / 2) * b->width;
}

/* A number that would read zero though it is not gets the digits it needs. */
static struct rs_text number(const struct rs_fig *f, double v, int decimals)
{
	char buf[64];

	if (fabs(v) < 0.5 * pow(10, -decimals))
		decimals = v < 0 || v > 0 ? -1 : 0;
	return rs_text_set(f->s, RS_FACE_TINY, rs_chart_number(buf, sizeof(buf), v, decimals, f->s->lang),
			   0, 1);
}

static int number_decimals(const struct rs_range *r)
{
	double size = fmax(fabs(r->lo), fabs(r->hi));
	double digits = size > 0 ? fmax(0, fmin(6, 2 - floor(log10(size)))) : 0;

	return (int)digits;
}

/* Whether every number is narrower than its bar. */
static int numbers_fit(const struct rs_fig *f, double width, int decimals)
{
	const struct rs_chart *c = f->c;

	if (width < 6)
		return 0;
	for (size_t s = 0; s < c->n_series; s++) {
		for (size_t k = 0; k < c->n_categories; k++) {
			struct rs_text t;
			double w;

			if (!rs_is_drawn(c->series[s].points[k].value))
				continue;
			t = number(f, c->series[s].points[k].value, decimals);
			w = t.w;
			rs_text_release(&t);
			if (w > width - 0.8)
				return 0;
		}
	}
	return 1;
}

static int has_intervals(const struct rs_fig *f)
{
	double lo, hi;

	for (size_t s = 0; s < f->c->n_series; s++)
		for (size_t k = 0; k < f->c->n_categories; k++)
			if (rs_fig_interval(f, &f->c->series[s].points[k], &lo, &hi))
				return 1;
	return 0;
}

static void put_number(struct bars *b, const struct rs_point *p, double x)
{
	struct rs_text t;
	double y;

	if (!rs_is_drawn(p->value))
		return;
	t = number(b->f, p->value, b->decimals);
	if (b->f->under_pt > 0) {
		rs_text_put(b->f->scene, RS_ROLE_VALUE_LABEL, &t, x, b->f->bottom + 1.5, RS_ANCHOR_CENTRE, 0,
			    RS_INK);
		return;
	}
	y = rs_axis_at(&b->axis, p->value);
	y = p->value < 0 ? y + 1 : y - t.h - 0.5;
	rs_scene_rect(b->f->scene, RS_ROLE_FRAME, x - t.w / 2, y + 1, t.w, t.h - 2, RS_PAPER);
	rs_text_put(b->f->scene, RS_ROLE_VALUE_LABEL, &t, x, y, RS_ANCHOR_CENTRE, 0, RS_INK);
}

static void put_bar(struct bars *b, size_t series, size_t category)
{
	const struct rs_point *p = &b->f->c->series[series].points[category];
	struct rs_paint paint = rs_palette(rs_palette_slot(b->f->c, series), b->f->s->hatch);
	double x = bar_left(b, series, category), zero = rs_axis_at(&b->axis, 0), y;
	struct rs_scene *s = b->f->scene;

	if (!rs_is_drawn(p->value)) {
		rs_fig_missing_column(b->f, p, &paint, x + b->width / 2, zero, b->width,
				      category * b->f->c->n_series + series);
		rs_scene_tag(s, series, category);
		return;
	}
	y = rs_axis_at(&b->axis, p->value);
	rs_scene_rect(s, RS_ROLE_VALUE, x, fmin(y, zero), b->width, fabs(zero - y), paint.fill);
	rs_scene_tag(s, series, category);
	if (s->err.kind == RS_ERR_NONE) {
		struct rs_item *it = &s->items[s->n_items - 1];

		it->hatch = paint.hatch;
		it->stroke = RS_INK;
		it->stroke_pt = b->width < 4 ? 0.25 : 0.4;
	}
}

/* All whiskers after all bars, and of each pass only one ink: fewer and shorter paths. */
static void put_whiskers(struct bars *b, uint32_t ink, double stroke_pt)
{
	const struct rs_chart *c = b->f->c;
	double cap = fmin(2.2, b->width * 0.22);

	for (size_t k = 0; k < c->n_categories; k++)
		for (size_t s = 0; s < c->n_series; s++)
			rs_fig_whisker(b->f, &b->axis, &c->series[s].points[k],
				       bar_left(b, s, k) + b->width / 2, cap, ink, stroke_pt);
}

static void put_all(struct bars *b)
{
	const struct rs_chart *c = b->f->c;

	for (size_t s = 0; s < c->n_series; s++)
		for (size_t k = 0; k < c->n_categories; k++)
			put_bar(b, s, k);
	rs_fig_reference(b->f, &b->axis, b->f->left, b->f->right);
	/* a pale edge keeps whiskers visible on dark bars */
	put_whiskers(b, RS_PAPER, 1.5);
	put_whiskers(b, RS_INK, 0.6);
	for (size_t k = 0; k < c->n_categories && b->decimals >= 0; k++)
		for (size_t s = 0; s < c->n_series; s++)
			put_number(b, &c->series[s].points[k], bar_left(b, s, k) + b->width / 2);
}

/* A bar that is not zero and yet not seen deserves a word. */
static int hides_bars(const struct rs_fig *f, const struct rs_range *r)
{
	double seen = (r->hi - r->lo) / 160 * SHORTEST_PT;

	for (size_t s = 0; s < f->c->n_series; s++)
		for (size_t k = 0; k < f->c->n_categories; k++) {
			double v = fabs(f->c->series[s].points[k].value);

			if (rs_is_drawn(v) && v > 0 && v < seen)
				return 1;
		}
	return 0;
}

/* Leaves room above (and below) for numbers of the height of a line. */
static void make_headroom(struct rs_range *r, double line_pt)
{
	double by = (r->hi - r->lo) * line_pt / 110;

	if (r->hi > 0)
		r->hi += by;
	if (r->lo < 0)
		r->lo -= by;
}

void rs_bars_layout(struct rs_fig *f)
{
	struct rs_range r = rs_range_of_values(f->c);
	struct bars b = { .f = f, .decimals = -1 };
	double slot = (f->s->width_pt - 36) / (double)f->c->n_categories;
	int decimals = number_decimals(&r);

	if (bar_width(f, slot) < (f->c->n_series > RS_PALETTE_N ? HATCHED_PT : THINNEST_PT)) {
		rs_fig_extra(f, rs_word(f->s->lang, RS_WORD_AS_DOTS));
		rs_dots_layout(f);
		return;
	}
	rs_range_add(&r, 0);
	rs_range_add(&r, f->c->reference);
	rs_fig_range_intervals(f, &r, 0);
	if (hides_bars(f, &r))
		rs_fig_extra(f, rs_word(f->s->lang, RS_WORD_HIDDEN_BARS));
	if (numbers_fit(f, bar_width(f, slot), decimals)) {
		b.decimals = decimals;
		if (has_intervals(f))
			f->under_pt = f->s->line_pt[RS_FACE_TINY] + 1;
		else
			make_headroom(&r, f->s->line_pt[RS_FACE_TINY]);
	}
	if (rs_fig_categories(f, &r, RS_SWATCH_BOX, &b.axis) < 0)
		return;
	b.slot = (f->right - f->left) / (double)f->c->n_categories;
	b.width = bar_width(f, b.slot);
	if (b.decimals >= 0 && !numbers_fit(f, b.width, b.decimals))
		b.decimals = -1;
	put_all(&b);
}
