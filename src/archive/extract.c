/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Unpacking.  Nothing of the archive is believed: a name must stay below the folder
 * and is opened component by component without following links, only plain files and
 * folders are made, nothing is written twice, and bytes are counted as they come, not
 * as the archive declares them.
 */
#include "extract_priv.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"

#define NAME_BYTES 1024		/* of a path in the archive */
#define DEPTH 32
#define FREE_BYTES (UINT64_C(64) << 20)	/* below this no ratio is asked for */
#define BLOCK (64 * 1024)

struct unpacking {
	const char *path;
	const struct rs_bag_limits *limits;
	struct archive *in;
	int root;		/* descriptor of the folder */
	uint64_t bytes, files;
};

static void unpacking_release(struct unpacking *u)
{
	(void)archive_read_free(u->in);
	rs_close_fd(&u->root);
}

static int refused(const struct unpacking *u, const char *name, const char *why, struct rs_err *err)
{
	return rs_err_set(err, RS_ERR_FAILED, "\"%s\" is refused: entry \"%.200s\" %s", u->path,
			  name == NULL ? "" : name, why);
}

/* Where: "in" or "after" an entry; NULL: there was none yet. */
static int broken(const struct unpacking *u, const char *where, const char *name, struct rs_err *err)
{
	const char *said = archive_error_string(u->in);

	if (archive_errno(u->in) == ENOMEM)
		return rs_err_nomem(err);
	if (said == NULL)
		said = "unreadable";
	/* libarchive's own number for bytes that no reader knows */
	if (archive_format(u->in) == 0 && archive_errno(u->in) == EILSEQ)
		return rs_err_set(err, RS_ERR_USAGE, "\"%s\" is no bag: it is neither tar nor zip", u->path);
	if (name == NULL)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\" is no whole archive: %s", u->path, said);
	return rs_err_set(err, RS_ERR_FAILED, "\"%s\" is no whole archive: %s entry \"%.200s\": %s", u->path,
			  where, name, said);
}

static int open_archive(struct unpacking *u, struct rs_err *err)
{
	u->in = archive_read_new();
	if (u->in == NULL)
		return rs_err_nomem(err);
	/* only what bags are made of: each further reader is one more thing to attack */
	if (archive_read_support_format_tar(u->in) != ARCHIVE_OK ||
	    archive_read_support_format_zip(u->in) != ARCHIVE_OK ||
	    archive_read_support_filter_zstd(u->in) != ARCHIVE_OK ||
	    archive_read_support_filter_gzip(u->in) != ARCHIVE_OK)
		return rs_err_set(err, RS_ERR_MACHINE, "libarchive lacks tar, zip, zstd or gzip; install libarchive13");
	if (archive_read_open_filename(u->in, u->path, BLOCK) != ARCHIVE_OK)
		return broken(u, "", NULL, err);
	return 0;
}

const char *rs_extract_name_fault(const char *name)
{
	int depth = 0;

	if (name == NULL || name[0] == '\0')
		return "has no name";
	if (strlen(name) > NAME_BYTES)
		return "has too long a name";
	if (!rs_path_is_inside(name))
		return "would leave the folder";
	for (const char *p = name; *p != '\0'; p++) {
		depth += *p == '/';
		if ((unsigned char)*p < 0x20 || *p == 0x7f || *p == '\\')
			return "has a name that is not plain";
	}
	return depth > DEPTH ? "lies too deep" : NULL;
}

/* Steps from at into its folder part, made when missing; -1 with errno. */
static int step_into(int at, const char *part)
{
	if (mkdirat(at, part, 0777) != 0 && errno != EEXIST)
		return -1;
	return openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Descriptor of the folder that holds the last component of name, made when missing;
 * *ret_last points into name.  Links are never followed. */
static int open_parent(const struct unpacking *u, char *name, const char **ret_last,
		       struct rs_err *err)
{
	int at = fcntl(u->root, F_DUPFD_CLOEXEC, 3);
	char *part = name, *slash;

	while (at >= 0 && (slash = strchr(part, '/')) != NULL) {
		int next, errnum;

		*slash = '\0';
		next = step_into(at, part);
		errnum = errno;
		*slash = '/';
		(void)close(at);
		errno = errnum;
		at = next;
		part = slash + 1;
	}
	if (at < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot make a folder for entry \"%s\"", name);
	*ret_last = part;
	return at;
}

static int count_bytes(struct unpacking *u, const char *name, size_t n, struct rs_err *err)
{
	la_int64_t packed = archive_filter_bytes(u->in, -1);
	uint64_t allowed = packed > 0 ? (uint64_t)packed : 1;

	u->bytes += n;
	if (u->bytes > u->limits->bytes)
		return refused(u, name, "makes it larger than the limit", err);
	allowed = allowed > UINT64_MAX / u->limits->ratio ? UINT64_MAX : allowed * u->limits->ratio;
	if (u->bytes > FREE_BYTES && u->bytes - FREE_BYTES > allowed)
		return refused(u, name, "unpacks to far more than the archive holds", err);
	return 0;
}

static int unpack_bytes(struct unpacking *u, const char *name, int fd, char *block,
			struct rs_err *err)
{
	for (;;) {
		la_ssize_t n = archive_read_data(u->in, block, BLOCK);
		int errnum;

		if (n == 0)
			return 0;
		if (n < 0)
			return broken(u, "in", name, err);
		if (count_bytes(u, name, (size_t)n, err) < 0 || rs_stop_check(err) < 0)
			return -1;
		errnum = rs_write_all(fd, block, (size_t)n);
		if (errnum != 0)
			return rs_err_sys(err, RS_ERR_MACHINE, errnum, "cannot unpack \"%s\"", name);
	}
}

static int unpack_file(struct unpacking *u, char *name, char *block, struct rs_err *err)
{
	const char *last = NULL;
	RS_AUTO_FD at = open_parent(u, name, &last, err);
	RS_AUTO_FD fd = -1;

	if (at < 0)
		return -1;
	fd = openat(at, last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0 && errno == EEXIST)
		return refused(u, name, "appears twice", err);
	if (fd < 0)
		return rs_err_sys(err, RS_ERR_MACHINE, errno, "cannot unpack \"%s\"", name);
	return unpack_bytes(u, name, fd, block, err);
}

static int unpack_folder(struct unpacking *u, char *name, struct rs_err *err)
{
	const char *last = NULL;
	RS_AUTO_FD at = open_parent(u, name, &last, err);

	if (at < 0)
		return -1;
	if (mkdirat(at, last, 0777) == 0 || errno == EEXIST)
		return 0;
	return rs_err_sys(err, RS_ERR_MACHINE, errno, "cannot unpack \"%s\"", name);
}

static int unpack_entry(struct unpacking *u, struct archive_entry *e, char *name, char *block,
			struct rs_err *err)
{
	size_t n = name == NULL ? 0 : strlen(name);
	int folder = archive_entry_filetype(e) == AE_IFDIR;
	const char *fault;

	if (folder && n > 1 && name[n - 1] == '/')
		name[n - 1] = '\0';
	fault = rs_extract_name_fault(name);
	if (fault != NULL)
		return refused(u, name, fault, err);
	if (archive_entry_hardlink(e) != NULL || archive_entry_symlink(e) != NULL)
		return refused(u, name, "is a link", err);
	if (!folder && archive_entry_filetype(e) != AE_IFREG)
		return refused(u, name, "is no plain file", err);
	if (archive_entry_is_encrypted(e))
		return refused(u, name, "is encrypted", err);
	if (archive_entry_size_is_set(e) && archive_entry_size(e) < 0)
		return refused(u, name, "has a negative size", err);
	if (++u->files > u->limits->files)
		return refused(u, name, "is one more than the limit of files", err);
	return folder ? unpack_folder(u, name, err) : unpack_file(u, name, block, err);
}

int rs_extract(const char *path, const char *into, const struct rs_bag_limits *limits,
	       struct rs_err *err)
{
	__attribute__((cleanup(unpacking_release))) struct unpacking u = { .path = path, .limits = limits,
									  .root = -1 };
	RS_AUTO_STR *block = rs_alloc(1, BLOCK, err);
	RS_AUTO_STR *last = NULL;	/* name of the entry that was read */
	struct archive_entry *e;
	int r;

	if (block == NULL)
		return -1;
	u.root = open(into, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (u.root < 0)
		return rs_err_sys(err, RS_ERR_MACHINE, errno, "cannot open \"%s\"", into);
	if (open_archive(&u, err) < 0)
		return -1;
	while ((r = archive_read_next_header(u.in, &e)) == ARCHIVE_OK) {
		free(last);
		last = rs_strdup(archive_entry_pathname(e), err);
		if (unpack_entry(&u, e, last, block, err) < 0)
			return -1;
	}
	return r == ARCHIVE_EOF ? 0 : broken(&u, "after", last, err);
}
