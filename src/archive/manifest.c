/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading manifests, and listing what is really there in the same form. */
#include "manifest_priv.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#define MANIFEST_BYTES ((size_t)256 << 20)
#define DEPTH 40

void rs_manifest_release(struct rs_manifest *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->line[i].rel);
	free(m->line);
	*m = (struct rs_manifest){ NULL, 0 };
}

static int by_rel(const void *a, const void *b)
{
	return strcmp(((const struct rs_manifest_line *)a)->rel,
		      ((const struct rs_manifest_line *)b)->rel);
}

const char *rs_manifest_find(const struct rs_manifest *m, const char *rel)
{
	size_t lo = 0, hi = m->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(rel, m->line[mid].rel);

		if (c == 0)
			return m->line[mid].hex;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

/* Undoes the three escapes of RFC 8493, in place. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++) {
		if (strncmp(s, "%25", 3) == 0 || strncasecmp(s, "%0A", 3) == 0 ||
		    strncasecmp(s, "%0D", 3) == 0) {
			*to++ = s[1] == '2' ? '%' : toupper((unsigned char)s[2]) == 'A' ? '\n' : '\r';
			s += 2;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

static int bad_line(const char *name, size_t at, const char *why, struct rs_err *err)
{
	return rs_err_set(err, RS_ERR_FAILED, "%s: line %zu %s", name, at, why);
}

static struct rs_manifest_line *add_line(struct rs_manifest *m, const char *rel, struct rs_err *err)
{
	struct rs_manifest_line *l = rs_array_grow(&m->line, m->n, sizeof(*l), err);

	if (l == NULL)
		return NULL;
	l->rel = rs_strdup(rel, err);
	if (l->rel == NULL)
		return NULL;
	m->n++;
	return l;
}

/* "HEX  path", "HEX *path". */
static int read_line(char *line, size_t at, const char *name, size_t hex_digits,
		     struct rs_manifest *m, struct rs_err *err)
{
	size_t n = strspn(line, "0123456789abcdefABCDEF"), len = strlen(line);
	struct rs_manifest_line *l;
	char *rel = line + n;

	if (len > 0 && line[len - 1] == '\r')
		line[--len] = '\0';
	if (n != hex_digits || (*rel != ' ' && *rel != '\t'))
		return bad_line(name, at, "is no digest and path", err);
	rel += strspn(rel, " \t");
	rel += *rel == '*';
	unescape(rel);
	if (!rs_path_is_inside(rel))
		return bad_line(name, at, "names a path outside the bag", err);
	l = add_line(m, rel, err);
	if (l == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		l->hex[i] = (char)tolower((unsigned char)line[i]);
	return 0;
}

static int sort_once(struct rs_manifest *m, const char *name, struct rs_err *err)
{
	qsort(m->line, m->n, sizeof(*m->line), by_rel);
	for (size_t i = 1; i < m->n; i++)
		if (strcmp(m->line[i - 1].rel, m->line[i].rel) == 0)
			return rs_err_set(err, RS_ERR_FAILED, "%s names \"%s\" twice", name, m->line[i].rel);
	return 0;
}

int rs_manifest_read(const char *root, const char *name, size_t hex_digits, struct rs_manifest *ret,
		     int *ret_there, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(root, name, err);
	RS_AUTO_BUF text = RS_BUF_INIT;
	char *rest, *line;
	struct stat st;

	*ret_there = 0;
	if (path == NULL)
		return -1;
	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : rs_err_sys(err, RS_ERR_FAILED, errno, "cannot read \"%s\"", path);
	if (!S_ISREG(st.st_mode))
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\" is no plain file", name);
	*ret_there = 1;
	if (rs_path_read(path, MANIFEST_BYTES, &text, err) < 0)
		return -1;
	if (text.data == NULL)
		return 0;
	if (memchr(text.data, '\0', text.len) != NULL)
		return rs_err_set(err, RS_ERR_FAILED, "%s is no text", name);
	rest = text.data;
	for (size_t at = 1; (line = strsep(&rest, "\n")) != NULL; at++)
		if (line[0] != '\0' && read_line(line, at, name, hex_digits, ret, err) < 0)
			return -1;
	return sort_once(ret, name, err);
}

static int list_folder(const char *root, const char *rel, int depth, struct rs_manifest *ret,
		       struct rs_err *err);

static int list_entry(const char *root, const char *rel, int depth, struct rs_manifest *ret,
		      struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(root, rel, err);
	struct stat st;

	if (path == NULL)
		return -1;
	if (lstat(path, &st) != 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot read \"%s\"", path);
	if (S_ISDIR(st.st_mode))
		return list_folder(root, rel, depth + 1, ret, err);
	if (!S_ISREG(st.st_mode))
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\" is no plain file", rel);
	return add_line(ret, rel, err) == NULL ? -1 : 0;
}

static int list_folder(const char *root, const char *rel, int depth, struct rs_manifest *ret,
		       struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(root, rel, err);
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;

	if (path == NULL)
		return -1;
	if (depth > DEPTH)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\" lies too deep", rel);
	if (rs_path_list(path, &names, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		RS_AUTO_STR *below = rs_path_join(rel, names[i], err);

		if (below == NULL || list_entry(root, below, depth, ret, err) < 0)
			return -1;
	}
	return 0;
}

int rs_manifest_of_folder(const char *root, const char *rel, struct rs_manifest *ret,
			  struct rs_err *err)
{
	if (list_folder(root, rel, 0, ret, err) < 0)
		return -1;
	return sort_once(ret, rel, err);
}
