/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The storage of a plan as a diagram (figure 3.1): what the disks are put together to,
 * from top to bottom.  Each volume group is a stack: its disks, their RAID, the physical
 * volume on it, and a frame with the logical volumes; each of these shows its file system
 * and who uses it.  Disks that no group uses make stacks of their own.
 */
#include "chart_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"

#define CELLS_MAX   96		/* logical volumes drawn of one group */
#define STACKS_MAX  24
#define BOX_PT	    64.0	/* width of a disk */
#define CELL_PT	    64.0	/* least width of a logical volume */
#define GAP_PT	    6.0
#define PAD_PT	    3.0
#define CABLE_PT    11.0	/* between layers */

struct cell {			/* a logical volume */
	char name[80], size[32], use[160], user[160];
	uint32_t tint;
	size_t owner;		/* a row holds one owner's volumes: 0 the host, then the systems */
};

struct stack {
	const struct rs_volume_group *group;	/* or NULL */
	const struct rs_raid *raid;		/* or NULL */
	const struct rs_disk **disks;		/* owned */
	size_t n_disks;
	struct cell *cells;			/* owned */
	size_t n_cells, n_hidden;
	size_t per_guest;			/* volumes of one guest: they stay in one row */
	double x, width;
};

struct diagram {
	const struct rs_plan *plan;
	const struct rs_style *s;
	struct rs_scene *scene;
	struct rs_buf *text;		/* the description */
	struct rs_err *err;
	struct stack stacks[STACKS_MAX];
	size_t n, n_hidden;		/* hidden: found no place */
	double names;			/* width of the layers' names at the left; 0: none */
};

static char *size_text(char *buf, size_t size, int64_t bytes, enum rs_chart_lang lang)
{
	if (bytes % 1000000000 == 0 && bytes > 0)
		snprintf(buf, size, "%lld GB", (long long)(bytes / 1000000000));
	else
		rs_format_quantity(buf, size, (double)bytes, RS_DIM_BYTES);
	for (char *p = buf; lang == RS_CHART_DE && *p != '\0'; p++)
		if (*p == '.')
			*p = ',';
	return buf;
}

/* ---- gathering ---- */

static const struct rs_raid *find_raid(const struct rs_hardware *h, const char *name)
{
	for (size_t i = 0; name != NULL && i < h->n_raids; i++)
		if (h->raids[i].name != NULL && strcmp(h->raids[i].name, name) == 0)
			return &h->raids[i];
	return NULL;
}

static const struct rs_disk *find_disk(const struct rs_hardware *h, const char *name)
{
	for (size_t i = 0; name != NULL && i < h->n_disks; i++)
		if (h->disks[i].name != NULL && strcmp(h->disks[i].name, name) == 0)
			return &h->disks[i];
	return NULL;
}

static int add_disk(struct stack *st, const struct rs_disk *d, struct rs_err *err)
{
	const struct rs_disk **place;

	if (d == NULL)
		return 0;
	place = rs_array_grow(&st->disks, st->n_disks, sizeof(*place), err);
	if (place == NULL)
		return -1;
	*place = d;
	st->n_disks++;
	return 0;
}

static int add_members(struct stack *st, const struct rs_hardware *h, struct rs_err *err)
{
	for (size_t i = 0; st->raid != NULL && i < st->raid->n_members; i++)
		if (add_disk(st, find_disk(h, st->raid->members[i]), err) < 0)
			return -1;
	return 0;
}

static struct cell *add_cell(struct stack *st, struct rs_err *err)
{
	struct cell *c;

	if (st->n_cells >= CELLS_MAX) {
		st->n_hidden++;
		return NULL;
	}
	c = rs_array_grow(&st->cells, st->n_cells, sizeof(*c), err);
	if (c != NULL)
		st->n_cells++;
	return c;
}

/* "xenU_%d.1" for guest 2 is "xenU_2.1"; the pattern is data, never a format. */
static void volume_name(char *buf, size_t size, const char *pattern, size_t guest)
{
	const char *mark = pattern == NULL ? NULL : strstr(pattern, "%d");

	if (mark == NULL)
		snprintf(buf, size, "%.70s", pattern == NULL ? "" : pattern);
	else
		snprintf(buf, size, "%.*s%zu%.30s", (int)(mark - pattern > 40 ? 40 : mark - pattern), pattern,
			 guest, mark + 2);
}

static void use_text(char *buf, size_t size, const char *filesystem, const char *mount)
{
	int is_swap = filesystem != NULL && strcmp(filesystem, "swap") == 0;

	snprintf(buf, size, "%.40s%s%.100s", filesystem != NULL ? filesystem : "",
		 mount != NULL && !is_swap ? ": " : "", mount != NULL && !is_swap ? mount : "");
}

static int add_host_cells(struct diagram *d, struct stack *st)
{
	for (size_t i = 0; i < st->group->n_volumes; i++) {
		const struct rs_volume *v = &st->group->volumes[i];
		struct cell *c = add_cell(st, d->err);

		if (c == NULL && st->n_hidden == 0)
			return -1;
		if (c == NULL)
			continue;
		snprintf(c->name, sizeof(c->name), "%.70s", v->name != NULL ? v->name : "");
		size_text(c->size, sizeof(c->size), v->size_bytes, d->s->lang);
		use_text(c->use, sizeof(c->use), v->filesystem, v->mount);
		snprintf(c->user, sizeof(c->user), "%s", rs_word(d->s->lang, RS_WORD_HOST));
		c->tint = rs_palette(0, 0).fill;
	}
	return 0;
}

static size_t most_guests(const struct rs_guests *g)
{
	int most = 0;

	for (size_t i = 0; i < g->n_counts; i++)
		if (g->counts[i] > most)
			most = g->counts[i];
	return (size_t)most;
}

/* The colour that a system has in all figures: its place among those that are not the baseline. */
static uint32_t tint_of(const struct rs_plan *plan, size_t system)
{
	size_t slot = 0;

	for (size_t i = 0; i <= system && !plan->systems[system].is_baseline; i++)
		slot += !plan->systems[i].is_baseline;
	return rs_palette(slot, 0).fill;
}

static int add_guest_disk(struct diagram *d, struct stack *st, size_t system, size_t guest,
			  const struct rs_guest_disk *disk)
{
	const struct rs_guests *g = &d->plan->systems[system].guests;
	struct cell *c = add_cell(st, d->err);

	if (c == NULL)
		return st->n_hidden == 0 ? -1 : 0;
	volume_name(c->name, sizeof(c->name), disk->volume, guest + 1);
	size_text(c->size, sizeof(c->size), disk->size_bytes, d->s->lang);
	use_text(c->use, sizeof(c->use), disk->filesystem, disk->mount);
	snprintf(c->user, sizeof(c->user), "%.80s%s%.40s",
		 guest < g->n_names && g->names[guest] != NULL ? g->names[guest] :
								 d->plan->systems[system].id,
		 disk->device != NULL ? ": " : "", disk->device != NULL ? disk->device : "");
	c->tint = tint_of(d->plan, system);
	c->owner = system + 1;
	return 0;
}

static size_t disks_in(const struct rs_guests *g, const struct rs_volume_group *group)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n_disks && group->name != NULL; i++)
		n += g->disks[i].group != NULL && strcmp(g->disks[i].group, group->name) == 0;
	return n;
}

static int add_guest_cells(struct diagram *d, struct stack *st)
{
	for (size_t i = 0; i < d->plan->n_systems; i++) {
		const struct rs_guests *g = &d->plan->systems[i].guests;

		if (most_guests(g) > 0 && disks_in(g, st->group) > st->per_guest)
			st->per_guest = disks_in(g, st->group);
		for (size_t n = 0; n < most_guests(g); n++)
			for (size_t k = 0; k < g->n_disks; k++)
				if (g->disks[k].group != NULL && st->group->name != NULL &&
				    strcmp(g->disks[k].group, st->group->name) == 0 &&
				    add_guest_disk(d, st, i, n, &g->disks[k]) < 0)
					return -1;
	}
	return 0;
}

static struct stack *add_stack(struct diagram *d)
{
	if (d->n == STACKS_MAX) {
		d->n_hidden++;
		return NULL;
	}
	return &d->stacks[d->n++];
}

static int gather_groups(struct diagram *d)
{
	const struct rs_hardware *h = &d->plan->hardware;

	for (size_t i = 0; i < h->n_groups; i++) {
		struct stack *st = add_stack(d);

		if (st == NULL)
			continue;
		st->group = &h->groups[i];
		st->raid = find_raid(h, st->group->on);
		if (add_members(st, h, d->err) < 0)
			return -1;
		if (st->raid == NULL && add_disk(st, find_disk(h, st->group->on), d->err) < 0)
			return -1;
		if (add_host_cells(d, st) < 0 || add_guest_cells(d, st) < 0)
			return -1;
	}
	return 0;
}

static int is_shown(const struct diagram *d, const struct rs_raid *raid, const struct rs_disk *disk)
{
	for (size_t i = 0; i < d->n; i++) {
		if (raid != NULL && d->stacks[i].raid == raid)
			return 1;
		for (size_t k = 0; disk != NULL && k < d->stacks[i].n_disks; k++)
			if (d->stacks[i].disks[k] == disk)
				return 1;
	}
	return 0;
}

static int gather_rest(struct diagram *d)
{
	const struct rs_hardware *h = &d->plan->hardware;
	struct stack *st;

	for (size_t i = 0; i < h->n_raids; i++) {
		if (is_shown(d, &h->raids[i], NULL) || (st = add_stack(d)) == NULL)
			continue;
		st->raid = &h->raids[i];
		if (add_members(st, h, d->err) < 0)
			return -1;
	}
	for (size_t i = 0; i < h->n_disks; i++) {
		if (is_shown(d, NULL, &h->disks[i]) || (st = add_stack(d)) == NULL)
			continue;
		if (add_disk(st, &h->disks[i], d->err) < 0)
			return -1;
	}
	return 0;
}

/* ---- drawing ---- */

/* A box with up to three centred lines, of which the first is bold. */
static double put_box(struct diagram *d, double x, double y, double w, uint32_t tint,
		      const char *const *lines, size_t n)
{
	struct rs_text t[4];
	double h = 2 * PAD_PT, at = y + PAD_PT;
	struct rs_item *it;

	for (size_t i = 0; i < n; i++) {
		t[i] = rs_text_set(d->s, i == 0 ? RS_FACE_BOLD : RS_FACE_SMALL, lines[i], w - 2 * PAD_PT, 2);
		h += *lines[i] != '\0' ? t[i].h : 0;
	}
	rs_scene_rect(d->scene, RS_ROLE_VALUE, x, y, w, h, tint);
	if (d->scene->err.kind == RS_ERR_NONE) {
		it = &d->scene->items[d->scene->n_items - 1];
		it->fill_alpha = 0.3;
		it->stroke = RS_INK;
		it->stroke_pt = 0.5;
	}
	for (size_t i = 0; i < n; i++) {
		double line = t[i].h;

		if (*lines[i] == '\0') {
			rs_text_release(&t[i]);
			continue;
		}
		rs_text_put(d->scene, RS_ROLE_CATEGORY_LABEL, &t[i], x + w / 2, at, RS_ANCHOR_CENTRE, 0, RS_INK);
		at += line;
	}
	return h;
}

static void put_layer_name(struct diagram *d, enum rs_word word, double y, double h)
{
	struct rs_text t;

	if (!(d->names > 0))
		return;
	t = rs_text_set(d->s, RS_FACE_SMALL, rs_word(d->s->lang, word), d->names - 4, 3);
	rs_text_put(d->scene, RS_ROLE_TITLE, &t, 1, y + fmax(0, (h - t.h) / 2), RS_ANCHOR_LEFT, 0, RS_SOFT);
}

static void cable(struct diagram *d, double x, double y0, double x1, double y1)
{
	double middle = (y0 + y1) / 2;

	if (rs_scene_path(d->scene, RS_ROLE_AXIS, RS_INK, 0.6) == NULL)
		return;
	rs_scene_point(d->scene, x, y0);
	rs_scene_point(d->scene, x, middle);
	rs_scene_point(d->scene, x1, middle);
	rs_scene_point(d->scene, x1, y1);
}

/* Disks in as many rows as they need, each with a cable down to the next layer. */
static double put_disks(struct diagram *d, const struct stack *st, double y)
{
	double fit = floor((st->width + GAP_PT) / (BOX_PT + GAP_PT)), h = 0, start = y, x0;
	size_t columns = fit < 1 ? 1 : (size_t)fit;
	double w = fmin(BOX_PT, st->width);

	for (size_t i = 0; i < st->n_disks; i++) {
		size_t row = i / columns, in_row = st->n_disks - row * columns;
		char size[32], bus[40];
		const char *lines[3] = { st->disks[i]->name != NULL ? st->disks[i]->name : "", size, bus };

		in_row = in_row > columns ? columns : in_row;
		if (i > 0 && i % columns == 0)
			y += h + 4;
		x0 = st->x + (st->width - ((double)in_row * (w + GAP_PT) - GAP_PT)) / 2 +
		     (double)(i % columns) * (w + GAP_PT);
		size_text(size, sizeof(size), st->disks[i]->size_bytes, d->s->lang);
		snprintf(bus, sizeof(bus), "%.30s", st->disks[i]->bus != NULL ? st->disks[i]->bus : "");
		h = put_box(d, x0, y, w, 0xbbbbbb, lines, 3);
		if (st->group != NULL || st->raid != NULL)
			cable(d, x0 + w / 2, y + h, st->x + st->width / 2, y + h + CABLE_PT);
	}
	if (st->n_disks > 0)
		put_layer_name(d, RS_WORD_PHYSICAL_DISKS, start, y + h - start);
	return st->n_disks > 0 ? y + h + CABLE_PT : y;
}

static double put_raid(struct diagram *d, const struct stack *st, double y)
{
	double w = fmin(st->width, 2 * BOX_PT + GAP_PT), x = st->x + (st->width - w) / 2, h;
	char level[40];
	const char *lines[2] = { level, "" };

	if (st->raid == NULL)
		return y;
	snprintf(level, sizeof(level), "RAID %d: %.24s", st->raid->level,
		 st->raid->name != NULL ? st->raid->name : "");
	h = put_box(d, x, y, w, rs_palette(2, 0).fill, lines, 1);
	put_layer_name(d, RS_WORD_RAID, y, h);
	if (st->group == NULL)
		return y + h;
	cable(d, x + w / 2, y + h, x + w / 2, y + h + CABLE_PT);
	return y + h + CABLE_PT;
}

static double put_physical_volume(struct diagram *d, const struct stack *st, double y)
{
	double w = fmin(st->width, 2 * BOX_PT + GAP_PT), x = st->x + (st->width - w) / 2, h;
	const char *lines[2] = { st->group->on != NULL ? st->group->on : "",
				 d->names > 0 ? "" : rs_word(d->s->lang, RS_WORD_PHYSICAL_VOLUME) };

	h = put_box(d, x, y, w, rs_palette(4, 0).fill, lines, 2);
	put_layer_name(d, RS_WORD_PHYSICAL_VOLUME, y, h);
	cable(d, x + w / 2, y + h, x + w / 2, y + h + CABLE_PT);
	return y + h + CABLE_PT;
}

/* How many volumes stand side by side. */
static size_t cell_columns(const struct stack *st, double w)
{
	double fit = floor((w + GAP_PT) / (CELL_PT + GAP_PT));
	size_t columns = fit < 1 ? 1 : (size_t)fit, widest = 0, run = 0;

	for (size_t i = 0; i < st->n_cells; i++) {
		run = i > 0 && st->cells[i].owner == st->cells[i - 1].owner ? run + 1 : 1;
		widest = run > widest ? run : widest;
	}
	if (columns > widest && widest > 0)
		columns = widest;
	if (st->per_guest > 1 && columns > st->per_guest)
		columns -= columns % st->per_guest;
	return columns;
}

/* Logical volumes in rows of equal boxes, a new row for each owner. */
static double put_cells(struct diagram *d, const struct stack *st, double x, double y, double w)
{
	size_t columns = cell_columns(st, w), column = 0, row = d->scene->n_items;
	double h = 0, top = y, cell = fmin(1.7 * CELL_PT, (w + GAP_PT) / (double)columns - GAP_PT);

	x += (w - ((double)columns * (cell + GAP_PT) - GAP_PT)) / 2;
	for (size_t i = 0; i < st->n_cells; i++, column++) {
		const struct cell *c = &st->cells[i];
		const char *lines[4] = { c->name, c->size, c->use, c->user };
		double box;

		if (i > 0 && (column == columns || c->owner != c[-1].owner)) {
			y += h + GAP_PT;
			h = 0;
			column = 0;
			row = d->scene->n_items;
		}
		box = put_box(d, x + (double)column * (cell + GAP_PT), y, cell, c->tint, lines, 4);
		h = fmax(h, box);
		for (size_t k = row; k < d->scene->n_items; k++)	/* boxes of a row are of one height */
			if (d->scene->items[k].shape == RS_SHAPE_RECT)
				d->scene->items[k].h = h;
	}
	put_layer_name(d, RS_WORD_LOGICAL_VOLUMES, top, y + h - top);
	return y + h;
}

/* How many more there are that found no place; returns where it ends. */
static double put_more(struct diagram *d, size_t n, double x, double y)
{
	char more[40];
	struct rs_text t;
	double h;

	snprintf(more, sizeof(more), "… + %zu", n);
	t = rs_text_set(d->s, RS_FACE_SMALL, more, 0, 1);
	h = t.h;
	rs_text_put(d->scene, RS_ROLE_NOTE, &t, x, y, RS_ANCHOR_LEFT, 0, RS_INK);
	return y + h;
}

static double put_group(struct diagram *d, const struct stack *st, double y)
{
	char title[200];
	struct rs_text t;
	size_t frame = d->scene->n_items;
	double bottom;

	snprintf(title, sizeof(title), "%s%s%.120s", d->names > 0 ? "" : rs_word(d->s->lang, RS_WORD_VOLUME_GROUP),
		 d->names > 0 ? "" : " ", st->group->name != NULL ? st->group->name : "");
	t = rs_text_set(d->s, RS_FACE_BOLD, title, st->width - 2 * GAP_PT, 2);
	bottom = y + PAD_PT + t.h + PAD_PT;
	rs_scene_rect(d->scene, RS_ROLE_FRAME, st->x, y, st->width, 1, 0xf4f4f4);
	put_layer_name(d, RS_WORD_VOLUME_GROUP, y, t.h + 2 * PAD_PT);
	rs_text_put(d->scene, RS_ROLE_CATEGORY_LABEL, &t, st->x + st->width / 2, y + PAD_PT,
		    RS_ANCHOR_CENTRE, 0, RS_INK);
	if (st->n_cells > 0)
		bottom = put_cells(d, st, st->x + GAP_PT, bottom, st->width - 2 * GAP_PT) + GAP_PT;
	if (st->n_hidden > 0)
		bottom = put_more(d, st->n_hidden, st->x + GAP_PT, bottom - PAD_PT) + PAD_PT;
	if (d->scene->err.kind == RS_ERR_NONE) {
		d->scene->items[frame].h = bottom - y;
		d->scene->items[frame].stroke = RS_INK;
		d->scene->items[frame].stroke_pt = 0.7;
	}
	return bottom;
}

static double put_stack(struct diagram *d, const struct stack *st, double y)
{
	y = put_disks(d, st, y);
	y = put_raid(d, st, y);
	if (st->group == NULL)
		return y;
	y = put_physical_volume(d, st, y);
	return put_group(d, st, y);
}

/* Widths by the number of logical volumes; stacks that do not fit go below. */
static double put_stacks(struct diagram *d)
{
	double y = 1, x0 = d->names + 1, room = d->s->width_pt - x0 - 1;
	size_t first = 0;

	while (first < d->n) {
		double weight = 0, x = x0, bottom = y, gaps, least;
		size_t n = 0;

		while (first + n < d->n && (double)(n + 1) * (CELL_PT + 2 * GAP_PT) <= room + GAP_PT)
			n++;
		n = n == 0 ? 1 : n;
		for (size_t i = first; i < first + n; i++)
			weight += 1 + fmin(6, (double)d->stacks[i].n_cells);
		gaps = GAP_PT * (double)(n - 1);
		least = fmin(CELL_PT + 2 * GAP_PT, (room - gaps) / (double)n);
		for (size_t i = first; i < first + n; i++) {
			struct stack *st = &d->stacks[i];

			st->x = x;
			st->width = least + (room - gaps - least * (double)n) *
						    (1 + fmin(6, (double)st->n_cells)) / weight;
			x += st->width + GAP_PT;
			bottom = fmax(bottom, put_stack(d, st, y));
		}
		first += n;
		y = bottom + (first < d->n ? 12 : 0);
	}
	return y;
}

/* ---- the text alternative ---- */

static void describe_stack(struct diagram *d, const struct stack *st)
{
	char size[32];

	for (size_t i = 0; i < st->n_disks; i++)
		rs_buf_addf(d->text, "%s%.60s (%s)", i > 0 ? ", " : " ", st->disks[i]->name,
			    size_text(size, sizeof(size), st->disks[i]->size_bytes, d->s->lang));
	if (st->raid != NULL)
		rs_buf_addf(d->text, " → RAID %d %.60s", st->raid->level, st->raid->name);
	if (st->group != NULL)
		rs_buf_addf(d->text, " → %s %.60s → %s %.60s:", rs_word(d->s->lang, RS_WORD_PHYSICAL_VOLUME),
			    st->group->on, rs_word(d->s->lang, RS_WORD_VOLUME_GROUP), st->group->name);
	for (size_t i = 0; i < st->n_cells && d->text->len < 4000; i++)
		rs_buf_addf(d->text, "%s %s (%s, %s, %s)", i > 0 ? ";" : "", st->cells[i].name,
			    st->cells[i].size, st->cells[i].use, st->cells[i].user);
	rs_buf_adds(d->text, ".");
}

static void release(struct diagram *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->stacks[i].disks);
		free(d->stacks[i].cells);
	}
	free(d);
}

static void draw(struct diagram *d)
{
	static const struct rs_chart none = { .kind = RS_CHART_STORAGE };
	struct rs_fig fig = { .c = &none, .s = d->s, .scene = d->scene, .cut_lo = -(double)INFINITY,
			      .cut_hi = (double)INFINITY };
	double bottom;

	rs_buf_addf(d->text, "%s:", rs_word(d->s->lang, RS_WORD_STORAGE));
	if (d->n == 0) {
		rs_buf_addf(d->text, " %s", rs_word(d->s->lang, RS_WORD_NO_STORAGE));
		rs_fig_message(&fig, rs_word(d->s->lang, RS_WORD_NO_STORAGE));
		return;
	}
	if (d->n == 1 && d->s->width_pt >= 200)
		d->names = fmin(78, d->s->width_pt * 0.2);
	bottom = put_stacks(d);
	if (d->n_hidden > 0)
		bottom = put_more(d, d->n_hidden, 1, bottom + PAD_PT);
	for (size_t i = 0; i < d->n; i++)
		describe_stack(d, &d->stacks[i]);
	d->scene->width_pt = d->s->width_pt;
	d->scene->height_pt = bottom + 1;
}

int rs_storage_layout(const struct rs_plan *plan, const struct rs_style *s, struct rs_scene *scene,
		      struct rs_buf *description, struct rs_err *err)
{
	struct diagram *d = rs_alloc(1, sizeof(*d), err);
	int rc = 0;

	if (d == NULL)
		return -1;
	d->plan = plan;
	d->s = s;
	d->scene = scene;
	d->text = description;
	d->err = err;
	if (plan->has_hardware && (gather_groups(d) < 0 || gather_rest(d) < 0))
		rc = -1;
	else
		draw(d);
	release(d);
	if (rc == 0 && scene->err.kind != RS_ERR_NONE)
		rc = rs_err_set(err, scene->err.kind, "storage diagram: %s", scene->err.text);
	return rc;
}
