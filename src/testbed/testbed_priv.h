/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of this module share: the testbed object, its kinds, and how
 * progress is told.
 */
#ifndef RESTUDY_TESTBED_PRIV_H
#define RESTUDY_TESTBED_PRIV_H

#include "restudy/testbed.h"

/* Where progress goes. */
struct rs_tell {
	rs_progress_fn *progress;
	void *user;
};
void rs_tell(const struct rs_tell *tell, const char *fmt, ...) RS_PRINTF(2, 3);

/* One kind of testbed.  Const tables in testbed.c's array. */
struct rs_testbed_kind {
	const char *name;	/* "virtual", "local", "ssh" */
	/* NULL where it is started with whatever is wanted. */
	int (*running)(const struct rs_testbed_options *o, enum rs_boot *ret, struct rs_err *err);
	int (*open)(struct rs_testbed *t, struct rs_err *err);
	int (*boot)(struct rs_testbed *t, enum rs_boot boot, struct rs_err *err);
	struct rs_channel *(*channel)(struct rs_testbed *t, struct rs_err *err);
	/* Frees t->state as well, whatever happens; t->state may be NULL. */
	int (*close)(struct rs_testbed *t, int keep, struct rs_err *err);
	void (*steps)(const struct rs_plan *plan, const struct rs_testbed_options *o,
		      struct rs_buf *out);
	int (*doctor)(struct rs_buf *out);	/* number of things that lack */
};

extern const struct rs_testbed_kind rs_testbed_virtual;
extern const struct rs_testbed_kind rs_testbed_local;
extern const struct rs_testbed_kind rs_testbed_ssh;

struct rs_testbed {
	const struct rs_testbed_kind *kind;
	const struct rs_plan *plan;	/* borrowed */
	struct rs_testbed_options options;	/* its strings are borrowed from the caller */
	struct rs_tell tell;
	struct rs_testbed_facts facts;
	struct rs_buf builds;		/* lines of facts.builds, in the making */
	struct rs_buf description;
	void *state;			/* the kind's own */
};

/* Appends "prefix" and each line of a text file to b: "package gcc 12.2". */
int rs_testbed_add_lines(struct rs_buf *b, const char *prefix, const char *path,
			 struct rs_err *err) RS_MUST_CHECK;

/* Whether dir's file system has at least need bytes; the error names what needs them. */
int rs_testbed_want_space(const char *dir, int64_t need, const char *what, struct rs_err *err)
	RS_MUST_CHECK;

/* One missing thing for doctor's list; returns 1. */
int rs_doctor_lacks(struct rs_buf *out, const char *what, const char *mend);

#endif
