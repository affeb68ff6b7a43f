/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run.db: the only truth about a run, the only INSERT and SELECT of the program.
 * Cells are committed as they finish (WAL, synchronous FULL).
 */
#ifndef RESTUDY_STORE_H
#define RESTUDY_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/err.h"
#include "restudy/model/sample.h"

struct rs_store;

/* Makes a new store (an existing file is an error) or opens one.  NULL with err. */
struct rs_store *rs_store_create(const char *path, struct rs_err *err) RS_MUST_CHECK;
struct rs_store *rs_store_open(const char *path, struct rs_err *err) RS_MUST_CHECK;
/* Opens for reading alone; nothing beside the file is written. */
struct rs_store *rs_store_open_readonly(const char *path, struct rs_err *err) RS_MUST_CHECK;
void rs_store_close(struct rs_store *s);
void rs_store_closep(struct rs_store **s);
#define RS_AUTO_STORE __attribute__((cleanup(rs_store_closep))) struct rs_store

/* Facts of the run: "study", "profile", "testbed", "accel", "seed", "started",
 * "finished", "emulated", ...  get: owned text or NULL (no such fact: no error). */
int rs_store_set_fact(struct rs_store *s, const char *key, const char *value, struct rs_err *err)
	RS_MUST_CHECK;
int rs_store_get_fact(struct rs_store *s, const char *key, char **ret, struct rs_err *err)
	RS_MUST_CHECK;

/* The planned cells, once, with their order. */
int rs_store_plan_cells(struct rs_store *s, const struct rs_cell *cells, size_t n,
			struct rs_err *err) RS_MUST_CHECK;

struct rs_cell_record {
	struct rs_cell cell;
	enum rs_cell_state state;
	char *reason;			/* failed, missing: never NULL then; owned */
	int order;			/* from 0 */
	double started_s, finished_s;	/* wall clock, 0: not */
	int attempts;
};
void rs_cell_records_free(struct rs_cell_record *r, size_t n);

int rs_store_cells(struct rs_store *s, struct rs_cell_record **ret, size_t *ret_n,
		   struct rs_err *err) RS_MUST_CHECK;

int rs_store_cell_start(struct rs_store *s, const struct rs_cell *c, double wall_s,
			struct rs_err *err) RS_MUST_CHECK;

/*
 * Ends a cell in one transaction: its state, reason and all its samples and notes.
 * A cell that is done already is left as it is (merging twice changes nothing).
 */
int rs_store_cell_end(struct rs_store *s, const struct rs_cell *c, enum rs_cell_state state,
		      const char *reason, double wall_s, const struct rs_sample *samples,
		      size_t n_samples, const struct rs_note *notes, size_t n_notes,
		      struct rs_err *err) RS_MUST_CHECK;

/* Cells that were running when the program died become pending again. */
int rs_store_recover(struct rs_store *s, struct rs_err *err) RS_MUST_CHECK;

/* Samples of done cells with trial >= 1, sorted by system, guests, benchmark, metric,
 * guest, trial.  Filters may be NULL.  ret: released by rs_series_set_release. */
int rs_store_series(struct rs_store *s, const char *system, const char *benchmark,
		    const char *metric, struct rs_series_set *ret, struct rs_err *err) RS_MUST_CHECK;

struct rs_event {
	double wall_s;
	char *phase, *what;	/* owned */
	double seconds;		/* duration, < 0: none */
};
void rs_events_free(struct rs_event *e, size_t n);

/* The diary: phases with their times, notes that are of no cell. */
int rs_store_add_event(struct rs_store *s, const char *phase, const char *what, double wall_s,
		       double seconds, struct rs_err *err) RS_MUST_CHECK;
int rs_store_events(struct rs_store *s, struct rs_event **ret, size_t *ret_n, struct rs_err *err)
	RS_MUST_CHECK;

struct rs_cell_note {
	struct rs_cell cell;
	struct rs_note note;
};
/* All notes of cells, in cell order; free() releases. */
int rs_store_notes(struct rs_store *s, struct rs_cell_note **ret, size_t *ret_n,
		   struct rs_err *err) RS_MUST_CHECK;

/* Environment per boot: key, value ("cpu.model", ...).  sorted by boot, key. */
struct rs_env_fact {
	char *boot, *key, *value;	/* owned */
};
void rs_env_facts_free(struct rs_env_fact *f, size_t n);
int rs_store_set_env(struct rs_store *s, const char *boot, const char *key, const char *value,
		     struct rs_err *err) RS_MUST_CHECK;
int rs_store_env(struct rs_store *s, struct rs_env_fact **ret, size_t *ret_n, struct rs_err *err)
	RS_MUST_CHECK;

/* Tidy CSV "system,guests,guest,benchmark,metric,unit,trial,value" into path. */
int rs_store_export_csv(struct rs_store *s, const char *path, struct rs_err *err) RS_MUST_CHECK;

#endif
