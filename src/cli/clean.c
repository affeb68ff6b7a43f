/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy clean: finds and removes what a killed run left behind. */
#include <stdio.h>
#include <string.h>

#include "cli_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/platform.h"

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

static int clean(int argc, char **argv, struct rs_err *err)
{
	RS_AUTO_BUF out = RS_BUF_INIT;
	int dry = 0, rc;
	const struct rs_cli_option options[] = { { "--dry-run", 'n', NULL, &dry }, { NULL, 0, NULL, NULL } };

	if (rs_cli_options(argc, argv, options, NULL, 0, 0, err) < 0)
		return -1;
	rc = rs_testbed_leftovers(!dry, &out, err);
	if (clean_platforms(!dry, &out, rc == 0 ? err : NULL) < 0)
		rc = -1;
	if (rc == 0 && out.len == 0)
		rs_buf_adds(&out, "nothing is left behind\n");
	if (rs_cli_print(&out, rc == 0 ? err : NULL) < 0)
		return -1;
	return rc;
}

const struct rs_cli_command rs_cli_clean = {
	.name = "clean", .arguments = "[--dry-run]", .run = clean,
	.summary = "find and remove what a killed run left behind",
	.options = "  -n, --dry-run   only say what would be removed\n",
};
