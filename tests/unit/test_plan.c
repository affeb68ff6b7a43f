/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plan: the study that ships, every complaint with its place and caret against a
 * golden text, the schema's agreement with the parser, and what lint says.  The
 * golden texts are rewritten when RESTUDY_REGEN is set; a person reads the change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "restudy/base/buf.h"
#include "restudy/base/cmd.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/plan.h"

#define GOLDEN RS_SOURCE_DIR "/tests/golden/plan"
#define THESIS RS_SOURCE_DIR "/thesis-plan.xml"
#define SCHEMA RS_SOURCE_DIR "/data/schema/plan.xsd"

/* ---- the study that ships ---- */

static struct rs_plan *load_thesis(void)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	struct rs_err err = RS_ERR_INIT;
	struct rs_plan *plan = rs_plan_load(THESIS, &diags, &err);

	if (plan == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(diags.n, 0);
	return plan;
}

/* Expected values are those printed in sections 3.1 to 3.4 of the paper. */
static void thesis_has_the_machine(void **state)
{
	RS_AUTO_PLAN *plan = load_thesis();
	const struct rs_hardware *hw = &plan->hardware;

	(void)state;
	assert_string_equal(hw->title, "IBM xSeries 345");
	assert_int_equal(hw->sockets, 2);
	assert_true(hw->clock_hz > 2.79e9 && hw->clock_hz < 2.81e9);
	assert_true(hw->memory_bytes == INT64_C(2147483648));
	assert_int_equal(hw->n_disks, 2);
	assert_true(hw->disks[1].size_bytes == INT64_C(36000000000));
	assert_int_equal(hw->raids[0].level, 1);
	assert_int_equal(hw->raids[0].n_members, 2);
	assert_string_equal(hw->groups[0].name, "VolGroup00");
	assert_string_equal(hw->groups[0].on, "md0");
	assert_string_equal(hw->groups[0].volumes[0].mount, "/vz");
	assert_int_equal(hw->n_nics, 2);
	assert_true(hw->nics[0].capacity_bps > 0.99e9 && hw->nics[0].link_bps < 1.01e8);
	assert_null(plan->citation.author);
	assert_int_equal(plan->citation.year, 2006);
}

static void thesis_has_the_systems(void **state)
{
	RS_AUTO_PLAN *plan = load_thesis();
	const struct rs_system *vz = rs_plan_system(plan, "openvz"), *xen = rs_plan_system(plan, "xen");

	(void)state;
	assert_string_equal(rs_plan_baseline(plan)->id, "host");
	assert_int_equal(rs_plan_baseline(plan)->guests.n_counts, 0);
	assert_int_equal(vz->platform, RS_PLATFORM_OPENVZ);
	assert_int_equal(vz->substitute, RS_PLATFORM_LXC);
	assert_int_equal(vz->boot, RS_BOOT_PLAIN);
	assert_string_equal(vz->guests.names[2], "103");
	assert_string_equal(vz->packages[1], "vzctl-3.0.11-1.i386.rpm");
	assert_int_equal(vz->n_packages, 9);
	assert_int_equal(vz->n_sysctls, 6);
	assert_string_equal(vz->sysctls[0].key, "net.ipv4.ip_forward");
	assert_int_equal(xen->platform, RS_PLATFORM_XEN);
	assert_int_equal(xen->boot, RS_BOOT_XEN);
	assert_int_equal(xen->has_substitute, 0);
	assert_int_equal(xen->n_packages, 6);
	assert_int_equal(xen->guests.counts[0], 3);
	assert_true(xen->guests.memory_bytes == 256 * INT64_C(1048576));
	assert_string_equal(xen->guests.disks[0].volume, "xenU_%d.1");
	assert_string_equal(xen->guests.disks[1].filesystem, "swap");
	assert_string_equal(xen->guests.address, "192.168.0.2");
	assert_string_equal(xen->guests.bridge, "xen-br0");
}

static void thesis_has_the_measurements(void **state)
{
	RS_AUTO_PLAN *plan = load_thesis();
	const struct rs_benchmark *siege = rs_plan_benchmark(plan, "siege");
	const struct rs_published *table = rs_plan_published(plan, "published-3.1");
	const struct rs_exhibit *cpu = rs_plan_exhibit(plan, "fig-3.2");

	(void)state;
	assert_true(rs_plan_duration_s(siege, rs_plan_profile(plan, "thesis")) == 1800);
	assert_true(rs_plan_duration_s(siege, rs_plan_profile(plan, "quick")) == 5);
	assert_int_equal(rs_plan_trials(siege, rs_plan_profile(plan, "quick")), 3);
	assert_int_equal(rs_plan_warmup(siege, rs_plan_profile(plan, "quick")), 0);
	assert_int_equal(siege->sequential, 0);
	assert_int_equal(rs_plan_benchmark(plan, "unixbench")->sequential, 1);
	assert_int_equal(table->n_values, 15);
	assert_string_equal(table->values[0].text, "1426657");
	assert_string_equal(table->values[13].system, "xen");
	assert_true(table->values[11].value > 897.04 && table->values[11].value < 897.06);
	assert_int_equal(cpu->value, RS_VALUE_INDEX);
	assert_true(cpu->scale == 10);
	assert_int_equal(rs_plan_exhibit(plan, "fig-3.1")->chart, RS_CHART_STORAGE);
	assert_true(plan->n_claims >= 14);
}

/* ---- golden texts ---- */

/* What a person sees for a plan: its diagnostics, lint's too when it has no error. */
static char *shown(const char *folder, const char *name)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_BUF source = RS_BUF_INIT, out = RS_BUF_INIT;
	RS_AUTO_STR *path = rs_path_join(folder, name, NULL);
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_PLAN *plan = NULL;
	char *ret;

	assert_non_null(path);
	assert_int_equal(rs_path_read(path, 8 * 1024 * 1024, &source, NULL), 0);
	plan = rs_plan_load(path, &diags, &err);
	if (plan != NULL)
		assert_int_equal(rs_plan_lint(plan, &diags, &err), 0);
	else
		assert_true(err.kind == RS_ERR_PLAN && err.text[0] != '\0');
	assert_true((plan == NULL) == (rs_diagnostics_worst(&diags) == RS_LEVEL_ERROR));
	rs_diagnostics_print(&diags, name, rs_buf_str(&source), &out);
	ret = out.len > 0 ? rs_buf_steal(&out) : strdup("");
	assert_non_null(ret);
	return ret;
}

/* Compares with (or rewrites) NAME.diag beside NAME.xml. */
static void check_golden(const char *folder, const char *name)
{
	RS_AUTO_STR *is = shown(folder, name);
	RS_AUTO_STR *path = NULL;
	RS_AUTO_BUF expected = RS_BUF_INIT;

	path = rs_asprintf(NULL, "%s/%.*s.diag", folder, (int)(strlen(name) - 4), name);
	assert_non_null(path);
	if (getenv("RESTUDY_REGEN") != NULL) {
		assert_int_equal(rs_path_write(path, is, strlen(is), NULL), 0);
		return;
	}
	if (rs_path_read(path, 1 << 20, &expected, NULL) < 0)
		fail_msg("%s is missing; set RESTUDY_REGEN=1, then read it", path);
	if (strcmp(rs_buf_str(&expected), is) != 0)
		fail_msg("%s: expected\n%s\nbut got\n%s", name, rs_buf_str(&expected), is);
}

static int is_xml(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && strcmp(name + n - 4, ".xml") == 0 && strncmp(name, "part-", 5) != 0;
}

/* Calls check for every plan of a golden folder; returns how many there are. */
static size_t each_golden(const char *kind, void (*check)(const char *folder, const char *name))
{
	RS_AUTO_STR *folder = rs_path_join(GOLDEN, kind, NULL);
	RS_AUTO_ARGV names = NULL;
	size_t n, seen = 0;

	assert_non_null(folder);
	assert_int_equal(rs_path_list(folder, &names, &n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		if (!is_xml(names[i]))
			continue;
		check(folder, names[i]);
		seen++;
	}
	return seen;
}

static void must_be_refused(const char *folder, const char *name)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_STR *path = rs_path_join(folder, name, NULL);
	RS_AUTO_PLAN *plan = rs_plan_load(path, &diags, NULL);

	if (plan != NULL)
		fail_msg("%s is wrong and was accepted", name);
}

static void must_be_accepted(const char *folder, const char *name)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_STR *path = rs_path_join(folder, name, NULL);
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_PLAN *plan = rs_plan_load(path, &diags, &err);

	if (plan == NULL)
		fail_msg("%s: %s", name, err.text);
}

static void every_mistake_is_told(void **state)
{
	(void)state;
	assert_true(each_golden("invalid", check_golden) >= 60);
	each_golden("invalid", must_be_refused);
}

static void every_valid_plan_loads(void **state)
{
	(void)state;
	assert_true(each_golden("valid", check_golden) >= 3);
	each_golden("valid", must_be_accepted);
}

static void every_lint_rule_speaks(void **state)
{
	(void)state;
	assert_true(each_golden("lint", check_golden) >= 10);
	each_golden("lint", must_be_accepted);
}

/* ---- the schema ---- */

/* xmllint's verdict, independent of our parser: 0 accepted, else refused. */
static int xmllint_says(const char *path)
{
	RS_AUTO_CMD *cmd = rs_cmd_new("xmllint");
	struct rs_cmd_result result;

	rs_cmd_args(cmd, (const char *const[]){ "--nonet", "--noout", "--xinclude",
						"--nofixup-base-uris", "--schema", SCHEMA, NULL });
	rs_cmd_arg(cmd, path);
	rs_cmd_timeout(cmd, 60);
	assert_int_equal(rs_cmd_run(cmd, &result, NULL), 0);
	return result.status;
}

static void schema_must_accept(const char *folder, const char *name)
{
	RS_AUTO_STR *path = rs_path_join(folder, name, NULL);

	if (xmllint_says(path) != 0)
		fail_msg("the schema refuses %s, the parser accepts it", name);
}

/* A file whose shape is wrong is named shape-*: schema and parser both refuse it. */
static void schema_must_refuse(const char *folder, const char *name)
{
	RS_AUTO_STR *path = rs_path_join(folder, name, NULL);

	if (strncmp(name, "shape-", 6) == 0 && xmllint_says(path) == 0)
		fail_msg("the schema accepts %s, the parser refuses it", name);
}

static void schema_agrees_with_the_parser(void **state)
{
	RS_AUTO_STR *xmllint = rs_path_program("xmllint");

	(void)state;
	if (xmllint == NULL)
		skip();
	assert_int_equal(xmllint_says(THESIS), 0);
	each_golden("valid", schema_must_accept);
	each_golden("lint", schema_must_accept);
	each_golden("invalid", schema_must_refuse);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thesis_has_the_machine),
		cmocka_unit_test(thesis_has_the_systems),
		cmocka_unit_test(thesis_has_the_measurements),
		cmocka_unit_test(every_mistake_is_told),
		cmocka_unit_test(every_valid_plan_loads),
		cmocka_unit_test(every_lint_rule_speaks),
		cmocka_unit_test(schema_agrees_with_the_parser),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
