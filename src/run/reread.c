/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the raw bytes to the values, once more: whether the store has what the programs said. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"
#include "restudy/bench.h"
#include "restudy/run.h"

#define REDACTIONS_MAX ((size_t)64 << 20)

struct rereading {
	const struct rs_plan *plan;
	struct rs_store *store;
	const char *folder;		/* of the run */
	struct rs_buf redactions;	/* text of redactions.csv, or "" */
	int imported;			/* nothing was measured here */
	struct rs_reread *ret;
};

/* One cell's values in the store, and how many of them the raw bytes gave so far. */
struct held {
	const struct rs_series_set *set;	/* of its system and benchmark */
	const struct rs_cell *cell;
	size_t same;
	int differs;		/* a value that was read is not one of the store's */
};

static const double *value_of(const struct rs_series *s, const struct rs_cell *c)
{
	size_t from = 0, to = s->n;

	if (s->guests != c->guests)
		return NULL;
	while (from < to) {
		const size_t mid = from + (to - from) / 2;

		if (s->trial[mid] == c->trial)
			return &s->value[mid];
		if (s->trial[mid] < c->trial)
			from = mid + 1;
		else
			to = mid;
	}
	return NULL;
}

static int hold_sample(void *user, const struct rs_sample *sample, struct rs_err *err)
{
	struct held *h = user;
	const double *v = NULL;

	for (size_t i = 0; v == NULL && i < h->set->n; i++) {
		const struct rs_series *s = &h->set->series[i];

		if (strcmp(s->guest, sample->guest) == 0 && strcmp(s->metric, sample->metric) == 0)
			v = value_of(s, h->cell);
	}
	if (v != NULL && *v == sample->value) {
		h->same++;
		return 0;
	}
	h->differs = 1;
	if (v == NULL)
		return rs_err_set(err, RS_ERR_FAILED, "its raw bytes have \"%s\", run.db has not", sample->metric);
	return rs_err_set(err, RS_ERR_FAILED, "\"%s\" is %.17g in run.db, and %.17g by its raw bytes",
			  sample->metric, *v, sample->value);
}

/* Whether archiving changed a file of the cell that is there.  A line of redactions.csv begins
 * with the file's name, quoted. */
static int is_masked(const struct rereading *r, const char *cell, int *ret, struct rs_err *err)
{
	RS_AUTO_STR *begin = rs_asprintf(err, "\n\"raw/%s/", cell);
	const char *at = rs_buf_str(&r->redactions);

	*ret = 0;
	if (begin == NULL)
		return -1;
	while (!*ret && (at = strstr(at, begin)) != NULL) {
		const int n = (int)strcspn(at += 2, "\"");
		RS_AUTO_STR *file = rs_asprintf(err, "%s/%.*s", r->folder, n, at);

		if (file == NULL)
			return -1;
		*ret = rs_path_exists(file);
	}
	return 0;
}

static int hold_cell(struct rereading *r, struct held *h, const char *raw, struct rs_err *err)
{
	const struct rs_benchmark *b = rs_plan_benchmark(r->plan, h->cell->benchmark);
	const struct rs_sink sink = { .sample = hold_sample, .user = h };
	size_t stored = 0;

	if (b == NULL)
		return rs_err_set(err, RS_ERR_FAILED, "the plan has no benchmark \"%s\"", h->cell->benchmark);
	if (rs_bench_reread(b, raw, &sink, err) < 0)
		return -1;
	for (size_t i = 0; i < h->set->n; i++)
		stored += value_of(&h->set->series[i], h->cell) != NULL;
	if (stored != h->same)
		return rs_err_set(err, RS_ERR_FAILED, "run.db has %zu values, its raw bytes %zu", stored, h->same);
	r->ret->values += h->same;
	r->ret->cells++;
	return 0;
}

static int reread_cell(struct rereading *r, const struct rs_series_set *set, const struct rs_cell *c,
		       struct rs_err *err)
{
	char cell[256];
	RS_AUTO_STR *raw = rs_asprintf(err, "%s/raw/%s", r->folder, rs_cell_folder(cell, sizeof(cell), c));
	struct held h = { .set = set, .cell = c };
	struct rs_err why = RS_ERR_INIT;
	int masked = 0;

	if (raw == NULL || rs_stop_check(err) < 0)
		return -1;
	if (r->imported && !rs_path_exists(raw)) {
		r->ret->imported++;
		return 0;
	}
	if (hold_cell(r, &h, raw, &why) == 0)
		return 0;
	/* masking makes bytes unreadable, but no other number of one */
	if (why.kind == RS_ERR_FAILED && !h.differs && is_masked(r, cell, &masked, err) < 0)
		return -1;
	r->ret->masked += (size_t)masked;
	return masked ? 0 : rs_err_set(err, why.kind, "raw/%s: %s", cell, why.text);
}

/* The records are in cell order: those of one system and benchmark need not be beside each other. */
static int reread_pair(struct rereading *r, const struct rs_cell_record *cells, size_t n,
		       const char *system, const char *benchmark, struct rs_err *err)
{
	struct rs_series_set set = RS_SERIES_SET_INIT;
	int rc = rs_store_series(r->store, system, benchmark, NULL, &set, err);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct rs_cell *c = &cells[i].cell;

		if (cells[i].state == RS_CELL_DONE && c->trial >= 1 && strcmp(c->system, system) == 0 &&
		    strcmp(c->benchmark, benchmark) == 0)
			rc = reread_cell(r, &set, c, err);
	}
	rs_series_set_release(&set);
	return rc;
}

static int reread_all(struct rereading *r, struct rs_err *err)
{
	struct rs_cell_record *cells = NULL;
	size_t n = 0;
	int rc = rs_store_cells(r->store, &cells, &n, err);

	for (size_t i = 0; rc == 0 && i < r->plan->n_systems; i++)
		for (size_t j = 0; rc == 0 && j < r->plan->n_benchmarks; j++)
			rc = reread_pair(r, cells, n, r->plan->systems[i].id, r->plan->benchmarks[j].id, err);
	rs_cell_records_free(cells, n);
	return rc;
}

int rs_run_reread(const struct rs_plan *plan, struct rs_store *store, const char *folder,
		  struct rs_reread *ret, struct rs_err *err)
{
	struct rereading r = { .plan = plan, .store = store, .folder = folder,
			       .redactions = RS_BUF_INIT, .ret = ret };
	RS_AUTO_STR *list = rs_path_join(folder, "redactions.csv", err);
	RS_AUTO_STR *import = NULL;
	int rc = list == NULL ? -1 : 0;

	*ret = (struct rs_reread){ .cells = 0 };
	if (rc == 0 && rs_path_exists(list))
		rc = rs_path_read(list, REDACTIONS_MAX, &r.redactions, err);
	if (rc == 0)
		rc = rs_store_get_fact(store, "import.1.file", &import, err);
	r.imported = import != NULL;
	if (rc == 0)
		rc = reread_all(&r, err);
	rs_buf_release(&r.redactions);
	return rc;
}
