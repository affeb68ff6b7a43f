/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The few calls of libvirt that several platforms share. */
#include "virt_priv.h"

#include <libvirt/virterror.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

int rs_virt_fail(struct rs_err *err, const char *fmt, ...)
{
	virErrorPtr e = virGetLastError();
	char what[400];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return rs_err_set(err, RS_ERR_FAILED, "%s: %s", what,
			  e != NULL && e->message != NULL ? e->message : "libvirt gave no reason");
}

/* libvirt prints every error on stderr unless it is given somebody to tell. */
static void tell_nobody(void *user, virErrorPtr e)
{
	(void)user;
	(void)e;
}

virConnectPtr rs_virt_open(const char *uri, struct rs_err *err)
{
	virConnectPtr conn;

	virSetErrorFunc(NULL, tell_nobody);
	if (virInitialize() < 0) {
		rs_virt_fail(err, "cannot initialise libvirt");
		return NULL;
	}
	conn = virConnectOpen(uri);
	if (conn == NULL)
		rs_virt_fail(err, "cannot open \"%s\"", uri);
	return conn;
}

int rs_virt_describe(virDomainPtr dom, const char *path, struct rs_err *err)
{
	RS_AUTO_STR *xml = virDomainGetXMLDesc(dom, 0);

	if (xml == NULL)
		return rs_virt_fail(err, "cannot read the configuration of \"%s\"",
				    virDomainGetName(dom));
	return rs_path_write(path, xml, strlen(xml), err);
}

int rs_virt_runs(virDomainPtr dom)
{
	const int active = virDomainIsActive(dom);

	return active >= 0 ? active : virGetLastErrorCode() != VIR_ERR_NO_DOMAIN;
}

void rs_virt_domain_freep(virDomainPtr *p)
{
	if (*p != NULL)
		(void)virDomainFree(*p);
	*p = NULL;
}
