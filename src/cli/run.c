/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy run: measures a plan and writes its report. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_priv.h"
#include "progress_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/run.h"

/* "system=host", "benchmark=siege": what the run is limited to. */
static int read_only(const char *text, struct rs_run_options *o, struct rs_err *err)
{
	if (text == NULL)
		return 0;
	if (strncmp(text, "system=", 7) == 0)
		o->only_system = text + 7;
	else if (strncmp(text, "benchmark=", 10) == 0)
		o->only_benchmark = text + 10;
	else
		return rs_err_set(err, RS_ERR_USAGE,
				  "--only \"%.60s\": must be system=ID or benchmark=ID", text);
	return 0;
}

static int check_only(const struct rs_plan *plan, const struct rs_run_options *o, struct rs_err *err)
{
	if (o->only_system != NULL && rs_plan_system(plan, o->only_system) == NULL)
		return rs_err_set(err, RS_ERR_USAGE, "the plan has no system \"%s\"", o->only_system);
	if (o->only_benchmark != NULL && rs_plan_benchmark(plan, o->only_benchmark) == NULL)
		return rs_err_set(err, RS_ERR_USAGE, "the plan has no benchmark \"%s\"",
				  o->only_benchmark);
	return 0;
}

static int execute(const struct rs_plan *plan, struct rs_run_options *o, struct rs_err *err)
{
	RS_AUTO_STR *agent = rs_cli_own_program("restudy-agent", err);
	RS_AUTO_STR *kernels = rs_cli_own_program("restudy-kernels", err);
	RS_AUTO_STR *program = rs_cli_own_program("restudy", err);
	RS_AUTO_STR *folder = NULL;
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_cli_progress *progress = NULL;
	struct rs_run_watch watch;
	int rc;

	if (agent == NULL || kernels == NULL || program == NULL)
		return -1;
	progress = rs_cli_progress_new(stderr, err);
	if (progress == NULL)
		return -1;
	o->agent = agent;
	o->kernels = kernels;
	o->program = program;
	watch = rs_cli_progress_watch(progress);
	rc = rs_run(plan, o, &watch, &folder, err);
	rs_cli_progress_free(progress);
	if (rc >= 0) {
		rs_buf_addf(&out, "report: %s/report.html\n", folder);
		return rs_cli_print(&out, err) < 0 ? -1 : rc;
	}
	if (folder != NULL && err->kind == RS_ERR_INTERRUPTED)
		(void)rs_err_wrap(err, "resume with \"restudy run %s -o %s --resume\"", o->plan_path, folder);
	return rc;
}

static int run(int argc, char **argv, struct rs_err *err)
{
	RS_AUTO_PLAN *plan = NULL;
	struct rs_run_options o = { 0 };
	const char *path = NULL, *accel = NULL, *seed = NULL, *only = NULL;
	const struct rs_cli_option options[] = {
		{ "--output", 'o', &o.folder, NULL },	{ "--profile", 'p', &o.profile, NULL },
		{ "--testbed", 't', &o.testbed, NULL }, { "--accel", 0, &accel, NULL },
		{ "--seed", 0, &seed, NULL },		{ "--only", 0, &only, NULL },
		{ "--resume", 0, NULL, &o.resume },	{ "--keep-testbed", 0, NULL, &o.keep_testbed },
		{ NULL, 0, NULL, NULL },
	};
	int64_t number = 0;

	if (rs_cli_options(argc, argv, options, &path, "PLAN", 1, err) < 0 ||
	    rs_cli_accel(accel, &o.accel, err) < 0 || read_only(only, &o, err) < 0)
		return -1;
	if (seed != NULL && rs_parse_i64(seed, 0, INT64_MAX, &number, err) < 0) {
		err->kind = RS_ERR_USAGE;
		return rs_err_wrap(err, "--seed");
	}
	if (o.resume && o.folder == NULL)
		return rs_err_set(err, RS_ERR_USAGE, "--resume needs -o FOLDER, the run to go on with");
	o.has_seed = seed != NULL;
	o.seed = (uint64_t)number;
	o.plan_path = path;
	plan = rs_cli_plan(path, 0, err);
	if (plan == NULL || check_only(plan, &o, err) < 0)
		return -1;
	return execute(plan, &o, err);
}

const struct rs_cli_command rs_cli_run = {
	.name = "run", .run = run,
	.arguments = "PLAN [-o FOLDER] [--profile ID] [--testbed KIND] [--resume] [--seed N] "
		     "[--only system=ID|benchmark=ID]",
	.summary = "run a plan: machines, guests, benchmarks, report",
	.options = "  -o, --output FOLDER  run folder (default: reports/STUDY-TIME)\n"
		   "  -p, --profile ID     durations and repeats (default: the plan's first)\n"
		   "  -t, --testbed KIND   virtual (default: a machine built with QEMU), local, ssh://host\n"
		   "      --accel KIND     auto (default), kvm, tcg\n"
		   "      --resume         go on with the run in FOLDER: done cells are kept\n"
		   "      --seed N         order of cells and resampling (default: the plan's)\n"
		   "      --only WHAT      system=ID or benchmark=ID\n"
		   "      --keep-testbed   leave the virtual machine's disks in FOLDER/testbed\n",
};
