/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel inside a bzImage.  Unpacking it costs an emulated processor several
 * seconds of each boot; here it is done once, and QEMU, Xen and its guests start the
 * ELF file as well.  Layout: Linux, Documentation/arch/x86/boot.rst, protocol 2.08.
 */
#include "vmlinux_priv.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdint.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/out.h"
#include "restudy/base/path.h"

#define KERNEL_MAX     (64u << 20)	/* bytes of a bzImage */
#define VMLINUX_MAX    (512ll << 20)
#define SETUP_SECTS    0x1f1u
#define MAGIC	       0x202u
#define VERSION	       0x206u
#define PAYLOAD_OFFSET 0x248u
#define PAYLOAD_LENGTH 0x24cu
#define HEADER_END     0x250u

static uint32_t le32(const struct rs_buf *b, size_t at)
{
	const unsigned char *p = (const unsigned char *)b->data + at;

	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Where the compressed kernel stands in the file. */
static int find_payload(const struct rs_buf *image, size_t *ret_at, size_t *ret_len,
			struct rs_err *err)
{
	static const unsigned char xz[] = { 0xfd, '7', 'z', 'X', 'Z', 0 };
	unsigned sectors;
	uint64_t at, len;

	if (image->len < HEADER_END || memcmp(image->data + MAGIC, "HdrS", 4) != 0 ||
	    (le32(image, VERSION) & 0xffff) < 0x208)
		return rs_err_set(err, RS_ERR_FAILED, "it is no bzImage of boot protocol 2.08");
	sectors = (unsigned char)image->data[SETUP_SECTS];
	at = ((sectors == 0 ? 4u : sectors) + 1u) * 512ull + le32(image, PAYLOAD_OFFSET);
	len = le32(image, PAYLOAD_LENGTH);
	if (len < 8 || at + len > image->len)
		return rs_err_set(err, RS_ERR_FAILED, "its payload lies beyond its end");
	/* The build appends the unpacked size to formats that do not tell it. */
	if (memcmp(image->data + at, xz, sizeof(xz)) == 0)
		len -= 4;
	*ret_at = (size_t)at;
	*ret_len = (size_t)len;
	return 0;
}

static void close_reader(struct archive **a)
{
	if (*a != NULL)
		(void)archive_read_free(*a);
}

static int fail(struct archive *a, struct rs_err *err)
{
	const char *why = archive_error_string(a);

	return rs_err_set(err, RS_ERR_FAILED, "its payload cannot be unpacked: %s",
			  why != NULL ? why : "it is no format that is known here");
}

static int unpack(const void *payload, size_t len, struct rs_out *out, struct rs_err *err)
{
	__attribute__((cleanup(close_reader))) struct archive *a = archive_read_new();
	struct archive_entry *entry;
	char block[8192];
	int64_t total = 0;
	la_ssize_t n;

	if (a == NULL)
		return rs_err_nomem(err);
	if (archive_read_support_filter_all(a) < ARCHIVE_WARN ||
	    archive_read_support_format_raw(a) != ARCHIVE_OK ||
	    archive_read_open_memory(a, payload, len) != ARCHIVE_OK ||
	    archive_read_next_header(a, &entry) != ARCHIVE_OK)
		return fail(a, err);
	while ((n = archive_read_data(a, block, sizeof(block))) > 0) {
		if (total == 0 && (n < 4 || memcmp(block, "\177ELF", 4) != 0))
			return rs_err_set(err, RS_ERR_FAILED, "its payload is no ELF file");
		total += n;
		if (total > VMLINUX_MAX)
			return rs_err_set(err, RS_ERR_FAILED, "its payload is too large");
		rs_out_write(out, block, (size_t)n);
	}
	return n < 0 ? fail(a, err) : 0;
}

int rs_vmlinux_extract(const char *bzimage, const char *vmlinux, struct rs_err *err)
{
	RS_AUTO_BUF image = RS_BUF_INIT;
	RS_AUTO_OUT *out = NULL;
	size_t at = 0, len = 0;

	if (rs_path_read(bzimage, KERNEL_MAX, &image, err) < 0)
		return -1;
	out = rs_out_open(vmlinux, err);
	if (out == NULL)
		return -1;
	if (find_payload(&image, &at, &len, err) < 0 || unpack(image.data + at, len, out, err) < 0)
		return rs_err_wrap(err, "kernel \"%s\"", bzimage);
	return rs_out_close(RS_STEAL(&out), err);
}
