/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * File write, read and copy: 2000 blocks of 256, 1024 or 4096 bytes, over and over,
 * no fsync: this is the page cache and the file system's paths to it.  The alarm
 * is looked at for every block, and the time is the true one.
 */
#include "kernels_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_BLOCKS 2000
#define MAX_BLOCK_SIZE 4096

struct files {
	char from_path[4200], to_path[4200];
	int from, to;
	size_t block;
	/* Aligned: a copy to or from an odd address costs the kernel up to half more. */
	_Alignas(64) unsigned char buffer[MAX_BLOCK_SIZE];
};

static int files_open(struct files *f, const struct kernel *k, const struct kernel_run *run,
		      struct kernel_result *r)
{
	memset(f, 0, sizeof(*f));
	f->from = f->to = -1;
	f->block = (size_t)k->number;
	for (size_t i = 0; i < sizeof(f->buffer); i++)
		f->buffer[i] = (unsigned char)(i & 0xff);
	if ((size_t)snprintf(f->from_path, sizeof(f->from_path), "%s/restudy-a.%ld", run->dir,
			     (long)getpid()) >= sizeof(f->from_path) ||
	    (size_t)snprintf(f->to_path, sizeof(f->to_path), "%s/restudy-b.%ld", run->dir,
			     (long)getpid()) >= sizeof(f->to_path))
		return kernel_fail(r, "the folder's name is too long");
	f->from = open(f->from_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	f->to = open(f->to_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (f->from < 0 || f->to < 0)
		return kernel_fail_errno(r, run->dir);
	return 0;
}

static void files_close(struct files *f)
{
	if (f->from >= 0) {
		close(f->from);
		unlink(f->from_path);
	}
	if (f->to >= 0) {
		close(f->to);
		unlink(f->to_path);
	}
}

/* Fills the first file with its 2000 blocks and rewinds it. */
static int fill(struct files *f, struct kernel_result *r)
{
	for (int i = 0; i < MAX_BLOCKS; i++)
		if (write(f->from, f->buffer, f->block) != (ssize_t)f->block)
			return kernel_fail_errno(r, "write");
	return lseek(f->from, 0, SEEK_SET) == 0 ? 0 : kernel_fail_errno(r, "lseek");
}

static void settle(const struct files *f, const struct kernel_run *run)
{
	syncfs(f->from);
	kernel_sleep(run->settle_s);
	syncfs(f->from);
	kernel_sleep(run->settle_s);
}

/* Each pass returns the bytes it moved; *bad is the errno of a call that failed. */
static uint64_t write_pass(struct files *f, const struct kernel_stop *stop, int *bad)
{
	uint64_t bytes = 0;

	for (int i = 0; i < MAX_BLOCKS && !stop->now; i++) {
		const ssize_t n = write(f->from, f->buffer, f->block);

		if (n < 0 && errno != EINTR) {
			*bad = errno;
			return bytes;
		}
		if (n > 0)
			bytes += (uint64_t)n;
	}
	lseek(f->from, 0, SEEK_SET);
	return bytes;
}

static uint64_t read_pass(struct files *f, const struct kernel_stop *stop, int *bad)
{
	uint64_t bytes = 0;

	while (!stop->now) {
		const ssize_t n = read(f->from, f->buffer, f->block);

		if (n < 0 && errno != EINTR)
			*bad = errno;
		if (n == 0 || *bad != 0)
			break;
		if (n > 0)
			bytes += (uint64_t)n;
	}
	lseek(f->from, 0, SEEK_SET);
	return bytes;
}

static uint64_t copy_pass(struct files *f, const struct kernel_stop *stop, int *bad)
{
	uint64_t bytes = 0;

	while (!stop->now) {
		const ssize_t n = read(f->from, f->buffer, f->block);

		if (n == 0 || (n < 0 && errno == EINTR))
			break;
		if (n < 0 || write(f->to, f->buffer, (size_t)n) != n) {
			*bad = errno != 0 ? errno : EIO;
			break;
		}
		bytes += (uint64_t)n;
	}
	lseek(f->from, 0, SEEK_SET);
	lseek(f->to, 0, SEEK_SET);
	return bytes;
}

typedef uint64_t pass_fn(struct files *f, const struct kernel_stop *stop, int *bad);

/* Passes until the alarm; the value is KiB (1024 bytes) a second. */
static int time_passes(struct files *f, pass_fn *pass, const struct kernel_run *run,
		       struct kernel_result *r)
{
	struct kernel_stop stop;
	uint64_t bytes = 0;
	int64_t start;
	int bad = 0;

	settle(f, run);
	start = kernel_clock_ns();
	if (kernel_stop_arm(&stop, run->duration_s) < 0)
		return kernel_fail_errno(r, "timer");
	while (!stop.now && bad == 0)
		bytes += pass(f, &stop, &bad);
	r->elapsed_ns = kernel_clock_ns() - start;
	kernel_stop_disarm(&stop);
	r->loops = bytes / f->block;
	if (bad != 0)
		return kernel_fail(r, "a block failed: %s", strerror(bad));
	if (bytes == 0)
		return kernel_fail(r, "no block was moved");
	r->value = (double)bytes / 1024.0 * 1e9 / (double)r->elapsed_ns;
	return 0;
}

/* The second file of a copy starts empty, by the definition. */
static int test_files(const struct kernel *k, const struct kernel_run *run,
		      struct kernel_result *r, pass_fn *pass)
{
	struct files f;
	int rc = files_open(&f, k, run, r);

	if (rc == 0 && pass != write_pass)
		rc = fill(&f, r);
	if (rc == 0)
		rc = time_passes(&f, pass, run, r);
	files_close(&f);
	return rc;
}

int kernel_file_write(const struct kernel *k, const struct kernel_run *run,
		      struct kernel_result *r)
{
	return test_files(k, run, r, write_pass);
}

int kernel_file_read(const struct kernel *k, const struct kernel_run *run,
		     struct kernel_result *r)
{
	return test_files(k, run, r, read_pass);
}

int kernel_file_copy(const struct kernel *k, const struct kernel_run *run,
		     struct kernel_result *r)
{
	return test_files(k, run, r, copy_pass);
}
