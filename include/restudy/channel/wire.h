/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words that a channel and restudy-agent exchange over one byte stream.
 * Both sides include this header and nothing else of each other.
 *
 * A frame is a header of three little-endian 32-bit numbers (magic, type, length
 * of the payload) and the payload, at most 64 KiB.  Numbers in payloads are little
 * endian; a text is its length in 32 bits, its bytes, and a NUL that is not counted.
 *
 * One request at a time.  The client starts with RS_WIRE_FILLER zero bytes and a
 * HELLO: whatever half frame an earlier client left in the stream is filled up by
 * the zeros, which are then no frame, so that the agent looks for a HELLO.  The
 * agent echoes the nonce, so that the client knows which bytes are meant for it.
 *
 *   HELLO nonce version              -> WELCOME nonce version
 *   RUN timeout_ns output_max stdin_len cwd argv env, STDIN...
 *                                    -> (STDOUT | STDERR | MORE)... EXIT | ERROR
 *   PUSH mode size path, DATA..., END total
 *                                    -> OK | ERROR
 *   PULL max path                    -> DATA... END total | ERROR
 *   PULL_TREE max path               -> (FILE name, DATA...)... END total | ERROR
 *   CANCEL                           -> nothing of its own: the request ends early
 *
 * Standard input goes in frames of at most 64 KiB; each after the first waits for a
 * MORE, so that a CANCEL is never stuck behind bytes that a command does not read.
 */
#ifndef RESTUDY_CHANNEL_WIRE_H
#define RESTUDY_CHANNEL_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define RS_WIRE_MAGIC	    0x47415352u /* "RSAG" in the stream */
#define RS_WIRE_VERSION	    1u
#define RS_WIRE_HEADER	    12u
#define RS_WIRE_PAYLOAD_MAX 65536u
#define RS_WIRE_FRAME_MAX   (RS_WIRE_HEADER + RS_WIRE_PAYLOAD_MAX)
#define RS_WIRE_FILLER	    RS_WIRE_FRAME_MAX
#define RS_WIRE_NONCE	    16u
#define RS_WIRE_GREETING    (RS_WIRE_NONCE + 4u) /* payload of HELLO and WELCOME */
#define RS_WIRE_ABORT	    UINT64_MAX /* as END's total: forget what was sent */

enum rs_wire_type {
	RS_WIRE_HELLO = 1,
	RS_WIRE_RUN,
	RS_WIRE_STDIN,
	RS_WIRE_CANCEL,
	RS_WIRE_PUSH,
	RS_WIRE_PULL,
	RS_WIRE_PULL_TREE,
	RS_WIRE_DATA,		/* both ways */
	RS_WIRE_END,		/* both ways */
	RS_WIRE_WELCOME,
	RS_WIRE_STDOUT,
	RS_WIRE_STDERR,
	RS_WIRE_MORE,
	RS_WIRE_EXIT,
	RS_WIRE_OK,
	RS_WIRE_FILE,
	RS_WIRE_ERROR,
	RS_WIRE_LAST
};

/* ERROR's first number; a text follows it. */
enum rs_wire_error {
	RS_WIRE_ERR_FAILED = 1,
	RS_WIRE_ERR_MISSING,	/* there is no such program */
	RS_WIRE_ERR_REQUEST,	/* the request is malformed */
	RS_WIRE_ERR_LAST
};

/* EXIT's flags: why the agent killed the process group. */
#define RS_WIRE_TIMED_OUT 1u
#define RS_WIRE_FLOODED	  2u
#define RS_WIRE_CANCELLED 4u
#define RS_WIRE_FLAGS	  7u

struct rs_wire_frame {
	uint32_t type;
	const unsigned char *payload;	/* borrowed from the parsed bytes */
	size_t len;
};

static inline uint32_t rs_wire_load32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t rs_wire_load64(const unsigned char *p)
{
	return (uint64_t)rs_wire_load32(p) | (uint64_t)rs_wire_load32(p + 4) << 32;
}

static inline void rs_wire_store32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (8 * i));
}

static inline void rs_wire_store64(unsigned char *p, uint64_t v)
{
	rs_wire_store32(p, (uint32_t)v);
	rs_wire_store32(p + 4, (uint32_t)(v >> 32));
}

/* Writes a header of RS_WIRE_HEADER bytes. */
static inline void rs_wire_head(unsigned char *p, uint32_t type, size_t len)
{
	rs_wire_store32(p, RS_WIRE_MAGIC);
	rs_wire_store32(p + 4, type);
	rs_wire_store32(p + 8, (uint32_t)len);
}

/* The frame at p: its size in bytes, 0 when more bytes are needed, -1 when it is none. */
static inline long rs_wire_parse(const unsigned char *p, size_t n, struct rs_wire_frame *ret)
{
	if (n < RS_WIRE_HEADER)
		return 0;
	ret->type = rs_wire_load32(p + 4);
	ret->len = rs_wire_load32(p + 8);
	ret->payload = p + RS_WIRE_HEADER;
	if (rs_wire_load32(p) != RS_WIRE_MAGIC || ret->type == 0 || ret->type >= RS_WIRE_LAST ||
	    ret->len > RS_WIRE_PAYLOAD_MAX)
		return -1;
	return n < RS_WIRE_HEADER + ret->len ? 0 : (long)(RS_WIRE_HEADER + ret->len);
}

/* How many of the n bytes at p can be skipped in search of a greeting of this type. */
static inline size_t rs_wire_skip(const unsigned char *p, size_t n, uint32_t type)
{
	unsigned char head[RS_WIRE_HEADER];
	size_t i = 0;

	rs_wire_head(head, type, RS_WIRE_GREETING);
	while (i < n) {
		const unsigned char *at = memchr(p + i, head[0], n - i);
		size_t left = at == NULL ? 0 : n - (size_t)(at - p);

		if (at == NULL)
			return n;
		i = (size_t)(at - p);
		if (memcmp(at, head, left < sizeof(head) ? left : sizeof(head)) == 0)
			return i;
		i++;
	}
	return n;
}

/* Reads a payload; the first number or text that is not there sets bad for good. */
struct rs_wire_in {
	const unsigned char *p;
	size_t left;
	int bad;
};

static inline uint64_t rs_wire_get(struct rs_wire_in *in, size_t size)
{
	uint64_t v = 0;

	if (in->bad || in->left < size) {
		in->bad = 1;
		return 0;
	}
	v = size == 8 ? rs_wire_load64(in->p) : rs_wire_load32(in->p);
	in->p += size;
	in->left -= size;
	return v;
}

static inline uint32_t rs_wire_get32(struct rs_wire_in *in)
{
	return (uint32_t)rs_wire_get(in, 4);
}

static inline uint64_t rs_wire_get64(struct rs_wire_in *in)
{
	return rs_wire_get(in, 8);
}

/* A text without a NUL inside, borrowed from the payload; "" when bad. */
static inline const char *rs_wire_get_text(struct rs_wire_in *in)
{
	const size_t len = rs_wire_get32(in);
	const char *s = (const char *)in->p;

	if (in->bad || in->left < 1 || len > in->left - 1 || s[len] != '\0' ||
	    memchr(s, '\0', len) != NULL) {
		in->bad = 1;
		return "";
	}
	in->p += len + 1;
	in->left -= len + 1;
	return s;
}

/* Writes a payload; what does not fit sets full for good. */
struct rs_wire_out {
	unsigned char *p;
	size_t cap, len;
	int full;
};

static inline void rs_wire_put_bytes(struct rs_wire_out *out, const void *bytes, size_t n)
{
	if (out->full || n > out->cap - out->len) {
		out->full = 1;
		return;
	}
	if (n > 0)
		memcpy(out->p + out->len, bytes, n);
	out->len += n;
}

static inline void rs_wire_put32(struct rs_wire_out *out, uint32_t v)
{
	unsigned char b[4];

	rs_wire_store32(b, v);
	rs_wire_put_bytes(out, b, sizeof(b));
}

static inline void rs_wire_put64(struct rs_wire_out *out, uint64_t v)
{
	unsigned char b[8];

	rs_wire_store64(b, v);
	rs_wire_put_bytes(out, b, sizeof(b));
}

static inline void rs_wire_put_text(struct rs_wire_out *out, const char *s)
{
	const size_t len = strlen(s);

	rs_wire_put32(out, len > UINT32_MAX ? UINT32_MAX : (uint32_t)len);
	rs_wire_put_bytes(out, s, len + 1);
}

#endif
