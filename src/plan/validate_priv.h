/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the validate pass share: references, and the parts of a plan. */
#ifndef RESTUDY_PLAN_VALIDATE_PRIV_H
#define RESTUDY_PLAN_VALIDATE_PRIV_H

#include <stddef.h>

#include "plan_priv.h"

void rs_validate_hardware(struct rs_reader *r, const struct rs_plan *plan);
void rs_validate_systems(struct rs_reader *r, const struct rs_plan *plan);
void rs_validate_benchmarks(struct rs_reader *r, const struct rs_plan *plan);
void rs_validate_exhibits(struct rs_reader *r, const struct rs_plan *plan);

/* Elements with an id in one array, to find one or to find it twice. */
struct rs_ids {
	const char *what;		/* "system" */
	const void *base;
	size_t n, size, id, line;	/* offsets of char *id and int line */
};
#define RS_IDS(word, array, count, type, field) \
	{ word, array, count, sizeof(type), offsetof(type, field), offsetof(type, line) }

void rs_check_unique(struct rs_reader *r, const struct rs_ids *ids, const char *attribute);
/* 1 when name is one of ids; else 0, and unless name is NULL a problem is told. */
int rs_check_known(struct rs_reader *r, int number, const char *attribute, const char *name,
		   const struct rs_ids *ids);
/* The same for a list of names, none twice. */
void rs_check_names(struct rs_reader *r, int number, const char *attribute, char *const *names,
		    size_t n, const struct rs_ids *ids);
/* Tells that an attribute is written where it has no effect. */
void rs_check_unused(struct rs_reader *r, int number, const char *attribute, const char *why);
void rs_check_filesystem(struct rs_reader *r, int number, const char *filesystem);
/* 1 when the benchmark gives the metric; else as rs_check_known. */
int rs_check_metric(struct rs_reader *r, int number, const char *metric,
		    const struct rs_benchmark *b);

#define RS_GIB (1024.0 * 1024.0 * 1024.0)

/* Bytes of a volume group of the plan: its array or disk; 0 when unknown. */
double rs_group_bytes(const struct rs_hardware *hw, const struct rs_volume_group *g);

/* ---- metrics the adapters give (a test ties this to the adapters' own tables) ---- */

struct rs_known_metric {
	const char *id;
	enum rs_group group;
};
const struct rs_known_metric *rs_known_metrics(enum rs_adapter adapter, size_t *ret_n);
const struct rs_known_metric *rs_known_run_metrics(size_t *ret_n);	/* of the run itself */

#endif
