/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A shard: some cells of a plan, run on one machine by a worker.  Everything it has
 * to say is an event; in this process the event goes to a function, from a testbed it
 * comes as one JSON line.  The coordinator handles both alike, so that a laptop, the
 * virtual testbed and a server are the same thing to the store.
 */
#ifndef RESTUDY_RUN_SHARD_PRIV_H
#define RESTUDY_RUN_SHARD_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/buf.h"
#include "restudy/base/err.h"
#include "restudy/model/plan.h"
#include "restudy/model/sample.h"
#include "restudy/platform.h"

struct rs_shard {
	const struct rs_plan *plan;		/* borrowed */
	const struct rs_profile *profile;	/* borrowed, or NULL */
	enum rs_boot boot;
	char *folder;			/* owned: raw/ and environment/ are written below it */
	char *run_id, *root, *guest_root, *agent, *kernels, *kernel, *initrd;	/* owned; see struct rs_place */
	char *sources;			/* owned: folder of archives by benchmark id, or NULL */
	char **devices;			/* block devices of the plan's disks, in their order, or NULL */
	int emulated;
	struct rs_cell *cells;		/* owned, in their order */
	size_t n_cells;
};
void rs_shard_release(struct rs_shard *s);

enum rs_shard_event_kind {
	RS_SHARD_PHASE,		/* phase, text, seconds (< 0: it begins) */
	RS_SHARD_ENV,		/* key, text */
	RS_SHARD_FACT,		/* key, text */
	RS_SHARD_CELL_START,	/* cell */
	RS_SHARD_CELL_END,	/* cell, state, text (reason), samples, notes, counters */
	RS_SHARD_LAST
};

struct rs_shard_event {
	enum rs_shard_event_kind kind;
	double wall_s;
	enum rs_phase phase;
	const char *key, *text;		/* borrowed; text may be NULL */
	double seconds;
	struct rs_cell cell;
	enum rs_cell_state state;
	const struct rs_sample *samples;
	size_t n_samples;
	const struct rs_note *notes;
	size_t n_notes;
	const struct rs_counter *counters;
	size_t n_counters;
};

/* The key of a fact that the machine was not quiet before its cells.  There may be many: they are
 * kept as "unrest.01", "unrest.02", ... with "BOOT|text". */
#define RS_FACT_UNREST "unrest"

/* A negative return ends the shard. */
typedef int rs_shard_fn(void *user, const struct rs_shard_event *e, struct rs_err *err);

/* Runs a shard on this machine: storage, systems, cells, in order.  -1 only when the
 * whole shard cannot go on (stop asked for, storage refused); a cell's own trouble is
 * an event. */
int rs_shard_run(const struct rs_shard *s, rs_shard_fn *tell, void *user, struct rs_err *err)
	RS_MUST_CHECK;

/* Environment of this machine as RS_SHARD_ENV events, and its files below
 * folder/environment/<boot>/. */
int rs_environment_capture(const char *folder, enum rs_boot boot, rs_shard_fn *tell, void *user,
			   struct rs_err *err) RS_MUST_CHECK;

/* Seconds since 1970 with their fraction. */
double rs_wall_s(void);

/* An event as one JSON line without the newline, and back (handing it to tell).  A line
 * that is no event is an error that quotes its beginning. */
int rs_shard_event_to_json(const struct rs_shard_event *e, struct rs_buf *out, struct rs_err *err)
	RS_MUST_CHECK;
int rs_shard_event_from_json(const char *line, rs_shard_fn *tell, void *user, struct rs_err *err)
	RS_MUST_CHECK;

/* The shard's file: all but the plan, which lies beside it as plan.xml. */
int rs_shard_to_json(const struct rs_shard *s, struct rs_buf *out, struct rs_err *err) RS_MUST_CHECK;
int rs_shard_from_json(const char *text, struct rs_shard *s, char **ret_profile, struct rs_err *err)
	RS_MUST_CHECK;

#endif
