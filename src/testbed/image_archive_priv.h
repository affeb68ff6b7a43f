/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Images that somebody else made: an archive of a root tree by its address.  What it
 * must be is told by the plan; else by what was trusted when it was first used.
 */
#ifndef RESTUDY_TESTBED_IMAGE_ARCHIVE_PRIV_H
#define RESTUDY_TESTBED_IMAGE_ARCHIVE_PRIV_H

#include "image_priv.h"

/*
 * The archive's file, from the cache folder or its address.  What it must be is told by
 * the plan, by the lock file of an earlier run (lock; NULL: none) or by its first use here,
 * in this order; the plan and a lock file that contradict each other are an error.  A file
 * of this machine is looked at each time: it may have changed.  ret: its digest; path: owned.
 */
int rs_archive_get(const struct rs_image *image, const char *lock, const char *folder,
		   const struct rs_tell *tell, char ret[RS_SHA256_HEX], char **ret_path,
		   struct rs_err *err) RS_MUST_CHECK;

/* Unpacks a tar archive, compressed or not, with its owners and modes: root only. */
int rs_archive_unpack(const char *file, const char *tree, struct rs_err *err) RS_MUST_CHECK;

/* The programs a virtual testbed's root must have; the first that lacks is the error. */
int rs_archive_check_machine(const struct rs_image *image, const char *tree, struct rs_err *err)
	RS_MUST_CHECK;

#endif
