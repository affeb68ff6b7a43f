/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GitHub flavoured Markdown; figures by file name. */
#include <string.h>

#include "emit_priv.h"
#include "escape_priv.h"

static void md_node(struct rs_emitter *e, const struct rs_node *n);

static void md_children(struct rs_emitter *e, const struct rs_node *n)
{
	for (const struct rs_node *c = n->first; c != NULL; c = c->next)
		md_node(e, c);
}

static void md_anchor(struct rs_emitter *e, const struct rs_node *n)
{
	if (n->id == NULL)
		return;
	rs_buf_adds(e->out, "<a id=\"");
	rs_escape_html(e->out, n->id);
	rs_buf_adds(e->out, "\"></a>\n");
}

static void md_caption(struct rs_emitter *e, const struct rs_node *n)
{
	if (n->label != NULL) {
		rs_buf_adds(e->out, "**");
		rs_escape_md(e->out, n->label);
		rs_buf_adds(e->out, ".** ");
	}
	if (n->text != NULL)
		rs_escape_md(e->out, n->text);
	rs_buf_adds(e->out, "\n\n");
}

static void md_section(struct rs_emitter *e, const struct rs_node *n)
{
	md_anchor(e, n);
	rs_buf_addc(e->out, '\n');
	for (int i = 0; i <= n->level && i < 6; i++)
		rs_buf_addc(e->out, '#');
	rs_buf_addf(e->out, " %s%s", n->label == NULL ? "" : n->label, n->label == NULL ? "" : " ");
	rs_escape_md(e->out, n->text == NULL ? "" : n->text);
	rs_buf_adds(e->out, "\n\n");
	md_children(e, n);
}

static void md_paragraph(struct rs_emitter *e, const struct rs_node *n)
{
	md_children(e, n);
	rs_buf_adds(e->out, "\n\n");
}

static void md_callout(struct rs_emitter *e, const struct rs_node *n)
{
	for (const struct rs_node *c = n->first; c != NULL; c = c->next) {
		struct rs_buf text = RS_BUF_INIT;
		struct rs_emitter inner = *e;

		inner.out = &text;
		md_node(&inner, c);
		rs_buf_adds(e->out, "> ");
		for (const char *p = rs_buf_str(&text); *p != '\0'; p++) {
			if (p[0] == '\n' && p[1] == '\0')
				break;
			rs_buf_addc(e->out, *p);
			if (*p == '\n')
				rs_buf_adds(e->out, "> ");
		}
		rs_buf_addc(e->out, '\n');
		rs_emit_part(e->out, &text);
	}
	rs_buf_addc(e->out, '\n');
}

static void md_list(struct rs_emitter *e, const struct rs_node *n)
{
	md_children(e, n);
	rs_buf_addc(e->out, '\n');
}

static void md_item(struct rs_emitter *e, const struct rs_node *n)
{
	rs_buf_adds(e->out, "- ");
	md_children(e, n);
	rs_buf_addc(e->out, '\n');
}

static void md_figure(struct rs_emitter *e, const struct rs_node *n)
{
	md_anchor(e, n);
	if (n->picture != NULL) {
		rs_buf_adds(e->out, "\n![");
		rs_escape_md(e->out, n->picture->alternative == NULL ? ""
							      : n->picture->alternative);
		rs_buf_addf(e->out, "](figures/%s.svg)\n", n->picture->id);
	}
	rs_buf_addc(e->out, '\n');
	md_caption(e, n);
}

/* The text of a column's head: its cells in all head rows, one after the other. */
static void md_head_cell(struct rs_emitter *e, const struct rs_node *table, size_t column)
{
	int any = 0;

	for (const struct rs_node *r = table->first;
	     r != NULL && r->kind == RS_NODE_ROW && r->role == RS_ROW_HEAD; r = r->next) {
		for (const struct rs_node *c = r->first; c != NULL; c = c->next) {
			const size_t first = rs_cell_column(c);

			if (column < first || column >= first + (size_t)c->span || c->first == NULL)
				continue;
			rs_buf_adds(e->out, any ? ", " : " ");
			any = 1;
			md_children(e, c);
		}
	}
}

static void md_table_head(struct rs_emitter *e, const struct rs_node *n)
{
	for (size_t i = 0; i < n->n_columns; i++) {
		rs_buf_addc(e->out, '|');
		md_head_cell(e, n, i);
		rs_buf_addc(e->out, ' ');
	}
	rs_buf_adds(e->out, "|\n");
	for (size_t i = 0; i < n->n_columns; i++)
		rs_buf_adds(e->out, n->columns[i] == RS_COLUMN_NUMBER ? "| ---: "
				    : n->columns[i] == RS_COLUMN_CENTRE ? "| :---: " : "| --- ");
	rs_buf_adds(e->out, "|\n");
}

static void md_table(struct rs_emitter *e, const struct rs_node *n)
{
	md_anchor(e, n);
	rs_buf_addc(e->out, '\n');
	if (n->label != NULL || n->text != NULL)
		md_caption(e, n);
	e->in_table = 1;
	md_table_head(e, n);
	for (const struct rs_node *c = n->first; c != NULL; c = c->next)
		if (c->kind == RS_NODE_ROW && c->role != RS_ROW_HEAD)
			md_node(e, c);
	e->in_table = 0;
	rs_buf_addc(e->out, '\n');
	for (const struct rs_node *c = n->first; c != NULL; c = c->next)
		if (c->kind != RS_NODE_ROW)
			md_node(e, c);
}

static void md_row(struct rs_emitter *e, const struct rs_node *n)
{
	for (const struct rs_node *c = n->first; c != NULL; c = c->next)
		md_node(e, c);
	rs_buf_adds(e->out, "|\n");
}

static void md_cell(struct rs_emitter *e, const struct rs_node *n)
{
	const int bold = n->parent->role == RS_ROW_GROUP && n->first != NULL;

	rs_buf_adds(e->out, bold ? "| **" : "| ");
	md_children(e, n);
	rs_buf_adds(e->out, bold ? "** " : " ");
	for (int i = 1; i < n->span; i++)
		rs_buf_adds(e->out, "| ");
}

static void md_table_note(struct rs_emitter *e, const struct rs_node *n)
{
	if (n->label != NULL) {
		rs_buf_adds(e->out, "<sup>");
		rs_escape_md(e->out, n->label);
		rs_buf_adds(e->out, "</sup> ");
	}
	md_children(e, n);
	rs_buf_adds(e->out, "\n\n");
}

static void md_listing(struct rs_emitter *e, const struct rs_node *n)
{
	const char *code = n->target == NULL ? "" : n->target;
	size_t longest = 2, run = 0;

	md_anchor(e, n);
	rs_buf_addc(e->out, '\n');
	if (n->label != NULL || n->text != NULL)
		md_caption(e, n);
	for (const char *p = code; *p != '\0'; p++) {
		run = *p == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	for (size_t i = 0; i <= longest; i++)
		rs_buf_addc(e->out, '`');
	rs_buf_addc(e->out, '\n');
	rs_text_clean(e->out, code);
	if (code[0] != '\0' && code[strlen(code) - 1] != '\n')
		rs_buf_addc(e->out, '\n');
	for (size_t i = 0; i <= longest; i++)
		rs_buf_addc(e->out, '`');
	rs_buf_adds(e->out, "\n\n");
}

static void md_wrapped(struct rs_emitter *e, const struct rs_node *n, const char *mark)
{
	if (n->text[0] == '\0')
		return;
	rs_buf_adds(e->out, mark);
	rs_escape_md(e->out, n->text);
	rs_buf_adds(e->out, mark);
}

static void md_text(struct rs_emitter *e, const struct rs_node *n)
{
	rs_escape_md(e->out, n->text);
}

static void md_emphasis(struct rs_emitter *e, const struct rs_node *n)
{
	md_wrapped(e, n, "*");
}

static void md_strong(struct rs_emitter *e, const struct rs_node *n)
{
	md_wrapped(e, n, "**");
}

static void md_code(struct rs_emitter *e, const struct rs_node *n)
{
	if (n->text[0] == '\0')
		return;
	if (e->in_table)
		rs_escape_md_code(e->out, n->text);
	else
		rs_escape_md_code_plain(e->out, n->text);
}

static void md_mark(struct rs_emitter *e, const struct rs_node *n)
{
	rs_buf_adds(e->out, "<sup>");
	rs_escape_md(e->out, n->text);
	rs_buf_adds(e->out, "</sup>");
}

static void md_link(struct rs_emitter *e, const struct rs_node *n)
{
	if (strncmp(n->target, "https://", 8) != 0 && strncmp(n->target, "http://", 7) != 0) {
		md_text(e, n);
		return;
	}
	rs_buf_addc(e->out, '[');
	rs_escape_md(e->out, n->text);
	rs_buf_adds(e->out, "](<");
	for (const char *p = n->target; *p != '\0'; p++)
		if (strchr("<>\n\\|", *p) == NULL)
			rs_buf_addc(e->out, *p);
	rs_buf_adds(e->out, ">)");
}

static void md_ref(struct rs_emitter *e, const struct rs_node *n)
{
	const struct rs_node *to = rs_document_find(e->d, n->target);

	rs_buf_addc(e->out, '[');
	rs_escape_md(e->out, n->text[0] != '\0' ? n->text
			     : to != NULL && to->label != NULL ? to->label : n->target);
	rs_buf_addf(e->out, "](#%s)", n->target);
}

static void md_badge(struct rs_emitter *e, const struct rs_node *n)
{
	md_wrapped(e, n, n->tone == RS_TONE_PLAIN ? "" : "**");
}

static void md_node(struct rs_emitter *e, const struct rs_node *n)
{
	static rs_emit_fn *const emit[RS_NODE_LAST] = {
#define EMIT(upper, lower) [RS_NODE_##upper] = md_##lower,
		RS_NODE_KINDS(EMIT)
#undef EMIT
	};

	emit[n->kind](e, n);
}

static void md_title(struct rs_emitter *e)
{
	const struct rs_document *d = e->d;

	rs_buf_adds(e->out, "# ");
	rs_escape_md(e->out, d->title);
	rs_buf_adds(e->out, "\n\n");
	if (d->subtitle != NULL) {
		rs_escape_md(e->out, d->subtitle);
		rs_buf_adds(e->out, "\n\n");
	}
	if (d->notice != NULL)
		md_node(e, d->notice);
	if (d->facts == NULL)
		return;
	for (const char *const *f = d->facts; f[0] != NULL; f += 2) {
		rs_buf_adds(e->out, "- **");
		rs_escape_md(e->out, f[0]);
		rs_buf_adds(e->out, ":** ");
		rs_escape_md(e->out, f[1]);
		rs_buf_addc(e->out, '\n');
	}
	rs_buf_addc(e->out, '\n');
}

int rs_emit_md(const struct rs_document *d, struct rs_buf *out, struct rs_err *err)
{
	struct rs_emitter e = { .d = d, .out = out, .l = rs_language_of(d->language) };

	md_title(&e);
	md_children(&e, d->root);
	return rs_buf_check(out, err);
}

void rs_emit_md_block(const struct rs_document *d, const struct rs_node *n, struct rs_buf *out)
{
	struct rs_emitter e = { .d = d, .out = out, .l = rs_language_of(d->language) };

	md_node(&e, n);
}
