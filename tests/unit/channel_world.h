/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of channels share: a folder and an agent that serves in it. */
#ifndef RESTUDY_TEST_CHANNEL_WORLD_H
#define RESTUDY_TEST_CHANNEL_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"
#include "restudy/channel.h"

/* One folder and one agent for a group of tests; its kinds of connection. */
struct world {
	char dir[64], socket[96], agent[4096];
	pid_t server;
};

/* rs_clock_sleep would return at once in a process that was asked to stop. */
static inline void nap(void)
{
	(void)poll(NULL, 0, 10);
}

static inline pid_t start(const char *const *argv)
{
	const pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		union {
			const char *const *in;
			char *const *out;
		} args = { argv };

		/* A test that fails leaves nothing running. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		execv(argv[0], args.out);
		_exit(127);
	}
	return pid;
}

static inline void stop(pid_t pid)
{
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
}

static inline int world_begin(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	const char *build = getenv("RESTUDY_BUILD");
	char relative[4096];

	assert_non_null(w);
	assert_int_equal(rs_stop_install(NULL), 0);
	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/restudy-channel-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	(void)snprintf(w->socket, sizeof(w->socket), "%s/agent", w->dir);
	(void)snprintf(relative, sizeof(relative), "%s/restudy-agent", build != NULL ? build : "build");
	assert_non_null(realpath(relative, w->agent));
	w->server = start((const char *const[]){ w->agent, "--unix", w->socket, NULL });
	*state = w;
	return 0;
}

static inline int world_end(void **state)
{
	struct world *w = *state;

	stop(w->server);
	assert_int_equal(rs_path_remove_tree(w->dir, NULL), 0);
	free(w);
	return 0;
}

static inline char *in_dir(const struct world *w, const char *name)
{
	char *path = rs_path_join(w->dir, name, NULL);

	assert_non_null(path);
	return path;
}

static inline struct rs_exec sh(const char *argv[4], const char *script)
{
	argv[0] = "sh";
	argv[1] = "-c";
	argv[2] = script;
	argv[3] = NULL;
	return (struct rs_exec){ .argv = argv, .timeout_s = 20, .output_max = 1 << 20 };
}

static inline struct rs_cmd_result run_sh(struct rs_channel *ch, const char *script)
{
	struct rs_err err = RS_ERR_INIT;
	struct rs_cmd_result r;
	const char *argv[4];
	const struct rs_exec x = sh(argv, script);

	if (rs_channel_run(ch, &x, &r, &err) < 0)
		fail_msg("%s: %s", script, err.text);
	return r;
}

/* Waits until a command wrote its number into path. */
static inline pid_t wait_pid(const char *path)
{
	for (int i = 0; i < 2000; i++) {
		FILE *f = fopen(path, "re");
		long pid = 0;
		const int n = f == NULL ? 0 : fscanf(f, "%ld", &pid);

		if (f != NULL)
			(void)fclose(f);
		if (n == 1)
			return (pid_t)pid;
		nap();
	}
	fail_msg("no \"%s\"", path);
	return 0;
}

/* A zombie has ended too: whoever reaps orphans here may be slow. */
static inline int is_running(pid_t pid)
{
	char path[64], text[256] = "";
	FILE *f = NULL;
	size_t n = 0;

	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	f = fopen(path, "re");
	n = f == NULL ? 0 : fread(text, 1, sizeof(text) - 1, f);
	if (f != NULL)
		(void)fclose(f);
	return n > 0 && strstr(text, ") Z ") == NULL;
}

static inline void wait_end(pid_t pid)
{
	for (int i = 0; i < 2000 && is_running(pid); i++)
		nap();
	assert_int_equal(is_running(pid), 0);
}

static inline char *read_file(const char *path)
{
	struct rs_buf b = RS_BUF_INIT;
	char *text = NULL;

	assert_int_equal(rs_path_read(path, 1 << 20, &b, NULL), 0);
	text = rs_buf_steal(&b);
	rs_buf_release(&b);
	assert_non_null(text);
	return text;
}

#endif
