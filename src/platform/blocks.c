/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The on-disk layout is that of Linux's Documentation/filesystems/ext4: a superblock at
 * byte 1024, after its block the descriptors of the groups, each of which tells where the
 * bitmap of its blocks lies.  All numbers are little-endian.
 *
 * Requests are of a megabyte and go past the page cache: an emulated machine copies that
 * way three times as fast as through it, and a tree of thousands of files fifty times.
 */
#include "blocks_priv.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "restudy/base/mem.h"
#include "restudy/base/stop.h"

enum { SUPER_AT = 1024, SUPER_BYTES = 1024, ALIGN = 4096, CHUNK = 1 << 20, GAP_BYTES = 64 << 10 };

enum {	/* s_feature_compat, s_feature_incompat, s_feature_ro_compat */
	COMPAT_JOURNAL = 0x4,
	INCOMPAT_META_BG = 0x10, INCOMPAT_EXTENTS = 0x40, INCOMPAT_64BIT = 0x80,
	RO_GDT_CSUM = 0x10, RO_BIGALLOC = 0x200, RO_METADATA_CSUM = 0x400,
};

enum { GROUP_BLOCK_UNINIT = 0x2 };	/* bg_flags: its bitmap was never written */

struct layout {
	uint32_t block_bytes, per_group, first, desc_bytes;
	uint64_t n_blocks, n_groups, n_free;
	uint32_t compat, incompat, ro_compat;
};

/* A copy on its way. */
struct copy {
	const char *from;
	const char *const *to;
	int in, *out;		/* past the page cache */
	int meta;		/* of the same as in, through it: small pieces at any offset */
	size_t n;
	char *buf;		/* CHUNK bytes, aligned */
	int64_t at, len;	/* the run that was not copied yet, in bytes */
};

static uint32_t le32_at(const unsigned char *p, size_t at)
{
	uint32_t v;

	memcpy(&v, p + at, sizeof(v));
	return le32toh(v);
}

static uint16_t le16_at(const unsigned char *p, size_t at)
{
	uint16_t v;

	memcpy(&v, p + at, sizeof(v));
	return le16toh(v);
}

static int read_at(int fd, const char *path, void *to, size_t len, int64_t at, struct rs_err *err)
{
	size_t got = 0;

	while (got < len) {
		ssize_t r = pread(fd, (char *)to + got, len - got, (off_t)(at + (int64_t)got));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot read \"%s\"", path);
		if (r == 0)
			return rs_err_set(err, RS_ERR_FAILED, "\"%s\" ends before its file system", path);
		got += (size_t)r;
	}
	return 0;
}

static int write_at(int fd, const char *path, const void *from, size_t len, int64_t at,
		    struct rs_err *err)
{
	for (size_t done = 0; done < len;) {
		ssize_t r = pwrite(fd, (const char *)from + done, len - done, (off_t)(at + (int64_t)done));

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return rs_err_sys(err, RS_ERR_FAILED, r < 0 ? errno : ENOSPC, "cannot write \"%s\"",
					  path);
		done += (size_t)r;
	}
	return 0;
}

/* Past the page cache where the file system has that. */
static int open_direct(const char *path, int flags)
{
	int fd = open(path, flags | O_DIRECT | O_CLOEXEC);

	return fd >= 0 || errno != EINVAL ? fd : open(path, flags | O_CLOEXEC);
}

static int read_layout(int fd, const char *path, char *buf, struct layout *l, struct rs_err *err)
{
	const unsigned char *s = (const unsigned char *)buf + SUPER_AT;
	uint32_t log;

	if (read_at(fd, path, buf, ALIGN, 0, err) < 0)
		return -1;
	log = le32_at(s, 0x18);
	if (le16_at(s, 0x38) != 0xef53 || log > 6 || le32_at(s, 0x20) == 0)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\" holds no ext2, ext3 or ext4", path);
	l->block_bytes = 1024u << log;
	l->first = le32_at(s, 0x14);
	l->per_group = le32_at(s, 0x20);
	l->compat = le32_at(s, 0x5c);
	l->incompat = le32_at(s, 0x60);
	l->ro_compat = le32_at(s, 0x64);
	l->n_blocks = le32_at(s, 0x4);
	l->n_free = le32_at(s, 0xc);
	l->desc_bytes = 32;
	if ((l->incompat & INCOMPAT_64BIT) != 0) {
		l->n_blocks |= (uint64_t)le32_at(s, 0x150) << 32;
		l->n_free |= (uint64_t)le32_at(s, 0x158) << 32;
		l->desc_bytes = le16_at(s, 0xfe);
	}
	if ((l->incompat & INCOMPAT_META_BG) != 0 || (l->ro_compat & RO_BIGALLOC) != 0 ||
	    l->desc_bytes < 32 || l->desc_bytes > 1024 || l->block_bytes > ALIGN ||
	    l->per_group > 8 * l->block_bytes || l->n_blocks <= l->first || l->n_free > l->n_blocks ||
	    l->n_blocks > INT64_MAX / ALIGN)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\": an ext4 of an uncommon layout", path);
	l->n_groups = (l->n_blocks - l->first + l->per_group - 1) / l->per_group;
	return 0;
}

int rs_blocks_probe(const char *path, struct rs_blocks *ret, struct rs_err *err)
{
	RS_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	char buf[ALIGN];
	struct layout l;

	if (fd < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot open \"%s\"", path);
	if (read_layout(fd, path, buf, &l, err) < 0)
		return -1;
	memcpy(ret->type, "ext2", 5);
	if ((l.compat & COMPAT_JOURNAL) != 0)
		ret->type[3] = '3';
	if ((l.incompat & (INCOMPAT_EXTENTS | INCOMPAT_64BIT)) != 0 ||
	    (l.ro_compat & (RO_GDT_CSUM | RO_METADATA_CSUM)) != 0)
		ret->type[3] = '4';
	ret->bytes = (int64_t)l.n_blocks * l.block_bytes;
	ret->used_bytes = (int64_t)(l.n_blocks - l.n_free) * l.block_bytes;
	return 0;
}

/* Copies the run that is waiting. */
static int flush(struct copy *c, struct rs_err *err)
{
	while (c->len > 0) {
		size_t part = c->len < CHUNK ? (size_t)c->len : CHUNK;

		if (rs_stop_check(err) < 0 || read_at(c->in, c->from, c->buf, part, c->at, err) < 0)
			return -1;
		for (size_t i = 0; i < c->n; i++)
			if (write_at(c->out[i], c->to[i], c->buf, part, c->at, err) < 0)
				return -1;
		c->at += (int64_t)part;
		c->len -= (int64_t)part;
	}
	return 0;
}

/*
 * Adds bytes to be copied, in ascending order.  Small gaps are copied with what is around
 * them; runs begin and end at multiples of ALIGN, as direct requests must.
 */
static int add_run(struct copy *c, int64_t at, int64_t len, int64_t end, struct rs_err *err)
{
	int64_t from = at / ALIGN * ALIGN;
	int64_t to = (at + len + ALIGN - 1) / ALIGN * ALIGN;

	to = to < end ? to : end;
	if (c->len > 0 && from > c->at + c->len + GAP_BYTES && flush(c, err) < 0)
		return -1;
	if (c->len == 0)
		c->at = from;
	if (to > c->at + c->len)
		c->len = to - c->at;
	if (c->len < 4 * CHUNK)
		return 0;
	return flush(c, err);
}

/* The used blocks of group g. */
static int copy_group(struct copy *c, const struct layout *l, const unsigned char *desc, uint64_t g,
		      unsigned char *bitmap, struct rs_err *err)
{
	const uint64_t base = l->first + g * l->per_group;
	const uint64_t left = l->n_blocks - base;
	const uint32_t n = left < l->per_group ? (uint32_t)left : l->per_group;
	const int64_t end = (int64_t)l->n_blocks * l->block_bytes;
	uint64_t at = le32_at(desc, 0);

	if (l->desc_bytes >= 64)
		at |= (uint64_t)le32_at(desc, 0x20) << 32;
	if ((l->ro_compat & (RO_GDT_CSUM | RO_METADATA_CSUM)) != 0 &&
	    (le16_at(desc, 0x12) & GROUP_BLOCK_UNINIT) != 0)
		memset(bitmap, 0xff, l->block_bytes);	/* all of it, to be sure */
	else if (at >= l->n_blocks)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\": its file system is damaged", c->from);
	else if (read_at(c->meta, c->from, bitmap, l->block_bytes, (int64_t)(at * l->block_bytes), err) < 0)
		return -1;
	for (uint32_t i = 0, run = 0; i < n; i += run + 1) {
		for (run = 0; i + run < n && (bitmap[(i + run) / 8] >> (i + run) % 8 & 1) != 0; run++)
			;
		if (run > 0 && add_run(c, (int64_t)((base + i) * l->block_bytes),
				       (int64_t)run * l->block_bytes, end, err) < 0)
			return -1;
	}
	return 0;
}

static int copy_all(struct copy *c, struct rs_err *err)
{
	RS_AUTO_STR *table = NULL;
	unsigned char bitmap[ALIGN];
	struct layout l;
	size_t bytes;

	if (read_layout(c->meta, c->from, c->buf, &l, err) < 0)
		return -1;
	bytes = (size_t)l.n_groups * l.desc_bytes;
	table = rs_alloc(1, bytes, err);
	if (table == NULL ||
	    read_at(c->meta, c->from, table, bytes, (int64_t)(l.first + 1) * l.block_bytes, err) < 0)
		return -1;
	/* What lies before the first group of small blocks: the boot sector. */
	if (add_run(c, 0, SUPER_AT + SUPER_BYTES, (int64_t)l.n_blocks * l.block_bytes, err) < 0)
		return -1;
	for (uint64_t g = 0; g < l.n_groups; g++)
		if (copy_group(c, &l, (unsigned char *)table + g * l.desc_bytes, g, bitmap, err) < 0)
			return -1;
	return flush(c, err);
}

static int open_targets(struct copy *c, struct rs_err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		c->out[i] = open_direct(c->to[i], O_WRONLY);
		if (c->out[i] < 0)
			return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot open \"%s\"", c->to[i]);
	}
	return 0;
}

static int close_targets(struct copy *c, int rc, struct rs_err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		if (c->out[i] < 0)
			continue;
		if (rc == 0 && fdatasync(c->out[i]) < 0)
			rc = rs_err_sys(err, RS_ERR_FAILED, errno, "cannot write \"%s\"", c->to[i]);
		(void)close(c->out[i]);
	}
	return rc;
}

int rs_blocks_copy(const char *from, const char *const *to, size_t n, struct rs_err *err)
{
	RS_AUTO_FD in = open_direct(from, O_RDONLY);
	RS_AUTO_FD meta = open(from, O_RDONLY | O_CLOEXEC);
	RS_AUTO_STR *buf = aligned_alloc(ALIGN, CHUNK);
	struct copy c = { .from = from, .to = to, .in = in, .meta = meta, .n = n, .buf = buf };
	int rc;

	if (in < 0 || meta < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot open \"%s\"", from);
	if (buf == NULL)
		return rs_err_nomem(err);
	c.out = rs_alloc(n + 1, sizeof(*c.out), err);
	if (c.out == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		c.out[i] = -1;
	rc = open_targets(&c, err);
	if (rc == 0)
		rc = copy_all(&c, err);
	rc = close_targets(&c, rc, err);
	free(c.out);
	return rc;
}
