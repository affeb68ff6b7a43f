/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The uncompressed kernel of a bzImage. */
#ifndef RESTUDY_TESTBED_VMLINUX_PRIV_H
#define RESTUDY_TESTBED_VMLINUX_PRIV_H

#include "restudy/base/err.h"

/* Writes the ELF file that is packed in a bzImage. */
int rs_vmlinux_extract(const char *bzimage, const char *vmlinux, struct rs_err *err)
	RS_MUST_CHECK;

#endif
