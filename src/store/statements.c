/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The statements that are sent to run.db again and again, in one table.  Values are never
 * pasted into a statement: they are bound.  Those that are used once stand where they are used:
 * the schema, checks, copies and exports of the whole file.
 */
#include "store_priv.h"

#include "restudy/base/mem.h"

static const char *const text[] = {
	[RS_SQL_BEGIN_READ] = "BEGIN DEFERRED",
	[RS_SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
	[RS_SQL_COMMIT] = "COMMIT",

	[RS_SQL_SET_FACT] = "INSERT INTO fact (key, value) VALUES (?1, ?2)"
			    " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
	[RS_SQL_GET_FACT] = "SELECT value FROM fact WHERE key = ?1",
	[RS_SQL_DROP_FACT] = "DELETE FROM fact WHERE key = ?1",

	[RS_SQL_INSERT_CELL] =
		"INSERT INTO cell (system, guests, benchmark, trial, position, state)"
		" VALUES (?1, ?2, ?3, ?4, ?5, 'pending')",
	[RS_SQL_CELLS] = "SELECT system, guests, benchmark, trial, position, state, reason,"
			 " started_s, finished_s, attempts, boot FROM cell ORDER BY position",
	[RS_SQL_FIND_CELL] =
		"SELECT id, state FROM cell"
		" WHERE system = ?1 AND guests = ?2 AND benchmark = ?3 AND trial = ?4",
	[RS_SQL_START_CELL] = "UPDATE cell SET state = 'running', reason = NULL, started_s = ?2,"
			      " finished_s = NULL, attempts = attempts + 1, boot = ?3"
			      " WHERE id = ?1",
	[RS_SQL_END_CELL] = "UPDATE cell SET state = ?2, reason = ?3, finished_s = ?4 WHERE id = ?1",
	[RS_SQL_RECOVER_CELLS] =
		"UPDATE cell SET state = 'pending', started_s = NULL WHERE state = 'running'",
	[RS_SQL_REOPEN_CELL] = "UPDATE cell SET state = 'pending', reason = NULL, started_s = NULL,"
			       " finished_s = NULL WHERE id = ?1 AND state IN ('failed', 'missing')",
	[RS_SQL_DELETE_SAMPLES] =
		"DELETE FROM sample WHERE cell = ?5 AND series IN (SELECT id FROM series"
		" WHERE system = ?1 AND guests = ?2 AND benchmark = ?3)",
	[RS_SQL_DELETE_NOTES] = "DELETE FROM note WHERE cell = ?1",

	[RS_SQL_FIND_SERIES] =
		"SELECT id, unit FROM series WHERE system = ?1 AND guests = ?2"
		" AND benchmark = ?3 AND metric = ?5 AND guest = ?6",
	[RS_SQL_INSERT_SERIES] =
		"INSERT INTO series (system, guests, benchmark, metric, guest, unit)"
		" VALUES (?1, ?2, ?3, ?5, ?6, ?7)",
	[RS_SQL_INSERT_SAMPLE] = "INSERT INTO sample (series, cell, value) VALUES (?1, ?2, ?3)",
	[RS_SQL_SERIES] =
		"SELECT id, system, guests, benchmark, metric, guest, unit FROM series"
		" WHERE (?1 IS NULL OR system = ?1) AND (?2 IS NULL OR benchmark = ?2)"
		" AND (?3 IS NULL OR metric = ?3)"
		" ORDER BY system, guests, benchmark, metric, guest",
	[RS_SQL_SAMPLES] = "SELECT cell, value FROM sample WHERE series = ?1 ORDER BY cell",
	[RS_SQL_ANALYSED_CELLS] =
		"SELECT id, trial FROM cell WHERE state = 'done' AND trial >= 1 ORDER BY id DESC",

	[RS_SQL_INSERT_NOTE] = "INSERT INTO note (cell, level, text) VALUES (?1, ?2, ?3)",
	[RS_SQL_NOTES] = "SELECT c.system, c.guests, c.benchmark, c.trial, n.level, n.text"
			 " FROM note n JOIN cell c ON c.id = n.cell ORDER BY c.position, n.id",
	[RS_SQL_DELETE_COUNTERS] = "DELETE FROM counter WHERE cell = ?1",
	[RS_SQL_INSERT_COUNTER] =
		"INSERT INTO counter (cell, name, unit, value) VALUES (?1, ?2, ?3, ?4)",
	[RS_SQL_COUNTERS] = "SELECT c.system, c.guests, c.benchmark, c.trial, n.name, n.unit, n.value"
			    " FROM counter n JOIN cell c ON c.id = n.cell ORDER BY c.position, n.name",
	[RS_SQL_INSERT_EVENT] =
		"INSERT INTO event (wall_s, phase, what, seconds) VALUES (?1, ?2, ?3, ?4)",
	[RS_SQL_EVENTS] = "SELECT wall_s, phase, what, seconds FROM event ORDER BY id",
	[RS_SQL_SET_ENVIRONMENT] =
		"INSERT INTO environment (boot, key, value) VALUES (?1, ?2, ?3)"
		" ON CONFLICT (boot, key) DO UPDATE SET value = excluded.value",
	[RS_SQL_ENVIRONMENT] = "SELECT boot, key, value FROM environment ORDER BY boot, key",
};
_Static_assert(RS_COUNT(text) == RS_SQL_LAST, "write every statement");

const char *rs_store_sql(enum rs_sql which)
{
	return text[which];
}
