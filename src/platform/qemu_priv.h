/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One fully virtualised guest: what it is to be, its definition, its first program. */
#ifndef RESTUDY_PLATFORM_QEMU_PRIV_H
#define RESTUDY_PLATFORM_QEMU_PRIV_H

#include "platform_priv.h"

enum { RS_QEMU_DISKS_MAX = 16 };

struct rs_qemu_disk {
	char *file;		/* owned */
	const char *format;	/* "raw", "qcow2" */
	int read_only;
};

/* All borrowed but what the disks own. */
struct rs_qemu_config {
	const char *name;
	const struct rs_owner *owner;
	int kvm;
	const char *emulator;
	int64_t memory_bytes;
	double cpus;		/* 0: one */
	const char *kernel, *initrd;
	struct rs_qemu_disk disks[RS_QEMU_DISKS_MAX + 1];	/* "/dev/vda", ... */
	size_t n_disks;
	size_t root;		/* which of them holds "/" */
	size_t programs;	/* which of them holds our programs: seen at /restudy */
	const struct rs_net *net;
	const struct rs_net_guest *at;
	const char *socket;	/* of the agent's port */
	const char *console;	/* file that gets the serial line */
};

/* Where a guest's initial file system mounts the disk with our programs. */
#define RS_QEMU_PROGRAMS "/restudy"
/* Name of the agent's virtio port. */
#define RS_QEMU_PORT "restudy.0"

void rs_qemu_xml(const struct rs_qemu_config *c, struct rs_buf *out);

/* The same of a system's guest as a run without KVM will write it, with names in capitals for
 * what only a run knows. */
void rs_qemu_preview(const struct rs_system *sys, const struct rs_owner *owner,
		     const struct rs_net *net, const struct rs_net_guest *at, const char *name,
		     struct rs_buf *out);

/* The guest's first program: a script that makes what is its own in its root, sets up its
 * network and becomes the agent. */
void rs_qemu_init_script(const struct rs_qemu_config *c, const struct rs_guests *g,
			 struct rs_buf *out);

#endif
