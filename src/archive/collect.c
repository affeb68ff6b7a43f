/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which files go into a bag, and the list of what was masked or left out. */
#include "bag_priv.h"
#include "extract_priv.h"
#include "pack_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/temp.h"

#define DEPTH 32		/* folders within folders; the program makes 5 */

static int starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

int rs_pack_is_redactable(const char *rel)
{
	return strcmp(rel, "plan.xml") != 0 && !rs_bag_is_rendered(rel) && !starts_with(rel, "csv/") &&
	       strcmp(rel, "run.db") != 0;
}

/* A CSV field; quoted always, since names of files may hold anything. */
static void add_field(struct rs_buf *b, const char *text, char end)
{
	rs_buf_addc(b, '"');
	if (text[0] != '\0' && strchr("=+-@\t", text[0]) != NULL)
		rs_buf_addc(b, '\'');
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"')
			rs_buf_addc(b, '"');
		rs_buf_addc(b, *p);
	}
	rs_buf_addc(b, '"');
	rs_buf_addc(b, end);
}

void rs_pack_note_redacted(struct rs_pack *p, const char *rel, const uint64_t found[RS_REDACT_LAST],
			   const char *sha256_before)
{
	for (int r = 0; r < RS_REDACT_LAST; r++) {
		if (found[r] == 0)
			continue;
		add_field(&p->redactions, rel, ',');
		rs_buf_addf(&p->redactions, "masked,%s,%" PRIu64 ",%s\n",
			    rs_redact_name((enum rs_redact_rule)r), found[r], sha256_before);
		p->result.redactions += found[r];
	}
}

static void note_left_out(struct rs_pack *p, const char *rel, const char *why)
{
	add_field(&p->redactions, rel, ',');
	rs_buf_addf(&p->redactions, "left out,%s,,\n", why);
	p->result.left_out++;
}

/* Files of a run folder that are no data, or that are made anew for each bag. */
static int is_housekeeping(const char *rel)
{
	static const char *const names[] = { "redactions.csv", "ro-crate-metadata.json", "run.db",
					     "run.db-journal", "run.db-shm", "run.db-wal", "run.lock" };

	for (size_t i = 0; i < RS_COUNT(names); i++)
		if (strcmp(rel, names[i]) == 0)
			return 1;
	return starts_with(rel, "csv/") || rs_temp_owner(rs_path_base(rel)) != 0;
}

/* A name that unpacking would refuse makes the whole bag useless. */
static int may_be_named(const struct rs_pack *p, const char *rel, int *ret, struct rs_err *err)
{
	RS_AUTO_STR *name = rs_asprintf(err, "%s/data/%s", p->name, rel);

	*ret = name != NULL && rs_extract_name_fault(name) == NULL;
	return name == NULL ? -1 : 0;
}

static int is_in_stage(const struct rs_pack *p, const char *rel)
{
	for (size_t i = 0; i < p->n_files; i++)
		if (p->file[i].staged && strcmp(p->file[i].rel, rel) == 0)
			return 1;
	return 0;
}

static int add_file(struct rs_pack *p, const char *rel, int staged, uint64_t size,
		    struct rs_err *err)
{
	struct rs_pack_file *f = rs_array_grow(&p->file, p->n_files, sizeof(*f), err);

	if (f == NULL)
		return -1;
	f->rel = rs_strdup(rel, err);
	if (f->rel == NULL)
		return -1;
	f->staged = staged;
	f->size = size;
	p->n_files++;
	p->total_bytes += size;
	return 0;
}

static int walk(struct rs_pack *p, const char *root, const char *rel, int staged, int depth,
		struct rs_err *err);

static int take_run_file(struct rs_pack *p, const char *rel, const struct stat *st,
			 struct rs_err *err)
{
	int named;

	if (is_housekeeping(rel))
		return 0;
	if (may_be_named(p, rel, &named, err) < 0)
		return -1;
	if (!named) {
		note_left_out(p, rel, "its name is too long or deep or not plain");
		return 0;
	}
	/* what the stage has stands for the run's own; rendered files all or none */
	if (strchr(rel, '/') == NULL && is_in_stage(p, rel))
		return 0;
	if (p->edits > 0 && rs_bag_is_rendered(rel)) {
		if (p->report_is_old)
			note_left_out(p, rel, "it tells what was masked in run.db");
		return 0;
	}
	return add_file(p, rel, 0, (uint64_t)st->st_size, err);
}

static int take(struct rs_pack *p, const char *root, const char *rel, int staged, int depth,
		struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(root, rel, err);
	struct stat st;

	if (path == NULL)
		return -1;
	if (lstat(path, &st) != 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot read \"%s\"", path);
	/* gigabytes of disks, with all that redaction would look for */
	if (!staged && S_ISDIR(st.st_mode) && strcmp(rel, "testbed") == 0) {
		note_left_out(p, rel, "it is the machine of the run and no data of it");
		return 0;
	}
	if (S_ISDIR(st.st_mode))
		return walk(p, root, rel, staged, depth + 1, err);
	if (!S_ISREG(st.st_mode)) {
		/* the stage has links to the folders of the run */
		if (!staged)
			note_left_out(p, rel, "it is no plain file");
		return 0;
	}
	return staged ? add_file(p, rel, 1, (uint64_t)st.st_size, err)
		      : take_run_file(p, rel, &st, err);
}

static int walk(struct rs_pack *p, const char *root, const char *rel, int staged, int depth,
		struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(root, rel, err);
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;

	if (depth > DEPTH)
		return rs_err_set(err, RS_ERR_PLAN, "\"%s\": folders are nested more than %d deep", path, DEPTH);
	if (path == NULL || rs_path_list(path, &names, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		RS_AUTO_STR *below = rel[0] == '\0' ? rs_strdup(names[i], err)
						    : rs_path_join(rel, names[i], err);

		if (below == NULL || take(p, root, below, staged, depth, err) < 0)
			return -1;
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct rs_pack_file *)a)->rel, ((const struct rs_pack_file *)b)->rel);
}

int rs_pack_collect(struct rs_pack *p, struct rs_err *err)
{
	if (walk(p, p->stage, "", 1, 0, err) < 0 || walk(p, p->run, "", 0, 0, err) < 0)
		return -1;
	qsort(p->file, p->n_files, sizeof(*p->file), by_name);
	return 0;
}
