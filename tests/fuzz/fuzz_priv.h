/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the fuzz targets share: include it once in each. */
#ifndef RS_TESTS_FUZZ_PRIV_H
#define RS_TESTS_FUZZ_PRIV_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "restudy/base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever the input is. */
static inline void must(int condition)
{
	if (!condition)
		abort();
}

/* A call fails with a reason that is no defect of ours, or it does not fail. */
static inline void must_tell(int rc, const struct rs_err *err)
{
	must(rc >= 0 ? err->kind == RS_ERR_NONE
		     : err->kind != RS_ERR_NONE && err->kind != RS_ERR_INTERNAL && err->text[0] != '\0');
}

/* A new folder in path, of 200 bytes, where run.sh says (it removes what a crash leaves). */
static inline void fuzz_jail(char path[200])
{
	const char *in = getenv("RESTUDY_FUZZ_FOLDER");

	(void)snprintf(path, 200, "%s/jail-XXXXXX", in != NULL ? in : "/tmp");
	must(mkdtemp(path) != NULL);
}

/* The bytes as a file. */
static inline void fuzz_write(const char *path, const uint8_t *data, size_t size)
{
	FILE *f = fopen(path, "wbe");

	must(f != NULL && fwrite(data, 1, size, f) == size && fclose(f) == 0);
}

#endif
