/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a template can ask for: values by name, conditions by name, generated tables by
 * name, exhibits by id.  Each name stands once, in the table of its file.
 */
#ifndef RESTUDY_REPORT_CONTENT_PRIV_H
#define RESTUDY_REPORT_CONTENT_PRIV_H

#include "claims_priv.h"
#include "document_priv.h"
#include "exhibit_priv.h"
#include "restudy/chart.h"
#include "words_priv.h"

/* One exhibit of the plan, ready to be placed. */
struct rs_ready {
	struct rs_grid grid;
	struct rs_figure *figure;	/* figures; owned */
	struct rs_picture *picture;	/* in the document's arena */
	int placed;
};

struct rs_content {
	struct rs_analysis *a;
	struct rs_document *d;
	enum rs_language l;
	struct rs_ready *ready;		/* one for each exhibit of the plan */
	struct rs_judged *judged;	/* one for each claim */
	const char *plan_text;		/* the plan's file, or NULL */
	const char *program_version;
	/* what a loop of the template is at, or NULL */
	const struct rs_system *system;
	const struct rs_benchmark *benchmark;
	const struct rs_judged *claim;
};

/* values.c: appends the value; 0, 1 when there is no such name, -1 with err. */
int rs_value_put(struct rs_content *c, const char *name, struct rs_buf *out, struct rs_err *err)
	RS_MUST_CHECK;
/* 1 or 0; -1 with err; 2: there is no such condition. */
int rs_condition(struct rs_content *c, const char *name, struct rs_err *err) RS_MUST_CHECK;
/* All names, separated by blanks: for messages. */
void rs_value_names(struct rs_buf *out);
void rs_condition_names(struct rs_buf *out);

/* tables.c, tables_*.c: puts a generated table below parent; nothing when it would be
 * empty.  0; 1: no such name; -1 with err. */
int rs_content_table(struct rs_content *c, const char *name, struct rs_node *parent,
		     struct rs_err *err) RS_MUST_CHECK;
void rs_content_table_names(struct rs_buf *out);

/* tables.c: what was found for a claim and its bound, with their unit. */
const char *rs_found_text(struct rs_content *c, const struct rs_judged *j);
const char *rs_bound_text(struct rs_content *c, const struct rs_claim *claim);

/* tables.c: how a verdict is coloured. */
enum rs_tone rs_verdict_tone(enum rs_verdict v);

/* tables.c: the row of a table's head, n words. */
void rs_table_head(struct rs_content *c, struct rs_node *table, const enum rs_word *words, size_t n);

typedef int rs_table_fn(struct rs_content *c, struct rs_node *parent, struct rs_err *err);
rs_table_fn rs_table_configuration, rs_table_effort;	/* tables_setup.c */
rs_table_fn rs_table_phases, rs_table_environment, rs_table_cells, rs_table_notes,
	rs_table_deviations, rs_table_images, rs_table_provenance, rs_table_libraries,
	rs_table_unrest, rs_table_audit;

/* Whether anything disturbed the run: 1, 0, or -1 with err. */
int rs_content_unrest(struct rs_content *c, struct rs_err *err) RS_MUST_CHECK;

/* place.c: puts an exhibit below parent. */
int rs_content_exhibit(struct rs_content *c, size_t exhibit, struct rs_node *parent,
		       struct rs_err *err) RS_MUST_CHECK;
/* reading.c: a paragraph that names the exhibit and says which of its values lie below or
 * above the baseline with their whole interval; nothing for exhibits without numbers. */
void rs_content_reading(struct rs_content *c, size_t exhibit, struct rs_node *parent);
/* "Figure 3.2" of an exhibit, in d's arena. */
const char *rs_exhibit_label(struct rs_content *c, const struct rs_exhibit *e);
/* The measured table of an exhibit; for figures the numbers behind the bars. */
struct rs_node *rs_exhibit_table(struct rs_content *c, const struct rs_grid *g, const char *id,
				 const char *label, const char *caption, struct rs_node *parent);
/* tables_load.c: below the table of a load test, each guest and all together, with Little's law. */
int rs_load_table(struct rs_content *c, const struct rs_grid *g, const char *label,
		  struct rs_node *parent, struct rs_err *err) RS_MUST_CHECK;
/* The same as CSV: one line for each slot. */
void rs_exhibit_csv(const struct rs_grid *g, struct rs_buf *out);

/* picture.c: how a figure looks: as the plan wants it; what it does not say is as the report's
 * own text is. */
struct rs_look rs_look_of(const struct rs_appearance *a, int64_t epoch_s, enum rs_language l);
/* The number of trials behind a figure's bars: "5", "3 to 5"; 0 when there is no bar. */
int rs_grid_trials(const struct rs_grid *g, enum rs_language l, char *buf, size_t size);
/* What a figure says below itself: what is drawn, then which systems have a substitute, how many
 * trials were disturbed, that the machine was emulated.  In the document's arena. */
const char *rs_picture_note(struct rs_content *c, const struct rs_grid *g, const char *drawn);
/* picture_seconds.c: from trials to the seconds in them. */
int rs_picture_seconds(struct rs_content *c, const struct rs_grid *g, struct rs_chart *chart,
		       struct rs_err *err) RS_MUST_CHECK;
/* Lays a figure out. */
int rs_picture_make(struct rs_content *c, const struct rs_exhibit *e, struct rs_ready *r,
		    struct rs_err *err) RS_MUST_CHECK;

/* template.c: reads a template into text and builds the document of it. */
int rs_template_expand(struct rs_content *c, const char *path, struct rs_buf *text, struct rs_err *err)
	RS_MUST_CHECK;

#endif
