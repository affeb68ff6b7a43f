#!/bin/sh
# The virtual testbed as an ordinary run uses it: RAID 1, LVM, three containers, a real Xen guest.
# In the middle of it, at seeded moments, the virtual machine is killed: one cell fails and says why,
# the others go on; then, under Xen, machine and coordinator: nothing is left, and --resume makes
# what is not finished alone.
set -eu
restudy=$RESTUDY_BUILD/restudy
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v sqlite3 >/dev/null || { echo "sqlite3 is not installed"; exit 77; }
fail() {
	echo "run-virtual: $*"
	exit 1
}
db() { sqlite3 -readonly "$work/run/run.db" "$1" 2>/dev/null; }
machines() { pgrep -f "qemu-system.*$work/" || :; }

# Two seeded moments: a number of cells that are finished, and seconds into the next one.
seed=${RESTUDY_SEED:-2006}
set -- $(awk -v s="$seed" 'BEGIN { srand(s); printf "%d %.1f %d %.1f", rand() * 5, rand() * 2, 6 + rand() * 2, rand() * 2 }')
echo "seed $seed: the machine is killed $2 s into cell $(($1 + 1)), machine and coordinator $4 s into cell $(($3 + 1))"
finished() { db "select count(*) from cell where state in ('done', 'failed')" || echo 0; }
# await CELLS SECONDS: the moment when so many are finished and the next one runs for so long.
await() {
	until [ "$(finished)" -ge "$1" ] && [ "$(db "select count(*) from cell where state = 'running'")" = 1 ]; do
		kill -0 $pid 2>/dev/null || { cat "$work/err"; fail "the run ended before $1 cells were finished"; }
		sleep 0.2
	done
	sleep "$2"
	victim=$(machines)
	[ -n "$victim" ] || { cat "$work/err"; fail "no machine is found to kill"; }
}

"$restudy" check "$here/virtual.xml" >/dev/null 2>&1 || fail "the plan is not valid"
"$restudy" run "$here/virtual.xml" -o "$work/run" >"$work/out" 2>"$work/err" &
pid=$!
await "$1" "$2"
kill -9 $victim
until grep -q 'up (boot xen)' "$work/err"; do
	kill -0 $pid 2>/dev/null || { cat "$work/err"; fail "a run whose machine was killed did not go on"; }
	sleep 0.2
done
[ "$(db "select count(*) from cell where state = 'failed' and reason not like '%testbed was lost%'")" = 0 ] &&
	[ "$(db "select count(*) from cell where state = 'failed'")" -le 1 ] &&
	[ "$(finished)" = 6 ] || { db "select * from cell"; fail "not one cell failed with its reason and the others are done"; }
await "$3" "$4"
kill -9 $pid $victim
wait $pid 2>/dev/null || :
cat "$work/err"
"$restudy" clean | tee "$work/clean" | grep -q 'machine of run' || { cat "$work/clean"; fail "clean does not see the killed machine"; }
[ -z "$(machines)" ] || fail "a machine is left running"
"$restudy" clean | tee "$work/clean" | grep -q 'nothing is left behind' || { cat "$work/clean"; fail "something is left behind"; }

db "select id, finished_s from cell where state = 'done' order by id" >"$work/before"
"$restudy" run "$here/virtual.xml" -o "$work/run" --resume >"$work/out" 2>"$work/err" || { cat "$work/err"; fail "the resumed run failed"; }
[ "$(db "select count(*) from cell where state = 'done'")" = 9 ] || fail "not every cell is done"
db "select id, finished_s from cell where id in ($(cut -d'|' -f1 "$work/before" | paste -sd,)) order by id" |
	cmp - "$work/before" || fail "a finished cell was made again"

# What really ran, and that the report says so.
fact() { db "select value from fact where key = '$1'"; }
[ "$(fact platform.ct)" = lxc ] && [ "$(fact platform.xen)" = xen ] || fail "the platforms are not those of the plan"
[ "$(fact virtual)" = 1 ] || fail "the run does not know that its machine was virtual"
fact storage.state | grep -q 'md0.*2 of 2' || fail "the mirror is not whole: $(fact storage.state)"
if [ "$(fact emulated)" = 1 ]; then
	grep -q 'emulated' "$work/run/report.md" || fail "the report does not say that the machine was emulated"
	"$restudy" claims "$work/run" | grep -qE 'pipe: (same direction, under emulation|inconclusive|contradicted)' ||
		fail "an emulated machine proves too much"
fi
[ "$(find "$work/run/raw/ct/3/kernels/1" -name 'pipe.json' | wc -l)" -eq 3 ] || fail "three containers did not leave three raw files"
[ "$(db "select count(distinct guest) from tidy where system = 'ct'")" = 3 ] || fail "three containers did not give samples"
[ "$(db "select count(*) from tidy where system = 'xen' and metric = 'pipe'")" = 2 ] || fail "the Xen guest did not give two samples"
"$restudy" clean | grep -q 'nothing is left behind' || fail "something is left behind at the end"
