/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where Debian packages come from.  The configuration of this machine's apt decides
 * (mirror, keys, proxies), so that Restudy works wherever apt-get does.
 */
#include "apt_priv.h"

#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

const char *rs_apt_codename(const char *release)
{
	static const char *const known[][2] = {
		{ "10", "buster" }, { "11", "bullseye" }, { "12", "bookworm" },
		{ "13", "trixie" }, { "14", "forky" },
	};

	for (size_t i = 0; i < RS_COUNT(known); i++)
		if (strcmp(release, known[i][0]) == 0)
			return known[i][1];
	return release;
}

/* Whether suite is the release itself or its security or update suite. */
static int suite_belongs(const char *suite, size_t len, const char *codename)
{
	static const char *const tails[] = { "", "-security", "-updates" };
	size_t n = strlen(codename);

	if (len < n || strncmp(suite, codename, n) != 0)
		return 0;
	for (size_t i = 0; i < RS_COUNT(tails); i++)
		if (strlen(tails[i]) == len - n && strncmp(suite + n, tails[i], len - n) == 0)
			return 1;
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * Takes lines "deb URI SUITE COMPONENT" whose suite belongs to codename, each once.
 * Sorted: apt's own order changes from day to day, and the sources are part of an
 * image's key.
 */
static int take_sources(const char *lines, const char *codename, struct rs_buf *out,
			struct rs_err *err)
{
	RS_AUTO_ARGV all = NULL;
	size_t n = 0, i = 0;

	for (const char *p = lines; *p != '\0'; p++)
		n += *p == '\n';
	all = rs_alloc(n + 1, sizeof(*all), err);
	if (all == NULL)
		return -1;
	for (const char *p = lines, *end; i < n && (end = strchr(p, '\n')) != NULL; p = end + 1) {
		all[i] = rs_strndup(p, (size_t)(end - p), err);
		if (all[i++] == NULL)
			return -1;
	}
	qsort(all, n, sizeof(*all), by_text);
	for (i = 0; i < n; i++) {
		const char *uri = strchr(all[i], ' ');
		const char *suite = uri != NULL ? strchr(uri + 1, ' ') : NULL;
		const char *component = suite != NULL ? strchr(suite + 1, ' ') : NULL;

		if (component != NULL && (i == 0 || strcmp(all[i], all[i - 1]) != 0) &&
		    suite_belongs(suite + 1, (size_t)(component - suite - 1), codename))
			rs_buf_addf(out, "%s\n", all[i]);
	}
	return rs_buf_check(out, err);
}

/* The testbed's kernel is Debian's, also where the image is not. */
static const char *suite_of(const struct rs_image *image)
{
	return image->builder == RS_BUILDER_MMDEBSTRAP ? rs_apt_codename(image->release) : "bookworm";
}

int rs_apt_sources(const struct rs_image *image, struct rs_buf *out, struct rs_err *err)
{
	const char *codename = suite_of(image);
	RS_AUTO_STR *apt = rs_path_program("apt-get");
	RS_AUTO_BUF lines = RS_BUF_INIT;

	if (image->url != NULL && image->builder == RS_BUILDER_MMDEBSTRAP) {
		rs_buf_addf(out, "deb %s %s main\n", image->url, codename);
		return rs_buf_check(out, err);
	}
	if (apt != NULL) {
		RS_AUTO_CMD *cmd = rs_cmd_new(apt);
		struct rs_cmd_result r;

		rs_cmd_arg(cmd, "indextargets");
		rs_cmd_arg(cmd, "--format");
		rs_cmd_arg(cmd, "deb $(REPO_URI) $(RELEASE) $(COMPONENT)");
		rs_cmd_arg(cmd, "Created-By: Packages");
		rs_cmd_timeout(cmd, 60);
		rs_cmd_stdout_buf(cmd, &lines);
		if (rs_cmd_run(cmd, &r, err) < 0)
			return -1;
		if (r.status == 0 && take_sources(rs_buf_str(&lines), codename, out, err) < 0)
			return -1;
		if (out->len > 0)
			return 0;
	}
	rs_buf_addf(out, "deb http://deb.debian.org/debian %s main\n"
		    "deb http://deb.debian.org/debian %s-updates main\n"
		    "deb http://deb.debian.org/debian-security %s-security main\n",
		    codename, codename, codename);
	return rs_buf_check(out, err);
}

/* The settings that decide whether a download works here; nothing else of the
 * machine's configuration belongs into an image. */
static int is_transport(const char *line, size_t len)
{
	static const char empty[] = " \"\";";
	static const char *const wanted[] = {
		"Acquire::Check-Date ", "Acquire::Check-Valid-Until ", "Acquire::ForceIPv4 ",
		"Acquire::Max-FutureTime ", "Acquire::Retries ", "Acquire::ftp::Proxy",
		"Acquire::http::", "Acquire::https::",
	};

	for (size_t i = 0; i < RS_COUNT(wanted); i++)
		if (strncmp(line, wanted[i], strlen(wanted[i])) == 0)
			return memmem(line, len, empty, sizeof(empty) - 1) == NULL;
	return 0;
}

int rs_apt_options(struct rs_cmd *cmd, struct rs_err *err)
{
	RS_AUTO_CMD *dump = rs_cmd_new("apt-config");
	RS_AUTO_BUF text = RS_BUF_INIT;
	struct rs_cmd_result r;

	rs_cmd_arg(dump, "dump");
	rs_cmd_timeout(dump, 60);
	rs_cmd_stdout_buf(dump, &text);
	if (rs_cmd_run(dump, &r, err) < 0)
		return -1;
	if (rs_buf_check(&text, err) < 0)
		return -1;
	for (const char *p = rs_buf_str(&text), *end; *p != '\0'; p = *end != '\0' ? end + 1 : end) {
		end = p + strcspn(p, "\n");
		if (end - p > 1 && is_transport(p, (size_t)(end - p)))
			rs_cmd_argf(cmd, "--aptopt=%.*s", (int)(end - p - 1), p);
	}
	return 0;
}

/* apt with its lists, cache and sources below folder. */
static struct rs_cmd *apt_private(const char *program, const char *folder, struct rs_buf *out)
{
	struct rs_cmd *cmd = rs_cmd_new(program);

	rs_cmd_arg(cmd, "-q");
	rs_cmd_argf(cmd, "-oDir::Etc::sourcelist=%s/sources.list", folder);
	rs_cmd_arg(cmd, "-oDir::Etc::sourceparts=-");
	rs_cmd_argf(cmd, "-oDir::State=%s/state", folder);
	rs_cmd_arg(cmd, "-oDir::State::status=/dev/null");
	rs_cmd_argf(cmd, "-oDir::Cache=%s/cache", folder);
	rs_cmd_arg(cmd, "-oAPT::Sandbox::User=root");
	rs_cmd_arg(cmd, "-oAcquire::Languages=none");
	rs_cmd_arg(cmd, "-oAPT::Get::List-Cleanup=false");
	rs_cmd_cwd(cmd, folder);
	rs_cmd_env(cmd, "LC_ALL", "C");
	if (out != NULL)
		rs_cmd_stdout_buf(cmd, out);
	return cmd;
}

static int private_update(const char *sources, const char *folder, struct rs_err *err)
{
	static const char *const below[] = { "state/lists/partial", "cache/archives/partial" };
	RS_AUTO_STR *list = rs_path_join(folder, "sources.list", err);
	RS_AUTO_CMD *update = NULL;

	if (list == NULL || rs_path_write(list, sources, strlen(sources), err) < 0)
		return -1;
	for (size_t i = 0; i < RS_COUNT(below); i++) {
		RS_AUTO_STR *dir = rs_path_join(folder, below[i], err);

		if (dir == NULL || rs_path_mkdirs(dir, err) < 0)
			return -1;
	}
	update = apt_private("apt-get", folder, NULL);
	rs_cmd_arg(update, "--error-on=any");
	rs_cmd_arg(update, "update");
	rs_cmd_timeout(update, 600);
	if (rs_cmd_run_ok(update, err) < 0)
		return rs_err_wrap(err, "the package lists cannot be fetched (does \"apt-get update\" "
				   "work here?)");
	return 0;
}

/* The real package behind a meta package, or the name itself; owned. */
static char *resolve(const char *name, const char *folder, struct rs_err *err)
{
	static const char *const kinds[] = { "linux-image-", "xen-hypervisor-" };
	RS_AUTO_BUF text = RS_BUF_INIT;
	RS_AUTO_CMD *show = apt_private("apt-cache", folder, &text);

	rs_cmd_arg(show, "--no-recommends");
	rs_cmd_arg(show, "--no-suggests");
	rs_cmd_arg(show, "depends");
	rs_cmd_arg(show, name);
	if (rs_cmd_run_ok(show, err) < 0) {
		(void)rs_err_wrap(err, "package \"%s\" is not in the package lists", name);
		return NULL;
	}
	for (size_t i = 0; i < RS_COUNT(kinds); i++) {
		RS_AUTO_STR *mark = rs_asprintf(err, "Depends: %s", kinds[i]);
		const char *at = mark != NULL ? strstr(rs_buf_str(&text), mark) : NULL;

		if (at != NULL) {
			at += strlen("Depends: ");
			return rs_strndup(at, strcspn(at, " \n<"), err);
		}
	}
	return rs_strdup(name, err);
}

/* The one .deb in folder whose name begins with package + "_"; owned. */
static char *find_deb(const char *folder, const char *package, struct rs_err *err)
{
	RS_AUTO_ARGV names = NULL;
	size_t n, len = strlen(package);

	if (rs_path_list(folder, &names, &n, err) < 0)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (strncmp(names[i], package, len) == 0 && names[i][len] == '_' &&
		    strstr(names[i], ".deb") != NULL)
			return rs_path_join(folder, names[i], err);
	(void)rs_err_set(err, RS_ERR_FAILED, "apt-get downloaded no file for package \"%s\"", package);
	return NULL;
}

static char *download_one(const char *name, const char *folder, struct rs_err *err)
{
	RS_AUTO_STR *package = resolve(name, folder, err);
	RS_AUTO_CMD *get = NULL;

	if (package == NULL)
		return NULL;
	get = apt_private("apt-get", folder, NULL);
	rs_cmd_arg(get, "download");
	rs_cmd_arg(get, package);
	rs_cmd_timeout(get, 1800);
	if (rs_cmd_run_ok(get, err) < 0) {
		(void)rs_err_wrap(err, "package \"%s\" cannot be fetched", package);
		return NULL;
	}
	return find_deb(folder, package, err);
}

int rs_apt_download(const char *sources, const char *folder, const char *const *names,
		    char ***ret_files, struct rs_err *err)
{
	RS_AUTO_ARGV files = NULL;
	size_t n = 0;

	while (names[n] != NULL)
		n++;
	files = rs_alloc(n + 1, sizeof(*files), err);
	if (files == NULL || private_update(sources, folder, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		files[i] = download_one(names[i], folder, err);
		if (files[i] == NULL)
			return -1;
	}
	*ret_files = RS_STEAL(&files);
	return 0;
}
