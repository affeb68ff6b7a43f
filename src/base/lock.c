/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Locks by flock(2): the kernel gives them up for a process that was killed. */
#include "restudy/base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"

enum { WHO_MAX = 300 };

/* A killed process is gone some moments before the last child that shares its files. */
enum { GONE_S = 10, LOOK_US = 50000 };

/* "PID SINCE WHAT", as the holder wrote it. */
static void read_holder(int fd, char who[WHO_MAX])
{
	const ssize_t n = pread(fd, who, WHO_MAX - 1, 0);

	who[n > 0 ? n : 0] = '\0';
	who[strcspn(who, "\n")] = '\0';
}

static int is_gone(const char *who)
{
	const long pid = strtol(who, NULL, 10);

	return pid > 0 && kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

static int tell_holder(const char *who, enum rs_err_kind kind, struct rs_err *err)
{
	char pid[24] = "(unknown)", since[40] = "an unknown time";
	int at = 0;

	(void)sscanf(who, "%23s %39s %n", pid, since, &at);
	return rs_err_set(err, kind, "process %s holds it since %s%s%s%s: wait for it, or stop it", pid, since,
			  at > 0 && who[at] != '\0' ? " (" : "", at > 0 ? who + at : "",
			  at > 0 && who[at] != '\0' ? ")" : "");
}

int rs_lock_hold(const char *path, const char *what, enum rs_err_kind kind, int *ret_fd,
		 struct rs_err *err)
{
	const int64_t end_ns = rs_clock_ns() + GONE_S * INT64_C(1000000000);
	RS_AUTO_FD fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	char who[WHO_MAX], now[32];
	int n;

	if (fd < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot write \"%s\"", path);
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot lock \"%s\"", path);
		read_holder(fd, who);
		if (!is_gone(who) || rs_clock_ns() > end_ns)
			return tell_holder(who, kind, err);
		(void)usleep(LOOK_US);	/* also after a stop was asked for: cleaning up takes locks */
	}
	n = snprintf(who, sizeof(who), "%ld %s %.200s\n", (long)getpid(),
		     rs_clock_utc(now, sizeof(now), rs_clock_wall_s()), what);
	if (ftruncate(fd, 0) != 0 || pwrite(fd, who, (size_t)n, 0) != n)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot write \"%s\"", path);
	*ret_fd = fd;
	fd = -1;
	return 0;
}
