/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as what a run is made from, chosen by the first one: a plan.lock that came with a
 * plan, the list of packages beside it, a kernel of an image.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/run/coordinator_priv.h"
#include "../../src/testbed/image_archive_priv.h"
#include "../../src/testbed/vmlinux_priv.h"
#include "fuzz_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#define TEXT(literal) ((char *)(uintptr_t)(literal))

static char *in_jail(const char *jail, const char *name)
{
	char *path = rs_path_join(jail, name, NULL);

	must(path != NULL);
	return path;
}

static void nobody_listens(void *user, const char *text)
{
	(void)user;
	must(text[0] != '\0');
}

/* Whatever a lock says, an archive is taken only by the checksum that it has. */
static void trust_lock(const char *jail, const uint8_t *data, size_t size)
{
	RS_AUTO_STR *lock = in_jail(jail, "plan.lock");
	RS_AUTO_STR *file = in_jail(jail, "root.tar");
	RS_AUTO_STR *url = rs_asprintf(NULL, "file://%s", file);
	RS_AUTO_STR *got = NULL;
	const struct rs_image image = { .id = TEXT("tiny"), .url = url };
	const struct rs_tell quiet = { nobody_listens, NULL };
	struct rs_err err = RS_ERR_INIT;
	char digest[RS_SHA256_HEX], real[RS_SHA256_HEX];

	must(url != NULL);
	fuzz_write(lock, data, size);
	fuzz_write(file, (const uint8_t *)"root", 4);
	must_tell(rs_archive_get(&image, lock, jail, &quiet, digest, &got, &err), &err);
	if (got != NULL)
		must(rs_sha256_file(got, real, NULL) == 0 && strcmp(real, digest) == 0);
}

static int take_row(void *user, const char *what, const char *planned, const char *real,
		    const char *why, struct rs_err *err)
{
	(void)user;
	(void)err;
	must(what[0] != '\0' && planned[0] != '\0' && real[0] != '\0' && why[0] != '\0');
	must(strpbrk(what, "\n") == NULL && strpbrk(planned, "\n") == NULL && strpbrk(real, "\n") == NULL);
	return 0;
}

/* "LOCK NUL PACKAGES" */
static void compare_packages(char *jail, const uint8_t *data, size_t size)
{
	char *packages[] = { TEXT("gcc") };
	struct rs_image image = { .id = TEXT("tiny"), .packages = packages, .n_packages = 1 };
	int counts[] = { 1 };
	struct rs_system guests = { .id = TEXT("box"), .guests = { .counts = counts, .n_counts = 1 } };
	const struct rs_plan plan = { .images = &image, .n_images = 1, .systems = &guests, .n_systems = 1 };
	const struct rs_coordinator c = { .plan = &plan, .folder = jail };
	const uint8_t *nul = memchr(data, '\0', size);
	size_t n = nul == NULL ? size : (size_t)(nul - data);
	RS_AUTO_STR *lock = in_jail(jail, "plan.lock");
	RS_AUTO_STR *folder = in_jail(jail, "environment/host");
	RS_AUTO_STR *list = in_jail(folder, "packages.txt");
	struct rs_err err = RS_ERR_INIT;

	must(rs_path_mkdirs(folder, NULL) == 0);
	fuzz_write(lock, data, n);
	if (nul != NULL)
		fuzz_write(list, nul + 1, size - n - 1);
	must_tell(rs_coordinator_package_rows(&c, "host", take_row, NULL, &err), &err);
}

static void unpack_kernel(const char *jail, const uint8_t *data, size_t size)
{
	RS_AUTO_STR *packed = in_jail(jail, "bzImage");
	RS_AUTO_STR *unpacked = in_jail(jail, "vmlinux");
	struct rs_err err = RS_ERR_INIT;
	int rc;

	fuzz_write(packed, data, size);
	rc = rs_vmlinux_extract(packed, unpacked, &err);
	must_tell(rc, &err);
	must((rc == 0) == rs_path_exists(unpacked));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char jail[200];

	if (size == 0)
		return 0;
	fuzz_jail(jail);
	if (data[0] == 'k')
		unpack_kernel(jail, data + 1, size - 1);
	else if (data[0] == 'p')
		compare_packages(jail, data + 1, size - 1);
	else
		trust_lock(jail, data + 1, size - 1);
	must(rs_path_remove_tree(jail, NULL) == 0);
	return 0;
}
