/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Time for the tests: nanosecond clocks, and a timer whose signal handler sets a
 * flag that travels with the signal, so that no global is needed.
 */
#include "kernels_priv.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#define NS_PER_S 1000000000LL

static int64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

int64_t kernel_clock_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t kernel_wall_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

void kernel_sleep_until_ns(int64_t monotonic_ns)
{
	struct timespec t = { .tv_sec = (time_t)(monotonic_ns / NS_PER_S),
			      .tv_nsec = (long)(monotonic_ns % NS_PER_S) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

void kernel_sleep(double seconds)
{
	if (seconds > 0)
		kernel_sleep_until_ns(kernel_clock_ns() + (int64_t)(seconds * 1e9));
}

static void on_alarm(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	if (info->si_code == SI_TIMER && info->si_value.sival_ptr != NULL)
		*(volatile int *)info->si_value.sival_ptr = 1;
}

int kernel_stop_arm(struct kernel_stop *stop, double seconds)
{
	struct sigaction act = { .sa_sigaction = on_alarm, .sa_flags = SA_SIGINFO };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
	struct itimerspec when = { .it_value = { .tv_sec = (time_t)seconds } };
	timer_t timer;

	stop->now = 0;
	stop->timer = NULL;
	when.it_value.tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9);
	if (when.it_value.tv_sec == 0 && when.it_value.tv_nsec == 0)
		when.it_value.tv_nsec = 1;
	event.sigev_value.sival_ptr = (void *)(uintptr_t)&stop->now;
	sigemptyset(&act.sa_mask);
	if (sigaction(SIGALRM, &act, NULL) < 0 || timer_create(CLOCK_MONOTONIC, &event, &timer) < 0)
		return -1;
	stop->timer = timer;
	return timer_settime(timer, 0, &when, NULL);
}

void kernel_stop_disarm(struct kernel_stop *stop)
{
	timer_delete((timer_t)stop->timer);
}
