/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * InvenioRDM: a draft, its file (announced, sent, committed, compared), a DOI when it is
 * asked for, and publishing when it is asked for.  Addresses are made here from the
 * record's id; links in answers are only shown.
 */
#include "deposit_priv.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "restudy/base/mem.h"

#define JSON_TYPE "application/json"

struct invenio {
	struct rs_http *h;
	const struct rs_deposit_options *o;
	const struct rs_deposit_file *f;
	struct rs_deposit_state *s;
	struct rs_deposit_result *ret;
};

/* "https://server/api/records/ID/draft/..." ; free() releases. */
static char *address(const struct invenio *v, const char *rest, struct rs_err *err)
{
	size_t n = strlen(v->o->url);

	while (n > 0 && v->o->url[n - 1] == '/')
		n--;
	return rs_asprintf(err, "%.*s/api/records%s%s%s", (int)n, v->o->url, v->s->id[0] == '\0' ? "" : "/",
			   v->s->id, rest);
}

/* A request without a file; a reply for the caller to judge. */
static int ask(const struct invenio *v, const char *method, const char *rest, const char *body,
	       struct rs_http_reply *reply, struct rs_err *err)
{
	RS_AUTO_STR *url = address(v, rest, err);
	struct rs_http_request q = { .method = method, .url = url };

	if (url == NULL)
		return -1;
	if (body != NULL) {
		q.body = body;
		q.n_body = strlen(body);
		q.content_type = JSON_TYPE;
	}
	return rs_http_send(v->h, &q, reply, err);
}

static json_t *json_of(const struct rs_http_reply *r)
{
	return json_loadb(rs_buf_str(&r->body), r->body.len, 0, NULL);
}

/* What the answer does not say stays as it is. */
static void copy_text(char *to, size_t size, const json_t *value)
{
	const char *s = json_string_value(value);

	if (s != NULL)
		(void)snprintf(to, size, "%s", s);
}

/* ---- the record ---- */

static json_t *creator(const struct rs_bag_person *who)
{
	const char *comma = strchr(who->name, ',');
	size_t n = comma == NULL ? strlen(who->name) : (size_t)(comma - who->name);
	json_t *person = json_pack("{s:s, s:s%}", "type", "personal", "family_name", who->name, n), *c;

	if (comma != NULL)
		(void)json_object_set_new(person, "given_name",
					  json_string(comma + 1 + strspn(comma + 1, " ")));
	if (who->orcid != NULL)
		(void)json_object_set_new(person, "identifiers",
					  json_pack("[{s:s, s:s}]", "scheme", "orcid", "identifier", who->orcid));
	c = json_pack("{s:o}", "person_or_org", person);
	if (who->affiliation != NULL)
		(void)json_object_set_new(c, "affiliations", json_pack("[{s:s}]", "name", who->affiliation));
	return c;
}

static json_t *metadata(const struct rs_deposit_options *o)
{
	json_t *m = json_pack("{s:s, s:s, s:{s:s}, s:s}", "title",
			      o->plan->title != NULL ? o->plan->title : o->plan->id, "publication_date",
			      o->date, "resource_type", "id", "dataset", "description",
			      "Raw data, measured values, environment and report of one run of a systems "
			      "study, as a BagIt bag and RO-Crate made by restudy.");
	json_t *creators = json_array();

	for (size_t i = 0; i < o->n_people; i++)
		(void)json_array_append_new(creators, creator(&o->people[i]));
	(void)json_object_set_new(m, "creators", creators);
	if (o->license != NULL) {
		char id[64];
		size_t n = strlen(o->license) < sizeof(id) - 1 ? strlen(o->license) : sizeof(id) - 1;

		for (size_t i = 0; i < n; i++)
			id[i] = (char)tolower((unsigned char)o->license[i]);
		id[n] = '\0';
		(void)json_object_set_new(m, "rights", json_pack("[{s:s}]", "id", id));
	}
	if (o->plan->citation.url != NULL)
		(void)json_object_set_new(m, "related_identifiers",
			json_pack("[{s:s, s:s, s:{s:s}}]", "identifier", o->plan->citation.url, "scheme", "url",
				  "relation_type", "id", "isderivedfrom"));
	return m;
}

static char *record_text(const struct rs_deposit_options *o, struct rs_err *err)
{
	json_t *record = json_pack("{s:{s:s, s:s}, s:{s:b}, s:o}", "access", "record", "public", "files",
				   "public", "files", "enabled", 1, "metadata", metadata(o));
	char *text = record == NULL ? NULL : json_dumps(record, 0);

	if (text == NULL)
		(void)rs_err_nomem(err);
	json_decref(record);
	return text;
}

/* What a draft or record says of itself. */
static void read_record(const struct invenio *v, const struct rs_http_reply *reply)
{
	json_t *answer = json_of(reply);

	copy_text(v->ret->url, sizeof(v->ret->url),
		  json_object_get(json_object_get(answer, "links"), "self_html"));
	copy_text(v->ret->doi, sizeof(v->ret->doi),
		  json_object_get(json_object_get(json_object_get(answer, "pids"), "doi"), "identifier"));
	json_decref(answer);
}

static int create_draft(struct invenio *v, struct rs_err *err)
{
	RS_AUTO_REPLY reply = RS_REPLY_INIT;
	RS_AUTO_STR *text = record_text(v->o, err);
	json_t *answer;
	char id[64] = "";

	if (text == NULL || ask(v, "POST", "", text, &reply, err) < 0)
		return -1;
	if (reply.status != 201)
		return rs_http_unexpected(v->h, &reply, "making a draft", err);
	answer = json_of(&reply);
	copy_text(id, sizeof(id), json_object_get(answer, "id"));
	json_decref(answer);
	read_record(v, &reply);
	if (!rs_deposit_is_plain_id(id))
		return rs_http_unexpected(v->h, &reply, "making a draft gave no id", err);
	return rs_deposit_remember(v->s, v->o, v->f, id, err);
}

/* What an earlier deposit left: 1 its draft, 2 a record that it published without hearing so,
 * 0 nothing, -1 with err. */
static int find_draft(struct invenio *v, struct rs_err *err)
{
	RS_AUTO_REPLY reply = RS_REPLY_INIT;
	int found = 1;

	if (v->s->id[0] == '\0')
		return 0;
	if (ask(v, "GET", "/draft", NULL, &reply, err) < 0)
		return -1;
	if (reply.status == 404 || reply.status == 410) {
		if (ask(v, "GET", "", NULL, &reply, err) < 0)
			return -1;
		found = 2;
	}
	if (reply.status == 404 || reply.status == 410) {
		v->s->id[0] = '\0';
		return 0;
	}
	if (reply.status != 200)
		return rs_http_unexpected(v->h, &reply, "finding the draft of the earlier deposit", err);
	read_record(v, &reply);
	return found;
}

/* ---- the file ---- */

/* 1 the server has it whole, 0 it does not, -1 it has something else. */
static int compare_entry(const struct invenio *v, const json_t *entry)
{
	const char *status = json_string_value(json_object_get(entry, "status"));
	const char *sum = json_string_value(json_object_get(entry, "checksum"));

	if (status == NULL || strcmp(status, "completed") != 0)
		return 0;
	return sum != NULL && strncmp(sum, "md5:", 4) == 0 && strcasecmp(sum + 4, v->f->md5) == 0 ? 1 : -1;
}

static int file_request(const struct invenio *v, const char *method, const char *after,
			const char *body, struct rs_http_reply *reply, struct rs_err *err)
{
	RS_AUTO_STR *rest = rs_asprintf(err, "/draft/files/%s%s", v->f->name, after);

	return rest == NULL ? -1 : ask(v, method, rest, body, reply, err);
}

/* 1 it is there whole; 0 it is not there (any more). */
static int find_file(struct invenio *v, struct rs_err *err)
{
	RS_AUTO_REPLY reply = RS_REPLY_INIT;
	json_t *entry;
	int same;

	if (file_request(v, "GET", "", NULL, &reply, err) < 0)
		return -1;
	if (reply.status == 404)
		return 0;
	if (reply.status != 200)
		return rs_http_unexpected(v->h, &reply, "asking for the file", err);
	entry = json_of(&reply);
	same = compare_entry(v, entry);
	json_decref(entry);
	if (same == 1)
		return 1;
	if (file_request(v, "DELETE", "", NULL, &reply, err) < 0)
		return -1;
	if (reply.status != 204 && reply.status != 404)
		return rs_http_unexpected(v->h, &reply, "removing an unfinished file", err);
	return 0;
}

static int announce(struct invenio *v, struct rs_err *err)
{
	RS_AUTO_REPLY reply = RS_REPLY_INIT;
	json_t *list = json_pack("[{s:s}]", "key", v->f->name);
	char *text = list == NULL ? NULL : json_dumps(list, 0);
	int r = text == NULL ? rs_err_nomem(err) : ask(v, "POST", "/draft/files", text, &reply, err);

	free(text);
	json_decref(list);
	if (r < 0)
		return -1;
	return reply.status == 201 ? 0 : rs_http_unexpected(v->h, &reply, "announcing the file", err);
}

static int send_content(struct invenio *v, int attempt, struct rs_http_reply *reply, struct rs_err *err)
{
	RS_AUTO_STR *rest = rs_asprintf(err, "/draft/files/%s/content", v->f->name);
	RS_AUTO_STR *url = rest == NULL ? NULL : address(v, rest, err);
	struct rs_http_request q = { .method = "PUT", .url = url, .content_type = "application/octet-stream",
				     .fd = v->f->fd, .sends_file = 1, .length = v->f->size,
				     .total = v->f->size, .attempt = attempt };

	return url == NULL ? -1 : rs_http_send(v->h, &q, reply, err);
}

static int commit(struct invenio *v, struct rs_err *err)
{
	RS_AUTO_REPLY reply = RS_REPLY_INIT;
	json_t *entry;
	int same;

	if (file_request(v, "POST", "/commit", "", &reply, err) < 0)
		return -1;
	if (reply.status != 200)
		return rs_http_unexpected(v->h, &reply, "finishing the file", err);
	entry = json_of(&reply);
	same = compare_entry(v, entry);
	json_decref(entry);
	if (same == 1)
		return 0;
	return rs_http_unexpected(v->h, &reply, "what arrived is not what was sent; deposit again", err);
}

/* Sends the content until it is through: after a failure the server is asked what it has,
 * what is unfinished is removed, and the file is sent again from its start (the interface
 * knows no parts). */
static int send_file(struct invenio *v, struct rs_err *err)
{
	for (int attempt = 1;; attempt++) {
		RS_AUTO_REPLY reply = RS_REPLY_INIT;
		struct rs_err failure = RS_ERR_INIT;
		int r, there;

		if (attempt > 1 && rs_http_wait(v->h, attempt, err) < 0)
			return -1;
		there = find_file(v, err);
		if (there != 0)
			return there < 0 ? -1 : 0;
		if (announce(v, err) < 0)
			return -1;
		r = send_content(v, attempt, &reply, &failure);
		if (r == 0 && reply.status == 200)
			return commit(v, err);
		if (!rs_http_may_pass(v->h, &reply, attempt) || failure.kind == RS_ERR_INTERRUPTED) {
			if (r == 0)
				return rs_http_unexpected(v->h, &reply, "sending the file", err);
			return rs_err_set(err, failure.kind, "%s", failure.text);
		}
	}
}

/* ---- DOI and publishing ---- */

static int reserve_doi(struct invenio *v, struct rs_err *err)
{
	RS_AUTO_REPLY reply = RS_REPLY_INIT;

	if (ask(v, "POST", "/draft/pids/doi", "", &reply, err) < 0)
		return -1;
	if (reply.status == 400)	/* reserved by an earlier deposit: the draft tells it */
		if (ask(v, "GET", "/draft", NULL, &reply, err) < 0)
			return -1;
	if (reply.status != 201 && reply.status != 200)
		return rs_http_unexpected(v->h, &reply, "reserving a DOI", err);
	read_record(v, &reply);
	if (v->ret->doi[0] == '\0')
		return rs_http_unexpected(v->h, &reply, "reserving a DOI gave none", err);
	return 0;
}

static int publish(struct invenio *v, struct rs_err *err)
{
	RS_AUTO_REPLY reply = RS_REPLY_INIT;

	if (ask(v, "POST", "/draft/actions/publish", "", &reply, err) < 0)
		return -1;
	/* an attempt whose answer was lost has published: then the draft is gone */
	if (reply.status == 404 && ask(v, "GET", "", NULL, &reply, err) < 0)
		return -1;
	if (reply.status != 202 && reply.status != 200)
		return rs_http_unexpected(v->h, &reply, "publishing", err);
	v->ret->published = 1;
	return 0;
}

int rs_deposit_invenio(struct rs_http *h, const struct rs_deposit_options *o,
		       const struct rs_deposit_file *f, struct rs_deposit_state *s,
		       struct rs_deposit_result *ret, struct rs_err *err)
{
	struct invenio v = { h, o, f, s, ret };
	int there = find_draft(&v, err);

	if (there < 0 || (there == 0 && create_draft(&v, err) < 0))
		return -1;
	(void)snprintf(ret->id, sizeof(ret->id), "%s", s->id);
	if (there == 2) {
		ret->published = 1;
		return 0;
	}
	if (send_file(&v, err) < 0)
		return -1;
	if (o->reserve_doi && reserve_doi(&v, err) < 0)
		return -1;
	return o->publish ? publish(&v, err) : 0;
}
