/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * restudy-kernels in the guests: the program is brought into each guest's scratch
 * folder, every test is one round, all guests doing the same test at once.  A test that
 * fails, hangs or floods costs its own sample only.
 */
#include "bench_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/hash.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#define PROGRAM "restudy-kernels"

enum { STATUS_MISSING = 3 };	/* of the program: it needs a program the guest lacks */

/* Whether the guest has this very file already: 1, 0; never fails. */
static int has_same(const struct rs_guest *g, const char *local, const char *there)
{
	const char *const argv[] = { "sha256sum", there, NULL };
	RS_AUTO_BUF out = RS_BUF_INIT;
	char hex[RS_SHA256_HEX];

	return rs_sha256_file(local, hex, NULL) == 0 &&
	       rs_channel_run_ok(g->channel, argv, 30, &out, NULL) == 0 &&
	       strncmp(rs_buf_str(&out), hex, RS_SHA256_HEX - 1) == 0;
}

static int bring(const struct rs_guest *g, const char *local, struct rs_err *err)
{
	RS_AUTO_STR *there = rs_path_join(g->scratch, PROGRAM, err);

	if (there == NULL)
		return -1;
	if (has_same(g, local, there))
		return 0;
	if (rs_channel_push(g->channel, local, there, 0755, err) < 0)
		return rs_err_wrap(err, "guest \"%s\": bringing \"%s\"", g->name, local);
	return 0;
}

static int prepare(const struct rs_trial *t, struct rs_err *err)
{
	if (t->kernels == NULL || !rs_path_exists(t->kernels))
		return rs_err_set(err, RS_ERR_MACHINE, "no program \"%s\": build it with make",
				  t->kernels != NULL ? t->kernels : PROGRAM);
	for (size_t i = 0; i < t->benchmark->n_tests; i++)
		if (rs_unix_metric(t->benchmark->tests[i]) == NULL)
			return rs_err_set(err, RS_ERR_PLAN, "no test \"%s\": see " PROGRAM " --list",
					  t->benchmark->tests[i]);
	for (size_t i = 0; i < t->n_guests; i++)
		if (bring(&t->guests[i], t->kernels, err) < 0)
			return -1;
	return 0;
}

/* One test on one guest. */
struct command {
	char *program;
	char duration[40], copies[16], runs[16];
	const char **argv;	/* NULL-ended; borrows */
};

static void command_release(struct command *c)
{
	free(c->program);
	free(c->argv);
}

static int command_make(struct command *c, const struct rs_benchmark *b, const char *test,
			double duration_s, const char *scratch, struct rs_err *err)
{
	size_t n = 0;

	memset(c, 0, sizeof(*c));
	c->program = rs_path_join(scratch, PROGRAM, err);
	c->argv = rs_alloc(b->n_arguments + 16, sizeof(*c->argv), err);
	if (c->program == NULL || c->argv == NULL)
		return -1;
	snprintf(c->duration, sizeof(c->duration), "%.9g", duration_s);
	c->argv[n++] = c->program;
	c->argv[n++] = test;
	c->argv[n++] = "--duration";
	c->argv[n++] = c->duration;
	c->argv[n++] = "--dir";
	c->argv[n++] = scratch;
	if (b->concurrency > 1) {
		snprintf(c->copies, sizeof(c->copies), "%d", b->concurrency);
		c->argv[n++] = "--copies";
		c->argv[n++] = c->copies;
	}
	if (rs_kernels_runs(b, test) > 1) {
		snprintf(c->runs, sizeof(c->runs), "%d", rs_kernels_runs(b, test));
		c->argv[n++] = "--repeat";
		c->argv[n++] = c->runs;
	}
	for (size_t i = 0; i < b->n_arguments; i++)
		c->argv[n++] = b->arguments[i];
	return 0;
}

static int run_test(struct rs_lane *lane, size_t round, void *user, struct rs_err *err)
{
	const struct rs_trial *t = lane->trial;
	const char *test = rs_unix_asked(t->benchmark, round);
	RS_AUTO_STR *out = rs_raw_path(lane->folder, test, ".json", err);
	RS_AUTO_STR *said = rs_raw_path(lane->folder, test, ".stderr", err);
	struct command c;
	struct rs_cmd_result res;
	const int runs = rs_kernels_runs(t->benchmark, test);
	struct rs_exec x = { .timeout_s = runs * (3 * t->duration_s + (t->emulated ? 180 : 45)),
			     .output_max = 64 << 10, .stdout_path = out, .stderr_path = said };
	int rc;

	(void)user;
	if (out == NULL || said == NULL)
		return -1;
	rc = command_make(&c, t->benchmark, test, t->duration_s, lane->guest->scratch, err);
	if (rc == 0) {
		x.argv = c.argv;
		rc = rs_channel_run(lane->guest->channel, &x, &res, err);
		lane->dead = rc < 0;	/* it could not even be started */
	}
	command_release(&c);
	if (rc < 0)
		return -1;
	if (res.status == 0)
		return 0;
	/* Asked for everything: a test whose program the guest lacks is left out, not failed. */
	if (res.status == STATUS_MISSING && t->benchmark->n_tests == 0)
		return 0;
	return rs_bench_failed(&res, test, said, err);
}

/* How far apart a test began on its guests, by their clocks; -1 when one does not tell. */
static double test_skew_s(const struct rs_trial *t, const char *test)
{
	int64_t first = INT64_MAX, last = 0;

	for (size_t i = 0; i < t->n_guests; i++) {
		RS_AUTO_STR *folder = rs_path_join(t->raw, t->guests[i].name, NULL);
		const int64_t at = folder != NULL ? rs_kernels_start_ns(folder, test) : -1;

		if (at < 0)
			return -1;
		first = at < first ? at : first;
		last = at > last ? at : last;
	}
	return (double)(last - first) / 1e9;
}

/* The barrier tells when the commands were sent; the tests tell when they began. */
static int note_skew(const struct rs_trial *t, const struct rs_sink *sink, struct rs_err *err)
{
	double worst = -1;

	if (t->n_guests < 2 || t->benchmark->sequential)
		return 0;
	for (size_t i = 0; i < rs_unix_n_asked(t->benchmark); i++) {
		const double s = test_skew_s(t, rs_unix_asked(t->benchmark, i));

		worst = s > worst ? s : worst;
	}
	if (worst < 0)
		return 0;
	if (t->start_skew_s != NULL)
		*t->start_skew_s = worst;
	return rs_bench_note(sink, err, "a test began on %zu guests at most %.3f ms apart, by their clocks",
			     t->n_guests, worst * 1e3);
}

static int run(const struct rs_trial *t, const struct rs_sink *sink, struct rs_err *err)
{
	const int rc = rs_lanes_run(t, rs_unix_n_asked(t->benchmark), RS_LANE_NO_GENERATOR, run_test,
				    NULL, sink, err);

	return note_skew(t, sink, rc == 0 ? err : NULL) < 0 ? -1 : rc;
}

static void steps(const struct rs_benchmark *b, double duration_s, struct rs_buf *out)
{
	for (size_t i = 0; i < rs_unix_n_asked(b); i++) {
		struct command c;

		if (command_make(&c, b, rs_unix_asked(b, i), duration_s, "SCRATCH", NULL) == 0)
			rs_bench_step(out, c.argv);
		command_release(&c);
	}
}

/* Beside its duration a test costs its start, and a file test its settling. */
static double predict_s(const struct rs_benchmark *b, double duration_s, size_t n_guests)
{
	double s = 0;

	for (size_t i = 0; i < rs_unix_n_asked(b); i++)
		s += rs_kernels_runs(b, rs_unix_asked(b, i)) *
		     (duration_s + (strncmp(rs_unix_asked(b, i), "fs", 2) == 0 ? 0.5 : 0.1));
	return b->sequential && n_guests > 1 ? s * (double)n_guests : s;
}

const struct rs_bench_driver rs_bench_kernels = {
	.name = "kernels",
	.metrics = rs_kernels_metrics,
	.n_metrics = RS_UNIX_N_METRICS,
	.prepare = prepare,
	.run = run,
	.read = rs_kernels_read,
	.steps = steps,
	.predict_s = predict_s,
};
