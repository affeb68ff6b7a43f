/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The histogram, the HTTP load generator, and the rules of "command". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <jansson.h>

#include "../../src/bench/bench_priv.h"
#include "../../src/bench/load_priv.h"
#include "restudy/base/buf.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"

/* ---- histogram ---- */

static void slots_cover_all_values_without_gap(void **state)
{
	int64_t last = 0, lo, hi;

	(void)state;
	for (int i = 0; i < RS_HISTOGRAM_SLOTS; i++) {
		rs_histogram_slot(i, &lo, &hi);
		assert_int_equal(lo, last);
		assert_true(hi > lo);
		/* At most 1/1024 wide. */
		assert_true((double)(hi - lo) <= (double)lo / 1024 || hi - lo == 1);
		assert_int_equal(rs_histogram_slot_of(lo), i);
		assert_int_equal(rs_histogram_slot_of(hi - 1), i);
		last = hi;
	}
	assert_int_equal(last, (int64_t)1 << RS_HISTOGRAM_TOP);
	assert_int_equal(rs_histogram_slot_of(-5), 0);
	assert_int_equal(rs_histogram_slot_of(INT64_MAX), RS_HISTOGRAM_SLOTS - 1);
}

static void quantiles_are_those_of_the_sorted_values(void **state)
{
	struct rs_histogram *h = calloc(1, sizeof(*h));

	(void)state;
	assert_non_null(h);
	assert_int_equal(rs_histogram_quantile(h, 0.5), 0);
	/* 1 ms, 2 ms, ..., 1000 ms: the p-quantile is p * 1000 ms. */
	for (int i = 1000; i >= 1; i--)
		rs_histogram_add(h, (int64_t)i * 1000000);
	for (int p = 1; p <= 100; p++) {
		const int64_t got = rs_histogram_quantile(h, p / 100.0);

		assert_true(fabs((double)got / (p * 1e7) - 1) < 0.001);
	}
	assert_int_equal(rs_histogram_quantile(h, 0), 1000000);
	assert_int_equal(rs_histogram_quantile(h, 1), 1000000000);
	assert_int_equal(h->n, 1000);
	assert_true(h->sum_ns == 500500e6);
	free(h);
}

/* ---- load, against a server of our own in a thread ---- */

struct server {
	pthread_t thread;
	int fd, port;
	int delay_ms;		/* before each answer, and between its parts */
	size_t parts;		/* of an answer, written apart; 0: 1 */
	int quits;		/* closes after each answer without a word */
	const char *answer;
};

static int answer_in_parts(const struct server *s, int fd)
{
	const size_t all = strlen(s->answer), parts = s->parts > 0 ? s->parts : 1;

	for (size_t i = 0; i < parts; i++) {
		const size_t from = all * i / parts, to = all * (i + 1) / parts;

		rs_clock_sleep(s->delay_ms / 1000.0);
		if (send(fd, s->answer + from, to - from, MSG_NOSIGNAL) < 0)
			return -1;
	}
	return s->quits || strstr(s->answer, "Connection: close") != NULL ? -1 : 0;
}

static void *serve(void *arg)
{
	struct server *s = arg;
	char text[4096];

	for (;;) {
		const int fd = accept(s->fd, NULL, NULL);

		if (fd < 0)
			return NULL;
		while (read(fd, text, sizeof(text)) > 0 && answer_in_parts(s, fd) == 0)
			;
		close(fd);
	}
}

static void server_start(struct server *s, const char *answer, int delay_ms)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);

	s->answer = answer;
	s->delay_ms = delay_ms;
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(s->fd, 64), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &n), 0);
	s->port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_stop(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	close(s->fd);
	pthread_join(s->thread, NULL);
}

#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define HEADER_BYTES (sizeof(ANSWER) - 1 - 5)

static void a_closed_loop_counts_what_it_asked(void **state)
{
	struct server s = { .fd = -1 };
	char url[64];
	struct rs_load_ask a = { .url = url, .connections = 1, .duration_s = 0.3, .keep_alive = 1,
				 .timeout_s = 5 };
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_LOAD *l = NULL;
	RS_AUTO_STR *text = NULL;
	uint64_t in_seconds = 0;
	json_t *o;

	(void)state;
	server_start(&s, ANSWER, 1);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", s.port);
	l = rs_load_run(&a, &err);
	if (l == NULL)
		fail_msg("%s", err.text);
	assert_true(l->done >= 1);
	assert_int_equal(l->latency.n, l->done);
	assert_true(l->body_bytes == 5 * l->done || l->body_bytes == 5 * (l->done + 1));
	assert_int_equal(l->header_bytes, HEADER_BYTES * l->done);
	assert_int_equal(l->connections_opened, 1);
	assert_true(l->latency.min_ns >= 1000000);	/* the server's pause */
	/* One connection is busy nearly always, and never more than always. */
	assert_true(l->busy_ns <= (double)l->elapsed_ns);
	assert_true(l->busy_ns >= l->latency.sum_ns);
	for (size_t i = 0; i < l->n_seconds; i++)
		in_seconds += l->seconds[i].done;
	assert_int_equal(in_seconds, l->done);
	text = rs_load_json(&a, l, &err);
	assert_non_null(text);
	o = json_loads(text, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(o, "done")), l->done);
	json_decref(o);
	server_stop(&s);
}

static void without_keep_alive_every_request_connects(void **state)
{
	struct server s = { .fd = -1 };
	char url[64];
	struct rs_load_ask a = { .url = url, .connections = 1, .duration_s = 0.2, .timeout_s = 5 };
	RS_AUTO_LOAD *l = NULL;

	(void)state;
	server_start(&s, ANSWER, 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", s.port);
	l = rs_load_run(&a, NULL);
	assert_non_null(l);
	assert_true(l->done >= 2);
	assert_int_equal(l->connections_opened, l->done);
	server_stop(&s);
}

/*
 * A server that answers 20 a second at most is asked 100 times a second: latencies must
 * grow with the queue (coordinated omission would show 50 ms for all), and what never
 * could be sent is counted.
 */
static void an_open_loop_does_not_wait_for_the_server(void **state)
{
	struct server s = { .fd = -1 };
	char url[64];
	struct rs_load_ask a = { .url = url, .connections = 1, .duration_s = 1, .rate_per_s = 100,
				 .keep_alive = 1, .timeout_s = 5 };
	RS_AUTO_LOAD *l = NULL;

	(void)state;
	server_start(&s, ANSWER, 50);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", s.port);
	l = rs_load_run(&a, NULL);
	assert_non_null(l);
	assert_true(l->done >= 2 && l->done <= 20);
	assert_true(l->due <= l->done + 1);
	assert_true(l->due + l->late >= 99);
	/* The k-th answer comes at least k * 50 ms after the start and was due at k * 10 ms. */
	assert_true((double)l->latency.max_ns >= (double)l->done * 40e6 - 1e6);
	server_stop(&s);
}

static void failures_are_told_apart(void **state)
{
	struct server s = { .fd = -1 };
	char url[64];
	struct rs_load_ask a = { .url = url, .connections = 1, .duration_s = 0.1, .timeout_s = 5 };
	RS_AUTO_LOAD *status = NULL;
	RS_AUTO_LOAD *nobody = NULL;

	(void)state;
	server_start(&s, "HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", s.port);
	status = rs_load_run(&a, NULL);
	assert_non_null(status);
	assert_true(status->failed[RS_LOAD_STATUS] >= 1);
	assert_int_equal(status->done, 0);
	assert_string_equal(status->first_error, "HTTP status 503");
	server_stop(&s);
	nobody = rs_load_run(&a, NULL);
	assert_non_null(nobody);
	assert_true(nobody->failed[RS_LOAD_CONNECT] >= 1);
	assert_int_equal(nobody->failed[RS_LOAD_STATUS], 0);
}

static void what_takes_too_long_is_ended(void **state)
{
	struct server s = { .fd = -1 };
	char url[64];
	struct rs_load_ask a = { .url = url, .connections = 2, .duration_s = 0.5, .keep_alive = 1,
				 .timeout_s = 0.1 };
	RS_AUTO_LOAD *l = NULL;

	(void)state;
	server_start(&s, ANSWER, 300);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", s.port);
	l = rs_load_run(&a, NULL);
	assert_non_null(l);
	assert_int_equal(l->done, 0);
	/* Each of two is ended at least every 0.1 s, and never sooner: at most 5 each. */
	assert_true(l->failed[RS_LOAD_TIMEOUT] >= 2 && l->failed[RS_LOAD_TIMEOUT] <= 10);
	assert_true(l->busy_ns >= 0.1e9 * (double)l->failed[RS_LOAD_TIMEOUT]);
	server_stop(&s);
}

/* An answer that comes piece by piece is waited for, though epoll tells of each piece once. */
static void answers_in_pieces_are_read_to_their_end(void **state)
{
	struct server s = { .parts = 6 };
	char url[64];
	struct rs_load_ask a = { .url = url, .connections = 1, .duration_s = 0.4, .keep_alive = 1,
				 .timeout_s = 5 };
	RS_AUTO_LOAD *l = NULL;

	(void)state;
	server_start(&s, ANSWER, 2);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", s.port);
	l = rs_load_run(&a, NULL);
	assert_non_null(l);
	assert_true(l->done >= 2);
	assert_true(l->latency.min_ns >= 12000000);
	assert_int_equal(l->connections_opened, 1);
	server_stop(&s);
}

/* Closed by the server between two requests, a connection is replaced and nothing fails. */
static void connections_that_died_are_replaced(void **state)
{
	struct server s = { .quits = 1 };
	char url[64];
	struct rs_load_ask a = { .url = url, .connections = 1, .duration_s = 0.5, .keep_alive = 1,
				 .think_s = 0.02, .timeout_s = 5, .seed = 1 };
	RS_AUTO_LOAD *l = NULL;
	uint64_t failed = 0;

	(void)state;
	server_start(&s, ANSWER, 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", s.port);
	l = rs_load_run(&a, NULL);
	assert_non_null(l);
	assert_true(l->done >= 3);
	for (int f = 0; f < RS_LOAD_FAILURES; f++)
		failed += l->failed[f];
	assert_int_equal(failed, 0);
	assert_true(l->connections_opened >= l->done);
	server_stop(&s);
}

static void the_command_refuses_wrong_words(void **state)
{
	static const char *const bad[][3] = {
		{ "--rate", "1", "x" },
		{ "http://127.0.0.1/", "--rate", "fast" },
		{ "http://127.0.0.1/", "--connections", "-1" },
		{ "http://127.0.0.1/", "--connections", "0" },
		{ "http://127.0.0.1/", "--connections", "100001" },
		{ "http://127.0.0.1/", "--connections", "2.5" },
		{ "http://127.0.0.1/", "--unknown", "1" },
		{ "http://127.0.0.1/", "--keep-alive", "--duration" },
	};

	(void)state;
	for (size_t i = 0; i < RS_COUNT(bad); i++) {
		RS_AUTO_BUF out = RS_BUF_INIT;
		struct rs_err err = RS_ERR_INIT;

		assert_int_equal(rs_httpload_command(3, bad[i], &out, &err), -1);
		assert_true(err.text[0] != '\0');
		assert_int_equal(out.len, 0);
	}
}

/* ---- rules ---- */

static void rules_take_the_value_or_say_why_not(void **state)
{
	static const char csv[] = "name,\"rate, 1/s\",note\r\na,1.5,x\r\n\r\nb,\"2.5\",\"say \"\"hi\"\"\"\r\n";
	static const char json[] = "{\"a\":[{\"b\":1},{\"b\":[2,7.5]}],\"m~n/o\":\"12\",\"\":3,\"s\":\"x\"}";
	static const struct {
		enum rs_rule rule;
		const char *expression, *text, *want;	/* want: the value, or part of the error */
	} rows[] = {
		{ RS_RULE_REGEX, "rate: *([0-9.]+)", "x\nrate:  12.50 MB\nrate: 9", "12.5" },
		{ RS_RULE_REGEX, "^b=(-?[0-9.e+]+)$", "a=1\nb=-1e+3\n", "-1000" },
		{ RS_RULE_REGEX, "rate: ([a-z]+)", "rate: fast", "\"fast\" is not a number" },
		{ RS_RULE_REGEX, "rate: ([0-9]+)", "nothing", "nothing matches" },
		{ RS_RULE_REGEX, "x(inf)", "xinf", "\"inf\" is not a number" },
		{ RS_RULE_CSV, "rate, 1/s", csv, "2.5" },
		{ RS_RULE_CSV, "note", csv, "\"say \"hi\"\" is not a number" },
		{ RS_RULE_CSV, "speed", csv, "no column \"speed\"" },
		{ RS_RULE_CSV, "b", "a,b\n1\n", "\"out\":2: too few columns" },
		{ RS_RULE_CSV, "b", "a,b\n1,\"2\n", "\"out\":2: a quote that does not end" },
		{ RS_RULE_CSV, "b", "a,b\n", "no row below its head" },
		{ RS_RULE_CSV, "b", "", "no column \"b\"" },
		{ RS_RULE_JSON, "/a/1/b/1", json, "7.5" },
		{ RS_RULE_JSON, "/m~0n~1o", json, "12" },
		{ RS_RULE_JSON, "/", json, "3" },
		{ RS_RULE_JSON, "", "42", "42" },
		{ RS_RULE_JSON, "/a/2/b", json, "no number at \"/a/2/b\"" },
		{ RS_RULE_JSON, "/a/01/b", json, "no number at" },
		{ RS_RULE_JSON, "/s", json, "\"x\" is not a number" },
		{ RS_RULE_JSON, "/a", "{\n\"a\": }", "\"out\":2: not JSON" },
	};

	(void)state;
	for (size_t i = 0; i < RS_COUNT(rows); i++) {
		const struct rs_metric_rule m = {
			.id = (char *)(uintptr_t) "m",
			.expression = (char *)(uintptr_t)rows[i].expression, .rule = rows[i].rule,
		};
		struct rs_err err = RS_ERR_INIT;
		double value = 0;
		char got[64];

		if (rs_rule_take(&m, rows[i].text, "out", &value, &err) == 0)
			snprintf(got, sizeof(got), "%.12g", value);
		else
			got[0] = '\0';
		if (got[0] != '\0' ? strcmp(got, rows[i].want) != 0
				   : strstr(err.text, rows[i].want) == NULL)
			fail_msg("row %zu: \"%s\" \"%s\", expected \"%s\"", i, got, err.text,
				 rows[i].want);
	}
}

/* A line that the expression of a plan meets badly is given up, and not after days. */
static void a_match_without_end_is_given_up(void **state)
{
	const struct rs_metric_rule m = { .id = (char *)(uintptr_t) "m", .rule = RS_RULE_REGEX,
					  .expression = (char *)(uintptr_t) "(1+)+$" };
	const size_t n = 3 << 20;
	struct rs_err err = RS_ERR_INIT;
	char *text = malloc(n + 3);
	double value = 0;

	(void)state;
	assert_non_null(text);
	memset(text, '1', n);
	memcpy(text + n, "x\n", 3);
	assert_int_equal(rs_rule_take(&m, text, "out", &value, &err), -1);
	assert_int_equal(err.kind, RS_ERR_FAILED);
	assert_non_null(strstr(err.text, "\"out\": metric \"m\": looking for \"(1+)+$\" took more than 5 s"));
	free(text);
}

static void rules_that_cannot_work_are_refused(void **state)
{
	static const struct {
		enum rs_rule rule;
		const char *expression, *want;
	} rows[] = {
		{ RS_RULE_REGEX, "([0-9]+", "Unmatched" },
		{ RS_RULE_REGEX, "[0-9]+", "has no group" },
		{ RS_RULE_REGEX, "", "has no expression" },
		{ RS_RULE_CSV, "", "has no expression" },
		{ RS_RULE_JSON, "a/b", "begins with \"/\"" },
	};
	struct rs_metric_rule fine = { .id = (char *)(uintptr_t) "m",
				       .expression = (char *)(uintptr_t) "(x)" };

	(void)state;
	assert_int_equal(rs_rule_check(&fine, NULL), 0);
	for (size_t i = 0; i < RS_COUNT(rows); i++) {
		const struct rs_metric_rule m = {
			.id = (char *)(uintptr_t) "m",
			.expression = (char *)(uintptr_t)rows[i].expression, .rule = rows[i].rule,
		};
		struct rs_err err = RS_ERR_INIT;

		assert_int_equal(rs_rule_check(&m, &err), -1);
		assert_int_equal(err.kind, RS_ERR_PLAN);
		if (strstr(err.text, rows[i].want) == NULL)
			fail_msg("row %zu: \"%s\"", i, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_cover_all_values_without_gap),
		cmocka_unit_test(quantiles_are_those_of_the_sorted_values),
		cmocka_unit_test(a_closed_loop_counts_what_it_asked),
		cmocka_unit_test(without_keep_alive_every_request_connects),
		cmocka_unit_test(an_open_loop_does_not_wait_for_the_server),
		cmocka_unit_test(failures_are_told_apart),
		cmocka_unit_test(what_takes_too_long_is_ended),
		cmocka_unit_test(answers_in_pieces_are_read_to_their_end),
		cmocka_unit_test(connections_that_died_are_replaced),
		cmocka_unit_test(the_command_refuses_wrong_words),
		cmocka_unit_test(rules_take_the_value_or_say_why_not),
		cmocka_unit_test(a_match_without_end_is_given_up),
		cmocka_unit_test(rules_that_cannot_work_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
