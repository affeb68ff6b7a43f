/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * OpenVZ containers through vzctl.  The agent lies among the container's files and is run by
 * "vzctl exec2", whose standard input and output carry its stream.
 */
#include "vzctl_priv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"

struct vz_guest {
	char *id;		/* owned */
	char *private_area;	/* owned */
	char *files;		/* owned: where its files are seen before it is started */
	struct rs_net_guest at;
};

struct openvz {
	struct rs_ledger *ledger;	/* owned */
	struct rs_net net;
	struct vz_guest *g;		/* owned */
	struct rs_guest *views;		/* owned, channels too */
	size_t n;
	int upstream, version;
};

static const double GUEST_S = 60, CREATE_S = 600;
static const char AGENT[] = RS_GUEST_PROGRAMS "/restudy-agent";

static int openvz_stop(void *state, struct rs_err *err)
{
	struct openvz *o = state;
	int rc;

	for (size_t i = 0; i < o->n; i++)
		rs_channel_close(o->views[i].channel);
	rc = rs_ledger_undo(o->ledger, err);
	for (size_t i = 0; i < o->n; i++) {
		free(o->g[i].id);
		free(o->g[i].private_area);
		free(o->g[i].files);
	}
	free(o->g);
	free(o->views);
	free(o);
	return rc;
}

static int openvz_probe(const struct rs_place *place, struct rs_err *err)
{
	RS_AUTO_STR *vzctl = rs_path_program("vzctl");
	RS_AUTO_STR *uid = NULL;

	if (geteuid() != 0)
		return rs_err_set(err, RS_ERR_MACHINE, "needs root: run it with sudo");
	if (vzctl == NULL)
		return rs_err_set(err, RS_ERR_MACHINE, "vzctl is missing: install OpenVZ's vzctl, or let "
				  "the plan name a substitute platform");
	if (place->agent == NULL || !rs_path_exists(place->agent))
		return rs_err_set(err, RS_ERR_MACHINE, "restudy-agent is missing: \"%s\"",
				  place->agent != NULL ? place->agent : "");
	if (!rs_vz_is_upstream())
		return 0;
	uid = rs_vz_path("LOCAL_UID", "", "", err);
	if (uid == NULL)
		return -1;
	if (strcmp(uid, "0") != 0)
		return rs_err_set(err, RS_ERR_MACHINE, "this kernel is not OpenVZ's: set LOCAL_UID=0, "
				  "LOCAL_GID=0, VE_LAYOUT=simfs and DISK_QUOTA=no in /etc/vz/vz.conf");
	return 0;
}

static const char *setting(const struct rs_system *sys, const char *key)
{
	for (size_t i = 0; i < sys->n_settings; i++)
		if (strcmp(sys->settings[i].key, key) == 0)
			return sys->settings[i].value;
	return NULL;
}

struct rs_vz_config rs_vz_config_of(const struct rs_system *sys, const char *id,
				     const char *address, int upstream, int version)
{
	return (struct rs_vz_config){
		.id = id, .address = address, .ostemplate = setting(sys, "ostemplate"),
		.sample = setting(sys, "config"), .memory_bytes = sys->guests.memory_bytes,
		.cpus = sys->guests.cpus, .limits = sys->guests.limits,
		.n_limits = sys->guests.n_limits, .upstream = upstream, .version = version,
	};
}

/* Whether the template cache has a template, under any name vzctl accepts. */
static int template_cached(const char *cache, const char *name)
{
	static const char *const ends[] = { ".tar.gz", ".tar.bz2", ".tar.xz", ".tar" };

	for (size_t i = 0; i < RS_COUNT(ends); i++) {
		RS_AUTO_STR *path = rs_asprintf(NULL, "%s/%s%s", cache, name, ends[i]);

		if (path != NULL && rs_path_exists(path))
			return 1;
	}
	return 0;
}

/* A template that is missing is made from the place's root tree, as vzpkgcache would. */
static int make_template(struct openvz *o, const struct rs_system *sys,
			 const struct rs_place *place, struct rs_err *err)
{
	const char *name = setting(sys, "ostemplate");
	RS_AUTO_STR *base = rs_vz_path("TEMPLATE", "/vz/template", "", err);
	RS_AUTO_STR *cache = base != NULL ? rs_path_join(base, "cache", err) : NULL;
	RS_AUTO_STR *path = NULL;
	RS_AUTO_CMD *tar = NULL;

	if (cache == NULL)
		return -1;
	if (name == NULL || place->root == NULL || template_cached(cache, name))
		return 0;
	path = rs_asprintf(err, "%s/%s.tar.gz", cache, name);
	if (path == NULL || rs_ledger_add(o->ledger, RS_TRACE_TREE, path, err) < 0 ||
	    rs_path_mkdirs(cache, err) < 0)
		return -1;
	tar = rs_cmd_new("tar");
	rs_cmd_args(tar, (const char *const[]){ "--create", "--gzip", "--numeric-owner", "--sparse",
						"--one-file-system", "--file", path, "--directory",
						place->root, ".", NULL });
	rs_cmd_timeout(tar, rs_limit_s(place, CREATE_S));
	return rs_cmd_run_ok(tar, err);
}

/* A private area of the layout ploop holds a disk image: its files are seen when it is
 * mounted, and starting it is fine then. */
static int find_files(struct vz_guest *g, double limit_s, struct rs_err *err)
{
	RS_AUTO_STR *image = rs_asprintf(err, "%s/root.hdd", g->private_area);
	RS_AUTO_ARGV mount = rs_vz_simple("mount", g->id, NULL, err);

	if (image == NULL || mount == NULL)
		return -1;
	if (!rs_path_exists(image))
		g->files = rs_strdup(g->private_area, err);
	else if (rs_vz_run(mount, limit_s, NULL, err) == 0)
		g->files = rs_vz_path("VE_ROOT", "/vz/root/$VEID", g->id, err);
	return g->files == NULL ? -1 : 0;
}

/* Our programs, the host table and the scratch folder, among the container's files. */
static int fill_area(const struct openvz *o, const struct vz_guest *g, const struct rs_place *place,
		     struct rs_err *err)
{
	RS_AUTO_STR *programs = rs_asprintf(err, "%s" RS_GUEST_PROGRAMS, g->files);
	RS_AUTO_STR *agent = rs_asprintf(err, "%s%s", g->files, AGENT);
	RS_AUTO_STR *kernels = rs_asprintf(err, "%s" RS_GUEST_PROGRAMS "/restudy-kernels",
					   g->files);
	RS_AUTO_STR *scratch = rs_asprintf(err, "%s" RS_GUEST_SCRATCH, g->files);
	RS_AUTO_BUF hosts = RS_BUF_INIT;

	if (programs == NULL || agent == NULL || kernels == NULL || scratch == NULL)
		return -1;
	rs_guest_hosts(&hosts, g->id, g->at.address, o->net.gateway);
	if (rs_path_mkdirs(programs, err) < 0 || rs_path_mkdirs(scratch, err) < 0 ||
	    rs_path_copy(place->agent, agent, err) < 0 || rs_buf_check(&hosts, err) < 0 ||
	    rs_guest_put(g->files, "/etc/hosts", rs_buf_str(&hosts), 0644, err) < 0 ||
	    rs_guest_put(g->files, "/etc/resolv.conf", "", 0644, err) < 0)
		return -1;
	return place->kernels == NULL ? 0 : rs_path_copy(place->kernels, kernels, err);
}

static int name_guest(struct openvz *o, const struct rs_system *sys, size_t i, struct rs_err *err)
{
	struct vz_guest *g = &o->g[i];
	struct rs_vz_state st = { 0, 0, 0 };
	int64_t id;

	g->id = rs_guest_name(sys, (int)i, err);
	if (g->id == NULL || rs_net_guest(&sys->guests, &o->net, (int)i, &g->at, err) < 0)
		return -1;
	if (rs_parse_i64(g->id, 101, 2147483644, &id, NULL) < 0)
		return rs_err_set(err, RS_ERR_PLAN, "guest name \"%s\": OpenVZ containers have numbers "
				  "above 100", g->id);
	g->private_area = rs_vz_path("VE_PRIVATE", "/vz/private/$VEID", g->id, err);
	if (g->private_area == NULL || rs_vz_state(g->id, &st, err) < 0)
		return -1;
	if (st.exists || rs_path_exists(g->private_area))
		return rs_err_set(err, RS_ERR_FAILED, "container %s exists and is not ours: destroy it or "
				  "give the plan another number", g->id);
	return 0;
}

static int wait_running(const char *id, double limit_s, struct rs_err *err)
{
	int64_t end_ns = rs_clock_ns() + (int64_t)(limit_s * 1e9);
	struct rs_vz_state st = { 0, 0, 0 };

	for (;;) {
		if (rs_stop_check(err) < 0 || rs_vz_state(id, &st, err) < 0)
			return -1;
		if (st.running)
			return 0;
		if (rs_clock_ns() > end_ns)
			return rs_err_set(err, RS_ERR_TIMEOUT, "container %s does not run within %.0f s", id,
					  limit_s);
		rs_clock_sleep(0.1);
	}
}

static struct rs_channel *open_channel(const char *id, double limit_s, struct rs_err *err)
{
	/* --quiet: what vzctl itself says would be taken for the agent's stream. */
	const char *const argv[] = { "vzctl", "--quiet", "exec2", id, AGENT, "--stdio", NULL };

	return rs_channel_program(argv, limit_s, err);
}

static int start_guest(struct openvz *o, const struct rs_system *sys, const struct rs_place *place,
		       size_t i, struct rs_err *err)
{
	struct vz_guest *g = &o->g[i];
	struct rs_guest *view = &o->views[i];
	const struct rs_vz_config c = rs_vz_config_of(sys, g->id, g->at.address, o->upstream, o->version);
	RS_AUTO_ARGV create = rs_vz_create(&c, err);
	RS_AUTO_ARGV set = rs_vz_set(&c, err);
	RS_AUTO_ARGV start = rs_vz_simple("start", g->id, NULL, err);
	double limit_s = rs_limit_s(place, GUEST_S);
	int64_t begin_ns = rs_clock_ns();

	if (create == NULL || set == NULL || start == NULL || rs_stop_check(err) < 0 ||
	    rs_ledger_add(o->ledger, RS_TRACE_CONTAINER, g->id, err) < 0)
		return -1;
	if (rs_vz_run(create, rs_limit_s(place, CREATE_S), NULL, err) < 0 ||
	    rs_vz_run(set, limit_s, NULL, err) < 0 || find_files(g, limit_s, err) < 0 ||
	    fill_area(o, g, place, err) < 0 ||
	    rs_vz_run(start, limit_s, NULL, err) < 0 || wait_running(g->id, limit_s, err) < 0)
		return -1;
	view->channel = open_channel(g->id, limit_s, err);
	if (view->channel == NULL)
		return rs_err_wrap(err, "container %s does not answer", g->id);
	view->name = g->id;
	view->address = g->at.address;
	view->scratch = RS_GUEST_SCRATCH;
	view->answered_ns = rs_clock_ns();
	view->ready_s = (double)(view->answered_ns - begin_ns) / 1e9;
	return 0;
}

static int openvz_bring_up(struct openvz *o, const struct rs_system *sys,
			   const struct rs_place *place, struct rs_err *err)
{
	o->upstream = rs_vz_is_upstream();
	o->version = rs_vz_version();
	o->ledger = rs_ledger_open("openvz", place->run_id, err);
	if (o->ledger == NULL || rs_net_of(&sys->guests, &o->net, err) < 0)
		return -1;
	for (size_t i = 0; i < o->n; i++)
		if (name_guest(o, sys, i, err) < 0)
			return -1;
	if (make_template(o, sys, place, err) < 0)
		return -1;
	for (size_t i = 0; i < o->n; i++)
		if (start_guest(o, sys, place, i, err) < 0)
			return -1;
	return 0;
}

static int openvz_start(const struct rs_system *sys, int n, const struct rs_place *place,
			const struct rs_sink *notes, void **ret_state, struct rs_err *err)
{
	struct openvz *o;

	(void)notes;
	if (n < 1)
		return rs_err_set(err, RS_ERR_PLAN, "system \"%s\": %d guests are asked for", sys->id, n);
	if (openvz_probe(place, err) < 0)
		return -1;
	o = rs_alloc(1, sizeof(*o), err);
	if (o == NULL)
		return -1;
	o->g = rs_alloc((size_t)n, sizeof(*o->g), err);
	o->views = rs_alloc((size_t)n, sizeof(*o->views), err);
	if (o->g != NULL && o->views != NULL)
		o->n = (size_t)n;
	if (o->n == 0 || openvz_bring_up(o, sys, place, err) < 0) {
		(void)openvz_stop(o, NULL);
		return -1;
	}
	*ret_state = o;
	return 0;
}

static size_t openvz_guests(void *state, const struct rs_guest **ret)
{
	struct openvz *o = state;

	*ret = o->views;
	return o->n;
}

static int openvz_describe(void *state, const char *folder, struct rs_err *err)
{
	const struct openvz *o = state;
	RS_AUTO_STR *path = rs_path_join(folder, "guests.txt", err);
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (path == NULL || rs_path_mkdirs(folder, err) < 0)
		return -1;
	for (size_t i = 0; i < o->n; i++) {
		RS_AUTO_STR *from = rs_asprintf(err, "%s/%s.conf", rs_vz_config_folder(), o->g[i].id);
		RS_AUTO_STR *to = rs_asprintf(err, "%s/%s.conf", folder, o->g[i].id);

		if (from == NULL || to == NULL || rs_path_copy(from, to, err) < 0)
			return -1;
		rs_buf_addf(&text, "guest\t%s\t%s\t%s\tready after %.3f s\n", o->g[i].id,
			    o->g[i].at.address, o->g[i].private_area, o->views[i].ready_s);
	}
	if (rs_buf_check(&text, err) < 0)
		return -1;
	return rs_path_write(path, rs_buf_str(&text), text.len, err);
}

static int openvz_leftovers(const struct rs_place *place, int remove, struct rs_buf *out,
			    struct rs_err *err)
{
	(void)place;
	return rs_ledger_leftovers("openvz", remove, out, err);
}

static void step(struct rs_buf *out, char **argv)
{
	RS_AUTO_ARGV v = argv;

	if (v == NULL)
		out->failed = 1;
	else
		rs_step_line(out, (const char *const *)v);
}

static void openvz_steps(const struct rs_system *sys, int n, struct rs_buf *out)
{
	struct rs_net net;

	if (rs_net_of(&sys->guests, &net, NULL) < 0)
		return;
	for (int i = 0; i < n; i++) {
		RS_AUTO_STR *id = rs_guest_name(sys, i, NULL);
		struct rs_net_guest at = { "", "" };
		struct rs_vz_config c;

		if (id == NULL || rs_net_guest(&sys->guests, &net, i, &at, NULL) < 0)
			continue;
		c = rs_vz_config_of(sys, id, at.address, 0, 4);
		step(out, rs_vz_create(&c, NULL));
		step(out, rs_vz_set(&c, NULL));
		step(out, rs_vz_simple("start", id, NULL, NULL));
	}
}

const struct rs_platform rs_platform_openvz = {
	.name = "openvz",
	.title = "OpenVZ containers (vzctl)",
	.probe = openvz_probe,
	.start = openvz_start,
	.guests = openvz_guests,
	.describe = openvz_describe,
	.stop = openvz_stop,
	.leftovers = openvz_leftovers,
	.steps = openvz_steps,
};
