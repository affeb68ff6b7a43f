/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far bytes are: a line that is rewritten on a terminal, now and then a dated one elsewhere. */
#include <inttypes.h>
#include <stdio.h>

#include "cli_priv.h"
#include "progress_priv.h"
#include "restudy/base/clock.h"

#define LIVE_NS INT64_C(200000000)
#define LINE_NS INT64_C(10000000000)

void rs_cli_bytes_show(void *user, uint64_t done, uint64_t total)
{
	struct rs_cli_bytes *b = user;
	const int64_t now = rs_clock_ns();
	const double mib = 1024.0 * 1024.0;
	char when[40];
	int live;

	if (b->shown_ns == 0)	/* what is soon done is not told of */
		b->shown_ns = now;
	if (now - b->shown_ns < LIVE_NS)	/* asked for every block: look no further */
		return;
	live = rs_cli_is_live(stderr);
	if (!live && now - b->shown_ns < LINE_NS)
		return;
	b->shown_ns = now;
	b->stands = live;
	if (live)
		(void)fputs("\r\x1b[K", stderr);
	else
		(void)fprintf(stderr, "%s ", rs_clock_utc(when, sizeof(when), rs_clock_wall_s()));
	(void)fprintf(stderr, "%s %.1f of %.1f MiB (%" PRIu64 " %%)%s", b->verb, (double)done / mib,
		      (double)total / mib, total == 0 ? 100 : done * 100 / total, live ? "" : "\n");
	(void)fflush(stderr);
}

void rs_cli_bytes_end(struct rs_cli_bytes *b)
{
	if (b->stands)
		(void)fputs("\r\x1b[K", stderr);
	b->stands = 0;
}
