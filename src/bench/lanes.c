/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Guests measured side by side: a thread for each, all of them starting every
 * round together.  Samples and notes are given only after the threads ended, so a
 * sink need not know of threads.
 */
#include "bench_priv.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"

/* A barrier that can be given up, as pthread's own cannot. */
struct gate {
	pthread_mutex_t lock;
	pthread_cond_t open;
	size_t n, waiting;
	unsigned passed;	/* how often all went through */
	int broken;
};

struct crew {
	struct rs_lane *lanes;
	size_t n_lanes, n_rounds;
	rs_lane_fn *fn;
	void *user;
	struct gate gate;
};

struct member {
	struct crew *crew;
	struct rs_lane *lane;
	pthread_t thread;
};

/* Waits for all n; 0, or -1 when the gate was broken. */
static int gate_wait(struct gate *g)
{
	int broken;

	pthread_mutex_lock(&g->lock);
	if (++g->waiting == g->n) {
		g->waiting = 0;
		g->passed++;
		pthread_cond_broadcast(&g->open);
	} else {
		const unsigned before = g->passed;

		while (g->passed == before && !g->broken)
			pthread_cond_wait(&g->open, &g->lock);
	}
	broken = g->broken;
	pthread_mutex_unlock(&g->lock);
	return broken ? -1 : 0;
}

static void gate_break(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	g->broken = 1;
	pthread_cond_broadcast(&g->open);
	pthread_mutex_unlock(&g->lock);
}

/* Another channel to where ch leads: a channel serves one request at a time. */
static struct rs_channel *second_channel(const struct rs_channel *ch, struct rs_err *err)
{
	const char *name = rs_channel_name(ch);

	if (strcmp(name, "local") == 0)
		return rs_channel_local(err);
	if (strncmp(name, "unix:", 5) == 0)
		return rs_channel_unix(name + 5, 30, err);
	rs_err_set(err, RS_ERR_MACHINE,
		   "load for several guests at once needs a generator reached by \"local\" or "
		   "\"unix:\", not \"%s\"; run the benchmark sequentially, or the worker there",
		   name);
	return NULL;
}

static void lane_round(struct crew *crew, struct rs_lane *lane, size_t round)
{
	struct rs_err err = RS_ERR_INIT;

	lane->start_ns[round] = rs_clock_ns();
	if (lane->dead || rs_stop_check(&lane->err) < 0)
		return;
	if (crew->fn(lane, round, crew->user, &err) < 0 && lane->err.kind == RS_ERR_NONE)
		lane->err = err;
}

static void *member_main(void *arg)
{
	struct member *m = arg;

	/* A lane that failed still comes to the gate, or the others would wait for it. */
	for (size_t i = 0; i < m->crew->n_rounds && gate_wait(&m->crew->gate) == 0; i++)
		lane_round(m->crew, m->lane, i);
	return NULL;
}

/* A thread for each lane but the last, which is this one's. */
static int run_side_by_side(struct crew *crew, struct rs_err *err)
{
	struct member *members = rs_alloc(crew->n_lanes, sizeof(*members), err);
	size_t n = 0;
	int rc = 0;

	if (members == NULL)
		return -1;
	pthread_mutex_init(&crew->gate.lock, NULL);
	pthread_cond_init(&crew->gate.open, NULL);
	crew->gate.n = crew->n_lanes;
	for (size_t i = 0; i < crew->n_lanes; i++)
		members[i] = (struct member){ .crew = crew, .lane = &crew->lanes[i] };
	while (n + 1 < crew->n_lanes &&
	       pthread_create(&members[n].thread, NULL, member_main, &members[n]) == 0)
		n++;
	if (n + 1 == crew->n_lanes) {
		member_main(&members[n]);
	} else {
		rc = rs_err_set(err, RS_ERR_FAILED, "no thread for guest %zu of %zu", n + 1,
				crew->n_lanes);
		gate_break(&crew->gate);
	}
	for (size_t i = 0; i < n; i++)
		pthread_join(members[i].thread, NULL);
	pthread_cond_destroy(&crew->gate.open);
	pthread_mutex_destroy(&crew->gate.lock);
	free(members);
	return rc;
}

static void run_in_turn(struct crew *crew)
{
	for (size_t l = 0; l < crew->n_lanes; l++)
		for (size_t i = 0; i < crew->n_rounds; i++)
			lane_round(crew, &crew->lanes[l], i);
}

static int lane_open(struct rs_lane *lane, const struct rs_trial *t, size_t index, size_t n_rounds,
		     enum rs_lane_generator generator, struct rs_err *err)
{
	lane->trial = t;
	lane->guest = &t->guests[index];
	lane->index = index;
	if (!rs_path_is_plain_name(lane->guest->name))
		return rs_err_set(err, RS_ERR_INTERNAL, "guest name \"%s\" is not plain",
				  lane->guest->name);
	lane->folder = rs_path_join(t->raw, lane->guest->name, err);
	lane->start_ns = rs_alloc(n_rounds, sizeof(*lane->start_ns), err);
	if (lane->folder == NULL || lane->start_ns == NULL ||
	    rs_path_mkdirs(lane->folder, err) < 0)
		return -1;
	if (generator == RS_LANE_OWN_GENERATOR) {
		if (t->generator == NULL)
			return rs_err_set(err, RS_ERR_INTERNAL, "no place to make load from");
		lane->generator = second_channel(t->generator, err);
		if (lane->generator == NULL)
			return -1;
	}
	return 0;
}

static void lane_close(struct rs_lane *lane)
{
	rs_channel_close(lane->generator);
	free(lane->folder);
	free(lane->start_ns);
}

static int note_skew(const struct crew *crew, const struct rs_sink *sink, struct rs_err *err)
{
	int64_t worst = 0;

	for (size_t i = 0; i < crew->n_rounds; i++) {
		int64_t first = INT64_MAX, last = 0;

		for (size_t l = 0; l < crew->n_lanes; l++) {
			const int64_t at = crew->lanes[l].start_ns[i];

			first = at < first ? at : first;
			last = at > last ? at : last;
		}
		worst = last - first > worst ? last - first : worst;
	}
	if (crew->lanes[0].trial->start_skew_s != NULL)
		*crew->lanes[0].trial->start_skew_s = (double)worst / 1e9;
	return rs_bench_note(sink, err, "%zu guests were started together, at most %.3f ms apart",
			     crew->n_lanes, (double)worst / 1e6);
}

static int first_failure(const struct crew *crew, struct rs_err *err)
{
	for (size_t l = 0; l < crew->n_lanes; l++)
		if (crew->lanes[l].err.kind != RS_ERR_NONE)
			return rs_err_set(err, crew->lanes[l].err.kind, "guest \"%s\": %s",
					  crew->lanes[l].guest->name, crew->lanes[l].err.text);
	return 0;
}

int rs_lanes_run(const struct rs_trial *t, size_t n_rounds, enum rs_lane_generator generator,
		 rs_lane_fn *fn, void *user, const struct rs_sink *sink, struct rs_err *err)
{
	struct crew crew = { .n_lanes = t->n_guests, .n_rounds = n_rounds, .fn = fn,
			     .user = user };
	int rc = 0;

	if (t->n_guests == 0)
		return rs_err_set(err, RS_ERR_INTERNAL, "a trial without a guest");
	crew.lanes = rs_alloc(t->n_guests, sizeof(*crew.lanes), err);
	if (crew.lanes == NULL)
		return -1;
	for (size_t i = 0; i < t->n_guests && rc == 0; i++)
		rc = lane_open(&crew.lanes[i], t, i, n_rounds, generator, err);
	if (rc == 0) {
		if (t->benchmark->sequential || t->n_guests == 1)
			run_in_turn(&crew);
		else
			rc = run_side_by_side(&crew, err);
		if (rc == 0 && t->n_guests > 1 && !t->benchmark->sequential)
			rc = note_skew(&crew, sink, err);
		if (rc == 0)
			rc = first_failure(&crew, err);
	}
	for (size_t i = 0; i < t->n_guests; i++)
		lane_close(&crew.lanes[i]);
	free(crew.lanes);
	return rc;
}
