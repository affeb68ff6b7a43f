#!/bin/sh
# usage: run.sh PROGRAM SECONDS [CORPUS]
# One fuzz target for so long, from the seeds of its part; a crash is kept and fails.  New inputs
# that reach new code are added to the folder CORPUS.
set -eu
program=$1 seconds=$2
name=$(basename "$program" | sed 's/^fuzz_//')
work=$(mktemp -d)
# in memory, where there is some, since files are synced
if [ -w /dev/shm ]; then RESTUDY_FUZZ_FOLDER=$(mktemp -d -p /dev/shm); else RESTUDY_FUZZ_FOLDER=$work; fi
export RESTUDY_FUZZ_FOLDER
trap 'rm -rf "$work" "$RESTUDY_FUZZ_FOLDER"' EXIT
mkdir -p "$work/found"
sh tests/fuzz/seed.sh "$name" "$work/seeds"
echo "fuzz $name: $seconds s from $(find "$work/seeds" -type f | wc -l) inputs"
"$program" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=65536 \
	-artifact_prefix="fuzz-$name-" "${3:-$work/found}" "$work/seeds" >"$work/log" 2>&1 || {
	tail -n 40 "$work/log"
	echo "fuzz $name: an input is kept as fuzz-$name-*"
	exit 1
}
tail -n 2 "$work/log"
