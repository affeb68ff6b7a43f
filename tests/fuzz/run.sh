#!/bin/sh
# usage: run.sh PROGRAM SECONDS
# One fuzz target for so long, from the golden inputs of its part; a crash is kept and fails.
set -eu
program=$1 seconds=$2
name=$(basename "$program" | sed 's/^fuzz_//')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/corpus"
find "tests/golden/$name" "tests/fuzz/corpus/$name" -type f -size -64k 2>/dev/null |
	while read -r f; do cp "$f" "$work/corpus/$(echo "$f" | tr / _)"; done
echo "fuzz $name: $seconds s from $(find "$work/corpus" -type f | wc -l) inputs"
"$program" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=65536 \
	-artifact_prefix="fuzz-$name-" "$work/corpus" >"$work/log" 2>&1 || {
	tail -n 40 "$work/log"
	echo "fuzz $name: an input is kept as fuzz-$name-*"
	exit 1
}
tail -n 2 "$work/log"
