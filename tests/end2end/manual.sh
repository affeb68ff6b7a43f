#!/bin/sh
# The manual is whole and right: a page for each command with exactly the options that --help
# tells, every page without a complaint of mandoc, and every element, attribute and kind of
# text of the schema in restudy-plan(5) as xmllint sees them.
set -eu
restudy=$RESTUDY_BUILD/restudy
here=$(cd "$(dirname "$0")/../.." && pwd)
for p in mandoc xmllint; do
	command -v $p >/dev/null || { echo "$p is not installed"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
	echo "manual: $*"
	exit 1
}
make -s -C "$here" B="$RESTUDY_BUILD" doc
plan=$RESTUDY_BUILD/doc/restudy-plan.5

# lint PAGE...: complaints, without those on our own pages that are among them.
lint() {
	for page; do
		name=${page##*/}
		echo "referenced manual not found: Xr ${name%.*} ${name##*.}"
	done >"$work/own"
	mandoc -Tlint "$@" 2>/dev/null | grep -vFf "$work/own" | grep -v 'outdated mandoc.db' || :
}
complaints=$(lint "$here"/doc/*.1 "$plan" "$RESTUDY_BUILD"/doc/*.7)
[ -z "$complaints" ] || fail "$complaints"
sed 's/^\.Sh SYNOPSIS/.Shh SYNOPSIS/' "$here/doc/restudy.1" >"$work/bad.1"
[ -n "$(lint "$work/bad.1")" ] || fail "a broken page is accepted"
sed 's/^\.Xr restudy-plan 5/.Xr restudy-plans 5/' "$here/doc/restudy.1" >"$work/bad.1"
lint "$work/bad.1" | grep -q 'restudy-plans' || fail "a reference to no page is accepted"

# Each benchmark adapter has a page that tells what it runs, reads and cannot know.
adapters=$(sed -n '/<xs:simpleType name="adapter">/,/<\/xs:simpleType>/s/.*enumeration value="\([^"]*\)".*/\1/p' "$here/data/schema/plan.xsd")
[ "$(echo "$adapters" | wc -l)" -ge 5 ] || fail "the schema names too few adapters"
whole() {
	mandoc -Tascii "$2" | sed "s/.$(printf '\b')//g" >"$work/page"
	for part in "restudy-$1 -" 'What it runs' 'What it reads' 'What it cannot know'; do
		grep -qF "$part" "$work/page" || return 1
	done
	grep -qE '[`*]' "$work/page" && return 1
	[ "$(wc -l <"$work/page")" -gt 25 ]
}
for a in $adapters; do
	whole "$a" "$RESTUDY_BUILD/doc/restudy-$a.7" || { cat "$work/page"; fail "the page of the adapter $a is not whole"; }
	grep -q "^\.Xr restudy-$a 7" "$here/doc/restudy.1" || fail "restudy.1 does not refer to restudy-$a(7)"
done
sed '/^\.Ss What it cannot know/,$d' "$RESTUDY_BUILD/doc/restudy-siege.7" >"$work/bad.7"
! whole siege "$work/bad.7" || fail "a page that lacks what the adapter cannot know is accepted"

# Pages and --help name the same options.
commands=$("$restudy" --help | sed -n 's/^  \([a-z]*\) .*/\1/p')
[ -n "$commands" ] || fail "--help tells no command"
told() { "$restudy" "$1" --help | sed 1d | grep -oE '(^|[ ,(])--?[a-z][a-z-]*' | tr -d ' ,(' | LC_ALL=C sort -u; }
# documented PAGE: the options of its list.
documented() {
	sed -n 's/^\.It \(Fl .*\)/\1/p' "$1" | tr ' ' '\n' | awk 'f { print "-" $0; f = 0 } $0 == "Fl" { f = 1 }
		$0 == "," { f = 1 }' | LC_ALL=C sort -u
}
same() { [ "$(told "$1")" = "$(documented "$2")" ]; }
for c in $commands; do
	page=$here/doc/restudy-$c.1
	[ -f "$page" ] || fail "$c has no page"
	same "$c" "$page" || { documented "$page"; fail "options of $c (above) are not: $(told "$c")"; }
	for section in NAME SYNOPSIS DESCRIPTION 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
		grep -qx "\.Sh $section" "$page" || fail "the page of $c has no section $section"
	done
	summary=$("$restudy" "$c" --help | sed -n 3p)
	grep -qxF "$summary" "$here/doc/restudy.1" || fail "restudy.1 does not say of $c: $summary"
	grep -qxF ".Nd $summary" "$page" || fail "the page of $c does not begin with: $summary"
	for o in $(sed -n 's/^\.It Fl \([a-z-]*\).*/\1/p' "$page"); do
		sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESC/p' "$page" | grep -qE "Fl $o( |\$)" ||
			fail "the synopsis of $c lacks -$o"
	done
done
sed '/^\.It Fl -resume/d' "$here/doc/restudy-run.1" >"$work/bad.1"
! same run "$work/bad.1" || fail "a page that lacks an option is accepted"
sed 's/^\.It Fl -resume/.It Fl -continue/' "$here/doc/restudy-run.1" >"$work/bad.1"
! same run "$work/bad.1" || fail "a page with an option that is none is accepted"

# The reference of the plan, by a reader of XML that is not the page's.
xsd=$here/data/schema/plan.xsd
names() {
	xmllint --xpath "//*[local-name()='$1']/@name" "$xsd" | sed 's/.*name="\([^"]*\)".*/\1/' | LC_ALL=C sort -u
}
mandoc -Tascii "$plan" | sed "s/.$(printf '\b')//g" >"$work/plan.txt"
reference() {
	for e in $(names element); do
		grep -qE "^   /plan(/[a-z-]+)*/?$e\$|^   /$e\$" "$1" || { echo "element $e"; return 1; }
	done
	for a in $(names attribute); do
		grep -qE "^     $a=" "$1" || { echo "attribute $a"; return 1; }
	done
	for t in $(names simpleType); do
		grep -qE "^     $t( |\$)" "$1" || { echo "kind $t"; return 1; }
	done
	for w in $(xmllint --xpath "//*[local-name()='enumeration']/@value" "$xsd" |
		sed 's/.*value="\([^"]*\)".*/\1/' | LC_ALL=C sort -u); do
		grep -qE "(^| )$w( |\$)" "$1" || { echo "word $w"; return 1; }
	done
}
[ "$(names attribute | wc -l)" -gt 40 ] || fail "the schema was not read"
missing=$(reference "$work/plan.txt") || fail "restudy-plan.5 lacks $missing"
# As many places as the schema's elements have, and the annotations are there.
[ "$(grep -c '^\.It Cm .* Ns = ' "$plan")" -ge "$(xmllint --xpath "count(//*[local-name()='attribute'])" "$xsd")" ] ||
	fail "restudy-plan.5 lacks attributes"
tr -s ' \n' '  ' <"$work/plan.txt" | grep -q 'The machine the paper measured on.' || fail "annotations are missing"
grep -v ' drop-caches=' "$work/plan.txt" >"$work/bad.txt"
! reference "$work/bad.txt" >/dev/null || fail "a reference without an attribute is accepted"
grep -v '/plan/hardware/raid$' "$work/plan.txt" >"$work/bad.txt"
! reference "$work/bad.txt" >/dev/null || fail "a reference without an element is accepted"
