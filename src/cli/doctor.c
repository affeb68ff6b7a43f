/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy doctor: what works on this machine, and the one command that mends the rest. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/bench.h"
#include "restudy/platform.h"

static void line(struct rs_buf *out, const char *state, const char *what, const char *text)
{
	rs_buf_addf(out, "%-8s %-22s ", state, what);
	rs_buf_adds(out, text);
	rs_buf_addc(out, '\n');
}

static int examine_programs(struct rs_buf *out)
{
	static const char *const own[] = { "restudy-agent", "restudy-kernels" };
	int bad = 0;

	for (size_t i = 0; i < RS_COUNT(own); i++) {
		struct rs_err e = RS_ERR_INIT;
		RS_AUTO_STR *path = rs_cli_own_program(own[i], &e);

		line(out, path != NULL ? "works" : "lacks", own[i], path != NULL ? "is here" : e.text);
		bad += path == NULL;
	}
	return bad;
}

static int examine_data(struct rs_buf *out)
{
	static const char *const need[] = { "schema/plan.xsd", "templates/report.xml" };
	int bad = 0;

	for (size_t i = 0; i < RS_COUNT(need); i++) {
		struct rs_err e = RS_ERR_INIT;
		RS_AUTO_STR *path = rs_path_data(need[i], &e);

		line(out, path != NULL ? "works" : "lacks", need[i], path != NULL ? "is here" : e.text);
		bad += path == NULL;
	}
	return bad;
}

static void examine_platforms(struct rs_buf *out)
{
	RS_AUTO_STR *cache = rs_path_cache(NULL);
	RS_AUTO_STR *agent = rs_cli_own_program("restudy-agent", NULL);
	RS_AUTO_STR *kernels = rs_cli_own_program("restudy-kernels", NULL);
	const struct rs_place place = { .folder = cache, .run_id = "doctor", .agent = agent,
					.kernels = kernels };

	for (const struct rs_platform *const *p = rs_platforms(); *p != NULL; p++) {
		struct rs_err e = RS_ERR_INIT;
		char what[60];

		(void)snprintf(what, sizeof(what), "local platform %s", (*p)->name);
		if ((*p)->unavailable != NULL)
			line(out, "no", what, (*p)->unavailable);
		else if ((*p)->probe(&place, &e) < 0)
			line(out, "no", what, e.text);
		else
			line(out, "works", what, (*p)->title);
	}
}

/* What a benchmark needs of this machine where it is the testbed: images have their own. */
static void add_programs(const char *benchmark, struct rs_buf *text)
{
	static const struct {
		const char *benchmark, *program, *package;
	} need[] = {
		{ "siege", "siege", "siege" },
		{ "siege", "apache2", "apache2-bin" },
		{ "httpload", "apache2", "apache2-bin" },
	};

	for (size_t i = 0; i < RS_COUNT(need); i++) {
		RS_AUTO_STR *path = rs_path_program(need[i].program);

		if (path == NULL && strcmp(need[i].benchmark, benchmark) == 0)
			rs_buf_addf(text, "; --testbed local lacks %s: apt-get install %s", need[i].program,
				    need[i].package);
	}
}

static void examine_benchmarks(struct rs_buf *out)
{
	for (const struct rs_bench_driver *const *d = rs_bench_drivers(); *d != NULL; d++) {
		RS_AUTO_BUF text = RS_BUF_INIT;
		char what[60];

		(void)snprintf(what, sizeof(what), "benchmark %s", (*d)->name);
		rs_buf_adds(&text, (*d)->unavailable != NULL ? (*d)->unavailable : "built in");
		if ((*d)->unavailable == NULL)
			add_programs((*d)->name, &text);
		line(out, (*d)->unavailable != NULL ? "no" : "works", what, rs_buf_str(&text));
	}
}

static int examine_cache(struct rs_buf *out)
{
	struct rs_err e = RS_ERR_INIT;
	RS_AUTO_STR *cache = rs_path_cache(&e);
	uint64_t bytes = 0;
	char text[200], size[40];

	if (cache == NULL || rs_path_free_bytes(cache, &bytes, &e) < 0) {
		line(out, "lacks", "cache", e.text);
		return 1;
	}
	(void)rs_format_quantity(size, sizeof(size), (double)(bytes >> 20) * 1048576, RS_DIM_BYTES);
	(void)snprintf(text, sizeof(text), "%s free", size);
	line(out, bytes > (uint64_t)4 << 30 ? "works" : "lacks", "cache", text);
	if (bytes <= (uint64_t)4 << 30)
		rs_buf_adds(out, "         at least 4 GiB are needed: set XDG_CACHE_HOME to a larger disk\n");
	return bytes <= (uint64_t)4 << 30;
}

static int examine_testbed(const char *kind, struct rs_buf *out)
{
	RS_AUTO_BUF lacks = RS_BUF_INIT;
	char what[60];
	int n = rs_testbed_doctor(kind, &lacks);

	(void)snprintf(what, sizeof(what), "testbed %s", kind);
	if (n == 0) {
		line(out, "works", what, "nothing is missing");
		return 0;
	}
	for (char *p = lacks.data, *next; p != NULL && *p != '\0'; p = next) {
		next = strchr(p, '\n');
		if (next != NULL)
			*next++ = '\0';
		line(out, "lacks", what, p);
	}
	return n;
}

static int doctor(int argc, char **argv, struct rs_err *err)
{
	static const struct rs_cli_option none[] = { { NULL, 0, NULL, NULL } };
	RS_AUTO_BUF out = RS_BUF_INIT;
	RS_AUTO_PLAN *plan = NULL;
	const char *path = NULL;
	int bad = 0;

	if (rs_cli_options(argc, argv, none, &path, "", 1, err) < 0)
		return -1;
	if (path != NULL) {
		plan = rs_cli_plan(path, 1, err);
		if (plan == NULL)
			return -1;
		line(&out, "works", "plan", plan->title != NULL ? plan->title : plan->id);
	}
	bad += examine_programs(&out);
	bad += examine_data(&out);
	bad += examine_cache(&out);
	bad += examine_testbed("virtual", &out);
	/* A machine without containers is fine as long as the virtual testbed works. */
	(void)examine_testbed("local", &out);
	examine_platforms(&out);
	examine_benchmarks(&out);
	if (rs_cli_print(&out, err) < 0)
		return -1;
	return bad > 0 ? rs_err_exit_status(RS_ERR_MACHINE) : 0;
}

const struct rs_cli_command rs_cli_doctor = {
	.name = "doctor", .arguments = "[PLAN]", .run = doctor,
	.summary = "what works on this machine, and what mends the rest",
	.options = "exit status 0 when a run on the virtual testbed can begin, else 3\n",
};
