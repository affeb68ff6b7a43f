/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks the store once, and puts guests together within each trial. */
#include "analysis_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"
#include "restudy/bench.h"

int64_t rs_epoch_of(const char *text)
{
	struct tm t = { .tm_isdst = 0 };
	int used = 0;
	double number;

	if (text == NULL)
		return -1;
	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour,
		   &t.tm_min, &t.tm_sec, &used) == 6 && used > 0 && text[used] == '\0' &&
	    t.tm_year >= 1970 && t.tm_mon >= 1 && t.tm_mon <= 12 && t.tm_mday >= 1 && t.tm_mday <= 31) {
		t.tm_year -= 1900;
		t.tm_mon--;
		return timegm(&t);
	}
	if (rs_parse_double(text, &number, NULL) == 0 && number >= 0 && number < 1e12)
		return (int64_t)number;
	return -1;
}

int rs_analysis_fact(struct rs_analysis *a, const char *key, const char **ret, struct rs_err *err)
{
	RS_AUTO_STR *text = NULL;

	*ret = NULL;
	if (rs_store_get_fact(a->store, key, &text, err) < 0)
		return -1;
	*ret = rs_arena_str(&a->arena, text);
	return rs_arena_check(&a->arena, err);
}

int rs_analysis_fact_of(struct rs_analysis *a, const char *kind, const char *id, const char **ret,
			struct rs_err *err)
{
	const char *key = rs_arena_printf(&a->arena, "%s.%s", kind, id);

	if (key == NULL)
		return rs_err_nomem(err);
	return rs_analysis_fact(a, key, ret, err);
}

int rs_analysis_deviation(struct rs_analysis *a, int n, const char **ret, struct rs_err *err)
{
	char key[40];

	/* two digits, so that the store sorts them; recorded runs may have one */
	(void)snprintf(key, sizeof(key), "deviation.%02d", n);
	if (rs_analysis_fact(a, key, ret, err) < 0)
		return -1;
	(void)snprintf(key, sizeof(key), "deviation.%d", n);
	return *ret != NULL ? 0 : rs_analysis_fact(a, key, ret, err);
}

static int load_facts(struct rs_analysis *a, struct rs_err *err)
{
	const char *seed, *finished, *started, *emulated, *is_virtual;
	int64_t number;

	if (rs_analysis_fact(a, "seed", &seed, err) < 0 ||
	    rs_analysis_fact(a, "finished", &finished, err) < 0 ||
	    rs_analysis_fact(a, "started", &started, err) < 0 ||
	    rs_analysis_fact(a, "emulated", &emulated, err) < 0 ||
	    rs_analysis_fact(a, "virtual", &is_virtual, err) < 0)
		return -1;
	a->seed = a->plan->seed;
	if (seed != NULL && rs_parse_i64(seed, 0, INT64_MAX, &number, NULL) == 0)
		a->seed = (uint64_t)number;
	a->epoch_s = rs_epoch_of(finished);
	if (a->epoch_s < 0)
		a->epoch_s = rs_epoch_of(started);
	if (a->epoch_s < 0)
		a->epoch_s = 0;
	a->emulated = emulated != NULL && strcmp(emulated, "1") == 0;
	a->is_virtual = a->emulated || (is_virtual != NULL && strcmp(is_virtual, "1") == 0);
	return 0;
}

int rs_analysis_load(struct rs_analysis *a, const struct rs_plan *plan, struct rs_store *store,
		     struct rs_err *err)
{
	a->plan = plan;
	a->store = store;
	if (load_facts(a, err) < 0 ||
	    rs_store_series(store, NULL, NULL, NULL, &a->set, err) < 0 ||
	    rs_store_cells(store, &a->cells, &a->n_cells, err) < 0 ||
	    rs_store_notes(store, &a->notes, &a->n_notes, err) < 0 ||
	    rs_store_events(store, &a->events, &a->n_events, err) < 0 ||
	    rs_store_env(store, &a->env, &a->n_env, err) < 0)
		return rs_err_wrap(err, "report");
	return 0;
}

void rs_analysis_release(struct rs_analysis *a)
{
	rs_series_set_release(&a->set);
	rs_cell_records_free(a->cells, a->n_cells);
	free(a->notes);
	rs_events_free(a->events, a->n_events);
	rs_env_facts_free(a->env, a->n_env);
	rs_arena_release(&a->arena);
	*a = (struct rs_analysis)RS_ANALYSIS_INIT;
}

/* An analysed one: warm-ups are numbered below 1. */
static int cell_is(const struct rs_cell *c, const char *system, int guests, const char *benchmark)
{
	return c->trial >= 1 && c->guests == guests && strcmp(c->system, system) == 0 &&
	       strcmp(c->benchmark, benchmark) == 0;
}

/* Notes and cells are both in the order of the run. */
size_t rs_analysis_disturbed(const struct rs_analysis *a, const char *system, int guests,
			     const char *benchmark)
{
	size_t n = 0, note = 0;

	for (size_t i = 0; benchmark != NULL && i < a->n_cells; i++) {
		const struct rs_cell_record *r = &a->cells[i];
		int disturbed = 0;

		for (; note < a->n_notes && rs_cell_is(&a->notes[note].cell, &r->cell); note++)
			disturbed |= rs_disturbance(&a->notes[note].note) != NULL;
		n += disturbed && r->state == RS_CELL_DONE && cell_is(&r->cell, system, guests, benchmark);
	}
	return n;
}

int rs_analysis_substitute(struct rs_analysis *a, const char *system, const char **ret,
			   struct rs_err *err)
{
	const struct rs_system *s = rs_plan_system(a->plan, system);
	const char *platform, *reason, *planned = s == NULL ? "" : rs_platform_name(s->platform);

	*ret = NULL;
	if (rs_analysis_fact_of(a, "substitute", system, &reason, err) < 0 ||
	    rs_analysis_fact_of(a, "platform", system, &platform, err) < 0)
		return -1;
	if (platform != NULL && s != NULL && strcmp(platform, planned) != 0)
		*ret = rs_arena_printf(&a->arena, "%s %s %s", platform,
				       rs_report_word(a->l, RS_WORD_IN_PLACE_OF), planned);
	else if (reason != NULL && reason[0] != '\0')
		*ret = rs_phrase(&a->arena, a->l, reason);
	return rs_arena_check(&a->arena, err);
}

int rs_system_guests(const struct rs_system *s)
{
	int most = 0;

	for (size_t i = 0; i < s->guests.n_counts; i++)
		if (s->guests.counts[i] > most)
			most = s->guests.counts[i];
	return most;
}

int rs_benchmark_gives(const struct rs_benchmark *b, const char *metric)
{
	for (size_t i = 0; i < b->n_tests; i++) {
		const size_t n = strlen(b->tests[i]);

		if (strncmp(b->tests[i], metric, n) == 0 && (metric[n] == '\0' || metric[n] == '-'))
			return 1;
	}
	return b->n_tests == 0;
}

/* How values of guests that ran at once become one. */
enum combination {
	COMBINE_MEAN, COMBINE_SUM, COMBINE_WEIGHTED, COMBINE_LARGEST, COMBINE_SMALLEST,
	COMBINE_LAST
};

/* What a sum over guests means for metrics of load generators that are no amounts:
 * times and shares are weighted by the transactions behind them. */
static const struct {
	const char *metric;
	enum combination how;
} not_amounts[] = {
	{ "availability", COMBINE_WEIGHTED },
	{ "elapsed-time", COMBINE_MEAN },
	{ "longest-transaction", COMBINE_LARGEST },
	{ "response-time", COMBINE_WEIGHTED },
	{ "shortest-transaction", COMBINE_SMALLEST },
};

static enum combination combination_of(const struct rs_subject *s)
{
	const enum rs_adapter adapter = s->benchmark->adapter;

	if (s->guest != NULL || s->over != RS_OVER_SUM)
		return COMBINE_MEAN;
	if (adapter != RS_ADAPTER_SIEGE && adapter != RS_ADAPTER_HTTPLOAD)
		return COMBINE_SUM;
	for (size_t i = 0; i < RS_COUNT(not_amounts); i++)
		if (strcmp(not_amounts[i].metric, s->metric) == 0)
			return not_amounts[i].how;
	/* a percentile of all requests cannot be had from the guests' own: the worst one
	 * bounds it from above */
	if (strncmp(s->metric, "latency", 7) == 0)
		return COMBINE_LARGEST;
	return COMBINE_SUM;
}

const char *rs_combination_weight(const struct rs_subject *s)
{
	return s->guests > 1 && combination_of(s) == COMBINE_WEIGHTED ? "transactions" : NULL;
}

const char *rs_combination_name(const struct rs_subject *s)
{
	static const char *const names[] = {
		[COMBINE_MEAN] = "mean over guests",
		[COMBINE_SUM] = "summed over guests",
		[COMBINE_WEIGHTED] = "mean over guests weighted by transactions",
		[COMBINE_LARGEST] = "largest of the guests",
		[COMBINE_SMALLEST] = "smallest of the guests",
	};
	_Static_assert(RS_COUNT(names) == COMBINE_LAST, "name every combination");

	if (s->guest != NULL)
		return "one guest alone";
	return s->guests <= 1 ? "one machine" : names[combination_of(s)];
}

static int series_is(const struct rs_series *r, const struct rs_subject *s, const char *metric)
{
	return r->guests == s->guests && strcmp(r->system, s->system) == 0 &&
	       strcmp(r->benchmark, s->benchmark->id) == 0 && strcmp(r->metric, metric) == 0 &&
	       (s->guest == NULL || strcmp(r->guest, s->guest) == 0);
}

int rs_subject_has(const struct rs_subject *s, const struct rs_series *r)
{
	return series_is(r, s, s->metric);
}

char *rs_run_folder(const struct rs_plan *plan, struct rs_err *err)
{
	const char *path = plan->file == NULL ? "plan.xml" : plan->file, *base = rs_path_base(path);

	if (base == path)
		return rs_strdup(".", err);
	return rs_strndup(path, (size_t)(base - path) > 1 ? (size_t)(base - path) - 1 : 1, err);
}

/* The value of a series in a trial; NaN when it has none. */
static double value_in(const struct rs_series *r, int trial)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->trial[i] == trial)
			return r->value[i];
	return (double)NAN;
}

/* The weight of a guest in a trial: its transactions. */
static double weight_in(const struct rs_analysis *a, const struct rs_subject *s, const char *guest,
			int trial)
{
	for (size_t i = 0; i < a->set.n; i++) {
		const struct rs_series *r = &a->set.series[i];

		if (series_is(r, s, "transactions") && strcmp(r->guest, guest) == 0)
			return value_in(r, trial);
	}
	return (double)NAN;
}

/* All guests of one trial to one value; NaN when one is missing. */
static double combine(const struct rs_analysis *a, const struct rs_subject *s, int trial,
		      size_t *guests)
{
	enum combination how = combination_of(s);
	double sum = 0, weights = 0, largest = (double)-INFINITY, smallest = (double)INFINITY;

	*guests = 0;
	for (size_t i = 0; i < a->set.n; i++) {
		const struct rs_series *r = &a->set.series[i];
		double v, w = 1;

		if (!series_is(r, s, s->metric))
			continue;
		v = value_in(r, trial);
		if (how == COMBINE_WEIGHTED)
			w = weight_in(a, s, r->guest, trial);
		if (isnan(v) || isnan(w))
			return (double)NAN;
		(*guests)++;
		sum += v * w;
		weights += w;
		largest = fmax(largest, v);
		smallest = fmin(smallest, v);
	}
	switch (how) {
	case COMBINE_MEAN:
	case COMBINE_WEIGHTED:
		return weights > 0 ? sum / weights : (double)NAN;
	case COMBINE_SUM:
		return sum;
	case COMBINE_LARGEST:
		return largest;
	case COMBINE_SMALLEST:
		return smallest;
	case COMBINE_LAST:
		break;
	}
	return (double)NAN;
}

/* The trial after the given one that any guest has a value for; INT32_MAX: none. */
static int next_trial(const struct rs_analysis *a, const struct rs_subject *s, int after)
{
	int best = INT32_MAX;

	for (size_t i = 0; i < a->set.n; i++) {
		const struct rs_series *r = &a->set.series[i];

		if (!series_is(r, s, s->metric))
			continue;
		for (size_t k = 0; k < r->n; k++)
			if (r->trial[k] > after && r->trial[k] < best)
				best = r->trial[k];
	}
	return best;
}

static const char *unit_of(const struct rs_analysis *a, const struct rs_subject *s)
{
	for (size_t i = 0; i < a->set.n; i++)
		if (series_is(&a->set.series[i], s, s->metric))
			return a->set.series[i].unit;
	return "";
}

static int is_multiple(double v, double step)
{
	return fabs(v / step - nearbyint(v / step)) < 1e-6;
}

/*
 * Half of what a value may have lost when its program printed it; counts lose nothing.  A
 * version of a program may print finer, or in a smaller unit, than its adapter tells: the step
 * is then the first tenth, hundredth, ... of it that all values are multiples of.
 */
static double lost_in_print(const struct rs_analysis *a, const struct rs_subject *s)
{
	double step = rs_bench_driver_of(s->benchmark->adapter)->step;

	for (size_t i = 0; step > 0 && i < a->set.n; i++) {
		const struct rs_series *r = &a->set.series[i];

		if (!series_is(r, s, s->metric))
			continue;
		if (strcmp(r->unit, "hits") == 0)
			return 0;
		for (size_t k = 0; k < r->n; k++)
			while (!is_multiple(r->value[k], step))
				if ((step /= 10) < 1e-9)
					return 0;
	}
	return combination_of(s) == COMBINE_SUM && s->guest == NULL && s->guests > 1
		       ? step / 2 * s->guests : step / 2;
}

size_t rs_boots_of(const int *boot, size_t n)
{
	size_t different = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		if (boot[i] <= 0)
			return 1;
		while (k < i && boot[k] != boot[i])
			k++;
		different += k == i;
	}
	return different == 0 ? 1 : different;
}

static size_t place_of(const struct rs_trials *t, int trial)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		const size_t middle = lo + (hi - lo) / 2;

		if (t->trial[middle] < trial)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo < t->n && t->trial[lo] == trial ? lo : t->n;
}

double rs_trials_at(const struct rs_trials *t, int trial)
{
	const size_t at = place_of(t, trial);

	return at < t->n ? t->value[at] : (double)NAN;
}

/* The boots that the trials were started in; 0: not told. */
static void find_boots(const struct rs_analysis *a, const struct rs_subject *s,
		       const struct rs_trials *t, int *boot)
{
	for (size_t i = 0; i < a->n_cells; i++) {
		const struct rs_cell *c = &a->cells[i].cell;
		size_t at;

		if (!cell_is(c, s->system, s->guests, s->benchmark->id))
			continue;
		at = place_of(t, c->trial);
		if (at < t->n)
			boot[at] = a->cells[i].boot;
	}
}

static int find_units(struct rs_analysis *a, const struct rs_subject *s, struct rs_trials *t,
		      struct rs_err *err)
{
	int *boot = rs_arena_new(&a->arena, t->n + 1, sizeof(*boot));
	double *means;

	if (boot == NULL)
		return rs_err_nomem(err);
	find_boots(a, s, t, boot);
	t->boot = boot;
	t->n_boots = rs_boots_of(boot, t->n);
	t->unit_value = t->value;
	t->n_units = t->n;
	if (t->n_boots == 1)
		return 0;
	means = rs_arena_new(&a->arena, t->n, sizeof(*means));
	if (means == NULL)
		return rs_err_nomem(err);
	t->unit_value = means;
	return rs_boot_means(t->value, boot, t->n, means, &t->n_units, err);
}

/* Where boots are the units, the method says so. */
static void tell_boots(struct rs_estimate *e, size_t boots)
{
	const size_t used = strlen(e->method);

	if (boots > 1)
		(void)snprintf(e->method + used, sizeof(e->method) - used,
			       "; a trial is the mean of a boot: %zu boots", boots);
}

int rs_trials_mean(const struct rs_trials *t, uint64_t seed, struct rs_estimate *ret,
		   struct rs_err *err)
{
	if (rs_mean(t->unit_value, t->n_units, seed, ret, err) < 0)
		return -1;
	rs_round_mean(ret, t->off);
	tell_boots(ret, t->n_boots);
	return 0;
}

int rs_trials_ratio(const struct rs_trials *t, const struct rs_trials *base, double scale,
		    uint64_t seed, struct rs_estimate *ret, struct rs_err *err)
{
	const struct rs_rounded r = { rs_arithmetic_mean(t->unit_value, t->n_units), t->off,
				      rs_arithmetic_mean(base->unit_value, base->n_units), base->off };

	if (rs_ratio(t->unit_value, t->n_units, base->unit_value, base->n_units, scale, seed, ret,
		     err) < 0)
		return -1;
	rs_round_ratio(ret, &r, 1, scale);
	tell_boots(ret, t->n_boots > base->n_boots ? t->n_boots : base->n_boots);
	return 0;
}

int rs_analysis_trials(struct rs_analysis *a, const struct rs_subject *s, struct rs_trials *ret,
		       struct rs_err *err)
{
	double *value = NULL;
	int *trial = NULL;

	*ret = (struct rs_trials){ .unit = unit_of(a, s), .off = lost_in_print(a, s) };
	for (int t = next_trial(a, s, 0); t != INT32_MAX; t = next_trial(a, s, t)) {
		size_t guests;
		const double v = combine(a, s, t, &guests);

		if (isnan(v) || (s->guest == NULL && s->guests > 0 && guests < (size_t)s->guests)) {
			ret->incomplete++;
			continue;
		}
		value = rs_arena_grow(&a->arena, value, ret->n, sizeof(*value));
		trial = rs_arena_grow(&a->arena, trial, ret->n, sizeof(*trial));
		if (value == NULL || trial == NULL)
			return rs_err_nomem(err);
		value[ret->n] = v;
		trial[ret->n++] = t;
		ret->samples += guests;
	}
	ret->value = value;
	ret->trial = trial;
	return find_units(a, s, ret, err);
}

const struct rs_cell_record *rs_analysis_blame(const struct rs_analysis *a, const char *system,
					       int guests, const char *benchmark)
{
	const struct rs_cell_record *pending = NULL;

	for (size_t i = 0; i < a->n_cells; i++) {
		const struct rs_cell_record *r = &a->cells[i];

		if (!cell_is(&r->cell, system, guests, benchmark))
			continue;
		if (r->state == RS_CELL_FAILED || r->state == RS_CELL_MISSING)
			return r;
		if (r->state != RS_CELL_DONE && pending == NULL)
			pending = r;
	}
	return pending;
}

void rs_analysis_count(const struct rs_analysis *a, const char *system, int guests,
		       const char *benchmark, size_t *planned, size_t *done)
{
	*planned = *done = 0;
	for (size_t i = 0; i < a->n_cells; i++)
		if (cell_is(&a->cells[i].cell, system, guests, benchmark)) {
			(*planned)++;
			*done += a->cells[i].state == RS_CELL_DONE;
		}
}

const char *rs_analysis_why(struct rs_analysis *a, const char *system, int guests,
			    const char *benchmark)
{
	const struct rs_cell_record *r = rs_analysis_blame(a, system, guests, benchmark);
	size_t planned, done;
	const char *text;

	rs_analysis_count(a, system, guests, benchmark, &planned, &done);
	if (r != NULL && r->reason != NULL)
		text = rs_arena_printf(&a->arena, "%s: %s", rs_cell_state_word(a->l, r->state),
				       rs_phrase(&a->arena, a->l, r->reason));
	else if (r != NULL)
		text = rs_cell_state_word(a->l, r->state);
	else
		text = rs_report_word(a->l, planned == 0 ? RS_WORD_NO_CELL : RS_WORD_NO_VALUE);
	return text == NULL ? "" : text;
}
