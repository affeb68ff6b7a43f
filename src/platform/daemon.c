/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The private libvirtd: its files, its mounts, waiting for it.  Only the module of
 * the wanted driver is shown to it, and no message bus, so that it neither probes
 * for other hypervisors nor registers anything with the machine's own services.
 */
#include "daemon_priv.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "namespace_priv.h"
#include "platform_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/process.h"
#include "restudy/base/stop.h"
#include "restudy/testbed.h"
#include "virt_priv.h"

struct rs_daemon {
	virConnectPtr conn;
	pid_t pid;
	int life;
};

/* What libvirtd has compiled in, and our folder that is seen there instead. */
static const struct {
	const char *path, *ours;
} hidden[] = {
	{ "/etc/libvirt", "etc" },	     { "/var/lib/libvirt", "lib" },
	{ "/var/cache/libvirt", "cache" },   { "/var/log/libvirt", "log" },
	{ "/run/libvirt", "run" },
};

static const long CGROUP2_MAGIC = 0x63677270;	/* statfs(2): CGROUP2_SUPER_MAGIC */

int rs_mounts_add(struct rs_mounts *ms, const char *source, const char *target, const char *type,
		  const char *options, struct rs_err *err)
{
	struct rs_mount *m = rs_array_grow(&ms->m, ms->n, sizeof(*ms->m), err);

	if (m == NULL)
		return -1;
	ms->n++;
	m->source = rs_strdup(source, err);
	m->target = rs_strdup(target, err);
	m->type = rs_strdup(type, err);
	m->options = rs_strdup(options, err);
	if (m->source == NULL || m->target == NULL || (type != NULL && m->type == NULL) ||
	    (options != NULL && m->options == NULL))
		return -1;
	return 0;
}

void rs_mounts_release(struct rs_mounts *ms)
{
	for (size_t i = 0; i < ms->n; i++) {
		free(ms->m[i].source);
		free(ms->m[i].target);
		free(ms->m[i].type);
		free(ms->m[i].options);
	}
	free(ms->m);
	ms->m = NULL;
	ms->n = 0;
}

int rs_daemon_probe(const char *driver, const char *package, struct rs_err *err)
{
	RS_AUTO_STR *libvirtd = rs_path_program("libvirtd");
	RS_AUTO_STR *module = NULL;

	if (geteuid() != 0)
		return rs_err_set(err, RS_ERR_MACHINE, "needs root: run it with sudo");
	if (libvirtd == NULL)
		return rs_err_set(err, RS_ERR_MACHINE,
				  "libvirtd is missing: apt-get install libvirt-daemon %s", package);
	module = rs_testbed_libvirt_driver(driver);
	if (module == NULL)
		return rs_err_set(err, RS_ERR_MACHINE, "libvirt's %s driver is missing: apt-get install %s",
				  driver, package);
	return 0;
}

static int write_text(const char *folder, const char *name, const char *text, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(folder, name, err);

	return path == NULL ? -1 : rs_path_write(path, text, strlen(text), err);
}

/* Makes FOLDER/NAME and, when it is to be mounted over, the system's folder. */
static int hide_folder(const char *folder, const char *name, const char *path,
		       struct rs_mounts *ms, struct rs_ledger *ledger, struct rs_err *err)
{
	RS_AUTO_STR *ours = rs_path_join(folder, name, err);

	if (ours == NULL || rs_path_mkdirs(ours, err) < 0)
		return -1;
	if (!rs_path_exists(path) ||
	    rs_ledger_others(NULL, RS_TRACE_FOLDER, path) > 0) {
		if (rs_ledger_add(ledger, RS_TRACE_FOLDER, path, err) < 0 ||
		    rs_path_mkdirs(path, err) < 0)
			return -1;
	}
	return rs_mounts_add(ms, ours, path, NULL, NULL, err);
}

/*
 * libvirt takes the last mount of a control group that it finds, be it in somebody's
 * changed root, and version 9 takes the version 2 hierarchy beside version 1 ones for
 * its own and fails there: all but the ones in use are taken out of its sight.
 */
static int hide_group(const char *line, int version_2_alone, struct rs_mounts *ms,
		      struct rs_err *err)
{
	static const char TOP[] = "/sys/fs/cgroup", UNIFIED[] = "/sys/fs/cgroup/unified";
	char at[512];
	const char *type = strstr(line, " - cgroup");

	/* proc(5), mountinfo: the mount point is field 5, the type follows " - ". */
	if (type == NULL || type > line + strcspn(line, "\n") ||
	    sscanf(line, "%*s %*s %*s %*s %511s", at) != 1)
		return 0;
	if (strncmp(at, TOP, strlen(TOP)) == 0 &&
	    (version_2_alone || strcmp(at, UNIFIED) != 0))
		return 0;
	return rs_mounts_add(ms, "none", at, "none", NULL, err);
}

static int hide_groups(struct rs_mounts *ms, struct rs_err *err)
{
	RS_AUTO_BUF info = RS_BUF_INIT;
	struct statfs top;
	const int alone = statfs("/sys/fs/cgroup", &top) == 0 && (long)top.f_type == CGROUP2_MAGIC;

	if (rs_path_read("/proc/self/mountinfo", 1 << 22, &info, err) < 0)
		return -1;
	for (const char *p = rs_buf_str(&info), *nl; (nl = strchr(p, '\n')) != NULL; p = nl + 1)
		if (hide_group(p, alone, ms, err) < 0)
			return -1;
	return 0;
}

static int write_config(const struct rs_daemon_wish *w, const char *log, struct rs_err *err)
{
	RS_AUTO_STR *name = rs_asprintf(err, "etc/%s.conf", w->driver);
	RS_AUTO_STR *conf = NULL;

	conf = rs_asprintf(err,
			   "unix_sock_dir = \"%s\"\nauth_unix_rw = \"none\"\nauth_unix_ro = \"none\"\n"
			   "listen_tls = 0\nlog_outputs = \"3:file:%s/libvirtd.log\"\n",
			   w->sockets, log);
	if (name == NULL || conf == NULL)
		return -1;
	if (write_text(w->folder, "libvirtd.conf", conf, err) < 0)
		return -1;
	return write_text(w->folder, name, w->config, err);
}

/* A folder with a link to the one module that is wanted. */
static char *link_driver(const struct rs_daemon_wish *w, struct rs_err *err)
{
	RS_AUTO_STR *from = rs_testbed_libvirt_driver(w->driver);
	RS_AUTO_STR *dir = rs_path_join(w->folder, "drivers", err);
	RS_AUTO_STR *to = NULL;

	if (from == NULL) {
		rs_err_set(err, RS_ERR_MACHINE, "libvirt's %s driver is missing", w->driver);
		return NULL;
	}
	if (dir == NULL || rs_path_mkdirs(dir, err) < 0)
		return NULL;
	to = rs_path_join(dir, rs_path_base(from), err);
	if (to == NULL)
		return NULL;
	if (symlink(from, to) < 0 && errno != EEXIST) {
		rs_err_sys(err, RS_ERR_FAILED, errno, "cannot make \"%s\"", to);
		return NULL;
	}
	return RS_STEAL(&dir);
}

static int wait_for(struct rs_daemon *d, const struct rs_daemon_wish *w, const char *log,
		    struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(w->sockets, "libvirt-sock", err);
	RS_AUTO_STR *uri = rs_asprintf(err, "%s?socket=%s/libvirt-sock", w->uri, w->sockets);
	RS_AUTO_STR *errors = rs_asprintf(err, "%s/libvirtd.log", log);
	int64_t end_ns = rs_clock_ns() + (int64_t)(w->timeout_s * 1e9);
	struct rs_err last = RS_ERR_INIT;
	char line[300];

	if (path == NULL || uri == NULL || errors == NULL)
		return -1;
	for (;;) {
		if (rs_stop_check(err) < 0)
			return -1;
		rs_err_clear(&last);
		if (rs_path_exists(path) && (d->conn = rs_virt_open(uri, &last)) != NULL)
			return 0;
		if (waitpid(d->pid, NULL, WNOHANG) == d->pid) {
			rs_path_last_line(errors, line, sizeof(line));
			return rs_err_set(err, RS_ERR_FAILED, "libvirtd ended at its start: %s", line);
		}
		if (rs_clock_ns() > end_ns) {
			rs_path_last_line(errors, line, sizeof(line));
			return rs_err_set(err, RS_ERR_TIMEOUT, "libvirtd does not answer within %.0f s: %s",
					  w->timeout_s, last.kind != RS_ERR_NONE ? last.text : line);
		}
		(void)usleep(5000);
	}
}

static int note_process(struct rs_daemon *d, struct rs_ledger *ledger, struct rs_err *err)
{
	char value[64];

	(void)snprintf(value, sizeof(value), "%ld %llu", (long)d->pid, rs_process_start(d->pid));
	return rs_ledger_add(ledger, RS_TRACE_PROCESS, value, err);
}

static int launch(struct rs_daemon *d, const struct rs_daemon_wish *w, const struct rs_mounts *ms,
		  const char *drivers, struct rs_err *err)
{
	RS_AUTO_STR *libvirtd = rs_path_program("libvirtd");
	RS_AUTO_STR *conf = rs_path_join(w->folder, "libvirtd.conf", err);
	RS_AUTO_STR *pidfile = rs_path_join(w->folder, "libvirtd.pid", err);
	RS_AUTO_STR *log = rs_path_join(w->folder, "libvirtd.out", err);
	RS_AUTO_STR *env_drivers = rs_asprintf(err, "LIBVIRT_DRIVER_DIR=%s", drivers);
	char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char bus[] = "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent", home[] = "HOME=/";
	char lang[] = "LC_ALL=C", opt_conf[] = "-f", opt_pid[] = "-p";
	char *const argv[] = { libvirtd, opt_conf, conf, opt_pid, pidfile, NULL };
	char *const envp[] = { path, bus, home, lang, env_drivers, NULL };
	struct rs_namespace ns = { .mounts = ms, .argv = argv, .envp = envp, .log = log };

	if (libvirtd == NULL)
		return rs_err_set(err, RS_ERR_MACHINE,
				  "libvirtd is missing: apt-get install libvirt-daemon");
	if (conf == NULL || pidfile == NULL || log == NULL || env_drivers == NULL)
		return -1;
	d->pid = rs_namespace_start(&ns, &d->life, err);
	return d->pid < 0 ? -1 : 0;
}

static int prepare(const struct rs_daemon_wish *w, struct rs_mounts *ms, struct rs_ledger *ledger,
		   struct rs_err *err)
{
	for (size_t i = 0; i < RS_COUNT(hidden); i++)
		if (hide_folder(w->folder, hidden[i].ours, hidden[i].path, ms, ledger, err) < 0)
			return -1;
	return hide_groups(ms, err);
}

static int copy_mounts(struct rs_mounts *to, const struct rs_mounts *from, struct rs_err *err)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct rs_mount *m = &from->m[i];

		if (rs_mounts_add(to, m->source, m->target, m->type, m->options, err) < 0)
			return -1;
	}
	return 0;
}

static void daemon_freep(struct rs_daemon **d)
{
	rs_daemon_free(*d);
}

struct rs_daemon *rs_daemon_start(const struct rs_daemon_wish *w, const struct rs_mounts *mounts,
				  struct rs_ledger *ledger, struct rs_err *err)
{
	__attribute__((cleanup(daemon_freep))) struct rs_daemon *d = rs_alloc(1, sizeof(*d), err);
	__attribute__((cleanup(rs_mounts_release))) struct rs_mounts ms = { NULL, 0 };
	RS_AUTO_STR *log = rs_path_join(w->folder, "log", err);
	RS_AUTO_STR *drivers = NULL;

	if (d == NULL || log == NULL)
		return NULL;
	d->life = -1;
	if (prepare(w, &ms, ledger, err) < 0 || write_config(w, log, err) < 0)
		return NULL;
	drivers = link_driver(w, err);
	if (drivers == NULL || copy_mounts(&ms, mounts, err) < 0)
		return NULL;
	if (launch(d, w, &ms, drivers, err) < 0 || note_process(d, ledger, err) < 0 ||
	    wait_for(d, w, log, err) < 0)
		return NULL;
	return RS_STEAL(&d);
}

virConnectPtr rs_daemon_connection(const struct rs_daemon *d)
{
	return d->conn;
}

pid_t rs_daemon_pid(const struct rs_daemon *d)
{
	return d->pid;
}

const char *rs_daemon_end(const struct rs_daemon *d, char *buf, size_t size)
{
	siginfo_t end = { .si_pid = 0 };

	buf[0] = '\0';
	/* who undoes the ledger reaps it */
	if (waitid(P_PID, (id_t)d->pid, &end, WEXITED | WNOHANG | WNOWAIT) == 0 && end.si_pid == d->pid)
		(void)snprintf(buf, size, "libvirtd ended (%s %d)",
			       end.si_code == CLD_EXITED ? "exit status" : "signal", end.si_status);
	return buf;
}

void rs_daemon_free(struct rs_daemon *d)
{
	if (d == NULL)
		return;
	if (d->conn != NULL)
		(void)virConnectClose(d->conn);
	rs_close_fd(&d->life);
	free(d);
}

void rs_daemon_steps(const char *folder, struct rs_buf *out)
{
	RS_AUTO_STR *conf = rs_asprintf(NULL, "%s/libvirtd.conf", folder);

	if (conf == NULL)
		out->failed = 1;
	else
		rs_step_line(out, (const char *const[]){ "unshare", "--mount", "--pid", "--fork",
							 "libvirtd", "-f", conf, NULL });
}
