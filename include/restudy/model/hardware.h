/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine that a plan describes, and the operating systems on it: parts of the plan, see
 * restudy/model/plan.h for who owns what.
 */
#ifndef RESTUDY_MODEL_HARDWARE_H
#define RESTUDY_MODEL_HARDWARE_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/model/names.h"

struct rs_disk {		/* a physical disk */
	char *name;		/* "sda" */
	char *bus;		/* "scsi", "sata", "virtio" */
	int64_t size_bytes;
	int line;
};

struct rs_raid {
	char *name;		/* "md0" */
	int level;		/* 0, 1 */
	char **members;		/* names of disks; n_members >= 2 */
	size_t n_members;
	int line;
};

struct rs_volume {		/* a logical volume of the machine itself */
	char *name, *filesystem;	/* "ext3", "swap" */
	char *mount;			/* or NULL */
	int64_t size_bytes;
	int line;
};

struct rs_volume_group {
	char *name;		/* "VolGroup00" */
	char *on;		/* name of the raid or disk that is its physical volume */
	struct rs_volume *volumes;
	size_t n_volumes;
	int line;
};

struct rs_nic {
	char *name, *title;	/* title or NULL */
	double capacity_bps;	/* what the card can, bit/s */
	double link_bps;	/* what the link was run at, bit/s */
	int line;
};

struct rs_hardware {
	char *title;			/* "IBM xSeries 345" */
	char *cpu_model;		/* "Intel Xeon" */
	int sockets, cores_per_socket, threads_per_core;
	double clock_hz;
	int64_t memory_bytes;
	char *memory_kind;		/* "PC2100 DDR", or NULL */
	struct rs_disk *disks;
	size_t n_disks;
	struct rs_raid *raids;
	size_t n_raids;
	struct rs_volume_group *groups;
	size_t n_groups;
	struct rs_nic *nics;
	size_t n_nics;
	int line;
};

struct rs_image {
	char *id, *title;
	char *distribution, *release, *architecture;	/* architecture or NULL */
	enum rs_builder builder;
	char *url, *sha256;		/* archive: url required, sha256 or NULL; mirror for others, or NULL */
	char **packages;
	size_t n_packages;
	char *substitute;		/* id of the image that stands in, or NULL */
	char *substitute_reason;	/* or NULL */
	int line;
};

#endif
