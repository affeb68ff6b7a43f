/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the report says by itself, in each language, and how that language writes
 * numbers.  Prose stands in the templates; here are the words of generated tables.
 */
#ifndef RESTUDY_REPORT_WORDS_PRIV_H
#define RESTUDY_REPORT_WORDS_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "restudy/model/names.h"
#include "restudy/stats.h"

enum rs_language { RS_LANGUAGE_EN, RS_LANGUAGE_DE, RS_LANGUAGE_LAST };

/* The language of a tag ("de", "de-AT"); English for any other and for NULL. */
enum rs_language rs_language_of(const char *tag);
const char *rs_language_tag(enum rs_language l);

#define RS_WORDS(X)                                                                             \
	X(BENCHMARK, "Benchmark", "Benchmark")                                                  \
	X(BOOT, "Boot", "Start")                                                                \
	X(BOUND, "Bound", "Schranke")                                                           \
	X(CANNOT_ALL_BE_RIGHT, "Printed values that cannot be right:",                         \
	  "Gedruckte Werte, die nicht stimmen können:")                                        \
	X(CANNOT_BE_RIGHT, "cannot be right", "kann nicht stimmen")                            \
	X(CELL, "Cell", "Zelle")                                                                \
	X(CLAIM, "Claim", "Aussage")                                                            \
	X(CONSISTENT, "consistent", "stimmig")                                                 \
	X(CONTENTS, "Contents", "Inhalt")                                                       \
	X(DATE, "Date", "Datum")                                                                \
	X(DIFFERENT_IN_BOOTS, "What differs between the boots.",                                \
	  "Was sich zwischen den Starts unterscheidet.")                                        \
	X(DURATION, "Duration", "Dauer")                                                        \
	X(EVENT, "Event", "Ereignis")                                                           \
	X(EXHIBIT, "Exhibit", "Darstellung")                                                    \
	X(FACT, "Fact", "Angabe")                                                               \
	X(FAILED, "failed", "fehlgeschlagen")                                                   \
	X(FIGURE, "Figure", "Abbildung")                                                        \
	X(FINDING, "Finding", "Befund")                                                        \
	X(FIRST_NOTE, "What, as first noted", "Was, in der ersten Meldung")                     \
	X(FOUND, "Found", "Gefunden")                                                           \
	X(GUEST, "guest", "Gast")                                                               \
	X(GUESTS, "guests", "Gäste")                                                            \
	X(GUESTS_HEAD, "Guests", "Gäste")                                                       \
	X(HAS_TO_LIE_IN, "Where it has to lie", "Wo er liegen muss")                           \
	X(IF, "if", "wenn")                                                                    \
	X(IMAGE, "Image", "Abbild")                                                             \
	X(INDEX, "index", "Index")                                                              \
	X(INTERVAL, "95 % interval", "95-%-Intervall")                                          \
	X(LISTING, "Listing", "Listing")                                                        \
	X(MEASURED, "measured", "gemessen")                                                     \
	X(METRIC, "Metric", "Messgröße")                                                        \
	X(MISTAKE, "Mistake", "Fehler")                                                        \
	X(NOT_MEASURED, "not measured", "nicht gemessen")                                       \
	X(OF, "of", "von")                                                                      \
	X(OF_TRIALS, "trials", "Durchläufen")                                                   \
	X(PHASE, "Phase", "Phase")                                                              \
	X(PLANNED, "Planned", "Geplant")                                                        \
	X(PRINTED, "Printed", "Gedruckt")                                                      \
	X(PROFILE, "Profile", "Profil")                                                         \
	X(PUBLISHED, "published", "veröffentlicht")                                             \
	X(REAL, "Real", "Wirklich")                                                             \
	X(REASON, "Reason", "Grund")                                                            \
	X(SAME_IN_BOOTS, "What is the same in all boots.", "Was bei allen Starts gleich ist.")  \
	X(SAMPLES, "Samples", "Messwerte")                                                      \
	X(SEED, "Seed", "Startwert")                                                            \
	X(SOURCE, "Source", "Quelle")                                                           \
	X(STATE, "State", "Zustand")                                                            \
	X(SUBSTITUTE, "substitute", "Ersatz")                                                   \
	X(SUBSTITUTE_HEAD, "Substitute", "Ersatz")                                              \
	X(SYSTEM, "System", "System")                                                           \
	X(TABLE, "Table", "Tabelle")                                                            \
	X(TESTBED, "Testbed", "Testumgebung")                                                   \
	X(TEST_DURATION, "Duration of a test", "Dauer eines Tests")                             \
	X(TIMES, "Times", "Anzahl")                                                             \
	X(TRIALS, "Trials", "Durchläufe")                                                       \
	X(TRIAL, "Trial", "Durchlauf")                                                          \
	X(VALUE, "Value", "Wert")                                                               \
	X(VERDICT, "Verdict", "Urteil")                                                         \
	X(VERSION, "Version", "Version")                                                        \
	X(WARM_UP, "Warm-up", "Aufwärmen")                                                      \
	X(WHAT, "What", "Was")                                                                  \
	X(WHY, "Why", "Warum")                                                                  \
	X(WRONG_UNLESS_ADDED_UP, "cannot be right, unless added up from rounded values",       \
	  "kann nicht stimmen, außer als Summe gerundeter Werte")                              \
	X(NO_BASELINE, "the exhibit has no baseline to divide by",                              \
	  "die Darstellung hat keine Bezugsgröße")                                              \
	X(NO_CELL, "no cell of the run measures it", "keine Zelle des Laufs misst es")          \
	X(NO_VALUE, "the benchmark gave no such value", "der Benchmark gab keinen solchen Wert") \
	X(BASE_MISSING, "the baseline has no value", "die Bezugsgröße hat keinen Wert")         \
	X(EMULATED, "the machine was emulated", "die Maschine war emuliert")                    \
	X(BOOTS_ARE_UNITS, "a trial is the mean of a boot",                                     \
	  "als Durchlauf zählt das Mittel eines Starts")                                        \
	X(IN_PLACE_OF, "in place of", "statt")                                                  \
	X(ZERO_VALUES, "values of 0 have no ratio: the program prints too few digits at this rate", \
	  "Werte von 0 haben kein Verhältnis: das Programm druckt bei dieser Rate zu wenige Stellen") \
	X(ONE_TRIAL, "one trial gives no interval",                                             \
	  "ein einziger Durchlauf ergibt kein Intervall")                                       \
	X(ON_BOUND, "the interval reaches the bound", "das Intervall reicht über die Schranke") \
	X(ONE_WOULD_SETTLE, "about one more trial would settle it",                             \
	  "etwa ein weiterer Durchlauf würde es entscheiden")                                   \
	X(WOULD_SETTLE, "more trials would settle it", "weitere Durchläufe würden es entscheiden") \
	X(SERIES_OF_TRIALS, "series of trials", "Reihen von Durchläufen")                      \
	X(LOOK_LIKE_WARM_UP, "begin unlike the rest, as a warm-up does",                        \
	  "beginnen anders als der Rest, wie beim Aufwärmen")                                   \
	X(FOLLOW_EACH_OTHER, "have trials that follow each other, so the interval is too narrow", \
	  "haben Durchläufe, die voneinander abhängen; das Intervall ist zu schmal")            \
	X(OF_ITS_TRIALS_DISTURBED, "of its trials were disturbed",                              \
	  "der Durchläufe dahinter waren gestört")                                             \
	X(CLAIMS_DISTURBED, "Trials that were disturbed stand behind:",                         \
	  "Gestörte Durchläufe stehen hinter:")                                                \
	X(NOT_AFTER_HOLM, "clear of the bound alone, but not after Holm's correction",          \
	  "für sich genommen klar, aber nicht nach der Korrektur von Holm")                     \
	X(HOLM_OVER, "Verdicts hold at 95 % for all claims together, by Holm's correction; claims with " \
	  "an interval:", "Die Urteile gelten zu 95 % für alle Aussagen zusammen (Korrektur von Holm); " \
	  "Aussagen mit Intervall:")                                                           \
	X(ABOUT, "about", "etwa")                                                               \
	X(NOT_TIMED, "was not timed in this run", "wurde in diesem Lauf nicht gemessen")        \
	X(NO_GROUP_VALUE, "metrics of the group have no value",                                 \
	  "Messgrößen der Gruppe haben keinen Wert")

enum rs_word {
#define RS_WORD_ENUM(id, en, de) RS_WORD_##id,
	RS_WORDS(RS_WORD_ENUM)
#undef RS_WORD_ENUM
	RS_WORD_LAST
};

const char *rs_report_word(enum rs_language l, enum rs_word w);

/* A verdict in words, with the sense of its qualifier. */
const char *rs_verdict_word(enum rs_language l, enum rs_verdict v);
const char *rs_cell_state_word(enum rs_language l, enum rs_cell_state s);
const char *rs_phase_word(enum rs_language l, enum rs_phase p);
const char *rs_relation_sign(enum rs_relation r);

/* "2026-11-23 10:18:42 UTC" of seconds since 1970.  Returns buf, of at least 32 bytes. */
char *rs_moment_text(char *buf, size_t size, int64_t epoch_s);

/*
 * A sentence that another part of Restudy wrote into the store, in the language (phrases.c);
 * what is not known there is given as it is.  In the arena or text itself; NULL for NULL.
 */
struct rs_arena;
const char *rs_phrase(struct rs_arena *arena, enum rs_language l, const char *text);

/* v with fixed decimals, thousands separated, the minus a real one; "–" for NaN.  Fewer
 * than no decimals round to tens (-1), hundreds (-2), ...
 * buf of at least 64 bytes; returns buf. */
char *rs_number(char *buf, size_t size, enum rs_language l, double v, int decimals);

/* v with the decimals it has, at most nine: of numbers that somebody wrote (bounds, scales), of
 * which none may be rounded.  buf of at least 64 bytes; returns buf. */
char *rs_number_as_written(char *buf, size_t size, enum rs_language l, double v);

/*
 * How many decimals v deserves: two significant digits of the interval's half width, the
 * narrower one when it is not symmetric (ISO/IEC Guide 98-3, 7.2.6, rounds uncertainties to two), which is below zero for wide
 * intervals; without an interval four significant digits of v, but no rounding of whole
 * numbers.  In [-15, 9].
 */
int rs_decimals(double v, double lo, double hi);

/* Digits behind the point of a number that was printed as text. */
int rs_printed_decimals(const char *text);

/* "[9.81; 10.2]" (a comma would look like one between thousands), or "" when there is none.  Returns buf. */
char *rs_interval_text(char *buf, size_t size, enum rs_language l, double lo, double hi,
		       int decimals);

/* Seconds as "3 min 12 s" in the language; "–" when negative. */
char *rs_span_text(char *buf, size_t size, enum rs_language l, double seconds);

#endif
