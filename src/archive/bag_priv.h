/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing a bag as a stream of files, whatever it becomes: a folder, a compressed
 * tar, a zip.  Bytes are hashed as they pass; manifests are written at the end.
 */
#ifndef RS_ARCHIVE_BAG_PRIV_H
#define RS_ARCHIVE_BAG_PRIV_H

#include <stdint.h>

#include "restudy/archive.h"

#define RS_BAGIT_TXT "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

/* Whether rendering makes it: report.*, figures/, tables/.  rel: below data/. */
int rs_bag_is_rendered(const char *rel);

struct rs_bag_writer;

/* path appears when finished; top: the one folder inside an archive; mtime_s: of all. */
struct rs_bag_writer *rs_bag_writer_open(const char *path, enum rs_bag_format format,
					 const char *top, int64_t mtime_s, struct rs_err *err)
	RS_MUST_CHECK;

/* One file: begin, write exactly size bytes, end.  rel: "data/run.db". */
int rs_bag_file_begin(struct rs_bag_writer *w, const char *rel, uint64_t size, struct rs_err *err)
	RS_MUST_CHECK;
int rs_bag_file_write(struct rs_bag_writer *w, const void *bytes, size_t n, struct rs_err *err)
	RS_MUST_CHECK;
int rs_bag_file_end(struct rs_bag_writer *w, struct rs_err *err) RS_MUST_CHECK;

/* A whole file from memory. */
int rs_bag_file(struct rs_bag_writer *w, const char *rel, const void *bytes, size_t n,
		struct rs_err *err) RS_MUST_CHECK;

/* Files and bytes below data/ so far. */
void rs_bag_writer_payload(const struct rs_bag_writer *w, uint64_t *files, uint64_t *bytes);

/* bag-info.txt (info, and Payload-Oxum), manifests, tag manifests; syncs and renames. */
int rs_bag_writer_finish(struct rs_bag_writer *w, const char *info, struct rs_err *err)
	RS_MUST_CHECK;

/* Removes what is not finished. */
void rs_bag_writer_free(struct rs_bag_writer *w);
void rs_bag_writer_freep(struct rs_bag_writer **w);
#define RS_AUTO_BAG_WRITER __attribute__((cleanup(rs_bag_writer_freep))) struct rs_bag_writer

#endif
