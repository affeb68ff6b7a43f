/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The domain XML of a container: libvirt's "exe" type with our agent as its init. */
#include "lxc_priv.h"

#include <inttypes.h>
#include <math.h>

#include "restudy/base/text.h"
#include "xml_priv.h"

/* The kernel's own period of its bandwidth control, in microseconds. */
enum { CPU_PERIOD_US = 100000, CPU_QUOTA_MIN_US = 1000 };

static void folder_bind(struct rs_buf *out, const char *from, const char *to, const char *access)
{
	rs_buf_adds(out, "    <filesystem type='mount'>\n      <source dir='");
	rs_text_xml(out, from);
	rs_buf_adds(out, "'/>\n      <target dir='");
	rs_text_xml(out, to);
	rs_buf_addf(out, "'/>\n%s    </filesystem>\n", access);
}

static void cpu_tune(const struct rs_lxc_config *c, struct rs_buf *out)
{
	if (c->cpus <= 0 && c->shares <= 0)
		return;
	rs_buf_adds(out, "  <cputune>\n");
	if (c->shares > 0)
		rs_buf_addf(out, "    <shares>%d</shares>\n", c->shares);
	if (c->cpus > 0)
		rs_buf_addf(out, "    <period>%d</period>\n    <quota>%.0f</quota>\n", CPU_PERIOD_US,
			    fmax(CPU_QUOTA_MIN_US, floor(c->cpus * CPU_PERIOD_US + 0.5)));
	rs_buf_adds(out, "  </cputune>\n");
}

static void memory(const struct rs_lxc_config *c, struct rs_buf *out)
{
	rs_buf_addf(out, "  <memory unit='b'>%" PRId64 "</memory>\n",
		    c->memory_bytes > 0 ? c->memory_bytes : c->machine_bytes);
	if (c->memory_bytes > 0)
		rs_buf_addf(out, "  <memtune>\n    <hard_limit unit='b'>%" PRId64
			    "</hard_limit>\n  </memtune>\n", c->memory_bytes);
}

static void interface(const struct rs_lxc_config *c, struct rs_buf *out)
{
	rs_buf_addf(out,
		    "    <interface type='bridge'>\n"
		    "      <source bridge='%s'/>\n"
		    "      <mac address='%s'/>\n"
		    "      <ip address='%s' family='ipv4' prefix='%d'/>\n"
		    "      <route family='ipv4' address='0.0.0.0' prefix='0' gateway='%s'/>\n"
		    "      <guest dev='eth0'/>\n"
		    "    </interface>\n",
		    c->net->bridge, c->at->mac, c->at->address, c->net->prefix, c->net->gateway);
}

void rs_lxc_xml(const struct rs_lxc_config *c, struct rs_buf *out)
{
	rs_buf_addf(out, "<domain type='lxc'>\n  <name>%s</name>\n  <title>%s</title>\n", c->domain,
		    c->name);
	rs_xml_owner(out, c->owner);
	memory(c, out);
	rs_buf_addf(out, "  <vcpu>%.0f</vcpu>\n", fmax(1, ceil(c->cpus)));
	cpu_tune(c, out);
	rs_buf_addf(out,
		    "  <os>\n    <type>exe</type>\n"
		    "    <init>" RS_GUEST_PROGRAMS "/restudy-agent</init>\n"
		    "    <initarg>--init</initarg>\n"
		    "    <initarg>--hostname</initarg>\n    <initarg>%s</initarg>\n"
		    "    <initarg>--unix</initarg>\n    <initarg>/run/restudy/agent.sock</initarg>\n"
		    "  </os>\n"
		    "  <features>\n    <privnet/>\n  </features>\n"
		    "  <on_poweroff>destroy</on_poweroff>\n"
		    "  <on_reboot>destroy</on_reboot>\n"
		    "  <on_crash>destroy</on_crash>\n"
		    "  <devices>\n", c->name);
	folder_bind(out, c->root, "/", "");
	rs_buf_adds(out, "    <filesystem type='ram'>\n      <source usage='65536' units='KiB'/>\n"
		    "      <target dir='/run'/>\n    </filesystem>\n");
	folder_bind(out, c->run, "/run/restudy", "");
	folder_bind(out, c->agent, RS_GUEST_PROGRAMS "/restudy-agent", "      <readonly/>\n");
	folder_bind(out, c->kernels, RS_GUEST_PROGRAMS "/restudy-kernels", "      <readonly/>\n");
	interface(c, out);
	rs_buf_adds(out, "    <console type='pty'/>\n  </devices>\n</domain>\n");
}
