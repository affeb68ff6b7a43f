/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The HTTP load of "httpload": what is asked, what comes of it, and the histogram
 * its latencies are kept in.
 */
#ifndef LOAD_PRIV_H
#define LOAD_PRIV_H

#include <stdint.h>

#include "restudy/base/buf.h"
#include "restudy/base/err.h"

/* ---- histogram ---- */

/*
 * Counts by value, in the manner of HdrHistogram: values below 2^RS_HISTOGRAM_BITS ns
 * exactly, above in steps of at most 1/1024 of the value, up to 2^RS_HISTOGRAM_TOP ns (73
 * minutes; larger ones count as that).  Bounded memory, a count in constant time.
 */
enum { RS_HISTOGRAM_BITS = 11, RS_HISTOGRAM_TOP = 42 };
enum { RS_HISTOGRAM_SLOTS = (RS_HISTOGRAM_TOP - RS_HISTOGRAM_BITS + 2) << (RS_HISTOGRAM_BITS - 1) };

struct rs_histogram {
	uint64_t count[RS_HISTOGRAM_SLOTS];
	uint64_t n;
	int64_t min_ns, max_ns;		/* exact; 0 when n is 0 */
	double sum_ns;
};

void rs_histogram_add(struct rs_histogram *h, int64_t ns);
/*
 * Smallest recorded step that at least the share p (0..1) of values does not pass: the
 * middle of that step, but never above the largest value.  0 when n is 0.
 */
int64_t rs_histogram_quantile(const struct rs_histogram *h, double p);
/* Bounds of a slot: values lo <= v < hi. */
void rs_histogram_slot(int slot, int64_t *lo_ns, int64_t *hi_ns);
int rs_histogram_slot_of(int64_t ns);

/* ---- load ---- */

enum rs_load_http { RS_LOAD_HTTP_1_1, RS_LOAD_HTTP_2 };

struct rs_load_ask {
	const char *url;
	int connections;	/* requests under way at most; >= 1 */
	double duration_s;
	double rate_per_s;	/* > 0: open loop; 0: closed loop */
	int keep_alive;
	enum rs_load_http http;
	double think_s;		/* closed loop: uniform pause in [0, think_s] before a request */
	double timeout_s;	/* of one request */
	int exact;		/* take every answer the moment it comes, never several together */
	uint64_t seed;		/* of the pauses */
};

/* Kinds of failure. */
enum rs_load_failure { RS_LOAD_CONNECT, RS_LOAD_TIMEOUT, RS_LOAD_TRANSFER, RS_LOAD_STATUS,
		       RS_LOAD_OTHER, RS_LOAD_FAILURES };

/* Spelling of a kind: "connect", ... */
const char *rs_load_failure_name(enum rs_load_failure f);

struct rs_load_second {		/* what ended within one second of the run */
	uint32_t done, failed;
	float mean_ms;		/* of the latencies of done */
};

struct rs_load {
	struct rs_histogram latency;	/* of answered requests; open loop: since they were due */
	uint64_t done, failed[RS_LOAD_FAILURES];
	uint64_t body_bytes, header_bytes, connections_opened;
	uint64_t due, late;		/* open loop: requests due, and those never started */
	uint64_t under_way;		/* at the end; neither done nor failed */
	double busy_ns;			/* sum of times under way, for the concurrency */
	int64_t elapsed_ns;
	int64_t rest_ns;	/* closed loop: by so much a latency may be too long */
	int64_t user_ns, system_ns;	/* of the generating thread */
	char first_error[200];
	struct rs_load_second *seconds;	/* owned */
	size_t n_seconds;
};

/* Makes load for the duration in this thread.  *ret: rs_load_free releases; NULL on failure.
 * Ends early, with what it has, when a stop is asked for. */
struct rs_load *rs_load_run(const struct rs_load_ask *ask, struct rs_err *err) RS_MUST_CHECK;
void rs_load_free(struct rs_load *l);
void rs_load_freep(struct rs_load **l);
#define RS_AUTO_LOAD __attribute__((cleanup(rs_load_freep))) struct rs_load

/* The result as one JSON object; its latencies are the histogram's slots. */
char *rs_load_json(const struct rs_load_ask *ask, const struct rs_load *l, struct rs_err *err)
	RS_MUST_CHECK;

/* "second,done,failed,mean_ms": what ended within each second. */
void rs_load_seconds_csv(const struct rs_load *l, struct rs_buf *out);
/* "from_ns,to_ns,answers,share": the histogram, share of all answers up to to_ns. */
void rs_load_latencies_csv(const struct rs_load *l, struct rs_buf *out);

#endif
