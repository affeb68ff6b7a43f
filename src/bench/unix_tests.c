/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tests of UnixBench by id, with the title under which its logs and its index
 * base know them.  Ids are those of UnixBench 5 and 6 where 4.1.0 has none of its own
 * for a part (read, write, copy; the numbers of shell scripts).
 */
#include "bench_priv.h"

#include <string.h>

#include "restudy/base/mem.h"

#define UP RS_BETTER_HIGHER

/* All but the two that are Restudy's own work under UnixBench's ids. */
#define SAME_TESTS \
	{ "pipe", "Pipe Throughput", "lps", UP, RS_GROUP_IPC }, \
	{ "context1", "Pipe-based Context Switching", "lps", UP, RS_GROUP_IPC }, \
	{ "spawn", "Process Creation", "lps", UP, RS_GROUP_PROCESS }, \
	{ "execl", "Execl Throughput", "lps", UP, RS_GROUP_PROCESS }, \
	{ "syscall", "System Call Overhead", "lps", UP, RS_GROUP_PROCESS }, \
	{ "shell1", "Shell Scripts (1 concurrent)", "lpm", UP, RS_GROUP_PROCESS }, \
	{ "shell8", "Shell Scripts (8 concurrent)", "lpm", UP, RS_GROUP_PROCESS }, \
	{ "shell16", "Shell Scripts (16 concurrent)", "lpm", UP, RS_GROUP_PROCESS }, \
	{ "fstime-write", "File Write 1024 bufsize 2000 maxblocks", "KBps", UP, RS_GROUP_FILE }, \
	{ "fstime-read", "File Read 1024 bufsize 2000 maxblocks", "KBps", UP, RS_GROUP_FILE }, \
	{ "fstime-copy", "File Copy 1024 bufsize 2000 maxblocks", "KBps", UP, RS_GROUP_FILE }, \
	{ "fsbuffer-write", "File Write 256 bufsize 500 maxblocks", "KBps", UP, RS_GROUP_FILE }, \
	{ "fsbuffer-read", "File Read 256 bufsize 500 maxblocks", "KBps", UP, RS_GROUP_FILE }, \
	{ "fsbuffer-copy", "File Copy 256 bufsize 500 maxblocks", "KBps", UP, RS_GROUP_FILE }, \
	{ "fsdisk-write", "File Write 4096 bufsize 8000 maxblocks", "KBps", UP, RS_GROUP_FILE }, \
	{ "fsdisk-read", "File Read 4096 bufsize 8000 maxblocks", "KBps", UP, RS_GROUP_FILE }, \
	{ "fsdisk-copy", "File Copy 4096 bufsize 8000 maxblocks", "KBps", UP, RS_GROUP_FILE }, \
	{ "short", "Arithmetic Test (type = short)", "lps", UP, RS_GROUP_CPU }, \
	{ "int", "Arithmetic Test (type = int)", "lps", UP, RS_GROUP_CPU }, \
	{ "long", "Arithmetic Test (type = long)", "lps", UP, RS_GROUP_CPU }, \
	{ "float", "Arithmetic Test (type = float)", "lps", UP, RS_GROUP_CPU }, \
	{ "double", "Arithmetic Test (type = double)", "lps", UP, RS_GROUP_CPU }, \
	{ "arithoh", "Arithoh", "lps", UP, RS_GROUP_CPU }, \
	{ "hanoi", "Recursion Test--Tower of Hanoi", "lps", UP, RS_GROUP_CPU }, \
	{ "C", "C Compiler Throughput", "lpm", UP, RS_GROUP_OTHER }, \
	{ "dc", "Dc: sqrt(2) to 99 decimal places", "lpm", UP, RS_GROUP_OTHER },

const struct rs_metric rs_unix_metrics[RS_UNIX_N_METRICS] = {
	{ "dhry2reg", "Dhrystone 2 using register variables", "lps", UP, RS_GROUP_CPU },
	{ "whetstone-double", "Double-Precision Whetstone", "MWIPS", UP, RS_GROUP_CPU },
	SAME_TESTS
};

const struct rs_metric rs_kernels_metrics[RS_UNIX_N_METRICS] = {
	{ "dhry2reg", "Dhrystone-like integer mix", "lps", UP, RS_GROUP_CPU },
	{ "whetstone-double", "Whetstone-like floating point mix", "MWIPS", UP, RS_GROUP_CPU },
	SAME_TESTS
};

const struct rs_metric *rs_unix_metric(const char *id)
{
	for (size_t i = 0; i < RS_COUNT(rs_unix_metrics); i++)
		if (strcmp(rs_unix_metrics[i].id, id) == 0)
			return &rs_unix_metrics[i];
	return NULL;
}

size_t rs_unix_n_asked(const struct rs_benchmark *b)
{
	return b->n_tests > 0 ? b->n_tests : RS_COUNT(rs_unix_metrics);
}

const char *rs_unix_asked(const struct rs_benchmark *b, size_t i)
{
	return b->n_tests > 0 ? b->tests[i] : rs_unix_metrics[i].id;
}
