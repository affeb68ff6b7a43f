/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The frame of bars and boxes: categories along the bottom, values upwards.  Category
 * labels never touch: they are set on several lines, else in smaller type, else turned
 * by 45, 60 or 90 degrees, else only every second, third, ... is shown and a note says so.
 */
#include "chart_priv.h"

#include <math.h>
#include <stdlib.h>

#include "restudy/base/mem.h"

#define LEAST_PLOT_PT 40.0

struct labels {
	struct rs_text *text;	/* owned, n of them */
	size_t n, every;
	double angle;		/* of the text, radian; 0: upright letters */
	double height;
};

static void clear_texts(struct labels *l)
{
	for (size_t i = 0; i < l->n; i++)
		rs_text_release(&l->text[i]);
}

static const char *category(const struct rs_fig *f, size_t i)
{
	return f->c->categories != NULL && f->c->categories[i] != NULL ? f->c->categories[i] : "";
}

static int try_wrapped(struct labels *l, const struct rs_fig *f, enum rs_face face, double slot)
{
	const double room = slot - 4;
	int whole = 1;

	if (room < 8)
		return 0;
	l->height = 0;
	for (size_t i = 0; i < l->n && whole; i++) {
		rs_text_release(&l->text[i]);
		l->text[i] = rs_text_set_name(f->s, face, category(f, i), room, 4);
		l->height = fmax(l->height, l->text[i].h);
		whole = rs_text_is_whole(&l->text[i], room);
	}
	return whole;
}

/* Sets all labels on at most lines lines of at most width_pt (0: as long as they are).
 * Whether nothing had to be cut. */
static int set_turned(struct labels *l, const struct rs_fig *f, double width_pt, int lines)
{
	int whole = 1;

	for (size_t i = 0; i < l->n; i++) {
		rs_text_release(&l->text[i]);
		l->text[i] = rs_text_set_name(f->s, RS_FACE_SMALL, category(f, i), width_pt, lines);
		whole = whole && (!(width_pt > 0) || rs_text_is_whole(&l->text[i], width_pt));
	}
	return whole;
}

static double widest(const struct labels *l)
{
	double w = 0;

	for (size_t i = 0; i < l->n; i++)
		w = fmax(w, l->text[i].w);
	return w;
}

static double thickest(const struct labels *l)
{
	double h = 0;

	for (size_t i = 0; i < l->n; i++)
		h = fmax(h, l->text[i].h);
	return h * 1.02;
}

struct limits {			/* of turned labels */
	double height, left;	/* at most: their height, and where the plot may begin */
};

/* Whether labels turned by degrees neither touch nor leave the figure on the left, after
 * the plot's left edge was moved as far as it may. */
static int fits_turned(struct labels *l, struct rs_fig *f, double degrees, const struct limits *most)
{
	double angle = degrees * G_PI / 180, left = f->left;

	l->height = 0;
	for (size_t i = 0; i < l->n; i++) {
		const struct rs_text *t = &l->text[i];
		double share = ((double)i + 0.5) / (double)l->n;
		double reach = t->w * cos(angle) + t->h / 2 * sin(angle) + 1;

		l->height = fmax(l->height, t->w * sin(angle) + t->h * cos(angle));
		/* left + share * (right - left) >= reach */
		left = fmax(left, (reach - share * f->right) / (1 - share));
	}
	if (l->height > most->height || left > most->left)
		return 0;
	if ((f->right - left) / (double)l->n * sin(angle) < thickest(l))
		return 0;
	f->left = left;
	l->angle = -angle;
	return 1;
}

/* One line, then two: a long name on two short lines reaches less far. */
static int try_turned(struct labels *l, struct rs_fig *f, const struct limits *most)
{
	static const double degrees[] = { 45, 60, 90 };

	for (size_t k = 0; k < RS_COUNT(degrees); k++) {
		double two;

		(void)set_turned(l, f, 0, 1);
		if (fits_turned(l, f, degrees[k], most))
			return 1;
		two = fmax(widest(l) * 0.62, 40);
		if (set_turned(l, f, two, 2) && fits_turned(l, f, degrees[k], most))
			return 1;
	}
	return 0;
}

/* The last resort cuts and thins. */
static void cut_upright(struct labels *l, const struct rs_fig *f, double slot, double most)
{
	double every;

	(void)set_turned(l, f, most, 3);
	if (thickest(l) > slot)
		(void)set_turned(l, f, most, 2);
	if (thickest(l) > slot)
		(void)set_turned(l, f, most, 1);
	every = ceil(thickest(l) / slot);
	l->every = every < 1 ? 1 : (size_t)every;
	l->angle = -G_PI / 2;
	l->height = widest(l);
}

static void fit_labels(struct labels *l, struct rs_fig *f)
{
	double slot = (f->right - f->left) / (double)l->n;
	double most = f->s->height_pt > 0 ? f->s->height_pt * 0.4 : fmin(120, f->s->width_pt * 0.38);
	struct limits strict, loose;

	l->every = 1;
	l->angle = 0;
	if (try_wrapped(l, f, RS_FACE_BODY, slot) || try_wrapped(l, f, RS_FACE_SMALL, slot))
		return;
	/* rather two lines or a steeper angle than a plot pushed aside */
	strict = (struct limits){ most * 0.7, f->left + f->s->width_pt * 0.07 };
	loose = (struct limits){ most, f->s->width_pt * 0.25 + 12 };
	if (!try_turned(l, f, &strict) && !try_turned(l, f, &loose))
		cut_upright(l, f, slot, most);
}

static void put_labels(struct labels *l, struct rs_fig *f)
{
	double slot = (f->right - f->left) / (double)l->n, y = f->bottom + f->under_pt + 3;

	for (size_t i = 0; i < l->n; i += l->every) {
		struct rs_text *t = &l->text[i];
		double x = f->left + ((double)i + 0.5) * slot;

		if (l->angle < 0) {	/* the middle of its end is below the middle of the slot */
			x += t->h / 2 * sin(l->angle);
			rs_text_put(f->scene, RS_ROLE_CATEGORY_LABEL, t, x, y, RS_ANCHOR_RIGHT, l->angle,
				    RS_INK);
		} else {
			rs_text_put(f->scene, RS_ROLE_CATEGORY_LABEL, t, x, y, RS_ANCHOR_CENTRE, 0, RS_INK);
		}
		if (f->scene->n_items > 0)
			rs_scene_tag(f->scene, 0, i);
	}
}

/* Chooses labels and axis for the room there is; notes are set as soon as it is known
 * whether labels had to be left out.  The plot's height; < LEAST_PLOT_PT: no room. */
static double arrange(struct rs_fig *f, struct labels *l, const struct rs_range *r,
		      struct rs_axis *axis, double below)
{
	double plot = rs_fig_plot_height(f);

	rs_fig_axis_up(f, axis, r, plot / 27);
	f->right = f->s->width_pt - 2;
	f->left = rs_fig_tick_width(f, axis) + 6;
	fit_labels(l, f);
	if (l->every > 1)
		rs_fig_extra(f, rs_word(f->s->lang, RS_WORD_THINNED));
	rs_fig_set_notes(f);
	if (f->s->height_pt > 0) {
		plot = f->s->height_pt - f->top - l->height - f->under_pt - 6 - below - f->notes_pt;
		/* fewer ticks in a lower plot never have wider labels than the margin holds */
		rs_fig_axis_up(f, axis, r, plot / 27);
		f->left = fmax(f->left, rs_fig_tick_width(f, axis) + 6);
	}
	return plot;
}

static int build_frame(struct rs_fig *f, struct labels *l, const struct rs_range *r,
		       struct rs_axis *axis, struct rs_text *title)
{
	double below = title->layout != NULL ? title->h + 3 : 0, plot;
	struct rs_axis first;
	double zero;

	rs_fig_axis_up(f, &first, r, 6);	/* its power of ten is in the title */
	rs_fig_value_title(f, &first);
	plot = arrange(f, l, r, axis, below);
	if (plot < LEAST_PLOT_PT)
		return -1;
	f->bottom = f->top + plot;
	axis->from = f->bottom;
	axis->to = f->top;
	rs_fig_value_axis(f, axis, f->left, f->right);
	zero = axis->lo <= 0 && axis->hi >= 0 ? rs_axis_at(axis, 0) : f->bottom;
	rs_scene_line(f->scene, RS_ROLE_AXIS, f->left, zero, f->right, zero, RS_INK, 0.6);
	put_labels(l, f);
	(void)rs_fig_put_below(f, title, f->bottom + f->under_pt + 5 + l->height);
	rs_fig_foot(f, f->bottom + f->under_pt + 3 + l->height + below);
	return 0;
}

int rs_fig_categories(struct rs_fig *f, const struct rs_range *r, enum rs_swatch swatch,
		      struct rs_axis *axis)
{
	struct labels l = { .n = f->c->n_categories };
	struct rs_text title = { NULL, 0, 0 };
	int rc;

	l.text = rs_alloc(l.n, sizeof(*l.text), &f->scene->err);
	if (l.text == NULL)
		return -1;
	f->top = 1;
	rs_fig_legend(f, swatch);
	if (f->c->category_title != NULL && f->c->category_title[0] != '\0')
		title = rs_text_set(f->s, RS_FACE_BODY, f->c->category_title, f->s->width_pt - 2, 2);
	rc = build_frame(f, &l, r, axis, &title);
	clear_texts(&l);
	free(l.text);
	rs_text_release(&title);
	if (rc < 0)
		rs_fig_message(f, rs_word(f->s->lang, RS_WORD_TOO_SMALL));
	return rc;
}
