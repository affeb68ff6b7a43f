/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bags: a run folder packed so that anyone can verify it and render its report again,
 * years later, with nothing but the bag.
 *
 * A bag is BagIt 1.0 (RFC 8493) with sha256 and sha512 manifests.  Its payload, data/, is
 * the run folder and at the same time an RO-Crate 1.1: ro-crate-metadata.json lies in
 * data/, not in the bag's root, because the crate then is covered by the manifests and
 * stays whole when the payload is taken out of the bag (RO-Crate 1.1, "Combining with
 * other packaging schemes").  Beside the run's own files data/ has README.md,
 * CITATION.cff, data-dictionary.md, csv/ (every table of run.db) and redactions.csv.
 *
 * The same run folder and options give the same bytes: names are sorted, owners are 0,
 * times are those of the run, and no date of bagging is told.
 */
#ifndef RESTUDY_ARCHIVE_H
#define RESTUDY_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/err.h"
#include "restudy/model/plan.h"

enum rs_bag_format { RS_BAG_FOLDER, RS_BAG_TAR_ZST, RS_BAG_ZIP, RS_BAG_LAST };

/* "folder", "tar.zst", "zip"; static. */
const char *rs_bag_format_name(enum rs_bag_format format);

/* Someone who made the run.  All borrowed. */
struct rs_bag_person {
	const char *name;		/* "Family, Given" */
	const char *orcid, *affiliation;	/* each or NULL */
};

struct rs_archive_options {
	const struct rs_plan *plan;	/* the plan as run; borrowed, never NULL */
	enum rs_bag_format format;
	const struct rs_bag_person *people;
	size_t n_people;		/* 0: the bag says that nobody was named */
	const char *license;		/* SPDX identifier, or NULL: said to be not stated */
	/*
	 * Renders the report of the run in folder into that folder.  Called once when
	 * redaction changed run.db, since the report then tells what the bag does not; NULL:
	 * the old report.*, figures/ and tables/ are left out in that case.
	 */
	int (*render)(void *user, const char *folder, struct rs_err *err);
	void (*progress)(void *user, uint64_t bytes_done, uint64_t bytes_total);	/* or NULL */
	void *user;			/* of both */
};

struct rs_archive_result {
	uint64_t files, bytes;		/* of the payload */
	uint64_t redactions;		/* places that were masked */
	uint64_t left_out;		/* files that are not in the bag; redactions.csv names them */
};

/*
 * Writes the bag of a finished run to path (a folder or a file; it must not exist and
 * appears only when it is whole).  One pass over the data, bounded memory.
 *
 * Redaction keeps the length of a text: what a rule finds is overwritten with '*'.  Rules:
 * secret, serial, mac, address (private ones), name (of hosts and users: of this machine, of the
 * server the run was on, and where text says that it is one).  They are applied
 * to the free texts of run.db and to text files below environment/ and raw/; plan.xml is
 * what the author publishes and stays as it is.  redactions.csv lists every file that was
 * changed or left out, by which rule, how often, and the sha256 of what it was.
 */
int rs_archive_write(const char *run_folder, const char *path, const struct rs_archive_options *o,
		     struct rs_archive_result *ret, struct rs_err *err) RS_MUST_CHECK;

/* What unpacking an untrusted archive may cost; 0: the default of that field. */
struct rs_bag_limits {
	uint64_t bytes;		/* unpacked, in all; default: 64 GiB, at most half of the free space */
	uint64_t files;		/* default 1,000,000 */
	uint64_t ratio;		/* unpacked / packed, beyond the first 64 MiB; default 1000 */
};

/*
 * Opens a bag: a folder as it is, an archive (tar, tar.zst, tar.gz, zip) unpacked into a
 * private folder that closing removes.  Entries that are no plain file or folder, that
 * would leave the folder, appear twice or exceed a limit refuse the whole archive.
 * Nothing is verified.  limits: or NULL.
 */
struct rs_bag;
struct rs_bag *rs_archive_open(const char *path, const struct rs_bag_limits *limits,
			       struct rs_err *err) RS_MUST_CHECK;
/* The payload: a run folder.  Borrowed.  Read it only: it may be the user's bag. */
const char *rs_bag_folder(const struct rs_bag *bag);
/* The folder that has bagit.txt.  Borrowed. */
const char *rs_bag_root(const struct rs_bag *bag);
void rs_bag_close(struct rs_bag *bag);
void rs_bag_closep(struct rs_bag **bag);
#define RS_AUTO_BAG __attribute__((cleanup(rs_bag_closep))) struct rs_bag

struct rs_bag_facts {
	uint64_t files, bytes;		/* of the payload */
	uint64_t redactions;		/* lines of redactions.csv */
};

/*
 * Verifies: structure, every manifest in both digests (each payload file in each of them,
 * none beside them), Payload-Oxum, the crate's JSON and that what it names is there, the
 * plan is there, run.db is sound.  0, or -1 with the first difference.
 */
int rs_bag_verify(const struct rs_bag *bag, struct rs_bag_facts *ret, struct rs_err *err)
	RS_MUST_CHECK;

/* Opens, verifies and closes. */
int rs_archive_verify(const char *path, struct rs_bag_facts *ret, struct rs_err *err) RS_MUST_CHECK;

/*
 * Compares the files that rendering made below made/ (report.*, figures/, tables/) with
 * those of the bag, byte for byte.  -1 with the first difference: file and offset.
 */
int rs_bag_compare(const struct rs_bag *bag, const char *made, struct rs_err *err) RS_MUST_CHECK;

#endif
