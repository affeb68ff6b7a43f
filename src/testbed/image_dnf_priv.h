/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Root trees of RPM packages, by dnf or yum with --installroot. */
#ifndef RESTUDY_TESTBED_IMAGE_DNF_PRIV_H
#define RESTUDY_TESTBED_IMAGE_DNF_PRIV_H

#include "image_priv.h"

/* "dnf", or "yum" where the plan wants it and it is here; NULL when neither is.  Owned. */
char *rs_dnf_program(const struct rs_image *image);

/*
 * Whether packages of the image can be had here: from the plan's address, or from this
 * machine's own repositories when it runs the image's distribution and release.
 */
int rs_dnf_has_source(const struct rs_image *image);

/* The configuration that the build uses; part of the image's key. */
int rs_dnf_config(const struct rs_image *image, struct rs_buf *out, struct rs_err *err)
	RS_MUST_CHECK;

/* Installs packages (separated by commas) into tree; root only.  work: for its cache. */
int rs_dnf_install(const struct rs_image *image, const char *packages, const char *work,
		   const char *tree, struct rs_err *err) RS_MUST_CHECK;

/* Writes "name version" of every package in the tree into file list. */
int rs_dnf_list(const char *tree, const char *list, struct rs_err *err) RS_MUST_CHECK;

/* The command of a build, a line. */
void rs_dnf_steps(const struct rs_image *image, const char *packages, struct rs_buf *out);

#endif
