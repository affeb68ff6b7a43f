/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers as text in the C locale.  This is the one file that may convert text to
 * floating point (strtod_l); a locale set by a library changes nothing here.
 */
#include "restudy/base/number.h"

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"

struct unit {
	const char *name;
	double factor;
};

static const struct unit bytes_units[] = {
	{ "B", 1 }, { "kB", 1e3 }, { "KiB", 1024 }, { "MB", 1e6 }, { "MiB", 1048576 },
	{ "GB", 1e9 }, { "GiB", 1073741824 }, { "TB", 1e12 }, { "TiB", 1099511627776 }, { NULL, 0 },
};
static const struct unit seconds_units[] = {
	{ "ns", 1e-9 }, { "us", 1e-6 }, { "ms", 1e-3 }, { "s", 1 }, { "min", 60 }, { "h", 3600 },
	{ NULL, 0 },
};
static const struct unit hertz_units[] = {
	{ "Hz", 1 }, { "kHz", 1e3 }, { "MHz", 1e6 }, { "GHz", 1e9 }, { NULL, 0 },
};
static const struct unit bitrate_units[] = {
	{ "bit/s", 1 }, { "kbit/s", 1e3 }, { "Mbit/s", 1e6 }, { "Gbit/s", 1e9 }, { NULL, 0 },
};

/* Lengths on paper; the point is that of PDF and CSS, last so that lengths print in it. */
static const struct unit length_units[] = {
	{ "in", 72 }, { "cm", 72 / 2.54 }, { "mm", 72 / 25.4 }, { "pt", 1 }, { NULL, 0 },
};

static const struct {
	const struct unit *units;
	const char *allowed;
} dimension[] = {
	[RS_DIM_BYTES] = { bytes_units, "B, kB, KiB, MB, MiB, GB, GiB, TB, TiB" },
	[RS_DIM_SECONDS] = { seconds_units, "ns, us, ms, s, min, h" },
	[RS_DIM_HERTZ] = { hertz_units, "Hz, kHz, MHz, GHz" },
	[RS_DIM_BITRATE] = { bitrate_units, "bit/s, kbit/s, Mbit/s, Gbit/s" },
	[RS_DIM_LENGTH] = { length_units, "in, cm, mm, pt" },
};
_Static_assert(RS_COUNT(dimension) == RS_DIM_LAST, "describe every dimension");

int rs_scan_double(const char *s, const char **end, double *ret)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	char *stop = NULL;
	double v;

	if (c == (locale_t)0)
		return -1;
	v = strtod_l(s, &stop, c);
	freelocale(c);
	if (stop == s)
		return -1;
	*ret = v;
	*end = stop;
	return 0;
}

/* A decimal number at the start of s: no blanks before it, no hexadecimal. */
static int scan_plain(const char *s, const char **end, double *ret)
{
	const char *digits = *s == '-' || *s == '+' ? s + 1 : s;

	if (!isdigit((unsigned char)*digits) && *digits != '.')
		return -1;
	if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
		return -1;
	return rs_scan_double(s, end, ret);
}

int rs_parse_double(const char *s, double *ret, struct rs_err *err)
{
	const char *end;
	double v;

	if (scan_plain(s, &end, &v) < 0 || *end != '\0')
		return rs_err_set(err, RS_ERR_PLAN, "\"%.60s\" is not a decimal number", s);
	if (!isfinite(v))
		return rs_err_set(err, RS_ERR_PLAN, "\"%.60s\" is too large", s);
	*ret = v;
	return 0;
}

int rs_parse_i64(const char *s, int64_t lo, int64_t hi, int64_t *ret, struct rs_err *err)
{
	const char *digits = *s == '-' || *s == '+' ? s + 1 : s;
	char *end = NULL;
	long long v;

	errno = 0;
	v = strtoll(s, &end, 10);
	if (!isdigit((unsigned char)*digits) || *end != '\0')
		return rs_err_set(err, RS_ERR_PLAN, "\"%.60s\" is not a whole number", s);
	if (errno == ERANGE || v < lo || v > hi) {
		if (v < lo && errno != ERANGE)
			return rs_err_set(err, RS_ERR_PLAN, "must be at least %" PRId64, lo);
		return rs_err_set(err, RS_ERR_PLAN, "must be from %" PRId64 " to %" PRId64, lo, hi);
	}
	*ret = v;
	return 0;
}

int rs_parse_quantity(const char *s, enum rs_dimension dim, double *ret, struct rs_err *err)
{
	const char *end;
	double v;

	if (scan_plain(s, &end, &v) < 0)
		return rs_err_set(err, RS_ERR_PLAN,
				  "\"%.60s\" is not a number with a unit (%s)", s,
				  dimension[dim].allowed);
	if (*end == '\0')
		return rs_err_set(err, RS_ERR_PLAN, "\"%.60s\" has no unit: use one of %s", s,
				  dimension[dim].allowed);
	if (*end == ' ')
		end++;
	for (const struct unit *u = dimension[dim].units; u->name != NULL; u++) {
		if (strcmp(end, u->name) != 0)
			continue;
		if (signbit(v) || !isfinite(v * u->factor))
			return rs_err_set(err, RS_ERR_PLAN, "\"%.60s\" must be finite and not negative", s);
		*ret = v * u->factor;
		return 0;
	}
	return rs_err_set(err, RS_ERR_PLAN, "\"%.60s\" has an unknown unit \"%.20s\": use one of %s", s,
			  end, dimension[dim].allowed);
}

/* printf's decimal sign follows LC_NUMERIC, which a library may have set. */
static void point_for_comma(char *s)
{
	for (; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && *s != '-' && *s != '+')
			*s = '.';
}

/* Writes v with so many digits; whether the text reads back as v. */
static int reads_back(char *buf, size_t size, int digits, double v)
{
	const char *end;
	double back;

	(void)snprintf(buf, size, "%.*g", digits, v);
	point_for_comma(buf);
	return rs_scan_double(buf, &end, &back) == 0 && back == v;
}

/* How many of the 15 digits of v are left without the zeros at the end; at least 1.  Those before
 * the decimal point stay, lest 100 be "1e+02". */
static int significant_digits(double v)
{
	char text[40];
	const char *e;
	int n = 15;

	(void)snprintf(text, sizeof(text), "%.14e", v);
	for (e = strchr(text, 'e') - 1; n > 1 && *e == '0'; e--)
		n--;
	while (n < 15 && fabs(v) >= pow(10, n))
		n++;
	return n;
}

char *rs_format_double(char *buf, size_t size, double v)
{
	if (isnan(v) || isinf(v)) {
		(void)snprintf(buf, size, "%s", isnan(v) ? "nan" : v > 0 ? "inf" : "-inf");
		return buf;
	}
	if (fabs(v) < DBL_MIN) {	/* zero and subnormal numbers: fewer digits than others */
		for (int digits = 1; digits <= 17 && !reads_back(buf, size, digits, v); digits++)
			;
		return buf;
	}
	/* 15 digits always survive, and their zeros tell how many are needed; 17 always suffice */
	if (reads_back(buf, size, 15, v)) {
		(void)snprintf(buf, size, "%.*g", significant_digits(v), v);
		point_for_comma(buf);
	} else if (!reads_back(buf, size, 16, v)) {
		(void)reads_back(buf, size, 17, v);
	}
	return buf;
}

char *rs_format_fixed(char *buf, size_t size, double v, int decimals)
{
	if (isnan(v) || isinf(v))
		return rs_format_double(buf, size, v);
	if (snprintf(buf, size, "%.*f", decimals, v) >= (int)size)
		return rs_format_double(buf, size, v);	/* its first digits alone are another number */
	point_for_comma(buf);
	if (buf[0] == '-' && strspn(buf + 1, "0.") == strlen(buf + 1))
		memmove(buf, buf + 1, strlen(buf));
	return buf;
}

char *rs_format_quantity(char *buf, size_t size, double v, enum rs_dimension dim)
{
	/* Sizes of memory and disks: in powers of 1024 when that is the shorter text. */
	const struct unit *best = dimension[dim].units;
	char number[40];

	for (const struct unit *u = dimension[dim].units; u->name != NULL; u++) {
		int binary = dim == RS_DIM_BYTES && strchr(u->name, 'i') != NULL;
		int whole = fmod(v, u->factor) == 0;

		if (v < u->factor || (binary && !whole))
			continue;
		if (dim == RS_DIM_BYTES && !binary && u->factor > 1 && fmod(v, 1024) == 0 && !whole)
			continue;
		best = u;
	}
	(void)snprintf(number, sizeof(number), "%.6g", v / best->factor);
	point_for_comma(number);
	(void)snprintf(buf, size, "%s %s", number, best->name);
	return buf;
}
