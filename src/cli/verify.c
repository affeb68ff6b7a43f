/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy verify: proves a bag, and makes its report again. */
#include <inttypes.h>
#include <stdlib.h>

#include "cli_priv.h"
#include "restudy/archive.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/temp.h"
#include "restudy/report.h"
#include "restudy/store.h"

/* Renders the report of a bag into folder and compares it byte for byte. */
static int render_again(const struct rs_cli_run *run, const char *folder, struct rs_err *err)
{
	struct rs_report_options o = { .out = folder, .program_version = RS_VERSION };
	RS_AUTO_FORM form = { .template_path = NULL };

	if (rs_cli_report_form(run->folder, &form, err) < 0)
		return -1;
	rs_cli_form_options(&form, &o);
	if (rs_report_write(run->plan, run->store, &o, err) < 0)
		return -1;
	return rs_bag_compare(run->bag, folder, err);
}

static int verify(int argc, char **argv, struct rs_err *err)
{
	RS_AUTO_RUN run = { .folder = NULL };
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_bag_facts facts = { 0 };
	const char *path = NULL;
	int manifests_alone = 0, rc;
	const struct rs_cli_option options[] = { { "--no-render", 0, NULL, &manifests_alone },
						 { NULL, 0, NULL, NULL } };

	if (rs_cli_options(argc, argv, options, &path, "BAG", 1, err) < 0 ||
	    rs_cli_find_run(path, &run, err) < 0)
		return -1;
	if (run.bag == NULL)
		return rs_err_set(err, RS_ERR_USAGE, "\"%s\" is no bag: make one with \"restudy archive\"",
				  path);
	if (rs_bag_verify(run.bag, &facts, err) < 0)
		return -1;
	if (!manifests_alone) {
		RS_AUTO_STR *made = NULL;

		if (rs_cli_read_run(path, &run, err) < 0)	/* only now: what was damaged is told as that */
			return -1;
		made = rs_temp_folder(rs_temp_root(), "verify", err);
		if (made == NULL)
			return -1;
		rc = render_again(&run, made, err);
		if (rs_path_remove_tree(made, rc == 0 ? err : NULL) < 0 || rc < 0)
			return -1;
	}
	rs_buf_addf(&out, "%s: whole: %" PRIu64 " files, %" PRIu64 " bytes, both digests%s\n", path,
		    facts.files, facts.bytes,
		    manifests_alone ? "" : "; its report was made again, byte for byte the same");
	return rs_cli_print(&out, err);
}

const struct rs_cli_command rs_cli_verify = {
	.name = "verify", .arguments = "BAG [--no-render]", .run = verify,
	.summary = "check a bag, make its report again, compare byte for byte",
	.options = "      --no-render   only digests, structure, crate and database\n",
};
