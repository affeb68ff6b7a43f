/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Operating system images: built once, kept in the cache folder under the digest of
 * everything that determines them.
 */
#ifndef RESTUDY_TESTBED_IMAGE_PRIV_H
#define RESTUDY_TESTBED_IMAGE_PRIV_H

#include "restudy/base/buf.h"
#include "restudy/base/err.h"
#include "restudy/base/hash.h"
#include "restudy/model/plan.h"
#include "testbed_priv.h"

enum rs_image_product {
	RS_IMAGE_DISK,	/* an ext4 file system in a file */
	RS_IMAGE_TREE,	/* the unpacked tree, for containers on this machine: root only */
};

struct rs_image_built {
	char key[RS_SHA256_HEX];
	char *path;		/* the file or the folder; owned */
	char *packages;		/* text file, a line "name version" each; owned */
	char *archive;		/* "archive ID SHA256 URL" for plan.lock, or NULL; owned */
};
void rs_image_built_release(struct rs_image_built *b);

/*
 * The image the testbed's root is made from: the baseline's (else the plan's first),
 * or what stands in for it where its builder cannot work here.  Borrowed.
 */
const struct rs_image *rs_image_choose(const struct rs_plan *plan, struct rs_err *err)
	RS_MUST_CHECK;

/* The packages of an image and those the testbed needs in it: sorted, each once,
 * separated by commas.  A tree of RPM packages has the plan's alone. */
int rs_image_packages(const struct rs_image *image, enum rs_image_product product,
		      struct rs_buf *out, struct rs_err *err) RS_MUST_CHECK;

/* The digest of everything that determines the image. */
int rs_image_key(const struct rs_image *image, enum rs_image_product product, const char *sources,
		 char key[RS_SHA256_HEX], struct rs_err *err) RS_MUST_CHECK;

/* Takes the product from the cache or builds it (one builder at a time on a machine).
 * lock: lock file of an earlier run, whose checksums hold, or NULL. */
int rs_image_get(const struct rs_image *image, enum rs_image_product product, const char *lock,
		 const struct rs_tell *tell, struct rs_image_built *ret, struct rs_err *err)
	RS_MUST_CHECK;

/* The commands of a build, one per line. */
void rs_image_steps(const struct rs_image *image, enum rs_image_product product, struct rs_buf *out);

/* Makes an ext file system of tree in a file; label at most 16 bytes. */
int rs_image_mke2fs(const char *tree, const char *label, int64_t size_bytes, const char *file,
		    struct rs_err *err) RS_MUST_CHECK;

/*
 * The root of guests with disks, as the plan's first ext one mounted at "/": a file system
 * with the tree of image (the path of a disk product), from the cache or made.  *ret_path:
 * owned; NULL when the plan has none, or when none can be made here, which is told.
 */
int rs_guest_root_get(const struct rs_plan *plan, const char *image, const struct rs_tell *tell,
		      char **ret_path, struct rs_err *err) RS_MUST_CHECK;

/* Waits for the lock of a cache entry (made when missing).  A descriptor to close, or -1. */
int rs_cache_lock(const char *path, const struct rs_tell *tell, struct rs_err *err) RS_MUST_CHECK;

#endif
