/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a machine is quiet before it measures.  What it lacks is told, never changed: the
 * user decides, and the report says it.
 */
#include "pulse_priv.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#define LOOK_S 0.5		/* how long the load is looked at, ... */
#define LOOKS 10		/* ... and how often, until what just began or ended has settled */
#define BUSY_SHARE 0.10		/* of one processor: more is not quiet */

struct look {
	const char *root;
	rs_quiet_fn *warn;
	void *user;
};

/* The text of a small file without blanks at its end; -1 when it is not there. */
static int read_word(const struct look *l, const char *path, struct rs_buf *b)
{
	RS_AUTO_STR *full = rs_asprintf(NULL, "%s%s", l->root, path);

	rs_buf_clear(b);
	if (full == NULL || rs_path_read(full, 1 << 20, b, NULL) < 0)
		return -1;
	while (b->len > 0 && isspace((unsigned char)b->data[b->len - 1]))
		b->data[--b->len] = '\0';
	return 0;
}

/* Processors busy with other programs: a load average alone would still tell of the boot. */
static double busy_with_others(const char *root)
{
	struct rs_pulse begin, end;
	double busy_s, wall_s;

	rs_pulse_take(&begin, root);
	if (root[0] == '\0')
		rs_clock_sleep(LOOK_S);
	rs_pulse_take(&end, root);
	wall_s = (double)(end.wall_ns - begin.wall_ns) / 1e9;
	/* looking takes a while itself on a slow machine */
	busy_s = end.busy_s - begin.busy_s - (double)(end.own_ns - begin.own_ns) / 1e9;
	rs_pulse_release(&begin);
	rs_pulse_release(&end);
	return busy_s / wall_s;
}

static int check_load(const struct look *l, struct rs_err *err)
{
	RS_AUTO_BUF average = RS_BUF_INIT;
	char text[200], minute[20] = "";
	double busy = busy_with_others(l->root);

	for (int i = 1; i < LOOKS && busy > BUSY_SHARE; i++)
		busy = busy_with_others(l->root);
	if (read_word(l, "/proc/loadavg", &average) < 0 || busy <= BUSY_SHARE)
		return 0;
	(void)sscanf(rs_buf_str(&average), "%19s", minute);
	(void)snprintf(text, sizeof(text),
		       "load: other programs kept %.0f %% of a processor busy, load average %s", 100 * busy,
		       minute);
	return l->warn(l->user, "load", text, err);
}

static int check_clock(const struct look *l, struct rs_err *err)
{
	RS_AUTO_BUF word = RS_BUF_INIT;
	char text[200];

	if (read_word(l, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", &word) == 0 &&
	    strcmp(rs_buf_str(&word), "performance") != 0) {
		(void)snprintf(text, sizeof(text),
			       "governor: \"%.40s\" changes the clock with the load; set \"performance\"",
			       rs_buf_str(&word));
		if (l->warn(l->user, "governor", text, err) < 0)
			return -1;
	}
	if ((read_word(l, "/sys/devices/system/cpu/intel_pstate/no_turbo", &word) == 0 &&
	     strcmp(rs_buf_str(&word), "0") == 0) ||
	    (read_word(l, "/sys/devices/system/cpu/cpufreq/boost", &word) == 0 &&
	     strcmp(rs_buf_str(&word), "1") == 0))
		return l->warn(l->user, "turbo",
			       "turbo: on; the clock depends on heat and on how many cores work", err);
	return 0;
}

/* Priority of this program, which what it starts and measures gets, too: the 19th of
 * /proc/self/stat, whose second is a name in brackets. */
static int check_nice(const struct look *l, struct rs_err *err)
{
	RS_AUTO_BUF stat = RS_BUF_INIT;
	const char *rest;
	char text[120];
	int nice = 0;

	if (read_word(l, "/proc/self/stat", &stat) < 0 ||
	    (rest = strrchr(rs_buf_str(&stat), ')')) == NULL ||
	    sscanf(rest, ") %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %d", &nice) != 1 ||
	    nice == 0)
		return 0;
	(void)snprintf(text, sizeof(text), "nice: %d; other programs run %s this one does; start it with 0",
		       nice, nice > 0 ? "before" : "after");
	return l->warn(l->user, "nice", text, err);
}

/* /proc/swaps: a head, then "file type size used priority", KiB. */
static int check_swap(const struct look *l, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	long long used, sum = 0;
	char why[120];

	if (read_word(l, "/proc/swaps", &text) < 0)
		return 0;
	for (const char *row = strchr(rs_buf_str(&text), '\n'); row != NULL; row = strchr(row + 1, '\n'))
		if (sscanf(row, " %*s %*s %*d %lld", &used) == 1)
			sum += used;
	if (sum == 0)
		return 0;
	(void)snprintf(why, sizeof(why), "swap: %lld MiB of programs are swapped out", (sum + 1023) / 1024);
	return l->warn(l->user, "swap", why, err);
}

static int check_heat(const struct look *l, struct rs_err *err)
{
	struct rs_pulse p;
	char text[120];
	double times;

	rs_pulse_take(&p, l->root);
	times = p.throttled;
	rs_pulse_release(&p);
	if (times <= 0)
		return 0;
	(void)snprintf(text, sizeof(text), "throttling: heat slowed a processor %.0f times since the boot",
		       times);
	return l->warn(l->user, "throttling", text, err);
}

/* Programs that are a guest of somebody, by the name the kernel has (15 letters). */
static int is_guest(const char *name)
{
	static const char *const guests[] = { "qemu-system", "qemu-kvm", "VBoxHeadless",
					      "VirtualBoxVM", "firecracker", "cloud-hyperviso",
					      "vmware-vmx", "libvirt_lxc", "conmon", "lxc-start",
					      "containerd-shim" };

	for (size_t i = 0; i < RS_COUNT(guests); i++)
		if (strncmp(name, guests[i], strlen(guests[i])) == 0)
			return 1;
	return 0;
}

/* Each of them once, with how many there are. */
static int check_guests(const struct look *l, struct rs_err *err)
{
	RS_AUTO_STR *proc = rs_asprintf(err, "%s/proc", l->root);
	RS_AUTO_ARGV names = NULL;
	RS_AUTO_BUF name = RS_BUF_INIT;
	char text[200], one[40] = "";
	size_t n = 0;
	int count = 0;

	if (proc == NULL)
		return -1;
	if (rs_path_list(proc, &names, &n, NULL) < 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "/proc/%.20s/comm", names[i]);
		if (!isdigit((unsigned char)names[i][0]) || read_word(l, path, &name) < 0 ||
		    !is_guest(rs_buf_str(&name)))
			continue;
		(void)snprintf(one, sizeof(one), "%s", rs_buf_str(&name));
		count++;
	}
	if (count == 0)
		return 0;
	(void)snprintf(text, sizeof(text), "guests: %d other virtual machine%s or container%s run%s (\"%s\")",
		       count, count == 1 ? "" : "s", count == 1 ? "" : "s", count == 1 ? "s" : "", one);
	return l->warn(l->user, "guests", text, err);
}

int rs_quiet_check(const char *root, rs_quiet_fn *warn, void *user, struct rs_err *err)
{
	const struct look l = { root, warn, user };

	if (check_load(&l, err) < 0 || check_nice(&l, err) < 0 ||
	    check_clock(&l, err) < 0 || check_swap(&l, err) < 0 || check_heat(&l, err) < 0)
		return -1;
	return check_guests(&l, err);
}
