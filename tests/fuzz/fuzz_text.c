/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as what a guest or a plan calls itself, in every output: parsers of others take
 * HTML and XML back as one text, CSV as one field that no spreadsheet computes; LaTeX and
 * Markdown have no sign of theirs that was not written by us; a terminal gets no control.
 */
#include <ctype.h>
#include <string.h>

#include <libxml/parser.h>

#include "../../src/report/escape_priv.h"
#include "fuzz_priv.h"
#include "restudy/base/err.h"
#include "restudy/base/mem.h"

/* No byte that a terminal would obey: C0 but tab and newline, DEL, C1 as one byte or as two. */
static void check_calm(const char *s)
{
	for (const unsigned char *p = (const unsigned char *)s; *p != '\0'; p++) {
		must((*p >= 0x20 || *p == '\t' || *p == '\n') && *p != 0x7f);
		must(p[0] != 0xc2 || p[1] >= 0xa0);
		must(p[0] < 0x80 || p[0] >= 0xc2 || p > (const unsigned char *)s);
		/* U+202A to U+202E */
		must(!(p[0] == 0xe2 && p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae));
	}
}

static void check_xml(const char *clean, const char *text)
{
	RS_AUTO_BUF doc = RS_BUF_INIT;
	xmlDoc *x;
	xmlChar *content;

	rs_buf_adds(&doc, "<t>");
	rs_escape_html(&doc, text);
	rs_buf_adds(&doc, "</t>");
	x = xmlReadMemory(rs_buf_str(&doc), (int)doc.len, "fuzz", "UTF-8",
			  XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET);
	must(x != NULL && xmlChildElementCount(xmlDocGetRootElement(x)) == 0);
	content = xmlNodeGetContent(xmlDocGetRootElement(x));
	must(content != NULL && strcmp((const char *)content, clean) == 0);
	xmlFree(content);
	xmlFreeDoc(x);
}

/* Reads one field as RFC 4180 says; it must be all of line. */
static void check_csv(const char *clean, const char *text)
{
	RS_AUTO_BUF line = RS_BUF_INIT, field = RS_BUF_INIT;
	const char *p, *value;

	rs_text_csv(&line, text);
	p = rs_buf_str(&line);
	if (*p == '"') {
		for (p++; *p != '"' || p[1] == '"'; p += *p == '"' ? 2 : 1) {
			must(*p != '\0');
			rs_buf_addc(&field, *p);
		}
		p++;
	} else {
		for (; *p != '\0'; p++) {
			must(strchr(",\"\r\n", *p) == NULL);
			rs_buf_addc(&field, *p);
		}
	}
	must(*p == '\0');
	value = rs_buf_str(&field);
	if (*value == '\'' && strcmp(value + 1, clean) == 0)
		return;
	must(strcmp(value, clean) == 0);
	must(strchr("=@\t\r", *value) == NULL || *value == '\0');
	must((*value != '+' && *value != '-') || strcspn(value, "(!|,;:") == strlen(value));
}

/* A sign of LaTeX stands behind a backslash or in what the escape itself writes. */
static void check_tex(const char *text)
{
	RS_AUTO_BUF out = RS_BUF_INIT;
	int depth = 0;

	rs_escape_tex(&out, text);
	for (const char *p = rs_buf_str(&out); *p != '\0'; p++) {
		if (*p == '\\') {
			must(p[1] != '\\' && p[1] != '\0');
			/* a letter begins a command: only those of the escape are written */
			if (isalpha((unsigned char)p[1]))
				must(strncmp(p, "\\text", 5) == 0 || strncmp(p, "\\quotedblbase", 13) == 0 ||
				     strncmp(p, "\\dots", 5) == 0 || strncmp(p, "\\pm$", 4) == 0 ||
				     strncmp(p, "\\times$", 7) == 0 || strncmp(p, "\\rightarrow$", 12) == 0 ||
				     strncmp(p, "\\approx$", 8) == 0 || strncmp(p, "\\infty$", 7) == 0 ||
				     strncmp(p, "\\neq$", 5) == 0 ||
				     strncmp(p, "\\leq$", 5) == 0 || strncmp(p, "\\geq$", 5) == 0);
			p++;
			continue;
		}
		must(strchr("#%&_^\n", *p) == NULL);
		depth += *p == '{' ? 1 : *p == '}' ? -1 : 0;
		must(depth >= 0 && depth <= 1);
	}
	must(depth == 0);
}

/* No HTML begins in Markdown, and no cell of a table ends. */
static void check_md(const char *text)
{
	RS_AUTO_BUF out = RS_BUF_INIT;

	rs_escape_md(&out, text);
	for (const char *p = rs_buf_str(&out); *p != '\0'; p++) {
		if (*p == '\\') {
			must(p[1] != '\0');
			p++;
			continue;
		}
		must(strchr("<>|`*[]\n", *p) == NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	RS_AUTO_STR *text = rs_strndup((const char *)data, size, NULL);
	RS_AUTO_BUF clean = RS_BUF_INIT, shown = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;

	must(text != NULL);
	rs_text_clean(&clean, text);
	rs_text_show(&shown, text);
	check_calm(rs_buf_str(&clean));
	check_calm(rs_buf_str(&shown));
	(void)rs_err_set(&err, RS_ERR_FAILED, "%s", text);
	(void)rs_err_wrap(&err, "%s", text);
	check_calm(err.text);
	must(strpbrk(err.text, "\n\t") == NULL);
	check_xml(rs_buf_str(&clean), text);
	check_csv(rs_buf_str(&clean), text);
	check_tex(text);
	check_md(text);
	rs_text_make_line(text);
	check_calm(text);
	must(strpbrk(text, "\n\t") == NULL);
	return 0;
}
