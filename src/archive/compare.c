/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a report that was rendered again is, byte for byte, the one of the bag. */
#include "restudy/archive.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bag_priv.h"
#include "manifest_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#define BLOCK (64 * 1024)

int rs_bag_is_rendered(const char *rel)
{
	return strncmp(rel, "report.", 7) == 0 || strncmp(rel, "figures/", 8) == 0 ||
	       strncmp(rel, "tables/", 7) == 0;
}

/* Where two files part, and what then stands in each up to the end of the line. */
struct parting {
	uint64_t offset, line;
	char bag[40], made[40];
};

static void copy_words(char to[40], const char *from, size_t n)
{
	size_t k = 0;

	for (; k < n && k < 39 && from[k] != '\n'; k++)
		to[k] = from[k];
	to[k] = '\0';
}

static void pass(struct parting *p, const char *bytes, size_t n)
{
	p->offset += n;
	for (const char *end = bytes + n; (bytes = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL; bytes++)
		p->line++;
}

/* 0 the same, 1 different, -1 with err. */
static int compare_streams(FILE *a, FILE *b, struct parting *p, struct rs_err *err)
{
	RS_AUTO_STR *x = rs_alloc(1, BLOCK, err), *y = rs_alloc(1, BLOCK, err);
	size_t n, m;

	if (x == NULL || y == NULL)
		return -1;
	do {
		size_t i = 0;

		n = fread(x, 1, BLOCK, a);
		m = fread(y, 1, BLOCK, b);
		while (i < n && i < m && x[i] == y[i])
			i++;
		pass(p, x, i);
		if (i < n || i < m) {
			copy_words(p->bag, x + i, n - i);
			copy_words(p->made, y + i, m - i);
			return 1;
		}
	} while (n > 0);
	if (ferror(a) || ferror(b))
		return rs_err_set(err, RS_ERR_FAILED, "cannot read what is to be compared");
	return 0;
}

static int is_text(const char *rel)
{
	size_t n = strlen(rel);

	return n < 4 || (strcmp(rel + n - 4, ".pdf") != 0 && strcmp(rel + n - 4, ".png") != 0);
}

static int differs(const char *rel, const struct parting *p, struct rs_err *err)
{
	if (!is_text(rel))
		return rs_err_set(err, RS_ERR_FAILED, "%s, rendered again, differs from the bag's at byte %" PRIu64, rel,
				  p->offset + 1);
	return rs_err_set(err, RS_ERR_FAILED,
			  "%s, rendered again, differs from the bag's at byte %" PRIu64 ", line %" PRIu64
			  ": the bag has \"%s\", it is now \"%s\"", rel, p->offset + 1, p->line + 1, p->bag, p->made);
}

static int compare_file(const struct rs_bag *bag, const char *made, const char *rel,
			struct rs_err *err)
{
	RS_AUTO_STR *x = rs_path_join(rs_bag_folder(bag), rel, err);
	RS_AUTO_STR *y = rs_path_join(made, rel, err);
	RS_AUTO_FILE *a = NULL;
	RS_AUTO_FILE *b = NULL;
	struct parting p = { .offset = 0 };
	int r;

	if (x == NULL || y == NULL)
		return -1;
	a = fopen(x, "rbe");
	b = fopen(y, "rbe");
	if (a == NULL)
		return rs_err_set(err, RS_ERR_FAILED, "%s was rendered, but the bag has none", rel);
	if (b == NULL)
		return rs_err_set(err, RS_ERR_FAILED, "%s is in the bag, but was not rendered", rel);
	r = compare_streams(a, b, &p, err);
	return r > 0 ? differs(rel, &p, err) : r;
}

/* Every rendered file of one folder is the same in both. */
static int compare_all(const struct rs_bag *bag, const char *made, const char *listed,
		       struct rs_err *err)
{
	struct rs_manifest there = { NULL, 0 };
	const char *base = rs_path_base(listed);
	RS_AUTO_STR *parent = rs_strndup(listed, (size_t)(base - listed), err);
	size_t skip = strlen(base) + 1;
	int r = parent == NULL ? -1
		: rs_manifest_of_folder(parent[0] == '\0' ? "." : parent, base, &there, err);

	for (size_t i = 0; r == 0 && i < there.n; i++)
		if (rs_bag_is_rendered(there.line[i].rel + skip))
			r = compare_file(bag, made, there.line[i].rel + skip, err);
	rs_manifest_release(&there);
	return r;
}

int rs_bag_compare(const struct rs_bag *bag, const char *made, struct rs_err *err)
{
	if (compare_all(bag, made, made, err) < 0)
		return -1;
	return compare_all(bag, made, rs_bag_folder(bag), err);
}
