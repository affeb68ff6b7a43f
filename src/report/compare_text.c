/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison as text for a terminal, as tidy CSV and as JSON. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare_priv.h"
#include "escape_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"

/* ---- text ---- */

static const char *number_text(char *buf, size_t size, double v)
{
	return isnan(v) ? "-" : rs_format_fixed(buf, size, v, rs_decimals(v, (double)NAN, (double)NAN));
}

static void put_ratio(const struct rs_contrast *r, struct rs_buf *out)
{
	char point[64], lo[64], hi[64];

	rs_buf_adds(out, rs_ratio_text(point, sizeof(point), RS_LANGUAGE_EN, r, r->ratio.point));
	if (!isnan(r->ratio.ci.lo))
		rs_buf_addf(out, " [%s, %s]", rs_ratio_text(lo, sizeof(lo), RS_LANGUAGE_EN, r, r->ratio.ci.lo),
			    rs_ratio_text(hi, sizeof(hi), RS_LANGUAGE_EN, r, r->ratio.ci.hi));
}

/* Text with blanks to its right up to a width in characters. */
static void put_padded(struct rs_buf *out, const char *text, size_t width)
{
	const size_t n = rs_text_length(text);

	rs_text_clean(out, text);
	for (size_t i = n; i < width; i++)
		rs_buf_addc(out, ' ');
}

static void put_row(struct rs_arena *arena, const struct rs_contrast *r, struct rs_buf *out)
{
	RS_AUTO_BUF ratio = RS_BUF_INIT;
	char a[64], b[64];
	const char *name = rs_arena_printf(arena, "%s%s%s", r->metric.title, r->unit[0] == '\0' ? "" : ", ",
					   r->unit);

	rs_buf_adds(out, "  ");
	put_padded(out, name == NULL ? r->metric.id : name, 44);
	rs_buf_addc(out, ' ');
	put_padded(out, rs_contrast_system(arena, r), 18);
	rs_buf_addf(out, " %12s %12s  ",
		    r->printed != NULL ? r->printed : number_text(a, sizeof(a), r->a.point),
		    number_text(b, sizeof(b), r->b.point));
	put_ratio(r, &ratio);
	put_padded(out, rs_buf_str(&ratio), 24);
	rs_buf_addf(out, " %s", rs_contrast_word(r));
	if (!isnan(r->holm))
		rs_buf_addf(out, ", p %s", rs_p_text(a, sizeof(a), RS_LANGUAGE_EN, r->holm));
	rs_buf_addc(out, '\n');
}

static void put_missing(const struct rs_contrasts *t, struct rs_arena *arena, struct rs_buf *out)
{
	const char *last = NULL;
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct rs_contrast *r = &t->v[i];

		if (r->verdict != RS_CONTRAST_NOT_COMPARED)
			continue;
		if (n++ == 0)
			rs_buf_adds(out, "  not compared:\n");
		if (last == NULL || r->why == NULL || strcmp(last, r->why) != 0)
			rs_buf_addf(out, "%s    %s: ", n == 1 ? "" : "\n", r->why == NULL ? "" : r->why);
		else
			rs_buf_adds(out, ", ");
		rs_buf_addf(out, "%s of %s", r->metric.id, rs_contrast_system(arena, r));
		last = r->why;
	}
	if (n > 0)
		rs_buf_addc(out, '\n');
}

static void put_table(struct rs_arena *arena, const struct rs_compared_pair *p, int relative,
		      struct rs_buf *out)
{
	const struct rs_contrasts *t = relative ? &p->relative : &p->absolute;
	const char *benchmark = NULL;

	if (t->n == 0)
		return;
	rs_buf_addf(out, "\n%s\n", rs_contrasts_title(relative));
	for (size_t i = 0; i < t->n; i++) {
		const struct rs_contrast *r = &t->v[i];

		if (r->verdict == RS_CONTRAST_NOT_COMPARED)
			continue;
		if (benchmark == NULL || strcmp(benchmark, r->benchmark->id) != 0) {
			benchmark = r->benchmark->id;
			rs_buf_addf(out, "  %-44.44s %-18s %12s %12s  %s\n", benchmark, "system",
				    rs_pair_reference(p), p->b->letter, "ratio [95 % interval]");
		}
		put_row(arena, r, out);
	}
	if (t->family > 0)
		rs_buf_addf(out, "  p: Holm's correction over the %zu ratios of this table that have an "
				 "interval\n", t->family);
	put_missing(t, arena, out);
}

static void put_value(struct rs_buf *out, const char *text)
{
	RS_AUTO_BUF clean = RS_BUF_INIT;
	const char *s;

	if (text == NULL) {
		rs_buf_adds(out, "(not there)");
		return;
	}
	rs_text_clean(&clean, text);
	s = rs_buf_str(&clean);
	if (*s == '\0')
		rs_buf_adds(out, "(there)");
	for (; *s != '\0'; s++)
		rs_buf_addc(out, *s == '\n' || *s == '\t' ? ' ' : *s);
}

static void put_differences(const struct rs_compared_pair *p, struct rs_buf *out)
{
	const char *what = NULL;

	if (p->a == NULL)
		return;
	rs_buf_addf(out, "\nWhat differs: %zu places; %zu are the same\n", p->n_differences, p->same);
	for (size_t i = 0; i < p->n_differences; i++) {
		const struct rs_difference *d = &p->differences[i];

		if (what == NULL || strcmp(what, d->what) != 0)
			rs_buf_addf(out, "  %s\n", d->what);
		what = d->what;
		rs_buf_adds(out, "    ");
		rs_text_clean(out, d->place);
		rs_buf_addf(out, "\n      %s: ", p->a->letter);
		put_value(out, d->a);
		rs_buf_addf(out, "\n      %s: ", p->b->letter);
		put_value(out, d->b);
		rs_buf_addc(out, '\n');
	}
}

void rs_comparison_text(const struct rs_comparison *c, struct rs_buf *out)
{
	RS_AUTO_ARENA arena = RS_ARENA_INIT;

	for (size_t i = 0; i < c->n_sides; i++) {
		const struct rs_compared_side *s = &c->sides[i];

		rs_buf_addf(out, "%s  ", s->letter);
		rs_text_clean(out, s->run->name);
		rs_buf_addf(out, "\n   %s\n   %s%s%s\n", s->told, s->accelerated,
			    s->substitutes == NULL ? "" : "; substituted: ",
			    s->substitutes == NULL ? "" : s->substitutes);
	}
	for (size_t i = 0; i < c->n_pairs; i++) {
		const struct rs_compared_pair *p = &c->pairs[i];
		const char *title = rs_pair_title(&arena, p);

		rs_buf_addf(out, "\n==== %s%s%s%s\n", title, p->published == NULL ? "" : " (",
			    p->published == NULL ? "" : p->published, p->published == NULL ? "" : ")");
		if (p->warning != NULL)
			rs_buf_addf(out, "Take care: %s\n", p->warning);
		put_table(&arena, p, 0, out);
		put_table(&arena, p, 1, out);
		put_differences(p, out);
	}
	if (arena.failed)
		out->failed = 1;
}

/* ---- CSV ---- */

static void csv_number(struct rs_buf *out, double v)
{
	char text[64];

	rs_buf_addc(out, ',');
	if (isfinite(v))
		rs_buf_adds(out, rs_format_double(text, sizeof(text), v));
}

static void csv_text(struct rs_buf *out, const char *text)
{
	rs_buf_addc(out, ',');
	rs_text_csv(out, text == NULL ? "" : text);
}

static void csv_rows(const struct rs_compared_pair *p, const struct rs_contrasts *t,
		     const char *kind, struct rs_buf *out)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct rs_contrast *r = &t->v[i];

		rs_text_csv(out, rs_pair_reference(p));
		csv_text(out, p->b->letter);
		csv_text(out, kind);
		csv_text(out, r->benchmark->id);
		csv_text(out, r->metric.id);
		csv_text(out, r->system->id);
		rs_buf_addf(out, ",%d", r->guests);
		csv_text(out, r->unit);
		csv_number(out, r->a.point);
		csv_number(out, r->a.ci.lo);
		csv_number(out, r->a.ci.hi);
		rs_buf_addf(out, ",%zu", r->a.n);
		csv_number(out, r->b.point);
		csv_number(out, r->b.ci.lo);
		csv_number(out, r->b.ci.hi);
		rs_buf_addf(out, ",%zu", r->b.n);
		csv_number(out, r->ratio.point);
		csv_number(out, r->ratio.ci.lo);
		csv_number(out, r->ratio.ci.hi);
		csv_number(out, r->p);
		csv_number(out, r->holm);
		csv_text(out, rs_contrast_word(r));
		csv_text(out, r->why != NULL ? r->why : r->ratio.method);
		rs_buf_addc(out, '\n');
	}
}

void rs_comparison_csv(const struct rs_comparison *c, struct rs_buf *out)
{
	rs_buf_adds(out, "reference,run,kind,benchmark,metric,system,guests,unit,"
			 "reference_value,reference_low,reference_high,reference_trials,"
			 "value,low,high,trials,ratio,ratio_low,ratio_high,p,p_holm,verdict,method\n");
	for (size_t i = 0; i < c->n_pairs; i++) {
		csv_rows(&c->pairs[i], &c->pairs[i].absolute, "absolute", out);
		csv_rows(&c->pairs[i], &c->pairs[i].relative, "relative", out);
	}
}

void rs_differences_csv(const struct rs_comparison *c, struct rs_buf *out)
{
	rs_buf_adds(out, "reference,run,what,place,in_reference,reference_value,in_run,run_value\n");
	for (size_t i = 0; i < c->n_pairs; i++) {
		const struct rs_compared_pair *p = &c->pairs[i];

		for (size_t k = 0; k < p->n_differences; k++) {
			const struct rs_difference *d = &p->differences[k];

			rs_text_csv(out, rs_pair_reference(p));
			csv_text(out, p->b->letter);
			csv_text(out, d->what);
			csv_text(out, d->place);
			rs_buf_addf(out, ",%d", d->a != NULL);
			csv_text(out, d->a);
			rs_buf_addf(out, ",%d", d->b != NULL);
			csv_text(out, d->b);
			rs_buf_addc(out, '\n');
		}
	}
}

/* ---- JSON ---- */

static json_t *json_number(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

/* Text that is valid UTF-8 whatever the run holds. */
static json_t *json_text(const char *text)
{
	RS_AUTO_BUF clean = RS_BUF_INIT;

	if (text == NULL)
		return json_null();
	rs_text_clean(&clean, text);
	return json_string(rs_buf_str(&clean));
}

static json_t *json_estimate(const struct rs_estimate *e)
{
	return json_pack("{s:o, s:o, s:o, s:I, s:o}", "value", json_number(e->point), "low",
			 json_number(e->ci.lo), "high", json_number(e->ci.hi), "trials",
			 (json_int_t)e->n, "method", json_text(e->method));
}

static json_t *json_contrast(const struct rs_contrast *r)
{
	return json_pack("{s:o, s:o, s:o, s:i, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o}",
			 "benchmark", json_text(r->benchmark->id), "metric", json_text(r->metric.id),
			 "system", json_text(r->system->id), "guests", r->guests, "unit",
			 json_text(r->unit), "better", rs_better_name(r->metric.better), "reference",
			 json_estimate(&r->a), "published", json_text(r->printed), "run",
			 json_estimate(&r->b), "ratio", json_estimate(&r->ratio), "p",
			 json_number(r->p), "p_holm", json_number(r->holm), "verdict",
			 rs_contrast_word(r), "reason", json_text(r->why));
}

static json_t *json_contrasts(const struct rs_contrasts *t)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < t->n; i++)
		(void)json_array_append_new(rows, json_contrast(&t->v[i]));
	return json_pack("{s:s, s:I, s:o}", "correction", "Holm", "family", (json_int_t)t->family,
			 "rows", rows);
}

static json_t *json_pair(const struct rs_compared_pair *p)
{
	json_t *differences = json_array();

	for (size_t i = 0; i < p->n_differences; i++) {
		const struct rs_difference *d = &p->differences[i];

		(void)json_array_append_new(differences, json_pack(
			"{s:s, s:o, s:o, s:o}", "what", d->what, "place", json_text(d->place),
			"reference", json_text(d->a), "run", json_text(d->b)));
	}
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:I}", "reference",
			 rs_pair_reference(p), "run", p->b->letter, "published",
			 json_text(p->published), "warning", json_text(p->warning), "absolute",
			 json_contrasts(&p->absolute), "relative", json_contrasts(&p->relative),
			 "differences", differences, "same", (json_int_t)p->same);
}

static json_t *json_side(const struct rs_compared_side *s)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:b, s:o}", "letter", s->letter, "run",
			 json_text(s->run->name), "told", json_text(s->told), "machine",
			 json_text(s->accelerated), "emulated", s->analysis.emulated, "substituted",
			 json_text(s->substitutes));
}

int rs_comparison_json(const struct rs_comparison *c, struct rs_buf *out, struct rs_err *err)
{
	json_t *runs = json_array(), *pairs = json_array(), *all;
	char *text;

	for (size_t i = 0; i < c->n_sides; i++)
		(void)json_array_append_new(runs, json_side(&c->sides[i]));
	for (size_t i = 0; i < c->n_pairs; i++)
		(void)json_array_append_new(pairs, json_pair(&c->pairs[i]));
	all = json_pack("{s:o, s:o}", "runs", runs, "pairs", pairs);
	text = all == NULL ? NULL : json_dumps(all, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
	json_decref(all);
	if (text == NULL)
		return rs_err_nomem(err);
	rs_buf_adds(out, text);
	rs_buf_addc(out, '\n');
	free(text);
	return 0;
}
