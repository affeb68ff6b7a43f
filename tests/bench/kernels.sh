#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Compares restudy-kernels with the programs of a UnixBench 5.x or 6.x built elsewhere: runs in
# pairs on one CPU, the order within a pair changing, and medians over the pairs of restudy by
# UnixBench: of the values as they are told (with the quartiles of the pairs), and of the work done
# in a second of processor time, which other load on the machine disturbs less.  UnixBench's alarm and sleeps are made short, but
# for spawn and execl (another library would change what they cost) and whetstone, which has none.
#   UNIXBENCH=folder (the one with pgms/) RESTUDY_BUILD=build ROUNDS=21 MS=300 CPU=0 TESTS="pipe spawn"
set -eu
unixbench=${UNIXBENCH:-}
if [ ! -x "$unixbench/pgms/pipe" ]; then
	echo "left out: UNIXBENCH=folder names no built UnixBench (with pgms/)"
	exit 0
fi
rounds=${ROUNDS:-21}
ms=${MS:-300}
tests=${TESTS:-syscall pipe context1 spawn execl fstime-write fstime-read fstime-copy fsbuffer-write \
fsbuffer-read fsbuffer-copy fsdisk-write fsdisk-read fsdisk-copy dhry2reg whetstone-double}
here=$(cd "$(dirname "$0")" && pwd)
unixbench=$(cd "$unixbench" && pwd)
kernels=$(cd "${RESTUDY_BUILD:-build}" && pwd)/restudy-kernels
taskset -pc "${CPU:-0}" $$ >/dev/null	# else where a test's two processes are put decides context1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
${CC:-gcc} -O2 -shared -fPIC -o "$work/short_alarm.so" "$here/short_alarm.c"

now() { date +%s%N; }

# A whole second, timed from outside as UnixBench's Run does.
theirs_long() {
	start=$(now)
	case $1 in
	whetstone-double) (cd "$unixbench" && ./pgms/whetstone-double >"$work/said" 2>"$work/err"; times >"$work/times") ;;
	*) (cd "$unixbench" && UB_BINDIR=./pgms ./pgms/"$1" 1 >"$work/said" 2>"$work/err"; times >"$work/times") ;;
	esac
	echo $(($(now) - start)) "$(tail -n 1 "$work/times" | awk '{ split($0, t, /[ ms]+/)
		printf "%.0f", (t[1] * 60 + t[2] + t[3] * 60 + t[4]) * 1e9 }')" >"$work/passed"
}

theirs_short() {
	case $1 in
	fs*)
		case $1 in fstime*) size="1024 2000" ;; fsbuffer*) size="256 500" ;; *) size="4096 8000" ;; esac
		case $1 in *-write) way=w ;; *-read) way=r ;; *) way=c ;; esac
		set -- fstime -$way -t 1 -d "$work" -b ${size% *} -m ${size#* } ;;
	*) set -- "$1" 1 ;;
	esac
	(program=$1 && shift && cd "$unixbench" && SHORT_ALARM_MS=$ms SHORT_ALARM_OUT=$work/passed \
		LD_PRELOAD=$work/short_alarm.so ./pgms/"$program" "$@" >"$work/said" 2>"$work/err")
}

# "value value-by-processor-time": COUNT|count|timebase|label; timebase 0: it is a rate already.
theirs() {
	case $1 in spawn | execl | whetstone-double) theirs_long "$1" ;; *) theirs_short "$1" ;; esac
	awk -F'|' 'FNR == NR { split($0, t, " "); next }
		$1 == "COUNT" { value = ($3 > 0) ? $2 * 1e9 * $3 / t[1] : $2 }
		END { print value + 0, (t[2] > 0 ? value * t[1] / t[2] : 0) }' "$work/passed" "$work/err"
}

# What one run costs in processor time beside the loop: making and removing files.
fixed_ns() {
	"$kernels" "$1" --duration 0.001 --settle 0 --dir "$work" |
		sed 's/.*"elapsed_ns":\([^,]*\),.*"user_ns":\([^,]*\),"system_ns":\([^,]*\),.*/\1 \2 \3/' |
		awk '{ f = $2 + $3 - $1; print (f > 0) ? f : 0 }'
}

ours() {
	case $1 in spawn | execl | whetstone-double) duration=1 ;; *) duration=$(awk "BEGIN { print $ms / 1000 }") ;; esac
	"$kernels" "$1" --duration "$duration" --settle 0.002 --dir "$work" |
		sed 's/.*"value":\([^,]*\),.*"elapsed_ns":\([^,]*\),.*"user_ns":\([^,]*\),"system_ns":\([^,]*\),.*/\1 \2 \3 \4/' |
		awk -v fixed="$2" '{ print $1, $1 * $2 / ($3 + $4 - fixed) }'
}

# At this share of the sorted lines, between two by their distance: 0.5 is the median.
quantile() { sort -g | awk -v p="$1" '{ v[NR] = $1 } END { h = 1 + (NR - 1) * p; i = int(h); print v[i] + (h - i) * (v[i < NR ? i + 1 : i] - v[i]) }'; }
median() { quantile 0.5; }

echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
printf '%-18s %12s %12s %7s %16s %18s\n' test unixbench restudy ratio quartiles "by processor time"
for t in $tests; do
	: >"$work/pairs"
	case $t in fs*) fixed=$(for j in 1 2 3 4 5; do fixed_ns "$t"; done | median) ;; *) fixed=0 ;; esac
	i=0
	while [ $i -lt "$rounds" ]; do
		if [ $((i % 2)) -eq 0 ]; then
			a=$(theirs "$t")
			b=$(ours "$t" "$fixed")
		else
			b=$(ours "$t" "$fixed")
			a=$(theirs "$t")
		fi
		echo "$a $b" >>"$work/pairs"
		i=$((i + 1))
	done
	case $t in
	context1) by_time="(child not told)" ;;	# UnixBench does not wait for its second process
	*) by_time=$(awk '$2 > 0 { print $4 / $2 }' "$work/pairs" | median | awk '{ printf "%.3f", $1 }') ;;
	esac
	awk '$1 > 0 { print $3 / $1 }' "$work/pairs" >"$work/ratios"
	printf '%-18s %12.0f %12.0f %7.3f  [%.3f; %.3f] %18s\n' "$t" "$(awk '{ print $1 }' "$work/pairs" | median)" \
		"$(awk '{ print $3 }' "$work/pairs" | median)" "$(median <"$work/ratios")" \
		"$(quantile 0.25 <"$work/ratios")" "$(quantile 0.75 <"$work/ratios")" "$by_time"
done
echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
