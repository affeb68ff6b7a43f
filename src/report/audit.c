/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arithmetic that published numbers of a load test must satisfy, each number standing for
 * the interval its last printed digit leaves open (rs_rounding_interval):
 *   transactions / time = transaction rate,
 *   data / time = throughput,
 *   response time x transaction rate = requests under way (Little, "A proof for the
 *   queuing formula L = lambda W", Operations Research 9(3), 1961), which are no more than
 *   the declared concurrency of each guest, since a client waits for its answer.
 * A value is wrong only when no true values inside the intervals could satisfy it.  Ratios
 * of systems are in audit_ratios.c.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis_priv.h"
#include "audit_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/report.h"

/* A load test ends within a second of the time it was asked for: its clock counts from
 * the first request to the last answer. */
#define DURATION_SLACK_S 1.0

enum quantity { Q_TRANSACTIONS, Q_DATA, Q_RESPONSE, Q_RATE, Q_THROUGHPUT, Q_CONCURRENCY, Q_ELAPSED,
		Q_LAST };

static const char *const metric_of[] = {
	[Q_TRANSACTIONS] = "transactions", [Q_DATA] = "data",
	[Q_RESPONSE] = "response-time",	   [Q_RATE] = "transaction-rate",
	[Q_THROUGHPUT] = "throughput",	   [Q_CONCURRENCY] = "concurrency",
	[Q_ELAPSED] = "elapsed-time",
};
_Static_assert(RS_COUNT(metric_of) == Q_LAST, "every quantity has its metric");

struct column {
	const char *system;
	int guests;		/* at once; 1: one machine */
	struct rs_bounds r[Q_LAST];
	const char *text[Q_LAST];
	struct rs_bounds time;	/* how long the test really took */
	struct rs_bounds load;	/* response time x rate */
};

struct audit {
	struct rs_audit v;	/* the verdicts */
	struct column *columns;	/* owned; room for one of each value */
	size_t n;
};

static struct rs_bounds both(struct rs_bounds a, struct rs_bounds b)
{
	return (struct rs_bounds){ fmax(a.lo, b.lo), fmin(a.hi, b.hi) };
}

/* Of positive numbers. */
static struct rs_bounds product(struct rs_bounds a, struct rs_bounds b)
{
	return (struct rs_bounds){ a.lo * b.lo, a.hi * b.hi };
}

static int guests_of(const struct rs_plan *plan, const char *system)
{
	const struct rs_system *s = rs_plan_system(plan, system);
	const int n = s == NULL ? 0 : rs_system_guests(s);

	return n < 1 ? 1 : n;
}

static struct column *column_of(struct audit *a, const struct rs_plan *plan, const char *system)
{
	struct column *c;

	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->columns[i].system, system) == 0)
			return &a->columns[i];
	c = &a->columns[a->n++];
	*c = (struct column){ .system = system, .guests = guests_of(plan, system),
			      .time = rs_bounds_none, .load = rs_bounds_none };
	for (int q = 0; q < Q_LAST; q++)
		c->r[q] = rs_bounds_none;
	return c;
}

static int read_values(struct audit *a, const struct rs_plan *plan, struct rs_err *err)
{
	for (size_t i = 0; i < a->v.p->n_values; i++) {
		const struct rs_published_value *v = &a->v.p->values[i];
		struct column *c = column_of(a, plan, v->system);

		for (int q = 0; q < Q_LAST; q++) {
			struct rs_bounds r;

			if (strcmp(metric_of[q], v->metric) != 0)
				continue;
			if (rs_rounding_interval(v->text, &r.lo, &r.hi, err) < 0)
				return rs_err_wrap(err, "published \"%s\", %s of %s", a->v.p->id,
						   v->metric, v->system);
			if (r.hi <= 0)
				continue;
			r.lo = fmax(r.lo, 0);
			c->r[q] = r;
			c->text[q] = v->text;
		}
	}
	return 0;
}

/* The verdict on one cell of the table. */
static void judge(struct audit *a, const struct column *c, enum quantity q, const char *law,
		  struct rs_bounds allowed)
{
	const struct rs_printed number = { .system = c->system, .metric = metric_of[q],
					   .text = c->text[q], .r = c->r[q] };

	rs_audit_judge(&a->v, &number, law, allowed);
}

/* A column that was added up from guests' printed values is off by as many roundings. */
static void note_sum(struct audit *a, const struct column *c, enum quantity q,
		     struct rs_bounds allowed)
{
	struct rs_bounds wide = c->r[q];
	const double half = (c->r[q].hi - c->r[q].lo) / 2;

	if (c->guests < 2 || rs_bounds_meet(c->r[q], allowed))
		return;
	wide.lo -= half * (c->guests - 1);
	wide.hi += half * (c->guests - 1);
	if (!rs_bounds_meet(wide, allowed))
		return;
	if (!a->v.failed)
		a->v.cells[a->v.n_cells - 1].added_up = c->guests;
	rs_buf_addf(a->v.out, "    (it could be right if it was added up from the rounded "
			    "values of %d guests)\n", c->guests);
}

/* How long the test of a column took, and what that says about its rate. */
static void check_rate(struct audit *a, struct column *c)
{
	const struct rs_bounds t = c->r[Q_TRANSACTIONS], r = c->r[Q_RATE];
	const struct rs_bounds declared = { fmax(a->v.p->duration_s - DURATION_SLACK_S, 0),
					    a->v.p->duration_s + DURATION_SLACK_S };

	if (rs_bounds_known(c->r[Q_ELAPSED])) {
		c->time = c->r[Q_ELAPSED];
		if (a->v.p->duration_s > 0)
			judge(a, c, Q_ELAPSED, "the declared duration, within a second,", declared);
	} else if (a->v.p->duration_s > 0) {
		c->time = declared;
	}
	if (!rs_bounds_known(t) || !rs_bounds_known(r))
		return;
	if (!rs_bounds_known(c->time)) {
		c->time = rs_bounds_quotient(t, r);
		return;
	}
	judge(a, c, Q_RATE, "transactions / time", rs_bounds_quotient(t, c->time));
	note_sum(a, c, Q_RATE, rs_bounds_quotient(t, c->time));
	if (rs_bounds_meet(rs_bounds_quotient(t, r), c->time))
		c->time = both(rs_bounds_quotient(t, r), c->time);
}

static void check_throughput(struct audit *a, const struct column *c)
{
	struct rs_bounds allowed;

	if (!rs_bounds_known(c->r[Q_DATA]) || !rs_bounds_known(c->r[Q_THROUGHPUT]) || !rs_bounds_known(c->time))
		return;
	allowed = rs_bounds_quotient(c->r[Q_DATA], c->time);
	judge(a, c, Q_THROUGHPUT, "data / time", allowed);
	note_sum(a, c, Q_THROUGHPUT, allowed);
}

/* Where the rate of a column can lie: its own rounding, and transactions by time. */
static struct rs_bounds rate_of(const struct column *c)
{
	struct rs_bounds by_count;

	if (!rs_bounds_known(c->r[Q_TRANSACTIONS]) || !rs_bounds_known(c->time))
		return c->r[Q_RATE];
	by_count = rs_bounds_quotient(c->r[Q_TRANSACTIONS], c->time);
	if (!rs_bounds_known(c->r[Q_RATE]))
		return by_count;
	return rs_bounds_meet(by_count, c->r[Q_RATE]) ? both(by_count, c->r[Q_RATE]) : c->r[Q_RATE];
}

/* The load that most columns agree on, each divided by shares of it. */
static struct rs_bounds common_load(const struct audit *a, int per_guest, size_t *ret_agree)
{
	struct rs_bounds best = rs_bounds_none;

	*ret_agree = 0;
	for (size_t i = 0; i < a->n; i++) {
		struct rs_bounds here;
		size_t agree = 0;
		double at;

		if (!rs_bounds_known(a->columns[i].load))
			continue;
		at = a->columns[i].load.lo / (per_guest ? a->columns[i].guests : 1);
		here = (struct rs_bounds){ 0, (double)INFINITY };
		for (size_t k = 0; k < a->n; k++) {
			const struct column *c = &a->columns[k];
			const double share = per_guest ? c->guests : 1;
			const struct rs_bounds r = { c->load.lo / share, c->load.hi / share };

			if (!rs_bounds_known(c->load) || at < r.lo || at > r.hi)
				continue;
			agree++;
			here = both(here, r);
		}
		if (agree > *ret_agree) {
			*ret_agree = agree;
			best = here;
		}
	}
	return best;
}

static size_t loads(const struct audit *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += rs_bounds_known(a->columns[i].load) ? 1u : 0u;
	return n;
}

static int any_guests(const struct audit *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->columns[i].guests > 1)
			return 1;
	return 0;
}

static void judge_loads(struct audit *a, int per_guest, struct rs_bounds common, const char *law)
{
	a->v.reading = per_guest ? "every guest has a load of its own" : "all columns have the same load";
	for (size_t i = 0; i < a->n; i++) {
		const struct column *c = &a->columns[i];
		const double share = per_guest ? c->guests : 1;
		const struct rs_bounds whole = { common.lo * share, common.hi * share };

		if (rs_bounds_known(c->load))
			judge(a, c, Q_RESPONSE, law, rs_bounds_quotient(whole, rate_of(c)));
	}
	a->v.reading = NULL;
}

/*
 * No concurrency is printed: then the columns must at least agree on one.  Either all
 * had the same load, or each guest had its own; a table is at fault only when it fits
 * neither reading.
 */
static void check_common_load(struct audit *a)
{
	const size_t n = loads(a);
	size_t one, each = 0, before;
	const struct rs_bounds all = common_load(a, 0, &one);
	struct rs_bounds own = rs_bounds_none;

	if (n < 2)
		return;
	for (size_t i = 0; i < a->n; i++)
		if (rs_bounds_known(a->columns[i].load)) {
			rs_buf_addf(a->v.out, "  %s: response time x rate = ", a->columns[i].system);
			rs_bounds_put(a->v.out, a->columns[i].load);
			rs_buf_adds(a->v.out, " requests under way\n");
		}
	if (any_guests(a))
		own = common_load(a, 1, &each);
	if (each == n && one != n) {
		rs_buf_adds(a->v.out, "  consistent when every guest had a load of its own\n");
		judge_loads(a, 1, own, "one load for each guest");
		return;
	}
	rs_buf_addf(a->v.out, "  if all columns had the same load (%zu of %zu agree):\n", one, n);
	judge_loads(a, 0, all, "the common load / rate");
	if (one == n || each < 2)
		return;
	before = a->v.bad;
	rs_buf_addf(a->v.out, "  if every guest had a load of its own (%zu of %zu agree):\n", each, n);
	judge_loads(a, 1, own, "the common load / rate");
	/* the same fault seen in the other reading is not one more */
	a->v.bad = before;
}

/* No more requests are under way than there are clients: those of one machine, or of each
 * guest.  Fewer may be, when clients pause. */
static void check_declared(struct audit *a, const struct column *c, struct rs_bounds rate)
{
	const double most = (double)a->v.p->concurrency * c->guests;

	if (a->v.p->concurrency <= 0)
		return;
	if (rs_bounds_known(c->r[Q_CONCURRENCY]))
		judge(a, c, Q_CONCURRENCY, "the declared concurrency", (struct rs_bounds){ 0, most });
	judge(a, c, Q_RESPONSE, "the declared concurrency / rate",
	      (struct rs_bounds){ 0, most / rate.lo });
}

static void check_loads(struct audit *a)
{
	int printed = 0;

	for (size_t i = 0; i < a->n; i++) {
		struct column *c = &a->columns[i];
		const struct rs_bounds rate = rate_of(c);

		if (!rs_bounds_known(c->r[Q_RESPONSE]) || !rs_bounds_known(rate))
			continue;
		c->load = product(c->r[Q_RESPONSE], rate);
		if (rs_bounds_known(c->r[Q_CONCURRENCY])) {
			printed = 1;
			judge(a, c, Q_CONCURRENCY, "response time x rate", c->load);
		}
		check_declared(a, c, rate);
	}
	if (!printed)
		check_common_load(a);
}

/* No identity, but worth a look: the same page should weigh the same everywhere. */
static void note_page_sizes(struct audit *a)
{
	const double mib = 1048576;
	int any = 0;

	for (size_t i = 0; i < a->n; i++) {
		const struct column *c = &a->columns[i];
		struct rs_bounds bytes;

		if (!rs_bounds_known(c->r[Q_DATA]) || !rs_bounds_known(c->r[Q_TRANSACTIONS]))
			continue;
		bytes = rs_bounds_quotient(c->r[Q_DATA], c->r[Q_TRANSACTIONS]);
		bytes.lo *= mib;
		bytes.hi *= mib;
		rs_buf_addf(a->v.out, "%s%s ", any ? ", " : "  data / transactions in bytes (MB of "
			    "2^20): ", c->system);
		rs_bounds_put(a->v.out, bytes);
		any = 1;
	}
	if (any)
		rs_buf_addc(a->v.out, '\n');
}

static int audit_one(const struct rs_plan *plan, struct audit *a, struct rs_err *err)
{
	const struct rs_published *p = a->v.p;

	rs_buf_addf(a->v.out, "%s (%s)\n", p->source == NULL ? p->id : p->source, p->benchmark);
	if (read_values(a, plan, err) < 0)
		return -1;
	for (size_t i = 0; i < a->n; i++)
		check_rate(a, &a->columns[i]);
	for (size_t i = 0; i < a->n; i++)
		check_throughput(a, &a->columns[i]);
	check_loads(a);
	if (rs_audit_ratios(&a->v, plan, err) < 0)
		return -1;
	note_page_sizes(a);
	rs_buf_addf(a->v.out, "  %zu of the printed values cannot be right\n", a->v.bad);
	return a->v.failed ? -1 : 0;
}

static int audit_all(const struct rs_plan *plan, struct rs_buf *out, struct rs_audited **cells,
		     size_t *n_cells, size_t *ret_bad, struct rs_err *err)
{
	*ret_bad = 0;
	*cells = NULL;
	*n_cells = 0;
	for (size_t i = 0; i < plan->n_published; i++) {
		const struct rs_published *p = &plan->published[i];
		struct audit a = { .v = { .p = p, .out = out, .cells = *cells, .n_cells = *n_cells,
					  .err = err },
				   .columns = rs_alloc(p->n_values + 1, sizeof(*a.columns), err) };
		const int status = a.columns == NULL ? -1 : audit_one(plan, &a, err);

		free(a.columns);
		*cells = a.v.cells;
		*n_cells = a.v.n_cells;
		if (status < 0)
			return -1;
		*ret_bad += a.v.bad;
	}
	return rs_buf_check(out, err);
}

int rs_report_audit(const struct rs_plan *plan, struct rs_buf *out, size_t *ret_bad,
		    struct rs_err *err)
{
	struct rs_audited *cells = NULL;
	size_t n = 0;
	const int status = audit_all(plan, out, &cells, &n, ret_bad, err);

	free(cells);
	return status;
}

int rs_report_audited(const struct rs_plan *plan, struct rs_audited **ret, size_t *ret_n,
		      size_t *ret_bad, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	struct rs_audited *cells = NULL;
	size_t n = 0;

	if (audit_all(plan, &text, &cells, &n, ret_bad, err) < 0) {
		free(cells);
		return -1;
	}
	*ret = cells;
	*ret_n = n;
	return 0;
}
