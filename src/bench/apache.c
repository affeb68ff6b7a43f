/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Apache in a guest, for the time of one trial: a server root of our own below the
 * guest's scratch folder, nothing of the guest's own configuration, no names
 * resolved.  The program is found where distributions put it; which modules it
 * needs follows from which ones lie beside it (2.4 has mod_authz_core, 2.2 not).
 */
#include "bench_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/temp.h"

#define PAGE_MAX_BYTES (64 << 20)

struct rs_web {
	struct rs_channel *channel;	/* borrowed: the guest's */
	const char *program;		/* static */
	char *root;			/* server root in the guest */
	char *conf;			/* its configuration file there */
};

static const char *const programs[] = { "/usr/sbin/apache2", "/usr/sbin/httpd", "/usr/bin/httpd" };
static const char *const module_folders[] = { "/usr/lib/apache2/modules",
					      "/usr/lib64/httpd/modules", "/usr/lib/httpd/modules",
					      "/usr/lib64/apache2", "/usr/lib/apache2" };

int64_t rs_web_page_bytes(const struct rs_benchmark *b)
{
	return b->page_bytes > 0 ? b->page_bytes : RS_WEB_PAGE_BYTES;
}

const char *rs_web_path(const struct rs_benchmark *b)
{
	return b->path != NULL ? b->path : "/";
}

char *rs_web_url(const struct rs_benchmark *b, const struct rs_guest *guest, struct rs_err *err)
{
	return rs_asprintf(err, "http://%s%s", guest->address, rs_web_path(b));
}

int rs_web_check(const struct rs_benchmark *b, struct rs_err *err)
{
	const char *path = rs_web_path(b);

	if (path[0] != '/' || (path[1] != '\0' && !rs_path_is_inside(path + 1)) ||
	    path[strcspn(path, " \"'\\%?#\n")] != '\0')
		return rs_err_set(err, RS_ERR_PLAN, "path \"%s\" of benchmark \"%s\" is not the plain "
				  "path of a page, such as \"/\" or \"/page.html\"", path, b->id);
	if (rs_web_page_bytes(b) > PAGE_MAX_BYTES)
		return rs_err_set(err, RS_ERR_PLAN, "a page of %lld bytes: at most %d are served",
				  (long long)rs_web_page_bytes(b), PAGE_MAX_BYTES);
	return 0;
}

/* An empty file here; what: lower-case letters.  free() releases the path. */
static char *temporary_file(const char *what, struct rs_err *err)
{
	RS_AUTO_STR *path = rs_asprintf(err, "%s/restudy-%s-%ld-XXXXXX", rs_temp_root(), what,
					(long)getpid());
	RS_AUTO_FD fd = path != NULL ? mkstemp(path) : -1;

	if (path != NULL && fd < 0)
		(void)rs_err_sys(err, RS_ERR_MACHINE, errno, "cannot make a file in \"%s\"", rs_temp_root());
	return fd < 0 ? NULL : RS_STEAL(&path);
}

/* What there is to find in the guest: the lines of one ls, whatever its status. */
static int look_around(const struct rs_guest *g, struct rs_buf *found, struct rs_err *err)
{
	const char *argv[3 + RS_COUNT(programs) + RS_COUNT(module_folders)] = { "ls", "-1" };
	RS_AUTO_STR *path = temporary_file("look", err);
	const struct rs_exec x = { .argv = argv, .timeout_s = 60, .output_max = 1 << 20,
				   .stdout_path = path };
	struct rs_cmd_result res;
	size_t n = 2;
	int rc;

	if (path == NULL)
		return -1;
	for (size_t i = 0; i < RS_COUNT(programs); i++)
		argv[n++] = programs[i];
	for (size_t i = 0; i < RS_COUNT(module_folders); i++)
		argv[n++] = module_folders[i];
	rc = rs_channel_run(g->channel, &x, &res, err);
	if (rc == 0)
		rc = rs_path_read(path, 1 << 20, found, err);
	(void)remove(path);
	rs_buf_addc(found, '\n');
	return rc < 0 ? -1 : rs_buf_check(found, err);
}

/* Whether text has this very line. */
static int has_line(const char *text, const char *line)
{
	const size_t n = strlen(line);

	for (const char *at = text; (at = strstr(at, line)) != NULL; at += n)
		if ((at == text || at[-1] == '\n') && (at[n] == '\n' || at[n] == '\0'))
			return 1;
	return 0;
}

static const char *find_program(const char *found)
{
	for (size_t i = 0; i < RS_COUNT(programs); i++)
		if (has_line(found, programs[i]))
			return programs[i];
	return NULL;
}

/* The folder whose listing in found has mod_dir.so. */
static const char *find_modules(const char *found)
{
	for (size_t i = 0; i < RS_COUNT(module_folders); i++) {
		char title[100];
		const char *at, *end;

		snprintf(title, sizeof(title), "%s:\n", module_folders[i]);
		at = strstr(found, title);
		if (at == NULL)
			continue;
		end = strstr(at, "\n\n");
		at = strstr(at, "\nmod_dir.so\n");
		if (at != NULL && (end == NULL || at < end))
			return module_folders[i];
	}
	return NULL;
}

/* The user that the server's processes become, and its group; NULL: the guest has none of them. */
static const char *find_user(const struct rs_guest *g, struct rs_buf *group)
{
	static const char *const users[] = { "www-data", "apache", "http", "daemon", "nobody" };

	for (size_t i = 0; i < RS_COUNT(users); i++) {
		const char *const argv[] = { "id", "-gn", users[i], NULL };

		rs_buf_clear(group);
		if (rs_channel_run_ok(g->channel, argv, 30, group, NULL) == 0)
			return users[i];
	}
	return NULL;
}

static const char *port_of(const char *address)
{
	const char *colon = strrchr(address, ':');

	return colon != NULL && strchr(colon, ']') == NULL ? colon + 1 : "80";
}

/* A loopback address is listened on alone, so that the machine opens nothing. */
static void add_listen(struct rs_buf *b, const char *address)
{
	const char *port = port_of(address);

	if (strncmp(address, "127.", 4) == 0)
		rs_buf_addf(b, "Listen %.*s:%s\n", (int)strcspn(address, ":"), address, port);
	else
		rs_buf_addf(b, "Listen %s\n", port);
}

static void add_modules(struct rs_buf *b, const char *found, const char *folder)
{
	static const char *const mpms[] = { "event", "worker", "prefork" };
	static const char *const wanted[] = { "unixd", "authz_core", "authz_host", "dir", "mime" };
	char file[64];

	for (size_t i = 0; i < RS_COUNT(mpms); i++) {
		snprintf(file, sizeof(file), "mod_mpm_%s.so", mpms[i]);
		if (has_line(found, file)) {
			rs_buf_addf(b, "LoadModule mpm_%s_module %s/%s\n", mpms[i], folder, file);
			break;
		}
	}
	for (size_t i = 0; i < RS_COUNT(wanted); i++) {
		snprintf(file, sizeof(file), "mod_%s.so", wanted[i]);
		if (has_line(found, file))
			rs_buf_addf(b, "LoadModule %s_module %s/%s\n", wanted[i], folder, file);
	}
}

/* HTTP/2 without TLS, when the load is of that kind. */
static int add_http_2(struct rs_buf *b, const struct rs_benchmark *bench, const char *found,
		      const char *folder, struct rs_err *err)
{
	int wanted = 0;

	for (size_t i = 0; i < bench->n_arguments; i++)
		wanted |= bench->adapter == RS_ADAPTER_HTTPLOAD &&
			  strcmp(bench->arguments[i], "--http2") == 0;
	if (!wanted)
		return 0;
	if (!has_line(found, "mod_http2.so"))
		return rs_err_set(err, RS_ERR_MACHINE, "Apache in the guest has no mod_http2, which \"--http2\" "
				  "needs");
	rs_buf_addf(b, "LoadModule http2_module %s/mod_http2.so\nProtocols h2c http/1.1\n", folder);
	return 0;
}

static void add_configuration(struct rs_buf *b, const struct rs_web *w, const struct rs_guest *g,
			      const char *found, const char *folder)
{
	const int is_24 = has_line(found, "mod_authz_core.so");
	RS_AUTO_BUF group = RS_BUF_INIT;
	const char *user = find_user(g, &group);

	rs_buf_addf(b, "ServerRoot \"%s\"\nServerName localhost\nPidFile \"%s/httpd.pid\"\n", w->root,
		    w->root);
	add_listen(b, g->address);
	add_modules(b, found, folder);
	if (is_24)
		rs_buf_addf(b, "DefaultRuntimeDir \"%s\"\n", w->root);
	if (user != NULL)
		rs_buf_addf(b, "User %s\nGroup %.*s\n", user,
			    (int)strcspn(rs_buf_str(&group), "\n"), rs_buf_str(&group));
	rs_buf_addf(b, "ErrorLog \"%s/error.log\"\nLogLevel error\nHostnameLookups Off\n"
		    "KeepAlive On\nMaxKeepAliveRequests 0\nTimeout 60\nFileETag None\n"
		    "ServerTokens Prod\nDocumentRoot \"%s/htdocs\"\n<Directory />\n%s</Directory>\n",
		    w->root, w->root,
		    is_24 ? "Require all granted\n" : "Order allow,deny\nAllow from all\n");
	if (has_line(found, "mod_dir.so"))
		rs_buf_adds(b, "DirectoryIndex index.html\n");
	if (has_line(found, "mod_mime.so"))
		rs_buf_adds(b, "TypesConfig /dev/null\nAddType text/html .html\n");
}

/* Exactly n bytes of text. */
static int add_page(struct rs_buf *b, int64_t n, struct rs_err *err)
{
	static const char line[] = "This page was made for a load test. ";

	while ((int64_t)b->len + 1 < n && !b->failed)
		rs_buf_add(b, line, (size_t)(n - 1 - (int64_t)b->len) < sizeof(line) - 1
					    ? (size_t)(n - 1 - (int64_t)b->len)
					    : sizeof(line) - 1);
	rs_buf_addc(b, '\n');
	return rs_buf_check(b, err);
}

/* Writes bytes to a file in the guest, readable by the server's user. */
static int put(struct rs_channel *ch, const char *to, const struct rs_buf *b, struct rs_err *err)
{
	RS_AUTO_STR *from = temporary_file("put", err);
	int rc;

	if (from == NULL)
		return -1;
	rc = rs_path_write(from, rs_buf_str(b), b->len, err);
	if (rc == 0)
		rc = rs_channel_push(ch, from, to, 0644, err);
	(void)remove(from);
	return rc;
}

static int put_files(struct rs_web *w, const struct rs_trial *t, const struct rs_guest *g,
		     const char *found, const char *modules, struct rs_err *err)
{
	const char *path = rs_web_path(t->benchmark);
	RS_AUTO_BUF conf = RS_BUF_INIT, page = RS_BUF_INIT;
	RS_AUTO_STR *file = rs_asprintf(err, "%s/htdocs/%s", w->root,
					path[1] != '\0' ? path + 1 : "index.html");
	const char *const chmod_argv[] = { "chmod", "-R", "a+rX", w->root, NULL };

	if (file == NULL || add_page(&page, rs_web_page_bytes(t->benchmark), err) < 0)
		return -1;
	add_configuration(&conf, w, g, found, modules);
	if (add_http_2(&conf, t->benchmark, found, modules, err) < 0)
		return -1;
	if (rs_buf_check(&conf, err) < 0 || put(g->channel, w->conf, &conf, err) < 0 ||
	    put(g->channel, file, &page, err) < 0)
		return -1;
	/* The server's user must reach the page. */
	return rs_channel_run_ok(g->channel, chmod_argv, 30, NULL, err);
}

static void web_free(struct rs_web *w)
{
	free(w->root);
	free(w->conf);
	free(w);
}

/* Waits also when a stop was asked for: what is waited for is the cleaning up. */
static void wait_a_little(void)
{
	const struct timespec t = { .tv_nsec = 50000000 };

	nanosleep(&t, NULL);
}

/* Apache's "-k signal": it ends at once, the server works on behind it. */
static int control(struct rs_web *w, const char *what, struct rs_err *err)
{
	const char *const argv[] = { w->program, "-d", w->root, "-f", w->conf, "-k", what, NULL };

	return rs_channel_run_ok(w->channel, argv, 60, NULL, err);
}

/* Whether every folder above path may be passed by everybody; 0 also when unknown. */
static int is_reachable(const struct rs_guest *g, struct rs_err *err)
{
	const char *argv[64] = { "stat", "-c", "%a" };
	RS_AUTO_BUF out = RS_BUF_INIT, folders = RS_BUF_INIT;
	const char *text = g->scratch;
	size_t n = 3, at = 0;
	int ok = 1;

	/* All prefixes of the path, each ended by a NUL, in one buffer. */
	for (size_t i = 1; i <= strlen(text); i++)
		if (text[i] == '/' || text[i] == '\0') {
			rs_buf_add(&folders, text, i);
			rs_buf_addc(&folders, '\0');
		}
	if (rs_buf_check(&folders, err) < 0)
		return 0;
	for (; at < folders.len && n + 1 < RS_COUNT(argv); at += strlen(folders.data + at) + 1)
		argv[n++] = folders.data + at;
	if (at < folders.len || rs_channel_run_ok(g->channel, argv, 30, &out, NULL) < 0)
		return 0;
	/* One mode a line; its last digit is what everybody may.  The last is the scratch
	 * folder itself, which is made passable. */
	for (const char *l = rs_buf_str(&out), *end; (end = strchr(l, '\n')) != NULL; l = end + 1)
		ok &= end[1] == '\0' || (end > l && (end[-1] - '0') % 2 == 1);
	return ok;
}

/* The server root: in the scratch folder, or in TMPDIR where the server's user cannot reach it. */
static char *choose_root(const struct rs_guest *g, struct rs_err *err)
{
	const char *const make[] = { "mktemp", "-d", "-t", "restudy-www.XXXXXX", NULL };
	const char *const mkdir_argv[] = { "mkdir", "-p", g->scratch, NULL };
	const char *const chmod_argv[] = { "chmod", "a+rx", g->scratch, NULL };
	RS_AUTO_BUF out = RS_BUF_INIT;

	if (rs_channel_run_ok(g->channel, mkdir_argv, 30, NULL, err) < 0)
		return NULL;
	if (is_reachable(g, err)) {
		if (rs_channel_run_ok(g->channel, chmod_argv, 30, NULL, err) < 0)
			return NULL;
		return rs_path_join(g->scratch, "www", err);
	}
	if (rs_channel_run_ok(g->channel, make, 30, &out, err) < 0)
		return NULL;
	return rs_strndup(rs_buf_str(&out), strcspn(rs_buf_str(&out), "\n"), err);
}

static struct rs_web *web_new(const struct rs_guest *g, struct rs_err *err)
{
	struct rs_web *w = rs_alloc(1, sizeof(*w), err);

	if (w == NULL)
		return NULL;
	w->channel = g->channel;
	w->root = choose_root(g, err);
	w->conf = w->root != NULL ? rs_path_join(w->root, "httpd.conf", err) : NULL;
	if (w->conf == NULL) {
		web_free(w);
		return NULL;
	}
	return w;
}

/* What a killed run left at the same place is stopped first: it holds the port. */
static int make_root(struct rs_web *w, struct rs_err *err)
{
	RS_AUTO_STR *pid = rs_path_join(w->root, "httpd.pid", err);
	const char *const there[] = { "test", "-e", pid, NULL };
	const char *const away[] = { "rm", "-rf", w->root, NULL };
	const char *const make[] = { "mkdir", w->root, NULL };

	if (pid == NULL)
		return -1;
	if (rs_channel_run_ok(w->channel, there, 30, NULL, NULL) == 0 &&
	    control(w, "stop", NULL) == 0)
		for (int i = 0; i < 100 && rs_channel_run_ok(w->channel, there, 30, NULL, NULL) == 0;
		     i++)
			wait_a_little();
	if (rs_channel_run_ok(w->channel, away, 30, NULL, err) < 0)
		return -1;
	return rs_channel_run_ok(w->channel, make, 30, NULL, err);
}

static void remove_root(struct rs_web *w)
{
	const char *const away[] = { "rm", "-rf", w->root, NULL };

	(void)!rs_channel_run_ok(w->channel, away, 30, NULL, NULL);
}

static int start(struct rs_web *w, const struct rs_trial *t, const struct rs_guest *g, struct rs_err *err)
{
	RS_AUTO_BUF found = RS_BUF_INIT;
	const char *modules;

	if (look_around(g, &found, err) < 0)
		return -1;
	w->program = find_program(rs_buf_str(&found));
	modules = find_modules(rs_buf_str(&found));
	if (w->program == NULL || modules == NULL)
		return rs_err_set(err, RS_ERR_MACHINE,
				  "guest \"%s\": no Apache: install apache2-bin (Debian) or httpd (Fedora)",
				  g->name);
	if (make_root(w, err) < 0 || put_files(w, t, g, rs_buf_str(&found), modules, err) < 0)
		return -1;
	return control(w, "start", err);
}

struct rs_web *rs_web_start(const struct rs_trial *t, const struct rs_guest *g, struct rs_err *err)
{
	struct rs_web *w = web_new(g, err);

	if (w == NULL || start(w, t, g, err) == 0)
		return w;
	remove_root(w);
	rs_err_wrap(err, "web server of guest \"%s\" on \"%s\"", g->name, g->address);
	web_free(w);
	return NULL;
}

void rs_web_complaint(struct rs_web *w, char *buf, size_t size)
{
	RS_AUTO_STR *log = rs_path_join(w->root, "error.log", NULL);
	const char *const argv[] = { "tail", "-n", "1", log, NULL };
	RS_AUTO_BUF out = RS_BUF_INIT;

	buf[0] = '\0';
	if (log != NULL && rs_channel_run_ok(w->channel, argv, 30, &out, NULL) == 0)
		snprintf(buf, size, "%.*s", (int)strcspn(rs_buf_str(&out), "\n"), rs_buf_str(&out));
}

/* The link in /proc to the program of the server's first process, which a process that ended no longer
 * has, even before it was waited for.  NULL: nobody knows. */
static char *process_of(struct rs_web *w)
{
	RS_AUTO_STR *file = rs_path_join(w->root, "httpd.pid", NULL);
	const char *const argv[] = { "cat", file, NULL };
	RS_AUTO_BUF out = RS_BUF_INIT;
	size_t n;

	if (file == NULL || rs_channel_run_ok(w->channel, argv, 30, &out, NULL) < 0)
		return NULL;
	n = strspn(rs_buf_str(&out), "0123456789");
	return n == 0 ? NULL : rs_asprintf(NULL, "/proc/%.*s/exe", (int)n, rs_buf_str(&out));
}

/* It takes its process id file away a moment before it lets go of its port. */
static void wait_for_the_end_of(struct rs_web *w, const char *process)
{
	const char *const there[] = { "readlink", process, NULL };

	for (int i = 0; process != NULL && i < 20; i++) {
		if (rs_channel_run_ok(w->channel, there, 30, NULL, NULL) < 0)
			return;
		wait_a_little();
	}
}

int rs_web_stop(struct rs_web *w, struct rs_err *err)
{
	struct rs_err lost = RS_ERR_INIT;
	RS_AUTO_STR *process = w != NULL ? process_of(w) : NULL;
	int rc;

	if (w == NULL)
		return 0;
	rc = control(w, "stop", &lost);
	for (int i = 0; rc == 0 && i < 200; i++) {	/* 10 s: its children end their requests */
		RS_AUTO_STR *pid = rs_path_join(w->root, "httpd.pid", NULL);
		const char *const there[] = { "test", "-e", pid, NULL };
		const char *const away[] = { "rm", "-rf", w->root, NULL };

		if (pid == NULL || rs_channel_run_ok(w->channel, there, 30, NULL, NULL) == 0) {
			wait_a_little();
			continue;
		}
		wait_for_the_end_of(w, process);
		rc = rs_channel_run_ok(w->channel, away, 30, NULL, &lost);
		web_free(w);
		return rc < 0 ? rs_err_set(err, lost.kind, "%s", lost.text) : 0;
	}
	web_free(w);
	return rs_err_set(err, RS_ERR_FAILED, "a web server did not stop: %s",
			  rc < 0 ? lost.text : "its process id file is still there after 10 s");
}
