/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as what a benchmark printed.  The first byte chooses its reader, by letter.  A
 * value that is taken is finite and has a unit; a reader that refuses says why.
 */
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/bench/bench_priv.h"
#include "fuzz_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

static int take_sample(void *user, const struct rs_sample *s, struct rs_err *err)
{
	(void)err;
	(void)user;
	must(isfinite(s->value) && s->metric[0] != '\0' && s->unit[0] != '\0');
	return 0;
}

static int take_note(void *user, const struct rs_note *n, struct rs_err *err)
{
	(void)user;
	(void)err;
	must(memchr(n->text, '\0', sizeof(n->text)) != NULL);
	return 0;
}

static const struct rs_sink sink = { take_sample, take_note, NULL };

/* The files that a reader looks for, all with the same bytes. */
static int read_folder(const struct rs_bench_driver *d, const char *const *names,
		       const uint8_t *data, size_t size, struct rs_err *err)
{
	static const char *const tests[] = { "pipe", "execl" };
	const struct rs_benchmark b = { .id = (char *)(uintptr_t) "b", .tests = (char **)(uintptr_t)tests,
					.n_tests = size % 2 == 0 ? RS_COUNT(tests) : 0 };
	char jail[200];
	int rc;

	fuzz_jail(jail);
	for (; *names != NULL; names++) {
		RS_AUTO_STR *path = rs_path_join(jail, *names, NULL);

		must(path != NULL);
		fuzz_write(path, data, size);
	}
	rc = d->read(&b, "guest", jail, &sink, err);
	must(rs_path_remove_tree(jail, NULL) == 0);
	return rc;
}

/* "EXPRESSION NEWLINE TEXT" */
static int take_by_rule(int rule, const char *text, struct rs_err *err)
{
	RS_AUTO_STR *expression = rs_strndup(text, strcspn(text, "\n"), NULL);
	const struct rs_metric_rule m = { .id = (char *)(uintptr_t) "m", .expression = expression,
					  .rule = (enum rs_rule)rule };
	double value = 0;
	int rc;

	must(expression != NULL);
	/* libc compiles repeats of repeats without bound: plans count before they do (fuzz_plan),
	 * here those with more than one are left out */
	if (rule == RS_RULE_REGEX && strpbrk(expression, "+{") != NULL &&
	    (strlen(expression) > 100 || *strpbrk(expression, "+{") == '{' ||
	     strpbrk(strpbrk(expression, "+{") + 1, "+{") != NULL))
		return rs_err_set(err, RS_ERR_PLAN, "not tried");
	if (rs_rule_check(&m, err) < 0)
		return -1;
	rc = rs_rule_take(&m, text + strlen(expression) + (text[strlen(expression)] == '\n'), "fuzz", &value,
			  err);
	must(rc < 0 || isfinite(value));
	return rc;
}

static int read_any(int which, const uint8_t *data, size_t size, struct rs_err *err)
{
	static const char *const load[] = { "result.json", NULL };
	static const char *const unixbench[] = { "stdout", "stderr", "log", "report", NULL };
	static const char *const kernels[] = { "pipe.json", "execl.json", NULL };
	static const char *const siege[] = { "stdout", "stderr", NULL };
	RS_AUTO_STR *text = rs_strndup((const char *)data, size, NULL);

	must(text != NULL);
	switch (which) {
	case 'u':
		return rs_bench_read_unixbench(text, "fuzz", 0, "guest", &sink, err);
	case 's':
		return rs_bench_read_siege(text, "fuzz", "guest", &sink, err);
	case 'r':
		return rs_bench_read_siege_row(text, "fuzz", "guest", &sink, err);
	case 'h':
		return read_folder(&rs_bench_httpload, load, data, size, err);
	case 'k':
		return read_folder(&rs_bench_kernels, kernels, data, size, err);
	case 'S':
		return read_folder(&rs_bench_siege, siege, data, size, err);
	case 'U':
		return read_folder(&rs_bench_unixbench, unixbench, data, size, err);
	default:
		return take_by_rule(which % RS_RULE_LAST, text, err);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rs_err err = RS_ERR_INIT;

	if (size == 0)
		return 0;
	must_tell(read_any(data[0], data + 1, size - 1, &err), &err);
	return 0;
}
