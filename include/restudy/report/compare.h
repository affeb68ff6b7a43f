/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs against runs, and against the numbers a paper prints: ratios with intervals by
 * metric and system, and what differs in plan, platform and machine.  The first run is what
 * the others are divided by; every run can be divided by the published numbers of its plan.
 */
#ifndef RESTUDY_REPORT_COMPARE_H
#define RESTUDY_REPORT_COMPARE_H

#include <stddef.h>

#include "restudy/base/buf.h"
#include "restudy/base/err.h"
#include "restudy/model/plan.h"
#include "restudy/store.h"

/* A run to be compared; all borrowed and kept until rs_comparison_free. */
struct rs_compared {
	const char *name;		/* as the user wrote it */
	const struct rs_plan *plan;
	struct rs_store *store;
	const struct rs_setting_kv *outline;	/* its plan's, from rs_plan_outline */
	size_t n_outline;
};

enum rs_against { RS_AGAINST_RUNS, RS_AGAINST_PUBLISHED, RS_AGAINST_BOTH, RS_AGAINST_LAST };

struct rs_comparison;

/* NULL with err; RS_ERR_USAGE when there is nothing to compare with.  language: "en" or "de"
 * of the page and the figures, NULL: that of the first run's plan. */
struct rs_comparison *rs_compare(const struct rs_compared *runs, size_t n, enum rs_against against,
				 const char *program_version, const char *language,
				 struct rs_err *err) RS_MUST_CHECK;
void rs_comparison_free(struct rs_comparison *c);
void rs_comparison_freep(struct rs_comparison **c);
#define RS_AUTO_COMPARISON __attribute__((cleanup(rs_comparison_freep))) struct rs_comparison

/* Plain text for a terminal; tidy CSV of the ratios; JSON; one HTML page with figures. */
enum rs_comparison_output { RS_COMPARISON_TEXT, RS_COMPARISON_CSV, RS_COMPARISON_JSON,
			    RS_COMPARISON_HTML, RS_COMPARISON_LAST };
int rs_comparison_write(struct rs_comparison *c, enum rs_comparison_output output,
			struct rs_buf *out, struct rs_err *err) RS_MUST_CHECK;

/* All of them as comparison.{txt,csv,json,html}, what differs as differences.csv, and the
 * figures in SVG, PDF and PNG, into a folder that is made when missing. */
int rs_comparison_write_folder(struct rs_comparison *c, const char *folder, struct rs_err *err)
	RS_MUST_CHECK;

#endif
