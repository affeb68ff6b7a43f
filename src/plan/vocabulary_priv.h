/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The vocabulary as a table: what may stand where, of what type, and which field of
 * a struct it fills.
 */
#ifndef RESTUDY_PLAN_VOCABULARY_PRIV_H
#define RESTUDY_PLAN_VOCABULARY_PRIV_H

#include <stddef.h>

#include "plan_priv.h"

enum rs_type {
	RS_TYPE_TEXT,		/* char *: any text, not empty */
	RS_TYPE_NAME,		/* char *: one word that may become a file name, < 64 bytes */
	RS_TYPE_WORDS,		/* char **, size_t: names */
	RS_TYPE_INT,		/* int in [lo, hi] */
	RS_TYPE_INTS,		/* int *, size_t */
	RS_TYPE_SEED,		/* uint64_t */
	RS_TYPE_REAL,		/* double in [lo, hi] */
	RS_TYPE_BYTES,		/* int64_t */
	RS_TYPE_SECONDS, RS_TYPE_HERTZ, RS_TYPE_BITRATE, RS_TYPE_LENGTH,	/* double */
	RS_TYPE_WIDTH,		/* double: a length, or columns of a journal */
	RS_TYPE_YES_NO,		/* int: 1, 0 */
	RS_TYPE_SET,		/* an enum of model/names.h */
	RS_TYPE_GUESTS_MODE,	/* int: parallel 0, sequential 1 */
	RS_TYPE_IPV4, RS_TYPE_MAC, RS_TYPE_SHA256, RS_TYPE_URL, RS_TYPE_SOURCE,
	RS_TYPE_PATH	/* char * */
};

enum { RS_ATTR_REQUIRED = 1, RS_ATTR_HAS_ABSENT = 2 };

struct rs_attr {
	const char *name;
	enum rs_type type;
	unsigned flags;
	size_t at, count;	/* offsets in the element's struct; count: of lists */
	double lo, hi;		/* RS_TYPE_INT, _INTS, _REAL, quantities in their base unit */
	double absent;		/* HAS_ABSENT: what a number or set is when not written */
	enum rs_set set;
};

enum rs_content {		/* the text inside an element */
	RS_CONTENT_NONE,
	RS_CONTENT_TEXT,	/* char *, blanks collapsed */
	RS_CONTENT_NEEDED,	/* the same, must not be empty */
	RS_CONTENT_WORDS,	/* char **, size_t */
	RS_CONTENT_NUMBER	/* char * as written and double */
};

#define RS_NOWHERE ((size_t)-1)

struct rs_element;

enum { RS_CHILD_REQUIRED = 1 };

struct rs_child {
	const struct rs_element *element;
	unsigned flags;
	size_t at;		/* of the array's pointer, or of the struct itself */
	size_t count;		/* of the array's count; RS_NOWHERE: occurs once, in place */
	size_t flag;		/* int set to 1 when it occurs; or RS_NOWHERE */
};

struct rs_element {
	const char *name;
	size_t size;		/* of its struct when it is one of an array */
	size_t line;		/* offset of int line, or RS_NOWHERE */
	const struct rs_attr *attrs;
	size_t n_attrs;
	const struct rs_child *children;
	size_t n_children;
	enum rs_content content;
	size_t text, text_more;	/* offsets: char * (or char **), and count or double */
	size_t kind_at;		/* int set to kind, or RS_NOWHERE: tells figure from table */
	int kind;
};

const struct rs_element *rs_vocabulary(void);	/* <plan> */

/*
 * Reads the text of attribute a of element number into owner.  What is not of the
 * type is told and leaves the field as it was.  -1 only for memory.
 */
int rs_value_read(struct rs_reader *r, int number, const struct rs_attr *a, const char *text,
		  void *owner) RS_MUST_CHECK;

/* The text inside an element, blanks collapsed, likewise. */
int rs_content_read(struct rs_reader *r, int number, const struct rs_element *e, const char *text,
		    void *owner) RS_MUST_CHECK;

/* Fields by offset. */
void rs_put_int(void *owner, size_t at, int v);
void rs_put_i64(void *owner, size_t at, int64_t v);
void rs_put_double(void *owner, size_t at, double v);
void rs_put_size(void *owner, size_t at, size_t v);

#endif
