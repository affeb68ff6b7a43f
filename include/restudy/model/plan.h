/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plan as plain structs.  Module plan fills them from XML; after that they
 * are const for everybody.  Every pointer is owned by the plan and may be NULL
 * where the comment says "or NULL"; ids refer to other elements by text and are
 * checked by the plan's third pass.  Quantities are in the unit of their suffix.
 * line is where the element stands in the plan's file; of one from an included file, where
 * the include stands.
 */
#ifndef RESTUDY_MODEL_PLAN_H
#define RESTUDY_MODEL_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/model/appearance.h"
#include "restudy/model/hardware.h"
#include "restudy/model/names.h"
#include "restudy/model/published.h"

struct rs_citation {
	char *author, *title, *kind, *institution, *url;	/* each or NULL */
	int year;						/* 0: not given */
};

/* A set of durations and repeats for one benchmark under one profile. */
struct rs_use {
	char *benchmark;
	double duration_s;	/* of one test; < 0: the benchmark's own */
	int trials, warmup;	/* < 0: the benchmark's own */
	int line;
};

struct rs_profile {
	char *id, *title;
	struct rs_use *uses;
	size_t n_uses;
	int line;
};

struct rs_setting_kv {		/* a kernel parameter, a service, a limit */
	char *key, *value;
	char *comment;		/* or NULL */
	int line;
};

struct rs_guest_disk {
	char *volume;		/* name of the logical volume; "%d" stands for the guest's number */
	char *group;		/* volume group */
	char *filesystem;	/* "ext3", "swap" */
	char *device;		/* name inside the guest ("sda1"), or NULL */
	char *mount;		/* "/" or NULL */
	int64_t size_bytes;
	int line;
};

struct rs_guests {
	int *counts;		/* how many at once; usually one number */
	size_t n_counts;	/* 0: the system has no guests (the bare host) */
	char **names;		/* at least the largest count of them */
	size_t n_names;
	int64_t memory_bytes;	/* of one guest; 0: not limited */
	double cpus;		/* 0: not limited */
	struct rs_guest_disk *disks;
	size_t n_disks;
	char *bridge, *address, *netmask, *gateway;	/* address of the first guest; each or NULL */
	char *mac;		/* of the first guest, or NULL */
	struct rs_setting_kv *limits;	/* UBC parameters and the like */
	size_t n_limits;
	int line;
};

struct rs_system {
	char *id, *title;
	enum rs_platform_kind platform;
	enum rs_boot boot;
	char *image;			/* id */
	int is_baseline;
	struct rs_guests guests;
	char **packages;		/* kernel and tools of this system, exact names */
	size_t n_packages;
	struct rs_setting_kv *sysctls;
	size_t n_sysctls;
	struct rs_setting_kv *settings;	/* of its daemon: "dom0-cpus", "template", ... */
	size_t n_settings;
	int has_substitute;
	enum rs_platform_kind substitute;
	char *substitute_reason;	/* or NULL */
	int line;
};

struct rs_metric_rule {		/* a metric of "command" */
	char *id, *title, *unit, *expression;
	enum rs_better better;
	enum rs_group group;
	enum rs_rule rule;
	int line;
};

struct rs_benchmark {
	char *id, *title;
	enum rs_adapter adapter;
	char *version;			/* of the program the paper used, or NULL */
	char *source, *sha256;		/* URL and checksum, or NULL */
	char **tests;			/* test ids; n_tests 0: all of the adapter */
	size_t n_tests;
	char **arguments;
	size_t n_arguments;
	char *path;			/* siege, httpload: path of the page, "/" */
	int64_t page_bytes;		/* size of the page served; 0: the adapter's own */
	double duration_s;		/* of one test in one trial */
	int trials, warmup;
	enum rs_repetition repetition;	/* kernels: runs of a test within one trial */
	int concurrency;		/* siege, httpload, parallel copies; 0: the adapter's own */
	double rate_per_s;		/* httpload: open loop; 0: closed loop */
	int keep_alive;
	double pause_s;			/* between trials */
	int drop_caches;
	int sequential;			/* 1: one guest after the other */
	char **systems;			/* n_systems 0: all */
	size_t n_systems;
	struct rs_metric_rule *metrics;
	size_t n_metrics;
	int line;
};

struct rs_row {			/* one group of bars, one row of a table */
	char *metric;		/* id as the adapter names it */
	char *label;		/* or NULL: the metric's title */
	char *unit;		/* how its unit is written, or NULL: as the metric has it; no conversion */
	int decimals;		/* -1: from the interval */
	int line;
};

struct rs_exhibit {
	char *id, *number, *caption;	/* "fig-3.2", "3.2", ... */
	enum rs_exhibit_kind kind;
	enum rs_chart_kind chart;	/* figures */
	int seconds;			/* time series: of each second, not of each trial */
	struct rs_appearance appearance;	/* figures; what is not said is the plan's */
	char *listing;			/* listings: name of the template, "sysctl" */
	char *system;			/* listings: system id, or NULL */
	struct rs_setting_kv *printed;	/* listings: what the paper prints in it, line by line */
	size_t n_printed;
	char *benchmark;		/* or NULL */
	enum rs_value_kind value;
	enum rs_over_guests over;
	double scale;			/* of an index; 10 in the thesis */
	char **systems;			/* n 0: all, in the plan's order */
	size_t n_systems;
	struct rs_row *rows;
	size_t n_rows;
	char *published;		/* id of the published table beside it, or NULL */
	int line;
};

/*
 * A sentence of the paper, made checkable: (quantity of system) relation bound, where
 * quantity is
 *   index     value / baseline * scale; scale: that of the first figure or table that
 *             shows the benchmark as an index, 10 when there is none,
 *   ratio     value of system / value of versus,
 *   absolute  the value,
 *   cv        standard deviation / mean over trials.
 * With a group instead of a metric, the geometric mean over its metrics.
 */
struct rs_claim {
	char *id, *source;	/* section of the paper */
	char *text;		/* our words */
	enum rs_quantity_kind quantity;
	char *benchmark;	/* or NULL for metrics of the run itself ("setup") */
	char *metric;		/* or NULL: group decides */
	enum rs_group group;	/* used when metric is NULL */
	char *system, *versus;	/* versus: or NULL, the baseline */
	enum rs_over_guests over;
	enum rs_relation relation;
	double bound;
	double tolerance;	/* near: relative half width */
	int line;
};

struct rs_plan {
	char *file;		/* as given */
	char *id, *title, *language;	/* language: "en", "de" */
	uint64_t seed;
	struct rs_citation citation;
	struct rs_appearance appearance;	/* of figures that do not say */
	struct rs_profile *profiles;
	size_t n_profiles;
	struct rs_hardware hardware;
	int has_hardware;
	struct rs_image *images;
	size_t n_images;
	struct rs_system *systems;
	size_t n_systems;
	struct rs_benchmark *benchmarks;
	size_t n_benchmarks;
	struct rs_exhibit *exhibits;
	size_t n_exhibits;
	struct rs_published *published;
	size_t n_published;
	struct rs_claim *claims;
	size_t n_claims;
};

/* Releases all; NULL and half-built plans are fine. */
void rs_plan_free(struct rs_plan *plan);
void rs_plan_freep(struct rs_plan **plan);
#define RS_AUTO_PLAN __attribute__((cleanup(rs_plan_freep))) struct rs_plan

/* Look-ups by id; NULL when there is none.  Borrowed. */
const struct rs_profile *rs_plan_profile(const struct rs_plan *p, const char *id);
const struct rs_image *rs_plan_image(const struct rs_plan *p, const char *id);
const struct rs_system *rs_plan_system(const struct rs_plan *p, const char *id);
const struct rs_system *rs_plan_baseline(const struct rs_plan *p);
const struct rs_benchmark *rs_plan_benchmark(const struct rs_plan *p, const char *id);
const struct rs_exhibit *rs_plan_exhibit(const struct rs_plan *p, const char *id);
const struct rs_published *rs_plan_published(const struct rs_plan *p, const char *id);

/* What a profile (NULL: none) says about a benchmark; NULL when nothing.  Borrowed. */
const struct rs_use *rs_plan_use(const struct rs_benchmark *b, const struct rs_profile *profile);

/* What holds for a benchmark under a profile (NULL: none).  Cannot fail. */
double rs_plan_duration_s(const struct rs_benchmark *b, const struct rs_profile *profile);
int rs_plan_trials(const struct rs_benchmark *b, const struct rs_profile *profile);
int rs_plan_warmup(const struct rs_benchmark *b, const struct rs_profile *profile);

/* Requests under way at once, or copies of a test: what the plan says, else the 15 that Siege 2.65
 * takes by itself, or 1. */
int rs_plan_concurrency(const struct rs_benchmark *b);

/* Whether benchmark b is to be run on system s. */
int rs_plan_runs_on(const struct rs_benchmark *b, const char *system);

#endif
