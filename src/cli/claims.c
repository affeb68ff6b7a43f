/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy claims: what holds of what the paper says. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/text.h"
#include "restudy/report.h"

static void add_number(struct rs_buf *out, double v)
{
	char text[40];

	rs_buf_adds(out, isfinite(v) ? rs_format_double(text, sizeof(text), v) : "null");
}

static void print_json(const struct rs_finding *f, size_t n, struct rs_buf *out)
{
	rs_buf_adds(out, "[");
	for (size_t i = 0; i < n; i++) {
		rs_buf_adds(out, i > 0 ? ",\n {\"id\": " : "\n {\"id\": ");
		rs_text_json(out, f[i].claim->id);
		rs_buf_adds(out, ", \"source\": ");
		rs_text_json(out, f[i].claim->source != NULL ? f[i].claim->source : "");
		rs_buf_adds(out, ", \"verdict\": ");
		rs_text_json(out, rs_verdict_name(f[i].verdict));
		rs_buf_adds(out, ", \"point\": ");
		add_number(out, f[i].point);
		rs_buf_adds(out, ", \"low\": ");
		add_number(out, f[i].lo);
		rs_buf_adds(out, ", \"high\": ");
		add_number(out, f[i].hi);
		rs_buf_adds(out, ", \"p\": ");
		add_number(out, f[i].p);
		rs_buf_adds(out, ", \"p_holm\": ");
		add_number(out, f[i].p_holm);
		rs_buf_addf(out, ", \"family\": %zu, \"trials\": %zu, \"disturbed\": %zu, \"trials_needed\": ",
			    f[i].family, f[i].trials, f[i].disturbed);
		if (f[i].needed > 0)
			rs_buf_addf(out, "%zu", f[i].needed);
		else
			rs_buf_adds(out, "null");
		rs_buf_adds(out, ", \"method\": ");
		rs_text_json(out, f[i].method);
		rs_buf_adds(out, ", \"reason\": ");
		rs_text_json(out, f[i].reason);
		rs_buf_adds(out, "}");
	}
	rs_buf_adds(out, n > 0 ? "\n]\n" : "]\n");
}

static void print_text(const struct rs_finding *f, size_t n, struct rs_buf *out)
{
	char point[40], lo[40], hi[40];

	for (size_t i = 0; i < n; i++) {
		rs_buf_addf(out, "%s: %s (section %s)\n    %s\n", f[i].claim->id,
			    rs_verdict_name(f[i].verdict),
			    f[i].claim->source != NULL ? f[i].claim->source : "not given",
			    f[i].claim->text != NULL ? f[i].claim->text : "");
		if (isfinite(f[i].point))
			rs_buf_addf(out, "    %s ", rs_format_fixed(point, sizeof(point), f[i].point, 3));
		if (isfinite(f[i].point) && !isnan(f[i].lo) && !isnan(f[i].hi))
			rs_buf_addf(out, "[%s, %s], ", rs_format_fixed(lo, sizeof(lo), f[i].lo, 3),
				    rs_format_fixed(hi, sizeof(hi), f[i].hi, 3));
		if (isfinite(f[i].point))
			rs_buf_addf(out, "%s%zu trial%s", isnan(f[i].lo) ? "without an interval, " : "",
				    f[i].trials, f[i].trials == 1 ? "" : "s");
		if (isfinite(f[i].p_holm))
			rs_buf_addf(out, ", p %s%s after Holm's correction", f[i].p_holm < 1e-4 ? "< " : "",
				    rs_format_fixed(point, sizeof(point), fmax(f[i].p_holm, 1e-4), 4));
		if (isfinite(f[i].point))
			rs_buf_addc(out, '\n');
		if (f[i].reason[0] != '\0')
			rs_buf_addf(out, "    %s\n", f[i].reason);
	}
	if (n > 0 && f[0].family > 0)
		rs_buf_addf(out, "verdicts hold at 95 %% for all claims together, by Holm's correction; claims "
				 "with an interval: %zu\n", f[0].family);
}

static int claims(int argc, char **argv, struct rs_err *err)
{
	RS_AUTO_RUN run = { .folder = NULL };
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_finding *f = NULL;
	const char *folder = NULL;
	size_t n = 0;
	int json = 0;
	const struct rs_cli_option options[] = { { "--json", 0, NULL, &json }, { NULL, 0, NULL, NULL } };

	if (rs_cli_options(argc, argv, options, &folder, "RUN", 1, err) < 0 ||
	    rs_cli_open_run(folder, &run, err) < 0 ||
	    rs_report_claims(run.plan, run.store, &f, &n, err) < 0)
		return -1;
	if (json)
		print_json(f, n, &out);
	else
		print_text(f, n, &out);
	if (!json && n == 0)
		rs_buf_adds(&out, "the plan makes no claims\n");
	free(f);
	return rs_cli_print(&out, err);
}

const struct rs_cli_command rs_cli_claims = {
	.name = "claims", .arguments = "RUN [--json]", .run = claims,
	.summary = "the paper's claims with their verdicts, by interval",
	.options = "  --json   the findings as JSON\n",
};
