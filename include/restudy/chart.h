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
	double height_pt;	/* 0: chosen by the chart */
	int greyscale;
	int hatch;
};

/* A value to draw.  NaN value: missing; then note says why ("failed", "not measured"). */
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
	int is_baseline;
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
	const char *const *categories;	/* labels, n_categories */
	size_t n_categories;
	const struct rs_chart_series *series;
	size_t n_series;
	double reference;		/* horizontal line at this value; NaN: none */
	const char *reference_label;	/* "host = 10" */
	enum rs_better better;		/* lower is marked */
	const double *category_x;	/* guests: x of each category, or NULL */
};

enum rs_format { RS_FORMAT_SVG, RS_FORMAT_PDF, RS_FORMAT_PNG, RS_FORMAT_LAST };

/* Draws into memory; out: borrowed, appended to.  0, or -1 with err. */
int rs_chart_render(const struct rs_chart *c, const struct rs_look *look, enum rs_format format,
		    struct rs_buf *out, struct rs_err *err) RS_MUST_CHECK;

/* The storage diagram of a plan: disks, RAID, physical volume, volume group, logical
 * volumes, file systems (figure 3.1). */
int rs_chart_render_storage(const struct rs_plan *plan, const char *id, const struct rs_look *look,
			    enum rs_format format, struct rs_buf *out, struct rs_err *err)
	RS_MUST_CHECK;

/* Size in points the figure will have (height chosen by the chart when not given). */
void rs_chart_size(const struct rs_chart *c, const struct rs_look *look, double *width_pt,
		   double *height_pt);

#endif
