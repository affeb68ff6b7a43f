/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy-kernels: what it prints, and that it leaves nothing behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "restudy/base/buf.h"
#include "restudy/base/clock.h"
#include "restudy/base/cmd.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

struct env {
	char program[500], dir[64];
};

static int setup(void **state)
{
	struct env *e = calloc(1, sizeof(*e));
	const char *build = getenv("RESTUDY_BUILD");

	if (e == NULL)
		return -1;
	snprintf(e->program, sizeof(e->program), "%s/restudy-kernels",
		 build != NULL ? build : "build");
	snprintf(e->dir, sizeof(e->dir), "/tmp/restudy-test-XXXXXX");
	*state = e;
	return mkdtemp(e->dir) != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	struct env *e = *state;
	const int rc = rs_path_remove_tree(e->dir, NULL);

	free(e);
	return rc;
}

/* Runs the program with arguments "a b c"; stdout and stderr are kept apart. */
static int run(const struct env *e, const char *words, const char *path_variable,
	       struct rs_buf *out, struct rs_buf *err_out)
{
	RS_AUTO_CMD *c = rs_cmd_new(e->program);
	RS_AUTO_STR *copy = rs_strdup(words, NULL);
	struct rs_cmd_result res;
	struct rs_err err = RS_ERR_INIT;
	char *save = NULL;

	for (char *w = strtok_r(copy, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save))
		rs_cmd_arg(c, w);
	rs_cmd_arg(c, "--dir");
	rs_cmd_arg(c, e->dir);
	if (path_variable != NULL)
		rs_cmd_env(c, "PATH", path_variable);
	rs_cmd_stdout_buf(c, out);
	rs_cmd_stderr_buf(c, err_out);
	rs_cmd_timeout(c, 120);
	if (rs_cmd_run(c, &res, &err) < 0)
		fail_msg("%s", err.text);
	return res.status;
}

static void assert_folder_is_empty(const char *dir)
{
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;

	assert_int_equal(rs_path_list(dir, &names, &n, NULL), 0);
	assert_int_equal(n, 0);
}

static double number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	assert_true(json_is_number(v));
	return json_number_value(v);
}

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	assert_non_null(s);
	return s;
}

/* The value must be what the counts and the time say. */
static void check_value(const json_t *o)
{
	const char *id = text(o, "test"), *unit = text(o, "unit");
	const double seconds = number(o, "elapsed_ns") / 1e9, loops = number(o, "loops");
	double want = loops / seconds;

	if (strcmp(unit, "lpm") == 0)
		want *= 60;
	else if (strcmp(unit, "MWIPS") == 0)
		want *= 10;
	else if (strcmp(unit, "KBps") == 0)
		want *= (strncmp(id, "fstime", 6) == 0	   ? 1024
			 : strncmp(id, "fsbuffer", 8) == 0 ? 256
							   : 4096) /
			1024.0;
	assert_true(loops >= 1);
	assert_true(seconds > 0);
	/* The last block of a file test may be cut by the alarm. */
	assert_true(fabs(number(o, "value") / want - 1) < 1e-6);
}

static void every_test_gives_the_value_its_counts_say(void **state)
{
	static const char *const ids[] = {
		"dhry2reg",	  "whetstone-double", "syscall",	"pipe",	       "context1",
		"spawn",	  "execl",	      "fstime-write",	"fstime-read", "fstime-copy",
		"fsbuffer-write", "fsbuffer-read",    "fsbuffer-copy",	"fsdisk-write",
		"fsdisk-read",	  "fsdisk-copy",      "shell1",		"shell8",      "shell16",
		"short",	  "int",	      "long",		"float",       "double",
		"arithoh",	  "hanoi",
	};
	const struct env *e = *state;
	RS_AUTO_BUF words = RS_BUF_INIT, out = RS_BUF_INIT, err_out = RS_BUF_INIT;
	const char *at;

	for (size_t i = 0; i < RS_COUNT(ids); i++)
		rs_buf_addf(&words, "%s ", ids[i]);
	rs_buf_adds(&words, "--duration 0.02 --settle 0");
	assert_int_equal(run(e, rs_buf_str(&words), NULL, &out, &err_out), 0);
	assert_string_equal(rs_buf_str(&err_out), "");
	at = rs_buf_str(&out);
	for (size_t i = 0; i < RS_COUNT(ids); i++) {
		json_t *o = json_loads(at, JSON_DISABLE_EOF_CHECK, NULL);

		assert_non_null(o);
		assert_string_equal(text(o, "test"), ids[i]);
		check_value(o);
		if (strncmp(ids[i], "shell", 5) != 0)
			assert_true(number(o, "duration_s") == 0.02);
		json_decref(o);
		at = strchr(at, '\n') + 1;
	}
	assert_string_equal(at, "");
	assert_folder_is_empty(e->dir);
}

static void copies_are_summed(void **state)
{
	const struct env *e = *state;
	RS_AUTO_BUF out = RS_BUF_INIT, err_out = RS_BUF_INIT;
	json_t *o;

	assert_int_equal(run(e, "pipe --duration 0.05 --copies 3", NULL, &out, &err_out), 0);
	o = json_loads(rs_buf_str(&out), 0, NULL);
	assert_non_null(o);
	assert_true(number(o, "copies") == 3);
	/* Sum of rates, mean of times: near the rate of the sums when times are equal. */
	assert_true(fabs(number(o, "value") * number(o, "elapsed_ns") / 1e9 / number(o, "loops") -
			 1) < 0.5);
	json_decref(o);
}

static void a_test_is_repeated_as_often_as_asked(void **state)
{
	const struct env *e = *state;
	RS_AUTO_BUF out = RS_BUF_INIT, err_out = RS_BUF_INIT;
	int pipes = 0, calls = 0;

	assert_int_equal(run(e, "pipe syscall --duration 0.02 --repeat 3", NULL, &out, &err_out), 0);
	for (const char *l = rs_buf_str(&out); *l != '\0'; l = strchr(l, '\n') + 1) {
		pipes += strncmp(l, "{\"test\":\"pipe\"", 14) == 0 && calls == 0;
		calls += strncmp(l, "{\"test\":\"syscall\"", 17) == 0 && pipes == 3;
	}
	assert_int_equal(pipes, 3);
	assert_int_equal(calls, 3);
	rs_buf_clear(&out);
	assert_int_equal(run(e, "pipe --repeat 0", NULL, &out, &err_out), 2);
	assert_folder_is_empty(e->dir);
}

static void the_twin_takes_spawn_and_execl(void **state)
{
	const struct env *e = *state;
	RS_AUTO_BUF out = RS_BUF_INIT, err_out = RS_BUF_INIT;
	const char *at;

	assert_int_equal(run(e, "spawn pipe execl --duration 0.05", NULL, &out, &err_out), 0);
	at = rs_buf_str(&out);
	assert_non_null(strstr(at, "\"test\":\"spawn\""));
	assert_non_null(strstr(at, "\"linkage\":\"dynamic\""));
	at = strchr(at, '\n') + 1;
	assert_non_null(strstr(at, "\"linkage\":\"static\""));
	at = strchr(at, '\n') + 1;
	assert_non_null(strstr(at, "\"linkage\":\"dynamic\""));

	rs_buf_clear(&out);
	assert_int_equal(run(e, "execl --static --duration 0.05", NULL, &out, &err_out), 0);
	assert_non_null(strstr(rs_buf_str(&out), "\"linkage\":\"static\""));
	assert_folder_is_empty(e->dir);
}

static void a_missing_program_is_named(void **state)
{
	const struct env *e = *state;
	RS_AUTO_BUF out = RS_BUF_INIT, err_out = RS_BUF_INIT;

	assert_int_equal(run(e, "dc shell8 pipe --duration 0.02", "/nowhere", &out, &err_out), 3);
	assert_non_null(strstr(rs_buf_str(&err_out), "dc: no program \"dc\" in PATH"));
	assert_non_null(strstr(rs_buf_str(&err_out), "shell8: no program \"sort\" in PATH"));
	assert_non_null(strstr(rs_buf_str(&out), "\"missing\":\"dc\""));
	assert_non_null(strstr(rs_buf_str(&out), "\"test\":\"pipe\",\"definition\":1,\"title\""));
	assert_folder_is_empty(e->dir);
}

static void wrong_arguments_are_refused(void **state)
{
	static const char *const bad[] = {
		"nosuchtest",	    "pipe --duration 0",     "pipe --duration 1x",
		"pipe --copies 65", "pipe --copies -1",	     "pipe --unknown 1",
		"pipe --cpu x",	    "--duration 1",
	};
	const struct env *e = *state;

	for (size_t i = 0; i < RS_COUNT(bad); i++) {
		RS_AUTO_BUF out = RS_BUF_INIT, err_out = RS_BUF_INIT;

		assert_int_equal(run(e, bad[i], NULL, &out, &err_out), 2);
		assert_string_equal(rs_buf_str(&out), "");
		assert_true(err_out.len > 0);
	}
}

/* A "sort" of our own shows what the script is given: lines, words and bytes of the
 * definition. */
static void the_scripts_input_has_the_defined_size(void **state)
{
	static const char script[] = "#!/bin/sh\nif [ $# -eq 0 ]; then /usr/bin/tee \"$CAPTURE\" |"
				     " /usr/bin/sort; else /usr/bin/sort \"$@\"; fi\n";
	const struct env *e = *state;
	RS_AUTO_BUF path = RS_BUF_INIT, out = RS_BUF_INIT, err_out = RS_BUF_INIT, got = RS_BUF_INIT;
	RS_AUTO_STR *bin = rs_path_join(e->dir, "bin", NULL);
	RS_AUTO_STR *sort = rs_path_join(bin, "sort", NULL);
	RS_AUTO_STR *capture = rs_path_join(e->dir, "captured", NULL);
	size_t lines = 0, words = 0, with_the = 0;

	assert_int_equal(rs_path_mkdirs(bin, NULL), 0);
	assert_int_equal(rs_path_write(sort, script, sizeof(script) - 1, NULL), 0);
	assert_int_equal(chmod(sort, 0755), 0);
	assert_int_equal(setenv("CAPTURE", capture, 1), 0);
	rs_buf_addf(&path, "%s:/usr/bin:/bin", bin);
	assert_int_equal(run(e, "shell1 --duration 0.01", rs_buf_str(&path), &out, &err_out), 0);
	assert_int_equal(rs_path_read(capture, 100000, &got, NULL), 0);
	assert_int_equal(got.len, 8546);
	for (size_t i = 0; i < got.len; i++) {
		lines += got.data[i] == '\n';
		words += got.data[i] == '\n' || got.data[i] == ' ';
		with_the += strncmp(got.data + i, "the", 3) == 0;
	}
	assert_int_equal(lines, 362);
	assert_int_equal(words, 1200);
	assert_true(with_the > 10);
	assert_int_equal(rs_path_remove_tree(bin, NULL), 0);
	assert_int_equal(unlink(capture), 0);
	assert_folder_is_empty(e->dir);
}

static void a_request_to_end_leaves_no_file(void **state)
{
	struct env *e = *state;
	char *const argv[] = { e->program, (char *)(uintptr_t) "fsdisk-copy",
			       (char *)(uintptr_t) "--duration", (char *)(uintptr_t) "60",
			       (char *)(uintptr_t) "--dir", e->dir, NULL };
	int status = 0;
	const pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		execv(argv[0], argv);
		_exit(127);
	}
	for (int i = 0; i < 1000; i++) {	/* until it has made its folder */
		RS_AUTO_ARGV names = NULL;
		size_t n = 0;

		assert_int_equal(rs_path_list(e->dir, &names, &n, NULL), 0);
		if (n > 0)
			break;
		rs_clock_sleep(0.01);
	}
	rs_clock_sleep(0.2);
	assert_int_equal(kill(child, SIGTERM), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 128 + SIGTERM);
	assert_folder_is_empty(e->dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_test_gives_the_value_its_counts_say, setup,
						teardown),
		cmocka_unit_test_setup_teardown(copies_are_summed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_test_is_repeated_as_often_as_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(the_twin_takes_spawn_and_execl, setup, teardown),
		cmocka_unit_test_setup_teardown(a_missing_program_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_arguments_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(the_scripts_input_has_the_defined_size, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_request_to_end_leaves_no_file, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
