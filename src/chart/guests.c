/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines over a number: how a value changes with the number of guests. */
#include "chart_priv.h"

#include <math.h>
#include <stdlib.h>

#include "restudy/base/mem.h"

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
	if (!f->log_up && y->lo > 0 && y->lo < 0.6 * y->hi)
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
	rs_fig_range_intervals(f, &r, f->log_up);
	if (x != NULL)
		rs_panels_layout(f, &spec);
	free(x);
}
