/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The run folder of an import: the store with its cells, the plan, and the sources byte by byte.
 * Files of UnixBench and Siege lie where their adapters look, so that they can be read again
 * as any trial; others lie in raw/import.
 */
#include "folder_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "restudy/base/clock.h"
#include "restudy/base/hash.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/temp.h"

/* A cell as it will be stored. */
struct ending {
	struct rs_cell cell;
	enum rs_cell_state state;
	const char *reason;		/* borrowed from a remark, or static */
};

struct writing {
	struct rs_import *im;
	char *part;			/* owned: the folder until it is whole */
	struct rs_store *store;
	struct ending *cells;		/* owned */
	size_t n_cells;
};

/* ---- sources ---- */

/* The number of guests of a cell that is known by its other parts. */
static int guests_of(const struct rs_records *r, const struct rs_cell *c)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->r[i].cell.trial == c->trial && strcmp(r->r[i].cell.system, c->system) == 0 &&
		    strcmp(r->r[i].cell.benchmark, c->benchmark) == 0)
			return r->r[i].cell.guests;
	for (size_t i = 0; i < r->n_remarks; i++)
		if (strcmp(r->remarks[i].cell.system, c->system) == 0)
			return r->remarks[i].cell.guests;
	return 0;
}

/* Whether the adapter of the plan's benchmark is the one that reads this file. */
static int is_adapters(const struct writing *w, const struct rs_source *s)
{
	const struct rs_benchmark *b = s->slot != NULL ?
					       rs_plan_benchmark(w->im->plan, s->cell.benchmark) : NULL;

	return b != NULL && strcmp(rs_adapter_name(b->adapter), w->im->o->format) == 0;
}

static void choose_place(const struct writing *w, struct rs_source *s, size_t number)
{
	const char *base = rs_path_base(s->path);
	char cell[200];

	if (!is_adapters(w, s)) {
		(void)snprintf(s->raw, sizeof(s->raw), "raw/import/%zu/%s", number,
			       rs_path_is_plain_name(base) ? base : "source");
		return;
	}
	s->cell.guests = guests_of(&w->im->records, &s->cell);
	(void)snprintf(s->raw, sizeof(s->raw), "raw/%s/%s/%s", rs_cell_folder(cell, sizeof(cell), &s->cell),
		       s->cell_guest, s->slot);
}

static int write_file(const struct writing *w, const char *rel, const void *bytes, size_t n,
		      struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(w->part, rel, err);

	if (path == NULL || rs_path_make_parent(path, err) < 0)
		return -1;
	return rs_path_write(path, bytes, n, err);
}

/* The adapter of Siege reads two files; the other one is empty. */
static int write_twin(const struct writing *w, const struct rs_source *s, struct rs_err *err)
{
	const size_t n = strlen(s->raw);
	RS_AUTO_STR *twin = NULL;

	if (!is_adapters(w, s) || n < 6 || strcmp(w->im->o->format, "siege") != 0)
		return 0;
	twin = rs_asprintf(err, "%.*s%s", (int)(n - 6), s->raw,
			   strcmp(s->raw + n - 6, "stdout") == 0 ? "stderr" : "stdout");
	return twin != NULL ? write_file(w, twin, "", 0, err) : -1;
}

static int set_fact(const struct writing *w, size_t number, const char *what, const char *value,
		    struct rs_err *err)
{
	char key[64];

	(void)snprintf(key, sizeof(key), "import.%zu.%s", number, what);
	return rs_store_set_fact(w->store, key, value, err);
}

static int write_source(const struct writing *w, struct rs_source *s, size_t number,
			struct rs_err *err)
{
	const char *base = rs_path_base(s->path);
	const int64_t now = rs_clock_wall_s();
	RS_AUTO_STR *what = rs_asprintf(err, "\"%s\" (sha256 %s): recorded values, nothing was measured here",
					base, s->sha256);

	choose_place(w, s, number);
	if (what == NULL || write_file(w, s->raw, rs_buf_str(&s->text), s->text.len, err) < 0 ||
	    write_twin(w, s, err) < 0)
		return -1;
	if (set_fact(w, number, "file", base, err) < 0 ||
	    set_fact(w, number, "sha256", s->sha256, err) < 0 ||
	    set_fact(w, number, "raw", s->raw, err) < 0)
		return -1;
	return rs_store_add_event(w->store, "import", what, (double)now, -1, err);
}

/* ---- cells ---- */

static int add_cell(struct writing *w, const struct rs_cell *c, enum rs_cell_state state,
		    const char *reason, struct rs_err *err)
{
	struct ending *e = rs_array_grow(&w->cells, w->n_cells, sizeof(*e), err);

	if (e == NULL)
		return -1;
	*e = (struct ending){ *c, state, reason };
	w->n_cells++;
	return 0;
}

static int ending_order(const void *a, const void *b)
{
	const struct ending *x = a, *y = b;
	const int c = rs_cell_order(&x->cell, &y->cell);

	/* failed goes before done, so that it is the one that is kept */
	return c != 0 ? c : (x->state == RS_CELL_DONE) - (y->state == RS_CELL_DONE);
}

static void keep_one_of_each(struct writing *w)
{
	size_t n = 0;

	if (w->n_cells == 0)
		return;
	qsort(w->cells, w->n_cells, sizeof(*w->cells), ending_order);
	for (size_t i = 0; i < w->n_cells; i++)
		if (n == 0 || rs_cell_order(&w->cells[n - 1].cell, &w->cells[i].cell) != 0)
			w->cells[n++] = w->cells[i];
	w->n_cells = n;
}

/* Cells of the records, each once: done, or failed where a remark says so. */
static int collect_cells(struct writing *w, struct rs_err *err)
{
	const struct rs_records *r = &w->im->records;

	for (size_t i = 0; i < r->n; i++)
		if ((i == 0 || rs_cell_order(&r->r[i - 1].cell, &r->r[i].cell) != 0) &&
		    add_cell(w, &r->r[i].cell, RS_CELL_DONE, NULL, err) < 0)
			return -1;
	for (size_t i = 0; i < r->n_remarks; i++)
		if (r->remarks[i].kind == RS_REMARK_FAILED &&
		    add_cell(w, &r->remarks[i].cell, RS_CELL_FAILED, r->remarks[i].text, err) < 0)
			return -1;
	keep_one_of_each(w);
	return 0;
}

static int is_there(const struct writing *w, size_t n, const struct rs_cell *c)
{
	for (size_t i = 0; i < n; i++)
		if (w->cells[i].cell.guests == c->guests &&
		    strcmp(w->cells[i].cell.system, c->system) == 0 &&
		    strcmp(w->cells[i].cell.benchmark, c->benchmark) == 0)
			return 1;
	return 0;
}

/* What a plan that was given has and the files do not: one missing cell each. */
static int add_missing(struct writing *w, struct rs_err *err)
{
	const struct rs_plan *p = w->im->plan;
	const size_t n = w->n_cells;

	if (w->im->o->plan == NULL)
		return 0;
	for (size_t b = 0; b < p->n_benchmarks; b++)
		for (size_t s = 0; s < p->n_systems; s++) {
			const struct rs_guests *g = &p->systems[s].guests;

			if (!rs_plan_runs_on(&p->benchmarks[b], p->systems[s].id))
				continue;
			for (size_t k = 0; k < (g->n_counts > 0 ? g->n_counts : 1); k++) {
				struct rs_cell c = { .guests = g->n_counts > 0 ? g->counts[k] : 0, .trial = 1 };

				rs_copy_text(c.system, sizeof(c.system), p->systems[s].id);
				rs_copy_text(c.benchmark, sizeof(c.benchmark), p->benchmarks[b].id);
				if (!is_there(w, n, &c) &&
				    add_cell(w, &c, RS_CELL_MISSING, "the imported files have no result of it", err) < 0)
					return -1;
			}
		}
	return 0;
}

static int plan_cells(struct writing *w, struct rs_err *err)
{
	struct rs_cell *all = rs_alloc(w->n_cells > 0 ? w->n_cells : 1, sizeof(*all), err);
	int rc;

	if (all == NULL)
		return -1;
	for (size_t i = 0; i < w->n_cells; i++)
		all[i] = w->cells[i].cell;
	rc = rs_store_plan_cells(w->store, all, w->n_cells, err);
	free(all);
	return rc;
}

/* Notes and samples of one cell. */
struct content {
	struct rs_sample *samples;
	struct rs_note *notes;
	size_t n_samples, n_notes;
};

static int end_cell(struct writing *w, const struct ending *e, const struct rs_record *r, size_t n,
		    struct content *c, struct rs_err *err)
{
	const struct rs_records *all = &w->im->records;

	for (size_t i = 0; i < n; i++) {
		struct rs_sample *s = rs_array_grow(&c->samples, c->n_samples, sizeof(*s), err);

		if (s == NULL)
			return -1;
		*s = r[i].sample;
		c->n_samples++;
	}
	for (size_t i = 0; i < all->n_remarks; i++) {
		const struct rs_remark *o = &all->remarks[i];
		struct rs_note *note;

		if (o->kind == RS_REMARK_FAILED || rs_cell_order(&o->cell, &e->cell) != 0)
			continue;
		note = rs_array_grow(&c->notes, c->n_notes, sizeof(*note), err);
		if (note == NULL)
			return -1;
		note->level = o->kind == RS_REMARK_INFO ? RS_NOTE_INFO : RS_NOTE_WARNING;
		rs_copy_text(note->text, sizeof(note->text), o->text);
		c->n_notes++;
	}
	return rs_store_cell_end(w->store, &e->cell, e->state, e->reason, 0, c->samples, c->n_samples,
				 c->notes, c->n_notes, err);
}

static int end_cells(struct writing *w, struct rs_err *err)
{
	const struct rs_records *all = &w->im->records;
	size_t at = 0;

	for (size_t i = 0; i < w->n_cells; i++) {
		const struct ending *e = &w->cells[i];
		struct content c = { .samples = NULL };
		size_t n = 0;
		int rc;

		while (at + n < all->n && rs_cell_order(&all->r[at + n].cell, &e->cell) == 0)
			n++;
		rc = end_cell(w, e, all->r + at, n, &c, err);
		free(c.samples);
		free(c.notes);
		if (rc < 0)
			return -1;
		at += n;
		w->im->result.cells += e->state == RS_CELL_DONE;
		w->im->result.failed += e->state != RS_CELL_DONE;
		w->im->result.samples += n;
	}
	return at == all->n ? 0 : rs_err_set(err, RS_ERR_INTERNAL, "%zu samples are of no cell", all->n - at);
}

/* ---- the folder ---- */

static int set_facts(const struct writing *w, struct rs_err *err)
{
	const struct rs_import *im = w->im;
	char plan_sha256[RS_SHA256_HEX], now[32], files[32];
	RS_AUTO_STR *where = NULL;

	if (rs_sha256_bytes(rs_buf_str(&im->plan_text), im->plan_text.len, plan_sha256, err) < 0)
		return -1;
	(void)snprintf(now, sizeof(now), "%lld", (long long)rs_clock_wall_s());
	(void)snprintf(files, sizeof(files), "%zu", im->n_sources);
	where = rs_asprintf(err, "none: recorded elsewhere and imported from %s file%s of the format %s, not "
			    "measured here", files, im->n_sources == 1 ? "" : "s", im->o->format);
	if (where == NULL)
		return -1;
	{
		const char *const facts[][2] = {
			{ "study", im->plan->id },	{ "plan.sha256", plan_sha256 },
			{ "testbed", "recorded" },	{ "testbed.description", where },
			{ "import.format", im->o->format }, { "import.files", files },
			{ "version", RS_VERSION },	{ "started", now },
			{ "finished", now },
		};

		for (size_t i = 0; i < RS_COUNT(facts); i++)
			if (rs_store_set_fact(w->store, facts[i][0], facts[i][1], err) < 0)
				return -1;
	}
	return 0;
}

static int fill(struct writing *w, struct rs_err *err)
{
	struct rs_import *im = w->im;
	RS_AUTO_STR *db = rs_path_join(w->part, "run.db", err);

	if (db == NULL || write_file(w, "plan.xml", rs_buf_str(&im->plan_text), im->plan_text.len, err) < 0)
		return -1;
	w->store = rs_store_create(db, err);
	if (w->store == NULL || rs_store_begin(w->store, err) < 0 || set_facts(w, err) < 0)
		return -1;
	for (size_t i = 0; i < im->n_sources; i++)
		if (write_source(w, &im->sources[i], i + 1, err) < 0)
			return -1;
	if (collect_cells(w, err) < 0 || add_missing(w, err) < 0 || plan_cells(w, err) < 0)
		return -1;
	/* missing cells have no samples, and come after those that have */
	if (end_cells(w, err) < 0 || rs_store_commit(w->store, err) < 0)
		return -1;
	return rs_store_finish(w->store, err);
}

int rs_import_write(struct rs_import *im, struct rs_err *err)
{
	struct writing w = { .im = im };
	RS_AUTO_STR *part = rs_temp_beside(im->o->folder, "part", err);
	int rc = -1;

	if (part == NULL)
		return -1;
	w.part = part;
	if (rs_path_mkdirs(part, err) == 0)
		rc = fill(&w, err);
	free(w.cells);
	rs_store_close(w.store);
	w.store = NULL;
	if (rc == 0 && rename(part, im->o->folder) != 0)
		rc = rs_err_sys(err, RS_ERR_FAILED, errno, "cannot make \"%s\"", im->o->folder);
	/* what failed first is what is told */
	if (rc < 0 && rs_path_remove_tree(part, err) < 0)
		return -1;
	return rc;
}
