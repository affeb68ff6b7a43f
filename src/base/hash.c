/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digests by libcrypto. */
#include "restudy/base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "restudy/base/mem.h"

struct rs_digest {
	EVP_MD_CTX *ctx;
	const EVP_MD *md;
};

struct rs_sha256 {
	struct rs_digest d;
};

static int broken(struct rs_err *err)
{
	return rs_err_set(err, RS_ERR_INTERNAL, "libcrypto refuses to compute a digest");
}

static const EVP_MD *md_of(enum rs_digest_kind kind)
{
	switch (kind) {
	case RS_DIGEST_SHA256:
		return EVP_sha256();
	case RS_DIGEST_SHA512:
		return EVP_sha512();
	case RS_DIGEST_MD5:
		return EVP_md5();
	case RS_DIGEST_LAST:
		break;
	}
	return NULL;
}

static int start(struct rs_digest *d, enum rs_digest_kind kind, struct rs_err *err)
{
	d->md = md_of(kind);
	d->ctx = EVP_MD_CTX_new();
	if (d->ctx == NULL)
		return rs_err_nomem(err);
	return EVP_DigestInit_ex(d->ctx, d->md, NULL) == 1 ? 0 : broken(err);
}

struct rs_digest *rs_digest_new(enum rs_digest_kind kind, struct rs_err *err)
{
	RS_AUTO_DIGEST *d = rs_alloc(1, sizeof(*d), err);

	if (d == NULL || start(d, kind, err) < 0)
		return NULL;
	return RS_STEAL(&d);
}

int rs_digest_add(struct rs_digest *d, const void *bytes, size_t n, struct rs_err *err)
{
	return EVP_DigestUpdate(d->ctx, bytes, n) == 1 ? 0 : broken(err);
}

int rs_digest_end(struct rs_digest *d, char hex[RS_DIGEST_HEX], struct rs_err *err)
{
	static const char digit[] = "0123456789abcdef";
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (EVP_DigestFinal_ex(d->ctx, md, &n) != 1 || n > 64 ||
	    EVP_DigestInit_ex(d->ctx, d->md, NULL) != 1)
		return broken(err);
	for (unsigned i = 0; i < n; i++) {
		hex[2 * i] = digit[md[i] >> 4];
		hex[2 * i + 1] = digit[md[i] & 15];
	}
	hex[2 * n] = '\0';
	return 0;
}

void rs_digest_free(struct rs_digest *d)
{
	if (d == NULL)
		return;
	EVP_MD_CTX_free(d->ctx);
	free(d);
}

void rs_digest_freep(struct rs_digest **d)
{
	rs_digest_free(*d);
	*d = NULL;
}

struct rs_sha256 *rs_sha256_new(struct rs_err *err)
{
	RS_AUTO_SHA256 *h = rs_alloc(1, sizeof(*h), err);

	if (h == NULL || start(&h->d, RS_DIGEST_SHA256, err) < 0)
		return NULL;
	return RS_STEAL(&h);
}

int rs_sha256_add(struct rs_sha256 *h, const void *bytes, size_t n, struct rs_err *err)
{
	return rs_digest_add(&h->d, bytes, n, err);
}

int rs_sha256_end(struct rs_sha256 *h, char hex[RS_SHA256_HEX], struct rs_err *err)
{
	char longest[RS_DIGEST_HEX];

	if (rs_digest_end(&h->d, longest, err) < 0)
		return -1;
	memcpy(hex, longest, RS_SHA256_HEX);
	return 0;
}

void rs_sha256_free(struct rs_sha256 *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->d.ctx);
	free(h);
}

void rs_sha256_freep(struct rs_sha256 **h)
{
	rs_sha256_free(*h);
	*h = NULL;
}

int rs_sha256_bytes(const void *bytes, size_t n, char hex[RS_SHA256_HEX], struct rs_err *err)
{
	RS_AUTO_SHA256 *h = rs_sha256_new(err);

	if (h == NULL || rs_sha256_add(h, bytes, n, err) < 0)
		return -1;
	return rs_sha256_end(h, hex, err);
}

int rs_sha256_file(const char *path, char hex[RS_SHA256_HEX], struct rs_err *err)
{
	RS_AUTO_SHA256 *h = rs_sha256_new(err);
	RS_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	RS_AUTO_STR *block = rs_alloc(1, 1 << 16, err);

	if (h == NULL || block == NULL)
		return -1;
	if (fd < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot read \"%s\"", path);
	for (;;) {
		ssize_t n = read(fd, block, 1 << 16);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot read \"%s\"", path);
		if (n == 0)
			return rs_sha256_end(h, hex, err);
		if (rs_sha256_add(h, block, (size_t)n, err) < 0)
			return -1;
	}
}
