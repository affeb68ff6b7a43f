#!/bin/sh
# The outputs of a report as other programs see them: poppler, xmllint, chromium, pdflatex.
# The run is the made-up one of the unit tests, once as it is and once with hostile names.
set -eu
program=$RESTUDY_BUILD/restudy
fixture=$RESTUDY_BUILD/tests/test_report
[ -x "$program" ] && [ -x "$fixture" ] || { echo "needs restudy and test_report"; exit 77; }
for tool in pdftotext pdffonts xmllint; do
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

# rendering again, as somebody else, gives the same files
"$program" report "$run" -o "$work/one" >/dev/null
(umask 077; TZ=Pacific/Chatham LC_ALL=C.UTF-8 "$program" report "$run" -o "$work/two words" >/dev/null)
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

"$program" report "$run" --explain fig-3.3 >"$work/explained"
grep -q "trial 3:" "$work/explained" || fail "explain shows no trials"

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

if command -v pdflatex >/dev/null; then
	for out in one evil-out; do
		(cd "$work/$out" && pdflatex -halt-on-error -interaction=nonstopmode report.tex) \
			>"$work/latex" 2>&1 || fail "LaTeX: $(grep -m 1 -A 3 '^!' "$work/latex")"
	done
fi

if command -v chromium >/dev/null; then
	cat >"$work/narrow.html" <<'PAGE'
<!DOCTYPE html><title>waiting</title><iframe id="f" width="375" height="800" src="one/report.html">
</iframe><script>document.getElementById("f").onload = function () {
	var d = this.contentDocument.documentElement;
	document.title = "width " + Math.max(d.scrollWidth, this.contentDocument.body.scrollWidth);
};</script>
PAGE
	timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
		--disable-background-networking --disable-component-update --disable-sync \
		--user-data-dir="$work/profile" --allow-file-access-from-files --virtual-time-budget=5000 \
		--dump-dom "file://$work/narrow.html" >"$work/dom" 2>"$work/console" ||
		fail "chromium did not end"
	width=$(sed -n 's/.*<title>width \([0-9]*\)<.*/\1/p' "$work/dom")
	[ -n "$width" ] || fail "chromium did not load the page"
	[ "$width" -le 375 ] || fail "at 375 px the page is $width px wide"
	grep -i "CONSOLE" "$work/console" && fail "chromium complains"
fi
exit 0
