/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials within boots: which part of the variance comes with a boot. */
#include "stats_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"

/* Trials put together by boot, boots in order of first appearance. */
struct boots {
	int *id;
	double *sum;
	size_t *count;
	size_t n;
};

static void boots_release(struct boots *b)
{
	free(b->id);
	free(b->sum);
	free(b->count);
}

static size_t find(const struct boots *b, int id)
{
	size_t i = b->n;

	/* trials of a boot follow each other, so the last one is usually it */
	while (i > 0 && b->id[i - 1] != id)
		i--;
	return i == 0 ? b->n : i - 1;
}

static int gather(const double *v, const int *boot, size_t n, struct boots *b, struct rs_err *err)
{
	b->id = rs_alloc(n, sizeof(*b->id), err);
	b->sum = rs_alloc(n, sizeof(*b->sum), err);
	b->count = rs_alloc(n, sizeof(*b->count), err);
	if (b->id == NULL || b->sum == NULL || b->count == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		size_t at = find(b, boot[i]);

		if (at == b->n) {
			b->id[at] = boot[i];
			b->n++;
		}
		b->sum[at] += v[i];
		b->count[at]++;
	}
	return 0;
}

int rs_boot_means(const double *v, const int *boot, size_t n, double *means, size_t *ret_n,
		  struct rs_err *err)
{
	__attribute__((cleanup(boots_release))) struct boots b = { NULL, NULL, NULL, 0 };

	if (gather(v, boot, n, &b, err) < 0)
		return -1;
	for (size_t i = 0; i < b.n; i++)
		means[i] = b.sum[i] / (double)b.count[i];
	*ret_n = b.n;
	return 0;
}

int rs_variance_components(const double *v, const int *boot, size_t n, struct rs_components *ret,
			   struct rs_err *err)
{
	__attribute__((cleanup(boots_release))) struct boots b = { NULL, NULL, NULL, 0 };
	double mean = rs_arithmetic_mean(v, n), between = 0, within = 0, squares = 0, n0;

	if (gather(v, boot, n, &b, err) < 0)
		return -1;
	*ret = (struct rs_components){ (double)NAN, (double)NAN, b.n };
	if (b.n < 2 || b.n == n)
		return 0;
	for (size_t i = 0; i < n; i++) {
		size_t at = find(&b, boot[i]);
		double d = v[i] - b.sum[at] / (double)b.count[at];

		within += d * d;
	}
	for (size_t i = 0; i < b.n; i++) {
		double d = b.sum[i] / (double)b.count[i] - mean;

		between += (double)b.count[i] * d * d;
		squares += (double)b.count[i] * (double)b.count[i];
	}
	within /= (double)(n - b.n);
	between /= (double)(b.n - 1);
	/* the size of a boot that a balanced design would have */
	n0 = ((double)n - squares / (double)n) / (double)(b.n - 1);
	ret->within = within;
	ret->between = fmax((between - within) / n0, 0);
	return 0;
}
