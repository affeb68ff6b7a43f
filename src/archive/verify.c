/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opening and verifying bags.  Each check is a function of its own; the first
 * difference ends it and is told.
 */
#include "restudy/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extract_priv.h"
#include "manifest_priv.h"
#include "restudy/base/hash.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/base/stop.h"
#include "restudy/base/temp.h"
#include "restudy/store.h"

#define MOST_BYTES (UINT64_C(64) << 30)
#define MOST_FILES 1000000
#define MOST_RATIO 1000
#define TEXT_BYTES ((size_t)64 << 20)	/* of a tag file or the crate */
#define BLOCK (256 * 1024)

struct rs_bag {
	char *root, *data;
	char *name;		/* as it was opened */
	char *temp;		/* folder to remove, or NULL */
};

void rs_bag_close(struct rs_bag *bag)
{
	int left = 0;

	if (bag == NULL)
		return;
	if (bag->temp != NULL)
		left = rs_path_remove_tree(bag->temp, NULL);
	(void)left;
	free(bag->temp);
	free(bag->root);
	free(bag->name);
	free(bag->data);
	free(bag);
}

void rs_bag_closep(struct rs_bag **bag)
{
	rs_bag_close(*bag);
	*bag = NULL;
}

const char *rs_bag_folder(const struct rs_bag *bag)
{
	return bag->data;
}

const char *rs_bag_root(const struct rs_bag *bag)
{
	return bag->root;
}

/* ---- opening ---- */

/* Asked without memory: without it no file would seem missing. */
static int has_file(const char *folder, const char *name)
{
	RS_AUTO_FD at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	return at >= 0 && fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

static int complete_limits(const struct rs_bag_limits *given, const char *folder,
			   struct rs_bag_limits *l, struct rs_err *err)
{
	uint64_t room = 0;

	*l = given != NULL ? *given : (struct rs_bag_limits){ 0, 0, 0 };
	if (rs_path_free_bytes(folder, &room, err) < 0)
		return -1;
	if (l->bytes == 0)
		l->bytes = room / 2 < MOST_BYTES ? room / 2 : MOST_BYTES;
	if (l->files == 0)
		l->files = MOST_FILES;
	if (l->ratio == 0)
		l->ratio = MOST_RATIO;
	return 0;
}

static int unpack(struct rs_bag *bag, const char *path, const struct rs_bag_limits *given,
		  struct rs_err *err)
{
	/* it may be large: /tmp is memory on some machines */
	const char *root = getenv("TMPDIR") == NULL && access("/var/tmp", W_OK) == 0 ? "/var/tmp"
										      : rs_temp_root();
	struct rs_bag_limits limits;

	bag->temp = rs_temp_folder(root, "bag", err);
	if (bag->temp == NULL)
		return -1;
	if (complete_limits(given, bag->temp, &limits, err) < 0)
		return -1;
	return rs_extract(path, bag->temp, &limits, err);
}

/* The bag is what was unpacked, or the one folder in it. */
static int find_root(struct rs_bag *bag, const char *path, struct rs_err *err)
{
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;

	if (has_file(bag->temp, "bagit.txt")) {
		bag->root = rs_strdup(bag->temp, err);
		return bag->root == NULL ? -1 : 0;
	}
	if (rs_path_list(bag->temp, &names, &n, err) < 0)
		return -1;
	if (n != 1)
		return rs_err_set(err, RS_ERR_USAGE, "\"%s\" is no bag: it has no bagit.txt", path);
	bag->root = rs_path_join(bag->temp, names[0], err);
	return bag->root == NULL ? -1 : 0;
}

static int open_bag(struct rs_bag *bag, const char *path, const struct rs_bag_limits *limits,
		    struct rs_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return rs_err_sys(err, RS_ERR_USAGE, errno, "cannot open \"%s\"", path);
	bag->name = rs_strdup(path, err);
	if (bag->name == NULL)
		return -1;
	if (S_ISDIR(st.st_mode)) {
		bag->root = rs_strdup(path, err);
		if (bag->root == NULL)
			return -1;
	} else if (unpack(bag, path, limits, err) < 0 || find_root(bag, path, err) < 0) {
		return -1;
	}
	if (!has_file(bag->root, "bagit.txt"))
		return rs_err_set(err, RS_ERR_USAGE, "\"%s\" is no bag: it has no bagit.txt", path);
	bag->data = rs_path_join(bag->root, "data", err);
	return bag->data == NULL ? -1 : 0;
}

struct rs_bag *rs_archive_open(const char *path, const struct rs_bag_limits *limits,
			       struct rs_err *err)
{
	RS_AUTO_BAG *bag = rs_alloc(1, sizeof(*bag), err);

	if (bag == NULL || open_bag(bag, path, limits, err) < 0)
		return NULL;
	return RS_STEAL(&bag);
}

/* ---- structure ---- */

static int read_text(const struct rs_bag *bag, const char *rel, struct rs_buf *out,
		     struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(bag->root, rel, err);

	if (path == NULL)
		return -1;
	if (!has_file(bag->root, rel))
		return rs_err_set(err, RS_ERR_FAILED, "%s is missing", rel);
	return rs_path_read(path, TEXT_BYTES, out, err);
}

static int check_declaration(const struct rs_bag *bag, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	const char *s;

	if (read_text(bag, "bagit.txt", &text, err) < 0)
		return -1;
	s = rs_buf_str(&text);
	if (strncmp(s, "BagIt-Version: 1.0\n", 19) != 0 && strncmp(s, "BagIt-Version: 0.97\n", 20) != 0)
		return rs_err_set(err, RS_ERR_FAILED, "bagit.txt does not begin with a version that is known (1.0, 0.97)");
	if (strstr(s, "Tag-File-Character-Encoding: UTF-8") == NULL)
		return rs_err_set(err, RS_ERR_FAILED, "bagit.txt does not say that its texts are UTF-8");
	if (has_file(bag->root, "fetch.txt"))
		return rs_err_set(err, RS_ERR_FAILED, "the bag has a fetch.txt: it is not complete");
	return 0;
}

/* A bag with both manifests of each kind, and what lies in data/. */
struct lists {
	struct rs_manifest payload[2], tags[2], there;
};

static const struct {
	enum rs_digest_kind kind;
	size_t hex_digits;
	const char *payload, *tags;
} digests[2] = {
	{ RS_DIGEST_SHA256, 64, "manifest-sha256.txt", "tagmanifest-sha256.txt" },
	{ RS_DIGEST_SHA512, 128, "manifest-sha512.txt", "tagmanifest-sha512.txt" },
};

static void lists_release(struct lists *l)
{
	for (int i = 0; i < 2; i++) {
		rs_manifest_release(&l->payload[i]);
		rs_manifest_release(&l->tags[i]);
	}
	rs_manifest_release(&l->there);
}

static int read_lists(const struct rs_bag *bag, struct lists *l, struct rs_err *err)
{
	for (int i = 0; i < 2; i++) {
		int there = 0;

		if (rs_manifest_read(bag->root, digests[i].payload, digests[i].hex_digits, &l->payload[i],
				     &there, err) < 0)
			return -1;
		if (!there)
			return rs_err_set(err, RS_ERR_FAILED, "%s is missing", digests[i].payload);
		if (rs_manifest_read(bag->root, digests[i].tags, digests[i].hex_digits, &l->tags[i],
				     &there, err) < 0)
			return -1;
		if (!there)
			return rs_err_set(err, RS_ERR_FAILED, "%s is missing", digests[i].tags);
	}
	return rs_manifest_of_folder(bag->root, "data", &l->there, err);
}

/* Every file in every manifest, every line a file. */
static int check_completeness(const struct lists *l, struct rs_err *err)
{
	for (int i = 0; i < 2; i++) {
		for (size_t k = 0; k < l->there.n; k++)
			if (rs_manifest_find(&l->payload[i], l->there.line[k].rel) == NULL)
				return rs_err_set(err, RS_ERR_FAILED, "%s is not in %s: it was added later",
						  l->there.line[k].rel, digests[i].payload);
		for (size_t k = 0; k < l->payload[i].n; k++)
			if (rs_manifest_find(&l->there, l->payload[i].line[k].rel) == NULL)
				return rs_err_set(err, RS_ERR_FAILED, "%s is missing, %s names it",
						  l->payload[i].line[k].rel, digests[i].payload);
	}
	return 0;
}

/* ---- digests ---- */

struct hashing {
	const struct rs_bag *bag;
	struct rs_digest *digest[2];
	char *block;
	uint64_t bytes;
};

static void hashing_release(struct hashing *h)
{
	rs_digest_free(h->digest[0]);
	rs_digest_free(h->digest[1]);
	free(h->block);
}

static int hash_file(struct hashing *h, const char *rel, char hex[2][RS_DIGEST_HEX],
		     struct rs_err *err)
{
	RS_AUTO_STR *path = rs_path_join(h->bag->root, rel, err);
	RS_AUTO_FD fd = path == NULL ? -1 : open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (path == NULL)
		return -1;
	if (fd < 0)
		return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot read %s", rel);
	for (;;) {
		ssize_t n = read(fd, h->block, BLOCK);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot read %s", rel);
		if (n == 0)
			break;
		h->bytes += (uint64_t)n;
		if (rs_digest_add(h->digest[0], h->block, (size_t)n, err) < 0 ||
		    rs_digest_add(h->digest[1], h->block, (size_t)n, err) < 0 || rs_stop_check(err) < 0)
			return -1;
	}
	if (rs_digest_end(h->digest[0], hex[0], err) < 0)
		return -1;
	return rs_digest_end(h->digest[1], hex[1], err);
}

static int check_file(struct hashing *h, const char *rel, const struct rs_manifest m[2],
		      struct rs_err *err)
{
	char hex[2][RS_DIGEST_HEX];

	if (hash_file(h, rel, hex, err) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		const char *expected = rs_manifest_find(&m[i], rel);

		if (expected != NULL && strcmp(expected, hex[i]) != 0)
			return rs_err_set(err, RS_ERR_FAILED, "%s differs from what was archived: %s %s, expected %s",
					  rel, i == 0 ? "sha256" : "sha512", hex[i], expected);
	}
	return 0;
}

static int check_digests(const struct rs_bag *bag, const struct lists *l, uint64_t *ret_bytes,
			 struct rs_err *err)
{
	__attribute__((cleanup(hashing_release))) struct hashing h = { .bag = bag };

	h.block = rs_alloc(1, BLOCK, err);
	for (int i = 0; i < 2; i++)
		h.digest[i] = rs_digest_new(digests[i].kind, err);
	if (h.block == NULL || h.digest[0] == NULL || h.digest[1] == NULL)
		return -1;
	for (size_t k = 0; k < l->tags[0].n; k++) {	/* first: they vouch for the manifests */
		const char *rel = l->tags[0].line[k].rel;

		if (!has_file(bag->root, rel))	/* a pipe would be waited for */
			return rs_err_set(err, RS_ERR_FAILED, "%s is missing, %s names it", rel, digests[0].tags);
		if (check_file(&h, rel, l->tags, err) < 0)
			return -1;
	}
	for (size_t k = 0; k < l->tags[1].n; k++)
		if (rs_manifest_find(&l->tags[0], l->tags[1].line[k].rel) == NULL)
			return rs_err_set(err, RS_ERR_FAILED, "%s and %s name different files",
					  digests[0].tags, digests[1].tags);
	h.bytes = 0;
	for (size_t k = 0; k < l->there.n; k++)
		if (check_file(&h, l->there.line[k].rel, l->payload, err) < 0)
			return -1;
	*ret_bytes = h.bytes;
	return 0;
}

/* Both manifests are vouched for by both tag manifests. */
static int check_vouched(const struct lists *l, struct rs_err *err)
{
	for (int i = 0; i < 2; i++)
		for (int k = 0; k < 2; k++)
			if (rs_manifest_find(&l->tags[i], digests[k].payload) == NULL)
				return rs_err_set(err, RS_ERR_FAILED, "%s does not name %s", digests[i].tags,
						  digests[k].payload);
	return 0;
}

static int check_oxum(const struct rs_bag *bag, uint64_t files, uint64_t bytes, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	static const char label[] = "\nPayload-Oxum: ";
	char expected[64];
	const char *at;

	if (read_text(bag, "bag-info.txt", &text, err) < 0)
		return -1;
	at = strstr(rs_buf_str(&text), label);
	if (at == NULL)
		return rs_err_set(err, RS_ERR_FAILED, "bag-info.txt has no Payload-Oxum");
	at += sizeof(label) - 1;
	(void)snprintf(expected, sizeof(expected), "%" PRIu64 ".%" PRIu64, bytes, files);
	if (strncmp(at, expected, strlen(expected)) != 0 || strchr("\r\n", at[strlen(expected)]) == NULL)
		return rs_err_set(err, RS_ERR_FAILED, "bag-info.txt: Payload-Oxum is %.40s, the payload is %s", at,
				  expected);
	return 0;
}

/* ---- crate ---- */

static int is_type(const json_t *entity, const char *type)
{
	const json_t *t = json_object_get(entity, "@type");
	size_t i;
	const json_t *one;

	if (json_is_string(t))
		return strcmp(json_string_value(t), type) == 0;
	json_array_foreach(t, i, one)
		if (json_is_string(one) && strcmp(json_string_value(one), type) == 0)
			return 1;
	return 0;
}

/* The entities by their @id, each of which is there once; to be released also on failure. */
static int index_entities(const json_t *graph, json_t *by_id, struct rs_err *err)
{
	size_t i;
	json_t *e;

	json_array_foreach(graph, i, e) {
		const char *id = json_string_value(json_object_get(e, "@id"));

		if (id == NULL)
			return rs_err_set(err, RS_ERR_FAILED, "entity %zu of the crate has no @id", i + 1);
		if (json_object_get(by_id, id) != NULL)
			return rs_err_set(err, RS_ERR_FAILED, "the crate describes \"%s\" twice", id);
		if (json_object_set(by_id, id, e) < 0)
			return rs_err_nomem(err);
	}
	return 0;
}

/* Where a property refers to something that is no address, the crate describes it. */
static int check_reference(const json_t *by_id, const char *from, const json_t *value,
			   struct rs_err *err)
{
	const char *to = json_string_value(json_object_get(value, "@id"));

	if (to == NULL || strstr(to, "://") != NULL || json_object_get(by_id, to) != NULL)
		return 0;
	return rs_err_set(err, RS_ERR_FAILED, "the crate does not describe \"%s\", to which \"%s\" refers",
			  to, from);
}

static int check_references(const json_t *by_id, const char *id, const json_t *entity,
			    struct rs_err *err)
{
	const char *key;
	const json_t *value, *one;
	size_t i;

	json_object_foreach((json_t *)(uintptr_t)entity, key, value) {
		if (check_reference(by_id, id, value, err) < 0)
			return -1;
		json_array_foreach(value, i, one)
			if (check_reference(by_id, id, one, err) < 0)
				return -1;
	}
	return 0;
}

static int hex_value(int c)
{
	return c >= '0' && c <= '9' ? c - '0'
	     : c >= 'A' && c <= 'F' ? c - 'A' + 10
	     : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void decode_uri(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++) {
		if (s[0] == '%' && hex_value(s[1]) >= 0 && hex_value(s[2]) >= 0) {
			*to++ = (char)(hex_value(s[1]) * 16 + hex_value(s[2]));
			s += 2;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

/* A file or folder the crate describes is in the payload. */
static int check_data_entity(const struct rs_bag *bag, const char *id, struct rs_err *err)
{
	RS_AUTO_STR *rel = rs_strdup(id, err);
	RS_AUTO_STR *path = NULL;
	size_t n;

	if (rel == NULL)
		return -1;
	decode_uri(rel);
	n = strlen(rel);
	if (n > 1 && rel[n - 1] == '/')
		rel[n - 1] = '\0';
	if (!rs_path_is_inside(rel))
		return rs_err_set(err, RS_ERR_FAILED, "the crate names \"%s\", which is outside the bag", id);
	path = rs_path_join(bag->data, rel, err);
	if (path == NULL)
		return -1;
	if (!rs_path_exists(path))
		return rs_err_set(err, RS_ERR_FAILED, "the crate names \"%s\", which is not in the bag", id);
	return 0;
}

/* The descriptor, and what it says the root must have. */
static int check_root(const json_t *by_id, struct rs_err *err)
{
	static const char *const wanted[] = { "name", "description", "datePublished", "license" };
	const json_t *descriptor = json_object_get(by_id, "ro-crate-metadata.json");
	const json_t *root = json_object_get(by_id, "./");
	const char *version = json_string_value(
		json_object_get(json_object_get(descriptor, "conformsTo"), "@id"));
	const char *about = json_string_value(json_object_get(json_object_get(descriptor, "about"), "@id"));

	if (version == NULL || strncmp(version, "https://w3id.org/ro/crate/1.", 28) != 0)
		return rs_err_set(err, RS_ERR_FAILED, "the crate does not say that it conforms to RO-Crate 1");
	if (about == NULL || strcmp(about, "./") != 0 || !is_type(root, "Dataset"))
		return rs_err_set(err, RS_ERR_FAILED, "the crate is not about a data set \"./\"");
	for (size_t i = 0; i < RS_COUNT(wanted); i++)
		if (json_object_get(root, wanted[i]) == NULL)
			return rs_err_set(err, RS_ERR_FAILED, "the data set of the crate has no %s", wanted[i]);
	return 0;
}

static int check_entities(const struct rs_bag *bag, const json_t *by_id, struct rs_err *err)
{
	const char *id;
	const json_t *e;

	json_object_foreach((json_t *)(uintptr_t)by_id, id, e) {
		if (check_references(by_id, id, e, err) < 0)
			return -1;
		if (strcmp(id, "./") == 0 || strstr(id, "://") != NULL || id[0] == '#')
			continue;
		if ((is_type(e, "File") || is_type(e, "Dataset")) && check_data_entity(bag, id, err) < 0)
			return -1;
	}
	return 0;
}

static int check_graph(const struct rs_bag *bag, const json_t *graph, struct rs_err *err)
{
	json_t *by_id = json_object();
	const int r = by_id == NULL ? rs_err_nomem(err)
		      : index_entities(graph, by_id, err) < 0 || check_root(by_id, err) < 0
				? -1 : check_entities(bag, by_id, err);

	json_decref(by_id);
	return r;
}

static int check_crate(const struct rs_bag *bag, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	json_error_t where;
	json_t *crate;
	const json_t *graph;
	int r;

	if (read_text(bag, "data/ro-crate-metadata.json", &text, err) < 0)
		return -1;
	crate = json_loadb(rs_buf_str(&text), text.len, JSON_REJECT_DUPLICATES, &where);
	if (crate == NULL)
		return rs_err_set(err, RS_ERR_FAILED, "data/ro-crate-metadata.json:%d: %s", where.line, where.text);
	graph = json_object_get(crate, "@graph");
	r = json_is_array(graph)
		    ? check_graph(bag, graph, err)
		    : rs_err_set(err, RS_ERR_FAILED, "data/ro-crate-metadata.json has no @graph");
	json_decref(crate);
	return r;
}

/* ---- contents ---- */

static int check_contents(const struct rs_bag *bag, struct rs_err *err)
{
	RS_AUTO_STR *db = rs_path_join(bag->data, "run.db", err);
	RS_AUTO_STORE *s = NULL;

	if (db == NULL)
		return -1;
	if (!has_file(bag->data, "plan.xml"))
		return rs_err_set(err, RS_ERR_FAILED, "data/plan.xml is missing");
	s = rs_store_open_readonly(db, err);
	return s == NULL ? -1 : rs_store_check(s, err);
}

static int count_redactions(const struct rs_bag *bag, uint64_t *ret, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;

	*ret = 0;
	if (read_text(bag, "data/redactions.csv", &text, err) < 0)
		return -1;
	for (size_t i = 0; i < text.len; i++)
		*ret += text.data[i] == '\n';
	*ret -= *ret > 0;	/* the heading */
	return 0;
}

static int verify(const struct rs_bag *bag, struct rs_bag_facts *ret, struct rs_err *err)
{
	__attribute__((cleanup(lists_release))) struct lists l = { 0 };

	if (check_declaration(bag, err) < 0 || read_lists(bag, &l, err) < 0 ||
	    check_completeness(&l, err) < 0 || check_vouched(&l, err) < 0 ||
	    check_digests(bag, &l, &ret->bytes, err) < 0)
		return -1;
	ret->files = l.there.n;
	if (check_oxum(bag, ret->files, ret->bytes, err) < 0 || check_crate(bag, err) < 0 ||
	    check_contents(bag, err) < 0)
		return -1;
	return count_redactions(bag, &ret->redactions, err);
}

int rs_bag_verify(const struct rs_bag *bag, struct rs_bag_facts *ret, struct rs_err *err)
{
	*ret = (struct rs_bag_facts){ 0, 0, 0 };
	return verify(bag, ret, err) < 0 ? rs_err_wrap(err, "the bag \"%s\" is not whole", bag->name) : 0;
}

int rs_archive_verify(const char *path, struct rs_bag_facts *ret, struct rs_err *err)
{
	RS_AUTO_BAG *bag = rs_archive_open(path, NULL, err);

	return bag == NULL ? -1 : rs_bag_verify(bag, ret, err);
}
