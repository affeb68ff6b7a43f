/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compressing by libzstd, in one thread: the same bytes give the same file. */
#include "zstd_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

enum { LEVEL = 3, WINDOW_LOG = 20, OUT_BYTES = 256 * 1024 };

struct rs_zstd {
	ZSTD_CCtx *context;
	char *out;		/* OUT_BYTES */
};

struct rs_zstd *rs_zstd_new(struct rs_err *err)
{
	RS_AUTO_ZSTD *z = rs_alloc(1, sizeof(*z), err);

	if (z == NULL)
		return NULL;
	z->context = ZSTD_createCCtx();
	z->out = rs_alloc(1, OUT_BYTES, err);
	if (z->out == NULL)
		return NULL;
	if (z->context == NULL ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(z->context, ZSTD_c_compressionLevel, LEVEL)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(z->context, ZSTD_c_windowLog, WINDOW_LOG))) {
		(void)rs_err_nomem(err);
		return NULL;
	}
	return RS_STEAL(&z);
}

/* One step; all that can fail in libzstd here is memory. */
static int step(struct rs_zstd *z, int fd, ZSTD_inBuffer *in, ZSTD_EndDirective end, size_t *ret_left)
{
	ZSTD_outBuffer out = { z->out, OUT_BYTES, 0 };

	*ret_left = ZSTD_compressStream2(z->context, &out, in, end);
	return ZSTD_isError(*ret_left) ? ENOMEM : rs_write_all(fd, z->out, out.pos);
}

int rs_zstd_add(struct rs_zstd *z, int fd, const void *bytes, size_t n)
{
	ZSTD_inBuffer in = { bytes, n, 0 };
	size_t left;
	int errnum = 0;

	while (in.pos < in.size && errnum == 0)
		errnum = step(z, fd, &in, ZSTD_e_continue, &left);
	return errnum;
}

int rs_zstd_end(struct rs_zstd *z, int fd)
{
	ZSTD_inBuffer in = { NULL, 0, 0 };
	size_t left = 1;
	int errnum = 0;

	while (left > 0 && errnum == 0)
		errnum = step(z, fd, &in, ZSTD_e_end, &left);
	return errnum;
}

void rs_zstd_free(struct rs_zstd *z)
{
	if (z == NULL)
		return;
	(void)ZSTD_freeCCtx(z->context);
	free(z->out);
	free(z);
}

void rs_zstd_freep(struct rs_zstd **z)
{
	rs_zstd_free(*z);
	*z = NULL;
}
