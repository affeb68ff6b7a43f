#!/bin/sh
# report.html in a real browser, Debian's chromium without a window, light and dark, on a page of
# 375 px: nothing to scroll sideways, no complaint on the console, every link leads to its place,
# readable contrast, and what keyboards and screen readers need.  The page of a comparison, too, whose
# tables also have to fit a page of 1200 px.  The run is the made-up one of the unit tests.  A page
# that is wrong in each of these ways must be refused first.
set -eu
program=$RESTUDY_BUILD/restudy
fixture=$RESTUDY_BUILD/tests/test_report
[ -x "$program" ] && [ -x "$fixture" ] || { echo "needs restudy and test_report"; exit 77; }
command -v chromium >/dev/null || { echo "chromium is not installed"; exit 77; }
work=$(mktemp -d)
kept=
trap 'rm -rf "$work" $kept' EXIT

fail() {
	echo "$*"
	exit 1
}

# browse PAGE light|dark [WIDTH]: faults into $work/faults, one a line
browse() {
	sed "s|PAGE|$1|; s|WIDTH|${3:-375}|" "$work/check.html" >"$work/one.html"
	scheme=1
	[ "$2" = light ] || scheme=0
	timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
		--disable-background-networking --disable-component-update --disable-sync \
		--user-data-dir="$work/profile-$2" --allow-file-access-from-files --enable-logging=stderr \
		--blink-settings=preferredColorScheme=$scheme --virtual-time-budget=20000 \
		--dump-dom "file://$work/one.html" >"$work/dom" 2>"$work/console" || fail "chromium did not end"
	grep -q '<title>done</title>' "$work/dom" || fail "the checks of $1 did not come to their end"
	sed -n '/<pre id="faults">/,/<\/pre>/p' "$work/dom" |
		sed 's/.*<pre id="faults">//; s/<[^>]*>//g' | grep . >"$work/faults" || :
	grep ':CONSOLE' "$work/console" >>"$work/faults" || :
}

cat >"$work/check.html" <<'PAGE'
<!DOCTYPE html><title>waiting</title><pre id="faults"></pre>
<iframe id="f" width="WIDTH" height="800" src="PAGE"></iframe>
<script>
"use strict";
const faults = [];
const rgb = s => (s.match(/[\d.]+/g) || []).map(Number);
const light = c => c.slice(0, 3).map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
	.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
function behind(win, e) {
	for (; e; e = e.parentElement) {
		const c = rgb(win.getComputedStyle(e).backgroundColor);
		if (c.length === 3 || c[3] > 0)
			return c;
	}
	return [255, 255, 255];
}
function check(win, d) {
	const all = s => Array.from(d.querySelectorAll(s));
	const wide = Math.max(d.documentElement.scrollWidth, d.body.scrollWidth);
	if (wide > win.innerWidth)
		faults.push("page is " + wide + " px wide");
	for (const w of all(".wide"))
		if (win.innerWidth > 1000 && w.scrollWidth > w.clientWidth + 1)
			faults.push("table does not fit: " + w.scrollWidth + " px");
	if (!d.documentElement.lang || !d.title)
		faults.push("no language or no title");
	const links = all("a");
	if (!links.length || links[0].getAttribute("href")[0] !== "#")
		faults.push("first link does not skip to the text");
	for (const a of links) {
		const to = a.getAttribute("href");
		if (to[0] !== "#")
			continue;
		const target = d.getElementById(decodeURIComponent(to.slice(1)));
		if (!target) {
			faults.push("link to nowhere: " + to);
			continue;
		}
		if (!a.closest("nav"))
			continue;
		a.click();
		const top = target.getBoundingClientRect().top;
		const end = win.innerHeight + win.scrollY >= d.documentElement.scrollHeight - 2;
		if (Math.abs(top) > 40 && !end)
			faults.push("link leads elsewhere: " + to + " " + top);
	}
	let level = 0;
	for (const h of all("h1, h2, h3, h4, h5, h6")) {
		const now = Number(h.tagName[1]);
		if (now > level + 1)
			faults.push("heading leaves out a level: " + h.textContent.trim());
		level = now;
	}
	if (all("h1").length !== 1 || all("main").length !== 1 || !all("nav[aria-label], nav[aria-labelledby]").length)
		faults.push("landmarks are missing");
	for (const s of all("svg"))
		if (s.getAttribute("role") !== "img" || !(s.getAttribute("aria-labelledby") || "").split(" ")
			.some(id => id && d.getElementById(id)))
			faults.push("drawing without a text: " + s.id);
	for (const t of all("table")) {
		if (!t.querySelector("th[scope]"))
			faults.push("table without heads");
		for (const h of t.querySelectorAll("th:not([scope])"))
			faults.push("head without scope: " + h.textContent);
	}
	for (const e of d.body.querySelectorAll("*")) {
		const style = win.getComputedStyle(e);
		if (e.scrollWidth > e.clientWidth + 1 && /auto|scroll/.test(style.overflowX) && e.tabIndex < 0 && e !== d.body)
			faults.push("keyboard cannot scroll " + e.tagName + "." + e.className);
		if (e.closest("svg") || !Array.from(e.childNodes).some(n => n.nodeType === 3 && n.data.trim()))
			continue;
		const a = light(rgb(style.color)), b = light(behind(win, e));
		if ((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5)
			faults.push("hard to read: " + e.tagName + " " + e.textContent.trim().slice(0, 40));
	}
	const dark = win.matchMedia("(prefers-color-scheme: dark)").matches;
	if (dark !== light(behind(win, d.body)) < 0.2)
		faults.push(dark ? "not dark in the dark" : "not light in the light");
}
document.getElementById("f").onload = function () {
	try {
		check(this.contentWindow, this.contentDocument);
	} catch (e) {
		faults.push("check ended early: " + e);
	}
	document.getElementById("faults").textContent = "\n" + faults.join("\n") + "\n";
	document.title = "done";
};
</script>
PAGE

cat >"$work/bad.html" <<'PAGE'
<!DOCTYPE html><html><head><title></title></head><body style="background: #fff; color: #bbb">
<nav><a href="#none">x</a></nav><h1>One</h1><h3>Three</h3><div style="width: 900px">wide</div>
<div class="wide" style="overflow-x: auto; width: 50px"><pre>much too long for this</pre></div>
<svg role="presentation"></svg><table><tr><th>head</th></tr></table>
<script>console.error("a complaint")</script></body></html>
PAGE
browse bad.html dark
for fault in 'px wide' 'no language' 'link to nowhere' 'leaves out a level' 'landmarks' 'without a text' \
	'without heads' 'without scope' 'keyboard cannot scroll' 'hard to read' 'not dark' 'a complaint'; do
	grep -q "$fault" "$work/faults" || fail "the checks do not see: $fault"
done

browse bad.html light 1200
grep -q 'table does not fit' "$work/faults" || fail "the checks do not see a table that does not fit"

RESTUDY_KEEP=1 "$fixture" >"$work/said" 2>&1 || fail "the unit test fails"
kept=$(sed -n 's/^kept: //p' "$work/said")
mkdir "$work/run"
cp "$(echo "$kept" | tail -n 1)/run.db" "$work/run/"
cp thesis-plan.xml "$work/run/plan.xml"
for language in en de; do
	"$program" report "$work/run" --language $language -o "$work/$language" >/dev/null
done
"$program" compare "$work/run" published -o "$work/comparison" >/dev/null
for page in en/report.html:light en/report.html:dark de/report.html:dark comparison/comparison.html:light \
	comparison/comparison.html:light:1200; do
	rest=${page#*:}
	width=${rest#*:}
	[ "$width" != "$rest" ] || width=375
	browse "${page%%:*}" "${rest%%:*}" "$width"
	[ ! -s "$work/faults" ] || { head -n 20 "$work/faults"; fail "$page"; }
done
exit 0
