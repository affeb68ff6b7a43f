/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What testbeds keep in the cache, and what several runs that share it do to each other:
 * downloads, builds that were killed, the register of machines, the root of guests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/testbed/image_priv.h"
#include "../../src/testbed/leftovers_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/testbed.h"

#define KEY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char world[] = "/tmp/restudy-test-XXXXXX";	/* folder of one test */

static char *in_world(const char *rel)
{
	char *path = rs_path_join(world, rel, NULL);

	assert_non_null(path);
	return path;
}

static void put(const char *rel, const char *text, unsigned mode)
{
	RS_AUTO_STR *path = in_world(rel);
	RS_AUTO_STR *folder = rs_strndup(path, (size_t)(rs_path_base(path) - path), NULL);

	assert_int_equal(rs_path_mkdirs(folder, NULL), 0);
	assert_int_equal(rs_path_write(path, text, strlen(text), NULL), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int is_in_world(const char *rel)
{
	RS_AUTO_STR *path = in_world(rel);

	return rs_path_exists(path);
}

static int make_world(void **state)
{
	RS_AUTO_STR *cache = NULL, *path = NULL;

	(void)state;
	(void)snprintf(world, sizeof(world), "/tmp/restudy-test-XXXXXX");
	assert_non_null(mkdtemp(world));
	cache = in_world("cache");
	path = rs_asprintf(NULL, "%s/bin:/usr/sbin:/usr/bin:/sbin:/bin", world);
	assert_int_equal(setenv("PATH", path, 1), 0);
	return setenv("XDG_CACHE_HOME", cache, 1);
}

static int end_world(void **state)
{
	(void)state;
	return rs_path_remove_tree(world, NULL);
}

static void ignore(void *user, const char *text)
{
	(void)user;
	(void)text;
}

static const struct rs_tell nobody = { ignore, NULL };

/* Several runs that want the same file at once each get it whole. */
static void one_file_is_fetched_by_one_at_a_time(void **state)
{
	enum { RUNS = 4, BYTES = 24 << 20 };
	RS_AUTO_STR *from = in_world("from");
	RS_AUTO_STR *url = rs_asprintf(NULL, "file://%s", from);
	RS_AUTO_STR *block = rs_alloc(1, BYTES, NULL);
	char want[RS_SHA256_HEX], got[RS_SHA256_HEX];
	RS_AUTO_STR *path = NULL;
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	for (size_t i = 0; i < BYTES; i++)
		block[i] = (char)(i / 4096);
	assert_int_equal(rs_path_write(from, block, BYTES, NULL), 0);
	assert_int_equal(rs_sha256_file(from, want, NULL), 0);
	for (int i = 0; i < RUNS; i++) {
		const pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			_exit(rs_testbed_fetch(url, NULL, ignore, NULL, NULL) == NULL);
	}
	for (int i = 0; i < RUNS; i++) {
		int status = -1;

		assert_true(waitpid(-1, &status, 0) > 0);
		assert_int_equal(status, 0);
	}
	path = rs_testbed_fetch(url, NULL, ignore, NULL, &err);
	if (path == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(rs_sha256_file(path, got, NULL), 0);
	assert_string_equal(got, want);
}

/* What came of an archive is taken up by the next try, and may be coming still. */
static void clean_keeps_what_was_fetched(void **state)
{
	RS_AUTO_BUF out = RS_BUF_INIT;

	(void)state;
	put("cache/restudy/images/" KEY ".fetched.part", "half", 0644);
	put("cache/restudy/images/" KEY ".img.part", "half", 0644);
	assert_int_equal(rs_testbed_leftovers(1, &out, NULL), 0);
	assert_true(is_in_world("cache/restudy/images/" KEY ".fetched.part"));
	assert_false(is_in_world("cache/restudy/images/" KEY ".img.part"));
}

/* One run writes its entry while another reads all. */
static void an_entry_in_the_making_is_none(void **state)
{
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	put("cache/restudy/machines/restudy-aBcDeF.restudy-part-4711", "root=/tmp/restu", 0644);
	if (rs_testbed_leftovers(1, &out, &err) < 0 || rs_machine_owner_reclaim("/f", &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(out.len, 0);
}

/* A plan whose guests have a root, and an image of it that debugfs says more or less of. */
static char *guest_root(const char *says, struct rs_err *err)
{
	char id[] = "vm", slash[] = "/", ext3[] = "ext3", volume[] = "root";
	struct rs_guest_disk disk = { .volume = volume, .filesystem = ext3, .mount = slash,
				      .size_bytes = (int64_t)16 << 20 };
	struct rs_system sys = { .id = id, .guests = { .disks = &disk, .n_disks = 1 } };
	const struct rs_plan plan = { .systems = &sys, .n_systems = 1 };
	RS_AUTO_STR *image = in_world("image");
	RS_AUTO_STR *text = rs_asprintf(NULL, "#!/bin/sh\necho 'debugfs 1.47.0' >&2\n"
					"tree=${2#rdump / }\nmkdir -p \"$tree/usr/bin\"\n"
					"printf '#!/bin/sh\\n' >\"$tree/usr/bin/env\"\n"
					"chmod 755 \"$tree/usr/bin/env\"\n%s\n", says);
	char *path = NULL;

	put("bin/debugfs", text, 0755);
	put("bin/mke2fs", "#!/bin/sh\nwhile [ $# -gt 2 ]; do shift; done\necho ext >\"$1\"\n", 0755);
	put("image", "", 0644);
	assert_int_equal(rs_guest_root_get(&plan, image, &nobody, &path, err), 0);
	return path;
}

/* A tree that did not come out whole is no root: guests' disks are then filled inside. */
static void a_root_that_is_not_whole_is_not_kept(void **state)
{
	RS_AUTO_STR *cut = guest_root("echo 'rdump: No space left on device while writing usr/bin/perl' >&2", NULL);
	RS_AUTO_STR *whole = NULL;
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	assert_null(cut);
	whole = guest_root("", &err);
	if (whole == NULL)
		fail_msg("%s", err.text);
	assert_true(rs_path_exists(whole));
}

#define T(f) cmocka_unit_test_setup_teardown(f, make_world, end_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_file_is_fetched_by_one_at_a_time),
		T(clean_keeps_what_was_fetched),
		T(an_entry_in_the_making_is_none),
		T(a_root_that_is_not_whole_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
