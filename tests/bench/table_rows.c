/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: table_rows FOLDER
 * Writes a table of results, three systems and 10,000 runs, as HTML and CSV the way the
 * report does: numbers rounded and grouped, aligned at the decimal sign, escaped.
 */
#include <stdio.h>

#include "../../src/report/emit_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/base/random.h"
#include "restudy/base/text.h"

#define RUNS	10000
#define SYSTEMS 3

static const char *const systems[SYSTEMS] = { "host", "OpenVZ", "Xen" };

static void add_run(struct rs_document *d, struct rs_node *t, int run, const double *value,
		    struct rs_buf *csv)
{
	struct rs_node *row = rs_node_row(d, t, RS_ROW_BODY);
	char text[64];

	(void)snprintf(text, sizeof(text), "run-%05d", run);
	(void)rs_node_cell(d, row, text);
	for (int s = 0; s < SYSTEMS; s++) {
		rs_text_csv(csv, text);
		rs_buf_addf(csv, ",%s,", systems[s]);
		(void)rs_node_cell(d, row, rs_number(text, sizeof(text), RS_LANGUAGE_EN, value[s], 3));
		rs_buf_adds(csv, rs_format_double(text, sizeof(text), value[s]));
		rs_buf_adds(csv, "\r\n");
		(void)snprintf(text, sizeof(text), "run-%05d", run);
	}
}

static int write_both(const char *folder, struct rs_err *err)
{
	static const enum rs_column columns[] = { RS_COLUMN_LEFT, RS_COLUMN_NUMBER,
						  RS_COLUMN_NUMBER, RS_COLUMN_NUMBER };
	RS_AUTO_DOCUMENT d = RS_DOCUMENT_INIT;
	RS_AUTO_BUF csv = RS_BUF_INIT, html = RS_BUF_INIT;
	RS_AUTO_STR *csv_path = rs_path_join(folder, "results.csv", err);
	RS_AUTO_STR *html_path = rs_path_join(folder, "results.html", err);
	struct rs_node *parent = rs_node_detached(&d, RS_NODE_SECTION), *t, *row;
	struct rs_random r;

	rs_random_seed(&r, 2006);
	t = rs_node_table(&d, parent, "results", "Table 1", "Results", columns, RS_COUNT(columns));
	row = rs_node_row(&d, t, RS_ROW_HEAD);
	(void)rs_node_cell(&d, row, "Run");
	for (int s = 0; s < SYSTEMS; s++)
		(void)rs_node_cell(&d, row, systems[s]);
	rs_buf_adds(&csv, "run,system,value\r\n");
	for (int run = 1; run <= RUNS; run++) {
		double value[SYSTEMS];

		for (int s = 0; s < SYSTEMS; s++)
			value[s] = 1000 * (s + rs_random_unit(&r));
		add_run(&d, t, run, value, &csv);
	}
	if (t == NULL || csv_path == NULL || html_path == NULL)
		return -1;
	rs_emit_html_block(&d, t, &html);
	if (rs_buf_check(&csv, err) < 0 || rs_buf_check(&html, err) < 0 ||
	    rs_path_write(csv_path, rs_buf_str(&csv), csv.len, err) < 0)
		return -1;
	return rs_path_write(html_path, rs_buf_str(&html), html.len, err);
}

int main(int argc, char **argv)
{
	struct rs_err err = RS_ERR_INIT;

	if (argc == 2 && write_both(argv[1], &err) == 0)
		return 0;
	fprintf(stderr, "table_rows: %s\n", argc == 2 ? err.text : "usage: table_rows FOLDER");
	return 1;
}
