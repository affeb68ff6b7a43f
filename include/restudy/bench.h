/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Benchmarks: what runs a program on a system's guests and reads what it printed.
 * A benchmark pushes samples into a sink; it knows nothing of the store.  Raw
 * output goes to files below a folder, and reading those files again gives the
 * same samples: that is what "replay" does.
 */
#ifndef RESTUDY_BENCH_H
#define RESTUDY_BENCH_H

#include <stddef.h>

#include "restudy/base/err.h"
#include "restudy/channel.h"
#include "restudy/model/plan.h"
#include "restudy/model/sample.h"
#include "restudy/platform.h"

/* One trial to be made.  All borrowed. */
struct rs_trial {
	const struct rs_benchmark *benchmark;
	const char *system;
	const struct rs_guest *guests;	/* all measured at once, or in turn when sequential */
	size_t n_guests;
	struct rs_channel *generator;	/* where load is made: outside the guests */
	int trial;			/* <= 0: warm-up */
	double duration_s;		/* of one test */
	int emulated;			/* time limits are wide */
	const char *source;		/* archive of benchmark->source on this machine, or NULL */
	const char *kernels;		/* restudy-kernels, static, on this machine */
	double *start_skew_s;		/* or NULL: set to the largest distance between the starts of a
					 * test on guests that were started together */
	const char *raw;		/* folder of this trial: RAW/<guest>/... is written below */
};

struct rs_bench_driver {
	const char *name;
	const char *unavailable;	/* not NULL: why this build cannot have it */
	const struct rs_metric *metrics;	/* what it can give; NULL: from the plan */
	size_t n_metrics;
	double step;	/* what its program rounds to when it prints a value; 0: nothing is lost */
	/* Whether it can work on these guests; installs what it needs (its program, its page).
	 * Called before every trial, so what is there already is not brought again. */
	int (*prepare)(const struct rs_trial *t, struct rs_err *err);
	/* Executes one trial on all guests, leaving raw files.  -1 with the reason when the
	 * cell failed; what was measured before stays in raw. */
	int (*run)(const struct rs_trial *t, const struct rs_sink *sink, struct rs_err *err);
	/* Reads the raw files of one guest of one trial (folder: RAW/<guest>): samples into the
	 * sink.  A file that is
	 * not what it should be is an error with its line, after the samples of the others. */
	int (*read)(const struct rs_benchmark *b, const char *guest, const char *folder,
		    const struct rs_sink *sink, struct rs_err *err);
	/* The commands of one trial, one per line; for "restudy steps". */
	void (*steps)(const struct rs_benchmark *b, double duration_s, struct rs_buf *out);
	/* Predicted seconds of one trial. */
	double (*predict_s)(const struct rs_benchmark *b, double duration_s, size_t n_guests);
};

const struct rs_bench_driver *const *rs_bench_drivers(void);	/* NULL-ended */
const struct rs_bench_driver *rs_bench_driver_of(enum rs_adapter adapter);

/* The metric of a benchmark by id: the adapter's table, else the plan's rules (copied
 * into *ret, text borrowed).  0, or -1 when there is none. */
int rs_bench_metric(const struct rs_benchmark *b, const char *id, struct rs_metric *ret);
/* Number of metrics of a benchmark, and the i-th. */
size_t rs_bench_n_metrics(const struct rs_benchmark *b);
void rs_bench_metric_at(const struct rs_benchmark *b, size_t i, struct rs_metric *ret);

/* Runs a trial and reads it: prepare, run, then read for each guest (a guest whose raw files
 * cannot be read makes the cell fail, with the guest named).  The sink is called from
 * this thread only.  Samples of what did work are given also when the cell failed. */
int rs_bench_trial(const struct rs_trial *t, const struct rs_sink *sink, struct rs_err *err)
	RS_MUST_CHECK;

/*
 * Replay: reads the raw folder of a recorded trial again, all its guests in the order of
 * their names.  The samples are those that the trial gave.
 */
int rs_bench_reread(const struct rs_benchmark *b, const char *raw, const struct rs_sink *sink,
		    struct rs_err *err) RS_MUST_CHECK;

/* What a guest answered in a second of a trial. */
struct rs_second {
	double done, failed;
	double mean_s;		/* of the response times; 0 when none was done */
};

/* The whole seconds of one guest of a trial of httpload, from its raw files (folder:
 * RAW/<guest>).  free() releases *ret. */
int rs_bench_seconds(const char *folder, struct rs_second **ret, size_t *ret_n,
		     struct rs_err *err) RS_MUST_CHECK;

/*
 * Result files that were recorded elsewhere, as text; where: for messages.  unixbench: any
 * file of 4.1.0, 5.x or 6.x, its tests with that many copies (0: 1).  siege: a block or a JSON
 * object; siege_row: a row of siege.log below its head.  RS_ERR_PLAN: the text is not what it
 * should be; RS_ERR_FAILED: it is, and tells of a trial that failed.
 */
int rs_bench_read_unixbench(const char *text, const char *where, int copies, const char *guest,
			    const struct rs_sink *sink, struct rs_err *err) RS_MUST_CHECK;
int rs_bench_read_siege(const char *text, const char *where, const char *guest,
			const struct rs_sink *sink, struct rs_err *err) RS_MUST_CHECK;
int rs_bench_read_siege_row(const char *row, const char *where, const char *guest,
			    const struct rs_sink *sink, struct rs_err *err) RS_MUST_CHECK;

/*
 * The generator of "httpload" as a command: argv: URL and options.  Appends the result to
 * out, one JSON object on a line.
 */
int rs_httpload_command(int argc, const char *const *argv, struct rs_buf *out,
			struct rs_err *err) RS_MUST_CHECK;

#endif
