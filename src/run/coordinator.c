/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The coordinator: opens the testbed, boots it for each kind of boot that still has
 * cells, gives their cells to a worker there, and renders the report at the end.  It is
 * resumable at any moment, since the store has what is finished and nothing else counts.
 */
#include "coordinator_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"
#include "restudy/report.h"
#include "pulse_priv.h"

enum { BOOT_ATTEMPTS = 2, ENVIRONMENT_MAX_BYTES = 64 << 20 };

static void on_testbed(void *user, const char *text)
{
	struct rs_coordinator *c = user;

	if (rs_coordinator_tell(c, rs_phase_name(RS_PHASE_PROVISION), text, -1, NULL) < 0)
		return;	/* the diary is full; the next write of a cell will say so */
}

/* A substitute is booted as any Linux, but for Xen guests. */
static enum rs_boot boot_of(enum rs_platform_kind platform)
{
	return rs_platform_boot(platform) == RS_BOOT_XEN ? RS_BOOT_XEN : RS_BOOT_PLAIN;
}

void rs_coordinator_boots(const struct rs_plan *plan, enum rs_boot running, enum rs_boot *boots)
{
	const int any = running == RS_BOOT_LAST;

	for (size_t i = 0; i < plan->n_systems; i++) {
		const struct rs_system *s = &plan->systems[i];
		const int possible = any ? s->boot != RS_BOOT_OPENVZ : s->boot == running;

		boots[i] = s->boot;
		if (!possible && s->has_substitute)
			boots[i] = boot_of(s->substitute);
		/* The vzctl of the upstream-kernel mode needs no kernel of its own. */
		if (s->boot == RS_BOOT_OPENVZ && running == RS_BOOT_PLAIN)
			boots[i] = RS_BOOT_PLAIN;
	}
}

static int wanted(const struct rs_coordinator *c, const struct rs_cell *cell)
{
	if (c->o->only_system != NULL && strcmp(c->o->only_system, cell->system) != 0)
		return 0;
	return c->o->only_benchmark == NULL || strcmp(c->o->only_benchmark, cell->benchmark) == 0;
}

static int plan_cells(struct rs_coordinator *c, const enum rs_boot *boots, struct rs_err *err)
{
	struct rs_cell *cells = NULL;
	size_t n = 0, kept = 0;
	int rc;

	if (rs_run_order(c->plan, c->profile, c->seed, boots, &cells, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (wanted(c, &cells[i]))
			cells[kept++] = cells[i];
	if (kept == 0)
		rc = rs_err_set(err, RS_ERR_USAGE, "nothing to do: no cell of the plan is wanted");
	else
		rc = rs_store_plan_cells(c->store, cells, kept, err);
	free(cells);
	return rc;
}

/* The cells of one boot that are to be run, in their order; all others are counted. */
static int choose_cells(struct rs_coordinator *c, enum rs_boot boot, const enum rs_boot *boots,
			struct rs_shard *shard, struct rs_err *err)
{
	struct rs_cell_record *r = NULL;
	size_t n = 0;
	int rc = 0;

	if (rs_store_cells(c->store, &r, &n, err) < 0)
		return -1;
	c->total = n;
	c->finished = 0;
	c->left_s = 0;
	free(shard->cells);
	shard->cells = rs_alloc(n, sizeof(*shard->cells), err);
	shard->n_cells = 0;
	if (shard->cells == NULL)
		rc = -1;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct rs_system *s = rs_plan_system(c->plan, r[i].cell.system);

		if (r[i].state != RS_CELL_PENDING && r[i].state != RS_CELL_RUNNING) {
			c->finished++;
			continue;
		}
		if (!wanted(c, &r[i].cell))
			continue;
		c->left_s += rs_coordinator_predict_s(c, &r[i].cell);
		if (s != NULL && boots[s - c->plan->systems] == boot)
			shard->cells[shard->n_cells++] = r[i].cell;
	}
	rs_cell_records_free(r, n);
	return rc;
}

/* In a run that is resumed failed and missing cells that are wanted get another chance; done ones
 * stay.  *ret: how many cells are planned. */
static int reopen_cells(struct rs_coordinator *c, size_t *ret, struct rs_err *err)
{
	struct rs_cell_record *r = NULL;
	int rc = 0;

	if (rs_store_cells(c->store, &r, ret, err) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < *ret; i++)
		if (wanted(c, &r[i].cell))
			rc = rs_store_cell_reopen(c->store, &r[i].cell, err);
	rs_cell_records_free(r, *ret);
	return rc;
}

/* All cells of a shard come to the same end, before they began. */
static int end_all(struct rs_coordinator *c, const struct rs_shard *shard, enum rs_cell_state state,
		   const char *reason, struct rs_err *err)
{
	for (size_t i = 0; i < shard->n_cells; i++) {
		const struct rs_shard_event e = { .kind = RS_SHARD_CELL_END, .wall_s = rs_wall_s(),
						  .cell = shard->cells[i], .state = state,
						  .text = reason };

		c->current = shard->cells[i];
		if (rs_coordinator_merge(c, &e, err) < 0)
			return -1;
	}
	return 0;
}

static int set_flag(struct rs_coordinator *c, const char *key, int v, struct rs_err *err)
{
	return rs_store_set_fact(c->store, key, v ? "1" : "0", err);
}

/*
 * "image ID RELEASE KEY": the image that was really used, told for itself and for each image
 * of the plan that it stands in for.
 */
static int record_image(struct rs_coordinator *c, const char *line, struct rs_err *err)
{
	char id[100], release[60], key[80], fact[120], text[300];

	if (sscanf(line, "image %99s %59s %79s", id, release, key) != 3)
		return 0;
	for (size_t i = 0; i < c->plan->n_images; i++) {
		const struct rs_image *m = &c->plan->images[i];
		const struct rs_image *used = rs_plan_image(c->plan, id);
		int substitute = m->substitute != NULL && strcmp(m->substitute, id) == 0;

		if (used == NULL || (m != used && !substitute))
			continue;
		(void)snprintf(fact, sizeof(fact), "image.%s", m->id);
		(void)snprintf(text, sizeof(text), "%s (%s), image %.12s",
			       used->title != NULL ? used->title : id, release, key);
		if (rs_store_set_fact(c->store, fact, text, err) < 0)
			return -1;
	}
	return 0;
}

static int record_testbed(struct rs_coordinator *c, struct rs_err *err)
{
	const struct rs_testbed_facts *f = rs_testbed_facts(c->testbed);
	RS_AUTO_STR *path = rs_path_join(c->folder, "plan.lock", err);
	RS_AUTO_BUF lock = RS_BUF_INIT;

	if (path == NULL)
		return -1;
	rs_buf_addf(&lock, "restudy %s\n", RS_VERSION);
	for (size_t i = 0; f->builds != NULL && f->builds[i] != NULL; i++) {
		rs_buf_addf(&lock, "%s\n", f->builds[i]);
		if (record_image(c, f->builds[i], err) < 0)
			return -1;
	}
	if (rs_buf_check(&lock, err) < 0 || rs_path_write(path, rs_buf_str(&lock), lock.len, err) < 0)
		return -1;
	if (f->description != NULL &&
	    rs_store_set_fact(c->store, "testbed.description", f->description, err) < 0)
		return -1;
	if (strcmp(c->testbed_kind, "virtual") == 0 &&	/* how another machine is made is not known */
	    rs_store_set_fact(c->store, "accel", f->emulated ? "TCG" : "KVM", err) < 0)
		return -1;
	if (set_flag(c, "emulated", f->emulated, err) < 0)
		return -1;
	return set_flag(c, "virtual", f->virtual_machine, err);
}

/* The archives of the plan's programs, fetched once.  One that cannot be had is told; its
 * cells will say that they lack it. */
static int fetch_sources(struct rs_coordinator *c, struct rs_err *err)
{
	c->sources = rs_alloc(c->plan->n_benchmarks, sizeof(*c->sources), err);
	if (c->sources == NULL)
		return -1;
	for (size_t i = 0; i < c->plan->n_benchmarks; i++) {
		const struct rs_benchmark *b = &c->plan->benchmarks[i];
		struct rs_err trouble = RS_ERR_INIT;

		if (b->source == NULL ||
		    (c->o->only_benchmark != NULL && strcmp(c->o->only_benchmark, b->id) != 0))
			continue;
		c->sources[i] = rs_testbed_fetch(b->source, b->sha256, on_testbed, c, &trouble);
		if (c->sources[i] != NULL)
			continue;
		if (rs_stop_requested() || trouble.kind == RS_ERR_PLAN)
			return rs_err_set(err, trouble.kind, "%s", trouble.text);
		if (rs_coordinator_tell(c, "warning", trouble.text, -1, err) < 0)
			return -1;
	}
	return 0;
}

/* Puts the archives where the worker finds them by the benchmark's id; NULL folder: none. */
static int bring_sources(struct rs_coordinator *c, struct rs_shard *s, struct rs_err *err)
{
	free(s->sources);
	s->sources = NULL;
	for (size_t i = 0; i < c->plan->n_benchmarks; i++) {
		RS_AUTO_STR *to = NULL;

		if (c->sources[i] == NULL)
			continue;
		if (s->sources == NULL)
			s->sources = c->files != NULL ? rs_path_join(s->folder, "sources", err)
						      : rs_path_join(c->folder, "testbed/sources", err);
		to = s->sources != NULL ? rs_path_join(s->sources, c->plan->benchmarks[i].id, err) : NULL;
		if (to == NULL)
			return -1;
		if (c->files != NULL) {
			if (rs_channel_push(c->files, c->sources[i], to, 0644, err) < 0)
				return -1;
		} else if (rs_path_mkdirs(s->sources, err) < 0 ||
			   rs_path_copy(c->sources[i], to, err) < 0) {
			return -1;
		}
	}
	return 0;
}

/* What the shard's worker must know about its machine. */
static int fill_shard(struct rs_coordinator *c, const struct rs_testbed_facts *f,
		      struct rs_shard *s, struct rs_err *err)
{
	const struct {
		const char *from;
		char **to;
	} text[] = {
		{ c->files != NULL ? f->folder : c->folder, &s->folder },
		{ c->run_id, &s->run_id }, { f->root, &s->root },
		{ f->guest_root, &s->guest_root }, { f->agent, &s->agent },
		{ f->kernels, &s->kernels }, { f->kernel, &s->kernel }, { f->initrd, &s->initrd },
	};
	size_t n = 0;

	for (size_t i = 0; i < RS_COUNT(text); i++) {
		free(*text[i].to);
		*text[i].to = rs_strdup(text[i].from, err);
		if (text[i].from != NULL && *text[i].to == NULL)
			return -1;
	}
	while (f->disks != NULL && f->disks[n] != NULL)
		n++;
	rs_free_argv(&s->devices);
	s->devices = n > 0 ? rs_alloc(n + 1, sizeof(*s->devices), err) : NULL;
	for (size_t i = 0; i < n; i++)
		if (s->devices == NULL || (s->devices[i] = rs_strdup(f->disks[i], err)) == NULL)
			return -1;
	s->emulated = f->emulated;
	s->plan = c->plan;
	s->profile = c->profile;
	return 0;
}

static int on_line(void *user, const char *line, struct rs_err *err)
{
	return rs_shard_event_from_json(line, rs_coordinator_merge, user, err);
}

/* Pushes the plan and the shard, written below the run folder first. */
static int push_shard(struct rs_coordinator *c, const struct rs_shard *s, struct rs_err *err)
{
	RS_AUTO_STR *plan = rs_path_join(c->folder, "plan.xml", err);
	RS_AUTO_STR *shard = rs_asprintf(err, "%s/environment/%s/shard.json", c->folder,
					 rs_boot_name(s->boot));
	RS_AUTO_STR *to_plan = rs_path_join(s->folder, "plan.xml", err);
	RS_AUTO_STR *to_shard = rs_path_join(s->folder, "shard.json", err);
	RS_AUTO_STR *folder = rs_asprintf(err, "%s/environment/%s", c->folder, rs_boot_name(s->boot));
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (plan == NULL || shard == NULL || to_plan == NULL || to_shard == NULL || folder == NULL)
		return -1;
	if (rs_path_mkdirs(folder, err) < 0 || rs_shard_to_json(s, &text, err) < 0 ||
	    rs_path_write(shard, rs_buf_str(&text), text.len, err) < 0)
		return -1;
	if (rs_channel_push(c->files, plan, to_plan, 0644, err) < 0)
		return -1;
	return rs_channel_push(c->files, shard, to_shard, 0644, err);
}

/* The worker's description of its machine and systems. */
static int pull_environment(struct rs_coordinator *c, const struct rs_shard *s, struct rs_err *err)
{
	const char *boot = rs_boot_name(s->boot);
	RS_AUTO_STR *from = rs_asprintf(err, "%s/environment/%s", s->folder, boot);
	RS_AUTO_STR *to = rs_asprintf(err, "%s/environment/%s", c->folder, boot);

	if (from == NULL || to == NULL)
		return -1;
	return rs_channel_pull_tree(c->files, from, to, ENVIRONMENT_MAX_BYTES, err);
}

static int run_remote(struct rs_coordinator *c, const struct rs_shard *s, struct rs_err *err)
{
	const struct rs_testbed_facts *f = rs_testbed_facts(c->testbed);
	RS_AUTO_CHANNEL *ch = rs_testbed_channel(c->testbed, err);
	RS_AUTO_STR *shard = rs_path_join(s->folder, "shard.json", err);
	RS_AUTO_STR *said = rs_asprintf(err, "%s/environment/%s/worker.stderr", c->folder,
					rs_boot_name(s->boot));
	struct rs_cmd_result r;
	char end[80], words[400];

	if (ch == NULL || shard == NULL || said == NULL || push_shard(c, s, err) < 0)
		return -1;
	{
		const char *const argv[] = { f->program, "worker", shard, NULL };
		const struct rs_exec x = {
			.argv = argv, .timeout_s = 3600 + 20 * c->left_s, .output_max = 1 << 30,
			.stderr_path = said, .stdout_line = on_line, .line_user = c,
		};

		if (rs_channel_run(ch, &x, &r, err) < 0)
			return -1;
	}
	if (r.stopped || rs_stop_requested())
		return rs_stop_check(err);
	if (r.status == 0)
		return pull_environment(c, s, err);
	rs_path_last_line(said, words, sizeof(words));
	return rs_err_set(err, RS_ERR_FAILED, "the worker in the testbed ended early (%s)%s%s",
			  rs_cmd_describe_end(end, sizeof(end), &r), words[0] != '\0' ? ": " : "", words);
}

static int tell_unrest(void *user, const char *key, const char *text, struct rs_err *err)
{
	struct rs_coordinator *c = user;

	if (c->booted && strcmp(key, "guests") == 0)
		return 0;
	return rs_coordinator_unrest(c, "host of the testbed", text, err);
}

/* The machine that a virtual testbed runs on must be quiet, too; a worker tells of its own. */
static int check_host(struct rs_coordinator *c, struct rs_err *err)
{
	if (strcmp(c->testbed_kind, "virtual") != 0)
		return 0;
	return rs_quiet_check("", tell_unrest, c, err);
}

/* Which boot the cells that follow are of.  A machine that does not tell has no number. */
static int tell_boot(struct rs_coordinator *c, struct rs_err *err)
{
	static const char path[] = "/proc/sys/kernel/random/boot_id";
	const char *const argv[] = { "cat", path, NULL };
	RS_AUTO_BUF id = RS_BUF_INIT;
	RS_AUTO_STR *text = NULL;

	if ((c->files == NULL ? rs_path_read(path, 100, &id, NULL)
			      : rs_channel_run_ok(c->files, argv, 30, &id, NULL)) < 0)
		return 0;
	text = rs_strndup(rs_buf_str(&id), strcspn(rs_buf_str(&id), "\n"), err);
	return text == NULL || rs_store_boot(c->store, text, err) < 0 ? -1 : 0;
}

static int boot_and_run(struct rs_coordinator *c, struct rs_shard *s, struct rs_err *err)
{
	int64_t begin = rs_clock_ns();
	const struct rs_testbed_facts *f;
	char text[100];

	rs_channel_close(c->files);
	c->files = NULL;
	if (check_host(c, err) < 0 || rs_testbed_boot(c->testbed, s->boot, err) < 0)
		return -1;
	c->booted = 1;
	(void)snprintf(text, sizeof(text), "the testbed is up (boot %s)", rs_boot_name(s->boot));
	if (rs_coordinator_tell(c, rs_phase_name(RS_PHASE_PROVISION), text,
				(double)(rs_clock_ns() - begin) / 1e9, err) < 0)
		return -1;
	if (record_testbed(c, err) < 0)
		return -1;
	f = rs_testbed_facts(c->testbed);
	if (strcmp(c->testbed_kind, "local") != 0) {
		c->files = rs_testbed_channel(c->testbed, err);
		if (c->files == NULL)
			return -1;
		c->shard_folder = f->folder;
	}
	if (tell_boot(c, err) < 0 || fill_shard(c, f, s, err) < 0 || bring_sources(c, s, err) < 0)
		return -1;
	if (c->files == NULL)
		return rs_shard_run(s, rs_coordinator_merge, c, err);
	return run_remote(c, s, err);
}

/* The testbed was lost while a cell ran: that cell failed, the others may go on. */
static int fail_current(struct rs_coordinator *c, const char *why, struct rs_err *err)
{
	struct rs_shard_event e = { .kind = RS_SHARD_CELL_END, .wall_s = rs_wall_s(),
				    .cell = c->current, .state = RS_CELL_FAILED };
	RS_AUTO_STR *reason = NULL;

	if (c->current.system[0] == '\0')
		return 0;
	reason = rs_asprintf(err, "the testbed was lost during this cell: %s", why);
	if (reason == NULL)
		return -1;
	e.text = reason;
	rs_channel_close(c->files);
	c->files = NULL;
	return rs_coordinator_merge(c, &e, err);
}

/* A worker that ends well has told the end of each of its cells. */
static int run_shard(struct rs_coordinator *c, const enum rs_boot *boots, struct rs_shard *s,
		     struct rs_err *err)
{
	if (boot_and_run(c, s, err) < 0 || choose_cells(c, s->boot, boots, s, err) < 0)
		return -1;
	if (s->n_cells == 0)
		return 0;
	return rs_err_set(err, RS_ERR_FAILED, "the worker ended without telling the end of %zu of its cells",
			  s->n_cells);
}

static int run_boot(struct rs_coordinator *c, enum rs_boot boot, const enum rs_boot *boots,
		    struct rs_err *err)
{
	struct rs_shard shard = { .boot = boot };
	int rc = 0;

	c->boot = boot;
	for (int attempt = 1; rc == 0; attempt++) {
		struct rs_err trouble = RS_ERR_INIT;

		rc = choose_cells(c, boot, boots, &shard, err);
		if (rc < 0 || shard.n_cells == 0)
			break;
		c->current.system[0] = '\0';
		if (run_shard(c, boots, &shard, &trouble) == 0)
			break;
		if (trouble.kind == RS_ERR_INTERRUPTED || rs_stop_requested()) {
			rc = rs_stop_check(err) < 0 ? -1 : rs_err_set(err, RS_ERR_INTERRUPTED, "%s", trouble.text);
			break;
		}
		if (trouble.kind == RS_ERR_MEMORY || trouble.kind == RS_ERR_INTERNAL ||
		    (trouble.kind == RS_ERR_MACHINE && c->resumed)) {
			rc = rs_err_set(err, trouble.kind, "%s", trouble.text);
			break;
		}
		rc = rs_coordinator_tell(c, rs_phase_name(RS_PHASE_PROVISION), trouble.text, -1, err);
		if (rc == 0)
			rc = fail_current(c, trouble.text, err);
		if (rc == 0 && (attempt == BOOT_ATTEMPTS || trouble.kind == RS_ERR_MACHINE)) {
			rc = choose_cells(c, boot, boots, &shard, err);
			if (rc == 0)
				rc = end_all(c, &shard, trouble.kind == RS_ERR_MACHINE ? RS_CELL_MISSING
										       : RS_CELL_FAILED,
					     trouble.text, err);
		}
	}
	rs_shard_release(&shard);
	return rc;
}

/* This run's plan.lock when it is resumed, else one that lies beside the plan; owned. */
static char *find_lock(const struct rs_coordinator *c, struct rs_err *err)
{
	const char *file = c->plan->file != NULL ? c->plan->file : "";
	RS_AUTO_STR *own = rs_path_join(c->folder, "plan.lock", err);

	if (own == NULL || rs_path_exists(own))
		return RS_STEAL(&own);
	return rs_asprintf(err, "%.*splan.lock", (int)(rs_path_base(file) - file), file);
}

static int open_testbed(struct rs_coordinator *c, struct rs_err *err)
{
	RS_AUTO_STR *folder = rs_path_join(c->folder, "testbed", err);
	RS_AUTO_STR *lock = find_lock(c, err);
	struct rs_testbed_options o = {
		.lock = lock != NULL && rs_path_exists(lock) ? lock : NULL,
		.kind = c->testbed_kind, .folder = folder, .run_id = c->run_id, .accel = c->o->accel,
		.agent = c->o->agent, .kernels = c->o->kernels, .program = c->o->program,
	};

	if (folder == NULL || lock == NULL || rs_path_mkdirs(folder, err) < 0)
		return -1;
	c->testbed = rs_testbed_open(c->plan, &o, on_testbed, c, err);
	return c->testbed != NULL ? 0 : -1;
}

static int close_testbed(struct rs_coordinator *c, struct rs_err *err)
{
	RS_AUTO_STR *folder = rs_path_join(c->folder, "testbed", err);
	int64_t begin = rs_clock_ns();
	int rc;

	rs_channel_close(c->files);
	c->files = NULL;
	if (c->testbed == NULL || folder == NULL)
		return 0;
	rc = rs_testbed_close(c->testbed, c->o->keep_testbed, err);
	c->testbed = NULL;
	if (rc == 0 && !c->o->keep_testbed)
		rc = rs_path_remove_tree(folder, err);
	if (rc < 0)
		return -1;
	return rs_coordinator_tell(c, rs_phase_name(RS_PHASE_TEARDOWN), "the testbed is gone",
				   (double)(rs_clock_ns() - begin) / 1e9, err);
}

static int count_not_done(struct rs_coordinator *c, size_t *ret, struct rs_err *err)
{
	struct rs_cell_record *r = NULL;
	size_t n = 0;

	if (rs_store_cells(c->store, &r, &n, err) < 0)
		return -1;
	*ret = 0;
	for (size_t i = 0; i < n; i++)
		*ret += r[i].state != RS_CELL_DONE;
	rs_cell_records_free(r, n);
	return 0;
}

static int write_report(struct rs_coordinator *c, struct rs_err *err)
{
	const struct rs_report_options o = { .out = c->folder, .program_version = RS_VERSION };
	int64_t begin = rs_clock_ns();

	if (rs_report_write(c->plan, c->store, &o, err) < 0)
		return rs_err_wrap(err, "the measurements are kept in \"%s\", but the report failed",
				   c->folder);
	return rs_coordinator_tell(c, "report", "the report is written",
				   (double)(rs_clock_ns() - begin) / 1e9, err);
}

static int finish(struct rs_coordinator *c, size_t *not_done, struct rs_err *err)
{
	char now[32];

	(void)snprintf(now, sizeof(now), "%lld", (long long)rs_clock_wall_s());
	if (rs_store_set_fact(c->store, "finished", now, err) < 0 ||
	    rs_coordinator_deviations(c, err) < 0 || write_report(c, err) < 0)
		return -1;
	return count_not_done(c, not_done, err);
}

/* with_plan: the run has no cells yet; it is new, or was killed before it had. */
static int measure(struct rs_coordinator *c, int with_plan, enum rs_boot *boots, struct rs_err *err)
{
	const struct rs_testbed_options o = { .kind = c->testbed_kind, .agent = c->o->agent };
	enum rs_boot running = RS_BOOT_LAST;
	int rc = 0;

	if (rs_testbed_running(&o, &running, err) < 0)
		return -1;
	rs_coordinator_boots(c->plan, running, boots);
	if ((with_plan && plan_cells(c, boots, err) < 0) || fetch_sources(c, err) < 0 ||
	    open_testbed(c, err) < 0)
		return -1;
	c->fresh = 0;
	for (int boot = 0; rc == 0 && boot < RS_BOOT_LAST; boot++)
		rc = run_boot(c, (enum rs_boot)boot, boots, err);
	return rc;
}

static int measure_all(struct rs_coordinator *c, struct rs_err *err)
{
	enum rs_boot *boots = rs_alloc(c->plan->n_systems, sizeof(*boots), err);
	size_t planned = 0, not_done = 0;
	int rc = boots != NULL ? 0 : -1;

	if (rc == 0)
		rc = reopen_cells(c, &planned, err);
	if (rc == 0)
		rc = count_not_done(c, &not_done, err);
	if (rc == 0 && (planned == 0 || not_done > 0))
		rc = measure(c, planned == 0, boots, err);
	if (close_testbed(c, rc == 0 ? err : NULL) < 0)
		rc = -1;
	free(boots);
	return rc;
}

int rs_run(const struct rs_plan *plan, const struct rs_run_options *o,
	   const struct rs_run_watch *watch, char **ret_folder, struct rs_err *err)
{
	struct rs_coordinator c = { .plan = plan, .o = o, .watch = watch, .lock_fd = -1,
				    .resumed = o->resume };
	size_t not_done = 0;
	int rc = rs_coordinator_open(&c, err);

	if (rc == 0)
		rc = measure_all(&c, err);
	if (rc == 0)
		rc = finish(&c, &not_done, err);
	if (rc < 0 && c.fresh && !rs_stop_requested())
		rs_coordinator_discard(&c);
	*ret_folder = c.store != NULL ? RS_STEAL(&c.folder) : NULL;
	rs_coordinator_release(&c);
	return rc < 0 ? -1 : not_done > 0;
}
