/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The testbed without a machine: which image, its key and its sources, the kernel of a
 * bzImage, the definition of the machine, the register of machines, storage's commands
 * and refusals with stand-ins for its programs, and what doctor says.
 * RESTUDY_REGEN=1 rewrites the golden files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/testbed/apt_priv.h"
#include "../../src/testbed/image_priv.h"
#include "../../src/testbed/leftovers_priv.h"
#include "../../src/testbed/local_priv.h"
#include "../../src/testbed/machine_priv.h"
#include "../../src/testbed/storage_priv.h"
#include "../../src/testbed/tools_priv.h"
#include "../../src/testbed/virtual_priv.h"
#include "../../src/testbed/vmlinux_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/cmd.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/process.h"
#include "restudy/plan.h"
#include "restudy/testbed.h"
#include "restudy/testbed/storage.h"

#define GOLDEN RS_SOURCE_DIR "/tests/golden/testbed/"

static char world[] = "/tmp/restudy-test-XXXXXX";	/* folder of one test */

/* ---- helpers of the tests ---- */

static char *in_world(const char *rel)
{
	char *path = rs_path_join(world, rel, NULL);

	assert_non_null(path);
	return path;
}

static void put(const char *rel, const char *text, unsigned mode)
{
	RS_AUTO_STR *path = in_world(rel);
	RS_AUTO_STR *folder = rs_strndup(path, (size_t)(rs_path_base(path) - path), NULL);
	struct rs_err err = RS_ERR_INIT;

	assert_non_null(folder);
	if (rs_path_mkdirs(folder, &err) < 0 || rs_path_write(path, text, strlen(text), &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(chmod(path, mode), 0);
}

static char *get(const char *rel)
{
	RS_AUTO_STR *path = in_world(rel);
	struct rs_buf text = RS_BUF_INIT;

	if (!rs_path_exists(path) || rs_path_read(path, 1 << 20, &text, NULL) < 0)
		return rs_strdup("", NULL);
	return rs_buf_steal(&text);
}

/* Programs of the test come before the machine's. */
static void use_stand_ins(void)
{
	RS_AUTO_STR *path = rs_asprintf(NULL, "%s/bin:/usr/sbin:/usr/bin:/sbin:/bin", world);

	assert_non_null(path);
	assert_int_equal(setenv("PATH", path, 1), 0);
}

static int make_world(void **state)
{
	RS_AUTO_STR *cache = NULL;

	(void)state;
	(void)snprintf(world, sizeof(world), "/tmp/restudy-test-XXXXXX");
	assert_non_null(mkdtemp(world));
	cache = in_world("cache");
	assert_int_equal(setenv("XDG_CACHE_HOME", cache, 1), 0);
	return 0;
}

static int end_world(void **state)
{
	(void)state;
	assert_int_equal(setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1), 0);
	return rs_path_remove_tree(world, NULL);
}

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

static struct rs_plan *thesis(void)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	struct rs_err err = RS_ERR_INIT;
	struct rs_plan *plan = rs_plan_load(GOLDEN "plan.xml", &diags, &err);

	if (plan == NULL)
		fail_msg("%s", err.text);
	return plan;
}

/* ---- images ---- */

static void the_image_follows_its_substitutes(void **state)
{
	RS_AUTO_PLAN *plan = thesis();
	struct rs_err err = RS_ERR_INIT;
	const struct rs_image *image;

	(void)state;
	put("bin/mmdebstrap", "#!/bin/sh\n", 0755);
	use_stand_ins();
	image = rs_image_choose(plan, &err);
	assert_non_null(image);
	assert_string_equal(image->id, "debian-12");

	/* nothing stands in */
	for (size_t i = 0; i < plan->n_images; i++) {
		free(plan->images[i].substitute);
		plan->images[i].substitute = NULL;
	}
	assert_null(rs_image_choose(plan, &err));
	assert_int_equal(err.kind, RS_ERR_PLAN);
	assert_non_null(strstr(err.text, "fedora-core-5"));

	/* images that stand in for each other end as well */
	rs_err_clear(&err);
	for (size_t i = 0; i < plan->n_images; i++) {
		plan->images[i].builder = RS_BUILDER_YUM;
		plan->images[i].substitute = rs_strdup(plan->images[(i + 1) % plan->n_images].id, NULL);
	}
	assert_null(rs_image_choose(plan, &err));
	assert_int_equal(err.kind, RS_ERR_PLAN);
}

static void a_missing_builder_is_named(void **state)
{
	RS_AUTO_PLAN *plan = thesis();
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	assert_int_equal(setenv("PATH", world, 1), 0);
	if (rs_path_exists("/usr/sbin/mmdebstrap"))	/* always searched */
		return;
	assert_null(rs_image_choose(plan, &err));
	assert_int_equal(err.kind, RS_ERR_MACHINE);
	assert_non_null(strstr(err.text, "apt-get install mmdebstrap"));
}

static void key_of(const struct rs_image *image, const char *sources, char key[RS_SHA256_HEX])
{
	struct rs_err err = RS_ERR_INIT;

	if (rs_image_key(image, RS_IMAGE_TREE, sources, key, &err) < 0)
		fail_msg("%s", err.text);
}

static void the_key_is_of_all_that_determines_an_image(void **state)
{
	char debian[] = "Debian", twelve[] = "12", word[] = "bookworm", next[] = "trixie";
	char gcc[] = "gcc", make[] = "make", perl[] = "perl";
	char *two[] = { gcc, make }, *turned[] = { make, gcc }, *three[] = { gcc, make, perl };
	const struct rs_image a = { .id = debian, .distribution = debian, .release = twelve,
				    .packages = two, .n_packages = 2 };
	struct rs_image b = a;
	char key[RS_SHA256_HEX], other[RS_SHA256_HEX];

	(void)state;
	key_of(&a, "deb A\n", key);
	assert_int_equal(strlen(key), 64);
	b.packages = turned;
	b.release = word;
	key_of(&b, "deb A\n", other);
	assert_string_equal(key, other);	/* the same image, said otherwise */
	key_of(&a, "deb B\n", other);
	assert_string_not_equal(key, other);
	b = a;
	b.release = next;
	key_of(&b, "deb A\n", other);
	assert_string_not_equal(key, other);
	b = a;
	b.packages = three;
	b.n_packages = 3;
	key_of(&b, "deb A\n", other);
	assert_string_not_equal(key, other);
}

static void packages_are_listed_once(void **state)
{
	char name[] = "lvm2", other[] = "aaa", *packages[] = { name, other };
	const struct rs_image image = { .packages = packages, .n_packages = 2 };
	RS_AUTO_BUF list = RS_BUF_INIT;
	const char *first;

	(void)state;
	assert_int_equal(rs_image_packages(&image, RS_IMAGE_TREE, &list, NULL), 0);
	assert_int_equal(strncmp(rs_buf_str(&list), "aaa,", 4), 0);
	first = strstr(rs_buf_str(&list), ",lvm2,");
	assert_non_null(first);
	assert_null(strstr(first + 2, "lvm2"));
}

static void sources_are_the_machines_own(void **state)
{
	char release[] = "12", debian[] = "Debian", mirror[] = "http://mirror.example/debian";
	struct rs_image image = { .distribution = debian, .release = release };
	RS_AUTO_BUF out = RS_BUF_INIT;

	(void)state;
	put("bin/apt-get", "#!/bin/sh\ncat <<'E'\n"
	    "deb http://near.example/security/ bookworm-security main\n"
	    "deb http://near.example/debian/ bookworm main\n"
	    "deb http://other.example/ bookworm-backports main\n"
	    "deb http://near.example/debian/ bookworm main\n"
	    "deb http://other.example/ cloud-bookworm main\n"
	    "deb http://other.example/ trixie main\n"
	    "nonsense\nE\n", 0755);
	use_stand_ins();
	assert_int_equal(rs_apt_sources(&image, &out, NULL), 0);
	assert_string_equal(rs_buf_str(&out), "deb http://near.example/debian/ bookworm main\n"
			    "deb http://near.example/security/ bookworm-security main\n");

	/* the plan's mirror wins */
	rs_buf_clear(&out);
	image.url = mirror;
	assert_int_equal(rs_apt_sources(&image, &out, NULL), 0);
	assert_string_equal(rs_buf_str(&out), "deb http://mirror.example/debian bookworm main\n");

	/* another system's apt knows nothing of the release */
	rs_buf_clear(&out);
	image.url = NULL;
	put("bin/apt-get", "#!/bin/sh\necho 'deb http://near.example/ noble main'\n", 0755);
	assert_int_equal(rs_apt_sources(&image, &out, NULL), 0);
	assert_non_null(strstr(rs_buf_str(&out), "deb http://deb.debian.org/debian bookworm main\n"));
	assert_null(strstr(rs_buf_str(&out), "noble"));
}

static void only_transport_settings_enter_an_image(void **state)
{
	RS_AUTO_CMD *cmd = rs_cmd_new("mmdebstrap");
	RS_AUTO_STR *text = NULL;

	(void)state;
	put("bin/apt-config", "#!/bin/sh\ncat <<'E'\n"
	    "APT::Architecture \"amd64\";\n"
	    "Acquire::http::Proxy \"http://proxy.example:3142\";\n"
	    "Acquire::http::Empty \"\";\n"
	    "Acquire::Check-Valid-Until \"false\";\n"
	    "DPkg::Post-Invoke:: \"rm -rf /\";\nE\n", 0755);
	use_stand_ins();
	assert_int_equal(rs_apt_options(cmd, NULL), 0);
	text = rs_cmd_text(cmd, NULL);
	assert_string_equal(text, "mmdebstrap "
			    "'--aptopt=Acquire::http::Proxy \"http://proxy.example:3142\"' "
			    "'--aptopt=Acquire::Check-Valid-Until \"false\"'");
}

/* ---- the kernel ---- */

/* A bzImage as the boot protocol lays it out: setup sectors, header, payload. */
static void make_bzimage(const char *rel, const void *payload, size_t len, unsigned claimed)
{
	unsigned char image[8192] = { 0 };
	RS_AUTO_STR *path = in_world(rel);
	const unsigned at = 32;	/* of the payload behind one setup sector and the boot sector */

	assert_true(1024 + at + len <= sizeof(image));
	image[0x1f1] = 1;
	memcpy(image + 0x202, "HdrS", 4);
	image[0x206] = 0x0f;
	image[0x207] = 2;
	image[0x248] = at;
	image[0x24c] = (unsigned char)claimed;
	image[0x24d] = (unsigned char)(claimed >> 8);
	memcpy(image + 1024 + at, payload, len);
	assert_int_equal(rs_path_write(path, image, 1024 + at + len, NULL), 0);
}

static void packed(const char *program, const char *text, struct rs_buf *out)
{
	RS_AUTO_CMD *cmd = rs_cmd_new(program);
	struct rs_err err = RS_ERR_INIT;

	rs_cmd_arg(cmd, "-c");
	rs_cmd_stdin_bytes(cmd, text, strlen(text));
	rs_cmd_stdout_buf(cmd, out);
	if (rs_cmd_run_ok(cmd, &err) < 0)
		fail_msg("%s", err.text);
}

static void the_kernel_comes_out_of_a_bzimage(void **state)
{
	static const char *const programs[] = { "gzip", "xz" };
	static const char elf[] = "\177ELF and all the rest of it";
	RS_AUTO_STR *image = in_world("bzimage");
	RS_AUTO_STR *vmlinux = in_world("vmlinux");
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	for (size_t i = 0; i < RS_COUNT(programs); i++) {
		RS_AUTO_STR *there = rs_path_program(programs[i]);
		RS_AUTO_BUF payload = RS_BUF_INIT;
		RS_AUTO_STR *text = NULL;

		if (there == NULL)
			continue;
		packed(programs[i], elf, &payload);
		if (strcmp(programs[i], "xz") == 0)	/* the build appends the size */
			rs_buf_add(&payload, "\x1c\0\0\0", 4);
		make_bzimage("bzimage", payload.data, payload.len, (unsigned)payload.len);
		if (rs_vmlinux_extract(image, vmlinux, &err) < 0)
			fail_msg("%s: %s", programs[i], err.text);
		text = get("vmlinux");
		assert_string_equal(text, elf);
	}
}

static void what_is_no_kernel_is_refused(void **state)
{
	RS_AUTO_STR *image = in_world("bzimage");
	RS_AUTO_STR *vmlinux = in_world("none");
	RS_AUTO_BUF payload = RS_BUF_INIT, cut = RS_BUF_INIT;

	(void)state;
	put("bzimage", "#!/bin/sh\n", 0644);
	assert_int_equal(rs_vmlinux_extract(image, vmlinux, NULL), -1);
	packed("gzip", "not an ELF file", &payload);
	make_bzimage("bzimage", payload.data, payload.len, (unsigned)payload.len);
	assert_int_equal(rs_vmlinux_extract(image, vmlinux, NULL), -1);
	make_bzimage("bzimage", payload.data, payload.len, 60000);	/* beyond the end */
	assert_int_equal(rs_vmlinux_extract(image, vmlinux, NULL), -1);
	packed("gzip", "\177ELF, but cut in the middle of what was packed", &cut);
	make_bzimage("bzimage", cut.data, cut.len / 2, (unsigned)cut.len / 2);
	assert_int_equal(rs_vmlinux_extract(image, vmlinux, NULL), -1);
	assert_false(rs_path_exists(vmlinux));
}

/* ---- the machine ---- */

static void machine_xml(const struct rs_plan *plan, enum rs_boot boot, struct rs_buf *out)
{
	char root_path[] = "/run/restudy-aBcDeF", disk0[] = "/f/disk0.raw", disk1[] = "/f/disk1.raw";
	char kernel[] = "/c/vmlinux", initrd[] = "/c/initrd.img", xen_path[] = "/c/xen";
	char emulator[] = "/usr/bin/qemu-system-x86_64", root[] = "/f/root.qcow2", tools[] = "/f/tools.img";
	char console[] = "/f/console.log", port0[] = "/r/port0", port1[] = "/r/port1";
	char *data[] = { disk0, disk1, NULL };
	const struct rs_virtual v = {
		.owner = { .root = root_path, .pid = 4242, .start = 99 }, .emulator = emulator,
		.kernel = { .vmlinux = kernel, .initrd = initrd, .xen = xen_path }, .root_disk = root,
		.tools_disk = tools, .data_disks = data, .console = console,
		.ports = { port0, port1, NULL },
	};
	struct rs_machine_disk disks[2 + RS_SCSI_DISKS_MAX];
	struct rs_machine_spec spec;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STR *xen = NULL;

	if (rs_virtual_spec(plan, "thesis-1", &v, boot, disks, &xen, &spec, &err) < 0 ||
	    rs_machine_xml(&spec, out, &err) < 0)
		fail_msg("%s", err.text);
}

static void the_thesis_machine_is_defined_as_golden(void **state)
{
	RS_AUTO_PLAN *plan = thesis();
	RS_AUTO_BUF plain = RS_BUF_INIT, xen = RS_BUF_INIT;

	(void)state;
	machine_xml(plan, RS_BOOT_PLAIN, &plain);
	expect_golden("machine-plain.xml", &plain);
	machine_xml(plan, RS_BOOT_XEN, &xen);
	expect_golden("machine-xen.xml", &xen);
}

/* Guests that need a processor that virtualises get a testbed that has one. */
static void the_processor_is_what_the_guests_need(void **state)
{
	RS_AUTO_PLAN *plan = thesis();
	RS_AUTO_BUF pv = RS_BUF_INIT, pvh = RS_BUF_INIT;

	(void)state;
	machine_xml(plan, RS_BOOT_XEN, &pv);
	assert_null(strstr(rs_buf_str(&pv), "'npt'"));
	for (size_t i = 0; i < plan->n_systems; i++)
		if (plan->systems[i].platform == RS_PLATFORM_XEN)
			plan->systems[i].platform = RS_PLATFORM_XEN_PVH;
	machine_xml(plan, RS_BOOT_XEN, &pvh);
	assert_non_null(strstr(rs_buf_str(&pvh), "<model fallback='forbid'>Opteron_G3</model>\n"
					     "    <feature policy='require' name='npt'/>\n"));
}

static void a_definition_keeps_odd_characters(void **state)
{
	static const char *const ports[] = { "/r/a&b" };
	const struct rs_machine_spec spec = {
		.name = "n", .run_id = "it's <1> & \"2\"", .emulator = "/e", .cpu = "Nehalem",
		.memory_bytes = 1 << 20, .sockets = 1, .cores = 1, .threads = 1, .kernel = "/k",
		.initrd = "/i", .cmdline = "a,b", .xen = "/x", .xen_cmdline = "c,d",
		.console = "/c", .ports = ports, .n_ports = 1,
	};
	RS_AUTO_BUF xml = RS_BUF_INIT;

	(void)state;
	assert_int_equal(rs_machine_xml(&spec, &xml, NULL), 0);
	assert_non_null(strstr(rs_buf_str(&xml),
			       "run='it&apos;s &lt;1&gt; &amp; &quot;2&quot;'"));
	assert_non_null(strstr(rs_buf_str(&xml), "path='/r/a&amp;b'"));
	/* QEMU takes a comma for the end of a module, unless it is doubled */
	assert_non_null(strstr(rs_buf_str(&xml), "<initrd>/k a,,b,/i</initrd>"));
	assert_non_null(strstr(rs_buf_str(&xml), "<cmdline>c,d</cmdline>"));
}

static void a_boot_without_a_kernel_is_refused(void **state)
{
	RS_AUTO_PLAN *plan = thesis();
	char *none[] = { NULL };
	const struct rs_virtual v = { .owner = { .root = world }, .data_disks = none };
	struct rs_machine_disk disks[2 + RS_SCSI_DISKS_MAX];
	struct rs_machine_spec spec;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STR *xen = NULL;

	(void)state;
	assert_int_equal(rs_virtual_spec(plan, "r", &v, RS_BOOT_OPENVZ, disks, &xen, &spec, &err), -1);
	assert_int_equal(err.kind, RS_ERR_MACHINE);
	assert_non_null(strstr(err.text, "substitute"));
}

static void a_machine_as_it_is_fits_one_boot(void **state)
{
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	assert_int_equal(rs_boot_matches(RS_BOOT_PLAIN, RS_BOOT_PLAIN, "it", &err), 0);
	assert_int_equal(rs_boot_matches(RS_BOOT_PLAIN, RS_BOOT_OPENVZ, "it", &err), 0);
	assert_int_equal(rs_boot_matches(RS_BOOT_XEN, RS_BOOT_XEN, "it", &err), 0);
	assert_int_equal(rs_boot_matches(RS_BOOT_OPENVZ, RS_BOOT_OPENVZ, "it", &err), 0);
	assert_int_equal(rs_boot_matches(RS_BOOT_PLAIN, RS_BOOT_XEN, "it", &err), -1);
	assert_int_equal(err.kind, RS_ERR_MACHINE);
	assert_int_equal(rs_boot_matches(RS_BOOT_XEN, RS_BOOT_PLAIN, "it", NULL), -1);
	assert_int_equal(rs_boot_matches(RS_BOOT_OPENVZ, RS_BOOT_PLAIN, "it", NULL), -1);
}

static void domain_0_is_virtual_by_its_maker(void **state)
{
	(void)state;
	assert_int_equal(rs_machine_is_virtual(0, 0, "QEMU\n"), 0);
	assert_int_equal(rs_machine_is_virtual(1, 0, "IBM\n"), 1);
	assert_int_equal(rs_machine_is_virtual(1, 1, "IBM\n"), 0);
	assert_int_equal(rs_machine_is_virtual(1, 1, "QEMU\n"), 1);
}

static void tcg_is_never_kvm(void **state)
{
	(void)state;
	assert_int_equal(rs_virtual_accel(RS_ACCEL_TCG, NULL), 0);
}

/* ---- programs for another machine ---- */

static void libraries_come_with_their_loader_first(void **state)
{
	RS_AUTO_ARGV paths = NULL;
	RS_AUTO_ARGV none = NULL;
	RS_AUTO_STR *self = realpath("/proc/self/exe", NULL);
	int has_libc = 0;

	(void)state;
	assert_non_null(self);
	assert_int_equal(rs_tools_libraries(self, &paths, NULL), 0);
	assert_non_null(paths[0]);
	assert_non_null(strstr(paths[0], "/ld-"));
	for (size_t i = 0; paths[i] != NULL; i++) {
		assert_int_equal(paths[i][0], '/');
		has_libc |= strncmp(rs_path_base(paths[i]), "libc.so", 7) == 0;
	}
	assert_true(has_libc);
	put("script", "#!/bin/sh\n", 0755);
	{
		RS_AUTO_STR *script = in_world("script");

		assert_int_equal(rs_tools_libraries(script, &none, NULL), 0);
		assert_null(none[0]);
	}
}

static void a_collected_program_starts_through_its_loader(void **state)
{
	const struct rs_testbed_options o = { .program = "/usr/bin/env", .agent = "/bin/true",
					      .kernels = "/bin/true" };
	RS_AUTO_STR *folder = in_world("tools");
	RS_AUTO_STR *program = in_world("tools/bin/restudy");
	RS_AUTO_STR *want = rs_asprintf(NULL, "RESTUDY_DATA=%s/data\n", folder);
	RS_AUTO_STR *schema = in_world("tools/data/schema/plan.xsd");
	RS_AUTO_CMD *cmd = rs_cmd_new(program);
	RS_AUTO_BUF said = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	if (rs_tools_collect(&o, NULL, folder, folder, &err) < 0)
		fail_msg("%s", err.text);
	rs_cmd_stdout_buf(cmd, &said);
	if (rs_cmd_run_ok(cmd, &err) < 0)
		fail_msg("%s", err.text);
	assert_non_null(strstr(rs_buf_str(&said), want));
	assert_true(rs_path_exists(schema));
}

/* Programs that are installed as links come as files: their targets stay behind. */
static void links_to_programs_are_followed(void **state)
{
	RS_AUTO_STR *agent = in_world("agent");
	RS_AUTO_STR *folder = in_world("tools");
	RS_AUTO_STR *there = in_world("tools/" RS_TOOLS_AGENT);
	const struct rs_testbed_options o = { .program = "/usr/bin/env", .agent = agent,
					      .kernels = "/bin/true" };
	struct rs_err err = RS_ERR_INIT;
	struct stat st;

	(void)state;
	put("agent-1.0", "#!/bin/sh\n", 0755);
	assert_int_equal(symlink("agent-1.0", agent), 0);
	if (rs_tools_collect(&o, NULL, folder, folder, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(lstat(there, &st), 0);
	assert_true(S_ISREG(st.st_mode));
}

/* ---- the register of machines ---- */

/* A process whose arguments look like those of QEMU with its state below root. */
static pid_t start_machine(const char *root)
{
	RS_AUTO_STR *file = rs_path_join(root, "monitor", NULL);
	char name[] = "qemu-system-x86_64", follow[] = "-f";
	char *const argv[] = { name, follow, file, NULL };
	pid_t pid;

	assert_int_equal(rs_path_write(file, "", 0, NULL), 0);
	assert_int_equal(posix_spawn(&pid, "/usr/bin/tail", NULL, NULL, argv, environ), 0);
	return pid;
}

static void enter(const char *root, const char *folder, int64_t pid, uint64_t start)
{
	RS_AUTO_STR *rel = rs_asprintf(NULL, "cache/restudy/machines/%s", rs_path_base(root));
	RS_AUTO_STR *text = rs_asprintf(NULL, "root=%s\nrun=r1\nfolder=%s\npid=%" PRId64
					"\nstart=%" PRIu64 "\n", root, folder, pid, start);

	put(rel, text, 0644);
}

static void leftovers_of_a_killed_run_are_removed(void **state)
{
	RS_AUTO_STR *root = in_world("restudy-dead01");
	RS_AUTO_STR *other = in_world("restudy-other1");
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;
	pid_t machine, bystander;
	int status;

	(void)state;
	assert_int_equal(mkdir(root, 0700), 0);
	assert_int_equal(mkdir(other, 0700), 0);
	enter(root, "/f", 1, 1);	/* process 1 did not start at tick 1 */
	machine = start_machine(root);
	bystander = start_machine(other);

	assert_int_equal(rs_testbed_leftovers(0, &out, &err), 0);
	assert_non_null(strstr(rs_buf_str(&out), "QEMU runs"));
	assert_int_equal(waitpid(machine, &status, WNOHANG), 0);	/* asked, not touched */

	rs_buf_clear(&out);
	if (rs_testbed_leftovers(1, &out, &err) < 0)
		fail_msg("%s", err.text);
	assert_non_null(strstr(rs_buf_str(&out), "removed"));
	assert_false(rs_path_exists(root));
	assert_int_equal(waitpid(machine, &status, 0), machine);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(waitpid(bystander, &status, WNOHANG), 0);
	(void)kill(bystander, SIGKILL);
	(void)waitpid(bystander, &status, 0);

	rs_buf_clear(&out);
	assert_int_equal(rs_testbed_leftovers(1, &out, &err), 0);
	assert_string_equal(rs_buf_str(&out), "");
}

static void a_living_run_is_left_alone(void **state)
{
	struct rs_machine_owner o = { .root = NULL };
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	assert_int_equal(rs_machine_owner_register("run", "/folder", &o, &err), 0);
	assert_true(strlen(o.root) < 40);	/* sockets below it */
	assert_int_equal(rs_testbed_leftovers(1, &out, &err), 0);
	assert_string_equal(rs_buf_str(&out), "");
	assert_true(rs_path_exists(o.root));

	/* another run in the same folder must wait; elsewhere it need not */
	assert_int_equal(rs_machine_owner_reclaim("/elsewhere", &err), 0);
	assert_int_equal(rs_machine_owner_reclaim("/folder", &err), -1);
	assert_non_null(strstr(err.text, "/folder"));

	assert_int_equal(rs_machine_owner_forget(&o, NULL), 0);
	assert_false(rs_path_exists(o.root));
	assert_int_equal(rs_machine_owner_reclaim("/folder", NULL), 0);
	rs_machine_owner_release(&o);
}

static void a_register_that_names_a_strange_folder_is_refused(void **state)
{
	RS_AUTO_STR *precious = in_world("precious");
	RS_AUTO_STR *rel = rs_asprintf(NULL, "root=%s\nrun=r\nfolder=/f\npid=1\nstart=1\n", precious);
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	assert_int_equal(mkdir(precious, 0700), 0);
	put("cache/restudy/machines/restudy-aaaaaa", rel, 0644);
	assert_int_equal(rs_testbed_leftovers(1, &out, &err), -1);
	assert_true(rs_path_exists(precious));
}

static void a_process_is_known_by_its_start(void **state)
{
	(void)state;
	assert_true(rs_process_start(getpid()) > 0);
	assert_true(rs_process_start(getpid()) == rs_process_start(getpid()));
	assert_true(rs_process_start(getpid()) != rs_process_start(1));
	assert_int_equal(rs_process_start(0), 0);
}

/* ---- storage, with stand-ins for its programs ---- */

/* Each writes its name and arguments to the log, then does what its body says. */
static void stand_in(const char *name, const char *body)
{
	RS_AUTO_STR *rel = rs_path_join("bin", name, NULL);
	RS_AUTO_STR *text = rs_asprintf(NULL, "#!/bin/sh\necho \"%s $*\" >>%s/log\n%s\n", name, world,
					body);

	put(rel, text, 0755);
}

static void storage_programs(void)
{
	static const char *const silent[] = { "lvcreate", "lvremove", "mkfs.ext3", "mkswap", "mount",
					      "pvcreate", "swapon", "vgchange", "vgcreate" };

	for (size_t i = 0; i < RS_COUNT(silent); i++)
		stand_in(silent[i], "");
	stand_in("mdadm", "[ \"$1\" != --examine ] || cat \"$3.name\"");
	stand_in("vgs", "echo \"  Volume group \\\"$4\\\" not found\" >&2; exit 5");
	stand_in("lvs", "");
	/* what the file of a disk says is on it */
	stand_in("blkid", "[ -s \"$4\" ] || exit 2; cat \"$4\"");
	use_stand_ins();
}

struct machine {
	struct rs_disk disks[2];
	struct rs_raid raid;
	struct rs_volume_group group;
	char name[2][4], md[4], vg[12], *members[2];
	char *devices[3];
	struct rs_hardware hw;
};

static void machine_init(struct machine *m)
{
	*m = (struct machine){ .name = { "sda", "sdb" }, .md = "md7", .vg = "VolGroup00" };
	for (int i = 0; i < 2; i++) {
		m->disks[i] = (struct rs_disk){ .name = m->name[i], .size_bytes = 1 << 30 };
		m->members[i] = m->name[i];
		m->devices[i] = in_world(m->name[i]);
		put(m->name[i], "", 0644);
	}
	m->raid = (struct rs_raid){ .name = m->md, .level = 1, .members = m->members,
				    .n_members = 2 };
	m->group = (struct rs_volume_group){ .name = m->vg, .on = m->name[0] };
	m->hw = (struct rs_hardware){ .disks = m->disks, .n_disks = 2 };
	storage_programs();
}

static void machine_release(struct machine *m)
{
	free(m->devices[0]);
	free(m->devices[1]);
}

static int bring_up(const struct machine *m, struct rs_err *err)
{
	return rs_storage_bring_up(&m->hw, (const char *const *)m->devices, "run-1", err);
}

static void an_array_is_made_of_empty_disks_only(void **state)
{
	struct machine m;
	struct rs_err err = RS_ERR_INIT;
	char tag[RS_STORAGE_TAG];
	RS_AUTO_STR *log = NULL;
	RS_AUTO_STR *want = NULL;
	RS_AUTO_STR *after = NULL;

	(void)state;
	machine_init(&m);
	m.hw.raids = &m.raid;
	m.hw.n_raids = 1;
	if (bring_up(&m, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(rs_storage_tag("run-1", tag, NULL), 0);
	log = get("log");
	want = rs_asprintf(NULL, "mdadm --create /dev/md7 --run --level=1 --raid-devices=2 "
			   "--metadata=1.2 --homehost=%s --name=md7 --bitmap=none --assume-clean %s %s\n",
			   tag, m.devices[0], m.devices[1]);
	assert_non_null(strstr(log, want));

	/* a file system on one of them: nothing is made */
	put("log", "", 0644);
	put("sdb", "TYPE=ext4\n", 0644);
	assert_int_equal(bring_up(&m, &err), -1);
	assert_int_equal(err.kind, RS_ERR_MACHINE);
	assert_non_null(strstr(err.text, m.devices[1]));
	assert_non_null(strstr(err.text, "ext4"));
	after = get("log");
	assert_null(strstr(after, "--create"));
	assert_null(strstr(after, "--assemble"));
	machine_release(&m);
}

static void a_foreign_array_is_refused_and_ours_assembled(void **state)
{
	struct machine m;
	char tag[RS_STORAGE_TAG];
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STR *name = NULL;
	RS_AUTO_STR *log = NULL;

	(void)state;
	machine_init(&m);
	m.hw.raids = &m.raid;
	m.hw.n_raids = 1;
	for (int i = 0; i < 2; i++)
		put(m.name[i], "TYPE=linux_raid_member\n", 0644);
	put("sda.name", "MD_NAME=somebody:md7\n", 0644);
	put("sdb.name", "MD_NAME=somebody:md7\n", 0644);
	assert_int_equal(bring_up(&m, &err), -1);
	assert_int_equal(err.kind, RS_ERR_MACHINE);

	/* ours; one disk was lost and a new one is in its place */
	assert_int_equal(rs_storage_tag("run-1", tag, NULL), 0);
	name = rs_asprintf(NULL, "MD_LEVEL=raid1\nMD_NAME=%s:md7\n", tag);
	put("sda.name", name, 0644);
	put("sdb", "", 0644);
	rs_err_clear(&err);
	if (bring_up(&m, &err) < 0)
		fail_msg("%s", err.text);
	log = get("log");
	assert_non_null(strstr(log, "mdadm --assemble /dev/md7 --run"));
	assert_null(strstr(log, "--create"));
	machine_release(&m);
}

static void a_group_is_made_once_and_never_taken(void **state)
{
	struct machine m;
	char tag[RS_STORAGE_TAG];
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STR *log = NULL;
	RS_AUTO_STR *want = NULL;
	RS_AUTO_STR *vgs = NULL;
	RS_AUTO_STR *after = NULL;

	(void)state;
	machine_init(&m);
	m.hw.groups = &m.group;
	m.hw.n_groups = 1;
	if (bring_up(&m, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(rs_storage_tag("run-1", tag, NULL), 0);
	log = get("log");
	want = rs_asprintf(NULL, "pvcreate --quiet %s\nvgcreate --quiet --addtag %s VolGroup00 %s\n",
			   m.devices[0], tag, m.devices[0]);
	assert_non_null(strstr(log, want));

	put("log", "", 0644);
	vgs = rs_asprintf(NULL, "echo '  other,%s'", tag);
	stand_in("vgs", vgs);
	if (bring_up(&m, &err) < 0)
		fail_msg("%s", err.text);
	after = get("log");
	assert_non_null(strstr(after, "vgchange --quiet --activate y VolGroup00\n"));
	assert_null(strstr(after, "vgcreate"));

	stand_in("vgs", "echo '  other'");
	assert_int_equal(bring_up(&m, &err), -1);
	assert_int_equal(err.kind, RS_ERR_MACHINE);
	machine_release(&m);
}

static void volumes_of_others_stay(void **state)
{
	char tag[RS_STORAGE_TAG];
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STR *lvs = NULL;
	RS_AUTO_STR *log = NULL;
	static const struct rs_volume_wish two[] = { { "xenU_1", 1 << 20, "ext3" },
						     { "xenU_2", 2 << 20, NULL } };
	static const char *const names[] = { "xenU_1", "xenU_2", "gone", NULL };

	(void)state;
	storage_programs();
	stand_in("blkid", "echo TYPE=ext3");
	stand_in("lvm", "cat >>\"$(dirname \"$0\")/../log\"");
	/* as it ends for a group that is missing */
	stand_in("lvs", "echo \"  Volume group \\\"$4\\\" not found\" >&2; exit 5");
	assert_int_equal(rs_storage_volumes("VolGroup00", two, 2, "run-1", &err), -1);
	assert_int_equal(err.kind, RS_ERR_MACHINE);
	assert_non_null(strstr(err.text, "vgcreate VolGroup00 DEVICE"));
	rs_err_clear(&err);
	stand_in("lvs", "");
	if (rs_storage_volumes("VolGroup00", two, 2, "run-1", &err) < 0)
		fail_msg("%s", err.text);
	log = get("log");
	assert_non_null(strstr(log, "--size 1048576b --name xenU_1 VolGroup00\n"));
	assert_non_null(strstr(log, "--size 2097152b --name xenU_2 VolGroup00\n"));
	assert_non_null(strstr(log, "lvm /dev/stdin\n"));
	assert_null(strstr(strstr(log, "lvm /dev/stdin") + 1, "lvm /dev/stdin"));	/* for both */
	assert_non_null(strstr(log, "mkfs.ext3 -q /dev/VolGroup00/xenU_1\n"));
	assert_null(strstr(log, "/dev/VolGroup00/xenU_2"));	/* whose content is the caller's */

	put("log", "", 0644);
	stand_in("lvs", "echo '  xenU_2 restudy-0123456789ab'");	/* another run's */
	assert_int_equal(rs_storage_volumes_remove("VolGroup00", names, "run-1", &err), -1);
	assert_int_equal(err.kind, RS_ERR_MACHINE);
	assert_int_equal(rs_storage_volumes("VolGroup00", two, 2, "run-1", NULL), -1);
	free(RS_STEAL(&log));
	log = get("log");
	assert_null(strstr(log, "lvremove"));	/* neither its own, */
	assert_null(strstr(log, "lvcreate"));	/* nor the one that could be made */
	assert_int_equal(rs_storage_tag("run-1", tag, NULL), 0);
	lvs = rs_asprintf(NULL, "echo '  xenU_1 %s'; echo '  xenU_11 foreign'; echo '  xenU_2 a,%s'", tag, tag);
	stand_in("lvs", lvs);
	rs_err_clear(&err);
	if (rs_storage_volumes("VolGroup00", two, 2, "run-1", &err) < 0)
		fail_msg("%s", err.text);
	free(RS_STEAL(&log));
	log = get("log");
	assert_null(strstr(log, "lvcreate"));
	assert_null(strstr(log, "mkfs"));	/* it has a file system */
	if (rs_storage_volumes_remove("VolGroup00", names, "run-1", &err) < 0)
		fail_msg("%s", err.text);
	free(RS_STEAL(&log));
	log = get("log");
	assert_non_null(strstr(log, "lvremove --quiet --yes VolGroup00/xenU_1 VolGroup00/xenU_2\n"));
}

/* What LVM cannot tell of is neither missing nor removed: the next "clean" must find it again. */
static void volumes_that_cannot_be_seen_are_not_gone(void **state)
{
	static const char *const names[] = { "xenU_1", NULL };
	struct rs_err err = RS_ERR_INIT;
	struct machine m;

	(void)state;
	machine_init(&m);
	m.hw.groups = &m.group;
	m.hw.n_groups = 1;
	for (int i = 0; i < 2; i++)
		stand_in(i == 0 ? "lvs" : "vgs", "echo '  /run/lock/lvm: open failed: Read-only file system' >&2\n"
						 "echo \"  Can't get lock for VolGroup00\" >&2; exit 5");
	assert_int_equal(rs_storage_volumes_remove("VolGroup00", names, "run-1", &err), -1);
	assert_int_equal(err.kind, RS_ERR_FAILED);
	assert_non_null(strstr(err.text, "Can't get lock"));
	rs_err_clear(&err);
	assert_int_equal(bring_up(&m, &err), -1);
	assert_int_equal(err.kind, RS_ERR_FAILED);
	assert_non_null(strstr(err.text, "Can't get lock"));
	machine_release(&m);
}

static void runs_have_different_tags(void **state)
{
	char a[RS_STORAGE_TAG], b[RS_STORAGE_TAG];

	(void)state;
	assert_int_equal(rs_storage_tag("run-1", a, NULL), 0);
	assert_int_equal(rs_storage_tag("run-2", b, NULL), 0);
	assert_string_not_equal(a, b);
	assert_int_equal(strlen(a), 20);
}

/* ---- what it says ---- */

static void steps_are_as_golden(void **state)
{
	RS_AUTO_PLAN *plan = thesis();
	const struct rs_testbed_options o = { .kind = "virtual", .folder = "RUN/testbed" };
	const struct rs_testbed_options local = { .kind = "local" };
	const struct rs_testbed_options server = { .kind = "ssh://lab" };
	const struct rs_testbed_options unknown = { .kind = "ssh://" };
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	put("bin/mmdebstrap", "#!/bin/sh\n", 0755);
	use_stand_ins();
	assert_int_equal(rs_testbed_steps(plan, &o, &out, &err), 0);
	rs_buf_adds(&out, "\n");
	rs_storage_steps(&plan->hardware, &out);
	rs_buf_adds(&out, "\n");
	assert_int_equal(rs_testbed_steps(plan, &local, &out, &err), 0);
	rs_buf_adds(&out, "\n");
	assert_int_equal(rs_testbed_steps(plan, &server, &out, &err), 0);
	expect_golden("steps.txt", &out);
	assert_int_equal(rs_testbed_steps(plan, &unknown, &out, &err), -1);
	assert_non_null(strstr(err.text, "testbed \"ssh://\" is unknown"));
}

static void doctor_counts_what_it_names(void **state)
{
	static const char *const kinds[] = { "virtual", "local", "ssh://lab", "mainframe" };

	(void)state;
	assert_int_equal(setenv("PATH", world, 1), 0);
	for (size_t i = 0; i < RS_COUNT(kinds); i++) {
		RS_AUTO_BUF out = RS_BUF_INIT;
		int n = rs_testbed_doctor(kinds[i], &out), lines = 0;

		for (const char *p = rs_buf_str(&out); *p != '\0'; p++)
			lines += *p == '\n';
		assert_int_equal(n, lines);
		if (strcmp(kinds[i], "virtual") == 0)
			assert_non_null(strstr(rs_buf_str(&out), "apt-get install qemu-system-x86\n"));
		if (strcmp(kinds[i], "mainframe") == 0)
			assert_int_equal(n, 1);
	}
}

static void room_is_asked_for_before(void **state)
{
	RS_AUTO_STR *cache = NULL;
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	assert_int_equal(rs_testbed_want_space("/tmp", 1, "a byte", &err), 0);
	assert_int_equal(rs_testbed_want_space("/tmp", INT64_MAX, "everything", &err), -1);
	assert_int_equal(err.kind, RS_ERR_MACHINE);
	assert_non_null(strstr(err.text, "everything"));
	assert_non_null(strstr(err.text, "with -o"));
	rs_err_clear(&err);
	cache = rs_path_cache(NULL);
	assert_int_equal(rs_testbed_want_space(cache, INT64_MAX, "everything", &err), -1);
	assert_non_null(strstr(err.text, "XDG_CACHE_HOME"));
}

static void ignore(void *user, const char *text)
{
	(void)user;
	(void)text;
}

static void an_unknown_kind_is_refused(void **state)
{
	RS_AUTO_PLAN *plan = thesis();
	const struct rs_testbed_options o = { .kind = "mainframe", .folder = world, .run_id = "r" };
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	assert_null(rs_testbed_open(plan, &o, ignore, NULL, &err));
	assert_int_equal(err.kind, RS_ERR_USAGE);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make_world, end_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_image_follows_its_substitutes),
		T(a_missing_builder_is_named),
		T(the_key_is_of_all_that_determines_an_image),
		T(packages_are_listed_once),
		T(sources_are_the_machines_own),
		T(only_transport_settings_enter_an_image),
		T(the_kernel_comes_out_of_a_bzimage),
		T(what_is_no_kernel_is_refused),
		T(the_thesis_machine_is_defined_as_golden), T(the_processor_is_what_the_guests_need),
		T(a_definition_keeps_odd_characters),
		T(a_boot_without_a_kernel_is_refused),
		T(a_machine_as_it_is_fits_one_boot),
		T(domain_0_is_virtual_by_its_maker),
		T(tcg_is_never_kvm),
		T(libraries_come_with_their_loader_first),
		T(a_collected_program_starts_through_its_loader),
		T(links_to_programs_are_followed),
		T(leftovers_of_a_killed_run_are_removed),
		T(a_living_run_is_left_alone),
		T(a_register_that_names_a_strange_folder_is_refused),
		T(a_process_is_known_by_its_start),
		T(an_array_is_made_of_empty_disks_only),
		T(a_foreign_array_is_refused_and_ours_assembled),
		T(a_group_is_made_once_and_never_taken),
		T(volumes_of_others_stay),
		T(volumes_that_cannot_be_seen_are_not_gone),
		T(runs_have_different_tags),
		T(steps_are_as_golden),
		T(doctor_counts_what_it_names),
		T(room_is_asked_for_before),
		T(an_unknown_kind_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
