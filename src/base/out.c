/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sticky file writer: a temporary file that takes its name at the end. */
#include "restudy/base/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restudy/base/mem.h"
#include "restudy/base/temp.h"

struct rs_out {
	FILE *f;
	char *path, *temporary;
	int error;
};

/* A device, a pipe or a terminal is written to as it is: it must never be replaced. */
static int is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

/* Where path really is, so that a link stays and its target is replaced. */
static char *real_target(const char *path, struct rs_err *err)
{
	char *real = realpath(path, NULL);

	return real != NULL ? real : rs_strdup(path, err);
}

static int open_descriptor(struct rs_out *o, const char *path, struct rs_err *err)
{
	if (path == NULL) {
		o->path = rs_strdup("standard output", err);
		return o->path != NULL ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) : -1;
	}
	o->path = real_target(path, err);
	if (o->path == NULL)
		return -1;
	if (is_special(path))
		return open(path, O_WRONLY | O_CLOEXEC);
	o->temporary = rs_temp_beside(o->path, "part", err);
	if (o->temporary == NULL)
		return -1;
	return open(o->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

struct rs_out *rs_out_open(const char *path, struct rs_err *err)
{
	RS_AUTO_OUT *o = rs_alloc(1, sizeof(*o), err);
	int fd;

	if (o == NULL)
		return NULL;
	fd = open_descriptor(o, path, err);
	if (fd < 0) {
		(void)rs_err_sys(err, RS_ERR_FAILED, errno, "cannot write \"%s\"",
				 path != NULL ? path : "standard output");
		return NULL;
	}
	o->f = fdopen(fd, "w");
	if (o->f == NULL) {
		/* what cannot be written to is held in the place of a closed standard output */
		(void)(errno == EINVAL ? rs_err_sys(err, RS_ERR_FAILED, EBADF, "cannot write \"%s\"", o->path)
				       : rs_err_nomem(err));
		(void)close(fd);
		return NULL;
	}
	return RS_STEAL(&o);
}

void rs_out_write(struct rs_out *o, const void *bytes, size_t n)
{
	if (o->error == 0 && n > 0 && fwrite(bytes, 1, n, o->f) != n)
		o->error = errno != 0 ? errno : EIO;
}

void rs_out_puts(struct rs_out *o, const char *s)
{
	if (o->error == 0 && fputs(s, o->f) == EOF)
		o->error = errno != 0 ? errno : EIO;
}

void rs_out_printf(struct rs_out *o, const char *fmt, ...)
{
	va_list ap;

	if (o->error != 0)
		return;
	va_start(ap, fmt);
	if (vfprintf(o->f, fmt, ap) < 0)
		o->error = errno != 0 ? errno : EIO;
	va_end(ap);
}

int rs_out_close(struct rs_out *o, struct rs_err *err)
{
	int rc = 0;

	if (o->error == 0 && fflush(o->f) != 0)
		o->error = errno;
	if (o->error == 0 && o->temporary != NULL && fsync(fileno(o->f)) != 0)
		o->error = errno;
	if (fclose(o->f) != 0 && o->error == 0)
		o->error = errno;
	o->f = NULL;
	if (o->error == 0 && o->temporary != NULL && rename(o->temporary, o->path) != 0)
		o->error = errno;
	if (o->error != 0)
		rc = rs_err_sys(err, RS_ERR_FAILED, o->error, "cannot write \"%s\"", o->path);
	rs_out_abort(o);
	return rc;
}

void rs_out_abort(struct rs_out *o)
{
	if (o == NULL)
		return;
	if (o->temporary != NULL && (o->f != NULL || o->error != 0))
		(void)unlink(o->temporary);
	if (o->f != NULL)
		(void)fclose(o->f);
	free(o->path);
	free(o->temporary);
	free(o);
}

void rs_out_abortp(struct rs_out **o)
{
	rs_out_abort(*o);
	*o = NULL;
}
