/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one error object.  It is the last parameter of every function that can
 * fail; it is filled where the cause is known, wrapped on the way up, and
 * printed once, in main.  Its size is fixed, so that reporting "out of memory"
 * cannot fail.
 */
#ifndef RESTUDY_BASE_ERR_H
#define RESTUDY_BASE_ERR_H

#include <stdarg.h>
#include <stddef.h>

#if defined(__GNUC__)
#define RS_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define RS_MUST_CHECK	     __attribute__((warn_unused_result))
#else
#define RS_PRINTF(fmt, args)
#define RS_MUST_CHECK
#endif

/* Tells the analyser which function releases the result (gcc only). */
#if defined(__GNUC__) && !defined(__clang__)
#define RS_OWNED_BY(fn) __attribute__((malloc, malloc(fn, 1), warn_unused_result))
#else
#define RS_OWNED_BY(fn) RS_MUST_CHECK
#endif

/* What kind of failure it is; each has an exit status (rs_err_exit_status). */
enum rs_err_kind {
	RS_ERR_NONE,
	RS_ERR_USAGE,		/* wrong arguments */
	RS_ERR_PLAN,		/* the plan or another input file is wrong */
	RS_ERR_MACHINE,		/* this machine lacks something; the text names the mend */
	RS_ERR_FAILED,		/* something that was tried did not work */
	RS_ERR_TIMEOUT,		/* it did not end in its time */
	RS_ERR_MEMORY,		/* an allocation failed */
	RS_ERR_INTERRUPTED,	/* stopped by a signal; what was finished is kept */
	RS_ERR_INTERNAL,	/* a defect of Restudy */
	RS_ERR_LAST
};

struct rs_err {
	enum rs_err_kind kind;
	char text[1000];	/* one line, UTF-8, no full stop, never a newline */
};

#define RS_ERR_INIT { RS_ERR_NONE, "" }

/*
 * Records a failure: what, where and what to do, in one line.  err may be NULL
 * (the caller does not want to know).  An error that is already recorded is
 * kept.  Control characters in the result are replaced by '?'.
 * Returns -1 always, so that "return rs_err_set(...)" fails the caller.
 */
int rs_err_set(struct rs_err *err, enum rs_err_kind kind, const char *fmt, ...) RS_PRINTF(3, 4);

/* As rs_err_set, followed by ": " and the text of errno value errnum. */
int rs_err_sys(struct rs_err *err, enum rs_err_kind kind, int errnum, const char *fmt, ...)
	RS_PRINTF(4, 5);

/* Records "out of memory".  Returns -1. */
int rs_err_nomem(struct rs_err *err);

/* Puts "fmt: " before the recorded text; the kind stays.  Returns -1. */
int rs_err_wrap(struct rs_err *err, const char *fmt, ...) RS_PRINTF(2, 3);

/* Forgets the recorded failure.  err may be NULL. */
void rs_err_clear(struct rs_err *err);

/* The exit status DESIGN.md gives to a kind: 0, 1, 2, 3, 4 or 130. */
int rs_err_exit_status(enum rs_err_kind kind);

/* errno's text, of one thread's own; never NULL. */
const char *rs_err_errno(int errnum, char *buf, size_t size);

#endif
