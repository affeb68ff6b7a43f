/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options and the few things every command does. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli_priv.h"
#include "restudy/archive.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/text.h"
#include "restudy/plan.h"
#include "restudy/store.h"

static const struct rs_cli_option *find_option(const struct rs_cli_option *o, const char *arg,
					       size_t n)
{
	for (; o->name != NULL; o++) {
		if (strlen(o->name) == n && strncmp(o->name, arg, n) == 0)
			return o;
		if (n == 2 && arg[0] == '-' && arg[1] == o->letter && o->letter != 0)
			return o;
	}
	return NULL;
}

/* An option that begins alike, for a hint. */
static const char *similar(const struct rs_cli_option *o, const char *arg)
{
	for (; o->name != NULL; o++)
		if (strncmp(o->name, arg, 4) == 0)
			return o->name;
	return NULL;
}

static int unknown(const struct rs_cli_option *options, const char *arg, struct rs_err *err)
{
	const char *near = similar(options, arg);

	if (near != NULL)
		return rs_err_set(err, RS_ERR_USAGE, "no option \"%.40s\"; did you mean \"%s\"?", arg, near);
	return rs_err_set(err, RS_ERR_USAGE, "no option \"%.40s\"", arg);
}

/* Whether n arguments are as many as needed names, which are separated by blanks. */
static int has_needed(const char *needed, int n, struct rs_err *err)
{
	for (const char *name = needed; *name != '\0'; name += strspn(name, " ")) {
		const size_t len = strcspn(name, " ");

		if (n-- == 0)
			return rs_err_set(err, RS_ERR_USAGE, "the argument %.*s is missing", (int)len, name);
		name += len;
	}
	return 0;
}

int rs_cli_options(int argc, char **argv, const struct rs_cli_option *options,
		   const char **positional, const char *needed, int max, struct rs_err *err)
{
	int n = 0, ended = 0;
	unsigned seen = 0;	/* bits of the options that have a value */

	for (int i = 1; i < argc; i++) {
		size_t len = strcspn(argv[i], "=");
		const struct rs_cli_option *o;

		if (ended || argv[i][0] != '-' || argv[i][1] == '\0') {
			if (n == max)
				return rs_err_set(err, RS_ERR_USAGE, "one argument too many: \"%.60s\"",
						  argv[i]);
			positional[n++] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "--") == 0) {
			ended = 1;
			continue;
		}
		o = find_option(options, argv[i], len);
		if (o == NULL)
			return unknown(options, argv[i], err);
		if (o->flag != NULL)
			*o->flag = 1;
		if (o->value == NULL && argv[i][len] == '=')
			return rs_err_set(err, RS_ERR_USAGE, "%s takes no value", o->name);
		if (o->value == NULL)
			continue;
		if (seen & 1u << (o - options))
			return rs_err_set(err, RS_ERR_USAGE, "%s is given twice", o->name);
		seen |= 1u << (o - options);
		if (argv[i][len] == '=')
			*o->value = argv[i] + len + 1;
		else if (i + 1 < argc)
			*o->value = argv[++i];
		else
			return rs_err_set(err, RS_ERR_USAGE, "%s needs a value", o->name);
	}
	return has_needed(needed, n, err);
}

void rs_cli_problems(const struct rs_diagnostics *d, const char *path, struct rs_buf *out)
{
	RS_AUTO_BUF source = RS_BUF_INIT;
	const int readable = rs_path_read(path, 4 << 20, &source, NULL) == 0;

	rs_diagnostics_print(d, path, readable ? rs_buf_str(&source) : NULL, out);
}

struct rs_plan *rs_cli_plan(const char *path, int lint, struct rs_err *err)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_BUF text = RS_BUF_INIT;
	RS_AUTO_PLAN *plan = rs_plan_load(path, &diags, err);

	if (plan != NULL && lint && rs_plan_lint(plan, &diags, err) < 0)
		return NULL;
	if (diags.n > 0) {
		rs_cli_problems(&diags, path, &text);
		(void)fputs(rs_buf_str(&text), stderr);
	}
	return RS_STEAL(&plan);
}

int rs_cli_print(const struct rs_buf *b, struct rs_err *err)
{
	RS_AUTO_BUF clean = RS_BUF_INIT;

	rs_text_show(&clean, rs_buf_str(b));
	if (rs_buf_check(b, err) < 0 || rs_buf_check(&clean, err) < 0)
		return -1;
	if (fwrite(rs_buf_str(&clean), 1, clean.len, stdout) != clean.len || fflush(stdout) != 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot write the output");
	return 0;
}

char *rs_cli_own_program(const char *name, struct rs_err *err)
{
	RS_AUTO_STR *self = realpath("/proc/self/exe", NULL);
	char *slash = self != NULL ? strrchr(self, '/') : NULL;
	RS_AUTO_STR *beside = NULL, *installed = NULL;

	if (slash == NULL) {
		(void)rs_err_set(err, RS_ERR_MACHINE, "cannot find where this program lies: mount /proc");
		return NULL;
	}
	*slash = '\0';
	beside = rs_asprintf(err, "%s/%s", self, name);
	installed = rs_asprintf(err, "%s/../libexec/restudy/%s", self, name);
	if (beside == NULL || installed == NULL)
		return NULL;
	if (access(beside, X_OK) == 0)
		return RS_STEAL(&beside);
	if (access(installed, X_OK) == 0)
		return realpath(installed, NULL);
	(void)rs_err_set(err, RS_ERR_MACHINE, "\"%s\" is not beside \"restudy\": build or install it again",
			 name);
	return NULL;
}

int rs_cli_accel(const char *text, enum rs_accel *ret, struct rs_err *err)
{
	static const char *const name[] = { [RS_ACCEL_AUTO] = "auto", [RS_ACCEL_KVM] = "kvm",
					    [RS_ACCEL_TCG] = "tcg" };

	*ret = RS_ACCEL_AUTO;
	for (int i = 0; i < RS_ACCEL_LAST; i++)
		if (text == NULL || strcmp(text, name[i]) == 0) {
			*ret = (enum rs_accel)i;
			return 0;
		}
	return rs_err_set(err, RS_ERR_USAGE, "--accel \"%.20s\": must be auto, kvm or tcg", text);
}

/* A bag is an archive file, or a folder with bagit.txt. */
int rs_cli_find_run(const char *path, struct rs_cli_run *run, struct rs_err *err)
{
	RS_AUTO_STR *mark = rs_path_join(path, "bagit.txt", err);
	struct stat st;

	if (mark == NULL)
		return -1;
	if (stat(path, &st) != 0)
		return rs_err_sys(err, RS_ERR_USAGE, errno, "cannot open \"%s\"", path);
	if (access(path, S_ISDIR(st.st_mode) ? R_OK | X_OK : R_OK) != 0)
		return rs_err_sys(err, RS_ERR_USAGE, errno, "cannot read \"%s\"", path);
	if (S_ISDIR(st.st_mode) && !rs_path_exists(mark)) {
		run->folder = rs_strdup(path, err);
		return run->folder != NULL ? 0 : -1;
	}
	run->bag = rs_archive_open(path, NULL, err);
	if (run->bag == NULL)
		return -1;
	run->folder = rs_strdup(rs_bag_folder(run->bag), err);
	return run->folder != NULL ? 0 : -1;
}

int rs_cli_read_run(const char *path, struct rs_cli_run *run, struct rs_err *err)
{
	RS_AUTO_STR *plan_path = rs_path_join(run->folder, "plan.xml", err);
	RS_AUTO_STR *db = rs_path_join(run->folder, "run.db", err);
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;

	if (plan_path == NULL || db == NULL)
		return -1;
	if (!rs_path_exists(db))
		return rs_err_set(err, RS_ERR_USAGE, "\"%s\" is no run folder: it has no run.db", path);
	run->plan = rs_plan_load(plan_path, &diags, err);
	run->store = run->plan != NULL ? rs_store_open_readonly(db, err) : NULL;
	return run->store != NULL ? 0 : rs_err_wrap(err, "run \"%s\"", path);
}

int rs_cli_open_run(const char *path, struct rs_cli_run *run, struct rs_err *err)
{
	return rs_cli_find_run(path, run, err) < 0 ? -1 : rs_cli_read_run(path, run, err);
}

void rs_cli_run_release(struct rs_cli_run *run)
{
	rs_store_close(run->store);
	rs_plan_free(run->plan);
	free(run->folder);
	rs_bag_close(run->bag);
	*run = (struct rs_cli_run){ .folder = NULL };
}

/* The language that the report in a folder is in, "" when there is none. */
static int report_language(const char *folder, char language[3], struct rs_err *err)
{
	static const char mark[] = "<html lang=\"";
	RS_AUTO_STR *path = rs_path_join(folder, "report.html", err);
	RS_AUTO_FILE *f = path != NULL ? fopen(path, "rbe") : NULL;
	char head[200] = "";
	const char *at;

	language[0] = '\0';
	if (path == NULL)
		return -1;
	if (f == NULL || fread(head, 1, sizeof(head) - 1, f) == 0 || (at = strstr(head, mark)) == NULL)
		return 0;
	at += strlen(mark);
	if (strcspn(at, "\"") != 2)
		return 0;
	memcpy(language, at, 2);
	language[2] = '\0';
	if (rs_cli_language(language, NULL) < 0)
		language[0] = '\0';
	return 0;
}

int rs_cli_report_form(const char *folder, struct rs_cli_form *ret, struct rs_err *err)
{
	RS_AUTO_STR *own = rs_path_join(folder, RS_REPORT_TEMPLATE, err);

	if (own == NULL || report_language(folder, ret->language, err) < 0)
		return -1;
	if (rs_path_exists(own))
		ret->template_path = RS_STEAL(&own);
	return 0;
}

void rs_cli_form_release(struct rs_cli_form *form)
{
	free(form->template_path);
}

void rs_cli_form_options(const struct rs_cli_form *form, struct rs_report_options *o)
{
	if (o->language == NULL && form->language[0] != '\0')
		o->language = form->language;
	if (o->template_path == NULL)
		o->template_path = form->template_path;
}

int rs_cli_language(const char *text, struct rs_err *err)
{
	if (text == NULL || strcmp(text, "en") == 0 || strcmp(text, "de") == 0)
		return 0;
	return rs_err_set(err, RS_ERR_USAGE, "there is no language \"%.40s\"; name one of en de", text);
}
