/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Figures, drawn with cairo and pangocairo.  The same figure gives the same bytes
 * at any time, in any locale, time zone or folder: everything that varies enters
 * through struct rs_look.
 */
#ifndef RESTUDY_CHART_H
#define RESTUDY_CHART_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/buf.h"
#include "restudy/base/err.h"
#include "restudy/model/names.h"
#include "restudy/model/plan.h"

/* Everything that varies. All borrowed. */
struct rs_look {
	int64_t epoch_s;	/* date written into PDF metadata */
	const char *language;	/* "en", "de": decimal sign, thousands separator, words */
	const char *font;	/* family, "DejaVu Sans" */
	double font_size_pt;	/* body text in the figure, 8 */
	double width_pt;	/* of a figure; height follows or is given */
	double height_pt;	/* 0: chosen by the chart; larger when not even a message fits */
	int greyscale;
	int hatch;
};

/*
 * A value to draw.  NaN or infinite: missing; then note says why ("failed"), NULL: "not
 * measured".  In a line over guests NaN without a note means that there is no such point
 * (the bare host with three guests), and nothing is marked.
 */
struct rs_point {
	double value;
	double lo, hi;		/* interval; NaN: none */
	const double *samples;	/* dots, box, ecdf, time: the single values, or NULL */
	size_t n_samples;
	const char *note;	/* or NULL */
};

/* One colour in the legend: a system. */
struct rs_chart_series {
	const char *name;
	struct rs_point *points;	/* one for each category (bars, dots, box), n_categories */
	int is_baseline;	/* neutral grey, never one of the colours */
	int slot;		/* colour: 1, 2, ... the system's place in the plan, so that it
				   looks the same in every figure; 0: by its place here */
};

struct rs_chart {
	enum rs_chart_kind kind;	/* not RS_CHART_STORAGE */
	const char *id;			/* "fig-3.2": prefix of ids in SVG */
	const char *title;		/* for metadata and the SVG's <title>; not drawn */
	const char *description;	/* text alternative; NULL: made from the data */
	const char *value_title;	/* axis: "Index (host = 10)" */
	const char *unit;		/* or NULL */
	const char *category_title;	/* or NULL */
	const char *note;		/* below: "Bars: mean of 5 trials; whiskers: 95 % ..." or NULL */
	const char *provenance;		/* where the numbers are from (query, sha256 of the samples);
					   into the file's metadata, or NULL */
	const char *const *categories;	/* labels, n_categories */
	size_t n_categories;
	const struct rs_chart_series *series;
	size_t n_series;
	double reference;		/* horizontal line at this value; NaN: none */
	const char *reference_label;	/* "host = 10" */
	enum rs_better better;		/* lower is marked */
	const double *category_x;	/* guests: x of each category, or NULL */
	const double *shares;		/* ecdf: every point's samples are quantiles, samples[i] that of
					   shares[i], both ascending; NULL: each counts the same */
};

enum rs_format { RS_FORMAT_SVG, RS_FORMAT_PDF, RS_FORMAT_PNG, RS_FORMAT_LAST };

/*
 * A chart that is laid out: measured once, then written in any number of formats
 * or drawn on a page.  Owns all it needs: chart and look may go after rs_figure_new.
 */
struct rs_figure;

/*
 * NULL and err only when out of memory or when chart->kind is none that is drawn
 * from series.  A chart without a value, or with more bars than there is room for,
 * gives a figure that says so.  Values that are not finite count as missing.
 */
struct rs_figure *rs_figure_new(const struct rs_chart *c, const struct rs_look *look,
				struct rs_err *err) RS_MUST_CHECK;

/* The storage diagram of a plan: disks, RAID, physical volume, volume group, logical
 * volumes, file systems and who mounts them (figure 3.1). */
struct rs_figure *rs_figure_new_storage(const struct rs_plan *plan, const char *id,
					const struct rs_look *look, struct rs_err *err)
	RS_MUST_CHECK;

double rs_figure_width_pt(const struct rs_figure *f);
double rs_figure_height_pt(const struct rs_figure *f);

/* The text alternative, as in the SVG's <desc>; borrowed. */
const char *rs_figure_description(const struct rs_figure *f);

/* Writes into memory; out: borrowed, appended to.  PNG has 300 dots per inch.  SVG
 * is a file of its own, with an XML declaration; its ids begin with the figure's. */
int rs_figure_write(const struct rs_figure *f, enum rs_format format, struct rs_buf *out,
		    struct rs_err *err) RS_MUST_CHECK;

/* Draws at the origin of a cairo context (cairo_t) whose unit is the point. */
struct _cairo;
int rs_figure_draw(const struct rs_figure *f, struct _cairo *cr, struct rs_err *err) RS_MUST_CHECK;

void rs_figure_free(struct rs_figure *f);
void rs_figure_freep(struct rs_figure **f);
#define RS_AUTO_FIGURE __attribute__((cleanup(rs_figure_freep))) struct rs_figure

#endif
