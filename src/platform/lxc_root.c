/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The writable layer of a container's root.  Folders that exist in the lower tree
 * are made again with the same owner and mode, since the upper one's are what the
 * guest sees; temporary folders are opaque, so that a guest made from the machine's
 * own root does not see what lies in the machine's.
 */
#include "lxc_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

/* Makes upper/rel as lower/rel is, or with mode where the lower tree has none. */
static int mirror_folder(const char *lower, const char *upper, const char *rel, mode_t mode,
			 struct rs_err *err)
{
	RS_AUTO_STR *from = rs_asprintf(err, "%s/%s", lower, rel);
	RS_AUTO_STR *to = rs_asprintf(err, "%s/%s", upper, rel);
	struct stat st = { .st_mode = S_IFDIR | mode };

	if (from == NULL || to == NULL)
		return -1;
	if (lstat(from, &st) == 0 && !S_ISDIR(st.st_mode))
		return rs_err_set(err, RS_ERR_MACHINE, "\"%s\" is not a folder: guests cannot be made "
				  "from \"%s\"", from, lower);
	if (mkdir(to, 0700) < 0) {
		if (errno != EEXIST)
			return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot make \"%s\"", to);
		return 0;
	}
	if (chown(to, st.st_uid, st.st_gid) < 0 || chmod(to, st.st_mode & 07777) < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot set the mode of \"%s\"", to);
	return 0;
}

/* mirror_folder for rel and each of its parents. */
static int mirror_path(const char *lower, const char *upper, const char *rel, struct rs_err *err)
{
	for (const char *slash = rel; slash != NULL;) {
		RS_AUTO_STR *part = NULL;

		slash = strchr(slash, '/');
		part = slash != NULL ? rs_strndup(rel, (size_t)(slash - rel), err) : rs_strdup(rel, err);
		if (part == NULL || mirror_folder(lower, upper, part, 0755, err) < 0)
			return -1;
		if (slash != NULL)
			slash++;
	}
	return 0;
}

/* A temporary folder that hides the lower tree's. */
static int empty_folder(const char *lower, const char *upper, const char *rel, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_asprintf(err, "%s/%s", upper, rel);

	if (path == NULL || mirror_folder(lower, upper, rel, 01777, err) < 0)
		return -1;
	if (setxattr(path, "trusted.overlay.opaque", "y", 1, 0) < 0)
		return rs_err_sys(err, RS_ERR_MACHINE, errno,
				  "cannot mark \"%s\" opaque: put the folder on a file system with "
				  "extended attributes", path);
	return 0;
}

int rs_lxc_fill_upper(const char *lower, const char *upper, const char *name, const char *address,
		      const char *gateway, struct rs_err *err)
{
	static const char *const folders[] = { "etc", "usr/lib/restudy", "var" };
	RS_AUTO_BUF hosts = RS_BUF_INIT;
	RS_AUTO_STR *hostname = rs_asprintf(err, "%s\n", name);

	for (size_t i = 0; i < RS_COUNT(folders); i++)
		if (mirror_path(lower, upper, folders[i], err) < 0)
			return -1;
	rs_guest_hosts(&hosts, name, address, gateway);
	if (hostname == NULL || rs_buf_check(&hosts, err) < 0 ||
	    rs_guest_put(upper, "/etc/hosts", rs_buf_str(&hosts), 0644, err) < 0 ||
	    rs_guest_put(upper, "/etc/hostname", hostname, 0644, err) < 0 ||
	    rs_guest_put(upper, "/etc/resolv.conf", "", 0644, err) < 0 ||
	    rs_guest_put(upper, "/usr/lib/restudy/restudy-agent", "", 0755, err) < 0 ||
	    rs_guest_put(upper, "/usr/lib/restudy/restudy-kernels", "", 0755, err) < 0)
		return -1;
	if (empty_folder(lower, upper, "tmp", err) < 0 || empty_folder(lower, upper, "var/tmp", err) < 0)
		return -1;
	return mirror_folder("/nonexistent", upper, "var/tmp/restudy", 0755, err);
}
