#!/bin/sh
# The whole program on this machine, as an ordinary user could run it: a small study is checked,
# run, asked, rendered, explained; three of its numbers are computed again from raw bytes
# by awk; a run that is killed is resumed with its finished cells kept.
set -eu
restudy=$RESTUDY_BUILD/restudy
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME="$work/cache"
for p in siege apache2 sqlite3; do
	PATH=$PATH:/usr/sbin command -v $p >/dev/null || { echo "$p is not installed"; exit 77; }
done

fail() {
	echo "run-local: $*"
	exit 1
}
# status WANTED COMMAND...: the exit status is a promise.
status() {
	wanted=$1
	shift
	got=0
	"$@" >"$work/out" 2>"$work/err" || got=$?
	[ $got -eq "$wanted" ] || { cat "$work/out" "$work/err"; fail "\"$*\" ended with $got, not $wanted"; }
}
said() { grep -q "$1" "$work/out" "$work/err" || { cat "$work/out" "$work/err"; fail "did not say \"$1\""; }; }

# Usage, plan and machine errors have their own statuses.
status 2 "$restudy"
status 2 "$restudy" frobnicate
status 2 "$restudy" check
said 'the argument PLAN is missing'
status 2 "$restudy" check "$here/../checks/bad/header.h"
status 2 "$restudy" run "$here/small.xml" --testbed local --profil quick
said 'did you mean "--profile"'
status 2 "$restudy" run "$here/small.xml" --testbed local --only system=xen
said 'no system "xen"'
status 2 "$restudy" status "$work"
said 'no run folder'
status 0 "$restudy" --version
status 0 "$restudy" check "$here/small.xml"
status 0 "$restudy" check --json "$here/small.xml"
status 0 "$restudy" steps "$here/small.xml" --testbed local
said 'restudy-kernels'

# A program that a benchmark needs here, and that is not here, is told.
env PATH="$work" "$restudy" doctor >"$work/out" 2>"$work/err" || :
said 'benchmark siege .*--testbed local lacks siege: apt-get install siege'

# A run.
status 0 "$restudy" run "$here/small.xml" --testbed local -o "$work/run"
said "report: $work/run/report.html"
status 0 "$restudy" status "$work/run"
said '6 cells: 6 done'
for f in report.html report.pdf report.tex report.md run.db plan.xml plan.lock figures/fig-1.svg \
	figures/fig-1.pdf figures/fig-1.png tables/table-1.csv; do
	[ -s "$work/run/$f" ] || fail "$f is missing or empty"
done
status 2 "$restudy" run "$here/small.xml" --testbed local -o "$work/run"
said 'has a run already'

# Three samples, recomputed from raw bytes: loops per second of the pipe, KiB per second of the
# copy, and Siege's hits.
db() { sqlite3 -readonly "$work/run/run.db" "select value from tidy where metric='$1' and trial=$2"; }
field() { sed -n "s/.*\"$2\":\([0-9.]*\).*/\1/p" "$1"; }
near() { awk -v a="$1" -v b="$2" 'BEGIN { d = a - b; if (d < 0) d = -d; exit !(a > 0 && d <= a * 1e-9) }'; }
raw=$work/run/raw/host/0
f=$raw/kernels/1/host/pipe.json
near "$(awk -v l="$(field "$f" loops)" -v n="$(field "$f" elapsed_ns)" 'BEGIN { printf "%.12g", l / n * 1e9 }')" \
	"$(db pipe 1)" || fail "pipe of trial 1 is not loops by time"
f=$raw/kernels/2/host/syscall.json
near "$(awk -v l="$(field "$f" loops)" -v n="$(field "$f" elapsed_ns)" 'BEGIN { printf "%.12g", l / n * 1e9 }')" \
	"$(db syscall 2)" || fail "syscall of trial 2 is not loops by time"
hits=$(sed -n 's/^Transactions:[[:space:]]*\([0-9]*\) hits.*/\1/p' "$raw/siege/2/host/stderr" "$raw/siege/2/host/stdout")
near "$hits" "$(db transactions 2)" || fail "transactions of trial 2 are not Siege's hits"

# The table shows their mean: hits of two trials.
one=$(db transactions 1)
near "$(awk -v a="$one" -v b="$hits" 'BEGIN { printf "%.12g", (a + b) / 2 }')" \
	"$(awk -F, '$2 == "transactions" { print $9 }' "$work/run/tables/table-1.csv")" ||
	{ cat "$work/run/tables/table-1.csv"; fail "table 1 does not show the mean of both trials"; }

# Rendering again gives the same bytes, wherever and whenever.
status 0 env TZ=Asia/Tokyo LC_ALL=C.UTF-8 "$restudy" report "$work/run" -o "$work/again"
(cd "$work/again" && find . -type f | LC_ALL=C sort) | while read -r f; do
	cmp -s "$work/again/$f" "$work/run/$f" || fail "$f differs when rendered again"
done
status 0 "$restudy" report "$work/run" --explain fig-1
said 'pipe.json'
status 0 "$restudy" export csv "$work/run"
[ "$(sed 1d "$work/out" | wc -l)" -gt 20 ] || fail "export has too few rows"

# What a closed descriptor stood for is never the database's; who reads a pipe may leave.
got=0
"$restudy" export csv "$work/run" >&- 2>"$work/err" || got=$?
[ $got -eq 1 ] && grep -q 'cannot write "standard output": Bad file descriptor' "$work/err" ||
	fail "export into a closed descriptor ended with $got"
got=0
"$restudy" run "$here/small.xml" --testbed local --only benchmark=kernels -o "$work/mute" >/dev/full 2>&- || got=$?
[ $got -eq 1 ] || fail "a run that could not say where its report is ended with $got"
status 0 "$restudy" status "$work/mute"
said '4 cells: 4 done'
{ "$restudy" steps "$here/small.xml" || :; } 2>"$work/err" | :
[ ! -s "$work/err" ] || { cat "$work/err"; fail "a reader that left is complained of"; }

# A report that cannot be written says so.
status 1 "$restudy" report "$work/run" -o /proc/none
status 0 "$restudy" claims --json "$work/run"

# Killed in the middle: what is done stays, the rest is made, nothing is made twice.
"$restudy" run "$here/small.xml" --testbed local -o "$work/killed" >/dev/null 2>&1 &
pid=$!
tries=0
while [ "$(sqlite3 -readonly "$work/killed/run.db" "select count(*) from cell where state='done'" 2>/dev/null || echo 0)" -lt 2 ]; do
	sleep 0.05
	tries=$((tries + 1))
	[ $tries -lt 1200 ] || fail "no cell was done in a minute"
done
kill -9 $pid
wait $pid 2>/dev/null || :
"$restudy" clean >/dev/null
sqlite3 -readonly "$work/killed/run.db" "select id, finished_s from cell where state='done' order by id" >"$work/before"
[ -s "$work/before" ] || fail "nothing survived the kill"
status 0 "$restudy" run "$here/small.xml" --testbed local -o "$work/killed" --resume
status 0 "$restudy" status "$work/killed"
said '6 cells: 6 done'
sqlite3 -readonly "$work/killed/run.db" "select id, finished_s from cell where id in ($(cut -d'|' -f1 "$work/before" | paste -sd,)) order by id" |
	cmp - "$work/before" || fail "a finished cell was made again"
[ "$(sqlite3 -readonly "$work/killed/run.db" "select min(boot), max(boot) from cell where state='done'")" = '1|1' ] ||
	fail "cells do not know their boot, or that of a resumed run is another one"

# Interrupted: status 130, resumable, and it says how.
"$restudy" run "$here/small.xml" --testbed local -o "$work/stopped" >"$work/out" 2>"$work/err" &
pid=$!
sleep 0.7
kill -INT $pid
got=0
wait $pid || got=$?
if [ $got -ne 0 ]; then
	[ $got -eq 130 ] || { cat "$work/err"; fail "an interrupted run ended with $got"; }
	said 'resume'
	status 0 "$restudy" run "$here/small.xml" --testbed local -o "$work/stopped" --resume
fi

# Another plan is not resumed.
sed 's/A small study/Another study/' "$here/small.xml" >"$work/other.xml"
status 2 "$restudy" run "$work/other.xml" --testbed local -o "$work/killed" --resume
said 'another plan'

# Nothing is left: processes, files outside the run.
status 0 "$restudy" clean
said 'nothing is left behind'
if pgrep -f "$work" >/dev/null; then pgrep -af "$work"; fail "a process is left"; fi
