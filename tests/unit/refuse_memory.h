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

static int refuse_own;		/* only those of this program's own code */

/* After n more allocations one fails. */
static inline void refuse_arm(long n)
{
	refuse_hit = 0;
	refuse_own = 0;
	refuse_left = n;
}

/* The same, counting only what the program itself asks for: some libraries end the
 * process when they get no memory. */
static inline void refuse_arm_own(long n)
{
	refuse_arm(n);
	refuse_own = 1;
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

extern const char __executable_start[], etext[];	/* by the linker */

static int refused(const void *caller)
{
	const char *at = caller;

	if (refuse_left < 0 || (refuse_own && (at < __executable_start || at >= etext)) ||
	    refuse_left-- > 0)
		return 0;
	refuse_hit = 1;
	return 1;
}

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

void *malloc(size_t size)
{
	return refused(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return refused(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return refused(__builtin_return_address(0)) ? NULL : __libc_realloc(p, size);
}
#endif

#endif
