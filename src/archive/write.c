/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making a bag of a run folder.  First the stage: a folder beside the bag with the
 * masked copy of run.db and the texts about the run.  Then one pass over all files,
 * in the order of their names: read, mask, hash, pack.
 */
#include "restudy/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bag_priv.h"
#include "pack_priv.h"
#include "restudy/base/hash.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/base/temp.h"
#include "restudy/base/stop.h"

#define BLOCK (256 * 1024)
#define OVERLAP 4096		/* bytes of a long line that are looked at twice */

static void pack_release(struct rs_pack *p)
{
	int left = p->stage != NULL ? rs_path_remove_tree(p->stage, NULL) : 0;

	(void)left;	/* its name tells what it is, and that it may go */
	for (size_t i = 0; i < p->n_files; i++)
		free(p->file[i].rel);
	free(p->file);
	rs_redactor_release(&p->redactor);
	rs_buf_release(&p->redactions);
	free(p->stage);
	free(p->study);
	free(p->version);
	free(p->testbed);
	free(p->profile);
	free(p->seed);
	free(p->name);
	for (size_t i = 0; p->program != NULL && i < p->o->plan->n_benchmarks; i++)
		free(p->program[i]);
	free(p->program);
}

/* ---- what is known about the run ---- */

static int fact(struct rs_store *s, const char *key, char **ret, struct rs_err *err)
{
	if (rs_store_get_fact(s, key, ret, err) < 0)
		return -1;
	if (*ret == NULL)
		*ret = rs_strdup("not known", err);
	return *ret == NULL ? -1 : 0;
}

static int time_fact(struct rs_store *s, const char *key, int64_t *ret, struct rs_err *err)
{
	RS_AUTO_STR *text = NULL;

	*ret = 0;
	if (rs_store_get_fact(s, key, &text, err) < 0)
		return -1;
	if (text != NULL && rs_parse_i64(text, 0, INT64_C(1) << 40, ret, NULL) < 0)
		*ret = 0;
	return 0;
}

/* The run's name: that of its folder when it is plain, else the study's. */
static int name_run(struct rs_pack *p, struct rs_err *err)
{
	RS_AUTO_STR *real = realpath(p->run, NULL);
	const char *base = real == NULL ? "" : rs_path_base(real);

	p->name = rs_strdup(rs_path_is_plain_name(base)       ? base
			    : rs_path_is_plain_name(p->study) ? p->study
							      : "run", err);
	return p->name == NULL ? -1 : 0;
}

static int read_programs(struct rs_pack *p, struct rs_store *s, struct rs_err *err)
{
	const struct rs_plan *plan = p->o->plan;

	p->program = rs_alloc(plan->n_benchmarks + 1, sizeof(*p->program), err);
	if (p->program == NULL)
		return -1;
	for (size_t i = 0; i < plan->n_benchmarks; i++) {
		RS_AUTO_STR *key = rs_asprintf(err, "program.%s", plan->benchmarks[i].id);

		if (key == NULL || fact(s, key, &p->program[i], err) < 0)
			return -1;
	}
	return 0;
}

static int read_facts(struct rs_pack *p, struct rs_store *s, struct rs_err *err)
{
	if (fact(s, "study", &p->study, err) < 0 || fact(s, "version", &p->version, err) < 0 ||
	    fact(s, "testbed", &p->testbed, err) < 0 || fact(s, "profile", &p->profile, err) < 0 ||
	    fact(s, "seed", &p->seed, err) < 0 || time_fact(s, "started", &p->started_s, err) < 0 ||
	    time_fact(s, "finished", &p->finished_s, err) < 0)
		return -1;
	return read_programs(p, s, err) < 0 ? -1 : name_run(p, err);
}

/* ---- redaction ---- */

/* Words of the plan that look like names of hosts but are the study's own. */
static const char **study_names(const struct rs_plan *plan, size_t *ret_n, struct rs_err *err)
{
	size_t n = 0;
	const char **names;

	for (size_t i = 0; i < plan->n_systems; i++)
		n += 1 + plan->systems[i].guests.n_names;
	names = rs_alloc(n + 1, sizeof(*names), err);
	*ret_n = 0;
	for (size_t i = 0; names != NULL && i < plan->n_systems; i++) {
		const struct rs_system *s = &plan->systems[i];

		names[(*ret_n)++] = s->id;
		for (size_t k = 0; k < s->guests.n_names; k++)
			names[(*ret_n)++] = s->guests.names[k];
	}
	return names;
}

/* Cuts the two names out of "ssh://user@server:port"; what is not there stays NULL. */
static void server_names(char *testbed, const char **ret_user, const char **ret_server)
{
	static const char scheme[] = "ssh://";
	char *rest, *at;

	if (testbed == NULL || strncmp(testbed, scheme, strlen(scheme)) != 0)
		return;
	rest = testbed + strlen(scheme);
	at = strrchr(rest, '@');
	if (at != NULL) {
		*at = '\0';
		*ret_user = rest;
		rest = at + 1;
	}
	rest[strcspn(rest, ":/")] = '\0';
	*ret_server = rest;
}

/* This machine's and user's names, and those of the server that the run was on. */
static int begin_redactor(struct rs_pack *p, struct rs_store *s, const char *const *keep, size_t n_keep,
			  struct rs_err *err)
{
	const struct passwd *who = getpwuid(geteuid());
	RS_AUTO_STR *testbed = NULL;
	struct utsname host;
	const char *names[5] = { getenv("SUDO_USER"), who != NULL ? who->pw_name : NULL };

	if (uname(&host) == 0)
		names[2] = host.nodename;
	if (rs_store_get_fact(s, "testbed", &testbed, err) < 0)
		return -1;
	server_names(testbed, &names[3], &names[4]);
	return rs_redactor_init(&p->redactor, names, RS_COUNT(names), keep, n_keep, err);
}

static size_t edit_database(void *user, const char *table, const char *key, char *text)
{
	struct rs_pack *p = user;

	(void)table;
	return rs_redact_value(&p->redactor, key, text);
}

static void forget_counts(struct rs_pack *p)
{
	memset(p->redactor.found, 0, sizeof(p->redactor.found));
	p->redactor.in_key = 0;
}

/* ---- the stage ---- */

static int make_stage(struct rs_pack *p, const char *path, struct rs_err *err)
{
	RS_AUTO_STR *stage = rs_temp_beside(path, "stage", err);

	if (stage == NULL)
		return -1;
	if (mkdir(stage, 0700) != 0)
		return rs_err_sys(err, RS_ERR_MACHINE, errno, "cannot make a folder beside \"%s\"", path);
	p->stage = RS_STEAL(&stage);
	return 0;
}

static int write_text(const struct rs_pack *p, const char *name, const struct rs_buf *text,
		      struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(p->stage, name, err);
	RS_AUTO_STR *own = rs_path_join(p->run, name, err);

	if (path == NULL || own == NULL || rs_buf_check(text, err) < 0)
		return -1;
	if (rs_path_exists(own))
		return 0;	/* the authors wrote one themselves */
	return rs_path_write(path, rs_buf_str(text), text->len, err);
}

static int stage_texts(const struct rs_pack *p, struct rs_err *err)
{
	RS_AUTO_BUF readme = RS_BUF_INIT, citation = RS_BUF_INIT, dictionary = RS_BUF_INIT;

	rs_pack_readme(p, &readme);
	rs_pack_citation(p, &citation);
	rs_pack_dictionary(&dictionary);
	if (write_text(p, "README.md", &readme, err) < 0 ||
	    write_text(p, "CITATION.cff", &citation, err) < 0)
		return -1;
	return write_text(p, "data-dictionary.md", &dictionary, err);
}

static int stage_tables(const struct rs_pack *p, struct rs_store *copy, struct rs_err *err)
{
	RS_AUTO_STR *folder = rs_path_join(p->stage, "csv", err);
	RS_AUTO_STR *tidy = rs_path_join(p->stage, "csv/tidy.csv", err);

	if (folder == NULL || tidy == NULL || rs_path_mkdirs(folder, err) < 0 ||
	    rs_store_export_tables(copy, folder, err) < 0)
		return -1;
	return rs_store_export_csv(copy, tidy, err);
}

/* What is told of the run is what its masked copy says. */
static int stage_database(struct rs_pack *p, struct rs_store *s, struct rs_err *err)
{
	RS_AUTO_STR *db = rs_path_join(p->stage, "run.db", err);
	RS_AUTO_STORE *copy = NULL;
	size_t edits = 0;

	if (db == NULL || rs_store_copy(s, db, edit_database, p, &edits, err) < 0)
		return -1;
	p->edits = edits;
	rs_pack_note_redacted(p, "run.db", p->redactor.found, "");
	forget_counts(p);
	copy = rs_store_open_readonly(db, err);
	if (copy == NULL || read_facts(p, copy, err) < 0)
		return -1;
	return stage_tables(p, copy, err);
}

/* Makes the run's name in the stage a link to the run's own. */
static int link_to_run(const struct rs_pack *p, const char *name, struct rs_err *err)
{
	RS_AUTO_STR *real = realpath(p->run, NULL);
	RS_AUTO_STR *target = real == NULL ? NULL : rs_path_join(real, name, err);
	RS_AUTO_STR *at = rs_path_join(p->stage, name, err);

	if (target == NULL || at == NULL)
		return -1;
	if (!rs_path_exists(target))
		return 0;
	return symlink(target, at) == 0
		       ? 0
		       : rs_err_sys(err, RS_ERR_FAILED, errno, "cannot make \"%s\"", at);
}

/* The report tells facts of run.db: it is made again when some were masked. */
static int stage_report(struct rs_pack *p, struct rs_err *err)
{
	if (p->edits == 0)
		return 0;
	p->report_is_old = p->o->render == NULL;
	if (p->report_is_old)
		return 0;
	if (link_to_run(p, "plan.xml", err) < 0 || link_to_run(p, "plan.lock", err) < 0 ||
	    link_to_run(p, "raw", err) < 0 || link_to_run(p, "environment", err) < 0)
		return -1;
	return p->o->render(p->o->user, p->stage, err);
}

/* ---- one pass over the files ---- */

/* A file on its way into the bag. */
struct passage {
	struct rs_pack *p;
	struct rs_bag_writer *w;
	const struct rs_pack_file *f;
	char *block;			/* BLOCK bytes */
	size_t held;			/* bytes of an unfinished line at its start */
	int masks;
	uint64_t *done;
};

static int pass_on(struct passage *t, size_t n, struct rs_err *err)
{
	if (rs_bag_file_write(t->w, t->block, n, err) < 0)
		return -1;
	*t->done += n;
	if (t->p->o->progress != NULL)
		t->p->o->progress(t->p->o->user, *t->done, t->p->total_bytes);
	return rs_stop_check(err);
}

/* Masks and writes the whole lines of the block; keeps the rest for the next read.  A line
 * longer than half a block is taken in pieces, of which each begins with the masked end of the
 * one before: what lies across the cut is found as well. */
static int pass_lines(struct passage *t, size_t n, struct rs_err *err)
{
	char *last = memrchr(t->block, '\n', n);
	size_t whole = last == NULL ? 0 : (size_t)(last + 1 - t->block);

	if (whole == 0 && n < BLOCK / 2) {
		t->held = n;
		return 0;
	}
	(void)rs_redact_text(&t->p->redactor, t->block, whole > 0 ? whole : n);
	if (whole == 0)
		whole = t->p->redactor.in_key ? n : n - OVERLAP;
	if (pass_on(t, whole, err) < 0)
		return -1;
	t->held = n - whole;
	memmove(t->block, t->block + whole, t->held);
	return 0;
}

static int finish_lines(struct passage *t, struct rs_err *err)
{
	size_t n = t->held;

	if (n == 0)
		return 0;
	t->held = 0;
	(void)rs_redact_text(&t->p->redactor, t->block, n);
	return pass_on(t, n, err);
}

static int pass_bytes(struct passage *t, int fd, const char *path, struct rs_err *err)
{
	int first = 1;

	for (;;) {
		ssize_t n = read(fd, t->block + t->held, BLOCK - t->held);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot read \"%s\"", path);
		if (n == 0)
			return finish_lines(t, err);
		/* a file whose beginning has a zero byte is no text */
		if (first && t->masks && memchr(t->block, '\0', (size_t)n < 8192 ? (size_t)n : 8192))
			t->masks = 0;
		first = 0;
		if ((t->masks ? pass_lines(t, t->held + (size_t)n, err) : pass_on(t, (size_t)n, err)) < 0)
			return -1;
	}
}

static int note_masked(struct rs_pack *p, const char *rel, const char *path, struct rs_err *err)
{
	char hex[RS_SHA256_HEX];
	uint64_t any = 0;

	for (int r = 0; r < RS_REDACT_LAST; r++)
		any += p->redactor.found[r];
	if (any == 0)
		return 0;
	if (rs_sha256_file(path, hex, err) < 0)
		return -1;
	rs_pack_note_redacted(p, rel, p->redactor.found, hex);
	return 0;
}

static int pass_file(struct passage *t, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(t->f->staged ? t->p->stage : t->p->run, t->f->rel, err);
	RS_AUTO_STR *rel = rs_asprintf(err, "data/%s", t->f->rel);
	RS_AUTO_FD fd = -1;

	if (path == NULL || rel == NULL)
		return -1;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot read \"%s\"", path);
	forget_counts(t->p);
	t->held = 0;
	t->masks = !t->f->staged && rs_pack_is_redactable(t->f->rel);
	if (rs_bag_file_begin(t->w, rel, t->f->size, err) < 0 || pass_bytes(t, fd, path, err) < 0 ||
	    rs_bag_file_end(t->w, err) < 0)
		return -1;
	return note_masked(t->p, t->f->rel, path, err);
}

static int pass_files(struct rs_pack *p, struct rs_bag_writer *w, struct rs_err *err)
{
	RS_AUTO_STR *block = rs_alloc(1, BLOCK, err);
	uint64_t done = 0;
	struct passage t = { .p = p, .w = w, .block = block, .done = &done };

	if (block == NULL)
		return -1;
	for (size_t i = 0; i < p->n_files; i++) {
		t.f = &p->file[i];
		if (pass_file(&t, err) < 0)
			return -1;
	}
	return 0;
}

/* The two files that tell about all others come last. */
static int write_lists(struct rs_pack *p, struct rs_bag_writer *w, struct rs_err *err)
{
	RS_AUTO_STR *crate = rs_pack_crate(p, err);

	if (crate == NULL || rs_buf_check(&p->redactions, err) < 0)
		return -1;
	if (rs_bag_file(w, "data/redactions.csv", rs_buf_str(&p->redactions), p->redactions.len, err) < 0)
		return -1;
	return rs_bag_file(w, "data/ro-crate-metadata.json", crate, strlen(crate), err);
}

static int write_bag(struct rs_pack *p, const char *path, struct rs_err *err)
{
	RS_AUTO_BAG_WRITER *w = rs_bag_writer_open(path, p->o->format, p->name,
						   p->finished_s > 0 ? p->finished_s : p->started_s, err);
	RS_AUTO_BUF info = RS_BUF_INIT;

	if (w == NULL || pass_files(p, w, err) < 0 || write_lists(p, w, err) < 0)
		return -1;
	rs_pack_bag_info(p, &info);
	rs_bag_writer_payload(w, &p->result.files, &p->result.bytes);
	if (rs_buf_check(&info, err) < 0)
		return -1;
	return rs_bag_writer_finish(w, rs_buf_str(&info), err);
}

/* ---- all of it ---- */

/* A run that is being written has its lock taken. */
static int must_be_finished(const char *run, int *ret_fd, struct rs_err *err)
{
	RS_AUTO_STR *lock = rs_path_join(run, "run.lock", err);

	if (lock == NULL)
		return -1;
	*ret_fd = open(lock, O_RDONLY | O_CLOEXEC);
	if (*ret_fd >= 0 && flock(*ret_fd, LOCK_SH | LOCK_NB) != 0)
		return rs_err_set(err, RS_ERR_USAGE, "\"%s\" is still running: archive it when it has ended",
				  run);
	return 0;
}

/* A bag within its own run would contain itself. */
static int must_be_outside(const char *run, const char *path, struct rs_err *err)
{
	RS_AUTO_STR *copy = rs_strdup(path, err);
	char *slash = copy == NULL ? NULL : strrchr(copy, '/');
	RS_AUTO_STR *inner = NULL;
	RS_AUTO_STR *outer = realpath(run, NULL);

	if (copy == NULL)
		return -1;
	if (slash != NULL)
		slash[slash == copy] = '\0';
	inner = realpath(slash != NULL ? copy : ".", NULL);
	if (outer == NULL)
		return rs_err_sys(err, RS_ERR_USAGE, errno, "cannot read \"%s\"", run);
	if (inner == NULL)
		return rs_err_sys(err, RS_ERR_USAGE, errno, "cannot write \"%s\"", path);
	if (strncmp(inner, outer, strlen(outer)) == 0 && strchr("/", inner[strlen(outer)]) != NULL)
		return rs_err_set(err, RS_ERR_USAGE,
				  "\"%s\" lies within the run that it would contain: name a place outside", path);
	return 0;
}

static int pack(struct rs_pack *p, const char *path, struct rs_store *s, struct rs_err *err)
{
	if (make_stage(p, path, err) < 0 || stage_database(p, s, err) < 0 || stage_report(p, err) < 0 ||
	    stage_texts(p, err) < 0 || rs_pack_collect(p, err) < 0)
		return -1;
	return write_bag(p, path, err);
}

int rs_archive_write(const char *run_folder, const char *path, const struct rs_archive_options *o,
		     struct rs_archive_result *ret, struct rs_err *err)
{
	__attribute__((cleanup(pack_release))) struct rs_pack p = { .run = run_folder, .o = o };
	RS_AUTO_STR *db = rs_path_join(run_folder, "run.db", err);
	RS_AUTO_STORE *s = NULL;
	RS_AUTO_FD lock = -1;
	const char **keep;
	size_t n_keep = 0;
	int r;

	if (db == NULL || must_be_outside(run_folder, path, err) < 0 ||
	    must_be_finished(run_folder, &lock, err) < 0)
		return -1;
	if (access(path, F_OK) == 0)
		return rs_err_set(err, RS_ERR_USAGE, "\"%s\" exists already: name another file, or remove it",
				  path);
	s = rs_store_open_readonly(db, err);
	if (s == NULL)
		return rs_err_wrap(err, "\"%s\" cannot be archived", run_folder);
	keep = study_names(o->plan, &n_keep, err);
	if (keep == NULL)
		return -1;
	rs_buf_adds(&p.redactions, "file,what,rule or reason,places,sha256 before\n");
	r = begin_redactor(&p, s, keep, n_keep, err) < 0 ? -1 : pack(&p, path, s, err);
	free(keep);
	if (r == 0)
		*ret = p.result;
	return r;
}
