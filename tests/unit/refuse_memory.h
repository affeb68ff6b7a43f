/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The n-th allocation of this process fails: include it once in a test program.  The
 * allocator of libc stays behind; a sanitized build has its own and refuses nothing
 * (refuse_memory_works tells).
 */
#ifndef RS_TESTS_REFUSE_MEMORY_H
#define RS_TESTS_REFUSE_MEMORY_H

#include <stdlib.h>

static long refuse_left = -1;	/* allocations until one fails; < 0: none does */
static int refuse_hit;

/* After n more allocations one fails. */
static inline void refuse_arm(long n)
{
	refuse_hit = 0;
	refuse_left = n;
}

/* Whether one was refused since it was armed. */
static inline int refuse_disarm(void)
{
	refuse_left = -1;
	return refuse_hit;
}

#if defined(__SANITIZE_ADDRESS__) || !defined(__GLIBC__)
static inline int refuse_memory_works(void)
{
	return 0;
}
#else
static inline int refuse_memory_works(void)
{
	return 1;
}

static int refused(void)
{
	if (refuse_left < 0 || refuse_left-- > 0)
		return 0;
	refuse_hit = 1;
	return 1;
}

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

void *malloc(size_t size)
{
	return refused() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return refused() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return refused() ? NULL : __libc_realloc(p, size);
}
#endif

#endif
