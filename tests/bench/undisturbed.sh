#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What Restudy itself does to a machine while a cell is measured: processor time, times woken,
# memory, bytes written, of the program that coordinates and works and of an agent, while a
# benchmark sleeps.  Then what a trial costs beside its program.
#   RESTUDY_BUILD=build SECONDS_WATCHED=10 ROUNDS=300
set -eu
cd "$(dirname "$0")/../.."
build=$(cd "${RESTUDY_BUILD:-build}" && pwd)
seconds=${SECONDS_WATCHED:-10}
work=$(mktemp -d)
agent=
cleanup() {
	[ -z "$agent" ] || kill "$agent" 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT
make --no-print-directory B="$build" "$build/librestudy.a" >/dev/null
# shellcheck disable=SC2046
cc -O2 -std=gnu11 -D_GNU_SOURCE -Iinclude -o "$work/overhead" tests/bench/trial_overhead.c "$build/librestudy.a" \
	$(pkg-config --libs libxml-2.0 libvirt libvirt-qemu libvirt-lxc libcurl jansson libarchive libcrypto sqlite3) -lm -pthread

cat >"$work/plan.xml" <<END
<?xml version="1.0" encoding="UTF-8"?>
<plan xmlns="urn:restudy:plan:1">
  <study id="still" title="A benchmark that sleeps" language="en" seed="7"/>
  <image id="debian-12" title="Debian 12" distribution="Debian" release="bookworm" builder="mmdebstrap"/>
  <system id="host" title="Host" platform="host" image="debian-12" baseline="yes"/>
  <benchmark id="still" title="Still" adapter="command" duration="10s" trials="1" warmup="0">
    <argument value="sh"/><argument value="-c"/><argument value="sleep $((seconds + 6)); echo 1"/>
    <metric id="one" title="One" unit="1" better="higher" rule="regex" expression="([0-9]+)"/>
  </benchmark>
</plan>
END

# "ns of processor time, voluntary switches, bytes written" of a process and its threads
look() {
	cat /proc/"$1"/task/*/schedstat | awk '{ s += $1 } END { printf "%.0f ", s }'
	cat /proc/"$1"/task/*/status | awk '/^voluntary_ctxt/ { s += $2 } END { printf "%d ", s }'
	awk '/^write_bytes/ { w = $2 } /^cancelled/ { c = $2 } END { print w - c }' /proc/"$1"/io
}

# watch NAME PID: what it does in the time, with the bound of each
watch() {
	before=$(look "$2")
	sleep "$seconds"
	after=$(look "$2")
	memory=$(awk '/^VmHWM/ { print $2 }' /proc/"$2"/status)
	echo "$before $after $memory" | awk -v name="$1" -v s="$seconds" '{
		cpu = 100 * ($4 - $1) / 1e9 / s; wakes = ($5 - $2) / s; mib = $7 / 1024
		printf "%-10s %.5f %% of a processor, woken %.2f times a second, %d bytes written, %.1f MiB at most: %s\n",
			name, cpu, wakes, $6 - $3, mib, (cpu < 0.1 && wakes <= 1 && $6 == $3 && mib < 40) ? "within the bounds" : "BEYOND 0.1 %, 1/s, 0, 40 MiB"
	}'
}

"$build/restudy" run "$work/plan.xml" --testbed local -o "$work/run" >"$work/said" 2>&1 &
run=$!
# The cell has begun when its raw folder is there.
i=0
while [ ! -d "$work/run/raw/host" ] && [ $i -lt 300 ]; do
	sleep 0.1
	i=$((i + 1))
done
sleep 2
watch restudy $run
wait $run || { cat "$work/said"; exit 1; }

"$build/restudy-agent" --unix "$work/agent" &
agent=$!
i=0
while [ ! -S "$work/agent" ] && [ $i -lt 100 ]; do
	sleep 0.1
	i=$((i + 1))
done
"$work/overhead" "$work/agent" hold $((seconds + 4)) &
hold=$!
sleep 2
# Each endpoint has a process of its own: the one that serves, or the only one.
watch agent "$(pgrep -P $agent | tail -n 1 | grep . || echo $agent)"
wait $hold

echo "a trial beside its program, median and lowest tenth of ${ROUNDS:-300} interleaved, load $(cut -d' ' -f1 /proc/loadavg):"
"$work/overhead" "$work/agent" "${ROUNDS:-300}"
