/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How each kind of thing in a ledger is taken back.  Every function is fine with
 * a thing that is gone already, and leaves alone what is not this owner's.
 */
#include "ledger_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/cmd.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/base/process.h"
#include "restudy/testbed/storage.h"

/* A killed namespace is gone in milliseconds; an emulated machine may need many seconds. */
static const double GONE_S = 120;

enum { ENVIRONMENT_MAX_BYTES = 4 << 20 };

static int undo_tree(const struct rs_owner *owner, const char *path, struct rs_err *err)
{
	(void)owner;
	return rs_path_remove_tree(path, err);
}

static int undo_folder(const struct rs_owner *owner, const char *path, struct rs_err *err)
{
	if (rs_ledger_others(owner, RS_TRACE_FOLDER, path) > 0)
		return 0;
	if (rmdir(path) == 0 || errno == ENOENT || errno == ENOTEMPTY || errno == EEXIST)
		return 0;
	return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot remove \"%s\"", path);
}

static int undo_mount(const struct rs_owner *owner, const char *path, struct rs_err *err)
{
	(void)owner;
	if (umount2(path, UMOUNT_NOFOLLOW) == 0 || errno == ENOENT || errno == EINVAL)
		return 0;	/* EINVAL: nothing is mounted there */
	if (errno == EBUSY && umount2(path, UMOUNT_NOFOLLOW | MNT_DETACH) == 0)
		return 0;
	return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot unmount \"%s\"", path);
}

static int undo_bridge(const struct rs_owner *owner, const char *name, struct rs_err *err)
{
	RS_AUTO_CMD *ip = NULL;
	char mark[192];

	if (!rs_bridge_is_marked(name, rs_owner_mark(mark, sizeof(mark), owner)) ||
	    rs_ledger_others(owner, RS_TRACE_BRIDGE, name) > 0)
		return 0;
	ip = rs_cmd_new("ip");
	rs_cmd_args(ip, (const char *const[]){ "link", "delete", "dev", name, NULL });
	return rs_cmd_run_ok(ip, err);
}

/* Reaps pid when it is a child of ours; whether it is gone or dead. */
static int process_is_gone(pid_t pid, unsigned long long start)
{
	if (waitpid(pid, NULL, WNOHANG) == pid)
		return 1;
	return rs_process_start(pid) != start;
}

static int undo_process(const struct rs_owner *owner, const char *value, struct rs_err *err)
{
	int64_t end_ns = rs_clock_ns() + (int64_t)(GONE_S * 1e9);
	unsigned long long start = 0;
	long pid = 0;

	(void)owner;
	if (sscanf(value, "%ld %llu", &pid, &start) != 2 || pid <= 1 || start == 0)
		return rs_err_set(err, RS_ERR_INTERNAL, "\"%s\" is not a process", value);
	if (process_is_gone((pid_t)pid, start))
		return 0;
	if (kill((pid_t)pid, SIGKILL) < 0 && errno != ESRCH)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot kill process %ld", pid);
	while (!process_is_gone((pid_t)pid, start)) {
		if (rs_clock_ns() > end_ns)
			return rs_err_set(err, RS_ERR_TIMEOUT, "process %ld does not end within %.0f s",
					  pid, GONE_S);
		(void)usleep(2000);
	}
	return 0;
}

/* Whether process pid began with the variable "NAME=VALUE" in its environment. */
static int is_marked(const char *pid, const char *variable)
{
	RS_AUTO_STR *path = rs_asprintf(NULL, "/proc/%s/environ", pid);
	RS_AUTO_BUF b = RS_BUF_INIT;
	size_t n = strlen(variable) + 1;

	if (path == NULL || rs_path_read(path, ENVIRONMENT_MAX_BYTES, &b, NULL) < 0)
		return 0;
	for (size_t i = 0; i + n <= b.len; i += strlen(b.data + i) + 1)
		if (memcmp(b.data + i, variable, n) == 0)
			return 1;
	return 0;
}

/* A server that a benchmark started on the bare machine outlives a killed run; it kept the
 * environment it was started with. */
static int undo_marked(const struct rs_owner *owner, const char *variable, struct rs_err *err)
{
	int64_t end_ns = rs_clock_ns() + (int64_t)(GONE_S * 1e9);

	(void)owner;
	for (;;) {
		RS_AUTO_ARGV pids = NULL;
		size_t n = 0, found = 0;

		if (rs_path_list("/proc", &pids, &n, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			int64_t pid;

			if (rs_parse_i64(pids[i], 2, INT32_MAX, &pid, NULL) < 0 || pid == getpid() ||
			    !is_marked(pids[i], variable))
				continue;
			found++;
			(void)kill((pid_t)pid, SIGKILL);
			(void)waitpid((pid_t)pid, NULL, WNOHANG);
		}
		if (found == 0)
			return 0;
		if (rs_clock_ns() > end_ns)
			return rs_err_set(err, RS_ERR_TIMEOUT, "%zu processes with %s do not end within %.0f s",
					  found, variable, GONE_S);
		(void)usleep(2000);
	}
}

/* Removes a control group and those below it; a group has no regular entries but folders. */
static int group_remove(int at, const char *name, int depth, struct rs_err *err)
{
	int64_t end_ns = rs_clock_ns() + (int64_t)(GONE_S * 1e9);
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	int rc = 0;

	if (d == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return 0;
	}
	for (struct dirent *e; rc == 0 && depth < 8 && (e = readdir(d)) != NULL;)
		if (e->d_type == DT_DIR && e->d_name[0] != '.')
			rc = group_remove(dirfd(d), e->d_name, depth + 1, err);
	(void)closedir(d);
	/* The kernel empties a group a little after its last process is reaped. */
	while (rc == 0 && unlinkat(at, name, AT_REMOVEDIR) < 0 && errno != ENOENT) {
		if (errno != EBUSY || rs_clock_ns() > end_ns)
			rc = rs_err_sys(err, RS_ERR_FAILED, errno, "cannot remove control group \"%s\"",
					name);
		else
			(void)usleep(2000);
	}
	return rc;
}

/* The groups of libvirt's domain below one "machine" folder: "lxc-ID-NAME.libvirt-lxc". */
static int groups_remove_in(const struct rs_owner *owner, const char *machine,
			    const char *domain, struct rs_err *err)
{
	RS_AUTO_STR *tail = rs_asprintf(err, "-%s.libvirt-lxc", domain);
	RS_AUTO_FD at = open(machine, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;
	int rc = 0;

	if (tail == NULL)
		return -1;
	if (at < 0 || rs_path_list(machine, &names, &n, NULL) < 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(names[i]);

		if (strncmp(names[i], "lxc-", 4) != 0 || len < strlen(tail) ||
		    strcmp(names[i] + len - strlen(tail), tail) != 0)
			continue;
		if (group_remove(at, names[i], 0, err) < 0)
			rc = -1;
	}
	/* libvirt makes "machine" again whenever it starts something; an empty one goes,
	 * unless another run may be about to use it. */
	if (rs_ledger_others(owner, RS_TRACE_CGROUP, NULL) == 0)
		(void)rmdir(machine);
	return rc;
}

static int undo_cgroup(const struct rs_owner *owner, const char *domain, struct rs_err *err)
{
	static const char TOP[] = "/sys/fs/cgroup";
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;
	int rc;

	rc = groups_remove_in(owner, "/sys/fs/cgroup/machine", domain, err);	/* version 2 */
	if (rs_path_list(TOP, &names, &n, NULL) < 0)
		return rc;
	for (size_t i = 0; i < n; i++) {	/* version 1: one hierarchy each */
		RS_AUTO_STR *machine = rs_asprintf(err, "%s/%s/machine", TOP, names[i]);

		if (machine == NULL || groups_remove_in(owner, machine, domain, err) < 0)
			rc = -1;
	}
	return rc;
}

static int undo_domain(const struct rs_owner *owner, const char *name, struct rs_err *err)
{
	RS_AUTO_CMD *domid = rs_cmd_new("xl");
	RS_AUTO_CMD *destroy = rs_cmd_new("xl");
	struct rs_cmd_result r = { 0 };
	RS_AUTO_STR *program = rs_path_program("xl");

	(void)owner;
	if (program == NULL)
		return 0;	/* booted without Xen's tools: nothing runs under it */
	rs_cmd_args(domid, (const char *const[]){ "domid", name, NULL });
	rs_cmd_timeout(domid, GONE_S);
	if (rs_cmd_run(domid, &r, err) < 0)
		return -1;
	if (r.status != 0)
		return 0;	/* no such domain, or no hypervisor any more */
	rs_cmd_args(destroy, (const char *const[]){ "destroy", name, NULL });
	rs_cmd_timeout(destroy, 4 * GONE_S);
	return rs_cmd_run_ok(destroy, err);
}

/* The words of text, which is changed and must outlive them; NULL-ended.  free() releases. */
static const char **split(char *text, struct rs_err *err)
{
	const char **words = rs_alloc(strlen(text) / 2 + 2, sizeof(*words), err);
	size_t n = 0;

	for (char *p = text; words != NULL && *p != '\0';) {
		words[n++] = p;
		p += strcspn(p, " ");
		if (*p != '\0')
			*p++ = '\0';
	}
	return words;
}

static int undo_volume(const struct rs_owner *owner, const char *value, struct rs_err *err)
{
	const char *slash = strchr(value, '/');
	int64_t end_ns = rs_clock_ns() + (int64_t)(GONE_S * 1e9);
	RS_AUTO_STR *group = NULL, *list = NULL;
	struct rs_err why = RS_ERR_INIT;
	const char **names;
	int rc;

	if (slash == NULL)
		return rs_err_set(err, RS_ERR_INTERNAL, "\"%s\" is not a logical volume", value);
	group = rs_strndup(value, (size_t)(slash - value), err);
	list = rs_strdup(slash + 1, err);
	names = group != NULL && list != NULL ? split(list, err) : NULL;
	if (names == NULL)
		return -1;
	/* Xen lets go of a destroyed guest's disks a moment later; somebody else's volume of
	 * that name stays, and was why this run made none. */
	do {
		rs_err_clear(&why);
		rc = rs_storage_volumes_remove(group, names, owner->run, &why);
		if (rc < 0 && why.kind != RS_ERR_MACHINE)
			(void)usleep(200000);
	} while (rc < 0 && why.kind != RS_ERR_MACHINE && rs_clock_ns() < end_ns);
	if (rc < 0)
		rc = why.kind == RS_ERR_MACHINE ? 0 : rs_err_set(err, why.kind, "%s", why.text);
	free(names);
	return rc;
}

static int undo_container(const struct rs_owner *owner, const char *id, struct rs_err *err)
{
	RS_AUTO_STR *program = rs_path_program("vzctl");

	(void)owner;
	return program == NULL ? 0 : rs_vzctl_remove(id, err);
}

rs_undo_fn *const rs_undo_of[RS_TRACE_LAST] = {
	[RS_TRACE_TREE] = undo_tree,	       [RS_TRACE_FOLDER] = undo_folder,
	[RS_TRACE_MOUNT] = undo_mount,	       [RS_TRACE_BRIDGE] = undo_bridge,
	[RS_TRACE_PROCESS] = undo_process,     [RS_TRACE_CGROUP] = undo_cgroup,
	[RS_TRACE_DOMAIN] = undo_domain,       [RS_TRACE_VOLUME] = undo_volume,
	[RS_TRACE_CONTAINER] = undo_container, [RS_TRACE_MARKED] = undo_marked,
};
