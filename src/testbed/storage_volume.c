/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Volume groups, logical volumes and their file systems.  What this run made carries
 * its tag; a group or volume without it belongs to somebody else.
 */
#include "storage_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

static struct rs_cmd *lvm(const char *program)
{
	struct rs_cmd *cmd = rs_cmd_new(program);

	/* An agent's descriptors are not LVM's business, and it says so on stderr. */
	rs_cmd_env(cmd, "LVM_SUPPRESS_FD_WARNINGS", "1");
	rs_cmd_env(cmd, "LC_ALL", "C");
	return cmd;
}

static struct rs_cmd *group_create(const struct rs_volume_group *group, const char *device,
				   const char *tag)
{
	struct rs_cmd *cmd = lvm("vgcreate");

	rs_cmd_arg(cmd, "--quiet");
	rs_cmd_arg(cmd, "--addtag");
	rs_cmd_arg(cmd, tag);
	rs_cmd_arg(cmd, group->name);
	rs_cmd_arg(cmd, device);
	return cmd;
}

static struct rs_cmd *volume_create(const char *group, const char *name, int64_t size_bytes,
				    const char *tag)
{
	struct rs_cmd *cmd = lvm("lvcreate");

	rs_cmd_arg(cmd, "--quiet");
	rs_cmd_arg(cmd, "--yes");
	rs_cmd_arg(cmd, "--addtag");
	rs_cmd_arg(cmd, tag);
	rs_cmd_arg(cmd, "--size");
	rs_cmd_argf(cmd, "%" PRId64 "b", size_bytes);	/* rounded up to whole extents */
	rs_cmd_arg(cmd, "--name");
	rs_cmd_arg(cmd, name);
	rs_cmd_arg(cmd, group);
	return cmd;
}

/* NULL for a file system that needs no command. */
static struct rs_cmd *make_filesystem(const char *filesystem, const char *device)
{
	struct rs_cmd *cmd;

	if (strcmp(filesystem, "swap") == 0) {
		cmd = rs_cmd_new("mkswap");
	} else {
		RS_AUTO_STR *program = rs_asprintf(NULL, "mkfs.%s", filesystem);

		cmd = rs_cmd_new(program != NULL ? program : "mkfs");
		rs_cmd_arg(cmd, "-q");
	}
	rs_cmd_arg(cmd, device);
	return cmd;
}

static struct rs_cmd *mount_volume(const struct rs_volume *v, const char *device)
{
	struct rs_cmd *cmd;

	if (strcmp(v->filesystem, "swap") == 0) {
		cmd = rs_cmd_new("swapon");
	} else {
		cmd = rs_cmd_new("mount");
		rs_cmd_arg(cmd, "-t");
		rs_cmd_arg(cmd, v->filesystem);
	}
	rs_cmd_arg(cmd, device);
	if (strcmp(v->filesystem, "swap") != 0)
		rs_cmd_arg(cmd, v->mount);
	return cmd;
}

/*
 * Tags of a group ("vgs") or volume ("lvs"), separated by commas; owned.  *ret_exists:
 * whether there is one of that name.
 */
static char *tags_of(const char *program, const char *field, const char *name, int *ret_exists,
		     struct rs_err *err)
{
	RS_AUTO_CMD *cmd = lvm(program);
	RS_AUTO_BUF text = RS_BUF_INIT;
	struct rs_cmd_result r;
	const char *p;

	rs_cmd_arg(cmd, "--noheadings");
	rs_cmd_arg(cmd, "--options");
	rs_cmd_arg(cmd, field);
	rs_cmd_arg(cmd, name);
	rs_cmd_stdout_buf(cmd, &text);
	if (rs_cmd_run(cmd, &r, err) < 0)
		return NULL;
	*ret_exists = r.status == 0;
	p = rs_buf_str(&text) + strspn(rs_buf_str(&text), " ");
	return rs_strndup(p, strcspn(p, " \n"), err);
}

/* Whether tag is one of tags ("a,b,c"). */
static int has_tag(const char *tags, const char *tag)
{
	size_t n = strlen(tag);

	for (const char *p = tags; p != NULL; p = strchr(p, ','), p = p != NULL ? p + 1 : NULL)
		if (strncmp(p, tag, n) == 0 && (p[n] == ',' || p[n] == '\0'))
			return 1;
	return 0;
}

int rs_storage_group_up(const struct rs_volume_group *group, const char *device, const char *tag,
			struct rs_err *err)
{
	RS_AUTO_STR *tags = NULL, *content = NULL;
	RS_AUTO_CMD *cmd = NULL;
	int exists;

	tags = tags_of("vgs", "vg_tags", group->name, &exists, err);
	if (tags == NULL)
		return -1;
	if (exists) {
		if (!has_tag(tags, tag))
			return rs_err_set(err, RS_ERR_MACHINE, "it exists already and belongs to "
					  "somebody else: it is never touched; rename it in the plan");
		cmd = lvm("vgchange");
		rs_cmd_arg(cmd, "--quiet");
		rs_cmd_arg(cmd, "--activate");
		rs_cmd_arg(cmd, "y");
		rs_cmd_arg(cmd, group->name);
		return rs_cmd_run_ok(cmd, err);
	}
	content = rs_storage_content(device, err);
	if (content == NULL)
		return -1;
	if (content[0] != '\0')
		return rs_err_set(err, RS_ERR_MACHINE, "\"%s\" holds foreign data (%s), which is never "
				  "touched: use an empty disk, or empty this one with \"wipefs -a %s\"",
				  device, content, device);
	cmd = lvm("pvcreate");
	rs_cmd_arg(cmd, "--quiet");
	rs_cmd_arg(cmd, device);
	if (rs_cmd_run_ok(cmd, err) < 0)
		return -1;
	rs_cmd_free(cmd);
	cmd = group_create(group, device, tag);
	return rs_cmd_run_ok(cmd, err);
}

int rs_storage_volume(const char *group, const char *name, int64_t size_bytes,
		      const char *filesystem, const char *run_id, char **ret_device,
		      struct rs_err *err)
{
	RS_AUTO_STR *full = rs_asprintf(err, "%s/%s", group, name);
	RS_AUTO_STR *device = rs_asprintf(err, "/dev/%s/%s", group, name);
	RS_AUTO_STR *tags = NULL, *content = NULL;
	RS_AUTO_CMD *create = NULL, *format = NULL;
	char tag[RS_STORAGE_TAG];
	int exists;

	if (full == NULL || device == NULL || rs_storage_tag(run_id, tag, err) < 0)
		return -1;
	tags = tags_of("lvs", "lv_tags", full, &exists, err);
	if (tags == NULL)
		return -1;
	if (exists && !has_tag(tags, tag))
		return rs_err_set(err, RS_ERR_MACHINE, "volume \"%s\" exists already and belongs to "
				  "somebody else: it is never touched; rename it in the plan", full);
	if (!exists) {
		create = volume_create(group, name, size_bytes, tag);
		if (rs_cmd_run_ok(create, err) < 0)
			return rs_err_wrap(err, "volume \"%s\"", full);
	}
	/* A run that was killed between the two commands left a volume without one. */
	content = rs_storage_content(device, err);
	if (content == NULL)
		return -1;
	if (content[0] == '\0') {
		format = make_filesystem(filesystem, device);
		if (rs_cmd_run_ok(format, err) < 0)
			return rs_err_wrap(err, "volume \"%s\"", full);
	}
	*ret_device = RS_STEAL(&device);
	return 0;
}

int rs_storage_volume_remove(const char *group, const char *name, const char *run_id,
			     struct rs_err *err)
{
	RS_AUTO_STR *full = rs_asprintf(err, "%s/%s", group, name);
	RS_AUTO_STR *tags = NULL;
	RS_AUTO_CMD *cmd = NULL;
	char tag[RS_STORAGE_TAG];
	int exists;

	if (full == NULL || rs_storage_tag(run_id, tag, err) < 0)
		return -1;
	tags = tags_of("lvs", "lv_tags", full, &exists, err);
	if (tags == NULL)
		return -1;
	if (!exists)
		return rs_err_set(err, RS_ERR_FAILED, "there is no volume \"%s\"", full);
	if (!has_tag(tags, tag))
		return rs_err_set(err, RS_ERR_FAILED, "volume \"%s\" was not made by this run: it stays",
				  full);
	cmd = lvm("lvremove");
	rs_cmd_arg(cmd, "--quiet");
	rs_cmd_arg(cmd, "--yes");
	rs_cmd_arg(cmd, full);
	return rs_cmd_run_ok(cmd, err);
}

/* Whether device is in use as file names it: a mount's or swap's first field; links of
 * LVM are followed. */
static int is_listed(const char *device, const char *file)
{
	RS_AUTO_STR *real = realpath(device, NULL);
	RS_AUTO_FILE *f = fopen(file, "re");
	char line[4096], name[1024];

	while (real != NULL && f != NULL && fgets(line, sizeof(line), f) != NULL) {
		RS_AUTO_STR *listed = NULL;

		if (sscanf(line, "%1023s", name) != 1)
			continue;
		listed = realpath(name, NULL);
		if (listed != NULL && strcmp(listed, real) == 0)
			return 1;
	}
	return 0;
}

static int is_used(const struct rs_volume *v, const char *device)
{
	return is_listed(device, strcmp(v->filesystem, "swap") == 0 ? "/proc/swaps" :
								     "/proc/self/mounts");
}

int rs_storage_volumes_up(const struct rs_volume_group *group, const char *run_id,
			  struct rs_err *err)
{
	for (size_t i = 0; i < group->n_volumes; i++) {
		const struct rs_volume *v = &group->volumes[i];
		int swap = strcmp(v->filesystem, "swap") == 0;
		RS_AUTO_STR *device = NULL;
		RS_AUTO_CMD *cmd = NULL;

		if (rs_storage_volume(group->name, v->name, v->size_bytes, v->filesystem, run_id, &device,
				      err) < 0)
			return -1;
		if ((v->mount == NULL && !swap) || is_used(v, device))
			continue;
		if (!swap && rs_path_mkdirs(v->mount, err) < 0)
			return -1;
		cmd = mount_volume(v, device);
		if (rs_cmd_run_ok(cmd, err) < 0)
			return -1;
	}
	return 0;
}

static int volume_down(const struct rs_volume_group *group, const struct rs_volume *v,
		       struct rs_err *err)
{
	RS_AUTO_STR *device = rs_asprintf(err, "/dev/%s/%s", group->name, v->name);
	RS_AUTO_CMD *cmd = NULL;

	if (device == NULL)
		return -1;
	if (!is_used(v, device))
		return 0;
	cmd = rs_cmd_new(strcmp(v->filesystem, "swap") == 0 ? "swapoff" : "umount");
	rs_cmd_arg(cmd, device);
	return rs_cmd_run_ok(cmd, err);
}

int rs_storage_group_down(const struct rs_volume_group *group, struct rs_err *err)
{
	RS_AUTO_CMD *cmd = lvm("vgchange");
	int rc = 0;

	for (size_t i = group->n_volumes; i-- > 0;)
		if (volume_down(group, &group->volumes[i], err) < 0)
			rc = -1;
	rs_cmd_arg(cmd, "--quiet");
	rs_cmd_arg(cmd, "--activate");
	rs_cmd_arg(cmd, "n");
	rs_cmd_arg(cmd, group->name);
	if (rs_cmd_run_ok(cmd, err) < 0)
		rc = -1;
	return rc;
}

void rs_storage_group_steps(const struct rs_volume_group *group, const char *device,
			    struct rs_buf *out)
{
	struct rs_cmd *cmd = lvm("pvcreate");

	rs_cmd_arg(cmd, "--quiet");
	rs_cmd_arg(cmd, device);
	rs_storage_step(cmd, out);
	rs_storage_step(group_create(group, device, "restudy-RUN"), out);
	for (size_t i = 0; i < group->n_volumes; i++) {
		const struct rs_volume *v = &group->volumes[i];
		RS_AUTO_STR *path = rs_asprintf(NULL, "/dev/%s/%s", group->name, v->name);

		if (path == NULL)
			return;
		rs_storage_step(volume_create(group->name, v->name, v->size_bytes, "restudy-RUN"), out);
		rs_storage_step(make_filesystem(v->filesystem, path), out);
		if (v->mount != NULL || strcmp(v->filesystem, "swap") == 0)
			rs_storage_step(mount_volume(v, path), out);
	}
}
