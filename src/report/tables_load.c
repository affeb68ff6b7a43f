/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Under a table of a load test: each guest by itself, and all together, in the quantities of the
 * thesis's Table 3.1, so that a reader sees what the sums are made of.  Little's law is checked
 * for each in every trial: requests under way = transaction rate x response time (Little, "A
 * proof for the queuing formula L = lambda W", Operations Research 9(3), 1961).
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "content_priv.h"
#include "restudy/base/mem.h"

enum quantity { Q_TRANSACTIONS, Q_DATA, Q_RESPONSE, Q_RATE, Q_THROUGHPUT, Q_UNDER_WAY, Q_LAST };

/* The two sides may differ by this share of the larger: requests that were under way at the end
 * are in one of them alone, and guests end at slightly different times. */
#define LAW_SHARE 0.02
/* Siege prints rate and concurrency with two decimals. */
#define LAST_DIGIT 0.005

enum { COLUMNS = Q_LAST + 2 };

static struct rs_row *quantities(struct rs_content *c)
{
	static const char *const metric[] = {
		[Q_TRANSACTIONS] = "transactions", [Q_DATA] = "data",
		[Q_RESPONSE] = "response-time",	   [Q_RATE] = "transaction-rate",
		[Q_THROUGHPUT] = "throughput",	   [Q_UNDER_WAY] = "concurrency",
	};
	_Static_assert(RS_COUNT(metric) == Q_LAST, "name every quantity");
	struct rs_row *rows = rs_arena_new(&c->a->arena, Q_LAST, sizeof(*rows));

	for (int q = 0; rows != NULL && q < Q_LAST; q++)
		rows[q] = (struct rs_row){ .metric = rs_arena_str(&c->a->arena, metric[q]),
					   .decimals = -1 };
	return rows;
}

/* The quantities of the exhibit's benchmark, guests put together as over says. */
static int make_grid(struct rs_content *c, const struct rs_exhibit *like, enum rs_over_guests over,
		     struct rs_row *rows, struct rs_grid *ret, struct rs_err *err)
{
	struct rs_exhibit *e = rs_arena_new(&c->a->arena, 1, sizeof(*e));

	if (e == NULL)
		return rs_err_nomem(err);
	*e = *like;
	e->over = over;
	e->value = RS_VALUE_ABSOLUTE;
	e->published = NULL;
	e->rows = rows;
	e->n_rows = Q_LAST;
	return rs_grid_make(c->a, e, c->l, ret, err);
}

/* Four digits tell enough to compute with; counts have them all. */
static const char *number_text(struct rs_content *c, double v, int whole)
{
	const double none = (double)NAN;
	char number[64];

	return rs_arena_printf(&c->d->arena, "%s",
			       rs_number(number, sizeof(number), c->l, v, whole ? 0 : rs_decimals(v, none, none)));
}

struct law {
	size_t trials, broken;
	double product;		/* rate x response time, mean over trials */
};

static struct law law_of(const struct rs_grid *g, size_t column)
{
	const struct rs_slot *rate = rs_grid_slot(g, Q_RATE, column);
	struct law l = { 0, 0, 0 };

	for (size_t i = 0; i < rate->trials.n; i++) {
		const int trial = rate->trials.trial[i];
		const double w = rs_trials_at(&rs_grid_slot(g, Q_RESPONSE, column)->trials, trial);
		const double under_way = rs_trials_at(&rs_grid_slot(g, Q_UNDER_WAY, column)->trials,
						      trial);
		const double product = rate->trials.value[i] * w;

		if (isnan(product) || isnan(under_way))
			continue;
		l.trials++;
		l.product += (product - l.product) / (double)l.trials;
		l.broken += fabs(product - under_way) >
			    LAW_SHARE * fmax(product, under_way) + LAST_DIGIT * (1 + w);
	}
	return l;
}

/* The product, and whether it is what was under way. */
static const char *law_text(struct rs_content *c, const struct law *l)
{
	const int de = c->l == RS_LANGUAGE_DE;
	const char *product;

	if (l->trials == 0)
		return "\xE2\x80\x93";
	product = number_text(c, l->product, 0);
	if (l->broken == 0)
		return rs_arena_printf(&c->d->arena, de ? "%s: gilt" : "%s: holds", product);
	return rs_arena_printf(&c->d->arena, de ? "%s: verletzt in %zu von %zu" : "%s: broken in %zu of %zu",
			       product, l->broken, l->trials);
}

static void column_row(struct rs_content *c, const struct rs_grid *g, size_t column,
		       const char *who, struct rs_node *t)
{
	const struct law l = law_of(g, column);
	struct rs_node *row;

	if (!rs_grid_slot(g, Q_TRANSACTIONS, column)->measured)
		return;
	row = rs_node_row(c->d, t, RS_ROW_BODY);
	(void)rs_node_cell(c->d, row, who);
	for (size_t q = 0; q < Q_LAST; q++) {
		const struct rs_slot *s = rs_grid_slot(g, q, column);

		(void)rs_node_cell(c->d, row, s->measured
						? number_text(c, s->absolute.point, q == Q_TRANSACTIONS)
						: "\xE2\x80\x93");
	}
	(void)rs_node_cell(c->d, row, law_text(c, &l));
}

static void head_row(struct rs_content *c, const struct rs_grid *g, struct rs_node *t)
{
	const int de = c->l == RS_LANGUAGE_DE;
	const char *const names[] = {
		[Q_TRANSACTIONS] = de ? "Transaktionen" : "Transactions",
		[Q_DATA] = de ? "Daten" : "Data",
		[Q_RESPONSE] = de ? "Antwortzeit" : "Response time",
		[Q_RATE] = "Rate",
		[Q_THROUGHPUT] = de ? "Durchsatz" : "Throughput",
		[Q_UNDER_WAY] = de ? "Unterwegs" : "Under way",
	};
	struct rs_node *row = rs_node_row(c->d, t, RS_ROW_HEAD);

	(void)rs_node_cell(c->d, row, rs_report_word(c->l, RS_WORD_SYSTEM));
	for (size_t q = 0; q < Q_LAST; q++)
		(void)rs_node_cell(c->d, row,
				   q == Q_UNDER_WAY || q == Q_TRANSACTIONS || g->rows[q].unit[0] == '\0'
					   ? names[q]
					   : rs_arena_printf(&c->d->arena, "%s (%s)", names[q],
							     g->rows[q].unit));
	(void)rs_node_cell(c->d, row, de ? "Littles Gesetz" : "Little’s law");
}

static const char *together(struct rs_content *c, const struct rs_grid_column *column)
{
	if (column->guests <= 1)
		return column->title;
	return rs_arena_printf(&c->d->arena, c->l == RS_LANGUAGE_DE ? "%s, zusammen" : "%s, together",
			       column->system->title != NULL ? column->system->title : column->system->id);
}

/* Each guest of the system, when the column is of that many that are named one by one. */
static void guest_rows(struct rs_content *c, const struct rs_grid *each,
		       const struct rs_grid_column *all, struct rs_node *t)
{
	for (size_t i = 0; i < each->n_columns; i++) {
		const struct rs_grid_column *g = &each->columns[i];

		if (g->guest != NULL && g->system == all->system && g->guests == all->guests &&
		    all->guests > 1)
			column_row(c, each, i, g->title, t);
	}
}

static void note(struct rs_content *c, const struct rs_benchmark *b, struct rs_node *t)
{
	const int de = c->l == RS_LANGUAGE_DE;
	struct rs_node *n = rs_node_add(c->d, t, RS_NODE_TABLE_NOTE);

	rs_node_text(c->d, n,
		     de ? "Zusammen: Summen über die Gäste eines Durchlaufs; die Antwortzeit ist nach "
			  "Transaktionen gewichtet. Littles Gesetz: Anfragen unterwegs = Rate × Antwortzeit (die Zahl), "
			  "in jedem Durchlauf geprüft; es gilt, wenn beide Seiten sich um höchstens 2 % und "
			  "die gedruckte Stelle unterscheiden."
			: "Together: sums over the guests of a trial; the response time is weighted by "
			  "transactions. Little’s law: requests under way = rate × response time (the number), checked "
			  "in every trial; it holds when both sides differ by 2 % and the digit that is "
			  "printed, at most.");
	if (b->adapter == RS_ADAPTER_SIEGE)
		rs_node_text(c->d, n,
			     de ? " Siege druckt Hundertstelsekunden: Wo das Gesetz für sie gilt, steht hier "
				  "als Antwortzeit eines Gastes der genauere Quotient."
				: " Siege prints hundredths of a second: where the law holds for these, the "
				  "response time of a guest given here is the quotient, which has more "
				  "digits.");
}

int rs_load_table(struct rs_content *c, const struct rs_grid *g, const char *label,
		  struct rs_node *parent, struct rs_err *err)
{
	enum rs_column columns[COLUMNS] = { RS_COLUMN_LEFT };
	const struct rs_exhibit *e = g->exhibit;
	struct rs_row *rows = quantities(c);
	struct rs_grid each, all;
	struct rs_node *t;

	if (rows == NULL)
		return rs_err_nomem(err);
	if (make_grid(c, e, RS_OVER_EACH, rows, &each, err) < 0 ||
	    make_grid(c, e, RS_OVER_SUM, rows, &all, err) < 0)
		return -1;
	if (all.samples == 0)
		return 0;
	for (size_t i = 1; i < COLUMNS - 1; i++)
		columns[i] = RS_COLUMN_NUMBER;
	t = rs_node_table(c->d, parent, rs_arena_printf(&c->d->arena, "%s-guests", e->id), NULL,
			  rs_arena_printf(&c->d->arena,
					  c->l == RS_LANGUAGE_DE
						  ? "%s nach Gästen: Mittel über die Durchläufe."
						  : "%s by guests: means over trials.", label),
			  columns, COLUMNS);
	if (t == NULL)
		return 0;
	t->source = rs_arena_str(&c->d->arena, all.sha256);
	t->query = rs_arena_str(&c->d->arena, all.query);
	head_row(c, &all, t);
	for (size_t i = 0; i < all.n_columns; i++) {
		guest_rows(c, &each, &all.columns[i], t);
		column_row(c, &all, i, together(c, &all.columns[i]), t);
	}
	note(c, g->benchmark, t);
	return 0;
}
