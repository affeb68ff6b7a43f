/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a run really happens: this machine (local), a machine built from the
 * plan's <hardware> with QEMU (virtual), or a server (ssh://host).
 */
#ifndef RESTUDY_TESTBED_H
#define RESTUDY_TESTBED_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/buf.h"
#include "restudy/channel.h"
#include "restudy/model/plan.h"
#include "restudy/model/sample.h"

/* Of the element in a libvirt domain's <metadata> that tells whose it is. */
#define RS_OWNER_NAMESPACE "urn:restudy:owner:1"

enum rs_accel { RS_ACCEL_AUTO, RS_ACCEL_KVM, RS_ACCEL_TCG, RS_ACCEL_LAST };

/* How the testbed is to be made.  All borrowed. */
struct rs_testbed_options {
	const char *kind;	/* "virtual", "local", "ssh://host" */
	const char *folder;	/* of this run's testbed: absolute, made already */
	const char *run_id;
	const char *lock;	/* plan.lock of an earlier run, whose checksums hold; or NULL */
	enum rs_accel accel;
	const char *agent, *kernels, *program;	/* restudy-agent, restudy-kernels, restudy: paths here */
};

/* Called as things happen: "image: building (about 40 s)".  Never NULL. */
typedef void rs_progress_fn(void *user, const char *text);

struct rs_testbed;

/* Images are built or taken from the cache; nothing is started yet. */
struct rs_testbed *rs_testbed_open(const struct rs_plan *plan, const struct rs_testbed_options *o,
				   rs_progress_fn *progress, void *user, struct rs_err *err)
	RS_MUST_CHECK;

/* Starts (or restarts) it for a boot and waits until its channel answers. */
int rs_testbed_boot(struct rs_testbed *t, enum rs_boot boot, struct rs_err *err) RS_MUST_CHECK;

/*
 * What the machine of a testbed runs with as it is: asked here, or at the server; RS_BOOT_LAST
 * where it is started with whatever is wanted.
 */
int rs_testbed_running(const struct rs_testbed_options *o, enum rs_boot *ret, struct rs_err *err)
	RS_MUST_CHECK;

/* A channel to the running testbed: a new one each call; the caller closes it. */
struct rs_channel *rs_testbed_channel(struct rs_testbed *t, struct rs_err *err) RS_MUST_CHECK;

/* Paths inside the testbed, and what it is. */
struct rs_testbed_facts {
	const char *program, *agent, *kernels;	/* as seen inside */
	const char *folder;		/* a folder for a worker, inside */
	const char *root;		/* tree that guests' roots are made from, inside; or NULL */
	const char *guest_root;		/* device inside with an ext file system of it, or NULL */
	/* Kernel of guests that boot one, and its initial file system, inside; or NULL.
	 * It loads disk and network drivers, mounts root= and executes init=. */
	const char *kernel, *initrd;
	/* Block device of each of the plan's disks, inside, in the plan's order; NULL
	 * where the testbed does not have them (then there is no storage to bring up). */
	const char *const *disks;
	int emulated;			/* its processor is emulated (TCG) */
	int virtual_machine;		/* it is a virtual machine */
	const char *description;	/* "QEMU 7.2 (TCG), 2 CPUs Nehalem, ..." one line */
	char **builds;			/* NULL-ended lines for plan.lock: image hashes, packages */
};
const struct rs_testbed_facts *rs_testbed_facts(struct rs_testbed *t);

/* Stops it and removes what it started (disks of this run stay when keep). */
int rs_testbed_close(struct rs_testbed *t, int keep, struct rs_err *err);

/*
 * Two runs of a user that measure on one machine would disturb each other: this one holds it until
 * *ret_fd is closed, or learns who does (RS_ERR_MACHINE).  The testbed "local" holds it while it is
 * open; elsewhere the worker does.
 */
int rs_testbed_hold(const char *run_id, int *ret_fd, struct rs_err *err) RS_MUST_CHECK;

/* Whether the machine whose /proc is below root ("": this one) is domain 0 of Xen.  In Xen's
 * guests the file that tells exists, too, and is empty. */
int rs_testbed_is_dom0(const char *root);

/* Whether machines here run under KVM unless told otherwise: it opens, and the processor can. */
int rs_testbed_has_kvm(void);

/* The module of a libvirt driver ("qemu"), where distributions put them; NULL when it is not here.
 * free() releases. */
char *rs_testbed_libvirt_driver(const char *driver);

/* Finds machines marked ours that runs left behind; with remove, removes them. */
int rs_testbed_leftovers(int remove, struct rs_buf *out, struct rs_err *err) RS_MUST_CHECK;

/* What open and boot would do, one command per line; for "restudy steps".  Storage inside
 * is told by rs_storage_steps.  -1 where no testbed is called o->kind. */
int rs_testbed_steps(const struct rs_plan *plan, const struct rs_testbed_options *o,
		     struct rs_buf *out, struct rs_err *err) RS_MUST_CHECK;

/*
 * The source archive of a benchmark's program, by its URL: taken from the cache, or fetched
 * into it and believed only by sha256 (NULL: taken as it comes).  It is fetched here, since a
 * testbed need not reach the network.  The file's path; free() releases.
 */
char *rs_testbed_fetch(const char *url, const char *sha256, rs_progress_fn *progress, void *user,
		       struct rs_err *err) RS_MUST_CHECK;

/* What this machine lacks for a kind of testbed: one line each "what: the command that
 * mends it" in out; 0 when nothing lacks, else the number of things. */
int rs_testbed_doctor(const char *kind, struct rs_buf *out);

#endif
