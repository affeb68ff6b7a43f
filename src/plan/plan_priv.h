/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the passes of the plan share: where every element stands in its file, the
 * table of the vocabulary, and one way to complain.  From the parse pass to the end
 * of the validate pass a struct's "line" holds the number of its element (see
 * rs_reader); rs_plan_settle turns numbers into lines.
 */
#ifndef RESTUDY_PLAN_PRIV_H
#define RESTUDY_PLAN_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include <libxml/tree.h>

#include "restudy/base/err.h"
#include "restudy/model/plan.h"
#include "restudy/plan.h"

/* Bounds that no honest plan meets; they keep hostile ones cheap. */
enum {
	RS_PLAN_MAX_BYTES = 4 * 1024 * 1024,	/* of one file */
	RS_PLAN_MAX_DEPTH = 16,			/* of nested elements */
	RS_PLAN_MAX_ATTRIBUTES = 40,		/* of one element, xmlns included */
	RS_PLAN_MAX_VALUE = 4096,		/* bytes of one attribute */
	RS_PLAN_MAX_TEXT = 65536,		/* bytes of one element's text */
	RS_PLAN_MAX_ELEMENTS = 20000,		/* of all its files */
	RS_PLAN_MAX_WORDS = 256,		/* in a list of names */
	RS_PLAN_MAX_SIBLINGS = 1000,		/* children of one kind */
	RS_PLAN_MAX_INCLUDES = 16,		/* files of one plan */
	RS_PLAN_MAX_PROBLEMS = 200		/* then reading stops */
};

#define RS_PLAN_NAMESPACE "urn:restudy:plan:1"
#define RS_XINCLUDE_NAMESPACE "http://www.w3.org/2001/XInclude"

/* ---- where things stand: a file's text and its start tags ---- */

struct rs_attr_spot {			/* offsets into the source's text */
	size_t name, name_len, value, value_len;
	int line, column;		/* of the name's first character, from 1 */
};

struct rs_spot {			/* a start tag */
	size_t name, name_len;
	size_t attr, n_attrs;		/* into the source's attrs */
	int line, column, depth;
};

struct rs_source {
	char *name;			/* NULL: the plan itself; else an included file */
	int include;			/* number of the element it stands in place of; 0: the plan */
	char *text;			/* owned, NUL-terminated */
	size_t len;
	struct rs_spot *spots;
	size_t n_spots;
	struct rs_attr_spot *attrs;
	size_t n_attrs;
	int first;			/* number of its first element */
	struct rs_source *next;
};

/* The state of one loading.  Elements are numbered from 1 over all its files. */
struct rs_reader {
	const char *folder;		/* includes come from here; NULL: none allowed */
	struct rs_source *sources;	/* owned list, the plan first */
	size_t n_sources;
	int n_elements;
	struct rs_diagnostics *diags;	/* borrowed */
	struct rs_err *err;		/* borrowed */
};

void rs_reader_release(struct rs_reader *r);

/*
 * Takes over bytes as a new source and finds its start tags.  NULL with err for
 * memory.  *ret_refused is set when it must not be parsed; then a problem is told.
 */
struct rs_source *rs_source_add(struct rs_reader *r, const char *name, const void *bytes, size_t n,
				int *ret_refused);

/* ---- problems ---- */

/* Adds one, sorted by file, line, column.  file NULL: the plan. */
void rs_diagnostics_add(struct rs_diagnostics *d, enum rs_level level, const char *file, int line,
			int column, const char *rule, const char *text);

/* At a place of a file. */
void rs_complain_at(struct rs_reader *r, const struct rs_source *s, int line, int column,
		    const char *fmt, ...) RS_PRINTF(5, 6);

/*
 * About an element, or one of its attributes (attribute NULL: the element; one that
 * is not written: the element's place).  "<guests count='0'>: " is put before it.
 */
void rs_complain(struct rs_reader *r, int number, const char *attribute, const char *fmt, ...)
	RS_PRINTF(4, 5);

/* The number of the first child called name of an element, or number itself. */
int rs_child_number(const struct rs_reader *r, int number, const char *name);

/* Whether an attribute is written at an element. */
int rs_has_attribute(const struct rs_reader *r, int number, const char *attribute);

/* "line 5"; of a plan in several files "line 5 of part.xml", "line 5 of the plan".  Returns buf,
 * of RS_PLACE bytes. */
enum { RS_PLACE = 120 };
const char *rs_place_of(const struct rs_reader *r, int number, char *buf);

/* The line of an element in the plan's own file: of an included one, that of the include. */
int rs_line_in_plan(const struct rs_reader *r, int number);

/* Whether reading has met so many problems that it should stop. */
int rs_reader_is_full(const struct rs_reader *r);

/* ---- did you mean ---- */

struct rs_guess {
	const char *word;	/* what was written */
	const char *best;	/* the nearest so far, or NULL */
	unsigned distance;
};

void rs_guess_try(struct rs_guess *g, const char *candidate);
/* "; did you mean \"x\"?" or "", in buf. */
const char *rs_guess_text(const struct rs_guess *g, char *buf, size_t size);

/* ---- XML ---- */

/* The tree of the plan with its includes replaced; every element's _private holds its
 * number.  NULL: a problem was told, or err. */
xmlDoc *rs_xml_read(struct rs_reader *r, const void *bytes, size_t n);
void rs_xml_freep(xmlDoc **doc);
#define RS_AUTO_XML __attribute__((cleanup(rs_xml_freep))) xmlDoc
int rs_xml_number(const xmlNode *n);
/* Adds the text inside an element, without that of elements in it: runs of blanks become one,
 * none is at the ends. */
void rs_xml_words(const xmlNode *n, struct rs_buf *out);

/* ---- the passes ---- */

/* Fills plan from the tree.  -1 only for memory; problems are told. */
int rs_plan_parse(struct rs_reader *r, xmlNode *root, struct rs_plan *plan) RS_MUST_CHECK;
int rs_plan_complete(struct rs_plan *plan, struct rs_err *err) RS_MUST_CHECK;
void rs_plan_validate(struct rs_reader *r, const struct rs_plan *plan);
void rs_plan_settle(const struct rs_reader *r, struct rs_plan *plan);

/* The largest of the counts; 0: no guests. */
int rs_largest_count(const struct rs_guests *g);

#endif
