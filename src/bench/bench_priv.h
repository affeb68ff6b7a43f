/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the adapters share: guests measured side by side, raw folders, the tests
 * that restudy-kernels and UnixBench have in common.
 */
#ifndef BENCH_PRIV_H
#define BENCH_PRIV_H

#include <regex.h>
#include <stdint.h>

#include "restudy/bench.h"

/* The adapters, each in the file of its name. */
extern const struct rs_bench_driver rs_bench_command;
extern const struct rs_bench_driver rs_bench_httpload;
extern const struct rs_bench_driver rs_bench_kernels;
extern const struct rs_bench_driver rs_bench_siege;
extern const struct rs_bench_driver rs_bench_unixbench;

/* ---- lanes: one per guest, in step with each other ---- */

struct rs_lane {
	const struct rs_trial *trial;
	const struct rs_guest *guest;
	size_t index;
	struct rs_channel *generator;	/* of this lane alone, when asked for; else NULL */
	char *folder;			/* RAW/<guest>, made */
	int64_t *start_ns;		/* by round: when it left the barrier, this machine's clock */
	int dead;			/* no further round: its channel is lost */
	struct rs_err err;		/* its first failure */
};

/*
 * One round of a lane; called in a thread of its own when guests are measured side
 * by side.  -1 with err: noted, the lane goes on with its next round unless it set
 * lane->dead.
 */
typedef int rs_lane_fn(struct rs_lane *lane, size_t round, void *user, struct rs_err *err);

enum rs_lane_generator { RS_LANE_NO_GENERATOR, RS_LANE_OWN_GENERATOR };

/*
 * Runs all rounds on all guests: each round starts on every guest at once (a
 * barrier), or in turn when the benchmark is sequential.  Notes the largest skew of
 * a start, and tells it in t->start_skew_s.  -1 with the first failure of the lowest guest; the others' work is done.
 */
int rs_lanes_run(const struct rs_trial *t, size_t n_rounds, enum rs_lane_generator generator,
		 rs_lane_fn *fn, void *user, const struct rs_sink *sink, struct rs_err *err)
	RS_MUST_CHECK;

/* ---- raw folders ---- */

/* "FOLDER/name<suffix>"; free() releases. */
char *rs_raw_path(const char *folder, const char *name, const char *suffix, struct rs_err *err)
	RS_MUST_CHECK;

/* Bytes of one raw file that a reader takes in; more is a flood. */
#define RS_RAW_MAX (4u << 20)

/* Sends a sample; value must be finite. */
int rs_bench_sample(const struct rs_sink *sink, const char *guest, const char *metric,
		    const char *unit, double value, struct rs_err *err) RS_MUST_CHECK;

/* Sends notes; a sink without a note function is fine. */
int rs_bench_note(const struct rs_sink *sink, struct rs_err *err, const char *fmt, ...)
	RS_PRINTF(3, 4) RS_MUST_CHECK;
int rs_bench_warn(const struct rs_sink *sink, struct rs_err *err, const char *fmt, ...)
	RS_PRINTF(3, 4) RS_MUST_CHECK;

/* A line of a driver's steps: the command as one could type it. */
void rs_bench_step(struct rs_buf *out, const char *const *argv);

/* How a command ended when it was not status 0, with the last line of its stderr file:
 * records the failure and returns -1. */
int rs_bench_failed(const struct rs_cmd_result *res, const char *what, const char *stderr_path,
		    struct rs_err *err);

/* ---- the tests of UnixBench ---- */

#define RS_UNIX_N_METRICS 28
extern const struct rs_metric rs_unix_metrics[RS_UNIX_N_METRICS];
/* The same ids, in the same order, with the names of what "kernels" really does. */
extern const struct rs_metric rs_kernels_metrics[RS_UNIX_N_METRICS];
const struct rs_metric *rs_unix_metric(const char *id);		/* NULL: none */

/* When the first run of a test began by the guest's wall clock, ns since 1970; -1: its file
 * does not tell. */
int64_t rs_kernels_start_ns(const char *folder, const char *test);

/* How often "kernels" runs a test in a trial under the benchmark's rule of repetition. */
int rs_kernels_runs(const struct rs_benchmark *b, const char *test);

/* The tests a benchmark names, or all (indexes of rs_unix_metrics). */
size_t rs_unix_n_asked(const struct rs_benchmark *b);
const char *rs_unix_asked(const struct rs_benchmark *b, size_t i);

/* ---- the web server that load is made against ---- */

struct rs_web;

/*
 * Starts Apache of our own configuration in a guest, serving one page of
 * benchmark->page_bytes (0: RS_WEB_PAGE_BYTES) at benchmark->path, on the port of the
 * guest's address (80 when it has none).  Needs no init system.  The caller stops it,
 * also on failure of anything later.
 */
struct rs_web *rs_web_start(const struct rs_trial *t, const struct rs_guest *guest,
			    struct rs_err *err) RS_MUST_CHECK;
/* Stops it, waits until it is gone, removes its files, frees w.  NULL is fine.  -1 when it did
 * not stop. */
int rs_web_stop(struct rs_web *w, struct rs_err *err);

/* The last lines of the server's error log, to explain why it does not answer. */
void rs_web_complaint(struct rs_web *w, char *buf, size_t size);

/* The page of the thesis: 122.45 MB of 1 426 657 transactions (Table 3.1) are 90 bytes each. */
#define RS_WEB_PAGE_BYTES 90

/* Siege's MB, of bodies without headers. */
#define RS_WEB_MB 1048576.0

/* More failed requests than this share make a cell fail. */
#define RS_WEB_FAILED_SHARE_MAX 0.01

int64_t rs_web_page_bytes(const struct rs_benchmark *b);
const char *rs_web_path(const struct rs_benchmark *b);	/* begins with '/' */
/* "http://ADDRESS/PATH"; free() releases. */
char *rs_web_url(const struct rs_benchmark *b, const struct rs_guest *guest, struct rs_err *err)
	RS_MUST_CHECK;
/* Whether the page of b can be served: its path is plain, its size bounded. */
int rs_web_check(const struct rs_benchmark *b, struct rs_err *err) RS_MUST_CHECK;

/* ---- rules by which "command" takes values ---- */

enum rs_match { RS_MATCH_FOUND, RS_MATCH_NONE, RS_MATCH_TOO_MUCH, RS_MATCH_ERROR };

/* The first group of the first match, in bounded time (match.c); only ERROR sets err. */
enum rs_match rs_match_group(const regex_t *re, const char *text, regmatch_t *group,
			     struct rs_err *err) RS_MUST_CHECK;

/* Whether the rule can be used at all (a mistake of the plan). */
int rs_rule_check(const struct rs_metric_rule *m, struct rs_err *err) RS_MUST_CHECK;
/* The value in text; where: for messages. */
int rs_rule_take(const struct rs_metric_rule *m, const char *text, const char *where, double *ret,
		 struct rs_err *err) RS_MUST_CHECK;

/* ---- readers, apart from the code that runs ---- */

int rs_httpload_read(const struct rs_benchmark *b, const char *guest, const char *folder,
		     const struct rs_sink *sink, struct rs_err *err) RS_MUST_CHECK;
int rs_kernels_read(const struct rs_benchmark *b, const char *guest, const char *folder,
		    const struct rs_sink *sink, struct rs_err *err) RS_MUST_CHECK;
/* What Siege says, in seconds, MB (2^20 bytes) and hits; what it did not say is NaN. */
struct rs_siege_result {
	double transactions, availability, elapsed_s, data_mb, response_s, rate, throughput,
		concurrency, successful, failed, longest_s, shortest_s;
	double response_step_s;	/* half a unit of the last digit of response_s */
};

/* Finds a result block (2.6x to 4.1) or a JSON object in text; where: for messages.
 * -1: none, or a line of it is wrong. */
int rs_siege_parse(const char *text, const char *where, struct rs_siege_result *ret,
		   struct rs_err *err) RS_MUST_CHECK;
/* One row of siege.log (2.6x to 4.1). */
int rs_siege_parse_log_row(const char *line, const char *where, struct rs_siege_result *ret,
			   struct rs_err *err) RS_MUST_CHECK;
int rs_siege_read(const struct rs_benchmark *b, const char *guest, const char *folder,
		  const struct rs_sink *sink, struct rs_err *err) RS_MUST_CHECK;

#endif
