/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of what is drawn.  A sticky writer: the first failure is kept in the scene. */
#include "chart_priv.h"

#include <stdlib.h>

#include "restudy/base/mem.h"

void rs_scene_release(struct rs_scene *s)
{
	for (size_t i = 0; i < s->n_items; i++)
		g_clear_object(&s->items[i].text);
	free(s->items);
	free(s->points);
	*s = (struct rs_scene){ .err = RS_ERR_INIT };
}

struct rs_item *rs_scene_add(struct rs_scene *s, enum rs_shape shape, enum rs_role role)
{
	struct rs_item *it;

	if (s->err.kind != RS_ERR_NONE)
		return NULL;
	it = rs_array_grow(&s->items, s->n_items, sizeof(*it), &s->err);
	if (it == NULL)
		return NULL;
	s->n_items++;
	it->shape = shape;
	it->role = role;
	it->series = it->category = -1;
	it->fill = it->stroke = RS_NO_INK;
	it->fill_alpha = 1;
	it->first = s->n_points;
	return it;
}

void rs_scene_rect(struct rs_scene *s, enum rs_role role, double x, double y, double w, double h,
		   uint32_t fill)
{
	struct rs_item *it = rs_scene_add(s, RS_SHAPE_RECT, role);

	if (it == NULL)
		return;
	it->x = x;
	it->y = y;
	it->w = w;
	it->h = h;
	it->fill = fill;
}

struct rs_item *rs_scene_path(struct rs_scene *s, enum rs_role role, uint32_t stroke,
			      double stroke_pt)
{
	struct rs_item *it = rs_scene_add(s, RS_SHAPE_LINE, role);

	if (it != NULL) {
		it->stroke = stroke;
		it->stroke_pt = stroke_pt;
	}
	return it;
}

void rs_scene_point(struct rs_scene *s, double x, double y)
{
	double *xy;

	if (s->err.kind != RS_ERR_NONE)
		return;
	xy = rs_array_grow(&s->points, s->n_points, 2 * sizeof(*xy), &s->err);
	if (xy == NULL)
		return;
	xy[0] = x;
	xy[1] = y;
	s->n_points++;
	s->items[s->n_items - 1].n++;
}

void rs_scene_line(struct rs_scene *s, enum rs_role role, double x0, double y0, double x1,
		   double y1, uint32_t stroke, double stroke_pt)
{
	if (rs_scene_path(s, role, stroke, stroke_pt) == NULL)
		return;
	rs_scene_point(s, x0, y0);
	rs_scene_point(s, x1, y1);
}

void rs_scene_marker(struct rs_scene *s, enum rs_role role, const struct rs_paint *p, double x,
		     double y, double radius)
{
	struct rs_item *it = rs_scene_add(s, p->marker, role);

	if (it == NULL)
		return;
	it->x = x;
	it->y = y;
	it->w = radius;
	it->stroke = p->stroke;
	it->stroke_pt = 0.5;
	if (p->marker == RS_SHAPE_CROSS)
		it->stroke_pt = 1.0;
	else
		it->fill = p->stroke == 0x000000 ? p->fill : p->stroke;
}

void rs_scene_tag(struct rs_scene *s, size_t series, size_t category)
{
	if (s->err.kind != RS_ERR_NONE || s->n_items == 0)
		return;
	s->items[s->n_items - 1].series = (int)series;
	s->items[s->n_items - 1].category = (int)category;
}
