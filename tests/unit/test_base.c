/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base: errors, buffers, numbers, paths, files, digests, random numbers, commands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "restudy/base/buf.h"
#include "restudy/base/clock.h"
#include "restudy/base/cmd.h"
#include "restudy/base/hash.h"
#include "restudy/base/lock.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/out.h"
#include "restudy/base/path.h"
#include "restudy/base/random.h"
#include "restudy/base/stop.h"
#include "restudy/base/temp.h"
#include "restudy/base/text.h"

static void error_keeps_the_first_and_wraps(void **state)
{
	struct rs_err e = RS_ERR_INIT;

	(void)state;
	assert_int_equal(rs_err_set(&e, RS_ERR_PLAN, "bad \"%s\"\n\x1b[31m", "x"), -1);
	assert_int_equal(rs_err_set(&e, RS_ERR_INTERNAL, "later"), -1);
	assert_int_equal(rs_err_wrap(&e, "line %d", 7), -1);
	assert_string_equal(e.text, "line 7: bad \"x\" ?[31m");
	assert_int_equal(e.kind, RS_ERR_PLAN);
	assert_int_equal(rs_err_exit_status(e.kind), 2);
	assert_int_equal(rs_err_set(NULL, RS_ERR_PLAN, "nobody asks"), -1);
	rs_err_clear(&e);
	assert_int_equal(rs_err_wrap(&e, "nothing to wrap"), -1);
	assert_int_equal(e.kind, RS_ERR_NONE);
}

static void buffer_grows_and_reports(void **state)
{
	RS_AUTO_BUF b = RS_BUF_INIT;
	struct rs_err e = RS_ERR_INIT;

	(void)state;
	assert_string_equal(rs_buf_str(&b), "");
	for (int i = 0; i < 1000; i++)
		rs_buf_addf(&b, "%d,", i);
	assert_int_equal(b.len, 10 * 2 + 90 * 3 + 900 * 4);
	assert_int_equal(rs_buf_check(&b, &e), 0);
	b.failed = 1;
	rs_buf_adds(&b, "lost");
	assert_int_equal(rs_buf_check(&b, &e), -1);
	assert_int_equal(e.kind, RS_ERR_MEMORY);
}

static void last_lines_are_what_was_said(void **state)
{
	static const struct {
		const char *text, *line;
	} said[] = {
		{ "", "" }, { " \r\n\n", "" }, { "one", "one" }, { "one\ntwo \r\n\n", "two" },
		{ "\n  three", "  three" },
	};
	char path[] = "/tmp/restudy-base.XXXXXX", line[40] = "x";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	for (size_t i = 0; i < RS_COUNT(said); i++) {
		RS_AUTO_BUF b = RS_BUF_INIT;

		rs_buf_adds(&b, said[i].text);
		assert_string_equal(rs_buf_last_line(&b), said[i].line);
		assert_int_equal(rs_path_write(path, said[i].text, strlen(said[i].text), NULL), 0);
		rs_path_last_line(path, line, sizeof(line));
		assert_string_equal(line, said[i].line);
	}
	rs_path_last_line(path, line, 5);
	assert_string_equal(line, "  th");
	assert_int_equal(unlink(path), 0);
	rs_path_last_line(path, line, sizeof(line));
	assert_string_equal(line, "");
	rs_path_last_line(NULL, line, sizeof(line));
	assert_string_equal(line, "");
}

static void quantities_carry_units(void **state)
{
	static const struct {
		const char *text;
		enum rs_dimension dim;
		double value;	/* NaN: refused */
	} row[] = {
		{ "256MiB", RS_DIM_BYTES, 268435456 },	{ "36GB", RS_DIM_BYTES, 36e9 },
		{ "36 GB", RS_DIM_BYTES, 36e9 },	{ "30min", RS_DIM_SECONDS, 1800 },
		{ "2.8GHz", RS_DIM_HERTZ, 2.8e9 },	{ "100Mbit/s", RS_DIM_BITRATE, 1e8 },
		{ "256", RS_DIM_BYTES, NAN },		{ "256MB/s", RS_DIM_BYTES, NAN },
		{ "-1s", RS_DIM_SECONDS, NAN },		{ "1e400s", RS_DIM_SECONDS, NAN },
		{ "", RS_DIM_SECONDS, NAN },		{ "s", RS_DIM_SECONDS, NAN },
		{ "nan s", RS_DIM_SECONDS, NAN },	{ "0x10s", RS_DIM_SECONDS, NAN },
		{ "10  s", RS_DIM_SECONDS, NAN },
		{ "25.4mm", RS_DIM_LENGTH, 72 },	{ "2.54 cm", RS_DIM_LENGTH, 72 },
		{ "2in", RS_DIM_LENGTH, 144 },		{ "240pt", RS_DIM_LENGTH, 240 },
		{ "84px", RS_DIM_LENGTH, NAN },		{ "84", RS_DIM_LENGTH, NAN },
	};

	(void)state;
	for (size_t i = 0; i < RS_COUNT(row); i++) {
		struct rs_err e = RS_ERR_INIT;
		double v = NAN;
		int rc = rs_parse_quantity(row[i].text, row[i].dim, &v, &e);

		assert_int_equal(rc, isnan(row[i].value) ? -1 : 0);
		if (rc == 0)
			assert_true(fabs(v - row[i].value) <= row[i].value * DBL_EPSILON);
		else
			assert_int_equal(e.kind, RS_ERR_PLAN);
	}
}

static void numbers_print_back(void **state)
{
	static const double v[] = { 0.1, 1.0 / 3, 1e300, 5e-324, 883.234, -0.0, 1e22, 123456789 };
	char buf[64];

	(void)state;
	for (size_t i = 0; i < RS_COUNT(v); i++) {
		struct rs_err e = RS_ERR_INIT;
		double back;

		assert_int_equal(rs_parse_double(rs_format_double(buf, sizeof(buf), v[i]), &back, &e), 0);
		assert_memory_equal(&back, &v[i], sizeof(back));
	}
	assert_string_equal(rs_format_double(buf, sizeof(buf), 0.1), "0.1");
	assert_string_equal(rs_format_double(buf, sizeof(buf), 100), "100");
	assert_string_equal(rs_format_double(buf, sizeof(buf), -624906240), "-624906240");
	assert_string_equal(rs_format_double(buf, sizeof(buf), 1e22), "1e+22");
	assert_string_equal(rs_format_fixed(buf, sizeof(buf), -0.001, 2), "0.00");
	assert_string_equal(rs_format_fixed(buf, sizeof(buf), 2.345, 1), "2.3");
	assert_string_equal(rs_format_fixed(buf, 40, 1e300, 2), "1e+300");
	assert_string_equal(rs_format_fixed(buf, 40, 1e20, 2), "100000000000000000000.00");
	assert_string_equal(rs_format_quantity(buf, sizeof(buf), 268435456, RS_DIM_BYTES), "256 MiB");
	assert_string_equal(rs_format_quantity(buf, sizeof(buf), 36e9, RS_DIM_BYTES), "36 GB");
	assert_string_equal(rs_format_quantity(buf, sizeof(buf), 2.8e9, RS_DIM_HERTZ), "2.8 GHz");
	assert_string_equal(rs_format_quantity(buf, sizeof(buf), 90, RS_DIM_SECONDS), "1.5 min");
	assert_string_equal(rs_format_quantity(buf, sizeof(buf), 100, RS_DIM_LENGTH), "100 pt");
}

static void names_and_paths_stay_inside(void **state)
{
	static const char *const plain[] = { "a", "xenU_1.1", "run-2", "..a" };
	static const char *const not_plain[] = { "", ".", "..", "a/b", "-x", "a b", "\xc3\xa4" };
	static const char *const inside[] = { "a", "a/b", "a/..b" };
	static const char *const outside[] = { "", "/a", "..", "a/../b", "a//b", "a/", "./a" };

	(void)state;
	for (size_t i = 0; i < RS_COUNT(plain); i++)
		assert_true(rs_path_is_plain_name(plain[i]));
	for (size_t i = 0; i < RS_COUNT(not_plain); i++)
		assert_false(rs_path_is_plain_name(not_plain[i]));
	for (size_t i = 0; i < RS_COUNT(inside); i++)
		assert_true(rs_path_is_inside(inside[i]));
	for (size_t i = 0; i < RS_COUNT(outside); i++)
		assert_false(rs_path_is_inside(outside[i]));
}

static void files_are_written_at_once(void **state)
{
	char folder[] = "/tmp/restudy-test-XXXXXX";
	RS_AUTO_STR *path = NULL, *deep = NULL;
	RS_AUTO_ARGV names = NULL;
	RS_AUTO_BUF b = RS_BUF_INIT;
	struct rs_err e = RS_ERR_INIT;
	struct rs_out *o;
	size_t n;

	(void)state;
	assert_non_null(mkdtemp(folder));
	path = rs_path_join(folder, "file", &e);
	deep = rs_path_join(folder, "a/b/c", &e);
	assert_int_equal(rs_path_mkdirs(deep, &e), 0);
	assert_int_equal(rs_path_write(path, "old", 3, &e), 0);
	assert_int_equal(rs_path_mkdirs(path, &e), -1);		/* a file is no folder */
	rs_err_clear(&e);
	o = rs_out_open(path, &e);
	assert_non_null(o);
	rs_out_puts(o, "new");
	rs_out_abort(o);
	assert_int_equal(rs_path_read(path, 100, &b, &e), 0);
	assert_string_equal(rs_buf_str(&b), "old");
	assert_int_equal(rs_path_read(path, 2, &b, &e), -1);
	rs_err_clear(&e);
	assert_int_equal(rs_path_list(folder, &names, &n, &e), 0);
	assert_int_equal(n, 2);
	assert_string_equal(names[1], "file");
	assert_int_equal(rs_path_remove_tree(folder, &e), 0);
	assert_false(rs_path_exists(folder));
	assert_int_equal(rs_path_remove_tree(folder, &e), 0);
	assert_int_equal(rs_path_write("/proc/none/x", "a", 1, &e), -1);
}

/* The kernel lists the network of a process that has ended, and then cannot read it. */
static void a_folder_that_cannot_be_read_is_told(void **state)
{
	const pid_t ended = fork();
	RS_AUTO_STR *net = rs_asprintf(NULL, "/proc/%ld/net", (long)ended);
	RS_AUTO_ARGV names = NULL;
	struct rs_err e = RS_ERR_INIT;
	siginfo_t end;
	size_t n = 0;

	(void)state;
	if (ended == 0)
		_exit(0);
	assert_non_null(net);
	assert_int_equal(waitid(P_PID, (id_t)ended, &end, WEXITED | WNOWAIT), 0);
	assert_int_equal(rs_path_list(net, &names, &n, &e), -1);
	assert_non_null(strstr(e.text, "cannot list"));
	assert_int_equal(waitpid(ended, NULL, 0), ended);
}

static void full_disk_is_told(void **state)
{
	char folder[] = "/tmp/restudy-test-XXXXXX";
	RS_AUTO_STR *path = NULL;
	struct rs_err e = RS_ERR_INIT;
	struct rs_cmd_result r;
	struct stat st;
	RS_AUTO_CMD *c = NULL;

	(void)state;
	assert_non_null(mkdtemp(folder));
	path = rs_path_join(folder, "full", &e);
	assert_int_equal(symlink("/dev/full", path), 0);
	c = rs_cmd_new("echo");
	rs_cmd_arg(c, "hello");
	rs_cmd_stdout_file(c, path);
	assert_int_equal(rs_cmd_run(c, &r, &e), -1);
	assert_non_null(strstr(e.text, "No space left on device"));
	rs_err_clear(&e);
	/* A writer neither hides the full disk nor puts a file in the device's place. */
	assert_int_equal(rs_path_write(path, "a", 1, &e), -1);
	assert_non_null(strstr(e.text, "No space left on device"));
	rs_err_clear(&e);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(rs_path_remove_tree(folder, &e), 0);
}

static void digests_are_fips_180_4(void **state)
{
	char hex[RS_SHA256_HEX];
	struct rs_err e = RS_ERR_INIT;

	(void)state;
	/* The example of FIPS 180-4 for "abc". */
	assert_int_equal(rs_sha256_bytes("abc", 3, hex, &e), 0);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(rs_sha256_file("/nonexistent", hex, &e), -1);
}

static void random_is_the_published_sequence(void **state)
{
	struct rs_random r;
	int seen[10] = { 0 }, order[5] = { 0, 1, 2, 3, 4 };

	(void)state;
	/* splitmix64 from seed 0 gives these as its first values (Vigna's splitmix64.c). */
	rs_random_seed(&r, 0);
	assert_true(r.s[0] == 0xe220a8397b1dcdafu && r.s[1] == 0x6e789e6aa1b965f4u);
	for (int i = 0; i < 10000; i++)
		seen[rs_random_below(&r, 10)]++;
	for (int i = 0; i < 10; i++)
		assert_in_range(seen[i], 850, 1150);
	rs_random_shuffle(&r, order, 5, sizeof(order[0]));
	assert_int_equal(order[0] + order[1] + order[2] + order[3] + order[4], 10);
}

static void command_gives_exact_ends(void **state)
{
	struct rs_cmd_result r;
	struct rs_err e = RS_ERR_INIT;
	RS_AUTO_BUF out = RS_BUF_INIT, text = RS_BUF_INIT;
	RS_AUTO_CMD *c = rs_cmd_new("sh");
	RS_AUTO_STR *shown = NULL;

	(void)state;
	rs_cmd_arg(c, "-c");
	rs_cmd_arg(c, "cat; echo $COLOUR >&2; exit 7");
	rs_cmd_env(c, "COLOUR", "red");
	rs_cmd_stdin_bytes(c, "in", 2);
	rs_cmd_stdout_buf(c, &out);
	rs_cmd_stderr_buf(c, &text);
	assert_int_equal(rs_cmd_run(c, &r, &e), 0);
	assert_int_equal(r.status, 7);
	assert_string_equal(rs_buf_str(&out), "in");
	assert_string_equal(rs_buf_str(&text), "red\n");
	assert_int_equal(rs_cmd_run_ok(c, &e), -1);
	assert_non_null(strstr(e.text, "exit status 7"));
	shown = rs_cmd_text(c, NULL);
	assert_string_equal(shown, "sh -c 'cat; echo $COLOUR >&2; exit 7'");
}

static void command_is_bounded(void **state)
{
	struct rs_cmd_result r;
	struct rs_err e = RS_ERR_INIT;
	RS_AUTO_BUF out = RS_BUF_INIT;
	RS_AUTO_CMD *slow = rs_cmd_new("sh"), *flood = rs_cmd_new("yes"), *none = rs_cmd_new("no-such-program");
	char end[80];

	(void)state;
	rs_cmd_arg(slow, "-c");
	rs_cmd_arg(slow, "sleep 60 & sleep 60");
	rs_cmd_timeout(slow, 0.1);
	assert_int_equal(rs_cmd_run(slow, &r, &e), 0);
	assert_true(r.timed_out && r.signal == SIGKILL);
	rs_cmd_stdout_buf(flood, &out);
	rs_cmd_limit_output(flood, 1000);
	assert_int_equal(rs_cmd_run(flood, &r, &e), 0);
	assert_true(r.flooded);
	assert_int_equal(out.len, 1000);
	assert_string_equal(rs_cmd_describe_end(end, sizeof(end), &r), "more output than allowed, killed");
	assert_int_equal(rs_cmd_run(none, &r, &e), -1);
	assert_int_equal(e.kind, RS_ERR_MACHINE);
}

/* The process number in a file that another process writes. */
static pid_t await_pid(const char *path)
{
	RS_AUTO_BUF text = RS_BUF_INIT;

	while (rs_path_read(path, 100, &text, NULL) < 0 || strchr(rs_buf_str(&text), '\n') == NULL) {
		rs_buf_clear(&text);
		(void)usleep(10000);
	}
	return (pid_t)strtol(rs_buf_str(&text), NULL, 10);
}

static void command_dies_with_us(void **state)
{
	char folder[] = "/tmp/rs-base-XXXXXX";
	RS_AUTO_STR *file = NULL;
	pid_t child, group;
	int tries = 0;

	(void)state;
	assert_non_null(mkdtemp(folder));
	file = rs_path_join(folder, "pid", NULL);
	assert_non_null(file);
	child = fork();
	if (child == 0) {
		RS_AUTO_CMD *c = rs_cmd_new("sh");
		struct rs_cmd_result r;

		rs_cmd_args(c, (const char *const[]){ "-c", "cat; sleep 300 & echo $$ >\"$1\"; wait", "sh", file, NULL });
		rs_cmd_stdin_bytes(c, "in", 2);
		rs_cmd_dies_with_us(c);
		_exit(rs_cmd_run(c, &r, NULL) == 0);
	}
	group = getpgid(await_pid(file));
	assert_true(group > 1 && group != getpgid(0));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	while (kill(-group, 0) == 0 && tries++ < 6000)
		(void)usleep(10000);
	assert_int_equal(kill(-group, 0), -1);
	assert_int_equal(rs_path_remove_tree(folder, NULL), 0);
}

static void command_that_would_die_with_us_ends_as_others(void **state)
{
	RS_AUTO_CMD *c = rs_cmd_new("sh");
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_cmd_result r;
	struct rs_err e = RS_ERR_INIT;

	(void)state;
	rs_cmd_args(c, (const char *const[]){ "-c", "cat; echo \"$2\"; exit 7", "sh", "a b", "c'd", NULL });
	rs_cmd_stdin_bytes(c, "in\n", 3);
	rs_cmd_stdout_buf(c, &out);
	rs_cmd_dies_with_us(c);
	assert_int_equal(rs_cmd_run(c, &r, &e), 0);
	assert_int_equal(r.status, 7);
	assert_string_equal(rs_buf_str(&out), "in\nc'd\n");
}

static void lock_says_who_holds_it(void **state)
{
	char folder[] = "/tmp/rs-base-XXXXXX", holder[32];
	RS_AUTO_STR *path = NULL;
	RS_AUTO_FD fd = -1;
	struct rs_err e = RS_ERR_INIT;
	int ready[2];
	pid_t child;
	char c;

	(void)state;
	assert_non_null(mkdtemp(folder));
	path = rs_path_join(folder, "lock", NULL);
	assert_non_null(path);
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		int held;

		if (rs_lock_hold(path, "run x-1", RS_ERR_FAILED, &held, NULL) == 0 && write(ready[1], "!", 1) == 1)
			(void)pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(rs_lock_hold(path, "run y-2", RS_ERR_MACHINE, &fd, &e), -1);
	assert_int_equal(e.kind, RS_ERR_MACHINE);
	(void)snprintf(holder, sizeof(holder), "process %ld ", (long)child);
	assert_non_null(strstr(e.text, holder));
	assert_non_null(strstr(e.text, "since 2"));
	assert_non_null(strstr(e.text, "(run x-1)"));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	rs_err_clear(&e);
	assert_int_equal(rs_lock_hold(path, "", RS_ERR_MACHINE, &fd, &e), 0);
	(void)close(ready[0]);
	(void)close(ready[1]);
	assert_int_equal(rs_path_remove_tree(folder, NULL), 0);
}

/* Started by nohup, a run goes on when the terminal is closed; else it ends in order. */
static void hangup_stops_unless_ignored(void **state)
{
	(void)state;
	for (int ignored = 0; ignored < 2; ignored++) {
		const pid_t child = fork();
		int status;

		if (child == 0) {
			(void)signal(SIGHUP, ignored ? SIG_IGN : SIG_DFL);
			if (rs_stop_install(NULL) < 0 || raise(SIGHUP) != 0)
				_exit(100);
			_exit(rs_stop_requested());
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), ignored ? 0 : SIGHUP);
	}
}

static int count_line(void *user, const char *line, struct rs_err *err)
{
	int *n = user;

	(*n)++;
	return strcmp(line, "stop") == 0 ? rs_err_set(err, RS_ERR_FAILED, "told to stop") : 0;
}

static void command_hands_lines(void **state)
{
	struct rs_cmd_result r;
	struct rs_err e = RS_ERR_INIT;
	int n = 0;
	RS_AUTO_CMD *c = rs_cmd_new("printf");
	RS_AUTO_CMD *bad = rs_cmd_new("sh");

	(void)state;
	rs_cmd_arg(c, "a\\nb\\nc");
	rs_cmd_stdout_lines(c, count_line, &n);
	assert_int_equal(rs_cmd_run(c, &r, &e), 0);
	assert_int_equal(n, 3);
	rs_cmd_arg(bad, "-c");
	rs_cmd_arg(bad, "echo stop; sleep 60");
	rs_cmd_stdout_lines(bad, count_line, &n);
	assert_int_equal(rs_cmd_run(bad, &r, &e), -1);
	assert_string_equal(e.text, "told to stop");
}

static void spans_read_well(void **state)
{
	char b[64];

	(void)state;
	assert_string_equal(rs_clock_span(b, sizeof(b), 0.0123), "12 ms");
	assert_string_equal(rs_clock_span(b, sizeof(b), 4.25), "4.3 s");
	assert_string_equal(rs_clock_span(b, sizeof(b), 192), "3 min 12 s");
	assert_string_equal(rs_clock_span(b, sizeof(b), 3870), "1 h 05 min");
	assert_string_equal(rs_clock_span(b, sizeof(b), NAN), "unknown");
	assert_string_equal(rs_clock_utc(b, sizeof(b), 1795418638), "2026-11-23T07:23:58Z");
}

/* ESC, C1 as one byte and as two, an override of direction, a byte that is no UTF-8. */
static void text_of_others_is_calm(void **state)
{
	static const char evil[] = "a\x1b[2J\xc2\x9b" "1m\x9b" "b\xe2\x80\xae\xff\x7f\tc\nd\u00e9\r";
	RS_AUTO_BUF shown = RS_BUF_INIT, clean = RS_BUF_INIT;
	char line[sizeof(evil)];
	struct rs_err e = RS_ERR_INIT;

	(void)state;
	rs_text_show(&shown, evil);
	assert_string_equal(rs_buf_str(&shown), "a?[2J??1m?b?????\tc\nd\u00e9?");
	rs_text_clean(&clean, "x\x1b\u00e9");
	assert_string_equal(rs_buf_str(&clean), "x\ufffd\u00e9");
	rs_buf_clear(&clean);
	rs_text_json(&clean, "a\"\\\n\xff\u00e9");
	assert_string_equal(rs_buf_str(&clean), "\"a\\\"\\\\\\u000a\\ufffd\u00e9\"");
	memcpy(line, evil, sizeof(evil));
	rs_text_make_line(line);
	assert_string_equal(line, "a?[2J??1m?b????? c d\u00e9?");
	(void)rs_err_set(&e, RS_ERR_FAILED, "%s", evil);
	assert_string_equal(e.text, line);
}

/* What a process that is gone left is found by its name; what others own is not touched. */
static void leftovers_are_known_by_name(void **state)
{
	char root[] = "/tmp/restudy-test-XXXXXX", name[200];
	RS_AUTO_STR *mine = NULL;
	RS_AUTO_BUF out = RS_BUF_INIT;
	RS_AUTO_ARGV left = NULL;
	size_t n = 0;
	const pid_t gone = fork();

	(void)state;
	if (gone == 0)
		_exit(0);
	assert_int_equal(waitpid(gone, NULL, 0), gone);
	assert_non_null(mkdtemp(root));
	mine = rs_temp_folder(root, "bag", NULL);
	assert_non_null(mine);
	assert_int_equal(rs_temp_owner(rs_path_base(mine)), getpid());
	for (size_t i = 0; i < 4; i++) {
		static const char *const names[] = { "%s/restudy-bag-%ld-abcdef", "%s/x.zip.restudy-part-%ld",
						     "%s/report.part-%ld", "%s/restudy-notes-%ld.txt" };

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(name, sizeof(name), names[i], root, (long)gone);
#pragma GCC diagnostic pop
		assert_int_equal(rs_path_write(name, "x", 1, NULL), 0);
	}
	assert_int_equal(rs_temp_leftovers(root, 0, &out, NULL), 0);
	assert_non_null(strstr(rs_buf_str(&out), "left behind"));
	assert_int_equal(rs_temp_leftovers(root, 1, &out, NULL), 0);
	/* the two names that only look alike stay, and what a process is at work on */
	assert_int_equal(rs_path_list(root, &left, &n, NULL), 0);
	assert_int_equal(n, 3);
	rs_buf_clear(&out);
	assert_int_equal(rs_temp_leftovers(root, 1, &out, NULL), 0);
	assert_int_equal(out.len, 0);
	assert_int_equal(rs_temp_owner("restudy-1.2.tar"), 0);
	{
		RS_AUTO_STR *folder = rs_temp_beside("out/run//", "part", NULL);
		RS_AUTO_STR *same = rs_temp_beside("out/run", "part", NULL);

		assert_string_equal(folder, same);
	}
	assert_int_equal(rs_temp_owner("a.restudy-stage-12-abcdef"), 12);
	assert_int_equal(rs_temp_owner("xrestudy-stage-12"), 0);
	assert_int_equal(rs_path_remove_tree(root, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(error_keeps_the_first_and_wraps),
		cmocka_unit_test(text_of_others_is_calm),
		cmocka_unit_test(leftovers_are_known_by_name),
		cmocka_unit_test(buffer_grows_and_reports),
		cmocka_unit_test(last_lines_are_what_was_said),
		cmocka_unit_test(quantities_carry_units),
		cmocka_unit_test(numbers_print_back),
		cmocka_unit_test(names_and_paths_stay_inside),
		cmocka_unit_test(files_are_written_at_once),
		cmocka_unit_test(full_disk_is_told),
		cmocka_unit_test(a_folder_that_cannot_be_read_is_told),
		cmocka_unit_test(digests_are_fips_180_4),
		cmocka_unit_test(random_is_the_published_sequence),
		cmocka_unit_test(command_gives_exact_ends),
		cmocka_unit_test(command_is_bounded),
		cmocka_unit_test(command_hands_lines),
		cmocka_unit_test(command_dies_with_us),
		cmocka_unit_test(command_that_would_die_with_us_ends_as_others),
		cmocka_unit_test(lock_says_who_holds_it),
		cmocka_unit_test(hangup_stops_unless_ignored),
		cmocka_unit_test(spans_read_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
