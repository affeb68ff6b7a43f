/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of tests: ids, units and titles of UnixBench (the title is the key that
 * joins a result with the index base), and what one loop is here.  Two tests are not
 * the published programs and say so in their definition: their values compare
 * only with themselves.
 */
#include "kernels_priv.h"

#include <string.h>

#define WRITE_TEXT "write 2000 blocks, rewind; page cache, KiB per second of true elapsed time"
#define READ_TEXT  "read 2000 blocks to the end of file, rewind; page cache, KiB per second"
#define COPY_TEXT  "read a block, write it to a second file, rewind both at the end; KiB per second"
#define SHELL_TEXT                                                                            \
	"start N shells at once, each: sort, od | sort, grep | tee | wc over 362 lines, rm; " \
	"the loop under way at the alarm is completed and timed"
#define ARITH_TEXT "sum of y / (y - 1), y = x * x, x = 2..101"

static const struct kernel kernels[] = {
	{ "dhry2reg", "Dhrystone-like integer mix", "lps",
	  "Dhrystone-like: integer, string, record and call mix of our own", kernel_dhrystone, 0 },
	{ "whetstone-double", "Whetstone-like floating point mix", "MWIPS",
	  "Whetstone-like: the eight modules of Curnow and Wichmann, own code", kernel_whetstone,
	  0 },
	{ "syscall", "System Call Overhead", "lps", "close(dup()), getpid, getuid, umask",
	  kernel_syscall, 0 },
	{ "pipe", "Pipe Throughput", "lps", "write and read 512 bytes through one pipe, one process",
	  kernel_pipe, 0 },
	{ "context1", "Pipe-based Context Switching", "lps",
	  "round trip of a counter between two processes over two pipes, not pinned",
	  kernel_context1, 0 },
	{ "spawn", "Process Creation", "lps", "fork, exit(0) in the child, wait", kernel_spawn, 0 },
	{ "execl", "Execl Throughput", "lps", "a program that replaces itself by itself",
	  kernel_execl, 0 },
	{ "fstime-write", "File Write 1024 bufsize 2000 maxblocks", "KBps", WRITE_TEXT,
	  kernel_file_write, 1024 },
	{ "fstime-read", "File Read 1024 bufsize 2000 maxblocks", "KBps", READ_TEXT,
	  kernel_file_read, 1024 },
	{ "fstime-copy", "File Copy 1024 bufsize 2000 maxblocks", "KBps", COPY_TEXT,
	  kernel_file_copy, 1024 },
	{ "fsbuffer-write", "File Write 256 bufsize 500 maxblocks", "KBps", WRITE_TEXT,
	  kernel_file_write, 256 },
	{ "fsbuffer-read", "File Read 256 bufsize 500 maxblocks", "KBps", READ_TEXT,
	  kernel_file_read, 256 },
	{ "fsbuffer-copy", "File Copy 256 bufsize 500 maxblocks", "KBps", COPY_TEXT,
	  kernel_file_copy, 256 },
	{ "fsdisk-write", "File Write 4096 bufsize 8000 maxblocks", "KBps", WRITE_TEXT,
	  kernel_file_write, 4096 },
	{ "fsdisk-read", "File Read 4096 bufsize 8000 maxblocks", "KBps", READ_TEXT,
	  kernel_file_read, 4096 },
	{ "fsdisk-copy", "File Copy 4096 bufsize 8000 maxblocks", "KBps", COPY_TEXT,
	  kernel_file_copy, 4096 },
	{ "shell1", "Shell Scripts (1 concurrent)", "lpm", SHELL_TEXT, kernel_shell, 1 },
	{ "shell8", "Shell Scripts (8 concurrent)", "lpm", SHELL_TEXT, kernel_shell, 8 },
	{ "shell16", "Shell Scripts (16 concurrent)", "lpm", SHELL_TEXT, kernel_shell, 16 },
	{ "short", "Arithmetic Test (type = short)", "lps", ARITH_TEXT, kernel_short, 0 },
	{ "int", "Arithmetic Test (type = int)", "lps", ARITH_TEXT, kernel_int, 0 },
	{ "long", "Arithmetic Test (type = long)", "lps", ARITH_TEXT, kernel_long, 0 },
	{ "float", "Arithmetic Test (type = float)", "lps", ARITH_TEXT, kernel_float, 0 },
	{ "double", "Arithmetic Test (type = double)", "lps", ARITH_TEXT, kernel_double, 0 },
	{ "arithoh", "Arithoh", "lps", "the loop of the arithmetic tests, empty", kernel_arithoh,
	  0 },
	{ "hanoi", "Recursion Test--Tower of Hanoi", "lps", "10 disks from peg 1 to peg 3",
	  kernel_hanoi, 0 },
	{ "C", "C Compiler Throughput", "lpm", "compile and link a program of 154 lines (gcc or cc)",
	  kernel_compile, 0 },
	{ "dc", "Dc: sqrt(2) to 99 decimal places", "lpm",
	  "run dc on a standard input that all loops share, as UnixBench does: only the first "
	  "loop computes, the others start a program",
	  kernel_dc, 0 },
};

const struct kernel *kernels_all(size_t *n)
{
	*n = sizeof(kernels) / sizeof(kernels[0]);
	return kernels;
}

const struct kernel *kernel_find(const char *id)
{
	size_t n;
	const struct kernel *all = kernels_all(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].id, id) == 0)
			return &all[i];
	return NULL;
}
