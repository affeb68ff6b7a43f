#!/bin/sh
# CPU time of grouped bar charts of nine groups as SVG and PDF: ours and, where they are
# installed, gnuplot's, R's, matplotlib's and ggplot2's.  All take turns in RESTUDY_ROUNDS
# rounds (5); medians of user and system time of whole processes, and their ratios.
set -eu
cd "$(dirname "$0")/../.."
build=${RESTUDY_BUILD:-build}
rounds=${RESTUDY_ROUNDS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make --no-print-directory B="$build" "$build/librestudy.a" >/dev/null
cc -O2 -D_GNU_SOURCE -Iinclude -o "$work/batch" tests/bench/chart_batch.c "$build/librestudy.a" \
	$(pkg-config --cflags --libs cairo pangocairo fontconfig gsl libcrypto) -lm -pthread

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
for term in svg pdfcairo; do
	{
		echo "set term $term font 'DejaVu Sans,8'; set output '$work/gnuplot.$term'"
		echo "set style data histograms; set style histogram errorbars gap 1; set style fill solid"
		echo "set yrange [0:12]; set ylabel 'Index'"
		echo "plot '$work/bars.dat' using 2:3:xtic(1) t 'host', '' using 4:5 t 'OpenVZ', '' using 6:7 t 'Xen', 10 t 'host = 10' w l"
	} >"$work/gnuplot-$term.plt"
done
for device in svg pdf; do
	echo "$device('$work/R.$device'); d <- read.table('$work/bars.dat', row.names = 1); barplot(t(as.matrix(d[, c(1, 3, 5)])), beside = TRUE, names.arg = rownames(d)); invisible(dev.off())" >"$work/R-$device.R"
	cat >"$work/ggplot2-$device.R" <<R
suppressPackageStartupMessages(library(ggplot2))
d <- read.table('$work/bars.dat')
l <- data.frame(test = rep(d[, 1], 3), system = rep(c('host', 'OpenVZ', 'Xen'), each = nrow(d)),
	value = c(d[, 2], d[, 4], d[, 6]), half = c(d[, 3], d[, 5], d[, 7]))
p <- ggplot(l, aes(test, value, fill = system)) + geom_col(position = 'dodge') + geom_hline(yintercept = 10) +
	geom_errorbar(aes(ymin = value - half, ymax = value + half), position = position_dodge(0.9), width = 0.3)
$device('$work/ggplot2.$device', width = 4.72, height = 3); print(p); invisible(dev.off())
R
	cat >"$work/matplotlib-$device.py" <<PY
import matplotlib
matplotlib.use('$device')
import matplotlib.pyplot as plt
rows = [line.split() for line in open('$work/bars.dat')]
fig, ax = plt.subplots(figsize=(4.72, 3))
for s, name in enumerate(('host', 'OpenVZ', 'Xen')):
    ax.bar([i + 0.27 * (s - 1) for i in range(len(rows))], [float(r[1 + 2 * s]) for r in rows], 0.27,
           yerr=[float(r[2 + 2 * s]) for r in rows], label=name)
ax.axhline(10, color='black', linestyle='--', label='host = 10')
ax.set_xticks(range(len(rows)), [r[0] for r in rows], rotation=45)
ax.set_ylabel('Index')
ax.legend()
fig.savefig('$work/matplotlib.$device')
PY
done

# lap NAME COMMAND...: adds "NAME milliseconds" of CPU time to the laps; NAME begins with the tool
lap() {
	name=$1
	shift
	bash -c 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>&1' - "$@" 2>&1 |
		awk -v name="$name" '{ print name, ($1 + $2) * 1000 }' >>"$work/laps"
}
# finer than bash's clock: the process tells its own CPU time
lap_batch() {
	"$work/batch" "$2" "$3" | sed "s/.*[ :]\([0-9.]*\) ms$/$1 \1/" >>"$work/laps"
}
python=
for p in python3 /usr/bin/python3; do
	"$p" -c 'import matplotlib' 2>/dev/null && python=$p && break
done
has_gnuplot=$(command -v gnuplot || true)
has_R=$(command -v Rscript || true)
has_ggplot2=
[ -z "$has_R" ] || has_ggplot2=$(Rscript --vanilla -e 'cat(requireNamespace("ggplot2", quietly = TRUE))' | grep TRUE || true)

for i in $(seq "$rounds"); do
	lap restudy-both "$work/batch" 1 sp
	lap_batch batch-svg 100 s
	lap_batch batch-pdf 100 p
	lap_batch batch-both 100 sp
	for f in svg pdfcairo; do [ -z "$has_gnuplot" ] || lap "gnuplot-$f" gnuplot "$work/gnuplot-$f.plt"; done
	for f in svg pdf; do
		[ -z "$has_R" ] || lap "R-$f" Rscript --vanilla "$work/R-$f.R"
		[ -z "$has_ggplot2" ] || lap "ggplot2-$f" Rscript --vanilla "$work/ggplot2-$f.R"
		[ -z "$python" ] || lap "matplotlib-$f" "$python" "$work/matplotlib-$f.py"
	done
done

echo "cairo $(pkg-config --modversion cairo), pango $(pkg-config --modversion pangocairo)"
[ -z "$has_gnuplot" ] && echo "gnuplot is not installed" || gnuplot --version
[ -z "$has_R" ] && echo "R is not installed" || Rscript --version 2>&1
[ -z "$has_ggplot2" ] && echo "ggplot2 is not installed" || Rscript --vanilla -e 'cat("ggplot2", as.character(packageVersion("ggplot2")), "\n")'
[ -z "$python" ] && echo "matplotlib is not installed" || "$python" -c 'import matplotlib; print("matplotlib", matplotlib.__version__)'
sort -k 1,1 -k 2,2n "$work/laps" | awk -v load="$(cut -d ' ' -f 1 /proc/loadavg)" '
	{ n[$1]++; v[$1, n[$1]] = $2 }
	function median(name) { return v[name, int((n[name] + 1) / 2)] }
	function tell(what, name) { if (name in n) printf "%-46s %8.2f ms\n", what, median(name) }
	function ratio(tool, a, b,  both) {
		if (!(a in n)) return
		both = median(a) + median(b)
		printf "%-46s %8.3f (1/%.1f)\n", "one chart, both formats, restudy to " tool, median("restudy-both") / both, both / median("restudy-both")
	}
	END {
		printf "CPU time, medians, load %s\n", load
		tell("restudy, one chart, SVG and PDF, one process", "restudy-both")
		tell("restudy, batch of 100, each further, SVG", "batch-svg")
		tell("restudy, batch of 100, each further, PDF", "batch-pdf")
		tell("restudy, batch of 100, each further, both", "batch-both")
		tell("gnuplot, SVG", "gnuplot-svg"); tell("gnuplot, PDF", "gnuplot-pdfcairo")
		tell("R, SVG", "R-svg"); tell("R, PDF", "R-pdf")
		tell("matplotlib, SVG", "matplotlib-svg"); tell("matplotlib, PDF", "matplotlib-pdf")
		tell("ggplot2, SVG", "ggplot2-svg"); tell("ggplot2, PDF", "ggplot2-pdf")
		ratio("gnuplot", "gnuplot-svg", "gnuplot-pdfcairo")
		ratio("R", "R-svg", "R-pdf")
		ratio("matplotlib", "matplotlib-svg", "matplotlib-pdf")
		ratio("ggplot2", "ggplot2-svg", "ggplot2-pdf")
	}'
