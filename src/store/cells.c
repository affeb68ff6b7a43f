/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cells: planned once, started, ended in one transaction with all they gave.
 * This is the door of the store: what is not finite, doubled or of another unit
 * than before is refused here.
 */
#include "store_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/number.h"

#define CELL_TEXT 200	/* as rs_cell_describe asks for */

static const char *const level_name[] = {
	[RS_NOTE_INFO] = "info",
	[RS_NOTE_WARNING] = "warning",
};

void rs_cell_records_free(struct rs_cell_record *r, size_t n)
{
	for (size_t i = 0; r != NULL && i < n; i++)
		free(r[i].reason);
	free(r);
}

/* A file that somebody else made may have anything in any column. */
static int fill_record(void *element, sqlite3_stmt *stmt, struct rs_err *err)
{
	struct rs_cell_record *r = element;
	char word[16];
	int state;

	rs_store_row_cell(&r->cell, stmt);
	r->order = sqlite3_column_int(stmt, 4);
	rs_store_field(word, sizeof(word), stmt, 5);
	state = rs_set_value(RS_SET_CELL_STATE, word);
	/* they name folders */
	if (!rs_path_is_plain_name(r->cell.system) || !rs_path_is_plain_name(r->cell.benchmark))
		return rs_err_set(err, RS_ERR_PLAN, "cell %d has names that are not plain", r->order);
	if (state < 0)
		return rs_err_set(err, RS_ERR_PLAN, "cell %d has no known state", r->order);
	r->state = (enum rs_cell_state)state;
	if (sqlite3_column_type(stmt, 6) != SQLITE_NULL) {
		r->reason = rs_store_text(stmt, 6, err);
		if (r->reason == NULL)
			return -1;
	}
	r->started_s = sqlite3_column_double(stmt, 7);
	r->finished_s = sqlite3_column_double(stmt, 8);
	r->attempts = sqlite3_column_int(stmt, 9);
	r->boot = sqlite3_column_int(stmt, 10);
	return 0;
}

/* Records that are released unless they are stolen. */
struct records {
	struct rs_cell_record *r;
	size_t n;
};

static void records_release(struct records *c)
{
	rs_cell_records_free(c->r, c->n);
}

int rs_store_cells(struct rs_store *s, struct rs_cell_record **ret, size_t *ret_n,
		   struct rs_err *err)
{
	__attribute__((cleanup(records_release))) struct records c = { NULL, 0 };

	if (rs_store_read(s, RS_SQL_CELLS, "reading cells", sizeof(*c.r), fill_record, &c.r, &c.n,
			  err) < 0)
		return -1;
	*ret_n = c.n;
	*ret = RS_STEAL(&c.r);
	c.n = 0;
	return 0;
}

/* 1 when cells are planned already and are these, 0 when there are none. */
static int planned_already(struct rs_store *s, const struct rs_cell *cells, size_t n,
			   struct rs_err *err)
{
	__attribute__((cleanup(records_release))) struct records old = { NULL, 0 };
	size_t same = 0;

	if (rs_store_cells(s, &old.r, &old.n, err) < 0)
		return -1;
	if (old.n == 0)
		return 0;
	while (same < n && same < old.n && rs_cell_is(&cells[same], &old.r[same].cell))
		same++;
	if (same == n && same == old.n)
		return 1;
	return rs_err_set(err, RS_ERR_PLAN,
			  "\"%s\" was planned with %zu cells that differ from these %zu at number %zu; "
			  "resume with the same plan, profile and seed, or begin a new run",
			  s->path, old.n, n, same + 1);
}

static int insert_cell(struct rs_store *s, const struct rs_cell *c, size_t position,
		       struct rs_err *err)
{
	RS_AUTO_USE *stmt = rs_store_use(s, RS_SQL_INSERT_CELL, err);
	char text[CELL_TEXT];
	int rc;

	if (stmt == NULL)
		return -1;
	rs_store_bind_cell(stmt, c);
	(void)sqlite3_bind_int64(stmt, 5, (sqlite3_int64)position);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_CONSTRAINT_UNIQUE)
		return rs_err_set(err, RS_ERR_PLAN, "\"%s\": cell %s is planned twice", s->path,
				  rs_cell_describe(text, sizeof(text), c));
	return rc == SQLITE_DONE ? 0 : rs_store_fail(s, rc, "planning a cell", err);
}

static int plan_cells(struct rs_store *s, const struct rs_cell *cells, size_t n,
		      struct rs_err *err)
{
	int already = planned_already(s, cells, n, err);

	if (already != 0)
		return already < 0 ? -1 : 0;
	for (size_t i = 0; i < n; i++)
		if (insert_cell(s, &cells[i], i, err) < 0)
			return -1;
	return 0;
}

int rs_store_plan_cells(struct rs_store *s, const struct rs_cell *cells, size_t n,
			struct rs_err *err)
{
	if (rs_store_enter(s, err) < 0)
		return -1;
	return rs_store_leave(s, plan_cells(s, cells, n, err), err);
}

int rs_store_find_cell(struct rs_store *s, const struct rs_cell *c, sqlite3_int64 *ret_id,
		       int *ret_done, struct rs_err *err)
{
	RS_AUTO_USE *stmt = rs_store_use(s, RS_SQL_FIND_CELL, err);
	char state[16];
	char text[CELL_TEXT];
	int row;

	if (stmt == NULL)
		return -1;
	rs_store_bind_cell(stmt, c);
	row = rs_store_step(s, stmt, "finding a cell", err);
	if (row < 0)
		return -1;
	if (row == 0)
		return rs_err_set(err, RS_ERR_PLAN, "\"%s\": cell %s is not planned", s->path,
				  rs_cell_describe(text, sizeof(text), c));
	*ret_id = sqlite3_column_int64(stmt, 0);
	rs_store_field(state, sizeof(state), stmt, 1);
	*ret_done = strcmp(state, rs_cell_state_name(RS_CELL_DONE)) == 0;
	return 0;
}

static int start_cell(struct rs_store *s, const struct rs_cell *c, double wall_s,
		      struct rs_err *err)
{
	RS_AUTO_USE *stmt = NULL;
	sqlite3_int64 id = 0;
	int done = 0;

	if (rs_store_find_cell(s, c, &id, &done, err) < 0)
		return -1;
	if (done)
		return 0;
	stmt = rs_store_use(s, RS_SQL_START_CELL, err);
	if (stmt == NULL)
		return -1;
	(void)sqlite3_bind_int64(stmt, 1, id);
	(void)sqlite3_bind_double(stmt, 2, wall_s);
	if (s->boot > 0)
		(void)sqlite3_bind_int(stmt, 3, s->boot);
	return rs_store_done(s, stmt, "starting a cell", err);
}

int rs_store_cell_start(struct rs_store *s, const struct rs_cell *c, double wall_s,
			struct rs_err *err)
{
	if (rs_store_enter(s, err) < 0)
		return -1;
	return rs_store_leave(s, start_cell(s, c, wall_s, err), err);
}

/* What a benchmark says is believed only as far as it can be stored and shown. */
static int accept_sample(const struct rs_sample *v, struct rs_err *err)
{
	char number[40];

	if (v->metric[0] == '\0' || v->guest[0] == '\0')
		return rs_err_set(err, RS_ERR_FAILED, "a value without a metric or guest");
	if (!isfinite(v->value))
		return rs_err_set(err, RS_ERR_FAILED, "metric \"%s\" of guest \"%s\": \"%s\" is no number that can be stored",
				  v->metric, v->guest, rs_format_double(number, sizeof(number), v->value));
	return 0;
}

/* The number of the series of a sample, made when it is the first. */
static int find_series(struct rs_store *s, const struct rs_cell *c, const struct rs_sample *v,
		       sqlite3_int64 *ret, struct rs_err *err)
{
	RS_AUTO_USE *find = rs_store_use(s, RS_SQL_FIND_SERIES, err);
	RS_AUTO_USE *insert = NULL;
	int row;

	if (find == NULL)
		return -1;
	rs_store_bind_cell(find, c);
	rs_store_bind_text(find, 5, v->metric);
	rs_store_bind_text(find, 6, v->guest);
	row = rs_store_step(s, find, "finding a series", err);
	if (row < 0)
		return -1;
	if (row == 1) {
		const char *unit = (const char *)sqlite3_column_text(find, 1);

		*ret = sqlite3_column_int64(find, 0);
		if (unit == NULL)
			return rs_err_nomem(err);
		if (strcmp(unit, v->unit) != 0)
			return rs_err_set(err, RS_ERR_FAILED, "metric \"%s\" of guest \"%s\" is in \"%s\", earlier trials in \"%s\"",
					  v->metric, v->guest, v->unit, unit);
		return 0;
	}
	insert = rs_store_use(s, RS_SQL_INSERT_SERIES, err);
	if (insert == NULL)
		return -1;
	rs_store_bind_cell(insert, c);
	rs_store_bind_text(insert, 5, v->metric);
	rs_store_bind_text(insert, 6, v->guest);
	rs_store_bind_text(insert, 7, v->unit);
	if (rs_store_done(s, insert, "adding a series", err) < 0)
		return -1;
	*ret = sqlite3_last_insert_rowid(s->db);
	return 0;
}

static int insert_sample(struct rs_store *s, const struct rs_cell *c, sqlite3_int64 cell,
			 const struct rs_sample *v, struct rs_err *err)
{
	RS_AUTO_USE *stmt = NULL;
	sqlite3_int64 series = 0;
	int rc;

	if (accept_sample(v, err) < 0 || find_series(s, c, v, &series, err) < 0)
		return -1;
	stmt = rs_store_use(s, RS_SQL_INSERT_SAMPLE, err);
	if (stmt == NULL)
		return -1;
	(void)sqlite3_bind_int64(stmt, 1, series);
	(void)sqlite3_bind_int64(stmt, 2, cell);
	(void)sqlite3_bind_double(stmt, 3, v->value);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_CONSTRAINT_PRIMARYKEY)
		return rs_err_set(err, RS_ERR_FAILED, "two values of metric \"%s\" of guest \"%s\"",
				  v->metric, v->guest);
	return rc == SQLITE_DONE ? 0 : rs_store_fail(s, rc, "adding a sample", err);
}

static int insert_note(struct rs_store *s, sqlite3_int64 cell, const struct rs_note *n,
		       struct rs_err *err)
{
	RS_AUTO_USE *stmt = rs_store_use(s, RS_SQL_INSERT_NOTE, err);

	if (stmt == NULL)
		return -1;
	(void)sqlite3_bind_int64(stmt, 1, cell);
	rs_store_bind_text(stmt, 2, level_name[n->level]);
	rs_store_bind_text(stmt, 3, n->text);
	return rs_store_done(s, stmt, "adding a note", err);
}

/* Removes what an earlier attempt of the cell left. */
static int forget_attempt(struct rs_store *s, const struct rs_cell *c, sqlite3_int64 id,
			  struct rs_err *err)
{
	RS_AUTO_USE *samples = rs_store_use(s, RS_SQL_DELETE_SAMPLES, err);
	RS_AUTO_USE *notes = samples == NULL ? NULL : rs_store_use(s, RS_SQL_DELETE_NOTES, err);

	if (notes == NULL)
		return -1;
	rs_store_bind_text(samples, 1, c->system);
	(void)sqlite3_bind_int(samples, 2, c->guests);
	rs_store_bind_text(samples, 3, c->benchmark);
	(void)sqlite3_bind_int64(samples, 5, id);
	(void)sqlite3_bind_int64(notes, 1, id);
	if (rs_store_done(s, samples, "removing an earlier attempt", err) < 0)
		return -1;
	return rs_store_done(s, notes, "removing an earlier attempt", err);
}

static int set_state(struct rs_store *s, sqlite3_int64 id, enum rs_cell_state state,
		     const char *reason, double wall_s, struct rs_err *err)
{
	RS_AUTO_USE *stmt = rs_store_use(s, RS_SQL_END_CELL, err);

	if (stmt == NULL)
		return -1;
	(void)sqlite3_bind_int64(stmt, 1, id);
	rs_store_bind_text(stmt, 2, rs_cell_state_name(state));
	rs_store_bind_text(stmt, 3, reason);
	(void)sqlite3_bind_double(stmt, 4, wall_s);
	return rs_store_done(s, stmt, "ending a cell", err);
}

/* What a cell ended with. */
struct ending {
	enum rs_cell_state state;
	const char *reason;
	double wall_s;
	const struct rs_sample *samples;
	size_t n_samples;
	const struct rs_note *notes;
	size_t n_notes;
};

static int end_cell(struct rs_store *s, const struct rs_cell *c, const struct ending *e,
		    struct rs_err *err)
{
	sqlite3_int64 id = 0;
	int done = 0;

	if (rs_store_find_cell(s, c, &id, &done, err) < 0)
		return -1;
	if (done)
		return 0;
	if (forget_attempt(s, c, id, err) < 0)
		return -1;
	for (size_t i = 0; i < e->n_samples; i++)
		if (insert_sample(s, c, id, &e->samples[i], err) < 0)
			return -1;
	for (size_t i = 0; i < e->n_notes; i++)
		if (insert_note(s, id, &e->notes[i], err) < 0)
			return -1;
	return set_state(s, id, e->state, e->reason, e->wall_s, err);
}

int rs_store_cell_end(struct rs_store *s, const struct rs_cell *c, enum rs_cell_state state,
		      const char *reason, double wall_s, const struct rs_sample *samples,
		      size_t n_samples, const struct rs_note *notes, size_t n_notes,
		      struct rs_err *err)
{
	const struct ending e = { state, reason, wall_s, samples, n_samples, notes, n_notes };
	char text[CELL_TEXT];

	if (state != RS_CELL_DONE && state != RS_CELL_FAILED && state != RS_CELL_MISSING)
		return rs_err_set(err, RS_ERR_INTERNAL, "cell %s cannot end as \"%s\"",
				  rs_cell_describe(text, sizeof(text), c), rs_cell_state_name(state));
	if (state != RS_CELL_DONE && (reason == NULL || reason[0] == '\0'))
		return rs_err_set(err, RS_ERR_INTERNAL, "cell %s is \"%s\" without a reason",
				  rs_cell_describe(text, sizeof(text), c), rs_cell_state_name(state));
	if (rs_store_enter(s, err) < 0)
		return -1;
	if (rs_store_leave(s, end_cell(s, c, &e, err), err) < 0)
		return rs_err_wrap(err, "cell %s", rs_cell_describe(text, sizeof(text), c));
	return 0;
}

int rs_store_recover(struct rs_store *s, struct rs_err *err)
{
	if (rs_store_enter(s, err) < 0)
		return -1;
	return rs_store_leave(s, rs_store_do(s, RS_SQL_RECOVER_CELLS, "recovering cells", err), err);
}

static int reopen_cell(struct rs_store *s, const struct rs_cell *c, struct rs_err *err)
{
	RS_AUTO_USE *stmt = NULL;
	sqlite3_int64 id = 0;
	int done = 0;

	if (rs_store_find_cell(s, c, &id, &done, err) < 0)
		return -1;
	stmt = rs_store_use(s, RS_SQL_REOPEN_CELL, err);
	if (stmt == NULL)
		return -1;
	(void)sqlite3_bind_int64(stmt, 1, id);
	return rs_store_done(s, stmt, "reopening a cell", err);
}

int rs_store_cell_reopen(struct rs_store *s, const struct rs_cell *c, struct rs_err *err)
{
	if (rs_store_enter(s, err) < 0)
		return -1;
	return rs_store_leave(s, reopen_cell(s, c, err), err);
}
