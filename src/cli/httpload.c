/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy httpload: the load generator of the benchmark "httpload", as a process of its own. */
#include "cli_priv.h"
#include "restudy/bench.h"

static int httpload(int argc, char **argv, struct rs_err *err)
{
	RS_AUTO_BUF out = RS_BUF_INIT;

	if (rs_httpload_command(argc - 1, (const char *const *)(argv + 1), &out, err) < 0)
		return -1;
	return rs_cli_print(&out, err);
}

const struct rs_cli_command rs_cli_httpload = {
	.name = "httpload", .arguments = "URL [--connections N] [--duration SECONDS] ...",
	.run = httpload, .hidden = 1,
	.summary = "make HTTP load and print what it came to as JSON (the benchmark starts it)",
};
