/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256 (FIPS 180-4), by OpenSSL's libcrypto. */
#ifndef RESTUDY_BASE_HASH_H
#define RESTUDY_BASE_HASH_H

#include <stddef.h>

#include "restudy/base/err.h"

#define RS_SHA256_HEX 65	/* 64 hexadecimal digits, lower case, and a NUL */

struct rs_sha256;

struct rs_sha256 *rs_sha256_new(struct rs_err *err) RS_MUST_CHECK;
int rs_sha256_add(struct rs_sha256 *h, const void *bytes, size_t n, struct rs_err *err) RS_MUST_CHECK;
/* The digest as hexadecimal text; h can only be freed afterwards. */
int rs_sha256_end(struct rs_sha256 *h, char hex[RS_SHA256_HEX], struct rs_err *err) RS_MUST_CHECK;
void rs_sha256_free(struct rs_sha256 *h);
void rs_sha256_freep(struct rs_sha256 **h);

#define RS_AUTO_SHA256 __attribute__((cleanup(rs_sha256_freep))) struct rs_sha256

int rs_sha256_bytes(const void *bytes, size_t n, char hex[RS_SHA256_HEX], struct rs_err *err)
	RS_MUST_CHECK;
int rs_sha256_file(const char *path, char hex[RS_SHA256_HEX], struct rs_err *err) RS_MUST_CHECK;

#endif
