/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Result XML of BenchExec: a <run> is a benchmark's trial on a task, its visible <column>s with
 * a unit in the value ("0.0037s", "503808B") are metrics.  Columns without a unit (status,
 * host) are none.  A run of the category "error" failed, with its status as the reason.
 */
#include "xml_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"

struct run {
	struct rs_reading *in;
	const char *benchmark;
	struct rs_cell cell;
	char status[100], category[40];
	size_t values;
};

/* Units of BenchExec, and what of them is better. */
static const struct {
	const char *unit;
	enum rs_better better;
} units[] = {
	{ "s", RS_BETTER_LOWER }, { "B", RS_BETTER_LOWER }, { "kB", RS_BETTER_LOWER },
	{ "MB", RS_BETTER_LOWER }, { "GB", RS_BETTER_LOWER }, { "J", RS_BETTER_LOWER },
	{ "W", RS_BETTER_LOWER },
};

/* Columns that hold a measure: their value must be a number with a unit. */
static int is_measure(const char *title)
{
	static const char *const titles[] = { "cputime", "walltime", "memory", "cpuenergy" };

	for (size_t i = 0; i < RS_COUNT(titles); i++)
		if (strcmp(title, titles[i]) == 0)
			return 1;
	return 0;
}

static int keep_value(struct run *r, int line, const char *title, size_t unit, double value,
		      struct rs_err *err)
{
	struct rs_measure m = { .better = (int)units[unit].better };
	struct rs_sample s = { .value = value };

	rs_copy_text(m.benchmark, sizeof(m.benchmark), r->benchmark);
	rs_plain_name(m.id, title);
	rs_copy_text(m.unit, sizeof(m.unit), units[unit].unit);
	rs_copy_text(s.guest, sizeof(s.guest), r->in->guest);
	rs_copy_text(s.metric, sizeof(s.metric), m.id);
	rs_copy_text(s.unit, sizeof(s.unit), m.unit);
	r->values++;
	if (rs_records_measure(r->in, line, &m, err) < 0)
		return -1;
	return rs_records_add(r->in, line, &r->cell, &s, err);
}

static int keep_column(struct run *r, xmlNode *n, struct rs_err *err)
{
	RS_AUTO_STR *title = rs_xml_attribute(n, "title", err), *value = rs_xml_attribute(n, "value", err);
	RS_AUTO_STR *hidden = rs_xml_attribute(n, "hidden", err);
	const int line = rs_xml_line(n);
	const char *end;
	double v;

	if (title == NULL || value == NULL)
		return rs_expected(r->in, line, err, "the attributes title and value in <column>");
	if (strcmp(title, "status") == 0)
		rs_copy_text(r->status, sizeof(r->status), value);
	if (strcmp(title, "category") == 0)
		rs_copy_text(r->category, sizeof(r->category), value);
	if (hidden != NULL && strcmp(hidden, "true") == 0)
		return 0;
	if (rs_scan_double(value, &end, &v) == 0 && isfinite(v))
		for (size_t i = 0; i < RS_COUNT(units); i++)
			if (strcmp(end, units[i].unit) == 0)
				return keep_value(r, line, title, i, v, err);
	if (is_measure(title) && value[0] != '\0')
		return rs_expected(r->in, line, err, "a number with its unit as \"%s\", such as 0.5s or "
				   "503808B, not \"%.40s\"", title, value);
	return 0;
}

static int fail_run(const struct run *r, struct rs_err *err)
{
	struct rs_remark failed = { .cell = r->cell, .kind = RS_REMARK_FAILED };

	(void)snprintf(failed.text, sizeof(failed.text), "BenchExec gives the run the status \"%s\"",
		       r->status);
	return rs_records_remark(r->in->out, &failed, err);
}

static int keep_run(struct rs_reading *in, xmlNode *n, struct rs_err *err)
{
	struct run r = { .in = in };
	RS_AUTO_STR *name = rs_xml_attribute(n, "name", err);
	const size_t known = in->out->n_benchmarks;

	if (name == NULL || name[0] == '\0')
		return rs_expected(in, rs_xml_line(n), err, "the attribute name in <run>");
	r.benchmark = rs_records_benchmark(in->out, in->benchmark != NULL ? in->benchmark : name,
					   RS_ADAPTER_COMMAND, err);
	if (r.benchmark == NULL)
		return -1;
	/* A new task is in its first trial: not looked up, since there may be thousands. */
	rs_reading_cell(in, r.benchmark, in->out->n_benchmarks > known ? 1 :
			rs_records_next_trial(in->out, in->system, r.benchmark, in->guest), &r.cell);
	for (xmlNode *c = rs_xml_child(n, NULL, "column"); c != NULL; c = rs_xml_child(n, c, "column"))
		if (keep_column(&r, c, err) < 0)
			return -1;
	if (strcmp(r.category, "error") == 0 || (r.values == 0 && r.status[0] != '\0'))
		return fail_run(&r, err);
	if (r.values == 0)
		return rs_expected(in, rs_xml_line(n), err, "a <column> with a value and its unit in <run>");
	return 0;
}

int rs_read_benchexec(struct rs_reading *in, struct rs_err *err)
{
	RS_AUTO_XML *doc = rs_xml_open(in, "result", err);
	const xmlNode *root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
	size_t n = 0;

	if (root == NULL)
		return -1;
	for (xmlNode *run = rs_xml_child(root, NULL, "run"); run != NULL;
	     run = rs_xml_child(root, run, "run"), n++)
		if (keep_run(in, run, err) < 0)
			return -1;
	return n > 0 ? 0 : rs_expected(in, rs_xml_line(root), err, "a <run> in <result>");
}
