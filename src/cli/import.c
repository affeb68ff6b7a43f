/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy import: a run folder from results that were recorded elsewhere. */
#include <string.h>

#include "cli_priv.h"
#include "restudy/base/mem.h"
#include "restudy/exchange.h"

enum { MAX_FILES = 1024 };

static int import_run(int argc, char **argv, struct rs_err *err)
{
	const char *args[MAX_FILES + 1] = { NULL };
	struct rs_import_options o = { .files = args + 1 };
	const struct rs_cli_option options[] = {
		{ "--output", 'o', &o.folder, NULL },	  { "--plan", 'p', &o.plan, NULL },
		{ "--system", 's', &o.system, NULL },	  { "--benchmark", 'b', &o.benchmark, NULL },
		{ "--better", 0, &o.better, NULL },	  { NULL, 0, NULL, NULL },
	};
	struct rs_import_result r;
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (rs_cli_options(argc, argv, options, args, "FORMAT FILE", MAX_FILES + 1, err) < 0)
		return -1;
	o.format = args[0];
	while (o.n_files < MAX_FILES && o.files[o.n_files] != NULL)
		o.n_files++;
	if (o.folder == NULL)
		return rs_err_set(err, RS_ERR_USAGE, "say with -o which folder to make");
	if (rs_import(&o, &r, err) < 0)
		return -1;
	rs_buf_addf(&text, "%s: %zu samples in %zu cells", o.folder, r.samples, r.cells + r.failed);
	if (r.failed > 0)
		rs_buf_addf(&text, ", %zu of them failed or missing", r.failed);
	rs_buf_adds(&text, "; recorded, not measured here\n");
	if (rs_cli_print(&text, err) < 0)
		return -1;
	return r.failed > 0 ? 1 : 0;
}

const struct rs_cli_command rs_cli_import = {
	.name = "import",
	.arguments = "FORMAT [SYSTEM[/GUEST]=]FILE... -o FOLDER [--plan PLAN]",
	.run = import_run,
	.summary = "a run folder from results that were recorded elsewhere",
	.options = "FORMAT is benchexec, csv, hyperfine, pts, siege, sysbench or unixbench.\n\n"
		   "  -o, --output FOLDER    the run folder to make; nothing may be there\n"
		   "  -p, --plan PLAN        the plan the results belong to (default: one is made)\n"
		   "  -s, --system ID        system of files that name none\n"
		   "  -b, --benchmark ID     benchmark of the plan (default: the format's name)\n"
		   "  --better higher|lower  direction of metrics whose unit does not tell it\n",
};
