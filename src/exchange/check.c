/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether records belong to a plan: its systems, guests, benchmarks, metrics and units. */
#include "exchange_priv.h"

#include <stdio.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/bench.h"

enum { MAX_GUESTS = 1000 };

/* Distinct guests of a system among records whose number of guests is unknown; 0: "host". */
static int count_guests(const struct rs_records *r, const char *system)
{
	const char *seen[MAX_GUESTS];
	int n = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct rs_record *o = &r->r[i];
		int k = 0;

		if (o->cell.guests >= 0 || strcmp(o->cell.system, system) != 0)
			continue;
		while (k < n && strcmp(seen[k], o->sample.guest) != 0)
			k++;
		if (k == n && n < MAX_GUESTS)
			seen[n++] = o->sample.guest;
	}
	return n == 1 && strcmp(seen[0], "host") == 0 ? 0 : n;
}

void rs_records_count_guests(struct rs_records *r)
{
	for (size_t s = 0; s < r->n_systems; s++) {
		const char *id = r->systems[s].id;
		const int n = count_guests(r, id);

		for (size_t i = 0; i < r->n; i++)
			if (r->r[i].cell.guests < 0 && strcmp(r->r[i].cell.system, id) == 0)
				r->r[i].cell.guests = n;
		for (size_t i = 0; i < r->n_remarks; i++)
			if (r->remarks[i].cell.guests < 0 && strcmp(r->remarks[i].cell.system, id) == 0)
				r->remarks[i].cell.guests = n;
	}
}

static RS_PRINTF(3, 4) int expected(const struct rs_record *o, struct rs_err *err, const char *fmt, ...)
{
	char text[600], line[24] = "";
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (o->line > 0)
		(void)snprintf(line, sizeof(line), ":%d", o->line);
	return rs_err_set(err, RS_ERR_PLAN, "\"%s\"%s: expected %s", o->file, line, text);
}

static int has_count(const struct rs_guests *g, int n)
{
	if (g->n_counts == 0)
		return n == 0;
	for (size_t i = 0; i < g->n_counts; i++)
		if (g->counts[i] == n)
			return 1;
	return 0;
}

static int check_guest(const struct rs_record *o, const struct rs_system *s, struct rs_err *err)
{
	const struct rs_guests *g = &s->guests;

	if (g->n_counts == 0 && (o->cell.guests != 0 || strcmp(o->sample.guest, "host") != 0))
		return expected(o, err, "the guest \"host\", since system \"%s\" of the plan has no guests, not \"%s\"",
				s->id, o->sample.guest);
	if (!has_count(g, o->cell.guests))
		return expected(o, err, "as many guests at once as the plan has for \"%s\", not %d: name the "
				"guest of each file as SYSTEM/GUEST=FILE", s->id, o->cell.guests);
	for (size_t i = 0; i < g->n_names && i < (size_t)o->cell.guests; i++)
		if (strcmp(g->names[i], o->sample.guest) == 0)
			return 0;
	return g->n_counts == 0 ? 0 : expected(o, err, "one of the first %d guests that the plan names for "
					       "\"%s\", not \"%s\"", o->cell.guests, s->id, o->sample.guest);
}

static int check_metric(const struct rs_record *o, const struct rs_benchmark *b, struct rs_err *err)
{
	struct rs_metric m;

	if (rs_bench_metric(b, o->sample.metric, &m) < 0)
		return expected(o, err, "a metric of the plan's benchmark \"%s\" (adapter %s), not \"%s\"", b->id,
				rs_adapter_name(b->adapter), o->sample.metric);
	if (strcmp(m.unit, o->sample.unit) != 0)
		return expected(o, err, "\"%s\" in \"%s\" as the plan has it, not in \"%s\"", m.id, m.unit,
				o->sample.unit);
	return 0;
}

static int check_record(const struct rs_record *o, const struct rs_plan *plan, struct rs_err *err)
{
	const struct rs_system *s = rs_plan_system(plan, o->cell.system);
	const struct rs_benchmark *b = rs_plan_benchmark(plan, o->cell.benchmark);

	if (s == NULL)
		return expected(o, err, "a system of the plan, not \"%s\"", o->cell.system);
	if (b == NULL)
		return expected(o, err, "a benchmark of the plan, not \"%s\"", o->cell.benchmark);
	if (!rs_plan_runs_on(b, s->id))
		return expected(o, err, "a system that the plan has benchmark \"%s\" for, not \"%s\"", b->id, s->id);
	if (check_guest(o, s, err) < 0)
		return -1;
	return check_metric(o, b, err);
}

/* Whether b differs from a in its value alone: then it is as right as a. */
static int alike(const struct rs_record *a, const struct rs_record *b)
{
	return strcmp(a->sample.metric, b->sample.metric) == 0 &&
	       strcmp(a->sample.unit, b->sample.unit) == 0 &&
	       strcmp(a->sample.guest, b->sample.guest) == 0 && a->cell.guests == b->cell.guests &&
	       strcmp(a->cell.system, b->cell.system) == 0 &&
	       strcmp(a->cell.benchmark, b->cell.benchmark) == 0;
}

int rs_records_check(const struct rs_records *r, const struct rs_plan *plan, struct rs_err *err)
{
	for (size_t i = 0; i < r->n; i++)
		if ((i == 0 || !alike(&r->r[i - 1], &r->r[i])) && check_record(&r->r[i], plan, err) < 0)
			return -1;
	/* a trial that failed has a reason and may have no values */
	for (size_t i = 0; i < r->n_remarks; i++) {
		const struct rs_cell *c = &r->remarks[i].cell;
		const struct rs_system *s = rs_plan_system(plan, c->system);

		if (s == NULL || rs_plan_benchmark(plan, c->benchmark) == NULL)
			return rs_err_set(err, RS_ERR_PLAN, "the plan has no system \"%s\" or no benchmark \"%s\"",
					  c->system, c->benchmark);
	}
	return 0;
}
