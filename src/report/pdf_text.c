/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks and inline nodes of a PDF: text set by pango, line by line into boxes. */
#include "pdf_priv.h"

#include <stdio.h>
#include <string.h>

#include "escape_priv.h"

void rs_pdf_part(struct rs_pdf *p, struct rs_buf *part)
{
	if (part->failed)
		p->arena->failed = 1;
	rs_buf_release(part);
}

static struct rs_pdf_box spare_box(void)
{
	return (struct rs_pdf_box){ .kind = RS_PDF_GAP, .scale = 1 };
}

struct rs_pdf_box *rs_pdf_box_add(struct rs_pdf *p, enum rs_pdf_kind kind, double space,
				  double height)
{
	struct rs_pdf_box *b;

	p->boxes = rs_arena_grow(p->arena, p->boxes, p->n_boxes, sizeof(*p->boxes));
	if (p->boxes == NULL) {
		/* the arena tells at the end; until then every call gets the same spare */
		p->n_boxes = 0;
		p->spare = spare_box();
		return &p->spare;
	}
	b = &p->boxes[p->n_boxes++];
	*b = spare_box();
	b->kind = kind;
	b->space = space;
	b->height = height;
	b->x = p->indent;
	b->shade = p->shade;
	b->bar = p->bar;
	b->dest = p->pending_dest;
	p->pending_dest = NULL;
	return b;
}

static void keep_last(struct rs_pdf *p)
{
	if (p->n_boxes > 0)
		p->boxes[p->n_boxes - 1].keep = 1;
}

void rs_pdf_size(PangoLayout *layout, double *width, double *height)
{
	int w, h;

	pango_layout_get_size(layout, &w, &h);
	*width = (double)w / PANGO_SCALE;
	*height = (double)h / PANGO_SCALE;
}

static PangoLayout *new_layout(struct rs_pdf *p, const char *font, double width)
{
	PangoLayout *layout = pango_layout_new(p->pango);
	PangoFontDescription *d = pango_font_description_from_string(font);

	g_ptr_array_add(p->layouts, layout);
	pango_layout_set_font_description(layout, d);
	pango_font_description_free(d);
	if (width > 0) {
		pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
		pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	}
	return layout;
}

PangoLayout *rs_pdf_layout(struct rs_pdf *p, const char *text, const char *font, double width)
{
	PangoLayout *layout = new_layout(p, font, width);
	struct rs_buf clean = RS_BUF_INIT;

	rs_text_clean(&clean, text);
	pango_layout_set_text(layout, rs_buf_str(&clean), -1);
	rs_pdf_part(p, &clean);
	return layout;
}

void rs_pdf_run_begin(struct rs_pdf *p, struct rs_pdf_run *r)
{
	*r = (struct rs_pdf_run){ .text = RS_BUF_INIT, .attributes = pango_attr_list_new() };
	g_ptr_array_add(p->attributes, r->attributes);
	p->run = r;
}

/* Pango reads the styles as markup; the text itself goes in unread. */
static void add_attribute(struct rs_pdf_run *r, PangoAttribute *a, size_t start)
{
	a->start_index = (guint)start;
	a->end_index = (guint)r->text.len;
	pango_attr_list_insert(r->attributes, a);
}

void rs_pdf_run_text(struct rs_pdf *p, const char *text, const char *style)
{
	struct rs_pdf_run *r = p->run;
	const size_t start = r->text.len;

	rs_text_clean(&r->text, text);
	if (strchr(style, 'b') != NULL)
		add_attribute(r, pango_attr_weight_new(PANGO_WEIGHT_BOLD), start);
	if (strchr(style, 'i') != NULL)
		add_attribute(r, pango_attr_style_new(PANGO_STYLE_ITALIC), start);
	if (strchr(style, 'c') != NULL) {
		add_attribute(r, pango_attr_family_new(RS_PDF_MONO), start);
		add_attribute(r, pango_attr_scale_new(0.92), start);
	}
	if (strchr(style, '^') != NULL) {
		add_attribute(r, pango_attr_rise_new(3 * PANGO_SCALE), start);
		add_attribute(r, pango_attr_scale_new(0.72), start);
	}
	if (strchr(style, 'l') != NULL)
		add_attribute(r, pango_attr_foreground_new(0x1111, 0x4444, 0x8888), start);
	if (strchr(style, 'g') != NULL)
		add_attribute(r, pango_attr_foreground_new(0x0000, 0x5555, 0x4444), start);
	if (strchr(style, 'r') != NULL)
		add_attribute(r, pango_attr_foreground_new(0xA0A0, 0x2020, 0x1010), start);
	if (strchr(style, 'o') != NULL)
		add_attribute(r, pango_attr_foreground_new(0x7070, 0x4F4F, 0x0000), start);
}

PangoLayout *rs_pdf_run_end(struct rs_pdf *p, struct rs_pdf_run *r, const char *font,
			    double line_spacing, double width)
{
	PangoLayout *layout = new_layout(p, font, width);

	pango_layout_set_text(layout, rs_buf_str(&r->text), -1);
	pango_layout_set_attributes(layout, r->attributes);
	if (line_spacing > 0)
		pango_layout_set_line_spacing(layout, (float)line_spacing);
	rs_pdf_part(p, &r->text);
	p->run = NULL;
	return layout;
}

/* The height of one line, with its share of the spacing. */
static double line_height(PangoLayoutIter *it)
{
	int y0, y1;

	pango_layout_iter_get_line_yrange(it, &y0, &y1);
	return (double)(y1 - y0) / PANGO_SCALE;
}

void rs_pdf_lines(struct rs_pdf *p, PangoLayout *layout, const struct rs_pdf_link *links,
		  double space)
{
	const int n = pango_layout_get_line_count(layout);
	PangoLayoutIter *it = pango_layout_get_iter(layout);

	for (int i = 0; i < n; i++) {
		struct rs_pdf_box *b = rs_pdf_box_add(p, RS_PDF_LINE, i == 0 ? space : 0,
						      line_height(it));

		b->layout = layout;
		b->line = i;
		b->links = links;
		/* two lines at least on either side of a page's end */
		b->keep = n > 1 && (i == 0 || i == n - 2);
		(void)pango_layout_iter_next_line(it);
	}
	pango_layout_iter_free(it);
}

void rs_pdf_section(struct rs_pdf *p, const struct rs_node *n)
{
	static const char *const fonts[] = { "", RS_PDF_SANS " Bold 14.5", RS_PDF_SANS " Bold 11.5",
					     RS_PDF_SANS " Bold 10", RS_PDF_SANS " Bold 9.5" };
	static const double spaces[] = { 0, 26, 18, 14, 12 };
	const int level = n->level > 4 ? 4 : n->level < 1 ? 1 : n->level;
	struct rs_buf title = RS_BUF_INIT;
	const size_t first = p->n_boxes;

	rs_buf_addf(&title, "%s%s%s", n->label == NULL ? "" : n->label,
		    n->label == NULL ? "" : "\xE2\x80\x82", n->text == NULL ? "" : n->text);
	p->pending_dest = n->id;
	rs_pdf_lines(p, rs_pdf_layout(p, rs_buf_str(&title), fonts[level], p->width), NULL,
		     spaces[level]);
	rs_pdf_part(p, &title);
	for (size_t i = first; i < p->n_boxes; i++)
		p->boxes[i].keep = 1;
	if (first < p->n_boxes)
		p->boxes[first].section = n;
	rs_pdf_box_add(p, RS_PDF_GAP, 0, level == 1 ? 5 : 2)->keep = 1;
	rs_pdf_children(p, n);
}

static void text_block(struct rs_pdf *p, const struct rs_node *n, const char *font, double space)
{
	struct rs_pdf_run r;
	PangoLayout *layout;

	rs_pdf_run_begin(p, &r);
	rs_pdf_children(p, n);
	layout = rs_pdf_run_end(p, &r, font, 1.28, p->width - p->indent);
	rs_pdf_lines(p, layout, r.links, space);
	/* what a colon or a short text announces begins on the same page */
	if (g_str_has_suffix(pango_layout_get_text(layout), ":") ||
	    (n->kind == RS_NODE_PARAGRAPH && n->next != NULL && n->next->kind == RS_NODE_TABLE &&
	     pango_layout_get_line_count(layout) <= 3))
		keep_last(p);
}

void rs_pdf_paragraph(struct rs_pdf *p, const struct rs_node *n)
{
	text_block(p, n, RS_PDF_SERIF " 9.3", 7);
}

void rs_pdf_callout(struct rs_pdf *p, const struct rs_node *n)
{
	const double indent = p->indent, shade = p->shade, width = p->width;
	const int bar = p->bar;

	rs_pdf_box_add(p, RS_PDF_GAP, 9, 0)->keep = 1;
	p->bar = (int)n->tone + 1;
	p->shade = 0.955;
	p->indent += 12;
	p->width -= 8;
	rs_pdf_box_add(p, RS_PDF_GAP, 0, 2)->keep = 1;
	rs_pdf_children(p, n);
	keep_last(p);
	(void)rs_pdf_box_add(p, RS_PDF_GAP, 0, 7);
	p->bar = bar;
	p->shade = shade;
	p->indent = indent;
	p->width = width;
	(void)rs_pdf_box_add(p, RS_PDF_GAP, 4, 0);
}

void rs_pdf_list(struct rs_pdf *p, const struct rs_node *n)
{
	p->indent += 14;
	rs_pdf_children(p, n);
	p->indent -= 14;
}

void rs_pdf_item(struct rs_pdf *p, const struct rs_node *n)
{
	const size_t first = p->n_boxes;
	PangoLayout *bullet = rs_pdf_layout(p, "\xE2\x80\xA2", RS_PDF_SERIF " 9.3", -1);

	text_block(p, n, RS_PDF_SERIF " 9.3", 4);
	if (first < p->n_boxes && p->boxes[first].kind == RS_PDF_LINE) {
		struct rs_pdf_cell *c = rs_arena_new(p->arena, 1, sizeof(*c));

		if (c == NULL)
			return;
		c->layout = bullet;
		c->x = -11;
		p->boxes[first].cells = c;
	}
}

/* A caption: label in bold, then the text. */
PangoLayout *rs_pdf_caption(struct rs_pdf *p, const struct rs_node *n, double width)
{
	struct rs_pdf_run r;

	rs_pdf_run_begin(p, &r);
	if (n->label != NULL) {
		rs_pdf_run_text(p, n->label, "b");
		rs_pdf_run_text(p, ".\xE2\x80\x82", "b");
	}
	if (n->text != NULL)
		rs_pdf_run_text(p, n->text, "");
	return rs_pdf_run_end(p, &r, RS_PDF_SANS " 8", 1.2, width);
}

void rs_pdf_figure(struct rs_pdf *p, const struct rs_node *n)
{
	PangoLayout *text = rs_pdf_caption(p, n, p->width);
	const double room = RS_PDF_TEXT_HEIGHT * 0.82;
	struct rs_pdf_box *b;
	double w, h, height = 0, scale = 1;

	rs_pdf_size(text, &w, &h);
	if (n->picture != NULL) {
		if (n->picture->width_pt > p->width)
			scale = p->width / n->picture->width_pt;
		if (n->picture->height_pt * scale > room)
			scale = room / n->picture->height_pt;
		height = n->picture->height_pt * scale;
	}
	p->pending_dest = n->id;
	b = rs_pdf_box_add(p, RS_PDF_FIGURE, 14, height + 6 + h);
	b->layout = text;
	b->picture = n->picture;
	b->scale = scale;
	b->may_float = 1;
	(void)rs_pdf_box_add(p, RS_PDF_GAP, 8, 0);
}

static void listing_line(struct rs_pdf *p, const char *line, size_t bytes, double space)
{
	struct rs_buf text = RS_BUF_INIT;
	PangoLayout *layout;

	rs_buf_add(&text, line, bytes);
	if (bytes == 0)
		rs_buf_addc(&text, ' ');
	layout = rs_pdf_layout(p, rs_buf_str(&text), RS_PDF_MONO " 7.2", p->width - p->indent - 8);
	pango_layout_set_indent(layout, -24 * PANGO_SCALE);
	rs_pdf_lines(p, layout, NULL, space);
	rs_pdf_part(p, &text);
}

#define SHORT_LISTING 24	/* lines */

void rs_pdf_listing(struct rs_pdf *p, const struct rs_node *n)
{
	const char *code = n->target == NULL ? "" : n->target;
	const double indent = p->indent, shade = p->shade;
	size_t first;

	rs_pdf_box_add(p, RS_PDF_GAP, 10, 0)->keep = 1;
	p->pending_dest = n->id;
	if (n->label != NULL || n->text != NULL) {
		first = p->n_boxes;
		rs_pdf_lines(p, rs_pdf_caption(p, n, p->width - p->indent), NULL, 0);
		rs_pdf_box_add(p, RS_PDF_GAP, 0, 3)->keep = 1;
		for (size_t i = first; i < p->n_boxes; i++)
			p->boxes[i].keep = 1;
	}
	p->indent += 8;
	p->shade = 0.955;
	rs_pdf_box_add(p, RS_PDF_GAP, 0, 4)->keep = 1;
	first = p->n_boxes;
	for (const char *s = code; *s != '\0';) {
		const size_t bytes = strcspn(s, "\n");

		listing_line(p, s, bytes, 0);
		if (s == code)
			keep_last(p);
		s += bytes + (s[bytes] == '\n');
	}
	/* a short listing is not parted */
	for (size_t i = first; p->n_boxes - first <= SHORT_LISTING && i < p->n_boxes; i++)
		p->boxes[i].keep = 1;
	keep_last(p);
	if (p->n_boxes > 1)
		p->boxes[p->n_boxes - 2].keep = 1;
	(void)rs_pdf_box_add(p, RS_PDF_GAP, 0, 4);
	p->indent = indent;
	p->shade = shade;
	(void)rs_pdf_box_add(p, RS_PDF_GAP, 8, 0);
}

void rs_pdf_text(struct rs_pdf *p, const struct rs_node *n)
{
	rs_pdf_run_text(p, n->text, "");
}

void rs_pdf_emphasis(struct rs_pdf *p, const struct rs_node *n)
{
	rs_pdf_run_text(p, n->text, "i");
}

void rs_pdf_strong(struct rs_pdf *p, const struct rs_node *n)
{
	rs_pdf_run_text(p, n->text, "b");
}

void rs_pdf_code(struct rs_pdf *p, const struct rs_node *n)
{
	rs_pdf_run_text(p, n->text, "c");
}

void rs_pdf_mark(struct rs_pdf *p, const struct rs_node *n)
{
	rs_pdf_run_text(p, n->text, "^");
}

void rs_pdf_badge(struct rs_pdf *p, const struct rs_node *n)
{
	static const char *const styles[] = {
		[RS_TONE_PLAIN] = "", [RS_TONE_GOOD] = "bg", [RS_TONE_BAD] = "br",
		[RS_TONE_OPEN] = "bo", [RS_TONE_WARN] = "bo",
	};

	rs_pdf_run_text(p, n->text, styles[n->tone]);
}

static void linked(struct rs_pdf *p, const char *text, const char *target, int external)
{
	struct rs_pdf_link *link = rs_arena_new(p->arena, 1, sizeof(*link));

	if (link == NULL)
		return;
	link->start = (int)p->run->text.len;
	rs_pdf_run_text(p, text, "l");
	link->end = (int)p->run->text.len;
	link->target = target;
	link->external = external;
	link->next = p->run->links;
	p->run->links = link;
}

void rs_pdf_link(struct rs_pdf *p, const struct rs_node *n)
{
	if (strncmp(n->target, "https://", 8) == 0 || strncmp(n->target, "http://", 7) == 0)
		linked(p, n->text, n->target, 1);
	else
		rs_pdf_text(p, n);
}

void rs_pdf_ref(struct rs_pdf *p, const struct rs_node *n)
{
	const struct rs_node *to = rs_document_find(p->d, n->target);

	linked(p, n->text[0] != '\0' ? n->text
		  : to != NULL && to->label != NULL ? to->label : n->target, n->target, 0);
}
