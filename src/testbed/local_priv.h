/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What testbeds that Restudy does not boot have in common. */
#ifndef RESTUDY_TESTBED_LOCAL_PRIV_H
#define RESTUDY_TESTBED_LOCAL_PRIV_H

#include "restudy/base/err.h"
#include "restudy/model/names.h"

/*
 * Whether a machine that is as it is now fits a boot.  xen_capabilities: text of
 * /proc/xen/capabilities, "" when there is none.  machine: for the message.
 */
int rs_boot_matches(enum rs_boot boot, const char *xen_capabilities, int has_openvz,
		    const char *machine, struct rs_err *err) RS_MUST_CHECK;

#endif
