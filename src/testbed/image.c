/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Operating system images: which one, what is in it, and its place in the cache.
 * The build itself is in image_build.c.
 */
#include "image_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "apt_priv.h"
#include "image_archive_priv.h"
#include "image_build_priv.h"
#include "image_dnf_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"

/* Raise it when a build gives something else from the same plan. */
#define RECIPE "restudy image 1"

/* What the testbed itself needs inside: storage, networks, containers, Xen, load generator. */
static const char *const deb_packages[] = {
	"bridge-utils", "busybox-static", "e2fsprogs", "iproute2", "iputils-ping", "kmod",
	"libvirt-daemon", "libvirt-daemon-driver-lxc", "libvirt-daemon-driver-xen", "lvm2",
	"mdadm", "mount", "procps", "siege", "udev", "util-linux", "xen-system-amd64",
};

/* The same by Fedora's names. */
static const char *const rpm_packages[] = {
	"bridge-utils", "busybox", "e2fsprogs", "iproute", "iputils", "kmod", "libvirt-daemon-lxc",
	"libvirt-daemon-xen", "lvm2", "mdadm", "procps-ng", "siege", "systemd-udev", "util-linux",
	"xen",
};

static int is_rpm(const struct rs_image *image)
{
	return image->builder == RS_BUILDER_DNF || image->builder == RS_BUILDER_YUM;
}

void rs_image_built_release(struct rs_image_built *b)
{
	if (b == NULL)
		return;
	free(b->path);
	free(b->packages);
	free(b->archive);
	*b = (struct rs_image_built){ .path = NULL };
}

static int builder_works(const struct rs_image *image)
{
	RS_AUTO_STR *program = NULL;

	switch (image->builder) {
	case RS_BUILDER_MMDEBSTRAP:
		program = rs_path_program("mmdebstrap");
		return program != NULL;
	case RS_BUILDER_DNF:
	case RS_BUILDER_YUM:
		program = rs_dnf_program(image);
		return program != NULL && rs_dnf_has_source(image);
	case RS_BUILDER_ARCHIVE:
		return image->url != NULL;
	case RS_BUILDER_LAST:
		break;
	}
	return 0;
}

/* What an image lacks that its builder does not work. */
static int tell_lack(const struct rs_image *first, const struct rs_image *image, struct rs_err *err)
{
	RS_AUTO_STR *dnf = image != NULL ? rs_dnf_program(image) : NULL;

	if (image != NULL && image->builder == RS_BUILDER_MMDEBSTRAP)
		return rs_err_set(err, RS_ERR_MACHINE, "image \"%s\" needs mmdebstrap: apt-get install "
				  "mmdebstrap", image->id);
	if (image != NULL && is_rpm(image) && image->url != NULL && dnf == NULL)
		return rs_err_set(err, RS_ERR_MACHINE, "image \"%s\" needs dnf: apt-get install dnf rpm",
				  image->id);
	return rs_err_set(err, RS_ERR_PLAN, "image \"%s\" is built by \"%s\", which does not work "
			  "here%s, and no substitute does: give it a substitute that is built by "
			  "mmdebstrap", first->id, rs_builder_name(first->builder),
			  is_rpm(first) && first->url == NULL ? " without the url of a repository" : "");
}

const struct rs_image *rs_image_choose(const struct rs_plan *plan, struct rs_err *err)
{
	const struct rs_system *base = rs_plan_baseline(plan);
	const struct rs_image *first = NULL, *image;

	if (base != NULL && base->image != NULL)
		first = rs_plan_image(plan, base->image);
	if (first == NULL && plan->n_images > 0)
		first = &plan->images[0];
	if (first == NULL) {
		(void)rs_err_set(err, RS_ERR_PLAN, "the plan has no <image>: add one that is built by "
				 "mmdebstrap");
		return NULL;
	}
	image = first;
	for (size_t hops = 0; hops <= plan->n_images; hops++) {
		if (builder_works(image))
			return image;
		if (image->substitute == NULL)
			break;
		image = rs_plan_image(plan, image->substitute);
		if (image == NULL)
			break;
	}
	(void)tell_lack(first, image, err);
	return NULL;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int rs_image_packages(const struct rs_image *image, enum rs_image_product product,
		      struct rs_buf *out, struct rs_err *err)
{
	const char *const *own = is_rpm(image) ? rpm_packages : deb_packages;
	size_t n_own = is_rpm(image) ? RS_COUNT(rpm_packages) : RS_COUNT(deb_packages), n;
	const char **all, *last = "";

	if (image->builder == RS_BUILDER_ARCHIVE || (is_rpm(image) && product == RS_IMAGE_TREE))
		n_own = 0;
	n = image->n_packages + n_own;
	all = rs_alloc(n + 1, sizeof(*all), err);
	if (all == NULL)
		return -1;
	for (size_t i = 0; i < image->n_packages; i++)
		all[i] = image->packages[i];
	for (size_t i = 0; i < n_own; i++)
		all[image->n_packages + i] = own[i];
	qsort(all, n, sizeof(*all), by_text);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(all[i], last) == 0)
			continue;
		rs_buf_addf(out, "%s%s", last[0] != '\0' ? "," : "", all[i]);
		last = all[i];
	}
	free(all);
	return rs_buf_check(out, err);
}

int rs_image_key(const struct rs_image *image, enum rs_image_product product, const char *sources,
		 char key[RS_SHA256_HEX], struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;

	rs_buf_addf(&text, RECIPE "\n%s\n%s\n%s\n%s\n%s\n", image->distribution,
		    rs_apt_codename(image->release),
		    image->architecture != NULL ? image->architecture : "",
		    rs_builder_name(image->builder), sources);
	if (rs_image_packages(image, product, &text, err) < 0)
		return -1;
	return rs_sha256_bytes(rs_buf_str(&text), text.len, key, err);
}

int rs_cache_lock(const char *path, const struct rs_tell *tell, struct rs_err *err)
{
	RS_AUTO_FD fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	int told = 0, got;

	if (fd < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "lock \"%s\" cannot be made", path);
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return rs_err_sys(err, RS_ERR_FAILED, errno, "lock \"%s\"", path);
		if (rs_stop_check(err) < 0)
			return -1;
		if (!told++)
			rs_tell(tell, "cache: another run is making the same; waiting for it");
		rs_clock_sleep(0.5);
	}
	got = fd;
	fd = -1;
	return got;
}

static const char *product_suffix(enum rs_image_product product)
{
	switch (product) {
	case RS_IMAGE_DISK:
		return "img";
	case RS_IMAGE_TREE:
		return "tree";
	}
	return "";
}

static int name_product(const char *folder, enum rs_image_product product,
			struct rs_image_built *b, struct rs_err *err)
{
	b->path = rs_asprintf(err, "%s/%s.%s", folder, b->key, product_suffix(product));
	b->packages = rs_asprintf(err, "%s/%s.packages", folder, b->key);
	return b->path != NULL && b->packages != NULL ? 0 : -1;
}

/* What a build needs to know of where its parts come from. */
struct origin {
	struct rs_buf sources;	/* sources.list, dnf's configuration, the archive's digest */
	char *archive;		/* owned: its file, or NULL */
};

static void origin_release(struct origin *o)
{
	rs_buf_release(&o->sources);
	free(o->archive);
}

#define AUTO_ORIGIN __attribute__((cleanup(origin_release))) struct origin

static int find_origin(const struct rs_image *image, const char *lock, const char *folder,
		       const struct rs_tell *tell, struct origin *o, struct rs_image_built *b,
		       struct rs_err *err)
{
	char digest[RS_SHA256_HEX];

	if (is_rpm(image))
		return rs_dnf_config(image, &o->sources, err);
	if (image->builder != RS_BUILDER_ARCHIVE)
		return rs_apt_sources(image, &o->sources, err);
	if (rs_archive_get(image, lock, folder, tell, digest, &o->archive, err) < 0)
		return rs_err_wrap(err, "image \"%s\"", image->id);
	rs_buf_addf(&o->sources, "sha256 %s\n", digest);
	b->archive = rs_asprintf(err, "archive %s %s %s", image->id, digest, image->url);
	return b->archive == NULL ? -1 : rs_buf_check(&o->sources, err);
}

static int get_locked(const struct rs_image *image, enum rs_image_product product,
		      const char *folder, const struct origin *o, const struct rs_tell *tell,
		      const struct rs_image_built *b, struct rs_err *err)
{
	RS_AUTO_STR *lock_path = rs_asprintf(err, "%s/%s.lock", folder, b->key);
	RS_AUTO_BUF packages = RS_BUF_INIT;
	RS_AUTO_FD lock = -1;
	int64_t start_ns = rs_clock_ns();
	char span[32];

	if (lock_path == NULL)
		return -1;
	lock = rs_cache_lock(lock_path, tell, err);
	if (lock < 0)
		return -1;
	if (rs_path_exists(b->path))	/* somebody else built it meanwhile */
		return 0;
	if (rs_image_packages(image, product, &packages, err) < 0)
		return -1;
	rs_tell(tell, "image: building \"%s\" (%s %s, about 60 s)", image->id, image->distribution,
		image->release);
	struct rs_image_job job = {
		.image = image, .sources = rs_buf_str(&o->sources), .archive = o->archive,
		.packages = rs_buf_str(&packages), .key = b->key, .list = b->packages,
		.target = b->path, .tell = tell,
	};
	if (product == RS_IMAGE_DISK ? rs_image_build_disk(&job, err) < 0 :
				       rs_image_build_tree(&job, err) < 0)
		return rs_err_wrap(err, "image \"%s\"", image->id);
	rs_tell(tell, "image: built in %s",
		rs_clock_span(span, sizeof(span), (double)(rs_clock_ns() - start_ns) / 1e9));
	return 0;
}

int rs_image_get(const struct rs_image *image, enum rs_image_product product, const char *lock,
		 const struct rs_tell *tell, struct rs_image_built *ret, struct rs_err *err)
{
	RS_AUTO_STR *cache = rs_path_cache(err);
	RS_AUTO_STR *folder = cache != NULL ? rs_path_join(cache, "images", err) : NULL;
	AUTO_ORIGIN o = { .sources = RS_BUF_INIT };
	struct rs_image_built b = { .path = NULL };

	if (folder == NULL || rs_path_mkdirs(folder, err) < 0)
		return -1;
	if (find_origin(image, lock, folder, tell, &o, &b, err) < 0 ||
	    rs_image_key(image, product, rs_buf_str(&o.sources), b.key, err) < 0 ||
	    name_product(folder, product, &b, err) < 0 ||
	    (!rs_path_exists(b.path) &&
	     get_locked(image, product, folder, &o, tell, &b, err) < 0)) {
		rs_image_built_release(&b);
		return -1;
	}
	rs_tell(tell, "image: \"%s\" is ready (%.12s)", image->id, b.key);
	*ret = b;
	return 0;
}

void rs_image_steps(const struct rs_image *image, enum rs_image_product product, struct rs_buf *out)
{
	RS_AUTO_BUF packages = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;

	if (rs_image_packages(image, product, &packages, &err) < 0)
		return;
	if (is_rpm(image))
		rs_dnf_steps(image, rs_buf_str(&packages), out);
	else if (image->builder == RS_BUILDER_ARCHIVE)
		rs_buf_addf(out, "# fetched through libcurl: %s\ntar --extract --file ARCHIVE --directory TREE\n",
			    image->url);
	else
		rs_image_build_steps(rs_apt_codename(image->release), rs_buf_str(&packages), out);
}
