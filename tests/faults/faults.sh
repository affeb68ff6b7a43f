#!/bin/sh
# usage: faults.sh [FAULT...]
# Makes each fault of doc/faults.md and checks its outcome: what is said, the exit status, that
# nothing finished is lost and that nothing is left ("clean" finds nothing).  The functions named
# fault_* are the rows of the table; a row without one, or one without a row, fails.
set -eu
restudy=$RESTUDY_BUILD/restudy
here=$(cd "$(dirname "$0")" && pwd)
table=$here/../../doc/faults.md
work=$(mktemp -d)
cleanup() {
	for m in "$work"/small "$work"/readonly; do
		if mountpoint -q "$m" 2>/dev/null; then umount "$m" 2>/dev/null || :; fi
	done
	rm -rf "$work"
}
trap cleanup EXIT
export XDG_CACHE_HOME="$work/cache" TMPDIR="$work/tmp"
mkdir -p "$work/tmp" "$work/here"
command -v sqlite3 >/dev/null || { echo "sqlite3 is not installed"; exit 77; }

skipped=
fail() {
	echo "faults: $fault: $*"
	[ ! -f "$work/err" ] || tail -n 5 "$work/err"
	exit 1
}
skip() {
	skipped="$skipped $fault"
	echo "skipped $fault: $*"
}
# status WANTED COMMAND...: the exit status is a promise.
status() {
	wanted=$1
	shift
	got=0
	(cd "$work/here" && exec "$@") >"$work/out" 2>"$work/err" </dev/null || got=$?
	[ $got -eq "$wanted" ] || { cat "$work/out"; fail "\"$*\" ended with $got, not $wanted"; }
}
said() { grep -q "$1" "$work/out" "$work/err" || { cat "$work/out"; fail "did not say \"$1\""; }; }
one_line() { [ "$(grep -c '^restudy: ' "$work/err")" -eq 1 ] || fail "not one line of error"; }
nothing_left() {
	status 0 "$restudy" clean "$work" "$work/here"
	said 'nothing is left behind'
	[ -z "$(ls "$work/tmp")" ] || fail "left in the temporary folder: $(ls "$work/tmp")"
	left=$(find "$work" -name '*restudy-part*' -o -name '*restudy-stage*')
	[ -z "$left" ] || fail "left: $left"
	if pgrep -f "$work/" >/dev/null; then pgrep -af "$work/"; fail "a process is left"; fi
}
sql() { sqlite3 -readonly "$1/run.db" "$2"; }
finished() { sql "$1" "select system, benchmark, trial, finished_s from cell where state = 'done' order by 1, 2, 3"; }
# plan FILE PROGRAM: the plan with a program of the test's own.
plan() { sed "s|PROGRAM|$2|" "$here/quick.xml" >"$1"; }
# A whole run to break, made once.
good_run() {
	[ ! -d "$work/good" ] || return 0
	plan "$work/plan.xml" "$work/own"
	status 0 "$restudy" run "$work/plan.xml" --testbed local -o "$work/good"
}
fresh() {
	good_run
	rm -rf "$work/run"
	cp -a "$work/good" "$work/run"
}
# start FOLDER: a run in the background whose second benchmark waits; returns when a cell is done.
start() {
	plan "$work/slow.xml" "$work/wait"
	(cd "$work/here" && exec "$restudy" run "$work/slow.xml" --testbed local -o "$1") \
		>"$work/out" 2>"$work/err" </dev/null &
	pid=$!
	tries=0
	until [ "$(finished "$1" 2>/dev/null | wc -l)" -ge 1 ]; do
		sleep 0.1
		tries=$((tries + 1))
		[ $tries -lt 600 ] || fail "no cell was done in a minute"
	done
}
resumes() {
	finished "$1" >"$work/before"
	: >"$work/go"
	status 0 "$restudy" run "$work/slow.xml" --testbed local -o "$1" --resume
	rm "$work/go"
	finished "$1" >"$work/after"
	[ -z "$(comm -23 "$work/before" "$work/after")" ] || fail "a finished cell was lost or made again"
	[ "$(wc -l <"$work/after")" -eq 5 ] || fail "not all cells are done after --resume"
}
can_mount() { [ "$(id -u)" -eq 0 ] && mkdir -p "$work/small" && mount -t tmpfs -o "$1" tmpfs "$work/small" 2>/dev/null; }

printf '#!/bin/sh\necho rate: 12.5\n' >"$work/own"
# waits while nobody says "go", so that a signal finds it at work
printf '#!/bin/sh\nn=0\nwhile [ ! -e "%s/go" ] && [ $n -lt 100 ]; do sleep 0.1; n=$((n + 1)); done\necho rate: 12.5\n' "$work" >"$work/wait"
chmod +x "$work/own" "$work/wait"

fault_full_output() {
	good_run
	for c in "status $work/good" "export csv $work/good" "check --json $work/plan.xml" --version --help; do
		got=0
		# shellcheck disable=SC2086
		"$restudy" $c >/dev/full 2>"$work/err" || got=$?
		[ $got -ne 0 ] || fail "\"$c\" into a full disk ended with 0"
		grep -q 'No space left' "$work/err" || fail "\"$c\" into a full disk said nothing of it"
	done
}

fault_full_disk_run() {
	plan "$work/slow.xml" "$work/own"
	for kib in 64 160 256 512; do
		can_mount "size=${kib}k" || { skip "no small file system can be mounted"; return 0; }
		got=0
		(cd "$work/here" && exec "$restudy" run "$work/slow.xml" --testbed local -o "$work/small/run") \
			>"$work/out" 2>"$work/err" </dev/null || got=$?
		case $got in 1 | 3) ;; *) fail "a run on $kib KiB ended with $got" ;; esac
		grep -qi 'no space left\|disk is full\|full' "$work/err" "$work/out" || fail "$kib KiB: nothing said of the disk"
		# with room again it goes on, and what was finished stays
		mount -o remount,size=64m "$work/small"
		if [ -s "$work/small/run/run.db" ] && [ "$(sql "$work/small/run" 'select count(*) from cell' 2>/dev/null || echo 0)" -eq 5 ]; then
			cp "$work/err" "$work/err.full"
			resumes "$work/small/run"
		fi
		umount "$work/small"
	done
}

fault_full_disk_report() {
	fresh
	can_mount size=64k || { skip "no small file system can be mounted"; return 0; }
	echo old >"$work/small/report.html"
	status 1 "$restudy" report "$work/run" -o "$work/small"
	one_line
	said 'No space left'
	[ "$(cat "$work/small/report.html")" = old ] || [ "$(wc -c <"$work/small/report.html")" -eq "$(wc -c <"$work/good/report.html")" ] ||
		fail "a cut report has the name of a whole one"
	[ -z "$(find "$work/small" -name '*restudy-part*')" ] || fail "a cut file is left"
	umount "$work/small"
}

fault_full_disk_archive() {
	fresh
	can_mount size=40k || { skip "no small file system can be mounted"; return 0; }
	for format in folder zip tar.zst; do
		got=0
		"$restudy" archive "$work/run" --format $format -o "$work/small/bag" >"$work/out" 2>"$work/err" || got=$?
		case $got in 1 | 3) ;; *) fail "archive as $format ended with $got" ;; esac
		said 'o space left'
		[ -z "$(ls -A "$work/small")" ] || fail "$format: $(ls -A "$work/small") is left"
	done
	got=0
	"$restudy" import csv "$here/../golden/exchange/tidy.csv" --better higher -o "$work/small/run" >"$work/out" 2>"$work/err" || got=$?
	case $got in 1 | 3) ;; *) fail "import ended with $got" ;; esac
	[ -z "$(ls -A "$work/small")" ] || fail "import left $(ls -A "$work/small")"
	umount "$work/small"
}

fault_read_only_folder() {
	fresh
	[ "$(id -u)" -eq 0 ] && mkdir -p "$work/readonly" && mount --bind "$work/run" "$work/readonly" 2>/dev/null &&
		mount -o remount,ro,bind "$work/readonly" || { skip "no read-only mount can be made"; return 0; }
	status 0 "$restudy" status "$work/readonly"
	status 0 "$restudy" export csv "$work/readonly"
	status 0 "$restudy" archive "$work/readonly" -o "$work/out.zip" --format zip
	rm "$work/out.zip"
	status 1 "$restudy" report "$work/readonly"
	one_line
	said 'Read-only file system'
	got=0
	"$restudy" run "$work/plan.xml" --testbed local -o "$work/readonly" --resume >"$work/out" 2>"$work/err" || got=$?
	case $got in 1 | 3) ;; *) fail "resume ended with $got" ;; esac
	said 'Read-only\|read-only\|readonly'
	umount "$work/readonly"
}

fault_store_locked() {
	fresh
	{ echo 'BEGIN EXCLUSIVE;'; sleep 14; } | sqlite3 "$work/run/run.db" &
	holder=$!
	sleep 0.5
	status 1 "$restudy" run "$work/plan.xml" --testbed local -o "$work/run" --resume
	one_line
	said 'another program holds the database'
	wait $holder || :
}

fault_store_corrupt() {
	fresh
	db=$work/run/run.db
	# pages after the first are overwritten
	size=$(wc -c <"$db")
	dd if=/dev/urandom of="$db" bs=4096 seek=1 count=$((size / 4096 - 1)) conv=notrunc 2>/dev/null
	for c in report status archive; do
		got=0
		"$restudy" $c "$work/run" >"$work/out" 2>"$work/err" || got=$?
		[ $got -eq 1 ] || fail "$c of a corrupt store ended with $got"
		one_line
		said 'run.db'
	done
	head -c 100 /dev/urandom >"$db"
	status 1 "$restudy" status "$work/run"
	said 'run.db'
	: >"$db"
	got=0
	"$restudy" status "$work/run" >"$work/out" 2>"$work/err" || got=$?
	[ $got -eq 1 ] || [ $got -eq 2 ] || fail "an empty store ended with $got"
	[ -z "$(ls "$work" | grep bag)" ] || fail "a bag was made"
}

fault_clock_jumps() {
	plan "$work/slow.xml" "$work/own"
	"${CC:-cc}" -shared -fPIC -D_GNU_SOURCE -o "$work/clock.so" "$here/clock.c"
	# a sanitized program wants its runtime to be the first library
	status 0 env LD_PRELOAD="$work/clock.so" ASAN_OPTIONS=verify_asan_link_order=0 "$restudy" run "$work/slow.xml" --testbed local -o "$work/jumps"
	# loops by their own elapsed time: an hour more would make them nothing
	[ "$(sql "$work/jumps" "select count(*) from tidy where metric = 'pipe' and value > 1000")" -eq 3 ] || fail "values follow the wall clock"
	status 0 "$restudy" verify --help
	rm -rf "$work/jumps"
}

stop_by() {
	rm -rf "$work/stopped"
	start "$work/stopped"
	kill "-$1" $pid
	got=0
	wait $pid || got=$?
	[ $got -eq "$2" ] || fail "ended with $got, not $2"
	[ "$1" = KILL ] || said 'resume'
	[ "$1" != KILL ] || "$restudy" clean "$work" >/dev/null
	nothing_left
	resumes "$work/stopped"
}
fault_sigint() { stop_by INT 130; }
fault_sigterm() { stop_by TERM 130; }
fault_sighup() { stop_by HUP 130; }
fault_sigkill() {
	stop_by KILL 137
	# and commands that write: whatever is left, clean knows it
	fresh
	for delay in 0.01 0.03 0.06 0.1 0.15; do
		for c in "archive $work/run --format folder -o $work/bag" "verify $work/bag.zip" "report $work/run"; do
			[ -e "$work/bag.zip" ] || status 0 "$restudy" archive "$work/run" --format zip -o "$work/bag.zip"
			rm -rf "$work/bag"
			# shellcheck disable=SC2086
			"$restudy" $c >/dev/null 2>&1 &
			pid=$!
			sleep $delay
			kill -9 $pid 2>/dev/null || :
			wait $pid 2>/dev/null || :
			"$restudy" clean "$work" >/dev/null || fail "clean after \"$c\""
			nothing_left
		done
	done
}

fault_no_descriptors() {
	fresh
	command -v prlimit >/dev/null || { skip "no prlimit"; return 0; }
	for n in 4 5 6 7 8 10 12 14 16 20; do
		for c in "status $work/run" "report $work/run -o $work/again" "archive $work/run -o $work/few.zip --format zip" \
			"run $work/plan.xml --testbed local -o $work/few"; do
			got=0
			# shellcheck disable=SC2086
			prlimit --nofile=$n "$restudy" $c >"$work/out" 2>"$work/err" </dev/null || got=$?
			[ $got -le 4 ] || fail "$n descriptors: \"$c\" ended with $got"
			[ $got -eq 0 ] || [ -s "$work/err" ] || fail "$n descriptors: \"$c\" failed in silence"
			rm -rf "$work/again" "$work/few.zip" "$work/few"
		done
	done
}

own_fails() {
	rm -rf "$work/bad"
	plan "$work/bad.xml" "$work/bad-own"
	chmod +x "$work/bad-own"
	status 1 "$restudy" run "$work/bad.xml" --testbed local -o "$work/bad"
	[ "$(sql "$work/bad" "select count(*) from cell where state = 'done' and benchmark = 'kernels'")" -eq 3 ] || fail "other cells are not done"
	[ "$(sql "$work/bad" "select count(*) from cell where state = 'failed' and benchmark = 'own' and reason <> ''")" -eq 2 ] || fail "its cells are not failed with a reason"
	status 1 "$restudy" status "$work/bad"
	if grep -q "$(printf '\033')" "$work/out" "$work/err" "$work/bad/report.html" "$work/bad/report.md" "$work/bad/report.tex"; then
		fail "a control sequence got through"
	fi
}
fault_guest_floods() {
	printf '#!/bin/sh\nexec yes rate: 1 flood\n' >"$work/bad-own"
	own_fails
	said 'more than\|output\|flood'
	[ "$(du -sk "$work/bad/raw" | cut -f1)" -lt 40960 ] || fail "the flood was kept"
}
fault_guest_lies() {
	printf '#!/bin/sh\nprintf "rate: \\033[2J\\033]0;x\\007 <script>alert(1)</script> =cmd\\n"; printf "\\033[31m<b>\\\\input{/etc/passwd}\\n" >&2; exit 3\n' >"$work/bad-own"
	own_fails
	! grep -q '<script>alert(1)' "$work/bad/report.html" || fail "markup got through"
	! grep -q '\\input{/etc' "$work/bad/report.tex" || fail "LaTeX got through"
	printf '#!/bin/sh\necho "rate: 1e999"\n' >"$work/bad-own"
	own_fails
}
fault_guest_stalls() { unit test_channel; unit test_base; }
fault_agent_lies() { unit test_channel_peer; unit test_run; }
fault_network_drops() {
	unit test_deposit
	good_run
	[ -e "$work/bag.zip" ] || status 0 "$restudy" archive "$work/good" --format zip -o "$work/bag.zip"
	got=0
	RESTUDY_TOKEN=x "$restudy" deposit "$work/bag.zip" --to https://127.0.0.1:1/api --author 'Doe, J.' >"$work/out" 2>"$work/err" || got=$?
	[ $got -eq 1 ] || [ $got -eq 3 ] || fail "deposit to nobody ended with $got"
	one_line
	got=0
	"$restudy" run "$work/plan.xml" --testbed ssh://127.0.0.1:1 -o "$work/far" >"$work/out" 2>"$work/err" || got=$?
	[ $got -eq 1 ] || [ $got -eq 3 ] || fail "a server that is not there ended with $got"
	rm -rf "$work/far"
}
fault_no_memory() { unit test_archive; unit test_report; unit test_stats; unit test_store; }

# unit PROGRAM: faults that need a peer or an allocator of the test's own.
unit() {
	[ -x "$RESTUDY_BUILD/tests/$1" ] || fail "$1 is not built"
	"$RESTUDY_BUILD/tests/$1" >"$work/out" 2>"$work/err" || fail "$1 failed"
}

all=$(sed -n 's/^fault_\([a-z_]*\)() {.*/\1/p' "$0")
echo "$all" | tr _ - | LC_ALL=C sort >"$work/made"
sed -n 's/^| `\([a-z-]*\)` |.*/\1/p' "$table" | LC_ALL=C sort >"$work/told"
fault=table
diff "$work/told" "$work/made" || fail "doc/faults.md and the script tell different faults"

for fault in ${*:-$(echo "$all" | tr _ -)}; do
	begin=$(date +%s)
	"fault_$(echo "$fault" | tr - _)"
	nothing_left
	echo "ok      $fault ($(($(date +%s) - begin)) s)"
done
[ -z "$skipped" ] || echo "skipped:$skipped"
