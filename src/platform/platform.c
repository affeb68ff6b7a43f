/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of platforms, instances of systems, and the small things platforms share. */
#include "restudy/platform.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "platform_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"

static const struct rs_platform *const platforms[] = {
	[RS_PLATFORM_HOST] = &rs_platform_host, [RS_PLATFORM_LXC] = &rs_platform_lxc,
	[RS_PLATFORM_OPENVZ] = &rs_platform_openvz, [RS_PLATFORM_XEN] = &rs_platform_xen,
	[RS_PLATFORM_XEN_PVH] = &rs_platform_xen_pvh,
	[RS_PLATFORM_QEMU] = &rs_platform_qemu, [RS_PLATFORM_LAST] = NULL,
};

struct rs_instance {
	const struct rs_platform *platform;
	void *state;	/* owned through platform->stop */
};

const struct rs_platform *const *rs_platforms(void)
{
	return platforms;
}

const struct rs_platform *rs_platform_of(enum rs_platform_kind kind)
{
	return platforms[kind];
}

struct rs_instance *rs_instance_start(const struct rs_platform *p, const struct rs_system *sys,
				      int n, const struct rs_place *place,
				      const struct rs_sink *notes, struct rs_err *err)
{
	struct rs_instance *in;

	if (p->unavailable != NULL) {
		rs_err_set(err, RS_ERR_MACHINE, "platform \"%s\": %s", p->name, p->unavailable);
		return NULL;
	}
	in = rs_alloc(1, sizeof(*in), err);
	if (in == NULL)
		return NULL;
	in->platform = p;
	if (p->start(sys, n, place, notes, &in->state, err) < 0) {
		free(in);
		rs_err_wrap(err, "cannot start system \"%s\" on %s", sys->id, p->name);
		return NULL;
	}
	return in;
}

size_t rs_instance_guests(struct rs_instance *in, const struct rs_guest **ret)
{
	return in->platform->guests(in->state, ret);
}

const char *rs_instance_ended(struct rs_instance *in)
{
	enum { LOOKS = 15 };	/* a machine with much to do tells late */
	const struct rs_guest *guests = NULL;
	const size_t n = rs_instance_guests(in, &guests);

	for (int look = 0; in->platform->runs != NULL && look < LOOKS; look++) {
		for (size_t i = 0; i < n; i++)
			if (!in->platform->runs(in->state, i))
				return guests[i].name;
		rs_clock_sleep(0.2);
	}
	return NULL;
}

int rs_instance_describe(struct rs_instance *in, const char *folder, struct rs_err *err)
{
	return in->platform->describe(in->state, folder, err);
}

int rs_instance_stop(struct rs_instance *in, struct rs_err *err)
{
	int rc;

	if (in == NULL)
		return 0;
	rc = in->platform->stop(in->state, err);
	free(in);
	return rc;
}

double rs_limit_s(const struct rs_place *place, double seconds)
{
	return place->emulated ? 5 * seconds : seconds;
}

int rs_await_answers(struct rs_guest *views, size_t n, double limit_s, rs_answer_fn *try, void *user,
		     struct rs_err *err)
{
	const int64_t end_ns = rs_clock_ns() + (int64_t)(limit_s * 1e9);

	for (size_t i = 0, waiting = n; waiting > 0; i = (i + 1) % n) {
		struct rs_err why = RS_ERR_INIT;
		int rc;

		if (views[i].channel != NULL)
			continue;
		if (rs_stop_check(err) < 0)
			return -1;
		rc = try(user, i, &why, err);
		if (rc < 0)
			return -1;
		if (rc > 0) {
			views[i].answered_ns = rs_clock_ns();
			waiting--;
		} else if (rs_clock_ns() > end_ns) {
			return rs_err_set(err, why.kind, "%s (within %.0f s)", why.text, limit_s);
		}
	}
	return 0;
}

int rs_platform_note(const struct rs_sink *notes, struct rs_err *err, const char *fmt, ...)
{
	struct rs_note n = { .level = RS_NOTE_WARNING };
	va_list ap;

	if (notes == NULL || notes->note == NULL)
		return 0;
	va_start(ap, fmt);
	(void)vsnprintf(n.text, sizeof(n.text), fmt, ap);
	va_end(ap);
	return notes->note(notes->user, &n, err);
}

void rs_step_line(struct rs_buf *out, const char *const *argv)
{
	RS_AUTO_CMD *c = rs_cmd_new(argv[0]);
	RS_AUTO_STR *text = NULL;

	rs_cmd_args(c, argv + 1);
	text = rs_cmd_text(c, NULL);
	if (text == NULL)
		out->failed = 1;
	else
		rs_buf_addf(out, "%s\n", text);
}

int rs_step_run(const char *const *argv, double limit_s, struct rs_err *err)
{
	RS_AUTO_CMD *c = rs_cmd_new(argv[0]);

	rs_cmd_args(c, argv + 1);
	rs_cmd_timeout(c, limit_s);
	return rs_cmd_run_ok(c, err);
}

int rs_has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = text; (p = strstr(p, word)) != NULL; p += n)
		if ((p == text || p[-1] == ' ') && strchr(" \n", p[n]) != NULL)
			return 1;
	return 0;
}

int rs_is_mount_point(const char *path)
{
	RS_AUTO_STR *up = rs_asprintf(NULL, "%s/..", path);
	struct stat here, above;

	if (up == NULL || stat(path, &here) < 0 || stat(up, &above) < 0)
		return 0;
	return here.st_dev != above.st_dev || here.st_ino == above.st_ino;
}
