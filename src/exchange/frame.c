/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plan of recorded results that have none: systems, benchmarks and metrics as the files
 * name them, and a table of each benchmark.  What the files do not say (machine, image,
 * durations) is written as unknown, or not at all.
 */
#include "exchange_priv.h"

#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/text.h"
#include "restudy/bench.h"

enum { MAX_GUESTS = 256, MAX_TABLES = 100 };

/* ---- systems ---- */

struct guests {
	const char *names[MAX_GUESTS];
	int n_names;
	int counts[16];
	int n_counts, most, bare;
};

static int see_guests(const struct rs_records *r, const char *system, struct guests *g,
		      struct rs_err *err)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct rs_record *o = &r->r[i];
		int k = 0;

		if (strcmp(o->cell.system, system) != 0)
			continue;
		if (o->cell.guests <= 0) {
			g->bare = 1;
			continue;
		}
		while (k < g->n_counts && g->counts[k] != o->cell.guests)
			k++;
		if (k == (int)RS_COUNT(g->counts))
			return rs_err_set(err, RS_ERR_PLAN, "system \"%s\" has too many numbers of guests", system);
		if (k == g->n_counts)
			g->counts[g->n_counts++] = o->cell.guests;
		if (o->cell.guests > g->most)
			g->most = o->cell.guests;
		for (k = 0; k < g->n_names && strcmp(g->names[k], o->sample.guest) != 0;)
			k++;
		if (k == MAX_GUESTS)
			return rs_err_set(err, RS_ERR_PLAN, "system \"%s\" has more than %d guests", system,
					  MAX_GUESTS);
		if (k == g->n_names)
			g->names[g->n_names++] = o->sample.guest;
	}
	return 0;
}

/* A system with guests has a platform; files do not say it but by the system's name. */
static int put_guests(const struct rs_word *s, const struct guests *g, struct rs_buf *out,
		      struct rs_err *err)
{
	const int platform = rs_set_value(RS_SET_PLATFORM, s->id);

	if (g->bare || platform <= RS_PLATFORM_HOST || g->n_names < g->most)
		return rs_err_set(err, RS_ERR_PLAN, "system \"%s\" has %d guests, and the files do not say all of "
				  "its platform and guests: give the plan with --plan", s->id, g->most);
	rs_buf_addf(out, " platform=\"%s\">\n    <guests count=\"", s->id);
	for (int i = 0; i < g->n_counts; i++)
		rs_buf_addf(out, "%s%d", i > 0 ? " " : "", g->counts[i]);
	rs_buf_adds(out, "\" names=\"");
	for (int i = 0; i < g->n_names; i++)
		rs_buf_addf(out, "%s%s", i > 0 ? " " : "", g->names[i]);
	rs_buf_adds(out, "\"/>\n  </system>\n");
	return 0;
}

/* The one the others are divided by: "host" where there is one, else the first. */
static size_t baseline_of(const struct rs_records *r)
{
	for (size_t i = 0; i < r->n_systems; i++)
		if (strcmp(r->systems[i].id, "host") == 0)
			return i;
	return 0;
}

static int put_systems(const struct rs_records *r, struct rs_buf *out, struct rs_err *err)
{
	for (size_t i = 0; i < r->n_systems; i++) {
		const struct rs_word *s = &r->systems[i];
		struct guests g = { .n_names = 0 };

		rs_buf_addf(out, "  <system id=\"%s\" title=\"", s->id);
		rs_put_xml(out, s->title);
		rs_buf_adds(out, r->n_systems > 1 && i == baseline_of(r) ? "\" baseline=\"yes\"" : "\"");
		if (see_guests(r, s->id, &g, err) < 0)
			return -1;
		if (g.n_counts == 0)
			rs_buf_adds(out, " platform=\"host\"/>\n");
		else if (put_guests(s, &g, out, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- benchmarks ---- */

static const struct rs_metric *metric_of(const struct rs_bench_driver *d, const struct rs_measure *m)
{
	for (size_t i = 0; i < d->n_metrics; i++)
		if (strcmp(d->metrics[i].id, m->id) == 0 && strcmp(d->metrics[i].unit, m->unit) == 0)
			return &d->metrics[i];
	return NULL;
}

static int fits(const struct rs_records *r, const char *benchmark, enum rs_adapter adapter)
{
	const struct rs_bench_driver *d = rs_bench_driver_of(adapter);

	if (d->metrics == NULL)
		return 0;
	for (size_t i = 0; i < r->n_measures; i++)
		if (strcmp(r->measures[i].benchmark, benchmark) == 0 && metric_of(d, &r->measures[i]) == NULL)
			return 0;
	return 1;
}

/* The adapter that knows all its metrics, rather one of the benchmark's own name. */
static enum rs_adapter adapter_of(const struct rs_records *r, const struct rs_word *b)
{
	static const enum rs_adapter known[] = { RS_ADAPTER_UNIXBENCH, RS_ADAPTER_SIEGE,
						 RS_ADAPTER_HTTPLOAD, RS_ADAPTER_KERNELS };
	const int named = rs_set_value(RS_SET_ADAPTER, b->id);

	if (b->adapter >= 0)
		return (enum rs_adapter)b->adapter;
	if (named >= 0 && fits(r, b->id, (enum rs_adapter)named))
		return (enum rs_adapter)named;
	for (size_t i = 0; i < RS_COUNT(known); i++)
		if (fits(r, b->id, known[i]))
			return known[i];
	return RS_ADAPTER_COMMAND;
}

/* What a unit tells of the direction: times are better short, rates are better high. */
static int better_of(const struct rs_measure *m, const char *asked)
{
	static const char *const times[] = { "s", "ms", "us", "ns", "min", "h", "Seconds", "Milliseconds" };
	static const char *const rates[] = { "lps", "lpm", "KBps", "MWIPS", "MIPS", "FLOPS" };

	if (m->better >= 0)
		return m->better;
	for (size_t i = 0; i < RS_COUNT(times); i++)
		if (strcmp(m->unit, times[i]) == 0)
			return RS_BETTER_LOWER;
	for (size_t i = 0; i < RS_COUNT(rates); i++)
		if (rs_text_ends_with(m->unit, rates[i]))
			return RS_BETTER_HIGHER;
	if (rs_text_ends_with(m->unit, "/s") || rs_text_ends_with(m->unit, "/sec") || rs_text_ends_with(m->unit, "/min"))
		return RS_BETTER_HIGHER;
	return asked != NULL ? rs_set_value(RS_SET_BETTER, asked) : -1;
}

static int put_metrics(const struct rs_records *r, const struct rs_word *b, const char *asked,
		       struct rs_buf *out, struct rs_err *err)
{
	rs_buf_adds(out, "    <!-- recorded: to measure it anew, write the program and how its output "
			 "tells the values -->\n    <argument value=\"false\"/>\n");
	for (size_t i = 0; i < r->n_measures; i++) {
		const struct rs_measure *m = &r->measures[i];
		const int better = better_of(m, asked);

		if (strcmp(m->benchmark, b->id) != 0)
			continue;
		if (better < 0)
			return rs_err_set(err, RS_ERR_USAGE, "the files do not say whether more or less \"%s\" (%s) is "
					  "better: say it with --better higher or --better lower", m->id, m->unit);
		rs_buf_addf(out, "    <metric id=\"%s\" title=\"", m->id);
		rs_put_xml(out, m->title != NULL ? m->title : m->id);
		rs_buf_adds(out, "\" unit=\"");
		rs_put_xml(out, m->unit);
		rs_buf_addf(out, "\" better=\"%s\" rule=\"csv\" expression=\"%s\"/>\n",
			    rs_better_name((enum rs_better)better), m->id);
	}
	return 0;
}

static int has_values(const struct rs_records *r, const char *benchmark)
{
	for (size_t i = 0; i < r->n_measures; i++)
		if (strcmp(r->measures[i].benchmark, benchmark) == 0)
			return 1;
	return 0;
}

static int is_known(const struct rs_records *r, const char *system, const char *benchmark)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->r[i].cell.benchmark, benchmark) == 0 &&
		    strcmp(r->r[i].cell.system, system) == 0)
			return 1;
	for (size_t i = 0; i < r->n_remarks; i++)
		if (strcmp(r->remarks[i].cell.benchmark, benchmark) == 0 &&
		    strcmp(r->remarks[i].cell.system, system) == 0)
			return 1;
	return 0;
}

/* The systems it was recorded on, unless there is but one. */
static void put_where(const struct rs_records *r, const struct rs_word *b, struct rs_buf *out)
{
	int n = 0;

	if (r->n_systems < 2)
		return;
	for (size_t i = 0; i < r->n_systems; i++)
		if (is_known(r, r->systems[i].id, b->id))
			rs_buf_addf(out, "%s%s", n++ == 0 ? " systems=\"" : " ", r->systems[i].id);
	if (n > 0)
		rs_buf_addc(out, '"');
}

static int largest_trial(const struct rs_records *r, const char *benchmark)
{
	int trial = 1;

	for (size_t i = 0; i < r->n; i++)
		if (r->r[i].cell.trial > trial && strcmp(r->r[i].cell.benchmark, benchmark) == 0)
			trial = r->r[i].cell.trial;
	for (size_t i = 0; i < r->n_remarks; i++)
		if (r->remarks[i].cell.trial > trial &&
		    strcmp(r->remarks[i].cell.benchmark, benchmark) == 0)
			trial = r->remarks[i].cell.trial;
	return trial;
}

static int put_benchmark(const struct rs_records *r, const struct rs_word *b, const char *asked,
			 struct rs_buf *out, struct rs_err *err)
{
	const enum rs_adapter adapter = adapter_of(r, b);

	if (adapter == RS_ADAPTER_COMMAND && !has_values(r, b->id))
		return rs_err_set(err, RS_ERR_PLAN, "all trials of \"%s\" failed: there are no values to import",
				  b->title);
	rs_buf_addf(out, "  <benchmark id=\"%s\" adapter=\"%s\" title=\"", b->id, rs_adapter_name(adapter));
	rs_put_xml(out, b->title);
	rs_buf_addf(out, "\" trials=\"%d\" warmup=\"0\"", largest_trial(r, b->id));
	put_where(r, b, out);
	if (adapter != RS_ADAPTER_COMMAND) {
		rs_buf_adds(out, "/>\n");
		return 0;
	}
	rs_buf_adds(out, ">\n");
	if (put_metrics(r, b, asked, out, err) < 0)
		return -1;
	rs_buf_adds(out, "  </benchmark>\n");
	return 0;
}

static void put_table(const struct rs_records *r, const struct rs_word *b, size_t number,
		      struct rs_buf *out)
{
	rs_buf_addf(out, "  <table id=\"table-%zu\" number=\"%zu\" benchmark=\"%s\" caption=\"", number, number,
		    b->id);
	rs_put_xml(out, b->title);
	rs_buf_adds(out, ", as recorded\">\n");
	for (size_t i = 0; i < r->n_measures; i++)
		if (strcmp(r->measures[i].benchmark, b->id) == 0)
			rs_buf_addf(out, "    <row metric=\"%s\"/>\n", r->measures[i].id);
	rs_buf_adds(out, "  </table>\n");
}

int rs_records_plan(const struct rs_records *r, const struct rs_import_options *o,
		    struct rs_buf *out, struct rs_err *err)
{
	rs_buf_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		    "<!-- Made by \"restudy import\" for results that were recorded elsewhere.  The machine, "
		    "its image\n     and the durations are not known. -->\n"
		    "<plan xmlns=\"urn:restudy:plan:1\">\n");
	rs_buf_addf(out, "  <study id=\"recorded-%s\" title=\"Recorded results (%s)\"/>\n", o->format,
		    o->format);
	rs_buf_adds(out, "  <image id=\"unknown\" builder=\"mmdebstrap\" distribution=\"unknown\" "
			 "release=\"unknown\"/>\n");
	if (put_systems(r, out, err) < 0)
		return -1;
	for (size_t i = 0; i < r->n_benchmarks; i++)
		if (put_benchmark(r, &r->benchmarks[i], o->better, out, err) < 0)
			return -1;
	for (size_t i = 0; i < r->n_benchmarks && i < MAX_TABLES; i++)
		if (has_values(r, r->benchmarks[i].id))
			put_table(r, &r->benchmarks[i], i + 1, out);
	rs_buf_adds(out, "</plan>\n");
	return rs_buf_check(out, err);
}
