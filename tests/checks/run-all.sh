#!/bin/sh
# usage: run-all.sh BUILD CC CFLAGS
# All checks over the tree; each must first refuse its bad example.
set -eu
build=$1 cc=$2 flags=$3
here=tests/checks
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

must_refuse() {
	name=$1
	shift
	if "$@" >"$work/said" 2>&1; then
		echo "check $name accepted its bad example" >&2
		failed=$((failed + 1))
	elif ! grep -q . "$work/said"; then
		echo "check $name refused its bad example without a word" >&2
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
}
must_pass() {
	name=$1
	shift
	if "$@" >"$work/said" 2>&1; then
		passed=$((passed + 1))
	else
		echo "check $name:" >&2
		cat "$work/said" >&2
		failed=$((failed + 1))
	fi
}

sources=$(git ls-files 'src/*.c' 'src/*.h' 'include/*.h')
texts=$(git ls-files "src/*.[ch]" "include/*.h" "tests/*.[ch]" "tests/*.sh" Makefile | grep -v "^tests/checks/bad/")
headers=$(git ls-files 'include/*.h' 'src/*_priv.h')
objects=$(find "$build/src" -name '*.o' | LC_ALL=C sort)
all_objects=$(find "$build/src" "$build/tests" -name '*.o' | LC_ALL=C sort)

$cc -c -o "$work/mutable.o" $here/bad/mutable.c
$cc -c -o "$work/banned.o" $here/bad/banned.c
$cc -c -o "$work/unused.o" $here/bad/unused.c
must_refuse layers sh $here/layers.sh $here/layers.txt $here/bad/stats/layers.c
must_refuse layers-circle sh $here/layers.sh $here/bad/circle.txt
must_refuse objects-mutable sh $here/objects.sh $here/objects-allowed.txt "$work/mutable.o"
must_refuse objects-banned sh $here/objects.sh $here/objects-allowed.txt "$work/banned.o"
must_refuse unused sh $here/unused.sh "$work/unused.o"
must_refuse names sh $here/names.sh "$work/unused.o"
must_refuse sizes sh $here/sizes.sh $here/bad/long.c
must_refuse texts sh $here/texts.sh $here/bad/texts.c
must_refuse headers sh $here/headers.sh "$cc" -- $here/bad/header.h

must_pass layers sh $here/layers.sh $here/layers.txt $sources
must_pass objects sh $here/objects.sh $here/objects-allowed.txt $objects
must_pass unused sh $here/unused.sh $all_objects
must_pass names sh $here/names.sh $objects
must_pass sizes sh $here/sizes.sh $sources
must_pass texts sh $here/texts.sh $texts
must_pass headers sh $here/headers.sh "$cc $flags" -- $headers
echo "checks: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
