/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text as each output wants it.  Every name, reason and caption goes through one of
 * these: what a plan or a machine calls itself must never become markup.  Bytes that
 * are no UTF-8, and control characters, become U+FFFD.
 */
#ifndef RESTUDY_REPORT_ESCAPE_PRIV_H
#define RESTUDY_REPORT_ESCAPE_PRIV_H

#include <stddef.h>

#include "restudy/base/text.h"

/* Number of characters. */
size_t rs_text_length(const char *s);

/* HTML text and double-quoted attribute values; also right in XML. */
void rs_escape_html(struct rs_buf *out, const char *s);

/* LaTeX text for pdflatex with T1 and textcomp.  A character it cannot set is written
 * as its number, "[U+4E2D]". */
void rs_escape_tex(struct rs_buf *out, const char *s);
/* The same with every blank kept: for \texttt in listings. */
void rs_escape_tex_code(struct rs_buf *out, const char *s);

/* GitHub flavoured Markdown, inline; also right inside a table cell. */
void rs_escape_md(struct rs_buf *out, const char *s);
/* A code span with a fence longer than any in s, for a table cell and elsewhere. */
void rs_escape_md_code(struct rs_buf *out, const char *s);
void rs_escape_md_code_plain(struct rs_buf *out, const char *s);

#endif
