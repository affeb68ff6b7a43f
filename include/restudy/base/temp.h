/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of what is not whole yet, or needed for a moment: "restudy-WHAT-PID-XXXXXX" in the
 * folder of temporary files, "PATH.restudy-WHAT-PID" beside what it will be.  The name tells
 * the process, so that what a killed one left can be found.
 */
#ifndef RESTUDY_BASE_TEMP_H
#define RESTUDY_BASE_TEMP_H

#include "restudy/base/buf.h"
#include "restudy/base/err.h"

/* $TMPDIR, else /tmp.  Borrowed. */
const char *rs_temp_root(void);

/* Makes a private folder below root; what: lower-case letters.  free() releases. */
char *rs_temp_folder(const char *root, const char *what, struct rs_err *err) RS_MUST_CHECK;

/* The name of path while it is written, on the same file system.  free() releases. */
char *rs_temp_beside(const char *path, const char *what, struct rs_err *err) RS_MUST_CHECK;

/* The process that a name (the last component of a path) was given by; 0: no such name. */
long rs_temp_owner(const char *name);

/*
 * Finds what processes of this user that are gone left in folder, a line of out for each;
 * with remove, removes it.  A folder that is not there is fine.  -1 when something could
 * not be removed.
 */
int rs_temp_leftovers(const char *folder, int remove, struct rs_buf *out, struct rs_err *err)
	RS_MUST_CHECK;

#endif
