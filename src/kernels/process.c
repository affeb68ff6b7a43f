/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes: fork, and a program that replaces itself.  What either costs depends
 * on how the program is linked: a dynamic one has libc's mappings to copy and its
 * loader to run (1.2 and 1.3 times the static one's cost, measured on Debian 12).
 * UnixBench's programs are dynamic, so these two tests are also built as a dynamic
 * twin; the result says which one it was.
 */
#include "kernels_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int kernel_spawn(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r)
{
	struct kernel_stop stop;
	uint64_t loops = 0;
	int64_t start;
	int status = 0;

	fflush(NULL);	/* a child's exit(0) must have nothing to write */
	start = kernel_clock_ns();
	if (kernel_stop_arm(&stop, run->duration_s) < 0)
		return kernel_fail_errno(r, "timer");
	while (!stop.now) {
		const pid_t child = fork();

		if (child < 0) {
			kernel_fail_errno(r, "fork");
			break;
		}
		if (child == 0)
			exit(0);
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
		if (status != 0) {
			kernel_fail(r, "a child ended with wait status 0x%x", (unsigned)status);
			break;
		}
		loops++;
	}
	r->elapsed_ns = kernel_clock_ns() - start;
	kernel_stop_disarm(&stop);
	r->loops = loops;
	return r->error[0] != '\0' ? -1 : kernel_rate(k, r);
}

int kernel_execl_step(int argc, char **argv)
{
	char count[24];
	int64_t deadline, now;
	uint64_t n;

	if (argc != 6)
		return KERNELS_USAGE;
	now = kernel_clock_ns();
	deadline = strtoll(argv[2], NULL, 10);
	n = strtoull(argv[4], NULL, 10);
	if (now >= deadline) {
		printf("%" PRIu64 " %" PRId64 "\n", n, now - (int64_t)strtoll(argv[3], NULL, 10));
		return fflush(stdout) == 0 ? KERNELS_DONE : KERNELS_FAILED;
	}
	snprintf(count, sizeof(count), "%" PRIu64, n + 1);
	execl(argv[5], argv[5], KERNEL_EXECL_STEP, argv[2], argv[3], count, argv[5], (char *)NULL);
	return KERNELS_FAILED;
}

/* The child that becomes the first step; its stdout is the pipe. */
static _Noreturn void start_execl(const char *path, double duration_s, int out)
{
	char deadline[24], start[24];
	const int64_t now = kernel_clock_ns();

	dup2(out, STDOUT_FILENO);
	close(out);
	snprintf(start, sizeof(start), "%" PRId64, now);
	snprintf(deadline, sizeof(deadline), "%" PRId64, now + (int64_t)(duration_s * 1e9));
	execl(path, path, KERNEL_EXECL_STEP, deadline, start, "0", path, (char *)NULL);
	_exit(127);
}

int kernel_execl(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r)
{
	char text[80] = "";
	int fds[2], status = 0;
	ssize_t got;
	pid_t child;

	if (pipe(fds) < 0)
		return kernel_fail_errno(r, "pipe");
	child = fork();
	if (child < 0)
		return kernel_fail_errno(r, "fork");
	if (child == 0) {
		close(fds[0]);
		start_execl(run->self, run->duration_s, fds[1]);
	}
	close(fds[1]);
	while ((got = read(fds[0], text, sizeof(text) - 1)) < 0 && errno == EINTR)
		;
	close(fds[0]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (status != 0)
		return kernel_fail(r, "\"%s\" could not execute itself (wait status 0x%x)",
				   run->self, (unsigned)status);
	if (got <= 0 || sscanf(text, "%" SCNu64 " %" SCNd64, &r->loops, &r->elapsed_ns) != 2)
		return kernel_fail(r, "no count came back");
	return kernel_rate(k, r);
}
