/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kinds of testbeds, and what is the same for all of them. */
#include "testbed_priv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"

#define LIST_MAX (4u << 20)

static const struct rs_testbed_kind *const kinds[] = {
	&rs_testbed_virtual, &rs_testbed_local, &rs_testbed_ssh,
};

static const struct rs_testbed_kind *find_kind(const char *text, struct rs_err *err)
{
	if (strncmp(text, "ssh://", 6) == 0 && text[6] != '\0')
		return &rs_testbed_ssh;
	for (size_t i = 0; i < RS_COUNT(kinds); i++)
		if (strcmp(text, kinds[i]->name) == 0 && kinds[i] != &rs_testbed_ssh)
			return kinds[i];
	(void)rs_err_set(err, RS_ERR_USAGE, "testbed \"%s\" is unknown: use virtual, local or "
			 "ssh://[user@]host[:port]", text);
	return NULL;
}

void rs_tell(const struct rs_tell *tell, const char *fmt, ...)
{
	char text[500];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	tell->progress(tell->user, text);
}

/* Splits t->builds into t->facts.builds. */
static int publish_builds(struct rs_testbed *t, struct rs_err *err)
{
	const char *text = rs_buf_str(&t->builds);
	size_t n = 0, i = 0;
	char **lines;

	if (rs_buf_check(&t->builds, err) < 0)
		return -1;
	for (const char *p = text; *p != '\0'; p++)
		n += *p == '\n';
	lines = rs_alloc(n + 1, sizeof(*lines), err);
	if (lines == NULL)
		return -1;
	rs_free_argv(&t->facts.builds);
	t->facts.builds = lines;
	for (const char *p = text, *end; i < n && (end = strchr(p, '\n')) != NULL; p = end + 1) {
		lines[i] = rs_strndup(p, (size_t)(end - p), err);
		if (lines[i++] == NULL)
			return -1;
	}
	return 0;
}

struct rs_testbed *rs_testbed_open(const struct rs_plan *plan, const struct rs_testbed_options *o,
				   rs_progress_fn *progress, void *user, struct rs_err *err)
{
	const struct rs_testbed_kind *kind = find_kind(o->kind, err);
	struct rs_testbed *t = kind != NULL ? rs_alloc(1, sizeof(*t), err) : NULL;

	if (t == NULL)
		return NULL;
	t->kind = kind;
	t->plan = plan;
	t->options = *o;
	t->tell = (struct rs_tell){ progress, user };
	if (kind->open(t, err) < 0 || publish_builds(t, err) < 0) {
		(void)rs_err_wrap(err, "testbed %s", o->kind);
		(void)rs_testbed_close(t, 0, NULL);
		return NULL;
	}
	return t;
}

int rs_testbed_boot(struct rs_testbed *t, enum rs_boot boot, struct rs_err *err)
{
	if (t->kind->boot(t, boot, err) < 0)
		return rs_err_wrap(err, "testbed %s, boot %s", t->options.kind, rs_boot_name(boot));
	return 0;
}

int rs_testbed_running(const struct rs_testbed_options *o, enum rs_boot *ret, struct rs_err *err)
{
	const struct rs_testbed_kind *kind = find_kind(o->kind, err);

	*ret = RS_BOOT_LAST;
	if (kind == NULL)
		return -1;
	if (kind->running != NULL && kind->running(o, ret, err) < 0)
		return rs_err_wrap(err, "testbed %s", o->kind);
	return 0;
}

struct rs_channel *rs_testbed_channel(struct rs_testbed *t, struct rs_err *err)
{
	return t->kind->channel(t, err);
}

const struct rs_testbed_facts *rs_testbed_facts(struct rs_testbed *t)
{
	return &t->facts;
}

int rs_testbed_close(struct rs_testbed *t, int keep, struct rs_err *err)
{
	int rc;

	if (t == NULL)
		return 0;
	rc = t->kind->close(t, keep, err);
	rs_free_argv(&t->facts.builds);
	rs_buf_release(&t->builds);
	rs_buf_release(&t->description);
	free(t);
	return rc;
}

int rs_testbed_steps(const struct rs_plan *plan, const struct rs_testbed_options *o,
		     struct rs_buf *out, struct rs_err *err)
{
	const struct rs_testbed_kind *kind = find_kind(o->kind, err);

	if (kind == NULL)
		return -1;
	kind->steps(plan, o, out);
	return 0;
}

int rs_testbed_doctor(const char *kind_text, struct rs_buf *out)
{
	struct rs_err err = RS_ERR_INIT;
	const struct rs_testbed_kind *kind = find_kind(kind_text, &err);

	if (kind == NULL) {
		rs_buf_addf(out, "%s\n", err.text);
		return 1;
	}
	return kind->doctor(out);
}

int rs_doctor_lacks(struct rs_buf *out, const char *what, const char *mend)
{
	rs_buf_addf(out, "%s: %s\n", what, mend);
	return 1;
}

int rs_testbed_add_lines(struct rs_buf *b, const char *prefix, const char *path,
			 struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (rs_path_read(path, LIST_MAX, &text, err) < 0)
		return -1;
	for (const char *p = rs_buf_str(&text), *end; *p != '\0'; p = *end != '\0' ? end + 1 : end) {
		end = p + strcspn(p, "\n");
		if (end > p)
			rs_buf_addf(b, "%s%.*s\n", prefix, (int)(end - p), p);
	}
	return rs_buf_check(b, err);
}

/* Whether dir is the cache folder or below it. */
static int is_in_cache(const char *dir)
{
	RS_AUTO_STR *cache = rs_path_cache(NULL);
	const size_t n = cache != NULL ? strlen(cache) : 0;

	return n > 0 && strncmp(dir, cache, n) == 0 && (dir[n] == '/' || dir[n] == '\0');
}

int rs_testbed_want_space(const char *dir, int64_t need, const char *what, struct rs_err *err)
{
	uint64_t bytes = 0;
	char have_text[32], need_text[32];

	if (rs_path_free_bytes(dir, &bytes, err) < 0)
		return -1;
	if (bytes >= (uint64_t)need)
		return 0;
	return rs_err_set(err, RS_ERR_MACHINE, "%s needs %s in \"%s\", where %s are free: make room, or %s", what,
			  rs_format_quantity(need_text, sizeof(need_text), (double)need, RS_DIM_BYTES), dir,
			  rs_format_quantity(have_text, sizeof(have_text), (double)bytes, RS_DIM_BYTES),
			  is_in_cache(dir) ? "point XDG_CACHE_HOME to another disk" :
					     "put the run's folder on another disk with -o");
}
