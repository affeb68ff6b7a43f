/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One Xen guest: what it is to be, its two configurations, its root. */
#ifndef RESTUDY_PLATFORM_XEN_PRIV_H
#define RESTUDY_PLATFORM_XEN_PRIV_H

#include "daemon_priv.h"
#include "platform_priv.h"

enum rs_xen_type {
	RS_XEN_PV,		/* paravirtual: any processor */
	RS_XEN_PVH,		/* the processor virtualises, devices are paravirtual */
	RS_XEN_LAST
};

enum { RS_XEN_DISKS_MAX = 16, RS_XEN_AGENT_PORT = 7353 };

struct rs_xen_disk {
	char *device;	/* owned: "/dev/VolGroup00/xenU_1.1" in domain 0 */
	char target[16];	/* "xvda1" in the guest */
};

/* All borrowed but what the disks own. */
struct rs_xen_config {
	enum rs_xen_type type;
	const char *name;
	const struct rs_owner *owner;
	int64_t memory_bytes;
	double cpus;		/* 0: one */
	const char *kernel, *initrd;	/* initrd or NULL */
	const char *root;	/* "xvda1" */
	struct rs_xen_disk disks[RS_XEN_DISKS_MAX];
	size_t n_disks;
	const struct rs_net *net;
	const struct rs_net_guest *at;
	const char *scripts;	/* folder of short hotplug scripts for xl, or NULL: Xen's own */
};

/*
 * The name of a disk as a present kernel calls it: "sda1" of a plan of 2006 is "xvda1",
 * whatever the configuration says.  i: the disk's place, for one without a name.
 */
int rs_xen_target(const char *device, size_t i, char ret[16], struct rs_err *err) RS_MUST_CHECK;

/* Whether Xen can have guests of a type here, by "virt_caps" of xl info: 0; -1 with the reason. */
int rs_xen_offers(enum rs_xen_type type, const char *virt_caps, struct rs_err *err) RS_MUST_CHECK;

void rs_xen_xml(const struct rs_xen_config *c, struct rs_buf *out);	/* for libvirt */
void rs_xen_xl(const struct rs_xen_config *c, struct rs_buf *out);	/* for xl create */

/* Makes and fills the disks of n guests, and tells them to their configurations; g[i] has
 * its name, network and address already.  What was made is in the ledger. */
int rs_xen_disks(const struct rs_guests *plan, struct rs_xen_config *const *g, size_t n,
		 const struct rs_place *place, const char *folder, struct rs_ledger *ledger,
		 struct rs_err *err) RS_MUST_CHECK;
void rs_xen_disk_steps(const struct rs_guests *g, int i, struct rs_buf *out);

/* Writes short hotplug scripts to folder and adds mounts that put them over Xen's own. */
int rs_xen_scripts(const char *folder, struct rs_mounts *ms, struct rs_err *err) RS_MUST_CHECK;

/* What a guest's root needs beside the tree: written below root, where it is mounted. */
int rs_xen_fill_etc(const struct rs_xen_config *c, const struct rs_guests *g, const char *root,
		    struct rs_err *err) RS_MUST_CHECK;
/* The guest's first program: a script that sets up its network and becomes the agent. */
void rs_xen_init_script(const struct rs_xen_config *c, const struct rs_guests *g,
			struct rs_buf *out);

#endif
