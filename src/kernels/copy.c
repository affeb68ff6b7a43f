/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One copy of a test in its own process, and the line it tells its result by.  Shared
 * with the dynamically linked twin, so it knows no table of tests.
 */
#include "measure_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

int kernel_fail(struct kernel_result *r, const char *fmt, ...)
{
	va_list ap;

	if (r->error[0] != '\0')
		return -1;	/* the first cause */
	va_start(ap, fmt);
	vsnprintf(r->error, sizeof(r->error), fmt, ap);
	va_end(ap);
	return -1;
}

int kernel_fail_errno(struct kernel_result *r, const char *what)
{
	return kernel_fail(r, "%s: %s", what, strerror(errno));
}

int kernel_rate(const struct kernel *k, struct kernel_result *r)
{
	const double per_s = strcmp(k->unit, "lpm") == 0 ? 60.0 : 1.0;

	if (r->loops == 0 || r->elapsed_ns <= 0)
		return kernel_fail(r, "no loop was completed");
	r->value = (double)r->loops * 1e9 * per_s / (double)r->elapsed_ns;
	return 0;
}

const char *kernels_linkage(void)
{
	return getauxval(AT_BASE) != 0 ? "dynamic" : "static";
}

int kernels_copy(const struct kernel *k, const struct kernel_run *run)
{
	struct kernel_result r;
	const int64_t wall_ns = kernel_wall_ns(), monotonic_ns = kernel_clock_ns();
	int rc;

	memset(&r, 0, sizeof(r));
	rc = k->run(k, run, &r);
	if (rc == 0)
		printf("value %" PRIu64 " %" PRId64 " %.17g %" PRId64 " %" PRId64 " %s\n", r.loops,
		       r.elapsed_ns, r.value, wall_ns, monotonic_ns, kernels_linkage());
	else
		printf("error %s\n%s\n", r.missing != NULL ? r.missing : "-", r.error);
	if (fflush(stdout) != 0)
		return KERNELS_FAILED;
	if (rc == 0)
		return KERNELS_DONE;
	return r.missing != NULL ? KERNELS_MISSING : KERNELS_FAILED;
}
