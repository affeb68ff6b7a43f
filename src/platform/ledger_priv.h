/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ledger of an instance: what it made on this machine, written down before it
 * is made, so that this process or, after a kill, any later one can take it back.
 * Undoing is the only way anything of ours is removed, and each kind of thing is
 * removed only when it carries this run's mark or this run wrote its name first.
 */
#ifndef RESTUDY_PLATFORM_LEDGER_PRIV_H
#define RESTUDY_PLATFORM_LEDGER_PRIV_H

#include <sys/types.h>

#include "restudy/base/buf.h"
#include "restudy/base/err.h"

struct rs_ledger;

/* A thing that was made.  The comment is the form of its value. */
enum rs_trace {
	RS_TRACE_TREE,		/* "/path": a folder that is wholly ours */
	RS_TRACE_FOLDER,	/* "/path": removed when it is empty and nobody else lists it */
	RS_TRACE_MOUNT,		/* "/path": a mount point */
	RS_TRACE_BRIDGE,	/* "NAME": removed when it has our mark and nobody else lists it */
	RS_TRACE_PROCESS,	/* "PID START": killed with all of its namespace */
	RS_TRACE_CGROUP,	/* "NAME": groups of the libvirt domain NAME */
	RS_TRACE_DOMAIN,	/* "NAME": a Xen domain */
	RS_TRACE_VOLUME,	/* "GROUP/NAME NAME ...": logical volumes of one group */
	RS_TRACE_CONTAINER,	/* "ID": an OpenVZ container */
	RS_TRACE_MARKED,	/* "NAME=VALUE": every process that began with it in its environment */
	RS_TRACE_LAST
};

/* Which process of which run made it. */
struct rs_owner {
	char run[128];
	pid_t pid;
	unsigned long long start;	/* of the process, in clock ticks since boot */
};

/* The mark of this process.  run_id must be a plain name. */
int rs_owner_self(struct rs_owner *o, const char *run_id, struct rs_err *err) RS_MUST_CHECK;
/* Whether the process that o names still runs. */
int rs_owner_alive(const struct rs_owner *o);
/* "restudy RUN PID START": what bridges and the like are marked with; at least 192 bytes. */
char *rs_owner_mark(char *buf, size_t size, const struct rs_owner *o);

/* Opens a new ledger of platform ("lxc") for this process.  NULL with err. */
struct rs_ledger *rs_ledger_open(const char *platform, const char *run_id, struct rs_err *err)
	RS_MUST_CHECK;
const struct rs_owner *rs_ledger_owner(const struct rs_ledger *l);	/* borrowed */

/* A new folder for sockets, whose paths may have 107 bytes at most: beside the ledgers,
 * listed in l.  free() releases. */
char *rs_ledger_sockets(struct rs_ledger *l, struct rs_err *err) RS_MUST_CHECK;

/* Call it before the thing is made.  Values have no newline. */
int rs_ledger_add(struct rs_ledger *l, enum rs_trace kind, const char *value, struct rs_err *err)
	RS_MUST_CHECK;

/*
 * Lists a tree that is to be made on a file system that outlives a reboot, as ledgers do not:
 * "PATH.restudy", on disk before the tree is, tells whose it is.  A tree that is there already
 * is removed when its mark tells of a process that is gone; else it is refused.
 */
int rs_ledger_claim(struct rs_ledger *l, const char *path, struct rs_err *err) RS_MUST_CHECK;

/*
 * Takes everything back, newest first, keeps going and reports the first failure;
 * the ledger's file goes when nothing failed.  l is freed.  NULL is fine.
 */
int rs_ledger_undo(struct rs_ledger *l, struct rs_err *err);

/* What ledgers of platform whose process is dead still list, one line each in out;
 * with remove it is taken back.  Ledgers of live processes are left alone. */
int rs_ledger_leftovers(const char *platform, int remove, struct rs_buf *out, struct rs_err *err)
	RS_MUST_CHECK;

/*
 * How many ledgers of live processes, other than the one of owner that is being
 * undone, list a thing; owner NULL: all of them; value NULL: anything of the kind.
 */
int rs_ledger_others(const struct rs_owner *owner, enum rs_trace kind, const char *value);

/* One kind of thing taken back; idempotent.  Tables of undo.c. */
typedef int rs_undo_fn(const struct rs_owner *owner, const char *value, struct rs_err *err);
extern rs_undo_fn *const rs_undo_of[RS_TRACE_LAST];

#endif
