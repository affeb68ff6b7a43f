/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report of a run: analysis, figures, document, files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "content_priv.h"
#include "emit_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/report.h"

#define MOST_BYTES ((size_t)16 * 1024 * 1024)

static void free_ready(struct rs_content *c)
{
	for (size_t i = 0; c->ready != NULL && i < c->a->plan->n_exhibits; i++)
		rs_figure_free(c->ready[i].figure);
	free(c->ready);
	c->ready = NULL;
}

/* The values of every exhibit, and its drawing. */
static int make_exhibits(struct rs_content *c, struct rs_err *err)
{
	const struct rs_plan *plan = c->a->plan;

	c->ready = rs_alloc(plan->n_exhibits + 1, sizeof(*c->ready), err);
	if (c->ready == NULL)
		return -1;
	for (size_t i = 0; i < plan->n_exhibits; i++) {
		const struct rs_exhibit *e = &plan->exhibits[i];

		if (!rs_path_is_plain_name(e->id))
			return rs_err_set(err, RS_ERR_PLAN, "exhibit \"%.60s\": its id names a file, "
					  "so it must be of letters, digits, '.', '_', '-'", e->id);
		if (rs_grid_make(c->a, e, c->l, &c->ready[i].grid, err) < 0)
			return -1;
		if (e->kind == RS_EXHIBIT_FIGURE && rs_picture_make(c, e, &c->ready[i], err) < 0)
			return -1;
	}
	return 0;
}

/* The plan's own text, for the appendix; a plan that is gone is left out. */
static int read_plan_text(struct rs_content *c, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	const char *file = c->a->plan->file;

	if (file == NULL || !rs_path_exists(file))
		return 0;
	if (rs_path_read(file, MOST_BYTES, &text, err) < 0)
		return rs_err_wrap(err, "plan in the appendix");
	c->plan_text = rs_arena_strn(&c->d->arena, rs_buf_str(&text), text.len);
	return rs_arena_check(&c->d->arena, err);
}

static int add_title_fact(struct rs_content *c, const char **facts, size_t *n, enum rs_word word,
			  const char *key, struct rs_err *err)
{
	const char *text;

	if (rs_analysis_fact(c->a, key, &text, err) < 0)
		return -1;
	if (text == NULL || text[0] == '\0')
		return 0;
	facts[(*n)++] = rs_report_word(c->l, word);
	facts[(*n)++] = text;
	return 0;
}

static int set_meta(struct rs_content *c, struct rs_err *err)
{
	struct rs_document *d = c->d;
	const char **facts = rs_arena_new(&d->arena, 16, sizeof(*facts));
	const char *accel;
	char date[40];
	size_t n = 0;

	if (facts == NULL)
		return rs_err_nomem(err);
	d->language = rs_language_tag(c->l);
	d->epoch_s = c->a->epoch_s;
	(void)rs_clock_utc(date, sizeof(date), d->epoch_s);
	date[strcspn(date, "T")] = '\0';
	d->date = rs_arena_str(&d->arena, date);
	d->title = c->a->plan->title == NULL ? c->a->plan->id : c->a->plan->title;
	d->generator = rs_arena_printf(&d->arena, "Restudy %s", c->program_version);
	d->subject = c->a->plan->citation.title;
	facts[n++] = rs_report_word(c->l, RS_WORD_DATE);
	facts[n++] = d->date;
	if (rs_analysis_fact(c->a, "accel", &accel, err) < 0 ||
	    add_title_fact(c, facts, &n, RS_WORD_TESTBED, "testbed", err) < 0)
		return -1;
	if (accel != NULL && accel[0] != '\0' && n > 2)
		facts[n - 1] = rs_arena_printf(&d->arena, "%s, %s", facts[n - 1], accel);
	if (add_title_fact(c, facts, &n, RS_WORD_PROFILE, "profile", err) < 0 ||
	    add_title_fact(c, facts, &n, RS_WORD_SEED, "seed", err) < 0 ||
	    add_title_fact(c, facts, &n, RS_WORD_VERSION, "version", err) < 0)
		return -1;
	d->facts = facts;
	return rs_arena_check(&d->arena, err);
}

static int write_file(const char *folder, const char *name, const struct rs_buf *bytes,
		      struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(folder, name, err);

	if (path == NULL || rs_buf_check(bytes, err) < 0)
		return -1;
	return rs_path_write(path, rs_buf_str(bytes), bytes->len, err);
}

static int make_folder(const char *out, const char *name, char **ret, struct rs_err *err)
{
	*ret = rs_path_join(out, name, err);
	if (*ret == NULL)
		return -1;
	return rs_path_mkdirs(*ret, err);
}

static int write_figure(const struct rs_ready *r, const char *id, const char *folder,
			struct rs_err *err)
{
	static const char *const endings[] = {
		[RS_FORMAT_SVG] = "svg", [RS_FORMAT_PDF] = "pdf", [RS_FORMAT_PNG] = "png",
	};
	_Static_assert(RS_COUNT(endings) == RS_FORMAT_LAST, "every format has its ending");

	for (int f = 0; f < RS_FORMAT_LAST; f++) {
		RS_AUTO_BUF bytes = RS_BUF_INIT;
		RS_AUTO_STR *name = rs_asprintf(err, "%s.%s", id, endings[f]);

		if (name == NULL ||
		    rs_figure_write(r->figure, (enum rs_format)f, &bytes, err) < 0 ||
		    write_file(folder, name, &bytes, err) < 0)
			return -1;
	}
	return 0;
}

typedef void block_fn(const struct rs_document *d, const struct rs_node *n, struct rs_buf *out);

static int write_block(const struct rs_document *d, const struct rs_node *n, const char *folder,
		       const char *id, const char *ending, block_fn *emit, struct rs_err *err)
{
	RS_AUTO_BUF bytes = RS_BUF_INIT;
	RS_AUTO_STR *name = rs_asprintf(err, "%s.%s", id, ending);

	if (name == NULL)
		return -1;
	emit(d, n, &bytes);
	return write_file(folder, name, &bytes, err);
}

/* The table of an exhibit as files of its own, whether the template shows it or not. */
static int write_table(struct rs_content *c, const struct rs_ready *r, const char *folder,
		       struct rs_err *err)
{
	const struct rs_exhibit *e = r->grid.exhibit;
	struct rs_node *parent = rs_node_detached(c->d, RS_NODE_SECTION);
	struct rs_node *n = rs_exhibit_table(c, &r->grid, e->id, rs_exhibit_label(c, e),
					     e->caption, parent);
	RS_AUTO_BUF csv = RS_BUF_INIT;
	RS_AUTO_STR *name = rs_asprintf(err, "%s.csv", e->id);

	if (name == NULL || rs_arena_check(&c->d->arena, err) < 0 || n == NULL)
		return -1;
	rs_exhibit_csv(&r->grid, &csv);
	if (write_file(folder, name, &csv, err) < 0 ||
	    write_block(c->d, n, folder, e->id, "html", rs_emit_html_block, err) < 0 ||
	    write_block(c->d, n, folder, e->id, "tex", rs_emit_tex_block, err) < 0)
		return -1;
	return write_block(c->d, n, folder, e->id, "md", rs_emit_md_block, err);
}

static int write_exhibits(struct rs_content *c, const char *out, struct rs_err *err)
{
	RS_AUTO_STR *figures = NULL, *tables = NULL;

	if (make_folder(out, "figures", &figures, err) < 0 ||
	    make_folder(out, "tables", &tables, err) < 0)
		return -1;
	for (size_t i = 0; i < c->a->plan->n_exhibits; i++) {
		const struct rs_ready *r = &c->ready[i];

		if (r->figure != NULL &&
		    write_figure(r, c->a->plan->exhibits[i].id, figures, err) < 0)
			return -1;
		if (r->grid.n_rows != 0 && write_table(c, r, tables, err) < 0)
			return -1;
	}
	return 0;
}

static int read_data(const char *rel, struct rs_buf *out, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_data(rel, err);

	if (path == NULL)
		return -1;
	return rs_path_read(path, MOST_BYTES, out, err);
}

static int write_documents(const struct rs_document *d, const char *out, struct rs_err *err)
{
	RS_AUTO_BUF css = RS_BUF_INIT, preamble = RS_BUF_INIT;
	RS_AUTO_BUF html = RS_BUF_INIT, tex = RS_BUF_INIT, md = RS_BUF_INIT, pdf = RS_BUF_INIT;

	if (read_data("templates/report.css", &css, err) < 0 ||
	    read_data("templates/report.tex", &preamble, err) < 0)
		return -1;
	if (rs_emit_html(d, rs_buf_str(&css), &html, err) < 0 ||
	    write_file(out, "report.html", &html, err) < 0 ||
	    rs_emit_tex(d, rs_buf_str(&preamble), &tex, err) < 0 ||
	    write_file(out, "report.tex", &tex, err) < 0 ||
	    rs_emit_md(d, &md, err) < 0 || write_file(out, "report.md", &md, err) < 0 ||
	    rs_emit_pdf(d, &pdf, err) < 0)
		return -1;
	return write_file(out, "report.pdf", &pdf, err);
}

/* template: what the document was made by. */
static int make_document(struct rs_content *c, const struct rs_report_options *o,
			 struct rs_buf *template, struct rs_err *err)
{
	RS_AUTO_STR *path = NULL;

	if (set_meta(c, err) < 0 || read_plan_text(c, err) < 0 || make_exhibits(c, err) < 0 ||
	    rs_claims_judge(c->a, &c->judged, err) < 0)
		return -1;
	path = o->template_path != NULL
		       ? rs_strdup(o->template_path, err)
		       : rs_path_data(c->l == RS_LANGUAGE_DE ? "templates/report.de.xml"
							     : "templates/report.xml", err);
	if (path == NULL)
		return -1;
	return rs_template_expand(c, path, template, err);
}

/* Keeps a document of one's own, so that the report can be made again from the folder alone. */
static int keep_template(const struct rs_report_options *o, const struct rs_buf *template,
			 struct rs_err *err)
{
	RS_AUTO_STR *path = NULL;

	if (o->template_path != NULL)
		return write_file(o->out, RS_REPORT_TEMPLATE, template, err);
	path = rs_path_join(o->out, RS_REPORT_TEMPLATE, err);
	if (path == NULL)
		return -1;
	if (unlink(path) != 0 && errno != ENOENT)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot remove \"%s\", which this report is not of", path);
	return 0;
}

int rs_report_write(const struct rs_plan *plan, struct rs_store *store,
		    const struct rs_report_options *o, struct rs_err *err)
{
	RS_AUTO_ANALYSIS a = RS_ANALYSIS_INIT;
	RS_AUTO_DOCUMENT d = RS_DOCUMENT_INIT;
	RS_AUTO_BUF template = RS_BUF_INIT;
	struct rs_content c = {
		.a = &a, .d = &d,
		.l = rs_language_of(o->language != NULL ? o->language : plan->language),
		.program_version = o->program_version == NULL ? "" : o->program_version,
	};
	int status;

	a.l = c.l;
	if (rs_analysis_load(&a, plan, store, err) < 0 || rs_path_mkdirs(o->out, err) < 0)
		return -1;
	status = make_document(&c, o, &template, err);
	if (status == 0)
		status = write_exhibits(&c, o->out, err);
	if (status == 0)
		status = write_documents(&d, o->out, err);
	if (status == 0)
		status = keep_template(o, &template, err);
	free_ready(&c);
	return status < 0 ? rs_err_wrap(err, "report") : 0;
}
