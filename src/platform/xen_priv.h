/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One paravirtual Xen guest: what it is to be, its two configurations, its root. */
#ifndef RESTUDY_PLATFORM_XEN_PRIV_H
#define RESTUDY_PLATFORM_XEN_PRIV_H

#include "daemon_priv.h"
#include "platform_priv.h"

enum { RS_XEN_DISKS_MAX = 16, RS_XEN_AGENT_PORT = 7353 };

struct rs_xen_disk {
	char *device;	/* owned: "/dev/VolGroup00/xenU_1.1" in domain 0 */
	char target[16];	/* "xvda1" in the guest */
};

/* All borrowed but what the disks own. */
struct rs_xen_config {
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
};

/*
 * The name of a disk as a present kernel calls it: "sda1" of a plan of 2006 is "xvda1",
 * whatever the configuration says.  i: the disk's place, for one without a name.
 */
int rs_xen_target(const char *device, size_t i, char ret[16], struct rs_err *err) RS_MUST_CHECK;

void rs_xen_xml(const struct rs_xen_config *c, struct rs_buf *out);	/* for libvirt */
void rs_xen_xl(const struct rs_xen_config *c, struct rs_buf *out);	/* for xl create */

/* Writes short hotplug scripts to folder and adds mounts that put them over Xen's own. */
int rs_xen_scripts(const char *folder, struct rs_mounts *ms, struct rs_err *err) RS_MUST_CHECK;

/* What a guest's root needs beside the tree: written below root, where it is mounted. */
int rs_xen_fill_etc(const struct rs_xen_config *c, const struct rs_guests *g, const char *root,
		    struct rs_err *err) RS_MUST_CHECK;
/* The guest's first program: a script that sets up its network and becomes the agent. */
void rs_xen_init_script(const struct rs_xen_config *c, const struct rs_guests *g,
			struct rs_buf *out);

#endif
