/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every allocation of our own fails once while a figure is laid out and written: an error
 * and no leak, never a crash.  glib ends the process when it gets no memory, so that only
 * what this program's own code asks for is refused.
 */
#include "chart_fixture.h"

#if defined(__SANITIZE_ADDRESS__) || !defined(__GLIBC__)
#define CAN_REFUSE 0
#else
#define CAN_REFUSE 1
#endif

static long refuse_left = -1;	/* of our allocations until one fails; < 0: none does */
static int refuse_hit;

#if CAN_REFUSE
extern const char __executable_start, etext;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

static int refused(const char *caller)
{
	if (refuse_left < 0 || caller < &__executable_start || caller >= &etext)
		return 0;
	if (refuse_left-- > 0)
		return 0;
	refuse_hit = 1;
	return 1;
}

void *malloc(size_t size)
{
	return refused(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return refused(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return refused(__builtin_return_address(0)) ? NULL : __libc_realloc(p, size);
}
#endif

/* 0 when the figure came out whole in every format. */
static int render(const struct rs_chart *c, const struct rs_look *look, struct rs_err *err)
{
	RS_AUTO_FIGURE *f = rs_figure_new(c, look, err);

	for (int format = 0; f != NULL && format < RS_FORMAT_LAST; format++) {
		RS_AUTO_BUF out = RS_BUF_INIT;

		if (rs_figure_write(f, (enum rs_format)format, &out, err) < 0)
			return -1;
	}
	return f == NULL ? -1 : 0;
}

static void every_refused_allocation_is_an_error(void **state)
{
	(void)state;
	if (!CAN_REFUSE)
		skip();
	for (int kind = 0; kind < RS_CHART_STORAGE; kind++) {
		struct sample_chart *t = make_chart((enum rs_chart_kind)kind, 2, 2);
		struct rs_look look = look_of(40);
		int hits = 0, step = 1;

		look.font_size_pt = 5;
		t->points[1][1].value = (double)NAN;
		t->points[1][1].n_samples = 0;
		for (long n = 0;; n += step) {
			struct rs_err err = RS_ERR_INIT;
			int rc;

			refuse_hit = 0;
			refuse_left = n;
			rc = render(&t->chart, &look, &err);
			refuse_left = -1;
			if (!refuse_hit) {
				assert_int_equal(rc, 0);
				break;
			}
			if (rc == 0 || err.kind != RS_ERR_MEMORY)
				fail_msg("%s, allocation %ld: %d, \"%s\"", rs_chart_kind_name(t->chart.kind), n, rc,
					 err.text);
			hits++;
			step = n < 60 ? 1 : 7;	/* the later ones are the same few places again */
		}
		assert_true(hits > 20);
		free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_refused_allocation_is_an_error),
	};

	return cmocka_run_group_tests_name("chart memory", tests, NULL, NULL);
}
