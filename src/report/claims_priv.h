/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims judged from an analysis that is loaded already. */
#ifndef RESTUDY_REPORT_CLAIMS_PRIV_H
#define RESTUDY_REPORT_CLAIMS_PRIV_H

#include "analysis_priv.h"
#include "restudy/report.h"

struct rs_judged {
	struct rs_finding finding;
	struct rs_estimate e;	/* method "" when not measured */
};

/* All claims in the plan's order, in a's arena. */
int rs_claims_judge(struct rs_analysis *a, struct rs_judged **ret, struct rs_err *err)
	RS_MUST_CHECK;

/* "group ipc, xen / openvz > 1": the claim as it is computed. */
void rs_claim_formula(const struct rs_analysis *a, const struct rs_claim *c, struct rs_buf *out);

#endif
