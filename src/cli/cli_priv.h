/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands share: their table, their options, how they end. */
#ifndef RESTUDY_CLI_CLI_PRIV_H
#define RESTUDY_CLI_CLI_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/buf.h"
#include "restudy/base/err.h"
#include "restudy/model/plan.h"
#include "restudy/report.h"
#include "restudy/testbed.h"

struct rs_bag;
struct rs_bag_person;
struct rs_diagnostics;
struct rs_store;

/* Returns an exit status, or -1 with err. */
typedef int rs_cli_fn(int argc, char **argv, struct rs_err *err);

struct rs_cli_command {
	const char *name;
	const char *arguments;	/* "PLAN [-o FOLDER] ..." */
	const char *summary;	/* one line */
	const char *options;	/* lines of the --help, or NULL */
	rs_cli_fn *run;
	int hidden;
};

extern const struct rs_cli_command rs_cli_archive, rs_cli_audit, rs_cli_check, rs_cli_claims,
	rs_cli_clean, rs_cli_compare, rs_cli_deposit, rs_cli_doctor, rs_cli_export, rs_cli_httpload, rs_cli_import,
	rs_cli_report, rs_cli_run, rs_cli_status, rs_cli_steps, rs_cli_verify, rs_cli_worker;

/* An option of a command: a flag (value NULL in the table's sense) or one with a value. */
struct rs_cli_option {
	const char *name;	/* "--profile" */
	char letter;		/* 'p', or 0 */
	const char **value;	/* where its value goes, or NULL for a flag */
	int *flag;		/* set to 1, or NULL */
};

/*
 * Reads argv[1..]: options anywhere, "--" ends them.  positional: up to max of them,
 * the rest NULL; needed: names of those that may not lack ("FORMAT FILE").  0, or -1 with a
 * usage error that suggests the nearest option or names what is missing.
 */
int rs_cli_options(int argc, char **argv, const struct rs_cli_option *options,
		   const char **positional, const char *needed, int max, struct rs_err *err)
	RS_MUST_CHECK;

/* Loads a plan and prints its problems on stderr. NULL with err. */
struct rs_plan *rs_cli_plan(const char *path, int lint, struct rs_err *err)
	RS_OWNED_BY(rs_plan_free);

/* Adds the problems of the plan at path as text, each with its line. */
void rs_cli_problems(const struct rs_diagnostics *d, const char *path, struct rs_buf *out);

/* Writes bytes to stdout; a failure (full disk, a reader that left) is an error. */
int rs_cli_print(const struct rs_buf *b, struct rs_err *err) RS_MUST_CHECK;

/* Refuses options that name somebody wrongly, or a licence that is none; license may be NULL. */
int rs_cli_credit(const struct rs_bag_person *who, const char *license, struct rs_err *err) RS_MUST_CHECK;

/* How far a command is with bytes, told on stderr: "sent 12.0 of 640.0 MiB (1 %)". */
struct rs_cli_bytes {
	const char *verb;
	int64_t shown_ns;	/* when something was shown; 0: not begun */
	int stands;		/* a live line does */
};
void rs_cli_bytes_show(void *user, uint64_t done, uint64_t total);
void rs_cli_bytes_end(struct rs_cli_bytes *b);

/* Our own programs beside this one: "restudy-agent".  NULL with err; free() releases. */
char *rs_cli_own_program(const char *name, struct rs_err *err) RS_MUST_CHECK;

/* "auto", "kvm", "tcg"; NULL is auto. */
int rs_cli_accel(const char *text, enum rs_accel *ret, struct rs_err *err) RS_MUST_CHECK;

/* Refuses a language that no report is written in; NULL is none. */
int rs_cli_language(const char *text, struct rs_err *err) RS_MUST_CHECK;

/* How the report in a folder was made, for making the same again: its language ("" when there is
 * none) and its own template (owned, NULL: none). */
struct rs_cli_form {
	char language[3];
	char *template_path;
};
int rs_cli_report_form(const char *folder, struct rs_cli_form *ret, struct rs_err *err) RS_MUST_CHECK;
/* What o leaves open is as in form, which o then borrows from. */
void rs_cli_form_options(const struct rs_cli_form *form, struct rs_report_options *o);
void rs_cli_form_release(struct rs_cli_form *form);
#define RS_AUTO_FORM __attribute__((cleanup(rs_cli_form_release))) struct rs_cli_form

/* A run as it is read: a run folder, or a bag of one. */
struct rs_cli_run {
	struct rs_bag *bag;	/* or NULL */
	char *folder;
	struct rs_plan *plan;
	struct rs_store *store;
};
void rs_cli_run_release(struct rs_cli_run *run);
#define RS_AUTO_RUN __attribute__((cleanup(rs_cli_run_release))) struct rs_cli_run

/* Opens the plan as run and the store of a run folder or bag. */
int rs_cli_open_run(const char *path, struct rs_cli_run *run, struct rs_err *err) RS_MUST_CHECK;

/* The two steps of it: whether it is a folder or a bag; what is in it. */
int rs_cli_find_run(const char *path, struct rs_cli_run *run, struct rs_err *err) RS_MUST_CHECK;
int rs_cli_read_run(const char *path, struct rs_cli_run *run, struct rs_err *err) RS_MUST_CHECK;

#endif
