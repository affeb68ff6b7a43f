#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Compares restudy-kernels with the programs of a UnixBench 5.x or 6.x built elsewhere:
# medians of interleaved runs, and their ratio.
#   UNIXBENCH=folder (the one with pgms/) RESTUDY_BUILD=build ROUNDS=5 SECONDS_EACH=2 TESTS="pipe spawn"
set -eu
unixbench=${UNIXBENCH:-}
if [ ! -x "$unixbench/pgms/pipe" ]; then
	echo "left out: UNIXBENCH=folder names no built UnixBench (with pgms/)"
	exit 0
fi
rounds=${ROUNDS:-5}
seconds=${SECONDS_EACH:-2}
tests=${TESTS:-syscall pipe context1 spawn execl fstime-write fstime-read fstime-copy fsbuffer-write \
fsbuffer-read fsbuffer-copy fsdisk-write fsdisk-read fsdisk-copy dhry2reg whetstone-double}
kernels=$(cd "${RESTUDY_BUILD:-build}" && pwd)/restudy-kernels
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

now() { date +%s%N; }

# The program's own value: COUNT|count|timebase|label on stderr, over the true time.
theirs() {
	cd "$unixbench"
	start=$(now)
	case $1 in
	fs*)
		case $1 in fstime*) size="1024 2000" ;; fsbuffer*) size="256 500" ;; *) size="4096 8000" ;; esac
		case $1 in *-write) way=w ;; *-read) way=r ;; *) way=c ;; esac
		./pgms/fstime -$way -t "$seconds" -d "$work" -b ${size% *} -m ${size#* } ;;
	whetstone-double) ./pgms/whetstone-double ;;
	execl) UB_BINDIR=./pgms ./pgms/execl "$seconds" ;;
	*) ./pgms/"$1" "$seconds" ;;
	esac >/dev/null 2>"$work/err"
	end=$(now)
	awk -F'|' -v s=$((end - start)) '
		$1 == "COUNT" { value = ($3 > 0) ? $2 * 1e9 * $3 / s : $2 }
		END { print value + 0 }' "$work/err"
	cd "$OLDPWD"
}

ours() {
	"$kernels" "$1" --duration "$seconds" --dir "$work" |
		sed -n 's/.*"value":\([^,]*\),.*/\1/p'
}

median() { sort -g "$1" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

printf '%-18s %14s %14s %7s\n' test unixbench restudy ratio
for t in $tests; do
	: >"$work/theirs" >"$work/ours"
	i=0
	while [ $i -lt "$rounds" ]; do
		theirs "$t" >>"$work/theirs"
		ours "$t" >>"$work/ours"
		i=$((i + 1))
	done
	printf '%s %s %s\n' "$t" "$(median "$work/theirs")" "$(median "$work/ours")" |
		awk '{ printf "%-18s %14.1f %14.1f %7.3f\n", $1, $2, $3, ($2 > 0) ? $3 / $2 : 0 }'
done
