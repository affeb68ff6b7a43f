/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A seeded generator whose sequence is the same on every machine:
 * xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2021), seeded by splitmix64.
 */
#ifndef RESTUDY_BASE_RANDOM_H
#define RESTUDY_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct rs_random {
	uint64_t s[4];
};

void rs_random_seed(struct rs_random *r, uint64_t seed);
uint64_t rs_random_u64(struct rs_random *r);
/* Uniform in [0, n), n >= 1, without modulo bias (Lemire's method). */
uint64_t rs_random_below(struct rs_random *r, uint64_t n);
/* Uniform in [0, 1), 53 bits. */
double rs_random_unit(struct rs_random *r);
/* Fisher-Yates over n elements of size bytes (size <= 64, else nothing happens). */
void rs_random_shuffle(struct rs_random *r, void *array, size_t n, size_t size);

#endif
