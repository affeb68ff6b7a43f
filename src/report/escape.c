/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Escapes for HTML, LaTeX and Markdown. */
#include "escape_priv.h"

#include <string.h>

#include "restudy/base/mem.h"

size_t rs_text_length(const char *s)
{
	size_t count = 0;
	int n;

	for (; (void)rs_text_next(s, &n), n != 0; s += n)
		count++;
	return count;
}

void rs_escape_html(struct rs_buf *out, const char *s)
{
	int n;

	for (uint32_t c; (c = rs_text_next(s, &n)), n != 0; s += n) {
		if (c == '&')
			rs_buf_adds(out, "&amp;");
		else if (c == '<')
			rs_buf_adds(out, "&lt;");
		else if (c == '>')
			rs_buf_adds(out, "&gt;");
		else if (c == '"')
			rs_buf_adds(out, "&quot;");
		else if (c == '\'')
			rs_buf_adds(out, "&#39;");
		else
			rs_text_add(out, s, n, c);
	}
}

struct spelling {
	uint32_t c;
	const char *tex;
};

/* Sorted by character.  The letters < > - , ` are here since T1 joins pairs of them to
 * one sign, " since babel's German gives it a meaning. */
static const struct spelling tex_spellings[] = {
	{ '"', "\\textquotedbl{}" },
	{ '#', "\\#" },
	{ '$', "\\$" },
	{ '%', "\\%" },
	{ '&', "\\&" },
	{ '<', "\\textless{}" },
	{ '>', "\\textgreater{}" },
	{ '\\', "\\textbackslash{}" },
	{ '^', "\\textasciicircum{}" },
	{ '_', "\\_" },
	{ '`', "\\textasciigrave{}" },
	{ '{', "\\{" },
	{ '|', "\\textbar{}" },
	{ '}', "\\}" },
	{ '~', "\\textasciitilde{}" },
	{ 0xA0, "~" },
	{ 0xB0, "\\textdegree{}" },
	{ 0xB1, "$\\pm$" },
	{ 0xB5, "\\textmu{}" },
	{ 0xB7, "\\textperiodcentered{}" },
	{ 0xD7, "$\\times$" },
	{ 0x3BC, "\\textmu{}" },
	{ 0x2009, "\\," },
	{ 0x2011, "-" },
	{ 0x2013, "--" },
	{ 0x2014, "---" },
	{ 0x2018, "`" },
	{ 0x2019, "'" },
	{ 0x201C, "``" },
	{ 0x201D, "''" },
	{ 0x201E, "\\quotedblbase{}" },
	{ 0x2022, "\\textbullet{}" },
	{ 0x2026, "\\dots{}" },
	{ 0x202F, "\\," },
	{ 0x20AC, "\\texteuro{}" },
	{ 0x2192, "$\\rightarrow$" },
	{ 0x2212, "$-$" },
	{ 0x221E, "$\\infty$" },
	{ 0x2248, "$\\approx$" },
	{ 0x2260, "$\\neq$" },
	{ 0x2264, "$\\leq$" },
	{ 0x2265, "$\\geq$" },
};

static const char *tex_spelling(uint32_t c)
{
	for (size_t i = 0; i < RS_COUNT(tex_spellings); i++)
		if (tex_spellings[i].c == c)
			return tex_spellings[i].tex;
	return NULL;
}

/* Letters that LaTeX's utf8 input knows with T1: Latin-1 and Latin Extended-A. */
static int tex_has(uint32_t c)
{
	return c < 0x80 || (c >= 0xA1 && c <= 0x17F && c != 0x149 && c != 0x17F && c != 0xAD);
}

static void tex_char(struct rs_buf *out, const char *s, int n, uint32_t c)
{
	const char *tex = tex_spelling(c);

	if (tex != NULL)
		rs_buf_adds(out, tex);
	else if (c == '\n' || c == '\t')
		rs_buf_addc(out, ' ');
	else if (tex_has(c))
		rs_buf_add(out, s, (size_t)n);
	else
		rs_buf_addf(out, "{[}U+%04X]", (unsigned)c);
	/* "--" and ",," would become other signs */
	if ((c == '-' && s[1] == '-') || (c == ',' && s[1] == ',') || (c == '\'' && s[1] == '\'') ||
	    ((c == '!' || c == '?') && s[1] == '`'))
		rs_buf_adds(out, "{}");
}

void rs_escape_tex(struct rs_buf *out, const char *s)
{
	int n;

	/* at the start of a line or a table row, "[" or "*" could be taken for an argument */
	if (s[0] == '[' || s[0] == '*')
		rs_buf_adds(out, "{}");
	for (uint32_t c; (c = rs_text_next(s, &n)), n != 0; s += n)
		tex_char(out, s, n, c);
}

void rs_escape_tex_code(struct rs_buf *out, const char *s)
{
	int n;

	if (s[0] == '[' || s[0] == '*')
		rs_buf_adds(out, "{}");
	for (uint32_t c; (c = rs_text_next(s, &n)), n != 0; s += n) {
		if (c == ' ')
			rs_buf_addc(out, '~');
		else if (c == '\t')
			rs_buf_adds(out, "~~~~");
		else if (c == '\'')
			rs_buf_adds(out, "\\textquotesingle{}");
		else
			tex_char(out, s, n, c);
	}
}

void rs_escape_md(struct rs_buf *out, const char *s)
{
	const char *start = s;
	int n;

	for (uint32_t c; (c = rs_text_next(s, &n)), n != 0; s += n) {
		if (c == '&')
			rs_buf_adds(out, "&amp;");
		else if (c == '<')
			rs_buf_adds(out, "&lt;");
		else if (c == '>')
			rs_buf_adds(out, "&gt;");
		else if (c == '\n' || c == '\t')
			rs_buf_addc(out, ' ');
		else if (c < 0x80 && strchr("\\`*_[]|~$#", (int)c) != NULL)
			rs_buf_addf(out, "\\%c", (int)c);
		else if (s == start && (c == '-' || c == '+' || c == '='))
			rs_buf_addf(out, "\\%c", (int)c);
		else if (c == '.' && s > start && s[-1] >= '0' && s[-1] <= '9' &&
			 (s[1] == ' ' || s[1] == '\0'))
			rs_buf_adds(out, "\\.");
		else
			rs_text_add(out, s, n, c);
	}
}

/* A code span; a pipe must be escaped inside a table, and must not be elsewhere. */
static void md_code_span(struct rs_buf *out, const char *s, const char *pipe)
{
	size_t longest = 0, run = 0;
	int n;

	for (const char *p = s; *p != '\0'; p++) {
		run = *p == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	for (size_t i = 0; i <= longest; i++)
		rs_buf_addc(out, '`');
	if (longest != 0)
		rs_buf_addc(out, ' ');
	for (uint32_t c; (c = rs_text_next(s, &n)), n != 0; s += n) {
		if (c == '|')
			rs_buf_adds(out, pipe);
		else if (c == '\n')
			rs_buf_addc(out, ' ');
		else
			rs_text_add(out, s, n, c);
	}
	if (longest != 0)
		rs_buf_addc(out, ' ');
	for (size_t i = 0; i <= longest; i++)
		rs_buf_addc(out, '`');
}

void rs_escape_md_code(struct rs_buf *out, const char *s)
{
	md_code_span(out, s, "\\|");
}

void rs_escape_md_code_plain(struct rs_buf *out, const char *s)
{
	md_code_span(out, s, "|");
}
