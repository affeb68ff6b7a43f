/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PUSH, PULL and PULL_TREE: files to and from this machine. */
#include "requests_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file on its way in: it appears under its name only when all of it is there. */
struct incoming {
	char path[4096], temporary[4096 + 16];
	uint64_t size, received;
	unsigned mode;
	int fd;
	int failure;	/* the first errno value; later bytes are only counted */
};

/* Makes the folders above path. */
static int make_parents(const char *path)
{
	char p[4096];

	if ((size_t)snprintf(p, sizeof(p), "%s", path) >= sizeof(p)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	for (char *s = strchr(p + 1, '/'); s != NULL; s = strchr(s + 1, '/')) {
		*s = '\0';
		if (mkdir(p, 0755) < 0 && errno != EEXIST)
			return -1;
		*s = '/';
	}
	return 0;
}

static void open_incoming(struct incoming *f)
{
	snprintf(f->temporary, sizeof(f->temporary), "%s.restudy-XXXXXX", f->path);
	f->fd = make_parents(f->path) < 0 ? -1 : mkostemp(f->temporary, O_CLOEXEC);
	if (f->fd < 0)
		f->failure = errno;
}

static void take(struct incoming *f, const unsigned char *p, size_t n)
{
	f->received += n;
	while (f->failure == 0 && n > 0) {
		const ssize_t k = write(f->fd, p, n);

		if (k >= 0) {
			p += k;
			n -= (size_t)k;
		} else if (errno != EINTR) {
			f->failure = errno;
		}
	}
}

/* Gives the file its name, or removes it. */
static void finish(struct incoming *f, int keep)
{
	if (f->fd < 0)
		return;
	if (f->failure == 0 && keep && fchmod(f->fd, f->mode) < 0)
		f->failure = errno;
	if (close(f->fd) < 0 && f->failure == 0)
		f->failure = errno;
	f->fd = -1;
	if (f->failure == 0 && keep && rename(f->temporary, f->path) == 0)
		return;
	if (f->failure == 0 && keep)
		f->failure = errno;
	unlink(f->temporary);
}

void rs_agent_push(struct rs_conn *c, const struct rs_wire_frame *request)
{
	struct rs_wire_in in = { request->payload, request->len, 0 };
	struct incoming file = { .fd = -1 };
	struct rs_wire_frame f;
	uint64_t total = 0;
	int len = 0;

	file.mode = rs_wire_get32(&in) & 07777;
	file.size = rs_wire_get64(&in);
	len = snprintf(file.path, sizeof(file.path), "%s", rs_wire_get_text(&in));
	if (in.bad || file.path[0] != '/' || len < 0 || (size_t)len >= sizeof(file.path))
		file.failure = EINVAL;
	else
		open_incoming(&file);
	do {
		if (rs_conn_receive(c, &f) < 0 || (f.type != RS_WIRE_DATA && f.type != RS_WIRE_END)) {
			if (!c->gone)
				rs_conn_unread(c, &f);
			finish(&file, 0);
			return;
		}
		if (f.type == RS_WIRE_DATA)
			take(&file, f.payload, f.len);
	} while (f.type == RS_WIRE_DATA);
	total = f.len == 8 ? rs_wire_load64(f.payload) : RS_WIRE_ABORT;
	finish(&file, total == file.received && total == file.size);
	if (file.failure != 0)
		rs_conn_error(c, RS_WIRE_ERR_FAILED, "cannot write \"%.300s\": %s", file.path,
			      strerror(file.failure));
	else if (total != file.received || total != file.size)
		rs_conn_error(c, RS_WIRE_ERR_FAILED, "\"%.300s\" did not arrive whole", file.path);
	else
		rs_conn_empty(c, RS_WIRE_OK);
}

/* A request's limit and path: 0, or -1 after telling the client. */
static int read_request(struct rs_conn *c, const struct rs_wire_frame *f, uint64_t *max,
			char *path, size_t size)
{
	struct rs_wire_in in = { f->payload, f->len, 0 };
	int len = 0;

	*max = rs_wire_get64(&in);
	len = snprintf(path, size, "%s", rs_wire_get_text(&in));
	if (!in.bad && path[0] == '/' && len > 0 && (size_t)len < size)
		return 0;
	rs_conn_error(c, RS_WIRE_ERR_REQUEST, "\"%.300s\" is not an absolute path", path);
	return -1;
}

/* Sends the bytes of a regular file, adding to *total.  0, or -1 after telling the
 * client, or when it does not want more. */
static int send_bytes(struct rs_conn *c, int fd, const char *path, uint64_t max, uint64_t *total)
{
	for (;;) {
		unsigned char *p = rs_conn_space(c);
		ssize_t n = 0;

		if (rs_conn_interrupted(c) || p == NULL) {
			rs_conn_error(c, RS_WIRE_ERR_FAILED, "cancelled");
			return -1;
		}
		n = read(fd, p, RS_WIRE_PAYLOAD_MAX);
		if (n == 0)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			rs_conn_error(c, RS_WIRE_ERR_FAILED, "cannot read \"%.300s\": %s", path,
				      strerror(errno));
			return -1;
		}
		*total += (uint64_t)n;
		if (*total > max) {
			rs_conn_error(c, RS_WIRE_ERR_FAILED,
				      "\"%.300s\" passes the limit of %llu bytes", path,
				      (unsigned long long)max);
			return -1;
		}
		rs_conn_commit(c, RS_WIRE_DATA, (size_t)n);
		rs_conn_push(c);
	}
}

/* Opens a regular file, never anything that blocks: descriptor, or -1 after telling. */
static int open_regular(struct rs_conn *c, const char *path, struct stat *st)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		rs_conn_error(c, RS_WIRE_ERR_FAILED, "cannot open \"%.300s\": %s", path,
			      strerror(errno));
		return -1;
	}
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	close(fd);
	rs_conn_error(c, RS_WIRE_ERR_FAILED, "\"%.300s\" is not a regular file", path);
	return -1;
}

void rs_agent_pull(struct rs_conn *c, const struct rs_wire_frame *f)
{
	char path[4096];
	uint64_t max = 0, total = 0;
	struct stat st;
	int fd = -1;

	if (read_request(c, f, &max, path, sizeof(path)) < 0)
		return;
	fd = open_regular(c, path, &st);
	if (fd < 0)
		return;
	if (send_bytes(c, fd, path, max, &total) == 0)
		rs_conn_end(c, total);
	close(fd);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int send_file(struct rs_conn *c, const FTSENT *e, size_t root_len, uint64_t max,
		     uint64_t *total)
{
	struct rs_wire_out o = { rs_conn_space(c), RS_WIRE_PAYLOAD_MAX, 0, 0 };
	const char *name = e->fts_path + root_len;
	struct stat st;
	int fd = -1, rc = -1;

	if (o.p == NULL)
		return -1;
	fd = open_regular(c, e->fts_path, &st);
	if (fd < 0)
		return -1;
	rs_wire_put_text(&o, name + strspn(name, "/"));
	if (o.full)
		rs_conn_error(c, RS_WIRE_ERR_FAILED, "a path is too long");
	else {
		rs_conn_commit(c, RS_WIRE_FILE, o.len);
		rc = send_bytes(c, fd, e->fts_path, max, total);
	}
	close(fd);
	return rc;
}

/* Sends every regular file of the tree: 0, or -1 after telling the client. */
static int send_tree(struct rs_conn *c, FTS *tree, size_t root_len, uint64_t max, uint64_t *total)
{
	for (FTSENT *e = fts_read(tree); e != NULL; e = fts_read(tree)) {
		if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR || e->fts_info == FTS_NS) {
			rs_conn_error(c, RS_WIRE_ERR_FAILED, "cannot read \"%.300s\": %s",
				      e->fts_path, strerror(e->fts_errno));
			return -1;
		}
		if (e->fts_level == 0 && e->fts_info != FTS_D && e->fts_info != FTS_DP) {
			rs_conn_error(c, RS_WIRE_ERR_FAILED, "\"%.300s\" is not a folder", e->fts_path);
			return -1;
		}
		if (e->fts_info == FTS_F && send_file(c, e, root_len, max, total) < 0)
			return -1;
	}
	/* fts_read sets errno to 0 at the end of the tree. */
	if (errno == 0)
		return 0;
	rs_conn_error(c, RS_WIRE_ERR_FAILED, "cannot read the whole folder: %s", strerror(errno));
	return -1;
}

void rs_agent_pull_tree(struct rs_conn *c, const struct rs_wire_frame *f)
{
	char path[4096];
	char *roots[] = { path, NULL };
	uint64_t max = 0, total = 0;
	FTS *tree = NULL;
	size_t len = 0;

	if (read_request(c, f, &max, path, sizeof(path)) < 0)
		return;
	for (len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
		path[len - 1] = '\0';
	tree = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
	if (tree == NULL) {
		rs_conn_error(c, RS_WIRE_ERR_FAILED, "cannot read \"%.300s\": %s", path,
			      strerror(errno));
		return;
	}
	if (send_tree(c, tree, len, max, &total) == 0)
		rs_conn_end(c, total);
	fts_close(tree);
}
