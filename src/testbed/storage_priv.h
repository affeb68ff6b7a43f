/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of storage share: arrays (storage.c), volumes (storage_volume.c). */
#ifndef RESTUDY_TESTBED_STORAGE_PRIV_H
#define RESTUDY_TESTBED_STORAGE_PRIV_H

#include "restudy/base/cmd.h"
#include "restudy/testbed/storage.h"

#define RS_STORAGE_TAG 24	/* "restudy-" and 12 digits of the run's digest, and a NUL */

/* The mark of a run: short enough for an array's name, fit for LVM's tags. */
int rs_storage_tag(const char *run_id, char tag[RS_STORAGE_TAG], struct rs_err *err) RS_MUST_CHECK;

/* What stands on a block device: "" nothing, else a type ("linux_raid_member",
 * "LVM2_member", "ext4", "gpt").  Owned. */
char *rs_storage_content(const char *device, struct rs_err *err) RS_MUST_CHECK;

/* Records that a device holds something of somebody else.  Returns -1. */
int rs_storage_refuse(const char *device, const char *content, struct rs_err *err);

/* The group on device: made on an empty device, activated when it is ours. */
int rs_storage_group_up(const struct rs_volume_group *group, const char *device, const char *tag,
			struct rs_err *err) RS_MUST_CHECK;

/* All volumes of a group: made when missing, mounted, swap turned on. */
int rs_storage_volumes_up(const struct rs_volume_group *group, const char *run_id,
			  struct rs_err *err) RS_MUST_CHECK;

void rs_storage_group_steps(const struct rs_volume_group *group, const char *device,
			    struct rs_buf *out);

/* Adds a command's text as a line, then frees it; failures stay in out. */
void rs_storage_step(struct rs_cmd *cmd, struct rs_buf *out);

#endif
