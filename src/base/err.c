/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error object: filled once, wrapped on the way up, printed once. */
#include "restudy/base/err.h"

#include <stdio.h>
#include <string.h>

#include "restudy/base/text.h"

int rs_err_set(struct rs_err *err, enum rs_err_kind kind, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL || err->kind != RS_ERR_NONE)
		return -1;
	err->kind = kind;
	va_start(ap, fmt);
	(void)vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	rs_text_make_line(err->text);
	return -1;
}

int rs_err_sys(struct rs_err *err, enum rs_err_kind kind, int errnum, const char *fmt, ...)
{
	char reason[128];
	size_t len;
	va_list ap;

	if (err == NULL || err->kind != RS_ERR_NONE)
		return -1;
	err->kind = kind;
	va_start(ap, fmt);
	(void)vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	(void)snprintf(err->text + len, sizeof(err->text) - len, ": %s",
		       rs_err_errno(errnum, reason, sizeof(reason)));
	rs_text_make_line(err->text);
	return -1;
}

int rs_err_nomem(struct rs_err *err)
{
	return rs_err_set(err, RS_ERR_MEMORY, "out of memory");
}

int rs_err_wrap(struct rs_err *err, const char *fmt, ...)
{
	char before[sizeof(err->text)];
	char whole[sizeof(err->text)];
	size_t len;
	va_list ap;

	if (err == NULL || err->kind == RS_ERR_NONE)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(before, sizeof(before), fmt, ap);
	va_end(ap);
	len = strlen(before);
	if (len > sizeof(before) / 2)
		len = sizeof(before) / 2;
	memcpy(whole, before, len);
	(void)snprintf(whole + len, sizeof(whole) - len, ": %.*s",
		       (int)(sizeof(whole) - len - 3), err->text);
	memcpy(err->text, whole, sizeof(whole));
	rs_text_make_line(err->text);
	return -1;
}

void rs_err_clear(struct rs_err *err)
{
	if (err == NULL)
		return;
	err->kind = RS_ERR_NONE;
	err->text[0] = '\0';
}

int rs_err_exit_status(enum rs_err_kind kind)
{
	switch (kind) {
	case RS_ERR_NONE:
		return 0;
	case RS_ERR_FAILED:
	case RS_ERR_TIMEOUT:
		return 1;
	case RS_ERR_USAGE:
	case RS_ERR_PLAN:
		return 2;
	case RS_ERR_MACHINE:
		return 3;
	case RS_ERR_INTERRUPTED:
		return 130;
	case RS_ERR_MEMORY:
	case RS_ERR_INTERNAL:
	case RS_ERR_LAST:
		break;
	}
	return 4;
}

const char *rs_err_errno(int errnum, char *buf, size_t size)
{
	return strerror_r(errnum, buf, size);
}
