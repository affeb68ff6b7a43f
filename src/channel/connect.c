/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens the channels that reach an agent by a socket or by a program. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "channel_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/stop.h"
#include "stream_priv.h"

/* A machine that starts is asked so often. */
enum { RETRY_MS = 50 };

/* Connects fd, waiting at most until the deadline: 0 or an errno value. */
static int connect_fd(int fd, const struct sockaddr *a, socklen_t len, int64_t deadline_ns)
{
	struct pollfd p = { fd, POLLOUT, 0 };
	int error = 0;
	socklen_t size = sizeof(error);

	if (connect(fd, a, len) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return errno;
	while (p.revents == 0) {
		const int64_t left_ms = (deadline_ns - rs_clock_ns()) / 1000000 + 1;

		if (left_ms <= 0)
			return ETIMEDOUT;
		if (poll(&p, 1, left_ms > 1000 ? 1000 : (int)left_ms) < 0 && errno != EINTR)
			return errno;
	}
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? errno : error;
}

/* One try to connect and to be greeted: the stream, or NULL with err. */
static struct rs_stream *try_connect(const struct sockaddr *a, socklen_t len, const char *name,
				     int64_t deadline_ns, struct rs_err *err)
{
	RS_AUTO_STREAM *s = NULL;
	const int one = 1;
	int fd = socket(a->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc = fd < 0 ? errno : connect_fd(fd, a, len, deadline_ns);

	if (rc != 0) {
		rs_close_fd(&fd);
		(void)rs_err_sys(err, RS_ERR_FAILED, rc, "cannot connect to \"%s\"", name);
		return NULL;
	}
	if (a->sa_family != AF_UNIX) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	}
	s = rs_stream_new(fd, 0, -1, name, err);
	if (s == NULL || rs_stream_greet(s, deadline_ns, err) < 0)
		return NULL;
	return RS_STEAL(&s);
}

/* Tries until the agent answers: a machine that starts refuses at first. */
static struct rs_channel *connect_until(const struct sockaddr *a, socklen_t len, const char *name,
					double timeout_s, struct rs_err *err)
{
	const int64_t deadline_ns = rs_stream_deadline(timeout_s);
	const int stopped_before = rs_stop_requested();

	for (;;) {
		struct rs_err now = RS_ERR_INIT;
		struct rs_stream *s = try_connect(a, len, name, deadline_ns, &now);

		if (s != NULL)
			return rs_channel_over(s, name, err);
		if (now.kind != RS_ERR_FAILED) {
			(void)rs_err_set(err, now.kind, "%s", now.text);
			return NULL;
		}
		if (rs_clock_ns() >= deadline_ns) {
			(void)rs_err_set(err, RS_ERR_TIMEOUT, "%s, tried for %.0f s", now.text, timeout_s);
			return NULL;
		}
		if (!stopped_before && rs_stop_check(err) < 0)
			return NULL;
		(void)poll(NULL, 0, RETRY_MS);	/* not rs_clock_sleep: what cleans up after a stop waits, too */
	}
}

struct rs_channel *rs_channel_unix(const char *path, double timeout_s, struct rs_err *err)
{
	RS_AUTO_STR *name = rs_asprintf(err, "unix:%s", path);
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (name == NULL)
		return NULL;
	if (strlen(path) >= sizeof(a.sun_path)) {
		(void)rs_err_set(err, RS_ERR_USAGE,
				 "a socket's path has at most %zu bytes: choose a shorter folder than \"%s\"",
				 sizeof(a.sun_path) - 1, path);
		return NULL;
	}
	memcpy(a.sun_path, path, strlen(path));
	return connect_until((const struct sockaddr *)&a, sizeof(a), name, timeout_s, err);
}

struct rs_channel *rs_channel_tcp(const char *address, int port, double timeout_s,
				  struct rs_err *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	RS_AUTO_STR *name = rs_asprintf(err, "tcp:%s:%d", address, port);
	struct rs_channel *ch = NULL;
	struct addrinfo *a = NULL;
	char service[16];
	int rc = 0;

	if (name == NULL)
		return NULL;
	(void)snprintf(service, sizeof(service), "%d", port);
	rc = getaddrinfo(address, service, &hints, &a);
	if (rc != 0) {
		(void)rs_err_set(err, RS_ERR_FAILED, "no address of \"%s\": %s", address,
				 gai_strerror(rc));
		return NULL;
	}
	ch = connect_until(a->ai_addr, a->ai_addrlen, name, timeout_s, err);
	freeaddrinfo(a);
	return ch;
}

struct rs_channel *rs_channel_program(const char *const *argv, double timeout_s, struct rs_err *err)
{
	RS_AUTO_STR *name = rs_asprintf(err, "program:%s", argv[0]);
	RS_AUTO_STREAM *s = name == NULL ? NULL : rs_stream_program(argv, name, err);

	if (s == NULL || rs_stream_greet(s, rs_stream_deadline(timeout_s), err) < 0)
		return NULL;
	return rs_channel_over(RS_STEAL(&s), name, err);
}
