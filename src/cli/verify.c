/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy verify: proves a bag, from its raw bytes to the values and to the report. */
#include <inttypes.h>
#include <stdlib.h>

#include "cli_priv.h"
#include "restudy/archive.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/temp.h"
#include "restudy/report.h"
#include "restudy/run.h"
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

static void tell_reread(const struct rs_reread *r, struct rs_buf *out)
{
	rs_buf_addf(out, "; %zu values of %zu cell%s are those of the raw bytes", r->values, r->cells,
		    r->cells == 1 ? "" : "s");
	if (r->masked > 0)
		rs_buf_addf(out, " (%zu cell%s cannot be read so: something was masked)", r->masked,
			    r->masked == 1 ? "" : "s");
	if (r->imported > 0)
		rs_buf_addf(out, " (%zu cell%s imported from files that no adapter reads)", r->imported,
			    r->imported == 1 ? " was" : "s were");
}

static int verify(int argc, char **argv, struct rs_err *err)
{
	RS_AUTO_RUN run = { .folder = NULL };
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_bag_facts facts = { 0 };
	struct rs_reread reread = { .cells = 0 };
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
		if (rs_run_reread(run.plan, run.store, run.folder, &reread, err) < 0)
			return -1;
		made = rs_temp_folder(rs_temp_root(), "verify", err);
		if (made == NULL)
			return -1;
		rc = render_again(&run, made, err);
		if (rs_path_remove_tree(made, rc == 0 ? err : NULL) < 0 || rc < 0)
			return -1;
	}
	rs_buf_addf(&out, "%s: whole: %" PRIu64 " files, %" PRIu64 " bytes, both digests", path, facts.files,
		    facts.bytes);
	if (!manifests_alone) {
		tell_reread(&reread, &out);
		rs_buf_adds(&out, "; its report was made again, byte for byte the same");
	}
	rs_buf_addc(&out, '\n');
	return rs_cli_print(&out, err);
}

const struct rs_cli_command rs_cli_verify = {
	.name = "verify", .arguments = "BAG [--no-render]", .run = verify,
	.summary = "check a bag, read its raw bytes and make its report again, compare",
	.options = "      --no-render   only digests, structure, crate and database\n",
};
