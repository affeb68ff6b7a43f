/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One test, executed by one process per copy, all starting together; the sum is
 * printed as one JSON object on one line.  Copies tell their result by one line
 * through a pipe.  This process only waits, and takes its copies with it when it
 * is asked to end.
 */
#include "measure_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_COPIES 64

struct copy {
	pid_t pid;
	int out;		/* its result line */
	int running, status;
	struct rusage usage;
};

struct total {
	uint64_t loops;
	int64_t elapsed_ns;	/* mean over copies */
	double value;		/* sum over copies */
	int64_t wall_ns, monotonic_ns;	/* start of the first copy */
	char missing[80], error[200];
};

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		fprintf(stderr, "restudy-kernels: cpu %d: %s\n", cpu, strerror(errno));
}

static void exec_twin(const char *twin, const struct kernel *k, const struct kernel_run *run)
{
	char duration[40], settle[40];

	snprintf(duration, sizeof(duration), "%.9f", run->duration_s);
	snprintf(settle, sizeof(settle), "%.9f", run->settle_s);
	execl(twin, twin, KERNELS_COPY, k->id, duration, settle, run->dir, (char *)NULL);
	_exit(KERNELS_FAILED);
}

/* The process of one copy. */
static _Noreturn void become_copy(const struct kernels_ask *ask, const struct kernel *k, int i,
				  int64_t start_ns, int out, const sigset_t *mask)
{
	const int twin = ask->twin != NULL &&
			 (k->run == kernel_spawn || k->run == kernel_execl);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	dup2(out, STDOUT_FILENO);
	close(out);
	if (ask->cpu >= 0)
		pin(ask->cpu + i);
	kernel_sleep_until_ns(start_ns);
	if (twin)
		exec_twin(ask->twin, k, &ask->run);
	_exit(kernels_copy(k, &ask->run));
}

static void kill_copies(struct copy *copies, int n)
{
	for (int i = 0; i < n; i++)
		if (copies[i].running)
			kill(copies[i].pid, SIGKILL);
}

/* Waits for all; 0, or the signal that asked this process to end. */
static int wait_copies(struct copy *copies, int n, const sigset_t *watched)
{
	int left = n, asked = 0;

	while (left > 0) {
		for (int i = 0; i < n; i++)
			if (copies[i].running &&
			    wait4(copies[i].pid, &copies[i].status, WNOHANG, &copies[i].usage) ==
				    copies[i].pid) {
				copies[i].running = 0;
				left--;
			}
		if (left > 0) {
			const int signal_number = sigwaitinfo(watched, NULL);

			if (signal_number > 0 && signal_number != SIGCHLD) {
				asked = signal_number;
				kill_copies(copies, n);
			}
		}
	}
	return asked;
}

/* Adds what one copy printed; its first line decides. */
static void add_copy(struct copy *c, struct total *t, char linkage[16])
{
	char text[600];
	uint64_t loops;
	int64_t elapsed_ns, wall_ns, monotonic_ns;
	double value;
	const ssize_t n = read(c->out, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	if (sscanf(text, "value %" SCNu64 " %" SCNd64 " %lf %" SCNd64 " %" SCNd64 " %15s", &loops,
		   &elapsed_ns, &value, &wall_ns, &monotonic_ns, linkage) == 6) {
		t->loops += loops;
		t->elapsed_ns += elapsed_ns;
		t->value += value;
		if (t->wall_ns == 0 || wall_ns < t->wall_ns) {
			t->wall_ns = wall_ns;
			t->monotonic_ns = monotonic_ns;
		}
	} else if (t->error[0] == '\0' &&
		   sscanf(text, "error %79s\n%199[^\n]", t->missing, t->error) != 2) {
		snprintf(t->error, sizeof(t->error), "the test ended with wait status 0x%x",
			 (unsigned)c->status);
	}
	if (strcmp(t->missing, "-") == 0)
		t->missing[0] = '\0';
}

static void print_text(const char *key, const char *text)
{
	printf(",\"%s\":\"", key);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar((unsigned char)*text < 0x20 ? ' ' : *text);
	}
	putchar('"');
}

static int64_t time_ns(const struct timeval *t)
{
	return (int64_t)t->tv_sec * 1000000000 + (int64_t)t->tv_usec * 1000;
}

static void print_usage(const struct copy *copies, int n)
{
	int64_t user = 0, system_time = 0, minor = 0, major = 0, voluntary = 0, involuntary = 0;

	for (int i = 0; i < n; i++) {
		user += time_ns(&copies[i].usage.ru_utime);
		system_time += time_ns(&copies[i].usage.ru_stime);
		minor += copies[i].usage.ru_minflt;
		major += copies[i].usage.ru_majflt;
		voluntary += copies[i].usage.ru_nvcsw;
		involuntary += copies[i].usage.ru_nivcsw;
	}
	printf(",\"user_ns\":%" PRId64 ",\"system_ns\":%" PRId64 ",\"minor_faults\":%" PRId64
	       ",\"major_faults\":%" PRId64 ",\"voluntary_switches\":%" PRId64
	       ",\"involuntary_switches\":%" PRId64,
	       user, system_time, minor, major, voluntary, involuntary);
}

static int print_result(const struct kernels_ask *ask, const struct kernel *k, struct copy *copies,
			int n)
{
	struct total t;
	char linkage[16] = "";

	memset(&t, 0, sizeof(t));
	for (int i = 0; i < n; i++)
		add_copy(&copies[i], &t, linkage);
	printf("{\"test\":\"%s\",\"definition\":%d", k->id, KERNELS_DEFINITION);
	if (t.error[0] != '\0') {
		print_text("error", t.error);
		if (t.missing[0] != '\0')
			print_text("missing", t.missing);
		printf("}\n");
		fprintf(stderr, "restudy-kernels: %s: %s\n", k->id, t.error);
		fflush(stdout);
		return t.missing[0] != '\0' ? KERNELS_MISSING : KERNELS_FAILED;
	}
	print_text("title", k->title);
	print_text("what", k->definition);
	print_text("unit", k->unit);
	printf(",\"value\":%.17g,\"loops\":%" PRIu64 ",\"elapsed_ns\":%" PRId64 ",\"copies\":%d",
	       t.value, t.loops, t.elapsed_ns / n, n);
	printf(",\"duration_s\":%.9g,\"start_wall_ns\":%" PRId64 ",\"start_monotonic_ns\":%" PRId64,
	       ask->run.duration_s, t.wall_ns, t.monotonic_ns);
	print_text("linkage", linkage);
	print_usage(copies, n);
	printf("}\n");
	return fflush(stdout) == 0 ? KERNELS_DONE : KERNELS_FAILED;
}

/* Starts copy i, which begins at that time (CLOCK_MONOTONIC); 0, or -1. */
static int start_copy(const struct kernels_ask *ask, const struct kernel *k, int i, int64_t start_ns,
		      struct copy *c, const sigset_t *mask)
{
	int fds[2];

	if (pipe(fds) < 0)
		return -1;
	fflush(NULL);
	c->pid = fork();
	if (c->pid == 0) {
		close(fds[0]);
		become_copy(ask, k, i, start_ns, fds[1], mask);
	}
	close(fds[1]);
	c->out = fds[0];
	c->running = c->pid > 0;
	return c->pid > 0 ? 0 : -1;
}

int kernels_measure(const struct kernels_ask *ask, const struct kernel *k)
{
	struct copy copies[MAX_COPIES];
	/* Copies wait for each other; one alone begins at once. */
	const int64_t start_ns = ask->copies > 1 ? kernel_clock_ns() + 2000000LL * ask->copies : 0;
	sigset_t watched, mask;
	int n = 0, asked, rc;

	memset(copies, 0, sizeof(copies));
	sigemptyset(&watched);
	sigaddset(&watched, SIGCHLD);
	sigaddset(&watched, SIGHUP);
	sigaddset(&watched, SIGINT);
	sigaddset(&watched, SIGTERM);
	sigprocmask(SIG_BLOCK, &watched, &mask);
	while (n < ask->copies && n < MAX_COPIES &&
	       start_copy(ask, k, n, start_ns, &copies[n], &mask) == 0)
		n++;
	if (n < ask->copies) {
		fprintf(stderr, "restudy-kernels: %s: copy %d could not be started: %s\n", k->id,
			n + 1, strerror(errno));
		kill_copies(copies, n);
	}
	asked = wait_copies(copies, n, &watched);
	rc = n == ask->copies && asked == 0 ? print_result(ask, k, copies, n) : KERNELS_FAILED;
	for (int i = 0; i < n; i++)
		close(copies[i].out);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return asked != 0 ? 128 + asked : rc;
}
