/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether guests and host have the same packages: the lines "package NAME VERSION" of
 * plan.lock, of the tree that guests are made of, against packages.txt of the machine's
 * environment.  Where the guests are made of the machine's own root, no row comes.
 */
#include "coordinator_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

enum { LIST_MAX_BYTES = 16 << 20, VERSION_MAX = 120 };

struct package {
	const char *name, *version;	/* in text, ended by NUL */
};

struct list {
	char *text;		/* owned; cut up */
	struct package *p;	/* owned, sorted by name */
	size_t n;
};

static void list_release(struct list *l)
{
	free(l->text);
	free(l->p);
}

#define AUTO_LIST __attribute__((cleanup(list_release))) struct list

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct package *)a)->name, ((const struct package *)b)->name);
}

/* Lines "HEAD NAME VERSION ..." of a file that may not be there. */
static int read_list(const char *path, const char *head, struct list *l, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	char *save = NULL;

	if (!rs_path_exists(path))
		return 0;
	if (rs_path_read(path, LIST_MAX_BYTES, &text, err) < 0)
		return -1;
	l->text = rs_buf_steal(&text);
	if (l->text == NULL)
		return rs_err_nomem(err);
	for (char *line = strtok_r(l->text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		struct package *p;
		char *blank, *end;

		if (strncmp(line, head, strlen(head)) != 0)
			continue;
		line += strlen(head);
		blank = strchr(line, ' ');
		if (blank == NULL)
			continue;
		p = rs_array_grow(&l->p, l->n, sizeof(*l->p), err);
		if (p == NULL)
			return -1;
		*blank = '\0';
		end = strchr(blank + 1, ' ');
		if (end != NULL)
			*end = '\0';
		*p = (struct package){ line, blank + 1 };
		l->n++;
	}
	if (l->n > 0)
		qsort(l->p, l->n, sizeof(*l->p), by_name);
	return 0;
}

static const char *version_in(const struct list *l, const char *name)
{
	const struct package key = { name, NULL };
	const struct package *p = l->n == 0 ? NULL : bsearch(&key, l->p, l->n, sizeof(*l->p), by_name);

	return p != NULL ? p->version : NULL;
}

/* Whether the plan asks for a package by name. */
static int planned(const struct rs_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->n_images; i++)
		for (size_t k = 0; k < plan->images[i].n_packages; k++)
			if (strcmp(plan->images[i].packages[k], name) == 0)
				return 1;
	return 0;
}

static int has_guests(const struct rs_plan *plan)
{
	for (size_t i = 0; i < plan->n_systems; i++)
		if (plan->systems[i].guests.n_counts > 0)
			return 1;
	return 0;
}

/* A row for each package of the plan; all others are counted. */
static int compare(const struct rs_plan *plan, const struct list *guests, const struct list *host,
		   rs_deviation_fn *add, void *user, struct rs_err *err)
{
	static const char why[] = "guests and host are two installations: their programs may differ";
	size_t other = 0, alone = 0;
	char what[200], left[VERSION_MAX + 20], right[VERSION_MAX + 20];

	for (size_t i = 0; i < guests->n; i++) {
		const struct package *g = &guests->p[i];
		const char *h = version_in(host, g->name);

		if (h != NULL && strcmp(h, g->version) == 0)
			continue;
		if (!planned(plan, g->name)) {
			other += h != NULL;
			alone += h == NULL;
			continue;
		}
		(void)snprintf(what, sizeof(what), "package %.150s", g->name);
		(void)snprintf(left, sizeof(left), "guests: %.*s", VERSION_MAX, g->version);
		(void)snprintf(right, sizeof(right), "host: %.*s", VERSION_MAX, h != NULL ? h : "not installed");
		if (add(user, what, left, right, why, err) < 0)
			return -1;
	}
	if (other + alone == 0)
		return 0;
	(void)snprintf(left, sizeof(left), "guests: %zu packages", guests->n);
	(void)snprintf(right, sizeof(right), "host: %zu in another version, %zu not installed", other, alone);
	return add(user, "packages that the plan does not name", left, right, why, err);
}

int rs_coordinator_package_rows(const struct rs_coordinator *c, const char *boot,
				rs_deviation_fn *add, void *user, struct rs_err *err)
{
	RS_AUTO_STR *lock = rs_path_join(c->folder, "plan.lock", err);
	RS_AUTO_STR *host = rs_asprintf(err, "%s/environment/%s/packages.txt", c->folder, boot);
	AUTO_LIST in_guests = { NULL, NULL, 0 }, on_host = { NULL, NULL, 0 };

	if (lock == NULL || host == NULL || read_list(lock, "package ", &in_guests, err) < 0 ||
	    read_list(host, "", &on_host, err) < 0)
		return -1;
	if (in_guests.n == 0 || on_host.n == 0 || !has_guests(c->plan))
		return 0;
	return compare(c->plan, &in_guests, &on_host, add, user, err);
}
