/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sentences that other parts of Restudy write into the store, in English as the program
 * speaks, and how the report says them in German.  A star stands for whatever is there: a
 * name, a number, or a sentence that is looked up again.  What is not in the table (the
 * words of a plan, of another program) stays as it is.
 */
#include <string.h>

#include "arena_priv.h"
#include "restudy/base/buf.h"
#include "restudy/base/mem.h"
#include "words_priv.h"

#define MOST_HOLES 12
#define MOST_DEPTH 8

struct phrase {
	const char *en, *de;	/* as many stars in both, in the same order */
};

/* More special ones before those that would match, too. */
static const struct phrase phrases[] = {
	/* deviations */
	{ "processors", "Prozessoren" },
	{ "memory", "Speicher" },
	{ "disks", "Platten" },
	{ "network between load generator and servers", "Netz zwischen Lasterzeuger und Servern" },
	{ "memory of the testbed, through its bridge",
	  "Speicher der Testumgebung, über ihre Bridge" },
	{ "the load generator runs on the testbed itself, outside the guests",
	  "der Lasterzeuger läuft auf der Testumgebung selbst, außerhalb der Gäste" },
	{ "operating system", "Betriebssystem" },
	{ "platform of *", "Plattform von *" },
	{ "benchmark program", "Messprogramm" },
	{ "Restudy's kernels", "Restudys eigene Kerne" },
	{ "written from the definitions of the program's tests; Dhrystone and Whetstone are "
	  "Dhrystone-like and Whetstone-like",
	  "nach den Definitionen der Tests geschrieben; Dhrystone und Whetstone sind ihnen "
	  "nur ähnlich" },
	{ "the plan's substitute", "der Ersatz, den der Plan nennt" },
	{ "what the testbed gives", "so ist die Testumgebung" },
	{ "not known", "nicht bekannt" },
	{ "none", "keine" },
	{ "* stands in for *: *", "* statt *: *" },
	{ "containers of libvirt (LXC)", "Container von libvirt (LXC)" },
	{ "containers of OpenVZ", "Container von OpenVZ" },
	{ "paravirtual Xen guests", "paravirtuelle Xen-Gäste" },
	{ "the bare machine", "die Maschine ohne Gäste" },
	{ "vzctl is missing", "vzctl fehlt" },
	{ "install OpenVZ's vzctl, or let the plan name a substitute platform",
	  "OpenVZs vzctl installieren oder im Plan einen Ersatz nennen" },
	{ "this machine", "diese Maschine" },
	/* the audit */
	{ "the declared duration, within a second,", "die genannte Dauer, auf eine Sekunde," },
	{ "the declared concurrency / rate", "die genannte Gleichzeitigkeit / Rate" },
	{ "the declared concurrency", "die genannte Gleichzeitigkeit" },
	{ "response time x rate", "Antwortzeit × Rate" },
	{ "dividing the printed values", "die gedruckten Werte geteilt" },
	{ "the geometric mean of the printed ratios",
	  "das geometrische Mittel der gedruckten Verhältnisse" },
	{ "the same by the same", "durch sich selbst geteilt" },
	{ "geometric mean", "geometrisches Mittel" },
	{ "all columns have the same load", "alle Spalten dieselbe Last haben" },
	{ "every guest has a load of its own", "jeder Gast eine eigene Last hat" },
	{ "there is no such key; \"*\" must be meant: letters count in a configuration that is a "
	  "Python program",
	  "diesen Schlüssel gibt es nicht, gemeint ist „*“: in einem Python-Programm zählen Groß- "
	  "und Kleinbuchstaben" },
	{ "there is no such key; \"*\" must be meant",
	  "diesen Schlüssel gibt es nicht, gemeint ist „*“" },
	{ "there is no such key", "diesen Schlüssel gibt es nicht" },
	{ "its comment says that it is switched off, its value 1 switches it on",
	  "der Kommentar sagt ausgeschaltet, der Wert 1 schaltet ein" },
	{ "its comment says that it is switched on, its value 0 switches it off",
	  "der Kommentar sagt eingeschaltet, der Wert 0 schaltet aus" },
	{ "printed as \"*\"; the plan has \"*\"", "gedruckt „*“, im Plan „*“" },
	{ "the plan has no such setting", "der Plan hat keine solche Einstellung" },
	{ "mac and bridge stand under the wrong key; a network card is \"vif\", and \"if\" is a "
	  "word of Python",
	  "mac und bridge stehen unter dem falschen Schlüssel: eine Netzkarte heißt „vif“, und „if“ "
	  "ist ein Wort von Python" },
	{ "mac and bridge stand under the wrong key; a network card is \"vif\"",
	  "mac und bridge stehen unter dem falschen Schlüssel: eine Netzkarte heißt „vif“" },
	{ "the guest has no disk \"*\" in the plan", "im Plan hat der Gast keine Platte „*“" },
	{ "blanks after the commas become part of the device's name",
	  "die Leerzeichen nach den Kommas werden Teil des Gerätenamens" },
	{ "a line of fstab has six fields: a blank is missing, or one is too many",
	  "eine Zeile von fstab hat sechs Felder: ein Leerzeichen fehlt oder ist zu viel" },
	{ "the guest has no such disk; its swap is \"*\"",
	  "der Gast hat keine solche Platte, sein Swap ist „*“" },
	{ "the guest has no such disk; its file system is \"*\"",
	  "der Gast hat keine solche Platte, sein Dateisystem ist „*“" },
	{ "the guest has no such disk", "der Gast hat keine solche Platte" },
	{ "transactions / time", "Transaktionen / Zeit" },
	{ "data / time", "Daten / Zeit" },
	{ "the common load / rate", "die gemeinsame Last / Rate" },
	{ "one load for each guest", "eine Last je Gast" },
	/* the testbed */
	{ "QEMU * (TCG: the processor is emulated), * of memory, * disks of * on an * SCSI "
	  "controller (sparse files, host's cache, no flush), * on a user network (link rates "
	  "are not limited)",
	  "QEMU * (TCG: der Prozessor ist emuliert), * Speicher, * Platten zu * an einem "
	  "*-SCSI-Controller (Dateien mit Lücken, Puffer des Wirts, ohne Flush), * an einem "
	  "Benutzernetz (Leitungsraten sind nicht begrenzt)" },
	{ "QEMU * (KVM), * of memory, * disks of * on an * SCSI controller (sparse files, host's "
	  "cache, no flush), * on a user network (link rates are not limited)",
	  "QEMU * (KVM), * Speicher, * Platten zu * an einem *-SCSI-Controller (Dateien mit "
	  "Lücken, Puffer des Wirts, ohne Flush), * an einem Benutzernetz (Leitungsraten sind "
	  "nicht begrenzt)" },
	{ "* CPUs of the host's model, *", "* CPUs vom Modell des Wirts, *" },
	{ "* e1000 network cards", "* Netzkarten (e1000)" },
	{ "* e1000 network card", "* Netzkarte (e1000)" },
	{ "*, image *", "*, Abbild *" },
	/* events */
	{ "image: \"*\" is ready (*)", "Abbild: „*“ ist bereit (*)" },
	{ "making disks (about *)", "Platten werden angelegt (etwa *)" },
	{ "booting * (about *)", "startet mit „*“ (etwa *)" },
	{ "ready after *", "bereit nach *" },
	{ "the testbed is up (boot *)", "die Testumgebung läuft (Start „*“)" },
	{ "the testbed is gone", "die Testumgebung ist abgebaut" },
	{ "arrays, volume groups and file systems are up",
	  "RAID, Datenträgergruppen und Dateisysteme sind da" },
	{ "testbed", "Testumgebung" },
	{ "storage", "Speicherung" },
	{ "*, 1 guest, answering after *", "*, 1 Gast, Antwort nach *" },
	{ "*, * guests, answering after *", "*, * Gäste, Antwort nach *" },
	{ "* stopped", "* angehalten" },
	{ "the report is written", "der Bericht ist geschrieben" },
	/* cells */
	{ "* (* guest), *, trial *", "* (* Gast), *, Durchlauf *" },
	{ "* (* guests), *, trial *", "* (* Gäste), *, Durchlauf *" },
	{ "* (* guest), *, warm-up *", "* (* Gast), *, Aufwärmen *" },
	{ "* (* guests), *, warm-up *", "* (* Gäste), *, Aufwärmen *" },
	{ "*, *, trial *", "*, *, Durchlauf *" },
	{ "*, *, warm-up *", "*, *, Aufwärmen *" },
	/* what disturbed a run */
	{ "host of the testbed", "Wirt der Testumgebung" },
	{ "load: other programs kept * % of a processor busy, load average *",
	  "Last: andere Programme hielten * % eines Prozessors beschäftigt, Lastmittel *" },
	{ "nice: *; other programs run before this one does; start it with 0",
	  "nice: *; andere Programme kommen vor diesem an die Reihe; mit 0 starten" },
	{ "nice: *; other programs run after this one does; start it with 0",
	  "nice: *; andere Programme kommen nach diesem an die Reihe; mit 0 starten" },
	{ "governor: \"*\" changes the clock with the load; set \"performance\"",
	  "Taktregler: „*“ ändert den Takt mit der Last; „performance“ einstellen" },
	{ "turbo: on; the clock depends on heat and on how many cores work",
	  "Turbo: an; der Takt hängt von der Wärme ab und davon, wie viele Kerne arbeiten" },
	{ "swap: * MiB of programs are swapped out", "Auslagern: * MiB von Programmen sind ausgelagert" },
	{ "throttling: heat slowed a processor * times since the boot",
	  "Drosselung: Hitze bremste einen Prozessor *-mal seit dem Start" },
	{ "guests: * other virtual machine or container runs (*)",
	  "Gäste: * andere virtuelle Maschine oder ein Container läuft (*)" },
	{ "guests: * other virtual machines or containers run (*)",
	  "Gäste: * andere virtuelle Maschinen oder Container laufen (*)" },
	{ "an array was not synchronised after * s, which goes on beside the measurements: *",
	  "ein Verbund war nach * s nicht abgeglichen, was neben den Messungen weitergeht: *" },
	{ "disturbed", "gestört" },
	{ "other programs took * % of a processor", "andere Programme nahmen * % eines Prozessors" },
	{ "the hypervisor withheld * % of the processor time",
	  "der Hypervisor hielt * % der Prozessorzeit zurück" },
	{ "swapping moved * pages", "Auslagern bewegte * Seiten" },
	{ "heat slowed the processors * times", "Hitze bremste die Prozessoren *-mal" },
	/* notes and reasons */
	{ "guest \"*\" ended while it was measured", "Gast „*“ endete, während er gemessen wurde" },
	{ "guest \"*\": *", "Gast „*“: *" },
	{ "system \"*\"", "System „*“" },
	{ "cannot start system \"*\" on *", "System „*“ lässt sich auf * nicht starten" },
	{ "Xen does not start it", "Xen startet ihn nicht" },
	{ "internal error", "interner Fehler" },
	{ "* guests were started together, at most * ms apart",
	  "* Gäste begannen gemeinsam, höchstens * ms auseinander" },
	{ "* requests under way at */s are * s each, and Siege prints * s: Little's law holds "
	  "within its rounding",
	  "* Anfragen unterwegs bei */s sind je * s, und Siege druckt * s: Littles Gesetz gilt "
	  "innerhalb der Rundung" },
	{ "Siege's response time * s x rate */s is * requests under way, but it prints a "
	  "concurrency of * (Little's law)",
	  "Sieges Antwortzeit * s x Rate */s sind * Anfragen unterwegs, aber es druckt eine "
	  "Gleichzeitigkeit von * (Littles Gesetz)" },
	{ "Siege says * trans/s over * s; its process took * s by Restudy's clock: * trans/s",
	  "Siege nennt * trans/s über * s; sein Prozess brauchte nach Restudys Uhr * s: * trans/s" },
	{ "* by a statically linked program, since the dynamic one does not run there: it costs "
	  "less than UnixBench's",
	  "* mit einem statisch gebundenen Programm, weil das dynamische dort nicht läuft: es "
	  "kostet weniger als das von UnixBench" },
	{ "* left out: *", "* ausgelassen: *" },
	{ "UnixBench index * over * tests (George = 10), as it prints",
	  "UnixBench-Index * über * Tests (George = 10), wie gedruckt" },
	{ "limits of the plan that libvirt's containers do not have and that were not applied:*",
	  "Grenzen des Plans, die libvirts Container nicht haben und die nicht gesetzt wurden:*" },
	{ "all guests were measured again: *", "alle Gäste wurden noch einmal gemessen: *" },
	{ "siege hung and was killed", "Siege hing und wurde beendet" },
	{ "no end within its time, killed after *", "kein Ende in seiner Zeit, beendet nach *" },
	{ "interrupted", "unterbrochen" },
	{ "the run was interrupted", "der Lauf wurde unterbrochen" },
	{ "not planned", "nicht geplant" },
	{ "values of a group have no common unit; name one metric",
	  "Werte einer Gruppe haben keine gemeinsame Einheit; eine Messgröße nennen" },
	/* a comparison */
	{ "Comparison of runs", "Läufe im Vergleich" },
	{ "Each metric divided by the baseline of its own run",
	  "Jede Messgröße, geteilt durch die Bezugsgröße ihres Laufs" },
	{ "Each metric in its own unit", "Jede Messgröße in ihrer Einheit" },
	{ "Ratio *, each divided by its baseline",
	  "Verhältnis *, jedes geteilt durch seine Bezugsgröße" },
	{ "Ratio *", "Verhältnis *" },
	{ "* / published", "* / veröffentlicht" },
	{ "published", "veröffentlicht" },
	{ "the published tables", "die veröffentlichten Tabellen" },
	{ "Dots: ratio of means; lines: 95 % interval, not corrected for their number.",
	  "Punkte: Verhältnis der Mittel; Striche: 95-%-Intervall, nicht um ihre Zahl "
	  "berichtigt." },
	{ "equal", "gleich" },
	{ "Metric", "Messgröße" },
	{ "95 % interval", "95-%-Intervall" },
	{ "Verdict", "Urteil" },
	{ "Place", "Stelle" },
	{ "p values with Holm's correction over the * ratios that have an interval, and a "
	  "verdict needs one below 0.05.",
	  "p-Werte mit der Korrektur von Holm über die * Verhältnisse, die ein Intervall "
	  "haben; ein Urteil braucht einen unter 0,05." },
	{ "What differs in * places, while * are the same",
	  "Was sich an * Stellen unterscheidet, während * gleich sind" },
	{ "fact", "Angabe" },
	{ "environment", "Umgebung" },
	{ "not there", "nicht da" },
	{ "there", "da" },
	{ "larger: worse", "größer: schlechter" },
	{ "larger: better", "größer: besser" },
	{ "smaller: better", "kleiner: besser" },
	{ "smaller: worse", "kleiner: schlechter" },
	{ "no difference shown", "kein Unterschied gezeigt" },
	{ "not compared", "nicht verglichen" },
	{ "* (1 guest)", "* (1 Gast)" },
	{ "* (* guests)", "* (* Gäste)" },
	{ "substituted", "ersetzt" },
	{ "* by another platform", "* durch eine andere Plattform" },
	{ "* by host", "* durch host" },
	{ "* by lxc", "* durch lxc" },
	{ "* by openvz", "* durch openvz" },
	{ "* by qemu", "* durch qemu" },
	{ "* by xen", "* durch xen" },
	{ "* by xen-pvh", "* durch xen-pvh" },
	{ "a real machine", "eine wirkliche Maschine" },
	{ "emulated (*)", "emuliert (*)" },
	{ "virtual (*)", "virtuell (*)" },
	{ "study *, *, testbed *, no profile, restudy *",
	  "Studie *, *, Testumgebung *, ohne Profil, Restudy *" },
	{ "study *, *, testbed *, profile *, restudy *",
	  "Studie *, *, Testumgebung *, Profil *, Restudy *" },
	{ "* has no value or no baseline", "* hat keinen Wert oder keine Bezugsgröße" },
	{ "* has no value", "* hat keinen Wert" },
	{ "the publication", "die Veröffentlichung" },
	{ "* measures in *, * in *", "* misst in *, * in *" },
	{ "no ratio", "kein Verhältnis" },
	{ "a value is not positive", "ein Wert ist nicht positiv" },
	{ "the printed number may be 0", "die gedruckte Zahl kann 0 sein" },
	{ "the machine was emulated: compare directions, not sizes",
	  "die Maschine war emuliert: zu vergleichen sind Richtungen, keine Größen" },
	{ "the paper's machine was another one: what stays comparable is the ratio to the "
	  "baseline",
	  "die Maschine der Studie war eine andere: vergleichbar bleibt das Verhältnis zur "
	  "Bezugsgröße" },
	{ "both machines were emulated: sizes are the emulator's, and its host's load is in"
	  " them",
	  "beide Maschinen waren emuliert: Größen sind die des Emulators, mit der Last "
	  "seines Wirts darin" },
	{ "* was emulated and * was not: ratios in their own unit tell the emulator's "
	  "speed, those to the baseline its weighting of calls",
	  "* war emuliert, * nicht: Verhältnisse in eigener Einheit zeigen die "
	  "Geschwindigkeit des Emulators, solche zur Bezugsgröße, wie er Aufrufe gewichtet" },
	{ "substitutes differ: * has *, * has *", "der Ersatz ist verschieden: * hat *, * hat *" },
	/* methods of estimates */
	{ "delta method with Student's t over * and * trials",
	  "Delta-Methode mit Students t über * und * Durchläufe" },
	{ "Student's t over * trials, on the logarithm of the mean",
	  "Students t über * Durchläufe, auf dem Logarithmus des Mittels" },
	{ "Student's t over * trials", "Students t über * Durchläufe" },
	{ "Vangel (1996) over * trials", "Vangel (1996) über * Durchläufe" },
	{ "delta method with Student's t over * trials",
	  "Delta-Methode mit Students t über * Durchläufe" },
	{ "a trial is the mean of a boot: * boots",
	  "als Durchlauf zählt das Mittel eines Starts: * Starts" },
	{ "widened by rounding", "um die Rundung erweitert" },
	{ "all trials are equal", "alle Durchläufe sind gleich" },
	{ "no interval", "kein Intervall" },
	{ "one trial", "ein Durchlauf" },
	{ "the ratio is 0", "das Verhältnis ist 0" },
	{ "a mean is too near to 0", "ein Mittel ist zu nahe bei 0" },
	{ "a mean may be 0 when trials are resampled",
	  "ein Mittel kann 0 sein, wenn Durchläufe gezogen werden" },
	{ "BCa bootstrap over * and * trials, * resamples, seed *",
	  "BCa-Bootstrap über * und * Durchläufe, * Ziehungen, Startwert *" },
	{ "BCa bootstrap over * trials, * resamples, seed *",
	  "BCa-Bootstrap über * Durchläufe, * Ziehungen, Startwert *" },
	{ "the baseline, by definition", "die Bezugsgröße, nach Definition" },
};

struct hole {
	const char *text;
	size_t bytes;
};

enum match { MATCH_NO, MATCH_YES, MATCH_NEVER };

/*
 * Matches text with stars; the earliest end of a star that leads to a match counts.  Where a
 * star comes to the end of the text (MATCH_NEVER), no later end of one before it helps: so the
 * cost is at most pattern times text, whatever somebody wrote into a note.
 */
static enum match match(const char *pattern, const char *text, struct hole *holes, size_t n)
{
	while (*pattern != '*') {
		if (*pattern != *text)
			return MATCH_NO;
		if (*pattern == '\0')
			return MATCH_YES;
		pattern++;
		text++;
	}
	if (n == MOST_HOLES)
		return MATCH_NEVER;
	holes[n].text = text;
	if (pattern[1] == '\0') {
		holes[n].bytes = strlen(text);
		return MATCH_YES;
	}
	for (;; text++) {
		enum match rest = MATCH_NO;

		holes[n].bytes = (size_t)(text - holes[n].text);
		if (*text == pattern[1])
			rest = match(pattern + 1, text, holes, n + 1);
		if (rest != MATCH_NO)
			return rest;
		if (*text == '\0')
			return MATCH_NEVER;
	}
}

static void say(struct rs_arena *arena, const char *text, int depth, struct rs_buf *out);

static void say_phrase(struct rs_arena *arena, const struct phrase *p, const struct hole *holes,
		       int depth, struct rs_buf *out)
{
	size_t n = 0;

	for (const char *s = p->de; *s != '\0'; s++) {
		if (*s != '*') {
			rs_buf_addc(out, *s);
			continue;
		}
		say(arena, rs_arena_strn(arena, holes[n].text, holes[n].bytes), depth + 1, out);
		n++;
	}
}

/* Two sentences with a colon or a semicolon between them. */
static int say_parts(struct rs_arena *arena, const char *text, int depth, struct rs_buf *out)
{
	static const char *const between[] = { ": ", "; " };

	for (size_t i = 0; i < RS_COUNT(between); i++) {
		const char *at = strstr(text, between[i]);

		if (at == NULL)
			continue;
		say(arena, rs_arena_strn(arena, text, (size_t)(at - text)), depth + 1, out);
		rs_buf_adds(out, between[i]);
		say(arena, at + 2, depth + 1, out);
		return 1;
	}
	return 0;
}

/* "12.0 s" becomes "12,0 s"; a version ("7.2.22") has more than one point. */
static void say_number(const char *text, struct rs_buf *out)
{
	const size_t whole = strspn(text, "0123456789");
	const size_t fraction = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
	const char end = fraction == 0 ? '\0' : text[whole + 1 + fraction];

	if (whole == 0 || fraction == 0 || (end != '\0' && end != ' ' && end != ';')) {
		rs_buf_adds(out, text);
		return;
	}
	rs_buf_add(out, text, whole);
	rs_buf_addc(out, ',');
	rs_buf_adds(out, text + whole + 1);
}

static void say(struct rs_arena *arena, const char *text, int depth, struct rs_buf *out)
{
	struct hole holes[MOST_HOLES];

	if (text == NULL)
		return;
	for (size_t i = 0; depth < MOST_DEPTH && i < RS_COUNT(phrases); i++)
		if (match(phrases[i].en, text, holes, 0) == MATCH_YES) {
			say_phrase(arena, &phrases[i], holes, depth, out);
			return;
		}
	if (depth >= MOST_DEPTH || !say_parts(arena, text, depth, out))
		say_number(text, out);
}

const char *rs_phrase(struct rs_arena *arena, enum rs_language l, const char *text)
{
	RS_AUTO_BUF out = RS_BUF_INIT;

	if (text == NULL || l == RS_LANGUAGE_EN)
		return text;
	say(arena, text, 0, &out);
	return rs_arena_take(arena, &out);
}
