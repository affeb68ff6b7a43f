/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copies of file systems by their used blocks, onto targets full of other data.  The
 * oracles are e2fsprogs: e2fsck finds nothing wrong, debugfs brings the same files out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/platform/blocks_priv.h"
#include "restudy/base/cmd.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#define SIZE_KIB 49152

static char top[] = "/tmp/rs-blocks-XXXXXX";

static char *at(const char *name)
{
	char *p = rs_path_join(top, name, NULL);

	assert_non_null(p);
	return p;
}

/* Runs a script with the folder as $1 and three words; returns its status. */
static int sh(const char *script, const char *a, const char *b, const char *c, struct rs_buf *out)
{
	RS_AUTO_CMD *cmd = rs_cmd_new("sh");
	struct rs_cmd_result r = { .status = -1 };
	struct rs_err err = RS_ERR_INIT;

	rs_cmd_args(cmd, (const char *const[]){ "-c", script, "sh", top, a, b, c, NULL });
	if (out != NULL) {
		rs_cmd_stdout_buf(cmd, out);
		rs_cmd_stderr_buf(cmd, out);
	}
	rs_cmd_env(cmd, "PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
	if (rs_cmd_run(cmd, &r, &err) < 0)
		fail_msg("%s", err.text);
	return r.status;
}

/* A tree with files small, large, sparse and linked, once for all tests. */
static int make_tree(void **state)
{
	(void)state;
	if (mkdtemp(top) == NULL)
		return -1;
	if (sh("command -v mke2fs && command -v debugfs && command -v e2fsck", "", "", "", NULL) != 0)
		return 0;	/* the tests skip themselves */
	return sh("set -e; cd \"$1\"; mkdir -p tree/many tree/deep/er; i=0; "
		  "while [ $i -lt 300 ]; do echo \"file $i\" >tree/many/$i; i=$((i + 1)); done; "
		  "head -c 9000000 /dev/urandom >tree/deep/large; "
		  "truncate -s 3000000 tree/deep/er/sparse; "
		  "ln -s ../many/7 tree/deep/link", "", "", "", NULL);
}

static int remove_tree(void **state)
{
	(void)state;
	return rs_path_remove_tree(top, NULL);
}

static void need_programs(void)
{
	RS_AUTO_STR *tree = at("tree");

	if (!rs_path_exists(tree))
		skip();
}

static void make_source(const char *type, const char *block)
{
	assert_int_equal(sh("mke2fs -q -F -t \"$2\" -b \"$3\" -d \"$1/tree\" \"$1/from\" \"$4\"k", type, block,
			    "49152", NULL), 0);
}

/* A target whose every block holds something else. */
static void make_target(const char *name)
{
	assert_int_equal(sh("rm -f \"$1/$2\"; head -c 50331648 /dev/zero | tr '\\0' Z >\"$1/$2\"", name, "", "",
			    NULL), 0);
}

static void expect_same(const char *name)
{
	RS_AUTO_BUF said = RS_BUF_INIT;

	if (sh("set -e; e2fsck -fn \"$1/$2\"; rm -rf \"$1/out\"; mkdir \"$1/out\"; "
	       "debugfs -R \"rdump / $1/out\" \"$1/$2\" 2>/dev/null; rm -rf \"$1/out/lost+found\"; "
	       "diff -r \"$1/tree\" \"$1/out\"", name, "", "", &said) != 0)
		fail_msg("%s", rs_buf_str(&said));
}

static void copy_of(const char *type, const char *block)
{
	RS_AUTO_STR *from = at("from");
	RS_AUTO_STR *one = at("one"), *two = at("two");
	const char *const to[] = { one, two };
	struct rs_blocks b = { .bytes = 0 };
	struct rs_err err = RS_ERR_INIT;

	need_programs();
	make_source(type, block);
	make_target("one");
	make_target("two");
	if (rs_blocks_probe(from, &b, &err) < 0 || rs_blocks_copy(from, to, 2, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(b.type, type);
	assert_int_equal(b.bytes, (int64_t)SIZE_KIB * 1024);
	assert_in_range(b.used_bytes, 9000000, 40000000);
	expect_same("one");
	expect_same("two");
}

static void ext3_is_copied(void **state)
{
	(void)state;
	copy_of("ext3", "4096");
}

static void small_blocks_are_copied(void **state)
{
	(void)state;
	copy_of("ext3", "1024");
	copy_of("ext2", "2048");
}

static void ext4_is_copied(void **state)
{
	(void)state;
	copy_of("ext4", "4096");
}

/* Free blocks are what makes it quick: they must not have been moved. */
static void free_blocks_stay(void **state)
{
	RS_AUTO_STR *from = at("from"), *one = at("one");
	const char *const to[] = { one };
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_FD fd = -1;
	char last[4096];

	(void)state;
	need_programs();
	make_source("ext3", "4096");
	make_target("one");
	if (rs_blocks_copy(from, to, 1, &err) < 0)
		fail_msg("%s", err.text);
	fd = open(one, O_RDONLY | O_CLOEXEC);
	assert_int_equal(pread(fd, last, sizeof(last), (off_t)SIZE_KIB * 1024 - 4096), 4096);
	assert_int_equal(last[0], 'Z');
	assert_int_equal(last[4095], 'Z');
}

static void other_things_are_refused(void **state)
{
	RS_AUTO_STR *from = at("other"), *one = at("one"), *none = at("missing");
	const char *const to[] = { one };
	struct rs_err err = RS_ERR_INIT;
	struct rs_blocks b;

	(void)state;
	need_programs();
	make_target("one");
	assert_int_equal(sh("head -c 1000000 /dev/urandom >\"$1/other\"", "", "", "", NULL), 0);
	assert_int_equal(rs_blocks_probe(from, &b, &err), -1);
	assert_non_null(strstr(err.text, "no ext2"));
	assert_int_equal(rs_blocks_copy(from, to, 1, NULL), -1);
	assert_int_equal(rs_blocks_probe(none, &b, NULL), -1);
	/* A file system that is cut off is an error, not half a copy. */
	make_source("ext3", "4096");
	assert_int_equal(sh("truncate -s 4000000 \"$1/from\"", "", "", "", NULL), 0);
	free(RS_STEAL(&from));
	from = at("from");
	rs_err_clear(&err);
	assert_int_equal(rs_blocks_copy(from, to, 1, &err), -1);
	assert_non_null(strstr(err.text, "ends before"));
	/* A layout that is not read: clusters. */
	assert_int_equal(sh("mke2fs -q -F -t ext4 -O bigalloc -C 16384 \"$1/from\" 48M", "", "", "", NULL), 0);
	rs_err_clear(&err);
	assert_int_equal(rs_blocks_probe(from, &b, &err), -1);
	assert_non_null(strstr(err.text, "uncommon"));
	/* More bytes than there are numbers for: s_blocks_count_hi. */
	assert_int_equal(sh("mke2fs -q -F -t ext4 -O 64bit \"$1/from\" 48M && printf '\\377\\377\\377\\177' | "
			    "dd of=\"$1/from\" bs=1 seek=1360 conv=notrunc", "", "", "", NULL), 0);
	rs_err_clear(&err);
	assert_int_equal(rs_blocks_probe(from, &b, &err), -1);
	assert_non_null(strstr(err.text, "uncommon"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ext3_is_copied),
		cmocka_unit_test(small_blocks_are_copied),
		cmocka_unit_test(ext4_is_copied),
		cmocka_unit_test(free_blocks_stay),
		cmocka_unit_test(other_things_are_refused),
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
