/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The text of a plan's file and where its start tags and attributes stand.  libxml2
 * knows lines alone, and only 16 bit of them; a message needs the column too.  The
 * scan reads what XML 1.0 calls tags, comments, CDATA and processing instructions,
 * stops quietly at malformed markup (libxml2 names it), and refuses what must not
 * reach the parser: other encodings, document types, and sizes no plan has.
 */
#include "plan_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/text.h"

struct scan {
	struct rs_reader *r;
	struct rs_source *s;
	size_t i;
	int line, column, depth;
	int refused, failed;
};

static void source_free(struct rs_source *s)
{
	free(s->name);
	free(s->text);
	free(s->spots);
	free(s->attrs);
	free(s);
}

void rs_reader_release(struct rs_reader *r)
{
	while (r->sources != NULL) {
		struct rs_source *next = r->sources->next;

		source_free(r->sources);
		r->sources = next;
	}
}

/* ---- moving ---- */

static int at_end(const struct scan *c)
{
	return c->i >= c->s->len;
}

static char here(const struct scan *c)
{
	return at_end(c) ? '\0' : c->s->text[c->i];
}

static void step(struct scan *c)
{
	unsigned char b = (unsigned char)here(c);

	c->i++;
	if (b == '\n') {
		c->line++;
		c->column = 1;
	} else if ((b & 0xc0) != 0x80) {
		c->column++;
	}
}

static int is_blank(char b)
{
	return b == ' ' || b == '\t' || b == '\n' || b == '\r';
}

static void skip_blanks(struct scan *c)
{
	while (!at_end(c) && is_blank(here(c)))
		step(c);
}

static int looking_at(const struct scan *c, const char *word)
{
	return strncmp(c->s->text + c->i, word, strlen(word)) == 0;
}

static void skip_past(struct scan *c, const char *word)
{
	size_t n = strlen(word);

	while (!at_end(c) && !looking_at(c, word))
		step(c);
	while (n-- > 0 && !at_end(c))
		step(c);
}

static size_t skip_name(struct scan *c)
{
	size_t from = c->i;

	while (!at_end(c) && !is_blank(here(c)) && strchr("/>=<\"'", here(c)) == NULL)
		step(c);
	return c->i - from;
}

/* ---- what must not be parsed ---- */

static void refuse(struct scan *c, const char *text)
{
	rs_complain_at(c->r, c->s, c->line, c->column, "%s", text);
	c->refused = 1;
}

static void check_encoding(struct scan *c)
{
	const unsigned char *p = (const unsigned char *)c->s->text;
	size_t n = c->s->len;

	if (n >= 2 && ((p[0] == 0xfe && p[1] == 0xff) || (p[0] == 0xff && p[1] == 0xfe))) {
		c->line = 0;
		refuse(c, "is UTF-16; save it as UTF-8");
		return;
	}
	while (!at_end(c) && !c->refused) {
		size_t len = rs_utf8_length(p + c->i, n - c->i);

		if (p[c->i] == 0)
			refuse(c, "has a zero byte here; a plan is UTF-8 text");
		else if (len == 0)
			refuse(c, "is not UTF-8 here; save it as UTF-8");
		for (size_t k = 0; k < (len > 0 ? len : 1); k++)
			step(c);
	}
}

/* ---- tags ---- */

static int scan_attribute(struct scan *c)
{
	struct rs_attr_spot spot = { .name = c->i, .line = c->line, .column = c->column };
	struct rs_attr_spot *new;
	char quote;

	spot.name_len = skip_name(c);
	skip_blanks(c);
	if (spot.name_len == 0 || here(c) != '=')
		return -1;
	step(c);
	skip_blanks(c);
	quote = here(c);
	if (quote != '"' && quote != '\'')
		return -1;
	step(c);
	spot.value = c->i;
	while (!at_end(c) && here(c) != quote)
		step(c);
	spot.value_len = c->i - spot.value;
	if (at_end(c))
		return -1;
	step(c);
	new = rs_array_grow(&c->s->attrs, c->s->n_attrs, sizeof(*new), c->r->err);
	if (new == NULL) {
		c->failed = 1;
		return -1;
	}
	*new = spot;
	c->s->n_attrs++;
	return 0;
}

/* At '<' of a start tag.  -1: the markup is broken, or the scan was refused. */
static int scan_tag(struct scan *c)
{
	struct rs_spot *spot;
	size_t n_attrs = 0;

	if (c->depth >= RS_PLAN_MAX_DEPTH) {
		refuse(c, "elements are nested too deep here; a plan needs fewer than 16 levels");
		return -1;
	}
	if (c->r->n_elements + (int)c->s->n_spots >= RS_PLAN_MAX_ELEMENTS) {
		refuse(c, "this is the 20001st element; a plan is smaller, keep data outside");
		return -1;
	}
	spot = rs_array_grow(&c->s->spots, c->s->n_spots, sizeof(*spot), c->r->err);
	if (spot == NULL) {
		c->failed = 1;
		return -1;
	}
	c->s->n_spots++;
	*spot = (struct rs_spot){ .attr = c->s->n_attrs, .line = c->line, .column = c->column,
				  .depth = c->depth, .name = c->i + 1 };
	step(c);
	spot->name_len = skip_name(c);
	for (skip_blanks(c); !at_end(c) && here(c) != '/' && here(c) != '>'; skip_blanks(c)) {
		if (++n_attrs > RS_PLAN_MAX_ATTRIBUTES) {
			refuse(c, "this element has more than 40 attributes; remove some");
			return -1;
		}
		if (scan_attribute(c) < 0)
			return -1;
	}
	spot->n_attrs = n_attrs;
	if (here(c) == '>') {
		c->depth++;
		step(c);
		return 0;
	}
	step(c);
	if (here(c) != '>')
		return -1;
	step(c);
	return 0;
}

/* Skips what starts here with open (whose end is no part of close: "<!-->" begins a comment)
 * up to the end of close; refused when there is none. */
static void skip_quoted(struct scan *c, const char *open, const char *close)
{
	const struct scan start = *c;
	const char *end = strstr(c->s->text + c->i + strlen(open), close);

	skip_past(c, open);
	skip_past(c, close);
	if (end == NULL) {
		c->line = start.line;
		c->column = start.column;
		refuse(c, strcmp(close, "-->") == 0 ? "this comment is never closed; write -->" :
			  strcmp(close, "]]>") == 0 ? "this section is never closed; write ]]>" :
						      "this instruction is never closed; write ?>");
	}
}

static void scan_markup(struct scan *c)
{
	while (!at_end(c) && !c->refused && !c->failed) {
		if (here(c) != '<') {
			step(c);
		} else if (looking_at(c, "<!--")) {
			skip_quoted(c, "<!--", "-->");
		} else if (looking_at(c, "<![CDATA[")) {
			skip_quoted(c, "<![CDATA[", "]]>");
		} else if (looking_at(c, "<?")) {
			skip_quoted(c, "<?", "?>");
		} else if (looking_at(c, "<!")) {
			refuse(c, "document types and entities are refused; remove the \"<!\" "
				  "declaration and write values in full");
		} else if (looking_at(c, "</")) {
			c->depth--;
			skip_past(c, ">");
		} else if (scan_tag(c) < 0) {
			return;
		}
	}
}

struct rs_source *rs_source_add(struct rs_reader *r, const char *name, const void *bytes, size_t n,
				int *ret_refused)
{
	struct rs_source *s = rs_alloc(1, sizeof(*s), r->err), **end = &r->sources;
	struct scan c = { .r = r, .s = s, .line = 1, .column = 1 };

	if (s == NULL)
		return NULL;
	while (*end != NULL)
		end = &(*end)->next;
	*end = s;
	r->n_sources++;
	s->name = rs_strdup(name, r->err);
	s->text = rs_alloc(n + 1, 1, r->err);
	if ((name != NULL && s->name == NULL) || s->text == NULL)
		return NULL;
	if (n > 0)
		memcpy(s->text, bytes, n);
	s->len = n;
	s->first = r->n_elements + 1;
	check_encoding(&c);
	if (!c.refused) {
		c.i = s->len >= 3 && memcmp(s->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
		c.line = 1;
		c.column = 1;
		scan_markup(&c);
	}
	r->n_elements += (int)s->n_spots;
	*ret_refused = c.refused;
	return c.failed ? NULL : s;
}

/* ---- complaining ---- */

static const struct rs_source *source_of(const struct rs_reader *r, int number)
{
	for (const struct rs_source *s = r->sources; s != NULL; s = s->next) {
		if (number >= s->first && (size_t)(number - s->first) < s->n_spots)
			return s;
	}
	return NULL;
}

const char *rs_place_of(const struct rs_reader *r, int number, char *buf)
{
	const struct rs_source *s = source_of(r, number);
	const int line = s != NULL ? s->spots[number - s->first].line : 0;

	if (r->n_sources < 2 || s == NULL)
		(void)snprintf(buf, RS_PLACE, "line %d", line);
	else
		(void)snprintf(buf, RS_PLACE, "line %d of %.80s", line,
			       s->name != NULL ? s->name : "the plan");
	return buf;
}

int rs_line_in_plan(const struct rs_reader *r, int number)
{
	const struct rs_source *s = source_of(r, number);

	while (s != NULL && s->name != NULL) {
		number = s->include;
		s = source_of(r, number);
	}
	return s != NULL ? s->spots[number - s->first].line : 0;
}

/* Whether a start tag has a name, whatever its prefix. */
static int is_called(const struct rs_source *s, const struct rs_spot *p, const char *name)
{
	const char *tag = s->text + p->name;
	const char *colon = memchr(tag, ':', p->name_len);
	const size_t skip = colon != NULL ? (size_t)(colon - tag) + 1 : 0;

	return p->name_len - skip == strlen(name) && memcmp(tag + skip, name, strlen(name)) == 0;
}

int rs_child_number(const struct rs_reader *r, int number, const char *name)
{
	const struct rs_source *s = source_of(r, number);
	size_t from;

	if (s == NULL)
		return number;
	from = (size_t)(number - s->first);
	for (size_t i = from + 1; i < s->n_spots && s->spots[i].depth > s->spots[from].depth; i++) {
		const struct rs_spot *p = &s->spots[i];

		if (p->depth == s->spots[from].depth + 1 && is_called(s, p, name))
			return s->first + (int)i;
	}
	return number;
}

int rs_reader_is_full(const struct rs_reader *r)
{
	return r->diags->n >= RS_PLAN_MAX_PROBLEMS;
}

static void tell(struct rs_reader *r, const struct rs_source *s, int line, int column,
		 const char *text)
{
	if (!rs_reader_is_full(r))
		rs_diagnostics_add(r->diags, RS_LEVEL_ERROR, s != NULL ? s->name : NULL, line,
				   column, NULL, text);
}

void rs_complain_at(struct rs_reader *r, const struct rs_source *s, int line, int column,
		    const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	tell(r, s, line, column, text);
}

static const struct rs_attr_spot *attribute_of(const struct rs_source *s, const struct rs_spot *p,
					       const char *name)
{
	for (size_t i = 0; name != NULL && i < p->n_attrs; i++) {
		const struct rs_attr_spot *a = &s->attrs[p->attr + i];

		if (a->name_len == strlen(name) && memcmp(s->text + a->name, name, a->name_len) == 0)
			return a;
	}
	return NULL;
}

int rs_has_attribute(const struct rs_reader *r, int number, const char *attribute)
{
	const struct rs_source *s = source_of(r, number);

	return s != NULL && attribute_of(s, &s->spots[number - s->first], attribute) != NULL;
}

/* At most max bytes of text in quotes-friendly form: one line, whole characters. */
static void add_short(struct rs_buf *b, const char *text, size_t n, size_t max)
{
	size_t show = n;

	if (n > max) {
		show = max;
		while (show > 0 && ((unsigned char)text[show] & 0xc0) == 0x80)
			show--;
	}
	for (size_t i = 0; i < show; i++)
		rs_buf_addc(b, (unsigned char)text[i] < 32 ? ' ' : text[i]);
	if (show < n)
		rs_buf_adds(b, "...");
}

void rs_complain(struct rs_reader *r, int number, const char *attribute, const char *fmt, ...)
{
	const struct rs_source *s = source_of(r, number);
	RS_AUTO_BUF b = RS_BUF_INIT;
	char text[600];
	int line = 0, column = 0;
	va_list ap;

	if (s != NULL) {
		const struct rs_spot *p = &s->spots[number - s->first];
		const struct rs_attr_spot *a = attribute_of(s, p, attribute);

		line = a != NULL ? a->line : p->line;
		column = a != NULL ? a->column : p->column;
		rs_buf_addc(&b, '<');
		add_short(&b, s->text + p->name, p->name_len, 60);
		if (a != NULL) {
			rs_buf_addf(&b, " %s='", attribute);
			add_short(&b, s->text + a->value, a->value_len, 60);
			rs_buf_addc(&b, '\'');
		}
		rs_buf_adds(&b, ">: ");
	}
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	rs_buf_adds(&b, text);
	if (b.failed)
		r->diags->refused = 1;
	tell(r, s, line, column, rs_buf_str(&b));
}
