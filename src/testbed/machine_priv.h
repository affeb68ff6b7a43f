/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A virtual machine: its definition as libvirt's domain XML (pure), and its life
 * through qemu:///embed, which needs no daemon.
 */
#ifndef RESTUDY_TESTBED_MACHINE_PRIV_H
#define RESTUDY_TESTBED_MACHINE_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/buf.h"
#include "restudy/base/err.h"

enum rs_machine_bus { RS_BUS_VIRTIO, RS_BUS_SCSI };	/* virtio-blk; lsi53c895a */

struct rs_machine_disk {
	const char *path;
	const char *format;	/* "qcow2", "raw" */
	enum rs_machine_bus bus;
	int read_only;
};

/* All borrowed. */
struct rs_machine_spec {
	const char *name, *run_id;
	int64_t owner_pid;
	uint64_t owner_start;		/* of the owner: clock ticks since the boot */
	const char *emulator;		/* path of qemu-system-x86_64 */
	int kvm;
	const char *cpu;		/* model under TCG; KVM passes the host's through */
	const char *cpu_feature;	/* it is to have beside those of the model, or NULL */
	int64_t memory_bytes;
	int sockets, cores, threads;
	const char *kernel, *initrd, *cmdline;
	const char *xen, *xen_cmdline;	/* boot the hypervisor and the kernel as dom0; or NULL */
	const struct rs_machine_disk *disks;	/* virtio: vda, vdb, ...; SCSI: sda, sdb, ... */
	size_t n_disks;
	size_t n_nics;
	const char *console;		/* file that gets the serial line */
	const char *const *ports;	/* unix sockets of the agent's ports "restudy.0", ... */
	size_t n_ports;
};

/* Most SCSI disks that one controller takes (its own id is 7). */
#define RS_SCSI_DISKS_MAX 7

int rs_machine_xml(const struct rs_machine_spec *spec, struct rs_buf *out, struct rs_err *err)
	RS_MUST_CHECK;

struct rs_machine;

/*
 * Opens the driver in a folder of its own (root: short, private, made already) and
 * runs libvirt's event loop in a thread.  Reaps QEMU processes meanwhile.  log: where
 * libvirt's warnings go.  A process can have one root at a time.
 */
struct rs_machine *rs_machine_open(const char *root, const char *log, struct rs_err *err)
	RS_MUST_CHECK;

int rs_machine_start(struct rs_machine *m, const char *xml, struct rs_err *err) RS_MUST_CHECK;

/* Whether the machine that was started still runs. */
int rs_machine_alive(struct rs_machine *m);

/* Ends the machine; fine when none runs. */
int rs_machine_stop(struct rs_machine *m, struct rs_err *err);

/* Stops, closes, frees.  NULL is fine. */
void rs_machine_close(struct rs_machine *m);

#endif
