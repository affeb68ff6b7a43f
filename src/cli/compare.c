/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy compare: runs against runs and against the numbers a paper prints. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/plan.h"
#include "restudy/report/compare.h"

#define MOST 16

struct runs {
	struct rs_cli_run run[MOST];
	struct rs_compared compared[MOST];
	struct rs_setting_kv *outline[MOST];
	size_t n_outline[MOST];
	size_t n;
};

static void runs_release(struct runs *r)
{
	for (size_t i = 0; i < r->n; i++) {
		rs_cli_run_release(&r->run[i]);
		rs_plan_outline_free(r->outline[i], r->n_outline[i]);
	}
}

static int open_one(struct runs *r, const char *name, struct rs_err *err)
{
	RS_AUTO_STR *plan = NULL;
	const size_t i = r->n++;

	if (rs_cli_open_run(name, &r->run[i], err) < 0)
		return -1;
	plan = rs_path_join(r->run[i].folder, "plan.xml", err);
	if (plan == NULL || rs_plan_outline(plan, &r->outline[i], &r->n_outline[i], err) < 0)
		return -1;
	r->compared[i] = (struct rs_compared){ name, r->run[i].plan, r->run[i].store, r->outline[i],
					       r->n_outline[i] };
	return 0;
}

static int output_of(const int *chosen, enum rs_comparison_output *ret, struct rs_err *err)
{
	static const enum rs_comparison_output outputs[] = { RS_COMPARISON_JSON, RS_COMPARISON_CSV,
							     RS_COMPARISON_HTML };
	int n = 0;

	*ret = RS_COMPARISON_TEXT;
	for (size_t i = 0; i < RS_COUNT(outputs); i++)
		if (chosen[i]) {
			*ret = outputs[i];
			n++;
		}
	return n < 2 ? 0 : rs_err_set(err, RS_ERR_USAGE,
				      "one of --json, --csv and --html; -o FOLDER writes all of them");
}

static int write_out(struct rs_comparison *c, enum rs_comparison_output output, const char *folder,
		     struct rs_err *err)
{
	RS_AUTO_BUF out = RS_BUF_INIT;

	if (folder != NULL) {
		if (rs_comparison_write_folder(c, folder, err) < 0)
			return -1;
		rs_buf_addf(&out, "comparison: %s/comparison.html\n", folder);
	} else if (rs_comparison_write(c, output, &out, err) < 0) {
		return -1;
	}
	return rs_cli_print(&out, err);
}

static int compare(int argc, char **argv, struct rs_err *err)
{
	__attribute__((cleanup(runs_release))) struct runs r = { .n = 0 };
	RS_AUTO_COMPARISON *c = NULL;
	const char *names[MOST + 1] = { NULL }, *folder = NULL, *language = NULL;
	int chosen[3] = { 0 }, published = 0;
	enum rs_comparison_output output;
	enum rs_against against;
	const struct rs_cli_option options[] = {
		{ "--output", 'o', &folder, NULL }, { "--json", 0, NULL, &chosen[0] },
		{ "--csv", 0, NULL, &chosen[1] },   { "--html", 0, NULL, &chosen[2] },
		{ "--language", 0, &language, NULL },
		{ NULL, 0, NULL, NULL },
	};

	if (rs_cli_options(argc, argv, options, names, "RUN", MOST + 1, err) < 0 ||
	    output_of(chosen, &output, err) < 0 || rs_cli_language(language, err) < 0)
		return -1;
	for (size_t i = 0; i < MOST + 1 && names[i] != NULL; i++) {
		if (strcmp(names[i], "published") == 0)
			published = 1;
		else if (r.n == MOST)
			return rs_err_set(err, RS_ERR_USAGE, "more than %d runs", MOST);
		else if (open_one(&r, names[i], err) < 0)
			return -1;
	}
	if (r.n == 0)
		return rs_err_set(err, RS_ERR_USAGE, "\"published\" needs a run to compare with");
	against = r.n == 1 ? RS_AGAINST_PUBLISHED : published ? RS_AGAINST_BOTH : RS_AGAINST_RUNS;
	c = rs_compare(r.compared, r.n, against, RS_VERSION, language, err);
	return c == NULL ? -1 : write_out(c, output, folder, err);
}

const struct rs_cli_command rs_cli_compare = {
	.name = "compare", .arguments = "RUN [RUN ...] [published] [--json|--csv|--html] [--language en|de] [-o FOLDER]",
	.run = compare,
	.summary = "runs against runs and against published numbers",
	.options = "every run is divided by the first; \"published\" divides each by the numbers its plan\n"
		   "prints, which is what a single run is compared with\n\n"
		   "      --json            everything as JSON\n"
		   "      --csv             the ratios as CSV, one a line\n"
		   "      --html            one page with tables and figures\n"
		   "      --language LANG   en or de: of the page and the figures (default: the plan's)\n"
		   "  -o, --output FOLDER   all of these as files, and the figures\n",
};
