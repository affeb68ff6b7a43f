/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kernel modules: the ones that the testbed's machine and its guests use, and the
 * order in which the initial file system loads those that reach a root disk.
 */
#include "kernel_modules_priv.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "restudy/base/cmd.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#define SCRIPT_MAX (256u << 10)

/* Disks and network of a machine that QEMU makes: loaded by the initial file system. */
static const char *const early_virtio[] = { "virtio_pci", "virtio_blk", "virtio_console",
					    "virtio_net", "ext4", "overlay", NULL };

/* The same of a Xen guest. */
static const char *const early_xen[] = { "xen-blkfront", "xen-netfront", "ext4", "overlay", NULL };

/* Loaded when something wants them. */
static const char *const late[] = {
	"af_packet", "bridge", "dm-mod", "dm-snapshot", "e1000", "fuse", "iptable_filter", "loop",
	"raid0", "raid1", "sd_mod", "sym53c8xx", "tun", "veth", "virtio-rng", "virtio_scsi",
	"xen-blkback", "xen-evtchn", "xen-gntalloc", "xen-gntdev", "xen-netback", "xen-privcmd",
	"xenfs", NULL
};

static const char *const *const groups[] = { early_virtio, early_xen, late };

int rs_modules_describe(struct rs_buf *out, struct rs_err *err)
{
	RS_AUTO_STR *script = rs_path_data("templates/testbed/initramfs", err);

	for (size_t g = 0; g < RS_COUNT(groups); g++)
		for (size_t i = 0; groups[g][i] != NULL; i++)
			rs_buf_addf(out, "%zu %s\n", g, groups[g][i]);
	if (script == NULL)
		return -1;
	return rs_path_read(script, SCRIPT_MAX, out, err);
}

/* Calls take for the file of module and of those it depends on, these first. */
typedef int take_fn(void *user, const char *file, struct rs_err *err);

static int each_file(const char *base, const char *version, const char *module, take_fn *take,
		     void *user, struct rs_err *err)
{
	RS_AUTO_CMD *cmd = rs_cmd_new("modprobe");
	RS_AUTO_BUF text = RS_BUF_INIT;

	rs_cmd_arg(cmd, "--show-depends");
	rs_cmd_arg(cmd, "--ignore-install");
	rs_cmd_arg(cmd, "--dirname");
	rs_cmd_arg(cmd, base);
	rs_cmd_arg(cmd, "--set-version");
	rs_cmd_arg(cmd, version);
	rs_cmd_arg(cmd, module);
	rs_cmd_stdout_buf(cmd, &text);
	if (rs_cmd_run_ok(cmd, err) < 0)
		return rs_err_wrap(err, "kernel %s has no module \"%s\"", version, module);
	for (const char *p = rs_buf_str(&text), *end; *p != '\0'; p = *end != '\0' ? end + 1 : end) {
		RS_AUTO_STR *file = NULL;

		end = p + strcspn(p, "\n");
		if (strncmp(p, "insmod ", 7) != 0)	/* "builtin NAME" */
			continue;
		file = rs_strndup(p + 7, strcspn(p + 7, " \n"), err);
		if (file == NULL || take(user, file, err) < 0)
			return -1;
	}
	return 0;
}

static int copy_into(const char *from, const char *to, struct rs_err *err)
{
	RS_AUTO_STR *folder = rs_strndup(to, (size_t)(rs_path_base(to) - to), err);

	if (folder == NULL || rs_path_mkdirs(folder, err) < 0)
		return -1;
	return rs_path_copy(from, to, err);
}

struct copy {
	const char *from, *to;	/* /tree/lib/modules, folder */
};

static int copy_module(void *user, const char *file, struct rs_err *err)
{
	const struct copy *c = user;
	size_t n = strlen(c->from);
	RS_AUTO_STR *to = NULL;

	if (strncmp(file, c->from, n) != 0 || file[n] != '/' || !rs_path_is_inside(file + n + 1))
		return rs_err_set(err, RS_ERR_FAILED, "modprobe named \"%s\", which is not below \"%s\"",
				  file, c->from);
	to = rs_path_join(c->to, file + n + 1, err);
	if (to == NULL)
		return -1;
	return rs_path_exists(to) ? 0 : copy_into(file, to, err);
}

static int depmod(const char *base, const char *version, struct rs_err *err)
{
	RS_AUTO_CMD *cmd = rs_cmd_new("depmod");

	rs_cmd_arg(cmd, "--basedir");
	rs_cmd_arg(cmd, base);
	rs_cmd_arg(cmd, version);
	return rs_cmd_run_ok(cmd, err);
}

int rs_modules_copy(const char *tree, const char *version, const char *base,
		    struct rs_err *err)
{
	static const char *const lists[] = { "modules.builtin", "modules.builtin.modinfo",
					     "modules.order" };
	RS_AUTO_STR *from = rs_path_join(tree, "lib/modules", err);
	RS_AUTO_STR *to = rs_path_join(base, "lib/modules", err);
	struct copy c = { from, to };

	if (from == NULL || to == NULL || depmod(tree, version, err) < 0)
		return -1;
	for (size_t g = 0; g < RS_COUNT(groups); g++)
		for (size_t i = 0; groups[g][i] != NULL; i++)
			if (each_file(tree, version, groups[g][i], copy_module, &c, err) < 0)
				return -1;
	for (size_t i = 0; i < RS_COUNT(lists); i++) {
		RS_AUTO_STR *list = rs_asprintf(err, "%s/%s/%s", from, version, lists[i]);
		RS_AUTO_STR *copy = rs_asprintf(err, "%s/%s/%s", to, version, lists[i]);

		if (list == NULL || copy == NULL || rs_path_copy(list, copy, err) < 0)
			return -1;
	}
	return depmod(base, version, err);
}

/* One group of modules goes into the stage, its order of loading into a list. */
struct order {
	const char *stage;
	struct rs_buf *text;	/* names of files, one per line, each once */
	struct rs_buf *names;	/* all files of the archive so far */
};

static int take_early(void *user, const char *file, struct rs_err *err)
{
	const struct order *o = user;
	const char *name = rs_path_base(file);
	RS_AUTO_STR *line = rs_asprintf(err, "\n%s\n", name);
	RS_AUTO_STR *to = rs_asprintf(err, "%s/modules/%s", o->stage, name);

	if (line == NULL || to == NULL)
		return -1;
	if (strstr(rs_buf_str(o->text), line) != NULL)
		return 0;
	rs_buf_addf(o->text, "%s\n", name);
	if (rs_path_exists(to))
		return 0;
	rs_buf_addf(o->names, "modules/%s\n", name);
	return rs_path_copy(file, to, err);
}

static int stage_group(const char *base, const char *version, const char *const *group,
		       const char *stage, const char *list, struct rs_buf *names,
		       struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	RS_AUTO_STR *path = rs_path_join(stage, list, err);
	struct order o = { stage, &text, names };

	if (path == NULL)
		return -1;
	rs_buf_addc(&text, '\n');	/* so that every name stands between two of them */
	for (size_t i = 0; group[i] != NULL; i++)
		if (each_file(base, version, group[i], take_early, &o, err) < 0)
			return -1;
	if (rs_buf_check(&text, err) < 0)
		return -1;
	rs_buf_addf(names, "%s\n", list);
	return rs_path_write(path, rs_buf_str(&text) + 1, text.len - 1, err);
}

static int stage_programs(const char *stage, struct rs_buf *names, struct rs_err *err)
{
	RS_AUTO_STR *busybox = rs_path_program("busybox");
	RS_AUTO_STR *script = rs_path_data("templates/testbed/initramfs", err);
	RS_AUTO_STR *to_busybox = rs_path_join(stage, "bin/busybox", err);
	RS_AUTO_STR *to_script = rs_path_join(stage, "init", err);

	if (script == NULL || to_busybox == NULL || to_script == NULL)
		return -1;
	if (busybox == NULL)
		return rs_err_set(err, RS_ERR_MACHINE, "the initial file system needs busybox: apt-get "
				  "install busybox-static");
	if (copy_into(busybox, to_busybox, err) < 0 || copy_into(script, to_script, err) < 0)
		return -1;
	if (chmod(to_script, 0755) < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "\"%s\"", to_script);
	rs_buf_adds(names, "bin/busybox\ninit\n");
	return 0;
}

static int archive(const char *stage, const struct rs_buf *names, const char *file,
		   struct rs_err *err)
{
	RS_AUTO_CMD *cmd = rs_cmd_new("cpio");

	rs_cmd_arg(cmd, "--create");
	rs_cmd_arg(cmd, "--format=newc");
	rs_cmd_arg(cmd, "--owner=0:0");
	rs_cmd_arg(cmd, "--quiet");
	rs_cmd_cwd(cmd, stage);
	rs_cmd_stdin_bytes(cmd, rs_buf_str(names), names->len);
	rs_cmd_stdout_file(cmd, file);
	return rs_cmd_run_ok(cmd, err);
}

int rs_modules_initramfs(const char *base, const char *version, const char *stage,
			 const char *file, struct rs_err *err)
{
	static const char *const folders[] = { "bin", "dev", "modules", "proc", "root", "sys" };
	RS_AUTO_BUF names = RS_BUF_INIT;

	for (size_t i = 0; i < RS_COUNT(folders); i++) {
		RS_AUTO_STR *path = rs_path_join(stage, folders[i], err);

		if (path == NULL || rs_path_mkdirs(path, err) < 0)
			return -1;
		rs_buf_addf(&names, "%s\n", folders[i]);
	}
	if (stage_programs(stage, &names, err) < 0 ||
	    stage_group(base, version, early_virtio, stage, "load.virtio", &names, err) < 0 ||
	    stage_group(base, version, early_xen, stage, "load.xen", &names, err) < 0 ||
	    rs_buf_check(&names, err) < 0)
		return -1;
	return archive(stage, &names, file, err);
}
