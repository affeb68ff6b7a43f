/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Empirical cumulative distribution: share of samples that are at most x. */
#include "chart_priv.h"

#include <math.h>
#include <stdlib.h>

#define STEPS_MAX 600		/* drawn of one line; more would be narrower than a dot */

static void ranges(const struct rs_fig *f, size_t k, struct rs_range *x, struct rs_range *y)
{
	for (size_t s = 0; s < f->c->n_series; s++) {
		const struct rs_point *p = &f->c->series[s].points[k];

		for (size_t i = 0; i < p->n_samples; i++)
			rs_range_add(x, p->samples[i]);
		if (!rs_point_has_samples(p))
			rs_range_add(x, p->value);
	}
	rs_range_add(y, 0);
	rs_range_add(y, 1);
}

static void put_steps(struct rs_fig *f, const struct rs_panel *p, const struct rs_paint *paint,
		      const double *v, size_t n)
{
	struct rs_scene *s = f->scene;
	size_t by = n > STEPS_MAX ? n / STEPS_MAX : 1;
	struct rs_item *it = rs_scene_path(s, RS_ROLE_VALUE, paint->stroke, 1.1);
	double before = 0;

	if (it == NULL)
		return;
	it->dash = paint->dash;
	rs_scene_point(s, p->left, rs_axis_at(&p->y, 0));
	for (size_t i = by - 1; i < n; i += by) {
		double x = rs_axis_at(&p->x, v[i]), share = (double)(i + 1) / (double)n;

		rs_scene_point(s, x, rs_axis_at(&p->y, before));
		rs_scene_point(s, x, rs_axis_at(&p->y, share));
		before = share;
	}
	rs_scene_point(s, rs_axis_at(&p->x, v[n - 1]), rs_axis_at(&p->y, 1));
	rs_scene_point(s, p->right, rs_axis_at(&p->y, 1));
}

/* Between two quantiles nothing is known but that the line rises. */
static void put_quantiles(struct rs_fig *f, const struct rs_panel *p, const struct rs_paint *paint,
			  const struct rs_point *point)
{
	struct rs_item *it = rs_scene_path(f->scene, RS_ROLE_VALUE, paint->stroke, 1.1);

	if (it == NULL)
		return;
	it->dash = paint->dash;
	for (size_t i = 0; i < point->n_samples; i++)
		if (rs_is_drawn(point->samples[i]))
			rs_scene_point(f->scene, rs_axis_at(&p->x, point->samples[i]),
				       rs_axis_at(&p->y, f->c->shares[i]));
}

static void draw(struct rs_fig *f, const struct rs_panel *p)
{
	size_t missing = 0;

	for (size_t s = 0; s < f->c->n_series; s++) {
		const struct rs_point *point = &f->c->series[s].points[p->category];
		struct rs_paint paint = rs_palette(rs_palette_slot(f->c, s), 0);
		double *v;
		size_t n = 0;

		if (!rs_point_has_samples(point)) {
			if (!rs_is_drawn(point->value)) {
				rs_fig_missing_above(f, point, &paint, missing++);
				rs_scene_tag(f->scene, s, p->category);
			} else {
				put_steps(f, p, &paint, &point->value, 1);
			}
			continue;
		}
		if (f->c->shares != NULL) {
			put_quantiles(f, p, &paint, point);
			rs_scene_tag(f->scene, s, p->category);
			continue;
		}
		v = rs_point_sorted(point, &n, &f->scene->err);
		if (v == NULL)
			return;
		put_steps(f, p, &paint, v, n);
		rs_scene_tag(f->scene, s, p->category);
		free(v);
	}
	rs_fig_reference_across(f, &p->x);
}

/* Few slow answers would press all others against the axis: that the largest quantile is far
 * above every median. */
#define TAIL_FROM 20

static int has_long_tail(const struct rs_chart *c, double hi)
{
	double most = 0;

	for (size_t s = 0; c->shares != NULL && s < c->n_series; s++)
		for (size_t k = 0; k < c->n_categories; k++) {
			const struct rs_point *p = &c->series[s].points[k];
			size_t i = 0;

			while (i < p->n_samples && c->shares[i] < 0.5)
				i++;
			if (i < p->n_samples && rs_is_drawn(p->samples[i]))
				most = fmax(most, p->samples[i]);
		}
	return most > 0 && hi >= TAIL_FROM * most;
}

/* All have the same kind of axis.  What is in another panel does not decide: its unit may be
 * another, too. */
static int wants_log(const struct rs_fig *f)
{
	int wide = 0;

	for (size_t k = 0; k < f->c->n_categories; k++) {
		struct rs_range x = { 0, 0, 0, 0 }, y = { 0, 0, 0, 0 };

		ranges(f, k, &x, &y);
		if (x.n > 0 && !(x.lo > 0))
			return 0;
		wide |= x.n > 0 && (x.hi / x.lo >= RS_LOG_FROM || has_long_tail(f->c, x.hi));
	}
	return wide;
}

void rs_ecdf_layout(struct rs_fig *f)
{
	struct rs_panels spec = {
		.n = f->c->n_categories,
		.swatch = RS_SWATCH_LINE,
		.x_is_log = wants_log(f),
		.top_title = rs_word(f->s->lang, RS_WORD_SHARE),
		.ranges = ranges,
		.draw = draw,
	};

	if (spec.x_is_log)
		rs_fig_extra(f, rs_word(f->s->lang, RS_WORD_LOG));
	rs_panels_layout(f, &spec);
}
