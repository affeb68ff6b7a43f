/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a plan wants figures to look: a part of the plan, see restudy/model/plan.h for who
 * owns what.  A figure that does not say has what the whole plan says.
 */
#ifndef RESTUDY_MODEL_APPEARANCE_H
#define RESTUDY_MODEL_APPEARANCE_H

#include "restudy/model/names.h"

struct rs_appearance {
	double width_pt;	/* 1/72 inch; 0: not said */
	double height_pt;	/* 0: not said, chosen by the chart */
	char *font;		/* family, or NULL: not said */
	double font_size_pt;	/* 0: not said */
	int hatching;		/* 1, 0; < 0: not said */
	enum rs_colours colours;/* RS_COLOURS_LAST: not said */
};

#endif
