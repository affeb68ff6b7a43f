/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restudy: finds the command, runs it, prints its error once. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cli_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/stop.h"

static const struct rs_cli_command *const commands[] = {
	&rs_cli_check,	&rs_cli_steps,	 &rs_cli_doctor,  &rs_cli_run,	  &rs_cli_status,
	&rs_cli_report, &rs_cli_claims,	 &rs_cli_compare, &rs_cli_audit,  &rs_cli_import, &rs_cli_export,
	&rs_cli_archive, &rs_cli_verify, &rs_cli_deposit, &rs_cli_clean,  &rs_cli_httpload,
	&rs_cli_worker, NULL,
};

static void print_usage(FILE *f)
{
	(void)fputs("usage: restudy COMMAND [ARGUMENT ...]\n\n"
		    "Re-runs a published systems study from one XML plan, and says what holds.\n\n",
		    f);
	for (size_t i = 0; commands[i] != NULL; i++)
		if (!commands[i]->hidden)
			(void)fprintf(f, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
	(void)fputs("\n\"restudy COMMAND --help\" tells the rest; restudy(1) is the manual.\n"
		    "exit status: 0 done; 1 cells failed or missing, or a check found something;\n"
		    "2 usage or plan error; 3 the machine lacks something; 4 internal error;\n"
		    "130 interrupted, resumable\n", f);
}

static void print_help(const struct rs_cli_command *c)
{
	(void)printf("usage: restudy %s %s\n\n%s\n", c->name, c->arguments, c->summary);
	if (c->options != NULL)
		(void)printf("\n%s", c->options);
}

static int wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return 1;
	return 0;
}

/* Who reads a pipe may stop when he has seen enough ("| head"): then this program ends as any other
 * that writes to it, by the signal and without a word. */
static void end_with_reader(const struct rs_err *err)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
	char reason[128];

	if (strstr(err->text, rs_err_errno(EPIPE, reason, sizeof(reason))) == NULL ||
	    poll(&out, 1, 0) != 1 || (out.revents & POLLERR) == 0)
		return;
	(void)signal(SIGPIPE, SIG_DFL);
	(void)raise(SIGPIPE);
}

/* Output that could not be written is a failure like any other; else status. */
static int end_output(int status)
{
	struct rs_err err = RS_ERR_INIT;

	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	(void)rs_err_sys(&err, RS_ERR_FAILED, errno, "cannot write the output");
	end_with_reader(&err);
	(void)fprintf(stderr, "restudy: %s\n", err.text);
	return rs_err_exit_status(err.kind);
}

/*
 * A descriptor of standard input, output or errors that was closed would be given to the next file
 * that is opened: to the database.  It is held by one that cannot be written to.
 */
static void hold_descriptors(void)
{
	int fd = open("/dev/null", O_RDONLY);

	while (fd >= 0 && fd <= STDERR_FILENO)
		fd = open("/dev/null", O_RDONLY);
	if (fd >= 0)
		(void)close(fd);
}

static int run_command(const struct rs_cli_command *c, int argc, char **argv)
{
	struct rs_err err = RS_ERR_INIT;
	int status;

	if (wants_help(argc, argv)) {
		print_help(c);
		return end_output(0);
	}
	/* Machines and daemons that a child leaves are reaped here, so that libvirt does
	 * not wait for a slow first process. */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (rs_stop_install(&err) < 0)
		status = -1;
	else
		status = c->run(argc, argv, &err);
	if (status >= 0)
		return end_output(status);
	end_with_reader(&err);
	(void)fprintf(stderr, "restudy: %s\n", err.text[0] != '\0' ? err.text : "unknown error");
	if (err.kind == RS_ERR_USAGE)
		(void)fprintf(stderr, "usage: restudy %s %s\n", c->name, c->arguments);
	return rs_err_exit_status(err.kind == RS_ERR_NONE ? RS_ERR_INTERNAL : err.kind);
}

int main(int argc, char **argv)
{
	hold_descriptors();
	if (argc < 2) {
		print_usage(stderr);
		return 2;
	}
	if (strcmp(argv[1], "--version") == 0) {
		(void)printf("restudy %s\n", RS_VERSION);
		return end_output(0);
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		print_usage(stdout);
		return end_output(0);
	}
	for (size_t i = 0; commands[i] != NULL; i++)
		if (strcmp(commands[i]->name, argv[1]) == 0)
			return run_command(commands[i], argc - 1, argv + 1);
	(void)fprintf(stderr, "restudy: no command \"%.40s\"\n", argv[1]);
	print_usage(stderr);
	return 2;
}
