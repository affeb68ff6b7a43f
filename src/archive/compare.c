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
#include "restudy/base/text.h"

#define BLOCK (64 * 1024)

int rs_bag_is_rendered(const char *rel)
{
	return strncmp(rel, "report.", 7) == 0 || strncmp(rel, "figures/", 8) == 0 ||
	       strncmp(rel, "tables/", 7) == 0;
}

enum { BEFORE = 30, WORDS = BEFORE + 40 };

/* Where two files part, and what stands there in each, of that line. */
struct parting {
	uint64_t offset, line;
	char bag[WORDS], made[WORDS];
};

/* Where in a block the words around its byte i begin: in the same line. */
static size_t words_begin(const char *block, size_t i)
{
	size_t from = i;

	while (from > 0 && i - from < BEFORE && block[from - 1] != '\n')
		from--;
	return from;
}

static void copy_words(char to[WORDS], const char *from, size_t n)
{
	size_t k = 0;

	for (; k < n && k < WORDS - 1 && from[k] != '\n'; k++)
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
			const size_t from = words_begin(x, i);

			copy_words(p->bag, x + from, n - from);
			copy_words(p->made, y + from, m - from);
			return 1;
		}
	} while (n > 0);
	if (ferror(a) || ferror(b))
		return rs_err_set(err, RS_ERR_FAILED, "cannot read what is to be compared");
	return 0;
}

/*
 * In what order files are compared.  First the numbers of the exhibits, which no version of a
 * drawing library changes; then the text that names these versions; then what they made.
 */
enum turn { TURN_NUMBERS, TURN_TEXT, TURN_REST, TURN_LAST };

static enum turn turn_of(const char *rel)
{
	if (strncmp(rel, "tables/", 7) == 0 && rs_text_ends_with(rel, ".csv"))
		return TURN_NUMBERS;
	return strcmp(rel, "report.md") == 0 ? TURN_TEXT : TURN_REST;
}

/* same: how many files of numbers were compared before and are the same. */
static int differs(const char *rel, const struct parting *p, size_t same, struct rs_err *err)
{
	const char *numbers = same == 0 ? "" : "; the numbers of its figures and tables (tables/*.csv) are the same";

	if (rs_text_ends_with(rel, ".pdf") || rs_text_ends_with(rel, ".png"))
		return rs_err_set(err, RS_ERR_FAILED, "%s, rendered again, differs from the bag's at byte %" PRIu64 "%s",
				  rel, p->offset + 1, numbers);
	return rs_err_set(err, RS_ERR_FAILED,
			  "%s, rendered again, differs from the bag's at byte %" PRIu64 ", line %" PRIu64
			  ": the bag has \"%s\", it is now \"%s\"%s", rel, p->offset + 1, p->line + 1, p->bag,
			  p->made, numbers);
}

static int compare_file(const struct rs_bag *bag, const char *made, const char *rel, size_t same,
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
	return r > 0 ? differs(rel, &p, same, err) : r;
}

/* What one of the two folders has. */
static int list_rendered(const char *folder, struct rs_manifest *ret, struct rs_err *err)
{
	const char *base = rs_path_base(folder);
	RS_AUTO_STR *parent = rs_strndup(folder, (size_t)(base - folder), err);

	if (parent == NULL)
		return -1;
	return rs_manifest_of_folder(parent[0] == '\0' ? "." : parent, base, ret, err);
}

static int compare_turn(const struct rs_bag *bag, const char *made, const struct rs_manifest *list,
			size_t skip, enum turn turn, size_t *same, struct rs_err *err)
{
	for (size_t i = 0; i < list->n; i++) {
		const char *rel = list->line[i].rel + skip;

		if (!rs_bag_is_rendered(rel) || turn_of(rel) != turn)
			continue;
		if (compare_file(bag, made, rel, turn == TURN_NUMBERS ? 0 : *same, err) < 0)
			return -1;
		*same += turn == TURN_NUMBERS;
	}
	return 0;
}

int rs_bag_compare(const struct rs_bag *bag, const char *made, struct rs_err *err)
{
	const char *const folder[2] = { made, rs_bag_folder(bag) };
	struct rs_manifest list[2] = { { NULL, 0 }, { NULL, 0 } };
	size_t same = 0;
	int rc = 0;

	for (int i = 0; rc == 0 && i < 2; i++)
		rc = list_rendered(folder[i], &list[i], err);
	for (int turn = 0; rc == 0 && turn < TURN_LAST; turn++)
		for (int i = 0; rc == 0 && i < 2; i++)
			rc = compare_turn(bag, made, &list[i], strlen(rs_path_base(folder[i])) + 1,
					  (enum turn)turn, &same, err);
	for (int i = 0; i < 2; i++)
		rs_manifest_release(&list[i]);
	return rc;
}
