/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A growing byte buffer that is always NUL-terminated.  It is a sticky writer:
 * the calls that add return nothing; the first failure of memory is kept and later calls do
 * nothing, and rs_buf_check tells once at the end.
 */
#ifndef RESTUDY_BASE_BUF_H
#define RESTUDY_BASE_BUF_H

#include <stddef.h>

#include "restudy/base/err.h"

struct rs_buf {
	char *data;	/* owned; never NULL for a reader: use rs_buf_str */
	size_t len;	/* bytes without the NUL */
	size_t cap;
	int failed;	/* an addition was refused */
};

#define RS_BUF_INIT { NULL, 0, 0, 0 }

void rs_buf_add(struct rs_buf *b, const void *bytes, size_t n);
void rs_buf_adds(struct rs_buf *b, const char *s);
void rs_buf_addc(struct rs_buf *b, char c);
void rs_buf_addf(struct rs_buf *b, const char *fmt, ...) RS_PRINTF(2, 3);

/* The text so far, "" when empty; after a failure what was added before it.  Borrowed until the
 * next addition. */
const char *rs_buf_str(const struct rs_buf *b);

/* Forgets the content and a failure, keeps the memory. */
void rs_buf_clear(struct rs_buf *b);

/* Gives the text to the caller, who frees it with free().  NULL when failed. */
char *rs_buf_steal(struct rs_buf *b);

/* 0, or -1 with err filled when an addition was refused. */
int rs_buf_check(const struct rs_buf *b, struct rs_err *err) RS_MUST_CHECK;

/* Releases; a second call does nothing. */
void rs_buf_release(struct rs_buf *b);

#define RS_AUTO_BUF __attribute__((cleanup(rs_buf_release))) struct rs_buf

/* The last line that is not blank, what a program says at its end; "" when there is none.  The
 * blanks after it are cut off.  Lives as long as b is not changed. */
const char *rs_buf_last_line(struct rs_buf *b);

#endif
