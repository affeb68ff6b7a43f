/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of a comparison share: its pairs, their ratios and their differences. */
#ifndef RESTUDY_REPORT_COMPARE_PRIV_H
#define RESTUDY_REPORT_COMPARE_PRIV_H

#include "analysis_priv.h"
#include "restudy/report/compare.h"

#define RS_COMPARED_MOST 16	/* runs; each has a letter */

/* What a ratio says, by its interval after Holm's correction over its table. */
enum rs_contrast_verdict {
	RS_CONTRAST_LARGER,	/* than in the reference */
	RS_CONTRAST_SMALLER,
	RS_CONTRAST_OPEN,	/* no difference shown */
	RS_CONTRAST_NO_INTERVAL,
	RS_CONTRAST_NOT_COMPARED,
	RS_CONTRAST_LAST
};

/* One metric of one system in a pair. */
struct rs_contrast {
	const struct rs_benchmark *benchmark;
	const struct rs_system *system;
	struct rs_metric metric;	/* texts borrowed */
	int guests;
	const char *unit;		/* "" for what is relative to the baseline */
	struct rs_estimate a, b;	/* reference and other; point NaN: none */
	const char *printed;		/* reference: as published, else NULL */
	struct rs_estimate ratio;	/* b / a */
	double p, holm;			/* NaN: none */
	enum rs_contrast_verdict verdict;
	const char *why;		/* when not compared; else NULL */
};

struct rs_contrasts {
	struct rs_contrast *v;
	size_t n, family;	/* family: how many p values Holm's correction is over */
};

/* Something told of both runs that is not the same; NULL: there is none in this one. */
struct rs_difference {
	const char *what;	/* "fact", "environment", "plan" */
	const char *place, *a, *b;
};

struct rs_compared_side {
	const struct rs_compared *run;
	struct rs_analysis analysis;
	char letter[2];
	const char *told;	/* study, date, testbed, emulation: one line */
	const char *substitutes;	/* "openvz by lxc", or NULL */
	const char *accelerated;	/* "emulated (TCG)", "virtual (KVM)", "a real machine" */
};

struct rs_compared_pair {
	struct rs_compared_side *a, *b;	/* a: reference; NULL: the published numbers */
	const char *published;			/* their source, when a is NULL */
	struct rs_contrasts absolute, relative;	/* relative: each divided by its own baseline */
	struct rs_difference *differences;
	size_t n_differences;
	size_t same;		/* places told by both that are the same */
	const char *warning;	/* why ratios speak of machines, or NULL */
};

struct rs_comparison {
	struct rs_arena arena;
	struct rs_compared_side sides[RS_COMPARED_MOST];
	size_t n_sides;
	struct rs_compared_pair *pairs;
	size_t n_pairs;
	const char *program_version;
	enum rs_language l;	/* of page and figures; the rest speaks as the program does */
};

/* compare_values.c: the ratios of a pair. */
int rs_contrasts_of_runs(struct rs_comparison *c, struct rs_compared_pair *p, struct rs_err *err)
	RS_MUST_CHECK;
int rs_contrasts_of_published(struct rs_comparison *c, struct rs_compared_pair *p,
			      struct rs_err *err) RS_MUST_CHECK;

/* compare_differences.c: tells a side's machine; what differs between two. */
int rs_side_describe(struct rs_comparison *c, struct rs_compared_side *s, struct rs_err *err)
	RS_MUST_CHECK;
int rs_differences_find(struct rs_comparison *c, struct rs_compared_pair *p, struct rs_err *err)
	RS_MUST_CHECK;

/* compare_text.c, compare_page.c */
void rs_comparison_text(const struct rs_comparison *c, struct rs_buf *out);
void rs_comparison_csv(const struct rs_comparison *c, struct rs_buf *out);
void rs_differences_csv(const struct rs_comparison *c, struct rs_buf *out);
int rs_comparison_json(const struct rs_comparison *c, struct rs_buf *out, struct rs_err *err)
	RS_MUST_CHECK;
int rs_comparison_html(const struct rs_comparison *c, struct rs_buf *out, struct rs_err *err)
	RS_MUST_CHECK;
int rs_comparison_figures(const struct rs_comparison *c, const char *folder, struct rs_err *err)
	RS_MUST_CHECK;

/* "larger: better", "no difference shown", ...: in the sense of the metric; static. */
const char *rs_contrast_word(const struct rs_contrast *r);
/* What a pair's table of ratios, absolute or relative, is called; static. */
const char *rs_contrasts_title(int relative);
/* A point or an end of the ratio's interval with the digits it deserves; returns buf. */
char *rs_ratio_text(char *buf, size_t size, enum rs_language l, const struct rs_contrast *r,
		    double v);
/* "0.031", "< 0.0001"; returns buf. */
char *rs_p_text(char *buf, size_t size, enum rs_language l, double p);
/* "B / A" or "A / published". */
const char *rs_pair_title(struct rs_arena *arena, const struct rs_compared_pair *p);
/* "Xen (3 guests)". */
const char *rs_contrast_system(struct rs_arena *arena, const struct rs_contrast *r);
/* What the columns "reference" and "other" hold: a letter, or "published". */
const char *rs_pair_reference(const struct rs_compared_pair *p);

#endif
