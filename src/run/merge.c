/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes the events of a shard into the run: raw files first, then one transaction. */
#include "coordinator_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/bench.h"

enum { RAW_MAX_BYTES = 256 << 20, UNREST_MAX = 100, TOLD_MAX = 100000 };

int rs_coordinator_tell(struct rs_coordinator *c, const char *phase, const char *text,
			double seconds, struct rs_err *err)
{
	if (c->watch != NULL && c->watch->event != NULL)
		c->watch->event(c->watch->user, phase, text);
	return rs_store_add_event(c->store, phase, text, rs_wall_s(), seconds, err);
}

double rs_coordinator_predict_s(const struct rs_coordinator *c, const struct rs_cell *cell)
{
	const struct rs_benchmark *b = rs_plan_benchmark(c->plan, cell->benchmark);
	const struct rs_bench_driver *d = b != NULL ? rs_bench_driver_of(b->adapter) : NULL;
	size_t guests = cell->guests > 0 ? (size_t)cell->guests : 1;

	if (d == NULL || d->predict_s == NULL)
		return 0;
	return d->predict_s(b, rs_plan_duration_s(b, c->profile), guests);
}

static void show_cell(struct rs_coordinator *c, const struct rs_cell *cell, enum rs_cell_state state,
		      const char *reason)
{
	if (c->watch != NULL && c->watch->cell != NULL)
		c->watch->cell(c->watch->user, cell, state, reason, c->finished, c->total, c->left_s);
}

/* What was measured on a machine that is no longer the same cannot be put together. */
static int merge_environment(struct rs_coordinator *c, const struct rs_shard_event *e,
			     struct rs_err *err)
{
	const char *boot = rs_boot_name(c->boot);
	struct rs_env_fact *facts = NULL;
	size_t n = 0;
	int rc = 0;

	if (rs_store_env(c->store, &facts, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n && rc == 0; i++)
		if (strcmp(facts[i].boot, boot) == 0 && strcmp(facts[i].key, e->key) == 0 &&
		    strcmp(facts[i].value, e->text) != 0)
			rc = rs_err_set(err, RS_ERR_MACHINE,
					"the testbed is not the one this run was begun on: %s was \"%.200s\" "
					"and is \"%.200s\"; start a new run, or restore it and resume",
					e->key, facts[i].value, e->text);
	rs_env_facts_free(facts, n);
	return rc < 0 ? -1 : rs_store_set_env(c->store, boot, e->key, e->text, err);
}

/* Warnings of an unquiet machine are numbered; one that is known already is not told again. */
int rs_coordinator_unrest(struct rs_coordinator *c, const char *where, const char *text,
			  struct rs_err *err)
{
	RS_AUTO_STR *line = rs_asprintf(err, "%s|%s", where, text);
	char key[40];

	if (line == NULL)
		return -1;
	for (int i = 1; i < UNREST_MAX; i++) {
		RS_AUTO_STR *old = NULL;

		(void)snprintf(key, sizeof(key), RS_FACT_UNREST ".%02d", i);
		if (rs_store_get_fact(c->store, key, &old, err) < 0)
			return -1;
		if (old == NULL)
			break;
		if (strcmp(old, line) == 0)
			return 0;
	}
	if (rs_coordinator_tell(c, "warning", text, -1, err) < 0)
		return -1;
	return rs_store_set_fact(c->store, key, line, err);
}

/* What a worker may say of the machine it is on; the run's own facts are not its to tell. */
static int is_workers_fact(const char *key)
{
	static const char *const kinds[] = { "configuration.", "effort.", "packages.", "platform.",
					     "setup.", "storage.", "substitute.", RS_FACT_UNREST };

	for (size_t i = 0; i < RS_COUNT(kinds); i++)
		if (strncmp(key, kinds[i], strlen(kinds[i])) == 0)
			return 1;
	return 0;
}

/* Setup times come once for each launch: all of them are kept. */
static int merge_fact(struct rs_coordinator *c, const struct rs_shard_event *e, struct rs_err *err)
{
	RS_AUTO_STR *old = NULL, *all = NULL;

	if (!is_workers_fact(e->key))
		return rs_err_set(err, RS_ERR_FAILED, "the worker told the fact \"%.60s\", which is not "
				  "its to tell", e->key);
	if (strcmp(e->key, RS_FACT_UNREST) == 0)
		return rs_coordinator_unrest(c, rs_boot_name(c->boot), e->text, err);
	if (strncmp(e->key, "setup.", 6) != 0)
		return rs_store_set_fact(c->store, e->key, e->text, err);
	if (rs_store_get_fact(c->store, e->key, &old, err) < 0)
		return -1;
	all = rs_asprintf(err, "%s%s%s", old != NULL ? old : "", old != NULL ? " " : "", e->text);
	return all == NULL ? -1 : rs_store_set_fact(c->store, e->key, all, err);
}

/* Brings a finished cell's raw files from the testbed. */
static int pull_raw(struct rs_coordinator *c, const struct rs_cell *cell, struct rs_err *err)
{
	char rel[256];
	RS_AUTO_STR *from = NULL, *to = NULL;

	if (c->files == NULL)
		return 0;
	(void)rs_cell_folder(rel, sizeof(rel), cell);
	from = rs_asprintf(err, "%s/raw/%s", c->shard_folder, rel);
	to = rs_asprintf(err, "%s/raw/%s", c->folder, rel);
	if (from == NULL || to == NULL || rs_path_remove_tree(to, err) < 0 ||
	    rs_path_mkdirs(to, err) < 0)
		return -1;
	return rs_channel_pull_tree(c->files, from, to, RAW_MAX_BYTES, err);
}

static int merge_end(struct rs_coordinator *c, const struct rs_shard_event *e, struct rs_err *err)
{
	__attribute__((cleanup(rs_cell_told_release))) struct rs_cell_told told;
	struct rs_err trouble = RS_ERR_INIT;
	enum rs_cell_state state = e->state;
	const char *reason = e->text;

	if (rs_coordinator_told(c, e, &told, err) < 0)
		return -1;
	if (!rs_cell_is(&c->current, &e->cell))
		return rs_err_set(err, RS_ERR_FAILED, "the worker ended a cell that it did not start: %s, %s",
				  e->cell.system, e->cell.benchmark);
	if (state != RS_CELL_MISSING && pull_raw(c, &e->cell, &trouble) < 0 && state == RS_CELL_DONE) {
		/* A number whose raw output is lost cannot be shown to be true. */
		state = RS_CELL_FAILED;
		(void)rs_err_wrap(&trouble, "raw output could not be brought here");
		reason = trouble.text;
	}
	if (state != RS_CELL_DONE && (reason == NULL || reason[0] == '\0'))
		reason = "the worker gave no reason";
	c->left_s -= rs_coordinator_predict_s(c, &e->cell);
	c->finished++;
	c->current.system[0] = '\0';
	if (rs_store_set_counters(c->store, &e->cell, told.counters, told.n_counters, err) < 0 ||
	    rs_store_cell_end(c->store, &e->cell, state, state == RS_CELL_DONE ? NULL : reason,
			      e->wall_s, e->samples, e->n_samples, told.notes, told.n_notes, err) < 0)
		return -1;
	show_cell(c, &e->cell, state, reason);
	return 0;
}

int rs_coordinator_merge(void *user, const struct rs_shard_event *e, struct rs_err *err)
{
	struct rs_coordinator *c = user;

	if (e->kind != RS_SHARD_CELL_START && e->kind != RS_SHARD_CELL_END && ++c->told > TOLD_MAX)
		return rs_err_set(err, RS_ERR_FAILED, "the worker tells without end: more than %d events",
				  TOLD_MAX);
	switch (e->kind) {
	case RS_SHARD_PHASE:
		return rs_coordinator_tell(c, rs_phase_name(e->phase), e->text != NULL ? e->text : "",
					   e->seconds, err);
	case RS_SHARD_ENV:
		return merge_environment(c, e, err);
	case RS_SHARD_FACT:
		return merge_fact(c, e, err);
	case RS_SHARD_CELL_START:
		c->current = e->cell;
		show_cell(c, &e->cell, RS_CELL_RUNNING, NULL);
		if (rs_store_cell_start(c->store, &e->cell, e->wall_s, err) < 0)
			return -1;
		rs_coordinator_watch_host(c);
		return 0;
	case RS_SHARD_CELL_END:
		return merge_end(c, e, err);
	case RS_SHARD_LAST:
		break;
	}
	return rs_err_set(err, RS_ERR_INTERNAL, "an event of no known kind");
}
