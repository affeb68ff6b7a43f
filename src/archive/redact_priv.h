/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What must not leave the machine, found in text and overwritten with '*' so that
 * nothing moves: the length of a file, its lines and columns stay.
 */
#ifndef RS_ARCHIVE_REDACT_PRIV_H
#define RS_ARCHIVE_REDACT_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/err.h"

enum rs_redact_rule {
	RS_REDACT_SECRET,	/* values of password, token, ...; private keys; user:password@ */
	RS_REDACT_SERIAL,	/* serial numbers, UUIDs, machine ids */
	RS_REDACT_MAC,		/* Ethernet addresses */
	RS_REDACT_ADDRESS,	/* private IPv4 and IPv6 addresses */
	RS_REDACT_NAME,		/* host and user names */
	RS_REDACT_LAST
};

/* The name of a rule and what it does, for redactions.csv and README; static. */
const char *rs_redact_name(enum rs_redact_rule rule);
const char *rs_redact_meaning(enum rs_redact_rule rule);

struct rs_redactor {
	char **names;		/* owned; words to mask */
	size_t n_names;
	const char *const *keep;	/* borrowed; the study's own names, never masked */
	size_t n_keep;
	unsigned char hot[256];	/* bytes at which a rule looks closer */
	uint64_t found[RS_REDACT_LAST];	/* since the caller set them to 0 */
	int in_key;		/* between BEGIN and END of a private key */
};

/* names: added to what the text itself tells; short and common words are left out. */
int rs_redactor_init(struct rs_redactor *r, const char *const *names, size_t n_names,
		     const char *const *keep, size_t n_keep, struct rs_err *err) RS_MUST_CHECK;
void rs_redactor_release(struct rs_redactor *r);

/* Masks in whole lines of text; returns how many places. */
size_t rs_redact_text(struct rs_redactor *r, char *text, size_t n);

/* The same for a value whose name is known ("disk.serial"). */
size_t rs_redact_value(struct rs_redactor *r, const char *key, char *value);

#endif
