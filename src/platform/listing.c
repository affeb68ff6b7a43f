/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expands a listing's template with the values of a plan's system. */
#include "restudy/platform/listing.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "platform_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

/* What a repeated part is about. */
enum over { OVER_NONE, OVER_SYSCTL, OVER_SETTING, OVER_LIMIT, OVER_DISK, OVER_GUEST, OVER_LAST };

static const char *const over_name[] = {
	[OVER_NONE] = "",	  [OVER_SYSCTL] = "sysctl", [OVER_SETTING] = "setting",
	[OVER_LIMIT] = "limit",	  [OVER_DISK] = "disk",	    [OVER_GUEST] = "guest",
};
_Static_assert(RS_COUNT(over_name) == OVER_LAST, "name everything that can be repeated");

static const char *const listing_names[] = { "fstab",	   "openvz-guest", "openvz-paths", "sysctl",
					     "xen-guest", "xend-config",  NULL };

enum { TEMPLATE_MAX_BYTES = 65536 };

/* What names in a template stand for at one place of it. */
struct scope {
	const struct rs_plan *plan;
	const struct rs_system *sys;
	const struct rs_setting_kv *kv;		/* or NULL */
	const struct rs_guest_disk *disk;	/* or NULL */
	int guest;				/* from 0 */
};

const char *const *rs_listing_names(void)
{
	return listing_names;
}

static int is_swap(const struct rs_guest_disk *d)
{
	return strcmp(d->filesystem, "swap") == 0;
}

/* fs_passno of fstab(5): the root first, swap never. */
static const char *fsck_pass(const struct rs_guest_disk *d)
{
	if (is_swap(d))
		return "0";
	return d->mount != NULL && strcmp(d->mount, "/") == 0 ? "1" : "2";
}

/* "disk.NAME"; 1 when there is such a name, *ret NULL when the plan has no value. */
static int disk_value(const struct scope *s, const char *name, char **ret, struct rs_err *err)
{
	const struct rs_guest_disk *d = s->disk;

	if (strcmp(name, "volume") == 0)
		*ret = rs_guest_volume(d, s->guest + 1, err);
	else if (strcmp(name, "group") == 0)
		*ret = rs_strdup(d->group, err);
	else if (strcmp(name, "device") == 0)
		*ret = rs_strdup(d->device, err);
	else if (strcmp(name, "filesystem") == 0)
		*ret = rs_strdup(d->filesystem, err);
	else if (strcmp(name, "mount") == 0)
		*ret = rs_strdup(is_swap(d) ? "none" : d->mount, err);
	else if (strcmp(name, "options") == 0)
		*ret = rs_strdup(is_swap(d) ? "sw" : "defaults", err);
	else if (strcmp(name, "pass") == 0)
		*ret = rs_strdup(fsck_pass(d), err);
	else
		return 0;
	return 1;
}

static int kv_value(const struct scope *s, const char *name, char **ret, struct rs_err *err)
{
	if (strcmp(name, "key") == 0)
		*ret = rs_strdup(s->kv->key, err);
	else if (strcmp(name, "value") == 0)
		*ret = rs_strdup(s->kv->value, err);
	else if (strcmp(name, "comment") == 0)
		*ret = rs_strdup(s->kv->comment, err);
	else
		return 0;
	return 1;
}

/* "guest.NAME": values of one guest, addresses counted up. */
static int guest_value(const struct scope *s, const char *name, char **ret, struct rs_err *err)
{
	const struct rs_guests *g = &s->sys->guests;
	struct rs_net net;
	struct rs_net_guest at;

	if (rs_net_of(g, &net, err) < 0 || rs_net_guest(g, &net, s->guest, &at, err) < 0)
		return -1;
	if (strcmp(name, "name") == 0)
		*ret = rs_guest_name(s->sys, s->guest, err);
	else if (strcmp(name, "memory-mib") == 0)
		*ret = g->memory_bytes == 0 ? NULL : rs_asprintf(err, "%" PRId64, g->memory_bytes >> 20);
	else if (strcmp(name, "bridge") == 0)
		*ret = rs_strdup(g->bridge, err);
	else if (strcmp(name, "address") == 0)
		*ret = g->address == NULL ? NULL : rs_strdup(at.address, err);
	else if (strcmp(name, "netmask") == 0)
		*ret = rs_strdup(g->netmask, err);
	else if (strcmp(name, "gateway") == 0)
		*ret = rs_strdup(g->gateway, err);
	else if (strcmp(name, "mac") == 0)
		*ret = g->mac == NULL ? NULL : rs_strdup(at.mac, err);
	else
		return 0;
	return 1;
}

/* The value of a name; NULL when the plan has none.  -1 for a name nobody knows. */
static int scope_value(const struct scope *s, const char *name, char **ret, struct rs_err *err)
{
	struct rs_err e = RS_ERR_INIT;
	int known = 0;

	*ret = NULL;
	if (strcmp(name, "plan") == 0) {
		*ret = rs_strdup(s->plan->title, &e);
		known = 1;
	} else if (strcmp(name, "system") == 0) {
		*ret = rs_strdup(s->sys->title, &e);
		known = 1;
	} else if (strncmp(name, "disk.", 5) == 0 && s->disk != NULL)
		known = disk_value(s, name + 5, ret, &e);
	else if (strncmp(name, "guest.", 6) == 0)
		known = guest_value(s, name + 6, ret, &e);
	else if (s->kv != NULL)
		known = kv_value(s, name, ret, &e);
	if (known > 0 && e.kind == RS_ERR_NONE)
		return 0;
	if (e.kind != RS_ERR_NONE)
		return rs_err_set(err, e.kind, "%s", e.text);
	return rs_err_set(err, RS_ERR_INTERNAL, "a listing's template has an unknown name \"%s\"", name);
}

/* One line with its names replaced, or nothing when a value is missing. */
static int expand_line(const struct scope *s, const char *line, size_t len, struct rs_buf *out,
		       struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;

	for (size_t i = 0; i < len;) {
		const char *close = line[i] == '$' && i + 1 < len && line[i + 1] == '{'
					    ? memchr(line + i, '}', len - i) : NULL;
		RS_AUTO_STR *name = NULL;
		RS_AUTO_STR *value = NULL;

		if (close == NULL) {
			rs_buf_addc(&text, line[i++]);
			continue;
		}
		name = rs_strndup(line + i + 2, (size_t)(close - line) - i - 2, err);
		if (name == NULL || scope_value(s, name, &value, err) < 0)
			return -1;
		if (value == NULL)
			return 0;
		rs_buf_adds(&text, value);
		i = (size_t)(close - line) + 1;
	}
	rs_buf_addc(&text, '\n');
	rs_buf_adds(out, rs_buf_str(&text));
	return rs_buf_check(&text, err);
}

static int expand_lines(const struct scope *s, const char *from, const char *to, struct rs_buf *out,
			struct rs_err *err)
{
	for (const char *nl; from < to; from = nl + 1) {
		nl = memchr(from, '\n', (size_t)(to - from));
		if (nl == NULL)
			nl = to;
		if (expand_line(s, from, (size_t)(nl - from), out, err) < 0)
			return -1;
	}
	return 0;
}

static size_t over_count(const struct rs_system *sys, enum over o)
{
	switch (o) {
	case OVER_SYSCTL: return sys->n_sysctls;
	case OVER_SETTING: return sys->n_settings;
	case OVER_LIMIT: return sys->guests.n_limits;
	case OVER_DISK: return sys->guests.n_disks;
	case OVER_GUEST: return sys->guests.n_names;
	case OVER_NONE:
	case OVER_LAST: return 0;
	}
	return 0;
}

static void over_enter(struct scope *s, enum over o, size_t i)
{
	switch (o) {
	case OVER_SYSCTL: s->kv = &s->sys->sysctls[i]; return;
	case OVER_SETTING: s->kv = &s->sys->settings[i]; return;
	case OVER_LIMIT: s->kv = &s->sys->guests.limits[i]; return;
	case OVER_DISK: s->disk = &s->sys->guests.disks[i]; return;
	case OVER_GUEST: s->guest = (int)i; return;
	case OVER_NONE:
	case OVER_LAST: return;
	}
}

/* The body of "@each WORD" or "@setting KEY". */
static int expand_block(const struct scope *s, const char *head, const char *body, const char *end,
			struct rs_buf *out, struct rs_err *err)
{
	for (size_t i = 0; strncmp(head, "setting ", 8) == 0 && i < s->sys->n_settings; i++) {
		struct scope in = *s;

		in.kv = &s->sys->settings[i];
		if (strcmp(in.kv->key, head + 8) == 0 && expand_lines(&in, body, end, out, err) < 0)
			return -1;
	}
	if (strncmp(head, "setting ", 8) == 0)
		return 0;
	for (int o = OVER_NONE + 1; o < OVER_LAST; o++) {
		if (strncmp(head, "each ", 5) != 0 || strcmp(head + 5, over_name[o]) != 0)
			continue;
		for (size_t i = 0; i < over_count(s->sys, (enum over)o); i++) {
			struct scope in = *s;

			over_enter(&in, (enum over)o, i);
			if (expand_lines(&in, body, end, out, err) < 0)
				return -1;
		}
		return 0;
	}
	return rs_err_set(err, RS_ERR_INTERNAL, "a listing's template has \"@%s\"", head);
}

static int expand(const struct scope *s, const char *text, struct rs_buf *out, struct rs_err *err)
{
	for (const char *p = text, *nl; *p != '\0'; p = nl + (*nl != '\0')) {
		RS_AUTO_STR *head = NULL;
		const char *end;

		nl = p + strcspn(p, "\n");
		if (p[0] != '@') {
			if (expand_line(s, p, (size_t)(nl - p), out, err) < 0)
				return -1;
			continue;
		}
		if (p[1] == '#')
			continue;
		head = rs_strndup(p + 1, (size_t)(nl - p) - 1, err);
		end = strstr(nl, "\n@end");
		if (head == NULL)
			return -1;
		if (end == NULL)
			return rs_err_set(err, RS_ERR_INTERNAL, "a listing's template lacks \"@end\"");
		if (end > nl && expand_block(s, head, nl + 1, end, out, err) < 0)
			return -1;
		nl = end + 1 + strcspn(end + 1, "\n");
	}
	return 0;
}

static const struct rs_system *find_system(const struct rs_plan *plan, const char *id)
{
	if (id != NULL)
		return rs_plan_system(plan, id);
	for (size_t i = 0; i < plan->n_systems; i++)
		if (plan->systems[i].guests.n_counts > 0)
			return &plan->systems[i];
	return NULL;
}

int rs_listing_render(const struct rs_plan *plan, const char *name, const char *system,
		      struct rs_buf *out, struct rs_err *err)
{
	struct scope s = { .plan = plan, .sys = find_system(plan, system) };
	RS_AUTO_BUF text = RS_BUF_INIT;
	RS_AUTO_STR *rel = NULL;
	RS_AUTO_STR *path = NULL;
	size_t i = 0;

	while (listing_names[i] != NULL && strcmp(listing_names[i], name) != 0)
		i++;
	if (listing_names[i] == NULL)
		return rs_err_set(err, RS_ERR_PLAN, "no listing is named \"%s\"", name);
	if (s.sys == NULL && system == NULL)
		return rs_err_set(err, RS_ERR_PLAN, "listing \"%s\": no system has guests", name);
	if (s.sys == NULL)
		return rs_err_set(err, RS_ERR_PLAN, "listing \"%s\": no system \"%s\"", name, system);
	rel = rs_asprintf(err, "templates/platform/%s.tmpl", name);
	path = rel != NULL ? rs_path_data(rel, err) : NULL;
	if (path == NULL || rs_path_read(path, TEMPLATE_MAX_BYTES, &text, err) < 0)
		return -1;
	if (expand(&s, rs_buf_str(&text), out, err) < 0)
		return rs_err_wrap(err, "listing \"%s\"", name);
	return rs_buf_check(out, err);
}
