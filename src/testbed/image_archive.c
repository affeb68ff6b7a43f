/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Archives of root trees: their digest, how it comes to be trusted, and their unpacking.
 * In the cache an archive lies under its digest; a file named after its address keeps
 * the digest that was first seen there.
 */
#include "image_archive_priv.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image_download_priv.h"
#include "restudy/base/cmd.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

enum { LOCK_MAX_BYTES = 16 << 20, DIGITS = RS_SHA256_HEX - 1 };

static const double UNPACK_S = 3600;

/* DIGITS hexadecimal digits at text, in lower case, into ret; 0 when there are none. */
static int take_digest(const char *text, char ret[RS_SHA256_HEX])
{
	if (strspn(text, "0123456789abcdefABCDEF") != DIGITS)
		return 0;
	for (size_t i = 0; i < DIGITS; i++)
		ret[i] = (char)tolower((unsigned char)text[i]);
	ret[DIGITS] = '\0';
	return 1;
}

/* The line "archive ID SHA256 URL" of a lock file. */
static int from_lock(const struct rs_image *image, const char *lock, char ret[RS_SHA256_HEX],
		     struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	RS_AUTO_STR *head = rs_asprintf(err, "archive %s ", image->id);

	if (head == NULL || rs_path_read(lock, LOCK_MAX_BYTES, &text, err) < 0)
		return -1;
	for (const char *p = rs_buf_str(&text); *p != '\0'; p += strcspn(p, "\n")) {
		p += *p == '\n';
		if (strncmp(p, head, strlen(head)) == 0 && take_digest(p + strlen(head), ret))
			return 1;
	}
	return 0;
}

/* "ADDRESS-DIGEST.trusted" in the cache; owned. */
static char *trusted_path(const struct rs_image *image, const char *folder, struct rs_err *err)
{
	char key[RS_SHA256_HEX];

	if (rs_sha256_bytes(image->url, strlen(image->url), key, err) < 0)
		return NULL;
	return rs_asprintf(err, "%s/%s.trusted", folder, key);
}

static int from_cache(const char *path, char ret[RS_SHA256_HEX], struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (!rs_path_exists(path))
		return 0;
	if (rs_path_read(path, 4096, &text, err) < 0)
		return -1;
	return take_digest(rs_buf_str(&text), ret);
}

/* What the archive must be; "" when it was never used.  *ret_by: who says so, owned. */
static int find_expected(const struct rs_image *image, const char *lock, const char *folder,
			 char ret[RS_SHA256_HEX], char **ret_by, struct rs_err *err)
{
	RS_AUTO_STR *path = trusted_path(image, folder, err);
	char locked[RS_SHA256_HEX] = "";
	int in_lock = 0, in_cache = 0;

	ret[0] = '\0';
	if (path == NULL)
		return -1;
	if (lock != NULL)
		in_lock = from_lock(image, lock, locked, err);
	if (in_lock < 0)
		return -1;
	if (image->sha256 != NULL && in_lock && strcasecmp(image->sha256, locked) != 0)
		return rs_err_set(err, RS_ERR_PLAN, "image \"%s\": the plan says sha256 %s, and \"%s\" says %s: "
				  "the plan was changed; remove the line from the lock file if you mean it",
				  image->id, image->sha256, lock, locked);
	if (image->sha256 != NULL) {
		(void)take_digest(image->sha256, ret);
		*ret_by = rs_strdup("the plan", err);
	} else if (in_lock) {
		memcpy(ret, locked, sizeof(locked));
		*ret_by = rs_asprintf(err, "\"%s\"", lock);
	} else {
		in_cache = from_cache(path, ret, err);
		*ret_by = in_cache > 0 ? rs_asprintf(err, "its first use here (\"%s\")", path)
				       : rs_strdup("nobody", err);
	}
	return in_cache < 0 || *ret_by == NULL ? -1 : 0;
}

/* Writes down what was seen first. */
static int trust(const struct rs_image *image, const char *folder, const char *digest,
		 const struct rs_tell *tell, struct rs_err *err)
{
	RS_AUTO_STR *path = trusted_path(image, folder, err);
	RS_AUTO_STR *text = rs_asprintf(err, "%s %s\n", digest, image->url);

	if (path == NULL || text == NULL)
		return -1;
	rs_tell(tell, "image: \"%s\" has no checksum in the plan; %s is trusted from now on and stands in "
		"plan.lock", image->id, digest);
	return rs_path_write(path, text, strlen(text), err);
}

int rs_archive_get(const struct rs_image *image, const char *lock, const char *folder,
		   const struct rs_tell *tell, char ret[RS_SHA256_HEX], char **ret_path,
		   struct rs_err *err)
{
	RS_AUTO_STR *by = NULL;
	RS_AUTO_STR *path = NULL;
	RS_AUTO_STR *fresh = trusted_path(image, folder, err);
	RS_AUTO_FD held = -1;
	char expected[RS_SHA256_HEX];
	int is_file = strncmp(image->url, "file://", 7) == 0;

	if (fresh == NULL)
		return -1;
	memcpy(strrchr(fresh, '.'), ".fetched", 9);	/* as long as ".trusted" */
	held = rs_download_lock(fresh, tell, err);
	if (held < 0 || find_expected(image, lock, folder, expected, &by, err) < 0)
		return -1;
	path = rs_asprintf(err, "%s/%s.archive", folder, expected[0] != '\0' ? expected : "new");
	if (path == NULL)
		return -1;
	if (expected[0] != '\0' && rs_path_exists(path) && !is_file) {
		memcpy(ret, expected, sizeof(expected));
		*ret_path = RS_STEAL(&path);
		return 0;
	}
	{
		const struct rs_download d = { .url = image->url, .target = fresh, .tell = tell,
					       .sha256 = expected[0] != '\0' ? expected : NULL,
					       .told_by = by };

		rs_tell(tell, "image: fetching \"%s\"", image->url);
		if (rs_download(&d, ret, err) < 0)
			return -1;
	}
	free(path);
	path = rs_asprintf(err, "%s/%s.archive", folder, ret);
	if (path == NULL)
		return -1;
	if (rename(fresh, path) < 0)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\" cannot be renamed", fresh);
	if (expected[0] == '\0' && trust(image, folder, ret, tell, err) < 0)
		return -1;
	*ret_path = RS_STEAL(&path);
	return 0;
}

int rs_archive_unpack(const char *file, const char *tree, struct rs_err *err)
{
	RS_AUTO_CMD *tar = rs_cmd_new("tar");

	if (rs_path_mkdirs(tree, err) < 0)
		return -1;
	rs_cmd_args(tar, (const char *const[]){ "--extract", "--preserve-permissions", "--numeric-owner",
						"--sparse", "--file", file, "--directory", tree, NULL });
	rs_cmd_timeout(tar, UNPACK_S);
	if (rs_cmd_run_ok(tar, err) < 0)
		return rs_err_wrap(err, "the archive is no tar file of a root tree, or its compression is not "
				   "known here");
	return 0;
}

/* Whether a tree has one of the names (separated by blanks) in a folder of programs. */
static int has_program(const char *tree, const char *names)
{
	static const char *const below[] = { "bin", "sbin", "usr/bin", "usr/sbin", "lib/systemd",
					     "usr/lib/systemd" };

	for (const char *p = names; *p != '\0'; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		for (size_t i = 0; i < RS_COUNT(below); i++) {
			RS_AUTO_STR *path = rs_asprintf(NULL, "%s/%s/%.*s", tree, below[i], (int)n, p);
			struct stat st;

			if (path != NULL && lstat(path, &st) == 0)
				return 1;
		}
		p += n;
	}
	return 0;
}

int rs_archive_check_machine(const struct rs_image *image, const char *tree, struct rs_err *err)
{
	static const char *const needed[] = { "sh", "mount", "udevadm", "systemd-udevd udevd", "ip",
					      "modprobe", "mdadm", "lvm", "mkfs.ext3" };

	for (size_t i = 0; i < RS_COUNT(needed); i++)
		if (!has_program(tree, needed[i]))
			return rs_err_set(err, RS_ERR_PLAN, "image \"%s\" has no \"%.*s\", which the virtual "
					  "testbed needs: put it into the archive, or build the image with "
					  "mmdebstrap", image->id, (int)strcspn(needed[i], " "), needed[i]);
	return 0;
}
