/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Process 1 of a container or of a machine: mounts, loopback, orphans, a quick end. */
#include "init_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct mount_row {
	const char *type, *target, *options;
	unsigned long flags;
};

static const struct mount_row mounts[] = {
	{ "proc", "/proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC },
	{ "sysfs", "/sys", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC },
	{ "devtmpfs", "/dev", "mode=0755", MS_NOSUID },
	{ "devpts", "/dev/pts", "newinstance,ptmxmode=0666,mode=0620", MS_NOSUID | MS_NOEXEC },
	{ "tmpfs", "/run", "mode=0755", MS_NOSUID | MS_NODEV },
	{ "tmpfs", "/tmp", "mode=1777", MS_NOSUID | MS_NODEV },
};

/* Xen's hotplug scripts and bash's <() wait for ever without these. */
static const char *const dev_links[][2] = {
	{ "/proc/self/fd", "/dev/fd" },
	{ "/proc/self/fd/0", "/dev/stdin" },
	{ "/proc/self/fd/1", "/dev/stdout" },
	{ "/proc/self/fd/2", "/dev/stderr" },
};

static void complain(const char *what, const char *where)
{
	fprintf(stderr, "restudy-agent: %s \"%s\": %s\n", what, where, strerror(errno));
}

/* A folder on another device than the one above it is a mount point. */
static int is_mounted(const char *path)
{
	struct stat here, above;
	char up[64];

	snprintf(up, sizeof(up), "%s/..", path);
	return stat(path, &here) == 0 && stat(up, &above) == 0 && here.st_dev != above.st_dev;
}

static void mount_missing(void)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		const struct mount_row *m = &mounts[i];

		mkdir(m->target, 0755);
		if (!is_mounted(m->target) &&
		    mount(m->type, m->target, m->type, m->flags, m->options) < 0)
			complain("cannot mount", m->target);
	}
	for (size_t i = 0; i < sizeof(dev_links) / sizeof(dev_links[0]); i++)
		if (symlink(dev_links[i][0], dev_links[i][1]) < 0 && errno != EEXIST)
			complain("cannot make", dev_links[i][1]);
}

static void raise_loopback(void)
{
	struct ifreq r = { .ifr_name = "lo" };
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (ioctl(fd, SIOCGIFFLAGS, &r) == 0 && (r.ifr_flags & IFF_UP) == 0) {
		r.ifr_flags |= IFF_UP;
		if (ioctl(fd, SIOCSIFFLAGS, &r) < 0)
			complain("cannot bring up", "lo");
	}
	close(fd);
}

/* The first namespace of process numbers has this inode: it is a machine, no container. */
static int is_machine(void)
{
	char link[64];
	const ssize_t n = readlink("/proc/self/ns/pid", link, sizeof(link) - 1);

	if (n <= 0)
		return 0;
	link[n] = '\0';
	return strcmp(link, "pid:[4026531836]") == 0;
}

/* Kills every process of this machine or container, then ends it. */
static void end_all(void)
{
	kill(-1, SIGKILL);
	if (is_machine())
		sync();
	reboot(RB_POWER_OFF);
	_exit(0);
}

static pid_t start(const struct rs_endpoint *e)
{
	const pid_t pid = fork();
	sigset_t none;

	if (pid != 0)
		return pid;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	_exit(rs_endpoint_serve(e));
}

/* Starts what serves an endpoint and is not running: how many could not be started. */
static size_t start_missing(const struct rs_endpoint *e, pid_t *pids, size_t n)
{
	size_t missing = 0;

	for (size_t i = 0; i < n; i++) {
		if (pids[i] <= 0)
			pids[i] = start(&e[i]);
		missing += pids[i] < 0;
	}
	return missing;
}

/* Reaps everything that has ended: how many of it served an endpoint. */
static size_t reap(pid_t *pids, size_t n)
{
	size_t ended = 0;

	for (pid_t pid = waitpid(-1, NULL, WNOHANG); pid > 0; pid = waitpid(-1, NULL, WNOHANG))
		for (size_t i = 0; i < n; i++)
			if (pids[i] == pid) {
				pids[i] = 0;
				ended++;
			}
	return ended;
}

int rs_init_main(const struct rs_init *init, const struct rs_endpoint *e, size_t n)
{
	const struct timespec pause = { 0, 200000000 };
	pid_t pids[RS_ENDPOINTS_MAX] = { 0 };
	sigset_t set;

	if (getpid() != 1) {
		fprintf(stderr, "restudy-agent: --init is for process 1\n");
		return 2;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGPWR);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (init->mounts)
		mount_missing();
	if (init->hostname != NULL && sethostname(init->hostname, strlen(init->hostname)) < 0)
		complain("cannot set host name", init->hostname);
	raise_loopback();
	for (;;) {
		/* A machine that is full of processes refuses a new one for a while. */
		const size_t missing = start_missing(e, pids, n);
		const int sig = missing > 0 ? sigtimedwait(&set, NULL, &pause)
					    : sigwaitinfo(&set, NULL);

		if (sig > 0 && sig != SIGCHLD)
			end_all();
		if (reap(pids, n) > 0)
			nanosleep(&pause, NULL);	/* one that cannot work is not tried all the time */
	}
}
