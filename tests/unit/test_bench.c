/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Readers of the adapters: each row is a raw folder as a benchmark left it and the
 * samples, notes and error that must come out (tests/golden/bench/NAME/expect.txt).
 * "make regen" rewrites the expectations; git shows what changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/bench/bench_priv.h"
#include "../../src/bench/unixbench_priv.h"
#include "restudy/base/buf.h"
#include "restudy/base/cmd.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#define GOLDEN "tests/golden/bench"

static int print_sample(void *user, const struct rs_sample *s, struct rs_err *err)
{
	rs_buf_addf(user, "%s %s %.12g %s\n", s->guest, s->metric, s->value, s->unit);
	return rs_buf_check(user, err);
}

static int print_note(void *user, const struct rs_note *n, struct rs_err *err)
{
	rs_buf_addf(user, "%s: %s\n", n->level == RS_NOTE_INFO ? "note" : "warning", n->text);
	return rs_buf_check(user, err);
}

/* What reading a raw folder gives, as text. */
static void reread(const struct rs_benchmark *b, const char *raw, struct rs_buf *out)
{
	const struct rs_sink sink = { print_sample, print_note, out };
	struct rs_err err = RS_ERR_INIT;

	if (rs_bench_reread(b, raw, &sink, &err) < 0)
		rs_buf_addf(out, "error: %s\n", err.text);
}

static void compare(const char *name, const struct rs_buf *got)
{
	RS_AUTO_STR *path = rs_asprintf(NULL, GOLDEN "/%s/expect.txt", name);
	RS_AUTO_BUF want = RS_BUF_INIT;

	if (getenv("RESTUDY_REGEN") != NULL) {
		assert_int_equal(rs_path_write(path, rs_buf_str(got), got->len, NULL), 0);
		return;
	}
	assert_int_equal(rs_path_read(path, 1 << 20, &want, NULL), 0);
	if (strcmp(rs_buf_str(&want), rs_buf_str(got)) != 0)
		fail_msg("%s: expected\n%sgot\n%s", name, rs_buf_str(&want), rs_buf_str(got));
}

static void read_row(const char *name, const struct rs_benchmark *b)
{
	RS_AUTO_STR *raw = rs_asprintf(NULL, GOLDEN "/%s/raw", name);
	RS_AUTO_BUF got = RS_BUF_INIT;

	reread(b, raw, &got);
	compare(name, &got);
}

static char *two_tests[] = { (char *)(uintptr_t) "pipe", (char *)(uintptr_t) "spawn" };

static void kernels_rows(void **state)
{
	static const char *const rows[] = {
		"kernels-cut",	      "kernels-empty",	     "kernels-no-file",
		"kernels-nonsense",   "kernels-ok",	     "kernels-one-failed",
		"kernels-other-test", "kernels-other-unit",  "kernels-text-value",
		"kernels-twice",      "kernels-zero",
	};
	const struct rs_benchmark b = { .adapter = RS_ADAPTER_KERNELS, .tests = two_tests,
					.n_tests = 2 };

	(void)state;
	for (size_t i = 0; i < RS_COUNT(rows); i++)
		read_row(rows[i], &b);
}

static void kernels_repeated_rows(void **state)
{
	struct rs_benchmark b = { .adapter = RS_ADAPTER_KERNELS, .tests = two_tests, .n_tests = 2,
				  .repetition = RS_REPETITION_UNIXBENCH_4 };

	(void)state;
	read_row("kernels-repeated-4", &b);
	read_row("kernels-repeated-short", &b);
	read_row("kernels-repeated-failed", &b);
	b.repetition = RS_REPETITION_UNIXBENCH_5;
	read_row("kernels-repeated-5", &b);
}

static void siege_rows(void **state)
{
	static const char *const rows[] = {
		"siege-2.60-bytes", "siege-2.65",	 "siege-4.0.7",	     "siege-4.0.7-json",
		"siege-4.1",	    "siege-4.1-json",	 "siege-all-failed", "siege-bad-number",
		"siege-cut",	    "siege-damaged-number", "siege-few-failed",	 "siege-json-nan",   "siege-killed",
		"siege-little",	    "siege-many-failed", "siege-no-file",    "siege-no-response",
		"siege-no-result",  "siege-other-page",
	};
	const struct rs_benchmark b = { .adapter = RS_ADAPTER_SIEGE };

	(void)state;
	for (size_t i = 0; i < RS_COUNT(rows); i++)
		read_row(rows[i], &b);
}

static void httpload_rows(void **state)
{
	static const char *const rows[] = {
		"httpload-bad-slot", "httpload-cut",	  "httpload-few-failed", "httpload-many-failed",
		"httpload-no-field", "httpload-none",	  "httpload-ok",
	};
	const struct rs_benchmark b = { .adapter = RS_ADAPTER_HTTPLOAD };

	(void)state;
	for (size_t i = 0; i < RS_COUNT(rows); i++)
		read_row(rows[i], &b);
}

static void unixbench_rows(void **state)
{
	static const char *const rows[] = {
		"unixbench-4-aborted",	  "unixbench-4.1.0",	   "unixbench-4.1.0-locale",
		"unixbench-4.1.0-report", "unixbench-4.1.0-two-runs", "unixbench-5.1.3",
		"unixbench-4.1.0-no-index", "unixbench-5.1.3-zero-loops",
		"unixbench-6.0.0",	  "unixbench-6.0.0-csv",   "unixbench-6.0.0-no-base",
		"unixbench-bad-log",
		"unixbench-bad-report",	  "unixbench-bad-score",   "unixbench-bad-unit",
		"unixbench-csv-short",	  "unixbench-other-file",  "unixbench-zero-loops",
	};
	char *one[] = { (char *)(uintptr_t) "pipe", (char *)(uintptr_t) "dc" };
	struct rs_benchmark b = { .adapter = RS_ADAPTER_UNIXBENCH };

	(void)state;
	for (size_t i = 0; i < RS_COUNT(rows); i++)
		read_row(rows[i], &b);
	b.concurrency = 2;
	read_row("unixbench-6.0.0-2-copies", &b);
	/* Results of which nothing can be taken are an error. */
	{
		RS_AUTO_BUF got = RS_BUF_INIT;

		reread(&b, GOLDEN "/unixbench-4.1.0/raw", &got);
		assert_string_equal(rs_buf_str(&got), "error: guest \"host\": UnixBench tells no value of a test with "
				    "2 copies\n");
	}
	/* A test that was asked for and has no result is an error. */
	b.concurrency = 0;
	b.tests = one;
	b.n_tests = 2;
	{
		RS_AUTO_BUF got = RS_BUF_INIT;

		reread(&b, GOLDEN "/unixbench-4.1.0/raw", &got);
		assert_non_null(strstr(rs_buf_str(&got), "host pipe 885488 lps\n"));
		assert_non_null(strstr(rs_buf_str(&got), "error: guest \"host\": dc: no measured"));
	}
}

/* The index by hand: 10 * sqrt((12440 * 4 / 12440) * (4000 * 9 / 4000)) = 10 * 6. */
static void the_index_is_the_geometric_mean_of_ratios(void **state)
{
	static const char log_text[] =
		"|  BYTE UNIX Benchmarks (Version 4.1.0)\n"
		"Pipe Throughput|2.0|lps|49760.0|49760.0|1\n"
		"Pipe-based Context Switching|2.0|lps|36000.0|36000.0|1\n"
		"Shell Scripts (1 concurrent)|5.0|lpm|424.0|424.0|1\n";
	struct rs_unixbench u;
	double index = 0;
	int n = 0;

	(void)state;
	rs_unixbench_init(&u, 1);
	assert_int_equal(rs_unixbench_parse(&u, log_text, "log", NULL), 0);
	assert_int_equal(u.version, 4);
	assert_int_equal(rs_unixbench_index(&u, &index, &n, NULL), 0);
	assert_int_equal(n, 2);
	assert_true(fabs(index - 60) < 1e-9);
	/* From 5 on the index has the single shell script too: (4 * 9 * 10)^(1/3) * 10. */
	u.version = 5;
	assert_int_equal(rs_unixbench_index(&u, &index, &n, NULL), 0);
	assert_int_equal(n, 3);
	assert_true(fabs(index - 71.137866) < 1e-6);
}

/* Asked for all tests, one whose program the guest lacks is left out with a note. */
static void a_missing_program_is_left_out_only_when_all_were_asked(void **state)
{
	static const char missing[] = "{\"test\":\"dc\",\"definition\":1,\"error\":\"no program "
				      "\\\"dc\\\" in PATH\",\"missing\":\"dc\"}\n";
	char *const dc = (char *)(uintptr_t) "dc";
	char *names[] = { dc };
	char dir[] = "/tmp/restudy-test-XXXXXX";
	struct rs_benchmark b = { .adapter = RS_ADAPTER_KERNELS, .tests = names, .n_tests = 1 };
	RS_AUTO_BUF asked = RS_BUF_INIT, all = RS_BUF_INIT;
	RS_AUTO_STR *path = NULL, *guest = NULL;

	(void)state;
	assert_non_null(mkdtemp(dir));
	guest = rs_path_join(dir, "host", NULL);
	assert_int_equal(rs_path_mkdirs(guest, NULL), 0);
	path = rs_path_join(guest, "dc.json", NULL);
	assert_int_equal(rs_path_write(path, missing, sizeof(missing) - 1, NULL), 0);
	reread(&b, dir, &asked);
	assert_non_null(strstr(rs_buf_str(&asked), "error: guest \"host\": dc: no program"));
	b.n_tests = 0;
	reread(&b, dir, &all);
	assert_non_null(strstr(rs_buf_str(&all), "note: guest \"host\": dc left out: no program"));
	/* All the others are missing in this folder, which is an error of its own. */
	assert_non_null(strstr(rs_buf_str(&all), "error: guest \"host\": "));
	assert_int_equal(rs_path_remove_tree(dir, NULL), 0);
}

static void siege_log_rows(void **state)
{
	/* From the samples: a good row, then one of a run in which nothing was answered. */
	static const char good[] =
		"2026-11-23 05:25:24,  78116,       9.86,         600,       0.00,     7922.52,"
		"       60.85,       11.94,   78117,       0";
	static const char none[] =
		"2026-11-23 05:27:17,      0,       0.00,           0,       -nan,        -nan,"
		"        -nan,        -nan,       0,       6";
	struct rs_siege_result r;
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	assert_int_equal(rs_siege_parse_log_row(good, "siege.log:2", &r, &err), 0);
	assert_true(r.transactions == 78116 && r.elapsed_s == 9.86 && r.data_mb == 600);
	assert_true(r.rate == 7922.52 && r.throughput == 60.85 && r.concurrency == 11.94);
	assert_true(r.successful == 78117 && r.failed == 0 && r.availability == 100);
	assert_true(isnan(r.longest_s));
	assert_int_equal(rs_siege_parse_log_row(none, "siege.log:5", &r, &err), 0);
	assert_true(r.transactions == 0 && r.failed == 6 && r.availability == 0);
	assert_int_equal(rs_siege_parse_log_row("2026-11-23 05:27:17, 5, 1.0, x, 2", "siege.log:9",
						&r, &err), -1);
	assert_string_equal(err.text, "siege.log:9: expected a number in column 4");
	rs_err_clear(&err);
	assert_int_equal(rs_siege_parse_log_row("", "siege.log:1", &r, &err), -1);
}

/* Every adapter is listed, has what a caller calls, and names what it gives once. */
static void drivers_are_complete(void **state)
{
	(void)state;
	for (int a = 0; a < RS_ADAPTER_LAST; a++) {
		const struct rs_bench_driver *d = rs_bench_driver_of((enum rs_adapter)a);

		assert_non_null(d);
		assert_string_equal(d->name, rs_adapter_name((enum rs_adapter)a));
		if (d->unavailable != NULL)
			continue;
		assert_non_null(d->prepare);
		assert_non_null(d->run);
		assert_non_null(d->read);
		assert_non_null(d->steps);
		assert_non_null(d->predict_s);
		for (size_t i = 0; i < d->n_metrics; i++) {
			assert_true(d->metrics[i].unit[0] != '\0');
			for (size_t j = 0; j < i; j++)
				assert_string_not_equal(d->metrics[i].id, d->metrics[j].id);
		}
	}
	assert_null(rs_bench_drivers()[RS_ADAPTER_LAST]);
}

static void metrics_are_found_by_id(void **state)
{
	struct rs_metric_rule rule = { .id = (char *)(uintptr_t) "score",
				       .unit = (char *)(uintptr_t) "points",
				       .better = RS_BETTER_LOWER };
	const struct rs_benchmark own = { .adapter = RS_ADAPTER_COMMAND, .metrics = &rule,
					  .n_metrics = 1 };
	const struct rs_benchmark b = { .adapter = RS_ADAPTER_KERNELS };
	struct rs_metric m;

	(void)state;
	assert_int_equal(rs_bench_metric(&b, "fsdisk-copy", &m), 0);
	assert_string_equal(m.title, "File Copy 4096 bufsize 8000 maxblocks");
	assert_string_equal(m.unit, "KBps");
	assert_int_equal(m.group, RS_GROUP_FILE);
	assert_int_equal(rs_bench_metric(&b, "score", &m), -1);
	assert_int_equal(rs_bench_metric(&own, "score", &m), 0);
	assert_string_equal(m.title, "score");
	assert_int_equal(m.better, RS_BETTER_LOWER);
	assert_int_equal(rs_bench_n_metrics(&own), 1);
	assert_int_equal(rs_bench_n_metrics(&b), RS_UNIX_N_METRICS);
	for (size_t i = 0; i < rs_bench_n_metrics(&b); i++) {
		struct rs_metric same;

		rs_bench_metric_at(&b, i, &m);
		assert_int_equal(rs_bench_metric(&b, m.id, &same), 0);
		assert_string_equal(same.title, m.title);
	}
}

/* The program's list and the adapter's table are the same tests. */
static void the_program_has_the_adapters_tests(void **state)
{
	const char *build = getenv("RESTUDY_BUILD");
	RS_AUTO_STR *program = rs_asprintf(NULL, "%s/restudy-kernels",
					   build != NULL ? build : "build");
	RS_AUTO_CMD *c = rs_cmd_new(program);
	RS_AUTO_BUF out = RS_BUF_INIT;
	size_t lines = 0;

	(void)state;
	rs_cmd_arg(c, "--list");
	rs_cmd_stdout_buf(c, &out);
	assert_int_equal(rs_cmd_run_ok(c, NULL), 0);
	for (const char *l = strchr(rs_buf_str(&out), '\n') + 1; *l != '\0';
	     l = strchr(l, '\n') + 1, lines++) {
		char id[64], unit[16], title[64];
		const struct rs_metric *m;

		assert_int_equal(sscanf(l, "%63[^\t]\t%15[^\t]\t%63[^\t]", id, unit, title), 3);
		m = rs_unix_metric(id);
		assert_non_null(m);
		assert_string_equal(m->unit, unit);
		m = &rs_kernels_metrics[m - rs_unix_metrics];
		assert_string_equal(m->id, id);
		assert_string_equal(m->title, title);
		/* What is not the published program does not go by its name. */
		assert_int_equal(strstr(title, "-like") != NULL,
				 strcmp(id, "dhry2reg") == 0 || strcmp(id, "whetstone-double") == 0);
	}
	assert_int_equal(lines, RS_UNIX_N_METRICS);
}

static void steps_are_commands(void **state)
{
	char *pipe_test[] = { (char *)(uintptr_t) "pipe" };
	char *shell_tests[] = { (char *)(uintptr_t) "shell1", (char *)(uintptr_t) "shell8" };
	char *words[] = { (char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c",
			  (char *)(uintptr_t) "sleep {duration}; echo {guest}" };
	struct rs_benchmark ub = { .adapter = RS_ADAPTER_UNIXBENCH, .tests = pipe_test, .n_tests = 1 };
	const struct rs_benchmark shells = { .adapter = RS_ADAPTER_UNIXBENCH, .tests = shell_tests,
					     .n_tests = 2, .version = (char *)(uintptr_t) "4.1.0" };
	const struct rs_benchmark own = { .adapter = RS_ADAPTER_COMMAND, .arguments = words, .n_arguments = 3 };
	const struct rs_benchmark kernels = { .adapter = RS_ADAPTER_KERNELS, .tests = two_tests,
					      .n_tests = 2 };
	const struct rs_benchmark siege = { .adapter = RS_ADAPTER_SIEGE, .concurrency = 20,
					    .path = (char *)(uintptr_t) "/page.html" };
	RS_AUTO_BUF out = RS_BUF_INIT;

	(void)state;
	rs_bench_kernels.steps(&kernels, 1.5, &out);
	rs_bench_siege.steps(&siege, 2.5, &out);
	assert_string_equal(
		rs_buf_str(&out),
		"SCRATCH/restudy-kernels pipe --duration 1.5 --dir SCRATCH\n"
		"SCRATCH/restudy-kernels spawn --duration 1.5 --dir SCRATCH\n"
		"apache2 -d SCRATCH/www -f SCRATCH/www/httpd.conf -k start\n"
		"siege -R HOME/siegerc -b -c 20 -t3S http://GUEST/page.html\n"
		"apache2 -d SCRATCH/www -f SCRATCH/www/httpd.conf -k stop\n");
	assert_true(rs_bench_siege.predict_s(&siege, 2.5, 3) >= 3);
	/* What has blanks in it is one word for a shell, too. */
	rs_buf_clear(&out);
	rs_bench_command.steps(&own, 1, &out);
	rs_bench_unixbench.steps(&shells, 3, &out);
	assert_string_equal(
		rs_buf_str(&out),
		"sh -c 'sleep 1; echo GUEST'\n"
		"env -C UNIXBENCH LC_ALL=C dhrytime=3 systime=3 arithtime=3 seconds=3 looper=3 'background=1 8 ' "
		"where=SCRATCH RESULTDIR=SCRATCH/unixbench UNIXBENCH/Run -1 shell\n");
	/* 4.1.0 takes the plan's seconds, 5.x its own: 10 for a pipe, 60 for scripts. */
	ub.version = (char *)(uintptr_t) "4.1.0";
	assert_true(rs_bench_unixbench.predict_s(&ub, 1, 1) < 20);
	assert_true(rs_bench_unixbench.predict_s(&ub, 100, 1) > 100);
	ub.version = (char *)(uintptr_t) "5.1.3";
	assert_true(rs_bench_unixbench.predict_s(&ub, 1, 1) == rs_bench_unixbench.predict_s(&ub, 100, 1));
	ub.n_tests = 0;
	assert_true(rs_bench_unixbench.predict_s(&ub, 1, 1) > 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels_rows),
		cmocka_unit_test(kernels_repeated_rows),
		cmocka_unit_test(siege_rows),
		cmocka_unit_test(httpload_rows),
		cmocka_unit_test(unixbench_rows),
		cmocka_unit_test(the_index_is_the_geometric_mean_of_ratios),
		cmocka_unit_test(a_missing_program_is_left_out_only_when_all_were_asked),
		cmocka_unit_test(siege_log_rows),
		cmocka_unit_test(drivers_are_complete),
		cmocka_unit_test(metrics_are_found_by_id),
		cmocka_unit_test(the_program_has_the_adapters_tests),
		cmocka_unit_test(steps_are_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
