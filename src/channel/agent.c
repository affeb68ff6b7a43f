/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of a channel to an agent, and what its requests share. */
#include "agent_priv.h"

const struct rs_channel_ops rs_channel_agent_ops = {
	.run = rs_agent_run,
	.push = rs_agent_push,
	.pull = rs_agent_pull,
	.pull_tree = rs_agent_pull_tree,
};

int64_t rs_agent_patience(const struct rs_channel *ch)
{
	return rs_stream_deadline(ch->patience_s);
}

int rs_agent_refusal(struct rs_channel *ch, const struct rs_wire_frame *f, struct rs_err *err)
{
	struct rs_wire_in in = { f->payload, f->len, 0 };
	const uint32_t code = rs_wire_get32(&in);
	const char *text = rs_wire_get_text(&in);

	if (in.bad || in.left > 0 || code == 0 || code >= RS_WIRE_ERR_LAST)
		return rs_stream_violation(ch->stream, "an error without a text", err);
	return rs_err_set(err, code == RS_WIRE_ERR_MISSING ? RS_ERR_MACHINE : RS_ERR_FAILED,
			  "\"%s\": %.600s", ch->name, text);
}

int rs_agent_cancel(struct rs_channel *ch, struct rs_err *err)
{
	return rs_stream_send(ch->stream, RS_WIRE_CANCEL, 0, rs_agent_patience(ch), err);
}
