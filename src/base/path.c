/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of files and folders, and where Restudy's own folders are. */
#include "restudy/base/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "restudy/base/mem.h"

#ifndef RS_PREFIX
#define RS_PREFIX "/usr/local"
#endif

char *rs_path_join(const char *a, const char *b, struct rs_err *err)
{
	size_t n = strlen(a);

	if (b[0] == '/' || n == 0)
		return rs_strdup(b, err);
	return rs_asprintf(err, "%s%s%s", a, a[n - 1] == '/' ? "" : "/", b);
}

const char *rs_path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

int rs_path_is_plain_name(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._+-";
	size_t n = strlen(name);

	return n > 0 && n <= 128 && strspn(name, allowed) == n && name[0] != '-' &&
	       strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

int rs_path_is_inside(const char *rel)
{
	for (const char *p = rel;; p++) {
		size_t n = strcspn(p, "/");

		if (n == 0 || (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
			return 0;
		p += n;
		if (*p == '\0')
			return 1;
	}
}

int rs_path_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

static int is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int rs_path_mkdirs(const char *path, struct rs_err *err)
{
	RS_AUTO_STR *copy = rs_strdup(path, err);

	if (copy == NULL)
		return -1;
	for (char *p = copy + 1; p[-1] != '\0'; p++) {
		char c = *p;
		int errnum;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		errnum = mkdir(copy, 0777) == 0 ? 0 : errno;
		if (errnum != 0 && !is_folder(copy))
			return rs_err_sys(err, RS_ERR_FAILED, errnum, "cannot make the folder \"%s\"",
					  copy);
		*p = c;
	}
	return 0;
}

int rs_path_make_parent(const char *path, struct rs_err *err)
{
	const char *slash = strrchr(path, '/');
	RS_AUTO_STR *parent = NULL;

	if (slash == NULL || slash == path)
		return 0;
	parent = rs_strndup(path, (size_t)(slash - path), err);
	return parent == NULL ? -1 : rs_path_mkdirs(parent, err);
}

char *rs_path_cache(struct rs_err *err)
{
	const char *xdg = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	RS_AUTO_STR *path = NULL;

	if (xdg != NULL && xdg[0] == '/') {
		path = rs_asprintf(err, "%s/restudy", xdg);
	} else if (home != NULL && home[0] == '/') {
		path = rs_asprintf(err, "%s/.cache/restudy", home);
	} else {
		(void)rs_err_set(err, RS_ERR_MACHINE,
				 "no folder for the cache: set HOME or XDG_CACHE_HOME");
		return NULL;
	}
	if (path == NULL || rs_path_mkdirs(path, err) < 0)
		return NULL;
	return RS_STEAL(&path);
}

char *rs_path_data(const char *rel, struct rs_err *err)
{
	/* An installed program knows nothing of the folder it was built in. */
	static const char *const built[] = {
#ifdef RS_SOURCE_DIR
		RS_SOURCE_DIR "/data", RS_SOURCE_DIR,
#endif
		RS_PREFIX "/share/restudy",
	};
	const char *chosen = getenv("RESTUDY_DATA");

	if (chosen != NULL && chosen[0] == '/') {
		RS_AUTO_STR *path = rs_path_join(chosen, rel, err);

		if (path != NULL && rs_path_exists(path))
			return RS_STEAL(&path);
		(void)rs_err_set(err, RS_ERR_MACHINE, "\"%s\", which RESTUDY_DATA names, has no \"%s\"",
				 chosen, rel);
		return NULL;
	}
	for (size_t i = 0; i < RS_COUNT(built); i++) {
		RS_AUTO_STR *path = rs_path_join(built[i], rel, err);

		if (path == NULL)
			return NULL;
		if (rs_path_exists(path))
			return RS_STEAL(&path);
	}
	(void)rs_err_set(err, RS_ERR_MACHINE,
			 "Restudy's data file \"%s\" is missing: install Restudy again, or set "
			 "RESTUDY_DATA to the folder that has it", rel);
	return NULL;
}

char *rs_path_program(const char *name)
{
	const char *path = getenv("PATH");
	RS_AUTO_STR *all = rs_asprintf(NULL, "%s:/usr/sbin:/sbin", path != NULL ? path : "/usr/bin:/bin");

	if (all == NULL)
		return NULL;
	if (strchr(name, '/') != NULL)
		return access(name, X_OK) == 0 ? rs_strdup(name, NULL) : NULL;
	for (char *p = all, *next; p != NULL; p = next) {
		RS_AUTO_STR *candidate = NULL;
		struct stat st;

		next = strchr(p, ':');
		if (next != NULL)
			*next++ = '\0';
		if (*p != '/')
			continue;
		candidate = rs_path_join(p, name, NULL);
		if (candidate != NULL && access(candidate, X_OK) == 0 &&
		    stat(candidate, &st) == 0 && S_ISREG(st.st_mode))
			return RS_STEAL(&candidate);
	}
	return NULL;
}

int rs_path_free_bytes(const char *path, uint64_t *ret, struct rs_err *err)
{
	struct statvfs fs;

	if (statvfs(path, &fs) != 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot ask \"%s\" for its free space",
				  path);
	*ret = (uint64_t)fs.f_bavail * fs.f_frsize;
	return 0;
}
