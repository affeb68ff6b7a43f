/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HTTP load by libcurl's multi interface on epoll, in one thread.  Each slot holds one
 * request after the other.  Closed loop: a slot asks again when it was answered, after
 * its pause.  Open loop: requests are due at fixed times whatever the server does; a
 * due request waits for a free slot, and its latency counts from when it was due, so
 * that a slow server cannot hide behind requests that were never sent.
 */
#include "load_priv.h"

#include <linux/sched.h>
#include <linux/sched/types.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <curl/curl.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/random.h"
#include "restudy/base/stop.h"
#include "sockets_priv.h"

#define NS_PER_S 1000000000.0

enum { MAX_EVENTS = 256, MAX_SECONDS = 86400, OVERDUE_LOOKS = 20 };
/* See rest(). */
enum { REST_SHARE = 16, REST_TIMES = 4, REST_MIN_NS = 15000, REST_MAX_NS = 200000 };
enum { TURN_NS = 100000 };	/* the least that Linux takes */

struct slot {
	struct engine *engine;
	CURL *easy;
	int64_t due_ns;		/* closed loop: when it may ask again; open: when it was due */
	int64_t start_ns;	/* of the request under way; 0: none */
	int shares;		/* its next request may use a connection again */
	struct slot *next;	/* in the list of free slots */
};

struct engine {
	const struct rs_load_ask *ask;
	struct rs_load *l;
	CURLM *multi;
	CURLU *url;
	struct curl_slist *headers;	/* of every request without keep-alive */
	struct slot *slots;
	struct slot *free;	/* slots without a request, all due at once in the closed loop */
	struct rs_sockets sockets;
	int timer_fd;
	int64_t begin_ns, end_ns;
	int64_t curl_due_ns;	/* libcurl's own timer; INT64_MAX: none */
	int64_t overdue_ns;	/* when to look for requests that took too long */
	double typical_ns;	/* latency, smoothed */
	int running;		/* requests under way */
	struct rs_random random;
};

const char *rs_load_failure_name(enum rs_load_failure f)
{
	static const char *const names[] = {
		[RS_LOAD_CONNECT] = "connect", [RS_LOAD_TIMEOUT] = "timeout",
		[RS_LOAD_TRANSFER] = "transfer", [RS_LOAD_STATUS] = "status",
		[RS_LOAD_OTHER] = "other",
	};
	_Static_assert(RS_COUNT(names) == RS_LOAD_FAILURES, "name every failure");

	return names[f];
}

void rs_load_free(struct rs_load *l)
{
	if (l == NULL)
		return;
	free(l->seconds);
	free(l);
}

void rs_load_freep(struct rs_load **l)
{
	rs_load_free(*l);
	*l = NULL;
}

static size_t count_body(char *data, size_t size, size_t n, void *user)
{
	struct engine *e = user;

	(void)data;
	e->l->body_bytes += size * n;
	return size * n;
}

static int on_timer(CURLM *multi, long ms, void *user)
{
	struct engine *e = user;

	(void)multi;
	/* 0: at once; the loop's next look at the clock is later than any past time. */
	e->curl_due_ns = ms < 0 ? INT64_MAX : ms == 0 ? 0 : rs_clock_ns() + (int64_t)ms * 1000000;
	return 0;
}

/*
 * Whether the slot's next request may use a connection again.  libcurl 7.88 fails when it asks an
 * HTTP/2 connection that it uses again for prior knowledge, and without it cannot
 * make one: so a slot opens its own connection with it, and goes on without.
 */
static CURLcode share(struct slot *s, int may)
{
	CURLcode rc = CURLE_OK;

	if (s->engine->ask->http == RS_LOAD_HTTP_2)
		rc |= curl_easy_setopt(s->easy, CURLOPT_HTTP_VERSION,
				       may ? (long)CURL_HTTP_VERSION_2_0
					   : (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
	rc |= curl_easy_setopt(s->easy, CURLOPT_FRESH_CONNECT, may ? 0L : 1L);
	s->shares = may;
	return rc;
}

static int slot_open(struct engine *e, struct slot *s, struct rs_err *err)
{
	const struct rs_load_ask *a = e->ask;
	CURLcode rc = CURLE_OK;

	s->engine = e;
	s->easy = curl_easy_init();
	if (s->easy == NULL)
		return rs_err_nomem(err);
	/* The URL is parsed once for all; one protocol, so that no list is searched. */
	rc |= curl_easy_setopt(s->easy, CURLOPT_CURLU, e->url);
	rc |= curl_easy_setopt(s->easy, CURLOPT_PROTOCOLS_STR, "http");
	rc |= curl_easy_setopt(s->easy, CURLOPT_NOSIGNAL, 1L);
	rc |= curl_easy_setopt(s->easy, CURLOPT_NOPROXY, "*");
	rc |= curl_easy_setopt(s->easy, CURLOPT_OPENSOCKETFUNCTION, rs_sockets_open);
	rc |= curl_easy_setopt(s->easy, CURLOPT_OPENSOCKETDATA, &e->sockets);
	rc |= curl_easy_setopt(s->easy, CURLOPT_CLOSESOCKETFUNCTION, rs_sockets_close);
	rc |= curl_easy_setopt(s->easy, CURLOPT_CLOSESOCKETDATA, &e->sockets);
	rc |= curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, count_body);
	rc |= curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, e);
	rc |= curl_easy_setopt(s->easy, CURLOPT_PRIVATE, s);
	rc |= curl_easy_setopt(s->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	rc |= share(s, a->keep_alive && a->http != RS_LOAD_HTTP_2);
	if (!a->keep_alive) {
		if (a->http != RS_LOAD_HTTP_2)	/* which has no such header */
			rc |= curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, e->headers);
		rc |= curl_easy_setopt(s->easy, CURLOPT_FORBID_REUSE, 1L);
		/* One request, one segment: there is nothing that could wait for another. */
		rc |= curl_easy_setopt(s->easy, CURLOPT_TCP_NODELAY, 0L);
	}
	if (rc != CURLE_OK)
		return rs_err_set(err, RS_ERR_MACHINE, "libcurl lacks an option: %s",
				  curl_easy_strerror(rc));
	s->next = e->free;
	e->free = s;
	return 0;
}

static int engine_open(struct engine *e, struct rs_err *err)
{
	if (rs_sockets_init(&e->sockets, err) < 0)
		return -1;
	e->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	e->multi = curl_multi_init();
	e->url = curl_url();
	e->headers = curl_slist_append(NULL, "Connection: close");
	e->slots = rs_alloc((size_t)e->ask->connections, sizeof(*e->slots), err);
	if (e->timer_fd < 0 || e->multi == NULL || e->url == NULL ||
	    e->headers == NULL || e->slots == NULL)
		return rs_err_set(err, RS_ERR_FAILED, "no resources for %d connections",
				  e->ask->connections);
	if (curl_url_set(e->url, CURLUPART_URL, e->ask->url, 0) != CURLUE_OK)
		return rs_err_set(err, RS_ERR_PLAN, "\"%s\" is not a URL", e->ask->url);
	curl_multi_setopt(e->multi, CURLMOPT_SOCKETFUNCTION, rs_sockets_want);
	curl_multi_setopt(e->multi, CURLMOPT_SOCKETDATA, &e->sockets);
	curl_multi_setopt(e->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(e->multi, CURLMOPT_TIMERDATA, e);
	curl_multi_setopt(e->multi, CURLMOPT_MAXCONNECTS, (long)e->ask->connections);
	for (int i = 0; i < e->ask->connections; i++)
		if (slot_open(e, &e->slots[i], err) < 0)
			return -1;
	return 0;
}

static void engine_close(struct engine *e)
{
	for (int i = 0; e->slots != NULL && i < e->ask->connections; i++)
		if (e->slots[i].easy != NULL) {
			curl_multi_remove_handle(e->multi, e->slots[i].easy);
			curl_easy_cleanup(e->slots[i].easy);
		}
	free(e->slots);
	if (e->multi != NULL)
		curl_multi_cleanup(e->multi);
	curl_url_cleanup(e->url);
	curl_slist_free_all(e->headers);
	rs_sockets_release(&e->sockets);
	rs_close_fd(&e->timer_fd);
}

/* Wakes the loop at a time, by the nanosecond; epoll alone knows milliseconds. */
static void wake_at(struct engine *e, int64_t at_ns)
{
	const struct itimerspec when = { .it_value = { .tv_sec = (time_t)(at_ns / 1000000000),
						       .tv_nsec = (long)(at_ns % 1000000000) } };

	timerfd_settime(e->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void start(struct engine *e, struct slot *s, int64_t now_ns)
{
	s->start_ns = now_ns;
	curl_multi_add_handle(e->multi, s->easy);
	e->running++;
}

static struct rs_load_second *second_of(struct engine *e, int64_t now_ns)
{
	const size_t i = (size_t)((now_ns - e->begin_ns) / 1000000000);

	return i < e->l->n_seconds ? &e->l->seconds[i] : NULL;
}

static enum rs_load_failure failure_of(CURLcode rc)
{
	switch ((int)rc) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
		return RS_LOAD_CONNECT;
	case CURLE_OPERATION_TIMEDOUT:
		return RS_LOAD_TIMEOUT;
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
		return RS_LOAD_TRANSFER;
	default:
		return RS_LOAD_OTHER;
	}
}

static void count_failure(struct engine *e, struct rs_load_second *second, enum rs_load_failure f,
			  const char *text)
{
	e->l->failed[f]++;
	if (second != NULL)
		second->failed++;
	if (e->l->first_error[0] == '\0')
		snprintf(e->l->first_error, sizeof(e->l->first_error), "%s", text);
}

static int is_http_2(CURL *easy)
{
	long version = 0;

	curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
	return version == CURL_HTTP_VERSION_2_0;
}

static void count_end(struct engine *e, struct slot *s, CURLcode rc, int64_t now_ns)
{
	struct rs_load_second *second = second_of(e, now_ns);
	const int64_t from = e->ask->rate_per_s > 0 ? s->due_ns : s->start_ns;
	long status = 0, opened = 0, header = 0;

	curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(s->easy, CURLINFO_NUM_CONNECTS, &opened);
	curl_easy_getinfo(s->easy, CURLINFO_HEADER_SIZE, &header);
	e->l->connections_opened += (uint64_t)opened;
	e->l->header_bytes += (uint64_t)header;
	e->l->busy_ns += (double)(now_ns - s->start_ns);
	if (rc != CURLE_OK) {
		count_failure(e, second, failure_of(rc), curl_easy_strerror(rc));
	} else if (e->ask->http == RS_LOAD_HTTP_2 && !is_http_2(s->easy)) {
		count_failure(e, second, RS_LOAD_OTHER, "the answer was not HTTP/2");
	} else if (status >= 400) {
		char text[40];

		snprintf(text, sizeof(text), "HTTP status %ld", status);
		count_failure(e, second, RS_LOAD_STATUS, text);
	} else {
		rs_histogram_add(&e->l->latency, now_ns - from);
		e->typical_ns += ((double)(now_ns - from) - e->typical_ns) / 64;
		e->l->done++;
		if (second != NULL) {
			second->done++;
			second->mean_ms += ((float)((double)(now_ns - from) / 1e6) - second->mean_ms) /
					   (float)second->done;
		}
	}
}

/* Puts a slot at the end of the list, so that all take their turn when there are pauses. */
static void make_free(struct engine *e, struct slot *s)
{
	struct slot **at = &e->free;

	if (e->ask->think_s > 0)
		while (*at != NULL && (*at)->due_ns <= s->due_ns)
			at = &(*at)->next;
	s->next = *at;
	*at = s;
}

static void pause_slot(struct engine *e, struct slot *s, int64_t now_ns)
{
	s->due_ns = now_ns;
	if (e->ask->think_s > 0)
		s->due_ns += (int64_t)(rs_random_unit(&e->random) * e->ask->think_s * NS_PER_S);
}

/* The slot's request ended, in whatever way. */
static void end(struct engine *e, struct slot *s, CURLcode rc, int64_t now_ns)
{
	count_end(e, s, rc, now_ns);
	curl_multi_remove_handle(e->multi, s->easy);
	if (e->ask->http == RS_LOAD_HTTP_2 && e->ask->keep_alive && s->shares != (rc == CURLE_OK))
		(void)share(s, rc == CURLE_OK);
	e->running--;
	s->start_ns = 0;
	if (e->ask->rate_per_s <= 0)
		pause_slot(e, s, now_ns);
	make_free(e, s);
}

/* Takes what ended, at once, so that no latency has another request's work in it. */
static void take_ended(struct engine *e)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(e->multi, &left)) != NULL) {
		struct slot *s = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)(void *)&s);
		end(e, s, m->data.result, rs_clock_ns());
	}
}

/* Ends what took too long.  One look at all now and then costs less than a timer of
 * libcurl's with each request. */
static void end_overdue(struct engine *e, int64_t now_ns)
{
	const int64_t limit_ns = (int64_t)(e->ask->timeout_s * NS_PER_S);

	if (limit_ns <= 0) {
		e->overdue_ns = INT64_MAX;
		return;
	}
	for (int i = 0; i < e->ask->connections; i++)
		if (e->slots[i].start_ns > 0 && now_ns - e->slots[i].start_ns >= limit_ns)
			end(e, &e->slots[i], CURLE_OPERATION_TIMEDOUT, now_ns);
	e->overdue_ns = now_ns + limit_ns / OVERDUE_LOOKS;
}

/* Starts what is due; the time of the next, or INT64_MAX. */
static int64_t start_due(struct engine *e, int64_t now_ns)
{
	const double step_ns = e->ask->rate_per_s > 0 ? NS_PER_S / e->ask->rate_per_s : 0;

	while (e->free != NULL) {
		struct slot *s = e->free;

		if (step_ns > 0)
			s->due_ns = e->begin_ns + (int64_t)((double)e->l->due * step_ns);
		if (s->due_ns > now_ns || s->due_ns >= e->end_ns)
			return s->due_ns;
		e->l->due++;
		e->free = s->next;
		start(e, s, now_ns);
	}
	return INT64_MAX;
}

static void let_curl_work(struct engine *e, curl_socket_t fd, int flags)
{
	int running;

	if (fd == CURL_SOCKET_TIMEOUT)
		e->curl_due_ns = INT64_MAX;
	curl_multi_socket_action(e->multi, fd, flags, &running);
	take_ended(e);
}

/* Milliseconds to wait at most until next_ns, or until timer_fd, which is set when the next
 * request is due sooner than epoll can tell. */
static int patience_ms(struct engine *e, int64_t next_ns, int64_t now_ns)
{
	int64_t limit = e->curl_due_ns < e->end_ns ? e->curl_due_ns : e->end_ns;
	int64_t ms;

	if (e->overdue_ns < limit)
		limit = e->overdue_ns;

	if (next_ns < limit && next_ns > now_ns) {
		wake_at(e, next_ns);
		return 1000;
	}
	if (next_ns <= now_ns || limit <= now_ns)
		return 0;
	ms = (limit - now_ns + 999999) / 1000000;
	return ms > 1000 ? 1000 : (int)ms;
}

/* Looks for events in steps of a sixteenth of the usual latency.  A generator that sleeps in epoll
 * is woken by every answer, and on a virtual machine that costs a busy server more than the answer
 * does; one that comes by itself finds some answers together.  Only where nothing but the next
 * answer is waited for, since it makes latencies that much longer at most. */
static int rest(struct engine *e, struct epoll_event *events)
{
	const double ns = e->typical_ns / REST_SHARE;
	const struct timespec t = { .tv_nsec = ns < REST_MAX_NS ? (long)ns : REST_MAX_NS };
	int n = 0;

	if (ns < REST_MIN_NS || e->ask->exact || e->ask->rate_per_s > 0 || e->ask->think_s > 0)
		return 0;
	for (int i = 0; i < REST_TIMES && n == 0; i++) {
		n = epoll_wait(e->sockets.poll_fd, events, MAX_EVENTS, 0);
		if (n == 0) {
			nanosleep(&t, NULL);
			if (t.tv_nsec > e->l->rest_ns)
				e->l->rest_ns = t.tv_nsec;
		}
	}
	return n;
}

/* Waits for sockets or the next time, and lets libcurl work. */
static void wait_and_work(struct engine *e, int64_t next_ns)
{
	struct epoll_event events[MAX_EVENTS];
	const int patience = patience_ms(e, next_ns, rs_clock_ns());
	int n = patience > 0 ? rest(e, events) : 0;

	if (n == 0)
		n = epoll_wait(e->sockets.poll_fd, events, MAX_EVENTS, patience);
	for (int i = 0; i < n; i++) {
		const int fd = events[i].data.fd;
		uint64_t fired;
		int flags;

		if (fd == e->timer_fd) {
			(void)!read(e->timer_fd, &fired, sizeof(fired));
			continue;
		}
		flags = rs_sockets_take(&e->sockets, fd, events[i].events);
		if (flags == 0)
			continue;
		let_curl_work(e, fd, flags);
		rs_sockets_taken(&e->sockets, fd, events[i].events);
	}
}

static int64_t time_ns(const struct timeval *t)
{
	return (int64_t)t->tv_sec * 1000000000 + (int64_t)t->tv_usec * 1000;
}

/* First pauses, so that users with think time do not all come at once. */
static void line_up(struct engine *e)
{
	e->free = NULL;
	for (int i = e->ask->connections - 1; i >= 0; i--) {
		pause_slot(e, &e->slots[i], e->begin_ns);
		make_free(e, &e->slots[i]);
	}
}

/* What had not ended was load too; what was due and never started is counted. */
static void close_books(struct engine *e, int64_t now_ns)
{
	e->l->elapsed_ns = now_ns - e->begin_ns;
	e->l->under_way = (uint64_t)e->running;
	for (int i = 0; i < e->ask->connections; i++)
		if (e->slots[i].start_ns > 0)
			e->l->busy_ns += (double)(now_ns - e->slots[i].start_ns);
	if (e->ask->rate_per_s > 0) {
		const double all = floor((double)e->l->elapsed_ns / NS_PER_S * e->ask->rate_per_s);

		e->l->late = all > (double)e->l->due ? (uint64_t)all - e->l->due : 0;
	} else {
		e->l->due = 0;
	}
}

static void loop(struct engine *e)
{
	int64_t now_ns;

	e->begin_ns = rs_clock_ns();
	e->end_ns = e->begin_ns + (int64_t)(e->ask->duration_s * NS_PER_S);
	e->curl_due_ns = INT64_MAX;
	e->overdue_ns = e->begin_ns;
	line_up(e);
	while ((now_ns = rs_clock_ns()) < e->end_ns && !rs_stop_requested()) {
		int64_t next_ns;

		if (e->overdue_ns <= now_ns)
			end_overdue(e, now_ns);
		next_ns = start_due(e, now_ns);
		if (e->curl_due_ns <= now_ns)
			let_curl_work(e, CURL_SOCKET_TIMEOUT, 0);
		else
			wait_and_work(e, next_ns);
	}
	close_books(e, now_ns);
}

/*
 * Asks for turns on the processor that are shorter and come sooner, no more of it in all: with its
 * usual turns a thread that mostly waits is kept from a busy processor for milliseconds each
 * time something came.  From Linux 6.12 on; others do not mind.
 */
static void take_turns_of(uint64_t ns)
{
	struct sched_attr a = { .size = sizeof(a) };

	if (syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0) < 0 || a.sched_policy != SCHED_NORMAL)
		return;
	a.size = sizeof(a);
	a.sched_runtime = ns;	/* 0: the kernel's own */
	(void)syscall(SYS_sched_setattr, 0, &a, 0);
}

/* The loop with this thread's sleeps as exact as the kernel can, and its processor time. */
static void loop_counted(struct engine *e)
{
	struct epoll_event timer = { .events = EPOLLIN, .data = { .fd = e->timer_fd } };
	const int slack_ns = prctl(PR_GET_TIMERSLACK);
	struct rusage before, after;

	epoll_ctl(e->sockets.poll_fd, EPOLL_CTL_ADD, e->timer_fd, &timer);
	prctl(PR_SET_TIMERSLACK, 1UL);
	take_turns_of(TURN_NS);
	getrusage(RUSAGE_THREAD, &before);
	loop(e);
	getrusage(RUSAGE_THREAD, &after);
	take_turns_of(0);
	if (slack_ns > 0)
		prctl(PR_SET_TIMERSLACK, (unsigned long)slack_ns);
	e->l->user_ns = time_ns(&after.ru_utime) - time_ns(&before.ru_utime);
	e->l->system_ns = time_ns(&after.ru_stime) - time_ns(&before.ru_stime);
}

struct rs_load *rs_load_run(const struct rs_load_ask *ask, struct rs_err *err)
{
	RS_AUTO_LOAD *l = NULL;
	struct engine e = { .ask = ask, .sockets = { .poll_fd = -1 }, .timer_fd = -1 };
	const double seconds = ceil(ask->duration_s) + 1;
	int rc;

	if (ask->connections < 1 || !(ask->duration_s > 0) || seconds > MAX_SECONDS) {
		rs_err_set(err, RS_ERR_PLAN, "%d connections for %g s: at least 1, and at most a day",
			   ask->connections, ask->duration_s);
		return NULL;
	}
	l = rs_alloc(1, sizeof(*l), err);
	if (l == NULL)
		return NULL;
	l->n_seconds = (size_t)seconds;
	l->seconds = rs_alloc(l->n_seconds, sizeof(*l->seconds), err);
	if (l->seconds == NULL)
		return NULL;
	e.l = l;
	rs_random_seed(&e.random, ask->seed);
	rc = engine_open(&e, err);
	if (rc == 0)
		loop_counted(&e);
	engine_close(&e);
	return rc < 0 ? NULL : RS_STEAL(&l);
}
