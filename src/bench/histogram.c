/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A histogram of times with constant relative width, after Tene's HdrHistogram: the
 * first 2^BITS values have a slot each, then every doubling has 2^(BITS-1) slots.
 */
#include "load_priv.h"

enum { HALF = 1 << (RS_HISTOGRAM_BITS - 1) };

int rs_histogram_slot_of(int64_t ns)
{
	const int64_t top = ((int64_t)1 << RS_HISTOGRAM_TOP) - 1;
	uint64_t v = ns < 0 ? 0 : ns > top ? (uint64_t)top : (uint64_t)ns;
	int shift = 0;

	if (v >> RS_HISTOGRAM_BITS != 0)
		shift = 64 - __builtin_clzll(v) - RS_HISTOGRAM_BITS;
	/* v >> shift lies in [HALF, 2 HALF) when shift > 0. */
	return shift * HALF + (int)(v >> shift);
}

void rs_histogram_slot(int slot, int64_t *lo_ns, int64_t *hi_ns)
{
	int shift = slot / HALF - 1;
	int64_t v = slot;

	if (shift < 0)
		shift = 0;
	v -= (int64_t)shift * HALF;
	*lo_ns = v << shift;
	*hi_ns = (v + 1) << shift;
}

void rs_histogram_add(struct rs_histogram *h, int64_t ns)
{
	if (ns < 0)
		ns = 0;
	h->count[rs_histogram_slot_of(ns)]++;
	if (h->n == 0 || ns < h->min_ns)
		h->min_ns = ns;
	if (ns > h->max_ns)
		h->max_ns = ns;
	h->sum_ns += (double)ns;
	h->n++;
}

int64_t rs_histogram_quantile(const struct rs_histogram *h, double p)
{
	double want = p * (double)h->n;
	uint64_t seen = 0;

	if (h->n == 0)
		return 0;
	if (want < 1)
		return h->min_ns;
	for (int i = 0; i < RS_HISTOGRAM_SLOTS; i++) {
		int64_t lo, hi, middle;

		seen += h->count[i];
		if ((double)seen < want)
			continue;
		rs_histogram_slot(i, &lo, &hi);
		middle = lo + (hi - 1 - lo) / 2;
		return middle > h->max_ns ? h->max_ns : middle < h->min_ns ? h->min_ns : middle;
	}
	return h->max_ns;
}
