/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Platforms without a machine: addresses, configurations against golden files, the
 * commands of vzctl, listings, the ledger, and namespaces where this process may make
 * them.  RESTUDY_REGEN=1 rewrites the golden files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/platform/lxc_priv.h"
#include "../../src/platform/namespace_priv.h"
#include "../../src/platform/vzctl_priv.h"
#include "../../src/platform/xen_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/process.h"
#include "restudy/platform/listing.h"

#define GOLDEN RS_SOURCE_DIR "/tests/golden/platform/"

static void expect_golden(const char *name, const struct rs_buf *got)
{
	RS_AUTO_BUF want = RS_BUF_INIT;
	RS_AUTO_STR *path = rs_asprintf(NULL, GOLDEN "%s", name);
	struct rs_err err = RS_ERR_INIT;

	assert_non_null(path);
	if (getenv("RESTUDY_REGEN") != NULL) {
		assert_int_equal(rs_path_write(path, rs_buf_str(got), got->len, &err), 0);
		return;
	}
	if (rs_path_read(path, 1 << 20, &want, &err) < 0)
		fail_msg("%s", err.text);
	if (strcmp(rs_buf_str(got), rs_buf_str(&want)) != 0)
		fail_msg("%s differs; got:\n%s", name, rs_buf_str(got));
}

/* --- a plan by hand, of the shape of the thesis's -------------------------------------- */

static char *word(const char *s)
{
	char *copy = rs_strdup(s, NULL);

	assert_non_null(copy);
	return copy;
}

static struct rs_setting_kv kv(const char *key, const char *value, const char *comment)
{
	return (struct rs_setting_kv){ .key = word(key), .value = word(value),
				       .comment = comment != NULL ? word(comment) : NULL };
}

static void fill_openvz(struct rs_system *s)
{
	static const char *const names[] = { "101", "102", "103" };

	s->id = word("openvz");
	s->title = word("OpenVZ");
	s->platform = RS_PLATFORM_OPENVZ;
	s->sysctls = calloc(3, sizeof(*s->sysctls));
	s->sysctls[0] = kv("net.ipv4.ip_forward", "1", "forward packets");
	s->sysctls[1] = kv("kernel.sysrq", "1", NULL);
	s->n_sysctls = 2;
	s->settings = calloc(3, sizeof(*s->settings));
	s->settings[0] = kv("ostemplate", "fedora-core-5-i386-default", "cache");
	s->settings[1] = kv("config", "vps.basic", NULL);
	s->settings[2] = kv("onboot", "yes", "start with the host");
	s->n_settings = 3;
	s->guests.names = calloc(3, sizeof(char *));
	for (size_t i = 0; i < 3; i++)
		s->guests.names[i] = word(names[i]);
	s->guests.n_names = 3;
	s->guests.counts = calloc(1, sizeof(int));
	s->guests.counts[0] = 3;
	s->guests.n_counts = 1;
	s->guests.memory_bytes = (int64_t)192 << 20;
	s->guests.limits = calloc(2, sizeof(*s->guests.limits));
	s->guests.limits[0] = kv("NUMPROC", "65:65", "processes");
	s->guests.limits[1] = kv("CPUUNITS", "1000", "share");
	s->guests.n_limits = 2;
	s->guests.bridge = word("vz-br0");
	s->guests.address = word("192.168.1.101");
	s->guests.netmask = word("255.255.255.0");
	s->guests.gateway = word("192.168.1.1");
}

static struct rs_guest_disk disk(const char *volume, const char *fs, const char *device,
				 const char *mount, int64_t size)
{
	return (struct rs_guest_disk){ .volume = word(volume), .group = word("VolGroup00"),
				       .filesystem = word(fs), .device = word(device),
				       .mount = mount != NULL ? word(mount) : NULL, .size_bytes = size };
}

static void fill_xen(struct rs_system *s)
{
	static const char *const names[] = { "xenU_1", "xenU_2", "xenU_3" };

	s->id = word("xen");
	s->title = word("Xen");
	s->platform = RS_PLATFORM_XEN;
	s->settings = calloc(6, sizeof(*s->settings));
	s->settings[0] = kv("dom0-cpus", "0", "processors of domain 0; 0: all");
	s->settings[1] = kv("dom0-min-mem", "256", "MiB that domain 0 keeps");
	s->settings[2] = kv("network-script", "network-bridge bridge=xen-br0 netdev=eth0", "the switch");
	s->settings[3] = kv("vif-script", "vif-bridge", NULL);
	s->settings[4] = kv("kernel", "/boot/vmlinuz-2.6.17-1.2174_FC5xenU", NULL);
	s->settings[5] = kv("root", "/dev/sda1 ro", NULL);
	s->n_settings = 6;
	s->guests.names = calloc(3, sizeof(char *));
	for (size_t i = 0; i < 3; i++)
		s->guests.names[i] = word(names[i]);
	s->guests.n_names = 3;
	s->guests.counts = calloc(1, sizeof(int));
	s->guests.counts[0] = 3;
	s->guests.n_counts = 1;
	s->guests.memory_bytes = (int64_t)256 << 20;
	s->guests.disks = calloc(2, sizeof(*s->guests.disks));
	s->guests.disks[0] = disk("xenU_%d.1", "ext3", "sda1", "/", (int64_t)1 << 30);
	s->guests.disks[1] = disk("xenU_%d.2", "swap", "sda2", NULL, (int64_t)256 << 20);
	s->guests.n_disks = 2;
	s->guests.bridge = word("xen-br0");
	s->guests.address = word("192.168.0.2");
	s->guests.netmask = word("255.255.255.0");
	s->guests.gateway = word("192.168.0.1");
	s->guests.mac = word("00:00:00:00:00:01");
}

static struct rs_plan *make_plan(void)
{
	struct rs_plan *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	p->title = word("OpenVZ and Xen");
	p->systems = calloc(3, sizeof(*p->systems));
	p->n_systems = 3;
	p->systems[0].id = word("host");
	p->systems[0].title = word("Host");
	fill_openvz(&p->systems[1]);
	fill_xen(&p->systems[2]);
	return p;
}

/* --- the table -------------------------------------------------------------------------- */

static void every_platform_is_whole(void **state)
{
	size_t n = 0;

	(void)state;
	for (const struct rs_platform *const *p = rs_platforms(); *p != NULL; p++, n++) {
		assert_string_equal((*p)->name, rs_platform_name((enum rs_platform_kind)n));
		assert_ptr_equal(rs_platform_of((enum rs_platform_kind)n), *p);
		assert_true((*p)->title != NULL && (*p)->title[0] != '\0');
		if ((*p)->unavailable != NULL)
			continue;
		assert_true((*p)->probe != NULL && (*p)->start != NULL && (*p)->guests != NULL);
		assert_true((*p)->describe != NULL && (*p)->stop != NULL);
		assert_true((*p)->leftovers != NULL && (*p)->steps != NULL);
	}
	assert_int_equal(n, RS_PLATFORM_LAST);
}

static void an_unavailable_platform_says_why(void **state)
{
	const struct rs_platform none = { .name = "none", .unavailable = "no such machine" };
	const struct rs_system sys = { .id = NULL };
	const struct rs_place place = { .folder = "/nonexistent" };
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	assert_null(rs_instance_start(&none, &sys, 1, &place, NULL, &err));
	assert_int_equal(err.kind, RS_ERR_MACHINE);
	assert_non_null(strstr(err.text, "no such machine"));
}

/* --- names and addresses ----------------------------------------------------------------- */

static void guests_get_the_plans_addresses_counted_up(void **state)
{
	struct rs_plan *p = make_plan();
	const struct rs_guests *g = &p->systems[2].guests;
	struct rs_net net;
	struct rs_net_guest at;

	(void)state;
	assert_int_equal(rs_net_of(g, &net, NULL), 0);
	assert_string_equal(net.bridge, "xen-br0");
	assert_string_equal(net.gateway, "192.168.0.1");
	assert_int_equal(net.prefix, 24);
	assert_int_equal(rs_net_guest(g, &net, 0, &at, NULL), 0);
	assert_string_equal(at.address, "192.168.0.2");
	assert_string_equal(at.mac, "00:00:00:00:00:01");
	assert_int_equal(rs_net_guest(g, &net, 2, &at, NULL), 0);
	assert_string_equal(at.address, "192.168.0.4");
	assert_string_equal(at.mac, "00:00:00:00:00:03");
	rs_plan_free(p);
}

static void a_network_without_a_plan_is_set_aside_for_tests(void **state)
{
	const struct rs_guests g = { .counts = NULL };
	struct rs_net net;
	struct rs_net_guest at;

	(void)state;
	assert_int_equal(rs_net_of(&g, &net, NULL), 0);
	assert_string_equal(net.bridge, "rsbr0");
	assert_string_equal(net.gateway, "198.18.7.1");
	assert_int_equal(rs_net_guest(&g, &net, 0, &at, NULL), 0);
	assert_string_equal(at.address, "198.18.7.2");
}

/* One wrong value at a time; each must be refused with the value in the text. */
static void wrong_networks_are_refused(void **state)
{
	static const struct {
		const char *address, *netmask, *gateway, *bridge, *mac;
		int guest;
		const char *says;
	} rows[] = {
		{ "192.168.0", NULL, NULL, NULL, NULL, 0, "\"192.168.0\"" },
		{ "192.168.0.2", "255.0.255.0", NULL, NULL, NULL, 0, "\"255.0.255.0\"" },
		{ "192.168.0.2", "255.255.255.0", "192.168.1.1", NULL, NULL, 0, "\"192.168.1.1\"" },
		{ "192.168.0.2", NULL, NULL, "a-name-that-is-long", NULL, 0, "a-name-that-is-long" },
		{ "192.168.0.2", NULL, NULL, "x/y", NULL, 0, "x/y" },
		{ "192.168.0.2", NULL, "192.168.0.4", NULL, NULL, 2, "\"192.168.0.4\"" },
		{ "192.168.0.254", "255.255.255.0", NULL, NULL, NULL, 1, "guest 2" },
		{ "192.168.0.2", NULL, NULL, NULL, "00:00:00:00:01", 0, "00:00:00:00:01" },
		{ "192.168.0.2", NULL, NULL, NULL, "01:00:00:00:00:01", 0, "multicast" },
	};

	(void)state;
	for (size_t i = 0; i < RS_COUNT(rows); i++) {
		struct rs_guests g = { .counts = NULL };
		struct rs_net net;
		struct rs_net_guest at;
		struct rs_err err = RS_ERR_INIT;
		int rc;

		g.address = word(rows[i].address);
		g.netmask = rows[i].netmask != NULL ? word(rows[i].netmask) : NULL;
		g.gateway = rows[i].gateway != NULL ? word(rows[i].gateway) : NULL;
		g.bridge = rows[i].bridge != NULL ? word(rows[i].bridge) : NULL;
		g.mac = rows[i].mac != NULL ? word(rows[i].mac) : NULL;
		rc = rs_net_of(&g, &net, &err);
		if (rc == 0)
			rc = rs_net_guest(&g, &net, rows[i].guest, &at, &err);
		assert_int_equal(rc, -1);
		assert_int_equal(err.kind, RS_ERR_PLAN);
		if (strstr(err.text, rows[i].says) == NULL)
			fail_msg("row %zu says \"%s\"", i, err.text);
		free(g.address);
		free(g.netmask);
		free(g.gateway);
		free(g.bridge);
		free(g.mac);
	}
}

static void guests_and_volumes_are_numbered(void **state)
{
	struct rs_plan *p = make_plan();
	RS_AUTO_STR *named = rs_guest_name(&p->systems[2], 1, NULL);
	RS_AUTO_STR *counted = rs_guest_name(&p->systems[2], 3, NULL);
	RS_AUTO_STR *volume = rs_guest_volume(&p->systems[2].guests.disks[1], 3, NULL);

	(void)state;
	assert_string_equal(named, "xenU_2");
	assert_string_equal(counted, "xen-4");
	assert_string_equal(volume, "xenU_3.2");
	rs_plan_free(p);
}

/* --- configurations ---------------------------------------------------------------------- */

static const struct rs_owner owner = { .run = "run-1", .pid = 4321, .start = 98765 };

static void container_xml(const char *golden, int64_t memory, double cpus, int shares)
{
	const struct rs_net net = { "vz-br0", "192.168.1.1", "255.255.255.0", 24 };
	const struct rs_net_guest at = { "192.168.1.101", "02:52:53:00:00:01" };
	const struct rs_lxc_config c = {
		.domain = "r10e1-101", .name = "101", .owner = &owner, .memory_bytes = memory,
		.machine_bytes = (int64_t)2 << 30, .cpus = cpus, .shares = shares,
		.root = "/f/it's & so/root1", .run = "/f/run1", .agent = "/p/restudy-agent",
		.kernels = "/p/restudy-kernels", .net = &net, .at = &at,
	};
	RS_AUTO_BUF out = RS_BUF_INIT;

	rs_lxc_xml(&c, &out);
	assert_int_equal(rs_buf_check(&out, NULL), 0);
	expect_golden(golden, &out);
}

static void containers_have_their_xml(void **state)
{
	(void)state;
	container_xml("lxc-limited.xml", (int64_t)192 << 20, 0.5, 1024);
	container_xml("lxc-free.xml", 0, 0, 0);
}

/* cgroups(7): cpu.shares has 2 to 262144, 1024 by itself; cpu.weight 1 to 10000, and 100. */
static void units_become_a_weight_that_there_is(void **state)
{
	static const struct {
		const char *units;
		int v1, v2;
	} rows[] = { { "1000", 0, 0 }, { "2000", 2048, 200 }, { "500", 512, 50 }, { "10", 10, 1 },
		     { "9", 9, -1 }, { "8", 8, -1 }, { "100000", 102400, 10000 },
		     { "200000", 204800, -1 }, { "500000", -1, -1 }, { "7", -1, -1 },
		     { "1000:1000", -1, -1 }, { "", -1, -1 } };

	(void)state;
	for (size_t i = 0; i < RS_COUNT(rows); i++) {
		assert_int_equal(rs_lxc_shares(rows[i].units, 1), rows[i].v1);
		assert_int_equal(rs_lxc_shares(rows[i].units, 2), rows[i].v2);
	}
}

static void xen_guests_have_both_configurations(void **state)
{
	const struct rs_net net = { "xen-br0", "192.168.0.1", "255.255.255.0", 24 };
	const struct rs_net_guest at = { "192.168.0.2", "00:00:00:00:00:01" };
	char root[] = "/dev/VolGroup00/xenU_1.1", swap[] = "/dev/VolGroup00/xenU_1.2";
	struct rs_plan *p = make_plan();
	const struct rs_xen_config c = {
		.name = "xenU_1", .owner = &owner, .memory_bytes = (int64_t)256 << 20, .cpus = 1.5,
		.kernel = "/boot/vmlinuz", .initrd = "/boot/initrd", .root = "xvda1",
		.disks = { { root, "xvda1" }, { swap, "xvda2" } }, .n_disks = 2, .net = &net, .at = &at,
	};
	RS_AUTO_BUF xml = RS_BUF_INIT;
	RS_AUTO_BUF xl = RS_BUF_INIT;
	RS_AUTO_BUF init = RS_BUF_INIT;

	(void)state;
	assert_int_equal(c.type, RS_XEN_PV);
	rs_xen_xml(&c, &xml);
	rs_xen_xl(&c, &xl);
	rs_xen_init_script(&c, &p->systems[2].guests, &init);
	expect_golden("xen-guest.xml", &xml);
	expect_golden("xen-guest.cfg", &xl);
	expect_golden("xen-guest-init.sh", &init);
	rs_plan_free(p);
}

/* A folder that the image does not have is made before something is mounted there. */
static void a_guests_disks_are_put_to_use(void **state)
{
	struct rs_guest_disk root = disk("g.1", "ext3", "sda1", "/", 1 << 20);
	struct rs_guest_disk swap = disk("g.2", "swap", "sda2", NULL, 1 << 20);
	struct rs_guest_disk data = disk("g.3", "ext3", "sda3", "/srv/a b", 1 << 20);
	struct rs_guest_disk spare = disk("g.4", "ext3", "sda4", NULL, 1 << 20);
	struct rs_guest_disk *all[] = { &root, &swap, &data, &spare };
	RS_AUTO_BUF lines = RS_BUF_INIT, table = RS_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < RS_COUNT(all); i++) {
		rs_guest_mount(&lines, all[i], "/dev/vd");
		if (all[i] != &data)
			rs_guest_fstab(&table, all[i], "/dev/vd");
		free(all[i]->volume);
		free(all[i]->group);
		free(all[i]->filesystem);
		free(all[i]->device);
		free(all[i]->mount);
	}
	assert_string_equal(rs_buf_str(&lines), "swapon /dev/vd\nmkdir -p '/srv/a b'\nmount /dev/vd '/srv/a b'\n");
	assert_string_equal(rs_buf_str(&table), "/dev/vd\t/\text3\tdefaults\t0 0\n/dev/vd\tnone\tswap\tsw\t0 0\n");
}

static void disks_of_2006_get_present_names(void **state)
{
	static const struct {
		const char *from, *to;
	} good[] = { { "sda1", "xvda1" }, { "hda2", "xvda2" }, { "xvdb", "xvdb" },
		     { "/dev/sdb15", "xvdb15" }, { NULL, "xvda3" } };
	static const char *const bad[] = { "vda1", "sd", "sda1x", "sdz1", "nvme0n1", "" };
	char to[16];

	(void)state;
	for (size_t i = 0; i < RS_COUNT(good); i++) {
		assert_int_equal(rs_xen_target(good[i].from, 2, to, NULL), 0);
		assert_string_equal(to, good[i].to);
	}
	for (size_t i = 0; i < RS_COUNT(bad); i++)
		assert_int_equal(rs_xen_target(bad[i], 0, to, NULL), -1);
}

/* --- vzctl --------------------------------------------------------------------------------- */

static void pvh_guests_have_theirs(void **state)
{
	const struct rs_net net = { "xen-br0", "192.168.0.1", "255.255.255.0", 24 };
	const struct rs_net_guest at = { "192.168.0.2", "00:00:00:00:00:01" };
	char root[] = "/dev/VolGroup00/g_1";
	const struct rs_xen_config c = {
		.type = RS_XEN_PVH, .name = "g_1", .owner = &owner, .memory_bytes = (int64_t)256 << 20,
		.kernel = "/boot/vmlinuz", .root = "xvda", .disks = { { root, "xvda" } }, .n_disks = 1,
		.net = &net, .at = &at,
	};
	RS_AUTO_BUF pvh = RS_BUF_INIT;

	(void)state;
	rs_xen_xml(&c, &pvh);
	rs_xen_xl(&c, &pvh);
	expect_golden("xen-pvh.txt", &pvh);
}

/* What xl info says on processors without virtualisation, with it, and without nested paging. */
static void what_xen_offers_decides_the_guests(void **state)
{
	static const struct {
		const char *caps;
		int offers[RS_XEN_LAST];
		const char *named;
	} rows[] = {
		{ " pv gnttab-v1 gnttab-v2\n", { 1, 0 }, "\"hvm\"" },
		{ " pv hvm hap gnttab-v1\n", { 1, 1 }, "" },
		{ " pv hvm shadow\nother", { 1, 1 }, "" },
		{ " pv hvm hvm_directio\n", { 1, 0 }, "\"hap\"" },
		{ " hvm hap\n", { 0, 1 }, "\"pv\"" },
	};

	(void)state;
	for (size_t i = 0; i < RS_COUNT(rows); i++)
		for (int t = 0; t < RS_XEN_LAST; t++) {
			struct rs_err err = RS_ERR_INIT;
			int rc = rs_xen_offers((enum rs_xen_type)t, rows[i].caps, &err);

			assert_int_equal(rc, rows[i].offers[t] ? 0 : -1);
			if (rc < 0) {
				assert_int_equal(err.kind, RS_ERR_MACHINE);
				assert_non_null(strstr(err.text, rows[i].named));
			}
		}
}

static void add_argv(struct rs_buf *out, char **argv)
{
	RS_AUTO_ARGV v = argv;

	assert_non_null(v);
	rs_step_line(out, (const char *const *)v);
}

static void vzctl_is_called_as_its_manual_says(void **state)
{
	struct rs_plan *p = make_plan();
	const struct rs_system *s = &p->systems[1];
	struct rs_vz_config c = { .id = "101", .address = "192.168.1.101",
				  .ostemplate = "fedora-core-5-i386-default", .sample = "vps.basic",
				  .memory_bytes = s->guests.memory_bytes, .cpus = 0.5,
				  .limits = s->guests.limits, .n_limits = s->guests.n_limits };
	RS_AUTO_BUF out = RS_BUF_INIT;

	(void)state;
	rs_platform_of(RS_PLATFORM_OPENVZ)->steps(s, 3, &out);
	rs_buf_adds(&out, "--- OpenVZ kernel, half a processor\n");
	add_argv(&out, rs_vz_create(&c, NULL));
	add_argv(&out, rs_vz_set(&c, NULL));
	rs_buf_adds(&out, "--- upstream kernel\n");
	c.upstream = 1;
	add_argv(&out, rs_vz_create(&c, NULL));
	add_argv(&out, rs_vz_set(&c, NULL));
	add_argv(&out, rs_vz_simple("stop", "101", "--fast", NULL));
	rs_buf_adds(&out, "--- Virtuozzo 7\n");
	c.upstream = 0;
	c.version = 9;
	add_argv(&out, rs_vz_create(&c, NULL));
	add_argv(&out, rs_vz_set(&c, NULL));
	add_argv(&out, rs_vz_simple("mount", "101", NULL, NULL));
	expect_golden("vzctl-commands.txt", &out);
	rs_plan_free(p);
}

static void vzctl_states_are_read_by_words(void **state)
{
	static const struct {
		const char *line;
		int exists, mounted, running;
	} rows[] = {
		{ "CTID 101 exist mounted running\n", 1, 1, 1 },
		{ "CTID 101 exist unmounted down\n", 1, 0, 0 },
		{ "CTID 999 deleted unmounted down", 0, 0, 0 },
		{ "VEID 101 exist mounted running", 1, 1, 1 },
		{ "CTID 101 exist mounted suspended", 1, 1, 0 },
	};
	struct rs_vz_state st;

	(void)state;
	for (size_t i = 0; i < RS_COUNT(rows); i++) {
		assert_int_equal(rs_vz_state_parse(rows[i].line, &st), 0);
		assert_int_equal(st.exists, rows[i].exists);
		assert_int_equal(st.mounted, rows[i].mounted);
		assert_int_equal(st.running, rows[i].running);
	}
	assert_int_equal(rs_vz_state_parse("Bad command: status", &st), -1);
	assert_int_equal(rs_vz_state_parse("", &st), -1);
}

static void vzctl_statuses_have_texts(void **state)
{
	(void)state;
	assert_non_null(strstr(rs_vz_status_text(91, 4), "template"));
	assert_non_null(strstr(rs_vz_status_text(44, 4), "exists already"));
	assert_null(rs_vz_status_text(0, 4));
	assert_null(rs_vz_status_text(254, 4));
	assert_non_null(strstr(rs_vz_status_text(12, 4), "permission"));
	assert_non_null(strstr(rs_vz_status_text(12, 9), "licence"));
	assert_int_equal(rs_vz_version_parse("vzctl version 4.11.1\n"), 4);
	assert_int_equal(rs_vz_version_parse("vzctl version 9.0.1"), 9);
	assert_int_equal(rs_vz_version_parse("usage: vzctl"), 4);
}

/* --- steps and listings ---------------------------------------------------------------------- */

static void steps_name_every_command(void **state)
{
	struct rs_plan *p = make_plan();
	RS_AUTO_BUF out = RS_BUF_INIT;

	(void)state;
	rs_buf_adds(&out, "--- lxc\n");
	rs_platform_of(RS_PLATFORM_LXC)->steps(&p->systems[1], 3, &out);
	rs_buf_adds(&out, "--- xen\n");
	rs_platform_of(RS_PLATFORM_XEN)->steps(&p->systems[2], 2, &out);
	rs_buf_adds(&out, "--- host\n");
	rs_platform_of(RS_PLATFORM_HOST)->steps(&p->systems[0], 0, &out);
	expect_golden("steps.txt", &out);
	rs_plan_free(p);
}

static void listings_come_from_the_plan(void **state)
{
	struct rs_plan *p = make_plan();

	(void)state;
	for (const char *const *name = rs_listing_names(); *name != NULL; name++) {
		const int xen = strncmp(*name, "x", 1) == 0 || strcmp(*name, "fstab") == 0;
		RS_AUTO_STR *golden = rs_asprintf(NULL, "listing-%s.txt", *name);
		RS_AUTO_BUF out = RS_BUF_INIT;
		struct rs_err err = RS_ERR_INIT;

		if (rs_listing_render(p, *name, xen ? "xen" : "openvz", &out, &err) < 0)
			fail_msg("%s", err.text);
		expect_golden(golden, &out);
	}
	rs_plan_free(p);
}

static void listings_leave_out_what_the_plan_does_not_say(void **state)
{
	struct rs_plan *p = make_plan();
	RS_AUTO_BUF with = RS_BUF_INIT;
	RS_AUTO_BUF without = RS_BUF_INIT;

	(void)state;
	assert_int_equal(rs_listing_render(p, "xen-guest", "xen", &with, NULL), 0);
	free(p->systems[2].guests.gateway);
	p->systems[2].guests.gateway = NULL;
	assert_int_equal(rs_listing_render(p, "xen-guest", "xen", &without, NULL), 0);
	assert_non_null(strstr(rs_buf_str(&with), "gateway = \"192.168.0.1\"\n"));
	assert_null(strstr(rs_buf_str(&without), "gateway"));
	assert_non_null(strstr(rs_buf_str(&without), "netmask"));
	rs_plan_free(p);
}

/* What each platform really writes, by the functions of a run. */
static void configurations_as_really_used_are_shown(void **state)
{
	struct rs_plan *p = make_plan();
	RS_AUTO_BUF vz = RS_BUF_INIT, qemu = RS_BUF_INIT, none = RS_BUF_INIT, bare = RS_BUF_INIT;

	(void)state;
	rs_listing_real(&p->systems[1], RS_PLATFORM_OPENVZ, &vz);
	expect_golden("real-openvz.txt", &vz);
	rs_listing_real(&p->systems[2], RS_PLATFORM_QEMU, &qemu);
	expect_golden("real-qemu.txt", &qemu);
	rs_listing_real(&p->systems[1], RS_PLATFORM_QEMU, &bare);
	assert_non_null(strstr(rs_buf_str(&bare), "'FOLDER/101.disk0'"));
	/* What a guest gets where the plan does not say, and a name that is not short. */
	p->systems[2].guests.memory_bytes = 0;
	free(p->systems[2].guests.names[0]);
	p->systems[2].guests.names[0] = word("web-server-of-the-lab");
	rs_buf_clear(&bare);
	rs_listing_real(&p->systems[2], RS_PLATFORM_QEMU, &bare);
	assert_non_null(strstr(rs_buf_str(&bare), "'FOLDER/web-server-of-the-lab.disk1'"));
	rs_buf_clear(&bare);
	rs_listing_real(&p->systems[2], RS_PLATFORM_XEN, &bare);
	assert_non_null(strstr(rs_buf_str(&bare), "memory = 256\n"));
	free(p->systems[2].guests.names[0]);
	p->systems[2].guests.names[0] = word("xenU_1");
	for (int k = 0; k < RS_PLATFORM_LAST; k++) {
		RS_AUTO_BUF out = RS_BUF_INIT;

		if (k == RS_PLATFORM_HOST)
			continue;
		rs_listing_real(&p->systems[2], (enum rs_platform_kind)k, &out);
		assert_non_null(strstr(rs_buf_str(&out), "xenU_1"));
	}
	rs_listing_real(&p->systems[0], RS_PLATFORM_HOST, &none);
	assert_int_equal(none.len, 0);
	rs_plan_free(p);
}

static void unknown_listings_are_refused(void **state)
{
	struct rs_plan *p = make_plan();
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	assert_int_equal(rs_listing_render(p, "../../plan", "xen", &out, &err), -1);
	assert_int_equal(err.kind, RS_ERR_PLAN);
	rs_err_clear(&err);
	assert_int_equal(rs_listing_render(p, "sysctl", "kvm", &out, &err), -1);
	assert_non_null(strstr(err.text, "\"kvm\""));
	rs_plan_free(p);
}

/* --- the ledger --------------------------------------------------------------------------------- */

static char *temporary(void)
{
	char path[] = "/tmp/restudy-test-platform-XXXXXX";

	assert_non_null(mkdtemp(path));
	return word(path);
}

static int make_below(const char *folder, const char *rel)
{
	RS_AUTO_STR *path = rs_path_join(folder, rel, NULL);

	return rs_path_mkdirs(path, NULL);
}

static void a_ledger_takes_back_what_it_lists(void **state)
{
	RS_AUTO_STR *top = temporary();
	RS_AUTO_STR *tree = rs_path_join(top, "tree", NULL);
	RS_AUTO_STR *empty = rs_path_join(top, "empty", NULL);
	RS_AUTO_STR *full = rs_path_join(top, "full", NULL);
	struct rs_ledger *l = rs_ledger_open("test", "run-1", NULL);
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	assert_non_null(l);
	assert_int_equal(rs_ledger_add(l, RS_TRACE_FOLDER, empty, &err), 0);
	assert_int_equal(rs_ledger_add(l, RS_TRACE_FOLDER, full, &err), 0);
	assert_int_equal(rs_ledger_add(l, RS_TRACE_TREE, tree, &err), 0);
	assert_int_equal(make_below(tree, "a/b/c") | make_below(empty, ".") | make_below(full, "x"), 0);
	assert_int_equal(rs_ledger_undo(l, &err), 0);
	assert_false(rs_path_exists(tree));
	assert_false(rs_path_exists(empty));
	assert_true(rs_path_exists(full));
	assert_int_equal(rs_path_remove_tree(top, NULL), 0);
}

/* A process that opens a ledger, makes a tree and dies; returns after its end. */
static void die_with_a_tree(const char *tree)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct rs_ledger *l = rs_ledger_open("test", "run-2", NULL);

		if (l == NULL || rs_ledger_add(l, RS_TRACE_TREE, tree, NULL) < 0 ||
		    make_below(tree, "in") < 0)
			_exit(1);
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(rs_path_exists(tree));
}

static void leftovers_of_the_dead_are_removed_and_of_the_living_not(void **state)
{
	RS_AUTO_STR *top = temporary();
	RS_AUTO_STR *dead = rs_path_join(top, "dead", NULL);
	RS_AUTO_STR *live = rs_path_join(top, "live", NULL);
	struct rs_ledger *l = rs_ledger_open("test", "run-3", NULL);
	RS_AUTO_BUF seen = RS_BUF_INIT;
	RS_AUTO_BUF removed = RS_BUF_INIT;
	RS_AUTO_BUF after = RS_BUF_INIT;

	(void)state;
	assert_int_equal(rs_ledger_add(l, RS_TRACE_TREE, live, NULL), 0);
	assert_int_equal(make_below(live, "in"), 0);
	die_with_a_tree(dead);
	assert_int_equal(rs_ledger_leftovers("test", 0, &seen, NULL), 0);
	assert_non_null(strstr(rs_buf_str(&seen), dead));
	assert_null(strstr(rs_buf_str(&seen), live));
	assert_true(rs_path_exists(dead));
	assert_int_equal(rs_ledger_leftovers("test", 1, &removed, NULL), 0);
	assert_false(rs_path_exists(dead));
	assert_true(rs_path_exists(live));
	assert_int_equal(rs_ledger_leftovers("test", 1, &after, NULL), 0);
	assert_string_equal(rs_buf_str(&after), "");
	assert_int_equal(rs_ledger_undo(l, NULL), 0);
	assert_int_equal(rs_path_remove_tree(top, NULL), 0);
}

static void marks_tell_the_living_from_the_dead(void **state)
{
	struct rs_owner me, other;
	char mark[192], want[192];

	(void)state;
	assert_int_equal(rs_owner_self(&me, "run-1", NULL), 0);
	assert_true(rs_owner_alive(&me));
	(void)snprintf(want, sizeof(want), "restudy run-1 %ld %llu", (long)getpid(), me.start);
	assert_string_equal(rs_owner_mark(mark, sizeof(mark), &me), want);
	other = me;
	other.start++;	/* the same number, another process */
	assert_false(rs_owner_alive(&other));
	assert_int_equal(rs_owner_self(&me, "a/b", NULL), -1);
}

static void shared_things_wait_for_the_last(void **state)
{
	RS_AUTO_STR *top = temporary();
	struct rs_ledger *a = rs_ledger_open("test", "run-1", NULL);
	struct rs_ledger *b = rs_ledger_open("test", "run-1", NULL);

	(void)state;
	assert_int_equal(rs_ledger_add(a, RS_TRACE_FOLDER, top, NULL), 0);
	assert_int_equal(rs_ledger_add(b, RS_TRACE_FOLDER, top, NULL), 0);
	assert_int_equal(rs_ledger_undo(a, NULL), 0);
	assert_true(rs_path_exists(top));
	assert_int_equal(rs_ledger_undo(b, NULL), 0);
	assert_false(rs_path_exists(top));
}

/* Of every platform: one's name begins as another's does, and has a dash. */
static void ledgers_of_all_platforms_are_seen(void **state)
{
	RS_AUTO_STR *top = temporary();
	struct rs_ledger *pv = rs_ledger_open("xen", "run-1", NULL);
	struct rs_ledger *pvh = rs_ledger_open("xen-pvh", "run-1", NULL);

	(void)state;
	assert_int_equal(rs_ledger_add(pv, RS_TRACE_FOLDER, top, NULL), 0);
	assert_int_equal(rs_ledger_add(pvh, RS_TRACE_FOLDER, top, NULL), 0);
	assert_int_equal(rs_ledger_others(NULL, RS_TRACE_FOLDER, top), 2);
	assert_int_equal(rs_ledger_undo(pv, NULL), 0);
	assert_true(rs_path_exists(top));
	assert_int_equal(rs_ledger_undo(pvh, NULL), 0);
	assert_false(rs_path_exists(top));
}

/* --- namespaces ------------------------------------------------------------------------------------ */

/* Waits until path is a file with text, or fails after a minute. */
static void await_file(const char *path)
{
	for (int i = 0; i < 6000; i++) {
		struct stat st;

		if (stat(path, &st) == 0 && st.st_size > 0)
			return;
		(void)usleep(10000);
	}
	fail_msg("\"%s\" does not appear", path);
}

static int await_gone(pid_t pid, unsigned long long start)
{
	for (int i = 0; i < 6000; i++) {
		if (waitpid(pid, NULL, WNOHANG) == pid || rs_process_start(pid) != start)
			return 1;
		(void)usleep(10000);
	}
	return 0;
}

/* Runs a shell line in a namespace with a tmpfs over top. */
static pid_t start_in_namespace(const char *top, const char *line, int *life, struct rs_err *err)
{
	__attribute__((cleanup(rs_mounts_release))) struct rs_mounts ms = { NULL, 0 };
	RS_AUTO_STR *log = rs_path_join(top, "log", NULL);
	RS_AUTO_STR *inner = rs_path_join(top, "inner", NULL);
	char sh[] = "/bin/sh", c[] = "-c", path[] = "PATH=/usr/bin:/bin";
	RS_AUTO_STR *copy = word(line);
	char *const argv[] = { sh, c, copy, NULL };
	char *const envp[] = { path, NULL };
	const struct rs_namespace ns = { .mounts = &ms, .argv = argv, .envp = envp, .log = log };

	assert_int_equal(rs_path_mkdirs(inner, NULL), 0);
	assert_int_equal(rs_mounts_add(&ms, "tmpfs", inner, "tmpfs", NULL, NULL), 0);
	return rs_namespace_start(&ns, life, err);
}

static void a_namespace_ends_with_all_it_started(void **state)
{
	RS_AUTO_STR *top = temporary();
	RS_AUTO_STR *line = rs_asprintf(NULL, "cd %s; echo x >inner/hidden; (setsid sleep 1000 &) ; "
					"ls /proc | grep -c '^[0-9]' >seen; sleep 1000", top);
	RS_AUTO_STR *seen = rs_path_join(top, "seen", NULL);
	RS_AUTO_STR *hidden = rs_path_join(top, "inner/hidden", NULL);
	RS_AUTO_BUF count = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;
	unsigned long long start;
	int life = -1;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = start_in_namespace(top, line, &life, &err);
	if (pid < 0)
		fail_msg("%s", err.text);
	start = rs_process_start(pid);
	await_file(seen);
	assert_int_equal(rs_path_read(seen, 100, &count, NULL), 0);
	assert_true(strtol(rs_buf_str(&count), NULL, 10) < 10);	/* sees its own processes alone */
	assert_false(rs_path_exists(hidden));	/* its mount is not ours */
	rs_close_fd(&life);
	assert_true(await_gone(pid, start));
	assert_int_equal(rs_path_remove_tree(top, NULL), 0);
}

static void a_namespace_ends_with_a_killed_starter(void **state)
{
	RS_AUTO_STR *top = temporary();
	RS_AUTO_STR *line = rs_asprintf(NULL, "echo x >%s/seen; sleep 1000", top);
	RS_AUTO_STR *seen = rs_path_join(top, "seen", NULL);
	unsigned long long start;
	int pipe_fds[2];
	pid_t pid, inner = 0;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(pipe(pipe_fds), 0);
	pid = fork();
	if (pid == 0) {
		int life = -1;

		inner = start_in_namespace(top, line, &life, NULL);
		if (write(pipe_fds[1], &inner, sizeof(inner)) != (ssize_t)sizeof(inner))
			_exit(1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(pipe_fds[0], &inner, sizeof(inner)), sizeof(inner));
	assert_true(inner > 0);
	start = rs_process_start(inner);
	await_file(seen);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(await_gone(inner, start));
	(void)close(pipe_fds[0]);
	(void)close(pipe_fds[1]);
	assert_int_equal(rs_path_remove_tree(top, NULL), 0);
}

static void a_namespace_says_what_does_not_work(void **state)
{
	__attribute__((cleanup(rs_mounts_release))) struct rs_mounts ms = { NULL, 0 };
	char none[] = "/nonexistent/program";
	char *const argv[] = { none, NULL };
	char *const envp[] = { NULL };
	struct rs_namespace ns = { .mounts = &ms, .argv = argv, .envp = envp, .log = "/dev/null" };
	struct rs_err err = RS_ERR_INIT;
	int life = -1;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(rs_namespace_start(&ns, &life, &err), -1);
	assert_non_null(strstr(err.text, "/nonexistent/program"));
	rs_err_clear(&err);
	assert_int_equal(rs_mounts_add(&ms, "tmpfs", "/nonexistent/folder", "tmpfs", NULL, NULL), 0);
	assert_int_equal(rs_namespace_start(&ns, &life, &err), -1);
	assert_non_null(strstr(err.text, "/nonexistent/folder"));
	assert_int_equal(life, -1);
}

/* --- the machine itself ------------------------------------------------------------------------------- */

static void the_host_is_one_guest_with_a_folder(void **state)
{
	RS_AUTO_STR *top = temporary();
	const struct rs_system sys = { .id = top };
	const struct rs_place place = { .folder = top, .run_id = "run-4" };
	const struct rs_guest *g;
	struct rs_instance *in;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_BUF out = RS_BUF_INIT;
	RS_AUTO_STR *scratch = NULL;

	(void)state;
	in = rs_instance_start(rs_platform_of(RS_PLATFORM_HOST), &sys, 0, &place, NULL, &err);
	if (in == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(rs_instance_guests(in, &g), 1);
	assert_string_equal(g->name, "host");
	assert_int_equal(strncmp(g->address, "127.0.0.1:", 10), 0);
	assert_true(strtol(g->address + 10, NULL, 10) > 1023);	/* a port anybody may use */
	scratch = word(g->scratch);
	assert_true(rs_path_exists(scratch));
	assert_int_equal(rs_channel_run_ok(g->channel, (const char *const[]){ "echo", "here", NULL }, 60,
					   &out, &err), 0);
	assert_string_equal(rs_buf_str(&out), "here\n");
	assert_int_equal(rs_instance_stop(in, &err), 0);
	assert_false(rs_path_exists(scratch));
	assert_null(rs_instance_start(rs_platform_of(RS_PLATFORM_HOST), &sys, 3, &place, NULL, &err));
	assert_int_equal(rs_path_remove_tree(top, NULL), 0);
}

/* After a loss of power the run's folder still has what the host wrote, and no ledger lists it. */
static void a_host_goes_on_after_a_loss_of_power(void **state)
{
	RS_AUTO_STR *top = temporary();
	RS_AUTO_STR *scratch = rs_path_join(top, "host-scratch", NULL);
	RS_AUTO_STR *mark = rs_asprintf(NULL, "%s.restudy", scratch);
	RS_AUTO_STR *old = rs_path_join(scratch, "old", NULL);
	static const char text[] = "restudy run-4 77 88 another-boot\n";
	const struct rs_system sys = { .id = top };
	const struct rs_place place = { .folder = top, .run_id = "run-4" };
	struct rs_instance *in;
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	assert_int_equal(rs_path_mkdirs(old, NULL), 0);
	assert_null(rs_instance_start(rs_platform_of(RS_PLATFORM_HOST), &sys, 0, &place, NULL, &err));
	assert_true(rs_path_exists(old));	/* without our mark it is somebody's */
	rs_err_clear(&err);
	assert_int_equal(rs_path_write(mark, text, sizeof(text) - 1, NULL), 0);
	in = rs_instance_start(rs_platform_of(RS_PLATFORM_HOST), &sys, 0, &place, NULL, &err);
	if (in == NULL)
		fail_msg("%s", err.text);
	assert_false(rs_path_exists(old));
	assert_int_equal(rs_instance_stop(in, &err), 0);
	assert_false(rs_path_exists(scratch));
	assert_false(rs_path_exists(mark));
	assert_int_equal(rs_path_remove_tree(top, NULL), 0);
}

/* What runs on the host has a folder of its own; what comes after it has the user's again. */
static void the_hosts_temporary_folder_is_its_own(void **state)
{
	RS_AUTO_STR *top = temporary();
	const struct rs_system sys = { .id = top };
	const struct rs_place place = { .folder = top, .run_id = "run-4" };
	const struct rs_place bad = { .folder = "/proc/nowhere", .run_id = "run-4" };
	RS_AUTO_STR *own = NULL;
	struct rs_instance *in;

	(void)state;
	assert_int_equal(setenv("TMPDIR", top, 1), 0);
	in = rs_instance_start(rs_platform_of(RS_PLATFORM_HOST), &sys, 0, &place, NULL, NULL);
	assert_non_null(in);
	own = word(getenv("TMPDIR"));
	assert_string_not_equal(own, top);
	assert_true(rs_path_exists(own));
	assert_int_equal(rs_instance_stop(in, NULL), 0);
	assert_false(rs_path_exists(own));
	assert_string_equal(getenv("TMPDIR"), top);
	assert_null(rs_instance_start(rs_platform_of(RS_PLATFORM_HOST), &sys, 0, &bad, NULL, NULL));
	assert_string_equal(getenv("TMPDIR"), top);
	assert_int_equal(unsetenv("TMPDIR"), 0);
	assert_int_equal(rs_path_remove_tree(top, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_platform_is_whole),
		cmocka_unit_test(an_unavailable_platform_says_why),
		cmocka_unit_test(guests_get_the_plans_addresses_counted_up),
		cmocka_unit_test(a_network_without_a_plan_is_set_aside_for_tests),
		cmocka_unit_test(wrong_networks_are_refused),
		cmocka_unit_test(guests_and_volumes_are_numbered),
		cmocka_unit_test(containers_have_their_xml),
		cmocka_unit_test(units_become_a_weight_that_there_is),
		cmocka_unit_test(xen_guests_have_both_configurations),
		cmocka_unit_test(a_guests_disks_are_put_to_use),
		cmocka_unit_test(disks_of_2006_get_present_names),
		cmocka_unit_test(pvh_guests_have_theirs),
		cmocka_unit_test(what_xen_offers_decides_the_guests),
		cmocka_unit_test(vzctl_is_called_as_its_manual_says),
		cmocka_unit_test(vzctl_states_are_read_by_words),
		cmocka_unit_test(vzctl_statuses_have_texts),
		cmocka_unit_test(steps_name_every_command),
		cmocka_unit_test(listings_come_from_the_plan),
		cmocka_unit_test(listings_leave_out_what_the_plan_does_not_say),
		cmocka_unit_test(unknown_listings_are_refused),
		cmocka_unit_test(configurations_as_really_used_are_shown),
		cmocka_unit_test(a_ledger_takes_back_what_it_lists),
		cmocka_unit_test(leftovers_of_the_dead_are_removed_and_of_the_living_not),
		cmocka_unit_test(marks_tell_the_living_from_the_dead),
		cmocka_unit_test(shared_things_wait_for_the_last),
		cmocka_unit_test(ledgers_of_all_platforms_are_seen),
		cmocka_unit_test(a_namespace_ends_with_all_it_started),
		cmocka_unit_test(a_namespace_ends_with_a_killed_starter),
		cmocka_unit_test(a_namespace_says_what_does_not_work),
		cmocka_unit_test(the_host_is_one_guest_with_a_folder),
		cmocka_unit_test(a_host_goes_on_after_a_loss_of_power),
		cmocka_unit_test(the_hosts_temporary_folder_is_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
