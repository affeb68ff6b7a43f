/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chunks of growing memory that are released together. */
#include "arena_priv.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/buf.h"

struct rs_chunk {
	struct rs_chunk *next;
	size_t used, size;
	_Alignas(max_align_t) unsigned char bytes[];
};

#define CHUNK_BYTES ((size_t)64 * 1024)

static struct rs_chunk *chunk_new(struct rs_arena *a, size_t need)
{
	const size_t size = need > CHUNK_BYTES ? need : CHUNK_BYTES;
	struct rs_chunk *c = calloc(1, sizeof(*c) + size);

	if (c == NULL) {
		a->failed = 1;
		return NULL;
	}
	c->size = size;
	c->next = a->chunks;
	a->chunks = c;
	return c;
}

void *rs_arena_new(struct rs_arena *a, size_t n, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct rs_chunk *c = a->chunks;
	size_t need;
	void *p;

	if (a->failed)
		return NULL;
	if (size != 0 && n > (SIZE_MAX / 4) / size) {
		a->failed = 1;
		return NULL;
	}
	need = (n * size + align) / align * align;
	if (c == NULL || c->size - c->used < need)
		c = chunk_new(a, need);
	if (c == NULL)
		return NULL;
	p = c->bytes + c->used;
	c->used += need;
	return p;
}

char *rs_arena_strn(struct rs_arena *a, const char *s, size_t n)
{
	char *p = rs_arena_new(a, n + 1, 1);

	if (p != NULL)
		memcpy(p, s, n);
	return p;
}

char *rs_arena_str(struct rs_arena *a, const char *s)
{
	return s == NULL ? NULL : rs_arena_strn(a, s, strlen(s));
}

char *rs_arena_take(struct rs_arena *a, const struct rs_buf *b)
{
	if (b->failed)
		a->failed = 1;
	return a->failed ? NULL : rs_arena_strn(a, rs_buf_str(b), b->len);
}

char *rs_arena_vprintf(struct rs_arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *p;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0) {
		a->failed = 1;
		return NULL;
	}
	p = rs_arena_new(a, (size_t)n + 1, 1);
	if (p != NULL)
		(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	return p;
}

char *rs_arena_printf(struct rs_arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = rs_arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

void *rs_arena_grow(struct rs_arena *a, void *array, size_t n, size_t size)
{
	void *bigger;

	if (n != 0 && (n & (n - 1)) != 0)
		return a->failed ? NULL : array;
	bigger = rs_arena_new(a, n == 0 ? 1 : 2 * n, size);
	if (bigger != NULL && n != 0)
		memcpy(bigger, array, n * size);
	return bigger;
}

int rs_arena_check(const struct rs_arena *a, struct rs_err *err)
{
	return a->failed ? rs_err_nomem(err) : 0;
}

void rs_arena_release(struct rs_arena *a)
{
	struct rs_chunk *c = a->chunks;

	while (c != NULL) {
		struct rs_chunk *next = c->next;

		free(c);
		c = next;
	}
	a->chunks = NULL;
	a->failed = 0;
}
