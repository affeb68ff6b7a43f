/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the audit's laws share: printed numbers as intervals, and their verdicts. */
#ifndef RESTUDY_REPORT_AUDIT_PRIV_H
#define RESTUDY_REPORT_AUDIT_PRIV_H

#include <math.h>
#include <stddef.h>

#include "restudy/base/buf.h"
#include "restudy/base/err.h"
#include "restudy/model/plan.h"
#include "restudy/report.h"

struct rs_bounds {
	double lo, hi;		/* NaN: not published */
};

static const struct rs_bounds rs_bounds_none = { (double)NAN, (double)NAN };

/* One number of the paper. */
struct rs_printed {
	const char *system, *metric;	/* metric: NULL in a mean of ratios */
	const char *text;
	struct rs_bounds r;
	const struct rs_published_ratio *ratio;	/* NULL: a value */
};

/* The verdicts on one published set. */
struct rs_audit {
	const struct rs_published *p;
	struct rs_buf *out;
	size_t bad;
	struct rs_audited *cells;	/* owned until rs_report_audited gives them away */
	size_t n_cells;
	const char *reading;		/* under which the laws hold just now, or NULL */
	struct rs_err *err;
	int failed;			/* memory for cells was refused; err has it */
};

static inline int rs_bounds_known(struct rs_bounds r)
{
	return !isnan(r.lo);
}

static inline int rs_bounds_meet(struct rs_bounds a, struct rs_bounds b)
{
	return a.lo <= b.hi && b.lo <= a.hi;
}

/* Of positive numbers. */
static inline struct rs_bounds rs_bounds_quotient(struct rs_bounds a, struct rs_bounds b)
{
	return (struct rs_bounds){ a.lo / b.hi, a.hi / b.lo };
}

/* Six significant digits: enough to see on which side of a rounding border it lies. */
void rs_bounds_put(struct rs_buf *out, struct rs_bounds r);

/* The verdict on one number; allowed: where its true value has to lie. */
void rs_audit_judge(struct rs_audit *a, const struct rs_printed *number, const char *law,
		    struct rs_bounds allowed);

/* The ratios of the set: against its values, and their means. */
int rs_audit_ratios(struct rs_audit *a, const struct rs_plan *plan, struct rs_err *err) RS_MUST_CHECK;

#endif
