/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a test is executed: one process per copy, here or in the dynamically linked
 * twin that this program carries.
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

/* Writes the twin to path, which must not exist, and tries it: 0 when it runs on this machine,
 * which has the loader and the libc that it was linked with. */
int kernels_twin(const char *path);

#endif
