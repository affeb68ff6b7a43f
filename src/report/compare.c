/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison: loads the runs, makes its pairs, hands them to the outputs. */
#include "restudy/report/compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

const char *rs_contrast_word(const struct rs_contrast *r)
{
	const int lower = r->metric.better == RS_BETTER_LOWER;

	switch (r->verdict) {
	case RS_CONTRAST_LARGER:
		return lower ? "larger: worse" : "larger: better";
	case RS_CONTRAST_SMALLER:
		return lower ? "smaller: better" : "smaller: worse";
	case RS_CONTRAST_OPEN:
		return "no difference shown";
	case RS_CONTRAST_NO_INTERVAL:
		return "no interval";
	case RS_CONTRAST_NOT_COMPARED:
	case RS_CONTRAST_LAST:
		break;
	}
	return "not compared";
}

const char *rs_contrasts_title(int relative)
{
	return relative ? "Each metric divided by the baseline of its own run"
			: "Each metric in its own unit";
}

const char *rs_pair_reference(const struct rs_compared_pair *p)
{
	return p->a == NULL ? "published" : p->a->letter;
}

const char *rs_pair_title(struct rs_arena *arena, const struct rs_compared_pair *p)
{
	const char *text = rs_arena_printf(arena, "%s / %s", p->b->letter, rs_pair_reference(p));

	return text == NULL ? "" : text;
}

const char *rs_contrast_system(struct rs_arena *arena, const struct rs_contrast *r)
{
	const char *title = r->system->title == NULL ? r->system->id : r->system->title;
	const char *text;

	if (r->guests == 0)
		return title;
	text = rs_arena_printf(arena, "%s (%d %s)", title, r->guests,
			       r->guests == 1 ? "guest" : "guests");
	return text == NULL ? "" : text;
}

/* Two significant digits of the half width, as everywhere; but of an interval that spans
 * more than a factor of four each number has digits of its own. */
char *rs_ratio_text(char *buf, size_t size, enum rs_language l, const struct rs_contrast *r,
		    double v)
{
	const struct rs_interval *ci = &r->ratio.ci;
	const int wide = !(ci->lo * 4 > ci->hi);

	return rs_number(buf, size, l, v,
			 wide ? rs_decimals(v, v - fabs(v) / 10, v + fabs(v) / 10)
			      : rs_decimals(r->ratio.point, ci->lo, ci->hi));
}

char *rs_p_text(char *buf, size_t size, enum rs_language l, double p)
{
	char *point;

	if (p < 1e-4)
		(void)snprintf(buf, size, "< 0.0001");
	else
		(void)snprintf(buf, size, "%.2g", p);
	point = strchr(buf, '.');
	if (l == RS_LANGUAGE_DE && point != NULL)
		*point = ',';
	return buf;
}

static struct rs_compared_pair *new_pair(struct rs_comparison *c, struct rs_err *err)
{
	c->pairs = rs_arena_grow(&c->arena, c->pairs, c->n_pairs, sizeof(*c->pairs));
	if (c->pairs == NULL) {
		(void)rs_err_nomem(err);
		return NULL;
	}
	return &c->pairs[c->n_pairs++];
}

static int load_sides(struct rs_comparison *c, const struct rs_compared *runs, size_t n,
		      struct rs_err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct rs_compared_side *s = &c->sides[i];

		*s = (struct rs_compared_side){ .run = &runs[i], .analysis = RS_ANALYSIS_INIT };
		s->letter[0] = (char)('A' + (int)i);
		c->n_sides++;
		if (rs_analysis_load(&s->analysis, runs[i].plan, runs[i].store, err) < 0 ||
		    rs_side_describe(c, s, err) < 0)
			return rs_err_wrap(err, "run \"%s\"", runs[i].name);
	}
	return 0;
}

static int pair_runs(struct rs_comparison *c, struct rs_err *err)
{
	for (size_t i = 1; i < c->n_sides; i++) {
		struct rs_compared_pair *p = new_pair(c, err);

		if (p == NULL)
			return -1;
		p->a = &c->sides[0];
		p->b = &c->sides[i];
		if (rs_contrasts_of_runs(c, p, err) < 0 || rs_differences_find(c, p, err) < 0)
			return -1;
	}
	return 0;
}

static int pair_published(struct rs_comparison *c, struct rs_err *err)
{
	for (size_t i = 0; i < c->n_sides; i++) {
		const struct rs_plan *plan = c->sides[i].run->plan;
		struct rs_compared_pair *p;

		if (plan->n_published == 0)
			return rs_err_set(err, RS_ERR_USAGE, "the plan of \"%.120s\" has no published "
					  "numbers: name a second run, or a run of a plan with <published>",
					  c->sides[i].run->name);
		p = new_pair(c, err);
		if (p == NULL)
			return -1;
		p->b = &c->sides[i];
		p->published = plan->n_published > 1 || plan->published[0].source == NULL
				       ? "the published tables" : plan->published[0].source;
		if (p->b->analysis.emulated)
			p->warning = "the machine was emulated: compare directions, not sizes";
		else
			p->warning = "the paper's machine was another one: what stays comparable is the "
				     "ratio to the baseline";
		if (rs_contrasts_of_published(c, p, err) < 0)
			return -1;
	}
	return 0;
}

static int compare(struct rs_comparison *c, const struct rs_compared *runs, size_t n,
		   enum rs_against against, struct rs_err *err)
{
	if (load_sides(c, runs, n, err) < 0)
		return -1;
	if (against != RS_AGAINST_PUBLISHED && pair_runs(c, err) < 0)
		return -1;
	if (against != RS_AGAINST_RUNS && pair_published(c, err) < 0)
		return -1;
	return rs_arena_check(&c->arena, err);
}

struct rs_comparison *rs_compare(const struct rs_compared *runs, size_t n, enum rs_against against,
				 const char *program_version, const char *language,
				 struct rs_err *err)
{
	RS_AUTO_COMPARISON *c = NULL;

	if (n == 0 || n > RS_COMPARED_MOST || (n == 1 && against == RS_AGAINST_RUNS)) {
		(void)rs_err_set(err, RS_ERR_USAGE, "%zu runs cannot be compared: name 2 to %d, or one and "
				 "\"published\"", n, RS_COMPARED_MOST);
		return NULL;
	}
	c = rs_alloc(1, sizeof(*c), err);
	if (c == NULL)
		return NULL;
	c->program_version = program_version;
	c->l = rs_language_of(language != NULL ? language : runs[0].plan->language);
	if (compare(c, runs, n, against, err) < 0)
		return NULL;
	return RS_STEAL(&c);
}

void rs_comparison_free(struct rs_comparison *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n_sides; i++)
		rs_analysis_release(&c->sides[i].analysis);
	rs_arena_release(&c->arena);
	free(c);
}

void rs_comparison_freep(struct rs_comparison **c)
{
	rs_comparison_free(*c);
	*c = NULL;
}

int rs_comparison_write(struct rs_comparison *c, enum rs_comparison_output output,
			struct rs_buf *out, struct rs_err *err)
{
	switch (output) {
	case RS_COMPARISON_TEXT:
		rs_comparison_text(c, out);
		break;
	case RS_COMPARISON_CSV:
		rs_comparison_csv(c, out);
		break;
	case RS_COMPARISON_JSON:
		if (rs_comparison_json(c, out, err) < 0)
			return -1;
		break;
	case RS_COMPARISON_HTML:
		if (rs_comparison_html(c, out, err) < 0)
			return -1;
		break;
	case RS_COMPARISON_LAST:
		break;
	}
	return rs_buf_check(out, err);
}

static int write_file(const char *folder, const char *name, const struct rs_buf *bytes,
		      struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(folder, name, err);

	if (path == NULL || rs_buf_check(bytes, err) < 0)
		return -1;
	return rs_path_write(path, rs_buf_str(bytes), bytes->len, err);
}

int rs_comparison_write_folder(struct rs_comparison *c, const char *folder, struct rs_err *err)
{
	static const char *const names[] = {
		[RS_COMPARISON_TEXT] = "comparison.txt", [RS_COMPARISON_CSV] = "comparison.csv",
		[RS_COMPARISON_JSON] = "comparison.json", [RS_COMPARISON_HTML] = "comparison.html",
	};
	_Static_assert(RS_COUNT(names) == RS_COMPARISON_LAST, "every output has its file");
	RS_AUTO_BUF differences = RS_BUF_INIT;

	if (rs_path_mkdirs(folder, err) < 0)
		return -1;
	for (int i = 0; i < RS_COMPARISON_LAST; i++) {
		RS_AUTO_BUF bytes = RS_BUF_INIT;

		if (rs_comparison_write(c, (enum rs_comparison_output)i, &bytes, err) < 0 ||
		    write_file(folder, names[i], &bytes, err) < 0)
			return -1;
	}
	rs_differences_csv(c, &differences);
	if (write_file(folder, "differences.csv", &differences, err) < 0)
		return -1;
	return rs_comparison_figures(c, folder, err);
}
