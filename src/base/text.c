/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Characters of text that somebody else wrote. */
#include "restudy/base/text.h"

#include <string.h>

static int is_continuation(unsigned char c)
{
	return (c & 0xC0u) == 0x80u;
}

/* C1 controls move a terminal as ESC does; U+202A and on change the order of what follows. */
static int is_unsafe(uint32_t c)
{
	return (c >= 0x80 && c < 0xA0) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

uint32_t rs_text_next(const char *s, int *ret_bytes)
{
	const unsigned char *u = (const unsigned char *)s;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c;
	int n;

	*ret_bytes = u[0] == 0 ? 0 : 1;
	if (u[0] < 0x80)
		return (u[0] < 0x20 && u[0] != '\t' && u[0] != '\n' && u[0] != 0) || u[0] == 0x7F
			       ? RS_TEXT_REPLACEMENT : u[0];
	n = (u[0] & 0xE0u) == 0xC0u ? 2 : (u[0] & 0xF0u) == 0xE0u ? 3
	    : (u[0] & 0xF8u) == 0xF0u ? 4 : 0;
	if (n == 0)
		return RS_TEXT_REPLACEMENT;
	c = u[0] & (0xFFu >> (n + 1));
	for (int i = 1; i < n; i++) {
		if (!is_continuation(u[i]))
			return RS_TEXT_REPLACEMENT;
		c = (c << 6) | (u[i] & 0x3Fu);
	}
	if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF) || is_unsafe(c) ||
	    (c & 0xFFFEu) == 0xFFFEu)
		return RS_TEXT_REPLACEMENT;
	*ret_bytes = n;
	return c;
}

void rs_text_add(struct rs_buf *out, const char *s, int bytes, uint32_t c)
{
	if (c == RS_TEXT_REPLACEMENT)
		rs_buf_adds(out, "\xEF\xBF\xBD");
	else
		rs_buf_add(out, s, (size_t)bytes);
}

void rs_text_clean(struct rs_buf *out, const char *s)
{
	int n;

	for (uint32_t c; (c = rs_text_next(s, &n)), n != 0; s += n)
		rs_text_add(out, s, n, c);
}

void rs_text_show(struct rs_buf *out, const char *s)
{
	int n;

	for (uint32_t c; (c = rs_text_next(s, &n)), n != 0; s += n) {
		if (c == RS_TEXT_REPLACEMENT)
			rs_buf_addc(out, '?');
		else
			rs_buf_add(out, s, (size_t)n);
	}
}

void rs_text_make_line(char *s)
{
	char *to = s;
	int n;

	for (uint32_t c; (c = rs_text_next(s, &n)), n != 0; s += n) {
		if (c == RS_TEXT_REPLACEMENT) {
			*to++ = '?';
		} else if (c == '\n' || c == '\t') {
			*to++ = ' ';
		} else {
			memmove(to, s, (size_t)n);
			to += n;
		}
	}
	*to = '\0';
}
