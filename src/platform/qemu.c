/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fully virtualised guests: machines that QEMU makes, under KVM where that works and else
 * emulated, through a libvirtd of our own.  Nothing is mounted here: roots are overlays over
 * one file system made of the tree, and what is a guest's own comes on a small disk beside it.
 */
#include "qemu_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blocks_priv.h"
#include "daemon_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/cmd.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"
#include "restudy/testbed.h"
#include "virt_priv.h"

struct machine {
	char *name, *socket, *console;	/* owned */
	struct rs_net_guest at;
	struct rs_qemu_config config;	/* owns its disks' files */
	virDomainPtr dom;		/* owned */
	double disks_s;			/* what making its disks took */
};

struct qemu {
	struct rs_ledger *ledger;	/* owned */
	struct rs_daemon *daemon;	/* owned */
	char *folder, *sockets, *base, *emulator;	/* owned */
	struct rs_net net;
	struct machine *m;		/* owned */
	struct rs_guest *views;		/* owned, channels too */
	size_t n;
	int kvm;
	int64_t begin_ns;		/* when the first was started */
};

/* On an idle machine under KVM, with a margin; emulated guests get five times as long. */
static const double DAEMON_S = 60, GUEST_S = 60;

/* One command that makes a disk, of a tree of thousands of files, on a loaded machine. */
static const double DISK_S = 1500;

static const char EMULATOR[] = "qemu-system-x86_64";

/* The same as the virtual testbed's own: see there. */
static const char settings[] =
	"user = \"root\"\ngroup = \"root\"\nstdio_handler = \"file\"\nremember_owner = 0\n"
	"dynamic_ownership = 0\nsecurity_driver = \"none\"\nnamespaces = []\n"
	"cgroup_controllers = []\n";

/* Where the plan's guests have no disks: their root alone. */
struct bare_root {
	struct rs_guest_disk disk;
	char volume[8], filesystem[8], mount[4];
};

static struct rs_guests with_disks(const struct rs_guests *g, struct bare_root *root)
{
	struct rs_guests copy = *g;

	*root = (struct bare_root){ .volume = "root", .filesystem = "ext4", .mount = "/" };
	root->disk = (struct rs_guest_disk){ .volume = root->volume, .filesystem = root->filesystem,
					     .mount = root->mount, .size_bytes = (int64_t)4 << 30 };
	if (copy.n_disks == 0) {
		copy.disks = &root->disk;
		copy.n_disks = 1;
	}
	return copy;
}

static void qemu_free(struct qemu *q)
{
	for (size_t i = 0; i < q->n; i++) {
		struct machine *m = &q->m[i];

		for (size_t d = 0; d < RS_COUNT(m->config.disks); d++)
			free(m->config.disks[d].file);
		free(m->name);
		free(m->socket);
		free(m->console);
	}
	free(q->m);
	free(q->views);
	free(q->folder);
	free(q->sockets);
	free(q->base);
	free(q->emulator);
	free(q);
}

static int qemu_stop(void *state, struct rs_err *err)
{
	struct qemu *q = state;
	int rc;

	for (size_t i = 0; i < q->n; i++) {
		rs_channel_close(q->views[i].channel);
		rs_virt_domain_freep(&q->m[i].dom);
	}
	rs_daemon_free(q->daemon);	/* the machines end with its namespace */
	rc = rs_ledger_undo(q->ledger, err);
	qemu_free(q);
	return rc;
}

static int check_place(const struct rs_place *place, struct rs_err *err)
{
	if (place->kernel == NULL || place->initrd == NULL)
		return rs_err_set(err, RS_ERR_MACHINE, "this testbed has no kernel for fully virtualised guests: "
				  "use --testbed local");
	if (!rs_path_exists(place->kernel))
		return rs_err_set(err, RS_ERR_MACHINE, "the kernel of fully virtualised guests is not there: "
				  "\"%s\"", place->kernel);
	if (place->agent == NULL || !rs_path_exists(place->agent))
		return rs_err_set(err, RS_ERR_MACHINE, "no restudy-agent for guests");
	return 0;
}

static int qemu_probe(const struct rs_place *place, struct rs_err *err)
{
	static const struct {
		const char *program, *package;
	} needs[] = { { EMULATOR, "qemu-system-x86" }, { "qemu-img", "qemu-utils" },
		      { "mke2fs", "e2fsprogs" }, { "ip", "iproute2" } };

	if (rs_daemon_probe("qemu", "libvirt-daemon-driver-qemu", err) < 0)
		return -1;
	for (size_t i = 0; i < RS_COUNT(needs); i++) {
		RS_AUTO_STR *found = rs_path_program(needs[i].program);

		if (found == NULL)
			return rs_err_set(err, RS_ERR_MACHINE, "%s is missing: apt-get install %s",
					  needs[i].program, needs[i].package);
	}
	if (!rs_path_exists("/dev/net/tun"))
		return rs_err_set(err, RS_ERR_MACHINE, "no /dev/net/tun, which plugs guests into a bridge: "
				  "modprobe tun");
	/* "restudy doctor" asks before anything is fetched or built. */
	return place->root == NULL ? 0 : check_place(place, err);
}

/* An ext file system in a file: of a tree, or empty. */
static int make_ext(const char *type, const char *features, const char *tree, const char *file,
		    int64_t bytes, struct rs_err *err)
{
	const char *argv[16] = { "mke2fs", "-q", "-F", "-t", type, "-m", "0" };
	RS_AUTO_STR *size = rs_asprintf(err, "%lldk", (long long)(bytes / 1024));
	size_t n = 7;

	if (size == NULL)
		return -1;
	if (features != NULL) {
		argv[n++] = "-O";
		argv[n++] = features;
	}
	if (tree != NULL) {
		argv[n++] = "-d";
		argv[n++] = tree;
	}
	argv[n++] = file;
	argv[n] = size;
	return rs_step_run(argv, DISK_S, err);
}

/* The file system under all roots: the testbed's when it is what the plan asks for. */
static int make_base(struct qemu *q, const struct rs_guests *g, const struct rs_place *place,
		     struct rs_err *err)
{
	const struct rs_guest_disk *root = &g->disks[rs_guest_root_disk(g)];
	struct rs_blocks b;

	if (place->guest_root != NULL && rs_blocks_probe(place->guest_root, &b, NULL) == 0 &&
	    strcmp(b.type, root->filesystem) == 0 && b.bytes == root->size_bytes) {
		q->base = rs_strdup(place->guest_root, err);
		return q->base != NULL ? 0 : -1;
	}
	q->base = rs_path_join(q->folder, "base.img", err);
	if (q->base == NULL)
		return -1;
	return make_ext(root->filesystem, NULL, place->root, q->base, root->size_bytes, err);
}

/* Disk d of the plan as a file. */
static int make_disk(const struct qemu *q, const struct rs_guest_disk *pd, int is_root,
		     struct rs_qemu_disk *disk, struct rs_err *err)
{
	disk->format = is_root ? "qcow2" : "raw";
	if (is_root)
		return rs_step_run((const char *const[]){ "qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b",
							  q->base, disk->file, NULL }, DISK_S, err);
	if (strncmp(pd->filesystem, "ext", 3) == 0)
		return make_ext(pd->filesystem, NULL, NULL, disk->file, pd->size_bytes, err);
	if (strcmp(pd->filesystem, "swap") != 0)
		return rs_err_set(err, RS_ERR_PLAN, "disks of fully virtualised guests hold ext2, ext3, ext4 or "
				  "swap, not \"%s\"", pd->filesystem);
	if (rs_path_write(disk->file, "", 0, err) < 0)
		return -1;
	if (truncate(disk->file, (off_t)pd->size_bytes) < 0)
		return rs_err_set(err, RS_ERR_FAILED, "cannot make \"%s\"", disk->file);
	return rs_step_run((const char *const[]){ "mkswap", disk->file, NULL }, DISK_S, err);
}

/* The disk with our programs and the guest's first one. */
static int make_programs(const struct qemu *q, struct machine *m, const struct rs_guests *g,
			 const struct rs_place *place, struct rs_err *err)
{
	enum { BYTES = 32 << 20 };
	RS_AUTO_STR *stage = rs_asprintf(err, "%s/%s.stage", q->folder, m->name);
	RS_AUTO_STR *agent = rs_asprintf(err, "%s/%s.stage/restudy-agent", q->folder, m->name);
	RS_AUTO_STR *kernels = rs_asprintf(err, "%s/%s.stage/restudy-kernels", q->folder, m->name);
	RS_AUTO_STR *first = rs_asprintf(err, "%s/%s.stage/guest-init", q->folder, m->name);
	struct rs_qemu_disk *disk = &m->config.disks[m->config.programs];
	RS_AUTO_BUF script = RS_BUF_INIT;

	rs_qemu_init_script(&m->config, g, &script);
	if (stage == NULL || agent == NULL || kernels == NULL || first == NULL ||
	    rs_buf_check(&script, err) < 0 || rs_path_mkdirs(stage, err) < 0 ||
	    rs_path_copy(place->agent, agent, err) < 0 ||
	    (place->kernels != NULL && rs_path_copy(place->kernels, kernels, err) < 0) ||
	    rs_path_write(first, rs_buf_str(&script), script.len, err) < 0)
		return -1;
	if (chmod(first, 0755) < 0 || chmod(agent, 0755) < 0)
		return rs_err_set(err, RS_ERR_FAILED, "cannot set the modes of files in \"%s\"", stage);
	disk->format = "raw";
	disk->read_only = 1;
	if (make_ext("ext4", "^has_journal", stage, disk->file, BYTES, err) < 0)
		return -1;
	return rs_path_remove_tree(stage, err);
}

static int name_guest(struct qemu *q, const struct rs_system *sys, const struct rs_guests *g,
		      const struct rs_place *place, size_t i, struct rs_err *err)
{
	struct machine *m = &q->m[i];
	struct rs_qemu_config *c = &m->config;

	m->name = rs_guest_name(sys, (int)i, err);
	m->socket = rs_asprintf(err, "%s/a%zu", q->sockets, i + 1);
	if (m->name == NULL || m->socket == NULL || rs_net_guest(g, &q->net, (int)i, &m->at, err) < 0)
		return -1;
	m->console = rs_asprintf(err, "%s/%s.console", q->folder, m->name);
	*c = (struct rs_qemu_config){
		.name = m->name, .owner = rs_ledger_owner(q->ledger), .kvm = q->kvm,
		.emulator = q->emulator, .cpus = g->cpus, .kernel = place->kernel,
		.memory_bytes = rs_guest_memory(g),
		.initrd = place->initrd, .n_disks = g->n_disks + 1, .root = rs_guest_root_disk(g),
		.programs = g->n_disks, .net = &q->net, .at = &m->at, .socket = m->socket,
		.console = m->console,
	};
	for (size_t d = 0; d < c->n_disks; d++) {
		c->disks[d].file = rs_asprintf(err, "%s/%s.disk%zu", q->folder, m->name, d);
		if (c->disks[d].file == NULL)
			return -1;
	}
	return m->console != NULL ? 0 : -1;
}

static int make_guest(struct qemu *q, const struct rs_system *sys, const struct rs_guests *g,
		      const struct rs_place *place, size_t i, struct rs_err *err)
{
	struct machine *m = &q->m[i];
	int64_t begin_ns = rs_clock_ns();

	if (rs_stop_check(err) < 0 || name_guest(q, sys, g, place, i, err) < 0)
		return -1;
	for (size_t d = 0; d < g->n_disks; d++)
		if (make_disk(q, &g->disks[d], d == m->config.root, &m->config.disks[d], err) < 0)
			return rs_err_wrap(err, "guest \"%s\"", m->name);
	if (make_programs(q, m, g, place, err) < 0)
		return rs_err_wrap(err, "guest \"%s\"", m->name);
	m->disks_s = (double)(rs_clock_ns() - begin_ns) / 1e9;
	return 0;
}

static int start_daemon(struct qemu *q, const struct rs_place *place, struct rs_err *err)
{
	const struct rs_mounts none = { NULL, 0 };
	RS_AUTO_STR *virt = rs_path_join(q->folder, "virt", err);
	struct rs_daemon_wish wish = { .driver = "qemu", .uri = "qemu:///system", .config = settings,
				       .sockets = q->sockets, .folder = virt,
				       .timeout_s = rs_limit_s(place, DAEMON_S) };

	if (virt == NULL)
		return -1;
	q->daemon = rs_daemon_start(&wish, &none, q->ledger, err);
	return q->daemon != NULL ? 0 : -1;
}

static int try_guest(void *user, size_t i, struct rs_err *why, struct rs_err *err)
{
	enum { TRY_S = 10 };
	struct qemu *q = user;
	const struct machine *m = &q->m[i];
	struct rs_guest *view = &q->views[i];
	const int runs = virDomainIsActive(m->dom) == 1;
	struct rs_err last = RS_ERR_INIT;
	char line[300];

	view->channel = rs_channel_unix(m->socket, TRY_S, &last);
	if (view->channel == NULL) {
		rs_path_last_line(m->console, line, sizeof(line));
		(void)rs_err_set(runs ? why : err, last.kind, "guest \"%s\" %s (its console ends with "
				 "\"%s\"): %s", m->name, runs ? "does not answer" : "ended while it booted",
				 line, last.text);
		return runs ? 0 : -1;
	}
	view->name = m->name;
	view->address = m->at.address;
	view->scratch = RS_GUEST_SCRATCH;
	view->ready_s = m->disks_s + (double)(rs_clock_ns() - q->begin_ns) / 1e9;
	return 1;
}

/* All are started before the first is waited for. */
static int start_guests(struct qemu *q, struct rs_err *err)
{
	q->begin_ns = rs_clock_ns();
	for (size_t i = 0; i < q->n; i++) {
		struct machine *m = &q->m[i];
		RS_AUTO_BUF xml = RS_BUF_INIT;

		rs_qemu_xml(&m->config, &xml);
		if (rs_stop_check(err) < 0 || rs_buf_check(&xml, err) < 0)
			return -1;
		m->dom = virDomainCreateXML(rs_daemon_connection(q->daemon), rs_buf_str(&xml),
					    VIR_DOMAIN_START_AUTODESTROY);
		if (m->dom == NULL)
			return rs_virt_fail(err, "guest \"%s\" does not start", m->name);
	}
	return rs_await_answers(q->views, q->n, (q->kvm ? 1 : 5) * GUEST_S, try_guest, q, err);
}

/* What a reader of the results must know. */
static int tell_limits(const struct qemu *q, const struct rs_guests *g, int foreign,
		       const struct rs_sink *notes, struct rs_err *err)
{
	if (!q->kvm && rs_platform_note(notes, err, "the guests' processors are emulated (TCG), since KVM does "
					"not work here: their values tell of the emulator") < 0)
		return -1;
	if (g->cpus > 0 && g->cpus < ceil(g->cpus) &&
	    rs_platform_note(notes, err, "guests have whole processors: %g was rounded up", g->cpus) < 0)
		return -1;
	if (g->n_limits > 0 &&
	    rs_platform_note(notes, err, "limits of the plan do not apply to fully virtualised guests") < 0)
		return -1;
	return foreign ? rs_platform_note(notes, err, "bridge \"%s\" was there before the run and is used as "
					  "it is", q->net.bridge) : 0;
}

static int qemu_bring_up(struct qemu *q, const struct rs_system *sys, const struct rs_guests *g,
			 const struct rs_place *place, const struct rs_sink *notes,
			 struct rs_err *err)
{
	int foreign = 0;

	q->emulator = rs_path_program(EMULATOR);
	q->kvm = !place->emulated && rs_testbed_has_kvm();
	q->ledger = rs_ledger_open("qemu", place->run_id, err);
	if (q->emulator == NULL || q->ledger == NULL || rs_net_of(g, &q->net, err) < 0)
		return -1;
	q->folder = rs_asprintf(err, "%s/qemu-%llx", place->folder,
				(unsigned long long)rs_clock_ns() / 1000000 & 0xffffff);
	if (q->folder == NULL || rs_ledger_add(q->ledger, RS_TRACE_TREE, q->folder, err) < 0)
		return -1;
	q->sockets = rs_ledger_sockets(q->ledger, err);
	if (q->sockets == NULL || rs_path_mkdirs(q->folder, err) < 0 ||
	    make_base(q, g, place, err) < 0)
		return -1;
	for (size_t i = 0; i < q->n; i++)
		if (make_guest(q, sys, g, place, i, err) < 0)
			return -1;
	if (rs_bridge_make(&q->net, q->ledger, &foreign, err) < 0 ||
	    tell_limits(q, g, foreign, notes, err) < 0 || start_daemon(q, place, err) < 0)
		return -1;
	return start_guests(q, err);
}

static int qemu_start(const struct rs_system *sys, int n, const struct rs_place *place,
		      const struct rs_sink *notes, void **ret_state, struct rs_err *err)
{
	struct bare_root root;
	const struct rs_guests g = with_disks(&sys->guests, &root);
	const size_t root_at = rs_guest_root_disk(&g);
	struct qemu *q;

	if (n < 1 || g.n_disks > RS_QEMU_DISKS_MAX)
		return rs_err_set(err, RS_ERR_PLAN, "system \"%s\": %d guests with %zu disks each cannot be had",
				  sys->id, n, g.n_disks);
	if (root_at == g.n_disks || strncmp(g.disks[root_at].filesystem, "ext", 3) != 0)
		return rs_err_set(err, RS_ERR_PLAN, "system \"%s\": the root of fully virtualised guests is ext2, "
				  "ext3 or ext4", sys->id);
	if (qemu_probe(place, err) < 0 || check_place(place, err) < 0)
		return -1;
	q = rs_alloc(1, sizeof(*q), err);
	if (q == NULL)
		return -1;
	q->m = rs_alloc((size_t)n, sizeof(*q->m), err);
	q->views = rs_alloc((size_t)n, sizeof(*q->views), err);
	if (q->m != NULL && q->views != NULL)
		q->n = (size_t)n;
	if (q->n == 0 || qemu_bring_up(q, sys, &g, place, notes, err) < 0) {
		(void)qemu_stop(q, NULL);
		return -1;
	}
	*ret_state = q;
	return 0;
}

static int qemu_runs(void *state, size_t i)
{
	const struct qemu *q = state;

	return rs_virt_runs(q->m[i].dom);
}

static size_t qemu_guests(void *state, const struct rs_guest **ret)
{
	struct qemu *q = state;

	*ret = q->views;
	return q->n;
}

static int qemu_describe(void *state, const char *folder, struct rs_err *err)
{
	const struct qemu *q = state;
	RS_AUTO_STR *path = rs_path_join(folder, "guests.txt", err);
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (path == NULL || rs_path_mkdirs(folder, err) < 0)
		return -1;
	rs_buf_addf(&text, "processor\t%s\nbridge\t%s\t%s/%d\n", q->kvm ? "KVM" : "TCG: emulated",
		    q->net.bridge, q->net.gateway, q->net.prefix);
	for (size_t i = 0; i < q->n; i++) {
		RS_AUTO_STR *xml = rs_asprintf(err, "%s/%s.xml", folder, q->m[i].name);

		if (xml == NULL || rs_virt_describe(q->m[i].dom, xml, err) < 0)
			return -1;
		rs_buf_addf(&text, "guest\t%s\t%s\t%s\tready after %.3f s\n", q->m[i].name,
			    q->m[i].at.address, q->m[i].at.mac, q->views[i].ready_s);
	}
	if (rs_buf_check(&text, err) < 0)
		return -1;
	return rs_path_write(path, rs_buf_str(&text), text.len, err);
}

static int qemu_leftovers(const struct rs_place *place, int remove, struct rs_buf *out,
			  struct rs_err *err)
{
	(void)place;
	return rs_ledger_leftovers("qemu", remove, out, err);
}

void rs_qemu_preview(const struct rs_system *sys, const struct rs_owner *owner,
		     const struct rs_net *net, const struct rs_net_guest *at, const char *name,
		     struct rs_buf *out)
{
	struct bare_root root;
	const struct rs_guests g = with_disks(&sys->guests, &root);
	char file[RS_QEMU_DISKS_MAX + 1][160];	/* a plain name has 128 bytes at most */
	struct rs_qemu_config c = {
		.name = name, .owner = owner, .emulator = EMULATOR, .cpus = g.cpus,
		.kernel = "VMLINUX", .initrd = "INITRD",
		.memory_bytes = rs_guest_memory(&g),
		.n_disks = g.n_disks + 1, .root = rs_guest_root_disk(&g), .programs = g.n_disks,
		.net = net, .at = at, .socket = "SOCKET", .console = "CONSOLE",
	};

	if (g.n_disks > RS_QEMU_DISKS_MAX)
		return;
	for (size_t d = 0; d < c.n_disks; d++) {
		(void)snprintf(file[d], sizeof(file[d]), "FOLDER/%s.disk%zu", name, d);
		c.disks[d] = (struct rs_qemu_disk){ file[d], d == c.root ? "qcow2" : "raw",
						    d == c.programs };
	}
	rs_qemu_xml(&c, out);
}

static void disk_steps(const struct rs_guest_disk *pd, const char *name, size_t d, int is_root,
		       struct rs_buf *out)
{
	if (is_root)
		rs_buf_addf(out, "qemu-img create -q -f qcow2 -F raw -b FOLDER/qemu/base.img "
			    "FOLDER/qemu/%s.disk%zu\n", name, d);
	else if (strcmp(pd->filesystem, "swap") == 0)
		rs_buf_addf(out, "mkswap FOLDER/qemu/%s.disk%zu\n", name, d);
	else
		rs_buf_addf(out, "mke2fs -q -F -t %s -m 0 FOLDER/qemu/%s.disk%zu %lldk\n", pd->filesystem, name,
			    d, (long long)(pd->size_bytes / 1024));
}

static void qemu_steps(const struct rs_system *sys, int n, struct rs_buf *out)
{
	struct bare_root root;
	const struct rs_guests g = with_disks(&sys->guests, &root);
	const size_t root_at = rs_guest_root_disk(&g);
	struct rs_net net;

	if (root_at == g.n_disks || rs_net_of(&g, &net, NULL) < 0)
		return;
	rs_buf_addf(out, "mke2fs -q -F -t %s -m 0 -d ROOT FOLDER/qemu/base.img %lldk\n",
		    g.disks[root_at].filesystem, (long long)(g.disks[root_at].size_bytes / 1024));
	rs_bridge_steps(&net, out);
	rs_daemon_steps("FOLDER/qemu/virt", out);
	for (int i = 0; i < n; i++) {
		RS_AUTO_STR *name = rs_guest_name(sys, i, NULL);

		if (name == NULL)
			continue;
		for (size_t d = 0; d < g.n_disks; d++)
			disk_steps(&g.disks[d], name, d, d == root_at, out);
		rs_buf_addf(out, "virsh -c qemu:///system create %s.xml\n", name);
	}
}

const struct rs_platform rs_platform_qemu = {
	.name = "qemu",
	.title = "fully virtualised guests (QEMU)",
	.probe = qemu_probe,
	.start = qemu_start,
	.guests = qemu_guests,
	.runs = qemu_runs,
	.describe = qemu_describe,
	.stop = qemu_stop,
	.leftovers = qemu_leftovers,
	.steps = qemu_steps,
};
