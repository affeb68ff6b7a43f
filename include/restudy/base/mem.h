/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Allocation that reports through err, and scope-bound release.  Every
 * allocation of Restudy goes through malloc, calloc, realloc of libc, so that
 * tests can refuse the n-th one.
 */
#ifndef RESTUDY_BASE_MEM_H
#define RESTUDY_BASE_MEM_H

#include <stddef.h>
#include <stdio.h>

#include "restudy/base/err.h"

/* n zeroed elements of size bytes; NULL and err on failure.  free() releases. */
void *rs_alloc(size_t n, size_t size, struct rs_err *err) RS_MUST_CHECK;

/* A copy of s (NULL gives NULL without an error).  free() releases. */
char *rs_strdup(const char *s, struct rs_err *err) RS_MUST_CHECK;
char *rs_strndup(const char *s, size_t n, struct rs_err *err) RS_MUST_CHECK;
char *rs_asprintf(struct rs_err *err, const char *fmt, ...) RS_PRINTF(2, 3) RS_MUST_CHECK;

/*
 * Makes room for one more element at the end of *array (count n, elements of
 * size bytes; capacity follows from n) and returns it, zeroed.  NULL and err on
 * failure, with the array unchanged.
 */
void *rs_array_grow(void *array, size_t n, size_t size, struct rs_err *err) RS_MUST_CHECK;

void rs_free_str(char **p);
void rs_close_file(FILE **p);
void rs_close_fd(int *p);
void rs_free_argv(char ***p);	/* a NULL-ended array of owned strings */

#define RS_AUTO_STR  __attribute__((cleanup(rs_free_str))) char
#define RS_AUTO_FILE __attribute__((cleanup(rs_close_file))) FILE
#define RS_AUTO_FD   __attribute__((cleanup(rs_close_fd))) int
#define RS_AUTO_ARGV __attribute__((cleanup(rs_free_argv))) char **

/* Takes the value out of an RS_AUTO variable, which no longer releases it. */
#define RS_STEAL(p)                                  \
	__extension__({                              \
		__typeof__(*(p)) rs_stolen_ = *(p);  \
		*(p) = NULL;                         \
		rs_stolen_;                          \
	})

#define RS_COUNT(a) (sizeof(a) / sizeof((a)[0]))

#endif
