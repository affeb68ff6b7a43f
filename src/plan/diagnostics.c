/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Collected problems: sorted as they come, printed with the source line and a caret.
 */
#include "restudy/plan.h"

#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/text.h"

#include "plan_priv.h"

enum { EXCERPT = 100 };		/* characters of a source line that are shown */

void rs_diagnostics_release(struct rs_diagnostics *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->n; i++) {
		free(d->d[i].file);
		free(d->d[i].rule);
		free(d->d[i].text);
	}
	free(d->d);
	*d = (struct rs_diagnostics)RS_DIAGNOSTICS_INIT;
}

int rs_diagnostics_worst(const struct rs_diagnostics *d)
{
	int worst = -1;

	for (size_t i = 0; i < d->n; i++) {
		if ((int)d->d[i].level > worst)
			worst = (int)d->d[i].level;
	}
	return worst;
}

/* < 0: a stands before b. */
static int order(const struct rs_diagnostic *a, const char *file, int line, int column)
{
	if (a->file != NULL || file != NULL) {
		int c = strcmp(a->file != NULL ? a->file : "", file != NULL ? file : "");

		if (c != 0)
			return c;
	}
	if (a->line != line)
		return a->line < line ? -1 : 1;
	if (a->column != column)
		return a->column < column ? -1 : 1;
	return 0;
}

void rs_diagnostics_add(struct rs_diagnostics *d, enum rs_level level, const char *file, int line,
			int column, const char *rule, const char *text)
{
	struct rs_diagnostic new = { .level = level, .line = line, .column = column };
	size_t at = d->n;

	new.text = rs_strdup(text, NULL);
	new.file = rs_strdup(file, NULL);
	new.rule = rs_strdup(rule, NULL);
	if (new.text == NULL || (file != NULL && new.file == NULL) ||
	    (rule != NULL && new.rule == NULL) ||
	    rs_array_grow(&d->d, d->n, sizeof(d->d[0]), NULL) == NULL) {
		free(new.text);
		free(new.file);
		free(new.rule);
		d->refused = 1;
		return;
	}
	while (at > 0 && order(&d->d[at - 1], file, line, column) > 0)
		at--;
	memmove(&d->d[at + 1], &d->d[at], (d->n - at) * sizeof(d->d[0]));
	d->d[at] = new;
	d->n++;
}

const char *rs_level_name(enum rs_level level)
{
	switch (level) {
	case RS_LEVEL_NOTE:
		return "note";
	case RS_LEVEL_WARNING:
		return "warning";
	case RS_LEVEL_ERROR:
	case RS_LEVEL_LAST:
		break;
	}
	return "error";
}

/* Line number line of source: its start, *len without the line end; NULL when there is none. */
static const char *line_of(const char *source, int line, size_t *len)
{
	for (int i = 1; i < line; i++) {
		source = strchr(source, '\n');
		if (source == NULL)
			return NULL;
		source++;
	}
	*len = strcspn(source, "\r\n");
	return source;
}

/* Adds text without what a terminal would obey: control characters (C0, DEL, C1) and
 * bytes that are not UTF-8 become "?".  A tab stays. */
static void add_clean(struct rs_buf *out, const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;

	for (size_t i = 0, len; i < n; i += len > 0 ? len : 1) {
		len = rs_utf8_length(p + i, n - i);
		if (len == 0 || (p[i] < 32 && p[i] != '\t') || p[i] == 0x7f ||
		    (p[i] == 0xc2 && p[i + 1] < 0xa0))
			rs_buf_addc(out, '?');
		else
			rs_buf_add(out, text + i, len);
	}
}

static int is_inside_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/*
 * The source line with a caret below column.  A long line is shown from a little
 * before the caret.  Tabs stay tabs in the caret's line, so that it stands right
 * whatever their width.
 */
static void print_excerpt(const char *text, size_t len, int column, struct rs_buf *out)
{
	int skip = column > EXCERPT - 20 ? column - 40 : 0, seen = 0;
	size_t from = 0, to;

	while (from < len && seen < skip) {
		from++;
		while (from < len && is_inside_character(text[from]))
			from++;
		seen++;
	}
	rs_buf_adds(out, skip > 0 ? "    ..." : "    ");
	for (to = from, seen = 0; to < len && seen < EXCERPT; seen++) {
		to++;
		while (to < len && is_inside_character(text[to]))
			to++;
	}
	add_clean(out, text + from, to - from);
	rs_buf_adds(out, to < len ? "...\n" : "\n");
	if (column <= 0)
		return;
	rs_buf_adds(out, skip > 0 ? "       " : "    ");
	for (int i = skip + 1; i < column; i++) {
		rs_buf_addc(out, from < len && text[from] == '\t' ? '\t' : ' ');
		from += from < len;
		while (from < len && is_inside_character(text[from]))
			from++;
	}
	rs_buf_adds(out, "^\n");
}

void rs_diagnostics_print(const struct rs_diagnostics *d, const char *file, const char *source,
			  struct rs_buf *out)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct rs_diagnostic *p = &d->d[i];
		const char *text;
		size_t len;

		rs_buf_adds(out, p->file != NULL ? p->file : file);
		if (p->line > 0)
			rs_buf_addf(out, ":%d", p->line);
		if (p->line > 0 && p->column > 0)
			rs_buf_addf(out, ":%d", p->column);
		rs_buf_addf(out, ": %s: ", rs_level_name(p->level));
		add_clean(out, p->text, strlen(p->text));
		if (p->rule != NULL)
			rs_buf_addf(out, " [%s]", p->rule);
		rs_buf_addc(out, '\n');
		if (source == NULL || p->file != NULL || p->line <= 0)
			continue;
		text = line_of(source, p->line, &len);
		if (text != NULL)
			print_excerpt(text, len, p->column, out);
	}
}
