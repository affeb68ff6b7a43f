/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text that somebody else wrote, as characters: what is no UTF-8, and what would move a
 * terminal's cursor or turn the order of its letters, never gets through.
 */
#ifndef RESTUDY_BASE_TEXT_H
#define RESTUDY_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/buf.h"

/* Bytes of the character at p (n > 0 left), or 0 when it is not UTF-8 (RFC 3629). */
size_t rs_utf8_length(const unsigned char *p, size_t n);

#define RS_TEXT_REPLACEMENT 0xFFFDu

/*
 * The character at s and the bytes it takes (>= 1); U+FFFD for what is no UTF-8, for control
 * characters (C0 but tab and newline, DEL, C1), for those that embed or override the
 * direction of writing and for U+xxFFFE and U+xxFFFF, which are none.  At the end of s: 0 and
 * 0 bytes.
 */
uint32_t rs_text_next(const char *s, int *ret_bytes);

/* Adds one character that rs_text_next gave. */
void rs_text_add(struct rs_buf *out, const char *s, int bytes, uint32_t c);

/* A valid copy: what rs_text_next gives, one after the other. */
void rs_text_clean(struct rs_buf *out, const char *s);

/* The same for XML: the five characters that mean something there are written otherwise. */
void rs_text_xml(struct rs_buf *out, const char *s);

/* The same for a terminal that may know no more than ASCII: '?' for what is replaced. */
void rs_text_show(struct rs_buf *out, const char *s);

/* A string of JSON (RFC 8259) with its quotes, of what rs_text_next gives. */
void rs_text_json(struct rs_buf *out, const char *s);

/* One line of it, in place: '?' for what is replaced, blanks for tabs and newlines. */
void rs_text_make_line(char *s);

/* Whether s ends with end. */
int rs_text_ends_with(const char *s, const char *end);

/* One field of a CSV file (RFC 4180): quoted where it has to be.  Text that a spreadsheet would take
 * for a formula (first character one of = + - @ tab CR) gets a ' before it; a number does not. */
void rs_text_csv(struct rs_buf *out, const char *s);

#endif
