/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xoshiro256** seeded by splitmix64. */
#include "restudy/base/random.h"

#include <string.h>

static uint64_t rotate_left(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

void rs_random_seed(struct rs_random *r, uint64_t seed)
{
	for (int i = 0; i < 4; i++) {
		uint64_t z;

		seed += 0x9e3779b97f4a7c15u;
		z = seed;
		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
		r->s[i] = z ^ (z >> 31);
	}
}

uint64_t rs_random_u64(struct rs_random *r)
{
	uint64_t *s = r->s;
	uint64_t result = rotate_left(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate_left(s[3], 45);
	return result;
}

uint64_t rs_random_below(struct rs_random *r, uint64_t n)
{
	__extension__ typedef unsigned __int128 wide;
	wide m = (wide)rs_random_u64(r) * n;

	if ((uint64_t)m < n) {
		uint64_t least = (0 - n) % n;

		while ((uint64_t)m < least)
			m = (wide)rs_random_u64(r) * n;
	}
	return (uint64_t)(m >> 64);
}

double rs_random_unit(struct rs_random *r)
{
	return (double)(rs_random_u64(r) >> 11) * 0x1.0p-53;
}

void rs_random_shuffle(struct rs_random *r, void *array, size_t n, size_t size)
{
	char *a = array;
	char t[64];

	if (size > sizeof(t))
		return;
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)rs_random_below(r, i);

		memcpy(t, a + (i - 1) * size, size);
		memcpy(a + (i - 1) * size, a + j * size, size);
		memcpy(a + j * size, t, size);
	}
}
