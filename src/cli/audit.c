/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy audit: arithmetic that published numbers must satisfy. */
#include <math.h>
#include <stdlib.h>

#include "cli_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/base/text.h"
#include "restudy/report.h"

static void add_member(struct rs_buf *out, const char *name, const char *text)
{
	rs_buf_addf(out, "\"%s\": ", name);
	rs_text_json(out, text == NULL ? "" : text);
	rs_buf_adds(out, ", ");
}

static void put_cell(const struct rs_audited *c, struct rs_buf *out)
{
	char lo[40], hi[40];

	add_member(out, "published", c->published->id);
	add_member(out, "source", c->published->source);
	add_member(out, "system", c->system);
	if (c->metric != NULL)
		add_member(out, "metric", c->metric);
	if (c->ratio != NULL)
		add_member(out, "as", rs_ratio_name(c->ratio->as));
	if (c->ratio != NULL && c->ratio->versus != NULL)
		add_member(out, "versus", c->ratio->versus);
	add_member(out, "printed", c->text);
	add_member(out, "law", c->law);
	if (c->reading != NULL)
		add_member(out, "if", c->reading);
	rs_buf_addf(out, "\"low\": %s, \"high\": %s, \"consistent\": %s}",
		    isfinite(c->lo) ? rs_format_double(lo, sizeof(lo), c->lo) : "null",
		    isfinite(c->hi) ? rs_format_double(hi, sizeof(hi), c->hi) : "null",
		    c->consistent ? "true" : "false");
}

static int put_numbers(const struct rs_plan *plan, struct rs_buf *out, size_t *bad,
		       struct rs_err *err)
{
	struct rs_audited *cells = NULL;
	size_t n = 0;

	if (rs_report_audited(plan, &cells, &n, bad, err) < 0)
		return -1;
	rs_buf_adds(out, "{\"numbers\": [");
	for (size_t i = 0; i < n; i++) {
		rs_buf_adds(out, i > 0 ? ",\n {" : "\n {");
		put_cell(&cells[i], out);
	}
	free(cells);
	return 0;
}

static int print_json(const struct rs_plan *plan, struct rs_buf *out, size_t *bad, size_t *slips,
		      struct rs_err *err)
{
	struct rs_misprint *m = NULL;

	if (put_numbers(plan, out, bad, err) < 0 || rs_report_misprints(plan, &m, slips, err) < 0)
		return -1;
	rs_buf_adds(out, "],\n\"listings\": [");
	for (size_t i = 0; i < *slips; i++) {
		rs_buf_adds(out, i > 0 ? ",\n {" : "\n {");
		add_member(out, "listing", m[i].listing->id);
		add_member(out, "key", m[i].line->key);
		add_member(out, "printed", m[i].line->value);
		rs_buf_adds(out, "\"mistake\": ");
		rs_text_json(out, m[i].why);
		rs_buf_addc(out, '}');
	}
	rs_buf_adds(out, "]}\n");
	free(m);
	return rs_buf_check(out, err);
}

static int audit(int argc, char **argv, struct rs_err *err)
{
	RS_AUTO_PLAN *plan = NULL;
	RS_AUTO_STR *inside = NULL;
	RS_AUTO_BUF out = RS_BUF_INIT;
	const char *path = NULL;
	size_t bad = 0, slips = 0;
	int json = 0;
	const struct rs_cli_option options[] = { { "--json", 0, NULL, &json }, { NULL, 0, NULL, NULL } };

	if (rs_cli_options(argc, argv, options, &path, "PLAN|RUN", 1, err) < 0)
		return -1;
	inside = rs_path_join(path, "plan.xml", err);
	if (inside == NULL)
		return -1;
	plan = rs_cli_plan(rs_path_exists(inside) ? inside : path, 0, err);
	if (plan == NULL || (json ? print_json(plan, &out, &bad, &slips, err)
				  : rs_report_audit(plan, &out, &bad, err)) < 0 ||
	    (!json && rs_report_audit_listings(plan, &out, &slips, err) < 0) ||
	    rs_cli_print(&out, err) < 0)
		return -1;
	return bad + slips > 0 ? 1 : 0;
}

const struct rs_cli_command rs_cli_audit = {
	.name = "audit", .arguments = "PLAN|RUN [--json]", .run = audit,
	.summary = "find published numbers and listings that cannot be right",
	.options = "  --json   each printed value with each law it was held against, each mistake in a\n"
		   "           listing, as JSON\n\n"
		   "exit status 0 when all are consistent, 1 when some are not\n",
};
