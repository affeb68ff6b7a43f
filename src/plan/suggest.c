/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Did you mean": the nearest of the known words by the optimal string alignment
 * distance (Damerau 1964 restricted: insert, delete, replace, swap neighbours).
 */
#include "plan_priv.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST = 64 };		/* longer words get no suggestion */

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Capped at limit + 1. */
static unsigned edit_distance(const char *a, const char *b, unsigned limit)
{
	unsigned rows[3][LONGEST + 1];
	size_t la = strnlen(a, LONGEST + 1), lb = strnlen(b, LONGEST + 1);

	if (la > LONGEST || lb > LONGEST || la > lb + limit || lb > la + limit)
		return limit + 1;
	for (size_t j = 0; j <= lb; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned *now = rows[i % 3], *up = rows[(i - 1) % 3];

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned differ = lower(a[i - 1]) != lower(b[j - 1]);

			now[j] = least(least(up[j] + 1, now[j - 1] + 1), up[j - 1] + differ);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]))
				now[j] = least(now[j], rows[(i - 2) % 3][j - 2] + 1);
		}
	}
	return least(rows[la % 3][lb], limit + 1);
}

void rs_guess_try(struct rs_guess *g, const char *candidate)
{
	/* A third of the word may be wrong, at most three letters. */
	unsigned limit = least((unsigned)strnlen(g->word, 9) / 3, 3);
	unsigned d;

	if (candidate == NULL)
		return;
	if (limit == 0)
		limit = 1;
	d = edit_distance(g->word, candidate, limit);
	if (d > limit || (g->best != NULL && d >= g->distance))
		return;
	g->best = candidate;
	g->distance = d;
}

const char *rs_guess_text(const struct rs_guess *g, char *buf, size_t size)
{
	buf[0] = '\0';
	if (g->best != NULL)
		(void)snprintf(buf, size, "; did you mean \"%s\"?", g->best);
	return buf;
}
