/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bringing a bag to a repository: InvenioRDM (Zenodo and others) by its REST interface,
 * or any WebDAV server.  The token comes from a file or the environment; it never stands
 * in arguments, messages or files of ours.
 */
#ifndef RESTUDY_ARCHIVE_DEPOSIT_H
#define RESTUDY_ARCHIVE_DEPOSIT_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/archive.h"
#include "restudy/base/err.h"

enum rs_deposit_kind { RS_DEPOSIT_INVENIO, RS_DEPOSIT_WEBDAV, RS_DEPOSIT_LAST };

/* "invenio", "webdav"; static. */
const char *rs_deposit_kind_name(enum rs_deposit_kind kind);

struct rs_deposit_options {
	enum rs_deposit_kind kind;
	const char *url;		/* of the server, or of the WebDAV folder; https, or http to
					 * this machine */
	const char *token_file;		/* or NULL: the environment's RESTUDY_TOKEN; WebDAV: the
					 * text "user:password", none when both are missing */
	const char *state_file;		/* remembers an unfinished deposit; NULL: FILE.deposit */
	int reserve_doi, publish;	/* InvenioRDM, on request alone */
	const struct rs_plan *plan;	/* title and citation for the record; borrowed */
	const struct rs_bag_person *people;
	size_t n_people;		/* InvenioRDM wants at least one */
	const char *license;		/* SPDX identifier, or NULL */
	const char *date;		/* of the record, "2026-11-23" */
	double timeout_s;		/* without progress; 0: 60 */
	int attempts;			/* of one request; 0: 5 */
	double pause_s;			/* before the second attempt, doubled each time; 0: 2 */
	uint64_t chunk_bytes;		/* WebDAV: what one request carries; 0: 64 MiB */
	const char *ca_file;		/* certificates to trust, or NULL: the system's */
	void (*progress)(void *user, uint64_t sent, uint64_t total);	/* or NULL */
	void *user;
};

struct rs_deposit_result {
	char id[64];			/* of the draft or record */
	char doi[128];			/* reserved, or "" */
	char url[512];			/* where a person sees it */
	int published;
	int attempts;			/* requests that had to be repeated */
};

/*
 * Sends one file (a bag as tar.zst or zip).  Requests that fail for a reason that passes
 * (408, 425, 429, 500, 502 to 504, no connection, no progress) are repeated, after Retry-After
 * where the server says it.  What arrived is compared: by the repository's MD5, on WebDAV
 * by reading it back.
 *
 * An interrupted deposit goes on where it stopped when it is called again with the same
 * state file: the draft is used again, a file that the server has whole is not sent twice,
 * and WebDAV goes on after the last chunk.  The state file is removed at the end.
 */
int rs_deposit(const char *file, const struct rs_deposit_options *o, struct rs_deposit_result *ret,
	       struct rs_err *err) RS_MUST_CHECK;

#endif
