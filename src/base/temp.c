/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Temporary names, and whose they are. */
#include "restudy/base/temp.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#define MARK "restudy-"

const char *rs_temp_root(void)
{
	const char *tmp = getenv("TMPDIR");

	return tmp != NULL && tmp[0] == '/' ? tmp : "/tmp";
}

char *rs_temp_folder(const char *root, const char *what, struct rs_err *err)
{
	RS_AUTO_STR *folder = rs_asprintf(err, "%s/" MARK "%s-%ld-XXXXXX", root, what, (long)getpid());

	if (folder == NULL)
		return NULL;
	if (mkdtemp(folder) == NULL) {
		(void)rs_err_sys(err, RS_ERR_MACHINE, errno, "cannot make a folder in \"%s\"", root);
		return NULL;
	}
	return RS_STEAL(&folder);
}

char *rs_temp_beside(const char *path, const char *what, struct rs_err *err)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')	/* beside a folder, not in it */
		n--;
	return rs_asprintf(err, "%.*s." MARK "%s-%ld", (int)n, path, what, (long)getpid());
}

/* The process at the end of "WHAT-PID" or "WHAT-PID-XXXXXX". */
static long owner_of_mark(const char *s)
{
	const size_t word = strspn(s, "abcdefghijklmnopqrstuvwxyz");
	char *end;
	long pid;

	if (word == 0 || s[word] != '-' || s[word + 1] < '1' || s[word + 1] > '9')
		return 0;
	pid = strtol(s + word + 1, &end, 10);
	if (*end == '-' && strlen(end) == 7 && strpbrk(end, "./ ") == NULL)
		end += 7;
	return *end == '\0' && pid > 0 ? pid : 0;
}

long rs_temp_owner(const char *name)
{
	for (const char *s = name; (s = strstr(s, MARK)) != NULL; s++) {
		const long pid = s == name || s[-1] == '.' ? owner_of_mark(s + strlen(MARK)) : 0;

		if (pid != 0)
			return pid;
	}
	return 0;
}

static int is_leftover(const char *path, long owner)
{
	struct stat st;

	if (owner == 0 || lstat(path, &st) != 0 || st.st_uid != geteuid() ||
	    (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		return 0;
	return kill((pid_t)owner, 0) != 0 && errno == ESRCH;
}

static int handle(const char *path, int remove, struct rs_buf *out, struct rs_err *err)
{
	struct stat st;
	int rc = 0;

	if (remove && lstat(path, &st) == 0 && S_ISREG(st.st_mode))
		rc = unlink(path) == 0 ? 0 : rs_err_sys(err, RS_ERR_FAILED, errno, "cannot remove \"%s\"", path);
	else if (remove)
		rc = rs_path_remove_tree(path, err);
	rs_buf_addf(out, "unfinished \"%s\": %s\n", path,
		    !remove ? "left behind" : rc == 0 ? "removed" : "could not be removed");
	return rc;
}

int rs_temp_leftovers(const char *folder, int remove, struct rs_buf *out, struct rs_err *err)
{
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;
	int rc = 0;

	/* a folder that may not be read has nothing that this user may remove */
	if (rs_path_list(folder, &names, &n, NULL) < 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		const long owner = rs_temp_owner(names[i]);
		RS_AUTO_STR *path = owner != 0 ? rs_path_join(folder, names[i], err) : NULL;

		if (owner != 0 && path == NULL)
			return -1;
		if (path != NULL && is_leftover(path, owner) && handle(path, remove, out, err) < 0)
			rc = -1;
	}
	return rc;
}
