#!/bin/sh
# Published tables of others are consistent as printed, but for a paper's row of means; a wrong digit, a
# slip in a command or more requests than clients are found, with the interval that is left.
set -eu
restudy=${RESTUDY_BUILD:-build}/restudy
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() {
	echo "audit: $*"
	exit 1
}
ends_with() {
	want=$1
	shift
	rc=0
	"$restudy" "$@" >"$dir/said" 2>&1 || rc=$?
	[ "$rc" -eq "$want" ] || { cat "$dir/said"; fail "$*: status $rc, not $want"; }
}
for f in data/published/*.xml; do
	case $f in
	*/rep-2024-collectors.xml) ends_with 1 audit "$f" ;;
	*) ends_with 0 audit "$f" ;;
	esac
	xmllint --nonet --noout --schema data/schema/plan.xsd "$f" 2>/dev/null || fail "$f is not of the schema"
done

# alter SED-SCRIPT WHAT COUNT [TABLE]: so many values of the altered table cannot be right, and this is
# said of one
alter() {
	from=data/published/${4:-siege-cache}.xml
	sed "$1" "$from" >"$dir/altered.xml"
	! cmp -s "$dir/altered.xml" "$from" || fail "$1 alters nothing"
	ends_with 1 audit "$dir/altered.xml"
	grep -q "$2" "$dir/said" || { cat "$dir/said"; fail "$1: not said: $2"; }
	[ "$(grep -c 'cannot be right;' "$dir/said")" -eq "$3" ] || fail "$1: not $3 values"
}
# by hand: 77455 / 199.33 = 388.577; 17.77 / 199.33 = 0.0891; 0.06 x 506.62 = 27.9 to 32.9
alter 's/388.58/385.88/' 'lock, transaction-rate 385.88: cannot be right; .* which prints as 388.56 to 388.59' 1
alter 's/>0.09</>0.08</' 'lock, throughput 0.08: cannot be right; .* which prints as 0.09' 1
alter 's/31.46/36.41/' 'early, concurrency 36.41: cannot be right; response time x rate gives \[27.8638, 32.9306\]' 1
# the commands of the first two runs say 60 s: slips, since they took 200 s like the others
alter 's/<published id="clients-10" \(.*\) duration="200s"/<published id="clients-10" \1 duration="60s"/' \
	'db, elapsed-time 199.78: cannot be right; the declared duration' 3
# 48.87 requests under way need more than 45 clients
alter 's/concurrency="50"/concurrency="45"/' 'db, concurrency 48.87: cannot be right; the declared concurrency gives \[0, 45\]' 2

# A paper's table: 137.438953472 / 3.80 = 36.12 to 36.22, 25552.48 / 69.80 = 366.1, 69.80 / 3.80 = 18.34 to
# 18.39, 337.812 / 835 = 40.43 to 40.48 %; the C row's running time with two digits exchanged is at odds with
# its rate, its speed-up and both relative ones.
science=science-2020-matrices
alter 's/>36.180</>38.160</' 'divide, transaction-rate 38.160: cannot be right; transactions / time gives \[36.1206, 36.2158\]' 2 $science
alter 's/>366</>336</' 'loops, elapsed-time as speed-up 336: cannot be right; .* which prints as 366' 1 $science
alter 's/>18.4</>14.8</' 'divide, elapsed-time as speed-up versus loops 14.8: cannot be right; .* prints as 18.3 to 18.4' 1 $science
alter 's/>40.45</>40.54</' 'avx, transaction-rate as percent versus peak 40.54: cannot be right; .* prints as 40.43 to 40.48' 1 $science
alter 's/>542.67</>524.67</' 'c, elapsed-time as speed-up 47: cannot be right; .* prints as 49' 4 $science

# A paper's row of geometric means that are none, as another program computes them from the printed numbers
# less and more half a unit.
ends_with 1 audit data/published/rep-2024-collectors.xml
for say in 'fsatrace, mean as change 0: cannot be right; .* prints as 3 to 4' \
	'care, mean as change 45: cannot be right; .* \[74.8251, 75.9278\], which prints as 75 to 76' \
	'strace, mean as change 66: cannot be right; .* prints as 103 to 104' \
	'rr, mean as change 146: cannot be right; .* prints as 193 to 194' \
	'reprozip, mean as change 193: cannot be right; .* prints as 354 to 356' \
	'none, mean as change 0: consistent' '  5 of the printed values cannot be right'; do
	grep -q "$say" "$dir/said" || { cat "$dir/said"; fail "not said: $say"; }
done

# The thesis: three cells, as the unit test computes by hand.
ends_with 1 audit thesis-plan.xml
grep -q '3 of the printed values cannot be right' "$dir/said" || fail "the thesis"
ends_with 1 audit thesis-plan.xml --json
if command -v python3 >/dev/null; then
	python3 - "$dir/said" <<'END'
import json, sys
said = json.load(open(sys.argv[1]))
cells = said["numbers"]
bad = {(c["system"], c["metric"]) for c in cells if not c["consistent"]}
assert ("xen", "throughput") in bad and ("openvz", "throughput") in bad and ("openvz", "response-time") in bad, bad
assert ("host", "transaction-rate") not in bad
for c in cells:
    assert c["low"] <= c["high"] and c["printed"] and c["law"], c
# the same slip is seen under either reading of the load, which each record names
assert {c["if"] for c in cells if c["metric"] == "response-time"} == {
    "all columns have the same load", "every guest has a load of its own"}
slips = {(m["listing"], m["key"]) for m in said["listings"]}
assert ("lst-3.2", "kernel.sys_rq") in slips and len(slips) == len(said["listings"]), slips
assert all(m["mistake"] for m in said["listings"])
END
fi
ends_with 2 audit "$dir/none.xml"
ends_with 2 audit
