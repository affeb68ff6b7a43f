/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which kernel modules a testbed needs, and the initial file system of busybox and them. */
#ifndef RESTUDY_TESTBED_KERNEL_MODULES_PRIV_H
#define RESTUDY_TESTBED_KERNEL_MODULES_PRIV_H

#include "restudy/base/buf.h"
#include "restudy/base/err.h"

/* Appends all that determines what the two functions below make. */
int rs_modules_describe(struct rs_buf *out, struct rs_err *err) RS_MUST_CHECK;

/* Copies the modules needed, with their dependencies, from tree/lib/modules/version
 * to base/lib/modules/version, with an index for modprobe. */
int rs_modules_copy(const char *tree, const char *version, const char *base,
		    struct rs_err *err) RS_MUST_CHECK;

/* Makes the initial file system in file from the modules below base; stage: a folder to
 * collect it in, not there yet. */
int rs_modules_initramfs(const char *base, const char *version, const char *stage,
			 const char *file, struct rs_err *err) RS_MUST_CHECK;

#endif
