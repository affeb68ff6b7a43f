/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Setting text with pango: any bytes in, measured lines out. */
#include "chart_priv.h"

#include <math.h>
#include <string.h>

/* Longer names are cut before they are set: nobody reads them in a figure, and the
 * time to set them grows with their length. */
#define LONGEST 600

/* Valid UTF-8 on one line: what is broken becomes U+FFFD, controls become blanks. */
static char *clean(const char *text)
{
	char *s = g_utf8_make_valid(text == NULL ? "" : text, -1);

	if (g_utf8_strlen(s, -1) > LONGEST)
		*g_utf8_offset_to_pointer(s, LONGEST) = '\0';
	for (char *p = s; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	return s;
}

static void measure(struct rs_text *t)
{
	PangoRectangle logical;

	pango_layout_get_extents(t->layout, NULL, &logical);
	t->w = (double)logical.width / PANGO_SCALE;
	t->h = (double)logical.height / PANGO_SCALE;
}

static int is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s >= 0x7f || (unsigned char)*s < 0x20)
			return 0;
	return 1;
}

static void set_width(PangoLayout *layout, double width_pt)
{
	const double units = floor(width_pt * PANGO_SCALE);

	pango_layout_set_width(layout, (int)units);
}

struct rs_text rs_text_set(const struct rs_style *s, enum rs_face face, const char *text,
			   double width_pt, int lines)
{
	struct rs_text t = { NULL, 0, 0 };

	t.layout = pango_layout_new(s->pango);
	pango_layout_set_font_description(t.layout, s->face[face]);
	if (text != NULL && strlen(text) <= LONGEST && is_plain(text)) {
		pango_layout_set_text(t.layout, text, -1);
	} else {
		char *good = clean(text);

		pango_layout_set_text(t.layout, good, -1);
		g_free(good);
	}
	if (width_pt > 0) {
		set_width(t.layout, width_pt);
		pango_layout_set_wrap(t.layout, PANGO_WRAP_WORD_CHAR);
		pango_layout_set_height(t.layout, -lines);
		pango_layout_set_ellipsize(t.layout, PANGO_ELLIPSIZE_END);
	}
	measure(&t);
	if (width_pt > 0 && t.w > width_pt) {
		/* an ellipsis or a hyphen may come out wider than what it was weighed with */
		set_width(t.layout, fmax(1, 2 * width_pt - t.w));
		measure(&t);
	}
	return t;
}

/* Whether the blank at p stands between a number and its unit: a word of at most five bytes. */
static int is_before_unit(const char *text, const char *p)
{
	size_t n = strcspn(p + 1, " ,;)");

	return p > text && g_ascii_isdigit(p[-1]) && n > 0 && n <= 5 && !g_ascii_isdigit(p[1]);
}

struct rs_text rs_text_set_name(const struct rs_style *s, enum rs_face face, const char *name,
				double width_pt, int lines)
{
	char glued[200];
	size_t n = 0;

	if (name == NULL || strlen(name) > 80 || strchr(name, ' ') == NULL)
		return rs_text_set(s, face, name, width_pt, lines);
	for (const char *p = name; *p != '\0'; p++) {
		if (*p == ' ' && is_before_unit(name, p)) {
			memcpy(glued + n, "\u00a0", 2);
			n += 2;
		} else {
			glued[n++] = *p;
		}
	}
	glued[n] = '\0';
	return rs_text_set(s, face, glued, width_pt, lines);
}

void rs_text_release(struct rs_text *t)
{
	g_clear_object(&t->layout);
	t->w = t->h = 0;
}

/* A line break inside a word is one that is not at a break opportunity. */
static int breaks_words(PangoLayout *layout)
{
	int n = 0, bytes = 0;
	const PangoLogAttr *attrs = pango_layout_get_log_attrs_readonly(layout, &n);
	const char *text = pango_layout_get_text(layout);

	for (int i = 1; i < pango_layout_get_line_count(layout); i++) {
		PangoLayoutLine *line = pango_layout_get_line_readonly(layout, i);
		long at;

		bytes = line->start_index;
		at = g_utf8_pointer_to_offset(text, text + bytes);
		if (at < n && !attrs[at].is_line_break)
			return 1;
	}
	return 0;
}

int rs_text_is_whole(const struct rs_text *t, double width_pt)
{
	return !pango_layout_is_ellipsized(t->layout) && t->w <= width_pt + 0.01 &&
	       !breaks_words(t->layout);
}

void rs_text_put(struct rs_scene *scene, enum rs_role role, struct rs_text *t, double x, double y,
		 enum rs_anchor anchor, double angle, uint32_t ink)
{
	struct rs_item *it = rs_scene_add(scene, RS_SHAPE_TEXT, role);

	if (it == NULL) {
		rs_text_release(t);
		return;
	}
	switch (anchor) {
	case RS_ANCHOR_LEFT:
		break;
	case RS_ANCHOR_CENTRE:
		x -= t->w / 2 * cos(angle);
		y -= t->w / 2 * sin(angle);
		pango_layout_set_alignment(t->layout, PANGO_ALIGN_CENTER);
		break;
	case RS_ANCHOR_RIGHT:
		x -= t->w * cos(angle);
		y -= t->w * sin(angle);
		if (pango_layout_get_line_count(t->layout) > 1)
			pango_layout_set_alignment(t->layout, PANGO_ALIGN_RIGHT);
		break;
	}
	it->x = x;
	it->y = y;
	it->w = t->w;
	it->h = t->h;
	it->angle = angle;
	it->fill = ink;
	it->text = t->layout;
	*t = (struct rs_text){ NULL, 0, 0 };
}
