#!/bin/sh
# The guides say what works: the plan of doc/study.md is accepted without a complaint, also with
# each of the parts that are shown after it, its commands exist, and doc/adapters.md has a
# section for each adapter with every metric that it gives.
set -eu
restudy=$RESTUDY_BUILD/restudy
here=$(cd "$(dirname "$0")/../.." && pwd)
guide=$here/doc/study.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
	echo "study: $*"
	exit 1
}
# Blocks of XML: 1.xml is the plan, the others are parts of one.
awk -v to="$work" '/^```xml$/ { f = to "/" ++n ".xml"; next } /^```$/ { f = "" } f { print >f }' "$guide"
# check FILE: accepted, and nothing else said.
check() {
	"$restudy" check "$1" >"$work/said" 2>&1 || return 1
	[ "$(wc -l <"$work/said")" -eq 1 ] && grep -q ': valid: ' "$work/said"
}
check "$work/1.xml" || { cat "$work/said"; fail "the plan of the guide is not accepted without a complaint"; }
grep -q 'valid: 2 systems, 1 benchmark, 2 exhibits, 1 claim' "$work/said" || fail "another plan was found"
"$restudy" steps "$work/1.xml" --testbed local | grep -q '^14 cells' || fail "the plan of the guide has other cells"

n=2
while [ -f "$work/$n.xml" ]; do
	{ sed '/<\/plan>/d' "$work/1.xml"; cat "$work/$n.xml"; echo '</plan>'; } >"$work/whole.xml"
	"$restudy" check "$work/whole.xml" >"$work/said" 2>&1 || { cat "$work/said"; fail "part $n of the guide is refused"; }
	! grep -q 'warning:' "$work/said" || { cat "$work/said"; fail "part $n of the guide commits a sin"; }
	if command -v xmllint >/dev/null; then
		xmllint --noout --schema "$here/data/schema/plan.xsd" "$work/whole.xml" 2>"$work/said" ||
			{ cat "$work/said"; fail "part $n is not what the schema knows"; }
	fi
	n=$((n + 1))
done
[ $n -gt 4 ] || fail "the guide shows too few parts"

# What the guide warns of is noticed.
sed 's/trials="6"/trials="1"/' "$work/1.xml" >"$work/bad.xml"
! check "$work/bad.xml" || fail "one trial is accepted without a complaint"
sed 's/duration="10s"/duration="10"/' "$work/1.xml" >"$work/bad.xml"
! "$restudy" check "$work/bad.xml" >/dev/null 2>&1 || fail "a quantity without its unit is accepted"

# Commands in the guides and in README.md are commands.
sed -n 's/^    restudy \([a-z]*\).*/\1/p' "$guide" "$here/README.md" | sort -u >"$work/used"
[ "$(wc -l <"$work/used")" -gt 8 ] || fail "the guides use no commands"
while read -r c; do
	"$restudy" "$c" --help >/dev/null || fail "there is no command $c"
done <"$work/used"
"$restudy" --help | sed -n 's/^  \([a-z]*\) .*/\1/p' >"$work/commands"
while read -r c; do
	grep -qw "restudy $c" "$guide" "$here/README.md" || echo "$c"
done <"$work/commands" | grep -v '^deposit$' | grep . && fail "no guide uses the commands above"

# Adapters: a section each, and each metric in its section.
for a in $(sed -n '/<xs:simpleType name="adapter">/,/<\/xs:simpleType>/s/.*enumeration value="\([^"]*\)".*/\1/p' "$here/data/schema/plan.xsd"); do
	grep -qx "## $a" "$here/doc/adapters.md" || fail "adapters.md has no section on $a"
	for part in 'Runs' 'Reads' 'Cannot know'; do
		sed -n "/^## $a\$/,/^## /p" "$here/doc/adapters.md" | grep -q "^\*\*$part\.\*\*" ||
			fail "adapters.md does not tell of $a: $part"
	done
done
for file in siege httpload unix_tests; do
	sed -n 's/^\t{ "\([A-Za-z0-9.-]*\)", "[^"]*",\( *"[^"]*".*\)\?$/\1/p' "$here/src/bench/$file.c"
done | sort -u >"$work/metrics"
[ "$(wc -l <"$work/metrics")" -gt 40 ] || fail "the adapters' metrics were not found"
while read -r m; do
	grep -qF "\`$m\`" "$here/doc/adapters.md" || fail "adapters.md does not mention $m"
done <"$work/metrics"
