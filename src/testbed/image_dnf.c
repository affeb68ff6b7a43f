/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Trees of RPM packages.  Scriptlets run in the tree, so it gets the devices they
 * expect before the first package; nothing is mounted.
 */
#include "image_dnf_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "restudy/base/cmd.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

static const double INSTALL_S = 3600;

char *rs_dnf_program(const struct rs_image *image)
{
	char *yum = image->builder == RS_BUILDER_YUM ? rs_path_program("yum") : NULL;

	return yum != NULL ? yum : rs_path_program("dnf");	/* yum's successor, same options */
}

/* Whether KEY=VALUE of os-release(5) is there, quoted or not; only_begins: VALUE may go on. */
static int os_release_has(const char *text, const char *key, const char *value, size_t len)
{
	size_t n = strlen(key);

	for (const char *p = text; *p != '\0'; p += strcspn(p, "\n")) {
		p += *p == '\n';
		if (strncmp(p, key, n) != 0 || p[n] != '=')
			continue;
		p += n + 1;
		p += *p == '"';
		return strncasecmp(p, value, len) == 0 && strchr("\"\n", p[len]) != NULL;
	}
	return 0;
}

int rs_dnf_has_source(const struct rs_image *image)
{
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (image->url != NULL)
		return 1;
	if (rs_path_read("/etc/os-release", 1 << 16, &text, NULL) < 0)
		return 0;
	return os_release_has(rs_buf_str(&text), "ID", image->distribution,
			      strcspn(image->distribution, " ")) &&
	       os_release_has(rs_buf_str(&text), "VERSION_ID", image->release, strlen(image->release));
}

int rs_dnf_config(const struct rs_image *image, struct rs_buf *out, struct rs_err *err)
{
	rs_buf_adds(out, "[main]\nassumeyes=1\nbest=1\ninstall_weak_deps=0\nkeepcache=0\nplugins=0\n"
		    "tsflags=nodocs\n");
	if (image->url != NULL)
		/* The plan's repository comes without its keys: what came stands in plan.lock. */
		rs_buf_addf(out, "reposdir=/dev/null\ngpgcheck=0\n[restudy]\nname=%s %s\nbaseurl=%s\n"
			    "enabled=1\nmetadata_expire=0\n", image->distribution, image->release, image->url);
	return rs_buf_check(out, err);
}

/* What scriptlets and chroot want to find. */
static int make_devices(const char *tree, struct rs_err *err)
{
	static const struct {
		const char *name;
		mode_t mode;
		unsigned major, minor;
	} devices[] = {
		{ "console", 0600, 5, 1 }, { "full", 0666, 1, 7 }, { "null", 0666, 1, 3 },
		{ "random", 0666, 1, 8 }, { "tty", 0666, 5, 0 }, { "urandom", 0666, 1, 9 },
		{ "zero", 0666, 1, 5 },
	};
	RS_AUTO_STR *folder = rs_path_join(tree, "dev", err);

	if (folder == NULL || rs_path_mkdirs(folder, err) < 0)
		return -1;
	for (size_t i = 0; i < RS_COUNT(devices); i++) {
		RS_AUTO_STR *path = rs_path_join(folder, devices[i].name, err);

		if (path == NULL)
			return -1;
		if (mknod(path, S_IFCHR | devices[i].mode, makedev(devices[i].major, devices[i].minor)) < 0 &&
		    errno != EEXIST)
			return rs_err_sys(err, RS_ERR_MACHINE, errno, "device \"%s\" cannot be made", path);
		if (chmod(path, devices[i].mode) < 0)	/* mknod minds the umask */
			return rs_err_sys(err, RS_ERR_FAILED, errno, "\"%s\"", path);
	}
	return 0;
}

static void install_args(struct rs_cmd *cmd, const struct rs_image *image, const char *config,
			 const char *tree, const char *packages)
{
	rs_cmd_arg(cmd, "--config");
	rs_cmd_arg(cmd, config);
	rs_cmd_argf(cmd, "--installroot=%s", tree);
	rs_cmd_argf(cmd, "--releasever=%s", image->release);
	if (image->architecture != NULL)
		rs_cmd_argf(cmd, "--forcearch=%s",
			    strcmp(image->architecture, "amd64") == 0 ? "x86_64" : image->architecture);
	rs_cmd_arg(cmd, "install");
	for (const char *p = packages; *p != '\0'; p += *p == ',') {
		size_t n = strcspn(p, ",");

		rs_cmd_argf(cmd, "%.*s", (int)n, p);
		p += n;
	}
}

int rs_dnf_install(const struct rs_image *image, const char *packages, const char *work,
		   const char *tree, struct rs_err *err)
{
	RS_AUTO_STR *program = rs_dnf_program(image);
	RS_AUTO_STR *config = rs_path_join(work, "dnf.conf", err);
	RS_AUTO_BUF text = RS_BUF_INIT, said = RS_BUF_INIT;
	RS_AUTO_CMD *cmd = NULL;
	struct rs_cmd_result r;
	char how[64];

	if (config == NULL || rs_dnf_config(image, &text, err) < 0)
		return -1;
	if (geteuid() != 0)
		return rs_err_set(err, RS_ERR_MACHINE, "images of RPM packages are built by root only: run as "
				  "root, or give the image a substitute that is built by mmdebstrap");
	if (program == NULL)
		return rs_err_set(err, RS_ERR_MACHINE, "dnf is missing: apt-get install dnf rpm");
	if (rs_path_mkdirs(tree, err) < 0 || make_devices(tree, err) < 0 ||
	    rs_path_write(config, rs_buf_str(&text), text.len, err) < 0)
		return -1;
	cmd = rs_cmd_new(program);
	install_args(cmd, image, config, tree, packages);
	rs_cmd_env(cmd, "LC_ALL", "C");
	rs_cmd_env(cmd, "TMPDIR", work);
	rs_cmd_timeout(cmd, INSTALL_S);
	rs_cmd_dies_with_us(cmd);
	rs_cmd_stdout_buf(cmd, &said);
	rs_cmd_stderr_buf(cmd, &said);
	if (rs_cmd_run(cmd, &r, err) < 0)
		return -1;
	if (r.status == 0)
		return 0;
	return rs_err_set(err, RS_ERR_FAILED, "%s could not build it (%s): %s", rs_path_base(program),
			  rs_cmd_describe_end(how, sizeof(how), &r), rs_buf_last_line(&said));
}

int rs_dnf_list(const char *tree, const char *list, struct rs_err *err)
{
	RS_AUTO_CMD *cmd = rs_cmd_new("rpm");
	RS_AUTO_BUF text = RS_BUF_INIT;

	rs_cmd_argf(cmd, "--root=%s", tree);
	rs_cmd_arg(cmd, "-qa");
	rs_cmd_arg(cmd, "--queryformat=%{NAME} %{VERSION}-%{RELEASE}\\n");
	rs_cmd_stdout_buf(cmd, &text);
	if (rs_cmd_run_ok(cmd, err) < 0 || rs_buf_check(&text, err) < 0)
		return -1;
	return rs_path_write(list, rs_buf_str(&text), text.len, err);
}

void rs_dnf_steps(const struct rs_image *image, const char *packages, struct rs_buf *out)
{
	RS_AUTO_CMD *cmd = rs_cmd_new(image->builder == RS_BUILDER_YUM ? "yum" : "dnf");
	RS_AUTO_STR *text = NULL;

	install_args(cmd, image, "WORK/dnf.conf", "TREE", packages);
	text = rs_cmd_text(cmd, NULL);
	if (text != NULL)
		rs_buf_addf(out, "%s\n", text);
}
