/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The request to stop: the one place where a signal handler writes. */
#include "restudy/base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t asked;
static volatile sig_atomic_t wake_write = -1;
static int wake_read = -1;

static void on_signal(int signum)
{
	int saved = errno;

	if (asked)
		_exit(128 + signum);
	asked = signum;
	if (wake_write >= 0 && write(wake_write, "s", 1) < 0) {
		/* The pipe is full: it is readable already. */
	}
	errno = saved;
}

int rs_stop_install(struct rs_err *err)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal }, before;
	int fds[2];

	if (wake_read >= 0)
		return 0;
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return rs_err_sys(err, RS_ERR_MACHINE, errno, "cannot make a pipe");
	wake_read = fds[0];
	wake_write = fds[1];
	(void)sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		/* nohup has it ignored, and shall have its way */
		if (signals[i] == SIGHUP && sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler == SIG_IGN)
			continue;
		if (sigaction(signals[i], &sa, NULL) < 0)
			return rs_err_sys(err, RS_ERR_INTERNAL, errno, "cannot catch signal %d",
					  signals[i]);
	}
	/* A reader that went away is told by write's result. */
	(void)signal(SIGPIPE, SIG_IGN);
	return 0;
}

int rs_stop_requested(void)
{
	return (int)asked;
}

int rs_stop_check(struct rs_err *err)
{
	if (!asked)
		return 0;
	return rs_err_set(err, RS_ERR_INTERRUPTED, "interrupted by signal %d (SIG%s)", (int)asked,
			  sigabbrev_np((int)asked));
}

int rs_stop_fd(void)
{
	return wake_read;
}
