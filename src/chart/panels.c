/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plots with numbers on both axes: one, or one for each category in a grid whose columns
 * share their margins.
 */
#include "chart_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "restudy/base/mem.h"

#define NARROWEST_PT 112.0	/* of a panel in a grid */
#define LOWEST_PT    48.0
#define HIGHEST_PT   640.0	/* of all rows together */
#define GUTTER_PT    12.0

struct grid {
	struct rs_fig *f;
	const struct rs_panels *spec;
	struct rs_panel *panel;		/* owned */
	size_t columns, rows;
	double width, plot, margin;	/* of a column, of a plot (height), left of a plot */
	double head, foot;		/* above and below each plot */
	double strip;			/* of the head: where series without a value are marked */
	struct rs_range x, y;		/* of all panels; n 0: each has its own */
};

/* Plots beside each other are read together: they have one scale, unless it would leave
 * less than this of it to one of them. */
#define LEAST_SHARE 0.35

static double extent(const struct rs_range *r, int is_log)
{
	return is_log ? log10(r->hi) - log10(r->lo) : r->hi - r->lo;
}

/* Whole numbers across are shared always: they are the same trials or guests. */
static void share_scales(struct grid *g)
{
	const struct rs_panels *spec = g->spec;
	struct rs_range x = { 0, 0, 0, 0 }, y = { 0, 0, 0, 0 }, one = { 0, 0, 0, 0 };
	double least_x = (double)INFINITY, least_y = (double)INFINITY;

	for (size_t k = 0; k < spec->n; k++) {
		struct rs_range px = one, py = one;

		spec->ranges(g->f, k, &px, &py);
		if (px.n > 0) {
			rs_range_add(&x, px.lo);
			rs_range_add(&x, px.hi);
			least_x = fmin(least_x, extent(&px, spec->x_is_log));
		}
		if (py.n > 0) {
			rs_range_add(&y, py.lo);
			rs_range_add(&y, py.hi);
			least_y = fmin(least_y, extent(&py, 0));
		}
	}
	if (spec->n < 2 || spec->x_values != NULL)
		return;
	if (spec->x_is_whole || least_x >= LEAST_SHARE * extent(&x, spec->x_is_log))
		g->x = x;
	if (least_y >= LEAST_SHARE * extent(&y, 0))
		g->y = y;
	if (g->x.n == 0 || g->y.n == 0)
		rs_fig_extra(g->f, rs_word(g->f->s->lang, RS_WORD_OWN_SCALES));
}

static void make_axes(struct grid *g, size_t k)
{
	const struct rs_panels *spec = g->spec;
	struct rs_panel *p = &g->panel[k];
	struct rs_range x = { 0, 0, 0, 0 }, y = { 0, 0, 0, 0 };

	p->category = k;
	spec->ranges(g->f, k, &x, &y);
	x = g->x.n > 0 ? g->x : x;
	y = g->y.n > 0 ? g->y : y;
	if (x.n == 0)
		rs_range_add(&x, 1);
	if (y.n == 0)
		rs_range_add(&y, 0);
	rs_fig_axis_up(g->f, &p->y, &y, g->plot / 27);
	p->left = g->f->left;
	if (spec->x_values != NULL) {
		rs_axis_at_values(&p->x, spec->x_values, spec->n_x_values);
	} else if (spec->x_is_whole) {
		double want = (g->width - 40) / 12;

		rs_axis_whole(&p->x, x.lo, x.hi, want);
	} else {
		/* ends and labels are settled when the panel has its place */
		p->x = (struct rs_axis){ .lo = x.lo, .hi = x.hi };
	}
}

static void place(struct grid *g, size_t k)
{
	struct rs_panel *p = &g->panel[k];
	double column = (double)(k % g->columns), row = (double)(k / g->columns);
	struct rs_fig *f = g->f;
	double top = f->top + row * (g->head + g->plot + g->foot);

	p->left = column * (g->width + GUTTER_PT) + g->margin;
	p->right = column * (g->width + GUTTER_PT) + g->width - 3 - g->spec->aside_pt;
	p->top = top + g->head;
	p->bottom = p->top + g->plot;
	p->y.from = p->bottom;
	p->y.to = p->top;
	if (g->spec->x_is_whole || g->spec->x_values != NULL) {
		double inset = fmin(8, (p->right - p->left) * 0.05);

		p->x.from = p->left + inset;
		p->x.to = p->right - inset;
	} else {
		struct rs_range r = { p->x.lo, p->x.hi, p->x.lo, 2 };

		f->left = p->left;
		f->right = p->right;
		rs_fig_axis_across(f, &p->x, &r, g->spec->x_is_log);
		p->right = f->right;
	}
}

/* The panel's title, on two lines when it is long, with its axis's power of ten. */
static struct rs_text panel_title(const struct grid *g, size_t k)
{
	const struct rs_fig *f = g->f;
	const char *name = f->c->categories != NULL ? f->c->categories[k] : NULL;
	int exponent = g->panel[k].y.exponent;
	char power[40] = "", text[400];

	if (exponent != 0)
		rs_chart_power(power, sizeof(power), exponent);
	snprintf(text, sizeof(text), "%.340s%s%s%s", name != NULL ? name : "", exponent != 0 ? " (×" : "",
		 power, exponent != 0 ? ")" : "");
	return rs_text_set(f->s, RS_FACE_BOLD, text, g->width - 2, 2);
}

static void put_head(struct grid *g, const struct rs_panel *p)
{
	struct rs_text t;

	if (g->spec->n < 2)
		return;
	t = panel_title(g, p->category);
	rs_text_put(g->f->scene, RS_ROLE_CATEGORY_LABEL, &t, p->left - g->margin + 1,
		    p->top - g->strip - t.h - g->f->s->line_pt[RS_FACE_SMALL] / 2 - 1, RS_ANCHOR_LEFT, 0,
		    RS_INK);
	rs_scene_tag(g->f->scene, 0, p->category);
}

static double head_height(const struct grid *g)
{
	double highest = 0;

	for (size_t k = 0; k < g->spec->n && g->spec->n > 1; k++) {
		struct rs_text t = panel_title(g, k);

		highest = fmax(highest, t.h);
		rs_text_release(&t);
	}
	return highest > 0 ? highest + g->f->s->line_pt[RS_FACE_SMALL] / 2 + 1 : 0;
}

static void put_panel(struct grid *g, size_t k)
{
	struct rs_panel *p = &g->panel[k];
	struct rs_fig *f = g->f;
	double top = f->top;

	place(g, k);
	put_head(g, p);
	f->left = p->left;
	f->right = p->right;
	f->top = p->top;
	f->bottom = p->bottom;
	rs_fig_value_axis(f, &p->y, p->left, p->right);
	/* below the lowest label of the axis upwards */
	rs_fig_put_across(f, &p->x, f->s->line_pt[RS_FACE_SMALL] / 2 + 0.3);
	g->spec->draw(f, p);
	f->top = top;
}

static int arrange(struct grid *g)
{
	struct rs_fig *f = g->f;
	double n = (double)g->spec->n, columns, room = HIGHEST_PT;
	double below = f->s->line_pt[RS_FACE_BODY] + 4;

	columns = floor((f->s->width_pt + GUTTER_PT) / (NARROWEST_PT + GUTTER_PT));
	g->columns = columns < 1 ? 1 : columns > n ? g->spec->n : (size_t)columns;
	g->rows = (g->spec->n + g->columns - 1) / g->columns;
	g->width = (f->s->width_pt - GUTTER_PT * (double)(g->columns - 1)) / (double)g->columns;
	g->plot = LOWEST_PT;
	for (size_t k = 0; k < g->spec->n; k++)
		make_axes(g, k);	/* for the powers of ten in the titles */
	g->strip = f->n_reasons > 0 && f->c->kind != RS_CHART_GUESTS ? f->s->line_pt[RS_FACE_TINY] : 0;
	g->head = head_height(g) + g->strip;
	g->foot = f->s->line_pt[RS_FACE_SMALL] * 1.5 + (g->rows > 1 ? 8 : 1);
	g->plot = g->spec->n > 1 ? 80 : rs_fig_plot_height(f);
	if (f->s->height_pt > 0)
		room = f->s->height_pt - f->top - f->notes_pt - below;
	room = room / (double)g->rows - g->head - g->foot;
	g->plot = f->s->height_pt > 0 ? room : fmin(g->plot, room);
	return g->plot < LOWEST_PT ? -1 : 0;
}

/* The value axis is the first panel's: one has its power of ten in the title, of several
 * each has its own. */
static void put_top_title(struct rs_fig *f, const struct rs_panels *spec)
{
	struct rs_range x = { 0, 0, 0, 0 }, y = { 0, 0, 0, 0 };
	struct rs_axis axis = { .log = 1 };

	if (spec->top_title != NULL) {
		rs_fig_top_title(f, spec->top_title);
		return;
	}
	spec->ranges(f, 0, &x, &y);
	if (spec->n == 1)
		rs_fig_axis_up(f, &axis, &y, 5);
	rs_fig_value_title(f, &axis);
}

static struct rs_text below_title(struct grid *g)
{
	struct rs_axis none = { .log = 1 };

	if (g->spec->below_title == NULL)
		return rs_fig_across_title(g->f, g->spec->n == 1 ? &g->panel[0].x : &none);
	return rs_text_set(g->f->s, RS_FACE_BODY, g->spec->below_title, g->f->s->width_pt - 2, 2);
}

static void build(struct grid *g)
{
	struct rs_fig *f = g->f;
	struct rs_text title;
	double y;

	for (size_t k = 0; k < g->spec->n; k++) {
		make_axes(g, k);
		g->margin = fmax(g->margin, rs_fig_tick_width(f, &g->panel[k].y) + 6);
	}
	for (size_t k = 0; k < g->spec->n; k++)
		put_panel(g, k);
	y = f->top + (double)g->rows * (g->head + g->plot + g->foot);
	f->left = g->margin;
	f->right = f->s->width_pt - 2 - g->spec->aside_pt;
	title = below_title(g);
	y = rs_fig_put_below(f, &title, y - (g->rows > 1 ? 6 : 0));
	rs_fig_foot(f, y);
}

void rs_panels_layout(struct rs_fig *f, const struct rs_panels *spec)
{
	struct grid g = { .f = f, .spec = spec };

	f->top = 1;
	if (!(spec->aside_pt > 0))
		rs_fig_legend(f, spec->swatch);
	put_top_title(f, spec);
	share_scales(&g);
	rs_fig_set_notes(f);
	g.panel = rs_alloc(spec->n, sizeof(*g.panel), &f->scene->err);
	if (g.panel == NULL)
		return;
	if (arrange(&g) < 0) {
		char message[300];

		snprintf(message, sizeof(message), "%s (%zu × %.0f mm)",
			 rs_word(f->s->lang, RS_WORD_TOO_SMALL), spec->n, f->s->width_pt * 25.4 / 72);
		rs_fig_message(f, message);
	} else {
		build(&g);
	}
	free(g.panel);
}
