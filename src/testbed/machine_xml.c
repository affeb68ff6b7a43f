/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The definition of a virtual machine as libvirt's domain XML. */
#include "machine_priv.h"

#include <inttypes.h>

#include "restudy/base/text.h"
#include "restudy/testbed.h"

/* before, text escaped, after. */
static void add(struct rs_buf *out, const char *before, const char *text, const char *after)
{
	rs_buf_adds(out, before);
	rs_text_xml(out, text);
	rs_buf_adds(out, after);
}

static void add_head(struct rs_buf *out, const struct rs_machine_spec *s)
{
	rs_buf_addf(out, "<domain type='%s'>\n", s->kvm ? "kvm" : "qemu");
	add(out, "  <name>", s->name, "</name>\n");
	add(out, "  <metadata>\n    <owner xmlns='" RS_OWNER_NAMESPACE "' run='", s->run_id, "'");
	rs_buf_addf(out, " pid='%" PRId64 "' start='%" PRIu64 "'/>\n  </metadata>\n", s->owner_pid,
		    s->owner_start);
	rs_buf_addf(out, "  <memory unit='KiB'>%" PRId64 "</memory>\n", s->memory_bytes / 1024);
	rs_buf_addf(out, "  <vcpu>%d</vcpu>\n", s->sockets * s->cores * s->threads);
}

/*
 * Xen is a multiboot kernel: QEMU takes the dom0 kernel with its arguments and the
 * initial file system as modules, separated by commas, in the place of the initrd.
 */
static void add_boot(struct rs_buf *out, const struct rs_machine_spec *s)
{
	rs_buf_adds(out, "  <os>\n    <type arch='x86_64' machine='pc'>hvm</type>\n");
	if (s->xen != NULL) {
		add(out, "    <kernel>", s->xen, "</kernel>\n");
		add(out, "    <initrd>", s->kernel, " ");
		for (const char *p = s->cmdline; *p != '\0'; p++) {
			const char one[2] = { *p, '\0' };

			rs_text_xml(out, *p == ',' ? ",," : one);
		}
		add(out, ",", s->initrd, "</initrd>\n");
		add(out, "    <cmdline>", s->xen_cmdline, "</cmdline>\n");
	} else {
		add(out, "    <kernel>", s->kernel, "</kernel>\n");
		add(out, "    <initrd>", s->initrd, "</initrd>\n");
		add(out, "    <cmdline>", s->cmdline, "</cmdline>\n");
	}
	rs_buf_adds(out, "  </os>\n  <features>\n    <acpi/>\n    <apic/>\n  </features>\n");
}

static void add_cpu(struct rs_buf *out, const struct rs_machine_spec *s)
{
	if (s->kvm) {
		rs_buf_adds(out, "  <cpu mode='host-passthrough' check='none'>\n");
	} else {
		rs_buf_adds(out, "  <cpu mode='custom' match='exact' check='none'>\n");
		add(out, "    <model fallback='forbid'>", s->cpu, "</model>\n");
		if (s->cpu_feature != NULL)
			add(out, "    <feature policy='require' name='", s->cpu_feature, "'/>\n");
	}
	rs_buf_addf(out, "    <topology sockets='%d' cores='%d' threads='%d'/>\n  </cpu>\n", s->sockets,
		    s->cores, s->threads);
	rs_buf_adds(out, "  <clock offset='utc'/>\n  <on_poweroff>destroy</on_poweroff>\n"
		    "  <on_reboot>destroy</on_reboot>\n  <on_crash>destroy</on_crash>\n");
}

/* Disks are thrown away with the run, so nothing need reach the platter: cache unsafe. */
static void add_disks(struct rs_buf *out, const struct rs_machine_spec *s)
{
	int n_virtio = 0, n_scsi = 0;

	for (size_t i = 0; i < s->n_disks; i++) {
		const struct rs_machine_disk *d = &s->disks[i];
		int scsi = d->bus == RS_BUS_SCSI;
		int unit = scsi ? n_scsi++ : n_virtio++;

		rs_buf_addf(out, "    <disk type='file' device='disk'>\n"
			    "      <driver name='qemu' type='%s' cache='unsafe'/>\n", d->format);
		add(out, "      <source file='", d->path, "'/>\n");
		rs_buf_addf(out, "      <target dev='%s%c' bus='%s'/>\n", scsi ? "sd" : "vd", 'a' + unit,
			    scsi ? "scsi" : "virtio");
		if (scsi)
			rs_buf_addf(out, "      <address type='drive' controller='0' bus='0' target='0' "
				    "unit='%d'/>\n", unit);
		if (d->read_only)
			rs_buf_adds(out, "      <readonly/>\n");
		rs_buf_adds(out, "    </disk>\n");
	}
	rs_buf_adds(out, "    <controller type='usb' model='none'/>\n");
	if (n_scsi > 0)		/* a controller of the period: lsi53c895a, driver sym53c8xx */
		rs_buf_adds(out, "    <controller type='scsi' index='0' model='lsilogic'/>\n");
}

static void add_devices(struct rs_buf *out, const struct rs_machine_spec *s)
{
	rs_buf_adds(out, "  <devices>\n");
	add(out, "    <emulator>", s->emulator, "</emulator>\n");
	add_disks(out, s);
	for (size_t i = 0; i < s->n_nics; i++)
		rs_buf_adds(out, "    <interface type='user'>\n      <model type='e1000'/>\n"
			    "    </interface>\n");
	add(out, "    <serial type='file'>\n      <source path='", s->console,
	    "'/>\n      <target port='0'/>\n    </serial>\n");
	for (size_t i = 0; i < s->n_ports; i++) {
		add(out, "    <channel type='unix'>\n      <source mode='bind' path='", s->ports[i],
		    "'/>\n");
		rs_buf_addf(out, "      <target type='virtio' name='restudy.%zu'/>\n    </channel>\n", i);
	}
	rs_buf_adds(out, "    <rng model='virtio'>\n"
		    "      <backend model='random'>/dev/urandom</backend>\n    </rng>\n"
		    "    <memballoon model='none'/>\n  </devices>\n");
}

int rs_machine_xml(const struct rs_machine_spec *spec, struct rs_buf *out, struct rs_err *err)
{
	add_head(out, spec);
	add_boot(out, spec);
	add_cpu(out, spec);
	add_devices(out, spec);
	rs_buf_adds(out, "</domain>\n");
	return rs_buf_check(out, err);
}
