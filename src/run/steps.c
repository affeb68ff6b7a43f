/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dry run: every command, what it changes, how long it takes. */
#include "coordinator_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/bench.h"
#include "restudy/platform/listing.h"
#include "restudy/testbed/storage.h"

static void heading(struct rs_buf *out, enum rs_phase phase, const char *what)
{
	rs_buf_addf(out, "\n# %s: %s\n", rs_phase_name(phase), what);
}

static void show_changes(const struct rs_plan *plan, const char *testbed, const char *folder,
			 struct rs_buf *out)
{
	char size[40];

	rs_buf_addf(out, "# what is changed\n");
	rs_buf_addf(out, "run folder: %s\n", folder);
	rs_buf_adds(out, "cache: $XDG_CACHE_HOME/restudy, or ~/.cache/restudy (images, kernels)\n");
	if (strcmp(testbed, "virtual") == 0) {
		for (size_t i = 0; i < plan->hardware.n_disks; i++)
			rs_buf_addf(out, "virtual disk %s: %s, sparse, removed at the end\n",
				    plan->hardware.disks[i].name,
				    rs_format_quantity(size, sizeof(size),
						       (double)plan->hardware.disks[i].size_bytes,
						       RS_DIM_BYTES));
	} else {
		rs_buf_adds(out, "mounts, bridges and containers of this run, removed at the end\n");
	}
}

/* The platform that will most likely realise a system: the virtual testbed has no vzctl, a
 * machine that is booted otherwise needs the substitute. */
static enum rs_platform_kind likely_platform(const struct rs_system *s, const char *testbed,
					     enum rs_boot boot)
{
	int no_vzctl = s->platform == RS_PLATFORM_OPENVZ && strcmp(testbed, "virtual") == 0;

	return s->has_substitute && (no_vzctl || boot != s->boot) ? s->substitute : s->platform;
}

/* The system's configuration: as the paper's listings have it, and as it will be written. */
static void show_listings(const struct rs_plan *plan, const struct rs_system *s,
			  enum rs_platform_kind kind, struct rs_buf *out)
{
	RS_AUTO_BUF real = RS_BUF_INIT;

	for (const char *const *l = rs_listings_of(s->platform); *l != NULL; l++) {
		struct rs_err trouble = RS_ERR_INIT;

		rs_buf_addf(out, "\n# configuration of %s as in the paper (%s)\n", s->id, *l);
		if (rs_listing_render(plan, *l, s->id, out, &trouble) < 0)
			rs_buf_addf(out, "not available: %s\n", trouble.text);
	}
	rs_listing_real(s, kind, &real);
	if (real.len > 0)
		rs_buf_addf(out, "\n# configuration of %s as really used, first guest\n%s", s->id,
			    rs_buf_str(&real));
}

static void show_systems(const struct rs_plan *plan, const char *testbed, const enum rs_boot *boots,
			 enum rs_boot boot, struct rs_buf *out)
{
	for (size_t i = 0; i < plan->n_systems; i++) {
		const struct rs_system *s = &plan->systems[i];
		enum rs_platform_kind kind = likely_platform(s, testbed, boots[i]);
		const struct rs_platform *p;
		char what[200];
		int n = s->guests.n_counts > 0 ? s->guests.counts[0] : 0;

		if (boots[i] != boot)
			continue;
		p = rs_platform_of(kind);
		(void)snprintf(what, sizeof(what), "system %s by %s, %d guest%s%s", s->id, p->name, n,
			       n == 1 ? "" : "s", kind != s->platform ? ", its substitute" : "");
		heading(out, RS_PHASE_LAUNCH, what);
		if (p->unavailable != NULL)
			rs_buf_addf(out, "not available: %s\n", p->unavailable);
		else if (p->steps != NULL)
			p->steps(s, n, out);
		if (n > 0)
			show_listings(plan, s, kind, out);
	}
}

/* The cells in their order, and what a trial of each benchmark executes. */
static double show_cells(const struct rs_coordinator *c, const struct rs_cell *cells, size_t n,
			 struct rs_buf *out)
{
	double total = 0;
	char text[256], span[40];

	heading(out, RS_PHASE_MEASURE, "cells in their order");
	for (size_t i = 0; i < n; i++) {
		double s = rs_coordinator_predict_s(c, &cells[i]);

		total += s;
		rs_buf_addf(out, "%4zu  %-60s about %s\n", i + 1,
			    rs_cell_describe(text, sizeof(text), &cells[i]),
			    rs_clock_span(span, sizeof(span), s));
	}
	for (size_t i = 0; i < c->plan->n_benchmarks; i++) {
		const struct rs_benchmark *b = &c->plan->benchmarks[i];
		const struct rs_bench_driver *d = rs_bench_driver_of(b->adapter);

		rs_buf_addf(out, "\n# one trial of %s\n", b->id);
		if (d->unavailable != NULL)
			rs_buf_addf(out, "not available: %s\n", d->unavailable);
		else if (d->steps != NULL)
			d->steps(b, rs_plan_duration_s(b, c->profile), out);
	}
	return total;
}

static int show(struct rs_coordinator *c, const char *testbed, const enum rs_boot *boots,
		struct rs_buf *out, struct rs_err *err)
{
	const struct rs_testbed_options to = { .kind = testbed, .folder = "RUN/testbed",
					       .run_id = "RUN", .accel = c->o->accel,
					       .agent = c->o->agent, .kernels = c->o->kernels,
					       .program = c->o->program };
	RS_AUTO_BUF build = RS_BUF_INIT;
	struct rs_cell *cells = NULL;
	size_t n = 0;
	char span[40];
	double total;

	if (rs_testbed_steps(c->plan, &to, &build, err) < 0 || rs_buf_check(&build, err) < 0 ||
	    rs_run_order(c->plan, c->profile, c->seed, boots, &cells, &n, err) < 0)
		return -1;
	show_changes(c->plan, testbed, c->o->folder != NULL ? c->o->folder : "reports/STUDY-TIME", out);
	for (size_t i = 0; i < c->plan->n_benchmarks; i++) {
		const struct rs_benchmark *b = &c->plan->benchmarks[i];

		if (b->source == NULL)
			continue;
		heading(out, RS_PHASE_PROVISION, b->id);
		rs_buf_addf(out, "curl -fL -o CACHE/sources/%s %s\n", b->sha256 != NULL ? b->sha256 : "ARCHIVE",
			    b->source);
		if (b->sha256 != NULL)
			rs_buf_addf(out, "echo '%s  CACHE/sources/%s' | sha256sum -c\n", b->sha256,
				    b->sha256);
	}
	heading(out, RS_PHASE_PROVISION, "testbed");
	rs_buf_adds(out, rs_buf_str(&build));
	if (strcmp(testbed, "virtual") == 0 && c->plan->has_hardware) {
		heading(out, RS_PHASE_PROVISION, "storage, inside the testbed");
		rs_storage_steps(&c->plan->hardware, out);
	}
	for (int boot = 0; boot < RS_BOOT_LAST; boot++)
		show_systems(c->plan, testbed, boots, (enum rs_boot)boot, out);
	total = show_cells(c, cells, n, out);
	free(cells);
	rs_buf_addf(out, "\n%zu cell%s, about %s of measuring\n", n, n == 1 ? "" : "s",
		    rs_clock_span(span, sizeof(span), total));
	return rs_buf_check(out, err);
}

/* A server is not asked: it is supposed to run what the plan has. */
static int suppose_boots(const struct rs_plan *plan, const char *testbed, enum rs_boot *boots,
			 struct rs_err *err)
{
	const struct rs_testbed_options o = { .kind = testbed };
	enum rs_boot running = RS_BOOT_LAST;

	if (strncmp(testbed, "ssh://", 6) == 0) {
		for (size_t i = 0; i < plan->n_systems; i++)
			boots[i] = plan->systems[i].boot;
		return 0;
	}
	if (rs_testbed_running(&o, &running, err) < 0)
		return -1;
	rs_coordinator_boots(plan, running, boots);
	return 0;
}

int rs_run_steps(const struct rs_plan *plan, const struct rs_run_options *o, struct rs_buf *out,
		 struct rs_err *err)
{
	struct rs_coordinator c = { .plan = plan, .o = o, .lock_fd = -1,
				    .seed = o->has_seed ? o->seed : plan->seed };
	const char *testbed = o->testbed != NULL ? o->testbed : "virtual";
	enum rs_boot *boots;
	int rc;

	c.profile = plan->n_profiles > 0 ? &plan->profiles[0] : NULL;
	if (o->profile != NULL)
		c.profile = rs_plan_profile(plan, o->profile);
	if (o->profile != NULL && c.profile == NULL)
		return rs_err_set(err, RS_ERR_USAGE, "the plan has no profile \"%s\"", o->profile);
	boots = rs_alloc(plan->n_systems, sizeof(*boots), err);
	if (boots == NULL)
		return -1;
	rc = suppose_boots(plan, testbed, boots, err);
	if (rc == 0)
		rc = show(&c, testbed, boots, out, err);
	free(boots);
	return rc;
}
