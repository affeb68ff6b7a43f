/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An import under way, and the folder it ends in. */
#ifndef EXCHANGE_FOLDER_PRIV_H
#define EXCHANGE_FOLDER_PRIV_H

#include "exchange_priv.h"

struct rs_import {
	const struct rs_import_options *o;
	struct rs_plan *plan;		/* given, or made of the records */
	struct rs_buf plan_text;
	struct rs_source *sources;
	size_t n_sources;
	struct rs_records records;	/* sorted, checked */
	struct rs_import_result result;
};

/* Writes the run folder under a name of its own and gives it its name last. */
int rs_import_write(struct rs_import *im, struct rs_err *err) RS_MUST_CHECK;

#endif
