/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Between clone and exec only system calls are made: other threads of the starter
 * may have held any lock of libc.
 */
#include "namespace_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "restudy/base/mem.h"

/* What the first process tells its starter when it cannot go on. */
struct failure {
	int mount;	/* index of the mount, or one of these: */
	int errnum;
};
enum { AT_PRIVATE = -1, AT_PROC = -2, AT_EXEC = -3, AT_SETUP = -4 };

enum { FD_LIFE = 3, FD_REPORT = 4, FD_FREE = 5, FD_HIGH = 100 };

static pid_t clone_process(unsigned long flags)
{
	return (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
}

__attribute__((noreturn)) static void give_up(int at)
{
	struct failure f = { at, errno };

	if (write(FD_REPORT, &f, sizeof(f)) < 0)
		_exit(126);
	_exit(127);
}

static void place_fds(int life, int report, int null, int log)
{
	int high_life = fcntl(life, F_DUPFD, FD_HIGH);
	int high_report = fcntl(report, F_DUPFD, FD_HIGH);

	if (high_life < 0 || high_report < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 ||
	    dup2(log, 2) < 0 || dup2(high_life, FD_LIFE) < 0 || dup2(high_report, FD_REPORT) < 0)
		_exit(126);
	(void)syscall(SYS_close_range, FD_FREE, ~0U, 0);
	(void)fcntl(FD_LIFE, F_SETFD, FD_CLOEXEC);
	(void)fcntl(FD_REPORT, F_SETFD, FD_CLOEXEC);
}

static void default_signals(void)
{
	struct sigaction dfl;

	memset(&dfl, 0, sizeof(dfl));
	dfl.sa_handler = SIG_DFL;
	for (int s = 1; s < NSIG; s++)
		(void)sigaction(s, &dfl, NULL);
}

static void make_mounts(const struct rs_mounts *ms)
{
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		give_up(AT_PRIVATE);
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		give_up(AT_PROC);
	for (size_t i = 0; i < ms->n; i++) {
		const struct rs_mount *m = &ms->m[i];
		int rc;

		if (m->type == NULL)
			rc = mount(m->source, m->target, NULL, MS_BIND, NULL);
		else if (strcmp(m->type, "none") == 0)
			rc = umount2(m->target, MNT_DETACH);
		else
			rc = mount(m->source, m->target, m->type, 0, m->options);
		/* What went with another mount needs no unmounting. */
		if (rc < 0 && (m->type == NULL || strcmp(m->type, "none") != 0 ||
			       (errno != EINVAL && errno != ENOENT)))
			give_up((int)i);
	}
}

/* Reaps what ended; whether the program was among it. */
static int reap(pid_t program)
{
	int ended = 0;
	pid_t p;

	while ((p = waitpid(-1, NULL, WNOHANG)) > 0)
		ended |= p == program;
	return ended;
}

__attribute__((noreturn)) static void first_process(const struct rs_namespace *ns)
{
	sigset_t child, none;
	struct pollfd fds[2] = { { FD_LIFE, POLLIN, 0 }, { -1, POLLIN, 0 } };
	struct signalfd_siginfo info;
	pid_t program;

	(void)setsid();
	default_signals();
	make_mounts(ns->mounts);
	(void)sigemptyset(&none);
	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	(void)sigprocmask(SIG_SETMASK, &child, NULL);
	fds[1].fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fds[1].fd < 0 || chdir("/") < 0)
		give_up(AT_SETUP);
	program = clone_process(0);
	if (program < 0)
		give_up(AT_SETUP);
	if (program == 0) {
		(void)sigprocmask(SIG_SETMASK, &none, NULL);
		(void)execve(ns->argv[0], ns->argv, ns->envp);
		give_up(AT_EXEC);
	}
	(void)close(FD_REPORT);
	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			_exit(1);
		while (read(fds[1].fd, &info, sizeof(info)) > 0)
			;
		if (reap(program) || fds[0].revents != 0)
			_exit(0);
	}
}

static int report_failure(const struct rs_namespace *ns, const struct failure *f,
			  struct rs_err *err)
{
	if (f->mount >= 0) {
		const struct rs_mount *m = &ns->mounts->m[f->mount];

		return rs_err_sys(err, RS_ERR_MACHINE, f->errnum, "cannot mount %s at \"%s\"",
				  m->type != NULL ? m->type : m->source, m->target);
	}
	if (f->mount == AT_EXEC)
		return rs_err_sys(err, RS_ERR_MACHINE, f->errnum, "cannot start \"%s\"", ns->argv[0]);
	return rs_err_sys(err, RS_ERR_MACHINE, f->errnum, "cannot set up a mount namespace%s",
			  f->mount == AT_PROC ? " with its own /proc" : "");
}

static int open_fds(const char *log, int life[2], int report[2], int *null, int *out,
		    struct rs_err *err)
{
	if (pipe2(life, O_CLOEXEC) < 0 || pipe2(report, O_CLOEXEC) < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot make a pipe");
	*null = open("/dev/null", O_RDWR | O_CLOEXEC);
	*out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (*null < 0 || *out < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot open \"%s\"",
				  *null < 0 ? "/dev/null" : log);
	return 0;
}

pid_t rs_namespace_start(const struct rs_namespace *ns, int *ret_life, struct rs_err *err)
{
	RS_AUTO_FD life_r = -1;
	RS_AUTO_FD life_w = -1;
	RS_AUTO_FD report_r = -1;
	RS_AUTO_FD null = -1;
	RS_AUTO_FD log = -1;
	int life[2] = { -1, -1 }, report[2] = { -1, -1 }, rc;
	struct failure f;
	sigset_t all, old;
	ssize_t got;
	pid_t pid;

	rc = open_fds(ns->log, life, report, &null, &log, err);
	life_r = life[0];
	life_w = life[1];
	report_r = report[0];
	if (rc < 0) {
		rs_close_fd(&report[1]);
		return -1;
	}
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	pid = clone_process(CLONE_NEWNS | CLONE_NEWPID);
	if (pid == 0) {
		place_fds(life[0], report[1], null, log);
		first_process(ns);
	}
	rc = errno;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	rs_close_fd(&report[1]);
	if (pid < 0)
		return rs_err_sys(err, RS_ERR_MACHINE, rc, "cannot make a process namespace (needs root)");
	do
		got = read(report_r, &f, sizeof(f));
	while (got < 0 && errno == EINTR);
	if (got == (ssize_t)sizeof(f)) {
		(void)waitpid(pid, NULL, 0);
		return report_failure(ns, &f, err);
	}
	*ret_life = life_w;
	life_w = -1;
	return pid;
}
