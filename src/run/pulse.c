/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's counters before and after a cell (proc(5)): /proc/stat, /proc/vmstat, the
 * processor time of each program, and the thermal throttling of each processor.
 */
#include "pulse_priv.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/testbed.h"

/* Of /proc/PID/stat: a thread of the kernel.  It works for the benchmark as well as for others. */
#define PF_KTHREAD 0x00200000u

static int read_below(const char *root, const char *path, struct rs_buf *b)
{
	RS_AUTO_STR *full = rs_asprintf(NULL, "%s%s", root, path);

	rs_buf_clear(b);
	return full == NULL || rs_path_read(full, 4 << 20, b, NULL) < 0 ? -1 : 0;
}

/* A whole number of the kernel's. */
static double whole(const char *text)
{
	const unsigned long long v = strtoull(text, NULL, 10);

	return (double)v;
}

static double tick_s(void)
{
	const long hertz = sysconf(_SC_CLK_TCK);

	return 1.0 / (double)hertz;
}

/* The number after "name " at the beginning of a line; 0 when there is none. */
static double named(const char *text, const char *name)
{
	const size_t n = strlen(name);

	for (const char *l = text; *l != '\0'; l += strcspn(l, "\n"), l += *l == '\n')
		if (strncmp(l, name, n) == 0 && l[n] == ' ')
			return whole(l + n);
	return 0;
}

/* "cpu  user nice system idle iowait irq softirq steal ...", ticks of all processors. */
static void take_processors(struct rs_pulse *p, const char *stat)
{
	uint64_t v[8] = { 0 };

	if (sscanf(stat, "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
		   " %" SCNu64 " %" SCNu64, &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]) < 4)
		return;
	p->busy_s = (double)(v[0] + v[1] + v[2] + v[5] + v[6]) * tick_s();
	p->steal_s = (double)v[7] * tick_s();
}

/* Restudy's own programs and the virtual machines are what measures and what is measured. */
static int is_ours(const char *name, size_t n)
{
	static const char *const ours[] = { "restudy", "qemu-system", "qemu-kvm" };

	for (size_t i = 0; i < RS_COUNT(ours); i++)
		if (n >= strlen(ours[i]) && strncmp(name, ours[i], strlen(ours[i])) == 0)
			return 1;
	return 0;
}

/* "PID (NAME) STATE PPID ...": 0 when it is a program of somebody else. */
static int take_process(const char *stat, struct rs_pulse_process *ret)
{
	const char *open = strchr(stat, '('), *close = strrchr(stat, ')');
	uint64_t user, sys;
	int64_t children_user, children_sys;
	unsigned flags;

	if (open == NULL || close == NULL || close < open || is_ours(open + 1, (size_t)(close - open - 1)))
		return -1;
	/* state ppid pgrp session tty tpgid FLAGS minflt cminflt majflt cmajflt UTIME STIME CUTIME
	 * CSTIME priority nice threads itrealvalue STARTTIME */
	if (sscanf(close + 1, " %*c %*d %*d %*d %*d %*d %u %*u %*u %*u %*u %" SCNu64 " %" SCNu64
		   " %" SCNd64 " %" SCNd64 " %*d %*d %*d %*d %" SCNd64, &flags, &user, &sys,
		   &children_user, &children_sys, &ret->started) != 6 || (flags & PF_KTHREAD) != 0)
		return -1;
	ret->ticks = (int64_t)(user + sys) + children_user + children_sys;
	return 0;
}

/* What /proc/stat and /proc/vmstat say; one text may be both. */
static void take_counters(struct rs_pulse *p, const char *stat, const char *vmstat)
{
	take_processors(p, stat);
	p->switches = named(stat, "ctxt");
	p->faults = named(vmstat, "pgfault");
	p->major_faults = named(vmstat, "pgmajfault");
	p->swapped_pages = named(vmstat, "pswpin") + named(vmstat, "pswpout");
}

static int by_pid(const void *a, const void *b)
{
	const struct rs_pulse_process *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static void take_processes(struct rs_pulse *p, const char *root)
{
	RS_AUTO_STR *proc = rs_asprintf(NULL, "%s/proc", root);
	RS_AUTO_ARGV names = NULL;
	RS_AUTO_BUF text = RS_BUF_INIT;
	size_t n = 0;

	if (proc == NULL || rs_path_list(proc, &names, &n, NULL) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		struct rs_pulse_process one = { .pid = 0 }, *to;
		char path[64];

		if (!isdigit((unsigned char)names[i][0]))
			continue;
		one.pid = strtoll(names[i], NULL, 10);
		(void)snprintf(path, sizeof(path), "/proc/%.20s/stat", names[i]);
		if (read_below(root, path, &text) < 0 || take_process(rs_buf_str(&text), &one) < 0)
			continue;	/* it has ended meanwhile, or is ours */
		to = rs_array_grow(&p->process, p->n_processes, sizeof(*to), NULL);
		if (to == NULL)
			break;
		*to = one;
		p->n_processes++;
	}
	if (p->n_processes > 0)
		qsort(p->process, p->n_processes, sizeof(*p->process), by_pid);
}

/* How often the processors were slowed because of heat. */
static double throttled(const char *root)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	double sum = 0;

	for (int i = 0; i < 4096; i++) {
		char path[120];

		(void)snprintf(path, sizeof(path),
			       "/sys/devices/system/cpu/cpu%d/thermal_throttle/core_throttle_count", i);
		if (read_below(root, path, &text) < 0)
			break;
		sum += whole(rs_buf_str(&text));
	}
	return sum;
}

void rs_pulse_take(struct rs_pulse *p, const char *root)
{
	RS_AUTO_BUF stat = RS_BUF_INIT, vmstat = RS_BUF_INIT;
	struct rusage own;
	struct timespec t;

	memset(p, 0, sizeof(*p));
	(void)read_below(root, "/proc/stat", &stat);	/* what is missing is empty: zeros */
	(void)read_below(root, "/proc/vmstat", &vmstat);
	take_counters(p, rs_buf_str(&stat), rs_buf_str(&vmstat));
	p->throttled = throttled(root);
	p->is_dom0 = rs_testbed_is_dom0(root);
	take_processes(p, root);
	if (getrusage(RUSAGE_SELF, &own) == 0)
		p->own_waits = own.ru_nvcsw;
	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0)
		p->own_ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
	p->wall_ns = rs_clock_ns();
}

static int read_there(struct rs_channel *ch, const char *const *argv, struct rs_buf *out)
{
	rs_buf_clear(out);
	return rs_channel_run_ok(ch, argv, 30, out, NULL);
}

int rs_pulse_own_kernel(struct rs_channel *ch)
{
	static const char boot_id[] = "/proc/sys/kernel/random/boot_id";
	const char *const argv[] = { "cat", boot_id, NULL };
	RS_AUTO_BUF here = RS_BUF_INIT, there = RS_BUF_INIT;

	if (read_below("", boot_id, &here) < 0 || read_there(ch, argv, &there) < 0)
		return 0;
	return strcmp(rs_buf_str(&here), rs_buf_str(&there)) != 0;
}

int rs_pulse_add_guest(struct rs_pulse *sum, struct rs_channel *ch)
{
	static const char *const argv[] = { "cat", "/proc/stat", "/proc/vmstat", NULL };
	RS_AUTO_BUF text = RS_BUF_INIT;
	struct rs_pulse one = { .wall_ns = 0 };

	if (read_there(ch, argv, &text) < 0)
		return -1;
	take_counters(&one, rs_buf_str(&text), rs_buf_str(&text));
	sum->busy_s += one.busy_s;
	sum->steal_s += one.steal_s;
	sum->switches += one.switches;
	sum->faults += one.faults;
	sum->major_faults += one.major_faults;
	sum->swapped_pages += one.swapped_pages;
	return 0;
}

void rs_pulse_release(struct rs_pulse *p)
{
	free(p->process);
	p->process = NULL;
	p->n_processes = 0;
}

/* Time of the programs that are in both lists: those that only one has came and went with
 * the benchmark, as far as anybody can tell. */
static double others_s(const struct rs_pulse *a, const struct rs_pulse *b)
{
	const double busy_s = b->busy_s - a->busy_s;
	int64_t ticks = 0;
	double s;

	for (size_t i = 0, k = 0; i < b->n_processes; i++) {
		while (k < a->n_processes && a->process[k].pid < b->process[i].pid)
			k++;
		if (k < a->n_processes && a->process[k].pid == b->process[i].pid &&
		    a->process[k].started == b->process[i].started)
			ticks += b->process[i].ticks - a->process[k].ticks;
	}
	/* A child's time is told when it is waited for: some of it was spent before. */
	s = (double)ticks * tick_s();
	return s < busy_s ? s : busy_s;
}

static void count(struct rs_counter **to, const char *name, const char *unit, double value)
{
	(void)snprintf((*to)->name, sizeof((*to)->name), "%s", name);
	(void)snprintf((*to)->unit, sizeof((*to)->unit), "%s", unit);
	(*to)->value = value;
	(*to)++;
}

void rs_pulse_between(const struct rs_pulse *a, const struct rs_pulse *b,
		      struct rs_counter ret[RS_PULSE_COUNTERS])
{
	struct rs_counter *to = ret;

	count(&to, "measured-time", "s", (double)(b->wall_ns - a->wall_ns) / 1e9);
	count(&to, "cpu-time", "s", b->busy_s - a->busy_s);
	count(&to, b->is_dom0 ? "domains-time" : "steal-time", "s", b->steal_s - a->steal_s);
	count(&to, "others-cpu-time", "s", others_s(a, b));
	count(&to, "own-cpu-time", "s", (double)(b->own_ns - a->own_ns) / 1e9);
	count(&to, "own-wakeups", "count", (double)(b->own_waits - a->own_waits));
	count(&to, "context-switches", "count", b->switches - a->switches);
	count(&to, "page-faults", "count", b->faults - a->faults);
	count(&to, "major-page-faults", "count", b->major_faults - a->major_faults);
	count(&to, "swapped-pages", "count", b->swapped_pages - a->swapped_pages);
	count(&to, "throttled", "count", b->throttled - a->throttled);
}

void rs_pulse_since(const struct rs_pulse *begin, struct rs_counter ret[RS_PULSE_COUNTERS])
{
	struct rs_pulse now;

	rs_pulse_take(&now, "");
	rs_pulse_between(begin, &now, ret);
	rs_pulse_release(&now);
}

void rs_pulse_guests_between(const struct rs_pulse *a, const struct rs_pulse *b,
			     struct rs_counter ret[RS_PULSE_GUEST_COUNTERS])
{
	struct rs_counter *to = ret;

	count(&to, "guests-cpu-time", "s", b->busy_s - a->busy_s);
	count(&to, "guests-steal-time", "s", b->steal_s - a->steal_s);
	count(&to, "guests-context-switches", "count", b->switches - a->switches);
	count(&to, "guests-page-faults", "count", b->faults - a->faults);
	count(&to, "guests-major-page-faults", "count", b->major_faults - a->major_faults);
	count(&to, "guests-swapped-pages", "count", b->swapped_pages - a->swapped_pages);
}

static double value_of(const struct rs_counter *c, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(c[i].name, name) == 0)
			return c[i].value;
	return 0;
}

static void reason(struct rs_buf *out, size_t begin, const char *what, double v, const char *unit)
{
	rs_buf_addf(out, "%s%s %.0f %s", out->len > begin ? "; " : "", what, v, unit);
}

void rs_pulse_judge(const struct rs_counter *c, size_t n, struct rs_buf *out)
{
	const size_t begin = out->len;
	const double wall = value_of(c, n, "measured-time"), others = value_of(c, n, "others-cpu-time");
	const double steal = value_of(c, n, "steal-time"), wanted = steal + value_of(c, n, "cpu-time");

	if (others > RS_PULSE_OTHERS_MIN_S && others > RS_PULSE_OTHERS_SHARE * wall)
		reason(out, begin, "other programs took", 100 * others / wall,
		       "% of a processor");
	if (steal > RS_PULSE_STEAL_SHARE * wanted)
		reason(out, begin, "the hypervisor withheld", 100 * steal / wanted,
		       "% of the processor time");
	if (value_of(c, n, "swapped-pages") > RS_PULSE_SWAPPED_PAGES)
		reason(out, begin, "swapping moved", value_of(c, n, "swapped-pages"), "pages");
	if (value_of(c, n, "throttled") > 0)
		reason(out, begin, "heat slowed the processors", value_of(c, n, "throttled"), "times");
}
