/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a Xen guest's root file system gets beside the tree it is made from. */
#include "xen_priv.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

static void fstab(const struct rs_xen_config *c, const struct rs_guests *g, struct rs_buf *out)
{
	for (size_t i = 0; i < c->n_disks && i < g->n_disks; i++) {
		char device[32];

		(void)snprintf(device, sizeof(device), "/dev/%s", c->disks[i].target);
		rs_guest_fstab(out, &g->disks[i], device);
	}
}

static int make_folder(const char *root, const char *rel, mode_t mode, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_asprintf(err, "%s%s", root, rel);

	if (path == NULL || rs_path_mkdirs(path, err) < 0)
		return -1;
	if (chmod(path, mode) < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot set the mode of \"%s\"", path);
	return 0;
}

int rs_xen_fill_etc(const struct rs_xen_config *c, const struct rs_guests *g, const char *root,
		    struct rs_err *err)
{
	static const struct {
		const char *path;
		mode_t mode;
	} folders[] = {
		{ "/dev", 0755 },  { "/etc", 0755 },	{ "/proc", 0555 },
		{ "/run", 0755 },  { "/sys", 0555 },	{ "/tmp", 01777 },
		{ "/var", 0755 },  { "/var/tmp", 01777 }, { RS_GUEST_SCRATCH, 0755 },
		{ RS_GUEST_PROGRAMS, 0755 },
	};
	RS_AUTO_BUF hosts = RS_BUF_INIT;
	RS_AUTO_BUF table = RS_BUF_INIT;
	RS_AUTO_BUF init = RS_BUF_INIT;
	RS_AUTO_STR *hostname = rs_asprintf(err, "%s\n", c->name);

	for (size_t i = 0; i < RS_COUNT(folders); i++)
		if (make_folder(root, folders[i].path, folders[i].mode, err) < 0)
			return -1;
	rs_guest_hosts(&hosts, c->name, c->at->address, c->net->gateway);
	fstab(c, g, &table);
	rs_xen_init_script(c, g, &init);
	if (hostname == NULL || rs_buf_check(&hosts, err) < 0 || rs_buf_check(&table, err) < 0 ||
	    rs_buf_check(&init, err) < 0)
		return -1;
	if (rs_guest_put(root, "/etc/hosts", rs_buf_str(&hosts), 0644, err) < 0 ||
	    rs_guest_put(root, "/etc/hostname", hostname, 0644, err) < 0 ||
	    rs_guest_put(root, "/etc/resolv.conf", "", 0644, err) < 0 ||
	    rs_guest_put(root, "/etc/fstab", rs_buf_str(&table), 0644, err) < 0)
		return -1;
	return rs_guest_put(root, RS_GUEST_PROGRAMS "/guest-init", rs_buf_str(&init), 0755, err);
}
