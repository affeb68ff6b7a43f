/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exhibits as parts of the document: figures with their numbers, tables, listings. */
#include <math.h>
#include <string.h>

#include "content_priv.h"
#include "restudy/base/text.h"
#include "restudy/platform/listing.h"

const char *rs_exhibit_label(struct rs_content *c, const struct rs_exhibit *e)
{
	static const enum rs_word words[] = {
		[RS_EXHIBIT_FIGURE] = RS_WORD_FIGURE, [RS_EXHIBIT_TABLE] = RS_WORD_TABLE,
		[RS_EXHIBIT_LISTING] = RS_WORD_LISTING,
	};
	const char *label = rs_arena_printf(&c->d->arena, "%s %s", rs_report_word(c->l, words[e->kind]),
					    e->number == NULL ? e->id : e->number);

	return label == NULL ? "" : label;
}

/* Notes of one table: a letter for each different text. */
struct marks {
	struct rs_content *c;
	const char **texts;	/* in the document's arena */
	size_t n;
};

/* "a" to "z", then "aa", "ab", ... */
static const char *mark_of(struct marks *m, size_t i)
{
	struct rs_arena *arena = &m->c->d->arena;

	return i < 26 ? rs_arena_printf(arena, "%c", (int)('a' + i))
		      : rs_arena_printf(arena, "%c%c", (int)('a' + (i / 26 - 1) % 26), (int)('a' + i % 26));
}

static const char *mark_for(struct marks *m, const char *text)
{
	const char **more;
	size_t i = 0;

	while (i < m->n && strcmp(m->texts[i], text) != 0)
		i++;
	if (i == m->n) {
		more = rs_arena_grow(&m->c->d->arena, m->texts, m->n, sizeof(*more));
		if (more == NULL)
			return NULL;
		m->texts = more;
		m->texts[m->n++] = text;
	}
	return mark_of(m, i);
}

static void put_marks(struct marks *m, struct rs_node *table)
{
	for (size_t i = 0; i < m->n; i++) {
		struct rs_node *n = rs_node_add(m->c->d, table, RS_NODE_TABLE_NOTE);

		if (n == NULL)
			return;
		n->label = mark_of(m, i);
		rs_node_text(m->c->d, n, m->texts[i]);
	}
}

static void add_mark(struct marks *m, struct rs_node *cell, const char *text)
{
	if (text == NULL || cell == NULL)	/* memory was refused: the document tells at the end */
		return;
	(void)rs_node_inline(m->c->d, cell, RS_NODE_MARK, mark_for(m, text));
}

/* Which columns of the table a column of the grid becomes. */
struct plan_of_columns {
	int published;	/* a column of published values beside each */
	int relative;	/* a column of index or ratio beside each but the baseline's */
};

static int columns_of(const struct rs_grid *g, const struct plan_of_columns *p, size_t column)
{
	return 1 + (p->published != 0) + (p->relative && column != g->baseline);
}

static size_t all_columns(const struct rs_grid *g, const struct plan_of_columns *p,
			  enum rs_column *to)
{
	size_t n = 0;

	to[n++] = RS_COLUMN_LEFT;
	for (size_t i = 0; i < g->n_columns; i++)
		for (int k = columns_of(g, p, i); k > 0; k--)
			to[n++] = RS_COLUMN_NUMBER;
	return n;
}

static const char *relative_word(struct rs_content *c, const struct rs_grid *g)
{
	char scale[64];

	if (g->exhibit->value == RS_VALUE_RATIO)
		return c->l == RS_LANGUAGE_DE ? "Verhältnis" : "ratio";
	return rs_arena_printf(&c->d->arena, "%s (%s)", rs_report_word(c->l, RS_WORD_INDEX),
			       rs_number_as_written(scale, sizeof(scale), c->l, g->exhibit->scale));
}

static void table_head(struct rs_content *c, const struct rs_grid *g,
		       const struct plan_of_columns *p, struct marks *m, struct rs_node *t)
{
	struct rs_node *row = rs_node_row(c->d, t, RS_ROW_HEAD);
	const int second = p->published || p->relative;

	(void)rs_node_cell(c->d, row, second ? NULL : rs_report_word(c->l, RS_WORD_METRIC));
	for (size_t i = 0; i < g->n_columns; i++) {
		struct rs_node *cell = rs_node_cell_span(c->d, row, g->columns[i].title,
							 columns_of(g, p, i));

		if (g->columns[i].substitute != NULL)
			add_mark(m, cell, rs_arena_printf(&c->d->arena, "%s: %s",
							  rs_report_word(c->l, RS_WORD_SUBSTITUTE),
							  g->columns[i].substitute));
		if (g->columns[i].disturbed > 0)
			add_mark(m, cell, rs_arena_printf(&c->d->arena, "%zu %s", g->columns[i].disturbed,
							  rs_report_word(c->l, RS_WORD_OF_ITS_TRIALS_DISTURBED)));
	}
	if (!second)
		return;
	row = rs_node_row(c->d, t, RS_ROW_HEAD);
	(void)rs_node_cell(c->d, row, rs_report_word(c->l, RS_WORD_METRIC));
	for (size_t i = 0; i < g->n_columns; i++) {
		(void)rs_node_cell(c->d, row, rs_report_word(c->l, RS_WORD_MEASURED));
		if (p->relative && i != g->baseline)
			(void)rs_node_cell(c->d, row, relative_word(c, g));
		if (p->published)
			(void)rs_node_cell(c->d, row, rs_report_word(c->l, RS_WORD_PUBLISHED));
	}
}

/* The absolute value or the one relative to the baseline. */
enum side { SIDE_ABSOLUTE, SIDE_SHOWN };

static int has_value(const struct rs_slot *s, enum side side)
{
	return side == SIDE_ABSOLUTE ? s->measured : s->comparable;
}

static const struct rs_estimate *value_of(const struct rs_slot *s, enum side side)
{
	return side == SIDE_ABSOLUTE ? &s->absolute : &s->shown;
}

static void estimate_cell(struct rs_content *c, const struct rs_slot *s, enum side side,
			  struct marks *m, struct rs_node *to, int decimals)
{
	const struct rs_estimate *e = value_of(s, side);
	struct rs_node *cell;
	char number[64];

	if (!has_value(s, side)) {
		cell = rs_node_cell(c->d, to, "\xE2\x80\x93");
		add_mark(m, cell, s->why);
		return;
	}
	cell = rs_node_cell(c->d, to, rs_number(number, sizeof(number), c->l, e->point, decimals));
	if (s->partial != NULL)
		add_mark(m, cell, s->partial);
}

static void interval_cell(struct rs_content *c, const struct rs_slot *s, enum side side,
			  struct rs_node *to, int decimals)
{
	const struct rs_estimate *e = value_of(s, side);
	char text[160];

	(void)rs_node_cell(c->d, to,
			   has_value(s, side) ? rs_interval_text(text, sizeof(text), c->l, e->ci.lo,
								 e->ci.hi, decimals) : NULL);
}

static int has_interval(const struct rs_grid *g, size_t row)
{
	for (size_t i = 0; i < g->n_columns; i++)
		if (rs_grid_slot(g, row, i)->measured &&
		    !isnan(rs_grid_slot(g, row, i)->absolute.ci.lo))
			return 1;
	return 0;
}

/* The plan's decimals are for what the exhibit shows. */
static int decimals_of(const struct rs_grid *g, const struct rs_grid_row *row,
		       const struct rs_estimate *e, int absolute)
{
	if (absolute && g->exhibit->value != RS_VALUE_ABSOLUTE)
		return rs_decimals(e->point, e->ci.lo, e->ci.hi);
	return rs_row_decimals(row->row, e);
}

/* A row of values, and below it the row of their intervals. */
static void table_rows(struct rs_content *c, const struct rs_grid *g,
		       const struct plan_of_columns *p, struct marks *m, struct rs_node *t,
		       size_t r)
{
	const struct rs_grid_row *gr = &g->rows[r];
	struct rs_node *row = rs_node_row(c->d, t, RS_ROW_BODY);
	struct rs_node *under = has_interval(g, r) ? rs_node_row(c->d, t, RS_ROW_UNDER) : NULL;
	struct rs_node *cell = rs_node_cell(c->d, row, gr->label);

	if (gr->unit[0] != '\0')
		rs_node_textf(c->d, cell, " (%s)", gr->unit);
	(void)rs_node_cell(c->d, under, rs_report_word(c->l, RS_WORD_INTERVAL));
	for (size_t i = 0; i < g->n_columns; i++) {
		const struct rs_slot *s = rs_grid_slot(g, r, i);
		const int a = decimals_of(g, gr, &s->absolute, 1);

		estimate_cell(c, s, SIDE_ABSOLUTE, m, row, a);
		interval_cell(c, s, SIDE_ABSOLUTE, under, a);
		if (p->relative && i != g->baseline) {
			const int d = decimals_of(g, gr, &s->shown, 0);

			estimate_cell(c, s, SIDE_SHOWN, m, row, d);
			interval_cell(c, s, SIDE_SHOWN, under, d);
		}
		if (p->published) {
			(void)rs_node_cell(c->d, row, s->published == NULL ? "\xE2\x80\x93"
									    : s->published);
			(void)rs_node_cell(c->d, under, NULL);
		}
	}
}

struct rs_node *rs_exhibit_table(struct rs_content *c, const struct rs_grid *g, const char *id,
				 const char *label, const char *caption, struct rs_node *parent)
{
	const struct plan_of_columns p = {
		.published = g->published != NULL,
		.relative = g->exhibit->value != RS_VALUE_ABSOLUTE,
	};
	struct marks m = { .c = c };
	enum rs_column *columns = rs_arena_new(&c->d->arena, 3 * g->n_columns + 1,
					       sizeof(*columns));
	struct rs_node *t;

	if (columns == NULL)
		return NULL;
	t = rs_node_table(c->d, parent, id, label, caption, columns, all_columns(g, &p, columns));
	if (t == NULL)
		return NULL;
	t->source = rs_arena_str(&c->d->arena, g->sha256);
	t->query = rs_arena_str(&c->d->arena, g->query);
	table_head(c, g, &p, &m, t);
	for (size_t r = 0; r < g->n_rows; r++)
		table_rows(c, g, &p, &m, t, r);
	put_marks(&m, t);
	return t;
}

static int rounding_counts(const struct rs_grid *g)
{
	for (size_t i = 0; i < g->n_rows * g->n_columns; i++)
		if (g->slots[i].measured && g->slots[i].absolute.off_hi > 0)
			return 1;
	return 0;
}

/* What every reader of a number must know, under the exhibit. */
static const char *caption_of(struct rs_content *c, const struct rs_exhibit *e,
			      const struct rs_grid *g)
{
	const int de = c->l == RS_LANGUAGE_DE;
	RS_AUTO_BUF text = RS_BUF_INIT, how = RS_BUF_INIT;

	rs_buf_adds(&text, e->caption == NULL ? "" : e->caption);
	if (text.len > 0 && text.data[text.len - 1] != '.')
		rs_buf_addc(&text, '.');
	rs_grid_methods(g, c->l, &how);
	if (g->n_rows > 0 && e->kind == RS_EXHIBIT_TABLE)
		rs_buf_addf(&text, de ? " Mittel über die Durchläufe, darunter das 95-%%-Intervall%s%s%s."
				      : " Means over trials, below them their 95 %% intervals%s%s%s.",
			    how.len == 0 ? "" : " (", rs_buf_str(&how), how.len == 0 ? "" : ")");
	if (e->kind == RS_EXHIBIT_TABLE && rounding_counts(g))
		rs_buf_addf(&text, de ? " Die Intervalle enthalten die Rundung von %s."
				      : " The intervals include what %s rounds off.",
			    g->benchmark->title != NULL ? g->benchmark->title : g->benchmark->id);
	if (g->published != NULL)
		rs_buf_addf(&text, de ? " Veröffentlicht: %s, wie dort gedruckt."
				      : " Published: %s, as printed there.", g->published->source);
	/* a figure says it itself, wherever it is taken */
	if (g->n_rows > 0 && c->a->emulated && e->kind == RS_EXHIBIT_TABLE)
		rs_buf_adds(&text, de ? " Emulierte Maschine: Werte nur innerhalb dieses Laufs "
					"vergleichbar."
				      : " Emulated machine: values compare within this run only.");
	return rs_arena_take(&c->d->arena, &text);
}

static int place_figure(struct rs_content *c, const struct rs_exhibit *e, struct rs_ready *r,
			struct rs_node *parent)
{
	struct rs_node *n = rs_node_add(c->d, parent, RS_NODE_FIGURE);

	if (n == NULL)
		return 0;
	n->id = e->id;
	n->label = rs_exhibit_label(c, e);
	n->text = caption_of(c, e, &r->grid);
	n->picture = r->picture;
	if (r->grid.n_rows == 0)
		return 0;
	n->source = rs_arena_str(&c->d->arena, r->grid.sha256);
	n->query = rs_arena_str(&c->d->arena, r->grid.query);
	(void)rs_exhibit_table(c, &r->grid, rs_arena_printf(&c->d->arena, "%s-data", e->id), NULL,
			       rs_arena_printf(&c->d->arena,
					       c->l == RS_LANGUAGE_DE ? "Die Werte zu %s."
								      : "The values behind %s.",
					       n->label), parent);
	return 0;
}

/* The first table of absolute values of a load test tells of each guest, too. */
static int tells_of_guests(const struct rs_content *c, const struct rs_exhibit *e)
{
	const struct rs_benchmark *b = e->benchmark != NULL ? rs_plan_benchmark(c->a->plan, e->benchmark)
							    : NULL;

	if (b == NULL || (b->adapter != RS_ADAPTER_SIEGE && b->adapter != RS_ADAPTER_HTTPLOAD))
		return 0;
	for (size_t i = 0; i < c->a->plan->n_exhibits; i++) {
		const struct rs_exhibit *x = &c->a->plan->exhibits[i];

		if (x->kind == RS_EXHIBIT_TABLE && x->value == RS_VALUE_ABSOLUTE && x->benchmark != NULL &&
		    strcmp(x->benchmark, e->benchmark) == 0)
			return x == e;
	}
	return 0;
}

static int place_table(struct rs_content *c, const struct rs_exhibit *e, const struct rs_ready *r,
		       struct rs_node *parent, struct rs_err *err)
{
	const char *label = rs_exhibit_label(c, e);

	(void)rs_exhibit_table(c, &r->grid, e->id, label, caption_of(c, e, &r->grid), parent);
	return tells_of_guests(c, e) ? rs_load_table(c, &r->grid, label, parent, err) : 0;
}

static int place_listing(struct rs_content *c, const struct rs_exhibit *e, struct rs_node *parent,
			 struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	struct rs_node *n;

	if (e->listing == NULL)
		return rs_err_set(err, RS_ERR_PLAN, "listing \"%s\" names no template", e->id);
	if (rs_listing_render(c->a->plan, e->listing, e->system, &text, err) < 0 ||
	    rs_buf_check(&text, err) < 0)
		return rs_err_wrap(err, "listing \"%s\"", e->id);
	n = rs_node_add(c->d, parent, RS_NODE_LISTING);
	if (n == NULL)
		return 0;
	n->id = e->id;
	n->label = rs_exhibit_label(c, e);
	n->text = e->caption;
	n->target = rs_arena_take(&c->d->arena, &text);
	return 0;
}

int rs_content_exhibit(struct rs_content *c, size_t exhibit, struct rs_node *parent,
		       struct rs_err *err)
{
	const struct rs_exhibit *e = &c->a->plan->exhibits[exhibit];
	struct rs_ready *r = &c->ready[exhibit];

	r->placed = 1;
	switch (e->kind) {
	case RS_EXHIBIT_FIGURE:
		return place_figure(c, e, r, parent);
	case RS_EXHIBIT_TABLE:
		return place_table(c, e, r, parent, err);
	case RS_EXHIBIT_LISTING:
		return place_listing(c, e, parent, err);
	case RS_EXHIBIT_LAST:
		break;
	}
	return 0;
}

static void csv_text(struct rs_buf *out, const char *text)
{
	rs_text_csv(out, text == NULL ? "" : text);
	rs_buf_addc(out, ',');
}

static void csv_number(struct rs_buf *out, double v)
{
	char number[40];

	if (!isnan(v))
		rs_buf_adds(out, rs_plain_number(number, sizeof(number), v));
	rs_buf_addc(out, ',');
}

static void csv_slot(const struct rs_grid *g, size_t r, size_t i, struct rs_buf *out)
{
	const struct rs_slot *s = rs_grid_slot(g, r, i);
	const double none = (double)NAN;
	const int m = s->measured;

	csv_text(out, g->exhibit->id);
	csv_text(out, g->rows[r].metric.id);
	csv_text(out, g->rows[r].label);
	csv_text(out, g->rows[r].unit);
	csv_text(out, g->columns[i].system->id);
	rs_buf_addf(out, "%d,", g->columns[i].guests);
	csv_text(out, g->columns[i].guest);
	rs_buf_addf(out, "%zu,", s->trials.n);
	csv_number(out, m ? s->absolute.point : none);
	csv_number(out, m ? s->absolute.ci.lo : none);
	csv_number(out, m ? s->absolute.ci.hi : none);
	csv_text(out, rs_value_kind_name(g->exhibit->value));
	csv_number(out, s->comparable ? s->shown.point : none);
	csv_number(out, s->comparable ? s->shown.ci.lo : none);
	csv_number(out, s->comparable ? s->shown.ci.hi : none);
	csv_text(out, s->published);
	csv_text(out, g->columns[i].substitute);
	rs_text_csv(out, s->why != NULL ? s->why : s->partial == NULL ? "" : s->partial);
	rs_buf_adds(out, "\r\n");
}

void rs_exhibit_csv(const struct rs_grid *g, struct rs_buf *out)
{
	rs_buf_adds(out, "exhibit,metric,label,unit,system,guests,guest,trials,mean,mean_low,mean_high,"
			 "shown_as,shown,shown_low,shown_high,published,substitute,remark\r\n");
	for (size_t r = 0; r < g->n_rows; r++)
		for (size_t i = 0; i < g->n_columns; i++)
			csv_slot(g, r, i, out);
}
