#!/bin/sh
# Runs beside runs and beside published numbers: ratios known from the numbers put in, verdicts
# after Holm's correction, what differs told place by place, every output readable by others.
set -eu
restudy=${RESTUDY_BUILD:-build}/restudy
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() {
	echo "compare: $*"
	exit 1
}

cat >"$dir/plan.xml" <<'END'
<plan xmlns="urn:restudy:plan:1">
  <study id="calls" title="Calls" language="en" seed="7"/>
  <image id="debian-12" title="Debian 12" distribution="Debian" release="bookworm" builder="mmdebstrap">
    <packages>gcc</packages>
  </image>
  <system id="host" title="Host" platform="host" image="debian-12" baseline="yes"/>
  <system id="box" title="Box" platform="lxc" image="debian-12">
    <guests count="1" names="one" memory="256MiB"/>
  </system>
  <benchmark id="kernels" adapter="kernels" tests="pipe syscall" duration="10s" trials="6" warmup="0"/>
  <table id="table-1" number="1" caption="Calls" benchmark="kernels" value="absolute" over="mean" published="printed">
    <row metric="pipe"/>
  </table>
  <published id="printed" source="Table 1" benchmark="kernels">
    <value system="host" metric="pipe">1000</value>
    <value system="box" metric="pipe">0.5e3</value>
  </published>
</plan>
END
# Run B: another memory, one system more; the pipe of box twice as fast, its system calls as before.
sed -e 's/256MiB/512MiB/' -e 's|<benchmark|<system id="more" title="More" platform="qemu" image="debian-12"><guests count="1" names="two" memory="1GiB"/></system>\n  <benchmark|' \
	"$dir/plan.xml" >"$dir/plan-b.xml"
rows() {
	awk -v f="$1" 'BEGIN {
		print "system,guests,guest,benchmark,metric,unit,trial,value"
		for (t = 1; t <= 6; t++) {
			e = 1 + ((t * 7) % 5 - 2) / 200
			print "host,0,host,kernels,pipe,lps," t "," 1000 * e
			print "host,0,host,kernels,syscall,lps," t "," 500 / e
			print "box,1,one,kernels,pipe,lps," t "," 800 * f * e
			print "box,1,one,kernels,syscall,lps," t "," 400 * e
		}
	}'
}
rows 1 >"$dir/a.csv"
rows 2 >"$dir/b.csv"
for r in a b; do
	plan=$dir/plan.xml
	[ $r = a ] || plan=$dir/plan-b.xml
	"$restudy" import csv "$dir/$r.csv" -p "$plan" -o "$dir/$r" >"$dir/said" 2>&1 || [ $? -eq 1 ] || fail "$(cat "$dir/said")"
done

"$restudy" compare "$dir/a" "$dir/b" --csv >"$dir/ab.csv"
# field N of the row of KIND METRIC SYSTEM
field() {
	awk -F, -v k="$2" -v m="$3" -v s="$4" -v n="$1" '$3 == k && $5 == m && $6 == s { print $n }' "$5"
}
is() {
	awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && a - b < 1e-9 && b - a < 1e-9) }' || fail "$3: $1 is not $2"
}
is "$(field 17 absolute pipe box "$dir/ab.csv")" 2 "B / A, pipe of box"
is "$(field 17 relative pipe box "$dir/ab.csv")" 2 "B / A to the baseline, pipe of box"
is "$(field 17 absolute syscall box "$dir/ab.csv")" 1 "B / A, system calls of box"
is "$(field 9 relative pipe box "$dir/ab.csv")" 0.8 "pipe of box / host in A"
[ "$(field 22 absolute pipe box "$dir/ab.csv")" = "larger: better" ] || fail "a double is no difference"
[ "$(field 22 absolute syscall box "$dir/ab.csv")" = "no difference shown" ] || fail "the same is a difference"
# Holm's over the four ratios of the table: the smallest p is multiplied by four.
p=$(field 20 absolute pipe box "$dir/ab.csv")
is "$(field 21 absolute pipe box "$dir/ab.csv")" "$(awk -v p="$p" 'BEGIN { printf "%.17g", 4 * p }')" "Holm's p"

# What differs: one attribute, one element that is told once.
"$restudy" compare "$dir/a" "$dir/b" -o "$dir/out" >"$dir/said"
grep -q '/system\[box\]/guests/@memory,1,256MiB,1,512MiB$' "$dir/out/differences.csv" || fail "memory is not told"
[ "$(grep -c 'system\[more\]' "$dir/out/differences.csv")" -eq 1 ] || fail "a new system is not told once"
grep -q '/system\[host\]' "$dir/out/differences.csv" && fail "what is the same is told"
for f in comparison.txt comparison.csv comparison.json comparison.html figures/B-A-kernels.svg figures/B-A-kernels.pdf \
	figures/B-A-kernels.png figures/B-A-kernels-to-baseline.svg; do
	[ -s "$dir/out/$f" ] || fail "$f is missing"
done
cmp "$dir/ab.csv" "$dir/out/comparison.csv"
"$restudy" compare "$dir/a" "$dir/b" --json | cmp - "$dir/out/comparison.json"
"$restudy" compare "$dir/a" "$dir/b" --html | cmp - "$dir/out/comparison.html"
"$restudy" compare "$dir/a" "$dir/b" | cmp - "$dir/out/comparison.txt"
if command -v python3 >/dev/null; then
	python3 - "$dir/out/comparison.json" <<'END'
import json, sys
d = json.load(open(sys.argv[1]))
rows = d["pairs"][0]["absolute"]["rows"]
assert d["pairs"][0]["absolute"]["family"] == 4 and d["pairs"][0]["absolute"]["correction"] == "Holm"
assert [r["metric"] for r in rows if r["system"] == "box"] == ["pipe", "syscall"], rows
for r in rows:
    assert r["ratio"]["low"] <= r["ratio"]["value"] <= r["ratio"]["high"]
END
fi
command -v xmllint >/dev/null && for f in "$dir"/out/figures/*.svg; do xmllint --nonet --noout "$f"; done

# In German, and as narrow as the plan wants figures; the page has no English of ours
mkdir "$dir/de"
cp "$dir/a/run.db" "$dir/de/"
sed 's|seed="7"/>|seed="7"><style width="one" colours="grey"/></study>|' "$dir/a/plan.xml" >"$dir/de/plan.xml"
"$restudy" compare "$dir/de" "$dir/b" published --language de -o "$dir/german" >/dev/null
for w in 'Läufe im Vergleich' 'größer: besser' 'Bezugsgröße' '(1 Gast)' 'B / veröffentlicht' 'Was sich an'; do
	grep -qF "$w" "$dir/german/comparison.html" || fail "the German page lacks: $w"
done
for w in 'Comparison' 'better' 'not compared' 'baseline' 'published' 'Metric' 'Verdict' 'is the same' ' guest' 'emulated:'; do
	! sed 's/<svg.*<\/svg>//; s/id="[^"]*"//g; s/href="[^"]*"//g; s/<h[12]>.*//' "$dir/german/comparison.html" | grep -qF ">$w" ||
		fail "the German page says: $w"
done
grep -q 'lang="de"' "$dir/german/comparison.html" || fail "the German page has another language"
grep -q 'width="249.45pt' "$dir/german/figures/B-A-kernels.svg" || fail "the figure is not 88 mm wide"
ends_with_2=0
"$restudy" compare "$dir/a" "$dir/b" --language fr >"$dir/said" 2>&1 || ends_with_2=$?
[ "$ends_with_2" -eq 2 ] || fail "a language that is none: status $ends_with_2"

# A run beside itself: nothing differs, every ratio is 1.
"$restudy" compare "$dir/a" "$dir/a" >"$dir/said"
grep -q 'What differs: 0 places' "$dir/said" || fail "a run differs from itself"
grep -qE 'larger|smaller' "$dir/said" && fail "a ratio of a run to itself differs"

# One run: beside what the paper prints, with its rounding.  1000 is 999.5 to 1000.5, 0.5e3 is
# 450 to 550; the rounding alone leaves box between 0.44978 and 0.55028 of the host.
"$restudy" compare "$dir/a" --csv >"$dir/p.csv"
"$restudy" compare "$dir/a" published --csv | cmp - "$dir/p.csv"
is "$(field 17 absolute pipe box "$dir/p.csv")" 1.6 "A / published"
is "$(field 9 relative pipe box "$dir/p.csv")" 0.5 "published box / host"
is "$(field 10 relative pipe box "$dir/p.csv")" "$(awk 'BEGIN { printf "%.17g", 450 / 1000.5 }')" "its low end"
is "$(field 11 relative pipe box "$dir/p.csv")" "$(awk 'BEGIN { printf "%.17g", 550 / 999.5 }')" "its high end"
awk -F, '$6 == "box" && $3 == "absolute" { exit !($18 < 800 / 550 && $19 > 800 / 450) }' "$dir/p.csv" ||
	fail "the interval is narrower than the rounding"

ends_with() {
	want=$1
	shift
	rc=0
	"$restudy" "$@" >"$dir/said" 2>&1 || rc=$?
	[ "$rc" -eq "$want" ] || { cat "$dir/said"; fail "$*: status $rc, not $want"; }
}
ends_with 2 compare
ends_with 2 compare published
ends_with 2 compare "$dir/a" "$dir/none"
ends_with 2 compare "$dir/a" "$dir/b" --csv --json
sed '/<published/,/<\/published>/d; s/ published="printed"//' "$dir/plan.xml" >"$dir/a/plan.xml"
ends_with 2 compare "$dir/a"
grep -q 'no published numbers' "$dir/said" || fail "why is not told"
ends_with 0 compare "$dir/a" "$dir/b"
