/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures on surfaces of cairo: a page of the caller, a PDF, a PNG. */
#include "chart_priv.h"

#include <cairo-pdf.h>
#include <math.h>
#include <string.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"

#define PNG_DPI	   300.0
#define PNG_PIXELS 36e6		/* at most; larger figures get fewer dots per inch */

static cairo_status_t collect(void *user, const unsigned char *bytes, unsigned int n)
{
	struct rs_buf *out = user;

	rs_buf_add(out, bytes, n);
	return out->failed ? CAIRO_STATUS_NO_MEMORY : CAIRO_STATUS_SUCCESS;
}

static int refused(cairo_status_t status, struct rs_err *err)
{
	if (status == CAIRO_STATUS_SUCCESS)
		return 0;
	if (status == CAIRO_STATUS_NO_MEMORY)
		return rs_err_nomem(err);
	return rs_err_set(err, RS_ERR_INTERNAL, "draw a figure: cairo says \"%s\"",
			  cairo_status_to_string(status));
}

int rs_figure_draw(const struct rs_figure *f, struct _cairo *cr, struct rs_err *err)
{
	cairo_save(cr);
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
	cairo_set_line_join(cr, CAIRO_LINE_JOIN_MITER);
	rs_scene_paint(&f->scene, &rs_canvas_cairo, cr, f->greyscale);
	cairo_restore(cr);
	return refused(cairo_status(cr), err);
}

/* Draws, closes the surface and releases it, whatever happened before. */
static int draw_and_close(const struct rs_figure *f, cairo_surface_t *surface, struct rs_err *err)
{
	cairo_t *cr = cairo_create(surface);
	int rc = rs_figure_draw(f, cr, err);

	cairo_destroy(cr);
	cairo_surface_finish(surface);
	if (rc == 0)
		rc = refused(cairo_surface_status(surface), err);
	cairo_surface_destroy(surface);
	return rc;
}

static void add_metadata(cairo_surface_t *s, cairo_pdf_metadata_t key, const char *text)
{
	if (*text != '\0')
		cairo_pdf_surface_set_metadata(s, key, text);
}

static int write_pdf(const struct rs_figure *f, struct rs_buf *out, struct rs_err *err)
{
	char date[32];
	cairo_surface_t *s = cairo_pdf_surface_create_for_stream(collect, out, f->scene.width_pt,
								 f->scene.height_pt);

	rs_clock_utc(date, sizeof(date), f->epoch_s);
	add_metadata(s, CAIRO_PDF_METADATA_TITLE, f->title);
	add_metadata(s, CAIRO_PDF_METADATA_SUBJECT, f->description);
	add_metadata(s, CAIRO_PDF_METADATA_KEYWORDS, f->provenance);
	cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATOR, "Restudy " RS_VERSION);
	cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATE_DATE, date);
	cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_MOD_DATE, date);
	return draw_and_close(f, s, err);
}

/* CRC-32 of PNG chunks (ISO 3309, PNG specification annex D). */
static uint32_t crc32_of(const unsigned char *p, size_t n)
{
	uint32_t crc = 0xffffffffu;

	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (int k = 0; k < 8; k++)
			crc = crc & 1 ? 0xedb88320u ^ crc >> 1 : crc >> 1;
	}
	return ~crc;
}

static void add_u32(struct rs_buf *b, uint32_t v)
{
	const unsigned char bytes[4] = { (unsigned char)(v >> 24), (unsigned char)(v >> 16 & 255),
					 (unsigned char)(v >> 8 & 255), (unsigned char)(v & 255) };

	rs_buf_add(b, bytes, sizeof(bytes));
}

static void add_chunk(struct rs_buf *out, const char *type, const struct rs_buf *data)
{
	RS_AUTO_BUF body = RS_BUF_INIT;

	rs_buf_adds(&body, type);
	rs_buf_add(&body, rs_buf_str(data), data->len);
	add_u32(out, (uint32_t)data->len);
	rs_buf_add(out, rs_buf_str(&body), body.len);
	add_u32(out, crc32_of((const unsigned char *)rs_buf_str(&body), body.len));
	if (body.failed || data->failed)
		out->failed = 1;
}

/* An international text chunk, not compressed. */
static void add_text_chunk(struct rs_buf *out, const char *keyword, const char *text)
{
	RS_AUTO_BUF data = RS_BUF_INIT;

	if (*text == '\0')
		return;
	rs_buf_add(&data, keyword, strlen(keyword) + 1);
	rs_buf_add(&data, "\0\0\0\0", 4);
	rs_buf_adds(&data, text);
	add_chunk(out, "iTXt", &data);
}

/* cairo writes neither size nor text: both go behind the header chunk. */
static void add_png(const struct rs_buf *raw, const struct rs_figure *f, double dpi,
		    struct rs_buf *out)
{
	const size_t head = 8 + 25;	/* signature, IHDR */
	RS_AUTO_BUF size = RS_BUF_INIT;
	double per_metre = floor(dpi / 0.0254 + 0.5);

	add_u32(&size, (uint32_t)per_metre);
	add_u32(&size, (uint32_t)per_metre);
	rs_buf_addc(&size, 1);
	rs_buf_add(out, raw->data, head);
	add_chunk(out, "pHYs", &size);
	add_text_chunk(out, "Title", f->title);
	add_text_chunk(out, "Description", f->description);
	add_text_chunk(out, "Source", f->provenance);
	rs_buf_add(out, raw->data + head, raw->len - head);
}

static int write_png(const struct rs_figure *f, struct rs_buf *out, struct rs_err *err)
{
	RS_AUTO_BUF raw = RS_BUF_INIT;
	double area = f->scene.width_pt * f->scene.height_pt;
	double dpi = fmin(PNG_DPI, 72 * sqrt(PNG_PIXELS / area));
	double w = ceil(f->scene.width_pt * dpi / 72 - 1e-6);
	double h = ceil(f->scene.height_pt * dpi / 72 - 1e-6);
	cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)w, (int)h);
	cairo_t *cr = cairo_create(s);
	int rc;

	cairo_set_source_rgb(cr, 1, 1, 1);
	cairo_paint(cr);
	cairo_scale(cr, dpi / 72, dpi / 72);
	rc = rs_figure_draw(f, cr, err);
	cairo_destroy(cr);
	if (rc == 0)
		rc = refused(cairo_surface_write_to_png_stream(s, collect, &raw), err);
	cairo_surface_destroy(s);
	if (rc < 0 || rs_buf_check(&raw, err) < 0)
		return -1;
	add_png(&raw, f, dpi, out);
	return 0;
}

int rs_figure_write(const struct rs_figure *f, enum rs_format format, struct rs_buf *out,
		    struct rs_err *err)
{
	int rc = -1;

	switch (format) {
	case RS_FORMAT_SVG:
		rc = rs_svg_write(f, out, err);
		break;
	case RS_FORMAT_PDF:
		rc = write_pdf(f, out, err);
		break;
	case RS_FORMAT_PNG:
		rc = write_png(f, out, err);
		break;
	case RS_FORMAT_LAST:
		return rs_err_set(err, RS_ERR_INTERNAL, "figure \"%s\": no such format", f->id);
	}
	return rc < 0 ? -1 : rs_buf_check(out, err);
}
