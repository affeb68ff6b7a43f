/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a trial costs beside its program: the same program started bare, as a command, through
 * the channel of this machine, through an agent, and as a whole trial of the adapter "command",
 * interleaved; microseconds, the median and the lowest tenth, which other load disturbs less.
 *   trial_overhead AGENT_SOCKET ROUNDS      the table
 *   trial_overhead AGENT_SOCKET hold S      a program that sleeps S seconds, through the agent
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "restudy/base/clock.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"
#include "restudy/bench.h"

enum way { BARE_TRUE, COMMAND, LOCAL, AGENT, BARE_ECHO, TRIAL, WAY_LAST };
enum { ROUNDS_MAX = 5000 };

static const char *const way_name[WAY_LAST] = {
	[BARE_TRUE] = "posix_spawn and waitpid, true",
	[COMMAND] = "a command, true",
	[LOCAL] = "the channel of this machine, true",
	[AGENT] = "the channel of an agent, true",
	[BARE_ECHO] = "posix_spawn and waitpid, echo 7",
	[TRIAL] = "a trial of \"command\" and its value, echo 7",
};

struct bench {
	struct rs_channel *local, *agent;
	struct rs_trial trial;
	struct rs_sink sink;
	double got;
};

static void must(int rc, const struct rs_err *err)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "trial_overhead: %s\n", err->text);
	exit(1);
}

static void bare(const char *const *argv)
{
	union {
		const char *const *in;
		char *const *out;
	} args = { argv };
	posix_spawn_file_actions_t fa;
	pid_t pid;
	int status = 0;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", 1, 0);
	if (posix_spawn(&pid, argv[0], &fa, NULL, args.out, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid || status != 0)
		exit(1);
	posix_spawn_file_actions_destroy(&fa);
}

static int keep(void *user, const struct rs_sample *s, struct rs_err *err)
{
	(void)err;
	((struct bench *)user)->got += s->value;
	return 0;
}

static void once(struct bench *b, enum way way)
{
	static const char *const yes[] = { "/bin/true", NULL }, *const seven[] = { "/bin/echo", "7", NULL };
	struct rs_err err = RS_ERR_INIT;
	struct rs_cmd_result r;
	struct rs_cmd *c;

	switch (way) {
	case BARE_TRUE:
		bare(yes);
		break;
	case COMMAND:
		c = rs_cmd_new("/bin/true");
		must(rs_cmd_run(c, &r, &err), &err);
		rs_cmd_free(c);
		break;
	case LOCAL:
		must(rs_channel_run_ok(b->local, yes, 10, NULL, &err), &err);
		break;
	case AGENT:
		must(rs_channel_run_ok(b->agent, yes, 10, NULL, &err), &err);
		break;
	case BARE_ECHO:
		bare(seven);
		break;
	case TRIAL:
		must(rs_bench_trial(&b->trial, &b->sink, &err), &err);
		break;
	case WAY_LAST:
		break;
	}
}

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void table(struct bench *b, int rounds)
{
	static double us[WAY_LAST][ROUNDS_MAX];
	double at[2][WAY_LAST];

	for (int i = -10; i < rounds; i++)	/* the first ten are not counted */
		for (int w = 0; w < WAY_LAST; w++) {
			const int64_t begin = rs_clock_ns();

			once(b, (enum way)w);
			if (i >= 0)
				us[w][i] = (double)(rs_clock_ns() - begin) / 1e3;
		}
	for (int w = 0; w < WAY_LAST; w++) {
		const enum way than = w >= BARE_ECHO ? BARE_ECHO : BARE_TRUE;

		qsort(us[w], (size_t)rounds, sizeof(us[w][0]), ascending);
		printf("%-48s", way_name[w]);
		for (int k = 0; k < 2; k++) {
			at[k][w] = us[w][k == 0 ? rounds / 2 : rounds / 10];
			printf(" %6.0f us", at[k][w]);
			if (w != than)
				printf(" %+6.0f us", at[k][w] - at[k][than]);
			else
				printf("          ");
		}
		printf("\n");
	}
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/trial-overhead.XXXXXX", id[] = "b", expression[] = "([0-9]+)",
	     echo[] = "/bin/echo", seven[] = "7", unit[] = "1";
	char *arguments[] = { echo, seven };
	struct rs_metric_rule rule = { .id = id, .unit = unit, .expression = expression };
	struct rs_benchmark benchmark = { .id = id, .adapter = RS_ADAPTER_COMMAND, .metrics = &rule,
					  .n_metrics = 1, .arguments = arguments, .n_arguments = 2,
					  .duration_s = 1 };
	struct rs_err err = RS_ERR_INIT;
	struct bench b = { .sink = { keep, NULL, &b } };
	struct rs_guest guest;

	if (argc < 3 || mkdtemp(folder) == NULL)
		return 2;
	must(rs_stop_install(&err), &err);
	b.local = rs_channel_local(&err);
	must(b.local != NULL ? 0 : -1, &err);
	b.agent = rs_channel_unix(argv[1], 10, &err);
	must(b.agent != NULL ? 0 : -1, &err);
	guest = (struct rs_guest){ .name = "host", .channel = b.local, .scratch = folder };
	b.trial = (struct rs_trial){ .benchmark = &benchmark, .system = "host", .guests = &guest,
				     .n_guests = 1, .generator = b.local, .trial = 1, .duration_s = 1,
				     .raw = folder };
	if (argc == 4 && strcmp(argv[2], "hold") == 0) {
		const char *const sleep_argv[] = { "sleep", argv[3], NULL };

		must(rs_channel_run_ok(b.agent, sleep_argv, 600, NULL, &err), &err);
	} else {
		const long rounds = strtol(argv[2], NULL, 10);

		table(&b, rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : (int)rounds);
	}
	rs_channel_close(b.agent);
	rs_channel_close(b.local);
	return rs_path_remove_tree(folder, &err) < 0;
}
