#!/bin/sh
# usage: headers.sh COMPILER-AND-FLAGS -- HEADER...
# Each header compiles alone, and twice.
set -eu
compile=$1
shift 2
bad=0
for h; do
	printf '#include "%s"\n#include "%s"\n' "$h" "$h" |
		$compile -I. -Wno-unused -fsyntax-only -x c - || { echo "$h: does not stand alone"; bad=1; }
done
exit $bad
