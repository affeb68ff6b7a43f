/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all outputs ask about a table: where numbers split, how wide columns are. */
#include <string.h>

#include "emit_priv.h"
#include "escape_priv.h"

#define MINUS "\xE2\x88\x92"

void rs_emit_part(struct rs_buf *out, struct rs_buf *part)
{
	if (part->failed)
		out->failed = 1;
	rs_buf_release(part);
}

/* The byte where the fraction of a number begins (its length when there is none); -1:
 * the text is no number.  A published number is as its paper printed it, so a point is
 * a decimal sign in German too when no three digits follow it. */
static int fraction_at(const char *s, enum rs_language l)
{
	const char decimal = l == RS_LANGUAGE_DE ? ',' : '.';
	const char *p = s, *last, *other;
	size_t digits = 0;

	if (strncmp(p, MINUS, strlen(MINUS)) == 0)
		p += strlen(MINUS);
	else if (*p == '+' || *p == '-')
		p++;
	for (const char *q = p; *q != '\0'; q++) {
		if (*q >= '0' && *q <= '9')
			digits++;
		else if (*q != '.' && *q != ',')
			return -1;
	}
	if (digits == 0)
		return -1;
	last = strrchr(s, decimal);
	if (last != NULL)
		return (int)(last - s);
	other = strrchr(s, decimal == '.' ? ',' : '.');
	if (other != NULL && strlen(other) != 4)
		return (int)(other - s);
	return (int)strlen(s);
}

int rs_cell_split(const struct rs_node *cell, enum rs_language l, size_t *whole_bytes,
		  size_t *fraction_bytes)
{
	const struct rs_node *n = cell->first;
	int at;

	if (n == NULL || n->kind != RS_NODE_TEXT || cell->span != 1)
		return 0;
	for (const struct rs_node *c = n->next; c != NULL; c = c->next)
		if (c->kind != RS_NODE_MARK)
			return 0;
	at = fraction_at(n->text, l);
	if (at < 0)
		return 0;
	*whole_bytes = (size_t)at;
	*fraction_bytes = strlen(n->text) - (size_t)at;
	return 1;
}

size_t rs_cell_column(const struct rs_node *cell)
{
	size_t column = 0;

	for (const struct rs_node *c = cell->parent->first; c != NULL && c != cell; c = c->next)
		column += (size_t)c->span;
	return column;
}

void rs_column_numbers(const struct rs_node *table, enum rs_language l,
		       struct rs_numbers numbers[RS_NUMBER_COLUMNS])
{
	memset(numbers, 0, RS_NUMBER_COLUMNS * sizeof(*numbers));
	for (const struct rs_node *r = table->first; r != NULL; r = r->next) {
		size_t column = 0;

		if (r->kind != RS_NODE_ROW || r->role != RS_ROW_BODY)
			continue;
		for (const struct rs_node *c = r->first; c != NULL; c = c->next) {
			struct rs_numbers *n = &numbers[column < RS_NUMBER_COLUMNS ? column : 0];
			size_t whole, fraction;

			column += (size_t)c->span;
			if (column > RS_NUMBER_COLUMNS || !rs_cell_split(c, l, &whole, &fraction))
				continue;
			if (n->whole == NULL || whole > n->whole_bytes) {
				n->whole = c->first->text;
				n->whole_bytes = whole;
			}
			if (n->fraction == NULL || fraction > n->fraction_bytes) {
				n->fraction = c->first->text + whole;
				n->fraction_bytes = fraction;
			}
		}
	}
}

static size_t longest_word(const char *s)
{
	size_t most = 0, run = 0;
	int n;

	for (uint32_t c; (c = rs_text_next(s, &n)), n != 0; s += n) {
		run = c == ' ' ? 0 : run + 1;
		most = run > most ? run : most;
		run = c == '-' ? 0 : run;
	}
	return most;
}

size_t rs_cell_length(const struct rs_node *cell, int by_word)
{
	size_t sum = 0, most = 0;

	for (const struct rs_node *n = cell->first; n != NULL; n = n->next) {
		const size_t word = n->text == NULL ? 0 : longest_word(n->text);

		sum += n->text == NULL ? 0 : rs_text_length(n->text);
		most = word > most ? word : most;
	}
	return by_word ? most : sum;
}

size_t rs_column_longest(const struct rs_node *table, size_t column, int in_head, int by_word)
{
	size_t most = 0;

	for (const struct rs_node *r = table->first; r != NULL; r = r->next) {
		if (r->kind != RS_NODE_ROW || (r->role == RS_ROW_HEAD) != in_head)
			continue;
		for (const struct rs_node *c = r->first; c != NULL; c = c->next) {
			const size_t length = rs_cell_length(c, by_word);

			if (c->span == 1 && rs_cell_column(c) == column && length > most)
				most = length;
		}
	}
	return most;
}

size_t rs_column_length(const struct rs_node *table, size_t column, int by_word)
{
	const size_t head = rs_column_longest(table, column, 1, by_word);
	const size_t body = rs_column_longest(table, column, 0, by_word);

	return head > body ? head : body;
}

/* How crowded a column of this width is; 0: each cell stands on one line. */
static double crowding(const double *natural, size_t rows, size_t n, size_t column, double width)
{
	double sum = 0;

	for (size_t r = 0; r < rows; r++) {
		const double wish = natural[r * n + column];

		if (wish > width) {
			const double lines = wish / width;

			sum += lines * lines * lines;
		}
	}
	return sum;
}

void rs_share_widths(const double *natural, size_t rows, size_t n, double room, double *width)
{
	double spare = room, step;

	for (size_t i = 0; i < n; i++)
		spare -= width[i];
	step = spare / 64;
	while (step > 0 && spare >= step * 0.999) {
		double most = 0;
		size_t best = n;

		for (size_t i = 0; i < n; i++) {
			const double gain = crowding(natural, rows, n, i, width[i]) -
					    crowding(natural, rows, n, i, width[i] + step);

			if (gain > most) {
				most = gain;
				best = i;
			}
		}
		if (best == n)
			return;
		width[best] += step;
		spare -= step;
	}
}
