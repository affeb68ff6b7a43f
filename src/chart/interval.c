/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Intervals.  The values decide what an axis shows: the interval of two or three trials can
 * be a hundred times as long as a bar, and an axis that held it would show nothing else.
 * Such an interval ends in an arrow at the axis's end, and a note tells where it ends.
 */
#include "chart_priv.h"

#include <math.h>

#define WHOLE_UP_TO 1.2		/* times the values' range or size: still drawn whole */
#define CUT_AT	    0.5		/* of what is longer, this much is drawn */
#define TOLD_MAX    6		/* ends of cut intervals that the note lists */
#define ARROW_PT    2.4

static int has_interval(const struct rs_point *p)
{
	return rs_is_drawn(p->value) && !isnan(p->lo) && !isnan(p->hi);
}

static struct rs_range range_of_intervals(const struct rs_chart *c)
{
	struct rs_range r = { 0, 0, 0, 0 };

	for (size_t s = 0; s < c->n_series; s++)
		for (size_t k = 0; k < c->n_categories; k++) {
			const struct rs_point *p = &c->series[s].points[k];

			if (!has_interval(p))
				continue;
			rs_range_add(&r, fmax(-1e290, fmin(1e290, p->lo)));
			rs_range_add(&r, fmax(-1e290, fmin(1e290, p->hi)));
		}
	return r;
}

void rs_fig_range_intervals(struct rs_fig *f, struct rs_range *r, int use_log)
{
	struct rs_range with = range_of_intervals(f->c);
	double lo = use_log ? log10(r->lo) : r->lo, hi = use_log ? log10(r->hi) : r->hi;
	double length = hi - lo, size = fmax(fabs(lo), fabs(hi)), end;

	if (with.n == 0)
		return;
	length = fmax(length, use_log ? 1 : size);	/* nearly equal values may have longer ones */
	end = use_log ? log10(fmax(with.hi, r->hi)) : with.hi;
	if (end > hi + WHOLE_UP_TO * length) {
		f->cut_hi = hi + CUT_AT * length;
		f->cut_hi = use_log ? pow(10, f->cut_hi) : f->cut_hi;
	}
	end = use_log ? with.lo > 0 ? log10(with.lo) : -(double)INFINITY : with.lo;
	if (end < lo - WHOLE_UP_TO * length) {
		f->cut_lo = lo - CUT_AT * length;
		f->cut_lo = use_log ? pow(10, f->cut_lo) : f->cut_lo;
	}
	rs_range_add_intervals(f, r);
}

void rs_range_add_intervals(const struct rs_fig *f, struct rs_range *r)
{
	const struct rs_chart *c = f->c;
	double lo, hi;

	for (size_t s = 0; s < c->n_series; s++)
		for (size_t k = 0; k < c->n_categories; k++)
			if (rs_fig_interval(f, &c->series[s].points[k], &lo, &hi)) {
				rs_range_add(r, lo);
				rs_range_add(r, hi);
			}
}

int rs_fig_interval(const struct rs_fig *f, const struct rs_point *p, double *lo, double *hi)
{
	if (!has_interval(p))
		return 0;
	*lo = fmax(p->lo, f->cut_lo);
	*hi = fmin(p->hi, f->cut_hi);
	return 1;
}

void rs_fig_tell_cut(const struct rs_fig *f, struct rs_buf *out)
{
	const struct rs_chart *c = f->c;
	size_t n = 0;

	for (size_t k = 0; k < c->n_categories; k++)
		for (size_t s = 0; s < c->n_series; s++) {
			const struct rs_point *p = &c->series[s].points[k];
			char lo[64], hi[64];

			if (!has_interval(p) || (p->hi <= f->cut_hi && p->lo >= f->cut_lo) || n++ >= TOLD_MAX)
				continue;
			rs_buf_adds(out, n == 1 ? rs_word(f->s->lang, RS_WORD_BEYOND) : ";");
			if (c->n_categories > 1 && c->categories != NULL && c->categories[k] != NULL)
				rs_buf_addf(out, " %.80s%s", c->categories[k], c->n_series > 1 ? "," : ":");
			if (c->n_series > 1 && c->series[s].name != NULL)
				rs_buf_addf(out, " %.60s:", c->series[s].name);
			rs_buf_addf(out, " %s %s %s", rs_chart_number(lo, sizeof(lo), p->lo, -1, f->s->lang),
				    rs_word(f->s->lang, RS_WORD_TO),
				    rs_chart_number(hi, sizeof(hi), p->hi, -1, f->s->lang));
		}
	if (n > TOLD_MAX)
		rs_buf_addf(out, "; … + %zu", n - TOLD_MAX);
	if (n > 0)
		rs_buf_adds(out, ".");
}

/* An arrow's head at (x, y) that points along (dx, dy), a unit vector. */
static void arrow(struct rs_fig *f, double x, double y, double dx, double dy, uint32_t ink,
		  double stroke_pt)
{
	const double back = ARROW_PT, side = ARROW_PT * 0.6;

	if (rs_scene_path(f->scene, RS_ROLE_INTERVAL, ink, stroke_pt) == NULL)
		return;
	rs_scene_point(f->scene, x - back * dx - side * dy, y - back * dy - side * dx);
	rs_scene_point(f->scene, x, y);
	rs_scene_point(f->scene, x - back * dx + side * dy, y - back * dy + side * dx);
}

void rs_fig_whisker(struct rs_fig *f, const struct rs_axis *a, const struct rs_point *p, double x,
		    double cap_pt, uint32_t ink, double stroke_pt)
{
	double lo, hi, y0, y1;

	if (!rs_fig_interval(f, p, &lo, &hi))
		return;
	y0 = p->lo < f->cut_lo ? a->from - 1 : rs_axis_at(a, lo);
	y1 = p->hi > f->cut_hi ? a->to + 1 : rs_axis_at(a, hi);
	rs_scene_line(f->scene, RS_ROLE_INTERVAL, x, y0, x, y1, ink, stroke_pt);
	if (p->lo < f->cut_lo)
		arrow(f, x, y0, 0, 1, ink, stroke_pt);
	else if (cap_pt > 0)
		rs_scene_line(f->scene, RS_ROLE_INTERVAL, x - cap_pt, y0, x + cap_pt, y0, ink, stroke_pt);
	if (p->hi > f->cut_hi)
		arrow(f, x, y1, 0, -1, ink, stroke_pt);
	else if (cap_pt > 0)
		rs_scene_line(f->scene, RS_ROLE_INTERVAL, x - cap_pt, y1, x + cap_pt, y1, ink, stroke_pt);
}

void rs_fig_whisker_across(struct rs_fig *f, const struct rs_axis *a, const struct rs_point *p,
			   double y, uint32_t ink, double stroke_pt)
{
	double lo, hi, x0, x1;

	if (!rs_fig_interval(f, p, &lo, &hi))
		return;
	x0 = p->lo < f->cut_lo ? a->from + 1 : rs_axis_at(a, lo);
	x1 = p->hi > f->cut_hi ? a->to - 1 : rs_axis_at(a, hi);
	rs_scene_line(f->scene, RS_ROLE_INTERVAL, x0, y, x1, y, ink, stroke_pt);
	if (p->lo < f->cut_lo)
		arrow(f, x0, y, -1, 0, ink, stroke_pt);
	if (p->hi > f->cut_hi)
		arrow(f, x1, y, 1, 0, ink, stroke_pt);
}
