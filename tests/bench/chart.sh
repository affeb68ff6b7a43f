#!/bin/sh
# CPU time of grouped bar charts as SVG and PDF: ours, and gnuplot's and R's where they are
# installed.  Three runs each; the middle one counts.
set -eu
cd "$(dirname "$0")/../.."
build=${RESTUDY_BUILD:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make --no-print-directory B="$build" "$build/librestudy.a" >/dev/null
cc -O2 -D_GNU_SOURCE -Iinclude -o "$work/batch" tests/bench/chart_batch.c "$build/librestudy.a" \
	$(pkg-config --cflags --libs cairo pangocairo gsl libcrypto) -lm -pthread

# middle NAME COMMAND...: CPU time of the process in ms, the middle of three runs
middle() {
	name=$1
	shift
	for i in 1 2 3; do
		bash -c 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>&1' - "$@" 2>&1
	done | awk '{ print ($1 + $2) * 1000 }' | sort -n | awk -v name="$name" 'NR == 2 { printf "%-42s %8.0f ms\n", name, $1 }'
}

echo "restudy, $(pkg-config --modversion cairo) cairo, $(pkg-config --modversion pangocairo) pango"
middle "one chart, SVG and PDF, whole process" "$work/batch" 1 sp
for formats in s p sp g; do
	for i in 1 2 3; do "$work/batch" 100 $formats; done | sort -k 7 -n |
		awk -v f=$formats 'NR == 2 { print "batch of 100, formats " f ": " $0 }'
done

cat >"$work/bars.dat" <<'DATA'
Dhrystone 10 0.2 9.5 0.2 7.2 0.3
Whetstone 10 0.2 9.5 0.2 7.2 0.3
Pipe 10 0.2 9.5 0.2 7.2 0.3
Context 10 0.2 9.5 0.2 7.2 0.3
Process 10 0.2 9.5 0.2 7.2 0.3
Execl 10 0.2 9.5 0.2 7.2 0.3
Copy 10 0.2 9.5 0.2 7.2 0.3
Shell 10 0.2 9.5 0.2 7.2 0.3
System 10 0.2 9.5 0.2 7.2 0.3
DATA
if command -v gnuplot >/dev/null; then
	gnuplot --version
	for term in svg pdfcairo; do
		{
			echo "set term $term font 'DejaVu Sans,8'; set output '$work/out'"
			echo "set style data histograms; set style histogram errorbars gap 1; set style fill solid"
			echo "set yrange [0:12]; set ylabel 'Index'"
			echo "plot '$work/bars.dat' using 2:3:xtic(1) t 'host', '' using 4:5 t 'OpenVZ', '' using 6:7 t 'Xen', 10 t 'host = 10' w l"
		} >"$work/$term.plt"
		middle "gnuplot, one chart, $term" gnuplot "$work/$term.plt"
	done
else
	echo "gnuplot is not installed"
fi
if command -v Rscript >/dev/null; then
	Rscript --version 2>&1
	for device in svg pdf; do
		echo "$device('$work/out'); d <- read.table('$work/bars.dat', row.names = 1); barplot(t(as.matrix(d[, c(1, 3, 5)])), beside = TRUE, names.arg = rownames(d)); invisible(dev.off())" >"$work/$device.R"
		middle "R, one chart, $device" Rscript --vanilla "$work/$device.R"
	done
else
	echo "R is not installed"
fi
