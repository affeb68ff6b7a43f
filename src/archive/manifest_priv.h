/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Manifests of a bag, read: which file should have which digest. */
#ifndef RS_ARCHIVE_MANIFEST_PRIV_H
#define RS_ARCHIVE_MANIFEST_PRIV_H

#include <stddef.h>

#include "restudy/base/err.h"

struct rs_manifest_line {
	char *rel;		/* below the bag's root; owned */
	char hex[130];
};

struct rs_manifest {
	struct rs_manifest_line *line;	/* sorted by rel, each once */
	size_t n;
};

/* Reads ROOT/name.  A missing file gives *ret_there 0 and no error; what is no plain file is one. */
int rs_manifest_read(const char *root, const char *name, size_t hex_digits, struct rs_manifest *ret,
		     int *ret_there, struct rs_err *err) RS_MUST_CHECK;
void rs_manifest_release(struct rs_manifest *m);

/* The digest of rel, or NULL. */
const char *rs_manifest_find(const struct rs_manifest *m, const char *rel);

/* All files below ROOT/rel, as lines without digests.  What is no plain file is an error. */
int rs_manifest_of_folder(const char *root, const char *rel, struct rs_manifest *ret,
			  struct rs_err *err) RS_MUST_CHECK;

#endif
