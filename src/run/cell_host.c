/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine under a virtual testbed while a cell is measured.  A worker sees the virtual
 * machine alone: what other programs of its host take from it shows here and nowhere else.
 */
#include "coordinator_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"

#define ON_HOST "host of the testbed: "

void rs_coordinator_watch_host(struct rs_coordinator *c)
{
	if (strcmp(c->testbed_kind, "virtual") != 0)
		return;
	rs_pulse_release(&c->host);
	rs_pulse_take(&c->host, "");
}

/* Appends to the note that says the cell was disturbed, or makes it. */
static void add_disturbance(struct rs_cell_told *t, const char *why)
{
	struct rs_note *n = t->notes;
	size_t used;

	while (n < t->notes + t->n_notes && rs_disturbance(n) == NULL)
		n++;
	if (n == t->notes + t->n_notes) {
		t->n_notes++;
		*n = (struct rs_note){ RS_NOTE_WARNING, RS_NOTE_DISTURBED };
	}
	used = strlen(n->text);
	(void)snprintf(n->text + used, sizeof(n->text) - used, "%s" ON_HOST "%s",
		       used > sizeof(RS_NOTE_DISTURBED) - 1 ? "; " : "", why);
}

static int add_host(struct rs_coordinator *c, struct rs_cell_told *t, struct rs_err *err)
{
	struct rs_counter *counters = t->counters + t->n_counters;
	RS_AUTO_BUF why = RS_BUF_INIT;

	rs_pulse_since(&c->host, counters);
	rs_pulse_release(&c->host);
	c->host.wall_ns = 0;
	rs_pulse_judge(counters, RS_PULSE_COUNTERS, &why);
	if (rs_buf_check(&why, err) < 0)
		return -1;
	if (why.len > 0)
		add_disturbance(t, rs_buf_str(&why));
	for (size_t i = 0; i < RS_PULSE_COUNTERS; i++) {
		char name[sizeof(counters[i].name)];

		(void)snprintf(name, sizeof(name), "host-%.42s", counters[i].name);
		memcpy(counters[i].name, name, sizeof(name));
	}
	t->n_counters += RS_PULSE_COUNTERS;
	return 0;
}

int rs_coordinator_told(struct rs_coordinator *c, const struct rs_shard_event *e,
			struct rs_cell_told *ret, struct rs_err *err)
{
	*ret = (struct rs_cell_told){ NULL, e->n_notes, NULL, e->n_counters };
	ret->notes = rs_alloc(e->n_notes + 1, sizeof(*ret->notes), err);
	ret->counters = rs_alloc(e->n_counters + RS_PULSE_COUNTERS, sizeof(*ret->counters), err);
	if (ret->notes == NULL || ret->counters == NULL)
		return -1;
	for (size_t i = 0; i < e->n_notes; i++)
		ret->notes[i] = e->notes[i];
	for (size_t i = 0; i < e->n_counters; i++)
		ret->counters[i] = e->counters[i];
	return c->host.wall_ns != 0 ? add_host(c, ret, err) : 0;
}

void rs_cell_told_release(struct rs_cell_told *t)
{
	free(t->notes);
	free(t->counters);
}
