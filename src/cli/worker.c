/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy worker: the side of a run that works inside a testbed. */
#include <sys/prctl.h>

#include "cli_priv.h"
#include "restudy/run.h"

static int worker(int argc, char **argv, struct rs_err *err)
{
	static const struct rs_cli_option none[] = { { NULL, 0, NULL, NULL } };
	const char *shard = NULL;

	if (rs_cli_options(argc, argv, none, &shard, "SHARD", 1, err) < 0)
		return -1;
	/* Started by its own loader (ld.so), it would go by the loader's name in /proc. */
	(void)prctl(PR_SET_NAME, "restudy-worker");
	return rs_run_worker(shard, err);
}

const struct rs_cli_command rs_cli_worker = {
	.name = "worker", .arguments = "SHARD", .run = worker, .hidden = 1,
	.summary = "run a shard on this machine (the coordinator starts it)",
};
