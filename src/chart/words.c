/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words and the numbers of figures in each language. */
#include "chart_priv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"

static const char *const words[RS_WORD_LAST][RS_CHART_LANG_LAST] = {
	[RS_WORD_LOWER_BETTER] = { "lower is better", "niedriger ist besser" },
	[RS_WORD_NOT_MEASURED] = { "not measured", "nicht gemessen" },
	[RS_WORD_NOT_FINITE] = { "no finite number", "keine endliche Zahl" },
	[RS_WORD_NO_VALUE] = { "There is no value to draw.", "Es gibt keinen Wert zu zeichnen." },
	[RS_WORD_THINNED] = { "Not every category is labelled, for want of room.",
			      "Aus Platzgründen ist nicht jede Kategorie beschriftet." },
	[RS_WORD_MORE_REASONS] = { "other reasons", "andere Gründe" },
	[RS_WORD_HIDDEN_BARS] = { "Some bars are too short to be seen on this axis; a dot plot would show them.",
				  "Manche Balken sind für diese Achse zu kurz; ein Punktdiagramm zeigte sie." },
	[RS_WORD_LOG] = { "Logarithmic axis.", "Logarithmische Achse." },
	[RS_WORD_SHARE] = { "Share of samples", "Anteil der Messwerte" },
	[RS_WORD_TRIAL] = { "Trial", "Durchlauf" },
	[RS_WORD_GUESTS] = { "Number of guests", "Anzahl der Gäste" },
	[RS_WORD_TO] = { "to", "bis" },
	[RS_WORD_MISSING] = { "missing", "fehlt" },
	[RS_WORD_BARS] = { "Bar chart", "Balkendiagramm" },
	[RS_WORD_DOTS] = { "Dot plot", "Punktdiagramm" },
	[RS_WORD_BOX] = { "Box and strip plot", "Kastengrafik mit Einzelwerten" },
	[RS_WORD_ECDF] = { "Empirical cumulative distribution", "Empirische Verteilungsfunktion" },
	[RS_WORD_LINES] = { "Line chart over the number of guests",
			    "Liniendiagramm über der Anzahl der Gäste" },
	[RS_WORD_TIME] = { "Time series", "Zeitreihe" },
	[RS_WORD_STORAGE] = { "Storage diagram", "Aufbau des Speichers" },
	[RS_WORD_PHYSICAL_DISKS] = { "Physical disks", "Festplatten" },
	[RS_WORD_RAID] = { "RAID", "RAID" },
	[RS_WORD_PHYSICAL_VOLUME] = { "Physical volume", "Physical Volume" },
	[RS_WORD_VOLUME_GROUP] = { "Volume group", "Volume Group" },
	[RS_WORD_LOGICAL_VOLUMES] = { "Logical volumes", "Logical Volumes" },
	[RS_WORD_HOST] = { "host", "Wirt" },
	[RS_WORD_NO_STORAGE] = { "The plan declares no disks.",
				 "Der Plan nennt keine Festplatten." },
	[RS_WORD_TOO_SMALL] = { "The figure is too small for what it has to show: make it larger, or show less.",
				"Die Abbildung ist zu klein für ihren Inhalt: vergrößern oder kürzen." },
	[RS_WORD_AS_DOTS] = { "Drawn as dots: bars would be too thin to be seen.",
			      "Als Punkte gezeichnet: Balken wären zu schmal." },
	[RS_WORD_NO_LETTER] = { "No font of this machine has some of the letters (Debian: fonts-noto).",
				"Manche Zeichen hat keine Schrift dieses Rechners (Debian: fonts-noto)." },
	[RS_WORD_OWN_SCALES] = { "Each plot has a scale of its own.",
				 "Jedes Diagramm hat eine eigene Skala." },
	[RS_WORD_ALIKE] = { "More series than looks: some are drawn alike.",
			    "Mehr Reihen als Darstellungen: Manche sehen gleich aus." },
	[RS_WORD_BEYOND] = { "Arrows: the interval goes on beyond the axis:",
			     "Pfeile: Das Intervall reicht über die Achse hinaus:" },
};

const char *rs_word(enum rs_chart_lang lang, enum rs_word word)
{
	return words[word][lang];
}

char *rs_chart_power(char *buf, size_t size, int exponent)
{
	static const char *const digit[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
	int e = exponent < 0 ? -exponent : exponent;

	snprintf(buf, size, "10%s%s%s%s", exponent < 0 ? "⁻" : "",
		 e >= 100 ? digit[e / 100 % 10] : "", e >= 10 ? digit[e / 10 % 10] : "",
		 digit[e % 10]);
	return buf;
}

static char *scientific(char *buf, size_t size, double v, enum rs_chart_lang lang)
{
	double e = floor(log10(fabs(v)));
	char power[32], mantissa[64];
	double m = e < -300 ? v * 1e300 / pow(10, e + 300) : v / pow(10, e);

	rs_chart_number(mantissa, sizeof(mantissa), m, 2, lang);
	snprintf(buf, size, "%s×%s", mantissa, rs_chart_power(power, sizeof(power), (int)e));
	return buf;
}

/* Copies the digits of plain ("-1234.5") with the signs of a language. */
static void dress(char *buf, size_t size, const char *plain, const char *point, const char *group)
{
	size_t n = 0, whole;

	if (*plain == '-') {
		n = (size_t)snprintf(buf, size, "−");
		plain++;
	}
	whole = strcspn(plain, ".");
	for (size_t i = 0; plain[i] != '\0' && n + 8 < size; i++) {
		size_t left = whole - i;

		if (i > 0 && i < whole && left % 3 == 0)
			n += (size_t)snprintf(buf + n, size - n, "%s", group);
		if (plain[i] == '.')
			n += (size_t)snprintf(buf + n, size - n, "%s", point);
		else
			buf[n++] = plain[i];
	}
	buf[n] = '\0';
}

char *rs_chart_number(char *buf, size_t size, double v, int decimals, enum rs_chart_lang lang)
{
	char plain[64];
	double magnitude = v == 0 ? 0 : floor(log10(fabs(v)));

	if (!isfinite(v)) {
		snprintf(buf, size, "%s", isnan(v) ? "–" : v > 0 ? "∞" : "−∞");
		return buf;
	}
	if (fabs(v) >= 1e15 || (decimals < 0 && v != 0 && magnitude < -4))
		return scientific(buf, size, v, lang);
	if (decimals < 0)
		decimals = magnitude >= 2 ? 0 : 2 - (int)magnitude;
	rs_format_fixed(plain, sizeof(plain), v, decimals > 20 ? 20 : decimals);
	dress(buf, size, plain, lang == RS_CHART_DE ? "," : ".", lang == RS_CHART_DE ? "." : ",");
	return buf;
}
