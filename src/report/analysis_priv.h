/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the store says about a run, asked once, and the arithmetic from samples to the
 * values that exhibits and claims show.  The unit of replication is the trial: guests
 * that ran at once are first put together within each trial.
 */
#ifndef RESTUDY_REPORT_ANALYSIS_PRIV_H
#define RESTUDY_REPORT_ANALYSIS_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "arena_priv.h"
#include "restudy/base/hash.h"
#include "restudy/model/plan.h"
#include "restudy/model/sample.h"
#include "restudy/stats.h"
#include "restudy/store.h"
#include "words_priv.h"

struct rs_analysis {
	struct rs_arena arena;
	const struct rs_plan *plan;	/* borrowed */
	struct rs_store *store;		/* borrowed */
	struct rs_series_set set;
	struct rs_cell_record *cells;
	size_t n_cells;
	struct rs_cell_note *notes;
	size_t n_notes;
	struct rs_event *events;
	size_t n_events;
	struct rs_env_fact *env;
	size_t n_env;
	uint64_t seed;
	int64_t epoch_s;	/* when the run ended, else when it began */
	int emulated, is_virtual;
	enum rs_language l;	/* of reasons; set before rs_analysis_load */
};

#define RS_ANALYSIS_INIT { .arena = RS_ARENA_INIT, .set = RS_SERIES_SET_INIT, .l = RS_LANGUAGE_EN }

/* Asks the store for everything.  a: initialised; plan and store outlive it. */
int rs_analysis_load(struct rs_analysis *a, const struct rs_plan *plan, struct rs_store *store,
		     struct rs_err *err) RS_MUST_CHECK;
void rs_analysis_release(struct rs_analysis *a);
#define RS_AUTO_ANALYSIS __attribute__((cleanup(rs_analysis_release))) struct rs_analysis

/* A fact of the run: borrowed text, or NULL when there is none. */
int rs_analysis_fact(struct rs_analysis *a, const char *key, const char **ret, struct rs_err *err)
	RS_MUST_CHECK;

/* The fact of one kind about one thing: "platform", "openvz" is "platform.openvz". */
int rs_analysis_fact_of(struct rs_analysis *a, const char *kind, const char *id, const char **ret,
			struct rs_err *err) RS_MUST_CHECK;

/* The n-th deviation, "what|planned|real|why", n from 1; NULL: there is no n-th. */
int rs_analysis_deviation(struct rs_analysis *a, int n, const char **ret, struct rs_err *err)
	RS_MUST_CHECK;

/* "lxc in place of openvz" when another platform really stood for a system, its reason when it is
 * not told which; else NULL. */
int rs_analysis_substitute(struct rs_analysis *a, const char *system, const char **ret,
			   struct rs_err *err) RS_MUST_CHECK;

/* Analysed trials of a benchmark (NULL: none) on a system with so many guests that are noted as
 * disturbed. */
size_t rs_analysis_disturbed(const struct rs_analysis *a, const char *system, int guests,
			     const char *benchmark);

/* Seconds since 1970 of "2026-11-23T05:10:38Z" or of a decimal number; -1: neither. */
int64_t rs_epoch_of(const char *text);

/* What a value is about.  All borrowed; guest: one guest alone, or NULL. */
struct rs_subject {
	const char *system;
	int guests;
	const char *guest;
	const struct rs_benchmark *benchmark;
	const char *metric;
	enum rs_over_guests over;
};

/* One value for each trial, guests put together; in the arena. */
struct rs_trials {
	const double *value;
	const int *trial;
	size_t n;
	const char *unit;	/* as measured; "" when n is 0 */
	size_t samples;		/* that were put together */
	int incomplete;		/* trials left out because a guest's value is missing */
	double off;		/* each value may be off by this: a program printed it rounded */
	const int *boot;	/* of the testbed, of each trial; 0: not told */
	/* What intervals are made from: the trials, or of several boots the mean of each, since
	 * trials of one boot are not independent (rs_boot_means).  n_boots: 1 when not told. */
	const double *unit_value;
	size_t n_units, n_boots;
};

int rs_analysis_trials(struct rs_analysis *a, const struct rs_subject *s, struct rs_trials *ret,
		       struct rs_err *err) RS_MUST_CHECK;

/* Whether a series is one of a subject's: of its guest, or of any when it names none. */
int rs_subject_has(const struct rs_subject *s, const struct rs_series *r);

/* The folder that a run's plan.xml lies in, with raw/ beside it; owned. */
char *rs_run_folder(const struct rs_plan *plan, struct rs_err *err) RS_MUST_CHECK;

/* The value of a trial; NaN: it has none. */
double rs_trials_at(const struct rs_trials *t, int trial);

/* The number of different boots of n trials; 1 when one of them is not told. */
size_t rs_boots_of(const int *boot, size_t n);

/* rs_mean and rs_ratio over the units of trials, rounding of what was printed included. */
int rs_trials_mean(const struct rs_trials *t, uint64_t seed, struct rs_estimate *ret,
		   struct rs_err *err) RS_MUST_CHECK;
int rs_trials_ratio(const struct rs_trials *t, const struct rs_trials *base, double scale,
		    uint64_t seed, struct rs_estimate *ret, struct rs_err *err) RS_MUST_CHECK;

/* Whether a benchmark is to give a metric: its tests are all, or the metric is a test's
 * ("pipe") or a part of a test's ("fstime-write" of "fstime"). */
int rs_benchmark_gives(const struct rs_benchmark *b, const char *metric);

/* The metric whose values weight those of the guests, or NULL; static. */
const char *rs_combination_weight(const struct rs_subject *s);

/* How the guests of one trial are put together for this metric: "summed", ... static. */
const char *rs_combination_name(const struct rs_subject *s);

/* The planned number of guests of a system that exhibits show: the largest; 0: none. */
int rs_system_guests(const struct rs_system *s);

/* Why there is no value (or not all trials): the first failed or missing cell's reason,
 * with the state.  NULL when every cell is done. */
const struct rs_cell_record *rs_analysis_blame(const struct rs_analysis *a, const char *system,
					       int guests, const char *benchmark);

/* Planned, done cells of a (system, guests, benchmark), analysed trials alone. */
void rs_analysis_count(const struct rs_analysis *a, const char *system, int guests,
		       const char *benchmark, size_t *planned, size_t *done);

/* A text why there is nothing: the blamed cell's reason or that it was not planned. */
const char *rs_analysis_why(struct rs_analysis *a, const char *system, int guests,
			    const char *benchmark);

#endif
