/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The run folder: made or opened again, locked, with its store and the plan as run. */
#include "coordinator_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "restudy/base/clock.h"
#include "restudy/base/hash.h"
#include "restudy/base/lock.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/plan.h"

static int lock_folder(struct rs_coordinator *c, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(c->folder, "run.lock", err);

	if (path == NULL)
		return -1;
	if (rs_lock_hold(path, "", RS_ERR_USAGE, &c->lock_fd, err) == 0)
		return 0;
	/* what else goes wrong is told by itself */
	return err->kind == RS_ERR_USAGE ? rs_err_wrap(err, "the run folder \"%s\" is in use", c->folder)
					 : -1;
}

static int set_number(struct rs_coordinator *c, const char *key, uint64_t v, struct rs_err *err)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%" PRIu64, v);
	return rs_store_set_fact(c->store, key, text, err);
}

/* The plan as it travels, with its includes in place, and its digest. */
static int whole_plan(const char *path, struct rs_buf *text, char hex[RS_SHA256_HEX],
		      struct rs_err *err)
{
	if (rs_plan_whole(path, text, err) < 0 || rs_buf_check(text, err) < 0)
		return -1;
	return rs_sha256_bytes(rs_buf_str(text), text->len, hex, err);
}

static int copy_plan(struct rs_coordinator *c, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(c->folder, "plan.xml", err);
	RS_AUTO_BUF text = RS_BUF_INIT;
	char hex[RS_SHA256_HEX];

	if (path == NULL || whole_plan(c->o->plan_path, &text, hex, err) < 0 ||
	    rs_path_write(path, rs_buf_str(&text), text.len, err) < 0)
		return -1;
	return rs_store_set_fact(c->store, "plan.sha256", hex, err);
}

static int create(struct rs_coordinator *c, const char *db, struct rs_err *err)
{
	char when[40];

	c->store = rs_store_create(db, err);
	if (c->store == NULL)
		return -1;
	c->fresh = 1;
	c->seed = c->o->has_seed ? c->o->seed : c->plan->seed;
	c->testbed_kind = rs_strdup(c->o->testbed != NULL ? c->o->testbed : "virtual", err);
	c->profile_id = rs_strdup(c->profile != NULL ? c->profile->id : "", err);
	(void)snprintf(c->run_id, sizeof(c->run_id), "%s-%ld",
		       rs_clock_compact(when, sizeof(when), rs_clock_wall_s()), (long)getpid());
	if (c->testbed_kind == NULL || c->profile_id == NULL || copy_plan(c, err) < 0)
		return -1;
	if (rs_store_set_fact(c->store, "study", c->plan->id, err) < 0 ||
	    rs_store_set_fact(c->store, "run", c->run_id, err) < 0 ||
	    rs_store_set_fact(c->store, "testbed", c->testbed_kind, err) < 0 ||
	    rs_store_set_fact(c->store, "profile", c->profile_id, err) < 0 ||
	    rs_store_set_fact(c->store, "version", RS_VERSION, err) < 0)
		return -1;
	if (set_number(c, "seed", c->seed, err) < 0)
		return -1;
	return set_number(c, "started", (uint64_t)rs_clock_wall_s(), err);
}

/* The fact as text; an error when it is missing: then the store is of no run of ours. */
static int need_fact(struct rs_coordinator *c, const char *key, char **ret, struct rs_err *err)
{
	if (rs_store_get_fact(c->store, key, ret, err) < 0)
		return -1;
	if (*ret == NULL)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\" has no \"%s\": it is no run that can be resumed",
				  c->folder, key);
	return 0;
}

static int same_plan(struct rs_coordinator *c, struct rs_err *err)
{
	RS_AUTO_STR *then = NULL;
	RS_AUTO_BUF text = RS_BUF_INIT;
	char now[RS_SHA256_HEX];

	if (need_fact(c, "plan.sha256", &then, err) < 0 ||
	    whole_plan(c->o->plan_path, &text, now, err) < 0)
		return -1;
	if (strcmp(then, now) != 0)
		return rs_err_set(err, RS_ERR_USAGE,
				  "\"%s\" was run with another plan than \"%s\": resume with \"%s/plan.xml\", "
				  "or start a new run", c->folder, c->o->plan_path, c->folder);
	return 0;
}

static int resume(struct rs_coordinator *c, const char *db, struct rs_err *err)
{
	RS_AUTO_STR *seed = NULL, *id = NULL;
	int64_t v = 0;

	c->store = rs_store_open(db, err);
	if (c->store == NULL)
		return rs_err_wrap(err, "cannot resume \"%s\"", c->folder);
	if (same_plan(c, err) < 0 || need_fact(c, "seed", &seed, err) < 0 ||
	    need_fact(c, "run", &id, err) < 0 || need_fact(c, "testbed", &c->testbed_kind, err) < 0 ||
	    need_fact(c, "profile", &c->profile_id, err) < 0)
		return -1;
	if (!rs_path_is_plain_name(id))	/* folders are named by it, and removed */
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\" has the number \"%.60s\": it is no run that can be "
				  "resumed", c->folder, id);
	if ((c->o->testbed != NULL && strcmp(c->o->testbed, c->testbed_kind) != 0) ||
	    (c->o->profile != NULL && strcmp(c->o->profile, c->profile_id) != 0))
		return rs_err_set(err, RS_ERR_USAGE,
				  "\"%s\" was begun with --testbed %s --profile %s: a run cannot change them",
				  c->folder, c->testbed_kind, c->profile_id);
	if (rs_parse_i64(seed, 0, INT64_MAX, &v, err) < 0)
		return -1;
	c->seed = (uint64_t)v;
	if (c->o->has_seed && c->o->seed != c->seed)
		return rs_err_set(err, RS_ERR_USAGE, "\"%s\" was begun with --seed %s: a run cannot change it",
				  c->folder, seed);
	c->profile = rs_plan_profile(c->plan, c->profile_id);
	(void)snprintf(c->run_id, sizeof(c->run_id), "%s", id);
	return rs_store_recover(c->store, err);
}

static int choose_folder(struct rs_coordinator *c, struct rs_err *err)
{
	char when[40];

	if (c->o->folder != NULL)
		c->folder = rs_strdup(c->o->folder, err);
	else
		c->folder = rs_asprintf(err, "reports/%s-%s", c->plan->id,
					rs_clock_compact(when, sizeof(when), rs_clock_wall_s()));
	if (c->folder == NULL || (!c->o->resume && rs_path_mkdirs(c->folder, err) < 0))
		return -1;
	{
		char *absolute = realpath(c->folder, NULL);

		if (absolute == NULL)
			return rs_err_sys(err, c->o->resume ? RS_ERR_USAGE : RS_ERR_FAILED, errno,
					  "cannot find \"%s\"", c->folder);
		free(c->folder);
		c->folder = absolute;
	}
	return 0;
}

static int choose_profile(struct rs_coordinator *c, struct rs_err *err)
{
	if (c->o->profile == NULL) {
		c->profile = c->plan->n_profiles > 0 ? &c->plan->profiles[0] : NULL;
		return 0;
	}
	c->profile = rs_plan_profile(c->plan, c->o->profile);
	if (c->profile == NULL)
		return rs_err_set(err, RS_ERR_USAGE, "the plan has no profile \"%s\"", c->o->profile);
	return 0;
}

int rs_coordinator_open(struct rs_coordinator *c, struct rs_err *err)
{
	RS_AUTO_STR *db = NULL;

	if (choose_profile(c, err) < 0 || choose_folder(c, err) < 0)
		return -1;
	db = rs_path_join(c->folder, "run.db", err);
	if (db == NULL)
		return -1;
	if (c->o->resume && !rs_path_exists(db))
		return rs_err_set(err, RS_ERR_USAGE, "\"%s\" has no run to go on with: begin one without "
				  "--resume", c->folder);
	if (lock_folder(c, err) < 0)
		return -1;
	if (c->o->resume)
		return resume(c, db, err);
	if (rs_path_exists(db))
		return rs_err_set(err, RS_ERR_USAGE,
				  "\"%s\" has a run already: go on with --resume, or choose another folder",
				  c->folder);
	return create(c, db, err);
}

void rs_coordinator_discard(struct rs_coordinator *c)
{
	static const char *const made[] = { "run.db", "plan.xml", "run.lock" };
	RS_AUTO_STR *testbed = rs_path_join(c->folder, "testbed", NULL);

	rs_store_close(c->store);
	c->store = NULL;
	if (testbed == NULL || (rmdir(testbed) != 0 && errno != ENOENT))
		return;	/* what lies there tells why */
	for (size_t i = 0; i < RS_COUNT(made); i++) {
		RS_AUTO_STR *path = rs_path_join(c->folder, made[i], NULL);

		if (path != NULL)
			(void)unlink(path);
	}
	(void)rmdir(c->folder);
}

void rs_coordinator_release(struct rs_coordinator *c)
{
	rs_channel_close(c->files);
	rs_store_close(c->store);
	rs_close_fd(&c->lock_fd);
	rs_pulse_release(&c->host);
	for (size_t i = 0; c->sources != NULL && i < c->plan->n_benchmarks; i++)
		free(c->sources[i]);
	free(c->sources);
	free(c->folder);
	free(c->profile_id);
	free(c->testbed_kind);
}
