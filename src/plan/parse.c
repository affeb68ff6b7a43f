/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * First pass: from the tree to structs, driven by the vocabulary.  It judges shape
 * alone: unknown words, and missing ones (value.c: text that is not of its type).
 */
#include "vocabulary_priv.h"

#include <string.h>

#include "restudy/base/mem.h"

#define XML_NAMESPACE "http://www.w3.org/XML/1998/namespace"
#define XSI_NAMESPACE "http://www.w3.org/2001/XMLSchema-instance"

static int get_int(const void *owner, size_t at)
{
	int v;

	memcpy(&v, (const char *)owner + at, sizeof(v));
	return v;
}

/* ---- attributes ---- */

/* What a number or set is when its attribute is not written. */
static void preset(const struct rs_element *e, void *owner)
{
	for (size_t i = 0; i < e->n_attrs; i++) {
		const struct rs_attr *a = &e->attrs[i];

		if ((a->flags & RS_ATTR_HAS_ABSENT) == 0)
			continue;
		if (a->type == RS_TYPE_INT || a->type == RS_TYPE_SET || a->type == RS_TYPE_YES_NO)
			rs_put_int(owner, a->at, (int)a->absent);
		else if (a->type == RS_TYPE_SEED)
			rs_put_i64(owner, a->at, (int64_t)a->absent);
		else
			rs_put_double(owner, a->at, a->absent);
	}
	if (e->kind_at != RS_NOWHERE)
		rs_put_int(owner, e->kind_at, e->kind);
}

static void tell_unknown_attribute(struct rs_reader *r, int number, const struct rs_element *e,
				   const char *name)
{
	struct rs_guess guess = { .word = name };
	RS_AUTO_BUF all = RS_BUF_INIT;
	char more[120];

	for (size_t i = 0; i < e->n_attrs; i++) {
		rs_guess_try(&guess, e->attrs[i].name);
		rs_buf_addf(&all, "%s%s", i == 0 ? "" : ", ", e->attrs[i].name);
	}
	r->diags->refused |= all.failed;
	if (guess.best != NULL)
		rs_complain(r, number, name, "unknown attribute%s",
			    rs_guess_text(&guess, more, sizeof(more)));
	else if (e->n_attrs > 0)
		rs_complain(r, number, name, "unknown attribute; <%s> has %s", e->name,
			    rs_buf_str(&all));
	else
		rs_complain(r, number, name, "unknown attribute; <%s> has none", e->name);
}

/* Editors write where the schema is; an include may leave a base behind. */
static int is_foreign(const xmlAttr *x)
{
	const char *ns = x->ns != NULL ? (const char *)x->ns->href : NULL;

	return ns != NULL && (strcmp(ns, XSI_NAMESPACE) == 0 ||
			      (strcmp(ns, XML_NAMESPACE) == 0 &&
			       (strcmp((const char *)x->name, "base") == 0 ||
				strcmp((const char *)x->name, "lang") == 0)));
}

static const struct rs_attr *find_attr(const struct rs_element *e, const char *name)
{
	for (size_t i = 0; i < e->n_attrs; i++) {
		if (strcmp(e->attrs[i].name, name) == 0)
			return &e->attrs[i];
	}
	return NULL;
}

static int read_attribute(struct rs_reader *r, int number, const struct rs_element *e,
			  xmlAttr *x, void *owner)
{
	const struct rs_attr *a;
	xmlChar *text;
	int ret;

	if (is_foreign(x))
		return 0;
	a = x->ns == NULL ? find_attr(e, (const char *)x->name) : NULL;
	if (a == NULL) {
		tell_unknown_attribute(r, number, e, (const char *)x->name);
		return 0;
	}
	text = x->children != NULL ? xmlNodeListGetString(x->doc, x->children, 1) :
				     xmlStrdup((const xmlChar *)"");
	if (text == NULL)
		return rs_err_nomem(r->err);
	ret = rs_value_read(r, number, a, (const char *)text, owner);
	xmlFree(text);
	return ret;
}

static int read_attributes(struct rs_reader *r, const xmlNode *n, const struct rs_element *e,
			   void *owner)
{
	int number = rs_xml_number(n);

	for (xmlAttr *x = n->properties; x != NULL; x = x->next) {
		if (read_attribute(r, number, e, x, owner) < 0)
			return -1;
	}
	for (size_t i = 0; i < e->n_attrs; i++) {
		const struct rs_attr *a = &e->attrs[i];

		if ((a->flags & RS_ATTR_REQUIRED) != 0 &&
		    xmlHasNsProp(n, (const xmlChar *)a->name, NULL) == NULL)
			rs_complain(r, number, NULL, "needs the attribute \"%s\"", a->name);
	}
	return 0;
}

/* ---- the text inside ---- */

static int read_content(struct rs_reader *r, const xmlNode *n, const struct rs_element *e,
			void *owner)
{
	RS_AUTO_BUF text = RS_BUF_INIT;

	rs_xml_words(n, &text);
	if (rs_buf_check(&text, r->err) < 0)
		return -1;
	return rs_content_read(r, rs_xml_number(n), e, rs_buf_str(&text), owner);
}

/* ---- elements ---- */

static int read_element(struct rs_reader *r, const xmlNode *n, const struct rs_element *e,
			void *owner);

/* The element that holds a child called name, or NULL; the nearest to the root. */
static const struct rs_element *home_of(const struct rs_element *e, const char *name)
{
	for (size_t i = 0; i < e->n_children; i++) {
		if (strcmp(e->children[i].element->name, name) == 0)
			return e;
	}
	for (size_t i = 0; i < e->n_children; i++) {
		const struct rs_element *home = home_of(e->children[i].element, name);

		if (home != NULL)
			return home;
	}
	return NULL;
}

static void tell_unknown_element(struct rs_reader *r, const xmlNode *n, const struct rs_element *e)
{
	const struct rs_element *home = home_of(rs_vocabulary(), (const char *)n->name);
	struct rs_guess guess = { .word = (const char *)n->name };
	RS_AUTO_BUF all = RS_BUF_INIT;
	char more[120];

	for (size_t i = 0; i < e->n_children; i++) {
		rs_guess_try(&guess, e->children[i].element->name);
		rs_buf_addf(&all, "%s<%s>", i == 0 ? "" : ", ", e->children[i].element->name);
	}
	r->diags->refused |= all.failed;
	if (home != NULL)
		rs_complain(r, rs_xml_number(n), NULL, "cannot stand in <%s>; it belongs into <%s>",
			    e->name, home->name);
	else if (guess.best != NULL)
		rs_complain(r, rs_xml_number(n), NULL, "unknown element in <%s>%s", e->name,
			    rs_guess_text(&guess, more, sizeof(more)));
	else if (e->n_children > 0)
		rs_complain(r, rs_xml_number(n), NULL, "unknown element; <%s> holds %s", e->name,
			    rs_buf_str(&all));
	else
		rs_complain(r, rs_xml_number(n), NULL, "unknown element; <%s> holds none", e->name);
}

/* A new last element of an array of the owner, zeroed and counted; NULL with err. */
static void *append(struct rs_reader *r, const struct rs_child *c, void *owner)
{
	char *slot = (char *)owner + c->at;
	size_t n;
	void *new;

	memcpy(&n, (char *)owner + c->count, sizeof(n));
	new = rs_array_grow(slot, n, c->element->size, r->err);
	if (new != NULL)
		rs_put_size(owner, c->count, n + 1);
	return new;
}

static int read_child(struct rs_reader *r, const xmlNode *n, const struct rs_child *c,
		      unsigned seen, void *owner)
{
	void *into;

	if (c->count == RS_NOWHERE && seen > 1) {
		rs_complain(r, rs_xml_number(n), NULL, "occurs twice; keep one");
		return 0;
	}
	if (seen > RS_PLAN_MAX_SIBLINGS) {
		if (seen == RS_PLAN_MAX_SIBLINGS + 1)
			rs_complain(r, rs_xml_number(n), NULL,
				    "is the 1001st of its kind here; a plan holds at most 1000");
		return 0;
	}
	into = c->count == RS_NOWHERE ? (char *)owner + c->at : append(r, c, owner);
	if (into == NULL)
		return -1;
	if (c->flag != RS_NOWHERE)
		rs_put_int(owner, c->flag, 1);
	return read_element(r, n, c->element, into);
}

static int is_ours(const xmlNode *n)
{
	return n->ns != NULL && n->ns->href != NULL &&
	       strcmp((const char *)n->ns->href, RS_PLAN_NAMESPACE) == 0;
}

static int read_children(struct rs_reader *r, const xmlNode *n, const struct rs_element *e,
			 void *owner)
{
	unsigned seen[16] = { 0 };

	for (const xmlNode *x = n->children; x != NULL && !rs_reader_is_full(r); x = x->next) {
		size_t i = 0;

		if (x->type != XML_ELEMENT_NODE)
			continue;
		while (i < e->n_children &&
		       strcmp(e->children[i].element->name, (const char *)x->name) != 0)
			i++;
		if (!is_ours(x))
			rs_complain(r, rs_xml_number(x), NULL,
				    "is not in the namespace %s; remove its xmlns or prefix",
				    RS_PLAN_NAMESPACE);
		else if (i == e->n_children)
			tell_unknown_element(r, x, e);
		else if (read_child(r, x, &e->children[i], ++seen[i], owner) < 0)
			return -1;
	}
	for (size_t i = 0; i < e->n_children; i++) {
		if ((e->children[i].flags & RS_CHILD_REQUIRED) != 0 && seen[i] == 0)
			rs_complain(r, rs_xml_number(n), NULL, "needs a <%s> inside",
				    e->children[i].element->name);
	}
	return 0;
}

static int read_element(struct rs_reader *r, const xmlNode *n, const struct rs_element *e,
			void *owner)
{
	preset(e, owner);
	if (e->line != RS_NOWHERE)
		rs_put_int(owner, e->line, rs_xml_number(n));
	if (read_attributes(r, n, e, owner) < 0 || read_content(r, n, e, owner) < 0)
		return -1;
	return read_children(r, n, e, owner);
}

int rs_plan_parse(struct rs_reader *r, xmlNode *root, struct rs_plan *plan)
{
	const struct rs_element *e = rs_vocabulary();

	if (strcmp((const char *)root->name, e->name) != 0) {
		rs_complain(r, rs_xml_number(root), NULL, "the first element must be <plan xmlns=\"%s\">",
			    RS_PLAN_NAMESPACE);
		return 0;
	}
	if (!is_ours(root)) {
		rs_complain(r, rs_xml_number(root), "xmlns", "%s; write <plan xmlns=\"%s\">",
			    root->ns == NULL ? "has no namespace" : "is not the namespace of plans",
			    RS_PLAN_NAMESPACE);
		return 0;
	}
	return read_element(r, root, e, plan);
}

/* ---- numbers of elements become lines ---- */

static int is_of_kind(const struct rs_element *e, const void *owner)
{
	return e->kind_at == RS_NOWHERE || get_int(owner, e->kind_at) == e->kind;
}

static void settle(const struct rs_reader *r, const struct rs_element *e, void *owner)
{
	if (e->line != RS_NOWHERE)
		rs_put_int(owner, e->line, rs_line_in_plan(r, get_int(owner, e->line)));
	for (size_t i = 0; i < e->n_children; i++) {
		const struct rs_child *c = &e->children[i];
		char *first;
		size_t n;

		if (c->count == RS_NOWHERE) {
			settle(r, c->element, (char *)owner + c->at);
			continue;
		}
		memcpy(&first, (char *)owner + c->at, sizeof(first));
		memcpy(&n, (char *)owner + c->count, sizeof(n));
		for (size_t k = 0; k < n; k++, first += c->element->size) {
			/* Figures, tables and listings share an array. */
			if (is_of_kind(c->element, first))
				settle(r, c->element, first);
		}
	}
}

void rs_plan_settle(const struct rs_reader *r, struct rs_plan *plan)
{
	settle(r, rs_vocabulary(), plan);
}
