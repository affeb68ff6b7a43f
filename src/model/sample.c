/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Series and cells: release and description. */
#include "restudy/model/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void rs_series_release(struct rs_series *s)
{
	if (s == NULL)
		return;
	free(s->trial);
	free(s->value);
	*s = (struct rs_series){ 0 };
}

void rs_series_set_release(struct rs_series_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->n; i++)
		rs_series_release(&set->series[i]);
	free(set->series);
	*set = (struct rs_series_set)RS_SERIES_SET_INIT;
}

const char *rs_disturbance(const struct rs_note *n)
{
	const size_t len = sizeof(RS_NOTE_DISTURBED) - 1;

	return strncmp(n->text, RS_NOTE_DISTURBED, len) == 0 ? n->text + len : NULL;
}

int rs_cell_is(const struct rs_cell *a, const struct rs_cell *b)
{
	return a->trial == b->trial && a->guests == b->guests && strcmp(a->system, b->system) == 0 &&
	       strcmp(a->benchmark, b->benchmark) == 0;
}

char *rs_cell_folder(char *buf, size_t size, const struct rs_cell *c)
{
	(void)snprintf(buf, size, "%s/%d/%s/%s%d", c->system, c->guests, c->benchmark,
		       c->trial > 0 ? "" : "w", c->trial > 0 ? c->trial : 1 - c->trial);
	return buf;
}

char *rs_cell_describe(char *buf, size_t size, const struct rs_cell *c)
{
	char guests[32] = "";

	if (c->guests > 0)
		(void)snprintf(guests, sizeof(guests), " (%d guest%s)", c->guests,
			       c->guests == 1 ? "" : "s");
	if (c->trial > 0)
		(void)snprintf(buf, size, "%s%s, %s, trial %d", c->system, guests, c->benchmark, c->trial);
	else
		(void)snprintf(buf, size, "%s%s, %s, warm-up %d", c->system, guests, c->benchmark,
			       1 - c->trial);
	return buf;
}
