#!/bin/sh
# usage: run.sh BUILD TEST...
# Runs test programs and scripts one after the other; shows the output of those that fail.
# A script that exits 77 is skipped and says why in its last line.
set -u
build=$1
shift
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
RESTUDY_BUILD=$(cd "$build" && pwd)
export RESTUDY_BUILD
for t; do
	begin=$(date +%s)
	case $t in
	*.sh) sh "$t" >"$log" 2>&1 </dev/null ;;
	*) "$t" >"$log" 2>&1 </dev/null ;;
	esac
	status=$?
	seconds=$(($(date +%s) - begin))
	case $status in
	0)
		passed=$((passed + 1))
		echo "ok      $t (${seconds} s)$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/: \1 tests/p' "$log")"
		;;
	77)
		skipped=$((skipped + 1))
		echo "skipped $t: $(tail -n 1 "$log")"
		;;
	*)
		failed=$((failed + 1))
		echo "FAILED  $t (exit status $status)"
		grep -v '^\[ RUN  \|^\[       OK' "$log" | tail -n 100
		;;
	esac
done
echo "tests: $passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
