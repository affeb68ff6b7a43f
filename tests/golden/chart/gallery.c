/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: gallery RECORDED.csv PLAN.xml LOAD.csv FOLDER
 * Every kind of figure in three widths, in grey with hatching and in German, as SVG, PDF
 * and PNG, with a page that shows them; the seconds and latencies of a load test in the same
 * way; then every kind with data that is hard to draw.  For
 * the eye: look at it after a change.
 */
#include <sys/stat.h>

#include "../../unit/chart_recorded.h"
#include "restudy/base/path.h"
#include "restudy/plan.h"

static const struct variant {
	const char *name, *language;
	double width_mm;
	int greyscale, hatch;
} variants[] = {
	{ "one", "en", 88, 0, 0 },
	{ "half", "en", 120, 0, 0 },
	{ "two", "en", 180, 0, 0 },
	{ "grey", "de", 120, 1, 1 },
};

static int save(const struct rs_figure *f, const char *folder, const char *name, struct rs_buf *page,
		struct rs_err *err)
{
	static const char *const suffix[RS_FORMAT_LAST] = { "svg", "pdf", "png" };
	char path[4096];

	for (int format = 0; format < RS_FORMAT_LAST; format++) {
		RS_AUTO_BUF out = RS_BUF_INIT;

		snprintf(path, sizeof(path), "%s/%s.%s", folder, name, suffix[format]);
		if (rs_figure_write(f, (enum rs_format)format, &out, err) < 0 ||
		    rs_path_write(path, out.data, out.len, err) < 0)
			return -1;
	}
	rs_buf_addf(page, "<figure><img src=\"%s.svg\" alt=\"%s\"><figcaption>%s</figcaption></figure>\n", name,
		    name, name);
	return 0;
}

static int draw(struct recorded *r, const struct rs_plan *plan, int kind, const struct variant *v,
		const char *folder, struct rs_buf *page, struct rs_err *err)
{
	const struct rs_look look = { .epoch_s = 1163980800, .language = v->language, .font = "DejaVu Sans",
				      .font_size_pt = 8, .width_pt = v->width_mm * 72 / 25.4,
				      .greyscale = v->greyscale, .hatch = v->hatch };
	struct rs_chart c = recorded_chart(r, (enum rs_chart_kind)kind);
	char name[80];
	RS_AUTO_FIGURE *f = kind == RS_CHART_STORAGE ? rs_figure_new_storage(plan, "fig-3.1", &look, err) :
						       rs_figure_new(&c, &look, err);

	snprintf(name, sizeof(name), "%s-%s", rs_chart_kind_name((enum rs_chart_kind)kind), v->name);
	return f == NULL ? -1 : save(f, folder, name, page, err);
}

/* ---- a load test: its seconds, its percentiles ---- */

#define LOAD_MOST 32

struct load {
	double at[LOAD_MOST], value[2][3][LOAD_MOST];	/* by series, by what */
	size_t n[2][3];
};

static int load_read(const char *path, struct load *l, struct rs_err *err)
{
	static const char *const whats[] = { "transactions", "response", "latency" };
	FILE *file = fopen(path, "r");
	char line[120], what[40];
	int connections;
	double at, value;

	if (file == NULL)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\" cannot be read", path);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "%d,%39[^,],%lf,%lf", &connections, what, &at, &value) != 4)
			continue;
		for (size_t k = 0; k < RS_COUNT(whats); k++) {
			size_t *n = &l->n[connections == 2][k];

			if (strcmp(what, whats[k]) != 0 || *n == LOAD_MOST)
				continue;
			if (k == 2)
				l->at[*n] = at / 100;
			l->value[connections == 2][k][(*n)++] = value;
		}
	}
	return fclose(file) == 0 ? 0 : -1;
}

/* Three charts: 0, 1 over the seconds, 2 the percentiles as a distribution. */
static int draw_load(const struct load *l, int which, const struct variant *v, const char *folder,
		     struct rs_buf *page, struct rs_err *err)
{
	static const char *const names[] = { "4 connections", "2 connections" };
	static const char *const titles[] = { "Transactions", "Response time", "Latency" };
	static const char *const units[] = { "hits", "s", "ms" };
	const struct rs_look look = { .epoch_s = 1163980800, .language = v->language, .font = "DejaVu Sans",
				      .font_size_pt = 8, .width_pt = v->width_mm * 72 / 25.4,
				      .greyscale = v->greyscale, .hatch = v->hatch };
	struct rs_point points[2];
	struct rs_chart_series series[2];
	const struct rs_chart c = {
		.kind = which < 2 ? RS_CHART_TIME : RS_CHART_ECDF, .id = "fig-load", .title = "Load test",
		.value_title = titles[which], .unit = units[which], .category_title = which < 2 ? "Second" : NULL,
		.note = which < 2 ? "Each whole second, mean of 3 trials." : "Percentiles, mean of 3 trials.",
		.categories = &titles[which], .n_categories = 1, .series = series, .n_series = 2,
		.reference = (double)NAN, .better = which == 0 ? RS_BETTER_HIGHER : RS_BETTER_LOWER,
		.shares = which == 2 ? l->at : NULL,
	};
	RS_AUTO_FIGURE *f = NULL;
	char name[80];

	for (size_t i = 0; i < 2; i++) {
		points[i] = (struct rs_point){ (double)NAN, (double)NAN, (double)NAN, l->value[i][which],
					       l->n[i][which], NULL };
		series[i] = (struct rs_chart_series){ names[i], &points[i], 0, 0 };
	}
	f = rs_figure_new(&c, &look, err);
	snprintf(name, sizeof(name), "load-%s-%s", titles[which], v->name);
	return f == NULL ? -1 : save(f, folder, name, page, err);
}

/* ---- data that is hard to draw ---- */

#define ODD_SERIES 50

struct odd {
	struct rs_chart chart;
	struct rs_chart_series series[ODD_SERIES];
	struct rs_point points[ODD_SERIES][4];
	double samples[ODD_SERIES][4][5];
	char names[ODD_SERIES][16];
	const char *categories[4];
};

static double ordinary(size_t s, size_t k, size_t i)
{
	return 10 - (double)(s % 7) + 0.4 * (double)k + 0.3 * sin((double)(7 * s + 3 * k + i));
}

static double zeros(size_t s, size_t k, size_t i)
{
	return s == 1 && k == 1 ? ordinary(s, k, i) : 0;
}

static double negatives(size_t s, size_t k, size_t i)
{
	return (k % 2 == 0 ? -1 : 1) * ordinary(s, k, i);
}

static double not_numbers(size_t s, size_t k, size_t i)
{
	return (s + k) % 3 == 1 ? (double)NAN : ordinary(s, k, i);
}

static double infinities(size_t s, size_t k, size_t i)
{
	return (s + k) % 3 == 1 ? (k % 2 == 0 ? 1 : -1) * (double)INFINITY : ordinary(s, k, i);
}

static double nothing(size_t s, size_t k, size_t i)
{
	(void)s;
	(void)k;
	(void)i;
	return (double)NAN;
}

static double twelve_decades(size_t s, size_t k, size_t i)
{
	return pow(10, (double)(4 * k + s)) * (1 + 0.1 * (double)i);
}

static const char letters[] =
	"A name of two hundred letters that nobody would give to a benchmark but that a program still has to "
	"show in such a manner that the figure can be read and that nothing of it runs into what stands near";

static const struct odd_case {
	const char *name;
	double (*value)(size_t s, size_t k, size_t i);
	size_t n_series, n_samples;
	const char *categories[4];
	double hi;		/* of one interval; 0: as the others */
} odd_cases[] = {
	{ "no-data", nothing, 3, 5, { "Pipe", "Context switching", "System calls", "Execl" }, 0 },
	{ "one-sample", ordinary, 3, 1, { "Pipe", "Context switching", "System calls", "Execl" }, 0 },
	{ "zeros", zeros, 3, 5, { "Pipe", "Context switching", "System calls", "Execl" }, 0 },
	{ "negative", negatives, 3, 5, { "Pipe", "Context switching", "System calls", "Execl" }, 0 },
	{ "nan", not_numbers, 3, 5, { "Pipe", "Context switching", "System calls", "Execl" }, 0 },
	{ "infinite", infinities, 3, 5, { "Pipe", "Context switching", "System calls", "Execl" }, 0 },
	{ "range-1e12", twelve_decades, 3, 5, { "Pipe", "Context switching", "System calls", "Execl" }, 0 },
	{ "huge-interval", ordinary, 3, 5, { "Pipe", "Context switching", "System calls", "Execl" }, 394 },
	{ "long-names", ordinary, 3, 5, { letters, letters, letters, letters }, 0 },
	{ "other-scripts", ordinary, 3, 5, { "מבחן צינור", "اختبار الأنابيب", "パイプのスループット", "上下文切换" }, 0 },
	{ "50-series", ordinary, 50, 5, { "Pipe", "Context switching", "System calls", "Execl" }, 0 },
};

static void fill_point(struct odd *o, const struct odd_case *odd, size_t s, size_t k)
{
	struct rs_point *p = &o->points[s][k];

	for (size_t i = 0; i < odd->n_samples; i++)
		o->samples[s][k][i] = odd->value(s, k, i);
	*p = (struct rs_point){ o->samples[s][k][0], (double)NAN, (double)NAN, o->samples[s][k],
				odd->n_samples, NULL };
	if (odd->n_samples > 1 && isfinite(p->value)) {
		p->lo = p->value - 0.05 * fabs(p->value);
		p->hi = p->value + 0.05 * fabs(p->value);
	}
	if (odd->hi > 0 && s == 2 && k == 1)
		p->hi = odd->hi;
	if (isnan(p->value))
		p->note = k % 2 == 0 ? "failed: exit status 3" : NULL;
}

static struct odd *make_odd(const struct odd_case *odd, int kind)
{
	struct odd *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	for (size_t s = 0; s < odd->n_series; s++) {
		snprintf(o->names[s], sizeof(o->names[s]), s == 0 ? "host" : "system %zu", s);
		o->series[s] = (struct rs_chart_series){ odd->categories[0] == letters ? letters : o->names[s],
							 o->points[s], s == 0, 0 };
		for (size_t k = 0; k < 4; k++)
			fill_point(o, odd, s, k);
	}
	o->chart = (struct rs_chart){
		.kind = (enum rs_chart_kind)kind, .id = "fig-odd", .title = odd->name,
		.value_title = "Response time", .unit = "s", .better = RS_BETTER_LOWER,
		.note = "Invented data, to show what becomes of it.", .categories = odd->categories,
		.n_categories = 4, .series = o->series, .n_series = odd->n_series,
		.reference = (double)NAN,
	};
	return o;
}

static int draw_odd(const struct odd_case *odd, int kind, const char *folder, struct rs_buf *page,
		    struct rs_err *err)
{
	const struct rs_look look = { .epoch_s = 1163980800, .language = "en", .font = "DejaVu Sans",
				      .font_size_pt = 8, .width_pt = 88 * 72 / 25.4 };
	struct odd *o = make_odd(odd, kind);
	RS_AUTO_FIGURE *f = o == NULL ? NULL : rs_figure_new(&o->chart, &look, err);
	char name[80];

	snprintf(name, sizeof(name), "odd-%s-%s", odd->name, rs_chart_kind_name((enum rs_chart_kind)kind));
	free(o);
	return f == NULL ? -1 : save(f, folder, name, page, err);
}

static int gallery(char **argv, struct rs_err *err)
{
	RS_AUTO_BUF page = RS_BUF_INIT;
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_PLAN *plan = rs_plan_load(argv[2], &diags, err);
	struct recorded *r = recorded_load(argv[1]);
	struct load load = { 0 };
	RS_AUTO_STR *index = rs_path_join(argv[4], "index.html", err);
	int rc = plan == NULL || r == NULL || index == NULL || load_read(argv[3], &load, err) < 0 ? -1 : rs_path_mkdirs(argv[4], err);

	rs_buf_adds(&page, "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>Figures</title>\n"
			   "<style>body{background:#cdc}figure{display:inline-block;margin:6px;"
			   "vertical-align:top}</style>\n<h1>Recorded data</h1>\n");
	for (int kind = 0; rc == 0 && kind < RS_CHART_LAST; kind++)
		for (size_t v = 0; rc == 0 && v < RS_COUNT(variants); v++)
			rc = draw(r, plan, kind, &variants[v], argv[4], &page, err);
	for (int which = 0; rc == 0 && which < 3; which++)
		for (size_t v = 0; rc == 0 && v < RS_COUNT(variants); v++)
			rc = draw_load(&load, which, &variants[v], argv[4], &page, err);
	rs_buf_adds(&page, "<h1>Data that is hard to draw</h1>\n");
	for (size_t i = 0; rc == 0 && i < RS_COUNT(odd_cases); i++)
		for (int kind = 0; rc == 0 && kind < RS_CHART_STORAGE; kind++)
			rc = draw_odd(&odd_cases[i], kind, argv[4], &page, err);
	rs_buf_adds(&page, "</html>\n");
	free(r);
	return rc < 0 ? -1 : rs_path_write(index, page.data, page.len, err);
}

int main(int argc, char **argv)
{
	struct rs_err err = RS_ERR_INIT;

	if (argc != 5) {
		fprintf(stderr, "usage: gallery RECORDED.csv PLAN.xml LOAD.csv FOLDER\n");
		return 2;
	}
	if (gallery(argv, &err) < 0) {
		fprintf(stderr, "gallery: %s\n", err.text);
		return 1;
	}
	return 0;
}
