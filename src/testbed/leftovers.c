/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who owns a machine, and what killed coordinators left.  A machine is found by the
 * path of its private folder, a random name that stands in the arguments of its QEMU
 * process; libvirt is not asked, since a process can open one embedded root only and
 * the driver may be gone meanwhile.
 */
#include "leftovers_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image_build_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/base/process.h"
#include "restudy/base/temp.h"
#include "restudy/testbed.h"

#define ENTRY_MAX   16384u
#define CMDLINE_MAX (1u << 20)
#define END_WAIT_S  10

void rs_machine_owner_release(struct rs_machine_owner *o)
{
	if (o == NULL)
		return;
	free(o->root);
	free(o->run_id);
	free(o->folder);
	*o = (struct rs_machine_owner){ .root = NULL };
}

static char *register_folder(struct rs_err *err)
{
	RS_AUTO_STR *cache = rs_path_cache(err);
	RS_AUTO_STR *folder = cache != NULL ? rs_path_join(cache, "machines", err) : NULL;

	if (folder == NULL || rs_path_mkdirs(folder, err) < 0)
		return NULL;
	return RS_STEAL(&folder);
}

static char *entry_path(const char *root, struct rs_err *err)
{
	RS_AUTO_STR *folder = register_folder(err);

	return folder != NULL ? rs_path_join(folder, rs_path_base(root), err) : NULL;
}

/* Socket paths hold 107 bytes, and libvirt puts up to 60 of its own below its root. */
static char *make_root(struct rs_err *err)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	RS_AUTO_STR *root = NULL;

	if (runtime == NULL || runtime[0] != '/' || strlen(runtime) > 24 ||
	    access(runtime, W_OK) != 0)
		runtime = "/tmp";
	root = rs_asprintf(err, "%s/restudy-XXXXXX", runtime);
	if (root == NULL)
		return NULL;
	if (mkdtemp(root) == NULL) {
		(void)rs_err_sys(err, RS_ERR_FAILED, errno, "a folder cannot be made in \"%s\"", runtime);
		return NULL;
	}
	return RS_STEAL(&root);
}

static int write_entry(const struct rs_machine_owner *o, struct rs_err *err)
{
	RS_AUTO_STR *path = entry_path(o->root, err);
	RS_AUTO_BUF text = RS_BUF_INIT;

	rs_buf_addf(&text, "root=%s\nrun=%s\nfolder=%s\npid=%" PRId64 "\nstart=%" PRIu64 "\n", o->root,
		    o->run_id, o->folder, o->pid, o->start);
	if (path == NULL || rs_buf_check(&text, err) < 0)
		return -1;
	return rs_path_write(path, rs_buf_str(&text), text.len, err);
}

int rs_machine_owner_register(const char *run_id, const char *folder, struct rs_machine_owner *ret,
		      struct rs_err *err)
{
	struct rs_machine_owner o = { .pid = getpid() };

	o.start = rs_process_start((pid_t)o.pid);
	o.run_id = rs_strdup(run_id, err);
	o.folder = rs_strdup(folder, err);
	o.root = o.run_id != NULL && o.folder != NULL ? make_root(err) : NULL;
	if (o.root == NULL || write_entry(&o, err) < 0) {
		if (o.root != NULL)
			(void)rmdir(o.root);
		rs_machine_owner_release(&o);
		return -1;
	}
	*ret = o;
	return 0;
}

int rs_machine_owner_forget(const struct rs_machine_owner *o, struct rs_err *err)
{
	RS_AUTO_STR *path = entry_path(o->root, err);

	if (path == NULL || rs_path_remove_tree(o->root, err) < 0)
		return -1;
	if (unlink(path) < 0 && errno != ENOENT)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "\"%s\" cannot be removed", path);
	return 0;
}

/* The value of "name=" at the start of a line, owned. */
static char *value_of(const char *text, const char *name, struct rs_err *err)
{
	size_t n = strlen(name);

	for (const char *p = text; p != NULL && *p != '\0'; p = strchr(p, '\n')) {
		if (*p == '\n')
			p++;
		if (strncmp(p, name, n) == 0 && p[n] == '=')
			return rs_strndup(p + n + 1, strcspn(p + n + 1, "\n"), err);
	}
	(void)rs_err_set(err, RS_ERR_FAILED, "no \"%s=\" in it", name);
	return NULL;
}

static int read_entry(const char *path, struct rs_machine_owner *o, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	RS_AUTO_STR *pid = NULL, *start = NULL;
	int64_t start_ticks = 0;

	if (rs_path_read(path, ENTRY_MAX, &text, err) < 0)
		return -1;
	o->root = value_of(rs_buf_str(&text), "root", err);
	o->run_id = value_of(rs_buf_str(&text), "run", err);
	o->folder = value_of(rs_buf_str(&text), "folder", err);
	pid = value_of(rs_buf_str(&text), "pid", err);
	start = value_of(rs_buf_str(&text), "start", err);
	if (o->root == NULL || o->run_id == NULL || o->folder == NULL || pid == NULL ||
	    start == NULL || rs_parse_i64(pid, 1, INT32_MAX, &o->pid, err) < 0 ||
	    rs_parse_i64(start, 0, INT64_MAX, &start_ticks, err) < 0)
		return rs_err_wrap(err, "\"%s\"", path);
	o->start = (uint64_t)start_ticks;
	/* What is removed below must be a folder that make_root could have made. */
	if (o->root[0] != '/' || strncmp(rs_path_base(o->root), "restudy-", 8) != 0 ||
	    strcmp(rs_path_base(o->root), rs_path_base(path)) != 0)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\" names the folder \"%s\", which is not a "
				  "machine's", path, o->root);
	return 0;
}

/* Whether process pid is a QEMU whose arguments name root. */
static int is_machine(const char *pid, const char *root)
{
	RS_AUTO_STR *path = rs_asprintf(NULL, "/proc/%s/cmdline", pid);
	RS_AUTO_STR *below = rs_asprintf(NULL, "%s/", root);
	RS_AUTO_BUF text = RS_BUF_INIT;
	char *base;

	if (path == NULL || below == NULL || rs_path_read(path, CMDLINE_MAX, &text, NULL) < 0 ||
	    text.len == 0)
		return 0;
	base = text.data;
	if (strncmp(rs_path_base(base), "qemu-system-", 12) != 0)
		return 0;
	return memmem(text.data, text.len, below, strlen(below)) != NULL;
}

/* Signals every QEMU of root; how many there are. */
static size_t signal_machines(const char *root, int signum)
{
	RS_AUTO_ARGV names = NULL;
	size_t n, found = 0;
	int64_t pid;

	if (rs_path_list("/proc", &names, &n, NULL) < 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (rs_parse_i64(names[i], 2, INT32_MAX, &pid, NULL) < 0 || !is_machine(names[i], root))
			continue;
		found++;
		if (signum != 0)
			(void)kill((pid_t)pid, signum);
	}
	return found;
}

static int end_machines(const struct rs_machine_owner *o, struct rs_err *err)
{
	if (signal_machines(o->root, SIGTERM) == 0)
		return 0;
	for (int i = 0; i < END_WAIT_S * 10; i++) {
		/* Not rs_clock_sleep: this cleans up after a stop was asked for, too. */
		(void)poll(NULL, 0, 100);
		if (signal_machines(o->root, i == END_WAIT_S * 5 ? SIGKILL : 0) == 0)
			return 0;
	}
	return rs_err_set(err, RS_ERR_FAILED, "the QEMU process of run \"%s\" does not end: who may "
			  "signal it?", o->run_id);
}

static int is_alive(const struct rs_machine_owner *o)
{
	return o->start != 0 && rs_process_start((pid_t)o->pid) == o->start;
}

static int remove_machine(const struct rs_machine_owner *o, struct rs_err *err)
{
	return end_machines(o, err) < 0 ? -1 : rs_machine_owner_forget(o, err);
}

/* Calls handle for every entry that can be read; keeps going on errors. */
typedef int entry_fn(void *user, const struct rs_machine_owner *o, struct rs_err *err);

static int each_entry(entry_fn *handle, void *user, struct rs_err *err)
{
	RS_AUTO_STR *folder = register_folder(err);
	RS_AUTO_ARGV names = NULL;
	size_t n;
	int rc = 0;

	if (folder == NULL || rs_path_list(folder, &names, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		RS_AUTO_STR *path = NULL;
		struct rs_machine_owner o = { .root = NULL };
		struct rs_err why = RS_ERR_INIT;

		/* Another process may be writing an entry, or removing its own. */
		if (strncmp(names[i], "restudy-", 8) != 0 || rs_temp_owner(names[i]) != 0)
			continue;
		path = rs_path_join(folder, names[i], err);
		if (path == NULL)
			return -1;
		if (read_entry(path, &o, &why) == 0)
			rc = handle(user, &o, err) < 0 ? -1 : rc;
		else if (rs_path_exists(path))
			rc = rs_err_set(err, why.kind, "%s", why.text);
		rs_machine_owner_release(&o);
	}
	return rc;
}

static int reclaim(void *user, const struct rs_machine_owner *o, struct rs_err *err)
{
	const char *folder = user;

	if (strcmp(o->folder, folder) != 0)
		return 0;
	if (is_alive(o))
		return rs_err_set(err, RS_ERR_FAILED, "process %" PRId64 " runs a machine in \"%s\": wait "
				  "for it, or choose another folder", o->pid, folder);
	return remove_machine(o, err);
}

int rs_machine_owner_reclaim(const char *folder, struct rs_err *err)
{
	RS_AUTO_STR *copy = rs_strdup(folder, err);

	return copy != NULL ? each_entry(reclaim, copy, err) : -1;
}

struct leftovers {
	int remove;
	struct rs_buf *out;
};

static int handle_leftover(void *user, const struct rs_machine_owner *o, struct rs_err *err)
{
	const struct leftovers *l = user;
	size_t n;
	int rc = 0;

	if (is_alive(o))
		return 0;
	n = signal_machines(o->root, 0);
	if (l->remove)
		rc = remove_machine(o, err);
	rs_buf_addf(l->out, "machine of run \"%s\" (%s, folder \"%s\"): %s\n", o->run_id,
		    n > 0 ? "QEMU runs" : "ended", o->root,
		    !l->remove ? "left behind" : rc == 0 ? "removed" : "could not be removed");
	return rc;
}

int rs_testbed_leftovers(int remove, struct rs_buf *out, struct rs_err *err)
{
	struct leftovers l = { remove, out };

	if (each_entry(handle_leftover, &l, err) < 0)
		return -1;
	return rs_image_work_leftovers(remove, out, err);
}
