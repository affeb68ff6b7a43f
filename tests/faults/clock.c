/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A wall clock that jumps: preloaded, each reading of it is an hour ahead or behind the one
 * before.  Clocks that measure (monotonic ones) are right.
 */
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t id, struct timespec *t)
{
	static unsigned n;
	const long rc = syscall(SYS_clock_gettime, id, t);

	if (rc == 0 && id == CLOCK_REALTIME)
		t->tv_sec += n++ % 2 == 0 ? 3600 : -3600;
	return (int)rc;
}

time_t time(time_t *ret)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	if (ret != NULL)
		*ret = t.tv_sec;
	return t.tv_sec;
}
