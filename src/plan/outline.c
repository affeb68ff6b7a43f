/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A plan's file as a sorted list of places and values, so that two plans can be laid
 * beside each other: "/system[xen]/guests/@memory" = "256MiB".  An element is known by
 * what names it (id, name, key, ...); one that has no name, by its place among its like.
 */
#include "restudy/plan.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#include "plan_priv.h"
#include "restudy/base/mem.h"

struct outline {
	struct rs_setting_kv *e;
	size_t n;
	struct rs_err *err;
};

void rs_plan_outline_free(struct rs_setting_kv *e, size_t n)
{
	for (size_t i = 0; e != NULL && i < n; i++) {
		free(e[i].key);
		free(e[i].value);
	}
	free(e);
}

static int add(struct outline *o, const char *place, const char *suffix, const char *value)
{
	struct rs_setting_kv *new = rs_array_grow(&o->e, o->n, sizeof(*new), o->err);

	if (new == NULL)
		return -1;
	o->n++;
	new->key = rs_asprintf(o->err, "%s%s", place, suffix);
	new->value = rs_strdup(value, o->err);
	return new->key == NULL || new->value == NULL ? -1 : 0;
}

static const char *text_of(const xmlChar *x)
{
	return x == NULL ? "" : (const char *)x;
}

static const xmlAttr *attribute(const xmlNode *n, const char *name)
{
	for (const xmlAttr *a = n->properties; a != NULL; a = a->next)
		if (a->ns == NULL && strcmp(text_of(a->name), name) == 0)
			return a;
	return NULL;
}

static void put_value(const xmlAttr *a, struct rs_buf *out)
{
	for (const xmlNode *c = a->children; c != NULL; c = c->next)
		rs_buf_adds(out, text_of(c->content));
}

/* "[xen]" of what names an element; nothing when it has no name. */
static void put_name(const xmlNode *n, struct rs_buf *out)
{
	static const char *const names[] = { "id", "name", "key", "benchmark", "volume", "system",
					     "metric", "image", "platform" };
	size_t used = 0;

	if (strcmp(text_of(n->name), "substitute") == 0)
		return;
	for (size_t i = 0; i < RS_COUNT(names); i++) {
		const xmlAttr *a = attribute(n, names[i]);

		if (a == NULL)
			continue;
		rs_buf_adds(out, used++ == 0 ? "[" : " ");
		put_value(a, out);
		/* a value is named by two of them, everything else by the first */
		if (strcmp(text_of(n->name), "value") != 0 || used == 2)
			break;
	}
	if (used != 0)
		rs_buf_adds(out, "]");
}

/* How many elements before this one have the same name and the same what names it. */
static int place_among_like(const xmlNode *n, const char *label)
{
	int before = 0;

	for (const xmlNode *c = n->prev; c != NULL; c = c->prev) {
		RS_AUTO_BUF other = RS_BUF_INIT;

		if (c->type != XML_ELEMENT_NODE)
			continue;
		rs_buf_adds(&other, text_of(c->name));
		put_name(c, &other);
		before += strcmp(rs_buf_str(&other), label) == 0;
	}
	return before;
}

static int walk(struct outline *o, const xmlNode *n, const char *above);

static int add_element(struct outline *o, const xmlNode *n, const char *above)
{
	RS_AUTO_BUF label = RS_BUF_INIT, place = RS_BUF_INIT, words = RS_BUF_INIT;
	int before;

	rs_buf_adds(&label, text_of(n->name));
	put_name(n, &label);
	before = place_among_like(n, rs_buf_str(&label));
	rs_buf_addf(&place, "%s/%s", above, rs_buf_str(&label));
	if (before > 0)
		rs_buf_addf(&place, "#%d", before + 1);
	rs_xml_words(n, &words);
	if (rs_buf_check(&label, o->err) < 0 || rs_buf_check(&place, o->err) < 0 ||
	    rs_buf_check(&words, o->err) < 0 ||
	    add(o, rs_buf_str(&place), "", rs_buf_str(&words)) < 0)
		return -1;
	for (const xmlAttr *a = n->properties; a != NULL; a = a->next) {
		RS_AUTO_BUF value = RS_BUF_INIT;
		RS_AUTO_STR *suffix = rs_asprintf(o->err, "/@%s", text_of(a->name));

		/* those with a name space are for editors: where the schema lies */
		if (a->ns != NULL)
			continue;
		put_value(a, &value);
		if (suffix == NULL || rs_buf_check(&value, o->err) < 0 ||
		    add(o, rs_buf_str(&place), suffix, rs_buf_str(&value)) < 0)
			return -1;
	}
	return walk(o, n, rs_buf_str(&place));
}

static int walk(struct outline *o, const xmlNode *n, const char *above)
{
	for (const xmlNode *c = n->children; c != NULL; c = c->next)
		if (c->type == XML_ELEMENT_NODE && add_element(o, c, above) < 0)
			return -1;
	return 0;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct rs_setting_kv *)a)->key, ((const struct rs_setting_kv *)b)->key);
}

int rs_plan_outline(const char *path, struct rs_setting_kv **ret, size_t *ret_n, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	RS_AUTO_XML *doc = NULL;
	struct outline o = { .err = err };

	if (rs_plan_whole(path, &text, err) < 0)
		return -1;
	doc = xmlReadMemory(rs_buf_str(&text), (int)text.len, path, NULL,
			    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
				    XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES);
	if (doc == NULL || xmlDocGetRootElement(doc) == NULL)
		return rs_err_set(err, RS_ERR_PLAN, "%s: is no XML", path);
	if (walk(&o, xmlDocGetRootElement(doc), "") < 0) {
		rs_plan_outline_free(o.e, o.n);
		return -1;
	}
	if (o.n > 0)
		qsort(o.e, o.n, sizeof(*o.e), by_key);
	*ret = o.e;
	*ret_n = o.n;
	return 0;
}
