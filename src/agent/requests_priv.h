/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the agent does for a client: each answers its request completely. */
#ifndef RESTUDY_AGENT_REQUESTS_PRIV_H
#define RESTUDY_AGENT_REQUESTS_PRIV_H

#include "conn_priv.h"

void rs_agent_run(struct rs_conn *c, const struct rs_wire_frame *f);
void rs_agent_push(struct rs_conn *c, const struct rs_wire_frame *f);
void rs_agent_pull(struct rs_conn *c, const struct rs_wire_frame *f);
void rs_agent_pull_tree(struct rs_conn *c, const struct rs_wire_frame *f);

/* Answers requests until the client is gone. */
void rs_agent_serve(struct rs_conn *c);

#endif
