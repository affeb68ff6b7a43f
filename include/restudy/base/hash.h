/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Message digests by OpenSSL's libcrypto: SHA-256 and SHA-512 (FIPS 180-4), and MD5
 * (RFC 1321) only to compare with what a repository says it received.
 */
#ifndef RESTUDY_BASE_HASH_H
#define RESTUDY_BASE_HASH_H

#include <stddef.h>

#include "restudy/base/err.h"

enum rs_digest_kind { RS_DIGEST_SHA256, RS_DIGEST_SHA512, RS_DIGEST_MD5, RS_DIGEST_LAST };

#define RS_DIGEST_HEX 129	/* hexadecimal digits of the longest, lower case, and a NUL */

struct rs_digest;

struct rs_digest *rs_digest_new(enum rs_digest_kind kind, struct rs_err *err) RS_MUST_CHECK;
int rs_digest_add(struct rs_digest *d, const void *bytes, size_t n, struct rs_err *err) RS_MUST_CHECK;
/* The digest as hexadecimal text; d is ready for the next message afterwards. */
int rs_digest_end(struct rs_digest *d, char hex[RS_DIGEST_HEX], struct rs_err *err) RS_MUST_CHECK;
void rs_digest_free(struct rs_digest *d);
void rs_digest_freep(struct rs_digest **d);

#define RS_AUTO_DIGEST __attribute__((cleanup(rs_digest_freep))) struct rs_digest

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
