/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run: what the kernel's counters mean for a cell, and whether a machine is quiet, against
 * files of a made-up machine whose differences were added up by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../src/run/pulse_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

static void put(const char *root, const char *path, const char *text)
{
	struct rs_err e = RS_ERR_INIT;
	RS_AUTO_STR *full = rs_asprintf(&e, "%s%s", root, path);
	RS_AUTO_STR *folder = rs_strdup(full, &e);

	assert_non_null(folder);
	*strrchr(folder, '/') = '\0';
	assert_int_equal(rs_path_mkdirs(folder, &e), 0);
	assert_int_equal(rs_path_write(full, text, strlen(text), &e), 0);
}

static int make_root(void **state)
{
	char *root = strdup("/tmp/restudy-pulse.XXXXXX");

	assert_non_null(root);
	assert_non_null(mkdtemp(root));
	put(root, "/proc/stat", "cpu  1000 50 300 90000 70 5 5 20 0 0\ncpu0 1 1 1 1\nctxt 5000\n");
	put(root, "/proc/vmstat", "pgfault 100\npgmajfault 7\npswpin 10\npswpout 20\npgfaultx 9\n");
	put(root, "/proc/loadavg", "0.01 0.02 0.03 1/90 12\n");
	/* A shell whose children count, a thread of the kernel, ours, a machine, a new one. */
	put(root, "/proc/10/stat", "10 (a ) b) S 1 10 10 0 -1 4194304 1 2 3 4 100 50 30 20 20 0 1 0 777 0\n");
	put(root, "/proc/11/stat", "11 (kswapd0) S 2 0 0 0 -1 2359360 1 2 3 4 10 10 0 0 20 0 1 0 5 0\n");
	put(root, "/proc/12/stat", "12 (restudy) S 1 0 0 0 -1 4194304 1 2 3 4 10 10 0 0 20 0 1 0 6 0\n");
	put(root, "/proc/13/stat", "13 (qemu-system-x86) S 1 0 0 0 -1 4194304 1 2 3 4 1 1 0 0 20 0 1 0 7 0\n");
	put(root, "/proc/14/stat", "14 (old) S 1 0 0 0 -1 4194304 1 2 3 4 1 1 0 0 20 0 1 0 8 0\n");
	*state = root;
	return 0;
}

static int remove_root(void **state)
{
	struct rs_err e = RS_ERR_INIT;
	const int rc = rs_path_remove_tree(*state, &e);

	free(*state);
	return rc;
}

static double value(const struct rs_counter *c, const char *name)
{
	for (size_t i = 0; i < RS_PULSE_COUNTERS; i++)
		if (strcmp(c[i].name, name) == 0)
			return c[i].value;
	fail_msg("no counter %s", name);
	return 0;
}

static void counters_are_the_differences(void **state)
{
	const char *root = *state;
	const long hertz = sysconf(_SC_CLK_TCK);
	const double tick = 1.0 / (double)hertz;
	struct rs_pulse a, b;
	struct rs_counter c[RS_PULSE_COUNTERS];

	rs_pulse_take(&a, root);
	put(root, "/proc/stat", "cpu  1600 50 500 91000 70 10 15 50 0 0\nctxt 5900\n");
	put(root, "/proc/vmstat", "pgfault 450\npgmajfault 9\npswpin 15\npswpout 21\n");
	/* 100 + 50 + 30 + 20 before, 110 + 55 + 430 + 25 now */
	put(root, "/proc/10/stat", "10 (a ) b) R 1 10 10 0 -1 4194304 1 2 3 4 110 55 430 25 20 0 1 0 777 0\n");
	put(root, "/proc/11/stat", "11 (kswapd0) S 2 0 0 0 -1 2359360 1 2 3 4 900 10 0 0 20 0 1 0 5 0\n");
	put(root, "/proc/12/stat", "12 (restudy) S 1 0 0 0 -1 4194304 1 2 3 4 900 10 0 0 20 0 1 0 6 0\n");
	put(root, "/proc/13/stat", "13 (qemu-system-x86) S 1 0 0 0 -1 4194304 1 2 3 4 900 1 0 0 20 0 1 0 7 0\n");
	/* the number was used again by another program */
	put(root, "/proc/14/stat", "14 (new) S 1 0 0 0 -1 4194304 1 2 3 4 900 1 0 0 20 0 1 0 9999 0\n");
	rs_pulse_take(&b, root);
	rs_pulse_between(&a, &b, c);
	assert_true(fabs(value(c, "cpu-time") - 815 * tick) < 1e-9);
	assert_true(fabs(value(c, "steal-time") - 30 * tick) < 1e-9);
	assert_true(fabs(value(c, "others-cpu-time") - 420 * tick) < 1e-9);
	assert_true(fabs(value(c, "context-switches") - 900) < 1e-9);
	assert_true(fabs(value(c, "page-faults") - 350) < 1e-9);
	assert_true(fabs(value(c, "major-page-faults") - 2) < 1e-9);
	assert_true(fabs(value(c, "swapped-pages") - 6) < 1e-9);
	assert_true(fabs(value(c, "throttled") - 0) < 1e-9);
	assert_true(value(c, "measured-time") > 0);
	rs_pulse_release(&a);
	rs_pulse_release(&b);
}

/* In Xen's first domain the time that is stolen is that of the guests that are measured. */
static void guests_of_xen_disturb_nobody(void **state)
{
	const char *root = *state;
	struct rs_pulse a, b;
	struct rs_counter c[RS_PULSE_COUNTERS];
	RS_AUTO_BUF out = RS_BUF_INIT;

	put(root, "/proc/stat", "cpu  1000 0 0 9000 0 0 0 50 0 0\nctxt 100\n");
	put(root, "/proc/xen/capabilities", "control_d\n");
	rs_pulse_take(&a, root);
	put(root, "/proc/stat", "cpu  1100 0 0 9000 0 0 0 550 0 0\nctxt 100\n");
	rs_pulse_take(&b, root);
	rs_pulse_between(&a, &b, c);
	assert_true(value(c, "domains-time") > 0);
	rs_pulse_judge(c, RS_PULSE_COUNTERS, &out);
	assert_string_equal(rs_buf_str(&out), "");
	rs_pulse_release(&b);
	put(root, "/proc/xen/capabilities", "");	/* a guest of Xen: the same is withheld from it */
	rs_pulse_take(&b, root);
	rs_pulse_between(&a, &b, c);
	rs_pulse_judge(c, RS_PULSE_COUNTERS, &out);
	assert_non_null(strstr(rs_buf_str(&out), "the hypervisor withheld"));
	rs_pulse_release(&a);
	rs_pulse_release(&b);
}

/* Against this machine's own clock: a program that works beside us is seen, and we are not. */
static void this_process_and_its_time_are_seen(void **state)
{
	struct rs_pulse a, b;
	struct rs_counter c[RS_PULSE_COUNTERS];
	clock_t until;

	(void)state;
	rs_pulse_take(&a, "");
	until = clock() + CLOCKS_PER_SEC / 20;
	while (clock() < until)
		continue;
	rs_pulse_take(&b, "");
	rs_pulse_between(&a, &b, c);
	assert_true(value(c, "own-cpu-time") >= 0.049);
	assert_true(value(c, "cpu-time") >= 0);
	assert_true(a.n_processes > 0);
	assert_true(value(c, "context-switches") >= 0);
	rs_pulse_release(&a);
	rs_pulse_release(&b);
}

static void judged(double wall, double cpu, double steal, double others, double swapped, double heat,
		   const char *expected)
{
	const struct rs_counter c[] = {
		{ "measured-time", "s", wall },	  { "cpu-time", "s", cpu },
		{ "steal-time", "s", steal },	  { "others-cpu-time", "s", others },
		{ "swapped-pages", "count", swapped }, { "throttled", "count", heat },
	};
	RS_AUTO_BUF out = RS_BUF_INIT;

	rs_pulse_judge(c, RS_COUNT(c), &out);
	assert_string_equal(rs_buf_str(&out), expected);
}

static void bounds_are_what_they_say(void **state)
{
	(void)state;
	judged(10, 10, 0, 0, 0, 0, "");
	judged(10, 10, 0, 0.5, 0, 0, "");	/* 5 % is the bound itself */
	judged(10, 10, 0, 0.6, 0, 0, "other programs took 6 % of a processor");
	judged(0.5, 0.5, 0, 0.1, 0, 0, "");	/* within the grain of the kernel's clock */
	judged(10, 9.9, 0.1, 0, 0, 0, "");
	judged(10, 9, 1, 0, 0, 0, "the hypervisor withheld 10 % of the processor time");
	judged(10, 10, 0, 0, 256, 0, "");
	judged(10, 10, 0, 0, 257, 0, "swapping moved 257 pages");
	judged(10, 10, 0, 0, 0, 1, "heat slowed the processors 1 times");
	judged(10, 9, 1, 2, 0, 0, "other programs took 20 % of a processor; the hypervisor withheld 10 % of "
	       "the processor time");
}

/* A guest that is this machine: its kernel is not its own, and its counters grow as ours do. */
static void guests_are_asked_over_their_channel(void **state)
{
	struct rs_err e = RS_ERR_INIT;
	RS_AUTO_CHANNEL *ch = rs_channel_local(&e);
	struct rs_pulse a = { .wall_ns = 0 }, b = { .wall_ns = 0 }, here;
	struct rs_counter c[RS_PULSE_GUEST_COUNTERS];

	(void)state;
	assert_non_null(ch);
	assert_int_equal(rs_pulse_own_kernel(ch), 0);
	assert_int_equal(rs_pulse_add_guest(&a, ch), 0);
	rs_pulse_take(&here, "");
	assert_int_equal(rs_pulse_add_guest(&b, ch), 0);
	assert_true(a.switches > 0 && a.switches <= here.switches && here.switches <= b.switches);
	assert_true(a.faults > 0 && a.faults <= here.faults && here.faults <= b.faults);
	rs_pulse_guests_between(&a, &b, c);
	assert_string_equal(c[2].name, "guests-context-switches");
	assert_true(fabs(c[2].value - (b.switches - a.switches)) < 1e-9);
	assert_true(c[2].value > 0);	/* asking took some */
	assert_int_equal(rs_pulse_add_guest(&b, ch), 0);	/* a second guest is added */
	assert_true(b.switches > 1.9 * a.switches);
	rs_pulse_release(&here);
}

static int keep(void *user, const char *key, const char *text, struct rs_err *err)
{
	struct rs_buf *b = user;

	(void)err;
	rs_buf_addf(b, "%s=%s\n", key, text);
	return 0;
}

static int refuse(void *user, const char *key, const char *text, struct rs_err *err)
{
	(void)user;
	(void)key;
	(void)text;
	return rs_err_set(err, RS_ERR_FAILED, "full");
}

static void a_quiet_machine_is_not_complained_of(void **state)
{
	const char *root = *state;
	RS_AUTO_BUF said = RS_BUF_INIT;
	struct rs_err e = RS_ERR_INIT;

	put(root, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
	put(root, "/sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
	put(root, "/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "0\n");
	put(root, "/proc/swaps", "Filename Type Size Used Priority\n/dev/sda2 partition 1000 0 -2\n");
	put(root, "/proc/self/stat", "7 (a) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 20 0 1 0\n");
	assert_int_equal(rs_quiet_check(root, keep, &said, &e), 0);
	assert_string_equal(rs_buf_str(&said), "");
}

static void each_unrest_is_told_once(void **state)
{
	const char *root = *state;
	RS_AUTO_BUF said = RS_BUF_INIT;
	struct rs_err e = RS_ERR_INIT;

	put(root, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
	put(root, "/sys/devices/system/cpu/cpufreq/boost", "1\n");
	put(root, "/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "2\n");
	put(root, "/sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", "3\n");
	put(root, "/proc/swaps", "Filename Type Size Used Priority\n/dev/sda2 partition 90000 2049 -2\n"
				 "/swap file 90000 1023 -3\n");
	put(root, "/proc/self/stat", "7 (a) b (c)) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 20 5 1 0\n");
	put(root, "/proc/13/comm", "qemu-system-x86\n");
	put(root, "/proc/14/comm", "qemu-ga\n");
	assert_int_equal(rs_quiet_check(root, keep, &said, &e), 0);
	assert_string_equal(rs_buf_str(&said),
			    "nice=nice: 5; other programs run before this one does; start it with 0\n"
			    "governor=governor: \"powersave\" changes the clock with the load; set \"performance\"\n"
			    "turbo=turbo: on; the clock depends on heat and on how many cores work\n"
			    "swap=swap: 3 MiB of programs are swapped out\n"
			    "throttling=throttling: heat slowed a processor 5 times since the boot\n"
			    "guests=guests: 1 other virtual machine or container runs (\"qemu-system-x86\")\n");
	assert_int_equal(rs_quiet_check(root, refuse, NULL, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counters_are_the_differences, make_root, remove_root),
		cmocka_unit_test_setup_teardown(guests_of_xen_disturb_nobody, make_root, remove_root),
		cmocka_unit_test(this_process_and_its_time_are_seen),
		cmocka_unit_test(bounds_are_what_they_say),
		cmocka_unit_test(guests_are_asked_over_their_channel),
		cmocka_unit_test_setup_teardown(a_quiet_machine_is_not_complained_of, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(each_unrest_is_told_once, make_root, remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
