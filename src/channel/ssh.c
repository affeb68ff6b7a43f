/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The channel to a server: ssh carries the agent's stream.  Nothing is installed
 * there: the agent is put into the user's cache folder under a name with its digest
 * (by sftp, which needs no shell), and started from there; the next time it is there.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "channel_priv.h"
#include "restudy/base/hash.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "stream_priv.h"

/* Relative to the user's home, where both sftp and ssh begin. */
#define REMOTE_FOLDER ".cache/restudy"

struct target {
	char *destination;	/* [user@]host; owned */
	char *port;		/* digits, or NULL: as ssh is configured; owned */
};

static void target_release(struct target *t)
{
	free(t->destination);
	free(t->port);
}

#define RS_AUTO_TARGET __attribute__((cleanup(target_release))) struct target

/* Nothing that ssh could take for an option, or a shell for more than a word. */
static int is_word(const char *s, size_t n, const char *also)
{
	if (n == 0 || s[0] == '-')
		return 0;
	for (size_t i = 0; i < n; i++)
		if (!isascii(s[i]) || (!isalnum((unsigned char)s[i]) && strchr(also, s[i]) == NULL))
			return 0;
	return 1;
}

static int refuse(const char *url, struct rs_err *err)
{
	return rs_err_set(err, RS_ERR_USAGE, "\"%s\" is not ssh://[user@]host[:port]", url);
}

/* Reads "host", "host:22", "[2001:db8::1]:22", and what precedes them, "user@". */
static int read_url(const char *url, struct target *t, struct rs_err *err)
{
	static const char scheme[] = "ssh://";
	const char *p = url + strlen(scheme);
	const char *at = NULL, *end = NULL;
	size_t user = 0, n = 0;
	int64_t port = 0;
	int bracket = 0;

	if (strncmp(url, scheme, strlen(scheme)) != 0)
		return refuse(url, err);
	at = strchr(p, '@');
	user = at == NULL ? 0 : (size_t)(at - p);
	if (at != NULL && !is_word(p, user, "._-"))
		return refuse(url, err);
	end = at == NULL ? p : at + 1;
	bracket = *end == '[';
	n = strcspn(end + bracket, bracket ? "]" : ":/");
	if (!is_word(end + bracket, n, bracket ? ".:%" : "._-") ||
	    (bracket && end[1 + n] != ']'))
		return refuse(url, err);
	t->destination = rs_asprintf(err, "%.*s%s%.*s", (int)user, p, at == NULL ? "" : "@", (int)n,
				     end + bracket);
	if (t->destination == NULL)
		return -1;
	end += n + 2 * (size_t)bracket;
	if (end[0] == '\0' || strcmp(end, "/") == 0)
		return 0;
	if (end[0] != ':' || rs_parse_i64(end + 1, 1, 65535, &port, NULL) < 0)
		return refuse(url, err);
	t->port = rs_asprintf(err, "%d", (int)port);
	return t->port == NULL ? -1 : 0;
}

/* The options of both programs; argv has room for 16 more. */
static size_t add_options(const char **argv, size_t n, const struct target *t, const char *port_option)
{
	const char *config = getenv("RESTUDY_SSH_CONFIG");

	if (config != NULL) {
		argv[n++] = "-F";
		argv[n++] = config;
	}
	argv[n++] = "-oBatchMode=yes";
	argv[n++] = "-oStrictHostKeyChecking=yes";
	/* whatever the user's configuration lends to other servers */
	argv[n++] = "-oForwardAgent=no";
	argv[n++] = "-oClearAllForwardings=yes";
	argv[n++] = "-oServerAliveInterval=15";
	argv[n++] = "-oServerAliveCountMax=4";
	if (t->port != NULL) {
		argv[n++] = port_option;
		argv[n++] = t->port;
	}
	return n;
}

/* A path in double quotes, as sftp's command lines read it: wildcards are plain there. */
static int put_quoted(struct rs_buf *b, const char *path, struct rs_err *err)
{
	rs_buf_addc(b, '"');
	for (; *path != '\0'; path++) {
		if (iscntrl((unsigned char)*path))
			return rs_err_set(err, RS_ERR_USAGE, "a path with control characters: \"%s\"", path);
		if (strchr("\"\\", *path) != NULL)
			rs_buf_addc(b, '\\');
		rs_buf_addc(b, *path);
	}
	rs_buf_addc(b, '"');
	return 0;
}

/* Puts the agent there, under its name only when all of it has arrived. */
static int send_agent(const struct target *t, const char *agent, const char *remote,
		      double timeout_s, struct rs_err *err)
{
	RS_AUTO_BUF batch = RS_BUF_INIT;
	RS_AUTO_CMD *cmd = rs_cmd_new("sftp");
	const char *options[18];
	size_t n = 0;

	rs_buf_adds(&batch, "-mkdir .cache\n-mkdir " REMOTE_FOLDER "\nput ");
	if (put_quoted(&batch, agent, err) < 0)
		return -1;
	rs_buf_addf(&batch, " %s.%ld\nchmod 700 %s.%ld\nrename %s.%ld %s\n", remote, (long)getpid(),
		    remote, (long)getpid(), remote, (long)getpid(), remote);
	if (rs_buf_check(&batch, err) < 0)
		return -1;
	n = add_options(options, 0, t, "-P");
	options[n] = NULL;
	rs_cmd_args(cmd, options);
	rs_cmd_arg(cmd, "-b");
	rs_cmd_arg(cmd, "-");
	rs_cmd_arg(cmd, "--");
	rs_cmd_argf(cmd, strchr(t->destination, ':') != NULL ? "[%s]" : "%s", t->destination);
	rs_cmd_stdin_bytes(cmd, batch.data, batch.len);
	rs_cmd_timeout(cmd, timeout_s);
	return rs_cmd_run_ok(cmd, err);
}

static struct rs_stream *start_agent(const struct target *t, const char *remote, const char *name,
				     double timeout_s, struct rs_err *err)
{
	const char *argv[20] = { "ssh", "-T" };
	size_t n = add_options(argv, 2, t, "-p");
	RS_AUTO_STREAM *s = NULL;

	argv[n++] = "--";
	argv[n++] = t->destination;
	argv[n++] = remote;
	argv[n++] = "--stdio";
	s = rs_stream_program(argv, name, err);
	if (s == NULL || rs_stream_greet(s, rs_stream_deadline(timeout_s), err) < 0)
		return NULL;
	return RS_STEAL(&s);
}

struct rs_channel *rs_channel_ssh(const char *url, const char *agent, double timeout_s,
				  struct rs_err *err)
{
	RS_AUTO_TARGET t = { NULL, NULL };
	RS_AUTO_STR *remote = NULL;
	RS_AUTO_STREAM *s = NULL;
	struct rs_err first = RS_ERR_INIT;
	char hex[RS_SHA256_HEX];

	if (read_url(url, &t, err) < 0 || rs_sha256_file(agent, hex, err) < 0)
		return NULL;
	remote = rs_asprintf(err, REMOTE_FOLDER "/restudy-agent-%.16s", hex);
	if (remote == NULL)
		return NULL;
	s = start_agent(&t, remote, url, timeout_s, &first);
	/* A shell that finds no such program ends; any other failure would come again. */
	if (s == NULL && first.kind == RS_ERR_FAILED) {
		if (send_agent(&t, agent, remote, timeout_s, err) < 0) {
			(void)rs_err_wrap(err, "no channel to \"%s\" (%.300s)", url, first.text);
			return NULL;
		}
		s = start_agent(&t, remote, url, timeout_s, err);
	} else if (s == NULL) {
		(void)rs_err_set(err, first.kind, "%s", first.text);
	}
	return rs_channel_over(RS_STEAL(&s), url, err);
}
