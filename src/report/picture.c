/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a grid to a chart, laid out once for all formats. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "content_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"

#define FIGURE_WIDTH_PT 459.0	/* the text's width in the report */

struct rs_look rs_look_of(const struct rs_appearance *a, int64_t epoch_s, enum rs_language l)
{
	return (struct rs_look){
		.epoch_s = epoch_s,
		.language = rs_language_tag(l),
		.font = a->font != NULL ? a->font : "DejaVu Sans",
		.font_size_pt = a->font_size_pt > 0 ? a->font_size_pt : 8,
		.width_pt = a->width_pt > 0 ? a->width_pt : FIGURE_WIDTH_PT,
		.height_pt = a->height_pt,
		.greyscale = a->colours == RS_COLOURS_GREY,
		.hatch = a->hatching > 0,
	};
}

int rs_grid_trials(const struct rs_grid *g, enum rs_language l, char *buf, size_t size)
{
	size_t least = SIZE_MAX, most = 0;

	for (size_t i = 0; i < g->n_rows * g->n_columns; i++) {
		const size_t n = g->slots[i].trials.n;

		if (!g->slots[i].comparable)
			continue;
		least = n < least ? n : least;
		most = n > most ? n : most;
	}
	if (most == 0)
		return 0;
	if (least == most)
		(void)snprintf(buf, size, "%zu", most);
	else
		(void)snprintf(buf, size, l == RS_LANGUAGE_DE ? "%zu bis %zu" : "%zu to %zu",
			       least, most);
	return 1;
}

static void note_disturbed(struct rs_content *c, const struct rs_grid *g, struct rs_buf *out)
{
	const char *before = c->l == RS_LANGUAGE_DE ? " Gestörte Durchläufe:" : " Disturbed trials:";

	for (size_t i = 0; i < g->n_columns; i++) {
		if (g->columns[i].disturbed == 0)
			continue;
		rs_buf_addf(out, "%s %s %zu", before, g->columns[i].title, g->columns[i].disturbed);
		before = ",";
	}
	if (before[0] == ',')
		rs_buf_addc(out, '.');
}

const char *rs_picture_note(struct rs_content *c, const struct rs_grid *g, const char *drawn)
{
	const int de = c->l == RS_LANGUAGE_DE;
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (drawn == NULL)	/* memory was refused; the arena tells */
		return NULL;
	rs_buf_adds(&text, drawn);
	for (size_t i = 0; i < g->n_columns; i++)
		if (g->columns[i].substitute != NULL)
			rs_buf_addf(&text, de ? " %s: Ersatzplattform." : " %s: substitute platform.",
				    g->columns[i].title);
	note_disturbed(c, g, &text);
	if (c->a->emulated)
		rs_buf_adds(&text, de ? " Emulierte Maschine: nur im Lauf vergleichbar."
				      : " Emulated machine: comparable within the run only.");
	return rs_arena_take(&c->d->arena, &text);
}

/* "Mean of 5 trials for each system; whiskers: ..." */
static void put_means(const struct rs_grid *g, int de, const char *trials, const char *how,
		      struct rs_buf *out)
{
	rs_buf_addf(out, de ? "Mittel über %s Durchläufe je System; Striche: 95-%%-Konfidenzintervall%s%s%s; "
			      "sie fehlen bei einem einzigen Durchlauf%s."
			    : "Mean of %s trials for each system; whiskers: 95 %% confidence interval%s%s%s, "
			      "none for a single trial%s.",
		    trials, *how == '\0' ? "" : " (", how, *how == '\0' ? "" : ")",
		    g->exhibit->value == RS_VALUE_ABSOLUTE ? ""
		    : de ? " und bei der Bezugsgröße" : " and for the baseline");
}

/* What is drawn of how many trials: said in every figure. */
static const char *note_of(struct rs_content *c, const struct rs_grid *g)
{
	const int de = c->l == RS_LANGUAGE_DE;
	char trials[60];
	RS_AUTO_BUF text = RS_BUF_INIT, how = RS_BUF_INIT;

	if (!rs_grid_trials(g, c->l, trials, sizeof(trials)))
		return NULL;
	switch (g->exhibit->chart) {
	case RS_CHART_BARS:
	case RS_CHART_DOTS:
	case RS_CHART_GUESTS:
		rs_grid_methods(g, c->l, &how);
		put_means(g, de, trials, rs_buf_str(&how), &text);
		break;
	case RS_CHART_BOX:
		rs_buf_addf(&text, de ? "Durchläufe je System: %s, ein Punkt für jeden; Kasten: Quartile und "
					"Median; Striche bis zum letzten Durchlauf innerhalb des 1,5-fachen "
					"Quartilsabstands; unter fünf nur Punkte und Median."
				      : "Trials for each system: %s, a dot for each; box: quartiles and median; "
					"whiskers to the last trial within 1.5 times the interquartile range; "
					"below five dots and median alone.", trials);
		break;
	case RS_CHART_ECDF:
	case RS_CHART_TIME:
		rs_buf_addf(&text, de ? "Durchläufe je System: %s, jeder für sich."
				      : "Trials for each system: %s, each by itself.", trials);
		break;
	case RS_CHART_STORAGE:
	case RS_CHART_LAST:
		break;
	}
	if (how.failed || text.failed) {
		c->d->arena.failed = 1;
		return NULL;
	}
	return rs_picture_note(c, g, rs_buf_str(&text));
}

static const char *provenance_of(struct rs_content *c, const struct rs_grid *g)
{
	return rs_arena_printf(&c->d->arena, "%s; %zu samples, sha256 %s", g->query,
			       g->samples, g->sha256);
}

/* The unit that all rows have, or NULL. */
static const char *common_unit(const struct rs_grid *g)
{
	for (size_t r = 1; r < g->n_rows; r++)
		if (strcmp(g->rows[r].unit, g->rows[0].unit) != 0)
			return NULL;
	return g->n_rows == 0 ? NULL : g->rows[0].unit;
}

/* NULL when each row has a unit of its own, which then stands with its name. */
static const char *value_title(struct rs_content *c, const struct rs_grid *g)
{
	const struct rs_exhibit *e = g->exhibit;
	const char *base = g->baseline < g->n_columns ? g->columns[g->baseline].title : "baseline";
	char scale[64];

	switch (e->value) {
	case RS_VALUE_INDEX:
		return rs_arena_printf(&c->d->arena, "Index (%s = %s)", base,
				       rs_number_as_written(scale, sizeof(scale), c->l, e->scale));
	case RS_VALUE_RATIO:
		return rs_arena_printf(&c->d->arena, c->l == RS_LANGUAGE_DE ? "Verhältnis zu %s"
									     : "Ratio to %s", base);
	case RS_VALUE_ABSOLUTE:
	case RS_VALUE_LAST:
		break;
	}
	if (g->n_rows == 1)
		return g->rows[0].label;
	return common_unit(g) == NULL ? NULL : rs_report_word(c->l, RS_WORD_VALUE);
}

/* The state alone: reasons are long, and the table of the values tells them. */
static const char *point_note(const struct rs_content *c, const struct rs_grid *g,
			      const struct rs_slot *s, size_t column)
{
	const struct rs_grid_column *col = &g->columns[column];
	const struct rs_cell_record *r;

	if (s->measured)	/* what is wrong is its baseline's value */
		return s->why;
	r = rs_analysis_blame(c->a, col->system->id, col->guests, g->benchmark->id);
	if (r != NULL && r->state == RS_CELL_FAILED)
		return rs_report_word(c->l, RS_WORD_FAILED);
	return rs_report_word(c->l, RS_WORD_NOT_MEASURED);
}

static void fill_point(const struct rs_content *c, const struct rs_grid *g, size_t row,
		       size_t column, struct rs_point *p)
{
	const struct rs_slot *s = rs_grid_slot(g, row, column);

	*p = (struct rs_point){ .value = (double)NAN, .lo = (double)NAN, .hi = (double)NAN };
	if (!s->comparable) {
		p->note = point_note(c, g, s, column);
		return;
	}
	p->value = s->shown.point;
	p->lo = s->shown.ci.lo;
	p->hi = s->shown.ci.hi;
	p->samples = s->scaled;
	p->n_samples = s->scaled == NULL ? 0 : s->trials.n;
}

static int has_both_directions(const struct rs_grid *g)
{
	for (size_t r = 1; r < g->n_rows; r++)
		if (g->rows[r].metric.better != g->rows[0].metric.better)
			return 1;
	return 0;
}

/* With its unit, and its direction, where the rows have not the same. */
static const char *category_name(struct rs_content *c, const struct rs_grid_row *row, int name_unit,
				 int mixed)
{
	const int unit = name_unit && row->unit[0] != '\0';
	const char *lower = !mixed || row->metric.better != RS_BETTER_LOWER ? ""
			    : c->l == RS_LANGUAGE_DE ? ", niedriger ist besser" : ", lower is better";

	if (!unit && lower[0] == '\0')
		return row->label;
	return rs_arena_printf(&c->d->arena, "%s%s%s%s%s", row->label, unit ? " (" : "",
			       unit ? row->unit : "", unit ? ")" : "", lower);
}

/* Bars, dots, boxes: categories are rows, series are columns. */
static int fill_series(struct rs_content *c, const struct rs_grid *g, struct rs_chart *chart)
{
	const int name_units = g->exhibit->value == RS_VALUE_ABSOLUTE && common_unit(g) == NULL;
	const int mixed = has_both_directions(g);
	struct rs_arena *arena = &c->d->arena;
	struct rs_chart_series *series = rs_arena_new(arena, g->n_columns, sizeof(*series));
	const char **categories = rs_arena_new(arena, g->n_rows, sizeof(*categories));

	if (series == NULL || categories == NULL)
		return -1;
	for (size_t r = 0; r < g->n_rows; r++)
		categories[r] = category_name(c, &g->rows[r], name_units, mixed);
	for (size_t i = 0; i < g->n_columns; i++) {
		series[i].name = g->columns[i].title;
		series[i].is_baseline = i == g->baseline;
		series[i].slot = g->columns[i].slot;
		series[i].points = rs_arena_new(arena, g->n_rows, sizeof(*series[i].points));
		if (series[i].points == NULL)
			return -1;
		for (size_t r = 0; r < g->n_rows; r++)
			fill_point(c, g, r, i, &series[i].points[r]);
	}
	chart->categories = categories;
	chart->n_categories = g->n_rows;
	chart->series = series;
	chart->n_series = g->n_columns;
	return 0;
}

/* The different numbers of guests, ascending. */
static size_t guest_counts(struct rs_content *c, const struct rs_grid *g, double *x,
			   const char **names)
{
	size_t n = 0;

	for (int last = -1;;) {
		int next = -1;

		for (size_t i = 0; i < g->n_columns; i++)
			if (g->columns[i].guests > last &&
			    (next < 0 || g->columns[i].guests < next))
				next = g->columns[i].guests;
		if (next < 0)
			return n;
		x[n] = next;
		names[n++] = rs_arena_printf(&c->d->arena, "%d", next);
		last = next;
	}
}

/* A line over the number of guests: the first row, one series for each system. */
static int fill_guests(struct rs_content *c, const struct rs_grid *g, struct rs_chart *chart)
{
	struct rs_arena *arena = &c->d->arena;
	struct rs_chart_series *series = rs_arena_new(arena, g->n_columns, sizeof(*series));
	const char **names = rs_arena_new(arena, g->n_columns, sizeof(*names));
	double *x = rs_arena_new(arena, g->n_columns, sizeof(*x));
	size_t n, n_series = 0;

	if (series == NULL || names == NULL || x == NULL || g->n_rows == 0)
		return -1;
	n = guest_counts(c, g, x, names);
	for (size_t i = 0; i < g->n_columns; i++) {
		struct rs_chart_series *s = &series[n_series];
		const struct rs_system *system = g->columns[i].system;

		if (i > 0 && g->columns[i - 1].system == system)
			continue;
		*s = (struct rs_chart_series){ .name = system->title, .slot = g->columns[i].slot,
					       .is_baseline = system->is_baseline };
		s->points = rs_arena_new(arena, n, sizeof(*s->points));
		if (s->points == NULL)
			return -1;
		for (size_t k = 0; k < n; k++)
			s->points[k].value = s->points[k].lo = s->points[k].hi = (double)NAN;
		for (size_t k = i; k < g->n_columns && g->columns[k].system == system; k++)
			for (size_t m = 0; m < n; m++)
				if ((int)x[m] == g->columns[k].guests)
					fill_point(c, g, 0, k, &s->points[m]);
		n_series++;
	}
	chart->categories = names;
	chart->category_x = x;
	chart->n_categories = n;
	chart->series = series;
	chart->n_series = n_series;
	chart->category_title = rs_report_word(c->l, RS_WORD_GUESTS_HEAD);
	return 0;
}

/* The share that a percentile's metric stands for: "latency-p99.9" is 0.999; NaN: none. */
static double share_of(const char *metric)
{
	const char *p = strstr(metric, "-p");
	double v = 0;

	if (p == NULL || rs_parse_double(p + 2, &v, NULL) < 0 || !(v > 0 && v < 100))
		return (double)NAN;
	return v / 100;
}

static int all_are_quantiles(const struct rs_grid *g)
{
	for (size_t r = 0; r < g->n_rows; r++)
		if (isnan(share_of(g->rows[r].metric.id)) ||
		    (r > 0 && !(share_of(g->rows[r].metric.id) >
				share_of(g->rows[r - 1].metric.id))))
			return 0;
	return g->n_rows > 1;
}

/* One panel whose lines go through the rows' percentiles. */
static int fill_quantiles(struct rs_content *c, const struct rs_grid *g, struct rs_chart *chart)
{
	struct rs_arena *arena = &c->d->arena;
	double *shares = rs_arena_new(arena, g->n_rows, sizeof(*shares));
	struct rs_chart_series *series;
	const char **name = rs_arena_new(arena, 1, sizeof(*name));
	char trials[60];

	if (shares == NULL || name == NULL || fill_series(c, g, chart) < 0)
		return -1;
	series = rs_arena_new(arena, chart->n_series, sizeof(*series));
	if (series == NULL)
		return -1;
	for (size_t r = 0; r < g->n_rows; r++)
		shares[r] = share_of(g->rows[r].metric.id);
	for (size_t i = 0; i < chart->n_series; i++) {
		const struct rs_point *from = chart->series[i].points;
		struct rs_point *to = rs_arena_new(arena, 1, sizeof(*to));
		double *v = rs_arena_new(arena, g->n_rows, sizeof(*v));

		if (to == NULL || v == NULL)
			return -1;
		for (size_t r = 0; r < g->n_rows; r++)
			v[r] = from[r].value;
		*to = from[0];
		to->samples = v;
		to->n_samples = g->n_rows;
		series[i] = chart->series[i];
		series[i].points = to;
	}
	*name = rs_arena_strn(arena, g->rows[0].label, strcspn(g->rows[0].label, ","));
	chart->categories = name;
	chart->n_categories = 1;
	chart->shares = shares;
	chart->value_title = *name;
	if (rs_grid_trials(g, c->l, trials, sizeof(trials)))
		chart->note = rs_picture_note(
			c, g, rs_arena_printf(arena, c->l == RS_LANGUAGE_DE
							     ? "Perzentile der einzelnen Werte, Mittel über %s Durchläufe."
							     : "Percentiles of the single values, mean of %s trials.",
					      trials));
	chart->series = series;
	return *name == NULL ? -1 : 0;
}

static int make_chart(struct rs_content *c, const struct rs_exhibit *e, const struct rs_grid *g,
		      struct rs_chart *chart)
{
	const int relative = e->value != RS_VALUE_ABSOLUTE;

	*chart = (struct rs_chart){
		.kind = e->chart, .id = e->id,
		.title = e->caption == NULL ? e->id : e->caption,
		.value_title = value_title(c, g),
		.unit = relative ? NULL : common_unit(g),
		.note = note_of(c, g),
		.provenance = provenance_of(c, g),
		.reference = relative && g->baseline < g->n_columns
				     ? e->value == RS_VALUE_INDEX ? e->scale : 1 : (double)NAN,
		.better = g->n_rows == 0 || has_both_directions(g) ? RS_BETTER_HIGHER
								    : g->rows[0].metric.better,
	};
	if (!isnan(chart->reference)) {
		char scale[64];

		chart->reference_label = rs_arena_printf(
			&c->d->arena, "%s = %s", g->columns[g->baseline].title,
			rs_number_as_written(scale, sizeof(scale), c->l, chart->reference));
	}
	if (e->chart == RS_CHART_ECDF && all_are_quantiles(g))
		return fill_quantiles(c, g, chart);
	return e->chart == RS_CHART_GUESTS ? fill_guests(c, g, chart) : fill_series(c, g, chart);
}

/* Lays the figure out. */
static struct rs_figure *lay_out(struct rs_content *c, const struct rs_exhibit *e,
				 const struct rs_grid *g, struct rs_err *err)
{
	const struct rs_look look = rs_look_of(&e->appearance, c->a->epoch_s, c->l);
	struct rs_chart chart;

	if (e->chart == RS_CHART_STORAGE)
		return rs_figure_new_storage(c->a->plan, e->id, &look, err);
	if (g->benchmark == NULL) {
		(void)rs_err_set(err, RS_ERR_PLAN, "it names no benchmark");
		return NULL;
	}
	if (make_chart(c, e, g, &chart) < 0) {
		(void)rs_err_nomem(err);
		return NULL;
	}
	if (e->seconds && rs_picture_seconds(c, g, &chart, err) < 0)
		return NULL;
	return rs_figure_new(&chart, &look, err);
}

int rs_picture_make(struct rs_content *c, const struct rs_exhibit *e, struct rs_ready *r,
		    struct rs_err *err)
{
	struct rs_arena *arena = &c->d->arena;
	RS_AUTO_BUF svg = RS_BUF_INIT;
	struct rs_picture *p;

	r->figure = lay_out(c, e, &r->grid, err);
	if (r->figure == NULL || rs_figure_write(r->figure, RS_FORMAT_SVG, &svg, err) < 0 ||
	    rs_buf_check(&svg, err) < 0)
		return rs_err_wrap(err, "figure \"%s\"", e->id);
	p = rs_arena_new(arena, 1, sizeof(*p));
	if (p == NULL)
		return rs_err_nomem(err);
	p->id = e->id;
	p->alternative = rs_arena_str(arena, rs_figure_description(r->figure));
	p->svg = rs_arena_strn(arena, rs_buf_str(&svg), svg.len);
	p->svg_bytes = svg.len;
	p->width_pt = rs_figure_width_pt(r->figure);
	p->height_pt = rs_figure_height_pt(r->figure);
	p->has_own_width = e->appearance.width_pt > 0;
	p->source = r->figure;
	r->picture = p;
	return rs_arena_check(arena, err);
}
