/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rules of redaction.  Each looks closer only at the bytes that can be part of
 * what it seeks ("hot"), so that text without any passes at about the speed of memory.
 */
#include "redact_priv.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "restudy/base/mem.h"

static const struct {
	const char *name, *meaning;
} rules[] = {
	[RS_REDACT_SECRET] = { "secret", "values of password, passphrase, secret, token, authorization and of "
					 "access, API and private keys; private keys themselves; user and "
					 "password in a URL" },
	[RS_REDACT_SERIAL] = { "serial", "serial numbers, asset tags, UUIDs, WWNs, machine ids" },
	[RS_REDACT_MAC] = { "mac", "Ethernet addresses" },
	[RS_REDACT_ADDRESS] = { "address", "private and link-local IPv4 and IPv6 addresses" },
	[RS_REDACT_NAME] = { "name", "names of hosts and users, home folders" },
};
_Static_assert(RS_COUNT(rules) == RS_REDACT_LAST, "describe every rule");

const char *rs_redact_name(enum rs_redact_rule rule)
{
	return rules[rule].name;
}

const char *rs_redact_meaning(enum rs_redact_rule rule)
{
	return rules[rule].meaning;
}

enum { HOT_SIGN = 1, HOT_NAME = 2 };	/* a name only begins where a word does */

/* Text under inspection. */
struct view {
	struct rs_redactor *r;
	char *b;
	size_t n;
};

static int is_word(int c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static int byte(const struct view *v, size_t i)
{
	return i < v->n ? (unsigned char)v->b[i] : '\n';
}

static int before(const struct view *v, size_t i)
{
	return i > 0 ? (unsigned char)v->b[i - 1] : '\n';
}

/* Overwrites [from, to); 1 when there was anything to hide. */
static size_t mask(const struct view *v, enum rs_redact_rule rule, size_t from, size_t to)
{
	int seen = 0;

	for (size_t i = from; i < to; i++) {
		seen |= v->b[i] != '*';
		v->b[i] = '*';
	}
	v->r->found[rule] += (uint64_t)seen;
	return (size_t)seen;
}

/* Overwrites the hexadecimal digits of [from, to) alone. */
static size_t mask_digits(const struct view *v, enum rs_redact_rule rule, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (isxdigit((unsigned char)v->b[i]))
			v->b[i] = '*';
	v->r->found[rule]++;
	return 1;
}

/* ---- numbers ---- */

/* aa:bb:cc:dd:ee:ff with the first separator at i; all 0 and all f mean nothing. */
static size_t mac(const struct view *v, size_t i)
{
	char sep = v->b[i];
	int letters = 0, zeros = 1, ones = 1;

	if (i < 2 || i + 15 > v->n || is_word(before(v, i - 2)) || before(v, i - 2) == sep ||
	    is_word(byte(v, i + 15)) || byte(v, i + 15) == sep)
		return 0;
	for (size_t k = i - 2; k < i + 15; k++) {
		int c = byte(v, k);

		if ((k - (i - 2)) % 3 == 2) {
			if (c != sep)
				return 0;
			continue;
		}
		if (!isxdigit(c))
			return 0;
		letters |= isalpha(c);
		zeros &= c == '0';
		ones &= tolower(c) == 'f';
	}
	if (zeros || ones || (sep == '-' && !letters))
		return 0;
	return mask_digits(v, RS_REDACT_MAC, i - 2, i + 15);
}

/* 1b4e28ba-2fa1-11d2-883f-0016d3cca427 with the first hyphen at i; all 0 means nothing. */
static size_t uuid(const struct view *v, size_t i)
{
	int zeros = 1;

	if (i < 8 || i + 28 > v->n || isalnum(before(v, i - 8)) || isalnum(byte(v, i + 28)))
		return 0;
	for (size_t k = i - 8; k < i + 28; k++) {
		const size_t at = k - (i - 8);

		if (at == 8 || at == 13 || at == 18 || at == 23) {
			if (v->b[k] != '-')
				return 0;
		} else if (!isxdigit((unsigned char)v->b[k])) {
			return 0;
		} else {
			zeros &= v->b[k] == '0';
		}
	}
	return zeros ? 0 : mask_digits(v, RS_REDACT_SERIAL, i - 8, i + 28);
}

static int is_private(const int o[4])
{
	return o[0] == 10 || (o[0] == 172 && o[1] >= 16 && o[1] < 32) || (o[0] == 192 && o[1] == 168) ||
	       (o[0] == 169 && o[1] == 254) || (o[0] == 100 && o[1] >= 64 && o[1] < 128);
}

/* Most dots are those of decimal fractions.  10, 100, 169, 172 and 192 end in these digits, and
 * another dot follows a second octet. */
static int may_be_ipv4(const struct view *v, size_t i)
{
	if (i == 0 || (v->b[i - 1] != '0' && v->b[i - 1] != '2' && v->b[i - 1] != '9'))
		return 0;
	return byte(v, i + 2) == '.' || byte(v, i + 3) == '.' || byte(v, i + 4) == '.';
}

/* A dotted address whose first dot stands at i. */
static size_t ipv4(const struct view *v, size_t i)
{
	size_t from = i, at;
	int octet[4];

	while (from > 0 && i - from < 3 && isdigit((unsigned char)v->b[from - 1]))
		from--;
	if (from == i || is_word(before(v, from)) || strchr(".-", before(v, from)) != NULL)
		return 0;
	at = from;
	for (int k = 0; k < 4; k++) {
		int digits = 0;

		for (octet[k] = 0; isdigit(byte(v, at)) && digits < 4; at++, digits++)
			octet[k] = octet[k] * 10 + (byte(v, at) - '0');
		if (digits == 0 || octet[k] > 255 || (k < 3 && byte(v, at++) != '.'))
			return 0;
	}
	if (is_word(byte(v, at)) || byte(v, at) == '-' ||
	    (byte(v, at) == '.' && isdigit(byte(v, at + 1))) || !is_private(octet))
		return 0;
	return mask_digits(v, RS_REDACT_ADDRESS, from, at);
}

/* fc00::/7 and fe80::/10, the first colon at i. */
static size_t ipv6(const struct view *v, size_t i)
{
	const char *p;
	size_t at = i;
	int colons = 0;

	if (i < 4 || is_word(before(v, i - 4)) || before(v, i - 4) == ':')
		return 0;
	p = v->b + i - 4;
	if (tolower(p[0]) != 'f' || !isxdigit((unsigned char)p[2]) || !isxdigit((unsigned char)p[3]))
		return 0;
	if (strchr("cdCD", p[1]) == NULL &&
	    (tolower(p[1]) != 'e' || strchr("89abAB", p[2]) == NULL))
		return 0;
	for (; isxdigit(byte(v, at)) || byte(v, at) == ':'; at++)
		colons += byte(v, at) == ':';
	if (colons < 2 || is_word(byte(v, at)))
		return 0;
	return mask_digits(v, RS_REDACT_ADDRESS, i - 4, at);
}

/* ---- private keys ---- */

static const char key_begin[] = "-----BEGIN ", key_end[] = "-----END ";

static int is_key_begin(const struct view *v, size_t i)
{
	return i + sizeof(key_begin) <= v->n && memcmp(v->b + i, key_begin, sizeof(key_begin) - 1) == 0;
}

/* Masks from on to the end mark, or all of it when the mark comes later. */
static size_t rest_of_key(const struct view *v, size_t from)
{
	const char *end = from < v->n ? memmem(v->b + from, v->n - from, key_end, sizeof(key_end) - 1)
				      : NULL;
	size_t to = end == NULL ? v->n : (size_t)(end - v->b);
	size_t n = 0;

	v->r->in_key = end == NULL;
	for (size_t i = from; i < to; i++)
		if (v->b[i] != '\n' && v->b[i] != '\r') {
			n |= v->b[i] != '*';
			v->b[i] = '*';
		}
	v->r->found[RS_REDACT_SECRET] += n;
	return n;
}

static size_t private_key(const struct view *v, size_t i)
{
	static const char kind[] = "PRIVATE KEY", dashes[] = "-----";
	const char *line_end, *mark;

	if (!is_key_begin(v, i))
		return 0;
	line_end = memchr(v->b + i, '\n', v->n - i);
	if (line_end == NULL)
		line_end = v->b + v->n;
	mark = memmem(v->b + i, (size_t)(line_end - (v->b + i)), kind, sizeof(kind) - 1);
	/* "PRIVATE KEY-----", "PRIVATE KEY BLOCK-----" */
	if (mark != NULL)
		mark = memmem(mark, (size_t)(line_end - mark), dashes, sizeof(dashes) - 1);
	return mark == NULL ? 0 : rest_of_key(v, (size_t)(mark - v->b) + sizeof(dashes) - 1);
}

/* ---- names with values ---- */

/* At the end of longer words too: PGPASSWORD, accessToken. */
static const char *const secret_keys[] = {
	"_pwd", "access_key", "accesskey", "api-key", "api_key", "apikey", "authorization", "passphrase",
	"passwd", "password", "private_key", "privatekey", "secret", "secret_key", "secretkey", "token",
};

static const char *const serial_keys[] = {
	"asset tag", "asset_tag", "asset", "machine id", "machine-id", "machine_id", "partuuid", "serial", "serial number",
	"serial_number", "serialnumber", "uuid", "wwid", "wwn",
};

static int ends_with(const char *text, size_t n, const char *key)
{
	size_t len = strlen(key);

	return len <= n && strncasecmp(text + n - len, key, len) == 0;
}

/* Whether the last word of text, or the last words, are one of keys. */
static int ends_with_key(const char *text, size_t n, const char *const *keys, size_t n_keys)
{
	for (size_t k = 0; k < n_keys; k++) {
		size_t len = strlen(keys[k]);

		if (ends_with(text, n, keys[k]) && (len == n || !isalnum((unsigned char)text[n - len - 1])))
			return 1;
	}
	return 0;
}

/* The rule that a name asks for, or RS_REDACT_LAST. */
static enum rs_redact_rule rule_of(const char *name, size_t n)
{
	for (size_t k = 0; k < RS_COUNT(secret_keys); k++)
		if (ends_with(name, n, secret_keys[k]))
			return RS_REDACT_SECRET;
	if (ends_with_key(name, n, serial_keys, RS_COUNT(serial_keys)))
		return RS_REDACT_SERIAL;
	return RS_REDACT_LAST;
}

static int is_no_value(const char *text, size_t n)
{
	static const char *const none[] = { "0", "n/a", "no", "none", "not", "null", "to", "unknown",
					    "unspecified" };

	for (size_t k = 0; k < RS_COUNT(none); k++)
		if (strlen(none[k]) == n && strncasecmp(text, none[k], n) == 0)
			return 1;
	return 0;
}

/* Where the text ends that began behind a quote; a backslash hides the one after it. */
static size_t end_of_quoted(const struct view *v, size_t from, int quote)
{
	size_t to = from;

	while (byte(v, to) != quote && byte(v, to) != '\n' && byte(v, to) != '\r')
		to += byte(v, to) == '\\' && to + 1 < v->n && v->b[to + 1] != '\n' ? 2 : 1;
	return to < v->n ? to : v->n;
}

/* The value that begins at from, behind blanks: all of it between quotes, else a word or, when
 * such values may have blanks, the line.  A key of many lines is left to the rule for keys. */
static size_t mask_value(const struct view *v, enum rs_redact_rule rule, size_t from, int whole_line)
{
	const char *stop = whole_line ? "\r\n\"'<" : " \t\r\n\"'<>;,&)";
	size_t to;
	int quote;

	while (byte(v, from) == ' ' || byte(v, from) == '\t')
		from++;
	quote = byte(v, from);
	if (quote == '"' || quote == '\'')
		to = end_of_quoted(v, ++from, quote);
	else
		for (to = from; to < v->n && strchr(stop, v->b[to]) == NULL; to++)
			;
	if (to == from || is_no_value(v->b + from, to - from) || is_key_begin(v, from))
		return 0;
	return mask(v, rule, from, to);
}

/* "name: value", "name=value", "\"name\": \"value\"" with the sign at i. */
static size_t named_value(const struct view *v, size_t i)
{
	size_t end = i, start;
	enum rs_redact_rule rule;

	while (end > 0 && strchr(" \t\"'", v->b[end - 1]) != NULL)
		end--;
	for (start = end; start > 0 && end - start < 40; start--) {
		int c = (unsigned char)v->b[start - 1];

		if (!is_word(c) && strchr(" .-", c) == NULL)
			break;
	}
	rule = rule_of(v->b + start, end - start);
	if (rule == RS_REDACT_LAST)
		return 0;
	return mask_value(v, rule, i + 1,
			  ends_with(v->b, end, "authorization") || ends_with(v->b, end, "passphrase"));
}

/* "<uuid>value<" and "name='serial'>value<" with the bracket at i. */
static size_t element(const struct view *v, size_t i)
{
	size_t end = i, start;
	enum rs_redact_rule rule;

	if (end > 0 && (v->b[end - 1] == '\'' || v->b[end - 1] == '"'))
		end--;
	for (start = end; start > 0 && end - start < 40; start--)
		if (!is_word(v->b[start - 1]) && v->b[start - 1] != '-')
			break;
	if (start == end || start == 0 || strchr("<'\"", v->b[start - 1]) == NULL)
		return 0;
	rule = rule_of(v->b + start, end - start);
	return rule == RS_REDACT_LAST ? 0 : mask_value(v, rule, i + 1, 1);
}

/* "://user:password@" with the colon at i. */
static size_t credentials(const struct view *v, size_t i)
{
	size_t at = i + 3;

	if (byte(v, i + 1) != '/' || byte(v, i + 2) != '/')
		return 0;
	while (at < v->n && strchr("@/ \t\r\n\"'<>?#", v->b[at]) == NULL)
		at++;
	return byte(v, at) == '@' && at > i + 3 ? mask(v, RS_REDACT_SECRET, i + 3, at) : 0;
}

/* ---- names ---- */

static int is_kept(const struct rs_redactor *r, const char *name, size_t n)
{
	static const char *const never[] = { "(none)", "host", "localhost", "root" };

	for (size_t k = 0; k < RS_COUNT(never); k++)
		if (strlen(never[k]) == n && memcmp(never[k], name, n) == 0)
			return 1;
	for (size_t k = 0; k < r->n_keep; k++)
		if (strlen(r->keep[k]) == n && memcmp(r->keep[k], name, n) == 0)
			return 1;
	return 0;
}

static size_t listed_name(const struct view *v, size_t i)
{
	if (is_word(before(v, i)))
		return 0;
	for (size_t k = 0; k < v->r->n_names; k++) {
		size_t len = strlen(v->r->names[k]);

		if (i + len <= v->n && memcmp(v->b + i, v->r->names[k], len) == 0 &&
		    !is_word(byte(v, i + len)))
			return mask(v, RS_REDACT_NAME, i, i + len);
	}
	return 0;
}

/* One word that begins at from and ends at a byte of stop. */
static size_t mask_word(const struct view *v, size_t from, const char *stop)
{
	size_t to = from;

	while (to < v->n && strchr(stop, v->b[to]) == NULL)
		to++;
	if (to == from || is_kept(v->r, v->b + from, to - from))
		return 0;
	return mask(v, RS_REDACT_NAME, from, to);
}

/* "/home/NAME" with the first slash at i. */
static size_t home(const struct view *v, size_t i)
{
	if (i + 6 >= v->n || memcmp(v->b + i, "/home/", 6) != 0)
		return 0;
	return mask_word(v, i + 6, "/ \t\r\n\"':;,<>)");
}

/* "Linux NAME 6.1", as uname -a says it. */
static size_t uname_line(const struct view *v, size_t i)
{
	size_t at = i + 6;

	if (is_word(before(v, i)) || at >= v->n || memcmp(v->b + i, "Linux ", 6) != 0)
		return 0;
	while (at < v->n && strchr(" \t\r\n", v->b[at]) == NULL)
		at++;
	if (byte(v, at) != ' ' || !isdigit(byte(v, at + 1)) ||
	    (byte(v, at + 2) != '.' && byte(v, at + 3) != '.'))
		return 0;
	return mask_word(v, i + 6, " ");
}

/* ---- all of them ---- */

static size_t look(const struct view *v, size_t i)
{
	size_t n = 0;

	switch (v->b[i]) {
	case ':':
		n += mac(v, i) + ipv6(v, i) + credentials(v, i) + named_value(v, i);
		break;
	case '-':
		n += mac(v, i) + uuid(v, i) + private_key(v, i);
		break;
	case '=':
		n += named_value(v, i);
		break;
	case '.':
		n += may_be_ipv4(v, i) ? ipv4(v, i) : 0;
		break;
	case '>':
		n += element(v, i);
		break;
	case '/':
		n += home(v, i);
		break;
	case 'L':
		n += uname_line(v, i);
		break;
	default:
		break;
	}
	return n + (v->r->n_names > 0 ? listed_name(v, i) : 0);
}

/* STRIDE bytes at once, as the compiler's vectors. */
typedef unsigned char stride __attribute__((vector_size(16)));
enum { STRIDE = sizeof(stride), SIGNS = 24 };

struct signs {
	stride sign[SIGNS];	/* each a hot byte, in all places */
	size_t n;
};

/* The hot bytes but the dot; 0: they are too many, or the dot begins a name. */
static int gather_signs(const struct rs_redactor *r, struct signs *s)
{
	s->n = 0;
	for (size_t k = 0; k < r->n_names; k++)
		if (r->names[k][0] == '.')
			return 0;
	for (int c = 0; c < 256; c++) {
		if (r->hot[c] == 0 || c == '.')
			continue;
		if (s->n == SIGNS)
			return 0;
		memset(&s->sign[s->n++], c, STRIDE);
	}
	return 1;
}

static stride stride_at(const struct view *v, size_t i)
{
	stride s;

	memcpy(&s, v->b + i, STRIDE);
	return s;
}

/* Whether no rule looks closer at [i, i + STRIDE).  Most dots are those of decimal fractions: one
 * counts when another follows as closely as in an address. */
static int is_quiet(const struct view *v, size_t i, const struct signs *s)
{
	const stride bytes = stride_at(v, i);
	stride dot, seen;
	uint64_t half[2];

	memset(&dot, '.', STRIDE);
	seen = (stride)(bytes == dot) & ((stride)(stride_at(v, i + 2) == dot) | (stride)(stride_at(v, i + 3) == dot) |
					 (stride)(stride_at(v, i + 4) == dot));
	for (size_t k = 0; k < s->n; k++)
		seen |= (stride)(bytes == s->sign[k]);
	memcpy(half, &seen, STRIDE);
	return (half[0] | half[1]) == 0;
}

size_t rs_redact_text(struct rs_redactor *r, char *text, size_t n)
{
	const struct view v = { r, text, n };
	size_t places = r->in_key ? rest_of_key(&v, 0) : 0;
	struct signs signs;
	int strides = gather_signs(r, &signs);

	if (r->in_key)
		return places;
	for (size_t i = 0; i < n;) {
		size_t end = i + STRIDE < n ? i + STRIDE : n;

		if (strides && i + STRIDE + 4 <= n && is_quiet(&v, i, &signs))
			i = end;
		for (; i < end; i++) {
			unsigned char hot = r->hot[(unsigned char)text[i]];

			if (hot == HOT_SIGN || (hot == HOT_NAME && !is_word(before(&v, i))))
				places += look(&v, i);
		}
	}
	return places;
}

size_t rs_redact_value(struct rs_redactor *r, const char *key, char *value)
{
	static const char *const names[] = { "host.name", "hostname", "nodename", "user.name", "username" };
	const struct view v = { r, value, strlen(value) };
	enum rs_redact_rule rule = rule_of(key, strlen(key));
	size_t places;

	if (ends_with_key(key, strlen(key), names, RS_COUNT(names)) && !is_kept(r, value, v.n))
		rule = RS_REDACT_NAME;
	if (rule != RS_REDACT_LAST && !is_no_value(value, v.n))
		return mask(&v, rule, 0, v.n);
	places = rs_redact_text(r, value, v.n);
	r->in_key = 0;
	return places;
}

/* Words too short or too common to be told from prose are not masked. */
static int is_telling(const char *name)
{
	static const char *const common[] = { "admin", "debian", "fedora", "guest", "linux", "test",
					      "ubuntu", "user" };

	if (strlen(name) < 3)
		return 0;
	for (size_t k = 0; k < RS_COUNT(common); k++)
		if (strcasecmp(name, common[k]) == 0)
			return 0;
	return 1;
}

/* Adds the first n bytes of text, unless they are no name to mask. */
static int add_name(struct rs_redactor *r, const char *text, size_t n, struct rs_err *err)
{
	char *name = rs_strndup(text, n, err);
	const unsigned char begin = (unsigned char)text[0];

	if (name == NULL)
		return -1;
	if (!is_telling(name) || is_kept(r, name, n)) {
		free(name);
		return 0;
	}
	r->names[r->n_names++] = name;
	if (r->hot[begin] == 0)
		r->hot[begin] = HOT_NAME;
	return 0;
}

int rs_redactor_init(struct rs_redactor *r, const char *const *names, size_t n_names,
		     const char *const *keep, size_t n_keep, struct rs_err *err)
{
	*r = (struct rs_redactor){ .keep = keep, .n_keep = n_keep };
	for (const char *hot = ":-=.>/L"; *hot != '\0'; hot++)
		r->hot[(unsigned char)*hot] = HOT_SIGN;
	r->names = rs_alloc(2 * n_names + 1, sizeof(*r->names), err);
	if (r->names == NULL)
		return -1;
	for (size_t k = 0; k < n_names; k++) {
		const size_t first = names[k] == NULL ? 0 : strcspn(names[k], ".");

		if (names[k] == NULL)
			continue;
		if (add_name(r, names[k], strlen(names[k]), err) < 0)
			return -1;
		/* "lab7.example.org" is called lab7 too; an address is not */
		if (names[k][first] == '.' && isalpha((unsigned char)names[k][0]) &&
		    add_name(r, names[k], first, err) < 0)
			return -1;
	}
	return 0;
}

void rs_redactor_release(struct rs_redactor *r)
{
	for (size_t k = 0; k < r->n_names; k++)
		free(r->names[k]);
	free(r->names);
	*r = (struct rs_redactor){ 0 };
}
