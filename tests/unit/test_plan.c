/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plan: the study that ships.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "restudy/plan.h"

#define THESIS RS_SOURCE_DIR "/thesis-plan.xml"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thesis_has_the_machine),
		cmocka_unit_test(thesis_has_the_systems),
		cmocka_unit_test(thesis_has_the_measurements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
