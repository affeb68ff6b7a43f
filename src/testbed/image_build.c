/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The build of an image.  Nothing is mounted: mmdebstrap or dnf makes a tree or an
 * archive has it, mke2fs -d makes a file system of a tree.
 */
#include "image_build_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apt_priv.h"
#include "image_archive_priv.h"
#include "image_dnf_priv.h"
#include "restudy/base/cmd.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#define TREE_BYTES	(1536ll << 20)	/* a tree with room for apt's caches */
#define USER_BYTES	(2560ll << 20)	/* the archive and the tree */
#define DISK_BYTES	(1024ll << 20)	/* the image's used blocks */
#define ROOT_SIZE	(8ll << 30)	/* of the file system: sparse */
#define BUILD_TIMEOUT_S 3600

/* Of mke2fs.  No journal: every run works on a throw-away overlay of it. */
#define FEATURES "^has_journal,^metadata_csum,^resize_inode"
#define EXTENDED "lazy_itable_init=1,root_owner=0:0"
#define LABEL	 "restudy-root"

int rs_image_mke2fs(const char *tree, const char *label, int64_t size_bytes, const char *file,
		    struct rs_err *err)
{
	RS_AUTO_CMD *cmd = rs_cmd_new("mke2fs");

	rs_cmd_arg(cmd, "-q");
	rs_cmd_arg(cmd, "-F");
	rs_cmd_arg(cmd, "-t");
	rs_cmd_arg(cmd, "ext4");
	rs_cmd_arg(cmd, "-O");
	rs_cmd_arg(cmd, FEATURES);
	rs_cmd_arg(cmd, "-E");
	rs_cmd_arg(cmd, EXTENDED);
	rs_cmd_arg(cmd, "-m");
	rs_cmd_arg(cmd, "0");
	rs_cmd_arg(cmd, "-L");
	rs_cmd_arg(cmd, label);
	rs_cmd_arg(cmd, "-d");
	rs_cmd_arg(cmd, tree);
	rs_cmd_arg(cmd, file);
	rs_cmd_argf(cmd, "%lldk", (long long)(size_bytes / 1024));
	return rs_cmd_run_ok(cmd, err);
}

static void mmdebstrap_args(struct rs_cmd *cmd, const char *packages)
{
	static const char *const left_out[] = { "doc", "info", "lintian", "locale", "man" };

	rs_cmd_arg(cmd, "--quiet");
	rs_cmd_arg(cmd, "--variant=minbase");
	rs_cmd_arg(cmd, "--components=main");
	rs_cmd_arg(cmd, "--aptopt=APT::Install-Recommends \"false\"");
	rs_cmd_arg(cmd, "--dpkgopt=force-unsafe-io");
	for (size_t i = 0; i < RS_COUNT(left_out); i++)
		rs_cmd_argf(cmd, "--dpkgopt=path-exclude=/usr/share/%s/*", left_out[i]);
	rs_cmd_argf(cmd, "--include=%s", packages);
}

static int mmdebstrap(const struct rs_image_job *job, const char *mode, const char *format,
		      const char *work, const char *output, struct rs_err *err)
{
	RS_AUTO_CMD *cmd = rs_cmd_new("mmdebstrap");

	mmdebstrap_args(cmd, job->packages);
	if (rs_apt_options(cmd, err) < 0)
		return -1;
	rs_cmd_argf(cmd, "--mode=%s", mode);
	rs_cmd_argf(cmd, "--format=%s", format);
	if (job->image->architecture != NULL)
		rs_cmd_argf(cmd, "--architectures=%s", job->image->architecture);
	rs_cmd_arg(cmd, rs_apt_codename(job->image->release));
	rs_cmd_arg(cmd, output);
	rs_cmd_arg(cmd, "-");
	rs_cmd_stdin_bytes(cmd, job->sources, strlen(job->sources));
	rs_cmd_env(cmd, "TMPDIR", work);
	rs_cmd_env(cmd, "LC_ALL", "C");
	rs_cmd_timeout(cmd, BUILD_TIMEOUT_S);
	rs_cmd_dies_with_us(cmd);
	if (rs_cmd_run_ok(cmd, err) < 0)
		return rs_err_wrap(err, "mmdebstrap could not build it (does \"apt-get update\" work "
				   "here? are all packages of the image spelled right? what does "
				   "\"restudy doctor\" say?)");
	return 0;
}

/* Writes "name version" of every package in the tree: what dpkg knows, else rpm. */
static int list_packages(const char *tree, const char *list, struct rs_err *err)
{
	RS_AUTO_STR *dpkg = rs_path_join(tree, "var/lib/dpkg/status", err);
	RS_AUTO_STR *rpm = rs_path_program("rpm");
	RS_AUTO_CMD *cmd = NULL;
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (dpkg == NULL)
		return -1;
	if (!rs_path_exists(dpkg))	/* an archive may have packages that nothing here can read */
		return rpm != NULL ? rs_dnf_list(tree, list, err) : rs_path_write(list, "", 0, err);
	cmd = rs_cmd_new("dpkg-query");
	rs_cmd_argf(cmd, "--admindir=%s/var/lib/dpkg", tree);
	rs_cmd_arg(cmd, "-W");
	rs_cmd_arg(cmd, "-f");
	rs_cmd_arg(cmd, "${Package} ${Version}\\n");
	rs_cmd_stdout_buf(cmd, &text);
	if (rs_cmd_run_ok(cmd, err) < 0 || rs_buf_check(&text, err) < 0)
		return -1;
	return rs_path_write(list, rs_buf_str(&text), text.len, err);
}

/* The tree of an image in a folder that does not exist yet; root only. */
static int make_tree(const struct rs_image_job *job, const char *work, const char *tree,
		     struct rs_err *err)
{
	switch (job->image->builder) {
	case RS_BUILDER_ARCHIVE:
		return rs_archive_unpack(job->archive, tree, err);
	case RS_BUILDER_DNF:
	case RS_BUILDER_YUM:
		return rs_dnf_install(job->image, job->packages, work, tree, err);
	case RS_BUILDER_MMDEBSTRAP:
		return mmdebstrap(job, "root", "directory", work, tree, err);
	case RS_BUILDER_LAST:
		break;
	}
	return rs_err_set(err, RS_ERR_INTERNAL, "a builder of no known kind");
}

static int finish(const char *part, const char *target, struct rs_err *err)
{
	if (rename(part, target) < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "\"%s\" cannot be renamed to \"%s\"", part,
				  target);
	return 0;
}

static int disk_as_root(const struct rs_image_job *job, const char *work, const char *part,
			struct rs_err *err)
{
	RS_AUTO_STR *tree = rs_path_join(work, "tree", err);

	if (tree == NULL || make_tree(job, work, tree, err) < 0 ||
	    list_packages(tree, job->list, err) < 0)
		return -1;
	if (job->image->builder == RS_BUILDER_ARCHIVE &&
	    rs_archive_check_machine(job->image, tree, err) < 0)
		return -1;
	rs_tell(job->tell, "image: making the file system (about 5 s)");
	return rs_image_mke2fs(tree, LABEL, ROOT_SIZE, part, err);
}

/* mke2fs must see the owners that tar restored: both run under one fakeroot. */
static int disk_as_user(const struct rs_image_job *job, const char *work, const char *part,
			struct rs_err *err)
{
	static const char script[] =
		"set -e; mkdir \"$1/tree\"; tar -C \"$1/tree\" -xf \"$4\"; rm -f \"$1/root.tar\"; "
		"PATH=$PATH:/usr/sbin:/sbin; "
		"mke2fs -q -F -t ext4 -O " FEATURES " -E " EXTENDED " -m 0 -L " LABEL " -d \"$1/tree\" \"$2\" \"$3\"";
	RS_AUTO_STR *archive = rs_path_join(work, "root.tar", err);
	RS_AUTO_STR *tree = rs_path_join(work, "tree", err);
	RS_AUTO_STR *fakeroot = rs_path_program("fakeroot");
	RS_AUTO_CMD *cmd = NULL;

	if (archive == NULL || tree == NULL)
		return -1;
	if (fakeroot == NULL)
		return rs_err_set(err, RS_ERR_MACHINE, "building an image as an ordinary user needs "
				  "fakeroot and user namespaces: apt-get install fakeroot uidmap");
	if (job->image->builder != RS_BUILDER_ARCHIVE && job->image->builder != RS_BUILDER_MMDEBSTRAP)
		return rs_dnf_install(job->image, job->packages, work, tree, err);	/* says why not */
	if (job->archive == NULL && mmdebstrap(job, "auto", "tar", work, archive, err) < 0)
		return -1;
	rs_tell(job->tell, "image: making the file system (about 10 s)");
	cmd = rs_cmd_new(fakeroot);
	rs_cmd_arg(cmd, "--");
	rs_cmd_arg(cmd, "sh");
	rs_cmd_arg(cmd, "-c");
	rs_cmd_arg(cmd, script);
	rs_cmd_arg(cmd, "sh");
	rs_cmd_arg(cmd, work);
	rs_cmd_arg(cmd, part);
	rs_cmd_argf(cmd, "%lldk", (long long)(ROOT_SIZE / 1024));
	rs_cmd_arg(cmd, job->archive != NULL ? job->archive : archive);
	if (rs_cmd_run_ok(cmd, err) < 0)
		return -1;
	if (job->archive != NULL && rs_archive_check_machine(job->image, tree, err) < 0)
		return -1;
	return list_packages(tree, job->list, err);
}

int rs_image_build_disk(const struct rs_image_job *job, struct rs_err *err)
{
	int root = geteuid() == 0;
	RS_AUTO_STR *part = rs_asprintf(err, "%s.part", job->target);
	RS_AUTO_STR *folder = rs_strndup(job->target, (size_t)(rs_path_base(job->target) - job->target),
					 err);
	RS_AUTO_STR *work = NULL;
	int rc;

	if (part == NULL || folder == NULL)
		return -1;
	if (rs_testbed_want_space(folder, DISK_BYTES, "the image", err) < 0)
		return -1;
	work = rs_image_work_folder(job, root ? TREE_BYTES : USER_BYTES, err);
	if (work == NULL)
		return -1;
	rc = root ? disk_as_root(job, work, part, err) : disk_as_user(job, work, part, err);
	if (rc == 0)
		rc = finish(part, job->target, err);
	if (rc < 0)
		(void)unlink(part);
	if (rs_image_work_remove(work, rc == 0 ? err : NULL) < 0)
		return -1;
	return rc;
}

int rs_image_build_tree(const struct rs_image_job *job, struct rs_err *err)
{
	RS_AUTO_STR *work = NULL, *tree = NULL;
	int rc = -1;

	if (geteuid() != 0)
		return rs_err_set(err, RS_ERR_MACHINE, "a tree for containers is made by root only: run "
				  "as root, or use --testbed virtual");
	/* Beside the target, since it is renamed into place. */
	work = rs_asprintf(err, "%s.work", job->target);
	if (work == NULL || rs_image_work_remove(work, err) < 0 || rs_path_mkdirs(work, err) < 0)
		return -1;
	tree = rs_path_join(work, "tree", err);
	if (tree != NULL && rs_testbed_want_space(work, TREE_BYTES, "an image's tree", err) == 0 &&
	    make_tree(job, work, tree, err) == 0 &&
	    list_packages(tree, job->list, err) == 0)
		rc = finish(tree, job->target, err);
	if (rs_image_work_remove(work, rc == 0 ? err : NULL) < 0)
		return -1;
	return rc;
}

void rs_image_build_steps(const char *codename, const char *packages, struct rs_buf *out)
{
	RS_AUTO_CMD *cmd = rs_cmd_new("mmdebstrap");
	RS_AUTO_STR *text = NULL;

	mmdebstrap_args(cmd, packages);
	rs_cmd_arg(cmd, codename);
	rs_cmd_arg(cmd, "TREE");
	text = rs_cmd_text(cmd, NULL);
	if (text != NULL)
		rs_buf_addf(out, "%s\n", text);
}
