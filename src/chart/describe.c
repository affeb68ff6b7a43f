/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text alternative of a chart, made from its data: what a reader of the picture
 * would read off, value by value, as long as that is not too long. */
#include "chart_priv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LONGEST 4000		/* bytes; then only the range of each series is told */

static enum rs_word kind_word(enum rs_chart_kind kind)
{
	switch (kind) {
	case RS_CHART_BARS:
		return RS_WORD_BARS;
	case RS_CHART_DOTS:
		return RS_WORD_DOTS;
	case RS_CHART_BOX:
		return RS_WORD_BOX;
	case RS_CHART_ECDF:
		return RS_WORD_ECDF;
	case RS_CHART_GUESTS:
		return RS_WORD_LINES;
	case RS_CHART_TIME:
		return RS_WORD_TIME;
	case RS_CHART_STORAGE:
	case RS_CHART_LAST:
		break;
	}
	return RS_WORD_STORAGE;
}

static const char *named(const char *s, const char *otherwise)
{
	return s != NULL && s[0] != '\0' ? s : otherwise;
}

static void add_value(struct rs_buf *out, double v, enum rs_chart_lang lang)
{
	char buf[64];

	rs_buf_adds(out, rs_chart_number(buf, sizeof(buf), v, -1, lang));
}

static void add_samples(struct rs_buf *out, const struct rs_point *p, enum rs_chart_lang lang)
{
	struct rs_range r = { 0, 0, 0, 0 };

	for (size_t i = 0; i < p->n_samples; i++)
		rs_range_add(&r, p->samples[i]);
	rs_buf_addf(out, "%s[n = %zu: ", rs_is_drawn(p->value) ? " " : "", r.n);
	add_value(out, r.lo, lang);
	rs_buf_addf(out, " %s ", rs_word(lang, RS_WORD_TO));
	add_value(out, r.hi, lang);
	rs_buf_adds(out, "]");
}

static void add_point(struct rs_buf *out, const struct rs_point *p, enum rs_chart_lang lang)
{
	if (!rs_is_drawn(p->value) && !rs_point_has_samples(p)) {
		rs_buf_addf(out, "%s (%.120s)", rs_word(lang, RS_WORD_MISSING), rs_point_reason(p, lang));
		return;
	}
	if (rs_is_drawn(p->value))
		add_value(out, p->value, lang);
	if (rs_is_drawn(p->value) && rs_is_drawn(p->lo) && rs_is_drawn(p->hi)) {
		/* brackets: cairo writes a text with parentheses as UTF-16 in hexadecimal */
		rs_buf_adds(out, " [");
		add_value(out, p->lo, lang);
		rs_buf_addf(out, " %s ", rs_word(lang, RS_WORD_TO));
		add_value(out, p->hi, lang);
		rs_buf_adds(out, "]");
	} else if (rs_point_has_samples(p)) {
		add_samples(out, p, lang);
	}
}

static void add_all(struct rs_buf *out, const struct rs_chart *c, enum rs_chart_lang lang)
{
	for (size_t k = 0; k < c->n_categories && out->len < 2 * LONGEST; k++) {
		rs_buf_addf(out, " %.200s:", named(c->categories != NULL ? c->categories[k] : NULL, "–"));
		for (size_t s = 0, told = 0; s < c->n_series && out->len < 2 * LONGEST; s++) {
			const struct rs_point *p = &c->series[s].points[k];

			if (!rs_fig_is_missing(c, p) && !rs_is_drawn(p->value) && !rs_point_has_samples(p))
				continue;
			rs_buf_addf(out, "%s %.200s ", told++ > 0 ? ";" : "", named(c->series[s].name, "–"));
			add_point(out, p, lang);
		}
		rs_buf_adds(out, ".");
	}
}

static void add_ranges(struct rs_buf *out, const struct rs_chart *c, enum rs_chart_lang lang)
{
	for (size_t s = 0; s < c->n_series && out->len < LONGEST; s++) {
		struct rs_range r = { 0, 0, 0, 0 };

		for (size_t k = 0; k < c->n_categories; k++)
			rs_range_add(&r, c->series[s].points[k].value);
		rs_buf_addf(out, " %.200s: ", named(c->series[s].name, "–"));
		if (r.n == 0) {
			rs_buf_addf(out, "%s.", rs_word(lang, RS_WORD_MISSING));
			continue;
		}
		add_value(out, r.lo, lang);
		rs_buf_addf(out, " %s ", rs_word(lang, RS_WORD_TO));
		add_value(out, r.hi, lang);
		rs_buf_adds(out, ".");
	}
}

void rs_describe(const struct rs_chart *c, enum rs_chart_lang lang, struct rs_buf *out)
{
	RS_AUTO_BUF all = RS_BUF_INIT;

	rs_buf_adds(out, rs_word(lang, kind_word(c->kind)));
	if (c->value_title != NULL && c->value_title[0] != '\0')
		rs_buf_addf(out, ": %.300s", c->value_title);
	if (c->unit != NULL && c->unit[0] != '\0')
		rs_buf_addf(out, " (%.60s)", c->unit);
	if (c->better == RS_BETTER_LOWER)
		rs_buf_addf(out, ", %s", rs_word(lang, RS_WORD_LOWER_BETTER));
	rs_buf_adds(out, ".");
	add_all(&all, c, lang);
	if (all.failed)
		out->failed = 1;
	else if (all.len <= LONGEST)
		rs_buf_adds(out, rs_buf_str(&all));
	else
		add_ranges(out, c, lang);
	if (c->note != NULL && c->note[0] != '\0')
		rs_buf_addf(out, " %.600s", c->note);
}
