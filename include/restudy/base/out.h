/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sticky writer of one file: the calls return nothing, the first failure is
 * kept, rs_out_close tells.  The file appears under its name only at a close
 * without failure; until then the old one stays.  A device or pipe is written to directly, a
 * link's target is replaced and the link stays.
 */
#ifndef RESTUDY_BASE_OUT_H
#define RESTUDY_BASE_OUT_H

#include <stddef.h>

#include "restudy/base/err.h"

struct rs_out;

/* Opens path for writing (a temporary file beside it); path NULL is standard output.  NULL
 * and err on failure. */
struct rs_out *rs_out_open(const char *path, struct rs_err *err) RS_MUST_CHECK;

void rs_out_write(struct rs_out *o, const void *bytes, size_t n);
void rs_out_puts(struct rs_out *o, const char *s);
void rs_out_printf(struct rs_out *o, const char *fmt, ...) RS_PRINTF(2, 3);

/* Flushes, syncs, renames; frees o.  0, or -1 with the first failure. */
int rs_out_close(struct rs_out *o, struct rs_err *err) RS_MUST_CHECK;

/* Gives up: removes the temporary file, frees o.  NULL is fine. */
void rs_out_abort(struct rs_out *o);
void rs_out_abortp(struct rs_out **o);

#define RS_AUTO_OUT __attribute__((cleanup(rs_out_abortp))) struct rs_out

#endif
