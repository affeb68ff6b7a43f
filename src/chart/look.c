/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the caller asked for, made complete: sizes, faces, and a pango context that
 * depends on nothing but the look, so that text has the same size on every surface.
 */
#include "chart_priv.h"

#include <fontconfig/fontconfig.h>
#include <math.h>
#include <string.h>

#include "restudy/base/mem.h"

/* Of the body size; no text gets smaller than 5 pt, which journals accept at least. */
static const double relative_size[RS_FACE_LAST] = { 1, 1, 0.875, 0.75 };

static double within(double v, double lo, double hi, double otherwise)
{
	if (!isfinite(v) || v <= 0)
		return otherwise;
	return fmax(lo, fmin(hi, v));
}

static int make_context(struct rs_style *s, const char *language)
{
	cairo_font_options_t *options = cairo_font_options_create();

	s->pango = pango_font_map_create_context(pango_cairo_font_map_get_default());
	if (s->pango == NULL || cairo_font_options_status(options) != CAIRO_STATUS_SUCCESS) {
		cairo_font_options_destroy(options);
		return -1;
	}
	/* outlines as designed: hinting would move letters differently at each size */
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
	pango_cairo_context_set_font_options(s->pango, options);
	cairo_font_options_destroy(options);
	pango_cairo_context_set_resolution(s->pango, 72);
	pango_context_set_round_glyph_positions(s->pango, FALSE);
	pango_context_set_language(s->pango, pango_language_from_string(language));
	pango_context_set_base_dir(s->pango, PANGO_DIRECTION_LTR);
	return 0;
}

static void make_faces(struct rs_style *s, const char *family)
{
	for (int i = 0; i < RS_FACE_LAST; i++) {
		PangoFontMetrics *m;
		double units = floor(s->size_pt[i] * PANGO_SCALE + 0.5);
		int height;

		s->face[i] = pango_font_description_new();
		pango_font_description_set_family(s->face[i], family);
		pango_font_description_set_size(s->face[i], (int)units);
		if (i == RS_FACE_BOLD)
			pango_font_description_set_weight(s->face[i], PANGO_WEIGHT_BOLD);
		if (i == RS_FACE_BOLD) {
			s->line_pt[i] = s->line_pt[RS_FACE_BODY];
			continue;
		}
		m = pango_context_get_metrics(s->pango, s->face[i], NULL);
		height = pango_font_metrics_get_height(m);
		s->line_pt[i] = (double)height / PANGO_SCALE;
		pango_font_metrics_unref(m);
	}
}

static int any_font(void)
{
	static const FcSetName sets[] = { FcSetSystem, FcSetApplication };

	for (size_t i = 0; i < RS_COUNT(sets); i++) {
		const FcFontSet *fonts = FcConfigGetFonts(NULL, sets[i]);

		if (fonts != NULL && fonts->nfont > 0)
			return 1;
	}
	return 0;
}

int rs_style_init(struct rs_style *s, const struct rs_look *look, struct rs_err *err)
{
	const char *language = look->language != NULL ? look->language : "en";
	const char *family = look->font != NULL && look->font[0] != '\0' ? look->font : "DejaVu Sans";
	double body = within(look->font_size_pt, 5, 24, 8);

	memset(s, 0, sizeof(*s));
	if (!any_font())
		return rs_err_set(err, RS_ERR_MACHINE, "no font is installed, so nothing can be drawn: "
				  "apt-get install fonts-dejavu-core");
	s->lang = strncmp(language, "de", 2) == 0 ? RS_CHART_DE : RS_CHART_EN;
	s->width_pt = within(look->width_pt, 100, 2000, 180 * 72 / 25.4);
	s->height_pt = within(look->height_pt, 40, 2000, 0);
	s->hatch = look->hatch;
	for (int i = 0; i < RS_FACE_LAST; i++)
		s->size_pt[i] = fmax(5, body * relative_size[i]);
	if (make_context(s, language) < 0)
		return rs_err_nomem(err);
	make_faces(s, family);
	return 0;
}

void rs_style_release(struct rs_style *s)
{
	for (int i = 0; i < RS_FACE_LAST; i++)
		g_clear_pointer(&s->face[i], pango_font_description_free);
	g_clear_object(&s->pango);
}
