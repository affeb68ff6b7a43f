/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other processes, as /proc shows them. */
#include "restudy/base/process.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"

unsigned long long rs_process_start(pid_t pid)
{
	enum { FIELDS_BEFORE = 20 };	/* proc(5): starttime is field 22, ")" ends field 2 */
	RS_AUTO_BUF stat = RS_BUF_INIT;
	RS_AUTO_STR *start = NULL;
	char path[64];
	const char *p;
	int64_t v = 0;

	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	if (rs_path_read(path, 8192, &stat, NULL) < 0)
		return 0;
	p = strrchr(rs_buf_str(&stat), ')');
	if (p != NULL && p[1] == ' ' && (p[2] == 'Z' || p[2] == 'X'))
		return 0;
	for (int i = 0; i < FIELDS_BEFORE && p != NULL; i++)
		p = strchr(p + 1, ' ');
	if (p == NULL)
		return 0;
	start = rs_strndup(p + 1, strcspn(p + 1, " \n"), NULL);
	return start != NULL && rs_parse_i64(start, 0, INT64_MAX, &v, NULL) == 0 ? (unsigned long long)v : 0;
}
