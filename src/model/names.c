/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one spelling of every closed set; lengths are tied at compile time. */
#include "restudy/model/names.h"

#include <string.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define TIED(table, last) _Static_assert(COUNT(table) == (last), "name every value of " #table)

static const char *const platform[] = {
	[RS_PLATFORM_HOST] = "host", [RS_PLATFORM_LXC] = "lxc", [RS_PLATFORM_OPENVZ] = "openvz",
	[RS_PLATFORM_XEN] = "xen",   [RS_PLATFORM_XEN_PVH] = "xen-pvh",
	[RS_PLATFORM_QEMU] = "qemu",
};
TIED(platform, RS_PLATFORM_LAST);

static const char *const adapter[] = {
	[RS_ADAPTER_KERNELS] = "kernels",   [RS_ADAPTER_UNIXBENCH] = "unixbench",
	[RS_ADAPTER_SIEGE] = "siege",	    [RS_ADAPTER_HTTPLOAD] = "httpload",
	[RS_ADAPTER_COMMAND] = "command",
};
TIED(adapter, RS_ADAPTER_LAST);

static const char *const builder[] = {
	[RS_BUILDER_MMDEBSTRAP] = "mmdebstrap", [RS_BUILDER_DNF] = "dnf",
	[RS_BUILDER_YUM] = "yum",		[RS_BUILDER_ARCHIVE] = "archive",
};
TIED(builder, RS_BUILDER_LAST);

static const char *const boot[] = {
	[RS_BOOT_PLAIN] = "plain", [RS_BOOT_XEN] = "xen", [RS_BOOT_OPENVZ] = "openvz",
};
TIED(boot, RS_BOOT_LAST);

static const char *const phase[] = {
	[RS_PHASE_PROVISION] = "provision", [RS_PHASE_VERIFY] = "verify",
	[RS_PHASE_LAUNCH] = "launch",	    [RS_PHASE_MEASURE] = "measure",
	[RS_PHASE_COLLECT] = "collect",	    [RS_PHASE_TEARDOWN] = "teardown",
};
TIED(phase, RS_PHASE_LAST);

static const char *const cell_state[] = {
	[RS_CELL_PENDING] = "pending", [RS_CELL_RUNNING] = "running", [RS_CELL_DONE] = "done",
	[RS_CELL_FAILED] = "failed",   [RS_CELL_MISSING] = "missing",
};
TIED(cell_state, RS_CELL_LAST);

static const char *const better[] = {
	[RS_BETTER_HIGHER] = "higher", [RS_BETTER_LOWER] = "lower",
};
TIED(better, RS_BETTER_LAST);

static const char *const group[] = {
	[RS_GROUP_CPU] = "cpu",	  [RS_GROUP_IPC] = "ipc",	  [RS_GROUP_PROCESS] = "process",
	[RS_GROUP_FILE] = "file", [RS_GROUP_NETWORK] = "network", [RS_GROUP_OTHER] = "other",
};
TIED(group, RS_GROUP_LAST);

static const char *const exhibit_kind[] = {
	[RS_EXHIBIT_FIGURE] = "figure", [RS_EXHIBIT_TABLE] = "table",
	[RS_EXHIBIT_LISTING] = "listing",
};
TIED(exhibit_kind, RS_EXHIBIT_LAST);

static const char *const chart_kind[] = {
	[RS_CHART_BARS] = "bars", [RS_CHART_DOTS] = "dots",	[RS_CHART_BOX] = "box",
	[RS_CHART_ECDF] = "ecdf", [RS_CHART_GUESTS] = "guests", [RS_CHART_TIME] = "time",
	[RS_CHART_STORAGE] = "storage",
};
TIED(chart_kind, RS_CHART_LAST);

static const char *const value_kind[] = {
	[RS_VALUE_ABSOLUTE] = "absolute", [RS_VALUE_INDEX] = "index", [RS_VALUE_RATIO] = "ratio",
};
TIED(value_kind, RS_VALUE_LAST);

static const char *const over_guests[] = {
	[RS_OVER_MEAN] = "mean", [RS_OVER_SUM] = "sum", [RS_OVER_EACH] = "each",
};
TIED(over_guests, RS_OVER_LAST);

static const char *const colours[] = {
	[RS_COLOURS_ALL] = "colour", [RS_COLOURS_GREY] = "grey",
};
TIED(colours, RS_COLOURS_LAST);

static const char *const quantity[] = {
	[RS_QUANTITY_INDEX] = "index", [RS_QUANTITY_RATIO] = "ratio",
	[RS_QUANTITY_ABSOLUTE] = "absolute", [RS_QUANTITY_CV] = "cv",
};
TIED(quantity, RS_QUANTITY_LAST);

static const char *const relation[] = {
	[RS_REL_AT_LEAST] = "at-least", [RS_REL_AT_MOST] = "at-most", [RS_REL_ABOVE] = "above",
	[RS_REL_BELOW] = "below",	[RS_REL_NEAR] = "near",
};
TIED(relation, RS_REL_LAST);

static const char *const verdict[] = {
	[RS_VERDICT_REPRODUCED] = "reproduced",
	[RS_VERDICT_REPRODUCED_SUBSTITUTE] = "reproduced with substitute",
	[RS_VERDICT_SAME_DIRECTION] = "same direction, under emulation",
	[RS_VERDICT_CONTRADICTED] = "contradicted",
	[RS_VERDICT_CONTRADICTED_SUBSTITUTE] = "contradicted with substitute",
	[RS_VERDICT_NOT_SEEN] = "not seen, under emulation",
	[RS_VERDICT_INCONCLUSIVE] = "inconclusive",
	[RS_VERDICT_NOT_MEASURED] = "not measured",
};
TIED(verdict, RS_VERDICT_LAST);

static const char *const rule[] = {
	[RS_RULE_REGEX] = "regex", [RS_RULE_CSV] = "csv", [RS_RULE_JSON] = "json",
};
TIED(rule, RS_RULE_LAST);

static const char *const repetition[] = {
	[RS_REPETITION_ONCE] = "once",
	[RS_REPETITION_UNIXBENCH_4] = "unixbench-4.1.0",
	[RS_REPETITION_UNIXBENCH_5] = "unixbench-5",
};
TIED(repetition, RS_REPETITION_LAST);

static const char *const ratio[] = {
	[RS_RATIO_RATIO] = "ratio", [RS_RATIO_PERCENT] = "percent", [RS_RATIO_CHANGE] = "change",
	[RS_RATIO_SPEED_UP] = "speed-up",
};
TIED(ratio, RS_RATIO_LAST);

static const struct rs_names sets[] = {
	[RS_SET_PLATFORM] = { platform, COUNT(platform) },
	[RS_SET_ADAPTER] = { adapter, COUNT(adapter) },
	[RS_SET_BUILDER] = { builder, COUNT(builder) },
	[RS_SET_BOOT] = { boot, COUNT(boot) },
	[RS_SET_PHASE] = { phase, COUNT(phase) },
	[RS_SET_CELL_STATE] = { cell_state, COUNT(cell_state) },
	[RS_SET_BETTER] = { better, COUNT(better) },
	[RS_SET_GROUP] = { group, COUNT(group) },
	[RS_SET_EXHIBIT_KIND] = { exhibit_kind, COUNT(exhibit_kind) },
	[RS_SET_CHART_KIND] = { chart_kind, COUNT(chart_kind) },
	[RS_SET_VALUE_KIND] = { value_kind, COUNT(value_kind) },
	[RS_SET_OVER_GUESTS] = { over_guests, COUNT(over_guests) },
	[RS_SET_QUANTITY] = { quantity, COUNT(quantity) },
	[RS_SET_RELATION] = { relation, COUNT(relation) },
	[RS_SET_VERDICT] = { verdict, COUNT(verdict) },
	[RS_SET_RULE] = { rule, COUNT(rule) },
	[RS_SET_REPETITION] = { repetition, COUNT(repetition) },
	[RS_SET_COLOURS] = { colours, COUNT(colours) },
	[RS_SET_RATIO] = { ratio, COUNT(ratio) },
};
TIED(sets, RS_SET_LAST);

const struct rs_names *rs_set_names(enum rs_set set)
{
	return &sets[set];
}

int rs_set_value(enum rs_set set, const char *s)
{
	for (int i = 0; i < sets[set].n; i++)
		if (strcmp(sets[set].names[i], s) == 0)
			return i;
	return -1;
}

#define NAME_OF(function, type, table)   \
	const char *function(type v)     \
	{                                \
		return table[v];         \
	}

NAME_OF(rs_platform_name, enum rs_platform_kind, platform)
NAME_OF(rs_adapter_name, enum rs_adapter, adapter)
NAME_OF(rs_builder_name, enum rs_builder, builder)
NAME_OF(rs_boot_name, enum rs_boot, boot)
NAME_OF(rs_phase_name, enum rs_phase, phase)
NAME_OF(rs_cell_state_name, enum rs_cell_state, cell_state)
NAME_OF(rs_better_name, enum rs_better, better)
NAME_OF(rs_group_name, enum rs_group, group)
NAME_OF(rs_exhibit_kind_name, enum rs_exhibit_kind, exhibit_kind)
NAME_OF(rs_chart_kind_name, enum rs_chart_kind, chart_kind)
NAME_OF(rs_value_kind_name, enum rs_value_kind, value_kind)
NAME_OF(rs_verdict_name, enum rs_verdict, verdict)
NAME_OF(rs_repetition_name, enum rs_repetition, repetition)
NAME_OF(rs_ratio_name, enum rs_ratio, ratio)

enum rs_boot rs_platform_boot(enum rs_platform_kind v)
{
	switch (v) {
	case RS_PLATFORM_XEN:
	case RS_PLATFORM_XEN_PVH:
		return RS_BOOT_XEN;
	case RS_PLATFORM_OPENVZ:
		return RS_BOOT_OPENVZ;
	case RS_PLATFORM_HOST:
	case RS_PLATFORM_LXC:
	case RS_PLATFORM_QEMU:
	case RS_PLATFORM_LAST:
		break;
	}
	return RS_BOOT_PLAIN;
}
