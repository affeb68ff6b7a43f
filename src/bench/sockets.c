/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sockets that libcurl watches, in an epoll set.  libcurl asks for a socket anew with
 * each request and lets go of it after each answer; here a socket that it opened stays
 * registered for its life, edge-triggered, so that most requests need no epoll_ctl.
 * What arrives while nobody asks is remembered, and the edge is made again when
 * libcurl asks, or when it may not have read everything.
 */
#include "sockets_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "restudy/base/mem.h"

struct rs_watch {
	uint8_t ours;		/* opened by rs_sockets_open: its closing is told */
	uint8_t armed;		/* in the epoll set */
	uint32_t wanted, missed;	/* EPOLLIN, EPOLLOUT; missed: told by epoll, not wanted then */
};

enum { WATCH_STEP = 64 };

int rs_sockets_init(struct rs_sockets *s, struct rs_err *err)
{
	memset(s, 0, sizeof(*s));
	s->poll_fd = epoll_create1(EPOLL_CLOEXEC);
	return s->poll_fd < 0 ? rs_err_sys(err, RS_ERR_MACHINE, errno, "no epoll set") : 0;
}

void rs_sockets_release(struct rs_sockets *s)
{
	free(s->watches);
	s->watches = NULL;
	s->n = 0;
	rs_close_fd(&s->poll_fd);
}

/* NULL: no memory. */
static struct rs_watch *watch_of(struct rs_sockets *s, int fd)
{
	if ((size_t)fd >= s->n) {
		const size_t n = (size_t)fd + WATCH_STEP;
		struct rs_watch *more = realloc(s->watches, n * sizeof(*more));

		if (more == NULL)
			return NULL;
		memset(more + s->n, 0, (n - s->n) * sizeof(*more));
		s->watches = more;
		s->n = n;
	}
	return &s->watches[fd];
}

static void forget(struct rs_sockets *s, int fd, uint8_t ours)
{
	struct rs_watch *w = watch_of(s, fd);

	if (w != NULL)
		*w = (struct rs_watch){ .ours = ours };
}

curl_socket_t rs_sockets_open(void *sockets, curlsocktype purpose, struct curl_sockaddr *a)
{
	const int fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);

	(void)purpose;
	if (fd >= 0)
		forget(sockets, fd, 1);
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* The kernel takes a closed socket out of the set. */
int rs_sockets_close(void *sockets, curl_socket_t fd)
{
	forget(sockets, fd, 0);
	return close(fd);
}

static void control(struct rs_sockets *s, int fd, struct rs_watch *w, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data = { .fd = fd } };

	epoll_ctl(s->poll_fd, w->armed ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &ev);
	w->armed = 1;
	w->missed = 0;
}

/* Changing a registration makes epoll look again, and tell what is ready. */
static void arm(struct rs_sockets *s, int fd, struct rs_watch *w)
{
	control(s, fd, w, w->ours ? EPOLLIN | EPOLLOUT | EPOLLET : w->wanted);
}

int rs_sockets_want(CURL *easy, curl_socket_t fd, int what, void *sockets, void *known)
{
	struct rs_sockets *s = sockets;
	struct rs_watch *w = watch_of(s, fd);
	uint32_t before;

	(void)easy;
	(void)known;
	if (w == NULL)
		return -1;
	before = w->wanted;
	w->wanted = what == CURL_POLL_REMOVE ? 0 :
		    (what != CURL_POLL_OUT ? (uint32_t)EPOLLIN : 0) |
		    (what != CURL_POLL_IN ? (uint32_t)EPOLLOUT : 0);
	if (w->wanted == 0 && !w->ours && w->armed) {
		epoll_ctl(s->poll_fd, EPOLL_CTL_DEL, fd, NULL);
		w->armed = 0;
	} else if (w->wanted != 0 &&
		   (!w->armed || !w->ours || (w->wanted & ~before & w->missed) != 0)) {
		arm(s, fd, w);
	}
	return 0;
}

int rs_sockets_take(struct rs_sockets *s, int fd, uint32_t events)
{
	struct rs_watch *w = watch_of(s, fd);
	uint32_t told;

	if (w == NULL)
		return 0;
	told = events & (w->wanted | EPOLLERR | EPOLLHUP);
	w->missed |= events & ~w->wanted;
	return w->wanted == 0 ? 0 : ((told & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
				    ((told & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
				    ((told & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
}

void rs_sockets_taken(struct rs_sockets *s, int fd, uint32_t events)
{
	struct rs_watch *w = watch_of(s, fd);

	if (w != NULL && w->ours && w->armed && (w->wanted & events) != 0)
		arm(s, fd, w);
}
