/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The vocabulary of a plan: which elements and attributes there are, of what type,
 * and which field of model/plan.h each fills.  data/schema/plan.xsd says the same
 * for editors; tests/unit/test_plan.c compares the two.
 */
#include "vocabulary_priv.h"

#include <stddef.h>

#include "restudy/base/mem.h"

#define REQ RS_ATTR_REQUIRED
#define ABS RS_ATTR_HAS_ABSENT

/* One row per attribute: T is the struct it fills. */
#define A(T, nm, ty, field, fl) { .name = nm, .type = ty, .flags = fl, .at = offsetof(T, field) }
#define A_LIST(T, nm, ty, field, n_field, fl) \
	{ .name = nm, .type = ty, .flags = fl, .at = offsetof(T, field), \
	  .count = offsetof(T, n_field), .lo = 1, .hi = 256 }
#define A_NUM(T, nm, ty, field, fl, low, high, missing) \
	{ .name = nm, .type = ty, .flags = fl, .at = offsetof(T, field), .lo = low, .hi = high, \
	  .absent = missing }
#define A_SET(T, nm, which, field, fl, missing) \
	{ .name = nm, .type = RS_TYPE_SET, .flags = fl, .at = offsetof(T, field), .set = which, \
	  .absent = missing }

#define ONCE(el, fl, field, mark) \
	{ .element = &(el), .flags = fl, .at = field, .count = RS_NOWHERE, .flag = mark }
#define MANY(el, fl, T, field, n_field) \
	{ .element = &(el), .flags = fl, .at = offsetof(T, field), .count = offsetof(T, n_field), \
	  .flag = RS_NOWHERE }

#define ATTRS(a) .attrs = a, .n_attrs = RS_COUNT(a)
#define CHILDREN(a) .children = a, .n_children = RS_COUNT(a)
#define OF(T) .size = sizeof(T), .line = offsetof(T, line), .kind_at = RS_NOWHERE
#define PART .size = 0, .line = RS_NOWHERE, .kind_at = RS_NOWHERE

#define DAY_S 86400.0
#define TIB (1024.0 * 1024.0 * 1024.0 * 1024.0)

/* What a figure says for itself and <style> for all of them, without the height. */
#define APPEARANCE(T) \
	A_SET(T, "colours", RS_SET_COLOURS, appearance.colours, ABS, RS_COLOURS_LAST), \
	A(T, "font", RS_TYPE_TEXT, appearance.font, 0), \
	A_NUM(T, "font-size", RS_TYPE_LENGTH, appearance.font_size_pt, 0, 5, 24, 0), \
	A_NUM(T, "hatching", RS_TYPE_YES_NO, appearance.hatching, ABS, 0, 1, -1), \
	A_NUM(T, "width", RS_TYPE_WIDTH, appearance.width_pt, 0, 100, 2000, 0)

/* ---- study ---- */

static const struct rs_attr citation_attrs[] = {
	A(struct rs_plan, "author", RS_TYPE_TEXT, citation.author, 0),
	A(struct rs_plan, "institution", RS_TYPE_TEXT, citation.institution, 0),
	A(struct rs_plan, "kind", RS_TYPE_TEXT, citation.kind, 0),
	A(struct rs_plan, "title", RS_TYPE_TEXT, citation.title, 0),
	A(struct rs_plan, "url", RS_TYPE_URL, citation.url, 0),
	A_NUM(struct rs_plan, "year", RS_TYPE_INT, citation.year, 0, 1900, 2200, 0),
};
static const struct rs_element citation = { .name = "citation", PART, ATTRS(citation_attrs) };

static const struct rs_attr use_attrs[] = {
	A(struct rs_use, "benchmark", RS_TYPE_NAME, benchmark, REQ),
	A_NUM(struct rs_use, "duration", RS_TYPE_SECONDS, duration_s, ABS, 0.001, 30 * DAY_S, -1),
	A_NUM(struct rs_use, "trials", RS_TYPE_INT, trials, ABS, 1, 10000, -1),
	A_NUM(struct rs_use, "warmup", RS_TYPE_INT, warmup, ABS, 0, 1000, -1),
};
static const struct rs_element use = { .name = "use", OF(struct rs_use), ATTRS(use_attrs) };

static const struct rs_attr profile_attrs[] = {
	A(struct rs_profile, "id", RS_TYPE_NAME, id, REQ),
	A(struct rs_profile, "title", RS_TYPE_TEXT, title, 0),
};
static const struct rs_child profile_children[] = {
	MANY(use, 0, struct rs_profile, uses, n_uses),
};
static const struct rs_element profile = { .name = "profile", OF(struct rs_profile),
					   ATTRS(profile_attrs), CHILDREN(profile_children) };

static const struct rs_attr style_attrs[] = { APPEARANCE(struct rs_plan) };
static const struct rs_element style = { .name = "style", PART, ATTRS(style_attrs) };

static const struct rs_attr study_attrs[] = {
	A(struct rs_plan, "id", RS_TYPE_NAME, id, REQ),
	A(struct rs_plan, "language", RS_TYPE_NAME, language, 0),
	A_NUM(struct rs_plan, "seed", RS_TYPE_SEED, seed, ABS, 0, 0, 1),
	A(struct rs_plan, "title", RS_TYPE_TEXT, title, REQ),
};
static const struct rs_child study_children[] = {
	ONCE(citation, 0, 0, RS_NOWHERE),
	MANY(profile, 0, struct rs_plan, profiles, n_profiles),
	ONCE(style, 0, 0, RS_NOWHERE),
};
static const struct rs_element study = { .name = "study", PART, ATTRS(study_attrs),
					 CHILDREN(study_children) };

/* ---- hardware ---- */

static const struct rs_attr cpu_attrs[] = {
	A_NUM(struct rs_hardware, "clock", RS_TYPE_HERTZ, clock_hz, 0, 1e6, 1e11, 0),
	A_NUM(struct rs_hardware, "cores", RS_TYPE_INT, cores_per_socket, ABS, 1, 256, 1),
	A(struct rs_hardware, "model", RS_TYPE_TEXT, cpu_model, REQ),
	A_NUM(struct rs_hardware, "sockets", RS_TYPE_INT, sockets, ABS, 1, 64, 1),
	A_NUM(struct rs_hardware, "threads", RS_TYPE_INT, threads_per_core, ABS, 1, 8, 1),
};
static const struct rs_element cpu = { .name = "cpu", PART, ATTRS(cpu_attrs) };

static const struct rs_attr memory_attrs[] = {
	A(struct rs_hardware, "kind", RS_TYPE_TEXT, memory_kind, 0),
	A_NUM(struct rs_hardware, "size", RS_TYPE_BYTES, memory_bytes, REQ, 64.0 * 1024 * 1024,
	      64 * TIB, 0),
};
static const struct rs_element memory = { .name = "memory", PART, ATTRS(memory_attrs) };

static const struct rs_attr disk_attrs[] = {
	A(struct rs_disk, "bus", RS_TYPE_NAME, bus, 0),
	A(struct rs_disk, "name", RS_TYPE_NAME, name, REQ),
	A_NUM(struct rs_disk, "size", RS_TYPE_BYTES, size_bytes, REQ, 1024.0 * 1024, 1024 * TIB, 0),
};
static const struct rs_element disk = { .name = "disk", OF(struct rs_disk), ATTRS(disk_attrs) };

static const struct rs_attr raid_attrs[] = {
	A_NUM(struct rs_raid, "level", RS_TYPE_INT, level, REQ, 0, 1, 0),
	A_LIST(struct rs_raid, "members", RS_TYPE_WORDS, members, n_members, REQ),
	A(struct rs_raid, "name", RS_TYPE_NAME, name, REQ),
};
static const struct rs_element raid = { .name = "raid", OF(struct rs_raid), ATTRS(raid_attrs) };

static const struct rs_attr volume_attrs[] = {
	A(struct rs_volume, "filesystem", RS_TYPE_NAME, filesystem, REQ),
	A(struct rs_volume, "mount", RS_TYPE_PATH, mount, 0),
	A(struct rs_volume, "name", RS_TYPE_NAME, name, REQ),
	A_NUM(struct rs_volume, "size", RS_TYPE_BYTES, size_bytes, REQ, 1024.0 * 1024, 1024 * TIB, 0),
};
static const struct rs_element volume = { .name = "volume", OF(struct rs_volume),
					  ATTRS(volume_attrs) };

static const struct rs_attr group_attrs[] = {
	A(struct rs_volume_group, "name", RS_TYPE_NAME, name, REQ),
	A(struct rs_volume_group, "on", RS_TYPE_NAME, on, REQ),
};
static const struct rs_child group_children[] = {
	MANY(volume, 0, struct rs_volume_group, volumes, n_volumes),
};
static const struct rs_element group = { .name = "volume-group", OF(struct rs_volume_group),
					 ATTRS(group_attrs), CHILDREN(group_children) };

static const struct rs_attr nic_attrs[] = {
	A_NUM(struct rs_nic, "capacity", RS_TYPE_BITRATE, capacity_bps, REQ, 1e3, 1e13, 0),
	A_NUM(struct rs_nic, "link", RS_TYPE_BITRATE, link_bps, ABS, 1e3, 1e13, 0),
	A(struct rs_nic, "name", RS_TYPE_NAME, name, REQ),
	A(struct rs_nic, "title", RS_TYPE_TEXT, title, 0),
};
static const struct rs_element nic = { .name = "nic", OF(struct rs_nic), ATTRS(nic_attrs) };

static const struct rs_attr hardware_attrs[] = {
	A(struct rs_hardware, "title", RS_TYPE_TEXT, title, REQ),
};
static const struct rs_child hardware_children[] = {
	ONCE(cpu, RS_CHILD_REQUIRED, 0, RS_NOWHERE),
	ONCE(memory, RS_CHILD_REQUIRED, 0, RS_NOWHERE),
	MANY(disk, RS_CHILD_REQUIRED, struct rs_hardware, disks, n_disks),
	MANY(raid, 0, struct rs_hardware, raids, n_raids),
	MANY(group, 0, struct rs_hardware, groups, n_groups),
	MANY(nic, 0, struct rs_hardware, nics, n_nics),
};
static const struct rs_element hardware = { .name = "hardware", OF(struct rs_hardware),
					    ATTRS(hardware_attrs), CHILDREN(hardware_children) };

/* ---- image, system ---- */

static const struct rs_element image_packages = {
	.name = "packages", PART, .content = RS_CONTENT_WORDS,
	.text = offsetof(struct rs_image, packages), .text_more = offsetof(struct rs_image, n_packages),
};
static const struct rs_attr image_substitute_attrs[] = {
	A(struct rs_image, "image", RS_TYPE_NAME, substitute, REQ),
};
static const struct rs_element image_substitute = {
	.name = "substitute", PART, ATTRS(image_substitute_attrs), .content = RS_CONTENT_NEEDED,
	.text = offsetof(struct rs_image, substitute_reason),
};
static const struct rs_attr image_attrs[] = {
	A(struct rs_image, "architecture", RS_TYPE_NAME, architecture, 0),
	A_SET(struct rs_image, "builder", RS_SET_BUILDER, builder, REQ, 0),
	A(struct rs_image, "distribution", RS_TYPE_TEXT, distribution, REQ),
	A(struct rs_image, "id", RS_TYPE_NAME, id, REQ),
	A(struct rs_image, "release", RS_TYPE_NAME, release, REQ),
	A(struct rs_image, "sha256", RS_TYPE_SHA256, sha256, 0),
	A(struct rs_image, "title", RS_TYPE_TEXT, title, 0),
	A(struct rs_image, "url", RS_TYPE_SOURCE, url, 0),
};
static const struct rs_child image_children[] = {
	ONCE(image_packages, 0, 0, RS_NOWHERE),
	ONCE(image_substitute, 0, 0, RS_NOWHERE),
};
static const struct rs_element image = { .name = "image", OF(struct rs_image), ATTRS(image_attrs),
					 CHILDREN(image_children) };

static const struct rs_attr pair_attrs[] = {
	A(struct rs_setting_kv, "comment", RS_TYPE_TEXT, comment, 0),
	A(struct rs_setting_kv, "key", RS_TYPE_NAME, key, REQ),
	A(struct rs_setting_kv, "value", RS_TYPE_TEXT, value, REQ),
};
static const struct rs_element limit = { .name = "limit", OF(struct rs_setting_kv),
					 ATTRS(pair_attrs) };
static const struct rs_element sysctl = { .name = "sysctl", OF(struct rs_setting_kv),
					  ATTRS(pair_attrs) };
static const struct rs_element setting = { .name = "setting", OF(struct rs_setting_kv),
					   ATTRS(pair_attrs) };

static const struct rs_attr guest_disk_attrs[] = {
	A(struct rs_guest_disk, "device", RS_TYPE_NAME, device, 0),
	A(struct rs_guest_disk, "filesystem", RS_TYPE_NAME, filesystem, REQ),
	A(struct rs_guest_disk, "group", RS_TYPE_NAME, group, REQ),
	A(struct rs_guest_disk, "mount", RS_TYPE_PATH, mount, 0),
	A_NUM(struct rs_guest_disk, "size", RS_TYPE_BYTES, size_bytes, REQ, 1024.0 * 1024,
	      1024 * TIB, 0),
	A(struct rs_guest_disk, "volume", RS_TYPE_TEXT, volume, REQ),
};
static const struct rs_element guest_disk = { .name = "disk", OF(struct rs_guest_disk),
					      ATTRS(guest_disk_attrs) };

static const struct rs_attr network_attrs[] = {
	A(struct rs_guests, "address", RS_TYPE_IPV4, address, 0),
	A(struct rs_guests, "bridge", RS_TYPE_NAME, bridge, 0),
	A(struct rs_guests, "gateway", RS_TYPE_IPV4, gateway, 0),
	A(struct rs_guests, "mac", RS_TYPE_MAC, mac, 0),
	A(struct rs_guests, "netmask", RS_TYPE_IPV4, netmask, 0),
};
static const struct rs_element network = { .name = "network", PART, ATTRS(network_attrs) };

static const struct rs_attr guests_attrs[] = {
	A_LIST(struct rs_guests, "count", RS_TYPE_INTS, counts, n_counts, REQ),
	A_NUM(struct rs_guests, "cpus", RS_TYPE_REAL, cpus, 0, 0.01, 1024, 0),
	A_NUM(struct rs_guests, "memory", RS_TYPE_BYTES, memory_bytes, 0, 4.0 * 1024 * 1024,
	      64 * TIB, 0),
	A_LIST(struct rs_guests, "names", RS_TYPE_WORDS, names, n_names, 0),
};
static const struct rs_child guests_children[] = {
	MANY(guest_disk, 0, struct rs_guests, disks, n_disks),
	MANY(limit, 0, struct rs_guests, limits, n_limits),
	ONCE(network, 0, 0, RS_NOWHERE),
};
static const struct rs_element guests = { .name = "guests", OF(struct rs_guests),
					  ATTRS(guests_attrs), CHILDREN(guests_children) };

static const struct rs_element system_packages = {
	.name = "packages", PART, .content = RS_CONTENT_WORDS,
	.text = offsetof(struct rs_system, packages),
	.text_more = offsetof(struct rs_system, n_packages),
};
static const struct rs_attr system_substitute_attrs[] = {
	A_SET(struct rs_system, "platform", RS_SET_PLATFORM, substitute, REQ, 0),
};
static const struct rs_element system_substitute = {
	.name = "substitute", PART, ATTRS(system_substitute_attrs), .content = RS_CONTENT_NEEDED,
	.text = offsetof(struct rs_system, substitute_reason),
};
static const struct rs_attr system_attrs[] = {
	A(struct rs_system, "baseline", RS_TYPE_YES_NO, is_baseline, 0),
	A_SET(struct rs_system, "boot", RS_SET_BOOT, boot, ABS, RS_BOOT_LAST),
	A(struct rs_system, "id", RS_TYPE_NAME, id, REQ),
	A(struct rs_system, "image", RS_TYPE_NAME, image, 0),
	A_SET(struct rs_system, "platform", RS_SET_PLATFORM, platform, REQ, 0),
	A(struct rs_system, "title", RS_TYPE_TEXT, title, 0),
};
static const struct rs_child system_children[] = {
	ONCE(system_packages, 0, 0, RS_NOWHERE),
	MANY(sysctl, 0, struct rs_system, sysctls, n_sysctls),
	MANY(setting, 0, struct rs_system, settings, n_settings),
	ONCE(guests, 0, offsetof(struct rs_system, guests), RS_NOWHERE),
	ONCE(system_substitute, 0, 0, offsetof(struct rs_system, has_substitute)),
};
static const struct rs_element system_element = { .name = "system", OF(struct rs_system),
						  ATTRS(system_attrs), CHILDREN(system_children) };

/* ---- benchmark ---- */

struct argument {		/* an array of char * read as an array of one-field structs */
	char *value;
};
static const struct rs_attr argument_attrs[] = {
	A(struct argument, "value", RS_TYPE_TEXT, value, REQ),
};
static const struct rs_element argument = {
	.name = "argument", .size = sizeof(struct argument), .line = RS_NOWHERE,
	.kind_at = RS_NOWHERE, ATTRS(argument_attrs),
};

static const struct rs_attr metric_attrs[] = {
	A_SET(struct rs_metric_rule, "better", RS_SET_BETTER, better, REQ, 0),
	A(struct rs_metric_rule, "expression", RS_TYPE_TEXT, expression, REQ),
	A_SET(struct rs_metric_rule, "group", RS_SET_GROUP, group, ABS, RS_GROUP_OTHER),
	A(struct rs_metric_rule, "id", RS_TYPE_NAME, id, REQ),
	A_SET(struct rs_metric_rule, "rule", RS_SET_RULE, rule, REQ, 0),
	A(struct rs_metric_rule, "title", RS_TYPE_TEXT, title, 0),
	A(struct rs_metric_rule, "unit", RS_TYPE_TEXT, unit, REQ),
};
static const struct rs_element metric = { .name = "metric", OF(struct rs_metric_rule),
					  ATTRS(metric_attrs) };

static const struct rs_attr benchmark_attrs[] = {
	A_SET(struct rs_benchmark, "adapter", RS_SET_ADAPTER, adapter, REQ, 0),
	A_NUM(struct rs_benchmark, "concurrency", RS_TYPE_INT, concurrency, 0, 1, 10000, 0),
	A(struct rs_benchmark, "drop-caches", RS_TYPE_YES_NO, drop_caches, 0),
	A_NUM(struct rs_benchmark, "duration", RS_TYPE_SECONDS, duration_s, ABS, 0.001, 30 * DAY_S,
	      -1),
	A(struct rs_benchmark, "guests", RS_TYPE_GUESTS_MODE, sequential, 0),
	A(struct rs_benchmark, "id", RS_TYPE_NAME, id, REQ),
	A(struct rs_benchmark, "keep-alive", RS_TYPE_YES_NO, keep_alive, 0),
	A_NUM(struct rs_benchmark, "page-size", RS_TYPE_BYTES, page_bytes, 0, 1, 1073741824.0, 0),
	A(struct rs_benchmark, "path", RS_TYPE_PATH, path, 0),
	A_NUM(struct rs_benchmark, "pause", RS_TYPE_SECONDS, pause_s, 0, 0, DAY_S, 0),
	A_NUM(struct rs_benchmark, "rate", RS_TYPE_REAL, rate_per_s, 0, 0.001, 1e7, 0),
	A_SET(struct rs_benchmark, "repetition", RS_SET_REPETITION, repetition, 0, 0),
	A(struct rs_benchmark, "sha256", RS_TYPE_SHA256, sha256, 0),
	A(struct rs_benchmark, "source", RS_TYPE_URL, source, 0),
	A_LIST(struct rs_benchmark, "systems", RS_TYPE_WORDS, systems, n_systems, 0),
	A_LIST(struct rs_benchmark, "tests", RS_TYPE_WORDS, tests, n_tests, 0),
	A(struct rs_benchmark, "title", RS_TYPE_TEXT, title, 0),
	A_NUM(struct rs_benchmark, "trials", RS_TYPE_INT, trials, ABS, 1, 10000, -1),
	A(struct rs_benchmark, "version", RS_TYPE_NAME, version, 0),
	A_NUM(struct rs_benchmark, "warmup", RS_TYPE_INT, warmup, ABS, 0, 1000, -1),
};
static const struct rs_child benchmark_children[] = {
	MANY(argument, 0, struct rs_benchmark, arguments, n_arguments),
	MANY(metric, 0, struct rs_benchmark, metrics, n_metrics),
};
static const struct rs_element benchmark = { .name = "benchmark", OF(struct rs_benchmark),
					     ATTRS(benchmark_attrs), CHILDREN(benchmark_children) };

/* ---- exhibits ---- */

static const struct rs_attr row_attrs[] = {
	A_NUM(struct rs_row, "decimals", RS_TYPE_INT, decimals, ABS, 0, 9, -1),
	A(struct rs_row, "label", RS_TYPE_TEXT, label, 0),
	A(struct rs_row, "metric", RS_TYPE_NAME, metric, REQ),
	A(struct rs_row, "unit", RS_TYPE_TEXT, unit, 0),
};
static const struct rs_element bar = { .name = "bar", OF(struct rs_row), ATTRS(row_attrs) };
static const struct rs_element row = { .name = "row", OF(struct rs_row), ATTRS(row_attrs) };

#define EXHIBIT_NAMED \
	A(struct rs_exhibit, "caption", RS_TYPE_TEXT, caption, REQ), \
	A(struct rs_exhibit, "id", RS_TYPE_NAME, id, REQ), \
	A(struct rs_exhibit, "number", RS_TYPE_NAME, number, REQ)
#define EXHIBIT_MEASURED \
	A(struct rs_exhibit, "benchmark", RS_TYPE_NAME, benchmark, 0), \
	A_SET(struct rs_exhibit, "over", RS_SET_OVER_GUESTS, over, ABS, RS_OVER_MEAN), \
	A(struct rs_exhibit, "published", RS_TYPE_NAME, published, 0), \
	A_NUM(struct rs_exhibit, "scale", RS_TYPE_REAL, scale, 0, 1e-9, 1e9, 0), \
	A_LIST(struct rs_exhibit, "systems", RS_TYPE_WORDS, systems, n_systems, 0), \
	A_SET(struct rs_exhibit, "value", RS_SET_VALUE_KIND, value, ABS, RS_VALUE_ABSOLUTE)

static const struct rs_attr figure_attrs[] = {
	EXHIBIT_NAMED,
	EXHIBIT_MEASURED,
	A_SET(struct rs_exhibit, "chart", RS_SET_CHART_KIND, chart, ABS, RS_CHART_BARS),
	A_NUM(struct rs_exhibit, "height", RS_TYPE_LENGTH, appearance.height_pt, 0, 40, 2000, 0),
	A_NUM(struct rs_exhibit, "seconds", RS_TYPE_YES_NO, seconds, 0, 0, 1, 0),
	APPEARANCE(struct rs_exhibit),
};
static const struct rs_child figure_children[] = {
	MANY(bar, 0, struct rs_exhibit, rows, n_rows),
};
static const struct rs_element figure = {
	.name = "figure", .size = sizeof(struct rs_exhibit), .line = offsetof(struct rs_exhibit, line),
	ATTRS(figure_attrs), CHILDREN(figure_children),
	.kind_at = offsetof(struct rs_exhibit, kind), .kind = RS_EXHIBIT_FIGURE,
};

static const struct rs_attr table_attrs[] = { EXHIBIT_NAMED, EXHIBIT_MEASURED };
static const struct rs_child table_children[] = {
	MANY(row, RS_CHILD_REQUIRED, struct rs_exhibit, rows, n_rows),
};
static const struct rs_element table = {
	.name = "table", .size = sizeof(struct rs_exhibit), .line = offsetof(struct rs_exhibit, line),
	ATTRS(table_attrs), CHILDREN(table_children),
	.kind_at = offsetof(struct rs_exhibit, kind), .kind = RS_EXHIBIT_TABLE,
};

static const struct rs_attr listing_attrs[] = {
	EXHIBIT_NAMED,
	A(struct rs_exhibit, "system", RS_TYPE_NAME, system, 0),
	A(struct rs_exhibit, "template", RS_TYPE_NAME, listing, REQ),
};
static const struct rs_attr printed_attrs[] = {
	A(struct rs_setting_kv, "comment", RS_TYPE_TEXT, comment, 0),
	A(struct rs_setting_kv, "key", RS_TYPE_TEXT, key, REQ),
	A(struct rs_setting_kv, "value", RS_TYPE_TEXT, value, REQ),
};
static const struct rs_element printed = { .name = "printed", OF(struct rs_setting_kv),
					   ATTRS(printed_attrs) };
static const struct rs_child listing_children[] = {
	MANY(printed, 0, struct rs_exhibit, printed, n_printed),
};
static const struct rs_element listing = {
	.name = "listing", .size = sizeof(struct rs_exhibit), .line = offsetof(struct rs_exhibit, line),
	ATTRS(listing_attrs), CHILDREN(listing_children), .kind_at = offsetof(struct rs_exhibit, kind), .kind = RS_EXHIBIT_LISTING,
};

/* ---- published, claim ---- */

static const struct rs_attr value_attrs[] = {
	A(struct rs_published_value, "metric", RS_TYPE_NAME, metric, REQ),
	A(struct rs_published_value, "system", RS_TYPE_NAME, system, REQ),
};
static const struct rs_element value = {
	.name = "value", OF(struct rs_published_value), ATTRS(value_attrs),
	.content = RS_CONTENT_NUMBER, .text = offsetof(struct rs_published_value, text),
	.text_more = offsetof(struct rs_published_value, value),
};
static const struct rs_attr ratio_attrs[] = {
	A_SET(struct rs_published_ratio, "as", RS_SET_RATIO, as, REQ, 0),
	A(struct rs_published_ratio, "metric", RS_TYPE_NAME, metric, 0),
	A(struct rs_published_ratio, "system", RS_TYPE_NAME, system, REQ),
	A(struct rs_published_ratio, "versus", RS_TYPE_NAME, versus, 0),
};
static const struct rs_element ratio = {
	.name = "ratio", OF(struct rs_published_ratio), ATTRS(ratio_attrs),
	.content = RS_CONTENT_NUMBER, .text = offsetof(struct rs_published_ratio, text),
	.text_more = offsetof(struct rs_published_ratio, value),
};
static const struct rs_attr published_attrs[] = {
	A(struct rs_published, "benchmark", RS_TYPE_NAME, benchmark, REQ),
	A_NUM(struct rs_published, "concurrency", RS_TYPE_INT, concurrency, 0, 1, 1000000, 0),
	A_NUM(struct rs_published, "duration", RS_TYPE_SECONDS, duration_s, 0, 0.001, 365 * DAY_S, 0),
	A(struct rs_published, "id", RS_TYPE_NAME, id, REQ),
	A(struct rs_published, "source", RS_TYPE_TEXT, source, REQ),
};
static const struct rs_child published_children[] = {
	MANY(value, 0, struct rs_published, values, n_values),
	MANY(ratio, 0, struct rs_published, ratios, n_ratios),
};
static const struct rs_element published = { .name = "published", OF(struct rs_published),
					     ATTRS(published_attrs), CHILDREN(published_children) };

static const struct rs_attr claim_attrs[] = {
	A(struct rs_claim, "benchmark", RS_TYPE_NAME, benchmark, 0),
	A_NUM(struct rs_claim, "bound", RS_TYPE_REAL, bound, REQ, -1e15, 1e15, 0),
	A_SET(struct rs_claim, "group", RS_SET_GROUP, group, ABS, RS_GROUP_LAST),
	A(struct rs_claim, "id", RS_TYPE_NAME, id, REQ),
	A(struct rs_claim, "metric", RS_TYPE_NAME, metric, 0),
	A_SET(struct rs_claim, "over", RS_SET_OVER_GUESTS, over, ABS, RS_OVER_MEAN),
	A_SET(struct rs_claim, "quantity", RS_SET_QUANTITY, quantity, REQ, 0),
	A_SET(struct rs_claim, "relation", RS_SET_RELATION, relation, REQ, 0),
	A(struct rs_claim, "source", RS_TYPE_TEXT, source, REQ),
	A(struct rs_claim, "system", RS_TYPE_NAME, system, REQ),
	A_NUM(struct rs_claim, "tolerance", RS_TYPE_REAL, tolerance, 0, 0, 0.999, 0),
	A(struct rs_claim, "versus", RS_TYPE_NAME, versus, 0),
};
static const struct rs_element claim = {
	.name = "claim", OF(struct rs_claim), ATTRS(claim_attrs), .content = RS_CONTENT_NEEDED,
	.text = offsetof(struct rs_claim, text),
};

/* ---- plan ---- */

static const struct rs_child plan_children[] = {
	ONCE(study, RS_CHILD_REQUIRED, 0, RS_NOWHERE),
	ONCE(hardware, 0, offsetof(struct rs_plan, hardware), offsetof(struct rs_plan, has_hardware)),
	MANY(image, 0, struct rs_plan, images, n_images),
	MANY(system_element, RS_CHILD_REQUIRED, struct rs_plan, systems, n_systems),
	MANY(benchmark, RS_CHILD_REQUIRED, struct rs_plan, benchmarks, n_benchmarks),
	MANY(figure, 0, struct rs_plan, exhibits, n_exhibits),
	MANY(table, 0, struct rs_plan, exhibits, n_exhibits),
	MANY(listing, 0, struct rs_plan, exhibits, n_exhibits),
	MANY(published, 0, struct rs_plan, published, n_published),
	MANY(claim, 0, struct rs_plan, claims, n_claims),
};
static const struct rs_element plan = { .name = "plan", PART, CHILDREN(plan_children) };

const struct rs_element *rs_vocabulary(void)
{
	return &plan;
}
