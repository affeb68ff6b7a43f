/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What guests of several platforms have in common: names, disks, memory, files of their own. */
#include "platform_priv.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

char *rs_guest_name(const struct rs_system *sys, int i, struct rs_err *err)
{
	const char *name = (size_t)i < sys->guests.n_names ? sys->guests.names[i] : NULL;

	if (name == NULL)
		return rs_asprintf(err, "%s-%d", sys->id, i + 1);
	if (!rs_path_is_plain_name(name)) {
		rs_err_set(err, RS_ERR_PLAN, "guest name \"%s\" is not a plain name", name);
		return NULL;
	}
	return rs_strdup(name, err);
}

int64_t rs_guest_memory(const struct rs_guests *g)
{
	return g->memory_bytes > 0 ? g->memory_bytes : (int64_t)256 << 20;
}

char *rs_guest_volume(const struct rs_guest_disk *d, int number, struct rs_err *err)
{
	const char *at = strstr(d->volume, "%d");

	if (at == NULL)
		return rs_strdup(d->volume, err);
	return rs_asprintf(err, "%.*s%d%s", (int)(at - d->volume), d->volume, number, at + 2);
}

static int is_swap(const struct rs_guest_disk *d)
{
	return strcmp(d->filesystem, "swap") == 0;
}

size_t rs_guest_root_disk(const struct rs_guests *g)
{
	size_t first = g->n_disks;

	for (size_t d = 0; d < g->n_disks; d++) {
		if (g->disks[d].mount != NULL && strcmp(g->disks[d].mount, "/") == 0)
			return d;
		if (first == g->n_disks && !is_swap(&g->disks[d]))
			first = d;
	}
	return first;
}

void rs_guest_hosts(struct rs_buf *out, const char *name, const char *address, const char *gateway)
{
	rs_buf_addf(out, "127.0.0.1\tlocalhost\n%s\t%s\n%s\ttestbed\n", address, name, gateway);
}

void rs_guest_fstab(struct rs_buf *out, const struct rs_guest_disk *d, const char *device)
{
	const char *at = is_swap(d) ? "none" : d->mount;

	if (at != NULL)
		rs_buf_addf(out, "%s\t%s\t%s\t%s\t0 0\n", device, at, d->filesystem,
			    is_swap(d) ? "sw" : "defaults");
}

void rs_guest_mount(struct rs_buf *out, const struct rs_guest_disk *d, const char *device)
{
	if (is_swap(d)) {
		rs_step_line(out, (const char *const[]){ "swapon", device, NULL });
	} else if (d->mount != NULL && strcmp(d->mount, "/") != 0) {
		rs_step_line(out, (const char *const[]){ "mkdir", "-p", d->mount, NULL });
		rs_step_line(out, (const char *const[]){ "mount", device, d->mount, NULL });
	}
}

int rs_guest_put(const char *root, const char *path, const char *text, unsigned mode,
		 struct rs_err *err)
{
	RS_AUTO_STR *to = rs_asprintf(err, "%s%s", root, path);

	if (to == NULL || rs_path_write(to, text, strlen(text), err) < 0)
		return -1;
	if (chmod(to, mode) < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot set the mode of \"%s\"", to);
	return 0;
}
