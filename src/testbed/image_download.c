/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Downloads through libcurl: resumed where a break left them, tried again when the
 * trouble may pass, told while they run, and believed only by their digest.
 */
#include "image_download_priv.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"

static const double TELL_S = 5;
enum { CONNECT_S = 30, STALL_S = 60, STALL_BYTES = 100 };

struct transfer {
	const struct rs_download *d;
	int64_t begin_ns, told_ns;
	int64_t from;		/* bytes that were here before */
	int fd;
	int write_error;	/* errno of the disk */
	CURL *curl;
};

enum outcome { CAME, AGAIN, FROM_START, HOPELESS };

static size_t take(char *bytes, size_t size, size_t n, void *user)
{
	struct transfer *t = user;
	long status = 0;

	(void)curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 400)
		return size * n;	/* the server's words about it are not the file */
	for (size_t done = 0; done < size * n;) {
		ssize_t w = write(t->fd, bytes + done, size * n - done);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0) {
			t->write_error = errno;
			return 0;
		}
		done += (size_t)w;
	}
	return size * n;
}

static int progress(void *user, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up)
{
	struct transfer *t = user;
	int64_t ns = rs_clock_ns();
	char have[32], all[32], rate[32];
	double seconds = (double)(ns - t->begin_ns) / 1e9;

	(void)up_total;
	(void)up;
	if (rs_stop_requested())
		return 1;
	if ((double)(ns - t->told_ns) / 1e9 < TELL_S || now == 0)
		return 0;
	t->told_ns = ns;
	(void)rs_format_quantity(have, sizeof(have), (double)(t->from + now), RS_DIM_BYTES);
	(void)rs_format_quantity(all, sizeof(all), (double)(t->from + total), RS_DIM_BYTES);
	(void)rs_format_quantity(rate, sizeof(rate), (double)now / (seconds > 0 ? seconds : 1), RS_DIM_BYTES);
	if (total > 0)
		rs_tell(t->d->tell, "image: %s of %s downloaded (%.0f %%, %s a second)", have, all,
			100.0 * (double)(t->from + now) / (double)(t->from + total), rate);
	else
		rs_tell(t->d->tell, "image: %s downloaded (%s a second)", have, rate);
	return 0;
}

static int set_options(struct transfer *t, char *text)
{
	CURL *c = t->curl;
	int bad = 0;

	bad |= curl_easy_setopt(c, CURLOPT_URL, t->d->url) != CURLE_OK;
	bad |= curl_easy_setopt(c, CURLOPT_ERRORBUFFER, text) != CURLE_OK;
	bad |= curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https,file") != CURLE_OK;
	/* A server must not send us to this machine's files, nor to one that nobody vouches for,
	 * unless the checksum does. */
	bad |= curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR,
				t->d->sha256 == NULL && strncmp(t->d->url, "https:", 6) == 0 ? "https" : "http,https") !=
	       CURLE_OK;
	bad |= curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L) != CURLE_OK;
	bad |= curl_easy_setopt(c, CURLOPT_MAXREDIRS, 10L) != CURLE_OK;
	bad |= curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L) != CURLE_OK;
	bad |= curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) != CURLE_OK;
	bad |= curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S) != CURLE_OK;
	bad |= curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_BYTES) != CURLE_OK;
	bad |= curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)STALL_S) != CURLE_OK;
	bad |= curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take) != CURLE_OK;
	bad |= curl_easy_setopt(c, CURLOPT_WRITEDATA, t) != CURLE_OK;
	bad |= curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, progress) != CURLE_OK;
	bad |= curl_easy_setopt(c, CURLOPT_XFERINFODATA, t) != CURLE_OK;
	bad |= curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) != CURLE_OK;
	if (t->from > 0)
		bad |= curl_easy_setopt(c, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)t->from) != CURLE_OK;
	return bad ? -1 : 0;
}

/* Whether a code may be another one in a moment. */
static enum outcome judge(const struct transfer *t, CURLcode code, long status)
{
	if (code == CURLE_OK)
		return CAME;
	/* The server has no ranges, or less than we have. */
	if (code == CURLE_RANGE_ERROR || code == CURLE_BAD_DOWNLOAD_RESUME || status == 416)
		return t->from > 0 ? FROM_START : HOPELESS;
	if (code == CURLE_HTTP_RETURNED_ERROR)
		return status == 408 || status == 429 || status >= 500 ? AGAIN : HOPELESS;
	if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
	    code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_OPERATION_TIMEDOUT ||
	    code == CURLE_PARTIAL_FILE || code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR ||
	    code == CURLE_SEND_ERROR || code == CURLE_SSL_CONNECT_ERROR || code == CURLE_HTTP2 ||
	    code == CURLE_HTTP2_STREAM)
		return AGAIN;
	return HOPELESS;
}

/* One request for what is not here yet. */
static enum outcome request(struct transfer *t, const char *part, struct rs_err *err)
{
	char text[CURL_ERROR_SIZE] = "";
	enum outcome end = HOPELESS;
	long status = 0;
	CURLcode code;

	if (set_options(t, text) < 0) {
		(void)rs_err_set(err, RS_ERR_FAILED, "libcurl refuses \"%s\"", t->d->url);
		return HOPELESS;
	}
	t->begin_ns = t->told_ns = rs_clock_ns();
	code = curl_easy_perform(t->curl);
	(void)curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
	if (rs_stop_check(err) < 0)
		return HOPELESS;
	end = judge(t, code, status);
	if (end == CAME)
		return CAME;
	if (t->write_error != 0)
		(void)rs_err_sys(err, RS_ERR_FAILED, t->write_error, "\"%s\"", part);
	else
		(void)rs_err_set(err, RS_ERR_FAILED, "\"%s\" cannot be fetched: %s", t->d->url,
				 text[0] != '\0' ? text : curl_easy_strerror(code));
	return end;
}

/* One attempt; the part keeps what came. */
static enum outcome attempt(const struct rs_download *d, const char *part, int *resumed,
			    struct rs_err *err)
{
	RS_AUTO_FD fd = open(part, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	struct transfer t = { .d = d, .fd = fd };
	enum outcome end = HOPELESS;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		(void)rs_err_sys(err, RS_ERR_FAILED, errno, "\"%s\" cannot be made", part);
		return HOPELESS;
	}
	t.from = st.st_size;
	*resumed = t.from > 0;
	if (t.from > 0)
		rs_tell(d->tell, "image: going on with the download at byte %lld", (long long)t.from);
	t.curl = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_easy_init() : NULL;
	if (t.curl == NULL) {
		(void)rs_err_nomem(err);
		return HOPELESS;
	}
	end = request(&t, part, err);
	curl_easy_cleanup(t.curl);
	if (end == CAME && fsync(fd) < 0) {
		(void)rs_err_sys(err, RS_ERR_FAILED, errno, "\"%s\"", part);
		end = HOPELESS;
	}
	return end;
}

static int fetch(const struct rs_download *d, const char *part, int *resumed, struct rs_err *err)
{
	int attempts = d->attempts > 0 ? d->attempts : 5;
	double pause_s = d->pause_s > 0 ? d->pause_s : 1;

	for (int i = 1;; i++) {
		struct rs_err trouble = RS_ERR_INIT;
		enum outcome end = attempt(d, part, resumed, &trouble);

		if (end == CAME)
			return 0;
		if (end == FROM_START && unlink(part) == 0) {
			rs_tell(d->tell, "image: the server does not go on in the middle; from the start");
			continue;
		}
		if (end != AGAIN || i == attempts)
			return rs_err_set(err, trouble.kind, "%s%s", trouble.text,
					  end == AGAIN ? "; what came so far is kept for the next try" : "");
		rs_tell(d->tell, "image: %s; attempt %d of %d in %.0f s", trouble.text, i + 1, attempts,
			pause_s);
		rs_clock_sleep(pause_s);
		if (rs_stop_check(err) < 0)
			return -1;
		pause_s *= 2;
	}
}

/* 1: the digest of part is what it must be, or nothing is said about it. */
static int is_right(const struct rs_download *d, const char *part, char ret[RS_SHA256_HEX],
		    struct rs_err *err)
{
	if (rs_sha256_file(part, ret, err) < 0)
		return -1;
	return d->sha256 == NULL || strcasecmp(d->sha256, ret) == 0;
}

int rs_download_lock(const char *target, const struct rs_tell *tell, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_asprintf(err, "%s.lock", target);

	return path == NULL ? -1 : rs_cache_lock(path, tell, err);
}

int rs_download(const struct rs_download *d, char ret[RS_SHA256_HEX], struct rs_err *err)
{
	RS_AUTO_STR *part = rs_asprintf(err, "%s.part", d->target);
	int resumed = 0, right;

	if (part == NULL || fetch(d, part, &resumed, err) < 0)
		return -1;
	right = is_right(d, part, ret, err);
	/* Parts of two different files make neither. */
	if (right == 0 && resumed) {
		if (unlink(part) < 0)
			return rs_err_sys(err, RS_ERR_FAILED, errno, "\"%s\"", part);
		if (fetch(d, part, &resumed, err) < 0)
			return -1;
		right = is_right(d, part, ret, err);
	}
	if (right < 0)
		return -1;
	if (right == 0) {
		(void)unlink(part);
		return rs_err_set(err, RS_ERR_PLAN, "\"%s\" has the checksum %s, and %s says %s: somebody "
				  "changed it; do not use it before you know why", d->url, ret,
				  d->told_by != NULL ? d->told_by : "the plan", d->sha256);
	}
	if (rename(part, d->target) < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "\"%s\" cannot be renamed", part);
	return 0;
}
