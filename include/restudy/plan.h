/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the XML file to a const struct rs_plan, in three passes: parse (shape,
 * with line and column), complete (defaults), validate (judgement).  All
 * problems are collected; each has a place and says what to do.
 */
#ifndef RESTUDY_PLAN_H
#define RESTUDY_PLAN_H

#include "restudy/base/buf.h"
#include "restudy/base/err.h"
#include "restudy/model/plan.h"

enum rs_level { RS_LEVEL_NOTE, RS_LEVEL_WARNING, RS_LEVEL_ERROR, RS_LEVEL_LAST };
/* "note", "warning", "error"; static. */
const char *rs_level_name(enum rs_level level);

struct rs_diagnostic {
	enum rs_level level;
	char *file;		/* an included file; NULL: the plan itself */
	int line, column;	/* from 1; line 0: of the file as a whole; column 0: of the line */
	char *rule;		/* lint rules: its name ("one-trial"), else NULL */
	char *text;		/* "<guests count='0'>: must be at least 1" */
};

/* Collected problems, in the order of their lines; the plan's before included files'. */
struct rs_diagnostics {
	struct rs_diagnostic *d;	/* owned */
	size_t n;
	int refused;		/* an addition failed for memory */
};

#define RS_DIAGNOSTICS_INIT { NULL, 0, 0 }
void rs_diagnostics_release(struct rs_diagnostics *d);
#define RS_AUTO_DIAGNOSTICS \
	__attribute__((cleanup(rs_diagnostics_release))) struct rs_diagnostics

/* The worst level, or -1 when there is nothing. */
int rs_diagnostics_worst(const struct rs_diagnostics *d);

/*
 * Loads a plan.  NULL with err when the file cannot be read or memory ends; NULL
 * with err (RS_ERR_PLAN) when diags holds at least one error; else the plan, which
 * the caller frees, and diags may hold warnings.  diags: borrowed, initialised.
 */
struct rs_plan *rs_plan_load(const char *path, struct rs_diagnostics *diags, struct rs_err *err)
	RS_OWNED_BY(rs_plan_free);

/* The same from memory; name is used in messages. */
struct rs_plan *rs_plan_load_bytes(const char *name, const void *bytes, size_t n,
				   struct rs_diagnostics *diags, struct rs_err *err)
	RS_OWNED_BY(rs_plan_free);

/*
 * Appends the text of a plan that needs no other file: the file as it is, or, when it
 * includes others, with their elements in place.  For copies that travel.
 */
int rs_plan_whole(const char *path, struct rs_buf *out, struct rs_err *err) RS_MUST_CHECK;

/*
 * A plan's file, included ones in place, as places and values sorted by place:
 * "/system[xen]/guests/@memory" is "256MiB", "/system[xen]" the words in it.  For laying
 * two plans beside each other.  rs_plan_outline_free releases.
 */
int rs_plan_outline(const char *path, struct rs_setting_kv **ret, size_t *ret_n, struct rs_err *err)
	RS_MUST_CHECK;
void rs_plan_outline_free(struct rs_setting_kv *e, size_t n);

/* Adds warnings for known benchmarking sins; each names its rule. */
int rs_plan_lint(const struct rs_plan *plan, struct rs_diagnostics *diags, struct rs_err *err)
	RS_MUST_CHECK;

/*
 * "thesis-plan.xml:42:9: error: <guests count='0'>: must be at least 1", the
 * source line and a caret below it, one after the other.  source may be NULL
 * (no excerpt).  out: borrowed.
 */
void rs_diagnostics_print(const struct rs_diagnostics *d, const char *file, const char *source,
			  struct rs_buf *out);

#endif
