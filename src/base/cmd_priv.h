/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the builder (cmd.c) hands to the execution (cmd_run.c). */
#ifndef RESTUDY_BASE_CMD_PRIV_H
#define RESTUDY_BASE_CMD_PRIV_H

#include "restudy/base/cmd.h"

struct rs_cmd {
	char **argv;		/* NULL-ended */
	char **env;		/* "NAME=value", or "NAME" to remove it; or NULL */
	char *cwd;
	char *stdin_bytes;
	size_t stdin_len;
	struct {
		struct rs_buf *buf;	/* borrowed */
		char *path;
	} stream[2];		/* stdout, stderr */
	rs_cmd_line_fn *line;
	void *line_user;
	double timeout_s;
	size_t output_max;
	int dies_with_us;
	int failed;		/* an addition was refused for memory */
};

#endif
