/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files of the programs that Restudy runs itself, UnixBench and Siege: read by their
 * adapters.  Each file is a trial; of siege.log each row is.
 */
#include "exchange_priv.h"

#include <stdio.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/bench.h"

/* Where the samples of one trial go. */
struct trial {
	struct rs_reading *in;
	enum rs_adapter adapter;
	struct rs_cell cell;
	int line;
};

static int keep_sample(void *user, const struct rs_sample *s, struct rs_err *err)
{
	const struct trial *t = user;
	const struct rs_benchmark b = { .adapter = t->adapter };
	struct rs_measure m = { .better = -1 };
	struct rs_metric known;

	rs_copy_text(m.benchmark, sizeof(m.benchmark), t->cell.benchmark);
	rs_copy_text(m.id, sizeof(m.id), s->metric);
	rs_copy_text(m.unit, sizeof(m.unit), s->unit);
	if (rs_bench_metric(&b, s->metric, &known) == 0)
		m.better = (int)known.better;
	if (rs_records_measure(t->in, t->line, &m, err) < 0)
		return -1;
	return rs_records_add(t->in, t->line, &t->cell, s, err);
}

static int keep_note(void *user, const struct rs_note *n, struct rs_err *err)
{
	const struct trial *t = user;
	struct rs_remark remark = { .cell = t->cell, .kind = n->level == RS_NOTE_INFO ?
								     RS_REMARK_INFO : RS_REMARK_WARNING };

	rs_copy_text(remark.text, sizeof(remark.text), n->text);
	return rs_records_remark(t->in->out, &remark, err);
}

/* A trial that failed is kept as that; a file that is wrong is not taken. */
static int ended(const struct trial *t, const struct rs_err *why, struct rs_err *err)
{
	struct rs_remark remark = { .cell = t->cell, .kind = RS_REMARK_FAILED };

	if (why->kind != RS_ERR_FAILED)
		return rs_err_set(err, why->kind, "%s", why->text);
	rs_copy_text(remark.text, sizeof(remark.text), why->text);
	return rs_records_remark(t->in->out, &remark, err);
}

static int begin(struct rs_reading *in, enum rs_adapter adapter, struct trial *t,
		 struct rs_err *err)
{
	const char *id = in->benchmark != NULL ? in->benchmark : rs_adapter_name(adapter);

	id = rs_records_benchmark(in->out, id, (int)adapter, err);
	if (id == NULL)
		return -1;
	t->in = in;
	t->adapter = adapter;
	t->line = 0;
	rs_reading_cell(in, id, rs_records_next_trial(in->out, in->system, id, in->guest), &t->cell);
	return 0;
}

static void lay(struct rs_source *s, const char *slot, const struct trial *t)
{
	s->slot = slot;
	s->cell = t->cell;
	rs_copy_text(s->cell_guest, sizeof(s->cell_guest), t->in->guest);
}

int rs_read_unixbench(struct rs_reading *in, struct rs_err *err)
{
	struct trial t;
	const struct rs_sink sink = { keep_sample, keep_note, &t };
	struct rs_err why = RS_ERR_INIT;
	const size_t before = in->out->n;

	if (rs_expected_end(in, err) < 0 || begin(in, RS_ADAPTER_UNIXBENCH, &t, err) < 0)
		return -1;
	lay(in->source, "results/log", &t);
	if (rs_bench_read_unixbench(in->text, in->source->path, in->copies, in->guest, &sink, &why) < 0)
		return ended(&t, &why, err);
	if (in->out->n == before)
		return rs_err_set(err, RS_ERR_PLAN, "\"%s\": expected a test that was measured with %d %s",
				  in->source->path, in->copies > 1 ? in->copies : 1,
				  in->copies > 1 ? "copies" : "copy");
	return 0;
}

static const char truncated[] = "siege.log holds data in whole MB, cut, and a throughput computed from "
				"that: both are too low";

static int one_row(struct trial *t, const char *row, struct rs_err *err)
{
	const struct rs_sink sink = { keep_sample, keep_note, t };
	struct rs_remark cut = { .cell = t->cell, .kind = RS_REMARK_WARNING };
	RS_AUTO_STR *where = rs_asprintf(err, "\"%s\":%d", t->in->source->path, t->line);
	struct rs_err why = RS_ERR_INIT;

	if (where == NULL)
		return -1;
	rs_copy_text(cut.text, sizeof(cut.text), truncated);
	if (rs_bench_read_siege_row(row, where, t->in->guest, &sink, &why) < 0)
		return ended(t, &why, err);
	return rs_records_remark(t->in->out, &cut, err);
}

/* "2026-11-23 05:25:24,  78116, ...", below a head; "**** text ****" is a mark of the user's. */
static int read_log(struct rs_reading *in, struct rs_err *err)
{
	struct trial t;
	RS_AUTO_BUF row = RS_BUF_INIT;
	int line = 0, rows = 0;

	if (begin(in, RS_ADAPTER_SIEGE, &t, err) < 0)
		return -1;
	for (const char *l = in->text; *l != '\0'; l += *l == '\n') {
		const size_t n = strcspn(l, "\n"), blank = strspn(l, " \t\r");

		line++;
		rs_buf_clear(&row);
		rs_buf_add(&row, l, n);
		l += n;
		if (rs_buf_check(&row, err) < 0)
			return -1;
		if (blank >= n || strstr(rs_buf_str(&row), "Date & Time,") != NULL ||
		    strncmp(rs_buf_str(&row), "****", 4) == 0)
			continue;
		t.line = line;
		if (one_row(&t, rs_buf_str(&row), err) < 0)
			return -1;
		t.cell.trial++;
		rows++;
	}
	return rows > 0 ? 0 : rs_expected(in, line, err, "a row below the head of siege.log");
}

int rs_read_siege(struct rs_reading *in, struct rs_err *err)
{
	struct trial t;
	const struct rs_sink sink = { keep_sample, keep_note, &t };
	struct rs_err why = RS_ERR_INIT;

	if (in->text[strspn(in->text, " \t\r\n")] != '{' && rs_expected_end(in, err) < 0)
		return -1;
	if (strstr(in->text, "Date & Time,") != NULL && strstr(in->text, "Transactions:") == NULL)
		return read_log(in, err);
	if (begin(in, RS_ADAPTER_SIEGE, &t, err) < 0)
		return -1;
	lay(in->source, strstr(in->text, "Transactions:") != NULL ? "stderr" : "stdout", &t);
	if (rs_bench_read_siege(in->text, in->source->path, in->guest, &sink, &why) < 0)
		return ended(&t, &why, err);
	return 0;
}
