/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where Debian packages come from: this machine's own apt configuration. */
#ifndef RESTUDY_TESTBED_APT_PRIV_H
#define RESTUDY_TESTBED_APT_PRIV_H

#include "restudy/base/buf.h"
#include "restudy/base/cmd.h"
#include "restudy/base/err.h"
#include "restudy/model/plan.h"

/* "bookworm" for "12"; a release that is a word already stays.  Borrowed. */
const char *rs_apt_codename(const char *release);

/*
 * Lines of a sources.list for an image: the mirror of the plan when it names one,
 * else what this machine's apt uses for the same release, else Debian's public
 * mirror.
 */
int rs_apt_sources(const struct rs_image *image, struct rs_buf *out, struct rs_err *err)
	RS_MUST_CHECK;

/* Adds this machine's Acquire settings (proxies, validity checks) as --aptopt= options. */
int rs_apt_options(struct rs_cmd *cmd, struct rs_err *err) RS_MUST_CHECK;

/*
 * Downloads packages of sources into folder, with apt's state in a folder of its own
 * below it (no root needed).  A name that is a meta package is followed to the first
 * of its dependencies that begins with "linux-image-" or "xen-hypervisor-".
 * ret_files: paths of the .deb files, in the order of names; rs_free_argv releases.
 */
int rs_apt_download(const char *sources, const char *folder, const char *const *names,
		    char ***ret_files, struct rs_err *err) RS_MUST_CHECK;

#endif
