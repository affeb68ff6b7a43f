/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The register of machines: a file in the cache folder for each that runs, so that a
 * later Restudy finds and removes what a killed one left.
 */
#ifndef RESTUDY_TESTBED_LEFTOVERS_PRIV_H
#define RESTUDY_TESTBED_LEFTOVERS_PRIV_H

#include <stdint.h>

#include "restudy/base/err.h"

struct rs_machine_owner {
	char *root;		/* private folder of the machine: sockets, libvirt's state */
	char *run_id;
	char *folder;		/* of the run's testbed */
	int64_t pid;		/* of the coordinator */
	uint64_t start;		/* when it started: clock ticks since the boot */
};
void rs_machine_owner_release(struct rs_machine_owner *o);

/* Makes a private folder with a short path and registers it for this process. */
int rs_machine_owner_register(const char *run_id, const char *folder, struct rs_machine_owner *ret,
		      struct rs_err *err) RS_MUST_CHECK;

/* Ends the machine that a killed run left in a testbed's folder, so that its disks are
 * free; a machine whose coordinator is alive is an error. */
int rs_machine_owner_reclaim(const char *folder, struct rs_err *err) RS_MUST_CHECK;

/* Removes the private folder and the register's entry. */
int rs_machine_owner_forget(const struct rs_machine_owner *o, struct rs_err *err) RS_MUST_CHECK;

#endif
