/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Xen guests on logical volumes, from domain 0: paravirtual ones (PV), and those that need a
 * processor that virtualises (PVH).  They are started through libvirt's libxl driver: the
 * machine's libvirtd where one runs, else one of our own; where neither can be had, or where
 * the plan sets "toolstack" to "xl", by xl.
 */
#include "xen_priv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"
#include "restudy/testbed.h"
#include "restudy/testbed/storage.h"
#include "virt_priv.h"

struct xen_guest {
	char *name;		/* owned */
	struct rs_net_guest at;
	struct rs_xen_config config;	/* owns its disks' devices */
	virDomainPtr dom;	/* owned; NULL under xl */
	int64_t started_ns;
	char *console;		/* owned: what xenconsoled keeps of it, when told to */
	off_t console_bytes;	/* of an earlier guest of that name */
	char fallback[400];	/* why xl started it and not libvirt; "" when it was not needed */
};

struct xen {
	enum rs_xen_type type;
	struct rs_ledger *ledger;	/* owned */
	struct rs_daemon *daemon;	/* owned, or NULL */
	virConnectPtr system;		/* owned connection to the machine's libvirtd, or NULL */
	virConnectPtr conn;		/* one of the two; NULL: xl */
	char *folder;			/* owned */
	struct rs_net net;
	struct xen_guest *g;		/* owned */
	struct rs_guest *views;		/* owned, channels too */
	size_t n;
	double disks_s;			/* what making all guests' disks took */
};

/* On an idle machine, with a margin; emulated ones get five times as long. */
static const double DAEMON_S = 60, CREATE_S = 90, GUEST_S = 90;

static const char *const platform_name[] = {
	[RS_XEN_PV] = "xen", [RS_XEN_PVH] = "xen-pvh",
};
_Static_assert(RS_COUNT(platform_name) == RS_XEN_LAST, "name the platform of every type");

/* Where Debian's xenconsoled keeps consoles under XENCONSOLED_ARGS=--log=guest. */
#define CONSOLES "/var/log/xen/console"

static const char SYSTEM_SOCKET[] = "/run/libvirt/libvirt-sock";

static void guest_release(struct xen_guest *g)
{
	rs_virt_domain_freep(&g->dom);
	for (size_t d = 0; d < g->config.n_disks; d++)
		free(g->config.disks[d].device);
	free(g->console);
	free(g->name);
}

static int xen_stop(void *state, struct rs_err *err)
{
	struct xen *x = state;
	int rc;

	for (size_t i = 0; i < x->n; i++) {
		rs_channel_close(x->views[i].channel);
		if (x->g[i].dom != NULL)	/* the ledger does it again where this fails */
			(void)virDomainDestroy(x->g[i].dom);
		rs_virt_domain_freep(&x->g[i].dom);
	}
	rs_daemon_free(x->daemon);
	if (x->system != NULL)
		(void)virConnectClose(x->system);
	rc = rs_ledger_undo(x->ledger, err);
	for (size_t i = 0; i < x->n; i++)
		guest_release(&x->g[i]);
	free(x->g);
	free(x->views);
	free(x->folder);
	free(x);
	return rc;
}

/* Whether the hypervisor can have guests of a type. */
static int check_offer(enum rs_xen_type type, struct rs_err *err)
{
	RS_AUTO_CMD *xl = rs_cmd_new("xl");
	RS_AUTO_BUF info = RS_BUF_INIT;
	const char *caps;

	rs_cmd_arg(xl, "info");
	rs_cmd_stdout_buf(xl, &info);
	rs_cmd_timeout(xl, CREATE_S);
	if (rs_cmd_run_ok(xl, err) < 0 || rs_buf_check(&info, err) < 0)
		return -1;
	caps = strstr(rs_buf_str(&info), "virt_caps");
	/* A Xen before 4.12 does not tell: libxl will. */
	if (caps != NULL && rs_xen_offers(type, caps + strcspn(caps, ":") + 1, err) < 0)
		return -1;
	return 0;
}

static int probe(enum rs_xen_type type, struct rs_err *err)
{
	RS_AUTO_STR *xl = rs_path_program("xl");

	if (geteuid() != 0)
		return rs_err_set(err, RS_ERR_MACHINE, "needs root: run it with sudo");
	if (!rs_testbed_is_dom0(""))
		return rs_err_set(err, RS_ERR_MACHINE, "this machine is not domain 0 of Xen: boot it with the "
				  "hypervisor (and mount -t xenfs xenfs /proc/xen), or use the virtual testbed");
	if (xl == NULL)
		return rs_err_set(err, RS_ERR_MACHINE, "xl is missing: apt-get install xen-utils");
	return check_offer(type, err);
}

static int check_place(const struct rs_place *place, struct rs_err *err)
{
	if (place->kernel == NULL || !rs_path_exists(place->kernel))
		return rs_err_set(err, RS_ERR_MACHINE, "no kernel for Xen guests: \"%s\"",
				  place->kernel != NULL ? place->kernel : "");
	if (place->root == NULL || place->agent == NULL || !rs_path_exists(place->agent))
		return rs_err_set(err, RS_ERR_MACHINE, "no root tree or no restudy-agent for Xen guests");
	return 0;
}

static const char *toolstack(const struct rs_system *sys)
{
	for (size_t i = 0; i < sys->n_settings; i++)
		if (strcmp(sys->settings[i].key, "toolstack") == 0)
			return sys->settings[i].value;
	return "libvirt";
}

static int name_guest(struct xen *x, const struct rs_system *sys, const struct rs_place *place,
		      size_t i, struct rs_err *err)
{
	const struct rs_guests *plan = &sys->guests;
	struct xen_guest *g = &x->g[i];

	g->name = rs_guest_name(sys, (int)i, err);
	if (g->name == NULL || rs_net_guest(plan, &x->net, (int)i, &g->at, err) < 0)
		return -1;
	g->console = rs_asprintf(err, CONSOLES "/guest-%s.log", g->name);
	if (g->console == NULL)
		return -1;
	g->config.type = x->type;
	g->config.name = g->name;
	g->config.owner = rs_ledger_owner(x->ledger);
	g->config.memory_bytes = rs_guest_memory(plan);
	g->config.cpus = plan->cpus;
	g->config.kernel = place->kernel;
	g->config.initrd = place->initrd;
	g->config.net = &x->net;
	g->config.at = &g->at;
	return 0;
}

static int make_guests(struct xen *x, const struct rs_system *sys, const struct rs_place *place,
		       struct rs_err *err)
{
	struct rs_xen_config **c = rs_alloc(x->n, sizeof(*c), err);
	int64_t begin_ns = rs_clock_ns();
	int rc = c != NULL ? 0 : -1;

	for (size_t i = 0; rc == 0 && i < x->n; i++) {
		rc = name_guest(x, sys, place, i, err);
		c[i] = &x->g[i].config;
	}
	if (rc == 0)
		rc = rs_xen_disks(&sys->guests, c, x->n, place, x->folder, x->ledger, err);
	free(c);
	x->disks_s = (double)(rs_clock_ns() - begin_ns) / 1e9;
	return rc;
}

/* Whether Xen has a domain of that name. */
static int domain_exists(const char *name, int *ret, struct rs_err *err)
{
	RS_AUTO_CMD *xl = rs_cmd_new("xl");
	struct rs_cmd_result r = { 0 };

	rs_cmd_args(xl, (const char *const[]){ "domid", name, NULL });
	rs_cmd_timeout(xl, CREATE_S);
	if (rs_cmd_run(xl, &r, err) < 0)
		return -1;
	*ret = r.status == 0;
	return 0;
}

static int create_by_xl(const struct xen *x, const struct xen_guest *g,
			const struct rs_place *place, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_asprintf(err, "%s/%s.cfg", x->folder, g->name);
	RS_AUTO_BUF text = RS_BUF_INIT;
	RS_AUTO_CMD *xl = rs_cmd_new("xl");

	rs_xen_xl(&g->config, &text);
	if (path == NULL || rs_buf_check(&text, err) < 0 ||
	    rs_path_write(path, rs_buf_str(&text), text.len, err) < 0)
		return -1;
	rs_cmd_args(xl, (const char *const[]){ "create", "-q", "-p", path, NULL });
	rs_cmd_timeout(xl, rs_limit_s(place, CREATE_S));
	return rs_cmd_run_ok(xl, err);
}

static int create_by_libvirt(const struct xen *x, struct xen_guest *g, struct rs_err *err)
{
	RS_AUTO_STR *log = rs_asprintf(err, "%s/virt/log/libxl/libxl-driver.log", x->folder);
	RS_AUTO_BUF xml = RS_BUF_INIT;
	char line[300];

	rs_xen_xml(&g->config, &xml);
	if (log == NULL || rs_buf_check(&xml, err) < 0)
		return -1;
	g->dom = virDomainCreateXML(x->conn, rs_buf_str(&xml), VIR_DOMAIN_START_PAUSED);
	if (g->dom != NULL)
		return 0;
	/* What libxl has to say stands in the driver's own log alone. */
	rs_path_last_line(log, line, sizeof(line));
	return rs_virt_fail(err, "Xen does not start it (%s)", line);
}

/* At most cpus processors' time, whichever of the two schedulers Xen runs. */
static int set_cap(const struct xen_guest *g, struct rs_err *err)
{
	static const char *const schedulers[] = { "sched-credit2", "sched-credit" };
	struct rs_err last = RS_ERR_INIT;

	for (size_t i = 0; i < RS_COUNT(schedulers); i++) {
		RS_AUTO_CMD *xl = rs_cmd_new("xl");

		rs_err_clear(&last);
		rs_cmd_args(xl, (const char *const[]){ schedulers[i], "-d", g->name, "-c", NULL });
		rs_cmd_argf(xl, "%.0f", g->config.cpus * 100);
		if (rs_cmd_run_ok(xl, &last) == 0)
			return 0;
	}
	return rs_err_set(err, last.kind, "%s", last.text);
}

/* Domains of our names that somebody else runs are never touched; ours go into the ledger. */
static int announce_guests(struct xen *x, struct rs_err *err)
{
	RS_AUTO_CMD *xl = rs_cmd_new("xl");
	RS_AUTO_BUF list = RS_BUF_INIT;

	rs_cmd_arg(xl, "list");
	rs_cmd_stdout_buf(xl, &list);
	rs_cmd_timeout(xl, CREATE_S);
	if (rs_cmd_run_ok(xl, err) < 0 || rs_buf_check(&list, err) < 0)
		return -1;
	for (size_t i = 0; i < x->n; i++) {
		/* The name is the first word of a line. */
		RS_AUTO_STR *line = rs_asprintf(err, "\n%s ", x->g[i].name);

		if (line == NULL)
			return -1;
		if (strstr(rs_buf_str(&list), line) != NULL)
			return rs_err_set(err, RS_ERR_FAILED, "a Xen domain \"%s\" runs already and is not "
					  "ours: destroy it or rename the plan's guest", x->g[i].name);
	}
	for (size_t i = 0; i < x->n; i++)
		if (rs_ledger_add(x->ledger, RS_TRACE_DOMAIN, x->g[i].name, err) < 0)
			return -1;
	return 0;
}

/* What a start that failed left behind, and that is in the way of another. */
static void clear_guest(const struct xen *x, const struct xen_guest *g)
{
	struct rs_err ignored = RS_ERR_INIT;

	(void)rs_undo_of[RS_TRACE_DOMAIN](rs_ledger_owner(x->ledger), g->name, &ignored);
}

/*
 * libxl gives up on a script or a device that takes it too long, which on a loaded machine
 * happens: once more then, and after that without libvirt.
 */
static int create_guest(struct xen *x, const struct rs_place *place, struct xen_guest *g,
			struct rs_err *err)
{
	struct rs_err why = RS_ERR_INIT;

	g->started_ns = rs_clock_ns();
	if (x->conn == NULL)
		return create_by_xl(x, g, place, err);
	for (int attempt = 0; attempt < 2; attempt++) {
		rs_err_clear(&why);
		if (rs_stop_check(err) < 0)
			return -1;
		if (create_by_libvirt(x, g, &why) == 0)
			return 0;
		clear_guest(x, g);
	}
	(void)snprintf(g->fallback, sizeof(g->fallback), "%.399s", why.text);
	return create_by_xl(x, g, place, err);
}

static int unpause(struct xen_guest *g, struct rs_err *err)
{
	RS_AUTO_CMD *xl = rs_cmd_new("xl");

	if (g->dom != NULL)
		return virDomainResume(g->dom) == 0 ? 0 : rs_virt_fail(err, "Xen does not let it run");
	rs_cmd_args(xl, (const char *const[]){ "unpause", g->name, NULL });
	return rs_cmd_run_ok(xl, err);
}

static off_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : 0;
}

/* All are made before the first one runs: a guest that boots takes from domain 0 the time
 * that libxl and its scripts need for the devices of the next. */
static int start_guests(struct xen *x, const struct rs_place *place, struct rs_err *err)
{
	for (size_t i = 0; i < x->n; i++) {
		struct xen_guest *g = &x->g[i];

		if (rs_stop_check(err) < 0)
			return -1;
		g->console_bytes = size_of(g->console);
		if (create_guest(x, place, g, err) < 0 || (g->config.cpus > 0 && set_cap(g, err) < 0))
			return rs_err_wrap(err, "guest \"%s\"", g->name);
	}
	for (size_t i = 0; i < x->n; i++)
		if (unpause(&x->g[i], err) < 0)
			return rs_err_wrap(err, "guest \"%s\"", x->g[i].name);
	return 0;
}

/* What the report must say of guests that libvirt did not start. */
static int tell_fallbacks(const struct xen *x, const struct rs_sink *notes, struct rs_err *err)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->g[i].fallback[0] != '\0' &&
		    rs_platform_note(notes, err, "guest \"%s\" was started by xl: libvirt failed twice (%s)",
				     x->g[i].name, x->g[i].fallback) < 0)
			return -1;
	return 0;
}

/* Whether a started guest still runs, as far as can be told. */
static int guest_runs(const struct xen_guest *g)
{
	int exists = 1;

	if (g->dom != NULL)
		return rs_virt_runs(g->dom);
	return domain_exists(g->name, &exists, NULL) < 0 || exists;
}

/* Why is on the guest's console; one that ends before it has a console is told of by Xen. */
static int guest_ended(const struct xen_guest *g, struct rs_err *err)
{
	RS_AUTO_CMD *xl = rs_cmd_new("xl");
	RS_AUTO_BUF log = RS_BUF_INIT;
	struct rs_err ignored = RS_ERR_INIT;
	char line[300] = "";

	if (size_of(g->console) > g->console_bytes)
		rs_path_last_line(g->console, line, sizeof(line));
	if (line[0] != '\0')
		return rs_err_set(err, RS_ERR_FAILED, "guest \"%s\" ended while it booted (its console ends with "
				  "\"%s\")", g->name, line);
	rs_cmd_arg(xl, "dmesg");
	rs_cmd_stdout_buf(xl, &log);
	rs_cmd_timeout(xl, CREATE_S);
	if (rs_cmd_run_ok(xl, &ignored) < 0)
		rs_buf_clear(&log);
	return rs_err_set(err, RS_ERR_FAILED, "guest \"%s\" ended while it booted (%s; Xen's log ends with \"%s\")",
			  g->name, rs_path_exists(CONSOLES) ? "its console is empty" : "no console was kept: set "
			  "XENCONSOLED_ARGS=--log=guest in /etc/default/xen", rs_buf_last_line(&log));
}

static int try_guest(void *user, size_t i, struct rs_err *why, struct rs_err *err)
{
	enum { TRY_S = 3 };
	struct xen *x = user;
	struct xen_guest *g = &x->g[i];
	struct rs_guest *view = &x->views[i];
	struct rs_err last = RS_ERR_INIT;

	view->channel = rs_channel_tcp(g->at.address, RS_XEN_AGENT_PORT, TRY_S, &last);
	if (view->channel == NULL && !guest_runs(g))
		return guest_ended(g, err);
	if (view->channel == NULL) {
		(void)rs_err_set(why, last.kind, "guest \"%s\" does not answer: %s", g->name, last.text);
		return 0;
	}
	view->name = g->name;
	view->address = g->at.address;
	view->scratch = RS_GUEST_SCRATCH;
	view->ready_s = x->disks_s / (double)x->n + (double)(rs_clock_ns() - g->started_ns) / 1e9;
	return 1;
}

/* On an emulated machine, whoever starts the guests uses short hotplug scripts. */
static int use_scripts(struct xen *x, const struct rs_place *place, struct rs_mounts *ms,
		       struct rs_err *err)
{
	if (!place->emulated)
		return 0;
	for (size_t i = 0; i < x->n; i++)
		x->g[i].config.scripts = x->folder;
	return rs_xen_scripts(x->folder, ms, err);
}

/* ms: the mounts of the scripts; one more is added. */
static int start_daemon(struct xen *x, const struct rs_place *place, struct rs_mounts *ms,
			struct rs_err *err)
{
	RS_AUTO_STR *virt = rs_path_join(x->folder, "virt", err);
	RS_AUTO_STR *sockets = rs_ledger_sockets(x->ledger, err);
	struct rs_daemon_wish wish = { .driver = "libxl", .uri = "xen:///system",
				       .config = "autoballoon = 0\n",
				       .timeout_s = rs_limit_s(place, DAEMON_S) };

	/* The daemon's own /proc hides the one xenfs is mounted in. */
	if (virt == NULL || sockets == NULL ||
	    rs_mounts_add(ms, "xenfs", "/proc/xen", "xenfs", NULL, err) < 0)
		return -1;
	wish.folder = virt;
	wish.sockets = sockets;
	x->daemon = rs_daemon_start(&wish, ms, x->ledger, err);
	return x->daemon == NULL ? -1 : 0;
}

/* Chooses who starts the guests. */
static int connect_toolstack(struct xen *x, const struct rs_system *sys,
			     const struct rs_place *place, const struct rs_sink *notes,
			     struct rs_err *err)
{
	__attribute__((cleanup(rs_mounts_release))) struct rs_mounts ms = { NULL, 0 };
	struct rs_err why = RS_ERR_INIT;

	if (use_scripts(x, place, &ms, err) < 0)
		return -1;
	if (strcmp(toolstack(sys), "xl") == 0)
		return 0;
	if (rs_path_exists(SYSTEM_SOCKET))
		x->system = rs_virt_open("xen:///system", NULL);
	x->conn = x->system;
	if (x->conn != NULL)
		return 0;
	if (rs_daemon_probe("libxl", "libvirt-daemon-driver-xen", &why) == 0) {
		if (start_daemon(x, place, &ms, &why) == 0) {
			x->conn = rs_daemon_connection(x->daemon);
			return 0;
		}
		if (rs_stop_check(err) < 0)
			return -1;
	}
	return rs_platform_note(notes, err, "Xen guests are started by xl: %s", why.text);
}

static int xen_folder(struct xen *x, const struct rs_place *place, struct rs_err *err)
{
	x->folder = rs_asprintf(err, "%s/xen-%llx", place->folder,
				(unsigned long long)rs_clock_ns() / 1000000 & 0xffffff);
	if (x->folder == NULL || rs_ledger_add(x->ledger, RS_TRACE_TREE, x->folder, err) < 0)
		return -1;
	return rs_path_mkdirs(x->folder, err);
}

static int xen_bring_up(struct xen *x, const struct rs_system *sys, const struct rs_place *place,
			const struct rs_sink *notes, struct rs_err *err)
{
	int foreign = 0;

	x->ledger = rs_ledger_open(platform_name[x->type], place->run_id, err);
	if (x->ledger == NULL || rs_net_of(&sys->guests, &x->net, err) < 0 ||
	    xen_folder(x, place, err) < 0)
		return -1;
	if (make_guests(x, sys, place, err) < 0)
		return -1;
	if (rs_bridge_make(&x->net, x->ledger, &foreign, err) < 0 ||
	    connect_toolstack(x, sys, place, notes, err) < 0)
		return -1;
	if (foreign && rs_platform_note(notes, err, "bridge \"%s\" was there before the run and is used "
					"as it is", x->net.bridge) < 0)
		return -1;
	if (rs_stop_check(err) < 0 || announce_guests(x, err) < 0 ||
	    start_guests(x, place, err) < 0 || tell_fallbacks(x, notes, err) < 0)
		return -1;
	return rs_await_answers(x->views, x->n, rs_limit_s(place, GUEST_S), try_guest, x, err);
}

static int check_plan(const struct rs_system *sys, int n, struct rs_err *err)
{
	const struct rs_guests *g = &sys->guests;

	if (n < 1)
		return rs_err_set(err, RS_ERR_PLAN, "system \"%s\": %d guests are asked for", sys->id, n);
	if (g->n_disks > RS_XEN_DISKS_MAX)
		return rs_err_set(err, RS_ERR_PLAN, "system \"%s\": more than %d disks for each guest", sys->id,
				  (int)RS_XEN_DISKS_MAX);
	if (rs_guest_root_disk(g) == g->n_disks)
		return rs_err_set(err, RS_ERR_PLAN, "system \"%s\": Xen guests need a <disk> with a file "
				  "system", sys->id);
	return 0;
}

static int start(enum rs_xen_type type, const struct rs_system *sys, int n,
		 const struct rs_place *place, const struct rs_sink *notes, void **ret_state,
		 struct rs_err *err)
{
	struct xen *x;

	if (check_plan(sys, n, err) < 0 || probe(type, err) < 0 || check_place(place, err) < 0)
		return -1;
	x = rs_alloc(1, sizeof(*x), err);
	if (x == NULL)
		return -1;
	x->type = type;
	x->g = rs_alloc((size_t)n, sizeof(*x->g), err);
	x->views = rs_alloc((size_t)n, sizeof(*x->views), err);
	if (x->g != NULL && x->views != NULL)
		x->n = (size_t)n;
	if (x->n == 0 || xen_bring_up(x, sys, place, notes, err) < 0) {
		(void)xen_stop(x, NULL);
		return -1;
	}
	*ret_state = x;
	return 0;
}

static int xen_runs(void *state, size_t i)
{
	const struct xen *x = state;

	return guest_runs(&x->g[i]);
}

static size_t xen_guests(void *state, const struct rs_guest **ret)
{
	struct xen *x = state;

	*ret = x->views;
	return x->n;
}

static int describe_guest(const struct xen_guest *g, const char *folder,
			  struct rs_err *err)
{
	RS_AUTO_STR *xml = rs_asprintf(err, "%s/%s.xml", folder, g->name);
	RS_AUTO_STR *cfg = rs_asprintf(err, "%s/%s.cfg", folder, g->name);
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (xml == NULL || cfg == NULL)
		return -1;
	if (g->dom != NULL)
		return rs_virt_describe(g->dom, xml, err);
	rs_xen_xl(&g->config, &text);
	if (rs_buf_check(&text, err) < 0)
		return -1;
	return rs_path_write(cfg, rs_buf_str(&text), text.len, err);
}

static int xen_describe(void *state, const char *folder, struct rs_err *err)
{
	const struct xen *x = state;
	RS_AUTO_STR *path = rs_path_join(folder, "guests.txt", err);
	RS_AUTO_BUF text = RS_BUF_INIT;
	size_t by_xl = 0;

	if (path == NULL || rs_path_mkdirs(folder, err) < 0)
		return -1;
	for (size_t i = 0; i < x->n; i++)
		by_xl += x->g[i].dom == NULL;
	rs_buf_addf(&text, "toolstack\t%s\nbridge\t%s\t%s/%d\n",
		    by_xl == 0 ? "libvirt (libxl)" : by_xl == x->n ? "xl" : "libvirt (libxl) and xl", x->net.bridge, x->net.gateway,
		    x->net.prefix);
	for (size_t i = 0; i < x->n; i++) {
		const struct xen_guest *g = &x->g[i];

		if (describe_guest(g, folder, err) < 0)
			return -1;
		rs_buf_addf(&text, "guest\t%s\t%s\t%s\tready after %.3f s\n", g->name, g->at.address,
			    g->at.mac, x->views[i].ready_s);
		for (size_t d = 0; d < g->config.n_disks; d++)
			rs_buf_addf(&text, "disk\t%s\t%s\t%s\n", g->name, g->config.disks[d].device,
				    g->config.disks[d].target);
	}
	if (rs_buf_check(&text, err) < 0)
		return -1;
	return rs_path_write(path, rs_buf_str(&text), text.len, err);
}

static void guest_steps(const struct rs_system *sys, int i, struct rs_buf *out)
{
	RS_AUTO_STR *name = rs_guest_name(sys, i, NULL);

	rs_xen_disk_steps(&sys->guests, i, out);
	if (name != NULL && strcmp(toolstack(sys), "xl") == 0)
		rs_buf_addf(out, "xl create -q FOLDER/xen/%s.cfg\n", name);
	else if (name != NULL)
		rs_buf_addf(out, "virsh -c xen:///system create %s.xml\n", name);
}

static void xen_steps(const struct rs_system *sys, int n, struct rs_buf *out)
{
	struct rs_net net;

	if (rs_net_of(&sys->guests, &net, NULL) < 0)
		return;
	for (int i = 0; i < n; i++)
		guest_steps(sys, i, out);
	rs_bridge_steps(&net, out);
}

static int pv_probe(const struct rs_place *place, struct rs_err *err)
{
	(void)place;
	return probe(RS_XEN_PV, err);
}

static int pv_start(const struct rs_system *sys, int n, const struct rs_place *place,
		   const struct rs_sink *notes, void **ret_state, struct rs_err *err)
{
	return start(RS_XEN_PV, sys, n, place, notes, ret_state, err);
}

static int pv_leftovers(const struct rs_place *place, int remove, struct rs_buf *out,
		       struct rs_err *err)
{
	(void)place;
	return rs_ledger_leftovers(platform_name[RS_XEN_PV], remove, out, err);
}

static int pvh_probe(const struct rs_place *place, struct rs_err *err)
{
	(void)place;
	return probe(RS_XEN_PVH, err);
}

static int pvh_start(const struct rs_system *sys, int n, const struct rs_place *place,
		    const struct rs_sink *notes, void **ret_state, struct rs_err *err)
{
	return start(RS_XEN_PVH, sys, n, place, notes, ret_state, err);
}

static int pvh_leftovers(const struct rs_place *place, int remove, struct rs_buf *out,
		        struct rs_err *err)
{
	(void)place;
	return rs_ledger_leftovers(platform_name[RS_XEN_PVH], remove, out, err);
}

const struct rs_platform rs_platform_xen = {
	.name = "xen",
	.title = "paravirtual Xen guests",
	.probe = pv_probe,
	.start = pv_start,
	.guests = xen_guests,
	.runs = xen_runs,
	.describe = xen_describe,
	.stop = xen_stop,
	.leftovers = pv_leftovers,
	.steps = xen_steps,
};

const struct rs_platform rs_platform_xen_pvh = {
	.name = "xen-pvh",
	.title = "Xen PVH guests (the processor virtualises)",
	.probe = pvh_probe,
	.start = pvh_start,
	.guests = xen_guests,
	.runs = xen_runs,
	.describe = xen_describe,
	.stop = xen_stop,
	.leftovers = pvh_leftovers,
	.steps = xen_steps,
};
