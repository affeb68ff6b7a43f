#!/bin/sh
# kill -9 of the coordinator at 20 random moments (seeded): after each, what was finished is
# untouched, "clean" removes what was left, and --resume goes on.  In the end the cells are those
# of a run that nobody killed.
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
	echo "resume-kills: $*"
	exit 1
}
db() { sqlite3 -readonly "$1/run.db" "$2"; }
done_cells="select system, guests, benchmark, trial, finished_s from cell where state = 'done' order by 1, 2, 3, 4"
all_cells="select system, guests, benchmark, trial, state from cell order by 1, 2, 3, 4"

"$restudy" run "$here/small.xml" --testbed local -o "$work/whole" >/dev/null 2>&1 || fail "the run without kills failed"
db "$work/whole" "$all_cells" >"$work/expected"

kills=0 runs=0 run= resume=
for delay in $(awk 'BEGIN { srand(2006); for (i = 0; i < 60; i++) printf "%.2f ", 0.05 + rand() * 1.6 }'); do
	[ $kills -lt 20 ] || break
	if [ -z "$run" ]; then
		runs=$((runs + 1))
		run=$work/run-$runs
		resume=
		: >"$work/before"
	fi
	setsid "$restudy" run "$here/small.xml" --testbed local -o "$run" $resume >"$work/log" 2>&1 &
	pid=$!
	sleep "$delay"
	if kill -9 $pid 2>/dev/null; then
		kills=$((kills + 1))
		wait $pid 2>/dev/null || :
	else
		wait $pid || { cat "$work/log"; fail "a resumed run ended badly"; }
		db "$run" "$all_cells" | cmp - "$work/expected" || fail "run $runs has other cells"
		run=
		continue
	fi
	# Every second time the resumed run itself must cope with what was left.
	if [ $((kills % 2)) -eq 0 ]; then
		"$restudy" clean >"$work/clean" 2>&1 || { cat "$work/clean"; fail "clean failed after kill $kills"; }
		"$restudy" clean | grep -q 'nothing is left behind' || fail "clean leaves something after kill $kills"
		! pgrep -f "restudy-www|$work" >/dev/null || fail "a process is left after kill $kills"
	fi
	# Killed before the store was there: that run never began.
	if ! db "$run" "$done_cells" >"$work/after" 2>/dev/null || [ "$(db "$run" 'select count(*) from cell')" = 0 ]; then
		rm -rf "$run"
		run=
		continue
	fi
	[ -z "$(comm -23 "$work/before" "$work/after")" ] || fail "kill $kills lost or repeated a finished cell"
	mv "$work/after" "$work/before"
	resume=--resume
done
[ $kills -ge 20 ] || fail "only $kills kills"
if [ -n "$run" ]; then
	"$restudy" run "$here/small.xml" --testbed local -o "$run" $resume >"$work/log" 2>&1 || { cat "$work/log"; fail "the last resume failed"; }
	db "$run" "$all_cells" | cmp - "$work/expected" || fail "the last run has other cells"
	db "$run" "$done_cells" >"$work/after"
	[ -z "$(comm -23 "$work/before" "$work/after")" ] || fail "the last resume repeated a finished cell"
fi
echo "$kills kills in $runs runs"
