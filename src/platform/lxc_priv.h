/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One container: what it is to be, its domain XML, and its root on the disk. */
#ifndef RESTUDY_PLATFORM_LXC_PRIV_H
#define RESTUDY_PLATFORM_LXC_PRIV_H

#include "daemon_priv.h"
#include "platform_priv.h"

/* All borrowed.  Paths are as the private libvirtd sees them. */
struct rs_lxc_config {
	const char *domain;		/* libvirt's name: of this machine only */
	const char *name;		/* the guest's own name */
	const struct rs_owner *owner;
	int64_t memory_bytes;		/* limit; 0: none */
	int64_t machine_bytes;		/* memory of the machine, for guests without a limit */
	double cpus;			/* quota in processors; 0: none */
	int shares;			/* weight of its processor time; 0: the kernel's own */
	const char *root;		/* its root, mounted */
	const char *run;		/* folder that becomes /run/restudy in it */
	const char *agent, *kernels;	/* programs bound into it */
	const struct rs_net *net;
	const struct rs_net_guest *at;
};

/* The libvirt domain of a container.  Writes to out, which keeps failures. */
void rs_lxc_xml(const struct rs_lxc_config *c, struct rs_buf *out);

/* OpenVZ's CPUUNITS as a weight of the control groups of version 1 or 2; 0: the kernel's own;
 * -1 when it is no such number, or a weight that these do not have. */
int rs_lxc_shares(const char *units, int version);

/*
 * Fills upper, the writable layer over lower, before both are mounted: mount points of
 * our programs, /etc/hosts, /etc/hostname, an empty /etc/resolv.conf, empty temporary
 * folders and the scratch folder.
 */
int rs_lxc_fill_upper(const char *lower, const char *upper, const char *name, const char *address,
		      const char *gateway, struct rs_err *err) RS_MUST_CHECK;

#endif
