/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The time series of httpload within its trials: what was done in each whole second, read
 * from the raw files beside run.db.  Guests that ran at once are added up, response times
 * weighted by what was done; the mean over the trials is drawn.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "content_priv.h"
#include "restudy/base/hash.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/bench.h"

#define MOST_SECONDS 100000

struct reel {			/* of one column of the grid */
	struct rs_sha256 *digest;	/* borrowed; of all files that were read */
	struct rs_second *sum;	/* over guests and trials; mean_s: time spent */
	size_t n;		/* seconds that every trial had */
	size_t trials, guests;	/* that were read */
};

static void release(struct rs_second **v)
{
	free(*v);
}
#define AUTO_SECONDS __attribute__((cleanup(release))) struct rs_second

static int add_guest(struct rs_content *c, struct reel *reel, const char *folder, struct rs_err *err)
{
	AUTO_SECONDS *v = NULL;
	RS_AUTO_STR *path = rs_path_join(folder, "result.json", err);
	char hex[RS_SHA256_HEX];
	size_t n = 0;

	if (path == NULL || rs_sha256_file(path, hex, err) < 0 ||
	    rs_sha256_add(reel->digest, hex, strlen(hex), err) < 0 ||
	    rs_bench_seconds(folder, &v, &n, err) < 0)
		return -1;
	n = n > MOST_SECONDS ? MOST_SECONDS : n;
	if (reel->guests == 0) {
		reel->n = n;
		reel->sum = rs_arena_new(&c->d->arena, n + 1, sizeof(*reel->sum));
		if (reel->sum == NULL)
			return rs_err_nomem(err);
	}
	reel->n = n < reel->n ? n : reel->n;
	reel->guests++;
	for (size_t i = 0; i < reel->n; i++) {
		reel->sum[i].done += v[i].done;
		reel->sum[i].failed += v[i].failed;
		reel->sum[i].mean_s += v[i].mean_s * v[i].done;
	}
	return 0;
}

/* Every guest of every trial of a column; trouble: raw files that are not there. */
static int read_column(struct rs_content *c, const struct rs_grid *g, size_t column,
		       struct reel *reel, struct rs_err *err)
{
	const struct rs_slot *s = rs_grid_slot(g, 0, column);
	const struct rs_subject subject = rs_grid_subject(g, 0, column);
	RS_AUTO_STR *folder = rs_run_folder(c->a->plan, err);

	if (folder == NULL)
		return -1;
	for (size_t k = 0; k < c->a->set.n; k++) {
		const struct rs_series *r = &c->a->set.series[k];

		if (!rs_subject_has(&subject, r))
			continue;
		for (size_t i = 0; i < s->trials.n; i++) {
			struct rs_cell cell = { .guests = r->guests, .trial = s->trials.trial[i] };
			char rel[256];
			RS_AUTO_STR *raw = NULL;

			memcpy(cell.system, r->system, sizeof(cell.system));
			memcpy(cell.benchmark, r->benchmark, sizeof(cell.benchmark));
			raw = rs_asprintf(err, "%s/raw/%s/%s", folder,
					  rs_cell_folder(rel, sizeof(rel), &cell), r->guest);
			if (raw == NULL || add_guest(c, reel, raw, err) < 0)
				return -1;
		}
	}
	reel->trials = s->trials.n;
	return 0;
}

static double value_of(const struct reel *reel, size_t i, const char *metric)
{
	const struct rs_second *v = &reel->sum[i];

	if (strcmp(metric, "response-time") == 0)
		return v->done > 0 ? v->mean_s / v->done : (double)NAN;
	return (strcmp(metric, "transactions") == 0 ? v->done : v->failed) / (double)reel->trials;
}

static int fill_point(struct rs_content *c, const struct reel *reel, const char *metric,
		      struct rs_point *p)
{
	double *v = rs_arena_new(&c->d->arena, reel->n + 1, sizeof(*v));

	if (v == NULL)
		return -1;
	for (size_t i = 0; i < reel->n; i++)
		v[i] = value_of(reel, i, metric);
	p->samples = v;
	p->n_samples = reel->n;
	return 0;
}

/* The points of one column; trouble with its raw files is what they say. */
static int fill_column(struct rs_content *c, const struct rs_grid *g, size_t column,
		       struct rs_point *points, struct rs_sha256 *digest, struct rs_err *err)
{
	struct reel reel = { .digest = digest };
	struct rs_err why = RS_ERR_INIT;

	if (read_column(c, g, column, &reel, &why) < 0 && why.kind == RS_ERR_MEMORY)
		return rs_err_nomem(err);
	for (size_t r = 0; r < g->n_rows; r++) {
		points[r] = (struct rs_point){ .value = (double)NAN, .lo = (double)NAN, .hi = (double)NAN };
		if (why.kind != RS_ERR_NONE || reel.n == 0)
			points[r].note = c->l == RS_LANGUAGE_DE ? "keine lesbaren Rohdaten" : "no readable raw files";
		else if (fill_point(c, &reel, g->rows[r].metric.id, &points[r]) < 0)
			return rs_err_nomem(err);
	}
	return 0;
}

int rs_picture_seconds(struct rs_content *c, const struct rs_grid *g, struct rs_chart *chart,
		       struct rs_err *err)
{
	const int de = c->l == RS_LANGUAGE_DE;
	RS_AUTO_SHA256 *digest = rs_sha256_new(err);
	char hex[RS_SHA256_HEX], trials[60];

	if (digest == NULL)
		return -1;
	for (size_t i = 0; i < g->n_columns; i++)
		if (rs_grid_slot(g, 0, i)->trials.n > 0 &&
		    fill_column(c, g, i, chart->series[i].points, digest, err) < 0)
			return -1;
	if (rs_sha256_end(digest, hex, err) < 0)
		return -1;
	chart->category_title = de ? "Sekunde" : "Second";
	chart->provenance = rs_arena_printf(&c->d->arena, "%s; seconds from result.json of these below raw/, "
							  "sha256 of their digests %s", chart->provenance, hex);
	if (rs_grid_trials(g, c->l, trials, sizeof(trials)))
		chart->note = rs_picture_note(c, g, rs_arena_printf(
			&c->d->arena, de ? "Jede ganze Sekunde, Mittel über %s Durchläufe; gleichzeitige Gäste "
					   "zusammengezählt, ihre Antwortzeiten nach Transaktionen gewichtet."
					 : "Each whole second, mean of %s trials; guests that ran at once added up, "
					   "their response times weighted by transactions.", trials));
	return rs_arena_check(&c->d->arena, err);
}
