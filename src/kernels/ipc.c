/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's own paths: system calls, one pipe, two processes on two pipes. */
#include "kernels_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIPE_BLOCK 512

int kernel_syscall(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r)
{
	struct kernel_stop stop;
	uint64_t loops = 0;
	int64_t start;
	int fds[2];
	int last = 0;

	if (pipe(fds) < 0)
		return kernel_fail_errno(r, "pipe");
	start = kernel_clock_ns();
	if (kernel_stop_arm(&stop, run->duration_s) < 0)
		return kernel_fail_errno(r, "timer");
	while (!stop.now) {
		last = dup(fds[0]);
		close(last);
		syscall(SYS_getpid);	/* libc of 2006 kept the answer */
		getuid();
		umask(022);
		loops++;
	}
	r->elapsed_ns = kernel_clock_ns() - start;
	kernel_stop_disarm(&stop);
	close(fds[0]);
	close(fds[1]);
	r->loops = loops;
	if (last < 0)
		return kernel_fail(r, "dup did not work");
	return kernel_rate(k, r);
}

int kernel_pipe(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r)
{
	struct kernel_stop stop;
	char block[PIPE_BLOCK] = { 0 };
	uint64_t loops = 0;
	int64_t start;
	int fds[2];
	int bad = 0;

	if (pipe(fds) < 0)
		return kernel_fail_errno(r, "pipe");
	start = kernel_clock_ns();
	if (kernel_stop_arm(&stop, run->duration_s) < 0)
		return kernel_fail_errno(r, "timer");
	while (!stop.now) {
		if (write(fds[1], block, PIPE_BLOCK) != PIPE_BLOCK ||
		    read(fds[0], block, PIPE_BLOCK) != PIPE_BLOCK) {
			bad = errno != EINTR;
			break;
		}
		loops++;
	}
	r->elapsed_ns = kernel_clock_ns() - start;
	kernel_stop_disarm(&stop);
	close(fds[0]);
	close(fds[1]);
	r->loops = loops;
	if (bad)
		return kernel_fail(r, "a block did not come through the pipe");
	return kernel_rate(k, r);
}

/* The far side: sends back every counter that is the expected one, until the pipe ends. */
static _Noreturn void echo_counters(int in, int out)
{
	unsigned long want = 0, got;

	while (read(in, &got, sizeof(got)) == (ssize_t)sizeof(got)) {
		if (got != want || write(out, &want, sizeof(want)) != (ssize_t)sizeof(want))
			_exit(KERNELS_FAILED);
		want++;
	}
	_exit(KERNELS_DONE);
}

/* Round trips until the alarm; 0, or -1 when a counter was not the expected one. */
static int send_counters(int out, int in, const struct kernel_stop *stop, unsigned long *ret)
{
	unsigned long n = 0, got = 0;

	while (!stop->now) {
		if (write(out, &n, sizeof(n)) != (ssize_t)sizeof(n))
			break;
		if (read(in, &got, sizeof(got)) != (ssize_t)sizeof(got))
			break;
		if (got != n) {
			*ret = n;
			return -1;
		}
		n++;
	}
	*ret = n;
	return stop->now ? 0 : -1;
}

int kernel_context1(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r)
{
	struct kernel_stop stop;
	unsigned long loops = 0;
	int there[2], back[2];
	int64_t start;
	pid_t child;
	int status = 0, bad;

	if (pipe(there) < 0 || pipe(back) < 0)
		return kernel_fail_errno(r, "pipe");
	start = kernel_clock_ns();
	child = fork();
	if (child < 0)
		return kernel_fail_errno(r, "fork");
	if (child == 0) {
		close(there[1]);
		close(back[0]);
		echo_counters(there[0], back[1]);
	}
	close(there[0]);
	close(back[1]);
	if (kernel_stop_arm(&stop, run->duration_s) < 0)
		return kernel_fail_errno(r, "timer");
	bad = send_counters(there[1], back[0], &stop, &loops);
	r->elapsed_ns = kernel_clock_ns() - start;
	kernel_stop_disarm(&stop);
	close(there[1]);
	close(back[0]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	r->loops = loops;
	if (bad < 0 || (WIFEXITED(status) && WEXITSTATUS(status) != KERNELS_DONE))
		return kernel_fail(r, "the two processes lost their step after %lu loops", loops);
	return kernel_rate(k, r);
}
