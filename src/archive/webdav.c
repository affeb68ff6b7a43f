/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * WebDAV (RFC 4918): the file goes to NAME.part in chunks (PUT with Content-Range after
 * the first, as Apache's mod_dav takes it), is read back and compared, and then gets its
 * name by MOVE.  A server that does not know chunks is found out by the size it then has,
 * and gets the file in one piece.
 */
#include "deposit_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"

#define CHUNK (UINT64_C(64) << 20)

struct webdav {
	struct rs_http *h;
	const struct rs_deposit_options *o;
	const struct rs_deposit_file *f;
	char *target, *part;	/* owned addresses */
	uint64_t chunk;
};

static void webdav_release(struct webdav *v)
{
	free(v->target);
	free(v->part);
}

/* Bytes at an address: >= 0, -1 nothing there, -2 with err. */
static int64_t size_at(const struct webdav *v, const char *url, struct rs_err *err)
{
	RS_AUTO_REPLY reply = RS_REPLY_INIT;
	struct rs_http_request q = { .method = "HEAD", .url = url };

	if (rs_http_send(v->h, &q, &reply, err) < 0)
		return -2;
	if (reply.status == 404)
		return -1;
	if (reply.status != 200) {
		(void)rs_http_unexpected(v->h, &reply, "looking for the file", err);
		return -2;
	}
	return reply.length >= 0 ? reply.length : 0;
}

/* ---- reading back ---- */

struct reading {
	struct rs_digest *digest;
	uint64_t bytes, most;
};

static int add_bytes(void *user, const char *bytes, size_t n)
{
	struct reading *r = user;

	r->bytes += n;
	return r->bytes > r->most ? -1 : rs_digest_add(r->digest, bytes, n, NULL);
}

/* One attempt: 1 the same bytes are there, 0 others, 2 it failed for a reason that may pass, -1
 * with err. */
static int read_back(const struct webdav *v, const char *url, int attempt, struct rs_err *err)
{
	RS_AUTO_REPLY reply = RS_REPLY_INIT;
	RS_AUTO_DIGEST *digest = rs_digest_new(RS_DIGEST_SHA256, err);
	struct reading reading = { digest, 0, v->f->size };
	struct rs_http_request q = { .method = "GET", .url = url, .receive = add_bytes, .user = &reading,
				     .attempt = attempt };
	struct rs_err failure = RS_ERR_INIT;
	char hex[RS_DIGEST_HEX];
	int r;

	if (digest == NULL || rs_http_wait(v->h, attempt, err) < 0)
		return -1;
	r = rs_http_send(v->h, &q, &reply, &failure);
	if (failure.kind != RS_ERR_INTERRUPTED && rs_http_may_pass(v->h, &reply, attempt))
		return 2;
	if (r < 0)
		return rs_err_set(err, failure.kind, "%s", failure.text);
	if (reply.status != 200)
		return rs_http_unexpected(v->h, &reply, "reading the file back", err);
	if (rs_digest_end(digest, hex, err) < 0)
		return -1;
	return reading.bytes == v->f->size && strcmp(hex, v->f->sha256) == 0;
}

/* 1 the same bytes are there, 0 others, -1 with err. */
static int is_same(const struct webdav *v, const char *url, struct rs_err *err)
{
	int r = 2;

	for (int attempt = 1; r == 2; attempt++)
		r = read_back(v, url, attempt, err);
	return r;
}

/* ---- sending ---- */

static int put(const struct webdav *v, uint64_t from, uint64_t n, struct rs_http_reply *reply,
	       struct rs_err *err)
{
	char range[120];
	struct rs_http_request q = { .method = "PUT", .url = v->part, .content_type = "application/octet-stream",
				     .fd = v->f->fd, .sends_file = 1, .offset = from, .length = n,
				     .already = from, .total = v->f->size };

	if (from > 0) {
		(void)snprintf(range, sizeof(range), "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64,
			       from, from + n - 1, v->f->size);
		q.header = range;
	}
	return rs_http_send(v->h, &q, reply, err);
}

static int is_stored(const struct rs_http_reply *r)
{
	return r->status == 200 || r->status == 201 || r->status == 204;
}

/* Chunks from what is there on.  1 all of it is there, 0 the server takes no chunks. */
static int send_chunks(const struct webdav *v, uint64_t from, struct rs_err *err)
{
	while (from < v->f->size) {
		RS_AUTO_REPLY reply = RS_REPLY_INIT;
		uint64_t n = v->f->size - from < v->chunk ? v->f->size - from : v->chunk;
		int64_t there;

		if (put(v, from, n, &reply, err) < 0)
			return -1;
		if (from > 0 && (reply.status == 400 || reply.status == 501))
			return 0;
		if (!is_stored(&reply))
			return rs_http_unexpected(v->h, &reply, "sending the file", err);
		from += n;
		there = size_at(v, v->part, err);
		if (there == -2)
			return -1;
		if (there < 0 || (uint64_t)there != from)
			return 0;
	}
	return 1;
}

static int send_whole(const struct webdav *v, struct rs_err *err)
{
	RS_AUTO_REPLY reply = RS_REPLY_INIT;

	if (put(v, 0, v->f->size, &reply, err) < 0)
		return -1;
	return is_stored(&reply) ? 0 : rs_http_unexpected(v->h, &reply, "sending the file", err);
}

static int send_part(const struct webdav *v, struct rs_err *err)
{
	int64_t there = size_at(v, v->part, err);
	int r;

	if (there == -2)
		return -1;
	if (there < 0 || (uint64_t)there > v->f->size ||
	    ((uint64_t)there < v->f->size && (uint64_t)there % v->chunk != 0))
		there = 0;
	r = send_chunks(v, (uint64_t)there, err);
	if (r == 0 || v->f->size == 0)
		r = send_whole(v, err);
	if (r < 0)
		return -1;
	r = is_same(v, v->part, err);
	if (r != 0)
		return r;
	/* what an earlier deposit left was of another file: once more from the start */
	if (send_whole(v, err) < 0)
		return -1;
	r = is_same(v, v->part, err);
	return r != 0 ? r : rs_err_set(err, RS_ERR_FAILED,
				       "\"%s\": what arrived is not what was sent; deposit again", v->o->url);
}

static int give_name(const struct webdav *v, struct rs_err *err)
{
	RS_AUTO_REPLY reply = RS_REPLY_INIT;
	RS_AUTO_STR *header = rs_asprintf(err, "Destination: %s", v->target);
	struct rs_http_request q = { .method = "MOVE", .url = v->part, .header = header, .attempt = 1 };

	if (header == NULL || rs_http_send(v->h, &q, &reply, err) < 0)
		return -1;
	return reply.status == 201 || reply.status == 204
		       ? 0
		       : rs_http_unexpected(v->h, &reply, "giving the file its name", err);
}

static int deposit(const struct webdav *v, struct rs_err *err)
{
	int64_t there = size_at(v, v->target, err);
	int same;

	if (there == -2)
		return -1;
	if (there >= 0) {
		same = (uint64_t)there == v->f->size ? is_same(v, v->target, err) : 0;
		if (same != 0)
			return same < 0 ? -1 : 0;
		return rs_err_set(err, RS_ERR_FAILED,
				  "\"%s\" exists already with other content: nothing is overwritten, use another name",
				  v->target);
	}
	return send_part(v, err) < 0 ? -1 : give_name(v, err);
}

int rs_deposit_webdav(struct rs_http *h, const struct rs_deposit_options *o,
		      const struct rs_deposit_file *f, struct rs_deposit_result *ret,
		      struct rs_err *err)
{
	__attribute__((cleanup(webdav_release))) struct webdav v = {
		.h = h, .o = o, .f = f, .chunk = o->chunk_bytes > 0 ? o->chunk_bytes : CHUNK };
	size_t n = strlen(o->url);
	const char *slash = n > 0 && o->url[n - 1] == '/' ? "" : "/";

	v.target = rs_asprintf(err, "%s%s%s", o->url, slash, f->name);
	v.part = rs_asprintf(err, "%s%s%s.part", o->url, slash, f->name);
	if (v.target == NULL || v.part == NULL || deposit(&v, err) < 0)
		return -1;
	(void)snprintf(ret->id, sizeof(ret->id), "%s", f->name);
	(void)snprintf(ret->url, sizeof(ret->url), "%s", v.target);
	return 0;
}
