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

#include "restudy/base/buf.h"
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

static struct rs_cmd *make_filesystem(const char *filesystem, const char *device)
{
	const int swap = strcmp(filesystem, "swap") == 0;
	RS_AUTO_STR *program = rs_asprintf(NULL, swap ? "mkswap" : "mkfs.%s", filesystem);
	struct rs_cmd *cmd = program != NULL ? rs_cmd_new(program) : NULL;

	if (!swap)
		rs_cmd_arg(cmd, "-q");
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
 * What "vgs" or "lvs" lists of fields of a group; nothing of one that is missing, and *ret_exists
 * tells that.  Any other trouble is an error: what cannot be seen is not gone.
 */
static int lvm_list(const char *program, const char *fields, const char *group, struct rs_buf *out,
		    int *ret_exists, struct rs_err *err)
{
	RS_AUTO_CMD *cmd = lvm(program);
	RS_AUTO_BUF said = RS_BUF_INIT;
	struct rs_cmd_result r;
	char end[80];

	rs_cmd_args(cmd, (const char *const[]){ "--noheadings", "--options", fields, group, NULL });
	rs_cmd_stdout_buf(cmd, out);
	rs_cmd_stderr_buf(cmd, &said);
	if (rs_cmd_run(cmd, &r, err) < 0 || rs_buf_check(out, err) < 0)
		return -1;
	*ret_exists = r.status == 0;
	if (*ret_exists || strstr(rs_buf_str(&said), "not found") != NULL)
		return 0;
	return rs_err_set(err, RS_ERR_FAILED, "volume group \"%s\" cannot be examined: %s: %s: %s", group,
			  program, rs_cmd_describe_end(end, sizeof(end), &r), rs_buf_last_line(&said));
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
	RS_AUTO_BUF listed = RS_BUF_INIT;
	RS_AUTO_STR *tags = NULL, *content = NULL;
	RS_AUTO_CMD *cmd = NULL;
	int exists;

	if (lvm_list("vgs", "vg_tags", group->name, &listed, &exists, err) < 0)
		return -1;
	if (exists) {
		const char *at = rs_buf_str(&listed) + strspn(rs_buf_str(&listed), " ");

		tags = rs_strndup(at, strcspn(at, " \n"), err);
		if (tags == NULL)
			return -1;
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
		return rs_storage_refuse(device, content, err);
	cmd = lvm("pvcreate");
	rs_cmd_arg(cmd, "--quiet");
	rs_cmd_arg(cmd, device);
	if (rs_cmd_run_ok(cmd, err) < 0)
		return -1;
	rs_cmd_free(cmd);
	cmd = group_create(group, device, tag);
	return rs_cmd_run_ok(cmd, err);
}

/* The volumes of a group: lines "NAME TAGS". */
static int list_volumes(const char *group, struct rs_buf *out, int *ret_exists, struct rs_err *err)
{
	return lvm_list("lvs", "lv_name,lv_tags", group, out, ret_exists, err);
}

/* The tags of a volume in such a list, owned by the caller; NULL and *ret_exists 0 when it
 * is not in it. */
static char *listed_tags(const char *list, const char *name, int *ret_exists, struct rs_err *err)
{
	size_t n = strlen(name);

	*ret_exists = 0;
	for (const char *p = list, *end; *p != '\0'; p = *end != '\0' ? end + 1 : end) {
		const char *at = p + strspn(p, " ");

		end = p + strcspn(p, "\n");
		if (strncmp(at, name, n) != 0 || strchr(" \n", at[n]) == NULL)
			continue;
		*ret_exists = 1;
		at += n + strspn(at + n, " ");
		return rs_strndup(at, strcspn(at, " \n"), err);
	}
	return NULL;
}

/* 1: the volume is there and this run's; 0: it is missing; -1 with err: somebody else's. */
static int is_ours(const char *list, const char *group, const char *name, const char *tag,
		   struct rs_err *err)
{
	int exists = 0;
	RS_AUTO_STR *tags = listed_tags(list, name, &exists, err);

	if (!exists)
		return 0;
	if (tags == NULL)
		return -1;
	return has_tag(tags, tag) ? 1 :
		rs_err_set(err, RS_ERR_MACHINE, "volume \"%s/%s\" exists already and belongs to somebody "
			   "else: it is never touched; rename it in the plan", group, name);
}

/*
 * One lvm for all of them, since an emulated machine needs a second and more to start it.
 * A script begins with "#!" and ends at the first command that fails.
 */
static int create_missing(const char *group, const struct rs_volume_wish *w, size_t n,
			  const char *list, const char *tag, char *fresh, struct rs_err *err)
{
	RS_AUTO_CMD *cmd = lvm("lvm");
	RS_AUTO_BUF script = RS_BUF_INIT;
	size_t missing = 0;

	rs_buf_adds(&script, "#!lvm\n");
	for (size_t i = 0; i < n; i++) {
		int ours = is_ours(list, group, w[i].name, tag, err);

		if (ours < 0)
			return -1;
		fresh[i] = ours == 0;
		if (ours > 0)
			continue;
		rs_storage_step(volume_create(group, w[i].name, w[i].size_bytes, tag), &script);
		missing++;
	}
	if (missing == 0)
		return 0;
	if (rs_buf_check(&script, err) < 0)
		return -1;
	rs_cmd_arg(cmd, "/dev/stdin");
	rs_cmd_stdin_bytes(cmd, rs_buf_str(&script), script.len);
	return rs_cmd_run_ok(cmd, err);
}

/* A run that was killed between making a volume and its file system left it without one; of
 * a fresh one lvcreate has wiped what stood there before. */
static int format_empty(const char *group, const struct rs_volume_wish *w, int fresh,
			struct rs_err *err)
{
	RS_AUTO_STR *device = rs_asprintf(err, "/dev/%s/%s", group, w->name);
	RS_AUTO_STR *content = NULL;
	RS_AUTO_CMD *format = NULL;

	if (device == NULL)
		return -1;
	if (w->filesystem == NULL)
		return 0;
	if (!fresh) {
		content = rs_storage_content(device, err);
		if (content == NULL)
			return -1;
		if (content[0] != '\0')
			return 0;
	}
	format = make_filesystem(w->filesystem, device);
	return rs_cmd_run_ok(format, err);
}

int rs_storage_volumes(const char *group, const struct rs_volume_wish *w, size_t n,
		       const char *run_id, struct rs_err *err)
{
	RS_AUTO_BUF list = RS_BUF_INIT;
	RS_AUTO_STR *fresh = rs_alloc(n + 1, 1, err);
	char tag[RS_STORAGE_TAG];
	int exists = 0;

	if (fresh == NULL || rs_storage_tag(run_id, tag, err) < 0 ||
	    list_volumes(group, &list, &exists, err) < 0)
		return -1;
	if (!exists)
		return rs_err_set(err, RS_ERR_MACHINE, "volume group \"%s\" is not here: make it with "
				  "\"vgcreate %s DEVICE\", or use the virtual testbed", group, group);
	if (create_missing(group, w, n, rs_buf_str(&list), tag, fresh, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (format_empty(group, &w[i], fresh[i], err) < 0)
			return rs_err_wrap(err, "volume \"%s/%s\"", group, w[i].name);
	return 0;
}

int rs_storage_volumes_remove(const char *group, const char *const *names, const char *run_id,
			      struct rs_err *err)
{
	RS_AUTO_CMD *cmd = lvm("lvremove");
	RS_AUTO_BUF list = RS_BUF_INIT;
	char tag[RS_STORAGE_TAG];
	size_t there = 0;
	int exists;

	if (rs_storage_tag(run_id, tag, err) < 0 || list_volumes(group, &list, &exists, err) < 0)
		return -1;
	rs_cmd_arg(cmd, "--quiet");
	rs_cmd_arg(cmd, "--yes");
	for (size_t i = 0; names[i] != NULL; i++) {
		int ours = is_ours(rs_buf_str(&list), group, names[i], tag, err);

		if (ours < 0)
			return -1;
		if (ours > 0)
			rs_cmd_argf(cmd, "%s/%s", group, names[i]);
		there += ours > 0;
	}
	return there == 0 ? 0 : rs_cmd_run_ok(cmd, err);
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

static int mount_one(const struct rs_volume_group *group, const struct rs_volume *v,
		     struct rs_err *err)
{
	RS_AUTO_STR *device = rs_asprintf(err, "/dev/%s/%s", group->name, v->name);
	int swap = strcmp(v->filesystem, "swap") == 0;
	RS_AUTO_CMD *cmd = NULL;

	if (device == NULL)
		return -1;
	if ((v->mount == NULL && !swap) || is_used(v, device))
		return 0;
	if (!swap && rs_path_mkdirs(v->mount, err) < 0)
		return -1;
	cmd = mount_volume(v, device);
	return rs_cmd_run_ok(cmd, err);
}

int rs_storage_volumes_up(const struct rs_volume_group *group, const char *run_id,
			  struct rs_err *err)
{
	struct rs_volume_wish *w = rs_alloc(group->n_volumes + 1, sizeof(*w), err);
	int rc = w != NULL ? 0 : -1;

	for (size_t i = 0; rc == 0 && i < group->n_volumes; i++)
		w[i] = (struct rs_volume_wish){ group->volumes[i].name, group->volumes[i].size_bytes,
						group->volumes[i].filesystem };
	if (rc == 0)
		rc = rs_storage_volumes(group->name, w, group->n_volumes, run_id, err);
	free(w);
	for (size_t i = 0; rc == 0 && i < group->n_volumes; i++)
		rc = mount_one(group, &group->volumes[i], err);
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
