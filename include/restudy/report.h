/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a run folder to exhibits and the report.  Analysis asks the store, makes one
 * document tree, and one emit table per output writes it.  Reads run.db, plan.xml and
 * raw alone; writes figures/, tables/ and report.* into the folder given.
 */
#ifndef RESTUDY_REPORT_H
#define RESTUDY_REPORT_H

#include "restudy/base/err.h"
#include "restudy/chart.h"
#include "restudy/model/plan.h"
#include "restudy/stats.h"
#include "restudy/store.h"

struct rs_report_options {
	const char *out;	/* folder, made when missing */
	const char *template_path;	/* report document, or NULL: the data folder's */
	const char *language;	/* or NULL: the plan's */
	const char *program_version;
};

/* A report that was made by a document of one's own has it beside it, by this name. */
#define RS_REPORT_TEMPLATE "report.template.xml"

/* Renders all exhibits and report.{html,pdf,tex,md}. */
int rs_report_write(const struct rs_plan *plan, struct rs_store *store,
		    const struct rs_report_options *o, struct rs_err *err) RS_MUST_CHECK;

/* The way from raw bytes to each bar of one exhibit, as text. */
int rs_report_explain(const struct rs_plan *plan, struct rs_store *store, const char *exhibit,
		      struct rs_buf *out, struct rs_err *err) RS_MUST_CHECK;

/* One claim with what was found. */
struct rs_finding {
	const struct rs_claim *claim;	/* borrowed from the plan */
	enum rs_verdict verdict;
	double point, lo, hi;		/* NaN: not measured or no interval */
	size_t trials;
	size_t disturbed;		/* trials of its systems whose cells are noted as disturbed */
	double p, p_holm;		/* of the bound; after Holm's correction; NaN: none, or all trials
					   are equal, and the bound */
	size_t family;			/* claims with an interval, which the correction is over */
	size_t needed;			/* trials in all that would settle it; 0: it is settled, or
					   none would, or not known */
	char method[RS_METHOD_SIZE];	/* of the interval, "" when not measured */
	char reason[600];		/* why not measured, which substitute, ... or "" */
};

/* All claims in the plan's order; free() releases *ret. */
int rs_report_claims(const struct rs_plan *plan, struct rs_store *store, struct rs_finding **ret,
		     size_t *ret_n, struct rs_err *err) RS_MUST_CHECK;

/* What cannot be right in published numbers given their rounding, as text lines. Returns
 * the number of inconsistent values in *ret_bad. */
int rs_report_audit(const struct rs_plan *plan, struct rs_buf *out, size_t *ret_bad,
		    struct rs_err *err) RS_MUST_CHECK;

/* One law that a printed value was held against.  All borrowed from the plan or static. */
struct rs_audited {
	const struct rs_published *published;
	const char *system, *metric, *text;	/* text: as printed; metric NULL: a mean of ratios */
	const struct rs_published_ratio *ratio;	/* NULL: it is a value */
	const char *law;
	const char *reading;	/* what the law supposes of the columns' loads, or NULL */
	double lo, hi;		/* where its exact value has to lie */
	int consistent;
	int added_up;		/* right as a sum of this many guests' rounded values; 0: not so */
};

/* The same as records: of a table without a printed concurrency both readings of a common
 * load are there, of which *ret_bad counts one.  free() releases *ret. */
int rs_report_audited(const struct rs_plan *plan, struct rs_audited **ret, size_t *ret_n,
		      size_t *ret_bad, struct rs_err *err) RS_MUST_CHECK;

/* Mistakes in the lines of listings that the plan has as printed, in the same way. */
int rs_report_audit_listings(const struct rs_plan *plan, struct rs_buf *out, size_t *ret_bad,
			     struct rs_err *err) RS_MUST_CHECK;

/* One of them; borrowed from the plan but for why.  free() releases *ret. */
struct rs_misprint {
	const struct rs_exhibit *listing;
	const struct rs_setting_kv *line;
	char why[240];
};
int rs_report_misprints(const struct rs_plan *plan, struct rs_misprint **ret, size_t *ret_n,
			struct rs_err *err) RS_MUST_CHECK;

#endif
