/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A scene as SVG.  cairo has a surface for it, but that numbers ids by what the process
 * drew before, so that two of its figures in one page refer to each other's glyphs, and it
 * takes four times the bytes and the time.  Text is outlines, each glyph defined once, so
 * that a figure looks the same where its font is missing; what it says is in <desc>.
 */
#include "chart_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"

struct glyph {
	PangoFont *font;	/* borrowed: the layouts hold it */
	PangoGlyph id;
	size_t number;		/* from 1; 0: a free place */
};

#define USE_MAX 160

struct svg {
	const char *prefix;	/* of ids */
	char use[USE_MAX];	/* <use> up to the number of the glyph */
	size_t use_len;
	struct rs_buf defs, body, path;	/* path: the one being gathered */
	struct glyph *table;	/* owned; open addressing, size a power of two */
	size_t size, used;
	cairo_t *outlines;	/* owned; asked for the shapes of glyphs */
	struct rs_err err;
};

/* ---- numbers ---- */

#define NUMBER_MAX 32

/* Writes v at p, returns behind it.  Hundredths of a point are finer than any printer. */
static char *put_number(char *p, double v)
{
	char text[NUMBER_MAX];
	double scaled = floor(fabs(v) * 100 + 0.5);
	unsigned long long n = scaled < 9e15 ? (unsigned long long)scaled : 0;
	unsigned long long whole = n / 100;
	unsigned int rest = (unsigned int)(n % 100);
	size_t at = sizeof(text);

	if (rest != 0) {
		if (rest % 10 != 0)
			text[--at] = (char)('0' + rest % 10);
		text[--at] = (char)('0' + rest / 10);
		text[--at] = '.';
	}
	if (n == 0)
		text[--at] = '0';
	for (; whole > 0; whole /= 10)
		text[--at] = (char)('0' + whole % 10);
	if (v < 0 && n > 0)
		text[--at] = '-';
	memcpy(p, text + at, sizeof(text) - at);
	return p + sizeof(text) - at;
}

static void add_number(struct rs_buf *b, double v)
{
	char text[NUMBER_MAX];

	rs_buf_add(b, text, (size_t)(put_number(text, v) - text));
}

static void add_pair(struct rs_buf *b, char command, double x, double y)
{
	char text[2 + 2 * NUMBER_MAX], *p = text;

	*p++ = command;
	p = put_number(p, x);
	*p++ = ' ';
	p = put_number(p, y);
	rs_buf_add(b, text, (size_t)(p - text));
}

static void add_attribute(struct rs_buf *b, const char *name, double v)
{
	rs_buf_adds(b, name);
	rs_buf_adds(b, "=\"");
	add_number(b, v);
	rs_buf_addc(b, '"');
}

static void add_colour(struct rs_buf *b, const char *name, uint32_t rgb)
{
	if (rgb == RS_NO_INK)
		rs_buf_addf(b, " %s=\"none\"", name);
	else
		rs_buf_addf(b, " %s=\"#%06x\"", name, (unsigned)rgb);
}

/* ---- paths ---- */

static void svg_move(void *user, double x, double y)
{
	add_pair(&((struct svg *)user)->path, 'M', x, y);
}

static void svg_line(void *user, double x, double y)
{
	add_pair(&((struct svg *)user)->path, 'L', x, y);
}

static void svg_close(void *user)
{
	rs_buf_addc(&((struct svg *)user)->path, 'Z');
}

/* Two half circles. */
static void svg_circle(void *user, double x, double y, double radius)
{
	struct rs_buf *b = &((struct svg *)user)->path;

	add_pair(b, 'M', x - radius, y);
	for (int sign = 1; sign >= -1; sign -= 2) {
		add_pair(b, 'a', radius, radius);
		rs_buf_adds(b, " 0 1 1 ");
		add_number(b, 2 * sign * radius);
		rs_buf_adds(b, " 0");
	}
	rs_buf_addc(b, 'Z');
}

static void svg_show(void *user, const struct rs_ink *ink)
{
	struct svg *s = user;
	double on_off[2];

	rs_buf_adds(&s->body, "<path");
	if (ink->fill != RS_INK)	/* the group's */
		add_colour(&s->body, "fill", ink->fill);
	if (ink->fill != RS_NO_INK && ink->fill_alpha < 1)
		add_attribute(&s->body, " fill-opacity", ink->fill_alpha);
	if (ink->stroke != RS_NO_INK) {
		add_colour(&s->body, "stroke", ink->stroke);
		add_attribute(&s->body, " stroke-width", ink->stroke_pt);
		if (rs_dash_lengths(ink->dash, on_off) > 0) {
			rs_buf_adds(&s->body, " stroke-dasharray=\"");
			add_number(&s->body, on_off[0]);
			rs_buf_addc(&s->body, ' ');
			add_number(&s->body, on_off[1]);
			rs_buf_addc(&s->body, '"');
		}
	}
	rs_buf_adds(&s->body, " d=\"");
	rs_buf_add(&s->body, rs_buf_str(&s->path), s->path.len);
	rs_buf_adds(&s->body, "\"/>\n");
	if (s->path.failed)
		s->body.failed = 1;
	rs_buf_clear(&s->path);
}

/* ---- glyphs ---- */

static struct glyph *find_glyph(struct glyph *table, size_t size, PangoFont *font, PangoGlyph id)
{
	size_t at = ((size_t)(uintptr_t)font / 64 + (size_t)id * 2654435761u) & (size - 1);

	while (table[at].number != 0 && (table[at].font != font || table[at].id != id))
		at = (at + 1) & (size - 1);
	return &table[at];
}

static int grow_table(struct svg *s)
{
	size_t size = s->size == 0 ? 256 : 2 * s->size;
	struct glyph *table = rs_alloc(size, sizeof(*table), &s->err);

	if (table == NULL)
		return -1;
	for (size_t i = 0; i < s->size; i++)
		if (s->table[i].number != 0)
			*find_glyph(table, size, s->table[i].font, s->table[i].id) = s->table[i];
	free(s->table);
	s->table = table;
	s->size = size;
	return 0;
}

static void add_outline(struct rs_buf *b, const cairo_path_t *path)
{
	for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
		const cairo_path_data_t *d = &path->data[i];

		switch (d->header.type) {
		case CAIRO_PATH_MOVE_TO:
			if (i + d->header.length < path->num_data)	/* the last one starts nothing */
				add_pair(b, 'M', d[1].point.x, d[1].point.y);
			break;
		case CAIRO_PATH_LINE_TO:
			add_pair(b, 'L', d[1].point.x, d[1].point.y);
			break;
		case CAIRO_PATH_CURVE_TO:
			add_pair(b, 'C', d[1].point.x, d[1].point.y);
			add_pair(b, ' ', d[2].point.x, d[2].point.y);
			add_pair(b, ' ', d[3].point.x, d[3].point.y);
			break;
		case CAIRO_PATH_CLOSE_PATH:
			rs_buf_addc(b, 'Z');
			break;
		}
	}
}

static void define_glyph(struct svg *s, const struct glyph *g)
{
	const cairo_glyph_t at_origin = { .index = g->id };
	cairo_path_t *path;

	cairo_new_path(s->outlines);
	cairo_set_scaled_font(s->outlines, pango_cairo_font_get_scaled_font((PangoCairoFont *)g->font));
	cairo_glyph_path(s->outlines, &at_origin, 1);
	path = cairo_copy_path(s->outlines);
	rs_buf_addf(&s->defs, "<path id=\"%s-g%zu\" d=\"", s->prefix, g->number);
	if (path->status == CAIRO_STATUS_SUCCESS)
		add_outline(&s->defs, path);
	else
		s->defs.failed = 1;
	rs_buf_adds(&s->defs, "\"/>\n");
	cairo_path_destroy(path);
}

/* The number of a glyph, which is defined when it is met first; 0: out of memory. */
static size_t glyph_number(struct svg *s, PangoFont *font, PangoGlyph id)
{
	struct glyph *g;

	if (2 * s->used >= s->size && grow_table(s) < 0)
		return 0;
	g = find_glyph(s->table, s->size, font, id);
	if (g->number == 0) {
		*g = (struct glyph){ font, id, ++s->used };
		define_glyph(s, g);
	}
	return g->number;
}

/* A letter no font on this machine has: an empty frame of its width. */
static void put_unknown(struct svg *s, double x, double y, double width)
{
	struct rs_buf *b = &s->body;

	rs_buf_adds(b, "<path fill=\"none\" stroke=\"#222222\" stroke-width=\".4\" d=\"");
	add_pair(b, 'M', x + 0.1 * width, y);
	rs_buf_adds(b, "v-");
	add_number(b, fabs(width) * 1.1);
	rs_buf_addc(b, 'h');
	add_number(b, width * 0.8);
	rs_buf_addc(b, 'v');
	add_number(b, fabs(width) * 1.1);
	rs_buf_adds(b, "Z\"/>\n");
}

static char *put_literal(char *p, const char *text)
{
	const size_t n = strlen(text);

	memcpy(p, text, n);
	return p + n;
}

/* Most of a file are these elements; they are made in place and added at once. */
static void put_glyph(struct svg *s, PangoFont *font, const PangoGlyphInfo *g, double x, double y)
{
	char text[USE_MAX + 3 * NUMBER_MAX + 20], *p = text;
	size_t number;

	if (g->glyph == PANGO_GLYPH_EMPTY)
		return;
	if (g->glyph & PANGO_GLYPH_UNKNOWN_FLAG) {
		put_unknown(s, x, y, (double)g->geometry.width / PANGO_SCALE);
		return;
	}
	number = glyph_number(s, font, g->glyph);
	memcpy(p, s->use, s->use_len);
	p = put_number(p + s->use_len, (double)number);
	p = put_literal(p, "\" x=\"");
	p = put_number(p, x);
	p = put_literal(p, "\" y=\"");
	p = put_number(p, y);
	p = put_literal(p, "\"/>\n");
	rs_buf_add(&s->body, text, (size_t)(p - text));
}

/* One run: glyphs of one font, from x on. */
static void put_run(struct svg *s, const PangoGlyphItem *run, double x, double y)
{
	for (int i = 0; i < run->glyphs->num_glyphs; i++) {
		const PangoGlyphInfo *g = &run->glyphs->glyphs[i];

		put_glyph(s, run->item->analysis.font, g, x + (double)g->geometry.x_offset / PANGO_SCALE,
			  y + (double)g->geometry.y_offset / PANGO_SCALE);
		x += (double)g->geometry.width / PANGO_SCALE;
	}
}

static void put_runs(struct svg *s, PangoLayout *layout, double x, double y)
{
	PangoLayoutIter *iter = pango_layout_get_iter(layout);

	do {
		const PangoGlyphItem *run = pango_layout_iter_get_run_readonly(iter);
		PangoRectangle at;
		int baseline = pango_layout_iter_get_baseline(iter);

		if (run == NULL)	/* the end of a line */
			continue;
		pango_layout_iter_get_run_extents(iter, NULL, &at);
		put_run(s, run, x + (double)at.x / PANGO_SCALE, y + (double)baseline / PANGO_SCALE);
	} while (pango_layout_iter_next_run(iter));
	pango_layout_iter_free(iter);
}

static void svg_text(void *user, const struct rs_item *it, uint32_t ink)
{
	struct svg *s = user;
	PangoRectangle logical;
	int turned = it->angle < 0 || it->angle > 0, grouped = turned || ink != RS_INK;
	double x, y;

	pango_layout_get_extents(it->text, NULL, &logical);
	x = -(double)logical.x / PANGO_SCALE;
	y = -(double)logical.y / PANGO_SCALE;
	if (grouped)
		rs_buf_adds(&s->body, "<g");
	if (ink != RS_INK)
		add_colour(&s->body, "fill", ink);
	if (turned) {
		rs_buf_adds(&s->body, " transform=\"translate(");
		add_number(&s->body, it->x);
		rs_buf_addc(&s->body, ' ');
		add_number(&s->body, it->y);
		rs_buf_adds(&s->body, ") rotate(");
		add_number(&s->body, it->angle * 180 / G_PI);
		rs_buf_adds(&s->body, ")\"");
	} else {
		x += it->x;
		y += it->y;
	}
	if (grouped)
		rs_buf_adds(&s->body, ">\n");
	put_runs(s, it->text, x, y);
	if (grouped)
		rs_buf_adds(&s->body, "</g>\n");
}

static const struct rs_canvas canvas_svg = {
	.move = svg_move,
	.line = svg_line,
	.close = svg_close,
	.circle = svg_circle,
	.show = svg_show,
	.text = svg_text,
};

/* ---- the file ---- */

static void add_escaped(struct rs_buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '<')
			rs_buf_adds(out, "&lt;");
		else if (*text == '>')
			rs_buf_adds(out, "&gt;");
		else if (*text == '&')
			rs_buf_adds(out, "&amp;");
		else
			rs_buf_addc(out, *text);
	}
}

static void add_element(struct rs_buf *out, const char *name, const char *id, const char *text)
{
	if (*text == '\0')
		return;
	rs_buf_addf(out, "<%s", name);
	if (id != NULL)
		rs_buf_addf(out, " id=\"%s-%s\"", id, name);
	rs_buf_adds(out, ">");
	add_escaped(out, text);
	rs_buf_addf(out, "</%s>\n", name);
}

static void add_head(struct rs_buf *out, const struct rs_figure *f)
{
	rs_buf_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			 "<svg xmlns=\"http://www.w3.org/2000/svg\" "
			 "xmlns:xlink=\"http://www.w3.org/1999/xlink\" version=\"1.1\" role=\"img\"");
	rs_buf_addf(out, " aria-labelledby=\"%s-title", f->id);
	if (*f->description != '\0')
		rs_buf_addf(out, " %s-desc", f->id);
	rs_buf_adds(out, "\" width=\"");
	add_number(out, f->scene.width_pt);
	rs_buf_adds(out, "pt\" height=\"");
	add_number(out, f->scene.height_pt);
	rs_buf_adds(out, "pt\" viewBox=\"0 0 ");
	add_number(out, f->scene.width_pt);
	rs_buf_addc(out, ' ');
	add_number(out, f->scene.height_pt);
	rs_buf_adds(out, "\">\n");
	add_element(out, "title", f->id, *f->title == '\0' ? f->id : f->title);
	add_element(out, "desc", f->id, f->description);
	add_element(out, "metadata", NULL, f->provenance);
}

static int paint(struct svg *s, const struct rs_figure *f, struct rs_buf *out)
{
	cairo_surface_t *nothing = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);

	s->outlines = cairo_create(nothing);
	cairo_surface_destroy(nothing);
	if (cairo_status(s->outlines) != CAIRO_STATUS_SUCCESS)
		return rs_err_nomem(&s->err);
	rs_scene_paint(&f->scene, &canvas_svg, s, f->greyscale);
	if (s->err.kind != RS_ERR_NONE || rs_buf_check(&s->body, &s->err) < 0 ||
	    rs_buf_check(&s->defs, &s->err) < 0)
		return -1;
	add_head(out, f);
	rs_buf_adds(out, "<defs>\n");
	rs_buf_add(out, rs_buf_str(&s->defs), s->defs.len);
	/* paper, so that dark ink can be read on a dark page too */
	rs_buf_addf(out, "</defs>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n"
			 "<g fill=\"#%06x\">\n", RS_INK);
	rs_buf_add(out, rs_buf_str(&s->body), s->body.len);
	rs_buf_adds(out, "</g>\n</svg>\n");
	return rs_buf_check(out, &s->err);
}

int rs_svg_write(const struct rs_figure *f, struct rs_buf *out, struct rs_err *err)
{
	struct svg s = { .prefix = f->id, .defs = RS_BUF_INIT, .body = RS_BUF_INIT, .path = RS_BUF_INIT,
			 .err = RS_ERR_INIT };
	int rc;

	s.use_len = (size_t)snprintf(s.use, sizeof(s.use), "<use xlink:href=\"#%.120s-g", f->id);
	rc = paint(&s, f, out);

	cairo_destroy(s.outlines);
	rs_buf_release(&s.defs);
	rs_buf_release(&s.body);
	rs_buf_release(&s.path);
	free(s.table);
	return rc < 0 ? rs_err_set(err, s.err.kind, "figure \"%s\": %s", f->id, s.err.text) : 0;
}
