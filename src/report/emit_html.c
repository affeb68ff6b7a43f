/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTML: one file that needs no other, readable without a style sheet. */
#include <string.h>

#include "emit_priv.h"
#include "escape_priv.h"
#include "restudy/base/number.h"

static void html_node(struct rs_emitter *e, const struct rs_node *n);

static void html_children(struct rs_emitter *e, const struct rs_node *n)
{
	for (const struct rs_node *c = n->first; c != NULL; c = c->next)
		html_node(e, c);
}

static void html_id(struct rs_emitter *e, const struct rs_node *n)
{
	if (n->id == NULL)
		return;
	rs_buf_adds(e->out, " id=\"");
	rs_escape_html(e->out, n->id);
	rs_buf_addc(e->out, '"');
}

static void html_caption(struct rs_emitter *e, const struct rs_node *n)
{
	if (n->label != NULL) {
		rs_buf_adds(e->out, "<b>");
		rs_escape_html(e->out, n->label);
		rs_buf_adds(e->out, ".</b> ");
	}
	if (n->text != NULL)
		rs_escape_html(e->out, n->text);
}

static void html_section(struct rs_emitter *e, const struct rs_node *n)
{
	const int h = n->level + 1 > 6 ? 6 : n->level + 1;

	rs_buf_adds(e->out, "<section");
	html_id(e, n);
	rs_buf_addf(e->out, ">\n<h%d>", h);
	if (n->label != NULL) {
		rs_buf_adds(e->out, "<span class=\"no\">");
		rs_escape_html(e->out, n->label);
		rs_buf_adds(e->out, "</span> ");
	}
	rs_escape_html(e->out, n->text == NULL ? "" : n->text);
	rs_buf_addf(e->out, "</h%d>\n", h);
	html_children(e, n);
	rs_buf_adds(e->out, "</section>\n");
}

static void html_paragraph(struct rs_emitter *e, const struct rs_node *n)
{
	rs_buf_adds(e->out, "<p>");
	html_children(e, n);
	rs_buf_adds(e->out, "</p>\n");
}

static void html_callout(struct rs_emitter *e, const struct rs_node *n)
{
	rs_buf_addf(e->out, "<div class=\"callout %s\" role=\"note\">\n", rs_tone_name(n->tone));
	html_children(e, n);
	rs_buf_adds(e->out, "</div>\n");
}

static void html_list(struct rs_emitter *e, const struct rs_node *n)
{
	rs_buf_adds(e->out, "<ul>\n");
	html_children(e, n);
	rs_buf_adds(e->out, "</ul>\n");
}

static void html_item(struct rs_emitter *e, const struct rs_node *n)
{
	rs_buf_adds(e->out, "<li>");
	html_children(e, n);
	rs_buf_adds(e->out, "</li>\n");
}

/* The drawing alone: an SVG file's declaration and document type have no place inside. */
static void html_svg(struct rs_emitter *e, const struct rs_picture *p)
{
	const char *svg = strstr(p->svg, "<svg");

	char width[32];

	if (svg == NULL)
		return;
	if (p->has_own_width) {
		(void)rs_format_fixed(width, sizeof(width), p->width_pt, 2);
		rs_buf_addf(e->out, "<svg style=\"width:%spt;min-width:min(24rem,%spt);max-width:100%%\"",
			    width, width);
		svg += strlen("<svg");
	}
	rs_buf_add(e->out, svg, p->svg_bytes - (size_t)(svg - p->svg));
}

/* Where the numbers are from, for whoever looks for it. */
static void html_origin(struct rs_emitter *e, const struct rs_node *n)
{
	if (n->source == NULL)
		return;
	rs_buf_addf(e->out, " data-samples-sha256=\"%s\" data-query=\"", n->source);
	rs_escape_html(e->out, n->query == NULL ? "" : n->query);
	rs_buf_addc(e->out, '"');
}

static void html_figure(struct rs_emitter *e, const struct rs_node *n)
{
	rs_buf_adds(e->out, "<figure");
	html_id(e, n);
	html_origin(e, n);
	rs_buf_adds(e->out, ">\n");
	if (n->picture != NULL) {
		rs_buf_adds(e->out, "<div class=\"drawing\" tabindex=\"0\" role=\"group\" aria-label=\"");
		rs_escape_html(e->out, n->label == NULL ? n->picture->id : n->label);
		rs_buf_adds(e->out, "\">\n");
		html_svg(e, n->picture);
		rs_buf_adds(e->out, "</div>\n");
	}
	rs_buf_adds(e->out, "<figcaption>");
	html_caption(e, n);
	rs_buf_adds(e->out, "</figcaption>\n</figure>\n");
}

static int has_head(const struct rs_node *table)
{
	return table->first != NULL && table->first->kind == RS_NODE_ROW &&
	       table->first->role == RS_ROW_HEAD;
}

/* Rows of the head, of the body, then the notes: in that order in the tree. */
static void html_rows(struct rs_emitter *e, const struct rs_node *n)
{
	const struct rs_node *c = n->first;

	if (has_head(n)) {
		rs_buf_adds(e->out, "<thead>\n");
		for (; c != NULL && c->kind == RS_NODE_ROW && c->role == RS_ROW_HEAD; c = c->next)
			html_node(e, c);
		rs_buf_adds(e->out, "</thead>\n");
	}
	rs_buf_adds(e->out, "<tbody>\n");
	for (; c != NULL && c->kind == RS_NODE_ROW; c = c->next)
		html_node(e, c);
	rs_buf_adds(e->out, "</tbody>\n</table></div>\n");
	if (c == NULL)
		return;
	rs_buf_adds(e->out, "<div class=\"notes\">\n");
	for (; c != NULL; c = c->next)
		html_node(e, c);
	rs_buf_adds(e->out, "</div>\n");
}

static void html_table(struct rs_emitter *e, const struct rs_node *n)
{
	rs_buf_adds(e->out, "<figure class=\"table\"");
	html_id(e, n);
	html_origin(e, n);
	rs_buf_adds(e->out, ">\n");
	if (n->text != NULL || n->label != NULL) {
		rs_buf_adds(e->out, "<figcaption>");
		html_caption(e, n);
		rs_buf_adds(e->out, "</figcaption>\n");
	}
	rs_buf_adds(e->out, "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"");
	rs_escape_html(e->out, n->label != NULL ? n->label : n->text != NULL ? n->text
				       : rs_report_word(e->l, RS_WORD_TABLE));
	rs_buf_adds(e->out, "\"><table>\n");
	e->table = n;
	rs_column_numbers(n, e->l, e->numbers);
	html_rows(e, n);
	e->table = NULL;
	rs_buf_adds(e->out, "</figure>\n");
}

static void html_row(struct rs_emitter *e, const struct rs_node *n)
{
	static const char *const classes[] = {
		[RS_ROW_BODY] = "", [RS_ROW_HEAD] = "", [RS_ROW_UNDER] = " class=\"under\"",
		[RS_ROW_GROUP] = " class=\"group\"",
	};

	rs_buf_addf(e->out, "<tr%s>", classes[n->role]);
	html_children(e, n);
	rs_buf_adds(e->out, "</tr>\n");
}

static void html_number(struct rs_emitter *e, const struct rs_node *n, size_t whole, size_t width)
{
	struct rs_buf part = RS_BUF_INIT;

	rs_buf_add(&part, n->first->text, whole);
	rs_escape_html(e->out, rs_buf_str(&part));
	rs_emit_part(e->out, &part);
	if (width > 0) {
		rs_buf_addf(e->out, "<span class=\"f\" style=\"min-width:%zuch\">", width);
		rs_escape_html(e->out, n->first->text + whole);
		rs_buf_adds(e->out, "</span>");
	}
	for (const struct rs_node *c = n->first->next; c != NULL; c = c->next)
		html_node(e, c);
}

static void html_cell(struct rs_emitter *e, const struct rs_node *n)
{
	const size_t column = rs_cell_column(n);
	const enum rs_row_role role = n->parent->role;
	const enum rs_column align = e->table != NULL && column < e->table->n_columns
					     ? e->table->columns[column] : RS_COLUMN_LEFT;
	static const char *const classes[] = {
		[RS_COLUMN_LEFT] = "", [RS_COLUMN_NUMBER] = " class=\"n\"",
		[RS_COLUMN_CENTRE] = " class=\"c\"",
	};
	const char *tag = role == RS_ROW_HEAD || role == RS_ROW_GROUP ||
			  (column == 0 && role == RS_ROW_BODY) ? "th" : "td";
	const char *scope = tag[1] != 'h' ? "" : role == RS_ROW_HEAD
			    ? n->span > 1 ? " scope=\"colgroup\"" : " scope=\"col\""
			    : role == RS_ROW_GROUP ? " scope=\"rowgroup\"" : " scope=\"row\"";
	size_t whole, fraction;

	if (role == RS_ROW_HEAD && n->first == NULL)
		tag = "td", scope = "";
	rs_buf_addf(e->out, "<%s%s%s", tag, scope, n->span > 1 ? " class=\"c\"" : classes[align]);
	if (n->span > 1)
		rs_buf_addf(e->out, " colspan=\"%d\"", n->span);
	rs_buf_addc(e->out, '>');
	if (align == RS_COLUMN_NUMBER && role == RS_ROW_BODY &&
	    rs_cell_split(n, e->l, &whole, &fraction))
		html_number(e, n, whole, column < RS_NUMBER_COLUMNS
						  ? e->numbers[column].fraction_bytes : 0);
	else
		html_children(e, n);
	rs_buf_addf(e->out, "</%s>", tag);
}

static void html_table_note(struct rs_emitter *e, const struct rs_node *n)
{
	rs_buf_adds(e->out, "<p>");
	if (n->label != NULL) {
		rs_buf_adds(e->out, "<sup>");
		rs_escape_html(e->out, n->label);
		rs_buf_adds(e->out, "</sup> ");
	}
	html_children(e, n);
	rs_buf_adds(e->out, "</p>\n");
}

static void html_listing(struct rs_emitter *e, const struct rs_node *n)
{
	rs_buf_adds(e->out, "<figure class=\"listing\"");
	html_id(e, n);
	rs_buf_adds(e->out, ">\n");
	if (n->label != NULL || n->text != NULL) {
		rs_buf_adds(e->out, "<figcaption>");
		html_caption(e, n);
		rs_buf_adds(e->out, "</figcaption>\n");
	}
	rs_buf_adds(e->out, "<pre tabindex=\"0\"><code>");
	rs_escape_html(e->out, n->target == NULL ? "" : n->target);
	rs_buf_adds(e->out, "</code></pre>\n</figure>\n");
}

static void html_wrapped(struct rs_emitter *e, const struct rs_node *n, const char *tag)
{
	rs_buf_addf(e->out, "<%s>", tag);
	rs_escape_html(e->out, n->text);
	rs_buf_addf(e->out, "</%s>", tag);
}

static void html_text(struct rs_emitter *e, const struct rs_node *n)
{
	rs_escape_html(e->out, n->text);
}

static void html_emphasis(struct rs_emitter *e, const struct rs_node *n)
{
	html_wrapped(e, n, "em");
}

static void html_strong(struct rs_emitter *e, const struct rs_node *n)
{
	html_wrapped(e, n, "strong");
}

static void html_code(struct rs_emitter *e, const struct rs_node *n)
{
	html_wrapped(e, n, "code");
}

static void html_mark(struct rs_emitter *e, const struct rs_node *n)
{
	html_wrapped(e, n, "sup");
}

/* Only addresses of the web become links: a plan could hold "javascript:". */
static void html_link(struct rs_emitter *e, const struct rs_node *n)
{
	if (strncmp(n->target, "https://", 8) != 0 && strncmp(n->target, "http://", 7) != 0) {
		html_text(e, n);
		return;
	}
	rs_buf_adds(e->out, "<a href=\"");
	rs_escape_html(e->out, n->target);
	rs_buf_adds(e->out, "\" rel=\"noopener\">");
	rs_escape_html(e->out, n->text);
	rs_buf_adds(e->out, "</a>");
}

static void html_ref(struct rs_emitter *e, const struct rs_node *n)
{
	const struct rs_node *to = rs_document_find(e->d, n->target);

	rs_buf_adds(e->out, "<a href=\"#");
	rs_escape_html(e->out, n->target);
	rs_buf_adds(e->out, "\">");
	rs_escape_html(e->out, n->text[0] != '\0' ? n->text
			       : to != NULL && to->label != NULL ? to->label : n->target);
	rs_buf_adds(e->out, "</a>");
}

static void html_badge(struct rs_emitter *e, const struct rs_node *n)
{
	rs_buf_addf(e->out, "<span class=\"badge %s\">", rs_tone_name(n->tone));
	rs_escape_html(e->out, n->text);
	rs_buf_adds(e->out, "</span>");
}

static void html_node(struct rs_emitter *e, const struct rs_node *n)
{
	static rs_emit_fn *const emit[RS_NODE_LAST] = {
#define EMIT(upper, lower) [RS_NODE_##upper] = html_##lower,
		RS_NODE_KINDS(EMIT)
#undef EMIT
	};

	emit[n->kind](e, n);
}

static void html_contents(struct rs_emitter *e, const struct rs_node *n)
{
	int any = 0;

	for (const struct rs_node *c = n->first; c != NULL; c = c->next) {
		if (c->kind != RS_NODE_SECTION || c->level > 2)
			continue;
		rs_buf_adds(e->out, any ? "" : "<ol>\n");
		any = 1;
		rs_buf_adds(e->out, "<li><a href=\"#");
		rs_escape_html(e->out, c->id);
		rs_buf_addf(e->out, "\"><span class=\"no\">%s</span> ", c->label);
		rs_escape_html(e->out, c->text == NULL ? "" : c->text);
		rs_buf_adds(e->out, "</a>");
		html_contents(e, c);
		rs_buf_adds(e->out, "</li>\n");
	}
	rs_buf_adds(e->out, any ? "</ol>\n" : "");
}

static void html_title(struct rs_emitter *e)
{
	const struct rs_document *d = e->d;

	rs_buf_adds(e->out, "<header>\n<h1>");
	rs_escape_html(e->out, d->title);
	rs_buf_adds(e->out, "</h1>\n");
	if (d->subtitle != NULL) {
		rs_buf_adds(e->out, "<p class=\"subtitle\">");
		rs_escape_html(e->out, d->subtitle);
		rs_buf_adds(e->out, "</p>\n");
	}
	if (d->notice != NULL)
		html_node(e, d->notice);
	if (d->facts != NULL) {
		rs_buf_adds(e->out, "<dl>\n");
		for (const char *const *f = d->facts; f[0] != NULL; f += 2) {
			rs_buf_adds(e->out, "<div><dt>");
			rs_escape_html(e->out, f[0]);
			rs_buf_adds(e->out, "</dt><dd>");
			rs_escape_html(e->out, f[1]);
			rs_buf_adds(e->out, "</dd></div>\n");
		}
		rs_buf_adds(e->out, "</dl>\n");
	}
	rs_buf_adds(e->out, "</header>\n");
}

static void html_head(struct rs_emitter *e, const char *style)
{
	const struct rs_document *d = e->d;

	rs_buf_addf(e->out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
		    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		    "<meta name=\"color-scheme\" content=\"light dark\">\n"
		    "<link rel=\"icon\" href=\"data:,\">\n<title>", d->language);
	rs_escape_html(e->out, d->title);
	rs_buf_adds(e->out, "</title>\n");
	if (d->generator != NULL) {
		rs_buf_adds(e->out, "<meta name=\"generator\" content=\"");
		rs_escape_html(e->out, d->generator);
		rs_buf_adds(e->out, "\">\n");
	}
	rs_buf_adds(e->out, "<style>\n");
	rs_buf_adds(e->out, style);
	rs_buf_adds(e->out, "</style>\n</head>\n");
}

int rs_emit_html(const struct rs_document *d, const char *style, struct rs_buf *out,
		 struct rs_err *err)
{
	struct rs_emitter e = { .d = d, .out = out, .l = rs_language_of(d->language) };

	html_head(&e, style);
	rs_buf_adds(out, "<body>\n<a class=\"skip\" href=\"#main\">");
	rs_buf_adds(out, e.l == RS_LANGUAGE_DE ? "Zum Inhalt" : "Skip to the text");
	rs_buf_adds(out, "</a>\n");
	html_title(&e);
	rs_buf_addf(out, "<nav aria-label=\"%s\"><h2>%s</h2>\n", rs_report_word(e.l, RS_WORD_CONTENTS),
		    rs_report_word(e.l, RS_WORD_CONTENTS));
	html_contents(&e, d->root);
	rs_buf_adds(out, "</nav>\n<main id=\"main\">\n");
	html_children(&e, d->root);
	rs_buf_adds(out, "</main>\n");
	if (d->generator != NULL) {
		rs_buf_adds(out, "<footer><p>");
		rs_escape_html(out, d->generator);
		rs_buf_adds(out, "</p></footer>\n");
	}
	rs_buf_adds(out, "</body>\n</html>\n");
	return rs_buf_check(out, err);
}

void rs_emit_html_block(const struct rs_document *d, const struct rs_node *n, struct rs_buf *out)
{
	struct rs_emitter e = { .d = d, .out = out, .l = rs_language_of(d->language) };

	html_node(&e, n);
}
