/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The display of a run: a live line on a terminal, dated lines elsewhere. */
#include "progress_priv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli_priv.h"
#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/text.h"

struct rs_cli_progress {
	FILE *out;
	int live, colour;
	int64_t begin_ns;
	int shown;		/* a live line stands there */
	size_t finished, total;
	double left_s;
	char phase[32];
};

int rs_cli_is_live(FILE *out)
{
	const char *term = getenv("TERM");

	return isatty(fileno(out)) == 1 && term != NULL && strcmp(term, "dumb") != 0;
}

struct rs_cli_progress *rs_cli_progress_new(FILE *out, struct rs_err *err)
{
	struct rs_cli_progress *p = rs_alloc(1, sizeof(*p), err);
	const char *no_colour = getenv("NO_COLOR");

	if (p == NULL)
		return NULL;
	p->out = out;
	p->live = rs_cli_is_live(out);
	p->colour = p->live && (no_colour == NULL || no_colour[0] == '\0');
	p->begin_ns = rs_clock_ns();
	p->left_s = -1;
	return p;
}

static int width(const struct rs_cli_progress *p)
{
	struct winsize w;

	if (ioctl(fileno(p->out), TIOCGWINSZ, &w) != 0 || w.ws_col < 20)
		return 80;
	return w.ws_col;
}

static void wipe(struct rs_cli_progress *p)
{
	if (p->shown)
		(void)fputs("\r\x1b[K", p->out);
	p->shown = 0;
}

/* One line that stays: the time, the phase, the text. */
static void say(struct rs_cli_progress *p, const char *phase, const char *text, const char *colour)
{
	RS_AUTO_BUF clean = RS_BUF_INIT;
	char when[40];

	rs_text_show(&clean, text);
	wipe(p);
	(void)rs_clock_utc(when, sizeof(when), rs_clock_wall_s());
	(void)fprintf(p->out, "%s%s %s%-9s %s%s\n", p->colour ? "\x1b[2m" : "", when,
		      p->colour ? "\x1b[0m" : "", phase, p->colour ? colour : "", rs_buf_str(&clean));
	if (p->colour)
		(void)fputs("\x1b[0m", p->out);
	(void)fflush(p->out);
}

static void show(struct rs_cli_progress *p, const char *now)
{
	char line[400], elapsed[40], span[40], left[80] = "", cells[60] = "";
	int columns = width(p);

	if (!p->live)
		return;
	(void)rs_clock_span(elapsed, sizeof(elapsed), (double)(rs_clock_ns() - p->begin_ns) / 1e9);
	if (p->total > 0)
		(void)snprintf(cells, sizeof(cells), "  %zu/%zu cells", p->finished, p->total);
	if (p->left_s > 0)	/* of measuring alone */
		(void)snprintf(left, sizeof(left), ", about %s left",
			       rs_clock_span(span, sizeof(span), p->left_s));
	(void)snprintf(line, sizeof(line), "%s%s  %s%s  %s", p->phase, cells, elapsed, left, now);
	if (columns < (int)sizeof(line))
		line[columns - 1] = '\0';
	wipe(p);
	(void)fputs(line, p->out);
	(void)fflush(p->out);
	p->shown = 1;
}

static void on_event(void *user, const char *phase, const char *text)
{
	struct rs_cli_progress *p = user;

	(void)snprintf(p->phase, sizeof(p->phase), "%s", phase);
	say(p, phase, text, "");
	show(p, "");
}

static void on_cell(void *user, const struct rs_cell *c, enum rs_cell_state state,
		    const char *reason, size_t finished, size_t total, double left_s)
{
	struct rs_cli_progress *p = user;
	char what[300], text[1600];

	p->finished = finished;
	p->total = total;
	p->left_s = left_s;
	(void)snprintf(p->phase, sizeof(p->phase), "%s", rs_phase_name(RS_PHASE_MEASURE));
	(void)rs_cell_describe(what, sizeof(what), c);
	if (state == RS_CELL_RUNNING) {
		show(p, what);
		return;
	}
	(void)snprintf(text, sizeof(text), "%s: %s%s%s (%zu of %zu)", what, rs_cell_state_name(state),
		       reason != NULL && state != RS_CELL_DONE ? ": " : "",
		       reason != NULL && state != RS_CELL_DONE ? reason : "", finished, total);
	say(p, p->phase, text, state == RS_CELL_DONE ? "\x1b[32m" : "\x1b[31m");
	show(p, "");
}

struct rs_run_watch rs_cli_progress_watch(struct rs_cli_progress *p)
{
	return (struct rs_run_watch){ .event = on_event, .cell = on_cell, .user = p };
}

void rs_cli_progress_free(struct rs_cli_progress *p)
{
	if (p == NULL)
		return;
	wipe(p);
	(void)fflush(p->out);
	free(p);
}
