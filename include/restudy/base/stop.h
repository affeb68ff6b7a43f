/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The request to stop.  Ctrl-C, SIGTERM and SIGHUP (unless nohup has it ignored) set one flag;
 * long work asks it and ends cleanly.  This is the only mutable global of the program, since a
 * signal handler can reach nothing else.
 */
#ifndef RESTUDY_BASE_STOP_H
#define RESTUDY_BASE_STOP_H

#include "restudy/base/err.h"

/* Installs the handlers; a second signal ends the program at once. */
int rs_stop_install(struct rs_err *err) RS_MUST_CHECK;

/* The number of the signal that asked, or 0. */
int rs_stop_requested(void);

/* 0, or -1 with RS_ERR_INTERRUPTED recorded when a stop was asked for. */
int rs_stop_check(struct rs_err *err) RS_MUST_CHECK;

/* A descriptor that becomes readable when a stop is asked for, for poll(); -1
 * before rs_stop_install.  Never read from it. */
int rs_stop_fd(void);

#endif
