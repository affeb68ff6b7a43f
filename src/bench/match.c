/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A regular expression against what a program printed, in a child of its own that may take
 * RS_MATCH_CPU_S of processor time and RS_MATCH_MEMORY of memory: the library tries
 * each beginning anew, so that a long line of the wrong kind would keep it busy for days.
 */
#include "bench_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "restudy/base/mem.h"

enum { RS_MATCH_CPU_S = 5 };
#ifndef __has_feature		/* clang tells this way that it sanitizes */
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define RS_MATCH_MEMORY RLIM_INFINITY	/* the sanitizer's shadow is memory, too */
#else
#define RS_MATCH_MEMORY ((rlim_t)1 << 30)
#endif

struct answer {
	int rc;
	regmatch_t at[2];
};

static void limit(unsigned what, rlim_t most)
{
	const struct rlimit l = { most, most };

	(void)setrlimit(what, &l);
}

/* The child: nothing here may take a lock that another thread held. */
static void match_and_leave(const regex_t *re, const char *text, int to)
{
	struct answer a = { 0, { { -1, -1 }, { -1, -1 } } };

	(void)signal(SIGXCPU, SIG_DFL);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_DATA, RS_MATCH_MEMORY);
	limit(RLIMIT_CPU, RS_MATCH_CPU_S);
	a.rc = regexec(re, text, RS_COUNT(a.at), a.at, 0);
	_exit(write(to, &a, sizeof(a)) == (ssize_t)sizeof(a) ? 0 : 1);
}

/* What the child says; 0: all of it. */
static int hear(int from, struct answer *a)
{
	size_t got = 0;

	while (got < sizeof(*a)) {
		const ssize_t n = read(from, (char *)a + got, sizeof(*a) - got);

		if (n <= 0 && !(n < 0 && errno == EINTR))
			return -1;
		got += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static void bury(pid_t child)
{
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
}

enum rs_match rs_match_group(const regex_t *re, const char *text, regmatch_t *group,
			     struct rs_err *err)
{
	struct answer a;
	int pipe_fd[2], heard;
	pid_t child;

	if (pipe2(pipe_fd, O_CLOEXEC) < 0) {
		(void)rs_err_sys(err, RS_ERR_MACHINE, errno, "a pipe for a regular expression");
		return RS_MATCH_ERROR;
	}
	child = fork();
	if (child < 0) {
		(void)rs_err_sys(err, RS_ERR_MACHINE, errno, "a child for a regular expression");
		close(pipe_fd[0]);
		close(pipe_fd[1]);
		return RS_MATCH_ERROR;
	}
	if (child == 0)
		match_and_leave(re, text, pipe_fd[1]);
	close(pipe_fd[1]);
	heard = hear(pipe_fd[0], &a);
	close(pipe_fd[0]);
	bury(child);
	if (heard < 0 || a.rc == REG_ESPACE)
		return RS_MATCH_TOO_MUCH;
	*group = a.at[1];
	return a.rc == 0 && a.at[1].rm_so >= 0 ? RS_MATCH_FOUND : RS_MATCH_NONE;
}
