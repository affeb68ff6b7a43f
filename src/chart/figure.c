/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A figure's life: a chart is laid out once and then owns all it needs. */
#include "restudy/chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "chart_priv.h"
#include "restudy/base/mem.h"

/* Text for metadata: valid UTF-8 that XML may hold. */
static char *metadata(const char *text, struct rs_err *err)
{
	char *good = g_utf8_make_valid(text != NULL ? text : "", -1);
	char *copy;

	for (char *p = good; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	copy = rs_strdup(good, err);
	g_free(good);
	return copy;
}

/* An id that XML and CSS accept without quoting: other bytes become '_'. */
static char *xml_id(const char *id, struct rs_err *err)
{
	char *s = rs_asprintf(err, "%.100s", id != NULL && id[0] != '\0' ? id : "figure");

	for (char *p = s; p != NULL && *p != '\0'; p++)
		if (!g_ascii_isalnum(*p) && *p != '-' && *p != '_' && *p != '.')
			*p = '_';
	if (s != NULL && !g_ascii_isalpha(s[0]))
		s[0] = 'f';
	return s;
}

static int fill_texts(struct rs_figure *f, const char *id, const char *title, const char *description,
		      const char *provenance, struct rs_err *err)
{
	f->id = xml_id(id, err);
	f->title = metadata(title, err);
	f->description = metadata(description, err);
	f->provenance = metadata(provenance, err);
	if (f->id == NULL || f->title == NULL || f->description == NULL || f->provenance == NULL)
		return -1;
	return 0;
}

/* Whether no font of this machine has a letter of name. */
static int lacks_letters(const struct rs_fig *fig, const char *name)
{
	struct rs_text t;
	int n = 0;

	for (const char *p = name; p != NULL && *p != '\0'; p++)
		n |= *p & 0x80;
	if (n == 0)
		return 0;
	t = rs_text_set(fig->s, RS_FACE_BODY, name, 0, 1);
	n = pango_layout_get_unknown_glyphs_count(t.layout);
	rs_text_release(&t);
	return n > 0;
}

static void tell_missing_letters(struct rs_fig *fig)
{
	const struct rs_chart *c = fig->c;
	int n = 0;

	for (size_t i = 0; i < c->n_categories && c->categories != NULL && n == 0; i++)
		n = lacks_letters(fig, c->categories[i]);
	for (size_t i = 0; i < c->n_series && n == 0; i++)
		n = lacks_letters(fig, c->series[i].name);
	if (n > 0)
		rs_fig_extra(fig, rs_word(fig->s->lang, RS_WORD_NO_LETTER));
}

static void lay_out(struct rs_fig *fig)
{
	const struct rs_chart *c = fig->c;
	int samples = c->kind == RS_CHART_BOX || c->kind == RS_CHART_ECDF || c->kind == RS_CHART_TIME;
	struct rs_range r = samples ? rs_range_of_samples(c) : rs_range_of_values(c);

	rs_fig_collect_reasons(fig);
	tell_missing_letters(fig);
	if (r.n == 0) {
		rs_fig_message(fig, rs_word(fig->s->lang, RS_WORD_NO_VALUE));
		return;
	}
	switch (c->kind) {
	case RS_CHART_BARS:
		rs_bars_layout(fig);
		break;
	case RS_CHART_DOTS:
		rs_dots_layout(fig);
		break;
	case RS_CHART_BOX:
		rs_box_layout(fig);
		break;
	case RS_CHART_ECDF:
		rs_ecdf_layout(fig);
		break;
	case RS_CHART_GUESTS:
		rs_guests_layout(fig);
		break;
	case RS_CHART_TIME:
		rs_timeline_layout(fig);
		break;
	case RS_CHART_STORAGE:
	case RS_CHART_LAST:
		break;
	}
}

static int build(struct rs_figure *f, const struct rs_chart *c, const struct rs_style *style,
		 struct rs_err *err)
{
	RS_AUTO_BUF description = RS_BUF_INIT;
	struct rs_fig fig = { .c = c, .s = style, .scene = &f->scene, .cut_lo = -(double)INFINITY,
			      .cut_hi = (double)INFINITY };

	if (c->description != NULL)
		rs_buf_adds(&description, c->description);
	else
		rs_describe(c, style->lang, &description);
	if (rs_buf_check(&description, err) < 0)
		return -1;
	if (fill_texts(f, c->id, c->title, rs_buf_str(&description), c->provenance, err) < 0)
		return -1;
	lay_out(&fig);
	if (f->scene.err.kind == RS_ERR_NONE)
		return 0;
	return rs_err_set(err, f->scene.err.kind, "figure \"%s\": %s", f->id, f->scene.err.text);
}

struct rs_figure *rs_figure_new(const struct rs_chart *c, const struct rs_look *look,
				struct rs_err *err)
{
	RS_AUTO_FIGURE *f = rs_alloc(1, sizeof(*f), err);
	struct rs_style style;
	int rc;

	if (f == NULL)
		return NULL;
	if ((int)c->kind < 0 || c->kind >= RS_CHART_STORAGE) {
		rs_err_set(err, RS_ERR_INTERNAL, "figure \"%s\": kind %d is not drawn from series",
			   c->id != NULL ? c->id : "", (int)c->kind);
		return NULL;
	}
	f->epoch_s = look->epoch_s;
	f->greyscale = look->greyscale;
	if (rs_style_init(&style, look, err) < 0)
		return NULL;
	rc = build(f, c, &style, err);
	rs_style_release(&style);
	return rc < 0 ? NULL : RS_STEAL(&f);
}

static int build_storage(struct rs_figure *f, const struct rs_plan *plan, const char *id,
			 const struct rs_style *style, struct rs_err *err)
{
	RS_AUTO_BUF description = RS_BUF_INIT;

	if (rs_storage_layout(plan, style, &f->scene, &description, err) < 0 ||
	    rs_buf_check(&description, err) < 0)
		return -1;
	return fill_texts(f, id, rs_word(style->lang, RS_WORD_STORAGE), rs_buf_str(&description), NULL,
			  err);
}

struct rs_figure *rs_figure_new_storage(const struct rs_plan *plan, const char *id,
					const struct rs_look *look, struct rs_err *err)
{
	RS_AUTO_FIGURE *f = rs_alloc(1, sizeof(*f), err);
	struct rs_style style;
	int rc;

	if (f == NULL || rs_style_init(&style, look, err) < 0)
		return NULL;
	f->epoch_s = look->epoch_s;
	f->greyscale = look->greyscale;
	rc = build_storage(f, plan, id, &style, err);
	rs_style_release(&style);
	return rc < 0 ? NULL : RS_STEAL(&f);
}

double rs_figure_width_pt(const struct rs_figure *f)
{
	return f->scene.width_pt;
}

double rs_figure_height_pt(const struct rs_figure *f)
{
	return f->scene.height_pt;
}

const char *rs_figure_description(const struct rs_figure *f)
{
	return f->description;
}

void rs_figure_free(struct rs_figure *f)
{
	if (f == NULL)
		return;
	rs_scene_release(&f->scene);
	free(f->id);
	free(f->title);
	free(f->description);
	free(f->provenance);
	free(f);
}

void rs_figure_freep(struct rs_figure **f)
{
	rs_figure_free(*f);
	*f = NULL;
}
