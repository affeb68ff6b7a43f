/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records: what the readers of all formats fill, and the names they make on the way. */
#include "exchange_priv.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/base/text.h"

enum { MAX_RECORDS = 4000000, MAX_WORDS = 1000 };	/* a plan holds no more of a kind */

static void free_words(struct rs_word *w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(w[i].title);
	free(w);
}

void rs_records_release(struct rs_records *r)
{
	free_words(r->systems, r->n_systems);
	free_words(r->benchmarks, r->n_benchmarks);
	for (size_t i = 0; i < r->n_measures; i++)
		free(r->measures[i].title);
	free(r->measures);
	free(r->remarks);
	free(r->r);
	*r = (struct rs_records){ .r = NULL };
}

int rs_expected(const struct rs_reading *in, int line, struct rs_err *err, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return rs_err_set(err, RS_ERR_PLAN, "\"%s\":%d: expected %s", in->source->path, line, text);
}

int rs_expected_end(const struct rs_reading *in, struct rs_err *err)
{
	const size_t n = strlen(in->text);
	int line = 1;

	if (n == 0 || in->text[n - 1] == '\n')
		return 0;
	for (const char *p = in->text; (p = strchr(p, '\n')) != NULL; p++)
		line++;
	return rs_expected(in, line, err, "the end of the line: the file was cut, or its last line break is "
			   "missing");
}

void rs_copy_text(char *to, size_t size, const char *from)
{
	size_t n = strlen(from);

	if (n >= size)
		n = size - 1;
	memcpy(to, from, n);
	to[n] = '\0';
}

static int is_name_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("._+-", c) != NULL);
}

void rs_plain_name(char to[64], const char *from)
{
	size_t n = 0;

	if (rs_path_is_plain_name(from) && strlen(from) < 64) {
		rs_copy_text(to, 64, from);
		return;
	}
	for (; *from != '\0' && n < 60; from++) {
		if (is_name_letter(*from) && (n > 0 || strchr(".-", *from) == NULL))
			to[n++] = *from;
		else if (n > 0 && to[n - 1] != '-')
			to[n++] = '-';
	}
	while (n > 0 && to[n - 1] == '-')
		n--;
	to[n] = '\0';
	if (n == 0)
		rs_copy_text(to, 64, "unnamed");
}

/* Bytes of the character at s; 0: it is none, or moves what shows it. */
static int plain_length(const char *s)
{
	int n;
	const uint32_t c = rs_text_next(s, &n);

	return c == RS_TEXT_REPLACEMENT || c < 0x20 ? 0 : n;
}

int rs_is_plain_text(const char *text)
{
	for (const char *s = text; *s != '\0';) {
		const int n = plain_length(s);

		if (n == 0)
			return 0;
		s += n;
	}
	return 1;
}

void rs_put_xml(struct rs_buf *out, const char *text)
{
	for (const char *s = text; *s != '\0';) {
		const int n = plain_length(s);

		if (n == 0)
			rs_buf_addc(out, '?');
		else if (n == 1 && strchr("&<>\"", *s) != NULL)
			rs_buf_addf(out, "&#%d;", *s);
		else
			rs_buf_add(out, s, (size_t)n);
		s += n > 0 ? n : 1;
	}
}

static struct rs_word *find_id(struct rs_word *w, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(w[i].id, id) == 0)
			return &w[i];
	return NULL;
}

/* The word of a title; a new one gets an id of its own. */
static struct rs_word *word_of(struct rs_word **words, size_t *n, const char *title,
			       struct rs_err *err)
{
	struct rs_word *w;
	char id[64], base[64], more[16];

	for (size_t i = 0; i < *n; i++)
		if (strcmp((*words)[i].title, title) == 0)
			return &(*words)[i];
	if (*n >= MAX_WORDS) {
		(void)rs_err_set(err, RS_ERR_PLAN, "more than %d systems or benchmarks: import fewer files at once",
				 MAX_WORDS);
		return NULL;
	}
	rs_plain_name(base, title);
	rs_copy_text(id, sizeof(id), base);
	base[48] = '\0';
	for (int k = 2; find_id(*words, *n, id) != NULL; k++) {
		(void)snprintf(more, sizeof(more), "-%d", k);
		(void)snprintf(id, sizeof(id), "%.48s%s", base, more);
	}
	w = rs_array_grow(words, *n, sizeof(*w), err);
	if (w == NULL)
		return NULL;
	w->title = rs_strdup(title, err);
	if (w->title == NULL)
		return NULL;
	rs_copy_text(w->id, sizeof(w->id), id);
	w->adapter = -1;
	++*n;
	return w;
}

const char *rs_records_system(struct rs_records *r, const char *title, struct rs_err *err)
{
	const struct rs_word *w = word_of(&r->systems, &r->n_systems, title, err);

	return w != NULL ? w->id : NULL;
}

const char *rs_records_benchmark(struct rs_records *r, const char *title, int adapter,
				 struct rs_err *err)
{
	struct rs_word *w = word_of(&r->benchmarks, &r->n_benchmarks, title, err);

	if (w == NULL)
		return NULL;
	if (adapter >= 0)
		w->adapter = adapter;
	return w->id;
}

static struct rs_measure *find_measure(const struct rs_records *r, const char *benchmark,
				       const char *id)
{
	/* the latest first: files tell metric after metric */
	for (size_t i = r->n_measures; i-- > 0;)
		if (strcmp(r->measures[i].id, id) == 0 &&
		    strcmp(r->measures[i].benchmark, benchmark) == 0)
			return &r->measures[i];
	return NULL;
}

int rs_records_measure(struct rs_reading *in, int line, const struct rs_measure *m,
		       struct rs_err *err)
{
	struct rs_records *r = in->out;
	struct rs_measure *old = find_measure(r, m->benchmark, m->id);

	if (old != NULL && strcmp(old->unit, m->unit) != 0)
		return rs_expected(in, line, err, "\"%s\" of \"%s\" in \"%s\" as before, not in \"%s\"", m->id,
				   m->benchmark, old->unit, m->unit);
	if (old != NULL && old->better >= 0 && m->better >= 0 && old->better != m->better)
		return rs_expected(in, line, err, "the direction \"%s\" has had before", m->id);
	if (old != NULL)
		return 0;
	old = rs_array_grow(&r->measures, r->n_measures, sizeof(*old), err);
	if (old == NULL)
		return -1;
	*old = *m;
	old->title = rs_strdup(m->title, err);
	if (m->title != NULL && old->title == NULL)
		return -1;
	r->n_measures++;
	return 0;
}

int rs_records_add(struct rs_reading *in, int line, const struct rs_cell *cell,
		   const struct rs_sample *sample, struct rs_err *err)
{
	struct rs_records *r = in->out;
	struct rs_record *one;

	if (!isfinite(sample->value))
		return rs_expected(in, line, err, "a finite value of \"%s\"", sample->metric);
	if (r->n >= MAX_RECORDS)
		return rs_expected(in, line, err, "at most %d values in all", MAX_RECORDS);
	one = rs_array_grow(&r->r, r->n, sizeof(*one), err);
	if (one == NULL)
		return -1;
	*one = (struct rs_record){ *cell, *sample, in->source->path, line };
	r->n++;
	return 0;
}

int rs_records_remark(struct rs_records *r, const struct rs_remark *remark, struct rs_err *err)
{
	struct rs_remark *one = rs_array_grow(&r->remarks, r->n_remarks, sizeof(*one), err);

	if (one == NULL)
		return -1;
	*one = *remark;
	r->n_remarks++;
	return 0;
}

static int later(const struct rs_cell *c, const char *system, const char *benchmark, int trial)
{
	return c->trial > trial && strcmp(c->system, system) == 0 &&
	       strcmp(c->benchmark, benchmark) == 0;
}

int rs_records_next_trial(const struct rs_records *r, const char *system, const char *benchmark,
			  const char *guest)
{
	int trial = 0;

	for (size_t i = 0; i < r->n; i++)
		if (later(&r->r[i].cell, system, benchmark, trial) &&
		    strcmp(r->r[i].sample.guest, guest) == 0)
			trial = r->r[i].cell.trial;
	/* a trial that failed may have left nothing but its reason */
	for (size_t i = 0; i < r->n_remarks; i++)
		if (r->remarks[i].kind == RS_REMARK_FAILED &&
		    later(&r->remarks[i].cell, system, benchmark, trial))
			trial = r->remarks[i].cell.trial;
	return trial + 1;
}

void rs_reading_cell(const struct rs_reading *in, const char *benchmark, int trial,
		     struct rs_cell *cell)
{
	memset(cell, 0, sizeof(*cell));
	rs_copy_text(cell->system, sizeof(cell->system), in->system);
	rs_copy_text(cell->benchmark, sizeof(cell->benchmark), benchmark);
	cell->guests = -1;
	cell->trial = trial;
}

int rs_cell_order(const struct rs_cell *a, const struct rs_cell *b)
{
	int c = strcmp(a->system, b->system);

	if (c == 0)
		c = (a->guests > b->guests) - (a->guests < b->guests);
	if (c == 0)
		c = strcmp(a->benchmark, b->benchmark);
	return c != 0 ? c : (a->trial > b->trial) - (a->trial < b->trial);
}

static int record_order(const void *pa, const void *pb)
{
	const struct rs_record *a = pa, *b = pb;
	int c = rs_cell_order(&a->cell, &b->cell);

	if (c == 0)
		c = strcmp(a->sample.guest, b->sample.guest);
	if (c == 0)
		c = strcmp(a->sample.metric, b->sample.metric);
	return c != 0 ? c : (a->line > b->line) - (a->line < b->line);
}

int rs_records_sort(struct rs_records *r, struct rs_err *err)
{
	if (r->n == 0)
		return 0;
	qsort(r->r, r->n, sizeof(r->r[0]), record_order);
	for (size_t i = 1; i < r->n; i++) {
		const struct rs_record *a = &r->r[i - 1], *b = &r->r[i];
		char cell[200];

		if (rs_cell_order(&a->cell, &b->cell) == 0 &&
		    strcmp(a->sample.guest, b->sample.guest) == 0 &&
		    strcmp(a->sample.metric, b->sample.metric) == 0)
			return rs_err_set(err, RS_ERR_PLAN,
					  "\"%s\":%d: expected one value of \"%s\" of guest \"%s\" (%s), but \"%s\":%d has one already",
					  b->file, b->line, b->sample.metric, b->sample.guest,
					  rs_cell_describe(cell, sizeof(cell), &b->cell), a->file, a->line);
	}
	return 0;
}
