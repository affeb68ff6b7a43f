/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The monotonic clock, the wall clock in UTC, and a sleep that a stop ends. */
#include "restudy/base/clock.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>

#include "restudy/base/stop.h"

int64_t rs_clock_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t rs_clock_wall_s(void)
{
	return (int64_t)time(NULL);
}

char *rs_clock_utc(char *buf, size_t size, int64_t epoch_s)
{
	time_t t = (time_t)epoch_s;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL || strftime(buf, size, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		buf[0] = '\0';
	return buf;
}

char *rs_clock_compact(char *buf, size_t size, int64_t epoch_s)
{
	time_t t = (time_t)epoch_s;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL || strftime(buf, size, "%Y%m%dT%H%M%SZ", &tm) == 0)
		buf[0] = '\0';
	return buf;
}

char *rs_clock_span(char *buf, size_t size, double s)
{
	long long whole = s >= 0 && s < 1e15 ? llround(s) : 0;

	if (!(s >= 0 && s < 1e15))
		(void)snprintf(buf, size, "unknown");
	else if (s < 0.9995)
		(void)snprintf(buf, size, "%.0f ms", s * 1e3);
	else if (s < 59.95)
		(void)snprintf(buf, size, "%lld.%lld s", llround(s * 10) / 10, llround(s * 10) % 10);
	else if (whole < 3600)
		(void)snprintf(buf, size, "%lld min %02lld s", whole / 60, whole % 60);
	else
		(void)snprintf(buf, size, "%lld h %02lld min", (whole + 30) / 3600,
			       (whole + 30) % 3600 / 60);
	return buf;
}

void rs_clock_sleep(double seconds)
{
	int64_t end = rs_clock_ns() + (int64_t)(seconds * 1e9);

	while (!rs_stop_requested()) {
		struct pollfd p = { .fd = rs_stop_fd(), .events = POLLIN };
		int64_t left = end - rs_clock_ns();

		if (left <= 0)
			return;
		(void)poll(&p, 1, left > 1000000000 ? 1000 : (int)((left + 999999) / 1000000));
	}
}
