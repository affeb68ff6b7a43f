/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RUN: one command in a process group of its own, its output sent as it comes.
 *
 * The group is killed when the time or the output limit is passed or the client leaves;
 * when the client cancels it is asked to end first, so that it can clean up.  After an
 * ordinary end what the command left in the background is not touched.  The command's
 * pipes are read only while the stream is empty, so a slow client slows the command down
 * instead of filling the agent's memory.
 */
#include "requests_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "spawn_priv.h"

/* How long a cancelled command may clean up. */
#define CANCEL_GRACE_NS INT64_C(10000000000)

struct run {
	struct rs_conn *c;
	struct rs_child child;
	int64_t start_ns, end_ns, deadline_ns;
	uint64_t output_max, sent[2];	/* stdout, stderr */
	uint64_t stdin_left;		/* bytes that the client has not sent yet */
	unsigned char *held;		/* one STDIN payload on its way to the command */
	size_t held_start, held_end;
	uint32_t flags;			/* RS_WIRE_TIMED_OUT, ... */
	int killed, ended;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void kill_group(struct run *r, uint32_t why)
{
	if (r->killed)
		return;
	r->killed = 1;
	r->flags |= why;
	kill(-r->child.pid, SIGKILL);
	close_fd(&r->child.in);
}

/* A second wish to end is not asked politely. */
static void cancel(struct run *r)
{
	if ((r->flags & RS_WIRE_CANCELLED) != 0) {
		kill_group(r, RS_WIRE_CANCELLED);
		return;
	}
	r->flags |= RS_WIRE_CANCELLED;
	r->deadline_ns = now_ns() + CANCEL_GRACE_NS;
	kill(-r->child.pid, SIGTERM);
}

/* Notes the end without reaping, so that the group's number stays ours until then. */
static void note_end(struct run *r)
{
	siginfo_t si;

	if (r->ended)
		return;
	si.si_pid = 0;
	if (waitid(P_PID, (id_t)r->child.pid, &si, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	    si.si_pid != 0) {
		r->ended = 1;
		r->end_ns = now_ns();
	}
}

/* One frame of the command's output, when there is some and the stream is free. */
static void pump(struct run *r, int which)
{
	int *fd = &r->child.out[which];
	unsigned char *p = NULL;
	ssize_t n = 0;

	if (*fd < 0 || r->c->oend > r->c->ostart)
		return;
	p = rs_conn_space(r->c);
	if (p == NULL)
		return;
	n = read(*fd, p, RS_WIRE_PAYLOAD_MAX);
	if (n < 0 && (errno == EINTR || (errno == EAGAIN && !r->ended)))
		return;
	if (n <= 0) {
		close_fd(fd);
		return;
	}
	if ((uint64_t)n > r->output_max - r->sent[which]) {
		n = (ssize_t)(r->output_max - r->sent[which]);
		kill_group(r, RS_WIRE_FLOODED);
		close_fd(&r->child.out[0]);
		close_fd(&r->child.out[1]);
	}
	r->sent[which] += (uint64_t)n;
	if (n > 0)
		rs_conn_commit(r->c, which == 0 ? RS_WIRE_STDOUT : RS_WIRE_STDERR, (size_t)n);
	rs_conn_push(r->c);
}

static void feed(struct run *r)
{
	const ssize_t n = write(r->child.in, r->held + r->held_start, r->held_end - r->held_start);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		close_fd(&r->child.in);	/* the command does not want to read it */
		return;
	}
	r->held_start += (size_t)n;
	if (r->held_start < r->held_end)
		return;
	r->held_start = r->held_end = 0;
	if (r->stdin_left == 0)
		close_fd(&r->child.in);
	else if (rs_conn_space(r->c) != NULL) {
		rs_conn_commit(r->c, RS_WIRE_MORE, 0);
		rs_conn_push(r->c);
	}
}

/* What the client says meanwhile.  -1: it is not a client to go on with. */
static int listen_client(struct run *r)
{
	struct rs_wire_frame f;

	while (!r->c->gone && rs_conn_next(r->c, &f)) {
		if (f.type == RS_WIRE_CANCEL) {
			cancel(r);
		} else if (f.type == RS_WIRE_STDIN && f.len <= r->stdin_left &&
			   r->held_end == 0) {
			memcpy(r->held, f.payload, f.len);
			r->held_end = f.len;
			r->stdin_left -= f.len;
		} else {
			rs_conn_unread(r->c, &f);
			return -1;
		}
	}
	return r->c->gone || !r->c->greeted ? -1 : 0;
}

static int poll_timeout_ms(const struct run *r)
{
	const int64_t left_ns = r->deadline_ns - now_ns();

	if (r->killed || r->ended)
		return -1;
	if (left_ns <= 0)
		return 0;
	return left_ns > INT64_C(3600000000000) ? 3600000 : (int)(left_ns / 1000000) + 1;
}

/* Waits for anything to happen and deals with it. */
static int turn(struct run *r)
{
	const int busy = r->c->oend > r->c->ostart;
	struct pollfd p[] = {
		{ r->c->signals, POLLIN, 0 },
		{ r->c->in, POLLIN, 0 },
		{ busy ? r->c->out : -1, POLLOUT, 0 },
		{ busy ? -1 : r->child.out[0], POLLIN, 0 },
		{ busy ? -1 : r->child.out[1], POLLIN, 0 },
		{ r->held_end > 0 ? r->child.in : -1, POLLOUT, 0 },
	};

	/* After the end what is left in the pipes is read without waiting for more. */
	if (poll(p, 6, r->ended && !busy ? 0 : poll_timeout_ms(r)) < 0 && errno != EINTR)
		return -1;
	if (p[0].revents != 0)
		rs_conn_signals(r->c);
	if (r->c->child_ended) {
		r->c->child_ended = 0;
		note_end(r);
	}
	if (p[1].revents != 0)
		rs_conn_fill(r->c);
	if (listen_client(r) < 0)
		return -1;
	if (p[2].revents != 0)
		rs_conn_push(r->c);
	for (int i = 0; i < 2; i++)
		if (p[3 + i].revents != 0 || r->ended)
			pump(r, i);
	if (p[5].revents != 0 && r->child.in >= 0)
		feed(r);
	if (now_ns() >= r->deadline_ns && !r->ended)
		kill_group(r, (r->flags & RS_WIRE_CANCELLED) != 0 ? 0 : RS_WIRE_TIMED_OUT);
	return 0;
}

static void answer(struct run *r, int wstatus, const struct rusage *u)
{
	struct rs_wire_out o = { rs_conn_space(r->c), RS_WIRE_PAYLOAD_MAX, 0, 0 };
	const int sig = WIFSIGNALED(wstatus) ? WTERMSIG(wstatus) : 0;
	const uint64_t values[] = {
		(uint64_t)(r->end_ns - r->start_ns),
		(uint64_t)u->ru_utime.tv_sec * 1000000000 + (uint64_t)u->ru_utime.tv_usec * 1000,
		(uint64_t)u->ru_stime.tv_sec * 1000000000 + (uint64_t)u->ru_stime.tv_usec * 1000,
		(uint64_t)u->ru_minflt,
		(uint64_t)u->ru_majflt,
		(uint64_t)u->ru_nvcsw,
		(uint64_t)u->ru_nivcsw,
		(uint64_t)u->ru_maxrss * 1024,	/* Linux gives KiB */
	};

	if (o.p == NULL)
		return;
	rs_wire_put32(&o, sig != 0 ? UINT32_MAX : (uint32_t)WEXITSTATUS(wstatus));
	rs_wire_put32(&o, (uint32_t)sig);
	rs_wire_put32(&o, r->flags);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		rs_wire_put64(&o, values[i]);
	rs_conn_commit(r->c, RS_WIRE_EXIT, o.len);
	rs_conn_flush(r->c);
}

/* Runs until the command has ended and its output was sent, or the client left. */
static void run_child(struct run *r)
{
	struct rusage usage;
	int wstatus = 0, lost = 0;

	memset(&usage, 0, sizeof(usage));
	if (r->stdin_left == 0)
		close_fd(&r->child.in);
	while (!lost && !(r->ended && r->child.out[0] < 0 && r->child.out[1] < 0))
		lost = turn(r) < 0;
	if (lost)
		kill_group(r, 0);
	close_fd(&r->child.in);
	close_fd(&r->child.out[0]);
	close_fd(&r->child.out[1]);
	while (wait4(r->child.pid, &wstatus, 0, &usage) < 0 && errno == EINTR)
		;
	if (!lost)
		answer(r, wstatus, &usage);
}

void rs_agent_run(struct rs_conn *c, const struct rs_wire_frame *f)
{
	struct rs_wire_in in = { f->payload, f->len, 0 };
	struct run r = { .c = c };
	struct rs_command cmd;
	const uint64_t timeout_ns = rs_wire_get64(&in);

	r.output_max = rs_wire_get64(&in);
	r.stdin_left = rs_wire_get64(&in);
	if (rs_command_read(&cmd, &in) < 0 || timeout_ns == 0 || timeout_ns > INT64_MAX / 2 ||
	    r.output_max == 0) {
		rs_conn_error(c, RS_WIRE_ERR_REQUEST, "malformed request to run a command");
		rs_command_release(&cmd);
		return;
	}
	r.held = malloc(RS_WIRE_PAYLOAD_MAX);
	c->child_ended = 0;
	r.start_ns = now_ns();
	r.deadline_ns = r.start_ns + (int64_t)timeout_ns;
	if (r.held == NULL)
		rs_conn_error(c, RS_WIRE_ERR_FAILED, "out of memory");
	else if (rs_spawn(&cmd, r.stdin_left > 0, &r.child, c) == 0)
		run_child(&r);
	free(r.held);
	rs_command_release(&cmd);
}
