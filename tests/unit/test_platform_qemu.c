/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A fully virtualised guest for real, from a small tree: reached through its agent, and from
 * outside by its web server; looked at after its end, and after a kill of its starter.  It
 * needs root, QEMU and what makes a kernel, and works in a network namespace of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/platform/qemu_priv.h"
#include "../../src/testbed/kernel_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/platform.h"

enum { WEB_PORT = 8080, COMMAND_S = 120 };

struct world {
	char *top, *tree, *folder, *agent, *kernels;	/* owned */
	struct rs_kernel kernel;
	char notes[1000];
};

static char *below(const char *a, const char *b)
{
	char *p = rs_path_join(a, b, NULL);

	assert_non_null(p);
	return p;
}

/* A tree of busybox and nothing else.  0, or -1 when busybox is not here. */
static int make_tree(const char *tree)
{
	static const char *const names[] = { "sh", "cat", "ls", "hostname", "httpd", "mount", "ip", "mkdir",
					     "chmod", "ln", "swapon", "echo", "test", "sync" };
	RS_AUTO_STR *busybox = rs_path_program("busybox");
	RS_AUTO_STR *bin = below(tree, "bin");
	RS_AUTO_STR *to = below(bin, "busybox");

	if (busybox == NULL || rs_path_mkdirs(bin, NULL) < 0 || rs_path_copy(busybox, to, NULL) < 0)
		return -1;
	for (size_t i = 0; i < RS_COUNT(names); i++) {
		RS_AUTO_STR *link = below(bin, names[i]);

		if (symlink("busybox", link) < 0)
			return -1;
	}
	return 0;
}

static void tell(void *user, const char *text)
{
	(void)user;
	printf("        %s\n", text);
}

static int get_kernel(struct rs_kernel *k, struct rs_err *err)
{
	static char id[] = "debian-12", distribution[] = "Debian", release[] = "bookworm", amd64[] = "amd64";
	const struct rs_image image = { .id = id, .distribution = distribution, .release = release,
					.architecture = amd64, .builder = RS_BUILDER_MMDEBSTRAP };
	const struct rs_tell to = { tell, NULL };

	return rs_kernel_get(&image, &to, k, err);
}

/* Interfaces and addresses of the tests are nobody else's; /sys shows them. */
static int own_network(void)
{
	RS_AUTO_CMD *up = rs_cmd_new("ip");

	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("sysfs", "/sys", "sysfs", 0, NULL) < 0)
		return -1;
	rs_cmd_args(up, (const char *const[]){ "link", "set", "dev", "lo", "up", NULL });
	return rs_cmd_run_ok(up, NULL);
}

static struct rs_place place_of(const struct world *w)
{
	return (struct rs_place){ .folder = w->folder, .run_id = "qemu-test", .root = w->tree,
				  .agent = w->agent, .kernels = w->kernels,
				  .kernel = w->kernel.vmlinux, .initrd = w->kernel.initrd };
}

static int set_up(void **state)
{
	struct world *w = rs_alloc(1, sizeof(*w), NULL);
	const char *build = getenv("RESTUDY_BUILD");
	RS_AUTO_STR *b = realpath(build != NULL ? build : "build", NULL);
	char top[] = "/tmp/rs-qemu-XXXXXX";
	struct rs_err err = RS_ERR_INIT;
	struct rs_place place;

	if (w == NULL || b == NULL || mkdtemp(top) == NULL)
		return -1;
	*state = w;
	w->top = rs_strdup(top, NULL);
	w->tree = below(top, "tree");
	w->folder = below(top, "place");
	w->agent = below(b, "restudy-agent");
	w->kernels = below(b, "restudy-kernels");
	if (rs_path_mkdirs(w->folder, &err) < 0)
		return -1;
	if (geteuid() != 0 || make_tree(w->tree) < 0 || get_kernel(&w->kernel, &err) < 0 ||
	    own_network() < 0)
		return 0;	/* the probe says what lacks */
	place = place_of(w);
	if (rs_platform_qemu.probe(&place, &err) < 0)
		rs_kernel_release(&w->kernel);
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	int rc = rs_path_remove_tree(w->top, NULL);

	rs_kernel_release(&w->kernel);
	free(w->top);
	free(w->tree);
	free(w->folder);
	free(w->agent);
	free(w->kernels);
	free(w);
	return rc;
}

static void need_qemu(const struct world *w)
{
	struct rs_err err = RS_ERR_INIT;
	const struct rs_place place = place_of(w);

	if (geteuid() == 0 && w->kernel.vmlinux != NULL && rs_platform_qemu.probe(&place, &err) == 0)
		return;
	printf("        skipped: %s\n", err.text);
	skip();
}

static struct rs_system system_of(struct rs_guest_disk disks[2])
{
	static char id[] = "hvm", bridge[] = "rsbrqemu", address[] = "198.18.98.2", guest[] = "full_1";
	static char *names[] = { guest };
	static char ext3[] = "ext3", swap[] = "swap", top[] = "/", root[] = "r", other[] = "s";
	struct rs_system s = { .id = id, .platform = RS_PLATFORM_QEMU };

	disks[0] = (struct rs_guest_disk){ .volume = root, .filesystem = ext3, .mount = top,
					   .size_bytes = (int64_t)96 << 20 };
	disks[1] = (struct rs_guest_disk){ .volume = other, .filesystem = swap,
					   .size_bytes = (int64_t)16 << 20 };
	s.guests.names = names;
	s.guests.n_names = 1;
	s.guests.memory_bytes = (int64_t)192 << 20;
	s.guests.disks = disks;
	s.guests.n_disks = 2;
	s.guests.bridge = bridge;
	s.guests.address = address;
	return s;
}

static int keep_note(void *user, const struct rs_note *n, struct rs_err *err)
{
	struct world *w = user;

	(void)err;
	(void)snprintf(w->notes + strlen(w->notes), sizeof(w->notes) - strlen(w->notes), "%s\n", n->text);
	return 0;
}

/* What a command in the guest prints. */
static void expect(const struct rs_guest *g, const char *const *argv, const char *part)
{
	RS_AUTO_BUF said = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;

	if (rs_channel_run_ok(g->channel, argv, COMMAND_S, &said, &err) < 0)
		fail_msg("%s: %s", argv[0], err.text);
	if (strstr(rs_buf_str(&said), part) == NULL)
		fail_msg("%s: no \"%s\" in \"%s\"", argv[0], part, rs_buf_str(&said));
}

#define EXPECT(g, part, ...) expect(g, (const char *const[]){ __VA_ARGS__, NULL }, part)

/* A page, as a load generator on this machine gets it. */
static void fetch(const char *address)
{
	static const char ask[] = "GET /etc/hostname HTTP/1.0\r\n\r\n";
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(WEB_PORT) };
	const struct timeval limit = { COMMAND_S, 0 };
	char got[2000] = "";
	size_t n = 0;
	RS_AUTO_FD fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(inet_pton(AF_INET, address, &to.sin_addr), 1);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		fail_msg("no web server at %s: %s", address, strerror(errno));
	assert_int_equal(write(fd, ask, sizeof(ask) - 1), sizeof(ask) - 1);
	for (ssize_t r; n < sizeof(got) - 1 && (r = read(fd, got + n, sizeof(got) - 1 - n)) > 0;)
		n += (size_t)r;
	if (strstr(got, " 200 ") == NULL || strstr(got, "full_1") == NULL)
		fail_msg("the guest served \"%s\"", got);
}

/* QEMU processes that name our folder. */
static int machines(const struct world *w)
{
	RS_AUTO_ARGV pids = NULL;
	size_t n = 0;
	int found = 0;

	assert_int_equal(rs_path_list("/proc", &pids, &n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		RS_AUTO_STR *path = rs_asprintf(NULL, "/proc/%s/cmdline", pids[i]);
		RS_AUTO_BUF line = RS_BUF_INIT;

		if (strspn(pids[i], "0123456789") != strlen(pids[i]) ||
		    rs_path_read(path, 1 << 20, &line, NULL) < 0 || line.len == 0)
			continue;
		found += strstr(line.data, "qemu-system") != NULL &&
			 memmem(line.data, line.len, w->top, strlen(w->top)) != NULL;
	}
	return found;
}

static void nothing_stays(const struct world *w)
{
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;

	assert_int_equal(machines(w), 0);
	assert_int_equal(rs_path_list(w->folder, &names, &n, NULL), 0);
	assert_int_equal(n, 0);
	assert_false(rs_path_exists("/sys/class/net/rsbrqemu"));
}

static void a_guest_lives(void **state)
{
	struct world *w = *state;
	struct rs_guest_disk disks[2];
	const struct rs_system sys = system_of(disks);
	const struct rs_place place = place_of(w);
	const struct rs_sink notes = { .note = keep_note, .user = w };
	RS_AUTO_STR *described = below(w->top, "described");
	RS_AUTO_STR *xml = below(described, "full_1.xml");
	const struct rs_guest *g = NULL;
	struct rs_err err = RS_ERR_INIT;
	struct rs_instance *in;

	need_qemu(w);
	in = rs_instance_start(&rs_platform_qemu, &sys, 1, &place, &notes, &err);
	if (in == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(rs_instance_guests(in, &g), 1);
	assert_int_equal(machines(w), 1);
	printf("        ready after %.1f s; %s", g->ready_s, w->notes);
	EXPECT(g, "full_1\n", "hostname");
	EXPECT(g, "/dev/root / ext", "sh", "-c", "while read -r d at t rest; do case $at in /) "
	       "echo \"/dev/root / $t\";; esac; done </proc/mounts");
	EXPECT(g, "/dev/vdb", "cat", "/proc/swaps");
	EXPECT(g, g->scratch, "ls", "-d", g->scratch);
	EXPECT(g, "restudy-kernels", "ls", RS_GUEST_PROGRAMS);
	EXPECT(g, "", "httpd", "-p", "8080", "-h", "/");
	fetch(g->address);
	if (rs_instance_describe(in, described, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(rs_path_exists(xml));
	assert_true((strstr(w->notes, "emulated") != NULL) == !rs_testbed_has_kvm());
	if (rs_instance_stop(in, &err) < 0)
		fail_msg("%s", err.text);
	nothing_stays(w);
}

/* Its starter is killed: the machine ends with it, and the rest is found and taken back. */
static void a_killed_starter_leaves_nothing(void **state)
{
	struct world *w = *state;
	struct rs_guest_disk disks[2];
	const struct rs_system sys = system_of(disks);
	const struct rs_place place = place_of(w);
	RS_AUTO_BUF out = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;
	int status = 0;
	pid_t pid;

	need_qemu(w);
	pid = fork();
	if (pid == 0) {
		if (rs_instance_start(&rs_platform_qemu, &sys, 1, &place, NULL, &err) == NULL)
			_exit(1);
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	if (rs_platform_qemu.leftovers(&place, 1, &out, &err) < 0)
		fail_msg("%s", err.text);
	assert_non_null(strstr(rs_buf_str(&out), "qemu-test"));
	nothing_stays(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guest_lives),
		cmocka_unit_test(a_killed_starter_leaves_nothing),
	};

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
