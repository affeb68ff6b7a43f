#!/bin/sh
# First program of this guest: its network, then the agent.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
mount -o remount,rw /
test -e /proc/self || mount -t proc proc /proc
test -e /sys/class || mount -t sysfs sysfs /sys
test -e /dev/null || mount -t devtmpfs devtmpfs /dev
tries=0
while test ! -e /sys/class/net/eth0 && test $tries -lt 100; do
	tries=$((tries + 1))
	sleep 0.1
done
ip link set dev lo up
ip address add 192.168.0.2/24 dev eth0
ip link set dev eth0 up
ip route add default via 192.168.0.1
swapon /dev/xvda2
exec /usr/lib/restudy/restudy-agent --init --mounts --hostname xenU_1 --tcp 192.168.0.2:7353
