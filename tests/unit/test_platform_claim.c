/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trees that outlive a reboot: whose they are is told by a mark beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/platform/ledger_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

struct place {
	char top[64];
	char *tree, *mark, *inside;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	(void)snprintf(p->top, sizeof(p->top), "%s", "/tmp/restudy-claim-XXXXXX");
	assert_non_null(mkdtemp(p->top));
	p->tree = rs_asprintf(NULL, "%s/private/101", p->top);
	p->mark = rs_asprintf(NULL, "%s.restudy", p->tree);
	p->inside = rs_asprintf(NULL, "%s/upper/etc", p->tree);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	int rc = rs_path_remove_tree(p->top, NULL);

	free(p->tree);
	free(p->mark);
	free(p->inside);
	free(p);
	return rc;
}

/* A process that claims the tree, fills it and dies; its ledger dies with the machine. */
static void die_with_a_claim(const struct place *p)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		struct rs_ledger *l = rs_ledger_open("test", "run-dead", NULL);

		_exit(l == NULL || rs_ledger_claim(l, p->tree, NULL) < 0 ||
		      rs_path_mkdirs(p->inside, NULL) < 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(rs_path_exists(p->inside));
}

static void what_a_dead_run_claimed_is_taken_over(void **state)
{
	const struct place *p = *state;
	struct rs_ledger *l = rs_ledger_open("test", "run-next", NULL);
	RS_AUTO_BUF seen = RS_BUF_INIT;

	die_with_a_claim(p);
	assert_int_equal(rs_ledger_claim(l, p->tree, NULL), 0);
	assert_false(rs_path_exists(p->inside));
	assert_int_equal(rs_path_mkdirs(p->inside, NULL), 0);
	assert_int_equal(rs_ledger_undo(l, NULL), 0);
	assert_false(rs_path_exists(p->tree));
	assert_false(rs_path_exists(p->mark));
	assert_int_equal(rs_ledger_leftovers("test", 1, &seen, NULL), 0);
}

static void a_mark_of_another_boot_says_nothing_of_processes(void **state)
{
	const struct place *p = *state;
	struct rs_ledger *l = rs_ledger_open("test", "run-next", NULL);
	char mark[192];
	RS_AUTO_STR *text = rs_asprintf(NULL, "%s another-boot\n",
					rs_owner_mark(mark, sizeof(mark), rs_ledger_owner(l)));

	assert_int_equal(rs_path_mkdirs(p->inside, NULL), 0);
	assert_int_equal(rs_path_write(p->mark, text, strlen(text), NULL), 0);
	assert_int_equal(rs_ledger_claim(l, p->tree, NULL), 0);
	assert_false(rs_path_exists(p->inside));
	assert_int_equal(rs_ledger_undo(l, NULL), 0);
}

static void what_others_have_is_refused_and_kept(void **state)
{
	const struct place *p = *state;
	struct rs_ledger *mine = rs_ledger_open("test", "run-1", NULL);
	struct rs_ledger *other = rs_ledger_open("test", "run-2", NULL);
	struct rs_err err = RS_ERR_INIT;

	/* Without a mark, with one that is nonsense, and of a process that lives. */
	assert_int_equal(rs_path_mkdirs(p->inside, NULL), 0);
	assert_int_equal(rs_ledger_claim(mine, p->tree, &err), -1);
	assert_non_null(strstr(err.text, "is not ours"));
	assert_int_equal(rs_path_write(p->mark, "restudy x", 9, NULL), 0);
	assert_int_equal(rs_ledger_claim(mine, p->tree, NULL), -1);
	assert_true(rs_path_exists(p->inside));
	assert_int_equal(rs_path_remove_tree(p->tree, NULL), 0);
	assert_int_equal(rs_ledger_claim(other, p->tree, NULL), 0);
	assert_int_equal(rs_path_mkdirs(p->inside, NULL), 0);
	assert_int_equal(rs_ledger_claim(mine, p->tree, NULL), -1);
	assert_int_equal(rs_ledger_undo(mine, NULL), 0);
	assert_true(rs_path_exists(p->inside));
	assert_int_equal(rs_ledger_undo(other, NULL), 0);
	assert_false(rs_path_exists(p->tree));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_a_dead_run_claimed_is_taken_over, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_mark_of_another_boot_says_nothing_of_processes, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_others_have_is_refused_and_kept, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
