/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as parts of a bag, chosen by the first one: an archive, a manifest, the crate.
 * Nothing appears outside the folder that was given, nothing is left behind, limits hold.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/archive/bag_priv.h"
#include "../../src/archive/extract_priv.h"
#include "../../src/archive/manifest_priv.h"
#include "fuzz_priv.h"
#include "restudy/archive.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

#define MOST_BYTES (1u << 20)

static char *in_jail(const char *jail, const char *name)
{
	char *path = rs_path_join(jail, name, NULL);

	must(path != NULL);
	return path;
}

static uint64_t bytes_below(const struct rs_manifest *m, const char *root)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < m->n; i++) {
		RS_AUTO_STR *path = in_jail(root, m->line[i].rel);
		struct stat st;

		must(lstat(path, &st) == 0 && S_ISREG(st.st_mode));
		sum += (uint64_t)st.st_size;
	}
	return sum;
}

static void unpack(const char *jail, const uint8_t *data, size_t size)
{
	const struct rs_bag_limits limits = { .bytes = MOST_BYTES, .files = 50, .ratio = 1000 };
	RS_AUTO_STR *file = in_jail(jail, "archive");
	RS_AUTO_STR *into = in_jail(jail, "into");
	struct rs_manifest there = { NULL, 0 };
	struct rs_err err = RS_ERR_INIT;

	fuzz_write(file, data, size);
	must(mkdir(into, 0700) == 0);
	must_tell(rs_extract(file, into, &limits, &err), &err);
	/* what is there are plain files, however it ended */
	must(rs_manifest_of_folder(jail, "into", &there, NULL) == 0 && there.n <= 50);
	must(bytes_below(&there, jail) <= MOST_BYTES);
	rs_manifest_release(&there);
}

static void read_manifest(const char *jail, const uint8_t *data, size_t size)
{
	RS_AUTO_STR *file = in_jail(jail, "manifest-sha256.txt");
	struct rs_manifest m = { NULL, 0 };
	struct rs_err err = RS_ERR_INIT;
	int there = 0;

	fuzz_write(file, data, size);
	must_tell(rs_manifest_read(jail, "manifest-sha256.txt", 64, &m, &there, &err), &err);
	must(there == 1);
	for (size_t i = 0; i < m.n && err.kind == RS_ERR_NONE; i++)
		must(rs_path_is_inside(m.line[i].rel) && rs_manifest_find(&m, m.line[i].rel) != NULL);
	rs_manifest_release(&m);
}

/* A bag whose archive is whole as far as anybody can tell without its contents. */
static void open_and_verify(const char *jail, const uint8_t *data, size_t size)
{
	RS_AUTO_STR *file = in_jail(jail, "bag.zip");
	RS_AUTO_STR *tmp = in_jail(jail, "tmp");
	const struct rs_bag_limits limits = { .bytes = MOST_BYTES, .files = 50, .ratio = 1000 };
	struct rs_bag_facts facts;
	struct rs_err err = RS_ERR_INIT;
	struct rs_bag *bag;

	fuzz_write(file, data, size);
	must(mkdir(tmp, 0700) == 0 && setenv("TMPDIR", tmp, 1) == 0);
	bag = rs_archive_open(file, &limits, &err);
	must_tell(bag != NULL ? 0 : -1, &err);
	if (bag != NULL)
		must_tell(rs_bag_verify(bag, &facts, &err), &err);
	rs_bag_close(bag);
	must(rmdir(tmp) == 0);
}

/* All is right with the bag but perhaps its crate. */
static void verify_crate(const char *jail, const uint8_t *data, size_t size)
{
	RS_AUTO_STR *root = in_jail(jail, "root");
	struct rs_bag_facts facts;
	struct rs_err err = RS_ERR_INIT;

	{
		RS_AUTO_BAG_WRITER *w = rs_bag_writer_open(root, RS_BAG_FOLDER, "top", 0, NULL);

		must(w != NULL && rs_bag_file(w, "data/ro-crate-metadata.json", data, size, NULL) == 0 &&
		     rs_bag_writer_finish(w, "", NULL) == 0);
	}
	must_tell(rs_archive_verify(root, &facts, &err), &err);
	must(err.kind == RS_ERR_FAILED);	/* it has no plan */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char jail[200];
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;

	if (size == 0)
		return 0;
	fuzz_jail(jail);
	if (data[0] == 'm')
		read_manifest(jail, data + 1, size - 1);
	else if (data[0] == 'c')
		verify_crate(jail, data + 1, size - 1);
	else if (data[0] == 'v')
		open_and_verify(jail, data + 1, size - 1);
	else
		unpack(jail, data + 1, size - 1);
	must(rs_path_list(jail, &names, &n, NULL) == 0 && n <= 2);
	must(rs_path_remove_tree(jail, NULL) == 0);
	return 0;
}
