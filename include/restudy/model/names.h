/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The closed sets of Restudy and their one spelling: the same table serves the
 * plan, the database, the JSON and the report.
 */
#ifndef RESTUDY_MODEL_NAMES_H
#define RESTUDY_MODEL_NAMES_H

enum rs_platform_kind {		/* the code that realises a system */
	RS_PLATFORM_HOST,
	RS_PLATFORM_LXC,
	RS_PLATFORM_OPENVZ,
	RS_PLATFORM_XEN,	/* paravirtual guests */
	RS_PLATFORM_XEN_PVH,	/* those that need a processor that virtualises */
	RS_PLATFORM_QEMU,
	RS_PLATFORM_LAST
};

enum rs_adapter {		/* the code that runs a benchmark and reads its output */
	RS_ADAPTER_KERNELS,
	RS_ADAPTER_UNIXBENCH,
	RS_ADAPTER_SIEGE,
	RS_ADAPTER_HTTPLOAD,
	RS_ADAPTER_COMMAND,
	RS_ADAPTER_LAST
};

enum rs_builder {		/* how an image is built */
	RS_BUILDER_MMDEBSTRAP,
	RS_BUILDER_DNF,
	RS_BUILDER_YUM,
	RS_BUILDER_ARCHIVE,
	RS_BUILDER_LAST
};

enum rs_boot {			/* what the testbed is started with */
	RS_BOOT_PLAIN,		/* a Linux kernel */
	RS_BOOT_XEN,		/* the Xen hypervisor, the kernel as dom0 */
	RS_BOOT_OPENVZ,		/* an OpenVZ kernel */
	RS_BOOT_LAST
};

enum rs_phase { RS_PHASE_PROVISION, RS_PHASE_VERIFY, RS_PHASE_LAUNCH, RS_PHASE_MEASURE,
		RS_PHASE_COLLECT, RS_PHASE_TEARDOWN, RS_PHASE_LAST };

enum rs_cell_state { RS_CELL_PENDING, RS_CELL_RUNNING, RS_CELL_DONE, RS_CELL_FAILED,
		     RS_CELL_MISSING, RS_CELL_LAST };

enum rs_better { RS_BETTER_HIGHER, RS_BETTER_LOWER, RS_BETTER_LAST };

enum rs_group {			/* what a metric says something about */
	RS_GROUP_CPU, RS_GROUP_IPC, RS_GROUP_PROCESS, RS_GROUP_FILE, RS_GROUP_NETWORK,
	RS_GROUP_OTHER, RS_GROUP_LAST
};

enum rs_exhibit_kind { RS_EXHIBIT_FIGURE, RS_EXHIBIT_TABLE, RS_EXHIBIT_LISTING, RS_EXHIBIT_LAST };

enum rs_chart_kind { RS_CHART_BARS, RS_CHART_DOTS, RS_CHART_BOX, RS_CHART_ECDF, RS_CHART_GUESTS,
		     RS_CHART_TIME, RS_CHART_STORAGE, RS_CHART_LAST };

enum rs_value_kind {		/* how a metric is shown */
	RS_VALUE_ABSOLUTE,	/* in its own unit */
	RS_VALUE_INDEX,		/* value / baseline * scale */
	RS_VALUE_RATIO,		/* value / baseline */
	RS_VALUE_LAST
};

enum rs_over_guests {		/* how parallel guests are put together within one trial */
	RS_OVER_MEAN, RS_OVER_SUM, RS_OVER_EACH, RS_OVER_LAST
};

enum rs_colours {		/* what figures are drawn in */
	RS_COLOURS_ALL, RS_COLOURS_GREY, RS_COLOURS_LAST
};

enum rs_quantity_kind {		/* what a claim compares with its bound, see model/plan.h */
	RS_QUANTITY_INDEX, RS_QUANTITY_RATIO, RS_QUANTITY_ABSOLUTE, RS_QUANTITY_CV,
	RS_QUANTITY_LAST
};

enum rs_relation { RS_REL_AT_LEAST, RS_REL_AT_MOST, RS_REL_ABOVE, RS_REL_BELOW, RS_REL_NEAR,
		   RS_REL_LAST };

enum rs_verdict {
	RS_VERDICT_REPRODUCED,
	RS_VERDICT_REPRODUCED_SUBSTITUTE,	/* with a substitute platform in it */
	RS_VERDICT_SAME_DIRECTION,		/* the testbed was emulated */
	RS_VERDICT_CONTRADICTED,
	RS_VERDICT_CONTRADICTED_SUBSTITUTE,	/* with a substitute platform in it */
	RS_VERDICT_NOT_SEEN,			/* it fails, but the testbed was emulated */
	RS_VERDICT_INCONCLUSIVE,
	RS_VERDICT_NOT_MEASURED,
	RS_VERDICT_LAST
};

enum rs_rule {			/* how "command" takes a value from output */
	RS_RULE_REGEX,		/* POSIX extended, first group */
	RS_RULE_CSV,		/* a column's name; the last row's value */
	RS_RULE_JSON,		/* JSON pointer, RFC 6901 */
	RS_RULE_LAST
};

enum rs_repetition {		/* how often "kernels" runs a test in a trial, and what is taken */
	RS_REPETITION_ONCE,
	RS_REPETITION_UNIXBENCH_4,	/* 10 or 3 runs, the geometric mean of all */
	RS_REPETITION_UNIXBENCH_5,	/* the same, without the worst third */
	RS_REPETITION_LAST
};

enum rs_ratio {			/* a number of a system and the one it is compared with */
	RS_RATIO_RATIO,		/* quotient */
	RS_RATIO_PERCENT,	/* quotient x 100 */
	RS_RATIO_CHANGE,	/* (quotient - 1) x 100 */
	RS_RATIO_SPEED_UP,	/* 1 / quotient, of times */
	RS_RATIO_LAST
};

/* The spelling of a value; never NULL for a value of the set. Borrowed, static. */
const char *rs_platform_name(enum rs_platform_kind v);
const char *rs_adapter_name(enum rs_adapter v);
const char *rs_builder_name(enum rs_builder v);
const char *rs_boot_name(enum rs_boot v);
/* What the machine must be started with for a platform. */
enum rs_boot rs_platform_boot(enum rs_platform_kind v);
const char *rs_phase_name(enum rs_phase v);
const char *rs_cell_state_name(enum rs_cell_state v);
const char *rs_better_name(enum rs_better v);
const char *rs_group_name(enum rs_group v);
const char *rs_exhibit_kind_name(enum rs_exhibit_kind v);
const char *rs_chart_kind_name(enum rs_chart_kind v);
const char *rs_value_kind_name(enum rs_value_kind v);
const char *rs_verdict_name(enum rs_verdict v);
const char *rs_repetition_name(enum rs_repetition v);
const char *rs_ratio_name(enum rs_ratio v);

/* A set as a table, for parsers: names[0 .. n-1] by value. */
struct rs_names {
	const char *const *names;
	int n;
};
enum rs_set { RS_SET_PLATFORM, RS_SET_ADAPTER, RS_SET_BUILDER, RS_SET_BOOT, RS_SET_PHASE,
	      RS_SET_CELL_STATE, RS_SET_BETTER, RS_SET_GROUP, RS_SET_EXHIBIT_KIND,
	      RS_SET_CHART_KIND, RS_SET_VALUE_KIND, RS_SET_OVER_GUESTS, RS_SET_QUANTITY,
	      RS_SET_RELATION, RS_SET_VERDICT, RS_SET_RULE, RS_SET_REPETITION, RS_SET_COLOURS, RS_SET_RATIO, RS_SET_LAST };
const struct rs_names *rs_set_names(enum rs_set set);

/* The value spelled s in a set, or -1. */
int rs_set_value(enum rs_set set, const char *s);

#endif
