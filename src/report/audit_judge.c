/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The audit's verdict on one printed number, as a line of text and as a record. */
#include <stdio.h>
#include <string.h>

#include "analysis_priv.h"
#include "audit_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"

void rs_bounds_put(struct rs_buf *out, struct rs_bounds r)
{
	char lo[40], hi[40];

	(void)snprintf(lo, sizeof(lo), "%.6g", r.lo);
	(void)snprintf(hi, sizeof(hi), "%.6g", r.hi);
	rs_buf_addf(out, "[%s, %s]", lo, hi);
}

static void keep(struct rs_audit *a, const struct rs_printed *n, const char *law,
		 struct rs_bounds allowed)
{
	struct rs_audited *to;

	if (a->failed)
		return;
	to = rs_array_grow(&a->cells, a->n_cells, sizeof(*to), a->err);
	if (to == NULL) {
		a->failed = 1;
		return;
	}
	*to = (struct rs_audited){ .published = a->p, .system = n->system, .metric = n->metric,
				   .text = n->text, .ratio = n->ratio, .law = law,
				   .reading = a->reading, .lo = allowed.lo, .hi = allowed.hi,
				   .consistent = rs_bounds_meet(n->r, allowed) };
	a->n_cells++;
}

/* "xen, throughput 0.07", "xen, throughput as change against host -7". */
static void put_name(struct rs_buf *out, const struct rs_printed *n)
{
	const char *metric = n->metric == NULL ? "mean" : n->metric;

	rs_buf_addf(out, "  %s, %s", n->system, metric);
	if (n->ratio != NULL)
		rs_buf_addf(out, " as %s", rs_ratio_name(n->ratio->as));
	if (n->ratio != NULL && n->ratio->versus != NULL)
		rs_buf_addf(out, " versus %s", n->ratio->versus);
	rs_buf_addf(out, " %s: ", n->text);
}

void rs_audit_judge(struct rs_audit *a, const struct rs_printed *n, const char *law,
		    struct rs_bounds allowed)
{
	const int decimals = rs_printed_decimals(n->text);
	char lo[64], hi[64];

	keep(a, n, law, allowed);
	put_name(a->out, n);
	if (rs_bounds_meet(n->r, allowed)) {
		rs_buf_addf(a->out, "consistent; %s gives ", law);
		rs_bounds_put(a->out, allowed);
		rs_buf_addc(a->out, '\n');
		return;
	}
	a->bad++;
	(void)rs_format_fixed(lo, sizeof(lo), allowed.lo, decimals);
	(void)rs_format_fixed(hi, sizeof(hi), allowed.hi, decimals);
	rs_buf_addf(a->out, "cannot be right; %s gives ", law);
	rs_bounds_put(a->out, allowed);
	if (strcmp(lo, hi) == 0)
		rs_buf_addf(a->out, ", which prints as %s\n", lo);
	else
		rs_buf_addf(a->out, ", which prints as %s to %s\n", lo, hi);
}
