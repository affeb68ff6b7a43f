/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading a plan: the three passes in their order, and what their outcome means. */
#include "restudy/plan.h"

#include <stdio.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#include "plan_priv.h"

#define AUTO_READER __attribute__((cleanup(rs_reader_release))) struct rs_reader

static void free_tree(xmlDoc **doc)
{
	if (*doc != NULL)
		xmlFreeDoc(*doc);
}

/* The first error in one line, and how many more there are. */
static void set_plan_error(const char *name, const struct rs_diagnostics *diags,
			   struct rs_err *err)
{
	const struct rs_diagnostic *first = NULL;
	size_t errors = 0;
	char more[40] = "";

	for (size_t i = 0; i < diags->n; i++) {
		if (diags->d[i].level != RS_LEVEL_ERROR)
			continue;
		if (errors++ == 0)
			first = &diags->d[i];
	}
	if (first == NULL)
		return;
	if (errors > 1)
		snprintf(more, sizeof(more), " (and %zu more)", errors - 1);
	rs_err_set(err, RS_ERR_PLAN, "%s:%d: %s%s", first->file != NULL ? first->file : name,
		   first->line, first->text, more);
}

static struct rs_plan *read_plan(struct rs_reader *r, const char *name, const void *bytes,
				 size_t n)
{
	__attribute__((cleanup(free_tree))) xmlDoc *doc = rs_xml_read(r, NULL, bytes, n);
	RS_AUTO_PLAN *plan = NULL;

	if (doc == NULL)
		return NULL;
	plan = rs_alloc(1, sizeof(*plan), r->err);
	if (plan == NULL)
		return NULL;
	plan->file = rs_strdup(name, r->err);
	if (plan->file == NULL || rs_plan_parse(r, xmlDocGetRootElement(doc), plan) < 0 ||
	    rs_plan_complete(plan, r->err) < 0)
		return NULL;
	/* A tree without its shape gives no sensible judgement beyond it. */
	if (plan->n_systems > 0 || plan->n_benchmarks > 0)
		rs_plan_validate(r, plan);
	if (rs_reader_is_full(r))
		rs_diagnostics_add(r->diags, RS_LEVEL_NOTE, NULL, 0, 0, NULL,
				   "there are more problems; mend these first");
	rs_plan_settle(r, plan);
	return RS_STEAL(&plan);
}

static struct rs_plan *load(const char *folder, const char *name, const void *bytes, size_t n,
			    struct rs_diagnostics *diags, struct rs_err *err)
{
	struct rs_err own = RS_ERR_INIT;
	AUTO_READER r = { .folder = folder, .diags = diags, .err = &own };
	RS_AUTO_PLAN *plan = read_plan(&r, name, bytes, n);

	if (own.kind == RS_ERR_NONE && diags->refused)
		rs_err_nomem(&own);
	if (own.kind != RS_ERR_NONE) {
		rs_err_set(err, own.kind, "%s: %s", name, own.text);
		return NULL;
	}
	if (rs_diagnostics_worst(diags) == RS_LEVEL_ERROR) {
		set_plan_error(name, diags, err);
		return NULL;
	}
	if (plan == NULL)
		rs_err_set(err, RS_ERR_INTERNAL, "%s: was refused without a reason", name);
	return RS_STEAL(&plan);
}

struct rs_plan *rs_plan_load_bytes(const char *name, const void *bytes, size_t n,
				   struct rs_diagnostics *diags, struct rs_err *err)
{
	return load(NULL, name, bytes, n, diags, err);
}

struct rs_plan *rs_plan_load(const char *path, struct rs_diagnostics *diags, struct rs_err *err)
{
	RS_AUTO_BUF b = RS_BUF_INIT;
	RS_AUTO_STR *folder = NULL;
	struct rs_err own = RS_ERR_INIT;
	size_t n = strlen(path) - strlen(rs_path_base(path));

	if (rs_path_read(path, RS_PLAN_MAX_BYTES, &b, &own) < 0) {
		/* A plan that cannot be read is a mistake in what was asked for. */
		rs_err_set(err, own.kind == RS_ERR_FAILED ? RS_ERR_PLAN : own.kind, "%s", own.text);
		return NULL;
	}
	folder = n > 0 ? rs_strndup(path, n, err) : rs_strdup(".", err);
	if (folder == NULL)
		return NULL;
	return load(folder, path, rs_buf_str(&b), b.len, diags, err);
}
