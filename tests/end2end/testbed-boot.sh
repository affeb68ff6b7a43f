#!/bin/sh
# The virtual testbed: boots, brings RAID 1, LVM and ext3 up, loses a disk and gets it back, boots again
# with its data, closes; a hypervisor that cannot start is told; then a killed one is found and
# removed.  Nothing stays, as the machine's own tools see it.
set -eu
: "${RESTUDY_BUILD:=build}"
export RESTUDY_BUILD
for p in mmdebstrap qemu-system-x86_64 qemu-img mke2fs cpio busybox depmod; do
	if ! command -v "$p" >/dev/null 2>&1 && [ ! -x "/usr/sbin/$p" ] && [ ! -x "/sbin/$p" ]; then
		echo "$p is missing"
		exit 77
	fi
done

live=$RESTUDY_BUILD/tests/test_testbed_live
top=$(mktemp -d /tmp/rs-boot-XXXXXX)
pid=
finish() {
	if [ -n "$pid" ]; then kill -9 "$pid" 2>/dev/null || :; fi
	"$live" clean remove >/dev/null 2>&1 || :
	rm -rf "$top"
}
trap finish EXIT
fail() {
	echo "FAILED: $*"
	exit 1
}

# QEMU processes whose command line names our folder.
machines() {
	for d in /proc/[0-9]*; do
		if { tr '\0' ' ' <"$d/cmdline"; } 2>/dev/null | grep -q "^[^ ]*qemu-system.* .*$top/"; then
			echo "${d#/proc/}"
		fi
	done
}
wait_for() {
	tries=0
	until grep -q "$1" "$top/said"; do
		kill -0 "$pid" 2>/dev/null || fail "it ended: $(tail -n 2 "$top/said")"
		tries=$((tries + 1))
		[ $tries -lt 9000 ] || fail "no \"$1\" within 15 minutes: $(tail -n 2 "$top/said")"
		sleep 0.1
	done
}

mkdir "$top/use" "$top/hold" "$top/fail"
"$live" use "$top/use" || fail "see above"
[ -z "$(machines)" ] || fail "QEMU still runs: $(machines)"
! ls "$top"/use/*.qcow2 >/dev/null 2>&1 || fail "disks stay"

"$live" fail "$top/fail" || fail "see above"
[ -z "$(machines)" ] || fail "QEMU still runs: $(machines)"

# A run on this machine as it is, where it is domain 0: it takes as long as all above.
if [ -n "${RESTUDY_SLOW-}" ]; then
	mkdir "$top/dom0"
	"$live" hold "$top/dom0" xen >"$top/said" 2>&1 &
	pid=$!
	wait_for "  started"
	"$live" ask "$top/dom0" sh -c 'mkdir -p /var/lib/restudy/local; printf "%s" "$1" >/tmp/inside-dom0
		sh /tmp/inside-dom0 /var/lib/restudy/local local-br0 alone 2>&1; :' sh "$(cat "$(dirname "$0")/inside-dom0")" |
		tee "$top/local"
	grep -qx well "$top/local" || fail "the run in domain 0 failed"
	kill -9 "$pid"
	wait "$pid" 2>/dev/null || :
	pid=
	"$live" clean remove >/dev/null
fi

"$live" hold "$top/hold" >"$top/said" 2>&1 &
pid=$!
wait_for "booting plain"
tries=0
until [ -n "$(machines)" ]; do
	tries=$((tries + 1))
	[ $tries -lt 600 ] || fail "no QEMU is seen: the check is blind"
	sleep 0.1
done
"$live" clean remove >"$top/clean1"
! grep -q "live-test" "$top/clean1" || fail "leftovers touched a live run: $(cat "$top/clean1")"
kill -9 "$pid"
wait "$pid" 2>/dev/null || :
pid=
[ -n "$(machines)" ] || fail "the machine died with its coordinator: there is nothing to test"
"$live" clean >"$top/clean2"
grep -q "live-test.*QEMU runs.*left behind" "$top/clean2" || fail "leftovers: $(cat "$top/clean2")"
[ -n "$(machines)" ] || fail "leftovers removed without being asked to"
"$live" clean remove >"$top/clean3"
grep -q "live-test.*removed" "$top/clean3" || fail "leftovers: $(cat "$top/clean3")"
[ -z "$(machines)" ] || fail "QEMU still runs: $(machines)"
root=$(sed -n 's/.*folder "\(.*\)").*/\1/p' "$top/clean3")
[ -n "$root" ] && [ ! -e "$root" ] || fail "its folder \"$root\" stays"
"$live" clean >"$top/clean4"
! grep -q "live-test" "$top/clean4" || fail "leftovers finds something twice"
echo "booted, used, killed, and nothing of it is left"
