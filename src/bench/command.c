/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any program: benchmark->arguments is its vector, run in every guest; when an argument
 * has "{address}" in it, the program is one that works against a guest and runs where
 * load is made.  Values are taken from what it printed by the plan's rules.
 */
#include "bench_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

/* What may stand in an argument, and its value. */
struct word {
	const char *name, *value;
};

static char *replace(const char *text, const struct word *words, size_t n, struct rs_err *err)
{
	RS_AUTO_BUF out = RS_BUF_INIT;

	while (*text != '\0') {
		size_t i = 0;

		while (i < n && strncmp(text, words[i].name, strlen(words[i].name)) != 0)
			i++;
		if (i < n) {
			rs_buf_adds(&out, words[i].value);
			text += strlen(words[i].name);
		} else {
			rs_buf_addc(&out, *text++);
		}
	}
	return rs_buf_check(&out, err) < 0 ? NULL : rs_strdup(rs_buf_str(&out), err);
}

/* The vector for a guest; rs_free_argv releases. */
static char **make_argv(const struct rs_benchmark *b, double duration_s,
			const struct rs_guest *guest, struct rs_err *err)
{
	char duration[40];
	const struct word words[] = {
		{ "{address}", guest->address != NULL ? guest->address : "" },
		{ "{guest}", guest->name },
		{ "{scratch}", guest->scratch },
		{ "{duration}", duration },
	};
	RS_AUTO_ARGV argv = rs_alloc(b->n_arguments + 1, sizeof(*argv), err);

	snprintf(duration, sizeof(duration), "%.9g", duration_s);
	for (size_t i = 0; argv != NULL && i < b->n_arguments; i++) {
		argv[i] = replace(b->arguments[i], words, RS_COUNT(words), err);
		if (argv[i] == NULL)
			return NULL;
	}
	return RS_STEAL(&argv);
}

static int mentions(const struct rs_benchmark *b, const char *placeholder)
{
	for (size_t i = 0; i < b->n_arguments; i++)
		if (strstr(b->arguments[i], placeholder) != NULL)
			return 1;
	return 0;
}

static int works_against_a_guest(const struct rs_benchmark *b)
{
	return mentions(b, "{address}");
}

static int lane_round(struct rs_lane *lane, size_t round, void *user, struct rs_err *err)
{
	const struct rs_trial *t = lane->trial;
	RS_AUTO_STR *out = rs_path_join(lane->folder, "stdout", err);
	RS_AUTO_STR *said = rs_path_join(lane->folder, "stderr", err);
	RS_AUTO_ARGV argv = make_argv(t->benchmark, t->duration_s, lane->guest, err);
	const struct rs_exec x = { .argv = (const char *const *)argv,
				   .timeout_s = 3 * t->duration_s + (t->emulated ? 600 : 120),
				   .output_max = RS_RAW_MAX, .stdout_path = out,
				   .stderr_path = said };
	struct rs_channel *ch = lane->generator != NULL ? lane->generator : lane->guest->channel;
	struct rs_cmd_result res;

	(void)round;
	(void)user;
	if (out == NULL || said == NULL || argv == NULL || rs_channel_run(ch, &x, &res, err) < 0)
		return -1;
	return res.status == 0 ? 0 : rs_bench_failed(&res, argv[0], said, err);
}

static int run(const struct rs_trial *t, const struct rs_sink *sink, struct rs_err *err)
{
	return rs_lanes_run(t, 1,
			    works_against_a_guest(t->benchmark) ? RS_LANE_OWN_GENERATOR
								: RS_LANE_NO_GENERATOR,
			    lane_round, NULL, sink, err);
}

static int prepare(const struct rs_trial *t, struct rs_err *err)
{
	const struct rs_benchmark *b = t->benchmark;

	if (b->n_arguments == 0)
		return rs_err_set(err, RS_ERR_PLAN, "benchmark \"%s\" names no program to run", b->id);
	if (b->n_metrics == 0)
		return rs_err_set(err, RS_ERR_PLAN, "benchmark \"%s\" has no metric with a rule", b->id);
	for (size_t i = 0; i < b->n_metrics; i++)
		if (rs_rule_check(&b->metrics[i], err) < 0)
			return -1;
	/* Nothing is started before a trial that does not need it. */
	if (works_against_a_guest(b) || !mentions(b, "{scratch}"))
		return 0;
	for (size_t i = 0; i < t->n_guests; i++) {
		const char *const argv[] = { "mkdir", "-p", t->guests[i].scratch, NULL };

		if (rs_channel_run_ok(t->guests[i].channel, argv, 30, NULL, err) < 0)
			return -1;
	}
	return 0;
}

static int read_metric(const struct rs_metric_rule *m, const char *guest, const char *folder,
		       const struct rs_sink *sink, struct rs_err *err)
{
	static const char *const files[] = { "stdout", "stderr" };
	struct rs_err first = RS_ERR_INIT;

	/* Some programs print their results beside their complaints. */
	for (size_t i = 0; i < RS_COUNT(files); i++) {
		RS_AUTO_STR *path = rs_path_join(folder, files[i], err);
		RS_AUTO_BUF text = RS_BUF_INIT;
		double value = 0;

		if (path == NULL || rs_path_read(path, RS_RAW_MAX, &text, err) < 0)
			return -1;
		if (rs_rule_take(m, rs_buf_str(&text), path, &value, &first) == 0)
			return rs_bench_sample(sink, guest, m->id, m->unit, value, err);
	}
	return rs_err_set(err, RS_ERR_FAILED, "%s", first.text);
}

static int read_raw(const struct rs_benchmark *b, const char *guest, const char *folder,
		    const struct rs_sink *sink, struct rs_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < b->n_metrics; i++)
		if (read_metric(&b->metrics[i], guest, folder, sink, err) < 0)
			rc = -1;
	return rc;
}

static void steps(const struct rs_benchmark *b, double duration_s, struct rs_buf *out)
{
	const struct rs_guest guest = { .name = (char *)(uintptr_t) "GUEST",
					.address = (char *)(uintptr_t) "ADDRESS",
					.scratch = (char *)(uintptr_t) "SCRATCH" };
	RS_AUTO_ARGV argv = make_argv(b, duration_s, &guest, NULL);

	if (argv != NULL && argv[0] != NULL)
		rs_bench_step(out, (const char *const *)argv);
}

static double predict_s(const struct rs_benchmark *b, double duration_s, size_t n_guests)
{
	return b->sequential && n_guests > 1 ? (duration_s + 0.1) * (double)n_guests
					     : duration_s + 0.1;
}

const struct rs_bench_driver rs_bench_command = {
	.name = "command",
	.prepare = prepare,
	.run = run,
	.read = read_raw,
	.steps = steps,
	.predict_s = predict_s,
};
