/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Clients on stdin and stdout, on a unix or TCP socket (each connection served by
 * a process of its own), or on a character device such as a virtio-serial port
 * (one client after another, over a stream that never ends).
 */
#include "endpoint_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "requests_priv.h"

static int complain(const char *what, const char *where, int errnum)
{
	fprintf(stderr, "restudy-agent: %s \"%s\": %s\n", what, where, strerror(errnum));
	return 1;
}

/* Serves one stream until its client leaves: 0, or 1 when a signal ends the agent. */
static int serve_stream(int in, int out)
{
	struct rs_conn c;
	int quit = 0;

	if (rs_conn_init(&c, in, out) < 0)
		return complain("cannot serve", "stream", errno);
	rs_agent_serve(&c);
	quit = c.quit;
	rs_conn_release(&c);
	return quit;
}

/* The stream moves away from 0 and 1, so that nothing else can write into it. */
static int serve_stdio(void)
{
	const int in = fcntl(0, F_DUPFD_CLOEXEC, 3);
	const int out = fcntl(1, F_DUPFD_CLOEXEC, 3);
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (in < 0 || out < 0)
		return complain("cannot use", "stdin and stdout", errno);
	if (null >= 0) {
		dup2(null, 0);
		dup2(null, 1);
	}
	return serve_stream(in, out);
}

static int serve_connections(int listener)
{
	/* Ended connections need no reaping; a connection's own children do. */
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		const int one = 1;
		const int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		const pid_t listening = getpid();

		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0)
			return complain("cannot accept on", "socket", errno);
		if (fork() == 0) {
			signal(SIGCHLD, SIG_DFL);
			prctl(PR_SET_PDEATHSIG, SIGTERM);
			if (getppid() != listening)
				_exit(1);
			close(listener);
			/* Refused on a unix socket, where it is not needed. */
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
			setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
			_exit(serve_stream(fd, fd));
		}
		close(fd);
	}
}

static int serve_unix(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	mode_t mask = 0;
	struct stat st;
	int rc = 0;

	if (strlen(path) >= sizeof(a.sun_path))
		return complain("cannot listen on", path, ENAMETOOLONG);
	memcpy(a.sun_path, path, strlen(path));
	/* A socket that an earlier agent left would make bind fail. */
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(path);
	mask = umask(0177);
	rc = fd < 0 ? -1 : bind(fd, (const struct sockaddr *)&a, sizeof(a));
	umask(mask);
	if (rc < 0 || listen(fd, 64) < 0)
		return complain("cannot listen on", path, errno);
	return serve_connections(fd);
}

/* "ADDRESS:PORT", the brackets of an IPv6 address apart: its size as a socket's
 * address, or 0 when it is none.  No names: a resolver does not fit a static program. */
static socklen_t read_address(const char *where, struct sockaddr_storage *ret)
{
	struct sockaddr_in a4 = { .sin_family = AF_INET };
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6 };
	const char *colon = strrchr(where, ':');
	char host[64], *end = NULL;
	size_t n = colon == NULL ? 0 : (size_t)(colon - where);
	unsigned long port = 0;

	if (n == 0 || n >= sizeof(host) || colon[1] < '0' || colon[1] > '9')
		return 0;
	port = strtoul(colon + 1, &end, 10);
	if (*end != '\0' || port > 65535)
		return 0;
	memcpy(host, where, n);
	host[n] = '\0';
	a4.sin_port = a6.sin6_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, host, &a4.sin_addr) == 1) {
		memcpy(ret, &a4, sizeof(a4));
		return sizeof(a4);
	}
	if (host[0] != '[' || host[n - 1] != ']')
		return 0;
	host[n - 1] = '\0';
	if (inet_pton(AF_INET6, host + 1, &a6.sin6_addr) != 1)
		return 0;
	memcpy(ret, &a6, sizeof(a6));
	return sizeof(a6);
}

static int serve_tcp(const char *where)
{
	struct sockaddr_storage a;
	const socklen_t len = read_address(where, &a);
	const int one = 1;
	int fd = -1;

	if (len == 0) {
		fprintf(stderr, "restudy-agent: \"%s\" is not ADDRESS:PORT in numbers\n", where);
		return 2;
	}
	fd = socket(a.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, (const struct sockaddr *)&a, len) < 0 || listen(fd, 64) < 0)
		return complain("cannot listen on", where, errno);
	return serve_connections(fd);
}

static void pause_ms(long ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* The device of a virtio-serial port by its name: udev's links are not everywhere. */
static int find_port(const char *name, char *ret, size_t size)
{
	glob_t g;
	int found = 0;

	if (glob("/sys/class/virtio-ports/*/name", GLOB_NOSORT, NULL, &g) != 0)
		return 0;
	for (size_t i = 0; i < g.gl_pathc && !found; i++) {
		FILE *f = fopen(g.gl_pathv[i], "re");
		char line[256] = "";
		const char *port = g.gl_pathv[i] + strlen("/sys/class/virtio-ports/");

		if (f != NULL && fgets(line, sizeof(line), f) != NULL) {
			line[strcspn(line, "\n")] = '\0';
			found = strcmp(line, name) == 0 &&
				snprintf(ret, size, "/dev/%.*s", (int)strcspn(port, "/"), port) > 0;
		}
		if (f != NULL)
			fclose(f);
	}
	globfree(&g);
	return found;
}

static int try_device(const char *path)
{
	static const char ports[] = "/dev/virtio-ports/";
	const int flags = O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	const int fd = open(path, flags);
	char device[64];

	if (fd >= 0 || strncmp(path, ports, strlen(ports)) != 0 ||
	    !find_port(path + strlen(ports), device, sizeof(device)))
		return fd;
	return open(device, flags);
}

/* Waits for the device (a machine that starts makes it late) and opens it. */
static int open_device(const char *path)
{
	struct termios t;
	int fd = try_device(path);

	while (fd < 0) {
		pause_ms(50);
		fd = try_device(path);
	}
	if (tcgetattr(fd, &t) == 0) {
		cfmakeraw(&t);
		tcsetattr(fd, TCSANOW, &t);
	}
	/* The port tells by SIGIO when somebody connects. */
	fcntl(fd, F_SETOWN, getpid());
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC);
	return fd;
}

/* Waits while nobody is connected: 0, or -1 when the device has gone. */
static int wait_client(const struct rs_conn *c)
{
	const struct timespec quarter = { 0, 250000000 };
	struct pollfd p = { c->in, POLLIN, 0 };
	sigset_t io;

	sigemptyset(&io);
	sigaddset(&io, SIGIO);
	for (;;) {
		struct pollfd end = { c->signals, POLLIN, 0 };

		if (poll(&p, 1, 0) < 0 || (p.revents & (POLLNVAL | POLLERR)) != 0)
			return -1;
		if ((p.revents & POLLHUP) == 0 || (p.revents & POLLIN) != 0)
			return 0;
		if (poll(&end, 1, 0) > 0)
			return 0;
		sigtimedwait(&io, NULL, &quarter);
	}
}

static int serve_device(const char *path)
{
	sigset_t io;

	sigemptyset(&io);
	sigaddset(&io, SIGIO);
	sigprocmask(SIG_BLOCK, &io, NULL);
	for (;;) {
		const int fd = open_device(path);
		struct rs_conn c;

		if (rs_conn_init(&c, fd, fd) < 0)
			return complain("cannot serve", path, errno);
		do {
			rs_conn_resume(&c);
			rs_agent_serve(&c);
			pause_ms(10);	/* some devices give an end of file at once, again and again */
			rs_conn_signals(&c);
		} while (!c.quit && wait_client(&c) == 0);
		rs_conn_release(&c);
		close(fd);
		if (c.quit)
			return 1;
		pause_ms(50);
	}
}

int rs_endpoint_serve(const struct rs_endpoint *e)
{
	signal(SIGPIPE, SIG_IGN);
	switch (e->kind) {
	case RS_ENDPOINT_STDIO:
		return serve_stdio();
	case RS_ENDPOINT_UNIX:
		return serve_unix(e->where);
	case RS_ENDPOINT_TCP:
		return serve_tcp(e->where);
	case RS_ENDPOINT_DEVICE:
		return serve_device(e->where);
	}
	return 2;
}
