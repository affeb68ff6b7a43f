/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws placed boxes, headers, footers and the contents with cairo. */
#include <cairo-pdf.h>
#include <stdio.h>
#include <string.h>

#include "escape_priv.h"
#include "pdf_priv.h"
#include "restudy/base/clock.h"
#include "restudy/chart.h"

#define CONTENTS_LINE 16.5
#define CONTENTS_HEAD 40.0

struct pen {
	struct rs_pdf *p;
	cairo_t *cr;
	cairo_surface_t *surface;
	struct rs_err *err;
	int failed;
	int outline[8];		/* the last outline entry of each level */
};

/* The buffer keeps its failure.  Cairo is not told: with links to pages it could not write,
 * version 1.16 ends the program by an assertion. */
static cairo_status_t append(void *user, const unsigned char *data, unsigned int n)
{
	rs_buf_add(user, data, n);
	return CAIRO_STATUS_SUCCESS;
}

/* A value in cairo's tag attributes, between single quotes. */
static void quote(struct rs_buf *out, const char *s)
{
	rs_buf_addc(out, '\'');
	for (; *s != '\0'; s++) {
		if (*s == '\'' || *s == '\\')
			rs_buf_addc(out, '\\');
		rs_buf_addc(out, *s);
	}
	rs_buf_addc(out, '\'');
}

/* Half a tag's text would stop the pages' drawing, and cairo 1.16 with an assertion. */
static void put_tag(struct pen *pen, const char *kind, const struct rs_buf *attributes)
{
	if (attributes->failed)
		return;
	cairo_tag_begin(pen->cr, kind, rs_buf_str(attributes));
	cairo_tag_end(pen->cr, kind);
}

static void destination(struct pen *pen, const char *name, double y)
{
	struct rs_buf tag = RS_BUF_INIT;

	rs_buf_adds(&tag, "name=");
	quote(&tag, name);
	rs_buf_addf(&tag, " x=%d y=%d", (int)RS_PDF_LEFT, (int)y - 6);
	put_tag(pen, CAIRO_TAG_DEST, &tag);
	rs_pdf_part(pen->p, &tag);
}

static void link_area(struct pen *pen, double x, double y, double w, double h, const char *target,
		      int external)
{
	struct rs_buf tag = RS_BUF_INIT;

	/* integers: no locale has another way to write them */
	rs_buf_addf(&tag, "rect=[%d %d %d %d] %s=", (int)x, (int)y, (int)(w + 1.5), (int)(h + 1.5),
		    external ? "uri" : "dest");
	quote(&tag, target);
	put_tag(pen, CAIRO_TAG_LINK, &tag);
	rs_pdf_part(pen->p, &tag);
}

/* The links of one line of a layout drawn with its line's corner at x, y. */
static void line_links(struct pen *pen, PangoLayoutLine *line, double x, double y, double h,
		       const struct rs_pdf_link *links)
{
	for (const struct rs_pdf_link *l = links; l != NULL; l = l->next) {
		int *ranges = NULL, n = 0;
		const int start = l->start > line->start_index ? l->start : line->start_index;
		const int line_end = line->start_index + line->length;
		const int end = l->end < line_end ? l->end : line_end;

		if (start >= end)
			continue;
		pango_layout_line_get_x_ranges(line, start, end, &ranges, &n);
		for (int i = 0; i < n; i++)
			link_area(pen, x + (double)ranges[2 * i] / PANGO_SCALE, y,
				  (double)(ranges[2 * i + 1] - ranges[2 * i]) / PANGO_SCALE, h,
				  l->target, l->external);
		g_free(ranges);
	}
}

static void layout_links(struct pen *pen, PangoLayout *layout, double x, double y,
			 const struct rs_pdf_link *links)
{
	PangoLayoutIter *it;

	if (links == NULL)
		return;
	it = pango_layout_get_iter(layout);
	do {
		int y0, y1;

		pango_layout_iter_get_line_yrange(it, &y0, &y1);
		line_links(pen, pango_layout_iter_get_line_readonly(it), x,
			   y + (double)y0 / PANGO_SCALE, (double)(y1 - y0) / PANGO_SCALE, links);
	} while (pango_layout_iter_next_line(it));
	pango_layout_iter_free(it);
}

static void show_layout(struct pen *pen, PangoLayout *layout, double x, double y,
			const struct rs_pdf_link *links)
{
	cairo_set_source_rgb(pen->cr, 0.07, 0.07, 0.08);
	cairo_move_to(pen->cr, x, y);
	pango_cairo_show_layout(pen->cr, layout);
	layout_links(pen, layout, x, y, links);
}

static void draw_line(struct pen *pen, const struct rs_pdf_box *b, double x, double y)
{
	PangoLayoutIter *it = pango_layout_get_iter(b->layout);
	PangoLayoutLine *line;
	PangoRectangle extents;
	int y0, y1;

	for (int i = 0; i < b->line; i++)
		(void)pango_layout_iter_next_line(it);
	line = pango_layout_iter_get_line_readonly(it);
	pango_layout_iter_get_line_yrange(it, &y0, &y1);
	pango_layout_iter_get_line_extents(it, NULL, &extents);
	x += (double)extents.x / PANGO_SCALE;
	cairo_set_source_rgb(pen->cr, 0.07, 0.07, 0.08);
	cairo_move_to(pen->cr, x,
		      y + (double)(pango_layout_iter_get_baseline(it) - y0) / PANGO_SCALE);
	pango_cairo_show_layout_line(pen->cr, line);
	line_links(pen, line, x, y, b->height, b->links);
	pango_layout_iter_free(it);
	for (const struct rs_pdf_cell *c = b->cells; c != NULL; c = c->next)
		show_layout(pen, c->layout, x + c->x, y, NULL);
}

static void draw_figure(struct pen *pen, const struct rs_pdf_box *b, double y)
{
	const struct rs_picture *pic = b->picture;
	double height = 0;

	if (pic != NULL && pic->source != NULL) {
		height = pic->height_pt * b->scale;
		cairo_save(pen->cr);
		cairo_translate(pen->cr, RS_PDF_LEFT + (RS_PDF_TEXT_WIDTH -
							pic->width_pt * b->scale) / 2, y);
		cairo_scale(pen->cr, b->scale, b->scale);
		if (rs_figure_draw(pic->source, pen->cr, pen->err) < 0)
			pen->failed = 1;
		cairo_restore(pen->cr);
	}
	show_layout(pen, b->layout, RS_PDF_LEFT, y + height + 6, NULL);
}

static void horizontal(struct pen *pen, double x, double y, double length, double thickness)
{
	cairo_set_source_rgb(pen->cr, 0.2, 0.2, 0.22);
	cairo_rectangle(pen->cr, x, y, length, thickness);
	cairo_fill(pen->cr);
}

static void draw_cells(struct pen *pen, const struct rs_pdf_box *b, double x, double y)
{
	for (const struct rs_pdf_cell *c = b->cells; c != NULL; c = c->next) {
		if (c->rule > 0)
			horizontal(pen, x + c->x, y + c->y, c->rule, 0.4);
		else
			show_layout(pen, c->layout, x + c->x, y + c->y, c->links);
	}
}

static void draw_shade(struct pen *pen, const struct rs_pdf_box *b, const struct rs_pdf_placed *at)
{
	static const double bars[][3] = {
		[RS_TONE_PLAIN] = { 0.35, 0.42, 0.50 }, [RS_TONE_GOOD] = { 0.0, 0.45, 0.35 },
		[RS_TONE_BAD] = { 0.65, 0.15, 0.10 },	[RS_TONE_OPEN] = { 0.62, 0.45, 0.0 },
		[RS_TONE_WARN] = { 0.80, 0.45, 0.0 },
	};
	const double y = at->y - at->space, h = b->height + at->space + 0.3;

	if (b->shade <= 0)
		return;
	cairo_set_source_rgb(pen->cr, b->shade, b->shade, b->shade + 0.01);
	cairo_rectangle(pen->cr, RS_PDF_LEFT, y, RS_PDF_TEXT_WIDTH, h);
	cairo_fill(pen->cr);
	if (b->bar <= 0 || b->bar > (int)RS_TONE_LAST)
		return;
	cairo_set_source_rgb(pen->cr, bars[b->bar - 1][0], bars[b->bar - 1][1], bars[b->bar - 1][2]);
	cairo_rectangle(pen->cr, RS_PDF_LEFT, y, 3, h);
	cairo_fill(pen->cr);
}

static void outline_entry(struct pen *pen, const struct rs_node *n)
{
	const int level = n->level > 7 ? 7 : n->level;
	struct rs_buf name = RS_BUF_INIT, dest = RS_BUF_INIT;

	rs_buf_addf(&name, "%s %s", n->label == NULL ? "" : n->label, n->text == NULL ? "" : n->text);
	rs_buf_adds(&dest, "dest=");
	quote(&dest, n->id);
	if (!name.failed && !dest.failed)
		pen->outline[level] = cairo_pdf_surface_add_outline(
			pen->surface, level <= 1 ? CAIRO_PDF_OUTLINE_ROOT : pen->outline[level - 1],
			rs_buf_str(&name), rs_buf_str(&dest), level <= 1 ? CAIRO_PDF_OUTLINE_FLAG_OPEN : 0);
	rs_pdf_part(pen->p, &name);
	rs_pdf_part(pen->p, &dest);
}

static void draw_box(struct pen *pen, const struct rs_pdf_placed *at, int repeated)
{
	const struct rs_pdf_box *b = &pen->p->boxes[at->box];
	const double x = RS_PDF_LEFT + b->x;

	if (b->dest != NULL && !repeated)
		destination(pen, b->dest, at->y);
	if (b->section != NULL)
		outline_entry(pen, b->section);
	draw_shade(pen, b, at);
	switch (b->kind) {
	case RS_PDF_LINE:
		draw_line(pen, b, x, at->y);
		break;
	case RS_PDF_FIGURE:
		draw_figure(pen, b, at->y);
		break;
	case RS_PDF_ROW:
		draw_cells(pen, b, x, at->y);
		break;
	case RS_PDF_RULE:
		horizontal(pen, x + b->rule_from, at->y, b->rule_to - b->rule_from, b->rule_pt);
		break;
	case RS_PDF_GAP:
	case RS_PDF_LAST:
		break;
	}
}

static PangoLayout *one_line(struct pen *pen, const char *text, const char *font, double width)
{
	PangoLayout *layout = rs_pdf_layout(pen->p, text, font, width);

	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
	pango_layout_set_height(layout, -1);
	return layout;
}

static void right_text(struct pen *pen, const char *text, const char *font, double y)
{
	PangoLayout *layout = one_line(pen, text, font, RS_PDF_TEXT_WIDTH * 0.55);
	double w, h;

	rs_pdf_size(layout, &w, &h);
	show_layout(pen, layout, RS_PDF_LEFT + RS_PDF_TEXT_WIDTH - w, y, NULL);
}

/* The chapter a page belongs to: the one its first line is of. */
static const struct rs_node *chapter_of(const struct rs_pdf *p, int page)
{
	const struct rs_node *found = NULL;

	for (size_t i = 0; i < p->n_placed && p->placed[i].page <= page; i++) {
		const struct rs_node *s = p->boxes[p->placed[i].box].section;
		const int here = p->placed[i].page == page;

		if (s != NULL && s->level == 1 && (!here || found == NULL ||
						   p->placed[i].y < RS_PDF_TOP + 30))
			found = s;
	}
	return found;
}

static void head_and_foot(struct pen *pen, int page)
{
	const struct rs_node *chapter = chapter_of(pen->p, page);
	struct rs_buf text = RS_BUF_INIT;
	const double foot = RS_PDF_HEIGHT - RS_PDF_BOTTOM + 26;

	if (page > 1) {
		show_layout(pen, one_line(pen, pen->p->d->title, RS_PDF_SANS " 7.2",
					  RS_PDF_TEXT_WIDTH * 0.42), RS_PDF_LEFT, 44, NULL);
		if (chapter != NULL) {
			rs_buf_addf(&text, "%s\xE2\x80\x82%s", chapter->label, chapter->text);
			right_text(pen, rs_buf_str(&text), RS_PDF_SANS " 7.2", 44);
			rs_buf_clear(&text);
		}
		horizontal(pen, RS_PDF_LEFT, 56, RS_PDF_TEXT_WIDTH, 0.4);
	}
	if (pen->p->d->generator != NULL)
		show_layout(pen, one_line(pen, pen->p->d->generator, RS_PDF_SANS " 7.2",
					  RS_PDF_TEXT_WIDTH * 0.7), RS_PDF_LEFT, foot, NULL);
	rs_buf_addf(&text, "%d / %d", page, pen->p->pages);
	right_text(pen, rs_buf_str(&text), RS_PDF_SANS " 7.2", foot);
	rs_pdf_part(pen->p, &text);
}

static int in_contents(const struct rs_node *n)
{
	return n->kind == RS_NODE_SECTION && n->level >= 1 && n->level <= 2;
}

static size_t contents_entries(const struct rs_pdf *p)
{
	size_t n = 0;

	for (const struct rs_node *s = p->d->root; s != NULL; s = rs_node_next(s, p->d->root))
		n += in_contents(s) != 0;
	return n;
}

static size_t entries_on_page(void)
{
	return (size_t)((RS_PDF_TEXT_HEIGHT - CONTENTS_HEAD) / CONTENTS_LINE);
}

int rs_pdf_contents_pages(const struct rs_pdf *p)
{
	const size_t n = contents_entries(p);

	return n == 0 ? 0 : (int)((n - 1) / entries_on_page() + 1);
}

static int page_of(const struct rs_pdf *p, const struct rs_node *section)
{
	for (size_t i = 0; i < p->n_placed; i++)
		if (p->boxes[p->placed[i].box].section == section)
			return p->placed[i].page;
	return 0;
}

static void contents_line(struct pen *pen, const struct rs_node *s, double y)
{
	const double indent = s->level > 1 ? 26 : 0;
	const char *font = s->level > 1 ? RS_PDF_SERIF " 9.3" : RS_PDF_SANS " Bold 9.3";
	struct rs_buf text = RS_BUF_INIT;
	PangoLayout *layout;
	double w, h, from;
	char number[16];

	rs_buf_addf(&text, "%s\xE2\x80\x82%s", s->label, s->text == NULL ? "" : s->text);
	layout = one_line(pen, rs_buf_str(&text), font, RS_PDF_TEXT_WIDTH - indent - 40);
	rs_pdf_part(pen->p, &text);
	show_layout(pen, layout, RS_PDF_LEFT + indent, y, NULL);
	rs_pdf_size(layout, &w, &h);
	from = RS_PDF_LEFT + indent + w + 8;
	cairo_set_source_rgb(pen->cr, 0.6, 0.6, 0.62);
	for (double x = RS_PDF_LEFT + RS_PDF_TEXT_WIDTH - 28; x > from; x -= 6) {
		cairo_rectangle(pen->cr, x, y + h - 4.4, 0.8, 0.8);
		cairo_fill(pen->cr);
	}
	(void)snprintf(number, sizeof(number), "%d", page_of(pen->p, s));
	right_text(pen, number, font, y);
	link_area(pen, RS_PDF_LEFT, y, RS_PDF_TEXT_WIDTH, h, s->id, 0);
}

static void draw_contents(struct pen *pen, int page_of_contents)
{
	const size_t each = entries_on_page();
	const size_t from = (size_t)page_of_contents * each;
	double y = RS_PDF_TOP + CONTENTS_HEAD;
	size_t i = 0;

	show_layout(pen, rs_pdf_layout(pen->p, rs_report_word(pen->p->l, RS_WORD_CONTENTS),
				       RS_PDF_SANS " Bold 14.5", -1), RS_PDF_LEFT, RS_PDF_TOP, NULL);
	for (const struct rs_node *s = pen->p->d->root; s != NULL;
	     s = rs_node_next(s, pen->p->d->root)) {
		if (!in_contents(s))
			continue;
		if (i >= from && i < from + each) {
			contents_line(pen, s, y);
			y += CONTENTS_LINE;
		}
		i++;
	}
}

static void set_metadata(struct pen *pen)
{
	const struct rs_document *d = pen->p->d;
	char date[40];

	(void)rs_clock_utc(date, sizeof(date), d->epoch_s);
	cairo_pdf_surface_set_metadata(pen->surface, CAIRO_PDF_METADATA_CREATE_DATE, date);
	cairo_pdf_surface_set_metadata(pen->surface, CAIRO_PDF_METADATA_MOD_DATE, date);
	cairo_pdf_surface_set_metadata(pen->surface, CAIRO_PDF_METADATA_TITLE, d->title);
	if (d->author != NULL)
		cairo_pdf_surface_set_metadata(pen->surface, CAIRO_PDF_METADATA_AUTHOR, d->author);
	if (d->subject != NULL)
		cairo_pdf_surface_set_metadata(pen->surface, CAIRO_PDF_METADATA_SUBJECT, d->subject);
	if (d->generator != NULL)
		cairo_pdf_surface_set_metadata(pen->surface, CAIRO_PDF_METADATA_CREATOR,
					       d->generator);
}

static void draw_pages(struct pen *pen, int contents_page)
{
	const struct rs_pdf *p = pen->p;
	const int contents = rs_pdf_contents_pages(p);
	size_t i = 0, furthest = 0;

	for (int page = 1; page <= p->pages; page++) {
		char label[16];

		(void)snprintf(label, sizeof(label), "%d", page);
		cairo_pdf_surface_set_page_label(pen->surface, label);
		head_and_foot(pen, page);
		if (page >= contents_page && page < contents_page + contents)
			draw_contents(pen, page - contents_page);
		for (; i < p->n_placed && p->placed[i].page == page; i++) {
			/* floats come later than their number, repeated heads earlier */
			const int repeated = p->placed[i].box < furthest &&
					     p->boxes[p->placed[i].box].kind != RS_PDF_FIGURE;

			draw_box(pen, &p->placed[i], repeated);
			if (p->placed[i].box > furthest)
				furthest = p->placed[i].box;
		}
		cairo_show_page(pen->cr);
	}
}

int rs_pdf_draw(struct rs_pdf *p, int contents_page, struct rs_buf *out, struct rs_err *err)
{
	struct pen pen = { .p = p, .err = err };
	cairo_status_t status;

	pen.surface = cairo_pdf_surface_create_for_stream(append, out, RS_PDF_WIDTH, RS_PDF_HEIGHT);
	set_metadata(&pen);
	pen.cr = cairo_create(pen.surface);
	draw_pages(&pen, contents_page);
	cairo_destroy(pen.cr);
	cairo_surface_finish(pen.surface);
	status = cairo_surface_status(pen.surface);
	cairo_surface_destroy(pen.surface);
	if (pen.failed || rs_arena_check(p->arena, err) < 0)
		return -1;
	if (status != CAIRO_STATUS_SUCCESS)
		return rs_err_set(err, RS_ERR_FAILED, "pdf: %s", cairo_status_to_string(status));
	return rs_buf_check(out, err);
}
