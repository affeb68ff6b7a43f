/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Figures of every kind from samples that were recorded on a machine
 * (tests/golden/chart/recorded.csv; how: recorded.txt): for the golden layouts and the
 * gallery.
 */
#ifndef RS_TESTS_CHART_RECORDED_H
#define RS_TESTS_CHART_RECORDED_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/chart.h"
#include "restudy/stats.h"

#define RECORDED_SYSTEMS 3
#define RECORDED_METRICS 9
#define RECORDED_COUNTS	 6
#define RECORDED_TRIALS	 12

static const char *const recorded_system[RECORDED_SYSTEMS] = { "host", "namespaces", "valgrind" };
static const char *const recorded_metric[RECORDED_METRICS] = {
	"dhry2reg", "whetstone-double", "syscall", "pipe", "context1", "spawn", "execl", "fstime-copy",
	"fsdisk-write",
};
static const char *const recorded_title[RECORDED_METRICS] = {
	"Dhrystone 2 using register variables", "Double-Precision Whetstone", "System Call Overhead",
	"Pipe Throughput", "Pipe-based Context Switching", "Process Creation", "Execl Throughput",
	"File Copy 1024 bufsize 2000 maxblocks", "File Write 4096 bufsize 8000 maxblocks",
};
static const int recorded_count[RECORDED_COUNTS] = { 1, 2, 3, 4, 6, 8 };

struct recorded_cell {
	double v[RECORDED_TRIALS];
	size_t n;
};

struct recorded {
	struct recorded_cell alone[RECORDED_SYSTEMS][RECORDED_METRICS];
	struct recorded_cell copies[RECORDED_SYSTEMS][RECORDED_COUNTS];	/* of pipe */
	/* what a chart is made of */
	struct rs_point points[RECORDED_SYSTEMS][RECORDED_METRICS];
	struct recorded_cell index[RECORDED_SYSTEMS][RECORDED_METRICS];
	struct rs_chart_series series[RECORDED_SYSTEMS];
	double x[RECORDED_COUNTS];
};

static inline size_t recorded_place(const char *const *names, size_t n, const char *name)
{
	size_t i = 0;

	while (i < n && strcmp(names[i], name) != 0)
		i++;
	return i;
}

static inline void recorded_add(struct recorded_cell *c, double v)
{
	if (c->n < RECORDED_TRIALS)
		c->v[c->n++] = v;
}

/* Lines: system,guests,metric,unit,trial,value.  Copies of pipe follow the trials of one. */
static inline struct recorded *recorded_load(const char *path)
{
	struct recorded *r = calloc(1, sizeof(*r));
	FILE *f = fopen(path, "r");
	char line[400], system[64], metric[64], value[64];
	int guests, trial, alone_is_full;

	while (r != NULL && f != NULL && fgets(line, sizeof(line), f) != NULL) {
		size_t s, m, k = 0;
		double v;

		if (sscanf(line, "%63[^,],%d,%63[^,],%*[^,],%d,%63[^\n]", system, &guests, metric, &trial, value) != 5 ||
		    rs_parse_double(value, &v, NULL) < 0)
			continue;
		s = recorded_place(recorded_system, RECORDED_SYSTEMS, system);
		m = recorded_place(recorded_metric, RECORDED_METRICS, metric);
		if (s == RECORDED_SYSTEMS || m == RECORDED_METRICS)
			continue;
		alone_is_full = guests != 1 || r->alone[s][m].n == RECORDED_TRIALS;
		while (k < RECORDED_COUNTS && recorded_count[k] != guests)
			k++;
		if (!alone_is_full)
			recorded_add(&r->alone[s][m], v);
		else if (k < RECORDED_COUNTS)
			recorded_add(&r->copies[s][k], v);
	}
	if (f != NULL)
		(void)fclose(f);
	return r;
}

static inline struct rs_point recorded_mean(const struct recorded_cell *c)
{
	struct rs_estimate e;

	if (c->n == 0 || rs_mean(c->v, c->n, 2006, &e, NULL) < 0)
		return (struct rs_point){ (double)NAN, (double)NAN, (double)NAN, NULL, 0,
					  "failed: the program ended without a result" };
	return (struct rs_point){ e.point, e.ci.lo, e.ci.hi, c->v, c->n, NULL };
}

/* Of every sample its index against the mean of the host, host = 10. */
static inline struct rs_point recorded_index(struct recorded *r, size_t s, size_t m)
{
	const struct recorded_cell *c = &r->alone[s][m], *base = &r->alone[0][m];
	struct rs_point host = recorded_mean(base), p = recorded_mean(c);
	struct rs_estimate e;

	if (c->n == 0 || base->n == 0 || rs_ratio(c->v, c->n, base->v, base->n, 10, 2006, &e, NULL) < 0)
		return p;
	r->index[s][m].n = c->n;
	for (size_t i = 0; i < c->n; i++)
		r->index[s][m].v[i] = 10 * c->v[i] / host.value;
	return (struct rs_point){ e.point, s == 0 ? 10 * host.lo / host.value : e.ci.lo,
				  s == 0 ? 10 * host.hi / host.value : e.ci.hi, r->index[s][m].v, c->n, NULL };
}

/* A chart of one kind; everything in it is borrowed from r until the next call. */
static inline struct rs_chart recorded_chart(struct recorded *r, enum rs_chart_kind kind)
{
	int absolute = kind == RS_CHART_DOTS;
	struct rs_chart c = {
		.kind = kind, .id = "fig-1", .title = "Kernels on three systems",
		.value_title = absolute ? "Loops per second, MWIPS, KiB/s" : "Index",
		.note = "Mean of 12 trials of 0.2 s; whiskers: 95 % confidence interval (BCa bootstrap "
			"over trials).",
		.categories = recorded_title, .n_categories = RECORDED_METRICS, .series = r->series,
		.n_series = RECORDED_SYSTEMS, .reference = absolute ? (double)NAN : 10,
		.reference_label = absolute ? NULL : "host = 10",
		.provenance = "tests/golden/chart/recorded.csv",
	};

	for (size_t s = 0; s < RECORDED_SYSTEMS; s++) {
		r->series[s] = (struct rs_chart_series){ recorded_system[s], r->points[s], s == 0, 0 };
		for (size_t m = 0; m < RECORDED_METRICS; m++)
			r->points[s][m] = absolute ? recorded_mean(&r->alone[s][m]) : recorded_index(r, s, m);
	}
	if (kind == RS_CHART_BOX)
		c.note = "Boxes: quartiles of 12 trials of 0.2 s; whiskers: last trial within 1.5 times the "
			 "interquartile range.";
	if (kind == RS_CHART_ECDF || kind == RS_CHART_TIME) {
		c.n_categories = 4;
		c.note = "12 trials of 0.2 s each.";
	}
	if (kind != RS_CHART_GUESTS)
		return c;
	for (size_t s = 0; s < 2; s++)
		for (size_t k = 0; k < RECORDED_COUNTS; k++) {
			r->x[k] = recorded_count[k];
			r->points[s][k] = recorded_mean(&r->copies[s][k]);
		}
	c.note = "Mean of 5 trials of 0.2 s, all copies together; whiskers: 95 % confidence interval.";
	c.value_title = "Pipe throughput";
	c.unit = "lps";
	c.n_series = 2;
	c.n_categories = RECORDED_COUNTS;
	c.category_x = r->x;
	c.category_title = "Copies at once";
	c.reference = (double)NAN;
	c.reference_label = NULL;
	return c;
}

#endif
