#!/bin/sh
# The values of a run are those of its raw bytes: verify reads these again.  A value that was changed
# in run.db, one that was left out, raw bytes that say something else or are gone: each is told with
# its cell, though every digest of the bag was made anew.
set -eu
restudy=$RESTUDY_BUILD/restudy
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME="$work/cache"
for p in siege apache2 sqlite3; do
	PATH=$PATH:/usr/sbin command -v $p >/dev/null || { echo "$p is not installed"; exit 77; }
done
fail() {
	echo "raw: $*"
	cat "$work/said"
	exit 1
}
"$restudy" run "$here/small.xml" --testbed local -o "$work/run" >"$work/said" 2>&1 || fail "the run failed"
"$restudy" archive "$work/run" --format folder -o "$work/bag" >"$work/said" 2>&1 || fail "archive failed"
"$restudy" verify "$work/bag" >"$work/said" 2>&1 || fail "a bag that nobody touched"
n=$(sqlite3 "$work/run/run.db" "select count(*) from sample join cell on cell.id = sample.cell where trial >= 1")
[ "$n" -ge 9 ] || fail "a run of $n values"
grep -q "; $n values of 5 cells are those of the raw bytes; its report" "$work/said" || fail "not all $n values were read again"

# changed WORDS COMMAND...: what COMMAND does to data/ is told with WORDS.
changed() {
	words=$1
	shift
	rm -rf "$work/changed"
	cp -r "$work/bag" "$work/changed"
	(cd "$work/changed/data" && "$@")
	sh "$here/../reseal.sh" "$work/changed"
	got=0
	"$restudy" verify "$work/changed" >"$work/said" 2>&1 || got=$?
	[ $got -eq 1 ] || fail "$* ended with $got"
	grep -q "$words" "$work/said" || fail "$*: did not say \"$words\""
}
pipe="series = (select id from series where benchmark = 'kernels' and metric = 'pipe')
	and cell = (select id from cell where benchmark = 'kernels' and trial = 2)"
changed 'raw/host/0/kernels/2: guest "host": "pipe" is .* in run.db, and .* by its raw bytes' \
	sqlite3 run.db "update sample set value = value + 1 where $pipe"
changed 'raw/host/0/kernels/2: guest "host": its raw bytes have "pipe", run.db has not' \
	sqlite3 run.db "delete from sample where $pipe"
changed 'raw/host/0/kernels/2: run.db has 4 values, its raw bytes 3' \
	sqlite3 run.db "insert into series select 1000, system, guests, benchmark, 'fsdisk', guest, unit from series
		where id = (select series from sample where $pipe); insert into sample select 1000, cell, value from sample where $pipe"
changed 'raw/host/0/siege/1: guest "host": "transactions" is' \
	sed -i 's/^\(Transactions:[[:space:]]*\)[0-9]*/\17/' raw/host/0/siege/1/host/stderr
changed 'raw/host/0/siege/2: guest "host": ' rm raw/host/0/siege/2/host/stderr

# What archiving masked may have become unreadable, but it is there.
mask() {
	echo '****' >raw/host/0/siege/2/host/stderr
	echo '"raw/host/0/siege/2/host/stderr",masked,name,1,' >>redactions.csv
}
rm -rf "$work/changed"
cp -r "$work/bag" "$work/changed"
(cd "$work/changed/data" && mask)
sh "$here/../reseal.sh" "$work/changed"
"$restudy" verify "$work/changed" >"$work/said" 2>&1 || fail "a bag with a masked cell"
grep -q 'of 4 cells are those of the raw bytes (1 cell cannot be read so: something was masked)' "$work/said" ||
	fail "a masked cell is not told"
unmask() {
	mask
	rm raw/host/0/siege/2/host/stderr
}
changed 'raw/host/0/siege/2: guest "host": ' unmask
# A value that can be read is never excused by that.
another() {
	mask
	cp -r raw/host/0/siege/1/host raw/host/0/siege/2/other
}
changed 'raw/host/0/siege/2: ' another
