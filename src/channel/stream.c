/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames over a connected socket, with deadlines; see stream_priv.h. */
#include "stream_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/stop.h"

/* A greeting that no one read (a port that was closed meanwhile) is sent again. */
#define GREET_AGAIN_S 2.0

struct rs_stream {
	int fd;
	pid_t pid;		/* of a program, or 0 */
	int stderr_fd;		/* of a program, or -1 */
	char *name;
	unsigned char *in;	/* RS_WIRE_FRAME_MAX bytes; [start, end) is not parsed yet */
	size_t start, end;
	unsigned char *out;	/* RS_WIRE_FRAME_MAX bytes: the frame that is made */
	char said[256];		/* the end of the last line of the program's stderr */
	size_t said_len;
	int said_whole;		/* that line has ended: the next byte starts another */
	unsigned greetings;	/* that the agent may still answer */
	int dead;
};

int64_t rs_stream_deadline(double seconds)
{
	return seconds > 1e9 ? INT64_MAX : rs_clock_ns() + (int64_t)(seconds * 1e9);
}

struct rs_stream *rs_stream_new(int fd, pid_t pid, int stderr_fd, const char *name,
				struct rs_err *err)
{
	RS_AUTO_STREAM *s = rs_alloc(1, sizeof(*s), err);

	if (s == NULL) {
		rs_close_fd(&fd);
		rs_close_fd(&stderr_fd);
		return NULL;
	}
	s->fd = fd;
	s->pid = pid;
	s->stderr_fd = stderr_fd;
	s->name = rs_strdup(name, err);
	s->in = rs_alloc(1, RS_WIRE_FRAME_MAX, err);
	s->out = rs_alloc(1, RS_WIRE_FRAME_MAX, err);
	if (s->name == NULL || s->in == NULL || s->out == NULL)
		return NULL;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ||
	    (stderr_fd >= 0 && fcntl(stderr_fd, F_SETFL, O_NONBLOCK) < 0)) {
		(void)rs_err_sys(err, RS_ERR_INTERNAL, errno, "cannot prepare \"%s\"", name);
		return NULL;
	}
	return RS_STEAL(&s);
}

enum rs_stream_stop rs_stream_stop_mode(void)
{
	return rs_stop_requested() ? RS_STREAM_IGNORE_STOP : RS_STREAM_WATCH_STOP;
}

/* Waits for the program's end, at most so long: 0, or -1 when it goes on. */
static int wait_program(struct rs_stream *s, double seconds)
{
	const int64_t deadline_ns = rs_stream_deadline(seconds);
	const struct timespec pause = { 0, 2000000 };

	for (;;) {
		const pid_t pid = waitpid(s->pid, NULL, WNOHANG);

		if (pid == s->pid || (pid < 0 && errno != EINTR))
			return 0;
		if (rs_clock_ns() >= deadline_ns)
			return -1;
		(void)nanosleep(&pause, NULL);
	}
}

void rs_stream_free(struct rs_stream *s)
{
	if (s == NULL)
		return;
	rs_close_fd(&s->fd);
	rs_close_fd(&s->stderr_fd);
	if (s->pid > 0 && wait_program(s, 2) < 0) {
		(void)kill(-s->pid, SIGTERM);
		if (wait_program(s, 1) < 0) {
			(void)kill(-s->pid, SIGKILL);
			(void)wait_program(s, 1);
		}
	}
	free(s->name);
	free(s->in);
	free(s->out);
	free(s);
}

void rs_stream_freep(struct rs_stream **s)
{
	rs_stream_free(*s);
	*s = NULL;
}

/* Keeps the last line of what the program says on stderr. */
static void hear(struct rs_stream *s)
{
	char block[4096];
	const ssize_t n = read(s->stderr_fd, block, sizeof(block));

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		rs_close_fd(&s->stderr_fd);
	for (ssize_t i = 0; i < n; i++) {
		if (block[i] == '\n' || block[i] == '\r') {
			s->said_whole = 1;
			continue;
		}
		if (s->said_whole)
			s->said_len = 0;
		s->said_whole = 0;
		if (s->said_len < sizeof(s->said) - 1)
			s->said[s->said_len++] = block[i];
	}
}

static int lost(struct rs_stream *s, int errnum, struct rs_err *err)
{
	struct pollfd p = { s->stderr_fd, POLLIN, 0 };

	/* A program explains itself before it ends, or just after it closed the stream. */
	for (int i = 0; i < 16 && s->stderr_fd >= 0 && poll(&p, 1, 200) > 0; i++)
		hear(s);
	s->said[s->said_len] = '\0';
	s->dead = 1;
	if (s->said_len > 0)
		return rs_err_set(err, RS_ERR_FAILED, "the connection to \"%s\" was lost: %s", s->name,
				  s->said);
	if (errnum != 0)
		return rs_err_sys(err, RS_ERR_FAILED, errnum, "the connection to \"%s\" was lost",
				  s->name);
	return rs_err_set(err, RS_ERR_FAILED, "the connection to \"%s\" was lost", s->name);
}

int rs_stream_violation(struct rs_stream *s, const char *what, struct rs_err *err)
{
	s->dead = 1;
	return rs_err_set(err, RS_ERR_FAILED,
			  "the agent at \"%s\" does not keep to the protocol: %s; use the agent of this version",
			  s->name, what);
}

static int check_alive(const struct rs_stream *s, struct rs_err *err)
{
	if (s->dead)
		return rs_err_set(err, RS_ERR_FAILED, "the connection to \"%s\" was lost before",
				  s->name);
	return 0;
}

/*
 * Waits until the stream is ready for events (POLLIN or POLLOUT).  0 when it is; 1 when a
 * stop is asked for; -1 with err at the deadline.
 */
static int wait_ready(struct rs_stream *s, short events, enum rs_stream_stop stop,
		      int64_t deadline_ns, struct rs_err *err)
{
	for (;;) {
		struct pollfd p[] = {
			{ s->fd, events, 0 },
			{ s->stderr_fd, POLLIN, 0 },
			{ stop == RS_STREAM_WATCH_STOP ? rs_stop_fd() : -1, POLLIN, 0 },
		};
		const int64_t left_ns = deadline_ns - rs_clock_ns();
		const int64_t left_ms = left_ns <= 0 ? 0 : left_ns / 1000000 + 1;

		if (stop == RS_STREAM_WATCH_STOP && rs_stop_requested())
			return 1;
		if (poll(p, 3, left_ms > 3600000 ? 3600000 : (int)left_ms) < 0 && errno != EINTR)
			return lost(s, errno, err);
		if (p[1].revents != 0)
			hear(s);
		if (p[0].revents != 0)
			return 0;
		if (left_ns <= 0)
			return rs_err_set(err, RS_ERR_TIMEOUT, "no answer from \"%s\" in time", s->name);
	}
}

static int send_bytes(struct rs_stream *s, const unsigned char *p, size_t n, int64_t deadline_ns,
		      struct rs_err *err)
{
	while (n > 0) {
		const ssize_t k = send(s->fd, p, n, MSG_NOSIGNAL);

		if (k >= 0) {
			p += k;
			n -= (size_t)k;
		} else if (errno == EAGAIN) {
			if (wait_ready(s, POLLOUT, RS_STREAM_IGNORE_STOP, deadline_ns, err) < 0)
				return -1;
		} else if (errno != EINTR) {
			return lost(s, errno, err);
		}
	}
	return 0;
}

struct rs_wire_out rs_stream_payload(struct rs_stream *s)
{
	return (struct rs_wire_out){ s->out + RS_WIRE_HEADER, RS_WIRE_PAYLOAD_MAX, 0, 0 };
}

int rs_stream_send(struct rs_stream *s, enum rs_wire_type type, size_t len, int64_t deadline_ns,
		   struct rs_err *err)
{
	if (check_alive(s, err) < 0)
		return -1;
	rs_wire_head(s->out, (uint32_t)type, len);
	if (send_bytes(s, s->out, RS_WIRE_HEADER + len, deadline_ns, err) < 0) {
		s->dead = 1;	/* half a frame may have left */
		return -1;
	}
	return 0;
}

/* Reads more into the buffer: 0, 1 (stop), or -1 with err. */
static int fill(struct rs_stream *s, enum rs_stream_stop stop, int64_t deadline_ns,
		struct rs_err *err)
{
	ssize_t n = 0;
	int rc = 0;

	memmove(s->in, s->in + s->start, s->end - s->start);
	s->end -= s->start;
	s->start = 0;
	for (;;) {
		n = recv(s->fd, s->in + s->end, RS_WIRE_FRAME_MAX - s->end, 0);
		if (n > 0) {
			s->end += (size_t)n;
			return 0;
		}
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			return lost(s, n == 0 ? 0 : errno, err);
		rc = wait_ready(s, POLLIN, stop, deadline_ns, err);
		if (rc != 0)
			return rc;
	}
}

int rs_stream_receive(struct rs_stream *s, enum rs_stream_stop stop, int64_t deadline_ns,
		      struct rs_wire_frame *f, struct rs_err *err)
{
	if (check_alive(s, err) < 0)
		return -1;
	for (;;) {
		const long used = rs_wire_parse(s->in + s->start, s->end - s->start, f);
		int rc = 0;

		if (used < 0)
			return rs_stream_violation(s, "bytes that are no frame", err);
		s->start += (size_t)used;
		if (used > 0 && f->type == RS_WIRE_WELCOME && s->greetings > 0) {
			s->greetings--;	/* of a greeting that was sent twice */
			continue;
		}
		if (used > 0)
			return 0;
		rc = fill(s, stop, deadline_ns, err);
		if (rc < 0)
			s->dead = 1;
		if (rc != 0)
			return rc;
	}
}

/* Looks for the answer to nonce in what was read: 1, 0 when it is not there yet. */
static int find_welcome(struct rs_stream *s, const unsigned char *nonce, uint32_t *version)
{
	for (;;) {
		struct rs_wire_frame f;
		long used = 0;

		s->start += rs_wire_skip(s->in + s->start, s->end - s->start, RS_WIRE_WELCOME);
		used = rs_wire_parse(s->in + s->start, s->end - s->start, &f);
		if (used == 0)
			return 0;
		if (used > 0 && memcmp(f.payload, nonce, RS_WIRE_NONCE) == 0) {
			s->start += (size_t)used;
			*version = rs_wire_load32(f.payload + RS_WIRE_NONCE);
			return 1;
		}
		s->start++;	/* what an earlier client did not read */
	}
}

static int send_greeting(struct rs_stream *s, const unsigned char *nonce, int64_t deadline_ns,
			 struct rs_err *err)
{
	struct rs_wire_out o = rs_stream_payload(s);

	memset(s->out, 0, RS_WIRE_FILLER);
	if (send_bytes(s, s->out, RS_WIRE_FILLER, deadline_ns, err) < 0)
		return -1;
	rs_wire_put_bytes(&o, nonce, RS_WIRE_NONCE);
	rs_wire_put32(&o, RS_WIRE_VERSION);
	rs_wire_head(s->out, RS_WIRE_HELLO, o.len);
	return send_bytes(s, s->out, RS_WIRE_HEADER + o.len, deadline_ns, err);
}

/* Waits for the answer until the deadline: 0, 1 (stop), or -1 with err. */
static int await_welcome(struct rs_stream *s, const unsigned char *nonce, enum rs_stream_stop stop,
			 int64_t deadline_ns, struct rs_err *err)
{
	uint32_t version = 0;

	while (!find_welcome(s, nonce, &version)) {
		const int rc = fill(s, stop, deadline_ns, err);

		if (rc != 0)
			return rc;
	}
	if (version == RS_WIRE_VERSION)
		return 0;
	s->dead = 1;
	return rs_err_set(err, RS_ERR_MACHINE,
			  "the agent at \"%s\" speaks protocol %u, this program %u: use its own agent",
			  s->name, version, RS_WIRE_VERSION);
}

int rs_stream_greet(struct rs_stream *s, int64_t deadline_ns, struct rs_err *err)
{
	const enum rs_stream_stop stop = rs_stream_stop_mode();
	unsigned char nonce[RS_WIRE_NONCE];

	if (getrandom(nonce, sizeof(nonce), 0) != (ssize_t)sizeof(nonce))
		return rs_err_sys(err, RS_ERR_MACHINE, errno, "cannot get random bytes");
	for (;;) {
		const int64_t again_ns = rs_stream_deadline(GREET_AGAIN_S);
		const int64_t until_ns = again_ns < deadline_ns ? again_ns : deadline_ns;
		struct rs_err now = RS_ERR_INIT;
		int rc = send_greeting(s, nonce, until_ns, &now);

		if (rc == 0)
			rc = await_welcome(s, nonce, stop, until_ns, &now);
		if (rc == 0)
			return 0;
		s->greetings++;
		if (rc > 0)
			return rs_err_set(err, RS_ERR_INTERRUPTED, "interrupted while \"%s\" was asked",
					  s->name);
		if (s->dead || rs_clock_ns() >= deadline_ns)
			return rs_err_set(err, now.kind, "%s", now.text);
	}
}
