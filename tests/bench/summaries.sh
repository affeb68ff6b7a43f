#!/bin/sh
# Summaries with 95 % intervals of 180 series, from the store, beside the tools a user would take
# instead, which read CSV and give no interval: pandas and data.table.  CPU time and memory, the
# middle of three runs, interleaved.  Targets: 10^7 samples in at most a third of pandas' time, less
# than 200 MiB, cost that grows with the number of samples.  SAMPLES=N: the largest size.
set -eu
build=${RESTUDY_BUILD:-build}
samples=${SAMPLES:-10000000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v sqlite3 >/dev/null || { echo "sqlite3 is not installed"; exit 77; }
make --no-print-directory B="$build" "$build/librestudy.a" >/dev/null
cc -O2 -D_GNU_SOURCE -Iinclude -o "$work/summaries" tests/bench/summaries.c "$build/librestudy.a" \
	$(pkg-config --cflags --libs sqlite3 gsl libcrypto) -lm -pthread

# grow N: a store of N samples, "N.db", of values that any run makes alike.
grow() {
	"$work/summaries" make "$work/$1.db"
	sqlite3 "$work/$1.db" <<-END
		.output /dev/null
		PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;
		CREATE TEMP TABLE t AS WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < $1 / 180)
			SELECT i FROM n;
		CREATE TEMP TABLE kind AS SELECT * FROM cell ORDER BY id;
		INSERT INTO cell (system, guests, benchmark, trial, position, state, started_s, finished_s, attempts)
			SELECT k.system, k.guests, k.benchmark, t.i, t.i * 3 + k.id, 'done', 0, 1, 1 FROM t, kind k ORDER BY t.i, k.id;
		DELETE FROM sample;
		INSERT INTO sample SELECT s.id, c.id, 1000.0 * s.id * (1 + 0.1 * ((c.id * 7919 + s.id * 104729) % 10007) / 10007.0)
			FROM series s JOIN cell c ON c.system = s.system ORDER BY s.id, c.id;
		COMMIT;
	END
}
# middle NAME COMMAND...: seconds of CPU and MiB, the middle of three
middle() {
	name=$1
	shift
	for _ in 1 2 3; do
		/usr/bin/time -o "$work/time" -f '%U %S %M' "$@" >"$work/$name.out"
		awk '{ print $1 + $2, $3 / 1024 }' "$work/time"
	done | sort -n | sed -n 2p | awk -v n="$name" '{ printf "%-24s %7.2f s CPU  %6.0f MiB\n", n, $1, $2 }'
}
uptime
for n in $((samples / 100)) $((samples / 10)) "$samples"; do
	grow "$n"
	middle "store-$n" "$work/summaries" read "$work/$n.db"
	[ "$n" = "$samples" ] || rm "$work/$n.db"
done
[ "$(wc -l <"$work/store-$samples.out")" -eq 180 ] || { echo "not 180 series"; exit 1; }
sqlite3 "$work/$samples.db" >"$work/samples.csv" <<-END
	.mode csv
	.headers on
	SELECT s.system, s.guest, s.metric, c.trial, v.value FROM sample v JOIN series s ON s.id = v.series JOIN cell c ON c.id = v.cell;
END
cat >"$work/frame.py" <<'END'
import sys, pandas
d = pandas.read_csv(sys.argv[1])
g = d.groupby(["system", "guest", "metric"])["value"]
r = g.agg(["size", "mean", "std", "min", "median", "max"]).join(g.quantile([0.25, 0.75]).unstack())
r.to_csv(sys.stdout, header=False)
END
cat >"$work/table.R" <<'END'
suppressMessages(library(data.table))
d <- fread(commandArgs(TRUE)[1])
r <- d[, .(.N, mean(value), sd(value), min(value), median(value), max(value), quantile(value, 0.25), quantile(value, 0.75)),
       by = .(system, guest, metric)]
fwrite(r, "")
END
python=/usr/bin/python3
if $python -c 'import pandas; print("pandas", pandas.__version__)' 2>/dev/null; then
	middle pandas $python "$work/frame.py" "$work/samples.csv"
	# the same means and medians
	grep "^system[0-9]" "$work/pandas.out" | LC_ALL=C sort >"$work/pandas.csv"
	LC_ALL=C sort "$work/store-$samples.out" | paste -d, - "$work/pandas.csv" | awk -F, '
		function far(a, b) { return a - b > 1e-9 * a || b - a > 1e-9 * a }
		$1 != $16 || $2 != $17 || $3 != $18 || $4 != $19 || far($5, $20) || far($9, $23) { print "differs: " $0; bad = 1 }
		END { exit bad }' || exit 1
fi
if Rscript -e 'cat("data.table", format(packageVersion("data.table")), "\n")' 2>/dev/null; then
	middle data.table Rscript "$work/table.R" "$work/samples.csv"
fi
