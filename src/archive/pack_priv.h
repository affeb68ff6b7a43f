/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the steps of making a bag share: the run, what is known about it, the files
 * that go in, and the texts written about them.
 */
#ifndef RS_ARCHIVE_PACK_PRIV_H
#define RS_ARCHIVE_PACK_PRIV_H

#include "redact_priv.h"
#include "restudy/archive.h"
#include "restudy/base/buf.h"
#include "restudy/store.h"

/* A file of the payload. */
struct rs_pack_file {
	char *rel;		/* below data/; owned */
	int staged;		/* lies in the stage, else in the run folder */
	uint64_t size;
};

struct rs_pack {
	const char *run;	/* run folder, as given */
	const struct rs_archive_options *o;
	char *stage;		/* folder of what is made for the bag; removed at the end */
	char *study, *version, *testbed, *profile, *seed, *name;	/* owned; never NULL */
	char **program;		/* what really ran for each benchmark of the plan; owned, "": not known */
	int64_t started_s, finished_s;	/* 0: not known */
	struct rs_redactor redactor;
	uint64_t edits;		/* places masked in run.db */
	int report_is_old;	/* it tells what was masked, and nobody rendered it again */
	struct rs_pack_file *file;	/* sorted by rel */
	size_t n_files;
	uint64_t total_bytes;
	struct rs_buf redactions;	/* redactions.csv */
	struct rs_archive_result result;
};

/* The text of the files that are written about the run.  Byte for byte the same for the
 * same run. */
void rs_pack_readme(const struct rs_pack *p, struct rs_buf *out);
void rs_pack_citation(const struct rs_pack *p, struct rs_buf *out);
void rs_pack_dictionary(struct rs_buf *out);
void rs_pack_bag_info(const struct rs_pack *p, struct rs_buf *out);

/* ro-crate-metadata.json over all files of p.  free() releases. */
char *rs_pack_crate(const struct rs_pack *p, struct rs_err *err) RS_MUST_CHECK;

/* "2026-11-23" or "" when the time is not known; buf of at least 32 bytes. */
char *rs_pack_date(char *buf, size_t size, int64_t epoch_s);

/* Collects p->file from the run folder and the stage. */
int rs_pack_collect(struct rs_pack *p, struct rs_err *err) RS_MUST_CHECK;

/* Whether the text rules apply to a file of the payload. */
int rs_pack_is_redactable(const char *rel);

/* A line of redactions.csv for each rule that found something. */
void rs_pack_note_redacted(struct rs_pack *p, const char *rel, const uint64_t found[RS_REDACT_LAST],
			   const char *sha256_before);

#endif
