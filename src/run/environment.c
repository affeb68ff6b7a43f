/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The environment of the machine that measures: what must be the same for two boots to
 * be comparable.  Each fact is read from where the kernel tells it; what the kernel does
 * not tell is recorded as "not known", never guessed.  Serial numbers and addresses are
 * not read.
 */
#include "shard_priv.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "restudy/base/cmd.h"
#include "restudy/base/hash.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"
#include "restudy/testbed.h"

struct capture {
	rs_shard_fn *tell;
	void *user;
};

/* A program that a stop has ended has said nothing, which is no fact: a resumed run would differ in it. */
static int tell(const struct capture *c, const char *key, const char *text, struct rs_err *err)
{
	struct rs_shard_event e = { .kind = RS_SHARD_ENV, .wall_s = rs_wall_s(), .key = key,
				    .text = text != NULL && text[0] != '\0' ? text : "not known" };

	return rs_stop_check(err) < 0 ? -1 : c->tell(c->user, &e, err);
}

/* The text of a small file of the kernel without blanks at its end; "" when missing. */
static void read_small(const char *path, struct rs_buf *b)
{
	rs_buf_clear(b);
	if (rs_path_read(path, 16 << 20, b, NULL) < 0)	/* /proc/cpuinfo of a thousand processors has 2 MiB */
		rs_buf_clear(b);
	while (b->len > 0 && isspace((unsigned char)b->data[b->len - 1]))
		b->data[--b->len] = '\0';
}

/* Files that are a fact as they stand. */
static const struct {
	const char *key, *path;
} file_fact[] = {
	{ "clock.source", "/sys/devices/system/clocksource/clocksource0/current_clocksource" },
	{ "cpu.governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor" },
	{ "cpu.smt", "/sys/devices/system/cpu/smt/control" },
	{ "cpu.turbo-off", "/sys/devices/system/cpu/intel_pstate/no_turbo" },
	{ "hypervisor.type", "/sys/hypervisor/type" },
	{ "kernel.command-line", "/proc/cmdline" },
	{ "kernel.huge-pages", "/sys/kernel/mm/transparent_hugepage/enabled" },
	{ "numa.nodes", "/sys/devices/system/node/online" },
};

static int tell_files(const struct capture *c, struct rs_err *err)
{
	RS_AUTO_BUF b = RS_BUF_INIT;

	for (size_t i = 0; i < RS_COUNT(file_fact); i++) {
		read_small(file_fact[i].path, &b);
		if (tell(c, file_fact[i].key, rs_buf_str(&b), err) < 0)
			return -1;
	}
	return 0;
}

/* The value of "name   : value" at the first line of text that begins with name. */
static char *line_value(const char *text, const char *name, struct rs_err *err)
{
	size_t n = strlen(name);

	for (const char *p = text; p != NULL && *p != '\0'; p = strchr(p, '\n')) {
		const char *v;

		p += *p == '\n';
		if (strncmp(p, name, n) != 0 || !strchr(" \t:=", p[n]))
			continue;
		v = p + n + strspn(p + n, " \t:=\"");
		return rs_strndup(v, strcspn(v, "\n"), err);
	}
	return rs_strdup("", err);
}

static int count_lines(const char *text, const char *name)
{
	size_t n = strlen(name);
	int count = 0;

	for (const char *p = text; p != NULL && *p != '\0'; p = strchr(p, '\n')) {
		p += *p == '\n';
		count += strncmp(p, name, n) == 0;
	}
	return count;
}

static int tell_processor(const struct capture *c, struct rs_err *err)
{
	static const struct {
		const char *key, *name;
	} line[] = {
		{ "cpu.model", "model name" },	{ "cpu.microcode", "microcode" },
		{ "cpu.cores", "cpu cores" },	{ "cpu.flags", "flags" },
		{ "cpu.weaknesses", "bugs" },
	};
	RS_AUTO_BUF b = RS_BUF_INIT;
	char count[32] = "";
	int n;

	read_small("/proc/cpuinfo", &b);
	for (size_t i = 0; i < RS_COUNT(line); i++) {
		RS_AUTO_STR *v = line_value(rs_buf_str(&b), line[i].name, err);

		if (v == NULL || tell(c, line[i].key, v, err) < 0)
			return -1;
	}
	n = count_lines(rs_buf_str(&b), "processor");
	if (n > 0)
		(void)snprintf(count, sizeof(count), "%d", n);
	return tell(c, "cpu.count", count, err);
}

/* Domain 0 of Xen has a part of the machine's memory: xl knows it all, in MiB.  Owned; NULL with err
 * when out of memory. */
static char *machine_memory(const char *meminfo, struct rs_err *err)
{
	RS_AUTO_CMD *xl = NULL;
	RS_AUTO_BUF info = RS_BUF_INIT;
	RS_AUTO_STR *total = NULL;
	int64_t mib = 0;

	if (!rs_testbed_is_dom0(""))
		return line_value(meminfo, "MemTotal", err);
	xl = rs_cmd_new("xl");
	rs_cmd_arg(xl, "info");
	rs_cmd_stdout_buf(xl, &info);
	if (rs_cmd_run_ok(xl, NULL) == 0)
		total = line_value(rs_buf_str(&info), "total_memory", NULL);
	if (total == NULL || rs_parse_i64(total, 1, INT64_MAX / 1024, &mib, NULL) < 0)
		return line_value(meminfo, "MemTotal", err);
	return rs_asprintf(err, "%lld kB", (long long)mib * 1024);
}

static int tell_memory(const struct capture *c, struct rs_err *err)
{
	RS_AUTO_BUF b = RS_BUF_INIT;
	RS_AUTO_STR *total = NULL, *swap = NULL;

	read_small("/proc/meminfo", &b);
	total = machine_memory(rs_buf_str(&b), err);
	swap = line_value(rs_buf_str(&b), "SwapTotal", err);
	if (total == NULL || swap == NULL || tell(c, "memory.total", total, err) < 0)
		return -1;
	return tell(c, "memory.swap", swap, err);
}

static int tell_kernel(const struct capture *c, struct rs_err *err)
{
	RS_AUTO_BUF b = RS_BUF_INIT;
	RS_AUTO_STR *pretty = NULL;
	struct utsname u;

	if (uname(&u) != 0)
		return tell(c, "kernel.release", NULL, err);
	if (tell(c, "kernel.release", u.release, err) < 0 ||
	    tell(c, "kernel.version", u.version, err) < 0 ||
	    tell(c, "machine.architecture", u.machine, err) < 0)
		return -1;
	read_small("/etc/os-release", &b);
	pretty = line_value(rs_buf_str(&b), "PRETTY_NAME", err);
	if (pretty == NULL)
		return -1;
	pretty[strcspn(pretty, "\"")] = '\0';
	return tell(c, "system.release", pretty, err);
}

static int tell_weaknesses(const struct capture *c, struct rs_err *err)
{
	static const char folder[] = "/sys/devices/system/cpu/vulnerabilities";
	RS_AUTO_ARGV names = NULL;
	RS_AUTO_BUF b = RS_BUF_INIT;
	size_t n = 0;

	if (!rs_path_exists(folder))
		return tell(c, "mitigations", NULL, err);
	if (rs_path_list(folder, &names, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		RS_AUTO_STR *path = rs_path_join(folder, names[i], err);
		RS_AUTO_STR *key = rs_asprintf(err, "mitigation.%s", names[i]);

		if (path == NULL || key == NULL)
			return -1;
		read_small(path, &b);
		if (tell(c, key, rs_buf_str(&b), err) < 0)
			return -1;
	}
	return 0;
}

/* Disks by kernel name with their size; partitions and made-up devices are left out. */
static int tell_disks(const struct capture *c, struct rs_err *err)
{
	RS_AUTO_ARGV names = NULL;
	RS_AUTO_BUF all = RS_BUF_INIT, size = RS_BUF_INIT;
	size_t n = 0;

	if (!rs_path_exists("/sys/block"))
		return tell(c, "disks", NULL, err);
	if (rs_path_list("/sys/block", &names, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		RS_AUTO_STR *path = rs_asprintf(err, "/sys/block/%s/size", names[i]);
		char text[40];
		double sectors;

		if (path == NULL)
			return -1;
		read_small(path, &size);
		if (strncmp(names[i], "sd", 2) != 0 && strncmp(names[i], "vd", 2) != 0 &&
		    strncmp(names[i], "nvme", 4) != 0)
			continue;
		if (rs_parse_double(rs_buf_str(&size), &sectors, NULL) < 0 || sectors <= 0)
			continue;
		rs_buf_addf(&all, "%s%s %s", all.len > 0 ? ", " : "", names[i],
			    rs_format_quantity(text, sizeof(text), sectors * 512, RS_DIM_BYTES));
	}
	return rs_buf_check(&all, err) < 0 ? -1 : tell(c, "disks", rs_buf_str(&all), err);
}

/* Installed packages with their versions: the list as a file, its digest as the fact. */
static int tell_packages(const struct capture *c, const char *folder, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(folder, "packages.txt", err);
	RS_AUTO_BUF list = RS_BUF_INIT;
	RS_AUTO_CMD *cmd = NULL;
	struct rs_cmd_result r;
	char hex[RS_SHA256_HEX];

	if (path == NULL)
		return -1;
	cmd = rs_cmd_new("dpkg-query");
	rs_cmd_arg(cmd, "-W");
	rs_cmd_arg(cmd, "-f=${Package} ${Version} ${Architecture}\\n");
	rs_cmd_stdout_buf(cmd, &list);
	if (rs_cmd_run(cmd, &r, NULL) < 0 || r.status != 0)
		return tell(c, "packages.sha256", NULL, err);
	if (rs_path_write(path, rs_buf_str(&list), list.len, err) < 0 ||
	    rs_sha256_bytes(rs_buf_str(&list), list.len, hex, err) < 0)
		return -1;
	return tell(c, "packages.sha256", hex, err);
}

/* Programs of the benchmarks: what each says of its own version. */
static const struct {
	const char *key, *program, *option, *prefix;
} programs[] = {
	{ "program.apache2", "apache2", "-v", "Server version" },
	{ "program.siege", "siege", "--version", "SIEGE" },
};

/* The line of what a program says that begins with prefix.  Its home is a folder of its own:
 * siege writes a configuration into the user's otherwise. */
static int tell_program(const struct capture *c, size_t i, const char *home, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_program(programs[i].program);
	RS_AUTO_STR *version = NULL;
	RS_AUTO_BUF said = RS_BUF_INIT;
	RS_AUTO_CMD *cmd = NULL;
	struct rs_cmd_result r;

	if (path == NULL)
		return 0;
	cmd = rs_cmd_new(path);
	rs_cmd_arg(cmd, programs[i].option);
	rs_cmd_env(cmd, "HOME", home);
	rs_cmd_timeout(cmd, 20);
	rs_cmd_stdout_buf(cmd, &said);
	rs_cmd_stderr_buf(cmd, &said);
	if (rs_cmd_run(cmd, &r, NULL) < 0)
		return tell(c, programs[i].key, NULL, err);
	version = line_value(rs_buf_str(&said), programs[i].prefix, err);
	return version == NULL ? -1 : tell(c, programs[i].key, version, err);
}

static int tell_programs(const struct capture *c, const char *folder, struct rs_err *err)
{
	RS_AUTO_STR *home = rs_path_join(folder, "home", err);
	int rc = 0;

	if (home == NULL || rs_path_mkdirs(home, err) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < RS_COUNT(programs); i++)
		rc = tell_program(c, i, home, err);
	return rs_path_remove_tree(home, rc < 0 ? NULL : err) < 0 ? -1 : rc;
}

int rs_environment_capture(const char *folder, enum rs_boot boot, rs_shard_fn *fn, void *user,
			   struct rs_err *err)
{
	const struct capture c = { fn, user };
	RS_AUTO_STR *path = rs_asprintf(err, "%s/environment/%s", folder, rs_boot_name(boot));

	if (path == NULL || rs_path_mkdirs(path, err) < 0)
		return -1;
	if (tell_processor(&c, err) < 0 || tell_memory(&c, err) < 0 || tell_kernel(&c, err) < 0 ||
	    tell_weaknesses(&c, err) < 0 || tell_disks(&c, err) < 0 || tell_files(&c, err) < 0 ||
	    tell_programs(&c, path, err) < 0)
		return -1;
	return tell_packages(&c, path, err);
}
