/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client's side of a byte stream to an agent: frames out and in, each wait with
 * a deadline by rs_clock_ns.  After a failure the stream is dead and every call fails.
 */
#ifndef RESTUDY_CHANNEL_STREAM_PRIV_H
#define RESTUDY_CHANNEL_STREAM_PRIV_H

#include <stdint.h>
#include <sys/types.h>

#include "restudy/base/err.h"
#include "restudy/channel/wire.h"

struct rs_stream;

/* Takes fd (a connected stream socket) and, of a program, its process and stderr
 * (else 0 and -1) over, even on failure.  name is borrowed for error texts, copied. */
struct rs_stream *rs_stream_new(int fd, pid_t pid, int stderr_fd, const char *name,
				struct rs_err *err) RS_MUST_CHECK;
/* Closes; a program that does not end by itself is killed. */
void rs_stream_free(struct rs_stream *s);
void rs_stream_freep(struct rs_stream **s);
#define RS_AUTO_STREAM __attribute__((cleanup(rs_stream_freep))) struct rs_stream

/* Greets the agent, again and again until it answers; RS_ERR_TIMEOUT at the deadline. */
int rs_stream_greet(struct rs_stream *s, int64_t deadline_ns, struct rs_err *err) RS_MUST_CHECK;

/* Where the next payload is put, RS_WIRE_PAYLOAD_MAX bytes. */
struct rs_wire_out rs_stream_payload(struct rs_stream *s);
/* Sends the len bytes that were put there. */
int rs_stream_send(struct rs_stream *s, enum rs_wire_type type, size_t len, int64_t deadline_ns,
		   struct rs_err *err) RS_MUST_CHECK;

enum rs_stream_stop {
	RS_STREAM_IGNORE_STOP,
	RS_STREAM_WATCH_STOP,
};

/* Watch, unless a stop was asked for already: what is done after that cleans up. */
enum rs_stream_stop rs_stream_stop_mode(void);

/* Waits for a frame: 0; 1 when a stop is asked for (only when watched); -1 with err.
 * The payload is valid until the next call. */
int rs_stream_receive(struct rs_stream *s, enum rs_stream_stop stop, int64_t deadline_ns,
		      struct rs_wire_frame *f, struct rs_err *err) RS_MUST_CHECK;

/* Ends the use of the stream: the agent broke the protocol.  Returns -1. */
int rs_stream_violation(struct rs_stream *s, const char *what, struct rs_err *err);

/* rs_clock_ns() + seconds, without overflow. */
int64_t rs_stream_deadline(double seconds);

/* Starts a program with both ends of its speech on one socket.  A dead NULL with err
 * when it cannot be started. */
struct rs_stream *rs_stream_program(const char *const *argv, const char *name, struct rs_err *err)
	RS_MUST_CHECK;

#endif
