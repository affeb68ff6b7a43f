/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy audit: arithmetic that published numbers must satisfy. */
#include "cli_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/report.h"

static int audit(int argc, char **argv, struct rs_err *err)
{
	static const struct rs_cli_option none[] = { { NULL, 0, NULL, NULL } };
	RS_AUTO_PLAN *plan = NULL;
	RS_AUTO_STR *inside = NULL;
	RS_AUTO_BUF out = RS_BUF_INIT;
	const char *path = NULL;
	size_t bad = 0;

	if (rs_cli_options(argc, argv, none, &path, 1, 1, err) < 0)
		return -1;
	inside = rs_path_join(path, "plan.xml", err);
	if (inside == NULL)
		return -1;
	plan = rs_cli_plan(rs_path_exists(inside) ? inside : path, 0, err);
	if (plan == NULL || rs_report_audit(plan, &out, &bad, err) < 0 || rs_cli_print(&out, err) < 0)
		return -1;
	return bad > 0 ? 1 : 0;
}

const struct rs_cli_command rs_cli_audit = {
	.name = "audit", .arguments = "PLAN|RUN", .run = audit,
	.summary = "find published numbers that cannot all be right",
	.options = "exit status 0 when all are consistent, 1 when some are not\n",
};
