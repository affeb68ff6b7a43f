/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls of vzctl, versions 3, 4 and that of Virtuozzo 7.  On a kernel that is not OpenVZ's, vzlist lists
 * nothing and a graceful stop waits two minutes, so states are read by "status" and
 * containers are stopped with --fast.
 */
#include "vzctl_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

static const double STEP_S = 300;	/* "create" unpacks a whole tree */

/* include/vzerror.h of vzctl 4, the statuses its manual page lists. */
static const struct {
	int status;
	const char *text;
} status_text[] = {
	{ 1, "setting a resource limit failed" },
	{ 2, "setting the processor share failed" },
	{ 3, "a system call failed" },
	{ 5, "the running kernel is not OpenVZ's" },
	{ 6, "not enough resources" },
	{ 7, "the kernel did not make the container" },
	{ 8, "the command in the container failed" },
	{ 9, "the container is locked by another vzctl" },
	{ 10, "the global configuration file is missing" },
	{ 11, "an action script is missing" },
	{ 12, "permission denied" },
	{ 13, "setting capabilities failed" },
	{ 14, "the container has no configuration file" },
	{ 15, "the command in the container did not end in time" },
	{ 20, "wrong use of vzctl" },
	{ 21, "wrong value or option" },
	{ 22, "VE_ROOT is not set" },
	{ 23, "VE_PRIVATE is not set" },
	{ 24, "TEMPLATE is not set" },
	{ 28, "resource limits are missing in the configuration" },
	{ 29, "no OS template given" },
	{ 31, "the container is not running" },
	{ 32, "the container is running already" },
	{ 33, "the container did not stop" },
	{ 34, "the address could not be added" },
	{ 40, "the container is not mounted" },
	{ 41, "the container is mounted already" },
	{ 43, "the private area is missing" },
	{ 44, "the private area exists already" },
	{ 46, "not enough disk space" },
	{ 47, "the template is broken or empty: /sbin/init is missing" },
	{ 50, "mounting failed" },
	{ 51, "unmounting failed" },
	{ 52, "the private area could not be removed" },
	{ 61, "the disk quota is running already" },
	{ 70, "setting the host name failed" },
	{ 71, "setting the address failed" },
	{ 78, "the address is in use" },
	{ 79, "an action script failed" },
	{ 82, "the sample configuration could not be copied" },
	{ 85, "the configuration file is wrong" },
	{ 91, "the OS template is not in the cache" },
	{ 99, "this build cannot use ploop" },
	{ 105, "starting is disabled" },
	{ 139, "the configuration could not be saved" },
};

/* Where the vzctl of Virtuozzo 7 means something else. */
static const struct {
	int status;
	const char *text;
} status_text_7[] = {
	{ 4, "not enough memory" },
	{ 12, "the licence does not allow it" },
	{ 25, "setting the traffic shaping failed" },
	{ 26, "setting the traffic shaping failed" },
	{ 30, "setting the traffic shaping failed" },
	{ 52, "the container is busy" },
};

/* The two places of the global configuration: Debian's and RPM's. */
static const char *const global_file[] = { "/etc/vz/vz.conf", "/etc/sysconfig/vz" };

const char *rs_vz_status_text(int status, int version)
{
	for (size_t i = 0; version >= 7 && i < RS_COUNT(status_text_7); i++)
		if (status_text_7[i].status == status)
			return status_text_7[i].text;
	for (size_t i = 0; i < RS_COUNT(status_text); i++)
		if (status_text[i].status == status)
			return status_text[i].text;
	return NULL;
}

int rs_vz_version_parse(const char *text)
{
	const char *at = strstr(text, "version ");
	int n = 0;

	if (at == NULL)
		return 4;
	for (at += strlen("version "); *at >= '0' && *at <= '9' && n < 1000; at++)
		n = n * 10 + (*at - '0');
	return n > 0 ? n : 4;
}

int rs_vz_version(void)
{
	RS_AUTO_CMD *c = rs_cmd_new("vzctl");
	RS_AUTO_BUF said = RS_BUF_INIT;
	struct rs_cmd_result r = { 0 };

	rs_cmd_arg(c, "--version");
	rs_cmd_timeout(c, STEP_S);
	rs_cmd_stdout_buf(c, &said);
	rs_cmd_stderr_buf(c, &said);
	return rs_cmd_run(c, &r, NULL) < 0 ? 4 : rs_vz_version_parse(rs_buf_str(&said));
}

int rs_vz_is_upstream(void)
{
	return !rs_path_exists("/proc/vz");
}

const char *rs_vz_config_folder(void)
{
	return rs_path_exists("/etc/vz/conf") ? "/etc/vz/conf" : "/etc/sysconfig/vz-scripts";
}

/* A growing argument vector whose failures appear in rs_err at the end. */
struct argv {
	char **v;	/* owned, NULL-ended */
	size_t n;
	int failed;
};

static void add(struct argv *a, const char *text)
{
	char **slot = a->failed ? NULL : rs_array_grow(&a->v, a->n, sizeof(*a->v), NULL);

	if (slot == NULL || (text != NULL && (*slot = rs_strdup(text, NULL)) == NULL)) {
		a->failed = 1;
		return;
	}
	a->n++;
}

static void add_option(struct argv *a, const char *option, const char *value)
{
	if (value == NULL)
		return;
	add(a, option);
	add(a, value);
}

static char **argv_end(struct argv *a, struct rs_err *err)
{
	add(a, NULL);
	if (!a->failed)
		return a->v;
	for (size_t i = 0; i < a->n; i++)
		free(a->v[i]);
	free(a->v);
	(void)rs_err_nomem(err);
	return NULL;
}

char **rs_vz_create(const struct rs_vz_config *c, struct rs_err *err)
{
	struct argv a = { NULL, 0, 0 };

	add(&a, "vzctl");
	add(&a, "create");
	add(&a, c->id);
	add_option(&a, "--ostemplate", c->ostemplate);
	add_option(&a, "--config", c->sample);
	if (c->upstream)	/* version 4, whose ploop needs OpenVZ's kernel */
		add_option(&a, "--layout", "simfs");
	return argv_end(&a, err);
}

static int has_limit(const struct rs_vz_config *c, const char *key)
{
	for (size_t i = 0; i < c->n_limits; i++)
		if (strcasecmp(c->limits[i].key, key) == 0)
			return 1;
	return 0;
}

/* "NUMPROC" as the option "--numproc". */
static void add_limit(struct argv *a, const struct rs_setting_kv *kv)
{
	char option[64] = "--";
	size_t n = 2;

	for (const char *p = kv->key; *p != '\0' && n + 1 < sizeof(option); p++)
		option[n++] = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
	option[n] = '\0';
	add_option(a, option, kv->value);
}

static int limits_resident(const struct rs_vz_config *c)
{
	return c->upstream || c->version >= 7;
}

static void add_memory(struct argv *a, const struct rs_vz_config *c)
{
	char pages[64];

	if (c->memory_bytes <= 0)
		return;
	(void)snprintf(pages, sizeof(pages), "%" PRId64 ":%" PRId64, c->memory_bytes / 4096,
		       c->memory_bytes / 4096);
	/* OpenVZ's old kernel limits private pages and only counts resident ones; elsewhere, and
	 * with Virtuozzo 7, resident pages are what becomes the limit. */
	if (limits_resident(c))
		add_option(a, "--physpages", pages);
	else if (!has_limit(c, "privvmpages"))
		add_option(a, "--privvmpages", pages);
}

char **rs_vz_set(const struct rs_vz_config *c, struct rs_err *err)
{
	struct argv a = { NULL, 0, 0 };
	char percent[32];

	add(&a, "vzctl");
	add(&a, "set");
	add(&a, c->id);
	add_option(&a, "--hostname", c->id);
	add_option(&a, "--ipadd", c->address);
	add_option(&a, "--onboot", "no");	/* nothing of ours starts after a reboot */
	for (size_t i = 0; i < c->n_limits; i++)
		if (!limits_resident(c) || strcasecmp(c->limits[i].key, "physpages") != 0)
			add_limit(&a, &c->limits[i]);
	add_memory(&a, c);
	if (c->cpus > 0) {
		(void)snprintf(percent, sizeof(percent), "%.0f", c->cpus * 100);
		add_option(&a, "--cpulimit", percent);
	}
	if (c->upstream)
		add_option(&a, "--capability", "sys_resource:off");
	add(&a, "--save");
	return argv_end(&a, err);
}

/* vzctl saves each option of "set" under its own name but for these (vzctl.conf(5), ctid.conf(5)). */
void rs_vz_conf(const struct rs_vz_config *c, struct rs_buf *out)
{
	RS_AUTO_ARGV set = rs_vz_set(c, NULL);

	if (set == NULL) {
		out->failed = 1;
		return;
	}
	if (c->ostemplate != NULL)
		rs_buf_addf(out, "OSTEMPLATE=\"%s\"\n", c->ostemplate);
	for (size_t i = 3; set[i] != NULL && set[i + 1] != NULL; i += 2) {
		const char *key = strcmp(set[i], "--ipadd") == 0 ? "--IP_ADDRESS" : set[i];

		for (const char *p = key + 2; *p != '\0'; p++)
			rs_buf_addc(out, *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p);
		rs_buf_addf(out, "=\"%s\"\n", set[i + 1]);
	}
}

char **rs_vz_simple(const char *verb, const char *id, const char *option, struct rs_err *err)
{
	struct argv a = { NULL, 0, 0 };

	add(&a, "vzctl");
	add(&a, verb);
	add(&a, id);
	if (option != NULL)
		add(&a, option);
	return argv_end(&a, err);
}

int rs_vz_run(char *const *argv, double timeout_s, struct rs_buf *out, struct rs_err *err)
{
	RS_AUTO_CMD *c = rs_cmd_new(argv[0]);
	RS_AUTO_BUF said = RS_BUF_INIT;
	struct rs_cmd_result r = { 0 };
	const char *text, *last;
	char how[64];

	for (size_t i = 1; argv[i] != NULL; i++)
		rs_cmd_arg(c, argv[i]);
	rs_cmd_timeout(c, timeout_s);
	rs_cmd_stdout_buf(c, &said);
	rs_cmd_stderr_buf(c, &said);
	if (rs_cmd_run(c, &r, err) < 0)
		return -1;
	if (out != NULL)
		rs_buf_adds(out, rs_buf_str(&said));
	if (r.status == 0)
		return 0;
	last = rs_buf_last_line(&said);
	text = r.status > 0 ? rs_vz_status_text(r.status, rs_vz_version()) : NULL;
	return rs_err_set(err, r.timed_out ? RS_ERR_TIMEOUT : RS_ERR_FAILED, "vzctl %s %s: %s%s%s%s: %s",
			  argv[1], argv[2], rs_cmd_describe_end(how, sizeof(how), &r),
			  text != NULL ? " (" : "", text != NULL ? text : "", text != NULL ? ")" : "",
			  last[0] != '\0' ? last : "it said nothing");
}

int rs_vz_state_parse(const char *line, struct rs_vz_state *ret)
{
	/* Version 3 writes "VPSID" or "VEID" for "CTID". */
	if (!rs_has_word(line, "exist") && !rs_has_word(line, "deleted"))
		return -1;
	ret->exists = rs_has_word(line, "exist");
	ret->mounted = rs_has_word(line, "mounted");
	ret->running = rs_has_word(line, "running");
	return 0;
}

int rs_vz_state(const char *id, struct rs_vz_state *ret, struct rs_err *err)
{
	RS_AUTO_ARGV argv = rs_vz_simple("status", id, NULL, err);
	RS_AUTO_BUF out = RS_BUF_INIT;

	if (argv == NULL || rs_vz_run(argv, STEP_S, &out, err) < 0)
		return -1;
	if (rs_vz_state_parse(rs_buf_str(&out), ret) < 0)
		return rs_err_set(err, RS_ERR_FAILED, "vzctl status %s: cannot read \"%s\"", id,
				  rs_buf_str(&out));
	return 0;
}

/* The value of KEY="value" in a shell-like configuration; NULL when it is not there. */
static char *config_value(const char *text, const char *key, struct rs_err *err)
{
	size_t n = strlen(key);

	for (const char *p = text; *p != '\0';) {
		const char *end = p + strcspn(p, "\n"), *v = p + n + 1;

		if (strncmp(p, key, n) == 0 && p[n] == '=') {
			size_t len;

			v += *v == '"';
			len = strcspn(v, "\"\n");
			return rs_strndup(v, len, err);
		}
		p = end + (*end != '\0');
	}
	return NULL;
}

char *rs_vz_path(const char *key, const char *fallback, const char *id, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	RS_AUTO_STR *value = NULL;
	const char *at;

	for (size_t i = 0; i < RS_COUNT(global_file) && text.len == 0; i++)
		if (rs_path_exists(global_file[i]) &&
		    rs_path_read(global_file[i], 1 << 16, &text, err) < 0)
			return NULL;
	value = config_value(rs_buf_str(&text), key, err);
	if (value == NULL)
		value = rs_strdup(fallback, err);
	if (value == NULL || (at = strstr(value, "$VEID")) == NULL)
		return RS_STEAL(&value);
	return rs_asprintf(err, "%.*s%s%s", (int)(at - value), value, id, at + 5);
}

int rs_vzctl_remove(const char *id, struct rs_err *err)
{
	RS_AUTO_ARGV stop = rs_vz_simple("stop", id, "--fast", err);
	RS_AUTO_ARGV unmount = rs_vz_simple("umount", id, NULL, err);
	RS_AUTO_ARGV destroy = rs_vz_simple("destroy", id, NULL, err);
	RS_AUTO_STR *destroyed = NULL;
	struct rs_vz_state st = { 0, 0, 0 };

	if (stop == NULL || unmount == NULL || destroy == NULL || rs_vz_state(id, &st, err) < 0)
		return -1;
	if (st.running && rs_vz_run(stop, STEP_S, NULL, err) < 0)
		return -1;
	/* Made, mounted to be filled, and never started. */
	if (!st.running && st.mounted && rs_vz_run(unmount, STEP_S, NULL, err) < 0)
		return -1;
	if (st.exists && rs_vz_run(destroy, STEP_S, NULL, err) < 0)
		return -1;
	/* vzctl keeps the configuration of what it destroys. */
	destroyed = rs_asprintf(err, "%s/%s.conf.destroyed", rs_vz_config_folder(), id);
	return destroyed == NULL ? -1 : rs_path_remove_tree(destroyed, err);
}
