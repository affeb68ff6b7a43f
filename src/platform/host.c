/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bare machine as a system: one guest "host", which is the machine itself.
 * Benchmark files go to the plan's own volume where it is mounted, so that the
 * machine and its guests are measured on the same disks.
 */
#include "platform_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/temp.h"

struct host {
	struct rs_ledger *ledger;	/* owned */
	struct rs_guest guest;		/* channel owned */
	char *scratch;			/* owned */
	char address[32];
	char *temporary;		/* owned: TMPDIR of what runs here */
	char *own_temporary;		/* owned: TMPDIR as it was before, or NULL */
};

/* What every process of this system has in its environment, so that it can be found. */
#define MARK "RESTUDY_HOST"

static void host_free(struct host *h)
{
	rs_channel_close(h->guest.channel);
	(void)unsetenv(MARK);
	if (h->temporary != NULL && h->own_temporary != NULL)
		(void)setenv("TMPDIR", h->own_temporary, 1);
	else if (h->temporary != NULL)
		(void)unsetenv("TMPDIR");
	free(h->scratch);
	free(h->temporary);
	free(h->own_temporary);
	free(h);
}

static int host_probe(const struct rs_place *place, struct rs_err *err)
{
	if (!rs_path_exists(place->folder))
		return rs_err_set(err, RS_ERR_MACHINE, "folder \"%s\" does not exist: make it",
				  place->folder);
	return 0;
}

/*
 * The mounted volume of the plan that benchmark files go to, or NULL.  "/vz" belongs
 * to containers and serves only when the plan has no other.
 */
static const char *host_volume(const struct rs_place *place)
{
	const struct rs_hardware *hw = place->hardware;
	const char *vz = NULL;

	for (size_t g = 0; place->volumes && hw != NULL && g < hw->n_groups; g++)
		for (size_t v = 0; v < hw->groups[g].n_volumes; v++) {
			const char *m = hw->groups[g].volumes[v].mount;

			if (m == NULL || m[0] != '/' || m[1] == '\0' || !rs_is_mount_point(m))
				continue;
			if (strcmp(m, RS_VZ) != 0)
				return m;
			vz = m;
		}
	return vz;
}

static int host_scratch(struct host *h, const struct rs_place *place, struct rs_err *err)
{
	const char *volume = host_volume(place);

	if (volume != NULL)
		h->scratch = rs_asprintf(err, "%s/restudy-%s", volume, place->run_id);
	else
		h->scratch = rs_asprintf(err, "%s/host-scratch", place->folder);
	if (h->scratch == NULL || rs_ledger_claim(h->ledger, h->scratch, err) < 0)
		return -1;
	return rs_path_mkdirs(h->scratch, err);
}

/* A port that nobody listens on: this machine's own web server keeps its port 80, and no
 * root is needed. */
static int host_address(struct host *h, struct rs_err *err)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	RS_AUTO_FD fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		return rs_err_sys(err, RS_ERR_MACHINE, errno, "no free port on 127.0.0.1");
	(void)snprintf(h->address, sizeof(h->address), "127.0.0.1:%d", ntohs(a.sin_port));
	return 0;
}

/* Processes of this system are marked, and their temporary files have one folder, which a server
 * that runs as another user can enter. */
static int host_mark(struct host *h, const struct rs_place *place, struct rs_err *err)
{
	RS_AUTO_STR *mark = rs_asprintf(err, MARK "=%s", place->run_id);
	const char *before = getenv("TMPDIR");

	h->own_temporary = rs_strdup(before, err);
	if (mark == NULL || (before != NULL && h->own_temporary == NULL))
		return -1;
	h->temporary = rs_temp_folder("/tmp", "host", err);
	if (h->temporary == NULL ||
	    rs_ledger_add(h->ledger, RS_TRACE_TREE, h->temporary, err) < 0 ||
	    rs_ledger_add(h->ledger, RS_TRACE_MARKED, mark, err) < 0)
		return -1;
	if (chmod(h->temporary, 0755) != 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot set the mode of \"%s\"", h->temporary);
	if (setenv(MARK, place->run_id, 1) != 0 || setenv("TMPDIR", h->temporary, 1) != 0)
		return rs_err_nomem(err);
	return 0;
}

static int host_fill(struct host *h, const struct rs_place *place, struct rs_err *err)
{
	h->ledger = rs_ledger_open("host", place->run_id, err);
	if (h->ledger == NULL || host_scratch(h, place, err) < 0 || host_mark(h, place, err) < 0)
		return -1;
	h->guest.channel = rs_channel_local(err);
	h->guest.name = "host";
	if (host_address(h, err) < 0)
		return -1;
	h->guest.address = h->address;
	h->guest.scratch = h->scratch;
	return h->guest.channel == NULL ? -1 : 0;
}

static int host_start(const struct rs_system *sys, int n, const struct rs_place *place,
		      const struct rs_sink *notes, void **ret_state, struct rs_err *err)
{
	struct host *h;

	(void)notes;
	if (n > 1)
		return rs_err_set(err, RS_ERR_PLAN, "system \"%s\": the machine itself has no guests, "
				  "but %d are asked for", sys->id, n);
	h = rs_alloc(1, sizeof(*h), err);
	if (h == NULL)
		return -1;
	if (host_fill(h, place, err) < 0) {
		(void)rs_ledger_undo(h->ledger, NULL);
		host_free(h);
		return -1;
	}
	*ret_state = h;
	return 0;
}

static size_t host_guests(void *state, const struct rs_guest **ret)
{
	struct host *h = state;

	*ret = &h->guest;
	return 1;
}

static int host_describe(void *state, const char *folder, struct rs_err *err)
{
	const struct host *h = state;
	RS_AUTO_STR *path = rs_path_join(folder, "host.txt", err);
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (path == NULL || rs_path_mkdirs(folder, err) < 0)
		return -1;
	rs_buf_addf(&text, "guest\thost (the machine itself)\naddress\t%s\nscratch\t%s\n",
		    h->guest.address, h->scratch);
	if (rs_buf_check(&text, err) < 0)
		return -1;
	return rs_path_write(path, text.data, text.len, err);
}

static int host_stop(void *state, struct rs_err *err)
{
	struct host *h = state;
	int rc;

	rc = rs_ledger_undo(h->ledger, err);
	host_free(h);
	return rc;
}

static int host_leftovers(const struct rs_place *place, int remove, struct rs_buf *out,
			  struct rs_err *err)
{
	(void)place;
	return rs_ledger_leftovers("host", remove, out, err);
}

static void host_steps(const struct rs_system *sys, int n, struct rs_buf *out)
{
	(void)sys;
	(void)n;
	(void)out;	/* nothing is started: the machine is there */
}

const struct rs_platform rs_platform_host = {
	.name = "host",
	.title = "the bare machine",
	.probe = host_probe,
	.start = host_start,
	.guests = host_guests,
	.describe = host_describe,
	.stop = host_stop,
	.leftovers = host_leftovers,
	.steps = host_steps,
};
