#!/bin/sh
# The time series of httpload: what was answered in each whole second of the trials, from raw files that
# are written here, so that every point is known; without them the figure says so.
set -eu
restudy=${RESTUDY_BUILD:-build}/restudy
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() {
	cat "$dir/desc"
	echo "seconds: $*"
	exit 1
}
cat >"$dir/tidy.csv" <<'END'
system,guests,guest,benchmark,metric,unit,trial,value
host,0,host,httpload,transactions,hits,1,60
host,0,host,httpload,transactions,hits,2,60
lxc,2,a,httpload,transactions,hits,1,60
lxc,2,a,httpload,transactions,hits,2,60
lxc,2,b,httpload,transactions,hits,1,90
lxc,2,b,httpload,transactions,hits,2,90
END
"$restudy" import csv "$dir/tidy.csv" -o "$dir/run" >/dev/null
sed -i 's|</plan>|<figure id="f" number="1" caption="C" benchmark="httpload" chart="time" seconds="yes">\
<bar metric="transactions"/><bar metric="response-time"/></figure></plan>|' "$dir/run/plan.xml"

# raw FOLDER [done, failed, mean ms] of each second: the third is cut by the end after 2.4 s
raw() {
	mkdir -p "$dir/run/raw/$1"
	echo "{\"elapsed_ns\": 2400000000, \"seconds\": [$2]}" >"$dir/run/raw/$1/result.json"
}
raw host/0/httpload/1/host '[10,0,100],[30,0,50],[999,0,1]'
raw host/0/httpload/2/host '[20,0,100],[40,0,50],[999,0,1]'
for trial in 1 2; do
	raw "lxc/2/httpload/$trial/a" '[10,0,100],[20,0,8],[999,0,1]'
	raw "lxc/2/httpload/$trial/b" '[30,0,20],[60,0,8],[999,0,1]'
done

# draw: what the figure says in words into $dir/desc
draw() {
	rm -rf "$dir/out"
	"$restudy" report "$dir/run" -o "$dir/out" >/dev/null
	sed -n 's/.*<desc[^>]*>\([^<]*\)<.*/\1/p' "$dir/out/figures/f.svg" >"$dir/desc"
}
draw
# (10 + 20) / 2 = 15, (30 + 40) / 2 = 35; 10 + 30 = 40, 20 + 60 = 80; (10 x 100 + 30 x 20) / 40 = 40 ms
grep -q 'Transactions (hits): host \[n = 2: 15.0 to 35.0\]; lxc (2 guests) \[n = 2: 40.0 to 80.0\]' "$dir/desc" ||
	fail "not the sums over guests and means over trials"
grep -q 'Response time (s), lower is better: host \[n = 2: 0.0500 to 0.100\]; lxc (2 guests) \[n = 2: 0.00800 to 0.0400\]' \
	"$dir/desc" || fail "not the weighted response times"
grep -q 'mean of 2 trials' "$dir/desc" || fail "not how many trials"
if command -v sqlite3 >/dev/null; then
	sqlite3 "$dir/run/run.db" "INSERT OR REPLACE INTO fact (key, value) VALUES ('emulated', '1')"
	draw
	grep -q 'Emulated machine' "$dir/desc" || fail "not that the machine was emulated"
fi

rm "$dir/run/raw/lxc/2/httpload/2/b/result.json"
draw
grep -q 'host \[n = 2: 15.0 to 35.0\]; lxc (2 guests) missing (no readable raw files)' "$dir/desc" || fail "half of the raw files drawn"
echo '{"elapsed_ns": 2400000000, "seconds": [' >"$dir/run/raw/lxc/2/httpload/2/b/result.json"
draw
grep -q 'lxc (2 guests) missing (no readable raw files)' "$dir/desc" || fail "a damaged file drawn"
exit 0
