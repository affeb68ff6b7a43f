/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of libvirt's XML that are the same for every platform. */
#include "xml_priv.h"

#include "restudy/testbed.h"

void rs_xml_owner(struct rs_buf *out, const struct rs_owner *o)
{
	rs_buf_addf(out, "  <metadata>\n    <rs:owner xmlns:rs='" RS_OWNER_NAMESPACE "' run='%s' pid='%ld' "
		    "start='%llu'/>\n  </metadata>\n", o->run, (long)o->pid, o->start);
}
