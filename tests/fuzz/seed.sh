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

# A bzImage of boot protocol 2.08 whose payload is an ELF magic, compressed.
kernel() {
	{
		printf k
		head -c 497 /dev/zero	# 0x1f1: one sector of setup
		printf '\001'
		head -c 16 /dev/zero
		printf HdrS	# 0x202
		printf '\010\002'
		head -c 64 /dev/zero
		printf '\000\000\000\000'	# 0x248: where in what follows the setup
		printf '\000\001\000\000'	# 0x24c: 256 bytes
		head -c 432 /dev/zero
		{ printf '\177ELF'; cat LICENSE | head -c 300; } | gzip -n9
		head -c 64 /dev/zero
	} >"$1"
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
deposit)
	# answers, separated by NUL; the first byte: 0 InvenioRDM, 1 WebDAV (see fuzz_deposit.c)
	made='HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%s'
	ok='HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s'
	gone='HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'
	draft='{"id":"abc-1","links":{"self_html":"https://example.org/abc-1"}}'
	entry='{"status":"completed","checksum":"md5:'$(head -c 250 /dev/zero | tr '\0' x | md5sum | cut -d' ' -f1)'"}'
	doi='{"pids":{"doi":{"identifier":"10.1/2"}}}'
	# shellcheck disable=SC2059
	for kind in 0 2; do
		printf "$kind$made\0$gone\0$made\0$ok\0$ok\0$made\0$ok" ${#draft} "$draft" 2 '{}' 2 '{}' ${#entry} "$entry" \
			${#doi} "$doi" 2 '{}' >"$out/invenio-$kind"
	done
	# shellcheck disable=SC2059
	printf "1$gone\0$gone\0$made\0HTTP/1.1 501 No\r\n\r\n\0$made\0$ok\0$made" 0 '' 0 '' 250 \
		"$(head -c 250 /dev/zero | tr '\0' x)" 0 '' >"$out/webdav"
	printf '0HTTP/1.1 429 Slow\r\nRetry-Af' >"$out/slow"
	;;
lock)
	digest=$(printf root | sha256sum | cut -d' ' -f1)
	printf 'aarchive tiny %s file:///root.tar\nboot host plain\n' "$digest" >"$out/lock"
	printf 'aarchive tiny %s file:///root.tar\n' "$(printf other | sha256sum | cut -d' ' -f1)" >"$out/lock-other"
	printf 'ppackage gcc 12.2\npackage make 4.3 amd64\n\0gcc 12.1\nmake 4.3\nsed 4.9\n' >"$out/packages"
	kernel "$out/kernel"
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
