/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time: a monotonic clock to measure with, the wall clock to date with. */
#ifndef RESTUDY_BASE_CLOCK_H
#define RESTUDY_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t rs_clock_ns(void);

/* Seconds since 1970-01-01 UTC. */
int64_t rs_clock_wall_s(void);

/* "2026-11-23T05:10:38Z" of epoch_s; buf of at least 32 bytes; returns buf. */
char *rs_clock_utc(char *buf, size_t size, int64_t epoch_s);

/* "20261123T051038Z", fit for a folder's name; returns buf. */
char *rs_clock_compact(char *buf, size_t size, int64_t epoch_s);

/* "1 h 04 min", "3 min 12 s", "4.2 s", "12 ms"; returns buf. */
char *rs_clock_span(char *buf, size_t size, double seconds);

/* Sleeps; returns early only when the process is asked to stop (rs_stop_requested). */
void rs_clock_sleep(double seconds);

#endif
