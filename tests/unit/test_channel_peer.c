/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Channels against a peer that is no agent of ours: nothing it says may do harm. */
#include "channel_world.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "restudy/channel/wire.h"

static void send_raw(int fd, const void *p, size_t n)
{
	const char *s = p;

	while (n > 0) {
		const ssize_t k = send(fd, s, n, MSG_NOSIGNAL);

		if (k <= 0)
			return;
		s += k;
		n -= (size_t)k;
	}
}

static void send_frame(int fd, uint32_t type, const void *p, size_t n)
{
	unsigned char head[RS_WIRE_HEADER];

	rs_wire_head(head, type, n);
	send_raw(fd, head, sizeof(head));
	send_raw(fd, p, n);
}

static int read_raw(int fd, unsigned char *p, size_t n)
{
	while (n > 0) {
		const ssize_t k = read(fd, p, n);

		if (k <= 0)
			return -1;
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

static void send_name(int fd, const char *name)
{
	unsigned char bytes[2048];
	struct rs_wire_out o = { bytes, sizeof(bytes), 0, 0 };

	rs_wire_put_text(&o, name);
	send_frame(fd, RS_WIRE_FILE, bytes, o.len);
	send_frame(fd, RS_WIRE_DATA, "evil", 4);
}

/* Plays an agent for one connection: greets, waits for a request, then misbehaves. */
static pid_t play(const char *path, void (*misbehave)(int fd, const char *word), const char *word)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unsigned char bytes[RS_WIRE_HEADER + RS_WIRE_GREETING];
	pid_t pid = 0;
	int fd = -1;

	(void)unlink(path);
	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	assert_int_equal(bind(listener, (const struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(listener, 1), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid != 0) {
		close(listener);
		return pid;
	}
	alarm(60);
	fd = accept(listener, NULL, NULL);
	for (size_t i = 0; i < RS_WIRE_FILLER; i++)
		if (read_raw(fd, bytes, 1) < 0 || bytes[0] != 0)
			_exit(1);
	if (read_raw(fd, bytes, sizeof(bytes)) < 0)
		_exit(1);
	/* What an earlier client did not read is skipped. */
	send_raw(fd, "stale RSAG\n", 11);
	send_frame(fd, RS_WIRE_WELCOME, "0123456789abcdef\1\0\0\0", RS_WIRE_GREETING);
	send_frame(fd, RS_WIRE_WELCOME, bytes + sizeof(bytes) - RS_WIRE_GREETING, RS_WIRE_GREETING);
	if (read_raw(fd, bytes, RS_WIRE_HEADER) < 0)
		_exit(1);
	misbehave(fd, word);
	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
	_exit(0);
}

static void name_file(int fd, const char *word)
{
	send_name(fd, word);
	send_frame(fd, RS_WIRE_END, "\4\0\0\0\0\0\0\0", 8);
}

static void evil_names_are_refused(void **state)
{
	static const char *const names[] = {
		"/etc/restudy-evil", "../escaped", "a/../../escaped", "..", ".", "", "a//b", "a/",
		"-rf", "a b", "a\nb", "a/-x", "\xff", "$(x)",
	};
	RS_AUTO_STR *path = in_dir(*state, "hostile");
	RS_AUTO_STR *to = in_dir(*state, "jail/inner");
	RS_AUTO_STR *escaped = in_dir(*state, "jail/escaped");

	for (size_t i = 0; i < RS_COUNT(names); i++) {
		const pid_t pid = play(path, name_file, names[i]);
		RS_AUTO_CHANNEL *ch = rs_channel_unix(path, 20, NULL);
		char **list = NULL;
		size_t n = 0;

		assert_non_null(ch);
		assert_int_equal(rs_channel_pull_tree(ch, "/any", to, 1000, NULL), -1);
		rs_channel_closep(&ch);
		waitpid(pid, NULL, 0);
		assert_int_equal(rs_path_exists(escaped), 0);
		assert_int_equal(rs_path_exists("/etc/restudy-evil"), 0);
		assert_int_equal(rs_path_list(to, &list, &n, NULL), 0);
		assert_int_equal(n, 0);
		rs_free_argv(&list);
	}
}

static void a_good_name_is_not_refused(void **state)
{
	RS_AUTO_STR *path = in_dir(*state, "hostile");
	RS_AUTO_STR *to = in_dir(*state, "jail/good");
	RS_AUTO_STR *file = in_dir(*state, "jail/good/a/b.txt");
	RS_AUTO_STR *text = NULL;
	const pid_t pid = play(path, name_file, "a/b.txt");
	RS_AUTO_CHANNEL *ch = rs_channel_unix(path, 20, NULL);

	assert_non_null(ch);
	assert_int_equal(rs_channel_pull_tree(ch, "/any", to, 1000, NULL), 0);
	text = read_file(file);
	assert_string_equal(text, "evil");
	rs_channel_closep(&ch);
	waitpid(pid, NULL, 0);
}

static void huge_length(int fd, const char *word)
{
	unsigned char head[RS_WIRE_HEADER];

	(void)word;
	rs_wire_head(head, RS_WIRE_DATA, 0x7fffffff);
	send_raw(fd, head, sizeof(head));
}

static void wrong_magic(int fd, const char *word)
{
	(void)word;
	send_raw(fd, "HTTP/1.1 200 OK\r\n\r\n", 19);
}

static void wrong_type(int fd, const char *word)
{
	(void)word;
	send_frame(fd, 4711, "x", 1);
}

static void other_answer(int fd, const char *word)
{
	(void)word;
	send_frame(fd, RS_WIRE_PUSH, "x", 1);
}

static void hang_up_in_frame(int fd, const char *word)
{
	unsigned char head[RS_WIRE_HEADER];

	(void)word;
	rs_wire_head(head, RS_WIRE_DATA, 1000);
	send_raw(fd, head, sizeof(head));
	send_raw(fd, "only this", 9);
	shutdown(fd, SHUT_RDWR);
}

static void endless_data(int fd, const char *word)
{
	static const unsigned char zeros[RS_WIRE_PAYLOAD_MAX];

	(void)word;
	for (int i = 0; i < 100; i++)
		send_frame(fd, RS_WIRE_DATA, zeros, sizeof(zeros));
}

static void empty_data(int fd, const char *word)
{
	(void)word;
	send_frame(fd, RS_WIRE_DATA, "", 0);
}

static void wrong_total(int fd, const char *word)
{
	(void)word;
	send_frame(fd, RS_WIRE_DATA, "1234", 4);
	send_frame(fd, RS_WIRE_END, "\5\0\0\0\0\0\0\0", 8);
}

static void stall(int fd, const char *word)
{
	(void)fd;
	(void)word;
}

static void endless_output(int fd, const char *word)
{
	static const unsigned char zeros[RS_WIRE_PAYLOAD_MAX];

	(void)word;
	for (int i = 0; i < 100; i++)
		send_frame(fd, RS_WIRE_STDOUT, zeros, sizeof(zeros));
}

static void impossible_status(int fd, const char *word)
{
	unsigned char exit_[12 + 64] = { 0 };

	(void)word;
	exit_[1] = 1;	/* status 256 */
	send_frame(fd, RS_WIRE_EXIT, exit_, sizeof(exit_));
}

static void short_exit(int fd, const char *word)
{
	(void)word;
	send_frame(fd, RS_WIRE_EXIT, "\0\0\0\0", 4);
}

static void unasked_more(int fd, const char *word)
{
	(void)word;
	send_frame(fd, RS_WIRE_MORE, "", 0);
}

struct misdeed {
	void (*misbehave)(int fd, const char *word);
	enum rs_err_kind kind;
	const char *text;
};

static void broken_pulls_are_refused(void **state)
{
	static const struct misdeed misdeeds[] = {
		{ huge_length, RS_ERR_FAILED, "no frame" },
		{ wrong_magic, RS_ERR_FAILED, "no frame" },
		{ wrong_type, RS_ERR_FAILED, "no frame" },
		{ other_answer, RS_ERR_FAILED, "another request" },
		{ hang_up_in_frame, RS_ERR_FAILED, "lost" },
		{ endless_data, RS_ERR_FAILED, "more bytes than asked for" },
		{ empty_data, RS_ERR_FAILED, "more bytes than asked for" },
		{ wrong_total, RS_ERR_FAILED, "wrong number of bytes" },
		{ stall, RS_ERR_TIMEOUT, "no answer" },
	};
	RS_AUTO_STR *path = in_dir(*state, "hostile");
	RS_AUTO_STR *to = in_dir(*state, "stolen");

	for (size_t i = 0; i < RS_COUNT(misdeeds); i++) {
		const pid_t pid = play(path, misdeeds[i].misbehave, NULL);
		RS_AUTO_CHANNEL *ch = rs_channel_unix(path, 20, NULL);
		struct rs_err err = RS_ERR_INIT;

		assert_non_null(ch);
		rs_channel_patience(ch, misdeeds[i].kind == RS_ERR_TIMEOUT ? 0.3 : 20);
		assert_int_equal(rs_channel_pull(ch, "/any", to, 1000, &err), -1);
		assert_int_equal(err.kind, misdeeds[i].kind);
		assert_non_null(strstr(err.text, misdeeds[i].text));
		assert_int_equal(rs_path_exists(to), 0);
		/* The channel is dead, and says so at once. */
		rs_err_clear(&err);
		assert_int_equal(rs_channel_pull(ch, "/any", to, 1000, &err), -1);
		assert_non_null(strstr(err.text, "lost"));
		rs_channel_closep(&ch);
		waitpid(pid, NULL, 0);
	}
}

static void broken_runs_are_refused(void **state)
{
	static const struct misdeed misdeeds[] = {
		{ huge_length, RS_ERR_FAILED, "no frame" },
		{ wrong_magic, RS_ERR_FAILED, "no frame" },
		{ other_answer, RS_ERR_FAILED, "another request" },
		{ hang_up_in_frame, RS_ERR_FAILED, "lost" },
		{ endless_output, RS_ERR_FAILED, "more output than asked for" },
		{ impossible_status, RS_ERR_FAILED, "impossible result" },
		{ short_exit, RS_ERR_FAILED, "impossible result" },
		{ unasked_more, RS_ERR_FAILED, "another request" },
		{ stall, RS_ERR_TIMEOUT, "no answer" },
	};
	RS_AUTO_STR *path = in_dir(*state, "hostile");

	for (size_t i = 0; i < RS_COUNT(misdeeds); i++) {
		const pid_t pid = play(path, misdeeds[i].misbehave, NULL);
		RS_AUTO_CHANNEL *ch = rs_channel_unix(path, 20, NULL);
		const char *argv[] = { "true", NULL };
		const struct rs_exec x = { .argv = argv, .timeout_s = 0.1, .output_max = 100000 };
		struct rs_err err = RS_ERR_INIT;
		struct rs_cmd_result r;

		assert_non_null(ch);
		rs_channel_patience(ch, misdeeds[i].kind == RS_ERR_TIMEOUT ? 0.3 : 20);
		assert_int_equal(rs_channel_run(ch, &x, &r, &err), -1);
		assert_int_equal(err.kind, misdeeds[i].kind);
		assert_non_null(strstr(err.text, misdeeds[i].text));
		rs_channel_closep(&ch);
		waitpid(pid, NULL, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evil_names_are_refused),
		cmocka_unit_test(a_good_name_is_not_refused),
		cmocka_unit_test(broken_pulls_are_refused),
		cmocka_unit_test(broken_runs_are_refused),
	};

	return cmocka_run_group_tests_name("channel peer", tests, world_begin, world_end);
}
