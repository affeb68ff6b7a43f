/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Summaries with 95 % intervals from a store: "summaries make FILE" makes a store of 180 series,
 * "summaries read FILE" prints one line of summary for each series.  For summaries.sh.
 */
#include <stdio.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/stats.h"
#include "restudy/store.h"

#define SYSTEMS 3
#define METRICS 20
#define GUESTS 3

static int die(const struct rs_err *err)
{
	(void)fprintf(stderr, "summaries: %s\n", err->text);
	return 1;
}

/* A store with one value of each series; the shell lets it grow. */
static int make(const char *path)
{
	struct rs_cell cells[SYSTEMS];
	struct rs_sample v[METRICS * GUESTS];
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STORE *s = rs_store_create(path, &err);

	memset(cells, 0, sizeof(cells));
	memset(v, 0, sizeof(v));
	for (int i = 0; i < METRICS * GUESTS; i++) {
		(void)snprintf(v[i].guest, sizeof(v[i].guest), "guest%d", i / METRICS);
		(void)snprintf(v[i].metric, sizeof(v[i].metric), "metric%02d", i % METRICS);
		(void)snprintf(v[i].unit, sizeof(v[i].unit), "lps");
		v[i].value = 1;
	}
	for (int i = 0; i < SYSTEMS; i++) {
		(void)snprintf(cells[i].system, sizeof(cells[i].system), "system%d", i);
		(void)snprintf(cells[i].benchmark, sizeof(cells[i].benchmark), "bench");
		cells[i].guests = GUESTS;
		cells[i].trial = 1;
	}
	if (s == NULL || rs_store_plan_cells(s, cells, SYSTEMS, &err) < 0)
		return die(&err);
	for (int i = 0; i < SYSTEMS; i++)
		if (rs_store_cell_end(s, &cells[i], RS_CELL_DONE, NULL, i, v, METRICS * GUESTS, NULL, 0,
				      &err) < 0)
			return die(&err);
	return rs_store_finish(s, &err) < 0 ? die(&err) : 0;
}

static int print_one(void *user, const struct rs_series *s, struct rs_err *err)
{
	struct rs_summary m;

	(void)user;
	if (rs_summarise(s->value, s->n, &m, err) < 0)
		return -1;
	(void)printf("%s,%s,%s,%zu,%.17g,%.17g,%.17g,%.17g,%.17g,%.17g,%.17g,%.17g,%.17g,%.17g,%.17g\n",
		     s->system, s->guest, s->metric, m.n, m.mean, m.sd, m.min, m.q1, m.median, m.q3, m.max,
		     m.mean_ci.lo, m.mean_ci.hi, m.median_ci.lo, m.median_ci.hi);
	return 0;
}

int main(int argc, char **argv)
{
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STORE *s = NULL;

	if (argc != 3)
		return 2;
	if (strcmp(argv[1], "make") == 0)
		return make(argv[2]);
	s = rs_store_open_readonly(argv[2], &err);
	if (s == NULL || rs_store_visit(s, NULL, NULL, NULL, print_one, NULL, &err) < 0)
		return die(&err);
	return 0;
}
