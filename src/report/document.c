/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Builds and checks the document tree. */
#include "document_priv.h"

#include <string.h>

#include "restudy/base/mem.h"

const char *rs_node_kind_name(enum rs_node_kind k)
{
	static const char *const names[] = {
#define NAME(upper, lower) [RS_NODE_##upper] = #lower,
		RS_NODE_KINDS(NAME)
#undef NAME
	};

	return k < RS_NODE_LAST ? names[k] : "?";
}

const char *rs_tone_name(enum rs_tone t)
{
	static const char *const names[] = {
		[RS_TONE_PLAIN] = "plain", [RS_TONE_GOOD] = "good", [RS_TONE_BAD] = "bad",
		[RS_TONE_OPEN] = "open",   [RS_TONE_WARN] = "warn",
	};
	_Static_assert(RS_COUNT(names) == RS_TONE_LAST, "name every tone");

	return t < RS_TONE_LAST ? names[t] : "?";
}

void rs_document_release(struct rs_document *d)
{
	rs_arena_release(&d->arena);
	d->root = NULL;
	d->notice = NULL;
}

struct rs_node *rs_node_detached(struct rs_document *d, enum rs_node_kind kind)
{
	struct rs_node *n = rs_arena_new(&d->arena, 1, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->kind = kind;
	n->span = 1;
	return n;
}

struct rs_node *rs_node_add(struct rs_document *d, struct rs_node *parent, enum rs_node_kind kind)
{
	struct rs_node *n;

	if (parent == NULL)
		return NULL;
	n = rs_node_detached(d, kind);
	if (n == NULL)
		return NULL;
	n->parent = parent;
	if (parent->last == NULL)
		parent->first = n;
	else
		parent->last->next = n;
	parent->last = n;
	if (kind == RS_NODE_SECTION)
		n->level = parent->level + 1;
	return n;
}

struct rs_node *rs_node_inline(struct rs_document *d, struct rs_node *parent,
			       enum rs_node_kind kind, const char *text)
{
	struct rs_node *n = rs_node_add(d, parent, kind);

	if (n != NULL)
		n->text = rs_arena_str(&d->arena, text == NULL ? "" : text);
	return n;
}

void rs_node_text(struct rs_document *d, struct rs_node *parent, const char *text)
{
	if (text != NULL && text[0] != '\0')
		(void)rs_node_inline(d, parent, RS_NODE_TEXT, text);
}

void rs_node_text_buf(struct rs_document *d, struct rs_node *parent, const struct rs_buf *text)
{
	if (text->failed)
		d->arena.failed = 1;
	rs_node_text(d, parent, rs_buf_str(text));
}

void rs_node_textf(struct rs_document *d, struct rs_node *parent, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = rs_arena_vprintf(&d->arena, fmt, ap);
	va_end(ap);
	rs_node_text(d, parent, text);
}

struct rs_node *rs_node_table(struct rs_document *d, struct rs_node *parent, const char *id,
			      const char *label, const char *caption,
			      const enum rs_column *columns, size_t n)
{
	struct rs_node *t = rs_node_add(d, parent, RS_NODE_TABLE);
	enum rs_column *copy;

	if (t == NULL)
		return NULL;
	copy = rs_arena_new(&d->arena, n, sizeof(*copy));
	if (copy == NULL)
		return NULL;
	memcpy(copy, columns, n * sizeof(*copy));
	t->columns = copy;
	t->n_columns = n;
	t->id = rs_arena_str(&d->arena, id);
	t->label = rs_arena_str(&d->arena, label);
	t->text = rs_arena_str(&d->arena, caption);
	return t;
}

struct rs_node *rs_node_row(struct rs_document *d, struct rs_node *table, enum rs_row_role role)
{
	struct rs_node *r = rs_node_add(d, table, RS_NODE_ROW);

	if (r != NULL)
		r->role = role;
	return r;
}

struct rs_node *rs_node_cell_span(struct rs_document *d, struct rs_node *row, const char *text,
				  int span)
{
	struct rs_node *c = rs_node_add(d, row, RS_NODE_CELL);

	if (c == NULL)
		return NULL;
	c->span = span;
	rs_node_text(d, c, text);
	return c;
}

struct rs_node *rs_node_cell(struct rs_document *d, struct rs_node *row, const char *text)
{
	return rs_node_cell_span(d, row, text, 1);
}

/* A section is worth its title when there is more below it than empty sections. */
static int has_content(const struct rs_node *n)
{
	for (const struct rs_node *c = n->first; c != NULL; c = c->next)
		if (c->kind != RS_NODE_SECTION || has_content(c))
			return 1;
	return 0;
}

static void drop_empty(struct rs_node *n)
{
	struct rs_node **link = &n->first, *last = NULL;

	while (*link != NULL) {
		struct rs_node *c = *link;

		if (c->kind == RS_NODE_SECTION && !has_content(c)) {
			*link = c->next;
			continue;
		}
		if (c->kind == RS_NODE_SECTION)
			drop_empty(c);
		last = c;
		link = &c->next;
	}
	n->last = last;
}

static void number_below(struct rs_document *d, struct rs_node *n)
{
	int count = 0, letters = 0;

	for (struct rs_node *c = n->first; c != NULL; c = c->next) {
		if (c->kind != RS_NODE_SECTION)
			continue;
		if (c->appendix && n->level == 0)
			c->label = rs_arena_printf(&d->arena, "%c", 'A' + letters++ % 26);
		else if (n->level == 0)
			c->label = rs_arena_printf(&d->arena, "%d", ++count);
		else
			c->label = rs_arena_printf(&d->arena, "%s.%d",
						   n->label == NULL ? "" : n->label, ++count);
		if (c->id == NULL)
			c->id = rs_arena_printf(&d->arena, "sec-%s",
						c->label == NULL ? "" : c->label);
		number_below(d, c);
	}
}

void rs_document_number(struct rs_document *d)
{
	if (d->root == NULL)
		return;
	drop_empty(d->root);
	number_below(d, d->root);
}

const struct rs_node *rs_node_next(const struct rs_node *n, const struct rs_node *root)
{
	if (n->first != NULL)
		return n->first;
	while (n != root && n->next == NULL)
		n = n->parent;
	return n == root || n == NULL ? NULL : n->next;
}

const struct rs_node *rs_document_find(const struct rs_document *d, const char *id)
{
	for (const struct rs_node *n = d->root; n != NULL; n = rs_node_next(n, d->root))
		if (n->id != NULL && strcmp(n->id, id) == 0)
			return n;
	return NULL;
}

int rs_document_check(const struct rs_document *d, struct rs_err *err)
{
	if (rs_arena_check(&d->arena, err) < 0)
		return -1;
	for (const struct rs_node *n = d->root; n != NULL; n = rs_node_next(n, d->root)) {
		if (n->id != NULL && rs_document_find(d, n->id) != n)
			return rs_err_set(err, RS_ERR_PLAN, "report: two parts have the id \"%s\"",
					  n->id);
		if (n->kind == RS_NODE_REF && rs_document_find(d, n->target) == NULL)
			return rs_err_set(err, RS_ERR_PLAN,
					  "report: a reference to \"%s\", which is not in the "
					  "document", n->target);
	}
	return 0;
}

void rs_node_plain(const struct rs_node *n, struct rs_buf *out)
{
	if (n->text != NULL)
		rs_buf_adds(out, n->text);
	for (const struct rs_node *c = n->first; c != NULL; c = c->next)
		rs_node_plain(c, out);
}
