/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What sysbench prints (0.5, 1.0, 1.1; cpu, memory, threads, mutex, fileio and the SQL tests).
 * Each "sysbench VERSION" begins a run, which is a trial.  Lines are told by their labels; a
 * label that is one of ours must be followed by its number.
 */
#include "exchange_priv.h"

#include <math.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"

/* What stands on a line: after label, or (inside) in the parentheses that follow it. */
static const struct field {
	const char *section;		/* the last line that ended in ':' alone, or NULL: any */
	const char *label;
	int inside;
	const char *metric, *unit;
	enum rs_better better;
} fields[] = {
	{ "CPU speed:", "events per second:", 0, "events-rate", "events/s", RS_BETTER_HIGHER },
	{ "Throughput:", "events/s (eps):", 0, "events-rate", "events/s", RS_BETTER_HIGHER },
	{ NULL, "Total operations:", 1, "operations-rate", "ops/s", RS_BETTER_HIGHER },
	{ NULL, "transactions:", 1, "transactions-rate", "trans/s", RS_BETTER_HIGHER },
	{ NULL, "queries:", 1, "queries-rate", "queries/s", RS_BETTER_HIGHER },
	{ "File operations:", "reads/s:", 0, "reads-rate", "reads/s", RS_BETTER_HIGHER },
	{ "File operations:", "writes/s:", 0, "writes-rate", "writes/s", RS_BETTER_HIGHER },
	{ "File operations:", "fsyncs/s:", 0, "fsyncs-rate", "fsyncs/s", RS_BETTER_HIGHER },
	{ "Throughput:", "read, MiB/s:", 0, "read-throughput", "MiB/s", RS_BETTER_HIGHER },
	{ "Throughput:", "written, MiB/s:", 0, "write-throughput", "MiB/s", RS_BETTER_HIGHER },
	{ NULL, "total time:", 0, "total-time", "s", RS_BETTER_LOWER },
	{ NULL, "total number of events:", 0, "events", "events", RS_BETTER_HIGHER },
	{ "Latency (ms):", "min:", 0, "latency-min", "ms", RS_BETTER_LOWER },
	{ "Latency (ms):", "avg:", 0, "latency-mean", "ms", RS_BETTER_LOWER },
	{ "Latency (ms):", "max:", 0, "latency-max", "ms", RS_BETTER_LOWER },
	{ "Latency (ms):", "95th percentile:", 0, "latency-p95", "ms", RS_BETTER_LOWER },
};

/* sysbench 1.x does not print which test it runs, but each prints lines of its own. */
static const struct {
	const char *marker, *test;
} tests[] = {
	{ "\nPrime numbers limit:", "sysbench-cpu" },
	{ "\nRunning memory speed test", "sysbench-memory" },
	{ "\nExtra file open flags:", "sysbench-fileio" },
	{ "\nSQL statistics:", "sysbench-oltp" },
};

struct scan {
	struct rs_reading *in;
	char benchmark[64];
	struct rs_cell cell;
	char section[40];
	int line, begun, began_at, ended;
	size_t values;			/* of this run */
};

static int keep_value(struct scan *s, const char *metric, const char *unit, enum rs_better better,
		      double value, struct rs_err *err)
{
	struct rs_measure m = { .better = (int)better };
	struct rs_sample v = { .value = value };

	rs_copy_text(v.guest, sizeof(v.guest), s->in->guest);
	rs_copy_text(v.metric, sizeof(v.metric), metric);
	rs_copy_text(v.unit, sizeof(v.unit), unit);
	rs_copy_text(m.benchmark, sizeof(m.benchmark), s->benchmark);
	rs_copy_text(m.id, sizeof(m.id), metric);
	rs_copy_text(m.unit, sizeof(m.unit), unit);
	s->values++;
	if (rs_records_measure(s->in, s->line, &m, err) < 0)
		return -1;
	return rs_records_add(s->in, s->line, &s->cell, &v, err);
}

static int take(struct scan *s, const struct field *f, const char *at, struct rs_err *err)
{
	const char *end;
	double v;

	if (f->inside) {
		at = strchr(at, '(');
		if (at == NULL)
			return rs_expected(s->in, s->line, err, "\"(... per second)\" after \"%s\"", f->label);
		at++;
	}
	if (rs_scan_double(at, &end, &v) < 0 || !isfinite(v))
		return rs_expected(s->in, s->line, err, "a number after \"%s\"", f->label);
	return keep_value(s, f->metric, f->unit, f->better, v, err);
}

/* "1532.63 MiB transferred (1531.26 MiB/sec)" */
static int take_memory(struct scan *s, const char *line, struct rs_err *err)
{
	const char *at = strstr(line, " transferred ("), *end;
	double v;

	if (at == NULL)
		return 0;
	at += strlen(" transferred (");
	if (rs_scan_double(at, &end, &v) < 0 || !isfinite(v) || strncmp(end, " MiB/sec)", 9) != 0)
		return rs_expected(s->in, s->line, err, "\"(NUMBER MiB/sec)\" after \"transferred\"");
	return keep_value(s, "memory-throughput", "MiB/s", RS_BETTER_HIGHER, v, err);
}

/* What every version prints last. */
static const char last_label[] = "execution time (avg/stddev):";

static int end_run(const struct scan *s, struct rs_err *err)
{
	if (!s->begun || s->ended)
		return 0;
	if (s->values > 0)
		return rs_expected(s->in, s->line, err, "\"%s\" of the run that begins in line %d: the file "
				   "was cut", last_label, s->began_at);
	return rs_expected(s->in, s->line, err, "results of the run that begins in line %d, such as "
			   "\"total time:\"", s->began_at);
}

/* What the run that begins at text is called. */
static const char *test_of(const char *text)
{
	const char *next = strstr(text + 1, "\nsysbench ");

	for (size_t i = 0; i < RS_COUNT(tests); i++) {
		const char *at = strstr(text, tests[i].marker);

		if (at != NULL && (next == NULL || at < next))
			return tests[i].test;
	}
	return "sysbench";
}

static int begin_run(struct scan *s, const char *text, struct rs_err *err)
{
	const char *id = s->in->benchmark != NULL ? s->in->benchmark : test_of(text);

	if (end_run(s, err) < 0)
		return -1;
	id = rs_records_benchmark(s->in->out, id, RS_ADAPTER_COMMAND, err);
	if (id == NULL)
		return -1;
	rs_copy_text(s->benchmark, sizeof(s->benchmark), id);
	rs_reading_cell(s->in, id, rs_records_next_trial(s->in->out, s->in->system, id, s->in->guest),
			&s->cell);
	s->begun = 1;
	s->ended = 0;
	s->began_at = s->line;
	s->values = 0;
	s->section[0] = '\0';
	return 0;
}

/* line: without its blanks; text: where it stands in the file. */
static int one_line(struct scan *s, const char *line, const char *text, struct rs_err *err)
{
	const size_t n = strlen(line);

	if (strncmp(line, "sysbench ", 9) == 0 && line[9] >= '0' && line[9] <= '9')
		return begin_run(s, text, err);
	if (!s->begun)
		return 0;
	if (strncmp(line, "FATAL:", 6) == 0)
		return rs_expected(s->in, s->line, err, "results, but sysbench failed: %s", line);
	if (n > 0 && line[n - 1] == ':') {
		rs_copy_text(s->section, sizeof(s->section), line);
		return 0;
	}
	if (strncmp(line, last_label, sizeof(last_label) - 1) == 0)
		s->ended = s->values > 0;
	for (size_t i = 0; i < RS_COUNT(fields); i++) {
		const struct field *f = &fields[i];

		if (strncmp(line, f->label, strlen(f->label)) == 0 &&
		    (f->section == NULL || strcmp(f->section, s->section) == 0))
			return take(s, f, line + strlen(f->label), err);
	}
	return take_memory(s, line, err);
}

int rs_read_sysbench(struct rs_reading *in, struct rs_err *err)
{
	struct scan s = { .in = in };
	RS_AUTO_BUF line = RS_BUF_INIT;

	if (rs_expected_end(in, err) < 0)
		return -1;
	for (const char *l = in->text; *l != '\0'; l += *l == '\n') {
		const char *begin = l + strspn(l, " \t");
		size_t n;

		l += strcspn(l, "\n");
		n = begin < l ? (size_t)(l - begin) : 0;
		while (n > 0 && strchr(" \t\r", begin[n - 1]) != NULL)
			n--;
		s.line++;
		rs_buf_clear(&line);
		rs_buf_add(&line, begin, n);
		if (rs_buf_check(&line, err) < 0 || one_line(&s, rs_buf_str(&line), begin, err) < 0)
			return -1;
	}
	if (!s.begun)
		return rs_expected(in, 1, err, "a line \"sysbench VERSION\" as sysbench prints first");
	return end_run(&s, err);
}
