/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests through libcurl.  Redirections are not followed, so that the token goes to
 * the server that was named and no other.
 */
#include "http_priv.h"

#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"

#define REPLY_BYTES ((size_t)4 << 20)
#define TOKEN_BYTES 4096
#define LONGEST_WAIT_S 900.0	/* a server that asks for more is asked again another day */

struct rs_http {
	const struct rs_deposit_options *o;
	CURL *curl;
	char *token;		/* secret; or NULL */
	double timeout_s, pause_s;
	int attempts, repeated;
	CURLcode code;		/* of the last request */
	double retry_after_s;	/* of the last reply, < 0: not told */
	/* the request that is under way */
	const struct rs_http_request *q;
	struct rs_http_reply *reply;
	uint64_t sent;
	int refused;		/* the receiver, or the size of the reply, ended it */
};

void rs_http_reply_release(struct rs_http_reply *r)
{
	rs_buf_release(&r->body);
}

int rs_http_repeated(const struct rs_http *h)
{
	return h->repeated;
}

/* ---- the token ---- */

static void trim(struct rs_buf *b)
{
	while (b->len > 0 && isspace((unsigned char)b->data[b->len - 1]))
		b->data[--b->len] = '\0';
}

static int token_from_file(const char *path, struct rs_buf *b, struct rs_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return rs_err_sys(err, RS_ERR_USAGE, errno, "cannot read the token in \"%s\"", path);
	if ((st.st_mode & 077) != 0)
		return rs_err_set(err, RS_ERR_USAGE,
				  "others may read the token in \"%s\": chmod 600 it, and consider a new token", path);
	return rs_path_read(path, TOKEN_BYTES, b, err);
}

static int read_token(struct rs_http *h, struct rs_err *err)
{
	RS_AUTO_BUF b = RS_BUF_INIT;
	const char *env = getenv("RESTUDY_TOKEN");
	int r = 0;

	if (h->o->token_file != NULL)
		r = token_from_file(h->o->token_file, &b, err);
	else if (env != NULL && strlen(env) <= TOKEN_BYTES)
		rs_buf_adds(&b, env);
	trim(&b);
	for (size_t i = 0; r == 0 && i < b.len; i++)
		if (!isprint((unsigned char)b.data[i]))
			r = rs_err_set(err, RS_ERR_USAGE, "the token has bytes that are no text");
	if (r == 0 && b.len == 0 && h->o->kind == RS_DEPOSIT_INVENIO)
		r = rs_err_set(err, RS_ERR_USAGE,
			       "no token: put it into a file (--token-file) or into RESTUDY_TOKEN");
	if (r == 0 && b.len > 0) {
		h->token = rs_strdup(b.data, err);
		r = h->token == NULL ? -1 : 0;
	}
	if (b.data != NULL)
		explicit_bzero(b.data, b.cap);
	return r;
}

/* ---- opening ---- */

static int is_this_machine(const char *url)
{
	static const char *const here[] = { "http://127.0.0.1", "http://localhost", "http://[::1]" };

	for (size_t i = 0; i < RS_COUNT(here); i++) {
		size_t n = strlen(here[i]);

		if (strncmp(url, here[i], n) == 0 && strchr(":/", url[n]) != NULL)
			return 1;
	}
	return 0;
}

static int check_url(const char *url, struct rs_err *err)
{
	if (strncmp(url, "https://", 8) != 0 && !is_this_machine(url))
		return rs_err_set(err, RS_ERR_USAGE,
				  "\"%s\": deposits go to https:// only (http:// to this machine)", url);
	if (strchr(url, '@') != NULL || strchr(url, '?') != NULL || strchr(url, '#') != NULL)
		return rs_err_set(err, RS_ERR_USAGE,
				  "the address has a '@', '?' or '#': name server and path alone, secrets go into the token file");
	return 0;
}

struct rs_http *rs_http_open(const struct rs_deposit_options *o, struct rs_err *err)
{
	RS_AUTO_HTTP *h = NULL;

	if (check_url(o->url, err) < 0)
		return NULL;
	h = rs_alloc(1, sizeof(*h), err);
	if (h == NULL)
		return NULL;
	h->o = o;
	h->timeout_s = o->timeout_s > 0 ? o->timeout_s : 60;
	h->pause_s = o->pause_s > 0 ? o->pause_s : 2;
	h->attempts = o->attempts > 0 ? o->attempts : 5;
	if (read_token(h, err) < 0)
		return NULL;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || (h->curl = curl_easy_init()) == NULL) {
		(void)rs_err_nomem(err);
		return NULL;
	}
	return RS_STEAL(&h);
}

void rs_http_close(struct rs_http *h)
{
	if (h == NULL)
		return;
	curl_easy_cleanup(h->curl);
	if (h->token != NULL)
		explicit_bzero(h->token, strlen(h->token));
	free(h->token);
	free(h);
}

void rs_http_closep(struct rs_http **h)
{
	rs_http_close(*h);
	*h = NULL;
}

/* ---- callbacks of libcurl ---- */

static size_t give(char *to, size_t size, size_t n, void *user)
{
	struct rs_http *h = user;
	uint64_t left = (h->q->sends_file ? h->q->length : h->q->n_body) - h->sent;
	size_t room = size * n < left ? size * n : (size_t)left;
	ssize_t got = (ssize_t)room;

	if (!h->q->sends_file)
		memcpy(to, h->q->body + h->sent, room);
	else
		got = pread(h->q->fd, to, room, (off_t)(h->q->offset + h->sent));
	if (got < 0 || (got == 0 && room > 0))
		return CURL_READFUNC_ABORT;
	h->sent += (uint64_t)got;
	return (size_t)got;
}

static int rewind_body(void *user, curl_off_t offset, int origin)
{
	struct rs_http *h = user;

	if (origin != SEEK_SET || offset < 0)
		return CURL_SEEKFUNC_CANTSEEK;
	h->sent = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

static size_t take(char *bytes, size_t size, size_t n, void *user)
{
	struct rs_http *h = user;
	long status = 0;

	(void)curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
	if (h->q->receive != NULL && status / 100 == 2)
		h->refused = h->q->receive(h->q->user, bytes, size * n) < 0;
	else if (h->reply->body.len + size * n > REPLY_BYTES)
		h->refused = 1;
	else
		rs_buf_add(&h->reply->body, bytes, size * n);
	return h->refused ? 0 : size * n;
}

/* "Retry-After: 30"; a date instead of seconds is taken as not told. */
static size_t header(char *bytes, size_t size, size_t n, void *user)
{
	static const char name[] = "retry-after:";
	struct rs_http *h = user;
	char value[32];
	size_t length = size * n, from = sizeof(name) - 1, k = 0;

	if (length > from && strncasecmp(bytes, name, from) == 0) {
		for (; from < length && k + 1 < sizeof(value); from++)
			if (isdigit((unsigned char)bytes[from]) || bytes[from] == '.')
				value[k++] = bytes[from];
			else if (!isspace((unsigned char)bytes[from]))
				return length;
		value[k] = '\0';
		if (rs_parse_double(value, &h->retry_after_s, NULL) < 0)
			h->retry_after_s = -1;
	}
	return length;
}

static int progress(void *user, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
		    curl_off_t up)
{
	struct rs_http *h = user;

	(void)down_total;
	(void)down;
	(void)up_total;
	if (h->q->sends_file && h->o->progress != NULL)
		h->o->progress(h->o->user, h->q->already + (uint64_t)up, h->q->total);
	return rs_stop_requested() != 0;
}

/* ---- one request ---- */

static struct curl_slist *add_header(struct curl_slist *list, const char *line, int *failed)
{
	struct curl_slist *longer = curl_slist_append(list, line);

	*failed |= longer == NULL;
	return longer == NULL ? list : longer;
}

static struct curl_slist *headers_of(struct rs_http *h, const struct rs_http_request *q,
				     int *failed)
{
	struct curl_slist *list = NULL;
	RS_AUTO_STR *type = NULL;
	char *bearer = NULL;

	list = add_header(list, "Expect:", failed);	/* no waiting for "100 Continue" */
	if (h->o->kind == RS_DEPOSIT_INVENIO) {
		list = add_header(list, "Accept: application/json", failed);
		bearer = rs_asprintf(NULL, "Authorization: Bearer %s", h->token);
		list = bearer == NULL ? list : add_header(list, bearer, failed);
		*failed |= bearer == NULL;
		if (bearer != NULL)
			explicit_bzero(bearer, strlen(bearer));
		free(bearer);
	}
	if (q->content_type != NULL) {
		type = rs_asprintf(NULL, "Content-Type: %s", q->content_type);
		list = type == NULL ? list : add_header(list, type, failed);
		*failed |= type == NULL;
	}
	return q->header != NULL ? add_header(list, q->header, failed) : list;
}

/* curl_slist_free_all, after the token has been overwritten. */
static void forget_headers(struct curl_slist *list)
{
	for (struct curl_slist *l = list; l != NULL; l = l->next)
		if (strncmp(l->data, "Authorization", 13) == 0)
			explicit_bzero(l->data, strlen(l->data));
	curl_slist_free_all(list);
}

static void set_body(struct rs_http *h, const struct rs_http_request *q)
{
	int has_body = q->sends_file || q->body != NULL;

	if (strcmp(q->method, "HEAD") == 0) {
		(void)curl_easy_setopt(h->curl, CURLOPT_NOBODY, 1L);
		return;
	}
	if (has_body) {
		(void)curl_easy_setopt(h->curl, CURLOPT_UPLOAD, 1L);
		(void)curl_easy_setopt(h->curl, CURLOPT_READFUNCTION, give);
		(void)curl_easy_setopt(h->curl, CURLOPT_READDATA, h);
		(void)curl_easy_setopt(h->curl, CURLOPT_SEEKFUNCTION, rewind_body);
		(void)curl_easy_setopt(h->curl, CURLOPT_SEEKDATA, h);
		(void)curl_easy_setopt(h->curl, CURLOPT_INFILESIZE_LARGE,
				       (curl_off_t)(q->sends_file ? q->length : q->n_body));
	}
	(void)curl_easy_setopt(h->curl, CURLOPT_CUSTOMREQUEST, q->method);
}

static void set_options(struct rs_http *h, const struct rs_http_request *q, struct curl_slist *headers)
{
	CURL *c = h->curl;

	curl_easy_reset(c);
	(void)curl_easy_setopt(c, CURLOPT_URL, q->url);
	(void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(c, CURLOPT_USERAGENT, "restudy/" RS_VERSION);
	(void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)(h->timeout_s * 1000));
	(void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	(void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, h->timeout_s < 1 ? 1L : (long)h->timeout_s);
	(void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	(void)curl_easy_setopt(c, CURLOPT_WRITEDATA, h);
	(void)curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, header);
	(void)curl_easy_setopt(c, CURLOPT_HEADERDATA, h);
	(void)curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, progress);
	(void)curl_easy_setopt(c, CURLOPT_XFERINFODATA, h);
	(void)curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	if (is_this_machine(h->o->url))	/* by no way round, on which others hear the token */
		(void)curl_easy_setopt(c, CURLOPT_PROXY, "");
	if (h->o->ca_file != NULL)
		(void)curl_easy_setopt(c, CURLOPT_CAINFO, h->o->ca_file);
	if (h->o->kind == RS_DEPOSIT_WEBDAV && h->token != NULL) {
		(void)curl_easy_setopt(c, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		(void)curl_easy_setopt(c, CURLOPT_USERPWD, h->token);
	}
	set_body(h, q);
}

static int send_once(struct rs_http *h, const struct rs_http_request *q, struct rs_http_reply *ret,
		     struct rs_err *err)
{
	int failed = 0;
	struct curl_slist *headers = headers_of(h, q, &failed);
	curl_off_t length = -1;

	rs_buf_clear(&ret->body);
	ret->status = 0;
	h->q = q;
	h->reply = ret;
	h->sent = 0;
	h->refused = 0;
	h->retry_after_s = -1;
	if (failed) {
		forget_headers(headers);
		return rs_err_nomem(err);
	}
	set_options(h, q, headers);
	h->code = curl_easy_perform(h->curl);
	(void)curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &ret->status);
	(void)curl_easy_getinfo(h->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	ret->length = (int64_t)length;
	forget_headers(headers);
	/* an answer before the end of the upload is an answer, though the rest was not taken */
	if (h->code == CURLE_SEND_ERROR && ret->status >= 400)
		h->code = CURLE_OK;
	return rs_stop_check(err);
}

static int is_passing_status(long status)
{
	return status == 408 || status == 425 || status == 429 || status == 500 ||
	       (status >= 502 && status <= 504);
}

static int is_passing_code(CURLcode code)
{
	return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
	       code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_OPERATION_TIMEDOUT ||
	       code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING ||
	       code == CURLE_PARTIAL_FILE || code == CURLE_HTTP2 || code == CURLE_HTTP2_STREAM;
}

int rs_http_may_pass(const struct rs_http *h, const struct rs_http_reply *r, int attempt)
{
	return attempt < h->attempts &&
	       (h->code != CURLE_OK ? is_passing_code(h->code) : is_passing_status(r->status));
}

/* Seconds before the next attempt. */
static double pause_before(const struct rs_http *h, int attempt)
{
	double s = h->pause_s;

	for (int i = 2; i < attempt && s < LONGEST_WAIT_S; i++)
		s *= 2;
	if (h->retry_after_s > s)
		s = h->retry_after_s;
	return s;
}

int rs_http_wait(struct rs_http *h, int attempt, struct rs_err *err)
{
	double s;

	if (attempt <= 1)
		return rs_stop_check(err);
	s = pause_before(h, attempt);
	if (s > LONGEST_WAIT_S)
		return rs_err_set(err, RS_ERR_FAILED,
				  "\"%s\" asks to wait %.0f s: deposit again then, it goes on where it stopped",
				  h->o->url, s);
	h->repeated++;
	rs_clock_sleep(s);
	return rs_stop_check(err);
}

static int no_answer(const struct rs_http *h, int attempt, struct rs_err *err)
{
	enum rs_err_kind kind = h->code == CURLE_OPERATION_TIMEDOUT ? RS_ERR_TIMEOUT : RS_ERR_FAILED;

	if (h->code == CURLE_OUT_OF_MEMORY)
		return rs_err_nomem(err);
	if (h->code == CURLE_PEER_FAILED_VERIFICATION)
		return rs_err_set(err, kind, "\"%s\": nobody whom this machine trusts vouches for the server's certificate; nothing was sent",
				  h->o->url);
	return rs_err_set(err, kind, "\"%s\": no answer to %s after %d attempt%s: %s; deposit again later, it goes on where it stopped",
			  h->o->url, h->q->method, attempt, attempt == 1 ? "" : "s", curl_easy_strerror(h->code));
}

int rs_http_send(struct rs_http *h, const struct rs_http_request *q, struct rs_http_reply *ret,
		 struct rs_err *err)
{
	int attempt = q->attempt > 0 ? q->attempt : 1;

	for (;; attempt++) {
		if (q->attempt == 0 && rs_http_wait(h, attempt, err) < 0)
			return -1;
		if (send_once(h, q, ret, err) < 0)
			return -1;
		if (h->refused)
			return rs_err_set(err, RS_ERR_FAILED, "\"%s\": the answer to %s was not as announced",
					  h->o->url, q->method);
		if (h->code == CURLE_OK && !is_passing_status(ret->status))
			return 0;
		if (q->attempt > 0 || !rs_http_may_pass(h, ret, attempt))
			break;
	}
	return h->code == CURLE_OK ? 0 : no_answer(h, attempt, err);
}

/* ---- what an answer means ---- */

static const char *advice(long status)
{
	if (status == 401 || status == 403)
		return "; check the token and what it may do";
	if (status == 404)
		return "; check the address";
	if (status == 413)
		return "; the file is larger than the repository takes: ask for a larger quota, or split the study";
	if (status == 429 || status >= 500)
		return "; deposit again later, it goes on where it stopped";
	if (status / 100 == 3)
		return "; the server has moved: use the address it names";
	return "";
}

/* A server that repeats the token in its answer shall not put it into our messages. */
static void hide_token(const struct rs_http *h, char *text)
{
	size_t n = h->token == NULL ? 0 : strlen(h->token);

	for (char *p = text; n > 0 && (p = strstr(p, h->token)) != NULL; p += n)
		memset(p, '*', n);
}

int rs_http_unexpected(const struct rs_http *h, const struct rs_http_reply *r, const char *what,
		       struct rs_err *err)
{
	RS_AUTO_STR *said = rs_strdup(rs_buf_str(&r->body), NULL);

	if (said != NULL)
		hide_token(h, said);
	return rs_err_set(err, RS_ERR_FAILED, "\"%s\": %s: status %ld%s%s%.200s", h->o->url, what, r->status,
			  advice(r->status), said != NULL && said[0] != '\0' ? "; it says: " : "",
			  said != NULL ? said : "");
}
