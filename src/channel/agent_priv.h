/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The requests to an agent; each as its entry in struct rs_channel_ops. */
#ifndef RESTUDY_CHANNEL_AGENT_PRIV_H
#define RESTUDY_CHANNEL_AGENT_PRIV_H

#include "channel_priv.h"
#include "stream_priv.h"

/* When an agent that has only to answer has been silent for too long. */
int64_t rs_agent_patience(const struct rs_channel *ch);

int rs_agent_run(struct rs_channel *ch, const struct rs_exec *x, struct rs_buf *out,
		 struct rs_buf *said, struct rs_cmd_result *ret, struct rs_err *err);
int rs_agent_push(struct rs_channel *ch, const char *from, const char *to, unsigned mode,
		  struct rs_err *err);
int rs_agent_pull(struct rs_channel *ch, const char *from, const char *to, size_t max,
		  struct rs_err *err);
int rs_agent_pull_tree(struct rs_channel *ch, const char *from, const char *to, size_t max,
		       struct rs_err *err);

/* Records what an ERROR frame says.  Returns -1. */
int rs_agent_refusal(struct rs_channel *ch, const struct rs_wire_frame *f, struct rs_err *err);

/* Sends a CANCEL. */
int rs_agent_cancel(struct rs_channel *ch, struct rs_err *err) RS_MUST_CHECK;

#endif
