/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The agent's side of one byte stream: frames in and out, and the signals that
 * end it.  Descriptors are non-blocking; "gone" means that the client has left
 * (or that the agent was told to end) and nothing more can be read or written.
 */
#ifndef RESTUDY_AGENT_CONN_PRIV_H
#define RESTUDY_AGENT_CONN_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/channel/wire.h"

struct rs_conn {
	int in, out;		/* borrowed; the same one for sockets and devices */
	int signals;		/* signalfd of SIGCHLD and of the signals that end the agent */
	int greeted;		/* a HELLO was answered; anything else is skipped before */
	int gone;
	int quit;		/* a signal asks the agent to end */
	int child_ended;	/* SIGCHLD was seen; the reader clears it */
	int owes_greeting;	/* the answer to nonce has not left */
	unsigned char nonce[RS_WIRE_NONCE];
	unsigned char *ibuf;	/* RS_WIRE_FRAME_MAX bytes; [istart, iend) is not parsed yet */
	size_t istart, iend;
	unsigned char *obuf;	/* 2 * RS_WIRE_FRAME_MAX bytes; [ostart, oend) is not sent yet */
	size_t ostart, oend;
};

/* Takes over in and out (made non-blocking); the caller still closes them.  0 or -1. */
int rs_conn_init(struct rs_conn *c, int in, int out);
void rs_conn_release(struct rs_conn *c);

/*
 * Goes on after the end of file of a device: forgets what was not sent.  What was read
 * stays, with the state: a port tells late that the last client has left, when the next
 * one may have spoken already; what is left of the last one ends at the next one's HELLO.
 */
void rs_conn_resume(struct rs_conn *c);

/* Reads what is there without waiting. */
void rs_conn_fill(struct rs_conn *c);

/* Reads pending signals into quit, gone and child_ended. */
void rs_conn_signals(struct rs_conn *c);

/* The next whole frame that was read: 1, or 0 when there is none.  Its payload is
 * valid until the next rs_conn_fill or rs_conn_receive. */
int rs_conn_next(struct rs_conn *c, struct rs_wire_frame *f);

/* Puts the frame back that rs_conn_next gave last. */
void rs_conn_unread(struct rs_conn *c, const struct rs_wire_frame *f);

/* Waits for a frame: 0, or -1 when gone. */
int rs_conn_receive(struct rs_conn *c, struct rs_wire_frame *f);

/* Space for a payload of RS_WIRE_PAYLOAD_MAX bytes; waits until earlier frames have
 * left.  NULL when gone. */
unsigned char *rs_conn_space(struct rs_conn *c);
/* Makes a frame of the n bytes that were put there. */
void rs_conn_commit(struct rs_conn *c, uint32_t type, size_t n);

/* Sends as much as the stream takes without waiting. */
void rs_conn_push(struct rs_conn *c);
/* Sends everything: 0, or -1 when gone. */
int rs_conn_flush(struct rs_conn *c);

/* Whole answers; the client's absence shows at the next receive. */
void rs_conn_error(struct rs_conn *c, enum rs_wire_error code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void rs_conn_end(struct rs_conn *c, uint64_t total);
void rs_conn_empty(struct rs_conn *c, uint32_t type);

/* Whether the client wants the request that is being answered to end: a CANCEL
 * (consumed), a HELLO (left unread), or its absence. */
int rs_conn_interrupted(struct rs_conn *c);

#endif
