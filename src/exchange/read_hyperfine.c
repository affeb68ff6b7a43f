/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hyperfine --export-json: an object with "results", each with its command, the times of its
 * runs in seconds and their exit codes.  A command is a benchmark, a run is a trial; means
 * and the like are not taken, since they follow from the times.
 */
#include "exchange_priv.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "restudy/base/mem.h"

static void release_json(json_t **o)
{
	json_decref(*o);
}
#define AUTO_JSON __attribute__((cleanup(release_json))) json_t

/*
 * The line where the i-th object of "results" begins: jansson checks the text but does not
 * say where its values stood.  The text is JSON already.
 */
static int line_of_result(const char *text, size_t index)
{
	const char *s = strstr(text, "\"results\"");
	int depth = 0, line = 1;
	size_t n = 0;

	for (const char *p = text; s != NULL && p < s; p++)
		line += *p == '\n';
	for (s = s != NULL ? s + strlen("\"results\"") : ""; *s != '\0'; s++) {
		line += *s == '\n';
		if (*s == '"') {
			for (s++; *s != '"' && *s != '\0'; s++)
				s += *s == '\\' && s[1] != '\0';
			if (*s == '\0')
				break;
		}
		if (*s == '{' && depth == 1 && n++ == index)
			return line;
		depth += *s == '[' || *s == '{';
		depth -= *s == ']' || *s == '}';
	}
	return line;
}

/* One result as it is read. */
struct result {
	struct rs_reading *in;
	const json_t *o, *results;
	int line, first;		/* of the text; number of its first trial */
	const char *benchmark;
};

/* Whether another result goes by the same name (--command-name) with other parameters. */
static int needs_parameters(const struct result *r, const char *command)
{
	const json_t *mine = json_object_get(r->o, "parameters"), *o;
	size_t i;

	json_array_foreach(r->results, i, o) {
		const char *other = json_string_value(json_object_get(o, "command"));

		if (other != NULL && strcmp(other, command) == 0 &&
		    !json_equal(mine, json_object_get(o, "parameters")))
			return json_object_size(mine) > 0;
	}
	return 0;
}

/* "bench (n=3)": a command of the same name with other parameters is another one. */
static int title_of(const struct result *r, struct rs_buf *title, struct rs_err *err)
{
	const char *command = json_string_value(json_object_get(r->o, "command")), *key;
	json_t *parameters = json_object_get(r->o, "parameters"), *value;
	const char *sep = " (";

	if (command == NULL || command[0] == '\0')
		return rs_expected(r->in, r->line, err, "a text \"command\" in each of \"results\"");
	rs_buf_adds(title, command);
	if (!needs_parameters(r, command))
		return rs_buf_check(title, err);
	json_object_foreach(parameters, key, value) {
		if (!json_is_string(value))
			return rs_expected(r->in, r->line, err, "a text as parameter \"%s\"", key);
		rs_buf_addf(title, "%s%s=%s", sep, key, json_string_value(value));
		sep = ", ";
	}
	rs_buf_addc(title, ')');
	return rs_buf_check(title, err);
}

/* 0: the run ended well, or nothing is said of it. */
static int run_failed(const struct result *r, size_t i, char *why, size_t size)
{
	const json_t *codes = json_object_get(r->o, "exit_codes"), *code = json_array_get(codes, i);

	if (code == NULL || (json_is_integer(code) && json_integer_value(code) == 0))
		return 0;
	if (json_is_integer(code))
		(void)snprintf(why, size, "the command ended with status %lld",
			       (long long)json_integer_value(code));
	else
		(void)snprintf(why, size, "the command was ended by a signal");
	return 1;
}

static int keep_value(const struct result *r, size_t i, const char *metric, const char *unit,
		      const json_t *v, struct rs_err *err)
{
	struct rs_measure m = { .better = RS_BETTER_LOWER };
	struct rs_sample s = { .value = json_number_value(v) };
	struct rs_cell cell;

	rs_reading_cell(r->in, r->benchmark, r->first + (int)i, &cell);
	rs_copy_text(s.guest, sizeof(s.guest), r->in->guest);
	rs_copy_text(s.metric, sizeof(s.metric), metric);
	rs_copy_text(s.unit, sizeof(s.unit), unit);
	rs_copy_text(m.benchmark, sizeof(m.benchmark), r->benchmark);
	rs_copy_text(m.id, sizeof(m.id), metric);
	rs_copy_text(m.unit, sizeof(m.unit), unit);
	if (rs_records_measure(r->in, r->line, &m, err) < 0)
		return -1;
	return rs_records_add(r->in, r->line, &cell, &s, err);
}

/* A list of numbers, one for each run. */
static int check_list(const struct result *r, const char *key, size_t n, struct rs_err *err)
{
	const json_t *list = json_object_get(r->o, key), *v;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) != n || n == 0)
		return rs_expected(r->in, r->line, err, "a list \"%s\" with a number for each run", key);
	json_array_foreach(list, i, v)
		if (!json_is_number(v))
			return rs_expected(r->in, r->line, err, "a number as \"%s\"[%zu]", key, i);
	return 0;
}

static int keep_runs(const struct result *r, struct rs_err *err)
{
	static const struct {
		const char *key, *metric, *unit;
	} lists[] = { { "times", "time", "s" }, { "memory_usage_byte", "memory", "B" } };
	const size_t n = json_array_size(json_object_get(r->o, "times"));

	for (size_t k = 0; k < RS_COUNT(lists); k++) {
		const json_t *list = json_object_get(r->o, lists[k].key), *v;
		size_t i;

		if (k > 0 && list == NULL)
			continue;
		if (check_list(r, lists[k].key, n, err) < 0)
			return -1;
		json_array_foreach(list, i, v)
			if (keep_value(r, i, lists[k].metric, lists[k].unit, v, err) < 0)
				return -1;
	}
	for (size_t i = 0; i < n; i++) {
		struct rs_remark failed = { .kind = RS_REMARK_FAILED };

		if (!run_failed(r, i, failed.text, sizeof(failed.text)))
			continue;
		rs_reading_cell(r->in, r->benchmark, r->first + (int)i, &failed.cell);
		if (rs_records_remark(r->in->out, &failed, err) < 0)
			return -1;
	}
	return 0;
}

static int keep_result(struct result *r, struct rs_err *err)
{
	RS_AUTO_BUF title = RS_BUF_INIT;

	if (!json_is_object(r->o))
		return rs_expected(r->in, r->line, err, "an object in \"results\"");
	if (title_of(r, &title, err) < 0)
		return -1;
	r->benchmark = rs_records_benchmark(r->in->out, r->in->benchmark != NULL ? r->in->benchmark :
					    rs_buf_str(&title), RS_ADAPTER_COMMAND, err);
	if (r->benchmark == NULL)
		return -1;
	r->first = rs_records_next_trial(r->in->out, r->in->system, r->benchmark, r->in->guest);
	return keep_runs(r, err);
}

int rs_read_hyperfine(struct rs_reading *in, struct rs_err *err)
{
	json_error_t bad;
	AUTO_JSON *root = json_loads(in->text, JSON_REJECT_DUPLICATES, &bad);
	const json_t *results = json_object_get(root, "results"), *o;
	size_t i;

	if (root == NULL)
		return rs_expected(in, bad.line, err, "JSON as hyperfine --export-json writes it: %s",
				   bad.text);
	if (!json_is_array(results) || json_array_size(results) == 0)
		return rs_expected(in, 1, err, "an object with a list \"results\" that is not empty");
	if (in->benchmark != NULL && json_array_size(results) > 1)
		return rs_expected(in, line_of_result(in->text, 1), err, "one result only, since --benchmark "
				   "names one benchmark");
	json_array_foreach(results, i, o) {
		struct result r = { .in = in, .o = o, .results = results, .line = line_of_result(in->text, i) };

		if (keep_result(&r, err) < 0)
			return -1;
	}
	return 0;
}
