/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Source archives of benchmark programs, in the cache's "sources" by their checksum: an archive
 * that is there is verified again and not fetched.
 */
#include <stdlib.h>
#include <string.h>

#include "image_download_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

/* Where an archive lies: named by its checksum, or by its address when none is known. */
static char *cache_path(const char *url, const char *sha256, struct rs_err *err)
{
	RS_AUTO_STR *cache = rs_path_cache(err);
	RS_AUTO_STR *folder = cache != NULL ? rs_path_join(cache, "sources", err) : NULL;
	char hex[RS_SHA256_HEX];

	if (folder == NULL || rs_path_mkdirs(folder, err) < 0)
		return NULL;
	if (sha256 == NULL && rs_sha256_bytes(url, strlen(url), hex, err) < 0)
		return NULL;
	return rs_asprintf(err, "%s/%s%s", folder, sha256 != NULL ? "" : "unverified-",
			   sha256 != NULL ? sha256 : hex);
}

static int is_right(const char *path, const char *sha256)
{
	char hex[RS_SHA256_HEX];

	if (!rs_path_exists(path))
		return 0;
	return sha256 == NULL ||
	       (rs_sha256_file(path, hex, NULL) == 0 && strcmp(hex, sha256) == 0);
}

char *rs_testbed_fetch(const char *url, const char *sha256, rs_progress_fn *progress, void *user,
		       struct rs_err *err)
{
	const struct rs_tell tell = { progress, user };
	RS_AUTO_STR *path = cache_path(url, sha256, err);
	const struct rs_download d = { .url = url, .target = path, .sha256 = sha256,
				       .told_by = "the plan", .tell = &tell };
	RS_AUTO_FD held = path != NULL ? rs_download_lock(path, &tell, err) : -1;
	char hex[RS_SHA256_HEX];

	if (held < 0)
		return NULL;
	if (is_right(path, sha256))
		return RS_STEAL(&path);
	rs_tell(&tell, "fetching \"%s\"", url);
	if (rs_download(&d, hex, err) < 0)
		return NULL;
	return RS_STEAL(&path);
}
