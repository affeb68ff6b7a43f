/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of module chart: how a kind (bars.c, dots.c, ...) lays a chart out as a scene,
 * and what a figure keeps of it.
 */
#ifndef RESTUDY_CHART_PRIV_H
#define RESTUDY_CHART_PRIV_H

#include "scene_priv.h"

/* ---- layout.c: what all kinds share ---- */

#define RS_REASONS_MAX 8
#define RS_TINT	       0.35	/* opacity of areas that samples are drawn on */

struct rs_fig {			/* a chart on its way to a scene */
	const struct rs_chart *c;
	const struct rs_style *s;
	struct rs_scene *scene;
	double top;		/* next free line from above, then top of the plot */
	double left, right, bottom;		/* of the plot */
	const char *reason[RS_REASONS_MAX];	/* why values are missing; borrowed */
	size_t n_reasons, n_unlisted;		/* reasons that found no place in the table */
	const char *extra[4];			/* further notes; static */
	size_t n_extra;
	double cut_lo, cut_hi;	/* intervals are drawn up to here, then as arrows */
	int is_log;		/* the values' axis is logarithmic, by rs_fig_choose_log */
	double under_pt;	/* between the plot and the category labels */
	double notes_pt;			/* height of the notes below */
	size_t notes_from;			/* their first item */
};

struct rs_range {
	double lo, hi;
	double least;		/* the smallest positive value */
	size_t n;		/* values in it; 0: the others have no meaning */
};

/* Whether v can be drawn: finite, and not so large that its differences overflow. */
int rs_is_drawn(double v);
void rs_range_add(struct rs_range *r, double v);
/* All values; all values and samples. */
struct rs_range rs_range_of_values(const struct rs_chart *c);
struct rs_range rs_range_of_samples(const struct rs_chart *c);

/* ---- interval.c ---- */

/* Makes r hold the intervals too, as long as they leave the values about half of the
 * axis (of two or three trials they may be a hundred times as long); sets f's cuts. */
void rs_fig_range_intervals(struct rs_fig *f, struct rs_range *r, int use_log);
void rs_range_add_intervals(const struct rs_fig *f, struct rs_range *r);
/* Whether p has an interval to draw, and what of it: the parts inside the cuts. */
int rs_fig_interval(const struct rs_fig *f, const struct rs_point *p, double *lo, double *hi);
/* A sentence about the intervals that end beyond the axis; nothing when none does. */
void rs_fig_tell_cut(const struct rs_fig *f, struct rs_buf *out);
/* An interval upwards at x, or to the right on the line y; cap_pt: half the length of its
 * ends, 0: none.  An end beyond the axis is an arrow. */
void rs_fig_whisker(struct rs_fig *f, const struct rs_axis *a, const struct rs_point *p, double x,
		    double cap_pt, uint32_t ink, double stroke_pt);
void rs_fig_whisker_across(struct rs_fig *f, const struct rs_axis *a, const struct rs_point *p,
			   double y, uint32_t ink, double stroke_pt);
/* Whether one of p's samples can be drawn. */
int rs_point_has_samples(const struct rs_point *p);
/* Those that can, ascending, *ret_n of them; the caller frees them.  NULL: out of memory. */
double *rs_point_sorted(const struct rs_point *p, size_t *ret_n, struct rs_err *err) RS_MUST_CHECK;
/* Whether p should have a value and has none. */
int rs_fig_is_missing(const struct rs_chart *c, const struct rs_point *p);
/* Why it is missing: its note, or a word for its value; borrowed. */
const char *rs_point_reason(const struct rs_point *p, enum rs_chart_lang lang);
/* Finds out why points are missing, before the notes are set. */
void rs_fig_collect_reasons(struct rs_fig *f);
void rs_fig_extra(struct rs_fig *f, const char *note);
/* A cross where a value is missing, its letter above (CENTRE), at its right (LEFT) or
 * nowhere (RIGHT). */
void rs_fig_missing(struct rs_fig *f, const struct rs_point *p, const struct rs_paint *paint,
		    double x, double y, enum rs_anchor letter);
/* Puts the legend above, when there is more than one thing to tell apart; moves top. */
enum rs_swatch { RS_SWATCH_BOX, RS_SWATCH_TINT, RS_SWATCH_MARKER, RS_SWATCH_MARKED_LINE, RS_SWATCH_LINE };
void rs_fig_legend(struct rs_fig *f, enum rs_swatch swatch);
/* Puts the value axis's title, with "lower is better", above the plot; moves top. */
void rs_fig_value_title(struct rs_fig *f, const struct rs_axis *a);
void rs_fig_top_title(struct rs_fig *f, const char *text);
/* The same title for values that run across; layout NULL: nothing to say. */
struct rs_text rs_fig_across_title(const struct rs_fig *f, const struct rs_axis *a);
/* Puts a title below the plot at y; returns where it ends. */
double rs_fig_put_below(struct rs_fig *f, struct rs_text *title, double y);
/* Width of the widest tick label of a. */
double rs_fig_tick_width(const struct rs_fig *f, const struct rs_axis *a);
/* The reference line, when it lies on the axis. */
void rs_fig_reference(struct rs_fig *f, const struct rs_axis *a, double left, double right);
/* How high a plot is when nobody asks for a height. */
double rs_fig_plot_height(const struct rs_fig *f);
/* Takes a logarithmic axis for the values, and says so, when r is positive and the values span
 * a factor of a thousand or more (a single odd sample does not decide); upwards, the axis that
 * was chosen, with about want ticks. */
#define RS_LOG_FROM 1e3
void rs_fig_choose_log(struct rs_fig *f, const struct rs_range *r);
void rs_fig_axis_up(const struct rs_fig *f, struct rs_axis *a, const struct rs_range *r, double want);
/* Grid and tick labels of an axis upwards at [left, right]. */
void rs_fig_value_axis(struct rs_fig *f, const struct rs_axis *a, double left, double right);
/* An axis whose values run to the right over [left, right]: with fewer ticks until no two
 * labels touch; r's ends are contained.  Moves right so that the last label is inside. */
void rs_fig_axis_across(struct rs_fig *f, struct rs_axis *a, const struct rs_range *r, int use_log);
/* Its grid from top to bottom, its labels gap_pt below. */
void rs_fig_put_across(struct rs_fig *f, const struct rs_axis *a, double gap_pt);
void rs_fig_reference_across(struct rs_fig *f, const struct rs_axis *a);
/* Sets the notes at y 0 and measures them; later rs_fig_foot moves them below y and
 * gives the scene its height. */
void rs_fig_set_notes(struct rs_fig *f);
/* One more, directly after rs_fig_set_notes. */
void rs_fig_add_note(struct rs_fig *f, const char *note);
void rs_fig_foot(struct rs_fig *f, double y);
/* The same in a column of width_pt on the line y, the i-th of all from the left: marks of
 * narrow neighbours rise above each other, and have no letter where that needs too much. */
void rs_fig_missing_column(struct rs_fig *f, const struct rs_point *p, const struct rs_paint *paint,
			   double x, double y, double width_pt, size_t i);
/* Where the i-th series without any value is marked: above the right end of a plot. */
void rs_fig_missing_above(struct rs_fig *f, const struct rs_point *p, const struct rs_paint *paint,
			  size_t i);
/* The whole figure is one sentence. */
void rs_fig_message(struct rs_fig *f, const char *message);

/* frame.c: categories along the bottom, values upwards.  Sets the plot and the axis, puts
 * legend, grid, labels and notes.  -1: there is no room (a message was put). */
int rs_fig_categories(struct rs_fig *f, const struct rs_range *r, enum rs_swatch swatch,
		      struct rs_axis *axis);

/* ---- panels.c: one or more plots with numbers on both axes ---- */

struct rs_panel {
	size_t category;	/* what it shows, when there is one for each */
	struct rs_axis x, y;
	double left, right, top, bottom;
};

struct rs_panels {
	size_t n;			/* panels; more than one: each is titled by its category */
	enum rs_swatch swatch;
	double aside_pt;		/* kept free at the right for names; > 0: there is no legend */
	int x_is_whole, x_is_log;
	const double *x_values;		/* ascending: ticks stand at them; or NULL */
	size_t n_x_values;
	const char *top_title;		/* NULL: the value's, with its direction */
	const char *below_title;	/* NULL: the value's, with its direction */
	/* What has to be on the axes of panel k. */
	void (*ranges)(const struct rs_fig *f, size_t k, struct rs_range *x, struct rs_range *y);
	void (*draw)(struct rs_fig *f, const struct rs_panel *p);
};

void rs_panels_layout(struct rs_fig *f, const struct rs_panels *spec);

/* ---- kinds: each fills f->scene ---- */

void rs_bars_layout(struct rs_fig *f);
void rs_dots_layout(struct rs_fig *f);
void rs_box_layout(struct rs_fig *f);
void rs_ecdf_layout(struct rs_fig *f);
void rs_guests_layout(struct rs_fig *f);
void rs_timeline_layout(struct rs_fig *f);
int rs_storage_layout(const struct rs_plan *plan, const struct rs_style *s,
		      struct rs_scene *scene, struct rs_buf *description, struct rs_err *err)
	RS_MUST_CHECK;

/* ---- describe.c, surface.c, svg.c, figure.c ---- */

/* The text alternative made from the data, at most about 4000 bytes. */
void rs_describe(const struct rs_chart *c, enum rs_chart_lang lang, struct rs_buf *out);

struct rs_figure {
	struct rs_scene scene;
	char *id, *title, *description, *provenance;	/* owned, valid UTF-8, never NULL */
	int64_t epoch_s;
	int greyscale;
};

/* All ids in it begin with the figure's id. */
int rs_svg_write(const struct rs_figure *f, struct rs_buf *out, struct rs_err *err) RS_MUST_CHECK;

#endif
