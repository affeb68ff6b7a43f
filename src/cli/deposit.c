/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy deposit: brings a bag to a repository. */
#include <string.h>

#include "cli_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/archive/deposit.h"
#include "restudy/store.h"

static int read_kind(const char *text, enum rs_deposit_kind *ret, struct rs_err *err)
{
	*ret = RS_DEPOSIT_INVENIO;
	for (int i = 0; i < RS_DEPOSIT_LAST; i++)
		if (text != NULL && strcmp(text, rs_deposit_kind_name((enum rs_deposit_kind)i)) == 0) {
			*ret = (enum rs_deposit_kind)i;
			return 0;
		}
	if (text == NULL)
		return 0;
	return rs_err_set(err, RS_ERR_USAGE, "--kind \"%.20s\": must be invenio or webdav", text);
}

static int deposit(int argc, char **argv, struct rs_err *err)
{
	RS_AUTO_RUN run = { .folder = NULL };
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_cli_bytes bytes = { .verb = "sent" };
	struct rs_deposit_options o = { .kind = RS_DEPOSIT_INVENIO, .progress = rs_cli_bytes_show,
					.user = &bytes };
	struct rs_deposit_result r = { .id = "" };
	struct rs_bag_person person = { NULL, NULL, NULL };
	const char *file = NULL, *kind = NULL;
	char date[40];
	int rc;
	const struct rs_cli_option options[] = {
		{ "--to", 0, &o.url, NULL },		    { "--kind", 0, &kind, NULL },
		{ "--token-file", 0, &o.token_file, NULL }, { "--author", 0, &person.name, NULL },
		{ "--orcid", 0, &person.orcid, NULL },	    { "--license", 0, &o.license, NULL },
		{ "--reserve-doi", 0, NULL, &o.reserve_doi }, { "--publish", 0, NULL, &o.publish },
		{ NULL, 0, NULL, NULL },
	};

	if (rs_cli_options(argc, argv, options, &file, "BAG", 1, err) < 0 ||
	    rs_cli_credit(&person, o.license, err) < 0 || read_kind(kind, &o.kind, err) < 0)
		return -1;
	if (o.url == NULL)
		return rs_err_set(err, RS_ERR_USAGE, "say where the bag goes: --to URL");
	if (rs_cli_open_run(file, &run, err) < 0)
		return -1;
	(void)rs_clock_utc(date, sizeof(date), rs_clock_wall_s());
	date[strcspn(date, "T")] = '\0';
	o.date = date;
	o.plan = run.plan;
	o.people = &person;
	o.n_people = person.name != NULL;
	rc = rs_deposit(file, &o, &r, err);
	rs_cli_bytes_end(&bytes);
	if (rc < 0)
		return -1;
	rs_buf_addf(&out, "%s: %s%s%s\n%s\n",
		    o.kind == RS_DEPOSIT_WEBDAV ? "stored" : r.published ? "published" : "draft", r.id,
		    r.doi[0] != '\0' ? ", DOI " : "", r.doi, r.url);
	return rs_cli_print(&out, err);
}

const struct rs_cli_command rs_cli_deposit = {
	.name = "deposit", .run = deposit,
	.arguments = "BAG --to URL [--kind invenio|webdav] [--token-file FILE] [--author NAME] "
		     "[--reserve-doi] [--publish]",
	.summary = "bring a bag to a repository (InvenioRDM, Zenodo, WebDAV)",
	.options = "      --to URL           of the server, or of the WebDAV folder\n"
		   "      --kind KIND        invenio (default), webdav\n"
		   "      --token-file FILE  default: the environment's RESTUDY_TOKEN\n"
		   "      --author NAME      \"Family, Given\"; InvenioRDM wants one; --orcid belongs to it\n"
		   "      --license SPDX     of the data\n"
		   "      --reserve-doi      ask for a DOI before publishing\n"
		   "      --publish          publish the draft (cannot be undone)\n",
};
