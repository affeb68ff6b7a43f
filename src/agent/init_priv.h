/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The duties of process 1. */
#ifndef RESTUDY_AGENT_INIT_PRIV_H
#define RESTUDY_AGENT_INIT_PRIV_H

#include <stddef.h>

#include "endpoint_priv.h"

struct rs_init {
	int mounts;		/* mount /proc, /sys, /dev, ... where they are missing */
	const char *hostname;	/* or NULL: left as it is */
};

/* Prepares the machine, serves the n <= RS_ENDPOINTS_MAX endpoints (a process each, started
 * again when it ends), reaps orphans, and on SIGTERM, SIGPWR or SIGINT kills everything and
 * ends.  Returns an exit status only when this is not process 1. */
int rs_init_main(const struct rs_init *init, const struct rs_endpoint *e, size_t n);

#endif
