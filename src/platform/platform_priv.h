/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the platforms share: their tables, how guests are named, numbered and
 * addressed from the plan, bridges, and the time a thing may take.
 */
#ifndef RESTUDY_PLATFORM_PLATFORM_PRIV_H
#define RESTUDY_PLATFORM_PLATFORM_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "ledger_priv.h"
#include "restudy/platform.h"

extern const struct rs_platform rs_platform_host, rs_platform_lxc, rs_platform_openvz,
	rs_platform_xen, rs_platform_xen_pvh, rs_platform_qemu;

/* Folder inside every guest for files of benchmarks. */
#define RS_GUEST_SCRATCH "/var/tmp/restudy"
/* Where containers' private areas lie when a volume of the plan is mounted there. */
#define RS_VZ "/vz"
/* Where guests see our programs. */
#define RS_GUEST_PROGRAMS "/usr/lib/restudy"

/* seconds, five times as long on an emulated machine. */
double rs_limit_s(const struct rs_place *place, double seconds);

/*
 * Waits until each of n guests that boot at once has answered: all in turn, so that the
 * first to answer is seen first.  try opens views[i].channel: 1 when it could, 0 when not
 * yet (why says it), -1 when it never will.
 */
typedef int rs_answer_fn(void *user, size_t i, struct rs_err *why, struct rs_err *err);
int rs_await_answers(struct rs_guest *views, size_t n, double limit_s, rs_answer_fn *try, void *user,
		     struct rs_err *err) RS_MUST_CHECK;

/* The network of a system's guests, defaults filled in. */
struct rs_net {
	char bridge[16];	/* IFNAMSIZ with the NUL */
	char gateway[16];	/* dotted: the bridge's own address */
	char netmask[16];
	int prefix;		/* of the netmask, 0 to 32 */
};

/* One guest's place in that network. */
struct rs_net_guest {
	char address[16];
	char mac[18];
};

/* From the plan; without an address there, 198.18.7.0/24 (RFC 2544: set aside for
 * benchmarks of networks). */
int rs_net_of(const struct rs_guests *g, struct rs_net *ret, struct rs_err *err) RS_MUST_CHECK;
/* Of guest i (from 0): first address and hardware address counted up. */
int rs_net_guest(const struct rs_guests *g, const struct rs_net *net, int i,
		 struct rs_net_guest *ret, struct rs_err *err) RS_MUST_CHECK;

/* "101": names[i]; without one "SYSTEM-I" from 1.  free() releases. */
char *rs_guest_name(const struct rs_system *sys, int i, struct rs_err *err) RS_MUST_CHECK;
/* Of a guest that is a machine of its own, and must have some: 256 MiB where the plan is silent. */
int64_t rs_guest_memory(const struct rs_guests *g);
/* A guest disk's volume with the guest's number (from 1) for "%d".  free() releases. */
char *rs_guest_volume(const struct rs_guest_disk *d, int number, struct rs_err *err) RS_MUST_CHECK;
/* Which of the plan's disks is the root: the one mounted at "/", else the first with files;
 * n_disks when there is none. */
size_t rs_guest_root_disk(const struct rs_guests *g);
/* "/etc/hosts" of a guest: itself and the machine it runs on. */
void rs_guest_hosts(struct rs_buf *out, const char *name, const char *address,
		    const char *gateway);
/* A disk's line of "/etc/fstab"; nothing for one that is not mounted.  device: "/dev/vda" in the
 * guest. */
void rs_guest_fstab(struct rs_buf *out, const struct rs_guest_disk *d, const char *device);
/* Lines of a guest's first program that put a disk to use; nothing for the root. */
void rs_guest_mount(struct rs_buf *out, const struct rs_guest_disk *d, const char *device);
/* Writes a file of a guest: path ("/etc/hosts") below root, whose folder is there. */
int rs_guest_put(const char *root, const char *path, const char *text, unsigned mode,
		 struct rs_err *err) RS_MUST_CHECK;

/*
 * Makes the network's bridge with its address and our mark, written to the ledger.
 * One of a dead run is taken over; one of a live run is an error; any other
 * interface of that name is used as it is and *ret_foreign set.
 */
int rs_bridge_make(const struct rs_net *net, struct rs_ledger *ledger, int *ret_foreign,
		   struct rs_err *err) RS_MUST_CHECK;
/* Whether interface name exists and its alias is mark. */
int rs_bridge_is_marked(const char *name, const char *mark);
/* The commands of rs_bridge_make, one per line. */
void rs_bridge_steps(const struct rs_net *net, struct rs_buf *out);

/* Tells the run something the report must say. */
int rs_platform_note(const struct rs_sink *notes, struct rs_err *err, const char *fmt, ...)
	RS_PRINTF(3, 4);

/* Stops and removes an OpenVZ container; one that does not exist is fine. */
int rs_vzctl_remove(const char *id, struct rs_err *err);

/* argv as one could type it, and a newline, for steps. */
void rs_step_line(struct rs_buf *out, const char *const *argv);
/* Runs it; any end but status 0 within limit_s is an error. */
int rs_step_run(const char *const *argv, double limit_s, struct rs_err *err) RS_MUST_CHECK;

/* Whether word is one of the words of text, which blanks and newlines end. */
int rs_has_word(const char *text, const char *word);

/* Whether path is where a file system is mounted. */
int rs_is_mount_point(const char *path);

#endif
