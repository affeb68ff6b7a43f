/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a plan: they are refused with a reason or give a plan that lint and
 * the printer can take.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "restudy/base/buf.h"
#include "restudy/base/mem.h"
#include "restudy/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STR *source = rs_strndup((const char *)data, size, NULL);
	RS_AUTO_PLAN *plan = rs_plan_load_bytes("fuzz.xml", data, size, &diags, &err);

	if (plan == NULL && (err.kind != RS_ERR_PLAN || rs_diagnostics_worst(&diags) != RS_LEVEL_ERROR))
		abort();
	if (plan != NULL && (rs_diagnostics_worst(&diags) == RS_LEVEL_ERROR ||
			     rs_plan_lint(plan, &diags, &err) < 0))
		abort();
	rs_diagnostics_print(&diags, "fuzz.xml", source, &out);
	return 0;
}
