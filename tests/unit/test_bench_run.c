/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Trials from start to samples: three "guests" that are channels to this machine, the
 * real programs where they are there, and programs that misbehave in their place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <math.h>
#include <signal.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/bench/bench_priv.h"
#include "restudy/base/buf.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"
#include "restudy/bench.h"

enum { GUESTS = 3, MAX_SAMPLES = 200 };

struct stage {
	/* paths, all below dir */
	char dir[64], raw[80], fake[80], scratch[GUESTS][96], address[GUESTS][32];
	struct rs_channel *channel[GUESTS], *generator;
	struct rs_guest guests[GUESTS];
	struct rs_sample samples[MAX_SAMPLES];
	size_t n_samples;
	struct rs_buf notes;
	struct rs_sink sink;
	struct rs_trial trial;
};

static int keep_sample(void *user, const struct rs_sample *s, struct rs_err *err)
{
	struct stage *st = user;

	(void)err;
	assert_true(st->n_samples < MAX_SAMPLES);
	st->samples[st->n_samples++] = *s;
	return 0;
}

static int keep_note(void *user, const struct rs_note *n, struct rs_err *err)
{
	(void)err;
	rs_buf_addf(&((struct stage *)user)->notes, "%s\n", n->text);
	return 0;
}

/* A port that nobody has now, below those that the kernel gives to outgoing connections:
 * one of them might take it before the server does. */
static int free_port(int index)
{
	for (int i = 0; i < 10000; i++) {
		const int port = 20000 + (getpid() * 31 + index * 1009 + i) % 10000;
		struct sockaddr_in a = { .sin_family = AF_INET,
					 .sin_port = htons((uint16_t)port),
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		const int fd = socket(AF_INET, SOCK_STREAM, 0);
		const int rc = bind(fd, (struct sockaddr *)&a, sizeof(a));

		close(fd);
		if (rc == 0)
			return port;
	}
	fail_msg("no free port");
	return -1;
}

static int setup(void **state)
{
	static const char *const names[GUESTS] = { "101", "102", "103" };
	struct stage *st = calloc(1, sizeof(*st));
	char dir[] = "/tmp/restudy-test-XXXXXX";

	assert_non_null(st);
	*state = st;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chmod(dir, 0755), 0);
	snprintf(st->dir, sizeof(st->dir), "%s", dir);
	snprintf(st->raw, sizeof(st->raw), "%s/raw", dir);
	snprintf(st->fake, sizeof(st->fake), "%s/fake", dir);
	for (int i = 0; i < GUESTS; i++) {
		snprintf(st->scratch[i], sizeof(st->scratch[i]), "%s/%s", dir, names[i]);
		snprintf(st->address[i], sizeof(st->address[i]), "127.0.0.1:%d", free_port(i));
		st->channel[i] = rs_channel_local(NULL);
		assert_non_null(st->channel[i]);
		st->guests[i] = (struct rs_guest){ .name = names[i], .address = st->address[i],
						   .channel = st->channel[i],
						   .scratch = st->scratch[i] };
	}
	st->generator = rs_channel_local(NULL);
	st->sink = (struct rs_sink){ keep_sample, keep_note, st };
	st->trial = (struct rs_trial){ .system = "openvz", .guests = st->guests,
				       .n_guests = GUESTS, .generator = st->generator, .trial = 1,
				       .duration_s = 0.05, .raw = st->raw };
	return 0;
}

static int teardown(void **state)
{
	struct stage *st = *state;
	int rc;

	for (int i = 0; i < GUESTS; i++)
		rs_channel_close(st->channel[i]);
	rs_channel_close(st->generator);
	rs_buf_release(&st->notes);
	rc = rs_path_remove_tree(st->dir, NULL);
	free(st);
	return rc;
}

/* The value of a sample; NaN when there is none. */
static double value_of(const struct stage *st, const char *guest, const char *metric)
{
	for (size_t i = 0; i < st->n_samples; i++)
		if (strcmp(st->samples[i].guest, guest) == 0 &&
		    strcmp(st->samples[i].metric, metric) == 0)
			return st->samples[i].value;
	return (double)NAN;
}

static char *of(const char *s)
{
	return (char *)(uintptr_t)s;
}

static void kernels_path(char *buf, size_t size)
{
	const char *build = getenv("RESTUDY_BUILD");

	snprintf(buf, size, "%s/restudy-kernels", build != NULL ? build : "build");
}

/* Reading the raw folder again gives what the trial gave, in the same order. */
static void assert_replay_is_the_same(struct stage *st)
{
	struct stage *again = calloc(1, sizeof(*again));
	const struct rs_sink sink = { keep_sample, keep_note, again };

	assert_non_null(again);
	assert_int_equal(rs_bench_reread(st->trial.benchmark, st->raw, &sink, NULL), 0);
	assert_int_equal(again->n_samples, st->n_samples);
	assert_memory_equal(again->samples, st->samples,
			    st->n_samples * sizeof(st->samples[0]));
	rs_buf_release(&again->notes);
	free(again);
}

/* The largest distance between starts of a test, from the raw bytes alone. */
static double skew_in_raw(const struct stage *st, char *const *tests, size_t n)
{
	double worst = 0;

	for (size_t i = 0; i < n; i++) {
		long long first = 0, last = 0;

		for (int g = 0; g < GUESTS; g++) {
			RS_AUTO_STR *path = rs_asprintf(NULL, "%s/%s/%s.json", st->trial.raw,
							st->guests[g].name, tests[i]);
			RS_AUTO_BUF text = RS_BUF_INIT;
			long long at = 0;

			assert_int_equal(rs_path_read(path, 10000, &text, NULL), 0);
			assert_int_equal(sscanf(strstr(rs_buf_str(&text), "start_wall_ns"),
						"start_wall_ns\":%lld", &at), 1);
			first = g == 0 || at < first ? at : first;
			last = at > last ? at : last;
		}
		worst = (double)(last - first) / 1e9 > worst ? (double)(last - first) / 1e9 : worst;
	}
	return worst;
}

static void kernels_on_three_guests(void **state)
{
	struct stage *st = *state;
	char *tests[] = { of("pipe"), of("execl"), of("fsbuffer-copy") };
	const struct rs_benchmark b = { .id = of("k"), .adapter = RS_ADAPTER_KERNELS,
					.tests = tests, .n_tests = 3 };
	struct rs_err err = RS_ERR_INIT;
	char program[500];
	double skew_s = -1;

	kernels_path(program, sizeof(program));
	st->trial.kernels = program;
	st->trial.benchmark = &b;
	st->trial.start_skew_s = &skew_s;
	if (rs_bench_trial(&st->trial, &st->sink, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(st->n_samples, 9);
	for (int g = 0; g < GUESTS; g++)
		for (int i = 0; i < 3; i++)
			assert_true(value_of(st, st->guests[g].name, tests[i]) > 0);
	for (size_t i = 0; i < st->n_samples; i++)
		assert_string_equal(st->samples[i].unit,
				    strcmp(st->samples[i].metric, "fsbuffer-copy") == 0 ? "KBps"
											: "lps");
	assert_non_null(strstr(rs_buf_str(&st->notes), "3 guests were started together"));
	assert_true(fabs(skew_s - skew_in_raw(st, tests, 3)) < 1e-9);
	assert_non_null(strstr(rs_buf_str(&st->notes), "a test began on 3 guests at most"));
	st->trial.start_skew_s = NULL;
	assert_replay_is_the_same(st);
}

static void kernels_in_turn(void **state)
{
	struct stage *st = *state;
	char *tests[] = { of("syscall") };
	const struct rs_benchmark b = { .id = of("k"), .adapter = RS_ADAPTER_KERNELS,
					.tests = tests, .n_tests = 1, .sequential = 1 };
	struct rs_err err = RS_ERR_INIT;
	char program[500];
	double skew_s = -1;

	kernels_path(program, sizeof(program));
	st->trial.kernels = program;
	st->trial.benchmark = &b;
	st->trial.start_skew_s = &skew_s;
	assert_int_equal(rs_bench_trial(&st->trial, &st->sink, &err), 0);
	assert_int_equal(st->n_samples, 3);
	assert_null(strstr(rs_buf_str(&st->notes), "together"));
	assert_true(skew_s < 0);	/* in turn: there is none */
}

static int has_programs(void)
{
	RS_AUTO_STR *siege = rs_path_program("siege");

	return siege != NULL && access("/usr/sbin/apache2", X_OK) == 0;
}

/* A program in the place of restudy-kernels; $1 is the test. */
static void misbehave(struct stage *st, const char *script)
{
	assert_int_equal(rs_path_write(st->fake, script, strlen(script), NULL), 0);
	assert_int_equal(chmod(st->fake, 0755), 0);
	st->trial.kernels = st->fake;
}

static void a_test_that_fails_costs_only_its_own_sample(void **state)
{
	static const char script[] =
		"#!/bin/sh\ncase $1 in\n"
		"pipe) echo '{\"test\":\"pipe\",\"definition\":1,\"unit\":\"lps\",\"value\":5}' ;;\n"
		"spawn) echo 'no more processes' >&2; exit 1 ;;\n"
		"execl) echo 'Segmentation fault (core dumped)' ;;\n"
		"syscall) exec cat /dev/zero ;;\n"
		"esac\n";
	static const struct {
		const char *test, *reason;
	} rows[] = {
		{ "spawn", "guest \"101\": spawn: exit status 1: no more processes" },
		{ "execl", "execl.json\":1: not a JSON object" },
		{ "syscall", "guest \"101\": syscall: " },
	};
	struct stage *st = *state;

	misbehave(st, script);
	for (size_t i = 0; i < RS_COUNT(rows); i++) {
		char *tests[] = { of(rows[i].test), of("pipe") };
		const struct rs_benchmark b = { .id = of("k"), .adapter = RS_ADAPTER_KERNELS,
						.tests = tests, .n_tests = 2 };
		struct rs_err err = RS_ERR_INIT;

		st->trial.benchmark = &b;
		st->n_samples = 0;
		assert_int_equal(rs_bench_trial(&st->trial, &st->sink, &err), -1);
		if (strstr(err.text, rows[i].reason) == NULL)
			fail_msg("%s: \"%s\"", rows[i].test, err.text);
		assert_int_equal(st->n_samples, GUESTS);
		assert_true(value_of(st, "103", "pipe") == 5);
	}
}

/* A server that a killed run left in the same folder is stopped, not complained about. */
static void a_left_web_server_is_replaced(void **state)
{
	struct stage *st = *state;
	const struct rs_benchmark b = { .id = of("http"), .adapter = RS_ADAPTER_HTTPLOAD };
	struct rs_err err = RS_ERR_INIT;
	struct rs_web *left;

	if (!has_programs())
		skip();
	st->trial.benchmark = &b;
	st->trial.n_guests = 1;
	left = rs_web_start(&st->trial, &st->guests[0], &err);
	if (left == NULL)
		fail_msg("%s", err.text);
	if (rs_bench_trial(&st->trial, &st->sink, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(value_of(st, "101", "transactions") > 0);
	assert_int_equal(rs_web_stop(left, NULL), -1);	/* it is gone, with its folder */
}

static int answers(const char *address)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	int rc;

	a.sin_port = htons((uint16_t)strtol(strchr(address, ':') + 1, NULL, 10));
	rc = connect(fd, (struct sockaddr *)&a, sizeof(a));
	close(fd);
	return rc == 0;
}

/* A stop in the middle of a load: the cell is interrupted, and no server stays. */
static void a_stop_leaves_no_web_server(void **state)
{
	static const enum rs_adapter adapters[] = { RS_ADAPTER_HTTPLOAD, RS_ADAPTER_SIEGE };
	struct stage *st = *state;

	if (!has_programs())
		skip();
	for (size_t i = 0; i < RS_COUNT(adapters); i++) {
		const struct rs_benchmark b = { .id = of("http"), .adapter = adapters[i] };
		RS_AUTO_STR *www = rs_path_join(st->scratch[0], "www", NULL);
		int status = 0;
		pid_t child;

		st->trial.benchmark = &b;
		st->trial.n_guests = 1;
		st->trial.duration_s = 60;
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			struct rs_err err = RS_ERR_INIT;

			if (rs_stop_install(NULL) < 0 ||
			    rs_bench_trial(&st->trial, &st->sink, &err) == 0)
				_exit(100);
			_exit((int)err.kind);
		}
		for (int k = 0; k < 200 && !answers(st->address[0]); k++)
			rs_clock_sleep(0.05);
		rs_clock_sleep(0.5);
		assert_int_equal(kill(child, SIGTERM), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), RS_ERR_INTERRUPTED);
		assert_false(answers(st->address[0]));
		assert_false(rs_path_exists(www));
	}
}

static void kernels_need_their_program_and_known_tests(void **state)
{
	struct stage *st = *state;
	char *tests[] = { of("nosuch") };
	struct rs_benchmark b = { .id = of("k"), .adapter = RS_ADAPTER_KERNELS };
	struct rs_err err = RS_ERR_INIT;
	char program[500];

	st->trial.benchmark = &b;
	st->trial.kernels = "/no/such/restudy-kernels";
	assert_int_equal(rs_bench_trial(&st->trial, &st->sink, &err), -1);
	assert_int_equal(err.kind, RS_ERR_MACHINE);
	assert_non_null(strstr(err.text, "build it with make"));
	rs_err_clear(&err);
	kernels_path(program, sizeof(program));
	st->trial.kernels = program;
	b.tests = tests;
	b.n_tests = 1;
	assert_int_equal(rs_bench_trial(&st->trial, &st->sink, &err), -1);
	assert_non_null(strstr(err.text, "no test \"nosuch\""));
}

static void siege_against_apache_on_three_guests(void **state)
{
	struct stage *st = *state;
	const struct rs_benchmark b = { .id = of("siege"), .adapter = RS_ADAPTER_SIEGE,
					.concurrency = 2, .page_bytes = 1000 };
	struct rs_err err = RS_ERR_INIT;

	if (!has_programs())
		skip();
	st->trial.benchmark = &b;
	st->trial.duration_s = 1;
	/* A home that must not be touched. */
	assert_int_equal(setenv("HOME", st->dir, 1), 0);
	if (rs_bench_trial(&st->trial, &st->sink, &err) < 0)
		fail_msg("%s", err.text);
	for (int g = 0; g < GUESTS; g++) {
		const char *guest = st->guests[g].name;
		const double hits = value_of(st, guest, "transactions");
		const double mb = value_of(st, guest, "data");
		RS_AUTO_STR *www = rs_path_join(st->scratch[g], "www", NULL);

		assert_true(hits >= 1);	/* how many is the machine's affair */
		/* Bodies of 1000 bytes each, MB of 2^20; two decimals, two under way. */
		assert_true(fabs(mb * 1048576 - hits * 1000) < 0.006 * 1048576 + 2000);
		assert_true(value_of(st, guest, "availability") == 100);
		assert_true(value_of(st, guest, "concurrency") <= 2.02);
		assert_false(rs_path_exists(www));	/* the server is gone */
	}
	assert_null(strstr(rs_buf_str(&st->notes), "bytes by transaction"));
	{
		RS_AUTO_STR *touched = rs_path_join(st->dir, ".siege", NULL);

		assert_false(rs_path_exists(touched));
	}
	assert_replay_is_the_same(st);
}

static void a_port_in_use_is_said(void **state)
{
	struct stage *st = *state;
	const struct rs_benchmark b = { .id = of("siege"), .adapter = RS_ADAPTER_SIEGE };
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	struct rs_err err = RS_ERR_INIT;
	int fd;

	if (!has_programs())
		skip();
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	snprintf(st->address[0], sizeof(st->address[0]), "127.0.0.1:%d", ntohs(a.sin_port));
	st->trial.benchmark = &b;
	st->trial.n_guests = 1;
	assert_int_equal(rs_bench_trial(&st->trial, &st->sink, &err), -1);
	assert_non_null(strstr(err.text, "web server of guest \"101\" on \"127.0.0.1:"));
	assert_int_equal(st->n_samples, 0);
	close(fd);
}

/* A siege that hangs at its end the first time: all guests are measured again, once. */
static void a_hung_siege_is_repeated_once(void **state)
{
	static const char script[] =
		"#!/bin/sh\n"
		"block() { printf 'Transactions: 100 hits\\nAvailability: 100.00 %%\\n"
		"Elapsed time: 1.00 secs\\nTransaction rate: 100.00 trans/sec\\n' >&2; }\n"
		"case \"$*\" in *'-r 1'*) block; exit 0 ;; esac\n"
		"if mkdir \"$ONCE\" 2>/dev/null; then exec sleep 1000; fi\n"
		"block\n";
	struct stage *st = *state;
	const struct rs_benchmark b = { .id = of("siege"), .adapter = RS_ADAPTER_SIEGE };
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STR *old = rs_strdup(getenv("PATH"), NULL);
	RS_AUTO_STR *path = rs_asprintf(NULL, "%s:%s", st->dir, old);
	RS_AUTO_STR *once = rs_path_join(st->dir, "once", NULL);
	RS_AUTO_STR *fake = rs_path_join(st->dir, "siege", NULL);

	if (!has_programs())
		skip();
	assert_int_equal(rs_path_write(fake, script, sizeof(script) - 1, NULL), 0);
	assert_int_equal(chmod(fake, 0755), 0);
	assert_int_equal(setenv("PATH", path, 1), 0);
	assert_int_equal(setenv("ONCE", once, 1), 0);
	st->trial.benchmark = &b;
	st->trial.n_guests = 1;
	st->trial.duration_s = 1;
	if (rs_bench_trial(&st->trial, &st->sink, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(value_of(st, "101", "transactions") == 100);
	assert_non_null(strstr(rs_buf_str(&st->notes), "measured again: guest \"101\": siege hung"));
	assert_int_equal(setenv("PATH", old, 1), 0);
}

static void httpload_against_apache_on_three_guests(void **state)
{
	struct stage *st = *state;
	const struct rs_benchmark b = { .id = of("http"), .adapter = RS_ADAPTER_HTTPLOAD,
					.concurrency = 2, .keep_alive = 1, .page_bytes = 1000,
					.path = of("/page.html") };
	struct rs_err err = RS_ERR_INIT;

	if (!has_programs())
		skip();
	st->trial.benchmark = &b;
	st->trial.duration_s = 0.3;
	if (rs_bench_trial(&st->trial, &st->sink, &err) < 0)
		fail_msg("%s", err.text);
	for (int g = 0; g < GUESTS; g++) {
		const char *guest = st->guests[g].name;
		const double hits = value_of(st, guest, "transactions");
		const double bytes = value_of(st, guest, "data") * 1048576;

		assert_true(hits > 2);
		assert_true(fabs(bytes - hits * 1000) <= 2000);	/* two may be under way */
		assert_true(value_of(st, guest, "connections-opened") <= 2);
		assert_true(value_of(st, guest, "concurrency") <= 2);
		/* Little's law holds exactly but for what was under way at the end. */
		assert_true(value_of(st, guest, "response-time") *
				    value_of(st, guest, "transaction-rate") <=
			    value_of(st, guest, "concurrency") + 1e-9);
		assert_true(value_of(st, guest, "latency-p50") <=
			    value_of(st, guest, "latency-p99.99"));
	}
	assert_replay_is_the_same(st);
}

static void httpload_speaks_http_2_with_apache(void **state)
{
	struct stage *st = *state;
	char *words[] = { of("--http2") };
	struct rs_benchmark b = { .id = of("http"), .adapter = RS_ADAPTER_HTTPLOAD,
				  .concurrency = 3, .keep_alive = 1, .page_bytes = 1000,
				  .arguments = words, .n_arguments = 1 };
	struct rs_err err = RS_ERR_INIT;

	if (!has_programs())
		skip();
	st->trial.benchmark = &b;
	st->trial.duration_s = 0.3;
	for (b.keep_alive = 0; b.keep_alive <= 1; b.keep_alive++) {
		if (rs_bench_trial(&st->trial, &st->sink, &err) < 0)
			fail_msg("keep-alive %d: %s", b.keep_alive, err.text);
		for (int g = 0; g < GUESTS; g++) {
			const char *guest = st->guests[g].name;
			const double hits = value_of(st, guest, "transactions");

			assert_true(hits > 3);
			assert_true(value_of(st, guest, "failed-transactions") == 0);
			if (b.keep_alive)
				assert_true(value_of(st, guest, "connections-opened") <= 3);
			else
				assert_true(value_of(st, guest, "connections-opened") >= hits);
		}
		st->n_samples = 0;
	}
}

static void a_page_that_is_not_plain_is_refused(void **state)
{
	static const char *const paths[] = { "page", "/../etc/passwd", "/a b", "/a?b", "" };
	struct stage *st = *state;

	for (size_t i = 0; i < RS_COUNT(paths); i++) {
		const struct rs_benchmark b = { .id = of("http"), .adapter = RS_ADAPTER_HTTPLOAD,
						.path = of(paths[i]) };
		struct rs_err err = RS_ERR_INIT;

		st->trial.benchmark = &b;
		assert_int_equal(rs_bench_trial(&st->trial, &st->sink, &err), -1);
		assert_int_equal(err.kind, RS_ERR_PLAN);
	}
}

static void any_command_in_and_against_guests(void **state)
{
	struct stage *st = *state;
	char *inside[] = { of("sh"), of("-c"), of("echo \"rate=$(( 40 + {duration} ))\" >&2"), NULL };
	char *against[] = { of("echo"), of("{\"port\":\"{address}\",\"n\":5}"), NULL };
	struct rs_metric_rule rate = { .id = of("rate"), .unit = of("1/s"), .rule = RS_RULE_REGEX,
				       .expression = of("rate=([0-9]+)") };
	struct rs_metric_rule n = { .id = of("n"), .unit = of("things"), .rule = RS_RULE_JSON,
				    .expression = of("/n") };
	struct rs_benchmark b = { .id = of("own"), .adapter = RS_ADAPTER_COMMAND,
				  .arguments = inside, .n_arguments = 3, .metrics = &rate,
				  .n_metrics = 1 };
	struct rs_err err = RS_ERR_INIT;

	st->trial.benchmark = &b;
	st->trial.duration_s = 2;
	if (rs_bench_trial(&st->trial, &st->sink, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(value_of(st, "102", "rate") == 42);
	b.arguments = against;
	b.n_arguments = 2;
	b.metrics = &n;
	if (rs_bench_trial(&st->trial, &st->sink, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(value_of(st, "103", "n") == 5);
	inside[2] = of("echo broken >&2; exit 7");
	b.arguments = inside;
	b.n_arguments = 3;
	assert_int_equal(rs_bench_trial(&st->trial, &st->sink, &err), -1);
	assert_string_equal(err.text, "guest \"101\": sh: exit status 7: broken");
	rs_err_clear(&err);
	b.arguments = NULL;
	b.n_arguments = 0;
	assert_int_equal(rs_bench_trial(&st->trial, &st->sink, &err), -1);
	assert_int_equal(err.kind, RS_ERR_PLAN);
}

/* A folder that looks like UnixBench 4.1.0: its Run is a shell script and writes
 * results/log, telling what it was given. */
static void unixbench_where_it_is(void **state)
{
	static const char script[] =
		"#!/bin/sh\n"
		"echo \"$LC_ALL $systime $*\" >asked\n"
		"test -d \"$where\" || exit 7\n"
		"cd \"$RESULTDIR\" || exit 8\n"
		"test ! -e log || exit 9\n"
		"echo '|  BYTE UNIX Benchmarks (Version 4.1.0)' >log\n"
		"echo 'Pipe Throughput|1.0|lps|700.0|600.0|1' >>log\n"
		"echo 'File Copy 256 bufsize 500 maxblocks|1|KBps|90|90|1' >>log\n";
	struct stage *st = *state;
	char *tests[] = { of("pipe"), of("fsbuffer-copy"), of("fsbuffer-write") };
	RS_AUTO_STR *folder = rs_path_join(st->dir, "ub", NULL);
	RS_AUTO_STR *run = rs_path_join(folder, "Run", NULL);
	RS_AUTO_STR *told = rs_path_join(folder, "asked", NULL);
	RS_AUTO_BUF asked = RS_BUF_INIT;
	struct rs_benchmark b = { .id = of("ub"), .adapter = RS_ADAPTER_UNIXBENCH, .path = folder,
				  .tests = tests, .n_tests = 2, .sequential = 1 };
	struct rs_err err = RS_ERR_INIT;

	assert_int_equal(rs_path_mkdirs(folder, NULL), 0);
	assert_int_equal(rs_path_write(run, script, sizeof(script) - 1, NULL), 0);
	assert_int_equal(chmod(run, 0755), 0);
	st->trial.benchmark = &b;
	st->trial.duration_s = 3;
	if (rs_bench_trial(&st->trial, &st->sink, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(value_of(st, "101", "pipe") == 600);	/* the geometric mean */
	assert_true(value_of(st, "103", "fsbuffer-copy") == 90);
	assert_int_equal(rs_path_read(told, 1000, &asked, NULL), 0);
	assert_string_equal(rs_buf_str(&asked), "C 3 -1 pipe fsbuffer\n");
	assert_replay_is_the_same(st);
	b.n_tests = 3;
	assert_int_equal(rs_bench_trial(&st->trial, &st->sink, &err), -1);
	assert_string_equal(err.text, "guest \"101\": fsbuffer-write: not in the results");
	rs_err_clear(&err);
	b.path = of("/no/such/folder");
	assert_int_equal(rs_bench_trial(&st->trial, &st->sink, &err), -1);
	assert_int_equal(err.kind, RS_ERR_MACHINE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kernels_on_three_guests, setup, teardown),
		cmocka_unit_test_setup_teardown(kernels_in_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(a_test_that_fails_costs_only_its_own_sample, setup,
						teardown),
		cmocka_unit_test_setup_teardown(kernels_need_their_program_and_known_tests, setup,
						teardown),
		cmocka_unit_test_setup_teardown(siege_against_apache_on_three_guests, setup,
						teardown),
		cmocka_unit_test_setup_teardown(httpload_speaks_http_2_with_apache, setup, teardown),
		cmocka_unit_test_setup_teardown(httpload_against_apache_on_three_guests, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_left_web_server_is_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stop_leaves_no_web_server, setup, teardown),
		cmocka_unit_test_setup_teardown(a_page_that_is_not_plain_is_refused, setup,
						teardown),
		cmocka_unit_test_setup_teardown(any_command_in_and_against_guests, setup,
						teardown),
		cmocka_unit_test_setup_teardown(unixbench_where_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(a_port_in_use_is_said, setup, teardown),
		cmocka_unit_test_setup_teardown(a_hung_siege_is_repeated_once, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
