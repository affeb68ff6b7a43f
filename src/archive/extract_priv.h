/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unpacking an archive that nobody vouches for. */
#ifndef RS_ARCHIVE_EXTRACT_PRIV_H
#define RS_ARCHIVE_EXTRACT_PRIV_H

#include "restudy/archive.h"

/* Why an entry of that name would be refused, in words that follow it; NULL: it would not. */
const char *rs_extract_name_fault(const char *name);

/*
 * Unpacks path into the existing empty folder into.  Only plain files and folders, only
 * below into, each once, within the limits (all fields set); else -1, and what was
 * unpacked so far stays for the caller to remove.
 */
int rs_extract(const char *path, const char *into, const struct rs_bag_limits *limits,
	       struct rs_err *err) RS_MUST_CHECK;

#endif
