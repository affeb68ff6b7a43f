/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML of others: no network, no entities of its own, nothing beside the text. */
#ifndef EXCHANGE_XML_PRIV_H
#define EXCHANGE_XML_PRIV_H

#include <libxml/tree.h>

#include "exchange_priv.h"

/* The document, whose root has that name.  NULL with err. */
xmlDoc *rs_xml_open(const struct rs_reading *in, const char *root, struct rs_err *err);
void rs_xml_closep(xmlDoc **doc);
#define RS_AUTO_XML __attribute__((cleanup(rs_xml_closep))) xmlDoc

/* The line an element stands in. */
int rs_xml_line(const xmlNode *n);
/* The first child of that name, from after on (NULL: the first); NULL: none. */
xmlNode *rs_xml_child(const xmlNode *parent, const xmlNode *after, const char *name);
/* Text of a child without blanks around it ("" when it is lacking), or of an attribute (NULL
 * when it is lacking); free() releases. */
char *rs_xml_child_text(const xmlNode *parent, const char *name, struct rs_err *err);
char *rs_xml_attribute(xmlNode *n, const char *name, struct rs_err *err);

#endif
