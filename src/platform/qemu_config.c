/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fully virtualised guest's definition, and what runs in it first. */
#include "qemu_priv.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "restudy/base/text.h"
#include "xml_priv.h"

static int vcpus(const struct rs_qemu_config *c)
{
	double whole = ceil(c->cpus);

	return whole > 1 ? (int)whole : 1;
}

static void element(struct rs_buf *out, const char *before, const char *text, const char *after)
{
	rs_buf_adds(out, before);
	rs_text_xml(out, text);
	rs_buf_adds(out, after);
}

/* Mitigations stay as the host's guests have them under KVM; under emulation they only cost
 * time. */
static void xml_os(const struct rs_qemu_config *c, struct rs_buf *out)
{
	rs_buf_adds(out, "  <os>\n    <type arch='x86_64' machine='pc'>hvm</type>\n");
	element(out, "    <kernel>", c->kernel, "</kernel>\n");
	element(out, "    <initrd>", c->initrd, "</initrd>\n");
	rs_buf_addf(out, "    <cmdline>root=/dev/vd%c rw init=" RS_QEMU_PROGRAMS "/guest-init "
		    "restudy.tools=/dev/vd%c net.ifnames=0 quiet panic=-1 console=ttyS0%s</cmdline>\n  </os>\n",
		    (char)('a' + (int)c->root), (char)('a' + (int)c->programs),
		    c->kvm ? "" : " nokaslr mitigations=off");
	rs_buf_adds(out, "  <features>\n    <acpi/>\n    <apic/>\n  </features>\n");
}

static void xml_cpu(const struct rs_qemu_config *c, struct rs_buf *out)
{
	if (c->kvm)
		rs_buf_adds(out, "  <cpu mode='host-passthrough' check='none'/>\n");
	else
		rs_buf_adds(out, "  <cpu mode='custom' match='exact' check='none'>\n"
			    "    <model fallback='forbid'>Nehalem</model>\n  </cpu>\n");
	rs_buf_adds(out, "  <clock offset='utc'/>\n  <on_poweroff>destroy</on_poweroff>\n"
		    "  <on_reboot>destroy</on_reboot>\n  <on_crash>destroy</on_crash>\n");
}

/* The file's own cache: what a guest reads twice would lie in memory twice, but a disk that is
 * thrown away need not reach the platter. */
static void xml_disks(const struct rs_qemu_config *c, struct rs_buf *out)
{
	for (size_t i = 0; i < c->n_disks; i++) {
		const struct rs_qemu_disk *d = &c->disks[i];

		rs_buf_addf(out, "    <disk type='file' device='disk'>\n"
			    "      <driver name='qemu' type='%s' cache='unsafe'/>\n", d->format);
		element(out, "      <source file='", d->file, "'/>\n");
		rs_buf_addf(out, "      <target dev='vd%c' bus='virtio'/>\n%s    </disk>\n",
			    (char)('a' + (int)i), d->read_only ? "      <readonly/>\n" : "");
	}
}

void rs_qemu_xml(const struct rs_qemu_config *c, struct rs_buf *out)
{
	rs_buf_addf(out, "<domain type='%s'>\n", c->kvm ? "kvm" : "qemu");
	element(out, "  <name>", c->name, "</name>\n");
	rs_xml_owner(out, c->owner);
	rs_buf_addf(out, "  <memory unit='KiB'>%" PRId64 "</memory>\n  <vcpu>%d</vcpu>\n",
		    c->memory_bytes / 1024, vcpus(c));
	xml_os(c, out);
	xml_cpu(c, out);
	rs_buf_adds(out, "  <devices>\n");
	element(out, "    <emulator>", c->emulator, "</emulator>\n");
	xml_disks(c, out);
	rs_buf_adds(out, "    <controller type='usb' model='none'/>\n");
	rs_buf_addf(out, "    <interface type='bridge'>\n      <mac address='%s'/>\n"
		    "      <source bridge='%s'/>\n      <model type='virtio'/>\n    </interface>\n",
		    c->at->mac, c->net->bridge);
	element(out, "    <serial type='file'>\n      <source path='", c->console,
		"'/>\n      <target port='0'/>\n    </serial>\n");
	element(out, "    <channel type='unix'>\n      <source mode='bind' path='", c->socket,
		"'/>\n      <target type='virtio' name='" RS_QEMU_PORT "'/>\n    </channel>\n");
	rs_buf_adds(out, "    <rng model='virtio'>\n      <backend model='random'>/dev/urandom</backend>\n"
		    "    </rng>\n    <memballoon model='none'/>\n  </devices>\n</domain>\n");
}

static void script_files(const struct rs_qemu_config *c, const struct rs_guests *g,
			 struct rs_buf *out)
{
	rs_buf_addf(out,
		    "mkdir -p /dev /proc /sys /run /tmp /var/tmp /etc " RS_GUEST_SCRATCH " " RS_GUEST_PROGRAMS "\n"
		    "chmod 1777 /tmp /var/tmp\n"
		    "for p in restudy-agent restudy-kernels; do\n"
		    "\tln -sf " RS_QEMU_PROGRAMS "/$p " RS_GUEST_PROGRAMS "/$p\ndone\n"
		    "echo %s >/etc/hostname\n: >/etc/resolv.conf\ncat >/etc/hosts <<end\n", c->name);
	rs_guest_hosts(out, c->name, c->at->address, c->net->gateway);
	rs_buf_adds(out, "end\ncat >/etc/fstab <<end\n");
	for (size_t i = 0; i < g->n_disks && i < c->n_disks; i++) {
		const char device[] = { '/', 'd', 'e', 'v', '/', 'v', 'd', (char)('a' + (int)i), '\0' };

		rs_guest_fstab(out, &g->disks[i], device);
	}
	rs_buf_adds(out, "end\n");
}

void rs_qemu_init_script(const struct rs_qemu_config *c, const struct rs_guests *g,
			 struct rs_buf *out)
{
	rs_buf_adds(out,
		    "#!/bin/sh\n"
		    "# First program of this guest: what is its own, its network, then the agent.\n"
		    "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nexport PATH\n");
	script_files(c, g, out);
	rs_buf_adds(out,
		    "mount -t proc proc /proc\nmount -t sysfs sysfs /sys\n"
		    "test -e /dev/null || mount -t devtmpfs devtmpfs /dev\n"
		    "ip link set dev lo up\n");
	rs_buf_addf(out,
		    "ip address add %s/%d dev eth0\nip link set dev eth0 up\n"
		    "ip route add default via %s\n",
		    c->at->address, c->net->prefix, c->net->gateway);
	for (size_t i = 0; i < g->n_disks && i < c->n_disks; i++) {
		const char device[] = { '/', 'd', 'e', 'v', '/', 'v', 'd', (char)('a' + (int)i), '\0' };

		rs_guest_mount(out, &g->disks[i], device);
	}
	rs_buf_addf(out,
		    "for name in /sys/class/virtio-ports/*/name; do\n"
		    "\ttest \"$(cat \"$name\")\" = " RS_QEMU_PORT " || continue\n"
		    "\tport=${name%%/name}\n"
		    "\texec " RS_QEMU_PROGRAMS "/restudy-agent --init --mounts --hostname %s "
		    "--device \"/dev/${port##*/}\"\ndone\n"
		    "echo 'restudy: no port of the agent' >/dev/console\n", c->name);
}
