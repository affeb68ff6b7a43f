/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a shard on this machine: brings up the storage, then goes through the cells in
 * their order, keeping a system's guests up as long as the next cell wants the same.
 */
#include "shard_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "effort_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"
#include "restudy/base/text.h"
#include "restudy/bench.h"
#include "restudy/testbed/storage.h"
#include "pulse_priv.h"

/* How long a mirror may take to be synchronised before anything is measured. */
static const double SYNC_LIMIT_S = 600;

/* What a cell has given so far. */
struct gathered {
	struct rs_sample *samples;
	struct rs_note *notes;
	size_t n_samples, n_notes, n_counters;
	struct rs_counter counters[RS_PULSE_COUNTERS + RS_PULSE_GUEST_COUNTERS + 1];
};

/* The system that is up. */
struct standing {
	const struct rs_system *system;		/* NULL: none */
	int guests;
	struct rs_instance *instance;
	int own_kernels;			/* of its guests */
};

struct worker {
	const struct rs_shard *s;
	rs_shard_fn *tell;
	void *user;
	struct rs_place place;
	struct rs_channel *generator;
	struct standing up;
	char *described;	/* owned: for each system of the plan, whether it was */
	int degraded;		/* arrays that are known to lack a member */
};

double rs_wall_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int tell_phase(struct worker *w, enum rs_phase phase, double seconds, const char *text,
		      struct rs_err *err)
{
	struct rs_shard_event e = { .kind = RS_SHARD_PHASE, .wall_s = rs_wall_s(), .phase = phase,
				    .text = text, .seconds = seconds };

	return w->tell(w->user, &e, err);
}

static int tell_fact(struct worker *w, const char *key, const char *text, struct rs_err *err)
{
	struct rs_shard_event e = { .kind = RS_SHARD_FACT, .wall_s = rs_wall_s(), .key = key,
				    .text = text };

	return w->tell(w->user, &e, err);
}

static int tell_end(struct worker *w, const struct rs_cell *c, enum rs_cell_state state,
		    const char *reason, const struct gathered *g, struct rs_err *err)
{
	struct rs_shard_event e = { .kind = RS_SHARD_CELL_END, .wall_s = rs_wall_s(), .cell = *c,
				    .state = state, .text = reason, .samples = g->samples,
				    .n_samples = g->n_samples, .notes = g->notes,
				    .n_notes = g->n_notes, .counters = g->counters,
				    .n_counters = g->n_counters };

	return w->tell(w->user, &e, err);
}

static int gather_sample(void *user, const struct rs_sample *s, struct rs_err *err)
{
	struct gathered *g = user;
	struct rs_sample *to = rs_array_grow(&g->samples, g->n_samples, sizeof(*to), err);

	if (to == NULL)
		return -1;
	*to = *s;
	g->n_samples++;
	return 0;
}

static int gather_note(void *user, const struct rs_note *n, struct rs_err *err)
{
	struct gathered *g = user;
	struct rs_note *to = rs_array_grow(&g->notes, g->n_notes, sizeof(*to), err);

	if (to == NULL)
		return -1;
	*to = *n;
	rs_text_make_line(to->text);	/* it may quote a guest, and be cut within a character */
	g->n_notes++;
	return 0;
}

/* Stops the system that is up.  Trouble in it is told, and does not end the shard. */
static int take_down(struct worker *w, struct rs_err *err)
{
	struct rs_err trouble = RS_ERR_INIT;
	int64_t begin = rs_clock_ns();
	char text[1200];

	if (w->up.instance == NULL)
		return 0;
	if (rs_instance_stop(w->up.instance, &trouble) < 0)
		(void)snprintf(text, sizeof(text), "%s: %s", w->up.system->id, trouble.text);
	else
		(void)snprintf(text, sizeof(text), "%s stopped", w->up.system->id);
	w->up = (struct standing){ 0 };
	return tell_phase(w, RS_PHASE_TEARDOWN, (double)(rs_clock_ns() - begin) / 1e9, text, err);
}

/*
 * The platform that realises a system here: its own, or the substitute the plan names
 * for it.  NULL with the reason in why when neither works.
 */
static const struct rs_platform *choose_platform(struct worker *w, const struct rs_system *sys,
						 struct rs_err *why, struct rs_err *err)
{
	const struct rs_platform *p = rs_platform_of(sys->platform);
	char key[100], text[1600];

	if (p->unavailable != NULL)
		(void)rs_err_set(why, RS_ERR_MACHINE, "%s", p->unavailable);
	else if (p->probe(&w->place, why) == 0)
		return p;
	if (!sys->has_substitute)
		return NULL;
	p = rs_platform_of(sys->substitute);
	(void)snprintf(key, sizeof(key), "substitute.%s", sys->id);
	(void)snprintf(text, sizeof(text), "%s stands in for %s: %s", p->title,
		       rs_platform_name(sys->platform), why->text);
	rs_err_clear(why);
	if (p->unavailable != NULL)
		(void)rs_err_set(why, RS_ERR_MACHINE, "%s", p->unavailable);
	else if (p->probe(&w->place, why) == 0)
		return tell_fact(w, key, text, err) < 0 ? NULL : p;
	(void)rs_err_wrap(why, "neither %s nor its substitute works here",
			  rs_platform_name(sys->platform));
	return NULL;
}

static int tell_launch(struct worker *w, const struct rs_platform *p, double seconds,
		       struct rs_err *err)
{
	const char *id = w->up.system->id;
	char key[100], text[300], span[40];

	(void)snprintf(key, sizeof(key), "platform.%s", id);
	if (tell_fact(w, key, p->name, err) < 0)
		return -1;
	(void)snprintf(text, sizeof(text), "%s: %s, %d guest%s, answering after %s", id, p->title,
		       w->up.guests, w->up.guests == 1 ? "" : "s",
		       rs_clock_span(span, sizeof(span), seconds));
	return tell_phase(w, RS_PHASE_LAUNCH, seconds, text, err);
}

/* Writes what was really configured below environment/<boot>/<system>/, and tells what it
 * took: amounts once for a system. */
static int describe(struct worker *w, const struct rs_platform *p, int64_t begin_ns,
		    struct rs_err *err)
{
	const size_t number = (size_t)(w->up.system - w->s->plan->systems);
	struct rs_launch l = { w->up.system, p, w->up.instance, w->up.guests, begin_ns, w->s->boot, NULL };
	RS_AUTO_STR *folder = rs_asprintf(err, "%s/environment/%s/%s", w->s->folder,
					  rs_boot_name(w->s->boot), w->up.system->id);

	if (folder == NULL || rs_path_mkdirs(folder, err) < 0 ||
	    rs_instance_describe(w->up.instance, folder, err) < 0)
		return -1;
	l.described = folder;
	if (rs_effort_times(&l, w->tell, w->user, err) < 0)
		return -1;
	if (w->described[number])
		return 0;
	w->described[number] = 1;
	return rs_effort_amounts(&l, w->tell, w->user, err);
}

static int have_own_kernels(const struct worker *w)
{
	const struct rs_guest *guests = NULL;
	const size_t n = rs_instance_guests(w->up.instance, &guests);

	return w->up.guests > 0 && n > 0 && rs_pulse_own_kernel(guests[0].channel);
}

/*
 * Makes the system of a cell stand.  0 also when it cannot: then why says it and
 * *missing tells whether it never will on this machine.
 */
static int bring_up(struct worker *w, const struct rs_cell *c, const struct rs_sink *notes,
		    struct rs_err *why, int *missing, struct rs_err *err)
{
	const struct rs_system *sys = rs_plan_system(w->s->plan, c->system);
	const struct rs_platform *p;
	double seconds;
	int64_t begin;

	*missing = 0;
	if (sys == NULL || rs_plan_benchmark(w->s->plan, c->benchmark) == NULL)
		return rs_err_set(err, RS_ERR_PLAN, "the shard has a cell that the plan has not: %s, %s",
				  c->system, c->benchmark);
	if (w->up.instance != NULL && w->up.system == sys && w->up.guests == c->guests)
		return 0;
	if (take_down(w, err) < 0)
		return -1;
	p = choose_platform(w, sys, why, err);
	if (p == NULL) {
		*missing = 1;
		return why->kind != RS_ERR_NONE ? 0 : -1;
	}
	begin = rs_clock_ns();
	w->up.instance = rs_instance_start(p, sys, c->guests, &w->place, notes, why);
	if (w->up.instance == NULL)
		return 0;
	w->up.system = sys;
	w->up.guests = c->guests;
	w->up.own_kernels = have_own_kernels(w);
	seconds = (double)(rs_clock_ns() - begin) / 1e9;
	if (tell_launch(w, p, seconds, err) < 0)
		return -1;
	return describe(w, p, begin, err);
}

/* What went on meanwhile, and whether it was too much. */
static int gather_pulse(struct gathered *g, const struct rs_pulse *begin, double skew_s,
			struct rs_err *err)
{
	struct rs_note note = { RS_NOTE_WARNING, "" };
	RS_AUTO_BUF why = RS_BUF_INIT;

	rs_pulse_since(begin, g->counters);
	g->n_counters = RS_PULSE_COUNTERS;
	if (skew_s >= 0)
		g->counters[g->n_counters++] = (struct rs_counter){ "start-skew", "s", skew_s };
	rs_pulse_judge(g->counters, g->n_counters, &why);
	if (rs_buf_check(&why, err) < 0)
		return -1;
	if (why.len == 0)
		return 0;
	(void)snprintf(note.text, sizeof(note.text), RS_NOTE_DISTURBED "%s", rs_buf_str(&why));
	return gather_note(g, &note, err);
}

/* The kernels of guests that have their own, added up; -1: there are none, or one is silent. */
static int look_at_guests(const struct worker *w, const struct rs_trial *t, struct rs_pulse *sum)
{
	memset(sum, 0, sizeof(*sum));
	if (!w->up.own_kernels)
		return -1;
	for (size_t i = 0; i < t->n_guests; i++)
		if (rs_pulse_add_guest(sum, t->guests[i].channel) < 0)
			return -1;
	return 0;
}

/* One trial on the system that stands; its raw files and what it gave. */
static int measure(struct worker *w, const struct rs_cell *c, struct gathered *g, struct rs_err *why)
{
	const struct rs_sink sink = { gather_sample, gather_note, g };
	const struct rs_benchmark *b = rs_plan_benchmark(w->s->plan, c->benchmark);
	const struct rs_guest *guests = NULL;
	double skew_s = -1;
	char cell[256];
	RS_AUTO_STR *source = w->s->sources != NULL ? rs_path_join(w->s->sources, b->id, why) : NULL;
	RS_AUTO_STR *raw = rs_asprintf(why, "%s/raw/%s", w->s->folder,
				       rs_cell_folder(cell, sizeof(cell), c));
	struct rs_trial t = {
		.benchmark = b, .system = c->system, .generator = w->generator, .trial = c->trial,
		.duration_s = rs_plan_duration_s(b, w->s->profile), .emulated = w->s->emulated,
		.kernels = w->s->kernels, .start_skew_s = &skew_s, .raw = raw,
		.source = source != NULL && rs_path_exists(source) ? source : NULL,
	};
	struct rs_pulse begin, guests_begin, guests_end;
	int rc, looked;

	t.n_guests = rs_instance_guests(w->up.instance, &guests);
	t.guests = guests;
	if (raw == NULL || rs_path_remove_tree(raw, why) < 0 || rs_path_mkdirs(raw, why) < 0)
		return -1;
	if (b->pause_s > 0)
		rs_clock_sleep(b->pause_s);
	if (rs_stop_check(why) < 0)
		return -1;
	looked = look_at_guests(w, &t, &guests_begin);
	rs_pulse_take(&begin, "");
	rc = rs_bench_trial(&t, &sink, why);
	if (gather_pulse(g, &begin, skew_s, rc == 0 ? why : NULL) < 0)
		rc = -1;
	rs_pulse_release(&begin);
	if (looked == 0 && look_at_guests(w, &t, &guests_end) == 0) {
		rs_pulse_guests_between(&guests_begin, &guests_end, &g->counters[g->n_counters]);
		g->n_counters += RS_PULSE_GUEST_COUNTERS;
	}
	return rc;
}

/* An array that lost a disk meanwhile is told with the first cell that was measured so. */
static int note_degraded(struct worker *w, struct gathered *g, struct rs_err *err)
{
	struct rs_note n = { .level = RS_NOTE_WARNING };
	RS_AUTO_BUF state = RS_BUF_INIT;
	int degraded = 0;

	if (!w->place.volumes ||
	    rs_storage_state(&w->s->plan->hardware, &state, &degraded, NULL) < 0 ||
	    degraded <= w->degraded)
		return 0;
	w->degraded = degraded;
	(void)snprintf(n.text, sizeof(n.text), "an array lost a disk, from here on it is degraded: %.*s",
		       (int)strcspn(rs_buf_str(&state), "\n"), rs_buf_str(&state));
	if (gather_note(g, &n, err) < 0)
		return -1;
	return tell_fact(w, "storage.degraded", rs_buf_str(&state), err);
}

/* What a guest's channel says of its end is not that it ended. */
static void name_ended(const struct worker *w, struct rs_err *why)
{
	const char *name = w->up.instance != NULL ? rs_instance_ended(w->up.instance) : NULL;

	if (name != NULL)
		(void)rs_err_wrap(why, "guest \"%s\" ended while it was measured", name);
}

static int run_cell(struct worker *w, const struct rs_cell *c, struct rs_err *err)
{
	struct rs_shard_event start = { .kind = RS_SHARD_CELL_START, .wall_s = rs_wall_s(), .cell = *c };
	struct rs_err why = RS_ERR_INIT;
	struct gathered g = { 0 };
	const struct rs_sink sink = { gather_sample, gather_note, &g };
	int missing = 0, rc;

	if (rs_stop_check(err) < 0 || w->tell(w->user, &start, err) < 0)
		return -1;
	rc = bring_up(w, c, &sink, &why, &missing, err);
	if (rc == 0 && why.kind == RS_ERR_NONE && measure(w, c, &g, &why) < 0 && !rs_stop_requested())
		name_ended(w, &why);
	if (rc == 0)
		rc = note_degraded(w, &g, err);
	/* What a stop broke off is not failed: it stays pending and is repeated. */
	if (rc == 0 && (why.kind == RS_ERR_INTERRUPTED || rs_stop_requested()))
		rc = rs_stop_check(err) < 0 ? -1 : rs_err_set(err, RS_ERR_INTERRUPTED, "%s", why.text);
	else if (rc == 0 && why.kind == RS_ERR_NONE)
		rc = tell_end(w, c, RS_CELL_DONE, NULL, &g, err);
	else if (rc == 0)
		rc = tell_end(w, c, missing ? RS_CELL_MISSING : RS_CELL_FAILED, why.text, &g, err);
	/* What a failure may have hurt, a guest that crashed, is not there for the next cell. */
	if (rc == 0 && why.kind != RS_ERR_NONE)
		rc = take_down(w, err);
	free(g.samples);
	free(g.notes);
	return rc;
}

static int tell_unrest(void *user, const char *key, const char *text, struct rs_err *err)
{
	struct worker *w = user;

	(void)key;
	return tell_fact(w, RS_FACT_UNREST, text, err);
}

/* A mirror that is copied would take the disks' time from what is measured: it is waited for, and
 * told when it takes too long. */
static int await_sync(struct worker *w, struct rs_err *err)
{
	RS_AUTO_BUF syncs = RS_BUF_INIT;
	RS_AUTO_STR *text = NULL;

	if (rs_storage_await_sync(&w->s->plan->hardware, SYNC_LIMIT_S, &syncs, err) < 0)
		return -1;
	if (syncs.len == 0)
		return 0;
	text = rs_asprintf(err, "an array was not synchronised after %.0f s, which goes on beside the "
			   "measurements: %s", SYNC_LIMIT_S, rs_buf_str(&syncs));
	return text == NULL ? -1 : tell_unrest(w, "storage", text, err);
}

static int bring_up_storage(struct worker *w, struct rs_err *err)
{
	const struct rs_hardware *hw = &w->s->plan->hardware;
	RS_AUTO_BUF state = RS_BUF_INIT;
	int64_t begin = rs_clock_ns();
	int degraded = 0;

	if (w->s->devices == NULL)
		return 0;
	if (rs_storage_bring_up(hw, (const char *const *)w->s->devices, w->s->run_id, err) < 0 ||
	    await_sync(w, err) < 0 || rs_storage_state(hw, &state, &degraded, err) < 0)
		return -1;
	w->place.volumes = 1;
	w->degraded = degraded;
	if (tell_phase(w, RS_PHASE_PROVISION, (double)(rs_clock_ns() - begin) / 1e9,
		       "storage: arrays, volume groups and file systems are up", err) < 0)
		return -1;
	return tell_fact(w, degraded > 0 ? "storage.degraded" : "storage.state", rs_buf_str(&state), err);
}

/* What an earlier, killed run left on this machine would be in the way of this one. */
static void clear_leftovers(const struct worker *w)
{
	RS_AUTO_BUF removed = RS_BUF_INIT;

	for (const struct rs_platform *const *p = rs_platforms(); *p != NULL; p++)
		if ((*p)->leftovers != NULL && (*p)->leftovers(&w->place, 1, &removed, NULL) < 0)
			rs_buf_clear(&removed);	/* what is in the way will say so itself */
}

static int run_cells(struct worker *w, struct rs_err *err)
{
	int rc = 0;

	clear_leftovers(w);
	if (rs_environment_capture(w->s->folder, w->s->boot, w->tell, w->user, err) < 0 ||
	    bring_up_storage(w, err) < 0 || rs_quiet_check("", tell_unrest, w, err) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < w->s->n_cells; i++)
		rc = run_cell(w, &w->s->cells[i], err);
	return take_down(w, rc == 0 ? err : NULL) < 0 ? -1 : rc;
}

int rs_shard_run(const struct rs_shard *s, rs_shard_fn *tell, void *user, struct rs_err *err)
{
	RS_AUTO_CHANNEL *generator = rs_channel_local(err);
	RS_AUTO_STR *folder = rs_asprintf(err, "%s/guests", s->folder);
	struct worker w = {
		.s = s, .tell = tell, .user = user, .generator = generator,
		.place = { .folder = folder, .run_id = s->run_id, .root = s->root,
			   .guest_root = s->guest_root, .agent = s->agent,
			   .kernels = s->kernels, .kernel = s->kernel, .initrd = s->initrd,
			   .hardware = s->plan->has_hardware ? &s->plan->hardware : NULL,
			   .emulated = s->emulated },
	};
	int rc = -1;

	w.described = rs_alloc(s->plan->n_systems + 1, 1, err);
	if (w.described != NULL && generator != NULL && folder != NULL && rs_path_mkdirs(folder, err) == 0)
		rc = run_cells(&w, err);
	if (folder != NULL)
		(void)rmdir(folder);	/* empty when all guests are gone */
	free(w.described);
	return rc;
}
