/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The virtual testbed: what its files share. */
#ifndef RESTUDY_TESTBED_VIRTUAL_PRIV_H
#define RESTUDY_TESTBED_VIRTUAL_PRIV_H

#include "kernel_priv.h"
#include "leftovers_priv.h"
#include "machine_priv.h"
#include "testbed_priv.h"

#define RS_PORTS 3	/* agents inside: two channels of a run at once, and one to look in meanwhile */

struct rs_virtual {
	struct rs_machine_owner owner;
	struct rs_kernel kernel;
	struct rs_machine *machine;	/* NULL before the first boot */
	char *emulator;
	char *image;			/* root image in the cache */
	char *guest_root;		/* file system for guests' disks in the cache, or NULL */
	char *root_disk, *tools_disk;	/* files of this run; owned, as all below */
	char **data_disks;		/* of the plan: NULL-ended */
	char **devices;			/* the same as seen inside */
	char *console, *log, *definition;
	char *ports[RS_PORTS + 1];	/* unix sockets; NULL-ended */
	size_t next_port;
	int gave_up[RS_BOOT_LAST];	/* a boot failed twice: later ones are tried once */
	int kvm;
};

/* What the plan asks for, or what stands in where it is silent. */
struct rs_virtual_size {
	int sockets, cores, threads;
	int64_t memory_bytes;
	size_t n_nics;
};
struct rs_virtual_size rs_virtual_size(const struct rs_plan *plan);

/* Whether a machine would run under KVM: 1 or 0; -1 with err when it is asked for and
 * cannot. */
int rs_virtual_accel(enum rs_accel accel, struct rs_err *err) RS_MUST_CHECK;

/*
 * The processor that QEMU emulates for a plan.  It must start Xen's dom0 and satisfy libvirt's
 * Xen driver inside, which newer models and qemu64 do not (QEMU 7.2).  PVH guests of
 * Xen need virtualisation, of which QEMU emulates AMD's: for a plan that has them it is a model
 * of AMD with nested paging, though libvirt's Xen driver refuses that and xl stands in.
 */
struct rs_virtual_cpu {
	const char *model, *feature;	/* feature: beside those of the model, or NULL */
};
struct rs_virtual_cpu rs_virtual_cpu(const struct rs_plan *plan);

/* The third virtio disk, after the machine's root and the tools. */
#define RS_VIRTUAL_GUEST_ROOT "/dev/vdc"

/* Fills spec for a boot, disks with up to 3 + RS_SCSI_DISKS_MAX; the strings live as long as text and v. */
int rs_virtual_spec(const struct rs_plan *plan, const char *run_id, const struct rs_virtual *v,
		    enum rs_boot boot, struct rs_machine_disk *disks, char **ret_xen_cmdline,
		    struct rs_machine_spec *spec, struct rs_err *err) RS_MUST_CHECK;

/* Makes the run's disks: an overlay over the image, the plan's disks, the tools. */
int rs_virtual_make_disks(struct rs_testbed *t, struct rs_virtual *v, struct rs_err *err)
	RS_MUST_CHECK;

/* Makes the overlay anew: QEMU that was killed has left its tables half written. */
int rs_virtual_make_root_disk(const struct rs_virtual *v, struct rs_err *err) RS_MUST_CHECK;

/*
 * All disks as they were at first, after a machine that did not shut down.  What guests had is
 * made again in any case; a mirror that was not stopped would be synchronised beside what is
 * measured, and that writes all its zeros into the sparse files.
 */
int rs_virtual_renew_disks(const struct rs_virtual *v, struct rs_err *err) RS_MUST_CHECK;

/* Removes them; what is missing is fine. */
void rs_virtual_remove_disks(const struct rs_virtual *v);

/* The kind's entries of the same names. */
void rs_virtual_steps(const struct rs_plan *plan, const struct rs_testbed_options *o,
		      struct rs_buf *out);
int rs_virtual_doctor(struct rs_buf *out);

#endif
