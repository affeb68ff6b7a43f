/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run.db: the only truth about a run, the only INSERT and SELECT of the program.
 * Cells are committed as they finish (WAL, synchronous FULL).  One thread uses a
 * store at a time; several programs may use one file.
 */
#ifndef RESTUDY_STORE_H
#define RESTUDY_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/err.h"
#include "restudy/model/sample.h"

struct rs_store;

/* Makes a new store (an existing file is an error) or opens one.  NULL with err.
 * Another writer is waited for, 10 s at most. */
struct rs_store *rs_store_create(const char *path, struct rs_err *err) RS_MUST_CHECK;
struct rs_store *rs_store_open(const char *path, struct rs_err *err) RS_MUST_CHECK;
/*
 * Opens for reading alone, also while a run writes it, also on a read-only file
 * system; no file beside it is made, changed or removed.
 */
struct rs_store *rs_store_open_readonly(const char *path, struct rs_err *err) RS_MUST_CHECK;
/* Makes one self-contained file of it (no -wal, no -shm): the end of a run.  The store
 * stays usable. */
int rs_store_finish(struct rs_store *s, struct rs_err *err) RS_MUST_CHECK;
/* Closes; does what rs_store_finish does when nobody else has the file open. */
void rs_store_close(struct rs_store *s);
void rs_store_closep(struct rs_store **s);
#define RS_AUTO_STORE __attribute__((cleanup(rs_store_closep))) struct rs_store

/* Facts of the run: "study", "profile", "testbed", "accel", "seed", "started",
 * "finished", "emulated", ...  set: NULL removes it.  get: owned text or NULL (no such fact:
 * no error). */
int rs_store_set_fact(struct rs_store *s, const char *key, const char *value, struct rs_err *err)
	RS_MUST_CHECK;
int rs_store_get_fact(struct rs_store *s, const char *key, char **ret, struct rs_err *err)
	RS_MUST_CHECK;

/*
 * Many cells in one transaction, for imports: nothing is kept unless commit succeeds.
 * Calls between the two are part of it; closing without commit gives it up, which is all that
 * can be done after one of them failed.
 */
int rs_store_begin(struct rs_store *s, struct rs_err *err) RS_MUST_CHECK;
int rs_store_commit(struct rs_store *s, struct rs_err *err) RS_MUST_CHECK;

/* The planned cells, once, with their order.  The same cells again change nothing;
 * others are an error (the plan of a run does not change). */
int rs_store_plan_cells(struct rs_store *s, const struct rs_cell *cells, size_t n,
			struct rs_err *err) RS_MUST_CHECK;

struct rs_cell_record {
	struct rs_cell cell;
	enum rs_cell_state state;
	char *reason;			/* failed, missing: never NULL then; owned */
	int order;			/* from 0 */
	double started_s, finished_s;	/* wall clock, 0: not */
	int attempts;
	int boot;			/* of the testbed, from 1; 0: not told */
};
void rs_cell_records_free(struct rs_cell_record *r, size_t n);

int rs_store_cells(struct rs_store *s, struct rs_cell_record **ret, size_t *ret_n,
		   struct rs_err *err) RS_MUST_CHECK;

/*
 * The testbed has booted, or is found running: cells that are started from here on are of
 * this boot.  id tells one boot from another (the kernel's boot_id); boots have numbers in
 * the order they were first told, and the facts "boot.1", ... keep their ids.
 */
int rs_store_boot(struct rs_store *s, const char *id, struct rs_err *err) RS_MUST_CHECK;

int rs_store_cell_start(struct rs_store *s, const struct rs_cell *c, double wall_s,
			struct rs_err *err) RS_MUST_CHECK;

/*
 * Ends a cell in one transaction: its state, reason and all its samples and notes.
 * A cell that is done already is left as it is (merging twice changes nothing); what
 * an earlier attempt left is replaced.  Refused, with nothing changed: a value that is
 * not finite, two values of one guest and metric, a unit that differs from the one of
 * earlier trials, failed or missing without a reason.
 */
int rs_store_cell_end(struct rs_store *s, const struct rs_cell *c, enum rs_cell_state state,
		      const char *reason, double wall_s, const struct rs_sample *samples,
		      size_t n_samples, const struct rs_note *notes, size_t n_notes,
		      struct rs_err *err) RS_MUST_CHECK;

/* Cells that were running when the program died become pending again. */
int rs_store_recover(struct rs_store *s, struct rs_err *err) RS_MUST_CHECK;

/* A failed or missing cell becomes pending again; any other stays as it is. */
int rs_store_cell_reopen(struct rs_store *s, const struct rs_cell *c, struct rs_err *err) RS_MUST_CHECK;

/* Samples of done cells with trial >= 1, sorted by system, guests, benchmark, metric,
 * guest, trial.  Filters may be NULL.  ret: released by rs_series_set_release. */
int rs_store_series(struct rs_store *s, const char *system, const char *benchmark,
		    const char *metric, struct rs_series_set *ret, struct rs_err *err) RS_MUST_CHECK;

/* The same, one series at a time, in bounded memory: each is released after visit
 * returns; a negative return ends it and is returned. */
typedef int rs_series_fn(void *user, const struct rs_series *s, struct rs_err *err);
int rs_store_visit(struct rs_store *s, const char *system, const char *benchmark,
		   const char *metric, rs_series_fn *visit, void *user, struct rs_err *err)
	RS_MUST_CHECK;

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

struct rs_cell_counter {
	struct rs_cell cell;
	struct rs_counter counter;
};
/* The counters of a cell, in place of those it had.  Refused: a value that is not finite, a name
 * twice. */
int rs_store_set_counters(struct rs_store *s, const struct rs_cell *c,
			  const struct rs_counter *counters, size_t n, struct rs_err *err)
	RS_MUST_CHECK;
/* All of them, in cell order, then by name; free() releases. */
int rs_store_counters(struct rs_store *s, struct rs_cell_counter **ret, size_t *ret_n,
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

/*
 * Tidy CSV "system,guests,guest,benchmark,metric,unit,trial,value" into path (NULL: standard output): RFC 4180
 * with LF, UTF-8; text as rs_text_csv writes it.
 */
int rs_store_export_csv(struct rs_store *s, const char *path, struct rs_err *err) RS_MUST_CHECK;

/* One CSV of the same kind per table into an existing folder: fact.csv, cell.csv, ... */
int rs_store_export_tables(struct rs_store *s, const char *folder, struct rs_err *err)
	RS_MUST_CHECK;

/* What every table and column means: the data dictionary.  Static. */
struct rs_store_column {
	const char *table, *name, *type;
	const char *unit;	/* "" when it has none */
	const char *meaning;
};
const struct rs_store_column *rs_store_columns(size_t *ret_n);

/* Version of the SQLite that runs; static. */
const char *rs_store_sqlite_version(void);

/* Whole file checked: SQLite's integrity check, foreign keys, and that done cells and
 * values are as this header promises.  The first fault is the error. */
int rs_store_check(struct rs_store *s, struct rs_err *err) RS_MUST_CHECK;

/*
 * A compact copy into path (an existing file is an error), with the free texts changed
 * in place by edit: values of facts and of the environment, reasons, notes, events.
 * edit keeps the text's length; it returns how many places it changed; key is that of a
 * fact, else "".  *ret_edits: their sum.  edit may be NULL.
 */
typedef size_t rs_store_edit_fn(void *user, const char *table, const char *key, char *text);
int rs_store_copy(struct rs_store *s, const char *path, rs_store_edit_fn *edit, void *user,
		  size_t *ret_edits, struct rs_err *err) RS_MUST_CHECK;

#endif
