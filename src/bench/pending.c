/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adapters that this version does not have, listed with the reason. */
#include "bench_priv.h"

const struct rs_bench_driver rs_bench_command = {
	.name = "command",
	.unavailable = "not in this version",
};
const struct rs_bench_driver rs_bench_httpload = {
	.name = "httpload",
	.unavailable = "not in this version",
};
