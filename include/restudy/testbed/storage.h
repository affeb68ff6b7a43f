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

/* Unmounts and stops what bring_up started; data stays. */
int rs_storage_take_down(const struct rs_hardware *hw, struct rs_err *err);

/* "md0: clean, 2 of 2 members" ...: one line for each array, degraded ones say so.
 * *ret_degraded: how many are degraded. */
int rs_storage_state(const struct rs_hardware *hw, struct rs_buf *out, int *ret_degraded,
		     struct rs_err *err) RS_MUST_CHECK;

/*
 * One logical volume with its file system ("ext3", "swap", ...), made when missing.
 * *ret_device: "/dev/GROUP/NAME", owned.
 */
int rs_storage_volume(const char *group, const char *name, int64_t size_bytes,
		      const char *filesystem, const char *run_id, char **ret_device,
		      struct rs_err *err) RS_MUST_CHECK;

/* Removes a volume that this run made. A volume of somebody else is an error. */
int rs_storage_volume_remove(const char *group, const char *name, const char *run_id,
			     struct rs_err *err) RS_MUST_CHECK;

/* The commands bring_up runs on empty disks, one per line. */
void rs_storage_steps(const struct rs_hardware *hw, struct rs_buf *out);

#endif
