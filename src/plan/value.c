/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Typed getters: from the text of an attribute or element to the field of a struct,
 * or a complaint that tells what the text should be.
 */
#include "vocabulary_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"

/* One attribute's value on its way into a field. */
struct value {
	struct rs_reader *r;
	const struct rs_attr *a;
	int number;		/* of the element */
	const char *text;
};

void rs_put_int(void *owner, size_t at, int v)
{
	memcpy((char *)owner + at, &v, sizeof(v));
}

void rs_put_double(void *owner, size_t at, double v)
{
	memcpy((char *)owner + at, &v, sizeof(v));
}

void rs_put_i64(void *owner, size_t at, int64_t v)
{
	memcpy((char *)owner + at, &v, sizeof(v));
}

void rs_put_size(void *owner, size_t at, size_t v)
{
	memcpy((char *)owner + at, &v, sizeof(v));
}

static int put_text(struct rs_reader *r, void *owner, size_t at, const char *text)
{
	char *copy = rs_strdup(text, r->err);

	if (copy == NULL)
		return -1;
	memcpy((char *)owner + at, &copy, sizeof(copy));
	return 0;
}

static void complain(const struct value *v, const char *text)
{
	rs_complain(v->r, v->number, v->a->name, "%s", text);
}

/* ---- types ---- */

static int is_name(const char *text)
{
	return rs_path_is_plain_name(text) && strlen(text) < 64;
}

/* A package as apt, dnf and yum take it: "g++", "libc6:i386", "apache2=2.4.57-2",
 * "@web-server" (a group); never something that a program could take for an option. */
static int is_package(const char *text)
{
	return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
			    "@._+:=~-") == strlen(text) &&
	       text[0] != '-' && text[0] != '\0' && strlen(text) < 128;
}

static int words_of(struct rs_reader *r, const char *text, char ***ret, size_t *ret_n)
{
	static const char blanks[] = " \t\r\n";

	*ret = NULL;
	*ret_n = 0;
	for (const char *p = text + strspn(text, blanks); *p != '\0'; p += strspn(p, blanks)) {
		size_t n = strcspn(p, blanks);
		char *word = rs_strndup(p, n, r->err);

		if (word == NULL || rs_array_grow(ret, *ret_n, sizeof(char *), r->err) == NULL) {
			free(word);
			return -1;
		}
		(*ret)[(*ret_n)++] = word;
		p += n;
	}
	return 0;
}

static void free_words(char **words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(words[i]);
	free(words);
}

static void put_words(void *owner, size_t at, size_t count, char **words, size_t n)
{
	memcpy((char *)owner + at, &words, sizeof(words));
	rs_put_size(owner, count, n);
}

static int read_words(const struct value *v, void *owner)
{
	char **words;
	size_t n;

	if (words_of(v->r, v->text, &words, &n) < 0) {
		free_words(words, n);
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		if (!is_name(words[i])) {
			rs_complain(v->r, v->number, v->a->name,
				    "\"%.60s\" is not a name; use letters, digits and . _ + - "
				    "(at most 63), blanks between names", words[i]);
			free_words(words, n);
			return 0;
		}
	}
	if (n == 0 || n > RS_PLAN_MAX_WORDS) {
		complain(v, n == 0 ? "must name at least one; write it or remove the attribute" :
				     "names more than 256; write fewer");
		free_words(words, n);
		return 0;
	}
	put_words(owner, v->a->at, v->a->count, words, n);
	return 0;
}

static int read_whole(const struct value *v, const char *text, int *ret)
{
	int64_t n;

	if (rs_parse_i64(text, INT64_MIN, INT64_MAX, &n, NULL) < 0) {
		rs_complain(v->r, v->number, v->a->name, "must be a whole number from %d to %d",
			    (int)v->a->lo, (int)v->a->hi);
		return -1;
	}
	if (n < (int64_t)v->a->lo || n > (int64_t)v->a->hi) {
		const int low = n < (int64_t)v->a->lo;

		rs_complain(v->r, v->number, v->a->name, "must be at %s %d", low ? "least" : "most",
			    (int)(low ? v->a->lo : v->a->hi));
		return -1;
	}
	*ret = (int)n;
	return 0;
}

static int read_ints(const struct value *v, void *owner)
{
	char **words;
	size_t n;
	int *numbers, good = 1, refused = words_of(v->r, v->text, &words, &n);

	numbers = refused < 0 ? NULL : rs_alloc(n + 1, sizeof(int), v->r->err);
	if (numbers == NULL) {
		free_words(words, n);
		return -1;
	}
	if (n == 0 || n > 64) {
		complain(v, "must be one number, or up to 64 with blanks between");
		good = 0;
	}
	for (size_t i = 0; good && i < n; i++)
		good = read_whole(v, words[i], &numbers[i]) == 0;
	free_words(words, n);
	if (!good) {
		free(numbers);
		return 0;
	}
	memcpy((char *)owner + v->a->at, &numbers, sizeof(numbers));
	rs_put_size(owner, v->a->count, n);
	return 0;
}

static void read_seed(const struct value *v, void *owner)
{
	int64_t n;

	if (rs_parse_i64(v->text, 0, INT64_MAX, &n, NULL) < 0)
		complain(v, "must be a whole number, 0 or more");
	else
		rs_put_i64(owner, v->a->at, n);
}

static void read_real(const struct value *v, void *owner)
{
	char lo[32], hi[32];
	double d;

	if (rs_parse_double(v->text, &d, NULL) < 0 || !(d >= v->a->lo && d <= v->a->hi))
		rs_complain(v->r, v->number, v->a->name, "must be a number from %s to %s",
			    rs_format_double(lo, sizeof(lo), v->a->lo),
			    rs_format_double(hi, sizeof(hi), v->a->hi));
	else
		rs_put_double(owner, v->a->at, d);
}

/* A quantity with its unit, in [lo, hi]. */
static int read_quantity(const struct value *v, enum rs_dimension dim, double *ret)
{
	struct rs_err err = RS_ERR_INIT;
	char lo[64], hi[64];

	if (rs_parse_quantity(v->text, dim, ret, &err) < 0) {
		complain(v, err.text);
		return -1;
	}
	if (!(*ret >= v->a->lo && *ret <= v->a->hi)) {
		rs_complain(v->r, v->number, v->a->name, "must be from %s to %s",
			    rs_format_quantity(lo, sizeof(lo), v->a->lo, dim),
			    rs_format_quantity(hi, sizeof(hi), v->a->hi, dim));
		return -1;
	}
	return 0;
}

static void read_real_quantity(const struct value *v, enum rs_dimension dim, void *owner)
{
	double d;

	if (read_quantity(v, dim, &d) == 0)
		rs_put_double(owner, v->a->at, d);
}

/* Widths of one column of a journal, of one and a half and of two, as doc/figures.md has them. */
static const struct {
	const char *name;
	double mm;
} columns[] = { { "one", 88 }, { "half", 120 }, { "two", 180 } };

static void read_width(const struct value *v, void *owner)
{
	struct rs_guess guess = { .word = v->text };
	char more[120];

	for (size_t i = 0; i < RS_COUNT(columns); i++) {
		if (strcmp(columns[i].name, v->text) == 0) {
			rs_put_double(owner, v->a->at, columns[i].mm * 72 / 25.4);
			return;
		}
		rs_guess_try(&guess, columns[i].name);
	}
	if (v->text[0] != '\0' && strchr("0123456789.+-", v->text[0]) != NULL)
		read_real_quantity(v, RS_DIM_LENGTH, owner);
	else
		rs_complain(v->r, v->number, v->a->name,
			    "must be one, half (one and a half columns), two, or a length such as "
			    "84mm or 240pt%s", rs_guess_text(&guess, more, sizeof(more)));
}

static void read_bytes(const struct value *v, void *owner)
{
	double d;

	if (read_quantity(v, RS_DIM_BYTES, &d) == 0)
		rs_put_i64(owner, v->a->at, llround(d));	/* 2.01 * 1e9 is a bit less than it should */
}

/* One of names; the index goes into the field. */
static void read_choice(const struct value *v, const char *const *names, int n, void *owner)
{
	struct rs_guess guess = { .word = v->text };
	RS_AUTO_BUF all = RS_BUF_INIT;
	char more[120];

	for (int i = 0; i < n; i++) {
		if (strcmp(names[i], v->text) == 0) {
			rs_put_int(owner, v->a->at, i);
			return;
		}
	}
	for (int i = 0; i < n; i++) {
		rs_guess_try(&guess, names[i]);
		rs_buf_addf(&all, "%s%s", i == 0 ? "" : i == n - 1 ? " or " : ", ", names[i]);
	}
	v->r->diags->refused |= all.failed;
	rs_complain(v->r, v->number, v->a->name, "must be %s%s", rs_buf_str(&all),
		    rs_guess_text(&guess, more, sizeof(more)));
}

static int is_hex(const char *text, size_t n)
{
	return strspn(text, "0123456789abcdef") == n && strlen(text) == n;
}

static int is_ipv4(const char *text)
{
	int parts = 0;

	for (const char *p = text;; p++) {
		size_t n = strspn(p, "0123456789");
		int v = 0;

		if (n == 0 || n > 3)
			return 0;
		while (n-- > 0)
			v = v * 10 + (*p++ - '0');
		if (v > 255 || ++parts > 4)
			return 0;
		if (*p != '.')
			return *p == '\0' && parts == 4;
	}
}

static int is_mac(const char *text)
{
	for (size_t i = 0; i < 17; i++) {
		if (i % 3 == 2 ? text[i] != ':' : text[i] == '\0' ||
		    strchr("0123456789abcdefABCDEF", text[i]) == NULL)
			return 0;
	}
	return text[17] == '\0';
}

static int is_url(const char *text)
{
	const char *rest = strncmp(text, "http://", 7) == 0  ? text + 7 :
			   strncmp(text, "https://", 8) == 0 ? text + 8 : "";

	return rest[0] != '\0' && rest[0] != '/' && strcspn(text, " \t\r\n\"'<>\\") == strlen(text);
}

/* Whether a path has ".." as one of its parts. */
static int climbs(const char *path)
{
	for (const char *p = strstr(path, "/.."); p != NULL; p = strstr(p + 1, "/..")) {
		if (p[3] == '/' || p[3] == '\0')
			return 1;
	}
	return 0;
}

/* An absolute path as an address; what an address would have to escape is refused. */
static int is_file_url(const char *text)
{
	return strncmp(text, "file:///", 8) == 0 && text[8] != '\0' && text[8] != '/' &&
	       !climbs(text + 7) && strcspn(text, " \t\r\n\"'<>\\%?#") == strlen(text);
}

/* What is wrong with a text of a type, or NULL. */
static const char *text_fault(enum rs_type type, const char *text)
{
	int good = text[strspn(text, " \t\r\n")] != '\0';
	const char *fault = "must not be empty; write it or remove the attribute";

	if (!good)
		return fault;
	if (type == RS_TYPE_NAME) {
		good = is_name(text);
		fault = "is not a name; use letters, digits and . _ + - (at most 63), no leading -";
	} else if (type == RS_TYPE_IPV4) {
		good = is_ipv4(text);
		fault = "must be an IPv4 address such as 192.168.0.2";
	} else if (type == RS_TYPE_MAC) {
		good = is_mac(text);
		fault = "must be six hexadecimal bytes such as 00:16:3e:00:00:01";
	} else if (type == RS_TYPE_SHA256) {
		good = is_hex(text, 64);
		fault = "must be 64 hexadecimal digits in lower case, as sha256sum prints";
	} else if (type == RS_TYPE_URL) {
		good = is_url(text);
		fault = "must be an http:// or https:// address";
	} else if (type == RS_TYPE_SOURCE) {
		good = is_url(text) || is_file_url(text);
		fault = "must be an http://, https:// or file:/// address";
	} else if (type == RS_TYPE_PATH) {
		good = text[0] == '/' && !climbs(text);
		fault = text[0] == '/' ? "must not hold ..; write the path in full" :
					 "must be an absolute path; start it with /";
	}
	return good ? NULL : fault;
}

static int read_text(const struct value *v, void *owner)
{
	const char *fault = text_fault(v->a->type, v->text);

	if (fault == NULL)
		return put_text(v->r, owner, v->a->at, v->text);
	complain(v, fault);
	return 0;
}

static const char *const yes_no[] = { "no", "yes" };
static const char *const guests_mode[] = { "parallel", "sequential" };

static int read_type(const struct value *v, void *owner)
{
	int n;

	switch (v->a->type) {
	case RS_TYPE_TEXT: case RS_TYPE_NAME: case RS_TYPE_IPV4: case RS_TYPE_MAC:
	case RS_TYPE_SHA256: case RS_TYPE_URL: case RS_TYPE_SOURCE: case RS_TYPE_PATH:
		return read_text(v, owner);
	case RS_TYPE_WORDS:
		return read_words(v, owner);
	case RS_TYPE_INTS:
		return read_ints(v, owner);
	case RS_TYPE_INT:
		if (read_whole(v, v->text, &n) == 0)
			rs_put_int(owner, v->a->at, n);
		return 0;
	case RS_TYPE_SEED:
		read_seed(v, owner);
		return 0;
	case RS_TYPE_REAL:
		read_real(v, owner);
		return 0;
	case RS_TYPE_BYTES:
		read_bytes(v, owner);
		return 0;
	case RS_TYPE_SECONDS:
		read_real_quantity(v, RS_DIM_SECONDS, owner);
		return 0;
	case RS_TYPE_HERTZ:
		read_real_quantity(v, RS_DIM_HERTZ, owner);
		return 0;
	case RS_TYPE_BITRATE:
		read_real_quantity(v, RS_DIM_BITRATE, owner);
		return 0;
	case RS_TYPE_LENGTH:
		read_real_quantity(v, RS_DIM_LENGTH, owner);
		return 0;
	case RS_TYPE_WIDTH:
		read_width(v, owner);
		return 0;
	case RS_TYPE_YES_NO:
		read_choice(v, yes_no, (int)RS_COUNT(yes_no), owner);
		return 0;
	case RS_TYPE_GUESTS_MODE:
		read_choice(v, guests_mode, (int)RS_COUNT(guests_mode), owner);
		return 0;
	case RS_TYPE_SET:
		read_choice(v, rs_set_names(v->a->set)->names, rs_set_names(v->a->set)->n, owner);
		return 0;
	}
	return 0;
}

int rs_value_read(struct rs_reader *r, int number, const struct rs_attr *a, const char *text,
		  void *owner)
{
	const struct value v = { .r = r, .a = a, .number = number, .text = text };

	if (strlen(text) > RS_PLAN_MAX_VALUE) {
		complain(&v, "is longer than 4096 bytes; shorten it");
		return 0;
	}
	return read_type(&v, owner);
}

/* ---- the text inside an element ---- */

static int read_number_content(struct rs_reader *r, int number, const struct rs_element *e,
			       const char *text, void *owner)
{
	double d;

	if (rs_parse_double(text, &d, NULL) < 0) {
		rs_complain(r, number, NULL,
			    "\"%.40s\" is not a number; write it as printed, with a point and no "
			    "separator of thousands", text);
		return 0;
	}
	rs_put_double(owner, e->text_more, d);
	return put_text(r, owner, e->text, text);
}

static int read_words_content(struct rs_reader *r, int number, const struct rs_element *e,
			      const char *text, void *owner)
{
	char **words;
	size_t k;

	if (words_of(r, text, &words, &k) < 0) {
		free_words(words, k);
		return -1;
	}
	for (size_t i = 0; i < k; i++) {
		if (!is_package(words[i])) {
			rs_complain(r, number, NULL, "\"%.60s\" is not the name of a "
				    "package; write names with blanks between them", words[i]);
			free_words(words, k);
			return 0;
		}
	}
	put_words(owner, e->text, e->text_more, words, k);
	return 0;
}

int rs_content_read(struct rs_reader *r, int number, const struct rs_element *e, const char *text,
		    void *owner)
{
	if (strlen(text) > RS_PLAN_MAX_TEXT) {
		rs_complain(r, number, NULL, "holds more than 65536 bytes of text; shorten it");
		return 0;
	}
	switch (e->content) {
	case RS_CONTENT_NONE:
		if (text[0] != '\0')
			rs_complain(r, number, NULL,
				    "no text may stand here: \"%.40s\"; remove it", text);
		return 0;
	case RS_CONTENT_NEEDED:
		if (text[0] == '\0') {
			rs_complain(r, number, NULL, "needs a sentence of text inside");
			return 0;
		}
		return put_text(r, owner, e->text, text);
	case RS_CONTENT_TEXT:
		return put_text(r, owner, e->text, text);
	case RS_CONTENT_WORDS:
		return read_words_content(r, number, e, text, owner);
	case RS_CONTENT_NUMBER:
		return read_number_content(r, number, e, text, owner);
	}
	return 0;
}
