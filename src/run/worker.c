/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker: this program inside a testbed, given a shard's file; its events are JSON
 * lines on stdout, which the coordinator reads. */
#include "restudy/run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/plan.h"
#include "shard_priv.h"

static int print_event(void *user, const struct rs_shard_event *e, struct rs_err *err)
{
	RS_AUTO_BUF line = RS_BUF_INIT;

	(void)user;
	if (rs_shard_event_to_json(e, &line, err) < 0)
		return -1;
	rs_buf_addc(&line, '\n');
	if (rs_buf_check(&line, err) < 0)
		return -1;
	for (size_t done = 0; done < line.len;) {
		ssize_t n = write(STDOUT_FILENO, line.data + done, line.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return rs_err_sys(err, RS_ERR_FAILED, errno, "the coordinator does not listen");
		done += (size_t)n;
	}
	return 0;
}

int rs_run_worker(const char *shard_path, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_PLAN *plan = NULL;
	RS_AUTO_STR *plan_path = NULL, *profile = NULL;
	RS_AUTO_FD held = -1;
	struct rs_shard s = { 0 };
	int rc = -1;

	if (rs_path_read(shard_path, 64 << 20, &text, err) < 0 ||
	    rs_shard_from_json(rs_buf_str(&text), &s, &profile, err) < 0) {
		rs_shard_release(&s);
		return rs_err_wrap(err, "shard \"%s\"", shard_path);
	}
	plan_path = rs_path_join(s.folder, "plan.xml", err);
	plan = plan_path != NULL ? rs_plan_load(plan_path, &diags, err) : NULL;
	if (plan != NULL) {
		s.plan = plan;
		s.profile = rs_plan_profile(plan, profile);
		if (rs_testbed_hold(s.run_id, &held, err) == 0)
			rc = rs_shard_run(&s, print_event, NULL, err);
	}
	rs_shard_release(&s);
	return rc;
}
