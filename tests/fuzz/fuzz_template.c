/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as the template of a report: refused with a reason, or a document that every
 * output can write, HTML that libxml2 reads among them.
 */
#include <string.h>
#include <unistd.h>

#include "../../src/report/content_priv.h"
#include "../../src/report/emit_priv.h"
#include "fuzz_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/plan.h"

static const char plan_text[] =
	"<plan xmlns='urn:restudy:plan:1'><study id='s' title='A &lt; study'/>"
	"<image id='i' title='I' distribution='Debian' release='bookworm' builder='mmdebstrap'/>"
	"<system id='host' title='Host' platform='host' image='i' baseline='yes'/>"
	"<benchmark id='k' title='K' adapter='kernels' tests='pipe' duration='1s' trials='3'/>"
	"<table id='t' number='1' caption='T' benchmark='k' value='absolute'>"
	"<row metric='pipe' label='Pipe'/></table></plan>";

/* A run of the plan that has not begun. */
static struct rs_store *make_store(const char *path)
{
	struct rs_cell cell = { "host", "k", 0, 1 };
	RS_AUTO_STORE *s = rs_store_create(path, NULL);

	must(s != NULL && rs_store_plan_cells(s, &cell, 1, NULL) == 0 &&
	     rs_store_set_fact(s, "testbed.description", "a \x1b[2J <b> \\today machine", NULL) == 0);
	return RS_STEAL(&s);
}

static void emit(const struct rs_document *d)
{
	RS_AUTO_BUF html = RS_BUF_INIT, tex = RS_BUF_INIT, md = RS_BUF_INIT, tree = RS_BUF_INIT;

	must(rs_emit_html(d, "", &html, NULL) == 0 && rs_emit_tex(d, "", &tex, NULL) == 0 &&
	     rs_emit_md(d, &md, NULL) == 0 && rs_emit_tree(d, &tree, NULL) == 0);
	must(memchr(html.data, '\x1b', html.len) == NULL && memchr(md.data, '\x1b', md.len) == NULL);
	must(memchr(tex.data, '\x1b', tex.len) == NULL);
}

static void expand(struct rs_analysis *a, const char *path)
{
	RS_AUTO_DOCUMENT d = RS_DOCUMENT_INIT;
	struct rs_ready ready[2] = { { .placed = 0 } };
	static const char *const facts[] = { NULL };
	struct rs_content c = { .a = a, .d = &d, .l = RS_LANGUAGE_EN, .ready = ready,
				.plan_text = plan_text, .program_version = "0" };
	RS_AUTO_BUF text = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;
	int rc;

	d.language = "en";
	d.date = d.title = d.generator = "x";
	d.facts = facts;
	must(rs_grid_make(a, &a->plan->exhibits[0], c.l, &ready[0].grid, NULL) == 0 &&
	     rs_claims_judge(a, &c.judged, NULL) == 0);
	rc = rs_template_expand(&c, path, &text, &err);
	must_tell(rc, &err);
	if (rc == 0)
		emit(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char jail[200];

	fuzz_jail(jail);
	{
		RS_AUTO_STR *db = rs_path_join(jail, "run.db", NULL);
		RS_AUTO_STR *path = rs_path_join(jail, "template.xml", NULL);
		RS_AUTO_STORE *s = make_store(db);
		RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
		RS_AUTO_PLAN *plan = rs_plan_load_bytes("plan.xml", plan_text, sizeof(plan_text) - 1, &diags, NULL);
		RS_AUTO_ANALYSIS a = RS_ANALYSIS_INIT;

		must(path != NULL && plan != NULL && rs_analysis_load(&a, plan, s, NULL) == 0);
		fuzz_write(path, data, size);
		expand(&a, path);
	}
	must(rs_path_remove_tree(jail, NULL) == 0);
	return 0;
}
