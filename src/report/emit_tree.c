/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree as text, one node a line: for tests, and to see what a template made. */
#include "emit_priv.h"

#include "restudy/base/mem.h"

static const char *role_name(enum rs_row_role r)
{
	static const char *const names[] = {
		[RS_ROW_BODY] = "body", [RS_ROW_HEAD] = "head", [RS_ROW_UNDER] = "under",
		[RS_ROW_GROUP] = "group",
	};
	_Static_assert(RS_COUNT(names) == RS_ROW_LAST, "name every role");

	return names[r];
}

static void quoted(struct rs_buf *out, const char *s)
{
	rs_buf_addc(out, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			rs_buf_addc(out, '\\');
		if (*s == '\n')
			rs_buf_adds(out, "\\n");
		else
			rs_buf_addc(out, *s);
	}
	rs_buf_addc(out, '"');
}

static void node_line(struct rs_emitter *e, const struct rs_node *n)
{
	for (int i = 0; i < e->depth; i++)
		rs_buf_adds(e->out, "  ");
	rs_buf_adds(e->out, rs_node_kind_name(n->kind));
	if (n->id != NULL)
		rs_buf_addf(e->out, " #%s", n->id);
	if (n->kind == RS_NODE_SECTION)
		rs_buf_addf(e->out, " level=%d", n->level);
	if (n->kind == RS_NODE_ROW)
		rs_buf_addf(e->out, " %s", role_name(n->role));
	if (n->kind == RS_NODE_CELL && n->span != 1)
		rs_buf_addf(e->out, " span=%d", n->span);
	if (n->kind == RS_NODE_BADGE || n->kind == RS_NODE_CALLOUT)
		rs_buf_addf(e->out, " %s", rs_tone_name(n->tone));
	if (n->label != NULL) {
		rs_buf_adds(e->out, " label=");
		quoted(e->out, n->label);
	}
	if (n->target != NULL) {
		rs_buf_adds(e->out, " to=");
		quoted(e->out, n->target);
	}
	if (n->picture != NULL)
		rs_buf_addf(e->out, " picture=%s", n->picture->id);
	if (n->text != NULL) {
		rs_buf_addc(e->out, ' ');
		quoted(e->out, n->text);
	}
	rs_buf_addc(e->out, '\n');
	e->depth++;
	for (const struct rs_node *c = n->first; c != NULL; c = c->next)
		node_line(e, c);
	e->depth--;
}

int rs_emit_tree(const struct rs_document *d, struct rs_buf *out, struct rs_err *err)
{
	struct rs_emitter e = { .d = d, .out = out };

	rs_buf_addf(out, "document %s ", d->language);
	quoted(out, d->title);
	rs_buf_addc(out, '\n');
	e.depth = 1;
	for (const struct rs_node *c = d->root->first; c != NULL; c = c->next)
		node_line(&e, c);
	return rs_buf_check(out, err);
}
