/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a plan: phases, order of cells, resume, shards.  It knows all modules of ours
 * and no foreign library but the JSON of the worker's events.
 */
#ifndef RESTUDY_RUN_H
#define RESTUDY_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/buf.h"
#include "restudy/base/err.h"
#include "restudy/model/plan.h"
#include "restudy/store.h"
#include "restudy/testbed.h"

/* What the user chose.  All borrowed. */
struct rs_run_options {
	const char *plan_path;
	const char *folder;		/* run folder, or NULL: reports/<study>-<UTC> */
	const char *profile;		/* id, or NULL: the first */
	const char *testbed;		/* "virtual" (NULL), "local", "ssh://..." */
	enum rs_accel accel;
	int resume;
	int has_seed;
	uint64_t seed;			/* else the plan's */
	const char *only_system, *only_benchmark;	/* or NULL */
	int keep_testbed;
	const char *program, *agent, *kernels;	/* paths of our own programs */
};

/* Progress, for a person or a program: called from one thread. */
struct rs_run_watch {
	void (*event)(void *user, const char *phase, const char *text);
	/* A cell changed: done cells of total, seconds still expected (< 0: unknown). */
	void (*cell)(void *user, const struct rs_cell *c, enum rs_cell_state state,
		     const char *reason, size_t finished, size_t total, double left_s);
	void *user;
};

/*
 * Runs plan (already loaded from o->plan_path) and renders the report.  *ret_folder:
 * the run folder (owned), also on failure when it was made.  0 when every cell is
 * done, 1 when some failed or are missing, -1 with err.
 */
int rs_run(const struct rs_plan *plan, const struct rs_run_options *o,
	   const struct rs_run_watch *watch, char **ret_folder, struct rs_err *err) RS_MUST_CHECK;

/*
 * The cells of a plan in their order: boots outermost, within a boot the trials are
 * interleaved over systems, which are shuffled anew for each trial, as are a system's
 * benchmarks.  boots[i]: what system i is booted with; RS_BOOT_LAST: its cells are left
 * out.  free() releases.
 */
int rs_run_order(const struct rs_plan *plan, const struct rs_profile *profile, uint64_t seed,
		 const enum rs_boot *boots, struct rs_cell **ret, size_t *ret_n,
		 struct rs_err *err) RS_MUST_CHECK;

/* Dry run: every command, what it changes, predicted time and disk. */
int rs_run_steps(const struct rs_plan *plan, const struct rs_run_options *o, struct rs_buf *out,
		 struct rs_err *err) RS_MUST_CHECK;

/* What became of the values of a run when its raw bytes were read again. */
struct rs_reread {
	size_t cells, values;	/* the same */
	size_t masked;		/* cells that cannot be read so, since archiving masked something in them */
	size_t imported;	/* cells of an import, whose source no adapter reads */
};

/*
 * Reads the raw bytes of every finished cell again, by the adapter of its benchmark: the store
 * has the values that they give, no other and no more.  folder: of the run, or of a bag's
 * payload.  0, or -1 with the first cell that differs.
 */
int rs_run_reread(const struct rs_plan *plan, struct rs_store *store, const char *folder,
		  struct rs_reread *ret, struct rs_err *err) RS_MUST_CHECK;

/* The worker's side: runs the shard whose file is at path, on this machine, events as
 * JSON lines on stdout. */
int rs_run_worker(const char *shard_path, struct rs_err *err) RS_MUST_CHECK;

#endif
