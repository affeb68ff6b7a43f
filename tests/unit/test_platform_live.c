/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Real containers: three guests from a small tree, looked at from inside, from the
 * machine and after their end.  It needs root and libvirt's LXC driver, and works in
 * a network namespace of its own.
 *
 *   test_platform_live                      the tests
 *   test_platform_live hold FOLDER TREE     starts three guests and waits to be killed
 *   test_platform_live clean FOLDER         removes what such a kill left, prints it
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/platform.h"

enum { GUESTS = 3, WEB_PORT = 8080 };

static const int64_t MEMORY = (int64_t)96 << 20;
static const double CPUS = 0.5;

struct live {
	char *top;	/* owned: everything of the test */
	char *tree;	/* owned: what guests' roots are made from */
	char *folder;	/* owned: the place's */
	char *agent, *kernels;	/* owned */
	struct rs_instance *in;	/* or NULL */
	const struct rs_guest *g;
};

/* --- what the tests start from ------------------------------------------------------------ */

static char *copy(const char *s)
{
	char *c = rs_strdup(s, NULL);

	assert_non_null(c);
	return c;
}

static char *below(const char *a, const char *b)
{
	char *p = rs_path_join(a, b, NULL);

	assert_non_null(p);
	return p;
}

/* A tree of busybox and nothing else.  0, or -1 when busybox is not here. */
static int make_tree(const char *tree)
{
	static const char *const names[] = { "sh", "cat", "ls", "dd", "kill", "hostname", "httpd", "touch",
					     "head", "grep", "sleep", "id" };
	RS_AUTO_STR *busybox = rs_path_program("busybox");
	RS_AUTO_STR *bin = below(tree, "bin");
	RS_AUTO_STR *to = below(bin, "busybox");

	if (busybox == NULL || rs_path_mkdirs(bin, NULL) < 0 || rs_path_copy(busybox, to, NULL) < 0)
		return -1;
	for (size_t i = 0; i < RS_COUNT(names); i++) {
		RS_AUTO_STR *link = below(bin, names[i]);

		if (symlink("busybox", link) < 0)
			return -1;
	}
	return 0;
}

/* Guests of other tests on this machine have other names: the starter's number is in them. */
static char *guest_name(char buf[16], int i)
{
	static long starter;

	if (starter == 0)
		starter = (long)getpid();
	(void)snprintf(buf, 16, "%lx-%d", (unsigned long)starter, i + 1);
	return buf;
}

static struct rs_place place_of(const struct live *l)
{
	return (struct rs_place){ .folder = l->folder, .run_id = "live-test", .root = l->tree,
				  .agent = l->agent, .kernels = l->kernels };
}

static struct rs_system system_of(char **names)
{
	static char bridge[] = "rsbrtest", address[] = "198.18.99.2";
	struct rs_system s = { .platform = RS_PLATFORM_LXC };
	static char id[] = "openvz";

	s.id = id;
	s.guests.names = names;
	s.guests.n_names = GUESTS;
	s.guests.memory_bytes = MEMORY;
	s.guests.cpus = CPUS;
	s.guests.bridge = bridge;
	s.guests.address = address;
	return s;
}

static struct rs_instance *start_told(const struct rs_place *place, const struct rs_sink *notes,
				      struct rs_err *err)
{
	char names[GUESTS][16], *list[GUESTS];
	struct rs_system sys;

	for (int i = 0; i < GUESTS; i++)
		list[i] = guest_name(names[i], i);
	sys = system_of(list);
	return rs_instance_start(rs_platform_of(RS_PLATFORM_LXC), &sys, GUESTS, place, notes, err);
}

static struct rs_instance *start(const struct live *l, const struct rs_place *place,
				 struct rs_err *err)
{
	(void)l;
	return start_told(place, NULL, err);
}

static void live_paths(struct live *l, const char *folder)
{
	const char *build = getenv("RESTUDY_BUILD");
	RS_AUTO_STR *real = realpath(build != NULL ? build : "build", NULL);

	l->folder = copy(folder);
	l->agent = below(real != NULL ? real : "/", "restudy-agent");
	l->kernels = below(real != NULL ? real : "/", "restudy-kernels");
}

static void live_release(struct live *l)
{
	free(l->top);
	free(l->tree);
	free(l->folder);
	free(l->agent);
	free(l->kernels);
}

/* --- looking from inside and outside --------------------------------------------------------- */

/* Runs argv in guest i; its stdout goes into out. */
static struct rs_cmd_result in_guest(const struct live *l, int i, const char *const *argv,
				     struct rs_buf *out)
{
	RS_AUTO_STR *file = below(l->top, "stdout");
	const struct rs_exec x = { .argv = argv, .timeout_s = 60, .output_max = 1 << 20,
				   .stdout_path = file };
	struct rs_cmd_result r = { 0 };
	struct rs_err err = RS_ERR_INIT;

	if (rs_channel_run(l->g[i].channel, &x, &r, &err) < 0)
		fail_msg("%s", err.text);
	if (out != NULL)
		assert_int_equal(rs_path_read(file, 1 << 20, out, NULL), 0);
	return r;
}

#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void expect_output(const struct live *l, int i, const char *const *argv, const char *want)
{
	RS_AUTO_BUF out = RS_BUF_INIT;

	assert_int_equal(in_guest(l, i, argv, &out).status, 0);
	assert_string_equal(rs_buf_str(&out), want);
}

/* The path of guest i's group of a controller, "" for version 2; from its own /proc. */
static char *group_of(const struct live *l, int i, const char *controller)
{
	RS_AUTO_BUF out = RS_BUF_INIT;
	RS_AUTO_STR *key = rs_asprintf(NULL, ":%s:", controller);
	RS_AUTO_STR *path = NULL;
	const char *at;

	assert_int_equal(in_guest(l, i, ARGV("cat", "/proc/1/cgroup"), &out).status, 0);
	at = strstr(rs_buf_str(&out), key);
	assert_non_null(at);
	at += strlen(key);
	path = rs_strndup(at, strcspn(at, "\n"), NULL);
	return controller[0] == '\0' ? rs_asprintf(NULL, "/sys/fs/cgroup%s", path)
				     : rs_asprintf(NULL, "/sys/fs/cgroup/%s%s", controller, path);
}

static int is_version_2(void)
{
	return rs_path_exists("/sys/fs/cgroup/cgroup.controllers");
}

static void expect_file(const char *folder, const char *name, const char *want)
{
	RS_AUTO_STR *path = below(folder, name);
	RS_AUTO_BUF got = RS_BUF_INIT;

	if (rs_path_read(path, 4096, &got, NULL) < 0)
		fail_msg("\"%s\" cannot be read", path);
	assert_string_equal(rs_buf_str(&got), want);
}

/* 1 when something listens, 0 when the machine refuses, -1 when it cannot be reached. */
static int knock(const char *address, int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	const struct timeval limit = { 20, 0 };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc = -1;

	assert_true(fd >= 0 && inet_pton(AF_INET, address, &to.sin_addr) == 1);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)), 0);
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		rc = 1;
	else if (errno == ECONNREFUSED)
		rc = 0;
	(void)close(fd);
	return rc;
}

/* How many control groups below folder are of guests of ours. */
static int count_groups(const char *folder, int depth)
{
	DIR *d = opendir(folder);
	char name[16];
	int n = 0;

	*strchr(guest_name(name, 0), '-') = '\0';
	if (d == NULL)
		return 0;
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		RS_AUTO_STR *path = NULL;

		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		path = below(folder, e->d_name);
		n += strstr(e->d_name, ".libvirt-lxc") != NULL && strstr(e->d_name, name) != NULL;
		if (depth > 0)
			n += count_groups(path, depth - 1);
	}
	(void)closedir(d);
	return n;
}

static size_t entries(const char *folder)
{
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;

	return rs_path_list(folder, &names, &n, NULL) < 0 ? 0 : n;
}

static void expect_nothing_left(const struct live *l)
{
	RS_AUTO_BUF mounts = RS_BUF_INIT;
	RS_AUTO_BUF left = RS_BUF_INIT;
	const struct rs_place place = place_of(l);

	assert_int_equal(entries(l->folder), 0);
	assert_false(rs_path_exists("/sys/class/net/rsbrtest"));
	assert_int_equal(rs_path_read("/proc/self/mountinfo", 1 << 22, &mounts, NULL), 0);
	assert_null(strstr(rs_buf_str(&mounts), l->folder));
	assert_int_equal(count_groups("/sys/fs/cgroup", 3), 0);
	assert_int_equal(rs_platform_of(RS_PLATFORM_LXC)->leftovers(&place, 0, &left, NULL), 0);
	assert_null(strstr(rs_buf_str(&left), l->folder));
}

/* --- tests on three running guests --------------------------------------------------------------- */

static void every_guest_is_itself(void **state)
{
	static const char *const addresses[] = { "198.18.99.2", "198.18.99.3", "198.18.99.4" };
	const struct live *l = *state;

	for (int i = 0; i < GUESTS; i++) {
		char name[16];
		RS_AUTO_STR *hostname = rs_asprintf(NULL, "%s\n", guest_name(name, i));
		RS_AUTO_STR *hosts = rs_asprintf(NULL, "127.0.0.1\tlocalhost\n%s\t%s\n198.18.99.1\ttestbed\n",
						 addresses[i], name);

		assert_string_equal(l->g[i].name, name);
		assert_string_equal(l->g[i].address, addresses[i]);
		assert_true(l->g[i].ready_s > 0);
		expect_output(l, i, ARGV("hostname"), hostname);
		expect_output(l, i, ARGV("cat", "/etc/hosts"), hosts);
		expect_output(l, i, ARGV("cat", "/etc/resolv.conf"), "");
		expect_output(l, i, ARGV("ls", "-A", "/tmp"), "");
		expect_output(l, i, ARGV("ls", "-d", l->g[i].scratch), "/var/tmp/restudy\n");
	}
}

static void guests_answer_on_their_addresses_and_nobody_else_does(void **state)
{
	const struct live *l = *state;
	RS_AUTO_STR *port = rs_asprintf(NULL, "%d", (int)WEB_PORT);

	assert_int_equal(in_guest(l, 1, ARGV("httpd", "-p", port, "-h", "/tmp"), NULL).status, 0);
	assert_int_equal(knock(l->g[0].address, WEB_PORT), 0);
	assert_int_equal(knock(l->g[1].address, WEB_PORT), 1);
	assert_int_equal(knock(l->g[2].address, WEB_PORT), 0);
	assert_int_equal(knock("198.18.99.1", WEB_PORT), 0);	/* the bridge is this machine */
	assert_int_equal(knock("198.18.99.77", WEB_PORT), -1);	/* nobody */
}

static void roots_are_separate(void **state)
{
	const struct live *l = *state;
	RS_AUTO_STR *in_tree = below(l->tree, "mark");

	assert_int_equal(in_guest(l, 0, ARGV("touch", "/mark"), NULL).status, 0);
	assert_int_equal(in_guest(l, 0, ARGV("ls", "/mark"), NULL).status, 0);
	assert_int_not_equal(in_guest(l, 1, ARGV("ls", "/mark"), NULL).status, 0);
	assert_int_not_equal(in_guest(l, 2, ARGV("ls", "/mark"), NULL).status, 0);
	assert_false(rs_path_exists(in_tree));
}

static void processes_are_separate(void **state)
{
	const struct live *l = *state;
	RS_AUTO_BUF out = RS_BUF_INIT;

	/* The first process of a guest is the agent; this test is not among its processes. */
	expect_output(l, 0, ARGV("cat", "/proc/1/comm"), "restudy-agent\n");
	assert_int_equal(in_guest(l, 0, ARGV("sh", "-c", "cat /proc/[0-9]*/comm"), &out).status, 0);
	assert_null(strstr(rs_buf_str(&out), "test_platform"));
	assert_null(strstr(rs_buf_str(&out), "libvirt"));
}

static void ends_of_commands_are_exact(void **state)
{
	const struct live *l = *state;
	const struct rs_exec missing = { .argv = ARGV("no-such-program"), .timeout_s = 60,
					 .output_max = 1000 };
	struct rs_cmd_result r;
	struct rs_err err = RS_ERR_INIT;

	assert_int_equal(in_guest(l, 0, ARGV("sh", "-c", "exit 7"), NULL).status, 7);
	assert_int_equal(in_guest(l, 1, ARGV("sh", "-c", "exit 255"), NULL).status, 255);
	r = in_guest(l, 2, ARGV("sh", "-c", "kill -9 $$"), NULL);
	assert_int_equal(r.signal, SIGKILL);
	assert_int_equal(r.status, -1);
	assert_int_equal(rs_channel_run(l->g[0].channel, &missing, &r, &err), -1);
	assert_int_equal(err.kind, RS_ERR_MACHINE);
}

static void limits_stand_in_the_control_groups(void **state)
{
	const struct live *l = *state;

	for (int i = 0; i < GUESTS; i++) {
		RS_AUTO_STR *memory = group_of(l, i, is_version_2() ? "" : "memory");
		RS_AUTO_STR *cpu = group_of(l, i, is_version_2() ? "" : "cpu");

		expect_file(memory, is_version_2() ? "memory.max" : "memory.limit_in_bytes",
			    "100663296\n");
		if (is_version_2()) {
			expect_file(cpu, "cpu.max", "50000 100000\n");
			continue;
		}
		expect_file(cpu, "cpu.cfs_quota_us", "50000\n");
		expect_file(cpu, "cpu.cfs_period_us", "100000\n");
	}
}

/* dd reads into a buffer of four times the limit: the kernel must not let it. */
static void memory_beyond_the_limit_is_refused(void **state)
{
	const struct live *l = *state;
	const char *const *fits = ARGV("dd", "if=/dev/zero", "of=/dev/null", "bs=16M", "count=1");
	const char *const *bursts = ARGV("dd", "if=/dev/zero", "of=/dev/null", "bs=384M", "count=1");
	struct rs_cmd_result r;

	assert_int_equal(in_guest(l, 0, fits, NULL).status, 0);
	r = in_guest(l, 0, bursts, NULL);
	assert_true(r.signal == SIGKILL || r.status != 0);
	assert_int_equal(in_guest(l, 0, fits, NULL).status, 0);	/* the guest lives on */
	assert_int_equal(in_guest(l, 1, fits, NULL).status, 0);
}

static void our_programs_cannot_be_changed_from_inside(void **state)
{
	const struct live *l = *state;
	const char *const *write = ARGV("sh", "-c", "echo x >>/usr/lib/restudy/restudy-kernels");

	assert_int_not_equal(in_guest(l, 0, write, NULL).status, 0);
	assert_int_equal(in_guest(l, 0, ARGV("/usr/lib/restudy/restudy-kernels", "--help"), NULL).status,
			 0);
}

static void the_description_tells_what_runs(void **state)
{
	const struct live *l = *state;
	RS_AUTO_STR *folder = below(l->top, "described");
	RS_AUTO_STR *file = rs_asprintf(NULL, "%s.xml", l->g[1].name);
	RS_AUTO_STR *line = rs_asprintf(NULL, "guest\t%s\t198.18.99.4\t", l->g[2].name);
	RS_AUTO_STR *xml = below(folder, file);
	RS_AUTO_STR *mounts = below(folder, "mounts.txt");
	RS_AUTO_STR *guests = below(folder, "guests.txt");
	RS_AUTO_BUF text = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;

	if (rs_instance_describe(l->in, folder, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(rs_path_read(xml, 1 << 20, &text, NULL), 0);
	assert_non_null(strstr(rs_buf_str(&text), "urn:restudy:owner:1"));
	assert_non_null(strstr(rs_buf_str(&text), "run=\"live-test\""));
	assert_non_null(strstr(rs_buf_str(&text), "198.18.99.3"));
	rs_buf_clear(&text);
	assert_int_equal(rs_path_read(mounts, 1 << 20, &text, NULL), 0);
	assert_non_null(strstr(rs_buf_str(&text), "lowerdir="));
	rs_buf_clear(&text);
	assert_int_equal(rs_path_read(guests, 1 << 20, &text, NULL), 0);
	assert_non_null(strstr(rs_buf_str(&text), line));
}

/* A second run must not touch the bridge of the first, nor hurt it by its failure. */
static void a_second_run_is_told_about_the_first(void **state)
{
	const struct live *l = *state;
	struct rs_err err = RS_ERR_INIT;
	const pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		const struct rs_place place = place_of(l);

		if (start(l, &place, &err) != NULL)
			_exit(1);
		_exit(strstr(err.text, "in use by run \"live-test\"") != NULL ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(in_guest(l, 0, ARGV("hostname"), NULL).status, 0);
	assert_int_equal(knock(l->g[2].address, WEB_PORT), 0);
}

static int start_three(void **state)
{
	struct live *l = *state;
	const struct rs_place place = place_of(l);
	struct rs_err err = RS_ERR_INIT;

	l->in = start(l, &place, &err);
	if (l->in == NULL) {
		print_error("%s\n", err.text);
		return -1;
	}
	return rs_instance_guests(l->in, &l->g) == GUESTS ? 0 : -1;
}

/* --- tests of beginning and end --------------------------------------------------------------------- */

static void nothing_is_left_after_the_end(void **state)
{
	struct live *l = *state;
	const int with = count_groups("/sys/fs/cgroup", 3);
	struct rs_err err = RS_ERR_INIT;

	assert_true(with > 0);
	if (rs_instance_stop(l->in, &err) < 0)
		fail_msg("%s", err.text);
	l->in = NULL;
	expect_nothing_left(l);
}

static void nothing_is_left_after_a_failure(void **state)
{
	const struct live *l = *state;
	RS_AUTO_STR *bad = below(l->top, "not-a-program");
	struct rs_place place = place_of(l);
	struct rs_err err = RS_ERR_INIT;

	assert_int_equal(rs_path_write(bad, "text\n", 5, NULL), 0);
	assert_int_equal(chmod(bad, 0755), 0);
	place.agent = bad;
	assert_null(start(l, &place, &err));
	assert_non_null(strstr(err.text, "-1\" ended while it started ("));
	expect_nothing_left(l);
}

/* Between the two starts: the mend. */
static int on_second_start(void *user, const struct rs_note *note, struct rs_err *err)
{
	const struct live *l = user;
	RS_AUTO_STR *go = below(l->tree, "go");

	assert_non_null(strstr(note->text, "the guests were started a second time: guest \""));
	assert_non_null(strstr(note->text, "-1\" ended while it started ("));
	return rs_path_write(go, "", 0, err);
}

static void guests_that_fall_at_once_start_again(void **state)
{
	static const char script[] = "#!/bin/sh\n[ -e /go ] && exec /agent \"$@\"\nsleep 1\n";
	struct live *l = *state;
	RS_AUTO_STR *agent = below(l->top, "agent-that-falls"), *real = below(l->tree, "agent");
	RS_AUTO_STR *go = below(l->tree, "go");
	struct rs_sink notes = { .note = on_second_start, .user = l };
	struct rs_place place = place_of(l);
	struct rs_err err = RS_ERR_INIT;

	assert_int_equal(rs_path_write(agent, script, sizeof(script) - 1, NULL), 0);
	assert_int_equal(chmod(agent, 0755), 0);
	assert_int_equal(rs_path_copy(l->agent, real, NULL), 0);
	place.agent = agent;
	l->in = start_told(&place, &notes, &err);
	if (l->in == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(rs_instance_guests(l->in, &l->g), GUESTS);
	assert_int_equal(in_guest(l, 2, ARGV("hostname"), NULL).status, 0);
	assert_int_equal(rs_instance_stop(l->in, &err), 0);
	l->in = NULL;
	expect_nothing_left(l);
	assert_int_equal(unlink(go), 0);
	assert_null(start_told(&place, NULL, &err));	/* no third time */
	assert_non_null(strstr(err.text, "-1\" ended while it started ("));
	expect_nothing_left(l);
	assert_int_equal(unlink(real), 0);
}

static void the_machines_own_root_can_be_the_tree(void **state)
{
	struct live *l = *state;
	struct rs_place place = place_of(l);
	RS_AUTO_STR *inner = below(l->folder, "seen");
	struct rs_err err = RS_ERR_INIT;

	place.root = "/";
	l->in = start(l, &place, &err);
	if (l->in == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(rs_instance_guests(l->in, &l->g), GUESTS);
	assert_int_equal(in_guest(l, 2, ARGV("hostname"), NULL).status, 0);
	assert_int_equal(in_guest(l, 2, ARGV("sh", "-c", "echo x >/etc/restudy-live-test"), NULL).status, 0);
	assert_false(rs_path_exists("/etc/restudy-live-test"));
	assert_int_not_equal(in_guest(l, 2, ARGV("ls", inner), NULL).status, 0);
	if (rs_instance_stop(l->in, &err) < 0)
		fail_msg("%s", err.text);
	l->in = NULL;
	expect_nothing_left(l);
}

static void a_network_in_use_is_refused(void **state)
{
	const struct live *l = *state;
	const struct rs_place place = place_of(l);
	RS_AUTO_CMD *add = rs_cmd_new("ip");
	RS_AUTO_CMD *address = rs_cmd_new("ip");
	RS_AUTO_CMD *up = rs_cmd_new("ip");
	RS_AUTO_CMD *del = rs_cmd_new("ip");
	struct rs_err err = RS_ERR_INIT;

	rs_cmd_args(add, ARGV("link", "add", "name", "rslan", "type", "bridge"));
	rs_cmd_args(address, ARGV("address", "add", "198.18.99.200/24", "dev", "rslan"));
	rs_cmd_args(up, ARGV("link", "set", "dev", "rslan", "up"));
	rs_cmd_args(del, ARGV("link", "delete", "dev", "rslan"));
	assert_int_equal(rs_cmd_run_ok(add, NULL), 0);
	assert_int_equal(rs_cmd_run_ok(address, NULL), 0);
	assert_int_equal(rs_cmd_run_ok(up, NULL), 0);
	assert_null(start(l, &place, &err));
	assert_non_null(strstr(err.text, "\"rslan\""));
	assert_int_equal(rs_cmd_run_ok(del, NULL), 0);
	expect_nothing_left(l);
}

static void missing_things_are_named(void **state)
{
	const struct live *l = *state;
	struct rs_place place = place_of(l);
	struct rs_err err = RS_ERR_INIT;

	place.root = "/nonexistent/tree";
	assert_null(start(l, &place, &err));
	assert_int_equal(err.kind, RS_ERR_MACHINE);
	assert_non_null(strstr(err.text, "/nonexistent/tree"));
	expect_nothing_left(l);
}

/* --- running ------------------------------------------------------------------------------------------- */

/* A network of our own, with the /sys that shows it and the control groups in it. */
static int own_network(const char *top)
{
	RS_AUTO_STR *groups = below(top, "cgroup");
	RS_AUTO_CMD *lo = rs_cmd_new("ip");

	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    rs_path_mkdirs(groups, NULL) < 0 ||
	    mount("/sys/fs/cgroup", groups, NULL, MS_BIND | MS_REC, NULL) < 0 ||
	    mount("sysfs", "/sys", "sysfs", 0, NULL) < 0 ||
	    mount(groups, "/sys/fs/cgroup", NULL, MS_BIND | MS_REC, NULL) < 0)
		return -1;
	/* What is mounted at the old place stays: somebody's changed root may have it, too. */
	rs_cmd_args(lo, ARGV("link", "set", "dev", "lo", "up"));
	return rs_cmd_run_ok(lo, NULL);
}

static int hold(const char *folder, const char *tree)
{
	struct live l = { .tree = copy(tree) };
	struct rs_place place;
	struct rs_err err = RS_ERR_INIT;

	live_paths(&l, folder);
	if (make_tree(tree) < 0)
		return 77;
	place = place_of(&l);
	if (start(&l, &place, &err) == NULL) {
		printf("%s\n", err.text);
		return 1;
	}
	printf("ready\n");
	(void)fflush(stdout);
	for (;;)
		(void)pause();
}

static int clean(const char *folder)
{
	struct live l = { .tree = NULL };
	struct rs_place place;
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;
	int rc;

	live_paths(&l, folder);
	place = place_of(&l);
	rc = rs_platform_of(RS_PLATFORM_LXC)->leftovers(&place, 1, &out, &err);
	printf("%s%s\n", rs_buf_str(&out), err.text);
	live_release(&l);
	return rc < 0;
}

static int test_guests(struct live *l)
{
	const struct CMUnitTest alone[] = {
		cmocka_unit_test_prestate(missing_things_are_named, l),
		cmocka_unit_test_prestate(a_network_in_use_is_refused, l),
		cmocka_unit_test_prestate(nothing_is_left_after_a_failure, l),
		cmocka_unit_test_prestate(guests_that_fall_at_once_start_again, l),
		cmocka_unit_test_prestate(the_machines_own_root_can_be_the_tree, l),
	};
	const struct CMUnitTest three[] = {
		cmocka_unit_test_prestate_setup_teardown(every_guest_is_itself, start_three, NULL, l),
		cmocka_unit_test_prestate(guests_answer_on_their_addresses_and_nobody_else_does, l),
		cmocka_unit_test_prestate(roots_are_separate, l),
		cmocka_unit_test_prestate(processes_are_separate, l),
		cmocka_unit_test_prestate(ends_of_commands_are_exact, l),
		cmocka_unit_test_prestate(limits_stand_in_the_control_groups, l),
		cmocka_unit_test_prestate(memory_beyond_the_limit_is_refused, l),
		cmocka_unit_test_prestate(our_programs_cannot_be_changed_from_inside, l),
		cmocka_unit_test_prestate(the_description_tells_what_runs, l),
		cmocka_unit_test_prestate(a_second_run_is_told_about_the_first, l),
		cmocka_unit_test_prestate(nothing_is_left_after_the_end, l),
	};
	int failed = cmocka_run_group_tests(alone, NULL, NULL);

	failed += cmocka_run_group_tests(three, NULL, NULL);
	if (l->in != NULL)
		(void)rs_instance_stop(l->in, NULL);
	return failed;
}

int main(int argc, char **argv)
{
	char top[] = "/tmp/rs-live-XXXXXX";
	struct live l = { .in = NULL };
	struct rs_err err = RS_ERR_INIT;
	struct rs_place place;
	RS_AUTO_STR *folder = NULL;
	RS_AUTO_STR *groups = NULL;
	int failed;

	if (argc == 4 && strcmp(argv[1], "hold") == 0)
		return hold(argv[2], argv[3]);
	if (argc == 3 && strcmp(argv[1], "clean") == 0)
		return clean(argv[2]);
	if (geteuid() != 0 || mkdtemp(top) == NULL) {
		printf("needs root\n");
		return 77;
	}
	l.top = copy(top);
	l.tree = below(top, "tree");
	folder = below(top, "place");
	live_paths(&l, folder);
	place = place_of(&l);
	if (make_tree(l.tree) < 0 || rs_path_mkdirs(l.folder, NULL) < 0 ||
	    rs_platform_of(RS_PLATFORM_LXC)->probe(&place, &err) < 0) {
		printf("no busybox, or: %s\n", err.text);
		return rs_path_remove_tree(top, NULL) < 0 ? 1 : 77;
	}
	failed = own_network(top) < 0;
	failed += failed ? 0 : test_guests(&l);
	groups = below(top, "cgroup");
	(void)umount2(groups, MNT_DETACH);
	failed += rs_path_remove_tree(top, NULL) < 0;
	live_release(&l);
	return failed != 0;
}
