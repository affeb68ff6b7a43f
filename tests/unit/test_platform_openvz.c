/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The openvz platform with a stand-in for vzctl (tests/end2end/vzctl-stand-in), which
 * really makes containers and answers as vzctl does.  Needs root; works in a mount
 * namespace of its own, where /etc has the configuration vzctl wants.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/platform.h"

struct vz {
	char *top;	/* owned: everything of the test; "vz" in it is /vz */
	char *tree, *folder, *agent;	/* owned */
};

static char *below(const char *a, const char *b)
{
	char *p = rs_path_join(a, b, NULL);

	assert_non_null(p);
	return p;
}

static int write_file(const char *folder, const char *rel, const char *text, mode_t mode)
{
	RS_AUTO_STR *path = below(folder, rel);

	return rs_path_write(path, text, strlen(text), NULL) < 0 ? -1 : chmod(path, mode);
}

/* A tree of busybox whose /sbin/init sleeps. */
static int make_tree(const char *tree)
{
	static const char *const names[] = { "sh", "cat", "ls", "kill", "hostname", "sleep", "touch" };
	RS_AUTO_STR *busybox = rs_path_program("busybox");
	RS_AUTO_STR *bin = below(tree, "bin");
	RS_AUTO_STR *sbin = below(tree, "sbin");
	RS_AUTO_STR *etc = below(tree, "etc");
	RS_AUTO_STR *to = below(bin, "busybox");
	RS_AUTO_STR *dev = below(tree, "dev");
	RS_AUTO_STR *null = below(dev, "null");

	if (busybox == NULL || rs_path_mkdirs(bin, NULL) < 0 || rs_path_mkdirs(sbin, NULL) < 0 ||
	    rs_path_mkdirs(etc, NULL) < 0 || rs_path_copy(busybox, to, NULL) < 0 ||
	    rs_path_mkdirs(dev, NULL) < 0 || mknod(null, S_IFCHR | 0666, makedev(1, 3)) < 0)
		return -1;
	for (size_t i = 0; i < RS_COUNT(names); i++) {
		RS_AUTO_STR *link = below(bin, names[i]);

		if (symlink("busybox", link) < 0)
			return -1;
	}
	return write_file(sbin, "init", "#!/bin/sh\nwhile :; do sleep 1000; done\n", 0755);
}

/* /etc as the machine has it, with /etc/vz, in a namespace of ours. */
static int own_etc(const struct vz *v)
{
	RS_AUTO_STR *upper = below(v->top, "etc-upper");
	RS_AUTO_STR *work = below(v->top, "etc-work");
	RS_AUTO_STR *conf = below(upper, "vz/conf");
	RS_AUTO_STR *options = rs_asprintf(NULL, "lowerdir=/etc,upperdir=%s,workdir=%s", upper, work);
	RS_AUTO_STR *text = rs_asprintf(NULL, "TEMPLATE=%s/vz/template\nVE_PRIVATE=%s/vz/private/$VEID\n"
					"VE_ROOT=%s/vz/root/$VEID\n"
					"LOCAL_UID=0\nLOCAL_GID=0\nVE_LAYOUT=simfs\nDISK_QUOTA=no\n",
					v->top, v->top, v->top);

	if (rs_path_mkdirs(conf, NULL) < 0 || rs_path_mkdirs(work, NULL) < 0 ||
	    write_file(upper, "vz/vz.conf", text, 0644) < 0)
		return -1;
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -1;
	return mount("overlay", "/etc", "overlay", 0, options);
}

/* A folder with the stand-in as "vzctl" in front of PATH. */
static int own_path(const struct vz *v)
{
	RS_AUTO_STR *bin = below(v->top, "bin");
	RS_AUTO_STR *vzctl = below(bin, "vzctl");
	RS_AUTO_STR *path = rs_asprintf(NULL, "%s:%s", bin, getenv("PATH"));

	if (rs_path_mkdirs(bin, NULL) < 0 ||
	    rs_path_copy(RS_SOURCE_DIR "/tests/end2end/vzctl-stand-in", vzctl, NULL) < 0)
		return -1;
	return setenv("PATH", path, 1) < 0 ? -1 : setenv("VZ_STAND_IN", v->top, 1);
}

static struct rs_instance *start(const struct vz *v, const char *template, char *first,
				 struct rs_err *err)
{
	static char two[] = "102", id[] = "openvz", ostemplate[] = "ostemplate", numproc[] = "NUMPROC",
		    some[] = "65:65";
	char *names[2] = { first, two };
	RS_AUTO_STR *value = rs_strdup(template, NULL);
	struct rs_setting_kv settings[1] = { { .key = ostemplate, .value = value } };
	struct rs_setting_kv limits[1] = { { .key = numproc, .value = some } };
	struct rs_system s = { .id = id, .platform = RS_PLATFORM_OPENVZ };
	const struct rs_place place = { .folder = v->folder, .run_id = "vz-test", .root = v->tree,
					.agent = v->agent };

	s.settings = settings;
	s.n_settings = template != NULL ? 1 : 0;
	s.guests.names = names;
	s.guests.n_names = 2;
	s.guests.memory_bytes = (int64_t)64 << 20;
	s.guests.limits = limits;
	s.guests.n_limits = 1;
	return rs_instance_start(rs_platform_of(RS_PLATFORM_OPENVZ), &s, 2, &place, NULL, err);
}

static void expect_nothing_left(const struct vz *v)
{
	RS_AUTO_STR *private_areas = below(v->top, "vz/private");
	RS_AUTO_STR *cache = below(v->top, "vz/template/cache");
	RS_AUTO_ARGV areas = NULL;
	RS_AUTO_ARGV confs = NULL;
	RS_AUTO_ARGV templates = NULL;
	size_t n_areas = 0, n_confs = 0, n_templates = 0;

	(void)!rs_path_list(private_areas, &areas, &n_areas, NULL);
	(void)!rs_path_list(cache, &templates, &n_templates, NULL);
	assert_int_equal(rs_path_list("/etc/vz/conf", &confs, &n_confs, NULL), 0);
	assert_int_equal(n_areas, 0);
	assert_int_equal(n_templates, 0);
	assert_int_equal(n_confs, 0);
}

static struct rs_cmd_result run_in(const struct vz *v, const struct rs_guest *g,
				   const char *const *argv, struct rs_buf *out)
{
	RS_AUTO_STR *file = below(v->top, "stdout");
	const struct rs_exec x = { .argv = argv, .timeout_s = 60, .output_max = 1 << 20,
				   .stdout_path = file };
	struct rs_cmd_result r = { 0 };
	struct rs_err err = RS_ERR_INIT;

	if (rs_channel_run(g->channel, &x, &r, &err) < 0)
		fail_msg("%s", err.text);
	if (out != NULL)
		assert_int_equal(rs_path_read(file, 1 << 20, out, NULL), 0);
	return r;
}

#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* --- tests ------------------------------------------------------------------------------- */

static void containers_live_and_leave_nothing(void **state)
{
	const struct vz *v = *state;
	char first[] = "101";
	const struct rs_guest *g = NULL;
	struct rs_err err = RS_ERR_INIT;
	struct rs_instance *in = start(v, "busybox", first, &err);
	RS_AUTO_BUF out = RS_BUF_INIT;

	if (in == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(rs_instance_guests(in, &g), 2);
	assert_string_equal(g[1].name, "102");
	assert_int_equal(run_in(v, &g[0], ARGV("hostname"), &out).status, 0);
	assert_string_equal(rs_buf_str(&out), "101\n");
	assert_int_equal(run_in(v, &g[1], ARGV("sh", "-c", "exit 7"), NULL).status, 7);
	assert_int_equal(run_in(v, &g[1], ARGV("sh", "-c", "kill -9 $$"), NULL).signal, SIGKILL);
	assert_int_equal(run_in(v, &g[0], ARGV("touch", "/mark"), NULL).status, 0);
	assert_int_not_equal(run_in(v, &g[1], ARGV("ls", "/mark"), NULL).status, 0);
	if (rs_instance_stop(in, &err) < 0)
		fail_msg("%s", err.text);
	expect_nothing_left(v);
}

static void the_description_is_the_configuration_of_vzctl(void **state)
{
	const struct vz *v = *state;
	char first[] = "101";
	struct rs_err err = RS_ERR_INIT;
	struct rs_instance *in = start(v, "busybox", first, &err);
	RS_AUTO_STR *folder = below(v->top, "described");
	RS_AUTO_STR *conf = below(folder, "101.conf");
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (in == NULL || rs_instance_describe(in, folder, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(rs_path_read(conf, 1 << 16, &text, NULL), 0);
	assert_non_null(strstr(rs_buf_str(&text), "NUMPROC=\"65:65\"\n"));
	assert_non_null(strstr(rs_buf_str(&text), "PHYSPAGES=\"16384:16384\"\n"));
	assert_non_null(strstr(rs_buf_str(&text), "IPADD=\"198.18.7.2\"\n"));
	assert_non_null(strstr(rs_buf_str(&text), "ONBOOT=\"no\"\n"));
	assert_int_equal(rs_instance_stop(in, &err), 0);
	expect_nothing_left(v);
}

/* Virtuozzo 7, and version 4 on OpenVZ's kernel: the private area is a disk image. */
static void images_are_mounted_to_be_filled(void **state)
{
	const struct vz *v = *state;
	const struct rs_guest *g = NULL;
	char first[] = "101";
	struct rs_err err = RS_ERR_INIT;
	struct rs_instance *in;
	RS_AUTO_BUF out = RS_BUF_INIT;

	assert_int_equal(setenv("VZ_STAND_IN_PLOOP", "yes", 1), 0);
	assert_int_equal(setenv("VZ_STAND_IN_VERSION", "9.0.1", 1), 0);
	in = start(v, "busybox", first, &err);
	if (in == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(rs_instance_guests(in, &g), 2);
	assert_int_equal(run_in(v, &g[0], ARGV("cat", "/etc/hosts"), &out).status, 0);
	assert_non_null(strstr(rs_buf_str(&out), "101"));
	if (rs_instance_stop(in, &err) < 0)
		fail_msg("%s", err.text);
	expect_nothing_left(v);
	/* One that is made and mounted, and does not start, is unmounted before it is destroyed;
	 * status 12 has the meaning of that version. */
	assert_int_equal(setenv("VZ_STAND_IN_FAIL", "start 12", 1), 0);
	assert_null(start(v, "busybox", first, &err));
	assert_int_equal(unsetenv("VZ_STAND_IN_FAIL"), 0);
	assert_non_null(strstr(err.text, "the licence does not allow it"));
	expect_nothing_left(v);
	assert_int_equal(unsetenv("VZ_STAND_IN_PLOOP"), 0);
	assert_int_equal(unsetenv("VZ_STAND_IN_VERSION"), 0);
}

/* Each way vzctl can fail: its text is told, and everything before it is undone. */
static void failures_are_told_and_undone(void **state)
{
	static const struct {
		const char *fail, *says;
	} rows[] = {
		{ "create 46", "not enough disk space" },
		{ "set 21", "wrong value or option" },
		{ "start 47", "/sbin/init is missing" },
		{ "start 250", "exit status 250" },
	};
	const struct vz *v = *state;

	for (size_t i = 0; i < RS_COUNT(rows); i++) {
		char first[] = "101";
		struct rs_err err = RS_ERR_INIT;

		assert_int_equal(setenv("VZ_STAND_IN_FAIL", rows[i].fail, 1), 0);
		assert_null(start(v, "busybox", first, &err));
		assert_int_equal(unsetenv("VZ_STAND_IN_FAIL"), 0);
		if (strstr(err.text, rows[i].says) == NULL)
			fail_msg("\"%s\" is not in \"%s\"", rows[i].says, err.text);
		expect_nothing_left(v);
	}
}

static void a_missing_template_is_named(void **state)
{
	const struct vz *v = *state;
	const struct vz no_tree = { .top = v->top, .tree = NULL, .folder = v->folder, .agent = v->agent };
	char first[] = "101";
	struct rs_err err = RS_ERR_INIT;

	assert_null(start(&no_tree, "nosuch", first, &err));
	assert_non_null(strstr(err.text, "(the OS template is not in the cache)"));
	expect_nothing_left(v);
}

static void names_must_be_numbers_above_100(void **state)
{
	const struct vz *v = *state;
	char low[] = "99", word[] = "web";
	struct rs_err err = RS_ERR_INIT;

	assert_null(start(v, "busybox", low, &err));
	assert_int_equal(err.kind, RS_ERR_PLAN);
	rs_err_clear(&err);
	assert_null(start(v, "busybox", word, &err));
	assert_non_null(strstr(err.text, "\"web\""));
	expect_nothing_left(v);
}

static void somebody_elses_container_is_left_alone(void **state)
{
	const struct vz *v = *state;
	RS_AUTO_STR *area = below(v->top, "vz/private/102/keep");
	char first[] = "101";
	struct rs_err err = RS_ERR_INIT;

	assert_int_equal(rs_path_mkdirs(area, NULL), 0);
	assert_int_equal(write_file("/etc/vz/conf", "102.conf", "OSTEMPLATE=\"theirs\"\n", 0644), 0);
	assert_null(start(v, "busybox", first, &err));
	assert_non_null(strstr(err.text, "container 102 exists and is not ours"));
	assert_true(rs_path_exists(area));
	assert_true(rs_path_exists("/etc/vz/conf/102.conf"));
	assert_int_equal(unlink("/etc/vz/conf/102.conf"), 0);
	*strrchr(area, '/') = '\0';
	assert_int_equal(rs_path_remove_tree(area, NULL), 0);
	expect_nothing_left(v);
}

int main(void)
{
	char top[] = "/tmp/rs-vz-XXXXXX";
	const char *build = getenv("RESTUDY_BUILD");
	struct vz v = { .top = top };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(containers_live_and_leave_nothing, &v),
		cmocka_unit_test_prestate(the_description_is_the_configuration_of_vzctl, &v),
		cmocka_unit_test_prestate(images_are_mounted_to_be_filled, &v),
		cmocka_unit_test_prestate(failures_are_told_and_undone, &v),
		cmocka_unit_test_prestate(a_missing_template_is_named, &v),
		cmocka_unit_test_prestate(names_must_be_numbers_above_100, &v),
		cmocka_unit_test_prestate(somebody_elses_container_is_left_alone, &v),
	};
	RS_AUTO_STR *real = realpath(build != NULL ? build : "build", NULL);
	int failed;

	if (geteuid() != 0 || mkdtemp(top) == NULL || rs_path_exists("/proc/vz")) {
		printf("needs root, and a kernel that is not OpenVZ's\n");
		return 77;
	}
	v.tree = below(top, "tree");
	v.folder = below(top, "place");
	v.agent = below(real != NULL ? real : "/", "restudy-agent");
	if (make_tree(v.tree) < 0 || own_etc(&v) < 0 || own_path(&v) < 0) {
		printf("no busybox, or no overlay file system\n");
		return rs_path_remove_tree(top, NULL) < 0 ? 1 : 77;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	failed += umount2("/etc", MNT_DETACH) < 0;
	failed += rs_path_remove_tree(top, NULL) < 0;
	free(v.tree);
	free(v.folder);
	free(v.agent);
	return failed != 0;
}
