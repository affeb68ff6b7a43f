/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The disks of the virtual testbed, and its definition from the plan's hardware. */
#include "virtual_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restudy/base/cmd.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "tools_priv.h"

#define MEMORY_DEFAULT	  (2ll << 30)
#define DOM0_MEMORY	  (768ll << 20)	/* where the plan's Xen system does not say */
#define DISK_GROWTH_BYTES (1024ll << 20) /* what a run usually writes to its disks */

/* The kernel's address is fixed and mitigations are off: under emulation both only cost
 * time.  Names of network cards stay eth0, eth1. */
#define KERNEL_ARGUMENTS						     \
	"root=/dev/vda rw init=" RS_TOOLS_ROOT "/" RS_TOOLS_INIT	     \
	" restudy.tools=/dev/vdb nokaslr mitigations=off net.ifnames=0 quiet panic=-1 console="

struct rs_virtual_size rs_virtual_size(const struct rs_plan *plan)
{
	const struct rs_hardware *hw = &plan->hardware;
	struct rs_virtual_size s = { 2, 1, 1, MEMORY_DEFAULT, 1 };

	if (!plan->has_hardware)
		return s;
	if (hw->sockets > 0)
		s.sockets = hw->sockets;
	if (hw->cores_per_socket > 0)
		s.cores = hw->cores_per_socket;
	if (hw->threads_per_core > 0)
		s.threads = hw->threads_per_core;
	if (hw->memory_bytes > 0)
		s.memory_bytes = hw->memory_bytes;
	if (hw->n_nics > 0)
		s.n_nics = hw->n_nics;
	return s;
}

struct rs_virtual_cpu rs_virtual_cpu(const struct rs_plan *plan)
{
	for (size_t i = 0; i < plan->n_systems; i++) {
		const struct rs_system *s = &plan->systems[i];

		if (s->platform == RS_PLATFORM_XEN_PVH ||
		    (s->has_substitute && s->substitute == RS_PLATFORM_XEN_PVH))
			return (struct rs_virtual_cpu){ "Opteron_G3", "npt" };
	}
	return (struct rs_virtual_cpu){ "Nehalem", NULL };
}

static int cpu_has_virtualisation(void)
{
	RS_AUTO_FILE *f = fopen("/proc/cpuinfo", "re");
	char line[8192];

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "flags", 5) == 0)
			return strstr(line, " vmx") != NULL || strstr(line, " svm") != NULL;
	return 0;
}

int rs_virtual_accel(enum rs_accel accel, struct rs_err *err)
{
	RS_AUTO_FD kvm = -1;

	switch (accel) {
	case RS_ACCEL_TCG:
	case RS_ACCEL_LAST:
		return 0;
	case RS_ACCEL_AUTO:
	case RS_ACCEL_KVM:
		break;
	}
	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (accel == RS_ACCEL_KVM && kvm < 0)
		return rs_err_sys(err, RS_ERR_MACHINE, errno, "/dev/kvm cannot be opened: use --accel tcg, "
				  "or join the group that owns it");
	/* Some machines offer a /dev/kvm for paravirtual kernels only: it opens, but an
	 * ordinary kernel does not start.  The processor's flags tell. */
	return kvm >= 0 && (accel == RS_ACCEL_KVM || cpu_has_virtualisation());
}

int rs_testbed_has_kvm(void)
{
	return rs_virtual_accel(RS_ACCEL_AUTO, NULL) == 1;
}

static int64_t dom0_memory(const struct rs_plan *plan)
{
	double bytes;

	for (size_t i = 0; i < plan->n_systems; i++) {
		const struct rs_system *s = &plan->systems[i];

		for (size_t k = 0; s->boot == RS_BOOT_XEN && k < s->n_settings; k++)
			if (strcmp(s->settings[k].key, "dom0-memory") == 0 &&
			    rs_parse_quantity(s->settings[k].value, RS_DIM_BYTES, &bytes, NULL) == 0)
				return (int64_t)bytes;
	}
	return DOM0_MEMORY;
}

static void spec_disks(const struct rs_virtual *v, struct rs_machine_disk *disks, size_t *n)
{
	disks[(*n)++] = (struct rs_machine_disk){ v->root_disk, "qcow2", RS_BUS_VIRTIO, 0 };
	disks[(*n)++] = (struct rs_machine_disk){ v->tools_disk, "raw", RS_BUS_VIRTIO, 1 };
	if (v->guest_root != NULL)
		disks[(*n)++] = (struct rs_machine_disk){ v->guest_root, "raw", RS_BUS_VIRTIO, 1 };
	for (size_t i = 0; v->data_disks[i] != NULL; i++)
		disks[(*n)++] = (struct rs_machine_disk){ v->data_disks[i], "raw", RS_BUS_SCSI, 0 };
}

int rs_virtual_spec(const struct rs_plan *plan, const char *run_id, const struct rs_virtual *v,
		    enum rs_boot boot, struct rs_machine_disk *disks, char **ret_xen_cmdline,
		    struct rs_machine_spec *spec, struct rs_err *err)
{
	struct rs_virtual_size size = rs_virtual_size(plan);
	const struct rs_virtual_cpu cpu = rs_virtual_cpu(plan);

	*spec = (struct rs_machine_spec){
		.name = rs_path_base(v->owner.root), .run_id = run_id,
		.owner_pid = v->owner.pid, .owner_start = v->owner.start,
		.emulator = v->emulator, .kvm = v->kvm, .cpu = cpu.model, .cpu_feature = cpu.feature,
		.memory_bytes = size.memory_bytes, .sockets = size.sockets,
		.cores = size.cores, .threads = size.threads, .n_nics = size.n_nics,
		.kernel = v->kernel.vmlinux, .initrd = v->kernel.initrd,
		.cmdline = KERNEL_ARGUMENTS "ttyS0", .disks = disks, .console = v->console,
		.ports = (const char *const *)v->ports,
	};
	while (v->ports[spec->n_ports] != NULL)
		spec->n_ports++;
	spec_disks(v, disks, &spec->n_disks);
	*ret_xen_cmdline = NULL;
	switch (boot) {
	case RS_BOOT_PLAIN:
		return 0;
	case RS_BOOT_XEN:
		break;
	case RS_BOOT_OPENVZ:
	case RS_BOOT_LAST:
		return rs_err_set(err, RS_ERR_MACHINE, "no kernel for boot \"%s\" can be had here: give "
				  "the system a substitute platform", rs_boot_name(boot));
	}
	*ret_xen_cmdline = rs_asprintf(err, "console=com1 com1=115200,8n1 dom0_mem=%" PRId64 "K,max:%" PRId64
				       "K spec-ctrl=no xpti=0", dom0_memory(plan) / 1024,
				       dom0_memory(plan) / 1024);
	if (*ret_xen_cmdline == NULL)
		return -1;
	spec->cmdline = KERNEL_ARGUMENTS "hvc0";
	spec->xen = v->kernel.xen;
	spec->xen_cmdline = *ret_xen_cmdline;
	return 0;
}

static struct rs_cmd *create_disk(const char *format)
{
	struct rs_cmd *cmd = rs_cmd_new("qemu-img");

	rs_cmd_arg(cmd, "create");
	rs_cmd_arg(cmd, "-q");
	rs_cmd_arg(cmd, "-f");
	rs_cmd_arg(cmd, format);
	return cmd;
}

int rs_virtual_make_root_disk(const struct rs_virtual *v, struct rs_err *err)
{
	RS_AUTO_CMD *cmd = create_disk("qcow2");

	rs_cmd_arg(cmd, "-F");
	rs_cmd_arg(cmd, "raw");
	rs_cmd_arg(cmd, "-b");
	rs_cmd_arg(cmd, v->image);
	rs_cmd_arg(cmd, v->root_disk);
	return rs_cmd_run_ok(cmd, err);
}

int rs_virtual_renew_disks(const struct rs_virtual *v, struct rs_err *err)
{
	for (size_t i = 0; v->data_disks[i] != NULL; i++) {
		const char *path = v->data_disks[i];
		struct stat st;

		if (stat(path, &st) < 0 || truncate(path, 0) < 0 || truncate(path, st.st_size) < 0)
			return rs_err_sys(err, RS_ERR_FAILED, errno, "disk \"%s\" cannot be emptied", path);
	}
	return rs_virtual_make_root_disk(v, err);
}

/* Raw and sparse: nothing but what the guest wrote takes room. */
static int make_data_disk(struct rs_virtual *v, size_t i, const char *folder,
			  const struct rs_disk *disk, struct rs_err *err)
{
	RS_AUTO_CMD *cmd = create_disk("raw");

	v->data_disks[i] = rs_asprintf(err, "%s/disk%zu.raw", folder, i);
	v->devices[i] = rs_asprintf(err, "/dev/sd%c", (char)('a' + (int)i));
	if (v->data_disks[i] == NULL || v->devices[i] == NULL)
		return -1;
	rs_cmd_arg(cmd, v->data_disks[i]);
	rs_cmd_argf(cmd, "%" PRId64, disk->size_bytes / 512 * 512);
	return rs_cmd_run_ok(cmd, err);
}

int rs_virtual_make_disks(struct rs_testbed *t, struct rs_virtual *v, struct rs_err *err)
{
	const char *folder = t->options.folder;
	size_t n = t->plan->has_hardware ? t->plan->hardware.n_disks : 0;
	RS_AUTO_STR *stage = rs_path_join(folder, "tools", err);

	if (n > RS_SCSI_DISKS_MAX)
		return rs_err_set(err, RS_ERR_PLAN, "the virtual testbed takes %d disks, the plan has %zu",
				  RS_SCSI_DISKS_MAX, n);
	v->root_disk = rs_path_join(folder, "root.qcow2", err);
	v->tools_disk = rs_path_join(folder, "tools.img", err);
	v->data_disks = rs_alloc(n + 1, sizeof(*v->data_disks), err);
	v->devices = rs_alloc(n + 1, sizeof(*v->devices), err);
	if (stage == NULL || v->root_disk == NULL || v->tools_disk == NULL ||
	    v->data_disks == NULL || v->devices == NULL ||
	    rs_testbed_want_space(folder, DISK_GROWTH_BYTES, "the testbed's disks", err) < 0 ||
	    rs_virtual_make_root_disk(v, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (make_data_disk(v, i, folder, &t->plan->hardware.disks[i], err) < 0)
			return -1;
	return rs_tools_disk(&t->options, &v->kernel, stage, v->tools_disk, err);
}

void rs_virtual_remove_disks(const struct rs_virtual *v)
{
	if (v->root_disk != NULL)
		(void)unlink(v->root_disk);
	if (v->tools_disk != NULL)
		(void)unlink(v->tools_disk);
	for (size_t i = 0; v->data_disks != NULL && v->data_disks[i] != NULL; i++)
		(void)unlink(v->data_disks[i]);
}
