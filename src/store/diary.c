/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is told about a run beside its samples: facts, events, notes, counters, environment. */
#include "store_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"

#define LATEST_S 1e11	/* the year 5138: later dates are none */

/* One statement with up to three texts, no rows. */
static int put(struct rs_store *s, enum rs_sql which, const char *const text[3], const char *what,
	       struct rs_err *err)
{
	RS_AUTO_USE *stmt = rs_store_use(s, which, err);

	if (stmt == NULL)
		return -1;
	for (int i = 0; i < 3 && text[i] != NULL; i++)
		rs_store_bind_text(stmt, i + 1, text[i]);
	return rs_store_done(s, stmt, what, err);
}

int rs_store_set_fact(struct rs_store *s, const char *key, const char *value, struct rs_err *err)
{
	const char *const text[3] = { key, value, NULL };

	return put(s, value != NULL ? RS_SQL_SET_FACT : RS_SQL_DROP_FACT, text, "writing a fact", err);
}

int rs_store_get_fact(struct rs_store *s, const char *key, char **ret, struct rs_err *err)
{
	RS_AUTO_USE *stmt = rs_store_use(s, RS_SQL_GET_FACT, err);
	int row;

	*ret = NULL;
	if (stmt == NULL)
		return -1;
	rs_store_bind_text(stmt, 1, key);
	row = rs_store_step(s, stmt, "reading a fact", err);
	if (row != 1)
		return row;
	*ret = rs_store_text(stmt, 0, err);
	return *ret == NULL ? -1 : 0;
}

int rs_store_boot(struct rs_store *s, const char *id, struct rs_err *err)
{
	for (int n = 1;; n++) {
		RS_AUTO_STR *known = NULL;
		char key[32];

		(void)snprintf(key, sizeof(key), "boot.%d", n);
		if (rs_store_get_fact(s, key, &known, err) < 0)
			return -1;
		if (known != NULL && strcmp(known, id) != 0)
			continue;
		s->boot = n;
		return known != NULL ? 0 : rs_store_set_fact(s, key, id, err);
	}
}

int rs_store_add_event(struct rs_store *s, const char *phase, const char *what, double wall_s,
		       double seconds, struct rs_err *err)
{
	RS_AUTO_USE *stmt = rs_store_use(s, RS_SQL_INSERT_EVENT, err);

	if (stmt == NULL)
		return -1;
	(void)sqlite3_bind_double(stmt, 1, wall_s);
	rs_store_bind_text(stmt, 2, phase);
	rs_store_bind_text(stmt, 3, what);
	if (isfinite(seconds) && seconds >= 0)
		(void)sqlite3_bind_double(stmt, 4, seconds);
	return rs_store_done(s, stmt, "writing an event", err);
}

void rs_events_free(struct rs_event *e, size_t n)
{
	for (size_t i = 0; e != NULL && i < n; i++) {
		free(e[i].phase);
		free(e[i].what);
	}
	free(e);
}

static int fill_event(void *element, sqlite3_stmt *stmt, struct rs_err *err)
{
	struct rs_event *e = element;

	e->wall_s = sqlite3_column_double(stmt, 0);
	if (!(fabs(e->wall_s) < LATEST_S))
		return rs_err_set(err, RS_ERR_PLAN, "an event has a time that no clock shows");
	e->seconds = sqlite3_column_type(stmt, 3) == SQLITE_NULL ? -1 : sqlite3_column_double(stmt, 3);
	e->phase = rs_store_text(stmt, 1, err);
	e->what = e->phase == NULL ? NULL : rs_store_text(stmt, 2, err);
	return e->what == NULL ? -1 : 0;
}

int rs_store_events(struct rs_store *s, struct rs_event **ret, size_t *ret_n, struct rs_err *err)
{
	struct rs_event *list;
	size_t n;

	if (rs_store_read(s, RS_SQL_EVENTS, "reading events", sizeof(*list), fill_event, &list, &n, err) < 0) {
		rs_events_free(list, n);
		return -1;
	}
	*ret = list;
	*ret_n = n;
	return 0;
}

static int fill_note(void *element, sqlite3_stmt *stmt, struct rs_err *err)
{
	struct rs_cell_note *c = element;
	char level[16];

	(void)err;
	rs_store_row_cell(&c->cell, stmt);
	rs_store_field(level, sizeof(level), stmt, 4);
	c->note.level = strcmp(level, "warning") == 0 ? RS_NOTE_WARNING : RS_NOTE_INFO;
	rs_store_field(c->note.text, sizeof(c->note.text), stmt, 5);
	return 0;
}

int rs_store_notes(struct rs_store *s, struct rs_cell_note **ret, size_t *ret_n, struct rs_err *err)
{
	struct rs_cell_note *list;
	size_t n;

	if (rs_store_read(s, RS_SQL_NOTES, "reading notes", sizeof(*list), fill_note, &list, &n, err) < 0) {
		free(list);
		return -1;
	}
	*ret = list;
	*ret_n = n;
	return 0;
}

static int insert_counter(struct rs_store *s, sqlite3_int64 cell, const struct rs_counter *c,
			  struct rs_err *err)
{
	RS_AUTO_USE *stmt = rs_store_use(s, RS_SQL_INSERT_COUNTER, err);
	int rc;

	if (stmt == NULL)
		return -1;
	if (!isfinite(c->value))
		return rs_err_set(err, RS_ERR_FAILED, "counter \"%s\" is no number", c->name);
	(void)sqlite3_bind_int64(stmt, 1, cell);
	rs_store_bind_text(stmt, 2, c->name);
	rs_store_bind_text(stmt, 3, c->unit);
	(void)sqlite3_bind_double(stmt, 4, c->value);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_CONSTRAINT_PRIMARYKEY)
		return rs_err_set(err, RS_ERR_FAILED, "two values of counter \"%s\"", c->name);
	return rc == SQLITE_DONE ? 0 : rs_store_fail(s, rc, "adding a counter", err);
}

static int set_counters(struct rs_store *s, const struct rs_cell *c,
			const struct rs_counter *counters, size_t n, struct rs_err *err)
{
	RS_AUTO_USE *stmt = rs_store_use(s, RS_SQL_DELETE_COUNTERS, err);
	sqlite3_int64 id = 0;
	int done = 0;

	if (stmt == NULL || rs_store_find_cell(s, c, &id, &done, err) < 0)
		return -1;
	(void)sqlite3_bind_int64(stmt, 1, id);
	if (rs_store_done(s, stmt, "removing an earlier attempt", err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (insert_counter(s, id, &counters[i], err) < 0)
			return -1;
	return 0;
}

int rs_store_set_counters(struct rs_store *s, const struct rs_cell *c,
			  const struct rs_counter *counters, size_t n, struct rs_err *err)
{
	if (rs_store_enter(s, err) < 0)
		return -1;
	return rs_store_leave(s, set_counters(s, c, counters, n, err), err);
}

static int fill_counter(void *element, sqlite3_stmt *stmt, struct rs_err *err)
{
	struct rs_cell_counter *c = element;

	rs_store_row_cell(&c->cell, stmt);
	rs_store_field(c->counter.name, sizeof(c->counter.name), stmt, 4);
	rs_store_field(c->counter.unit, sizeof(c->counter.unit), stmt, 5);
	c->counter.value = sqlite3_column_double(stmt, 6);
	if (!isfinite(c->counter.value))
		return rs_err_set(err, RS_ERR_PLAN, "a counter has a value that is not finite");
	return 0;
}

int rs_store_counters(struct rs_store *s, struct rs_cell_counter **ret, size_t *ret_n, struct rs_err *err)
{
	struct rs_cell_counter *list;
	size_t n;

	if (rs_store_read(s, RS_SQL_COUNTERS, "reading counters", sizeof(*list), fill_counter, &list, &n, err) < 0) {
		free(list);
		return -1;
	}
	*ret = list;
	*ret_n = n;
	return 0;
}

void rs_env_facts_free(struct rs_env_fact *f, size_t n)
{
	for (size_t i = 0; f != NULL && i < n; i++) {
		free(f[i].boot);
		free(f[i].key);
		free(f[i].value);
	}
	free(f);
}

int rs_store_set_env(struct rs_store *s, const char *boot, const char *key, const char *value,
		     struct rs_err *err)
{
	const char *const text[3] = { boot, key, value };

	return put(s, RS_SQL_SET_ENVIRONMENT, text, "writing the environment", err);
}

static int fill_env(void *element, sqlite3_stmt *stmt, struct rs_err *err)
{
	struct rs_env_fact *f = element;

	f->boot = rs_store_text(stmt, 0, err);
	f->key = f->boot == NULL ? NULL : rs_store_text(stmt, 1, err);
	f->value = f->key == NULL ? NULL : rs_store_text(stmt, 2, err);
	return f->value == NULL ? -1 : 0;
}

int rs_store_env(struct rs_store *s, struct rs_env_fact **ret, size_t *ret_n, struct rs_err *err)
{
	struct rs_env_fact *list;
	size_t n;

	if (rs_store_read(s, RS_SQL_ENVIRONMENT, "reading the environment", sizeof(*list), fill_env, &list, &n, err) < 0) {
		rs_env_facts_free(list, n);
		return -1;
	}
	*ret = list;
	*ret_n = n;
	return 0;
}
