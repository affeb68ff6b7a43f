/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The virtual testbed for real; tests/end2end/testbed-boot.sh runs it.  On the machine
 * it makes, this program is its own worker.
 *
 *	test_testbed_live use FOLDER	boots, uses, boots again, closes
 *	test_testbed_live hold FOLDER [xen]	boots, prints "started", waits to be killed
 *	test_testbed_live fail FOLDER	boots a hypervisor that cannot start
 *	test_testbed_live clean [remove]	leftovers
 *	test_testbed_live ask FOLDER PROGRAM...	runs it in the machine of a run's testbed
 *	restudy storage|state		inside: brings storage up, tells its state
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/plan.h"
#include "restudy/testbed.h"
#include "restudy/testbed/storage.h"

#define PLAN	  "tests/golden/testbed/plan.xml"
#define RUN_ID	  "live-test"
#define COMMAND_S 600
#define HOLD_S	  3600
#define SELF	  "/proc/self/exe"

static struct rs_plan *load(const char *path, struct rs_err *err)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;

	return rs_plan_load(path, &diags, err);
}

static int say(int rc, const struct rs_err *err)
{
	if (rc < 0)
		printf("%s\n", err->text);
	return rc < 0 ? 1 : 0;
}

/* ---- inside the machine ---- */

static int inside(const char *what)
{
	static const char *const devices[] = { "/dev/sda", "/dev/sdb" };
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_PLAN *plan = load("/tmp/plan.xml", &err);
	RS_AUTO_BUF state = RS_BUF_INIT, syncs = RS_BUF_INIT;
	int degraded = 0, rc = plan != NULL ? 0 : -1;

	if (rc == 0 && strcmp(what, "storage") == 0)
		rc = rs_storage_bring_up(&plan->hardware, devices, RUN_ID, &err);
	if (rc == 0 && strcmp(what, "storage") == 0)
		rc = rs_storage_await_sync(&plan->hardware, 1, &syncs, &err);
	if (rc == 0)
		rc = rs_storage_state(&plan->hardware, &state, &degraded, &err);
	printf("%sdegraded=%d\n", rs_buf_str(&state), degraded);
	printf("copied: %s\n", rs_buf_str(&syncs));
	return say(rc, &err);
}

/* ---- outside ---- */

static void tell(void *user, const char *text)
{
	const int64_t *begin = user;

	printf("%7.2f s  %s\n", (double)(rs_clock_ns() - *begin) / 1e9, text);
	(void)fflush(stdout);
}

struct world {
	int64_t begin;
	struct rs_plan *plan;
	struct rs_testbed *testbed;
	struct rs_channel *one, *two;
	char *program;
	struct rs_err err;
};

/* program: what is put into the machine as "restudy". */
static int open_world(struct world *w, const char *folder, const char *program)
{
	const char *build = getenv("RESTUDY_BUILD");
	RS_AUTO_STR *agent = rs_asprintf(NULL, "%s/restudy-agent", build != NULL ? build : "build");
	RS_AUTO_STR *kernels = rs_asprintf(NULL, "%s/restudy-kernels", build != NULL ? build : "build");
	struct rs_testbed_options o = { .kind = "virtual", .folder = folder, .run_id = RUN_ID };

	*w = (struct world){ .begin = rs_clock_ns() };
	w->plan = load(RS_SOURCE_DIR "/" PLAN, &w->err);
	w->program = realpath(program, NULL);
	if (w->plan == NULL || agent == NULL || kernels == NULL || w->program == NULL)
		return -1;
	o.agent = agent;
	o.kernels = kernels;
	o.program = w->program;
	w->testbed = rs_testbed_open(w->plan, &o, tell, &w->begin, &w->err);
	return w->testbed != NULL ? 0 : -1;
}

/* Runs argv through a channel and wants `want` in what it prints. */
static int expect(struct world *w, struct rs_channel *ch, const char *const *argv,
		  const char *want)
{
	RS_AUTO_BUF said = RS_BUF_INIT;
	char text[300];

	if (rs_channel_run_ok(ch, argv, COMMAND_S, &said, &w->err) < 0)
		return -1;
	(void)snprintf(text, sizeof(text), "%s %s: as expected", argv[0], argv[1] != NULL ? argv[1] : "");
	if (strstr(rs_buf_str(&said), want) == NULL)
		return rs_err_set(&w->err, RS_ERR_FAILED, "%s %s: no \"%s\" in \"%s\"", argv[0],
				  argv[1] != NULL ? argv[1] : "", want, rs_buf_str(&said));
	tell(&w->begin, text);
	return 0;
}

static int boot(struct world *w)
{
	rs_channel_close(w->one);
	rs_channel_close(w->two);
	w->one = w->two = NULL;
	if (rs_testbed_boot(w->testbed, RS_BOOT_PLAIN, &w->err) < 0)
		return -1;
	w->one = rs_testbed_channel(w->testbed, &w->err);
	w->two = w->one != NULL ? rs_testbed_channel(w->testbed, &w->err) : NULL;
	if (w->two == NULL)
		return -1;
	return rs_channel_push(w->two, RS_SOURCE_DIR "/" PLAN, "/tmp/plan.xml", 0644, &w->err);
}

/* RAID 1, LVM and ext3 come up; a disk fails and comes back; another boot keeps the data and knows. */
static int use(struct world *w)
{
	const char *program = rs_testbed_facts(w->testbed)->program;
	const char *const storage[] = { program, "storage", NULL };
	const char *const state[] = { program, "state", NULL };
	const char *const mount[] = { "grep", " /srv/restudy ext3 ", "/proc/mounts", NULL };
	const char *const keep[] = { "sh", "-c", "echo precious >/srv/restudy/kept && echo done", NULL };
	const char *const kept[] = { "cat", "/srv/restudy/kept", NULL };
	const char *const swap[] = { "cat", "/proc/swaps", NULL };
	const char *const fail[] = { "sh", "-c", "mdadm --fail /dev/md0 /dev/sdb 2>&1", NULL };
	/* 36 GB are copied to a disk that comes back: no test waits for it. */
	const char *const again[] = { "sh", "-c", "until mdadm --remove /dev/md0 /dev/sdb; do sleep 0.2; done; "
						  "mdadm --add /dev/md0 /dev/sdb 2>&1", NULL };
	const char *const cpus[] = { "nproc", NULL };

	if (boot(w) < 0 || expect(w, w->two, cpus, "2\n") < 0 ||
	    expect(w, w->one, storage, "degraded=0\ncopied: \n") < 0 ||
	    expect(w, w->one, state, "2 of 2 members, sync idle\ndegraded=0\n") < 0 ||
	    expect(w, w->one, storage, "degraded=0\n") < 0 ||	/* once more changes nothing */
	    expect(w, w->two, mount, "/dev/mapper/VolGroup00-bench ") < 0 ||
	    expect(w, w->two, swap, "/dev/dm-") < 0 || expect(w, w->one, keep, "done") < 0 ||
	    expect(w, w->two, fail, "sdb") < 0 ||
	    expect(w, w->one, state, "1 of 2 members, sync idle: DEGRADED\ndegraded=1\n") < 0 ||
	    expect(w, w->two, again, "sdb") < 0)
		return -1;
	/* The wait for the copy ends, and what is still copied is told. */
	if (boot(w) < 0 || expect(w, w->one, storage, ": DEGRADED\ndegraded=1\ncopied: md0: recover, ") < 0)
		return -1;
	return expect(w, w->two, kept, "precious\n");
}

static int end(struct world *w, int rc)
{
	struct rs_err closing = RS_ERR_INIT;

	(void)say(rc, &w->err);
	rs_channel_close(w->one);
	rs_channel_close(w->two);
	if (rs_testbed_close(w->testbed, 0, &closing) < 0)
		rc = say(-1, &closing) ? -1 : rc;
	tell(&w->begin, "closed");
	rs_plan_free(w->plan);
	free(w->program);
	return rc < 0 ? 1 : 0;
}

/* A hypervisor with too little memory for its domain 0 panics: that is noticed, and said. */
static int fail_to_boot(struct world *w, const char *folder)
{
	struct rs_err why = RS_ERR_INIT;
	char too_little[] = "16MiB";
	int rc = open_world(w, folder, SELF);

	for (size_t i = 0; rc == 0 && i < w->plan->n_systems; i++)
		for (size_t k = 0; k < w->plan->systems[i].n_settings; k++) {
			struct rs_setting_kv *kv = &w->plan->systems[i].settings[k];

			if (strcmp(kv->key, "dom0-memory") == 0)
				memcpy(kv->value, too_little, sizeof(too_little));	/* no longer than the plan's */
		}
	if (rc < 0)
		return -1;
	if (rs_testbed_boot(w->testbed, RS_BOOT_XEN, &why) == 0)
		return rs_err_set(&w->err, RS_ERR_FAILED, "it booted with 16 MiB");
	tell(&w->begin, why.text);
	if (why.kind != RS_ERR_FAILED || strstr(why.text, "boot \"xen\" failed twice") == NULL ||
	    strstr(why.text, "console.log\" ends with") == NULL)
		return rs_err_set(&w->err, RS_ERR_FAILED, "that does not say what happened");
	return 0;
}

/* The machine of a run that is under way, by the register in the cache: its second port. */
static int ask(const char *folder, const char *const *argv)
{
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STR *cache = rs_path_cache(&err);
	RS_AUTO_STR *machines = cache != NULL ? rs_path_join(cache, "machines", &err) : NULL;
	RS_AUTO_STR *line = rs_asprintf(&err, "folder=%s\n", folder);
	RS_AUTO_ARGV names = NULL;
	RS_AUTO_BUF said = RS_BUF_INIT;
	size_t n = 0;

	if (machines == NULL || line == NULL || rs_path_list(machines, &names, &n, &err) < 0)
		return say(-1, &err);
	for (size_t i = 0; i < n; i++) {
		RS_AUTO_STR *path = rs_path_join(machines, names[i], &err);
		RS_AUTO_STR *port = NULL;
		RS_AUTO_BUF entry = RS_BUF_INIT;
		RS_AUTO_CHANNEL *ch = NULL;

		if (path == NULL || rs_path_read(path, 4096, &entry, NULL) < 0 ||
		    strstr(rs_buf_str(&entry), line) == NULL)
			continue;
		for (int p = 2; p >= 0 && ch == NULL; p--) {	/* those of the run are in use */
			free(port);
			port = rs_asprintf(&err, "/tmp/%s/port%d", names[i], p);
			rs_err_clear(&err);
			ch = port != NULL ? rs_channel_unix(port, 10, &err) : NULL;
		}
		if (ch == NULL || rs_channel_run_ok(ch, argv, COMMAND_S, &said, &err) < 0)
			return say(-1, &err);
		printf("%s", rs_buf_str(&said));
		return 0;
	}
	printf("no machine of \"%s\" runs\n", folder);
	return 1;
}

int main(int argc, char **argv)
{
	struct world w;
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;
	int rc;

	if (argc == 2 && (strcmp(argv[1], "storage") == 0 || strcmp(argv[1], "state") == 0))
		return inside(argv[1]);
	if (argc >= 2 && strcmp(argv[1], "clean") == 0) {
		rc = rs_testbed_leftovers(argc > 2, &out, &err);
		printf("%s", rs_buf_str(&out));
		return say(rc, &err);
	}
	if (argc >= 4 && strcmp(argv[1], "ask") == 0)
		return ask(argv[2], (const char *const *)argv + 3);
	if (argc == 3 && strcmp(argv[1], "fail") == 0)
		return end(&w, fail_to_boot(&w, argv[2]));
	if (argc == 3 && strcmp(argv[1], "use") == 0) {
		rc = open_world(&w, argv[2], SELF);
		return end(&w, rc == 0 ? use(&w) : rc);
	}
	if (argc >= 3 && strcmp(argv[1], "hold") == 0) {
		const char *build = getenv("RESTUDY_BUILD");
		RS_AUTO_STR *program = rs_asprintf(NULL, "%s/restudy", build != NULL ? build : "build");

		if (open_world(&w, argv[2], program != NULL ? program : SELF) < 0 ||
		    rs_testbed_boot(w.testbed, argc > 3 ? RS_BOOT_XEN : RS_BOOT_PLAIN, &w.err) < 0)
			return end(&w, -1);
		tell(&w.begin, "started");
		rs_clock_sleep(HOLD_S);
		return end(&w, 0);
	}
	puts("tests/end2end/testbed-boot.sh runs this");
	return 77;
}
