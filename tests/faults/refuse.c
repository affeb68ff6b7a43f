/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The allocator of a program linked with --wrap: the allocation whose number is in
 * $RESTUDY_REFUSE (from 1) returns NULL, and that is said on the standard error.  Only calls
 * of the program's own objects come here, not those of libraries.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);

static int refused(void)
{
	static long left = -1;
	static const char said[] = "REFUSED\n";

	if (left < 0) {
		const char *n = getenv("RESTUDY_REFUSE");

		left = n != NULL ? strtol(n, NULL, 10) : 0;
	}
	if (left == 0 || --left > 0)
		return 0;
	return write(STDERR_FILENO, said, sizeof(said) - 1) > 0;
}

void *__wrap_malloc(size_t size)
{
	return refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return refused() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return refused() ? NULL : __real_realloc(p, size);
}

char *__wrap_strdup(const char *s)
{
	char *copy = __wrap_malloc(strlen(s) + 1);

	return copy != NULL ? memcpy(copy, s, strlen(s) + 1) : NULL;
}

char *__wrap_strndup(const char *s, size_t n)
{
	const size_t len = strnlen(s, n);
	char *copy = __wrap_malloc(len + 1);

	if (copy == NULL)
		return NULL;
	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}
