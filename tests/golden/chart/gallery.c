/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: gallery RECORDED.csv PLAN.xml FOLDER
 * Every kind of figure in three widths, in grey with hatching and in German, as SVG, PDF
 * and PNG, with a page that shows them.  For the eye: look at it after a change.
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

static int gallery(char **argv, struct rs_err *err)
{
	RS_AUTO_BUF page = RS_BUF_INIT;
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_PLAN *plan = rs_plan_load(argv[2], &diags, err);
	struct recorded *r = recorded_load(argv[1]);
	RS_AUTO_STR *index = rs_path_join(argv[3], "index.html", err);
	int rc = plan == NULL || r == NULL || index == NULL ? -1 : rs_path_mkdirs(argv[3], err);

	rs_buf_adds(&page, "<!DOCTYPE html><meta charset=\"utf-8\"><title>Figures</title>\n");
	for (int kind = 0; rc == 0 && kind < RS_CHART_LAST; kind++)
		for (size_t v = 0; rc == 0 && v < RS_COUNT(variants); v++)
			rc = draw(r, plan, kind, &variants[v], argv[3], &page, err);
	free(r);
	return rc < 0 ? -1 : rs_path_write(index, page.data, page.len, err);
}

int main(int argc, char **argv)
{
	struct rs_err err = RS_ERR_INIT;

	if (argc != 4) {
		fprintf(stderr, "usage: gallery RECORDED.csv PLAN.xml FOLDER\n");
		return 2;
	}
	if (gallery(argv, &err) < 0) {
		fprintf(stderr, "gallery: %s\n", err.text);
		return 1;
	}
	return 0;
}
