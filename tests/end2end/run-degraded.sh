#!/bin/sh
# A disk of the mirror fails while the run measures on the virtual testbed: the run goes on to
# its end, and its facts and its report say so.  Its system is a PVH guest of Xen, for which
# the testbed's processor is one that libvirt's Xen driver does not start on: xl starts the guest,
# and the report says so.
set -eu
command -v sqlite3 >/dev/null || { echo "sqlite3 is not installed"; exit 77; }
restudy=$RESTUDY_BUILD/restudy
live=$RESTUDY_BUILD/tests/test_testbed_live
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
	echo "run-degraded: $*"
	exit 1
}
db() { sqlite3 -readonly "$work/run/run.db" "$1" 2>/dev/null; }

sed '/<system id="host"/d; /<system id="ct"/,/<.system>/d; /<system id="xen"/,/<.system>/d; /<claim/,/<.claim>/d
	/<benchmark id="kernels"/{
		i <system id="pvh" title="Xen PVH" platform="xen-pvh" boot="xen" image="debian-12" baseline="yes">
		i <guests count="1" names="pvh_1" memory="256MiB">
		i <disk volume="pvh_%d" group="VolGroup00" filesystem="ext3" mount="/" size="1GiB"/>
		i <network bridge="pvh-br0" address="192.168.2.2" netmask="255.255.255.0" gateway="192.168.2.1"/>
		i </guests></system>
	}' "$here/virtual.xml" >"$work/plan.xml"
"$restudy" run "$work/plan.xml" -o "$work/run" >"$work/out" 2>"$work/err" &
pid=$!
failed=
while kill -0 $pid 2>/dev/null; do
	if [ -z "$failed" ] && [ "$(db "select count(*) from cell where state = 'running'" || echo 0)" = 1 ] &&
		"$live" ask "$work/run/testbed" sh -c 'test -e /sys/block/md0/md && mdadm --fail /dev/md0 /dev/sdb 2>&1' >"$work/ask" 2>&1; then
		failed=yes
	fi
	sleep 0.5
done
got=0
wait $pid || got=$?
cat "$work/err" "$work/ask"
[ -n "$failed" ] || fail "no disk was failed: there is nothing to test"
# A processor that is emulated with its virtualisation may lose a guest while that boots: its cell
# says so, and the next one starts it again.
lost=$(db "select count(*) from cell where state = 'failed' and reason like '%ended while it booted%'")
[ "$lost" -le 1 ] && [ $got -eq "$lost" ] || fail "the run ended with $got, $lost cells lost their guest"
[ "$(db "select count(*) from cell where state <> 'done'")" = "$lost" ] || { db "select * from cell"; fail "not every cell is done"; }
db "select value from fact where key = 'storage.degraded'" | grep -q 'md0.*1 of 2.*DEGRADED' || fail "no fact tells of it"
grep -q 'lost a disk' "$work/run/report.md" || fail "the report does not tell of it"
[ "$(db "select value from fact where key = 'platform.pvh'")" = xen-pvh ] || fail "the guests were not those of the plan"
grep -q 'PVH\|pvh' "$work/run/report.md" && grep -q 'started by xl' "$work/run/report.md" ||
	fail "the report does not say that xl started the guest"
echo "the mirror lost a disk, a PVH guest was started by xl; the run went on and says so"
