/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The document tree: what the report says, apart from how an output writes it.
 * Blocks hold blocks or inline nodes; a node's text is UTF-8 and never marked up.
 * The tree lives in an arena and is sticky: adding to a NULL parent does nothing,
 * rs_document_check tells once.
 */
#ifndef RESTUDY_REPORT_DOCUMENT_PRIV_H
#define RESTUDY_REPORT_DOCUMENT_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "arena_priv.h"
#include "restudy/base/buf.h"
#include "restudy/base/err.h"

/*
 * Every kind of node, once.  A backend lists its functions with the same macro, so
 * that a kind it forgets does not compile.
 */
#define RS_NODE_KINDS(X)                                                       \
	X(SECTION, section)	/* text: title; level from 1; children blocks */       \
	X(PARAGRAPH, paragraph) /* children inline */                                  \
	X(CALLOUT, callout)	/* tone; children blocks: set apart, must be read */   \
	X(LIST, list)		/* children items */                                   \
	X(ITEM, item)		/* children inline */                                  \
	X(FIGURE, figure)	/* label, text: caption; picture */                    \
	X(TABLE, table)		/* label, text: caption; columns; rows, then notes */  \
	X(ROW, row)		/* head or not; children cells */                      \
	X(CELL, cell)		/* span; children inline */                            \
	X(TABLE_NOTE, table_note) /* label: mark; children inline */                   \
	X(LISTING, listing)	/* label, text: caption; code */                       \
	X(TEXT, text)		/* text */                                             \
	X(EMPHASIS, emphasis)	/* text */                                             \
	X(STRONG, strong)	/* text */                                             \
	X(CODE, code)		/* text */                                             \
	X(LINK, link)		/* text, target: an address */                         \
	X(REF, ref)		/* text, target: the id of a section or exhibit */     \
	X(BADGE, badge)		/* text, tone: a verdict or a state */                 \
	X(MARK, mark)		/* text: raised letter that points to a table note */

enum rs_node_kind {
#define RS_NODE_ENUM(upper, lower) RS_NODE_##upper,
	RS_NODE_KINDS(RS_NODE_ENUM)
#undef RS_NODE_ENUM
	RS_NODE_LAST
};

const char *rs_node_kind_name(enum rs_node_kind k);

enum rs_tone { RS_TONE_PLAIN, RS_TONE_GOOD, RS_TONE_BAD, RS_TONE_OPEN, RS_TONE_WARN, RS_TONE_LAST };
const char *rs_tone_name(enum rs_tone t);

enum rs_column { RS_COLUMN_LEFT, RS_COLUMN_NUMBER, RS_COLUMN_CENTRE, RS_COLUMN_LAST };

enum rs_row_role {
	RS_ROW_BODY,
	RS_ROW_HEAD,	/* repeated on each page */
	RS_ROW_UNDER,	/* belongs to the row above: its intervals, set smaller */
	RS_ROW_GROUP,	/* a title over the rows that follow */
	RS_ROW_LAST
};

/* A drawn figure, made by picture.c; all owned by the document's arena. */
struct rs_picture {
	const char *id;
	const char *alternative;	/* what a reader who cannot see it is told */
	const char *svg;		/* whole file */
	size_t svg_bytes;
	double width_pt, height_pt;
	int has_own_width;	/* shown as wide as it is, if there is room; else as the text */
	const void *source;		/* what pdf needs to draw it again (picture_priv.h) */
};

struct rs_node {
	enum rs_node_kind kind;
	struct rs_node *parent, *first, *last, *next;
	const char *id;		/* of sections, exhibits, or NULL; unique */
	const char *label;	/* "Figure 3.2", a section's number, a mark; or NULL */
	const char *text, *target;	/* target: an address, an id, or a listing's code */
	const char *source;	/* exhibits: sha256 of the samples behind, or NULL */
	const char *query;	/* that gives them out of run.db, or NULL */
	const struct rs_picture *picture;
	const enum rs_column *columns;
	size_t n_columns;
	enum rs_row_role role;
	enum rs_tone tone;
	int level, span;
	int appendix;		/* a section numbered by letters */
};

struct rs_document {
	struct rs_arena arena;
	const char *language;	/* "en", "de" */
	const char *title, *subtitle, *author, *subject;
	const char *generator;	/* program and version */
	const char *date;	/* as printed */
	const char *const *facts;	/* title page: name, value, name, value, ..., NULL */
	int64_t epoch_s;
	struct rs_node *root;	/* its children are the blocks; kind SECTION, level 0 */
	const struct rs_node *notice;	/* title page: a paragraph or NULL, not in the tree */
};

#define RS_DOCUMENT_INIT { .arena = RS_ARENA_INIT, .language = "en", .title = "" }

void rs_document_release(struct rs_document *d);
#define RS_AUTO_DOCUMENT __attribute__((cleanup(rs_document_release))) struct rs_document

/* A new last child of parent; NULL when parent is NULL or memory was refused. */
struct rs_node *rs_node_add(struct rs_document *d, struct rs_node *parent, enum rs_node_kind kind);
/* An inline node with its text (copied). */
struct rs_node *rs_node_inline(struct rs_document *d, struct rs_node *parent,
			       enum rs_node_kind kind, const char *text);
void rs_node_text(struct rs_document *d, struct rs_node *parent, const char *text);
/* The text of a buffer, whose failure is passed on. */
void rs_node_text_buf(struct rs_document *d, struct rs_node *parent, const struct rs_buf *text);
void rs_node_textf(struct rs_document *d, struct rs_node *parent, const char *fmt, ...)
	RS_PRINTF(3, 4);

/* Starts a table with n columns of the given alignments (copied). */
struct rs_node *rs_node_table(struct rs_document *d, struct rs_node *parent, const char *id,
			      const char *label, const char *caption,
			      const enum rs_column *columns, size_t n);
struct rs_node *rs_node_row(struct rs_document *d, struct rs_node *table, enum rs_row_role role);
/* A cell with plain text; NULL text: an empty cell. */
struct rs_node *rs_node_cell(struct rs_document *d, struct rs_node *row, const char *text);
struct rs_node *rs_node_cell_span(struct rs_document *d, struct rs_node *row, const char *text,
				  int span);

/* A node outside the tree, for the title page. */
struct rs_node *rs_node_detached(struct rs_document *d, enum rs_node_kind kind);

/* Numbers the sections, drops sections without content, gives every section an id. */
void rs_document_number(struct rs_document *d);

/* Every REF has its target and ids are unique; else -1 with err. */
int rs_document_check(const struct rs_document *d, struct rs_err *err) RS_MUST_CHECK;

/* The node with that id, or NULL. */
const struct rs_node *rs_document_find(const struct rs_document *d, const char *id);

/* The next node in reading order after n (its children first), or NULL. */
const struct rs_node *rs_node_next(const struct rs_node *n, const struct rs_node *root);

/* All text of a node and what is below, one after the other. */
void rs_node_plain(const struct rs_node *n, struct rs_buf *out);

#endif
