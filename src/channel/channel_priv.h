/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every kind of channel is made of. */
#ifndef RESTUDY_CHANNEL_PRIV_H
#define RESTUDY_CHANNEL_PRIV_H

#include "restudy/base/buf.h"
#include "restudy/channel.h"

struct rs_stream;

/* As the public functions, whose arguments were checked before. */
struct rs_channel_ops {
	/* out gets stdout, said gets stderr, each unless NULL */
	int (*run)(struct rs_channel *ch, const struct rs_exec *x, struct rs_buf *out,
		   struct rs_buf *said, struct rs_cmd_result *ret, struct rs_err *err);
	int (*push)(struct rs_channel *ch, const char *from, const char *to, unsigned mode,
		    struct rs_err *err);
	int (*pull)(struct rs_channel *ch, const char *from, const char *to, size_t max,
		    struct rs_err *err);
	int (*pull_tree)(struct rs_channel *ch, const char *from, const char *to, size_t max,
			 struct rs_err *err);
};

struct rs_channel {
	const struct rs_channel_ops *ops;
	char *name;			/* owned */
	struct rs_stream *stream;	/* owned; NULL for the local kind */
	double patience_s;
};

/* Speaks to the agent at the other end of stream, which is taken over even on
 * failure (NULL gives NULL: err is recorded already).  name is copied. */
struct rs_channel *rs_channel_over(struct rs_stream *stream, const char *name, struct rs_err *err)
	RS_MUST_CHECK;

/* Whether the agent may name a file so: "a/b" of plain names, bounded. */
int rs_channel_is_tree_name(const char *name);

extern const struct rs_channel_ops rs_channel_agent_ops;

#endif
