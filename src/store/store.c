/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opening, closing and the handling of statements, transactions and failures of
 * run.db.  How it is opened decides what may lie beside it: see open_readonly.
 */
#include "store_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/temp.h"

#define BUSY_MS 10000	/* how long another writer is waited for */

/* The write-ahead log goes into the file, and nothing is left beside it. */
static const char one_file[] = "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;";

int rs_store_fail(const struct rs_store *s, int rc, const char *what, struct rs_err *err)
{
	const char *said = s->db != NULL ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc);
	int sys;

	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		return rs_err_nomem(err);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return rs_err_set(err, RS_ERR_FAILED,
				  "\"%s\": %s: another program holds the database; let it finish or stop it, then try again",
				  s->path, what);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return rs_err_set(err, RS_ERR_FAILED,
				  "\"%s\": %s: the file is damaged or no database (%s); take it from another copy or from the bag",
				  s->path, what, said);
	case SQLITE_FULL:
		return rs_err_set(err, RS_ERR_MACHINE,
				  "\"%s\": %s: no space left; make room and resume, finished cells are kept",
				  s->path, what);
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return rs_err_set(err, RS_ERR_MACHINE,
				  "\"%s\": %s: it may not be written; check owner and mode of the file and its folder",
				  s->path, what);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		/* of the last failure of these kinds: it says nothing of any other */
		sys = s->db != NULL ? sqlite3_system_errno(s->db) : 0;
		if (sys != 0)
			return rs_err_sys(err, RS_ERR_FAILED, sys, "\"%s\": %s: %s", s->path, what, said);
		break;
	default:
		break;
	}
	return rs_err_set(err, RS_ERR_FAILED, "\"%s\": %s: %s", s->path, what, said);
}

int rs_store_exec(struct rs_store *s, const char *sql, struct rs_err *err)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : rs_store_fail(s, rc, "setting it up", err);
}

sqlite3_stmt *rs_store_prepare(struct rs_store *s, const char *sql, const char *what,
			       struct rs_err *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL);

	if (rc != SQLITE_OK)
		(void)rs_store_fail(s, rc, what, err);
	return stmt;
}

void rs_store_finalize(sqlite3_stmt **stmt)
{
	(void)sqlite3_finalize(*stmt);
}

sqlite3_stmt *rs_store_use(struct rs_store *s, enum rs_sql which, struct rs_err *err)
{
	if (s->stmt[which] == NULL) {
		int rc = sqlite3_prepare_v3(s->db, rs_store_sql(which), -1,
					    SQLITE_PREPARE_PERSISTENT, &s->stmt[which], NULL);

		if (rc != SQLITE_OK)
			(void)rs_store_fail(s, rc, "preparing a statement", err);
	}
	return s->stmt[which];
}

void rs_store_reset(sqlite3_stmt **stmt)
{
	if (*stmt == NULL)
		return;
	(void)sqlite3_reset(*stmt);
	(void)sqlite3_clear_bindings(*stmt);
}

int rs_store_step(struct rs_store *s, sqlite3_stmt *stmt, const char *what, struct rs_err *err)
{
	int rc = sqlite3_step(stmt);

	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : rs_store_fail(s, rc, what, err);
}

int rs_store_done(struct rs_store *s, sqlite3_stmt *stmt, const char *what, struct rs_err *err)
{
	int r = rs_store_step(s, stmt, what, err);

	return r < 0 ? -1 : 0;
}

int rs_store_read(struct rs_store *s, enum rs_sql which, const char *what, size_t size,
		  rs_row_fn *fill, void *ret, size_t *ret_n, struct rs_err *err)
{
	RS_AUTO_USE *stmt = rs_store_use(s, which, err);
	void *const none = NULL;
	int row;

	memcpy(ret, &none, sizeof(none));
	*ret_n = 0;
	if (stmt == NULL)
		return -1;
	while ((row = rs_store_step(s, stmt, what, err)) == 1) {
		void *element = rs_array_grow(ret, *ret_n, size, err);

		if (element == NULL)
			return -1;
		(*ret_n)++;
		if (fill(element, stmt, err) < 0)
			return rs_err_wrap(err, "\"%s\"", s->path);
	}
	return row;
}

int rs_store_do(struct rs_store *s, enum rs_sql which, const char *what, struct rs_err *err)
{
	RS_AUTO_USE *stmt = rs_store_use(s, which, err);

	return stmt == NULL ? -1 : rs_store_done(s, stmt, what, err);
}

int rs_store_enter(struct rs_store *s, struct rs_err *err)
{
	return s->batch ? 0 : rs_store_do(s, RS_SQL_BEGIN_WRITE, "beginning to write", err);
}

int rs_store_leave(struct rs_store *s, int result, struct rs_err *err)
{
	if (s->batch)
		return result;
	if (result == 0)
		result = rs_store_do(s, RS_SQL_COMMIT, "committing", err);
	if (result != 0 && !sqlite3_get_autocommit(s->db))
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return result;
}

int rs_store_begin(struct rs_store *s, struct rs_err *err)
{
	if (s->batch)
		return rs_err_set(err, RS_ERR_INTERNAL, "\"%s\": a batch is open already", s->path);
	if (rs_store_do(s, RS_SQL_BEGIN_WRITE, "beginning to write", err) < 0)
		return -1;
	s->batch = 1;
	return 0;
}

int rs_store_commit(struct rs_store *s, struct rs_err *err)
{
	s->batch = 0;
	return rs_store_leave(s, 0, err);
}

void rs_store_bind_text(sqlite3_stmt *stmt, int i, const char *text)
{
	/* the bytes outlive the step; a failure here is found by the NOT NULL of the column */
	(void)sqlite3_bind_text(stmt, i, text, -1, SQLITE_STATIC);
}

void rs_store_bind_cell(sqlite3_stmt *stmt, const struct rs_cell *c)
{
	rs_store_bind_text(stmt, 1, c->system);
	(void)sqlite3_bind_int(stmt, 2, c->guests);
	rs_store_bind_text(stmt, 3, c->benchmark);
	(void)sqlite3_bind_int(stmt, 4, c->trial);
}

void rs_store_row_cell(struct rs_cell *c, sqlite3_stmt *stmt)
{
	rs_store_field(c->system, sizeof(c->system), stmt, 0);
	c->guests = sqlite3_column_int(stmt, 1);
	rs_store_field(c->benchmark, sizeof(c->benchmark), stmt, 2);
	c->trial = sqlite3_column_int(stmt, 3);
}

char *rs_store_text(sqlite3_stmt *stmt, int i, struct rs_err *err)
{
	const unsigned char *t = sqlite3_column_text(stmt, i);

	if (t == NULL && sqlite3_column_type(stmt, i) != SQLITE_NULL) {
		(void)rs_err_nomem(err);
		return NULL;
	}
	return rs_strdup(t == NULL ? "" : (const char *)t, err);
}

void rs_store_field(char *field, size_t size, sqlite3_stmt *stmt, int i)
{
	const unsigned char *t = sqlite3_column_text(stmt, i);
	size_t n = t == NULL ? 0 : strlen((const char *)t);

	if (n >= size)
		n = size - 1;
	if (n > 0)
		memcpy(field, t, n);
	field[n] = '\0';
}

/* A handle without a database; NULL with err. */
static struct rs_store *new_store(const char *path, struct rs_err *err)
{
	struct rs_store *s = rs_alloc(1, sizeof(*s), err);

	if (s == NULL)
		return NULL;
	s->path = rs_strdup(path, err);
	if (s->path == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

/* What every connection is set to: our own file is trusted no more than any other. */
static int configure(struct rs_store *s, struct rs_err *err)
{
	(void)sqlite3_busy_timeout(s->db, BUSY_MS);
	(void)sqlite3_extended_result_codes(s->db, 1);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return rs_store_exec(s, "PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON;", err);
}

static int connect_to(struct rs_store *s, const char *name, int flags, struct rs_err *err)
{
	int rc = sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
				 NULL);

	if (rc != SQLITE_OK)
		return rs_store_fail(s, rc, "opening it", err);
	return configure(s, err);
}

static int writable(struct rs_store *s, struct rs_err *err)
{
	return rs_store_exec(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", err);
}

struct rs_store *rs_store_create(const char *path, struct rs_err *err)
{
	RS_AUTO_STORE *s = new_store(path, err);
	int fd;

	if (s == NULL)
		return NULL;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0) {
		(void)rs_err_sys(err, RS_ERR_FAILED, errno, "cannot make \"%s\"", path);
		return NULL;
	}
	(void)close(fd);
	if (connect_to(s, path, SQLITE_OPEN_READWRITE, err) < 0 || writable(s, err) < 0 ||
	    rs_store_make_schema(s, err) < 0) {
		rs_store_closep(&s);
		(void)unlink(path);
		return NULL;
	}
	return RS_STEAL(&s);
}

static int must_exist(const char *path, struct rs_err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot open \"%s\"", path);
	if (!S_ISREG(st.st_mode))
		return rs_err_set(err, RS_ERR_FAILED, "cannot open \"%s\": it is no file", path);
	if (st.st_size == 0)
		return rs_err_set(err, RS_ERR_FAILED,
				  "\"%s\" is empty; take it from another copy or from the bag", path);
	return 0;
}

struct rs_store *rs_store_open(const char *path, struct rs_err *err)
{
	RS_AUTO_STORE *s = NULL;

	if (must_exist(path, err) < 0)
		return NULL;
	s = new_store(path, err);
	if (s == NULL || connect_to(s, path, SQLITE_OPEN_READWRITE, err) < 0)
		return NULL;
	if (sqlite3_db_readonly(s->db, "main") == 1) {
		(void)rs_store_fail(s, SQLITE_READONLY, "opening it for writing", err);
		return NULL;
	}
	if (rs_store_check_schema(s, err) < 0 || writable(s, err) < 0)
		return NULL;
	return RS_STEAL(&s);
}

/* The URI of a path: every byte that has a meaning in a URI is escaped. */
static char *uri_of(const char *path, const char *query, struct rs_err *err)
{
	RS_AUTO_BUF b = RS_BUF_INIT;

	rs_buf_adds(&b, "file:");
	for (const char *p = path; *p != '\0'; p++) {
		if (strchr("%?#", *p) != NULL)
			rs_buf_addf(&b, "%%%02X", (unsigned)(unsigned char)*p);
		else
			rs_buf_addc(&b, *p);
	}
	rs_buf_adds(&b, query);
	return rs_buf_check(&b, err) < 0 ? NULL : rs_buf_steal(&b);
}

static int connect_readonly(struct rs_store *s, const char *path, const char *query,
			    struct rs_err *err)
{
	RS_AUTO_STR *uri = uri_of(path, query, err);

	if (uri == NULL || connect_to(s, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err) < 0)
		return -1;
	/* a reader never tidies up behind a writer that died */
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return rs_store_check_schema(s, err);
}

/* Copies the database and its write-ahead log into a folder of this process's own. */
static int connect_copy(struct rs_store *s, const char *path, const char *wal, struct rs_err *err)
{
	RS_AUTO_STR *db = NULL;
	RS_AUTO_STR *log = NULL;

	s->copy = rs_temp_folder(rs_temp_root(), "db", err);
	if (s->copy == NULL)
		return -1;
	db = rs_path_join(s->copy, "run.db", err);
	log = rs_path_join(s->copy, "run.db-wal", err);
	if (db == NULL || log == NULL || rs_path_copy(path, db, err) < 0 ||
	    rs_path_copy(wal, log, err) < 0)
		return -1;
	if (connect_to(s, db, SQLITE_OPEN_READWRITE, err) < 0 || rs_store_exec(s, one_file, err) < 0)
		return -1;
	(void)sqlite3_close(s->db);
	s->db = NULL;
	return connect_readonly(s, db, "?mode=ro&immutable=1", err);
}

/*
 * No log beside it: nobody writes it, and immutable=1 keeps SQLite from making one.
 * A log with its index (-shm): a run is writing it or was killed; SQLite reads both and
 * uses its locks in the index.  A log without an index, as in a folder that was copied
 * after a kill: SQLite would have to make the index here, so a copy is read.
 */
struct rs_store *rs_store_open_readonly(const char *path, struct rs_err *err)
{
	RS_AUTO_STORE *s = NULL;
	RS_AUTO_STR *wal = rs_asprintf(err, "%s-wal", path);
	RS_AUTO_STR *shm = rs_asprintf(err, "%s-shm", path);
	struct stat st;
	int has_log, r;

	if (wal == NULL || shm == NULL || must_exist(path, err) < 0)
		return NULL;
	s = new_store(path, err);
	if (s == NULL)
		return NULL;
	s->readonly = 1;
	has_log = stat(wal, &st) == 0;
	if (has_log && stat(shm, &st) == 0)
		r = connect_readonly(s, path, "?mode=ro", err);
	else if (has_log)
		r = connect_copy(s, path, wal, err);
	else
		r = connect_readonly(s, path, "?mode=ro&immutable=1", err);
	return r < 0 ? NULL : RS_STEAL(&s);
}

int rs_store_finish(struct rs_store *s, struct rs_err *err)
{
	if (s->readonly)
		return 0;
	for (size_t i = 0; i < RS_COUNT(s->stmt); i++)
		if (s->stmt[i] != NULL)
			(void)sqlite3_reset(s->stmt[i]);
	if (rs_store_exec(s, one_file, err) < 0)
		return rs_err_wrap(err, "making one file of the database");
	return 0;
}

/* Closing cannot fail: what does not work here is left to the next who opens it. */
void rs_store_close(struct rs_store *s)
{
	int left = 0;

	if (s == NULL)
		return;
	for (size_t i = 0; i < RS_COUNT(s->stmt); i++)
		(void)sqlite3_finalize(s->stmt[i]);
	if (s->db != NULL && !sqlite3_get_autocommit(s->db))
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	if (s->db != NULL && !s->readonly) {
		(void)sqlite3_busy_timeout(s->db, 0);
		(void)sqlite3_exec(s->db, one_file, NULL, NULL, NULL);
	}
	(void)sqlite3_close(s->db);
	if (s->copy != NULL)
		left = rs_path_remove_tree(s->copy, NULL);
	(void)left;
	free(s->copy);
	free(s->path);
	free(s);
}

void rs_store_closep(struct rs_store **s)
{
	rs_store_close(*s);
	*s = NULL;
}

const char *rs_store_sqlite_version(void)
{
	return sqlite3_libversion();
}
