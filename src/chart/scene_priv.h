/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What figures are made of, below any kind of chart: the completed look, colours, the
 * scene, set text, axes.  A scene is a flat list of shapes and texts in points; paint.c
 * paints it on any cairo surface, and tests read it.
 */
#ifndef RESTUDY_CHART_SCENE_PRIV_H
#define RESTUDY_CHART_SCENE_PRIV_H

#include <pango/pangocairo.h>
#include <stddef.h>
#include <stdint.h>

#include "restudy/base/err.h"
#include "restudy/chart.h"

/* ---- look.c: what the caller asked for, made complete ---- */

enum rs_chart_lang { RS_CHART_EN, RS_CHART_DE, RS_CHART_LANG_LAST };

enum rs_word {
	RS_WORD_LOWER_BETTER, RS_WORD_NOT_MEASURED, RS_WORD_NOT_FINITE, RS_WORD_NO_VALUE,
	RS_WORD_THINNED, RS_WORD_MORE_REASONS, RS_WORD_HIDDEN_BARS,
	RS_WORD_LOG, RS_WORD_SHARE, RS_WORD_TRIAL, RS_WORD_GUESTS, RS_WORD_TO, RS_WORD_MISSING,
	RS_WORD_BARS, RS_WORD_DOTS, RS_WORD_BOX, RS_WORD_ECDF, RS_WORD_LINES, RS_WORD_TIME,
	RS_WORD_STORAGE, RS_WORD_PHYSICAL_DISKS, RS_WORD_RAID, RS_WORD_PHYSICAL_VOLUME,
	RS_WORD_VOLUME_GROUP, RS_WORD_LOGICAL_VOLUMES, RS_WORD_HOST,
	RS_WORD_NO_STORAGE, RS_WORD_TOO_SMALL, RS_WORD_AS_DOTS, RS_WORD_ALIKE,
	RS_WORD_OWN_SCALES, RS_WORD_BEYOND, RS_WORD_NO_LETTER,
	RS_WORD_LAST
};

enum rs_face { RS_FACE_BODY, RS_FACE_BOLD, RS_FACE_SMALL, RS_FACE_TINY, RS_FACE_LAST };

struct rs_style {
	enum rs_chart_lang lang;
	double width_pt, height_pt;	/* height 0: chosen by the chart */
	double size_pt[RS_FACE_LAST];
	double line_pt[RS_FACE_LAST];	/* height of one line */
	PangoContext *pango;		/* owned */
	PangoFontDescription *face[RS_FACE_LAST];	/* owned */
	int hatch;
};

int rs_style_init(struct rs_style *s, const struct rs_look *look, struct rs_err *err) RS_MUST_CHECK;
void rs_style_release(struct rs_style *s);
const char *rs_word(enum rs_chart_lang lang, enum rs_word word);

/* v with decimals digits (-1: as many as three significant digits need) by the rules of
 * lang: decimal sign, groups of three, minus sign.  Returns buf (>= 64 bytes; a value of
 * 1e15 or more is written with a power of ten). */
char *rs_chart_number(char *buf, size_t size, double v, int decimals, enum rs_chart_lang lang);

/* "10" with a superscript exponent; returns buf. */
char *rs_chart_power(char *buf, size_t size, int exponent);

/* ---- palette.c ---- */

enum rs_hatch { RS_HATCH_NONE, RS_HATCH_RISING, RS_HATCH_FALLING, RS_HATCH_CROSS, RS_HATCH_LEVEL,
		RS_HATCH_UPRIGHT, RS_HATCH_LAST };
enum rs_dash { RS_DASH_SOLID, RS_DASH_LONG, RS_DASH_SHORT, RS_DASH_DOT, RS_DASH_LAST };
enum rs_shape { RS_SHAPE_RECT, RS_SHAPE_LINE, RS_SHAPE_TEXT, RS_SHAPE_CIRCLE, RS_SHAPE_SQUARE,
		RS_SHAPE_UP, RS_SHAPE_DIAMOND, RS_SHAPE_DOWN, RS_SHAPE_CROSS, RS_SHAPE_LAST };

#define RS_INK	  0x222222u	/* text, axes, whiskers */
#define RS_SOFT	  0x666666u	/* secondary text */
#define RS_GRID	  0xdddddfu
#define RS_PAPER  0xffffffu
#define RS_NO_INK 0xff000000u	/* not painted */

#define RS_PALETTE_N 6

/* How a series looks.  fill: of areas; stroke: of lines and markers, at least 3:1
 * against white. */
struct rs_paint {
	uint32_t fill, stroke;
	enum rs_hatch hatch;
	enum rs_dash dash;
	enum rs_shape marker;
};

/* Slot 0 is the baseline's, then 1, 2, ...; after RS_PALETTE_N they repeat with
 * other hatches and markers. */
struct rs_paint rs_palette(size_t slot, int hatch);
/* The slot of series i of c. */
size_t rs_palette_slot(const struct rs_chart *c, size_t i);
/* The grey of the same luminance (Rec. 709 on linear light). */
uint32_t rs_grey(uint32_t rgb);

/* ---- scene.c: what is drawn, in points from the top left ---- */

enum rs_role {
	RS_ROLE_AXIS, RS_ROLE_GRID, RS_ROLE_TICK_LABEL, RS_ROLE_CATEGORY_LABEL,
	RS_ROLE_VALUE_LABEL, RS_ROLE_TITLE, RS_ROLE_LEGEND, RS_ROLE_LEGEND_LABEL, RS_ROLE_NOTE,
	RS_ROLE_REFERENCE, RS_ROLE_VALUE, RS_ROLE_SAMPLE, RS_ROLE_INTERVAL, RS_ROLE_MISSING,
	RS_ROLE_FRAME, RS_ROLE_MESSAGE, RS_ROLE_LAST
};

struct rs_item {
	enum rs_shape shape;
	enum rs_role role;
	int series, category;		/* -1: none */
	/* rectangle: corner and size; marker: centre, w is the radius; text: top left
	 * corner, its size, turned by angle (radian, clockwise) about that corner */
	double x, y, w, h, angle;
	size_t first, n;		/* line: its points */
	uint32_t fill, stroke;		/* RS_NO_INK: none */
	double fill_alpha, stroke_pt;
	enum rs_dash dash;
	enum rs_hatch hatch;
	PangoLayout *text;		/* owned */
};

struct rs_scene {
	struct rs_item *items;
	size_t n_items;
	double *points;			/* x, y pairs; n_points of them */
	size_t n_points;
	double width_pt, height_pt;
	struct rs_err err;		/* sticky: the first addition that failed */
};

void rs_scene_release(struct rs_scene *s);
/* A new item with no ink, or NULL (kept in s->err). */
struct rs_item *rs_scene_add(struct rs_scene *s, enum rs_shape shape, enum rs_role role);
void rs_scene_rect(struct rs_scene *s, enum rs_role role, double x, double y, double w, double h,
		   uint32_t fill);
void rs_scene_line(struct rs_scene *s, enum rs_role role, double x0, double y0, double x1,
		   double y1, uint32_t stroke, double stroke_pt);
/* Starts a line of many points; rs_scene_point adds to the last item. */
struct rs_item *rs_scene_path(struct rs_scene *s, enum rs_role role, uint32_t stroke,
			      double stroke_pt);
void rs_scene_point(struct rs_scene *s, double x, double y);
void rs_scene_marker(struct rs_scene *s, enum rs_role role, const struct rs_paint *p, double x,
		     double y, double radius);
/* Names the series and the category of the last item. */
void rs_scene_tag(struct rs_scene *s, size_t series, size_t category);

/* ---- text.c ---- */

enum rs_anchor { RS_ANCHOR_LEFT, RS_ANCHOR_CENTRE, RS_ANCHOR_RIGHT };

struct rs_text {		/* a set text; layout owned, NULL: empty or failed */
	PangoLayout *layout;
	double w, h;		/* logical size */
};

/* Sets text (any bytes: what is no UTF-8 is replaced) on one line, or within width_pt
 * (> 0) on at most lines lines, the last one ending in an ellipsis. */
struct rs_text rs_text_set(const struct rs_style *s, enum rs_face face, const char *text,
			   double width_pt, int lines);
/* The same for a name: no line begins with the unit of a number ("256 B"). */
struct rs_text rs_text_set_name(const struct rs_style *s, enum rs_face face, const char *name,
				double width_pt, int lines);
void rs_text_release(struct rs_text *t);
/* Whether the wrapping of t keeps every word whole and cuts nothing off. */
int rs_text_is_whole(const struct rs_text *t, double width_pt);
/* Puts t into the scene, which then owns it. */
void rs_text_put(struct rs_scene *scene, enum rs_role role, struct rs_text *t, double x, double y,
		 enum rs_anchor anchor, double angle, uint32_t ink);

/* ---- scale.c ---- */

#define RS_TICKS_MAX 24

struct rs_axis {
	double lo, hi;		/* ends, in data units */
	int log;
	int exponent;		/* labels are value / 10^exponent */
	int decimals;
	double tick[RS_TICKS_MAX];
	size_t n_ticks;
	double from, to;	/* where lo and hi lie, in points */
};

/* Ticks for [lo, hi] whose ends contain it; want: how many would be good. */
void rs_axis_linear(struct rs_axis *a, double lo, double hi, double want);
/* As above for whole numbers only (guests, trials); ends stay lo and hi. */
void rs_axis_whole(struct rs_axis *a, double lo, double hi, double want);
/* Ticks at the n ascending values themselves, n >= 1. */
void rs_axis_at_values(struct rs_axis *a, const double *v, size_t n);
void rs_axis_log(struct rs_axis *a, double lo, double hi, double want);
double rs_axis_at(const struct rs_axis *a, double v);
char *rs_axis_label(const struct rs_axis *a, size_t tick, enum rs_chart_lang lang, char *buf,
		    size_t size);

/* ---- paint.c: a scene on any canvas ---- */

struct rs_ink {			/* how a path is shown */
	uint32_t fill, stroke;	/* RS_NO_INK: not */
	double fill_alpha, stroke_pt;
	enum rs_dash dash;
};

/* What a canvas has to do: gather a path, show it, show a text. */
struct rs_canvas {
	void (*move)(void *user, double x, double y);
	void (*line)(void *user, double x, double y);
	void (*close)(void *user);
	void (*circle)(void *user, double x, double y, double radius);
	void (*show)(void *user, const struct rs_ink *ink);	/* and start a new path */
	void (*text)(void *user, const struct rs_item *text, uint32_t ink);
};

void rs_scene_paint(const struct rs_scene *s, const struct rs_canvas *canvas, void *user,
		    int greyscale);
/* On and off lengths of a dash; how many: 0 or 2. */
int rs_dash_lengths(enum rs_dash dash, double on_off[2]);
extern const struct rs_canvas rs_canvas_cairo;	/* user: a cairo_t */

#endif
