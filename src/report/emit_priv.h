/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The outputs: each walks the document tree with its own table of functions, one for
 * every kind of node (RS_NODE_KINDS), and writes bytes into a buffer.
 */
#ifndef RESTUDY_REPORT_EMIT_PRIV_H
#define RESTUDY_REPORT_EMIT_PRIV_H

#include "document_priv.h"
#include "words_priv.h"

/* Columns whose numbers are aligned; of wider tables the others are not. */
#define RS_NUMBER_COLUMNS 64

/* The widest parts of a column's numbers, before the decimal sign and from it on. */
struct rs_numbers {
	const char *whole, *fraction;	/* within the nodes' texts; NULL: no number */
	size_t whole_bytes, fraction_bytes;
};

struct rs_emitter {
	const struct rs_document *d;
	struct rs_buf *out;
	enum rs_language l;
	int depth;		/* of lists, or of the tree's indent */
	int in_table;
	const struct rs_node *table;	/* while in one */
	struct rs_numbers numbers[RS_NUMBER_COLUMNS];	/* of the table */
};

typedef void rs_emit_fn(struct rs_emitter *e, const struct rs_node *n);

/* Whole documents. style: CSS text or LaTeX preamble, inlined. */
int rs_emit_html(const struct rs_document *d, const char *style, struct rs_buf *out,
		 struct rs_err *err) RS_MUST_CHECK;
int rs_emit_tex(const struct rs_document *d, const char *preamble, struct rs_buf *out,
		struct rs_err *err) RS_MUST_CHECK;
int rs_emit_md(const struct rs_document *d, struct rs_buf *out, struct rs_err *err) RS_MUST_CHECK;
int rs_emit_tree(const struct rs_document *d, struct rs_buf *out, struct rs_err *err)
	RS_MUST_CHECK;
int rs_emit_pdf(const struct rs_document *d, struct rs_buf *out, struct rs_err *err) RS_MUST_CHECK;

/* A part that was set in a buffer of its own: its failure is the output's, too. */
void rs_emit_part(struct rs_buf *out, struct rs_buf *part);

/* One block alone, for files of single tables. */
void rs_emit_html_block(const struct rs_document *d, const struct rs_node *n, struct rs_buf *out);
void rs_emit_tex_block(const struct rs_document *d, const struct rs_node *n, struct rs_buf *out);
void rs_emit_md_block(const struct rs_document *d, const struct rs_node *n, struct rs_buf *out);

/*
 * Where a cell of a number column is split for alignment at the decimal sign: whole and
 * fraction (with its sign) of the cell's text.  Returns 0 when it holds no number.
 */
int rs_cell_split(const struct rs_node *cell, enum rs_language l, size_t *whole_bytes,
		  size_t *fraction_bytes);

/* The first column a cell covers, counted in its row. */
size_t rs_cell_column(const struct rs_node *cell);

/*
 * Shares a line among the columns of a table so that its cells take few lines.  Starting
 * from what each column needs at least, room goes step by step to the column where it
 * shortens most: the sum over cells of (natural / width) cubed, for those that do not fit,
 * falls fastest.  natural: rows x n, row-major, width of each cell on one line, 0: none;
 * width: the least widths on entry, the shares on return; their sum is at most room
 * unless it was larger at the beginning.
 */
void rs_share_widths(const double *natural, size_t rows, size_t n, double room, double *width);

/* All columns of a table at once. */
void rs_column_numbers(const struct rs_node *table, enum rs_language l,
		       struct rs_numbers numbers[RS_NUMBER_COLUMNS]);

/* Characters of a cell's text; by_word: of its longest word. */
size_t rs_cell_length(const struct rs_node *cell, int by_word);

/* The longest plain text of cells that cover this column alone, in characters; by_word: the
 * longest word of it, since that cannot be parted. */
size_t rs_column_length(const struct rs_node *table, size_t column, int by_word);

/* The same of the rows of the head alone, or of all but these. */
size_t rs_column_longest(const struct rs_node *table, size_t column, int in_head, int by_word);

#endif
