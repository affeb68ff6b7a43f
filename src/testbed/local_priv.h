/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What testbeds that Restudy does not boot have in common. */
#ifndef RESTUDY_TESTBED_LOCAL_PRIV_H
#define RESTUDY_TESTBED_LOCAL_PRIV_H

#include "restudy/base/err.h"
#include "restudy/model/names.h"

/* Where the firmware's word for a machine's maker is. */
#define RS_MAKER_PATH "/sys/class/dmi/id/sys_vendor"

/* Whether /proc/xen/capabilities with that text is a domain 0's. */
int rs_capabilities_of_dom0(const char *text);

/*
 * Whether a machine is itself virtual: by the processor's flag, which domain 0 of Xen has on any
 * machine, so that there the firmware's word for the maker decides ("" when it gives none).
 */
int rs_machine_is_virtual(int has_flag, int is_dom0, const char *maker);

/* Whether a machine that runs as it is now fits a boot.  machine: for the message. */
int rs_boot_matches(enum rs_boot boot, enum rs_boot running, const char *machine, struct rs_err *err)
	RS_MUST_CHECK;

#endif
