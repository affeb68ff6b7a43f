/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The build of an image: a tree by mmdebstrap, dnf or of an archive, then mke2fs -d. */
#ifndef RESTUDY_TESTBED_IMAGE_BUILD_PRIV_H
#define RESTUDY_TESTBED_IMAGE_BUILD_PRIV_H

#include "image_priv.h"

/* All borrowed.  The caller holds the lock of the cache entry. */
struct rs_image_job {
	const struct rs_image *image;
	const char *sources;		/* of Debian packages */
	const char *archive;		/* builder archive: its file */
	const char *packages;		/* separated by commas */
	const char *key;
	const char *list;		/* file that gets the packages' versions */
	const char *target;		/* file or folder; appears when it is whole */
	const struct rs_tell *tell;
};

/* Root builds the tree and makes the file system of it; an ordinary user lets mmdebstrap
 * make a tar archive (user namespaces or fakechroot) and unpacks it under fakeroot, as it
 * does with an archive.  RPM packages need root. */
int rs_image_build_disk(const struct rs_image_job *job, struct rs_err *err) RS_MUST_CHECK;

/* Root only. */
int rs_image_build_tree(const struct rs_image_job *job, struct rs_err *err) RS_MUST_CHECK;

/* A folder to build in, in memory when there is room, else beside the target.  free() releases. */
char *rs_image_work_folder(const struct rs_image_job *job, int64_t need, struct rs_err *err)
	RS_MUST_CHECK;

/* Removes it with all in it.  A build that was killed has left the proc, sys and dev of its tree
 * mounted there, and these are detached first. */
int rs_image_work_remove(const char *work, struct rs_err *err) RS_MUST_CHECK;

/* Finds the folders of builds that were killed, a line of out for each; with remove, removes them. */
int rs_image_work_leftovers(int remove, struct rs_buf *out, struct rs_err *err) RS_MUST_CHECK;

void rs_image_build_steps(const char *codename, const char *packages, struct rs_buf *out);

#endif
