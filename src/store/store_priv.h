/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the store share: the handle, the one list of statements,
 * and how a failure of SQLite becomes one line that says what to do.
 */
#ifndef RS_STORE_STORE_PRIV_H
#define RS_STORE_STORE_PRIV_H

#include <sqlite3.h>

#include "restudy/store.h"

/* The statements of every run; texts in statements.c. */
enum rs_sql {
	RS_SQL_BEGIN_READ,
	RS_SQL_BEGIN_WRITE,
	RS_SQL_COMMIT,
	RS_SQL_SET_FACT,
	RS_SQL_GET_FACT,
	RS_SQL_DROP_FACT,
	RS_SQL_INSERT_CELL,
	RS_SQL_CELLS,
	RS_SQL_FIND_CELL,
	RS_SQL_START_CELL,
	RS_SQL_END_CELL,
	RS_SQL_RECOVER_CELLS,
	RS_SQL_REOPEN_CELL,
	RS_SQL_DELETE_SAMPLES,
	RS_SQL_DELETE_NOTES,
	RS_SQL_FIND_SERIES,
	RS_SQL_INSERT_SERIES,
	RS_SQL_INSERT_SAMPLE,
	RS_SQL_SERIES,
	RS_SQL_SAMPLES,
	RS_SQL_ANALYSED_CELLS,
	RS_SQL_INSERT_NOTE,
	RS_SQL_NOTES,
	RS_SQL_DELETE_COUNTERS,
	RS_SQL_INSERT_COUNTER,
	RS_SQL_COUNTERS,
	RS_SQL_INSERT_EVENT,
	RS_SQL_EVENTS,
	RS_SQL_SET_ENVIRONMENT,
	RS_SQL_ENVIRONMENT,
	RS_SQL_LAST
};

struct rs_store {
	sqlite3 *db;
	char *path;		/* as given, for messages */
	char *copy;		/* folder of a private copy (open_readonly), or NULL */
	int readonly;
	int boot;		/* that cells are started in, from 1; 0: not told */
	int batch;		/* between rs_store_begin and rs_store_commit */
	sqlite3_stmt *stmt[RS_SQL_LAST];	/* prepared at first use */
};

/* The text of a statement; static. */
const char *rs_store_sql(enum rs_sql which);

/* Makes the schema in an empty database, or checks the one that is there. */
int rs_store_make_schema(struct rs_store *s, struct rs_err *err) RS_MUST_CHECK;
int rs_store_check_schema(struct rs_store *s, struct rs_err *err) RS_MUST_CHECK;

/* Records what SQLite said (rc), after what was tried.  Returns -1. */
int rs_store_fail(const struct rs_store *s, int rc, const char *what, struct rs_err *err);

/* Runs a text that returns no rows and is of this program alone (pragmas, schema). */
int rs_store_exec(struct rs_store *s, const char *sql, struct rs_err *err) RS_MUST_CHECK;

/* A statement that is used once: of a text of this program or, for a table's columns, of names
 * out of the dictionary.  what: for the error.  NULL with err; RS_AUTO_STMT releases. */
sqlite3_stmt *rs_store_prepare(struct rs_store *s, const char *sql, const char *what,
			       struct rs_err *err) RS_MUST_CHECK;
void rs_store_finalize(sqlite3_stmt **stmt);
#define RS_AUTO_STMT __attribute__((cleanup(rs_store_finalize))) sqlite3_stmt

/* The statement, ready for binding; NULL with err.  It belongs to the store. */
sqlite3_stmt *rs_store_use(struct rs_store *s, enum rs_sql which, struct rs_err *err)
	RS_MUST_CHECK;
void rs_store_reset(sqlite3_stmt **stmt);
#define RS_AUTO_USE __attribute__((cleanup(rs_store_reset))) sqlite3_stmt

/* Steps: 1 a row, 0 the end, -1 with err. */
int rs_store_step(struct rs_store *s, sqlite3_stmt *stmt, const char *what, struct rs_err *err)
	RS_MUST_CHECK;
/* Steps a statement that returns no row. */
int rs_store_done(struct rs_store *s, sqlite3_stmt *stmt, const char *what, struct rs_err *err)
	RS_MUST_CHECK;
/* Uses, steps and resets a statement without parameters and rows. */
int rs_store_do(struct rs_store *s, enum rs_sql which, const char *what, struct rs_err *err)
	RS_MUST_CHECK;

/* Fills one element, all zero before, from the row that a statement stands at. */
typedef int rs_row_fn(void *element, sqlite3_stmt *stmt, struct rs_err *err);
/* All rows of a statement without parameters, as an array of elements of size bytes, into *ret
 * (a pointer to the element's type; the caller's, also after a failure: then the last of them may
 * be filled in part). */
int rs_store_read(struct rs_store *s, enum rs_sql which, const char *what, size_t size,
		  rs_row_fn *fill, void *ret, size_t *ret_n, struct rs_err *err) RS_MUST_CHECK;

/* A transaction of this function's own, unless a batch is open. end: commits when
 * result is 0, else rolls back; returns result, or -1 when the commit failed. */
int rs_store_enter(struct rs_store *s, struct rs_err *err) RS_MUST_CHECK;
int rs_store_leave(struct rs_store *s, int result, struct rs_err *err) RS_MUST_CHECK;

/* The number of a planned cell and whether it is done; -1 when it is not planned. */
int rs_store_find_cell(struct rs_store *s, const struct rs_cell *c, sqlite3_int64 *ret_id,
		       int *ret_done, struct rs_err *err) RS_MUST_CHECK;

/* Binds borrowed text that outlives the step (NULL: SQL NULL). */
void rs_store_bind_text(sqlite3_stmt *stmt, int i, const char *text);
void rs_store_bind_cell(sqlite3_stmt *stmt, const struct rs_cell *c);	/* ?1 .. ?4 */
void rs_store_row_cell(struct rs_cell *c, sqlite3_stmt *stmt);	/* from columns 0 .. 3 */

/* A column as owned text ("" for NULL); NULL with err when memory ends. */
char *rs_store_text(sqlite3_stmt *stmt, int i, struct rs_err *err) RS_MUST_CHECK;
/* A column into a fixed field, cut to its size. */
void rs_store_field(char *field, size_t size, sqlite3_stmt *stmt, int i);

#endif
