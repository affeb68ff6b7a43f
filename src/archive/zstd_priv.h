/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One zstd stream (RFC 8878) into a file.  Bags are compressed here and not by libarchive, whose
 * filter knows the level alone: at level 3 a window of 1 MiB instead of 2 takes a tenth of the time
 * less, since more of it stays in a processor's cache, and the file grows by about 0.1 %.
 */
#ifndef RS_ARCHIVE_ZSTD_PRIV_H
#define RS_ARCHIVE_ZSTD_PRIV_H

#include <stddef.h>

#include "restudy/base/err.h"

struct rs_zstd;

struct rs_zstd *rs_zstd_new(struct rs_err *err) RS_MUST_CHECK;

/* Compresses bytes, and writes to fd what is ready.  0, or an errno. */
int rs_zstd_add(struct rs_zstd *z, int fd, const void *bytes, size_t n) RS_MUST_CHECK;

/* Writes the end of the stream.  0, or an errno. */
int rs_zstd_end(struct rs_zstd *z, int fd) RS_MUST_CHECK;

/* NULL is fine. */
void rs_zstd_free(struct rs_zstd *z);
void rs_zstd_freep(struct rs_zstd **z);
#define RS_AUTO_ZSTD __attribute__((cleanup(rs_zstd_freep))) struct rs_zstd

#endif
