/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory of one report: small pieces that all end together.  It is sticky, like
 * the other writers: an addition that was refused gives NULL, marks the arena, and
 * rs_arena_check tells once at the end.
 */
#ifndef RESTUDY_REPORT_ARENA_PRIV_H
#define RESTUDY_REPORT_ARENA_PRIV_H

#include <stdarg.h>
#include <stddef.h>

#include "restudy/base/err.h"

struct rs_chunk;

struct rs_arena {
	struct rs_chunk *chunks;	/* owned, newest first */
	int failed;			/* an allocation was refused */
};

#define RS_ARENA_INIT { NULL, 0 }

/* n zeroed elements of size bytes, aligned for any type; NULL when refused. */
void *rs_arena_new(struct rs_arena *a, size_t n, size_t size);

/* A copy of s; NULL gives NULL without a failure. */
char *rs_arena_str(struct rs_arena *a, const char *s);
char *rs_arena_strn(struct rs_arena *a, const char *s, size_t n);
char *rs_arena_printf(struct rs_arena *a, const char *fmt, ...) RS_PRINTF(2, 3);
char *rs_arena_vprintf(struct rs_arena *a, const char *fmt, va_list ap) RS_PRINTF(2, 0);

/* A copy of a buffer's text; a buffer that failed fails the arena. */
struct rs_buf;
char *rs_arena_take(struct rs_arena *a, const struct rs_buf *b);

/*
 * The array with room for one more behind its n elements of size bytes; the array
 * moves when n is a power of two.  NULL when refused.
 */
void *rs_arena_grow(struct rs_arena *a, void *array, size_t n, size_t size);

/* 0, or -1 with err when an allocation was refused. */
int rs_arena_check(const struct rs_arena *a, struct rs_err *err) RS_MUST_CHECK;

/* Releases all; a second call does nothing. */
void rs_arena_release(struct rs_arena *a);

#define RS_AUTO_ARENA __attribute__((cleanup(rs_arena_release))) struct rs_arena

#endif
