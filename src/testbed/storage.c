/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plan's arrays on the machine this program runs on, and the order in which
 * storage comes up (templates/testbed/shutdown takes it down).  Whatever is found on a device
 * decides: nothing is ours to use, a member marked by this run is assembled, all else is refused.
 */
#include "storage_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/clock.h"
#include "restudy/base/hash.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"

#define SYSFS_MAX   4096u
#define SYNC_LOOK_S 0.5

int rs_storage_tag(const char *run_id, char tag[RS_STORAGE_TAG], struct rs_err *err)
{
	char hex[RS_SHA256_HEX];

	if (rs_sha256_bytes(run_id, strlen(run_id), hex, err) < 0)
		return -1;
	(void)snprintf(tag, RS_STORAGE_TAG, "restudy-%.12s", hex);
	return 0;
}

char *rs_storage_content(const char *device, struct rs_err *err)
{
	RS_AUTO_CMD *cmd = rs_cmd_new("blkid");
	RS_AUTO_BUF text = RS_BUF_INIT;
	struct rs_cmd_result r;
	char end[80];

	/* The low-level probe asks the device and not a cache. */
	rs_cmd_arg(cmd, "--probe");
	rs_cmd_arg(cmd, "--output");
	rs_cmd_arg(cmd, "export");
	rs_cmd_arg(cmd, device);
	rs_cmd_stdout_buf(cmd, &text);
	if (rs_cmd_run(cmd, &r, err) < 0 || rs_buf_check(&text, err) < 0)
		return NULL;
	if (r.status == 2 && rs_path_exists(device))	/* nothing was found on it */
		return rs_strdup("", err);
	if (r.status != 0) {
		(void)rs_err_set(err, RS_ERR_FAILED, "disk \"%s\" cannot be examined: blkid: %s", device,
				 rs_path_exists(device) ? rs_cmd_describe_end(end, sizeof(end), &r) :
							  "there is no such device");
		return NULL;
	}
	for (const char *p = rs_buf_str(&text); p != NULL && *p != '\0';
	     p = strchr(p, '\n'), p = p != NULL ? p + 1 : NULL) {
		if (strncmp(p, "TYPE=", 5) == 0)
			return rs_strndup(p + 5, strcspn(p + 5, "\n"), err);
		if (strncmp(p, "PTTYPE=", 7) == 0)
			return rs_strndup(p + 7, strcspn(p + 7, "\n"), err);
	}
	return rs_strdup("data of an unknown kind", err);
}

int rs_storage_refuse(const char *device, const char *content, struct rs_err *err)
{
	return rs_err_set(err, RS_ERR_MACHINE, "disk \"%s\" holds foreign data (%s), which is never "
			  "touched: use an empty disk, or empty this one with \"wipefs -a %s\"", device,
			  content, device);
}

void rs_storage_step(struct rs_cmd *cmd, struct rs_buf *out)
{
	char *text = rs_cmd_text(cmd, NULL);

	if (text != NULL)
		rs_buf_addf(out, "%s\n", text);
	else
		out->failed = 1;
	free(text);
	rs_cmd_free(cmd);
}

/* The device of a disk, by its name in the plan. */
static const char *disk_device(const struct rs_hardware *hw, const char *const *devices,
			       const char *name)
{
	for (size_t i = 0; i < hw->n_disks; i++)
		if (strcmp(hw->disks[i].name, name) == 0)
			return devices[i];
	return NULL;
}

/* Device of a group's physical volume: an array's or a disk's; owned. */
static char *device_of(const struct rs_hardware *hw, const char *const *devices, const char *name,
		       struct rs_err *err)
{
	const char *disk = disk_device(hw, devices, name);

	if (disk != NULL)
		return rs_strdup(disk, err);
	for (size_t i = 0; i < hw->n_raids; i++)
		if (strcmp(hw->raids[i].name, name) == 0)
			return rs_asprintf(err, "/dev/%s", name);
	(void)rs_err_set(err, RS_ERR_PLAN, "no disk or array is named \"%s\"", name);
	return NULL;
}

static void add_members(struct rs_cmd *cmd, const struct rs_hardware *hw,
			const char *const *devices, const struct rs_raid *raid)
{
	for (size_t i = 0; i < raid->n_members; i++)
		rs_cmd_arg(cmd, disk_device(hw, devices, raid->members[i]));
}

static struct rs_cmd *raid_create(const struct rs_hardware *hw, const char *const *devices,
				  const struct rs_raid *raid, const char *tag)
{
	struct rs_cmd *cmd = rs_cmd_new("mdadm");

	rs_cmd_arg(cmd, "--create");
	rs_cmd_argf(cmd, "/dev/%s", raid->name);
	rs_cmd_arg(cmd, "--run");
	rs_cmd_argf(cmd, "--level=%d", raid->level);
	rs_cmd_argf(cmd, "--raid-devices=%zu", raid->n_members);
	rs_cmd_arg(cmd, "--metadata=1.2");
	rs_cmd_argf(cmd, "--homehost=%s", tag);
	rs_cmd_argf(cmd, "--name=%s", raid->name);
	if (raid->level == 1) {
		rs_cmd_arg(cmd, "--bitmap=none");
		/* The testbed's disks are new files full of zeros, so the members are the
		 * same already: a first synchronisation would copy 36 GB of zeros, and
		 * would run beside the measurements. */
		rs_cmd_arg(cmd, "--assume-clean");
	}
	add_members(cmd, hw, devices, raid);
	return cmd;
}

/* Whether device is a member of an array that this run made. */
static int is_our_member(const char *device, const char *tag, const struct rs_raid *raid,
			 struct rs_err *err)
{
	RS_AUTO_CMD *cmd = rs_cmd_new("mdadm");
	RS_AUTO_BUF text = RS_BUF_INIT;
	RS_AUTO_STR *want = rs_asprintf(err, "MD_NAME=%s:%s\n", tag, raid->name);

	rs_cmd_arg(cmd, "--examine");
	rs_cmd_arg(cmd, "--export");
	rs_cmd_arg(cmd, device);
	rs_cmd_stdout_buf(cmd, &text);
	if (want == NULL || rs_cmd_run_ok(cmd, err) < 0)
		return -1;
	return strstr(rs_buf_str(&text), want) != NULL;
}

/* How many members are ours and how many are empty; -1 when one is neither. */
static int count_members(const struct rs_hardware *hw, const char *const *devices,
			 const struct rs_raid *raid, const char *tag, size_t *ret_ours,
			 struct rs_err *err)
{
	*ret_ours = 0;
	for (size_t i = 0; i < raid->n_members; i++) {
		const char *device = disk_device(hw, devices, raid->members[i]);
		RS_AUTO_STR *content = NULL;
		int ours;

		if (device == NULL)
			return rs_err_set(err, RS_ERR_PLAN, "array \"%s\" has the member \"%s\", which is "
					  "no disk", raid->name, raid->members[i]);
		content = rs_storage_content(device, err);
		if (content == NULL)
			return -1;
		if (content[0] == '\0')
			continue;
		if (strcmp(content, "linux_raid_member") != 0)
			return rs_storage_refuse(device, content, err);
		ours = is_our_member(device, tag, raid, err);
		if (ours < 0)
			return -1;
		if (!ours)
			return rs_storage_refuse(device, "a member of another array", err);
		++*ret_ours;
	}
	return 0;
}

static int raid_runs(const char *name)
{
	RS_AUTO_STR *path = rs_asprintf(NULL, "/sys/block/%s/md/array_state", name);
	RS_AUTO_BUF text = RS_BUF_INIT;

	return path != NULL && rs_path_read(path, SYSFS_MAX, &text, NULL) == 0 &&
	       strncmp(rs_buf_str(&text), "clear", 5) != 0 &&
	       strncmp(rs_buf_str(&text), "inactive", 8) != 0;
}

static int raid_up(const struct rs_hardware *hw, const char *const *devices,
		   const struct rs_raid *raid, const char *tag, struct rs_err *err)
{
	RS_AUTO_CMD *cmd = NULL;
	size_t ours;

	if (raid_runs(raid->name))
		return 0;
	if (count_members(hw, devices, raid, tag, &ours, err) < 0)
		return -1;
	if (ours == 0) {
		cmd = raid_create(hw, devices, raid, tag);
	} else {
		/* --run: a mirror that lost a disk comes up degraded; state() says so. */
		cmd = rs_cmd_new("mdadm");
		rs_cmd_arg(cmd, "--assemble");
		rs_cmd_argf(cmd, "/dev/%s", raid->name);
		rs_cmd_arg(cmd, "--run");
		rs_cmd_argf(cmd, "--name=%s:%s", tag, raid->name);
		add_members(cmd, hw, devices, raid);
	}
	return rs_cmd_run_ok(cmd, err);
}

int rs_storage_bring_up(const struct rs_hardware *hw, const char *const *devices,
			const char *run_id, struct rs_err *err)
{
	char tag[RS_STORAGE_TAG];

	if (rs_storage_tag(run_id, tag, err) < 0)
		return -1;
	for (size_t i = 0; i < hw->n_raids; i++)
		if (raid_up(hw, devices, &hw->raids[i], tag, err) < 0)
			return rs_err_wrap(err, "array \"%s\"", hw->raids[i].name);
	for (size_t i = 0; i < hw->n_groups; i++) {
		const struct rs_volume_group *g = &hw->groups[i];
		RS_AUTO_STR *device = device_of(hw, devices, g->on, err);

		if (device == NULL || rs_storage_group_up(g, device, tag, err) < 0 ||
		    rs_storage_volumes_up(g, run_id, err) < 0)
			return rs_err_wrap(err, "volume group \"%s\"", g->name);
	}
	return 0;
}

/* One line of text of an array's file in sysfs; owned. */
static char *raid_attribute(const char *name, const char *attribute, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_asprintf(err, "/sys/block/%s/md/%s", name, attribute);
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (path == NULL || rs_path_read(path, SYSFS_MAX, &text, err) < 0)
		return NULL;
	return rs_strndup(rs_buf_str(&text), strcspn(rs_buf_str(&text), "\n"), err);
}

static int raid_state(const struct rs_raid *raid, struct rs_buf *out, int *degraded,
		      struct rs_err *err)
{
	RS_AUTO_STR *state = NULL, *missing_text = NULL, *sync = NULL;
	int64_t missing = 0;

	if (!raid_runs(raid->name)) {
		rs_buf_addf(out, "%s: not running\n", raid->name);
		++*degraded;
		return 0;
	}
	state = raid_attribute(raid->name, "array_state", err);
	if (state == NULL)
		return -1;
	if (raid->level > 0) {	/* arrays without redundancy have neither of the two */
		missing_text = raid_attribute(raid->name, "degraded", err);
		sync = raid_attribute(raid->name, "sync_action", err);
		if (missing_text == NULL || sync == NULL ||
		    rs_parse_i64(missing_text, 0, 1000, &missing, err) < 0)
			return -1;
	}
	rs_buf_addf(out, "%s: raid%d, %s, %zu of %zu members%s%s%s\n", raid->name, raid->level, state,
		    raid->n_members - (size_t)missing, raid->n_members, sync != NULL ? ", sync " : "",
		    sync != NULL ? sync : "", missing > 0 ? ": DEGRADED" : "");
	*degraded += missing > 0;
	return 0;
}

int rs_storage_state(const struct rs_hardware *hw, struct rs_buf *out, int *ret_degraded,
		     struct rs_err *err)
{
	*ret_degraded = 0;
	for (size_t i = 0; i < hw->n_raids; i++)
		if (raid_state(&hw->raids[i], out, ret_degraded, err) < 0)
			return rs_err_wrap(err, "array \"%s\"", hw->raids[i].name);
	return rs_buf_check(out, err);
}

/* Whether an array is being synchronised; then it is told. */
static int raid_syncs(const struct rs_raid *raid, struct rs_buf *out, struct rs_err *err)
{
	RS_AUTO_STR *action = NULL, *part = NULL;
	char *slash;

	if (raid->level == 0 || !raid_runs(raid->name))
		return 0;
	action = raid_attribute(raid->name, "sync_action", err);
	part = action != NULL ? raid_attribute(raid->name, "sync_completed", err) : NULL;
	if (part == NULL)
		return -1;
	if (strcmp(action, "idle") == 0)
		return 0;
	slash = strstr(part, " / ");	/* "12 / 70000", "none", "delayed" */
	rs_buf_addf(out, "%s%s: %s, %.*s%s%s%s", out->len > 0 ? "; " : "", raid->name, action,
		    (int)strcspn(part, " "), part, slash != NULL ? " of " : "", slash != NULL ? slash + 3 : "",
		    slash != NULL ? " sectors" : "");
	return 1;
}

int rs_storage_await_sync(const struct rs_hardware *hw, double limit_s, struct rs_buf *out,
			  struct rs_err *err)
{
	const int64_t end_ns = rs_clock_ns() + (int64_t)(limit_s * 1e9);

	for (;;) {
		rs_buf_clear(out);
		for (size_t i = 0; i < hw->n_raids; i++)
			if (raid_syncs(&hw->raids[i], out, err) < 0)
				return rs_err_wrap(err, "array \"%s\"", hw->raids[i].name);
		if (rs_buf_check(out, err) < 0 || rs_stop_check(err) < 0)
			return -1;
		if (out->len == 0 || rs_clock_ns() > end_ns)
			return 0;
		rs_clock_sleep(SYNC_LOOK_S);
	}
}

void rs_storage_steps(const struct rs_hardware *hw, struct rs_buf *out)
{
	const char **devices = rs_alloc(hw->n_disks + 1, sizeof(*devices), NULL);

	if (devices == NULL)
		return;
	for (size_t i = 0; i < hw->n_disks; i++)
		devices[i] = hw->disks[i].name;
	for (size_t i = 0; i < hw->n_raids; i++)
		rs_storage_step(raid_create(hw, devices, &hw->raids[i], "restudy-RUN"), out);
	for (size_t i = 0; i < hw->n_groups; i++) {
		RS_AUTO_STR *device = device_of(hw, devices, hw->groups[i].on, NULL);

		if (device != NULL)
			rs_storage_group_steps(&hw->groups[i], device, out);
	}
	free(devices);
}
