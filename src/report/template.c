/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads a template: XML with prose and with elements that stand for what was measured.
 * An element is one row of a table below: where it may stand, and what it makes.
 * Every complaint has the file, the line and the element.
 */
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <string.h>

#include "content_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#define NAMESPACE "urn:restudy:report:1"
#define MOST_BYTES ((size_t)4 * 1024 * 1024)
#define MOST_DEPTH 40

struct reader {
	struct rs_content *c;
	const char *path;
	int depth;
	struct rs_err *err;
};

typedef int element_fn(struct reader *r, const xmlNode *x, struct rs_node *parent);

enum place { PLACE_TOP = 1, PLACE_BLOCK = 2, PLACE_INLINE = 4, PLACE_LIST = 8 };

static int read_children(struct reader *r, const xmlNode *x, struct rs_node *parent,
			 enum place place);

static int complain(struct reader *r, const xmlNode *x, const char *what)
{
	return rs_err_set(r->err, RS_ERR_PLAN, "%s:%ld: <%s>: %s", rs_path_base(r->path),
			  xmlGetLineNo(x), (const char *)x->name, what);
}

static int complain_value(struct reader *r, const xmlNode *x, const char *attribute,
			  const char *value, const char *allowed)
{
	return rs_err_set(r->err, RS_ERR_PLAN, "%s:%ld: <%s %s='%.60s'>: must be one of: %s",
			  rs_path_base(r->path), xmlGetLineNo(x), (const char *)x->name, attribute,
			  value, allowed);
}

/* A borrowed attribute value, or NULL: the text node below it. */
static const char *attribute(const xmlNode *x, const char *name)
{
	for (const xmlAttr *a = x->properties; a != NULL; a = a->next)
		if (a->ns == NULL && strcmp((const char *)a->name, name) == 0)
			return a->children == NULL ? "" : (const char *)a->children->content;
	return NULL;
}

static int required(struct reader *r, const xmlNode *x, const char *name, const char **ret)
{
	*ret = attribute(x, name);
	if (*ret == NULL)
		return rs_err_set(r->err, RS_ERR_PLAN, "%s:%ld: <%s>: attribute \"%s\" is missing",
				  rs_path_base(r->path), xmlGetLineNo(x), (const char *)x->name,
				  name);
	return 0;
}

/* "yes" or, without the attribute too, "no". */
static int is_yes(struct reader *r, const xmlNode *x, const char *name, int *ret)
{
	const char *value = attribute(x, name);

	*ret = value != NULL && strcmp(value, "yes") == 0;
	return value == NULL || *ret || strcmp(value, "no") == 0 ? 0
	       : complain_value(r, x, name, value, "yes no");
}

static int value_text(struct reader *r, const xmlNode *x, const char *name, struct rs_buf *out)
{
	RS_AUTO_BUF names = RS_BUF_INIT;
	const int status = rs_value_put(r->c, name, out, r->err);

	if (status <= 0)
		return status;
	rs_value_names(&names);
	return complain_value(r, x, "of", name, rs_buf_str(&names));
}

static int read_section(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	const char *title = attribute(x, "title"), *title_of = attribute(x, "title-of");
	const char *id = attribute(x, "id"), *id_of = attribute(x, "id-of");
	struct rs_node *s = rs_node_add(r->c->d, parent, RS_NODE_SECTION);
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (s == NULL)
		return 0;
	if (title == NULL && title_of == NULL)
		return complain(r, x, "needs \"title\" or \"title-of\"");
	if (title != NULL)
		rs_buf_adds(&text, title);
	else if (value_text(r, x, title_of, &text) < 0)
		return -1;
	s->text = rs_arena_take(&r->c->d->arena, &text);
	if (is_yes(r, x, "appendix", &s->appendix) < 0)
		return -1;
	rs_buf_clear(&text);
	rs_buf_adds(&text, "sec-");
	if (id != NULL)
		rs_buf_adds(&text, id);
	else if (id_of != NULL && value_text(r, x, id_of, &text) < 0)
		return -1;
	if (id != NULL || id_of != NULL)
		s->id = rs_arena_take(&r->c->d->arena, &text);
	return read_children(r, x, s, PLACE_BLOCK);
}

/* A block whose inline content came to nothing is left out. */
static void drop_empty(struct rs_node *parent, struct rs_node *before, struct rs_node *n)
{
	if (n == NULL || n->first != NULL)
		return;
	if (before == NULL)
		parent->first = NULL;
	else
		before->next = NULL;
	parent->last = before;
}

static int read_inline_block(struct reader *r, const xmlNode *x, struct rs_node *parent,
			     enum rs_node_kind kind, enum place place)
{
	struct rs_node *before = parent->last;
	struct rs_node *n = rs_node_add(r->c->d, parent, kind);

	if (n == NULL)
		return 0;
	if (read_children(r, x, n, place) < 0)
		return -1;
	drop_empty(parent, before, n);
	return 0;
}

static int read_p(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	return read_inline_block(r, x, parent, RS_NODE_PARAGRAPH, PLACE_INLINE);
}

static int read_ul(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	return read_inline_block(r, x, parent, RS_NODE_LIST, PLACE_LIST);
}

static int read_li(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	return read_inline_block(r, x, parent, RS_NODE_ITEM, PLACE_INLINE);
}

static int tone_of(struct reader *r, const xmlNode *x, enum rs_tone *ret)
{
	const char *name = attribute(x, "tone");

	*ret = RS_TONE_PLAIN;
	if (name == NULL)
		return 0;
	for (int t = 0; t < RS_TONE_LAST; t++)
		if (strcmp(rs_tone_name((enum rs_tone)t), name) == 0) {
			*ret = (enum rs_tone)t;
			return 0;
		}
	return complain_value(r, x, "tone", name, "plain good bad open warn");
}

static int read_note(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	struct rs_node *before = parent->last;
	struct rs_node *n = rs_node_add(r->c->d, parent, RS_NODE_CALLOUT);

	if (n == NULL)
		return 0;
	if (tone_of(r, x, &n->tone) < 0 || read_children(r, x, n, PLACE_BLOCK) < 0)
		return -1;
	drop_empty(parent, before, n);
	return 0;
}

static int plain_inline(struct reader *r, const xmlNode *x, struct rs_node *parent,
			enum rs_node_kind kind, const char *target)
{
	struct rs_node *inside = rs_node_detached(r->c->d, RS_NODE_PARAGRAPH), *n;
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (inside == NULL)
		return 0;
	if (read_children(r, x, inside, PLACE_INLINE) < 0)
		return -1;
	rs_node_plain(inside, &text);
	n = rs_node_inline(r->c->d, parent, kind, rs_buf_str(&text));
	if (n != NULL && target != NULL)
		n->target = rs_arena_str(&r->c->d->arena, target);
	return rs_buf_check(&text, r->err);
}

static int read_em(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	return plain_inline(r, x, parent, RS_NODE_EMPHASIS, NULL);
}

static int read_strong(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	return plain_inline(r, x, parent, RS_NODE_STRONG, NULL);
}

static int read_code(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	return plain_inline(r, x, parent, RS_NODE_CODE, NULL);
}

static int read_a(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	const char *href;

	if (required(r, x, "href", &href) < 0)
		return -1;
	return plain_inline(r, x, parent, RS_NODE_LINK, href);
}

static int read_ref(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	RS_AUTO_STR *target = NULL;
	const char *to;

	if (required(r, x, "to", &to) < 0)
		return -1;
	if (rs_plan_exhibit(r->c->a->plan, to) != NULL)
		return plain_inline(r, x, parent, RS_NODE_REF, to);
	target = rs_asprintf(r->err, "sec-%s", to);
	return target == NULL ? -1 : plain_inline(r, x, parent, RS_NODE_REF, target);
}

static size_t exhibit_index(const struct rs_content *c, const char *id)
{
	size_t i = 0;

	while (i < c->a->plan->n_exhibits && strcmp(c->a->plan->exhibits[i].id, id) != 0)
		i++;
	return i;
}

static int unknown_exhibit(struct reader *r, const xmlNode *x, const char *name, const char *id)
{
	RS_AUTO_BUF names = RS_BUF_INIT;

	for (size_t i = 0; i < r->c->a->plan->n_exhibits; i++)
		rs_buf_addf(&names, "%s%s", i == 0 ? "" : " ", r->c->a->plan->exhibits[i].id);
	return complain_value(r, x, name, id, rs_buf_str(&names));
}

static int unknown_slot(struct reader *r, const xmlNode *x, const struct rs_grid *g)
{
	RS_AUTO_BUF text = RS_BUF_INIT;

	rs_buf_adds(&text, "the exhibit has no such row and system: its rows are");
	for (size_t i = 0; i < g->n_rows; i++)
		rs_buf_addf(&text, " %s", g->rows[i].metric.id);
	rs_buf_adds(&text, ", its systems");
	for (size_t i = 0; i < g->n_columns; i++)
		rs_buf_addf(&text, " %s", g->columns[i].system->id);
	return complain(r, x, rs_buf_str(&text));
}

/* The value of one slot: <value exhibit="fig-3.2" row="pipe" system="xen"/>. */
static int read_slot_value(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	const char *id = attribute(x, "exhibit"), *row, *system;
	const size_t index = exhibit_index(r->c, id);
	const struct rs_grid *g;
	char number[64], interval[160];

	if (required(r, x, "row", &row) < 0 || required(r, x, "system", &system) < 0)
		return -1;
	if (index == r->c->a->plan->n_exhibits)
		return unknown_exhibit(r, x, "exhibit", id);
	g = &r->c->ready[index].grid;
	for (size_t i = 0; i < g->n_rows * g->n_columns; i++) {
		const struct rs_slot *s = &g->slots[i];
		const struct rs_grid_row *gr = &g->rows[i / g->n_columns];
		int decimals;

		if (strcmp(gr->metric.id, row) != 0 ||
		    strcmp(g->columns[i % g->n_columns].system->id, system) != 0)
			continue;
		if (!s->comparable) {
			rs_node_text(r->c->d, parent, rs_report_word(r->c->l, RS_WORD_NOT_MEASURED));
			return 0;
		}
		decimals = rs_row_decimals(gr->row, &s->shown);
		rs_node_textf(r->c->d, parent, "%s %s",
			      rs_number(number, sizeof(number), r->c->l, s->shown.point, decimals),
			      rs_interval_text(interval, sizeof(interval), r->c->l, s->shown.ci.lo,
					       s->shown.ci.hi, decimals));
		return 0;
	}
	return unknown_slot(r, x, g);
}

static int read_value(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	const char *of;

	if (attribute(x, "exhibit") != NULL)
		return read_slot_value(r, x, parent);
	if (required(r, x, "of", &of) < 0 || value_text(r, x, of, &text) < 0)
		return -1;
	rs_node_text_buf(r->c->d, parent, &text);
	return rs_buf_check(&text, r->err);
}

static int unknown_claim(struct reader *r, const xmlNode *x, const char *id)
{
	RS_AUTO_BUF names = RS_BUF_INIT;

	if (id == NULL)
		return complain(r, x, "needs \"claim\", or a place inside <each of='claims'>");
	for (size_t i = 0; i < r->c->a->plan->n_claims; i++)
		rs_buf_addf(&names, "%s%s", i == 0 ? "" : " ", r->c->a->plan->claims[i].id);
	return complain_value(r, x, "claim", id, rs_buf_str(&names));
}

static int read_verdict(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	const char *id = attribute(x, "claim");
	const struct rs_judged *j = id == NULL ? r->c->claim : NULL;
	struct rs_node *n;

	for (size_t i = 0; id != NULL && i < r->c->a->plan->n_claims; i++)
		if (strcmp(r->c->a->plan->claims[i].id, id) == 0)
			j = &r->c->judged[i];
	if (j == NULL)
		return unknown_claim(r, x, id);
	n = rs_node_inline(r->c->d, parent, RS_NODE_BADGE,
			   rs_verdict_word(r->c->l, j->finding.verdict));
	if (n != NULL)
		n->tone = rs_verdict_tone(j->finding.verdict);
	return 0;
}

/* With reading="yes" a paragraph before it says what its intervals tell. */
static int place_exhibit(struct reader *r, const xmlNode *x, size_t exhibit,
			 struct rs_node *parent)
{
	int reading;

	if (is_yes(r, x, "reading", &reading) < 0)
		return -1;
	if (reading)
		rs_content_reading(r->c, exhibit, parent);
	return rs_content_exhibit(r->c, exhibit, parent, r->err);
}

static int read_exhibit(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	const char *id;
	size_t i;

	if (required(r, x, "id", &id) < 0)
		return -1;
	i = exhibit_index(r->c, id);
	if (i == r->c->a->plan->n_exhibits)
		return unknown_exhibit(r, x, "id", id);
	if (r->c->ready[i].placed)
		return complain(r, x, "the exhibit stands in the document already");
	return place_exhibit(r, x, i, parent);
}

/* Whether an exhibit is one that <exhibits> asks for. */
static int is_wanted(const struct rs_content *c, const struct rs_exhibit *e, const char *kind,
		     const char *chart)
{
	if (kind != NULL && strcmp(rs_exhibit_kind_name(e->kind), kind) != 0)
		return 0;
	if (chart != NULL && (e->kind != RS_EXHIBIT_FIGURE ||
			      strcmp(rs_chart_kind_name(e->chart), chart) != 0))
		return 0;
	if (c->system != NULL && (e->system == NULL || strcmp(e->system, c->system->id) != 0))
		return 0;
	return c->benchmark == NULL ||
	       (e->benchmark != NULL && strcmp(e->benchmark, c->benchmark->id) == 0);
}

/* All exhibits of a kind that do not stand in the document yet; inside a loop only those
 * of its system or benchmark. */
static int read_exhibits(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	const char *kind = attribute(x, "kind"), *chart = attribute(x, "chart");
	RS_AUTO_BUF charts = RS_BUF_INIT;

	for (int i = 0; i < RS_CHART_LAST; i++)
		rs_buf_addf(&charts, "%s%s", i == 0 ? "" : " ", rs_chart_kind_name((enum rs_chart_kind)i));
	if (kind != NULL && rs_set_value(RS_SET_EXHIBIT_KIND, kind) < 0)
		return complain_value(r, x, "kind", kind, "figure table listing");
	if (chart != NULL && rs_set_value(RS_SET_CHART_KIND, chart) < 0)
		return complain_value(r, x, "chart", chart, rs_buf_str(&charts));
	for (size_t i = 0; i < r->c->a->plan->n_exhibits; i++) {
		if (r->c->ready[i].placed ||
		    !is_wanted(r->c, &r->c->a->plan->exhibits[i], kind, chart))
			continue;
		if (place_exhibit(r, x, i, parent) < 0)
			return -1;
	}
	return 0;
}

static int read_table(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	RS_AUTO_BUF names = RS_BUF_INIT;
	const char *of;
	int status;

	if (required(r, x, "of", &of) < 0)
		return -1;
	status = rs_content_table(r->c, of, parent, r->err);
	if (status <= 0)
		return status;
	rs_content_table_names(&names);
	return complain_value(r, x, "of", of, rs_buf_str(&names));
}

static int read_plan(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	struct rs_node *n;

	(void)x;
	if (r->c->plan_text == NULL)
		return 0;
	n = rs_node_add(r->c->d, parent, RS_NODE_LISTING);
	if (n != NULL)
		n->target = r->c->plan_text;
	return 0;
}

static int read_when(struct reader *r, const xmlNode *x, struct rs_node *parent, int wanted,
		     enum place place)
{
	RS_AUTO_BUF names = RS_BUF_INIT;
	const char *test;
	int holds;

	if (required(r, x, "test", &test) < 0)
		return -1;
	holds = rs_condition(r->c, test, r->err);
	if (holds < 0)
		return -1;
	if (holds == 2) {
		rs_condition_names(&names);
		return complain_value(r, x, "test", test, rs_buf_str(&names));
	}
	return holds == wanted ? read_children(r, x, parent, place) : 0;
}

static int each_system(struct reader *r, const xmlNode *x, struct rs_node *parent,
		       enum place place)
{
	const struct rs_system *outer = r->c->system;

	for (size_t i = 0; i < r->c->a->plan->n_systems; i++) {
		r->c->system = &r->c->a->plan->systems[i];
		if (read_children(r, x, parent, place) < 0)
			return -1;
	}
	r->c->system = outer;
	return 0;
}

static int each_benchmark(struct reader *r, const xmlNode *x, struct rs_node *parent,
			  enum place place)
{
	const struct rs_benchmark *outer = r->c->benchmark;

	for (size_t i = 0; i < r->c->a->plan->n_benchmarks; i++) {
		r->c->benchmark = &r->c->a->plan->benchmarks[i];
		if (read_children(r, x, parent, place) < 0)
			return -1;
	}
	r->c->benchmark = outer;
	return 0;
}

enum outcome { OUTCOME_HELD, OUTCOME_CONTRADICTED, OUTCOME_INCONCLUSIVE, OUTCOME_NOT_MEASURED,
	       OUTCOME_LAST };

static enum outcome outcome_of(enum rs_verdict v)
{
	static const enum outcome outcomes[] = {
		[RS_VERDICT_REPRODUCED] = OUTCOME_HELD,
		[RS_VERDICT_REPRODUCED_SUBSTITUTE] = OUTCOME_HELD,
		[RS_VERDICT_SAME_DIRECTION] = OUTCOME_HELD,
		[RS_VERDICT_CONTRADICTED] = OUTCOME_CONTRADICTED,
		[RS_VERDICT_CONTRADICTED_SUBSTITUTE] = OUTCOME_CONTRADICTED,
		[RS_VERDICT_NOT_SEEN] = OUTCOME_CONTRADICTED,
		[RS_VERDICT_INCONCLUSIVE] = OUTCOME_INCONCLUSIVE,
		[RS_VERDICT_NOT_MEASURED] = OUTCOME_NOT_MEASURED,
	};
	_Static_assert(RS_COUNT(outcomes) == RS_VERDICT_LAST, "every verdict has its outcome");

	return outcomes[v];
}

/* All claims, or those with one outcome alone: <each of="claims" that="contradicted">. */
static int each_claim(struct reader *r, const xmlNode *x, struct rs_node *parent,
		      enum place place)
{
	static const char *const names[] = {
		[OUTCOME_HELD] = "held", [OUTCOME_CONTRADICTED] = "contradicted",
		[OUTCOME_INCONCLUSIVE] = "inconclusive", [OUTCOME_NOT_MEASURED] = "not-measured",
	};
	const char *that = attribute(x, "that");
	const struct rs_judged *outer = r->c->claim;
	enum outcome wanted = OUTCOME_HELD;

	while (that != NULL && wanted < OUTCOME_LAST && strcmp(names[wanted], that) != 0)
		wanted++;
	if (wanted == OUTCOME_LAST)
		return complain_value(r, x, "that", that, "held contradicted inconclusive not-measured");
	for (size_t i = 0; i < r->c->a->plan->n_claims; i++) {
		r->c->claim = &r->c->judged[i];
		if (that != NULL && outcome_of(r->c->claim->finding.verdict) != wanted)
			continue;
		if (read_children(r, x, parent, place) < 0)
			return -1;
	}
	r->c->claim = outer;
	return 0;
}

static int read_each(struct reader *r, const xmlNode *x, struct rs_node *parent,
		     enum place place)
{
	const char *of;

	if (required(r, x, "of", &of) < 0)
		return -1;
	if (strcmp(of, "systems") == 0)
		return each_system(r, x, parent, place);
	if (strcmp(of, "benchmarks") == 0)
		return each_benchmark(r, x, parent, place);
	if (strcmp(of, "claims") == 0)
		return each_claim(r, x, parent, place);
	return complain_value(r, x, "of", of, "systems benchmarks claims");
}

static int set_meta(struct reader *r, const xmlNode *x, const char **to)
{
	struct rs_node *n = rs_node_detached(r->c->d, RS_NODE_PARAGRAPH);
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (n == NULL)
		return 0;
	if (read_children(r, x, n, PLACE_INLINE) < 0)
		return -1;
	rs_node_plain(n, &text);
	*to = rs_arena_take(&r->c->d->arena, &text);
	return 0;
}

static int read_title(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	(void)parent;
	return set_meta(r, x, &r->c->d->title);
}

static int read_subtitle(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	(void)parent;
	return set_meta(r, x, &r->c->d->subtitle);
}

static int read_notice(struct reader *r, const xmlNode *x, struct rs_node *parent)
{
	struct rs_node *n = rs_node_detached(r->c->d, RS_NODE_CALLOUT);

	(void)parent;
	if (n == NULL)
		return 0;
	if (tone_of(r, x, &n->tone) < 0 || read_children(r, x, n, PLACE_BLOCK) < 0)
		return -1;
	r->c->d->notice = n->first == NULL ? NULL : n;
	return 0;
}

/* Sorted by name.  "if", "unless" and "each" stand wherever their content may. */
static const struct {
	const char *name;
	int places;
	element_fn *read;
	const char *attributes;	/* that it may have, separated by blanks */
} elements[] = {
	{ "a", PLACE_INLINE, read_a, "href" },
	{ "code", PLACE_INLINE, read_code, "" },
	{ "em", PLACE_INLINE, read_em, "" },
	{ "exhibit", PLACE_BLOCK, read_exhibit, "id reading" },
	{ "exhibits", PLACE_BLOCK, read_exhibits, "chart kind reading" },
	{ "li", PLACE_LIST, read_li, "" },
	{ "note", PLACE_BLOCK, read_note, "tone" },
	{ "notice", PLACE_TOP, read_notice, "tone" },
	{ "p", PLACE_BLOCK, read_p, "" },
	{ "plan", PLACE_BLOCK, read_plan, "" },
	{ "ref", PLACE_INLINE, read_ref, "to" },
	{ "section", PLACE_TOP | PLACE_BLOCK, read_section, "appendix id id-of title title-of" },
	{ "strong", PLACE_INLINE, read_strong, "" },
	{ "subtitle", PLACE_TOP, read_subtitle, "" },
	{ "table", PLACE_BLOCK, read_table, "of" },
	{ "title", PLACE_TOP, read_title, "" },
	{ "ul", PLACE_BLOCK, read_ul, "" },
	{ "value", PLACE_INLINE, read_value, "exhibit of row system" },
	{ "verdict", PLACE_INLINE, read_verdict, "claim" },
};

static int is_among(const char *name, const char *names)
{
	const size_t n = strlen(name);

	for (const char *p = names; *p != '\0'; p += strspn(p, " ")) {
		if (strncmp(p, name, n) == 0 && (p[n] == ' ' || p[n] == '\0'))
			return 1;
		p += strcspn(p, " ");
	}
	return 0;
}

/* A mistyped attribute would be one that has no effect. */
static int check_attributes(struct reader *r, const xmlNode *x, const char *allowed)
{
	for (const xmlAttr *a = x->properties; a != NULL; a = a->next)
		if (a->ns == NULL && !is_among((const char *)a->name, allowed))
			return rs_err_set(r->err, RS_ERR_PLAN, "%s:%ld: <%s>: there is no attribute \"%.60s\"%s%s",
					  rs_path_base(r->path), xmlGetLineNo(x), (const char *)x->name,
					  (const char *)a->name, *allowed == '\0' ? "" : ", but ", allowed);
	return 0;
}

static int read_element(struct reader *r, const xmlNode *x, struct rs_node *parent,
			enum place place)
{
	const char *name = (const char *)x->name;

	if (x->ns == NULL || strcmp((const char *)x->ns->href, NAMESPACE) != 0)
		return complain(r, x, "is not of namespace \"" NAMESPACE "\"");
	if (strcmp(name, "if") == 0 || strcmp(name, "unless") == 0)
		return check_attributes(r, x, "test") < 0 ? -1
		       : read_when(r, x, parent, strcmp(name, "if") == 0, place);
	if (strcmp(name, "each") == 0)
		return check_attributes(r, x, "of that") < 0 ? -1 : read_each(r, x, parent, place);
	for (size_t i = 0; i < RS_COUNT(elements); i++) {
		if (strcmp(elements[i].name, name) != 0)
			continue;
		if ((elements[i].places & (int)place) == 0)
			return complain(r, x, "may not stand here");
		return check_attributes(r, x, elements[i].attributes) < 0 ? -1 : elements[i].read(r, x, parent);
	}
	return complain(r, x, "is no element of a report");
}

static int is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Whether a blank here would follow another, or begin the block. */
static int after_blank(const struct rs_node *parent)
{
	const struct rs_node *last = parent->last;
	const size_t n = last == NULL || last->text == NULL ? 0 : strlen(last->text);

	return last == NULL || (n > 0 && last->text[n - 1] == ' ');
}

/* Runs of blanks become one; none at the beginning of a block. */
static void add_text(struct reader *r, const char *s, struct rs_node *parent)
{
	const int begins = after_blank(parent);
	RS_AUTO_BUF text = RS_BUF_INIT;
	int pending = 0;

	for (; *s != '\0'; s++) {
		if (is_blank(*s)) {
			pending = 1;
			continue;
		}
		if (pending && (text.len > 0 || !begins))
			rs_buf_addc(&text, ' ');
		pending = 0;
		rs_buf_addc(&text, *s);
	}
	if (pending && (text.len > 0 || !begins))
		rs_buf_addc(&text, ' ');
	rs_node_text_buf(r->c->d, parent, &text);
}

static int read_text(struct reader *r, const xmlNode *x, struct rs_node *parent,
		     enum place place)
{
	const char *s = (const char *)x->content;

	if (place == PLACE_INLINE) {
		add_text(r, s, parent);
		return 0;
	}
	while (is_blank(*s))
		s++;
	if (*s == '\0')
		return 0;
	return rs_err_set(r->err, RS_ERR_PLAN, "%s:%ld: text \"%.30s\" outside a paragraph: put it "
			  "into <p>", rs_path_base(r->path), xmlGetLineNo(x), s);
}

static int read_children(struct reader *r, const xmlNode *x, struct rs_node *parent,
			 enum place place)
{
	int status = 0;

	if (++r->depth > MOST_DEPTH)
		return complain(r, x, "is nested too deeply");
	for (const xmlNode *c = x->children; c != NULL && status == 0; c = c->next) {
		if (c->type == XML_ELEMENT_NODE)
			status = read_element(r, c, parent, place);
		else if (c->type == XML_TEXT_NODE || c->type == XML_CDATA_SECTION_NODE)
			status = read_text(r, c, parent, place);
		else if (c->type != XML_COMMENT_NODE)
			status = complain(r, x, "holds something that is no element and no text");
	}
	r->depth--;
	return status;
}

static int expand(struct reader *r, const xmlDoc *doc)
{
	const xmlNode *root = xmlDocGetRootElement(doc);
	struct rs_document *d = r->c->d;

	if (root == NULL || strcmp((const char *)root->name, "report") != 0 || root->ns == NULL ||
	    strcmp((const char *)root->ns->href, NAMESPACE) != 0)
		return rs_err_set(r->err, RS_ERR_PLAN,
				  "%s: the root must be <report xmlns=\"" NAMESPACE "\">",
				  rs_path_base(r->path));
	d->root = rs_node_detached(d, RS_NODE_SECTION);
	if (d->root == NULL)
		return rs_err_nomem(r->err);
	if (read_children(r, root, d->root, PLACE_TOP) < 0)
		return -1;
	rs_document_number(d);
	return rs_document_check(d, r->err);
}

int rs_template_expand(struct rs_content *c, const char *path, struct rs_buf *text, struct rs_err *err)
{
	struct reader r = { .c = c, .path = path, .err = err };
	const xmlError *e;
	xmlDoc *doc;
	int status;

	if (rs_path_read(path, MOST_BYTES, text, err) < 0)
		return rs_err_wrap(err, "report template");
	xmlResetLastError();
	doc = xmlReadMemory(rs_buf_str(text), (int)text->len, "template", NULL,
			    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
				    XML_PARSE_BIG_LINES);
	if (doc == NULL) {
		e = xmlGetLastError();
		if (e == NULL || e->message == NULL)
			return rs_err_set(err, RS_ERR_PLAN, "%s: is no XML", rs_path_base(path));
		return rs_err_set(err, RS_ERR_PLAN, "%s:%d: %.*s", rs_path_base(path), e->line,
				  (int)strcspn(e->message, "\n"), e->message);
	}
	status = expand(&r, doc);
	xmlFreeDoc(doc);
	return status;
}
