#!/bin/sh
# UnixBench from an archive that the plan names by address and checksum: fetched, built in the
# guest, run, and measured; from the cache when the server is gone; refused when it was changed.
# The program is a stand-in that writes what 4.1.0 writes.
set -eu
restudy=$RESTUDY_BUILD/restudy
work=$(mktemp -d)
server=
cleanup() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT
export XDG_CACHE_HOME="$work/cache"
for p in busybox make tar sqlite3; do
	command -v $p >/dev/null || { echo "$p is not installed"; exit 77; }
done

fail() {
	echo "unixbench-source: $*"
	exit 1
}
status() {
	wanted=$1
	shift
	got=0
	"$@" >"$work/out" 2>&1 || got=$?
	[ $got -eq "$wanted" ] || { cat "$work/out"; fail "\"$*\" ended with $got, not $wanted"; }
}
said() { grep -q "$1" "$work/out" || { cat "$work/out"; fail "did not say \"$1\""; }; }

# The archive: Run works only when make was called before.
mkdir -p "$work/pack/unixbench-4.1.0" "$work/www"
cat >"$work/pack/unixbench-4.1.0/Run" <<'END'
#!/bin/sh
[ -f made ] || exit 9
{ echo '|  BYTE UNIX Benchmarks (Version 4.1.0)'
  echo 'Pipe Throughput|10.0|lps|700.0|600.5|10'
  echo "Pipe-based Context Switching|  no measured results|"; } >"$RESULTDIR/log"
END
chmod 755 "$work/pack/unixbench-4.1.0/Run"
printf 'all:\n\techo x >>made\n' >"$work/pack/unixbench-4.1.0/Makefile"
tar -C "$work/pack" -czf "$work/www/ub.tar.gz" unixbench-4.1.0
mkdir "$work/pack/other"
echo hello >"$work/pack/other/README"
tar -C "$work/pack" -czf "$work/www/other.tar.gz" other
sum=$(sha256sum "$work/www/ub.tar.gz" | cut -d' ' -f1)
other=$(sha256sum "$work/www/other.tar.gz" | cut -d' ' -f1)

# A free port, by trying.
port=18000
while :; do
	busybox httpd -f -p 127.0.0.1:$port -h "$work/www" 2>/dev/null &
	server=$!
	sleep 0.3
	kill -0 "$server" 2>/dev/null && break
	port=$((port + 1))
	[ $port -lt 18050 ] || fail "no free port"
done

# plan FILE VERSION ARCHIVE SHA256 TESTS
plan() {
	cat >"$1" <<END
<?xml version="1.0" encoding="UTF-8"?>
<plan xmlns="urn:restudy:plan:1">
  <study id="ub" title="UnixBench itself" language="en" seed="7"/>
  <image id="debian-12" title="Debian 12" distribution="Debian" release="bookworm" builder="mmdebstrap"/>
  <system id="host" title="Host" platform="host" image="debian-12" baseline="yes"/>
  <benchmark id="ub" title="UnixBench" adapter="unixbench" version="$2" source="http://127.0.0.1:$port/$3"
             sha256="$4" tests="$5" duration="1s" trials="2" warmup="0"/>
</plan>
END
}
ask() { sqlite3 -readonly "$1/run.db" "$2"; }

plan "$work/plan.xml" 4.1.0 ub.tar.gz "$sum" pipe
status 0 "$restudy" steps "$work/plan.xml" --testbed local
said "curl .*$sum http://127.0.0.1:$port/ub.tar.gz"
status 0 "$restudy" run "$work/plan.xml" --testbed local -o "$work/one"
[ "$(ask "$work/one" "select group_concat(value) from tidy")" = "600.5,600.5" ] || fail "the values are not those of the log"
[ -s "$XDG_CACHE_HOME/restudy/sources/$sum" ] || fail "the archive is not in the cache"

# Another version than the plan's is told, a test without a result is failed with its reason.
plan "$work/six.xml" 6.0.0 ub.tar.gz "$sum" "pipe context1"
status 1 "$restudy" run "$work/six.xml" --testbed local -o "$work/six"
[ "$(ask "$work/six" "select count(*) from note where text like '%version 4 of UnixBench ran, the plan names 6.0.0%'")" = 2 ] ||
	fail "another version was not told"
[ "$(ask "$work/six" "select count(*) from cell where reason like '%context1: no measured results%'")" = 2 ] ||
	fail "a test without a result was not told"

# What the plan does not name by its checksum is not run.
plan "$work/changed.xml" 4.1.0 ub.tar.gz "$other" pipe
status 2 "$restudy" run "$work/changed.xml" --testbed local -o "$work/changed"
said "$other"
plan "$work/other.xml" 4.1.0 other.tar.gz "$other" pipe
status 1 "$restudy" run "$work/other.xml" --testbed local -o "$work/other"
[ "$(ask "$work/other" "select count(*) from cell where reason like '%is no archive of UnixBench%'")" = 2 ] ||
	fail "an archive of something else was not told"

# Without the server: from the cache, or said.
kill "$server"
wait "$server" 2>/dev/null || true
server=
status 0 "$restudy" run "$work/plan.xml" --testbed local -o "$work/two"
