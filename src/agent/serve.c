/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One client's requests, in turn. */
#include "requests_priv.h"

/* Answers the last HELLO; what could not leave is owed to the client's return. */
static void greet(struct rs_conn *c)
{
	unsigned char *p = rs_conn_space(c);

	if (p == NULL)
		return;
	memcpy(p, c->nonce, RS_WIRE_NONCE);
	rs_wire_store32(p + RS_WIRE_NONCE, RS_WIRE_VERSION);
	rs_conn_commit(c, RS_WIRE_WELCOME, RS_WIRE_GREETING);
	c->owes_greeting = rs_conn_flush(c) < 0;
}

static void on_hello(struct rs_conn *c, const struct rs_wire_frame *f)
{
	if (f->len != RS_WIRE_GREETING)
		return;
	memcpy(c->nonce, f->payload, RS_WIRE_NONCE);
	c->owes_greeting = 1;
	c->greeted = 1;
	greet(c);
}

void rs_agent_serve(struct rs_conn *c)
{
	struct rs_wire_frame f;

	if (c->owes_greeting)
		greet(c);
	while (rs_conn_receive(c, &f) == 0) {
		if (f.type == RS_WIRE_HELLO)
			on_hello(c, &f);
		else if (f.type == RS_WIRE_RUN)
			rs_agent_run(c, &f);
		else if (f.type == RS_WIRE_PUSH)
			rs_agent_push(c, &f);
		else if (f.type == RS_WIRE_PULL)
			rs_agent_pull(c, &f);
		else if (f.type == RS_WIRE_PULL_TREE)
			rs_agent_pull_tree(c, &f);
		/* The rest belongs to a request that has ended: CANCEL, STDIN. */
	}
}
