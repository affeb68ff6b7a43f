/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shards and their events as JSON, by jansson.  What comes from a testbed is untrusted:
 * every field is checked and copied with its bound. */
#include "shard_priv.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/text.h"

enum { SAMPLES_MAX = 100000, NOTES_MAX = 1000 };

static const char *const kind_name[] = {
	[RS_SHARD_PHASE] = "phase",	      [RS_SHARD_ENV] = "environment",
	[RS_SHARD_FACT] = "fact",	      [RS_SHARD_CELL_START] = "cell-start",
	[RS_SHARD_CELL_END] = "cell-end",
};
_Static_assert(RS_COUNT(kind_name) == RS_SHARD_LAST, "name every kind of event");

static void free_json(json_t **j)
{
	json_decref(*j);
	*j = NULL;
}
#define AUTO_JSON __attribute__((cleanup(free_json))) json_t

/* Text that may hold anything, as valid UTF-8. */
static json_t *text_json(const char *s)
{
	json_t *j = json_string(s);
	RS_AUTO_BUF clean = RS_BUF_INIT;

	if (j != NULL)
		return j;
	rs_text_clean(&clean, s);
	return clean.failed ? NULL : json_string(rs_buf_str(&clean));
}

static void put(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value);
}

static json_t *cell_json(const struct rs_cell *c)
{
	return json_pack("{s:s, s:i, s:s, s:i}", "system", c->system, "guests", c->guests,
			 "benchmark", c->benchmark, "trial", c->trial);
}

static json_t *samples_json(const struct rs_shard_event *e)
{
	json_t *a = json_array();

	for (size_t i = 0; i < e->n_samples; i++) {
		const struct rs_sample *s = &e->samples[i];

		(void)json_array_append_new(a, json_pack("{s:s, s:s, s:s, s:f}", "guest", s->guest,
							 "metric", s->metric, "unit", s->unit, "value",
							 s->value));
	}
	return a;
}

static json_t *notes_json(const struct rs_shard_event *e)
{
	json_t *a = json_array();

	for (size_t i = 0; i < e->n_notes; i++) {
		json_t *o = json_object();

		put(o, "warning", json_boolean(e->notes[i].level == RS_NOTE_WARNING));
		put(o, "text", text_json(e->notes[i].text));
		(void)json_array_append_new(a, o);
	}
	return a;
}

static json_t *counters_json(const struct rs_shard_event *e)
{
	json_t *a = json_array();

	for (size_t i = 0; i < e->n_counters; i++)
		(void)json_array_append_new(a, json_pack("{s:s, s:s, s:f}", "name", e->counters[i].name,
							 "unit", e->counters[i].unit, "value",
							 e->counters[i].value));
	return a;
}

static int dump(json_t *j, size_t flags, struct rs_buf *out, struct rs_err *err)
{
	char *text = json_dumps(j, flags | JSON_SORT_KEYS | JSON_REAL_PRECISION(17));

	if (text == NULL)
		return rs_err_nomem(err);
	rs_buf_adds(out, text);
	free(text);
	return rs_buf_check(out, err);
}

int rs_shard_event_to_json(const struct rs_shard_event *e, struct rs_buf *out, struct rs_err *err)
{
	AUTO_JSON *o = json_object();

	put(o, "event", json_string(kind_name[e->kind]));
	put(o, "wall", json_real(e->wall_s));
	if (e->kind == RS_SHARD_PHASE) {
		put(o, "phase", json_string(rs_phase_name(e->phase)));
		put(o, "seconds", json_real(e->seconds));
	}
	if (e->key != NULL)
		put(o, "key", text_json(e->key));
	if (e->text != NULL)
		put(o, "text", text_json(e->text));
	if (e->kind == RS_SHARD_CELL_START || e->kind == RS_SHARD_CELL_END)
		put(o, "cell", cell_json(&e->cell));
	if (e->kind == RS_SHARD_CELL_END) {
		put(o, "state", json_string(rs_cell_state_name(e->state)));
		put(o, "samples", samples_json(e));
		put(o, "notes", notes_json(e));
		put(o, "counters", counters_json(e));
	}
	return dump(o, JSON_COMPACT, out, err);
}

static int bad(const char *what, struct rs_err *err)
{
	return rs_err_set(err, RS_ERR_FAILED, "the worker sent an event whose %s is not what it should be",
			  what);
}

/* Copies a string member; it must be there and fit. */
static int copy_text(const json_t *o, const char *key, char *to, size_t size, struct rs_err *err)
{
	const char *s = json_string_value(json_object_get(o, key));

	if (s == NULL || strlen(s) >= size)
		return bad(key, err);
	(void)snprintf(to, size, "%s", s);
	return 0;
}

/* A member that names a part of a path or a row of the store. */
static int copy_name(const json_t *o, const char *key, char *to, size_t size, struct rs_err *err)
{
	if (copy_text(o, key, to, size, err) < 0)
		return -1;
	return rs_path_is_plain_name(to) ? 0 : bad(key, err);
}

static int read_cell(const json_t *o, struct rs_cell *c, struct rs_err *err)
{
	json_int_t guests = json_integer_value(json_object_get(o, "guests"));
	json_int_t trial = json_integer_value(json_object_get(o, "trial"));

	if (copy_name(o, "system", c->system, sizeof(c->system), err) < 0 ||
	    copy_name(o, "benchmark", c->benchmark, sizeof(c->benchmark), err) < 0)
		return -1;
	if (guests < 0 || guests > 10000 || trial < -10000 || trial > 1000000)
		return bad("cell", err);
	c->guests = (int)guests;
	c->trial = (int)trial;
	return 0;
}

static int read_sample(const json_t *o, struct rs_sample *s, struct rs_err *err)
{
	const json_t *value = json_object_get(o, "value");

	if (copy_name(o, "guest", s->guest, sizeof(s->guest), err) < 0 ||
	    copy_name(o, "metric", s->metric, sizeof(s->metric), err) < 0 ||
	    copy_text(o, "unit", s->unit, sizeof(s->unit), err) < 0)
		return -1;
	if (!json_is_number(value) || !isfinite(json_number_value(value)))
		return bad("value", err);
	s->value = json_number_value(value);
	return 0;
}

static int read_samples(const json_t *o, struct rs_shard_event *e, struct rs_sample **ret,
			struct rs_err *err)
{
	const json_t *a = json_object_get(o, "samples");
	size_t n = json_array_size(a);

	if (!json_is_array(a) || n > SAMPLES_MAX)
		return bad("samples", err);
	*ret = rs_alloc(n, sizeof(**ret), err);
	for (size_t i = 0; *ret != NULL && i < n; i++)
		if (read_sample(json_array_get(a, i), *ret + i, err) < 0)
			return -1;
	e->samples = *ret;
	e->n_samples = n;
	return *ret != NULL ? 0 : -1;
}

static int read_notes(const json_t *o, struct rs_shard_event *e, struct rs_note **ret,
		      struct rs_err *err)
{
	const json_t *a = json_object_get(o, "notes");
	size_t n = json_array_size(a);

	if (!json_is_array(a) || n > NOTES_MAX)
		return bad("notes", err);
	*ret = rs_alloc(n, sizeof(**ret), err);
	for (size_t i = 0; *ret != NULL && i < n; i++) {
		const json_t *note = json_array_get(a, i);

		if (copy_text(note, "text", (*ret)[i].text, sizeof((*ret)[i].text), err) < 0)
			return -1;
		(*ret)[i].level = json_is_true(json_object_get(note, "warning")) ? RS_NOTE_WARNING
										: RS_NOTE_INFO;
	}
	e->notes = *ret;
	e->n_notes = n;
	return *ret != NULL ? 0 : -1;
}

static int read_counters(const json_t *o, struct rs_shard_event *e, struct rs_counter **ret,
			 struct rs_err *err)
{
	const json_t *a = json_object_get(o, "counters");
	size_t n = json_array_size(a);

	if (!json_is_array(a) || n > NOTES_MAX)
		return bad("counters", err);
	*ret = rs_alloc(n, sizeof(**ret), err);
	for (size_t i = 0; *ret != NULL && i < n; i++) {
		const json_t *one = json_array_get(a, i), *value = json_object_get(one, "value");

		if (copy_name(one, "name", (*ret)[i].name, sizeof((*ret)[i].name), err) < 0 ||
		    copy_text(one, "unit", (*ret)[i].unit, sizeof((*ret)[i].unit), err) < 0)
			return -1;
		if (!json_is_number(value))
			return bad("counters", err);
		(*ret)[i].value = json_number_value(value);
	}
	e->counters = *ret;
	e->n_counters = n;
	return *ret != NULL ? 0 : -1;
}

static int read_event(const json_t *o, struct rs_shard_event *e, struct rs_err *err)
{
	const char *name = json_string_value(json_object_get(o, "event"));
	const char *phase = json_string_value(json_object_get(o, "phase"));
	const json_t *seconds = json_object_get(o, "seconds");
	int value = phase != NULL ? rs_set_value(RS_SET_PHASE, phase) : 0;

	e->kind = RS_SHARD_LAST;
	for (int i = 0; name != NULL && i < RS_SHARD_LAST; i++)
		if (strcmp(name, kind_name[i]) == 0)
			e->kind = (enum rs_shard_event_kind)i;
	if (e->kind == RS_SHARD_LAST)
		return bad("event", err);
	if (value < 0)
		return bad("phase", err);
	e->phase = (enum rs_phase)value;
	e->wall_s = json_number_value(json_object_get(o, "wall"));
	e->seconds = json_is_number(seconds) ? json_number_value(seconds) : -1;
	e->key = json_string_value(json_object_get(o, "key"));
	e->text = json_string_value(json_object_get(o, "text"));
	if ((e->kind == RS_SHARD_ENV || e->kind == RS_SHARD_FACT) && (e->key == NULL || e->text == NULL))
		return bad("key", err);
	if (e->kind == RS_SHARD_CELL_START || e->kind == RS_SHARD_CELL_END)
		return read_cell(json_object_get(o, "cell"), &e->cell, err);
	return 0;
}

static int read_state(const json_t *o, struct rs_shard_event *e, struct rs_err *err)
{
	const char *state = json_string_value(json_object_get(o, "state"));
	int value = state != NULL ? rs_set_value(RS_SET_CELL_STATE, state) : -1;

	if (value != RS_CELL_DONE && value != RS_CELL_FAILED && value != RS_CELL_MISSING)
		return bad("state", err);
	e->state = (enum rs_cell_state)value;
	return 0;
}

int rs_shard_event_from_json(const char *line, rs_shard_fn *tell, void *user, struct rs_err *err)
{
	json_error_t where;
	AUTO_JSON *o = json_loads(line, JSON_REJECT_DUPLICATES, &where);
	struct rs_shard_event e = { .state = RS_CELL_LAST };
	struct rs_sample *samples = NULL;
	struct rs_note *notes = NULL;
	struct rs_counter *counters = NULL;
	int rc;

	if (!json_is_object(o))
		return rs_err_set(err, RS_ERR_FAILED, "the worker wrote a line that is no event: %.200s",
				  line);
	rc = read_event(o, &e, err);
	if (rc == 0 && e.kind == RS_SHARD_CELL_END &&
	    (read_state(o, &e, err) < 0 || read_samples(o, &e, &samples, err) < 0 ||
	     read_notes(o, &e, &notes, err) < 0 || read_counters(o, &e, &counters, err) < 0))
		rc = -1;
	if (rc == 0)
		rc = tell(user, &e, err);
	free(samples);
	free(notes);
	free(counters);
	return rc;
}

static json_t *optional(const char *s)
{
	return s != NULL ? json_string(s) : json_null();
}

int rs_shard_to_json(const struct rs_shard *s, struct rs_buf *out, struct rs_err *err)
{
	AUTO_JSON *o = json_object();
	json_t *cells = json_array(), *devices = json_array();

	for (size_t i = 0; i < s->n_cells; i++)
		(void)json_array_append_new(cells, cell_json(&s->cells[i]));
	for (size_t i = 0; s->devices != NULL && s->devices[i] != NULL; i++)
		(void)json_array_append_new(devices, json_string(s->devices[i]));
	put(o, "cells", cells);
	put(o, "devices", devices);
	put(o, "boot", json_string(rs_boot_name(s->boot)));
	put(o, "profile", optional(s->profile != NULL ? s->profile->id : NULL));
	put(o, "folder", optional(s->folder));
	put(o, "run", optional(s->run_id));
	put(o, "root", optional(s->root));
	put(o, "guest-root", optional(s->guest_root));
	put(o, "agent", optional(s->agent));
	put(o, "kernels", optional(s->kernels));
	put(o, "kernel", optional(s->kernel));
	put(o, "initrd", optional(s->initrd));
	put(o, "sources", optional(s->sources));
	put(o, "emulated", json_boolean(s->emulated));
	return dump(o, JSON_INDENT(1), out, err);
}

static int read_devices(const json_t *a, struct rs_shard *s, struct rs_err *err)
{
	size_t n = json_array_size(a);

	if (n == 0)
		return 0;
	s->devices = rs_alloc(n + 1, sizeof(*s->devices), err);
	for (size_t i = 0; s->devices != NULL && i < n; i++) {
		const char *d = json_string_value(json_array_get(a, i));

		s->devices[i] = rs_strdup(d != NULL ? d : "", err);
		if (s->devices[i] == NULL)
			return -1;
	}
	return s->devices != NULL ? 0 : -1;
}

static int read_strings(const json_t *o, struct rs_shard *s, char **ret_profile, struct rs_err *err)
{
	const struct {
		const char *key;
		char **to;
	} field[] = {
		{ "folder", &s->folder }, { "run", &s->run_id },      { "root", &s->root },
		{ "agent", &s->agent },	  { "kernels", &s->kernels }, { "kernel", &s->kernel },
		{ "initrd", &s->initrd }, { "sources", &s->sources }, { "profile", ret_profile },
		{ "guest-root", &s->guest_root },
	};

	for (size_t i = 0; i < RS_COUNT(field); i++) {
		const char *text = json_string_value(json_object_get(o, field[i].key));

		*field[i].to = rs_strdup(text, err);
		if (text != NULL && *field[i].to == NULL)
			return -1;
	}
	if (s->folder == NULL || s->run_id == NULL || s->agent == NULL || s->kernels == NULL)
		return rs_err_set(err, RS_ERR_PLAN, "the shard lacks folder, run, agent or kernels");
	return 0;
}

int rs_shard_from_json(const char *text, struct rs_shard *s, char **ret_profile, struct rs_err *err)
{
	json_error_t where;
	AUTO_JSON *o = json_loads(text, JSON_REJECT_DUPLICATES, &where);
	const json_t *cells = json_object_get(o, "cells");
	const char *boot = json_string_value(json_object_get(o, "boot"));
	int value = boot != NULL ? rs_set_value(RS_SET_BOOT, boot) : -1;

	if (o == NULL)
		return rs_err_set(err, RS_ERR_PLAN, "the shard is not JSON: line %d: %s", where.line,
				  where.text);
	if (value < 0)
		return rs_err_set(err, RS_ERR_PLAN, "the shard's boot is unknown");
	s->boot = (enum rs_boot)value;
	s->emulated = json_is_true(json_object_get(o, "emulated"));
	s->n_cells = json_array_size(cells);
	s->cells = rs_alloc(s->n_cells, sizeof(*s->cells), err);
	for (size_t i = 0; s->cells != NULL && i < s->n_cells; i++)
		if (read_cell(json_array_get(cells, i), &s->cells[i], err) < 0)
			return -1;
	if (s->cells == NULL || read_devices(json_object_get(o, "devices"), s, err) < 0)
		return -1;
	return read_strings(o, s, ret_profile, err);
}

void rs_shard_release(struct rs_shard *s)
{
	free(s->folder);
	free(s->run_id);
	free(s->root);
	free(s->agent);
	free(s->kernels);
	free(s->kernel);
	free(s->initrd);
	free(s->sources);
	free(s->guest_root);
	rs_free_argv(&s->devices);
	free(s->cells);
	*s = (struct rs_shard){ 0 };
}
