/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The builder of a command: arguments, environment, where its streams go. */
#include "restudy/base/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_priv.h"
#include "restudy/base/mem.h"

enum { DEFAULT_TIMEOUT_S = 600, DEFAULT_OUTPUT_MAX = 64 << 20 };

struct rs_cmd *rs_cmd_new(const char *program)
{
	struct rs_cmd *c = rs_alloc(1, sizeof(*c), NULL);

	if (c == NULL)
		return NULL;
	c->timeout_s = DEFAULT_TIMEOUT_S;
	c->output_max = DEFAULT_OUTPUT_MAX;
	rs_cmd_arg(c, program);
	return c;
}

void rs_cmd_free(struct rs_cmd *c)
{
	if (c == NULL)
		return;
	rs_free_argv(&c->argv);
	rs_free_argv(&c->env);
	free(c->cwd);
	free(c->stdin_bytes);
	for (int i = 0; i < 2; i++)
		free(c->stream[i].path);
	free(c);
}

void rs_cmd_freep(struct rs_cmd **c)
{
	rs_cmd_free(*c);
	*c = NULL;
}

/* Appends s (owned from here, NULL: out of memory) to a NULL-ended array. */
static void append(struct rs_cmd *c, char ***array, char *s)
{
	size_t n = 0;
	char **p;

	while (*array != NULL && (*array)[n] != NULL)
		n++;
	p = s != NULL ? realloc(*array, (n + 2) * sizeof(*p)) : NULL;
	if (p == NULL) {
		free(s);
		c->failed = 1;
		return;
	}
	p[n] = s;
	p[n + 1] = NULL;
	*array = p;
}

void rs_cmd_arg(struct rs_cmd *c, const char *arg)
{
	if (c != NULL)
		append(c, &c->argv, rs_strdup(arg, NULL));
}

void rs_cmd_argf(struct rs_cmd *c, const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;

	if (c == NULL)
		return;
	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	append(c, &c->argv, s);
}

void rs_cmd_args(struct rs_cmd *c, const char *const *argv)
{
	for (; *argv != NULL; argv++)
		rs_cmd_arg(c, *argv);
}

void rs_cmd_env(struct rs_cmd *c, const char *name, const char *value)
{
	if (c != NULL)
		append(c, &c->env, rs_asprintf(NULL, "%s%s%s", name, value != NULL ? "=" : "",
					       value != NULL ? value : ""));
}

static void replace(struct rs_cmd *c, char **p, const char *value)
{
	free(*p);
	*p = rs_strdup(value, NULL);
	if (*p == NULL)
		c->failed = 1;
}

void rs_cmd_cwd(struct rs_cmd *c, const char *path)
{
	if (c != NULL)
		replace(c, &c->cwd, path);
}

void rs_cmd_stdin_bytes(struct rs_cmd *c, const void *bytes, size_t n)
{
	if (c == NULL)
		return;
	free(c->stdin_bytes);
	c->stdin_bytes = malloc(n + 1);
	c->stdin_len = n;
	if (c->stdin_bytes == NULL)
		c->failed = 1;
	else if (n > 0)
		memcpy(c->stdin_bytes, bytes, n);
}

void rs_cmd_stdout_buf(struct rs_cmd *c, struct rs_buf *b)
{
	if (c != NULL)
		c->stream[0].buf = b;
}

void rs_cmd_stderr_buf(struct rs_cmd *c, struct rs_buf *b)
{
	if (c != NULL)
		c->stream[1].buf = b;
}

void rs_cmd_stdout_file(struct rs_cmd *c, const char *path)
{
	if (c != NULL)
		replace(c, &c->stream[0].path, path);
}

void rs_cmd_stderr_file(struct rs_cmd *c, const char *path)
{
	if (c != NULL)
		replace(c, &c->stream[1].path, path);
}

void rs_cmd_stdout_lines(struct rs_cmd *c, rs_cmd_line_fn *line, void *user)
{
	if (c == NULL)
		return;
	c->line = line;
	c->line_user = user;
}

void rs_cmd_timeout(struct rs_cmd *c, double seconds)
{
	if (c != NULL)
		c->timeout_s = seconds;
}

void rs_cmd_dies_with_us(struct rs_cmd *c)
{
	if (c != NULL)
		c->dies_with_us = 1;
}

void rs_cmd_limit_output(struct rs_cmd *c, size_t bytes)
{
	if (c != NULL)
		c->output_max = bytes;
}

static void add_quoted(struct rs_buf *b, const char *s)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789_@%+=:,./-";

	if (*s != '\0' && strspn(s, plain) == strlen(s)) {
		rs_buf_adds(b, s);
		return;
	}
	rs_buf_addc(b, '\'');
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			rs_buf_adds(b, "'\\''");
		else
			rs_buf_addc(b, *s);
	}
	rs_buf_addc(b, '\'');
}

char *rs_cmd_text(const struct rs_cmd *c, struct rs_err *err)
{
	RS_AUTO_BUF b = RS_BUF_INIT;
	char *text;

	if (c == NULL || c->failed || c->argv == NULL) {
		(void)rs_err_nomem(err);
		return NULL;
	}
	for (char **a = c->argv; *a != NULL; a++) {
		if (a != c->argv)
			rs_buf_addc(&b, ' ');
		add_quoted(&b, *a);
	}
	text = rs_buf_steal(&b);
	if (text == NULL)
		(void)rs_err_nomem(err);
	return text;
}

char *rs_cmd_describe_end(char *buf, size_t size, const struct rs_cmd_result *r)
{
	if (r->stopped)
		(void)snprintf(buf, size, "stopped on request");
	else if (r->timed_out)
		(void)snprintf(buf, size, "no end within its time, killed after %.1f s",
			       (double)r->wall_ns / 1e9);
	else if (r->flooded)
		(void)snprintf(buf, size, "more output than allowed, killed");
	else if (r->signal != 0)
		(void)snprintf(buf, size, "killed by signal %d", r->signal);
	else
		(void)snprintf(buf, size, "exit status %d", r->status);
	return buf;
}

int rs_cmd_run_ok(struct rs_cmd *c, struct rs_err *err)
{
	RS_AUTO_BUF said = RS_BUF_INIT;
	struct rs_cmd_result r;
	struct rs_buf *own = NULL;
	char end[80];
	int rc;

	if (c != NULL && c->stream[1].buf == NULL && c->stream[1].path == NULL)
		own = c->stream[1].buf = &said;
	rc = rs_cmd_run(c, &r, err);
	if (own != NULL)
		c->stream[1].buf = NULL;
	if (rc < 0)
		return -1;
	if (r.stopped)
		return rs_err_set(err, RS_ERR_INTERRUPTED, "interrupted while \"%s\" ran", c->argv[0]);
	if (r.status == 0 && !r.timed_out && !r.flooded)
		return 0;
	{
		RS_AUTO_STR *text = rs_cmd_text(c, err);

		if (text == NULL)
			return -1;
		return rs_err_set(err, r.timed_out ? RS_ERR_TIMEOUT : RS_ERR_FAILED,
				  "\"%.300s\" failed: %s%s%.300s", text,
				  rs_cmd_describe_end(end, sizeof(end), &r),
				  said.len > 0 ? ": " : "", rs_buf_last_line(&said));
	}
}
