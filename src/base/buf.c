/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growing byte buffer whose failures are kept until they are asked for. */
#include "restudy/base/buf.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int reserve(struct rs_buf *b, size_t more)
{
	size_t need, cap;
	char *p;

	if (b->failed)
		return -1;
	if (more > SIZE_MAX / 2 - b->len - 1) {
		b->failed = 1;
		return -1;
	}
	need = b->len + more + 1;
	if (need <= b->cap)
		return 0;
	cap = b->cap < 64 ? 64 : b->cap;
	while (cap < need)
		cap += cap / 2 + 1;
	p = realloc(b->data, cap);
	if (p == NULL) {
		b->failed = 1;
		return -1;
	}
	b->data = p;
	b->cap = cap;
	return 0;
}

void rs_buf_add(struct rs_buf *b, const void *bytes, size_t n)
{
	if (reserve(b, n) < 0)
		return;
	if (n > 0)
		memcpy(b->data + b->len, bytes, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void rs_buf_adds(struct rs_buf *b, const char *s)
{
	rs_buf_add(b, s, strlen(s));
}

void rs_buf_addc(struct rs_buf *b, char c)
{
	rs_buf_add(b, &c, 1);
}

void rs_buf_addf(struct rs_buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = 1;
		return;
	}
	if (reserve(b, (size_t)n) < 0)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

const char *rs_buf_str(const struct rs_buf *b)
{
	return b->data != NULL ? b->data : "";
}

void rs_buf_clear(struct rs_buf *b)
{
	b->len = 0;
	b->failed = 0;
	if (b->data != NULL)
		b->data[0] = '\0';
}

char *rs_buf_steal(struct rs_buf *b)
{
	char *p;

	if (reserve(b, 0) < 0)
		return NULL;
	b->data[b->len] = '\0';
	p = b->data;
	*b = (struct rs_buf)RS_BUF_INIT;
	return p;
}

int rs_buf_check(const struct rs_buf *b, struct rs_err *err)
{
	return b->failed ? rs_err_nomem(err) : 0;
}

void rs_buf_release(struct rs_buf *b)
{
	if (b == NULL)
		return;
	free(b->data);
	*b = (struct rs_buf)RS_BUF_INIT;
}

const char *rs_buf_last_line(struct rs_buf *b)
{
	const char *line;

	while (b->len > 0 && isspace((unsigned char)b->data[b->len - 1]))
		b->data[--b->len] = '\0';
	line = b->len > 0 ? memrchr(b->data, '\n', b->len) : NULL;
	return line != NULL ? line + 1 : rs_buf_str(b);
}
