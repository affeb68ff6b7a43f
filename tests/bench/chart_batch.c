/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: chart_batch N FORMATS [FOLDER]
 * Draws N grouped bar charts of nine categories and three systems, each as every letter of
 * FORMATS says (s SVG, p PDF, g PNG), and prints the CPU time of the first one and the mean
 * of the others in milliseconds.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "restudy/base/path.h"
#include "restudy/base/random.h"
#include "restudy/chart.h"

#define N_SERIES     3
#define N_CATEGORIES 9

static const char *const names[N_CATEGORIES] = {
	"Dhrystone", "Whetstone", "Pipe", "Context switching", "Process creation", "Execl", "File copy",
	"Shell scripts", "System calls",
};

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static int write_one(const struct rs_figure *f, char letter, const char *folder, int number,
		     struct rs_err *err)
{
	static const char *const suffix[RS_FORMAT_LAST] = { "svg", "pdf", "png" };
	enum rs_format format = letter == 's' ? RS_FORMAT_SVG : letter == 'p' ? RS_FORMAT_PDF : RS_FORMAT_PNG;
	RS_AUTO_BUF out = RS_BUF_INIT;
	char path[4096];

	if (rs_figure_write(f, format, &out, err) < 0)
		return -1;
	if (folder == NULL)
		return 0;
	snprintf(path, sizeof(path), "%s/%d.%s", folder, number, suffix[format]);
	return rs_path_write(path, out.data, out.len, err);
}

static int draw(int number, const char *formats, const char *folder, struct rs_random *r,
		struct rs_err *err)
{
	struct rs_point points[N_SERIES][N_CATEGORIES];
	struct rs_chart_series series[N_SERIES] = { { "host", points[0], 1, 0 },
						    { "OpenVZ", points[1], 0, 0 },
						    { "Xen", points[2], 0, 0 } };
	struct rs_chart c = { .kind = RS_CHART_BARS, .id = "fig", .title = "CPU benchmarks",
			      .value_title = "Index", .categories = names, .n_categories = N_CATEGORIES,
			      .series = series, .n_series = N_SERIES, .reference = 10,
			      .reference_label = "host = 10",
			      .note = "Bars: mean of 12 trials; whiskers: 95 % confidence interval." };
	struct rs_look look = { .epoch_s = 1163980800, .language = "en", .font = "DejaVu Sans",
				.font_size_pt = 8, .width_pt = 120 * 72 / 25.4 };
	RS_AUTO_FIGURE *f = NULL;

	for (int s = 0; s < N_SERIES; s++)
		for (int k = 0; k < N_CATEGORIES; k++) {
			double v = 10 - s * 2 * rs_random_unit(r);

			points[s][k] = (struct rs_point){ v, v * 0.97, v * 1.03, NULL, 0, NULL };
		}
	f = rs_figure_new(&c, &look, err);
	if (f == NULL)
		return -1;
	for (const char *p = formats; *p != '\0'; p++)
		if (write_one(f, *p, folder, number, err) < 0)
			return -1;
	return 0;
}

int main(int argc, char **argv)
{
	long n = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
	struct rs_err err = RS_ERR_INIT;
	struct rs_random r;
	double begin = cpu_ms(), first = 0;

	if (argc < 3 || n < 1) {
		fprintf(stderr, "usage: chart_batch N FORMATS [FOLDER]\n");
		return 2;
	}
	rs_random_seed(&r, 1);
	for (int i = 0; i < n; i++) {
		if (draw(i, argv[2], argc > 3 ? argv[3] : NULL, &r, &err) < 0) {
			fprintf(stderr, "chart_batch: %s\n", err.text);
			return 1;
		}
		if (i == 0)
			first = cpu_ms() - begin;
	}
	printf("first %.2f ms", first);
	if (n > 1)
		printf(", each further %.2f ms", (cpu_ms() - begin - first) / (double)(n - 1));
	printf("\n");
	return 0;
}
