/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Results in the formats of others.  Import makes a run folder from files that were
 * recorded elsewhere: report, compare and export treat it as any run, and it says
 * everywhere that nothing was measured here.  Export writes a run's samples.
 */
#ifndef RESTUDY_EXCHANGE_H
#define RESTUDY_EXCHANGE_H

#include <stddef.h>

#include "restudy/base/err.h"
#include "restudy/model/plan.h"
#include "restudy/store.h"

/* All borrowed. */
struct rs_import_options {
	const char *format;		/* a word of rs_import_formats */
	const char *const *files;	/* "FILE", or "SYSTEM=FILE", or "SYSTEM/GUEST=FILE" */
	size_t n_files;
	const char *folder;		/* the run folder; it must not be there yet */
	const char *plan;		/* path of the plan the results belong to, or NULL: one is made */
	const char *system;		/* of files that name none; or NULL */
	const char *benchmark;		/* or NULL: the format's own name */
	const char *better;		/* "higher", "lower": of metrics whose direction is unknown; or NULL */
};

struct rs_import_result {
	size_t cells, failed, samples;
};

/* "benchexec csv ...": the formats, with blanks between them.  Static. */
const char *rs_import_formats(void);

/*
 * Reads the files, which each are a trial of their own where the format holds one trial, and
 * makes the folder: plan.xml, run.db, raw/ with the exact bytes of the files, and facts
 * "import.format", "import.<n>.file", ".sha256", ".raw".  All or nothing: on failure there is no
 * folder.  A file that is not what it should be: RS_ERR_PLAN, with its line and what was
 * expected there.
 */
int rs_import(const struct rs_import_options *o, struct rs_import_result *ret, struct rs_err *err)
	RS_MUST_CHECK;

/*
 * The samples of done cells into path (NULL: standard output), one JSON object on a line:
 * system, guests, guest, benchmark, metric, title, unit, better, trial, value.
 */
int rs_export_jsonl(const struct rs_plan *plan, struct rs_store *store, const char *path,
		    struct rs_err *err) RS_MUST_CHECK;

/*
 * The same as composite.xml of the Phoronix Test Suite: a Result for each metric (Scale: unit,
 * Proportion: direction), an Entry for each guest with all trials in RawString and their mean
 * as Value.  A guest of a system with n guests is named "SYSTEM/n/GUEST".  Trials are numbered
 * by their order: that some are lacking cannot be said there.
 */
int rs_export_pts(const struct rs_plan *plan, struct rs_store *store, const char *path,
		  struct rs_err *err) RS_MUST_CHECK;

#endif
