/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What went on on the machine while a cell was measured: the kernel's counters before and
 * after, and what their difference says about who else was at work.  Nothing runs between
 * the two looks, so looking does not disturb.
 */
#ifndef RESTUDY_RUN_PULSE_PRIV_H
#define RESTUDY_RUN_PULSE_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/buf.h"
#include "restudy/channel.h"
#include "restudy/model/sample.h"

/* A program that runs, known by its number and its start (numbers are used again). */
struct rs_pulse_process {
	int64_t pid, started;	/* started: ticks since the boot */
	int64_t ticks;		/* processor time of it and of its children that ended */
};

/* One look.  Counters count from the boot; what the kernel does not tell stays 0. */
struct rs_pulse {
	int64_t wall_ns, own_ns;	/* CLOCK_MONOTONIC; processor time of this process */
	int64_t own_waits;	/* times that this process went to sleep: each is a waking */
	double busy_s, steal_s;	/* of all processors */
	int is_dom0;		/* of Xen: what is stolen from it, its guests have */
	double switches, faults, major_faults, swapped_pages, throttled;
	struct rs_pulse_process *process;	/* ascending pid; owned */
	size_t n_processes;
};

/* Looks at the machine whose /proc and /sys lie below root ("" for this one).  Cannot fail. */
void rs_pulse_take(struct rs_pulse *p, const char *root);
void rs_pulse_release(struct rs_pulse *p);

#define RS_PULSE_COUNTERS 11

/*
 * What happened between two looks, RS_PULSE_COUNTERS counters: measured-time, cpu-time
 * (all processors), steal-time (in Xen's first domain domains-time: what its guests had, which
 * is no disturbance), others-cpu-time (programs alive at both looks that are
 * neither Restudy nor a virtual machine), own-cpu-time, own-wakeups, context-switches,
 * page-faults, major-page-faults, swapped-pages, throttled.
 */
void rs_pulse_between(const struct rs_pulse *begin, const struct rs_pulse *end,
		      struct rs_counter ret[RS_PULSE_COUNTERS]);

/* The same from a look at this machine until now. */
void rs_pulse_since(const struct rs_pulse *begin, struct rs_counter ret[RS_PULSE_COUNTERS]);

/* Whether a guest's kernel is its own: then this machine's counters do not tell of it. */
int rs_pulse_own_kernel(struct rs_channel *ch);
/* Adds what the kernel of a guest says to a sum over guests, which begins as zeros.  -1: it does
 * not answer. */
int rs_pulse_add_guest(struct rs_pulse *sum, struct rs_channel *ch) RS_MUST_CHECK;

/* The counters of guests with kernels of their own, "guests-..."; a hypervisor that shares its
 * processors among them withholds time from each, so nothing is judged by them. */
#define RS_PULSE_GUEST_COUNTERS 6
void rs_pulse_guests_between(const struct rs_pulse *begin, const struct rs_pulse *end,
			     struct rs_counter ret[RS_PULSE_GUEST_COUNTERS]);

/* Bounds of what is called disturbed. */
#define RS_PULSE_OTHERS_SHARE 0.05	/* of one processor, ... */
#define RS_PULSE_OTHERS_MIN_S 0.1	/* ... and more than ten ticks of the kernel's clock */
#define RS_PULSE_STEAL_SHARE 0.01	/* of the time that the processors were wanted */
#define RS_PULSE_SWAPPED_PAGES 256.0	/* 1 MiB */

/* Appends why the counters mean a disturbed cell, "; " between reasons; nothing: it was not. */
void rs_pulse_judge(const struct rs_counter *c, size_t n, struct rs_buf *out);

/*
 * A machine that should be quiet before it measures: calls warn once for each thing that it
 * is not (load, niceness, frequency governor, turbo, swap, throttling, other virtual machines), key a
 * word.  A negative return of warn ends it and is returned.
 */
typedef int rs_quiet_fn(void *user, const char *key, const char *text, struct rs_err *err);
int rs_quiet_check(const char *root, rs_quiet_fn *warn, void *user, struct rs_err *err)
	RS_MUST_CHECK;

#endif
