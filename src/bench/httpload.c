/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HTTP load of our own against the same Apache and page as Siege's: the generator is
 * this process, a thread for each guest, on the machine that the worker runs on.
 * benchmark->arguments: "--http2", "--think SECONDS", "--timeout SECONDS",
 * "--exact".
 */
#include "bench_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "load_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"

#define NET RS_GROUP_NETWORK

static const struct rs_metric metrics[] = {
	{ "transactions", "Transactions", "hits", RS_BETTER_HIGHER, NET },
	{ "availability", "Availability", "%", RS_BETTER_HIGHER, NET },
	{ "elapsed-time", "Elapsed time", "s", RS_BETTER_LOWER, NET },
	{ "data", "Data transferred", "MB", RS_BETTER_HIGHER, NET },
	{ "response-time", "Response time", "s", RS_BETTER_LOWER, NET },
	{ "transaction-rate", "Transaction rate", "trans/s", RS_BETTER_HIGHER, NET },
	{ "throughput", "Throughput", "MB/s", RS_BETTER_HIGHER, NET },
	{ "concurrency", "Concurrency", "requests", RS_BETTER_HIGHER, NET },
	{ "failed-transactions", "Failed transactions", "hits", RS_BETTER_LOWER, NET },
	{ "longest-transaction", "Longest transaction", "s", RS_BETTER_LOWER, NET },
	{ "shortest-transaction", "Shortest transaction", "s", RS_BETTER_LOWER, NET },
	{ "latency-p1", "Latency, 1st percentile", "ms", RS_BETTER_LOWER, NET },
	{ "latency-p5", "Latency, 5th percentile", "ms", RS_BETTER_LOWER, NET },
	{ "latency-p10", "Latency, 10th percentile", "ms", RS_BETTER_LOWER, NET },
	{ "latency-p20", "Latency, 20th percentile", "ms", RS_BETTER_LOWER, NET },
	{ "latency-p30", "Latency, 30th percentile", "ms", RS_BETTER_LOWER, NET },
	{ "latency-p40", "Latency, 40th percentile", "ms", RS_BETTER_LOWER, NET },
	{ "latency-p50", "Latency, median", "ms", RS_BETTER_LOWER, NET },
	{ "latency-p60", "Latency, 60th percentile", "ms", RS_BETTER_LOWER, NET },
	{ "latency-p70", "Latency, 70th percentile", "ms", RS_BETTER_LOWER, NET },
	{ "latency-p80", "Latency, 80th percentile", "ms", RS_BETTER_LOWER, NET },
	{ "latency-p90", "Latency, 90th percentile", "ms", RS_BETTER_LOWER, NET },
	{ "latency-p95", "Latency, 95th percentile", "ms", RS_BETTER_LOWER, NET },
	{ "latency-p99", "Latency, 99th percentile", "ms", RS_BETTER_LOWER, NET },
	{ "latency-p99.9", "Latency, 99.9th percentile", "ms", RS_BETTER_LOWER, NET },
	{ "latency-p99.99", "Latency, 99.99th percentile", "ms", RS_BETTER_LOWER, NET },
	{ "slowest-second", "Transactions in the slowest second", "hits", RS_BETTER_HIGHER, NET },
	{ "fastest-second", "Transactions in the fastest second", "hits", RS_BETTER_HIGHER, NET },
	{ "header-data", "Header data", "MB", RS_BETTER_LOWER, NET },
	{ "connections-opened", "Connections opened", "connections", RS_BETTER_LOWER, NET },
	{ "generator-time", "Generator's processor time per transaction", "us", RS_BETTER_LOWER,
	  NET },
};

enum { ANSWER_TRIES = 100, CONNECTIONS_MAX = 100000 };

static int not_negative(const char *name, const char *value, double *ret, struct rs_err *err)
{
	if (value == NULL || rs_parse_double(value, ret, NULL) < 0 || *ret < 0)
		return rs_err_set(err, RS_ERR_USAGE, "httpload: \"%s\" needs a number, not \"%s\"", name,
				  value != NULL ? value : "");
	return 0;
}

/* One option; *used: how many words it took. */
static int option(struct rs_load_ask *a, const char *name, const char *value, size_t *used,
		  struct rs_err *err)
{
	int64_t n = 0;

	*used = 1;
	if (strcmp(name, "--http2") == 0) {
		a->http = RS_LOAD_HTTP_2;
		return 0;
	}
	if (strcmp(name, "--keep-alive") == 0) {
		a->keep_alive = 1;
		return 0;
	}
	if (strcmp(name, "--exact") == 0) {
		a->exact = 1;
		return 0;
	}
	*used = 2;
	if (strcmp(name, "--think") == 0)
		return not_negative(name, value, &a->think_s, err);
	if (strcmp(name, "--timeout") == 0)
		return not_negative(name, value, &a->timeout_s, err);
	if (strcmp(name, "--duration") == 0)
		return not_negative(name, value, &a->duration_s, err);
	if (strcmp(name, "--rate") == 0)
		return not_negative(name, value, &a->rate_per_s, err);
	if (strcmp(name, "--connections") == 0) {
		if (rs_parse_i64(value != NULL ? value : "", 1, CONNECTIONS_MAX, &n, NULL) < 0)
			return rs_err_set(err, RS_ERR_USAGE, "httpload: \"%s\" needs a whole number from 1 to "
					  "%d, not \"%s\"", name, CONNECTIONS_MAX, value != NULL ? value : "");
		a->connections = (int)n;
		return 0;
	}
	return rs_err_set(err, RS_ERR_USAGE, "httpload: no option \"%s\"", name);
}

static int options(struct rs_load_ask *a, const char *const *words, size_t n, struct rs_err *err)
{
	size_t used = 1;

	for (size_t i = 0; i < n; i += used)
		if (option(a, words[i], i + 1 < n ? words[i + 1] : NULL, &used, err) < 0)
			return -1;
	return 0;
}

static int make_ask(struct rs_load_ask *a, const struct rs_benchmark *b, double duration_s,
		    const char *url, uint64_t seed, struct rs_err *err)
{
	*a = (struct rs_load_ask){ .url = url, .connections = rs_plan_concurrency(b),
				   .duration_s = duration_s, .rate_per_s = b->rate_per_s,
				   .keep_alive = b->keep_alive, .timeout_s = 30, .seed = seed };
	return options(a, (const char *const *)b->arguments, b->n_arguments, err);
}

static size_t ignore_body(char *data, size_t size, size_t n, void *user)
{
	(void)data;
	(void)user;
	return size * n;
}

/* One request until it is answered. */
static int wait_for_answer(const struct rs_load_ask *a, struct rs_web *web, struct rs_err *err)
{
	CURL *easy = curl_easy_init();
	CURLcode rc = CURLE_FAILED_INIT;
	char why[300];

	for (int i = 0; easy != NULL && i < ANSWER_TRIES && !rs_stop_requested(); i++) {
		curl_easy_setopt(easy, CURLOPT_URL, a->url);
		curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
		curl_easy_setopt(easy, CURLOPT_PROXY, "");
		curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
		curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 5000L);
		curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore_body);
		rc = curl_easy_perform(easy);
		if (rc == CURLE_OK)
			break;
		rs_clock_sleep(0.2);
	}
	curl_easy_cleanup(easy);
	if (rc == CURLE_OK)
		return 0;
	if (rs_stop_check(err) < 0)
		return -1;
	rs_web_complaint(web, why, sizeof(why));
	return rs_err_set(err, RS_ERR_FAILED, "no answer from \"%s\": %s%s%s", a->url,
			  curl_easy_strerror(rc), why[0] != '\0' ? "; the server says: " : "", why);
}

static int write_text(const struct rs_lane *lane, const char *name, const struct rs_buf *text,
		      struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(lane->folder, name, err);

	return path == NULL || rs_buf_check(text, err) < 0
		       ? -1 : rs_path_write(path, text->data, text->len, err);
}

/* The seconds and the histogram as tables, for whoever wants to draw them otherwise. */
static int write_csv(const struct rs_lane *lane, const struct rs_load *l, struct rs_err *err)
{
	RS_AUTO_BUF seconds = RS_BUF_INIT;
	RS_AUTO_BUF latencies = RS_BUF_INIT;

	rs_load_seconds_csv(l, &seconds);
	rs_load_latencies_csv(l, &latencies);
	if (write_text(lane, "seconds.csv", &seconds, err) < 0)
		return -1;
	return write_text(lane, "latencies.csv", &latencies, err);
}

static int make_load(struct rs_lane *lane, const struct rs_load_ask *a, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(lane->folder, "result.json", err);
	RS_AUTO_LOAD *l = path != NULL ? rs_load_run(a, err) : NULL;
	RS_AUTO_STR *text = l != NULL ? rs_load_json(a, l, err) : NULL;

	if (text == NULL || rs_path_write(path, text, strlen(text), err) < 0 ||
	    write_csv(lane, l, err) < 0)
		return -1;
	return rs_stop_check(err);	/* a load that was cut short is no measurement */
}

static int lane_round(struct rs_lane *lane, size_t round, void *user, struct rs_err *err)
{
	struct rs_web **web = &((struct rs_web **)user)[lane->index];
	const struct rs_trial *t = lane->trial;
	RS_AUTO_STR *url = rs_web_url(t->benchmark, lane->guest, err);
	struct rs_load_ask a;
	int rc = -1;

	if (url != NULL &&
	    make_ask(&a, t->benchmark, t->duration_s, url, (uint64_t)t->trial + lane->index, err) == 0) {
		if (round == 0) {
			*web = rs_web_start(t, lane->guest, err);
			rc = *web == NULL ? -1 : wait_for_answer(&a, *web, err);
		} else {
			rc = make_load(lane, &a, err);
		}
	}
	lane->dead |= rc < 0;
	return rc;
}

static int run(const struct rs_trial *t, const struct rs_sink *sink, struct rs_err *err)
{
	struct rs_web **webs = rs_alloc(t->n_guests, sizeof(*webs), err);
	int rc;

	if (webs == NULL)
		return -1;
	rc = rs_lanes_run(t, 2, RS_LANE_NO_GENERATOR, lane_round, webs, sink, err);
	for (size_t i = 0; i < t->n_guests; i++)
		if (rs_web_stop(webs[i], err) < 0)
			rc = -1;
	free(webs);
	return rc;
}

static int prepare(const struct rs_trial *t, struct rs_err *err)
{
	struct rs_load_ask a;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return rs_err_set(err, RS_ERR_MACHINE, "libcurl cannot be used");
	if (rs_web_check(t->benchmark, err) < 0 ||
	    make_ask(&a, t->benchmark, t->duration_s, "", 0, err) < 0)
		return -1;
	if (t->generator == NULL || strcmp(rs_channel_name(t->generator), "local") != 0)
		return rs_err_set(err, RS_ERR_MACHINE, "httpload makes load where the worker runs, not over "
				  "\"%s\"", t->generator != NULL ? rs_channel_name(t->generator) : "");
	for (size_t i = 0; i < t->n_guests; i++)
		if (t->guests[i].address == NULL)
			return rs_err_set(err, RS_ERR_INTERNAL, "guest \"%s\" has no address",
					  t->guests[i].name);
	return 0;
}

static void steps(const struct rs_benchmark *b, double duration_s, struct rs_buf *out)
{
	rs_buf_addf(out, "apache2 -d SCRATCH/www -f SCRATCH/www/httpd.conf -k start\n"
		    "restudy httpload http://GUEST%s --connections %d --duration %.9g",
		    rs_web_path(b), rs_plan_concurrency(b), duration_s);
	if (b->rate_per_s > 0)
		rs_buf_addf(out, " --rate %.9g", b->rate_per_s);
	if (b->keep_alive)
		rs_buf_adds(out, " --keep-alive");
	for (size_t i = 0; i < b->n_arguments; i++)
		rs_buf_addf(out, " %s", b->arguments[i]);
	rs_buf_adds(out, "\napache2 -d SCRATCH/www -f SCRATCH/www/httpd.conf -k stop\n");
}

static double predict_s(const struct rs_benchmark *b, double duration_s, size_t n_guests)
{
	return (duration_s + 1.5) * (b->sequential && n_guests > 1 ? (double)n_guests : 1);
}

int rs_httpload_command(int argc, const char *const *argv, struct rs_buf *out, struct rs_err *err)
{
	struct rs_load_ask a = { .connections = 15, .duration_s = 10, .timeout_s = 30 };
	RS_AUTO_LOAD *l = NULL;
	RS_AUTO_STR *text = NULL;

	if (argc < 1 || argv[0][0] == '-')
		return rs_err_set(err, RS_ERR_USAGE, "httpload: URL [--connections N] [--duration S] "
				  "[--rate R] [--keep-alive] [--http2] [--think S] [--timeout S] [--exact]");
	a.url = argv[0];
	if (options(&a, argv + 1, (size_t)argc - 1, err) < 0)
		return -1;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return rs_err_set(err, RS_ERR_MACHINE, "libcurl cannot be used");
	l = rs_load_run(&a, err);
	text = l != NULL ? rs_load_json(&a, l, err) : NULL;
	if (text == NULL)
		return -1;
	rs_buf_addf(out, "%s\n", text);
	return rs_buf_check(out, err);
}

const struct rs_bench_driver rs_bench_httpload = {
	.name = "httpload",
	.metrics = metrics,
	.n_metrics = RS_COUNT(metrics),
	.prepare = prepare,
	.run = run,
	.read = rs_httpload_read,
	.steps = steps,
	.predict_s = predict_s,
};
