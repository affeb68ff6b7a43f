/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Painting a scene on any cairo surface.  Nothing here looks at the data: shapes are
 * painted in their order.
 */
#include "chart_priv.h"

#include <math.h>

#include "restudy/base/mem.h"

struct brush {			/* what was set last, so that it is not set again */
	cairo_t *cr;
	int greyscale;
	uint32_t rgb;
	double alpha;
};

static void use_ink(struct brush *b, uint32_t rgb, double alpha)
{
	uint32_t shown = b->greyscale ? rs_grey(rgb) : rgb;

	if (shown == b->rgb && alpha >= b->alpha && alpha <= b->alpha)
		return;
	b->rgb = shown;
	b->alpha = alpha;
	cairo_set_source_rgba(b->cr, (shown >> 16 & 255) / 255.0, (shown >> 8 & 255) / 255.0,
			      (shown & 255) / 255.0, alpha);
}

static void use_dash(cairo_t *cr, enum rs_dash dash, double unit)
{
	static const struct {
		double on_off[2];
		int n;
	} dashes[RS_DASH_LAST] = {
		[RS_DASH_SOLID] = { { 0, 0 }, 0 },
		[RS_DASH_LONG] = { { 5, 2.2 }, 2 },
		[RS_DASH_SHORT] = { { 2.6, 1.8 }, 2 },
		[RS_DASH_DOT] = { { 1, 1.4 }, 2 },
	};
	double scaled[2] = { dashes[dash].on_off[0] * unit, dashes[dash].on_off[1] * unit };

	cairo_set_dash(cr, scaled, dashes[dash].n, 0);
}

static void stroke(struct brush *b, const struct rs_item *it)
{
	use_ink(b, it->stroke, 1);
	cairo_set_line_width(b->cr, it->stroke_pt);
	if (it->dash != RS_DASH_SOLID)
		use_dash(b->cr, it->dash, 1);
	cairo_stroke(b->cr);
	if (it->dash != RS_DASH_SOLID)
		use_dash(b->cr, RS_DASH_SOLID, 1);
}

static void fill_and_stroke(struct brush *b, const struct rs_item *it)
{
	int outline = it->stroke != RS_NO_INK && it->stroke_pt > 0;

	if (it->fill != RS_NO_INK) {
		use_ink(b, it->fill, it->fill_alpha);
		if (outline)
			cairo_fill_preserve(b->cr);
		else
			cairo_fill(b->cr);
	}
	if (outline)
		stroke(b, it);
	cairo_new_path(b->cr);
}

/* One hatch line through the rectangle: the part of y = y0 + slope * (x - left) in it. */
static void hatch_line(cairo_t *cr, const struct rs_item *it, double y0, double slope)
{
	double x1 = it->x, x2 = it->x + it->w;
	double top = it->y, bottom = it->y + it->h;
	double at_top = it->x + (top - y0) / slope, at_bottom = it->x + (bottom - y0) / slope;

	x1 = fmax(x1, fmin(at_top, at_bottom));
	x2 = fmin(x2, fmax(at_top, at_bottom));
	if (x2 <= x1)
		return;
	cairo_move_to(cr, x1, y0 + slope * (x1 - it->x));
	cairo_line_to(cr, x2, y0 + slope * (x2 - it->x));
}

static void hatch(struct brush *b, const struct rs_item *it)
{
	const double gap = 3.2;
	int rising = it->hatch == RS_HATCH_RISING || it->hatch == RS_HATCH_CROSS;
	int falling = it->hatch == RS_HATCH_FALLING || it->hatch == RS_HATCH_CROSS;
	uint32_t grey = rs_grey(it->fill) & 255;

	for (double y = it->y; rising && y < it->y + it->h + it->w; y += gap * 1.4)
		hatch_line(b->cr, it, y, -1);
	for (double y = it->y - it->w; falling && y < it->y + it->h; y += gap * 1.4)
		hatch_line(b->cr, it, y, 1);
	for (double y = it->y + it->h - gap / 2; it->hatch == RS_HATCH_LEVEL && y > it->y; y -= gap) {
		cairo_move_to(b->cr, it->x, y);
		cairo_line_to(b->cr, it->x + it->w, y);
	}
	for (double x = it->x + gap / 2; it->hatch == RS_HATCH_UPRIGHT && x < it->x + it->w; x += gap) {
		cairo_move_to(b->cr, x, it->y);
		cairo_line_to(b->cr, x, it->y + it->h);
	}
	use_ink(b, grey > 110 ? RS_INK : RS_PAPER, 1);
	cairo_set_line_width(b->cr, 0.5);
	cairo_stroke(b->cr);
}

static void paint_rect(struct brush *b, const struct rs_item *it)
{
	struct rs_item outline = *it;

	outline.fill = RS_NO_INK;
	cairo_rectangle(b->cr, it->x, it->y, it->w, it->h);
	if (it->hatch == RS_HATCH_NONE || it->fill == RS_NO_INK) {
		fill_and_stroke(b, it);
		return;
	}
	use_ink(b, it->fill, it->fill_alpha);
	cairo_fill(b->cr);
	hatch(b, it);
	cairo_rectangle(b->cr, it->x, it->y, it->w, it->h);
	fill_and_stroke(b, &outline);
}

static void paint_line(struct brush *b, const struct rs_scene *s, const struct rs_item *it)
{
	if (it->n < 2)
		return;
	cairo_move_to(b->cr, s->points[2 * it->first], s->points[2 * it->first + 1]);
	for (size_t i = it->first + 1; i < it->first + it->n; i++)
		cairo_line_to(b->cr, s->points[2 * i], s->points[2 * i + 1]);
	fill_and_stroke(b, it);
}

static void paint_text(struct brush *b, const struct rs_item *it)
{
	PangoRectangle logical;

	pango_layout_get_extents(it->text, NULL, &logical);
	use_ink(b, it->fill, 1);
	cairo_save(b->cr);
	cairo_translate(b->cr, it->x, it->y);
	if (it->angle < 0 || it->angle > 0)
		cairo_rotate(b->cr, it->angle);
	cairo_move_to(b->cr, -(double)logical.x / PANGO_SCALE, -(double)logical.y / PANGO_SCALE);
	pango_cairo_show_layout(b->cr, it->text);
	cairo_restore(b->cr);
}

static void polygon(cairo_t *cr, const struct rs_item *it, const double (*corner)[2], size_t n)
{
	for (size_t i = 0; i < n; i++)
		cairo_line_to(cr, it->x + corner[i][0] * it->w, it->y + corner[i][1] * it->w);
	cairo_close_path(cr);
}

/* Markers have about the same area at the same radius. */
static void paint_marker(struct brush *b, const struct rs_item *it)
{
	static const double up[][2] = { { 0, -1.25 }, { 1.15, 0.8 }, { -1.15, 0.8 } };
	static const double down[][2] = { { 0, 1.25 }, { 1.15, -0.8 }, { -1.15, -0.8 } };
	static const double diamond[][2] = { { 0, -1.3 }, { 1.15, 0 }, { 0, 1.3 }, { -1.15, 0 } };
	static const double square[][2] = { { -0.9, -0.9 }, { 0.9, -0.9 }, { 0.9, 0.9 }, { -0.9, 0.9 } };

	cairo_new_path(b->cr);
	if (it->shape == RS_SHAPE_CIRCLE)
		cairo_arc(b->cr, it->x, it->y, it->w, 0, 2 * G_PI);
	else if (it->shape == RS_SHAPE_SQUARE)
		polygon(b->cr, it, square, RS_COUNT(square));
	else if (it->shape == RS_SHAPE_UP)
		polygon(b->cr, it, up, RS_COUNT(up));
	else if (it->shape == RS_SHAPE_DOWN)
		polygon(b->cr, it, down, RS_COUNT(down));
	else if (it->shape == RS_SHAPE_DIAMOND)
		polygon(b->cr, it, diamond, RS_COUNT(diamond));
	else {
		cairo_move_to(b->cr, it->x - it->w, it->y - it->w);
		cairo_line_to(b->cr, it->x + it->w, it->y + it->w);
		cairo_move_to(b->cr, it->x - it->w, it->y + it->w);
		cairo_line_to(b->cr, it->x + it->w, it->y - it->w);
	}
	fill_and_stroke(b, it);
}

void rs_scene_paint(const struct rs_scene *s, cairo_t *cr, int greyscale)
{
	struct brush b = { cr, greyscale, RS_NO_INK, -1 };

	for (size_t i = 0; i < s->n_items; i++) {
		const struct rs_item *it = &s->items[i];

		switch (it->shape) {
		case RS_SHAPE_RECT:
			paint_rect(&b, it);
			break;
		case RS_SHAPE_LINE:
			paint_line(&b, s, it);
			break;
		case RS_SHAPE_TEXT:
			paint_text(&b, it);
			break;
		case RS_SHAPE_CIRCLE:
		case RS_SHAPE_SQUARE:
		case RS_SHAPE_UP:
		case RS_SHAPE_DIAMOND:
		case RS_SHAPE_DOWN:
		case RS_SHAPE_CROSS:
			paint_marker(&b, it);
			break;
		case RS_SHAPE_LAST:
			break;
		}
	}
}
