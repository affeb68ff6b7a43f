/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths, folders, whole files. */
#ifndef RESTUDY_BASE_PATH_H
#define RESTUDY_BASE_PATH_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/buf.h"
#include "restudy/base/err.h"

/* "a/b" from "a" and "b"; an absolute b stands alone.  free() releases; NULL and err. */
char *rs_path_join(const char *a, const char *b, struct rs_err *err) RS_MUST_CHECK;

/* The last component of path; borrowed. */
const char *rs_path_base(const char *path);

/*
 * Whether name may become one component of a path below a folder of ours: not
 * empty, not "." or "..", at most 128 bytes of [A-Za-z0-9._+-], no leading '-'.
 */
int rs_path_is_plain_name(const char *name);

/* Whether rel stays below its root: relative, no "..", no empty component. */
int rs_path_is_inside(const char *rel);

/* Makes a folder and its parents (mode 0777 less umask); an existing folder is fine. */
int rs_path_mkdirs(const char *path, struct rs_err *err) RS_MUST_CHECK;

/* Makes the folder that path lies in, and those above it. */
int rs_path_make_parent(const char *path, struct rs_err *err) RS_MUST_CHECK;

/* Removes a tree without following links; a missing one is fine.  Stays on one
 * file system: a mount point below it is an error, and nothing of it is touched. */
int rs_path_remove_tree(const char *path, struct rs_err *err) RS_MUST_CHECK;

/* Appends a whole file to b.  More than max bytes is an error. */
int rs_path_read(const char *path, size_t max, struct rs_buf *b, struct rs_err *err) RS_MUST_CHECK;

/* The last line of a text file that is not blank, cut to size; "" when there is none, when path
 * is NULL and when the file has more than 16 MiB. */
void rs_path_last_line(const char *path, char *buf, size_t size);

/* Writes a file at once: temporary name, fsync, rename.  The old content or the
 * new one is there at any moment. */
int rs_path_write(const char *path, const void *bytes, size_t n, struct rs_err *err) RS_MUST_CHECK;

/* All of n bytes to the descriptor fd.  0, or an errno. */
int rs_write_all(int fd, const void *bytes, size_t n) RS_MUST_CHECK;

/* Copies a regular file, mode included.  The target is replaced at once. */
int rs_path_copy(const char *from, const char *to, struct rs_err *err) RS_MUST_CHECK;

int rs_path_exists(const char *path);

/* Names in a folder, sorted bytewise, without "." and ".."; rs_free_argv releases. */
int rs_path_list(const char *path, char ***ret_names, size_t *ret_n, struct rs_err *err)
	RS_MUST_CHECK;

/* $XDG_CACHE_HOME/restudy or ~/.cache/restudy, made when missing.  free() releases. */
char *rs_path_cache(struct rs_err *err) RS_MUST_CHECK;

/* The program's data folder ("schema", "templates", ...): $RESTUDY_DATA, the
 * source tree the program was built in while it still exists, else the
 * installed one.  free() releases. */
char *rs_path_data(const char *rel, struct rs_err *err) RS_MUST_CHECK;

/* A program by its name in PATH, with /usr/sbin and /sbin added.  NULL when there
 * is none (no error).  free() releases. */
char *rs_path_program(const char *name);

/* Free bytes for this user on the file system of path; 0 or -1 with err. */
int rs_path_free_bytes(const char *path, uint64_t *ret, struct rs_err *err) RS_MUST_CHECK;

#endif
