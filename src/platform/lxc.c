/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Containers through libvirt's LXC driver, under a libvirtd of our own.  Each guest
 * has its own root (an overlay over the place's tree), network and process
 * namespace, memory limit and processor quota, and our agent as its first process,
 * reached through a unix socket in a folder both sides see.
 */
#include "lxc_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"
#include "virt_priv.h"

struct container {
	char *name, *domain;		/* owned */
	char *area;			/* owned: folder of its writable layer */
	char *upper, *work, *root, *run, *sock;	/* owned paths */
	struct rs_net_guest at;
	virDomainPtr dom;		/* owned */
	double root_s;			/* what making its root took */
};

struct lxc {
	struct rs_ledger *ledger;	/* owned */
	struct rs_daemon *daemon;	/* owned */
	char *folder;			/* owned: all our files */
	char *sockets;			/* owned: folder of all sockets */
	struct rs_net net;
	struct container *c;		/* owned */
	struct rs_guest *views;		/* owned, channels too */
	size_t n;
	int fell;			/* a guest ended, or libvirtd, before the guest answered */
};

/* There only where control groups are of version 2 alone. */
static const char CGROUP2_FILE[] = "/sys/fs/cgroup/cgroup.controllers";

/* Until libvirtd answers, and until a guest does, on an idle machine with a margin. */
static const double DAEMON_S = 60, GUEST_S = 60;

static void lxc_close(struct lxc *l)
{
	for (size_t i = 0; i < l->n; i++) {
		rs_channel_close(l->views[i].channel);
		l->views[i].channel = NULL;
		rs_virt_domain_freep(&l->c[i].dom);
	}
	rs_daemon_free(l->daemon);
	l->daemon = NULL;
}

static void lxc_free(struct lxc *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct container *c = &l->c[i];

		free(c->name);
		free(c->domain);
		free(c->area);
		free(c->upper);
		free(c->work);
		free(c->root);
		free(c->run);
		free(c->sock);
	}
	free(l->c);
	free(l->views);
	free(l->folder);
	free(l->sockets);
	free(l);
}

static int lxc_stop(void *state, struct rs_err *err)
{
	struct lxc *l = state;
	int rc;

	lxc_close(l);
	rc = rs_ledger_undo(l->ledger, err);
	lxc_free(l);
	return rc;
}

/* Whether the kernel has file system fs, its module loaded when it is one. */
static int has_filesystem(const char *fs)
{
	RS_AUTO_STR *word = rs_asprintf(NULL, "\t%s\n", fs);

	for (int tries = 0; word != NULL && tries < 2; tries++) {
		RS_AUTO_BUF known = RS_BUF_INIT;
		RS_AUTO_CMD *modprobe = rs_cmd_new("modprobe");
		struct rs_cmd_result r = { 0 };

		if (rs_path_read("/proc/filesystems", 1 << 16, &known, NULL) == 0 &&
		    strstr(rs_buf_str(&known), word) != NULL)
			return 1;
		rs_cmd_arg(modprobe, fs);
		if (tries == 0 && rs_cmd_run(modprobe, &r, NULL) < 0)
			return 0;
	}
	return 0;
}

static int probe_cgroups(struct rs_err *err)
{
	static const char *const one[] = { "cpu", "cpuacct", "devices", "memory" };
	RS_AUTO_BUF two = RS_BUF_INIT;

	if (rs_path_read(CGROUP2_FILE, 4096, &two, NULL) == 0) {
		if (strstr(rs_buf_str(&two), "memory") == NULL || strstr(rs_buf_str(&two), "cpu") == NULL)
			return rs_err_set(err, RS_ERR_MACHINE, "no memory or cpu control groups: boot without "
					  "cgroup_disable");
		return 0;
	}
	for (size_t i = 0; i < RS_COUNT(one); i++) {
		RS_AUTO_STR *path = rs_asprintf(err, "/sys/fs/cgroup/%s", one[i]);

		if (path == NULL)
			return -1;
		if (!rs_is_mount_point(path) && !rs_path_exists(path))
			return rs_err_set(err, RS_ERR_MACHINE, "no control group \"%s\": "
					  "mount -t cgroup2 none /sys/fs/cgroup", one[i]);
	}
	return 0;
}

static int probe_files(const struct rs_place *place, struct rs_err *err)
{
	const char *const files[] = { place->folder, place->root, place->agent, place->kernels };
	static const char *const what[] = { "the place's folder", "the root tree", "restudy-agent",
					    "restudy-kernels" };

	for (size_t i = 0; i < RS_COUNT(files); i++)
		if (files[i] == NULL || files[i][0] != '/' || !rs_path_exists(files[i]))
			return rs_err_set(err, RS_ERR_MACHINE, "%s is missing: \"%s\"", what[i],
					  files[i] != NULL ? files[i] : "");
	return 0;
}

static int lxc_probe(const struct rs_place *place, struct rs_err *err)
{
	RS_AUTO_STR *ip = rs_path_program("ip");

	if (rs_daemon_probe("lxc", "libvirt-daemon-driver-lxc", err) < 0)
		return -1;
	if (ip == NULL)
		return rs_err_set(err, RS_ERR_MACHINE, "ip is missing: apt-get install iproute2");
	if (!has_filesystem("overlay"))
		return rs_err_set(err, RS_ERR_MACHINE, "this kernel has no overlay file system: boot one "
				  "that has CONFIG_OVERLAY_FS");
	if (!has_filesystem("fuse") || !rs_path_exists("/dev/fuse"))
		return rs_err_set(err, RS_ERR_MACHINE, "no /dev/fuse: modprobe fuse");
	if (probe_cgroups(err) < 0)
		return -1;
	/* "restudy doctor" asks before anything is built */
	return place->root == NULL ? 0 : probe_files(place, err);
}

/* Where guest i's writable layer goes: as OpenVZ has it when that volume is there. */
static char *area_of(const struct lxc *l, const struct rs_place *place, const char *name, size_t i,
		     struct rs_err *err)
{
	if (place->volumes && rs_is_mount_point(RS_VZ))
		return rs_asprintf(err, RS_VZ "/private/%s", name);
	return rs_asprintf(err, "%s/area%zu", l->folder, i + 1);
}

static int name_guest(struct lxc *l, const struct rs_system *sys, const struct rs_place *place,
		      size_t i, struct rs_err *err)
{
	struct container *c = &l->c[i];

	c->name = rs_guest_name(sys, (int)i, err);
	if (c->name == NULL || rs_net_guest(&sys->guests, &l->net, (int)i, &c->at, err) < 0)
		return -1;
	/* The first letters make it unique on this machine: libvirt cuts the names of
	 * control groups after 20. */
	c->domain = rs_asprintf(err, "r%lx%zx-%.8s", (unsigned long)getpid(),
				(size_t)(rs_clock_ns() / 1000000 & 0xff) << 8 | (i & 0xff), c->name);
	c->area = area_of(l, place, c->name, i, err);
	c->root = rs_asprintf(err, "%s/root%zu", l->folder, i + 1);
	c->run = rs_asprintf(err, "%s/run%zu", l->sockets, i + 1);
	if (c->domain == NULL || c->area == NULL || c->root == NULL || c->run == NULL)
		return -1;
	c->upper = rs_path_join(c->area, "upper", err);
	c->work = rs_path_join(c->area, "work", err);
	c->sock = rs_path_join(c->run, "agent.sock", err);
	return c->upper == NULL || c->work == NULL || c->sock == NULL ? -1 : 0;
}

/* Makes the folders of guest i and adds its overlay to the namespace's mounts. */
static int make_root(struct lxc *l, const struct rs_place *place, size_t i, struct rs_mounts *ms,
		     struct rs_err *err)
{
	struct container *c = &l->c[i];
	int64_t begin_ns = rs_clock_ns();
	RS_AUTO_STR *options = NULL;

	if (rs_ledger_claim(l->ledger, c->area, err) < 0 ||
	    rs_path_mkdirs(c->upper, err) < 0 || rs_path_mkdirs(c->work, err) < 0 ||
	    rs_path_mkdirs(c->root, err) < 0 || rs_path_mkdirs(c->run, err) < 0)
		return -1;
	if (chmod(c->upper, 0755) < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot set the mode of \"%s\"", c->upper);
	if (rs_lxc_fill_upper(place->root, c->upper, c->name, c->at.address, l->net.gateway, err) < 0)
		return -1;
	if (strpbrk(place->root, ":,\\") != NULL || strpbrk(c->area, ":,\\") != NULL)
		return rs_err_set(err, RS_ERR_USAGE, "\"%s\" or \"%s\" has a character overlays cannot take",
				  place->root, c->area);
	options = rs_asprintf(err, "lowerdir=%s,upperdir=%s,workdir=%s", place->root, c->upper, c->work);
	if (options == NULL || rs_ledger_add(l->ledger, RS_TRACE_CGROUP, c->domain, err) < 0)
		return -1;
	c->root_s = (double)(rs_clock_ns() - begin_ns) / 1e9;
	return rs_mounts_add(ms, "overlay", c->root, "overlay", options, err);
}

int rs_lxc_shares(const char *units, int version)
{
	enum { UNITS_DEFAULT = 1000 };	/* vz.conf */
	static const struct {
		int64_t own, least, most;
	} weight[] = { [1] = { 1024, 2, 262144 }, [2] = { 100, 1, 10000 } };
	int64_t n, shares;

	if (rs_parse_i64(units, 8, 500000, &n, NULL) < 0)
		return -1;
	shares = n * weight[version].own / UNITS_DEFAULT;
	if (shares < weight[version].least || shares > weight[version].most)
		return -1;
	return n == UNITS_DEFAULT ? 0 : (int)shares;
}

/* CPUUNITS as a weight; what the plan's limits say beyond that is named in one note. */
static int take_limits(const struct rs_guests *g, const struct rs_sink *notes, int *ret_shares,
		       struct rs_err *err)
{
	const int version = rs_path_exists(CGROUP2_FILE) ? 2 : 1;
	RS_AUTO_BUF others = RS_BUF_INIT;

	*ret_shares = 0;
	for (size_t i = 0; i < g->n_limits; i++) {
		const int shares = strcasecmp(g->limits[i].key, "cpuunits") == 0 ?
				   rs_lxc_shares(g->limits[i].value, version) : -1;

		if (shares >= 0)
			*ret_shares = shares;
		else
			rs_buf_addf(&others, " %s", g->limits[i].key);
	}
	if (others.len == 0)
		return rs_buf_check(&others, err);
	return rs_platform_note(notes, err, "limits of the plan that libvirt's containers do not have "
				"and that were not applied:%s", rs_buf_str(&others));
}

/* The last line the container's controller wrote, to say why a guest did not come up. */
static void guest_log(const struct lxc *l, const struct container *c, char *buf, size_t size)
{
	RS_AUTO_STR *path = rs_asprintf(NULL, "%s/virt/log/lxc/%s.log", l->folder, c->domain);

	rs_path_last_line(path, buf, size);
}

/*
 * Waits for the agent of guest c; gives up at once when the guest has ended.  NULL with err.
 */
static struct rs_channel *await_guest(struct lxc *l, const struct container *c, double limit_s,
				      struct rs_err *err)
{
	int64_t end_ns = rs_clock_ns() + (int64_t)(limit_s * 1e9);
	char line[300], daemon[60];

	for (;;) {
		struct rs_err last = RS_ERR_INIT;
		struct rs_channel *ch = rs_channel_unix(c->sock, 0.5, &last);

		if (ch != NULL)
			return ch;
		if (rs_stop_check(err) < 0)
			return NULL;
		l->fell = virDomainIsActive(c->dom) != 1;
		if (!l->fell && rs_clock_ns() < end_ns)
			continue;
		guest_log(l, c, line, sizeof(line));
		(void)rs_err_set(err, last.kind, "guest \"%s\" %s (%s%s%s): %s", c->name,
				 l->fell ? "ended while it started" : "does not answer",
				 rs_daemon_end(l->daemon, daemon, sizeof(daemon)), daemon[0] != '\0' ? "; " : "",
				 line, last.text);
		return NULL;
	}
}

static int start_guest(struct lxc *l, const struct rs_system *sys, const struct rs_place *place,
		       int shares, size_t i, struct rs_err *err)
{
	struct container *c = &l->c[i];
	struct rs_guest *view = &l->views[i];
	int64_t begin_ns = rs_clock_ns();
	RS_AUTO_BUF xml = RS_BUF_INIT;
	const struct rs_lxc_config config = {
		.domain = c->domain, .name = c->name, .owner = rs_ledger_owner(l->ledger),
		.memory_bytes = sys->guests.memory_bytes,
		.machine_bytes = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE),
		.cpus = sys->guests.cpus, .shares = shares, .root = c->root, .run = c->run,
		.agent = place->agent, .kernels = place->kernels, .net = &l->net, .at = &c->at,
	};

	rs_lxc_xml(&config, &xml);
	if (rs_stop_check(err) < 0 || rs_buf_check(&xml, err) < 0)
		return -1;
	c->dom = virDomainCreateXML(rs_daemon_connection(l->daemon), rs_buf_str(&xml),
				    VIR_DOMAIN_START_AUTODESTROY);
	if (c->dom == NULL)
		return rs_virt_fail(err, "guest \"%s\" does not start", c->name);
	view->channel = await_guest(l, c, rs_limit_s(place, GUEST_S), err);
	if (view->channel == NULL)
		return -1;
	view->name = c->name;
	view->address = c->at.address;
	view->scratch = RS_GUEST_SCRATCH;
	view->answered_ns = rs_clock_ns();
	view->ready_s = c->root_s + (double)(rs_clock_ns() - begin_ns) / 1e9;
	return 0;
}

static int lxc_folder(struct lxc *l, const struct rs_place *place, struct rs_err *err)
{
	l->folder = rs_asprintf(err, "%s/lxc-%llx", place->folder,
				(unsigned long long)rs_clock_ns() / 1000000 & 0xffffff);
	if (l->folder == NULL || rs_ledger_add(l->ledger, RS_TRACE_TREE, l->folder, err) < 0)
		return -1;
	l->sockets = rs_ledger_sockets(l->ledger, err);
	return l->sockets == NULL ? -1 : rs_path_mkdirs(l->folder, err);
}

static int lxc_bring_up(struct lxc *l, const struct rs_system *sys, const struct rs_place *place,
			const struct rs_sink *notes, struct rs_err *err)
{
	__attribute__((cleanup(rs_mounts_release))) struct rs_mounts ms = { NULL, 0 };
	RS_AUTO_STR *virt = NULL;
	struct rs_daemon_wish wish = { .driver = "lxc", .uri = "lxc:///system",
				       .config = "security_driver = \"none\"\n",
				       .timeout_s = rs_limit_s(place, DAEMON_S) };
	int foreign = 0, shares = 0;

	l->ledger = rs_ledger_open("lxc", place->run_id, err);
	if (l->ledger == NULL || lxc_folder(l, place, err) < 0 ||
	    take_limits(&sys->guests, notes, &shares, err) < 0)
		return -1;
	for (size_t i = 0; i < l->n; i++)
		if (name_guest(l, sys, place, i, err) < 0 || make_root(l, place, i, &ms, err) < 0)
			return -1;
	if (rs_bridge_make(&l->net, l->ledger, &foreign, err) < 0)
		return -1;
	if (foreign && rs_platform_note(notes, err, "bridge \"%s\" was there before the run and is used "
					"as it is", l->net.bridge) < 0)
		return -1;
	virt = rs_path_join(l->folder, "virt", err);
	if (virt == NULL)
		return -1;
	wish.folder = virt;
	wish.sockets = l->sockets;
	l->daemon = rs_daemon_start(&wish, &ms, l->ledger, err);
	if (l->daemon == NULL)
		return -1;
	for (size_t i = 0; i < l->n; i++)
		if (start_guest(l, sys, place, shares, i, err) < 0)
			return -1;
	return 0;
}

/* *ret_fell: whether what started ended by itself. */
static int start_all(const struct rs_system *sys, int n, const struct rs_place *place,
		     const struct rs_sink *notes, void **ret_state, int *ret_fell, struct rs_err *err)
{
	struct lxc *l = rs_alloc(1, sizeof(*l), err);

	if (l == NULL)
		return -1;
	l->c = rs_alloc((size_t)n, sizeof(*l->c), err);
	l->views = rs_alloc((size_t)n, sizeof(*l->views), err);
	if (l->c != NULL && l->views != NULL)
		l->n = (size_t)n;
	if (l->n == 0 || rs_net_of(&sys->guests, &l->net, err) < 0 ||
	    lxc_bring_up(l, sys, place, notes, err) < 0) {
		*ret_fell = l->fell;
		(void)lxc_stop(l, NULL);
		return -1;
	}
	*ret_state = l;
	return 0;
}

/* A container of libvirt is seen, rarely, to end before its first answer; the same one then starts. */
static int lxc_start(const struct rs_system *sys, int n, const struct rs_place *place,
		     const struct rs_sink *notes, void **ret_state, struct rs_err *err)
{
	struct rs_err why = RS_ERR_INIT;
	int fell = 0;

	if (n < 1)
		return rs_err_set(err, RS_ERR_PLAN, "system \"%s\": %d guests are asked for", sys->id, n);
	if (lxc_probe(place, err) < 0)
		return -1;
	if (start_all(sys, n, place, notes, ret_state, &fell, &why) == 0)
		return 0;
	if (!fell || rs_stop_requested())
		return rs_err_set(err, why.kind, "%s", why.text);
	if (rs_platform_note(notes, err, "the guests were started a second time: %s", why.text) < 0)
		return -1;
	return start_all(sys, n, place, notes, ret_state, &fell, err);
}

static int lxc_runs(void *state, size_t i)
{
	const struct lxc *l = state;

	return rs_virt_runs(l->c[i].dom);
}

static size_t lxc_guests(void *state, const struct rs_guest **ret)
{
	struct lxc *l = state;

	*ret = l->views;
	return l->n;
}

/* The overlays of the namespace, from its mountinfo. */
static int describe_mounts(const struct lxc *l, struct rs_buf *out, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_asprintf(err, "/proc/%ld/mountinfo", (long)rs_daemon_pid(l->daemon));
	RS_AUTO_BUF info = RS_BUF_INIT;

	if (path == NULL || rs_path_read(path, 1 << 22, &info, err) < 0)
		return -1;
	for (const char *p = rs_buf_str(&info), *nl; (nl = strchr(p, '\n')) != NULL; p = nl + 1) {
		const char *at = strstr(p, l->folder);

		if (at != NULL && at < nl)
			rs_buf_add(out, p, (size_t)(nl - p) + 1);
	}
	return 0;
}

static int describe_file(const char *folder, const char *name, const struct rs_buf *text,
			 struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(folder, name, err);

	if (path == NULL || rs_buf_check(text, err) < 0)
		return -1;
	return rs_path_write(path, rs_buf_str(text), text->len, err);
}

static int lxc_describe(void *state, const char *folder, struct rs_err *err)
{
	const struct lxc *l = state;
	RS_AUTO_BUF guests = RS_BUF_INIT;
	RS_AUTO_BUF mounts = RS_BUF_INIT;

	if (rs_path_mkdirs(folder, err) < 0)
		return -1;
	rs_buf_addf(&guests, "bridge\t%s\t%s/%d\n", l->net.bridge, l->net.gateway, l->net.prefix);
	for (size_t i = 0; i < l->n; i++) {
		const struct container *c = &l->c[i];
		RS_AUTO_STR *path = rs_asprintf(err, "%s/%s.xml", folder, c->name);

		if (path == NULL || rs_virt_describe(c->dom, path, err) < 0)
			return -1;
		rs_buf_addf(&guests, "guest\t%s\t%s\t%s\tready after %.3f s\n", c->name, c->at.address,
			    c->at.mac, l->views[i].ready_s);
	}
	if (describe_mounts(l, &mounts, err) < 0 ||
	    describe_file(folder, "guests.txt", &guests, err) < 0)
		return -1;
	return describe_file(folder, "mounts.txt", &mounts, err);
}

static int lxc_leftovers(const struct rs_place *place, int remove, struct rs_buf *out,
			 struct rs_err *err)
{
	(void)place;
	return rs_ledger_leftovers("lxc", remove, out, err);
}

static void lxc_steps(const struct rs_system *sys, int n, struct rs_buf *out)
{
	struct rs_net net;

	if (rs_net_of(&sys->guests, &net, NULL) < 0)
		return;
	rs_bridge_steps(&net, out);
	rs_daemon_steps("FOLDER/lxc/virt", out);
	for (int i = 0; i < n; i++) {
		RS_AUTO_STR *name = rs_guest_name(sys, i, NULL);

		if (name == NULL)
			continue;
		rs_buf_addf(out, "mount -t overlay -o lowerdir=ROOT,upperdir=FOLDER/lxc/area%d/upper,"
			    "workdir=FOLDER/lxc/area%d/work overlay FOLDER/lxc/root%d\n",
			    i + 1, i + 1, i + 1);
		rs_buf_addf(out, "virsh -c lxc:///system create %s.xml\n", name);
	}
}

const struct rs_platform rs_platform_lxc = {
	.name = "lxc",
	.title = "containers of libvirt (LXC)",
	.probe = lxc_probe,
	.start = lxc_start,
	.guests = lxc_guests,
	.runs = lxc_runs,
	.describe = lxc_describe,
	.stop = lxc_stop,
	.leftovers = lxc_leftovers,
	.steps = lxc_steps,
};
