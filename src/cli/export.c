/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy export: a run's samples for other programs. */
#include <string.h>

#include "cli_priv.h"
#include "restudy/base/mem.h"
#include "restudy/exchange.h"
#include "restudy/store.h"

static int export_csv(const struct rs_cli_run *run, const char *to, struct rs_err *err)
{
	return rs_store_export_csv(run->store, to, err);
}

static int export_jsonl(const struct rs_cli_run *run, const char *to, struct rs_err *err)
{
	return rs_export_jsonl(run->plan, run->store, to, err);
}

static int export_pts(const struct rs_cli_run *run, const char *to, struct rs_err *err)
{
	return rs_export_pts(run->plan, run->store, to, err);
}

static int export_sqlite(const struct rs_cli_run *run, const char *to, struct rs_err *err)
{
	size_t edits = 0;

	if (to == NULL)
		return rs_err_set(err, RS_ERR_USAGE, "a database is not printed: say with -o which file to make");
	return rs_store_copy(run->store, to, NULL, NULL, &edits, err);
}

static const struct {
	const char *name;
	int (*write)(const struct rs_cli_run *run, const char *to, struct rs_err *err);
} formats[] = {
	{ "csv", export_csv },
	{ "jsonl", export_jsonl },
	{ "pts", export_pts },
	{ "sqlite", export_sqlite },
};

static int export_run(int argc, char **argv, struct rs_err *err)
{
	RS_AUTO_RUN run = { .folder = NULL };
	const char *args[2] = { NULL, NULL }, *to = NULL;
	const struct rs_cli_option options[] = { { "--output", 'o', &to, NULL }, { NULL, 0, NULL, NULL } };

	if (rs_cli_options(argc, argv, options, args, "FORMAT RUN", 2, err) < 0)
		return -1;
	for (size_t i = 0; i < RS_COUNT(formats); i++) {
		if (strcmp(args[0], formats[i].name) != 0)
			continue;
		if (rs_cli_open_run(args[1], &run, err) < 0)
			return -1;
		return formats[i].write(&run, to, err);
	}
	return rs_err_set(err, RS_ERR_USAGE, "no format \"%.40s\": csv, jsonl, pts or sqlite", args[0]);
}

const struct rs_cli_command rs_cli_export = {
	.name = "export", .arguments = "csv|jsonl|pts|sqlite RUN [-o FILE]", .run = export_run,
	.summary = "a run's samples as CSV, JSON lines, PTS composite.xml or SQLite",
	.options = "  -o, --output FILE   where to write (default: stdout)\n",
};
