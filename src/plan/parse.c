/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * First pass: from the tree to structs, driven by the vocabulary.  It judges shape
 * alone: unknown words, missing ones, and text that is not of its type.
 */
#include "plan_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"

#define XML_NAMESPACE "http://www.w3.org/XML/1998/namespace"
#define XSI_NAMESPACE "http://www.w3.org/2001/XMLSchema-instance"

/* One attribute's value on its way into a field. */
struct value {
	struct rs_reader *r;
	const struct rs_attr *a;
	int number;		/* of the element */
	const char *text;
};

static void put_int(void *owner, size_t at, int v)
{
	memcpy((char *)owner + at, &v, sizeof(v));
}

static void put_double(void *owner, size_t at, double v)
{
	memcpy((char *)owner + at, &v, sizeof(v));
}

static void put_i64(void *owner, size_t at, int64_t v)
{
	memcpy((char *)owner + at, &v, sizeof(v));
}

static void put_size(void *owner, size_t at, size_t v)
{
	memcpy((char *)owner + at, &v, sizeof(v));
}

static int put_text(struct rs_reader *r, void *owner, size_t at, const char *text)
{
	char *copy = rs_strdup(text, r->err);

	if (copy == NULL)
		return -1;
	memcpy((char *)owner + at, &copy, sizeof(copy));
	return 0;
}

static int get_int(const void *owner, size_t at)
{
	int v;

	memcpy(&v, (const char *)owner + at, sizeof(v));
	return v;
}

static void complain(const struct value *v, const char *text)
{
	rs_complain(v->r, v->number, v->a->name, "%s", text);
}

/* ---- types ---- */

static int is_name(const char *text)
{
	return rs_path_is_plain_name(text) && strlen(text) < 64;
}

/* A package as apt, dnf and yum take it: "g++", "libc6:i386", "apache2=2.4.57-2",
 * "@web-server" (a group); never something that a program could take for an option. */
static int is_package(const char *text)
{
	return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
			    "@._+:=~-") == strlen(text) &&
	       text[0] != '-' && text[0] != '\0' && strlen(text) < 128;
}

static int words_of(struct rs_reader *r, const char *text, char ***ret, size_t *ret_n)
{
	static const char blanks[] = " \t\r\n";

	*ret = NULL;
	*ret_n = 0;
	for (const char *p = text + strspn(text, blanks); *p != '\0'; p += strspn(p, blanks)) {
		size_t n = strcspn(p, blanks);
		char *word = rs_strndup(p, n, r->err);

		if (word == NULL || rs_array_grow(ret, *ret_n, sizeof(char *), r->err) == NULL) {
			free(word);
			return -1;
		}
		(*ret)[(*ret_n)++] = word;
		p += n;
	}
	return 0;
}

static void free_words(char **words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(words[i]);
	free(words);
}

static void put_words(void *owner, size_t at, size_t count, char **words, size_t n)
{
	memcpy((char *)owner + at, &words, sizeof(words));
	put_size(owner, count, n);
}

static int read_words(const struct value *v, void *owner)
{
	char **words;
	size_t n;

	if (words_of(v->r, v->text, &words, &n) < 0) {
		free_words(words, n);
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		if (!is_name(words[i])) {
			rs_complain(v->r, v->number, v->a->name,
				    "\"%.60s\" is not a name; use letters, digits and . _ + - "
				    "(at most 63), blanks between names", words[i]);
			free_words(words, n);
			return 0;
		}
	}
	if (n == 0 || n > RS_PLAN_MAX_SIBLINGS) {
		complain(v, n == 0 ? "must name at least one; write it or remove the attribute" :
				     "names more than 1000; write fewer");
		free_words(words, n);
		return 0;
	}
	put_words(owner, v->a->at, v->a->count, words, n);
	return 0;
}

static int read_whole(const struct value *v, const char *text, int *ret)
{
	int64_t n;

	if (rs_parse_i64(text, (int64_t)v->a->lo, (int64_t)v->a->hi, &n, NULL) < 0) {
		rs_complain(v->r, v->number, v->a->name, "must be a whole number from %d to %d",
			    (int)v->a->lo, (int)v->a->hi);
		return -1;
	}
	*ret = (int)n;
	return 0;
}

static int read_ints(const struct value *v, void *owner)
{
	char **words;
	size_t n;
	int *numbers, good = 1, refused = words_of(v->r, v->text, &words, &n);

	numbers = refused < 0 ? NULL : rs_alloc(n + 1, sizeof(int), v->r->err);
	if (numbers == NULL) {
		free_words(words, n);
		return -1;
	}
	if (n == 0 || n > 64) {
		complain(v, "must be one number, or up to 64 with blanks between");
		good = 0;
	}
	for (size_t i = 0; good && i < n; i++)
		good = read_whole(v, words[i], &numbers[i]) == 0;
	free_words(words, n);
	if (!good) {
		free(numbers);
		return 0;
	}
	memcpy((char *)owner + v->a->at, &numbers, sizeof(numbers));
	put_size(owner, v->a->count, n);
	return 0;
}

static void read_seed(const struct value *v, void *owner)
{
	int64_t n;

	if (rs_parse_i64(v->text, 0, INT64_MAX, &n, NULL) < 0)
		complain(v, "must be a whole number, 0 or more");
	else
		put_i64(owner, v->a->at, n);
}

static void read_real(const struct value *v, void *owner)
{
	char lo[32], hi[32];
	double d;

	if (rs_parse_double(v->text, &d, NULL) < 0 || !(d >= v->a->lo && d <= v->a->hi))
		rs_complain(v->r, v->number, v->a->name, "must be a number from %s to %s",
			    rs_format_double(lo, sizeof(lo), v->a->lo),
			    rs_format_double(hi, sizeof(hi), v->a->hi));
	else
		put_double(owner, v->a->at, d);
}

/* A quantity with its unit, in [lo, hi]. */
static int read_quantity(const struct value *v, enum rs_dimension dim, double *ret)
{
	struct rs_err err = RS_ERR_INIT;
	char lo[64], hi[64];

	if (rs_parse_quantity(v->text, dim, ret, &err) < 0) {
		complain(v, err.text);
		return -1;
	}
	if (!(*ret >= v->a->lo && *ret <= v->a->hi)) {
		rs_complain(v->r, v->number, v->a->name, "must be from %s to %s",
			    rs_format_quantity(lo, sizeof(lo), v->a->lo, dim),
			    rs_format_quantity(hi, sizeof(hi), v->a->hi, dim));
		return -1;
	}
	return 0;
}

static void read_real_quantity(const struct value *v, enum rs_dimension dim, void *owner)
{
	double d;

	if (read_quantity(v, dim, &d) == 0)
		put_double(owner, v->a->at, d);
}

static void read_bytes(const struct value *v, void *owner)
{
	double d;

	if (read_quantity(v, RS_DIM_BYTES, &d) == 0)
		put_i64(owner, v->a->at, (int64_t)d);
}

/* One of names; the index goes into the field. */
static void read_choice(const struct value *v, const char *const *names, int n, void *owner)
{
	struct rs_guess guess = { .word = v->text };
	RS_AUTO_BUF all = RS_BUF_INIT;
	char more[120];

	for (int i = 0; i < n; i++) {
		if (strcmp(names[i], v->text) == 0) {
			put_int(owner, v->a->at, i);
			return;
		}
		rs_guess_try(&guess, names[i]);
		rs_buf_addf(&all, "%s%s", i == 0 ? "" : i == n - 1 ? " or " : ", ", names[i]);
	}
	rs_complain(v->r, v->number, v->a->name, "must be %s%s", rs_buf_str(&all),
		    rs_guess_text(&guess, more, sizeof(more)));
}

static int is_hex(const char *text, size_t n)
{
	return strspn(text, "0123456789abcdef") == n && strlen(text) == n;
}

static int is_ipv4(const char *text)
{
	int parts = 0;

	for (const char *p = text;; p++) {
		size_t n = strspn(p, "0123456789");
		int v = 0;

		if (n == 0 || n > 3)
			return 0;
		while (n-- > 0)
			v = v * 10 + (*p++ - '0');
		if (v > 255 || ++parts > 4)
			return 0;
		if (*p != '.')
			return *p == '\0' && parts == 4;
	}
}

static int is_mac(const char *text)
{
	for (size_t i = 0; i < 17; i++) {
		if (i % 3 == 2 ? text[i] != ':' : text[i] == '\0' ||
		    strchr("0123456789abcdefABCDEF", text[i]) == NULL)
			return 0;
	}
	return text[17] == '\0';
}

static int is_url(const char *text)
{
	const char *rest = strncmp(text, "http://", 7) == 0  ? text + 7 :
			   strncmp(text, "https://", 8) == 0 ? text + 8 : "";

	return rest[0] != '\0' && rest[0] != '/' && strcspn(text, " \t\r\n\"'<>\\") == strlen(text);
}

/* What is wrong with a text of a type, or NULL. */
static const char *text_fault(enum rs_type type, const char *text)
{
	int good = text[strspn(text, " \t\r\n")] != '\0';
	const char *fault = "must not be empty; write it or remove the attribute";

	if (!good)
		return fault;
	if (type == RS_TYPE_NAME) {
		good = is_name(text);
		fault = "is not a name; use letters, digits and . _ + - (at most 63), no leading -";
	} else if (type == RS_TYPE_IPV4) {
		good = is_ipv4(text);
		fault = "must be an IPv4 address such as 192.168.0.2";
	} else if (type == RS_TYPE_MAC) {
		good = is_mac(text);
		fault = "must be six hexadecimal bytes such as 00:16:3e:00:00:01";
	} else if (type == RS_TYPE_SHA256) {
		good = is_hex(text, 64);
		fault = "must be 64 hexadecimal digits in lower case, as sha256sum prints";
	} else if (type == RS_TYPE_URL) {
		good = is_url(text);
		fault = "must be an http:// or https:// address";
	} else if (type == RS_TYPE_PATH) {
		good = text[0] == '/' && strstr(text, "/../") == NULL;
		fault = "must be an absolute path; start it with /";
	}
	return good ? NULL : fault;
}

static int read_text(const struct value *v, void *owner)
{
	const char *fault = text_fault(v->a->type, v->text);

	if (fault == NULL)
		return put_text(v->r, owner, v->a->at, v->text);
	complain(v, fault);
	return 0;
}

static const char *const yes_no[] = { "no", "yes" };
static const char *const guests_mode[] = { "parallel", "sequential" };
static const char *const quantity_name[] = {
	[RS_QUANTITY_INDEX] = "index",
	[RS_QUANTITY_RATIO] = "ratio",
	[RS_QUANTITY_ABSOLUTE] = "absolute",
	[RS_QUANTITY_CV] = "cv",
};
_Static_assert(RS_COUNT(quantity_name) == RS_QUANTITY_LAST, "name every quantity");

static int read_value(const struct value *v, void *owner)
{
	int n;

	switch (v->a->type) {
	case RS_TYPE_TEXT: case RS_TYPE_NAME: case RS_TYPE_IPV4: case RS_TYPE_MAC:
	case RS_TYPE_SHA256: case RS_TYPE_URL: case RS_TYPE_PATH:
		return read_text(v, owner);
	case RS_TYPE_WORDS:
		return read_words(v, owner);
	case RS_TYPE_INTS:
		return read_ints(v, owner);
	case RS_TYPE_INT:
		if (read_whole(v, v->text, &n) == 0)
			put_int(owner, v->a->at, n);
		return 0;
	case RS_TYPE_SEED:
		read_seed(v, owner);
		return 0;
	case RS_TYPE_REAL:
		read_real(v, owner);
		return 0;
	case RS_TYPE_BYTES:
		read_bytes(v, owner);
		return 0;
	case RS_TYPE_SECONDS:
		read_real_quantity(v, RS_DIM_SECONDS, owner);
		return 0;
	case RS_TYPE_HERTZ:
		read_real_quantity(v, RS_DIM_HERTZ, owner);
		return 0;
	case RS_TYPE_BITRATE:
		read_real_quantity(v, RS_DIM_BITRATE, owner);
		return 0;
	case RS_TYPE_YES_NO:
		read_choice(v, yes_no, (int)RS_COUNT(yes_no), owner);
		return 0;
	case RS_TYPE_GUESTS_MODE:
		read_choice(v, guests_mode, (int)RS_COUNT(guests_mode), owner);
		return 0;
	case RS_TYPE_QUANTITY:
		read_choice(v, quantity_name, (int)RS_COUNT(quantity_name), owner);
		return 0;
	case RS_TYPE_SET:
		read_choice(v, rs_set_names(v->a->set)->names, rs_set_names(v->a->set)->n, owner);
		return 0;
	}
	return 0;
}

/* ---- attributes ---- */

/* What a number or set is when its attribute is not written. */
static void preset(const struct rs_element *e, void *owner)
{
	for (size_t i = 0; i < e->n_attrs; i++) {
		const struct rs_attr *a = &e->attrs[i];

		if ((a->flags & RS_ATTR_HAS_ABSENT) == 0)
			continue;
		if (a->type == RS_TYPE_INT || a->type == RS_TYPE_SET)
			put_int(owner, a->at, (int)a->absent);
		else
			put_double(owner, a->at, a->absent);
	}
	if (e->kind_at != RS_NOWHERE)
		put_int(owner, e->kind_at, e->kind);
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
	struct value v = { .r = r, .number = number };
	xmlChar *text;
	int ret = 0;

	if (is_foreign(x))
		return 0;
	v.a = x->ns == NULL ? find_attr(e, (const char *)x->name) : NULL;
	if (v.a == NULL) {
		tell_unknown_attribute(r, number, e, (const char *)x->name);
		return 0;
	}
	text = x->children != NULL ? xmlNodeListGetString(x->doc, x->children, 1) :
				     xmlStrdup((const xmlChar *)"");
	if (text == NULL)
		return rs_err_nomem(r->err);
	v.text = (const char *)text;
	if (strlen(v.text) > RS_PLAN_MAX_VALUE)
		rs_complain(r, number, v.a->name, "is longer than 4096 bytes; shorten it");
	else
		ret = read_value(&v, owner);
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

/* Text with runs of blanks collapsed to one and none at the ends; free() releases. */
static char *collapsed(const xmlNode *n, struct rs_err *err)
{
	RS_AUTO_BUF b = RS_BUF_INIT;
	char *ret;

	for (const xmlNode *c = n->children; c != NULL; c = c->next) {
		if (c->type != XML_TEXT_NODE && c->type != XML_CDATA_SECTION_NODE)
			continue;
		for (const char *p = (const char *)c->content; p != NULL && *p != '\0'; p++) {
			int blank = strchr(" \t\r\n", *p) != NULL;

			if (!blank)
				rs_buf_addc(&b, *p);
			else if (b.len > 0 && b.data[b.len - 1] != ' ')
				rs_buf_addc(&b, ' ');
		}
	}
	if (b.len > 0 && b.data[b.len - 1] == ' ')
		b.data[--b.len] = '\0';
	if (rs_buf_check(&b, err) < 0)
		return NULL;
	ret = b.len > 0 ? rs_buf_steal(&b) : rs_strdup("", err);
	if (ret == NULL)
		rs_err_nomem(err);
	return ret;
}

static int read_number_content(struct rs_reader *r, const xmlNode *n, const struct rs_element *e,
			       const char *text, void *owner)
{
	double d;

	if (rs_parse_double(text, &d, NULL) < 0) {
		rs_complain(r, rs_xml_number(n), NULL,
			    "\"%.40s\" is not a number; write it as printed, with a point and no "
			    "separator of thousands", text);
		return 0;
	}
	put_double(owner, e->text_more, d);
	return put_text(r, owner, e->text, text);
}

static int read_words_content(struct rs_reader *r, const xmlNode *n, const struct rs_element *e,
			      const char *text, void *owner)
{
	char **words;
	size_t k;

	if (words_of(r, text, &words, &k) < 0) {
		free_words(words, k);
		return -1;
	}
	for (size_t i = 0; i < k; i++) {
		if (!is_package(words[i])) {
			rs_complain(r, rs_xml_number(n), NULL, "\"%.60s\" is not the name of a "
				    "package; write names with blanks between them", words[i]);
			free_words(words, k);
			return 0;
		}
	}
	put_words(owner, e->text, e->text_more, words, k);
	return 0;
}

static int read_content(struct rs_reader *r, const xmlNode *n, const struct rs_element *e,
			void *owner)
{
	RS_AUTO_STR *text = collapsed(n, r->err);

	if (text == NULL)
		return -1;
	if (strlen(text) > RS_PLAN_MAX_TEXT) {
		rs_complain(r, rs_xml_number(n), NULL, "holds more than 65536 bytes of text; shorten it");
		return 0;
	}
	switch (e->content) {
	case RS_CONTENT_NONE:
		if (text[0] != '\0')
			rs_complain(r, rs_xml_number(n), NULL,
				    "no text may stand here: \"%.40s\"; remove it", text);
		return 0;
	case RS_CONTENT_NEEDED:
		if (text[0] == '\0') {
			rs_complain(r, rs_xml_number(n), NULL, "needs a sentence of text inside");
			return 0;
		}
		return put_text(r, owner, e->text, text);
	case RS_CONTENT_TEXT:
		return put_text(r, owner, e->text, text);
	case RS_CONTENT_WORDS:
		return read_words_content(r, n, e, text, owner);
	case RS_CONTENT_NUMBER:
		return read_number_content(r, n, e, text, owner);
	}
	return 0;
}

/* ---- elements ---- */

static int read_element(struct rs_reader *r, const xmlNode *n, const struct rs_element *e,
			void *owner);

static void tell_unknown_element(struct rs_reader *r, const xmlNode *n, const struct rs_element *e)
{
	struct rs_guess guess = { .word = (const char *)n->name };
	RS_AUTO_BUF all = RS_BUF_INIT;
	char more[120];

	for (size_t i = 0; i < e->n_children; i++) {
		rs_guess_try(&guess, e->children[i].element->name);
		rs_buf_addf(&all, "%s<%s>", i == 0 ? "" : ", ", e->children[i].element->name);
	}
	if (guess.best != NULL)
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
		put_size(owner, c->count, n + 1);
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
		put_int(owner, c->flag, 1);
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
		put_int(owner, e->line, rs_xml_number(n));
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
		rs_complain(r, rs_xml_number(root), NULL,
			    "has the wrong namespace; write <plan xmlns=\"%s\">", RS_PLAN_NAMESPACE);
		return 0;
	}
	return read_element(r, root, e, plan);
}

/* ---- numbers of elements become lines ---- */

static void settle(const struct rs_reader *r, const struct rs_element *e, void *owner)
{
	if (e->line != RS_NOWHERE)
		put_int(owner, e->line, rs_line_of(r, get_int(owner, e->line)));
	for (size_t i = 0; i < e->n_children; i++) {
		const struct rs_child *c = &e->children[i];
		char *first;
		size_t n;

		if (c->count == RS_NOWHERE) {
			settle(r, c->element, (char *)owner + c->at);
			continue;
		}
		/* Figures, tables and listings share an array: settle it once. */
		if (i > 0 && e->children[i - 1].count == c->count)
			continue;
		memcpy(&first, (char *)owner + c->at, sizeof(first));
		memcpy(&n, (char *)owner + c->count, sizeof(n));
		for (size_t k = 0; k < n; k++)
			settle(r, c->element, first + k * c->element->size);
	}
}

void rs_plan_settle(const struct rs_reader *r, struct rs_plan *plan)
{
	settle(r, rs_vocabulary(), plan);
}
