/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values in the order they were measured, one panel for each category.  Without samples
 * the categories themselves are the times, and the chart is a line over them.
 */
#include "chart_priv.h"

#include <math.h>

#define BUCKETS_MAX 500		/* of a line; in each the smallest and largest value is drawn */
#define MARKED_MAX  60		/* samples with a marker each */

static void ranges(const struct rs_fig *f, size_t k, struct rs_range *x, struct rs_range *y)
{
	rs_range_add(x, 1);
	for (size_t s = 0; s < f->c->n_series; s++) {
		const struct rs_point *p = &f->c->series[s].points[k];

		for (size_t i = 0; i < p->n_samples; i++)
			rs_range_add(y, p->samples[i]);
		rs_range_add(x, (double)p->n_samples);
	}
	x->lo = 1;
	x->hi = fmax(1, x->hi);
	if (y->n > 0 && y->lo > 0 && y->lo < 0.4 * y->hi)
		rs_range_add(y, 0);
}

static void put_buckets(struct rs_fig *f, const struct rs_panel *p, const struct rs_point *point)
{
	size_t by = (point->n_samples + BUCKETS_MAX - 1) / BUCKETS_MAX;

	for (size_t i = 0; i < point->n_samples; i += by) {
		struct rs_range r = { 0, 0, 0, 0 };
		double x = rs_axis_at(&p->x, (double)i + (double)by / 2 + 0.5);

		for (size_t k = i; k < i + by && k < point->n_samples; k++)
			rs_range_add(&r, point->samples[k]);
		if (r.n == 0)
			continue;
		rs_scene_point(f->scene, x, rs_axis_at(&p->y, r.lo));
		rs_scene_point(f->scene, x, rs_axis_at(&p->y, r.hi));
	}
}

static void put_line(struct rs_fig *f, const struct rs_panel *p, const struct rs_point *point,
		     const struct rs_paint *paint)
{
	int open = 0;

	if (point->n_samples > 2 * BUCKETS_MAX) {
		if (rs_scene_path(f->scene, RS_ROLE_VALUE, paint->stroke, 0.6) != NULL)
			put_buckets(f, p, point);
		return;
	}
	for (size_t i = 0; i < point->n_samples; i++) {
		double v = point->samples[i];

		if (!rs_is_drawn(v)) {
			open = 0;
			continue;
		}
		if (!open && rs_scene_path(f->scene, RS_ROLE_VALUE, paint->stroke, 0.8) == NULL)
			return;
		open = 1;
		rs_scene_point(f->scene, rs_axis_at(&p->x, (double)(i + 1)), rs_axis_at(&p->y, v));
	}
}

static void put_marks(struct rs_fig *f, const struct rs_panel *p, const struct rs_point *point,
		      const struct rs_paint *paint)
{
	struct rs_paint cross = { .stroke = paint->stroke, .marker = RS_SHAPE_CROSS };

	for (size_t i = 0; i < point->n_samples && point->n_samples <= MARKED_MAX; i++) {
		double x = rs_axis_at(&p->x, (double)(i + 1));

		if (rs_is_drawn(point->samples[i]))
			rs_scene_marker(f->scene, RS_ROLE_SAMPLE, paint, x,
					rs_axis_at(&p->y, point->samples[i]), 1.6);
		else
			rs_scene_marker(f->scene, RS_ROLE_MISSING, &cross, x, p->bottom - 4, 1.7);
	}
}

static void draw(struct rs_fig *f, const struct rs_panel *p)
{
	size_t missing = 0;

	rs_fig_reference(f, &p->y, p->left, p->right);
	for (size_t s = 0; s < f->c->n_series; s++) {
		const struct rs_point *point = &f->c->series[s].points[p->category];
		struct rs_paint paint = rs_palette(rs_palette_slot(f->c, s), 0);

		if (!rs_point_has_samples(point)) {
			rs_fig_missing_above(f, point, &paint, missing++);
			rs_scene_tag(f->scene, s, p->category);
			continue;
		}
		put_line(f, p, point, &paint);
		put_marks(f, p, point, &paint);
	}
}

static int any_samples(const struct rs_chart *c)
{
	for (size_t s = 0; s < c->n_series; s++)
		for (size_t k = 0; k < c->n_categories; k++)
			if (rs_point_has_samples(&c->series[s].points[k]))
				return 1;
	return 0;
}

void rs_timeline_layout(struct rs_fig *f)
{
	const char *title = f->c->category_title;
	struct rs_panels spec = {
		.n = f->c->n_categories,
		.swatch = RS_SWATCH_MARKED_LINE,
		.x_is_whole = 1,
		.below_title = title != NULL ? title : rs_word(f->s->lang, RS_WORD_TRIAL),
		.ranges = ranges,
		.draw = draw,
	};

	if (any_samples(f->c))
		rs_panels_layout(f, &spec);
	else
		rs_guests_layout(f);
}
