#!/bin/sh
# CPU time and memory of archiving 1 GiB in 10,000 files as tar.zst with both digests, beside
# tar | zstd at the same level followed by sha256sum.  Interleaved, three runs each; the middle
# one counts.  RESTUDY_BENCH_MIB: another size.
set -eu
cd "$(dirname "$0")/../.."
restudy=$(realpath "${RESTUDY_BUILD:-build}")/restudy
mib=${RESTUDY_BENCH_MIB:-1024}
work=$(mktemp -d "${TMPDIR:-/var/tmp}/restudy-bench-XXXXXX")
trap 'rm -rf "$work"' EXIT

"$restudy" run tests/end2end/small.xml --testbed local --only benchmark=kernels -o "$work/run" >/dev/null 2>&1 || :
[ -s "$work/run/run.db" ] || { echo "the run to archive was not made"; exit 1; }
# Files of numbers and bytes, as programs print and record them: about half compresses away.
awk -v mib="$mib" 'BEGIN {
	srand(1)
	for (i = 0; i < 65536; i++) pool[i] = sprintf("%.9f %.9f %.9f", rand() * 1e5, rand() * 1e4, rand() * 1e3)
	size = int(mib * 1048576 / 10000)
	for (f = 0; f < 10000; f++) {
		name = sprintf("'"$work"'/run/raw/host/0/kernels/1/host/series-%05d.txt", f)
		for (n = 0; n < size; n += length(pool[k]) + 1) { k = int(rand() * 65536); print rand(), pool[k] > name }
		close(name)
	}
}'
echo "$(du -s --apparent-size -m "$work/run/raw" | cut -f1) MiB in $(find "$work/run/raw" -type f | wc -l) files; $(zstd --version | grep -o 'v[0-9.]*'), $(tar --version | head -n 1)"

# cpu NAME COMMAND...: CPU seconds of a command and its children, and the largest resident set.
cpu() {
	name=$1
	shift
	/usr/bin/env bash -c 'TIMEFORMAT="%U %S"; time "$@" >/dev/null' - "$@" 2>&1 | tail -n 1 |
		awk '{ printf "%.2f\n", $1 + $2 }' >>"$work/$name"
}
middle() { sort -n "$work/$1" | sed -n 2p; }
for i in 1 2 3; do
	rm -f "$work/bag.tar.zst" "$work/plain.tar.zst"
	cpu ours "$restudy" archive "$work/run" -o "$work/bag.tar.zst"
	cpu peer sh -c "tar -C '$work' -cf - run | zstd -q -3 -o '$work/plain.tar.zst' && find '$work/run' -type f -exec sha256sum {} +"
done
a=$(middle ours) b=$(middle peer)
echo "restudy archive $a s, tar | zstd -3 and sha256sum $b s of CPU: $(awk -v a="$a" -v b="$b" 'BEGIN { printf "%.2f", a / b }')"
echo "sizes: $(stat -c %s "$work/bag.tar.zst") and $(stat -c %s "$work/plain.tar.zst") bytes"
rm "$work/bag.tar.zst"
"$restudy" archive "$work/run" -o "$work/bag.tar.zst" >/dev/null &
pid=$! peak=0
while kill -0 $pid 2>/dev/null; do
	now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' /proc/$pid/status 2>/dev/null || :)
	[ -z "$now" ] || peak=$now
	sleep 0.1
done
echo "resident at most: $((peak / 1024)) MiB"
