/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Second pass: what the plan leaves open gets its default.  No judgement here; a
 * default never replaces what was written.
 */
#include "plan_priv.h"

#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"

/* Six trials are the fewest that give a 95 % interval of the median. */
enum { DEFAULT_TRIALS = 6, DEFAULT_WARMUP = 1 };

static int set_text(char **field, const char *text, struct rs_err *err)
{
	if (*field == NULL)
		*field = rs_strdup(text, err);
	return *field == NULL ? -1 : 0;
}

/* Names "SYSTEM-1", "SYSTEM-2", ... when the plan gives none; OpenVZ takes numbers from 101. */
static int name_guests(struct rs_system *s, struct rs_err *err)
{
	struct rs_guests *g = &s->guests;
	int n = rs_largest_count(g);

	if (g->n_names > 0)
		return 0;
	for (int i = 1; i <= n; i++) {
		char *name = s->platform == RS_PLATFORM_OPENVZ
				     ? rs_asprintf(err, "%d", 100 + i)
				     : rs_asprintf(err, "%.50s-%d", s->id != NULL ? s->id : "guest", i);

		if (name == NULL ||
		    rs_array_grow(&g->names, g->n_names, sizeof(g->names[0]), err) == NULL) {
			free(name);
			return -1;
		}
		g->names[g->n_names++] = name;
	}
	return 0;
}

static int complete_system(const struct rs_plan *plan, struct rs_system *s, struct rs_err *err)
{
	/* A substitute decides, since it is what this release can start. */
	if (s->boot == RS_BOOT_LAST)
		s->boot = rs_platform_boot(s->has_substitute ? s->substitute : s->platform);
	if (s->image == NULL && plan->n_images == 1 && plan->images[0].id != NULL &&
	    set_text(&s->image, plan->images[0].id, err) < 0)
		return -1;
	if (s->id != NULL && set_text(&s->title, s->id, err) < 0)
		return -1;
	return name_guests(s, err);
}

/* Seconds of one test when neither benchmark nor profile says: the program's own
 * default where it has one (UnixBench 4.1.0: 10 s for most tests). */
static double own_duration_s(enum rs_adapter adapter)
{
	switch (adapter) {
	case RS_ADAPTER_KERNELS:
	case RS_ADAPTER_UNIXBENCH:
		return 10;
	case RS_ADAPTER_SIEGE:
	case RS_ADAPTER_HTTPLOAD:
	case RS_ADAPTER_COMMAND:
	case RS_ADAPTER_LAST:
		break;
	}
	return 60;
}

static int complete_benchmark(struct rs_benchmark *b, struct rs_err *err)
{
	if (b->duration_s < 0)
		b->duration_s = own_duration_s(b->adapter);
	if (b->trials < 0)
		b->trials = DEFAULT_TRIALS;
	if (b->warmup < 0)
		b->warmup = DEFAULT_WARMUP;
	if ((b->adapter == RS_ADAPTER_SIEGE || b->adapter == RS_ADAPTER_HTTPLOAD) &&
	    set_text(&b->path, "/", err) < 0)
		return -1;
	for (size_t i = 0; i < b->n_metrics; i++) {
		if (b->metrics[i].id != NULL &&
		    set_text(&b->metrics[i].title, b->metrics[i].id, err) < 0)
			return -1;
	}
	return b->id != NULL ? set_text(&b->title, b->id, err) : 0;
}

static int complete_hardware(struct rs_hardware *hw, struct rs_err *err)
{
	for (size_t i = 0; i < hw->n_disks; i++) {
		if (set_text(&hw->disks[i].bus, "scsi", err) < 0)
			return -1;
	}
	for (size_t i = 0; i < hw->n_nics; i++) {
		if (hw->nics[i].link_bps <= 0)
			hw->nics[i].link_bps = hw->nics[i].capacity_bps;
	}
	return 0;
}

/* A figure has what the whole plan says wherever it says nothing itself. */
static int complete_appearance(struct rs_appearance *of, const struct rs_appearance *all,
			       struct rs_err *err)
{
	if (of->width_pt <= 0)
		of->width_pt = all->width_pt;
	if (of->font_size_pt <= 0)
		of->font_size_pt = all->font_size_pt;
	if (of->hatching < 0)
		of->hatching = all->hatching > 0;
	if (of->colours == RS_COLOURS_LAST)
		of->colours = all->colours == RS_COLOURS_GREY ? RS_COLOURS_GREY : RS_COLOURS_ALL;
	return all->font != NULL ? set_text(&of->font, all->font, err) : 0;
}

int rs_plan_complete(struct rs_plan *plan, struct rs_err *err)
{
	if (set_text(&plan->language, "en", err) < 0)
		return -1;
	if (plan->has_hardware && complete_hardware(&plan->hardware, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->n_images; i++) {
		struct rs_image *m = &plan->images[i];

		if (m->id != NULL && set_text(&m->title, m->id, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < plan->n_systems; i++) {
		if (complete_system(plan, &plan->systems[i], err) < 0)
			return -1;
	}
	for (size_t i = 0; i < plan->n_benchmarks; i++) {
		if (complete_benchmark(&plan->benchmarks[i], err) < 0)
			return -1;
	}
	for (size_t i = 0; i < plan->n_exhibits; i++) {
		if (plan->exhibits[i].scale <= 0)
			plan->exhibits[i].scale = 10;
		if (plan->exhibits[i].kind == RS_EXHIBIT_FIGURE &&
		    complete_appearance(&plan->exhibits[i].appearance, &plan->appearance, err) < 0)
			return -1;
	}
	return 0;
}

int rs_largest_count(const struct rs_guests *g)
{
	int most = 0;

	for (size_t i = 0; i < g->n_counts; i++) {
		if (g->counts[i] > most)
			most = g->counts[i];
	}
	return most;
}
