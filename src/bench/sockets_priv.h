/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sockets that libcurl's multi interface watches, in an epoll set (sockets.c). */
#ifndef SOCKETS_PRIV_H
#define SOCKETS_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "restudy/base/err.h"

struct rs_watch;

struct rs_sockets {
	int poll_fd;		/* of epoll; callers may add descriptors of their own */
	struct rs_watch *watches;	/* by descriptor; owned */
	size_t n;
};

int rs_sockets_init(struct rs_sockets *s, struct rs_err *err) RS_MUST_CHECK;
void rs_sockets_release(struct rs_sockets *s);

/* For CURLOPT_OPENSOCKETFUNCTION, CURLOPT_CLOSESOCKETFUNCTION and CURLMOPT_SOCKETFUNCTION; the
 * data of each is the struct rs_sockets. */
curl_socket_t rs_sockets_open(void *sockets, curlsocktype purpose, struct curl_sockaddr *a);
int rs_sockets_close(void *sockets, curl_socket_t fd);
int rs_sockets_want(CURL *easy, curl_socket_t fd, int what, void *sockets, void *known);

/* What epoll told of fd, as curl_multi_socket_action takes it; 0: nobody asked. */
int rs_sockets_take(struct rs_sockets *s, int fd, uint32_t events);
/* To call after that action: what may be left to read is told again. */
void rs_sockets_taken(struct rs_sockets *s, int fd, uint32_t events);

#endif
