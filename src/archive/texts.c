/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a bag says to people: README.md, CITATION.cff, data-dictionary.md, bag-info.txt. */
#include "pack_priv.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/clock.h"

char *rs_pack_date(char *buf, size_t size, int64_t epoch_s)
{
	char utc[40];

	if (epoch_s <= 0) {
		buf[0] = '\0';
		return buf;
	}
	(void)rs_clock_utc(utc, sizeof(utc), epoch_s);
	(void)snprintf(buf, size, "%.10s", utc);
	return buf;
}

/* A YAML double-quoted scalar: JSON's strings are a part of YAML's. */
static void add_quoted(struct rs_buf *b, const char *text)
{
	json_t *s = json_string(text == NULL ? "" : text);
	char *quoted = s == NULL ? NULL : json_dumps(s, JSON_ENCODE_ANY);

	if (quoted == NULL)
		b->failed = 1;
	else
		rs_buf_adds(b, quoted);
	free(quoted);
	json_decref(s);
}

static void add_people(const struct rs_pack *p, struct rs_buf *out)
{
	for (size_t i = 0; i < p->o->n_people; i++) {
		const struct rs_bag_person *who = &p->o->people[i];

		rs_buf_addf(out, "%s%s", i == 0 ? "" : "; ", who->name);
		if (who->affiliation != NULL)
			rs_buf_addf(out, " (%s)", who->affiliation);
	}
	if (p->o->n_people == 0)
		rs_buf_adds(out, "not named");
}

/* "A. Author: Title (kind), institution, 2007" of the paper that was run again. */
static void add_paper(const struct rs_citation *c, struct rs_buf *out)
{
	if (c->author != NULL)
		rs_buf_addf(out, "%s: ", c->author);
	rs_buf_adds(out, c->title != NULL ? c->title : c->kind != NULL ? c->kind : "a study without a title");
	if (c->title != NULL && c->kind != NULL)
		rs_buf_addf(out, " (%s)", c->kind);
	if (c->institution != NULL)
		rs_buf_addf(out, ", %s", c->institution);
	if (c->year != 0)
		rs_buf_addf(out, ", %d", c->year);
	if (c->url != NULL)
		rs_buf_addf(out, ", <%s>", c->url);
}

static void add_contents(struct rs_buf *out)
{
	rs_buf_adds(out,
		"## What is where\n\n"
		"- `plan.xml`: the study as it was run.\n"
		"- `run.db`: every measured value, the state of every cell, notes, events and the\n"
		"  environment (SQLite). The only truth; all below can be made again from it and `raw/`.\n"
		"- `csv/`: the tables of `run.db` as CSV; `data-dictionary.md` explains each column.\n"
		"- `raw/<system>/<guest>/<benchmark>/<trial>/`: what the programs printed.\n"
		"- `environment/`: what the machines said about themselves.\n"
		"- `report.*`, `figures/`, `tables/`: the report and its exhibits.\n"
		"- `redactions.csv`: what was masked or left out, by which rule.\n"
		"- `ro-crate-metadata.json`: the same for machines (RO-Crate 1.1).\n\n");
}

static void add_rules(struct rs_buf *out)
{
	rs_buf_adds(out, "## What was masked\n\n"
			 "Text is overwritten with `*` of the same length by these rules:\n\n");
	for (int r = 0; r < RS_REDACT_LAST; r++)
		rs_buf_addf(out, "- %s: %s\n", rs_redact_name((enum rs_redact_rule)r),
			    rs_redact_meaning((enum rs_redact_rule)r));
	rs_buf_adds(out, "\nThey are applied to the free texts of `run.db` and to text files; not to\n"
			 "`plan.xml`, which the authors publish, nor to measured values.\n");
}

void rs_pack_readme(const struct rs_pack *p, struct rs_buf *out)
{
	char date[40];

	rs_buf_addf(out, "# %s\n\n", p->o->plan->title != NULL ? p->o->plan->title : p->study);
	rs_buf_adds(out, "One run of the study published as\n\n> ");
	add_paper(&p->o->plan->citation, out);
	rs_buf_adds(out, "\n\n| | |\n|---|---|\n");
	rs_buf_addf(out, "| run | %s |\n", p->name);
	rs_buf_addf(out, "| begun | %s |\n", rs_pack_date(date, sizeof(date), p->started_s));
	rs_buf_addf(out, "| testbed | %s |\n| profile | %s |\n| seed | %s |\n", p->testbed, p->profile,
		    p->seed);
	rs_buf_addf(out, "| made with | restudy %s |\n| people | ", p->version);
	add_people(p, out);
	rs_buf_addf(out, " |\n| licence | %s |\n\n",
		    p->o->license != NULL ? p->o->license : "not stated");
	add_contents(out);
	rs_buf_adds(out,
		"## How to check it\n\n"
		"The folder above this one is a BagIt bag: `sha256sum -c manifest-sha256.txt` there checks\n"
		"every file, `restudy verify BAG` also the database and the crate and renders the report\n"
		"again, and `restudy report BAG` writes it anew.\n\n");
	add_rules(out);
}

void rs_pack_citation(const struct rs_pack *p, struct rs_buf *out)
{
	const struct rs_citation *c = &p->o->plan->citation;
	char date[40];

	rs_buf_adds(out, "cff-version: 1.2.0\n"
			 "message: \"If you use this data set, please cite it and the study it repeats.\"\n"
			 "type: dataset\ntitle: ");
	add_quoted(out, p->o->plan->title != NULL ? p->o->plan->title : p->study);
	rs_buf_adds(out, "\nauthors:\n");
	for (size_t i = 0; i < p->o->n_people; i++) {
		rs_buf_adds(out, "  - name: ");
		add_quoted(out, p->o->people[i].name);
		if (p->o->people[i].orcid != NULL)
			rs_buf_addf(out, "\n    orcid: \"https://orcid.org/%s\"", p->o->people[i].orcid);
		rs_buf_addc(out, '\n');
	}
	if (p->o->n_people == 0)
		rs_buf_adds(out, "  - name: \"anonymous\"\n");
	if (p->started_s > 0)
		rs_buf_addf(out, "date-released: %s\n",
			    rs_pack_date(date, sizeof(date),
					 p->finished_s > 0 ? p->finished_s : p->started_s));
	if (p->o->license != NULL)
		rs_buf_addf(out, "license: %s\n", p->o->license);
	if (c->title == NULL)
		return;
	rs_buf_adds(out, "references:\n  - type: generic\n    title: ");
	add_quoted(out, c->title);
	rs_buf_adds(out, "\n    authors:\n      - name: ");
	add_quoted(out, c->author != NULL ? c->author : "anonymous");
	if (c->year != 0)
		rs_buf_addf(out, "\n    year: %d", c->year);
	if (c->url != NULL) {
		rs_buf_adds(out, "\n    url: ");
		add_quoted(out, c->url);
	}
	rs_buf_addc(out, '\n');
}

void rs_pack_dictionary(struct rs_buf *out)
{
	size_t n;
	const struct rs_store_column *c = rs_store_columns(&n);

	rs_buf_adds(out, "# Data dictionary\n\n"
			 "Tables of `run.db`, each also as `csv/TABLE.csv` (UTF-8, RFC 4180, decimal point). An\n"
			 "empty field is a value that is not there. `csv/tidy.csv` joins them: one measured value\n"
			 "of a finished trial a line, with system, guests, guest, benchmark, metric, unit, trial.\n");
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || strcmp(c[i].table, c[i - 1].table) != 0)
			rs_buf_addf(out, "\n## %s\n\n| column | type | unit | meaning |\n|---|---|---|---|\n",
				    c[i].table);
		rs_buf_addf(out, "| %s | %s | %s | %s |\n", c[i].name, c[i].type, c[i].unit,
			    c[i].meaning);
	}
}

/* A value of bag-info.txt stands on one line. */
static void add_info(struct rs_buf *out, const char *label, const char *value)
{
	rs_buf_addf(out, "%s: ", label);
	for (const char *v = value; *v != '\0'; v++)
		rs_buf_addc(out, *v == '\n' || *v == '\r' ? ' ' : *v);
	rs_buf_addc(out, '\n');
}

void rs_pack_bag_info(const struct rs_pack *p, struct rs_buf *out)
{
	for (size_t i = 0; i < p->o->n_people; i++)
		add_info(out, "Contact-Name", p->o->people[i].name);
	add_info(out, "External-Description",
		 p->o->plan->title != NULL ? p->o->plan->title : p->study);
	add_info(out, "External-Identifier", p->name);
	add_info(out, "Bag-Software-Agent", "restudy " RS_VERSION);
}
