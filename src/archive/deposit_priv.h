/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two kinds of deposit share. */
#ifndef RS_ARCHIVE_DEPOSIT_PRIV_H
#define RS_ARCHIVE_DEPOSIT_PRIV_H

#include "http_priv.h"
#include "restudy/base/hash.h"

/* The file on its way. */
struct rs_deposit_file {
	const char *path;
	const char *name;	/* last component, borrowed from path */
	int fd;
	uint64_t size;
	char md5[RS_DIGEST_HEX], sha256[RS_DIGEST_HEX];
};

/* What an earlier, unfinished deposit left: the draft, and where it was going. */
struct rs_deposit_state {
	char path[512];
	char id[64];		/* "" when there is none */
};

/* Remembers the draft of this file at this server. */
int rs_deposit_remember(struct rs_deposit_state *s, const struct rs_deposit_options *o,
			const struct rs_deposit_file *f, const char *id, struct rs_err *err)
	RS_MUST_CHECK;

/* Whether text may stand in an address of ours: what a server names is not believed. */
int rs_deposit_is_plain_id(const char *text);

int rs_deposit_invenio(struct rs_http *h, const struct rs_deposit_options *o,
		       const struct rs_deposit_file *f, struct rs_deposit_state *s,
		       struct rs_deposit_result *ret, struct rs_err *err) RS_MUST_CHECK;
int rs_deposit_webdav(struct rs_http *h, const struct rs_deposit_options *o,
		      const struct rs_deposit_file *f, struct rs_deposit_result *ret,
		      struct rs_err *err) RS_MUST_CHECK;

#endif
