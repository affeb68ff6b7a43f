/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * composite.xml of the Phoronix Test Suite, its elements in the order of the suite's own
 * schema (result-file.xsd).
 */
#include "exchange_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/out.h"
#include "restudy/bench.h"

struct composite {
	const struct rs_plan *plan;
	struct rs_store *store;
	struct rs_series_set set;
	struct rs_buf text;
	char when[24];			/* "2026-11-23 05:10:38", UTC */
};

static void put(struct composite *c, const char *indent, const char *name, const char *text)
{
	rs_buf_addf(&c->text, "%s<%s>", indent, name);
	rs_put_xml(&c->text, text);
	rs_buf_addf(&c->text, "</%s>\n", name);
}

/* What names a series' guest: "host", "openvz/3/101". */
static void identify(const struct rs_series *s, char *buf, size_t size)
{
	if (s->guests == 0 && strcmp(s->guest, "host") == 0)
		(void)snprintf(buf, size, "%s", s->system);
	else
		(void)snprintf(buf, size, "%s/%d/%s", s->system, s->guests, s->guest);
}

/* When the run ended, else 1970: a time that is not known may not change with the clock. */
static int set_when(struct composite *c, struct rs_err *err)
{
	RS_AUTO_STR *finished = NULL;
	int64_t s = 0;
	char utc[32];

	if (rs_store_get_fact(c->store, "finished", &finished, err) < 0)
		return -1;
	if (finished != NULL && rs_parse_i64(finished, 0, 253402300799, &s, NULL) < 0)
		s = 0;
	rs_copy_text(c->when, sizeof(c->when), rs_clock_utc(utc, sizeof(utc), s));
	c->when[strcspn(c->when, "Z")] = '\0';
	if (strchr(c->when, 'T') != NULL)
		*strchr(c->when, 'T') = ' ';
	return 0;
}

static int put_generated(struct composite *c, struct rs_err *err)
{
	RS_AUTO_STR *testbed = NULL;

	if (rs_store_get_fact(c->store, "testbed.description", &testbed, err) < 0 ||
	    (testbed == NULL && rs_store_get_fact(c->store, "testbed", &testbed, err) < 0))
		return -1;
	rs_buf_adds(&c->text, "  <Generated>\n");
	put(c, "    ", "Title", c->plan->title);
	put(c, "    ", "Description", testbed != NULL ? testbed : "");
	put(c, "    ", "Notes", "");
	put(c, "    ", "LastModified", c->when);
	put(c, "    ", "TestClient", "Restudy " RS_VERSION);
	put(c, "    ", "InternalTags", "");
	put(c, "    ", "ReferenceID", "");
	put(c, "    ", "PreSetEnvironmentVariables", "");
	rs_buf_adds(&c->text, "  </Generated>\n");
	return 0;
}

static int seen_before(const struct composite *c, size_t i)
{
	char mine[200], other[200];

	identify(&c->set.series[i], mine, sizeof(mine));
	for (size_t k = 0; k < i; k++) {
		identify(&c->set.series[k], other, sizeof(other));
		if (strcmp(mine, other) == 0)
			return 1;
	}
	return 0;
}

static void put_system(struct composite *c, const struct rs_series *s)
{
	const struct rs_system *known = rs_plan_system(c->plan, s->system);
	char id[200];

	identify(s, id, sizeof(id));
	rs_buf_adds(&c->text, "  <System>\n");
	put(c, "    ", "Identifier", id);
	put(c, "    ", "TestClientVersion", RS_VERSION);
	put(c, "    ", "Hardware", c->plan->has_hardware ? c->plan->hardware.title : "");
	put(c, "    ", "Software", known != NULL ? known->title : "");
	put(c, "    ", "User", "");
	put(c, "    ", "TimeStamp", c->when);
	put(c, "    ", "Notes", "");
	rs_buf_adds(&c->text, "  </System>\n");
}

static void put_entry(struct composite *c, const struct rs_series *s)
{
	RS_AUTO_BUF raw = RS_BUF_INIT;
	char id[200], number[40];
	double sum = 0;

	for (size_t i = 0; i < s->n; i++) {
		sum += s->value[i];
		rs_buf_addf(&raw, "%s%s", i > 0 ? ":" : "",
			    rs_format_double(number, sizeof(number), s->value[i]));
	}
	c->text.failed |= raw.failed;
	identify(s, id, sizeof(id));
	rs_buf_adds(&c->text, "      <Entry>\n");
	put(c, "        ", "Identifier", id);
	put(c, "        ", "Value", rs_format_double(number, sizeof(number), sum / (double)s->n));
	put(c, "        ", "RawString", rs_buf_str(&raw));
	rs_buf_adds(&c->text, "      </Entry>\n");
}

static int same_metric(const struct rs_series *a, const struct rs_series *b)
{
	return strcmp(a->metric, b->metric) == 0 && strcmp(a->benchmark, b->benchmark) == 0;
}

static int put_result(struct composite *c, const struct rs_series *first, struct rs_err *err)
{
	const struct rs_benchmark *b = rs_plan_benchmark(c->plan, first->benchmark);
	struct rs_metric m;
	char id[100];

	if (b == NULL || rs_bench_metric(b, first->metric, &m) < 0)
		return rs_err_set(err, RS_ERR_PLAN, "the run's plan has no metric \"%s\" of \"%s\", so that nobody "
				  "knows whether more of it is better", first->metric, first->benchmark);
	(void)snprintf(id, sizeof(id), "restudy/%s", first->benchmark);
	rs_buf_adds(&c->text, "  <Result>\n");
	put(c, "    ", "Identifier", id);
	put(c, "    ", "ProfileVersion", "");
	put(c, "    ", "Title", b->title != NULL ? b->title : b->id);
	put(c, "    ", "AppVersion", b->version != NULL ? b->version : "");
	put(c, "    ", "Arguments", first->metric);
	put(c, "    ", "Description", m.title);
	put(c, "    ", "Scale", first->unit);
	put(c, "    ", "Proportion", m.better == RS_BETTER_HIGHER ? "HIB" : "LIB");
	put(c, "    ", "DisplayFormat", "BAR_GRAPH");
	rs_buf_adds(&c->text, "    <Data>\n");
	for (size_t i = 0; i < c->set.n; i++)
		if (same_metric(first, &c->set.series[i]))
			put_entry(c, &c->set.series[i]);
	rs_buf_adds(&c->text, "    </Data>\n  </Result>\n");
	return 0;
}

static int compose(struct composite *c, struct rs_err *err)
{
	if (rs_store_series(c->store, NULL, NULL, NULL, &c->set, err) < 0 || set_when(c, err) < 0)
		return -1;
	if (c->set.n == 0)
		return rs_err_set(err, RS_ERR_PLAN, "the run has no samples of finished cells: there is nothing to export");
	rs_buf_adds(&c->text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PhoronixTestSuite>\n");
	if (put_generated(c, err) < 0)
		return -1;
	for (size_t i = 0; i < c->set.n; i++)
		if (!seen_before(c, i))
			put_system(c, &c->set.series[i]);
	for (size_t i = 0; i < c->set.n; i++) {
		size_t k = 0;

		while (k < i && !same_metric(&c->set.series[k], &c->set.series[i]))
			k++;
		if (k == i && put_result(c, &c->set.series[i], err) < 0)
			return -1;
	}
	rs_buf_adds(&c->text, "</PhoronixTestSuite>\n");
	return rs_buf_check(&c->text, err);
}

int rs_export_pts(const struct rs_plan *plan, struct rs_store *store, const char *path,
		  struct rs_err *err)
{
	struct composite c = { .plan = plan, .store = store, .set = RS_SERIES_SET_INIT,
			       .text = RS_BUF_INIT };
	RS_AUTO_OUT *out = NULL;
	int rc = compose(&c, err);

	if (rc == 0)
		out = rs_out_open(path, err);
	if (out != NULL)
		rs_out_write(out, rs_buf_str(&c.text), c.text.len);
	rs_series_set_release(&c.set);
	rs_buf_release(&c.text);
	return out != NULL ? rs_out_close(RS_STEAL(&out), err) : -1;
}
