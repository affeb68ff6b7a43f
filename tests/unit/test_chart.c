/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Figures as they are laid out: what a reader of them relies on.  Layout is judged on the
 * scene that all formats are painted from.
 */
#include "chart_fixture.h"

#include "restudy/base/number.h"
#include "restudy/base/path.h"

static void geometry_tells_overlap(void **state)
{
	struct corners a = corners_of(0, 0, 10, 10, 0), near = corners_of(10.1, 0, 5, 5, 0);
	struct corners inside = corners_of(9, 9, 5, 5, 0), turned = corners_of(12, 5, 20, 4, -0.785);
	struct corners crossing = corners_of(2, 14, 20, 4, -0.785);

	(void)state;
	assert_false(overlap(&a, &near));
	assert_true(overlap(&a, &inside));
	assert_false(overlap(&a, &turned));
	assert_true(overlap(&a, &crossing));
}

/* ---- layout ---- */

static void check_layout(const struct rs_chart *c, const struct rs_look *look)
{
	RS_AUTO_FIGURE *f = figure_of(c, look);
	char fault[1500];

	if (layout_fault(&f->scene, fault, sizeof(fault)) != NULL)
		fail_msg("%s, %zu series, %zu categories, %.0f mm: %s", rs_chart_kind_name(c->kind),
			 c->n_series, c->n_categories, look->width_pt / MM, fault);
	assert_true(rs_figure_height_pt(f) > 20 && rs_figure_height_pt(f) < 1000);
	assert_true(fabs(rs_figure_width_pt(f) - look->width_pt) < 0.01);
}

static void texts_never_overlap(void **state)
{
	static const double widths[] = { 60, 88, 180 };
	static const size_t series[] = { 1, 3, 50 }, categories[] = { 1, 9, 25, 120 };

	(void)state;
	for (int kind = 0; kind < RS_CHART_STORAGE; kind++)
		for (size_t w = 0; w < RS_COUNT(widths); w++)
			for (size_t s = 0; s < RS_COUNT(series); s++)
				for (size_t k = 0; k < RS_COUNT(categories); k++) {
					struct sample_chart *t = make_chart((enum rs_chart_kind)kind, series[s],
									    categories[k]);
					struct rs_look look = look_of(widths[w]);

					check_layout(&t->chart, &look);
					free(t);
				}
}

static void texts_never_overlap_at_any_type_size(void **state)
{
	(void)state;
	for (int kind = 0; kind < RS_CHART_STORAGE; kind++)
		for (double size = 5; size <= 14; size += 3) {
			struct sample_chart *t = make_chart((enum rs_chart_kind)kind, 3, 9);
			struct rs_look look = look_of(88);

			look.font_size_pt = size;
			check_layout(&t->chart, &look);
			look.height_pt = 150;
			check_layout(&t->chart, &look);
			free(t);
		}
}

/* ---- bars ---- */

static const struct rs_item *bar_of(const struct rs_figure *f, int series, int category)
{
	for (size_t i = 0; i < f->scene.n_items; i++) {
		const struct rs_item *it = &f->scene.items[i];

		if (it->role == RS_ROLE_VALUE && it->series == series && it->category == category)
			return it;
	}
	fail_msg("no bar for series %d, category %d", series, category);
	return NULL;
}

/* The topmost and lowest grid line. */
static void plot_ends(const struct rs_figure *f, double *top, double *bottom)
{
	*top = INFINITY;
	*bottom = -INFINITY;
	for (size_t i = 0; i < f->scene.n_items; i++) {
		const struct rs_item *it = &f->scene.items[i];

		if (it->role != RS_ROLE_GRID)
			continue;
		*top = fmin(*top, f->scene.points[2 * it->first + 1]);
		*bottom = fmax(*bottom, f->scene.points[2 * it->first + 1]);
	}
}

static void bars_start_at_zero_and_keep_proportion(void **state)
{
	struct sample_chart *t = make_chart(RS_CHART_BARS, 3, 9);
	struct rs_look look = look_of(180);
	RS_AUTO_FIGURE *f = figure_of(&t->chart, &look);
	const struct rs_item *first = bar_of(f, 0, 0);
	double per_unit = first->h / t->points[0][0].value, top, bottom;

	(void)state;
	plot_ends(f, &top, &bottom);
	for (int s = 0; s < 3; s++)
		for (int k = 0; k < 9; k++) {
			const struct rs_item *it = bar_of(f, s, k);

			assert_true(fabs(it->y + it->h - bottom) < 1e-6);
			assert_true(fabs(it->h - per_unit * t->points[s][k].value) < 1e-6);
			assert_true(bottom - per_unit * t->points[s][k].hi >= top - 1e-6);
		}
	assert_true(has_text(f, "0"));
	free(t);
}

static void negative_bars_go_down_from_zero(void **state)
{
	struct sample_chart *t = make_chart(RS_CHART_BARS, 1, 2);
	struct rs_look look = look_of(88);
	const struct rs_item *up, *down;
	RS_AUTO_FIGURE *f = NULL;

	(void)state;
	t->points[0][0] = (struct rs_point){ 4, NAN, NAN, NULL, 0, NULL };
	t->points[0][1] = (struct rs_point){ -2, -3, -1, NULL, 0, NULL };
	f = figure_of(&t->chart, &look);
	up = bar_of(f, 0, 0);
	down = bar_of(f, 0, 1);
	assert_true(fabs(up->y + up->h - down->y) < 1e-6);
	assert_true(fabs(up->h - 2 * down->h) < 1e-6);
	assert_true(has_text(f, "−"));
	free(t);
}

static void missing_points_are_marked_with_their_reason(void **state)
{
	(void)state;
	for (int kind = 0; kind < RS_CHART_STORAGE; kind++) {
		struct sample_chart *t = make_chart((enum rs_chart_kind)kind, 3, 9);
		struct rs_look look = look_of(88);
		RS_AUTO_FIGURE *f = NULL;
		RS_AUTO_FIGURE *whole = figure_of(&t->chart, &look);

		t->points[1][2] = (struct rs_point){ NAN, NAN, NAN, NULL, 0, "failed: exit status 3" };
		t->points[2][4] = (struct rs_point){ NAN, NAN, NAN, NULL, 0, kind == RS_CHART_GUESTS ? "not measured" :
												      NULL };
		t->points[2][5] = (struct rs_point){ INFINITY, NAN, NAN, NULL, 0, NULL };
		f = figure_of(&t->chart, &look);
		assert_int_equal(count(whole, RS_ROLE_MISSING), 0);
		if (count(f, RS_ROLE_MISSING) != 3)
			fail_msg("%s: %zu marks", rs_chart_kind_name(t->chart.kind), count(f, RS_ROLE_MISSING));
		assert_true(has_text(f, "failed: exit status 3"));
		assert_true(has_text(f, "not measured"));
		assert_true(has_text(f, "no finite number"));
		assert_non_null(strstr(rs_figure_description(f), "missing (failed: exit status 3)"));
		free(t);
	}
}

static void a_point_that_cannot_be_is_not_missing(void **state)
{
	struct sample_chart *t = make_chart(RS_CHART_GUESTS, 2, 3);
	struct rs_look look = look_of(88);
	RS_AUTO_FIGURE *f = NULL;

	(void)state;
	for (int k = 1; k < 3; k++)
		t->points[0][k] = (struct rs_point){ NAN, NAN, NAN, NULL, 0, NULL };
	f = figure_of(&t->chart, &look);
	assert_int_equal(count(f, RS_ROLE_MISSING), 0);
	assert_int_equal(count(f, RS_ROLE_VALUE), 4);
	assert_null(strstr(rs_figure_description(f), "missing"));
	free(t);
}

static void direction_reference_and_note_are_told(void **state)
{
	struct sample_chart *t = make_chart(RS_CHART_BARS, 3, 9);
	struct rs_look look = look_of(120);
	RS_AUTO_FIGURE *higher = figure_of(&t->chart, &look);
	RS_AUTO_FIGURE *lower = NULL;

	(void)state;
	assert_false(has_text(higher, "lower is better"));
	assert_true(has_text(higher, "host = 10"));
	assert_true(has_text(higher, "95 % confidence"));
	assert_int_equal(count(higher, RS_ROLE_REFERENCE), 1);
	t->chart.better = RS_BETTER_LOWER;
	look.language = "de";
	lower = figure_of(&t->chart, &look);
	assert_true(has_text(lower, "niedriger ist besser"));
	free(t);
}

static void dots_of_a_wide_range_are_logarithmic(void **state)
{
	struct sample_chart *t = make_chart(RS_CHART_DOTS, 1, 9);
	struct rs_look look = look_of(88);
	const struct rs_item *a, *b, *c;
	RS_AUTO_FIGURE *f = NULL;

	(void)state;
	for (int k = 0; k < 9; k++)
		t->points[0][k] = (struct rs_point){ pow(10, k), NAN, NAN, NULL, 0, NULL };
	t->chart.reference = NAN;
	f = figure_of(&t->chart, &look);
	a = bar_of(f, 0, 0);
	b = bar_of(f, 0, 1);
	c = bar_of(f, 0, 8);
	assert_true(fabs((c->x - a->x) - 8 * (b->x - a->x)) < 1e-6);
	assert_true(has_text(f, "Logarithmic axis"));
	free(t);
}

/* Two panels of another unit each are no reason for a logarithmic axis. */
static void panels_decide_alone_on_their_axis(void **state)
{
	struct sample_chart *t = make_chart(RS_CHART_ECDF, 2, 2);
	double large[RS_COUNT(t->samples)];
	struct rs_look look = look_of(180);
	RS_AUTO_FIGURE *linear = NULL;
	RS_AUTO_FIGURE *wide = NULL;

	(void)state;
	for (size_t i = 0; i < RS_COUNT(large); i++)
		large[i] = 1e6 * t->samples[i];
	t->points[0][1].samples = t->points[1][1].samples = large;
	linear = figure_of(&t->chart, &look);
	assert_false(has_text(linear, "Logarithmic axis"));
	large[0] = 1;
	wide = figure_of(&t->chart, &look);
	assert_true(has_text(wide, "Logarithmic axis"));
	free(t);
}

/* ---- numbers and axes ---- */

static void numbers_follow_the_language(void **state)
{
	static const struct {
		double v;
		int decimals;
		const char *en, *de;
	} cases[] = {
		{ 1234567.891, 2, "1,234,567.89", "1.234.567,89" },
		{ 0, 0, "0", "0" },
		{ -0.5, 1, "−0.5", "−0,5" },
		{ 999.5, 0, "1,000", "1.000" },
		{ 100, 0, "100", "100" },
		{ 9.876, -1, "9.88", "9,88" },
		{ 1e15, -1, "1.00×10¹⁵", "1,00×10¹⁵" },
		{ 2.5e-7, -1, "2.50×10⁻⁷", "2,50×10⁻⁷" },
	};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < RS_COUNT(cases); i++) {
		rs_chart_number(buf, sizeof(buf), cases[i].v, cases[i].decimals, RS_CHART_EN);
		if (cases[i].v == 999.5)	/* a tie: to even is as right */
			continue;
		assert_string_equal(buf, cases[i].en);
		rs_chart_number(buf, sizeof(buf), cases[i].v, cases[i].decimals, RS_CHART_DE);
		assert_string_equal(buf, cases[i].de);
	}
}

static void axes_contain_their_data(void **state)
{
	struct rs_random r;

	(void)state;
	rs_random_seed(&r, 7);
	for (int i = 0; i < 20000; i++) {
		double size = pow(10, 24 * rs_random_unit(&r) - 12);
		double lo = size * (rs_random_unit(&r) - 0.5), hi = lo + size * rs_random_unit(&r) * 3;
		double want = 2 + 10 * rs_random_unit(&r), step;
		struct rs_axis a;

		rs_axis_linear(&a, i % 3 == 0 ? 0 : lo, fmax(hi, i % 3 == 0 ? 0 : lo), want);
		assert_true(a.n_ticks >= 2 && a.n_ticks <= RS_TICKS_MAX);
		assert_true(a.hi >= hi - fabs(hi) * 1e-8 || i % 3 == 0);
		assert_true(a.lo <= (i % 3 == 0 ? 0 : lo) + fabs(lo) * 1e-8);
		step = a.tick[1] - a.tick[0];
		for (size_t k = 1; k < a.n_ticks; k++)
			assert_true(fabs(a.tick[k] - a.tick[k - 1] - step) < step * 1e-6);
	}
}

/* Two neighbouring ticks never read the same. */
static void tick_labels_differ(void **state)
{
	struct rs_random r;

	(void)state;
	rs_random_seed(&r, 8);
	for (int i = 0; i < 5000; i++) {
		struct rs_axis a;
		char one[64], two[64];
		double size = pow(10, 18 * rs_random_unit(&r) - 9);

		rs_axis_linear(&a, 0, size, 2 + 8 * rs_random_unit(&r));
		for (size_t k = 1; k < a.n_ticks; k++) {
			rs_axis_label(&a, k - 1, RS_CHART_EN, one, sizeof(one));
			rs_axis_label(&a, k, RS_CHART_EN, two, sizeof(two));
			assert_string_not_equal(one, two);
			assert_true(strlen(two) < 14);
		}
	}
}

/* What a label says, with the axis's power of ten, is where its tick stands. */
static void tick_labels_say_their_values(void **state)
{
	struct rs_random r;

	(void)state;
	rs_random_seed(&r, 9);
	for (int i = 0; i < 20000; i++) {
		struct rs_axis a;
		double size = pow(10, 24 * rs_random_unit(&r) - 12);

		rs_axis_linear(&a, 0, size, 2 + 8 * rs_random_unit(&r));
		for (size_t k = 0; k < a.n_ticks; k++) {
			char label[64], plain[64], *to = plain;
			double said;

			rs_axis_label(&a, k, RS_CHART_EN, label, sizeof(label));
			for (const char *p = label; *p != '\0'; p++)
				if (*p != ',')
					*to++ = *p;
			*to = '\0';
			assert_int_equal(rs_parse_double(plain, &said, NULL), 0);
			said *= pow(10, a.exponent);
			if (fabs(said - a.tick[k]) > 1e-9 * a.hi)
				fail_msg("\"%s\" times 10^%d stands at %.17g", label, a.exponent, a.tick[k]);
		}
	}
}

/* ---- colours ---- */

struct lab {
	double l, a, b;
};

static double linear_light(unsigned channel)
{
	double v = channel / 255.0;

	return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double lab_f(double t)
{
	return t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116;
}

/* CIE L*a*b* of what an eye sees (matrices of Machado, Oliveira and Fernandes, IEEE TVCG
 * 2009, severity 1). */
static struct lab seen(uint32_t rgb, const double eye[3][3])
{
	double in[3] = { linear_light(rgb >> 16 & 255), linear_light(rgb >> 8 & 255), linear_light(rgb & 255) };
	double c[3], x, y, z;

	for (int i = 0; i < 3; i++)
		c[i] = fmax(0, fmin(1, eye[i][0] * in[0] + eye[i][1] * in[1] + eye[i][2] * in[2]));
	x = (0.4124 * c[0] + 0.3576 * c[1] + 0.1805 * c[2]) / 0.95047;
	y = 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
	z = (0.0193 * c[0] + 0.1192 * c[1] + 0.9505 * c[2]) / 1.08883;
	return (struct lab){ 116 * lab_f(y) - 16, 500 * (lab_f(x) - lab_f(y)), 200 * (lab_f(y) - lab_f(z)) };
}

static const double eyes[][3][3] = {
	{ { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } },
	{ { 0.152286, 1.052583, -0.204868 }, { 0.114503, 0.786281, 0.099216 }, { -0.003882, -0.048116, 1.051998 } },
	{ { 0.367322, 0.860646, -0.227968 }, { 0.280085, 0.672501, 0.047413 }, { -0.011820, 0.042940, 0.968881 } },
	{ { 1.255528, -0.076749, -0.178779 }, { -0.078411, 0.930809, 0.147602 }, { 0.004733, 0.691367, 0.303900 } },
};

static void colours_stay_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < RS_PALETTE_N; i++) {
		uint32_t a = rs_palette(i, 0).fill, stroke = rs_palette(i, 0).stroke;
		double grey = linear_light(rs_grey(stroke) & 255);

		assert_true(1.05 / (grey + 0.05) >= 3);
		for (size_t k = 0; k < i; k++)
			for (size_t e = 0; e < RS_COUNT(eyes); e++) {
				struct lab p = seen(a, eyes[e]), q = seen(rs_palette(k, 0).fill, eyes[e]);

				assert_true(hypot(hypot(p.l - q.l, p.a - q.a), p.b - q.b) >= 15);
				assert_true(e > 0 || fabs(p.l - q.l) >= 10);
			}
	}
	/* the traditional red and green fail the same judgement */
	assert_true(fabs(seen(0xff0000, eyes[0]).l - seen(0x008800, eyes[0]).l) < 10);
}

static void palette_file_says_what_the_program_draws(void **state)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	const char *at;

	(void)state;
	assert_int_equal(rs_path_read(RS_SOURCE_DIR "/data/palettes/series.csv", 100000, &text, NULL), 0);
	at = strstr(rs_buf_str(&text), "slot,fill");
	for (size_t i = 0; i < RS_PALETTE_N; i++) {
		unsigned slot, fill, stroke;
		double luminance;

		assert_non_null(at);
		at = strchr(at, '\n') + 1;
		assert_int_equal(sscanf(at, "%u,%x,%x,%lf", &slot, &fill, &stroke, &luminance), 4);
		assert_int_equal(slot, i);
		assert_int_equal(fill, rs_palette(i, 0).fill);
		assert_int_equal(stroke, rs_palette(i, 0).stroke);
		assert_true(fabs(luminance - seen(fill, eyes[0]).l) < 0.06);
	}
}

static void a_system_keeps_its_colour(void **state)
{
	struct sample_chart *t = make_chart(RS_CHART_BARS, 3, 2);
	struct rs_look look = look_of(88);
	RS_AUTO_FIGURE *all = figure_of(&t->chart, &look);
	RS_AUTO_FIGURE *some = NULL;

	(void)state;
	t->series[1] = t->series[2];
	t->series[1].slot = 2;
	t->chart.n_series = 2;
	some = figure_of(&t->chart, &look);
	assert_int_equal(bar_of(all, 2, 0)->fill, bar_of(some, 1, 0)->fill);
	free(t);
}

/* ---- bad input ---- */

static void check_renders(const struct rs_chart *c, const struct rs_look *look, size_t most)
{
	RS_AUTO_FIGURE *f = figure_of(c, look);
	RS_AUTO_BUF svg = RS_BUF_INIT, pdf = RS_BUF_INIT;
	char fault[1500];

	write_figure(f, RS_FORMAT_SVG, &svg);
	write_figure(f, RS_FORMAT_PDF, &pdf);
	assert_true(svg.len < most && pdf.len < most);
	assert_true(rs_figure_height_pt(f) < 1100);
	if (layout_fault(&f->scene, fault, sizeof(fault)) != NULL)
		fail_msg("%s: %s", rs_chart_kind_name(c->kind), fault);
	for (size_t i = 0; i < f->scene.n_points * 2; i++)
		assert_true(isfinite(f->scene.points[i]));
	for (size_t i = 0; i < f->scene.n_items; i++)
		assert_true(isfinite(f->scene.items[i].x) && isfinite(f->scene.items[i].y));
}

static void all_values(struct sample_chart *t, double (*value)(size_t i))
{
	for (size_t s = 0; s < t->chart.n_series; s++)
		for (size_t k = 0; k < t->chart.n_categories; k++) {
			double v = value(s * t->chart.n_categories + k);

			t->points[s][k] = (struct rs_point){ v, v - 1, v + 1, t->samples, 24, NULL };
		}
	for (size_t i = 0; i < 24; i++)
		t->samples[i] = value(i);
}

static double all_nan(size_t i)
{
	(void)i;
	return NAN;
}

static double all_zero(size_t i)
{
	(void)i;
	return 0;
}

static double all_negative(size_t i)
{
	return -1 - (double)i;
}

static double all_infinite(size_t i)
{
	return i % 2 ? INFINITY : -INFINITY;
}

static double huge_range(size_t i)
{
	return pow(10, (double)(i % 25) - 12);
}

static double extreme(size_t i)
{
	return i % 3 == 0 ? 1.7e308 : i % 3 == 1 ? -1.7e308 : 5e-324;
}

static double nearly_equal(size_t i)
{
	return 1e9 + (double)i * 1e-6;
}

static double mixed(size_t i)
{
	static const double kinds[] = { NAN, INFINITY, -3, 1e12 };

	return kinds[i % 4];
}

static void odd_values_give_a_readable_figure(void **state)
{
	static double (*const values[])(size_t) = { all_nan, all_zero, all_negative, all_infinite, huge_range,
						    extreme, nearly_equal, mixed };

	(void)state;
	for (int kind = 0; kind < RS_CHART_STORAGE; kind++)
		for (size_t v = 0; v < RS_COUNT(values); v++)
			for (size_t n = 1; n <= 9; n += 4) {
				struct sample_chart *t = make_chart((enum rs_chart_kind)kind, n > 1 ? 3 : 1, n);
				struct rs_look look = look_of(88);

				all_values(t, values[v]);
				check_renders(&t->chart, &look, 2000000);
				t->chart.reference = v % 2 == 0 ? (double)INFINITY : 1e300;
				t->chart.reference_label = NULL;
				check_renders(&t->chart, &look, 2000000);
				free(t);
			}
}

static void odd_shapes_give_a_readable_figure(void **state)
{
	char name[801];

	(void)state;
	memset(name, 'W', 800);
	name[800] = '\0';
	for (int kind = 0; kind < RS_CHART_STORAGE; kind++) {
		struct sample_chart *t = make_chart((enum rs_chart_kind)kind, 5, 5);
		struct rs_look look = look_of(88);

		for (size_t k = 0; k < 5; k++) {
			t->names[k] = k == 2 ? NULL : name;
			t->series[k].name = k == 3 ? NULL : name;
			t->points[k][k].note = name;
			t->points[k][k].value = NAN;
			t->points[k][k].n_samples = 0;
		}
		t->chart.value_title = t->chart.unit = t->chart.note = t->chart.category_title = name;
		check_renders(&t->chart, &look, 3000000);
		t->chart.n_series = 0;
		check_renders(&t->chart, &look, 100000);
		t->chart.n_series = 2;
		t->chart.n_categories = 0;
		check_renders(&t->chart, &look, 100000);
		t->chart.categories = NULL;
		t->chart.n_categories = 3;
		check_renders(&t->chart, &look, 1000000);
		look = (struct rs_look){ .width_pt = NAN, .height_pt = 1, .font_size_pt = -3 };
		check_renders(&t->chart, &look, 1000000);
		free(t);
	}
}

static void many_samples_stay_bounded(void **state)
{
	const size_t n = 200000;
	double *v = calloc(n, sizeof(*v));
	struct rs_random r;

	(void)state;
	rs_random_seed(&r, 3);
	for (size_t i = 0; i < n; i++)
		v[i] = 1 + rs_random_unit(&r);
	for (int kind = 0; kind < RS_CHART_STORAGE; kind++) {
		struct sample_chart *t = make_chart((enum rs_chart_kind)kind, 3, 2);
		struct rs_look look = look_of(120);

		for (size_t s = 0; s < 3; s++)
			for (size_t k = 0; k < 2; k++) {
				t->points[s][k].samples = v;
				t->points[s][k].n_samples = n;
			}
		check_renders(&t->chart, &look, 1500000);
		free(t);
	}
	free(v);
}

/* Hundreds of low samples do not hide the one that lies highest. */
static void the_outermost_sample_is_drawn(void **state)
{
	const size_t n = 4000;
	double *v = calloc(n, sizeof(*v)), highest = INFINITY, box = INFINITY;
	struct sample_chart *t = make_chart(RS_CHART_BOX, 1, 1);
	struct rs_look look = look_of(120);
	RS_AUTO_FIGURE *f = NULL;

	(void)state;
	assert_non_null(v);
	for (size_t i = 0; i < n; i++)
		v[i] = i < 500 ? -50 : (double)i / (double)n;
	v[n - 1] = 100;
	t->points[0][0].samples = v;
	t->points[0][0].n_samples = n;
	f = figure_of(&t->chart, &look);
	for (size_t i = 0; i < f->scene.n_items; i++) {
		const struct rs_item *it = &f->scene.items[i];

		if (it->role == RS_ROLE_SAMPLE)
			highest = fmin(highest, it->y);
		else if (it->role == RS_ROLE_VALUE && it->shape == RS_SHAPE_RECT)
			box = it->y;
	}
	assert_true(highest < box - 20);
	free(t);
	free(v);
}

/* Names of one to twelve words, some of them very long. */
static void random_name(struct rs_random *r, char *name, size_t size)
{
	static const char *const words[] = { "Pipe", "of", "context", "switching", "2000", "Übergröße",
					     "Pneumonoultramicroscopicsilicovolcanoconiosis", "x", "测试", "שלום" };
	size_t n = 0;

	name[0] = '\0';
	for (uint64_t k = rs_random_below(r, 12) + 1; k > 0 && n + 60 < size; k--)
		n += (size_t)snprintf(name + n, size - n, "%s%s", n > 0 ? " " : "",
				      words[rs_random_below(r, RS_COUNT(words))]);
}

static double random_value(struct rs_random *r)
{
	switch (rs_random_below(r, 12)) {
	case 0:
		return (double)NAN;
	case 1:
		return (double)INFINITY;
	case 2:
		return -10 * rs_random_unit(r);
	case 3:
		return pow(10, 40 * rs_random_unit(r) - 20);
	default:
		return 100 * rs_random_unit(r);
	}
}

static void random_charts_are_readable(void **state)
{
	struct rs_random r;
	char (*names)[400] = calloc(40, sizeof(*names));

	(void)state;
	assert_non_null(names);
	rs_random_seed(&r, 4711);
	for (int i = 0; i < 120; i++) {
		size_t n = rs_random_below(&r, 10) + 1, m = rs_random_below(&r, 40) + 1;
		uint64_t kind = rs_random_below(&r, RS_CHART_STORAGE);
		struct sample_chart *t = make_chart((enum rs_chart_kind)kind, n, m);
		struct rs_look look = look_of(50 + 130 * rs_random_unit(&r));

		look.font_size_pt = 5 + 8 * rs_random_unit(&r);
		look.height_pt = i % 3 == 0 ? 60 + 200 * rs_random_unit(&r) : 0;
		for (size_t k = 0; k < m; k++) {
			random_name(&r, names[k], sizeof(*names));
			t->names[k] = names[k];
			t->series[k % n].name = names[k];
			for (size_t s = 0; s < n; s++) {
				double v = random_value(&r);

				t->points[s][k] = (struct rs_point){ v, v * rs_random_unit(&r), v * 1.2, t->samples,
								     rs_random_below(&r, 24), names[k] };
			}
		}
		if (i % 2 == 0)
			t->chart.unit = "KiB/s";
		t->chart.better = i % 4 == 0 ? RS_BETTER_LOWER : RS_BETTER_HIGHER;
		check_renders(&t->chart, &look, 3000000);
		free(t);
	}
	free(names);
}

static void a_chart_without_values_says_so(void **state)
{
	struct sample_chart *t = make_chart(RS_CHART_BARS, 3, 9);
	struct rs_look look = look_of(88);
	RS_AUTO_FIGURE *f = NULL;

	(void)state;
	all_values(t, all_nan);
	t->points[0][0].note = "the guest did not start";
	f = figure_of(&t->chart, &look);
	assert_int_equal(count(f, RS_ROLE_MESSAGE), 1);
	assert_true(has_text(f, "There is no value to draw."));
	assert_true(has_text(f, "the guest did not start"));
	free(t);
}

static void only_charts_of_series_are_taken(void **state)
{
	struct sample_chart *t = make_chart(RS_CHART_STORAGE, 1, 1);
	struct rs_look look = look_of(88);
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	assert_null(rs_figure_new(&t->chart, &look, &err));
	assert_int_equal(err.kind, RS_ERR_INTERNAL);
	assert_non_null(strstr(err.text, "fig-3.2"));
	free(t);
}

/* ---- the storage diagram ---- */

static struct rs_plan storage_plan(void)
{
	static char sda[] = "sda", sdb[] = "sdb", scsi[] = "scsi", md0[] = "md0", group[] = "VolGroup00";
	static char vz[] = "vz", ext3[] = "ext3", at_vz[] = "/vz", pattern[] = "xenU_%d.1", root[] = "/";
	static char xen[] = "xen", u1[] = "xenU_1", u2[] = "xenU_2", sda1[] = "sda1";
	static char *members[] = { sda, sdb }, *names[] = { u1, u2 };
	static int counts[] = { 1, 2 };
	static struct rs_disk disks[] = { { sda, scsi, INT64_C(36000000000), 1 },
					  { sdb, scsi, INT64_C(36000000000), 2 } };
	static struct rs_raid raid = { md0, 1, members, 2, 3 };
	static struct rs_volume volume = { vz, ext3, at_vz, INT64_C(8) << 30, 4 };
	static struct rs_volume_group groups = { group, md0, &volume, 1, 5 };
	static struct rs_guest_disk guest_disk = { pattern, group, ext3, sda1, root, INT64_C(2) << 30, 6 };
	static struct rs_system systems[2] = { { .id = sda },
					       { .id = xen, .guests = { counts, 2, names, 2, .disks = &guest_disk,
									.n_disks = 1 } } };

	return (struct rs_plan){
		.hardware = { .disks = disks, .n_disks = 2, .raids = &raid, .n_raids = 1,
			      .groups = &groups, .n_groups = 1 },
		.has_hardware = 1, .systems = systems, .n_systems = 2,
	};
}

static struct rs_figure *storage_of(const struct rs_plan *plan, const struct rs_look *look)
{
	struct rs_err err = RS_ERR_INIT;
	struct rs_figure *f = rs_figure_new_storage(plan, "fig-3.1", look, &err);

	if (f == NULL)
		fail_msg("%s", err.text);
	return f;
}

static void storage_shows_every_layer(void **state)
{
	static const double widths[] = { 40, 60, 88, 120, 180 };
	static const char *const shown[] = { "sda", "sdb", "RAID 1", "VolGroup00", "vz", "xenU_1.1",
					     "xenU_2.1", "36 GB", "8 GiB", "ext3", "/vz" };

	(void)state;
	for (size_t w = 0; w < RS_COUNT(widths); w++) {
		struct rs_plan plan = storage_plan();
		struct rs_look look = look_of(widths[w]);
		RS_AUTO_FIGURE *f = storage_of(&plan, &look);
		char fault[1500];

		for (size_t i = 0; i < RS_COUNT(shown); i++)
			if (!has_text(f, shown[i]))
				fail_msg("%.0f mm: no \"%s\"", widths[w], shown[i]);
		if (layout_fault(&f->scene, fault, sizeof(fault)) != NULL)
			fail_msg("%.0f mm: %s", widths[w], fault);
		assert_non_null(strstr(rs_figure_description(f), "sda (36 GB), sdb (36 GB) → RAID 1 md0"));
	}
}

static void storage_survives_odd_plans(void **state)
{
	struct rs_look look = look_of(88);
	struct rs_plan plan = storage_plan();
	struct rs_guests *g = &plan.systems[1].guests;
	int many = 500, *counts = g->counts;
	RS_AUTO_FIGURE *crowded = NULL;
	RS_AUTO_FIGURE *dangling = NULL;
	RS_AUTO_FIGURE *none = NULL;
	RS_AUTO_FIGURE *long_row = NULL;
	RS_AUTO_BUF svg = RS_BUF_INIT;
	struct rs_disk disks[30];

	(void)state;
	g->counts = &many;
	g->n_counts = 1;
	crowded = storage_of(&plan, &look);
	g->counts = counts;
	g->n_counts = 2;
	assert_true(has_text(crowded, "+"));
	plan.hardware.n_raids = 0;
	plan.hardware.n_disks = 1;
	dangling = storage_of(&plan, &look);
	assert_true(has_text(dangling, "VolGroup00"));
	write_figure(dangling, RS_FORMAT_SVG, &svg);
	assert_non_null(strstr(rs_buf_str(&svg), "</svg>"));
	for (size_t i = 0; i < RS_COUNT(disks); i++)
		disks[i] = plan.hardware.disks[0];
	plan.hardware.disks = disks;
	plan.hardware.n_disks = RS_COUNT(disks);
	plan.hardware.n_groups = 0;
	long_row = storage_of(&plan, &look);
	assert_true(has_text(long_row, "… + 6"));
	plan.has_hardware = 0;
	none = storage_of(&plan, &look);
	assert_true(has_text(none, "The plan declares no disks."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(geometry_tells_overlap),
		cmocka_unit_test(texts_never_overlap),
		cmocka_unit_test(texts_never_overlap_at_any_type_size),
		cmocka_unit_test(bars_start_at_zero_and_keep_proportion),
		cmocka_unit_test(negative_bars_go_down_from_zero),
		cmocka_unit_test(missing_points_are_marked_with_their_reason),
		cmocka_unit_test(a_point_that_cannot_be_is_not_missing),
		cmocka_unit_test(direction_reference_and_note_are_told),
		cmocka_unit_test(dots_of_a_wide_range_are_logarithmic),
		cmocka_unit_test(panels_decide_alone_on_their_axis),
		cmocka_unit_test(numbers_follow_the_language),
		cmocka_unit_test(axes_contain_their_data),
		cmocka_unit_test(tick_labels_differ),
		cmocka_unit_test(tick_labels_say_their_values),
		cmocka_unit_test(colours_stay_apart),
		cmocka_unit_test(palette_file_says_what_the_program_draws),
		cmocka_unit_test(a_system_keeps_its_colour),
		cmocka_unit_test(odd_values_give_a_readable_figure),
		cmocka_unit_test(odd_shapes_give_a_readable_figure),
		cmocka_unit_test(many_samples_stay_bounded),
		cmocka_unit_test(the_outermost_sample_is_drawn),
		cmocka_unit_test(random_charts_are_readable),
		cmocka_unit_test(a_chart_without_values_says_so),
		cmocka_unit_test(only_charts_of_series_are_taken),
		cmocka_unit_test(storage_shows_every_layer),
		cmocka_unit_test(storage_survives_odd_plans),
	};

	return cmocka_run_group_tests_name("chart", tests, NULL, NULL);
}
