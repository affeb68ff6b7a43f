/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file from the network or from this machine, whole and verified, or not at all. */
#ifndef RESTUDY_TESTBED_IMAGE_DOWNLOAD_PRIV_H
#define RESTUDY_TESTBED_IMAGE_DOWNLOAD_PRIV_H

#include "restudy/base/err.h"
#include "restudy/base/hash.h"
#include "testbed_priv.h"

/* All borrowed. */
struct rs_download {
	const char *url;	/* http://, https:// or file:/// */
	const char *target;	/* file; appears when it is whole and its digest is right */
	const char *sha256;	/* what it must be; NULL: taken as it comes */
	const char *told_by;	/* where sha256 stands: "the plan", a lock file; for the message */
	int attempts;		/* 0: 5 */
	double pause_s;		/* after the first failure, doubled each time; 0: 1 s */
	const struct rs_tell *tell;
};

/* Waits until no other run fetches target: its parts would get between ours.  A descriptor to
 * close when target was fetched and used, or -1. */
int rs_download_lock(const char *target, const struct rs_tell *tell, struct rs_err *err) RS_MUST_CHECK;

/*
 * Fetches; the caller holds the lock of the target.  What came so far stays beside the target
 * as "TARGET.part" and is taken up again, by this call's next attempt or by a later run.  A
 * digest that is not sha256 is an error that names both; a file that was put together from
 * parts is fetched once more as a whole before.  sha256 of what came into ret.
 */
int rs_download(const struct rs_download *d, char ret[RS_SHA256_HEX], struct rs_err *err)
	RS_MUST_CHECK;

#endif
