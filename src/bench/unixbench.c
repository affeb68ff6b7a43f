/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The real UnixBench in the guests: in benchmark->path, built from the archive of
 * benchmark->source, or in one of the usual places, in this order.  4.1.0 takes its durations
 * from the environment, 5.x and 6.x have fixed ones; all write their results where they are told,
 * so that nothing of an earlier run is taken for this one's.
 */
#include "unixbench_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

static const char *const usual_folders[] = { "/opt/UnixBench", "/opt/unixbench",
					     "/opt/byte-unixbench/UnixBench",
					     "/usr/local/UnixBench", "/usr/local/unixbench",
					     "/root/UnixBench" };

/* Tests of the group "index" of 4.1.0. */
static const char *const in_index[] = {
	"dhry2reg", "whetstone-double", "execl", "fstime-copy", "fsbuffer-copy", "fsdisk-copy", "pipe",
	"context1", "spawn", "shell8", "syscall",
};

/* What a guest has. */
struct place {
	char *folder;		/* of UnixBench in the guest */
	int is_4;		/* 4.1.0: a shell script */
};

/* First line of FOLDER/Run, which is a shell script in 4 and a Perl one later. */
static int look_at(const struct rs_guest *g, const char *folder, int *is_4, struct rs_err *err)
{
	RS_AUTO_STR *run = rs_path_join(folder, "Run", err);
	const char *const argv[] = { "head", "-n", "1", run, NULL };
	RS_AUTO_BUF out = RS_BUF_INIT;

	if (run == NULL || rs_channel_run_ok(g->channel, argv, 30, &out, NULL) < 0)
		return -1;
	*is_4 = strstr(rs_buf_str(&out), "perl") == NULL;
	return 0;
}

/* Archives of 4.1.0 that went through git lack the empty folders that its make and Run need. */
static int make_programs(const struct rs_trial *t, const struct rs_guest *g, const struct place *p,
			 struct rs_err *err)
{
	RS_AUTO_STR *results = rs_path_join(p->folder, "results", err);
	RS_AUTO_STR *tmp = rs_path_join(p->folder, "tmp", err);
	const char *const folders[] = { "mkdir", "-p", results, tmp, NULL };
	const char *const make[] = { "make", "-C", p->folder, NULL };

	if (results == NULL || tmp == NULL ||
	    (p->is_4 && rs_channel_run_ok(g->channel, folders, 60, NULL, err) < 0) ||
	    rs_channel_run_ok(g->channel, make, t->emulated ? 3600 : 600, NULL, err) < 0)
		return rs_err_wrap(err, "guest \"%s\": making UnixBench", g->name);
	return 0;
}

/* Unpacks the archive in a guest and makes its programs; the folder with Run into p. */
static int build_source(const struct rs_trial *t, const struct rs_guest *g, const char *folder,
			struct place *p, struct rs_err *err)
{
	RS_AUTO_STR *archive = rs_path_join(g->scratch, "unixbench-source.archive", err);
	const char *const make_folder[] = { "mkdir", "-p", folder, NULL };
	const char *const unpack[] = { "tar", "-xf", archive, "-C", folder, NULL };
	const char *const find[] = { "find", folder, "-maxdepth", "4", "-type", "f", "-name", "Run", NULL };
	RS_AUTO_BUF run = RS_BUF_INIT;
	char *slash;

	if (archive == NULL || rs_channel_push(g->channel, t->source, archive, 0644, err) < 0 ||
	    rs_channel_run_ok(g->channel, make_folder, 60, NULL, err) < 0 ||
	    rs_channel_run_ok(g->channel, unpack, 600, NULL, err) < 0 ||
	    rs_channel_run_ok(g->channel, find, 60, &run, err) < 0)
		return rs_err_wrap(err, "guest \"%s\": unpacking UnixBench", g->name);
	p->folder = rs_strndup(rs_buf_str(&run), strcspn(rs_buf_str(&run), "\n"), err);
	slash = p->folder != NULL ? strrchr(p->folder, '/') : NULL;
	if (slash == NULL)
		return rs_err_set(err, RS_ERR_PLAN, "\"%s\" is no archive of UnixBench: it has no file "
				  "\"Run\"", t->benchmark->source);
	*slash = '\0';
	return look_at(g, p->folder, &p->is_4, err) < 0 ? -1 : make_programs(t, g, p, err);
}

/* The same folder on every trial: what is built there is not built again. */
static int find_source(const struct rs_trial *t, const struct rs_guest *g, struct place *p,
		       struct rs_err *err)
{
	RS_AUTO_STR *folder = rs_path_join(g->scratch, "unixbench-source", err);
	RS_AUTO_STR *mark = folder != NULL ? rs_path_join(folder, "built-in", err) : NULL;
	const char *const read_mark[] = { "cat", mark, NULL };
	RS_AUTO_BUF text = RS_BUF_INIT;
	struct rs_cmd_result res;

	if (mark == NULL)
		return -1;
	if (rs_channel_run_ok(g->channel, read_mark, 30, &text, NULL) == 0 && text.len > 0) {
		p->folder = rs_strdup(rs_buf_str(&text), err);
		return p->folder == NULL ? -1 : look_at(g, p->folder, &p->is_4, err);
	}
	if (build_source(t, g, folder, p, err) < 0)
		return -1;
	{
		const char *const tee[] = { "tee", mark, NULL };
		const struct rs_exec x = { .argv = tee, .stdin_bytes = p->folder,
					   .stdin_len = strlen(p->folder), .timeout_s = 30,
					   .output_max = 8192 };

		return rs_channel_run(g->channel, &x, &res, err);
	}
}

static int find_place(const struct rs_trial *t, const struct rs_guest *g, struct place *p,
		      struct rs_err *err)
{
	const char *asked = t->benchmark->path;

	p->folder = NULL;
	if (asked != NULL) {
		if (look_at(g, asked, &p->is_4, err) == 0)
			p->folder = rs_strdup(asked, err);
		else if (t->benchmark->source == NULL)
			return rs_err_set(err, RS_ERR_MACHINE, "guest \"%s\": no UnixBench in \"%s\"",
					  g->name, asked);
	}
	if (p->folder == NULL && t->benchmark->source != NULL) {
		if (t->source == NULL)
			return rs_err_set(err, RS_ERR_MACHINE, "guest \"%s\": the archive \"%s\" was not "
					  "fetched: see the warnings of the run", g->name,
					  t->benchmark->source);
		return find_source(t, g, p, err);
	}
	for (size_t i = 0; i < RS_COUNT(usual_folders) && p->folder == NULL; i++)
		if (look_at(g, usual_folders[i], &p->is_4, err) == 0)
			p->folder = rs_strdup(usual_folders[i], err);
	if (p->folder == NULL)
		return rs_err_set(err, RS_ERR_MACHINE,
				  "guest \"%s\": no UnixBench in \"%s\" or the like: name its folder "
				  "with path=, or its archive with source= and sha256=", g->name,
				  usual_folders[0]);
	return 0;
}

/* Our id as the version's Run knows it; "" when an earlier id brings it along. */
static void program_id(const char *id, int is_4, char *buf, size_t size)
{
	const char *dash = strchr(id, '-');

	snprintf(buf, size, "%s", id);
	if (strncmp(id, "shell", 5) == 0 && is_4)
		snprintf(buf, size, "shell");
	if (strncmp(id, "fs", 2) != 0 || dash == NULL)
		return;
	snprintf(buf, size, "%.*s%s", (int)(dash - id), id,
		 is_4 || strcmp(dash, "-copy") == 0 ? ""
		 : strcmp(dash, "-write") == 0	    ? "-w"
						    : "-r");
}

struct command {
	char **argv, **env;	/* NULL-ended, owned */
	size_t n_argv, n_env;
};

static void command_release(struct command *c)
{
	rs_free_argv(&c->argv);
	rs_free_argv(&c->env);
}

static int add_word(char ***list, size_t *n, char *word, struct rs_err *err)
{
	char **slot = word != NULL ? rs_array_grow(list, *n + 1, sizeof(**list), err) : NULL;

	if (slot == NULL) {
		free(word);
		return -1;
	}
	(*list)[*n] = word;
	(*list)[++*n] = NULL;
	return 0;
}

static int add_arg(struct command *c, const char *word, struct rs_err *err)
{
	for (size_t i = 0; i < c->n_argv; i++)
		if (strcmp(c->argv[i], word) == 0 && word[0] != '-')
			return 0;	/* "fstime" of 4.1.0 brings three tests */
	return add_word(&c->argv, &c->n_argv, rs_strdup(word, err), err);
}

static int add_env(struct command *c, struct rs_err *err, const char *name, const char *value)
{
	return add_word(&c->env, &c->n_env, rs_asprintf(err, "%s=%s", name, value), err);
}

/* How many scripts at once, for "shell": those that are asked for; an index takes 8. */
static int add_scripts_4(struct command *c, const struct rs_benchmark *b, struct rs_err *err)
{
	RS_AUTO_BUF counts = RS_BUF_INIT;

	for (size_t i = 0; i < b->n_tests; i++)
		if (strncmp(b->tests[i], "shell", 5) == 0)
			rs_buf_addf(&counts, "%s ", b->tests[i] + 5);
	if (rs_buf_check(&counts, err) < 0)
		return -1;
	return counts.len == 0 ? 0 : add_env(c, err, "background", rs_buf_str(&counts));
}

static int add_env_4(struct command *c, const struct rs_benchmark *b, double duration_s,
		     const char *scratch, const char *results, struct rs_err *err)
{
	static const char *const times[] = { "dhrytime", "systime", "arithtime", "seconds", "looper" };
	char text[24];

	snprintf(text, sizeof(text), "%d", duration_s < 1 ? 1 : (int)(duration_s + 0.5));
	for (size_t i = 0; i < RS_COUNT(times); i++)
		if (add_env(c, err, times[i], text) < 0)
			return -1;
	/* Its TMPDIR is its own folder whatever the environment says; "where" is for the file tests. */
	return add_scripts_4(c, b, err) < 0 || add_env(c, err, "where", scratch) < 0
		       ? -1
		       : add_env(c, err, "RESULTDIR", results);
}

static int add_env_5(struct command *c, const char *results, struct rs_err *err)
{
	return add_env(c, err, "UB_RESULTDIR", results) < 0 ||
			       add_env(c, err, "UB_OUTPUT_FILE_NAME", "report") < 0
		       ? -1
		       : 0;
}

static int command_make(struct command *c, const struct rs_benchmark *b, double duration_s,
			const struct place *p, const char *scratch, const char *results,
			struct rs_err *err)
{
	char text[64];
	int rc;

	memset(c, 0, sizeof(*c));
	/* The locale decides whether 4.1.0 puts context switching into its index. */
	rc = add_env(c, err, "LC_ALL", "C");
	if (rc == 0)
		rc = p->is_4 ? add_env_4(c, b, duration_s, scratch, results, err)
			     : add_env_5(c, results, err);
	if (rc == 0)
		rc = add_word(&c->argv, &c->n_argv, rs_path_join(p->folder, "Run", err), err);
	if (rc == 0 && p->is_4)
		rc = add_arg(c, "-1", err);
	snprintf(text, sizeof(text), "%d", rs_plan_concurrency(b));
	if (rc == 0 && !p->is_4 &&
	    (add_arg(c, "-i", err) < 0 ||
	     add_word(&c->argv, &c->n_argv, rs_strdup("1", err), err) < 0 ||
	     add_arg(c, "-c", err) < 0 ||
	     add_word(&c->argv, &c->n_argv, rs_strdup(text, err), err) < 0))
		rc = -1;
	for (size_t i = 0; i < b->n_arguments && rc == 0; i++)
		rc = add_word(&c->argv, &c->n_argv, rs_strdup(b->arguments[i], err), err);
	for (size_t i = 0; i < b->n_tests && rc == 0; i++) {
		program_id(b->tests[i], p->is_4, text, sizeof(text));
		rc = add_arg(c, text, err);
	}
	if (rc == 0 && b->n_tests == 0)
		rc = add_arg(c, "index", err);
	return rc;
}

/* Seconds of one run of a test: 5.x and 6.x take what they take whatever the plan says; 4.1.0
 * sleeps 3 s before each. */
static double test_s(const char *id, int is_4, double duration_s)
{
	if (is_4)
		return (duration_s < 1 ? 1 : duration_s) + 4;
	if (strncmp(id, "shell", 5) == 0)
		return 60;
	return strncmp(id, "fs", 2) == 0 || strcmp(id, "spawn") == 0 || strcmp(id, "execl") == 0 ? 35
												  : 12;
}

/* The group "index": 4.1.0 writes and reads each file that it copies, 5.x and 6.x have one script
 * at a time, too. */
static double index_s(int is_4, double duration_s)
{
	double s = is_4 ? 6 * test_s("fstime-copy", is_4, duration_s)
			: test_s("shell1", is_4, duration_s);

	for (size_t i = 0; i < RS_COUNT(in_index); i++)
		s += test_s(in_index[i], is_4, duration_s);
	return s;
}

static double predict_s(const struct rs_benchmark *b, double duration_s, size_t n_guests)
{
	const int is_4 = b->version != NULL && b->version[0] == '4';
	double s = b->n_tests == 0 ? index_s(is_4, duration_s) : 0;

	for (size_t i = 0; i < b->n_tests; i++)
		s += test_s(b->tests[i], is_4, duration_s);
	return b->sequential && n_guests > 1 ? s * (double)n_guests : s + 5;
}

static int clear_results(const struct rs_guest *g, const char *results, struct rs_err *err)
{
	const char *const away[] = { "rm", "-rf", results, NULL };
	const char *const make[] = { "mkdir", "-p", results, NULL };

	if (rs_channel_run_ok(g->channel, away, 60, NULL, err) < 0)
		return -1;
	return rs_channel_run_ok(g->channel, make, 60, NULL, err);
}

/* 5.x ends with what Perl says of the logarithm of a test that did nothing. */
static int broke_off(const struct rs_cmd_result *res, const char *said, struct rs_err *err)
{
	(void)rs_bench_failed(res, "UnixBench", said, err);
	return strstr(err->text, "Can't take log of 0") == NULL
		       ? -1
		       : rs_err_wrap(err, "a test did 0 loops: the compiler removed what is measured");
}

static int run_in(struct rs_lane *lane, const struct place *p, struct rs_err *err)
{
	const struct rs_trial *t = lane->trial;
	RS_AUTO_STR *results = rs_path_join(lane->guest->scratch, "unixbench", err);
	RS_AUTO_STR *out = rs_path_join(lane->folder, "stdout", err);
	RS_AUTO_STR *said = rs_path_join(lane->folder, "stderr", err);
	RS_AUTO_STR *here = rs_path_join(lane->folder, "results", err);
	struct rs_exec x = { .cwd = p->folder, .output_max = RS_RAW_MAX, .stdout_path = out,
			     .stderr_path = said };
	struct command c;
	struct rs_cmd_result res;
	int rc;

	if (results == NULL || out == NULL || said == NULL || here == NULL ||
	    clear_results(lane->guest, results, err) < 0)
		return -1;
	/* An index of 5.x takes 6 minutes, whatever version the plan names. */
	x.timeout_s = predict_s(t->benchmark, t->duration_s, 1) * (t->emulated ? 6 : 3) + 1200;
	rc = command_make(&c, t->benchmark, t->duration_s, p, lane->guest->scratch, results, err);
	x.argv = (const char *const *)c.argv;
	x.env = (const char *const *)c.env;
	if (rc == 0)
		rc = rs_channel_run(lane->guest->channel, &x, &res, err);
	command_release(&c);
	if (rc < 0)
		return -1;
	/* What it has written is brought also when it failed. */
	rc = rs_channel_pull_tree(lane->guest->channel, results, here, 64 << 20,
				  res.status == 0 ? err : NULL);
	return res.status != 0 ? broke_off(&res, said, err) : rc;
}

static int lane_round(struct rs_lane *lane, size_t round, void *user, struct rs_err *err)
{
	struct place p = { NULL, 0 };
	int rc = find_place(lane->trial, lane->guest, &p, err);

	(void)round;
	(void)user;
	if (rc == 0)
		rc = run_in(lane, &p, err);
	free(p.folder);
	return rc;
}

static int run(const struct rs_trial *t, const struct rs_sink *sink, struct rs_err *err)
{
	return rs_lanes_run(t, 1, RS_LANE_NO_GENERATOR, lane_round, NULL, sink, err);
}

static int prepare(const struct rs_trial *t, struct rs_err *err)
{
	for (size_t i = 0; i < t->benchmark->n_tests; i++)
		if (rs_unix_metric(t->benchmark->tests[i]) == NULL)
			return rs_err_set(err, RS_ERR_PLAN, "UnixBench has no test \"%s\"",
					  t->benchmark->tests[i]);
	for (size_t i = 0; i < t->n_guests; i++) {
		struct place p;

		if (find_place(t, &t->guests[i], &p, err) < 0)
			return -1;
		free(p.folder);
	}
	return 0;
}

static void steps(const struct rs_benchmark *b, double duration_s, struct rs_buf *out)
{
	const struct place p = { b->path != NULL ? b->path : (char *)(uintptr_t) "UNIXBENCH",
				 b->version != NULL && b->version[0] == '4' };
	struct command c;
	const int made = command_make(&c, b, duration_s, &p, "SCRATCH", "SCRATCH/unixbench", NULL) == 0;
	const char **words = made ? rs_alloc(c.n_env + c.n_argv + 4, sizeof(*words), NULL) : NULL;
	size_t n = 0;

	if (b->source != NULL && b->path == NULL)
		rs_buf_addf(out, "tar -xf SCRATCH/unixbench-source.archive -C SCRATCH/unixbench-source\n"
				 "make -C %s\n", p.folder);
	if (words != NULL) {
		words[n++] = "env";
		words[n++] = "-C";
		words[n++] = p.folder;
		for (size_t i = 0; i < c.n_env; i++)
			words[n++] = c.env[i];
		for (size_t i = 0; i < c.n_argv; i++)
			words[n++] = c.argv[i];
		rs_bench_step(out, words);
	}
	free(words);
	command_release(&c);
}

/* ---- reading ---- */

static int is_result_file(const char *name)
{
	static const char *const others[] = { "stdout", "stderr", "times", "log.accum" };
	const size_t n = strlen(name);

	for (size_t i = 0; i < RS_COUNT(others); i++)
		if (strcmp(name, others[i]) == 0)
			return 0;
	return n < 5 || strcmp(name + n - 5, ".html") != 0;
}

/* Files that tell more digits come first: .log and log, then the others. */
static int is_log(const char *name)
{
	const size_t n = strlen(name);

	return n >= 3 && strcmp(name + n - 3, "log") == 0;
}

static int parse_folder(struct rs_unixbench *u, const char *folder, struct rs_err *err)
{
	RS_AUTO_ARGV names = NULL;
	size_t n = 0, files = 0;

	if (rs_path_list(folder, &names, &n, err) < 0)
		return -1;
	for (int logs = 1; logs >= 0; logs--)
		for (size_t i = 0; i < n; i++) {
			RS_AUTO_STR *path = rs_path_join(folder, names[i], err);
			RS_AUTO_BUF text = RS_BUF_INIT;

			if (path == NULL)
				return -1;
			if (is_log(names[i]) != logs || !is_result_file(names[i]))
				continue;
			if (rs_path_read(path, 64 << 20, &text, err) < 0 ||
			    rs_unixbench_parse(u, rs_buf_str(&text), path, err) < 0)
				return -1;
			files++;
		}
	if (files == 0)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\": no result file of UnixBench", folder);
	return 0;
}

static const char *state_text(enum rs_ub_state s)
{
	switch (s) {
	case RS_UB_ABSENT:
		return "not in the results";
	case RS_UB_MEASURED:
		return "measured";
	case RS_UB_ZERO_LOOPS:
		return "0 loops: the compiler removed what is measured";
	case RS_UB_NO_RESULT:
		return "no measured results";
	}
	return "";
}

static int give_tests(const struct rs_unixbench *u, const struct rs_benchmark *b,
		      const char *guest, const struct rs_sink *sink, struct rs_err *err)
{
	int rc = 0, measured = 0;

	for (size_t i = 0; i < rs_unix_n_asked(b); i++) {
		const struct rs_metric *m = rs_unix_metric(rs_unix_asked(b, i));
		const size_t at = m != NULL ? (size_t)(m - rs_unix_metrics) : 0;

		if (m == NULL)
			return rs_err_set(err, RS_ERR_PLAN, "UnixBench has no test \"%s\"",
					  rs_unix_asked(b, i));
		if (u->state[at] == RS_UB_MEASURED) {
			if (rs_bench_sample(sink, guest, m->id, m->unit, u->value[at], err) < 0)
				return -1;
			measured++;
		} else if (b->n_tests > 0) {
			rc = rs_err_set(err, RS_ERR_FAILED, "%s: %s", m->id,
					state_text(u->state[at]));
		} else if (u->state[at] != RS_UB_ABSENT &&
			   rs_bench_warn(sink, err, "guest \"%s\": %s: %s", guest, m->id,
					 state_text(u->state[at])) < 0) {
			return -1;
		}
	}
	/* 4.1.0 knows no copies, whatever the plan says. */
	return measured > 0 ? rc : rs_err_set(err, RS_ERR_FAILED, "UnixBench tells no value of a test with %d "
					      "cop%s", u->copies, u->copies > 1 ? "ies" : "y");
}

/* Tests that were measured and that the program's own index lacks. */
static void add_dropped(const struct rs_unixbench *u, struct rs_buf *out)
{
	for (size_t i = 0; i < RS_COUNT(in_index); i++) {
		const struct rs_metric *m = rs_unix_metric(in_index[i]);
		const size_t at = m != NULL ? (size_t)(m - rs_unix_metrics) : 0;

		if (u->state[at] == RS_UB_MEASURED && !u->indexed[at])
			rs_buf_addf(out, "%s%s", out->len > 0 ? ", " : "", in_index[i]);
	}
}

static int note_index(const struct rs_unixbench *u, const char *guest, const struct rs_sink *sink,
		      struct rs_err *err)
{
	RS_AUTO_BUF dropped = RS_BUF_INIT;
	double index;
	int n;

	if (rs_unixbench_index(u, &index, &n, err) < 0)
		return -1;
	if (n == 0)
		return 0;
	if (isnan(u->own_index))
		return rs_bench_note(sink, err, "guest \"%s\": UnixBench index %.1f over %d tests "
				     "(George = 10), recomputed from the parts; it prints none",
				     guest, index, n);
	/* Printed with one decimal, from parts with one decimal. */
	if (fabs(index - u->own_index) <= 0.051 + 0.0005 * index)
		return rs_bench_note(sink, err, "guest \"%s\": UnixBench index %.1f over %d tests "
				     "(George = 10), as it prints", guest, index, n);
	add_dropped(u, &dropped);
	return rs_bench_warn(sink, err, "guest \"%s\": UnixBench prints an index of %.1f, but its parts "
			     "give %.1f over %d tests%s%s", guest, u->own_index, index, n,
			     dropped.len > 0 ? "; its own left out " : "", rs_buf_str(&dropped));
}

/* Another version measures something else: its index has other tests, its kernels changed. */
static int check_version(const struct rs_unixbench *u, const struct rs_benchmark *b,
			 const char *guest, const struct rs_sink *sink, struct rs_err *err)
{
	if (b->version == NULL || u->version == 0 || b->version[0] == '0' + u->version)
		return 0;
	return rs_bench_warn(sink, err, "guest \"%s\": version %d of UnixBench ran, the plan names %s",
			     guest, u->version, b->version);
}

static int give_result(const struct rs_unixbench *u, const struct rs_benchmark *b,
		       const char *guest, const struct rs_sink *sink, struct rs_err *err)
{
	int rc = give_tests(u, b, guest, sink, err);

	if (check_version(u, b, guest, sink, err) < 0)
		rc = -1;

	if (note_index(u, guest, sink, err) < 0)
		rc = -1;
	if (u->aborted)
		rc = rs_err_set(err, RS_ERR_FAILED, "UnixBench broke the run off");
	return rc;
}

static int read_raw(const struct rs_benchmark *b, const char *guest, const char *folder,
		    const struct rs_sink *sink, struct rs_err *err)
{
	RS_AUTO_STR *results = rs_path_join(folder, "results", err);
	struct rs_unixbench u;

	rs_unixbench_init(&u, rs_plan_concurrency(b));
	if (results == NULL || parse_folder(&u, results, err) < 0)
		return -1;
	return give_result(&u, b, guest, sink, err);
}

int rs_bench_read_unixbench(const char *text, const char *where, int copies, const char *guest,
			    const struct rs_sink *sink, struct rs_err *err)
{
	const struct rs_benchmark all = { .adapter = RS_ADAPTER_UNIXBENCH, .concurrency = copies };
	struct rs_err why = RS_ERR_INIT;
	struct rs_unixbench u;

	rs_unixbench_init(&u, copies);
	if (rs_unixbench_parse(&u, text, where, &why) < 0)
		return rs_err_set(err, why.kind == RS_ERR_FAILED ? RS_ERR_PLAN : why.kind, "%s",
				  why.text);
	if (u.lacks != NULL && !u.aborted)
		return rs_err_set(err, RS_ERR_PLAN, "\"%s\":%d: expected a line \"%s\" before the end: the "
				  "file was cut, or UnixBench broke off", where, u.last_line, u.lacks);
	return give_result(&u, &all, guest, sink, err);
}

const struct rs_bench_driver rs_bench_unixbench = {
	.name = "unixbench",
	.metrics = rs_unix_metrics,
	.n_metrics = RS_UNIX_N_METRICS,
	.step = 0.1,
	.prepare = prepare,
	.run = run,
	.read = read_raw,
	.steps = steps,
	.predict_s = predict_s,
};
