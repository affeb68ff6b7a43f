/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a report that was rendered again is, byte for byte, the one of the bag. */
#include "restudy/archive.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#define BLOCK (64 * 1024)

static int is_rendered(const char *rel)
{
	return strncmp(rel, "report.", 7) == 0 || strncmp(rel, "figures/", 8) == 0 ||
	       strncmp(rel, "tables/", 7) == 0;
}

static void close_stream(FILE **f)
{
	if (*f != NULL)
		(void)fclose(*f);
}
#define AUTO_STREAM __attribute__((cleanup(close_stream))) FILE

/* 0 the same, 1 different from *ret_offset on, -1 with err. */
static int compare_streams(FILE *a, FILE *b, uint64_t *ret_offset, struct rs_err *err)
{
	RS_AUTO_STR *x = rs_alloc(1, BLOCK, err), *y = rs_alloc(1, BLOCK, err);
	size_t n, m;

	if (x == NULL || y == NULL)
		return -1;
	*ret_offset = 0;
	do {
		size_t i = 0;

		n = fread(x, 1, BLOCK, a);
		m = fread(y, 1, BLOCK, b);
		while (i < n && i < m && x[i] == y[i])
			i++;
		*ret_offset += i;
		if (i < n || i < m)
			return 1;
	} while (n > 0);
	if (ferror(a) || ferror(b))
		return rs_err_set(err, RS_ERR_FAILED, "cannot read what is to be compared");
	return 0;
}

static int compare_file(const struct rs_bag *bag, const char *made, const char *rel,
			struct rs_err *err)
{
	RS_AUTO_STR *x = rs_path_join(rs_bag_folder(bag), rel, err);
	RS_AUTO_STR *y = rs_path_join(made, rel, err);
	AUTO_STREAM *a = NULL;
	AUTO_STREAM *b = NULL;
	uint64_t offset = 0;
	int r;

	if (x == NULL || y == NULL)
		return -1;
	a = fopen(x, "rbe");
	b = fopen(y, "rbe");
	if (a == NULL)
		return rs_err_set(err, RS_ERR_FAILED, "%s was rendered, but the bag has none", rel);
	if (b == NULL)
		return rs_err_set(err, RS_ERR_FAILED, "%s is in the bag, but was not rendered", rel);
	r = compare_streams(a, b, &offset, err);
	if (r > 0)
		return rs_err_set(err, RS_ERR_FAILED,
				  "%s, rendered again, differs from the bag's at byte %" PRIu64, rel, offset + 1);
	return r;
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
		if (is_rendered(there.line[i].rel + skip))
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
