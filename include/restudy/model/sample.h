/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is measured: one struct from driver to figure.
 */
#ifndef RESTUDY_MODEL_SAMPLE_H
#define RESTUDY_MODEL_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/err.h"
#include "restudy/model/names.h"

/* A number a benchmark can give.  Static tables of the adapters. */
struct rs_metric {
	const char *id;		/* "pipe", "transaction-rate" */
	const char *title;	/* "Pipe Throughput" */
	const char *unit;	/* "lps", "MWIPS", "KBps", "trans/s"; never NULL */
	enum rs_better better;
	enum rs_group group;
};

/* A cell of the plan: one trial of one benchmark on one system with n guests. */
struct rs_cell {
	char system[64];
	char benchmark[64];
	int guests;		/* 0: the bare host */
	int trial;		/* from 1; warm-up trials are 0, -1, ... and never analysed */
};

/* One metric value, one guest, one trial. */
struct rs_sample {
	char guest[64];		/* "host" for the bare host */
	char metric[64];
	char unit[32];
	double value;		/* finite */
};

/* Something noted about a cell or a run that the report must say. */
struct rs_note {
	enum { RS_NOTE_INFO, RS_NOTE_WARNING } level;
	char text[500];
};

/* What a cell is noted by when its machine was not left alone: "disturbed: why". */
#define RS_NOTE_DISTURBED "disturbed: "

/* The why of such a note (borrowed), or NULL for any other. */
const char *rs_disturbance(const struct rs_note *n);

/* A number about the circumstances of a cell: "steal-time", "start-skew".  No result. */
struct rs_counter {
	char name[48];
	char unit[16];		/* "s", "count" */
	double value;		/* finite */
};

/*
 * Where a benchmark puts what it has: a table of functions and their user.  A
 * negative return makes the benchmark stop and return it.
 */
struct rs_sink {
	int (*sample)(void *user, const struct rs_sample *s, struct rs_err *err);
	int (*note)(void *user, const struct rs_note *n, struct rs_err *err);	/* NULL: nobody reads them */
	void *user;
};

/* The samples of one (system, guests, guest, benchmark, metric), by trial. */
struct rs_series {
	char system[64], benchmark[64], metric[64], guest[64], unit[32];
	int guests;
	int *trial;		/* owned, ascending */
	double *value;		/* owned */
	size_t n;
};

struct rs_series_set {
	struct rs_series *series;	/* owned */
	size_t n;
};

#define RS_SERIES_SET_INIT { NULL, 0 }
void rs_series_release(struct rs_series *s);
void rs_series_set_release(struct rs_series_set *set);

/*
 * Where a cell's raw files are, below raw/: "openvz/3/unixbench/2"; its guests have a
 * folder each in it.  Warm-up trials are "w1", "w2", ...  buf of at least 200 bytes;
 * returns buf.
 */
char *rs_cell_folder(char *buf, size_t size, const struct rs_cell *c);

/* Whether both name the same cell. */
int rs_cell_is(const struct rs_cell *a, const struct rs_cell *b);

/* "openvz (3 guests), siege, trial 2"; buf of at least 200 bytes; returns buf. */
char *rs_cell_describe(char *buf, size_t size, const struct rs_cell *c);

#endif
