/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The testbed that is this machine as it is: nothing of it is changed. */
#include "testbed_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "image_priv.h"
#include "kernel_priv.h"
#include "local_priv.h"
#include "restudy/base/lock.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"

#define PROC_MAX (1u << 20)

struct local {
	char *program, *agent, *kernels;	/* absolute */
	char *tree;				/* root of guests, or NULL */
	struct rs_kernel kernel;
	int held;				/* lock of this machine, or -1 */
};

int rs_capabilities_of_dom0(const char *text)
{
	return strstr(text, "control_d") != NULL;
}

int rs_testbed_is_dom0(const char *root)
{
	RS_AUTO_STR *path = rs_asprintf(NULL, "%s/proc/xen/capabilities", root);
	RS_AUTO_BUF text = RS_BUF_INIT;

	return path != NULL && rs_path_read(path, PROC_MAX, &text, NULL) == 0 &&
	       rs_capabilities_of_dom0(rs_buf_str(&text));
}

int rs_machine_is_virtual(int has_flag, int is_dom0, const char *maker)
{
	static const char *const makers[] = { "Amazon EC2", "Google", "KVM", "OpenStack", "QEMU", "Red Hat",
					      "VMware", "Xen", "innotek" };

	if (!has_flag || !is_dom0)
		return has_flag;
	for (size_t i = 0; i < RS_COUNT(makers); i++)
		if (strncmp(maker, makers[i], strlen(makers[i])) == 0)
			return 1;
	return 0;
}

int rs_boot_matches(enum rs_boot boot, enum rs_boot running, const char *machine, struct rs_err *err)
{
	switch (boot) {
	case RS_BOOT_PLAIN:
		if (running != RS_BOOT_XEN)
			return 0;
		return rs_err_set(err, RS_ERR_MACHINE, "%s runs under Xen: boot it with its kernel alone, "
				  "then --resume, or use --testbed virtual", machine);
	case RS_BOOT_XEN:
		if (running == RS_BOOT_XEN)
			return 0;
		return rs_err_set(err, RS_ERR_MACHINE, "%s does not run under Xen: boot it with the "
				  "hypervisor (apt-get install xen-system-amd64), then --resume, or use "
				  "--testbed virtual", machine);
	case RS_BOOT_OPENVZ:
		if (running == RS_BOOT_OPENVZ)
			return 0;
		return rs_err_set(err, RS_ERR_MACHINE, "%s does not run an OpenVZ kernel (no /proc/vz): "
				  "boot it with one, then --resume, or give the system a substitute", machine);
	case RS_BOOT_LAST:
		break;
	}
	return rs_err_set(err, RS_ERR_INTERNAL, "boot %d is unknown", (int)boot);
}

/* What is realised for a system here: its platform or what stands in. */
static int plan_uses(const struct rs_plan *plan, enum rs_platform_kind kind)
{
	for (size_t i = 0; i < plan->n_systems; i++) {
		const struct rs_system *s = &plan->systems[i];

		if (s->platform == kind || (s->has_substitute && s->substitute == kind))
			return 1;
	}
	return 0;
}

/* Whether some guests boot a kernel that we bring. */
static int plan_boots_guests(const struct rs_plan *plan)
{
	return plan_uses(plan, RS_PLATFORM_QEMU) || plan_uses(plan, RS_PLATFORM_XEN) ||
	       plan_uses(plan, RS_PLATFORM_XEN_PVH);
}

static int get_guest_parts(struct rs_testbed *t, struct local *l, struct rs_err *err)
{
	const struct rs_image *image;
	struct rs_image_built built = { .path = NULL };
	int rc;

	if (!plan_uses(t->plan, RS_PLATFORM_LXC) && !plan_boots_guests(t->plan))
		return 0;
	image = rs_image_choose(t->plan, err);
	if (image == NULL)
		return -1;
	if (plan_boots_guests(t->plan)) {
		if (rs_kernel_get(image, &t->tell, &l->kernel, err) < 0 ||
		    rs_testbed_add_lines(&t->builds, "kernel ", l->kernel.packages, err) < 0)
			return -1;
		t->facts.kernel = l->kernel.vmlinux;
		t->facts.initrd = l->kernel.initrd;
	}
	if (geteuid() != 0) {
		rs_tell(&t->tell, "image: not built: only root can use a tree for guests");
		return 0;
	}
	if (rs_image_get(image, RS_IMAGE_TREE, t->options.lock, &t->tell, &built, err) < 0)
		return -1;
	l->tree = RS_STEAL(&built.path);
	t->facts.root = l->tree;
	rs_buf_addf(&t->builds, "image %s %s %s\n", image->id, image->release, built.key);
	if (built.archive != NULL)
		rs_buf_addf(&t->builds, "%s\n", built.archive);
	rc = rs_testbed_add_lines(&t->builds, "package ", built.packages, err);
	rs_image_built_release(&built);
	return rc;
}

/* The text after "name : " in the first such line of /proc/cpuinfo, cut at its end. */
static const char *cpu_field(const char *text, const char *name, int *len)
{
	const char *p = strstr(text, name);

	p = p != NULL ? strchr(p, ':') : NULL;
	*len = 0;
	if (p == NULL)
		return "";
	p += 1 + strspn(p + 1, " ");
	*len = (int)strcspn(p, "\n");
	return p;
}

static int describe(struct rs_testbed *t, struct rs_err *err)
{
	const int is_dom0 = rs_testbed_is_dom0("");
	RS_AUTO_BUF cpu = RS_BUF_INIT, maker = RS_BUF_INIT;
	struct utsname u;
	char memory[32];
	const char *model, *flags;
	int model_len, flags_len;
	const long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
	double bytes = (double)pages * (double)page_bytes;

	if (rs_path_read("/proc/cpuinfo", PROC_MAX, &cpu, err) < 0)
		return -1;
	if (uname(&u) < 0)
		return rs_err_set(err, RS_ERR_FAILED, "the kernel's name cannot be asked for");
	model = cpu_field(rs_buf_str(&cpu), "model name", &model_len);
	flags = cpu_field(rs_buf_str(&cpu), "flags", &flags_len);
	if (rs_path_read(RS_MAKER_PATH, PROC_MAX, &maker, NULL) < 0)
		rs_buf_clear(&maker);	/* not every machine tells */
	t->facts.virtual_machine = rs_machine_is_virtual(memmem(flags, (size_t)flags_len, " hypervisor", 11) != NULL,
							 is_dom0, rs_buf_str(&maker));
	rs_buf_addf(&t->description, "this machine: %ld CPUs %.*s, %s of memory%s, %s %s%s",
		    sysconf(_SC_NPROCESSORS_ONLN), model_len, model,
		    rs_format_quantity(memory, sizeof(memory), floor(bytes / 1048576) * 1048576, RS_DIM_BYTES), is_dom0 ? " in domain 0 of Xen" : "",
		    u.sysname, u.release,
		    t->facts.virtual_machine ? ", itself a virtual machine" : "");
	t->facts.description = rs_buf_str(&t->description);
	return rs_buf_check(&t->description, err);
}

static char *absolute(const char *path, const char *what, struct rs_err *err)
{
	char *real = realpath(path, NULL);

	if (real == NULL)
		(void)rs_err_set(err, RS_ERR_MACHINE, "%s \"%s\" is missing: make it, or install Restudy "
				 "again", what, path);
	return real;
}

int rs_testbed_hold(const char *run_id, int *ret_fd, struct rs_err *err)
{
	RS_AUTO_STR *cache = rs_path_cache(err);
	RS_AUTO_STR *path = cache != NULL ? rs_path_join(cache, "measuring.lock", err) : NULL;
	RS_AUTO_STR *what = rs_asprintf(err, "run %s", run_id);

	if (path == NULL || what == NULL)
		return -1;
	if (rs_lock_hold(path, what, RS_ERR_MACHINE, ret_fd, err) < 0)
		return rs_err_wrap(err, "another run measures on this machine");
	return 0;
}

static int local_open(struct rs_testbed *t, struct rs_err *err)
{
	struct local *l = rs_alloc(1, sizeof(*l), err);

	t->state = l;
	if (l == NULL)
		return -1;
	l->held = -1;
	if (rs_testbed_hold(t->options.run_id, &l->held, err) < 0)
		return -1;
	l->program = absolute(t->options.program, "program", err);
	l->agent = absolute(t->options.agent, "agent", err);
	l->kernels = absolute(t->options.kernels, "benchmark program", err);
	if (l->program == NULL || l->agent == NULL || l->kernels == NULL)
		return -1;
	t->facts.program = l->program;
	t->facts.agent = l->agent;
	t->facts.kernels = l->kernels;
	t->facts.folder = t->options.folder;
	if (get_guest_parts(t, l, err) < 0)
		return -1;
	return describe(t, err);
}

static int local_running(const struct rs_testbed_options *o, enum rs_boot *ret, struct rs_err *err)
{
	(void)o;
	(void)err;
	if (rs_testbed_is_dom0(""))
		*ret = RS_BOOT_XEN;
	else
		*ret = rs_path_exists("/proc/vz") ? RS_BOOT_OPENVZ : RS_BOOT_PLAIN;
	return 0;
}

static int local_boot(struct rs_testbed *t, enum rs_boot boot, struct rs_err *err)
{
	enum rs_boot running = RS_BOOT_LAST;

	if (local_running(&t->options, &running, err) < 0)
		return -1;
	return rs_boot_matches(boot, running, "this machine", err);
}

static struct rs_channel *local_channel(struct rs_testbed *t, struct rs_err *err)
{
	(void)t;
	return rs_channel_local(err);
}

static int local_close(struct rs_testbed *t, int keep, struct rs_err *err)
{
	struct local *l = t->state;

	(void)keep;
	(void)err;
	if (l == NULL)
		return 0;
	free(l->program);
	free(l->agent);
	free(l->kernels);
	free(l->tree);
	rs_kernel_release(&l->kernel);
	rs_close_fd(&l->held);
	free(l);
	t->state = NULL;
	return 0;
}

static void local_steps(const struct rs_plan *plan, const struct rs_testbed_options *o,
			struct rs_buf *out)
{
	const struct rs_image *image;

	(void)o;
	rs_buf_adds(out, "# this machine as it is: nothing is booted, no disk of the plan is made\n");
	if (plan_boots_guests(plan)) {
		rs_buf_adds(out, "# guests' kernel, kept in the cache\n");
		rs_kernel_steps(out);
	}
	image = plan_uses(plan, RS_PLATFORM_LXC) || plan_boots_guests(plan) ? rs_image_choose(plan, NULL) : NULL;
	if (image != NULL) {
		rs_buf_adds(out, "# tree of guests, kept in the cache: about 60 s the first time; root only\n");
		rs_image_steps(image, RS_IMAGE_TREE, out);
	}
}

static int local_doctor(struct rs_buf *out)
{
	RS_AUTO_STR *mmdebstrap = rs_path_program("mmdebstrap");
	int n = 0;

	if (mmdebstrap == NULL)
		n += rs_doctor_lacks(out, "mmdebstrap, for the tree of guests",
				     "apt-get install mmdebstrap");
	if (geteuid() != 0)
		n += rs_doctor_lacks(out, "root's rights, for guests and for dropping caches",
				     "run restudy as root, or use --testbed virtual");
	return n;
}

const struct rs_testbed_kind rs_testbed_local = {
	.name = "local",
	.running = local_running,
	.open = local_open,
	.boot = local_boot,
	.channel = local_channel,
	.close = local_close,
	.steps = local_steps,
	.doctor = local_doctor,
};
