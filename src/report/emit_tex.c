/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LaTeX for pdflatex: booktabs, longtable, graphicx, hyperref; figures by file name. */
#include <stdlib.h>
#include <string.h>

#include "emit_priv.h"
#include "escape_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"

/* Widest whole part, widest fraction, whole part, fraction: numbers stand at their decimal
 * signs.  In every table's file, so that it can be taken into another document. */
#define NUMBER_MACRO                                                                          \
	"\\providecommand{\\restudynumber}[4]{{\\setbox0\\hbox{#1}\\hbox to\\wd0{\\hss#3}"      \
	"\\setbox0\\hbox{#2}\\hbox to\\wd0{#4\\hss}}}\n"

static void tex_node(struct rs_emitter *e, const struct rs_node *n);

static void tex_children(struct rs_emitter *e, const struct rs_node *n)
{
	for (const struct rs_node *c = n->first; c != NULL; c = c->next)
		tex_node(e, c);
}

static void tex_label(struct rs_emitter *e, const struct rs_node *n)
{
	if (n->id != NULL && rs_text_length(n->id) == strlen(n->id) &&
	    strpbrk(n->id, "\\{}#%~^&$_ ") == NULL)
		rs_buf_addf(e->out, "\\label{%s}", n->id);
}

/* A caption with the study's own number, as the plan gives it. */
static void tex_caption_text(struct rs_emitter *e, const struct rs_node *n)
{
	if (n->label != NULL) {
		rs_buf_adds(e->out, "\\textbf{");
		rs_escape_tex(e->out, n->label);
		rs_buf_adds(e->out, ".} ");
	}
	if (n->text != NULL)
		rs_escape_tex(e->out, n->text);
}

static void tex_section(struct rs_emitter *e, const struct rs_node *n)
{
	static const char *const names[] = { "section", "section", "subsection", "subsubsection",
					     "paragraph" };

	if (n->appendix && n->level == 1)
		rs_buf_adds(e->out, "\\restudyappendix\n");
	rs_buf_addf(e->out, "\\%s{", names[n->level > 4 ? 4 : n->level]);
	rs_escape_tex(e->out, n->text == NULL ? "" : n->text);
	rs_buf_addc(e->out, '}');
	tex_label(e, n);
	rs_buf_adds(e->out, "\n\n");
	tex_children(e, n);
}

static void tex_paragraph(struct rs_emitter *e, const struct rs_node *n)
{
	tex_children(e, n);
	rs_buf_adds(e->out, "\n\n");
}

static void tex_callout(struct rs_emitter *e, const struct rs_node *n)
{
	rs_buf_adds(e->out, "\\begin{restudycallout}\n");
	tex_children(e, n);
	rs_buf_adds(e->out, "\\end{restudycallout}\n\n");
}

static void tex_list(struct rs_emitter *e, const struct rs_node *n)
{
	if (n->first == NULL)
		return;
	rs_buf_adds(e->out, "\\begin{itemize}\n");
	tex_children(e, n);
	rs_buf_adds(e->out, "\\end{itemize}\n\n");
}

static void tex_item(struct rs_emitter *e, const struct rs_node *n)
{
	rs_buf_adds(e->out, "\\item ");
	tex_children(e, n);
	rs_buf_addc(e->out, '\n');
}

/* As wide as the line, or as the plan says where that is less. */
static void tex_drawing(struct rs_emitter *e, const struct rs_picture *p)
{
	char width[32];

	rs_buf_adds(e->out, "\\includegraphics[width=");
	if (p->has_own_width) {
		(void)rs_format_fixed(width, sizeof(width), p->width_pt, 2);
		rs_buf_addf(e->out, "\\ifdim%sbp<\\linewidth %sbp\\else\\linewidth\\fi", width, width);
	} else {
		rs_buf_adds(e->out, "\\linewidth");
	}
	rs_buf_addf(e->out, ",height=0.8\\textheight,keepaspectratio]{figures/%s.pdf}\n", p->id);
}

/* Set where it stands: floats and tables over several pages do not go together. */
static void tex_figure(struct rs_emitter *e, const struct rs_node *n)
{
	rs_buf_adds(e->out, "\\noindent\\begin{minipage}{\\linewidth}\n\\centering\n");
	if (n->picture != NULL)
		tex_drawing(e, n->picture);
	rs_buf_adds(e->out, "\\captionof*{figure}{");
	tex_caption_text(e, n);
	rs_buf_addc(e->out, '}');
	tex_label(e, n);
	rs_buf_adds(e->out, "\n\\end{minipage}\n\n");
}

/* What a column of text is to have before a smaller size is taken. */
#define FAIR_COLUMN 26.0

/* Sizes of a table's text, with the characters that fit on its line. */
static const struct size {
	const char *name;
	double line;
} sizes[] = { { "\\small", 98 }, { "\\footnotesize", 110 }, { "\\scriptsize", 128 } };

#define MOST_COLUMNS 64

/* The head of a column that is not text is broken between words when it is wider than what
 * stands below it: the characters it gets then, or 0. */
static size_t broken_head(const struct rs_node *t, size_t column)
{
	const size_t body = rs_column_longest(t, column, 0, 0), word = rs_column_longest(t, column, 1, 1);
	const size_t room = body > word ? body : word;

	return rs_column_longest(t, column, 1, 0) > room ? room : 0;
}

/* Characters a column takes at least, and at most. */
static void column_needs(const struct rs_node *t, size_t column, double *least, double *most)
{
	const size_t all = rs_column_length(t, column, 0);
	const size_t word = rs_column_length(t, column, 1);
	const size_t broken = t->columns[column] != RS_COLUMN_LEFT ? broken_head(t, column) : 0;

	/* bold letters are wider */
	*most = broken > 0 ? 1.3 * (double)broken : all < 3 ? 3 : (double)all;
	*least = t->columns[column] != RS_COLUMN_LEFT ? *most : word < 3 ? 3 : (double)word;
}

static const struct size *size_of(const struct rs_node *t)
{
	double sum = 0;
	size_t i = 0;

	for (size_t k = 0; k < t->n_columns; k++) {
		double least, most;

		column_needs(t, k, &least, &most);
		if (t->columns[k] == RS_COLUMN_LEFT && most > FAIR_COLUMN)
			most = least > FAIR_COLUMN ? least : FAIR_COLUMN;
		sum += most + 2;
	}
	while (i + 1 < RS_COUNT(sizes) && sum > sizes[i].line)
		i++;
	return &sizes[i];
}

/* Shares the line among the columns by the characters of their cells; 0: all fits as it
 * is, or memory was refused. */
static int tex_widths(struct rs_emitter *e, const struct rs_node *n, double line, double *width)
{
	double least, most, sum = 0, *natural;
	size_t rows = 0, row = 0;

	for (size_t i = 0; i < n->n_columns; i++) {
		column_needs(n, i, &least, &most);
		width[i] = least + 2;
		sum += most + 2;
	}
	if (sum <= line)
		return 0;
	for (const struct rs_node *r = n->first; r != NULL; r = r->next)
		rows += r->kind == RS_NODE_ROW;
	natural = rs_alloc(rows * n->n_columns, sizeof(*natural), NULL);
	if (natural == NULL) {
		e->out->failed = 1;
		return 0;
	}
	for (const struct rs_node *r = n->first; r != NULL; r = r->next) {
		size_t column = 0;

		for (const struct rs_node *c = r->kind == RS_NODE_ROW ? r->first : NULL; c != NULL;
		     c = c->next) {
			const size_t length = rs_cell_length(c, 0) + 2;

			if (c->span == 1 && column < n->n_columns)
				natural[row * n->n_columns + column] = (double)length;
			column += (size_t)c->span;
		}
		row += r->kind == RS_NODE_ROW;
	}
	rs_share_widths(natural, rows, n->n_columns, line, width);
	free(natural);
	return 1;
}

/* Numbers are centred, each in a box that puts its decimal sign where the others have
 * theirs; when all does not fit on a line, columns of text share what is left of it. */
static void tex_columns(struct rs_emitter *e, const struct rs_node *n, double line)
{
	double width[MOST_COLUMNS], least, most;
	const int shared = n->n_columns <= MOST_COLUMNS && tex_widths(e, n, line, width);

	for (size_t i = 0; i < n->n_columns; i++) {
		column_needs(n, i, &least, &most);
		if (n->columns[i] != RS_COLUMN_LEFT)
			rs_buf_addc(e->out, 'c');
		else if (!shared || width[i] >= most + 2)
			rs_buf_addc(e->out, 'l');
		else
			rs_buf_addf(e->out, ">{\\raggedright\\arraybackslash}p{0.%03d\\linewidth}",
				    (int)((width[i] - 2) / line * 985));
	}
}

static const struct rs_node *first_body(const struct rs_node *n)
{
	const struct rs_node *c = n->first;

	while (c != NULL && c->kind == RS_NODE_ROW && c->role == RS_ROW_HEAD)
		c = c->next;
	return c;
}

/* The head is said twice: for the first page, below the caption, and for the others. */
static void tex_head(struct rs_emitter *e, const struct rs_node *n, const struct rs_node *body,
		     const char *end)
{
	rs_buf_adds(e->out, "\\toprule\n");
	for (const struct rs_node *c = n->first; c != body; c = c->next)
		tex_node(e, c);
	if (body != n->first)
		rs_buf_adds(e->out, "\\midrule\n");
	rs_buf_adds(e->out, end);
}

static void tex_table(struct rs_emitter *e, const struct rs_node *n)
{
	const struct rs_node *body = first_body(n);
	const struct size *size = size_of(n);

	e->table = n;
	rs_column_numbers(n, e->l, e->numbers);
	rs_buf_addf(e->out, "{%s\n\\begin{longtable}{@{}", size->name);
	tex_columns(e, n, size->line);
	rs_buf_adds(e->out, "@{}}\n");
	if (n->label != NULL || n->text != NULL) {
		rs_buf_adds(e->out, "\\caption*{");
		tex_caption_text(e, n);
		rs_buf_addc(e->out, '}');
		tex_label(e, n);
		rs_buf_adds(e->out, "\\\\\n");
	}
	tex_head(e, n, body, "\\endfirsthead\n");
	tex_head(e, n, body, "\\endhead\n");
	rs_buf_adds(e->out, "\\bottomrule\n\\endfoot\n");
	for (; body != NULL && body->kind == RS_NODE_ROW; body = body->next)
		tex_node(e, body);
	rs_buf_adds(e->out, "\\end{longtable}\n}\n");
	e->table = NULL;
	if (body != NULL)
		rs_buf_adds(e->out, "\\begin{restudynotes}\n");
	for (const struct rs_node *c = body; c != NULL; c = c->next)
		tex_node(e, c);
	if (body != NULL)
		rs_buf_adds(e->out, "\\end{restudynotes}\n");
	rs_buf_addc(e->out, '\n');
}

/* The thin rule under a head that covers several columns. */
static void tex_span_rules(struct rs_emitter *e, const struct rs_node *n)
{
	size_t column = 1;

	for (const struct rs_node *c = n->first; c != NULL; c = c->next) {
		if (c->span > 1)
			rs_buf_addf(e->out, "\\cmidrule(lr){%zu-%zu}\n", column,
				    column + (size_t)c->span - 1);
		column += (size_t)c->span;
	}
}

static void tex_row(struct rs_emitter *e, const struct rs_node *n)
{
	for (const struct rs_node *c = n->first; c != NULL; c = c->next) {
		tex_node(e, c);
		if (c->next != NULL)
			rs_buf_adds(e->out, " & ");
	}
	rs_buf_adds(e->out, " \\\\\n");
	if (n->role == RS_ROW_HEAD)
		tex_span_rules(e, n);
}

static void tex_part(struct rs_emitter *e, const char *text, size_t bytes)
{
	struct rs_buf part = RS_BUF_INIT;

	rs_buf_addc(e->out, '{');
	rs_buf_add(&part, text, bytes);
	rs_escape_tex(e->out, rs_buf_str(&part));
	rs_emit_part(e->out, &part);
	rs_buf_addc(e->out, '}');
}

static void tex_cell_number(struct rs_emitter *e, const struct rs_node *n, size_t column,
			    size_t whole)
{
	const struct rs_numbers *widest = &e->numbers[column];

	rs_buf_adds(e->out, "\\restudynumber");
	tex_part(e, widest->whole, widest->whole_bytes);
	tex_part(e, widest->fraction, widest->fraction_bytes);
	tex_part(e, n->first->text, whole);
	rs_buf_addc(e->out, '{');
	rs_escape_tex(e->out, n->first->text + whole);
	if (n->first->next != NULL) {
		rs_buf_adds(e->out, "\\rlap{");
		for (const struct rs_node *c = n->first->next; c != NULL; c = c->next)
			tex_node(e, c);
		rs_buf_addc(e->out, '}');
	}
	rs_buf_addc(e->out, '}');
}

static void tex_cell(struct rs_emitter *e, const struct rs_node *n)
{
	const enum rs_row_role role = n->parent->role;
	const int head = role == RS_ROW_HEAD || role == RS_ROW_GROUP;
	const size_t column = rs_cell_column(n);
	size_t whole, fraction, broken = 0;
	int closing = 0;

	if (role == RS_ROW_BODY && column < e->table->n_columns && column < RS_NUMBER_COLUMNS &&
	    e->table->columns[column] == RS_COLUMN_NUMBER &&
	    rs_cell_split(n, e->l, &whole, &fraction)) {
		tex_cell_number(e, n, column, whole);
		return;
	}
	if (n->span > 1) {
		rs_buf_addf(e->out, "\\multicolumn{%d}{%s}{", n->span,
			    role == RS_ROW_GROUP || column == 0 ? "@{}l" : "c");
		closing++;
	} else if (role == RS_ROW_HEAD && e->table->columns[column] != RS_COLUMN_LEFT) {
		broken = broken_head(e->table, column);
	}
	if (broken > 0) {
		rs_buf_addf(e->out, "\\multicolumn{1}{>{\\centering\\arraybackslash}b{%.1fem}}{",
			    0.55 * (double)broken);
		closing++;
	}
	if (head) {
		rs_buf_adds(e->out, "\\textbf{");
		closing++;
	} else if (role == RS_ROW_UNDER) {
		rs_buf_adds(e->out, "{\\scriptsize ");
		closing++;
	}
	tex_children(e, n);
	while (closing-- > 0)
		rs_buf_addc(e->out, '}');
}

static void tex_table_note(struct rs_emitter *e, const struct rs_node *n)
{
	if (n->label != NULL) {
		rs_buf_adds(e->out, "\\textsuperscript{");
		rs_escape_tex(e->out, n->label);
		rs_buf_adds(e->out, "}~");
	}
	tex_children(e, n);
	rs_buf_adds(e->out, "\\par\n");
}

/* Characters of a listing's line; longer ones go on below. */
#define LISTING_LINE 88

static void tex_code_line(struct rs_emitter *e, const char *line, size_t bytes)
{
	struct rs_buf piece = RS_BUF_INIT;
	size_t chars = 0;
	int n;

	rs_buf_adds(e->out, "\\restudycode{");
	for (const char *p = line; p < line + bytes; p += n) {
		(void)rs_text_next(p, &n);
		rs_buf_add(&piece, p, (size_t)n);
		if (++chars == LISTING_LINE && p + n < line + bytes) {
			rs_escape_tex_code(e->out, rs_buf_str(&piece));
			rs_buf_adds(e->out, "}\n\\restudycode{~~~~");
			e->out->failed |= piece.failed;
			rs_buf_clear(&piece);
			chars = 4;
		}
	}
	rs_escape_tex_code(e->out, rs_buf_str(&piece));
	rs_emit_part(e->out, &piece);
	rs_buf_adds(e->out, "}\n");
}

static void tex_listing(struct rs_emitter *e, const struct rs_node *n)
{
	const char *p = n->target == NULL ? "" : n->target;

	rs_buf_adds(e->out, "\\begin{restudylisting}\n");
	while (*p != '\0') {
		const size_t bytes = strcspn(p, "\n");

		tex_code_line(e, p, bytes);
		p += bytes + (p[bytes] == '\n');
	}
	rs_buf_adds(e->out, "\\end{restudylisting}\n");
	if (n->label != NULL || n->text != NULL) {
		rs_buf_adds(e->out, "\\begin{restudylistingcaption}");
		tex_label(e, n);
		rs_buf_adds(e->out, "\\textbf{");
		rs_escape_tex(e->out, n->label == NULL ? "" : n->label);
		rs_buf_adds(e->out, ".} ");
		rs_escape_tex(e->out, n->text == NULL ? "" : n->text);
		rs_buf_adds(e->out, "\\end{restudylistingcaption}\n");
	}
	rs_buf_addc(e->out, '\n');
}

static void tex_command(struct rs_emitter *e, const struct rs_node *n, const char *command)
{
	rs_buf_addf(e->out, "\\%s{", command);
	rs_escape_tex(e->out, n->text);
	rs_buf_addc(e->out, '}');
}

static void tex_text(struct rs_emitter *e, const struct rs_node *n)
{
	rs_escape_tex(e->out, n->text);
}

static void tex_emphasis(struct rs_emitter *e, const struct rs_node *n)
{
	tex_command(e, n, "emph");
}

static void tex_strong(struct rs_emitter *e, const struct rs_node *n)
{
	tex_command(e, n, "textbf");
}

static void tex_code(struct rs_emitter *e, const struct rs_node *n)
{
	rs_buf_adds(e->out, "\\texttt{");
	rs_escape_tex(e->out, n->text);
	rs_buf_addc(e->out, '}');
}

static void tex_mark(struct rs_emitter *e, const struct rs_node *n)
{
	tex_command(e, n, "textsuperscript");
}

/* hyperref takes an address as it is but for the characters that end an argument. */
static void tex_link(struct rs_emitter *e, const struct rs_node *n)
{
	if (strncmp(n->target, "https://", 8) != 0 && strncmp(n->target, "http://", 7) != 0) {
		tex_text(e, n);
		return;
	}
	rs_buf_adds(e->out, "\\href{");
	for (const char *p = n->target; *p != '\0'; p++) {
		if (strchr("%#&_~$", *p) != NULL)
			rs_buf_addf(e->out, "\\%c", *p);
		else if (strchr("\\{}^\"", *p) == NULL && (unsigned char)*p > 0x20 &&
			 (unsigned char)*p < 0x7F)
			rs_buf_addc(e->out, *p);
	}
	rs_buf_adds(e->out, "}{");
	rs_escape_tex(e->out, n->text);
	rs_buf_addc(e->out, '}');
}

static void tex_ref(struct rs_emitter *e, const struct rs_node *n)
{
	const struct rs_node *to = rs_document_find(e->d, n->target);

	rs_buf_addf(e->out, "\\hyperref[%s]{", n->target);
	rs_escape_tex(e->out, n->text[0] != '\0' ? n->text
			      : to != NULL && to->label != NULL ? to->label : n->target);
	rs_buf_addc(e->out, '}');
}

static void tex_badge(struct rs_emitter *e, const struct rs_node *n)
{
	tex_command(e, n, n->tone == RS_TONE_PLAIN ? "textrm" : "textbf");
}

static void tex_node(struct rs_emitter *e, const struct rs_node *n)
{
	static rs_emit_fn *const emit[RS_NODE_LAST] = {
#define EMIT(upper, lower) [RS_NODE_##upper] = tex_##lower,
		RS_NODE_KINDS(EMIT)
#undef EMIT
	};

	emit[n->kind](e, n);
}

static void tex_title(struct rs_emitter *e)
{
	const struct rs_document *d = e->d;

	rs_buf_adds(e->out, "\\title{");
	rs_escape_tex(e->out, d->title);
	if (d->subtitle != NULL) {
		rs_buf_adds(e->out, "\\\\{}\\large ");
		rs_escape_tex(e->out, d->subtitle);
	}
	rs_buf_adds(e->out, "}\n\\author{");
	rs_escape_tex(e->out, d->author == NULL ? "" : d->author);
	rs_buf_adds(e->out, "}\n\\date{");
	rs_escape_tex(e->out, d->date == NULL ? "" : d->date);
	rs_buf_adds(e->out, "}\n\\begin{document}\n\\maketitle\n");
	if (d->notice != NULL)
		tex_node(e, d->notice);
	if (d->facts != NULL) {
		rs_buf_adds(e->out, "\\begin{description}\n");
		for (const char *const *f = d->facts; f[0] != NULL; f += 2) {
			rs_buf_adds(e->out, "\\item[{");
			rs_escape_tex(e->out, f[0]);
			rs_buf_adds(e->out, "}] ");
			rs_escape_tex(e->out, f[1]);
			rs_buf_addc(e->out, '\n');
		}
		rs_buf_adds(e->out, "\\end{description}\n");
	}
	/* babel has no German words where its language files are not installed */
	rs_buf_addf(e->out, "\\renewcommand{\\contentsname}{%s}\n\\tableofcontents\n\\clearpage\n\n",
		    rs_report_word(e->l, RS_WORD_CONTENTS));
}

int rs_emit_tex(const struct rs_document *d, const char *preamble, struct rs_buf *out,
		struct rs_err *err)
{
	struct rs_emitter e = { .d = d, .out = out, .l = rs_language_of(d->language) };

	rs_buf_addf(out, "\\documentclass[a4paper,%s]{article}\n",
		    e.l == RS_LANGUAGE_DE ? "ngerman" : "english");
	rs_buf_adds(out, preamble);
	rs_buf_adds(out, NUMBER_MACRO);
	tex_title(&e);
	tex_children(&e, d->root);
	rs_buf_adds(out, "\\end{document}\n");
	return rs_buf_check(out, err);
}

void rs_emit_tex_block(const struct rs_document *d, const struct rs_node *n, struct rs_buf *out)
{
	struct rs_emitter e = { .d = d, .out = out, .l = rs_language_of(d->language) };

	rs_buf_adds(out, "% needs \\usepackage{array,booktabs,caption,longtable}\n" NUMBER_MACRO
			    "\\ifdefined\\restudynotes\\else\\newenvironment{restudynotes}"
			    "{\\par\\footnotesize\\noindent\\raggedright}{\\par\\medskip}\\fi\n");
	tex_node(&e, n);
}
