/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Painting a scene on any canvas, and the canvas that is a cairo context.  Nothing here
 * looks at the data: shapes are painted in their order.
 */
#include "scene_priv.h"

#include <math.h>

#include "restudy/base/mem.h"

#define HATCH_GAP_PT 3.2

struct brush {
	const struct rs_canvas *canvas;
	void *user;
	int greyscale;
};

static uint32_t shown(const struct brush *b, uint32_t rgb)
{
	return b->greyscale && rgb != RS_NO_INK ? rs_grey(rgb) : rgb;
}

static void show(const struct brush *b, const struct rs_item *it, uint32_t fill, uint32_t stroke)
{
	const struct rs_ink ink = {
		.fill = shown(b, fill),
		.stroke = it->stroke_pt > 0 ? shown(b, stroke) : RS_NO_INK,
		.fill_alpha = it->fill_alpha,
		.stroke_pt = it->stroke_pt,
		.dash = it->dash,
	};

	b->canvas->show(b->user, &ink);
}

static void outline(const struct brush *b, const struct rs_item *it)
{
	b->canvas->move(b->user, it->x, it->y);
	b->canvas->line(b->user, it->x + it->w, it->y);
	b->canvas->line(b->user, it->x + it->w, it->y + it->h);
	b->canvas->line(b->user, it->x, it->y + it->h);
	b->canvas->close(b->user);
}

static void segment(const struct brush *b, double x0, double y0, double x1, double y1)
{
	b->canvas->move(b->user, x0, y0);
	b->canvas->line(b->user, x1, y1);
}

/* The part of the line y = y0 + slope * (x - left) that lies in the rectangle. */
static void hatch_line(const struct brush *b, const struct rs_item *it, double y0, double slope)
{
	double at_top = it->x + (it->y - y0) / slope, at_bottom = it->x + (it->y + it->h - y0) / slope;
	double x1 = fmax(it->x, fmin(at_top, at_bottom)), x2 = fmin(it->x + it->w, fmax(at_top, at_bottom));

	if (x2 > x1)
		segment(b, x1, y0 + slope * (x1 - it->x), x2, y0 + slope * (x2 - it->x));
}

static void paint_hatch(const struct brush *b, const struct rs_item *it)
{
	const double gap = HATCH_GAP_PT, slant = HATCH_GAP_PT * 1.4, right = it->x + it->w;
	struct rs_item line = { .stroke_pt = 0.5 };
	int rising = it->hatch == RS_HATCH_RISING || it->hatch == RS_HATCH_CROSS;
	int falling = it->hatch == RS_HATCH_FALLING || it->hatch == RS_HATCH_CROSS;

	for (double y = it->y; rising && y < it->y + it->h + it->w; y += slant)
		hatch_line(b, it, y, -1);
	for (double y = it->y - it->w; falling && y < it->y + it->h; y += slant)
		hatch_line(b, it, y, 1);
	for (double y = it->y + it->h - gap / 2; it->hatch == RS_HATCH_LEVEL && y > it->y; y -= gap)
		segment(b, it->x, y, right, y);
	for (double x = it->x + gap / 2; it->hatch == RS_HATCH_UPRIGHT && x < right; x += gap)
		segment(b, x, it->y, x, it->y + it->h);
	show(b, &line, RS_NO_INK, (rs_grey(it->fill) & 255) > 110 ? RS_INK : RS_PAPER);
}

static void paint_rect(const struct brush *b, const struct rs_item *it)
{
	outline(b, it);
	show(b, it, it->fill, RS_NO_INK);
	paint_hatch(b, it);
	outline(b, it);
	show(b, it, RS_NO_INK, it->stroke);
}

static void trace_line(const struct brush *b, const struct rs_scene *s, const struct rs_item *it)
{
	const double *xy = s->points + 2 * it->first;

	if (it->n < 2)
		return;
	b->canvas->move(b->user, xy[0], xy[1]);
	for (size_t i = 1; i < it->n; i++)
		b->canvas->line(b->user, xy[2 * i], xy[2 * i + 1]);
}

static int is_hatched(const struct rs_item *it)
{
	return it->hatch != RS_HATCH_NONE && it->fill != RS_NO_INK;
}

/* Whether b looks like a, so that one path can hold both: a grid, the bars of a series.
 * What is seen through is painted one by one, because overlaps are darker. */
static int goes_with(const struct rs_item *a, const struct rs_item *b)
{
	return a->shape == b->shape && a->fill == b->fill && a->stroke == b->stroke &&
	       a->stroke_pt == b->stroke_pt && a->dash == b->dash && a->fill_alpha >= 1 &&
	       b->fill_alpha >= 1 && !is_hatched(b);
}

/* Paints the lines or the plain rectangles from the i-th item on that look the same with
 * one stroke of the pen; returns the last one's place. */
static size_t paint_alike(const struct brush *b, const struct rs_scene *s, size_t i)
{
	const struct rs_item *first = &s->items[i];

	for (;; i++) {
		if (first->shape == RS_SHAPE_LINE)
			trace_line(b, s, &s->items[i]);
		else
			outline(b, &s->items[i]);
		if (i + 1 == s->n_items || !goes_with(first, &s->items[i + 1]))
			break;
	}
	show(b, first, first->fill, first->stroke);
	return i;
}

static void polygon(const struct brush *b, const struct rs_item *it, const double (*corner)[2], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double x = it->x + corner[i][0] * it->w, y = it->y + corner[i][1] * it->w;

		if (i == 0)
			b->canvas->move(b->user, x, y);
		else
			b->canvas->line(b->user, x, y);
	}
	b->canvas->close(b->user);
}

/* Markers have about the same area at the same radius. */
static void paint_marker(const struct brush *b, const struct rs_item *it)
{
	static const double up[][2] = { { 0, -1.25 }, { 1.15, 0.8 }, { -1.15, 0.8 } };
	static const double down[][2] = { { 0, 1.25 }, { 1.15, -0.8 }, { -1.15, -0.8 } };
	static const double diamond[][2] = { { 0, -1.3 }, { 1.15, 0 }, { 0, 1.3 }, { -1.15, 0 } };
	static const double square[][2] = { { -0.9, -0.9 }, { 0.9, -0.9 }, { 0.9, 0.9 }, { -0.9, 0.9 } };

	if (it->shape == RS_SHAPE_CIRCLE)
		b->canvas->circle(b->user, it->x, it->y, it->w);
	else if (it->shape == RS_SHAPE_SQUARE)
		polygon(b, it, square, RS_COUNT(square));
	else if (it->shape == RS_SHAPE_UP)
		polygon(b, it, up, RS_COUNT(up));
	else if (it->shape == RS_SHAPE_DOWN)
		polygon(b, it, down, RS_COUNT(down));
	else if (it->shape == RS_SHAPE_DIAMOND)
		polygon(b, it, diamond, RS_COUNT(diamond));
	else {
		segment(b, it->x - it->w, it->y - it->w, it->x + it->w, it->y + it->w);
		segment(b, it->x - it->w, it->y + it->w, it->x + it->w, it->y - it->w);
	}
	show(b, it, it->fill, it->stroke);
}

void rs_scene_paint(const struct rs_scene *s, const struct rs_canvas *canvas, void *user,
		    int greyscale)
{
	const struct brush b = { canvas, user, greyscale };

	for (size_t i = 0; i < s->n_items; i++) {
		const struct rs_item *it = &s->items[i];

		switch (it->shape) {
		case RS_SHAPE_RECT:
			if (is_hatched(it))
				paint_rect(&b, it);
			else
				i = paint_alike(&b, s, i);
			break;
		case RS_SHAPE_LINE:
			i = paint_alike(&b, s, i);
			break;
		case RS_SHAPE_TEXT:
			canvas->text(user, it, shown(&b, it->fill));
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

int rs_dash_lengths(enum rs_dash dash, double on_off[2])
{
	static const double lengths[RS_DASH_LAST][2] = {
		[RS_DASH_SOLID] = { 0, 0 },
		[RS_DASH_LONG] = { 5, 2.2 },
		[RS_DASH_SHORT] = { 2.6, 1.8 },
		[RS_DASH_DOT] = { 1, 1.4 },
	};

	on_off[0] = lengths[dash][0];
	on_off[1] = lengths[dash][1];
	return dash == RS_DASH_SOLID ? 0 : 2;
}

/* ---- the canvas that is a cairo context ---- */

static void use_source(cairo_t *cr, uint32_t rgb, double alpha)
{
	cairo_set_source_rgba(cr, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0,
			      alpha);
}

static void cairo_move(void *user, double x, double y)
{
	cairo_move_to(user, x, y);
}

static void cairo_line(void *user, double x, double y)
{
	cairo_line_to(user, x, y);
}

static void cairo_close(void *user)
{
	cairo_close_path(user);
}

static void cairo_circle(void *user, double x, double y, double radius)
{
	cairo_new_sub_path(user);
	cairo_arc(user, x, y, radius, 0, 2 * G_PI);
	cairo_close_path(user);
}

static void cairo_show(void *user, const struct rs_ink *ink)
{
	cairo_t *cr = user;

	if (ink->fill != RS_NO_INK) {
		use_source(cr, ink->fill, ink->fill_alpha);
		cairo_fill_preserve(cr);
	}
	if (ink->stroke != RS_NO_INK) {
		double on_off[2];
		int n = rs_dash_lengths(ink->dash, on_off);

		use_source(cr, ink->stroke, 1);
		cairo_set_line_width(cr, ink->stroke_pt);
		cairo_set_dash(cr, on_off, n, 0);
		cairo_stroke_preserve(cr);
	}
	cairo_new_path(cr);
}

static void cairo_text(void *user, const struct rs_item *it, uint32_t ink)
{
	cairo_t *cr = user;
	PangoRectangle logical;

	pango_layout_get_extents(it->text, NULL, &logical);
	use_source(cr, ink, 1);
	cairo_save(cr);
	cairo_translate(cr, it->x, it->y);
	cairo_rotate(cr, it->angle);
	cairo_move_to(cr, -(double)logical.x / PANGO_SCALE, -(double)logical.y / PANGO_SCALE);
	pango_cairo_show_layout(cr, it->text);
	cairo_restore(cr);
	cairo_new_path(cr);
}

const struct rs_canvas rs_canvas_cairo = {
	.move = cairo_move,
	.line = cairo_line,
	.close = cairo_close,
	.circle = cairo_circle,
	.show = cairo_show,
	.text = cairo_text,
};
