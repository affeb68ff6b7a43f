/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file that one process at a time holds, and that says who. */
#ifndef RESTUDY_BASE_LOCK_H
#define RESTUDY_BASE_LOCK_H

#include "restudy/base/err.h"

/*
 * Holds the file path (made when missing) until *ret_fd is closed or this process ends.  When
 * another process holds it: -1 and an error of that kind that tells its number, since when, and
 * its what ("run x-20261123").
 */
int rs_lock_hold(const char *path, const char *what, enum rs_err_kind kind, int *ret_fd,
		 struct rs_err *err) RS_MUST_CHECK;

#endif
