/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run: the order of cells, a shard's events as JSON, hostile events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../src/run/coordinator_priv.h"
#include "../../src/run/effort_priv.h"
#include "../../src/run/shard_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"
#include "restudy/run.h"

/* Three systems, two boots, two benchmarks; one system with a list of guests. */
static char host_id[] = "host", ct_id[] = "ct", xen_id[] = "xen", bench_a[] = "a", bench_b[] = "b";
static int counts[] = { 1, 3 }, three[] = { 3 };

static void make_plan(struct rs_plan *p, struct rs_system s[3], struct rs_benchmark b[2])
{
	memset(p, 0, sizeof(*p));
	memset(s, 0, 3 * sizeof(*s));
	memset(b, 0, 2 * sizeof(*b));
	s[0].id = host_id;
	s[1].id = ct_id;
	s[1].guests.counts = counts;
	s[1].guests.n_counts = 2;
	s[2].id = xen_id;
	s[2].boot = RS_BOOT_XEN;
	s[2].guests.counts = three;
	s[2].guests.n_counts = 1;
	b[0].id = bench_a;
	b[0].trials = 5;
	b[0].warmup = 1;
	b[1].id = bench_b;
	b[1].trials = 2;
	p->systems = s;
	p->n_systems = 3;
	p->benchmarks = b;
	p->n_benchmarks = 2;
}

static void order_is_complete_and_seeded(void **state)
{
	static const enum rs_boot boots[] = { RS_BOOT_PLAIN, RS_BOOT_PLAIN, RS_BOOT_XEN };
	struct rs_plan p;
	struct rs_system s[3];
	struct rs_benchmark b[2];
	struct rs_cell *one = NULL, *two = NULL, *other = NULL;
	struct rs_err e = RS_ERR_INIT;
	size_t n1, n2, n3;

	(void)state;
	make_plan(&p, s, b);
	assert_int_equal(rs_run_order(&p, NULL, 1, boots, &one, &n1, &e), 0);
	assert_int_equal(rs_run_order(&p, NULL, 1, boots, &two, &n2, &e), 0);
	assert_int_equal(rs_run_order(&p, NULL, 2, boots, &other, &n3, &e), 0);
	/* Four units (host, 1 and 3 containers, 3 Xen guests) x (6 + 2 trials). */
	assert_int_equal(n1, 4 * 8);
	assert_int_equal(n3, n1);
	assert_memory_equal(one, two, n1 * sizeof(*one));
	assert_memory_not_equal(one, other, n1 * sizeof(*one));
	for (size_t i = 0; i < n1; i++)
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(&one[i], &one[j], sizeof(*one));
	free(one);
	free(two);
	free(other);
}

static void order_keeps_boots_together_and_interleaves(void **state)
{
	static const enum rs_boot boots[] = { RS_BOOT_PLAIN, RS_BOOT_PLAIN, RS_BOOT_XEN };
	struct rs_plan p;
	struct rs_system s[3];
	struct rs_benchmark b[2];
	struct rs_cell *c = NULL;
	struct rs_err e = RS_ERR_INIT;
	size_t n;
	int seen_xen = 0, last_trial = -10;

	(void)state;
	make_plan(&p, s, b);
	assert_int_equal(rs_run_order(&p, NULL, 7, boots, &c, &n, &e), 0);
	for (size_t i = 0; i < n; i++) {
		int xen = strcmp(c[i].system, "xen") == 0;

		assert_true(xen || !seen_xen);
		if (xen && !seen_xen)
			last_trial = -10;
		seen_xen = xen;
		/* All systems make trial k before any makes trial k + 1. */
		assert_true(c[i].trial >= last_trial);
		last_trial = c[i].trial;
	}
	assert_int_equal(c[0].trial, 0);
	free(c);
}

struct caught {
	struct rs_shard_event e;
	struct rs_sample sample;
	struct rs_note note;
	char text[200];
	int calls;
	struct rs_counter counter;
};

static int catch(void *user, const struct rs_shard_event *e, struct rs_err *err)
{
	struct caught *c = user;

	(void)err;
	c->e = *e;
	c->calls++;
	if (e->n_samples > 0)
		c->sample = e->samples[0];
	if (e->n_notes > 0)
		c->note = e->notes[0];
	if (e->n_counters > 0)
		c->counter = e->counters[0];
	(void)snprintf(c->text, sizeof(c->text), "%s", e->text != NULL ? e->text : "");
	return 0;
}

/* Each system runs on what the machine has, or on what stands in for it. */
static void boots_follow_the_machine(void **state)
{
	enum { HOST, OPENVZ, XEN, INSTEAD, N };
	struct rs_system s[N] = {
		[HOST] = { .platform = RS_PLATFORM_HOST, .boot = RS_BOOT_PLAIN },
		[OPENVZ] = { .platform = RS_PLATFORM_OPENVZ, .boot = RS_BOOT_OPENVZ,
			     .has_substitute = 1, .substitute = RS_PLATFORM_LXC },
		[XEN] = { .platform = RS_PLATFORM_XEN, .boot = RS_BOOT_XEN },
		[INSTEAD] = { .platform = RS_PLATFORM_XEN, .boot = RS_BOOT_XEN,
			      .has_substitute = 1, .substitute = RS_PLATFORM_QEMU },
	};
	const struct rs_plan plan = { .systems = s, .n_systems = N };
	static const struct {
		enum rs_boot running, want[N];
	} c[] = {
		{ RS_BOOT_PLAIN, { RS_BOOT_PLAIN, RS_BOOT_PLAIN, RS_BOOT_XEN, RS_BOOT_PLAIN } },
		{ RS_BOOT_OPENVZ, { RS_BOOT_PLAIN, RS_BOOT_OPENVZ, RS_BOOT_XEN, RS_BOOT_PLAIN } },
		{ RS_BOOT_XEN, { RS_BOOT_PLAIN, RS_BOOT_PLAIN, RS_BOOT_XEN, RS_BOOT_XEN } },
		{ RS_BOOT_LAST, { RS_BOOT_PLAIN, RS_BOOT_PLAIN, RS_BOOT_XEN, RS_BOOT_XEN } },
	};

	(void)state;
	for (size_t i = 0; i < RS_COUNT(c); i++) {
		enum rs_boot boots[N];

		rs_coordinator_boots(&plan, c[i].running, boots);
		for (size_t j = 0; j < N; j++)
			assert_int_equal(boots[j], c[i].want[j]);
	}
}

static void events_survive_the_line(void **state)
{
	static const struct rs_sample sample = { "xenU_1", "pipe", "lps", 123456.789012345678 };
	static const struct rs_counter counter = { "steal-time", "s", 0.1 };
	struct rs_note note = { RS_NOTE_WARNING, "a \"quoted\" note\nwith a line \xff" };
	const struct rs_shard_event out = {
		.kind = RS_SHARD_CELL_END, .wall_s = 1795418638.25, .cell = { "xen", "unixbench", 3, 2 },
		.state = RS_CELL_FAILED, .text = "why \x1b[31m", .samples = &sample, .n_samples = 1,
		.notes = &note, .n_notes = 1, .counters = &counter, .n_counters = 1,
	};
	struct caught in = { .calls = 0 };
	RS_AUTO_BUF line = RS_BUF_INIT;
	struct rs_err e = RS_ERR_INIT;

	(void)state;
	assert_int_equal(rs_shard_event_to_json(&out, &line, &e), 0);
	assert_null(strchr(rs_buf_str(&line), '\n'));
	assert_int_equal(rs_shard_event_from_json(rs_buf_str(&line), catch, &in, &e), 0);
	assert_int_equal(in.calls, 1);
	assert_int_equal(in.e.kind, RS_SHARD_CELL_END);
	assert_string_equal(in.e.cell.system, "xen");
	assert_int_equal(in.e.cell.guests, 3);
	assert_int_equal(in.e.state, RS_CELL_FAILED);
	assert_string_equal(in.text, out.text);
	assert_memory_equal(&in.sample.value, &sample.value, sizeof(double));
	assert_int_equal(in.note.level, RS_NOTE_WARNING);
	assert_string_equal(in.counter.name, "steal-time");
	assert_string_equal(in.counter.unit, "s");
	assert_memory_equal(&in.counter.value, &counter.value, sizeof(double));
}

/* A configuration that is no UTF-8 comes as long as it was. */
static void a_long_text_is_not_cut(void **state)
{
	char key[] = "configuration.ct.conf", text[3000];
	const struct rs_shard_event out = { .kind = RS_SHARD_FACT, .key = key, .text = text };
	RS_AUTO_BUF line = RS_BUF_INIT;
	size_t kept = 0;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[1] = '\xe9';	/* of Latin 1 */
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(rs_shard_event_to_json(&out, &line, NULL), 0);
	for (const char *p = rs_buf_str(&line); *p != '\0'; p++)
		kept += *p == 'a';
	assert_true(kept >= sizeof(text) - 2);
}

static void hostile_events_are_refused(void **state)
{
	static const char *const lines[] = {
		"", "no json", "[]", "{}", "{\"event\":\"explode\"}",
		"{\"event\":\"fact\",\"key\":\"a\"}",
		"{\"event\":\"cell-start\",\"cell\":{\"system\":\"../../etc\",\"benchmark\":\"a\"}}",
		"{\"event\":\"cell-start\",\"cell\":{\"system\":\"a/b\",\"benchmark\":\"a\"}}",
		"{\"event\":\"cell-end\",\"cell\":{\"system\":\"a\",\"benchmark\":\"b\"},\"state\":\"pending\","
		"\"samples\":[],\"notes\":[]}",
		"{\"event\":\"cell-end\",\"cell\":{\"system\":\"a\",\"benchmark\":\"b\"},\"state\":\"done\","
		"\"samples\":[{\"guest\":\"g\",\"metric\":\"m\",\"unit\":\"u\",\"value\":\"1\"}],\"notes\":[]}",
		"{\"event\":\"cell-end\",\"cell\":{\"system\":\"a\",\"benchmark\":\"b\"},\"state\":\"done\","
		"\"samples\":[],\"notes\":[]}",
		"{\"event\":\"cell-end\",\"cell\":{\"system\":\"a\",\"benchmark\":\"b\"},\"state\":\"done\","
		"\"samples\":[],\"notes\":[],\"counters\":[{\"name\":\"a/b\",\"unit\":\"s\",\"value\":1}]}",
		"{\"event\":\"cell-end\",\"cell\":{\"system\":\"a\",\"benchmark\":\"b\"},\"state\":\"done\","
		"\"samples\":[],\"notes\":[],\"counters\":[{\"name\":\"a\",\"unit\":\"s\",\"value\":\"1\"}]}",
		"{\"event\":\"cell-end\",\"cell\":{\"system\":\"a\",\"benchmark\":\"b\"},\"state\":\"done\","
		"\"samples\":[{\"guest\":\"..\",\"metric\":\"m\",\"unit\":\"u\",\"value\":1}],\"notes\":[]}",
		"{\"event\":\"phase\",\"phase\":\"lunch\"}",
	};

	(void)state;
	for (size_t i = 0; i < RS_COUNT(lines); i++) {
		struct caught in = { .calls = 0 };
		struct rs_err e = RS_ERR_INIT;

		assert_int_equal(rs_shard_event_from_json(lines[i], catch, &in, &e), -1);
		assert_int_equal(in.calls, 0);
		assert_int_equal(e.kind, RS_ERR_FAILED);
	}
}

static void shard_survives_its_file(void **state)
{
	struct rs_cell cells[] = { { "host", "siege", 0, 1 }, { "xen", "siege", 3, 1 } };
	char folder[] = "/var/lib/x", run[] = "run-1", agent[] = "/a", kernels[] = "/k", sda[] = "/dev/sda";
	char *devices[] = { sda, NULL };
	const struct rs_shard out = { .boot = RS_BOOT_XEN, .folder = folder, .run_id = run, .agent = agent,
				      .kernels = kernels, .devices = devices, .emulated = 1,
				      .cells = cells, .n_cells = 2 };
	struct rs_shard in = { .boot = RS_BOOT_LAST };
	RS_AUTO_BUF text = RS_BUF_INIT;
	RS_AUTO_STR *profile = NULL;
	struct rs_err e = RS_ERR_INIT;

	(void)state;
	assert_int_equal(rs_shard_to_json(&out, &text, &e), 0);
	assert_int_equal(rs_shard_from_json(rs_buf_str(&text), &in, &profile, &e), 0);
	assert_int_equal(in.boot, RS_BOOT_XEN);
	assert_int_equal(in.n_cells, 2);
	assert_string_equal(in.cells[1].system, "xen");
	assert_string_equal(in.devices[0], "/dev/sda");
	assert_null(in.devices[1]);
	assert_null(in.kernel);
	assert_null(profile);
	rs_shard_release(&in);
	assert_int_equal(rs_shard_from_json("{\"boot\":\"plain\",\"cells\":[]}", &in, &profile, &e), -1);
	rs_shard_release(&in);
}

/* A worker that lies: the run's own facts are not its to tell, and it cannot tell for ever. */
static void a_lying_worker_is_stopped(void **state)
{
	char folder[] = "/tmp/restudy-test-XXXXXX", key[] = "seed", platform[] = "platform.ct", text[] = "lxc";
	RS_AUTO_STR *db = mkdtemp(folder) == NULL ? NULL : rs_path_join(folder, "run.db", NULL);
	struct rs_err e = RS_ERR_INIT;
	struct rs_store *s = rs_store_create(db, &e);
	struct rs_coordinator c = { .store = s };
	struct rs_shard_event fact = { .kind = RS_SHARD_FACT, .key = key, .text = text };
	RS_AUTO_STR *seed = NULL;
	int told = 0;

	(void)state;
	assert_non_null(s);
	assert_int_equal(rs_store_set_fact(s, "seed", "7", &e), 0);
	assert_int_equal(rs_coordinator_merge(&c, &fact, &e), -1);
	assert_non_null(strstr(e.text, "not its to tell"));
	assert_int_equal(rs_store_get_fact(s, "seed", &seed, NULL), 0);
	assert_string_equal(seed, "7");
	rs_err_clear(&e);
	fact.key = platform;
	c.told = 99990;
	while (told < 1000 && rs_coordinator_merge(&c, &fact, &e) == 0)
		told++;
	assert_in_range(told, 1, 10);
	assert_non_null(strstr(e.text, "without end"));
	rs_store_close(s);
	assert_int_equal(rs_path_remove_tree(folder, NULL), 0);
}

/* A program of somebody else: half a second of processor time between two bytes. */
static pid_t start_other(int go[2], int done[2])
{
	const pid_t pid = pipe(go) < 0 || pipe(done) < 0 ? -1 : fork();
	char byte = 0;

	if (pid != 0)
		return pid;
	close(go[1]);
	if (read(go[0], &byte, 1) == 1) {
		while (clock() < CLOCKS_PER_SEC / 2)
			;
		if (write(done[1], &byte, 1) == 1)
			(void)!read(go[0], &byte, 1);
	}
	_exit(0);
}

/* What takes time from a virtual testbed on its host disturbs the cell, which its worker cannot see. */
static void the_host_of_a_testbed_is_watched(void **state)
{
	char virtual_testbed[] = "virtual", local[] = "local";
	const struct rs_note notes[] = { { RS_NOTE_INFO, "three guests" },
					 { RS_NOTE_WARNING, RS_NOTE_DISTURBED "heat" } };
	const struct rs_counter counter = { "measured-time", "s", 1 };
	struct rs_shard_event end = { .kind = RS_SHARD_CELL_END, .notes = notes, .n_notes = 2,
				      .counters = &counter, .n_counters = 1 };
	struct rs_coordinator c = { .testbed_kind = virtual_testbed };
	struct rs_err e = RS_ERR_INIT;
	struct rs_cell_told told;
	int go[2], done[2];
	const pid_t pid = start_other(go, done);
	char byte = 0;

	(void)state;
	assert_true(pid > 0);
	rs_coordinator_watch_host(&c);
	assert_int_equal(write(go[1], &byte, 1), 1);
	assert_int_equal(read(done[0], &byte, 1), 1);
	assert_int_equal(rs_coordinator_told(&c, &end, &told, &e), 0);
	close(go[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(told.n_notes, 2);
	assert_string_equal(told.notes[0].text, "three guests");
	assert_non_null(strstr(told.notes[1].text, "disturbed: heat; host of the testbed: other programs took "));
	assert_int_equal(told.n_counters, 1 + RS_PULSE_COUNTERS);
	assert_string_equal(told.counters[1].name, "host-measured-time");
	rs_cell_told_release(&told);
	/* a worker on this machine has seen it itself */
	c.testbed_kind = local;
	rs_coordinator_watch_host(&c);
	assert_int_equal(rs_coordinator_told(&c, &end, &told, &e), 0);
	assert_int_equal(told.n_counters, 1);
	assert_string_equal(told.notes[1].text, "disturbed: heat");
	rs_cell_told_release(&told);
}

/* The fact "effort.NAME.WHAT" that is told. */
static int catch_effort(void *user, const struct rs_shard_event *e, struct rs_err *err)
{
	(void)err;
	assert_int_equal(e->kind, RS_SHARD_FACT);
	rs_buf_addf(user, "%s=%s\n", e->key, e->text);
	return 0;
}

/* What a guest's package manager says is added up, or called missing: never a number that it is not. */
static void sizes_of_packages_are_added_up(void **state)
{
	static const struct {
		const char *sizes, *expected;
	} rows[] = {
		{ "10\n\n20\n", "effort.host.packages=3\neffort.host.bytes=30720\n" },
		{ "1e300\n", "effort.host.packages=missing: no package manager answers in the guest\n"
			     "effort.host.bytes=missing: no package manager answers in the guest\n" },
		{ "10\nnan\n", "bytes=missing" },
		{ "10\n-5\n", "bytes=missing" },
		{ "Desired=Unknown\n", "bytes=missing" },
	};
	char folder[] = "/tmp/restudy-test-XXXXXX";
	const char *old = getenv("PATH");
	const struct rs_system system = { .id = host_id };
	struct rs_place place = { .folder = mkdtemp(folder), .run_id = "effort" };
	RS_AUTO_STR *path = rs_asprintf(NULL, "%s:%s", folder, old), *before = rs_strdup(old, NULL);
	RS_AUTO_STR *dpkg = rs_path_join(folder, "dpkg-query", NULL), *rpm = rs_path_join(folder, "rpm", NULL);
	struct rs_err e = RS_ERR_INIT;
	const struct rs_platform *p = rs_platform_of(RS_PLATFORM_HOST);
	struct rs_instance *in = rs_instance_start(p, &system, 0, &place, NULL, &e);
	const struct rs_launch l = { .system = &system, .platform = p, .instance = in, .described = folder };

	(void)state;
	if (in == NULL)
		fail_msg("%s", e.text);
	assert_int_equal(setenv("PATH", path, 1), 0);
	for (size_t i = 0; i < RS_COUNT(rows); i++) {
		RS_AUTO_STR *script = rs_asprintf(NULL, "#!/bin/sh\nprintf '%s'\n", rows[i].sizes);
		RS_AUTO_BUF told = RS_BUF_INIT;

		assert_int_equal(rs_path_write(dpkg, script, strlen(script), NULL), 0);
		assert_int_equal(chmod(dpkg, 0755), 0);
		assert_int_equal(rs_path_write(rpm, "#!/bin/false\n", 13, NULL), 0);
		assert_int_equal(chmod(rpm, 0755), 0);
		assert_int_equal(rs_effort_amounts(&l, catch_effort, &told, &e), 0);
		if (strstr(rs_buf_str(&told), rows[i].expected) == NULL)
			fail_msg("%s: %s", rows[i].sizes, rs_buf_str(&told));
	}
	assert_int_equal(setenv("PATH", before, 1), 0);
	assert_int_equal(rs_instance_stop(in, NULL), 0);
	assert_int_equal(rs_path_remove_tree(folder, NULL), 0);
}

/* What is asked of the machine while a stop comes is not told as unknown. */
static void a_stop_leaves_no_wrong_environment(void **state)
{
	char folder[] = "/tmp/restudy-test-XXXXXX";
	int status = 0;
	pid_t child;

	(void)state;
	assert_non_null(mkdtemp(folder));
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct rs_err e = RS_ERR_INIT;
		struct caught in = { .calls = 0 };

		if (rs_stop_install(&e) < 0 || raise(SIGTERM) != 0 ||
		    rs_environment_capture(folder, RS_BOOT_PLAIN, catch, &in, &e) == 0)
			_exit(1);
		_exit(e.kind == RS_ERR_INTERRUPTED && in.calls == 0 ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(rs_path_remove_tree(folder, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_is_complete_and_seeded),
		cmocka_unit_test(order_keeps_boots_together_and_interleaves),
		cmocka_unit_test(boots_follow_the_machine),
		cmocka_unit_test(events_survive_the_line),
		cmocka_unit_test(a_long_text_is_not_cut),
		cmocka_unit_test(hostile_events_are_refused),
		cmocka_unit_test(shard_survives_its_file),
		cmocka_unit_test(a_lying_worker_is_stopped),
		cmocka_unit_test(the_host_of_a_testbed_is_watched),
		cmocka_unit_test(sizes_of_packages_are_added_up),
		cmocka_unit_test(a_stop_leaves_no_wrong_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
