/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run that never was: a store filled through its own door with numbers from a seeded
 * generator, round enough to be known as made up.  It serves tests alone.
 */
#ifndef RESTUDY_TESTS_REPORT_FIXTURE_H
#define RESTUDY_TESTS_REPORT_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/random.h"
#include "restudy/bench.h"
#include "restudy/plan.h"
#include "restudy/report.h"
#include "restudy/store.h"

/* Value of a metric on the made-up host, and the factor of each system. */
static double fixture_base(const char *metric)
{
	double v = 1000;

	for (const char *p = metric; *p != '\0'; p++)
		v += 137.0 * (double)(unsigned char)*p;
	return v;
}

static double fixture_factor(const char *system, enum rs_group group)
{
	if (strcmp(system, "host") == 0)
		return 1;
	if (strcmp(system, "openvz") == 0)
		return group == RS_GROUP_FILE ? 0.8 : 0.98;
	return group == RS_GROUP_CPU ? 0.97 : group == RS_GROUP_FILE ? 0.5 : 0.4;
}

static void fixture_sample(struct rs_sample *s, const char *guest, const struct rs_metric *m,
			   double value)
{
	(void)snprintf(s->guest, sizeof(s->guest), "%s", guest);
	(void)snprintf(s->metric, sizeof(s->metric), "%s", m->id);
	(void)snprintf(s->unit, sizeof(s->unit), "%s", m->unit);
	s->value = value;
}

/* One siege trial whose numbers agree with each other: 10 s, 100 bytes a page. */
static double fixture_siege(const char *metric, double rate)
{
	if (strcmp(metric, "transactions") == 0)
		return rate * 10;
	if (strcmp(metric, "transaction-rate") == 0)
		return rate;
	if (strcmp(metric, "data") == 0)
		return rate * 10 * 100 / 1048576;
	if (strcmp(metric, "throughput") == 0)
		return rate * 100 / 1048576;
	if (strcmp(metric, "response-time") == 0)
		return 15 / rate;
	if (strcmp(metric, "concurrency") == 0)
		return 15;
	return 1;
}

/* All samples of a done cell. */
static size_t fixture_cell(const struct rs_plan *plan, const struct rs_cell *c,
			   struct rs_random *r, struct rs_sample *to)
{
	const struct rs_benchmark *b = rs_plan_benchmark(plan, c->benchmark);
	const struct rs_system *s = rs_plan_system(plan, c->system);
	const int guests = c->guests == 0 ? 1 : c->guests;
	size_t n = 0;

	for (int g = 0; g < guests; g++) {
		const char *guest = c->guests == 0 ? "host" : s->guests.names[g];
		const double rate = 900.0 / guests * (0.98 + 0.04 * rs_random_unit(r));

		for (size_t i = 0; i < rs_bench_n_metrics(b); i++) {
			struct rs_metric m;
			double v;

			rs_bench_metric_at(b, i, &m);
			v = fixture_base(m.id) * fixture_factor(c->system, m.group) *
			    (0.98 + 0.04 * rs_random_unit(r));
			if (b->adapter == RS_ADAPTER_SIEGE)
				v = fixture_siege(m.id, rate);
			fixture_sample(&to[n++], guest, &m, v);
		}
	}
	return n;
}

struct fixture {
	struct rs_plan *plan;
	struct rs_store *store;
	char folder[64];
};

static void fixture_must(int status, const struct rs_err *err)
{
	if (status < 0) {
		(void)printf("fixture: %s\n", err->text);
		abort();
	}
}

static void fixture_facts(struct rs_store *s, int emulated)
{
	static const char *const facts[][2] = {
		{ "study", "openvz-xen-2006" }, { "profile", "quick" }, { "testbed", "virtual" },
		{ "testbed.description", "QEMU machine, 2 CPUs, 2 GiB (made up for a test)" },
		{ "virtual", "1" }, { "seed", "2006" }, { "started", "2026-11-23T05:10:38Z" },
		{ "finished", "2026-11-23T05:21:02Z" }, { "version", "0.1.0" },
		{ "platform.host", "host" }, { "platform.openvz", "lxc" },
		{ "substitute.openvz", "OpenVZ needs its own kernel" },
		{ "image.fedora-core-5", "Debian 12 (bookworm), 447 MB" },
		{ "deviation.1", "processor|2 x Intel Xeon, 2.8 GHz|QEMU TCG, 2 CPUs|no such machine" },
		{ "deviation.2", "disks|2 x 36 GB SCSI|2 x 4 GB virtio|sparse images" },
		{ "setup.openvz.guest_install_s", "2.5" },
	};
	struct rs_err err = RS_ERR_INIT;

	for (size_t i = 0; i < RS_COUNT(facts); i++)
		fixture_must(rs_store_set_fact(s, facts[i][0], facts[i][1], &err), &err);
	fixture_must(rs_store_set_fact(s, "emulated", emulated ? "1" : "0", &err), &err);
	fixture_must(rs_store_set_fact(s, "accel", emulated ? "tcg" : "kvm", &err), &err);
	fixture_must(rs_store_set_env(s, "plain", "cpu.model", "Made-up CPU", &err), &err);
	fixture_must(rs_store_set_env(s, "plain", "kernel", "6.1.0-made-up", &err), &err);
	fixture_must(rs_store_set_env(s, "xen", "kernel", "6.1.0-made-up", &err), &err);
	fixture_must(rs_store_add_event(s, "provision", "image from the cache", 1795410638.0, 4.25,
					&err), &err);
	fixture_must(rs_store_add_event(s, "measure", "48 cells", 1795410700.0, 512.5, &err), &err);
}

/* What becomes of a cell: xen is missing, one siege trial of openvz failed. */
static enum rs_cell_state fixture_state(const struct rs_cell *c, const char **reason)
{
	*reason = NULL;
	if (strcmp(c->system, "xen") == 0) {
		*reason = "the hypervisor did not start (made up)";
		return RS_CELL_MISSING;
	}
	if (strcmp(c->system, "openvz") == 0 && strcmp(c->benchmark, "siege") == 0 &&
	    c->trial == 2) {
		*reason = "siege: no end within 30 s (made up)";
		return RS_CELL_FAILED;
	}
	return RS_CELL_DONE;
}

/* Every cell of the plan's first profile; the caller frees it. */
static struct rs_cell *fixture_cells(const struct rs_plan *plan, size_t *ret_n)
{
	struct rs_cell *cells = calloc(400, sizeof(*cells));
	size_t n = 0;

	for (size_t s = 0; s < plan->n_systems; s++)
		for (size_t b = 0; b < plan->n_benchmarks; b++)
			for (int t = 1; t <= rs_plan_trials(&plan->benchmarks[b],
							    &plan->profiles[0]); t++) {
				struct rs_cell *c = &cells[n++];

				(void)snprintf(c->system, sizeof(c->system), "%s",
					       plan->systems[s].id);
				(void)snprintf(c->benchmark, sizeof(c->benchmark), "%s",
					       plan->benchmarks[b].id);
				c->guests = plan->systems[s].guests.n_counts == 0
						    ? 0 : plan->systems[s].guests.counts[0];
				c->trial = t;
			}
	*ret_n = n;
	return cells;
}

/* Fills a new store below folder with every cell of the plan; all: xen, too. */
static void fixture_fill(struct fixture *f, int emulated, int all)
{
	struct rs_err err = RS_ERR_INIT;
	struct rs_sample *samples = calloc(400, sizeof(*samples));
	struct rs_random r;
	size_t n = 0;
	struct rs_cell *cells = fixture_cells(f->plan, &n);

	rs_random_seed(&r, 7);
	fixture_facts(f->store, emulated);
	fixture_must(rs_store_plan_cells(f->store, cells, n, &err), &err);
	for (size_t i = 0; i < n; i++) {
		const char *reason = NULL;
		const enum rs_cell_state state = all ? RS_CELL_DONE
						     : fixture_state(&cells[i], &reason);
		const size_t k = state == RS_CELL_DONE
					 ? fixture_cell(f->plan, &cells[i], &r, samples) : 0;

		fixture_must(rs_store_cell_end(f->store, &cells[i], state, reason,
					       1795410700.0 + (double)i, samples, k, NULL, 0, &err),
			     &err);
	}
	free(cells);
	free(samples);
}

static void fixture_open(struct fixture *f, int emulated, int all)
{
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_STR *plan = rs_path_data("thesis-plan.xml", &err);
	RS_AUTO_STR *db = NULL;

	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/restudy-report.XXXXXX");
	if (plan == NULL || mkdtemp(f->folder) == NULL)
		fixture_must(-1, &err);
	f->plan = rs_plan_load(plan, &diags, &err);
	if (f->plan == NULL)
		fixture_must(-1, &err);
	db = rs_path_join(f->folder, "run.db", &err);
	f->store = rs_store_create(db, &err);
	if (f->store == NULL)
		fixture_must(-1, &err);
	fixture_fill(f, emulated, all);
}

static void fixture_close(struct fixture *f)
{
	struct rs_err err = RS_ERR_INIT;

	rs_store_close(f->store);
	rs_plan_free(f->plan);
	if (getenv("RESTUDY_KEEP") != NULL)
		(void)printf("kept: %s\n", f->folder);
	else
		fixture_must(rs_path_remove_tree(f->folder, &err), &err);
}

#endif
