/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Import: reads all files, holds what they say against the plan, and only then makes the
 * folder beside its final name.
 */
#include "folder_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/hash.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/plan.h"

static const struct format {
	const char *name;
	rs_reader_fn *read;
	int names_systems;		/* the files say which systems they are of */
} formats[] = {
	{ "benchexec", rs_read_benchexec, 0 }, { "csv", rs_read_csv, 1 },
	{ "hyperfine", rs_read_hyperfine, 0 }, { "pts", rs_read_pts, 1 },
	{ "siege", rs_read_siege, 0 },	       { "sysbench", rs_read_sysbench, 0 },
	{ "unixbench", rs_read_unixbench, 0 },
};

const char *rs_import_formats(void)
{
	return "benchexec csv hyperfine pts siege sysbench unixbench";
}

static const struct format *find_format(const char *name, struct rs_err *err)
{
	for (size_t i = 0; i < RS_COUNT(formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	(void)rs_err_set(err, RS_ERR_USAGE, "no format \"%.40s\": one of %s", name, rs_import_formats());
	return NULL;
}

static void release(struct rs_import *im)
{
	for (size_t i = 0; i < im->n_sources; i++) {
		free(im->sources[i].system);
		free(im->sources[i].guest);
		rs_buf_release(&im->sources[i].text);
	}
	free(im->sources);
	rs_records_release(&im->records);
	rs_plan_free(im->plan);
	rs_buf_release(&im->plan_text);
}

/* "SYSTEM=FILE", "SYSTEM/GUEST=FILE"; a file of that whole name goes before. */
static int split_name(const char *arg, struct rs_source *s, struct rs_err *err)
{
	const char *equals = strchr(arg, '='), *slash = strchr(arg, '/');

	s->path = arg;
	if (equals == NULL || rs_path_exists(arg))
		return 0;
	if (slash == NULL || slash > equals)
		slash = NULL;
	s->system = rs_strndup(arg, (size_t)((slash != NULL ? slash : equals) - arg), err);
	if (slash != NULL)
		s->guest = rs_strndup(slash + 1, (size_t)(equals - slash - 1), err);
	if (s->system == NULL || (slash != NULL && s->guest == NULL))
		return -1;
	s->path = equals + 1;
	if (!rs_path_is_plain_name(s->system) || strlen(s->system) > 63 ||
	    (s->guest != NULL && (!rs_path_is_plain_name(s->guest) || strlen(s->guest) > 63)))
		return rs_err_set(err, RS_ERR_USAGE, "\"%.200s\": expected SYSTEM=FILE or SYSTEM/GUEST=FILE, names "
				  "of letters, digits and . _ + -", arg);
	return 0;
}

static int load_source(const char *arg, struct rs_source *s, struct rs_err *err)
{
	struct rs_err why = RS_ERR_INIT;
	const char *text, *p;
	int line = 1;

	if (split_name(arg, s, err) < 0)
		return -1;
	if (rs_path_read(s->path, RS_EXCHANGE_MAX, &s->text, &why) < 0)
		return rs_err_set(err, why.kind == RS_ERR_MEMORY ? why.kind : RS_ERR_PLAN, "%s", why.text);
	text = rs_buf_str(&s->text);
	if (strlen(text) != s->text.len) {
		for (p = text; *p != '\0'; p++)
			line += *p == '\n';
		return rs_err_set(err, RS_ERR_PLAN, "\"%s\":%d: expected text, but there is a NUL byte", s->path,
				  line);
	}
	return rs_sha256_bytes(text, s->text.len, s->sha256, err);
}

static int load_sources(struct rs_import *im, struct rs_err *err)
{
	im->sources = rs_alloc(im->o->n_files, sizeof(*im->sources), err);
	if (im->sources == NULL)
		return -1;
	for (size_t i = 0; i < im->o->n_files; i++) {
		im->n_sources++;
		if (load_source(im->o->files[i], &im->sources[i], err) < 0)
			return -1;
	}
	return 0;
}

/* The plan that was given, whole: it will travel with the folder. */
static int load_plan(struct rs_import *im, struct rs_err *err)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;

	if (im->o->plan == NULL)
		return 0;
	im->plan = rs_plan_load(im->o->plan, &diags, err);
	if (im->plan == NULL)
		return -1;
	return rs_plan_whole(im->o->plan, &im->plan_text, err);
}

/* The plan that is made, read as any other. */
static int make_plan(struct rs_import *im, struct rs_err *err)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	struct rs_err why = RS_ERR_INIT;

	if (im->plan != NULL)
		return 0;
	if (rs_records_plan(&im->records, im->o, &im->plan_text, err) < 0)
		return -1;
	im->plan = rs_plan_load_bytes("plan.xml", rs_buf_str(&im->plan_text), im->plan_text.len, &diags, &why);
	if (im->plan != NULL)
		return 0;
	if (why.kind == RS_ERR_MEMORY || diags.n == 0)
		return rs_err_set(err, why.kind, "%s", why.text);
	return rs_err_set(err, RS_ERR_PLAN, "no valid plan can be made of these results: %s; give one with --plan",
			  diags.d[0].text);
}

static const char *system_of(const struct rs_import *im, const struct rs_source *s)
{
	if (s->system != NULL)
		return s->system;
	if (im->o->system != NULL)
		return im->o->system;
	return im->plan != NULL && im->plan->n_systems == 1 ? im->plan->systems[0].id : "recorded";
}

/* The guest a file is of when nobody says: the host, or the first of the plan's system. */
static const char *guest_of(const struct rs_import *im, const struct rs_source *s,
			    const char *system)
{
	const struct rs_system *known = im->plan != NULL ? rs_plan_system(im->plan, system) : NULL;

	if (s->guest != NULL)
		return s->guest;
	return known != NULL && known->guests.n_names > 0 ? known->guests.names[0] : "host";
}

static int read_source(struct rs_import *im, const struct format *f, struct rs_source *s,
		       struct rs_err *err)
{
	struct rs_reading in = { .source = s, .text = rs_buf_str(&s->text), .out = &im->records,
				 .benchmark = im->o->benchmark };
	const struct rs_benchmark *b = im->plan != NULL && in.benchmark != NULL ?
					       rs_plan_benchmark(im->plan, in.benchmark) : NULL;

	in.system = system_of(im, s);
	in.guest = guest_of(im, s, in.system);
	in.copies = b != NULL ? b->concurrency : 0;
	if (f->names_systems && (s->system != NULL || im->o->system != NULL))
		return rs_err_set(err, RS_ERR_USAGE, "files of the format %s name their systems themselves: leave "
				  "\"%s\" out", f->name, in.system);
	if (!f->names_systems && rs_records_system(&im->records, in.system, err) == NULL)
		return -1;
	return f->read(&in, err);
}

static int check_options(const struct rs_import_options *o, struct rs_err *err)
{
	const char *const names[] = { o->system, o->benchmark };

	for (size_t i = 0; i < RS_COUNT(names); i++)
		if (names[i] != NULL && (!rs_path_is_plain_name(names[i]) || strlen(names[i]) > 55))
			return rs_err_set(err, RS_ERR_USAGE, "\"%.80s\" is not a name: at most 55 letters, digits and "
					  ". _ + -", names[i]);
	if (o->better != NULL && rs_set_value(RS_SET_BETTER, o->better) < 0)
		return rs_err_set(err, RS_ERR_USAGE, "--better \"%.20s\": must be higher or lower", o->better);
	if (o->n_files == 0)
		return rs_err_set(err, RS_ERR_USAGE, "no file to import");
	if (rs_path_exists(o->folder))
		return rs_err_set(err, RS_ERR_USAGE, "\"%s\" exists already: choose another folder", o->folder);
	return 0;
}

static int import_all(struct rs_import *im, const struct format *f, struct rs_err *err)
{
	if (load_plan(im, err) < 0 || load_sources(im, err) < 0)
		return -1;
	for (size_t i = 0; i < im->n_sources; i++)
		if (read_source(im, f, &im->sources[i], err) < 0)
			return -1;
	rs_records_count_guests(&im->records);
	if (rs_records_sort(&im->records, err) < 0 || make_plan(im, err) < 0 ||
	    rs_records_check(&im->records, im->plan, err) < 0)
		return -1;
	return rs_import_write(im, err);
}

int rs_import(const struct rs_import_options *o, struct rs_import_result *ret, struct rs_err *err)
{
	struct rs_import im = { .o = o, .plan_text = RS_BUF_INIT };
	const struct format *f = find_format(o->format, err);
	int rc;

	if (f == NULL || check_options(o, err) < 0)
		return -1;
	rc = import_all(&im, f, err);
	*ret = im.result;
	release(&im);
	return rc;
}
