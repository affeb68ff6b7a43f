/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is not the same in two runs: facts of the run, the machine each boot found, and the
 * plan element by element.  An element that one plan lacks is told once, not attribute by
 * attribute.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"

/* Facts of a run that say where and how it was made; seeds and times differ always. */
static const char *const told_facts[] = {
	"accel", "emulated", "plan.sha256", "profile", "study", "testbed", "testbed.description",
	"version", "virtual",
};

/* Environment that differs from one boot of the same machine to the next. */
static const char *const changing[] = { "memory.free", "load.average", "clock.uptime" };

struct list {
	struct rs_setting_kv *v;	/* in the arena; sorted by key; texts borrowed */
	size_t n;
};

static int add_entry(struct rs_comparison *c, struct list *l, const char *key, const char *value,
		     struct rs_err *err)
{
	struct rs_setting_kv *to;

	l->v = rs_arena_grow(&c->arena, l->v, l->n, sizeof(*l->v));
	if (l->v == NULL)
		return rs_err_nomem(err);
	to = &l->v[l->n++];
	to->key = rs_arena_str(&c->arena, key);
	to->value = rs_arena_str(&c->arena, value);
	return rs_arena_check(&c->arena, err);
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct rs_setting_kv *)a)->key, ((const struct rs_setting_kv *)b)->key);
}

static const struct rs_setting_kv *entry_of(const struct rs_setting_kv *v, size_t n,
					    const char *key)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		const size_t middle = lo + (hi - lo) / 2;
		const int order = strcmp(key, v[middle].key);

		if (order == 0)
			return &v[middle];
		if (order < 0)
			hi = middle;
		else
			lo = middle + 1;
	}
	return NULL;
}

static int add_fact(struct rs_comparison *c, struct rs_analysis *a, struct list *l,
		    const char *key, struct rs_err *err)
{
	const char *text;

	if (rs_analysis_fact(a, key, &text, err) < 0)
		return -1;
	return text == NULL ? 0 : add_entry(c, l, key, text, err);
}

static int add_fact_of(struct rs_comparison *c, struct rs_analysis *a, struct list *l,
		       const char *kind, const char *id, struct rs_err *err)
{
	const char *key = rs_arena_printf(&c->arena, "%s.%s", kind, id);

	return key == NULL ? rs_err_nomem(err) : add_fact(c, a, l, key, err);
}

static int list_facts(struct rs_comparison *c, struct rs_analysis *a, struct list *l,
		      struct rs_err *err)
{
	for (size_t i = 0; i < RS_COUNT(told_facts); i++)
		if (add_fact(c, a, l, told_facts[i], err) < 0)
			return -1;
	for (size_t i = 0; i < a->plan->n_systems; i++)
		if (add_fact_of(c, a, l, "platform", a->plan->systems[i].id, err) < 0 ||
		    add_fact_of(c, a, l, "substitute", a->plan->systems[i].id, err) < 0)
			return -1;
	for (size_t i = 0; i < a->plan->n_images; i++)
		if (add_fact_of(c, a, l, "image", a->plan->images[i].id, err) < 0)
			return -1;
	if (l->n > 0)
		qsort(l->v, l->n, sizeof(*l->v), by_key);
	return 0;
}

static int is_changing(const char *key)
{
	for (size_t i = 0; i < RS_COUNT(changing); i++)
		if (strcmp(changing[i], key) == 0)
			return 1;
	return 0;
}

static int list_environment(struct rs_comparison *c, const struct rs_analysis *a, struct list *l,
			    struct rs_err *err)
{
	for (size_t i = 0; i < a->n_env; i++) {
		const char *key;

		if (is_changing(a->env[i].key))
			continue;
		key = rs_arena_printf(&c->arena, "%s: %s", a->env[i].boot, a->env[i].key);
		if (key == NULL)
			return rs_err_nomem(err);
		if (add_entry(c, l, key, a->env[i].value, err) < 0)
			return -1;
	}
	if (l->n > 0)
		qsort(l->v, l->n, sizeof(*l->v), by_key);
	return 0;
}

/* Whether something above a place ("/a/b" of "/a/b/@c") is missing in the list. */
static int is_below_absent(const struct rs_setting_kv *v, size_t n, const char *place)
{
	char above[500];
	const char *slash = place;

	while ((slash = strchr(slash + 1, '/')) != NULL) {
		const size_t len = (size_t)(slash - place);

		if (len >= sizeof(above))
			return 0;
		memcpy(above, place, len);
		above[len] = '\0';
		if (entry_of(v, n, above) == NULL)
			return 1;
	}
	return 0;
}

static int add_difference(struct rs_comparison *c, struct rs_compared_pair *p, const char *what,
			  const char *place, const char *a, const char *b, struct rs_err *err)
{
	p->differences = rs_arena_grow(&c->arena, p->differences, p->n_differences,
				       sizeof(*p->differences));
	if (p->differences == NULL)
		return rs_err_nomem(err);
	p->differences[p->n_differences++] = (struct rs_difference){ what, place, a, b };
	return 0;
}

/* Merges two sorted lists. */
static int diff(struct rs_comparison *c, struct rs_compared_pair *p, const char *what,
		const struct list *a, const struct list *b, struct rs_err *err)
{
	size_t i = 0, k = 0;

	while (i < a->n || k < b->n) {
		const int order = i == a->n ? 1 : k == b->n ? -1
						: strcmp(a->v[i].key, b->v[k].key);
		const char *place = order <= 0 ? a->v[i].key : b->v[k].key;
		const struct rs_setting_kv *x = order <= 0 ? &a->v[i++] : NULL;
		const struct rs_setting_kv *y = order >= 0 ? &b->v[k++] : NULL;

		if (x != NULL && y != NULL && strcmp(x->value, y->value) == 0) {
			p->same++;
			continue;
		}
		if (place[0] == '/' && ((x == NULL && is_below_absent(a->v, a->n, place)) ||
					(y == NULL && is_below_absent(b->v, b->n, place))))
			continue;
		if (add_difference(c, p, what, place, x == NULL ? NULL : x->value,
				   y == NULL ? NULL : y->value, err) < 0)
			return -1;
	}
	return 0;
}

/* The plan's outline; borrowed, so the list is a copy of the pointers alone. */
static int list_plan(struct rs_comparison *c, const struct rs_compared *run, struct list *l,
		     struct rs_err *err)
{
	l->v = rs_arena_new(&c->arena, run->n_outline + 1, sizeof(*l->v));
	if (l->v == NULL)
		return rs_err_nomem(err);
	if (run->n_outline > 0)
		memcpy(l->v, run->outline, run->n_outline * sizeof(*l->v));
	l->n = run->n_outline;
	return 0;
}

static const char *or_none(const char *text)
{
	return text == NULL ? "none" : text;
}

static const char *warning_of(struct rs_comparison *c, const struct rs_compared_pair *p)
{
	const struct rs_analysis *a = &p->a->analysis, *b = &p->b->analysis;
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (a->emulated != b->emulated)
		rs_buf_addf(&text, "%s was emulated and %s was not: ratios in their own unit tell the "
			    "emulator's speed, those to the baseline its weighting of calls",
			    a->emulated ? p->a->letter : p->b->letter,
			    a->emulated ? p->b->letter : p->a->letter);
	else if (a->emulated)
		rs_buf_adds(&text, "both machines were emulated: sizes are the emulator's, and its host's "
				   "load is in them");
	if (strcmp(or_none(p->a->substitutes), or_none(p->b->substitutes)) != 0)
		rs_buf_addf(&text, "%ssubstitutes differ: %s has %s, %s has %s", text.len > 0 ? "; " : "",
			    p->a->letter, or_none(p->a->substitutes), p->b->letter,
			    or_none(p->b->substitutes));
	return text.len == 0 && !text.failed ? NULL : rs_arena_take(&c->arena, &text);
}

int rs_differences_find(struct rs_comparison *c, struct rs_compared_pair *p, struct rs_err *err)
{
	struct rs_analysis *a = &p->a->analysis, *b = &p->b->analysis;
	struct list fa = { NULL, 0 }, fb = { NULL, 0 }, ea = { NULL, 0 }, eb = { NULL, 0 };
	struct list pa, pb;

	if (list_facts(c, a, &fa, err) < 0 || list_facts(c, b, &fb, err) < 0 ||
	    list_environment(c, a, &ea, err) < 0 || list_environment(c, b, &eb, err) < 0 ||
	    list_plan(c, p->a->run, &pa, err) < 0 || list_plan(c, p->b->run, &pb, err) < 0 ||
	    diff(c, p, "fact", &fa, &fb, err) < 0 ||
	    diff(c, p, "environment", &ea, &eb, err) < 0 || diff(c, p, "plan", &pa, &pb, err) < 0)
		return -1;
	p->warning = warning_of(c, p);
	return rs_arena_check(&c->arena, err);
}

/* "openvz by lxc, ..." of the systems that another platform stood for. */
static int put_substitutes(struct rs_compared_side *s, struct rs_buf *out, struct rs_err *err)
{
	struct rs_analysis *a = &s->analysis;

	for (size_t i = 0; i < a->plan->n_systems; i++) {
		const struct rs_system *y = &a->plan->systems[i];
		const char *reason, *platform;

		if (rs_analysis_substitute(a, y->id, &reason, err) < 0 ||
		    rs_analysis_fact_of(a, "platform", y->id, &platform, err) < 0)
			return -1;
		if (reason != NULL)
			rs_buf_addf(out, "%s%s by %s", out->len > 0 ? ", " : "", y->id,
				    platform == NULL ? "another platform" : platform);
	}
	return 0;
}

int rs_side_describe(struct rs_comparison *c, struct rs_compared_side *s, struct rs_err *err)
{
	struct rs_analysis *a = &s->analysis;
	RS_AUTO_BUF substitutes = RS_BUF_INIT;
	const char *testbed, *profile, *accel, *version;
	char date[40];

	if (rs_analysis_fact(a, "testbed", &testbed, err) < 0 ||
	    rs_analysis_fact(a, "profile", &profile, err) < 0 ||
	    rs_analysis_fact(a, "accel", &accel, err) < 0 ||
	    rs_analysis_fact(a, "version", &version, err) < 0 ||
	    put_substitutes(s, &substitutes, err) < 0)
		return -1;
	(void)rs_clock_utc(date, sizeof(date), a->epoch_s);
	s->accelerated = a->emulated ? rs_arena_printf(&c->arena, "emulated%s%s%s",
						       accel == NULL ? "" : " (",
						       accel == NULL ? "" : accel,
						       accel == NULL ? "" : ")")
			 : a->is_virtual ? rs_arena_printf(&c->arena, "virtual%s%s%s",
							   accel == NULL ? "" : " (",
							   accel == NULL ? "" : accel,
							   accel == NULL ? "" : ")")
					 : "a real machine";
	s->substitutes = substitutes.len == 0 ? NULL : rs_arena_take(&c->arena, &substitutes);
	s->told = rs_arena_printf(&c->arena, "study %s, %s, testbed %s, %s%s, restudy %s", a->plan->id,
				  date, testbed == NULL ? "not told" : testbed,
				  profile == NULL || profile[0] == '\0' ? "no profile" : "profile ",
				  profile == NULL ? "" : profile,
				  version == NULL ? "not told" : version);
	return rs_arena_check(&c->arena, err);
}
