/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run in progress, as the coordinator's files share it. */
#ifndef RESTUDY_RUN_COORDINATOR_PRIV_H
#define RESTUDY_RUN_COORDINATOR_PRIV_H

#include "pulse_priv.h"
#include "restudy/run.h"
#include "shard_priv.h"

struct rs_coordinator {
	const struct rs_plan *plan;
	const struct rs_run_options *o;
	const struct rs_run_watch *watch;
	const struct rs_profile *profile;	/* or NULL */
	char *folder;			/* owned: the run folder */
	char *profile_id, *testbed_kind;	/* owned */
	uint64_t seed;
	int lock_fd;
	char run_id[64];
	struct rs_store *store;		/* owned */
	struct rs_testbed *testbed;	/* owned, or NULL */
	char **sources;			/* owned: by benchmark, its archive here, or NULL */
	struct rs_channel *files;	/* owned, or NULL: the shard's folder is this run's */
	const char *shard_folder;	/* inside the testbed; borrowed */
	enum rs_boot boot;
	int booted;			/* the testbed was up before: a machine of ours may run */
	int fresh;			/* the run was made now, and no boot of it has begun */
	int resumed;			/* a changed environment ends the run */
	struct rs_cell current;		/* the cell that runs; system "" for none */
	struct rs_pulse host;		/* of the machine under a virtual testbed when that cell began;
					   wall_ns 0: none */
	size_t total, finished;
	size_t told;			/* by workers, beside cells: a worker that never ends is stopped */
	double left_s;			/* predicted seconds of what is not finished */
};

/* Makes or opens the run folder and its store; the lock says who holds it. */
int rs_coordinator_open(struct rs_coordinator *c, struct rs_err *err) RS_MUST_CHECK;
void rs_coordinator_release(struct rs_coordinator *c);
/* Removes the run folder of a run that is fresh, so that the same command can be given again
 * when what it lacked is there; files of others, and what the testbed left, stay with it. */
void rs_coordinator_discard(struct rs_coordinator *c);

/* Takes in one event of a shard: raw files first, then the store.  user: the coordinator. */
int rs_coordinator_merge(void *user, const struct rs_shard_event *e, struct rs_err *err);

/* Tells the diary and the one who watches. */
int rs_coordinator_tell(struct rs_coordinator *c, const char *phase, const char *text,
			double seconds, struct rs_err *err) RS_MUST_CHECK;

/* Keeps that a machine was not quiet as a numbered fact; where: the boot, or "testbed's host". */
int rs_coordinator_unrest(struct rs_coordinator *c, const char *where, const char *text,
			  struct rs_err *err) RS_MUST_CHECK;

/* What is told of a cell that has ended: the worker's words, and the host's under a virtual
 * testbed, whose counters are "host-..." and whose unrest disturbs the cell as the worker's does. */
struct rs_cell_told {
	struct rs_note *notes;		/* owned */
	size_t n_notes;
	struct rs_counter *counters;	/* owned */
	size_t n_counters;
};

/* When a cell begins, and when it has ended.  ret is the caller's to release, also after -1. */
void rs_coordinator_watch_host(struct rs_coordinator *c);
int rs_coordinator_told(struct rs_coordinator *c, const struct rs_shard_event *e,
			struct rs_cell_told *ret, struct rs_err *err) RS_MUST_CHECK;
void rs_cell_told_release(struct rs_cell_told *t);

/* Predicted seconds of a cell. */
double rs_coordinator_predict_s(const struct rs_coordinator *c, const struct rs_cell *cell);

/* What each system is booted with where rs_testbed_running says that: its own boot, or plain where
 * its substitute stands in.  boots: n_systems elements. */
void rs_coordinator_boots(const struct rs_plan *plan, enum rs_boot running, enum rs_boot *boots);

/* Rows of the packages that guests and host do not have in the same version.  add: takes a
 * row's four texts. */
typedef int rs_deviation_fn(void *user, const char *what, const char *planned, const char *real,
			    const char *why, struct rs_err *err);
int rs_coordinator_package_rows(const struct rs_coordinator *c, const char *boot,
				rs_deviation_fn *add, void *user, struct rs_err *err) RS_MUST_CHECK;

/* Facts "deviation.N": what of the plan's hardware and images is not what was there. */
int rs_coordinator_deviations(struct rs_coordinator *c, struct rs_err *err) RS_MUST_CHECK;

#endif
