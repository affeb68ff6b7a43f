/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Axes as they are drawn: grid, tick labels, reference lines, upwards and across. */
#include "chart_priv.h"

#include <math.h>

double rs_fig_tick_width(const struct rs_fig *f, const struct rs_axis *a)
{
	double widest = 0;

	for (size_t i = 0; i < a->n_ticks; i++) {
		char buf[64];
		struct rs_text t = rs_text_set(f->s, RS_FACE_SMALL,
					       rs_axis_label(a, i, f->s->lang, buf, sizeof(buf)), 0, 1);

		widest = fmax(widest, t.w);
		rs_text_release(&t);
	}
	return widest;
}

void rs_fig_choose_log(struct rs_fig *f, const struct rs_range *r)
{
	const struct rs_range values = rs_range_of_values(f->c);
	const struct rs_range *by = values.n > 0 ? &values : r;

	if (!(r->lo > 0) || !(by->lo > 0) || by->hi / by->lo < RS_LOG_FROM)
		return;
	f->is_log = 1;
	rs_fig_extra(f, rs_word(f->s->lang, RS_WORD_LOG));
}

void rs_fig_axis_up(const struct rs_fig *f, struct rs_axis *a, const struct rs_range *r, double want)
{
	if (f->is_log)
		rs_axis_log(a, r->lo, r->hi, want);
	else
		rs_axis_linear(a, r->lo, r->hi, want);
}

void rs_fig_value_axis(struct rs_fig *f, const struct rs_axis *a, double left, double right)
{
	double free_below = 1e9;	/* where the last label began */

	for (size_t i = 0; i < a->n_ticks; i++) {
		double y = rs_axis_at(a, a->tick[i]);

		rs_scene_line(f->scene, RS_ROLE_GRID, left, y, right, y, RS_GRID, 0.4);
	}
	for (size_t i = 0; i < a->n_ticks; i++) {
		double y = rs_axis_at(a, a->tick[i]);
		char buf[64];
		struct rs_text t = rs_text_set(f->s, RS_FACE_SMALL,
					       rs_axis_label(a, i, f->s->lang, buf, sizeof(buf)), 0, 1);

		if (y + t.h / 2 > free_below) {	/* a low plot has room for every other one */
			rs_text_release(&t);
			continue;
		}
		free_below = y - t.h / 2;
		rs_text_put(f->scene, RS_ROLE_TICK_LABEL, &t, left - 3, y - t.h / 2, RS_ANCHOR_RIGHT, 0,
			    RS_INK);
	}
}

void rs_fig_reference(struct rs_fig *f, const struct rs_axis *a, double left, double right)
{
	double y;
	struct rs_item *it;

	if (!rs_is_drawn(f->c->reference) || f->c->reference < a->lo || f->c->reference > a->hi)
		return;
	y = rs_axis_at(a, f->c->reference);
	it = rs_scene_path(f->scene, RS_ROLE_REFERENCE, RS_INK, 0.7);
	rs_scene_point(f->scene, left, y);
	rs_scene_point(f->scene, right, y);
	if (it != NULL)
		it->dash = RS_DASH_SHORT;
}

void rs_fig_axis_across(struct rs_fig *f, struct rs_axis *a, const struct rs_range *r, int use_log)
{
	double widest, room;

	for (double want = fmax(2, (f->right - f->left) / 26); ; want--) {
		if (use_log)
			rs_axis_log(a, r->lo, r->hi, want);
		else
			rs_axis_linear(a, r->lo, r->hi, want);
		a->from = f->left;
		a->to = f->right;
		widest = rs_fig_tick_width(f, a);
		room = fabs(rs_axis_at(a, a->tick[1]) - rs_axis_at(a, a->tick[0]));
		if (widest + 5 <= room || want <= 2)
			break;
	}
	if (f->right + widest / 2 > f->s->width_pt - 1)
		f->right = f->s->width_pt - 1 - widest / 2;
	a->to = f->right;
}

void rs_fig_put_across(struct rs_fig *f, const struct rs_axis *a, double gap_pt)
{
	double free_from = -1e9;	/* where the last label ended */

	for (size_t i = 0; i < a->n_ticks; i++) {
		double x = rs_axis_at(a, a->tick[i]);

		rs_scene_line(f->scene, RS_ROLE_GRID, x, f->top, x, f->bottom, RS_GRID, 0.4);
	}
	for (size_t i = 0; i < a->n_ticks; i++) {
		double x = rs_axis_at(a, a->tick[i]);
		char buf[64];
		struct rs_text t = rs_text_set(f->s, RS_FACE_SMALL,
					       rs_axis_label(a, i, f->s->lang, buf, sizeof(buf)), 0, 1);

		x = fmax(t.w / 2 + 1, fmin(x, f->s->width_pt - 1 - t.w / 2));	/* stay inside */
		if (x - t.w / 2 < free_from + 3) {
			rs_text_release(&t);
			continue;
		}
		free_from = x + t.w / 2;
		rs_text_put(f->scene, RS_ROLE_TICK_LABEL, &t, x, f->bottom + gap_pt, RS_ANCHOR_CENTRE, 0, RS_INK);
	}
	rs_scene_line(f->scene, RS_ROLE_AXIS, f->left, f->bottom, f->right, f->bottom, RS_INK, 0.6);
}

void rs_fig_reference_across(struct rs_fig *f, const struct rs_axis *a)
{
	double x, v = f->c->reference;
	struct rs_item *it;

	if (!rs_is_drawn(v) || v < a->lo || v > a->hi)
		return;
	x = rs_axis_at(a, v);
	it = rs_scene_path(f->scene, RS_ROLE_REFERENCE, RS_INK, 0.7);
	rs_scene_point(f->scene, x, f->top);
	rs_scene_point(f->scene, x, f->bottom);
	if (it != NULL)
		it->dash = RS_DASH_SHORT;
}
