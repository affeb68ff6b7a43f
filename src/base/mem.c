/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allocation that reports, and the functions behind the RS_AUTO attributes. */
#include "restudy/base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *rs_alloc(size_t n, size_t size, struct rs_err *err)
{
	void *p = calloc(n > 0 ? n : 1, size > 0 ? size : 1);

	if (p == NULL)
		(void)rs_err_nomem(err);
	return p;
}

char *rs_strdup(const char *s, struct rs_err *err)
{
	return s != NULL ? rs_strndup(s, strlen(s), err) : NULL;
}

char *rs_strndup(const char *s, size_t n, struct rs_err *err)
{
	char *p = malloc(n + 1);

	if (p == NULL) {
		(void)rs_err_nomem(err);
		return NULL;
	}
	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *rs_asprintf(struct rs_err *err, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	p = n < 0 ? NULL : malloc((size_t)n + 1);
	if (p == NULL) {
		(void)rs_err_nomem(err);
		return NULL;
	}
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

/* Capacities are powers of two: the array is full when n is 0 or one of them. */
void *rs_array_grow(void *array, size_t n, size_t size, struct rs_err *err)
{
	void *old, *p;
	char *element;

	memcpy(&old, array, sizeof(old));
	if ((n & (n - 1)) == 0) {
		size_t cap = n == 0 ? 1 : n * 2;

		if (cap > SIZE_MAX / 2 / size || (p = realloc(old, cap * size)) == NULL) {
			(void)rs_err_nomem(err);
			return NULL;
		}
		memcpy(array, &p, sizeof(p));
		old = p;
	}
	element = (char *)old + n * size;
	memset(element, 0, size);
	return element;
}

void rs_free_str(char **p)
{
	free(*p);
	*p = NULL;
}

void rs_close_file(FILE **p)
{
	if (*p != NULL)
		(void)fclose(*p);
	*p = NULL;
}

void rs_close_fd(int *p)
{
	if (*p >= 0)
		(void)close(*p);
	*p = -1;
}

void rs_free_argv(char ***p)
{
	if (*p == NULL)
		return;
	for (char **s = *p; *s != NULL; s++)
		free(*s);
	free(*p);
	*p = NULL;
}
