/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Import and export: what each format gives, as tidy CSV; ways there and back; files that are
 * wrong, each a good one with one change, refused with the line and without a trace.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "restudy/base/cmd.h"
#include "restudy/base/hash.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/bench.h"
#include "restudy/exchange.h"
#include "restudy/plan.h"

#define GOLDEN "tests/golden/exchange/"
#define BENCH "tests/golden/bench/"

struct place {
	char dir[64];
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -1;
	(void)snprintf(p->dir, sizeof(p->dir), "/tmp/restudy-exchange-XXXXXX");
	*state = p;
	return mkdtemp(p->dir) != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	const int rc = rs_path_remove_tree(p->dir, NULL);

	free(p);
	return rc;
}

static char *in_place(const struct place *p, const char *name)
{
	char *path = rs_path_join(p->dir, name, NULL);

	assert_non_null(path);
	return path;
}

static int import_files(const char *format, const char *const *files, size_t n, const char *folder,
			const char *plan, struct rs_err *err)
{
	const struct rs_import_options o = { .format = format, .files = files, .n_files = n,
					     .folder = folder, .plan = plan };
	struct rs_import_result r;

	return rs_import(&o, &r, err);
}

static void import_ok(const char *format, const char *file, const char *folder)
{
	struct rs_err err = RS_ERR_INIT;

	if (import_files(format, &file, 1, folder, NULL, &err) < 0)
		fail_msg("%s: %s", file, err.text);
}

struct opened {
	struct rs_plan *plan;
	struct rs_store *store;
};

static struct opened open_run(const char *folder)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_STR *plan = rs_path_join(folder, "plan.xml", NULL), *db = rs_path_join(folder, "run.db", NULL);
	struct opened o = { NULL, NULL };

	o.plan = rs_plan_load(plan, &diags, NULL);
	assert_non_null(o.plan);
	o.store = rs_store_open_readonly(db, NULL);
	assert_non_null(o.store);
	assert_int_equal(rs_store_check(o.store, NULL), 0);
	return o;
}

static void close_run(struct opened *o)
{
	rs_plan_free(o->plan);
	rs_store_close(o->store);
}

static void read_text(const char *path, struct rs_buf *b)
{
	rs_buf_clear(b);
	assert_int_equal(rs_path_read(path, 8 << 20, b, NULL), 0);
}

/* The samples of a run folder as CSV. */
static void csv_of(const struct place *p, const char *folder, struct rs_buf *b)
{
	RS_AUTO_STR *path = in_place(p, "samples.csv");
	struct opened o = open_run(folder);

	assert_int_equal(rs_store_export_csv(o.store, path, NULL), 0);
	close_run(&o);
	read_text(path, b);
}

static void same_text(const char *what, const struct rs_buf *want, const struct rs_buf *got)
{
	if (strcmp(rs_buf_str(want), rs_buf_str(got)) != 0)
		fail_msg("%s: expected\n%sgot\n%s", what, rs_buf_str(want), rs_buf_str(got));
}

/* ---- what each format gives ---- */

struct row {
	const char *name, *format, *file;
};

static const struct row rows[] = {
	{ "benchexec", "benchexec", GOLDEN "benchexec.xml" },
	{ "composite", "pts", GOLDEN "composite.xml" },
	{ "hyperfine", "hyperfine", GOLDEN "hyperfine.json" },
	{ "siege-2.65", "siege", BENCH "siege-2.65/raw/host/stderr" },
	{ "siege-4.0.7", "siege", BENCH "siege-4.0.7/raw/host/stderr" },
	{ "siege-json", "siege", BENCH "siege-4.0.7-json/raw/host/stdout" },
	{ "siege-log", "siege", GOLDEN "siege.log" },
	{ "sysbench-cpu", "sysbench", GOLDEN "sysbench-cpu.txt" },
	{ "sysbench-fileio", "sysbench", GOLDEN "sysbench-fileio.txt" },
	{ "sysbench-memory", "sysbench", GOLDEN "sysbench-memory.txt" },
	{ "unixbench-4.1.0", "unixbench", BENCH "unixbench-4.1.0/raw/host/results/log" },
	{ "unixbench-6.0.0", "unixbench", BENCH "unixbench-6.0.0/raw/host/results/report" },
	{ "unixbench-csv", "unixbench", BENCH "unixbench-6.0.0-csv/raw/host/results/report.csv" },
};

/* The bytes of the source lie where the facts say, and are what they say. */
static void check_source(const char *folder, const struct row *row)
{
	RS_AUTO_STR *raw = NULL, *sha256 = NULL, *name = NULL, *path = NULL, *testbed = NULL;
	RS_AUTO_BUF want = RS_BUF_INIT, got = RS_BUF_INIT;
	struct opened o = open_run(folder);
	char hex[RS_SHA256_HEX];

	assert_int_equal(rs_store_get_fact(o.store, "import.1.raw", &raw, NULL), 0);
	assert_int_equal(rs_store_get_fact(o.store, "import.1.sha256", &sha256, NULL), 0);
	assert_int_equal(rs_store_get_fact(o.store, "import.1.file", &name, NULL), 0);
	assert_int_equal(rs_store_get_fact(o.store, "testbed.description", &testbed, NULL), 0);
	close_run(&o);
	assert_string_equal(name, rs_path_base(row->file));
	assert_non_null(strstr(testbed, "not measured here"));
	assert_int_equal(rs_sha256_file(row->file, hex, NULL), 0);
	assert_string_equal(sha256, hex);
	path = rs_path_join(folder, raw, NULL);
	read_text(row->file, &want);
	read_text(path, &got);
	same_text(raw, &want, &got);
}

static void each_format(void **state)
{
	const struct place *p = *state;

	for (size_t i = 0; i < RS_COUNT(rows); i++) {
		RS_AUTO_STR *folder = in_place(p, rows[i].name);
		RS_AUTO_STR *expect = rs_asprintf(NULL, GOLDEN "%s.expect.csv", rows[i].name);
		RS_AUTO_BUF want = RS_BUF_INIT, got = RS_BUF_INIT;

		import_ok(rows[i].format, rows[i].file, folder);
		csv_of(p, folder, &got);
		if (getenv("RESTUDY_REGEN") != NULL)
			assert_int_equal(rs_path_write(expect, rs_buf_str(&got), got.len, NULL), 0);
		read_text(expect, &want);
		same_text(rows[i].name, &want, &got);
		check_source(folder, &rows[i]);
	}
}

/* ---- there and back ---- */

static void csv_comes_back(void **state)
{
	const struct place *p = *state;
	RS_AUTO_STR *folder = in_place(p, "csv");
	RS_AUTO_BUF want = RS_BUF_INIT, got = RS_BUF_INIT;

	import_ok("csv", GOLDEN "tidy.csv", folder);
	read_text(GOLDEN "tidy.csv", &want);
	csv_of(p, folder, &got);
	same_text("tidy.csv", &want, &got);
}

static void xmllint(const char *path)
{
	RS_AUTO_CMD *c = rs_cmd_new("xmllint");
	struct rs_err err = RS_ERR_INIT;

	rs_cmd_arg(c, "--nonet");
	rs_cmd_arg(c, "--noout");
	rs_cmd_arg(c, "--schema");
	rs_cmd_arg(c, GOLDEN "pts.xsd");
	rs_cmd_arg(c, path);
	if (rs_cmd_run_ok(c, &err) < 0)
		fail_msg("%s", err.text);
}

static void pts_comes_back(void **state)
{
	const struct place *p = *state;
	RS_AUTO_STR *there = in_place(p, "pts-there"), *back = in_place(p, "pts-back");
	RS_AUTO_STR *xml = in_place(p, "pts-out.xml");
	RS_AUTO_BUF want = RS_BUF_INIT, got = RS_BUF_INIT;
	struct opened o;

	import_ok("csv", GOLDEN "tidy.csv", there);
	o = open_run(there);
	assert_int_equal(rs_export_pts(o.plan, o.store, xml, NULL), 0);
	close_run(&o);
	xmllint(xml);
	read_text(xml, &want);
	/* more transactions are better, a longer response is not */
	assert_non_null(strstr(rs_buf_str(&want), "<Scale>s</Scale>\n    <Proportion>LIB</Proportion>"));
	assert_non_null(strstr(rs_buf_str(&want), "<Scale>trans/s</Scale>\n    <Proportion>HIB</Proportion>"));
	import_ok("pts", xml, back);
	read_text(GOLDEN "tidy.csv", &want);
	csv_of(p, back, &got);
	same_text("composite.xml", &want, &got);
}

/* Every line is an object of its own that says the same as the line of the CSV. */
static void jsonl_says_the_same(void **state)
{
	const struct place *p = *state;
	RS_AUTO_STR *folder = in_place(p, "jsonl"), *path = in_place(p, "out.jsonl");
	RS_AUTO_BUF csv = RS_BUF_INIT, lines = RS_BUF_INIT;
	struct opened o;
	const char *c, *l;

	import_ok("csv", GOLDEN "tidy.csv", folder);
	o = open_run(folder);
	assert_int_equal(rs_export_jsonl(o.plan, o.store, path, NULL), 0);
	close_run(&o);
	read_text(GOLDEN "tidy.csv", &csv);
	read_text(path, &lines);
	c = strchr(rs_buf_str(&csv), '\n') + 1;
	for (l = rs_buf_str(&lines); *l != '\0'; l = strchr(l, '\n') + 1, c = strchr(c, '\n') + 1) {
		json_t *v = json_loadb(l, strcspn(l, "\n"), 0, NULL);
		const char *system, *guest, *benchmark, *metric, *title, *unit, *better;
		char row[300], want[300];
		double value;
		int guests, trial;

		assert_non_null(v);
		assert_int_equal(json_unpack(v, "{s:s,s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:F!}", "system", &system,
					     "guests", &guests, "guest", &guest, "benchmark", &benchmark,
					     "metric", &metric, "title", &title, "better", &better, "unit", &unit,
					     "trial", &trial, "value", &value), 0);
		(void)snprintf(row, sizeof(row), "%s,%d,%s,%s,%s,%s,%d,%.12g", system, guests, guest, benchmark,
			       metric, unit, trial, value);
		(void)snprintf(want, sizeof(want), "%.*s", (int)strcspn(c, "\n"), c);
		assert_string_equal(row, want);
		assert_string_equal(better, strcmp(unit, "s") == 0 ? "lower" : "higher");
		json_decref(v);
	}
	assert_int_equal(*c, '\0');
}

/* A file of UnixBench or Siege lies where its adapter reads it again. */
static int count_sample(void *user, const struct rs_sample *s, struct rs_err *err)
{
	(void)s;
	(void)err;
	++*(int *)user;
	return 0;
}

static void adapters_read_it_again(void **state)
{
	static const struct {
		struct row row;
		const char *raw;
		enum rs_adapter adapter;
		int samples;
	} again[] = {
		{ { "u", "unixbench", BENCH "unixbench-4.1.0/raw/host/results/log" },
		  "raw/recorded/0/unixbench/1", RS_ADAPTER_UNIXBENCH, 21 },
		{ { "s", "siege", BENCH "siege-4.0.7/raw/host/stderr" }, "raw/recorded/0/siege/1",
		  RS_ADAPTER_SIEGE, 12 },
		{ { "j", "siege", BENCH "siege-4.0.7-json/raw/host/stdout" }, "raw/recorded/0/siege/1",
		  RS_ADAPTER_SIEGE, 12 },
	};
	const struct place *p = *state;

	for (size_t i = 0; i < RS_COUNT(again); i++) {
		RS_AUTO_STR *folder = in_place(p, again[i].row.name);
		RS_AUTO_STR *raw = rs_path_join(folder, again[i].raw, NULL);
		const struct rs_benchmark b = { .adapter = again[i].adapter };
		struct rs_err err = RS_ERR_INIT;
		int n = 0;
		const struct rs_sink sink = { count_sample, NULL, &n };

		import_ok(again[i].row.format, again[i].row.file, folder);
		if (rs_bench_reread(&b, raw, &sink, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(n, again[i].samples);
	}
}

/* ---- files that are wrong ---- */

struct wrong {
	const char *format, *file, *find, *put, *says;
};

static const struct wrong wrongs[] = {
	{ "csv", GOLDEN "tidy.csv", ",trial,", ",trail,", ":1: expected a column \"trial\"" },
	{ "csv", GOLDEN "tidy.csv", "host,0,host,siege,response-time,s,2,", "host,0,host,siege,response-time,s,2,x",
	  ":3: expected a finite number as value" },
	{ "csv", GOLDEN "tidy.csv", "siege,response-time,s,2,", "siege,response-time,s,1,",
	  ":3: expected one value of \"response-time\"" },
	{ "csv", GOLDEN "tidy.csv", "response-time,s,2,", "response-time,ms,2,",
	  ":3: expected \"response-time\" of \"siege\" in \"s\"" },
	{ "csv", GOLDEN "tidy.csv", "response-time,s,3,", "response-time,s,0,", ":4: expected a trial" },
	{ "csv", GOLDEN "tidy.csv", "response-time,s,3,", "response-time,s,3,1,", ":4: expected 8 fields" },
	{ "csv", GOLDEN "tidy.csv", "host,0,host,siege,response-time,s,3", "host,0,host,siege,response-time,3",
	  ":4: expected 8 fields" },
	{ "csv", GOLDEN "tidy.csv", "host,0,host,siege,response-time,s,3", "host,0,../x,siege,response-time,s,3",
	  ":4: expected as guest" },
	{ "csv", GOLDEN "tidy.csv", "host,0,host,siege,response-time,s,3", "host,0,\"host,siege,response-time,s,3",
	  ":4: expected a \" that ends the quoted field" },
	{ "csv", GOLDEN "tidy.csv", "xen,1,dom1", "kvm,1,dom1", "give the plan with --plan" },
	{ "hyperfine", GOLDEN "hyperfine.json", "\"times\": [", "\"time\": [", ":3: expected a list \"times\"" },
	{ "hyperfine", GOLDEN "hyperfine.json", "0.001173231,", "\"0.001173231\",",
	  ":27: expected a number as \"times\"[1]" },
	{ "hyperfine", GOLDEN "hyperfine.json", "\"min\": 0.013561188,", "\"min\": 0.013561188",
	  ":11: expected JSON" },
	{ "hyperfine", GOLDEN "hyperfine.json", "\"results\"", "\"result\"", ":1: expected an object with a list" },
	{ "sysbench", GOLDEN "sysbench-cpu.txt", "events per second:   963.96", "events per second:   many",
	  ":15: expected a number after \"events per second:\"" },
	{ "sysbench", GOLDEN "sysbench-memory.txt", "(1531.26 MiB/sec)", "(1531.26 MB/sec)",
	  ":20: expected \"(NUMBER MiB/sec)\"" },
	{ "sysbench", GOLDEN "sysbench-cpu.txt", "sysbench 1.0.20", "sisbench 1.0.20",
	  ":1: expected a line \"sysbench VERSION\"" },
	{ "pts", GOLDEN "composite.xml", "<Proportion>LIB", "<Proportion>BOTH",
	  ":24: expected <Proportion> HIB or LIB" },
	{ "pts", GOLDEN "composite.xml", "<Scale>Seconds", "<Scale>", ":24: expected a <Scale>" },
	{ "pts", GOLDEN "composite.xml", "7.05:7.06:7.04", "7.05:fast:7.04", ":34: expected numbers" },
	{ "pts", GOLDEN "composite.xml", "<Value>7", "<Value>x7", ":34: expected a number as <Value>" },
	{ "pts", GOLDEN "composite.xml", "</Generated>", "", ":86: expected well-formed XML" },
	{ "pts", GOLDEN "composite.xml", "<PhoronixTestSuite>",
	  "<!DOCTYPE PhoronixTestSuite [<!ENTITY a \"b\">]><PhoronixTestSuite>", "expected no <!ENTITY>" },
	{ "pts", GOLDEN "benchexec.xml", "", "", ":3: expected <PhoronixTestSuite>" },
	{ "benchexec", GOLDEN "benchexec.xml", "0.0037s", "fast", ":15: expected a number with its unit" },
	{ "benchexec", GOLDEN "benchexec.xml", "<run name=\"../tasks/loops/nested.yml\"", "<run",
	  ":24: expected the attribute name" },
	{ "benchexec", GOLDEN "benchexec.xml", "</result>", "", "expected well-formed XML" },
	{ "siege", GOLDEN "siege.log", "    146,       4.78", "    146,       fast", ":3: expected a number in column 3" },
	{ "siege", BENCH "siege-4.0.7/raw/host/stderr", "Transactions:", "Transaktionen:",
	  ":1: expected a line \"Transactions:\"" },
	{ "unixbench", BENCH "unixbench-4.1.0/raw/host/results/log", "|lps|", "|lpm|",
	  ":10: expected the test's unit in the third field" },
	{ "unixbench", GOLDEN "siege.log", "", "", ":1: expected a log, a report or the CSV of UnixBench" },
};

/* The file with the first find changed to put. */
static void change(const struct wrong *w, const char *to)
{
	RS_AUTO_BUF text = RS_BUF_INIT, changed = RS_BUF_INIT;
	const char *at;

	read_text(w->file, &text);
	at = strstr(rs_buf_str(&text), w->find);
	if (at == NULL)
		fail_msg("%s has no \"%s\"", w->file, w->find);
	rs_buf_add(&changed, rs_buf_str(&text), (size_t)(at - rs_buf_str(&text)));
	rs_buf_adds(&changed, w->put);
	rs_buf_adds(&changed, at + strlen(w->find));
	assert_int_equal(rs_path_write(to, rs_buf_str(&changed), changed.len, NULL), 0);
}

static void no_trace(const struct place *p)
{
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;

	assert_int_equal(rs_path_list(p->dir, &names, &n, NULL), 0);
	for (size_t i = 0; i < n; i++)
		if (strncmp(names[i], "wrong", 5) == 0 && strcmp(names[i], "wrong.txt") != 0)
			fail_msg("\"%s\" was left", names[i]);
}

static void wrong_files(void **state)
{
	const struct place *p = *state;
	RS_AUTO_STR *file = in_place(p, "wrong.txt"), *folder = in_place(p, "wrong");
	int failed = 0;

	for (size_t i = 0; i < RS_COUNT(wrongs); i++) {
		const char *const files[] = { file };
		struct rs_err err = RS_ERR_INIT;

		change(&wrongs[i], file);
		assert_int_equal(import_files(wrongs[i].format, files, 1, folder, NULL, &err), -1);
		if (strstr(err.text, wrongs[i].says) == NULL) {
			print_error("row %zu (%s): \"%s\" does not say \"%s\"\n", i, wrongs[i].format, err.text,
				    wrongs[i].says);
			failed++;
		}
		assert_int_equal(err.kind, RS_ERR_PLAN);
		assert_int_equal(rs_err_exit_status(err.kind), 2);
		no_trace(p);
	}
	assert_int_equal(failed, 0);
}

/* Whether a text of the row that ends with a line says by itself that more should follow. */
static int has_an_end(const struct row *r)
{
	return strcmp(r->format, "csv") != 0 && strcmp(r->name, "siege-log") != 0 &&
	       strcmp(r->name, "unixbench-6.0.0") != 0 && strcmp(r->name, "unixbench-csv") != 0;
}

/* Every recorded file cut short, in the middle of lines and between them. */
static void cut_files(void **state)
{
	const struct place *p = *state;
	RS_AUTO_STR *file = in_place(p, "wrong.txt"), *folder = in_place(p, "wrong");
	const char *const files[] = { file };

	for (size_t i = 0; i < RS_COUNT(rows); i++) {
		RS_AUTO_BUF text = RS_BUF_INIT;

		read_text(rows[i].file, &text);
		for (size_t n = 41; n < text.len; n += 41) {
			const char *rest = rs_buf_str(&text) + n;
			struct rs_err err = RS_ERR_INIT;

			if (rest[strspn(rest, " \t\r\n")] == '\0')
				break;
			if (n % 2 == 0 && has_an_end(&rows[i]))
				n += strcspn(rest, "\n") + 1;
			if (rs_buf_str(&text)[n - 1] == '\n' && !has_an_end(&rows[i]))
				continue;
			/* after its object Siege may speak of its log, UnixBench of users */
			if (n + 30 > text.len ||
			    (strcmp(rows[i].name, "siege-json") == 0 && memchr(text.data, '}', n) != NULL))
				break;
			assert_int_equal(rs_path_write(file, text.data, n, NULL), 0);
			if (import_files(rows[i].format, files, 1, folder, NULL, &err) == 0)
				fail_msg("%s, cut to %zu bytes, was taken", rows[i].name, n);
			assert_int_equal(err.kind, RS_ERR_PLAN);
			if (strstr(err.text, "wrong.txt\":") == NULL)
				fail_msg("%s, cut to %zu bytes: no line in \"%s\"", rows[i].name, n, err.text);
		}
	}
	no_trace(p);
}

/* A good file before a wrong one: nothing of it stays either. */
static void all_or_nothing(void **state)
{
	const struct place *p = *state;
	RS_AUTO_STR *file = in_place(p, "wrong.txt"), *folder = in_place(p, "wrong");
	const char *const files[] = { GOLDEN "sysbench-cpu.txt", file };
	struct rs_err err = RS_ERR_INIT;

	assert_int_equal(rs_path_write(file, "nothing\n", 8, NULL), 0);
	assert_int_equal(import_files("sysbench", files, 2, folder, NULL, &err), -1);
	no_trace(p);
	/* a folder that is there is not touched */
	assert_int_equal(rs_path_mkdirs(folder, NULL), 0);
	rs_err_clear(&err);
	assert_int_equal(import_files("sysbench", files, 1, folder, NULL, &err), -1);
	assert_int_equal(err.kind, RS_ERR_USAGE);
	assert_int_equal(rmdir(folder), 0);
}

/* ---- with a plan ---- */

static const char plan_text[] =
	"<plan xmlns='urn:restudy:plan:1'>\n<study id='s' title='t'/>\n"
	"<image id='i' builder='mmdebstrap' distribution='Debian' release='12'/>\n"
	"<system id='host' platform='host' baseline='yes'/>\n"
	"<system id='xen' platform='xen'><guests count='2' names='a b'/></system>\n"
	"<benchmark id='ub' adapter='unixbench'/>\n"
	"<benchmark id='web' adapter='siege' systems='host'/>\n</plan>\n";

#define LOG BENCH "unixbench-4.1.0/raw/host/results/log"

static void belongs_to_plan(void **state)
{
	const struct place *p = *state;
	RS_AUTO_STR *plan = in_place(p, "p.xml"), *folder = in_place(p, "planned");
	const char *const files[] = { "host=" LOG, "host=" LOG, "xen/a=" LOG, "xen/b=" LOG };
	struct rs_import_options o = { .format = "unixbench", .files = files, .n_files = 4,
				       .folder = folder, .plan = plan, .benchmark = "ub" };
	struct rs_import_result r;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_BUF csv = RS_BUF_INIT;

	assert_int_equal(rs_path_write(plan, plan_text, sizeof(plan_text) - 1, NULL), 0);
	if (rs_import(&o, &r, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(r.cells, 3);	/* two trials of host, one of both guests */
	assert_int_equal(r.failed, 1);	/* web on host: missing, and told so */
	assert_int_equal(r.samples, 4 * 21);
	csv_of(p, folder, &csv);
	assert_non_null(strstr(rs_buf_str(&csv), "\nxen,2,b,ub,pipe,lps,1,"));
	assert_non_null(strstr(rs_buf_str(&csv), "\nhost,0,host,ub,pipe,lps,2,"));
}

static void refused_by_plan(void **state)
{
	static const struct {
		const char *file, *benchmark, *says;
	} bad[] = {
		{ "lxc=" LOG, "ub", "expected a system of the plan, not \"lxc\"" },
		{ "host=" LOG, "web", "expected a metric of the plan's benchmark \"web\"" },
		{ "host=" LOG, "ubb", "expected a benchmark of the plan, not \"ubb\"" },
		{ "xen=" LOG, "ub", "expected as many guests at once as the plan has" },
		{ "xen/c=" LOG, "ub", "expected as many guests at once as the plan has" },
		{ "host/x=" LOG, "ub", "expected the guest \"host\"" },
		{ "xen=" LOG, "web", "expected a system that the plan has benchmark \"web\" for" },
	};
	const struct place *p = *state;
	RS_AUTO_STR *plan = in_place(p, "p.xml"), *folder = in_place(p, "wrong");

	assert_int_equal(rs_path_write(plan, plan_text, sizeof(plan_text) - 1, NULL), 0);
	for (size_t i = 0; i < RS_COUNT(bad); i++) {
		struct rs_import_options o = { .format = "unixbench", .files = &bad[i].file, .n_files = 1,
					       .folder = folder, .plan = plan, .benchmark = bad[i].benchmark };
		struct rs_import_result r;
		struct rs_err err = RS_ERR_INIT;

		assert_int_equal(rs_import(&o, &r, &err), -1);
		if (strstr(err.text, bad[i].says) == NULL)
			fail_msg("row %zu: \"%s\" does not say \"%s\"", i, err.text, bad[i].says);
		no_trace(p);
	}
}

/* Runs that failed stay, with their reason, and give no sample. */
static void failures_stay(void **state)
{
	static const struct row failed[] = {
		{ "f1", "benchexec", GOLDEN "benchexec.xml" },
		{ "f2", "siege", GOLDEN "siege.log" },
		{ "f3", "siege", BENCH "siege-all-failed/raw/host/stderr" },
	};
	static const char *const says[] = { "\"TIMEOUT\"", "too short for a rate", "no request was answered" };
	const struct place *p = *state;

	for (size_t i = 0; i < RS_COUNT(failed); i++) {
		RS_AUTO_STR *folder = in_place(p, failed[i].name);
		struct rs_cell_record *cells = NULL;
		struct opened o;
		size_t n = 0, found = 0;

		import_ok(failed[i].format, failed[i].file, folder);
		o = open_run(folder);
		assert_int_equal(rs_store_cells(o.store, &cells, &n, NULL), 0);
		for (size_t k = 0; k < n; k++)
			found += cells[k].state == RS_CELL_FAILED && strstr(cells[k].reason, says[i]) != NULL;
		rs_cell_records_free(cells, n);
		close_run(&o);
		assert_int_equal(found, 1);
	}
}

/* One name for a command with other parameters each time: values of the two are not mixed. */
static void parameters_tell_commands_apart(void **state)
{
	static const char text[] = "{\"results\": [{\"command\": \"b\", \"times\": [1], \"parameters\": {\"n\": \"1\"}},"
				   "{\"command\": \"b\", \"times\": [2], \"parameters\": {\"n\": \"2\"}}]}\n";
	const struct place *p = *state;
	RS_AUTO_STR *file = in_place(p, "named.json"), *folder = in_place(p, "named");
	RS_AUTO_BUF csv = RS_BUF_INIT;

	assert_int_equal(rs_path_write(file, text, strlen(text), NULL), 0);
	import_ok("hyperfine", file, folder);
	csv_of(p, folder, &csv);
	assert_non_null(strstr(rs_buf_str(&csv), ",b-n-1,time,s,1,1\n"));
	assert_non_null(strstr(rs_buf_str(&csv), ",b-n-2,time,s,1,2\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(parameters_tell_commands_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_format, set_up, tear_down),
		cmocka_unit_test_setup_teardown(csv_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pts_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(jsonl_says_the_same, set_up, tear_down),
		cmocka_unit_test_setup_teardown(adapters_read_it_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(wrong_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cut_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(all_or_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(belongs_to_plan, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refused_by_plan, set_up, tear_down),
		cmocka_unit_test_setup_teardown(failures_stay, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("exchange", tests, NULL, NULL);
}
