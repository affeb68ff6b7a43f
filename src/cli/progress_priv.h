/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shows a run: on a terminal one line that is rewritten (phase, cells, estimate, last
 * event), else one dated line for each event.
 */
#ifndef RESTUDY_CLI_PROGRESS_PRIV_H
#define RESTUDY_CLI_PROGRESS_PRIV_H

#include <stdio.h>

#include "restudy/run.h"

/* Whether out is a terminal on which a line can be written anew. */
int rs_cli_is_live(FILE *out);

struct rs_cli_progress;

/* out: a terminal or not; NO_COLOR is respected.  NULL with err. */
struct rs_cli_progress *rs_cli_progress_new(FILE *out, struct rs_err *err) RS_MUST_CHECK;

/* The functions to give to rs_run. */
struct rs_run_watch rs_cli_progress_watch(struct rs_cli_progress *p);

/* Ends the live line and frees. */
void rs_cli_progress_free(struct rs_cli_progress *p);

#endif
