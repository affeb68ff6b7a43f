/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The disks of Xen guests: logical volumes, all made at once, and what they hold.
 *
 * On an emulated machine a tree of thousands of files takes minutes to be copied and every
 * program a second to be started, so roots are copied by their used blocks: from the file
 * system that the testbed made outside, where it has one, else from the first guest's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "blocks_priv.h"
#include "restudy/base/cmd.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"
#include "restudy/testbed/storage.h"
#include "xen_priv.h"

static const double FILL_S = 300;

/* LVM rounds sizes up to whole extents. */
static const int64_t EXTENT_BYTES = 4ll << 20;

struct fill {
	const struct rs_guests *plan;
	const struct rs_place *place;
	const char *folder;
	struct rs_ledger *ledger;
	struct rs_xen_config *const *g;
	size_t n, root;		/* guests; the root's place among the plan's disks */
	int from_image, grow;	/* whether the testbed's file system serves; is too small */
};

static int is_ext(const char *filesystem)
{
	return strncmp(filesystem, "ext", 3) == 0;
}

static void choose_source(struct fill *f)
{
	const struct rs_guest_disk *root = &f->plan->disks[f->root];
	struct rs_blocks b;

	if (f->place->guest_root == NULL || rs_blocks_probe(f->place->guest_root, &b, NULL) < 0)
		return;
	f->from_image = strcmp(b.type, root->filesystem) == 0 && b.bytes <= root->size_bytes;
	f->grow = root->size_bytes - b.bytes >= EXTENT_BYTES;
}

static int name_disks(const struct fill *f, struct rs_xen_config *c, int number, struct rs_err *err)
{
	for (size_t d = 0; d < f->plan->n_disks; d++) {
		const struct rs_guest_disk *pd = &f->plan->disks[d];
		RS_AUTO_STR *volume = rs_guest_volume(pd, number, err);

		if (volume == NULL || rs_xen_target(pd->device, d, c->disks[d].target, err) < 0)
			return -1;
		c->n_disks = d + 1;
		c->disks[d].device = rs_asprintf(err, "/dev/%s/%s", pd->group, volume);
		if (c->disks[d].device == NULL)
			return -1;
	}
	c->root = c->disks[f->root].target;
	return 0;
}

/* What rs_storage_volumes is to make on guest i's disk d; NULL: its blocks are copied. */
static const char *filesystem_of(const struct fill *f, size_t i, size_t d)
{
	const char *fs = f->plan->disks[d].filesystem;

	if (d != f->root || !is_ext(fs))
		return fs;
	return f->from_image || i > 0 ? NULL : fs;
}

/* All volumes of all guests in the group of disk `first`. */
static int make_group(const struct fill *f, size_t first, struct rs_err *err)
{
	const char *group = f->plan->disks[first].group;
	struct rs_volume_wish *w = rs_alloc(f->n * f->plan->n_disks, sizeof(*w), err);
	RS_AUTO_BUF trace = RS_BUF_INIT;
	size_t n = 0;
	int rc = -1;

	if (w == NULL)
		return -1;
	for (size_t i = 0; i < f->n; i++)
		for (size_t d = first; d < f->plan->n_disks; d++) {
			const struct rs_guest_disk *pd = &f->plan->disks[d];

			if (strcmp(pd->group, group) != 0)
				continue;
			w[n] = (struct rs_volume_wish){ rs_path_base(f->g[i]->disks[d].device), pd->size_bytes,
							filesystem_of(f, i, d) };
			rs_buf_addf(&trace, n == 0 ? "%s/%s" : "%.0s %s", group, w[n].name);
			n++;
		}
	if (rs_buf_check(&trace, err) == 0 &&
	    rs_ledger_add(f->ledger, RS_TRACE_VOLUME, rs_buf_str(&trace), err) == 0)
		rc = rs_storage_volumes(group, w, n, f->place->run_id, err);
	free(w);
	return rc;
}

static int make_volumes(const struct fill *f, struct rs_err *err)
{
	for (size_t d = 0; d < f->plan->n_disks; d++) {
		size_t before = 0;

		while (strcmp(f->plan->disks[before].group, f->plan->disks[d].group) != 0)
			before++;
		if (before == d && make_group(f, d, err) < 0)
			return -1;
	}
	return 0;
}

static int copy_tree(const struct fill *f, const char *to, struct rs_err *err)
{
	RS_AUTO_STR *all = rs_asprintf(err, "%s/.", f->place->root);

	if (all == NULL)
		return -1;
	return rs_step_run((const char *const[]){ "cp", "--archive", "--one-file-system", all, to, NULL },
		   rs_limit_s(f->place, FILL_S), err);
}

/* Our programs into the mounted root. */
static int put_programs(const char *root, const struct rs_place *place, struct rs_err *err)
{
	RS_AUTO_STR *agent = rs_asprintf(err, "%s" RS_GUEST_PROGRAMS "/restudy-agent", root);
	RS_AUTO_STR *kernels = rs_asprintf(err, "%s" RS_GUEST_PROGRAMS "/restudy-kernels", root);

	if (agent == NULL || kernels == NULL || rs_path_copy(place->agent, agent, err) < 0)
		return -1;
	return place->kernels == NULL ? 0 : rs_path_copy(place->kernels, kernels, err);
}

/* Mounts guest i's root, writes into it what is its own (and the tree), unmounts it again. */
static int fill_mounted(const struct fill *f, size_t i, int with_tree, struct rs_err *err)
{
	const struct rs_guest_disk *pd = &f->plan->disks[f->root];
	const char *device = f->g[i]->disks[f->root].device;
	RS_AUTO_STR *at = rs_asprintf(err, "%s/fill%zu", f->folder, i + 1);
	int rc = 0;

	if (at == NULL || rs_path_mkdirs(at, err) < 0 ||
	    rs_ledger_add(f->ledger, RS_TRACE_MOUNT, at, err) < 0)
		return -1;
	if (mount(device, at, pd->filesystem, MS_NOATIME, NULL) < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot mount \"%s\" (%s) at \"%s\"", device,
				  pd->filesystem, at);
	if (with_tree)
		rc = copy_tree(f, at, err);
	if (rc == 0)
		rc = rs_xen_fill_etc(f->g[i], f->plan, at, err);
	if (rc == 0)
		rc = put_programs(at, f->place, err);
	if (umount2(at, UMOUNT_NOFOLLOW) < 0 && rc == 0)
		rc = rs_err_sys(err, RS_ERR_FAILED, errno, "cannot unmount \"%s\"", at);
	return rc;
}

/* Copies the used blocks of `from` to the roots of guests first, first + 1, ... */
static int copy_roots(const struct fill *f, const char *from, size_t first, struct rs_err *err)
{
	const char **to = rs_alloc(f->n + 1, sizeof(*to), err);
	int rc;

	if (to == NULL)
		return -1;
	for (size_t i = first; i < f->n; i++)
		to[i - first] = f->g[i]->disks[f->root].device;
	rc = rs_blocks_copy(from, to, f->n - first, err);
	for (size_t i = 0; rc == 0 && f->from_image && f->grow && i < f->n - first; i++)
		rc = rs_step_run((const char *const[]){ "resize2fs", to[i], NULL }, rs_limit_s(f->place, FILL_S), err);
	free(to);
	return rc;
}

static int fill_all(const struct fill *f, struct rs_err *err)
{
	const int copies = is_ext(f->plan->disks[f->root].filesystem);

	if (f->from_image && copy_roots(f, f->place->guest_root, 0, err) < 0)
		return -1;
	for (size_t i = 0; i < f->n; i++) {
		if (rs_stop_check(err) < 0 ||
		    fill_mounted(f, i, !f->from_image && (i == 0 || !copies), err) < 0)
			return rs_err_wrap(err, "guest \"%s\"", f->g[i]->name);
		if (i == 0 && f->n > 1 && copies && !f->from_image &&
		    copy_roots(f, f->g[0]->disks[f->root].device, 1, err) < 0)
			return -1;
	}
	return 0;
}

int rs_xen_disks(const struct rs_guests *plan, struct rs_xen_config *const *g, size_t n,
		 const struct rs_place *place, const char *folder, struct rs_ledger *ledger,
		 struct rs_err *err)
{
	struct fill f = { .plan = plan, .place = place, .folder = folder, .ledger = ledger, .g = g,
			  .n = n, .root = rs_guest_root_disk(plan) };

	choose_source(&f);
	for (size_t i = 0; i < n; i++)
		if (name_disks(&f, g[i], (int)i + 1, err) < 0)
			return rs_err_wrap(err, "guest \"%s\"", g[i]->name);
	if (make_volumes(&f, err) < 0)
		return -1;
	return fill_all(&f, err);
}

static void root_steps(const struct rs_guest_disk *pd, const char *volume, int i,
		       struct rs_buf *out)
{
	if (is_ext(pd->filesystem))
		rs_buf_addf(out, "# copies the used blocks of %s to /dev/%s/%s\n",
			    i == 0 ? "the image's root" : "the same", pd->group, volume);
	else
		rs_buf_addf(out, "mkfs.%s /dev/%s/%s\n", pd->filesystem, pd->group, volume);
	rs_buf_addf(out, "mount /dev/%s/%s FOLDER/xen/fill%d\n", pd->group, volume, i + 1);
	if (!is_ext(pd->filesystem))
		rs_buf_addf(out, "cp --archive --one-file-system ROOT/. FOLDER/xen/fill%d\n", i + 1);
	rs_buf_addf(out, "umount FOLDER/xen/fill%d\n", i + 1);
}

void rs_xen_disk_steps(const struct rs_guests *g, int i, struct rs_buf *out)
{
	for (size_t d = 0; d < g->n_disks; d++) {
		const struct rs_guest_disk *pd = &g->disks[d];
		RS_AUTO_STR *volume = rs_guest_volume(pd, i + 1, NULL);

		if (volume == NULL)
			continue;
		rs_buf_addf(out, "lvcreate --name %s --size %lldb %s\n", volume,
			    (long long)pd->size_bytes, pd->group);
		if (strcmp(pd->filesystem, "swap") == 0)
			rs_buf_addf(out, "mkswap /dev/%s/%s\n", pd->group, volume);
		else if (d == rs_guest_root_disk(g))
			root_steps(pd, volume, i, out);
		else
			rs_buf_addf(out, "mkfs.%s /dev/%s/%s\n", pd->filesystem, pd->group, volume);
	}
}
