/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Box and strip: quartiles of type 7, whiskers to the last sample within 1.5 times the
 * interquartile range (Tukey, Exploratory Data Analysis, 1977), and the samples
 * themselves.  With fewer than five samples a box would claim more than is known: then
 * the samples and their median are drawn.
 */
#include "chart_priv.h"

#include <math.h>
#include <stdlib.h>

#include "restudy/base/mem.h"
#include "restudy/stats.h"

#define BOX_FROM    5		/* samples */
#define STRIP_MAX   250		/* samples drawn one by one; of more only the outlying ones */
#define OUTLYING_MAX 400

struct boxes {
	struct rs_fig *f;
	struct rs_axis axis;
	double slot, width;
};

struct column {			/* one box: sorted finite samples and where it stands */
	double *v;
	size_t n;
	double x, width;
	struct rs_paint paint;
	double low, q1, median, q3, high;	/* low, high: ends of the whiskers */
};

static int take_samples(struct column *c, const struct rs_point *p, struct rs_err *err)
{
	double reach;

	c->v = rs_point_sorted(p, &c->n, err);
	if (c->v == NULL)
		return -1;
	c->q1 = rs_quantile(c->v, c->n, 0.25);
	c->median = rs_quantile(c->v, c->n, 0.5);
	c->q3 = rs_quantile(c->v, c->n, 0.75);
	reach = 1.5 * (c->q3 - c->q1);
	c->low = c->q1;
	c->high = c->q3;
	for (size_t i = c->n; i-- > 0;)
		if (c->v[i] >= c->q1 - reach)
			c->low = c->v[i];
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i] <= c->q3 + reach)
			c->high = c->v[i];
	c->low = fmin(c->low, c->q1);
	c->high = fmax(c->high, c->q3);
	return 0;
}

/* Where in [-0.5, 0.5] sample i stands beside the middle: the golden ratio's multiples
 * spread evenly, and the same way every time. */
static double beside(size_t i)
{
	double t = (double)i * 0.6180339887498949 + 0.5;

	return t - floor(t) - 0.5;
}

/* Without a box the samples themselves tell the series. */
static void put_few(struct boxes *b, const struct column *c)
{
	for (size_t i = 0; i < c->n; i++)
		rs_scene_marker(b->f->scene, RS_ROLE_SAMPLE, &c->paint, c->x + beside(i) * c->width * 0.55,
				rs_axis_at(&b->axis, c->v[i]), fmin(1.8, c->width * 0.2));
}

static void put_strip(struct boxes *b, const struct column *c)
{
	struct rs_paint dot = { .stroke = c->paint.stroke, .marker = RS_SHAPE_CIRCLE };
	struct rs_scene *s = b->f->scene;
	int all = c->n <= STRIP_MAX;
	size_t drawn = 0;

	for (size_t i = 0; i < c->n && drawn < OUTLYING_MAX; i++) {
		/* of many the outermost first, from both ends: none of these is left out */
		size_t k = all ? i : i % 2 == 0 ? i / 2 : c->n - 1 - i / 2;
		double x = c->x + beside(i) * c->width * 0.55;

		if (!all && c->v[k] >= c->low && c->v[k] <= c->high)
			continue;
		drawn++;
		rs_scene_marker(s, RS_ROLE_SAMPLE, &dot, x, rs_axis_at(&b->axis, c->v[k]),
				fmin(1.1, c->width * 0.12));
		if (s->err.kind != RS_ERR_NONE)
			return;
		s->items[s->n_items - 1].stroke = RS_NO_INK;
		s->items[s->n_items - 1].fill = c->paint.stroke;
		s->items[s->n_items - 1].fill_alpha = 0.55;
	}
}

static void put_box(struct boxes *b, const struct column *c)
{
	struct rs_scene *s = b->f->scene;
	double half = c->width / 2, top = rs_axis_at(&b->axis, c->q3);
	double bottom = rs_axis_at(&b->axis, c->q1);

	rs_scene_line(s, RS_ROLE_INTERVAL, c->x, bottom, c->x, rs_axis_at(&b->axis, c->low), RS_INK, 0.6);
	rs_scene_line(s, RS_ROLE_INTERVAL, c->x, top, c->x, rs_axis_at(&b->axis, c->high), RS_INK, 0.6);
	rs_scene_rect(s, RS_ROLE_VALUE, c->x - half, top, c->width, bottom - top, c->paint.fill);
	if (s->err.kind != RS_ERR_NONE)
		return;
	s->items[s->n_items - 1].fill_alpha = RS_TINT;
	s->items[s->n_items - 1].hatch = RS_HATCH_NONE;
	s->items[s->n_items - 1].stroke = c->paint.stroke;
	s->items[s->n_items - 1].stroke_pt = 0.6;
}

static void put_column(struct boxes *b, size_t series, size_t category)
{
	const struct rs_fig *f = b->f;
	const struct rs_point *p = &f->c->series[series].points[category];
	struct column c = { .width = b->width * 0.8 };
	double n = (double)f->c->n_series, half, y;

	c.paint = rs_palette(rs_palette_slot(f->c, series), 0);
	c.x = f->left + ((double)category + 0.5) * b->slot + ((double)series - (n - 1) / 2) * b->width;
	if (!rs_point_has_samples(p)) {
		if (rs_is_drawn(p->value))
			rs_scene_marker(f->scene, RS_ROLE_VALUE, &c.paint, c.x, rs_axis_at(&b->axis, p->value), 2);
		else
			rs_fig_missing_column(b->f, p, &c.paint, c.x, f->bottom, b->width,
					      category * f->c->n_series + series);
		rs_scene_tag(f->scene, series, category);
		return;
	}
	if (take_samples(&c, p, &f->scene->err) < 0)
		return;
	if (c.n >= BOX_FROM) {
		put_box(b, &c);
		rs_scene_tag(f->scene, series, category);
		put_strip(b, &c);
	}
	half = c.width / 2;
	y = rs_axis_at(&b->axis, c.median);
	rs_scene_line(f->scene, RS_ROLE_VALUE, c.x - half, y, c.x + half, y,
		      c.n >= BOX_FROM ? RS_INK : c.paint.stroke, 1.1);
	rs_scene_tag(f->scene, series, category);
	if (c.n < BOX_FROM)
		put_few(b, &c);
	free(c.v);
}

void rs_box_layout(struct rs_fig *f)
{
	struct rs_range r = rs_range_of_samples(f->c);
	struct boxes b = { .f = f };
	double slot = (f->s->width_pt - 36) / (double)f->c->n_categories;

	if (slot * 0.8 / (double)f->c->n_series < 2.2) {
		rs_fig_extra(f, rs_word(f->s->lang, RS_WORD_AS_DOTS));
		rs_dots_layout(f);
		return;
	}
	rs_range_add(&r, f->c->reference);
	rs_fig_choose_log(f, &r);
	if (!f->is_log && r.lo > 0 && r.lo < 0.5 * r.hi)
		rs_range_add(&r, 0);
	if (rs_fig_categories(f, &r, RS_SWATCH_TINT, &b.axis) < 0)
		return;
	b.slot = (f->right - f->left) / (double)f->c->n_categories;
	b.width = fmin(34, b.slot * 0.8 / (double)f->c->n_series);
	for (size_t k = 0; k < f->c->n_categories; k++)
		for (size_t s = 0; s < f->c->n_series; s++)
			put_column(&b, s, k);
	rs_fig_reference(f, &b.axis, f->left, f->right);
}
