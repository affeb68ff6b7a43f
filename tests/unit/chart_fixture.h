/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For the tests of figures: charts to draw, and a geometry of its own to judge layouts by.
 */
#ifndef RS_TESTS_CHART_FIXTURE_H
#define RS_TESTS_CHART_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/chart/chart_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/random.h"
#include "restudy/chart.h"

#define MM 2.8346456692913384	/* points */

/* ---- charts to draw ---- */

#define MOST_SERIES	50
#define MOST_CATEGORIES 120

struct sample_chart {
	struct rs_chart chart;
	struct rs_chart_series series[MOST_SERIES];
	struct rs_point points[MOST_SERIES][MOST_CATEGORIES];
	const char *names[MOST_CATEGORIES];
	char series_names[MOST_SERIES][40];
	double samples[24];
	double x[MOST_CATEGORIES];
};

static const char *const test_names[] = {
	"Dhrystone 2 using register variables", "Double-Precision Whetstone", "Pipe Throughput",
	"Pipe-based Context Switching", "Process Creation", "Execl Throughput",
	"File Copy 1024 bufsize 2000 maxblocks", "Shell Scripts (8 concurrent)",
	"System Call Overhead",
};

static inline struct sample_chart *make_chart(enum rs_chart_kind kind, size_t n_series, size_t n_categories)
{
	struct sample_chart *t = calloc(1, sizeof(*t));
	struct rs_random r;

	assert_non_null(t);
	rs_random_seed(&r, 2006);
	for (size_t i = 0; i < RS_COUNT(t->samples); i++)
		t->samples[i] = 9 + 2 * rs_random_unit(&r);
	for (size_t k = 0; k < n_categories; k++) {
		t->names[k] = test_names[k % RS_COUNT(test_names)];
		t->x[k] = (double)(k + 1);
	}
	for (size_t s = 0; s < n_series; s++) {
		snprintf(t->series_names[s], sizeof(t->series_names[s]), s == 0 ? "host" : "system %zu", s);
		t->series[s] = (struct rs_chart_series){ t->series_names[s], t->points[s], s == 0, 0 };
		for (size_t k = 0; k < n_categories; k++) {
			double v = 10 - 3 * rs_random_unit(&r) * (double)(s > 0);

			t->points[s][k] = (struct rs_point){ v, v * 0.97, v * 1.04, t->samples,
							     RS_COUNT(t->samples), NULL };
		}
	}
	t->chart = (struct rs_chart){
		.kind = kind, .id = "fig-3.2", .title = "CPU benchmarks", .value_title = "Index",
		.note = "Mean of 24 trials; whiskers: 95 % confidence interval.",
		.categories = t->names, .n_categories = n_categories, .series = t->series,
		.n_series = n_series, .reference = 10, .reference_label = "host = 10",
		.category_x = kind == RS_CHART_GUESTS ? t->x : NULL,
	};
	return t;
}

static inline struct rs_look look_of(double width_mm)
{
	return (struct rs_look){ .epoch_s = 1163980800, .language = "en", .font = "DejaVu Sans",
				 .font_size_pt = 8, .width_pt = width_mm * MM };
}

static inline struct rs_figure *figure_of(const struct rs_chart *c, const struct rs_look *look)
{
	struct rs_err err = RS_ERR_INIT;
	struct rs_figure *f = rs_figure_new(c, look, &err);

	if (f == NULL)
		fail_msg("%s", err.text);
	return f;
}

static inline void write_figure(const struct rs_figure *f, enum rs_format format, struct rs_buf *out)
{
	struct rs_err err = RS_ERR_INIT;

	if (rs_figure_write(f, format, out, &err) < 0)
		fail_msg("%s", err.text);
}

static inline int has_text(const struct rs_figure *f, const char *part)
{
	for (size_t i = 0; i < f->scene.n_items; i++)
		if (f->scene.items[i].shape == RS_SHAPE_TEXT &&
		    strstr(pango_layout_get_text(f->scene.items[i].text), part) != NULL)
			return 1;
	return 0;
}

static inline size_t count(const struct rs_figure *f, enum rs_role role)
{
	size_t n = 0;

	for (size_t i = 0; i < f->scene.n_items; i++)
		n += f->scene.items[i].role == role;
	return n;
}

/* ---- geometry: rectangles at any angle, by the separating axis theorem ---- */

struct corners {
	double p[4][2];
};

static inline struct corners corners_of(double x, double y, double w, double h, double angle)
{
	double c = cos(angle), s = sin(angle);

	return (struct corners){ { { x, y }, { x + w * c, y + w * s },
				   { x + w * c - h * s, y + w * s + h * c }, { x - h * s, y + h * c } } };
}

static inline int separated_along(const struct corners *a, const struct corners *b, double ux, double uy)
{
	double lo[2] = { INFINITY, INFINITY }, hi[2] = { -INFINITY, -INFINITY };

	for (int k = 0; k < 4; k++) {
		double pa = a->p[k][0] * ux + a->p[k][1] * uy, pb = b->p[k][0] * ux + b->p[k][1] * uy;

		lo[0] = fmin(lo[0], pa);
		hi[0] = fmax(hi[0], pa);
		lo[1] = fmin(lo[1], pb);
		hi[1] = fmax(hi[1], pb);
	}
	return hi[0] <= lo[1] + 0.05 || hi[1] <= lo[0] + 0.05;
}

static inline int overlap(const struct corners *a, const struct corners *b)
{
	const struct corners *both[2] = { a, b };

	for (int k = 0; k < 2; k++) {
		for (int side = 0; side < 2; side++) {
			double ux = both[k]->p[side + 1][0] - both[k]->p[side][0];
			double uy = both[k]->p[side + 1][1] - both[k]->p[side][1];
			double length = hypot(ux, uy);

			if (length > 0 && separated_along(a, b, ux / length, uy / length))
				return 0;
		}
	}
	return 1;
}

static inline struct corners box_of(const struct rs_item *it)
{
	return corners_of(it->x, it->y, it->w, it->h, it->angle);
}

/* Names the first two texts that overlap, or the first that leaves the figure. */
static inline const char *layout_fault(const struct rs_scene *s, char *buf, size_t size)
{
	for (size_t i = 0; i < s->n_items; i++) {
		struct corners a;

		if (s->items[i].shape != RS_SHAPE_TEXT || s->items[i].w < 0.01)
			continue;
		a = box_of(&s->items[i]);
		for (int k = 0; k < 4; k++)
			if (a.p[k][0] < -0.6 || a.p[k][1] < -0.6 || a.p[k][0] > s->width_pt + 0.6 ||
			    a.p[k][1] > s->height_pt + 0.6) {
				snprintf(buf, size, "outside: role %d at %.1f, %.1f, %.1f wide: \"%s\"",
					 (int)s->items[i].role, s->items[i].x, s->items[i].y, s->items[i].w,
					 pango_layout_get_text(s->items[i].text));
				return buf;
			}
		for (size_t k = i + 1; k < s->n_items; k++) {
			struct corners b = box_of(&s->items[k]);

			if (s->items[k].shape != RS_SHAPE_TEXT || s->items[k].w < 0.01 || !overlap(&a, &b))
				continue;
			snprintf(buf, size, "overlap: \"%s\" and \"%s\"", pango_layout_get_text(s->items[i].text),
				 pango_layout_get_text(s->items[k].text));
			return buf;
		}
	}
	return NULL;
}

#endif
