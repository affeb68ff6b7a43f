/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where clients reach the agent. */
#ifndef RESTUDY_AGENT_ENDPOINT_PRIV_H
#define RESTUDY_AGENT_ENDPOINT_PRIV_H

enum { RS_ENDPOINTS_MAX = 16 };	/* of one agent */

enum rs_endpoint_kind {
	RS_ENDPOINT_STDIO,
	RS_ENDPOINT_UNIX,	/* where: the socket's path */
	RS_ENDPOINT_TCP,	/* where: "ADDRESS:PORT", "[ADDRESS]:PORT" */
	RS_ENDPOINT_DEVICE,	/* where: a character device */
};

struct rs_endpoint {
	enum rs_endpoint_kind kind;
	const char *where;	/* borrowed */
};

/* Serves clients there.  Returns an exit status: of stdin and stdout when the
 * client has left, else when a signal asks for the end or nothing can work. */
int rs_endpoint_serve(const struct rs_endpoint *e);

#endif
