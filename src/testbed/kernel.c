/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel, the hypervisor, their modules and the initial file system.  The
 * packages are unpacked, never installed: installing a kernel takes three times as
 * long as all the rest of an image.
 */
#include "kernel_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apt_priv.h"
#include "image_priv.h"
#include "kernel_modules_priv.h"
#include "restudy/base/hash.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "vmlinux_priv.h"

/* Raise it when the same packages give something else. */
#define RECIPE	   "restudy kernel 2"
#define WORK_BYTES (1024ll << 20)	/* packages, lists and unpacked trees */

/* Meta packages: apt finds the release's real ones behind them. */
static const char *const packages[] = { "linux-image-amd64", "xen-system-amd64", NULL };

void rs_kernel_release(struct rs_kernel *k)
{
	if (k == NULL)
		return;
	free(k->folder);
	free(k->vmlinux);
	free(k->xen);
	free(k->initrd);
	free(k->modules);
	free(k->packages);
	*k = (struct rs_kernel){ .folder = NULL };
}

static int name_parts(const char *folder, struct rs_kernel *k, struct rs_err *err)
{
	k->folder = rs_strdup(folder, err);
	k->vmlinux = rs_path_join(folder, "vmlinux", err);
	k->xen = rs_path_join(folder, "xen", err);
	k->initrd = rs_path_join(folder, "initrd.img", err);
	k->modules = rs_path_join(folder, "lib/modules", err);
	k->packages = rs_path_join(folder, "packages", err);
	if (k->folder == NULL || k->vmlinux == NULL || k->xen == NULL || k->initrd == NULL ||
	    k->modules == NULL || k->packages == NULL)
		return -1;
	return 0;
}

/* The first file in folder whose name begins with prefix and ends with suffix; owned. */
static char *find_file(const char *folder, const char *prefix, const char *suffix,
		       struct rs_err *err)
{
	RS_AUTO_ARGV names = NULL;
	size_t n, tail = strlen(suffix);

	if (rs_path_list(folder, &names, &n, err) < 0)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(names[i]);

		if (strncmp(names[i], prefix, strlen(prefix)) == 0 && len >= tail &&
		    strcmp(names[i] + len - tail, suffix) == 0)
			return rs_path_join(folder, names[i], err);
	}
	(void)rs_err_set(err, RS_ERR_FAILED, "no file \"%s*%s\" in \"%s\"", prefix, suffix, folder);
	return NULL;
}

static int unpack(const char *deb, const char *tree, struct rs_buf *list, struct rs_err *err)
{
	RS_AUTO_CMD *show = rs_cmd_new("dpkg-deb");
	RS_AUTO_CMD *extract = rs_cmd_new("dpkg-deb");

	rs_cmd_arg(extract, "-x");
	rs_cmd_arg(extract, deb);
	rs_cmd_arg(extract, tree);
	if (rs_cmd_run_ok(extract, err) < 0)
		return -1;
	rs_cmd_arg(show, "--showformat=${Package} ${Version}\\n");
	rs_cmd_arg(show, "--show");
	rs_cmd_arg(show, deb);
	rs_cmd_stdout_buf(show, list);
	return rs_cmd_run_ok(show, err);
}

static int unpack_all(const char *sources, const char *work, const char *tree,
		      const struct rs_kernel *k, const struct rs_tell *tell, struct rs_err *err)
{
	RS_AUTO_ARGV debs = NULL;
	RS_AUTO_BUF list = RS_BUF_INIT;

	if (rs_apt_download(sources, work, packages, &debs, err) < 0)
		return -1;
	rs_tell(tell, "kernel: unpacking (about 8 s)");
	for (size_t i = 0; debs[i] != NULL; i++)
		if (unpack(debs[i], tree, &list, err) < 0)
			return -1;
	if (rs_buf_check(&list, err) < 0)
		return -1;
	return rs_path_write(k->packages, rs_buf_str(&list), list.len, err);
}

static int gunzip(const char *from, const char *to, struct rs_err *err)
{
	RS_AUTO_CMD *cmd = rs_cmd_new("gzip");

	rs_cmd_arg(cmd, "-dc");
	rs_cmd_arg(cmd, from);
	rs_cmd_stdout_file(cmd, to);
	return rs_cmd_run_ok(cmd, err);
}

/* All parts from the unpacked packages in tree. */
static int make_parts(const char *work, const char *tree, const struct rs_kernel *k,
		      struct rs_err *err)
{
	RS_AUTO_STR *boot = rs_path_join(tree, "boot", err);
	RS_AUTO_STR *vmlinuz = boot != NULL ? find_file(boot, "vmlinuz-", "", err) : NULL;
	RS_AUTO_STR *xen = vmlinuz != NULL ? find_file(boot, "xen-", ".gz", err) : NULL;
	RS_AUTO_STR *stage = NULL;
	const char *version;

	if (xen == NULL)
		return -1;
	version = rs_path_base(vmlinuz) + strlen("vmlinuz-");
	if (rs_vmlinux_extract(vmlinuz, k->vmlinux, err) < 0 || gunzip(xen, k->xen, err) < 0)
		return -1;
	stage = rs_path_join(work, "initramfs", err);
	if (stage == NULL || rs_modules_copy(tree, version, k->folder, err) < 0)
		return -1;
	return rs_modules_initramfs(k->folder, version, stage, k->initrd, err);
}

static int make(const char *sources, const char *folder, const struct rs_tell *tell,
		struct rs_err *err)
{
	RS_AUTO_STR *part = rs_asprintf(err, "%s.part", folder);
	RS_AUTO_STR *work = rs_asprintf(err, "%s.work", folder);
	RS_AUTO_STR *tree = work != NULL ? rs_path_join(work, "tree", err) : NULL;
	struct rs_kernel k = { .folder = NULL };
	int rc = -1;

	if (part == NULL || tree == NULL || rs_path_remove_tree(part, err) < 0 ||
	    rs_path_remove_tree(work, err) < 0 || rs_path_mkdirs(part, err) < 0 ||
	    rs_path_mkdirs(tree, err) < 0)
		return -1;
	if (rs_testbed_want_space(work, WORK_BYTES, "unpacking the kernel", err) == 0 &&
	    name_parts(part, &k, err) == 0 &&
	    unpack_all(sources, work, tree, &k, tell, err) == 0 &&
	    make_parts(work, tree, &k, err) == 0) {
		rc = rename(part, folder);
		if (rc < 0)
			(void)rs_err_sys(err, RS_ERR_FAILED, errno, "\"%s\" cannot be renamed", part);
	}
	rs_kernel_release(&k);
	if (rs_path_remove_tree(part, rc == 0 ? err : NULL) < 0 ||
	    rs_path_remove_tree(work, rc == 0 ? err : NULL) < 0)
		return -1;
	return rc;
}

static int key_of(const struct rs_image *image, const char *sources, char key[RS_SHA256_HEX],
		  struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;

	rs_buf_addf(&text, RECIPE "\n%s\n%s\n", rs_apt_codename(image->release), sources);
	for (size_t i = 0; packages[i] != NULL; i++)
		rs_buf_addf(&text, "%s\n", packages[i]);
	if (rs_modules_describe(&text, err) < 0 || rs_buf_check(&text, err) < 0)
		return -1;
	return rs_sha256_bytes(rs_buf_str(&text), text.len, key, err);
}

static int make_locked(const char *sources, const char *folder, const struct rs_tell *tell,
		       struct rs_err *err)
{
	RS_AUTO_STR *lock_path = rs_asprintf(err, "%s.lock", folder);
	RS_AUTO_FD lock = -1;

	if (lock_path == NULL)
		return -1;
	lock = rs_cache_lock(lock_path, tell, err);
	if (lock < 0)
		return -1;
	if (rs_path_exists(folder))
		return 0;
	rs_tell(tell, "kernel: fetching Linux and Xen (about 10 s)");
	return make(sources, folder, tell, err);
}

int rs_kernel_get(const struct rs_image *image, const struct rs_tell *tell,
		  struct rs_kernel *ret, struct rs_err *err)
{
	RS_AUTO_STR *cache = rs_path_cache(err);
	RS_AUTO_STR *parent = cache != NULL ? rs_path_join(cache, "kernels", err) : NULL;
	RS_AUTO_STR *folder = NULL;
	RS_AUTO_BUF sources = RS_BUF_INIT;
	char key[RS_SHA256_HEX];
	struct rs_kernel k = { .folder = NULL };

	if (parent == NULL || rs_path_mkdirs(parent, err) < 0 ||
	    rs_apt_sources(image, &sources, err) < 0 ||
	    key_of(image, rs_buf_str(&sources), key, err) < 0)
		return -1;
	folder = rs_path_join(parent, key, err);
	if (folder == NULL)
		return -1;
	if (!rs_path_exists(folder) &&
	    make_locked(rs_buf_str(&sources), folder, tell, err) < 0)
		return rs_err_wrap(err, "kernel");
	if (name_parts(folder, &k, err) < 0) {
		rs_kernel_release(&k);
		return -1;
	}
	*ret = k;
	return 0;
}

void rs_kernel_steps(struct rs_buf *out)
{
	for (size_t i = 0; packages[i] != NULL; i++)
		rs_buf_addf(out, "apt-get download %s\n", packages[i]);
	rs_buf_adds(out, "dpkg-deb -x PACKAGE FOLDER\ncpio -o -H newc\n");
}
