/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a report's figures say of themselves: each kind what it draws, and all of them which
 * systems had a substitute and that the machine was emulated.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/report/words_priv.h"
#include "report_fixture.h"
#include "restudy/base/buf.h"

/* The exhibit, as the plan's first. */
static struct rs_exhibit *exhibit_of(struct fixture *f, const char *id)
{
	struct rs_exhibit *first = f->plan->exhibits, e = *first;

	for (size_t i = 0; i < f->plan->n_exhibits; i++)
		if (strcmp(first[i].id, id) == 0) {
			*first = first[i];
			first[i] = e;
			return first;
		}
	fail_msg("no exhibit \"%s\"", id);
	return NULL;
}

/* The first exhibit, a figure, as SVG, whose description ends in what stands below it. */
static void read_figure(struct fixture *f, const char *language, struct rs_buf *out)
{
	const size_t all = f->plan->n_exhibits;
	const char *id = f->plan->exhibits[0].id;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STR *folder = rs_path_join(f->folder, "out", &err);
	const struct rs_report_options o = { .out = folder, .program_version = "0.1.0", .language = language };
	RS_AUTO_STR *path = rs_asprintf(&err, "%s/figures/%s.svg", folder, id);

	f->plan->n_exhibits = 1;	/* the others take time */
	if (path == NULL || rs_report_write(f->plan, f->store, &o, &err) < 0 ||
	    rs_path_read(path, 1 << 24, out, &err) < 0)
		fail_msg("%s", err.text);
	f->plan->n_exhibits = all;
}

static void must_say(const struct rs_buf *svg, const char *text)
{
	if (strstr(rs_buf_str(svg), text) == NULL)
		fail_msg("no \"%s\"", text);
}

static void each_kind_says_what_it_draws(void **state)
{
	static const struct {
		enum rs_chart_kind kind;
		enum rs_value_kind value;
		const char *language, *said, *unsaid;
	} cases[] = {
		{ RS_CHART_BARS, RS_VALUE_INDEX, "en", "whiskers: 95 % confidence interval", "quartiles" },
		{ RS_CHART_DOTS, RS_VALUE_INDEX, "en", "none for a single trial and for the baseline.", "each by itself" },
		{ RS_CHART_DOTS, RS_VALUE_ABSOLUTE, "en", "none for a single trial.", "the baseline." },
		{ RS_CHART_BOX, RS_VALUE_INDEX, "en", "box: quartiles and median", "confidence interval" },
		{ RS_CHART_BOX, RS_VALUE_INDEX, "de", "Kasten: Quartile und Median", "Konfidenzintervall" },
		{ RS_CHART_ECDF, RS_VALUE_INDEX, "en", "3, each by itself", "confidence interval" },
		{ RS_CHART_TIME, RS_VALUE_INDEX, "de", "3, jeder für sich", "Konfidenzintervall" },
	};
	struct fixture f;
	struct rs_exhibit *e;

	(void)state;
	fixture_open(&f, 1, 1);
	e = exhibit_of(&f, "fig-3.2");
	for (size_t i = 0; i < RS_COUNT(cases); i++) {
		const int de = strcmp(cases[i].language, "de") == 0;
		RS_AUTO_BUF svg = RS_BUF_INIT;

		e->chart = cases[i].kind;
		e->value = cases[i].value;
		read_figure(&f, cases[i].language, &svg);
		must_say(&svg, cases[i].said);
		assert_null(strstr(rs_buf_str(&svg), cases[i].unsaid));
		must_say(&svg, de ? "Emulierte Maschine" : "Emulated machine");
		must_say(&svg, de ? "Ersatzplattform" : "substitute platform");
	}
	fixture_close(&f);
}

/* A value that was measured is not called unmeasured because its baseline was not. */
static void a_missing_baseline_is_the_reason(void **state)
{
	struct fixture f;
	RS_AUTO_BUF svg = RS_BUF_INIT;

	(void)state;
	fixture_open(&f, 0, 0);
	(void)exhibit_of(&f, "fig-3.2");
	for (size_t i = 0; i < f.plan->n_systems; i++)
		f.plan->systems[i].is_baseline = strcmp(f.plan->systems[i].id, "xen") == 0;
	read_figure(&f, "en", &svg);
	must_say(&svg, "Host missing (the baseline has no value)");
	must_say(&svg, "missing (not measured)");
	fixture_close(&f);
}

/* A bound of 0.995 is not one of 1.00, nor a tolerance of 2.5 % one of 3 %. */
static void what_a_plan_says_is_not_rounded(void **state)
{
	static const struct {
		double v;
		const char *en, *de;
	} cases[] = {
		{ 10, "10", "10" },		{ 0.995, "0.995", "0,995" }, { 0.07 * 100, "7", "7" },
		{ 0.025 * 100, "2.5", "2,5" },	{ 1.1 * 3, "3.3", "3,3" },   { 0, "0", "0" },
		{ 1234567, "1,234,567", "1.234.567" },
	};
	struct fixture f;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STR *out = NULL, *path = NULL;
	RS_AUTO_BUF md = RS_BUF_INIT;
	struct rs_report_options o = { .program_version = "0.1.0", .language = "en" };
	char b[64];

	(void)state;
	for (size_t i = 0; i < RS_COUNT(cases); i++) {
		assert_string_equal(rs_number_as_written(b, sizeof(b), RS_LANGUAGE_EN, cases[i].v), cases[i].en);
		assert_string_equal(rs_number_as_written(b, sizeof(b), RS_LANGUAGE_DE, cases[i].v), cases[i].de);
	}
	fixture_open(&f, 0, 1);
	f.plan->claims[0].bound = 0.995;
	out = rs_path_join(f.folder, "out", &err);
	path = rs_path_join(out, "report.md", &err);
	o.out = out;
	if (rs_report_write(f.plan, f.store, &o, &err) < 0 || rs_path_read(path, 1 << 24, &md, &err) < 0)
		fail_msg("%s", err.text);
	must_say(&md, "0.995");
	fixture_close(&f);
}

/* A template that asks for hardware where the plan has none gets no machine of 0 processors. */
static void unknown_hardware_is_not_zero(void **state)
{
	static const char template[] =
		"<report xmlns='urn:restudy:report:1'><section title='a'><p>cpu <value of='hardware.cpu'/>, memory "
		"<value of='hardware.memory'/>.</p></section></report>";
	struct rs_hardware hardware;
	struct fixture f;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STR *out = NULL, *path = NULL, *own = NULL;
	RS_AUTO_BUF md = RS_BUF_INIT;
	struct rs_report_options o = { .program_version = "0.1.0", .language = "en" };

	(void)state;
	fixture_open(&f, 0, 0);
	out = rs_path_join(f.folder, "out", &err);
	path = rs_path_join(out, "report.md", &err);
	own = rs_path_join(f.folder, "own.xml", &err);
	assert_int_equal(rs_path_write(own, template, strlen(template), &err), 0);
	hardware = f.plan->hardware;
	f.plan->hardware = (struct rs_hardware){ .memory_bytes = 0 };
	f.plan->has_hardware = 0;
	o.out = out;
	o.template_path = own;
	if (rs_report_write(f.plan, f.store, &o, &err) < 0 || rs_path_read(path, 1 << 24, &md, &err) < 0)
		fail_msg("%s", err.text);
	f.plan->hardware = hardware;
	f.plan->has_hardware = 1;
	must_say(&md, "cpu –, memory –.");
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_says_what_it_draws),
		cmocka_unit_test(a_missing_baseline_is_the_reason),
		cmocka_unit_test(what_a_plan_says_is_not_rounded),
		cmocka_unit_test(unknown_hardware_is_not_zero),
	};

	return cmocka_run_group_tests_name("report figures", tests, NULL, NULL);
}
