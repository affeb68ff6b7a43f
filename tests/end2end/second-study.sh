#!/bin/sh
# A study without a line of C: data/studies/vserver-xen-2007.xml, whose numbers come from
# ordinary programs by a regular expression, a CSV column and a JSON pointer, is accepted, and a
# small profile of it is measured on this machine and in a container.  What the rules took is
# taken again from the raw files by other programs.
set -eu
PATH=$PATH:/usr/sbin
restudy=$RESTUDY_BUILD/restudy
plan=$(cd "$(dirname "$0")/../.." && pwd)/data/studies/vserver-xen-2007.xml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
	echo "second-study: $*"
	exit 1
}
"$restudy" check "$plan" >"$work/said" 2>&1 || { cat "$work/said"; fail "the study is not accepted"; }
grep -q 'valid: 3 systems, 5 benchmarks, 7 exhibits, 5 claims' "$work/said" || fail "another study was found"
"$restudy" steps "$plan" --testbed local | grep -q '^hyperfine --style none --shell none' ||
	fail "the steps do not show the commands"
if command -v xmllint >/dev/null; then
	xmllint --noout --schema "$(dirname "$plan")/../schema/plan.xsd" "$plan" 2>"$work/said" ||
		{ cat "$work/said"; fail "the study is not what the schema knows"; }
fi

[ "$(id -u)" -eq 0 ] || { echo "containers need root"; exit 77; }
for p in hyperfine sysbench xz apache2 mmdebstrap libvirtd sqlite3; do
	command -v $p >/dev/null || { echo "$p is not installed"; exit 77; }
done
# The container's tree is kept in the user's cache, as for any study.
sed -e '/<profile id="quick"/,/<\/profile>/{s/duration="[0-9]*s"/duration="1s"/;s/trials="3" warmup="1"/trials="2" warmup="0"/;}' \
	"$plan" >"$work/plan.xml"
got=0
"$restudy" run "$work/plan.xml" --profile quick --testbed local -o "$work/run" >"$work/said" 2>&1 || got=$?
[ $got -eq 1 ] || { tail -n 30 "$work/said"; fail "the run ended with $got, not with 1 for Xen's cells"; }
db() { sqlite3 -readonly "$work/run/run.db" "$1"; }
[ "$(db "select count(*) from cell where system <> 'xen' and state = 'done'")" -eq 20 ] ||
	{ db "select system, benchmark, trial, state, reason from cell"; fail "not every cell of host and container is done"; }
[ "$(db "select count(*) from cell where system = 'xen' and state = 'missing' and reason <> ''")" -eq 10 ] ||
	fail "Xen's cells are not missing with their reason"

near() { awk -v a="$1" -v b="$2" 'BEGIN { d = a - b; if (d < 0) d = -d; exit !(a > 0 && d <= a * 1e-9) }'; }
for system in host container; do
	if [ $system = host ]; then raw=$work/run/raw/host/0 guest=host; else raw=$work/run/raw/container/1 guest=v1; fi
	value() { db "select value from tidy where system = '$system' and benchmark = '$1' and metric = '$2' and trial = 2"; }
	near "$(sed -n 's/^ *"median": \([0-9.e-]*\),*$/\1/p' "$raw/start/2/$guest/stdout")" "$(value start median)" ||
		fail "$system: the JSON pointer took another number"
	near "$(sed -n 's/.*pack.*//;$p' "$raw/compress/2/$guest/stdout" | cut -d, -f2)" "$(value compress time)" ||
		fail "$system: the CSV column is another number"
	near "$(sed -n 's/.*transferred (\(.*\) MiB.sec)/\1/p' "$raw/memory/2/$guest/stdout")" "$(value memory bandwidth)" ||
		fail "$system: the regular expression took another number"
	near "$(sed -n 's/.*copied, \([^ ]*\) s,.*/\1/p' "$raw/write/2/$guest/stderr")" "$(value write time)" ||
		fail "$system: what a program says on its standard error was not taken"
	hits=$(value web transactions)
	[ "$(sed 1d "$raw/web/2/$guest/seconds.csv" | awk -F, '{ n += $2 } END { print n }')" -eq "${hits%.*}" ] ||
		fail "$system: the seconds' answers are not all answers"
	[ "$(sed 1d "$raw/web/2/$guest/latencies.csv" | awk -F, '{ n += $3 } END { print n }')" -eq "${hits%.*}" ] ||
		fail "$system: the histogram does not count all answers"
	sed -n '$p' "$raw/web/2/$guest/latencies.csv" | grep -q ',1$' || fail "$system: the shares do not end at 1"
done

# The report: the distribution as a figure with a line for each system, percentiles as a table.
grep -q 'Latency' "$work/run/figures/fig-2.svg" || fail "figure 2 does not name its axis"
grep -q '99.99th percentile' "$work/run/report.html" || fail "the table lacks a percentile"
"$restudy" claims --json "$work/run" >"$work/claims.json" || fail "no verdicts"
[ "$(grep -c '"verdict": *"not measured"' "$work/claims.json")" -eq 2 ] ||
	{ cat "$work/claims.json"; fail "claims on Xen have verdicts"; }
