/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all kinds share: ranges, reasons of missing points, legend, titles, notes. */
#include "chart_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"

#define LINES_N 12		/* that look different: six colours, each with two of four dashes */
#define MARGIN_PT 1.0		/* around the figure, so that no line is cut in half */

int rs_is_drawn(double v)
{
	return isfinite(v) && fabs(v) <= 1e290;
}

void rs_range_add(struct rs_range *r, double v)
{
	if (!rs_is_drawn(v))
		return;
	r->lo = r->n == 0 ? v : fmin(r->lo, v);
	r->hi = r->n == 0 ? v : fmax(r->hi, v);
	if (v > 0 && (!(r->least > 0) || v < r->least))
		r->least = v;
	r->n++;
}

struct rs_range rs_range_of_values(const struct rs_chart *c)
{
	struct rs_range r = { 0, 0, 0, 0 };

	for (size_t s = 0; s < c->n_series; s++) {
		for (size_t k = 0; k < c->n_categories; k++) {
			const struct rs_point *p = &c->series[s].points[k];

			rs_range_add(&r, p->value);
		}
	}
	return r;
}

struct rs_range rs_range_of_samples(const struct rs_chart *c)
{
	struct rs_range r = rs_range_of_values(c);

	for (size_t s = 0; s < c->n_series; s++)
		for (size_t k = 0; k < c->n_categories; k++)
			for (size_t i = 0; i < c->series[s].points[k].n_samples; i++)
				rs_range_add(&r, c->series[s].points[k].samples[i]);
	return r;
}

int rs_point_has_samples(const struct rs_point *p)
{
	for (size_t i = 0; i < p->n_samples; i++)
		if (rs_is_drawn(p->samples[i]))
			return 1;
	return 0;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double *rs_point_sorted(const struct rs_point *p, size_t *ret_n, struct rs_err *err)
{
	double *v = rs_alloc(p->n_samples, sizeof(*v), err);

	*ret_n = 0;
	if (v == NULL)
		return NULL;
	for (size_t i = 0; i < p->n_samples; i++)
		if (rs_is_drawn(p->samples[i]))
			v[(*ret_n)++] = p->samples[i];
	qsort(v, *ret_n, sizeof(*v), ascending);
	return v;
}

int rs_fig_is_missing(const struct rs_chart *c, const struct rs_point *p)
{
	if (rs_is_drawn(p->value) || rs_point_has_samples(p))
		return 0;
	return c->kind != RS_CHART_GUESTS || !isnan(p->value) || p->note != NULL;
}

const char *rs_point_reason(const struct rs_point *p, enum rs_chart_lang lang)
{
	if (p->note != NULL && p->note[0] != '\0')
		return p->note;
	return rs_word(lang, isnan(p->value) ? RS_WORD_NOT_MEASURED : RS_WORD_NOT_FINITE);
}

/* The place of a reason among the footnotes, n_reasons when it has none. */
static size_t place_of(const struct rs_fig *f, const char *reason)
{
	size_t i = 0;

	while (i < f->n_reasons && strcmp(f->reason[i], reason) != 0)
		i++;
	return i;
}

void rs_fig_collect_reasons(struct rs_fig *f)
{
	const struct rs_chart *c = f->c;

	for (size_t k = 0; k < c->n_categories; k++) {	/* letters run from left to right */
		for (size_t s = 0; s < c->n_series; s++) {
			const struct rs_point *p = &c->series[s].points[k];
			const char *reason = rs_point_reason(p, f->s->lang);

			if (!rs_fig_is_missing(c, p) || place_of(f, reason) < f->n_reasons)
				continue;
			if (f->n_reasons < RS_REASONS_MAX)
				f->reason[f->n_reasons++] = reason;
			else
				f->n_unlisted++;
		}
	}
}

void rs_fig_extra(struct rs_fig *f, const char *note)
{
	if (f->n_extra < RS_COUNT(f->extra))
		f->extra[f->n_extra++] = note;
}

void rs_fig_missing(struct rs_fig *f, const struct rs_point *p, const struct rs_paint *paint,
		    double x, double y, enum rs_anchor anchor)
{
	struct rs_paint cross = { .stroke = paint->stroke, .marker = RS_SHAPE_CROSS };
	char letter[2] = { (char)('a' + (char)place_of(f, rs_point_reason(p, f->s->lang))), '\0' };
	struct rs_text t;

	rs_scene_marker(f->scene, RS_ROLE_MISSING, &cross, x, y, 1.7);
	if (f->n_reasons < 2 || anchor == RS_ANCHOR_RIGHT)
		return;
	t = rs_text_set(f->s, RS_FACE_TINY, letter, 0, 1);
	if (anchor == RS_ANCHOR_CENTRE)
		y -= 2.2 + t.h;
	else {
		y -= t.h / 2 + 1;
		x += 3;
	}
	rs_text_put(f->scene, RS_ROLE_VALUE_LABEL, &t, x, y, anchor, 0, RS_INK);
}

void rs_fig_missing_column(struct rs_fig *f, const struct rs_point *p, const struct rs_paint *paint,
			   double x, double y, double width_pt, size_t i)
{
	int lettered = f->n_reasons > 1;
	double wide = lettered ? f->s->size_pt[RS_FACE_TINY] * 0.75 + 1 : 4;
	double high = lettered ? f->s->line_pt[RS_FACE_TINY] + 4.5 : 4.5;
	double levels = ceil(wide / width_pt), room = floor((y - f->top) / high);

	if (levels > room) {
		rs_fig_missing(f, p, paint, x, y - 4.5, RS_ANCHOR_RIGHT);
		return;
	}
	rs_fig_missing(f, p, paint, x, y - 4.5 - high * fmod((double)i, levels), RS_ANCHOR_CENTRE);
}

void rs_fig_missing_above(struct rs_fig *f, const struct rs_point *p, const struct rs_paint *paint,
			  size_t i)
{
	double x = f->right - 10 - 12 * (double)i;

	if (x > f->left)	/* else the footnote has to do */
		rs_fig_missing(f, p, paint, x, f->top - 4, RS_ANCHOR_LEFT);
}

double rs_fig_plot_height(const struct rs_fig *f)
{
	return fmax(95, fmin(200, 60 + 0.27 * f->s->width_pt));
}

/* ---- legend ---- */

struct entry {
	struct rs_text text;
	struct rs_paint paint;
	int series;		/* -1: the reference line */
};

#define SWATCH_PT 14.0
#define BETWEEN_PT 10.0

static void put_line_swatch(struct rs_fig *f, double x, double y, uint32_t ink, double width,
			    enum rs_dash dash)
{
	struct rs_item *it = rs_scene_path(f->scene, RS_ROLE_LEGEND, ink, width);

	rs_scene_point(f->scene, x, y);
	rs_scene_point(f->scene, x + SWATCH_PT - 2.5, y);
	if (it != NULL)
		it->dash = dash;
}

static void put_swatch(struct rs_fig *f, const struct entry *e, enum rs_swatch swatch, double x,
		       double middle)
{
	struct rs_scene *s = f->scene;

	if (e->series < 0) {
		put_line_swatch(f, x, middle, RS_INK, 0.7, RS_DASH_SHORT);
	} else if (swatch == RS_SWATCH_BOX || swatch == RS_SWATCH_TINT) {
		double side = fmin(7, e->text.h * 0.7);

		rs_scene_rect(s, RS_ROLE_LEGEND, x, middle - side / 2, SWATCH_PT - 4, side, e->paint.fill);
		if (s->err.kind == RS_ERR_NONE) {
			struct rs_item *it = &s->items[s->n_items - 1];

			it->hatch = e->paint.hatch;
			it->stroke = RS_INK;
			it->stroke_pt = 0.4;
			if (swatch == RS_SWATCH_TINT) {
				it->fill_alpha = RS_TINT;
				it->stroke = e->paint.stroke;
				it->hatch = RS_HATCH_NONE;
			}
		}
	} else {
		if (swatch == RS_SWATCH_LINE)
			put_line_swatch(f, x, middle, e->paint.stroke, 1.1, e->paint.dash);
		if (swatch == RS_SWATCH_MARKED_LINE)
			put_line_swatch(f, x, middle, e->paint.stroke, 0.9, RS_DASH_SOLID);
		if (swatch != RS_SWATCH_LINE)
			rs_scene_marker(s, RS_ROLE_LEGEND, &e->paint, x + SWATCH_PT / 2 - 1.25, middle, 2.1);
	}
}

static void place_entries(struct rs_fig *f, struct entry *e, size_t n, enum rs_swatch swatch)
{
	double widest = 0, sum = 0, x = MARGIN_PT, column, row = f->s->line_pt[RS_FACE_BODY];
	double room = f->s->width_pt - 2 * MARGIN_PT;
	size_t columns, at = 0;

	for (size_t i = 0; i < n; i++) {
		widest = fmax(widest, e[i].text.w);
		row = fmax(row, e[i].text.h);	/* other scripts are higher */
		sum += SWATCH_PT + e[i].text.w + (i > 0 ? BETWEEN_PT : 0);
	}
	column = SWATCH_PT + widest + BETWEEN_PT;
	columns = 1;
	while (columns < n && column * (double)(columns + 1) <= room + BETWEEN_PT)
		columns++;
	for (size_t i = 0; i < n; i++) {
		double h = e[i].text.h, w = e[i].text.w;

		if (sum > room && at == columns) {
			at = 0;
			x = MARGIN_PT;
			f->top += row;
		}
		put_swatch(f, &e[i], swatch, x, f->top + row / 2);
		rs_text_put(f->scene, RS_ROLE_LEGEND_LABEL, &e[i].text, x + SWATCH_PT,
			    f->top + (row - h) / 2, RS_ANCHOR_LEFT, 0, RS_INK);
		x += sum > room ? column : SWATCH_PT + w + BETWEEN_PT;
		at++;
	}
	f->top += row + 3;
}

void rs_fig_legend(struct rs_fig *f, enum rs_swatch swatch)
{
	const struct rs_chart *c = f->c;
	int reference = rs_is_drawn(c->reference) && c->reference_label != NULL;
	size_t n = c->n_series + (reference ? 1 : 0), used = 0;
	double room = f->s->width_pt - 2 * MARGIN_PT - SWATCH_PT;
	struct entry *e;

	if (n < 2)
		return;
	if (c->n_series > (swatch == RS_SWATCH_LINE ? LINES_N : RS_PALETTE_N * RS_PALETTE_N))
		rs_fig_extra(f, rs_word(f->s->lang, RS_WORD_ALIKE));
	e = rs_alloc(n, sizeof(*e), &f->scene->err);
	if (e == NULL)
		return;
	if (c->n_series > 3)
		room = (room - SWATCH_PT - BETWEEN_PT) / 2;
	for (size_t i = 0; i < c->n_series; i++, used++) {
		e[used].paint = rs_palette(rs_palette_slot(c, i), f->s->hatch);
		e[used].series = (int)i;
		e[used].text = rs_text_set(f->s, RS_FACE_BODY, c->series[i].name, room, 1);
	}
	if (reference) {
		e[used].series = -1;
		e[used++].text = rs_text_set(f->s, RS_FACE_BODY, c->reference_label, room, 1);
	}
	place_entries(f, e, used, swatch);
	free(e);
}

/* ---- titles ---- */

/* "Response time (10³ s)": a title with its unit and the axis's power of ten. */
static char *make_title(const struct rs_fig *f, const struct rs_axis *a, char *buf, size_t size)
{
	const char *unit = f->c->unit != NULL ? f->c->unit : "";
	const char *title = f->c->value_title;
	char power[40], inside[120];

	rs_chart_power(power, sizeof(power), a->exponent);
	if (a->log || a->exponent == 0)
		snprintf(inside, sizeof(inside), "%s", unit);
	else
		snprintf(inside, sizeof(inside), "%s%s%s", *unit == '\0' ? "×" : power,
			 *unit == '\0' ? power : " ", unit);
	if (title == NULL || *title == '\0')
		snprintf(buf, size, "%s", inside);
	else if (inside[0] == '\0')
		snprintf(buf, size, "%s", title);
	else
		snprintf(buf, size, "%s (%s)", title, inside);
	return buf;
}

/* A title above the plot at the left, the word about the direction at the right. */
static void put_top(struct rs_fig *f, const char *text, const char *mark)
{
	struct rs_text title, better = { NULL, 0, 0 };
	double room = f->s->width_pt - 2 * MARGIN_PT, h;

	if (*mark != '\0') {
		better = rs_text_set(f->s, RS_FACE_SMALL, mark, 0, 1);
		room -= better.w + BETWEEN_PT;
	}
	title = rs_text_set(f->s, RS_FACE_BODY, text, fmax(room, 30), 3);
	h = fmax(title.h, better.h);
	if (*text != '\0' || *mark != '\0') {
		rs_text_put(f->scene, RS_ROLE_TITLE, &title, MARGIN_PT, f->top, RS_ANCHOR_LEFT, 0, RS_INK);
		if (better.layout != NULL)
			rs_text_put(f->scene, RS_ROLE_TITLE, &better, f->s->width_pt - MARGIN_PT, f->top,
				    RS_ANCHOR_RIGHT, 0, RS_INK);
		f->top += h + 3;
	}
	rs_text_release(&title);
	rs_text_release(&better);
	f->top += f->s->line_pt[RS_FACE_SMALL] / 2;	/* for the topmost tick label */
}

void rs_fig_top_title(struct rs_fig *f, const char *text)
{
	put_top(f, text, "");
}

void rs_fig_value_title(struct rs_fig *f, const struct rs_axis *a)
{
	char text[800], mark[80] = "";

	if (f->c->better == RS_BETTER_LOWER)
		snprintf(mark, sizeof(mark), "↓ %s", rs_word(f->s->lang, RS_WORD_LOWER_BETTER));
	put_top(f, make_title(f, a, text, sizeof(text)), mark);
}

struct rs_text rs_fig_across_title(const struct rs_fig *f, const struct rs_axis *a)
{
	char title[800], mark[80] = "", all[900];

	make_title(f, a, title, sizeof(title));
	if (f->c->better == RS_BETTER_LOWER)
		snprintf(mark, sizeof(mark), "%s← %s", *title != '\0' ? "   " : "",
			 rs_word(f->s->lang, RS_WORD_LOWER_BETTER));
	snprintf(all, sizeof(all), "%s%s", title, mark);
	if (all[0] == '\0')
		return (struct rs_text){ NULL, 0, 0 };
	return rs_text_set(f->s, RS_FACE_BODY, all, f->s->width_pt - 2 * MARGIN_PT, 3);
}

double rs_fig_put_below(struct rs_fig *f, struct rs_text *title, double y)
{
	double half = title->w / 2, x = (f->left + f->right) / 2, h = title->h;

	if (title->layout == NULL)
		return y;
	x = fmax(half + MARGIN_PT, fmin(x, f->s->width_pt - MARGIN_PT - half));
	rs_text_put(f->scene, RS_ROLE_TITLE, title, x, y + 1, RS_ANCHOR_CENTRE, 0, RS_INK);
	return y + h + 2;
}

/* ---- notes ---- */

static void put_note(struct rs_fig *f, const char *text, int lines)
{
	struct rs_text t = rs_text_set(f->s, RS_FACE_SMALL, text, f->s->width_pt - 2 * MARGIN_PT, lines);

	f->notes_pt += t.h + 1;
	rs_text_put(f->scene, RS_ROLE_NOTE, &t, MARGIN_PT, f->notes_pt - t.h - 1, RS_ANCHOR_LEFT, 0,
		    RS_INK);
}

void rs_fig_add_note(struct rs_fig *f, const char *note)
{
	f->notes_pt -= f->notes_pt > 0 ? 3 : 0;
	put_note(f, note, 3);
	f->notes_pt += 3;
}

void rs_fig_set_notes(struct rs_fig *f)
{
	RS_AUTO_BUF line = RS_BUF_INIT;

	f->notes_from = f->scene->n_items;
	f->notes_pt = 0;
	for (size_t i = 0; i < f->n_reasons; i++) {
		if (f->n_reasons > 1)
			rs_buf_addf(&line, "%s× %c  %.160s", i > 0 ? ";  " : "", (char)('a' + (char)i),
				    f->reason[i]);
		else
			rs_buf_addf(&line, "×  %.300s", f->reason[i]);
	}
	if (f->n_unlisted > 0)
		rs_buf_addf(&line, ";  × %c  %s", (char)('a' + RS_REASONS_MAX),
			    rs_word(f->s->lang, RS_WORD_MORE_REASONS));
	if (rs_buf_check(&line, &f->scene->err) == 0 && line.len > 0)
		put_note(f, rs_buf_str(&line), 8);
	for (size_t i = 0; i < f->n_extra; i++)
		put_note(f, f->extra[i], 3);
	rs_buf_clear(&line);
	rs_fig_tell_cut(f, &line);
	if (rs_buf_check(&line, &f->scene->err) == 0 && line.len > 0)
		put_note(f, rs_buf_str(&line), 8);
	if (f->c->note != NULL && f->c->note[0] != '\0')
		put_note(f, f->c->note, 8);
	f->notes_pt += f->notes_pt > 0 ? 3 : 0;
}

void rs_fig_foot(struct rs_fig *f, double y)
{
	size_t to = f->scene->n_items;

	for (size_t i = f->notes_from; i < to && f->scene->items[i].role == RS_ROLE_NOTE; i++)
		f->scene->items[i].y += y + 3;
	f->scene->width_pt = f->s->width_pt;
	f->scene->height_pt = y + f->notes_pt + MARGIN_PT;
	/* what was asked for, unless not even a message fits into it */
	f->scene->height_pt = fmax(f->scene->height_pt, f->s->height_pt);
}

void rs_fig_message(struct rs_fig *f, const char *message)
{
	double w = f->s->width_pt, h = f->s->height_pt;
	struct rs_text t = rs_text_set(f->s, RS_FACE_BODY, message, w * 0.85, 6);

	rs_scene_release(f->scene);
	rs_fig_set_notes(f);
	if (!(h > 0))
		h = 3 * t.h + f->notes_pt + 24;
	h = fmax(h, t.h + f->notes_pt + 10);
	rs_text_put(f->scene, RS_ROLE_MESSAGE, &t, (w - t.w) / 2, (h - f->notes_pt - t.h) / 2,
		    RS_ANCHOR_LEFT, 0, RS_INK);
	rs_scene_rect(f->scene, RS_ROLE_FRAME, 0.5, 0.5, w - 1, h - f->notes_pt - 1, RS_NO_INK);
	if (f->scene->err.kind == RS_ERR_NONE) {
		f->scene->items[f->scene->n_items - 1].stroke = RS_SOFT;
		f->scene->items[f->scene->n_items - 1].stroke_pt = 0.5;
	}
	rs_fig_foot(f, h - f->notes_pt);
}
