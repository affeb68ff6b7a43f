/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other processes of this machine. */
#ifndef RESTUDY_BASE_PROCESS_H
#define RESTUDY_BASE_PROCESS_H

#include <sys/types.h>

/*
 * When a process started, in clock ticks since the boot: with its number, this names it for as
 * long as the machine runs.  0 when there is none, or when it is dead and its parent has not
 * asked for it yet.
 */
unsigned long long rs_process_start(pid_t pid);

#endif
