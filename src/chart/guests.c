/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines over a number: how a value changes with the number of guests.  Where there is room,
 * the names of a few lines stand at their ends instead of in a legend.
 */
#include "chart_priv.h"

#include <math.h>
#include <stdlib.h>

#include "restudy/base/mem.h"

#define NAMED_MAX 6
#define MARK_PT	  7.0		/* the mark before a name */

static double x_of(const struct rs_chart *c, size_t k)
{
	if (c->category_x != NULL && rs_is_drawn(c->category_x[k]))
		return c->category_x[k];
	return (double)(k + 1);
}

static void ranges(const struct rs_fig *f, size_t k, struct rs_range *x, struct rs_range *y)
{
	(void)k;
	*y = rs_range_of_values(f->c);
	rs_range_add(y, f->c->reference);
	rs_range_add_intervals(f, y);
	if (!f->is_log && y->lo > 0 && y->lo < 0.6 * y->hi)
		rs_range_add(y, 0);
	for (size_t i = 0; i < f->c->n_categories; i++)
		rs_range_add(x, x_of(f->c, i));
}

/* Categories in the order of their x; owned by the caller. */
static size_t *in_order(const struct rs_chart *c, struct rs_err *err)
{
	size_t *order = rs_alloc(c->n_categories, sizeof(*order), err);

	for (size_t i = 0; order != NULL && i < c->n_categories; i++) {
		size_t at = i;

		while (at > 0 && x_of(c, order[at - 1]) > x_of(c, i)) {
			order[at] = order[at - 1];
			at--;
		}
		order[at] = i;
	}
	return order;
}

/* A little beside its place, so that the intervals of several lines stay apart. */
static double aside(const struct rs_fig *f, size_t series)
{
	double n = (double)f->c->n_series;

	return ((double)series - (n - 1) / 2) * fmin(1.6, 8 / n);
}

static void put_line(struct rs_fig *f, const struct rs_panel *p, size_t series, const size_t *order)
{
	const struct rs_point *points = f->c->series[series].points;
	struct rs_paint paint = rs_palette(rs_palette_slot(f->c, series), 0);
	int open = 0;

	for (size_t i = 0; i < f->c->n_categories; i++) {
		const struct rs_point *q = &points[order[i]];
		double x = rs_axis_at(&p->x, x_of(f->c, order[i])) + aside(f, series);

		if (!rs_is_drawn(q->value)) {
			open = 0;
			continue;
		}
		if (!open && rs_scene_path(f->scene, RS_ROLE_AXIS, paint.stroke, 0.9) == NULL)
			return;
		open = 1;
		rs_scene_point(f->scene, x, rs_axis_at(&p->y, q->value));
	}
}

/* The least distance of two neighbours in points. */
static double least_gap(const struct rs_fig *f, const struct rs_panel *p, const size_t *order)
{
	double gap = p->right - p->left;

	for (size_t i = 1; i < f->c->n_categories; i++)
		gap = fmin(gap, rs_axis_at(&p->x, x_of(f->c, order[i])) -
					rs_axis_at(&p->x, x_of(f->c, order[i - 1])));
	return gap;
}

static void put_points(struct rs_fig *f, const struct rs_panel *p, size_t series, const size_t *order)
{
	double n = (double)f->c->n_series, column = fmax(0.1, least_gap(f, p, order) / n);
	struct rs_paint paint = rs_palette(rs_palette_slot(f->c, series), 0);

	for (size_t i = 0; i < f->c->n_categories; i++) {
		size_t k = order[i];
		const struct rs_point *q = &f->c->series[series].points[k];
		double x = rs_axis_at(&p->x, x_of(f->c, k)) + aside(f, series);

		if (!rs_is_drawn(q->value)) {
			if (rs_fig_is_missing(f->c, q)) {
				rs_fig_missing_column(f, q, &paint, x, p->bottom, column,
						      i * f->c->n_series + series);
				rs_scene_tag(f->scene, series, k);
			}
			continue;
		}
		rs_fig_whisker(f, &p->y, q, x, 0, paint.stroke, 0.6);
		rs_scene_marker(f->scene, RS_ROLE_VALUE, &paint, x, rs_axis_at(&p->y, q->value),
				f->c->n_categories > 40 ? 1.1 : 2.0);
		rs_scene_tag(f->scene, series, k);
	}
}

/* ---- names at the ends of lines ---- */

struct end {
	size_t series;
	double x, y;		/* the line's last point */
	double at, h;		/* top and height of the name */
	struct rs_text name;
};

/* Room for names at the right; 0: they go into a legend. */
static double room_for_names(const struct rs_fig *f)
{
	const struct rs_chart *c = f->c;
	double plot = f->s->height_pt > 0 ? 44 : 80, widest = 0, high = 0;

	if (c->n_series < 2 || c->n_series > NAMED_MAX || c->reference_label != NULL)
		return 0;
	for (size_t s = 0; s < c->n_series; s++) {
		struct rs_text t = rs_text_set(f->s, RS_FACE_BODY, c->series[s].name, 0, 1);
		int drawn = 0;

		for (size_t k = 0; k < c->n_categories; k++)
			drawn |= rs_is_drawn(c->series[s].points[k].value);
		widest = drawn && t.w > 1 ? fmax(widest, t.w) : f->s->width_pt;
		high += t.h;
		rs_text_release(&t);
	}
	return high > plot || widest > 0.25 * f->s->width_pt ? 0 : widest + MARK_PT + 4;
}

/* Tops of the names: near the lines' ends, in their order, none on another. */
static void spread(struct end *e, size_t n, double top, double bottom)
{
	double free_from = top, free_to = bottom;

	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && e[k].y < e[k - 1].y; k--) {
			struct end t = e[k];

			e[k] = e[k - 1];
			e[k - 1] = t;
		}
	for (size_t i = 0; i < n; i++) {
		e[i].at = fmax(free_from, e[i].y - e[i].h / 2);
		free_from = e[i].at + e[i].h;
	}
	for (size_t i = n; i-- > 0;) {
		e[i].at = fmin(e[i].at, free_to - e[i].h);
		free_to = e[i].at;
	}
}

static struct end end_of(const struct rs_fig *f, const struct rs_panel *p, size_t series, const size_t *order)
{
	const struct rs_point *points = f->c->series[series].points;
	struct end e = { .series = series };

	for (size_t i = 0; i < f->c->n_categories; i++)
		if (rs_is_drawn(points[order[i]].value)) {
			e.x = rs_axis_at(&p->x, x_of(f->c, order[i])) + aside(f, series);
			e.y = rs_axis_at(&p->y, points[order[i]].value);
		}
	e.name = rs_text_set(f->s, RS_FACE_BODY, f->c->series[series].name, 0, 1);
	e.h = e.name.h;
	return e;
}

/* Dotted and grey, so that it is not taken for a part of the line. */
static void put_leader(struct rs_fig *f, double x0, double y0, double x1, double y1)
{
	struct rs_item *it = rs_scene_path(f->scene, RS_ROLE_AXIS, RS_SOFT, 0.4);

	if (it == NULL)
		return;
	it->dash = RS_DASH_DOT;
	rs_scene_point(f->scene, x0, y0);
	rs_scene_point(f->scene, x1, y1);
}

static void put_names(struct rs_fig *f, const struct rs_panel *p, const size_t *order)
{
	struct end e[NAMED_MAX];
	size_t n = f->c->n_series;

	for (size_t s = 0; s < n; s++)
		e[s] = end_of(f, p, s, order);
	spread(e, n, p->top - 2, p->bottom + 2);
	for (size_t i = 0; i < n; i++) {
		struct rs_paint paint = rs_palette(rs_palette_slot(f->c, e[i].series), 0);
		double middle = e[i].at + e[i].h / 2, x = p->right + 4;

		put_leader(f, e[i].x + 3, e[i].y, x - 2, middle);
		rs_scene_marker(f->scene, RS_ROLE_LEGEND, &paint, x + 2, middle, 2.0);
		rs_text_put(f->scene, RS_ROLE_LEGEND_LABEL, &e[i].name, x + MARK_PT, e[i].at, RS_ANCHOR_LEFT, 0,
			    RS_INK);
	}
}

static void draw(struct rs_fig *f, const struct rs_panel *p)
{
	size_t *order = in_order(f->c, &f->scene->err);

	if (order == NULL)
		return;
	rs_fig_reference(f, &p->y, p->left, p->right);
	for (size_t s = 0; s < f->c->n_series; s++)
		put_line(f, p, s, order);
	for (size_t s = 0; s < f->c->n_series; s++)
		put_points(f, p, s, order);
	if (room_for_names(f) > 0)
		put_names(f, p, order);
	free(order);
}

/* The x of all categories in ascending order; owned by the caller. */
static double *all_x(const struct rs_chart *c, struct rs_err *err)
{
	size_t *order = in_order(c, err);
	double *x = order == NULL ? NULL : rs_alloc(c->n_categories, sizeof(*x), err);

	for (size_t i = 0; x != NULL && i < c->n_categories; i++)
		x[i] = x_of(c, order[i]);
	free(order);
	return x;
}

void rs_guests_layout(struct rs_fig *f)
{
	const char *title = f->c->category_title;
	double *x = all_x(f->c, &f->scene->err);
	struct rs_range r = rs_range_of_values(f->c);
	struct rs_panels spec = {
		.n = 1,
		.swatch = RS_SWATCH_MARKED_LINE,
		.aside_pt = room_for_names(f),
		.x_is_whole = 1,
		.x_values = f->c->n_categories <= RS_TICKS_MAX ? x : NULL,
		.n_x_values = f->c->n_categories,
		.below_title = title != NULL ? title :
			       rs_word(f->s->lang, f->c->kind == RS_CHART_TIME ? RS_WORD_TRIAL :
										 RS_WORD_GUESTS),
		.ranges = ranges,
		.draw = draw,
	};

	rs_range_add(&r, f->c->reference);
	rs_fig_choose_log(f, &r);
	rs_fig_range_intervals(f, &r, f->is_log);
	if (x != NULL)
		rs_panels_layout(f, &spec);
	free(x);
}
