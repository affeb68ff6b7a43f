/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judgement of <benchmark>: what each adapter needs and what it has no use for. */
#include "validate_priv.h"

#include <math.h>
#include <regex.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "restudy/base/mem.h"

static int knows_metric(const struct rs_benchmark *b, const char *metric)
{
	size_t n;
	const struct rs_known_metric *known = rs_known_metrics(b->adapter, &n);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(known[i].id, metric) == 0)
			return 1;
	}
	for (size_t i = 0; i < b->n_metrics; i++) {
		if (b->metrics[i].id != NULL && strcmp(b->metrics[i].id, metric) == 0)
			return 1;
	}
	return 0;
}

static void guess_metric(const struct rs_benchmark *b, struct rs_guess *guess)
{
	size_t n;
	const struct rs_known_metric *known = rs_known_metrics(b->adapter, &n);

	for (size_t i = 0; i < n; i++)
		rs_guess_try(guess, known[i].id);
	for (size_t i = 0; i < b->n_metrics; i++)
		rs_guess_try(guess, b->metrics[i].id);
}

/* The metrics of a benchmark in words; a long list is cut by the message's size. */
static const char *list_metrics(const struct rs_benchmark *b, struct rs_buf *all)
{
	size_t n;
	const struct rs_known_metric *known = rs_known_metrics(b->adapter, &n);

	for (size_t i = 0; i < n; i++)
		rs_buf_addf(all, "%s%s", i == 0 ? "" : ", ", known[i].id);
	for (size_t i = 0; i < b->n_metrics && all->len < 500; i++)
		rs_buf_addf(all, "%s%s", all->len == 0 ? "" : ", ",
			    b->metrics[i].id != NULL ? b->metrics[i].id : "?");
	return all->len > 0 ? rs_buf_str(all) : "none";
}

int rs_check_metric(struct rs_reader *r, int number, const char *metric,
		    const struct rs_benchmark *b)
{
	struct rs_guess guess = { .word = metric };
	RS_AUTO_BUF all = RS_BUF_INIT;
	char more[120];

	if (metric == NULL || b == NULL)
		return 0;
	if (knows_metric(b, metric))
		return 1;
	guess_metric(b, &guess);
	if (guess.best != NULL)
		rs_complain(r, number, "metric", "the adapter %s has no such metric%s",
			    rs_adapter_name(b->adapter), rs_guess_text(&guess, more, sizeof(more)));
	else
		rs_complain(r, number, "metric", "the adapter %s has no such metric; it has %s",
			    rs_adapter_name(b->adapter), list_metrics(b, &all));
	r->diags->refused |= all.failed;
	return 0;
}

/* ---- rules of "command" ---- */

/* "\1" to "\9", which the C library takes and which may take it for ever. */
static int has_back_reference(const char *expression)
{
	for (const char *p = expression; (p = strchr(p, '\\')) != NULL && p[1] != '\0'; p += 2)
		if (p[1] >= '1' && p[1] <= '9')
			return 1;
	return 0;
}

enum { LONGEST_REGEX = 500, LARGEST_REGEX = 2000, DEEPEST_GROUP = 50 };

/* After the bracket expression that begins at p. */
static const char *skip_bracket(const char *p)
{
	p += p[1] == '^' ? 2 : 1;
	p += *p == ']';
	while (*p != '\0' && *p != ']') {
		const char *end = *p == '[' && p[1] != '\0' && strchr(":.=", p[1]) != NULL ? strchr(p + 2, p[1]) : NULL;

		p = end != NULL && end[1] == ']' ? end + 2 : p + 1;
	}
	return *p == ']' ? p + 1 : p;
}

/* How often the counted repeat at p writes out what is before it. */
static double copies(const char *p)
{
	double most = 0, n = 0;

	while (*++p != '\0' && *p != '}') {
		n = *p >= '0' && *p <= '9' ? n * 10 + (*p - '0') : 0;
		most = fmax(most, n);
	}
	return most + 1;	/* "x{n,}" is one more */
}

/* Letters and groups of an expression when its repeats are written out, as regcomp does it: "x+"
 * is two of x, also where x is a group with repeats. */
static double written_out(const char *p)
{
	double level[DEEPEST_GROUP + 1] = { 0 }, last = 0, times;
	int depth = 0;

	while (*p != '\0') {
		if (*p == '(') {
			if (depth == DEEPEST_GROUP)
				return (double)INFINITY;
			level[++depth] = 0;
			p++;
			continue;
		}
		if (*p == '+' || *p == '{') {
			times = *p == '+' ? 2 : copies(p);
			level[depth] += last * (times - 1);
			last *= times;
			p += *p == '+' ? 0 : strcspn(p, "}");
			p += *p != '\0';
			continue;
		}
		if (*p == '*' || *p == '?') {
			p++;
			continue;
		}
		last = 1;
		if (*p == ')' && depth > 0)
			last += level[depth--];
		level[depth] += last;
		p = *p == '[' ? skip_bracket(p) : p + (*p == '\\' && p[1] != '\0' ? 2 : 1);
	}
	for (; depth > 0; depth--)
		level[depth - 1] += level[depth];
	return level[0];
}

/*
 * A regular expression that compiles and has a group.  Repeats are copies in regcomp, which takes
 * all memory or the stack for large ones.
 */
static void check_regex(struct rs_reader *r, const struct rs_metric_rule *m)
{
	char why[120];
	regex_t re;
	int rc;

	if (strlen(m->expression) > LONGEST_REGEX || !(written_out(m->expression) <= LARGEST_REGEX)) {
		rs_complain(r, m->line, "expression", "is too complex; use at most %d letters, and when its "
			    "repeats x+ and x{n,m} are written out at most %d", LONGEST_REGEX, LARGEST_REGEX);
		return;
	}
	if (has_back_reference(m->expression)) {
		rs_complain(r, m->line, "expression", "refers back with \\1 or the like, which a POSIX "
			    "extended regular expression cannot; write it out");
		return;
	}
	rc = regcomp(&re, m->expression, REG_EXTENDED | REG_NEWLINE);
	if (rc != 0) {
		regerror(rc, &re, why, sizeof(why));
		rs_complain(r, m->line, "expression", "is no POSIX extended regular expression: %s", why);
		return;
	}
	if (re.re_nsub == 0)
		rs_complain(r, m->line, "expression", "needs a group in ( ) around the number");
	regfree(&re);
}

/* RFC 6901: "" or parts that start with "/", with "~" only in "~0" and "~1". */
static void check_pointer(struct rs_reader *r, const struct rs_metric_rule *m)
{
	const char *p = m->expression;

	if (*p != '/')
		rs_complain(r, m->line, "expression", "a JSON pointer starts with /");
	for (p = strchr(p, '~'); p != NULL; p = strchr(p + 1, '~')) {
		if (p[1] != '0' && p[1] != '1') {
			rs_complain(r, m->line, "expression", "write ~ as ~0 in a JSON pointer (RFC 6901)");
			return;
		}
	}
}

static void check_rule(struct rs_reader *r, const struct rs_metric_rule *m)
{
	if (m->expression == NULL || !rs_has_attribute(r, m->line, "rule"))
		return;
	switch (m->rule) {
	case RS_RULE_REGEX:
		check_regex(r, m);
		return;
	case RS_RULE_JSON:
		check_pointer(r, m);
		return;
	case RS_RULE_CSV:
	case RS_RULE_LAST:
		return;
	}
}

static void check_command(struct rs_reader *r, const struct rs_benchmark *b)
{
	const struct rs_ids metrics = RS_IDS("metric", b->metrics, b->n_metrics, struct rs_metric_rule,
					     id);

	if (b->n_arguments == 0)
		rs_complain(r, b->line, "adapter", "a command needs its program and arguments: write "
			    "<argument value=\"/path/of/program\"/>");
	else if (b->arguments[0] != NULL && b->arguments[0][0] == '-')
		rs_complain(r, rs_child_number(r, b->line, "argument"), "value",
			    "the first argument is the program; its name cannot start with -");
	if (b->n_metrics == 0)
		rs_complain(r, b->line, "adapter", "a command needs a <metric> that tells how to take "
			    "the number from its output");
	rs_check_unique(r, &metrics, "id");
	for (size_t i = 0; i < b->n_metrics; i++)
		check_rule(r, &b->metrics[i]);
}

/* ---- what has no effect ---- */

struct unused {
	const char *attribute;
	unsigned adapters;	/* bits of the adapters that use it */
};

#define BIT(a) (1u << (a))
#define WEB (BIT(RS_ADAPTER_SIEGE) | BIT(RS_ADAPTER_HTTPLOAD))
#define TESTS (BIT(RS_ADAPTER_KERNELS) | BIT(RS_ADAPTER_UNIXBENCH))

static void check_no_effect(struct rs_reader *r, const struct rs_benchmark *b)
{
	static const struct unused uses[] = {
		{ "concurrency", WEB | TESTS },
		{ "keep-alive", WEB },
		{ "page-size", WEB },
		{ "path", WEB | BIT(RS_ADAPTER_UNIXBENCH) },
		{ "rate", BIT(RS_ADAPTER_HTTPLOAD) },
		{ "repetition", BIT(RS_ADAPTER_KERNELS) },
		{ "source", BIT(RS_ADAPTER_UNIXBENCH) },
		{ "tests", TESTS },
	};
	char why[60];

	(void)snprintf(why, sizeof(why), "with the adapter %s", rs_adapter_name(b->adapter));
	for (size_t i = 0; i < RS_COUNT(uses); i++) {
		if ((uses[i].adapters & BIT(b->adapter)) == 0)
			rs_check_unused(r, b->line, uses[i].attribute, why);
	}
	if (b->adapter != RS_ADAPTER_COMMAND && b->n_metrics > 0)
		rs_complain(r, b->metrics[0].line, NULL, "has no effect %s; remove it", why);
	if (b->source == NULL)
		rs_check_unused(r, b->line, "sha256", "without a source");
}

static void check_tests(struct rs_reader *r, const struct rs_benchmark *b)
{
	for (size_t i = 0; i < b->n_tests; i++) {
		struct rs_guess guess = { .word = b->tests[i] };
		char more[120];

		if ((BIT(b->adapter) & TESTS) == 0)
			break;
		guess_metric(b, &guess);
		if (!knows_metric(b, b->tests[i]))
			rs_complain(r, b->line, "tests", "there is no test \"%s\"%s", b->tests[i],
				    guess.best != NULL ? rs_guess_text(&guess, more, sizeof(more)) :
							 "; correct or remove it");
		for (size_t k = 0; k < i; k++) {
			if (strcmp(b->tests[k], b->tests[i]) == 0) {
				rs_complain(r, b->line, "tests", "\"%s\" is named twice; keep one",
					    b->tests[i]);
				break;
			}
		}
	}
}

static void validate_benchmark(struct rs_reader *r, const struct rs_plan *plan,
			       const struct rs_benchmark *b)
{
	const struct rs_ids systems = RS_IDS("system", plan->systems, plan->n_systems,
					     struct rs_system, id);

	rs_check_names(r, b->line, "systems", b->systems, b->n_systems, &systems);
	if (!rs_has_attribute(r, b->line, "adapter"))
		return;
	check_no_effect(r, b);
	check_tests(r, b);
	if (b->adapter == RS_ADAPTER_COMMAND)
		check_command(r, b);
}

void rs_validate_benchmarks(struct rs_reader *r, const struct rs_plan *plan)
{
	const struct rs_ids ids = RS_IDS("benchmark", plan->benchmarks, plan->n_benchmarks,
					 struct rs_benchmark, id);

	rs_check_unique(r, &ids, "id");
	for (size_t i = 0; i < plan->n_benchmarks; i++)
		validate_benchmark(r, plan, &plan->benchmarks[i]);
}
