/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies of ext2, ext3 and ext4 file systems that move their used blocks alone. */
#ifndef RESTUDY_PLATFORM_BLOCKS_PRIV_H
#define RESTUDY_PLATFORM_BLOCKS_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/err.h"

struct rs_blocks {
	char type[8];		/* "ext2", "ext3", "ext4" */
	int64_t bytes;		/* of the file system, not of the device */
	int64_t used_bytes;
};

/* What stands on a device or in a file.  -1 with err when it is no such file system, or one
 * whose blocks cannot be told (a layout of ext4 that nobody makes by default). */
int rs_blocks_probe(const char *path, struct rs_blocks *ret, struct rs_err *err) RS_MUST_CHECK;

/*
 * Copies from's used blocks to the n devices or files in `to`, which must be as large; it
 * must not be mounted.  What stood there before shows through nowhere but in free blocks.
 */
int rs_blocks_copy(const char *from, const char *const *to, size_t n, struct rs_err *err)
	RS_MUST_CHECK;

#endif
