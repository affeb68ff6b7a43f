/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The code that realises a system on the machine it runs on: host, lxc, openvz,
 * xen, qemu.  Const tables in an explicit array; what cannot work here stays
 * listed with its reason.
 */
#ifndef RESTUDY_PLATFORM_H
#define RESTUDY_PLATFORM_H

#include <stddef.h>

#include "restudy/base/buf.h"
#include "restudy/channel.h"
#include "restudy/model/plan.h"
#include "restudy/model/sample.h"

/* Where a platform may work and what it finds there.  All borrowed. */
struct rs_place {
	const char *folder;	/* for its own files: absolute, short, made already */
	const char *run_id;	/* ownership mark of everything it creates */
	const char *root;	/* tree that guests' roots are made from ("/" or an image's tree);
				 * NULL: nothing is built yet, and only what can work is asked */
	const char *guest_root;	/* device or file with an ext file system of that tree, whose used
				 * blocks guests' disks can be made of; or NULL */
	const char *agent;	/* restudy-agent, static */
	const char *kernels;	/* restudy-kernels, static */
	const char *kernel;	/* guest kernel and initial file system, where guests boot one; or NULL */
	const char *initrd;
	const struct rs_hardware *hardware;	/* the plan's, or NULL: tells its volumes */
	int volumes;		/* the plan's volume groups exist here: use logical volumes */
	int emulated;		/* this machine itself is emulated: time limits are wide */
};

struct rs_instance;	/* one system brought up: its guests */

struct rs_guest {
	const char *name;	/* "101", "xenU_1", "host" */
	const char *address;	/* of its web server as seen from the testbed */
	struct rs_channel *channel;	/* owned by the instance */
	const char *scratch;	/* folder in it for benchmark files */
	double ready_s;		/* from the start of its creation to its first answer; 0: none */
	int64_t answered_ns;	/* monotonic time of that answer; 0: none */
};

struct rs_platform {
	const char *name;
	const char *title;		/* "libvirt LXC containers" */
	const char *unavailable;	/* not NULL: why this build cannot have it */
	/* 0 when it can work here; -1 with the reason and the mend in err. */
	int (*probe)(const struct rs_place *place, struct rs_err *err);
	/* Brings up n guests of a system and waits until each answers.  Undoes what it
	 * did on failure. */
	int (*start)(const struct rs_system *sys, int n, const struct rs_place *place,
		     const struct rs_sink *notes, void **ret_state, struct rs_err *err);
	size_t (*guests)(void *state, const struct rs_guest **ret);
	/* Whether guest i still runs, as far as can be told; NULL: it always does. */
	int (*runs)(void *state, size_t i);
	/* What was really configured, as text files in folder (domain XML, xl file). */
	int (*describe)(void *state, const char *folder, struct rs_err *err);
	/* Stops and removes all of it; keeps going on errors and reports the first. */
	int (*stop)(void *state, struct rs_err *err);
	/* Finds what runs marked ours left here; with remove, removes it.  One line each in out. */
	int (*leftovers)(const struct rs_place *place, int remove, struct rs_buf *out,
			 struct rs_err *err);
	/* The commands start() would run, one per line; for "restudy steps". */
	void (*steps)(const struct rs_system *sys, int n, struct rs_buf *out);
};

/* All platforms, in probe order, NULL-ended. */
const struct rs_platform *const *rs_platforms(void);
const struct rs_platform *rs_platform_of(enum rs_platform_kind kind);

/* Life of one system through its platform's table.  start: NULL with err. */
struct rs_instance *rs_instance_start(const struct rs_platform *p, const struct rs_system *sys,
				      int n, const struct rs_place *place,
				      const struct rs_sink *notes, struct rs_err *err) RS_MUST_CHECK;
size_t rs_instance_guests(struct rs_instance *in, const struct rs_guest **ret);
/* The name of a guest that does not run any more, which may take a moment to be seen; NULL: all run. */
const char *rs_instance_ended(struct rs_instance *in);
int rs_instance_describe(struct rs_instance *in, const char *folder, struct rs_err *err)
	RS_MUST_CHECK;
/* Stops, removes and frees.  NULL is fine. */
int rs_instance_stop(struct rs_instance *in, struct rs_err *err);

#endif
