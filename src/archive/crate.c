/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The run as an RO-Crate 1.1: what it is, who made it, with what, and which exhibit
 * comes from which data by which action.
 */
#include "bag_priv.h"
#include "pack_priv.h"

#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/text.h"

#define PROGRAM_ID "#restudy"

static const struct {
	const char *suffix, *type;
} media_types[] = {
	{ ".cff", "application/yaml" },	     { ".csv", "text/csv" },
	{ ".db", "application/vnd.sqlite3" }, { ".html", "text/html" },
	{ ".json", "application/json" },     { ".log", "text/plain" },
	{ ".md", "text/markdown" },	     { ".pdf", "application/pdf" },
	{ ".png", "image/png" },	     { ".svg", "image/svg+xml" },
	{ ".tex", "application/x-tex" },     { ".txt", "text/plain" },
	{ ".xml", "application/xml" },
};

/* The media type of a file by its name. */
static const char *media_type(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot != NULL && i < RS_COUNT(media_types); i++)
		if (strcmp(dot, media_types[i].suffix) == 0)
			return media_types[i].type;
	return "application/octet-stream";
}

/* A path as a relative reference of RFC 3987. */
static void add_uri(struct rs_buf *b, const char *rel)
{
	int n;

	for (uint32_t c; (c = rs_text_next(rel, &n)), n != 0; rel += n) {
		if (c != RS_TEXT_REPLACEMENT && (n > 1 || isalnum((int)c) || strchr("/._-~+", (int)c) != NULL))
			rs_buf_add(b, rel, (size_t)n);
		else
			rs_buf_addf(b, "%%%02X", (unsigned)(unsigned char)*rel);
	}
}

/* Everything added to a graph is owned by it.  Functions below return NULL when memory
 * ends and accept NULL, so that one check at the end is enough. */
static json_t *reference(const char *id)
{
	return json_pack("{s:s}", "@id", id);
}

static void set(json_t *entity, const char *key, const char *value)
{
	if (entity != NULL && value != NULL && value[0] != '\0')
		(void)json_object_set_new(entity, key, json_string(value));
}

static void refer(json_t *entity, const char *key, const char *id)
{
	(void)json_object_set_new(entity, key, reference(id));
}

/* All of list, which is taken: compacted, so that one stands alone and none says nothing. */
static void give(json_t *entity, const char *key, json_t *list)
{
	json_t *what = json_array_size(list) == 1 ? json_array_get(list, 0) : list;

	if (json_array_size(list) > 0)
		(void)json_object_set(entity, key, what);
	json_decref(list);
}

/* Adds an entity; borrowed. */
static json_t *add(json_t *graph, const char *id, const char *type)
{
	json_t *e = json_pack("{s:s, s:s}", "@id", id, "@type", type);

	return json_array_append_new(graph, e) == 0 ? e : NULL;
}

static int starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* A file of exhibit "fig-3.2": its name without the last suffix is the id. */
static int is_of_exhibit(const char *rel, const char *id)
{
	const char *base = strrchr(rel, '/');
	size_t n = strlen(id);

	base = base == NULL ? rel : base + 1;
	return starts_with(base, id) && base[n] == '.' && strchr(base + n + 1, '.') == NULL;
}

static char *uri_of(const char *rel)
{
	RS_AUTO_BUF b = RS_BUF_INIT;

	add_uri(&b, rel);
	return rs_buf_steal(&b);
}

static void add_descriptor(json_t *graph)
{
	json_t *e = add(graph, "ro-crate-metadata.json", "CreativeWork");

	refer(e, "conformsTo", "https://w3id.org/ro/crate/1.1");
	refer(e, "about", "./");
}

/* The first of those that made the run who is of the same institution. */
static size_t first_colleague(const struct rs_pack *p, size_t who)
{
	size_t i = 0;

	while (p->o->people[i].affiliation == NULL ||
	       strcmp(p->o->people[i].affiliation, p->o->people[who].affiliation) != 0)
		i++;
	return i;
}

static char *person_id(const struct rs_pack *p, size_t who)
{
	const char *orcid = p->o->people[who].orcid;

	return orcid != NULL ? rs_asprintf(NULL, "https://orcid.org/%s", orcid)
			     : rs_asprintf(NULL, "#person-%zu", who + 1);
}

/* References to those that made the run. */
static json_t *people(const struct rs_pack *p)
{
	json_t *all = json_array();

	for (size_t i = 0; i < p->o->n_people; i++) {
		RS_AUTO_STR *id = person_id(p, i);

		(void)json_array_append_new(all, reference(id == NULL ? "" : id));
	}
	return all;
}

static void add_affiliation(const struct rs_pack *p, size_t who, json_t *graph, json_t *person,
			    json_t *publishers)
{
	const size_t first = first_colleague(p, who);
	RS_AUTO_STR *id = rs_asprintf(NULL, "#affiliation-%zu", first + 1);

	refer(person, "affiliation", id == NULL ? "" : id);
	if (first != who)
		return;
	set(add(graph, id == NULL ? "" : id, "Organization"), "name", p->o->people[who].affiliation);
	(void)json_array_append_new(publishers, reference(id == NULL ? "" : id));
}

/* Those that made the run; they or their institutions also publish it. */
static void add_people(const struct rs_pack *p, json_t *graph, json_t *root)
{
	json_t *publishers = json_array();

	for (size_t i = 0; i < p->o->n_people; i++) {
		RS_AUTO_STR *id = person_id(p, i);
		json_t *e = add(graph, id == NULL ? "" : id, "Person");

		set(e, "name", p->o->people[i].name);
		if (p->o->people[i].affiliation != NULL)
			add_affiliation(p, i, graph, e, publishers);
		else
			(void)json_array_append_new(publishers, reference(id == NULL ? "" : id));
	}
	give(root, "author", people(p));
	give(root, "publisher", publishers);
}

/* What is run again, with its author. */
static void add_paper(const struct rs_pack *p, json_t *graph, json_t *root)
{
	const struct rs_citation *c = &p->o->plan->citation;
	const char *id = c->url != NULL ? c->url : "#paper";
	json_t *e;

	if (c->title == NULL && c->kind == NULL)
		return;
	e = add(graph, id, "ScholarlyArticle");
	set(e, "name", c->title != NULL ? c->title : c->kind);
	if (c->author != NULL) {
		refer(e, "author", "#paper-author");
		set(add(graph, "#paper-author", "Person"), "name", c->author);
	}
	if (c->institution != NULL) {
		refer(e, "publisher", "#paper-publisher");
		set(add(graph, "#paper-publisher", "Organization"), "name", c->institution);
	}
	if (c->year != 0)
		(void)json_object_set_new(e, "datePublished", json_sprintf("%d", c->year));
	/* a citation must have an address */
	refer(root, c->url != NULL ? "citation" : "isBasedOn", id);
}

static void add_license(const struct rs_pack *p, json_t *graph, json_t *root)
{
	RS_AUTO_STR *id = NULL;
	json_t *e;

	if (p->o->license == NULL) {
		set(root, "license", "No licence was stated by those who archived this run.");
		return;
	}
	id = rs_asprintf(NULL, "https://spdx.org/licenses/%s", p->o->license);
	e = add(graph, id == NULL ? "" : id, "CreativeWork");
	set(e, "name", p->o->license);
	set(e, "description", "The licence of the data set, by its identifier in the SPDX licence list.");
	refer(root, "license", id == NULL ? "" : id);
}

static json_t *add_root(const struct rs_pack *p, json_t *graph)
{
	json_t *root = add(graph, "./", "Dataset");
	char date[40];

	set(root, "name", p->o->plan->title != NULL ? p->o->plan->title : p->study);
	set(root, "description", "One run of a published systems study: plan, raw output, measured "
				 "values, environment, exhibits and report.");
	set(root, "identifier", p->name);
	/* the specification wants a date: without one of the run, the beginning of time */
	set(root, "datePublished",
	    rs_pack_date(date, sizeof(date), p->finished_s > 0 ? p->finished_s
					     : p->started_s > 0 ? p->started_s : 1));
	return root;
}

/* "raw/host/" of "raw/host/siege/1/stdout": how long it is; 0 for files that are told one
 * by one. */
static size_t folder_length(const char *rel)
{
	const char *second;

	if (!starts_with(rel, "raw/") && !starts_with(rel, "environment/"))
		return 0;
	second = strchr(strchr(rel, '/') + 1, '/');
	return second == NULL ? 0 : (size_t)(second + 1 - rel);
}

static json_t *add_file(json_t *graph, const char *id, const char *rel, uint64_t size)
{
	RS_AUTO_BUF name = RS_BUF_INIT;
	json_t *e = add(graph, id == NULL ? "" : id, "File");

	rs_text_clean(&name, rel);
	set(e, "name", rs_buf_str(&name));
	set(e, "encodingFormat", media_type(rel));
	(void)json_object_set_new(e, "contentSize", json_sprintf("%" PRIu64, size));
	return e;
}

/* One entity per file outside raw/ and environment/, one per folder within them. */
static void add_files(const struct rs_pack *p, json_t *graph, json_t *root)
{
	json_t *parts = json_array();
	char folder[200] = "";

	for (size_t i = 0; i < p->n_files; i++) {
		const char *rel = p->file[i].rel;
		RS_AUTO_STR *uri = uri_of(rel);
		size_t n = folder_length(rel);
		json_t *e;

		if (n > 0 && n < sizeof(folder)) {
			if (strncmp(folder, rel, n) == 0)
				continue;
			memcpy(folder, rel, n);
			folder[n] = '\0';
			free(uri);
			uri = uri_of(folder);
			e = add(graph, uri == NULL ? "" : uri, "Dataset");
			set(e, "name", folder);
		} else {
			e = add_file(graph, uri, rel, p->file[i].size);
			if (rs_bag_is_rendered(rel) && strcmp(rel, "report.template.xml") != 0)
				refer(e, "isBasedOn", "run.db");
		}
		(void)json_array_append_new(parts, reference(uri == NULL ? "" : uri));
	}
	set(add_file(graph, "redactions.csv", "redactions.csv", p->redactions.len), "description",
	    "what was masked or left out");
	(void)json_array_append_new(parts, reference("redactions.csv"));
	give(root, "hasPart", parts);
}

static void add_program(const struct rs_pack *p, json_t *graph)
{
	json_t *program = add(graph, PROGRAM_ID, "SoftwareApplication"), *e, *started = json_array();

	set(program, "name", "restudy");
	set(program, "version", p->version);
	for (size_t i = 0; i < p->o->plan->n_benchmarks; i++) {
		const struct rs_benchmark *b = &p->o->plan->benchmarks[i];
		RS_AUTO_STR *id = rs_asprintf(NULL, "#benchmark-%s", b->id);

		e = add(graph, id == NULL ? "" : id, "SoftwareApplication");
		set(e, "name", b->title != NULL ? b->title : b->id);
		/* the plan's version is what was asked for, not what ran */
		set(e, "version", p->program[i]);
		set(e, "url", b->source);
		(void)json_array_append_new(started, reference(id == NULL ? "" : id));
	}
	give(program, "softwareRequirements", started);
}

static json_t *add_action(const struct rs_pack *p, json_t *graph, json_t *mentions, const char *id,
			  const char *name)
{
	json_t *e = add(graph, id, "CreateAction");

	set(e, "name", name);
	refer(e, "instrument", PROGRAM_ID);
	give(e, "agent", people(p));
	(void)json_array_append_new(mentions, reference(id));
	return e;
}

/* Measuring: from the plan to values and raw output. */
static void add_run(const struct rs_pack *p, json_t *graph, json_t *mentions)
{
	json_t *e = add_action(p, graph, mentions, "#run", "measuring");
	json_t *result = json_array();
	char when[40];

	refer(e, "object", "plan.xml");
	(void)json_array_append_new(result, reference("run.db"));
	for (size_t i = 0; i < p->n_files; i++)
		if (starts_with(p->file[i].rel, "raw/")) {
			(void)json_array_append_new(result, reference("raw/"));
			break;
		}
	give(e, "result", result);
	if (p->started_s > 0)
		set(e, "startTime", rs_clock_utc(when, sizeof(when), p->started_s));
	if (p->finished_s > 0)
		set(e, "endTime", rs_clock_utc(when, sizeof(when), p->finished_s));
}

static void add_exhibit(const struct rs_pack *p, const struct rs_exhibit *x, json_t *graph,
			json_t *mentions)
{
	RS_AUTO_STR *id = rs_asprintf(NULL, "#make-%s", x->id);
	json_t *result = json_array(), *e;

	for (size_t i = 0; i < p->n_files; i++)
		if (rs_bag_is_rendered(p->file[i].rel) && is_of_exhibit(p->file[i].rel, x->id)) {
			RS_AUTO_STR *uri = uri_of(p->file[i].rel);

			(void)json_array_append_new(result, reference(uri == NULL ? "" : uri));
		}
	if (json_array_size(result) == 0) {
		json_decref(result);
		return;
	}
	e = add_action(p, graph, mentions, id == NULL ? "" : id, x->caption != NULL ? x->caption : x->id);
	refer(e, "object", "run.db");
	give(e, "result", result);
	set(e, "description", x->number);
}

static void add_report(const struct rs_pack *p, json_t *graph, json_t *mentions)
{
	json_t *result = json_array(), *e;

	for (size_t i = 0; i < p->n_files; i++)
		if (starts_with(p->file[i].rel, "report.")) {
			RS_AUTO_STR *uri = uri_of(p->file[i].rel);

			(void)json_array_append_new(result, reference(uri == NULL ? "" : uri));
		}
	if (json_array_size(result) == 0) {
		json_decref(result);
		return;
	}
	e = add_action(p, graph, mentions, "#report", "rendering the report");
	give(e, "result", result);
	(void)json_object_set_new(e, "object", json_pack("[{s:s},{s:s}]", "@id", "plan.xml", "@id", "run.db"));
}

/* The folder raw/ itself, when it is there, so that the action's reference holds. */
static void add_raw(const struct rs_pack *p, json_t *graph, json_t *root)
{
	for (size_t i = 0; i < p->n_files; i++)
		if (starts_with(p->file[i].rel, "raw/")) {
			json_t *e = add(graph, "raw/", "Dataset");

			set(e, "name", "raw output of the benchmarks");
			(void)json_array_append_new(json_object_get(root, "hasPart"), reference("raw/"));
			return;
		}
}

char *rs_pack_crate(const struct rs_pack *p, struct rs_err *err)
{
	json_t *crate = json_pack("{s:s, s:[]}", "@context", "https://w3id.org/ro/crate/1.1/context",
				  "@graph");
	json_t *graph = json_object_get(crate, "@graph"), *root, *mentions = json_array();
	char *text = NULL;

	add_descriptor(graph);
	root = add_root(p, graph);
	add_files(p, graph, root);
	add_raw(p, graph, root);
	add_people(p, graph, root);
	add_paper(p, graph, root);
	add_license(p, graph, root);
	add_program(p, graph);
	add_run(p, graph, mentions);
	for (size_t i = 0; i < p->o->plan->n_exhibits; i++)
		add_exhibit(p, &p->o->plan->exhibits[i], graph, mentions);
	add_report(p, graph, mentions);
	give(root, "mentions", mentions);
	if (root != NULL)
		text = json_dumps(crate, JSON_INDENT(2));
	json_decref(crate);
	if (text == NULL)
		(void)rs_err_nomem(err);
	return text;
}
