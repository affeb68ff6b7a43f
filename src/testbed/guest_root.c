/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The root file system of guests that have disks: the image's tree in an ext file system of
 * the plan's size, made outside in seconds and kept in the cache, so that an emulated machine
 * has only to copy its used blocks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image_priv.h"
#include "restudy/base/cmd.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"

#define NEED_BYTES (2048ll << 20)	/* the tree and the file system's used blocks */
#define LIMIT_S	   1800

/* Raise it when the script gives something else from the same image. */
#define RECIPE 1

/*
 * $1: a folder to work in, $2: the image, $3: the file to make, $4: KiB, $5: type.  What only
 * a machine's own system needs is left out: kernels, lists and caches of packages.
 */
static const char script[] =
	"set -e; PATH=$PATH:/usr/sbin:/sbin; export LC_ALL=C\n"
	"mkdir \"$1/tree\"\n"
	"debugfs -R \"rdump / $1/tree\" \"$2\" 2>\"$1/errors\"\n"
	"if sed 1d \"$1/errors\" | grep . >&2; then exit 1; fi\n"
	"cd \"$1/tree\"\n"
	"test -x usr/bin/env\n"
	"rm -rf lost+found boot/* var/lib/apt/lists/* var/cache/apt/* var/cache/debconf/*\n"
	"mke2fs -q -F -t \"$5\" -E root_owner=0:0 -m 0 -d . \"$3\" \"$4\"k\n";

/* The root disk of the first system whose guests have one that is ext; NULL: none has. */
static const struct rs_guest_disk *root_of(const struct rs_plan *plan)
{
	for (size_t i = 0; i < plan->n_systems; i++) {
		const struct rs_guests *g = &plan->systems[i].guests;

		for (size_t d = 0; d < g->n_disks; d++)
			if (g->disks[d].mount != NULL && strcmp(g->disks[d].mount, "/") == 0 &&
			    strncmp(g->disks[d].filesystem, "ext", 3) == 0)
				return &g->disks[d];
	}
	return NULL;
}

static int make(const char *image, const struct rs_guest_disk *disk, const char *target,
		struct rs_err *err)
{
	RS_AUTO_STR *fakeroot = geteuid() == 0 ? NULL : rs_path_program("fakeroot");
	RS_AUTO_STR *work = rs_asprintf(err, "%s.work", target);
	RS_AUTO_STR *part = rs_asprintf(err, "%s.work/part", target);
	RS_AUTO_CMD *cmd = fakeroot != NULL ? rs_cmd_new(fakeroot) : rs_cmd_new("sh");
	int rc = -1;

	if (work == NULL || part == NULL || rs_path_remove_tree(work, err) < 0 ||
	    rs_path_mkdirs(work, err) < 0)
		return -1;
	if (fakeroot != NULL)	/* else the files' owners would be lost */
		rs_cmd_args(cmd, (const char *const[]){ "--", "sh", NULL });
	rs_cmd_args(cmd, (const char *const[]){ "-c", script, "sh", work, image, part, NULL });
	rs_cmd_argf(cmd, "%lld", (long long)(disk->size_bytes / 1024));
	rs_cmd_arg(cmd, disk->filesystem);
	rs_cmd_timeout(cmd, LIMIT_S);
	if (rs_testbed_want_space(work, NEED_BYTES, "the guests' root", err) == 0 &&
	    rs_cmd_run_ok(cmd, err) == 0)
		rc = rename(part, target) == 0 ? 0 :
			rs_err_set(err, RS_ERR_FAILED, "\"%s\" cannot be renamed to \"%s\"", part, target);
	if (rs_path_remove_tree(work, rc == 0 ? err : NULL) < 0)
		return -1;
	return rc;
}

int rs_guest_root_get(const struct rs_plan *plan, const char *image, const struct rs_tell *tell,
		      char **ret_path, struct rs_err *err)
{
	const struct rs_guest_disk *disk = root_of(plan);
	RS_AUTO_STR *path = NULL, *lock_path = NULL;
	RS_AUTO_FD lock = -1;
	struct rs_err why = RS_ERR_INIT;

	*ret_path = NULL;
	if (disk == NULL)
		return 0;
	path = rs_asprintf(err, "%s.guest%d-%s-%lld", image, RECIPE, disk->filesystem,
			   (long long)disk->size_bytes);
	lock_path = rs_asprintf(err, "%s.lock", image);
	if (path == NULL || lock_path == NULL)
		return -1;
	lock = rs_cache_lock(lock_path, tell, err);
	if (lock < 0)
		return -1;
	if (!rs_path_exists(path)) {
		char size[40];

		rs_tell(tell, "image: making the guests' root (%s, %s, about 10 s)", disk->filesystem,
			rs_format_quantity(size, sizeof(size), (double)disk->size_bytes, RS_DIM_BYTES));
		if (make(image, disk, path, &why) < 0) {
			if (why.kind == RS_ERR_INTERRUPTED || why.kind == RS_ERR_MEMORY)
				return rs_err_set(err, why.kind, "%s", why.text);
			/* Guests' disks are then filled inside, which takes longer. */
			rs_tell(tell, "image: no root for guests is made here: %s", why.text);
			return 0;
		}
	}
	*ret_path = RS_STEAL(&path);
	return 0;
}
