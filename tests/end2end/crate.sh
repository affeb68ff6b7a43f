#!/bin/sh
# Bags are RO-Crates 1.1 by a reading of the specification that is not ours: a JSON-LD processor takes
# them, and each rule of the parts that they have holds (crate.py), with people named and without.
set -eu
restudy=$RESTUDY_BUILD/restudy
here=$(cd "$(dirname "$0")" && pwd)
golden=$here/../golden/exchange
python=/usr/bin/python3	# Debian's, which has Debian's packages
$python -c 'import pyld' 2>/dev/null || { echo "python3-pyld is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$restudy" import csv "$golden/tidy.csv" --better higher -o "$work/run" >/dev/null
"$restudy" report "$work/run" >/dev/null
mkdir -p "$work/run/raw/host/host/other/1" "$work/run/environment/host"
echo 'pipe 12' >"$work/run/raw/host/host/other/1/50% odd ü name"
echo 'x' >"$work/run/environment/host/kernel"
cp "$work/run/plan.xml" "$work/plan.xml"
# name FOLDER OPTION...
hold() {
	bag=$1
	shift
	"$restudy" archive "$work/run" --format folder -o "$work/$bag" "$@" >/dev/null
	"$restudy" verify "$work/$bag" >/dev/null
}
hold named --author 'Doe, Jo' --orcid 0000-0002-1825-0097 --affiliation 'A university' --license CC-BY-4.0
$python "$here/crate.py" "$work/named/data" --bad
hold unnamed
$python "$here/crate.py" "$work/unnamed/data"

# Who made it, and the licence, are what they say they are.
for bad in '--orcid 0000-0002-1825-0097' '--author A --orcid 0000-0002-1825-0098' '--license CC_BY' \
	'--author A --orcid 0000-0002-1825' '--affiliation B'; do
	got=0
	# shellcheck disable=SC2086
	"$restudy" archive "$work/run" --format folder -o "$work/bad" $bad >"$work/said" 2>&1 || got=$?
	[ $got -eq 2 ] || { echo "archive $bad ended with $got"; exit 1; }
	rm -rf "$work/bad"
done
got=0
"$restudy" archive "$work/run" --format folder -o "$work/bad" --author "$(printf 'M\374ller')" 2>"$work/said" || got=$?
[ $got -eq 2 ] || { cat "$work/said"; echo "an author in Latin-1 ended with $got"; exit 1; }

# A bag whose plan or database was damaged is not whole (1); what is no bag was named wrongly (2).
verify() {
	got=0
	"$restudy" verify "$work/$2" >"$work/said" 2>&1 || got=$?
	[ $got -eq "$1" ] || { cat "$work/said"; echo "verify $2 ended with $got, not $1"; exit 1; }
}
cp -r "$work/unnamed" "$work/damaged"
sed -i 's/<plan/<plam/' "$work/damaged/data/plan.xml"
verify 1 damaged
cp "$work/unnamed/data/plan.xml" "$work/damaged/data/plan.xml"
rm "$work/damaged/data/run.db"
verify 1 damaged
rm "$work/damaged/bagit.txt"
verify 2 damaged
tar -cf "$work/damaged.tar" -C "$work" damaged
verify 2 damaged.tar

# A report in another language than the plan's is made again in its own.
"$restudy" report "$work/run" --language de >/dev/null
hold german
"$restudy" report "$work/german" -o "$work/again" >/dev/null
cmp "$work/again/report.html" "$work/german/data/report.html"

# So is one with a template of one's own, which the bag has; the next report forgets it.
sed 's|<section[^>]*>|&<p>Own words beside the numbers.</p>|' "$here/../../templates/report.xml" >"$work/mine.xml"
"$restudy" report "$work/run" --template "$work/mine.xml" >/dev/null
hold mine
grep -q 'Own words beside the numbers' "$work/mine/data/report.html"
"$restudy" report "$work/mine" -o "$work/mine-again" >/dev/null
cmp "$work/mine-again/report.html" "$work/mine/data/report.html"
"$restudy" report "$work/run" >/dev/null
[ ! -e "$work/run/report.template.xml" ] || { echo "a report of the installed template has another beside it"; exit 1; }

# A report drawn otherwise from the same numbers: both are said.  Other numbers are told first.
cp -r "$work/unnamed" "$work/older"
sed -i 's/| pango |[^|]*|/| pango | 1.2.3 |/' "$work/older/data/report.md"
sh "$here/../reseal.sh" "$work/older"
verify 1 older
grep -q 'the bag has "| pango | 1.2.3 |", it is now .*(tables/\*.csv) are the same' "$work/said" || { cat "$work/said"; exit 1; }
sed -i '2s/[0-9]/7/' "$work"/older/data/tables/*.csv
sh "$here/../reseal.sh" "$work/older"
verify 1 older
grep -q '^restudy: .*tables/[^ ]*.csv, rendered again, differs' "$work/said" || { cat "$work/said"; exit 1; }
! grep -q 'are the same' "$work/said" || { cat "$work/said"; exit 1; }

# What is repeated with an address is a citation, and without one what this is based on.
for url in '' 'url="https://example.org/paper"'; do
	paper="<citation author=\"Author, An\" title=\"A paper\" institution=\"A college\" year=\"2007\" $url/>"
	sed "s|\(<study [^>]*\)/>|\1>$paper</study>|" "$work/plan.xml" >"$work/run/plan.xml"
	"$restudy" report "$work/run" >/dev/null
	hold "paper-${#url}"
	$python "$here/crate.py" "$work/paper-${#url}/data"
done
grep -q '"isBasedOn": {' "$work/paper-0/data/ro-crate-metadata.json"
grep -q '"citation": {' "$work"/paper-[1-9]*/data/ro-crate-metadata.json
