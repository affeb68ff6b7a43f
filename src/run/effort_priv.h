/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What it took to set a system up, as facts of the run:
 *   setup.SYSTEM.guest_install_s   seconds of each guest, from the start of its making to
 *                                  its first answer; blanks between, one launch after the other
 *   setup.SYSTEM.first_guest_s     from the bare machine to the first guest that answers
 *   setup.SYSTEM.further_guest_s   from one answer to the next, mean over a launch; guests
 *                                  that boot at once answer at short intervals
 *   effort.SYSTEM.MEASURE          once for a run: commands, configuration_lines, ...
 *   configuration.SYSTEM.KIND      what one guest was configured with: cfg, conf, xml
 * A value that could not be measured is "missing: " and why.
 */
#ifndef RESTUDY_RUN_EFFORT_PRIV_H
#define RESTUDY_RUN_EFFORT_PRIV_H

#include "shard_priv.h"

/* One launch of a system. */
struct rs_launch {
	const struct rs_system *system;
	const struct rs_platform *platform;	/* that realised it */
	struct rs_instance *instance;
	int guests;			/* 0: the machine itself */
	int64_t begin_ns;		/* monotonic time when it began */
	enum rs_boot boot;
	const char *described;		/* folder of its description */
};

/* Each launch. */
int rs_effort_times(const struct rs_launch *l, rs_shard_fn *tell, void *user, struct rs_err *err)
	RS_MUST_CHECK;
/* The first launch of a system in a shard. */
int rs_effort_amounts(const struct rs_launch *l, rs_shard_fn *tell, void *user, struct rs_err *err)
	RS_MUST_CHECK;

#endif
