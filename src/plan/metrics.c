/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of the tests and metrics the adapters give, so that a misspelt one is found
 * in the plan and not as an empty figure.  The adapters own the full tables; a test
 * compares the two.
 */
#include "validate_priv.h"

#include "restudy/base/mem.h"

/* The ids of UnixBench 4.1.0; with those of 5.1 for what 4.1.0 calls "shell". */
static const struct rs_known_metric unixbench[] = {
	{ "C", RS_GROUP_OTHER },	     { "arithoh", RS_GROUP_CPU },
	{ "context1", RS_GROUP_IPC },	     { "dc", RS_GROUP_OTHER },
	{ "dhry2reg", RS_GROUP_CPU },	     { "double", RS_GROUP_CPU },
	{ "execl", RS_GROUP_PROCESS },	     { "float", RS_GROUP_CPU },
	{ "fsbuffer-copy", RS_GROUP_FILE },  { "fsbuffer-read", RS_GROUP_FILE },
	{ "fsbuffer-write", RS_GROUP_FILE }, { "fsdisk-copy", RS_GROUP_FILE },
	{ "fsdisk-read", RS_GROUP_FILE },    { "fsdisk-write", RS_GROUP_FILE },
	{ "fstime-copy", RS_GROUP_FILE },    { "fstime-read", RS_GROUP_FILE },
	{ "fstime-write", RS_GROUP_FILE },   { "hanoi", RS_GROUP_CPU },
	{ "int", RS_GROUP_CPU },	     { "long", RS_GROUP_CPU },
	{ "pipe", RS_GROUP_IPC },	     { "shell1", RS_GROUP_PROCESS },
	{ "shell16", RS_GROUP_PROCESS },     { "shell8", RS_GROUP_PROCESS },
	{ "short", RS_GROUP_CPU },	     { "spawn", RS_GROUP_PROCESS },
	{ "syscall", RS_GROUP_PROCESS },     { "whetstone-double", RS_GROUP_CPU },
};

static const struct rs_known_metric siege[] = {
	{ "availability", RS_GROUP_NETWORK },
	{ "concurrency", RS_GROUP_NETWORK },
	{ "data", RS_GROUP_NETWORK },
	{ "elapsed-time", RS_GROUP_NETWORK },
	{ "failed-transactions", RS_GROUP_NETWORK },
	{ "longest-transaction", RS_GROUP_NETWORK },
	{ "response-time", RS_GROUP_NETWORK },
	{ "shortest-transaction", RS_GROUP_NETWORK },
	{ "successful-transactions", RS_GROUP_NETWORK },
	{ "throughput", RS_GROUP_NETWORK },
	{ "transaction-rate", RS_GROUP_NETWORK },
	{ "transaction-rate-clock", RS_GROUP_NETWORK },
	{ "transactions", RS_GROUP_NETWORK },
};

static const struct rs_known_metric httpload[] = {
	{ "availability", RS_GROUP_NETWORK },
	{ "concurrency", RS_GROUP_NETWORK },
	{ "connections-opened", RS_GROUP_NETWORK },
	{ "data", RS_GROUP_NETWORK },
	{ "elapsed-time", RS_GROUP_NETWORK },
	{ "failed-transactions", RS_GROUP_NETWORK },
	{ "fastest-second", RS_GROUP_NETWORK },
	{ "generator-time", RS_GROUP_NETWORK },
	{ "header-data", RS_GROUP_NETWORK },
	{ "latency-p1", RS_GROUP_NETWORK },
	{ "latency-p10", RS_GROUP_NETWORK },
	{ "latency-p20", RS_GROUP_NETWORK },
	{ "latency-p30", RS_GROUP_NETWORK },
	{ "latency-p40", RS_GROUP_NETWORK },
	{ "latency-p5", RS_GROUP_NETWORK },
	{ "latency-p50", RS_GROUP_NETWORK },
	{ "latency-p60", RS_GROUP_NETWORK },
	{ "latency-p70", RS_GROUP_NETWORK },
	{ "latency-p80", RS_GROUP_NETWORK },
	{ "latency-p90", RS_GROUP_NETWORK },
	{ "latency-p95", RS_GROUP_NETWORK },
	{ "latency-p99", RS_GROUP_NETWORK },
	{ "latency-p99.9", RS_GROUP_NETWORK },
	{ "latency-p99.99", RS_GROUP_NETWORK },
	{ "longest-transaction", RS_GROUP_NETWORK },
	{ "response-time", RS_GROUP_NETWORK },
	{ "shortest-transaction", RS_GROUP_NETWORK },
	{ "slowest-second", RS_GROUP_NETWORK },
	{ "throughput", RS_GROUP_NETWORK },
	{ "transaction-rate", RS_GROUP_NETWORK },
	{ "transactions", RS_GROUP_NETWORK },
};

static const struct rs_known_metric run[] = {
	{ "guest-install-time", RS_GROUP_OTHER },
};

const struct rs_known_metric *rs_known_metrics(enum rs_adapter adapter, size_t *ret_n)
{
	switch (adapter) {
	case RS_ADAPTER_KERNELS:
	case RS_ADAPTER_UNIXBENCH:
		*ret_n = RS_COUNT(unixbench);
		return unixbench;
	case RS_ADAPTER_SIEGE:
		*ret_n = RS_COUNT(siege);
		return siege;
	case RS_ADAPTER_HTTPLOAD:
		*ret_n = RS_COUNT(httpload);
		return httpload;
	case RS_ADAPTER_COMMAND:
	case RS_ADAPTER_LAST:
		break;
	}
	*ret_n = 0;
	return NULL;
}

const struct rs_known_metric *rs_known_run_metrics(size_t *ret_n)
{
	*ret_n = RS_COUNT(run);
	return run;
}
