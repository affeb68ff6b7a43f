#!/bin/sh
# Three containers whose starter is killed: no process and no mount stays behind, and
# "leftovers" takes back the rest, as the machine's own tools see it.
set -eu
if [ "$(id -u)" -ne 0 ]; then
	echo "needs root"
	exit 77
fi
for p in unshare ip busybox libvirtd; do
	if ! command -v "$p" >/dev/null 2>&1 && [ ! -x "/usr/sbin/$p" ]; then
		echo "$p is missing"
		exit 77
	fi
done
: "${RESTUDY_BUILD:=build}"
export RESTUDY_BUILD

if [ "${1-}" != inside ]; then
	exec unshare --net --mount --propagation private sh "$0" inside
fi

top=$(mktemp -d /tmp/rs-kill-XXXXXX)
pid=
finish() {
	if [ -n "$pid" ]; then kill -9 "$pid" 2>/dev/null || :; fi
	rm -rf "$top"
}
trap finish EXIT
fail() {
	echo "FAILED: $*"
	exit 1
}

# A /sys that shows this network, with the control groups in it.
mkdir "$top/cgroup" "$top/place"
mount --rbind /sys/fs/cgroup "$top/cgroup"
mount -t sysfs sysfs /sys
mount --rbind "$top/cgroup" /sys/fs/cgroup
umount -l "$top/cgroup"
ip link set dev lo up

live=$RESTUDY_BUILD/tests/test_platform_live
"$live" hold "$top/place" "$top/tree" >"$top/said" 2>&1 &
pid=$!
starter=$(printf %x "$pid")
tries=0
until grep -q . "$top/said" 2>/dev/null; do
	tries=$((tries + 1))
	[ $tries -lt 1200 ] || fail "no word within two minutes"
	sleep 0.1
done
case $(cat "$top/said") in
ready) ;;
*) fail "$(cat "$top/said")" ;;
esac

# Processes whose command line, and mounts of any namespace, that name our folder.
ours() {
	for d in /proc/[0-9]*; do
		if { tr '\0' ' ' <"$d/cmdline"; } 2>/dev/null | grep -q "libvirtd -f $top"; then echo "$d"; fi
		if grep -q "$top/place" "$d/mountinfo" 2>/dev/null; then echo "$d"; fi
	done
}
groups() {
	find /sys/fs/cgroup -type d -name "*-$starter-[123].libvirt-lxc" 2>/dev/null
}

[ -n "$(ours)" ] || fail "nothing of ours is seen while it runs: the check is blind"
[ -n "$(groups)" ] || fail "no control groups are seen while it runs: the check is blind"
ip link show dev rsbrtest >/dev/null || fail "no bridge while it runs"

# A live run is left alone.
"$live" clean "$top/place" >"$top/clean1"
! grep -q "$top" "$top/clean1" || fail "leftovers touched a live run: $(cat "$top/clean1")"
ip link show dev rsbrtest >/dev/null || fail "leftovers removed the bridge of a live run"

kill -9 "$pid"
wait "$pid" 2>/dev/null || :
pid=
tries=0
while [ -n "$(ours)" ]; do
	tries=$((tries + 1))
	[ $tries -lt 300 ] || fail "processes or mounts stay after the kill: $(ours)"
	sleep 0.1
done

# What the kernel does not take back by itself is found and removed.
ip link show dev rsbrtest >/dev/null || fail "the bridge is gone: there is nothing to test"
"$live" clean "$top/place" >"$top/clean2" || fail "leftovers: $(cat "$top/clean2")"
grep -q "bridge rsbrtest" "$top/clean2" || fail "leftovers did not name the bridge"
! ip link show dev rsbrtest >/dev/null 2>&1 || fail "the bridge stays"
[ -z "$(groups)" ] || fail "control groups stay: $(groups)"
[ -z "$(ls -A "$top/place")" ] || fail "files stay: $(ls "$top/place")"
"$live" clean "$top/place" >"$top/clean3"
! grep -q "$top" "$top/clean3" || fail "leftovers finds something twice"
echo "three containers: killed, and nothing of them is left"
