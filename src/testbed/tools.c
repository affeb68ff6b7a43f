/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Restudy's programs for another machine.  The program is started through its own
 * loader (ld.so --library-path), which does not pass on to the children it starts.
 */
#include "tools_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image_priv.h"
#include "restudy/base/cmd.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#define TREE_DEPTH_MAX 8

static int add_path(char ***paths, size_t *n, const char *from, size_t len, struct rs_err *err)
{
	char *text = rs_strndup(from, len, err);
	char **grown = text != NULL ? realloc(*paths, (*n + 2) * sizeof(*grown)) : NULL;

	if (grown == NULL) {
		free(text);
		return rs_err_nomem(err);
	}
	grown[*n] = text;
	grown[++*n] = NULL;
	*paths = grown;
	return 0;
}

/* Lines of ldd: "name => /path (0x...)", "/lib64/ld-linux... (0x...)", "linux-vdso ...". */
static int parse_ldd(const char *text, const char *program, char ***ret, struct rs_err *err)
{
	RS_AUTO_ARGV paths = NULL;
	size_t n = 0, loader = 0;

	for (const char *p = text, *end; *p != '\0'; p = *end != '\0' ? end + 1 : end) {
		const char *arrow, *at;

		end = p + strcspn(p, "\n");
		at = p + strspn(p, " \t");
		arrow = strstr(p, "=> ");
		if (arrow != NULL && arrow < end)
			at = arrow + 3;
		if (strncmp(at, "not found", 9) == 0)
			return rs_err_set(err, RS_ERR_MACHINE, "\"%s\" lacks a shared library: %.*s",
					  program, (int)(end - p), p);
		if (*at != '/')
			continue;
		if (arrow == NULL || arrow > end)
			loader = n;
		if (add_path(&paths, &n, at, strcspn(at, " \n"), err) < 0)
			return -1;
	}
	if (n > 0) {
		char *first = paths[0];

		paths[0] = paths[loader];
		paths[loader] = first;
	} else {
		paths = rs_alloc(1, sizeof(*paths), err);
		if (paths == NULL)
			return -1;
	}
	*ret = RS_STEAL(&paths);
	return 0;
}

int rs_tools_libraries(const char *program, char ***ret_paths, struct rs_err *err)
{
	RS_AUTO_CMD *cmd = rs_cmd_new("ldd");
	RS_AUTO_BUF text = RS_BUF_INIT;
	struct rs_cmd_result r;

	rs_cmd_arg(cmd, program);
	rs_cmd_env(cmd, "LC_ALL", "C");
	rs_cmd_stdout_buf(cmd, &text);
	if (rs_cmd_run(cmd, &r, err) < 0 || rs_buf_check(&text, err) < 0)
		return -1;
	if (r.status != 0)	/* "not a dynamic executable" */
		rs_buf_clear(&text);
	return parse_ldd(rs_buf_str(&text), program, ret_paths, err);
}

static int copy_to(const char *from, const char *folder, const char *rel, struct rs_err *err)
{
	RS_AUTO_STR *to = rs_path_join(folder, rel, err);
	RS_AUTO_STR *parent = NULL;

	if (to == NULL)
		return -1;
	parent = rs_strndup(to, (size_t)(rs_path_base(to) - to), err);
	if (parent == NULL || rs_path_mkdirs(parent, err) < 0)
		return -1;
	/* A name for the same file is enough where both are on one file system: of the file, not
	 * of a link to it, which would lead nowhere on the other machine. */
	if (linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	return rs_path_copy(from, to, err);
}

static int copy_tree(const char *from, const char *folder, const char *rel, int depth,
		     struct rs_err *err)
{
	RS_AUTO_ARGV names = NULL;
	struct stat st;
	size_t n;

	if (lstat(from, &st) < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "\"%s\"", from);
	if (S_ISREG(st.st_mode))
		return copy_to(from, folder, rel, err);
	if (!S_ISDIR(st.st_mode) || depth == 0)
		return 0;
	if (rs_path_list(from, &names, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		RS_AUTO_STR *below = rs_path_join(from, names[i], err);
		RS_AUTO_STR *rel_below = rs_path_join(rel, names[i], err);

		if (below == NULL || rel_below == NULL ||
		    copy_tree(below, folder, rel_below, depth - 1, err) < 0)
			return -1;
	}
	return 0;
}

static int collect_data(const char *folder, struct rs_err *err)
{
	static const char *const parts[] = { "palettes", "published", "schema", "templates" };

	for (size_t i = 0; i < RS_COUNT(parts); i++) {
		RS_AUTO_STR *from = rs_path_data(parts[i], NULL);
		RS_AUTO_STR *rel = rs_path_join("data", parts[i], err);

		if (rel == NULL)
			return -1;
		if (from != NULL && copy_tree(from, folder, rel, TREE_DEPTH_MAX, err) < 0)
			return -1;
	}
	return 0;
}

static int write_start(const char *folder, const char *root, const char *loader,
		       struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(folder, RS_TOOLS_PROGRAM, err);
	RS_AUTO_BUF text = RS_BUF_INIT;

	rs_buf_addf(&text, "#!/bin/sh\nRESTUDY_DATA=%s/data\nexport RESTUDY_DATA\n", root);
	if (loader != NULL)
		rs_buf_addf(&text, "exec %s/lib/%s --library-path %s/lib %s/lib/restudy \"$@\"\n", root,
			    rs_path_base(loader), root, root);
	else
		rs_buf_addf(&text, "exec %s/lib/restudy \"$@\"\n", root);
	if (path == NULL || rs_buf_check(&text, err) < 0 ||
	    rs_path_write(path, rs_buf_str(&text), text.len, err) < 0)
		return -1;
	if (chmod(path, 0755) < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "\"%s\"", path);
	return 0;
}

static int collect_program(const char *program, const char *root, const char *folder,
			   struct rs_err *err)
{
	RS_AUTO_ARGV libraries = NULL;

	if (rs_tools_libraries(program, &libraries, err) < 0 ||
	    copy_to(program, folder, "lib/restudy", err) < 0)
		return -1;
	for (size_t i = 0; libraries[i] != NULL; i++) {
		RS_AUTO_STR *rel = rs_path_join("lib", rs_path_base(libraries[i]), err);

		/* realpath: names of libraries are links on most systems */
		RS_AUTO_STR *real = realpath(libraries[i], NULL);

		if (rel == NULL)
			return -1;
		if (real == NULL)
			return rs_err_sys(err, RS_ERR_FAILED, errno, "library \"%s\"", libraries[i]);
		if (copy_to(real, folder, rel, err) < 0)
			return -1;
	}
	return write_start(folder, root, libraries[0], err);
}

static int collect_script(const char *name, const char *folder, struct rs_err *err)
{
	RS_AUTO_STR *rel = rs_path_join("templates/testbed", name, err);
	RS_AUTO_STR *from = rel != NULL ? rs_path_data(rel, err) : NULL;
	RS_AUTO_STR *to = rs_path_join(folder, name, err);

	if (from == NULL || to == NULL || rs_path_copy(from, to, err) < 0)
		return -1;
	if (chmod(to, 0755) < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "\"%s\"", to);
	return 0;
}

static int collect_boot(const struct rs_kernel *kernel, const char *folder, struct rs_err *err)
{
	if (collect_script(RS_TOOLS_INIT, folder, err) < 0 ||
	    collect_script(RS_TOOLS_SHUTDOWN, folder, err) < 0 ||
	    copy_to(kernel->vmlinux, folder, RS_TOOLS_KERNEL, err) < 0 ||
	    copy_to(kernel->initrd, folder, RS_TOOLS_INITRD, err) < 0)
		return -1;
	return copy_tree(kernel->modules, folder, "lib/modules", TREE_DEPTH_MAX, err);
}

int rs_tools_collect(const struct rs_testbed_options *o, const struct rs_kernel *kernel,
		     const char *root, const char *folder, struct rs_err *err)
{
	RS_AUTO_STR *bin = rs_path_join(folder, "bin", err);

	if (bin == NULL || rs_path_mkdirs(bin, err) < 0 ||
	    collect_program(o->program, root, folder, err) < 0 ||
	    copy_to(o->agent, folder, RS_TOOLS_AGENT, err) < 0 ||
	    copy_to(o->kernels, folder, RS_TOOLS_KERNELS, err) < 0 || collect_data(folder, err) < 0)
		return rs_err_wrap(err, "collecting Restudy's programs");
	if (kernel != NULL && collect_boot(kernel, folder, err) < 0)
		return rs_err_wrap(err, "collecting the boot files");
	return 0;
}

/* Bytes of all files below path, each rounded up to a block. */
static int64_t tree_bytes(const char *path, int depth)
{
	RS_AUTO_ARGV names = NULL;
	int64_t sum = 4096;
	struct stat st;
	size_t n;

	if (lstat(path, &st) < 0)
		return 0;
	if (!S_ISDIR(st.st_mode))
		return (st.st_size + 4095) / 4096 * 4096 + 4096;
	if (depth == 0 || rs_path_list(path, &names, &n, NULL) < 0)
		return sum;
	for (size_t i = 0; i < n; i++) {
		RS_AUTO_STR *below = rs_path_join(path, names[i], NULL);

		if (below != NULL)
			sum += tree_bytes(below, depth - 1);
	}
	return sum;
}

int rs_tools_disk(const struct rs_testbed_options *o, const struct rs_kernel *kernel,
		  const char *stage, const char *file, struct rs_err *err)
{
	int64_t size;
	int rc = -1;

	if (rs_path_remove_tree(stage, err) < 0)
		return -1;
	if (rs_tools_collect(o, kernel, RS_TOOLS_ROOT, stage, err) == 0) {
		size = tree_bytes(stage, TREE_DEPTH_MAX + 2);
		size += size / 8 + (8ll << 20);
		if (rs_testbed_want_space(stage, size, "the tools disk", err) == 0)
			rc = rs_image_mke2fs(stage, "restudy-tools", size, file, err);
	}
	if (rs_path_remove_tree(stage, rc == 0 ? err : NULL) < 0)
		return -1;
	return rc;
}
