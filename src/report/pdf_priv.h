/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The PDF's inside.  The tree becomes a list of boxes, each as wide as the text and
 * with a height that is known (pdf_text.c, pdf_table.c); the page breaker puts them on
 * pages (pdf_page.c); then all is drawn, when page numbers are known (pdf_draw.c).
 * Lengths are points, y grows downwards.
 */
#ifndef RESTUDY_REPORT_PDF_PRIV_H
#define RESTUDY_REPORT_PDF_PRIV_H

#include <pango/pangocairo.h>

#include "emit_priv.h"

#define RS_PDF_WIDTH	 595.276	/* A4 */
#define RS_PDF_HEIGHT	 841.89
#define RS_PDF_LEFT	 68.0
#define RS_PDF_RIGHT	 68.0
#define RS_PDF_TOP	 78.0
#define RS_PDF_BOTTOM	 76.0
#define RS_PDF_TEXT_WIDTH (RS_PDF_WIDTH - RS_PDF_LEFT - RS_PDF_RIGHT)
#define RS_PDF_TEXT_HEIGHT (RS_PDF_HEIGHT - RS_PDF_TOP - RS_PDF_BOTTOM)

#define RS_PDF_SERIF "DejaVu Serif"
#define RS_PDF_SANS  "DejaVu Sans"
#define RS_PDF_MONO  "DejaVu Sans Mono"

/* A part of a text that leads somewhere. */
struct rs_pdf_link {
	int start, end;		/* bytes */
	const char *target;
	int external;
	struct rs_pdf_link *next;
};

/* Inline nodes being collected into one text. */
struct rs_pdf_run {
	struct rs_buf text;
	PangoAttrList *attributes;
	struct rs_pdf_link *links;
};

enum rs_pdf_kind {
	RS_PDF_LINE,		/* one line of a layout */
	RS_PDF_FIGURE,
	RS_PDF_ROW,		/* cells beside each other */
	RS_PDF_RULE,
	RS_PDF_GAP,
	RS_PDF_LAST
};

struct rs_pdf_cell {
	PangoLayout *layout;
	const struct rs_pdf_link *links;
	double x, y;		/* from the row's left upper corner */
	double rule;		/* length of a rule at x, y in place of a text; 0: none */
	struct rs_pdf_cell *next;
};

struct rs_pdf_box {
	enum rs_pdf_kind kind;
	double space, height;	/* space: above, dropped at the top of a page */
	double x;
	int keep;		/* no page ends after this box */
	int may_float;
	PangoLayout *layout;	/* line; figure: its caption */
	int line;
	const struct rs_pdf_link *links;
	const struct rs_picture *picture;
	double scale;
	struct rs_pdf_cell *cells;
	double rule_from, rule_to, rule_pt;
	const char *dest;	/* name of a destination at its top, or NULL */
	const struct rs_node *section;	/* a heading: goes into the outline */
	double shade;		/* grey behind, 0: none */
	int bar;		/* callout: a bar at the left; tone + 1 */
	size_t head_first, head_n;	/* boxes repeated at the top of a page that begins here */
};

/* A box on a page. */
struct rs_pdf_placed {
	size_t box;
	int page;		/* from 1, title page included */
	double y, space;	/* space: that was left above */
};

struct rs_pdf {
	const struct rs_document *d;
	enum rs_language l;
	struct rs_arena *arena;
	PangoContext *pango;
	struct rs_pdf_box *boxes;
	size_t n_boxes;
	struct rs_pdf_placed *placed;
	size_t n_placed;
	int pages;
	GPtrArray *layouts;	/* all layouts, unreferenced at the end */
	GPtrArray *attributes;	/* all attribute lists of runs */
	struct rs_pdf_run *run;	/* inline nodes go here */
	double indent, shade;
	int bar;
	double width;		/* of text now */
	const char *pending_dest;
	const struct rs_node *table;
	struct rs_pdf_box spare;	/* given when memory was refused */
	struct rs_err *err;
};

typedef void rs_pdf_fn(struct rs_pdf *p, const struct rs_node *n);
#define RS_PDF_DECLARE(upper, lower) rs_pdf_fn rs_pdf_##lower;
RS_NODE_KINDS(RS_PDF_DECLARE)
#undef RS_PDF_DECLARE

/* Calls the function of the node's kind, or that of each child. */
void rs_pdf_node(struct rs_pdf *p, const struct rs_node *n);
void rs_pdf_children(struct rs_pdf *p, const struct rs_node *n);

/* pdf_text.c: text.  Releases a buffer and passes its failure on to the arena. */
void rs_pdf_part(struct rs_pdf *p, struct rs_buf *part);
void rs_pdf_run_begin(struct rs_pdf *p, struct rs_pdf_run *r);
void rs_pdf_run_text(struct rs_pdf *p, const char *text, const char *style);
/* Ends the run; the layout belongs to p.  width < 0: one line. */
PangoLayout *rs_pdf_run_end(struct rs_pdf *p, struct rs_pdf_run *r, const char *font,
			    double line_spacing, double width);
PangoLayout *rs_pdf_layout(struct rs_pdf *p, const char *text, const char *font, double width);
/* The caption of a figure, table or listing: its label in bold, then its text. */
PangoLayout *rs_pdf_caption(struct rs_pdf *p, const struct rs_node *n, double width);
void rs_pdf_size(PangoLayout *layout, double *width, double *height);

/* A new last box; never NULL: a spare one when memory was refused. */
struct rs_pdf_box *rs_pdf_box_add(struct rs_pdf *p, enum rs_pdf_kind kind, double space,
				  double height);
/* One box for each line, kept together as widow control asks. */
void rs_pdf_lines(struct rs_pdf *p, PangoLayout *layout, const struct rs_pdf_link *links,
		  double space);

/* pdf_page.c: places the boxes from the given one on, beginning on a page of their own;
 * p->pages is the last page afterwards. */
void rs_pdf_place(struct rs_pdf *p, size_t box, int page);

/* pdf_draw.c: draws all pages; contents_page: the first of contents_pages. */
int rs_pdf_contents_pages(const struct rs_pdf *p);
int rs_pdf_draw(struct rs_pdf *p, int contents_page, struct rs_buf *out, struct rs_err *err)
	RS_MUST_CHECK;

#endif
