/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What UnixBench 4.1.0, 5.x and 6.x leave behind, read from any of their files.
 */
#ifndef UNIXBENCH_PRIV_H
#define UNIXBENCH_PRIV_H

#include "bench_priv.h"

enum rs_ub_state {
	RS_UB_ABSENT,
	RS_UB_MEASURED,
	RS_UB_ZERO_LOOPS,	/* a compiler removed the loop: "0 loops" */
	RS_UB_NO_RESULT,	/* "no measured results", or an error of the test */
};

struct rs_unixbench {
	int version;			/* 4, 5, 6; 0: not seen */
	int copies;			/* of the tests that are wanted; 1 or more */
	enum rs_ub_state state[RS_UNIX_N_METRICS];	/* by index of rs_unix_metrics */
	double value[RS_UNIX_N_METRICS];	/* geometric means, as the index takes them */
	int indexed[RS_UNIX_N_METRICS];	/* the program's own index has it */
	double own_index;		/* printed by the program; NaN: not */
	int aborted;			/* the run broke off */
	const char *lacks;		/* how the last file would go on, were it whole, or NULL */
	int last_line;			/* of that file */
};

void rs_unixbench_init(struct rs_unixbench *u, int copies);

/*
 * Adds what a file says: results/log and results/report of 4.1.0; report, .log and .csv of
 * 5.x and 6.x, told apart by what they say.  Of a file with several runs the last
 * counts.  -1 with where and line when a line is wrong, or when the text is none of them.
 */
int rs_unixbench_parse(struct rs_unixbench *u, const char *text, const char *where,
		       struct rs_err *err) RS_MUST_CHECK;

/*
 * The index by its definition: 10 times the geometric mean of value by baseline over the
 * measured tests that the version's index has; *n of them.  NaN when there is none.
 */
int rs_unixbench_index(const struct rs_unixbench *u, double *ret, int *n, struct rs_err *err)
	RS_MUST_CHECK;

#endif
