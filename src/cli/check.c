/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy check: validates a plan and warns of benchmarking sins. */
#include <stdio.h>

#include "cli_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/text.h"
#include "restudy/plan.h"

static void print_json(const struct rs_diagnostics *d, const char *file, struct rs_buf *out)
{
	rs_buf_adds(out, "[");
	for (size_t i = 0; i < d->n; i++) {
		rs_buf_adds(out, i > 0 ? ",\n {\"file\": " : "\n {\"file\": ");
		rs_text_json(out, d->d[i].file != NULL ? d->d[i].file : file);
		rs_buf_addf(out, ", \"line\": %d, \"column\": %d, \"level\": \"%s\", \"rule\": ",
			    d->d[i].line, d->d[i].column, rs_level_name(d->d[i].level));
		if (d->d[i].rule != NULL)
			rs_text_json(out, d->d[i].rule);
		else
			rs_buf_adds(out, "null");
		rs_buf_adds(out, ", \"text\": ");
		rs_text_json(out, d->d[i].text);
		rs_buf_adds(out, "}");
	}
	rs_buf_adds(out, d->n > 0 ? "\n]\n" : "]\n");
}

static void print_sum(const struct rs_plan *plan, const char *path, struct rs_buf *out)
{
	const struct {
		size_t n;
		const char *what;
	} sum[] = {
		{ plan->n_systems, "system" }, { plan->n_benchmarks, "benchmark" },
		{ plan->n_exhibits, "exhibit" }, { plan->n_claims, "claim" },
	};

	rs_buf_addf(out, "%s: valid:", path);
	for (size_t i = 0; i < RS_COUNT(sum); i++)
		rs_buf_addf(out, "%s %zu %s%s", i > 0 ? "," : "", sum[i].n, sum[i].what,
			    sum[i].n == 1 ? "" : "s");
	rs_buf_addc(out, '\n');
}

static int check(int argc, char **argv, struct rs_err *err)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_BUF out = RS_BUF_INIT;
	RS_AUTO_PLAN *plan = NULL;
	const char *path = NULL;
	int json = 0;
	const struct rs_cli_option options[] = { { "--json", 0, NULL, &json }, { NULL, 0, NULL, NULL } };

	if (rs_cli_options(argc, argv, options, &path, "PLAN", 1, err) < 0)
		return -1;
	plan = rs_plan_load(path, &diags, err);
	if (plan == NULL && diags.n == 0)
		return -1;
	if (plan != NULL && rs_plan_lint(plan, &diags, err) < 0)
		return -1;
	if (json) {
		print_json(&diags, path, &out);
	} else {
		rs_cli_problems(&diags, path, &out);
		if (plan != NULL)
			print_sum(plan, path, &out);
	}
	if (rs_cli_print(&out, err) < 0)
		return -1;
	return plan != NULL ? 0 : rs_err_exit_status(RS_ERR_PLAN);
}

const struct rs_cli_command rs_cli_check = {
	.name = "check", .arguments = "PLAN [--json]", .run = check,
	.summary = "validate a plan, and warn of known benchmarking sins",
	.options = "  --json   the problems as JSON\n",
};
