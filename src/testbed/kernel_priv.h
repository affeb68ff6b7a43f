/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel, the hypervisor, their modules and the small initial file system: made
 * from Debian's packages, kept in the cache folder.
 */
#ifndef RESTUDY_TESTBED_KERNEL_PRIV_H
#define RESTUDY_TESTBED_KERNEL_PRIV_H

#include "restudy/base/buf.h"
#include "restudy/base/err.h"
#include "restudy/model/plan.h"
#include "testbed_priv.h"

struct rs_kernel {
	char *folder;		/* in the cache; the rest are below it; all owned */
	char *vmlinux;		/* uncompressed ELF */
	char *xen;		/* uncompressed: QEMU loads an ELF file */
	char *initrd;
	char *modules;		/* folder with one folder named by the kernel's version */
	char *packages;		/* text file, a line "name version" each */
};
void rs_kernel_release(struct rs_kernel *k);

/* Takes them from the cache or makes them; image tells the release and the mirror. */
int rs_kernel_get(const struct rs_image *image, const struct rs_tell *tell,
		  struct rs_kernel *ret, struct rs_err *err) RS_MUST_CHECK;

void rs_kernel_steps(struct rs_buf *out);

#endif
