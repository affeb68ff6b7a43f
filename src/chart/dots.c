/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dot plot with intervals (Cleveland): one row for each category, values to the right.
 * Rows grow with their labels, so long names never touch.  Positive values that span a
 * factor of a thousand or more get a logarithmic axis.  Single samples are dots too, as long as
 * there are few enough to be seen.
 */
#include "chart_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"

#define HIGHEST_PT   620.0	/* of the plot: it has to stay on a page */
#define DODGE_PT     5.0	/* between the series of a row */
#define SAMPLES_MAX  400	/* single values drawn of one point */

struct rows {
	struct rs_fig *f;
	struct rs_text *label;	/* owned */
	size_t n, every;
	double height;		/* of a row */
	double pad;		/* above the first row and below the last: labels are higher */
	struct rs_axis axis;
	struct rs_text title;
};

static double measure_labels(struct rows *w)
{
	double room = w->f->s->width_pt * 0.4, widest = 0;

	for (size_t i = 0; i < w->n; i++) {
		const char *name = w->f->c->categories != NULL ? w->f->c->categories[i] : "";

		w->label[i] = rs_text_set_name(w->f->s, RS_FACE_BODY, name, room, 3);
		widest = fmax(widest, w->label[i].w);
		w->height = fmax(w->height, w->label[i].h + 4);
	}
	return widest;
}

/* Cuts all labels to one line and leaves out what still would touch. */
static void thin(struct rows *w)
{
	double line = 0, every;

	for (size_t i = 0; i < w->n; i++) {
		const char *name = w->f->c->categories != NULL ? w->f->c->categories[i] : "";

		rs_text_release(&w->label[i]);
		w->label[i] = rs_text_set_name(w->f->s, RS_FACE_SMALL, name, w->f->left - 7, 1);
		line = fmax(line, w->label[i].h);
	}
	every = ceil(line / w->height);
	w->every = every > 1 ? (size_t)every : 1;
	w->pad = fmax(w->pad, (line - w->height) / 2);
}

static double row_middle(const struct rows *w, size_t category)
{
	return w->f->top + w->pad + ((double)category + 0.5) * w->height;
}

static double dodge(const struct rows *w, size_t series)
{
	double n = (double)w->f->c->n_series;
	double step = fmin(DODGE_PT, (w->height - 4) / n);

	return ((double)series - (n - 1) / 2) * step;
}

static void put_samples(struct rows *w, const struct rs_point *p, const struct rs_paint *paint,
			double y)
{
	struct rs_paint dot = { .stroke = paint->stroke, .marker = RS_SHAPE_CIRCLE };

	for (size_t i = 0; i < p->n_samples && p->n_samples <= SAMPLES_MAX; i++) {
		struct rs_item *it;

		if (!rs_is_drawn(p->samples[i]) || (w->axis.log && !(p->samples[i] > 0)))
			continue;
		rs_scene_marker(w->f->scene, RS_ROLE_SAMPLE, &dot, rs_axis_at(&w->axis, p->samples[i]), y, 0.8);
		if (w->f->scene->err.kind != RS_ERR_NONE)
			return;
		it = &w->f->scene->items[w->f->scene->n_items - 1];
		it->fill = paint->stroke;
		it->stroke = RS_NO_INK;
		it->fill_alpha = 0.35;
	}
}

static void put_dot(struct rows *w, size_t series, size_t category)
{
	const struct rs_point *p = &w->f->c->series[series].points[category];
	struct rs_paint paint = rs_palette(rs_palette_slot(w->f->c, series), 0);
	double y = row_middle(w, category) + dodge(w, series), x;
	struct rs_scene *s = w->f->scene;

	if (!rs_is_drawn(p->value) && !rs_point_has_samples(p)) {
		/* letters of reasons stand beside each other */
		x = w->f->left + 5 + (w->f->n_reasons > 1 ? 11 * (double)series : 0);
		rs_fig_missing(w->f, p, &paint, fmin(x, w->f->right - 8), y, RS_ANCHOR_LEFT);
		rs_scene_tag(s, series, category);
		return;
	}
	put_samples(w, p, &paint, y);
	if (!rs_is_drawn(p->value))
		return;
	x = rs_axis_at(&w->axis, p->value);
	rs_fig_whisker_across(w->f, &w->axis, p, y, paint.stroke, 0.8);
	rs_scene_marker(s, RS_ROLE_VALUE, &paint, x, y, w->height < 6 ? 1.4 : 2.0);
	rs_scene_tag(s, series, category);
}

static void put_rows(struct rows *w)
{
	struct rs_fig *f = w->f;

	for (size_t k = 0; k < w->n; k++) {
		double y = row_middle(w, k);

		if (k > 0 && f->c->n_series > 1 && w->height > 8)
			rs_scene_line(f->scene, RS_ROLE_GRID, f->left, y - w->height / 2, f->right,
				      y - w->height / 2, RS_GRID, 0.4);
		if (f->c->n_series == 1)
			rs_scene_line(f->scene, RS_ROLE_GRID, f->left, y, f->right, y, RS_GRID, 0.4);
		if (k % w->every == 0) {
			rs_text_put(f->scene, RS_ROLE_CATEGORY_LABEL, &w->label[k], f->left - 5,
				    y - w->label[k].h / 2, RS_ANCHOR_RIGHT, 0, RS_INK);
			rs_scene_tag(f->scene, 0, k);
		}
		for (size_t s = 0; s < f->c->n_series; s++)
			put_dot(w, s, k);
	}
}

static double line_of(const struct rows *w)
{
	double h = 0;

	for (size_t i = 0; i < w->n; i++)
		h = fmax(h, w->label[i].h);
	return h;
}

/* What all rows together may have. */
static double room_for_rows(const struct rows *w, double below)
{
	const struct rs_fig *f = w->f;
	double room = f->s->height_pt - f->top - below - f->notes_pt - 4;

	return (f->s->height_pt > 0 ? room : HIGHEST_PT) - 2 * w->pad;
}

/* Height of rows within what the figure may have; -1: no room. */
static int fit_rows(struct rows *w, double below)
{
	const struct rs_fig *f = w->f;
	double line = f->s->line_pt[RS_FACE_SMALL], room, n = (double)w->n;

	if (f->n_reasons > 1)	/* letters stand beside marks in the first and last row */
		w->pad = f->s->line_pt[RS_FACE_TINY] / 2;
	w->height = fmax(w->height, fmin((double)f->c->n_series * DODGE_PT + 5, 150));
	room = room_for_rows(w, below);
	w->height = f->s->height_pt > 0 ? room / n : fmin(w->height, room / n);
	if (line_of(w) > w->height) {
		if (line > w->height)
			rs_fig_add_note(w->f, rs_word(f->s->lang, RS_WORD_THINNED));
		w->height = fmin(w->height, room_for_rows(w, below) / n);
		thin(w);
		room = room_for_rows(w, below);
		w->height = fmin(w->height, room / n);
		while ((double)w->every * w->height < line_of(w) && w->every < w->n)
			w->every++;
	}
	return w->height < 1.5 || room < 20 ? -1 : 0;
}

static int arrange(struct rows *w, struct rs_range *r)
{
	struct rs_fig *f = w->f;
	double widest, below;

	f->top = 1;
	rs_fig_legend(f, RS_SWATCH_MARKER);
	widest = measure_labels(w);
	f->left = widest + 8;
	f->right = f->s->width_pt - 3;
	rs_fig_choose_log(f, r);
	rs_fig_range_intervals(f, r, f->is_log);
	if (!f->is_log && r->lo > 0 && r->lo < 0.6 * r->hi)
		r->lo = 0;
	rs_fig_axis_across(f, &w->axis, r, f->is_log);
	w->title = rs_fig_across_title(f, &w->axis);
	below = f->s->line_pt[RS_FACE_SMALL] + 3 + (w->title.layout != NULL ? w->title.h + 2 : 0);
	rs_fig_set_notes(f);
	if (fit_rows(w, below) < 0)
		return -1;
	f->bottom = f->top + w->height * (double)w->n + 2 * w->pad;
	return 0;
}

void rs_dots_layout(struct rs_fig *f)
{
	struct rows w = { .f = f, .n = f->c->n_categories, .every = 1 };
	struct rs_range r = rs_range_of_samples(f->c);
	double y;

	rs_range_add(&r, f->c->reference);
	w.label = rs_alloc(w.n, sizeof(*w.label), &f->scene->err);
	if (w.label == NULL)
		return;
	if (arrange(&w, &r) < 0) {
		rs_fig_message(f, rs_word(f->s->lang, RS_WORD_TOO_SMALL));
	} else {
		rs_fig_put_across(f, &w.axis, 2.5);
		put_rows(&w);
		rs_fig_reference_across(f, &w.axis);
		y = f->bottom + 3 + f->s->line_pt[RS_FACE_SMALL];
		y = rs_fig_put_below(f, &w.title, y);
		rs_fig_foot(f, y);
	}
	for (size_t i = 0; i < w.n; i++)
		rs_text_release(&w.label[i]);
	rs_text_release(&w.title);
	free(w.label);
}
