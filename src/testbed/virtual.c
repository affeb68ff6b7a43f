/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The virtual testbed: a machine that QEMU makes of the plan's hardware, booted as
 * often as the systems' boots ask for, with an agent on each of its ports.
 */
#include "virtual_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/cmd.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"
#include "tools_priv.h"

#define CONSOLE_MAX (8u << 20)
#define LOOK_EVERY_S 0.1
#define SHUTDOWN_LIMIT_S 120
#define FROZEN_LOCKUPS	 4	/* the kernel tells of a stuck processor every 24 s or so */

/* An idle two-core machine needs 12 and 25 s under emulation, one that compiles on eight
 * more processes 60 and 150 s.  A machine that cannot become ready is noticed earlier. */
static double boot_limit_s(enum rs_boot boot, int kvm)
{
	double limit = boot == RS_BOOT_XEN ? 600 : 300;

	return kvm ? limit / 4 : limit;
}

static void virtual_free(struct rs_virtual *v)
{
	if (v == NULL)
		return;
	rs_machine_close(v->machine);
	rs_machine_owner_release(&v->owner);
	rs_kernel_release(&v->kernel);
	rs_free_argv(&v->data_disks);
	rs_free_argv(&v->devices);
	for (size_t i = 0; i < RS_PORTS; i++)
		free(v->ports[i]);
	free(v->emulator);
	free(v->image);
	free(v->guest_root);
	free(v->root_disk);
	free(v->tools_disk);
	free(v->console);
	free(v->log);
	free(v->definition);
	free(v);
}

/* Memory that a new process can have without the others being swapped out. */
static int want_memory(int64_t need, struct rs_err *err)
{
	RS_AUTO_FILE *f = fopen("/proc/meminfo", "re");
	char line[256], need_text[32], have_text[32];
	const char *end;
	double kib;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "MemAvailable:", 13) != 0 || rs_scan_double(line + 13, &end, &kib) < 0)
			continue;
		if (kib * 1024 >= (double)need)
			return 0;
		return rs_err_set(err, RS_ERR_MACHINE, "the plan's machine has %s of memory, of which %s "
				  "are free here: end other programs, or lower <memory> in the plan",
				  rs_format_quantity(need_text, sizeof(need_text), (double)need, RS_DIM_BYTES),
				  rs_format_quantity(have_text, sizeof(have_text), kib * 1024, RS_DIM_BYTES));
	}
	return 0;
}

/* "7.2.22" of "QEMU emulator version 7.2.22 (Debian ...)"; owned. */
static char *emulator_version(const char *emulator, struct rs_err *err)
{
	RS_AUTO_CMD *cmd = rs_cmd_new(emulator);
	RS_AUTO_BUF text = RS_BUF_INIT;
	const char *at;

	rs_cmd_arg(cmd, "--version");
	rs_cmd_timeout(cmd, 30);
	rs_cmd_stdout_buf(cmd, &text);
	if (rs_cmd_run_ok(cmd, err) < 0)
		return NULL;
	at = strstr(rs_buf_str(&text), "version ");
	at = at != NULL ? at + strlen("version ") : "?";
	return rs_strndup(at, strcspn(at, " \n"), err);
}

static int describe(struct rs_testbed *t, const struct rs_virtual *v, struct rs_err *err)
{
	struct rs_virtual_size size = rs_virtual_size(t->plan);
	RS_AUTO_STR *version = emulator_version(v->emulator, err);
	int cpus = size.sockets * size.cores * size.threads;
	char memory[32], disk[32];
	size_t n_disks = t->plan->has_hardware ? t->plan->hardware.n_disks : 0;

	if (version == NULL)
		return -1;
	rs_buf_addf(&t->description, "QEMU %s (%s), %d CPU%s %s, %s of memory", version,
		    v->kvm ? "KVM" : "TCG: the processor is emulated", cpus, cpus == 1 ? "" : "s",
		    v->kvm ? "of the host's model" : rs_virtual_cpu(t->plan).model,
		    rs_format_quantity(memory, sizeof(memory), (double)size.memory_bytes, RS_DIM_BYTES));
	if (n_disks > 0)
		rs_buf_addf(&t->description, ", %zu disks of %s on an lsi53c895a SCSI controller (sparse "
			    "files, host's cache, no flush)", n_disks,
			    rs_format_quantity(disk, sizeof(disk),
					       (double)t->plan->hardware.disks[0].size_bytes, RS_DIM_BYTES));
	rs_buf_addf(&t->description, ", %zu e1000 network card%s on a user network (link rates are not "
		    "limited)", size.n_nics, size.n_nics == 1 ? "" : "s");
	t->facts.description = rs_buf_str(&t->description);
	rs_buf_addf(&t->builds, "emulator qemu-system-x86_64 %s %s\n", version, v->kvm ? "kvm" : "tcg");
	return rs_buf_check(&t->description, err);
}

static int get_products(struct rs_testbed *t, struct rs_virtual *v, struct rs_err *err)
{
	const struct rs_image *image = rs_image_choose(t->plan, err);
	struct rs_image_built built = { .path = NULL };
	int rc;

	if (image == NULL || rs_image_get(image, RS_IMAGE_DISK, t->options.lock, &t->tell, &built, err) < 0)
		return -1;
	rs_buf_addf(&t->builds, "image %s %s %s\n", image->id, image->release, built.key);
	if (built.archive != NULL)
		rs_buf_addf(&t->builds, "%s\n", built.archive);
	v->image = RS_STEAL(&built.path);
	rc = rs_testbed_add_lines(&t->builds, "package ", built.packages, err);
	rs_image_built_release(&built);
	if (rc < 0 || rs_guest_root_get(t->plan, v->image, &t->tell, &v->guest_root, err) < 0 ||
	    rs_kernel_get(image, &t->tell, &v->kernel, err) < 0)
		return -1;
	return rs_testbed_add_lines(&t->builds, "kernel ", v->kernel.packages, err);
}

static void fill_facts(struct rs_testbed *t, const struct rs_virtual *v)
{
	t->facts.program = RS_TOOLS_ROOT "/" RS_TOOLS_PROGRAM;
	t->facts.agent = RS_TOOLS_ROOT "/" RS_TOOLS_AGENT;
	t->facts.kernels = RS_TOOLS_ROOT "/" RS_TOOLS_KERNELS;
	t->facts.folder = "/var/lib/restudy";
	t->facts.root = "/";
	t->facts.guest_root = v->guest_root != NULL ? RS_VIRTUAL_GUEST_ROOT : NULL;
	t->facts.kernel = RS_TOOLS_ROOT "/" RS_TOOLS_KERNEL;
	t->facts.initrd = RS_TOOLS_ROOT "/" RS_TOOLS_INITRD;
	t->facts.disks = v->devices[0] != NULL ? (const char *const *)v->devices : NULL;
	t->facts.emulated = !v->kvm;
	t->facts.virtual_machine = 1;
}

static int virtual_open(struct rs_testbed *t, struct rs_err *err)
{
	struct rs_virtual *v = rs_alloc(1, sizeof(*v), err);
	const char *folder = t->options.folder;
	RS_AUTO_BUF lacks = RS_BUF_INIT;

	t->state = v;
	if (v == NULL)
		return -1;
	if (rs_testbed_virtual.doctor(&lacks) > 0)
		return rs_err_set(err, RS_ERR_MACHINE, "%.*s", (int)strcspn(rs_buf_str(&lacks), "\n"),
				  rs_buf_str(&lacks));
	v->kvm = rs_virtual_accel(t->options.accel, err);
	if (v->kvm < 0 || rs_machine_owner_reclaim(folder, err) < 0 || want_memory(rs_virtual_size(t->plan).memory_bytes, err) < 0)
		return -1;
	v->emulator = rs_path_program("qemu-system-x86_64");
	v->console = rs_path_join(folder, "console.log", err);
	v->log = rs_path_join(folder, "libvirt.log", err);
	v->definition = rs_path_join(folder, "machine.xml", err);
	if (v->emulator == NULL || v->console == NULL || v->log == NULL || v->definition == NULL ||
	    get_products(t, v, err) < 0)
		return -1;
	rs_tell(&t->tell, "testbed: making disks (about 3 s)");
	if (rs_virtual_make_disks(t, v, err) < 0 ||
	    rs_machine_owner_register(t->options.run_id, folder, &v->owner, err) < 0)
		return -1;
	for (size_t i = 0; i < RS_PORTS; i++) {
		v->ports[i] = rs_asprintf(err, "%s/port%zu", v->owner.root, i);
		if (v->ports[i] == NULL)
			return -1;
	}
	fill_facts(t, v);
	return describe(t, v, err);
}

/* A processor that was stuck once may go on; a machine where it is said so again and again
 * while nothing else happens does not come up any more. */
static int is_frozen(const char *console)
{
	static const char sign[] = "soft lockup";
	int n = 0;

	for (const char *p = console; (p = strstr(p, sign)) != NULL; p += strlen(sign))
		n++;
	return n >= FROZEN_LOCKUPS;
}

/* 1: its process 1 says that it is ready; 0: not yet; -1: it cannot become ready. */
static int look(const struct rs_virtual *v, struct rs_buf *text, struct rs_err *err)
{
	static const char *const signs[] = { "restudy: no ", "restudy: cannot ", "Kernel panic",
					     "Panic on CPU" };

	rs_buf_clear(text);
	if (rs_path_exists(v->console) && rs_path_read(v->console, CONSOLE_MAX, text, err) < 0)
		return -1;
	if (strstr(rs_buf_str(text), "restudy: ready") != NULL)
		return 1;
	for (size_t i = 0; i < RS_COUNT(signs); i++)
		if (strstr(rs_buf_str(text), signs[i]) != NULL)
			return rs_err_set(err, RS_ERR_FAILED, "the machine did not start");
	if (is_frozen(rs_buf_str(text)))
		return rs_err_set(err, RS_ERR_FAILED, "the machine froze (soft lockup)");
	if (!rs_machine_alive(v->machine))
		return rs_err_set(err, RS_ERR_FAILED, "QEMU ended");
	return 0;
}

static int wait_ready(const struct rs_virtual *v, double limit_s, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	int64_t end_ns = rs_clock_ns() + (int64_t)(limit_s * 1e9);
	int ready;

	while ((ready = look(v, &text, err)) == 0) {
		if (rs_stop_check(err) < 0)
			return -1;
		if (rs_clock_ns() > end_ns) {
			(void)rs_err_set(err, RS_ERR_TIMEOUT, "the machine was not ready within %.0f s",
					 limit_s);
			ready = -1;
			break;
		}
		rs_clock_sleep(LOOK_EVERY_S);
	}
	if (ready > 0)
		return 0;
	(void)rs_err_wrap(err, "console \"%s\" ends with \"%s\"", v->console, rs_buf_last_line(&text));
	return -1;
}

static int start(struct rs_testbed *t, struct rs_virtual *v, enum rs_boot boot, struct rs_err *err)
{
	struct rs_machine_disk disks[3 + RS_SCSI_DISKS_MAX];
	struct rs_machine_spec spec;
	RS_AUTO_STR *xen_cmdline = NULL;
	RS_AUTO_BUF xml = RS_BUF_INIT;

	if (rs_virtual_spec(t->plan, t->options.run_id, v, boot, disks, &xen_cmdline, &spec, err) < 0 ||
	    rs_machine_xml(&spec, &xml, err) < 0 ||
	    rs_path_write(v->definition, rs_buf_str(&xml), xml.len, err) < 0)
		return -1;
	if (unlink(v->console) < 0 && errno != ENOENT)	/* the last boot's would be taken for this one's */
		return rs_err_sys(err, RS_ERR_FAILED, errno, "\"%s\" cannot be removed", v->console);
	return rs_machine_start(v->machine, rs_buf_str(&xml), err);
}

/* A channel to the machine for its last command; NULL with err when it ends or does not answer. */
static struct rs_channel *last_channel(struct rs_virtual *v, struct rs_err *err)
{
	const int64_t end_ns = rs_clock_ns() + (int64_t)SHUTDOWN_LIMIT_S * 1000000000;
	struct rs_channel *ch;
	struct rs_err why;

	do {
		why = (struct rs_err)RS_ERR_INIT;
		ch = rs_channel_unix(v->ports[v->next_port], 1, &why);
	} while (ch == NULL && rs_clock_ns() < end_ns && !rs_stop_requested() && rs_machine_alive(v->machine));
	if (ch == NULL)
		(void)rs_err_set(err, why.kind, "%s", why.text);
	return ch;
}

/* Before the machine is switched off for another boot: its arrays and file systems must be
 * left clean.  A machine that does not answer is switched off as it is.  Whether it is clean. */
static int shut_down(struct rs_testbed *t, struct rs_virtual *v)
{
	static const char *const argv[] = { RS_TOOLS_ROOT "/" RS_TOOLS_SHUTDOWN, NULL };
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_CHANNEL *ch = NULL;

	if (!rs_machine_alive(v->machine))
		return 0;
	ch = last_channel(v, &err);
	if (ch != NULL && rs_channel_run_ok(ch, argv, SHUTDOWN_LIMIT_S, NULL, &err) == 0)
		return 1;
	rs_tell(&t->tell, "testbed: switched off without shutting down: %s", err.text);
	return 0;
}

/* One attempt: starts the machine and waits until its agent answers; ended on failure. */
static int try_boot(struct rs_testbed *t, struct rs_virtual *v, enum rs_boot boot,
		    struct rs_err *err)
{
	struct rs_err ignored = RS_ERR_INIT;
	struct rs_channel *ch = NULL;

	v->next_port = 0;
	if (start(t, v, boot, err) < 0)
		return -1;
	if (wait_ready(v, boot_limit_s(boot, v->kvm), err) == 0)
		ch = rs_channel_unix(v->ports[0], boot_limit_s(boot, v->kvm) / 4, err);
	if (ch == NULL) {
		(void)rs_machine_stop(v->machine, &ignored);
		return -1;
	}
	rs_channel_close(ch);
	return 0;
}

/*
 * An emulated machine on a loaded one freezes now and then while it boots, so a boot is tried
 * once more; one that failed twice is not tried four times when it is asked for again.
 */
static int boot_twice(struct rs_testbed *t, struct rs_virtual *v, enum rs_boot boot,
		      struct rs_err *err)
{
	struct rs_err first = RS_ERR_INIT;

	if (v->gave_up[boot])
		return try_boot(t, v, boot, err);
	if (try_boot(t, v, boot, &first) == 0)
		return 0;
	if (first.kind == RS_ERR_INTERRUPTED || rs_stop_requested())
		return rs_err_set(err, first.kind, "%s", first.text);
	rs_tell(&t->tell, "testbed: the boot did not come up, it is tried once more: %s", first.text);
	if (rs_virtual_make_root_disk(v, err) == 0 && try_boot(t, v, boot, err) == 0) {
		rs_tell(&t->tell, "testbed: the second boot came up");
		return 0;
	}
	v->gave_up[boot] = 1;
	return rs_err_wrap(err, "boot \"%s\" failed twice", rs_boot_name(boot));
}

static int virtual_boot(struct rs_testbed *t, enum rs_boot boot, struct rs_err *err)
{
	struct rs_virtual *v = t->state;
	int64_t start_ns = rs_clock_ns();
	int clean = 1;
	char span[32];

	if (rs_stop_check(err) < 0)
		return -1;
	rs_tell(&t->tell, "testbed: booting %s (about %d s)", rs_boot_name(boot),
		boot == RS_BOOT_XEN ? 25 : 12);
	if (v->machine == NULL)
		v->machine = rs_machine_open(v->owner.root, v->log, err);
	else
		clean = shut_down(t, v);
	if (v->machine == NULL || rs_machine_stop(v->machine, err) < 0 ||
	    (!clean && rs_virtual_renew_disks(v, err) < 0) || boot_twice(t, v, boot, err) < 0)
		return -1;
	rs_tell(&t->tell, "testbed: ready after %s",
		rs_clock_span(span, sizeof(span), (double)(rs_clock_ns() - start_ns) / 1e9));
	return 0;
}

/* Ports in turn: QEMU serves one connection of a port at a time, so the next one is the
 * one that has been free for longest. */
static struct rs_channel *virtual_channel(struct rs_testbed *t, struct rs_err *err)
{
	struct rs_virtual *v = t->state;
	struct rs_channel *ch;

	if (v->machine == NULL || !rs_machine_alive(v->machine)) {
		(void)rs_err_set(err, RS_ERR_FAILED, "the testbed's machine does not run");
		return NULL;
	}
	ch = rs_channel_unix(v->ports[v->next_port], v->kvm ? 30 : 60, err);
	if (ch == NULL)
		(void)rs_err_wrap(err, "port %zu of the testbed's machine (at most %d channels work at once)",
				  v->next_port, RS_PORTS);
	v->next_port = (v->next_port + 1) % RS_PORTS;
	return ch;
}

static int virtual_close(struct rs_testbed *t, int keep, struct rs_err *err)
{
	struct rs_virtual *v = t->state;
	int rc = 0;

	if (v == NULL)
		return 0;
	if (v->machine != NULL)
		rc = rs_machine_stop(v->machine, err);
	rs_machine_close(v->machine);
	v->machine = NULL;
	if (v->owner.root != NULL && rc == 0)
		rc = rs_machine_owner_forget(&v->owner, err);
	if (!keep)
		rs_virtual_remove_disks(v);
	virtual_free(v);
	t->state = NULL;
	return rc;
}

const struct rs_testbed_kind rs_testbed_virtual = {
	.name = "virtual",
	.open = virtual_open,
	.boot = virtual_boot,
	.channel = virtual_channel,
	.close = virtual_close,
	.steps = rs_virtual_steps,
	.doctor = rs_virtual_doctor,
};
