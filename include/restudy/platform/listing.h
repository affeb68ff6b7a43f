/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Configuration files as a plan has them, for a report's listings: text made from
 * the templates of templates/platform.
 *
 * A template is text with ${name} in it.  A line with a value the plan does not
 * give is left out.  "@each sysctl", "@each setting", "@each limit", "@each disk"
 * and "@each guest" repeat the lines up to "@end"; "@setting KEY" keeps the lines
 * up to "@end" when the system has that setting.  They do not nest.  Lines that
 * start with "@#" are remarks.
 */
#ifndef RESTUDY_PLATFORM_LISTING_H
#define RESTUDY_PLATFORM_LISTING_H

#include "restudy/base/buf.h"
#include "restudy/base/err.h"
#include "restudy/model/plan.h"

/* NULL-ended names of all listings: "fstab", "openvz-paths", "sysctl", ... */
const char *const *rs_listing_names(void);

/*
 * Appends the listing for a system of the plan to out.  system NULL: the first one
 * of the plan that has guests.  RS_ERR_PLAN for an unknown name or system.
 */
int rs_listing_render(const struct rs_plan *plan, const char *name, const char *system,
		      struct rs_buf *out, struct rs_err *err) RS_MUST_CHECK;

/* Names of the listings that show how a platform was configured in its time; NULL-ended. */
const char *const *rs_listings_of(enum rs_platform_kind kind);

/* Appends the configuration of the first guest as the platform will write it in a run;
 * nothing for platforms that write none themselves.  Failures stay in out. */
void rs_listing_real(const struct rs_system *sys, enum rs_platform_kind kind, struct rs_buf *out);

#endif
