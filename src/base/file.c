/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files and trees: read, write at once, copy, list, remove. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restudy/base/mem.h"
#include "restudy/base/out.h"
#include "restudy/base/path.h"

int rs_path_read(const char *path, size_t max, struct rs_buf *b, struct rs_err *err)
{
	RS_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	char block[8192];
	size_t total = 0;

	if (fd < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot read \"%s\"", path);
	for (;;) {
		ssize_t n = read(fd, block, sizeof(block));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot read \"%s\"", path);
		if (n == 0)
			return rs_buf_check(b, err);
		total += (size_t)n;
		if (total > max)
			return rs_err_set(err, RS_ERR_FAILED, "\"%s\" has more than %zu bytes, the limit",
					  path, max);
		rs_buf_add(b, block, (size_t)n);
	}
}

void rs_path_last_line(const char *path, char *buf, size_t size)
{
	RS_AUTO_BUF text = RS_BUF_INIT;

	buf[0] = '\0';
	if (path != NULL && rs_path_read(path, 16 << 20, &text, NULL) == 0)
		(void)snprintf(buf, size, "%s", rs_buf_last_line(&text));
}

int rs_path_write(const char *path, const void *bytes, size_t n, struct rs_err *err)
{
	RS_AUTO_OUT *o = rs_out_open(path, err);

	if (o == NULL)
		return -1;
	rs_out_write(o, bytes, n);
	return rs_out_close(RS_STEAL(&o), err);
}

int rs_write_all(int fd, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n > 0) {
		ssize_t k = write(fd, p, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return errno;
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

static int copy_bytes(int from, struct rs_out *o)
{
	char block[8192];

	for (;;) {
		ssize_t n = read(from, block, sizeof(block));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		rs_out_write(o, block, (size_t)n);
	}
}

int rs_path_copy(const char *from, const char *to, struct rs_err *err)
{
	RS_AUTO_FD fd = open(from, O_RDONLY | O_CLOEXEC);
	RS_AUTO_OUT *o = NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot read \"%s\"", from);
	if (!S_ISREG(st.st_mode))
		return rs_err_set(err, RS_ERR_FAILED, "cannot copy \"%s\": not a regular file", from);
	o = rs_out_open(to, err);
	if (o == NULL)
		return -1;
	if (copy_bytes(fd, o) < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot read \"%s\"", from);
	if (rs_out_close(RS_STEAL(&o), err) < 0)
		return -1;
	if (chmod(to, st.st_mode & 07777) != 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot set the mode of \"%s\"", to);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static int add_name(char ***names, size_t *n, const char *name, struct rs_err *err)
{
	char **grown = realloc(*names, (*n + 2) * sizeof(**names));

	if (grown == NULL)
		return rs_err_nomem(err);
	*names = grown;
	grown[*n + 1] = NULL;
	grown[*n] = rs_strdup(name, err);
	if (grown[*n] == NULL)
		return -1;
	(*n)++;
	return 0;
}

/* The next entry but "." and ".."; NULL: at the end errno is 0, else it is the failure. */
static const struct dirent *next_entry(DIR *d)
{
	const struct dirent *e;

	do {
		errno = 0;
		e = readdir(d);
	} while (e != NULL && (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0));
	return e;
}

int rs_path_list(const char *path, char ***ret_names, size_t *ret_n, struct rs_err *err)
{
	RS_AUTO_ARGV names = rs_alloc(1, sizeof(*names), err);
	const struct dirent *e;
	size_t n = 0;
	int rc = 0;
	DIR *d;

	if (names == NULL)
		return -1;
	d = opendir(path);
	if (d == NULL)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot list \"%s\"", path);
	while (rc == 0 && (e = next_entry(d)) != NULL)
		rc = add_name(&names, &n, e->d_name, err);
	if (rc == 0 && errno != 0)
		rc = rs_err_sys(err, RS_ERR_FAILED, errno, "cannot list \"%s\"", path);
	(void)closedir(d);
	if (rc < 0)
		return -1;
	qsort(names, n, sizeof(*names), by_name);
	*ret_names = RS_STEAL(&names);
	*ret_n = n;
	return 0;
}

static int empty_folder(int fd, dev_t dev, const char *name, struct rs_err *err);

static int remove_entry(int folder, const char *entry, dev_t dev, const char *name,
			struct rs_err *err)
{
	struct stat st;
	int child;

	if (fstatat(folder, entry, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot look at \"%s\" in \"%s\"", entry,
				  name);
	if (!S_ISDIR(st.st_mode)) {
		if (unlinkat(folder, entry, 0) != 0)
			return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot remove \"%s\" in \"%s\"",
					  entry, name);
		return 0;
	}
	if (st.st_dev != dev)
		return rs_err_set(err, RS_ERR_FAILED,
				  "will not remove \"%s\" in \"%s\": another file system is mounted "
				  "there; unmount it first", entry, name);
	child = openat(folder, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (child < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot list \"%s\" in \"%s\"", entry, name);
	if (empty_folder(child, dev, entry, err) < 0)
		return -1;
	if (unlinkat(folder, entry, AT_REMOVEDIR) != 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot remove \"%s\" in \"%s\"", entry, name);
	return 0;
}

/* Empties the folder fd of the file system dev; closes fd. */
static int empty_folder(int fd, dev_t dev, const char *name, struct rs_err *err)
{
	DIR *d = fdopendir(fd);
	const struct dirent *e;
	int rc = 0;

	if (d == NULL) {
		(void)close(fd);
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot list \"%s\"", name);
	}
	while (rc == 0 && (e = next_entry(d)) != NULL)
		rc = remove_entry(dirfd(d), e->d_name, dev, name, err);
	if (rc == 0 && errno != 0)
		rc = rs_err_sys(err, RS_ERR_FAILED, errno, "cannot list \"%s\"", name);
	(void)closedir(d);
	return rc;
}

int rs_path_remove_tree(const char *path, struct rs_err *err)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : rs_err_sys(err, RS_ERR_FAILED, errno,
							"cannot look at \"%s\"", path);
	if (!S_ISDIR(st.st_mode)) {
		if (unlink(path) != 0)
			return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot remove \"%s\"", path);
		return 0;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot list \"%s\"", path);
	if (empty_folder(fd, st.st_dev, path, err) < 0)
		return -1;
	if (rmdir(path) != 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot remove the folder \"%s\"", path);
	return 0;
}
