/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that a paper prints, as a part of the plan (see plan.h); kept apart from measured ones. */
#ifndef RESTUDY_MODEL_PUBLISHED_H
#define RESTUDY_MODEL_PUBLISHED_H

#include <stddef.h>

#include "restudy/model/names.h"

struct rs_published_value {
	char *system, *metric;
	char *text;		/* as printed: its decimals tell its rounding */
	double value;
	int line;
};

/* How one system stands to another, as the paper prints it. */
struct rs_published_ratio {
	char *system, *versus;	/* versus: or NULL, the baseline */
	char *metric;		/* or NULL: the geometric mean of the system's other ratios */
	enum rs_ratio as;
	char *text;
	double value;
	int line;
};

struct rs_published {
	char *id, *source;	/* "table-3.1", "Table 3.1" */
	char *benchmark;
	double duration_s;	/* declared, 0: not */
	int concurrency;	/* declared, 0: not */
	struct rs_published_value *values;
	size_t n_values;
	struct rs_published_ratio *ratios;
	size_t n_ratios;
	int line;
};

#endif
