/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processor work without the kernel: the arithmetic tests, the Tower of Hanoi,
 * and an integer mix that is Dhrystone-like: assignments, comparisons, calls, records
 * by pointer and strings of 30 characters in about the shares of Weicker's statistics
 * (CACM 27(10), 1984), but our own program: its value is not a Dhrystone value.
 */
#include "kernels_priv.h"

#include <string.h>

/* The body of one arithmetic test.  Results are used, counters volatile: a compiler
 * that sees neither removes the whole loop, as happened to UnixBench 4.1.0. */
#define ARITHMETIC(name, type)                                                         \
	static __attribute__((noinline)) type name##_sum(type first)                   \
	{                                                                              \
		type z = first;                                                        \
									               \
		for (int i = 2; i <= 101; i++) {                                       \
			const type x = (type)i;                                        \
			const type y = (type)(x * x);                                  \
									               \
			z = (type)(z + y / (type)(y - 1));                             \
		}                                                                      \
		return z;                                                              \
	}                                                                              \
	int kernel_##name(const struct kernel *k, const struct kernel_run *run,        \
			  struct kernel_result *r)                                     \
	{                                                                              \
		struct kernel_stop stop;                                               \
		volatile uint64_t loops = 0;                                           \
		volatile type first = 0;                                               \
		const int64_t start = kernel_clock_ns();                               \
									               \
		if (kernel_stop_arm(&stop, run->duration_s) < 0)                       \
			return kernel_fail_errno(r, "timer");                          \
		while (!stop.now) {                                                    \
			first = name##_sum(first > 1 ? 0 : first);                     \
			loops = loops + 1;                                             \
		}                                                                      \
		r->elapsed_ns = kernel_clock_ns() - start;                             \
		kernel_stop_disarm(&stop);                                             \
		r->loops = loops;                                                      \
		return kernel_rate(k, r);                                              \
	}

ARITHMETIC(short, short)
ARITHMETIC(int, int)
ARITHMETIC(long, long)
ARITHMETIC(float, float)
ARITHMETIC(double, double)

static __attribute__((noinline)) int empty_loop(int first)
{
	int x = first;

	for (int i = 2; i <= 101; i++)
		KERNEL_USE(i);
	return x;
}

int kernel_arithoh(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r)
{
	struct kernel_stop stop;
	volatile uint64_t loops = 0;
	volatile int x = 0;
	const int64_t start = kernel_clock_ns();

	if (kernel_stop_arm(&stop, run->duration_s) < 0)
		return kernel_fail_errno(r, "timer");
	while (!stop.now) {
		x = empty_loop(x);
		loops = loops + 1;
	}
	r->elapsed_ns = kernel_clock_ns() - start;
	kernel_stop_disarm(&stop);
	r->loops = loops;
	return kernel_rate(k, r);
}

struct towers {
	int disks[4];		/* on pegs 1..3 */
	unsigned long moves;
};

static void move_tower(struct towers *t, int n, int from, int to)
{
	const int other = 6 - from - to;

	if (n > 1)
		move_tower(t, n - 1, from, other);
	t->disks[from]--;
	t->disks[to]++;
	t->moves++;
	if (n > 1)
		move_tower(t, n - 1, other, to);
}

int kernel_hanoi(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r)
{
	struct kernel_stop stop;
	struct towers t = { { 0, 0, 0, 0 }, 0 };
	uint64_t loops = 0;
	const int64_t start = kernel_clock_ns();

	if (kernel_stop_arm(&stop, run->duration_s) < 0)
		return kernel_fail_errno(r, "timer");
	while (!stop.now) {
		t.disks[1] = 10;
		t.disks[3] = 0;
		KERNEL_USE(&t);
		move_tower(&t, 10, 1, 3);
		KERNEL_USE(&t);
		loops++;
	}
	r->elapsed_ns = kernel_clock_ns() - start;
	kernel_stop_disarm(&stop);
	r->loops = loops;
	if (t.moves != loops * 1023 || t.disks[3] != 10)
		return kernel_fail(r, "10 disks took %lu moves in %lu loops", t.moves,
				   (unsigned long)loops);
	return kernel_rate(k, r);
}

/* ---- the Dhrystone-like mix ---- */

enum colour { RED, GREEN, BLUE, WHITE };

struct record {
	struct record *next;
	enum colour kind;
	enum colour shade;
	int weight;
	char name[31];
};

struct mix {
	struct record first, second;
	int list[50];
	int grid[50][50];
	char letter;
	int total;
};

static __attribute__((noinline)) enum colour mix_shade(enum colour c, int total)
{
	switch (c) {
	case RED:
		return total > 100 ? RED : WHITE;
	case GREEN:
		return total > 100 ? GREEN : BLUE;
	case BLUE:
		return RED;
	case WHITE:
		return c;
	}
	return WHITE;
}

static __attribute__((noinline)) int mix_compare(const char *a, const char *b, char *letter)
{
	int i = 2;

	while (i <= 2) {
		if (a[i] == b[i + 1])
			*letter = 'Z';
		else
			i++;
		i++;
	}
	return strcmp(a, b) > 0 ? i + 7 : i;
}

static __attribute__((noinline)) void mix_records(struct mix *m)
{
	struct record *next = m->first.next;

	*next = m->first;
	next->weight = m->first.weight + 5;
	next->next = m->first.next;
	if (next->kind == RED) {
		next->weight = 6 + m->total % 3;
		next->shade = mix_shade(m->first.shade, m->total);
		next->kind = GREEN;
	} else {
		m->first.kind = next->kind;
	}
}

static __attribute__((noinline)) void mix_arrays(struct mix *m, int x, int y)
{
	const int at = x + 5;

	m->list[at] = y;
	m->list[at + 1] = m->list[at];
	m->list[at + 30] = at;
	for (int i = at; i <= at + 1; i++)
		m->grid[at][i] = at;
	m->grid[at][at - 1] += 1;
	m->grid[at + 20][at] = m->list[at];
	m->total = 5;
}

static __attribute__((noinline)) void mix_once(struct mix *m, int n)
{
	char text[31], other[31];
	int a = 2, b = 3, c = 0;

	memcpy(text, "RESTUDY LIKE MIX, 1'ST STRING.", sizeof(text));
	KERNEL_USE(text);
	memcpy(other, "RESTUDY LIKE MIX, 2'ND STRING.", sizeof(other));
	KERNEL_USE(other);
	m->letter = 'A';
	m->total = n & 1;
	while (a < b) {
		c = 5 * a - b;
		a += mix_compare(text, other, &m->letter) > 4 ? 1 : 2;
	}
	mix_arrays(m, a & 3, c);
	mix_records(m);
	for (char l = 'A'; l <= m->letter + 1 && l <= 'C'; l++)
		if (mix_shade((enum colour)(l & 3), m->total) == WHITE)
			memcpy(other, m->second.name, sizeof(other));
	b = b * a;
	a = b / (c > 0 ? c : 3);
	b = 7 * (b - c) - a;
	m->total += b;
	KERNEL_USE(other);
}

int kernel_dhrystone(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r)
{
	static const char name[31] = "RESTUDY LIKE MIX, SOME STRING.";
	struct kernel_stop stop;
	struct mix m;
	uint64_t loops = 0;
	int64_t start;

	memset(&m, 0, sizeof(m));
	m.first.next = &m.second;
	m.second.next = &m.second;
	memcpy(m.first.name, name, sizeof(name));
	start = kernel_clock_ns();
	if (kernel_stop_arm(&stop, run->duration_s) < 0)
		return kernel_fail_errno(r, "timer");
	while (!stop.now) {
		mix_once(&m, (int)(loops & 0xffff));
		loops++;
	}
	r->elapsed_ns = kernel_clock_ns() - start;
	kernel_stop_disarm(&stop);
	r->loops = loops;
	if (m.list[37] == 0 && m.list[38] == 0 && m.list[36] == 0 && m.list[35] == 0)
		return kernel_fail(r, "the arrays were not written");
	return kernel_rate(k, r);
}
