/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy report: renders a run again, or explains one exhibit. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cli_priv.h"
#include "restudy/base/mem.h"
#include "restudy/report.h"

static int report(int argc, char **argv, struct rs_err *err)
{
	RS_AUTO_RUN run = { .folder = NULL };
	RS_AUTO_FORM form = { .template_path = NULL };
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_report_options o = { .program_version = RS_VERSION };
	const char *folder = NULL, *explain = NULL;
	const struct rs_cli_option options[] = {
		{ "--explain", 0, &explain, NULL },   { "--output", 'o', &o.out, NULL },
		{ "--template", 0, &o.template_path, NULL }, { "--language", 0, &o.language, NULL },
		{ NULL, 0, NULL, NULL },
	};

	if (rs_cli_options(argc, argv, options, &folder, "RUN", 1, err) < 0 ||
	    rs_cli_language(o.language, err) < 0 ||
	    rs_cli_open_run(folder, &run, err) < 0)
		return -1;
	if (explain != NULL) {
		if (rs_report_explain(run.plan, run.store, explain, &out, err) < 0)
			return -1;
		return rs_cli_print(&out, err);
	}
	if (o.out == NULL && run.bag != NULL)
		return rs_err_set(err, RS_ERR_USAGE, "a bag is not written to: say where with -o FOLDER");
	if (o.out == NULL)
		o.out = folder;
	if (o.template_path != NULL && access(o.template_path, R_OK) != 0)
		return rs_err_sys(err, RS_ERR_USAGE, errno, "cannot read \"%s\"", o.template_path);
	/* a bag's report is made again as it was */
	if (run.bag != NULL && rs_cli_report_form(run.folder, &form, err) < 0)
		return -1;
	rs_cli_form_options(&form, &o);
	if (rs_report_write(run.plan, run.store, &o, err) < 0)
		return -1;
	rs_buf_addf(&out, "report: %s/report.html\n", o.out);
	return rs_cli_print(&out, err);
}

const struct rs_cli_command rs_cli_report = {
	.name = "report", .run = report,
	.arguments = "RUN|BAG [-o FOLDER] [--language en|de] [--template FILE] [--explain EXHIBIT]",
	.summary = "render a run's figures, tables and report again",
	.options = "  -o, --output FOLDER   where to write (default: the run folder; a bag needs it)\n"
		   "      --language LANG   en or de (default: the plan's; of a bag: as it was)\n"
		   "      --template FILE   your own report document (of a bag: as it was)\n"
		   "      --explain ID      the way from raw bytes to each bar of one exhibit\n",
};
