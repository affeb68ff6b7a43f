/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts and times what setting a system up took, while it is up. */
#include "effort_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"

enum { CONFIGURATION_MAX = 1 << 18 };

static const double ASK_S = 60, BYTES_MAX = 1e18;	/* of all packages: more is no size */

struct teller {
	rs_shard_fn *tell;
	void *user;
	const char *system;
};

static int tell_text(const struct teller *t, const char *of, const char *what, const char *text,
		     struct rs_err *err)
{
	char key[200];
	struct rs_shard_event e = { .kind = RS_SHARD_FACT, .wall_s = rs_wall_s(), .key = key,
				    .text = text };

	(void)snprintf(key, sizeof(key), "%s.%.60s.%s", of, t->system, what);
	return t->tell(t->user, &e, err);
}

static int tell_number(const struct teller *t, const char *what, int64_t n, struct rs_err *err)
{
	char text[40];

	(void)snprintf(text, sizeof(text), "%" PRId64, n);
	return tell_text(t, "effort", what, text, err);
}

/* ---- times ---- */

static int tell_span(const struct teller *t, const char *what, double ns, struct rs_err *err)
{
	char text[40];

	(void)snprintf(text, sizeof(text), "%.3f", ns / 1e9);
	return tell_text(t, "setup", what, text, err);
}

int rs_effort_times(const struct rs_launch *l, rs_shard_fn *tell, void *user, struct rs_err *err)
{
	const struct teller t = { tell, user, l->system->id };
	const struct rs_guest *g = NULL;
	const size_t n = rs_instance_guests(l->instance, &g);
	int64_t first_ns = INT64_MAX, last_ns = 0;
	RS_AUTO_BUF each = RS_BUF_INIT;

	if (l->guests == 0 || n == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (g[i].ready_s <= 0 || g[i].answered_ns <= 0)
			return 0;	/* the platform does not know: nothing is made up */
		rs_buf_addf(&each, "%s%.3f", i > 0 ? " " : "", g[i].ready_s);
		first_ns = g[i].answered_ns < first_ns ? g[i].answered_ns : first_ns;
		last_ns = g[i].answered_ns > last_ns ? g[i].answered_ns : last_ns;
	}
	if (rs_buf_check(&each, err) < 0 ||
	    tell_text(&t, "setup", "guest_install_s", rs_buf_str(&each), err) < 0 ||
	    tell_span(&t, "first_guest_s", (double)(first_ns - l->begin_ns), err) < 0)
		return -1;
	return n < 2 ? 0 : tell_span(&t, "further_guest_s", (double)(last_ns - first_ns) / (double)(n - 1), err);
}

/* ---- amounts ---- */

static int64_t count_lines(const char *text)
{
	int64_t n = 0;

	for (const char *p = text; *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n') {
		const char *s = p + strspn(p, " \t");

		n += *s != '\n' && *s != '\0' && *s != '#';
	}
	return n;
}

/* Commands of the platform for n guests. */
static int64_t count_commands(const struct rs_launch *l, int n)
{
	RS_AUTO_BUF steps = RS_BUF_INIT;

	if (n < 1 || l->platform->steps == NULL)
		return 0;
	l->platform->steps(l->system, n, &steps);
	return count_lines(rs_buf_str(&steps));
}

static int tell_commands(const struct rs_launch *l, const struct teller *t, struct rs_err *err)
{
	const int64_t one = count_commands(l, 1), two = count_commands(l, 2);

	if (tell_number(t, "commands", count_commands(l, l->guests), err) < 0)
		return -1;
	if (l->guests > 0 && (tell_number(t, "commands_first_guest", one, err) < 0 ||
			      tell_number(t, "commands_further_guest", two - one, err) < 0))
		return -1;
	return tell_number(t, "reboots", l->boot == RS_BOOT_PLAIN ? 0 : 1, err);
}

/* The first name that ends with a dot and kind; NULL when none does. */
static const char *of_kind(char *const *names, size_t n, const char *kind)
{
	for (size_t i = 0; i < n; i++) {
		const char *dot = strrchr(names[i], '.');

		if (dot != NULL && strcmp(dot + 1, kind) == 0)
			return names[i];
	}
	return NULL;
}

/* The files that describe the first guest, and their lines. */
static int tell_configuration(const struct rs_launch *l, const struct teller *t, struct rs_err *err)
{
	static const char *const kinds[] = { "cfg", "conf", "xml" };
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;
	int64_t lines = 0;

	if (rs_path_list(l->described, &names, &n, err) < 0)
		return -1;
	for (size_t k = 0; k < RS_COUNT(kinds); k++) {
		const char *name = of_kind(names, n, kinds[k]);
		RS_AUTO_STR *path = name != NULL ? rs_path_join(l->described, name, err) : NULL;
		RS_AUTO_BUF text = RS_BUF_INIT;

		/* The file stays in the run folder, whatever its length. */
		if (path == NULL || rs_path_read(path, CONFIGURATION_MAX, &text, NULL) < 0)
			continue;
		if (tell_text(t, "configuration", kinds[k], rs_buf_str(&text), err) < 0)
			return -1;
		lines += count_lines(rs_buf_str(&text));
	}
	return tell_number(t, "configuration_lines", lines, err);
}

/* A package's size in each line, or nothing where it does not tell: their number and sum.  0 when
 * what was said is something else. */
static int sum_sizes(const char *text, double unit, int64_t *ret_n, int64_t *ret_bytes)
{
	double sum = 0;

	*ret_n = 0;
	for (const char *p = text; *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n') {
		const char *end = p;
		double v = 0;

		if (*p != '\n' && (rs_scan_double(p, &end, &v) < 0 || !(v >= 0)))
			return 0;
		sum += v * unit;
		++*ret_n;
	}
	if (!(sum > 0 && sum <= BYTES_MAX))
		return 0;
	*ret_bytes = (int64_t)sum;
	return 1;
}

/* What a package manager inside the first guest knows. */
static int tell_packages(const struct rs_launch *l, const struct teller *t, struct rs_err *err)
{
	static const struct {
		const char *argv[5];
		double unit;
	} ask[] = {
		{ { "dpkg-query", "-W", "-f=${Installed-Size}\\n", NULL }, 1024 },
		{ { "rpm", "-qa", "--queryformat=%{SIZE}\\n", NULL }, 1 },
	};
	static const char missing[] = "missing: no package manager answers in the guest";
	const struct rs_guest *g = NULL;
	int64_t n = 0, bytes = 0;

	if (rs_instance_guests(l->instance, &g) == 0)
		return 0;
	for (size_t i = 0; i < RS_COUNT(ask); i++) {
		RS_AUTO_BUF out = RS_BUF_INIT;

		if (rs_channel_run_ok(g[0].channel, ask[i].argv, ASK_S, &out, NULL) < 0 ||
		    !sum_sizes(rs_buf_str(&out), ask[i].unit, &n, &bytes))
			continue;
		return tell_number(t, "packages", n, err) < 0 ? -1 : tell_number(t, "bytes", bytes, err);
	}
	return tell_text(t, "effort", "packages", missing, err) < 0
		       ? -1 : tell_text(t, "effort", "bytes", missing, err);
}

int rs_effort_amounts(const struct rs_launch *l, rs_shard_fn *tell, void *user, struct rs_err *err)
{
	const struct teller t = { tell, user, l->system->id };

	if (tell_commands(l, &t, err) < 0 || tell_configuration(l, &t, err) < 0)
		return -1;
	return tell_packages(l, &t, err);
}
