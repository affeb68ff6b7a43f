/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading a plan: the three passes in their order, and what their outcome means. */
#include "restudy/plan.h"

#include <stdio.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#include "plan_priv.h"

#define AUTO_READER __attribute__((cleanup(rs_reader_release))) struct rs_reader

/* The first error in one line, and how many more there are. */
static void set_plan_error(const char *name, const struct rs_diagnostics *diags,
			   struct rs_err *err)
{
	const struct rs_diagnostic *first = NULL;
	size_t errors = 0;
	char line[24] = "", more[40] = "";

	for (size_t i = 0; i < diags->n; i++) {
		if (diags->d[i].level != RS_LEVEL_ERROR)
			continue;
		if (errors++ == 0)
			first = &diags->d[i];
	}
	if (first == NULL)
		return;
	if (errors > 1)
		(void)snprintf(more, sizeof(more), " (and %zu more)", errors - 1);
	if (first->line > 0)
		(void)snprintf(line, sizeof(line), ":%d", first->line);
	rs_err_set(err, RS_ERR_PLAN, "%s%s: %s%s", first->file != NULL ? first->file : name, line,
		   first->text, more);
}

static struct rs_plan *read_plan(struct rs_reader *r, const char *name, const void *bytes,
				 size_t n)
{
	RS_AUTO_XML *doc = rs_xml_read(r, bytes, n);
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

/* The bytes of a plan's file, and the folder it lies in. */
static int read_file(const char *path, struct rs_buf *bytes, char **ret_folder, struct rs_err *err)
{
	const size_t n = strlen(path) - strlen(rs_path_base(path));
	struct rs_err own = RS_ERR_INIT;

	/* A plan that cannot be read is a mistake in what was asked for. */
	if (rs_path_read(path, RS_PLAN_MAX_BYTES, bytes, &own) < 0)
		return rs_err_set(err, own.kind == RS_ERR_FAILED ? RS_ERR_PLAN : own.kind, "%s", own.text);
	*ret_folder = n > 0 ? rs_strndup(path, n, err) : rs_strdup(".", err);
	return *ret_folder != NULL ? 0 : -1;
}

/* The tree with its includes in place, as text. */
static int add_tree(xmlDoc *doc, struct rs_buf *out, struct rs_err *err)
{
	xmlChar *text = NULL;
	int n = 0;

	xmlDocDumpMemoryEnc(doc, &text, &n, "UTF-8");
	if (text == NULL)
		return rs_err_nomem(err);
	rs_buf_add(out, text, (size_t)n);
	xmlFree(text);
	return rs_buf_check(out, err);
}

int rs_plan_whole(const char *path, struct rs_buf *out, struct rs_err *err)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_STR *folder = NULL;
	RS_AUTO_BUF bytes = RS_BUF_INIT;
	struct rs_err own = RS_ERR_INIT;
	AUTO_READER r = { .diags = &diags, .err = &own };
	RS_AUTO_XML *doc = NULL;

	if (read_file(path, &bytes, &folder, err) < 0)
		return -1;
	r.folder = folder;
	doc = rs_xml_read(&r, rs_buf_str(&bytes), bytes.len);
	if (doc == NULL) {
		if (own.kind != RS_ERR_NONE)
			return rs_err_set(err, own.kind, "%s: %s", path, own.text);
		set_plan_error(path, &diags, err);
		return rs_err_set(err, RS_ERR_MEMORY, "out of memory");
	}
	if (r.n_sources > 1)
		return add_tree(doc, out, err);
	rs_buf_add(out, bytes.data, bytes.len);
	return rs_buf_check(out, err);
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

	if (read_file(path, &b, &folder, err) < 0)
		return NULL;
	return load(folder, path, rs_buf_str(&b), b.len, diags, err);
}
