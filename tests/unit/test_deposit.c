/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Deposits against a server of this test's own, which behaves as InvenioRDM and as a WebDAV
 * folder and fails in every way it is told to, and against Apache's mod_dav with TLS.
 */
#include "restudy/archive/deposit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "restudy/base/clock.h"
#include "restudy/base/cmd.h"
#include "restudy/base/hash.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#define TOKEN "s3cret-token-1234"

/* What the server does once, instead of what it should, when a request begins with what. */
struct fault {
	const char *what;	/* "PUT /api/records/abc-1/draft/files/bag.zip/content" or a part */
	int times;
	int status;		/* 0: cut the connection after taking cut_after bytes of the body */
	int retry_after;
	long cut_after;
	int after;		/* the request works, its answer is lost */
	double stall_s;
};

struct server {
	int fd, port;
	pthread_t thread;
	struct fault fault[4];
	char log[20000];
	int drafts, announced, committed, published, wrong_sum, no_chunks;
	struct rs_buf content, part, target;	/* Invenio's file; WebDAV's two */
	int has_part, has_target;
};

static void note(struct server *s, const char *line)
{
	size_t n = strlen(s->log);

	snprintf(s->log + n, sizeof(s->log) - n, "%s\n", line);
}

static int count(const struct server *s, const char *what)
{
	int n = 0;

	for (const char *p = s->log; (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

static void answer(int c, int status, const char *extra, const char *body, size_t n_body)
{
	char head[600];
	int n = snprintf(head, sizeof(head), "HTTP/1.1 %d X\r\nContent-Length: %zu\r\nConnection: close\r\n%s\r\n",
			 status, n_body, extra);

	if (send(c, head, (size_t)n, MSG_NOSIGNAL) == n && body != NULL)
		for (size_t at = 0; at < n_body;) {
			ssize_t k = send(c, body + at, n_body - at, MSG_NOSIGNAL);

			if (k <= 0)
				break;
			at += (size_t)k;
		}
}

static void json(int c, int status, const char *body)
{
	answer(c, status, "Content-Type: application/json\r\n", body, strlen(body));
}

/* One request, read whole. */
struct request {
	char head[8000], line[400];	/* "PUT /path" */
	struct rs_buf body;
	long length, range_from;	/* -1: no range */
};

static const char *field(const struct request *q, const char *name)
{
	return strcasestr(q->head, name) == NULL ? NULL : strcasestr(q->head, name) + strlen(name);
}

static int read_head(int c, struct request *q)
{
	size_t n = 0;

	while (n + 1 < sizeof(q->head)) {
		if (recv(c, q->head + n, 1, 0) != 1)
			return -1;
		q->head[++n] = '\0';
		if (n >= 4 && strcmp(q->head + n - 4, "\r\n\r\n") == 0)
			break;
	}
	snprintf(q->line, sizeof(q->line), "%.*s",
		 (int)(strstr(q->head, " HTTP/") != NULL ? strstr(q->head, " HTTP/") - q->head : 0), q->head);
	q->length = field(q, "\r\nContent-Length:") != NULL
			    ? strtol(field(q, "\r\nContent-Length:"), NULL, 10) : 0;
	q->range_from = field(q, "\r\nContent-Range: bytes ") != NULL
				? strtol(field(q, "\r\nContent-Range: bytes "), NULL, 10) : -1;
	return 0;
}

static void read_body(int c, struct request *q, long most)
{
	char block[4096];

	while ((long)q->body.len < q->length && (long)q->body.len < most) {
		long left = q->length - (long)q->body.len;
		ssize_t n = recv(c, block, left < 4096 ? (size_t)left : sizeof(block), 0);

		if (n <= 0)
			return;
		rs_buf_add(&q->body, block, (size_t)n);
	}
}

static void file_entry(struct server *s, int c, int status)
{
	char md5[RS_DIGEST_HEX], text[400];
	RS_AUTO_DIGEST *d = rs_digest_new(RS_DIGEST_MD5, NULL);

	if (rs_digest_add(d, rs_buf_str(&s->content), s->content.len, NULL) < 0 ||
	    rs_digest_end(d, md5, NULL) < 0)
		return;
	if (s->wrong_sum)
		md5[0] = md5[0] == '0' ? '1' : '0';
	snprintf(text, sizeof(text), "{\"key\":\"bag.zip\",\"status\":\"%s\",\"checksum\":\"md5:%s\"}",
		 s->committed ? "completed" : "pending", md5);
	json(c, status, text);
}

static void invenio(struct server *s, int c, const struct request *q)
{
	const char *rest = strchr(q->line, '/') + strlen("/api/records");
	const char *get = q->line;

	if (strcmp(rest, "") == 0 && s->drafts++ >= 0) {
		json(c, 201, "{\"id\":\"abc-1\",\"links\":{\"self_html\":\"https://example.org/uploads/abc-1\"}}");
	} else if (strcmp(rest, "/abc-1/draft") == 0) {
		json(c, s->drafts > 0 && !s->published ? 200 : 404, "{\"id\":\"abc-1\",\"pids\":{\"doi\":{\"identifier\":\"10.5/abc\"}}}");
	} else if (strcmp(rest, "/abc-1/draft/files") == 0) {
		json(c, s->announced ? 400 : 201, "{}");
		s->announced = 1;
	} else if (strcmp(rest, "/abc-1/draft/files/bag.zip/content") == 0) {
		rs_buf_clear(&s->content);
		rs_buf_add(&s->content, q->body.data, q->body.len);
		json(c, 200, "{}");
	} else if (strcmp(rest, "/abc-1/draft/files/bag.zip/commit") == 0) {
		s->committed = 1;
		file_entry(s, c, 200);
	} else if (strcmp(rest, "/abc-1/draft/files/bag.zip") == 0 && strncmp(get, "GET", 3) == 0) {
		if (s->announced)
			file_entry(s, c, 200);
		else
			json(c, 404, "{}");
	} else if (strcmp(rest, "/abc-1/draft/files/bag.zip") == 0) {
		s->announced = s->committed = 0;
		answer(c, 204, "", NULL, 0);
	} else if (strcmp(rest, "/abc-1/draft/pids/doi") == 0) {
		json(c, 201, "{\"pids\":{\"doi\":{\"identifier\":\"10.5/abc\"}}}");
	} else if (strcmp(rest, "/abc-1/draft/actions/publish") == 0) {
		const int was = s->published;

		s->published = 1;	/* before the answer, after which it may be looked at */
		json(c, was ? 404 : 202, "{}");
	} else {
		json(c, s->published ? 200 : 404, "{}");
	}
}

static void webdav(struct server *s, int c, const struct request *q)
{
	int part = strstr(q->line, ".part") != NULL;
	struct rs_buf *b = part ? &s->part : &s->target;
	int *has = part ? &s->has_part : &s->has_target;

	if (strncmp(q->line, "PUT", 3) == 0) {
		if (q->range_from > 0 && !s->no_chunks) {
			b->len = (size_t)q->range_from;
		} else {
			rs_buf_clear(b);
		}
		rs_buf_add(b, q->body.data, q->body.len);
		*has = 1;
		answer(c, 201, "", NULL, 0);
	} else if (strncmp(q->line, "MOVE", 4) == 0) {
		rs_buf_release(&s->target);
		s->target = s->part;
		s->part = (struct rs_buf)RS_BUF_INIT;
		s->has_target = s->has_part;
		s->has_part = 0;
		answer(c, 201, "", NULL, 0);
	} else if (!*has) {
		answer(c, 404, "", NULL, 0);
	} else {
		answer(c, 200, "", strncmp(q->line, "GET", 3) == 0 ? rs_buf_str(b) : NULL, b->len);
	}
}

/* The first fault for this request; NULL when it shall work. */
static struct fault *fault_for(struct server *s, const char *line)
{
	for (size_t i = 0; i < RS_COUNT(s->fault); i++)
		if (s->fault[i].what != NULL && s->fault[i].times > 0 &&
		    strstr(line, s->fault[i].what) != NULL) {
			s->fault[i].times--;
			return &s->fault[i];
		}
	return NULL;
}

static void misbehave(int c, const struct fault *f)
{
	char extra[80] = "";

	if (f->retry_after > 0)
		snprintf(extra, sizeof(extra), "Retry-After: %d\r\n", f->retry_after);
	if (f->status != 0)
		answer(c, f->status, extra, "refused " TOKEN, strlen("refused " TOKEN));
}

/* Returns 0 when the server shall end. */
static int serve_one(struct server *s, int c)
{
	struct request q = { .body = RS_BUF_INIT };
	const struct fault *f;
	int go_on = 1;

	if (read_head(c, &q) < 0)
		return 1;
	note(s, q.line);
	if (strncmp(q.line, "QUIT", 4) == 0)
		go_on = 0;
	else if (strncmp(q.line, "MOVE", 4) != 0 && strncmp(q.line, "HEAD", 4) != 0 &&
		 strstr(q.line, "/api/") != NULL && strstr(q.head, "Authorization: Bearer " TOKEN "\r\n") == NULL)
		json(c, 401, "{\"message\":\"no token\"}");
	else if ((f = fault_for(s, q.line)) != NULL && !f->after) {
		read_body(c, &q, f->status != 0 && f->cut_after == 0 ? 1 << 30 : f->cut_after);
		usleep((useconds_t)(f->stall_s * 1e6));
		misbehave(c, f);
		if (f->status != 0) {	/* closes slowly, as servers do, so that the answer gets through */
			shutdown(c, SHUT_WR);
			read_body(c, &q, 1 << 30);
		}
	} else {
		int lost = f != NULL ? dup(open("/dev/null", 1)) : -1;

		read_body(c, &q, 1 << 30);
		if (strstr(q.line, "/api/records") != NULL)
			invenio(s, lost >= 0 ? lost : c, &q);
		else
			webdav(s, lost >= 0 ? lost : c, &q);
		if (lost >= 0)
			close(lost);
	}
	rs_buf_release(&q.body);
	return go_on;
}

static void *serve(void *user)
{
	struct server *s = user;

	for (;;) {
		int c = accept(s->fd, NULL, NULL), go_on;

		if (c < 0)
			return NULL;
		go_on = serve_one(s, c);
		shutdown(c, SHUT_RDWR);
		close(c);
		if (!go_on)
			return NULL;
	}
}

struct box {
	char folder[64], file[100], token[100], url[64];
	struct server s;
	struct rs_plan plan;
	struct rs_deposit_options o;
	struct rs_deposit_result r;
	struct rs_err err;
	uint64_t sent, total;
};

static char title[] = "A study";
static const struct rs_bag_person person = { "Doe, Jo", "0000-0002-1825-0097", NULL };

static void watch(void *user, uint64_t sent, uint64_t total)
{
	struct box *b = user;

	b->sent = sent > b->sent ? sent : b->sent;
	b->total = total;
}

static void start(struct server *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(s->fd, 8), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &n), 0);
	s->port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static int setup(void **state)
{
	struct box *b = calloc(1, sizeof(*b));
	size_t n = 300000;
	char *bytes = malloc(n);

	if (b == NULL || bytes == NULL)
		return -1;
	strcpy(b->folder, "/tmp/restudy-deposit-XXXXXX");
	assert_non_null(mkdtemp(b->folder));
	snprintf(b->file, sizeof(b->file), "%s/bag.zip", b->folder);
	snprintf(b->token, sizeof(b->token), "%s/token", b->folder);
	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(i * 31 + i / 255);
	assert_int_equal(rs_path_write(b->file, bytes, n, NULL), 0);
	free(bytes);
	assert_int_equal(rs_path_write(b->token, TOKEN "\n", strlen(TOKEN) + 1, NULL), 0);
	assert_int_equal(chmod(b->token, 0600), 0);
	b->plan.title = title;
	start(&b->s);
	snprintf(b->url, sizeof(b->url), "http://127.0.0.1:%d/", b->s.port);
	b->o = (struct rs_deposit_options){ .kind = RS_DEPOSIT_INVENIO, .url = b->url, .token_file = b->token,
					    .plan = &b->plan, .people = &person, .n_people = 1,
					    .license = "CC-BY-4.0", .date = "2026-11-23", .timeout_s = 2,
					    .attempts = 3, .pause_s = 0.01, .progress = watch, .user = b };
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct box *b = *state;
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				 .sin_port = htons((uint16_t)b->s.port) };
	int c = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(c, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(send(c, "QUIT / HTTP/1.1\r\n\r\n", 19, MSG_NOSIGNAL), 19);
	close(c);
	assert_int_equal(pthread_join(b->s.thread, NULL), 0);
	close(b->s.fd);
	rs_buf_release(&b->s.content);
	rs_buf_release(&b->s.part);
	rs_buf_release(&b->s.target);
	assert_int_equal(rs_path_remove_tree(b->folder, NULL), 0);
	free(b);
	return 0;
}

static int deposit(struct box *b)
{
	rs_err_clear(&b->err);
	return rs_deposit(b->file, &b->o, &b->r, &b->err);
}

#define ok(call) \
	do { \
		if ((call) < 0) \
			fail_msg("%s: %s\n%s", #call, b->err.text, b->s.log); \
	} while (0)

#define refuses(word) \
	do { \
		assert_true(deposit(b) < 0); \
		if (strstr(b->err.text, word) == NULL) \
			fail_msg("\"%s\" does not say \"%s\"", b->err.text, word); \
		assert_null(strstr(b->err.text, TOKEN)); \
	} while (0)

static int has_state(struct box *b)
{
	char path[120];

	snprintf(path, sizeof(path), "%s.deposit", b->file);
	return rs_path_exists(path);
}

static void assert_arrived(struct box *b, const struct rs_buf *there)
{
	RS_AUTO_BUF here = RS_BUF_INIT;

	assert_int_equal(rs_path_read(b->file, 1 << 20, &here, NULL), 0);
	assert_int_equal(here.len, there->len);
	assert_memory_equal(here.data, there->data, here.len);
}

/* ---- InvenioRDM ---- */

static void a_draft_is_made_and_not_published(void **state)
{
	struct box *b = *state;

	ok(deposit(b));
	assert_arrived(b, &b->s.content);
	assert_true(b->s.committed && !b->s.published);
	assert_string_equal(b->r.id, "abc-1");
	assert_string_equal(b->r.url, "https://example.org/uploads/abc-1");
	assert_string_equal(b->r.doi, "");
	assert_int_equal(b->r.attempts, 0);
	assert_true(b->sent == 300000 && b->total == 300000);
	assert_false(has_state(b));
	assert_string_equal(b->s.log,
		"POST /api/records\nGET /api/records/abc-1/draft/files/bag.zip\n"
		"POST /api/records/abc-1/draft/files\n"
		"PUT /api/records/abc-1/draft/files/bag.zip/content\n"
		"POST /api/records/abc-1/draft/files/bag.zip/commit\n");
}

static void doi_and_publishing_on_request(void **state)
{
	struct box *b = *state;

	b->o.reserve_doi = b->o.publish = 1;
	ok(deposit(b));
	assert_string_equal(b->r.doi, "10.5/abc");
	assert_true(b->r.published && b->s.published);
}

static void a_lost_answer_to_publishing_is_looked_up(void **state)
{
	struct box *b = *state;

	b->o.publish = 1;
	b->s.fault[0] = (struct fault){ .what = "publish", .times = 1, .after = 1 };
	ok(deposit(b));
	assert_true(b->r.published);
	assert_int_equal(count(&b->s, "publish\n"), 2);
}

/* It was published, and nobody heard so: the next deposit finds the record and makes no other. */
static void what_was_published_is_not_published_again(void **state)
{
	struct box *b = *state;

	b->o.publish = 1;
	b->s.fault[0] = (struct fault){ .what = "publish", .times = 3, .after = 1 };
	refuses("goes on where it stopped");
	assert_true(has_state(b));
	b->s.log[0] = '\0';
	ok(deposit(b));
	assert_true(b->r.published);
	assert_int_equal(count(&b->s, "POST"), 0);
	assert_false(has_state(b));
}

static void what_passes_is_tried_again(void **state)
{
	struct box *b = *state;
	static const int passing[] = { 408, 425, 429, 500, 502, 503, 504 };

	for (size_t i = 0; i < RS_COUNT(passing); i++) {
		b->s.fault[0] = (struct fault){ .what = "POST /api/records", .times = 1, .status = passing[i] };
		b->s.fault[1] = (struct fault){ .what = "content", .times = 1, .status = passing[i] };
		b->s.announced = b->s.committed = 0;
		ok(deposit(b));
		assert_int_equal(b->r.attempts, 2);
		assert_arrived(b, &b->s.content);
	}
}

static void retry_after_is_waited_for(void **state)
{
	struct box *b = *state;
	int64_t from = rs_clock_ns();

	b->s.fault[0] = (struct fault){ .what = "POST /api/records", .times = 1, .status = 429, .retry_after = 1 };
	ok(deposit(b));
	assert_true(rs_clock_ns() - from >= 1000000000);	/* not earlier; later is no fault */
	b->s.announced = b->s.committed = 0;
	b->s.fault[0] = (struct fault){ .what = "POST /api/records", .times = 1, .status = 429,
					.retry_after = 7200 };
	refuses("asks to wait 7200 s");
}

static void what_stays_is_told_at_once(void **state)
{
	struct box *b = *state;

	b->s.fault[0] = (struct fault){ .what = "POST", .times = 1, .status = 403 };
	refuses("status 403; check the token");
	assert_non_null(strstr(b->err.text, "refused *****"));
	b->s.fault[0] = (struct fault){ .what = "content", .times = 1, .status = 413, .cut_after = 1000 };
	refuses("status 413; the file is larger");
	assert_int_equal(count(&b->s, "content\n"), 1);
	b->s.fault[0] = (struct fault){ .what = "draft", .times = 1, .status = 302 };
	refuses("use the address it names");
	b->s.fault[0] = (struct fault){ .what = "draft", .times = 100, .status = 500 };
	refuses("status 500; deposit again later");
	b->s.fault[0].times = 0;
	assert_int_equal(rs_path_write(b->token, "wrong", 5, NULL), 0);
	assert_int_equal(chmod(b->token, 0600), 0);
	refuses("status 401; check the token");
}

static void a_cut_connection_is_survived(void **state)
{
	struct box *b = *state;

	b->s.fault[0] = (struct fault){ .what = "content", .times = 2, .cut_after = 100000 };
	ok(deposit(b));
	assert_arrived(b, &b->s.content);
	assert_int_equal(count(&b->s, "content\n"), 3);
	assert_int_equal(count(&b->s, "DELETE"), 2);
	assert_int_equal(b->s.drafts, 1);
}

static void a_stalled_server_is_left(void **state)
{
	struct box *b = *state;

	b->o.timeout_s = 1;
	b->o.attempts = 2;
	b->s.fault[0] = (struct fault){ .what = "commit", .times = 1, .stall_s = 1.5 };
	ok(deposit(b));
	assert_int_equal(b->r.attempts, 1);
}

static void an_interrupted_deposit_goes_on(void **state)
{
	struct box *b = *state;

	b->s.fault[0] = (struct fault){ .what = "content", .times = 3, .cut_after = 1000 };
	refuses("goes on where it stopped");
	assert_true(has_state(b));
	ok(deposit(b));
	assert_int_equal(b->s.drafts, 1);	/* the same draft */
	assert_false(has_state(b));
	/* the file was through, the rest was not: it is not sent twice */
	b->s.announced = b->s.committed = 0;
	b->o.reserve_doi = 1;
	b->s.fault[0] = (struct fault){ .what = "doi", .times = 3, .status = 500 };
	refuses("reserving a DOI");
	b->s.log[0] = '\0';
	ok(deposit(b));
	assert_int_equal(count(&b->s, "PUT"), 0);
	assert_int_equal(count(&b->s, "POST /api/records\n"), 0);
	assert_string_equal(b->r.doi, "10.5/abc");
}

static void a_draft_that_is_gone_is_made_anew(void **state)
{
	struct box *b = *state;

	b->s.fault[0] = (struct fault){ .what = "content", .times = 3, .cut_after = 1000 };
	refuses("no answer");
	b->s.drafts = 0;
	b->s.announced = 0;
	ok(deposit(b));
	assert_int_equal(b->s.drafts, 1);
}

static void what_arrives_is_compared(void **state)
{
	struct box *b = *state;

	b->s.wrong_sum = 1;
	refuses("not what was sent");
	assert_false(b->s.published);
}

static void bad_calls_are_told(void **state)
{
	struct box *b = *state;

	assert_string_equal(rs_deposit_kind_name(RS_DEPOSIT_INVENIO), "invenio");
	assert_string_equal(rs_deposit_kind_name(RS_DEPOSIT_WEBDAV), "webdav");
	b->o.url = "http://example.org/";
	refuses("https:// only");
	b->o.url = "http://127.0.0.1.example.org/";
	refuses("https:// only");
	b->o.url = "https://user:pw@example.org/";
	refuses("'@'");
	b->o.url = b->url;
	b->o.n_people = 0;
	refuses("--author");
	b->o.n_people = 1;
	assert_int_equal(chmod(b->token, 0644), 0);
	refuses("others may read the token");
	b->o.token_file = NULL;
	unsetenv("RESTUDY_TOKEN");
	refuses("no token");
	setenv("RESTUDY_TOKEN", TOKEN, 1);
	ok(deposit(b));
	unsetenv("RESTUDY_TOKEN");
	b->o.token_file = "/no/such/file";
	refuses("cannot read the token");
	snprintf(b->file, sizeof(b->file), "%s", b->folder);
	assert_int_equal(chmod(b->token, 0600), 0);
	b->o.token_file = b->token;
	refuses("is no file");
	assert_int_equal(count(&b->s, "records\n"), 1);
}

static void a_server_that_is_not_there_is_told(void **state)
{
	struct box *b = *state;

	b->o.url = "http://127.0.0.1:1/";
	refuses("no answer to POST after 3 attempts");
	assert_int_equal(b->r.attempts, 2);
}

/* ---- WebDAV ---- */

static void webdav_goes_in_chunks(void **state)
{
	struct box *b = *state;

	b->o.kind = RS_DEPOSIT_WEBDAV;
	b->o.token_file = NULL;
	b->o.chunk_bytes = 100000;
	b->s.fault[0] = (struct fault){ .what = "PUT", .times = 1, .cut_after = 5000 };
	ok(deposit(b));
	assert_arrived(b, &b->s.target);
	assert_false(b->s.has_part);
	assert_int_equal(count(&b->s, "PUT"), 4);
	/* again: it is there, nothing is sent */
	b->s.log[0] = '\0';
	ok(deposit(b));
	assert_int_equal(count(&b->s, "PUT"), 0);
	/* other content under the name is not overwritten */
	b->s.target.data[5] ^= 1;
	refuses("nothing is overwritten");
}

static void webdav_goes_on_after_the_last_chunk(void **state)
{
	struct box *b = *state;
	RS_AUTO_BUF here = RS_BUF_INIT;

	b->o.kind = RS_DEPOSIT_WEBDAV;
	b->o.token_file = NULL;
	b->o.chunk_bytes = 100000;
	assert_int_equal(rs_path_read(b->file, 1 << 20, &here, NULL), 0);
	rs_buf_add(&b->s.part, here.data, 200000);
	b->s.has_part = 1;
	ok(deposit(b));
	assert_arrived(b, &b->s.target);
	assert_int_equal(count(&b->s, "PUT"), 1);
	/* a part of another file is found out when it is read back */
	b->s.has_target = 0;
	rs_buf_clear(&b->s.part);
	rs_buf_add(&b->s.part, here.data, 200000);
	b->s.part.data[7] ^= 1;
	b->s.has_part = 1;
	ok(deposit(b));
	assert_arrived(b, &b->s.target);
}

static void a_webdav_server_without_chunks_gets_it_whole(void **state)
{
	struct box *b = *state;

	b->o.kind = RS_DEPOSIT_WEBDAV;
	b->o.token_file = NULL;
	b->o.chunk_bytes = 100000;
	b->s.no_chunks = 1;
	ok(deposit(b));
	assert_arrived(b, &b->s.target);
	b->o.publish = 1;
	refuses("neither publishes");
}

static void what_webdav_has_is_not_sent_again(void **state)
{
	static const char elsewhere[] = "{\"id\": \"x-1\", \"url\": \"https://example.org/\"}";
	struct box *b = *state;
	RS_AUTO_BUF here = RS_BUF_INIT;
	char path[120];

	b->o.kind = RS_DEPOSIT_WEBDAV;
	b->o.token_file = NULL;
	b->o.chunk_bytes = 120000;
	assert_int_equal(rs_path_read(b->file, 1 << 20, &here, NULL), 0);
	rs_buf_add(&b->s.part, here.data, here.len);	/* all was there, but its name not given */
	b->s.has_part = 1;
	/* what an unfinished deposit elsewhere needs stays */
	snprintf(path, sizeof(path), "%s.deposit", b->file);
	assert_int_equal(rs_path_write(path, elsewhere, strlen(elsewhere), NULL), 0);
	b->s.fault[0] = (struct fault){ .what = "GET", .times = 2, .status = 503 };	/* reading back is repeated */
	b->s.fault[1] = (struct fault){ .what = "MOVE", .times = 1, .cut_after = 0 };
	refuses("no answer to MOVE after 1 attempt:");
	ok(deposit(b));
	assert_arrived(b, &b->s.target);
	assert_int_equal(count(&b->s, "PUT"), 0);
	assert_int_equal(count(&b->s, "GET"), 4);
	assert_true(has_state(b));
}

/* The token of a server on this machine goes round by no proxy. */
static void this_machine_is_asked_itself(void **state)
{
	struct box *b = *state;

	setenv("http_proxy", "http://127.0.0.1:1", 1);
	ok(deposit(b));
	unsetenv("http_proxy");
}

/* ---- Apache with mod_dav and TLS ---- */

static const char apache_conf[] =
	"ServerRoot %s\nServerName localhost\nListen 127.0.0.1:%d\nPidFile pid\nErrorLog log\n"
	"LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so\n"
	"LoadModule authn_core_module /usr/lib/apache2/modules/mod_authn_core.so\n"
	"LoadModule authn_file_module /usr/lib/apache2/modules/mod_authn_file.so\n"
	"LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so\n"
	"LoadModule authz_user_module /usr/lib/apache2/modules/mod_authz_user.so\n"
	"LoadModule auth_basic_module /usr/lib/apache2/modules/mod_auth_basic.so\n"
	"LoadModule socache_shmcb_module /usr/lib/apache2/modules/mod_socache_shmcb.so\n"
	"LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so\n"
	"LoadModule dav_module /usr/lib/apache2/modules/mod_dav.so\n"
	"LoadModule dav_fs_module /usr/lib/apache2/modules/mod_dav_fs.so\n"
	"%sDavLockDB lock\nDocumentRoot dav\nSSLEngine on\n"
	"SSLCertificateFile cert.pem\nSSLCertificateKeyFile key.pem\n"
	"<Location />\nDav On\nAuthType Basic\nAuthName x\nAuthUserFile users\n"
	"Require user jo\n</Location>\n";

static int run_ok(const char *const *argv)
{
	RS_AUTO_CMD *c = rs_cmd_new(argv[0]);
	struct rs_err err = RS_ERR_INIT;

	rs_cmd_args(c, argv + 1);
	rs_cmd_timeout(c, 60);
	if (rs_cmd_run_ok(c, &err) == 0)
		return 1;
	print_message("%s\n", err.text);
	return 0;
}
#define program(...) run_ok((const char *const[]){ __VA_ARGS__, NULL })

static int free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	close(fd);
	return ntohs(a.sin_port);
}

/* "jo:" and the SHA-1 of "wonder" as htpasswd -s writes it. */
static const char users[] = "jo:{SHA}w3QkzGJswDXW5OKZHAJw0FELjfM=\n";

static void write_conf(struct box *b, int port)
{
	char path[160], conf[4000];

	snprintf(conf, sizeof(conf), apache_conf, b->folder, port,
		 geteuid() == 0 ? "User www-data\nGroup www-data\n" : "");
	snprintf(path, sizeof(path), "%s/conf", b->folder);
	assert_int_equal(rs_path_write(path, conf, strlen(conf), NULL), 0);
}

static int prepare_apache(struct box *b)
{
	char path[160], key[160], cert[160];

	snprintf(path, sizeof(path), "%s/dav", b->folder);
	assert_int_equal(mkdir(path, 0777), 0);
	assert_int_equal(chmod(path, 0777), 0);
	assert_int_equal(chmod(b->folder, 0777), 0);
	snprintf(key, sizeof(key), "%s/key.pem", b->folder);
	snprintf(cert, sizeof(cert), "%s/cert.pem", b->folder);
	if (!program("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert,
		     "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"))
		return 0;
	snprintf(path, sizeof(path), "%s/users", b->folder);
	assert_int_equal(rs_path_write(path, users, strlen(users), NULL), 0);
	return 1;
}

/* Whether this Apache answers (it writes its number when the port is its own), or has ended since
 * somebody else took the port meanwhile. */
static int apache_is_up(const struct box *b, pid_t pid, int port)
{
	RS_AUTO_STR *written = rs_path_join(b->folder, "pid", NULL);
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				 .sin_port = htons((uint16_t)port) };

	for (int i = 0; i < 1200; i++) {
		const int fd = socket(AF_INET, SOCK_STREAM, 0);
		const int up = rs_path_exists(written) && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0;

		close(fd);
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return 0;
		if (up)
			return 1;
		usleep(50000);
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	return 0;
}

/* Starts Apache at a port that the kernel gave, at another one when that was taken meanwhile. */
static pid_t start_apache(struct box *b, const char *apache, int *port)
{
	char conf[160];

	snprintf(conf, sizeof(conf), "%s/conf", b->folder);
	for (int attempt = 0; attempt < 5; attempt++) {
		pid_t pid;

		*port = free_port();
		write_conf(b, *port);
		pid = fork();
		if (pid == 0) {
			execl(apache, "apache2", "-DFOREGROUND", "-f", conf, (char *)NULL);
			_exit(127);
		}
		if (apache_is_up(b, pid, *port))
			return pid;
	}
	fail_msg("Apache did not come up");
	return -1;
}

static void apache_takes_it(void **state)
{
	struct box *b = *state;
	char cert[160], url[80], there[200];
	int port = 0;
	RS_AUTO_STR *apache = rs_path_program("apache2");
	struct rs_buf arrived = RS_BUF_INIT;
	pid_t pid;

	if (apache == NULL || !rs_path_exists("/usr/lib/apache2/modules/mod_dav_fs.so"))
		skip();
	assert_true(prepare_apache(b));
	pid = start_apache(b, apache, &port);
	b->o.kind = RS_DEPOSIT_WEBDAV;
	b->o.chunk_bytes = 120000;
	snprintf(url, sizeof(url), "https://localhost:%d/", port);
	snprintf(cert, sizeof(cert), "%s/cert.pem", b->folder);
	b->o.url = url;
	refuses("vouches for the server's certificate; nothing was sent");
	assert_int_equal(b->r.attempts, 0);
	b->o.ca_file = cert;
	refuses("status 401; check the token");
	assert_int_equal(rs_path_write(b->token, "jo:wonder\n", 10, NULL), 0);
	assert_int_equal(chmod(b->token, 0600), 0);
	ok(deposit(b));
	snprintf(there, sizeof(there), "%s/dav/bag.zip", b->folder);
	assert_int_equal(rs_path_read(there, 1 << 20, &arrived, NULL), 0);
	assert_arrived(b, &arrived);
	rs_buf_release(&arrived);
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

int main(void)
{
#define t(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		t(a_draft_is_made_and_not_published), t(doi_and_publishing_on_request),
		t(a_lost_answer_to_publishing_is_looked_up), t(what_was_published_is_not_published_again), t(what_passes_is_tried_again),
		t(retry_after_is_waited_for),	      t(what_stays_is_told_at_once),
		t(a_cut_connection_is_survived),      t(a_stalled_server_is_left),
		t(an_interrupted_deposit_goes_on),    t(a_draft_that_is_gone_is_made_anew),
		t(what_arrives_is_compared),	      t(bad_calls_are_told),
		t(a_server_that_is_not_there_is_told), t(webdav_goes_in_chunks),
		t(webdav_goes_on_after_the_last_chunk), t(what_webdav_has_is_not_sent_again),
		t(this_machine_is_asked_itself), t(a_webdav_server_without_chunks_gets_it_whole),
		t(apache_takes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
