/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tests of restudy-kernels: what one is, what it is given, what it gives.
 * The program stands alone (libc and libm only), so that it can be pushed into
 * any guest.  Every test follows the published definition of the UnixBench test of
 * the same id and was written from that definition.
 */
#ifndef KERNELS_PRIV_H
#define KERNELS_PRIV_H

#include <stddef.h>
#include <stdint.h>

/* Exit statuses of the program. */
enum { KERNELS_DONE = 0, KERNELS_FAILED = 1, KERNELS_USAGE = 2, KERNELS_MISSING = 3 };

/* Ends a loop: the handler of one timer sets it, the loop reads it. */
struct kernel_stop {
	volatile int now;
	void *timer;	/* a timer_t */
};

/* What a test is given. */
struct kernel_run {
	double duration_s;
	double settle_s;	/* pause after each sync before a file test */
	const char *dir;	/* where files may be written; exists */
	const char *self;	/* path of this program, for execl */
};

/* What it gives. */
struct kernel_result {
	uint64_t loops;		/* in the unit the definition counts */
	int64_t elapsed_ns;	/* of the loops alone, CLOCK_MONOTONIC */
	double value;		/* in the kernel's unit */
	const char *missing;	/* a program that the machine lacks, or NULL */
	char error[200];	/* why there is no value, when the test returned -1 */
};

struct kernel {
	const char *id, *title, *unit;
	const char *definition;	/* what one loop is */
	/* 0, or -1 with r->error (and r->missing). */
	int (*run)(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r);
	int number;		/* block size or number of scripts */
};

/* Bumped whenever a value of any test could change. */
#define KERNELS_DEFINITION 1

/* All tests, n of them. */
const struct kernel *kernels_all(size_t *n);
const struct kernel *kernel_find(const char *id);

/* clock.c */
int64_t kernel_clock_ns(void);		/* CLOCK_MONOTONIC */
int64_t kernel_wall_ns(void);		/* CLOCK_REALTIME */
void kernel_sleep(double seconds);
void kernel_sleep_until_ns(int64_t monotonic_ns);
/* Makes stop->now 1 after the time, once; system calls that block are interrupted. */
int kernel_stop_arm(struct kernel_stop *stop, double seconds);
void kernel_stop_disarm(struct kernel_stop *stop);

/* Keeps a value alive: the compiler must assume that it is used. */
#define KERNEL_USE(v) __asm__ volatile("" : : "g"(v) : "memory")

/* Records why a test has no value; returns -1. */
int kernel_fail(struct kernel_result *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int kernel_fail_errno(struct kernel_result *r, const char *what);
/* loops per second, or per minute (unit lpm), into r->value; -1 when there were none. */
int kernel_rate(const struct kernel *k, struct kernel_result *r);

/* The tests, by file. */
int kernel_dhrystone(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r);
int kernel_whetstone(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r);
int kernel_short(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r);
int kernel_int(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r);
int kernel_long(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r);
int kernel_float(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r);
int kernel_double(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r);
int kernel_arithoh(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r);
int kernel_hanoi(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r);
int kernel_syscall(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r);
int kernel_pipe(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r);
int kernel_context1(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r);
int kernel_spawn(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r);
int kernel_execl(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r);
int kernel_file_write(const struct kernel *k, const struct kernel_run *run,
		      struct kernel_result *r);
int kernel_file_read(const struct kernel *k, const struct kernel_run *run,
		     struct kernel_result *r);
int kernel_file_copy(const struct kernel *k, const struct kernel_run *run,
		     struct kernel_result *r);
int kernel_shell(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r);
int kernel_compile(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r);
int kernel_dc(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r);

/*
 * One step of the execl test: this process was executed by the step before it.
 * argv: program, KERNEL_EXECL_STEP, deadline ns, start ns, count, path.  Executes the
 * path again until the deadline, then prints count and elapsed ns.  Returns only to end.
 */
#define KERNEL_EXECL_STEP "@execl"
int kernel_execl_step(int argc, char **argv);

/* What the command line asks for. */
struct kernels_ask {
	const struct kernel *tests[64];
	size_t n_tests;
	struct kernel_run run;
	int use_static;		/* asked for: no twin for spawn and execl */
	const char *twin;	/* where it lies, or NULL: it is not used */
	int copies;		/* at once; >= 1 */
	int repeat;		/* runs of each test, one after the other; >= 1 */
	int cpu;		/* first CPU to pin copies to, or -1 */
};

/* measure.c: runs one test (all its copies) and prints its JSON object on stdout.
 * An exit status. */
int kernels_measure(const struct kernels_ask *ask, const struct kernel *k);

#endif
