/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Properties of layouts over a grid of sizes, numbers of series and lengths of labels: no
 * two labels overlap, none leaves the picture, and nothing that is read covers data.  And
 * intervals: they never decide what an axis shows.
 */
#include "chart_fixture.h"

/* ---- what covers data ---- */

static int is_data(const struct rs_item *it)
{
	return it->role == RS_ROLE_VALUE || it->role == RS_ROLE_SAMPLE || it->role == RS_ROLE_INTERVAL;
}

static int is_beside(const struct rs_item *it)
{
	return it->role == RS_ROLE_LEGEND || it->role == RS_ROLE_LEGEND_LABEL || it->role == RS_ROLE_TITLE ||
	       it->role == RS_ROLE_NOTE || it->role == RS_ROLE_TICK_LABEL || it->role == RS_ROLE_CATEGORY_LABEL;
}

static struct corners bounds_of(const struct rs_scene *s, const struct rs_item *it)
{
	double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;

	if (it->shape == RS_SHAPE_TEXT)
		return box_of(it);
	if (it->shape == RS_SHAPE_RECT)
		return corners_of(it->x, it->y, fmax(it->w, 0.2), fmax(it->h, 0.2), 0);
	if (it->shape != RS_SHAPE_LINE)
		return corners_of(it->x - it->w, it->y - it->w, 2 * it->w, 2 * it->w, 0);
	for (size_t i = it->first; i < it->first + it->n; i++) {
		x0 = fmin(x0, s->points[2 * i]);
		x1 = fmax(x1, s->points[2 * i]);
		y0 = fmin(y0, s->points[2 * i + 1]);
		y1 = fmax(y1, s->points[2 * i + 1]);
	}
	return corners_of(x0, y0, fmax(x1 - x0, 0.2), fmax(y1 - y0, 0.2), 0);
}

/* Data is one box: whatever is read has to stay outside of all of it, of each panel. */
static const char *covered(const struct rs_scene *s, char *buf, size_t size)
{
	for (size_t i = 0; i < s->n_items; i++) {
		struct corners a;

		if (!is_beside(&s->items[i]) || (s->items[i].shape == RS_SHAPE_TEXT && s->items[i].w < 0.01))
			continue;
		a = bounds_of(s, &s->items[i]);
		for (size_t k = 0; k < s->n_items; k++) {
			struct corners b;

			if (!is_data(&s->items[k]))
				continue;
			b = bounds_of(s, &s->items[k]);
			if (!overlap(&a, &b))
				continue;
			snprintf(buf, size, "role %d \"%.40s\" at %.1f, %.1f covers role %d of series %d at %.1f, %.1f",
				 (int)s->items[i].role,
				 s->items[i].shape == RS_SHAPE_TEXT ? pango_layout_get_text(s->items[i].text) : "",
				 s->items[i].x, s->items[i].y, (int)s->items[k].role, s->items[k].series, b.p[0][0],
				 b.p[0][1]);
			return buf;
		}
	}
	return NULL;
}

static void covering_is_found(void **state)
{
	struct sample_chart *t = make_chart(RS_CHART_BARS, 2, 3);
	struct rs_look look = look_of(88);
	RS_AUTO_FIGURE *f = figure_of(&t->chart, &look);
	char fault[400];

	(void)state;
	assert_null(covered(&f->scene, fault, sizeof(fault)));
	for (size_t i = 0; i < f->scene.n_items; i++)
		if (f->scene.items[i].role == RS_ROLE_LEGEND_LABEL)
			f->scene.items[i].y = f->scene.height_pt / 2;
	assert_non_null(covered(&f->scene, fault, sizeof(fault)));
	free(t);
}

/* ---- the grid ---- */

static const double widths[] = { 45, 60, 88, 120, 180 }, heights[] = { 0, 0, 55, 90 };
static const double sizes[] = { 5, 6, 8, 10, 12 };
static const size_t series_counts[] = { 1, 2, 3, 4, 6, 12, 50 }, category_counts[] = { 1, 2, 3, 5, 9, 25 };
static const size_t lengths[] = { 1, 4, 9, 18, 40, 90, 200 };

/* A name of about n letters, words of one to twelve. */
static void make_name(char *name, size_t n, struct rs_random *r)
{
	size_t at = 0;

	while (at < n) {
		for (uint64_t k = rs_random_below(r, 12) + 1; k > 0 && at < n; k--)
			name[at++] = (char)('a' + (char)rs_random_below(r, 26));
		if (at < n)
			name[at++] = ' ';
	}
	name[n] = '\0';
}

static void check_one(size_t at)
{
	enum rs_chart_kind kind = (enum rs_chart_kind)(at % RS_CHART_STORAGE);
	double width = widths[at / 6 % RS_COUNT(widths)], height = heights[at / 30 % RS_COUNT(heights)];
	size_t n = series_counts[at / 120 % RS_COUNT(series_counts)];
	size_t m = category_counts[at / 840 % RS_COUNT(category_counts)];
	size_t length = lengths[at / 5040 % RS_COUNT(lengths)];
	struct rs_look look = look_of(width);
	struct sample_chart *t = make_chart(kind, n, m);
	static const size_t name_size = 201;
	char *names = calloc(m + n, name_size), fault[1500];
	RS_AUTO_FIGURE *f = NULL;
	struct rs_random r;

	assert_non_null(names);
	rs_random_seed(&r, at);
	look.height_pt = height * MM;
	look.font_size_pt = sizes[at % RS_COUNT(sizes)];
	look.language = at % 3 == 0 ? "de" : "en";
	for (size_t i = 0; i < m + n; i++) {
		make_name(names + i * name_size, i < m ? length : length / 2 + 1, &r);
		if (i < m)
			t->names[i] = names + i * name_size;
		else
			t->series[i - m].name = names + i * name_size;
	}
	if (at % 4 == 0)
		t->points[0][m - 1] = (struct rs_point){ NAN, NAN, NAN, NULL, 0, "failed" };
	t->chart.better = at % 5 == 0 ? RS_BETTER_LOWER : RS_BETTER_HIGHER;
	f = figure_of(&t->chart, &look);
	if (layout_fault(&f->scene, fault, sizeof(fault)) != NULL || covered(&f->scene, fault, sizeof(fault)) != NULL)
		fail_msg("combination %zu: %s of %.0f mm at %.0f pt, %zu series, %zu categories, %zu letters: %s", at,
			 rs_chart_kind_name(kind), width, look.font_size_pt, n, m, length, fault);
	free(names);
	free(t);
}

/* One in 101 of the 35,280 combinations; RESTUDY_GRID=1 goes through all of them, RESTUDY_GRID=0-17640
 * through the first half, as another process may through the second. */
static void labels_keep_apart(void **state)
{
	const char *grid = getenv("RESTUDY_GRID");
	size_t from = 0, to = 35280;

	(void)state;
	if (grid != NULL && sscanf(grid, "%zu-%zu", &from, &to) != 2)
		from = 0;
	for (size_t at = from; at < to; at += grid != NULL ? 1 : 101)
		check_one(at);
}

/* ---- intervals ---- */

static double tallest(const struct rs_figure *f)
{
	double h = 0;

	for (size_t i = 0; i < f->scene.n_items; i++)
		if (f->scene.items[i].role == RS_ROLE_VALUE && f->scene.items[i].shape == RS_SHAPE_RECT)
			h = fmax(h, f->scene.items[i].h);
	return h;
}

static void a_huge_interval_does_not_flatten_bars(void **state)
{
	struct sample_chart *t = make_chart(RS_CHART_BARS, 3, 5);
	struct rs_look look = look_of(120);
	RS_AUTO_FIGURE *before = NULL;
	RS_AUTO_FIGURE *after = NULL;

	(void)state;
	before = figure_of(&t->chart, &look);
	t->points[2][1].hi = 394;
	t->points[1][3].lo = -1000;
	after = figure_of(&t->chart, &look);
	assert_true(tallest(after) > 0.4 * tallest(before));
	assert_false(has_text(before, "beyond the axis"));
	assert_true(has_text(after, "to 394"));
	assert_true(has_text(after, "−1,000 to"));
	assert_non_null(strstr(rs_figure_description(after), "394"));
	free(t);
}

/* Ordinary intervals are drawn to their ends, with a cap at each. */
static void ordinary_intervals_are_whole(void **state)
{
	(void)state;
	for (int kind = RS_CHART_BARS; kind < RS_CHART_STORAGE; kind++) {
		struct sample_chart *t = make_chart((enum rs_chart_kind)kind, 2, 4);
		struct rs_look look = look_of(88);
		RS_AUTO_FIGURE *f = NULL;

		t->points[1][2].hi = 1.9 * 10;
		f = figure_of(&t->chart, &look);
		assert_false(has_text(f, "beyond the axis"));
		free(t);
	}
}

static void endless_intervals_are_arrows(void **state)
{
	static const enum rs_chart_kind kinds[] = { RS_CHART_BARS, RS_CHART_DOTS, RS_CHART_GUESTS };

	(void)state;
	for (size_t i = 0; i < RS_COUNT(kinds); i++) {
		struct sample_chart *t = make_chart(kinds[i], 2, 4);
		struct rs_look look = look_of(88);
		RS_AUTO_FIGURE *f = NULL;

		t->points[1][2].hi = INFINITY;
		t->points[1][2].lo = -INFINITY;
		f = figure_of(&t->chart, &look);
		assert_true(has_text(f, "−∞ to ∞"));
		for (size_t k = 0; k < 2 * f->scene.n_points; k++)
			assert_true(isfinite(f->scene.points[k]));
		free(t);
	}
}

/* With intervals, numbers stand in a row below the axis and not at the whiskers' ends. */
static void numbers_do_not_stand_at_whiskers(void **state)
{
	struct sample_chart *t = make_chart(RS_CHART_BARS, 2, 3);
	struct rs_look look = look_of(120);
	RS_AUTO_FIGURE *f = NULL;
	double row = NAN;
	size_t n = 0;

	(void)state;
	t->points[1][1].hi = 17;
	f = figure_of(&t->chart, &look);
	for (size_t i = 0; i < f->scene.n_items; i++)
		if (f->scene.items[i].role == RS_ROLE_VALUE_LABEL) {
			assert_true(n == 0 || fabs(f->scene.items[i].y - row) < 1e-9);
			row = f->scene.items[i].y;
			n++;
		}
	assert_int_equal(n, 6);
	free(t);
}

static void a_number_keeps_its_unit(void **state)
{
	struct sample_chart *t = make_chart(RS_CHART_BARS, 3, 9);
	struct rs_look look = look_of(165);
	RS_AUTO_FIGURE *f = NULL;

	(void)state;
	for (int k = 0; k < 9; k++)
		t->names[k] = "Write, 256 B";
	f = figure_of(&t->chart, &look);
	assert_true(has_text(f, "256\u00a0B"));
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(covering_is_found),
		cmocka_unit_test(labels_keep_apart),
		cmocka_unit_test(a_huge_interval_does_not_flatten_bars),
		cmocka_unit_test(ordinary_intervals_are_whole),
		cmocka_unit_test(endless_intervals_are_arrows),
		cmocka_unit_test(numbers_do_not_stand_at_whiskers),
		cmocka_unit_test(a_number_keeps_its_unit),
	};

	return cmocka_run_group_tests_name("chart labels", tests, NULL, NULL);
}
