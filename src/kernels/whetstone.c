/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whetstone-like floating point: the eight modules of Curnow and Wichmann ("A
 * synthetic benchmark", The Computer Journal 19(1), 1976) with the counts UnixBench
 * uses, in our own code.  100 rounds of all modules are 10 million Whetstone
 * instructions, so MWIPS = passes * 10 / seconds.  The time of the first module, run
 * ten times over to be long enough to measure, counts a tenth.
 */
#include "kernels_priv.h"

#include <math.h>

enum { ROUNDS = 100 };
enum { N1 = 12 * 10, N2 = 14, N3 = 345, N4 = 210, N5 = 32, N6 = 899, N7 = 616, N8 = 93 };

struct whetstone {
	double t, t1, t2;
	double e1[4];
	int j, k, l;
	double x, y, z;
};

/* One step of modules 1, 2 and of the procedure of module 2's kind. */
static inline void mix4(double *a, double *b, double *c, double *d, double t)
{
	*a = (*a + *b + *c - *d) * t;
	*b = (*a + *b - *c + *d) * t;
	*c = (*a - *b + *c + *d) * t;
	*d = (-*a + *b + *c + *d) * t;
}

static void module1(struct whetstone *w)
{
	double a = 1.0, b = -1.0, c = -1.0, d = -1.0;

	for (int i = 0; i < N1 * ROUNDS; i++) {
		mix4(&a, &b, &c, &d, w->t);
		KERNEL_USE(i);
	}
	w->x = a + b + c + d;
}

static __attribute__((noinline)) void mix_array(double e[4], double t, double t2)
{
	for (int i = 0; i < 6; i++) {
		e[0] = (e[0] + e[1] + e[2] - e[3]) * t;
		e[1] = (e[0] + e[1] - e[2] + e[3]) * t;
		e[2] = (e[0] - e[1] + e[2] + e[3]) * t;
		e[3] = (-e[0] + e[1] + e[2] + e[3]) / t2;
	}
}

static void module2(struct whetstone *w)
{
	for (int i = 0; i < N2 * ROUNDS; i++)
		mix4(&w->e1[0], &w->e1[1], &w->e1[2], &w->e1[3], w->t);
}

static void module3(struct whetstone *w)
{
	int j = w->j;

	for (int i = 0; i < N3 * ROUNDS; i++) {
		j = j == 1 ? 2 : 3;
		KERNEL_USE(j);
		j = j > 2 ? 0 : 1;
		KERNEL_USE(j);
		j = j < 1 ? 1 : 0;
		KERNEL_USE(j);
	}
	w->j = j;
}

static void module4(struct whetstone *w)
{
	int j = w->j, k = 2, l = 3;

	for (int i = 0; i < N4 * ROUNDS; i++) {
		j = j * (k - j) * (l - k);
		k = l * k - (l - j) * k;
		l = (l - k) * (k + j);
		w->e1[(l - 2) & 3] = j + k + l;
		w->e1[(k - 2) & 3] = j * k * l;
		KERNEL_USE(w);
	}
	w->j = j;
	w->k = k;
	w->l = l;
}

static void module5(struct whetstone *w)
{
	double x = 0.5, y = 0.5;

	for (int i = 0; i < N5 * ROUNDS; i++) {
		const double plus = cos(x + y), minus = cos(x - y);

		x = w->t * atan(w->t2 * sin(x) * cos(x) / (plus + minus - 1.0));
		y = w->t * atan(w->t2 * sin(y) * cos(y) / (cos(x + y) + cos(x - y) - 1.0));
	}
	w->x = x;
	w->y = y;
}

static __attribute__((noinline)) void procedure3(double *x, double *y, double *z, double t,
						  double t1, double t2)
{
	*x = t * (*z + *x);
	*y = t1 * (*x + *y);
	*z = (*x + *y) / t2;
}

static void module6(struct whetstone *w)
{
	double x = 1.0, y = 1.0, z = 1.0;

	for (int i = 0; i < N6 * ROUNDS; i++)
		procedure3(&x, &y, &z, w->t, w->t1, w->t2);
	w->z = z;
}

static void module7(struct whetstone *w)
{
	int j = 0, k = 1, l = 2;

	w->e1[0] = 1.0;
	w->e1[1] = 2.0;
	w->e1[2] = 3.0;
	for (int i = 0; i < N7 * ROUNDS; i++) {
		w->e1[j] = w->e1[k];
		w->e1[k] = w->e1[l];
		w->e1[l] = w->e1[j];
		KERNEL_USE(w);
	}
}

static void module8(struct whetstone *w)
{
	double x = 0.75;

	for (int i = 0; i < N8 * ROUNDS; i++)
		x = sqrt(exp(log(x) / w->t1));
	w->x = x;
}

/* One pass; returns its time with the first module's counted a tenth. */
static int64_t pass(struct whetstone *w)
{
	const int64_t t0 = kernel_clock_ns();
	int64_t t1, t2;

	module1(w);
	t1 = kernel_clock_ns();
	w->e1[0] = 1.0;
	w->e1[1] = w->e1[2] = w->e1[3] = -1.0;
	module2(w);
	KERNEL_USE(w);
	mix_array(w->e1, w->t, w->t2);
	w->j = 1;
	module3(w);
	module4(w);
	module5(w);
	module6(w);
	module7(w);
	module8(w);
	KERNEL_USE(w);
	t2 = kernel_clock_ns();
	return (t1 - t0) / 10 + (t2 - t1);
}

int kernel_whetstone(const struct kernel *k, const struct kernel_run *run, struct kernel_result *r)
{
	struct whetstone w = { .t = 0.49999975, .t1 = 0.50000025, .t2 = 2.0 };
	struct kernel_stop stop;
	int64_t counted_ns = 0;

	(void)k;
	if (kernel_stop_arm(&stop, run->duration_s) < 0)
		return kernel_fail_errno(r, "timer");
	while (!stop.now) {
		counted_ns += pass(&w);
		r->loops++;
	}
	kernel_stop_disarm(&stop);
	r->elapsed_ns = counted_ns;
	if (r->loops == 0 || counted_ns <= 0)
		return kernel_fail(r, "no pass was completed");
	/* What UnixBench's program prints for this module on any machine. */
	if (!(fabs(w.x - 0.75100163018454191) < 1e-9))
		return kernel_fail(r, "the last module gives %.17g, not 0.751001630", w.x);
	r->value = (double)r->loops * 10.0 * 1e9 / (double)counted_ns;
	return 0;
}
