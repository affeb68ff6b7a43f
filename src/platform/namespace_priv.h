/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program started as the child of a first process in new mount and process
 * namespaces.  The first process reaps what is orphaned there and ends, and with
 * it everything in the namespace, when the program ends or when the descriptor
 * the starter keeps is closed, which a kill of the starter does as well.
 */
#ifndef RESTUDY_PLATFORM_NAMESPACE_PRIV_H
#define RESTUDY_PLATFORM_NAMESPACE_PRIV_H

#include <sys/types.h>

#include "daemon_priv.h"

struct rs_namespace {
	const struct rs_mounts *mounts;
	char *const *argv;	/* argv[0] is a path */
	char *const *envp;
	const char *log;	/* file that stdout and stderr of the program go to */
};

/* *ret_life: to be closed when all shall end.  The first process, or -1 with err. */
pid_t rs_namespace_start(const struct rs_namespace *ns, int *ret_life, struct rs_err *err)
	RS_MUST_CHECK;

#endif
