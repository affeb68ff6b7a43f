/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A libvirtd of our own for one instance.  It runs in a mount and a process
 * namespace of its own, so that its configuration, state, sockets and the mounts
 * its guests need exist only there, and so that the kernel ends all of it (the
 * daemon, the containers' controllers, their processes, the mounts) with one
 * process: when that is killed, or when the process that started it dies.
 */
#ifndef RESTUDY_PLATFORM_DAEMON_PRIV_H
#define RESTUDY_PLATFORM_DAEMON_PRIV_H

#include <libvirt/libvirt.h>
#include <stddef.h>

#include "ledger_priv.h"

/* One mount made in the namespace before the daemon starts; strings owned. */
struct rs_mount {
	char *source, *target;
	char *type;		/* "overlay"; NULL: a bind mount; "none": target is unmounted */
	char *options;		/* or NULL */
};

struct rs_mounts {
	struct rs_mount *m;
	size_t n;
};

/* Takes source, target, type, options as copies. */
int rs_mounts_add(struct rs_mounts *ms, const char *source, const char *target, const char *type,
		  const char *options, struct rs_err *err) RS_MUST_CHECK;
void rs_mounts_release(struct rs_mounts *ms);

struct rs_daemon_wish {
	const char *folder;	/* for its files; made by us */
	const char *sockets;	/* for its sockets; made already; short */
	const char *driver;	/* libvirt's word: "lxc", "libxl" */
	const char *uri;	/* "lxc:///system" */
	const char *config;	/* text of DRIVER.conf */
	double timeout_s;	/* until it answers */
};

struct rs_daemon;

/* Starts it, after mounts were made, and waits until it answers.  Whatever it leaves is in
 * the ledger, which ends it.  NULL with err. */
struct rs_daemon *rs_daemon_start(const struct rs_daemon_wish *w, const struct rs_mounts *mounts,
				  struct rs_ledger *ledger, struct rs_err *err) RS_MUST_CHECK;

/* The open connection to it; borrowed. */
virConnectPtr rs_daemon_connection(const struct rs_daemon *d);
/* The first process of its namespace, as seen from here. */
pid_t rs_daemon_pid(const struct rs_daemon *d);

/* How it ended: "libvirtd ended (signal 6)"; "" while it runs. */
const char *rs_daemon_end(const struct rs_daemon *d, char *buf, size_t size);

/* Closes the connection and lets go of the daemon, which then ends.  NULL is fine. */
void rs_daemon_free(struct rs_daemon *d);

/* 0 when libvirtd, its driver and the rights for it are here; else -1 with the mend. */
int rs_daemon_probe(const char *driver, const char *package, struct rs_err *err) RS_MUST_CHECK;

/* The commands of rs_daemon_start, one per line. */
void rs_daemon_steps(const char *folder, struct rs_buf *out);

#endif
