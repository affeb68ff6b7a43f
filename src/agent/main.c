/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy-agent: options, and a process for each endpoint. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "init_priv.h"
#include "restudy/channel/wire.h"
#include "spawn_priv.h"

static const char help[] =
	"Usage: restudy-agent [--init [--mounts] [--hostname NAME]] ENDPOINT...\n"
	"\n"
	"Runs commands and carries files for restudy on this machine. Each endpoint is\n"
	"served by a process of its own; all speak the same protocol (restudy/channel/wire.h).\n"
	"\n"
	"Endpoints:\n"
	"  --stdio               the client is on standard input and output; ends with it\n"
	"  --unix PATH           listen on a unix socket, for this user only\n"
	"  --tcp ADDRESS:PORT    listen on TCP; whoever reaches it commands this machine,\n"
	"                        so give 127.0.0.1 or the address of an isolated network\n"
	"  --device PATH         a character device; waits for it, and for one client after\n"
	"                        another; /dev/virtio-ports/NAME is found without udev too\n"
	"\n"
	"As process 1:\n"
	"  --init                reap orphans, bring up the loopback interface; on SIGTERM,\n"
	"                        SIGPWR or SIGINT kill everything and end\n"
	"  --mounts              mount /proc, /sys, /dev, /dev/pts, /run, /tmp where missing\n"
	"  --hostname NAME       set the host name\n"
	"\n"
	"  --help, --version\n"
	"\n"
	"A command runs in a process group of its own, which is killed when its time or\n"
	"output limit is passed or the connection is lost. When the client cancels, the group\n"
	"gets SIGTERM, and is killed if it goes on for 10 s. What a command leaves in the\n"
	"background in a session of its own stays.\n"
	"\n"
	"Exit status: 0 the client has left; 1 something failed, or a signal; 2 wrong use.\n";

struct options {
	struct rs_endpoint endpoints[RS_ENDPOINTS_MAX];
	size_t n;
	struct rs_init init;
	int is_init;
};

static int misuse(const char *why, const char *what)
{
	fprintf(stderr, "restudy-agent: %s%s; see restudy-agent --help\n", why, what);
	return 2;
}

static int add_endpoint(struct options *o, enum rs_endpoint_kind kind, const char *where)
{
	if (o->n == RS_ENDPOINTS_MAX)
		return misuse("too many endpoints", "");
	o->endpoints[o->n++] = (struct rs_endpoint){ kind, where };
	return 0;
}

/* Returns -1 to go on, or an exit status. */
static int read_options(struct options *o, int argc, char **argv)
{
	static const struct option table[] = {
		{ "device", required_argument, NULL, 'd' }, { "help", no_argument, NULL, 'h' },
		{ "hostname", required_argument, NULL, 'H' }, { "init", no_argument, NULL, 'i' },
		{ "mounts", no_argument, NULL, 'm' },	 { "stdio", no_argument, NULL, 's' },
		{ "tcp", required_argument, NULL, 't' }, { "unix", required_argument, NULL, 'u' },
		{ "version", no_argument, NULL, 'V' },	 { NULL, 0, NULL, 0 },
	};
	int rc = 0;

	for (int c = 0; rc == 0 && (c = getopt_long(argc, argv, "", table, NULL)) != -1;) {
		if (c == 'd')
			rc = add_endpoint(o, RS_ENDPOINT_DEVICE, optarg);
		else if (c == 's')
			rc = add_endpoint(o, RS_ENDPOINT_STDIO, NULL);
		else if (c == 't')
			rc = add_endpoint(o, RS_ENDPOINT_TCP, optarg);
		else if (c == 'u')
			rc = add_endpoint(o, RS_ENDPOINT_UNIX, optarg);
		else if (c == 'i')
			o->is_init = 1;
		else if (c == 'm')
			o->init.mounts = 1;
		else if (c == 'H')
			o->init.hostname = optarg;
		else if (c == 'h')
			return fputs(help, stdout) == EOF;
		else if (c == 'V')
			return printf("restudy-agent, protocol %u\n", RS_WIRE_VERSION) < 0;
		else
			rc = 2;
	}
	if (rc == 0 && optind < argc)
		rc = misuse("unexpected argument ", argv[optind]);
	if (rc == 0 && o->n == 0)
		rc = misuse("no endpoint", "");
	if (rc == 0 && !o->is_init && (o->init.mounts || o->init.hostname != NULL))
		rc = misuse("--mounts and --hostname need --init", "");
	return rc == 0 ? -1 : rc;
}

/* A process each; all end with this one. */
static int serve_several(const struct options *o)
{
	const pid_t parent = getpid();
	int wstatus = 0, worst = 0;

	for (size_t i = 0; i < o->n; i++) {
		const pid_t pid = fork();

		if (pid < 0) {
			fprintf(stderr, "restudy-agent: cannot fork: %s\n", strerror(errno));
			return 1;
		}
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGTERM);
			_exit(getppid() == parent ? rs_endpoint_serve(&o->endpoints[i]) : 1);
		}
	}
	while (wait(&wstatus) > 0 || errno == EINTR) {
		const int status = WIFEXITED(wstatus) ? WEXITSTATUS(wstatus) : 1;

		worst = status > worst ? status : worst;
	}
	return worst;
}

/* Else a connection or a command's pipe could become 0, 1 or 2: process 1 of a machine without
 * a console has none of them.  Before /dev is mounted the root folder does as well. */
static void hold_standard_descriptors(void)
{
	int fd = 0;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			fd = open("/", O_RDONLY);
	} while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}

int main(int argc, char **argv)
{
	struct options o;
	int rc = 0;

	memset(&o, 0, sizeof(o));
	rc = read_options(&o, argc, argv);
	if (rc >= 0)
		return rc;
	hold_standard_descriptors();
	/* Descriptors that the starter left open would pass to every command. */
	close_range(3, ~0u, 0);
	setenv("PATH", RS_SYSTEM_PATH, 0);
	setenv("HOME", "/root", 0);
	if (o.is_init)
		return rs_init_main(&o.init, o.endpoints, o.n);
	return o.n == 1 ? rs_endpoint_serve(&o.endpoints[0]) : serve_several(&o);
}
