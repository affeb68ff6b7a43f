/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of libvirt's XML that are the same for every platform. */
#ifndef RESTUDY_PLATFORM_XML_PRIV_H
#define RESTUDY_PLATFORM_XML_PRIV_H

#include "ledger_priv.h"

/* <metadata> with our mark. */
void rs_xml_owner(struct rs_buf *out, const struct rs_owner *o);

#endif
