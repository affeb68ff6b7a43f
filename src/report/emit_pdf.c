/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PDF: the tree to boxes, boxes to pages, pages to bytes. */
#include <stdio.h>

#include "pdf_priv.h"

void rs_pdf_node(struct rs_pdf *p, const struct rs_node *n)
{
	static rs_pdf_fn *const emit[RS_NODE_LAST] = {
#define EMIT(upper, lower) [RS_NODE_##upper] = rs_pdf_##lower,
		RS_NODE_KINDS(EMIT)
#undef EMIT
	};

	emit[n->kind](p, n);
}

void rs_pdf_children(struct rs_pdf *p, const struct rs_node *n)
{
	for (const struct rs_node *c = n->first; c != NULL; c = c->next)
		rs_pdf_node(p, c);
}

static void title_facts(struct rs_pdf *p)
{
	for (const char *const *f = p->d->facts; f != NULL && f[0] != NULL; f += 2) {
		PangoLayout *name = rs_pdf_layout(p, f[0], RS_PDF_SANS " 8.5", 110);
		PangoLayout *value = rs_pdf_layout(p, f[1], RS_PDF_SANS " 8.5",
						   RS_PDF_TEXT_WIDTH - 125);
		struct rs_pdf_cell *c = rs_arena_new(p->arena, 2, sizeof(*c));
		struct rs_pdf_box *b;
		double w, h0, h1;

		if (c == NULL)
			return;
		rs_pdf_size(name, &w, &h0);
		rs_pdf_size(value, &w, &h1);
		c[0].layout = name;
		c[0].next = &c[1];
		c[1].layout = value;
		c[1].x = 125;
		b = rs_pdf_box_add(p, RS_PDF_ROW, 4, h0 > h1 ? h0 : h1);
		b->cells = c;
	}
}

static void title_page(struct rs_pdf *p)
{
	const struct rs_document *d = p->d;

	/* a gap at the top of a page would be dropped: a rule of no thickness is not */
	(void)rs_pdf_box_add(p, RS_PDF_RULE, 0, 90);
	rs_pdf_lines(p, rs_pdf_layout(p, d->title, RS_PDF_SANS " Bold 22", p->width), NULL, 0);
	if (d->subtitle != NULL)
		rs_pdf_lines(p, rs_pdf_layout(p, d->subtitle, RS_PDF_SERIF " 11.5", p->width), NULL,
			     12);
	(void)rs_pdf_box_add(p, RS_PDF_GAP, 22, 0);
	if (d->notice != NULL)
		rs_pdf_node(p, d->notice);
	(void)rs_pdf_box_add(p, RS_PDF_GAP, 16, 0);
	title_facts(p);
}

static PangoContext *make_context(const struct rs_document *d)
{
	PangoFontMap *map = pango_cairo_font_map_new();
	PangoContext *c = pango_font_map_create_context(map);
	cairo_font_options_t *options = cairo_font_options_create();

	/* nothing of the screen or of the user's locale may decide about a line's width */
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
	pango_cairo_context_set_font_options(c, options);
	pango_cairo_context_set_resolution(c, 72);
	pango_context_set_round_glyph_positions(c, FALSE);
	pango_context_set_language(c, pango_language_from_string(d->language));
	pango_context_set_base_dir(c, PANGO_DIRECTION_LTR);
	cairo_font_options_destroy(options);
	g_object_unref(map);
	return c;
}

static void unref_attributes(gpointer list)
{
	pango_attr_list_unref(list);
}

int rs_emit_pdf(const struct rs_document *d, struct rs_buf *out, struct rs_err *err)
{
	RS_AUTO_ARENA arena = RS_ARENA_INIT;
	struct rs_pdf p = {
		.d = d, .l = rs_language_of(d->language), .arena = &arena,
		.width = RS_PDF_TEXT_WIDTH, .err = err,
	};
	size_t body;
	int status, contents_page;

	p.pango = make_context(d);
	p.layouts = g_ptr_array_new_with_free_func(g_object_unref);
	p.attributes = g_ptr_array_new_with_free_func(unref_attributes);
	title_page(&p);
	rs_pdf_place(&p, 0, 1);
	contents_page = p.pages + 1;
	body = p.n_boxes;
	rs_pdf_children(&p, d->root);
	rs_pdf_place(&p, body, contents_page + rs_pdf_contents_pages(&p));
	status = rs_arena_check(&arena, err);
	if (status == 0)
		status = rs_pdf_draw(&p, contents_page, out, err);
	g_ptr_array_free(p.layouts, TRUE);
	g_ptr_array_free(p.attributes, TRUE);
	g_object_unref(p.pango);
	return status;
}
