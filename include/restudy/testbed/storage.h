/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plan's storage on the machine this program runs on: disks become RAID
 * (mdadm), a volume group (LVM) and logical volumes with file systems.  Foreign
 * data is never touched: a disk or volume group that holds anything not marked ours
 * is refused.
 */
#ifndef RESTUDY_TESTBED_STORAGE_H
#define RESTUDY_TESTBED_STORAGE_H

#include <stdint.h>

#include "restudy/base/buf.h"
#include "restudy/base/err.h"
#include "restudy/model/plan.h"

/*
 * Brings the plan's arrays, volume groups and volumes up and mounts them: makes what
 * is missing on empty disks, assembles what an earlier boot of this run made.
 * devices[i]: block device of plan disk i, n_disks of them.  Mount points are as in
 * the plan.  A volume that is mounted already stays.
 */
int rs_storage_bring_up(const struct rs_hardware *hw, const char *const *devices,
			const char *run_id, struct rs_err *err) RS_MUST_CHECK;

/* "md0: clean, 2 of 2 members" ...: one line for each array, degraded ones say so.
 * *ret_degraded: how many are degraded. */
int rs_storage_state(const struct rs_hardware *hw, struct rs_buf *out, int *ret_degraded,
		     struct rs_err *err) RS_MUST_CHECK;

/*
 * Waits until no array is synchronised any more, at most limit_s.  Each that still is then has
 * its part in out, "md0: recover, 12 of 70000 sectors"; none: out stays empty.
 */
int rs_storage_await_sync(const struct rs_hardware *hw, double limit_s, struct rs_buf *out,
			  struct rs_err *err) RS_MUST_CHECK;

/* A logical volume of a group.  Borrowed. */
struct rs_volume_wish {
	const char *name;
	int64_t size_bytes;
	const char *filesystem;	/* "ext3", "swap"; NULL: the caller writes what it holds */
};

/*
 * n logical volumes of a group with their file systems, made when missing, by as few
 * commands as can be.  Their devices are "/dev/GROUP/NAME".  A volume of somebody else is
 * an error, and then nothing is made.
 */
int rs_storage_volumes(const char *group, const struct rs_volume_wish *w, size_t n,
		       const char *run_id, struct rs_err *err) RS_MUST_CHECK;

/* Removes volumes that this run made (names: NULL-ended); missing ones are fine.  A volume
 * of somebody else is an error, and then none is removed. */
int rs_storage_volumes_remove(const char *group, const char *const *names, const char *run_id,
			      struct rs_err *err) RS_MUST_CHECK;

/* The commands bring_up runs on empty disks, one per line. */
void rs_storage_steps(const struct rs_hardware *hw, struct rs_buf *out);

#endif
