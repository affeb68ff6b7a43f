/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest's configuration, for libvirt's libxl driver and for xl. */
#include "xen_priv.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/text.h"
#include "xml_priv.h"

static const struct {
	const char *name;	/* of xl.cfg(5) */
	const char *os;		/* what libvirt calls it */
	const char *capability;	/* the word of "virt_caps" it needs */
} types[] = {
	[RS_XEN_PV] = { "pv", "<type arch='x86_64' machine='xenpv'>linux</type>", "pv" },
	[RS_XEN_PVH] = { "pvh", "<type arch='x86_64' machine='xenpvh'>xenpvh</type>", "hvm" },
};
_Static_assert(RS_COUNT(types) == RS_XEN_LAST, "tell what every type is");

int rs_xen_offers(enum rs_xen_type type, const char *virt_caps, struct rs_err *err)
{
	const int paging = type == RS_XEN_PV || rs_has_word(virt_caps, "hap") ||
			   rs_has_word(virt_caps, "shadow");
	const char *lacks = !rs_has_word(virt_caps, types[type].capability) ? types[type].capability :
			    !paging ? "hap" : NULL;

	if (lacks == NULL)
		return 0;
	if (type == RS_XEN_PV)
		return rs_err_set(err, RS_ERR_MACHINE, "Xen here does not offer \"pv\" guests (virt_caps: %.*s): "
				  "use platform xen-pvh", (int)strcspn(virt_caps, "\n"), virt_caps);
	return rs_err_set(err, RS_ERR_MACHINE, "Xen here does not offer \"%s\", which %s guests need (virt_caps: "
			  "%.*s): switch AMD SVM or Intel VMX on in the machine's firmware, or use platform xen",
			  lacks, types[type].name, (int)strcspn(virt_caps, "\n"), virt_caps);
}

int rs_xen_target(const char *device, size_t i, char ret[16], struct rs_err *err)
{
	const char *tail = device;

	if (device == NULL) {
		(void)snprintf(ret, 16, "xvda%zu", i + 1);
		return 0;
	}
	if (strncmp(tail, "/dev/", 5) == 0)
		tail += 5;
	if (strncmp(tail, "xvd", 3) == 0)
		tail += 3;
	else if (strncmp(tail, "sd", 2) == 0 || strncmp(tail, "hd", 2) == 0)
		tail += 2;
	else
		tail = "";
	if (tail[0] < 'a' || tail[0] > 'p' || strlen(tail) > 3 ||
	    strspn(tail + 1, "0123456789") != strlen(tail + 1))
		return rs_err_set(err, RS_ERR_PLAN, "disk \"%s\" of a Xen guest has no name like \"sda1\" or "
				  "\"xvda1\"", device);
	(void)snprintf(ret, 16, "xvd%s", tail);
	return 0;
}

static int vcpus(const struct rs_xen_config *c)
{
	double whole = ceil(c->cpus);

	return whole > 1 ? (int)whole : 1;
}

static void cmdline(const struct rs_xen_config *c, struct rs_buf *out)
{
	/* Where the processor virtualises, looking for an AGP card's aperture takes seconds. */
	rs_buf_addf(out, "root=/dev/%s rw console=hvc0 quiet%s init=" RS_GUEST_PROGRAMS "/guest-init",
		    c->root, c->type == RS_XEN_PV ? "" : " iommu=noaperture");
}

static void xml_os(const struct rs_xen_config *c, struct rs_buf *out)
{
	rs_buf_addf(out, "  <os>\n    %s\n    <kernel>", types[c->type].os);
	rs_text_xml(out, c->kernel);
	rs_buf_adds(out, "</kernel>\n");
	if (c->initrd != NULL) {
		rs_buf_adds(out, "    <initrd>");
		rs_text_xml(out, c->initrd);
		rs_buf_adds(out, "</initrd>\n");
	}
	rs_buf_adds(out, "    <cmdline>");
	cmdline(c, out);
	rs_buf_adds(out, "</cmdline>\n  </os>\n");
	/* A guest that is never moved reads the processor's own counter of time. */
	if (c->type != RS_XEN_PV)
		rs_buf_adds(out, "  <clock offset='utc'>\n    <timer name='tsc' mode='native'/>\n  </clock>\n");
}

void rs_xen_xml(const struct rs_xen_config *c, struct rs_buf *out)
{
	rs_buf_addf(out, "<domain type='xen'>\n  <name>%s</name>\n", c->name);
	rs_xml_owner(out, c->owner);
	rs_buf_addf(out, "  <memory unit='b'>%" PRId64 "</memory>\n  <vcpu>%d</vcpu>\n",
		    c->memory_bytes, vcpus(c));
	xml_os(c, out);
	rs_buf_adds(out, "  <on_poweroff>destroy</on_poweroff>\n  <on_reboot>destroy</on_reboot>\n"
		    "  <on_crash>destroy</on_crash>\n  <devices>\n");
	for (size_t i = 0; i < c->n_disks; i++) {
		rs_buf_adds(out, "    <disk type='block' device='disk'>\n      <driver name='phy'/>\n"
			    "      <source dev='");
		rs_text_xml(out, c->disks[i].device);
		rs_buf_addf(out, "'/>\n      <target dev='%s' bus='xen'/>\n    </disk>\n",
			    c->disks[i].target);
	}
	rs_buf_addf(out, "    <interface type='bridge'>\n      <source bridge='%s'/>\n"
		    "      <mac address='%s'/>\n    </interface>\n"
		    "    <console type='pty'>\n      <target type='xen' port='0'/>\n    </console>\n"
		    "  </devices>\n</domain>\n", c->net->bridge, c->at->mac);
}

void rs_xen_xl(const struct rs_xen_config *c, struct rs_buf *out)
{
	rs_buf_addf(out, "name = \"%s\"\ntype = \"%s\"\nkernel = \"%s\"\n", c->name, types[c->type].name,
		    c->kernel);
	if (c->initrd != NULL)
		rs_buf_addf(out, "ramdisk = \"%s\"\n", c->initrd);
	rs_buf_adds(out, "cmdline = \"");
	cmdline(c, out);
	rs_buf_addf(out, "\"\nmemory = %" PRId64 "\nvcpus = %d\n", c->memory_bytes >> 20, vcpus(c));
	if (c->type != RS_XEN_PV)
		rs_buf_adds(out, "tsc_mode = \"native\"\n");
	if (c->cpus > 0)
		rs_buf_addf(out, "cap = %.0f\n", c->cpus * 100);
	rs_buf_adds(out, "disk = [\n");
	for (size_t i = 0; i < c->n_disks; i++)
		rs_buf_addf(out, "\t\"%s,raw,%s,rw%s%s%s\",\n", c->disks[i].device, c->disks[i].target,
			    c->scripts != NULL ? ",script=" : "", c->scripts != NULL ? c->scripts : "",
			    c->scripts != NULL ? "/block" : "");
	rs_buf_addf(out, "]\nvif = [ \"mac=%s,bridge=%s%s%s%s\" ]\n", c->at->mac, c->net->bridge,
		    c->scripts != NULL ? ",script=" : "", c->scripts != NULL ? c->scripts : "",
		    c->scripts != NULL ? "/vif-bridge" : "");
	rs_buf_adds(out, "on_poweroff = \"destroy\"\non_reboot = \"destroy\"\non_crash = \"destroy\"\n");
}

void rs_xen_init_script(const struct rs_xen_config *c, const struct rs_guests *g, struct rs_buf *out)
{
	rs_buf_adds(out,
		    "#!/bin/sh\n"
		    "# First program of this guest: its network, then the agent.\n"
		    "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nexport PATH\n"
		    "mount -o remount,rw /\n"
		    "test -e /proc/self || mount -t proc proc /proc\n"
		    "test -e /sys/class || mount -t sysfs sysfs /sys\n"
		    "test -e /dev/null || mount -t devtmpfs devtmpfs /dev\n"
		    "tries=0\n"
		    "while test ! -e /sys/class/net/eth0 && test $tries -lt 100; do\n"
		    "\ttries=$((tries + 1))\n\tsleep 0.1\ndone\n"
		    "ip link set dev lo up\n");
	rs_buf_addf(out,
		    "ip address add %s/%d dev eth0\nip link set dev eth0 up\n"
		    "ip route add default via %s\n",
		    c->at->address, c->net->prefix, c->net->gateway);
	for (size_t i = 0; i < c->n_disks && i < g->n_disks; i++) {
		char device[32];

		(void)snprintf(device, sizeof(device), "/dev/%s", c->disks[i].target);
		rs_guest_mount(out, &g->disks[i], device);
	}
	rs_buf_addf(out,
		    "exec " RS_GUEST_PROGRAMS "/restudy-agent --init --mounts --hostname %s --tcp %s:%d\n",
		    c->name, c->at->address, (int)RS_XEN_AGENT_PORT);
}
