/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The agent as a machine has it: on a character device whose stream never ends, as
 * process 1, and with a client that is told to stop.
 */
#include "channel_world.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>

#include "restudy/channel/wire.h"

/* ---- a device ---- */

static int listen_on(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

/* Copies what is there, all of it, to a blocking descriptor; -1 at the end. */
static int carry(int from, int to)
{
	char block[4096];
	const ssize_t n = read(from, block, sizeof(block));

	for (ssize_t done = 0; done < n && to >= 0;) {
		const ssize_t k = write(to, block + done, (size_t)(n - done));

		if (k <= 0)
			return -1;
		done += k;
	}
	return n <= 0 ? -1 : 0;
}

/* As a virtual machine's port does: one client after another on a stream that goes on;
 * what the machine says while nobody listens is lost. */
static pid_t start_port(int listener, int device)
{
	const pid_t pid = fork();
	int client = -1;

	assert_true(pid >= 0);
	if (pid != 0)
		return pid;
	(void)signal(SIGTERM, SIG_DFL);	/* the request to stop is not for this process */
	alarm(120);
	for (;;) {
		struct pollfd p[] = { { client < 0 ? listener : client, POLLIN, 0 },
				      { device, POLLIN, 0 } };

		(void)poll(p, 2, -1);
		if (p[0].revents != 0 && client < 0) {
			client = accept(listener, NULL, NULL);
		} else if (p[0].revents != 0 && carry(client, device) < 0) {
			close(client);
			client = -1;
		}
		if (p[1].revents != 0 && carry(device, client) < 0 && client < 0)
			_exit(1);
	}
}

struct port {
	char *socket;
	pid_t bridge, agent;
};

static struct port open_port(const struct world *w)
{
	struct port port = { .socket = in_dir(w, "port") };
	int master = -1, slave = -1, listener = 0;
	struct termios t;
	char name[128];

	(void)unlink(port.socket);
	assert_int_equal(openpty(&master, &slave, name, NULL, NULL), 0);
	assert_int_equal(tcgetattr(slave, &t), 0);
	cfmakeraw(&t);
	assert_int_equal(tcsetattr(slave, TCSANOW, &t), 0);
	listener = listen_on(port.socket);
	port.bridge = start_port(listener, master);
	port.agent = start((const char *const[]){ w->agent, "--device", name, NULL });
	close(master);
	close(slave);
	close(listener);
	return port;
}

static void close_port(struct port *port)
{
	stop(port->agent);
	stop(port->bridge);
	free(port->socket);
}

static void put_head(struct rs_wire_out *o, uint32_t type, size_t len)
{
	unsigned char head[RS_WIRE_HEADER];

	rs_wire_head(head, type, len);
	rs_wire_put_bytes(o, head, sizeof(head));
}

static void put_hello(struct rs_wire_out *o)
{
	put_head(o, RS_WIRE_HELLO, RS_WIRE_GREETING);
	rs_wire_put_bytes(o, "an earlier nonce", RS_WIRE_NONCE);
	rs_wire_put32(o, RS_WIRE_VERSION);
}

/* A client that greets, says this much, and is gone. */
static void say(const char *path, const struct rs_wire_out *words)
{
	static const unsigned char zeros[RS_WIRE_FILLER];
	unsigned char bytes[RS_WIRE_HEADER + RS_WIRE_GREETING];
	struct rs_wire_out hello = { bytes, sizeof(bytes), 0, 0 };
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	assert_int_equal(connect(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(send(fd, zeros, sizeof(zeros), MSG_NOSIGNAL), sizeof(zeros));
	put_hello(&hello);
	assert_int_equal(send(fd, hello.p, hello.len, MSG_NOSIGNAL), hello.len);
	assert_int_equal(recv(fd, bytes, sizeof(bytes), MSG_WAITALL), sizeof(bytes));
	assert_int_equal(send(fd, words->p, words->len, MSG_NOSIGNAL), words->len);
	close(fd);
}

static void must_answer(const struct port *port)
{
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_CHANNEL *ch = rs_channel_unix(port->socket, 30, &err);

	assert_string_equal(err.text, "");
	assert_non_null(ch);
	assert_int_equal(run_sh(ch, "exit 42").status, 42);
}

static void a_device_serves_one_client_after_another(void **state)
{
	struct port port = open_port(*state);

	for (int i = 0; i < 5; i++)
		must_answer(&port);
	close_port(&port);
}

static void half_a_file_of_a_lost_client_does_not_appear(void **state)
{
	RS_AUTO_STR *to = in_dir(*state, "half/file");
	RS_AUTO_STR *folder = in_dir(*state, "half");
	struct port port = open_port(*state);
	unsigned char bytes[1024];
	struct rs_wire_out o = { bytes, sizeof(bytes), 0, 0 };
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;

	put_head(&o, RS_WIRE_PUSH, 4 + 8 + 4 + strlen(to) + 1);
	rs_wire_put32(&o, 0644);
	rs_wire_put64(&o, 100);
	rs_wire_put_text(&o, to);
	/* The zeros of the next client fill this frame up to the size that was announced. */
	put_head(&o, RS_WIRE_DATA, 100);
	rs_wire_put_bytes(&o, "only this", 9);
	assert_int_equal(o.full, 0);
	say(port.socket, &o);
	must_answer(&port);
	assert_int_equal(rs_path_list(folder, &names, &n, NULL), 0);
	assert_int_equal(n, 0);
	close_port(&port);
}

static void a_command_of_a_lost_client_ends(void **state)
{
	RS_AUTO_STR *file = in_dir(*state, "lost-client");
	struct port port = open_port(*state);
	unsigned char bytes[1024], request[512];
	struct rs_wire_out o = { bytes, sizeof(bytes), 0, 0 };
	struct rs_wire_out r = { request, sizeof(request), 0, 0 };
	char script[256];
	pid_t pid = 0;

	(void)snprintf(script, sizeof(script), "echo $$ >%s; exec sleep 600", file);
	rs_wire_put64(&r, UINT64_C(600000000000));
	rs_wire_put64(&r, 1000);
	rs_wire_put64(&r, 0);
	rs_wire_put_text(&r, "/");
	rs_wire_put32(&r, 3);
	rs_wire_put_text(&r, "sh");
	rs_wire_put_text(&r, "-c");
	rs_wire_put_text(&r, script);
	rs_wire_put32(&r, 0);
	put_head(&o, RS_WIRE_RUN, r.len);
	rs_wire_put_bytes(&o, request, r.len);
	assert_int_equal(r.full + o.full, 0);
	say(port.socket, &o);
	pid = wait_pid(file);
	assert_int_equal(is_running(pid), 1);
	must_answer(&port);
	wait_end(pid);
	close_port(&port);
}

/* ---- process 1 ---- */

static void process_1_reaps_and_ends_at_once(void **state)
{
	const struct world *w = *state;
	RS_AUTO_STR *unshare = rs_path_program("unshare");
	RS_AUTO_STR *path = in_dir(w, "first");
	const char *test[] = { "unshare", "--pid", "--uts", "--net", "--mount-proc", "--fork", "true",
			       NULL };
	struct rs_channel *ch = NULL;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_CMD *cmd = rs_cmd_new(test[0]);
	pid_t pid = 0;

	rs_cmd_args(cmd, test + 1);
	if (unshare == NULL || rs_cmd_run_ok(cmd, &err) < 0) {
		print_message("skipped: no namespaces of one's own here: %s\n", err.text);
		skip();
	}
	pid = start((const char *const[]){ unshare, "--pid", "--uts", "--net", "--mount-proc", "--fork",
					   "--kill-child", w->agent, "--init", "--hostname", "guest-101",
					   "--unix", path, NULL });
	ch = rs_channel_unix(path, 20, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(run_sh(ch, "[ \"$(uname -n)\" = guest-101 ]").status, 0);
	assert_int_equal(run_sh(ch, "grep -q 127.0.0.1 /proc/net/fib_trie").status, 0);
	assert_int_equal(run_sh(ch, "(sleep 0.05 &); (true &); sleep 0.5; "
				    "! grep ') Z ' /proc/[0-9]*/stat").status, 0);
	assert_int_equal(run_sh(ch, "setsid sh -c 'trap \"\" TERM; sleep 600' >/dev/null 2>&1 &").status,
			 0);
	/* What serves an endpoint is started again: here the parent of this connection's process. */
	{
		const char *argv[] = { "sh", "-c", "read -r _ _ _ ppid _ </proc/$PPID/stat; "
				       "kill -KILL $ppid; sleep 600", NULL };
		const struct rs_exec x = { .argv = argv, .timeout_s = 20, .output_max = 100 };
		struct rs_cmd_result r;

		assert_int_equal(rs_channel_run(ch, &x, &r, &err), -1);
		rs_err_clear(&err);
		rs_channel_close(ch);
		ch = rs_channel_unix(path, 20, &err);
		assert_string_equal(err.text, "");
	}
	/* Whatever still runs does not delay the end. */
	{
		const char *argv[] = { "sh", "-c", "kill -TERM 1; sleep 600", NULL };
		const struct rs_exec x = { .argv = argv, .timeout_s = 20, .output_max = 100 };
		struct rs_cmd_result r;

		assert_int_equal(rs_channel_run(ch, &x, &r, &err), -1);
		assert_non_null(strstr(err.text, "lost"));
	}
	wait_end(pid);
	waitpid(pid, NULL, 0);
	rs_channel_close(ch);
}

/* Process 1 of a machine without a console has neither stdin nor stdout nor stderr. */
static void closed_descriptors_are_held(void **state)
{
	const struct world *w = *state;
	RS_AUTO_STR *path = in_dir(w, "closed");
	RS_AUTO_STR *script = rs_asprintf(NULL, "exec <&- >&- 2>&-; exec '%s' --unix '%s'", w->agent, path);
	const pid_t pid = start((const char *const[]){ "/bin/sh", "-c", script, NULL });
	RS_AUTO_CHANNEL *ch = rs_channel_unix(path, 20, NULL);
	RS_AUTO_STR *out = in_dir(w, "closed-out");
	RS_AUTO_STR *text = NULL;
	const char *argv[4];
	struct rs_exec x = sh(argv, "ls -l /proc/$PPID/fd/0 /proc/$PPID/fd/1 /proc/$PPID/fd/2 | "
				    "grep -c null");
	struct rs_cmd_result r;

	assert_non_null(ch);
	x.stdout_path = out;
	assert_int_equal(rs_channel_run(ch, &x, &r, NULL), 0);
	text = read_file(out);
	assert_string_equal(text, "3\n");
	stop(pid);
}

static void init_is_refused_to_others(void **state)
{
	const struct world *w = *state;
	RS_AUTO_CMD *cmd = rs_cmd_new(w->agent);
	RS_AUTO_BUF said = RS_BUF_INIT;
	struct rs_cmd_result r;

	rs_cmd_arg(cmd, "--init");
	rs_cmd_arg(cmd, "--stdio");
	rs_cmd_stderr_buf(cmd, &said);
	assert_int_equal(rs_cmd_run(cmd, &r, NULL), 0);
	assert_int_equal(r.status, 2);
	assert_non_null(strstr(rs_buf_str(&said), "process 1"));
}

/* ---- a stop ---- */

/* In a process of its own, since a stop is asked for only once. */
static int be_stopped(const struct world *w, int local, const char *script)
{
	RS_AUTO_CHANNEL *ch = local ? rs_channel_local(NULL) : rs_channel_unix(w->socket, 20, NULL);
	const char *argv[4];
	struct rs_exec x = sh(argv, script);
	struct rs_cmd_result r;

	x.timeout_s = 600;
	if (ch == NULL || rs_channel_run(ch, &x, &r, NULL) < 0 || !r.stopped || r.timed_out)
		return 1;
	/* What cleans up after the stop still works. */
	return run_sh(ch, "sleep 0.1; exit 42").status == 42 ? 0 : 2;
}

static void a_stop_ends_the_command_not_the_cleaning(void **state)
{
	const struct world *w = *state;

	for (int local = 0; local < 2; local++) {
		RS_AUTO_STR *file = in_dir(w, local ? "stopped-local" : "stopped");
		char script[256];
		int status = 0;
		pid_t client = 0, pid = 0;

		(void)snprintf(script, sizeof(script), "sleep 600 & echo $! >%s; wait", file);
		client = fork();
		assert_true(client >= 0);
		if (client == 0)
			_exit(be_stopped(w, local, script));
		pid = wait_pid(file);
		assert_int_equal(kill(client, SIGTERM), 0);
		assert_int_equal(waitpid(client, &status, 0), client);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		wait_end(pid);
	}
}

/* In a process of its own: asks for an agent after a stop was asked for. */
static int connect_after_stop(const char *path)
{
	struct rs_err err = RS_ERR_INIT;

	if (raise(SIGTERM) != 0 || !rs_stop_requested())
		return 1;
	return rs_channel_unix(path, 0.5, &err) == NULL && err.kind == RS_ERR_TIMEOUT ? 0 : 2;
}

/* 50 ms lie between two tries: a machine that cleans up is not kept busy by asking. */
static void an_absent_agent_is_asked_at_intervals(void **state)
{
	RS_AUTO_STR *path = in_dir(*state, "hangs-up");
	const int listener = listen_on(path);
	const pid_t client = fork();
	int status = -1, tries = 0;

	assert_true(client >= 0);
	if (client == 0)
		_exit(connect_after_stop(path));
	while (waitpid(client, &status, WNOHANG) == 0) {
		struct pollfd p = { listener, POLLIN, 0 };

		if (poll(&p, 1, 10) > 0) {
			close(accept(listener, NULL, NULL));
			tries++;
		}
	}
	close(listener);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(tries >= 1 && tries <= 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_serves_one_client_after_another),
		cmocka_unit_test(half_a_file_of_a_lost_client_does_not_appear),
		cmocka_unit_test(a_command_of_a_lost_client_ends),
		cmocka_unit_test(process_1_reaps_and_ends_at_once),
		cmocka_unit_test(closed_descriptors_are_held),
		cmocka_unit_test(init_is_refused_to_others),
		cmocka_unit_test(a_stop_ends_the_command_not_the_cleaning),
		cmocka_unit_test(an_absent_agent_is_asked_at_intervals),
	};

	return cmocka_run_group_tests_name("channel machine", tests, world_begin, world_end);
}
