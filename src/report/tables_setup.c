/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What setting the systems up took, as the run measured it (facts "setup.SYSTEM.*" and
 * "effort.SYSTEM.*"), and what one guest of each was really configured with.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "content_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"

enum unit { COUNT, BYTES, SECONDS };

static const struct {
	const char *of, *fact;	/* fact "OF.SYSTEM.FACT" */
	enum unit unit;
	int guests;		/* a system with fewer has none */
	const char *label[2];	/* by language: en, de */
} measures[] = {
	{ "effort", "commands_first_guest", COUNT, 1,
	  { "Commands to the first guest", "Befehle bis zum ersten Gast" } },
	{ "effort", "commands_further_guest", COUNT, 1,
	  { "Commands for each further guest", "Befehle je weiterem Gast" } },
	{ "effort", "commands", COUNT, 1, { "Commands in all", "Befehle insgesamt" } },
	{ "effort", "configuration_lines", COUNT, 1,
	  { "Lines of configuration of a guest", "Konfigurationszeilen eines Gastes" } },
	{ "effort", "packages", COUNT, 0, { "Packages installed in it", "Darin installierte Pakete" } },
	{ "effort", "bytes", BYTES, 0, { "Their size", "Ihre Gr\xC3\xB6\xC3\x9F" "e" } },
	{ "effort", "reboots", COUNT, 0,
	  { "Reboots of the bare host", "Neustarts des blo\xC3\x9F" "en Hosts" } },
	{ "setup", "first_guest_s", SECONDS, 1,
	  { "Time to the first guest", "Zeit bis zum ersten Gast" } },
	{ "setup", "further_guest_s", SECONDS, 2,
	  { "Time for each further guest", "Zeit je weiterem Gast" } },
};

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Median of numbers separated by blanks, one for each launch; NaN when there is none. */
static double median_of(const char *text, size_t *ret_n)
{
	double v[1000];
	size_t n = 0;

	for (const char *p = text, *end; n < RS_COUNT(v) && *p != '\0'; p = end + strspn(end, " ")) {
		if (rs_scan_double(p, &end, &v[n]) < 0 || end == p)
			break;
		n++;
	}
	*ret_n = n;
	if (n == 0)
		return (double)NAN;
	qsort(v, n, sizeof(v[0]), by_value);
	return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static const char *show(struct rs_content *c, enum unit unit, const char *text)
{
	char number[80], span[64];
	size_t n;
	const double v = median_of(text, &n);

	if (isnan(v))
		return rs_arena_str(&c->d->arena, text);
	switch (unit) {
	case COUNT:
		return rs_arena_str(&c->d->arena, rs_number(number, sizeof(number), c->l, v, 0));
	case BYTES:
		return rs_arena_printf(&c->d->arena, "%s MiB",
				       rs_number(number, sizeof(number), c->l, v / 1048576, 1));
	case SECONDS:
		(void)rs_span_text(span, sizeof(span), c->l, v);
		if (n == 1)
			return rs_arena_str(&c->d->arena, span);
		return rs_arena_printf(&c->d->arena, "%s (%s %zu)", span,
				       c->l == RS_LANGUAGE_DE ? "Median von" : "median of", n);
	}
	return NULL;
}

/* The value of a measure, or why there is none. */
static int value_of(struct rs_content *c, size_t m, const struct rs_system *s, const char **ret,
		    int *ret_told, struct rs_err *err)
{
	static const char missing[] = "missing: ";
	const int german = c->l == RS_LANGUAGE_DE;
	RS_AUTO_STR *key = NULL;
	const char *text;

	*ret_told = 0;
	if (rs_system_guests(s) < measures[m].guests) {
		*ret = rs_system_guests(s) == 0 ? (german ? "keine G\xC3\xA4ste" : "no guests")
						: (german ? "kein weiterer Gast" : "no further guest");
		return 0;
	}
	key = rs_asprintf(err, "%s.%s.%s", measures[m].of, s->id, measures[m].fact);
	if (key == NULL || rs_analysis_fact(c->a, key, &text, err) < 0)
		return -1;
	if (text == NULL)
		*ret = german ? "nicht gemessen: das System stand nicht, oder der Lauf ist zu alt"
			      : "not measured: the system was not up, or the run is older than this table";
	else if (strncmp(text, missing, sizeof(missing) - 1) == 0)
		*ret = rs_arena_printf(&c->d->arena, "%s: %s", german ? "nicht gemessen" : "not measured",
				       text + sizeof(missing) - 1);
	else {
		*ret = show(c, measures[m].unit, text);
		*ret_told = 1;
	}
	return 0;
}

static const char *const effort_caption[2] = {
	"What setting each system up took, measured in this run. Commands are those that restudy steps shows; "
	"times begin when the machine runs and its images are built, and end with the guest's first answer.",
	"Aufwand der Einrichtung jedes Systems, in diesem Lauf gemessen. Befehle sind die, welche restudy steps "
	"zeigt; Zeiten beginnen, wenn die Maschine l\xC3\xA4uft und ihre Abbilder gebaut sind, und enden mit der "
	"ersten Antwort des Gastes.",
};

static struct rs_node *effort_head(struct rs_content *c, struct rs_node *parent)
{
	const struct rs_plan *p = c->a->plan;
	enum rs_column columns[33];
	const size_t n = p->n_systems < 32 ? p->n_systems : 32;
	struct rs_node *t, *row;

	for (size_t i = 0; i < RS_COUNT(columns); i++)
		columns[i] = RS_COLUMN_LEFT;
	t = rs_node_table(c->d, parent, "effort", NULL, effort_caption[c->l == RS_LANGUAGE_DE], columns,
			  n + 1);
	row = rs_node_row(c->d, t, RS_ROW_HEAD);
	(void)rs_node_cell(c->d, row, rs_report_word(c->l, RS_WORD_WHAT));
	for (size_t i = 0; i < n; i++)
		(void)rs_node_cell(c->d, row, p->systems[i].title != NULL ? p->systems[i].title
									  : p->systems[i].id);
	return t;
}

int rs_table_effort(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	const struct rs_plan *p = c->a->plan;
	const size_t n = p->n_systems < 32 ? p->n_systems : 32;
	struct rs_node *t = NULL;
	const char *text;
	int told = 0;

	/* A run that told nothing has no table. */
	for (size_t i = 0; i < n && !told; i++)
		for (size_t m = 0; m < RS_COUNT(measures) && !told; m++)
			if (value_of(c, m, &p->systems[i], &text, &told, err) < 0)
				return -1;
	if (!told)
		return 0;
	t = effort_head(c, parent);
	for (size_t m = 0; m < RS_COUNT(measures); m++) {
		struct rs_node *row = rs_node_row(c->d, t, RS_ROW_BODY);

		(void)rs_node_cell(c->d, row, measures[m].label[c->l == RS_LANGUAGE_DE]);
		for (size_t i = 0; i < n; i++) {
			if (value_of(c, m, &p->systems[i], &text, &told, err) < 0)
				return -1;
			(void)rs_node_cell(c->d, row, text);
		}
	}
	return 0;
}

/* The files of the system that the template is at. */
int rs_table_configuration(struct rs_content *c, struct rs_node *parent, struct rs_err *err)
{
	static const char *const kinds[][2] = {
		{ "cfg", "xl" }, { "conf", "vzctl" }, { "xml", "libvirt" },
	};

	for (size_t i = 0; c->system != NULL && i < RS_COUNT(kinds); i++) {
		RS_AUTO_STR *key = rs_asprintf(err, "configuration.%s.%s", c->system->id, kinds[i][0]);
		struct rs_node *n;
		const char *text;

		if (key == NULL || rs_analysis_fact(c->a, key, &text, err) < 0)
			return -1;
		if (text == NULL || (n = rs_node_add(c->d, parent, RS_NODE_LISTING)) == NULL)
			continue;
		n->id = rs_arena_printf(&c->d->arena, "configuration-%s-%s", c->system->id, kinds[i][0]);
		n->label = c->l == RS_LANGUAGE_DE ? "Wirklich benutzt" : "Really used";
		n->text = rs_arena_printf(&c->d->arena, "%s %s",
					  c->l == RS_LANGUAGE_DE ? "Konfiguration des ersten Gastes f\xC3\xBCr"
								 : "Configuration of the first guest, for",
					  kinds[i][1]);
		n->target = rs_arena_str(&c->d->arena, text);
	}
	return 0;
}
