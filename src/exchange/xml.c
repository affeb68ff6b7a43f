/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens XML of others, and finds its elements. */
#include "xml_priv.h"

#include <string.h>

#include <libxml/parser.h>

#include "restudy/base/mem.h"

struct problem {		/* the first thing libxml2 had to say */
	int code, line;
	char text[300];
};

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

/* A structured error handler of libxml2 2.9: data is the parser's context. */
static void keep_problem(void *data, xmlErrorPtr e)
{
	const xmlParserCtxt *ctxt = data;
	struct problem *p = ctxt->_private;

	if (p == NULL || p->code != 0 || e == NULL || e->level < XML_ERR_ERROR)
		return;
	p->code = e->code;
	p->line = e->line;
	rs_copy_text(p->text, sizeof(p->text), e->message != NULL ? e->message : "");
	p->text[strcspn(p->text, "\n")] = '\0';
}

void rs_xml_closep(xmlDoc **doc)
{
	if (*doc != NULL)
		xmlFreeDoc(*doc);
}

/* A document type may be named, as BenchExec does; it is never read, and may define nothing. */
static int check_type(const struct rs_reading *in, const xmlDoc *doc, struct rs_err *err)
{
	if (doc->intSubset == NULL || doc->intSubset->children == NULL)
		return 0;
	return rs_expected(in, 1, err, "no declarations in the <!DOCTYPE>");
}

xmlDoc *rs_xml_open(const struct rs_reading *in, const char *root, struct rs_err *err)
{
	AUTO_CTXT *ctxt = xmlNewParserCtxt();
	struct problem problem = { 0, 0, "" };
	RS_AUTO_XML *doc = NULL;
	const xmlNode *top;

	if (ctxt == NULL || ctxt->sax == NULL) {
		(void)rs_err_nomem(err);
		return NULL;
	}
	if (strstr(in->text, "<!ENTITY") != NULL) {
		(void)rs_expected(in, 1, err, "no <!ENTITY> in the file");
		return NULL;
	}
	ctxt->_private = &problem;
	ctxt->sax->serror = keep_problem;
	doc = xmlCtxtReadMemory(ctxt, in->text, (int)in->source->text.len, NULL, "UTF-8",
				XML_PARSE_NONET | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES);
	if (problem.code == XML_ERR_NO_MEMORY) {
		(void)rs_err_nomem(err);
		return NULL;
	}
	top = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
	if (top == NULL || problem.code != 0) {
		(void)rs_expected(in, problem.line > 0 ? problem.line : 1, err, "well-formed XML: %s",
				  problem.text[0] != '\0' ? problem.text : "there is none");
		return NULL;
	}
	if (check_type(in, doc, err) < 0)
		return NULL;
	if (strcmp((const char *)top->name, root) != 0) {
		(void)rs_expected(in, rs_xml_line(top), err, "<%s> as the first element, not <%.60s>", root,
				  (const char *)top->name);
		return NULL;
	}
	return RS_STEAL(&doc);
}

int rs_xml_line(const xmlNode *n)
{
	return (int)xmlGetLineNo(n);
}

xmlNode *rs_xml_child(const xmlNode *parent, const xmlNode *after, const char *name)
{
	for (xmlNode *n = after != NULL ? after->next : parent->children; n != NULL; n = n->next)
		if (n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0)
			return n;
	return NULL;
}

char *rs_xml_child_text(const xmlNode *parent, const char *name, struct rs_err *err)
{
	const xmlNode *n = rs_xml_child(parent, NULL, name);
	AUTO_XML_STR *text = n != NULL ? xmlNodeGetContent(n) : NULL;
	const char *s = text != NULL ? (const char *)text : "";
	size_t len;

	s += strspn(s, " \t\r\n");
	for (len = strlen(s); len > 0 && strchr(" \t\r\n", s[len - 1]) != NULL;)
		len--;
	return rs_strndup(s, len, err);
}

char *rs_xml_attribute(xmlNode *n, const char *name, struct rs_err *err)
{
	AUTO_XML_STR *text = xmlGetNoNsProp(n, (const xmlChar *)name);

	return rs_strdup((const char *)text, err);
}
