/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words and numbers of a language. */
#include "words_priv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "restudy/base/clock.h"
#include "restudy/base/mem.h"
#include "restudy/base/number.h"

#define MINUS "\xE2\x88\x92"
#define DASH  "\xE2\x80\x93"
#define NBSP  "\xC2\xA0"

enum rs_language rs_language_of(const char *tag)
{
	if (tag != NULL && strncmp(tag, "de", 2) == 0 && (tag[2] == '\0' || tag[2] == '-'))
		return RS_LANGUAGE_DE;
	return RS_LANGUAGE_EN;
}

const char *rs_language_tag(enum rs_language l)
{
	return l == RS_LANGUAGE_DE ? "de" : "en";
}

const char *rs_report_word(enum rs_language l, enum rs_word w)
{
	static const char *const words[][RS_LANGUAGE_LAST] = {
#define WORD(id, en, de) [RS_WORD_##id] = { en, de },
		RS_WORDS(WORD)
#undef WORD
	};

	return words[w][l];
}

const char *rs_verdict_word(enum rs_language l, enum rs_verdict v)
{
	static const char *const words[][RS_LANGUAGE_LAST] = {
		[RS_VERDICT_REPRODUCED] = { "reproduced", "bestätigt" },
		[RS_VERDICT_REPRODUCED_SUBSTITUTE] = { "reproduced with substitute",
						       "bestätigt, mit Ersatz" },
		[RS_VERDICT_SAME_DIRECTION] = { "same direction, under emulation",
						"gleiche Richtung, unter Emulation" },
		[RS_VERDICT_CONTRADICTED] = { "contradicted", "widersprochen" },
		[RS_VERDICT_CONTRADICTED_SUBSTITUTE] = { "contradicted with substitute",
							 "widersprochen, mit Ersatz" },
		[RS_VERDICT_NOT_SEEN] = { "not seen, under emulation",
					  "nicht zu sehen, unter Emulation" },
		[RS_VERDICT_INCONCLUSIVE] = { "inconclusive", "nicht entschieden" },
		[RS_VERDICT_NOT_MEASURED] = { "not measured", "nicht gemessen" },
	};
	_Static_assert(RS_COUNT(words) == RS_VERDICT_LAST, "word every verdict");

	return words[v][l];
}

const char *rs_cell_state_word(enum rs_language l, enum rs_cell_state s)
{
	static const char *const words[][RS_LANGUAGE_LAST] = {
		[RS_CELL_PENDING] = { "pending", "ausstehend" },
		[RS_CELL_RUNNING] = { "running", "läuft" },
		[RS_CELL_DONE] = { "done", "erledigt" },
		[RS_CELL_FAILED] = { "failed", "fehlgeschlagen" },
		[RS_CELL_MISSING] = { "missing", "fehlt" },
	};
	_Static_assert(RS_COUNT(words) == RS_CELL_LAST, "word every state");

	return words[s][l];
}

const char *rs_phase_word(enum rs_language l, enum rs_phase p)
{
	static const char *const words[][RS_LANGUAGE_LAST] = {
		[RS_PHASE_PROVISION] = { "provision", "Bereitstellen" },
		[RS_PHASE_VERIFY] = { "verify", "Prüfen" },
		[RS_PHASE_LAUNCH] = { "launch", "Starten" },
		[RS_PHASE_MEASURE] = { "measure", "Messen" },
		[RS_PHASE_COLLECT] = { "collect", "Sammeln" },
		[RS_PHASE_TEARDOWN] = { "teardown", "Abbauen" },
	};
	_Static_assert(RS_COUNT(words) == RS_PHASE_LAST, "word every phase");

	return words[p][l];
}

const char *rs_relation_sign(enum rs_relation r)
{
	static const char *const signs[] = {
		[RS_REL_AT_LEAST] = "\xE2\x89\xA5", [RS_REL_AT_MOST] = "\xE2\x89\xA4",
		[RS_REL_ABOVE] = ">",		    [RS_REL_BELOW] = "<",
		[RS_REL_NEAR] = "\xE2\x89\x88",
	};
	_Static_assert(RS_COUNT(signs) == RS_REL_LAST, "sign every relation");

	return signs[r];
}

/* Copies the plain number with separators put in. */
static void group_digits(char *out, size_t size, const char *plain, enum rs_language l)
{
	const char *point = strchr(plain, '.');
	const size_t whole = point == NULL ? strlen(plain) : (size_t)(point - plain);
	size_t used = 0;

	for (size_t i = 0; plain[i] != '\0' && used + 2 < size; i++) {
		if (i < whole && i > 0 && (whole - i) % 3 == 0)
			out[used++] = l == RS_LANGUAGE_DE ? '.' : ',';
		out[used++] = plain[i] == '.' && l == RS_LANGUAGE_DE ? ',' : plain[i];
	}
	out[used] = '\0';
}

char *rs_number(char *buf, size_t size, enum rs_language l, double v, int decimals)
{
	char plain[400], grouped[600];
	int zero = 1;

	if (isnan(v)) {
		(void)snprintf(buf, size, "%s", DASH);
		return buf;
	}
	if (isinf(v) || fabs(v) >= 1e15) {
		(void)snprintf(buf, size, "%s%s", v < 0 ? MINUS : "",
			       isinf(v) ? "\xE2\x88\x9E" : rs_format_double(plain, sizeof(plain), fabs(v)));
		return buf;
	}
	if (decimals < 0) {
		const double step = pow(10, -decimals);

		v = round(v / step) * step;
		decimals = 0;
	}
	(void)rs_format_fixed(plain, sizeof(plain), fabs(v), decimals);
	for (const char *p = plain; *p != '\0'; p++)
		zero = zero && (*p == '0' || *p == '.');
	group_digits(grouped, sizeof(grouped), plain, l);
	(void)snprintf(buf, size, "%s%s", v < 0 && !zero ? MINUS : "", grouped);
	return buf;
}

char *rs_number_as_written(char *buf, size_t size, enum rs_language l, double v)
{
	double scaled = v;
	int decimals = 0;

	while (decimals < 9 && fabs(scaled - round(scaled)) > 1e-9 * fmax(1, fabs(scaled)))
		scaled = v * pow(10, ++decimals);
	return rs_number(buf, size, l, v, decimals);
}

/* Half the width of an interval; of one that is not symmetric, its narrower side. */
static double half_width(double v, double lo, double hi)
{
	const double below = v - lo, above = hi - v;

	if (below > 0 && above > 0 && isfinite(fmin(below, above)))
		return fmin(below, above);
	return (hi - lo) / 2;
}

int rs_printed_decimals(const char *text)
{
	const char *point = strchr(text, '.');

	return point == NULL ? 0 : (int)strlen(point + 1);
}

int rs_decimals(double v, double lo, double hi)
{
	const double half = half_width(v, lo, hi);
	double decimals;

	if (isfinite(half) && half > 0)
		decimals = fmax(1 - floor(log10(half)), -15);
	else if (isfinite(v) && v != 0)
		decimals = fmax(3 - floor(log10(fabs(v))), 0);
	else
		return 0;
	return decimals > 9 ? 9 : (int)decimals;
}

char *rs_interval_text(char *buf, size_t size, enum rs_language l, double lo, double hi,
		       int decimals)
{
	char a[64], b[64];

	if (isnan(lo) || isnan(hi))
		(void)snprintf(buf, size, "%s", "");
	else
		(void)snprintf(buf, size, "[%s;" NBSP "%s]",
			       rs_number(a, sizeof(a), l, lo, decimals),
			       rs_number(b, sizeof(b), l, hi, decimals));
	return buf;
}

char *rs_moment_text(char *buf, size_t size, int64_t epoch_s)
{
	char *t;

	(void)rs_clock_utc(buf, size, epoch_s);
	t = strchr(buf, 'T');
	if (t != NULL)
		*t = ' ';
	t = strchr(buf, 'Z');
	if (t != NULL)
		(void)snprintf(t, size - (size_t)(t - buf), " UTC");
	return buf;
}

/* The blanks within a span do not part it at the end of a line. */
static void bind_blanks(char *buf, size_t size)
{
	for (char *p = buf; *p != '\0'; p++) {
		const size_t rest = strlen(p);

		if (*p != ' ' || (size_t)(p - buf) + rest + 2 > size)
			continue;
		memmove(p + 2, p + 1, rest);
		p[0] = NBSP[0];
		p[1] = NBSP[1];
		p++;
	}
}

char *rs_span_text(char *buf, size_t size, enum rs_language l, double seconds)
{
	if (!(seconds >= 0)) {
		(void)snprintf(buf, size, "%s", DASH);
		return buf;
	}
	(void)rs_clock_span(buf, size, seconds);
	if (l == RS_LANGUAGE_DE)
		for (char *p = buf; *p != '\0'; p++)
			if (*p == '.')
				*p = ',';
	bind_blanks(buf, size);
	return buf;
}
