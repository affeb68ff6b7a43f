/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The order of cells.  A boot is the dearest change, so boots are outermost; within
 * a boot a slow drift of the machine must not meet one system more than another, so
 * each trial visits all systems in an order of its own.
 */
#include "restudy/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/random.h"

struct growing {
	struct rs_cell *cell;
	size_t n;
};

/* A system with one of its numbers of guests: what is started and stopped together. */
struct unit {
	const struct rs_system *system;
	int guests;
};

static int add_cell(struct growing *g, const struct unit *u, const struct rs_benchmark *b, int trial,
		    struct rs_err *err)
{
	struct rs_cell *c = rs_array_grow(&g->cell, g->n, sizeof(*c), err);

	if (c == NULL)
		return -1;
	g->n++;
	(void)snprintf(c->system, sizeof(c->system), "%s", u->system->id);
	(void)snprintf(c->benchmark, sizeof(c->benchmark), "%s", b->id);
	c->guests = u->guests;
	c->trial = trial;
	return 0;
}

/* All units of a boot are appended to *ret; free() releases. */
static int collect_units(const struct rs_plan *plan, const enum rs_boot *boots, enum rs_boot boot,
			 struct unit **ret, size_t *n, struct rs_err *err)
{
	for (size_t i = 0; i < plan->n_systems; i++) {
		const struct rs_system *s = &plan->systems[i];
		size_t counts = s->guests.n_counts;

		if (boots[i] != boot)
			continue;
		for (size_t k = 0; k < (counts > 0 ? counts : 1); k++) {
			struct unit *u = rs_array_grow(ret, *n, sizeof(*u), err);

			if (u == NULL)
				return -1;
			u->system = s;
			u->guests = counts > 0 ? s->guests.counts[k] : 0;
			(*n)++;
		}
	}
	return 0;
}

static int add_unit_trial(const struct rs_plan *plan, const struct rs_profile *profile,
			  const struct unit *u, int trial, struct rs_random *r, struct growing *g,
			  struct rs_err *err)
{
	size_t first = g->n;

	for (size_t i = 0; i < plan->n_benchmarks; i++) {
		const struct rs_benchmark *b = &plan->benchmarks[i];

		if (!rs_plan_runs_on(b, u->system->id) || trial > rs_plan_trials(b, profile) ||
		    trial <= -rs_plan_warmup(b, profile))
			continue;
		if (add_cell(g, u, b, trial, err) < 0)
			return -1;
	}
	for (size_t i = g->n; i > first + 1; i--) {
		size_t j = first + (size_t)rs_random_below(r, i - first);
		struct rs_cell t = g->cell[i - 1];

		g->cell[i - 1] = g->cell[j];
		g->cell[j] = t;
	}
	return 0;
}

static void trial_range(const struct rs_plan *plan, const struct rs_profile *profile, int *first,
			int *last)
{
	*first = 1;
	*last = 0;
	for (size_t i = 0; i < plan->n_benchmarks; i++) {
		int trials = rs_plan_trials(&plan->benchmarks[i], profile);
		int warmup = rs_plan_warmup(&plan->benchmarks[i], profile);

		*last = trials > *last ? trials : *last;
		*first = 1 - warmup < *first ? 1 - warmup : *first;
	}
}

int rs_run_order(const struct rs_plan *plan, const struct rs_profile *profile, uint64_t seed,
		 const enum rs_boot *boots, struct rs_cell **ret, size_t *ret_n, struct rs_err *err)
{
	struct growing g = { NULL, 0 };
	struct rs_random r;
	int first, last, rc = 0;

	rs_random_seed(&r, seed);
	trial_range(plan, profile, &first, &last);
	for (int boot = 0; rc == 0 && boot < RS_BOOT_LAST; boot++) {
		struct unit *units = NULL;
		size_t n = 0;

		rc = collect_units(plan, boots, (enum rs_boot)boot, &units, &n, err);
		for (int trial = first; rc == 0 && trial <= last; trial++) {
			rs_random_shuffle(&r, units, n, sizeof(*units));
			for (size_t i = 0; rc == 0 && i < n; i++)
				rc = add_unit_trial(plan, profile, &units[i], trial, &r, &g, err);
		}
		free(units);
	}
	if (rc < 0) {
		free(g.cell);
		return -1;
	}
	*ret = g.cell;
	*ret_n = g.n;
	return 0;
}
