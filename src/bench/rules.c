/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How "command" takes a value from what a program printed: a POSIX extended regular
 * expression (its first group, first match), a column of CSV by RFC 4180 (the last row),
 * or a JSON pointer by RFC 6901.
 */
#include "bench_priv.h"

#include <math.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"

/* The number that is the whole of text but for blanks. */
static int whole_number(const struct rs_metric_rule *m, const char *text, size_t n,
			const char *where, double *ret, struct rs_err *err)
{
	RS_AUTO_STR *copy = rs_strndup(text, n, err);
	const char *end;

	if (copy == NULL)
		return -1;
	if (rs_scan_double(copy, &end, ret) < 0 || end[strspn(end, " \t\r\n")] != '\0' ||
	    !isfinite(*ret))
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\": metric \"%s\": \"%.40s\" is not a number",
				  where, m->id, copy);
	return 0;
}

static int compile(const struct rs_metric_rule *m, regex_t *re, struct rs_err *err)
{
	char why[200];
	const int rc = regcomp(re, m->expression, REG_EXTENDED | REG_NEWLINE);

	if (rc != 0) {
		regerror(rc, re, why, sizeof(why));
		return rs_err_set(err, RS_ERR_PLAN, "metric \"%s\": expression \"%s\": %s", m->id,
				  m->expression, why);
	}
	if (re->re_nsub >= 1)
		return 0;
	regfree(re);
	return rs_err_set(err, RS_ERR_PLAN,
			  "metric \"%s\": expression \"%s\" has no group: put what is the value "
			  "in parentheses", m->id, m->expression);
}

int rs_rule_check(const struct rs_metric_rule *m, struct rs_err *err)
{
	regex_t re;

	if (m->expression == NULL || m->expression[0] == '\0')
		return m->rule == RS_RULE_JSON && m->expression != NULL
			       ? 0
			       : rs_err_set(err, RS_ERR_PLAN, "metric \"%s\" has no expression", m->id);
	if (m->rule == RS_RULE_JSON && m->expression[0] != '/')
		return rs_err_set(err, RS_ERR_PLAN, "metric \"%s\": a JSON pointer begins with \"/\", not "
				  "as \"%s\"", m->id, m->expression);
	if (m->rule != RS_RULE_REGEX)
		return 0;
	if (compile(m, &re, err) < 0)
		return -1;
	regfree(&re);
	return 0;
}

static int take_regex(const struct rs_metric_rule *m, const char *text, const char *where,
		      double *ret, struct rs_err *err)
{
	enum rs_match found;
	regmatch_t at;
	regex_t re;

	if (compile(m, &re, err) < 0)
		return -1;
	found = rs_match_group(&re, text, &at, err);
	regfree(&re);
	switch (found) {
	case RS_MATCH_FOUND:
		return whole_number(m, text + at.rm_so, (size_t)(at.rm_eo - at.rm_so), where, ret,
				    err);
	case RS_MATCH_NONE:
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\": metric \"%s\": nothing matches \"%s\"",
				  where, m->id, m->expression);
	case RS_MATCH_TOO_MUCH:
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\": metric \"%s\": looking for \"%s\" "
				  "took more than 5 s and was given up: name more of what stands before "
				  "the number", where,
				  m->id, m->expression);
	case RS_MATCH_ERROR:
		break;
	}
	return -1;
}

/* Reads one field into b; returns what ended it: ',', '\n', '\0', or -1 for an open quote. */
static int csv_field(const char **text, struct rs_buf *b)
{
	const char *at = *text;
	int quoted = *at == '"';

	rs_buf_clear(b);
	at += quoted;
	while (*at != '\0' && (quoted || (*at != ',' && *at != '\n'))) {
		if (quoted && *at == '"') {
			if (at[1] != '"') {
				quoted = 0;
				at++;
				continue;
			}
			at++;
		}
		if (*at != '\r')
			rs_buf_addc(b, *at);
		at++;
	}
	*text = *at != '\0' ? at + 1 : at;
	return quoted ? -1 : *at;
}

/* Position of the wanted column in the row at *text, which is passed over; -1 when it has none. */
static int csv_column(const char **text, const char *name, struct rs_buf *field)
{
	int found = -1, end = ',';

	for (int i = 0; end == ','; i++) {
		end = csv_field(text, field);
		if (end >= 0 && strcmp(rs_buf_str(field), name) == 0)
			found = i;
	}
	return found;
}

static int take_csv(const struct rs_metric_rule *m, const char *text, const char *where,
		    double *ret, struct rs_err *err)
{
	RS_AUTO_BUF field = RS_BUF_INIT, last = RS_BUF_INIT;
	const int column = csv_column(&text, m->expression, &field);
	int rows = 0, line = 1;

	if (column < 0)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\":1: metric \"%s\": no column \"%s\"", where,
				  m->id, m->expression);
	while (*text != '\0') {
		int end = ',', i;

		line++;
		if (*text == '\n' || *text == '\r') {
			text++;
			continue;
		}
		for (i = 0; end == ','; i++) {
			end = csv_field(&text, &field);
			if (i == column) {
				rs_buf_clear(&last);
				rs_buf_adds(&last, rs_buf_str(&field));
			}
		}
		if (end < 0 || i <= column)
			return rs_err_set(err, RS_ERR_FAILED,
					  end < 0 ? "\"%s\":%d: a quote that does not end"
						  : "\"%s\":%d: too few columns", where, line);
		rows++;
	}
	if (rs_buf_check(&last, err) < 0)
		return -1;
	if (rows == 0)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\": no row below its head", where);
	return whole_number(m, rs_buf_str(&last), last.len, where, ret, err);
}

/* One reference token of the pointer, with ~1 and ~0 undone; *at moves to the next '/'. */
static void pointer_token(const char **at, struct rs_buf *token)
{
	rs_buf_clear(token);
	for (++*at; **at != '\0' && **at != '/'; ++*at) {
		if ((*at)[0] == '~' && ((*at)[1] == '0' || (*at)[1] == '1')) {
			++*at;
			rs_buf_addc(token, **at == '1' ? '/' : '~');
		} else {
			rs_buf_addc(token, **at);
		}
	}
}

static const json_t *pointer_step(const json_t *v, const char *token)
{
	int64_t index;

	if (json_is_object(v))
		return json_object_get(v, token);
	if (json_is_array(v) && (token[0] != '0' || token[1] == '\0') &&
	    rs_parse_i64(token, 0, INT32_MAX, &index, NULL) == 0)
		return json_array_get(v, (size_t)index);
	return NULL;
}

static int take_json(const struct rs_metric_rule *m, const char *text, const char *where,
		     double *ret, struct rs_err *err)
{
	RS_AUTO_BUF token = RS_BUF_INIT;
	json_error_t bad;
	json_t *root = json_loads(text, JSON_DECODE_ANY, &bad);
	const json_t *v = root;
	int rc;

	if (root == NULL)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\":%d: not JSON: %s", where, bad.line, bad.text);
	for (const char *at = m->expression; *at == '/' && v != NULL;) {
		pointer_token(&at, &token);
		v = token.failed ? NULL : pointer_step(v, rs_buf_str(&token));
	}
	if (json_is_number(v)) {
		*ret = json_number_value(v);
		rc = 0;
	} else if (json_is_string(v)) {
		rc = whole_number(m, json_string_value(v), json_string_length(v), where, ret, err);
	} else {
		rc = rs_err_set(err, RS_ERR_FAILED, "\"%s\": metric \"%s\": no number at \"%s\"", where,
				m->id, m->expression);
	}
	json_decref(root);
	return rc;
}

int rs_rule_take(const struct rs_metric_rule *m, const char *text, const char *where, double *ret,
		 struct rs_err *err)
{
	switch (m->rule) {
	case RS_RULE_REGEX:
		return take_regex(m, text, where, ret, err);
	case RS_RULE_CSV:
		return take_csv(m, text, where, ret, err);
	case RS_RULE_JSON:
		return take_json(m, text, where, ret, err);
	case RS_RULE_LAST:
		break;
	}
	return rs_err_set(err, RS_ERR_INTERNAL, "metric \"%s\" has no rule", m->id);
}
