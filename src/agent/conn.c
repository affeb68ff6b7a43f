/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames over a non-blocking byte stream, for the agent. */
#include "conn_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int set_nonblocking(int fd)
{
	const int flags = fcntl(fd, F_GETFL);

	return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int rs_conn_init(struct rs_conn *c, int in, int out)
{
	sigset_t set;

	memset(c, 0, sizeof(*c));
	c->in = in;
	c->out = out;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	c->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	c->ibuf = malloc(RS_WIRE_FRAME_MAX);
	c->obuf = malloc(2 * (size_t)RS_WIRE_FRAME_MAX);
	if (c->signals < 0 || c->ibuf == NULL || c->obuf == NULL || set_nonblocking(in) < 0 ||
	    set_nonblocking(out) < 0) {
		rs_conn_release(c);
		return -1;
	}
	return 0;
}

void rs_conn_release(struct rs_conn *c)
{
	if (c->signals >= 0)
		close(c->signals);
	c->signals = -1;
	free(c->ibuf);
	free(c->obuf);
	c->ibuf = c->obuf = NULL;
}

void rs_conn_resume(struct rs_conn *c)
{
	c->gone = c->quit;
	c->ostart = c->oend = 0;
}

void rs_conn_fill(struct rs_conn *c)
{
	ssize_t n = 0;

	if (c->gone)
		return;
	if (c->istart > 0) {
		memmove(c->ibuf, c->ibuf + c->istart, c->iend - c->istart);
		c->iend -= c->istart;
		c->istart = 0;
	}
	if (c->iend == RS_WIRE_FRAME_MAX)
		return;
	do
		n = read(c->in, c->ibuf + c->iend, RS_WIRE_FRAME_MAX - c->iend);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		c->iend += (size_t)n;
	else if (n == 0 || errno != EAGAIN)
		c->gone = 1;
}

void rs_conn_signals(struct rs_conn *c)
{
	struct signalfd_siginfo s;

	while (read(c->signals, &s, sizeof(s)) == (ssize_t)sizeof(s)) {
		if (s.ssi_signo == SIGCHLD)
			c->child_ended = 1;
		else
			c->gone = c->quit = 1;
	}
}

int rs_conn_next(struct rs_conn *c, struct rs_wire_frame *f)
{
	for (;;) {
		const unsigned char *p = c->ibuf + c->istart;
		const size_t n = c->iend - c->istart;
		long used = 0;

		if (!c->greeted)
			c->istart += rs_wire_skip(p, n, RS_WIRE_HELLO);
		used = rs_wire_parse(c->ibuf + c->istart, c->iend - c->istart, f);
		if (used == 0)
			return 0;
		if (used > 0) {
			c->istart += (size_t)used;
			return 1;
		}
		c->greeted = 0;	/* out of step: only a HELLO counts from here */
		c->istart++;
	}
}

void rs_conn_unread(struct rs_conn *c, const struct rs_wire_frame *f)
{
	c->istart -= RS_WIRE_HEADER + f->len;
}

/* Waits until a signal, input, or (when there is something to send) room for it. */
static void wait_stream(struct rs_conn *c)
{
	struct pollfd p[3] = { { c->signals, POLLIN, 0 },
			       { c->in, POLLIN, 0 },
			       { c->oend > c->ostart ? c->out : -1, POLLOUT, 0 } };

	/* A client that sends while its answer is stuck must not make this loop spin. */
	if (p[2].fd >= 0 && c->iend - c->istart == RS_WIRE_FRAME_MAX)
		p[1].fd = -1;
	if (poll(p, 3, -1) < 0)
		return;
	if (p[0].revents != 0)
		rs_conn_signals(c);
	if (p[1].revents != 0)
		rs_conn_fill(c);
	if (p[2].revents != 0)
		rs_conn_push(c);
	/* Nobody is at the other end of a port: what it takes is asked again in vain. */
	if (p[1].fd < 0 && (p[2].revents & POLLHUP) != 0)
		c->gone = 1;
}

int rs_conn_receive(struct rs_conn *c, struct rs_wire_frame *f)
{
	while (!c->gone) {
		if (rs_conn_next(c, f))
			return 0;
		wait_stream(c);
	}
	return -1;
}

unsigned char *rs_conn_space(struct rs_conn *c)
{
	if (c->ostart == c->oend)
		c->ostart = c->oend = 0;
	if (c->oend > RS_WIRE_FRAME_MAX && rs_conn_flush(c) < 0)
		return NULL;
	return c->gone ? NULL : c->obuf + c->oend + RS_WIRE_HEADER;
}

void rs_conn_commit(struct rs_conn *c, uint32_t type, size_t n)
{
	rs_wire_head(c->obuf + c->oend, type, n);
	c->oend += RS_WIRE_HEADER + n;
}

void rs_conn_push(struct rs_conn *c)
{
	while (!c->gone && c->ostart < c->oend) {
		const ssize_t n = write(c->out, c->obuf + c->ostart, c->oend - c->ostart);

		if (n > 0)
			c->ostart += (size_t)n;
		else if (n == 0 || errno == EAGAIN)
			return;
		else if (errno != EINTR)
			c->gone = 1;
	}
	if (c->ostart == c->oend)
		c->ostart = c->oend = 0;
}

int rs_conn_flush(struct rs_conn *c)
{
	rs_conn_push(c);
	while (!c->gone && c->ostart < c->oend)
		wait_stream(c);
	return c->gone ? -1 : 0;
}

void rs_conn_error(struct rs_conn *c, enum rs_wire_error code, const char *fmt, ...)
{
	struct rs_wire_out o = { rs_conn_space(c), RS_WIRE_PAYLOAD_MAX, 0, 0 };
	char text[512];
	va_list ap;

	if (o.p == NULL)
		return;
	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	rs_wire_put32(&o, (uint32_t)code);
	rs_wire_put_text(&o, text);
	rs_conn_commit(c, RS_WIRE_ERROR, o.len);
	rs_conn_flush(c);
}

void rs_conn_end(struct rs_conn *c, uint64_t total)
{
	unsigned char *p = rs_conn_space(c);

	if (p == NULL)
		return;
	rs_wire_store64(p, total);
	rs_conn_commit(c, RS_WIRE_END, 8);
	rs_conn_flush(c);
}

void rs_conn_empty(struct rs_conn *c, uint32_t type)
{
	if (rs_conn_space(c) == NULL)
		return;
	rs_conn_commit(c, type, 0);
	rs_conn_flush(c);
}

int rs_conn_interrupted(struct rs_conn *c)
{
	struct rs_wire_frame f;

	rs_conn_signals(c);
	rs_conn_fill(c);
	while (!c->gone && rs_conn_next(c, &f)) {
		if (f.type == RS_WIRE_CANCEL)
			return 1;
		if (f.type == RS_WIRE_HELLO) {
			rs_conn_unread(c, &f);
			return 1;
		}
	}
	return c->gone || !c->greeted;
}
