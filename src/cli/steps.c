/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy steps: the dry run. */
#include "cli_priv.h"
#include "restudy/base/mem.h"
#include "restudy/run.h"

static int steps(int argc, char **argv, struct rs_err *err)
{
	RS_AUTO_STR *agent = NULL, *kernels = NULL, *program = NULL;
	RS_AUTO_PLAN *plan = NULL;
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_run_options o = { 0 };
	const char *path = NULL, *accel = NULL;
	const struct rs_cli_option options[] = {
		{ "--profile", 'p', &o.profile, NULL },
		{ "--testbed", 't', &o.testbed, NULL },
		{ "--accel", 0, &accel, NULL },
		{ NULL, 0, NULL, NULL },
	};

	if (rs_cli_options(argc, argv, options, &path, "PLAN", 1, err) < 0 ||
	    rs_cli_accel(accel, &o.accel, err) < 0)
		return -1;
	plan = rs_cli_plan(path, 0, err);
	agent = rs_cli_own_program("restudy-agent", err);
	kernels = rs_cli_own_program("restudy-kernels", err);
	program = rs_cli_own_program("restudy", err);
	if (plan == NULL || agent == NULL || kernels == NULL || program == NULL)
		return -1;
	o.plan_path = path;
	o.agent = agent;
	o.kernels = kernels;
	o.program = program;
	if (rs_run_steps(plan, &o, &out, err) < 0)
		return -1;
	return rs_cli_print(&out, err);
}

const struct rs_cli_command rs_cli_steps = {
	.name = "steps", .arguments = "PLAN [--profile ID] [--testbed KIND] [--accel auto|kvm|tcg]",
	.run = steps,
	.summary = "dry run: every command, what it changes, how long it takes",
	.options = "  -p, --profile ID     durations and repeats (default: the plan's first)\n"
		   "  -t, --testbed KIND   virtual (default), local, ssh://host\n"
		   "      --accel KIND     auto (default), kvm, tcg\n",
};
