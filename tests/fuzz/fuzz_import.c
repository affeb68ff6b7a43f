/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a file that was recorded elsewhere.  The first byte chooses the format, and
 * whether it is only read or imported.  Then either there is a run folder that passes its own checks, or no trace of one.
 */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "../../src/exchange/exchange_priv.h"
#include "fuzz_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/exchange.h"

static void check_folder(const char *folder)
{
	RS_AUTO_STR *db = rs_path_join(folder, "run.db", NULL);
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_STORE *s = db != NULL ? rs_store_open_readonly(db, &err) : NULL;

	must(s != NULL && rs_store_check(s, &err) == 0);
}

static const struct {
	const char *name;
	rs_reader_fn *read;
} formats[] = {
	{ "benchexec", rs_read_benchexec }, { "csv", rs_read_csv },	  { "hyperfine", rs_read_hyperfine },
	{ "pts", rs_read_pts },		    { "siege", rs_read_siege },	  { "sysbench", rs_read_sysbench },
	{ "unixbench", rs_read_unixbench },
};

/* The reader alone, which is a hundred times faster. */
static void read_only(rs_reader_fn *read, const uint8_t *data, size_t size)
{
	RS_AUTO_STR *text = rs_strndup((const char *)data, size, NULL);
	struct rs_source source = { .path = "fuzz", .text = RS_BUF_INIT };
	struct rs_records records = { .r = NULL };
	struct rs_reading in = { .source = &source, .text = text, .system = "recorded", .guest = "host",
				 .out = &records };
	struct rs_err err = RS_ERR_INIT;

	must(text != NULL && rs_records_system(&records, "recorded", NULL) != NULL);
	must_tell(read(&in, &err), &err);
	for (size_t i = 0; i < records.n; i++)
		must(isfinite(records.r[i].sample.value) && rs_path_is_plain_name(records.r[i].sample.guest));
	if (err.kind == RS_ERR_NONE) {
		rs_records_count_guests(&records);
		must_tell(rs_records_sort(&records, &err), &err);
	}
	rs_records_release(&records);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char jail[200];
	struct rs_err err = RS_ERR_INIT;
	struct rs_import_result result = { 0, 0, 0 };
	RS_AUTO_ARGV names = NULL;
	size_t n = 0;

	if (size == 0)
		return 0;
	if (data[0] >= 0x80) {
		read_only(formats[data[0] % RS_COUNT(formats)].read, data + 1, size - 1);
		return 0;
	}
	fuzz_jail(jail);
	{
		RS_AUTO_STR *file = rs_path_join(jail, "file", NULL);
		RS_AUTO_STR *folder = rs_path_join(jail, "run", NULL);
		const char *const files[] = { file };
		const struct rs_import_options o = {
			.format = formats[data[0] % RS_COUNT(formats)].name, .files = files, .n_files = 1,
			.folder = folder, .better = "higher",
		};
		int rc;

		must(file != NULL && folder != NULL);
		fuzz_write(file, data + 1, size - 1);
		rc = rs_import(&o, &result, &err);
		must_tell(rc, &err);
		must(rs_path_list(jail, &names, &n, NULL) == 0 && n == (rc == 0 ? 2 : 1));
		if (rc == 0)
			check_folder(folder);
	}
	must(rs_path_remove_tree(jail, NULL) == 0);
	return 0;
}
