/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From bytes to a tree: libxml2 without network, entities or document types, and
 * our own XInclude, which takes files beside the plan and nothing else.  Every
 * element of the tree knows its number (struct rs_reader).
 */
#include "plan_priv.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <libxml/parser.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

struct xml_problem {		/* the first thing libxml2 had to say */
	int code, line, column;
	char text[300];
};

void rs_xml_freep(xmlDoc **doc)
{
	if (*doc != NULL)
		xmlFreeDoc(*doc);
	*doc = NULL;
}

static void free_ctxt(xmlParserCtxt **ctxt)
{
	if (*ctxt != NULL)
		xmlFreeParserCtxt(*ctxt);
}
#define AUTO_CTXT __attribute__((cleanup(free_ctxt))) xmlParserCtxt

static void free_xml_str(xmlChar **s)
{
	if (*s != NULL)
		xmlFree(*s);
}
#define AUTO_XML_STR __attribute__((cleanup(free_xml_str))) xmlChar

int rs_xml_number(const xmlNode *n)
{
	return (int)(intptr_t)n->_private;
}

void rs_xml_words(const xmlNode *n, struct rs_buf *out)
{
	const size_t before = out->len;
	int gap = 0;

	for (const xmlNode *c = n->children; c != NULL; c = c->next) {
		if (c->type != XML_TEXT_NODE && c->type != XML_CDATA_SECTION_NODE)
			continue;
		for (const char *p = (const char *)c->content; p != NULL && *p != '\0'; p++) {
			if (strchr(" \t\r\n", *p) != NULL) {
				gap = 1;
				continue;
			}
			if (gap && out->len > before)
				rs_buf_addc(out, ' ');
			gap = 0;
			rs_buf_addc(out, *p);
		}
	}
}

/* A structured error handler of libxml2 2.9: data is the parser's context. */
static void keep_problem(void *data, xmlErrorPtr e)
{
	const xmlParserCtxt *ctxt = data;
	struct xml_problem *p = ctxt->_private;
	size_t n;

	if (p == NULL || p->code != 0 || e == NULL || e->level < XML_ERR_ERROR)
		return;
	p->code = e->code;
	p->line = e->line;
	p->column = e->int2;
	n = e->message != NULL ? strcspn(e->message, "\n") : 0;
	if (n >= sizeof(p->text))
		n = sizeof(p->text) - 1;
	memcpy(p->text, e->message != NULL ? e->message : "", n);
	p->text[n] = '\0';
	if (isupper((unsigned char)p->text[0]) && !isupper((unsigned char)p->text[1]))
		p->text[0] = (char)tolower((unsigned char)p->text[0]);
}

/* What libxml2 says in the words of its sources, said for the writer of a plan. */
static const struct {
	int code;
	const char *text;
} own_words[] = {
	{ XML_ERR_INVALID_CHAR, "this character may not stand in XML; remove it" },
	{ XML_ERR_DOCUMENT_END, "one first element holds the whole plan; remove what follows it" },
	{ XML_ERR_UNDECLARED_ENTITY,
	  "only &amp; &lt; &gt; &quot; and &apos; are known; write the character itself" },
	{ XML_ERR_LT_IN_ATTRIBUTE, "a < in an attribute is written &lt;" },
	{ XML_ERR_ATTRIBUTE_NOT_STARTED, "the value of an attribute stands in quotes" },
	{ XML_ERR_ATTRIBUTE_WITHOUT_VALUE, "an attribute needs = and a value in quotes" },
	{ XML_ERR_ATTRIBUTE_REDEFINED, "this attribute stands here twice; keep one" },
	{ XML_ERR_SPACE_REQUIRED, "a blank is missing between two attributes" },
	{ XML_ERR_GT_REQUIRED, "the tag is not closed; write > or />" },
	{ XML_ERR_TAG_NOT_FINISHED, "the file ends within an element; is all of it there?" },
};

static const char *words_for(const struct xml_problem *p)
{
	if (p->code == XML_ERR_NAME_REQUIRED)
		return strstr(p->text, "EntityRef") != NULL ? "a & is written &amp;" :
							      "a < in a text is written &lt;";
	for (size_t i = 0; i < RS_COUNT(own_words); i++) {
		if (own_words[i].code == p->code)
			return own_words[i].text;
	}
	return p->text[0] != '\0' ? p->text : "mend the markup here";
}

static void tell_problem(struct rs_reader *r, const struct rs_source *s,
			 const struct xml_problem *p)
{
	if (p->code == XML_ERR_NO_MEMORY) {
		rs_err_nomem(r->err);
	} else if (p->code == XML_ERR_DOCUMENT_EMPTY) {
		rs_complain_at(r, s, 1, 1, "is not XML; a plan starts with <plan xmlns=\"%s\">",
			       RS_PLAN_NAMESPACE);
	} else if (p->code == 0) {
		rs_complain_at(r, s, 0, 0, "cannot be parsed as XML");
	} else {
		rs_complain_at(r, s, p->line, p->column, "is not well-formed XML: %s", words_for(p));
	}
}

static xmlDoc *parse_bytes(struct rs_reader *r, const struct rs_source *s)
{
	AUTO_CTXT *ctxt = xmlNewParserCtxt();
	struct xml_problem problem = { 0, 0, 0, "" };
	RS_AUTO_XML *doc = NULL;

	if (ctxt == NULL || ctxt->sax == NULL) {
		rs_err_nomem(r->err);
		return NULL;
	}
	ctxt->_private = &problem;
	ctxt->sax->serror = keep_problem;
	/* The text is UTF-8 already, whatever its declaration says. */
	doc = xmlCtxtReadMemory(ctxt, s->text, (int)s->len, NULL, "UTF-8",
				XML_PARSE_NONET | XML_PARSE_NOWARNING | XML_PARSE_COMPACT |
					XML_PARSE_BIG_LINES);
	if (doc == NULL || problem.code != 0 || xmlDocGetRootElement(doc) == NULL) {
		tell_problem(r, s, &problem);
		return NULL;
	}
	if (doc->intSubset != NULL || doc->extSubset != NULL) {
		rs_complain_at(r, s, 0, 0, "document types are refused; remove the <!DOCTYPE>");
		return NULL;
	}
	return RS_STEAL(&doc);
}

/* The element after n in document order within root, or NULL. */
static xmlNode *next_element(xmlNode *root, xmlNode *n)
{
	for (;;) {
		if (n->type == XML_ELEMENT_NODE && n->children != NULL) {
			n = n->children;
		} else {
			while (n != root && n->next == NULL)
				n = n->parent;
			if (n == root)
				return NULL;
			n = n->next;
		}
		if (n->type == XML_ELEMENT_NODE)
			return n;
	}
}

/* Gives every element its number.  0, or -1 when scan and parser disagree. */
static int number_elements(const struct rs_source *s, xmlDoc *doc)
{
	xmlNode *root = xmlDocGetRootElement(doc);
	size_t seen = 0;

	for (xmlNode *n = root; n != NULL; n = next_element(root, n)) {
		const char *tag;

		if (seen >= s->n_spots)
			return -1;
		tag = s->text + s->spots[seen].name;
		if (n->ns != NULL && n->ns->prefix != NULL)
			tag += strlen((const char *)n->ns->prefix) + 1;
		if (strncmp(tag, (const char *)n->name, strlen((const char *)n->name)) != 0)
			return -1;
		n->_private = (void *)(intptr_t)(s->first + (int)seen);
		seen++;
	}
	return seen == s->n_spots ? 0 : -1;
}

static xmlDoc *read_source(struct rs_reader *r, const char *name, int include, const void *bytes,
			   size_t n);

/* ---- includes ---- */

static int is_include(const xmlNode *n)
{
	return n->ns != NULL && n->ns->href != NULL &&
	       strcmp((const char *)n->ns->href, RS_XINCLUDE_NAMESPACE) == 0;
}

/* The href of an include, or NULL with a problem told. */
static xmlChar *include_href(struct rs_reader *r, xmlNode *n)
{
	AUTO_XML_STR *href = xmlGetNoNsProp(n, (const xmlChar *)"href");
	AUTO_XML_STR *parse = xmlGetNoNsProp(n, (const xmlChar *)"parse");
	int number = rs_xml_number(n);

	if (strcmp((const char *)n->name, "include") != 0) {
		rs_complain(r, number, NULL, "only include is supported of XInclude; remove it");
	} else if (href == NULL || href[0] == '\0') {
		rs_complain(r, number, "href", "needs href, the name of a file beside the plan");
	} else if (parse != NULL && strcmp((const char *)parse, "xml") != 0) {
		rs_complain(r, number, "parse", "only parse=\"xml\" is supported; remove it");
	} else if (xmlHasProp(n, (const xmlChar *)"xpointer") != NULL) {
		rs_complain(r, number, "xpointer",
			    "is not supported; put the element in a file of its own");
	} else if (!rs_path_is_plain_name((const char *)href)) {
		rs_complain(r, number, "href",
			    "includes only files in the plan's own folder; copy it there and "
			    "give its bare name");
	} else if (r->folder == NULL) {
		rs_complain(r, number, "href", "a plan that is not a file cannot include files");
	} else if (r->n_sources > RS_PLAN_MAX_INCLUDES) {
		rs_complain(r, number, NULL, "the plan includes more than %d files; join some",
			    (int)RS_PLAN_MAX_INCLUDES);
	} else {
		return RS_STEAL(&href);
	}
	return NULL;
}

static xmlDoc *read_include(struct rs_reader *r, xmlNode *n, const char *href)
{
	RS_AUTO_STR *path = rs_path_join(r->folder, href, r->err);
	RS_AUTO_BUF b = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;
	struct stat st;

	if (path == NULL)
		return NULL;
	if (lstat(path, &st) < 0) {
		rs_complain(r, rs_xml_number(n), "href", "there is no such file beside the plan");
		return NULL;
	}
	if (!S_ISREG(st.st_mode)) {
		rs_complain(r, rs_xml_number(n), "href",
			    "is not a regular file; links are not followed, copy the file here");
		return NULL;
	}
	if (rs_path_read(path, RS_PLAN_MAX_BYTES, &b, &err) < 0 && err.kind == RS_ERR_MEMORY) {
		rs_err_nomem(r->err);
		return NULL;
	}
	if (err.kind != RS_ERR_NONE) {
		rs_complain(r, rs_xml_number(n), "href", "%s", err.text);
		return NULL;
	}
	return read_source(r, href, rs_xml_number(n), rs_buf_str(&b), b.len);
}

/* Copies numbers from a tree to its copy. */
static void copy_numbers(xmlNode *from, xmlNode *to)
{
	xmlNode *a = from, *b = to;

	while (a != NULL && b != NULL) {
		b->_private = a->_private;
		a = next_element(from, a);
		b = next_element(to, b);
	}
}

/* Puts the root element of the included file in place of n; returns it, or NULL. */
static xmlNode *replace_include(struct rs_reader *r, xmlNode *n)
{
	AUTO_XML_STR *href = include_href(r, n);
	RS_AUTO_XML *doc = NULL;
	xmlNode *copy;

	if (href == NULL)
		return NULL;
	for (const struct rs_source *s = r->sources; s != NULL; s = s->next) {
		if (s->name != NULL && strcmp(s->name, (const char *)href) == 0) {
			rs_complain(r, rs_xml_number(n), "href",
				    "is included twice; include each file once");
			return NULL;
		}
	}
	doc = read_include(r, n, (const char *)href);
	if (doc == NULL)
		return NULL;
	copy = xmlDocCopyNode(xmlDocGetRootElement(doc), n->doc, 1);
	if (copy == NULL) {
		rs_err_nomem(r->err);
		return NULL;
	}
	copy_numbers(xmlDocGetRootElement(doc), copy);
	xmlReplaceNode(n, copy);
	xmlFreeNode(n);
	return copy;
}

/* Replaces every include of a tree.  -1: at least one could not be. */
static int replace_includes(struct rs_reader *r, xmlDoc *doc)
{
	xmlNode *root = xmlDocGetRootElement(doc);
	int ret = 0;

	if (is_include(root)) {
		rs_complain(r, rs_xml_number(root), NULL, "a file cannot be an include alone");
		return -1;
	}
	for (xmlNode *n = next_element(root, root); n != NULL; n = next_element(root, n)) {
		xmlNode *new;

		if (!is_include(n))
			continue;
		new = replace_include(r, n);
		if (new == NULL)
			ret = -1;
		else
			n = new;
	}
	return ret;
}

static xmlDoc *read_source(struct rs_reader *r, const char *name, int include, const void *bytes,
			   size_t n)
{
	RS_AUTO_XML *doc = NULL;
	struct rs_source *s;
	int refused = 0;

	s = rs_source_add(r, name, bytes, n, &refused);
	if (s == NULL || refused)
		return NULL;
	s->include = include;
	doc = parse_bytes(r, s);
	if (doc == NULL)
		return NULL;
	if (number_elements(s, doc) < 0) {
		rs_err_set(r->err, RS_ERR_INTERNAL, "elements were counted wrongly");
		return NULL;
	}
	if (replace_includes(r, doc) < 0)
		return NULL;
	return RS_STEAL(&doc);
}

xmlDoc *rs_xml_read(struct rs_reader *r, const void *bytes, size_t n)
{
	if (n > RS_PLAN_MAX_BYTES) {
		rs_complain_at(r, NULL, 0, 0,
			       "is larger than 4 MiB; a plan is a description, keep data outside");
		return NULL;
	}
	return read_source(r, NULL, 0, bytes, n);
}
