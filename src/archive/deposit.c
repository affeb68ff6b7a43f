/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A deposit from outside: the file, the memory of an unfinished one, the kinds. */
#include "deposit_priv.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"

#define BLOCK (256 * 1024)
#define STATE_BYTES 10000

static const char *const kind_name[] = {
	[RS_DEPOSIT_INVENIO] = "invenio",
	[RS_DEPOSIT_WEBDAV] = "webdav",
};
_Static_assert(RS_COUNT(kind_name) == RS_DEPOSIT_LAST, "name every kind");

const char *rs_deposit_kind_name(enum rs_deposit_kind kind)
{
	return kind_name[kind];
}

int rs_deposit_is_plain_id(const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '-' && text[i] != '_')
			return 0;
	return n > 0 && n < 60;
}

/* ---- the file ---- */

static int hash_file(struct rs_deposit_file *f, struct rs_err *err)
{
	RS_AUTO_DIGEST *md5 = rs_digest_new(RS_DIGEST_MD5, err);
	RS_AUTO_DIGEST *sha256 = rs_digest_new(RS_DIGEST_SHA256, err);
	RS_AUTO_STR *block = rs_alloc(1, BLOCK, err);
	off_t at = 0;
	ssize_t n;

	if (md5 == NULL || sha256 == NULL || block == NULL)
		return -1;
	while ((n = pread(f->fd, block, BLOCK, at)) > 0) {
		at += n;
		if (rs_digest_add(md5, block, (size_t)n, err) < 0 ||
		    rs_digest_add(sha256, block, (size_t)n, err) < 0 || rs_stop_check(err) < 0)
			return -1;
	}
	if (n < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot read \"%s\"", f->path);
	if ((uint64_t)at != f->size)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\" changed while it was read: deposit it again", f->path);
	if (rs_digest_end(md5, f->md5, err) < 0)
		return -1;
	return rs_digest_end(sha256, f->sha256, err);
}

static int open_file(struct rs_deposit_file *f, const char *path, struct rs_err *err)
{
	struct stat st;

	f->path = path;
	f->name = rs_path_base(path);
	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0 || fstat(f->fd, &st) != 0)
		return rs_err_sys(err, RS_ERR_USAGE, errno, "cannot read \"%s\"", path);
	if (!S_ISREG(st.st_mode))
		return rs_err_set(err, RS_ERR_USAGE,
				  "\"%s\" is no file: archive the run as tar.zst or zip first", path);
	if (!rs_path_is_plain_name(f->name))
		return rs_err_set(err, RS_ERR_USAGE, "\"%s\": name the file with letters, digits and ._+- only",
				  path);
	f->size = (uint64_t)st.st_size;
	return hash_file(f, err);
}

/* ---- the memory ---- */

static const char *text_of(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s == NULL ? "" : s;
}

/* A state of another server or another file is none of this deposit. */
static int recall(struct rs_deposit_state *s, const struct rs_deposit_options *o,
		  const struct rs_deposit_file *f, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	json_t *state;
	const char *id;
	int n = o->state_file != NULL ? snprintf(s->path, sizeof(s->path), "%s", o->state_file)
				      : snprintf(s->path, sizeof(s->path), "%s.deposit", f->path);

	s->id[0] = '\0';
	if (n < 0 || (size_t)n >= sizeof(s->path))
		return rs_err_set(err, RS_ERR_USAGE, "the name of the state file is too long");
	if (!rs_path_exists(s->path))
		return 0;
	if (rs_path_read(s->path, STATE_BYTES, &text, err) < 0)
		return -1;
	state = json_loadb(rs_buf_str(&text), text.len, 0, NULL);
	id = text_of(state, "id");
	if (strcmp(text_of(state, "url"), o->url) == 0 &&
	    strcmp(text_of(state, "sha256"), f->sha256) == 0 && rs_deposit_is_plain_id(id))
		(void)snprintf(s->id, sizeof(s->id), "%s", id);
	json_decref(state);
	return 0;
}

int rs_deposit_remember(struct rs_deposit_state *s, const struct rs_deposit_options *o,
			const struct rs_deposit_file *f, const char *id, struct rs_err *err)
{
	json_t *state = json_pack("{s:s, s:s, s:s, s:s}", "url", o->url, "file", f->name, "sha256",
				  f->sha256, "id", id);
	char *text = state == NULL ? NULL : json_dumps(state, JSON_INDENT(2));
	int r = text == NULL ? rs_err_nomem(err) : rs_path_write(s->path, text, strlen(text), err);

	(void)snprintf(s->id, sizeof(s->id), "%s", id);
	free(text);
	json_decref(state);
	return r;
}

/* ---- all of it ---- */

static int check_options(const struct rs_deposit_options *o, struct rs_err *err)
{
	if (o->kind == RS_DEPOSIT_INVENIO && o->n_people == 0)
		return rs_err_set(err, RS_ERR_USAGE, "a record has authors: name one (--author \"Family, Given\")");
	if (o->kind == RS_DEPOSIT_INVENIO && (o->date == NULL || o->date[0] == '\0'))
		return rs_err_set(err, RS_ERR_USAGE, "a record has a date: 2026-11-23");
	if (o->kind == RS_DEPOSIT_WEBDAV && (o->publish || o->reserve_doi))
		return rs_err_set(err, RS_ERR_USAGE, "a WebDAV folder neither publishes nor gives a DOI");
	return 0;
}

int rs_deposit(const char *path, const struct rs_deposit_options *o, struct rs_deposit_result *ret,
	       struct rs_err *err)
{
	struct rs_deposit_file f = { .fd = -1 };
	struct rs_deposit_state s = { "", "" };
	RS_AUTO_HTTP *h = NULL;
	int r;

	*ret = (struct rs_deposit_result){ .id = "" };
	if (check_options(o, err) < 0)
		return -1;
	h = rs_http_open(o, err);
	if (h == NULL)
		return -1;
	r = open_file(&f, path, err);
	if (r == 0)
		r = recall(&s, o, &f, err);
	if (r == 0)
		r = o->kind == RS_DEPOSIT_INVENIO ? rs_deposit_invenio(h, o, &f, &s, ret, err)
						  : rs_deposit_webdav(h, o, &f, ret, err);
	ret->attempts = rs_http_repeated(h);
	/* a state without an id is that of another deposit */
	if (r == 0 && s.id[0] != '\0' && unlink(s.path) != 0 && errno != ENOENT)
		r = rs_err_sys(err, RS_ERR_FAILED, errno, "the deposit is done, but \"%s\" cannot be removed",
			       s.path);
	rs_close_fd(&f.fd);
	return r;
}
