/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The real Siege against the real Apache: one siege per guest, all at once, started
 * where load is made.  Each has a configuration and a home of its own, so that the
 * user's ~/.siege is neither read nor written.  Siege's exit status says nothing (it
 * is 0 when every request failed) and Siege may hang at the end of a timed run, so
 * every run has a bound; one that hangs without a result, or counts no request at all,
 * makes all guests run again, once, since they are measured together.
 */
#include "bench_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"

static const struct rs_metric metrics[] = {
	{ "transactions", "Transactions", "hits", RS_BETTER_HIGHER, RS_GROUP_NETWORK },
	{ "availability", "Availability", "%", RS_BETTER_HIGHER, RS_GROUP_NETWORK },
	{ "elapsed-time", "Elapsed time", "s", RS_BETTER_LOWER, RS_GROUP_NETWORK },
	{ "data", "Data transferred", "MB", RS_BETTER_HIGHER, RS_GROUP_NETWORK },
	{ "response-time", "Response time", "s", RS_BETTER_LOWER, RS_GROUP_NETWORK },
	{ "transaction-rate", "Transaction rate", "trans/s", RS_BETTER_HIGHER, RS_GROUP_NETWORK },
	{ "transaction-rate-clock", "Transaction rate by Restudy's clock", "trans/s",
	  RS_BETTER_HIGHER, RS_GROUP_NETWORK },
	{ "throughput", "Throughput", "MB/s", RS_BETTER_HIGHER, RS_GROUP_NETWORK },
	{ "concurrency", "Concurrency", "requests", RS_BETTER_HIGHER, RS_GROUP_NETWORK },
	{ "successful-transactions", "Successful transactions", "hits", RS_BETTER_HIGHER,
	  RS_GROUP_NETWORK },
	{ "failed-transactions", "Failed transactions", "hits", RS_BETTER_LOWER, RS_GROUP_NETWORK },
	{ "longest-transaction", "Longest transaction", "s", RS_BETTER_LOWER, RS_GROUP_NETWORK },
	{ "shortest-transaction", "Shortest transaction", "s", RS_BETTER_LOWER, RS_GROUP_NETWORK },
};

enum { ANSWER_TRIES = 60 };

/* What a lane's siege came to. */
struct attack {
	struct rs_web *web;
	char *home;		/* private folder where load is made */
	int again;		/* killed without a result, or an empty one: worth a second try */
};

static int seconds_of(double duration_s)
{
	const double up = ceil(duration_s);

	return up < 1 ? 1 : (int)up;
}

/* One "name = value" a line; later versions ignore what they no longer know. */
static void add_configuration(struct rs_buf *b, const struct rs_benchmark *bench)
{
	rs_buf_addf(b, "verbose = false\nquiet = false\njson_output = false\nlogging = false\n"
		    "show-logfile = false\ncolor = off\nspinner = false\nprotocol = HTTP/1.1\n"
		    "chunked = true\ncache = false\ncookies = false\nparser = false\n"
		    "follow-location = false\nbenchmark = true\ndelay = 0\ninternet = false\n"
		    "timeout = 30\nfailures = 1024\nlimit = %d\nconnection = %s\n",
		    rs_plan_concurrency(bench) > 255 ? rs_plan_concurrency(bench) : 255,
		    bench->keep_alive ? "keep-alive" : "close");
}

/* The vector; strings are borrowed from the caller's buffers. */
struct command {
	char *rc, *url;
	char users[16], time[24];
	const char **argv;
};

static void command_release(struct command *c)
{
	free(c->rc);
	free(c->url);
	free(c->argv);
}

static int command_make(struct command *c, const struct rs_benchmark *b, double duration_s,
			const char *home, const struct rs_guest *guest, struct rs_err *err)
{
	size_t n = 0;

	memset(c, 0, sizeof(*c));
	c->rc = rs_path_join(home, "siegerc", err);
	c->url = rs_web_url(b, guest, err);
	c->argv = rs_alloc(b->n_arguments + 12, sizeof(*c->argv), err);
	if (c->rc == NULL || c->url == NULL || c->argv == NULL)
		return -1;
	snprintf(c->users, sizeof(c->users), "%d", rs_plan_concurrency(b));
	snprintf(c->time, sizeof(c->time), "-t%dS", seconds_of(duration_s));
	c->argv[n++] = "siege";
	c->argv[n++] = "-R";
	c->argv[n++] = c->rc;
	c->argv[n++] = "-b";
	c->argv[n++] = "-c";
	c->argv[n++] = c->users;
	c->argv[n++] = c->time;
	for (size_t i = 0; i < b->n_arguments; i++)
		c->argv[n++] = b->arguments[i];
	c->argv[n++] = c->url;
	return 0;
}

/* Runs a made command with its own home. */
static int run_siege(struct rs_channel *ch, const char *const *argv, const char *home,
		     double timeout_s, const char *out, const char *said,
		     struct rs_cmd_result *res, struct rs_err *err)
{
	RS_AUTO_STR *env_home = rs_asprintf(err, "HOME=%s", home);
	const char *const env[] = { env_home, "LC_ALL=C", NULL };
	const struct rs_exec x = { .argv = argv, .env = env, .cwd = home, .timeout_s = timeout_s,
				   .output_max = RS_RAW_MAX, .stdout_path = out,
				   .stderr_path = said };

	return env_home == NULL ? -1 : rs_channel_run(ch, &x, res, err);
}

/* A folder where load is made, with the configuration in it.  On this machine it lies below
 * the trial's raw folder, so that nothing of a killed run stays elsewhere. */
static char *make_home(const struct rs_lane *lane, const char *conf, struct rs_err *err)
{
	char name[64];
	const char *const argv[] = { "mktemp", "-d", "-t", name, NULL };
	struct rs_channel *ch = lane->generator;
	RS_AUTO_BUF out = RS_BUF_INIT;
	RS_AUTO_STR *home = NULL;
	RS_AUTO_STR *rc = NULL;

	(void)snprintf(name, sizeof(name), "restudy-siege-%ld-XXXXXX", (long)getpid());
	if (strcmp(rs_channel_name(ch), "local") == 0) {
		home = realpath(lane->folder, NULL);
		rs_buf_addf(&out, "%s/siege", home != NULL ? home : lane->folder);
		free(RS_STEAL(&home));
	} else if (rs_channel_run_ok(ch, argv, 30, &out, err) < 0) {
		return NULL;
	}
	home = rs_strndup(rs_buf_str(&out), strcspn(rs_buf_str(&out), "\n"), err);
	rc = home != NULL ? rs_path_join(home, "siegerc", err) : NULL;
	if (rc == NULL || rs_channel_push(ch, conf, rc, 0644, err) < 0)
		return NULL;
	return RS_STEAL(&home);
}

static void remove_home(struct rs_channel *ch, const char *home)
{
	const char *const argv[] = { "rm", "-rf", home, NULL };

	if (home != NULL)
		(void)!rs_channel_run_ok(ch, argv, 30, NULL, NULL);
}

/* One request until it is answered: the server needs a moment to start. */
static int wait_for_answer(struct rs_lane *lane, struct attack *a, struct rs_err *err)
{
	RS_AUTO_STR *out = rs_raw_path(lane->folder, "answer", ".stdout", err);
	RS_AUTO_STR *said = rs_raw_path(lane->folder, "answer", ".stderr", err);
	RS_AUTO_STR *rc = rs_path_join(a->home, "siegerc", err);
	RS_AUTO_STR *url = rs_web_url(lane->trial->benchmark, lane->guest, err);
	const char *const argv[] = { "siege", "-R", rc, "-b", "-c", "1", "-r", "1", url, NULL };
	char why[300];

	if (out == NULL || said == NULL || rc == NULL || url == NULL)
		return -1;
	for (int i = 0; i < ANSWER_TRIES; i++) {
		RS_AUTO_BUF text = RS_BUF_INIT;
		struct rs_siege_result r;
		struct rs_cmd_result res;

		if (rs_stop_check(err) < 0)
			return -1;
		if (run_siege(lane->generator, argv, a->home, 30, out, said, &res, err) < 0)
			return -1;
		if (rs_path_read(said, RS_RAW_MAX, &text, NULL) == 0 &&
		    rs_siege_parse(rs_buf_str(&text), "siege", &r, NULL) == 0 && r.transactions >= 1)
			return 0;
		rs_clock_sleep(0.25);
	}
	rs_web_complaint(a->web, why, sizeof(why));
	return rs_err_set(err, RS_ERR_FAILED, "no answer from \"%s\"%s%s", url,
			  why[0] != '\0' ? "; the server says: " : "", why);
}

/* Round 0: the server stands, the load's place is made. */
static int set_up(struct rs_lane *lane, struct attack *a, struct rs_err *err)
{
	RS_AUTO_STR *rc = rs_path_join(lane->folder, "siegerc", err);
	RS_AUTO_BUF conf = RS_BUF_INIT;

	if (rc == NULL)
		return -1;
	add_configuration(&conf, lane->trial->benchmark);
	if (rs_buf_check(&conf, err) < 0 || rs_path_write(rc, conf.data, conf.len, err) < 0)
		return -1;
	a->home = make_home(lane, rc, err);
	if (a->home == NULL)
		return -1;
	a->web = rs_web_start(lane->trial, lane->guest, err);
	return a->web == NULL ? -1 : wait_for_answer(lane, a, err);
}

enum outcome { OUTCOME_NONE, OUTCOME_EMPTY, OUTCOME_RESULT };

/* Whether Siege said anything: an empty result has neither answers nor failures. */
static enum outcome outcome_of(const char *said)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	struct rs_siege_result r;

	if (rs_path_read(said, RS_RAW_MAX, &text, NULL) < 0 ||
	    rs_siege_parse(rs_buf_str(&text), said, &r, NULL) < 0)
		return OUTCOME_NONE;
	return r.transactions > 0 || r.failed > 0 ? OUTCOME_RESULT : OUTCOME_EMPTY;
}

/* What the reader needs beside Siege's own words. */
static int write_facts(const struct rs_lane *lane, const struct rs_cmd_result *res,
		       const struct command *c, struct rs_err *err)
{
	const struct rs_benchmark *b = lane->trial->benchmark;
	RS_AUTO_STR *path = rs_path_join(lane->folder, "run.txt", err);
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (path == NULL)
		return -1;
	rs_buf_addf(&text, "wall_ns %lld\nkilled %d\nconcurrency %d\npage_bytes %lld\ncommand",
		    (long long)res->wall_ns, res->timed_out, rs_plan_concurrency(b),
		    (long long)rs_web_page_bytes(b));
	for (size_t i = 0; c->argv[i] != NULL; i++)
		rs_buf_addf(&text, " %s", c->argv[i]);
	rs_buf_addc(&text, '\n');
	return rs_buf_check(&text, err) < 0 ? -1 : rs_path_write(path, text.data, text.len, err);
}

/* Round 1: the siege. */
static int attack(struct rs_lane *lane, struct attack *a, struct rs_err *err)
{
	const struct rs_trial *t = lane->trial;
	RS_AUTO_STR *out = rs_path_join(lane->folder, "stdout", err);
	RS_AUTO_STR *said = rs_path_join(lane->folder, "stderr", err);
	/* Siege ends within a second of its time, or never; an emulated machine may stall a
	 * request until Siege's own time limits (30 s to connect, and 30 s to read). */
	const double limit_s = 1.2 * seconds_of(t->duration_s) + (t->emulated ? 61 : 5);
	struct command c;
	struct rs_cmd_result res;
	int rc = -1;

	if (out == NULL || said == NULL)
		return -1;
	a->again = 0;
	if (command_make(&c, t->benchmark, t->duration_s, a->home, lane->guest, err) == 0 &&
	    run_siege(lane->generator, c.argv, a->home, limit_s, out, said, &res, err) == 0 &&
	    write_facts(lane, &res, &c, err) == 0) {
		switch (outcome_of(said)) {
		case OUTCOME_RESULT:
			rc = 0;
			break;
		case OUTCOME_EMPTY:
			a->again = 1;
			rc = rs_err_set(err, RS_ERR_FAILED, "siege counted no request at all");
			break;
		case OUTCOME_NONE:
			a->again = res.timed_out;
			rc = rs_bench_failed(&res, res.timed_out ? "siege hung and was killed"
								  : "siege printed no result",
					     said, err);
			break;
		}
	}
	command_release(&c);
	return rc;
}

static int lane_round(struct rs_lane *lane, size_t round, void *user, struct rs_err *err)
{
	struct attack *a = &((struct attack *)user)[lane->index];
	int rc = -1;

	if (round == 0)
		rc = set_up(lane, a, err);
	else if (round == 1)
		rc = attack(lane, a, err);
	lane->dead |= rc < 0;
	return rc;
}

/* Stops servers, removes homes.  The first server that does not stop is the error. */
static int take_down(const struct rs_trial *t, struct attack *attacks, struct rs_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < t->n_guests; i++) {
		if (rs_web_stop(attacks[i].web, err) < 0)
			rc = -1;
		remove_home(t->generator, attacks[i].home);
		free(attacks[i].home);
		attacks[i] = (struct attack){ .again = attacks[i].again };
	}
	return rc;
}

static int run_once(const struct rs_trial *t, struct attack *attacks, const struct rs_sink *sink,
		    struct rs_err *err)
{
	int rc = rs_lanes_run(t, 2, RS_LANE_OWN_GENERATOR, lane_round, attacks, sink, err);

	if (take_down(t, attacks, err) < 0)
		rc = -1;
	return rc;
}

static int any_again(const struct rs_trial *t, const struct attack *attacks)
{
	int again = 0;

	for (size_t i = 0; i < t->n_guests; i++)
		again |= attacks[i].again;
	return again;
}

static int run(const struct rs_trial *t, const struct rs_sink *sink, struct rs_err *err)
{
	struct attack *attacks = rs_alloc(t->n_guests, sizeof(*attacks), err);
	struct rs_err first = RS_ERR_INIT;
	int rc;

	if (attacks == NULL)
		return -1;
	rc = run_once(t, attacks, sink, &first);
	if (rc < 0 && any_again(t, attacks)) {
		rc = rs_bench_warn(sink, err, "all guests were measured again: %s", first.text);
		rs_err_clear(&first);
		if (rc == 0)
			rc = run_once(t, attacks, sink, &first);
	}
	free(attacks);
	return rc < 0 ? rs_err_set(err, first.kind, "%s", first.text) : 0;
}

static int prepare(const struct rs_trial *t, struct rs_err *err)
{
	if (rs_web_check(t->benchmark, err) < 0)
		return -1;
	if (t->generator == NULL)
		return rs_err_set(err, RS_ERR_INTERNAL, "no place to make load from");
	for (size_t i = 0; i < t->n_guests; i++)
		if (t->guests[i].address == NULL)
			return rs_err_set(err, RS_ERR_INTERNAL, "guest \"%s\" has no address",
					  t->guests[i].name);
	return 0;	/* siege itself is asked with a home of its own, in the first round */
}

static void steps(const struct rs_benchmark *b, double duration_s, struct rs_buf *out)
{
	const struct rs_guest guest = { .address = (char *)(uintptr_t) "GUEST" };
	struct command c;

	rs_buf_adds(out, "apache2 -d SCRATCH/www -f SCRATCH/www/httpd.conf -k start\n");
	if (command_make(&c, b, duration_s, "HOME", &guest, NULL) == 0)
		rs_bench_step(out, c.argv);
	command_release(&c);
	rs_buf_adds(out, "apache2 -d SCRATCH/www -f SCRATCH/www/httpd.conf -k stop\n");
}

/* Starting, the first answer and stopping take about two seconds. */
static double predict_s(const struct rs_benchmark *b, double duration_s, size_t n_guests)
{
	const double s = seconds_of(duration_s) + 2;

	return b->sequential && n_guests > 1 ? s * (double)n_guests : s;
}

const struct rs_bench_driver rs_bench_siege = {
	.name = "siege",
	.metrics = metrics,
	.n_metrics = RS_COUNT(metrics),
	.step = 0.01,
	.prepare = prepare,
	.run = run,
	.read = rs_siege_read,
	.steps = steps,
	.predict_s = predict_s,
};
