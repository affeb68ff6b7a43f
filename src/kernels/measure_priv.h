/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a test is executed: one process per copy, here or in the dynamically linked
 * twin of this program.
 */
#ifndef MEASURE_PRIV_H
#define MEASURE_PRIV_H

#include "kernels_priv.h"

/*
 * The first argument that makes this process one copy of a test: program,
 * KERNELS_COPY, test, duration, settle, folder.
 */
#define KERNELS_COPY "@copy"

/* Runs a test in this process and prints its line; an exit status. */
int kernels_copy(const struct kernel *k, const struct kernel_run *run);

/* "static" or "dynamic": how this program is linked. */
const char *kernels_linkage(void);

#endif
