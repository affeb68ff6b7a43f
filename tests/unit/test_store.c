/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.db, read back by the sqlite3 program as an independent reader. */
#include "restudy/store.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "../../src/store/store_priv.h"
#include "refuse_memory.h"
#include "restudy/base/cmd.h"
#include "restudy/base/hash.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

struct box {
	char folder[64], db[80];
	struct rs_err err;
};

static int setup(void **state)
{
	struct box *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	/* in memory where that is offered: each commit syncs */
	snprintf(b->folder, sizeof(b->folder), "%s/restudy-store-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(b->folder));
	snprintf(b->db, sizeof(b->db), "%s/run.db", b->folder);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct box *b = *state;

	assert_int_equal(rs_path_remove_tree(b->folder, NULL), 0);
	free(b);
	return 0;
}

#define ok(call) \
	do { \
		if ((call) < 0) \
			fail_msg("%s: %s", #call, b->err.text); \
	} while (0)

/* The call fails and its text has a word that tells what to do. */
#define refuses(call, word) \
	do { \
		rs_err_clear(&b->err); \
		assert_true((call) < 0); \
		if (strstr(b->err.text, word) == NULL) \
			fail_msg("\"%s\" does not say \"%s\"", b->err.text, word); \
		rs_err_clear(&b->err); \
	} while (0)

/* What the sqlite3 program says to a query; the caller frees. */
static char *ask(const char *db, const char *sql)
{
	RS_AUTO_BUF out = RS_BUF_INIT;
	RS_AUTO_CMD *c = rs_cmd_new("sqlite3");
	struct rs_err err = RS_ERR_INIT;

	rs_cmd_arg(c, "-batch");
	rs_cmd_arg(c, db);
	rs_cmd_arg(c, sql);
	rs_cmd_stdout_buf(c, &out);
	if (rs_cmd_run_ok(c, &err) < 0)
		fail_msg("%s", err.text);
	return rs_buf_steal(&out);
}

static void assert_asks(const char *db, const char *sql, const char *expected)
{
	char *said = ask(db, sql);

	assert_string_equal(said == NULL ? "" : said, expected);
	free(said);
}

static struct rs_cell cell(const char *system, int guests, int trial)
{
	struct rs_cell c = { .guests = guests, .trial = trial };

	snprintf(c.system, sizeof(c.system), "%s", system);
	snprintf(c.benchmark, sizeof(c.benchmark), "kernels");
	return c;
}

static struct rs_sample sample(const char *guest, const char *metric, const char *unit, double v)
{
	struct rs_sample s = { .value = v };

	snprintf(s.guest, sizeof(s.guest), "%s", guest);
	snprintf(s.metric, sizeof(s.metric), "%s", metric);
	snprintf(s.unit, sizeof(s.unit), "%s", unit);
	return s;
}

/* Cells: host warm-up, host 1..3 (2 before 1), xen 1. */
static struct rs_store *make_run(struct box *b)
{
	const struct rs_cell cells[] = { cell("host", 0, 0), cell("host", 0, 2), cell("host", 0, 1),
					 cell("host", 0, 3), cell("xen", 3, 1) };
	struct rs_store *s = rs_store_create(b->db, &b->err);

	if (s == NULL)
		fail_msg("%s", b->err.text);
	ok(rs_store_plan_cells(s, cells, RS_COUNT(cells), &b->err));
	return s;
}

static int end(struct box *b, struct rs_store *s, struct rs_cell c, double value)
{
	struct rs_sample v = sample(c.guests == 0 ? "host" : "xenU_1", "pipe", "lps", value);
	struct rs_note n = { RS_NOTE_WARNING, "steal 3 %" };

	if (rs_store_cell_start(s, &c, 100.5, &b->err) < 0)
		return -1;
	return rs_store_cell_end(s, &c, RS_CELL_DONE, NULL, 101.25, &v, 1, &n, 1, &b->err);
}

static void another_program_reads_it(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b);

	ok(end(b, s, cell("host", 0, 1), 1234.5));
	ok(end(b, s, cell("xen", 3, 1), 0.1));
	ok(end(b, s, cell("host", 0, 0), 7));
	ok(rs_store_set_fact(s, "study", "x", &b->err));
	ok(rs_store_set_fact(s, "study", "thesis", &b->err));
	/* while it is open: the reader sees what is committed */
	assert_asks(b->db, "SELECT state, count(*) FROM cell GROUP BY state", "done|3\npending|2\n");
	rs_store_close(s);
	assert_asks(b->db, "SELECT * FROM tidy",
		    "host|0|host|kernels|pipe|lps|1|1234.5\nxen|3|xenU_1|kernels|pipe|lps|1|0.1\n");
	assert_asks(b->db, "SELECT value FROM fact", "thesis\n");
	assert_asks(b->db, "SELECT started_s, finished_s, attempts FROM cell WHERE system='xen'",
		    "100.5|101.25|1\n");
	assert_asks(b->db, "SELECT level, text FROM note LIMIT 1", "warning|steal 3 %\n");
	assert_asks(b->db, "PRAGMA user_version; PRAGMA journal_mode; PRAGMA integrity_check",
		    "3\ndelete\nok\n");
	assert_asks(b->db, "SELECT count(*) FROM pragma_table_list WHERE schema='main'"
			   " AND type='table' AND name NOT LIKE 'sqlite_%' AND NOT strict", "0\n");
}

static void what_is_wrong_is_refused_whole(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b);
	const struct rs_cell one = cell("host", 0, 1), two = cell("host", 0, 2);
	const struct rs_cell unknown = cell("host", 0, 9);
	struct rs_sample v[2] = { sample("host", "pipe", "lps", 1), sample("host", "pipe", "lps", 2) };

	refuses(rs_store_cell_end(s, &one, RS_CELL_DONE, NULL, 1, v, 2, NULL, 0, &b->err),
		"two values of metric \"pipe\"");
	v[1] = sample("host", "exec", "lps", (double)NAN);
	refuses(rs_store_cell_end(s, &one, RS_CELL_DONE, NULL, 1, v, 2, NULL, 0, &b->err), "nan");
	v[1].value = -INFINITY;
	refuses(rs_store_cell_end(s, &one, RS_CELL_DONE, NULL, 1, v, 2, NULL, 0, &b->err), "-inf");
	v[1] = sample("", "exec", "lps", 1);
	refuses(rs_store_cell_end(s, &one, RS_CELL_DONE, NULL, 1, v, 2, NULL, 0, &b->err), "guest");
	refuses(rs_store_cell_end(s, &one, RS_CELL_FAILED, NULL, 1, NULL, 0, NULL, 0, &b->err),
		"without a reason");
	refuses(rs_store_cell_end(s, &one, RS_CELL_RUNNING, NULL, 1, NULL, 0, NULL, 0, &b->err),
		"cannot end");
	refuses(rs_store_cell_end(s, &unknown, RS_CELL_DONE, NULL, 1, v, 1, NULL, 0, &b->err),
		"not planned");
	assert_asks(b->db, "SELECT count(*) FROM sample; SELECT count(*) FROM series;"
			   "SELECT DISTINCT state FROM cell", "0\n0\npending\n");
	ok(rs_store_cell_end(s, &one, RS_CELL_DONE, NULL, 1, v, 1, NULL, 0, &b->err));
	v[0] = sample("host", "pipe", "KBps", 5);
	refuses(rs_store_cell_end(s, &two, RS_CELL_DONE, NULL, 1, v, 1, NULL, 0, &b->err),
		"is in \"KBps\", earlier trials in \"lps\"");
	assert_null(rs_store_create(b->db, &b->err));
	rs_store_close(s);
}

static void cells_are_planned_once(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b);
	struct rs_cell cells[] = { cell("host", 0, 0), cell("host", 0, 2), cell("host", 0, 1),
				   cell("host", 0, 3), cell("xen", 3, 1) };
	struct rs_cell_record *r = NULL;
	size_t n = 0;

	ok(rs_store_plan_cells(s, cells, 5, &b->err));
	refuses(rs_store_plan_cells(s, cells, 4, &b->err), "begin a new run");
	cells[3].trial = 4;
	refuses(rs_store_plan_cells(s, cells, 5, &b->err), "at number 4");
	ok(rs_store_cells(s, &r, &n, &b->err));
	assert_int_equal(n, 5);
	assert_int_equal(r[1].cell.trial, 2);
	assert_int_equal(r[1].order, 1);
	assert_int_equal(r[4].cell.guests, 3);
	assert_int_equal(r[4].state, RS_CELL_PENDING);
	rs_cell_records_free(r, n);
	rs_store_close(s);
	assert_int_equal(unlink(b->db), 0);
	s = rs_store_create(b->db, &b->err);
	cells[1] = cells[0];
	refuses(rs_store_plan_cells(s, cells, 5, &b->err), "planned twice");
	assert_asks(b->db, "SELECT count(*) FROM cell", "0\n");
	rs_store_close(s);
}

static void ending_twice_changes_nothing(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b);
	const struct rs_cell c = cell("xen", 3, 1);
	struct rs_sample v = sample("xenU_1", "pipe", "lps", 5), w = sample("xenU_2", "pipe", "lps", 6);
	struct rs_note n = { RS_NOTE_INFO, "first" };
	struct rs_cell_record *r = NULL;
	size_t n_r = 0;

	ok(rs_store_cell_start(s, &c, 1, &b->err));
	ok(rs_store_cell_end(s, &c, RS_CELL_FAILED, "guest did not come up", 2, &v, 1, &n, 1, &b->err));
	ok(rs_store_cells(s, &r, &n_r, &b->err));
	assert_string_equal(r[4].reason, "guest did not come up");
	rs_cell_records_free(r, n_r);
	/* the next attempt replaces what the failed one left */
	ok(rs_store_cell_start(s, &c, 3, &b->err));
	ok(rs_store_cell_end(s, &c, RS_CELL_DONE, NULL, 4, &w, 1, NULL, 0, &b->err));
	ok(rs_store_cell_end(s, &c, RS_CELL_DONE, NULL, 9, &v, 1, &n, 1, &b->err));
	ok(rs_store_cell_start(s, &c, 10, &b->err));
	rs_store_close(s);
	assert_asks(b->db, "SELECT guest, value FROM tidy; SELECT count(*) FROM note;"
			   "SELECT state, finished_s, attempts, reason IS NULL FROM cell WHERE guests=3",
		    "xenU_2|6.0\n0\ndone|4.0|2|1\n");
}

static void series_are_sorted_and_clean(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b);
	const struct rs_cell bad = cell("host", 0, 3);
	struct rs_sample v = sample("host", "pipe", "lps", 999);
	struct rs_series_set set = RS_SERIES_SET_INIT;

	ok(end(b, s, cell("host", 0, 0), 50));		/* warm-up: never analysed */
	ok(end(b, s, cell("host", 0, 2), 20));
	ok(end(b, s, cell("host", 0, 1), 10));
	ok(end(b, s, cell("xen", 3, 1), 5));
	ok(rs_store_cell_end(s, &bad, RS_CELL_FAILED, "hung", 1, &v, 1, NULL, 0, &b->err));
	ok(rs_store_series(s, NULL, NULL, NULL, &set, &b->err));
	assert_int_equal(set.n, 2);
	assert_string_equal(set.series[0].system, "host");
	assert_int_equal(set.series[0].n, 2);
	assert_int_equal(set.series[0].trial[0], 1);
	assert_true(set.series[0].value[0] == 10 && set.series[0].value[1] == 20);
	assert_string_equal(set.series[1].guest, "xenU_1");
	assert_string_equal(set.series[1].unit, "lps");
	rs_series_set_release(&set);
	ok(rs_store_series(s, "xen", "kernels", "pipe", &set, &b->err));
	assert_int_equal(set.n, 1);
	rs_series_set_release(&set);
	ok(rs_store_series(s, "xen", "siege", NULL, &set, &b->err));
	assert_int_equal(set.n, 0);
	rs_series_set_release(&set);
	rs_store_close(s);
}

static int stop_at_once(void *user, const struct rs_series *s, struct rs_err *err)
{
	(void)s;
	++*(int *)user;
	return rs_err_set(err, RS_ERR_FAILED, "enough");
}

static void a_visitor_may_stop(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b);
	int calls = 0;

	ok(end(b, s, cell("host", 0, 1), 1));
	ok(end(b, s, cell("xen", 3, 1), 1));
	refuses(rs_store_visit(s, NULL, NULL, NULL, stop_at_once, &calls, &b->err), "enough");
	assert_int_equal(calls, 1);
	ok(end(b, s, cell("host", 0, 2), 1));		/* no read transaction is left open */
	rs_store_close(s);
}

/* A child that ends one cell, starts a second and dies in the third's transaction. */
static void run_and_die(struct box *b)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct rs_store *s = rs_store_open(b->db, NULL);
		struct rs_cell running = cell("host", 0, 3);

		if (s == NULL || end(b, s, cell("host", 0, 1), 11) < 0 ||
		    rs_store_cell_start(s, &running, 5, NULL) < 0 ||
		    rs_store_begin(s, NULL) < 0 || end(b, s, cell("xen", 3, 1), 12) < 0)
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

static void a_killed_run_keeps_its_cells(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b);

	rs_store_close(s);
	run_and_die(b);
	s = rs_store_open(b->db, &b->err);
	assert_non_null(s);
	ok(rs_store_recover(s, &b->err));
	ok(end(b, s, cell("host", 0, 3), 13));
	rs_store_close(s);
	assert_asks(b->db, "SELECT system, trial, value FROM tidy", "host|1|11.0\nhost|3|13.0\n");
	assert_asks(b->db, "SELECT state, attempts FROM cell ORDER BY position",
		    "pending|0\npending|0\ndone|1\ndone|2\npending|0\n");
}

/* Names and digests of all files of the folder. */
static char *fingerprint(const char *folder)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	char **names = NULL;
	size_t n = 0;

	assert_int_equal(rs_path_list(folder, &names, &n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		char path[256], hex[RS_SHA256_HEX] = "";

		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		/* the lock bytes of -shm change while it is read: its being there counts */
		if (strstr(names[i], "-shm") == NULL)
			assert_int_equal(rs_sha256_file(path, hex, NULL), 0);
		rs_buf_addf(&text, "%s %s\n", names[i], hex);
	}
	rs_free_argv(&names);
	return rs_buf_steal(&text);
}

static void read_leaves_no_trace(struct box *b, const char *expected_files)
{
	char *before = fingerprint(b->folder), *after;
	struct rs_series_set set = RS_SERIES_SET_INIT;
	struct rs_store *s = rs_store_open_readonly(b->db, &b->err);
	char **names = NULL;
	size_t n = 0;
	RS_AUTO_BUF list = RS_BUF_INIT;

	if (s == NULL)
		fail_msg("%s", b->err.text);
	ok(rs_store_series(s, NULL, NULL, NULL, &set, &b->err));
	assert_int_equal(set.n, 1);
	assert_true(set.series[0].value[0] == 11);
	rs_series_set_release(&set);
	assert_int_equal(rs_path_list(b->folder, &names, &n, NULL), 0);
	for (size_t i = 0; i < n; i++)
		rs_buf_addf(&list, "%s ", names[i]);
	rs_free_argv(&names);
	assert_string_equal(rs_buf_str(&list), expected_files);
	refuses(rs_store_set_fact(s, "a", "b", &b->err), s == NULL ? "" : "run.db");
	rs_store_close(s);
	after = fingerprint(b->folder);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void reading_leaves_no_trace(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b);
	char shm[96];

	rs_store_close(s);
	run_and_die(b);
	read_leaves_no_trace(b, "run.db run.db-shm run.db-wal ");
	snprintf(shm, sizeof(shm), "%s-shm", b->db);
	assert_int_equal(unlink(shm), 0);
	read_leaves_no_trace(b, "run.db run.db-wal ");
	s = rs_store_open(b->db, &b->err);
	ok(rs_store_finish(s, &b->err));
	rs_store_close(s);
	read_leaves_no_trace(b, "run.db ");
}

static void two_programs_write_one_file(void **state)
{
	struct box *b = *state;
	struct rs_store *s = rs_store_create(b->db, &b->err);
	struct rs_cell cells[80];
	pid_t pid;
	int status;

	for (int i = 0; i < 80; i++)
		cells[i] = cell(i < 40 ? "host" : "lxc", 0, i % 40 + 1);
	ok(rs_store_plan_cells(s, cells, 80, &b->err));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct rs_store *t = rs_store_open(b->db, NULL);
		int bad = t == NULL;

		for (int i = 0; i < 40 && !bad; i++)
			bad = end(b, t, cells[i], i) < 0;
		rs_store_close(t);
		_exit(bad);
	}
	for (int i = 40; i < 80; i++)
		ok(end(b, s, cells[i], i));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	rs_store_close(s);
	assert_asks(b->db, "SELECT count(*), sum(value) FROM tidy", "80|3160.0\n");
}

static void a_batch_is_kept_whole_or_not_at_all(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b);

	ok(rs_store_begin(s, &b->err));
	refuses(rs_store_begin(s, &b->err), "batch is open already");
	ok(end(b, s, cell("host", 0, 1), 1));
	ok(end(b, s, cell("host", 0, 2), 2));
	assert_asks(b->db, "SELECT count(*) FROM tidy", "0\n");	/* not before the commit */
	ok(rs_store_commit(s, &b->err));
	assert_asks(b->db, "SELECT count(*) FROM tidy", "2\n");
	ok(rs_store_begin(s, &b->err));
	ok(end(b, s, cell("xen", 3, 1), 3));
	rs_store_close(s);		/* without a commit: given up */
	assert_asks(b->db, "SELECT count(*) FROM tidy", "2\n");
}

static void a_lock_that_stays_is_told(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b), *reader;
	const struct rs_cell c = cell("host", 0, 1);
	sqlite3 *other = NULL;

	assert_int_equal(sqlite3_open(b->db, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_busy_timeout(s->db, 50);
	refuses(rs_store_cell_start(s, &c, 1, &b->err), "another program holds the database");
	reader = rs_store_open_readonly(b->db, &b->err);	/* readers are not kept out */
	assert_non_null(reader);
	rs_store_close(reader);
	sqlite3_close(other);
	ok(rs_store_cell_start(s, &c, 1, &b->err));
	rs_store_close(s);
}

static void damage(const char *path, long at, const char *bytes, size_t n)
{
	FILE *f = fopen(path, "r+b");

	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

#define refuses_to_open(word) \
	do { \
		struct rs_store *s_ = rs_store_open_readonly(b->db, &b->err); \
		assert_null(s_); \
		assert_non_null(strstr(b->err.text, word)); \
		rs_err_clear(&b->err); \
		s_ = rs_store_open(b->db, &b->err); \
		assert_null(s_); \
		assert_non_null(strstr(b->err.text, word)); \
		rs_err_clear(&b->err); \
	} while (0)

static void a_wrong_file_is_told(void **state)
{
	struct box *b = *state;
	char junk[5000];

	memset(junk, 'x', sizeof(junk));
	refuses_to_open("cannot open");
	assert_int_equal(rs_path_write(b->db, "", 0, NULL), 0);
	refuses_to_open("is empty");
	assert_int_equal(rs_path_write(b->db, junk, sizeof(junk), NULL), 0);
	refuses_to_open("damaged or no database");
	assert_int_equal(unlink(b->db), 0);
	free(ask(b->db, "CREATE TABLE t (a)"));
	refuses_to_open("not a database of restudy");
	assert_int_equal(unlink(b->db), 0);
	rs_store_close(make_run(b));
	free(ask(b->db, "PRAGMA user_version = 99"));
	refuses_to_open("schema version 99");
}

static void damage_inside_is_found(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b);
	char zero[2000];

	memset(zero, 0x55, sizeof(zero));
	ok(end(b, s, cell("host", 0, 1), 1));
	ok(rs_store_check(s, &b->err));
	rs_store_close(s);
	free(ask(b->db, "PRAGMA ignore_check_constraints=1;"
			"UPDATE cell SET state='missing', reason='' WHERE trial=3"));
	s = rs_store_open_readonly(b->db, &b->err);
	refuses(rs_store_check(s, &b->err), "reason is lacking");
	rs_store_close(s);
	free(ask(b->db, "UPDATE cell SET reason='x' WHERE trial=3;"
			"UPDATE series SET system='xen', guests=3;"));
	s = rs_store_open_readonly(b->db, &b->err);
	refuses(rs_store_check(s, &b->err), "filed under another cell");
	rs_store_close(s);
	free(ask(b->db, "UPDATE series SET system='host', guests=0;"
			"PRAGMA foreign_keys=0; INSERT INTO sample VALUES (1, 77, 1.0)"));
	s = rs_store_open_readonly(b->db, &b->err);
	refuses(rs_store_check(s, &b->err), "not there: sample");
	rs_store_close(s);
	free(ask(b->db, "DELETE FROM sample WHERE cell = 77; PRAGMA ignore_check_constraints=1;"
			"INSERT INTO counter VALUES (1, 'steal-time', 's', 9e999)"));
	s = rs_store_open_readonly(b->db, &b->err);
	refuses(rs_store_check(s, &b->err), "not finite: counter of cell 1");
	rs_store_close(s);
	free(ask(b->db, "DELETE FROM counter"));
	damage(b->db, 2 * 4096, zero, sizeof(zero));
	s = rs_store_open_readonly(b->db, &b->err);
	if (s != NULL)
		refuses(rs_store_check(s, &b->err), "damaged");
	rs_store_close(s);
}

/* A file that somebody else made: a cell without a state, names that leave their folder, numbers
 * that are none. */
static void a_hostile_file_is_refused(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b);
	struct rs_cell_record *r = NULL;
	struct rs_cell_counter *c = NULL;
	struct rs_event *e = NULL;
	size_t n = 0;

	rs_store_close(s);
	free(ask(b->db, "PRAGMA writable_schema=ON; UPDATE sqlite_master SET "
			"sql=replace(sql, 'state TEXT NOT NULL', 'state TEXT') WHERE name='cell'"));
	free(ask(b->db, "UPDATE cell SET state=NULL WHERE trial=2"));
	s = rs_store_open_readonly(b->db, &b->err);
	assert_non_null(s);
	refuses(rs_store_cells(s, &r, &n, &b->err), "no known state");
	rs_store_close(s);
	free(ask(b->db, "UPDATE cell SET state='pending', system='../../etc' WHERE trial=2"));
	s = rs_store_open_readonly(b->db, &b->err);
	assert_non_null(s);
	refuses(rs_store_cells(s, &r, &n, &b->err), "not plain");
	rs_store_close(s);
	free(ask(b->db, "PRAGMA ignore_check_constraints=1; INSERT INTO event VALUES (1, 1e300, 'measure', 'x', 1);"
			"INSERT INTO counter VALUES (1, 'steal-time', 's', 9e999)"));
	s = rs_store_open_readonly(b->db, &b->err);
	assert_non_null(s);
	refuses(rs_store_events(s, &e, &n, &b->err), "no clock shows");
	refuses(rs_store_counters(s, &c, &n, &b->err), "not finite");
	rs_store_close(s);
}

static void csv_is_tidy_and_harmless(void **state)
{
	struct box *b = *state;
	struct rs_store *s = rs_store_create(b->db, &b->err);
	struct rs_cell c = cell("a \"b\", c", 2, 1);
	struct rs_sample v[] = { sample("=cmd()", "m,n", "line\nbreak", 0.1),
				 sample("-g", "m", "", 1e-300), sample("g", "m", "-/s", -3) };
	RS_AUTO_BUF text = RS_BUF_INIT;
	char path[96];

	ok(rs_store_plan_cells(s, &c, 1, &b->err));
	ok(rs_store_cell_end(s, &c, RS_CELL_DONE, NULL, 1, v, 3, NULL, 0, &b->err));
	snprintf(path, sizeof(path), "%s/t.csv", b->folder);
	ok(rs_store_export_csv(s, path, &b->err));
	ok(rs_path_read(path, 10000, &text, &b->err));
	assert_string_equal(rs_buf_str(&text),
		"system,guests,guest,benchmark,metric,unit,trial,value\n"
		"\"a \"\"b\"\", c\",2,\"'-g\",kernels,m,,1,1e-300\n"
		"\"a \"\"b\"\", c\",2,g,kernels,m,\"'-/s\",1,-3\n"
		"\"a \"\"b\"\", c\",2,\"'=cmd()\",kernels,\"m,n\",\"line\nbreak\",1,0.1\n");
	rs_store_close(s);
}

static void the_dictionary_names_every_column(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b);
	RS_AUTO_BUF told = RS_BUF_INIT, csv = RS_BUF_INIT;
	size_t n;
	const struct rs_store_column *c = rs_store_columns(&n);
	char path[96];

	for (size_t i = 0; i < n; i++) {
		assert_true(strlen(c[i].meaning) > 0);
		rs_buf_addf(&told, "%s|%s|%s\n", c[i].table, c[i].name, c[i].type);
	}
	ok(end(b, s, cell("host", 0, 1), 1.5));
	ok(rs_store_export_tables(s, b->folder, &b->err));
	rs_store_close(s);
	assert_asks(b->db, "SELECT m.name, p.name, lower(p.type) FROM sqlite_master m,"
			   " pragma_table_info(m.name) p WHERE m.type='table' ORDER BY m.rowid, p.cid",
		    rs_buf_str(&told));
	snprintf(path, sizeof(path), "%s/sample.csv", b->folder);
	ok(rs_path_read(path, 10000, &csv, &b->err));
	assert_string_equal(rs_buf_str(&csv), "series,cell,value\n1,3,1.5\n");
	snprintf(path, sizeof(path), "%s/environment.csv", b->folder);
	rs_buf_clear(&csv);
	ok(rs_path_read(path, 10000, &csv, &b->err));
	assert_string_equal(rs_buf_str(&csv), "boot,key,value\n");
}

static size_t mask(void *user, const char *table, const char *key, char *text)
{
	size_t n = 0;

	assert_true((strcmp(key, "host.name") == 0) == (strcmp(table, "environment") == 0));
	for (char *p = text; (p = strstr(p, user)) != NULL; n++)
		memset(p, '*', strlen(user));
	return n;
}

static int contains(const char *path, const char *word)
{
	RS_AUTO_BUF text = RS_BUF_INIT;

	assert_int_equal(rs_path_read(path, 1 << 20, &text, NULL), 0);
	return memmem(text.data, text.len, word, strlen(word)) != NULL;
}

static void an_edited_copy_forgets_the_words(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b), *t;
	char one[96], two[96], word[] = "lab-server-7", *v = NULL;
	char hex_one[RS_SHA256_HEX], hex_two[RS_SHA256_HEX];
	size_t edits = 0;

	ok(end(b, s, cell("host", 0, 1), 1.5));
	ok(rs_store_set_env(s, "plain", "host.name", "lab-server-7 at lab-server-7", &b->err));
	ok(rs_store_add_event(s, "launch", "lab-server-7 booted", 1, -1, &b->err));
	snprintf(one, sizeof(one), "%s/one.db", b->folder);
	snprintf(two, sizeof(two), "%s/two.db", b->folder);
	ok(rs_store_copy(s, one, mask, word, &edits, &b->err));
	assert_int_equal(edits, 3);
	ok(rs_store_copy(s, two, mask, word, &edits, &b->err));
	refuses(rs_store_copy(s, two, mask, word, &edits, &b->err), "exists already");
	refuses(rs_store_copy(s, "/nonexistent/copy.db", mask, word, &edits, &b->err),
		"cannot write \"/nonexistent/copy.db\": No such file");
	rs_store_close(s);
	assert_true(contains(b->db, word));
	assert_false(contains(one, word));
	ok(rs_sha256_file(one, hex_one, &b->err));
	ok(rs_sha256_file(two, hex_two, &b->err));
	assert_string_equal(hex_one, hex_two);
	t = rs_store_open_readonly(one, &b->err);
	assert_non_null(t);
	ok(rs_store_check(t, &b->err));
	ok(rs_store_get_fact(t, "absent", &v, &b->err));
	assert_null(v);
	rs_store_close(t);
	assert_asks(one, "SELECT value FROM environment; SELECT value FROM tidy",
		    "************ at ************\n1.5\n");
}

static void the_diary_comes_back(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b);
	struct rs_event *e = NULL;
	struct rs_env_fact *f = NULL;
	struct rs_cell_note *n = NULL;
	size_t n_e = 0, n_f = 0, n_n = 0;

	ok(rs_store_add_event(s, "provision", "image built", 10, 3.5, &b->err));
	ok(rs_store_add_event(s, "launch", "guest up", 14, -1, &b->err));
	ok(rs_store_set_env(s, "xen", "cpu.model", "a", &b->err));
	ok(rs_store_set_env(s, "plain", "kernel", "6.1", &b->err));
	ok(rs_store_set_env(s, "plain", "cpu.model", "b", &b->err));
	ok(end(b, s, cell("xen", 3, 1), 1));
	ok(end(b, s, cell("host", 0, 2), 1));
	ok(rs_store_events(s, &e, &n_e, &b->err));
	assert_int_equal(n_e, 2);
	assert_true(e[0].seconds == 3.5 && e[1].seconds == -1);
	assert_string_equal(e[1].what, "guest up");
	ok(rs_store_env(s, &f, &n_f, &b->err));
	assert_int_equal(n_f, 3);
	assert_string_equal(f[0].value, "b");
	assert_string_equal(f[2].boot, "xen");
	ok(rs_store_notes(s, &n, &n_n, &b->err));
	assert_int_equal(n_n, 2);
	assert_int_equal(n[0].cell.trial, 2);
	assert_int_equal(n[0].note.level, RS_NOTE_WARNING);
	rs_events_free(e, n_e);
	rs_env_facts_free(f, n_f);
	free(n);
	rs_store_close(s);
}

static void counters_of_a_cell_come_back(void **state)
{
	static const struct rs_counter first[] = { { "steal-time", "s", 0.25 }, { "page-faults", "count", 7 } };
	static const struct rs_counter again[] = { { "steal-time", "s", 0.5 } };
	const struct rs_counter twice[] = { { "a", "s", 1 }, { "a", "s", 2 } };
	const struct rs_counter no_number[] = { { "a", "s", (double)NAN } };
	struct box *b = *state;
	struct rs_store *s = make_run(b);
	struct rs_cell host = cell("host", 0, 2), xen = cell("xen", 3, 1), unknown = cell("moon", 0, 1);
	struct rs_cell_counter *c = NULL;
	size_t n = 0;

	ok(rs_store_set_counters(s, &host, first, 2, &b->err));
	ok(rs_store_set_counters(s, &xen, again, 1, &b->err));
	ok(rs_store_set_counters(s, &host, first, 2, &b->err));
	ok(rs_store_set_counters(s, &xen, first, 2, &b->err));
	ok(rs_store_set_counters(s, &xen, again, 1, &b->err));	/* an earlier attempt's go */
	assert_int_equal(rs_store_set_counters(s, &unknown, first, 2, &b->err), -1);
	rs_err_clear(&b->err);
	assert_int_equal(rs_store_set_counters(s, &xen, twice, 2, &b->err), -1);
	rs_err_clear(&b->err);
	assert_int_equal(rs_store_set_counters(s, &xen, no_number, 1, &b->err), -1);
	rs_err_clear(&b->err);
	rs_store_close(s);
	s = rs_store_open_readonly(b->db, &b->err);
	assert_non_null(s);
	ok(rs_store_counters(s, &c, &n, &b->err));
	assert_int_equal(n, 3);
	free(c);
	rs_store_close(s);
	assert_asks(b->db, "SELECT c.system, n.name, n.unit, n.value FROM counter n JOIN cell c ON c.id = n.cell"
		    " ORDER BY c.system, n.name",
		    "host|page-faults|count|7.0\nhost|steal-time|s|0.25\nxen|steal-time|s|0.5\n");
}

/* A run that was measured before cells had counters is read as it is, and resumed. */
static void a_run_of_version_1_is_read_and_written(void **state)
{
	static const struct rs_counter one[] = { { "steal-time", "s", 0.25 } };
	struct box *b = *state;
	struct rs_cell host = cell("host", 0, 2);
	struct rs_cell_counter *c = NULL;
	struct rs_store *s = make_run(b);
	size_t n = 1;

	rs_store_close(s);
	free(ask(b->db, "DROP TABLE counter; ALTER TABLE cell DROP COLUMN boot; PRAGMA user_version = 1"));
	s = rs_store_open_readonly(b->db, &b->err);
	assert_non_null(s);
	ok(rs_store_counters(s, &c, &n, &b->err));
	assert_int_equal(n, 0);
	free(c);
	rs_store_close(s);
	assert_asks(b->db, "PRAGMA user_version", "1\n");
	s = rs_store_open(b->db, &b->err);
	assert_non_null(s);
	ok(rs_store_set_counters(s, &host, one, 1, &b->err));
	rs_store_close(s);
	assert_asks(b->db, "PRAGMA user_version; SELECT value FROM counter", "3\n0.25\n");
}

/* The boot of the first cell, as the store tells it. */
static int first_boot(struct box *b, struct rs_store *s)
{
	struct rs_cell_record *r = NULL;
	size_t n = 0;
	int boot;

	ok(rs_store_cells(s, &r, &n, &b->err));
	assert_true(n > 0);
	boot = r[0].boot;
	rs_cell_records_free(r, n);
	return boot;
}

static void a_run_of_version_2_is_read_and_written(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b);

	ok(end(b, s, cell("host", 0, 1), 1));
	rs_store_close(s);
	free(ask(b->db, "ALTER TABLE cell DROP COLUMN boot; PRAGMA user_version = 2"));
	s = rs_store_open_readonly(b->db, &b->err);
	assert_non_null(s);
	assert_int_equal(first_boot(b, s), 0);
	ok(rs_store_check(s, &b->err));
	rs_store_close(s);
	assert_asks(b->db, "PRAGMA user_version; SELECT count(*) FROM tidy", "2\n1\n");
	s = rs_store_open(b->db, &b->err);
	assert_non_null(s);
	assert_int_equal(first_boot(b, s), 0);
	ok(rs_store_boot(s, "b1", &b->err));
	ok(end(b, s, cell("host", 0, 2), 2));
	rs_store_close(s);
	assert_asks(b->db, "PRAGMA user_version; SELECT trial, boot FROM cell WHERE state = 'done' ORDER BY 1",
		    "3\n1|\n2|1\n");
}

/* Boots have numbers in their order; one that is told again, as by a resumed run, keeps its own. */
static void cells_know_their_boot(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b);

	ok(end(b, s, cell("host", 0, 0), 1));
	ok(rs_store_boot(s, "first", &b->err));
	ok(end(b, s, cell("host", 0, 1), 1));
	ok(rs_store_boot(s, "second", &b->err));
	ok(end(b, s, cell("xen", 3, 1), 1));
	rs_store_close(s);
	s = rs_store_open(b->db, &b->err);
	ok(rs_store_boot(s, "first", &b->err));
	ok(end(b, s, cell("host", 0, 2), 1));
	rs_store_close(s);
	assert_asks(b->db, "SELECT system, trial, boot FROM cell WHERE state = 'done' ORDER BY 1, 2",
		    "host|0|\nhost|1|1\nhost|2|1\nxen|1|2\n");
	assert_asks(b->db, "SELECT key, value FROM fact ORDER BY 1", "boot.1|first\nboot.2|second\n");
}

static void no_space_keeps_what_was_finished(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b);
	struct rlimit old, small;
	struct rs_sample *many = calloc(200, sizeof(*many));
	const struct rs_cell c = cell("host", 0, 2);

	ok(end(b, s, cell("host", 0, 1), 1));
	for (int i = 0; i < 200; i++) {
		many[i] = sample("host", "", "lps", i);
		snprintf(many[i].metric, sizeof(many[i].metric), "metric-with-a-long-name-%d", i);
	}
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, SIG_IGN);
	small = old;
	small.rlim_cur = 40000;		/* of any file: the next pages do not fit */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	refuses(rs_store_cell_end(s, &c, RS_CELL_DONE, NULL, 1, many, 200, NULL, 0, &b->err), "run.db");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	ok(rs_store_cell_end(s, &c, RS_CELL_DONE, NULL, 1, many, 200, NULL, 0, &b->err));
	rs_store_close(s);
	assert_asks(b->db, "SELECT count(*) FROM tidy; PRAGMA integrity_check", "201\nok\n");
	free(many);
}

/* What a run does with a store, once. */
static int use_it(const char *db, struct rs_err *err)
{
	RS_AUTO_STORE *s = rs_store_open(db, err);
	struct rs_cell c = cell("host", 0, 3);
	struct rs_sample v = sample("host", "pipe", "lps", 5);
	struct rs_series_set set = RS_SERIES_SET_INIT;
	struct rs_cell_record *r = NULL;
	size_t n = 0;

	if (s == NULL || rs_store_cell_start(s, &c, 1, err) < 0 ||
	    rs_store_cell_end(s, &c, RS_CELL_FAILED, "x", 1, &v, 1, NULL, 0, err) < 0 ||
	    rs_store_set_env(s, "b", "k", "v", err) < 0 || rs_store_cells(s, &r, &n, err) < 0)
		return -1;
	rs_cell_records_free(r, n);
	if (rs_store_series(s, NULL, NULL, NULL, &set, err) < 0)
		return -1;
	rs_series_set_release(&set);
	return rs_store_finish(s, err);
}

static void every_allocation_may_fail(void **state)
{
	struct box *b = *state;
	struct rs_store *s = make_run(b);
	int hit = 1;

	if (!refuse_memory_works()) {
		rs_store_close(s);
		skip();
	}
	ok(end(b, s, cell("host", 0, 1), 1));
	rs_store_close(s);
	for (long n = 0; hit; n++) {
		int r;

		rs_err_clear(&b->err);
		refuse_arm(n);
		r = use_it(b->db, &b->err);
		hit = refuse_disarm();
		/* SQLite does without some of them (caches): then the result is right */
		if (r < 0)
			assert_true(hit && b->err.text[0] != '\0');
		assert_true(n < 100000);
	}
	assert_asks(b->db, "PRAGMA integrity_check; SELECT count(*) FROM tidy", "ok\n1\n");
}

int main(void)
{
#define t(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		t(another_program_reads_it),	   t(what_is_wrong_is_refused_whole),
		t(cells_are_planned_once),	   t(ending_twice_changes_nothing),
		t(series_are_sorted_and_clean),	   t(a_visitor_may_stop),
		t(a_killed_run_keeps_its_cells),   t(reading_leaves_no_trace),
		t(two_programs_write_one_file),	   t(a_batch_is_kept_whole_or_not_at_all), t(a_lock_that_stays_is_told),
		t(a_wrong_file_is_told),	   t(damage_inside_is_found),
		t(a_hostile_file_is_refused),
		t(csv_is_tidy_and_harmless),	   t(the_dictionary_names_every_column),
		t(an_edited_copy_forgets_the_words), t(the_diary_comes_back),
		t(counters_of_a_cell_come_back),
		t(a_run_of_version_1_is_read_and_written),
		t(a_run_of_version_2_is_read_and_written),
		t(cells_know_their_boot),
		t(no_space_keeps_what_was_finished), t(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
