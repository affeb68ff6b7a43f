/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mistakes in printed listings: each kind once, and lines that have none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/plan.h"
#include "restudy/report.h"

static char sysctl_name[] = "sysctl", xen_name[] = "xen-guest", fstab_name[] = "fstab",
	    xend_name[] = "xend-config";

/* The listing of one line; how many mistakes it has. */
static size_t mistakes(char *listing, const char *key, const char *value, const char *comment,
		       struct rs_buf *out)
{
	static char id[] = "l", number[] = "1", vz[] = "vz", one[] = "1", forward[] = "net.ipv4.ip_forward",
		    sysrq[] = "kernel.sysrq", sda1[] = "sda1", sda2[] = "sda2", ext3[] = "ext3",
		    swap[] = "swap", cpus[] = "dom0-cpus", nought[] = "0";
	struct rs_setting_kv sysctls[] = { { .key = forward, .value = one }, { .key = sysrq, .value = one } };
	struct rs_setting_kv settings[] = { { .key = cpus, .value = nought } };
	struct rs_guest_disk disks[] = { { .device = sda1, .filesystem = ext3 },
					 { .device = sda2, .filesystem = swap } };
	struct rs_system s = { .id = vz, .sysctls = sysctls, .n_sysctls = 2, .settings = settings,
			       .n_settings = 1, .guests = { .disks = disks, .n_disks = 2 } };
	RS_AUTO_STR *k = rs_strdup(key, NULL), *v = rs_strdup(value, NULL);
	RS_AUTO_STR *c = comment != NULL ? rs_strdup(comment, NULL) : NULL;
	struct rs_setting_kv line = { .key = k, .value = v, .comment = c };
	struct rs_exhibit e = { .id = id, .number = number, .listing = listing, .system = vz,
				.kind = RS_EXHIBIT_LISTING, .printed = &line, .n_printed = 1 };
	const struct rs_plan plan = { .systems = &s, .n_systems = 1, .exhibits = &e, .n_exhibits = 1 };
	size_t bad = 99;

	rs_buf_clear(out);
	assert_int_equal(rs_report_audit_listings(&plan, out, &bad, NULL), 0);
	return bad;
}

static void each_mistake_is_found(void **state)
{
	static const struct {
		char *listing;
		const char *key, *value, *comment, *says;
	} rows[] = {
		{ sysctl_name, "kernel.sys_rq", "1", NULL, "\"kernel.sysrq\" must be meant" },
		{ sysctl_name, "net.ipv4.ip_forward", "1", "forwarding: off", "switched off, its value 1" },
		{ sysctl_name, "net.ipv4.ip_forward", "0", "forwarding: on", "switched on, its value 0" },
		{ sysctl_name, "net.ipv4.ip_forward", "0", NULL, "the plan has \"1\"" },
		{ sysctl_name, "net.none", "0", NULL, "no such setting" },
		{ xend_name, "dom0-cpus", "1", NULL, "the plan has \"0\"" },
		{ xen_name, "Name", "x", NULL, "\"name\" must be meant" },
		{ xen_name, "if", "'mac=00:00:00:00:00:01, bridge=b'", NULL, "under the wrong key" },
		{ xen_name, "nonsense", "1", NULL, "there is no such key" },
		{ xen_name, "disk", "'phy:VG/x,sda3,w'", NULL, "no disk \"sda3\"" },
		{ xen_name, "disk", "'phy:VG/x, sda1, w'", NULL, "blanks" },
		{ fstab_name, "/dev/sda3", "swap swap defaults 0 0", NULL, "its swap is \"/dev/sda2\"" },
		{ fstab_name, "none", "/sys sysfsdefaults 0 0", NULL, "six fields" },
	};
	RS_AUTO_BUF out = RS_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < RS_COUNT(rows); i++) {
		assert_true(mistakes(rows[i].listing, rows[i].key, rows[i].value, rows[i].comment, &out) >= 1);
		if (strstr(rs_buf_str(&out), rows[i].says) == NULL)
			fail_msg("\"%s\" is not in \"%s\"", rows[i].says, rs_buf_str(&out));
	}
}

static void right_lines_have_none(void **state)
{
	static const struct {
		char *listing;
		const char *key, *value, *comment;
	} rows[] = {
		{ sysctl_name, "net.ipv4.ip_forward", "1", "forwarding: on" },
		{ sysctl_name, "kernel.sysrq", "1", "what it means" },
		{ xend_name, "dom0-cpus", "0", NULL },
		{ xen_name, "vif", "'mac=00:00:00:00:00:01,bridge=b'", NULL },
		{ xen_name, "disk", "'phy:VG/x,sda1,w', 'phy:VG/y,sda2,w'", NULL },
		{ fstab_name, "/dev/sda2", "swap swap defaults 0 0", NULL },
		{ fstab_name, "none", "/proc proc defaults 0 0", NULL },
	};
	RS_AUTO_BUF out = RS_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < RS_COUNT(rows); i++)
		if (mistakes(rows[i].listing, rows[i].key, rows[i].value, rows[i].comment, &out) != 0)
			fail_msg("%s", rs_buf_str(&out));
}

/* The study's own listings: what the text prints wrongly, and nothing else. */
static void the_listings_of_the_study(void **state)
{
	struct rs_diagnostics d = RS_DIAGNOSTICS_INIT;
	RS_AUTO_PLAN *plan = rs_plan_load(RS_SOURCE_DIR "/thesis-plan.xml", &d, NULL);
	RS_AUTO_BUF out = RS_BUF_INIT;
	size_t bad = 0;

	(void)state;
	assert_non_null(plan);
	assert_int_equal(rs_report_audit_listings(plan, &out, &bad, NULL), 0);
	assert_int_equal(bad, 8);
	rs_diagnostics_release(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_is_found),
		cmocka_unit_test(right_lines_have_none),
		cmocka_unit_test(the_listings_of_the_study),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
