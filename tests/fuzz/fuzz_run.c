/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as parts of a run, chosen by the first one: a line of a worker, a shard's file,
 * run.db itself.
 */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "../../src/run/shard_priv.h"
#include "fuzz_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/store.h"

/* What is told has been checked: names are plain, values finite; it survives the way back. */
static int take_event(void *user, const struct rs_shard_event *e, struct rs_err *err)
{
	RS_AUTO_BUF json = RS_BUF_INIT;

	(void)user;
	must(e->kind < RS_SHARD_LAST);
	if (e->kind == RS_SHARD_CELL_START || e->kind == RS_SHARD_CELL_END)
		must(rs_path_is_plain_name(e->cell.system) && rs_path_is_plain_name(e->cell.benchmark) &&
		     e->cell.guests >= 0);
	if (e->kind == RS_SHARD_ENV || e->kind == RS_SHARD_FACT)
		must(e->key != NULL && e->text != NULL);
	for (size_t i = 0; i < e->n_samples; i++)
		must(isfinite(e->samples[i].value) && rs_path_is_plain_name(e->samples[i].guest) &&
		     rs_path_is_plain_name(e->samples[i].metric));
	must(rs_shard_event_to_json(e, &json, err) == 0);
	return 0;
}

static void read_event(const char *text)
{
	struct rs_err err = RS_ERR_INIT;

	must_tell(rs_shard_event_from_json(text, take_event, NULL, &err), &err);
}

static void read_shard(const char *text)
{
	struct rs_shard s = { .n_cells = 0 };
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STR *profile = NULL;

	must_tell(rs_shard_from_json(text, &s, &profile, &err), &err);
	rs_shard_release(&s);
}

static int visit(void *user, const struct rs_series *s, struct rs_err *err)
{
	(void)user;
	(void)err;
	for (size_t i = 0; i < s->n; i++)
		must(i == 0 || s->trial[i] >= s->trial[i - 1]);
	return 0;
}

/* Everything that a report asks. */
static void ask(struct rs_store *s, const char *jail)
{
	struct rs_err err = RS_ERR_INIT;
	struct rs_cell_record *cells = NULL;
	struct rs_cell_note *notes = NULL;
	struct rs_event *events = NULL;
	struct rs_env_fact *env = NULL;
	RS_AUTO_STR *fact = NULL;
	RS_AUTO_STR *csv = rs_path_join(jail, "tidy.csv", NULL);
	RS_AUTO_STR *copy = rs_path_join(jail, "copy.db", NULL);
	size_t n = 0;

	if (rs_store_cells(s, &cells, &n, &err) == 0)
		rs_cell_records_free(cells, n);
	if (rs_store_notes(s, &notes, &n, NULL) == 0)
		free(notes);
	if (rs_store_events(s, &events, &n, NULL) == 0)
		rs_events_free(events, n);
	if (rs_store_env(s, &env, &n, NULL) == 0)
		rs_env_facts_free(env, n);
	must(csv != NULL && copy != NULL);
	if (rs_store_get_fact(s, "study", &fact, NULL) < 0 ||
	    rs_store_visit(s, NULL, NULL, NULL, visit, NULL, NULL) < 0 ||
	    rs_store_export_csv(s, csv, NULL) < 0 || rs_store_export_tables(s, jail, NULL) < 0 ||
	    rs_store_copy(s, copy, NULL, NULL, &n, NULL) < 0)
		n = 0;	/* each may refuse */
}

static void read_store(const uint8_t *data, size_t size)
{
	char jail[200];
	struct rs_err err = RS_ERR_INIT;

	fuzz_jail(jail);
	{
		RS_AUTO_STR *path = rs_path_join(jail, "run.db", NULL);
		RS_AUTO_STORE *s = NULL;

		must(path != NULL);
		fuzz_write(path, data, size);
		s = rs_store_open_readonly(path, &err);
		must_tell(s != NULL ? 0 : -1, &err);
		if (s != NULL) {
			must_tell(rs_store_check(s, &err), &err);
			ask(s, jail);
		}
	}
	must(rs_path_remove_tree(jail, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	RS_AUTO_STR *text = size > 0 ? rs_strndup((const char *)data + 1, size - 1, NULL) : NULL;

	if (text == NULL)
		return 0;
	if (data[0] == 'd')
		read_store(data + 1, size - 1);
	else if (data[0] == 's')
		read_shard(text);
	else
		read_event(text);
	return 0;
}
