/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reports: escapes, numbers, the document in every output (golden files), analysis and
 * verdicts from a made-up run, the audit by hand calculation, and the same bytes under any
 * time zone, locale, umask and folder.  RESTUDY_REGEN=1 writes the golden files.
 */
#include "restudy/report.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "../../src/report/analysis_priv.h"
#include "../../src/report/content_priv.h"
#include "../../src/report/emit_priv.h"
#include "../../src/report/escape_priv.h"
#include "../../src/report/exhibit_priv.h"
#include "refuse_memory.h"
#include "report_fixture.h"
#include "restudy/base/buf.h"
#include "restudy/base/number.h"

static void near(double got, double want, double within)
{
	if (!(fabs(got - want) <= within))
		fail_msg("%.17g is not %.17g", got, want);
}

#define GOLDEN "tests/golden/report"

static void same_text(const struct rs_buf *got, const char *want)
{
	assert_string_equal(rs_buf_str(got), want);
}

static void escapes_keep_hostile_text_harmless(void **state)
{
	const char *evil = "<script>|\\input{x} `a` $1 50% #_^~ \"q\"";
	RS_AUTO_BUF b = RS_BUF_INIT;

	(void)state;
	rs_escape_html(&b, evil);
	same_text(&b, "&lt;script&gt;|\\input{x} `a` $1 50% #_^~ &quot;q&quot;");
	rs_buf_clear(&b);
	rs_escape_tex(&b, evil);
	same_text(&b, "\\textless{}script\\textgreater{}\\textbar{}\\textbackslash{}input\\{x\\} "
		      "\\textasciigrave{}a\\textasciigrave{} \\$1 50\\% \\#\\_\\textasciicircum{}"
		      "\\textasciitilde{} \\textquotedbl{}q\\textquotedbl{}");
	rs_buf_clear(&b);
	rs_escape_md(&b, evil);
	same_text(&b, "&lt;script&gt;\\|\\\\input{x} \\`a\\` \\$1 50% \\#\\_^\\~ \"q\"");
	rs_buf_clear(&b);
	rs_escape_tex(&b, "[x] a--b \xE4\xB8\xAD \xC3\xA9");
	same_text(&b, "{}[x] a-{}-b {[}U+4E2D] \xC3\xA9");
}

static void csv_fields_are_no_formulas(void **state)
{
	static const char *const cases[][2] = {
		{ "=1+2", "\"'=1+2\"" }, { "+cmd", "\"'+cmd\"" }, { "@sum", "\"'@sum\"" },
		{ "-x", "\"'-x\"" },	 { "-1.5", "-1.5" },	  { "a,b", "\"a,b\"" },
		{ "a\"b", "\"a\"\"b\"" }, { "plain", "plain" },	  { "", "" },
	};

	(void)state;
	for (size_t i = 0; i < RS_COUNT(cases); i++) {
		RS_AUTO_BUF b = RS_BUF_INIT;

		rs_text_csv(&b, cases[i][0]);
		same_text(&b, cases[i][1]);
	}
}

static void broken_utf8_is_replaced(void **state)
{
	RS_AUTO_BUF b = RS_BUF_INIT;

	(void)state;
	rs_escape_html(&b, "a\xFFz\xC0\x80\xED\xA0\x80\x01");
	assert_null(strchr(rs_buf_str(&b), '\xFF'));
	assert_non_null(strstr(rs_buf_str(&b), "a\xEF\xBF\xBDz"));
	assert_int_equal(rs_text_length("\xC3\xA9\xE4\xB8\xAD!"), 3);
}

/* Room goes where it saves lines: the long column gets it, the short ones stay. */
static void widths_go_to_long_columns(void **state)
{
	const double natural[] = { 20, 300, 30, 20, 30, 400, 30, 20, 25, 350, 28, 20 };
	double width[] = { 20, 40, 20, 20 };

	(void)state;
	rs_share_widths(natural, 3, 4, 220, width);
	assert_true(width[0] + width[1] + width[2] + width[3] <= 220.001);
	assert_true(width[1] > 100 && width[2] < 40 && width[3] < 20.001);
	/* no room: nothing grows */
	width[0] = width[1] = width[2] = width[3] = 100;
	rs_share_widths(natural, 3, 4, 220, width);
	assert_true(width[1] < 100.001);
}

static void sentences_of_the_store_are_german_in_german(void **state)
{
	static const char *const cases[][2] = {
		{ "processors", "Prozessoren" },
		{ "openvz: containers of libvirt (LXC), 3 guests, answering after 12.0 s",
		  "openvz: Container von libvirt (LXC), 3 Gäste, Antwort nach 12,0 s" },
		{ "there is no such key; \"kernel.sysrq\" must be meant",
		  "diesen Schlüssel gibt es nicht, gemeint ist „kernel.sysrq“" },
		{ "guest \"101\": Siege says 18.20 trans/s over 4.12 s; its process took 4.36 s by "
		  "Restudy's clock: 17.19 trans/s",
		  "Gast „101“: Siege nennt 18,20 trans/s über 4,12 s; sein Prozess brauchte nach "
		  "Restudys Uhr 4,36 s: 17,19 trans/s" },
		{ "a plan's own words: not ours", "a plan's own words: not ours" },
		{ "BCa bootstrap over 6 and 10 trials, 10000 resamples, seed 2006; widened by rounding",
		  "BCa-Bootstrap über 6 und 10 Durchläufe, 10000 Ziehungen, Startwert 2006; um die "
		  "Rundung erweitert" },
		{ "*", "*" }, { "", "" }, { ": ; : ", ": ; : " },
	};
	RS_AUTO_ARENA arena = RS_ARENA_INIT;
	RS_AUTO_STR *number = rs_strdup("12", NULL);
	RS_AUTO_BUF hostile = RS_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < RS_COUNT(cases); i++) {
		assert_string_equal(rs_phrase(&arena, RS_LANGUAGE_DE, cases[i][0]), cases[i][1]);
		assert_string_equal(rs_phrase(&arena, RS_LANGUAGE_EN, cases[i][0]), cases[i][0]);
	}
	assert_null(rs_phrase(&arena, RS_LANGUAGE_DE, NULL));
	assert_string_equal(rs_phrase(&arena, RS_LANGUAGE_DE, number), "12");
	/* almost a phrase, in so many ways that trying each of them takes minutes */
	for (int i = 0; i < 3000; i++)
		rs_buf_adds(&hostile, i < 1500 ? " (" : " guests), ");
	assert_string_equal(rs_phrase(&arena, RS_LANGUAGE_DE, rs_buf_str(&hostile)),
			    rs_buf_str(&hostile));
}

static void numbers_follow_language_and_interval(void **state)
{
	char b[160];

	(void)state;
	assert_string_equal(rs_number(b, sizeof(b), RS_LANGUAGE_EN, 1592317.25, 1), "1,592,317.2");
	assert_string_equal(rs_number(b, sizeof(b), RS_LANGUAGE_DE, 1592317.25, 2), "1.592.317,25");
	assert_string_equal(rs_number(b, sizeof(b), RS_LANGUAGE_EN, -0.001, 2), "0.00");
	assert_string_equal(rs_number(b, sizeof(b), RS_LANGUAGE_EN, -12.5, 1), "\xE2\x88\x92" "12.5");
	assert_string_equal(rs_number(b, sizeof(b), RS_LANGUAGE_EN, (double)NAN, 1), "\xE2\x80\x93");
	assert_string_equal(rs_number(b, sizeof(b), RS_LANGUAGE_EN, 2194773, -5), "2,200,000");
	assert_string_equal(rs_number(b, sizeof(b), RS_LANGUAGE_EN, -1429112, -5),
			    "\xE2\x88\x92" "1,400,000");
	assert_string_equal(rs_span_text(b, sizeof(b), RS_LANGUAGE_DE, 92),
			    "1\xC2\xA0min\xC2\xA0" "32\xC2\xA0s");
	assert_string_equal(rs_moment_text(b, sizeof(b), 1795429122), "2026-11-23 10:18:42 UTC");
	/* half width 0.123: two digits of it are three decimals ... of 0.12 two */
	assert_int_equal(rs_decimals(10, 9.877, 10.123), 2);
	assert_int_equal(rs_decimals(10, 8.77, 11.23), 1);
	assert_int_equal(rs_decimals(12345, 12000, 12600), -1);
	assert_int_equal(rs_decimals(2194773, -1429112, 5818657), -5);
	assert_int_equal(rs_decimals(1426657, (double)NAN, (double)NAN), 0);
	assert_int_equal(rs_decimals(0.0123456, (double)NAN, (double)NAN), 5);
	assert_int_equal(rs_decimals(0, (double)NAN, (double)NAN), 0);
	assert_int_equal(rs_epoch_of("1970-01-02T00:00:01Z"), 86401);
	assert_int_equal(rs_epoch_of("2026-11-23T05:21:02Z"), 1795411262);
	assert_int_equal(rs_epoch_of("yesterday"), -1);
}

/* A document with every kind of node and hostile text in each. */
static void fill_document(struct rs_document *d)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_NUMBER,
						  RS_COLUMN_NUMBER };
	struct rs_node *s, *n, *t, *row, *cell;

	d->title = "A <title> with 50 % & |pipes|";
	d->generator = "Restudy test";
	d->date = "2026-11-23";
	d->epoch_s = 1795411262;
	d->root = rs_node_detached(d, RS_NODE_SECTION);
	s = rs_node_add(d, d->root, RS_NODE_SECTION);
	s->text = "First <script>alert(1)</script>";
	s->id = "sec-first";
	n = rs_node_add(d, s, RS_NODE_PARAGRAPH);
	rs_node_text(d, n, "Plain, ");
	(void)rs_node_inline(d, n, RS_NODE_EMPHASIS, "set apart");
	rs_node_text(d, n, ", ");
	(void)rs_node_inline(d, n, RS_NODE_STRONG, "strong");
	rs_node_text(d, n, ", ");
	(void)rs_node_inline(d, n, RS_NODE_CODE, "a|b `c`");
	rs_node_text(d, n, ", ");
	rs_node_inline(d, n, RS_NODE_LINK, "a link")->target = "https://example.org/?a=1&b=2%20";
	rs_node_inline(d, n, RS_NODE_LINK, "no link")->target = "javascript:alert(1)";
	rs_node_inline(d, n, RS_NODE_REF, "")->target = "tab-x";
	rs_node_inline(d, n, RS_NODE_BADGE, "contradicted")->tone = RS_TONE_BAD;
	n = rs_node_add(d, s, RS_NODE_CALLOUT);
	n->tone = RS_TONE_WARN;
	rs_node_text(d, rs_node_add(d, n, RS_NODE_PARAGRAPH), "\\input{/etc/passwd}");
	n = rs_node_add(d, s, RS_NODE_LIST);
	rs_node_text(d, rs_node_add(d, n, RS_NODE_ITEM), "- item that starts like one");
	rs_node_text(d, rs_node_add(d, n, RS_NODE_ITEM), "second");
	t = rs_node_table(d, s, "tab-x", "Table 1", "Numbers & marks", columns, 3);
	row = rs_node_row(d, t, RS_ROW_HEAD);
	(void)rs_node_cell(d, row, NULL);
	(void)rs_node_cell_span(d, row, "Both", 2);
	row = rs_node_row(d, t, RS_ROW_HEAD);
	(void)rs_node_cell(d, row, "What");
	(void)rs_node_cell(d, row, "a_1");
	(void)rs_node_cell(d, row, "b");
	row = rs_node_row(d, t, RS_ROW_GROUP);
	(void)rs_node_cell_span(d, row, "Group", 3);
	row = rs_node_row(d, t, RS_ROW_BODY);
	(void)rs_node_cell(d, row, "[x] | y");
	(void)rs_node_cell(d, row, "1,234.5");
	cell = rs_node_cell(d, row, "\xE2\x80\x93");
	(void)rs_node_inline(d, cell, RS_NODE_MARK, "a");
	row = rs_node_row(d, t, RS_ROW_UNDER);
	(void)rs_node_cell(d, row, "interval");
	(void)rs_node_cell(d, row, "[1,200.0; 1,300.0]");
	(void)rs_node_cell(d, row, NULL);
	n = rs_node_add(d, t, RS_NODE_TABLE_NOTE);
	n->label = "a";
	rs_node_text(d, n, "missing: *why*");
	n = rs_node_add(d, s, RS_NODE_LISTING);
	n->id = "lst";
	n->label = "Listing 1";
	n->text = "Code";
	n->target = "#include <x>\n\tif (a[0] & ~b) { }\n```\n\\end{verbatim}\n";
	n = rs_node_add(d, s, RS_NODE_FIGURE);
	n->id = "fig";
	n->label = "Figure 1";
	n->text = "Nothing drawn";
	s = rs_node_add(d, d->root, RS_NODE_SECTION);
	s->text = "Empty: dropped";
	s = rs_node_add(d, d->root, RS_NODE_SECTION);
	s->text = "Appendix";
	s->appendix = 1;
	rs_node_text(d, rs_node_add(d, s, RS_NODE_PARAGRAPH), "End.");
	rs_document_number(d);
}

static void compare_golden(const char *name, const struct rs_buf *got)
{
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_BUF want = RS_BUF_INIT;
	RS_AUTO_STR *path = rs_path_join(GOLDEN, name, &err);

	assert_non_null(path);
	if (getenv("RESTUDY_REGEN") != NULL)
		assert_int_equal(rs_path_write(path, rs_buf_str(got), got->len, &err), 0);
	assert_int_equal(rs_path_read(path, 1 << 20, &want, &err), 0);
	assert_string_equal(rs_buf_str(got), rs_buf_str(&want));
}

static void every_node_in_every_output(void **state)
{
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_DOCUMENT d = RS_DOCUMENT_INIT;
	RS_AUTO_BUF html = RS_BUF_INIT, tex = RS_BUF_INIT, md = RS_BUF_INIT, tree = RS_BUF_INIT;
	RS_AUTO_BUF pdf = RS_BUF_INIT;

	(void)state;
	fill_document(&d);
	assert_int_equal(rs_document_check(&d, &err), 0);
	assert_int_equal(rs_emit_tree(&d, &tree, &err), 0);
	compare_golden("document.tree", &tree);
	assert_int_equal(rs_emit_html(&d, "body {}\n", &html, &err), 0);
	compare_golden("document.html", &html);
	assert_int_equal(rs_emit_tex(&d, "% preamble\n", &tex, &err), 0);
	compare_golden("document.tex", &tex);
	assert_int_equal(rs_emit_md(&d, &md, &err), 0);
	compare_golden("document.md", &md);
	assert_int_equal(rs_emit_pdf(&d, &pdf, &err), 0);
	assert_memory_equal(rs_buf_str(&pdf), "%PDF-", 5);
}

static void a_wrong_reference_is_refused(void **state)
{
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_DOCUMENT d = RS_DOCUMENT_INIT;
	struct rs_node *p;

	(void)state;
	d.root = rs_node_detached(&d, RS_NODE_SECTION);
	p = rs_node_add(&d, d.root, RS_NODE_PARAGRAPH);
	rs_node_inline(&d, p, RS_NODE_REF, "x")->target = "nowhere";
	assert_int_equal(rs_document_check(&d, &err), -1);
	assert_non_null(strstr(err.text, "nowhere"));
}

static const struct rs_exhibit *exhibit(const struct fixture *f, const char *id)
{
	const struct rs_exhibit *e = rs_plan_exhibit(f->plan, id);

	assert_non_null(e);
	return e;
}

/* Guests of a trial are put together before trials are averaged: by hand from the store. */
static void guests_are_combined_within_trials(void **state)
{
	struct fixture *f = *state;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_ANALYSIS a = RS_ANALYSIS_INIT;
	struct rs_grid g;
	struct rs_series_set tr = RS_SERIES_SET_INIT, rt = RS_SERIES_SET_INIT;
	double sum = 0, weighted = 0;

	assert_int_equal(rs_analysis_load(&a, f->plan, f->store, &err), 0);
	assert_int_equal(rs_grid_make(&a, exhibit(f, "table-3.1"), RS_LANGUAGE_EN, &g, &err), 0);
	assert_int_equal(rs_store_series(f->store, "openvz", "siege", "transactions", &tr, &err), 0);
	assert_int_equal(rs_store_series(f->store, "openvz", "siege", "response-time", &rt, &err),
			 0);
	assert_int_equal(tr.n, 3);
	for (size_t i = 0; i < 3; i++) {
		sum += tr.series[i].value[0];
		weighted += tr.series[i].value[0] * rt.series[i].value[0];
	}
	/* row 0: transactions, row 2: response time; column 1: openvz, whose trial 2 failed */
	assert_int_equal(rs_grid_slot(&g, 0, 1)->trials.n, 2);
	near(rs_grid_slot(&g, 0, 1)->trials.value[0], sum, 1e-9);
	near(rs_grid_slot(&g, 2, 1)->trials.value[0], weighted / sum, 1e-12);
	assert_non_null(rs_grid_slot(&g, 0, 1)->partial);
	assert_non_null(strstr(rs_grid_slot(&g, 0, 1)->partial, "2 of 3 trials"));
	assert_int_equal(rs_grid_slot(&g, 0, 2)->measured, 0);
	assert_non_null(strstr(rs_grid_slot(&g, 0, 2)->why, "hypervisor did not start"));
	assert_string_equal(rs_grid_slot(&g, 2, 1)->published, "0.05");
	rs_series_set_release(&tr);
	rs_series_set_release(&rt);
}

/* The table of guests below table 3.1, as Markdown. */
static void guest_table(struct rs_analysis *a, const struct fixture *f, struct rs_buf *out)
{
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_DOCUMENT d = RS_DOCUMENT_INIT;
	struct rs_content c = { .a = a, .d = &d, .l = RS_LANGUAGE_EN };
	struct rs_grid g;

	d.root = rs_node_detached(&d, RS_NODE_SECTION);
	assert_int_equal(rs_grid_make(a, exhibit(f, "table-3.1"), RS_LANGUAGE_EN, &g, &err), 0);
	assert_int_equal(rs_load_table(&c, &g, "Table 3.1", d.root, &err), 0);
	assert_non_null(d.root->first);
	rs_emit_md_block(&d, d.root->first, out);
	assert_int_equal(rs_buf_check(out, &err), 0);
}

static size_t count_text(const struct rs_buf *b, const char *text)
{
	size_t n = 0;

	for (const char *at = rs_buf_str(b); (at = strstr(at, text)) != NULL; at += strlen(text))
		n++;
	return n;
}

static struct rs_series *series_of(struct rs_analysis *a, const char *guest, const char *metric)
{
	for (size_t i = 0; i < a->set.n; i++)
		if (strcmp(a->set.series[i].guest, guest) == 0 &&
		    strcmp(a->set.series[i].metric, metric) == 0)
			return &a->set.series[i];
	fail_msg("no %s of %s", metric, guest);
	return NULL;
}

/* Each guest and all together; a response time that does not fit its rate breaks the law in its
 * trial, for the guest and for the sum. */
static void a_load_test_is_told_by_guests(void **state)
{
	struct fixture *f = *state;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_ANALYSIS a = RS_ANALYSIS_INIT;
	RS_AUTO_BUF good = RS_BUF_INIT, bad = RS_BUF_INIT;
	double sum = 0;
	char want[80], number[64];

	assert_int_equal(rs_analysis_load(&a, f->plan, f->store, &err), 0);
	guest_table(&a, f, &good);
	assert_int_equal(count_text(&good, " holds |"), 5);	/* host, 101 to 103, together */
	assert_int_equal(count_text(&good, "broken"), 0);
	assert_int_equal(count_text(&good, "Xen"), 0);		/* not measured */
	for (int g = 0; g < 3; g++) {
		const char *const names[] = { "101", "102", "103" };
		const struct rs_series *s = series_of(&a, names[g], "transactions");

		assert_int_equal(s->n, 2);
		sum += (s->value[0] + s->value[1]) / 2;
	}
	(void)snprintf(want, sizeof(want), ", together | %s |",
		       rs_number(number, sizeof(number), RS_LANGUAGE_EN, sum, 0));
	if (strstr(rs_buf_str(&good), want) == NULL)
		fail_msg("\"%s\" is not in %s", want, rs_buf_str(&good));
	series_of(&a, "102", "response-time")->value[1] *= 1.5;
	guest_table(&a, f, &bad);
	assert_int_equal(count_text(&bad, " holds |"), 3);
	assert_int_equal(count_text(&bad, " broken in 1 of 2 |"), 2);
}

static void an_index_is_a_ratio_times_its_scale(void **state)
{
	struct fixture *f = *state;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_ANALYSIS a = RS_ANALYSIS_INIT;
	struct rs_grid g;

	assert_int_equal(rs_analysis_load(&a, f->plan, f->store, &err), 0);
	assert_int_equal(rs_grid_make(&a, exhibit(f, "fig-3.3"), RS_LANGUAGE_EN, &g, &err), 0);
	assert_int_equal(g.baseline, 0);
	for (size_t r = 0; r < g.n_rows; r++) {
		const struct rs_slot *host = rs_grid_slot(&g, r, 0), *vz = rs_grid_slot(&g, r, 1);

		near(host->shown.point, 10, 0);
		assert_true(isnan(host->shown.ci.lo));
		near(vz->shown.point,
				   vz->absolute.point / host->absolute.point * 10, 1e-9);
		assert_true(vz->shown.ci.lo < vz->shown.point && vz->shown.point < vz->shown.ci.hi);
	}
	assert_int_equal(strlen(g.sha256), 64);
	assert_true(g.samples > 0);
}

static int node_has(const struct rs_node *n, const char *text)
{
	RS_AUTO_BUF b = RS_BUF_INIT;

	rs_node_plain(n, &b);
	return strstr(rs_buf_str(&b), text) != NULL;
}

/* The audit stands in the report as tables: what cannot be right, and where it has to lie. */
static void the_audit_is_tables_of_the_report(void **state)
{
	struct fixture *f = *state;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_ANALYSIS a = RS_ANALYSIS_INIT;
	RS_AUTO_DOCUMENT d = RS_DOCUMENT_INIT;
	struct rs_content c = { .a = &a, .d = &d, .l = RS_LANGUAGE_DE };
	struct rs_node *root = rs_node_detached(&d, RS_NODE_SECTION);
	size_t wrong = 0, rows = 0;

	a.l = RS_LANGUAGE_DE;
	assert_int_equal(rs_analysis_load(&a, f->plan, f->store, &err), 0);
	assert_int_equal(rs_content_table(&c, "audit", root, &err), 0);
	for (const struct rs_node *n = root; n != NULL; n = rs_node_next(n, root)) {
		rows += n->kind == RS_NODE_ROW && n->role == RS_ROW_BODY;
		wrong += n->kind == RS_NODE_BADGE && n->tone != RS_TONE_GOOD;
	}
	/* both readings of the load have one, the sums of the guests' throughput two */
	assert_int_equal(wrong, 4);
	assert_true(rows > 12);
	assert_true(node_has(root, "Daten / Zeit: [0,07599;\u00a00,07599]"));
	assert_true(node_has(root, "jeder Gast eine eigene Last hat"));
	assert_true(node_has(root, "kernel.sys_rq"));
	assert_true(node_has(root, "Gedruckte Werte, die nicht stimmen können: 3."));
	assert_false(node_has(root, "consistent"));
}

/* However many reasons a table has, each stands below it, and no text is cut. */
static void every_reason_has_its_note(void **state)
{
	struct fixture *f = *state;
	RS_AUTO_DOCUMENT d = RS_DOCUMENT_INIT;
	RS_AUTO_BUF md = RS_BUF_INIT, plain = RS_BUF_INIT;
	struct rs_content c = { .d = &d, .l = RS_LANGUAGE_EN };
	const struct rs_row plan_row = { .decimals = -1 };
	struct rs_grid_row row = { .row = &plan_row, .label = "Pipe", .unit = "lps" };
	struct rs_grid_column *columns = rs_arena_new(&d.arena, 30, sizeof(*columns));
	struct rs_slot *slots = rs_arena_new(&d.arena, 30, sizeof(*slots));
	const struct rs_grid g = { .exhibit = exhibit(f, "table-3.1"), .columns = columns, .n_columns = 30,
				   .rows = &row, .n_rows = 1, .slots = slots, .baseline = 30 };
	char why[30][40], wide[3001];
	struct rs_node *paragraph;

	for (int i = 0; i < 30; i++) {
		(void)snprintf(why[i], sizeof(why[i]), "why no. %d is void", i);
		columns[i].title = "x";
		slots[i].why = why[i];
	}
	d.root = rs_node_detached(&d, RS_NODE_SECTION);
	assert_non_null(rs_exhibit_table(&c, &g, "t", NULL, NULL, d.root));
	rs_emit_md_block(&d, d.root->first, &md);
	for (int i = 0; i < 30; i++)
		if (strstr(rs_buf_str(&md), why[i]) == NULL)
			fail_msg("\"%s\" is missing", why[i]);
	assert_non_null(strstr(rs_buf_str(&md), "<sup>ad</sup> why no. 29 is void"));
	memset(wide, 'w', 3000);
	wide[3000] = '\0';
	paragraph = rs_node_add(&d, d.root, RS_NODE_PARAGRAPH);
	rs_node_textf(&d, paragraph, "%s", wide);
	rs_node_plain(paragraph, &plain);
	assert_string_equal(rs_buf_str(&plain), wide);
}

/* A baseline of 0 has been measured, and still divides nothing. */
static void a_baseline_of_0_is_not_missing(void **state)
{
	struct fixture *f = *state;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_ANALYSIS a = RS_ANALYSIS_INIT;
	struct rs_series *s;
	struct rs_grid g;

	assert_int_equal(rs_analysis_load(&a, f->plan, f->store, &err), 0);
	s = series_of(&a, "host", "pipe");
	memset(s->value, 0, s->n * sizeof(*s->value));
	assert_int_equal(rs_grid_make(&a, exhibit(f, "fig-3.3"), RS_LANGUAGE_EN, &g, &err), 0);
	for (size_t r = 0; r < g.n_rows; r++) {
		const struct rs_slot *vz = rs_grid_slot(&g, r, 1);

		assert_int_equal(vz->comparable, strcmp(g.rows[r].metric.id, "pipe") != 0);
		if (!vz->comparable)
			assert_non_null(strstr(vz->why, "values of 0"));
	}
}

/* Ends a trial of "pipe" on the bare host, in the boot that was told last. */
static void end_trial(struct rs_store *s, int trial, double value)
{
	struct rs_cell c = { .system = "host", .benchmark = "unixbench", .trial = trial };
	const struct rs_sample v = { .guest = "host", .metric = "pipe", .unit = "lps", .value = value };
	struct rs_err err = RS_ERR_INIT;

	fixture_must(rs_store_cell_start(s, &c, 1, &err), &err);
	fixture_must(rs_store_cell_end(s, &c, RS_CELL_DONE, NULL, 2, &v, 1, NULL, 0, &err), &err);
}

/* Four trials in two boots. */
static struct rs_store *run_of_two_boots(const char *folder)
{
	struct rs_cell cells[4];
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STR *db = rs_path_join(folder, "run.db", &err);
	struct rs_store *s = rs_store_create(db, &err);

	for (int i = 0; i < 4; i++)
		cells[i] = (struct rs_cell){ .system = "host", .benchmark = "unixbench", .trial = i + 1 };
	fixture_must(rs_store_plan_cells(s, cells, 4, &err), &err);
	fixture_must(rs_store_boot(s, "one", &err), &err);
	end_trial(s, 1, 10);
	end_trial(s, 2, 12);
	fixture_must(rs_store_boot(s, "two", &err), &err);
	end_trial(s, 3, 20);
	end_trial(s, 4, 22);
	return s;
}

/*
 * By hand: trials 10 and 12 in one boot, 20 and 22 in another have the means 11 and 21; their
 * mean is 16 with a standard error of 5, and t of one degree of freedom is 12.7062.  Between
 * boots the variance is 50 - 2 / 2, within them 2.
 */
static void trials_of_a_boot_are_put_together(void **state)
{
	struct fixture *f = *state;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_ANALYSIS a = RS_ANALYSIS_INIT;
	RS_AUTO_BUF b = RS_BUF_INIT;
	char folder[] = "/tmp/restudy-boots.XXXXXX";
	struct rs_subject subject = { .system = "host", .metric = "pipe", .over = RS_OVER_MEAN };
	struct rs_estimate e;
	struct rs_trials t;
	struct rs_store *s;

	assert_non_null(mkdtemp(folder));
	s = run_of_two_boots(folder);
	assert_int_equal(rs_analysis_load(&a, f->plan, s, &err), 0);
	subject.benchmark = rs_plan_benchmark(f->plan, "unixbench");
	assert_int_equal(rs_analysis_trials(&a, &subject, &t, &err), 0);
	assert_int_equal(t.n, 4);
	assert_int_equal(t.n_boots, 2);
	assert_int_equal(rs_trials_mean(&t, 1, &e, &err), 0);
	near(e.point, 16, 1e-12);
	near(e.ci.lo, 16 * exp(-12.7062047 * 5 / 16), 1e-6);
	near(e.ci.hi, 16 * exp(12.7062047 * 5 / 16), 1e-2);
	assert_non_null(strstr(e.method, "a trial is the mean of a boot: 2 boots"));
	assert_string_equal(rs_phrase(&a.arena, RS_LANGUAGE_DE, "a trial is the mean of a boot: 2 boots"),
			    "als Durchlauf zählt das Mittel eines Starts: 2 Starts");
	assert_int_equal(rs_report_explain(f->plan, s, "table-unixbench", &b, &err), 0);
	assert_non_null(strstr(rs_buf_str(&b), "standard deviation between 2 boots 7, between trials of a boot 1.414"));
	assert_non_null(strstr(rs_buf_str(&b), "trial 3: 20 lps (one machine), boot 2"));
	rs_store_close(s);
	assert_int_equal(rs_path_remove_tree(folder, &err), 0);
}

/* A name may have 63 characters, and a substitute is told for all of them. */
static void a_long_name_has_its_substitute(void **state)
{
	struct fixture *f = *state;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_ANALYSIS a = RS_ANALYSIS_INIT;
	char id[64], key[100];
	struct rs_system system = { .id = id, .platform = RS_PLATFORM_OPENVZ };
	const struct rs_plan plan = { .systems = &system, .n_systems = 1 };
	const char *told;

	memset(id, 's', 63);
	id[63] = '\0';
	(void)snprintf(key, sizeof(key), "platform.%s", id);
	assert_int_equal(rs_store_set_fact(f->store, key, "lxc", &err), 0);
	a.plan = &plan;
	a.store = f->store;
	assert_int_equal(rs_analysis_substitute(&a, id, &told, &err), 0);
	assert_non_null(told);
	assert_string_equal(told, "lxc in place of openvz");
}

static const struct rs_finding *finding(const struct rs_finding *f, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(f[i].claim->id, id) == 0)
			return &f[i];
	fail_msg("no claim %s", id);
	return f;
}

static void verdicts_are_limited_by_what_ran(void **state)
{
	struct fixture *f = *state;
	struct rs_err err = RS_ERR_INIT;
	struct rs_finding *found;
	size_t n;

	assert_int_equal(rs_report_claims(f->plan, f->store, &found, &n, &err), 0);
	assert_int_equal(n, f->plan->n_claims);
	for (size_t i = 0; i < n; i++) {
		assert_int_not_equal(found[i].verdict, RS_VERDICT_REPRODUCED);
		assert_int_not_equal(found[i].verdict, RS_VERDICT_REPRODUCED_SUBSTITUTE);
		assert_int_not_equal(found[i].verdict, RS_VERDICT_CONTRADICTED);
		assert_int_not_equal(found[i].verdict, RS_VERDICT_CONTRADICTED_SUBSTITUTE);
	}
	/* 0.8 of the host's where 0.95 was asked: an emulator cannot refute that */
	assert_int_equal(finding(found, n, "alone-openvz-file")->verdict, RS_VERDICT_NOT_SEEN);
	assert_int_equal(finding(found, n, "file-openvz")->verdict, RS_VERDICT_SAME_DIRECTION);
	assert_non_null(strstr(finding(found, n, "file-openvz")->reason, "substitute: lxc in place of openvz"));
	assert_int_equal(finding(found, n, "cpu-xen")->verdict, RS_VERDICT_NOT_MEASURED);
	assert_non_null(strstr(finding(found, n, "cpu-xen")->reason, "hypervisor"));
	assert_true(isnan(finding(found, n, "cpu-xen")->point));
	/* one installation has no interval: open, however clear it looks */
	assert_int_equal(finding(found, n, "install-openvz")->verdict, RS_VERDICT_INCONCLUSIVE);
	free(found);
}

/* Verdicts of all claims together: Holm's correction written once more, from its definition. */
static void verdicts_bear_the_number_of_claims(void **state)
{
	struct fixture f;
	struct rs_err err = RS_ERR_INIT;
	struct rs_finding *found;
	size_t n, family = 0, decided = 0;

	(void)state;
	fixture_open(&f, 0, 1);
	assert_int_equal(rs_report_claims(f.plan, f.store, &found, &n, &err), 0);
	for (size_t i = 0; i < n; i++)
		family += isnan(found[i].p) ? 0u : 1u;
	assert_true(family > 10 && family < n);
	for (size_t i = 0; i < n; i++) {
		double largest = 0;

		assert_int_equal(found[i].family, family);
		assert_true(isnan(found[i].p) == isnan(found[i].p_holm));
		for (size_t k = 0; k < n; k++) {
			size_t smaller = 0;

			for (size_t m = 0; m < n; m++)
				smaller += found[m].p < found[k].p || (found[m].p == found[k].p && m < k);
			if (found[k].p < found[i].p || (found[k].p == found[i].p && k <= i))
				largest = fmax(largest, fmin(1, (double)(family - smaller) * found[k].p));
		}
		if (isnan(found[i].p))
			continue;
		near(found[i].p_holm, largest, 1e-12);
		if (found[i].verdict == RS_VERDICT_INCONCLUSIVE) {
			assert_true(found[i].p_holm >= 0.05);
			assert_true(found[i].needed == 0 || found[i].needed > found[i].trials);
			continue;
		}
		assert_true(found[i].p_holm < 0.05);
		assert_true(found[i].method[0] != '\0' && found[i].needed == 0);
		decided++;
	}
	assert_true(decided > 0);
	free(found);
	fixture_close(&f);
}

static void a_substitute_is_named_without_emulation(void **state)
{
	struct fixture f;
	struct rs_err err = RS_ERR_INIT;
	struct rs_finding *found;
	size_t n;

	(void)state;
	fixture_open(&f, 0, 1);
	assert_int_equal(rs_report_claims(f.plan, f.store, &found, &n, &err), 0);
	assert_int_equal(finding(found, n, "file-openvz")->verdict,
			 RS_VERDICT_REPRODUCED_SUBSTITUTE);
	assert_int_equal(finding(found, n, "file-xen")->verdict, RS_VERDICT_REPRODUCED);
	assert_int_equal(finding(found, n, "alone-openvz-file")->verdict,
			 RS_VERDICT_CONTRADICTED_SUBSTITUTE);
	assert_int_equal(finding(found, n, "overhead-xen")->verdict,
			 RS_VERDICT_REPRODUCED_SUBSTITUTE);
	free(found);
	fixture_close(&f);
}

/*
 * Table 3.1 by hand.  Throughput: 136.77 MB / 1800 s = 0.0760, 137.07 / 1800 = 0.0762, both
 * print as 0.08, not 0.07; 122.45 / 1800 = 0.0680 prints as 0.07.  Requests under way:
 * 0.02 x 792.67 = 15.9 (11.9 to 19.8), 0.02 x 884.68 = 17.7 (13.3 to 22.1), 0.05 x 897.05 =
 * 44.9 (40.4 to 49.3): the last shares no value with the others.
 */
static void the_audit_finds_what_cannot_be_right(void **state)
{
	struct fixture *f = *state;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_BUF b = RS_BUF_INIT;
	size_t bad;

	assert_int_equal(rs_report_audit(f->plan, &b, &bad, &err), 0);
	assert_int_equal(bad, 3);
	assert_non_null(strstr(rs_buf_str(&b), "host, throughput 0.07: consistent"));
	assert_non_null(strstr(rs_buf_str(&b), "xen, throughput 0.07: cannot be right"));
	assert_non_null(strstr(rs_buf_str(&b), "openvz, throughput 0.07: cannot be right"));
	assert_non_null(strstr(rs_buf_str(&b), "openvz, response-time 0.05: cannot be right"));
	assert_non_null(strstr(rs_buf_str(&b), "host, transaction-rate 792.67: consistent"));
	assert_non_null(strstr(rs_buf_str(&b), "xen, transaction-rate 884.68: consistent"));
	compare_golden("audit-thesis.txt", &b);
}

static char word_host[] = "host", word_siege[] = "siege", word_p[] = "p";
static char names[][24] = { "transactions", "elapsed-time", "data", "response-time",
			    "transaction-rate", "throughput", "concurrency" };

/* One table of one column, as a plan. */
static size_t audit_column(char *const *texts, struct rs_buf *out)
{
	struct rs_err err = RS_ERR_INIT;
	struct rs_published_value v[7];
	struct rs_published p = { .id = word_p, .source = word_p, .benchmark = word_siege,
				  .values = v };
	struct rs_plan plan = { .published = &p, .n_published = 1 };
	size_t bad;

	memset(v, 0, sizeof(v));
	for (size_t i = 0; i < 7; i++) {
		if (texts[i] == NULL)
			continue;
		v[p.n_values].system = word_host;
		v[p.n_values].metric = names[i];
		v[p.n_values++].text = texts[i];
	}
	assert_int_equal(rs_report_audit(&plan, out, &bad, &err), 0);
	return bad;
}

/* The example block of Siege's own manual page (siege(1), 4.0.7, "Performance statistics"):
 * every printed number agrees with the others.  One digit changed, and it does not. */
static void the_audit_accepts_the_manual_of_siege(void **state)
{
	char t[] = "2000", e[] = "58.57", d[] = "5.75", rt[] = "0.25", r[] = "34.15", th[] = "0.10",
	     c[] = "8.45", worse[] = "34.25", crowd[] = "9.45";
	char *good[] = { t, e, d, rt, r, th, c };
	char *rate[] = { t, e, d, rt, worse, th, c };
	char *load[] = { t, e, d, rt, r, th, crowd };
	RS_AUTO_BUF b = RS_BUF_INIT;

	(void)state;
	assert_int_equal(audit_column(good, &b), 0);
	assert_int_equal(audit_column(rate, &b), 1);
	assert_non_null(strstr(rs_buf_str(&b), "transaction-rate 34.25: cannot be right"));
	assert_int_equal(audit_column(load, &b), 1);
	assert_non_null(strstr(rs_buf_str(&b), "concurrency 9.45: cannot be right"));
}

/* The example of Siege 2.60's manual, in bytes: 4273708 B / 67.47 s = 63342.3 B/s, and
 * 8.25 s x 339 / 67.47 s = 41.5 under way.  All agree; a throughput of one more second's
 * test does not. */
static void the_audit_accepts_the_older_manual(void **state)
{
	char t[] = "339", e[] = "67.47", d[] = "4273708", rt[] = "8.25", r[] = "5.02",
	     th[] = "63342.34", c[] = "41.47", other[] = "62417.23";
	char *good[] = { t, e, d, rt, r, th, c };
	char *bad[] = { t, e, d, rt, r, other, c };
	RS_AUTO_BUF b = RS_BUF_INIT;

	(void)state;
	assert_int_equal(audit_column(good, &b), 0);
	assert_int_equal(audit_column(bad, &b), 1);
	assert_non_null(strstr(rs_buf_str(&b), "throughput 62417.23: cannot be right"));
}

/* Forty systems, of which the last alone is wrong: 10 transactions in 10 s are 1 a second. */
static void the_audit_reads_every_column(void **state)
{
	static char ids[40][16], t[] = "10", e[] = "10.00", right[] = "1.00", wrong[] = "2.00";
	struct rs_err err = RS_ERR_INIT;
	struct rs_published_value v[120];
	struct rs_published p = { .id = word_p, .source = word_p, .benchmark = word_siege, .values = v };
	const struct rs_plan plan = { .published = &p, .n_published = 1 };
	RS_AUTO_BUF b = RS_BUF_INIT;
	size_t bad;

	(void)state;
	memset(v, 0, sizeof(v));
	for (int i = 0; i < 40; i++) {
		char *const texts[] = { t, e, i < 39 ? right : wrong };
		const int metrics[] = { 0, 1, 4 };

		(void)snprintf(ids[i], sizeof(ids[i]), "s%d", i);
		for (int k = 0; k < 3; k++)
			v[p.n_values++] = (struct rs_published_value){ .system = ids[i], .text = texts[k],
								       .metric = names[metrics[k]] };
	}
	assert_int_equal(rs_report_audit(&plan, &b, &bad, &err), 0);
	assert_int_equal(bad, 1);
	assert_non_null(strstr(rs_buf_str(&b), "s39, transaction-rate 2.00: cannot be right"));
	/* half a second, give or take one: no less than none */
	rs_buf_clear(&b);
	p.n_values = 3;
	v[1].text = right;
	p.duration_s = 0.5;
	assert_int_equal(rs_report_audit(&plan, &b, &bad, &err), 0);
	assert_non_null(strstr(rs_buf_str(&b), "the declared duration, within a second, gives [0, 1.5]"));
}

static void write_report(const struct fixture *f, const char *out, const char *language,
			 const char *template)
{
	struct rs_err err = RS_ERR_INIT;
	const struct rs_report_options o = { .out = out, .program_version = "0.1.0",
					     .language = language, .template_path = template };

	if (rs_report_write(f->plan, f->store, &o, &err) < 0)
		fail_msg("%s", err.text);
}

static void add_tree(const char *folder, const char *rel, struct rs_buf *out)
{
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_ARGV names_here = NULL;
	size_t n = 0;

	assert_int_equal(rs_path_list(folder, &names_here, &n, &err), 0);
	for (size_t i = 0; i < n; i++) {
		RS_AUTO_STR *path = rs_path_join(folder, names_here[i], &err);
		RS_AUTO_STR *below = rs_asprintf(&err, "%s/%s", rel, names_here[i]);
		char hex[RS_SHA256_HEX];
		struct stat st;

		assert_int_equal(stat(path, &st), 0);
		if (S_ISDIR(st.st_mode)) {
			add_tree(path, below, out);
			continue;
		}
		assert_int_equal(rs_sha256_file(path, hex, &err), 0);
		rs_buf_addf(out, "%s %s\n", hex, below);
	}
}

static void same_bytes_anywhere_any_day(void **state)
{
	struct fixture *f = *state;
	RS_AUTO_BUF one = RS_BUF_INIT, two = RS_BUF_INIT;
	char a[100], b[100];
	mode_t mask;

	(void)snprintf(a, sizeof(a), "%s/out", f->folder);
	(void)snprintf(b, sizeof(b), "%s/elsewhere/quite another name", f->folder);
	write_report(f, a, NULL, NULL);
	assert_int_equal(setenv("TZ", "Asia/Kathmandu", 1), 0);
	assert_int_equal(setenv("LC_ALL", "de_DE.UTF-8", 1), 0);
	assert_int_equal(setenv("LANG", "ja_JP.UTF-8", 1), 0);
	tzset();
	(void)setlocale(LC_ALL, "");
	mask = umask(077);
	write_report(f, b, NULL, NULL);
	(void)umask(mask);
	(void)setlocale(LC_ALL, "C");
	(void)unsetenv("TZ");
	(void)unsetenv("LC_ALL");
	(void)unsetenv("LANG");
	add_tree(a, "", &one);
	add_tree(b, "", &two);
	assert_true(one.len > 1000);
	assert_string_equal(rs_buf_str(&one), rs_buf_str(&two));
}

static void read_text(const char *folder, const char *name, struct rs_buf *out)
{
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STR *path = rs_path_join(folder, name, &err);

	assert_int_equal(rs_path_read(path, 1 << 24, out, &err), 0);
}

static void must_have(const struct rs_buf *b, const char *text)
{
	if (strstr(rs_buf_str(b), text) == NULL)
		fail_msg("\"%s\" is missing", text);
}

static void the_report_says_what_ran(void **state)
{
	struct fixture *f = *state;
	RS_AUTO_BUF html = RS_BUF_INIT, csv = RS_BUF_INIT, table = RS_BUF_INIT;
	char out[100];

	(void)snprintf(out, sizeof(out), "%s/says", f->folder);
	write_report(f, out, "en", NULL);
	read_text(out, "report.html", &html);
	must_have(&html, "The machine was emulated.");
	must_have(&html, "substitute: lxc in place of openvz");
	must_have(&html, "missing: the hypervisor did not start (made up)");
	must_have(&html, "2 of 3 trials; failed: siege: no end within 30 s (made up)");
	must_have(&html, "sparse images");
	must_have(&html, "Made-up CPU");
	must_have(&html, "<svg");
	/* published numbers as printed, not regrouped */
	read_text(out, "tables/table-3.1.md", &table);
	must_have(&table, "| 1426657 |");
	read_text(out, "tables/table-3.1.csv", &csv);
	must_have(&csv, "table-3.1,transactions,Transactions,hits,host,0,,3,");
	must_have(&csv, ",1426657,");
	must_have(&csv, "missing: the hypervisor did not start (made up)");
	assert_null(strstr(rs_buf_str(&html), f->folder));
}

static void the_report_speaks_german(void **state)
{
	struct fixture *f = *state;
	RS_AUTO_BUF html = RS_BUF_INIT;
	char out[100];

	(void)snprintf(out, sizeof(out), "%s/german", f->folder);
	write_report(f, out, "de", NULL);
	read_text(out, "report.html", &html);
	must_have(&html, "<html lang=\"de\">");
	must_have(&html, "Abbildung 3.3");
	must_have(&html, "gleiche Richtung, unter Emulation");
	must_have(&html, "Inhalt");
	must_have(&html, "fehlt: the hypervisor did not start (made up)");
	must_have(&html, "die Maschine war emuliert");
	must_have(&html, "2 von 3 Durchl");
}

static const struct {
	const char *body, *complaint;
} bad_templates[] = {
	{ "<report xmlns='urn:restudy:report:1'>\n<section title='a'>\n<p><value of='nonsense'/></p>"
	  "</section></report>", ":3: <value of='nonsense'>: must be one of" },
	{ "<report xmlns='urn:restudy:report:1'>\n<section/></report>", ":2: <section>: needs" },
	{ "<report xmlns='urn:restudy:report:1'>\n\n<section title='a'><exhibit id='fig-9'/>"
	  "</section></report>", ":3: <exhibit id='fig-9'>: must be one of: fig-3.1" },
	{ "<report xmlns='urn:restudy:report:1'><section title='a'><p><verdict claim='x'/></p></section>"
	  "</report>", "<verdict claim='x'>: must be one of: " },
	{ "<report xmlns='urn:restudy:report:1'><section title='a'><exhibits chart='pie'/></section>"
	  "</report>", "<exhibits chart='pie'>: must be one of: bars dots" },
	{ "<report xmlns='urn:restudy:report:1'><section title='a'><p><value exhibit='fig-3.3' row='x' "
	  "system='xen'/></p></section></report>", "no such row and system: its rows are pipe " },
	{ "<report xmlns='urn:restudy:report:1'><section title='a'><if test='sunny'/></section>"
	  "</report>", "<if test='sunny'>: must be one of" },
	{ "<report xmlns='urn:restudy:report:1'><section title='a'><p><table of='claims'/></p>"
	  "</section></report>", "<table>: may not stand here" },
	{ "<report xmlns='urn:restudy:report:1'><section title='a'>loose text</section></report>",
	  "outside a paragraph" },
	{ "<report xmlns='urn:restudy:report:1'><section title='a'><blink/></section></report>",
	  "<blink>: is no element of a report" },
	{ "<report xmlns='urn:restudy:report:1'><section title='a'><p><ref to='x'>y</ref></p>"
	  "</section></report>", "which is not in the document" },
	{ "<report xmlns='urn:restudy:report:1'>\n<section title='a'><exhibits kind='table' reeding='yes'/></section>"
	  "</report>", ":2: <exhibits>: there is no attribute \"reeding\", but chart kind reading" },
	{ "<report xmlns='urn:restudy:report:1'>\n<section title='a'><if tests='claims'/></section></report>",
	  ":2: <if>: there is no attribute \"tests\", but test" },
	{ "<report xmlns='urn:restudy:report:1'><section title='a' appendix='true'/></report>",
	  "<section appendix='true'>: must be one of: yes no" },
	{ "<report><section title='a'/></report>", "the root must be" },
	{ "<report xmlns='urn:restudy:report:1'>\n<section", ":2: " },
	{ "<!DOCTYPE r [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><report "
	  "xmlns='urn:restudy:report:1'><section title='a'><p>&e;</p></section></report>",
	  "no element and no text" },
};

static void a_wrong_template_is_refused_with_its_line(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < RS_COUNT(bad_templates); i++) {
		struct rs_err err = RS_ERR_INIT;
		RS_AUTO_STR *path = rs_asprintf(&err, "%s/bad.xml", f->folder);
		RS_AUTO_STR *out = rs_asprintf(&err, "%s/bad-out", f->folder);
		const struct rs_report_options o = { .out = out, .template_path = path };

		assert_int_equal(rs_path_write(path, bad_templates[i].body,
					       strlen(bad_templates[i].body), &err), 0);
		assert_int_equal(rs_report_write(f->plan, f->store, &o, &err), -1);
		if (strstr(err.text, bad_templates[i].complaint) == NULL)
			fail_msg("\"%s\" lacks \"%s\"", err.text, bad_templates[i].complaint);
		assert_int_equal(err.kind, RS_ERR_PLAN);
	}
}

static void write_raw(const char *folder, const char *guest, const char *value)
{
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STR *to = rs_asprintf(&err, "%s/raw/openvz/3/unixbench/1/%s", folder, guest);
	RS_AUTO_STR *path = rs_asprintf(&err, "%s/pipe.json", to);
	RS_AUTO_STR *text = rs_asprintf(&err, "{\"test\":\"pipe\",\"definition\":1,\"title\":\"T\","
					"\"what\":\"w\",\"unit\":\"lps\",\"value\":%s,\"loops\":10,"
					"\"elapsed_ns\":1000000000,\"copies\":1,\"duration_s\":1,"
					"\"linkage\":\"static\"}\n", value);

	assert_int_equal(rs_path_mkdirs(to, &err), 0);
	assert_int_equal(rs_path_write(path, text, strlen(text), &err), 0);
}

/* Three samples by hand: (90 + 100 + 125) / 3 = 105, and each from its raw file. */
static void explain_leads_back_to_raw_files(void **state)
{
	static const char *const raw[][2] = { { "101", "90" }, { "102", "100" }, { "103", "125" } };
	struct fixture *f = *state;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_STR *folder = rs_asprintf(&err, "%s/explained", f->folder);
	RS_AUTO_STR *file = rs_asprintf(&err, "%s/plan.xml", folder);
	RS_AUTO_STR *db = rs_asprintf(&err, "%s/run.db", folder);
	RS_AUTO_BUF b = RS_BUF_INIT;
	struct rs_cell cell = { .system = "openvz", .benchmark = "unixbench", .guests = 3, .trial = 1 };
	struct rs_sample samples[3];
	RS_AUTO_PLAN *plan = NULL;
	struct rs_store *store;

	memset(samples, 0, sizeof(samples));
	for (size_t i = 0; i < 3; i++) {
		const struct rs_metric m = { .id = "pipe", .unit = "lps" };
		double value;

		assert_int_equal(rs_parse_double(raw[i][1], &value, &err), 0);
		fixture_sample(&samples[i], raw[i][0], &m, value);
		write_raw(folder, raw[i][0], raw[i][1]);
	}
	assert_int_equal(rs_path_copy("thesis-plan.xml", file, &err), 0);
	plan = rs_plan_load(file, &diags, &err);
	store = rs_store_create(db, &err);
	assert_non_null(plan);
	assert_non_null(store);
	assert_int_equal(rs_store_plan_cells(store, &cell, 1, &err), 0);
	assert_int_equal(rs_store_cell_end(store, &cell, RS_CELL_DONE, NULL, 1, samples, 3, NULL, 0,
					   &err), 0);
	assert_int_equal(rs_report_explain(plan, store, "fig-3.3", &b, &err), 0);
	must_have(&b, "trial 1: 105 lps (mean over guests)");
	must_have(&b, "raw/openvz/3/unixbench/1/103/pipe.json sha256 ");
	assert_int_equal(count_text(&b, ", the same"), 3);
	assert_int_equal(count_text(&b, "DIFFERS"), 0);
	rs_buf_clear(&b);
	write_raw(folder, "102", "101");
	assert_int_equal(rs_report_explain(plan, store, "fig-3.3", &b, &err), 0);
	assert_int_equal(count_text(&b, ", the same"), 2);
	must_have(&b, "read again: 101, which DIFFERS from the store");
	assert_int_equal(rs_report_explain(plan, store, "fig-99", &b, &err), -1);
	assert_int_equal(err.kind, RS_ERR_USAGE);
	rs_store_close(store);
	/* a guest whose name leads out of its folder is not followed, though there are files */
	rs_err_clear(&err);
	rs_buf_clear(&b);
	assert_int_equal(unlink(db), 0);
	(void)snprintf(samples[2].guest, sizeof(samples[2].guest), "../1/103");
	store = rs_store_create(db, &err);
	assert_int_equal(rs_store_plan_cells(store, &cell, 1, &err), 0);
	assert_int_equal(rs_store_cell_end(store, &cell, RS_CELL_DONE, NULL, 1, samples, 3, NULL, 0,
					   &err), 0);
	assert_int_equal(rs_report_explain(plan, store, "fig-3.3", &b, &err), 0);
	must_have(&b, "no folder can have the name of this guest");
	assert_int_equal(count_text(&b, "../1/103/"), 0);
	rs_store_close(store);
}

/* Each allocation of ours fails once: claims and audit at every place, the whole report at
 * places spread over it.  It must end with an error or be whole, never crash. */
static void every_refused_allocation_is_told(void **state)
{
	struct fixture *f = *state;
	const char *out = f->folder;
	long n;
	int hit = 1;

	if (!refuse_memory_works())
		skip();
	for (n = 0; hit; n += 1 + n / 40) {
		struct rs_err err = RS_ERR_INIT;
		struct rs_finding *found = NULL;
		size_t count;
		int status;

		refuse_arm_own(n);
		status = rs_report_claims(f->plan, f->store, &found, &count, &err);
		hit = refuse_disarm();
		if (hit)
			assert_int_equal(status, -1);
		if (status == 0)
			free(found);
	}
	for (n = 0, hit = 1; hit; n = n * 3 / 2 + 7) {
		struct rs_err err = RS_ERR_INIT;
		const struct rs_report_options o = { .out = out, .program_version = "0.1.0" };
		int status;

		refuse_arm_own(n);
		status = rs_report_write(f->plan, f->store, &o, &err);
		hit = refuse_disarm();
		assert_int_equal(status, hit ? -1 : 0);
	}
}

static int open_fixture(void **state)
{
	static struct fixture f;

	fixture_open(&f, 1, 0);
	*state = &f;
	return 0;
}

static int close_fixture(void **state)
{
	fixture_close(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_keep_hostile_text_harmless),
		cmocka_unit_test(csv_fields_are_no_formulas),
		cmocka_unit_test(broken_utf8_is_replaced),
		cmocka_unit_test(numbers_follow_language_and_interval),
		cmocka_unit_test(widths_go_to_long_columns),
		cmocka_unit_test(sentences_of_the_store_are_german_in_german),
		cmocka_unit_test(every_node_in_every_output),
		cmocka_unit_test(a_wrong_reference_is_refused),
		cmocka_unit_test(guests_are_combined_within_trials),
		cmocka_unit_test(a_load_test_is_told_by_guests),
		cmocka_unit_test(an_index_is_a_ratio_times_its_scale),
		cmocka_unit_test(verdicts_are_limited_by_what_ran),
		cmocka_unit_test(verdicts_bear_the_number_of_claims),
		cmocka_unit_test(a_substitute_is_named_without_emulation),
		cmocka_unit_test(the_audit_finds_what_cannot_be_right),
		cmocka_unit_test(the_audit_is_tables_of_the_report),
		cmocka_unit_test(trials_of_a_boot_are_put_together),
		cmocka_unit_test(every_reason_has_its_note),
		cmocka_unit_test(a_baseline_of_0_is_not_missing),
		cmocka_unit_test(a_long_name_has_its_substitute),
		cmocka_unit_test(the_audit_accepts_the_manual_of_siege),
		cmocka_unit_test(the_audit_accepts_the_older_manual),
		cmocka_unit_test(the_audit_reads_every_column),
		cmocka_unit_test(the_report_says_what_ran),
		cmocka_unit_test(the_report_speaks_german),
		cmocka_unit_test(a_wrong_template_is_refused_with_its_line),
		cmocka_unit_test(same_bytes_anywhere_any_day),
		cmocka_unit_test(explain_leads_back_to_raw_files),
		cmocka_unit_test(every_refused_allocation_is_told),
	};

	return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
