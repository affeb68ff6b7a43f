/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The life of a virtual machine through libvirt's qemu:///embed.
 *
 * Two threads: the caller's, and one that runs libvirt's event loop.  While libvirt
 * works, that second thread also reaps ended QEMU processes: they are orphans by
 * design, and where process 1 reaps slowly libvirt would wait for seconds on each.
 */
#include "machine_priv.h"

#include <dirent.h>
#include <errno.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#define REAP_EVERY_MS 20
#define LOOKS_AT_DEAD 10

struct rs_machine {
	virConnectPtr conn;
	virDomainPtr domain;
	pthread_t thread;
	int has_thread, timer;
	pid_t dead;		/* a child that was dead at the last look */
	int looks;
	atomic_int ends;
};

/* What qemu.conf of the private root must say; a name for the process's own user. */
static const char settings[] =
	"# written by restudy\n"
	"stdio_handler = \"file\"\n"	/* else a virtlogd is started and stays */
	"remember_owner = 0\n"
	"dynamic_ownership = 0\n"
	"security_driver = \"none\"\n"
	"namespaces = []\n"
	"cgroup_controllers = []\n";

/* Whether entry name of /proc is a child of ours, QEMU, and dead; its number in *ret. */
static int is_dead_qemu(const char *name, pid_t *ret)
{
	char path[64], line[300] = "", state = 0;
	RS_AUTO_FILE *f = NULL;
	const char *end;
	int pid = 0, parent = 0;

	if (name[0] < '1' || name[0] > '9' || strlen(name) > 10)
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/%s/stat", name);
	f = fopen(path, "re");
	if (f == NULL || fgets(line, sizeof(line), f) == NULL || strstr(line, "(qemu-system") == NULL)
		return 0;
	end = strrchr(line, ')');
	if (end == NULL || sscanf(line, "%d", &pid) != 1 || sscanf(end + 1, " %c %d", &state, &parent) != 2)
		return 0;
	*ret = pid;
	return state == 'Z' && parent == (int)getpid();
}

/* A dead QEMU below this process, or 0.  Not by waitid(): it shows one dead child only, and
 * libvirt leaves others. */
static pid_t dead_qemu(void)
{
	DIR *proc = opendir("/proc");
	const struct dirent *e;
	pid_t pid = 0;
	int found = 0;

	while (proc != NULL && !found && (e = readdir(proc)) != NULL)
		found = is_dead_qemu(e->d_name, &pid);
	if (proc != NULL)
		(void)closedir(proc);
	return found ? pid : 0;
}

/*
 * Waits for a dead QEMU that nobody else waits for.  libvirt starts QEMU by a child of
 * its own, which it waits for at once; only what is still there after some looks is an
 * orphan.
 */
static void reap(int timer, void *user)
{
	struct rs_machine *m = user;
	const pid_t dead = dead_qemu();

	(void)timer;
	m->looks = dead != 0 && dead == m->dead ? m->looks + 1 : 0;
	m->dead = dead;
	if (m->looks >= LOOKS_AT_DEAD)
		(void)waitpid(dead, NULL, WNOHANG);
}

static void *run_events(void *user)
{
	struct rs_machine *m = user;

	while (!atomic_load(&m->ends))
		if (virEventRunDefaultImpl() < 0)
			break;
	return NULL;
}

/* libvirt prints errors by itself unless it is given a function. */
static void swallow(void *user, virErrorPtr e)
{
	(void)user;
	(void)e;
}

static int fail(struct rs_err *err, const char *what)
{
	const char *why = virGetLastErrorMessage();
	const char *missing = strstr(why, "Failed to parse user");

	if (missing != NULL)
		return rs_err_set(err, RS_ERR_MACHINE, "libvirt's QEMU driver wants the user "
				  "\"libvirt-qemu\" when root runs it: useradd --system --user-group "
				  "--no-create-home --shell /usr/sbin/nologin libvirt-qemu");
	return rs_err_set(err, RS_ERR_FAILED, "%s: libvirt says: %s", what, why);
}

static int write_settings(const char *root, struct rs_err *err)
{
	RS_AUTO_STR *folder = rs_path_join(root, "etc", err);
	RS_AUTO_STR *path = folder != NULL ? rs_path_join(folder, "qemu.conf", err) : NULL;
	RS_AUTO_BUF text = RS_BUF_INIT;

	rs_buf_adds(&text, settings);
	if (geteuid() == 0)	/* no other user: it could not enter this run's folders */
		rs_buf_adds(&text, "user = \"root\"\ngroup = \"root\"\n");
	if (path == NULL || rs_buf_check(&text, err) < 0 || rs_path_mkdirs(folder, err) < 0)
		return -1;
	return rs_path_write(path, rs_buf_str(&text), text.len, err);
}

/* What libvirt learns about QEMU takes it seconds: all machines share it. */
static int share_capabilities(const char *root, struct rs_err *err)
{
	RS_AUTO_STR *cache = rs_path_cache(err);
	RS_AUTO_STR *shared = cache != NULL ? rs_path_join(cache, "libvirt", err) : NULL;
	RS_AUTO_STR *own = rs_path_join(root, "cache", err);

	if (shared == NULL || own == NULL || rs_path_mkdirs(shared, err) < 0)
		return -1;
	if (symlink(shared, own) < 0 && errno != EEXIST)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "\"%s\" cannot be made", own);
	return 0;
}

static int start_events(struct rs_machine *m, struct rs_err *err)
{
	int rc;

	if (virEventRegisterDefaultImpl() < 0)
		return fail(err, "libvirt's event loop cannot start");
	m->timer = virEventAddTimeout(REAP_EVERY_MS, reap, m, NULL);
	if (m->timer < 0)
		return fail(err, "libvirt's event loop cannot start");
	rc = pthread_create(&m->thread, NULL, run_events, m);
	if (rc != 0)
		return rs_err_sys(err, RS_ERR_FAILED, rc, "a thread for libvirt cannot be started");
	m->has_thread = 1;
	return 0;
}

struct rs_machine *rs_machine_open(const char *root, const char *log, struct rs_err *err)
{
	struct rs_machine *m = rs_alloc(1, sizeof(*m), err);
	RS_AUTO_STR *url = rs_asprintf(err, "qemu:///embed?root=%s", root);
	RS_AUTO_STR *outputs = rs_asprintf(err, "4:file:%s", log);

	if (m == NULL || url == NULL || outputs == NULL) {
		free(m);
		return NULL;
	}
	m->timer = -1;
	(void)setenv("LIBVIRT_LOG_OUTPUTS", outputs, 1);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	virSetErrorFunc(NULL, swallow);
	if (write_settings(root, err) < 0 || share_capabilities(root, err) < 0 || start_events(m, err) < 0) {
		rs_machine_close(m);
		return NULL;
	}
	m->conn = virConnectOpen(url);
	if (m->conn == NULL) {
		(void)fail(err, "QEMU's driver cannot be opened (packages libvirt-daemon-driver-qemu, "
			   "qemu-system-x86)");
		rs_machine_close(m);
		return NULL;
	}
	return m;
}

static void watch_children(struct rs_machine *m)
{
	virEventUpdateTimeout(m->timer, REAP_EVERY_MS);
}

/* A measurement must not be disturbed fifty times a second. */
static void rest(struct rs_machine *m)
{
	virEventUpdateTimeout(m->timer, -1);
}

int rs_machine_start(struct rs_machine *m, const char *xml, struct rs_err *err)
{
	watch_children(m);
	m->domain = virDomainCreateXML(m->conn, xml, VIR_DOMAIN_START_VALIDATE);
	rest(m);
	return m->domain != NULL ? 0 : fail(err, "the machine cannot be started");
}

int rs_machine_alive(struct rs_machine *m)
{
	int active;

	if (m->domain == NULL)
		return 0;
	/* Of a machine that was killed, libvirt answers only when its process was reaped. */
	watch_children(m);
	active = virDomainIsActive(m->domain) == 1;
	rest(m);
	return active;
}

int rs_machine_stop(struct rs_machine *m, struct rs_err *err)
{
	int rc = 0;

	if (m->domain == NULL)
		return 0;
	watch_children(m);
	/* Destroying may say that it failed although it worked: ask again. */
	if (virDomainDestroy(m->domain) < 0 && virDomainIsActive(m->domain) == 1) {
		(void)poll(NULL, 0, 1000);	/* not rs_clock_sleep: a stop may have been asked for */
		if (virDomainDestroy(m->domain) < 0 && virDomainIsActive(m->domain) == 1)
			rc = fail(err, "the machine cannot be ended (\"restudy clean\" ends it)");
	}
	rest(m);
	virDomainFree(m->domain);
	m->domain = NULL;
	return rc;
}

void rs_machine_close(struct rs_machine *m)
{
	if (m == NULL)
		return;
	if (m->conn != NULL) {
		struct rs_err ignored = RS_ERR_INIT;

		(void)rs_machine_stop(m, &ignored);
		watch_children(m);
		(void)virConnectClose(m->conn);
	}
	if (m->has_thread) {
		atomic_store(&m->ends, 1);
		virEventUpdateTimeout(m->timer, 0);	/* wakes the loop */
		(void)pthread_join(m->thread, NULL);
	}
	if (m->timer >= 0)
		(void)virEventRemoveTimeout(m->timer);
	for (int i = 0; i <= LOOKS_AT_DEAD; i++)
		reap(-1, m);
	free(m);
}
