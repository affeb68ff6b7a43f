/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers and quantities as text, in the C locale whatever the process's
 * locale is.  A quantity carries its unit in the text ("256MiB", "30min",
 * "2.8GHz"); a bare number where a unit is due is an error.
 */
#ifndef RESTUDY_BASE_NUMBER_H
#define RESTUDY_BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/base/err.h"

/* What a quantity measures, and the unit its value is returned in. */
enum rs_dimension {
	RS_DIM_BYTES,		/* byte: B kB MB GB TB (1000), KiB MiB GiB TiB (1024) */
	RS_DIM_SECONDS,		/* second: ns us ms s min h */
	RS_DIM_HERTZ,		/* hertz: Hz kHz MHz GHz */
	RS_DIM_BITRATE,		/* bit/s: bit/s kbit/s Mbit/s Gbit/s */
	RS_DIM_LENGTH,		/* point, 1/72 inch: in cm mm pt */
	RS_DIM_LAST
};

/* Whole text must be a finite decimal number.  0, or -1 with err. */
int rs_parse_double(const char *s, double *ret, struct rs_err *err) RS_MUST_CHECK;

/* Whole text must be a decimal integer in [lo, hi].  0, or -1 with err. */
int rs_parse_i64(const char *s, int64_t lo, int64_t hi, int64_t *ret, struct rs_err *err)
	RS_MUST_CHECK;

/*
 * A non-negative number with a unit of dim, no space or one between them.
 * Result in the dimension's base unit.  0, or -1 with a text that names the
 * units that are allowed.
 */
int rs_parse_quantity(const char *s, enum rs_dimension dim, double *ret, struct rs_err *err)
	RS_MUST_CHECK;

/*
 * The number at the start of s (leading blanks allowed), *end after it.
 * 0, or -1 when there is none.  Accepts "inf" and "nan" as C99 does: the caller
 * decides.
 */
int rs_scan_double(const char *s, const char **end, double *ret) RS_MUST_CHECK;

/* The shortest decimal text that reads back as v (at most 17 digits); "nan",
 * "inf", "-inf".  buf of at least 32 bytes; returns buf. */
char *rs_format_double(char *buf, size_t size, double v);

/* Fixed decimals, point as separator; -0 prints as 0.  What has more digits than fit prints as
 * rs_format_double does.  buf of at least 32 bytes; returns buf. */
char *rs_format_fixed(char *buf, size_t size, double v, int decimals);

/* "256 MiB", "1.5 h", "2.8 GHz": the largest unit with a value >= 1; returns buf. */
char *rs_format_quantity(char *buf, size_t size, double v, enum rs_dimension dim);

#endif
