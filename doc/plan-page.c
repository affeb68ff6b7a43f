/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes the reference part of restudy-plan(5) from the schema, so that the manual
 * says what the schema says: every element with its path, its annotation, what it
 * holds and its attributes, then every kind of text.  usage: plan-page SCHEMA
 */
#include <stdio.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#define MAX_DEPTH 16
#define MAX_COLUMNS 78

static int is(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE && xmlStrEqual(n->name, (const xmlChar *)name);
}

/* The attribute, or "": the caller frees with xmlFree. */
static xmlChar *attribute(const xmlNode *n, const char *name)
{
	xmlChar *value = xmlGetNoNsProp(n, (const xmlChar *)name);

	return value != NULL ? value : xmlStrdup((const xmlChar *)"");
}

/* The text without a prefix such as "p:". */
static const char *local(const xmlChar *qname)
{
	const char *colon = strchr((const char *)qname, ':');

	return colon != NULL ? colon + 1 : (const char *)qname;
}

static const xmlNode *child(const xmlNode *n, const char *name)
{
	for (const xmlNode *c = n->children; c != NULL; c = c->next)
		if (is(c, name))
			return c;
	return NULL;
}

/* The first of that name below n, at any depth. */
static const xmlNode *below(const xmlNode *n, const char *name)
{
	for (const xmlNode *c = n->children; c != NULL; c = c->next) {
		const xmlNode *found = is(c, name) ? c : below(c, name);

		if (found != NULL)
			return found;
	}
	return NULL;
}

static const xmlNode *type_of(const xmlNode *schema, const char *kind, const char *name)
{
	for (const xmlNode *c = schema->children; c != NULL; c = c->next) {
		xmlChar *own = is(c, kind) ? attribute(c, "name") : NULL;
		const int found = own != NULL && strcmp((const char *)own, name) == 0;

		xmlFree(own);
		if (found)
			return c;
	}
	return NULL;
}

/* Text in lines of its own: blanks made one, a sentence a line, nothing read as a request. */
static void put_text(const char *s)
{
	char before = '\n';
	size_t column = 0;

	for (s += strspn(s, " \t\n"); *s != '\0'; s++) {
		const size_t blanks = strspn(s, " \t\n");

		if (blanks > 0) {
			s += blanks - 1;
			if (s[1] == '\0')
				break;
			before = before == '.' || column + 1 + strcspn(s + 1, " \t\n") > MAX_COLUMNS
					 ? '\n'
					 : ' ';
			column = before == '\n' ? 0 : column + 1;
			putchar(before);
			continue;
		}
		if (before == '\n' && (*s == '.' || *s == '\''))
			fputs("\\&", stdout);
		if (*s == '\\')
			fputs("\\e", stdout);
		else
			putchar(*s);
		before = *s;
		column++;
	}
	putchar('\n');
}

static void put_documentation(const xmlNode *n)
{
	const xmlNode *a = child(n, "annotation"), *d = a != NULL ? child(a, "documentation") : NULL;
	xmlChar *text = d != NULL ? xmlNodeGetContent(d) : NULL;

	if (text != NULL)
		put_text((const char *)text);
	xmlFree(text);
}

/* What an attribute or a text may be: a named kind, or a whole number in its bounds. */
static void put_kind(const xmlNode *n, const char *named)
{
	const xmlNode *lo = below(n, "minInclusive"), *hi = below(n, "maxInclusive");
	xmlChar *least, *most;

	if (named[0] != '\0' || lo == NULL || hi == NULL) {
		printf("%s", named[0] != '\0' ? named : "text");
		return;
	}
	least = attribute(lo, "value");
	most = attribute(hi, "value");
	printf("%s to %s", (const char *)least, (const char *)most);
	xmlFree(least);
	xmlFree(most);
}

static void put_attribute(const xmlNode *a)
{
	xmlChar *name = attribute(a, "name"), *type = attribute(a, "type"), *use = attribute(a, "use");

	printf(".It Cm %s Ns = Ns Ar \"", (const char *)name);
	put_kind(a, local(type));
	printf("\"%s\n", strcmp((const char *)use, "required") == 0 ? " Pq required" : "");
	put_documentation(a);
	xmlFree(name);
	xmlFree(type);
	xmlFree(use);
}

/* The attributes of a complex type, also those of an extension of a text. */
static void put_attributes(const xmlNode *type)
{
	const xmlNode *extension = below(type, "extension");
	const xmlNode *from = extension != NULL ? extension : type;

	if (child(from, "attribute") == NULL)
		return;
	puts(".Bl -tag -width Ds");
	for (const xmlNode *a = from->children; a != NULL; a = a->next)
		if (is(a, "attribute"))
			put_attribute(a);
	puts(".El");
}

static void put_content(const xmlNode *type)
{
	const xmlNode *choice = child(type, "choice"), *extension = below(type, "extension");
	xmlChar *base = extension != NULL ? attribute(extension, "base") : NULL;

	if (base != NULL)
		printf(".Pp\nInside:\n.Ar %s .\n", local(base));
	xmlFree(base);
	if (choice == NULL)
		return;
	puts(".Pp\nInside, in any order:");
	for (const xmlNode *e = choice->children, *next; e != NULL; e = next) {
		xmlChar *name = is(e, "element") ? attribute(e, "name") : NULL;

		for (next = e->next; next != NULL && !is(next, "element"); next = next->next)
			;
		if (name != NULL)
			printf(".Cm %s%s\n", (const char *)name, next != NULL ? " ," : " .");
		xmlFree(name);
	}
}

/* An element and what it holds.  path: of its parent, "/plan".  -1: a type is unknown. */
static int put_element(const xmlNode *schema, const xmlNode *e, const char *path, int depth)
{
	xmlChar *name = attribute(e, "name"), *type_name = attribute(e, "type");
	const xmlNode *type = type_of(schema, "complexType", local(type_name)), *choice;
	char here[200];
	int rc = 0;

	if (snprintf(here, sizeof(here), "%s/%s", path, (const char *)name) >= (int)sizeof(here) ||
	    type == NULL || depth == MAX_DEPTH) {
		fprintf(stderr, "plan-page: element \"%s\" of \"%s\" has no complex type of its own\n",
			(const char *)name, path);
		rc = -1;
	} else {
		printf(".Ss %s\n", here);
		put_documentation(e);
		put_content(type);
		put_attributes(type);
	}
	choice = rc == 0 ? child(type, "choice") : NULL;
	for (const xmlNode *c = choice != NULL ? choice->children : NULL; c != NULL && rc == 0;
	     c = c->next)
		if (is(c, "element"))
			rc = put_element(schema, c, here, depth + 1);
	xmlFree(name);
	xmlFree(type_name);
	return rc;
}

static void put_simple_type(const xmlNode *type)
{
	const xmlNode *restriction = child(type, "restriction");
	xmlChar *name = attribute(type, "name");
	int words = 0;

	printf(".It Ar %s\n", (const char *)name);
	put_documentation(type);
	xmlFree(name);
	for (const xmlNode *w = restriction != NULL ? restriction->children : NULL; w != NULL; w = w->next) {
		xmlChar *word = is(w, "enumeration") ? attribute(w, "value") : NULL;

		if (word != NULL)
			printf("%s.Cm %s\n", words++ == 0 ? "One of\n" : "", (const char *)word);
		xmlFree(word);
	}
}

int main(int argc, char **argv)
{
	xmlDoc *doc = argc == 2 ? xmlReadFile(argv[1], NULL, XML_PARSE_NONET) : NULL;
	const xmlNode *schema = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
	const xmlNode *root = schema != NULL ? child(schema, "element") : NULL;
	int rc;

	if (root == NULL) {
		fputs("usage: plan-page SCHEMA\n", stderr);
		return 2;
	}
	puts(".Sh ELEMENTS AND ATTRIBUTES");
	rc = put_element(schema, root, "", 0);
	puts(".Sh KINDS OF TEXT\n.Bl -tag -width Ds");
	for (const xmlNode *t = schema->children; t != NULL; t = t->next)
		if (is(t, "simpleType"))
			put_simple_type(t);
	puts(".El");
	xmlFreeDoc(doc);
	xmlCleanupParser();
	return rc == 0 && fflush(stdout) == 0 ? 0 : 1;
}
