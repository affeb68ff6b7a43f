/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Layouts of recorded figures as text, one line for each shape in whole points, so that a
 * change of one shows in a diff.  RESTUDY_REGEN=1 writes them anew; a person reads the diff
 * and looks at the gallery.
 */
#include "chart_fixture.h"

#include "chart_recorded.h"
#include "restudy/base/path.h"
#include "restudy/plan.h"

#define GOLDEN RS_SOURCE_DIR "/tests/golden/chart/"

static const char *const role_name[RS_ROLE_LAST] = {
	[RS_ROLE_AXIS] = "axis", [RS_ROLE_GRID] = "grid", [RS_ROLE_TICK_LABEL] = "tick",
	[RS_ROLE_CATEGORY_LABEL] = "category", [RS_ROLE_VALUE_LABEL] = "number",
	[RS_ROLE_TITLE] = "title", [RS_ROLE_LEGEND] = "legend", [RS_ROLE_LEGEND_LABEL] = "name",
	[RS_ROLE_NOTE] = "note", [RS_ROLE_REFERENCE] = "reference", [RS_ROLE_VALUE] = "value",
	[RS_ROLE_SAMPLE] = "sample", [RS_ROLE_INTERVAL] = "interval", [RS_ROLE_MISSING] = "missing",
	[RS_ROLE_FRAME] = "frame", [RS_ROLE_MESSAGE] = "message",
};

static void add_item(struct rs_buf *out, const struct rs_scene *s, const struct rs_item *it)
{
	rs_buf_addf(out, "%s", role_name[it->role]);
	if (it->series >= 0)
		rs_buf_addf(out, " %d/%d", it->series, it->category);
	if (it->shape == RS_SHAPE_LINE) {
		const double *first = s->points + 2 * it->first, *last = first + 2 * (it->n - 1);

		rs_buf_addf(out, " %.0f,%.0f to %.0f,%.0f by %zu", first[0], first[1], last[0], last[1], it->n);
	} else if (it->shape == RS_SHAPE_TEXT) {
		rs_buf_addf(out, " %.0f,%.0f %.0f° \"%s\"", it->x, it->y, it->angle * 180 / G_PI,
			    pango_layout_get_text(it->text));
	} else {
		rs_buf_addf(out, " %.0f,%.0f %.0fx%.0f", it->x, it->y, it->w, it->h);
	}
	if (it->fill != RS_NO_INK)
		rs_buf_addf(out, " #%06x", (unsigned)it->fill);
	if (it->stroke != RS_NO_INK)
		rs_buf_addf(out, " |#%06x", (unsigned)it->stroke);
	rs_buf_adds(out, "\n");
}

static void as_text(const struct rs_figure *f, struct rs_buf *out)
{
	rs_buf_addf(out, "%.0f x %.0f\n%s\n", f->scene.width_pt, f->scene.height_pt, f->description);
	for (size_t i = 0; i < f->scene.n_items; i++)
		if (f->scene.items[i].role != RS_ROLE_SAMPLE)
			add_item(out, &f->scene, &f->scene.items[i]);
}

/* The first line in which two texts differ, for the message. */
static void tell_difference(const char *name, const char *have, const char *want)
{
	int line = 1;

	for (; *have == *want; have++, want++)
		line += *have == '\n';
	fail_msg("%s, line %d: \"%.60s\", expected \"%.60s\"", name, line, have, want);
}

static void compare(const struct rs_figure *f, const char *name)
{
	RS_AUTO_BUF text = RS_BUF_INIT, want = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;
	char path[4096];

	snprintf(path, sizeof(path), GOLDEN "%s.txt", name);
	as_text(f, &text);
	if (getenv("RESTUDY_REGEN") != NULL) {
		assert_int_equal(rs_path_write(path, text.data, text.len, &err), 0);
		return;
	}
	if (rs_path_read(path, 1000000, &want, &err) < 0)
		fail_msg("%s", err.text);
	if (strcmp(rs_buf_str(&text), rs_buf_str(&want)) != 0)
		tell_difference(name, rs_buf_str(&text), rs_buf_str(&want));
}

static void recorded_figures_look_as_before(void **state)
{
	struct recorded *r = recorded_load(GOLDEN "recorded.csv");

	(void)state;
	assert_non_null(r);
	assert_int_equal(r->alone[0][0].n, RECORDED_TRIALS);
	for (int kind = 0; kind < RS_CHART_STORAGE; kind++) {
		struct rs_chart c = recorded_chart(r, (enum rs_chart_kind)kind);
		struct rs_look look = look_of(kind % 2 == 0 ? 88 : 120);
		RS_AUTO_FIGURE *f = figure_of(&c, &look);
		char fault[1500];

		if (layout_fault(&f->scene, fault, sizeof(fault)) != NULL)
			fail_msg("%s: %s", rs_chart_kind_name(c.kind), fault);
		compare(f, rs_chart_kind_name(c.kind));
	}
	free(r);
}

static void the_study_s_storage_looks_as_before(void **state)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_PLAN *plan = rs_plan_load(RS_SOURCE_DIR "/thesis-plan.xml", &diags, &err);
	struct rs_look look = look_of(120);
	RS_AUTO_FIGURE *f = NULL;
	char fault[1500];

	(void)state;
	if (plan == NULL)
		fail_msg("%s", err.text);
	f = rs_figure_new_storage(plan, "fig-3.1", &look, &err);
	if (f == NULL)
		fail_msg("%s", err.text);
	if (layout_fault(&f->scene, fault, sizeof(fault)) != NULL)
		fail_msg("%s", fault);
	assert_true(has_text(f, "VolGroup00") && has_text(f, "RAID 1: md0"));
	compare(f, "storage");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_figures_look_as_before),
		cmocka_unit_test(the_study_s_storage_looks_as_before),
	};

	return cmocka_run_group_tests_name("chart golden", tests, NULL, NULL);
}
