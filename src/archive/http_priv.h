/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One HTTP request after the other to one server, with a secret in the header, and
 * with patience: what fails for a passing reason is tried again.
 */
#ifndef RS_ARCHIVE_HTTP_PRIV_H
#define RS_ARCHIVE_HTTP_PRIV_H

#include <stdint.h>

#include "restudy/base/buf.h"
#include "restudy/archive/deposit.h"

struct rs_http;

/* o is borrowed and outlives it.  Reads the token. */
struct rs_http *rs_http_open(const struct rs_deposit_options *o, struct rs_err *err) RS_MUST_CHECK;
void rs_http_close(struct rs_http *h);
void rs_http_closep(struct rs_http **h);
#define RS_AUTO_HTTP __attribute__((cleanup(rs_http_closep))) struct rs_http

struct rs_http_request {
	const char *method, *url;
	const char *content_type;	/* or NULL */
	const char *header;		/* one more header line, or NULL */
	const char *body;		/* from memory, or NULL */
	size_t n_body;
	int fd;				/* from this file when sends_file */
	int sends_file;
	uint64_t offset, length;	/* its part */
	uint64_t already, total;	/* for progress: bytes before this part, bytes in all */
	/* receives the body instead of the reply; a negative return ends it */
	int (*receive)(void *user, const char *bytes, size_t n);
	void *user;
	int attempt;			/* 0: repeated here; else the caller repeats, and this is which one */
};

struct rs_http_reply {
	long status;
	struct rs_buf body;		/* at most 4 MiB */
	int64_t length;			/* Content-Length, -1: not told */
};
void rs_http_reply_release(struct rs_http_reply *r);
#define RS_AUTO_REPLY __attribute__((cleanup(rs_http_reply_release))) struct rs_http_reply
#define RS_REPLY_INIT { 0, RS_BUF_INIT, -1 }

/*
 * 0 whenever the server answered for good, whatever it answered; -1 with err when it did
 * not, or asks for more patience than there is.
 */
int rs_http_send(struct rs_http *h, const struct rs_http_request *q, struct rs_http_reply *ret,
		 struct rs_err *err) RS_MUST_CHECK;

/* Waits before attempt number n (from 1) of something larger than a request; -1 when the server
 * asks for too long a wait or a stop was asked for. */
int rs_http_wait(struct rs_http *h, int attempt, struct rs_err *err) RS_MUST_CHECK;

/* Whether attempt number n, which ended with this reply of the last request, failed for a reason
 * that may pass, and another one is left. */
int rs_http_may_pass(const struct rs_http *h, const struct rs_http_reply *r, int attempt);

/* Requests that were repeated. */
int rs_http_repeated(const struct rs_http *h);

/* Records what an unexpected answer says, with what was tried and what to do. -1. */
int rs_http_unexpected(const struct rs_http *h, const struct rs_http_reply *r, const char *what,
		       struct rs_err *err);

#endif
