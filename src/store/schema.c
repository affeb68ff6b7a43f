/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The schema of run.db, in one place, with its version and what every column
 * means.  The words are those of the design: cell, sample, series, note, counter, event,
 * environment, fact.
 */
#include "store_priv.h"

#include "restudy/base/mem.h"

#define SCHEMA_VERSION 3
#define APPLICATION_ID 0x52535459	/* "RSTY" */
#define STRINGIFY_(x) #x
#define STRINGIFY(x) STRINGIFY_(x)

#define CREATE_COUNTER                                                            \
	"CREATE TABLE IF NOT EXISTS counter (\n"                                   \
	"  cell INTEGER NOT NULL REFERENCES cell (id),\n"                         \
	"  name TEXT NOT NULL CHECK (name <> ''),\n"                              \
	"  unit TEXT NOT NULL,\n"                                                 \
	"  value REAL NOT NULL CHECK (value BETWEEN -1.7976931348623157e308\n"    \
	"    AND 1.7976931348623157e308),\n"                                      \
	"  PRIMARY KEY (cell, name)\n"                                            \
	") STRICT, WITHOUT ROWID;\n"

/* Version 1 had no counters, 2 no boots.  They are brought up to date when they are opened for
 * writing; beside one that is only read stands what it lacks, which goes with the connection. */
#define BOOT_BESIDE "CREATE TEMP VIEW cell AS SELECT *, NULL AS boot FROM main.cell;\n"
#define ADD_BOOT "ALTER TABLE cell ADD COLUMN boot INTEGER;\n" \
	"PRAGMA user_version = " STRINGIFY(SCHEMA_VERSION) ";\nCOMMIT;\n"

static const struct {
	const char *beside, *update;
} older[] = {
	[1] = { "CREATE TEMP TABLE counter (cell INTEGER, name TEXT, unit TEXT, value REAL);\n"
		BOOT_BESIDE, "BEGIN IMMEDIATE;\n" CREATE_COUNTER ADD_BOOT },
	[2] = { BOOT_BESIDE, "BEGIN IMMEDIATE;\n" ADD_BOOT },
};

/*
 * A sample's key is (series, cell) and the table is stored in that order, so that
 * reading a series is one contiguous scan and costs the same per sample however
 * many there are.
 */
static const char schema[] =
	"CREATE TABLE fact (\n"
	"  key TEXT NOT NULL PRIMARY KEY,\n"
	"  value TEXT NOT NULL\n"
	") STRICT, WITHOUT ROWID;\n"
	"CREATE TABLE cell (\n"
	"  id INTEGER PRIMARY KEY,\n"
	"  system TEXT NOT NULL CHECK (system <> ''),\n"
	"  guests INTEGER NOT NULL CHECK (guests >= 0),\n"
	"  benchmark TEXT NOT NULL CHECK (benchmark <> ''),\n"
	"  trial INTEGER NOT NULL,\n"
	"  position INTEGER NOT NULL UNIQUE,\n"
	"  state TEXT NOT NULL\n"
	"    CHECK (state IN ('pending', 'running', 'done', 'failed', 'missing')),\n"
	"  reason TEXT CHECK (state NOT IN ('failed', 'missing') OR reason IS NOT NULL),\n"
	"  started_s REAL,\n"
	"  finished_s REAL,\n"
	"  attempts INTEGER NOT NULL DEFAULT 0,\n"
	"  boot INTEGER,\n"
	"  UNIQUE (system, guests, benchmark, trial)\n"
	") STRICT;\n"
	"CREATE TABLE series (\n"
	"  id INTEGER PRIMARY KEY,\n"
	"  system TEXT NOT NULL,\n"
	"  guests INTEGER NOT NULL,\n"
	"  benchmark TEXT NOT NULL,\n"
	"  metric TEXT NOT NULL CHECK (metric <> ''),\n"
	"  guest TEXT NOT NULL CHECK (guest <> ''),\n"
	"  unit TEXT NOT NULL,\n"
	"  UNIQUE (system, guests, benchmark, metric, guest)\n"
	") STRICT;\n"
	"CREATE TABLE sample (\n"
	"  series INTEGER NOT NULL REFERENCES series (id),\n"
	"  cell INTEGER NOT NULL REFERENCES cell (id),\n"
	"  value REAL NOT NULL CHECK (value BETWEEN -1.7976931348623157e308\n"
	"    AND 1.7976931348623157e308),\n"
	"  PRIMARY KEY (series, cell)\n"
	") STRICT, WITHOUT ROWID;\n"
	"CREATE TABLE note (\n"
	"  id INTEGER PRIMARY KEY,\n"
	"  cell INTEGER NOT NULL REFERENCES cell (id),\n"
	"  level TEXT NOT NULL CHECK (level IN ('info', 'warning')),\n"
	"  text TEXT NOT NULL\n"
	") STRICT;\n"
	"CREATE INDEX note_by_cell ON note (cell);\n"
	CREATE_COUNTER
	"CREATE TABLE event (\n"
	"  id INTEGER PRIMARY KEY,\n"
	"  wall_s REAL NOT NULL,\n"
	"  phase TEXT NOT NULL,\n"
	"  what TEXT NOT NULL,\n"
	"  seconds REAL\n"
	") STRICT;\n"
	"CREATE TABLE environment (\n"
	"  boot TEXT NOT NULL,\n"
	"  key TEXT NOT NULL,\n"
	"  value TEXT NOT NULL,\n"
	"  PRIMARY KEY (boot, key)\n"
	") STRICT, WITHOUT ROWID;\n"
	"CREATE VIEW tidy AS SELECT s.system, s.guests, s.guest, s.benchmark, s.metric, s.unit,\n"
	"  c.trial, v.value FROM series s JOIN sample v ON v.series = s.id\n"
	"  JOIN cell c ON c.id = v.cell WHERE c.state = 'done' AND c.trial >= 1\n"
	"  ORDER BY s.system, s.guests, s.benchmark, s.metric, s.guest, c.trial;\n"
	"PRAGMA application_id = " STRINGIFY(APPLICATION_ID) ";\n"
	"PRAGMA user_version = " STRINGIFY(SCHEMA_VERSION) ";\n";

static const struct rs_store_column columns[] = {
	{ "fact", "key", "text", "", "name of a fact about the whole run" },
	{ "fact", "value", "text", "", "the fact" },
	{ "cell", "id", "integer", "", "number of the cell, referred to by sample, note and counter" },
	{ "cell", "system", "text", "", "system that was measured" },
	{ "cell", "guests", "integer", "", "guests running at once, 0 for the bare host" },
	{ "cell", "benchmark", "text", "", "benchmark that was run" },
	{ "cell", "trial", "integer", "", "trial from 1; 0 and below are warm-up, not analysed" },
	{ "cell", "position", "integer", "", "place in the order of execution, from 0" },
	{ "cell", "state", "text", "", "pending, running, done, failed or missing" },
	{ "cell", "reason", "text", "", "why the cell failed or is missing" },
	{ "cell", "started_s", "real", "s", "start, seconds since 1970-01-01 UTC" },
	{ "cell", "finished_s", "real", "s", "end, seconds since 1970-01-01 UTC" },
	{ "cell", "attempts", "integer", "", "how often the cell was started" },
	{ "cell", "boot", "integer", "", "boot of the testbed it was started in, from 1; empty: not told" },
	{ "series", "id", "integer", "", "number of the series, referred to by sample" },
	{ "series", "system", "text", "", "system that was measured" },
	{ "series", "guests", "integer", "", "guests running at once, 0 for the bare host" },
	{ "series", "benchmark", "text", "", "benchmark that was run" },
	{ "series", "metric", "text", "", "metric, as the benchmark's adapter names it" },
	{ "series", "guest", "text", "", "guest the values come from; host for the bare host" },
	{ "series", "unit", "text", "", "unit of all values of the series" },
	{ "sample", "series", "integer", "", "series the value belongs to" },
	{ "sample", "cell", "integer", "", "cell (trial) the value was measured in" },
	{ "sample", "value", "real", "series.unit", "the measured value, never converted" },
	{ "note", "id", "integer", "", "number of the note, ascending in time" },
	{ "note", "cell", "integer", "", "cell the note is about" },
	{ "note", "level", "text", "", "info or warning" },
	{ "note", "text", "text", "", "what was noted" },
	{ "counter", "cell", "integer", "", "cell the circumstance is of" },
	{ "counter", "name", "text", "", "what was counted while the cell was measured: steal-time, ..." },
	{ "counter", "unit", "text", "", "s or count" },
	{ "counter", "value", "real", "counter.unit", "how much of it" },
	{ "event", "id", "integer", "", "number of the event, ascending in time" },
	{ "event", "wall_s", "real", "s", "when, seconds since 1970-01-01 UTC" },
	{ "event", "phase", "text", "", "phase of the run" },
	{ "event", "what", "text", "", "what happened" },
	{ "event", "seconds", "real", "s", "how long it took; empty for a moment" },
	{ "environment", "boot", "text", "", "boot of the testbed the fact was read in" },
	{ "environment", "key", "text", "", "name of the fact" },
	{ "environment", "value", "text", "", "the fact, as the machine told it" },
};

const struct rs_store_column *rs_store_columns(size_t *ret_n)
{
	*ret_n = RS_COUNT(columns);
	return columns;
}

int rs_store_make_schema(struct rs_store *s, struct rs_err *err)
{
	if (rs_store_enter(s, err) < 0)
		return -1;
	return rs_store_leave(s, rs_store_exec(s, schema, err), err);
}

static int pragma_value(struct rs_store *s, const char *pragma, int *ret, struct rs_err *err)
{
	RS_AUTO_STMT *stmt = rs_store_prepare(s, pragma, "reading its version", err);

	if (stmt == NULL || rs_store_step(s, stmt, "reading its version", err) < 0)
		return -1;
	*ret = sqlite3_column_int(stmt, 0);
	return 0;
}

int rs_store_check_schema(struct rs_store *s, struct rs_err *err)
{
	int id = 0, version = 0;

	if (pragma_value(s, "PRAGMA application_id", &id, err) < 0 ||
	    pragma_value(s, "PRAGMA user_version", &version, err) < 0)
		return -1;
	if (id != APPLICATION_ID)
		return rs_err_set(err, RS_ERR_PLAN,
				  "\"%s\" is not a database of restudy; name the run.db of a run folder",
				  s->path);
	if (version >= 1 && version < SCHEMA_VERSION)
		return rs_store_exec(s, sqlite3_db_readonly(s->db, "main") == 1
						? older[version].beside : older[version].update, err);
	if (version != SCHEMA_VERSION)
		return rs_err_set(err, RS_ERR_PLAN,
				  "\"%s\" has schema version %d, this restudy " RS_VERSION
				  " reads %d; use the restudy that wrote it",
				  s->path, version, SCHEMA_VERSION);
	return 0;
}
