/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy archive: packs a run into a bag. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli_priv.h"
#include "restudy/archive.h"
#include "restudy/base/mem.h"
#include "restudy/report.h"
#include "restudy/store.h"

/* What the archive hands back to render and to the display of bytes, which knows its own part. */
struct archiving {
	struct rs_cli_bytes bytes;
	const char *folder;		/* of the run */
};

/* Where redaction changed the store, the report is made again from what the bag has. */
static int render(void *user, const char *folder, struct rs_err *err)
{
	const struct archiving *a = user;
	RS_AUTO_RUN run = { .folder = NULL };
	struct rs_report_options o = { .out = folder, .program_version = RS_VERSION };
	RS_AUTO_FORM form = { .template_path = NULL };

	if (rs_cli_report_form(a->folder, &form, err) < 0)
		return -1;
	rs_cli_form_options(&form, &o);
	if (rs_cli_open_run(folder, &run, err) < 0)
		return -1;
	return rs_report_write(run.plan, run.store, &o, err);
}

static int read_format(const char *text, enum rs_bag_format *ret, struct rs_err *err)
{
	*ret = RS_BAG_TAR_ZST;
	if (text == NULL)
		return 0;
	for (int i = 0; i < RS_BAG_LAST; i++)
		if (strcmp(text, rs_bag_format_name((enum rs_bag_format)i)) == 0) {
			*ret = (enum rs_bag_format)i;
			return 0;
		}
	return rs_err_set(err, RS_ERR_USAGE, "--format \"%.20s\": must be folder, tar.zst or zip", text);
}

/* Beside the run folder, by its name; "." and ".." have another one outside. */
static char *name_bag(const char *folder, enum rs_bag_format format, struct rs_err *err)
{
	RS_AUTO_STR *real = NULL;
	size_t n = strlen(folder);

	while (n > 1 && folder[n - 1] == '/')
		n--;
	if (folder[n - 1] == '.' && (n == 1 || folder[n - 2] == '/' || folder[n - 2] == '.')) {
		real = realpath(folder, NULL);
		if (real == NULL)
			(void)rs_err_sys(err, RS_ERR_USAGE, errno, "cannot find \"%s\"", folder);
		folder = real;
		n = real != NULL ? strlen(real) : 0;
	}
	if (folder == NULL)
		return NULL;
	return rs_asprintf(err, "%.*s-bag%s%s", (int)n, folder, format == RS_BAG_FOLDER ? "" : ".",
			   format == RS_BAG_FOLDER ? "" : rs_bag_format_name(format));
}

static int archive(int argc, char **argv, struct rs_err *err)
{
	RS_AUTO_RUN run = { .folder = NULL };
	RS_AUTO_STR *made = NULL;
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct archiving a = { .bytes = { .verb = "packed" } };
	struct rs_archive_options o = { .render = render, .progress = rs_cli_bytes_show, .user = &a };
	struct rs_archive_result r = { 0 };
	struct rs_bag_person person = { NULL, NULL, NULL };
	const char *folder = NULL, *path = NULL, *format = NULL;
	int rc;
	const struct rs_cli_option options[] = {
		{ "--output", 'o', &path, NULL },	{ "--format", 0, &format, NULL },
		{ "--author", 0, &person.name, NULL },	{ "--orcid", 0, &person.orcid, NULL },
		{ "--affiliation", 0, &person.affiliation, NULL },
		{ "--license", 0, &o.license, NULL },	{ NULL, 0, NULL, NULL },
	};

	if (rs_cli_options(argc, argv, options, &folder, "RUN", 1, err) < 0 ||
	    rs_cli_credit(&person, o.license, err) < 0 || read_format(format, &o.format, err) < 0 ||
	    rs_cli_open_run(folder, &run, err) < 0)
		return -1;
	if (run.bag != NULL)
		return rs_err_set(err, RS_ERR_USAGE, "\"%s\" is a bag already", folder);
	if (path == NULL) {
		made = name_bag(folder, o.format, err);
		if (made == NULL)
			return -1;
		path = made;
	}
	a.folder = run.folder;
	o.plan = run.plan;
	o.people = &person;
	o.n_people = person.name != NULL;
	rc = rs_archive_write(run.folder, path, &o, &r, err);
	rs_cli_bytes_end(&a.bytes);
	if (rc < 0)
		return -1;
	rs_buf_addf(&out, "bag: %s\n%" PRIu64 " files, %" PRIu64 " bytes; %" PRIu64
		    " places redacted and %" PRIu64 " files left out (data/redactions.csv)\n",
		    path, r.files, r.bytes, r.redactions, r.left_out);
	return rs_cli_print(&out, err);
}

const struct rs_cli_command rs_cli_archive = {
	.name = "archive", .run = archive,
	.arguments = "RUN [-o BAG] [--format folder|tar.zst|zip] [--author NAME] [--license SPDX]",
	.summary = "pack a run into a bag that anyone can verify and render again",
	.options = "  -o, --output BAG       where to write (default: RUN-bag.tar.zst)\n"
		   "      --format FORMAT    tar.zst (default), zip, folder\n"
		   "      --author NAME      \"Family, Given\"; --orcid and --affiliation belong to it\n"
		   "      --license SPDX     of the data, as \"CC-BY-4.0\"\n",
};
