/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads what Siege says.  The block of 2.6x to 4.0 gives seconds and MB, 2.60 bytes,
 * 4.1 milliseconds; JSON (4.0 and later) has the same numbers without units; siege.log
 * has MB cut to whole ones.  MB are 2^20 bytes of bodies without headers.  Siege's
 * clock steps by 10 ms, so that a fast server's response time prints as 0.00: the same
 * quantity, total time by hits, is had with more digits as concurrency by rate.
 */
#include "bench_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"
#include "restudy/base/path.h"

enum field { F_TRANSACTIONS, F_AVAILABILITY, F_ELAPSED, F_DATA, F_RESPONSE, F_RATE, F_THROUGHPUT,
	     F_CONCURRENCY, F_SUCCESSFUL, F_FAILED, F_LONGEST, F_SHORTEST, F_LAST };

enum quantity { Q_PLAIN, Q_TIME, Q_DATA };

static const struct {
	const char *label, *key;	/* of the block, of JSON */
	size_t offset;
	enum quantity quantity;
} fields[] = {
#define AT(member) offsetof(struct rs_siege_result, member)
	[F_TRANSACTIONS] = { "Transactions:", "transactions", AT(transactions), Q_PLAIN },
	[F_AVAILABILITY] = { "Availability:", "availability", AT(availability), Q_PLAIN },
	[F_ELAPSED] = { "Elapsed time:", "elapsed_time", AT(elapsed_s), Q_PLAIN },
	[F_DATA] = { "Data transferred:", "data_transferred", AT(data_mb), Q_DATA },
	[F_RESPONSE] = { "Response time:", "response_time", AT(response_s), Q_TIME },
	[F_RATE] = { "Transaction rate:", "transaction_rate", AT(rate), Q_PLAIN },
	[F_THROUGHPUT] = { "Throughput:", "throughput", AT(throughput), Q_DATA },
	[F_CONCURRENCY] = { "Concurrency:", "concurrency", AT(concurrency), Q_PLAIN },
	[F_SUCCESSFUL] = { "Successful transactions:", "successful_transactions", AT(successful),
			   Q_PLAIN },
	[F_FAILED] = { "Failed transactions:", "failed_transactions", AT(failed), Q_PLAIN },
	[F_LONGEST] = { "Longest transaction:", "longest_transaction", AT(longest_s), Q_TIME },
	[F_SHORTEST] = { "Shortest transaction:", "shortest_transaction", AT(shortest_s), Q_TIME },
#undef AT
};
_Static_assert(RS_COUNT(fields) == F_LAST, "describe every field");

static double *field_of(struct rs_siege_result *r, enum field f)
{
	return (double *)(void *)((char *)r + fields[f].offset);
}

static void forget(struct rs_siege_result *r)
{
	for (int f = 0; f < F_LAST; f++)
		*field_of(r, (enum field)f) = (double)NAN;
	r->response_step_s = 0.005;
}

/* Value and unit after a label; at and end: the rest of its line. */
static int take_value(struct rs_siege_result *r, enum field f, const char *at, const char *where,
		      int line, struct rs_err *err)
{
	const char *end;
	double v;

	at += strspn(at, " \t\b");
	/* A number that letters run into ("12x45") is a damaged line. */
	if (rs_scan_double(at, &end, &v) < 0 ||
	    (*end != '\0' && strchr(" \t\r%", *end) == NULL))
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\":%d: \"%s\" is followed by no number",
				  where, line, fields[f].label);
	end += strspn(end, " \t");
	if (fields[f].quantity == Q_TIME && strncmp(end, "ms", 2) == 0) {
		v /= 1000;
		if (f == F_RESPONSE)
			r->response_step_s = 0.000005;
	}
	if (fields[f].quantity == Q_DATA && strncmp(end, "bytes", 5) == 0)
		v /= RS_WEB_MB;
	*field_of(r, f) = v;
	return 0;
}

/* The label's field whose text is in the line; at: after it. */
static int find_label(const char *line, const char **at)
{
	for (int f = 0; f < F_LAST; f++) {
		const char *hit = strstr(line, fields[f].label);

		if (hit != NULL) {
			*at = hit + strlen(fields[f].label);
			return f;
		}
	}
	return -1;
}

static int parse_block(const char *text, const char *where, struct rs_siege_result *r,
		       struct rs_err *err)
{
	int line = 1;

	for (const char *l = text; *l != '\0'; line++) {
		const size_t n = strcspn(l, "\n");
		char copy[200];
		const char *at = NULL;
		int f;

		snprintf(copy, sizeof(copy), "%.*s", (int)(n < sizeof(copy) ? n : sizeof(copy) - 1),
			 l);
		f = find_label(copy, &at);
		if (f == F_TRANSACTIONS)
			forget(r);	/* the last block counts */
		if (f >= 0 && take_value(r, (enum field)f, at, where, line, err) < 0)
			return -1;
		l += n + (l[n] == '\n');
	}
	return 0;
}

static int parse_json(const char *text, const char *where, struct rs_siege_result *r,
		      struct rs_err *err)
{
	json_error_t bad;
	json_t *o = json_loads(text, JSON_DISABLE_EOF_CHECK, &bad);

	if (o == NULL)
		return rs_err_set(err, RS_ERR_FAILED, "\"%s\": JSON line %d: %s", where, bad.line,
				  bad.text);
	for (int f = 0; f < F_LAST; f++) {
		const json_t *v = json_object_get(o, fields[f].key);

		if (json_is_number(v))
			*field_of(r, (enum field)f) = json_number_value(v);
	}
	json_decref(o);
	/* 4.1 counts milliseconds without saying so: the one that agrees with the rest. */
	if (r->concurrency > 0 && r->rate > 0 &&
	    fabs(r->response_s / 1000 - r->concurrency / r->rate) <
		    fabs(r->response_s - r->concurrency / r->rate) - 0.006) {
		r->response_s /= 1000;
		r->longest_s /= 1000;
		r->shortest_s /= 1000;
		r->response_step_s /= 1000;
	}
	return 0;
}

int rs_siege_parse(const char *text, const char *where, struct rs_siege_result *ret,
		   struct rs_err *err)
{
	static const enum field needed[] = { F_TRANSACTIONS, F_AVAILABILITY, F_ELAPSED, F_RATE };
	const char *brace = strchr(text, '{');

	forget(ret);
	if (parse_block(text, where, ret, err) < 0)
		return -1;
	if (isnan(ret->transactions) && brace != NULL && strstr(brace, "\"transactions\"") != NULL &&
	    parse_json(brace, where, ret, err) < 0)
		return -1;
	for (size_t i = 0; i < RS_COUNT(needed); i++)
		if (isnan(*field_of(ret, needed[i])) &&
		    (needed[i] == F_TRANSACTIONS || ret->transactions > 0))
			return rs_err_set(err, RS_ERR_FAILED, "\"%s\": no line \"%s\"", where,
					  fields[needed[i]].label);
	return 0;
}

int rs_siege_parse_log_row(const char *line, const char *where, struct rs_siege_result *ret,
			   struct rs_err *err)
{
	/* Columns after the date, in their order. */
	static const enum field columns[] = { F_TRANSACTIONS, F_ELAPSED, F_DATA, F_RESPONSE, F_RATE,
					      F_THROUGHPUT, F_CONCURRENCY, F_SUCCESSFUL, F_FAILED };
	const char *at = strchr(line, ',');

	forget(ret);
	for (size_t i = 0; i < RS_COUNT(columns); i++) {
		const char *end;

		if (at == NULL || rs_scan_double(at + 1, &end, field_of(ret, columns[i])) < 0)
			return rs_err_set(err, RS_ERR_FAILED, "%s: expected a number in column %zu", where,
					  i + 2);
		end += strspn(end, " \t\r\n");
		at = *end == ',' ? end : NULL;
	}
	ret->availability = ret->transactions + ret->failed > 0
				    ? 100 * ret->transactions / (ret->transactions + ret->failed)
				    : 0;
	return 0;
}

/* What run.txt says; 0 when it does not. */
struct facts {
	double wall_ns, killed, concurrency, page_bytes;
};

static void read_facts(const char *folder, struct facts *f)
{
	RS_AUTO_STR *path = rs_path_join(folder, "run.txt", NULL);
	RS_AUTO_BUF text = RS_BUF_INIT;
	const struct {
		const char *key;
		double *value;
	} keys[] = { { "wall_ns ", &f->wall_ns }, { "killed ", &f->killed },
		     { "concurrency ", &f->concurrency }, { "page_bytes ", &f->page_bytes } };

	memset(f, 0, sizeof(*f));
	if (path == NULL || rs_path_read(path, RS_RAW_MAX, &text, NULL) < 0)
		return;
	for (size_t i = 0; i < RS_COUNT(keys); i++) {
		const char *at = strstr(rs_buf_str(&text), keys[i].key), *end;

		if (at == NULL || rs_scan_double(at + strlen(keys[i].key), &end, keys[i].value) < 0)
			*keys[i].value = 0;
	}
}

/*
 * Total time by hits.  Concurrency is the same total by elapsed time, so their quotient
 * with the rate must agree with the printed time, given its rounding (Little's law).
 */
static int response_time(const struct rs_siege_result *r, const char *guest, double *ret,
			 const struct rs_sink *sink, struct rs_err *err)
{
	const double derived = r->concurrency / r->rate, slack = r->response_step_s + 0.006 / r->rate;

	*ret = r->response_s;
	if (!isfinite(derived))
		return 0;
	if (isnan(r->response_s)) {
		*ret = derived;
		return rs_bench_note(sink, err,
				     "guest \"%s\": %.4g requests under way at %.6g/s are %.4g s each; Siege "
				     "prints no response time",
				     guest, r->concurrency, r->rate, derived);
	}
	if (fabs(derived - r->response_s) <= slack + 1e-9) {
		*ret = derived;
		return rs_bench_note(sink, err,
				     "guest \"%s\": %.4g requests under way at %.6g/s are %.4g s each, and "
				     "Siege prints %.4g s: Little's law holds within its rounding",
				     guest, r->concurrency, r->rate, derived, r->response_s);
	}
	return rs_bench_warn(sink, err,
			     "guest \"%s\": Siege's response time %.4g s x rate %.6g/s is %.4g requests "
			     "under way, but it prints a concurrency of %.4g (Little's law)",
			     guest, r->response_s, r->rate, r->response_s * r->rate, r->concurrency);
}

static int check_counts(const struct rs_siege_result *r, const char *guest,
			const struct rs_sink *sink, struct rs_err *err)
{
	const double failed = isnan(r->failed) ? 0 : r->failed;
	const double share = failed / (r->transactions + failed);

	if (r->transactions <= 0)
		return rs_err_set(err, RS_ERR_FAILED, "no request was answered, %.0f failed", failed);
	if (share > RS_WEB_FAILED_SHARE_MAX)
		return rs_err_set(err, RS_ERR_FAILED,
				  "%.0f of %.0f requests failed (availability %.2f %%, at least %.0f %% "
				  "are needed)",
				  failed, r->transactions + failed, r->availability,
				  100 * (1 - RS_WEB_FAILED_SHARE_MAX));
	if (failed > 0)
		return rs_bench_warn(sink, err, "guest \"%s\": %.0f of %.0f requests failed", guest,
				     failed, r->transactions + failed);
	return 0;
}

static int check_facts(const struct rs_siege_result *r, const struct facts *f, const char *guest,
		       const struct rs_sink *sink, struct rs_err *err)
{
	const double bytes = r->data_mb * RS_WEB_MB / r->transactions;
	const double rounding = 0.006 * RS_WEB_MB / r->transactions;

	if (f->killed > 0 &&
	    rs_bench_warn(sink, err, "guest \"%s\": siege gave its result but did not end, and was killed",
			  guest) < 0)
		return -1;
	if (f->concurrency > 0 && r->concurrency > f->concurrency * 1.01 + 0.01 &&
	    rs_bench_warn(sink, err, "guest \"%s\": Siege prints a concurrency of %.2f with %.0f users",
			  guest, r->concurrency, f->concurrency) < 0)
		return -1;
	/* Requests under way at the end were counted in bytes and not in hits. */
	if (f->page_bytes > 0 && isfinite(bytes) &&
	    fabs(bytes - f->page_bytes) > rounding + 0.01 * f->page_bytes + 1)
		return rs_bench_warn(sink, err,
				     "guest \"%s\": %.1f bytes by transaction, but the page has %.0f: it "
				     "was not always the page that was served",
				     guest, bytes, f->page_bytes);
	return 0;
}

/* Sends what is finite: older versions lack some. */
static int give(const struct rs_sink *sink, const char *guest, const char *metric,
		const char *unit, double value, struct rs_err *err)
{
	return isfinite(value) ? rs_bench_sample(sink, guest, metric, unit, value, err) : 0;
}

static int give_all(const struct rs_siege_result *r, const struct facts *f, double response_s,
		    const char *guest, const struct rs_sink *sink, struct rs_err *err)
{
	const double wall_s = f->wall_ns / 1e9;
	/* The time of a siege that was killed has its hanging in it. */
	const double by_clock = wall_s > 0 && f->killed <= 0 ? r->transactions / wall_s : (double)NAN;
	const struct {
		const char *metric, *unit;
		double value;
	} all[] = {
		{ "transactions", "hits", r->transactions },
		{ "availability", "%", r->availability },
		{ "elapsed-time", "s", r->elapsed_s },
		{ "data", "MB", r->data_mb },
		{ "response-time", "s", response_s },
		{ "transaction-rate", "trans/s", r->rate },
		{ "transaction-rate-clock", "trans/s", by_clock },
		{ "throughput", "MB/s", r->throughput },
		{ "concurrency", "requests", r->concurrency },
		{ "successful-transactions", "hits", r->successful },
		{ "failed-transactions", "hits", r->failed },
		{ "longest-transaction", "s", r->longest_s },
		{ "shortest-transaction", "s", r->shortest_s },
	};

	for (size_t i = 0; i < RS_COUNT(all); i++)
		if (give(sink, guest, all[i].metric, all[i].unit, all[i].value, err) < 0)
			return -1;
	if (!isfinite(by_clock))
		return 0;
	return rs_bench_note(sink, err,
			     "guest \"%s\": Siege says %.2f trans/s over %.2f s; its process took %.2f s "
			     "by Restudy's clock: %.2f trans/s",
			     guest, r->rate, r->elapsed_s, wall_s, by_clock);
}

static int give_result(const struct rs_siege_result *r, const struct facts *f, const char *guest,
		       const struct rs_sink *sink, struct rs_err *err)
{
	double response_s = (double)NAN;

	if (check_counts(r, guest, sink, err) < 0 || check_facts(r, f, guest, sink, err) < 0 ||
	    response_time(r, guest, &response_s, sink, err) < 0)
		return -1;
	return give_all(r, f, response_s, guest, sink, err);
}

int rs_siege_read(const struct rs_benchmark *b, const char *guest, const char *folder,
		  const struct rs_sink *sink, struct rs_err *err)
{
	RS_AUTO_STR *said = rs_path_join(folder, "stderr", err);
	RS_AUTO_STR *out = rs_path_join(folder, "stdout", err);
	RS_AUTO_BUF text = RS_BUF_INIT;
	struct rs_siege_result r;
	struct facts f;
	const char *where = said;

	(void)b;
	if (said == NULL || out == NULL || rs_path_read(said, RS_RAW_MAX, &text, err) < 0)
		return -1;
	if (strstr(rs_buf_str(&text), "Transactions:") == NULL) {
		rs_buf_clear(&text);
		if (rs_path_exists(out) && rs_path_read(out, RS_RAW_MAX, &text, err) < 0)
			return -1;
		if (strstr(rs_buf_str(&text), "\"transactions\"") == NULL)
			return rs_err_set(err, RS_ERR_FAILED, "\"%s\": Siege gave no result", said);
		where = out;
	}
	if (rs_siege_parse(rs_buf_str(&text), where, &r, err) < 0)
		return -1;
	read_facts(folder, &f);
	return give_result(&r, &f, guest, sink, err);
}

/* A recorded text tells nothing of the machine that made it: no facts. */
static int give_recorded(const struct rs_siege_result *r, const char *guest,
			 const struct rs_sink *sink, struct rs_err *err)
{
	const struct facts none = { 0, 0, 0, 0 };

	return give_result(r, &none, guest, sink, err);
}

/* What is not as it should be in a file is the file's fault, not the trial's. */
static int bad_text(const struct rs_err *why, struct rs_err *err)
{
	return rs_err_set(err, why->kind == RS_ERR_FAILED ? RS_ERR_PLAN : why->kind, "%s", why->text);
}

static int count_lines(const char *text)
{
	int n = 1;

	for (; (text = strchr(text, '\n')) != NULL && text[1] != '\0'; text++)
		n++;
	return n;
}

int rs_bench_read_siege(const char *text, const char *where, const char *guest,
			const struct rs_sink *sink, struct rs_err *err)
{
	struct rs_err why = RS_ERR_INIT;
	struct rs_siege_result r;

	if (strstr(text, "Transactions:") == NULL && strstr(text, "\"transactions\"") == NULL)
		return rs_err_set(err, RS_ERR_PLAN, "\"%s\":1: expected a line \"Transactions:\" or a JSON "
				  "object with \"transactions\", as Siege prints them, or \"Date & Time,\" as "
				  "the head of its log", where);
	if (rs_siege_parse(text, where, &r, &why) < 0)
		return bad_text(&why, err);
	/* Every version ends with these two. */
	if (isnan(r.failed) || isnan(r.shortest_s))
		return rs_err_set(err, RS_ERR_PLAN, "\"%s\":%d: expected \"%s\" before the end: the file was "
				  "cut", where, count_lines(text),
				  fields[isnan(r.failed) ? F_FAILED : F_SHORTEST].label);
	return give_recorded(&r, guest, sink, err);
}

int rs_bench_read_siege_row(const char *row, const char *where, const char *guest,
			    const struct rs_sink *sink, struct rs_err *err)
{
	struct rs_err why = RS_ERR_INIT;
	struct rs_siege_result r;

	if (rs_siege_parse_log_row(row, where, &r, &why) < 0)
		return bad_text(&why, err);
	if (r.transactions > 0 && !isfinite(r.rate))
		return rs_err_set(err, RS_ERR_FAILED, "%.0f requests in %.2f s: it was too short for a rate",
				  r.transactions, r.elapsed_s);
	return give_recorded(&r, guest, sink, err);
}
