/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * composite.xml of the Phoronix Test Suite: a Result is a metric of a test, its Entries are
 * systems, RawString has the trials ("7.05:7.06:7.04"); without it the Value is all there is.
 * Graphs over time, images and results that passed or failed hold no trials: they are left
 * out.  Restudy's own export is known by its Identifier and comes back as it was.
 */
#include "xml_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"

#define OWN "restudy/"

/* A Result as it is read. */
struct result {
	struct rs_reading *in;
	xmlNode *node;
	char *title, *identifier, *arguments, *description, *scale, *proportion;	/* owned */
	const char *benchmark;
	struct rs_measure measure;
};

static void release_result(struct result *r)
{
	free(r->title);
	free(r->identifier);
	free(r->arguments);
	free(r->description);
	free(r->scale);
	free(r->proportion);
}

static int load(struct result *r, struct rs_err *err)
{
	const struct {
		const char *name;
		char **to;
	} texts[] = { { "Title", &r->title },		  { "Identifier", &r->identifier },
		      { "Arguments", &r->arguments },	  { "Description", &r->description },
		      { "Scale", &r->scale },		  { "Proportion", &r->proportion } };

	for (size_t i = 0; i < RS_COUNT(texts); i++) {
		*texts[i].to = rs_xml_child_text(r->node, texts[i].name, err);
		if (*texts[i].to == NULL)
			return -1;
	}
	return 0;
}

static int is_own(const struct result *r)
{
	return strncmp(r->identifier, OWN, strlen(OWN)) == 0 &&
	       rs_path_is_plain_name(r->identifier + strlen(OWN)) &&
	       rs_path_is_plain_name(r->arguments) && strlen(r->arguments) < 64;
}

/* The test's title, and what is measured in it: its description. */
static int name_result(struct result *r, struct rs_err *err)
{
	const char *title = is_own(r) ? r->identifier + strlen(OWN) :
			    r->title[0] != '\0' ? r->title : r->identifier;
	const char *what = r->description[0] != '\0' ? r->description : r->arguments;
	const int line = rs_xml_line(r->node);

	if (title[0] == '\0')
		return rs_expected(r->in, line, err, "a <Title> or <Identifier> in <Result>");
	if (r->scale[0] == '\0' || strlen(r->scale) > 31)
		return rs_expected(r->in, line, err, "a <Scale> of at most 31 bytes in <Result>: the unit of "
				   "\"%.60s\"", title);
	if (strcmp(r->proportion, "HIB") != 0 && strcmp(r->proportion, "LIB") != 0)
		return rs_expected(r->in, line, err, "<Proportion> HIB or LIB in <Result>, not \"%.20s\"",
				   r->proportion);
	r->benchmark = rs_records_benchmark(r->in->out,
					    r->in->benchmark != NULL ? r->in->benchmark : title, -1, err);
	if (r->benchmark == NULL)
		return -1;
	rs_copy_text(r->measure.benchmark, sizeof(r->measure.benchmark), r->benchmark);
	rs_plain_name(r->measure.id, is_own(r) ? r->arguments : what[0] != '\0' ? what : "result");
	rs_copy_text(r->measure.unit, sizeof(r->measure.unit), r->scale);
	r->measure.title = what[0] != '\0' ? r->description[0] != '\0' ? r->description : r->arguments : NULL;
	r->measure.better = r->proportion[0] == 'H' ? RS_BETTER_HIGHER : RS_BETTER_LOWER;
	return rs_records_measure(r->in, line, &r->measure, err);
}

/* "openvz/3/101" of our own export, else a system as it is named. */
static int place(const struct result *r, const char *identifier, struct rs_cell *cell,
		 struct rs_sample *s, struct rs_err *err)
{
	const char *first = strchr(identifier, '/'), *second = first != NULL ? strchr(first + 1, '/') : NULL;
	RS_AUTO_STR *system = first != NULL ? rs_strndup(identifier, (size_t)(first - identifier), err) : NULL;
	RS_AUTO_STR *count = second != NULL ? rs_strndup(first + 1, (size_t)(second - first - 1), err) : NULL;
	int64_t guests = 0;
	const char *id = identifier;

	cell->guests = 0;
	rs_copy_text(s->guest, sizeof(s->guest), "host");
	if (is_own(r) && system != NULL && count != NULL && rs_path_is_plain_name(second + 1) &&
	    rs_parse_i64(count, 1, 10000, &guests, NULL) == 0) {
		id = system;
		cell->guests = (int)guests;
		rs_copy_text(s->guest, sizeof(s->guest), second + 1);
	}
	id = rs_records_system(r->in->out, id, err);
	if (id == NULL)
		return -1;
	rs_copy_text(cell->system, sizeof(cell->system), id);
	return 0;
}

/* The numbers of "7.05:7.06:7.04", or of Value. */
static int keep_trials(const struct result *r, int line, struct rs_cell *cell, struct rs_sample *s,
		       const char *raw, struct rs_err *err)
{
	while (*raw != '\0') {
		const char *end;

		if (rs_scan_double(raw, &end, &s->value) < 0 || !isfinite(s->value) ||
		    (*end != ':' && *end != '\0'))
			return rs_expected(r->in, line, err, "numbers with \":\" between them, not \"%.60s\"", raw);
		if (rs_records_add(r->in, line, cell, s, err) < 0)
			return -1;
		cell->trial++;
		raw = *end == ':' ? end + 1 : end;
	}
	return 0;
}

static int next_trial(const struct result *r, const struct rs_cell *cell, const char *guest)
{
	int trial = 1;

	/* Within a file a metric has its trials once; an earlier file's go before. */
	for (size_t i = 0; i < r->in->out->n; i++) {
		const struct rs_record *o = &r->in->out->r[i];

		if (o->cell.trial >= trial && o->cell.guests == cell->guests &&
		    strcmp(o->sample.metric, r->measure.id) == 0 &&
		    strcmp(o->cell.benchmark, r->benchmark) == 0 &&
		    strcmp(o->cell.system, cell->system) == 0 && strcmp(o->sample.guest, guest) == 0)
			trial = o->cell.trial + 1;
	}
	return trial;
}

static int keep_entry(const struct result *r, xmlNode *entry, struct rs_err *err)
{
	RS_AUTO_STR *identifier = rs_xml_child_text(entry, "Identifier", err);
	RS_AUTO_STR *value = rs_xml_child_text(entry, "Value", err);
	RS_AUTO_STR *raw = rs_xml_child_text(entry, "RawString", err);
	const int line = rs_xml_line(entry);
	struct rs_cell cell = { .guests = 0 };
	struct rs_sample s = { .value = 0 };
	double mean;

	if (identifier == NULL || value == NULL || raw == NULL)
		return -1;
	if (identifier[0] == '\0')
		return rs_expected(r->in, line, err, "an <Identifier> in <Entry>: the system it is of");
	if (value[0] == '\0' && raw[0] == '\0')
		return 0;	/* PTS writes so that a test gave nothing */
	if (value[0] != '\0' && (rs_parse_double(value, &mean, NULL) < 0 || !isfinite(mean)))
		return rs_expected(r->in, line, err, "a number as <Value>, not \"%.60s\"", value);
	if (place(r, identifier, &cell, &s, err) < 0)
		return -1;
	rs_copy_text(cell.benchmark, sizeof(cell.benchmark), r->benchmark);
	cell.trial = next_trial(r, &cell, s.guest);
	rs_copy_text(s.metric, sizeof(s.metric), r->measure.id);
	rs_copy_text(s.unit, sizeof(s.unit), r->measure.unit);
	return keep_trials(r, line, &cell, &s, raw[0] != '\0' ? raw : value, err);
}

static int keep_result(struct result *r, struct rs_err *err)
{
	RS_AUTO_STR *format = rs_xml_child_text(r->node, "DisplayFormat", err);
	const xmlNode *data = rs_xml_child(r->node, NULL, "Data");
	size_t n = 0;

	if (format == NULL || load(r, err) < 0)
		return -1;
	if (format[0] != '\0' && strcmp(format, "BAR_GRAPH") != 0)
		return 0;
	if (data == NULL)
		return rs_expected(r->in, rs_xml_line(r->node), err, "<Data> in <Result>");
	if (name_result(r, err) < 0)
		return -1;
	for (xmlNode *e = rs_xml_child(data, NULL, "Entry"); e != NULL;
	     e = rs_xml_child(data, e, "Entry"), n++)
		if (keep_entry(r, e, err) < 0)
			return -1;
	return n > 0 ? 0 : rs_expected(r->in, rs_xml_line(r->node), err, "an <Entry> in <Data>");
}

int rs_read_pts(struct rs_reading *in, struct rs_err *err)
{
	RS_AUTO_XML *doc = rs_xml_open(in, "PhoronixTestSuite", err);
	const xmlNode *root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;

	if (root == NULL)
		return -1;
	for (xmlNode *n = rs_xml_child(root, NULL, "Result"); n != NULL;
	     n = rs_xml_child(root, n, "Result")) {
		__attribute__((cleanup(release_result))) struct result r = { .in = in, .node = n };

		if (keep_result(&r, err) < 0)
			return -1;
	}
	if (in->out->n == 0)
		return rs_expected(in, rs_xml_line(root), err, "a <Result> with values in <PhoronixTestSuite>");
	return 0;
}
