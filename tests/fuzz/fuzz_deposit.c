/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as what a repository answers.  The first byte chooses the protocol; answers stand
 * one after the other, separated by NUL, and each connection gets the next.  The token is told to
 * nobody, and what is kept of an answer is text that ends.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz_priv.h"
#include "restudy/archive/deposit.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/model/plan.h"

#define TEXT(literal) ((char *)(uintptr_t)(literal))
#define TOKEN "s3cret-token-1234"

struct server {
	int fd, port;
	const uint8_t *data;
	size_t size;
};

/* The head of a request, as far as it comes; the rest stays in the socket. */
static void hear(int c)
{
	char head[4096];
	size_t n = 0;

	while (n < sizeof(head) && recv(c, head + n, 1, 0) == 1)
		if (++n >= 4 && memcmp(head + n - 4, "\r\n\r\n", 4) == 0)
			return;
}

static void *serve(void *user)
{
	struct server *s = user;
	int c;

	while ((c = accept(s->fd, NULL, NULL)) >= 0) {
		const uint8_t *nul = memchr(s->data, '\0', s->size);
		size_t n = nul == NULL ? s->size : (size_t)(nul - s->data);
		char sink[4096];

		hear(c);
		(void)!send(c, s->data, n, MSG_NOSIGNAL);
		s->data += n + (nul != NULL);
		s->size -= n + (nul != NULL);
		/* the end of the answer, and then of the request */
		(void)shutdown(c, SHUT_WR);
		while (recv(c, sink, sizeof(sink), 0) > 0)
			;
		(void)close(c);
	}
	return NULL;
}

static void listen_at(struct server *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(s->fd >= 0 && bind(s->fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(s->fd, 16) == 0 &&
	     getsockname(s->fd, (struct sockaddr *)&a, &n) == 0);
	s->port = ntohs(a.sin_port);
}

static void ends(const char *text, size_t size)
{
	must(memchr(text, '\0', size) != NULL);
}

static void deposit(const char *jail, int port, int kind)
{
	RS_AUTO_STR *bag = rs_path_join(jail, "bag.zip", NULL);
	const struct rs_plan plan = { .id = TEXT("study"), .title = TEXT("Study") };
	const struct rs_bag_person person = { "Doe, J.", NULL, NULL };
	struct rs_deposit_result r;
	struct rs_err err = RS_ERR_INIT;
	uint8_t bytes[250];
	char url[64];
	const struct rs_deposit_options o = {
		.kind = kind % 2 == 0 ? RS_DEPOSIT_INVENIO : RS_DEPOSIT_WEBDAV, .url = url, .plan = &plan,
		.people = &person, .n_people = 1, .date = "2026-11-23", .timeout_s = 2, .attempts = 2,
		.pause_s = 1e-6, .chunk_bytes = 100, .reserve_doi = kind % 4 == 2, .publish = kind % 2 == 0,
	};
	int rc;

	must(bag != NULL);
	memset(bytes, 'x', sizeof(bytes));
	fuzz_write(bag, bytes, sizeof(bytes));
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/", port);
	rc = rs_deposit(bag, &o, &r, &err);
	must_tell(rc, &err);
	must(strstr(err.text, TOKEN) == NULL);
	ends(r.id, sizeof(r.id));
	ends(r.doi, sizeof(r.doi));
	ends(r.url, sizeof(r.url));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct server s = { .fd = -1, .data = data + 1, .size = size - 1 };
	pthread_t thread;
	char jail[200];

	/* an answer that asks to wait is waited for */
	if (size == 0 || memmem(data, size, "fter:", 5) != NULL)
		return 0;
	must(setenv("RESTUDY_TOKEN", TOKEN, 1) == 0);
	fuzz_jail(jail);
	listen_at(&s);
	must(pthread_create(&thread, NULL, serve, &s) == 0);
	deposit(jail, s.port, data[0]);
	must(shutdown(s.fd, SHUT_RDWR) == 0 && pthread_join(thread, NULL) == 0 && close(s.fd) == 0);
	must(rs_path_remove_tree(jail, NULL) == 0);
	return 0;
}
