/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Restudy's own programs as another machine needs them: the program with its shared
 * libraries and loader, so that the machine's distribution does not matter.
 */
#ifndef RESTUDY_TESTBED_TOOLS_PRIV_H
#define RESTUDY_TESTBED_TOOLS_PRIV_H

#include "kernel_priv.h"
#include "restudy/base/err.h"
#include "testbed_priv.h"

/* Where the machine sees them, and what stands below it. */
#define RS_TOOLS_ROOT	 "/restudy"
#define RS_TOOLS_PROGRAM "bin/restudy"
#define RS_TOOLS_AGENT	 "bin/restudy-agent"
#define RS_TOOLS_KERNELS "bin/restudy-kernels"
#define RS_TOOLS_INIT	 "init"
#define RS_TOOLS_SHUTDOWN "shutdown"
#define RS_TOOLS_KERNEL	 "boot/vmlinux"
#define RS_TOOLS_INITRD	 "boot/initrd.img"

/*
 * Collects them in folder (made; empty or missing): bin, lib, data; with a kernel also
 * init, shutdown, boot and lib/modules.  root: where the folder will be seen, for the program's
 * start script.
 */
int rs_tools_collect(const struct rs_testbed_options *o, const struct rs_kernel *kernel,
		     const char *root, const char *folder, struct rs_err *err) RS_MUST_CHECK;

/* A file system of them in file; stage: a folder for the time being. */
int rs_tools_disk(const struct rs_testbed_options *o, const struct rs_kernel *kernel,
		  const char *stage, const char *file, struct rs_err *err) RS_MUST_CHECK;

/* The loader and the shared libraries of a program, as absolute paths: the loader first.
 * Empty for a static program.  rs_free_argv releases. */
int rs_tools_libraries(const char *program, char ***ret_paths, struct rs_err *err) RS_MUST_CHECK;

#endif
