/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the virtual testbed would do, and what this machine lacks for it. */
#include "virtual_priv.h"

#include <glob.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "image_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#define CACHE_BYTES (3ll << 30)	/* an image being built and its work folder */

struct need {
	const char *program, *package;
};

static const struct need programs[] = {
	{ "apt-get", "apt" },	  { "busybox", "busybox-static" },
	{ "cpio", "cpio" },	  { "depmod", "kmod" },
	{ "dpkg-deb", "dpkg" },	  { "gzip", "gzip" },
	{ "ldd", "libc-bin" },	  { "mke2fs", "e2fsprogs" },
	{ "mmdebstrap", "mmdebstrap" }, { "qemu-img", "qemu-utils" },
	{ "qemu-system-x86_64", "qemu-system-x86" },
};

/* libvirt's QEMU driver looks this user up when root runs it, though QEMU then runs as
 * root here. */
static int lacks_user(struct rs_buf *out)
{
	if (geteuid() != 0 || (getpwnam("libvirt-qemu") != NULL && getgrnam("libvirt-qemu") != NULL))
		return 0;
	return rs_doctor_lacks(out, "user libvirt-qemu, which libvirt's QEMU driver asks for",
			       "useradd --system --user-group --no-create-home --shell "
			       "/usr/sbin/nologin libvirt-qemu");
}

/* Not asked of libvirt: the library that this program uses may be a copy that was brought here. */
char *rs_testbed_libvirt_driver(const char *driver)
{
	static const char *const folders[] = { "/usr/lib/*/libvirt", "/usr/lib64/libvirt", "/usr/lib/libvirt" };
	char *found = NULL;

	for (size_t i = 0; found == NULL && i < RS_COUNT(folders); i++) {
		RS_AUTO_STR *pattern = rs_asprintf(NULL, "%s/connection-driver/libvirt_driver_%s.so", folders[i],
						   driver);
		glob_t g;

		if (pattern == NULL)
			return NULL;
		if (glob(pattern, 0, NULL, &g) == 0)
			found = rs_strdup(g.gl_pathv[0], NULL);
		globfree(&g);
	}
	return found;
}

static int lacks_driver(struct rs_buf *out)
{
	RS_AUTO_STR *module = rs_testbed_libvirt_driver("qemu");

	return module != NULL ? 0 : rs_doctor_lacks(out, "libvirt's QEMU driver",
						    "apt-get install libvirt-daemon-driver-qemu");
}

/* Whether /etc/subuid has a line for this user, by name or number; mmdebstrap asks the same. */
static int has_subordinate_ids(char *name, size_t size)
{
	const struct passwd *pw = getpwuid(geteuid());
	RS_AUTO_BUF text = RS_BUF_INIT;
	RS_AUTO_STR *by_name = NULL, *by_number = rs_asprintf(NULL, "\n%ld:", (long)geteuid());

	(void)snprintf(name, size, "%s", pw != NULL ? pw->pw_name : "USER");
	by_name = rs_asprintf(NULL, "\n%s:", name);
	rs_buf_adds(&text, "\n");
	if (by_name == NULL || by_number == NULL || rs_path_read("/etc/subuid", 1 << 20, &text, NULL) < 0)
		return 0;
	return strstr(rs_buf_str(&text), by_name) != NULL || strstr(rs_buf_str(&text), by_number) != NULL;
}

static int lacks_subordinate_ids(struct rs_buf *out)
{
	char name[64];
	RS_AUTO_STR *mend = NULL;

	if (has_subordinate_ids(name, sizeof(name)))
		return 0;
	mend = rs_asprintf(NULL, "as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s",
			   name);
	return rs_doctor_lacks(out, "subordinate ids in /etc/subuid, for building images as an ordinary user",
			       mend != NULL ? mend : "");
}

/* An image that is there already needs nothing to build it. */
static int has_images(void)
{
	RS_AUTO_STR *cache = rs_path_cache(NULL);
	RS_AUTO_STR *images = cache != NULL ? rs_path_join(cache, "images", NULL) : NULL;
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;
	int found = 0;

	if (images == NULL || rs_path_list(images, &names, &n, NULL) < 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		found |= strlen(names[i]) > 4 && strcmp(names[i] + strlen(names[i]) - 4, ".img") == 0;
	return found;
}

static int lacks_user_tools(struct rs_buf *out)
{
	RS_AUTO_STR *fakeroot = rs_path_program("fakeroot");
	RS_AUTO_STR *map = rs_path_program("newuidmap");
	RS_AUTO_STR *fakechroot = rs_path_program("fakechroot");
	int n = 0;

	if (geteuid() == 0 || has_images())
		return 0;
	if (fakeroot == NULL)
		n += rs_doctor_lacks(out, "fakeroot, for building images as an ordinary user",
				     "apt-get install fakeroot");
	if (map == NULL && fakechroot == NULL)
		n += rs_doctor_lacks(out, "newuidmap, for building images as an ordinary user",
				     "apt-get install uidmap");
	if (map != NULL && fakechroot == NULL)
		n += lacks_subordinate_ids(out);
	return n;
}

static int lacks_space(struct rs_buf *out)
{
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STR *cache = rs_path_cache(&err);

	if (has_images())	/* the builder of another one asks for its room itself */
		return 0;
	if (cache != NULL && rs_testbed_want_space(cache, CACHE_BYTES, "the cache", &err) == 0)
		return 0;
	return rs_doctor_lacks(out, "room for images", err.text);
}

int rs_virtual_doctor(struct rs_buf *out)
{
	int n = 0;

	for (size_t i = 0; i < RS_COUNT(programs); i++) {
		RS_AUTO_STR *path = rs_path_program(programs[i].program);
		RS_AUTO_STR *mend = rs_asprintf(NULL, "apt-get install %s", programs[i].package);

		if (path == NULL)
			n += rs_doctor_lacks(out, programs[i].program, mend != NULL ? mend : "");
	}
	return n + lacks_driver(out) + lacks_user(out) + lacks_user_tools(out) + lacks_space(out);
}

void rs_virtual_steps(const struct rs_plan *plan, const struct rs_testbed_options *o,
		      struct rs_buf *out)
{
	struct rs_err err = RS_ERR_INIT;
	const struct rs_image *image = rs_image_choose(plan, &err);
	struct rs_virtual_size size = rs_virtual_size(plan);
	size_t n_disks = plan->has_hardware ? plan->hardware.n_disks : 0;

	rs_buf_addf(out, "# image, kept in the cache: about 60 s and 600 MB the first time\n");
	if (image != NULL)
		rs_image_steps(image, RS_IMAGE_DISK, out);
	else
		rs_buf_addf(out, "# %s\n", err.text);
	rs_buf_adds(out, "mke2fs -t ext4 -d TREE IMAGE 8G\n");
	rs_buf_adds(out, "# kernel and hypervisor, kept in the cache: about 15 s and 60 MB the first time\n");
	rs_kernel_steps(out);
	rs_buf_addf(out, "# disks of this run, in \"%s\": about 3 s\n", o->folder != NULL ? o->folder : "");
	rs_buf_adds(out, "qemu-img create -q -f qcow2 -F raw -b IMAGE root.qcow2\n");
	for (size_t i = 0; i < n_disks; i++)
		rs_buf_addf(out, "qemu-img create -q -f raw disk%zu.raw %" PRId64 "\n", i,
			    plan->hardware.disks[i].size_bytes / 512 * 512);
	rs_buf_adds(out, "mke2fs -t ext4 -d TOOLS tools.img\n");
	rs_buf_addf(out, "# each boot: a machine with %d x %d x %d CPUs and %" PRId64 " MiB of memory, "
		    "about 12 s, under Xen 25 s\n", size.sockets, size.cores, size.threads,
		    size.memory_bytes >> 20);
	rs_buf_adds(out, "virsh -c qemu:///embed create machine.xml\n");
}
