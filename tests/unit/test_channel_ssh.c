/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Channels over ssh: URLs, and a real sshd on the loopback interface with keys of
 * the test's own (skipped, with the reason, where sshd is not installed).
 */
#include "channel_world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "restudy/base/clock.h"
#include "restudy/base/hash.h"

static void wrong_urls_are_refused(void **state)
{
	static const char *const urls[] = {
		"", "host", "http://host", "ssh://", "ssh://-oProxyCommand=x", "ssh://a@-b",
		"ssh://a b", "ssh://host:", "ssh://host:0", "ssh://host:65536", "ssh://host:22x",
		"ssh://host/path", "ssh://$(id)@host", "ssh://user;x@host", "ssh://[::1", "ssh://@host",
	};
	const struct world *w = *state;

	for (size_t i = 0; i < RS_COUNT(urls); i++) {
		struct rs_err err = RS_ERR_INIT;

		assert_null(rs_channel_ssh(urls[i], w->agent, 1, &err));
		assert_int_equal(err.kind, RS_ERR_USAGE);
	}
}

static void must(const char *const *argv)
{
	RS_AUTO_CMD *cmd = rs_cmd_new(argv[0]);
	struct rs_err err = RS_ERR_INIT;

	rs_cmd_args(cmd, argv + 1);
	if (rs_cmd_run_ok(cmd, &err) < 0)
		fail_msg("%s", err.text);
}

static void write_text(const char *path, const char *fmt, ...) RS_PRINTF(2, 3);

static void write_text(const char *path, const char *fmt, ...)
{
	FILE *f = fopen(path, "we");
	va_list ap;

	assert_non_null(f);
	va_start(ap, fmt);
	assert_true(vfprintf(f, fmt, ap) >= 0);
	va_end(ap);
	assert_int_equal(fclose(f), 0);
}

/* A port that is free at this moment. */
static int free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(a);
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)&a, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	close(fd);
	return ntohs(a.sin_port);
}

static void wait_port(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				 .sin_addr = { htonl(INADDR_LOOPBACK) } };

	for (int i = 0; i < 500; i++) {
		const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		const int rc = connect(fd, (const struct sockaddr *)&a, sizeof(a));

		close(fd);
		if (rc == 0)
			return;
		rs_clock_sleep(0.02);
	}
	fail_msg("sshd does not listen");
}

/* A server that knows one key, and a client's configuration that knows the server. */
static pid_t start_server(const struct world *w, const char *sshd, int port, const char *user)
{
	RS_AUTO_STR *host_key = in_dir(w, "host_key");
	RS_AUTO_STR *key = in_dir(w, "key");
	RS_AUTO_STR *public = in_dir(w, "key.pub");
	RS_AUTO_STR *host_public = in_dir(w, "host_key.pub");
	RS_AUTO_STR *known = in_dir(w, "known_hosts");
	RS_AUTO_STR *server = in_dir(w, "sshd_config");
	RS_AUTO_STR *client = in_dir(w, "ssh_config");
	RS_AUTO_STR *text = NULL;

	must((const char *const[]){ "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", host_key, NULL });
	must((const char *const[]){ "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key, NULL });
	text = read_file(host_public);
	write_text(known, "[127.0.0.1]:%d %s", port, text);
	write_text(server,
		   "ListenAddress 127.0.0.1\nPort %d\nHostKey %s\nAuthorizedKeysFile %s\n"
		   "PidFile none\nUsePAM no\nStrictModes no\nPasswordAuthentication no\n"
		   "PermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\n",
		   port, host_key, public);
	write_text(client, "User %s\nIdentityFile %s\nIdentitiesOnly yes\nIdentityAgent none\n"
		   "UserKnownHostsFile %s\nGlobalKnownHostsFile /dev/null\n", user, key, known);
	assert_int_equal(setenv("RESTUDY_SSH_CONFIG", client, 1), 0);
	/* sshd as root wants this folder; others do without. */
	if (geteuid() == 0)
		(void)mkdir("/run/sshd", 0755);
	return start((const char *const[]){ sshd, "-D", "-q", "-f", server, NULL });
}

/* The line of known_hosts of another server at this address. */
static char *strangers_line(const struct world *w, int port)
{
	RS_AUTO_STR *key = in_dir(w, "stranger");
	RS_AUTO_STR *public = in_dir(w, "stranger.pub");
	RS_AUTO_STR *text = NULL;

	must((const char *const[]){ "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key, NULL });
	text = read_file(public);
	return rs_asprintf(NULL, "[127.0.0.1]:%d %s", port, text);
}

static void must_distrust(const char *url, const char *agent)
{
	struct rs_err err = RS_ERR_INIT;

	assert_null(rs_channel_ssh(url, agent, 30, &err));
	if (strstr(err.text, "key verification failed") == NULL || strstr(err.text, url) == NULL)
		fail_msg("%s", err.text);
}

static void ssh_works(void **state)
{
	const struct world *w = *state;
	RS_AUTO_STR *sshd = rs_path_program("sshd");
	RS_AUTO_STR *known = in_dir(w, "known_hosts");
	RS_AUTO_STR *agent = in_dir(w, "an agent [1]");
	RS_AUTO_STR *remote = NULL;
	RS_AUTO_STR *line = NULL;
	const struct passwd *pw = getpwuid(geteuid());
	const int port = free_port();
	struct rs_err err = RS_ERR_INIT;
	char hex[RS_SHA256_HEX], url[64];
	struct rs_channel *ch = NULL;
	pid_t server = 0;
	int was_there = 0;

	if (sshd == NULL || pw == NULL) {
		print_message("skipped: no sshd on this machine (package openssh-server)\n");
		skip();
	}
	assert_int_equal(rs_path_copy(w->agent, agent, NULL), 0);
	assert_int_equal(rs_sha256_file(agent, hex, NULL), 0);
	remote = rs_asprintf(NULL, "%s/.cache/restudy/restudy-agent-%.16s", pw->pw_dir, hex);
	was_there = rs_path_exists(remote);
	server = start_server(w, sshd, port, pw->pw_name);
	wait_port(port);
	(void)snprintf(url, sizeof(url), "ssh://127.0.0.1:%d", port);
	for (int i = 0; i < 2; i++) {	/* the second finds the agent there */
		ch = rs_channel_ssh(url, agent, 30, &err);
		assert_string_equal(err.text, "");
		assert_non_null(ch);
		assert_string_equal(rs_channel_name(ch), url);
		assert_int_equal(run_sh(ch, "exit 42").status, 42);
		rs_channel_close(ch);
		assert_int_equal(rs_path_exists(remote), 1);
	}
	/* A server whose key is not known, or is another one than it was, is not talked to. */
	write_text(known, "# nobody\n");
	must_distrust(url, agent);
	line = strangers_line(w, port);
	write_text(known, "%s", line);
	must_distrust(url, agent);
	stop(server);
	if (!was_there)
		(void)unlink(remote);
	(void)unsetenv("RESTUDY_SSH_CONFIG");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_urls_are_refused),
		cmocka_unit_test(ssh_works),
	};

	return cmocka_run_group_tests_name("channel ssh", tests, world_begin, world_end);
}
