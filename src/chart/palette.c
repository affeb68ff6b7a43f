/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How series look.  The colours are Paul Tol's "high contrast" and "medium contrast"
 * schemes (Colour Schemes, SRON/EPS/TN/09-002, issue 3.2, 2021), made to be told apart
 * in all kinds of colour blindness and in grey, with a neutral grey for the baseline.
 * data/palettes/series.csv lists them with their luminance; a test holds both together.
 */
#include "chart_priv.h"

#include <math.h>

static const struct {
	uint32_t fill, stroke;
	enum rs_shape marker;
} palette[RS_PALETTE_N] = {
	{ 0xdddddd, 0x000000, RS_SHAPE_CIRCLE },	/* the baseline */
	{ 0x004488, 0x004488, RS_SHAPE_SQUARE },
	{ 0xddaa33, 0xbb8800, RS_SHAPE_UP },
	{ 0xbb5566, 0xbb5566, RS_SHAPE_DIAMOND },
	{ 0x6699cc, 0x4477aa, RS_SHAPE_DOWN },
	{ 0x222222, 0x555555, RS_SHAPE_CROSS },
};

struct rs_paint rs_palette(size_t slot, int hatch)
{
	size_t k = slot % RS_PALETTE_N, round = slot / RS_PALETTE_N;
	struct rs_paint p = {
		.fill = palette[k].fill,
		.stroke = palette[k].stroke,
		.marker = palette[(k + round) % RS_PALETTE_N].marker,
		.dash = (enum rs_dash)(slot % RS_DASH_LAST),
		.hatch = (enum rs_hatch)(round % RS_HATCH_LAST),
	};

	if (hatch)
		p.hatch = (enum rs_hatch)((k + round) % RS_HATCH_LAST);
	return p;
}

size_t rs_palette_slot(const struct rs_chart *c, size_t i)
{
	size_t slot = 1;

	if (c->series[i].is_baseline)
		return 0;
	if (c->series[i].slot > 0)
		return (size_t)c->series[i].slot;
	for (size_t k = 0; k < i; k++)
		slot += c->series[k].is_baseline ? 0 : 1;
	return slot;
}

static double linear(uint32_t channel)
{
	double v = channel / 255.0;

	return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

uint32_t rs_grey(uint32_t rgb)
{
	double y = 0.2126 * linear(rgb >> 16 & 255) + 0.7152 * linear(rgb >> 8 & 255) +
		   0.0722 * linear(rgb & 255);
	double v = y <= 0.0031308 ? 12.92 * y : 1.055 * pow(y, 1 / 2.4) - 0.055;
	double byte = floor(v * 255 + 0.5);
	uint32_t g = (uint32_t)byte;

	return g << 16 | g << 8 | g;
}
