/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stream of files that a bag is, and what BagIt (RFC 8493) asks for around it. */
#include "bag_priv.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restudy/base/hash.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/temp.h"
#include "zstd_priv.h"

enum { SHA256, SHA512, N_DIGESTS };

static const enum rs_digest_kind digest_kind[N_DIGESTS] = { RS_DIGEST_SHA256, RS_DIGEST_SHA512 };
static const char *const digest_name[N_DIGESTS] = { "sha256", "sha512" };

struct rs_bag_writer {
	enum rs_bag_format format;
	char *path, *part, *top;
	int64_t mtime_s;
	struct archive *out;		/* tar, zip */
	struct archive_entry *entry;
	struct rs_zstd *zstd;		/* behind a tar */
	int fd;				/* of the archive, or of the file being written in a folder */
	struct rs_digest *digest[N_DIGESTS];
	struct rs_buf payload[N_DIGESTS], tags[N_DIGESTS];	/* manifests */
	char *rel;			/* file being written */
	uint64_t left;			/* bytes it lacks */
	uint64_t size;
	uint64_t files, bytes;		/* of the payload */
	int io_errno;			/* of the last write to fd */
	int made;			/* part is ours */
	int unlisted;			/* files are in no manifest any more */
	int finished;
};

static const char *const format_name[] = {
	[RS_BAG_FOLDER] = "folder",
	[RS_BAG_TAR_ZST] = "tar.zst",
	[RS_BAG_ZIP] = "zip",
};
_Static_assert(RS_COUNT(format_name) == RS_BAG_LAST, "name every format");

const char *rs_bag_format_name(enum rs_bag_format format)
{
	return format_name[format];
}

static int cannot_write(const struct rs_bag_writer *w, int errnum, struct rs_err *err)
{
	return rs_err_sys(err, RS_ERR_MACHINE, errnum, "cannot write \"%s\"", w->path);
}

static int archive_failed(const struct rs_bag_writer *w, struct rs_err *err)
{
	const char *said = archive_error_string(w->out);

	if (w->io_errno == ENOMEM)
		return rs_err_nomem(err);
	if (w->io_errno != 0)
		return cannot_write(w, w->io_errno, err);
	if (archive_errno(w->out) == ENOMEM)
		return rs_err_nomem(err);
	return rs_err_set(err, RS_ERR_FAILED, "cannot write \"%s\": %s", w->path,
			  said == NULL ? "the archive library failed" : said);
}

/* libarchive never hears of a failure (it would leak its buffer): the first one is kept,
 * the rest is thrown away, and each step asks (settled). */
static la_ssize_t archive_bytes(struct archive *a, void *user, const void *bytes, size_t n)
{
	struct rs_bag_writer *w = user;

	(void)a;
	if (w->io_errno == 0)
		w->io_errno = w->zstd != NULL ? rs_zstd_add(w->zstd, w->fd, bytes, n) : rs_write_all(w->fd, bytes, n);
	return (la_ssize_t)n;
}

/* Whether a step of libarchive worked, and so did the writing behind it. */
static int settled(const struct rs_bag_writer *w, int worked, struct rs_err *err)
{
	return worked && w->io_errno == 0 ? 0 : archive_failed(w, err);
}

static int choose_format(struct rs_bag_writer *w)
{
	if (w->format == RS_BAG_ZIP)
		return archive_write_set_format_zip(w->out);
	/* the locale of this process is C: a name that is no ASCII is written as its bytes */
	return archive_write_set_format_pax_restricted(w->out);
}

static int open_archive(struct rs_bag_writer *w, struct rs_err *err)
{
	w->fd = open(w->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (w->fd < 0)
		return cannot_write(w, errno, err);
	w->made = 1;
	w->out = archive_write_new();
	w->entry = archive_entry_new();
	if (w->out == NULL || w->entry == NULL)
		return rs_err_nomem(err);
	if (choose_format(w) != ARCHIVE_OK)
		return archive_failed(w, err);
	if (w->format == RS_BAG_TAR_ZST) {
		w->zstd = rs_zstd_new(err);
		if (w->zstd == NULL)
			return -1;
	}
	/* libzstd gathers bytes itself */
	(void)archive_write_set_bytes_per_block(w->out, w->zstd != NULL ? 0 : 1 << 16);
	(void)archive_write_set_bytes_in_last_block(w->out, 1);
	return settled(w, archive_write_open(w->out, w, NULL, archive_bytes, NULL) == ARCHIVE_OK, err);
}

static int open_writer(struct rs_bag_writer *w, struct rs_err *err)
{
	if (access(w->path, F_OK) == 0)
		return rs_err_set(err, RS_ERR_USAGE, "\"%s\" exists already: name another file, or remove it",
				  w->path);
	for (int i = 0; i < N_DIGESTS; i++) {
		w->digest[i] = rs_digest_new(digest_kind[i], err);
		if (w->digest[i] == NULL)
			return -1;
	}
	if (w->format != RS_BAG_FOLDER)
		return open_archive(w, err);
	w->made = mkdir(w->part, 0777) == 0;
	return w->made ? 0 : cannot_write(w, errno, err);
}

struct rs_bag_writer *rs_bag_writer_open(const char *path, enum rs_bag_format format,
					 const char *top, int64_t mtime_s, struct rs_err *err)
{
	RS_AUTO_BAG_WRITER *w = rs_alloc(1, sizeof(*w), err);

	if (w == NULL)
		return NULL;
	w->format = format;
	w->mtime_s = mtime_s;
	w->fd = -1;
	w->path = rs_strdup(path, err);
	w->top = rs_strdup(top, err);
	w->part = rs_temp_beside(path, "part", err);
	if (w->path == NULL || w->top == NULL || w->part == NULL || open_writer(w, err) < 0)
		return NULL;
	if (rs_bag_file(w, "bagit.txt", RS_BAGIT_TXT, strlen(RS_BAGIT_TXT), err) < 0)
		return NULL;
	return RS_STEAL(&w);
}

static int begin_in_folder(struct rs_bag_writer *w, const char *rel, struct rs_err *err)
{
	RS_AUTO_STR *full = rs_path_join(w->part, rel, err);

	if (full == NULL || rs_path_make_parent(full, err) < 0)
		return -1;
	w->fd = open(full, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	return w->fd < 0 ? cannot_write(w, errno, err) : 0;
}

static int begin_in_archive(struct rs_bag_writer *w, const char *rel, uint64_t size,
			    struct rs_err *err)
{
	RS_AUTO_STR *name = rs_asprintf(err, "%s/%s", w->top, rel);

	if (name == NULL)
		return -1;
	archive_entry_clear(w->entry);
	archive_entry_set_pathname(w->entry, name);
	archive_entry_set_size(w->entry, (la_int64_t)size);
	archive_entry_set_filetype(w->entry, AE_IFREG);
	archive_entry_set_perm(w->entry, 0644);
	/* a zip keeps local time: without a time it is the same in every time zone */
	if (w->format != RS_BAG_ZIP)
		archive_entry_set_mtime(w->entry, (time_t)w->mtime_s, 0);
	/* a warning is about a name that is no ASCII in a zip: it is written as it is */
	return settled(w, archive_write_header(w->out, w->entry) >= ARCHIVE_WARN, err);
}

int rs_bag_file_begin(struct rs_bag_writer *w, const char *rel, uint64_t size, struct rs_err *err)
{
	free(w->rel);
	w->rel = rs_strdup(rel, err);
	w->left = w->size = size;
	if (w->rel == NULL)
		return -1;
	if (w->format == RS_BAG_FOLDER)
		return begin_in_folder(w, rel, err);
	return begin_in_archive(w, rel, size, err);
}

int rs_bag_file_write(struct rs_bag_writer *w, const void *bytes, size_t n, struct rs_err *err)
{
	int errnum;

	if (n > w->left)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\" grew while it was archived: end the run first",
				  w->rel);
	w->left -= n;
	for (int i = 0; i < N_DIGESTS; i++)
		if (rs_digest_add(w->digest[i], bytes, n, err) < 0)
			return -1;
	if (w->format != RS_BAG_FOLDER)
		return settled(w, archive_write_data(w->out, bytes, n) == (la_ssize_t)n, err);
	errnum = rs_write_all(w->fd, bytes, n);
	return errnum == 0 ? 0 : cannot_write(w, errnum, err);
}

/* A path as a manifest has it (RFC 8493, 2.1.3: %, CR and LF are escaped). */
static void add_line(struct rs_buf *b, const char *hex, const char *rel)
{
	rs_buf_addf(b, "%s  ", hex);
	for (const char *p = rel; *p != '\0'; p++) {
		if (*p == '%' || *p == '\n' || *p == '\r')
			rs_buf_addf(b, "%%%02X", (unsigned)(unsigned char)*p);
		else
			rs_buf_addc(b, *p);
	}
	rs_buf_addc(b, '\n');
}

int rs_bag_file_end(struct rs_bag_writer *w, struct rs_err *err)
{
	int payload = strncmp(w->rel, "data/", 5) == 0;

	if (w->left > 0)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\" shrank while it was archived: end the run first",
				  w->rel);
	for (int i = 0; i < N_DIGESTS; i++) {
		char hex[RS_DIGEST_HEX];

		if (rs_digest_end(w->digest[i], hex, err) < 0)
			return -1;
		if (!w->unlisted)
			add_line(payload ? &w->payload[i] : &w->tags[i], hex, w->rel);
	}
	w->files += (uint64_t)payload;
	w->bytes += payload ? w->size : 0;
	if (w->format == RS_BAG_FOLDER) {
		int fd = w->fd;

		w->fd = -1;
		return close(fd) == 0 ? 0 : cannot_write(w, errno, err);
	}
	return settled(w, archive_write_finish_entry(w->out) == ARCHIVE_OK, err);
}

int rs_bag_file(struct rs_bag_writer *w, const char *rel, const void *bytes, size_t n,
		struct rs_err *err)
{
	if (rs_bag_file_begin(w, rel, n, err) < 0 || rs_bag_file_write(w, bytes, n, err) < 0)
		return -1;
	return rs_bag_file_end(w, err);
}

void rs_bag_writer_payload(const struct rs_bag_writer *w, uint64_t *files, uint64_t *bytes)
{
	*files = w->files;
	*bytes = w->bytes;
}

/* A manifest as a file of the bag. */
static int write_manifest(struct rs_bag_writer *w, const char *kind, int digest,
			  struct rs_buf *lines, struct rs_err *err)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "%s-%s.txt", kind, digest_name[digest]);
	if (rs_buf_check(lines, err) < 0)
		return -1;
	return rs_bag_file(w, name, rs_buf_str(lines), lines->len, err);
}

static int write_manifests(struct rs_bag_writer *w, struct rs_err *err)
{
	for (int i = 0; i < N_DIGESTS; i++)
		if (write_manifest(w, "manifest", i, &w->payload[i], err) < 0)
			return -1;
	w->unlisted = 1;	/* a tag manifest does not list tag manifests */
	for (int i = 0; i < N_DIGESTS; i++)
		if (write_manifest(w, "tagmanifest", i, &w->tags[i], err) < 0)
			return -1;
	return 0;
}

static int close_archive(struct rs_bag_writer *w, struct rs_err *err)
{
	int fd = w->fd;

	if (settled(w, archive_write_close(w->out) == ARCHIVE_OK, err) < 0)
		return -1;
	if (w->zstd != NULL)
		w->io_errno = rs_zstd_end(w->zstd, fd);
	if (settled(w, 1, err) < 0)
		return -1;
	w->fd = -1;
	if (fsync(fd) != 0) {
		(void)close(fd);
		return cannot_write(w, errno, err);
	}
	return close(fd) == 0 ? 0 : cannot_write(w, errno, err);
}

/* One sync for all files of a folder. */
static int sync_folder(struct rs_bag_writer *w, struct rs_err *err)
{
	RS_AUTO_FD fd = open(w->part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && syncfs(fd) == 0 ? 0 : cannot_write(w, errno, err);
}

int rs_bag_writer_finish(struct rs_bag_writer *w, const char *info, struct rs_err *err)
{
	RS_AUTO_STR *text = rs_asprintf(err, "%sPayload-Oxum: %" PRIu64 ".%" PRIu64 "\n", info, w->bytes,
					w->files);

	if (text == NULL || rs_bag_file(w, "bag-info.txt", text, strlen(text), err) < 0 ||
	    write_manifests(w, err) < 0)
		return -1;
	if ((w->format == RS_BAG_FOLDER ? sync_folder(w, err) : close_archive(w, err)) < 0)
		return -1;
	if (rename(w->part, w->path) != 0)
		return cannot_write(w, errno, err);
	w->finished = 1;
	return 0;
}

void rs_bag_writer_free(struct rs_bag_writer *w)
{
	if (w == NULL)
		return;
	if (!w->finished)
		w->io_errno = ECANCELED;	/* nothing more is written */
	(void)archive_write_free(w->out);
	archive_entry_free(w->entry);
	rs_zstd_free(w->zstd);
	rs_close_fd(&w->fd);
	if (w->made && !w->finished && unlink(w->part) != 0 && rs_path_remove_tree(w->part, NULL) < 0)
		(void)rmdir(w->part);	/* what is left of it is named .part */
	for (int i = 0; i < N_DIGESTS; i++) {
		rs_digest_free(w->digest[i]);
		rs_buf_release(&w->payload[i]);
		rs_buf_release(&w->tags[i]);
	}
	free(w->path);
	free(w->part);
	free(w->top);
	free(w->rel);
	free(w);
}

void rs_bag_writer_freep(struct rs_bag_writer **w)
{
	rs_bag_writer_free(*w);
	*w = NULL;
}
