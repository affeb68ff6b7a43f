/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Configurations as a platform will really write them, for a dry run: the first guest's, by
 * the functions that write it during a run, with names in capitals for what only a run
 * knows.
 */
#include "restudy/platform/listing.h"

#include <stdlib.h>
#include <string.h>

#include "lxc_priv.h"
#include "platform_priv.h"
#include "qemu_priv.h"
#include "restudy/base/mem.h"
#include "vzctl_priv.h"
#include "xen_priv.h"

static const struct rs_owner nobody = { .run = "RUN", .pid = 1, .start = 1 };

static void xen_disks(const struct rs_system *sys, struct rs_xen_config *c)
{
	for (size_t i = 0; i < sys->guests.n_disks && i < RS_XEN_DISKS_MAX; i++) {
		const struct rs_guest_disk *d = &sys->guests.disks[i];
		RS_AUTO_STR *volume = rs_guest_volume(d, 1, NULL);

		if (volume == NULL || rs_xen_target(d->device, i, c->disks[i].target, NULL) < 0)
			return;
		c->disks[i].device = rs_asprintf(NULL, "/dev/%s/%s", d->group, volume);
		if (c->disks[i].device == NULL)
			return;
		c->n_disks++;
	}
}

static void xen_real(enum rs_xen_type type, const struct rs_system *sys, const struct rs_net *net,
		     const struct rs_net_guest *at, const char *name, struct rs_buf *out)
{
	struct rs_xen_config c = { .type = type, .name = name, .owner = &nobody, .cpus = sys->guests.cpus,
				   .memory_bytes = rs_guest_memory(&sys->guests), .kernel = "VMLINUX",
				   .initrd = "INITRD", .net = net, .at = at };

	xen_disks(sys, &c);
	c.root = c.n_disks > 0 ? c.disks[0].target : "xvda1";
	rs_buf_addf(out, "# %s.cfg, for xl\n", name);
	rs_xen_xl(&c, out);
	rs_buf_addf(out, "# %s.xml, for libvirt\n", name);
	rs_xen_xml(&c, out);
	for (size_t i = 0; i < c.n_disks; i++)
		free(c.disks[i].device);
}

static void lxc_real(const struct rs_system *sys, const struct rs_net *net,
		     const struct rs_net_guest *at, const char *name, struct rs_buf *out)
{
	const struct rs_lxc_config c = {
		.domain = name, .name = name, .owner = &nobody, .cpus = sys->guests.cpus,
		.memory_bytes = sys->guests.memory_bytes, .machine_bytes = sys->guests.memory_bytes,
		.root = "ROOT", .run = "RUN", .agent = "restudy-agent", .kernels = "restudy-kernels",
		.net = net, .at = at,
	};

	rs_buf_addf(out, "# %s.xml, for libvirt\n", name);
	rs_lxc_xml(&c, out);
}

static void openvz_real(const struct rs_system *sys, const struct rs_net_guest *at,
			const char *name, struct rs_buf *out)
{
	const struct rs_vz_config c = rs_vz_config_of(sys, name, at->address, 0, 4);

	rs_buf_addf(out, "# %s.conf, as vzctl completes %s%s\n", name,
		    c.sample != NULL ? "its sample " : "its default sample", c.sample != NULL ? c.sample : "");
	rs_vz_conf(&c, out);
}

void rs_listing_real(const struct rs_system *sys, enum rs_platform_kind kind, struct rs_buf *out)
{
	RS_AUTO_STR *name = rs_guest_name(sys, 0, NULL);
	struct rs_net_guest at;
	struct rs_net net;

	if (name == NULL || rs_net_of(&sys->guests, &net, NULL) < 0 ||
	    rs_net_guest(&sys->guests, &net, 0, &at, NULL) < 0)
		return;
	switch (kind) {
	case RS_PLATFORM_XEN:
		xen_real(RS_XEN_PV, sys, &net, &at, name, out);
		return;
	case RS_PLATFORM_XEN_PVH:
		xen_real(RS_XEN_PVH, sys, &net, &at, name, out);
		return;
	case RS_PLATFORM_LXC:
		lxc_real(sys, &net, &at, name, out);
		return;
	case RS_PLATFORM_OPENVZ:
		openvz_real(sys, &at, name, out);
		return;
	case RS_PLATFORM_QEMU:
		rs_buf_addf(out, "# %s.xml, for libvirt, where there is no KVM\n", name);
		rs_qemu_preview(sys, &nobody, &net, &at, name, out);
		return;
	case RS_PLATFORM_HOST:
	case RS_PLATFORM_LAST:
		return;
	}
}

const char *const *rs_listings_of(enum rs_platform_kind kind)
{
	static const char *const openvz[] = { "openvz-paths", "sysctl", "openvz-guest", NULL };
	static const char *const xen[] = { "xend-config", "xen-guest", "fstab", NULL };
	static const char *const none[] = { NULL };

	if (kind == RS_PLATFORM_OPENVZ)
		return openvz;
	return rs_platform_boot(kind) == RS_BOOT_XEN ? xen : none;
}
