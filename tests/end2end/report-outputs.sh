#!/bin/sh
# The outputs of a report as other programs see them: poppler, xmllint, sqlite3, pdflatex.
# The run is the made-up one of the unit tests, once as it is and once with hostile names.
set -eu
program=$RESTUDY_BUILD/restudy
fixture=$RESTUDY_BUILD/tests/test_report
[ -x "$program" ] && [ -x "$fixture" ] || { echo "needs restudy and test_report"; exit 77; }
for tool in pdftotext pdffonts pdfinfo sqlite3 xmllint; do
	command -v $tool >/dev/null || { echo "$tool is not installed"; exit 77; }
done
work=$(mktemp -d)
kept=
trap 'rm -rf "$work" $kept' EXIT

fail() {
	echo "$*"
	exit 1
}

RESTUDY_KEEP=1 "$fixture" >"$work/said" 2>&1 || fail "the unit test fails"
kept=$(sed -n 's/^kept: //p' "$work/said")
run=$work/run
mkdir "$run"
cp "$(echo "$kept" | tail -n 1)/run.db" "$run/"
cp thesis-plan.xml "$run/plan.xml"

# rendering again, as somebody else, on another day, gives the same files
later=
# (both faketime and a sanitizer want to be the first library)
! command -v faketime >/dev/null || ldd "$program" | grep -q libasan || later='faketime 2031-02-28'
"$program" report "$run" -o "$work/one" >/dev/null
(umask 077; TZ=Pacific/Chatham LC_ALL=C.UTF-8 $later "$program" report "$run" -o "$work/two words" >/dev/null)
diff -r "$work/one" "$work/two words" || fail "two renderings differ"

check_outputs() {
	out=$1
	pdftotext -layout "$out/report.pdf" "$work/text"
	grep -q "Figure 3.3" "$work/text" || fail "the PDF lacks figure 3.3"
	grep -q "Table 3.1" "$work/text" || fail "the PDF lacks table 3.1"
	pdffonts "$out/report.pdf" | awk 'NR > 2' >"$work/fonts"
	grep -q . "$work/fonts" || fail "the PDF has no fonts"
	grep -q "Type 3" "$work/fonts" && fail "the PDF has Type 3 fonts"
	# columns from the right: object, generation, unicode, subset, embedded
	awk '$(NF - 4) != "yes" || $(NF - 3) != "yes" { exit 1 }' "$work/fonts" ||
		fail "a font of the PDF is not embedded as a subset"
	for svg in "$out"/figures/*.svg; do
		xmllint --noout --nonet "$svg" || fail "$svg is no XML"
	done
	grep -o ' id="[^"]*"' "$out/report.html" | LC_ALL=C sort | uniq -d >"$work/twice"
	[ ! -s "$work/twice" ] || fail "ids that occur twice: $(head -n 3 "$work/twice")"
	grep -o 'href="#[^"]*"' "$out/report.html" | sed 's/href="#//; s/"//' | sort -u |
	while read -r id; do
		grep -qF " id=\"$id\"" "$out/report.html" || fail "no target for #$id"
	done
	grep -qiE '<(script|iframe|img|object)|src=|@import|url\(http' "$out/report.html" &&
		fail "the page asks for another file or runs a script"
	# a spreadsheet must not take a field for a formula
	awk -F, '{ for (i = 1; i <= NF; i++) if ($i ~ /^"?[=+@]/) exit 1 }' "$out"/tables/*.csv ||
		fail "a CSV field begins like a formula"
	return 0
}
check_outputs "$work/one"

# without any font nothing is drawn, which is said
echo '<?xml version="1.0"?><fontconfig><dir>/nonexistent</dir></fontconfig>' >"$work/fonts.conf"
got=0
FONTCONFIG_FILE=$work/fonts.conf "$program" report "$run" -o "$work/no-font" >/dev/null 2>"$work/said" || got=$?
[ $got -eq 3 ] && grep -q "no font is installed" "$work/said" || fail "without fonts: $got, $(cat "$work/said")"

"$program" report "$run" --explain fig-3.3 >"$work/explained"
grep -q "trial 3:" "$work/explained" || fail "explain shows no trials"

# the query and the digest of the samples: in the page and in each file of the figure, and in what
# explains it; the query, asked by another program, gives the bytes of the digest
if command -v python3 >/dev/null; then
	"$program" report "$run" --explain table-3.1 >"$work/explained-table"
	python3 - "$run/run.db" "$work/one" "$work/explained" "$work/explained-table" <<'END' || fail "a query does not give the samples of its digest"
import hashlib, html, re, sqlite3, sys, xml.etree.ElementTree as tree, zlib
db, out = sqlite3.connect(sys.argv[1]), sys.argv[2]
def number(v):
    return next(s for s in ("%.*g" % (n, v) for n in (15, 16, 17)) if float(s) == v)
def digest(query):
    rows = db.execute(query).fetchall()
    lines = [",".join(map(str, r[:-1])) + "," + number(r[-1]) + "\n" for r in rows]
    return len(rows), hashlib.sha256("".join(lines).encode()).hexdigest()
page = open(out + "/report.html").read()
found = re.findall(r'data-samples-sha256="([0-9a-f]{64})" data-query="([^"]*)"', page)
assert len(found) >= 7, len(found)
for sha, query in found:
    n, got = digest(html.unescape(query))
    assert n > 0 and got == sha, (n, got, sha, query)
for explained in sys.argv[3:]:
    text = open(explained).read()
    sha, query = re.search(r"samples, sha256 ([0-9a-f]{64}), from run.db by\n  (SELECT .*)\n", text).groups()
    assert digest(query)[1] == sha
    assert (sha, query) in [(s, html.unescape(q)) for s, q in found]
svg = tree.parse(out + "/figures/fig-3.3.svg").find("{http://www.w3.org/2000/svg}metadata").text
query, n, sha = re.fullmatch(r"(SELECT .*); (\d+) samples, sha256 ([0-9a-f]{64})", svg).groups()
assert digest(query) == (int(n), sha), svg
png = open(out + "/figures/fig-3.3.png", "rb").read()
assert svg.encode() in png
END
	pdfinfo "$work/one/figures/fig-3.3.pdf" | grep -q 'Keywords:.*SELECT .* sha256 [0-9a-f]' ||
		fail "the figure's PDF has no query in its metadata"
fi

# each bar of figure 3.3 again, from the store by SQL alone: guests averaged within their trial,
# trials averaged, divided by the host's, times ten
sqlite3 -separator , "$run/run.db" "with
	t as (select system, metric, trial, avg(value) v from tidy where benchmark = 'unixbench' group by 1, 2, 3),
	m as (select system, metric, avg(v) v from t group by 1, 2)
	select m.metric, m.system, printf('%.12g', 10 * m.v / h.v) from m join m h
	on h.metric = m.metric and h.system = 'host' order by 1, 2" >"$work/bars"
awk -F, 'NR == FNR { bar[$1, $2] = $3; next }
	FNR > 1 && $13 != "" {
		d = $13 - bar[$2, $5]
		if (d < 0) d = -d
		if (bar[$2, $5] == "" || d > 1e-9 * $13) { print $2 " of " $5 ": " $13 ", by SQL " bar[$2, $5]; bad = 1 }
		n++
	}
	END { exit bad || n < 5 }' "$work/bars" "$work/one/tables/fig-3.3.csv" || fail "bars are not what the samples give"

# hostile names
mkdir "$work/evil"
cp "$run/run.db" "$work/evil/"
sed -e 's/title="OpenVZ and Xen against a bare host"/title="\&lt;script>alert(1)\&lt;\/script> \\input{x} | $ 50 % _^~"/' \
	-e 's/title="OpenVZ"/title="=1+1|*x* `y` \&lt;b> \\end{document} #中 שלום"/' \
	-e 's/label="Pipe throughput"/label="@sum(1) \&quot;q\&quot; \&amp; [z](http:\/\/x)"/' \
	thesis-plan.xml >"$work/evil/plan.xml"
cmp -s thesis-plan.xml "$work/evil/plan.xml" && fail "the hostile plan is not hostile"
"$program" report "$work/evil" -o "$work/evil-out" >/dev/null
check_outputs "$work/evil-out"

# figures as the plan wants them: 88 mm, 120 mm, 84 mm wide and 200 pt high, a font that the report's
# text has not, greys, hatching
mkdir "$work/look"
cp "$run/run.db" "$work/look/"
sed -e '0,/<profile/s//<style width="half" font="DejaVu Serif" font-size="7pt" colours="grey"\/>\n&/' \
	-e 's/<figure id="fig-3.2"/& width="one" colours="colour"/' \
	-e 's/<figure id="fig-3.4"/& width="84mm" height="200pt" hatching="yes" font="DejaVu Sans"/' \
	thesis-plan.xml >"$work/look/plan.xml"
"$program" report "$work/look" -o "$work/looks" >/dev/null
check_outputs "$work/looks"
svg_size() { sed -n 's/.*<svg.* width="\([0-9.]*\)pt" height="\([0-9.]*\)pt".*/\1 \2/p' "$1" | head -n 1; }
# wide FIGURE MM: as SVG and as PDF, where "Page size" is in points
wide() {
	{ svg_size "$work/$1.svg"; pdfinfo "$work/$1.pdf" | awk '/^Page size:/ { print $3, $5 }'; } |
		awk -v mm="$2" '{ d = $1 - mm * 72 / 25.4; if (d > 0.01 || d < -0.01) exit 1; n++ } END { exit n != 2 }'
}
wide looks/figures/fig-3.2 88 || fail "a figure of one column is not 88 mm wide"
wide looks/figures/fig-3.3 120 || fail "a figure without a width is not as wide as <style> says"
wide looks/figures/fig-3.4 84 || fail "a figure of 84 mm is not"
! wide one/figures/fig-3.3 120 || fail "a figure that says nothing is 120 mm wide"
svg_size "$work/looks/figures/fig-3.4.svg" | awk '$2 != 200 { exit 1 }' || fail "a figure of 200 pt is not as high"
serif() { pdffonts "$work/$1" | grep -q 'DejaVuSerif'; }
serif looks/figures/fig-3.3.pdf && ! serif one/figures/fig-3.3.pdf && ! serif looks/figures/fig-3.4.pdf ||
	fail "the plan's font is not in the figures that want it, or in others"
# a colour whose red, green and blue differ
coloured() { grep -o '"#[0-9a-f]*"' "$work/$1" | sed 's/["#]//g' | grep -qvE '^(..)\1\1$|^(.)\2\2$'; }
coloured looks/figures/fig-3.2.svg || fail "a figure in colour has none"
! coloured looks/figures/fig-3.3.svg || fail "a grey figure has colours"
mkdir "$work/plain"
cp "$run/run.db" "$work/plain/"
sed 's/ hatching="yes"//' "$work/look/plan.xml" >"$work/plain/plan.xml"
"$program" report "$work/plain" -o "$work/unhatched" >/dev/null
cmp -s "$work/looks/figures/fig-3.3.svg" "$work/unhatched/figures/fig-3.3.svg" || fail "hatching changes another figure"
! cmp -s "$work/looks/figures/fig-3.4.svg" "$work/unhatched/figures/fig-3.4.svg" || fail "nothing is hatched"
grep -q 'width=.ifdim249.45bp' "$work/looks/report.tex" || fail "LaTeX does not set one column as one"
grep -q 'style="width:249.45pt;' "$work/looks/report.html" || fail "the page does not show one column as one"
grep -q 'svg style=' "$work/one/report.html" && fail "the page gives widths that the plan does not"

# words of English in the German report, where the plan's own words cannot be the reason
"$program" report "$run" --language de -o "$work/de" >/dev/null
pdftotext -layout "$work/de/report.pdf" "$work/text"
sed '/urn:restudy:plan/,$d' "$work/text" >"$work/german"
grep -q 'Inhalt' "$work/german" || fail "the German report is not German"
for word in ' the report ' 'confidence' 'trials' 'measured' 'substitute' 'consistent' 'cannot be right' 'emulated' \
	'inconclusive' 'Contents' 'Deviations' 'not known'; do
	! grep -F "$word" "$work/german" || fail "English in the German report: $word"
done

if command -v pdflatex >/dev/null; then
	for out in one evil-out de looks; do
		(cd "$work/$out" && pdflatex -halt-on-error -interaction=nonstopmode report.tex) \
			>"$work/latex" 2>&1 || fail "LaTeX: $(grep -m 1 -A 3 '^!' "$work/latex")"
		# a line that leaves the page: more than 15 pt beyond its margin
		sed -n 's/^Overfull .hbox (\([0-9.]*\)pt too wide).*/\1/p' "$work/latex" |
			awk '$1 > 15 { exit 1 }' || [ $out = evil-out ] || fail "LaTeX: lines of $out leave the page"
	done
	# a table alone, in another document
	cat >"$work/one/paper.tex" <<'TEX'
\documentclass{article}
\usepackage{array,booktabs,caption,longtable}
\begin{document}
\input{tables/fig-3.3.tex}
\end{document}
TEX
	(cd "$work/one" && pdflatex -halt-on-error -interaction=nonstopmode paper.tex) >"$work/latex" 2>&1 ||
		fail "a table alone: $(grep -m 1 -A 3 '^!' "$work/latex")"
else
	echo "LaTeX was not compiled: pdflatex is not installed"
fi
