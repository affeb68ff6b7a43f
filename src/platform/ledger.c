/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ledgers as small text files: /run/restudy for root, else a folder of the user.
 * They live on a file system that a reboot clears, as most of what they list.
 */
#include "ledger_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/process.h"

struct trace {
	enum rs_trace kind;
	char *value;	/* owned */
};

struct rs_ledger {
	struct rs_owner owner;
	char *path;		/* owned */
	struct trace *traces;	/* owned, oldest first */
	size_t n;
};

enum { LEDGER_MAX_BYTES = 1 << 20 };

static const char *const trace_name[] = {
	[RS_TRACE_TREE] = "tree",	    [RS_TRACE_FOLDER] = "folder",
	[RS_TRACE_MOUNT] = "mount",	    [RS_TRACE_BRIDGE] = "bridge",
	[RS_TRACE_PROCESS] = "process",	    [RS_TRACE_CGROUP] = "cgroup",
	[RS_TRACE_DOMAIN] = "domain",	    [RS_TRACE_VOLUME] = "volume",
	[RS_TRACE_CONTAINER] = "container", [RS_TRACE_MARKED] = "marked",
};
_Static_assert(RS_COUNT(trace_name) == RS_TRACE_LAST, "name every kind of trace");

int rs_owner_self(struct rs_owner *o, const char *run_id, struct rs_err *err)
{
	memset(o, 0, sizeof(*o));
	if (!rs_path_is_plain_name(run_id) || strlen(run_id) >= sizeof(o->run))
		return rs_err_set(err, RS_ERR_INTERNAL, "run id \"%s\" is not a plain name", run_id);
	memcpy(o->run, run_id, strlen(run_id) + 1);
	o->pid = getpid();
	o->start = rs_process_start(o->pid);
	if (o->start == 0)
		return rs_err_set(err, RS_ERR_MACHINE, "cannot read \"/proc/%ld/stat\": mount /proc",
				  (long)o->pid);
	return 0;
}

int rs_owner_alive(const struct rs_owner *o)
{
	return o->pid > 0 && o->start != 0 && rs_process_start(o->pid) == o->start;
}

char *rs_owner_mark(char *buf, size_t size, const struct rs_owner *o)
{
	(void)snprintf(buf, size, "restudy %s %ld %llu", o->run, (long)o->pid, o->start);
	return buf;
}

/* The folder of all ledgers of this user, made when missing. */
static char *ledger_folder(struct rs_err *err)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	RS_AUTO_STR *dir = NULL;
	struct stat st;

	if (geteuid() == 0)
		dir = rs_strdup("/run/restudy", err);
	else if (runtime != NULL && runtime[0] == '/')
		dir = rs_path_join(runtime, "restudy", err);
	else
		dir = rs_asprintf(err, "/tmp/restudy-%ld", (long)geteuid());
	if (dir == NULL)
		return NULL;
	if (mkdir(dir, 0700) < 0 && errno != EEXIST) {
		rs_err_sys(err, RS_ERR_MACHINE, errno, "cannot make \"%s\"", dir);
		return NULL;
	}
	if (lstat(dir, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid()) {
		rs_err_set(err, RS_ERR_MACHINE, "\"%s\" is not a folder of this user: remove it", dir);
		return NULL;
	}
	return RS_STEAL(&dir);
}

static void ledger_free(struct rs_ledger *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->n; i++)
		free(l->traces[i].value);
	free(l->traces);
	free(l->path);
	free(l);
}

static void ledger_freep(struct rs_ledger **l)
{
	ledger_free(*l);
}

static int append_line(const char *path, const char *text, int flags, struct rs_err *err)
{
	RS_AUTO_FD fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | flags, 0600);
	size_t len = strlen(text);

	if (fd < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot open \"%s\"", path);
	if (write(fd, text, len) != (ssize_t)len)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot write \"%s\"", path);
	return 0;
}

struct rs_ledger *rs_ledger_open(const char *platform, const char *run_id, struct rs_err *err)
{
	__attribute__((cleanup(ledger_freep))) struct rs_ledger *l = rs_alloc(1, sizeof(*l), err);
	RS_AUTO_STR *dir = ledger_folder(err);
	RS_AUTO_STR *head = NULL;
	int rc = -1;

	if (l == NULL || dir == NULL || rs_owner_self(&l->owner, run_id, err) < 0)
		return NULL;
	l->path = rs_asprintf(err, "%s/%s-%ld-%llu-%" PRId64, dir, platform, (long)l->owner.pid,
			      l->owner.start, rs_clock_ns());
	head = rs_asprintf(err, "run %s\n", run_id);
	if (l->path == NULL || head == NULL)
		return NULL;
	/* Another process may remove the empty folder between its making and its use. */
	for (int tries = 0; rc < 0 && tries < 3; tries++) {
		struct rs_err *last = tries == 2 ? err : NULL;
		RS_AUTO_STR *again = ledger_folder(last);

		rc = again == NULL ? -1 : append_line(l->path, head, O_CREAT | O_EXCL, last);
	}
	return rc < 0 ? NULL : RS_STEAL(&l);
}

const struct rs_owner *rs_ledger_owner(const struct rs_ledger *l)
{
	return &l->owner;
}

static int trace_keep(struct rs_ledger *l, enum rs_trace kind, const char *value, struct rs_err *err)
{
	struct trace *t = rs_array_grow(&l->traces, l->n, sizeof(*l->traces), err);

	if (t == NULL)
		return -1;
	t->kind = kind;
	t->value = rs_strdup(value, err);
	if (t->value == NULL)
		return -1;
	l->n++;
	return 0;
}

int rs_ledger_add(struct rs_ledger *l, enum rs_trace kind, const char *value, struct rs_err *err)
{
	RS_AUTO_STR *line = NULL;

	if (value[0] == '\0' || strchr(value, '\n') != NULL)
		return rs_err_set(err, RS_ERR_INTERNAL, "ledger value \"%s\" is not one line", value);
	line = rs_asprintf(err, "%s %s\n", trace_name[kind], value);
	if (line == NULL || append_line(l->path, line, 0, err) < 0)
		return -1;
	return trace_keep(l, kind, value, err);
}

char *rs_ledger_sockets(struct rs_ledger *l, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_asprintf(err, "%.*s/s%llx", (int)(strrchr(l->path, '/') - l->path),
					l->path, (unsigned long long)rs_clock_ns());

	if (path == NULL || rs_ledger_add(l, RS_TRACE_TREE, path, err) < 0)
		return NULL;
	if (mkdir(path, 0700) < 0) {
		rs_err_sys(err, RS_ERR_FAILED, errno, "cannot make \"%s\"", path);
		return NULL;
	}
	return RS_STEAL(&path);
}

/* The kernel's name for this boot: a process number of another boot says nothing. */
static int boot_id(struct rs_buf *out, struct rs_err *err)
{
	return rs_path_read("/proc/sys/kernel/random/boot_id", 256, out, err);
}

/* Whether the mark in file path is one of ours whose process is gone. */
static int mark_is_stale(const char *path)
{
	RS_AUTO_BUF mark = RS_BUF_INIT;
	RS_AUTO_BUF boot = RS_BUF_INIT;
	struct rs_owner o = { .pid = 0 };
	long pid = 0;
	int at = 0;

	if (rs_path_read(path, 1024, &mark, NULL) < 0 || boot_id(&boot, NULL) < 0 ||
	    sscanf(rs_buf_str(&mark), "restudy %127s %ld %llu %n", o.run, &pid, &o.start, &at) != 3 ||
	    at == 0)
		return 0;
	o.pid = (pid_t)pid;
	return strcmp(rs_buf_str(&mark) + at, rs_buf_str(&boot)) != 0 || !rs_owner_alive(&o);
}

int rs_ledger_claim(struct rs_ledger *l, const char *path, struct rs_err *err)
{
	RS_AUTO_STR *mark = rs_asprintf(err, "%s.restudy", path);
	RS_AUTO_BUF text = RS_BUF_INIT;
	char owner[192];

	if (mark == NULL || rs_path_make_parent(path, err) < 0)
		return -1;
	if (rs_path_exists(path)) {
		if (!mark_is_stale(mark))
			return rs_err_set(err, RS_ERR_FAILED, "\"%s\" exists and is not ours: remove it", path);
		if (rs_path_remove_tree(path, err) < 0)
			return -1;
	}
	rs_buf_addf(&text, "%s ", rs_owner_mark(owner, sizeof(owner), &l->owner));
	if (boot_id(&text, err) < 0 || rs_buf_check(&text, err) < 0 ||
	    rs_ledger_add(l, RS_TRACE_TREE, mark, err) < 0 ||
	    rs_ledger_add(l, RS_TRACE_TREE, path, err) < 0)
		return -1;
	return rs_path_write(mark, rs_buf_str(&text), text.len, err);
}

int rs_ledger_undo(struct rs_ledger *l, struct rs_err *err)
{
	struct rs_err first = RS_ERR_INIT;

	if (l == NULL)
		return 0;
	for (size_t i = l->n; i > 0; i--) {
		const struct trace *t = &l->traces[i - 1];
		struct rs_err e = RS_ERR_INIT;

		if (rs_undo_of[t->kind](&l->owner, t->value, &e) < 0 && first.kind == RS_ERR_NONE)
			first = e;
	}
	if (first.kind == RS_ERR_NONE && unlink(l->path) < 0 && errno != ENOENT)
		rs_err_sys(&first, RS_ERR_FAILED, errno, "cannot remove \"%s\"", l->path);
	*strrchr(l->path, '/') = '\0';
	(void)rmdir(l->path);	/* stays while another ledger is in it */
	ledger_free(l);
	if (first.kind == RS_ERR_NONE)
		return 0;
	return rs_err_set(err, first.kind, "%s", first.text);
}

/* One "kind value" line of a ledger's file. */
static int ledger_line(struct rs_ledger *l, const char *line, size_t len, struct rs_err *err)
{
	RS_AUTO_STR *text = rs_strndup(line, len, err);
	char *value;

	if (text == NULL)
		return -1;
	value = strchr(text, ' ');
	if (value == NULL)
		return 0;	/* cut off by a kill: the thing was not made yet */
	*value++ = '\0';
	if (strcmp(text, "run") == 0) {
		(void)snprintf(l->owner.run, sizeof(l->owner.run), "%s", value);
		return 0;
	}
	for (int k = 0; k < RS_TRACE_LAST; k++)
		if (strcmp(text, trace_name[k]) == 0)
			return trace_keep(l, (enum rs_trace)k, value, err);
	return rs_err_set(err, RS_ERR_FAILED, "\"%s\": unknown kind \"%s\"", l->path, text);
}

/* Reads what a ledger lists; lines without a newline are incomplete and left out. */
static int ledger_read(struct rs_ledger *l, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (rs_path_read(l->path, LEDGER_MAX_BYTES, &text, err) < 0)
		return -1;
	for (const char *p = rs_buf_str(&text), *nl; (nl = strchr(p, '\n')) != NULL; p = nl + 1)
		if (ledger_line(l, p, (size_t)(nl - p), err) < 0)
			return -1;
	return 0;
}

/* Takes pid and start out of "PLATFORM-PID-START-NS", where a platform's name may have dashes
 * itself; 0 when name is not of platform (NULL: any). */
static int ledger_name_parse(const char *name, const char *platform, struct rs_owner *o)
{
	size_t len = strlen(name);
	long pid = 0;

	for (int dashes = 0; dashes < 3; dashes += name[len] == '-')
		if (len-- == 0)
			return 0;
	if (platform != NULL && (strncmp(name, platform, len) != 0 || platform[len] != '\0'))
		return 0;
	if (sscanf(name + len, "-%ld-%llu-", &pid, &o->start) != 2)
		return 0;
	o->pid = (pid_t)pid;
	return 1;
}

static int leftover_one(struct rs_ledger *l, int remove, struct rs_buf *out, struct rs_err *err)
{
	if (ledger_read(l, err) < 0) {
		ledger_free(l);
		return -1;
	}
	for (size_t i = l->n; i > 0; i--)
		rs_buf_addf(out, "%s%s %s, of run \"%s\", whose process %ld is gone\n",
			    remove ? "remove " : "", trace_name[l->traces[i - 1].kind],
			    l->traces[i - 1].value, l->owner.run, (long)l->owner.pid);
	if (remove)
		return rs_ledger_undo(l, err);
	ledger_free(l);
	return 0;
}

int rs_ledger_leftovers(const char *platform, int remove, struct rs_buf *out, struct rs_err *err)
{
	RS_AUTO_STR *dir = ledger_folder(err);
	RS_AUTO_ARGV names = NULL;
	struct rs_err first = RS_ERR_INIT;
	size_t n = 0;

	if (dir == NULL || rs_path_list(dir, &names, &n, err) < 0)
		return -1;
	if (n == 0)
		(void)rmdir(dir);
	for (size_t i = 0; i < n; i++) {
		struct rs_err e = RS_ERR_INIT;
		struct rs_owner o = { .pid = 0 };
		struct rs_ledger *l;

		if (!ledger_name_parse(names[i], platform, &o) || rs_owner_alive(&o))
			continue;
		l = rs_alloc(1, sizeof(*l), err);
		if (l == NULL)
			return -1;
		l->owner = o;
		l->path = rs_path_join(dir, names[i], err);
		if (l->path == NULL) {
			ledger_free(l);
			return -1;
		}
		if (leftover_one(l, remove, out, &e) < 0 && first.kind == RS_ERR_NONE)
			first = e;
	}
	if (first.kind != RS_ERR_NONE)
		return rs_err_set(err, first.kind, "%s", first.text);
	return rs_buf_check(out, err);
}

/* Whether the ledger in file path lists a thing; value NULL: anything of the kind. */
static int ledger_lists(const char *path, enum rs_trace kind, const char *value)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	RS_AUTO_STR *line = rs_asprintf(NULL, value != NULL ? "\n%s %s\n" : "\n%s ",
					trace_name[kind], value);

	if (line == NULL || rs_path_read(path, LEDGER_MAX_BYTES, &text, NULL) < 0)
		return 0;
	return strstr(rs_buf_str(&text), line) != NULL;
}

int rs_ledger_others(const struct rs_owner *owner, enum rs_trace kind, const char *value)
{
	RS_AUTO_STR *dir = ledger_folder(NULL);
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;
	int own = 0, others = 0;

	if (dir == NULL || rs_path_list(dir, &names, &n, NULL) < 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		struct rs_owner o = { .pid = 0 };
		RS_AUTO_STR *path = rs_path_join(dir, names[i], NULL);

		if (path == NULL || !ledger_name_parse(names[i], NULL, &o) || !rs_owner_alive(&o) ||
		    !ledger_lists(path, kind, value))
			continue;
		/* One of the owner's own ledgers is the one being undone. */
		if (owner != NULL && !own && o.pid == owner->pid && o.start == owner->start)
			own = 1;
		else
			others++;
	}
	return others;
}
