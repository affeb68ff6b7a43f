/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy export: a run's samples for other programs. */
#include <string.h>

#include "cli_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/store.h"

static int export_run(int argc, char **argv, struct rs_err *err)
{
	RS_AUTO_RUN run = { .folder = NULL };
	const char *args[2] = { NULL, NULL }, *to = NULL;
	const struct rs_cli_option options[] = { { "--output", 'o', &to, NULL }, { NULL, 0, NULL, NULL } };

	if (rs_cli_options(argc, argv, options, args, 2, 2, err) < 0)
		return -1;
	if (strcmp(args[0], "csv") != 0)
		return rs_err_set(err, RS_ERR_USAGE, "no format \"%.40s\": csv", args[0]);
	if (rs_cli_open_run(args[1], &run, err) < 0)
		return -1;
	return rs_store_export_csv(run.store, to, err);
}

const struct rs_cli_command rs_cli_export = {
	.name = "export", .arguments = "csv RUN [-o FILE]", .run = export_run,
	.summary = "a run's samples as tidy CSV",
	.options = "  -o, --output FILE   where to write (default: stdout)\n",
};
