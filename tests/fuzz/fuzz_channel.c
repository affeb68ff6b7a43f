/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as what an agent says.  The first byte chooses the request they answer.
 * A request ends, with a result or with a reason, and leaves nothing outside its folder.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../src/channel/channel_priv.h"
#include "../../src/channel/stream_priv.h"
#include "fuzz_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"

static int take_line(void *user, const char *line, struct rs_err *err)
{
	(void)line;
	return ++*(int *)user < 100 ? 0 : rs_err_set(err, RS_ERR_FAILED, "enough");
}

static int run(struct rs_channel *ch, struct rs_err *err)
{
	/* Two pieces: an answer may ask for the second one. */
	static const char input[RS_WIRE_PAYLOAD_MAX + 100];
	const char *argv[] = { "any", NULL };
	int lines = 0;
	const struct rs_exec x = { .argv = argv, .timeout_s = 1, .output_max = 1000,
				   .stdin_bytes = input, .stdin_len = sizeof(input),
				   .stdout_line = take_line, .line_user = &lines };
	struct rs_cmd_result r;
	const int rc = rs_channel_run(ch, &x, &r, err);

	must(rc < 0 || (r.status >= -1 && r.status <= 255 && (r.status == -1) == (r.signal != 0)));
	return rc;
}

static int tree(struct rs_channel *ch, const char *jail, struct rs_err *err)
{
	RS_AUTO_STR *inside = rs_path_join(jail, "inside", NULL);
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;
	int rc = 0;

	must(inside != NULL);
	rc = rs_channel_pull_tree(ch, "/any", inside, 1000, err);
	must(rs_path_list(jail, &names, &n, NULL) == 0 && n == 1);
	must(rs_path_remove_tree(inside, NULL) == 0);
	return rc;
}

/* A channel whose agent has said all that it will ever say. */
static struct rs_channel *listen_to(const uint8_t *data, size_t size, int *peer)
{
	int fd[2];

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0);
	must(write(fd[1], data, size) == (ssize_t)size && shutdown(fd[1], SHUT_WR) == 0);
	*peer = fd[1];
	return rs_channel_over(rs_stream_new(fd[0], 0, -1, "fuzz", NULL), "fuzz", NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char jail[200];
	struct rs_err err = RS_ERR_INIT;
	int peer = -1, rc = 0;

	if (size == 0)
		return 0;
	fuzz_jail(jail);
	{
		RS_AUTO_CHANNEL *ch = listen_to(data + 1, size - 1, &peer);

		must(ch != NULL);
		rs_channel_patience(ch, 5);
		if (data[0] % 4 == 0)
			rc = run(ch, &err);
		else if (data[0] % 4 == 1)
			rc = tree(ch, jail, &err);
		else if (data[0] % 4 == 2)
			rc = rs_channel_run_ok(ch, (const char *const[]){ "any", NULL }, 1, NULL, &err);
		else
			rc = rs_channel_push(ch, RS_SOURCE_DIR "/LICENSE", "/any", 0644, &err);
		must(rc == 0 || err.kind != RS_ERR_NONE);
		/* Only a command may take too long: all has been said. */
		must(err.kind != RS_ERR_TIMEOUT || data[0] % 4 == 2);
		must(err.kind != RS_ERR_INTERNAL);
	}
	close(peer);
	must(rs_path_remove_tree(jail, NULL) == 0);
	return 0;
}
