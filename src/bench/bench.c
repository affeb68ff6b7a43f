/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The adapters' list, their metrics, and one trial from start to samples. */
#include "bench_priv.h"

#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

static const struct rs_bench_driver *const drivers[RS_ADAPTER_LAST + 1] = {
	[RS_ADAPTER_KERNELS] = &rs_bench_kernels,
	[RS_ADAPTER_UNIXBENCH] = &rs_bench_unixbench,
	[RS_ADAPTER_SIEGE] = &rs_bench_siege,
	[RS_ADAPTER_HTTPLOAD] = &rs_bench_httpload,
	[RS_ADAPTER_COMMAND] = &rs_bench_command,
	[RS_ADAPTER_LAST] = NULL,
};

const struct rs_bench_driver *const *rs_bench_drivers(void)
{
	return drivers;
}

const struct rs_bench_driver *rs_bench_driver_of(enum rs_adapter adapter)
{
	return drivers[adapter];
}

size_t rs_bench_n_metrics(const struct rs_benchmark *b)
{
	const struct rs_bench_driver *d = rs_bench_driver_of(b->adapter);

	return d->metrics != NULL ? d->n_metrics : b->n_metrics;
}

void rs_bench_metric_at(const struct rs_benchmark *b, size_t i, struct rs_metric *ret)
{
	const struct rs_bench_driver *d = rs_bench_driver_of(b->adapter);

	if (d->metrics != NULL) {
		*ret = d->metrics[i];
		return;
	}
	*ret = (struct rs_metric){ b->metrics[i].id, b->metrics[i].title, b->metrics[i].unit,
				   b->metrics[i].better, b->metrics[i].group };
	if (ret->title == NULL)
		ret->title = ret->id;
}

int rs_bench_metric(const struct rs_benchmark *b, const char *id, struct rs_metric *ret)
{
	for (size_t i = 0; i < rs_bench_n_metrics(b); i++) {
		rs_bench_metric_at(b, i, ret);
		if (strcmp(ret->id, id) == 0)
			return 0;
	}
	return -1;
}

static int read_guest(const struct rs_benchmark *b, const char *guest, const char *raw,
		      const struct rs_sink *sink, struct rs_err *err)
{
	RS_AUTO_STR *folder = rs_path_join(raw, guest, err);

	struct rs_err why = RS_ERR_INIT;

	if (folder == NULL)
		return -1;
	if (rs_bench_driver_of(b->adapter)->read(b, guest, folder, sink, &why) < 0)
		return rs_err_set(err, why.kind, "guest \"%s\": %s", guest, why.text);
	return 0;
}

/* 0, or -1 when the kernel behind a channel keeps its caches. */
static int drop_caches(struct rs_channel *ch)
{
	const char *const sync_argv[] = { "sync", NULL };
	const char *const tee[] = { "tee", "/proc/sys/vm/drop_caches", NULL };
	const struct rs_exec x = { .argv = tee, .stdin_bytes = "3\n", .stdin_len = 2,
				   .timeout_s = 60, .output_max = 4096 };
	struct rs_cmd_result res;

	if (rs_channel_run_ok(ch, sync_argv, 600, NULL, NULL) < 0 ||
	    rs_channel_run(ch, &x, &res, NULL) < 0)
		return -1;
	return res.status == 0 ? 0 : -1;
}

/* Every kernel that can be reached: the machine's, and those of guests that have one of their
 * own.  A container's cannot be asked and need not be: it is the machine's. */
static int drop_all_caches(const struct rs_trial *t, const struct rs_sink *sink,
			   struct rs_err *err)
{
	int dropped = t->generator != NULL && drop_caches(t->generator) == 0;

	for (size_t i = 0; i < t->n_guests; i++)
		dropped |= drop_caches(t->guests[i].channel) == 0;
	if (dropped)
		return 0;
	return rs_bench_warn(sink, err, "caches were not dropped before this trial: that needs root");
}

int rs_bench_trial(const struct rs_trial *t, const struct rs_sink *sink, struct rs_err *err)
{
	const struct rs_bench_driver *d = rs_bench_driver_of(t->benchmark->adapter);
	struct rs_err ran = RS_ERR_INIT, unread = RS_ERR_INIT;
	int rc;

	if (d->unavailable != NULL)
		return rs_err_set(err, RS_ERR_MACHINE, "%s: %s", d->name, d->unavailable);
	rc = d->prepare(t, &ran);
	if (rc == 0 && t->benchmark->drop_caches)
		rc = drop_all_caches(t, sink, &ran);
	if (rc == 0)
		rc = d->run(t, sink, &ran);
	if (ran.kind != RS_ERR_INTERRUPTED)
		for (size_t i = 0; i < t->n_guests; i++)
			if (read_guest(t->benchmark, t->guests[i].name, t->raw, sink,
						&unread) < 0)
				rc = -1;
	/* Why it did not run explains why it cannot be read. */
	if (ran.kind != RS_ERR_NONE)
		return rs_err_set(err, ran.kind, "%s", ran.text);
	if (rc < 0)
		return rs_err_set(err, unread.kind, "%s", unread.text);
	return 0;
}

int rs_bench_reread(const struct rs_benchmark *b, const char *raw, const struct rs_sink *sink,
		    struct rs_err *err)
{
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;
	int rc = 0;

	if (rs_path_list(raw, &names, &n, err) < 0)
		return -1;
	if (n == 0)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\": no guest's raw files", raw);
	for (size_t i = 0; i < n; i++)
		if (read_guest(b, names[i], raw, sink, err) < 0)
			rc = -1;
	return rc;
}
