/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Characters of text that somebody else wrote. */
#include "restudy/base/text.h"

#include <string.h>

#include "restudy/base/number.h"

size_t rs_utf8_length(const unsigned char *p, size_t n)
{
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 :
		     p[0] < 0xf5 ? 4 : 0;

	if (len == 0 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

/* C1 controls move a terminal as ESC does; U+202A and on change the order of what follows. */
static int is_unsafe(uint32_t c)
{
	return (c >= 0x80 && c < 0xA0) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

uint32_t rs_text_next(const char *s, int *ret_bytes)
{
	const unsigned char *u = (const unsigned char *)s;
	uint32_t c;
	size_t n;

	*ret_bytes = u[0] == 0 ? 0 : 1;
	if (u[0] < 0x80)
		return (u[0] < 0x20 && u[0] != '\t' && u[0] != '\n' && u[0] != 0) || u[0] == 0x7F
			       ? RS_TEXT_REPLACEMENT : u[0];
	n = rs_utf8_length(u, SIZE_MAX);	/* the end of the text continues nothing */
	if (n == 0)
		return RS_TEXT_REPLACEMENT;
	c = u[0] & (0xFFu >> (n + 1));
	for (size_t i = 1; i < n; i++)
		c = (c << 6) | (u[i] & 0x3Fu);
	if (is_unsafe(c) || (c & 0xFFFEu) == 0xFFFEu)
		return RS_TEXT_REPLACEMENT;
	*ret_bytes = (int)n;
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

void rs_text_xml(struct rs_buf *out, const char *s)
{
	int n;

	for (uint32_t c; (c = rs_text_next(s, &n)), n != 0; s += n)
		switch (c) {
		case '&': rs_buf_adds(out, "&amp;"); break;
		case '<': rs_buf_adds(out, "&lt;"); break;
		case '>': rs_buf_adds(out, "&gt;"); break;
		case '\'': rs_buf_adds(out, "&apos;"); break;
		case '"': rs_buf_adds(out, "&quot;"); break;
		default: rs_text_add(out, s, n, c); break;
		}
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

void rs_text_json(struct rs_buf *out, const char *s)
{
	int n;

	rs_buf_addc(out, '"');
	for (uint32_t c; (c = rs_text_next(s, &n)), n != 0; s += n) {
		if (c == '"' || c == '\\')
			rs_buf_addf(out, "\\%c", (int)c);
		else if (c < 0x20 || c == RS_TEXT_REPLACEMENT)
			rs_buf_addf(out, "\\u%04x", (unsigned)c);
		else
			rs_buf_add(out, s, (size_t)n);
	}
	rs_buf_addc(out, '"');
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

int rs_text_ends_with(const char *s, const char *end)
{
	const size_t n = strlen(s), k = strlen(end);

	return n >= k && strcmp(s + n - k, end) == 0;
}

void rs_text_csv(struct rs_buf *out, const char *s)
{
	double ignored;
	const int number = rs_parse_double(s, &ignored, NULL) == 0;
	const int formula = !number && s[0] != '\0' && strchr("=+-@\t\r", s[0]) != NULL;
	int n;

	if (!formula && strpbrk(s, ",\"\r\n") == NULL && s[0] != ' ') {
		rs_text_clean(out, s);
		return;
	}
	rs_buf_adds(out, formula ? "\"'" : "\"");
	for (uint32_t c; (c = rs_text_next(s, &n)), n != 0; s += n) {
		if (c == '"')
			rs_buf_addc(out, '"');
		rs_text_add(out, s, n, c);
	}
	rs_buf_addc(out, '"');
}
