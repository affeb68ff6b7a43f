#!/bin/sh
# usage: seed.sh TARGET FOLDER
# Seeds of one fuzz target: recorded and golden files with the byte that chooses their reader
# before them, and runs and bags that the program itself makes of them ($RESTUDY_PROGRAM).
set -eu
target=$1 out=$2
restudy=${RESTUDY_PROGRAM:-build/restudy}
golden=tests/golden
mkdir -p "$out"

# seed BYTE FILE...
seed() {
	byte=$1
	shift
	for f; do
		[ -f "$f" ] || continue
		{ printf '%s' "$byte"; cat "$f"; } >"$out/$byte-$(echo "$f" | tr '/ ' '__')"
	done
}
copy() {
	for f; do
		[ ! -f "$f" ] || cp "$f" "$out/$(echo "$f" | tr '/ ' '__')"
	done
}
# A run folder and its bags in $work.
make_run() {
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	[ -x "$restudy" ] || { echo "seed: $restudy is not built: no runs and bags as seeds"; return 1; }
	"$restudy" import csv $golden/exchange/tidy.csv --better higher -o "$work/run" >/dev/null
}

case $target in
bag)
	make_run || exit 0
	for format in folder zip tar.zst; do
		"$restudy" archive "$work/run" --format $format -o "$work/bag.$format" >/dev/null
	done
	seed a "$work/bag.zip" "$work/bag.tar.zst"
	seed v "$work/bag.zip" "$work/bag.tar.zst"
	seed m "$work/bag.folder/manifest-sha256.txt"
	seed c "$work/bag.folder/data/ro-crate-metadata.json"
	mkdir "$work/evil"
	cd "$work/evil"
	echo x >file
	ln -s /etc/passwd link
	ln file hard
	tar -cf ../links.tar file link hard
	tar -cf ../twice.tar file file
	tar -cPf ../up.tar --transform 's,^,../../,' file
	tar -cPf ../absolute.tar --transform 's,^,/tmp/,' file
	mkfifo pipe
	tar -cf ../pipe.tar pipe
	head -c 2000000 /dev/zero >zeros
	tar -cf - zeros | gzip -9 >../bomb.tar.gz
	cd "$OLDPWD"
	seed a "$work"/*.tar "$work"/*.gz
	;;
bench)
	for f in $golden/bench/unixbench-*/raw/*/* $golden/bench/unixbench-*/raw/*; do seed u "$f"; seed U "$f"; done
	for f in $golden/bench/siege-*/raw/*/* $golden/bench/siege-*/raw/*; do seed s "$f"; seed S "$f"; done
	tail -n 1 $golden/exchange/siege.log >"$out/row" && seed r "$out/row" && rm "$out/row"
	seed h $golden/bench/httpload-*/raw/result.json $golden/bench/httpload-*/raw/*/result.json
	seed k $golden/bench/kernels-*/raw/*.json $golden/bench/kernels-*/raw/*/*.json
	printf '0value=([0-9.]+)\nvalue=12.5\n' >"$out/rule-regex"
	printf '1time\nname,time\n"a ""b""",1.5\n' >"$out/rule-csv"
	printf '2/a~1b/0/c\n{"a/b": [{"c": 4.5}]}' >"$out/rule-json"
	;;
import)
	# the number of the format in fuzz_import.c; from 133 on it is only read
	i=0
	for name in benchexec.xml tidy.csv hyperfine.json composite.xml siege.log sysbench-cpu.txt unixbench; do
		part=${name%%[.-]*}
		for f in $golden/exchange/$name $golden/exchange/"$part"-*.txt $golden/bench/"$part"-*/raw/*/* \
			$golden/bench/"$part"-*/raw/*; do
			[ -f "$f" ] || continue
			for byte in $i $((i + 133)); do
				{ printf '\'"$(printf %03o "$byte")"; cat "$f"; } >"$out/$byte-$(echo "$f" | tr / _)"
			done
		done
		i=$((i + 1))
	done
	;;
redact)
	copy $golden/platform/* $golden/bench/unixbench-6.0.0/raw/*/*
	printf 'password: hunter2\nSerial Number: ABC123\nether 52:54:00:12:34:56\ninet 192.168.1.7 fe80::1\nlabserver7 /home/mmuster\n-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nhttps://user:pw@example.org/\n' >"$out/all-rules"
	;;
run)
	make_run || exit 0
	seed d "$work/run/run.db"
	seed e tests/fuzz/corpus/run/event-*
	seed s tests/fuzz/corpus/run/shard-*
	;;
template)
	copy templates/report.xml templates/report.de.xml tests/fuzz/corpus/template/*
	;;
text)
	copy $golden/report/document.md tests/fuzz/corpus/text/*
	;;
*)
	find "$golden/$target" "tests/fuzz/corpus/$target" -type f -size -64k 2>/dev/null |
		while read -r f; do copy "$f"; done
	;;
esac
# inputs that once broke something
[ ! -d "tests/fuzz/corpus/$target/kept" ] || cp "tests/fuzz/corpus/$target/kept/"* "$out/"
