#!/bin/sh
# usage: oom.sh
# One allocation of a command refused, each in turn: it says "out of memory" and ends with 4, or it
# could do without and ends as ever; a run whose measuring it met ends with 1, and --resume makes
# the cell that failed.  No crash, no silence, nothing left.  The first ones are all
# tried, later ones in growing steps ($RESTUDY_OOM_STEP percent, 0: all of them).
set -eu
oom=$RESTUDY_BUILD/restudy-oom
here=$(cd "$(dirname "$0")" && pwd)
step=${RESTUDY_OOM_STEP:-35}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME="$work/cache" TMPDIR="$work/tmp"
export ASAN_OPTIONS="exitcode=99:allocator_may_return_null=1"
mkdir "$work/tmp"
cd "$work"
fail() {
	echo "oom: $*"
	tail -n 30 "$work/err"
	exit 1
}

# Only a run ends with 1: one cell failed, its reason is in the store, and it is made again.
failed_cell() {
	[ "$1" = run ] && [ "$(sqlite3 -readonly made/run.db "select count(*) from cell where state <> 'done'")" = 1 ] &&
		"$oom" "$@" --resume >"$work/out" 2>"$work/err" </dev/null &&
		[ "$(sqlite3 -readonly made/run.db "select count(*) from cell where state = 'done'")" = 5 ]
}

# refuse NORMAL COMMAND...: NORMAL is its exit status when nothing is refused.
refuse() {
	normal=$1
	shift
	n=1 tried=0
	while :; do
		rm -rf "$work/made" "$work/made.zip" "$work/imported"
		got=0
		RESTUDY_REFUSE=$n "$oom" "$@" >"$work/out" 2>"$work/err" </dev/null || got=$?
		if ! grep -q REFUSED "$work/err"; then
			[ $got -eq "$normal" ] || fail "\"$*\" without a fault ended with $got, not $normal"
			break
		fi
		tried=$((tried + 1))
		case $got in
		4) grep -q 'out of memory' "$work/err" || fail "\"$*\", allocation $n: did not say \"out of memory\"" ;;
		"$normal") ;;
		1) failed_cell "$@" || fail "\"$*\", allocation $n: ended with 1" ;;
		*) fail "\"$*\", allocation $n: ended with $got" ;;
		esac
		[ -z "$(ls "$work/tmp")" ] || fail "\"$*\", allocation $n: left $(ls "$work/tmp")"
		left=$(find "$work" -name '*.restudy-*')
		[ -z "$left" ] || fail "\"$*\", allocation $n: left $left"
		n=$((n + 1 + (n > 30 ? n * step / 100 : 0)))
	done
	echo "ok      $1: $tried refusals of about $n allocations"
}

"$oom" import csv "$here/../golden/exchange/tidy.csv" --better higher -o "$work/run" >/dev/null
"$oom" archive "$work/run" --format zip -o "$work/bag.zip" >/dev/null
printf '#!/bin/sh\necho rate: 12.5\n' >"$work/own"
chmod +x "$work/own"
sed "s|PROGRAM|$work/own|; s/100ms/10ms/" "$here/quick.xml" >"$work/plan.xml"
refuse 0 check "$work/plan.xml"
refuse 0 steps "$work/plan.xml" --testbed local
refuse 0 status "$work/run"
refuse 0 export csv "$work/run"
refuse 0 import csv "$here/../golden/exchange/tidy.csv" --better higher -o "$work/imported"
refuse 0 archive "$work/run" --format zip -o "$work/made.zip"
refuse 0 verify --no-render "$work/bag.zip"
refuse 0 report "$work/run" -o "$work/made"
refuse 1 audit "$here/../../thesis-plan.xml"
refuse 0 compare "$work/run" "$work/run"
refuse 0 run "$work/plan.xml" --testbed local -o "$work/made"
