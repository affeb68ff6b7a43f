/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bags: written, checked by programs that know nothing of us (sha256sum, sha512sum, tar,
 * unzip), verified, damaged in every way, and archives made to do harm.
 */
#include "restudy/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>
#include <jansson.h>

#include "../../src/archive/redact_priv.h"
#include "refuse_memory.h"
#include "restudy/base/cmd.h"
#include "restudy/base/hash.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/random.h"
#include "restudy/store.h"

struct box {
	char folder[64], run[100];
	struct rs_err err;
	struct rs_plan plan;
	struct rs_archive_options o;
	struct rs_archive_result result;
	int rendered;
};

#define ok(call) \
	do { \
		if ((call) < 0) \
			fail_msg("%s: %s", #call, b->err.text); \
	} while (0)

#define says(word) \
	do { \
		if (strstr(b->err.text, word) == NULL) \
			fail_msg("\"%s\" does not say \"%s\"", b->err.text, word); \
		rs_err_clear(&b->err); \
	} while (0)

#define refuses(call, word) \
	do { \
		rs_err_clear(&b->err); \
		assert_true((call) < 0); \
		says(word); \
	} while (0)

/* folder/name; from a small ring of buffers, good until four more are asked for */
static const char *in(struct box *b, const char *name)
{
	static char ring[4][300];
	static int at;
	char *p = ring[at = (at + 1) % 4];

	snprintf(p, sizeof(ring[0]), "%s/%s", b->folder, name);
	return p;
}

static void put(struct box *b, const char *rel, const char *text)
{
	const char *path = in(b, rel);
	char parent[300];

	snprintf(parent, sizeof(parent), "%s", path);
	*strrchr(parent, '/') = '\0';
	ok(rs_path_mkdirs(parent, &b->err));
	ok(rs_path_write(path, text, strlen(text), &b->err));
}

static char *get(struct box *b, const char *rel)
{
	RS_AUTO_BUF text = RS_BUF_INIT;

	ok(rs_path_read(in(b, rel), 1 << 24, &text, &b->err));
	rs_buf_addc(&text, '\0');
	return rs_buf_steal(&text);
}

/* Runs a program that must succeed; its standard output. */
static char *run(struct box *b, const char *folder, const char *const *argv)
{
	RS_AUTO_CMD *c = rs_cmd_new(argv[0]);
	RS_AUTO_BUF out = RS_BUF_INIT;

	rs_cmd_args(c, argv + 1);
	rs_cmd_cwd(c, folder);
	rs_cmd_stdout_buf(c, &out);
	ok(rs_cmd_run_ok(c, &b->err));
	rs_buf_addc(&out, '\0');
	return rs_buf_steal(&out);
}
#define program(folder, ...) free(run(b, folder, (const char *const[]){ __VA_ARGS__, NULL }))

static void fill_store(struct box *b)
{
	RS_AUTO_STORE *s = rs_store_create(in(b, "thesis-1/run.db"), &b->err);
	struct rs_cell c = { "host", "kernels", 0, 1 };
	struct rs_sample v = { "host", "pipe", "lps", 123456.5 };

	assert_non_null(s);
	ok(rs_store_plan_cells(s, &c, 1, &b->err));
	ok(rs_store_cell_end(s, &c, RS_CELL_DONE, NULL, 1.5, &v, 1, NULL, 0, &b->err));
	ok(rs_store_set_fact(s, "study", "thesis", &b->err));
	ok(rs_store_set_fact(s, "version", "0.1.0", &b->err));
	ok(rs_store_set_fact(s, "started", "1795000000", &b->err));
	ok(rs_store_set_fact(s, "finished", "1795000600", &b->err));
	ok(rs_store_set_env(s, "plain", "kernel.release", "6.1.0", &b->err));
}

static struct rs_system systems[1] = { { .id = (char[]){ "host" } } };
static struct rs_exhibit exhibits[1] = { { .id = (char[]){ "fig-3.2" }, .caption = (char[]){ "CPU" } } };

static char study_id[] = "thesis", study_title[] = "A \"quoted\" study";
static char paper_title[] = "Virtualisation compared", paper_author[] = "Author, An";

/* Bytes that are no text, with something in the midst of them that looks like a find. */
static void put_binary(struct box *b)
{
	size_t n = 300000;
	char *bytes = malloc(n);
	struct rs_random r;

	assert_true(bytes != NULL);
	rs_random_seed(&r, 1);
	for (size_t i = 0; bytes != NULL && i < n; i++)
		bytes[i] = (char)rs_random_below(&r, 256);
	if (bytes != NULL)
		memcpy(bytes + 100000, "\n10.0.0.1 52:54:00:ab:cd:ef\n", 28);
	ok(rs_path_write(in(b, "thesis-1/raw/host/host/kernels/1/core"), bytes, n, &b->err));
	free(bytes);
}

static int setup(void **state)
{
	struct box *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return -1;
	/* in memory where that is offered: each bag is synced */
	snprintf(b->folder, sizeof(b->folder), "%s/restudy-archive-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(b->folder));
	snprintf(b->run, sizeof(b->run), "%s/thesis-1", b->folder);
	b->plan = (struct rs_plan){ .id = study_id, .title = study_title, .systems = systems,
				    .n_systems = 1, .exhibits = exhibits, .n_exhibits = 1 };
	b->plan.citation = (struct rs_citation){ .title = paper_title, .author = paper_author,
						 .year = 2007 };
	b->o.plan = &b->plan;
	b->o.format = RS_BAG_TAR_ZST;
	put(b, "thesis-1/plan.xml", "<plan address='192.168.1.2'/>\n");
	put(b, "thesis-1/report.html", "<p>report</p>\n");
	put(b, "thesis-1/figures/fig-3.2.svg", "<svg/>\n");
	put(b, "thesis-1/raw/host/host/kernels/1/stdout", "pipe 123456.5\nlink at 192.168.7.20\n");
	put(b, "thesis-1/raw/host/host/kernels/1/50% odd ü name", "x\n");
	put(b, "thesis-1/environment/plain/ip-link", "ether 52:54:00:ab:cd:ef brd ff:ff:ff:ff:ff:ff\n");
	put(b, "thesis-1/run.lock", "1\n");
	put_binary(b);
	fill_store(b);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct box *b = *state;

	assert_int_equal(rs_path_remove_tree(b->folder, NULL), 0);
	free(b);
	return 0;
}

static int bag(struct box *b, const char *name)
{
	return rs_archive_write(b->run, in(b, name), &b->o, &b->result, &b->err);
}

/* ---- writing ---- */

static void other_programs_accept_it(void **state)
{
	struct box *b = *state;
	char *list;

	b->o.format = RS_BAG_FOLDER;
	ok(bag(b, "bag"));
	program(in(b, "bag"), "sha256sum", "--strict", "--quiet", "-c", "tagmanifest-sha256.txt");
	program(in(b, "bag"), "sha512sum", "--strict", "--quiet", "-c", "tagmanifest-sha512.txt");
	/* one name has a % that the manifest escapes: the others are checked as they stand */
	program(in(b, "bag"), "sed", "-i.all", "/%25/d", "manifest-sha256.txt");
	program(in(b, "bag"), "sha256sum", "--strict", "--quiet", "-c", "manifest-sha256.txt");
	program(in(b, "bag"), "sed", "-i.all", "/%25/d", "manifest-sha512.txt");
	program(in(b, "bag"), "sha512sum", "--strict", "--quiet", "-c", "manifest-sha512.txt");
	b->o.format = RS_BAG_TAR_ZST;
	ok(bag(b, "bag.tar.zst"));
	list = run(b, b->folder, (const char *const[]){ "tar", "-tf", "bag.tar.zst", NULL });
	assert_non_null(strstr(list, "thesis-1/bagit.txt\n"));
	assert_non_null(strstr(list, "thesis-1/data/raw/host/host/kernels/1/core\n"));
	assert_null(strstr(list, "run.lock"));
	assert_null(strstr(list, "run.db-"));
	free(list);
	program(b->folder, "tar", "-xf", "bag.tar.zst");	/* over the run folder, without data/ */
	program(b->folder, "diff", "-r", "bag/data", "thesis-1/data");
	b->o.format = RS_BAG_ZIP;
	assert_int_equal(rs_path_remove_tree(in(b, "thesis-1/data"), NULL), 0);
	program(in(b, "thesis-1"), "rm", "-f", "bagit.txt", "bag-info.txt", "manifest-sha256.txt",
		"manifest-sha512.txt", "tagmanifest-sha256.txt", "tagmanifest-sha512.txt");
	ok(bag(b, "bag.zip"));
	program(b->folder, "unzip", "-tqq", "bag.zip");
	list = run(b, b->folder, (const char *const[]){ "sqlite3", "bag/data/run.db",
							"SELECT value FROM tidy", NULL });
	assert_string_equal(list, "123456.5\n");
	free(list);
}

static void the_same_run_gives_the_same_bytes(void **state)
{
	struct box *b = *state;
	char one[RS_SHA256_HEX], two[RS_SHA256_HEX];

	for (int f = RS_BAG_TAR_ZST; f < RS_BAG_LAST; f++) {
		mode_t mask;

		b->o.format = (enum rs_bag_format)f;
		setenv("TZ", "America/Los_Angeles", 1);
		tzset();
		ok(bag(b, "one"));
		setenv("TZ", "Asia/Tokyo", 1);
		tzset();
		mask = umask(077);
		/* times of the files do not matter */
		program(b->run, "touch", "-d", "2001-01-01", "plan.xml", "raw/host/host/kernels/1/stdout");
		ok(bag(b, "two"));
		umask(mask);
		unsetenv("TZ");
		ok(rs_sha256_file(in(b, "one"), one, &b->err));
		ok(rs_sha256_file(in(b, "two"), two, &b->err));
		assert_string_equal(one, two);
		assert_int_equal(unlink(in(b, "one")), 0);
		assert_int_equal(unlink(in(b, "two")), 0);
	}
}

static void the_bag_says_what_it_is(void **state)
{
	struct box *b = *state;
	const struct rs_bag_person who = { "Doe, Jo", "0000-0002-1825-0097", "A university" };
	char *text;
	json_t *crate, *graph;
	json_error_t e;
	size_t i;
	const json_t *x;
	int exhibits_seen = 0, people_seen = 0;

	b->o.format = RS_BAG_FOLDER;
	b->o.people = &who;
	b->o.n_people = 1;
	b->o.license = "CC-BY-4.0";
	ok(bag(b, "bag"));
	text = get(b, "bag/data/ro-crate-metadata.json");
	crate = json_loads(text, 0, &e);
	assert_non_null(crate);
	graph = json_object_get(crate, "@graph");
	json_array_foreach(graph, i, x) {
		const char *id = json_string_value(json_object_get(x, "@id"));

		people_seen += strcmp(id, "https://orcid.org/0000-0002-1825-0097") == 0;
		if (strcmp(id, "#make-fig-3.2") == 0) {
			const json_t *made = json_object_get(x, "result");

			exhibits_seen++;
			assert_string_equal(json_string_value(json_object_get(made, "@id")),
					    "figures/fig-3.2.svg");
		}
	}
	assert_int_equal(exhibits_seen, 1);
	assert_int_equal(people_seen, 1);
	json_decref(crate);
	free(text);
	text = get(b, "bag/data/CITATION.cff");
	assert_non_null(strstr(text, "title: \"A \\\"quoted\\\" study\"\n"));
	assert_non_null(strstr(text, "license: CC-BY-4.0\n"));
	assert_non_null(strstr(text, "date-released: 2026-11-18\n"));
	free(text);
	text = get(b, "bag/data/data-dictionary.md");
	assert_non_null(strstr(text, "| value | real | series.unit | the measured value"));
	free(text);
	text = get(b, "bag/data/csv/tidy.csv");
	assert_non_null(strstr(text, "host,0,host,kernels,pipe,lps,1,123456.5\n"));
	free(text);
	text = get(b, "bag/bag-info.txt");
	assert_non_null(strstr(text, "Contact-Name: Doe, Jo\n"));
	free(text);
	text = get(b, "bag/data/README.md");
	assert_non_null(strstr(text, "Author, An: Virtualisation compared, 2007"));
	free(text);
}

static void what_is_masked_is_listed(void **state)
{
	struct box *b = *state;
	struct rs_bag_facts f;
	char *text, *before;
	char hex[RS_SHA256_HEX];

	b->o.format = RS_BAG_FOLDER;
	assert_int_equal(symlink("/etc/passwd", in(b, "thesis-1/raw/link")), 0);
	put(b, "thesis-1/raw/a\\b", "x");
	put(b, "thesis-1/run.db.notes", "of the authors\n");
	put(b, "thesis-1/report.my own.html", "x");
	put(b, "thesis-1/testbed/sda.img", "a disk\n");
	ok(bag(b, "bag"));
	assert_int_equal(b->result.redactions, 2);
	assert_int_equal(b->result.left_out, 3);
	assert_true(rs_path_exists(in(b, "bag/data/run.db.notes")));
	assert_false(rs_path_exists(in(b, "bag/data/testbed")));
	text = get(b, "bag/data/raw/host/host/kernels/1/stdout");
	assert_string_equal(text, "pipe 123456.5\nlink at ***.***.*.**\n");
	free(text);
	text = get(b, "bag/data/environment/plain/ip-link");
	assert_string_equal(text, "ether **:**:**:**:**:** brd ff:ff:ff:ff:ff:ff\n");
	free(text);
	/* the plan is what the authors publish, and bytes that are no text stay */
	text = get(b, "bag/data/plan.xml");
	assert_non_null(strstr(text, "192.168.1.2"));
	free(text);
	program(b->folder, "cmp", "thesis-1/raw/host/host/kernels/1/core",
		"bag/data/raw/host/host/kernels/1/core");
	text = get(b, "bag/data/redactions.csv");
	ok(rs_sha256_file(in(b, "thesis-1/raw/host/host/kernels/1/stdout"), hex, &b->err));
	assert_non_null(strstr(text, hex));
	assert_non_null(strstr(text, "\"environment/plain/ip-link\",masked,mac,1,"));
	assert_non_null(strstr(text, "\"raw/link\",left out,it is no plain file,,\n"));
	assert_non_null(strstr(text, "\"testbed\",left out,"));
	assert_non_null(strstr(text, "\"raw/a\\b\",left out,its name is too long or deep or not plain,,\n"));
	free(text);
	b->o.format = RS_BAG_ZIP;
	ok(bag(b, "bag.zip"));
	ok(rs_archive_verify(in(b, "bag.zip"), &f, &b->err));
	before = get(b, "thesis-1/raw/host/host/kernels/1/stdout");
	assert_non_null(strstr(before, "192.168.7.20"));	/* the run itself is not touched */
	free(before);
}

/* In one line of some MiB, what lies across the pieces in which it is read is found too. */
static void a_long_line_is_masked_everywhere(void **state)
{
	static const char part[] = "{\"at\": \"192.168.7.20\", \"password\": \"hunter2\", \"n\": 1}, ";
	struct box *b = *state;
	RS_AUTO_BUF line = RS_BUF_INIT;
	char *text;

	while (line.len < 2 << 20)
		rs_buf_adds(&line, part);
	put(b, "thesis-1/raw/host/host/kernels/1/result.json", rs_buf_str(&line));
	b->o.format = RS_BAG_FOLDER;
	ok(bag(b, "bag"));
	text = get(b, "bag/data/raw/host/host/kernels/1/result.json");
	assert_int_equal(strlen(text), line.len);
	assert_null(strstr(text, "192.1"));
	assert_null(strpbrk(text, "ue"));	/* of "hunter2", and of nothing else there */
	free(text);
}

/* The server of a run by ssh is a name like any: in the database, in raw output, in what is
 * written about the run. */
static void a_server_is_named_nowhere(void **state)
{
	static const char *const files[] = { "bag/data/README.md", "bag/data/ro-crate-metadata.json",
					     "bag/data/csv/fact.csv", "bag/data/raw/host/host/kernels/1/stderr" };
	struct box *b = *state;
	RS_AUTO_STORE *s = rs_store_open(in(b, "thesis-1/run.db"), &b->err);

	ok(rs_store_set_fact(s, "testbed", "ssh://jane@lab3.example.org:22", &b->err));
	rs_store_closep(&s);
	put(b, "thesis-1/raw/host/host/kernels/1/stderr", "jane at lab3: System: lab3.example.org\n");
	b->o.format = RS_BAG_FOLDER;
	ok(bag(b, "bag"));
	for (size_t i = 0; i < RS_COUNT(files); i++) {
		char *text = get(b, files[i]);

		if (strstr(text, "jane") != NULL || strstr(text, "lab3") != NULL)
			fail_msg("%s tells it: %s", files[i], text);
		free(text);
	}
}

static int render(void *user, const char *folder, struct rs_err *err)
{
	struct box *b = user;
	RS_AUTO_STR *report = rs_path_join(folder, "report.html", err);
	RS_AUTO_STR *figure = rs_path_join(folder, "figures", err);
	RS_AUTO_STR *raw = rs_path_join(folder, "raw/host/host/kernels/1/stdout", err);

	b->rendered++;
	assert_true(rs_path_exists(raw));
	if (rs_path_write(report, "masked\n", 7, err) < 0)
		return -1;
	return rs_path_mkdirs(figure, err);
}

static void a_report_of_masked_facts_is_made_again(void **state)
{
	struct box *b = *state;
	RS_AUTO_STORE *s = rs_store_open(in(b, "thesis-1/run.db"), &b->err);
	char *text;

	ok(rs_store_set_env(s, "plain", "host.name", "lab-pc-17", &b->err));
	rs_store_closep(&s);
	b->o.format = RS_BAG_FOLDER;
	ok(bag(b, "old"));
	assert_false(rs_path_exists(in(b, "old/data/report.html")));
	text = get(b, "old/data/redactions.csv");
	assert_non_null(strstr(text, "\"report.html\",left out,it tells what was masked in run.db"));
	assert_non_null(strstr(text, "\"run.db\",masked,name,1,"));
	free(text);
	b->o.render = render;
	b->o.user = b;
	ok(bag(b, "new"));
	assert_int_equal(b->rendered, 1);
	text = get(b, "new/data/report.html");
	assert_string_equal(text, "masked\n");
	free(text);
	text = get(b, "new/data/csv/environment.csv");
	assert_non_null(strstr(text, "plain,host.name,*********\n"));
	free(text);
	{
		struct rs_bag_facts f;

		ok(rs_archive_verify(in(b, "new"), &f, &b->err));
		assert_int_equal(f.redactions, 3);
	}
}

static void what_cannot_be_archived_is_told(void **state)
{
	struct box *b = *state;
	char **names = NULL;
	size_t n = 0;
	struct rlimit old, small;
	int r;

	put(b, "there", "x");
	refuses(bag(b, "there"), "exists already");
	refuses(bag(b, "thesis-1/raw/bag.zip"), "within the run");
	refuses(bag(b, "no/such/folder/bag.zip"), "cannot write");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, SIG_IGN);
	for (rlim_t size = 1000; size < 200000; size += 63000) {
		small = old;
		small.rlim_cur = size;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
		rs_err_clear(&b->err);
		r = bag(b, "bag.tar.zst");
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		assert_true(r < 0 && b->err.text[0] != '\0');
	}
	rs_err_clear(&b->err);
	assert_int_equal(unlink(in(b, "thesis-1/run.db")), 0);
	refuses(bag(b, "bag"), "run.db");
	/* nothing half-made is left */
	ok(rs_path_list(b->folder, &names, &n, &b->err));
	assert_int_equal(n, 2);
	rs_free_argv(&names);
}

/* ---- redaction, rule by rule ---- */

static void rules_find_what_they_should(void **state)
{
	static const char *const keep[] = { "xenU_1" };
	static const char *const names[] = { "labhost", "jdoe", "xenU_1", "ab", "debian", "lab7.example.org",
					     "203.0.113.7" };
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "link/ether 52:54:00:12:34:56 brd", "link/ether **:**:**:**:**:** brd" },
		{ "HWaddr 52-54-00-AB-34-56", "HWaddr **-**-**-**-**-**" },
		{ "2026-11-23-10-20-30-40", "2026-11-23-10-20-30-40" },
		{ "at 12:34:56 today 00:00:00:00:00:00", "at 12:34:56 today 00:00:00:00:00:00" },
		{ "sha 52:54:00:12:34:56:78:90", "sha 52:54:00:12:34:56:78:90" },
		{ "inet 192.168.0.12/24 brd 10.255.255.255", "inet ***.***.*.**/24 brd **.***.***.***" },
		{ "172.15.0.1 172.16.0.1 172.32.0.1", "172.15.0.1 ***.**.*.* 172.32.0.1" },
		{ "127.0.0.1 8.8.8.8 0.0.0.0 v10.0.0.1", "127.0.0.1 8.8.8.8 0.0.0.0 v10.0.0.1" },
		{ "libfoo-10.2.3.4 10.2.3.4.5 10.300.1.1", "libfoo-10.2.3.4 10.2.3.4.5 10.300.1.1" },
		{ "http://10.0.0.1:8080/ ends 10.0.0.2.", "http://**.*.*.*:8080/ ends **.*.*.*." },
		{ "inet6 fe80::5054:ff:fe12:3456/64 ::1", "inet6 ****::****:**:****:****/64 ::1" },
		{ "fd12:3456:789a::1 2001:db8::1", "****:****:****::* 2001:db8::1" },
		{ "password = hunter2; x", "password = *******; x" },
		{ "DB_PASSWORD=\"a b\"; x=\"y\"", "DB_PASSWORD=\"***\"; x=\"y\"" },
		{ "{\"secret\": \"a\\\"b c\", \"n\": 1}", "{\"secret\": \"******\", \"n\": 1}" },
		{ "password='open", "password='****" },
		{ "passphrase: correct horse battery", "passphrase: *********************" },
		{ "PGPASSWORD=x psql; {\"accessToken\": \"y\"}", "PGPASSWORD=* psql; {\"accessToken\": \"*\"}" },
		{ "MYSQL_PWD=x OLDPWD=/tmp", "MYSQL_PWD=* OLDPWD=/tmp" },
		{ "<password>a b</password><a name=\"token\">c</a>", "<password>***</password><a name=\"token\">*</a>" },
		{ "<serial type='pty'>", "<serial type='pty'>" },
		{ "{\"private_key\": \"-----BEGIN PRIVATE KEY-----\\nabc\\n-----END PRIVATE KEY-----\", \"x\": 1}",
		  "{\"private_key\": \"-----BEGIN PRIVATE KEY-----*******-----END PRIVATE KEY-----\", \"x\": 1}" },
		{ "private_key: -----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n",
		  "private_key: -----BEGIN PRIVATE KEY-----\n***\n-----END PRIVATE KEY-----\n" },
		{ "-----BEGIN PGP PRIVATE KEY BLOCK-----\nabc\n-----END PGP PRIVATE KEY BLOCK-----",
		  "-----BEGIN PGP PRIVATE KEY BLOCK-----\n***\n-----END PGP PRIVATE KEY BLOCK-----" },
		{ "/dev/disk/by-uuid/1b4e28ba-2fa1-11d2-883f-0016d3cca427 x",
		  "/dev/disk/by-uuid/********-****-****-****-************ x" },
		{ "00000000-0000-0000-0000-000000000000 1b4e28ba-2fa1-11d2-883f-0016d3cca427f",
		  "00000000-0000-0000-0000-000000000000 1b4e28ba-2fa1-11d2-883f-0016d3cca427f" },
		{ "lab7 lab7.example.org lab77 203 203.0.113.7", "**** **************** lab77 203 ***********" },
		{ "{\"api_key\": \"abc\", \"n\": 1}", "{\"api_key\": \"***\", \"n\": 1}" },
		{ "Authorization: Bearer abc.def", "Authorization: **************" },
		{ "no token here: fine", "no token here: fine" },
		{ "--token=xyz --rate=5", "--token=*** --rate=5" },
		{ "https://jo:pw@example.org/x", "https://*****@example.org/x" },
		{ "https://example.org/a@b", "https://example.org/a@b" },
		{ "Serial Number: ABC-123", "Serial Number: *******" },
		{ "Serial Number: Not Specified", "Serial Number: Not Specified" },
		{ "serial8250: ttyS0 at I/O", "serial8250: ttyS0 at I/O" },
		{ "root=UUID=1b2c-3d ro", "root=UUID=******* ro" },
		{ "<uuid>1b2c</uuid><name>a</name>", "<uuid>****</uuid><name>a</name>" },
		{ "<entry name='serial'>S1</entry>", "<entry name='serial'>**</entry>" },
		{ "Linux labhost 6.1.0-13-amd64 #1", "Linux ******* 6.1.0-13-amd64 #1" },
		{ "Linux other.example.org 5.10 x", "Linux ***************** 5.10 x" },
		{ "Linux xenU_1 5.10 x", "Linux xenU_1 5.10 x" },
		{ "Linux kernel 6", "Linux kernel 6" },
		{ "jdoe@labhost:/home/alice/x labhosts", "****@*******:/home/*****/x labhosts" },
		{ "xenU_1 ab debian", "xenU_1 ab debian" },
		{ "-----BEGIN RSA PRIVATE KEY-----\nabc\ndef\n-----END RSA PRIVATE KEY-----\nx",
		  "-----BEGIN RSA PRIVATE KEY-----\n***\n***\n-----END RSA PRIVATE KEY-----\nx" },
		{ "-----BEGIN CERTIFICATE-----\nabc", "-----BEGIN CERTIFICATE-----\nabc" },
		{ "", "" }, { ":", ":" }, { "=", "=" }, { "10.", "10." }, { "fe80:", "fe80:" },
	};
	struct rs_redactor r;

	(void)state;
	assert_int_equal(rs_redactor_init(&r, names, RS_COUNT(names), keep, 1, NULL), 0);
	for (size_t i = 0; i < RS_COUNT(rows); i++) {
		char *text = strdup(rows[i].text);
		size_t n = rs_redact_text(&r, text, strlen(text));

		if (strcmp(text, rows[i].expected) != 0)
			fail_msg("\"%s\" became \"%s\", not \"%s\"", rows[i].text, text, rows[i].expected);
		assert_int_equal(n > 0, strcmp(rows[i].text, rows[i].expected) != 0);
		r.in_key = 0;
		/* a second time changes nothing and counts nothing */
		assert_int_equal(rs_redact_text(&r, text, strlen(text)), 0);
		free(text);
	}
	{
		/* a key over two blocks */
		char one[] = "-----BEGIN PRIVATE KEY-----\nabc\n", two[] = "def\n-----END PRIVATE KEY-----\n";
		char value[] = "S4-77", uuid[] = "none";

		(void)rs_redact_text(&r, one, strlen(one));
		(void)rs_redact_text(&r, two, strlen(two));
		assert_string_equal(one, "-----BEGIN PRIVATE KEY-----\n***\n");
		assert_string_equal(two, "***\n-----END PRIVATE KEY-----\n");
		assert_int_equal(r.in_key, 0);
		assert_int_equal(rs_redact_value(&r, "disk.sda.serial", value), 1);
		assert_string_equal(value, "*****");
		assert_int_equal(rs_redact_value(&r, "machine.uuid", uuid), 0);
	}
	rs_redactor_release(&r);
}

/* ---- verifying ---- */

/* Makes both manifests and tag manifests right again, as an attacker would. */
static void reseal(struct box *b)
{
	static const char script[] =
		"for h in 256 512; do find data -type f | LC_ALL=C sort | xargs -d '\\n' sha${h}sum |"
		" sed 's/%/%25/g' > manifest-sha$h.txt; done;"
		"sed -i \"s/^Payload-Oxum: .*/Payload-Oxum: $(find data -type f -printf '%s\\n' |"
		" awk '{s+=$1; n++} END {print s \".\" n}')/\" bag-info.txt;"
		"for h in 256 512; do sha${h}sum bagit.txt bag-info.txt manifest-*.txt"
		" > tagmanifest-sha$h.txt; done";

	program(in(b, "bag"), "sh", "-c", script);
}

static void fresh(struct box *b)
{
	assert_int_equal(rs_path_remove_tree(in(b, "bag"), NULL), 0);
	b->o.format = RS_BAG_FOLDER;
	ok(bag(b, "bag"));
}

static void differs(struct box *b, const char *word)
{
	struct rs_bag_facts f;

	rs_err_clear(&b->err);
	assert_true(rs_archive_verify(in(b, "bag"), &f, &b->err) < 0);
	says(word);
	fresh(b);
}

static void every_difference_is_told(void **state)
{
	struct box *b = *state;
	struct rs_bag_facts f;

	fresh(b);
	ok(rs_archive_verify(in(b, "bag"), &f, &b->err));
	assert_true(f.files == b->result.files && f.bytes == b->result.bytes && f.files > 12);
	reseal(b);		/* the test's own way of sealing is accepted */
	ok(rs_archive_verify(in(b, "bag"), &f, &b->err));

	put(b, "bag/data/report.html", "<p>forged</p>\n");
	differs(b, "data/report.html differs");
	put(b, "bag/data/extra", "x");
	differs(b, "data/extra is not in manifest-sha256.txt");
	assert_int_equal(unlink(in(b, "bag/data/plan.xml")), 0);
	differs(b, "data/plan.xml is missing");
	put(b, "bag/bagit.txt", "BagIt-Version: 2.0\n");
	differs(b, "bagit.txt");
	put(b, "bag/bag-info.txt", "Payload-Oxum: 1.1\n");
	differs(b, "bag-info.txt differs");
	put(b, "bag/fetch.txt", "https://example.org 1 data/x\n");
	differs(b, "fetch.txt");
	assert_int_equal(unlink(in(b, "bag/manifest-sha512.txt")), 0);
	differs(b, "manifest-sha512.txt is missing");
	program(in(b, "bag"), "sed", "-i", "1d", "manifest-sha512.txt");
	differs(b, "is not in manifest-sha512.txt");
	program(in(b, "bag"), "sed", "-i", "s,data/plan,data/../../plan,", "manifest-sha256.txt");
	differs(b, "outside the bag");
	program(in(b, "bag"), "sed", "-i", "1s/^./z/", "manifest-sha256.txt");
	differs(b, "line 1 is no digest");
	assert_int_equal(unlink(in(b, "bag/data/plan.xml")), 0);
	assert_int_equal(symlink("/etc/passwd", in(b, "bag/data/plan.xml")), 0);
	differs(b, "is no plain file");
	for (int i = 0; i < 2; i++) {	/* nobody waits for a pipe to be written */
		const char *pipe = i == 0 ? "bag/manifest-sha256.txt" : "bag/bag-info.txt";

		assert_int_equal(unlink(in(b, pipe)), 0);
		assert_int_equal(mkfifo(in(b, pipe), 0600), 0);
		differs(b, i == 0 ? "is no plain file" : "bag-info.txt is missing");
	}
	put(b, "bag/tagmanifest-sha256.txt", "");
	differs(b, "does not name manifest-sha256.txt");
}

static void sealed_nonsense_is_told(void **state)
{
	static const struct { const char *edit, *told; } crates[] = {
		{ "s,\"@id\": \"run.db\",\"@id\": \"plan.xml\",", "describes \"plan.xml\" twice" },
		{ "s/\"datePublished\"/\"dateModified\"/", "has no datePublished" },
		{ "s/\"license\"/\"licence\"/", "has no license" },
		{ "/\"instrument\": {/{n;s/#restudy/#other/}", "does not describe \"#other\", to which" },
		{ "/\"about\": {/{n;s,\\./,raw/,}", "is not about a data set" },
	};
	struct box *b = *state;

	fresh(b);
	program(in(b, "bag"), "sed", "-i", "s/Payload-Oxum: .*/Payload-Oxum: 1.1/", "bag-info.txt");
	program(in(b, "bag"), "sh", "-c", "for h in 256 512; do sha${h}sum bagit.txt bag-info.txt"
					 " manifest-*.txt > tagmanifest-sha$h.txt; done");
	differs(b, "Payload-Oxum is 1.1");
	put(b, "bag/data/ro-crate-metadata.json", "{");
	reseal(b);
	differs(b, "ro-crate-metadata.json:1");
	put(b, "bag/data/ro-crate-metadata.json", "{\"@graph\": []}");
	reseal(b);
	differs(b, "conforms to RO-Crate");
	assert_int_equal(unlink(in(b, "bag/data/README.md")), 0);
	reseal(b);
	differs(b, "the crate names \"README.md\", which is not in the bag");
	program(in(b, "bag"), "sed", "-i", "s,\"@id\": \"README.md\",\"@id\": \"../x\",",
		"data/ro-crate-metadata.json");
	reseal(b);
	differs(b, "outside the bag");
	for (size_t i = 0; i < RS_COUNT(crates); i++) {
		program(in(b, "bag"), "sed", "-i", crates[i].edit, "data/ro-crate-metadata.json");
		reseal(b);
		differs(b, crates[i].told);
	}
	put(b, "bag/data/run.db", "no database");
	reseal(b);
	differs(b, "damaged or no database");
	program(in(b, "bag"), "sqlite3", "data/run.db", "PRAGMA ignore_check_constraints=1;"
		"UPDATE cell SET state='missing', reason=''");
	reseal(b);
	differs(b, "reason is lacking");
}

static void a_bag_is_a_run_folder(void **state)
{
	struct box *b = *state;

	for (int f = 0; f < RS_BAG_LAST; f++) {
		const char *name = rs_bag_format_name((enum rs_bag_format)f);
		struct rs_bag *opened;
		struct rs_bag_facts facts;
		struct rs_store *s;
		RS_AUTO_STR *db = NULL, *odd = NULL, *root = NULL;

		b->o.format = (enum rs_bag_format)f;
		ok(bag(b, name));
		opened = rs_archive_open(in(b, name), NULL, &b->err);
		if (opened == NULL)
			fail_msg("%s", b->err.text);
		ok(rs_bag_verify(opened, &facts, &b->err));
		db = rs_path_join(rs_bag_folder(opened), "run.db", NULL);
		odd = rs_path_join(rs_bag_folder(opened), "raw/host/host/kernels/1/50% odd ü name", NULL);
		root = strdup(rs_bag_root(opened));
		assert_true(rs_path_exists(odd));
		s = rs_store_open_readonly(db, &b->err);
		assert_non_null(s);
		rs_store_close(s);
		ok(rs_bag_compare(opened, b->run, &b->err));
		rs_bag_close(opened);
		/* what was unpacked is gone, what was a folder stays */
		assert_int_equal(rs_path_exists(root), f == RS_BAG_FOLDER);
	}
}

static void a_report_that_differs_is_told(void **state)
{
	struct box *b = *state;
	RS_AUTO_BAG *opened = NULL;

	fresh(b);
	opened = rs_archive_open(in(b, "bag"), NULL, &b->err);
	put(b, "made/report.html", "<p>rePort</p>\n");
	put(b, "made/figures/fig-3.2.svg", "<svg/>\n");
	refuses(rs_bag_compare(opened, in(b, "made"), &b->err),
		"report.html, rendered again, differs from the bag's at byte 6, line 1: "
		"the bag has \"<p>report</p>\", it is now \"<p>rePort</p>\"");
	put(b, "made/report.html", "<p>report</p>\n");
	ok(rs_bag_compare(opened, in(b, "made"), &b->err));
	put(b, "made/report.html", "<p>report</p>\nmore");
	refuses(rs_bag_compare(opened, in(b, "made"), &b->err), "at byte 15, line 2: the bag has \"\", it is now \"more\"");
	put(b, "made/report.html", "<p>report</p>\n");
	put(b, "made/tables/t.csv", "x");
	refuses(rs_bag_compare(opened, in(b, "made"), &b->err), "the bag has none");
	assert_int_equal(unlink(in(b, "made/tables/t.csv")), 0);
	assert_int_equal(unlink(in(b, "made/figures/fig-3.2.svg")), 0);
	refuses(rs_bag_compare(opened, in(b, "made"), &b->err), "was not rendered");
}

/* ---- archives made to do harm ---- */

struct evil {
	const char *name, *link;
	int type;
	int hard;
	const char *word;	/* what the refusal says */
};

static void add_entry(struct archive *a, const struct evil *v, const char *bytes)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, v->name);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_size(e, v->type == AE_IFREG && !v->hard ? (la_int64_t)strlen(bytes) : 0);
	if (v->hard)
		archive_entry_set_hardlink(e, v->link);
	else
		archive_entry_set_filetype(e, (unsigned)v->type);
	if (v->type == AE_IFLNK)
		archive_entry_set_symlink(e, v->link);
	assert_true(archive_write_header(a, e) >= ARCHIVE_WARN);
	if (v->type == AE_IFREG && !v->hard)
		assert_int_equal(archive_write_data(a, bytes, strlen(bytes)), strlen(bytes));
	archive_entry_free(e);
}

static void make_tar(struct box *b, const char *name, const struct evil *v, size_t n)
{
	struct archive *a = archive_write_new();

	assert_int_equal(archive_write_set_format_pax_restricted(a), ARCHIVE_OK);
	assert_int_equal(archive_write_add_filter_zstd(a), ARCHIVE_OK);
	assert_int_equal(archive_write_open_filename(a, in(b, name)), ARCHIVE_OK);
	for (size_t i = 0; i < n; i++)
		add_entry(a, &v[i], "harm");
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
}

/* TMPDIR is a folder of the test's: whatever is unpacked goes there and is gone after. */
static void is_refused(struct box *b, const char *name, const struct rs_bag_limits *l,
		       const char *word)
{
	char **names = NULL;
	size_t n = 1;
	char tmp[300];
	struct rs_bag *opened;

	snprintf(tmp, sizeof(tmp), "%s", in(b, "tmp/deep/er"));
	ok(rs_path_mkdirs(tmp, &b->err));
	setenv("TMPDIR", tmp, 1);
	rs_err_clear(&b->err);
	opened = rs_archive_open(in(b, name), l, &b->err);
	unsetenv("TMPDIR");
	assert_null(opened);
	says(word);
	ok(rs_path_list(tmp, &names, &n, &b->err));
	assert_int_equal(n, 0);
	rs_free_argv(&names);
	ok(rs_path_list(in(b, "tmp"), &names, &n, &b->err));
	assert_int_equal(n, 1);
	rs_free_argv(&names);
	assert_false(rs_path_exists("/restudy-evil"));
}

static void archives_cannot_leave_their_folder(void **state)
{
	struct box *b = *state;
	static const struct evil rows[][2] = {
		{ { "../evil", NULL, AE_IFREG, 0, "leave the folder" }, { 0 } },
		{ { "a/../../evil", NULL, AE_IFREG, 0, "leave the folder" }, { 0 } },
		{ { "/restudy-evil", NULL, AE_IFREG, 0, "leave the folder" }, { 0 } },
		{ { "a//b", NULL, AE_IFREG, 0, "leave the folder" }, { 0 } },
		{ { "./a", NULL, AE_IFREG, 0, "leave the folder" }, { 0 } },
		{ { "..\\evil", NULL, AE_IFREG, 0, "not plain" }, { 0 } },
		{ { "a\033[2Jb", NULL, AE_IFREG, 0, "not plain" }, { 0 } },
		{ { "../d", NULL, AE_IFDIR, 0, "leave the folder" }, { 0 } },
		{ { "link", "/etc", AE_IFLNK, 0, "is a link" }, { "link/evil", NULL, AE_IFREG, 0, NULL } },
		{ { "link", "..", AE_IFLNK, 0, "is a link" }, { 0 } },
		{ { "a", NULL, AE_IFREG, 0, "is a link" }, { "hard", "a", AE_IFREG, 1, NULL } },
		{ { "hard", "/etc/passwd", AE_IFREG, 1, "is a link" }, { 0 } },
		{ { "dev", NULL, AE_IFCHR, 0, "no plain file" }, { 0 } },
		{ { "dev", NULL, AE_IFBLK, 0, "no plain file" }, { 0 } },
		{ { "pipe", NULL, AE_IFIFO, 0, "no plain file" }, { 0 } },
		{ { "a", NULL, AE_IFREG, 0, "appears twice" }, { "a", NULL, AE_IFREG, 0, NULL } },
		{ { "a", NULL, AE_IFREG, 0, "cannot make a folder" }, { "a/b", NULL, AE_IFREG, 0, NULL } },
		{ { "a", NULL, AE_IFREG, 0, "no bagit.txt" }, { "b", NULL, AE_IFREG, 0, NULL } },
	};

	for (size_t i = 0; i < RS_COUNT(rows); i++) {
		make_tar(b, "evil.tar.zst", rows[i], rows[i][1].name == NULL ? 1 : 2);
		is_refused(b, "evil.tar.zst", NULL, rows[i][0].word);
	}
}

static void a_long_or_deep_name_is_refused(void **state)
{
	struct box *b = *state;
	char name[3000];
	struct evil v = { name, NULL, AE_IFREG, 0, NULL };

	memset(name, 'a', sizeof(name));
	name[1200] = '\0';
	make_tar(b, "e", &v, 1);
	is_refused(b, "e", NULL, "too long");
	for (int i = 0; i < 40; i++)
		memcpy(name + 2 * i, "a/", 2);
	strcpy(name + 80, "b");
	make_tar(b, "e", &v, 1);
	is_refused(b, "e", NULL, "too deep");
}

static void bombs_do_not_go_off(void **state)
{
	struct box *b = *state;
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	const struct rs_bag_limits few = { .files = 3 }, small = { .bytes = 1 << 20 };
	struct evil many[4] = { { "a", NULL, AE_IFREG, 0, NULL }, { "b", NULL, AE_IFREG, 0, NULL },
				{ "c", NULL, AE_IFREG, 0, NULL }, { "d", NULL, AE_IFREG, 0, NULL } };
	char *zero = calloc(1, 1 << 20);

	/* 128 MiB of zeros in some 10 kB */
	assert_int_equal(archive_write_set_format_pax_restricted(a), ARCHIVE_OK);
	assert_int_equal(archive_write_add_filter_zstd(a), ARCHIVE_OK);
	assert_int_equal(archive_write_open_filename(a, in(b, "bomb")), ARCHIVE_OK);
	archive_entry_set_pathname(e, "x");
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_size(e, 128 << 20);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	for (int i = 0; i < 128; i++)
		assert_int_equal(archive_write_data(a, zero, 1 << 20), 1 << 20);
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	archive_entry_free(e);
	free(zero);
	is_refused(b, "bomb", NULL, "far more than the archive holds");
	is_refused(b, "bomb", &small, "larger than the limit");
	make_tar(b, "many", many, 4);
	is_refused(b, "many", &few, "limit of files");
}

static void broken_archives_are_told(void **state)
{
	struct box *b = *state;
	struct stat st;

	put(b, "text", "this is no archive at all\n");
	is_refused(b, "text", NULL, "it is neither tar nor zip");
	put(b, "empty", "");
	is_refused(b, "empty", NULL, "it is neither tar nor zip");
	b->o.format = RS_BAG_TAR_ZST;
	ok(bag(b, "bag.tar.zst"));
	assert_int_equal(stat(in(b, "bag.tar.zst"), &st), 0);
	for (off_t size = 100; size < st.st_size; size += st.st_size / 5) {
		program(b->folder, "cp", "bag.tar.zst", "cut");
		assert_int_equal(truncate(in(b, "cut"), size), 0);
		is_refused(b, "cut", NULL, "cut");
	}
	b->o.format = RS_BAG_ZIP;
	ok(bag(b, "bag.zip"));
	assert_int_equal(stat(in(b, "bag.zip"), &st), 0);
	/* a byte of the large file in the midst of it */
	program(b->folder, "sh", "-c", "printf '\\377\\0' | dd of=bag.zip bs=1 conv=notrunc status=none "
				       "seek=$(($(stat -c %s bag.zip) / 2))");
	is_refused(b, "bag.zip", NULL, "in entry \"thesis-1/data/raw/host/host/kernels/1/core\"");
	assert_int_equal(truncate(in(b, "bag.zip"), st.st_size / 2), 0);
	is_refused(b, "bag.zip", NULL, "bag.zip");
	refuses(rs_archive_open(in(b, "absent"), NULL, &b->err) == NULL ? -1 : 0, "cannot open");
}

/* ---- memory ---- */

static void every_allocation_may_fail(void **state)
{
	struct box *b = *state;
	struct rs_bag_facts f;
	int hit = 1, failures = 0;
	long n = 0, step = 1;

	if (!refuse_memory_works())
		skip();
	setenv("TMPDIR", b->folder, 1);
	for (; hit; n += step, step = n < 60 ? 1 : 7) {
		int r;

		rs_err_clear(&b->err);
		(void)unlink(in(b, "bag.zip"));
		b->o.format = RS_BAG_ZIP;
		refuse_arm_own(n);
		r = rs_archive_write(b->run, in(b, "bag.zip"), &b->o, &b->result, &b->err);
		if (r == 0)
			r = rs_archive_verify(in(b, "bag.zip"), &f, &b->err);
		hit = refuse_disarm();
		if (r < 0 && (!hit || b->err.text[0] == '\0'))
			fail_msg("allocation %ld: \"%s\"", n, b->err.text);
		failures += r < 0;
	}
	unsetenv("TMPDIR");
	assert_true(failures > 50);
	ok(rs_archive_verify(in(b, "bag.zip"), &f, &b->err));
}

int main(void)
{
#define t(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		t(other_programs_accept_it),	     t(the_same_run_gives_the_same_bytes),
		t(the_bag_says_what_it_is),	     t(what_is_masked_is_listed),
		t(a_long_line_is_masked_everywhere), t(a_server_is_named_nowhere),
		t(a_report_of_masked_facts_is_made_again), t(what_cannot_be_archived_is_told),
		t(rules_find_what_they_should),	     t(every_difference_is_told),
		t(sealed_nonsense_is_told),	     t(a_bag_is_a_run_folder),
		t(a_report_that_differs_is_told),    t(archives_cannot_leave_their_folder),
		t(a_long_or_deep_name_is_refused),   t(bombs_do_not_go_off),
		t(broken_archives_are_told),	     t(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
