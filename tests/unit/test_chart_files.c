/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Figures as files: judged by other programs (xmllint, pdffonts, cairo's PNG reader) and by
 * rendering them again in another environment.
 */
#include "chart_fixture.h"

#include <cairo.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restudy/base/cmd.h"
#include "restudy/base/path.h"

/* What is painted lies within the size the figure tells, on any surface. */
static void nothing_is_painted_outside(void **state)
{
	(void)state;
	for (int kind = 0; kind < RS_CHART_STORAGE; kind++) {
		struct sample_chart *t = make_chart((enum rs_chart_kind)kind, 3, 9);
		struct rs_look look = look_of(88);
		RS_AUTO_FIGURE *f = figure_of(&t->chart, &look);
		cairo_surface_t *s = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, NULL);
		cairo_t *cr = cairo_create(s);
		double x, y, w, h;

		assert_int_equal(rs_figure_draw(f, cr, NULL), 0);
		cairo_recording_surface_ink_extents(s, &x, &y, &w, &h);
		assert_true(x >= -0.5 && y >= -0.5 && w > 200 && h > 80);
		assert_true(x + w <= rs_figure_width_pt(f) + 0.5 && y + h <= rs_figure_height_pt(f) + 0.5);
		cairo_destroy(cr);
		cairo_surface_destroy(s);
		free(t);
	}
}

/* Every figure in every format, one after the other, into one buffer. */
static void render_everything(struct rs_buf *out)
{
	for (int kind = 0; kind < RS_CHART_STORAGE; kind++) {
		struct sample_chart *t = make_chart((enum rs_chart_kind)kind, 3, 9);
		struct rs_look look = look_of(kind % 2 == 0 ? 88 : 120);
		RS_AUTO_FIGURE *f = NULL;

		t->points[1][2] = (struct rs_point){ NAN, NAN, NAN, NULL, 0, "failed" };
		look.hatch = kind % 2;
		f = figure_of(&t->chart, &look);
		write_figure(f, RS_FORMAT_PDF, out);
		write_figure(f, RS_FORMAT_PNG, out);
		write_figure(f, RS_FORMAT_SVG, out);
		free(t);
	}
}

static void run_elsewhere(struct rs_buf *out, const char *zone, const char *locale, const char *folder)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_CMD *real = NULL;

	assert_true(n > 0);
	self[n] = '\0';
	real = rs_cmd_new(self);
	rs_cmd_arg(real, "--render");
	rs_cmd_env(real, "TZ", zone);
	rs_cmd_env(real, "LC_ALL", locale);
	rs_cmd_env(real, "LANG", locale);
	rs_cmd_env(real, "SOURCE_DATE_EPOCH", zone[0] == 'A' ? "12345" : NULL);
	rs_cmd_cwd(real, folder);
	rs_cmd_stdout_buf(real, out);
	if (rs_cmd_run_ok(real, &err) < 0)
		fail_msg("%s", err.text);
}

static void same_bytes_anywhere(void **state)
{
	RS_AUTO_BUF here = RS_BUF_INIT, again = RS_BUF_INIT, there = RS_BUF_INIT, elsewhere = RS_BUF_INIT;

	(void)state;
	render_everything(&here);
	render_everything(&again);	/* after other charts in the same process */
	assert_true(here.len == again.len && memcmp(here.data, again.data, here.len) == 0);
	run_elsewhere(&there, "Asia/Tokyo", "de_DE.UTF-8", "/tmp");
	assert_true(here.len == there.len && memcmp(here.data, there.data, here.len) == 0);
	run_elsewhere(&elsewhere, "UTC", "C", "/");
	assert_true(here.len == elsewhere.len && memcmp(here.data, elsewhere.data, here.len) == 0);
}

static void another_date_is_another_pdf(void **state)
{
	struct sample_chart *t = make_chart(RS_CHART_BARS, 3, 9);
	struct rs_look look = look_of(88);
	RS_AUTO_BUF a = RS_BUF_INIT, b = RS_BUF_INIT;
	RS_AUTO_FIGURE *f = figure_of(&t->chart, &look);
	RS_AUTO_FIGURE *later = NULL;

	(void)state;
	look.epoch_s += 86400;
	later = figure_of(&t->chart, &look);
	write_figure(f, RS_FORMAT_PDF, &a);
	write_figure(later, RS_FORMAT_PDF, &b);
	assert_true(a.len != b.len || memcmp(a.data, b.data, a.len) != 0);
	free(t);
}

struct ids {
	char name[4000][80];
	size_t n;
};

/* Collects what follows mark up to a delimiter; -1 in *twice when one comes again. */
static void collect_ids(const char *svg, const char *mark, char end, struct ids *ids, int *twice)
{
	for (const char *p = svg; (p = strstr(p, mark)) != NULL;) {
		const char *stop;
		size_t n;

		p += strlen(mark);
		stop = strchr(p, end);
		assert_non_null(stop);
		n = (size_t)(stop - p);
		assert_true(n < sizeof(ids->name[0]) && ids->n < RS_COUNT(ids->name));
		for (size_t i = 0; i < ids->n; i++)
			if (strlen(ids->name[i]) == n && memcmp(ids->name[i], p, n) == 0)
				*twice = 1;
		snprintf(ids->name[ids->n++], sizeof(ids->name[0]), "%.*s", (int)n, p);
	}
}

static void svgs_can_stand_in_one_page(void **state)
{
	struct sample_chart *t = make_chart(RS_CHART_BARS, 3, 9);
	struct rs_look look = look_of(120);
	RS_AUTO_BUF one = RS_BUF_INIT, two = RS_BUF_INIT;
	struct ids *ids = calloc(1, sizeof(*ids)), *uses = calloc(1, sizeof(*uses));
	int twice = 0, ignored = 0;
	RS_AUTO_FIGURE *a = figure_of(&t->chart, &look);
	RS_AUTO_FIGURE *b = NULL;

	(void)state;
	t->chart.id = "fig-3.3";
	b = figure_of(&t->chart, &look);
	write_figure(a, RS_FORMAT_SVG, &one);
	write_figure(b, RS_FORMAT_SVG, &two);
	collect_ids(rs_buf_str(&one), " id=\"", '"', ids, &twice);
	collect_ids(rs_buf_str(&two), " id=\"", '"', ids, &twice);
	assert_int_equal(twice, 0);
	assert_true(ids->n > 40);
	collect_ids(rs_buf_str(&one), "href=\"#", '"', uses, &ignored);
	assert_true(uses->n > 40);
	for (size_t i = 0; i < uses->n; i++) {
		size_t k = 0;

		while (k < ids->n && strcmp(ids->name[k], uses->name[i]) != 0)
			k++;
		assert_true(k < ids->n);
		assert_int_equal(strncmp(uses->name[i], "fig-3.2-", 8), 0);
	}
	collect_ids(rs_buf_str(&one), " id=\"", '"', ids, &twice);	/* the same figure twice is refused */
	assert_int_equal(twice, 1);
	free(uses);
	free(ids);
	free(t);
}

static int program(const char *name)
{
	RS_AUTO_STR *path = rs_path_program(name);

	return path != NULL;
}

static void svg_is_well_formed_whatever_the_names(void **state)
{
	static const char *const odd[] = { "a < b & \"c\" > 'd'", "]]>", "\x01\x02 control", "\xff\xfe broken",
					   "שלום עולם", "测试 ベンチマーク", "مرحبا", "", "%s %n %d",
					   "line\nbreak\ttab" };
	struct sample_chart *t = make_chart(RS_CHART_BARS, 3, 10);
	struct rs_look look = look_of(180);
	RS_AUTO_BUF svg = RS_BUF_INIT, said = RS_BUF_INIT;
	RS_AUTO_FIGURE *f = NULL;
	RS_AUTO_CMD *lint = rs_cmd_new("xmllint");
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	if (!program("xmllint"))
		skip();
	for (size_t i = 0; i < RS_COUNT(odd); i++)
		t->names[i] = odd[i];
	t->chart.title = odd[0];
	t->chart.id = "3.2 <odd> \"id\"";
	t->chart.provenance = "SELECT value FROM sample WHERE trial < 3 -- sha256 00ff";
	t->chart.value_title = odd[3];
	f = figure_of(&t->chart, &look);
	write_figure(f, RS_FORMAT_SVG, &svg);
	rs_cmd_arg(lint, "--xpath");
	rs_cmd_arg(lint, "concat(/*/@role, '|', /*/*[local-name()='title'], '|', "
			 "string-length(/*/*[local-name()='desc']) > 100, '|', /*/*[local-name()='metadata'])");
	rs_cmd_arg(lint, "-");
	rs_cmd_stdin_bytes(lint, svg.data, svg.len);
	rs_cmd_stdout_buf(lint, &said);
	if (rs_cmd_run_ok(lint, &err) < 0)
		fail_msg("%s", err.text);
	assert_non_null(strstr(rs_buf_str(&said), "img|a < b & \"c\" > 'd'|true|SELECT value"));
	free(t);
}

static void pdf_fonts_are_embedded(void **state)
{
	struct sample_chart *t = make_chart(RS_CHART_BARS, 3, 9);
	struct rs_look look = look_of(120);
	char path[] = "/tmp/restudy-chart-XXXXXX";
	int fd = mkstemp(path);
	RS_AUTO_BUF pdf = RS_BUF_INIT, said = RS_BUF_INIT;
	RS_AUTO_CMD *fonts = rs_cmd_new("pdffonts");
	RS_AUTO_FIGURE *f = figure_of(&t->chart, &look);
	struct rs_err err = RS_ERR_INIT;
	size_t rows = 0;

	(void)state;
	if (!program("pdffonts"))
		skip();
	write_figure(f, RS_FORMAT_PDF, &pdf);
	assert_true(fd >= 0 && write(fd, pdf.data, pdf.len) == (ssize_t)pdf.len);
	close(fd);
	rs_cmd_arg(fonts, path);
	rs_cmd_stdout_buf(fonts, &said);
	if (rs_cmd_run_ok(fonts, &err) < 0)
		fail_msg("%s", err.text);
	unlink(path);
	for (const char *line = rs_buf_str(&said); line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strstr(line, "DejaVuSans") == NULL)
			break;
		rows += *line != '\0' && line[6] == '+';
	}
	assert_non_null(strstr(rs_buf_str(&said), " yes yes "));
	assert_null(strstr(rs_buf_str(&said), " no "));
	assert_null(strstr(rs_buf_str(&said), "Type 3"));
	(void)rows;
	free(t);
}

struct bytes {
	const unsigned char *p;
	size_t left;
};

static cairo_status_t take(void *user, unsigned char *to, unsigned n)
{
	struct bytes *b = user;

	if (n > b->left)
		return CAIRO_STATUS_READ_ERROR;
	memcpy(to, b->p, n);
	b->p += n;
	b->left -= n;
	return CAIRO_STATUS_SUCCESS;
}

/* Share of pixels that are neither white nor a grey. */
static double coloured(cairo_surface_t *s)
{
	const unsigned char *row = cairo_image_surface_get_data(s);
	int w = cairo_image_surface_get_width(s), h = cairo_image_surface_get_height(s);
	long n = 0;

	for (int y = 0; y < h; y++, row += cairo_image_surface_get_stride(s))
		for (int x = 0; x < w; x++) {
			const unsigned char *p = row + 4 * x;

			n += abs(p[0] - p[1]) > 8 || abs(p[1] - p[2]) > 8;
		}
	return (double)n / (double)w / (double)h;
}

static void png_has_its_size_and_colours(void **state)
{
	struct sample_chart *t = make_chart(RS_CHART_BARS, 3, 9);
	struct rs_look look = look_of(88);

	(void)state;
	for (int grey = 0; grey < 2; grey++) {
		RS_AUTO_BUF png = RS_BUF_INIT;
		RS_AUTO_FIGURE *f = NULL;
		struct bytes b;
		cairo_surface_t *s;

		look.greyscale = grey;
		f = figure_of(&t->chart, &look);
		write_figure(f, RS_FORMAT_PNG, &png);
		b = (struct bytes){ (const unsigned char *)png.data, png.len };
		s = cairo_image_surface_create_from_png_stream(take, &b);
		assert_int_equal(cairo_surface_status(s), CAIRO_STATUS_SUCCESS);
		assert_int_equal(cairo_image_surface_get_width(s), 1040);	/* 88 mm at 300 dpi */
		assert_true(grey ? coloured(s) <= 0 : coloured(s) > 0.05);
		cairo_surface_destroy(s);
		assert_memory_equal(png.data + 37, "pHYs", 4);	/* 11811 dots per metre */
		assert_memory_equal(png.data + 41, "\0\0\x2e\x23\0\0\x2e\x23\1", 9);
	}
	free(t);
}

/* With --render: all figures to standard output, in whatever environment this is. */
static int render_to_stdout(void)
{
	RS_AUTO_BUF all = RS_BUF_INIT;

	(void)setlocale(LC_ALL, "");
	umask(077);
	render_everything(&all);
	return fwrite(all.data, 1, all.len, stdout) == all.len ? 0 : 1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_painted_outside),
		cmocka_unit_test(same_bytes_anywhere),
		cmocka_unit_test(another_date_is_another_pdf),
		cmocka_unit_test(svgs_can_stand_in_one_page),
		cmocka_unit_test(svg_is_well_formed_whatever_the_names),
		cmocka_unit_test(pdf_fonts_are_embedded),
		cmocka_unit_test(png_has_its_size_and_colours),
	};

	if (argc == 2 && strcmp(argv[1], "--render") == 0)
		return render_to_stdout();
	return cmocka_run_group_tests_name("chart files", tests, NULL, NULL);
}
