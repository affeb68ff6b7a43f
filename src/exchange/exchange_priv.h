/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What readers of formats fill: records, with the words the files have for systems,
 * benchmarks and metrics; and what is made of them: a plan, cells, a folder.
 */
#ifndef EXCHANGE_PRIV_H
#define EXCHANGE_PRIV_H

#include "restudy/base/buf.h"
#include "restudy/exchange.h"
#include "restudy/model/sample.h"

#define RS_EXCHANGE_MAX (64u << 20)	/* bytes of one file that is read */

/* One value.  guests < 0: follows from the guests that were seen. */
struct rs_record {
	struct rs_cell cell;
	struct rs_sample sample;
	const char *file;		/* borrowed from its source */
	int line;			/* in the source, 0: of it as a whole */
};

/* Something said of a cell: a note, or why it failed. */
struct rs_remark {
	struct rs_cell cell;
	enum { RS_REMARK_INFO, RS_REMARK_WARNING, RS_REMARK_FAILED } kind;
	char text[500];
};

struct rs_word {			/* a system or benchmark of the files */
	char id[64];
	char *title;			/* owned */
	int adapter;			/* benchmarks: enum rs_adapter, or -1 */
};

struct rs_measure {			/* a metric of the files */
	char benchmark[64], id[64], unit[32];
	char *title;			/* owned, or NULL */
	int better;			/* enum rs_better, or -1: the files do not say */
};

struct rs_records {
	struct rs_record *r;
	size_t n;
	struct rs_remark *remarks;
	size_t n_remarks;
	struct rs_word *systems, *benchmarks;
	size_t n_systems, n_benchmarks;
	struct rs_measure *measures;
	size_t n_measures;
};

void rs_records_release(struct rs_records *r);

/* One file as it is read. */
struct rs_source {
	const char *path;		/* for messages; borrowed */
	char *system, *guest;		/* owned, or NULL: not named with the file */
	struct rs_buf text;
	char sha256[65];
	char raw[512];			/* where its copy lies in the run folder */
	const char *slot;		/* where an adapter looks for it in its guest's folder, or NULL */
	struct rs_cell cell;		/* the cell it is all of, when slot is set */
	char cell_guest[64];
};

struct rs_reading {
	struct rs_source *source;
	const char *text;
	const char *benchmark;		/* asked for, or NULL */
	const char *system;		/* of this file, never NULL */
	const char *guest;		/* of this file, never NULL */
	int copies;			/* of UnixBench's tests; 0: 1 */
	struct rs_records *out;
};

typedef int rs_reader_fn(struct rs_reading *in, struct rs_err *err);

rs_reader_fn rs_read_benchexec, rs_read_csv, rs_read_hyperfine, rs_read_pts, rs_read_siege,
	rs_read_sysbench, rs_read_unixbench;

/* "FILE":LINE: expected ...; -1. */
int rs_expected(const struct rs_reading *in, int line, struct rs_err *err, const char *fmt, ...)
	RS_PRINTF(4, 5);

/* Refuses a text whose last line does not end: it was cut, maybe within a number. */
int rs_expected_end(const struct rs_reading *in, struct rs_err *err) RS_MUST_CHECK;

/* The id of a system or benchmark by its title, made of its letters when it is new: borrowed
 * until the next one is added.  NULL with err. */
const char *rs_records_system(struct rs_records *r, const char *title, struct rs_err *err);
const char *rs_records_benchmark(struct rs_records *r, const char *title, int adapter,
				 struct rs_err *err);

/* A metric; a second time it changes nothing, but with another unit it is refused. */
int rs_records_measure(struct rs_reading *in, int line, const struct rs_measure *m,
		       struct rs_err *err) RS_MUST_CHECK;

/* One more value; the metric is known already. */
int rs_records_add(struct rs_reading *in, int line, const struct rs_cell *cell,
		   const struct rs_sample *sample, struct rs_err *err) RS_MUST_CHECK;
int rs_records_remark(struct rs_records *r, const struct rs_remark *remark, struct rs_err *err)
	RS_MUST_CHECK;

/* The trial after the last of this cell's system, benchmark and guest. */
int rs_records_next_trial(const struct rs_records *r, const char *system, const char *benchmark,
			  const char *guest);

/* Fills a cell of this file's system, guests still unknown, and the guest of a sample. */
void rs_reading_cell(const struct rs_reading *in, const char *benchmark, int trial,
		     struct rs_cell *cell);

/* Copies at most size - 1 bytes and ends them. */
void rs_copy_text(char *to, size_t size, const char *from);
/* A name of at most 63 letters, digits and . _ + -, made from any text; never empty. */
void rs_plain_name(char to[64], const char *from);
/* Whether text is UTF-8 without control characters. */
int rs_is_plain_text(const char *text);
/* Text for XML, escaped; what XML cannot hold becomes '?'. */
void rs_put_xml(struct rs_buf *out, const char *text);

/* ---- what is made of them ---- */

/* Text of a plan of the records. */
int rs_records_plan(const struct rs_records *r, const struct rs_import_options *o, struct rs_buf *out,
		    struct rs_err *err) RS_MUST_CHECK;
/* Whether systems, guests, benchmarks, metrics and units of the records are the plan's. */
int rs_records_check(const struct rs_records *r, const struct rs_plan *plan, struct rs_err *err)
	RS_MUST_CHECK;
/* Sets the number of guests where it is unknown: those seen of the system; 0 for "host". */
void rs_records_count_guests(struct rs_records *r);
/* Sorts by cell, guest and metric; two values of one are refused. */
int rs_records_sort(struct rs_records *r, struct rs_err *err) RS_MUST_CHECK;
/* Order of cells: system, guests, benchmark, trial. */
int rs_cell_order(const struct rs_cell *a, const struct rs_cell *b);

#endif
