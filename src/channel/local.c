/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The channel to this machine itself: child processes and copies. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "channel_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

enum { TREE_DEPTH_MAX = 64 };

static int add_env(struct rs_cmd *cmd, const char *const *env, struct rs_err *err)
{
	for (; env != NULL && *env != NULL; env++) {
		const size_t n = strcspn(*env, "=");
		RS_AUTO_STR *name = rs_strndup(*env, n, err);

		if (name == NULL)
			return -1;
		rs_cmd_env(cmd, name, (*env)[n] == '=' ? *env + n + 1 : "");
	}
	return 0;
}

static int local_run(struct rs_channel *ch, const struct rs_exec *x, struct rs_buf *out,
		     struct rs_buf *said, struct rs_cmd_result *ret, struct rs_err *err)
{
	RS_AUTO_CMD *cmd = rs_cmd_new(x->argv[0]);

	(void)ch;
	rs_cmd_args(cmd, x->argv + 1);
	rs_cmd_cwd(cmd, x->cwd != NULL ? x->cwd : "/");
	rs_cmd_timeout(cmd, x->timeout_s);
	rs_cmd_limit_output(cmd, x->output_max);
	if (x->stdin_len > 0)
		rs_cmd_stdin_bytes(cmd, x->stdin_bytes, x->stdin_len);
	if (x->stdout_path != NULL)
		rs_cmd_stdout_file(cmd, x->stdout_path);
	if (x->stderr_path != NULL)
		rs_cmd_stderr_file(cmd, x->stderr_path);
	if (x->stdout_line != NULL)
		rs_cmd_stdout_lines(cmd, x->stdout_line, x->line_user);
	if (out != NULL)
		rs_cmd_stdout_buf(cmd, out);
	if (said != NULL)
		rs_cmd_stderr_buf(cmd, said);
	if (add_env(cmd, x->env, err) < 0)
		return -1;
	return rs_cmd_run(cmd, ret, err);
}

/* A regular file of at most *left bytes, which become less.  Links are followed. */
static int check_source(const char *path, size_t *left, struct rs_err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot open \"%s\"", path);
	if (!S_ISREG(st.st_mode))
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\" is not a regular file", path);
	if ((uintmax_t)st.st_size > *left)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\" passes the limit of bytes by %ju", path,
				  (uintmax_t)st.st_size - *left);
	*left -= (size_t)st.st_size;
	return 0;
}

static int local_push(struct rs_channel *ch, const char *from, const char *to, unsigned mode,
		      struct rs_err *err)
{
	size_t any = SIZE_MAX;

	(void)ch;
	if (check_source(from, &any, err) < 0 || rs_path_make_parent(to, err) < 0 ||
	    rs_path_copy(from, to, err) < 0)
		return -1;
	if (chmod(to, mode & 07777) < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot change the mode of \"%s\"", to);
	return 0;
}

static int local_pull(struct rs_channel *ch, const char *from, const char *to, size_t max,
		      struct rs_err *err)
{
	(void)ch;
	return check_source(from, &max, err) < 0 ? -1 : rs_path_copy(from, to, err);
}

static int copy_tree(const char *from, const char *to, size_t *left, int depth, struct rs_err *err);

static int copy_entry(const char *from, const char *to, size_t *left, int depth,
		      struct rs_err *err)
{
	struct stat st;

	if (lstat(from, &st) < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot read \"%s\"", from);
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return 0;
	if (!rs_path_is_plain_name(rs_path_base(from)))
		return rs_err_set(err, RS_ERR_FAILED,
				  "\"%s\" has a name that is not brought: use letters, digits and ._+-",
				  from);
	if (S_ISDIR(st.st_mode))
		return copy_tree(from, to, left, depth + 1, err);
	if (check_source(from, left, err) < 0 || rs_path_make_parent(to, err) < 0)
		return -1;
	return rs_path_copy(from, to, err);
}

static int copy_tree(const char *from, const char *to, size_t *left, int depth, struct rs_err *err)
{
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;

	if (depth > TREE_DEPTH_MAX)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\" is nested too deeply", from);
	if (rs_path_list(from, &names, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		RS_AUTO_STR *a = rs_path_join(from, names[i], err);
		RS_AUTO_STR *b = rs_path_join(to, names[i], err);

		if (a == NULL || b == NULL || copy_entry(a, b, left, depth, err) < 0)
			return -1;
	}
	return 0;
}

static int local_pull_tree(struct rs_channel *ch, const char *from, const char *to, size_t max,
			   struct rs_err *err)
{
	(void)ch;
	return copy_tree(from, to, &max, 0, err);
}

static const struct rs_channel_ops local_ops = {
	.run = local_run,
	.push = local_push,
	.pull = local_pull,
	.pull_tree = local_pull_tree,
};

struct rs_channel *rs_channel_local(struct rs_err *err)
{
	RS_AUTO_CHANNEL *ch = rs_alloc(1, sizeof(*ch), err);

	if (ch == NULL)
		return NULL;
	ch->ops = &local_ops;
	ch->name = rs_strdup("local", err);
	return ch->name == NULL ? NULL : RS_STEAL(&ch);
}
