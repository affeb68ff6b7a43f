/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A comparison as one page, and its figures: a dot plot for each benchmark of a pair, ratios
 * with their intervals around the line at 1.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "compare_priv.h"
#include "content_priv.h"
#include "emit_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/chart.h"

#define MOST_BYTES ((size_t)16 * 1024 * 1024)

/* What compare says in English, in the page's language. */
static const char *say(struct rs_document *d, const char *text)
{
	return rs_phrase(&d->arena, rs_language_of(d->language), text);
}

/* ---- figures ---- */

struct plot {
	struct rs_arena *arena;
	const struct rs_comparison *c;
	const struct rs_compared_pair *p;
	const struct rs_contrasts *t;
	const struct rs_benchmark *benchmark;
	int relative;
	const char **categories, **metrics;
	size_t n_categories;
	struct rs_chart_series *series;
	const char **systems;
	size_t n_series;
};

static size_t place_of(const char **list, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], text) == 0)
			return i;
	return n;
}

static int is_shown(const struct plot *f, const struct rs_contrast *r)
{
	return strcmp(r->benchmark->id, f->benchmark->id) == 0 && !isnan(r->ratio.point);
}

/* The metrics and the systems that have a ratio. */
static void find_axes(struct plot *f)
{
	for (size_t i = 0; i < f->t->n; i++) {
		const struct rs_contrast *r = &f->t->v[i];
		const char *system = rs_contrast_system(f->arena, r);

		if (!is_shown(f, r))
			continue;
		if (place_of(f->metrics, f->n_categories, r->metric.id) == f->n_categories) {
			f->categories[f->n_categories] = r->metric.better == RS_BETTER_LOWER
				? rs_arena_printf(f->arena, f->c->l == RS_LANGUAGE_DE
								? "%s (niedriger ist besser)"
								: "%s (lower is better)", r->metric.title)
				: r->metric.title;
			f->metrics[f->n_categories++] = r->metric.id;
		}
		if (place_of(f->systems, f->n_series, system) == f->n_series) {
			f->series[f->n_series].is_baseline = r->system->is_baseline;
			f->systems[f->n_series] = system;
			f->series[f->n_series++].name = rs_phrase(f->arena, f->c->l, system);
		}
	}
}

static int fill_points(struct plot *f)
{
	for (size_t i = 0; i < f->n_series; i++) {
		f->series[i].points = rs_arena_new(f->arena, f->n_categories,
						   sizeof(*f->series[i].points));
		for (size_t k = 0; f->series[i].points != NULL && k < f->n_categories; k++)
			f->series[i].points[k] = (struct rs_point){
				(double)NAN, (double)NAN, (double)NAN, NULL, 0,
				rs_phrase(f->arena, f->c->l, "not compared") };
	}
	if (f->arena->failed)
		return -1;
	for (size_t i = 0; i < f->t->n; i++) {
		const struct rs_contrast *r = &f->t->v[i];
		struct rs_point *to;

		if (!is_shown(f, r))
			continue;
		to = &f->series[place_of(f->systems, f->n_series, rs_contrast_system(f->arena, r))]
			      .points[place_of(f->metrics, f->n_categories, r->metric.id)];
		*to = (struct rs_point){ .value = r->ratio.point, .lo = r->ratio.ci.lo,
					 .hi = r->ratio.ci.hi };
	}
	return 0;
}

static struct rs_figure *draw(struct plot *f, const char *id, struct rs_err *err)
{
	const enum rs_language l = f->c->l;
	const struct rs_look look = rs_look_of(&f->c->sides[0].run->plan->appearance,
					       f->p->b->analysis.epoch_s, l);
	const char *title = rs_phrase(f->arena, l, rs_pair_title(f->arena, f->p));
	const char *ratio = rs_arena_printf(f->arena, f->relative ? "Ratio %s, each divided by its baseline"
								  : "Ratio %s", title);
	const struct rs_chart chart = {
		.kind = RS_CHART_DOTS, .id = id,
		.title = rs_arena_printf(f->arena, "%s, %s", title, f->benchmark->id),
		.value_title = rs_phrase(f->arena, l, ratio),
		.note = rs_phrase(f->arena, l, "Dots: ratio of means; lines: 95 % interval, not corrected "
					       "for their number."),
		.categories = f->categories, .n_categories = f->n_categories,
		.series = f->series, .n_series = f->n_series,
		.reference = 1, .reference_label = rs_phrase(f->arena, l, "equal"),
		.better = RS_BETTER_HIGHER,
	};

	if (f->arena->failed) {
		(void)rs_err_nomem(err);
		return NULL;
	}
	return rs_figure_new(&chart, &look, err);
}

/* NULL without an error when the benchmark has no ratio in this table. */
static int make_figure(struct plot *f, const char *id, struct rs_figure **ret, struct rs_err *err)
{
	const size_t n = f->t->n;

	*ret = NULL;
	f->categories = rs_arena_new(f->arena, n, sizeof(*f->categories));
	f->metrics = rs_arena_new(f->arena, n, sizeof(*f->metrics));
	f->systems = rs_arena_new(f->arena, n, sizeof(*f->systems));
	f->series = rs_arena_new(f->arena, n, sizeof(*f->series));
	if (f->arena->failed)
		return rs_err_nomem(err);
	find_axes(f);
	if (f->n_series == 0)
		return 0;
	if (fill_points(f) < 0)
		return rs_err_nomem(err);
	*ret = draw(f, id, err);
	return *ret == NULL ? -1 : 0;
}

/* Calls visit for every figure of the comparison with its id and title. */
typedef int visit_fn(void *user, const struct plot *f, const char *id, struct rs_figure *figure,
		     struct rs_err *err);

static int visit_table(const struct rs_comparison *c, struct rs_arena *arena, size_t pair, int relative,
		       visit_fn *visit, void *user, struct rs_err *err)
{
	const struct rs_compared_pair *p = &c->pairs[pair];
	const struct rs_contrasts *t = relative ? &p->relative : &p->absolute;

	for (size_t i = 0; i < t->n; i++) {
		struct plot f = { .arena = arena, .c = c, .p = p, .t = t, .relative = relative,
				  .benchmark = t->v[i].benchmark };
		RS_AUTO_FIGURE *figure = NULL;
		const char *id = rs_arena_printf(arena, "%s-%s-%s%s", p->b->letter,
						 rs_pair_reference(p), f.benchmark->id,
						 relative ? "-to-baseline" : "");

		if (i > 0 && strcmp(t->v[i - 1].benchmark->id, f.benchmark->id) == 0)
			continue;
		if (id == NULL)
			return rs_err_nomem(err);
		if (make_figure(&f, id, &figure, err) < 0)
			return -1;
		if (figure != NULL && visit(user, &f, id, figure, err) < 0)
			return -1;
	}
	return 0;
}

static int write_figure(void *user, const struct plot *f, const char *id, struct rs_figure *figure,
			struct rs_err *err)
{
	static const char *const endings[] = {
		[RS_FORMAT_SVG] = "svg", [RS_FORMAT_PDF] = "pdf", [RS_FORMAT_PNG] = "png",
	};
	const char *folder = user;

	(void)f;
	for (int k = 0; k < RS_FORMAT_LAST; k++) {
		RS_AUTO_BUF bytes = RS_BUF_INIT;
		RS_AUTO_STR *path = rs_asprintf(err, "%s/%s.%s", folder, id, endings[k]);

		if (path == NULL || rs_figure_write(figure, (enum rs_format)k, &bytes, err) < 0 ||
		    rs_buf_check(&bytes, err) < 0 ||
		    rs_path_write(path, rs_buf_str(&bytes), bytes.len, err) < 0)
			return -1;
	}
	return 0;
}

int rs_comparison_figures(const struct rs_comparison *c, const char *folder, struct rs_err *err)
{
	RS_AUTO_STR *figures = rs_path_join(folder, "figures", err);
	RS_AUTO_ARENA arena = RS_ARENA_INIT;

	if (figures == NULL || rs_path_mkdirs(figures, err) < 0)
		return -1;
	for (size_t i = 0; i < c->n_pairs; i++)
		for (int relative = 0; relative < 2; relative++)
			if (visit_table(c, &arena, i, relative, write_figure, figures, err) < 0)
				return -1;
	return 0;
}

/* ---- page ---- */

struct page {
	struct rs_document *d;
	struct rs_node *section;
};

static int place_figure(void *user, const struct plot *f, const char *id, struct rs_figure *figure,
			struct rs_err *err)
{
	struct page *page = user;
	struct rs_arena *arena = &page->d->arena;
	struct rs_picture *p = rs_arena_new(arena, 1, sizeof(*p));
	struct rs_node *n = rs_node_add(page->d, page->section, RS_NODE_FIGURE);
	RS_AUTO_BUF svg = RS_BUF_INIT;

	if (p == NULL || n == NULL)
		return rs_err_nomem(err);
	if (rs_figure_write(figure, RS_FORMAT_SVG, &svg, err) < 0 || rs_buf_check(&svg, err) < 0)
		return -1;
	p->id = n->id = rs_arena_str(arena, id);
	p->alternative = rs_arena_str(arena, rs_figure_description(figure));
	p->svg = rs_arena_strn(arena, rs_buf_str(&svg), svg.len);
	p->svg_bytes = svg.len;
	p->width_pt = rs_figure_width_pt(figure);
	p->height_pt = rs_figure_height_pt(figure);
	p->has_own_width = f->c->sides[0].run->plan->appearance.width_pt > 0;
	n->picture = p;
	n->text = rs_arena_printf(arena, "%s, %s. %s", say(page->d, rs_pair_title(arena, f->p)),
				  f->benchmark->id, say(page->d, rs_contrasts_title(f->relative)));
	return rs_arena_check(arena, err);
}

static void head(struct rs_document *d, struct rs_node *table, const char *const *words, size_t n)
{
	struct rs_node *row = rs_node_row(d, table, RS_ROW_HEAD);

	for (size_t i = 0; i < n; i++)
		(void)rs_node_cell(d, row, say(d, words[i]));
}

/* The ratio of two printed numbers is known to more digits than anybody reads. */
#define MOST_DIGITS 5

static const char *value_text(struct rs_document *d, const struct rs_estimate *e, const char *printed)
{
	char number[64];
	const double order = e->point > 0 ? floor(log10(e->point)) : 0;
	const int decimals = rs_decimals(e->point, e->ci.lo, e->ci.hi);
	const int most = MOST_DIGITS - 1 - (int)order;

	if (printed != NULL)
		return rs_arena_str(&d->arena, printed);
	return rs_arena_str(&d->arena, rs_number(number, sizeof(number), rs_language_of(d->language),
					     e->point, decimals > most && most > 0 ? most : decimals));
}

static void ratio_row(struct rs_document *d, struct rs_node *table, const struct rs_contrast *r)
{
	struct rs_arena *arena = &d->arena;
	const enum rs_language l = rs_language_of(d->language);
	struct rs_node *row = rs_node_row(d, table, RS_ROW_BODY), *cell, *badge;
	char lo[64], hi[64];

	(void)rs_node_cell(d, row, say(d, rs_contrast_system(arena, r)));
	(void)rs_node_cell(d, row, value_text(d, &r->a, r->printed));
	(void)rs_node_cell(d, row, value_text(d, &r->b, NULL));
	(void)rs_node_cell(d, row, rs_ratio_text(lo, sizeof(lo), l, r, r->ratio.point));
	(void)rs_node_cell(d, row, isnan(r->ratio.ci.lo) ? NULL : rs_arena_printf(
		arena, "[%s;\xC2\xA0%s]", rs_ratio_text(lo, sizeof(lo), l, r, r->ratio.ci.lo),
		rs_ratio_text(hi, sizeof(hi), l, r, r->ratio.ci.hi)));
	(void)rs_node_cell(d, row, isnan(r->holm) ? NULL : rs_p_text(lo, sizeof(lo), l, r->holm));
	cell = rs_node_cell(d, row, NULL);
	badge = rs_node_inline(d, cell, RS_NODE_BADGE, say(d, rs_contrast_word(r)));
	if (badge == NULL)
		return;
	badge->tone = RS_TONE_OPEN;
	if (r->verdict == RS_CONTRAST_LARGER || r->verdict == RS_CONTRAST_SMALLER)
		badge->tone = (r->verdict == RS_CONTRAST_LARGER) == (r->metric.better == RS_BETTER_HIGHER)
				      ? RS_TONE_GOOD : RS_TONE_BAD;
	if (r->why != NULL)
		rs_node_textf(d, cell, " %s", say(d, r->why));
}

static void ratio_table(struct rs_document *d, struct rs_node *section, const struct rs_compared_pair *p,
			const struct rs_contrasts *t, int relative)
{
	static const enum rs_column columns[] = {
		RS_COLUMN_LEFT, RS_COLUMN_NUMBER, RS_COLUMN_NUMBER, RS_COLUMN_NUMBER, RS_COLUMN_LEFT,
		RS_COLUMN_LEFT, RS_COLUMN_LEFT,
	};
	const char *const words[] = { "System", rs_pair_reference(p), p->b->letter,
				      rs_pair_title(&d->arena, p), "95 % interval", "p (Holm)",
				      "Verdict" };
	const struct rs_contrast *last = NULL;
	struct rs_node *table, *note;

	if (t->n == 0)
		return;
	table = rs_node_table(d, section, rs_arena_printf(&d->arena, "ratios-%s-%s%s", p->b->letter,
							  rs_pair_reference(p), relative ? "-to-baseline" : ""),
			      NULL, say(d, rs_contrasts_title(relative)), columns, RS_COUNT(columns));
	head(d, table, words, RS_COUNT(words));
	for (size_t i = 0; i < t->n; i++) {
		const struct rs_contrast *r = &t->v[i];

		if (last == NULL || strcmp(last->benchmark->id, r->benchmark->id) != 0 ||
		    strcmp(last->metric.id, r->metric.id) != 0)
			(void)rs_node_cell_span(d, rs_node_row(d, table, RS_ROW_GROUP),
						rs_arena_printf(&d->arena, "%s: %s%s%s", r->benchmark->id,
								r->metric.title,
								r->unit[0] == '\0' ? "" : ", ", r->unit),
						(int)RS_COUNT(columns));
		last = r;
		ratio_row(d, table, r);
	}
	note = rs_node_add(d, table, RS_NODE_TABLE_NOTE);
	rs_node_text(d, note, say(d, rs_arena_printf(&d->arena, "p values with Holm's "
		"correction over the %zu ratios that have an interval, and a verdict needs one below 0.05.",
		t->family)));
}

static const char *there(struct rs_document *d, const char *text)
{
	if (text == NULL)
		return say(d, "not there");
	return text[0] == '\0' ? say(d, "there") : text;
}

static void difference_table(struct rs_document *d, struct rs_node *section,
			     const struct rs_compared_pair *p)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_LEFT, RS_COLUMN_LEFT };
	const char *const words[] = { "Place", p->a->letter, p->b->letter };
	const char *what = NULL;
	struct rs_node *table;

	table = rs_node_table(d, section, rs_arena_printf(&d->arena, "differences-%s-%s", p->b->letter,
							  p->a->letter), NULL,
			      say(d, rs_arena_printf(&d->arena,
				      "What differs in %zu places, while %zu are the same",
				      p->n_differences, p->same)), columns, RS_COUNT(columns));
	head(d, table, words, RS_COUNT(words));
	for (size_t i = 0; i < p->n_differences; i++) {
		const struct rs_difference *x = &p->differences[i];
		struct rs_node *row;

		if (what == NULL || strcmp(what, x->what) != 0)
			(void)rs_node_cell_span(d, rs_node_row(d, table, RS_ROW_GROUP),
						say(d, x->what), 3);
		what = x->what;
		row = rs_node_row(d, table, RS_ROW_BODY);
		(void)rs_node_cell(d, row, x->place);
		(void)rs_node_cell(d, row, there(d, x->a));
		(void)rs_node_cell(d, row, there(d, x->b));
	}
}

static void side_items(const struct rs_comparison *c, struct rs_document *d)
{
	struct rs_node *list = rs_node_add(d, d->root, RS_NODE_LIST);

	for (size_t i = 0; i < c->n_sides; i++) {
		const struct rs_compared_side *s = &c->sides[i];
		struct rs_node *item = rs_node_add(d, list, RS_NODE_ITEM);

		(void)rs_node_inline(d, item, RS_NODE_STRONG, s->letter);
		rs_node_text(d, item, c->l == RS_LANGUAGE_DE ? " ist " : " is ");
		(void)rs_node_inline(d, item, RS_NODE_CODE, s->run->name);
		rs_node_textf(d, item, ": %s; %s", say(d, s->told),
			      say(d, s->accelerated));
		if (s->substitutes != NULL)
			rs_node_textf(d, item, "; %s: %s", say(d, "substituted"),
				      say(d, s->substitutes));
	}
}

static int add_pair(const struct rs_comparison *c, struct rs_document *d, size_t pair,
		    struct rs_err *err)
{
	const struct rs_compared_pair *p = &c->pairs[pair];
	struct page page = { d, rs_node_add(d, d->root, RS_NODE_SECTION) };

	if (page.section == NULL)
		return rs_err_nomem(err);
	page.section->level = 1;
	page.section->text = rs_arena_printf(&d->arena, "%s%s%s",
					     say(d, rs_pair_title(&d->arena, p)),
					     p->published == NULL ? "" : ": ",
					     p->published == NULL ? "" : say(d, p->published));
	if (p->warning != NULL) {
		struct rs_node *callout = rs_node_add(d, page.section, RS_NODE_CALLOUT), *paragraph;

		if (callout != NULL)
			callout->tone = RS_TONE_WARN;
		paragraph = rs_node_add(d, callout, RS_NODE_PARAGRAPH);
		(void)rs_node_inline(d, paragraph, RS_NODE_STRONG,
				     c->l == RS_LANGUAGE_DE ? "Achtung:" : "Take care:");
		rs_node_textf(d, paragraph, " %s.", say(d, p->warning));
	}
	for (int relative = 0; relative < 2; relative++) {
		if (visit_table(c, &d->arena, pair, relative, place_figure, &page, err) < 0)
			return -1;
		ratio_table(d, page.section, p, relative ? &p->relative : &p->absolute, relative);
	}
	if (p->a != NULL)
		difference_table(d, page.section, p);
	return rs_arena_check(&d->arena, err);
}

int rs_comparison_html(const struct rs_comparison *c, struct rs_buf *out, struct rs_err *err)
{
	static const char *const no_facts[] = { NULL };
	RS_AUTO_DOCUMENT d = RS_DOCUMENT_INIT;
	RS_AUTO_BUF css = RS_BUF_INIT;
	RS_AUTO_STR *path = rs_path_data("templates/report.css", err);

	if (path == NULL || rs_path_read(path, MOST_BYTES, &css, err) < 0)
		return -1;
	d.root = rs_arena_new(&d.arena, 1, sizeof(*d.root));
	if (d.root == NULL)
		return rs_err_nomem(err);
	d.root->kind = RS_NODE_SECTION;
	d.language = rs_language_tag(c->l);
	d.title = say(&d, "Comparison of runs");
	d.generator = rs_arena_printf(&d.arena, "Restudy %s", c->program_version);
	d.facts = no_facts;
	d.epoch_s = c->sides[0].analysis.epoch_s;
	side_items(c, &d);
	for (size_t i = 0; i < c->n_pairs; i++)
		if (add_pair(c, &d, i, err) < 0)
			return -1;
	rs_document_number(&d);
	if (rs_arena_check(&d.arena, err) < 0 || rs_document_check(&d, err) < 0)
		return -1;
	return rs_emit_html(&d, rs_buf_str(&css), out, err);
}
