/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of libvirt's XML that are the same for every platform. */
#include "xml_priv.h"

#include "virt_priv.h"

void rs_xml_owner(struct rs_buf *out, const struct rs_owner *o)
{
	rs_buf_addf(out, "  <metadata>\n    <rs:owner xmlns:rs='" RS_OWNER_URI "' run='%s' pid='%ld' "
		    "start='%llu'/>\n  </metadata>\n", o->run, (long)o->pid, o->start);
}

void rs_xml_text(struct rs_buf *out, const char *s)
{
	for (; *s != '\0'; s++)
		switch (*s) {
		case '&': rs_buf_adds(out, "&amp;"); break;
		case '<': rs_buf_adds(out, "&lt;"); break;
		case '>': rs_buf_adds(out, "&gt;"); break;
		case '\'': rs_buf_adds(out, "&apos;"); break;
		case '"': rs_buf_adds(out, "&quot;"); break;
		default: rs_buf_addc(out, *s); break;
		}
}
