/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fully virtualised guests.  Listed, so that a plan that names them is told why they
 * cannot be had, instead of the name being unknown.
 */
#include "platform_priv.h"

const struct rs_platform rs_platform_qemu = {
	.name = "qemu",
	.title = "fully virtualised guests (QEMU)",
	.unavailable = "this version starts no fully virtualised guests; use lxc or xen, or the "
		       "virtual testbed with the bare machine as the system",
};
