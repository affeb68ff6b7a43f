/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Containers and Xen guests of the thesis's plan inside the virtual testbed.  It takes
 * minutes (a quarter of an hour on a loaded machine), so it runs only when
 * RESTUDY_SLOW=1 asks for it.
 *
 *   test_platform_virtual                    boots the testbed twice, runs itself in it
 *   test_platform_virtual inside PLATFORM SYSTEM PLAN AGENT KERNELS KERNEL INITRD ROOT DISK...
 */
#include <stddef.h>
#include <stdint.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/plan.h"
#include "restudy/platform.h"
#include "restudy/testbed.h"
#include "restudy/testbed/storage.h"

#define FOLDER "/var/lib/restudy"

enum { GUESTS = 3, STEP_S = 600, INSIDE_S = 7200 };

static int failures;

static void check(int holds, const char *what, const char *detail)
{
	if (holds)
		printf("ok      %s\n", what);
	else
		printf("FAILED  %s: %s\n", what, detail);
	failures += !holds;
}

/* --- inside ------------------------------------------------------------------------------ */

/* What argv prints in a guest; its status in *ret_status, -1 when it did not run. */
static char *ask(const struct rs_guest *g, const char *const *argv, int *ret_status)
{
	const struct rs_exec x = { .argv = argv, .timeout_s = STEP_S, .output_max = 1 << 20,
				   .stdout_path = FOLDER "/stdout" };
	struct rs_cmd_result r = { .status = -1 };
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_BUF out = RS_BUF_INIT;

	*ret_status = -1;
	if (rs_channel_run(g->channel, &x, &r, &err) < 0)
		return rs_strdup(err.text, NULL);
	*ret_status = r.status;
	if (rs_path_read(FOLDER "/stdout", 1 << 20, &out, NULL) < 0)
		return rs_strdup("", NULL);
	return rs_strdup(rs_buf_str(&out), NULL);
}

#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void expect(const struct rs_guest *g, const char *const *argv, int status, const char *part)
{
	int got = -1;
	RS_AUTO_STR *text = ask(g, argv, &got);
	RS_AUTO_STR *what = rs_asprintf(NULL, "%s: %s %s gives %d and \"%s\"", g->name, argv[0], argv[1],
					status, part);

	check(got == status && strstr(text, part) != NULL, what, text);
}

/* What a command of the machine itself prints. */
static char *here(const char *const *argv)
{
	RS_AUTO_CMD *c = rs_cmd_new(argv[0]);
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_cmd_result r;

	rs_cmd_args(c, argv + 1);
	rs_cmd_stdout_buf(c, &out);
	rs_cmd_timeout(c, STEP_S);
	if (rs_cmd_run(c, &r, NULL) < 0)
		return rs_strdup("", NULL);
	return rs_strdup(rs_buf_str(&out), NULL);
}

static void look_at_guests(const struct rs_system *sys, const struct rs_guest *g, size_t n)
{
	check(n == GUESTS, "three guests", "another number");
	for (size_t i = 0; i < n; i++) {
		check(strcmp(g[i].name, sys->guests.names[i]) == 0, "the plan's names", g[i].name);
		expect(&g[i], ARGV("hostname", "-s"), 0, g[i].name);
		expect(&g[i], ARGV("cat", "/etc/hosts"), 0, g[i].address);
		expect(&g[i], ARGV("ip", "-4", "address", "show", "dev", "eth0"), 0, g[i].address);
		expect(&g[i], ARGV("ls", "-d", g[i].scratch), 0, g[i].scratch);
		expect(&g[i], ARGV("sh", "-c", "exit 7"), 7, "");
		printf("ready   %s after %.1f s\n", g[i].name, g[i].ready_s);
	}
	expect(&g[0], ARGV("touch", "/mark"), 0, "");
	expect(&g[1], ARGV("ls", "/mark"), 2, "");
	expect(&g[0], ARGV("ping", "-c", "1", "-w", "60", g[2].address), 0, "1 received");
	check(!rs_path_exists("/mark"), "the tree is untouched", "/mark");
}

static void look_at_end(void)
{
	RS_AUTO_STR *domains = here(ARGV("xl", "list"));
	RS_AUTO_STR *volumes = here(ARGV("lvs", "--noheadings", "--options", "lv_name"));
	RS_AUTO_STR *links = here(ARGV("ip", "-o", "link"));
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;

	check(strstr(domains, "xenU") == NULL, "no domain is left", domains);
	check(strstr(volumes, "xenU") == NULL, "no volume is left", volumes);
	check(strstr(links, "-br0") == NULL, "no bridge is left", links);
	check(rs_path_list(FOLDER "/place", &names, &n, NULL) == 0 && n == 0, "no file is left", "place");
	check(!rs_path_exists("/run/restudy") || rs_path_list("/run/restudy", &names, &n, NULL) < 0 || n == 0,
	      "no ledger is left", "/run/restudy");
}

static void all_guests(const struct rs_platform *p, const struct rs_system *sys,
		       const struct rs_place *place)
{
	const struct rs_guest *g = NULL;
	struct rs_err err = RS_ERR_INIT;
	struct rs_instance *in = rs_instance_start(p, sys, GUESTS, place, NULL, &err);

	check(in != NULL, "the guests start", err.text);
	if (in == NULL)
		return;
	look_at_guests(sys, g, rs_instance_guests(in, &g));
	check(rs_instance_describe(in, FOLDER "/described", &err) == 0, "they are described", err.text);
	check(rs_instance_stop(in, &err) == 0, "they are stopped", err.text);
	look_at_end();
}

/* One guest whose starter is killed; then what it left is removed. */
static void killed_run(const struct rs_platform *p, const struct rs_system *sys,
		       const struct rs_place *place)
{
	const pid_t pid = fork();
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;
	int status = 0;

	if (pid == 0) {
		if (rs_instance_start(p, sys, 1, place, NULL, &err) == NULL) {
			printf("FAILED  one guest by itself: %s\n", err.text);
			(void)fflush(stdout);
			_exit(1);
		}
		(void)kill(getpid(), SIGKILL);
	}
	check(pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status),
	      "a starter is killed", "it ended otherwise");
	check(p->leftovers(place, 1, &out, &err) == 0, "what it left is removed", err.text);
	check(out.len > 0, "what it left is named", "nothing");
	look_at_end();
}

static int inside(int argc, char **argv)
{
	static char toolstack[] = "toolstack", xl[] = "xl";
	struct rs_setting_kv by_xl = { .key = toolstack, .value = xl };
	struct rs_diagnostics d = RS_DIAGNOSTICS_INIT;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_PLAN *plan = rs_plan_load(argv[4], &d, &err);
	const struct rs_platform *p;
	const int kind = rs_set_value(RS_SET_PLATFORM, argv[2]);
	struct rs_place place = { .folder = FOLDER "/place", .run_id = "virtual-test", .agent = argv[5],
				  .kernels = argv[6], .kernel = argv[7], .initrd = argv[8],
				  .root = argv[9], .volumes = 1, .emulated = 1 };
	struct rs_system sys;

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)argc;
	if (plan == NULL || kind < 0 || rs_plan_system(plan, argv[3]) == NULL ||
	    rs_path_mkdirs(place.folder, &err) < 0 ||
	    rs_storage_bring_up(&plan->hardware, (const char *const *)(argv + 10), place.run_id, &err) < 0) {
		check(0, "the testbed is prepared", err.text);
		return 1;
	}
	rs_diagnostics_release(&d);
	place.hardware = &plan->hardware;
	sys = *rs_plan_system(plan, argv[3]);
	p = rs_platform_of((enum rs_platform_kind)kind);
	all_guests(p, &sys, &place);
	sys.settings = &by_xl;	/* containers do not mind */
	sys.n_settings = 1;
	killed_run(p, &sys, &place);
	return failures > 0;
}

/* --- outside ------------------------------------------------------------------------------ */

static void tell(void *user, const char *text)
{
	(void)user;
	printf("        %s\n", text);
}

static int line(void *user, const char *text, struct rs_err *err)
{
	(void)user;
	(void)err;
	printf("  %s\n", text);
	return 0;
}

/* Boots the testbed for a platform and runs this program in it. */
static int run_inside(struct rs_testbed *t, enum rs_boot boot, const char *platform,
		      const char *system, const char *plan, struct rs_err *err)
{
	const char *argv[40] = { NULL };
	const struct rs_testbed_facts *f;
	RS_AUTO_CHANNEL *ch = NULL;
	struct rs_exec x = { .timeout_s = INSIDE_S, .output_max = 1 << 22, .stdout_line = line };
	struct rs_cmd_result r = { .status = -1 };
	size_t n = 10;

	if (rs_testbed_boot(t, boot, err) < 0 || (ch = rs_testbed_channel(t, err)) == NULL ||
	    rs_channel_push(ch, plan, FOLDER "/plan.xml", 0644, err) < 0)
		return -1;
	f = rs_testbed_facts(t);
	memcpy(argv, ((const char *[]){ f->program, "inside", platform, system, FOLDER "/plan.xml", f->agent,
					f->kernels, f->kernel, f->initrd, f->root }), 10 * sizeof(*argv));
	for (size_t i = 0; f->disks[i] != NULL && n < RS_COUNT(argv) - 1; i++)
		argv[n++] = f->disks[i];
	x.argv = argv;
	if (rs_channel_run(ch, &x, &r, err) < 0)
		return -1;
	check(r.status == 0, platform, "see above");
	return 0;
}

static int outside(void)
{
	static const char PLAN[] = RS_SOURCE_DIR "/thesis-plan.xml";
	char top[] = "/tmp/rs-virtual-XXXXXX";
	const char *build = getenv("RESTUDY_BUILD");
	RS_AUTO_STR *folder = realpath(build != NULL ? build : "build", NULL);
	RS_AUTO_STR *agent = rs_asprintf(NULL, "%s/restudy-agent", folder != NULL ? folder : "");
	RS_AUTO_STR *kernels = rs_asprintf(NULL, "%s/restudy-kernels", folder != NULL ? folder : "");
	RS_AUTO_STR *self = realpath("/proc/self/exe", NULL);
	struct rs_diagnostics d = RS_DIAGNOSTICS_INIT;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_PLAN *plan = rs_plan_load(PLAN, &d, &err);
	const struct rs_testbed_options o = { .kind = "virtual", .folder = mkdtemp(top),
					      .run_id = "virtual-test", .accel = RS_ACCEL_AUTO,
					      .agent = agent, .kernels = kernels, .program = self };
	struct rs_testbed *t = plan != NULL && o.folder != NULL
				       ? rs_testbed_open(plan, &o, tell, NULL, &err) : NULL;

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	check(t != NULL, "the testbed opens", err.text);
	if (t != NULL) {
		check(run_inside(t, RS_BOOT_PLAIN, "lxc", "openvz", PLAN, &err) == 0, "plain boot", err.text);
		rs_err_clear(&err);
		check(run_inside(t, RS_BOOT_XEN, "xen", "xen", PLAN, &err) == 0, "boot under Xen", err.text);
		rs_err_clear(&err);
		check(rs_testbed_close(t, 0, &err) == 0, "the testbed closes", err.text);
	}
	check(rs_path_remove_tree(top, &err) == 0, "its folder goes", err.text);
	rs_diagnostics_release(&d);
	return failures > 0;
}

int main(int argc, char **argv)
{
	if (argc > 10 && strcmp(argv[1], "inside") == 0)
		return inside(argc, argv);
	if (getenv("RESTUDY_SLOW") == NULL) {
		printf("it takes minutes: RESTUDY_SLOW=1 asks for it\n");
		return 77;
	}
	return outside();
}
