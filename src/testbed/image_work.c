/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The folders that images and kernels are built in: in memory where there is enough, else beside
 * what is built.  A build that was killed leaves its folder, which the next builder or "clean" removes:
 * the lock of what it built tells that nobody builds any more.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image_build_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#define IN_MEMORY "/dev/shm"
#define PREFIX	  "restudy-image-"

/* proc(5): a blank, tab, newline or backslash of a path is "\ooo" in mountinfo. */
static void decode(char *text)
{
	char *to = text;

	for (const char *p = text; *p != '\0'; p++) {
		if (p[0] == '\\' && strspn(p + 1, "01234567") >= 3) {
			*to++ = (char)((p[1] - '0') * 64 + (p[2] - '0') * 8 + (p[3] - '0'));
			p += 3;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
}

int rs_image_work_remove(const char *work, struct rs_err *err)
{
	RS_AUTO_BUF mounts = RS_BUF_INIT;
	const size_t n = strlen(work);
	char at[PATH_MAX];

	if (rs_path_read("/proc/self/mountinfo", 1 << 22, &mounts, NULL) == 0)
		for (const char *l = rs_buf_str(&mounts); *l != '\0'; l += strcspn(l, "\n"), l += *l == '\n') {
			if (sscanf(l, "%*s %*s %*s %*s %4095s", at) != 1)
				continue;
			decode(at);
			if (strncmp(at, work, n) == 0 && at[n] == '/')
				(void)umount2(at, UMOUNT_NOFOLLOW | MNT_DETACH);
		}
	return rs_path_remove_tree(work, err);
}

char *rs_image_work_folder(const struct rs_image_job *job, int64_t need, struct rs_err *err)
{
	RS_AUTO_STR *path = NULL;
	uint64_t in_memory = 0;

	if (access(IN_MEMORY, W_OK) == 0 && rs_path_free_bytes(IN_MEMORY, &in_memory, NULL) == 0 &&
	    in_memory > (uint64_t)need * 2)
		path = rs_asprintf(err, IN_MEMORY "/" PREFIX "%s-%u", job->key, getuid());
	else
		path = rs_asprintf(err, "%s.work", job->target);
	if (path == NULL || rs_image_work_remove(path, err) < 0)
		return NULL;
	/* Not kept from others: mmdebstrap's unprivileged modes enter it as another user. */
	if (mkdir(path, 0711) < 0) {
		(void)rs_err_sys(err, RS_ERR_FAILED, errno, "folder \"%s\" cannot be made", path);
		return NULL;
	}
	if (rs_testbed_want_space(path, need, "building an image", err) < 0) {
		(void)rmdir(path);
		return NULL;
	}
	return RS_STEAL(&path);
}

/* Where folders of builds are, and where the locks of what is built. */
struct place {
	const char *folder, *locks;	/* borrowed */
	int in_memory;
};

/* Takes the lock of what is built in folder name: a descriptor; -1 when somebody builds it, or when
 * name is no such folder. */
static int take_lock(const struct place *p, const char *name)
{
	static const char *const tails[] = { ".work", ".part" };
	const char *key = p->in_memory ? name + strlen(PREFIX) : name;
	const size_t length = RS_SHA256_HEX - 1, n = strlen(name);
	RS_AUTO_STR *lock = NULL;
	char own[24];
	int fd, ours = 0;

	if (p->in_memory && strncmp(name, PREFIX, strlen(PREFIX)) != 0)
		return -1;
	if (strspn(key, "0123456789abcdef") != length)
		return -1;
	(void)snprintf(own, sizeof(own), "-%u", getuid());
	if (p->in_memory)
		ours = strcmp(key + length, own) == 0;
	/* What came of an archive is no build's, and is kept for the next try. */
	for (size_t i = 0; !p->in_memory && strncmp(key + length, ".fetched.", 9) != 0 && i < RS_COUNT(tails); i++)
		ours |= n > strlen(tails[i]) && strcmp(name + n - strlen(tails[i]), tails[i]) == 0;
	if (!ours)
		return -1;
	/* The root of guests is made from an image that is there, and has a lock of its own. */
	lock = rs_asprintf(NULL, "%s/%.*s%s.lock", p->locks, (int)length, key,
			   strncmp(key + length, ".img.guest", 10) == 0 ? ".img" : "");
	fd = lock != NULL ? open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0)
		rs_close_fd(&fd);
	return fd;
}

static int find_in(const struct place *p, int remove, struct rs_buf *out, struct rs_err *err)
{
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;
	int rc = 0;

	if (!rs_path_exists(p->folder))
		return 0;
	if (rs_path_list(p->folder, &names, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		RS_AUTO_STR *path = rs_path_join(p->folder, names[i], err);
		RS_AUTO_FD lock = take_lock(p, names[i]);

		if (path == NULL)
			return -1;
		if (lock < 0)
			continue;
		if (remove && rs_image_work_remove(path, rc == 0 ? err : NULL) < 0)
			rc = -1;
		rs_buf_addf(out, "%s%s, of a build that was killed\n", remove ? "remove " : "", path);
	}
	return rc;
}

int rs_image_work_leftovers(int remove, struct rs_buf *out, struct rs_err *err)
{
	RS_AUTO_STR *cache = rs_path_cache(err);
	RS_AUTO_STR *images = cache != NULL ? rs_path_join(cache, "images", err) : NULL;
	RS_AUTO_STR *kernels = cache != NULL ? rs_path_join(cache, "kernels", err) : NULL;
	const struct place places[] = { { images, images, 0 }, { kernels, kernels, 0 },
					{ IN_MEMORY, images, 1 } };
	int rc = 0;

	if (images == NULL || kernels == NULL)
		return -1;
	/* Without the folder of its locks nothing of this cache was built. */
	for (size_t i = 0; i < RS_COUNT(places); i++)
		if (rs_path_exists(places[i].locks) && find_in(&places[i], remove, out, rc == 0 ? err : NULL) < 0)
			rc = -1;
	return rc;
}
