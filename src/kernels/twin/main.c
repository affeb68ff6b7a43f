/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * restudy-kernels-dynamic: the two tests whose cost lies in how their own program is
 * linked.  UnixBench's programs are small and dynamically linked, so this is one too;
 * restudy-kernels runs it where it works, and says so in its result.
 */
#include "../measure_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage_text[] =
	"usage: restudy-kernels-dynamic --list\nrun by restudy-kernels for spawn and execl\n";

static int copy(char **argv)
{
	static const struct kernel spawn = { .id = "spawn", .unit = "lps", .run = kernel_spawn };
	static const struct kernel execl_test = { .id = "execl", .unit = "lps",
						  .run = kernel_execl };
	struct kernel_run run = { .dir = argv[5] };
	char self[4096], rest;
	const ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0 || sscanf(argv[3], "%lf%c", &run.duration_s, &rest) != 1)
		return KERNELS_USAGE;
	self[n] = '\0';
	run.self = self;
	if (strcmp(argv[2], spawn.id) == 0)
		return kernels_copy(&spawn, &run);
	if (strcmp(argv[2], execl_test.id) == 0)
		return kernels_copy(&execl_test, &run);
	return KERNELS_USAGE;
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], KERNEL_EXECL_STEP) == 0)
		return kernel_execl_step(argc, argv);	/* first: nothing else may cost time */
	if (argc == 6 && strcmp(argv[1], KERNELS_COPY) == 0)
		return copy(argv);
	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return puts("spawn\nexecl") < 0 || fflush(stdout) != 0 ? KERNELS_FAILED
									 : KERNELS_DONE;
	fputs(usage_text, stderr);
	return KERNELS_USAGE;
}
