/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Channels against the real agent: every kind keeps the same promises. */
#include "channel_world.h"

#include <pthread.h>
#include <sys/stat.h>

#include "restudy/base/hash.h"

static struct rs_channel *open_unix(const struct world *w)
{
	struct rs_err err = RS_ERR_INIT;
	struct rs_channel *ch = rs_channel_unix(w->socket, 20, &err);

	assert_string_equal(err.text, "");
	assert_non_null(ch);
	return ch;
}

static struct rs_channel *open_program(const struct world *w)
{
	const char *argv[] = { w->agent, "--stdio", NULL };
	struct rs_err err = RS_ERR_INIT;
	struct rs_channel *ch = rs_channel_program(argv, 20, &err);

	assert_string_equal(err.text, "");
	assert_non_null(ch);
	return ch;
}

static struct rs_channel *open_local(const struct world *w)
{
	(void)w;
	return rs_channel_local(NULL);
}

/* Every kind of channel keeps the same promises. */
static struct rs_channel *(*const kinds[])(const struct world *) = { open_local, open_unix,
								    open_program };

static void statuses_are_exact(void **state)
{
	for (size_t k = 0; k < RS_COUNT(kinds); k++) {
		RS_AUTO_CHANNEL *ch = kinds[k](*state);

		for (int i = 0; i <= 255; i++) {
			char script[32];
			struct rs_cmd_result r;

			(void)snprintf(script, sizeof(script), "exit %d", i);
			r = run_sh(ch, script);
			assert_int_equal(r.status, i);
			assert_int_equal(r.signal, 0);
			assert_int_equal(r.timed_out + r.flooded + r.stopped, 0);
		}
	}
}

static void signals_are_told(void **state)
{
	static const int signals[] = { SIGTERM, SIGKILL, SIGSEGV, SIGPIPE, SIGCHLD + 1 };

	for (size_t k = 0; k < RS_COUNT(kinds); k++) {
		RS_AUTO_CHANNEL *ch = kinds[k](*state);

		for (size_t i = 0; i < 4; i++) {
			char script[64];
			struct rs_cmd_result r;

			(void)snprintf(script, sizeof(script), "kill -%d $$", signals[i]);
			r = run_sh(ch, script);
			assert_int_equal(r.status, -1);
			assert_int_equal(r.signal, signals[i]);
		}
	}
}

static void a_missing_program_is_no_status_127(void **state)
{
	for (size_t k = 0; k < RS_COUNT(kinds); k++) {
		RS_AUTO_CHANNEL *ch = kinds[k](*state);
		const char *argv[] = { "restudy-no-such-program", NULL };
		const char *path[] = { "/restudy/no/such/program", NULL };
		struct rs_exec x = { .argv = argv, .timeout_s = 20, .output_max = 100 };
		struct rs_err err = RS_ERR_INIT;
		struct rs_cmd_result r;

		assert_int_equal(rs_channel_run(ch, &x, &r, &err), -1);
		assert_int_equal(err.kind, RS_ERR_MACHINE);
		assert_non_null(strstr(err.text, "\"restudy-no-such-program\""));
		rs_err_clear(&err);
		x.argv = path;
		assert_int_equal(rs_channel_run(ch, &x, &r, &err), -1);
		assert_int_equal(err.kind, RS_ERR_MACHINE);
		assert_int_equal(run_sh(ch, "exit 127").status, 127);
	}
}

static void output_arrives_apart_and_whole(void **state)
{
	for (size_t k = 0; k < RS_COUNT(kinds); k++) {
		RS_AUTO_CHANNEL *ch = kinds[k](*state);
		RS_AUTO_STR *out = in_dir(*state, "out");
		RS_AUTO_STR *said = in_dir(*state, "said");
		RS_AUTO_STR *text = NULL;
		RS_AUTO_STR *complaint = NULL;
		const char *argv[4];
		struct rs_exec x = sh(argv, "i=0; while [ $i -lt 3000 ]; do echo line $i; "
					    "echo oops $i >&2; i=$((i+1)); done");
		struct rs_err err = RS_ERR_INIT;
		struct rs_cmd_result r;
		const char *p = NULL, *q = NULL;

		x.stdout_path = out;
		x.stderr_path = said;
		assert_int_equal(rs_channel_run(ch, &x, &r, &err), 0);
		text = read_file(out);
		complaint = read_file(said);
		p = text;
		q = complaint;
		for (int i = 0; i < 3000; i++) {
			char want[32];
			int n = snprintf(want, sizeof(want), "line %d\n", i);

			assert_memory_equal(p, want, (size_t)n);
			p += n;
			n = snprintf(want, sizeof(want), "oops %d\n", i);
			assert_memory_equal(q, want, (size_t)n);
			q += n;
		}
		assert_int_equal(*p, '\0');
		assert_int_equal(*q, '\0');
	}
}

static int count_line(void *user, const char *line, struct rs_err *err)
{
	int *n = user;
	char want[32];

	(void)err;
	(void)snprintf(want, sizeof(want), "line %d", *n);
	assert_string_equal(line, want);
	++*n;
	return 0;
}

static int refuse_third(void *user, const char *line, struct rs_err *err)
{
	(void)line;
	if (++*(int *)user < 3)
		return 0;
	return rs_err_set(err, RS_ERR_FAILED, "the third line is wrong");
}

static void lines_come_one_by_one(void **state)
{
	for (size_t k = 0; k < RS_COUNT(kinds); k++) {
		RS_AUTO_CHANNEL *ch = kinds[k](*state);
		const char *argv[4];
		struct rs_exec x = sh(argv, "printf 'line 0\\nline 1\\nline 2'");
		struct rs_err err = RS_ERR_INIT;
		struct rs_cmd_result r;
		int n = 0;

		x.stdout_line = count_line;
		x.line_user = &n;
		assert_int_equal(rs_channel_run(ch, &x, &r, &err), 0);
		assert_int_equal(n, 3);

		n = 0;
		argv[2] = "while :; do echo x; sleep 0.01; done";
		x.stdout_line = refuse_third;
		assert_int_equal(rs_channel_run(ch, &x, &r, &err), -1);
		assert_int_equal(n, 3);
		assert_string_equal(err.text, "the third line is wrong");
		/* The program was ended and the channel goes on. */
		assert_int_equal(run_sh(ch, "exit 5").status, 5);
	}
}

static void input_environment_and_folder_reach_the_command(void **state)
{
	enum { SIZE = 3 << 20 };
	RS_AUTO_STR *in = malloc(SIZE);
	RS_AUTO_STR *out = in_dir(*state, "out");
	const char *env[] = { "RESTUDY_WORD=a b=c", "HOME=/nowhere", NULL };
	char want[RS_SHA256_HEX], script[256];

	assert_non_null(in);
	for (size_t i = 0; i < SIZE; i++)
		in[i] = (char)(i * 2654435761u >> 13);
	assert_int_equal(rs_sha256_bytes(in, SIZE, want, NULL), 0);
	(void)snprintf(script, sizeof(script),
		       "sha256sum | cut -c1-64; echo \"$RESTUDY_WORD\"; echo \"$HOME\"; pwd");
	for (size_t k = 0; k < RS_COUNT(kinds); k++) {
		RS_AUTO_CHANNEL *ch = kinds[k](*state);
		RS_AUTO_STR *text = NULL;
		const char *argv[4];
		struct rs_exec x = sh(argv, script);
		struct rs_cmd_result r;
		char expected[256];

		x.env = env;
		x.cwd = "/usr";
		x.stdin_bytes = in;
		x.stdin_len = SIZE;
		x.stdout_path = out;
		assert_int_equal(rs_channel_run(ch, &x, &r, NULL), 0);
		text = read_file(out);
		(void)snprintf(expected, sizeof(expected), "%s\na b=c\n/nowhere\n/usr\n", want);
		assert_string_equal(text, expected);
		/* A command that does not read its input ends all the same. */
		argv[2] = "exec 0<&-; exit 4";
		assert_int_equal(rs_channel_run(ch, &x, &r, NULL), 0);
		assert_int_equal(r.status, 4);
		x.stdin_bytes = NULL;
		x.stdin_len = 0;
		argv[2] = "wc -c </dev/stdin | grep -qx 0";
		assert_int_equal(rs_channel_run(ch, &x, &r, NULL), 0);
		assert_int_equal(r.status, 0);
	}
}

static void a_timeout_kills_the_whole_group(void **state)
{
	for (size_t k = 0; k < RS_COUNT(kinds); k++) {
		RS_AUTO_CHANNEL *ch = kinds[k](*state);
		RS_AUTO_STR *file = in_dir(*state, "grandchild");
		const char *argv[4];
		char script[256];
		struct rs_exec x = sh(argv, script);
		struct rs_cmd_result r;

		(void)unlink(file);
		(void)snprintf(script, sizeof(script),
			       "trap '' TERM; (trap '' TERM; sleep 600) & echo $! >%s; wait", file);
		x.timeout_s = 0.5;
		assert_int_equal(rs_channel_run(ch, &x, &r, NULL), 0);
		assert_int_equal(r.timed_out, 1);
		assert_int_equal(r.status, -1);
		assert_true(r.wall_ns >= 500000000);
		wait_end(wait_pid(file));
		assert_int_equal(run_sh(ch, "exit 5").status, 5);
	}
}

static void a_daemon_survives_its_command(void **state)
{
	for (size_t k = 0; k < RS_COUNT(kinds); k++) {
		RS_AUTO_CHANNEL *ch = kinds[k](*state);
		RS_AUTO_STR *file = in_dir(*state, "daemon");
		char script[256];
		pid_t pid = 0;

		(void)unlink(file);
		(void)snprintf(script, sizeof(script),
			       "setsid sleep 600 </dev/null >/dev/null 2>&1 & echo $! >%s", file);
		assert_int_equal(run_sh(ch, script).status, 0);
		pid = wait_pid(file);
		assert_int_equal(run_sh(ch, "sleep 0.1").status, 0);
		assert_int_equal(kill(pid, SIGKILL), 0);
		/* One that keeps the pipes is not waited for. */
		assert_int_equal(run_sh(ch, "sleep 600 & echo $! >/dev/null; kill $! & exit 3").status, 3);
	}
}

static void a_flood_is_bounded(void **state)
{
	for (size_t k = 0; k < RS_COUNT(kinds); k++) {
		RS_AUTO_CHANNEL *ch = kinds[k](*state);
		RS_AUTO_STR *out = in_dir(*state, "flood");
		const char *argv[] = { "yes", NULL };
		struct rs_exec x = { .argv = argv, .timeout_s = 20, .output_max = 300000,
				     .stdout_path = out };
		struct rs_cmd_result r;
		struct stat st;

		assert_int_equal(rs_channel_run(ch, &x, &r, NULL), 0);
		assert_int_equal(r.flooded, 1);
		assert_int_equal(r.timed_out, 0);
		assert_int_equal(stat(out, &st), 0);
		assert_int_equal(st.st_size, 300000);
		/* As much as is allowed is no flood. */
		x.argv = (const char *const[]){ "head", "-c", "300000", "/dev/zero", NULL };
		assert_int_equal(rs_channel_run(ch, &x, &r, NULL), 0);
		assert_int_equal(r.flooded, 0);
		assert_int_equal(r.status, 0);
	}
}

static void usage_is_measured(void **state)
{
	for (size_t k = 0; k < RS_COUNT(kinds); k++) {
		RS_AUTO_CHANNEL *ch = kinds[k](*state);
		const struct rs_cmd_result r =
			run_sh(ch, "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; sleep 0.1");

		assert_true(r.user_ns + r.system_ns > 1000000);
		assert_true(r.wall_ns >= 100000000);
		assert_true(r.wall_ns < INT64_C(20000000000));
		assert_true(r.minor_faults > 0);
		assert_true(r.peak_rss_bytes > 100000 && r.peak_rss_bytes < 1 << 30);
	}
}

static void run_ok_reports_command_end_and_complaint(void **state)
{
	for (size_t k = 0; k < RS_COUNT(kinds); k++) {
		RS_AUTO_CHANNEL *ch = kinds[k](*state);
		RS_AUTO_BUF out = RS_BUF_INIT;
		struct rs_err err = RS_ERR_INIT;
		const char *good[] = { "printf", "%s", "a b", NULL };
		const char *bad[] = { "sh", "-c", "echo first >&2; echo no disk >&2; exit 9", NULL };

		rs_buf_adds(&out, "> ");
		assert_int_equal(rs_channel_run_ok(ch, good, 20, &out, &err), 0);
		assert_string_equal(rs_buf_str(&out), "> a b");
		assert_int_equal(rs_channel_run_ok(ch, bad, 20, NULL, &err), -1);
		assert_int_equal(err.kind, RS_ERR_FAILED);
		assert_non_null(strstr(err.text, "sh -c 'echo first"));
		assert_non_null(strstr(err.text, "exit status 9: no disk"));
		assert_non_null(strstr(err.text, rs_channel_name(ch)));
	}
}

/* ---- files ---- */

static void write_pattern(const char *path, size_t size)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	for (size_t i = 0; i < size / 4; i++) {
		const uint32_t v = (uint32_t)i * 2654435761u;

		assert_int_equal(fwrite(&v, 4, 1, f), 1);
	}
	assert_int_equal(fclose(f), 0);
}

static void files_travel_whole(void **state)
{
	RS_AUTO_STR *from = in_dir(*state, "big");
	RS_AUTO_STR *there = in_dir(*state, "new/folder/there");
	RS_AUTO_STR *back = in_dir(*state, "back");
	char want[RS_SHA256_HEX], got[RS_SHA256_HEX];

	write_pattern(from, 10 << 20);
	assert_int_equal(rs_sha256_file(from, want, NULL), 0);
	for (size_t k = 0; k < RS_COUNT(kinds); k++) {
		RS_AUTO_CHANNEL *ch = kinds[k](*state);
		struct rs_err err = RS_ERR_INIT;
		struct stat st;

		(void)unlink(there);
		(void)unlink(back);
		assert_int_equal(rs_channel_push(ch, from, there, 0751, &err), 0);
		assert_int_equal(stat(there, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0751);
		assert_int_equal(rs_sha256_file(there, got, NULL), 0);
		assert_string_equal(got, want);
		assert_int_equal(rs_channel_pull(ch, there, back, 10 << 20, &err), 0);
		assert_int_equal(rs_sha256_file(back, got, NULL), 0);
		assert_string_equal(got, want);
		/* Too large: the old one stays, nothing else is left, the channel goes on. */
		assert_int_equal(rs_channel_pull(ch, there, back, (10 << 20) - 1, &err), -1);
		assert_int_equal(rs_sha256_file(back, got, NULL), 0);
		assert_string_equal(got, want);
		assert_int_equal(run_sh(ch, "exit 5").status, 5);
	}
}

static void files_that_cannot_travel_are_refused(void **state)
{
	RS_AUTO_STR *from = in_dir(*state, "small");
	RS_AUTO_STR *back = in_dir(*state, "not-back");
	RS_AUTO_STR *below = in_dir(*state, "small/below");

	write_pattern(from, 100);
	for (size_t k = 0; k < RS_COUNT(kinds); k++) {
		RS_AUTO_CHANNEL *ch = kinds[k](*state);

		assert_int_equal(rs_channel_push(ch, from, below, 0644, NULL), -1);
		assert_int_equal(rs_channel_push(ch, from, "relative", 0644, NULL), -1);
		assert_int_equal(rs_channel_push(ch, "/restudy/no", back, 0644, NULL), -1);
		assert_int_equal(rs_channel_push(ch, "/tmp", back, 0644, NULL), -1);
		assert_int_equal(rs_channel_pull(ch, "/restudy/no", back, 100, NULL), -1);
		assert_int_equal(rs_channel_pull(ch, "/dev/zero", back, 100, NULL), -1);
		assert_int_equal(rs_channel_pull(ch, "/tmp", back, 100, NULL), -1);
		assert_int_equal(rs_path_exists(back), 0);
		assert_int_equal(run_sh(ch, "exit 5").status, 5);
	}
}

static void empty_files_travel(void **state)
{
	RS_AUTO_STR *from = in_dir(*state, "empty");
	RS_AUTO_STR *there = in_dir(*state, "empty-there");
	RS_AUTO_STR *back = in_dir(*state, "empty-back");

	write_pattern(from, 0);
	for (size_t k = 0; k < RS_COUNT(kinds); k++) {
		RS_AUTO_CHANNEL *ch = kinds[k](*state);
		struct stat st;

		(void)unlink(there);
		(void)unlink(back);
		assert_int_equal(rs_channel_push(ch, from, there, 0600, NULL), 0);
		assert_int_equal(rs_channel_pull(ch, there, back, 0, NULL), 0);
		assert_int_equal(stat(back, &st), 0);
		assert_int_equal(st.st_size, 0);
		/* The kernel's files have no size but a content. */
		assert_int_equal(rs_channel_pull(ch, "/proc/self/status", back, 1 << 16, NULL), 0);
		assert_int_equal(stat(back, &st), 0);
		assert_true(st.st_size > 100);
	}
}

static void trees_come_with_their_regular_files(void **state)
{
	for (size_t k = 0; k < RS_COUNT(kinds); k++) {
		RS_AUTO_CHANNEL *ch = kinds[k](*state);
		RS_AUTO_STR *from = in_dir(*state, "tree");
		RS_AUTO_STR *to = in_dir(*state, "copies/tree");
		struct rs_err err = RS_ERR_INIT;
		char script[512];

		(void)snprintf(script, sizeof(script),
			       "rm -rf %s %s && mkdir -p %s/a/b %s/empty && cd %s && echo one >one && "
			       "echo two >a/b/two.txt && : >a/none && ln -s /etc/passwd link && mkfifo pipe",
			       from, to, from, from, from);
		assert_int_equal(run_sh(ch, script).status, 0);
		assert_int_equal(rs_channel_pull_tree(ch, from, to, 8, NULL), 0);
		(void)snprintf(script, sizeof(script),
			       "cd %s && [ \"$(find . -type f | sort | tr '\\n' ' ')\" = "
			       "'./a/b/two.txt ./a/none ./one ' ] && [ \"$(cat one a/b/two.txt a/none | "
			       "tr '\\n' ,)\" = one,two, ] && [ ! -e link ] && [ ! -e pipe ]", to);
		assert_int_equal(run_sh(ch, script).status, 0);
		assert_int_equal(rs_channel_pull_tree(ch, from, to, 7, NULL), -1);
		(void)snprintf(script, sizeof(script), "echo x >'%s/a b'", from);
		assert_int_equal(run_sh(ch, script).status, 0);
		assert_int_equal(rs_channel_pull_tree(ch, from, to, 100, NULL), -1);
		assert_int_equal(rs_channel_pull_tree(ch, "/restudy/no", to, 100, &err), -1);
		assert_non_null(strstr(err.text, "No such file"));
		rs_err_clear(&err);
		assert_int_equal(rs_channel_pull_tree(ch, "/etc/passwd", to, 100, &err), -1);
		assert_non_null(strstr(err.text, "/etc/passwd"));
		assert_int_equal(run_sh(ch, "exit 5").status, 5);
	}
}

/* ---- connections ---- */

struct many {
	const struct world *w;
	int id, failed;
};

static void *use_channel(void *arg)
{
	struct many *m = arg;
	struct rs_channel *ch = rs_channel_unix(m->w->socket, 20, NULL);
	char script[32];
	const char *argv[4] = { "sh", "-c", script, NULL };
	const struct rs_exec x = { .argv = argv, .timeout_s = 20, .output_max = 100 };

	(void)snprintf(script, sizeof(script), "exit %d", m->id);
	for (int i = 0; i < 20 && !m->failed; i++) {
		struct rs_cmd_result r;

		m->failed = ch == NULL || rs_channel_run(ch, &x, &r, NULL) < 0 || r.status != m->id;
	}
	rs_channel_close(ch);
	return NULL;
}

static void several_channels_work_at_once(void **state)
{
	struct many many[8];
	pthread_t threads[8];

	for (int i = 0; i < 8; i++) {
		many[i] = (struct many){ *state, i + 1, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, use_channel, &many[i]), 0);
	}
	for (int i = 0; i < 8; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(many[i].failed, 0);
	}
}

static void tcp_works(void **state)
{
	const struct world *w = *state;
	struct rs_channel *ch = NULL;
	char where[32];
	pid_t agent = 0;
	int port = 0;

	/* A port may be taken: another one is tried. */
	for (int i = 0; i < 20 && ch == NULL; i++) {
		port = 20000 + (int)((getpid() + i * 977) % 20000);
		(void)snprintf(where, sizeof(where), "127.0.0.1:%d", port);
		agent = start((const char *const[]){ w->agent, "--tcp", where, NULL });
		ch = rs_channel_tcp("127.0.0.1", port, 3, NULL);
		if (ch == NULL)
			stop(agent);
	}
	assert_non_null(ch);
	assert_int_equal(run_sh(ch, "exit 42").status, 42);
	rs_channel_close(ch);
	stop(agent);
}

static void an_absent_agent_is_told_in_time(void **state)
{
	RS_AUTO_STR *path = in_dir(*state, "nobody");
	const char *silent[] = { "sleep", "60", NULL };
	const char *ends[] = { "sh", "-c", "echo no route to host >&2; exit 255", NULL };
	const char *missing[] = { "restudy-no-such-program", NULL };
	struct rs_err err = RS_ERR_INIT;

	assert_null(rs_channel_unix(path, 0.2, &err));
	assert_int_equal(err.kind, RS_ERR_TIMEOUT);
	rs_err_clear(&err);
	assert_null(rs_channel_program(silent, 0.2, &err));
	assert_int_equal(err.kind, RS_ERR_TIMEOUT);
	rs_err_clear(&err);
	assert_null(rs_channel_program(ends, 20, &err));
	assert_int_equal(err.kind, RS_ERR_FAILED);
	assert_non_null(strstr(err.text, "no route to host"));
	rs_err_clear(&err);
	assert_null(rs_channel_program(missing, 20, &err));
	assert_int_equal(err.kind, RS_ERR_MACHINE);
}

static void a_lost_connection_kills_the_command(void **state)
{
	const struct world *w = *state;
	RS_AUTO_STR *file = in_dir(w, "orphan");
	char script[256];
	const pid_t client = fork();

	assert_true(client >= 0);
	if (client == 0) {
		struct rs_channel *ch = rs_channel_unix(w->socket, 20, NULL);
		const char *argv[4] = { "sh", "-c", script, NULL };
		struct rs_cmd_result r;
		const struct rs_exec x = { .argv = argv, .timeout_s = 600, .output_max = 100 };

		(void)snprintf(script, sizeof(script), "sleep 600 & echo $! >%s; wait", file);
		_exit(ch == NULL || rs_channel_run(ch, &x, &r, NULL) < 0);
	}
	{
		const pid_t pid = wait_pid(file);

		assert_int_equal(kill(pid, 0), 0);
		kill(client, SIGKILL);
		waitpid(client, NULL, 0);
		wait_end(pid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statuses_are_exact),
		cmocka_unit_test(signals_are_told),
		cmocka_unit_test(a_missing_program_is_no_status_127),
		cmocka_unit_test(output_arrives_apart_and_whole),
		cmocka_unit_test(lines_come_one_by_one),
		cmocka_unit_test(input_environment_and_folder_reach_the_command),
		cmocka_unit_test(a_timeout_kills_the_whole_group),
		cmocka_unit_test(a_daemon_survives_its_command),
		cmocka_unit_test(a_flood_is_bounded),
		cmocka_unit_test(usage_is_measured),
		cmocka_unit_test(run_ok_reports_command_end_and_complaint),
		cmocka_unit_test(files_travel_whole),
		cmocka_unit_test(files_that_cannot_travel_are_refused),
		cmocka_unit_test(empty_files_travel),
		cmocka_unit_test(trees_come_with_their_regular_files),
		cmocka_unit_test(several_channels_work_at_once),
		cmocka_unit_test(tcp_works),
		cmocka_unit_test(an_absent_agent_is_told_in_time),
		cmocka_unit_test(a_lost_connection_kills_the_command),
	};

	return cmocka_run_group_tests_name("channel", tests, world_begin, world_end);
}
