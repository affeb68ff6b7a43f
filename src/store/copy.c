/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The whole file at once: checking it, and copying it with its free texts edited
 * (for an archive that must not tell a machine's name).
 */
#include "store_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "restudy/base/mem.h"

/* A query that must give no row, or one row "ok"; else the row is the fault. */
struct check {
	const char *sql, *fault;
};

static const struct check checks[] = {
	{ "PRAGMA integrity_check(1)", "it is damaged" },
	/* samples and counters have no row number */
	{ "SELECT \"table\" || coalesce(' row ' || rowid, '') FROM pragma_foreign_key_check",
	  "a row refers to one that is not there" },
	{ "SELECT 'sample of cell ' || cell FROM sample WHERE typeof(value) <> 'real'"
	  " OR NOT value BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308 LIMIT 1",
	  "a value is not finite" },
	{ "SELECT 'counter of cell ' || cell FROM counter WHERE typeof(value) <> 'real'"
	  " OR NOT value BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308 LIMIT 1",
	  "a value is not finite" },
	{ "SELECT 'cell ' || id FROM cell WHERE state IN ('failed', 'missing')"
	  " AND (reason IS NULL OR reason = '') LIMIT 1", "a reason is lacking" },
	{ "SELECT 'cell ' || c.id FROM sample v JOIN series s ON s.id = v.series"
	  " JOIN cell c ON c.id = v.cell WHERE s.system <> c.system OR s.guests <> c.guests"
	  " OR s.benchmark <> c.benchmark LIMIT 1", "a sample is filed under another cell" },
};

int rs_store_check(struct rs_store *s, struct rs_err *err)
{
	for (size_t i = 0; i < RS_COUNT(checks); i++) {
		RS_AUTO_STMT *stmt = rs_store_prepare(s, checks[i].sql, "checking it", err);
		const char *said;
		int row;

		if (stmt == NULL)
			return -1;
		row = rs_store_step(s, stmt, "checking it", err);
		if (row < 0)
			return -1;
		if (row == 0)
			continue;
		said = (const char *)sqlite3_column_text(stmt, 0);
		if (said != NULL && strcmp(said, "ok") == 0)
			continue;
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\": %s: %s", s->path, checks[i].fault,
				  said == NULL ? "" : said);
	}
	return 0;
}

/* The free texts: what a person or a machine wrote, in contrast to ids. */
struct free_text {
	const char *table, *column, *key;
};

static const struct free_text free_texts[] = {
	{ "fact", "value", "key" },
	{ "cell", "reason", "''" },
	{ "note", "text", "''" },
	{ "event", "what", "''" },
	{ "environment", "value", "key" },
};

/* Calls the user's edit as an SQL function, edit(table, key, text). */
struct editing {
	rs_store_edit_fn *edit;
	void *user;
	size_t edits;
};

static void edit_function(sqlite3_context *ctx, int n, sqlite3_value **arg)
{
	struct editing *e = sqlite3_user_data(ctx);
	const unsigned char *table = sqlite3_value_text(arg[0]), *key = sqlite3_value_text(arg[1]);
	const unsigned char *text = sqlite3_value_text(arg[2]);
	size_t length;
	char *copy;

	(void)n;
	if (text == NULL)
		return;			/* NULL stays NULL */
	length = strlen((const char *)text);
	copy = malloc(length + 1);
	if (copy == NULL || table == NULL || key == NULL) {
		free(copy);
		sqlite3_result_error_nomem(ctx);
		return;
	}
	memcpy(copy, text, length + 1);
	e->edits += e->edit(e->user, (const char *)table, (const char *)key, copy);
	sqlite3_result_text64(ctx, copy, length, free, SQLITE_UTF8);
}

static int edit_texts(struct rs_store *s, struct editing *e, struct rs_err *err)
{
	int rc = sqlite3_create_function_v2(s->db, "edit", 3, SQLITE_UTF8 | SQLITE_DIRECTONLY, e,
					    edit_function, NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		return rs_store_fail(s, rc, "editing the copy", err);
	for (size_t i = 0; i < RS_COUNT(free_texts); i++) {
		const struct free_text *f = &free_texts[i];
		RS_AUTO_STR *sql = rs_asprintf(err, "UPDATE %s SET %s = edit('%s', %s, %s)", f->table,
					       f->column, f->table, f->key, f->column);
		RS_AUTO_STMT *stmt = sql == NULL ? NULL
						 : rs_store_prepare(s, sql, "editing the copy", err);

		if (stmt == NULL || rs_store_done(s, stmt, "editing the copy", err) < 0)
			return -1;
	}
	return rs_store_exec(s, "VACUUM", err);		/* the old texts leave the file */
}

static int copy_into(struct rs_store *s, const char *path, struct rs_err *err)
{
	RS_AUTO_STMT *stmt = rs_store_prepare(s, "VACUUM INTO ?1", "copying it", err);

	if (stmt == NULL)
		return -1;
	rs_store_bind_text(stmt, 1, path);
	return rs_store_done(s, stmt, "copying it", err);
}

static int edit_copy(const char *path, struct editing *e, struct rs_err *err)
{
	RS_AUTO_STORE *copy = rs_store_open(path, err);

	if (copy == NULL || edit_texts(copy, e, err) < 0)
		return -1;
	return rs_store_finish(copy, err);
}

int rs_store_copy(struct rs_store *s, const char *path, rs_store_edit_fn *edit, void *user,
		  size_t *ret_edits, struct rs_err *err)
{
	/* SQLite copies into an empty file, and says less well why it cannot make one. */
	RS_AUTO_FD made = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	struct editing e = { edit, user, 0 };
	int r;

	if (made < 0 && errno == EEXIST)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\" exists already", path);
	if (made < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot write \"%s\"", path);
	r = copy_into(s, path, err);
	if (r == 0 && edit != NULL)
		r = edit_copy(path, &e, err);
	if (r < 0) {
		(void)unlink(path);
		return -1;
	}
	*ret_edits = e.edits;
	return 0;
}
