#!/bin/sh
# Results of other programs become a run folder that the other commands take as any run, and
# leave it in formats that programs of others read.  What is wrong ends with 2 and no trace.
set -eu
restudy=${RESTUDY_BUILD:-build}/restudy
golden=tests/golden/exchange
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

"$restudy" import csv $golden/tidy.csv -o "$dir/run" >/dev/null
"$restudy" check "$dir/run/plan.xml" >/dev/null
"$restudy" export csv "$dir/run" | cmp - $golden/tidy.csv
"$restudy" export pts "$dir/run" | xmllint --nonet --noout --schema $golden/pts.xsd - 2>/dev/null
"$restudy" export sqlite "$dir/run" -o "$dir/copy.db"
[ "$(sqlite3 "$dir/copy.db" 'PRAGMA integrity_check')" = ok ]
sqlite3 -csv -header "$dir/copy.db" 'SELECT count(*) AS n FROM tidy' >"$dir/n"
[ "$(tail -n 1 "$dir/n" | tr -d '\r')" -eq "$(($(wc -l <$golden/tidy.csv) - 1))" ]
[ "$("$restudy" export jsonl "$dir/run" | wc -l)" -eq "$(($(wc -l <$golden/tidy.csv) - 1))" ]

# The report says on its first page that nothing was measured here.
"$restudy" report "$dir/run" >/dev/null
grep -q 'not measured here' "$dir/run/report.html"

# Its bag, made inside it, lies beside it, and tar has nothing to say of it.
(cd "$dir/run" && "$(cd "$OLDPWD" && realpath "$restudy")" archive . >/dev/null)
tar --zstd -xf "$dir/run-bag.tar.zst" -C "$dir" --one-top-level=bag >"$dir/said" 2>&1
[ ! -s "$dir/said" ] || { cat "$dir/said"; exit 1; }
"$restudy" verify "$dir/bag/run" >/dev/null

ends_with() {
	want=$1
	shift
	rc=0
	"$restudy" "$@" >"$dir/said" 2>&1 || rc=$?
	[ "$rc" -eq "$want" ] || { echo "$*: status $rc, not $want"; cat "$dir/said"; exit 1; }
}
sed 's/,value$/,amount/' $golden/tidy.csv >"$dir/wrong.csv"
ends_with 2 import csv "$dir/wrong.csv" -o "$dir/wrong"
grep -q 'wrong.csv":1: expected a column "value"' "$dir/said"
ends_with 2 import csv "$dir/none.csv" -o "$dir/wrong"
ends_with 2 import tsv $golden/tidy.csv -o "$dir/wrong"
ends_with 2 import csv $golden/tidy.csv -o "$dir/run"
ends_with 2 import csv $golden/tidy.csv
ends_with 2 import csv $golden/tidy.csv --benchmark x -o "$dir/wrong"
ends_with 2 export xls "$dir/run"
ends_with 2 export csv
grep -q 'the argument RUN is missing' "$dir/said" || { cat "$dir/said"; exit 1; }
ends_with 2 export sqlite "$dir/run"
ends_with 1 import siege $golden/siege.log -o "$dir/siege"
# A block that was cut, and a number that letters run into: nothing of it is taken.
head -n 10 $golden/../bench/siege-2.65/raw/host/stderr >"$dir/cut.txt"
ends_with 2 import siege "$dir/cut.txt" -o "$dir/cut"
grep -q 'cut.txt":[0-9]*: expected "Failed transactions:"' "$dir/said" || { cat "$dir/said"; exit 1; }
ends_with 2 import siege $golden/../bench/siege-damaged-number/raw/host/stderr -o "$dir/cut"
[ ! -e "$dir/cut" ] || { echo "half a result was imported"; exit 1; }
for left in "$dir"/wrong "$dir"/wrong.restudy-part-*; do
	[ ! -e "$left" ] || { echo "$left was left"; exit 1; }
done
