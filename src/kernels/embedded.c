/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dynamically linked twin (twin/main.c), as bytes inside this program. */
#include "measure_priv.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The build names the file in KERNELS_TWIN. */
__asm__(".section .rodata\n"
	"kernels_twin_begin:\n"
	".incbin \"" KERNELS_TWIN "\"\n"
	"kernels_twin_end:\n"
	".byte 0\n"
	".previous\n");
extern const unsigned char kernels_twin_begin[], kernels_twin_end[];

static int write_out(const char *path)
{
	const size_t n = (size_t)(kernels_twin_end - kernels_twin_begin);
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	int bad;

	if (fd < 0)
		return -1;
	bad = write(fd, kernels_twin_begin, n) != (ssize_t)n;
	bad |= close(fd) != 0;
	return bad ? -1 : 0;
}

int kernels_twin(const char *path)
{
	int status = 0;
	pid_t child;

	if (write_out(path) < 0)
		return -1;
	child = fork();
	if (child == 0) {
		const int nowhere = open("/dev/null", O_WRONLY);

		dup2(nowhere, STDOUT_FILENO);
		dup2(nowhere, STDERR_FILENO);
		execl(path, path, "--list", (char *)NULL);
		_exit(127);	/* no loader, no such libc, or a folder without execution */
	}
	return child > 0 && waitpid(child, &status, 0) == child && status == 0 ? 0 : -1;
}
