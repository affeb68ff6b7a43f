/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run: the coordinator and a worker on a server.  ssh is a script that starts the agent here,
 * and the worker is one that says what the test wants to be said.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/run/coordinator_priv.h"
#include "../../src/run/shard_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/plan.h"
#include "restudy/run.h"

#define PLAN "tests/end2end/small.xml"

enum { CELLS = 4, MANY_GUESTS = 40, METRICS = 30 };

/* Those of the plan's benchmark "kernels". */
static const struct rs_cell cells[CELLS] = {
	{ "host", "kernels", 0, 0 }, { "host", "kernels", 0, 1 }, { "host", "kernels", 0, 2 },
	{ "host", "kernels", 0, 3 },
};

struct server {
	char dir[64];
	char run[80], worker[80], agent[500], kernels[500];
	struct rs_diagnostics diags;
	struct rs_plan *plan;
	struct rs_run_options o;
};

static void put(const char *path, const char *text, mode_t mode)
{
	struct rs_err e = RS_ERR_INIT;

	if (rs_path_write(path, text, strlen(text), &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(chmod(path, mode), 0);
}

static int setup(void **state)
{
	struct server *s = calloc(1, sizeof(*s));
	const char *build = getenv("RESTUDY_BUILD");
	char here[300], ssh[100];
	RS_AUTO_STR *path = NULL, *script = NULL;

	assert_non_null(s);
	*state = s;
	assert_non_null(getcwd(here, sizeof(here)));
	if (build == NULL)
		build = "build";
	(void)snprintf(s->dir, sizeof(s->dir), "/tmp/restudy-test-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	(void)snprintf(s->run, sizeof(s->run), "%s/run", s->dir);
	(void)snprintf(s->worker, sizeof(s->worker), "%s/worker", s->dir);
	(void)snprintf(s->agent, sizeof(s->agent), "%s/restudy-agent", build);
	(void)snprintf(s->kernels, sizeof(s->kernels), "%s/restudy-kernels", build);
	(void)snprintf(ssh, sizeof(ssh), "%s/ssh", s->dir);
	script = rs_asprintf(NULL, "#!/bin/sh\nexec \"%s%s%s\" --stdio\n", build[0] == '/' ? "" : here,
			     build[0] == '/' ? "" : "/", s->agent);
	put(ssh, script, 0755);
	path = rs_asprintf(NULL, "%s:%s", s->dir, getenv("PATH"));
	assert_int_equal(setenv("PATH", path, 1), 0);
	s->plan = rs_plan_load(PLAN, &s->diags, NULL);
	assert_non_null(s->plan);
	s->o = (struct rs_run_options){ .plan_path = PLAN, .folder = s->run, .testbed = "ssh://server",
					.only_benchmark = "kernels", .program = s->worker,
					.agent = s->agent, .kernels = s->kernels };
	return 0;
}

static int teardown(void **state)
{
	struct server *s = *state;
	const int rc = rs_path_remove_tree(s->dir, NULL);

	rs_plan_free(s->plan);
	rs_diagnostics_release(&s->diags);
	free(s);
	return rc;
}

static int run(struct server *s)
{
	struct rs_err e = RS_ERR_INIT;
	RS_AUTO_STR *folder = NULL;
	const int rc = rs_run(s->plan, &s->o, NULL, &folder, &e);

	if (rc < 0)
		fail_msg("%s", e.text);
	return rc;
}

/* How many cells are in a state, for a reason that has the words, after so many attempts. */
static int count_cells(const struct server *s, enum rs_cell_state state, const char *words, int attempts)
{
	RS_AUTO_STR *db = rs_path_join(s->run, "run.db", NULL);
	RS_AUTO_STORE *store = rs_store_open_readonly(db, NULL);
	struct rs_cell_record *r = NULL;
	size_t n = 0;
	int count = 0;

	assert_non_null(store);
	assert_int_equal(rs_store_cells(store, &r, &n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		const char *reason = r[i].reason != NULL ? r[i].reason : "";

		count += r[i].state == state && r[i].attempts == attempts && strstr(reason, words) != NULL;
	}
	rs_cell_records_free(r, n);
	return count;
}

/* A worker that makes the raw folders of all cells and says what the file has. */
static void make_worker(const struct server *s, const struct rs_buf *events)
{
	RS_AUTO_STR *said = rs_path_join(s->dir, "events", NULL);
	RS_AUTO_BUF script = RS_BUF_INIT;

	put(said, rs_buf_str(events), 0644);
	rs_buf_adds(&script, "#!/bin/sh\ncd \"$(dirname \"$2\")\" && mkdir -p environment/plain");
	for (size_t i = 0; i < CELLS; i++) {
		char folder[256];

		rs_buf_addf(&script, " raw/%s", rs_cell_folder(folder, sizeof(folder), &cells[i]));
	}
	rs_buf_addf(&script, "\ncat %s\n", said);
	put(s->worker, rs_buf_str(&script), 0755);
}

static void add_event(struct rs_buf *b, const struct rs_shard_event *e)
{
	assert_int_equal(rs_shard_event_to_json(e, b, NULL), 0);
	rs_buf_addc(b, '\n');
}

/* What many guests gave is one line, which is longer than what fits into a pipe. */
static void a_cell_of_many_guests_arrives(void **state)
{
	static struct rs_sample samples[MANY_GUESTS * METRICS];
	struct server *s = *state;
	RS_AUTO_BUF events = RS_BUF_INIT;
	RS_AUTO_STR *db = rs_path_join(s->run, "run.db", NULL);
	RS_AUTO_STORE *store = NULL;
	struct rs_series_set set = RS_SERIES_SET_INIT;

	for (size_t i = 0; i < RS_COUNT(samples); i++) {
		(void)snprintf(samples[i].guest, sizeof(samples[i].guest), "guest_%zu", i / METRICS);
		(void)snprintf(samples[i].metric, sizeof(samples[i].metric), "a-metric-with-a-name-%zu",
			       i % METRICS);
		(void)snprintf(samples[i].unit, sizeof(samples[i].unit), "lps");
		samples[i].value = (double)i / 7;
	}
	for (size_t i = 0; i < CELLS; i++) {
		struct rs_shard_event e = { .kind = RS_SHARD_CELL_START, .wall_s = 1e9, .cell = cells[i] };

		add_event(&events, &e);
		e.kind = RS_SHARD_CELL_END;
		e.state = RS_CELL_DONE;
		e.samples = samples;
		e.n_samples = RS_COUNT(samples);
		add_event(&events, &e);
	}
	assert_true(events.len > CELLS * 65536);
	make_worker(s, &events);
	assert_int_equal(run(s), 0);
	assert_int_equal(count_cells(s, RS_CELL_DONE, "", 1), CELLS);
	store = rs_store_open_readonly(db, NULL);
	assert_non_null(store);
	assert_int_equal(rs_store_series(store, NULL, NULL, NULL, &set, NULL), 0);
	assert_int_equal(set.n, RS_COUNT(samples));
	rs_series_set_release(&set);
}

/* A worker that ends well and has told nothing is not started for ever. */
static void a_worker_without_a_word_fails_its_cells(void **state)
{
	struct server *s = *state;
	const struct rs_buf silence = RS_BUF_INIT;

	make_worker(s, &silence);
	assert_int_equal(run(s), 1);
	assert_int_equal(count_cells(s, RS_CELL_FAILED, "without telling the end of 4 of its cells", 0), CELLS);
}

/* Cells that begin and come to an end. */
static void add_ends(struct rs_buf *b, size_t first, size_t n, enum rs_cell_state state)
{
	for (size_t i = first; i < first + n; i++) {
		struct rs_shard_event e = { .kind = RS_SHARD_CELL_START, .wall_s = 1e9, .cell = cells[i] };

		add_event(b, &e);
		e.kind = RS_SHARD_CELL_END;
		e.state = state;
		e.text = state == RS_CELL_DONE ? NULL : "the guest was tired";
		add_event(b, &e);
	}
}

/* What failed is run again, once, and only where it is wanted. */
static void a_resumed_run_repeats_what_failed_and_is_wanted(void **state)
{
	struct server *s = *state;
	RS_AUTO_BUF first = RS_BUF_INIT, second = RS_BUF_INIT;

	add_ends(&first, 0, 2, RS_CELL_DONE);
	add_ends(&first, 2, 2, RS_CELL_FAILED);
	make_worker(s, &first);
	assert_int_equal(run(s), 1);
	assert_int_equal(count_cells(s, RS_CELL_FAILED, "tired", 1), 2);
	s->o.resume = 1;
	s->o.only_benchmark = "siege";
	assert_int_equal(run(s), 1);	/* nothing of it is in this run */
	assert_int_equal(count_cells(s, RS_CELL_FAILED, "tired", 1), 2);
	s->o.only_benchmark = "kernels";
	add_ends(&second, 2, 2, RS_CELL_DONE);
	make_worker(s, &second);
	assert_int_equal(run(s), 0);
	assert_int_equal(count_cells(s, RS_CELL_DONE, "", 1), 2);
	assert_int_equal(count_cells(s, RS_CELL_DONE, "", 2), 2);
}

/* Killed before it had planned its cells, a run is not done because none of them is left. */
static void a_run_without_cells_plans_them_when_resumed(void **state)
{
	struct server *s = *state;
	struct rs_coordinator c = { .plan = s->plan, .o = &s->o, .lock_fd = -1 };
	RS_AUTO_BUF events = RS_BUF_INIT;
	struct rs_err e = RS_ERR_INIT;

	assert_int_equal(rs_coordinator_open(&c, &e), 0);
	rs_coordinator_release(&c);
	add_ends(&events, 0, CELLS, RS_CELL_DONE);
	make_worker(s, &events);
	s->o.resume = 1;
	assert_int_equal(run(s), 0);
	assert_int_equal(count_cells(s, RS_CELL_DONE, "", 1), CELLS);
}

/* What an earlier end told of and is no more is not told; a bar in a name is no end of a column. */
static void deviations_are_those_of_the_last_end(void **state)
{
	struct server *s = *state;
	struct rs_coordinator c = { .plan = s->plan, .o = &s->o, .lock_fd = -1 };
	struct rs_err e = RS_ERR_INIT;
	size_t left = 0;

	s->plan->has_hardware = 1;
	s->plan->hardware.sockets = s->plan->hardware.cores_per_socket = 1;
	assert_int_equal(rs_coordinator_open(&c, &e), 0);
	assert_int_equal(rs_store_set_env(c.store, "plain", "cpu.model", "A|B", &e), 0);
	for (int i = 1; i <= 40; i++) {
		char key[32];

		(void)snprintf(key, sizeof(key), "deviation.%02d", i);
		assert_int_equal(rs_store_set_fact(c.store, key, "old|a|b|c", &e), 0);
	}
	assert_int_equal(rs_coordinator_deviations(&c, &e), 0);
	for (int i = 1; i <= 40; i++) {
		RS_AUTO_STR *text = NULL;
		char key[32];

		(void)snprintf(key, sizeof(key), "deviation.%02d", i);
		assert_int_equal(rs_store_get_fact(c.store, key, &text, &e), 0);
		if (text == NULL)
			continue;
		left++;
		assert_null(strstr(text, "old"));
		assert_null(strstr(text, "A|B"));
	}
	assert_in_range(left, 1, 20);
	rs_coordinator_release(&c);
}

static void refused(struct server *s, const char *words)
{
	struct rs_err e = RS_ERR_INIT;
	RS_AUTO_STR *folder = NULL;

	assert_int_equal(rs_run(s->plan, &s->o, NULL, &folder, &e), -1);
	assert_int_equal(e.kind, RS_ERR_USAGE);
	if (strstr(e.text, words) == NULL)
		fail_msg("\"%s\"", e.text);
}

/* What is no run is not resumed, and nothing is made in its place; what a run was begun with stays. */
static void only_a_run_is_resumed_and_as_it_was_begun(void **state)
{
	struct server *s = *state;
	struct rs_coordinator c = { .plan = s->plan, .o = &s->o, .lock_fd = -1 };
	RS_AUTO_STR *lock = rs_path_join(s->run, "run.lock", NULL);

	s->o.resume = 1;
	refused(s, "cannot find");
	assert_false(rs_path_exists(s->run));
	assert_int_equal(rs_path_mkdirs(s->run, NULL), 0);
	refused(s, "has no run to go on with");
	assert_false(rs_path_exists(lock));
	s->o.resume = 0;
	assert_int_equal(rs_coordinator_open(&c, NULL), 0);
	rs_coordinator_release(&c);
	refused(s, "has a run already");
	s->o.resume = 1;
	s->o.has_seed = 1;
	s->o.seed = 8;
	refused(s, "was begun with --seed 7");
	s->o.has_seed = 0;
	s->o.testbed = "local";
	refused(s, "was begun with --testbed ssh://server");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_cell_of_many_guests_arrives, setup, teardown),
		cmocka_unit_test_setup_teardown(a_worker_without_a_word_fails_its_cells, setup, teardown),
		cmocka_unit_test_setup_teardown(a_resumed_run_repeats_what_failed_and_is_wanted, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_run_without_cells_plans_them_when_resumed, setup, teardown),
		cmocka_unit_test_setup_teardown(deviations_are_those_of_the_last_end, setup, teardown),
		cmocka_unit_test_setup_teardown(only_a_run_is_resumed_and_as_it_was_begun, setup, teardown),
	};

	return cmocka_run_group_tests_name("run worker", tests, NULL, NULL);
}
