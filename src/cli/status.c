/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy status: what a run has, cell by cell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/text.h"
#include "restudy/store.h"

static void count_states(const struct rs_cell_record *r, size_t n, size_t count[RS_CELL_LAST])
{
	for (int i = 0; i < RS_CELL_LAST; i++)
		count[i] = 0;
	for (size_t i = 0; i < n; i++)
		count[r[i].state]++;
}

struct notes {
	struct rs_cell_note *note;	/* owned */
	size_t n;
};

/* Why a cell was disturbed, or NULL. */
static const char *disturbed(const struct notes *all, const struct rs_cell *c)
{
	for (size_t i = 0; i < all->n; i++) {
		const char *why = rs_disturbance(&all->note[i].note);

		if (why != NULL && rs_cell_is(&all->note[i].cell, c))
			return why;
	}
	return NULL;
}

static void print_text(const struct rs_cell_record *r, size_t n, const struct notes *notes,
		       struct rs_buf *out)
{
	size_t count[RS_CELL_LAST], n_disturbed = 0;
	char what[300], span[40];
	const char *sep = ":";

	for (size_t i = 0; i < n; i++) {
		const char *why = disturbed(notes, &r[i].cell);

		rs_buf_addf(out, "%-8s %s", rs_cell_state_name(r[i].state),
			    rs_cell_describe(what, sizeof(what), &r[i].cell));
		if (r[i].finished_s > 0 && r[i].started_s > 0)
			rs_buf_addf(out, "  %s", rs_clock_span(span, sizeof(span),
							       r[i].finished_s - r[i].started_s));
		if (r[i].reason != NULL)
			rs_buf_addf(out, "  %s", r[i].reason);
		if (why != NULL) {
			rs_buf_addf(out, "  disturbed: %s", why);
			n_disturbed++;
		}
		rs_buf_addc(out, '\n');
	}
	count_states(r, n, count);
	rs_buf_addf(out, "%zu cell%s", n, n == 1 ? "" : "s");
	for (int i = 0; i < RS_CELL_LAST; i++) {
		if (count[i] == 0)
			continue;
		rs_buf_addf(out, "%s %zu %s", sep, count[i], rs_cell_state_name((enum rs_cell_state)i));
		sep = ",";
	}
	if (n_disturbed > 0)
		rs_buf_addf(out, "; %zu of them disturbed", n_disturbed);
	rs_buf_addc(out, '\n');
}

static void json_text(struct rs_buf *out, const char *text)
{
	if (text != NULL)
		rs_text_json(out, text);
	else
		rs_buf_adds(out, "null");
}

static void print_json(const struct rs_cell_record *r, size_t n, const struct notes *notes,
		       struct rs_buf *out)
{
	rs_buf_adds(out, "[");
	for (size_t i = 0; i < n; i++) {
		rs_buf_adds(out, i > 0 ? ",\n {\"system\": " : "\n {\"system\": ");
		rs_text_json(out, r[i].cell.system);
		rs_buf_addf(out, ", \"guests\": %d, \"benchmark\": ", r[i].cell.guests);
		rs_text_json(out, r[i].cell.benchmark);
		rs_buf_addf(out, ", \"trial\": %d, \"state\": \"%s\", \"attempts\": %d, \"reason\": ",
			    r[i].cell.trial, rs_cell_state_name(r[i].state), r[i].attempts);
		json_text(out, r[i].reason);
		rs_buf_adds(out, ", \"disturbed\": ");
		json_text(out, disturbed(notes, &r[i].cell));
		rs_buf_adds(out, "}");
	}
	rs_buf_adds(out, "\n]\n");
}

static int status(int argc, char **argv, struct rs_err *err)
{
	RS_AUTO_RUN run = { .folder = NULL };
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_cell_record *r = NULL;
	struct notes notes = { NULL, 0 };
	size_t n = 0, count[RS_CELL_LAST];
	const char *folder = NULL;
	int json = 0;
	const struct rs_cli_option options[] = { { "--json", 0, NULL, &json }, { NULL, 0, NULL, NULL } };

	if (rs_cli_options(argc, argv, options, &folder, "RUN", 1, err) < 0 ||
	    rs_cli_open_run(folder, &run, err) < 0 || rs_store_cells(run.store, &r, &n, err) < 0)
		return -1;
	if (rs_store_notes(run.store, &notes.note, &notes.n, err) < 0) {
		rs_cell_records_free(r, n);
		return -1;
	}
	if (json)
		print_json(r, n, &notes, &out);
	else
		print_text(r, n, &notes, &out);
	count_states(r, n, count);
	free(notes.note);
	rs_cell_records_free(r, n);
	if (rs_cli_print(&out, err) < 0)
		return -1;
	return count[RS_CELL_DONE] == n ? 0 : 1;
}

const struct rs_cli_command rs_cli_status = {
	.name = "status", .arguments = "RUN [--json]", .run = status,
	.summary = "what a run has: each cell, its state, its reason, what disturbed it",
	.options = "  --json   the cells as JSON\n"
		   "exit status 0 when every cell is done, else 1\n",
};
