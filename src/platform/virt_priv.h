/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libvirt's errors as ours, and scope-bound release of its objects. */
#ifndef RESTUDY_PLATFORM_VIRT_PRIV_H
#define RESTUDY_PLATFORM_VIRT_PRIV_H

#include <libvirt/libvirt.h>

#include "restudy/base/err.h"

/* Records "fmt: what libvirt said last".  Returns -1. */
int rs_virt_fail(struct rs_err *err, const char *fmt, ...) RS_PRINTF(2, 3);

/* Opens; libvirt's own printing of errors is silenced.  NULL with err. */
virConnectPtr rs_virt_open(const char *uri, struct rs_err *err) RS_MUST_CHECK;

/* The domain's XML as libvirt has it now, into a file. */
int rs_virt_describe(virDomainPtr dom, const char *path, struct rs_err *err) RS_MUST_CHECK;

/* Whether a domain runs, as far as can be told: a transient one that ended is gone. */
int rs_virt_runs(virDomainPtr dom);
void rs_virt_domain_freep(virDomainPtr *p);

#endif
