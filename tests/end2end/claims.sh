#!/bin/sh
# Verdicts of claims from numbers that are known: clear ones, one that only the number of claims
# makes open, with how many more trials would settle it, and what the order of trials gives away.
set -eu
restudy=${RESTUDY_BUILD:-build}/restudy
command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() {
	echo "claims: $*"
	exit 1
}
cat >"$dir/plan.xml" <<'END'
<plan xmlns="urn:restudy:plan:1">
  <study id="calls" title="Calls" language="en" seed="7"/>
  <image id="debian-12" title="Debian 12" distribution="Debian" release="bookworm" builder="mmdebstrap"/>
  <system id="host" title="Host" platform="host" image="debian-12" baseline="yes"/>
  <system id="box" title="Box" platform="host" image="debian-12"/>
  <benchmark id="kernels" adapter="kernels" tests="pipe syscall spawn" duration="10s" trials="20" warmup="0"/>
END
claim() {
	echo "<claim id=\"$1\" source=\"1\" quantity=\"ratio\" benchmark=\"kernels\" metric=\"$2\" system=\"box\" relation=\"$3\" bound=\"$4\">$1</claim>"
}
{
	claim clear pipe above 1.5
	claim close pipe below BOUND
	claim wrong pipe below 1.5
	claim warm spawn above 0.1
	claim chained syscall above 0.1
	claim open pipe above 1.999
	claim none execl above 1
	echo "</plan>"
} >>"$dir/plan.xml"
# pipe of box is twice that of host, give or take; spawn begins at half speed; system calls drift
awk 'BEGIN {
	print "system,guests,guest,benchmark,metric,unit,trial,value"
	for (t = 1; t <= 20; t++) {
		e = 1 + ((t * 7) % 11 - 5) / 100
		g = 1 + ((t * 5) % 11 - 5) / 100
		print "host,0,host,kernels,pipe,lps," t "," 1000 * e
		print "box,0,host,kernels,pipe,lps," t "," 2000 * g
		print "host,0,host,kernels,spawn,lps," t "," 100 * e
		print "box,0,host,kernels,spawn,lps," t "," 100 * g * (t <= 4 ? 0.5 : 1)
		print "host,0,host,kernels,syscall,lps," t "," 100 * e
		print "box,0,host,kernels,syscall,lps," t "," 100 + 20 * sin(t * 0.6)
	}
}' >"$dir/samples.csv"
# found BOUND: judges the claims with this bound of "close"
found() {
	sed -i.old "s/bound=\"BOUND\"/bound=\"$1\"/" "$dir/plan.xml"
	rm -rf "$dir/run"
	"$restudy" import csv "$dir/samples.csv" -p "$dir/plan.xml" -o "$dir/run" >"$dir/said" 2>&1 || fail "$(cat "$dir/said")"
	mv "$dir/plan.xml.old" "$dir/plan.xml"
	"$restudy" claims "$dir/run" --json >"$dir/claims.json"
}
found 3
# where the interval of this ratio ends; a bound a little above is clear alone and not among six
bound=$(python3 -c 'import json,sys; print("%.5f" % (json.load(open(sys.argv[1]))[0]["high"] * 1.0005))' "$dir/claims.json")
found "$bound"
python3 - "$dir/claims.json" <<'END'
import json, math, sys
from statistics import NormalDist
c = {x["id"]: x for x in json.load(open(sys.argv[1]))}
assert c["clear"]["verdict"] == "reproduced", c["clear"]
assert c["wrong"]["verdict"] == "contradicted", c["wrong"]
assert c["none"]["verdict"] == "not measured" and c["none"]["p"] is None, c["none"]
assert all(x["family"] == 6 for x in c.values())
x = c["close"]
assert x["p"] < 0.05 <= x["p_holm"] and x["verdict"] == "inconclusive", x
assert "Holm" in x["reason"] and "more trials would settle it" in x["reason"], x
# as many as bring the interval of six claims together to the bound, by the normal distribution
half = x["high"] - x["point"]
wide = half * NormalDist().inv_cdf(1 - 0.025 / 6) / NormalDist().inv_cdf(0.975)
distance = half + 0.0005 * x["high"]
assert abs(x["trials_needed"] - 20 * (wide / distance) ** 2) < 1.5, (x, 20 * (wide / distance) ** 2)
assert "warm-up" in c["warm"]["reason"], c["warm"]
assert "follow each other" in c["chained"]["reason"], c["chained"]
assert "warm-up" not in c["clear"]["reason"] and "follow" not in c["clear"]["reason"], c["clear"]
END
! grep -q '"disturbed": [1-9]' "$dir/claims.json" || fail "trials count as disturbed that were not"

# What disturbed trials is told of each claim they stand behind; warm-ups and failed cells are not.
python3 - "$dir/run/run.db" <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
for system, trials in (("box", (2, 3, 4)), ("host", (7, 20))):
	for trial in trials:
		db.execute("INSERT INTO note (cell, level, text) SELECT id, 'warning', 'disturbed: other programs took "
		           "100 % of a processor' FROM cell WHERE system = ? AND trial = ?", (system, trial))
db.execute("UPDATE cell SET state = 'failed', reason = 'made so' WHERE system = 'host' AND trial = 20")
db.commit()
END
[ "$("$restudy" claims "$dir/run" --json | grep -c '"disturbed": 4,')" -eq 6 ] || fail "another number of trials was disturbed"
"$restudy" claims "$dir/run" >"$dir/said"
grep -q "4 of its trials were disturbed" "$dir/said" || fail "disturbed trials are not told"
grep -q "Holm's correction; claims with an interval: 6" "$dir/said" || fail "the correction is not named"
"$restudy" report "$dir/run" -o "$dir/report" >/dev/null
grep -q "Trials that were disturbed stand behind: clear, close, wrong, warm, chained, open" "$dir/report/report.html" ||
	fail "the report does not tell of disturbed trials"
grep -q "Holm" "$dir/report/report.html" || fail "the report does not name the correction"

# What the words say is what is computed: the variation of times is that of the times, a group
# with a value of 0 has no ratio, trials that are all on the bound satisfy "at least".
cat >"$dir/plan.xml" <<'END'
<plan xmlns="urn:restudy:plan:1">
  <study id="words" title="Words" language="en" seed="7"/>
  <image id="debian-12" title="Debian 12" distribution="Debian" release="bookworm" builder="mmdebstrap"/>
  <system id="host" title="Host" platform="host" image="debian-12" baseline="yes"/>
  <system id="box" title="Box" platform="host" image="debian-12"/>
  <benchmark id="c" adapter="command" duration="10s" trials="3">
    <argument value="/bin/true"/>
    <metric id="time" unit="s" better="lower" group="cpu" rule="regex" expression="a([0-9]+)"/>
    <metric id="rate" unit="1/s" better="higher" group="process" rule="regex" expression="b([0-9]+)"/>
    <metric id="lost" unit="1" better="lower" group="process" rule="regex" expression="c([0-9]+)"/>
    <metric id="share" unit="%" better="higher" group="other" rule="regex" expression="d([0-9]+)"/>
  </benchmark>
  <claim id="varies" source="1" quantity="cv" benchmark="c" group="cpu" system="box" relation="below" bound="3">a</claim>
  <claim id="zero" source="1" quantity="ratio" benchmark="c" group="process" system="box" relation="above" bound="1">b</claim>
  <claim id="whole" source="1" quantity="absolute" benchmark="c" metric="share" system="box" relation="at-least" bound="100">c</claim>
  <claim id="more" source="1" quantity="absolute" benchmark="c" metric="share" system="box" relation="above" bound="100">d</claim>
  <claim id="mixed" source="1" quantity="absolute" benchmark="c" group="process" system="box" relation="above" bound="1">e</claim>
  <claim id="launch" source="1" quantity="cv" metric="guest-install-time" system="box" relation="below" bound="3">f</claim>
</plan>
END
awk 'BEGIN {
	print "system,guests,guest,benchmark,metric,unit,trial,value"
	for (t = 1; t <= 3; t++)
		for (s = 0; s < 2; s++) {
			name = s ? "box" : "host"
			print name ",0,host,c,time,s," t "," t
			print name ",0,host,c,rate,1/s," t "," 100 + t
			print name ",0,host,c,lost,1," t "," (s ? 0 : 2)
			print name ",0,host,c,share,%," t ",100"
		}
}' >"$dir/samples.csv"
rm -rf "$dir/run"
"$restudy" import csv "$dir/samples.csv" -p "$dir/plan.xml" -o "$dir/run" >"$dir/said" 2>&1 || fail "$(cat "$dir/said")"
python3 - "$dir/run/run.db" <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("INSERT INTO fact VALUES ('setup.box.guest_install_s', '1 2 3')")
db.commit()
END
"$restudy" claims "$dir/run" --json >"$dir/claims.json"
python3 - "$dir/claims.json" <<'END'
import json, sys
c = {x["id"]: x for x in json.load(open(sys.argv[1]))}
for x in ("varies", "launch"):      # sd(1, 2, 3) / 2
    assert abs(c[x]["point"] - 0.5) < 1e-12 and "Vangel" in c[x]["method"], c[x]
assert c["zero"]["verdict"] == "not measured" and "lost: values of 0 have no ratio" in c["zero"]["reason"], c["zero"]
assert c["whole"]["verdict"] == "reproduced" and c["whole"]["p"] is None, c["whole"]
assert c["more"]["verdict"] == "contradicted", c["more"]
assert c["mixed"]["verdict"] == "not measured" and "no common unit" in c["mixed"]["reason"], c["mixed"]
assert c["whole"]["family"] == 2, c["whole"]
END
