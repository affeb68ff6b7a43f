/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy clean: finds and removes what a killed run left behind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/temp.h"
#include "restudy/platform.h"

enum { MAX_FOLDERS = 100 };

/* Each platform looks for what carries our mark and whose run is dead. */
static int clean_platforms(int remove, struct rs_buf *out, struct rs_err *err)
{
	RS_AUTO_STR *cache = rs_path_cache(err);
	RS_AUTO_STR *agent = rs_cli_own_program("restudy-agent", err);
	RS_AUTO_STR *kernels = rs_cli_own_program("restudy-kernels", err);
	const struct rs_place place = { .folder = cache, .run_id = "", .root = "/", .agent = agent,
					.kernels = kernels };
	int rc = 0;

	if (cache == NULL || agent == NULL || kernels == NULL)
		return -1;
	for (const struct rs_platform *const *p = rs_platforms(); *p != NULL; p++)
		if ((*p)->leftovers != NULL && (*p)->leftovers(&place, remove, out, err) < 0)
			rc = -1;
	return rc;
}

/* A run folder has unfinished files beside its own, and where figures and tables are. */
static int clean_folder(const char *folder, int remove, struct rs_buf *out, struct rs_err *err)
{
	static const char *const below[] = { "figures", "tables" };
	RS_AUTO_STR *db = rs_path_join(folder, "run.db", err);
	int rc = rs_temp_leftovers(folder, remove, out, err);

	if (db == NULL)
		return -1;
	for (size_t i = 0; rs_path_exists(db) && i < RS_COUNT(below); i++) {
		RS_AUTO_STR *path = rs_path_join(folder, below[i], err);

		if (path == NULL || rs_temp_leftovers(path, remove, out, err) < 0)
			rc = -1;
	}
	return rc;
}

/* A folder that was named and the folders in it: runs and bags lie beside each other. */
static int clean_below(const char *folder, int remove, struct rs_buf *out, struct rs_err *err)
{
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;
	int rc = clean_folder(folder, remove, out, err);

	if (rs_path_list(folder, &names, &n, NULL) < 0)
		return rc;
	for (size_t i = 0; i < n; i++) {
		RS_AUTO_STR *path = rs_path_join(folder, names[i], err);
		RS_AUTO_STR *db = path != NULL ? rs_path_join(path, "run.db", err) : NULL;

		if (db == NULL || (rs_path_exists(db) && clean_folder(path, remove, out, err) < 0))
			rc = -1;
	}
	return rc;
}

static int clean_files(const char *const *folders, int remove, struct rs_buf *out,
		       struct rs_err *err)
{
	static const char *const usual[] = { ".", "reports", NULL };
	int rc = rs_temp_leftovers(rs_temp_root(), remove, out, err);

	if (getenv("TMPDIR") == NULL && rs_temp_leftovers("/var/tmp", remove, out, err) < 0)
		rc = -1;
	for (folders = folders[0] != NULL ? folders : usual; *folders != NULL; folders++)
		if (clean_below(*folders, remove, out, err) < 0)
			rc = -1;
	return rc;
}

static int clean(int argc, char **argv, struct rs_err *err)
{
	RS_AUTO_BUF out = RS_BUF_INIT;
	const char *folders[MAX_FOLDERS + 1] = { NULL };
	int dry = 0, rc;
	const struct rs_cli_option options[] = { { "--dry-run", 'n', NULL, &dry }, { NULL, 0, NULL, NULL } };

	if (rs_cli_options(argc, argv, options, folders, "", MAX_FOLDERS, err) < 0)
		return -1;
	for (size_t i = 0; folders[i] != NULL; i++)
		if (!rs_path_exists(folders[i]))
			return rs_err_set(err, RS_ERR_USAGE, "there is no folder \"%s\"", folders[i]);
	rc = rs_testbed_leftovers(!dry, &out, err);
	if (clean_platforms(!dry, &out, rc == 0 ? err : NULL) < 0)
		rc = -1;
	/* last: what still ran may have had them open */
	if (clean_files(folders, !dry, &out, rc == 0 ? err : NULL) < 0)
		rc = -1;
	if (rc == 0 && out.len == 0)
		rs_buf_adds(&out, "nothing is left behind\n");
	if (rs_cli_print(&out, rc == 0 ? err : NULL) < 0)
		return -1;
	return rc;
}

const struct rs_cli_command rs_cli_clean = {
	.name = "clean", .arguments = "[--dry-run] [FOLDER ...]", .run = clean,
	.summary = "find and remove what a killed run left behind",
	.options = "  FOLDER          where runs and bags were made (default: . and reports)\n"
		   "  -n, --dry-run   only say what would be removed\n",
};
