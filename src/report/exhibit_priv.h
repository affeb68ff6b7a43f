/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An exhibit with its values: a grid of rows (metrics) and columns (systems, with a
 * number of guests).  A slot has an estimate from trials or the reason why it has none,
 * never anything else.
 */
#ifndef RESTUDY_REPORT_EXHIBIT_PRIV_H
#define RESTUDY_REPORT_EXHIBIT_PRIV_H

#include "analysis_priv.h"
#include "restudy/base/buf.h"
#include "words_priv.h"

struct rs_grid_column {
	const struct rs_system *system;
	int guests;
	const char *guest;		/* one guest alone, or NULL */
	const char *title;		/* "OpenVZ, 3 guests" */
	const char *substitute;		/* reason when another platform stood for it, or NULL */
	int slot;			/* place of the system in the plan, from 1; the baseline's: 0 */
	size_t disturbed;		/* trials of it that were */
};

struct rs_grid_row {
	const struct rs_row *row;
	const char *label, *unit;	/* unit as shown for absolute values */
	struct rs_metric metric;
};

struct rs_slot {
	int measured;			/* absolute holds */
	int comparable;			/* shown holds: the baseline is measured, too */
	struct rs_estimate shown;	/* by the exhibit's value kind */
	struct rs_estimate absolute;	/* in the metric's unit */
	struct rs_trials trials;
	const double *scaled;		/* each trial as shown: for dots; n as trials.n */
	size_t planned, done;		/* cells */
	const char *why;		/* when not measured or not comparable; never NULL then */
	const char *partial;		/* measured from fewer trials than planned: why, or NULL */
	const char *published;		/* as printed, or NULL */
};

struct rs_grid {
	const struct rs_exhibit *exhibit;
	const struct rs_benchmark *benchmark;	/* or NULL */
	const struct rs_published *published;	/* or NULL */
	struct rs_grid_column *columns;
	size_t n_columns;
	struct rs_grid_row *rows;
	size_t n_rows;
	struct rs_slot *slots;			/* row-major */
	size_t baseline;			/* column; n_columns: none */
	size_t samples;				/* behind all slots */
	const char *query;			/* that gives them; NULL without rows */
	char sha256[RS_SHA256_HEX];		/* of them; see query.c */
};

/* All of it lives in a's arena. */
int rs_grid_make(struct rs_analysis *a, const struct rs_exhibit *e, enum rs_language l,
		 struct rs_grid *ret, struct rs_err *err) RS_MUST_CHECK;

const struct rs_slot *rs_grid_slot(const struct rs_grid *g, size_t row, size_t column);

/* query.c: fills samples, query and sha256. */
int rs_grid_origin(struct rs_analysis *a, struct rs_grid *g, struct rs_err *err) RS_MUST_CHECK;

/* The subject of a slot. */
struct rs_subject rs_grid_subject(const struct rs_grid *g, size_t row, size_t column);

/* How the intervals of an exhibit were made ("Student's t, on the logarithm"), each way once;
 * nothing without intervals. */
void rs_grid_methods(const struct rs_grid *g, enum rs_language l, struct rs_buf *out);

/* All digits of v, whole numbers without an exponent: 10, not 1e+01.  buf of at least 32 bytes;
 * returns buf. */
char *rs_plain_number(char *buf, size_t size, double v);

/* Decimals for a value of a row: the plan's, else from the interval. */
int rs_row_decimals(const struct rs_row *row, const struct rs_estimate *e);

#endif
